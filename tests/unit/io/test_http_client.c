/* Proves that a question over REST is answered exactly once, whatever the answer looks like,
 * through any env. */
#include "core/base/err.h"
#include "core/io/env_live.h"
#include "core/io/env_sim.h"
#include "core/io/http_client.h"
#include "tests/unit/io/ends.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct env_sim *world;
static struct env *host, *venue;
static struct http_client client;
static struct end server[2];
static struct door door;
static int answers, last_err, last_status;
static char last_body[2048], last_why[320];
static bool ask_again;

static void done(void *owner, int err, const char *why, const struct http_head *head,
		 const uint8_t *body, size_t n)
{
	answers++;
	last_err = err;
	last_status = head ? head->status : 0;
	snprintf(last_body, sizeof(last_body), "%.*s", (int)n, (const char *)body);
	snprintf(last_why, sizeof(last_why), "%s", why);
	if (ask_again) {
		ask_again = false;
		struct env_peer p = peer_on(7001);
		ck_assert_int_eq(
			http_client_ask(owner, &p, "GET", "/again", NULL, NULL, 0, done, owner), 0);
	}
}

static void set_up(void)
{
	struct env_sim_opt o = { .seed = 3, .split_ppm = 500000 };
	ck_assert_int_eq(env_sim_open(&o, &world), 0);
	ck_assert_int_eq(env_sim_add(world, "host", &host), 0);
	ck_assert_int_eq(env_sim_add(world, "venue", &venue), 0);
	ck_assert_int_eq(http_client_init(&client, host, 1024, 1024), 0);
	for (int i = 0; i < 2; i++)
		end_init(&server[i], venue, 65536);
	door = (struct door){ .end = server, .n = 2 };
	struct env_peer p = peer_on(7001);
	ck_assert_int_eq(env_listen(venue, &p, door_accept, &door, NULL), 0);
	answers = 0;
	ask_again = false;
}

static void tear_down(void)
{
	http_client_free(&client);
	env_sim_free(world);
	for (int i = 0; i < 2; i++)
		end_free(&server[i]);
}

static void ask(void)
{
	struct env_peer p = peer_on(7001);
	ck_assert_int_eq(http_client_ask(&client, &p, "POST", "/order?x=1", "X-Key: k\r\n", "abc",
					 3, done, &client),
			 0);
	ck_assert(http_client_busy(&client));
	run_world(world, 5);
}

static void answer(int i, const char *text)
{
	ck_assert_int_eq(chan_send(server[i].chan, text, strlen(text)), 0);
	env_flush(venue);
	run_world(world, 5);
}

