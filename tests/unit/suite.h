/* The main of a Check suite: `SUITE("book", test_a, test_b)` as the last line of its file. */
#pragma once
#include <check.h>
#include <stdlib.h>

/* For long loops: Check tells its parent of every assertion, this only of a broken one. */
#define EXPECT(cond)                                             \
	do {                                                     \
		if (!(cond))                                     \
			ck_abort_msg("%s does not hold", #cond); \
	} while (0)
#define EXPECT_MSG(cond, ...)                      \
	do {                                       \
		if (!(cond))                       \
			ck_abort_msg(__VA_ARGS__); \
	} while (0)

static inline int suite_run(const char *name, const TTest *const *test, size_t n)
{
	Suite *suite = suite_create(name);
	TCase *group = tcase_create(name);
	for (size_t i = 0; i < n; i++)
		tcase_add_test(group, test[i]);
	suite_add_tcase(suite, group);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#define SUITE(name, ...)                                                         \
	int main(void)                                                           \
	{                                                                        \
		const TTest *const tests[] = { __VA_ARGS__ };                    \
		return suite_run(name, tests, sizeof(tests) / sizeof(tests[0])); \
	}
