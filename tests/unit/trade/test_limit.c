/* Proves that every limit that can be set acts just at its bound and not below it, in every scope, with its action and a receipt that names value, bound and row. */
#include "core/trade/risk.h"
#include "tests/unit/suite.h"
#include "tests/unit/trade/rig.h"
#include <stdio.h>
#include <string.h>

static struct config_limit conf[4];

/* One row, as the configuration would bring it. */
static void set(struct rig *r, enum risk_limit l, enum limit_scope s, uint32_t index, int64_t value,
		enum limit_action a)
{
	conf[0] = (struct config_limit){ .limit = (uint8_t)l,
					 .scope = (uint8_t)s,
					 .index = index,
					 .value = value,
					 .action = (uint8_t)a,
					 .warn_pct = 80,
					 .line = 31 };
	r->cfg.limit = conf;
	r->cfg.n_limits = 1;
	snprintf(r->cfg.file, sizeof r->cfg.file, "/etc/host.lua");
	limits_load(&r->d);
}

static const struct fact *limit_fact(const struct rig *r, enum limit_what what)
{
	for (uint32_t i = r->journal.n; i-- > 0;)
		if (r->journal.fact[i].kind == FACT_LIMIT && r->journal.fact[i].num[0] == what)
			return &r->journal.fact[i];
	return NULL;
}

/* What a gate limit measures of the rig's pair of 100 lots: bought 0.1 BTC of spot at 60,001 at worst, sold on the perpetual at 60,090. */
static const struct gate_case {
	enum risk_limit limit;
	enum limit_scope scope;
	uint32_t index;
	int64_t just; /* passes at this, refuses one below */
} gates[] = {
	{ RISK_LIMIT_ORDER_NOTIONAL, SCOPE_GLOBAL, 0, 600900000000 },
	{ RISK_LIMIT_ORDER_NOTIONAL, SCOPE_VENUE, PERP, 600900000000 },
	{ RISK_LIMIT_ORDER_NOTIONAL, SCOPE_ACCOUNT, SPOT, 600107000000 },
	{ RISK_LIMIT_ORDER_NOTIONAL, SCOPE_INSTRUMENT, PERP, 600900000000 },
	{ RISK_LIMIT_ORDER_NOTIONAL, SCOPE_INSTANCE, 0, 600900000000 },
	{ RISK_LIMIT_ORDER_BASE, SCOPE_INSTRUMENT, PERP, 10000000 },
	{ RISK_LIMIT_PAIR_LOTS, SCOPE_INSTANCE, 0, 100 },
	{ RISK_LIMIT_PAIR_LOTS, SCOPE_GLOBAL, 0, 100 },
	{ RISK_LIMIT_POSITION_LOTS, SCOPE_INSTANCE, 0, 100 },
	{ RISK_LIMIT_POSITION_BASE, SCOPE_ACCOUNT, PERP, 10000000 },
	{ RISK_LIMIT_POSITION_LONG, SCOPE_INSTRUMENT, SPOT, 10010000 },
	{ RISK_LIMIT_POSITION_SHORT, SCOPE_VENUE, PERP, 10000000 },
	{ RISK_LIMIT_POSITION_TOTAL, SCOPE_INSTANCE, 0, 10010000 },
};

/* The bound at which the pair just passes, found by halving: what a limit measures is its own business, that one step decides is what is proven. */
static bool passes_at(const struct gate_case *c, int64_t bound, struct risk_verdict *v)
{
	struct rig *r = rig_new();
	set(r, c->limit, c->scope, c->index, bound, ACTION_REJECT);
	struct pair *p = rig_propose(r, INTENT_OPEN, 100);
	const struct fact *f = rig_latest(r, FACT_RISK);
	if (!p) {
		EXPECT_MSG(f && f->num[0] == c->limit, "refused by %s",
			   f ? f->text : "something else");
		EXPECT_MSG(strstr(f->text, "host.lua:31") != NULL, "%s", f->text);
		EXPECT_MSG(r->d.limits.row[0].hits == 1, "hits");
		v->value = f->num[1];
		v->bound = f->num[2];
		EXPECT_MSG(f->num[2] == bound && f->num[1] > bound, "%s", f->text);
	}
	rig_free(r);
	return p != NULL;
}

