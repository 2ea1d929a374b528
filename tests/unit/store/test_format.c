/* Proves that FORMAT.md lists every kind of receipt with its numbers in their places, and every number that stands for a word with that word. */
#include "core/market/calendar.h"
#include "core/market/feed.h"
#include "core/market/gate.h"
#include "core/trade/alert.h"
#include "core/trade/edge.h"
#include "core/trade/fence.h"
#include "core/trade/plan.h"
#include "core/trade/reconcile.h"
#include "core/trade/rescue.h"
#include "core/trade/risk.h"
#include "store/doctor.h"
#include "store/receipt.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <string.h>

static char page[1 << 17];

static void read_page(void)
{
	FILE *f = fopen(TANDEM_SOURCE_DIR "/store/FORMAT.md", "r");
	ck_assert_ptr_nonnull(f);
	page[fread(page, 1, sizeof page - 1, f)] = '\0';
	fclose(f);
}

static bool stands(const char *row)
{
	bool found = strstr(page, row) != NULL;
	if (!found)
		fprintf(stderr, "FORMAT.md lacks: %.*s\n", (int)strcspn(row + 1, "\n"), row + 1);
	return found;
}

START_TEST(every_kind_with_its_numbers)
{
	unsigned missing = 0, rows = 0;
	read_page();
	for (unsigned k = 1; k < fact_kind_max; k++) {
		char row[512];
		const char *num;
		int n = snprintf(row, sizeof row, "\n| %u | `%s` |", k,
				 fact_kind_name((enum fact_kind)k));
		for (unsigned i = 0; (num = fact_num_name((enum fact_kind)k, i)); i++)
			n += snprintf(row + n, sizeof row - (size_t)n, "%s %u `%s`", i ? "," : "",
				      i, num);
		snprintf(row + n, sizeof row - (size_t)n, " | ");
		missing += !stands(row);
	}
	const char *at = strstr(page, "\n## The kinds\n");
	const char *end = at ? strstr(at + 1, "\n## ") : NULL;
	ck_assert_msg(at && end, "FORMAT.md has no chapter of kinds");
	while ((at = strstr(at + 1, "\n| ")) && at < end)
		rows += at[3] >= '0' && at[3] <= '9';
	ck_assert_uint_eq(missing, 0);
	ck_assert_uint_eq(rows, fact_kind_max - 1); /* and none that is no kind */
}
END_TEST

#define NAMES(type, count, name)                           \
	static const char *name##_of(unsigned v)           \
	{                                                  \
		return v < (count) ? name((type)v) : NULL; \
	}
NAMES(enum pair_state, pair_state_max, pair_state_name)
NAMES(enum order_state, order_state_max, order_state_name)
NAMES(enum venue_state, venue_state_max, venue_state_name)
NAMES(enum book_state, book_state_max, book_state_name)
NAMES(enum feed_repair, feed_repair_max, feed_repair_name)
NAMES(enum risk_state, risk_state_max, risk_state_name)
NAMES(enum phase, phase_max, calendar_phase_name)
NAMES(enum gate, gate_max, gate_name)
NAMES(enum pair_intent, pair_intent_max, pair_intent_name)
NAMES(enum pair_style, pair_style_max, pair_style_name)
NAMES(enum pair_align, pair_align_max, pair_align_name)
NAMES(enum held_cause, held_cause_max, held_cause_name)
NAMES(enum rescue_way, rescue_way_max, rescue_way_name)
NAMES(enum resolve_way, resolve_way_max, resolve_way_name)
NAMES(enum reject_class, reject_class_max, reject_class_name)
NAMES(enum cancel_why, cancel_why_max, cancel_why_name)
NAMES(enum forced_cause, forced_cause_max, forced_cause_name)
NAMES(enum bad_input, bad_input_max, bad_input_name)
NAMES(enum fence_why, fence_why_max, fence_why_name)
NAMES(enum reconcile_act, reconcile_act_max, reconcile_act_name)
NAMES(enum fair_from, fair_from_max, fair_from_name)
NAMES(enum risk_limit, risk_limit_max, risk_limit_name)
NAMES(enum limit_scope, limit_scope_max, limit_scope_name)
NAMES(enum limit_action, limit_action_max, limit_action_name)
NAMES(enum alert_code, alert_code_max, alert_code_name)
NAMES(enum alert_severity, alert_severity_max, alert_severity_name)
NAMES(enum doctor_what, doctor_what_max, doctor_name)

/* Words are read by their numbers for ever: who changes one breaks old receipts, and this. */
START_TEST(every_word_with_its_number)
{
	static const struct {
		const char *what;
		const char *(*name)(unsigned v);
	} list[] = {
		{ "states of pairs", pair_state_name_of },
		{ "states of orders", order_state_name_of },
		{ "states of venues", venue_state_name_of },
		{ "states of books", book_state_name_of },
		{ "states of risk", risk_state_name_of },
		{ "repairs of a book", feed_repair_name_of },
		{ "phases of a market", calendar_phase_name_of },
		{ "gates", gate_name_of },
		{ "intents", pair_intent_name_of },
		{ "styles", pair_style_name_of },
		{ "alignments", pair_align_name_of },
		{ "causes to be held", held_cause_name_of },
		{ "ways out", rescue_way_name_of },
		{ "an operator's ways", resolve_way_name_of },
		{ "classes of refusals", reject_class_name_of },
		{ "reasons to be cancelled", cancel_why_name_of },
		{ "forces", forced_cause_name_of },
		{ "bad input", bad_input_name_of },
		{ "fences", fence_why_name_of },
		{ "reconciliations", reconcile_act_name_of },
		{ "what fair is taken from", fair_from_name_of },
		{ "limits", risk_limit_name_of },
		{ "scopes", limit_scope_name_of },
		{ "actions", limit_action_name_of },
		{ "codes of alerts", alert_code_name_of },
		{ "severities", alert_severity_name_of },
		{ "what a look at a store finds, as bits of `what` of `repair`", doctor_name_of },
	};
	unsigned missing = 0;
	read_page();
	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		char row[4096];
		const char *name;
		int n = snprintf(row, sizeof row, "\n| %s |", list[i].what);
		for (unsigned v = 0; (name = list[i].name(v)); v++)
			n += snprintf(row + n, sizeof row - (size_t)n, "%s %u %s", v ? "," : "", v,
				      name);
		snprintf(row + n, sizeof row - (size_t)n, " |\n");
		missing += !stands(row);
	}
	ck_assert_uint_eq(missing, 0);
}
END_TEST

SUITE("format", every_kind_with_its_numbers, every_word_with_its_number)
