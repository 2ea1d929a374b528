/* Proves that the table of faults has each of F01 to F72 once, with words and a place, and that a failing story is made short without losing what breaks it. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "tests/sim/campaign.h"
#include "tests/sim/faults.h"
#include "tests/sim/shrink.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

START_TEST(every_fault_has_its_row)
{
	unsigned injected = 0;
	for (unsigned i = 1; i <= FAULTS; i++) {
		const struct fault_row *r = fault_row(i);
		ck_assert_uint_eq(r->id, i);
		ck_assert_uint_gt(strlen(r->words), 5);
		ck_assert_uint_gt(strlen(r->where), 5);
		ck_assert_int_eq(r->inject != NULL, r->weight > 0);
		injected += r->inject != NULL;
	}
	ck_assert_uint_ge(injected, 45);
}
END_TEST

START_TEST(every_two_faults_are_numbered_once)
{
	static bool seen[FAULTS + 1][FAULTS + 1];
	uint8_t two[2];
	uint32_t n = director_pair(0, two);
	for (uint32_t i = 0; i < n; i++) {
		director_pair(i, two);
		ck_assert_uint_le(two[0], two[1]);
		ck_assert(fault_row(two[0])->inject && fault_row(two[1])->inject);
		ck_assert(!seen[two[0]][two[1]]);
		seen[two[0]][two[1]] = true;
	}
}
END_TEST

/* The checker does not hear the 40th receipt of a fill: its sums go wrong from there, whatever the faults were, so none of them is needed. */
START_TEST(a_story_is_made_short)
{
	static struct runner r;
	static struct shrunk s;
	char dir[64];
	ck_assert_int_eq(campaign_folder(dir), 0);
	ck_assert_int_eq(runner_open(&r), 0);
	struct run_options o = {
		.seed = 3, .dir = dir, .duration_ns = 800000000, .plant = FACT_FILL, .plant_nth = 40
	};
	ck_assert_msg(shrink(&r, &o, 60, &s) == 0, "%s", err_text());
	ck_assert_uint_gt(s.n_before, 3);
	ck_assert_uint_lt(s.n_kept, s.n_before);
	ck_assert_int_lt(s.duration_ns, 800000000);
	FILE *f = tmpfile();
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(shrink_tell(&r, &o, &s, f), 0);
	ck_assert_int_gt(ftell(f), 500);
	fclose(f);
	runner_free(&r);
	campaign_clean(dir);
}
END_TEST

int main(void)
{
	log_set_level(LOG_ERROR);
	Suite *s = suite_create("faults");
	TCase *t = tcase_create("table");
	tcase_set_timeout(t, 120);
	tcase_add_test(t, every_fault_has_its_row);
	tcase_add_test(t, every_two_faults_are_numbered_once);
	tcase_add_test(t, a_story_is_made_short);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
