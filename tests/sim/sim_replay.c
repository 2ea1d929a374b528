/* Proves that what an engine hears is all that it decides by: of worlds with every fault, each life is run again from what its ear wrote down, and every receipt comes out as it
 * was, to the bit, up to the instruction at which the host died. Proves too that one altered report on one order is found. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "tests/sim/campaign.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static struct runner runner;
static struct run_result result;
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

static void run(uint64_t seed, uint64_t spoil)
{
	const struct run_options o = { .seed = seed, .dir = dir, .replays = true, .spoil = spoil };
	ck_assert_msg(run_seed(&runner, &o, &result) == 0, "seed %llu: %s",
		      (unsigned long long)seed, err_text());
}

START_TEST(every_life_comes_out_alike)
{
	const uint64_t seeds = getenv("TANDEM_LONG") ? 400 : 12;
	uint64_t kills = 0, receipts = 0;
	for (uint64_t seed = 401; seed <= 400 + seeds; seed++) {
		run(seed, 0);
		ck_assert_msg(!result.differs[0], "seed %llu: %s", (unsigned long long)seed,
			      result.differs);
		ck_assert_uint_eq(result.replayed, result.receipts);
		ck_assert_uint_gt(result.replayed_calls, 0);
		kills += result.host_kills;
		receipts += result.receipts;
	}
	ck_assert_uint_gt(kills, 0);
	ck_assert_uint_gt(receipts, 1000 * seeds);
}
END_TEST

START_TEST(an_altered_report_is_found)
{
	for (uint64_t nth = 10; nth <= 50; nth += 20) {
		run(7, nth);
		ck_assert_msg(result.differs[0], "report %llu was altered and nothing differs",
			      (unsigned long long)nth);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sim_replay");
	TCase *c = tcase_create("replay");
	tcase_add_unchecked_fixture(c, open_all, close_all);
	tcase_set_timeout(c, 900);
	tcase_add_test(c, every_life_comes_out_alike);
	tcase_add_test(c, an_altered_report_is_found);
	suite_add_tcase(s, c);
	SRunner *r = srunner_create(s);
	log_set_level(LOG_ERROR);
	if (!freopen("/dev/null", "w", stderr)) /* what adapters log of broken connections */
		return 1;
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
