/* Proves what a restart makes of single receipts: of executions whose order is not there, of pairs and positions beyond what fits, of plans and legs that make no sense; and what one order must satisfy when it goes. */
#include "core/base/err.h"
#include "tests/unit/suite.h"
#include "tests/unit/trade/rig.h"
#include <string.h>

static struct fact fact_of(const struct rig *r, enum fact_kind k, uint64_t pair, unsigned leg)
{
	struct fact f;
	fact_init(&f, k);
	f.seq = 5;
	f.pair = pair;
	f.instance = r->d.names.instance[0];
	f.instrument = r->in[leg].name_id;
	f.account = r->d.names.account[leg];
	f.leg = (uint8_t)leg;
	f.side = SIDE_SELL;
	return f;
}

static struct fact pair_fact(const struct rig *r, uint64_t id, enum pair_state s)
{
	struct fact f = fact_of(r, FACT_PAIR, id, SPOT);
	f.state = (uint8_t)s;
	f.num[4] = RIG_LEGS;
	f.qty = 10;
	return f;
}

/* Finished pairs make room for others; unfinished ones do not, and a journal with too many of them is refused. */
START_TEST(more_pairs_than_fit)
{
	struct rig *r = rig_new();
	struct recover rec;
	ck_assert_int_eq(recover_begin(&rec, &r->d), 0);
	for (uint64_t id = 1; id <= 20; id++) {
		struct fact f = pair_fact(r, id, PAIR_HEDGED);
		ck_assert_int_eq(recover_fact(&rec, &f), 0);
	}
	ck_assert_ptr_null(pairs_find(&r->d.pairs, 1));
	ck_assert_ptr_nonnull(pairs_find(&r->d.pairs, 20));
	int rc = 0;
	uint64_t id = 21;
	for (; !rc; id++) {
		struct fact f = pair_fact(r, id, PAIR_HELD);
		rc = recover_fact(&rec, &f);
	}
	ck_assert_int_eq(rc, -ERR_FULL);
	ck_assert_uint_eq(id - 22, 8); /* as many as the desk was opened for */
	map_free(&rec.name);
	rig_free(r);
}
END_TEST

/* A leg whose contract or account is gone stops the start; one beyond its pair's legs is not its own. */
START_TEST(legs)
{
	struct rig *r = rig_new();
	struct recover rec;
	ck_assert_int_eq(recover_begin(&rec, &r->d), 0);
	struct fact f = pair_fact(r, 7, PAIR_SENT);
	f.num[4] = 99; /* more legs than a pair can have */
	ck_assert_int_eq(recover_fact(&rec, &f), 0);
	struct pair *p = pairs_find(&r->d.pairs, 7);
	ck_assert_uint_eq(p->n_legs, LEG_MAX);
	f = fact_of(r, FACT_LEG, 7, PERP);
	f.num[0] = f.num[1] = 1;
	f.num[2] = 100;
	f.num[6] = -60;
	ck_assert_int_eq(recover_fact(&rec, &f), 0);
	ck_assert_int_eq(p->leg[PERP].want_qty, 100);
	ck_assert_int_eq(p->leg[PERP].traded_qty, 60);
	f.leg = LEG_MAX;
	ck_assert_int_eq(recover_fact(&rec, &f), 0);
	f.leg = PERP;
	f.account = 999;
	ck_assert_int_eq(recover_fact(&rec, &f), -ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(err_text(), "account"));
	f.instrument = 999;
	ck_assert_int_eq(recover_fact(&rec, &f), -ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(err_text(), "instrument"));
	map_free(&rec.name);
	rig_free(r);
}
END_TEST

/* A plan that names a leg which its pair has not is left alone. */
START_TEST(plans)
{
	struct rig *r = rig_new();
	struct recover rec;
	ck_assert_int_eq(recover_begin(&rec, &r->d), 0);
	struct fact f = pair_fact(r, 7, PAIR_SENT);
	ck_assert_int_eq(recover_fact(&rec, &f), 0);
	const struct pair *p = pairs_find(&r->d.pairs, 7);
	static const int64_t first[] = { -1, RIG_LEGS, 1 };
	for (unsigned k = 0; k < 3; k++) {
		f = fact_of(r, FACT_PLAN, 7, PERP);
		f.num[0] = STYLE_LEGGED;
		f.num[2] = first[k];
		ck_assert_int_eq(recover_fact(&rec, &f), 0);
		ck_assert_int_eq(p->style, k == 2 ? STYLE_LEGGED : STYLE_DEFAULT);
	}
	ck_assert_uint_eq(p->first, 1);
	f = fact_of(r, FACT_FAIR, 7, SPOT);
	static const int64_t from[] = { -1, FAIR_UNKNOWN + 99, FAIR_STATED };
	for (unsigned k = 0; k < 3; k++) {
		f.num[0] = from[k];
		f.num[1] = 2500000000;
		ck_assert_int_eq(recover_fact(&rec, &f), 0);
		ck_assert_int_eq(p->fair_from, k == 2 ? FAIR_STATED : FAIR_UNKNOWN);
	}
	ck_assert(p->fair == 2.5);
	map_free(&rec.name);
	rig_free(r);
}
END_TEST