START_TEST(a_gate_acts_at_its_bound)
{
	const struct gate_case *c = &gates[_i];
	struct risk_verdict v = { 0 };
	ck_assert_msg(!passes_at(c, 1, &v), "%s lets everything through",
		      risk_limit_name(c->limit));
	int64_t just = v.value; /* of the first leg that is beyond it; another may measure more */
	while (!passes_at(c, just, &v) && v.value > just)
		just = v.value;
	ck_assert_msg(passes_at(c, just, &v), "%s: %lld", risk_limit_name(c->limit),
		      (long long)just);
	ck_assert_msg(!passes_at(c, just - 1, &v), "%s: %lld", risk_limit_name(c->limit),
		      (long long)just);
	/* about what is expected: a fee, a tick or the lot's rounding may be in it */
	ck_assert_int_ge(just, c->just - c->just / 100);
	ck_assert_int_le(just, c->just + c->just / 100);
}
END_TEST

/* A row of another part of the host bounds nothing here. */
START_TEST(a_scope_bounds_only_its_own)
{
	struct rig *r = rig_new();
	set(r, RISK_LIMIT_ORDER_BASE, SCOPE_VENUE, SPOT, 10010000, ACTION_REJECT);
	ck_assert_int_eq(r->d.instance[0].bounds->leg[SPOT].most[LEG_ORDER_BASE], 10010000);
	ck_assert_int_eq(r->d.instance[0].bounds->leg[PERP].most[LEG_ORDER_BASE], LIMIT_OFF);
	ck_assert_ptr_nonnull(rig_propose(r, INTENT_OPEN, 100));
	rig_free(r);
}
END_TEST

/* The actions of a gate beside its refusal. */
START_TEST(what_a_gate_does_beside_refusing)
{
	static const struct {
		enum limit_action action;
		enum risk_state state;
		bool paused;
	} want[] = {
		{ ACTION_REJECT, RISK_ACTIVE, false },
		{ ACTION_REDUCE_ONLY, RISK_REDUCING, false },
		{ ACTION_PAUSE, RISK_ACTIVE, true },
		{ ACTION_KILL, RISK_HALTED, false },
	};
	for (unsigned k = 0; k < 4; k++) {
		struct rig *r = rig_new();
		set(r, RISK_LIMIT_ORDER_BASE, SCOPE_INSTANCE, 0, 1, want[k].action);
		ck_assert_ptr_null(rig_propose(r, INTENT_OPEN, 100));
		ck_assert_int_eq(r->d.instance[0].risk_state, want[k].state);
		ck_assert_int_eq(r->d.instance[0].paused, want[k].paused);
		ck_assert_int_eq(r->d.risk_state, RISK_ACTIVE);
		rig_free(r);
	}
}
END_TEST

START_TEST(messages_of_the_day)
{
	struct rig *r = rig_new();
	r->cv[PERP].reserve_pct = 20;
	set(r, RISK_LIMIT_MESSAGES_DAY, SCOPE_VENUE, PERP, 10, ACTION_REJECT);
	ck_assert(risk_message_room(&r->d, PERP, 8, false));
	ck_assert(!risk_message_room(&r->d, PERP, 9, false));
	for (int i = 0; i < 8; i++)
		risk_count_message(&r->d, PERP);
	r->d.now.mono_ns += 2 * RIG_SECOND; /* no matter how slowly */
	r->d.now.utc_ns += 2 * RIG_SECOND;
	ck_assert(!risk_message_room(&r->d, PERP, 1, false));
	ck_assert(risk_message_room(&r->d, PERP, 2, true)); /* the reserve (I13) */
	ck_assert(!risk_message_room(&r->d, PERP, 3, true));
	ck_assert(risk_message_room(&r->d, SPOT, 100, false));
	r->d.now.utc_ns += 86400 * RIG_SECOND;
	ck_assert(risk_message_room(&r->d, PERP, 8, false));
	rig_free(r);
}
END_TEST

