/* Proves that an operator sees all that a running host holds and has open, page by page and without holding up a turn, and that held pairs end by his word. */
#include "core/ops/list.h"
#include "core/trade/exec.h"
#include "core/trade/router.h"
#include "tests/kit/allocs.h"
#include "tests/unit/engine/stage.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The whole of a list, as the other end of the socket gathers it. */
struct seen {
	char row[600][ENV_REPLY_TEXT];
	char *field[600][LIST_COLUMNS_MAX];
	unsigned n, pages;
};

static const struct list_form *form;

static struct seen *list(struct stage *s, enum env_command_kind kind)
{
	static struct seen x;
	x.n = x.pages = 0;
	form = list_form(kind);
	struct env_command c = { .kind = kind };
	for (;;) {
		const char *answer = stage_tell(s, &c);
		ck_assert_int_eq(strncmp(answer, "ok", 2), 0);
		x.pages++;
		for (unsigned i = 0; i < s->n_rows; i++, x.n++) {
			strcpy(x.row[x.n], s->row[i]);
			ck_assert_uint_eq(list_split(x.row[x.n], x.field[x.n]), form->n);
		}
		if (!answer[2])
			return &x;
		snprintf(c.arg, sizeof c.arg, "%s", answer + 4);
	}
}

static const char *at(const struct seen *x, unsigned row, const char *column)
{
	ck_assert_uint_lt(row, x->n);
	for (unsigned i = 0; i < form->n; i++)
		if (strcmp(form->column[i].name, column) == 0)
			return x->field[row][i];
	ck_abort_msg("no column %s", column);
	return NULL;
}

static struct pair *open_pair(struct stage *s, enum stage_fate spot, enum stage_fate perp)
{
	s->venue[SPOT].fate = spot;
	s->venue[PERP].fate = perp;
	s->script.answer[STRAT_BASIS][0] = stage_pair(10);
	s->script.n_answer[STRAT_BASIS] = 1;
	stage_book(s, SPOT, 6000000, 6000002);
	stage_turn(s, STAGE_MS);
	uint32_t i = 0;
	struct pair *p = pairs_each(&s->d->pairs, &i);
	ck_assert_ptr_nonnull(p);
	return p;
}

static struct pair *held_pair(struct stage *s)
{
	s->d->instance[0].limits.on_leg_fail = LEG_FAIL_HOLD;
	struct pair *p = open_pair(s, STAGE_FILL, STAGE_REJECT);
	stage_run(s, 100 * STAGE_MS);
	ck_assert_int_eq(p->state, PAIR_HELD);
	return p;
}

static const char *resolve(struct stage *s, const char *pair, const char *way)
{
	struct env_command c = { .kind = CMD_RESOLVE, .why = "a drill" };
	snprintf(c.scope, sizeof c.scope, "%s", pair);
	snprintf(c.arg, sizeof c.arg, "%s", way);
	return stage_tell(s, &c);
}

START_TEST(nothing_is_a_list_too)
{
	struct stage *s = stage_new();
	static const enum env_command_kind kind[] = { CMD_POSITIONS, CMD_ORDERS, CMD_HELD };
	for (int k = 0; k < 3; k++)
		ck_assert_uint_eq(list(s, kind[k])->n, 0);
	const struct seen *x = list(s, CMD_PNL);
	ck_assert_uint_eq(x->n, 1);
	ck_assert_str_eq(at(x, 0, "net"), "0");
	stage_free(s);
}
END_TEST

START_TEST(what_is_held_and_earned)
{
	struct stage *s = stage_new();
	open_pair(s, STAGE_FILL, STAGE_FILL);
	stage_turn(s, STAGE_MS);
	const struct seen *x = list(s, CMD_POSITIONS);
	ck_assert_uint_eq(x->n, 2);
	ck_assert_str_eq(at(x, 0, "instrument"), "spot.BTCUSDT");
	ck_assert_str_eq(at(x, 0, "owner"), "basis");
	ck_assert_str_eq(at(x, 0, "net"), "0.01");
	ck_assert_str_eq(at(x, 0, "mark"), "60000.01");
	ck_assert_str_eq(at(x, 0, "value"), "600.0001");
	ck_assert_str_eq(at(x, 0, "quote"), "USDT");
	ck_assert_str_eq(at(x, 1, "net"), "-0.01");
	x = list(s, CMD_PNL);
	ck_assert_uint_eq(x->n, 2);
	ck_assert_str_eq(at(x, 0, "of"), "all");
	ck_assert_str_eq(at(x, 0, "unmarked"), "");
	/* money in and out, and what is held at its mark: nothing else is in it */
	double cash = strtod(at(x, 0, "cash"), NULL), value = strtod(at(x, 0, "value"), NULL);
	double gross = strtod(at(x, 0, "gross"), NULL), fees = strtod(at(x, 0, "fees_quote"), NULL);
	double net = strtod(at(x, 0, "net"), NULL);
	ck_assert_double_eq_tol(gross, cash + value, 1e-7);
	ck_assert_double_eq_tol(net, gross - fees, 1e-7);
	const struct position *spot = s->d->instance[0].row[SPOT],
			      *perp = s->d->instance[0].row[PERP];
	ck_assert_double_eq_tol(cash, (double)(spot->cash_e8 + perp->cash_e8) / 1e8, 1e-7);
	ck_assert_uint_gt(strlen(at(x, 1, "of")), 10); /* the round, which is all there was */
	ck_assert_str_eq(at(x, 1, "net"), at(x, 0, "net"));
	ck_assert_str_eq(at(x, 1, "pairs"), "1");
	stage_free(s);
}
END_TEST

