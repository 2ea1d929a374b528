/* Proves that the self-test passes on this machine, within its time, and again in the same process; and how large its corpus is. */
#include "gen/embed.h"
#include "lua/selftest.h"
#include "tests/unit/lua/script.h"
#include <time.h>

START_TEST(the_corpus_is_contained_twice)
{
	struct timespec from, to;
	for (int i = 0; i < 2; i++) {
		clock_gettime(CLOCK_MONOTONIC, &from);
		int rc = selftest_run();
		clock_gettime(CLOCK_MONOTONIC, &to);
		ck_assert_msg(rc == 0, "%s", err_text());
		double ms = (double)(to.tv_sec - from.tv_sec) * 1e3 +
			    (double)(to.tv_nsec - from.tv_nsec) / 1e6;
		/* 170 ms where it was measured; the bound leaves room for busy machines and sanitizers. */
		ck_assert_msg(ms < 3000, "%g ms", ms);
	}
}
END_TEST

START_TEST(the_corpus_is_large)
{
	int n = 0;
	for (const char *p = (const char *)embed_hostile; (p = strstr(p, "\n  { \"")); p++)
		n++;
	ck_assert_msg(n >= 80, "%d", n);
}
END_TEST

START_TEST(a_host_tests_itself_before_it_starts)
{
	struct lua_host *h;
	ck_assert_msg(lua_host_init(NULL, &h) == 0, "%s", err_text());
	lua_host_free(h);
	static const struct lua_host_options bad[] = {
		{ .budget_ns = 10 },
		{ .memory = 1000 },
		{ .wall_ns = 1000 },
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_eq(lua_host_init(&bad[i], &h), -ERR_CONFIG);
}
END_TEST

/* 300 us are too few to load anything: as on a machine that is busy with something else. */
START_TEST(a_busy_machine_is_no_reason_not_to_start)
{
	ck_assert_msg(selftest_run_within(300000) == 0, "%s", err_text());
}
END_TEST

SUITE("selftest", a_busy_machine_is_no_reason_not_to_start, the_corpus_is_contained_twice,
      the_corpus_is_large, a_host_tests_itself_before_it_starts)
