/* Proves that the watchdog stops one thread's runaway and leaves its neighbours alone, and that threads give their places back. */
#include "lua/watchdog.h"
#include "tests/unit/lua/script.h"
#include <pthread.h>

enum { healthy_calls = 300000, sick_calls = 60 };

struct job {
	struct lua_host *host;
	const char *text;
	int calls, failed;
	uint64_t kills;
	char error[256];
};

static void *work(void *arg)
{
	struct job *j = arg;
	struct script t = { .b = script_basis() };
	struct lua_instance_options o = { .name = "x",
					  .file = "x.lua",
					  .source = j->text,
					  .source_len = strlen(j->text),
					  .unbound = true };
	if (lua_host_load(j->host, &o, &t.s)) {
		snprintf(j->error, sizeof(j->error), "%s", err_text());
		return NULL;
	}
	for (int i = 0; i < j->calls; i++) {
		if (script_run(&t, STRAT_BASIS) < 0) {
			snprintf(j->error, sizeof(j->error), "%s", err_text());
			j->failed++;
		}
		if (!(i & 255))
			lua_host_idle(t.s);
	}
	j->kills = t.s->kills;
	t.s->ops->free(t.s);
	return NULL;
}

START_TEST(a_runaway_on_one_thread_costs_no_other_one_a_call)
{
	if (!RUNAWAYS)
		return;
	struct lua_host *h =
		script_host((struct lua_host_options){ .kill_strikes = sick_calls + 1 });
	const char *well = ON_BASIS(
		"if b.sell_near_net_bp >= 800 then self:pair { sell = 'near', buy = 'far', lots = 1 } end");
	struct job job[3] = {
		{ .host = h, .text = well, .calls = healthy_calls },
		{ .host = h, .text = ON_BASIS("while true do end"), .calls = sick_calls },
		{ .host = h, .text = well, .calls = healthy_calls }
	};
	pthread_t thread[3];
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, work, &job[i]), 0);
	for (int i = 0; i < 3; i++)
		pthread_join(thread[i], NULL);
	ck_assert_msg(job[1].failed == sick_calls && job[1].kills == sick_calls, "%d %s",
		      job[1].failed, job[1].error);
	ck_assert_msg(job[0].failed == 0, "%s", job[0].error);
	ck_assert_msg(job[2].failed == 0, "%s", job[2].error);
	lua_host_free(h);
}
END_TEST

static void *load_only(void *arg)
{
	struct job *j = arg;
	j->calls = 0;
	return work(arg);
}

START_TEST(threads_that_only_load_need_no_place_for_ever)
{
	struct lua_host *h = script_host((struct lua_host_options){ 0 });
	for (int i = 0; i < 3 * WATCHDOG_SLOTS; i++) {
		struct job j = { .host = h, .text = ON_BASIS("") };
		pthread_t thread;
		ck_assert_int_eq(pthread_create(&thread, NULL, load_only, &j), 0);
		pthread_join(thread, NULL);
		ck_assert_msg(!j.error[0], "%s", j.error);
	}
	lua_host_free(h);
}
END_TEST

START_TEST(a_thread_may_serve_several_hosts)
{
	struct script t[2];
	for (int i = 0; i < 2; i++)
		script_must_load(&t[i],
				 script_host((struct lua_host_options){ .kill_strikes = 100,
									.error_strikes = 100 }),
				 RUNAWAYS ? ON_BASIS("while true do end") : ON_BASIS("error('x')"));
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(script_run(&t[i & 1], STRAT_BASIS), -ERR_SCRIPT);
	script_free(&t[0]);
	ck_assert_int_eq(script_run(&t[1], STRAT_BASIS), -ERR_SCRIPT);
	script_free(&t[1]);
}
END_TEST

SUITE("watchdog", a_runaway_on_one_thread_costs_no_other_one_a_call,
      threads_that_only_load_need_no_place_for_ever, a_thread_may_serve_several_hosts)
