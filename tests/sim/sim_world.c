/* Proves that host and venues, with faults, kills and cuts from a seed, always end hedged or flat, that both sides' books agree, and that a seed repeats itself exactly. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "tests/sim/world.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#define SEEDS 12

static struct world_result run(uint64_t seed)
{
	char dir[64] = "/tmp/tandem-sim-XXXXXX", cmd[128];
	struct world_result r;
	ck_assert_ptr_nonnull(mkdtemp(dir));
	bool rough = seed % 3 != 0;
	struct world_options o = { .seed = seed,
				   .duration_ns = 12000000000LL,
				   .dir = dir,
				   .kill_host_ppm = rough ? 2000 : 0,
				   .kill_venue_ppm = rough ? 200 : 0,
				   .cut_ppm = rough ? 300 : 0 };
	int rc = world_run(&o, &r);
	snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
	ck_assert_int_eq(system(cmd), 0);
	ck_assert_msg(rc == 0, "seed %llu: %s", (unsigned long long)seed, err_text());
	return r;
}

START_TEST(every_pair_ends_hedged_or_flat)
{
	uint64_t seed = (uint64_t)_i + 1;
	struct world_result r = run(seed);
	const char *wrong = world_wrong(&r);
	ck_assert_msg(!wrong, "seed %llu: %s", (unsigned long long)seed, wrong);
	ck_assert_msg(r.pairs > 0, "seed %llu: no pair was sent", (unsigned long long)seed);
}
END_TEST

START_TEST(a_seed_repeats_itself)
{
	struct world_result a = run(4), b = run(4);
	ck_assert_uint_gt(a.host_kills, 0);
	ck_assert_uint_eq(a.receipts, b.receipts);
	ck_assert_uint_eq(a.digest, b.digest);
}
END_TEST

int main(void)
{
	log_set_level(LOG_ERROR);
	Suite *s = suite_create("world");
	TCase *t = tcase_create("seeds");
	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, every_pair_ends_hedged_or_flat, 0, SEEDS);
	tcase_add_test(t, a_seed_repeats_itself);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