/* A fee in a coin that nobody prices here leaves no sum, and is named. */
START_TEST(what_is_not_marked_is_said)
{
	struct stage *s = stage_new();
	open_pair(s, STAGE_FILL, STAGE_FILL);
	stage_turn(s, STAGE_MS);
	position_charge(s->d->instance[0].row[SPOT], asset_intern(&s->cfg.assets, "BNB"), 12345);
	const struct seen *x = list(s, CMD_PNL);
	ck_assert_str_eq(at(x, 0, "net"), "");
	ck_assert_ptr_nonnull(strstr(at(x, 0, "unmarked"), "BNB"));
	ck_assert_ptr_nonnull(strstr(at(x, 0, "fees"), "0.00012345 BNB"));
	stage_free(s);
}
END_TEST

/* More orders than fit a page, some ending and some coming while it is listed: those that stay are told once. */
START_TEST(pages)
{
	struct stage *s = stage_new();
	struct pair *p = open_pair(s, STAGE_SILENT, STAGE_SILENT);
	const struct seen *x = list(s, CMD_ORDERS);
	ck_assert_uint_eq(x->n, 2);
	ck_assert_str_eq(at(x, 0, "state"), "SENT");
	ck_assert_str_eq(at(x, 0, "instance"), "basis");
	struct order *o[200];
	for (unsigned i = 0; i < 200; i++) {
		o[i] = router_order(s->d, p, PERP, SIDE_SELL, 601000, 1, false, 0);
		ck_assert_ptr_nonnull(o[i]);
	}
	x = list(s, CMD_ORDERS);
	ck_assert_uint_eq(x->n, 202);
	ck_assert_uint_ge(x->pages, 7);
	for (unsigned i = 0; i < x->n; i++)
		for (unsigned k = 0; k < i; k++)
			ck_assert_str_ne(x->field[i][0], x->field[k][0]);
	struct env_command c = { .kind = CMD_ORDERS };
	const char *answer = stage_tell(s, &c);
	ck_assert_uint_eq(s->n_rows, ENV_REPLY_ROWS);
	char first[ENV_REPLY_TEXT], id[20];
	strcpy(first, s->row[5]);
	for (unsigned i = 0; i < 60; i++) /* told ones and others */
		blotter_close(&s->d->blotter, o[i]);
	snprintf(c.arg, sizeof c.arg, "%s", answer + 4);
	stage_tell(s, &c);
	snprintf(id, sizeof id, "%016llx", (unsigned long long)o[60]->id);
	ck_assert_int_eq(strncmp(s->row[0], id, 16), 0);
	stage_free(s);
}
END_TEST

START_TEST(a_list_allocates_nothing)
{
	struct stage *s = stage_new();
	held_pair(s);
	static const enum env_command_kind kind[] = { CMD_POSITIONS, CMD_ORDERS, CMD_PNL,
						      CMD_HELD };
	for (int k = 0; k < 4; k++)
		list(s, kind[k]);
	allocs_begin();
	for (int k = 0; k < 4; k++) {
		s->command[s->n_commands++] = (struct env_command){ .kind = kind[k], .id = 77 };
		s->n_rows = 0;
		stage_turn(s, STAGE_MS);
	}
	ck_assert_uint_eq(allocs_end(), 0);
	stage_free(s);
}
END_TEST