/* F31: one quote off the market moves the best price, and not the middle of the last ones. */
START_TEST(collar_to_the_last_prices)
{
	struct rig *r = rig_new();
	set(r, RISK_LIMIT_COLLAR_LAST, SCOPE_GLOBAL, 0, 2000, ACTION_REJECT);
	rig_run(r, RIG_SECOND);
	ck_assert_ptr_nonnull(rig_propose(r, INTENT_OPEN, 100));
	rig_run(r, RIG_SECOND);
	rig_prices(r, 6030000, 6030001, 604000, 604001); /* half a per cent above */
	ck_assert_ptr_null(rig_propose(r, INTENT_OPEN, 100));
	ck_assert_int_eq(rig_latest(r, FACT_RISK)->num[0], RISK_LIMIT_COLLAR_LAST);
	rig_run(r, 2 * RIG_SECOND); /* it stays there: that is the market now */
	ck_assert_ptr_nonnull(rig_propose(r, INTENT_OPEN, 100));
	rig_free(r);
}
END_TEST

/* I15: an own order of the account group on the other side. */
START_TEST(no_own_order_is_met)
{
	for (int cancel = 0; cancel < 2; cancel++) {
		struct rig *r = rig_new();
		r->cfg.risk.self_match = (uint8_t)cancel;
		rig_plan(r, PERP, FATE_REST, FATE_FILL);
		struct pair *p =
			rig_propose(r, INTENT_OPEN, 100); /* its perpetual leg rests: a sell */
		ck_assert_ptr_nonnull(p);
		rig_pump(r);
		const struct order *resting = NULL;
		uint32_t at = 0;
		for (const struct order *o; (o = blotter_each_open(&r->d.blotter, &at));)
			resting = o->leg == PERP ? o : resting;
		ck_assert_ptr_nonnull(resting);
		ck_assert_int_eq(resting->state, ORDER_LIVE);
		unsigned cancels = r->venue[PERP].cancels;
		ck_assert_ptr_null(rig_propose(r, INTENT_CLOSE, 50)); /* buys the perpetual */
		ck_assert_int_eq(rig_latest(r, FACT_RISK)->num[0], RISK_LIMIT_SELF_MATCH);
		ck_assert_uint_eq(r->venue[PERP].cancels, cancels + (unsigned)cancel);
		rig_free(r);
	}
}
END_TEST

/* Two orders a day are the exchange's; the pair that would send a third is refused. */
START_TEST(what_the_exchange_counts)
{
	struct rig *r = rig_new();
	struct config_exchange_rule rule = { .exchange = "SHFE",
					     .instrument = UINT32_MAX,
					     .limit[TALLY_ORDERS] = 2,
					     .warn_pct = 50,
					     .block_pct = 100 };
	strcpy(r->in[PERP].exchange, "SHFE");
	r->cfg.exchange_rule = &rule;
	r->cfg.n_exchange_rules = 1;
	tally_free(&r->d.tally);
	ck_assert_int_eq(tally_init(&r->d.tally, &r->cfg), 0);
	for (int i = 0; i < 2; i++) {
		ck_assert_ptr_nonnull(rig_propose(r, INTENT_OPEN, 10));
		rig_run(r, RIG_SECOND);
	}
	ck_assert_ptr_null(rig_propose(r, INTENT_OPEN, 10));
	ck_assert_int_eq(rig_latest(r, FACT_RISK)->num[0], RISK_LIMIT_ORDERS_DAY);
	ck_assert_int_eq(rig_latest(r, FACT_RISK)->num[1], 2);
	rig_free(r);
}
END_TEST

/* ---- what is watched */

/* An open pair whose perpetual leg is not known of: 0.1 BTC is unhedged. */
static struct pair *unhedged(struct rig *r)
{
	rig_plan(r, PERP, FATE_SILENT_REST, FATE_FILL);
	struct pair *p = rig_propose(r, INTENT_OPEN, 100);
	ck_assert_ptr_nonnull(p);
	rig_pump(r);
	return p;
}

