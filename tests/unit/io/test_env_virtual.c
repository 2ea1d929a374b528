/* Proves that virtual time moves only where its owner says, that poll hands over to him, that randomness comes of the seed, and that nothing can be connected to. */
#include "core/base/err.h"
#include "core/io/env_virtual.h"
#include "tests/unit/suite.h"

static struct env_virtual e;
static int64_t asked_ns;

static void deliver(void *owner, int64_t wake_ns)
{
	asked_ns = wake_ns;
	env_virtual_move(owner, wake_ns / 2);
}

static void start(uint64_t seed)
{
	env_virtual_init(&e, seed, &(struct env_now){ .mono_ns = 10, .utc_ns = 1000 }, deliver, &e);
}

START_TEST(test_time)
{
	struct env_now now;
	start(1);
	env_now(&e.env, &now);
	ck_assert_int_eq(now.mono_ns, 10);
	ck_assert_int_eq(now.utc_ns, 1000);
	env_poll(&e.env, 100);
	ck_assert_int_eq(asked_ns, 100);
	env_now(&e.env, &now);
	ck_assert_int_eq(now.mono_ns, 50);
	ck_assert_int_eq(now.utc_ns, 1040);
	ck_assert_int_eq(env_since_read_ns(&e.env), 0);
	ck_assert_int_eq(env_clock_bound_ns(&e.env), 0);
}
END_TEST

START_TEST(test_seed_and_command)
{
	struct env_command c;
	start(7);
	uint64_t first = env_random(&e.env), second = env_random(&e.env);
	start(7);
	ck_assert_uint_eq(env_random(&e.env), first);
	ck_assert_uint_eq(env_random(&e.env), second);
	start(8);
	ck_assert_uint_ne(env_random(&e.env), first);
	ck_assert(!env_command(&e.env, &c));
	e.has_command = true;
	e.command.kind = CMD_STOP;
	ck_assert(env_command(&e.env, &c));
	ck_assert_uint_eq(c.kind, CMD_STOP);
	ck_assert(!env_command(&e.env, &c));
}
END_TEST

START_TEST(test_no_channels)
{
	struct chan *c;
	uint16_t port;
	start(1);
	ck_assert_int_eq(env_open(&e.env, &(struct env_peer){ .port = 1 }, NULL, NULL, &c),
			 -ERR_UNSUPPORTED);
	ck_assert_int_eq(env_listen(&e.env, &(struct env_peer){ .port = 1 }, NULL, NULL, &port),
			 -ERR_UNSUPPORTED);
}
END_TEST

SUITE("env_virtual", test_time, test_seed_and_command, test_no_channels)
