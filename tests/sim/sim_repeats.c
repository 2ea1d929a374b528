/* Proves that a seed repeats itself receipt by receipt, that its digest is the same under every compiler and sanitizer, and that an injection left out shows in the receipts. Proves too that a script which fails changes nothing of what another one's receipts say. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "tests/sim/campaign.h"
#include <check.h>
#include <stdlib.h>

static struct runner runner;
static struct run_result a, b;
static char dir[64];

static void open_all(void)
{
	ck_assert_int_eq(campaign_folder(dir), 0);
	ck_assert_int_eq(runner_open(&runner), 0);
}

static void close_all(void)
{
	runner_free(&runner);
	campaign_clean(dir);
}

static void run(uint64_t seed, uint32_t masked, struct run_result *out)
{
	struct run_options o = { .seed = seed,
				 .dir = dir,
				 .duration_ns = 1500000000,
				 .director = { .masked = masked } };
	ck_assert_msg(run_seed(&runner, &o, out) == 0, "seed %llu: %s", (unsigned long long)seed,
		      err_text());
	ck_assert_uint_eq(out->n_violations, 0);
}

START_TEST(a_seed_repeats_itself)
{
	run(17, 0, &a);
	run(18, 0, &b);
	ck_assert_uint_ne(a.digest, b.digest);
	run(17, 0, &b);
	ck_assert_uint_gt(a.receipts, 500);
	ck_assert_uint_eq(a.receipts, b.receipts);
	ck_assert_uint_eq(a.digest, b.digest);
	ck_assert_uint_eq(a.events, b.events);
}
END_TEST

START_TEST(an_injection_that_is_left_out_changes_the_rest)
{
	uint32_t first = 0;
	run(17, 0, &a);
	for (uint32_t i = 0; i < runner.director.n && !first; i++)
		if (runner.director.list[i].state == INJECTION_DONE)
			first = runner.director.list[i].id;
	ck_assert_uint_ne(first, 0);
	run(17, first, &b);
	ck_assert_uint_ne(a.digest, b.digest);
	ck_assert(runner.director.list[first - 1].masked);
	ck_assert_uint_eq(runner.director.list[first - 1].state, INJECTION_PLANNED);
}
END_TEST

struct ear {
	uint64_t digest, n;
};

/* What one instance's receipts say, but for their place among those of others. */
static void hear(void *owner, const struct fact *f)
{
	struct ear *e = owner;
	struct fact x = *f;
	if (f->instance != 1)
		return;
	x.seq = x.cause = 0;
	const uint8_t *p = (const uint8_t *)&x;
	for (size_t i = 0; i < offsetof(struct fact, venue_order); i++)
		e->digest = (e->digest ^ p[i]) * 0x100000001b3ull;
	e->n++;
}

/* I11: the others fail, overrun and talk nonsense, or they are silent; the one that trades does the same things at the same times. */
START_TEST(a_faulty_script_moves_nobody_else)
{
	struct ear quiet = { 1, 0 }, loud = { 1, 0 };
	struct run_options o = { .seed = 22,
				 .dir = dir,
				 .duration_ns = 1500000000,
				 .alone = 1,
				 .director = { .none = true },
				 .owner = &quiet,
				 .fact = hear };
	ck_assert_int_eq(run_seed(&runner, &o, &a), 0);
	ck_assert_uint_gt(quiet.n, 1000);
	o.director = (struct director_options){ .only = 57, .mean_ns = 5000000 };
	o.owner = &loud;
	ck_assert_int_eq(run_seed(&runner, &o, &b), 0);
	ck_assert_uint_gt(b.hit[57], 20);
	ck_assert_uint_ne(a.digest, b.digest);
	ck_assert_uint_eq(quiet.n, loud.n);
	ck_assert_uint_eq(quiet.digest, loud.digest);
}
END_TEST

int main(void)
{
	log_set_level(LOG_ERROR);
	Suite *s = suite_create("repeats");
	TCase *t = tcase_create("seeds");
	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, open_all, close_all);
	tcase_add_test(t, a_seed_repeats_itself);
	tcase_add_test(t, a_faulty_script_moves_nobody_else);
	tcase_add_test(t, an_injection_that_is_left_out_changes_the_rest);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
