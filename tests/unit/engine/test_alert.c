/* Proves that the engine brings an alert to an operator's list with what it is about, that an acknowledgement is a receipt with a name, that what goes wrong at a venue is told
 * in the turn in which it goes wrong, and that the exchanges' counters are shown. */
#include "core/ops/alert_sinks.h"
#include "core/ops/list.h"
#include "core/trade/scribe.h"
#include "tests/kit/allocs.h"
#include "tests/unit/engine/stage.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *field(struct stage *s, enum env_command_kind kind, unsigned row,
			 const char *column)
{
	static char text[ENV_REPLY_TEXT];
	char *f[LIST_COLUMNS_MAX];
	const struct list_form *form = list_form(kind);
	ck_assert_uint_lt(row, s->n_rows);
	strcpy(text, s->row[row]);
	ck_assert_uint_eq(list_split(text, f), form->n);
	for (unsigned i = 0; i < form->n; i++)
		if (strcmp(form->column[i].name, column) == 0)
			return f[i];
	ck_abort_msg("no column %s", column);
	return NULL;
}

static unsigned alerts(struct stage *s)
{
	struct env_command c = { .kind = CMD_ALERTS };
	ck_assert_str_eq(stage_tell(s, &c), "ok");
	return s->n_rows;
}

static unsigned count_code(const struct stage *s, enum alert_code code)
{
	unsigned n = 0;
	for (uint64_t i = 0; i < s->journal.n; i++)
		n += s->journal.fact[i].kind == FACT_ALERT && s->journal.fact[i].num[2] == code;
	return n;
}

START_TEST(a_held_pair_is_listed_and_acknowledged)
{
	struct stage *s = stage_new();
	s->d->instance[0].limits.on_leg_fail = LEG_FAIL_HOLD;
	s->venue[PERP].fate = STAGE_REJECT;
	s->script.answer[STRAT_BASIS][0] = stage_pair(10);
	s->script.n_answer[STRAT_BASIS] = 1;
	stage_book(s, SPOT, 6000000, 6000002);
	stage_turn(s, STAGE_MS);
	stage_run(s, 100 * STAGE_MS);
	ck_assert_uint_eq(alerts(s), 1);
	const struct fact *f = stage_latest(s, FACT_ALERT);
	ck_assert_int_eq(f->num[2], ALERT_PAIR_HELD);
	ck_assert_int_eq(f->num[0], ALERT_CRITICAL);
	ck_assert_uint_ne(f->instance, 0);
	ck_assert_str_eq(field(s, CMD_ALERTS, 0, "code"), "pair_held");
	ck_assert_str_eq(field(s, CMD_ALERTS, 0, "severity"), "critical");
	ck_assert_str_eq(field(s, CMD_ALERTS, 0, "instance"), "basis");
	ck_assert_str_eq(field(s, CMD_ALERTS, 0, "count"), "1");
	struct env_command c = { .kind = CMD_ACK, .why = "seen" };
	snprintf(c.scope, sizeof c.scope, "%s", field(s, CMD_ALERTS, 0, "id"));
	ck_assert_uint_eq(strtoull(c.scope, NULL, 10), f->seq);
	const uint64_t seq = f->seq;
	const char *got = stage_tell(s, &c);
	ck_assert_msg(strncmp(got, "ok: pair_held", 13) == 0, "%s", got);
	f = stage_latest(s, FACT_OPERATOR);
	ck_assert_uint_eq(f->cause, seq);
	ck_assert_int_eq(f->num[0], CMD_ACK);
	ck_assert_ptr_nonnull(strstr(f->text, "(pair_held) by ann/1: seen"));
	ck_assert_uint_eq(alerts(s), 0);
	got = stage_tell(s, &c);
	ck_assert_ptr_nonnull(strstr(got, "no: no alert"));
	stage_free(s);
}
END_TEST

START_TEST(a_venue_that_goes_and_comes)
{
	struct stage *s = stage_new();
	ck_assert_uint_eq(count_code(s, ALERT_VENUE_UP), 0); /* the first time is no news */
	stage_state(s, PERP, VENUE_DOWN);
	stage_turn(s, STAGE_MS);
	ck_assert_uint_eq(count_code(s, ALERT_VENUE_DOWN), 1);
	ck_assert_uint_eq(alerts(s), 1);
	ck_assert_str_eq(field(s, CMD_ALERTS, 0, "venue"), s->cv[PERP].name);
	stage_state(s, PERP, VENUE_CONNECTING); /* still the same outage */
	stage_state(s, PERP, VENUE_DOWN);
	stage_turn(s, STAGE_MS);
	ck_assert_uint_eq(count_code(s, ALERT_VENUE_DOWN), 1);
	stage_state(s, PERP, VENUE_UP);
	stage_turn(s, STAGE_MS);
	ck_assert_uint_eq(count_code(s, ALERT_VENUE_UP), 1);
	stage_free(s);
}
END_TEST

