/* Proves that env_live moves bytes over loopback TCP, tells every end of a connection with a
 * reason, keeps its caps, and brings commands, replies and signals to the thread that polls;
 * sleeping and spinning. */
#include "core/base/err.h"
#include "core/io/env_live.h"
#include "tests/unit/io/ends.h"
#include <arpa/inet.h>
#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static struct env *env;
static struct end server[4], client;
static struct door door;
static uint16_t port;

static void set_up_with(bool spin)
{
	struct env_live_opt o = { .spin = spin, .seed = 7, .delay_acks = true };
	ck_assert_int_eq(env_live_open(&o, &env), 0);
	for (int i = 0; i < 4; i++)
		end_init(&server[i], env, 16u << 20);
	end_init(&client, env, 16u << 20);
	door = (struct door){ .end = server, .n = 4 };
	struct env_peer p = peer_on(0);
	ck_assert_int_eq(env_listen(env, &p, door_accept, &door, &port), 0);
	ck_assert_int_ne(port, 0);
}

static void set_up(void)
{
	set_up_with(false);
}

static void tear_down(void)
{
	env->ops->free(env);
	for (int i = 0; i < 4; i++)
		end_free(&server[i]);
	end_free(&client);
}

static void connect_client(void)
{
	struct env_peer p = peer_on(port);
	ck_assert_int_eq(env_open(env, &p, &end_handler, &client, &client.chan), 0);
	ck_assert_int_eq(client.chan->state, CHAN_CONNECTING);
	ck_assert(run_until(env, NULL, end_is_up, &client, 2000));
	ck_assert(run_until(env, NULL, end_is_up, &server[0], 2000));
	ck_assert_int_eq(client.chan->state, CHAN_UP);
}

static void fill_pattern(uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(i * 31 + (i >> 8));
}

static void echo_of(size_t n)
{
	uint8_t *p = malloc(n);
	fill_pattern(p, n);
	server[0].echo = true;
	ck_assert_int_eq(chan_send(client.chan, p, n), 0);
	ck_assert_uint_eq(chan_unsent(client.chan), n);
	ck_assert(run_until_bytes(env, NULL, &client, n, 5000));
	ck_assert_uint_eq(client.n, n);
	ck_assert_mem_eq(client.got, p, n);
	ck_assert_uint_eq(chan_unsent(client.chan), 0);
	free(p);
}

START_TEST(bytes_go_there_and_back)
{
	connect_client();
	echo_of(100);
}
END_TEST

START_TEST(a_large_message_goes_through_small_windows)
{
	connect_client();
	server[0].hold = 1;
	echo_of(3u << 20);
}
END_TEST

START_TEST(spinning_does_the_same)
{
	tear_down();
	set_up_with(true);
	connect_client();
	echo_of(100000);
}
END_TEST

START_TEST(one_write_a_flush)
{
	connect_client();
	struct env_live_stats a, b;
	env_live_stats(env, &a);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(chan_send(client.chan, "0123456789", 10), 0);
	env_flush(env);
	env_live_stats(env, &b);
	ck_assert_uint_eq(b.writes - a.writes, 1);
	ck_assert_uint_eq(b.tx_bytes - a.tx_bytes, 1000);
	ck_assert(run_until_bytes(env, NULL, &server[0], 1000, 2000));
}
END_TEST

START_TEST(what_is_not_consumed_comes_again)
{
	connect_client();
	server[0].at_once = 3;
	ck_assert_int_eq(chan_send(client.chan, "abcdefgh", 8), 0);
	ck_assert(run_until_bytes(env, NULL, &server[0], 3, 2000));
	ck_assert_uint_eq(server[0].n, 3);
	server[0].at_once = 0;
	ck_assert_int_eq(chan_send(client.chan, "ij", 2), 0);
	ck_assert(run_until_bytes(env, NULL, &server[0], 10, 2000));
	ck_assert_mem_eq(server[0].got, "abcdefghij", 10);
	ck_assert_int_eq(server[0].calls, 2);
	struct env_now now;
	env_now(env, &now);
	ck_assert_int_le(server[0].recv_ns, now.mono_ns);
	ck_assert_int_gt(server[0].recv_ns, now.mono_ns - 2000000000);
}
END_TEST

START_TEST(a_close_is_told_to_the_other_side_only)
{
	connect_client();
	ck_assert_int_eq(chan_send(client.chan, "bye", 3), 0);
	chan_close(client.chan);
	ck_assert(run_until(env, NULL, end_is_down, &server[0], 2000));
	ck_assert_mem_eq(server[0].got, "bye", 3);
	ck_assert_int_eq(server[0].err, -ERR_CLOSED);
	ck_assert_ptr_nonnull(strstr(server[0].why, "closed the connection"));
	ck_assert_ptr_nonnull(strstr(server[0].why, "client 127.0.0.1:"));
	ck_assert_int_eq(client.downs, 0);
}
END_TEST