START_TEST(unhedged_beyond_its_bound_is_rescued)
{
	static const struct {
		enum risk_limit limit;
		int64_t below, at;
	} c[] = {
		{ RISK_LIMIT_UNHEDGED_BASE, 10010000, 9980000 },
		{ RISK_LIMIT_UNHEDGED_MONEY, 602000000000, 598000000000 },
		{ RISK_LIMIT_UNHEDGED_TIME, RIG_SECOND, 50 * RIG_MS },
	};
	for (unsigned k = 0; k < 3; k++)
		for (int beyond = 0; beyond < 2; beyond++)
			for (int scope = 0; scope < 2; scope++) {
				struct rig *r = rig_new();
				set(r, c[k].limit, scope ? SCOPE_PAIR : SCOPE_INSTANCE, 0,
				    beyond ? c[k].at : c[k].below, ACTION_RESCUE);
				struct pair *p = unhedged(r);
				rig_run(r, 150 * RIG_MS);
				EXPECT_MSG(p->breach == (beyond ? (int)c[k].limit : 0),
					   "%s: breach %d", risk_limit_name(c[k].limit), p->breach);
				const struct fact *f = limit_fact(r, LIMIT_BEYOND);
				EXPECT_MSG((f != NULL) == beyond, "receipt");
				EXPECT_MSG(!beyond ||
						   (f->num[1] == c[k].limit &&
						    f->num[4] > f->num[5] && f->num[5] == c[k].at),
					   "numbers");
				EXPECT_MSG(!beyond || r->d.limits.row[0].hits == 1, "hits %d",
					   (int)r->d.limits.row[0].hits);
				rig_free(r);
			}
}
END_TEST

/* The nearness of a bound is said once. */
START_TEST(a_warning)
{
	struct rig *r = rig_new();
	risk_watch(&r->d); /* the day begins, four times */
	unsigned before = rig_count(r, FACT_LIMIT);
	set(r, RISK_LIMIT_UNHEDGED_BASE, SCOPE_INSTANCE, 0, 11000000, ACTION_RESCUE);
	unhedged(r);
	rig_run(r, 250 * RIG_MS);
	ck_assert_ptr_nonnull(limit_fact(r, LIMIT_WARNED));
	ck_assert_ptr_null(limit_fact(r, LIMIT_BEYOND));
	ck_assert_uint_eq(rig_count(r, FACT_LIMIT), before + 1);
	ck_assert_ptr_nonnull(strstr(rig_latest(r, FACT_ALERT)->text, "unhedged_base_e8 is near"));
	rig_free(r);
}
END_TEST

START_TEST(slippage)
{
	struct rig *r = rig_new();
	set(r, RISK_LIMIT_SLIP_HOUR, SCOPE_INSTANCE, 0, 1000000000, ACTION_PAUSE);
	struct pair *p = rig_propose(r, INTENT_OPEN, 100);
	ck_assert_ptr_nonnull(p);
	/* bought 0.1 at ten above the price of the decision, and a hair more */
	struct order o = { .pair = p->id, .instrument = SPOT, .leg = SPOT, .side = SIDE_BUY };
	struct exec_report x = { .px = p->leg[SPOT].ref_px + 10000, .qty = 10000 };
	risk_on_fill(&r->d, &o, &x, false);
	risk_watch(&r->d);
	int64_t hour;
	ck_assert(risk_use(&r->d, &r->d.limits.row[0], &hour));
	ck_assert_int_eq(hour, 1000000000);
	ck_assert(!r->d.instance[0].paused);
	x.px = p->leg[SPOT].ref_px + 1;
	x.qty = 1;
	risk_on_fill(&r->d, &o, &x, false);
	risk_watch_news(&r->d);
	ck_assert(r->d.instance[0].paused);
	ck_assert_int_eq(limit_fact(r, LIMIT_BEYOND)->num[4], 1000000000 + 10);
	r->d.now.mono_ns += 3601 * RIG_SECOND; /* an hour later it is nothing */
	ck_assert(risk_use(&r->d, &r->d.limits.row[0], &hour));
	ck_assert_int_eq(hour, 0);
	rig_free(r);
}
END_TEST

/* A pair that moves against its trigger prices while its other leg is not known of. */
START_TEST(slippage_of_a_pair)
{
	struct rig *r = rig_new();
	set(r, RISK_LIMIT_SLIP_PAIR, SCOPE_PAIR, 0, 1000000000, ACTION_RESCUE);
	struct pair *p = unhedged(r);
	rig_run(r, 120 * RIG_MS);
	ck_assert_int_eq(p->breach, 0);
	p->leg[SPOT].cum_value_e8 += 1000000001; /* paid ten more than the decision saw */
	rig_run(r, 120 * RIG_MS);
	ck_assert_int_eq(p->breach, RISK_LIMIT_SLIP_PAIR);
	rig_free(r);
}
END_TEST

