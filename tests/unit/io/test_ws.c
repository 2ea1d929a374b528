/* Proves WebSocket in both roles: the RFC's own examples, messages whole however they are cut
 * and fragmented, pings answered, and every breach closed with the code that the RFC asks for. */
#include "core/base/err.h"
#include "core/io/env_live.h"
#include "core/io/env_sim.h"
#include "core/io/ws.h"
#include "tests/unit/io/ends.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAP 100000

struct side {
	struct ws ws;
	int opens, texts, binaries, pings, pongs, closes, err;
	uint16_t code;
	char why[320];
	uint8_t got[CAP + 1];
	size_t n;
	bool drop_on_text, echo;
	const uint8_t *where;
};

static struct env_sim *world;
static struct env *host, *venue;
static struct side a, b; /* client, server */
static struct end raw;	 /* a peer that speaks bytes */
static struct http_parser request;
static struct door door;

static void on_open(void *owner, struct ws *ws)
{
	(void)ws;
	((struct side *)owner)->opens++;
}

static void keep(struct side *x, const void *p, size_t n)
{
	ck_assert_uint_le(n, CAP);
	memcpy(x->got, p, n);
	x->n = n;
	x->where = p;
}

static void on_text(void *owner, struct ws *ws, const char *p, size_t n, int64_t recv_ns)
{
	(void)recv_ns;
	struct side *x = owner;
	x->texts++;
	keep(x, p, n);
	if (x->drop_on_text)
		ws_drop(ws);
	else if (x->echo)
		ck_assert_int_eq(ws_send_text(ws, p, n), 0);
}

static void on_binary(void *owner, struct ws *ws, const uint8_t *p, size_t n, int64_t recv_ns)
{
	(void)recv_ns;
	struct side *x = owner;
	x->binaries++;
	keep(x, p, n);
	if (x->echo)
		ck_assert_int_eq(ws_send_binary(ws, p, n), 0);
}

static void on_ping(void *owner, struct ws *ws, const uint8_t *p, size_t n)
{
	(void)ws;
	((struct side *)owner)->pings++;
	keep(owner, p, n);
}

static void on_pong(void *owner, struct ws *ws, const uint8_t *p, size_t n)
{
	(void)ws;
	((struct side *)owner)->pongs++;
	keep(owner, p, n);
}

static void on_close(void *owner, struct ws *ws, int err, uint16_t code, const char *why)
{
	(void)ws;
	struct side *x = owner;
	x->closes++;
	x->err = err;
	x->code = code;
	snprintf(x->why, sizeof(x->why), "%s", why);
}

static const struct ws_handler handler = {
	on_open, on_text, on_binary, on_ping, on_pong, on_close
};

/* An HTTP server that upgrades whatever asks for it. */
static ptrdiff_t http_bytes(void *owner, struct chan *c, const uint8_t *p, size_t n,
			    int64_t recv_ns)
{
	(void)owner;
	(void)recv_ns;
	ptrdiff_t k = http_feed(&request, p, n);
	ck_assert_int_ge(k, 0);
	if (request.done)
		ck_assert_int_eq(ws_server_accept(&b.ws, c, &request.head), 0);
	return k;
}

static void http_down(void *owner, struct chan *c, int err, const char *why)
{
	(void)owner;
	(void)c;
	(void)err;
	(void)why;
}

static const struct chan_handler http = { .bytes = http_bytes, .down = http_down };

static int accept_http(void *owner, struct chan *c)
{
	(void)owner;
	c->handler = &http;
	http_init(&request, HTTP_REQUEST, NULL, 0);
	return 0;
}

static void set_up(void)
{
	struct env_sim_opt o = { .seed = 3, .split_ppm = 300000 };
	struct ws_opt small = { .cap = CAP };
	ck_assert_int_eq(env_sim_open(&o, &world), 0);
	ck_assert_int_eq(env_sim_add(world, "host", &host), 0);
	ck_assert_int_eq(env_sim_add(world, "venue", &venue), 0);
	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	ck_assert_int_eq(ws_init(&a.ws, host, &small, &handler, &a), 0);
	ck_assert_int_eq(ws_init(&b.ws, venue, &small, &handler, &b), 0);
	end_init(&raw, venue, 1u << 20);
	door = (struct door){ .end = &raw, .n = 1 };
	struct env_peer p = peer_on(7001);
	ck_assert_int_eq(env_listen(venue, &p, accept_http, NULL, NULL), 0);
	p = peer_on(7002);
	ck_assert_int_eq(env_listen(venue, &p, door_accept, &door, NULL), 0);
}