START_TEST(a_held_pair_ends_by_a_word)
{
	static const char *const way[] = { "complete", "unwind", "accept" };
	static const enum pair_state end[] = { PAIR_HEDGED, PAIR_FLAT, PAIR_HEDGED };
	static const char *const answer[] = { "is COMPLETING: 1 orders are out", "is UNWINDING",
					      "is HEDGED as it is; 0.01 base units" };
	for (int k = 0; k < 3; k++) {
		struct stage *s = stage_new();
		struct pair *p = held_pair(s);
		const struct seen *x = list(s, CMD_HELD);
		ck_assert_uint_eq(x->n, 1);
		ck_assert_str_eq(at(x, 0, "state"), "HELD");
		ck_assert_str_eq(at(x, 0, "cause"), "policy");
		ck_assert_str_eq(at(x, 0, "unhedged"), "0.01");
		ck_assert_str_ne(at(x, 0, "complete_cost"), "");
		ck_assert_str_ne(at(x, 0, "unwind_cost"), "");
		char id[20];
		snprintf(id, sizeof id, "%s", at(x, 0, "pair"));
		const char *got = resolve(s, id, way[k]);
		ck_assert_msg(!strncmp(got, "ok: ", 4) && strstr(got, answer[k]), "%s", got);
		const struct fact *f = stage_latest(s, FACT_OPERATOR);
		ck_assert_uint_eq(f->pair, p->id);
		ck_assert_ptr_nonnull(strstr(f->text, "by ann/1: a drill"));
		stage_run(s, STAGE_SECOND);
		ck_assert_int_eq(p->state, end[k]);
		ck_assert_uint_eq(list(s, CMD_HELD)->n, 0);
		got = resolve(s, id, way[k]);
		ck_assert_msg(!strncmp(got, "no: ", 4) && strstr(got, "has ended"), "%s", got);
		stage_free(s);
	}
}
END_TEST

/* One leg has filled and the venue of the other is silent: an operator sees it at once, with its cause and what is open, though the pair is still on its way. */
START_TEST(a_silent_leg_is_shown_at_once)
{
	struct stage *s = stage_new();
	s->d->instance[0].limits.pair_timeout_ns = 20 * STAGE_SECOND;
	struct pair *p = open_pair(s, STAGE_FILL, STAGE_SILENT);
	ck_assert_uint_eq(list(s, CMD_HELD)->n, 0);
	unsigned unknown = stage_count(s, FACT_UNKNOWN);
	for (int k = 0; k < 200 && stage_count(s, FACT_UNKNOWN) == unknown; k++)
		stage_run(s, 10 * STAGE_MS);
	stage_run(s, 90 * STAGE_MS);
	ck_assert_int_eq(p->state, PAIR_SENT);
	const struct seen *x = list(s, CMD_HELD);
	ck_assert_uint_eq(x->n, 1);
	ck_assert_str_eq(at(x, 0, "state"), "SENT");
	ck_assert_str_eq(at(x, 0, "cause"), "unknown_order");
	ck_assert_str_eq(at(x, 0, "unhedged"), "0.01");
	ck_assert_double_ge(strtod(at(x, 0, "unhedged_value"), NULL), 500);
	ck_assert_str_ne(at(x, 0, "broken_ms"), "");
	const struct fact *f = stage_latest(s, FACT_ALERT);
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(f->pair, p->id);
	stage_free(s);
}
END_TEST

START_TEST(a_way_that_is_barred_is_said)
{
	struct stage *s = stage_new();
	struct pair *p = held_pair(s);
	char id[20];
	snprintf(id, sizeof id, "%llx", (unsigned long long)p->id); /* without its zeros */
	stage_state(s, PERP, VENUE_DOWN);
	stage_turn(s, STAGE_MS);
	const char *got = resolve(s, id, "complete");
	ck_assert_msg(!strncmp(got, "ok: told; ", 10) && strstr(got, "venue_down"), "%s", got);
	ck_assert_str_eq(at(list(s, CMD_HELD), 0, "told"), "complete");
	stage_state(s, PERP, VENUE_UP);
	stage_book(s, PERP, 500000, 500001); /* far from the price of the decision */
	stage_turn(s, STAGE_MS);
	got = resolve(s, id, "complete");
	ck_assert_msg(!strncmp(got, "ok: told; ", 10) && strstr(got, "beyond its limits"), "%s",
		      got);
	static const char *const wrong[][2] = { { "0", "unwind" }, { "xyz", "unwind" },
						{ "", "unwind" },  { "123", "unwind" },
						{ NULL, "dance" }, { NULL, "none" },
						{ NULL, "adopt" } };
	unsigned facts = stage_count(s, FACT_OPERATOR);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		got = resolve(s, wrong[i][0] ? wrong[i][0] : id, wrong[i][1]);
		ck_assert_msg(!strncmp(got, "no: ", 4), "%s", got);
	}
	ck_assert_uint_eq(stage_count(s, FACT_OPERATOR), facts);
	stage_free(s);
}
END_TEST

SUITE("operator", nothing_is_a_list_too, what_is_held_and_earned, what_is_not_marked_is_said, pages,
      a_list_allocates_nothing, a_silent_leg_is_shown_at_once, a_held_pair_ends_by_a_word,
      a_way_that_is_barred_is_said)