START_TEST(rejects_in_proportion)
{
	struct rig *r = rig_new();
	set(r, RISK_LIMIT_REJECT_RATIO, SCOPE_INSTANCE, 0, 200000, ACTION_PAUSE);
	struct risk_watched *w = r->d.instance[0].watched;
	w->ratio_since_ns = r->d.now.mono_ns;
	w->sent[0] = 10;
	w->rejected[0] = 2;
	risk_watch(&r->d);
	ck_assert(!r->d.instance[0].paused);
	risk_count_reject(&r->d, 0);
	w->sent[0] = 9; /* fewer than ten say nothing */
	risk_watch_news(&r->d);
	ck_assert(!r->d.instance[0].paused);
	w->sent[0] = 10;
	risk_watch(&r->d);
	ck_assert(r->d.instance[0].paused);
	ck_assert_int_eq(limit_fact(r, LIMIT_BEYOND)->num[4], 300000);
	struct risk_scope s = { .scope = SCOPE_INSTANCE };
	ck_assert_int_eq(risk_resume(&r->d, &s, "me", "seen"), 0); /* measured afresh */
	risk_watch(&r->d);
	ck_assert(!r->d.instance[0].paused);
	rig_free(r);
}
END_TEST

/* Slow answers bar opening for as long as they are the worst of the last minute; closes go on. */
START_TEST(slow_fills)
{
	struct rig *r = rig_new();
	set(r, RISK_LIMIT_LATENCY, SCOPE_VENUE, PERP, 100 * RIG_MS, ACTION_REDUCE_ONLY);
	struct pair *p = rig_propose(r, INTENT_OPEN, 100);
	rig_finish(r, p, RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	struct order o = { .instance = 0,
			   .venue = PERP,
			   .instrument = PERP,
			   .tif = TIF_IOC,
			   .sent_mono_ns = r->d.now.mono_ns - 101 * RIG_MS };
	struct exec_report x = { .px = 601000, .qty = 1 };
	risk_on_fill(&r->d, &o, &x, true); /* late news says nothing of speed */
	rig_run(r, 150 * RIG_MS);
	ck_assert_uint_eq(r->d.instance[0].bounds->barred_by, 0);
	o.sent_mono_ns = r->d.now.mono_ns - 101 * RIG_MS;
	risk_on_fill(&r->d, &o, &x, false);
	risk_watch_news(&r->d);
	struct proposal open = rig_proposal(INTENT_OPEN, 10),
			close = rig_proposal(INTENT_CLOSE, 10);
	ck_assert_ptr_null(exec_propose(&r->d, 0, &open));
	ck_assert_int_eq(rig_latest(r, FACT_RISK)->num[0], RISK_LIMIT_LATENCY);
	ck_assert_ptr_nonnull(exec_propose(&r->d, 0, &close));
	rig_run(r, 61 * RIG_SECOND);
	ck_assert_ptr_nonnull(limit_fact(r, LIMIT_ENDED));
	ck_assert_ptr_nonnull(exec_propose(&r->d, 0, &open));
	rig_free(r);
}
END_TEST

/* N executions of one kind within the window: disabled until a person says otherwise. */
START_TEST(repetitions)
{
	struct rig *r = rig_new();
	r->cfg.risk.repeat_window_ns = 60 * RIG_SECOND;
	set(r, RISK_LIMIT_REPEATS, SCOPE_INSTANCE, 0, 3, ACTION_PAUSE);
	for (int i = 0; i < 3; i++) {
		ck_assert(!r->d.instance[0].paused);
		struct proposal p = rig_proposal(INTENT_OPEN, 1);
		struct pair *x = exec_propose(&r->d, 0, &p);
		ck_assert_ptr_nonnull(x);
		rig_run(r, RIG_SECOND);
	}
	ck_assert(r->d.instance[0].paused);
	rig_run(r, 120 * RIG_SECOND); /* it does not come back by itself */
	ck_assert(r->d.instance[0].paused);
	struct risk_scope s = { .scope = SCOPE_INSTANCE };
	ck_assert_int_eq(risk_resume(&r->d, &s, "me", ""), 0);
	ck_assert(!r->d.instance[0].paused);
	rig_free(r);
}
END_TEST

static void lose(struct rig *r, int64_t money_e8)
{
	r->d.instance[0].row[SPOT]->cash_e8 -= money_e8;
	r->d.instance[0].row[SPOT]->volume_qty |= 1;
}

START_TEST(losses)
{
	static const enum risk_limit limit[] = { RISK_LIMIT_DAY_LOSS, RISK_LIMIT_DRAWDOWN };
	static const struct {
		enum limit_scope scope;
		uint32_t index;
	} scope[] = { { SCOPE_GLOBAL, 0 }, { SCOPE_ACCOUNT, SPOT }, { SCOPE_INSTANCE, 0 } };
	for (unsigned k = 0; k < 2; k++)
		for (unsigned s = 0; s < 3; s++) {
			struct rig *r = rig_new();
			set(r, limit[k], scope[s].scope, scope[s].index, 10000000000, ACTION_KILL);
			lose(r, -7); /* earned */
			risk_watch(&r->d);
			lose(r, 10000000000);
			risk_watch(&r->d);
			EXPECT_MSG(risk_state_of(&r->d, 0, NULL) == RISK_ACTIVE, "at the bound");
			lose(r, 1);
			risk_watch(&r->d);
			struct risk_scope whose;
			EXPECT_MSG(risk_state_of(&r->d, 0, &whose) == RISK_HALTED, "beyond it");
			EXPECT_MSG(whose.scope == scope[s].scope, "scope %u", whose.scope);
			/* A reason alone does not arm it: the number is still beyond. */
			struct risk_scope all = { .scope = SCOPE_GLOBAL };
			EXPECT_MSG(risk_resume(&r->d, &all, "me", "go") != 0, "resumed");
			EXPECT_MSG(risk_set_limit(&r->d, limit[k],
						  &(struct risk_scope){ .scope = scope[s].scope,
									.index = scope[s].index },
						  20000000000, "me", "") != 0,
				   "raised without a reason");
			EXPECT_MSG(risk_set_limit(&r->d, limit[k],
						  &(struct risk_scope){ .scope = scope[s].scope,
									.index = scope[s].index },
						  20000000000, "me", "agreed") == 0,
				   "raised");
			risk_watch(&r->d);
			EXPECT_MSG(risk_resume(&r->d, &all, "me", "go") == 0, "not resumed");
			EXPECT_MSG(risk_state_of(&r->d, 0, NULL) == RISK_ACTIVE, "still halted");
			rig_free(r);
		}
}
END_TEST

/* The loss of a day is that day's. */
START_TEST(a_new_day_begins_at_nothing)
{
	struct rig *r = rig_new();
	set(r, RISK_LIMIT_DAY_LOSS, SCOPE_GLOBAL, 0, 100, ACTION_KILL);
	risk_watch(&r->d);
	lose(r, 100);
	risk_watch(&r->d);
	r->d.now.utc_ns += 86400 * RIG_SECOND;
	risk_watch(&r->d);
	lose(r, 100);
	risk_watch(&r->d);
	ck_assert_int_eq(r->d.risk_state, RISK_ACTIVE);
	lose(r, 1);
	risk_watch(&r->d);
	ck_assert_int_eq(r->d.risk_state, RISK_HALTED);
	rig_free(r);
}
END_TEST

/* Whoever bounds the day's loss in the middle of the day means the day's: also where no row was there before, and where it was off. */
START_TEST(a_bound_of_the_day_counts_from_its_beginning)
{
	static const enum risk_limit limit[] = { RISK_LIMIT_DAY_LOSS, RISK_LIMIT_DRAWDOWN };
	struct risk_scope all = { .scope = SCOPE_GLOBAL };
	for (int k = 0; k < 2; k++)
		for (int way = 0; way < 2; way++) {
			struct rig *r = rig_new();
			risk_watch(&r->d);
			if (way == 1) {
				set(r, limit[k], SCOPE_GLOBAL, 0, 20000000000, ACTION_KILL);
				risk_watch(&r->d);
				EXPECT_MSG(!risk_set_limit(&r->d, limit[k], &all, LIMIT_OFF, "me",
							   "off"),
					   "off");
			}
			lose(r, 10000000000);
			risk_watch(&r->d);
			EXPECT_MSG(!risk_set_limit(&r->d, limit[k], &all, 9000000000, "me", ""),
				   "set");
			risk_watch(&r->d);
			const struct limit_row *row = limits_find(&r->d, limit[k], SCOPE_GLOBAL, 0);
			EXPECT_MSG(row && row->use == 10000000000, "%d %d: %lld", k, way,
				   row ? (long long)row->use : -1LL);
			EXPECT_MSG(row->beyond, "it is beyond");
			rig_free(r);
		}
}
END_TEST

START_TEST(names)
{
	char key[LIMIT_WORDS], words[LIMIT_WORDS];
	for (unsigned l = 1; l < risk_limit_max; l++) {
		const char *name = risk_limit_name((enum risk_limit)l);
		size_t n = limit_key((enum risk_limit)l, key);
		bool set = limit_scopes_of((enum risk_limit)l) != 0;
		ck_assert_int_eq(limit_find(name, strlen(name)), set ? l : RISK_LIMIT_NONE);
		ck_assert_int_eq(limit_find(key, n), set ? l : RISK_LIMIT_NONE);
	}
	limit_words(RISK_LIMIT_ORDER_NOTIONAL, 1234500000000, words);
	ck_assert_str_eq(words, "12345");
	limit_words(RISK_LIMIT_AGE, 250 * RIG_MS, words);
	ck_assert_str_eq(words, "250 ms");
	limit_words(RISK_LIMIT_COLLAR, 166, words);
	ck_assert_str_eq(words, "166 ppm");
	limit_words(RISK_LIMIT_REPEATS, LIMIT_OFF, words);
	ck_assert_str_eq(words, "off");
	ck_assert_int_eq(kill_mode_find("dance"), kill_mode_max);
	ck_assert_int_eq(kill_mode_find(""), KILL_CANCEL);
	for (unsigned m = 0; m < kill_mode_max; m++)
		ck_assert_int_eq(kill_mode_find(kill_mode_name((enum kill_mode)m)), m);
}
END_TEST

START_TEST(ranges)
{
	char words[LIMIT_RANGE];
	for (unsigned l = 1; l < risk_limit_max; l++)
		if (limit_scopes_of((enum risk_limit)l))
			ck_assert_int_gt(limit_most((enum risk_limit)l), 0);
	limit_range_words(RISK_LIMIT_DAY_LOSS, words);
	ck_assert_str_eq(words, "0 to 10000000000");
	limit_range_words(RISK_LIMIT_REJECT_RATIO, words);
	ck_assert_str_eq(words, "0 ppm to 1000000 ppm");
	limit_range_words(RISK_LIMIT_IN_FLIGHT, words);
	ck_assert_str_eq(words, "0 to 1000000000");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("limit");
	TCase *t = tcase_create("all");
	tcase_add_loop_test(t, a_gate_acts_at_its_bound, 0, (int)(sizeof gates / sizeof *gates));
	tcase_add_test(t, a_scope_bounds_only_its_own);
	tcase_add_test(t, what_a_gate_does_beside_refusing);
	tcase_add_test(t, messages_of_the_day);
	tcase_add_test(t, collar_to_the_last_prices);
	tcase_add_test(t, no_own_order_is_met);
	tcase_add_test(t, what_the_exchange_counts);
	tcase_add_test(t, unhedged_beyond_its_bound_is_rescued);
	tcase_add_test(t, a_warning);
	tcase_add_test(t, slippage);
	tcase_add_test(t, slippage_of_a_pair);
	tcase_add_test(t, rejects_in_proportion);
	tcase_add_test(t, slow_fills);
	tcase_add_test(t, repetitions);
	tcase_add_test(t, losses);
	tcase_add_test(t, a_new_day_begins_at_nothing);
	tcase_add_test(t, a_bound_of_the_day_counts_from_its_beginning);
	tcase_add_test(t, names);
	tcase_add_test(t, ranges);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