static void tear_down(void)
{
	ws_free(&a.ws);
	ws_free(&b.ws);
	env_sim_free(world);
	end_free(&raw);
}

static void connect_both(void)
{
	struct env_peer p = peer_on(7001);
	ck_assert_int_eq(ws_client_start(&a.ws, &p, "/ws?streams=x", "X-Key: k\r\n"), 0);
	ck_assert_int_eq(ws_send_text(&a.ws, "x", 1), -ERR_STATE);
	run_world(world, 5);
	ck_assert_int_eq(a.opens, 1);
	ck_assert_int_eq(b.opens, 1);
	ck_assert(http_is(http_get(&request.head, "X-Key"), "k"));
	ck_assert(http_is(http_get(&request.head, "Host"), "127.0.0.1:7001"));
}

static void raw_send(const void *p, size_t n)
{
	ck_assert_int_eq(chan_send(raw.chan, p, n), 0);
	env_flush(raw.env);
	run_world(world, 2);
}

/* A client `a` whose server is `raw`. */
static void connect_raw_server(void)
{
	struct env_peer p = peer_on(7002);
	ck_assert_int_eq(ws_client_start(&a.ws, &p, "/", NULL), 0);
	run_world(world, 5);
	char answer[300];
	int n = snprintf(answer, sizeof(answer),
			 "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\n"
			 "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
			 a.ws.accept);
	raw_send(answer, (size_t)n);
	ck_assert_int_eq(a.opens, 1);
	raw.n = 0;
}