START_TEST(a_disk_in_trouble)
{
	struct stage *s = stage_new();
	s->disk_trouble = true;
	stage_run(s, 500 * STAGE_MS);
	ck_assert_uint_eq(count_code(s, ALERT_JOURNAL), 1);
	s->disk_trouble = false;
	stage_run(s, 500 * STAGE_MS);
	ck_assert_uint_eq(count_code(s, ALERT_JOURNAL), 2);
	const struct fact *f = stage_latest(s, FACT_ALERT);
	ck_assert_int_eq(f->num[0], ALERT_INFO);
	ck_assert_ptr_nonnull(strstr(f->text, "opening goes on"));
	s->disk_trouble = true;
	stage_run(s, 500 * STAGE_MS);
	ck_assert_uint_eq(count_code(s, ALERT_JOURNAL), 3);
	stage_free(s);
}
END_TEST

START_TEST(checkpoints_that_do_not_get_out)
{
	struct stage *s = stage_new();
	s->outside = ALERT_STORE_FAILS;
	stage_run(s, 500 * STAGE_MS);
	ck_assert_uint_eq(count_code(s, ALERT_CHECKPOINT), 1);
	const struct fact *f = stage_latest(s, FACT_ALERT);
	ck_assert_int_eq(f->num[0], ALERT_WARNING);
	ck_assert_ptr_nonnull(strstr(f->text, "store.checkpoint_to): no such folder"));
	s->outside = ALERT_STORE_AGAIN;
	stage_run(s, 500 * STAGE_MS);
	ck_assert_uint_eq(count_code(s, ALERT_CHECKPOINT), 2);
	f = stage_latest(s, FACT_ALERT);
	ck_assert_int_eq(f->num[0], ALERT_INFO);
	ck_assert_ptr_nonnull(strstr(f->text, "again"));
	stage_free(s);
}
END_TEST

/* Space is back, and somebody has stopped an instance meanwhile: it says who has to release it. */
START_TEST(after_a_full_disk_it_says_whether_a_person_is_needed)
{
	struct stage *s = stage_new();
	s->disk_trouble = true;
	stage_run(s, 500 * STAGE_MS);
	stage_command(s, CMD_PAUSE, "all", "looking at the disk");
	s->disk_trouble = false;
	stage_run(s, 500 * STAGE_MS);
	const struct fact *f = stage_latest(s, FACT_ALERT);
	ck_assert_int_eq(f->num[0], ALERT_WARNING);
	ck_assert_ptr_nonnull(strstr(f->text, "1 of 1 instances"));
	ck_assert_uint_ge(alerts(s), 2);
	bool told = false;
	for (unsigned i = 0; i < s->n_rows; i++)
		told |= strstr(field(s, CMD_ALERTS, i, "text"), "until `tandem resume`") != NULL;
	ck_assert(told);
	stage_free(s);
}
END_TEST

/* Nothing is written while nothing happens: the ring's room is seen all the same. */
START_TEST(a_full_journal_that_has_room_again)
{
	struct stage *s = stage_new();
	uint64_t cap = s->journal.cap;
	s->journal.cap = s->journal.n;
	scribe_alert(s->d, 0, ALERT_NOTE, 0, "no room for this");
	stage_run(s, 500 * STAGE_MS);
	ck_assert(s->d->journal_full);
	s->journal.cap = cap;
	stage_run(s, 200 * STAGE_MS);
	ck_assert(!s->d->journal_full);
	ck_assert_ptr_nonnull(strstr(stage_latest(s, FACT_ALERT)->text, "opening goes on"));
	stage_free(s);
}
END_TEST

START_TEST(a_script_speaks)
{
	struct stage *s = stage_new();
	s->script.answer[STRAT_BASIS][0] = (struct proposal){ .kind = PROPOSE_ALERT,
							      .severity = ALERT_INFO,
							      .reason = "look" };
	s->script.n_answer[STRAT_BASIS] = 1;
	stage_book(s, SPOT, 6000000, 6000002);
	stage_turn(s, STAGE_MS);
	ck_assert_uint_eq(alerts(s), 1);
	ck_assert_str_eq(field(s, CMD_ALERTS, 0, "severity"), "info");
	ck_assert_str_eq(field(s, CMD_ALERTS, 0, "code"), "script");
	ck_assert_str_eq(field(s, CMD_ALERTS, 0, "text"), "look");
	stage_free(s);
}
END_TEST

