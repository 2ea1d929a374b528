/* Proves that every named fault of a two-leg order ends hedged, flat or held with a cause, with the host's books equal to the venues'. */
#include "tests/unit/suite.h"
#include "tests/unit/trade/cases.h"

static void play(int i)
{
	struct rig *r = rig_new();
	fault_cases[i].play(r);
	rig_free(r);
}

/* A loop test a case, so that a failure names it by its number and the line in cases.c. */
START_TEST(test_case)
{
	play(_i);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("exec");
	for (unsigned i = 0; i < n_fault_cases; i++) {
		TCase *group = tcase_create(fault_cases[i].name);
		tcase_add_loop_test(group, test_case, (int)i, (int)i + 1);
		suite_add_tcase(suite, group);
	}
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
