/* Proves that receipts carry what happened: the numbers of a decision, the lots and causes of a pair, the orders that a mass cancel took, and a change that a venue refused. */
#include "core/base/err.h"
#include "core/trade/deadman.h"
#include "core/trade/foreign.h"
#include "tests/unit/suite.h"
#include "tests/unit/trade/rig.h"
#include <string.h>

#define NANO 1000000000LL

/* What the script saw, at nine decimals; the decision follows the quotes, one by one. */
START_TEST(a_decision)
{
	struct rig *r = rig_new();
	struct basis *b = &r->d.instance[0].basis;
	b->dir[SIDE_SELL].net = 1.5;
	b->dir[SIDE_BUY].net = -2.25;
	b->dir[SIDE_SELL].net_bp = 3;
	b->dir[SIDE_BUY].net_bp = 4;
	b->dir[SIDE_SELL].lots = 5;
	b->dir[SIDE_BUY].lots = 6;
	b->skew_ms = 7;
	ck_assert_ptr_nonnull(rig_propose(r, INTENT_OPEN, 100));
	const struct fact *f = rig_latest(r, FACT_DECISION);
	ck_assert_ptr_nonnull(f);
	const int64_t want[] = { 3 * NANO / 2, -9 * NANO / 4, 3 * NANO,	  4 * NANO,
				 5 * NANO,     6 * NANO,      7 * RIG_MS, 0 };
	for (unsigned k = 0; k < FACT_NUMS; k++)
		ck_assert_msg(f->num[k] == want[k], "%s: %lld", fact_num_name(FACT_DECISION, k),
			      (long long)f->num[k]);
	ck_assert_str_eq(f->text, "the bench asks");
	ck_assert_uint_eq(rig_count(r, FACT_QUOTE), RIG_LEGS);
	const struct fact *q = &r->journal.fact[f->cause - 1];
	ck_assert_uint_eq(q->kind, FACT_QUOTE);
	ck_assert_uint_eq(q->instrument, r->in[PERP].name_id);
	q = &r->journal.fact[q->cause - 1];
	ck_assert_uint_eq(q->instrument, r->in[SPOT].name_id);
	ck_assert_int_eq(q->num[0], 6000000);
	ck_assert_uint_eq(q->cause, 0);
	rig_free(r);
}
END_TEST