START_TEST(a_question_and_its_answer)
{
	ask();
	server[0].got[server[0].n] = 0;
	ck_assert_str_eq(
		(char *)server[0].got,
		"POST /order?x=1 HTTP/1.1\r\nHost: 127.0.0.1:7001\r\nConnection: close\r\nX-Key: k\r\n"
		"Content-Length: 3\r\n\r\nabc");
	ck_assert_int_eq(answers, 0);
	answer(0, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
	ck_assert_int_eq(answers, 1);
	ck_assert_int_eq(last_err, 0);
	ck_assert_int_eq(last_status, 200);
	ck_assert_str_eq(last_body, "hello");
	ck_assert(!http_client_busy(&client));
	ck_assert_int_eq(server[0].err, -ERR_CLOSED);
}
END_TEST

START_TEST(an_answer_that_ends_with_the_connection)
{
	ask();
	answer(0, "HTTP/1.1 200 OK\r\n\r\nhello");
	ck_assert_int_eq(answers, 0);
	chan_close(server[0].chan);
	run_world(world, 5);
	ck_assert_int_eq(answers, 1);
	ck_assert_str_eq(last_body, "hello");
}
END_TEST

START_TEST(a_cut_answer_is_no_answer)
{
	ask();
	answer(0, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello");
	chan_close(server[0].chan);
	run_world(world, 5);
	ck_assert_int_eq(answers, 1);
	ck_assert_int_eq(last_err, -ERR_CLOSED);
	ck_assert_int_eq(last_status, 0);
}
END_TEST

START_TEST(what_is_no_http_or_too_large_is_told)
{
	ask();
	answer(0, "garbage\r\n\r\n");
	ck_assert_int_eq(answers, 1);
	ck_assert_int_eq(last_err, -ERR_PARSE);
	ask();
	answer(1, "HTTP/1.1 200 OK\r\nContent-Length: 1025\r\n\r\n");
	ck_assert_int_eq(answers, 2);
	ck_assert_int_eq(last_err, -ERR_LIMIT);
}
END_TEST

START_TEST(one_at_a_time_and_again_from_the_answer)
{
	ask();
	struct env_peer p = peer_on(7001);
	ck_assert_int_eq(http_client_ask(&client, &p, "GET", "/", NULL, NULL, 0, done, NULL),
			 -ERR_BUSY);
	ask_again = true;
	answer(0, "HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n");
	ck_assert_int_eq(answers, 1);
	ck_assert_int_eq(last_status, 503);
	answer(1, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	ck_assert_int_eq(answers, 2);
}
END_TEST

START_TEST(a_cancel_is_silent)
{
	ask();
	http_client_cancel(&client);
	run_world(world, 5);
	ck_assert_int_eq(answers, 0);
	ck_assert_int_eq(server[0].err, -ERR_CLOSED);
}
END_TEST

START_TEST(a_refused_connection_is_an_answer)
{
	struct env_peer p = peer_on(1);
	ck_assert_int_eq(http_client_ask(&client, &p, "GET", "/", NULL, NULL, 0, done, &client), 0);
	run_world(world, 5);
	ck_assert_int_eq(answers, 1);
	ck_assert_int_eq(last_err, -ERR_NET);
	uint8_t big[1024] = { 0 };
	ck_assert_int_eq(http_client_ask(&client, &p, "POST", "/", NULL, big, 1024, done, &client),
			 -ERR_FULL);
	ck_assert_int_eq(http_client_ask(&client, &p, "GET", "/a b", NULL, NULL, 0, done, &client),
			 -ERR_ARG);
	ck_assert(!http_client_busy(&client));
}
END_TEST

START_TEST(the_same_over_real_sockets)
{
	struct env *env;
	struct http_client c;
	uint16_t port;
	ck_assert_int_eq(env_live_open(NULL, &env), 0);
	ck_assert_int_eq(http_client_init(&c, env, 1024, 1024), 0);
	struct env_peer p = peer_on(0);
	ck_assert_int_eq(env_listen(env, &p, door_accept, &door, &port), 0);
	p = peer_on(port);
	ck_assert_int_eq(http_client_ask(&c, &p, "GET", "/", NULL, NULL, 0, done, &c), 0);
	ck_assert(run_until_bytes(env, NULL, &server[0], 30, 2000));
	const char *text =
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n";
	ck_assert_int_eq(chan_send(server[0].chan, text, strlen(text)), 0);
	ck_assert(run_until(env, NULL, end_is_down, &server[0], 2000));
	ck_assert_int_eq(answers, 1);
	ck_assert_str_eq(last_body, "hi");
	http_client_free(&c);
	env->ops->free(env);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("http_client");
	TCase *t = tcase_create("http_client");
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, a_question_and_its_answer);
	tcase_add_test(t, an_answer_that_ends_with_the_connection);
	tcase_add_test(t, a_cut_answer_is_no_answer);
	tcase_add_test(t, what_is_no_http_or_too_large_is_told);
	tcase_add_test(t, one_at_a_time_and_again_from_the_answer);
	tcase_add_test(t, a_cancel_is_silent);
	tcase_add_test(t, a_refused_connection_is_an_answer);
	tcase_add_test(t, the_same_over_real_sockets);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
