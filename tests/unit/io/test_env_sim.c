/* Proves that a simulated world keeps its order and its time: delays as asked, bytes in order
 * and whole, faults on one direction or both, wake times reached exactly, and one seed giving
 * one run, byte for byte. */
#include "core/base/err.h"
#include "core/io/env_sim.h"
#include "tests/unit/io/ends.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct env_sim *world;
static struct env *host, *venue;
static struct end server[4], client;
static struct door door;
static int64_t delay_ns;
static enum env_sim_fate next_fate;

static int64_t delay(void *owner, struct rng *r, const struct env_sim_flight *f)
{
	(void)owner;
	(void)f;
	return delay_ns ? delay_ns : rng_range(r, 10000, 200000);
}

static enum env_sim_fate fate(void *owner, struct rng *r, const struct env_sim_flight *f)
{
	(void)owner;
	(void)r;
	(void)f;
	enum env_sim_fate x = next_fate;
	next_fate = SIM_PASS;
	return x;
}

static void open_world(uint64_t seed, uint32_t split_ppm)
{
	struct env_sim_opt o = {
		.seed = seed, .split_ppm = split_ppm, .delay = delay, .fate = fate
	};
	ck_assert_int_eq(env_sim_open(&o, &world), 0);
	ck_assert_int_eq(env_sim_add(world, "host", &host), 0);
	ck_assert_int_eq(env_sim_add(world, "venue", &venue), 0);
	for (int i = 0; i < 4; i++)
		end_init(&server[i], venue, 1u << 20);
	end_init(&client, host, 1u << 20);
	door = (struct door){ .end = server, .n = 4 };
	struct env_peer p = peer_on(7001);
	ck_assert_int_eq(env_listen(venue, &p, door_accept, &door, NULL), 0);
}

static void close_world(void)
{
	env_sim_free(world);
	for (int i = 0; i < 4; i++)
		end_free(&server[i]);
	end_free(&client);
}

static void set_up(void)
{
	delay_ns = 100000;
	next_fate = SIM_PASS;
	open_world(1, 0);
}

static void connect_client(void)
{
	struct env_peer p = peer_on(7001);
	ck_assert_int_eq(env_open(host, &p, &end_handler, &client, &client.chan), 0);
	run_world(world, 1);
	ck_assert_int_eq(client.ups, 1);
	ck_assert_int_eq(server[0].ups, 1);
}

static void say(struct end *x, const char *text)
{
	ck_assert_int_eq(chan_send(x->chan, text, strlen(text)), 0);
	env_flush(x->env);
}

START_TEST(bytes_arrive_after_the_delay)
{
	connect_client();
	int64_t sent = env_sim_now(world);
	say(&client, "hello");
	while (server[0].n == 0) {
		struct env *e = env_sim_step(world, INT64_MAX);
		ck_assert_ptr_nonnull(e);
		env_poll(e, INT64_MAX);
	}
	ck_assert_int_eq(env_sim_now(world), sent + 100000);
	ck_assert_int_eq(server[0].recv_ns, sent + 100000);
	ck_assert_mem_eq(server[0].got, "hello", 5);
}
END_TEST

START_TEST(nothing_leaves_before_flush)
{
	connect_client();
	ck_assert_int_eq(chan_send(client.chan, "x", 1), 0);
	ck_assert_uint_eq(chan_unsent(client.chan), 1);
	for (int i = 0; i < 3; i++) {
		struct env *e = env_sim_step(world, env_sim_now(world) + 1000000);
		if (e)
			env_poll(e, INT64_MAX);
	}
	ck_assert_uint_eq(server[0].n, 0);
	run_world(world, 1);
	env_flush(host);
	run_world(world, 1);
	ck_assert_uint_eq(server[0].n, 1);
	ck_assert_uint_eq(chan_unsent(client.chan), 0);
}
END_TEST

START_TEST(order_is_kept_while_delays_vary_and_flights_split)
{
	close_world();
	delay_ns = 0;
	open_world(5, 500000);
	connect_client();
	char all[3000];
	for (int i = 0; i < 1000; i++) {
		char text[4] = { (char)('a' + i % 26), (char)('0' + i % 10), '.', 0 };
		memcpy(all + 3 * i, text, 3);
		say(&client, text);
		if (i % 7 == 0)
			run_world(world, 1);
	}
	run_world(world, 100);
	ck_assert_uint_eq(server[0].n, 3000);
	ck_assert_mem_eq(server[0].got, all, 3000);
	ck_assert_int_gt(server[0].calls, 1200);
}
END_TEST

