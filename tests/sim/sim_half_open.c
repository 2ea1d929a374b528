/* Proves that lines which die without a word under a pair are found dead and made anew within a second, so that it ends then and not when an idle line would be missed. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "tests/sim/campaign.h"
#include "tests/sim/world.h"
#include <check.h>
#include <stdlib.h>

#define MS 1000000LL

static struct world w;
static char dir[64];

/* As a configuration has it that says nothing of it. */
static void by_default(struct config *c)
{
	for (uint16_t v = 0; v < c->n_venues; v++) {
		c->venue[v].answer_timeout_ns = 2000 * MS;
		c->venue[v].feed_silence_ns = 10000 * MS;
		c->venue[v].ping_after_ns = 300 * MS;
		c->venue[v].pong_timeout_ns = 700 * MS;
		c->venue[v].backoff_min_ns = 500 * MS;
		c->venue[v].backoff_max_ns = 30000 * MS;
	}
}

/* As it was: a silent line is pinged after half of feed_silence. */
static void idle_bound(struct config *c)
{
	by_default(c);
	for (uint16_t v = 0; v < c->n_venues; v++)
		c->venue[v].ping_after_ns = 0;
}

static void step(int64_t ns)
{
	ck_assert_msg(world_run(&w, world_now(&w) + ns) == 0, "%s", err_text());
}

/* The pairs that had orders out when the lines died. */
static uint64_t hit[64];
static unsigned n_hit;

static void note_hit(struct desk *d)
{
	uint32_t i = 0;
	n_hit = 0;
	for (struct pair *p; (p = pairs_each(&d->pairs, &i)) && n_hit < 64;)
		if (pair_working((enum pair_state)p->state) && pair_open_orders(p))
			hit[n_hit++] = p->id;
}

/* A pair whose own ladder says hold has come to its end when it is held. */
static bool over(const struct pair *p)
{
	return !p || pair_over((enum pair_state)p->state) ||
	       (p->state == PAIR_HELD && p->held_cause == HELD_BY_POLICY);
}

static bool all_over(struct desk *d)
{
	for (unsigned i = 0; i < n_hit; i++)
		if (!over(pairs_find(&d->pairs, hit[i])))
			return false;
	return true;
}

/* How long pairs take to end under which all lines to one venue have died, in ns. Some orders have not arrived there, of some the fills are not told. */
static int64_t end_after_cut(uint64_t seed, void (*config)(struct config *c))
{
	struct world_options o = { .seed = seed, .dir = dir, .host_config = config };
	ck_assert_int_eq(campaign_folder(dir), 0);
	ck_assert_msg(world_open(&w, &o) == 0, "%s", err_text());
	struct desk *d = engine_desk(w.engine);
	step(1500 * MS);
	for (n_hit = 0; world_now(&w) < 60000 * MS && !n_hit; note_hit(d))
		step((int64_t)seed * MS / 10);
	ck_assert_uint_gt(n_hit, 0);
	int64_t cut_ns = world_now(&w);
	env_sim_freeze(w.sim, WORLD_USDM_PORT, true, true);
	while (!all_over(d) && world_now(&w) < cut_ns + 30000 * MS)
		step(MS);
	int64_t took_ns = world_now(&w) - cut_ns;
	world_close(&w);
	campaign_clean(dir);
	return took_ns;
}

START_TEST(a_pair_on_dead_lines_ends_within_two_seconds)
{
	int64_t worst = 0, worst_idle = 0;
	for (uint64_t seed = 1; seed <= 6; seed++) {
		int64_t is = end_after_cut(seed, by_default);
		int64_t was = end_after_cut(seed, idle_bound);
		printf("seed %d: %lld ms; without the close watch %lld ms\n", (int)seed,
		       (long long)(is / MS), (long long)(was / MS));
		worst = is > worst ? is : worst;
		worst_idle = was > worst_idle ? was : worst_idle;
	}
	world_free(&w);
	ck_assert_int_lt(worst, 2500 * MS);
	ck_assert_int_gt(worst_idle, 8000 * MS);
}
END_TEST

int main(void)
{
	log_set_level(LOG_ERROR);
	Suite *s = suite_create("half_open");
	TCase *t = tcase_create("half_open");
	tcase_set_timeout(t, 120);
	tcase_add_test(t, a_pair_on_dead_lines_ends_within_two_seconds);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
