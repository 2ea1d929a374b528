/* Proves that every kind of fact has a name that is found again, that its numbers have distinct names with known units, and what a fresh fact holds. */
#include "core/market/gate.h"
#include "core/trade/alert.h"
#include "core/trade/edge.h"
#include "core/trade/fact.h"
#include "core/trade/fence.h"
#include "core/trade/limit.h"
#include "core/trade/order.h"
#include "core/trade/pair.h"
#include "core/trade/plan.h"
#include "core/trade/reconcile.h"
#include "core/trade/rescue.h"
#include "core/trade/risk.h"
#include "core/trade/tally.h"
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

/* Every state that a kind can have has a word, in every kind that has states; the number after the last has none. */
START_TEST(states_have_names_in_every_kind)
{
	static const struct {
		enum fact_kind kind;
		unsigned max;
	} row[] = {
		{ FACT_PAIR, pair_state_max },
		{ FACT_RESCUE, pair_state_max },
		{ FACT_PLAN, pair_state_max },
		{ FACT_COST, pair_state_max },
		{ FACT_HELD, pair_state_max },
		{ FACT_FAIR, pair_state_max },
		{ FACT_TERMS, pair_state_max },
		{ FACT_SCRIPT, version_role_max },
		{ FACT_SHADOW, version_role_max },
		{ FACT_TRANSFER, pair_state_max },
		{ FACT_VENUE, venue_state_max },
		{ FACT_FEED, book_state_max },
		{ FACT_QUOTE, book_state_max },
		{ FACT_GATE, gate_max },
		{ FACT_MARKET, phase_max },
		{ FACT_RECONCILE, reconcile_act_max },
		{ FACT_FENCE, fence_why_max },
		{ FACT_SCOPE, risk_state_max },
		{ FACT_ORDER, order_state_max },
		{ FACT_ORDER_KEPT, order_state_max },
		{ FACT_REPLACE, order_state_max },
		{ FACT_REPLACED, order_state_max },
		{ FACT_SENT, order_state_max },
		{ FACT_ACK, order_state_max },
		{ FACT_FILL, order_state_max },
		{ FACT_CANCEL, order_state_max },
		{ FACT_CANCELLED, order_state_max },
		{ FACT_CANCEL_REJECTED, order_state_max },
		{ FACT_REJECTED, order_state_max },
		{ FACT_WITHDRAWN, order_state_max },
		{ FACT_QUERY, order_state_max },
		{ FACT_STATUS, order_state_max },
		{ FACT_UNKNOWN, order_state_max },
		{ FACT_DUPLICATE, order_state_max },
		{ FACT_BUST, order_state_max },
	};
	bool has[fact_kind_max] = { false };
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		has[row[i].kind] = true;
		for (unsigned s = 0; s < row[i].max; s++) {
			const char *name = fact_state_name(row[i].kind, (uint8_t)s);
			ck_assert_msg(name && name[0], "%s %u", fact_kind_name(row[i].kind), s);
			for (unsigned other = 0; other < s; other++)
				ck_assert_str_ne(name,
						 fact_state_name(row[i].kind, (uint8_t)other));
		}
		ck_assert_ptr_null(fact_state_name(row[i].kind, (uint8_t)row[i].max));
	}
	for (unsigned k = 0; k < fact_kind_max; k++)
		ck_assert(has[k] || !fact_state_name((enum fact_kind)k, 0));
}
END_TEST

/* Whoever reads what a newer host wrote gets a word, not a crash: the number after the last one of each list. */
START_TEST(numbers_of_a_newer_host)
{
	const char *const word[] = {
		pair_state_name(pair_state_max),       pair_event_name(pair_event_max),
		held_cause_name(held_cause_max),       pair_intent_name(pair_intent_max),
		resolve_way_name(resolve_way_max),     order_state_name(order_state_max),
		order_event_name(order_event_max),     exec_kind_name(exec_kind_max),
		forced_cause_name(forced_cause_max),   cancel_why_name(cancel_why_max),
		reject_class_name(reject_class_max),   venue_state_name(venue_state_max),
		bad_input_name(bad_input_max),	       fence_why_name(fence_why_max),
		reconcile_act_name(reconcile_act_max), fair_from_name(fair_from_max),
		pair_style_name(pair_style_max),       pair_align_name(pair_align_max),
		rescue_way_name(rescue_way_max),       risk_limit_name(risk_limit_max),
		risk_limit_text(risk_limit_max),       risk_state_name(risk_state_max),
		kill_mode_name(kill_mode_max),	       limit_scope_name(limit_scope_max),
		limit_action_name(limit_action_max),   tally_kind_name(tally_kind_max),
		tally_kind_text(tally_kind_max),       alert_code_name(alert_code_max),
	};
	for (size_t i = 0; i < sizeof word / sizeof *word; i++)
		ck_assert_msg(word[i] && strcmp(word[i], "?") == 0, "list %zu", i);
	char key[LIMIT_WORDS];
	ck_assert_uint_eq(limit_key(risk_limit_max, key), 1);
	ck_assert_int_eq(limit_unit_of(risk_limit_max), UNIT_NONE);
	ck_assert_int_eq(limit_judged_of(risk_limit_max), JUDGED_STATE);
	ck_assert_uint_eq(limit_scopes_of(risk_limit_max), 0);
	ck_assert_int_eq(limit_action_of(risk_limit_max), ACTION_REJECT);
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
	const char *const few[] = { "complete", "", "; ", "unwind" };
	fact_words(&f, few, 4);
	ck_assert_str_eq(f.text, "complete; unwind");
	const char *const many[] = { "x", words, "y" };
	fact_words(&f, many, 3);
	ck_assert_uint_eq(strlen(f.text), FACT_TEXT - 1);
	fact_words(&f, few, 0);
	ck_assert_str_eq(f.text, "");
}
END_TEST

SUITE("fact", test_alert_codes, kinds_have_names, states_have_names,
      states_have_names_in_every_kind, numbers_of_a_newer_host, fresh_fact)