START_TEST(a_close_does_not_cut_a_large_answer_off)
{
	connect_client();
	size_t n = 4u << 20;
	uint8_t *p = malloc(n);
	fill_pattern(p, n);
	ck_assert_int_eq(chan_send(server[0].chan, p, n), 0);
	chan_close(server[0].chan);
	ck_assert(run_until(env, NULL, end_is_down, &client, 4000));
	ck_assert_uint_eq(client.n, n);
	ck_assert_mem_eq(client.got, p, n);
	free(p);
}
END_TEST

START_TEST(handlers_may_close_their_own_channel)
{
	connect_client();
	server[0].close_on_bytes = true;
	ck_assert_int_eq(chan_send(client.chan, "x", 1), 0);
	ck_assert(run_until(env, NULL, end_is_down, &client, 2000));
	ck_assert_int_eq(server[0].downs, 0);
	struct end other;
	end_init(&other, env, 10);
	other.close_on_up = true;
	struct env_peer p = peer_on(port);
	ck_assert_int_eq(env_open(env, &p, &end_handler, &other, &other.chan), 0);
	ck_assert(run_until(env, NULL, end_is_up, &other, 2000));
	ck_assert(run_until(env, NULL, end_is_down, &server[1], 2000));
	end_free(&other);
}
END_TEST

START_TEST(a_handlers_error_ends_the_channel)
{
	connect_client();
	server[0].refuse = -ERR_PARSE;
	ck_assert_int_eq(chan_send(client.chan, "x", 1), 0);
	ck_assert(run_until(env, NULL, end_is_down, &client, 2000));
	ck_assert_int_eq(server[0].downs, 1);
	ck_assert_int_eq(server[0].err, -ERR_PARSE);
}
END_TEST

START_TEST(a_refused_connection_says_so)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, n), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	struct env_peer p = peer_on(ntohs(a.sin_port));
	ck_assert_int_eq(env_open(env, &p, &end_handler, &client, &client.chan), 0);
	ck_assert(run_until(env, NULL, end_is_down, &client, 2000));
	ck_assert_int_eq(client.err, -ERR_NET);
	ck_assert_ptr_nonnull(strstr(client.why, "Connection refused"));
	close(fd);
}
END_TEST

START_TEST(no_answer_in_time_says_so)
{
	tear_down();
	struct env_live_opt o = { .connect_timeout_ns = 50000000 };
	set_up();
	env->ops->free(env);
	ck_assert_int_eq(env_live_open(&o, &env), 0);
	/* A listener that never accepts, its queue full: connecting goes nowhere. */
	int fd = socket(AF_INET, SOCK_STREAM, 0), fill[8];
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, n), 0);
	ck_assert_int_eq(listen(fd, 0), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	for (int i = 0; i < 8; i++) {
		fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)!connect(fill[i], (struct sockaddr *)&a, n);
	}
	struct env_peer p = peer_on(ntohs(a.sin_port));
	ck_assert_int_eq(env_open(env, &p, &end_handler, &client, &client.chan), 0);
	ck_assert(run_until(env, NULL, end_is_down, &client, 2000));
	ck_assert_int_eq(client.err, -ERR_TIMEOUT);
	for (int i = 0; i < 8; i++)
		close(fill[i]);
	close(fd);
}
END_TEST

START_TEST(a_reset_is_told_with_a_text)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons(port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	ck_assert(run_until(env, NULL, end_is_up, &server[0], 2000));
	struct linger hard = { 1, 0 };
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(fd);
	ck_assert(run_until(env, NULL, end_is_down, &server[0], 2000));
	ck_assert_int_eq(server[0].err, -ERR_NET);
	ck_assert_ptr_nonnull(strstr(server[0].why, "reset"));
}
END_TEST

START_TEST(sending_is_capped_and_takes_all_or_nothing)
{
	struct env_peer p = peer_on(port);
	p.tx_cap = 1000;
	ck_assert_int_eq(env_open(env, &p, &end_handler, &client, &client.chan), 0);
	ck_assert_int_eq(chan_send(client.chan, "x", 1), -ERR_STATE);
	ck_assert(run_until(env, NULL, end_is_up, &client, 2000));
	uint8_t block[600] = { 1 };
	ck_assert_int_eq(chan_send(client.chan, block, 600), 0);
	ck_assert_int_eq(chan_send(client.chan, block, 600), -ERR_FULL);
	ck_assert_uint_eq(chan_unsent(client.chan), 600);
	ck_assert_int_eq(chan_send(client.chan, block, 400), 0);
	ck_assert(run_until_bytes(env, NULL, &server[0], 1000, 2000));
	ck_assert_int_eq(chan_send(client.chan, block, 600), 0);
}
END_TEST