/* People get all of an alert's words; its receipt as many as fit. */
START_TEST(long_words_are_told_whole)
{
	struct stage *s = stage_new();
	char text[300];
	memset(text, 'x', sizeof text - 1);
	memcpy(text, "what to do", 10);
	memcpy(text + 279, "stands at the end.", 19);
	scribe_alert(s->d, 0, ALERT_FENCE, 0, "%s", text);
	ck_assert_uint_eq(alerts(s), 1);
	ck_assert_str_eq(field(s, CMD_ALERTS, 0, "text"), text);
	ck_assert_uint_eq(strlen(stage_latest(s, FACT_ALERT)->text), FACT_TEXT - 1);
	stage_free(s);
}
END_TEST

/* More than a page of them. */
START_TEST(pages_and_no_allocation)
{
	struct stage *s = stage_new();
	allocs_begin();
	for (uint64_t i = 0; i < 50; i++)
		scribe_alert(s->d, 0, ALERT_BUST, 1000 + i, "number %u", (unsigned)i);
	ck_assert_uint_eq(allocs_end(), 0);
	struct env_command c = { .kind = CMD_ALERTS };
	unsigned rows = 0;
	for (const char *got; got = stage_tell(s, &c), rows += s->n_rows, got[2];)
		snprintf(c.arg, sizeof c.arg, "%s", got + 4);
	ck_assert_uint_eq(rows, 50);
	stage_free(s);
}
END_TEST

static struct config_exchange_rule rule = { .exchange = "X",
					    .instrument = UINT32_MAX,
					    .from = 20200101,
					    .verified = 20260115,
					    .warn_pct = 70,
					    .block_pct = 90,
					    .limit = { [TALLY_ORDERS] = 10 } };

static void at_an_exchange(struct stage *s)
{
	strcpy(s->in[PERP].exchange, "X");
	s->cfg.exchange_rule = &rule;
	s->cfg.n_exchange_rules = 1;
}

START_TEST(counters_are_shown)
{
	struct stage *s = stage_new_cold(at_an_exchange);
	struct env_command c = { .kind = CMD_COUNTERS };
	engine_start(s->engine);
	stage_up(s);
	s->script.answer[STRAT_BASIS][0] = stage_pair(10);
	s->script.n_answer[STRAT_BASIS] = 1;
	stage_book(s, SPOT, 6000000, 6000002);
	stage_turn(s, STAGE_MS);
	stage_run(s, 2 * STAGE_SECOND);
	ck_assert_str_eq(stage_tell(s, &c), "ok");
	ck_assert_msg(s->n_rows == 2, "%s", s->row[2]); /* orders, and messages of the exchange */
	ck_assert_str_eq(field(s, CMD_COUNTERS, 0, "counter"), "orders");
	ck_assert_str_eq(field(s, CMD_COUNTERS, 0, "count"), "1");
	ck_assert_str_eq(field(s, CMD_COUNTERS, 0, "warn"), "7");
	ck_assert_str_eq(field(s, CMD_COUNTERS, 0, "bound"), "9");
	ck_assert_str_eq(field(s, CMD_COUNTERS, 0, "limit"), "10");
	ck_assert_str_eq(field(s, CMD_COUNTERS, 0, "verified"), "2026-01-15");
	ck_assert_str_eq(field(s, CMD_COUNTERS, 0, "contract"), s->in[PERP].name);
	ck_assert_str_eq(field(s, CMD_COUNTERS, 1, "counter"), "messages");
	ck_assert_str_eq(field(s, CMD_COUNTERS, 1, "contract"), "all");
	ck_assert_str_eq(field(s, CMD_COUNTERS, 1, "limit"), "");
	stage_free(s);
}
END_TEST

SUITE("alert", a_held_pair_is_listed_and_acknowledged, a_venue_that_goes_and_comes,
      a_disk_in_trouble, checkpoints_that_do_not_get_out,
      after_a_full_disk_it_says_whether_a_person_is_needed, a_full_journal_that_has_room_again,
      a_script_speaks, long_words_are_told_whole, pages_and_no_allocation, counters_are_shown)
