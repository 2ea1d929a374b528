/* Proves that every kind of fact has a name that is found again, that its numbers have distinct names with known units, and what a fresh fact holds. */
#include "core/trade/alert.h"
#include "core/trade/fact.h"
#include "core/trade/order.h"
#include "core/trade/pair.h"
#include "core/trade/venue.h"
#include "tests/unit/suite.h"
#include <string.h>

/* Every code of an alert has a name of its own; a number of a newer host has words too, and is taken seriously. */
START_TEST(test_alert_codes)
{
	for (enum alert_code c = ALERT_NONE + 1; c < alert_code_max; c++) {
		const char *name = alert_code_name(c);
		for (enum alert_code other = ALERT_NONE; other < c; other++)
			ck_assert_str_ne(alert_code_name(other), name);
		ck_assert_uint_gt(strlen(alert_code_text(c)), 0);
		ck_assert_int_ge(alert_code_severity(c), ALERT_INFO);
		ck_assert_int_le(alert_code_severity(c), ALERT_CRITICAL);
	}
	ck_assert_str_eq(alert_code_name(alert_code_max), "?");
	ck_assert_str_eq(alert_code_text(alert_code_max), "?");
	ck_assert_int_eq(alert_code_severity(alert_code_max), ALERT_CRITICAL);
	ck_assert_str_eq(alert_severity_name(ALERT_WARNING), "warning");
	ck_assert_str_eq(alert_severity_name(alert_severity_max), "?");
}
END_TEST

START_TEST(kinds_have_names)
{
	for (unsigned k = 1; k < fact_kind_max; k++) {
		const char *name = fact_kind_name((enum fact_kind)k);
		ck_assert_int_eq(fact_kind_find(name), k);
		for (unsigned i = 0; i < FACT_NUMS; i++) {
			const char *num = fact_num_name((enum fact_kind)k, i);
			/* Named from the first on, without holes. */
			ck_assert_msg(num == NULL || i == 0 ||
					      fact_num_name((enum fact_kind)k, i - 1),
				      "%s has a hole before %u", name, i);
			for (unsigned other = 0; num && other < i; other++)
				ck_assert_msg(strcmp(num,
						     fact_num_name((enum fact_kind)k, other)) != 0,
					      "%s has %s twice", name, num);
		}
	}
	ck_assert_int_eq(fact_kind_find("none"), FACT_NONE);
	ck_assert_int_eq(fact_kind_find("no such kind"), FACT_NONE);
	ck_assert_str_eq(fact_kind_name(fact_kind_max), "?");
	ck_assert_ptr_null(fact_num_name(fact_kind_max, 0));
	ck_assert_ptr_null(fact_num_name(FACT_FILL, FACT_NUMS));
	ck_assert_str_eq(fact_num_name(FACT_FILL, 4), "value_e8");
}
END_TEST

START_TEST(states_have_names)
{
	ck_assert_str_eq(fact_state_name(FACT_PAIR, PAIR_HELD), pair_state_name(PAIR_HELD));
	ck_assert_str_eq(fact_state_name(FACT_FILL, ORDER_FILLED), order_state_name(ORDER_FILLED));
	ck_assert_str_eq(fact_state_name(FACT_VENUE, VENUE_UP), venue_state_name(VENUE_UP));
	ck_assert_str_eq(fact_state_name(FACT_FEED, BOOK_GAP), book_state_name(BOOK_GAP));
	/* From a later version, or of a kind that has no states. */
	ck_assert_ptr_null(fact_state_name(FACT_PAIR, pair_state_max));
	ck_assert_ptr_null(fact_state_name(FACT_ORDER, 255));
	ck_assert_ptr_null(fact_state_name(FACT_ALERT, 0));
	ck_assert_ptr_null(fact_state_name(fact_kind_max, 0));
}
END_TEST

START_TEST(fresh_fact)
{
	struct fact f, zero = { 0 };
	memset(&f, 0xff, sizeof(f));
	fact_init(&f, FACT_ALERT);
	ck_assert_uint_eq(f.kind, FACT_ALERT);
	ck_assert_uint_eq(f.version, FACT_VERSION);
	ck_assert_uint_eq(f.leg, 0xff);
	ck_assert_uint_eq(f.side, FACT_NO_SIDE);
	f.kind = f.version = f.leg = f.side = 0;
	ck_assert_mem_eq(&f, &zero, sizeof(f));
	char words[300];
	memset(words, 'x', sizeof(words) - 1);
	words[sizeof(words) - 1] = 0;
	fact_text(&f, "%s", words);
	ck_assert_uint_eq(strlen(f.text), FACT_TEXT - 1);
}
END_TEST

SUITE("fact", test_alert_codes, kinds_have_names, states_have_names, fresh_fact)