/* A server `b` whose client is `raw`. */
static void connect_raw_client(void)
{
	static const char text[] =
		"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
	struct env_peer p = peer_on(7001);
	raw.env = host;
	ck_assert_int_eq(env_open(host, &p, &end_handler, &raw, &raw.chan), 0);
	run_world(world, 5);
	raw_send(text, sizeof(text) - 1);
	ck_assert_int_eq(b.opens, 1);
	raw.got[raw.n] = 0;
	/* The example of RFC 6455, 1.3. */
	ck_assert_ptr_nonnull(
		strstr((char *)raw.got, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
	raw.n = 0;
}

START_TEST(messages_go_both_ways)
{
	connect_both();
	ck_assert_int_eq(ws_send_text(&a.ws, "grüß", 6), 0);
	env_flush(host);
	run_world(world, 2);
	ck_assert_int_eq(b.texts, 1);
	ck_assert_mem_eq(b.got, "grüß", 6);
	ck_assert_int_eq(ws_send_binary(&b.ws, "\x00\xff", 2), 0);
	env_flush(venue);
	run_world(world, 2);
	ck_assert_int_eq(a.binaries, 1);
	ck_assert_mem_eq(a.got, "\x00\xff", 2);
}
END_TEST

START_TEST(sizes_around_every_length_form)
{
	static const size_t size[] = { 0,   1,	   124,	  125,	 126,	127,
				       128, 65534, 65535, 65536, 65537, CAP };
	static uint8_t data[CAP];
	for (size_t i = 0; i < CAP; i++)
		data[i] = (uint8_t)(i * 13);
	connect_both();
	b.echo = true;
	for (int i = 0; i < 12; i++) {
		ck_assert_int_eq(ws_send_binary(&a.ws, data, size[i]), 0);
		env_flush(host);
		run_world(world, 2);
		ck_assert_int_eq(b.binaries, i + 1);
		ck_assert_int_eq(a.binaries, i + 1);
		ck_assert_uint_eq(a.n, size[i]);
		ck_assert_mem_eq(a.got, data, size[i]);
	}
	ck_assert_int_eq(ws_send_binary(&a.ws, data, CAP + 1), -ERR_ARG);
}
END_TEST

START_TEST(pings_are_answered_with_their_payload)
{
	connect_both();
	ck_assert_int_eq(ws_ping(&a.ws, "abc", 3), 0);
	env_flush(host);
	run_world(world, 2);
	ck_assert_int_eq(b.pings, 1);
	ck_assert_int_eq(a.pongs, 1);
	ck_assert_mem_eq(a.got, "abc", 3);
	uint8_t long_one[126] = { 0 };
	ck_assert_int_eq(ws_ping(&a.ws, long_one, 126), -ERR_ARG);
}
END_TEST

START_TEST(a_close_is_shaken_hands_on)
{
	connect_both();
	ck_assert_int_eq(ws_close(&a.ws, WS_CLOSE_NORMAL, "done"), 0);
	ck_assert_int_eq(ws_send_text(&a.ws, "x", 1), -ERR_STATE);
	env_flush(host);
	run_world(world, 5);
	ck_assert_int_eq(b.closes, 1);
	ck_assert_int_eq(b.err, 0);
	ck_assert_uint_eq(b.code, 1000);
	ck_assert_str_eq(b.why, "done");
	ck_assert_int_eq(a.closes, 1);
	ck_assert_int_eq(a.err, 0);
	ck_assert_uint_eq(a.code, 1000);
	ck_assert_int_eq(a.ws.state, WS_IDLE);
	a.opens = b.opens = 0;
	connect_both();
}
END_TEST

START_TEST(a_lost_connection_is_told_once)
{
	connect_both();
	env_sim_cut(world, 7001);
	run_world(world, 2);
	ck_assert_int_eq(a.closes, 1);
	ck_assert_int_eq(a.err, -ERR_NET);
	ck_assert_uint_eq(a.code, WS_CLOSE_LOST);
	ck_assert_int_eq(b.closes, 1);
}
END_TEST

START_TEST(a_handler_may_drop_its_socket)
{
	connect_raw_server();
	a.drop_on_text = true;
	raw_send("\x81\x01x\x81\x01y", 6);
	ck_assert_int_eq(a.texts, 1);
	ck_assert_int_eq(a.closes, 0);
	ck_assert_int_eq(a.ws.state, WS_IDLE);
	ck_assert_int_eq(raw.downs, 1);
}
END_TEST

/* RFC 6455, 5.7. */
START_TEST(examples_of_the_rfc)
{
	connect_raw_server();
	raw_send("\x81\x05\x48\x65\x6c\x6c\x6f", 7);
	ck_assert_int_eq(a.texts, 1);
	ck_assert_mem_eq(a.got, "Hello", 5);
	raw_send("\x01\x03\x48\x65\x6c", 5);
	ck_assert_int_eq(a.texts, 1);
	raw_send("\x89\x05\x48\x65\x6c\x6c\x6f", 7);
	ck_assert_int_eq(a.pings, 1);
	/* The pong: the same bytes, masked. */
	ck_assert_uint_eq(raw.n, 11);
	ck_assert_uint_eq(raw.got[0], 0x8a);
	ck_assert_uint_eq(raw.got[1], 0x85);
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(raw.got[6 + i] ^ raw.got[2 + (i & 3)], "Hello"[i]);
	raw_send("\x80\x02\x6c\x6f", 4);
	ck_assert_int_eq(a.texts, 2);
	ck_assert_mem_eq(a.got, "Hello", 5);
	uint8_t frame[4 + 256 + 6] = { 0x82, 0x7e, 0x01, 0x00 };
	raw_send(frame, 4 + 256);
	ck_assert_int_eq(a.binaries, 1);
	ck_assert_uint_eq(a.n, 256);
}
END_TEST

START_TEST(a_masked_example_of_the_rfc)
{
	connect_raw_client();
	raw_send("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11);
	ck_assert_int_eq(b.texts, 1);
	ck_assert_mem_eq(b.got, "Hello", 5);
}
END_TEST

START_TEST(a_whole_message_is_not_copied)
{
	connect_raw_server();
	raw_send("\x81\x05\x48\x65\x6c\x6c\x6f", 7);
	ck_assert_ptr_ne(a.where, a.ws.message);
	raw_send("\x01\x01\x48\x80\x01\x69", 6);
	ck_assert_ptr_eq(a.where, a.ws.message);
}
END_TEST

struct breach {
	const char *name, *bytes;
	size_t n;
	uint16_t code;
};

#define BREACH(name, bytes, code)                    \
	{                                            \
		name, bytes, sizeof(bytes) - 1, code \
	}

static const struct breach by_server[] = {
	BREACH("reserved bit", "\xc1\x01x", 1002),
	BREACH("unknown data opcode", "\x83\x01x", 1002),
	BREACH("unknown control opcode", "\x8b\x01x", 1002),
	BREACH("fragmented ping", "\x09\x01x", 1002),
	BREACH("long ping", "\x89\x7e\x00\x7e", 1002),
	BREACH("continuation of nothing", "\x80\x01x", 1002),
	BREACH("message inside a message", "\x01\x01x\x81\x01x", 1002),
	BREACH("16-bit length too short", "\x82\x7e\x00\x7d", 1002),
	BREACH("64-bit length too short", "\x82\x7f\x00\x00\x00\x00\x00\x00\xff\xff", 1002),
	BREACH("64-bit length with its top bit", "\x82\x7f\x80\x00\x00\x00\x00\x00\x00\x00", 1002),
	BREACH("masked by the server", "\x81\x81\x00\x00\x00\x00x", 1002),
	BREACH("close with one byte", "\x88\x01\x03", 1002),
	BREACH("close with 1005", "\x88\x02\x03\xed", 1002),
	BREACH("close with 999", "\x88\x02\x03\xe7", 1002),
	BREACH("close with 5000", "\x88\x02\x13\x88", 1002),
	BREACH("close whose reason is no UTF-8", "\x88\x03\x03\xe8\xff", 1007),
	BREACH("overlong UTF-8", "\x81\x02\xc0\x80", 1007),
	BREACH("surrogate", "\x81\x03\xed\xa0\x80", 1007),
	BREACH("beyond U+10FFFF", "\x81\x04\xf4\x90\x80\x80", 1007),
	BREACH("cut UTF-8", "\x81\x02\xe2\x82", 1007),
	BREACH("fragment cannot go on", "\x01\x01\xe2\x00\x01x", 1007),
	BREACH("message cut in a character", "\x01\x01\xe2\x80\x01\x82", 1007),
	BREACH("too large at once", "\x82\x7f\x00\x00\x00\x00\x00\x01\x86\xa1", 1009),
	BREACH("absurdly large", "\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", 1009),
};

START_TEST(breaches_end_it_with_their_code)
{
	const struct breach *x = &by_server[_i];
	connect_raw_server();
	raw_send(x->bytes, x->n);
	ck_assert_msg(a.closes == 1, "%s", x->name);
	ck_assert_msg(a.code == x->code, "%s: %u", x->name, a.code);
	ck_assert_int_lt(a.err, 0);
	ck_assert_int_eq(a.texts + a.binaries, 0);
	ck_assert_int_eq(raw.downs, 1);
	/* What the peer was told. */
	ck_assert_uint_eq(raw.n, 8);
	ck_assert_uint_eq(raw.got[0], 0x88);
	ck_assert_uint_eq((uint16_t)((raw.got[6] ^ raw.got[2]) << 8 | (raw.got[7] ^ raw.got[3])),
			  x->code);
}
END_TEST

START_TEST(a_client_must_mask)
{
	connect_raw_client();
	raw_send("\x81\x01x", 3);
	ck_assert_int_eq(b.closes, 1);
	ck_assert_uint_eq(b.code, 1002);
	ck_assert_mem_eq(raw.got, "\x88\x02\x03\xea", 4);
}
END_TEST

START_TEST(fragments_beyond_the_cap_are_too_big)
{
	connect_raw_server();
	static uint8_t frame[4 + 60000] = { 0x02, 0x7e, 60000 >> 8, 60000 & 255 };
	raw_send(frame, sizeof(frame));
	ck_assert_int_eq(a.closes, 0);
	frame[0] = 0x80;
	raw_send(frame, sizeof(frame));
	ck_assert_int_eq(a.closes, 1);
	ck_assert_uint_eq(a.code, 1009);
}
END_TEST

START_TEST(a_flood_is_ended_and_a_steady_ping_is_not)
{
	connect_raw_server();
	for (int i = 0; i < 40; i++)
		raw_send("\x89\x00", 2);
	run_world(world, 1000);
	for (int i = 0; i < 40; i++)
		raw_send("\x89\x00", 2);
	ck_assert_int_eq(a.closes, 0);
	ck_assert_int_eq(a.pings, 80);
	for (int i = 0; i < 60 && a.closes == 0; i++)
		raw_send("\x89\x00", 2);
	ck_assert_int_eq(a.closes, 1);
	ck_assert_uint_eq(a.code, 1008);
}
END_TEST

struct answer {
	const char *text;
	int err;
	const char *why;
};

static const struct answer bad_answer[] = {
	{ "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 3\r\n\r\nabc",
	  -ERR_NET, "429 Too Many Requests, Retry-After: 7" },
	{ "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: no\r\n\r\n",
	  -ERR_PARSE, "wrong Sec-WebSocket-Accept" },
	{ "HTTP/1.1 101 x\r\nConnection: Upgrade\r\n\r\n", -ERR_PARSE, "does not say" },
	{ "HTTP/1.1 200 OK\r\n\r\n", -ERR_NET, "200 OK" },
	{ "nonsense\r\n\r\n", -ERR_PARSE, "HTTP" },
};

START_TEST(answers_that_are_no_agreement)
{
	struct env_peer p = peer_on(7002);
	ck_assert_int_eq(ws_client_start(&a.ws, &p, "/", NULL), 0);
	run_world(world, 5);
	raw_send(bad_answer[_i].text, strlen(bad_answer[_i].text));
	ck_assert_int_eq(a.opens, 0);
	ck_assert_int_eq(a.closes, 1);
	ck_assert_int_eq(a.err, bad_answer[_i].err);
	ck_assert_msg(strstr(a.why, bad_answer[_i].why), "%s", a.why);
}
END_TEST

START_TEST(messages_right_behind_the_agreement_are_not_lost)
{
	struct env_peer p = peer_on(7002);
	ck_assert_int_eq(ws_client_start(&a.ws, &p, "/", NULL), 0);
	run_world(world, 5);
	char answer[300];
	int n = snprintf(answer, sizeof(answer),
			 "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
			 "Sec-WebSocket-Accept: %s\r\n\r\n\x81\x01x",
			 a.ws.accept);
	raw_send(answer, (size_t)n);
	ck_assert_int_eq(a.texts, 1);
}
END_TEST

START_TEST(requests_that_are_no_upgrade)
{
	static const char *const text[] = {
		"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: short==\r\nSec-WebSocket-Version: 13\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 8\r\n\r\n",
	};
	for (int i = 0; i < 4; i++) {
		http_init(&request, HTTP_REQUEST, NULL, 0);
		ck_assert_int_gt(http_feed(&request, (const uint8_t *)text[i], strlen(text[i])), 0);
		ck_assert(request.done);
		ck_assert_int_eq(ws_server_check(&request.head), -ERR_PARSE);
	}
}
END_TEST

static bool both_closed(void *arg)
{
	(void)arg;
	return a.closes && b.closes;
}

static bool both_open(void *arg)
{
	(void)arg;
	return a.opens && b.opens;
}

static bool echoed(void *arg)
{
	return a.binaries >= *(int *)arg;
}

START_TEST(the_same_over_real_sockets)
{
	struct env *live;
	struct env_live_opt o = { .spin = _i };
	uint16_t port;
	ck_assert_int_eq(env_live_open(&o, &live), 0);
	struct env_peer p = peer_on(0);
	ck_assert_int_eq(env_listen(live, &p, accept_http, NULL, &port), 0);
	a.ws.env = b.ws.env = live;
	b.echo = true;
	p = peer_on(port);
	ck_assert_int_eq(ws_client_start(&a.ws, &p, "/", NULL), 0);
	ck_assert(run_until(live, NULL, both_open, NULL, 5000));
	static uint8_t data[CAP];
	for (int i = 1; i <= 20; i++) {
		data[0] = (uint8_t)i;
		ck_assert_int_eq(ws_send_binary(&a.ws, data, (size_t)i * 5000), 0);
		ck_assert(run_until(live, NULL, echoed, &i, 5000));
		ck_assert_uint_eq(a.n, (size_t)i * 5000);
		ck_assert_uint_eq(a.got[0], (uint8_t)i);
	}
	ck_assert_int_eq(ws_close(&b.ws, WS_CLOSE_GOING_AWAY, "maintenance"), 0);
	ck_assert(run_until(live, NULL, both_closed, NULL, 5000));
	ck_assert_uint_eq(a.code, WS_CLOSE_GOING_AWAY);
	ck_assert_str_eq(a.why, "maintenance");
	ck_assert_int_eq(b.err, 0);
	live->ops->free(live);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ws");
	TCase *t = tcase_create("ws");
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, messages_go_both_ways);
	tcase_add_test(t, sizes_around_every_length_form);
	tcase_add_test(t, pings_are_answered_with_their_payload);
	tcase_add_test(t, a_close_is_shaken_hands_on);
	tcase_add_test(t, a_lost_connection_is_told_once);
	tcase_add_test(t, a_handler_may_drop_its_socket);
	tcase_add_test(t, examples_of_the_rfc);
	tcase_add_test(t, a_masked_example_of_the_rfc);
	tcase_add_test(t, a_whole_message_is_not_copied);
	tcase_add_loop_test(t, breaches_end_it_with_their_code, 0,
			    (int)(sizeof(by_server) / sizeof(by_server[0])));
	tcase_add_test(t, a_client_must_mask);
	tcase_add_test(t, fragments_beyond_the_cap_are_too_big);
	tcase_add_test(t, a_flood_is_ended_and_a_steady_ping_is_not);
	tcase_add_loop_test(t, answers_that_are_no_agreement, 0,
			    (int)(sizeof(bad_answer) / sizeof(bad_answer[0])));
	tcase_add_test(t, messages_right_behind_the_agreement_are_not_lost);
	tcase_add_test(t, requests_that_are_no_upgrade);
	tcase_add_loop_test(t, the_same_over_real_sockets, 0, 2);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