START_TEST(a_message_beyond_the_cap_ends_the_channel)
{
	struct env_peer p = peer_on(port);
	p.rx_cap = 1000;
	ck_assert_int_eq(env_open(env, &p, &end_handler, &client, &client.chan), 0);
	ck_assert(run_until(env, NULL, end_is_up, &server[0], 2000));
	client.hold = 100000;
	uint8_t block[3000] = { 1 };
	ck_assert_int_eq(chan_send(server[0].chan, block, sizeof(block)), 0);
	ck_assert(run_until(env, NULL, end_is_down, &client, 2000));
	ck_assert_int_eq(client.err, -ERR_LIMIT);
	ck_assert_ptr_nonnull(strstr(client.why, "larger than the 1000 bytes"));
}
END_TEST

START_TEST(a_refused_client_is_closed)
{
	door.refuse = true;
	struct env_peer p = peer_on(port);
	ck_assert_int_eq(env_open(env, &p, &end_handler, &client, &client.chan), 0);
	ck_assert(run_until(env, NULL, end_is_down, &client, 2000));
	struct env_live_stats s;
	env_live_stats(env, &s);
	ck_assert_uint_eq(s.refused, 1);
}
END_TEST

START_TEST(slots_run_out_in_words_and_come_back)
{
	env->ops->free(env);
	struct env_live_opt o = { .max_chans = 2 };
	ck_assert_int_eq(env_live_open(&o, &env), 0);
	struct env_peer p = peer_on(0);
	ck_assert_int_eq(env_listen(env, &p, door_accept, &door, &port), 0);
	connect_client();
	p = peer_on(port);
	struct chan *c;
	ck_assert_int_eq(env_open(env, &p, &end_handler, &server[3], &c), -ERR_FULL);
	ck_assert_ptr_nonnull(strstr(err_text(), "most allowed"));
	for (int i = 0; i < 20; i++) {
		chan_close(client.chan);
		ck_assert(run_until(env, NULL, end_is_down, &server[0], 2000));
		env_poll(env, 0);
		client.ups = server[0].ups = server[0].downs = 0;
		door.taken = 0;
		connect_client();
	}
}
END_TEST