/* An execution of an order that is not in the journal any more still moves the position of whose it was, once; a bust takes it back. */
START_TEST(executions_without_their_order)
{
	struct rig *r = rig_new();
	struct recover rec;
	ck_assert_int_eq(recover_begin(&rec, &r->d), 0);
	struct fact f = pair_fact(r, 7, PAIR_SENT);
	ck_assert_int_eq(recover_fact(&rec, &f), 0);
	f = fact_of(r, FACT_LEG, 7, PERP);
	f.num[0] = f.num[1] = 1;
	ck_assert_int_eq(recover_fact(&rec, &f), 0);
	const struct pair *p = pairs_find(&r->d.pairs, 7);
	f = fact_of(r, FACT_FILL, 7, PERP);
	f.order = 0x77;
	f.px = 601000;
	f.qty = 40;
	strcpy(f.exec, "1");
	ck_assert_int_eq(recover_fact(&rec, &f), 0);
	ck_assert_int_eq(position_net(r->d.instance[0].row[PERP]), -40);
	ck_assert_int_eq(p->leg[PERP].cum_qty, -40);
	f.leg = LEG_MAX; /* of no leg of that pair: the position's alone */
	strcpy(f.exec, "2");
	ck_assert_int_eq(recover_fact(&rec, &f), 0);
	f.leg = PERP;
	f.pair = 999; /* of a pair that is gone */
	strcpy(f.exec, "3");
	ck_assert_int_eq(recover_fact(&rec, &f), 0);
	ck_assert_int_eq(position_net(r->d.instance[0].row[PERP]), -120);
	ck_assert_int_eq(p->leg[PERP].cum_qty, -40);
	f.kind = FACT_BUST;
	f.pair = 7;
	ck_assert_int_eq(recover_fact(&rec, &f), 0);
	ck_assert_int_eq(position_net(r->d.instance[0].row[PERP]), -80);
	ck_assert_int_eq(p->leg[PERP].cum_qty, 0);
	map_free(&rec.name);
	rig_free(r);
}
END_TEST

/* As an order goes, whoever sends it: sizes, ticks, the day's limits, its venue and its market. */
START_TEST(one_order)
{
	struct rig *r = rig_new();
	struct desk *d = &r->d;
	struct rule *rule = &r->in[PERP].rule[0];
	rule->lot = 10;
	rule->min_qty = 20;
	rule->max_qty = 1000;
	rule->tick = 5;
	rule->band_lo = 600500;
	rule->band_hi = 601500;
	rule->min_notional_e8 = 2000LL * 100000000; /* 33 lots of 0.001 at 60,100 */
	r->in[PERP].px_may_be_negative = false;
	static const struct {
		int64_t px, qty;
		enum risk_limit limit;
		int64_t value, bound;
	} row[] = {
		{ 601000, 100, RISK_LIMIT_NONE, 0, 0 },
		{ 601000, 0, RISK_LIMIT_LOT, 0, 20 },
		{ 601000, -10, RISK_LIMIT_LOT, -10, 20 },
		{ 601000, 105, RISK_LIMIT_LOT, 105, 20 },
		{ 601000, 10, RISK_LIMIT_LOT, 10, 20 },
		{ 601000, 1000, RISK_LIMIT_NONE, 0, 0 },
		{ 601000, 1010, RISK_LIMIT_LOT, 1010, 1000 },
		{ 601000, 30, RISK_LIMIT_LOT, 180300000000, 200000000000 },
		{ 601001, 100, RISK_LIMIT_BAND, 601001, 5 },
		{ 600495, 100, RISK_LIMIT_BAND, 600495, 600500 },
		{ 600500, 100, RISK_LIMIT_NONE, 0, 0 },
		{ 601500, 100, RISK_LIMIT_NONE, 0, 0 },
		{ 601505, 100, RISK_LIMIT_BAND, 601505, 601500 },
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		for (int side = 0; side < side_max; side++) {
			const struct order o = { .venue = PERP,
						 .account = PERP,
						 .instrument = PERP,
						 .leg = PERP,
						 .side = (uint8_t)side,
						 .rescue = true,
						 .px = row[i].px,
						 .qty = row[i].qty };
			struct risk_verdict v = risk_order(d, &o);
			ck_assert_msg(v.limit == row[i].limit, "row %zu: %s", i,
				      risk_limit_name(v.limit));
			if (v.limit) {
				ck_assert_int_eq(v.value, row[i].value);
				ck_assert_int_eq(v.bound, row[i].bound);
				ck_assert_uint_eq(v.leg, PERP);
			}
		}
	rig_free(r);
}
END_TEST

/* Whether nothing or less is a price, who may still go when the gate was closed meanwhile, and where there is nowhere to go. */
START_TEST(one_order_more)
{
	struct rig *r = rig_new();
	struct desk *d = &r->d;
	r->in[PERP].rule[0] = (struct rule){ .tick = 5, .lot = 10 };
	struct order o = {
		.venue = PERP, .account = PERP, .instrument = PERP, .leg = PERP, .qty = 10
	};
	ck_assert_int_eq(risk_order(d, &o).limit, RISK_LIMIT_BAND); /* 0 is no price */
	o.px = -5;
	ck_assert_int_eq(risk_order(d, &o).limit, RISK_LIMIT_BAND);
	r->in[PERP].px_may_be_negative = true; /* where it is one */
	ck_assert_int_eq(risk_order(d, &o).limit, RISK_LIMIT_NONE);
	d->risk_state =
		RISK_HALTED; /* closed while it waited for the disk: it opens no more, a rescue goes */
	ck_assert_int_eq(risk_order(d, &o).limit, RISK_LIMIT_KILL);
	o.rescue = true;
	ck_assert_int_eq(risk_order(d, &o).limit, RISK_LIMIT_NONE);
	r->venue[PERP].v.state = VENUE_DOWN;
	ck_assert_int_eq(risk_order(d, &o).limit, RISK_LIMIT_VENUE);
	r->in[PERP].n_rules = 0; /* its rules are not known: no size is one */
	ck_assert_int_eq(risk_order(d, &o).limit, RISK_LIMIT_LOT);
	ck_assert_int_eq(risk_order(d, &o).bound, 0);
	rig_free(r);
}
END_TEST

SUITE("recall", more_pairs_than_fit, legs, plans, executions_without_their_order, one_order,
      one_order_more)
