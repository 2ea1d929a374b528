/* Proves that HTTP/1.1 messages are read alike however their bytes are cut, that every known way
 * of smuggling a second message is refused, that caps hold, and that what we write is what we
 * would read. */
#include "core/base/err.h"
#include "core/io/http.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint8_t body[1024];
static struct http_parser x;

/* Feeds `text` in pieces of `step` bytes, keeping what was not used, as a channel does. Returns
 * bytes used, or the code. */
static ptrdiff_t feed(const char *text, size_t n, size_t step)
{
	size_t from = 0, to = 0;
	while (to < n && !x.done) {
		to = to + step < n ? to + step : n;
		ptrdiff_t k = http_feed(&x, (const uint8_t *)text + from, to - from);
		if (k < 0)
			return k;
		from += (size_t)k;
	}
	return (ptrdiff_t)from;
}

static ptrdiff_t read_all(enum http_role role, const char *text, size_t step)
{
	http_init(&x, role, body, sizeof(body));
	return feed(text, strlen(text), step);
}

static const char chunked[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
			      "5\r\nhello\r\n7;ext=1\r\n, world\r\n0\r\nTrailer: x\r\n\r\nREST";

START_TEST(a_request_is_read_in_any_pieces)
{
	const char *text = "POST /api/v3/order?a=1 HTTP/1.1\r\nHost: venue\r\nX-Key:  k \r\n"
			   "Content-Length: 5\r\n\r\nhelloNEXT";
	for (size_t step = 1; step <= strlen(text); step++) {
		ck_assert_int_eq(read_all(HTTP_REQUEST, text, step), (ptrdiff_t)strlen(text) - 4);
		ck_assert(x.done);
		ck_assert(http_is(x.head.method, "POST"));
		ck_assert(http_is(x.head.target, "/api/v3/order?a=1"));
		ck_assert(http_is(http_get(&x.head, "x-key"), "k"));
		ck_assert(x.head.keep_alive);
		ck_assert_uint_eq(x.body_n, 5);
		ck_assert_mem_eq(body, "hello", 5);
	}
}
END_TEST

START_TEST(chunks_are_joined_in_any_pieces)
{
	for (size_t step = 1; step < sizeof(chunked); step++) {
		ck_assert_int_eq(read_all(HTTP_RESPONSE, chunked, step),
				 (ptrdiff_t)sizeof(chunked) - 5);
		ck_assert(x.done);
		ck_assert_int_eq(x.head.status, 200);
		ck_assert_uint_eq(x.body_n, 12);
		ck_assert_mem_eq(body, "hello, world", 12);
	}
}
END_TEST

START_TEST(an_unfinished_message_is_not_done)
{
	for (size_t n = 0; n < sizeof(chunked) - 5; n++) {
		http_init(&x, HTTP_RESPONSE, body, sizeof(body));
		ck_assert_int_ge(feed(chunked, n, 1000), 0);
		ck_assert(!x.done);
		ck_assert_int_eq(http_end(&x), -ERR_CLOSED);
	}
}
END_TEST

START_TEST(a_connection_carries_one_message_after_another)
{
	const char *text = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"
			   "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nbc";
	ptrdiff_t k = read_all(HTTP_RESPONSE, text, 1000);
	ck_assert(x.done && x.head.status == 200);
	http_reset(&x);
	ck_assert_int_eq(feed(text + k, strlen(text) - (size_t)k, 1000),
			 (ptrdiff_t)strlen(text) - k);
	ck_assert(x.done && x.head.status == 404);
	ck_assert(http_is(x.head.reason, "Not Found"));
	ck_assert_mem_eq(body, "bc", 2);
}
END_TEST

START_TEST(some_answers_have_no_body)
{
	static const char *const text[] = {
		"HTTP/1.1 204 No Content\r\n\r\n",
		"HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n",
		"HTTP/1.1 101 Switching Protocols\r\n\r\n",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
	};
	static const int status[] = { 204, 304, 101, 200 };
	for (int i = 0; i < 4; i++) {
		ck_assert_int_eq(read_all(HTTP_RESPONSE, text[i], 7), (ptrdiff_t)strlen(text[i]));
		ck_assert(x.done);
		ck_assert_int_eq(x.head.status, status[i]);
	}
	http_init(&x, HTTP_RESPONSE, body, sizeof(body));
	x.no_body = true;
	const char *head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";
	ck_assert_int_eq(feed(head, strlen(head), 3), (ptrdiff_t)strlen(head));
	ck_assert(x.done);
}
END_TEST

START_TEST(an_answer_may_end_with_the_connection)
{
	const char *text = "HTTP/1.0 200 OK\r\n\r\nall the rest";
	ck_assert_int_eq(read_all(HTTP_RESPONSE, text, 5), (ptrdiff_t)strlen(text));
	ck_assert(!x.done);
	ck_assert(!x.head.keep_alive);
	ck_assert_int_eq(http_end(&x), 0);
	ck_assert(x.done);
	ck_assert_uint_eq(x.body_n, 12);
}
END_TEST

static const char *const bad_request[] = {
	"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999999999999\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nContent-Length : 3\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n",
	"GET / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n folded\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\nX: 1\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nX: 1\rY: 2\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
	"GET / HTTP/1.1\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\n: empty name\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n",
	"GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET / HTTP/1.2\r\nHost: a\r\n\r\n",
	"GET / HTTP/2\r\nHost: a\r\n\r\n",
	"GET /\r\nHost: a\r\n\r\n",
	"GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
	"G T / HTTP/1.1\r\nHost: a\r\n\r\n",
	"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
	"\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nG\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1 \r\na\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\na\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;\rx\r\na\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nbad\ntrailer\r\n\r\n",
};

START_TEST(what_could_be_read_in_two_ways_is_refused)
{
	for (size_t step = 1; step < 200; step += 66)
		ck_assert_msg(read_all(HTTP_REQUEST, bad_request[_i], step) == -ERR_PARSE, "%s",
			      bad_request[_i]);
}
END_TEST

START_TEST(broken_answers_are_refused)
{
	static const char *const text[] = { "HTTP/1.1 20 OK\r\n\r\n",  "HTTP/1.1 2000 OK\r\n\r\n",
					    "HTTP/1.1 099 OK\r\n\r\n", "HTTP/1.1 abc\r\n\r\n",
					    "HTP/1.1 200 OK\r\n\r\n",  "HTTP/1.1\r\n\r\n" };
	for (int i = 0; i < 6; i++)
		ck_assert_msg(read_all(HTTP_RESPONSE, text[i], 100) == -ERR_PARSE, "%s", text[i]);
}
END_TEST

START_TEST(caps_hold)
{
	ck_assert_int_eq(read_all(HTTP_RESPONSE, "HTTP/1.1 200 OK\r\nContent-Length: 1025\r\n\r\n",
				  100),
			 -ERR_LIMIT);
	ck_assert_int_eq(read_all(HTTP_RESPONSE,
				  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n401\r\n",
				  100),
			 -ERR_LIMIT);
	size_t n = HTTP_HEAD_CAP + 100;
	char *big = malloc(n + 1);
	memset(big, 'a', n);
	big[n] = 0;
	memcpy(big, "GET / HTTP/1.1\r\nX: ", 19);
	ck_assert_int_eq(read_all(HTTP_REQUEST, big, 1000), -ERR_LIMIT);
	int k = snprintf(big, n, "GET / HTTP/1.1\r\n");
	for (int i = 0; i < HTTP_HEADERS + 1; i++)
		k += snprintf(big + k, n - (size_t)k, "X: 1\r\n");
	snprintf(big + k, n - (size_t)k, "\r\n");
	ck_assert_int_eq(read_all(HTTP_REQUEST, big, 1000), -ERR_LIMIT);
	memset(big, 'a', n);
	memcpy(big, "HTTP/1.1 200 OK\r\n\r\n", 19);
	ck_assert_int_eq(read_all(HTTP_RESPONSE, big, 1000), -ERR_LIMIT);
	free(big);
}
END_TEST

START_TEST(tokens_and_keep_alive)
{
	read_all(
		HTTP_REQUEST,
		"GET / HTTP/1.1\r\nHost: a\r\nConnection: foo , Upgrade\r\nConnection: CLOSE\r\n\r\n",
		100);
	ck_assert(x.done);
	ck_assert(http_has_token(&x.head, "connection", "upgrade"));
	ck_assert(http_has_token(&x.head, "Connection", "close"));
	ck_assert(!http_has_token(&x.head, "Connection", "up"));
	ck_assert(!x.head.keep_alive);
	read_all(HTTP_REQUEST, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 100);
	ck_assert(x.done && x.head.keep_alive);
	read_all(HTTP_REQUEST, "GET / HTTP/1.0\r\n\r\n", 100);
	ck_assert(x.done && !x.head.keep_alive);
}
END_TEST

START_TEST(what_we_write_is_what_we_read)
{
	char out[512];
	ptrdiff_t n = http_request(out, sizeof(out), "POST", "/x?y=1", "h:1", "A: b\r\n", 3);
	ck_assert_int_gt(n, 0);
	memcpy(out + n, "abc", 4);
	ck_assert_int_eq(read_all(HTTP_REQUEST, out, 1000), n + 3);
	ck_assert(x.done && x.body_n == 3);
	ck_assert(http_is(http_get(&x.head, "Host"), "h:1"));
	n = http_response(out, sizeof(out), 429, "Retry-After: 2\r\n", 0);
	out[n] = 0;
	ck_assert_int_eq(read_all(HTTP_RESPONSE, out, 1000), n);
	ck_assert(x.done && x.head.status == 429);
	ck_assert(http_is(x.head.reason, "Too Many Requests"));
	ck_assert_int_eq(http_request(out, 20, "GET", "/", "h", NULL, 0), -ERR_FULL);
}
END_TEST

START_TEST(no_part_can_smuggle_a_line_in)
{
	char out[512];
	ck_assert_int_eq(http_request(out, 512, "GET", "/ HTTP/1.1\r\nX: y", "h", NULL, 0),
			 -ERR_ARG);
	ck_assert_int_eq(http_request(out, 512, "GET", "/", "h\r\nX: y", NULL, 0), -ERR_ARG);
	ck_assert_int_eq(http_request(out, 512, "GE T", "/", "h", NULL, 0), -ERR_ARG);
	ck_assert_int_eq(http_request(out, 512, "GET", "/", "h", "A: b", 0), -ERR_ARG);
	ck_assert_int_eq(http_request(out, 512, "GET", "/", "h", "A: b\r\n\r\n", 0), -ERR_ARG);
	ck_assert_int_eq(http_request(out, 512, "GET", "/", "h", "A: b\nC: d\r\n", 0), -ERR_ARG);
	ck_assert_int_eq(http_response(out, 512, 42, NULL, 0), -ERR_ARG);
}
END_TEST

START_TEST(hosts)
{
	char out[64];
	http_host(out, sizeof(out), "a.example", 443, true);
	ck_assert_str_eq(out, "a.example");
	http_host(out, sizeof(out), "a.example", 443, false);
	ck_assert_str_eq(out, "a.example:443");
	http_host(out, sizeof(out), "::1", 80, false);
	ck_assert_str_eq(out, "[::1]");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("http");
	TCase *t = tcase_create("http");
	tcase_add_test(t, a_request_is_read_in_any_pieces);
	tcase_add_test(t, chunks_are_joined_in_any_pieces);
	tcase_add_test(t, an_unfinished_message_is_not_done);
	tcase_add_test(t, a_connection_carries_one_message_after_another);
	tcase_add_test(t, some_answers_have_no_body);
	tcase_add_test(t, an_answer_may_end_with_the_connection);
	tcase_add_loop_test(t, what_could_be_read_in_two_ways_is_refused, 0,
			    (int)(sizeof(bad_request) / sizeof(bad_request[0])));
	tcase_add_test(t, broken_answers_are_refused);
	tcase_add_test(t, caps_hold);
	tcase_add_test(t, tokens_and_keep_alive);
	tcase_add_test(t, what_we_write_is_what_we_read);
	tcase_add_test(t, no_part_can_smuggle_a_line_in);
	tcase_add_test(t, hosts);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