START_TEST(descriptors_that_run_out_turn_clients_away)
{
	struct rlimit old, low;
	getrlimit(RLIMIT_NOFILE, &old);
	int probe = dup(0);
	close(probe);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	low = old;
	low.rlim_cur = (rlim_t)fd + 1;
	ck_assert_int_ge(fd, probe);
	setrlimit(RLIMIT_NOFILE, &low);
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons(port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	(void)!connect(fd, (struct sockaddr *)&a, sizeof(a));
	struct env_live_stats s = { 0 };
	for (int i = 0; i < 100 && s.refused == 0; i++) {
		env_poll(env, 0);
		env_live_stats(env, &s);
		usleep(1000);
	}
	setrlimit(RLIMIT_NOFILE, &old);
	ck_assert_uint_eq(s.refused, 1);
	ck_assert_int_eq(server[0].ups, 0);
	close(fd);
	connect_client();
}
END_TEST

START_TEST(a_port_in_use_is_one_clear_line)
{
	struct env_peer p = peer_on(port);
	uint16_t other;
	ck_assert_int_eq(env_listen(env, &p, door_accept, &door, &other), -ERR_BUSY);
	ck_assert_ptr_nonnull(strstr(err_text(), "another program listens there"));
}
END_TEST

START_TEST(a_name_is_resolved_and_a_wrong_one_told)
{
	struct env_peer p = peer_on(port);
	strcpy(p.host, "localhost");
	ck_assert_int_eq(env_open(env, &p, &end_handler, &client, &client.chan), 0);
	ck_assert(run_until(env, NULL, end_is_up, &client, 2000));
	strcpy(p.host, "no such host");
	struct chan *c;
	ck_assert_int_eq(env_open(env, &p, &end_handler, &client, &c), -ERR_NET);
	ck_assert_ptr_nonnull(strstr(err_text(), "no such host"));
}
END_TEST

static void *push_later(void *arg)
{
	struct env_command c = { .kind = CMD_KILL, .id = 42, .who = "desk" };
	usleep(20000);
	ck_assert_int_eq(env_live_push(arg, &c), 0);
	return NULL;
}

START_TEST(a_command_wakes_the_poll_and_is_answered)
{
	pthread_t t;
	ck_assert_int_eq(pthread_create(&t, NULL, push_later, env), 0);
	struct env_now a, b;
	env_now(env, &a);
	env_poll(env, a.mono_ns + 5000000000);
	env_now(env, &b);
	ck_assert_int_lt(b.mono_ns - a.mono_ns, 2000000000);
	pthread_join(t, NULL);
	struct env_command c;
	ck_assert(env_command(env, &c));
	ck_assert_uint_eq(c.kind, CMD_KILL);
	ck_assert_str_eq(c.who, "desk");
	ck_assert(!env_command(env, &c));
	env_reply(env, c.id, "killed");
	struct pollfd f = { .fd = env_live_reply_fd(env), .events = POLLIN };
	ck_assert_int_eq(poll(&f, 1, 0), 1);
	struct env_live_reply r;
	ck_assert(env_live_take_reply(env, &r));
	ck_assert_uint_eq(r.id, 42);
	ck_assert_str_eq(r.text, "killed");
	ck_assert(!env_live_take_reply(env, &r));
}
END_TEST

START_TEST(too_many_commands_are_refused)
{
	struct env_command c = { .kind = CMD_STATUS };
	int rc = 0, n = 0;
	while (!(rc = env_live_push(env, &c)))
		n++;
	ck_assert_int_eq(rc, -ERR_FULL);
	ck_assert_int_eq(n, 64);
}
END_TEST

START_TEST(a_signal_becomes_a_stop)
{
	struct env *e;
	struct env_live_opt o = { .signals = true };
	ck_assert_int_eq(env_live_open(&o, &e), 0);
	struct env *second;
	ck_assert_int_eq(env_live_open(&o, &second), -ERR_BUSY);
	kill(getpid(), SIGTERM);
	struct env_now now;
	env_now(e, &now);
	env_poll(e, now.mono_ns + 2000000000);
	struct env_command c;
	ck_assert(env_command(e, &c));
	ck_assert_uint_eq(c.kind, CMD_STOP);
	ck_assert_str_eq(c.why, "SIGTERM received");
	e->ops->free(e);
}
END_TEST

START_TEST(poll_waits_until_its_time_and_not_longer)
{
	struct env_now a, b;
	for (int i = 0; i < 5; i++) {
		env_now(env, &a);
		env_poll(env, a.mono_ns + 3000000);
		env_now(env, &b);
		ck_assert_int_ge(b.mono_ns - a.mono_ns, 3000000);
		ck_assert_int_lt(b.mono_ns - a.mono_ns, 200000000);
		env_poll(env, 0);
	}
}
END_TEST

START_TEST(a_seed_repeats_and_no_seed_does_not)
{
	struct env *a, *b, *c, *d;
	struct env_live_opt seeded = { .seed = 7 };
	ck_assert_int_eq(env_live_open(&seeded, &a), 0);
	ck_assert_int_eq(env_live_open(&seeded, &b), 0);
	ck_assert_int_eq(env_live_open(NULL, &c), 0);
	ck_assert_int_eq(env_live_open(NULL, &d), 0);
	ck_assert_uint_eq(env_random(a), env_random(b));
	ck_assert_uint_ne(env_random(c), env_random(d));
	struct env *all[] = { a, b, c, d };
	for (int i = 0; i < 4; i++)
		all[i]->ops->free(all[i]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("env_live");
	TCase *t = tcase_create("loopback");
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, bytes_go_there_and_back);
	tcase_add_test(t, a_large_message_goes_through_small_windows);
	tcase_add_test(t, spinning_does_the_same);
	tcase_add_test(t, one_write_a_flush);
	tcase_add_test(t, what_is_not_consumed_comes_again);
	tcase_add_test(t, a_close_is_told_to_the_other_side_only);
	tcase_add_test(t, a_close_does_not_cut_a_large_answer_off);
	tcase_add_test(t, handlers_may_close_their_own_channel);
	tcase_add_test(t, a_handlers_error_ends_the_channel);
	tcase_add_test(t, a_refused_connection_says_so);
	tcase_add_test(t, no_answer_in_time_says_so);
	tcase_add_test(t, a_reset_is_told_with_a_text);
	tcase_add_test(t, sending_is_capped_and_takes_all_or_nothing);
	tcase_add_test(t, a_message_beyond_the_cap_ends_the_channel);
	tcase_add_test(t, a_refused_client_is_closed);
	tcase_add_test(t, slots_run_out_in_words_and_come_back);
	tcase_add_test(t, descriptors_that_run_out_turn_clients_away);
	tcase_add_test(t, a_port_in_use_is_one_clear_line);
	tcase_add_test(t, a_name_is_resolved_and_a_wrong_one_told);
	tcase_add_test(t, a_command_wakes_the_poll_and_is_answered);
	tcase_add_test(t, too_many_commands_are_refused);
	tcase_add_test(t, a_signal_becomes_a_stop);
	tcase_add_test(t, poll_waits_until_its_time_and_not_longer);
	tcase_add_test(t, a_seed_repeats_and_no_seed_does_not);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