START_TEST(a_wake_time_is_reached_exactly)
{
	int64_t at = env_sim_now(world) + 12345678;
	run_world(world, 1);
	env_poll(host, at);
	struct env *e = env_sim_step(world, INT64_MAX);
	ck_assert_ptr_eq(e, host);
	ck_assert_int_eq(env_sim_now(world), at);
	/* The turn that reached it may set an earlier timer: it is asked again. */
	env_poll(host, at);
	ck_assert_ptr_eq(env_sim_step(world, INT64_MAX), host);
	ck_assert_int_gt(env_sim_now(world), at);
	env_poll(host, INT64_MAX);
	ck_assert_ptr_null(env_sim_step(world, at + 5000000));
	ck_assert_int_eq(env_sim_now(world), at + 5000000);
}
END_TEST

START_TEST(an_env_that_is_never_done_leaves_room_for_others)
{
	connect_client();
	say(&client, "x");
	for (int i = 0; i < 10000 && server[0].n == 0; i++) {
		struct env *e = env_sim_step(world, INT64_MAX);
		env_poll(e, e == host ? 0 : INT64_MAX);
		env_flush(e);
	}
	ck_assert_uint_eq(server[0].n, 1);
}
END_TEST

START_TEST(a_port_without_listener_refuses)
{
	struct env_peer p = peer_on(9);
	ck_assert_int_eq(env_open(host, &p, &end_handler, &client, &client.chan), 0);
	ck_assert_int_eq(client.downs, 0);
	run_world(world, 1);
	ck_assert_int_eq(client.err, -ERR_NET);
	next_fate = SIM_CUT;
	p = peer_on(7001);
	ck_assert_int_eq(env_open(host, &p, &end_handler, &client, &client.chan), 0);
	run_world(world, 1);
	ck_assert_int_eq(client.downs, 2);
	ck_assert_int_eq(server[0].ups, 0);
	door.refuse = true;
	ck_assert_int_eq(env_open(host, &p, &end_handler, &client, &client.chan), 0);
	run_world(world, 1);
	ck_assert_int_eq(client.downs, 3);
}
END_TEST

START_TEST(a_close_arrives_behind_the_bytes)
{
	connect_client();
	ck_assert_int_eq(chan_send(client.chan, "bye", 3), 0);
	chan_close(client.chan);
	run_world(world, 1);
	ck_assert_mem_eq(server[0].got, "bye", 3);
	ck_assert_int_eq(server[0].err, -ERR_CLOSED);
	ck_assert_int_eq(client.downs, 0);
}
END_TEST

START_TEST(dropped_bytes_vanish_alone)
{
	connect_client();
	next_fate = SIM_DROP;
	say(&client, "lost");
	say(&client, "kept");
	run_world(world, 1);
	ck_assert_uint_eq(server[0].n, 4);
	ck_assert_mem_eq(server[0].got, "kept", 4);
}
END_TEST

START_TEST(a_cut_takes_both_ends)
{
	connect_client();
	next_fate = SIM_CUT;
	say(&client, "x");
	run_world(world, 1);
	ck_assert_int_eq(server[0].err, -ERR_NET);
	ck_assert_int_eq(client.err, -ERR_NET);
	ck_assert_uint_eq(server[0].n, 0);
	client.ups = client.downs = server[0].ups = server[0].downs = 0;
	door.taken = 0;
	connect_client();
	env_sim_cut(world, 7001);
	run_world(world, 1);
	ck_assert_int_eq(client.downs, 1);
	ck_assert_int_eq(server[0].downs, 1);
}
END_TEST

START_TEST(a_frozen_direction_keeps_its_bytes)
{
	connect_client();
	env_sim_freeze(world, 7001, true, false);
	say(&client, "a");
	say(&server[0], "b");
	run_world(world, 1000);
	ck_assert_uint_eq(server[0].n, 0);
	ck_assert_uint_eq(client.n, 1);
	env_sim_thaw(world, 7001);
	run_world(world, 1);
	ck_assert_uint_eq(server[0].n, 1);
	next_fate = SIM_FREEZE;
	say(&server[0], "c");
	run_world(world, 1000);
	ck_assert_uint_eq(client.n, 1);
	env_sim_thaw(world, 0);
	run_world(world, 1);
	ck_assert_uint_eq(client.n, 2);
}
END_TEST

START_TEST(a_peer_that_takes_nothing_fills_the_sender)
{
	connect_client();
	env_sim_freeze(world, 7001, true, false);
	static uint8_t block[1 << 20];
	int sent = 0;
	while (chan_send(client.chan, block, sizeof(block)) == 0) {
		env_flush(host);
		ck_assert_int_lt(++sent, 100);
	}
	ck_assert_int_ge(sent, 8);
	ck_assert_uint_gt(chan_unsent(client.chan), 0);
}
END_TEST

