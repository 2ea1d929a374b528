/* Proves that an error's text says where it came from, survives being quoted, is cut visibly, and
 * belongs to one thread. */
#include "core/base/err.h"
#include "tests/unit/suite.h"
#include <limits.h>
#include <pthread.h>
#include <string.h>

START_TEST(set_returns_the_negative_code_and_keeps_the_text)
{
	for (int code = 1; code < err_max; code++)
		ck_assert_int_eq(err_set((enum err)code, "code %d", code), -code);
	ck_assert_str_eq(err_text(), "code 20");
	ck_assert_int_eq(err_max, 21);
}
END_TEST

START_TEST(context_goes_before_and_the_code_passes_through)
{
	int rc = err_ctx(err_set(ERR_PARSE, "no digits"), "line %d", 7);
	ck_assert_int_eq(err_ctx(rc, "desk.lua"), -ERR_PARSE);
	ck_assert_str_eq(err_text(), "desk.lua: line 7: no digits");
}
END_TEST

START_TEST(the_old_text_may_be_an_argument)
{
	err_set(ERR_NET, "reset");
	err_set(ERR_IO, "again after \"%s\"", err_text());
	ck_assert_str_eq(err_text(), "again after \"reset\"");
	err_ctx(-ERR_IO, "[%s]", err_text());
	ck_assert_str_eq(err_text(), "[again after \"reset\"]: again after \"reset\"");
}
END_TEST

START_TEST(a_long_text_ends_in_dots)
{
	char longer[2000];
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = 0;
	err_set(ERR_IO, "%s", longer);
	ck_assert_uint_eq(strlen(err_text()), 511);
	ck_assert_str_eq(err_text() + 507, "x...");
	err_ctx(-ERR_IO, "where");
	ck_assert_uint_eq(strlen(err_text()), 511);
	ck_assert_mem_eq(err_text(), "where: xxx", 10);
	ck_assert_str_eq(err_text() + 507, "x...");
	err_ctx(-ERR_IO, "%s", longer);
	ck_assert_str_eq(err_text() + 507, "x...");
}
END_TEST

START_TEST(names_follow_codes_of_either_sign)
{
	ck_assert_str_eq(err_name(0), "ERR_OK");
	ck_assert_str_eq(err_name(ERR_PARSE), "ERR_PARSE");
	ck_assert_str_eq(err_name(-ERR_NOMEM), "ERR_NOMEM");
	static const int strange[] = { err_max, -err_max, INT_MAX, INT_MIN };
	for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++)
		ck_assert_str_eq(err_name(strange[i]), "ERR_?");
	for (int a = 0; a < err_max; a++)
		for (int b = 0; b < a; b++)
			ck_assert_str_ne(err_name(a), err_name(b));
}
END_TEST

static void *other_thread(void *seen_empty)
{
	*(int *)seen_empty = err_text()[0] == 0;
	err_set(ERR_TLS, "the other thread's");
	return NULL;
}

START_TEST(each_thread_has_its_own_text)
{
	err_set(ERR_NET, "mine");
	int seen_empty = 0;
	pthread_t thread;
	ck_assert_int_eq(pthread_create(&thread, NULL, other_thread, &seen_empty), 0);
	pthread_join(thread, NULL);
	ck_assert(seen_empty);
	ck_assert_str_eq(err_text(), "mine");
}
END_TEST

SUITE("err", set_returns_the_negative_code_and_keeps_the_text,
      context_goes_before_and_the_code_passes_through, the_old_text_may_be_an_argument,
      a_long_text_ends_in_dots, names_follow_codes_of_either_sign, each_thread_has_its_own_text)