/* Every move says how many lots, legs and what intent; and each follows from an earlier receipt of its pair. */
START_TEST(the_moves_of_a_pair)
{
	struct rig *r = rig_new();
	r->ci[0].rescue_budget_e8 = 1000 * 100000000LL;
	rig_plan(r, PERP, FATE_PART, FATE_FILL);
	struct pair *p = rig_propose(r, INTENT_OPEN, 100);
	rig_finish(r, p, RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	unsigned moves = 0;
	for (uint32_t i = 0; i < r->journal.n; i++) {
		const struct fact *f = &r->journal.fact[i];
		if (f->pair != p->id)
			continue;
		ck_assert_uint_gt(f->cause, 0);
		ck_assert_uint_le(f->cause, i); /* before itself */
		if (f->kind != FACT_PAIR)
			continue;
		moves++;
		ck_assert_int_eq(f->qty, 100);
		ck_assert_int_eq(f->num[4], RIG_LEGS);
		ck_assert_int_eq(f->num[5], INTENT_OPEN);
		ck_assert_int_le(f->num[7], 1000 * 100000000LL);
		ck_assert(f->num[1] != PAIR_HEDGED || f->num[7] > 0);
	}
	ck_assert_uint_ge(moves, 4); /* checked, sent, broken, completing, hedged */
	/* an order follows from its leg's or the order before it, never from another pair */
	const struct fact *first = NULL;
	for (uint32_t i = 0; i < r->journal.n; i++)
		if (r->journal.fact[i].kind == FACT_ORDER) {
			if (first)
				break;
			first = &r->journal.fact[i];
		}
	ck_assert_ptr_nonnull(first);
	const struct fact *sent = NULL;
	for (uint32_t i = 0; i < r->journal.n; i++)
		if (r->journal.fact[i].kind == FACT_PAIR && r->journal.fact[i].num[1] == PAIR_SENT)
			sent = &r->journal.fact[i];
	ck_assert_ptr_nonnull(sent);
	ck_assert_uint_eq(r->journal.fact[sent->cause - 1].kind,
			  FACT_ORDER); /* the last of its legs */
	rig_free(r);
}
END_TEST

/* A mass cancel says which contract of whose, how many orders of ours, in how many messages. */
START_TEST(a_mass_cancel)
{
	struct rig *r = rig_new();
	rig_plan(r, PERP, FATE_REST, FATE_REST);
	ck_assert_ptr_nonnull(rig_propose(r, INTENT_OPEN, 10));
	ck_assert_ptr_nonnull(rig_propose(r, INTENT_OPEN, 11));
	rig_pump(r);
	router_cancel_all(&r->d, PERP, UINT16_MAX, UINT32_MAX, 7);
	const struct fact *f = rig_latest(r, FACT_CANCEL_ALL);
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(f->instrument, r->in[PERP].name_id);
	ck_assert_uint_eq(f->account, r->d.names.account[PERP]);
	ck_assert_uint_eq(f->cause, 7);
	ck_assert_int_eq(f->num[0], 2);
	ck_assert_int_eq(f->num[1], 1);
	rig_free(r);
}
END_TEST

static int no_change(struct venue *v, const struct order *o, int64_t px, int64_t qty)
{
	(void)v;
	(void)o;
	(void)px;
	(void)qty;
	return err_set(ERR_UNSUPPORTED, "not this change");
}

/* A change in place that goes out of bounds, that a port cannot do, or that no receipt can be written of leaves the order as it is; each is said in words. */
START_TEST(a_change_that_is_not_made)
{
	struct rig *r = rig_new();
	rig_plan(r, PERP, FATE_REST, FATE_REST);
	struct pair *p = rig_propose(r, INTENT_OPEN, 100);
	rig_pump(r);
	uint32_t at = p->first_order;
	struct order *o = NULL;
	for (struct order *x; (x = blotter_each_of(&r->d.blotter, &at));)
		if (x->leg == PERP)
			o = x;
	ck_assert_ptr_nonnull(o);
	ck_assert_int_eq(o->state, ORDER_LIVE);
	const struct order was = *o;
	struct venue_ops ops = fake_ops;
	r->venue[PERP].v.ops = &ops;
	ops.replace = NULL;
	ck_assert_int_eq(router_replace(&r->d, o, o->px, o->qty + 1, 0), -ERR_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(err_text(), "cancel it and send another"));
	ops.replace = no_change;
	ck_assert_int_eq(router_replace(&r->d, o, o->px, o->qty + 1, 0), -ERR_UNSUPPORTED);
	const struct fact *f = rig_latest(r, FACT_REPLACED);
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(f->num[3], 1);
	ck_assert_int_eq(f->num[4], -ERR_UNSUPPORTED);
	ck_assert_str_eq(f->text, "not this change");
	ck_assert_mem_eq(o, &was, sizeof was);
	r->in[PERP].rule[0].tick = 5; /* the new price is none that the venue takes */
	ck_assert_int_eq(router_replace(&r->d, o, o->px + 1, o->qty + 1, 0), -ERR_LIMIT);
	r->in[PERP].rule[0].tick = 1;
	r->journal.limit = r->journal.n; /* R2 */
	unsigned n = rig_count(r, FACT_REPLACE);
	ck_assert_int_eq(router_replace(&r->d, o, o->px, o->qty + 1, 0), -ERR_FULL);
	ck_assert_uint_eq(rig_count(r, FACT_REPLACE), n);
	ck_assert_mem_eq(o, &was, sizeof was);
	rig_free(r);
}
END_TEST

/* The dead-man switch: a port that cannot arm is a receipt with its words; one where nothing is traded yet says nothing. */
static int arm_answer;
static int arm(struct venue *v, uint16_t account, int64_t for_ns)
{
	(void)v;
	(void)account;
	(void)for_ns;
	return arm_answer < 0 ? err_set(ERR_STATE, "no session") : arm_answer;
}

START_TEST(a_switch_that_cannot_be_armed)
{
	struct rig *r = rig_new();
	struct venue_ops ops = fake_ops;
	ops.arm = arm;
	r->venue[SPOT].v.ops = &ops;
	r->cv[SPOT].dead_man_ns = 3 * RIG_SECOND;
	arm_answer = 0;
	deadman_on_time(&r->d);
	ck_assert_uint_eq(rig_count(r, FACT_ARM), 0);
	arm_answer = -1;
	r->d.now.mono_ns += RIG_SECOND;
	deadman_on_time(&r->d);
	ck_assert_uint_eq(rig_count(r, FACT_ARM), 1);
	ck_assert_int_lt(rig_latest(r, FACT_ARM)->num[1], 0);
	ck_assert_str_eq(rig_latest(r, FACT_ARM)->text, "no session");
	arm_answer = 1;
	r->cv[SPOT].messages_per_s = 1; /* no message is left: not now */
	risk_count_message(&r->d, SPOT);
	risk_count_message(&r->d, SPOT);
	r->d.now.mono_ns += RIG_SECOND;
	r->d.venue[SPOT].second_ns = r->d.now.mono_ns;
	deadman_on_time(&r->d);
	ck_assert_uint_eq(rig_count(r, FACT_ARM), 1);
	ops.arm = NULL; /* a venue without one */
	r->cv[SPOT].messages_per_s = 0;
	r->d.now.mono_ns += RIG_SECOND;
	deadman_on_time(&r->d);
	ck_assert_uint_eq(rig_count(r, FACT_ARM), 1);
	rig_free(r);
}
END_TEST

/* The highest profit is told again when it has risen by a hundredth of the bound, not at every step. */
START_TEST(the_highest_so_far)
{
	static struct config_limit conf;
	struct rig *r = rig_new();
	conf = (struct config_limit){ .limit = RISK_LIMIT_DRAWDOWN,
				      .scope = SCOPE_GLOBAL,
				      .value = 100 * 100000000LL,
				      .action = ACTION_KILL };
	r->cfg.limit = &conf;
	r->cfg.n_limits = 1;
	limits_load(&r->d);
	struct position *row = positions_at(&r->d.positions, SPOT, SPOT, 0);
	struct limit_row *x = &r->d.limits.row[0];
	static const struct {
		int64_t cents, fall_cents;
		unsigned told;
	} step[] = { { 1000, 0, 1 },   { 1050, 0, 1 }, { 1100, 0, 1 }, { 1101, 0, 2 },
		     { 1000, 101, 2 }, { 1200, 0, 2 }, { 1202, 0, 3 } };
	for (size_t i = 0; i < sizeof step / sizeof *step; i++) {
		int64_t fall;
		row->volume_qty = 1;
		row->cash_e8 = step[i].cents * 1000000;
		ck_assert(risk_use(&r->d, x, &fall));
		ck_assert_int_eq(fall, step[i].fall_cents * 1000000);
		ck_assert_uint_eq(rig_count(r, FACT_LIMIT), step[i].told);
	}
	rig_free(r);
}
END_TEST

/* While the host recovers or its journal is full, no repair is begun, whatever is uneven. */
START_TEST(no_repair_without_a_journal)
{
	for (int full = 0; full < 2; full++) {
		struct rig *r = rig_new();
		foreign_book(&r->d, PERP, PERP, 0, SIDE_SELL, 601000, 100, 0, 0);
		r->d.recovering = !full;
		const uint32_t limit = r->journal.limit;
		r->journal.limit = full ? r->journal.n : limit;
		r->d.journal_full = full;
		rig_run(r, 5 * RIG_SECOND);
		ck_assert_uint_eq(rig_count(r, FACT_PAIR), 0);
		r->d.recovering = r->d.journal_full = false;
		r->journal.limit = limit;
		rig_run(r, 5 * RIG_SECOND);
		ck_assert_uint_gt(rig_count(r, FACT_PAIR), 0);
		rig_free(r);
	}
}
END_TEST

static unsigned alerts(const struct rig *r, enum alert_code code)
{
	unsigned n = 0;
	for (uint32_t i = 0; i < r->journal.n; i++)
		n += r->journal.fact[i].kind == FACT_ALERT && r->journal.fact[i].num[2] == code;
	return n;
}

/* An unevenness that nobody may repair is told once; the next one, after it was even again, once more. */
START_TEST(uneven_and_doubted)
{
	struct rig *r = rig_new();
	struct desk *d = &r->d;
	fence_raise(d, PERP, PERP, FENCE_POSITION, 0, 5, 0, "the venue holds something else");
	rig_run(r, RIG_SECOND);
	const unsigned before = alerts(r, ALERT_FENCE);
	for (unsigned k = 1; k <= 2; k++) {
		foreign_book(d, PERP, PERP, 0, SIDE_SELL, 601000, 100, 0, 0);
		rig_run(r, 20 * RIG_SECOND);
		ck_assert_uint_eq(alerts(r, ALERT_FENCE), before + k);
		foreign_book(d, PERP, PERP, 0, SIDE_BUY, 601000, 100, 0, 0);
		rig_run(r, 20 * RIG_SECOND);
		ck_assert_uint_eq(alerts(r, ALERT_FENCE), before + k);
	}
	ck_assert_uint_eq(rig_count(r, FACT_PAIR), 0);
	rig_free(r);
}
END_TEST

/* A price just at the collar goes; one tick beyond it does not, on either side. */
START_TEST(just_at_the_collar)
{
	struct rig *r = rig_new();
	r->cfg.risk.collar_ppm = 1000;
	limits_load(&r->d);
	rig_book(r, PERP, 601000, 602000, 5000);
	static const struct {
		enum side side;
		int64_t at, beyond;
	} row[] = { { SIDE_SELL, 601000 - 601, 601000 - 602 },
		    { SIDE_BUY, 602000 + 602, 602000 + 603 } };
	for (unsigned k = 0; k < 2; k++) {
		struct order o = { .venue = PERP,
				   .account = PERP,
				   .instrument = PERP,
				   .leg = PERP,
				   .rescue = true,
				   .qty = 10,
				   .side = (uint8_t)row[k].side,
				   .px = row[k].at };
		ck_assert_int_eq(risk_order(&r->d, &o).limit, RISK_LIMIT_NONE);
		o.px = row[k].beyond;
		ck_assert_int_eq(risk_order(&r->d, &o).limit, RISK_LIMIT_COLLAR);
		ck_assert_int_eq(risk_order(&r->d, &o).value, 1002); /* rounded up */
		ck_assert_int_eq(risk_order(&r->d, &o).bound, 1000);
	}
	rig_free(r);
}
END_TEST

SUITE("told", uneven_and_doubted, just_at_the_collar, a_decision, the_moves_of_a_pair,
      a_mass_cancel, a_change_that_is_not_made, a_switch_that_cannot_be_armed, the_highest_so_far,
      no_repair_without_a_journal)