START_TEST(a_dead_process_closes_what_it_had)
{
	connect_client();
	venue->ops->free(venue);
	run_world(world, 1);
	ck_assert_int_eq(client.err, -ERR_CLOSED);
	struct env_peer p = peer_on(7001);
	ck_assert_int_eq(env_open(host, &p, &end_handler, &client, &client.chan), 0);
	run_world(world, 1);
	ck_assert_int_eq(client.err, -ERR_NET);
	ck_assert_int_eq(env_sim_add(world, "venue", &venue), 0);
	ck_assert_int_eq(env_listen(venue, &p, door_accept, &door, NULL), 0);
	door.taken = 1;
	client.ups = 0;
	ck_assert_int_eq(env_open(host, &p, &end_handler, &client, &client.chan), 0);
	run_world(world, 1);
	ck_assert_int_eq(client.ups, 1);
}
END_TEST

START_TEST(caps_hold_as_they_do_live)
{
	struct env_peer p = peer_on(7001);
	p.rx_cap = 10;
	p.tx_cap = 10;
	ck_assert_int_eq(env_open(host, &p, &end_handler, &client, &client.chan), 0);
	run_world(world, 1);
	ck_assert_int_eq(chan_send(client.chan, "0123456789a", 11), -ERR_FULL);
	client.hold = 100;
	say(&server[0], "0123456789a");
	run_world(world, 1);
	ck_assert_int_eq(client.err, -ERR_LIMIT);
	ck_assert_int_eq(server[0].err, -ERR_CLOSED);
}
END_TEST

START_TEST(commands_and_utc)
{
	run_world(world, 1);
	struct env_command c = { .kind = CMD_PAUSE, .id = 3 };
	ck_assert_int_eq(env_sim_push(host, &c), 0);
	ck_assert_ptr_eq(env_sim_step(world, INT64_MAX), host);
	struct env_command got;
	ck_assert(env_command(host, &got));
	ck_assert_uint_eq(got.kind, CMD_PAUSE);
	env_reply(host, got.id, "paused");
	const char *text;
	ck_assert_uint_eq(env_sim_reply(host, &text), 3);
	ck_assert_str_eq(text, "paused");
	struct env_now a, b;
	env_now(host, &a);
	env_sim_step_utc(world, 3600000000000);
	env_now(host, &b);
	ck_assert_int_eq(b.utc_ns - a.utc_ns, 3600000000000);
	ck_assert_int_eq(b.mono_ns, a.mono_ns);
}
END_TEST

/* A talk in which what is said, and faults, come from chance. */
static uint64_t random_run(uint64_t seed)
{
	struct rng r;
	delay_ns = 0;
	open_world(seed, 200000);
	rng_seed(&r, seed ^ 99);
	connect_client();
	server[0].echo = true;
	for (int i = 0; i < 300 && client.downs == 0; i++) {
		char text[64];
		size_t n = 1 + (size_t)rng_below(&r, sizeof(text) - 1);
		for (size_t k = 0; k < n; k++)
			text[k] = (char)env_random(host);
		if (client.chan)
			(void)chan_send(client.chan, text, n);
		if (rng_chance(&r, 20000))
			next_fate = SIM_DROP;
		env_flush(host);
		run_world(world, (int)rng_below(&r, 2));
	}
	env_sim_cut(world, 0);
	run_world(world, 10);
	uint64_t digest = env_sim_digest(world);
	ck_assert_uint_gt(server[0].n, 1000);
	close_world();
	return digest;
}

START_TEST(a_seed_repeats_a_run_exactly)
{
	close_world();
	for (uint64_t seed = 1; seed < 6; seed++) {
		uint64_t a = random_run(seed);
		ck_assert_uint_eq(a, random_run(seed));
		ck_assert_uint_ne(a, random_run(seed + 1));
	}
	open_world(1, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("env_sim");
	TCase *t = tcase_create("world");
	tcase_add_checked_fixture(t, set_up, close_world);
	tcase_add_test(t, bytes_arrive_after_the_delay);
	tcase_add_test(t, nothing_leaves_before_flush);
	tcase_add_test(t, order_is_kept_while_delays_vary_and_flights_split);
	tcase_add_test(t, a_wake_time_is_reached_exactly);
	tcase_add_test(t, an_env_that_is_never_done_leaves_room_for_others);
	tcase_add_test(t, a_port_without_listener_refuses);
	tcase_add_test(t, a_close_arrives_behind_the_bytes);
	tcase_add_test(t, dropped_bytes_vanish_alone);
	tcase_add_test(t, a_cut_takes_both_ends);
	tcase_add_test(t, a_frozen_direction_keeps_its_bytes);
	tcase_add_test(t, a_peer_that_takes_nothing_fills_the_sender);
	tcase_add_test(t, a_dead_process_closes_what_it_had);
	tcase_add_test(t, caps_hold_as_they_do_live);
	tcase_add_test(t, commands_and_utc);
	tcase_add_test(t, a_seed_repeats_a_run_exactly);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
