/* Proves that a row comes apart into what was put in, whatever stands in its texts and however long they are. */
#include "core/ops/list.h"
#include "tests/unit/suite.h"
#include <string.h>

START_TEST(there_and_back)
{
	struct list_row r;
	char *field[LIST_COLUMNS_MAX];
	list_begin(&r);
	list_text(&r, "spot");
	list_none(&r);
	list_dec(&r, -1234500, 4);
	list_hex(&r, 0xabc);
	list_hex(&r, 0);
	list_text(&r, "a\tb\nc");
	ck_assert_int_eq(r.text[0], ENV_REPLY_ROW);
	ck_assert_uint_eq(list_split(r.text + 1, field), 6);
	static const char *const want[] = {
		"spot", "", "-123.45", "0000000000000abc", "", "a b c"
	};
	for (int i = 0; i < 6; i++)
		ck_assert_str_eq(field[i], want[i]);
}
END_TEST

/* What is too long is cut, and every field is still there. */
START_TEST(long_texts_are_cut)
{
	char lng[2 * ENV_REPLY_TEXT];
	memset(lng, 'x', sizeof lng - 1);
	lng[sizeof lng - 1] = '\0';
	for (unsigned at = 0; at < LIST_COLUMNS_MAX; at++) {
		struct list_row r;
		char *field[LIST_COLUMNS_MAX];
		list_begin(&r);
		for (unsigned i = 0; i < LIST_COLUMNS_MAX; i++)
			list_text(&r, i == at ? lng : "y");
		ck_assert_uint_lt(strlen(r.text), ENV_REPLY_TEXT);
		ck_assert_uint_eq(list_split(r.text + 1, field), LIST_COLUMNS_MAX);
		for (unsigned i = 0; i < at; i++)
			ck_assert_str_eq(field[i], "y");
		ck_assert_uint_gt(strlen(field[at]), 400);
	}
}
END_TEST

START_TEST(every_list_has_its_columns)
{
	unsigned lists = 0;
	for (int k = 0; k < env_command_max; k++) {
		const struct list_form *f = list_form((enum env_command_kind)k);
		if (!f)
			continue;
		lists++;
		ck_assert_uint_le(f->n, LIST_COLUMNS_MAX);
		ck_assert(f->none[0]);
		for (unsigned i = 0; i < f->n; i++)
			for (unsigned j = 0; j < i; j++)
				ck_assert_str_ne(f->column[i].name, f->column[j].name);
	}
	ck_assert_uint_eq(lists, 8);
	ck_assert_ptr_null(list_form(CMD_KILL));
	ck_assert_ptr_null(list_form(env_command_max));
}
END_TEST

SUITE("list", there_and_back, long_texts_are_cut, every_list_has_its_columns)
