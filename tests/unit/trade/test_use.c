/* Proves that what a limit's row measures is what its name says, in every scope: held against the venue's own word, over minutes, hours and days, and past its last bound. */
#include "core/trade/risk_parts.h"
#include "tests/unit/suite.h"
#include "tests/unit/trade/rig.h"
#include <stdio.h>
#include <string.h>

#define MINUTE (60 * RIG_SECOND)

static struct config_limit conf[2];
static struct config_instance two[2];

static struct limit_row *row(struct rig *r, enum risk_limit l, enum limit_scope s, uint32_t index,
			     enum limit_action a)
{
	conf[0] = (struct config_limit){ .limit = (uint8_t)l,
					 .scope = (uint8_t)s,
					 .index = index,
					 .value = INT64_MAX / 4,
					 .action = (uint8_t)a };
	r->cfg.limit = conf;
	r->cfg.n_limits = 1;
	limits_load(&r->d);
	return limits_find(&r->d, l, s, index);
}

static int64_t use(struct rig *r, enum risk_limit l, enum limit_scope s, uint32_t index)
{
	int64_t value = -1;
	ck_assert(risk_use(&r->d, row(r, l, s, index, ACTION_REJECT), &value));
	return value;
}

/* A rig whose second instance trades the same contracts and does nothing. */
static struct rig *with_another(void)
{
	struct rig *r = rig_new();
	two[0] = two[1] = r->ci[0];
	snprintf(two[1].name, sizeof two[1].name, "other");
	r->cfg.instance = two;
	r->cfg.n_instances = 2;
	r->d.names.instance[1] = 41;
	r->d.instance[1].bounds =
		&r->d.limits.of[1]; /* there is room for one more than configured */
	r->d.instance[1].watched = &r->d.limits.watched[1];
	ck_assert_int_eq(desk_bind_instance(&r->d, 0, NULL), 0);
	ck_assert_int_eq(desk_bind_instance(&r->d, 1, NULL), 0);
	return r;
}

static struct pair *hedged(struct rig *r, double lots)
{
	struct pair *p = rig_propose(r, INTENT_OPEN, lots);
	ck_assert_ptr_nonnull(p);
	rig_finish(r, p, RIG_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	return p;
}

/* Long spot and short perpetual: each limit against what the venue itself says is held there. */
START_TEST(positions)
{
	struct rig *r = rig_new();
	hedged(r, 100);
	const int64_t spot = fake_net_qty(r, SPOT) * 1000; /* 5 decimals to 8 */
	const int64_t perp = fake_net_qty(r, PERP) * 100000;
	const int64_t dear = -perp / 100000 * desk_mark_px(&r->d, PERP) * 10000;
	ck_assert_int_gt(spot, 9990000);
	ck_assert_int_eq(perp, -10000000);
	static const enum limit_scope of[] = { SCOPE_VENUE, SCOPE_ACCOUNT, SCOPE_INSTRUMENT };
	for (unsigned k = 0; k < 3; k++) {
		ck_assert_int_eq(use(r, RISK_LIMIT_POSITION_LONG, of[k], SPOT), spot);
		ck_assert_int_eq(use(r, RISK_LIMIT_POSITION_LONG, of[k], PERP), 0);
		ck_assert_int_eq(use(r, RISK_LIMIT_POSITION_SHORT, of[k], SPOT), 0);
		ck_assert_int_eq(use(r, RISK_LIMIT_POSITION_SHORT, of[k], PERP), -perp);
		ck_assert_int_eq(use(r, RISK_LIMIT_POSITION_TOTAL, of[k], PERP), -perp);
		ck_assert_int_eq(use(r, RISK_LIMIT_POSITION_BASE, of[k], SPOT), spot);
		ck_assert_int_eq(use(r, RISK_LIMIT_POSITION_NOTIONAL, of[k], PERP), dear);
	}
	/* of the whole host: the one that is used most */
	ck_assert_int_eq(use(r, RISK_LIMIT_POSITION_BASE, SCOPE_GLOBAL, 0), spot);
	ck_assert_int_eq(use(r, RISK_LIMIT_POSITION_SHORT, SCOPE_GLOBAL, 0), -perp);
	ck_assert_int_eq(use(r, RISK_LIMIT_POSITION_LONG, SCOPE_GLOBAL, 0), spot);
	rig_free(r);
}
END_TEST

/* Of the second, and of the day; of a venue, and of all. Both are forgotten when they are over. */
START_TEST(messages)
{
	struct rig *r = rig_new();
	for (int i = 0; i < 3; i++)
		risk_count_message(&r->d, SPOT);
	for (int i = 0; i < 4; i++)
		risk_count_message(&r->d, PERP);
	for (enum risk_limit l = RISK_LIMIT_RATE; l;
	     l = l == RISK_LIMIT_RATE ? RISK_LIMIT_MESSAGES_DAY : 0) {
		ck_assert_int_eq(use(r, l, SCOPE_VENUE, SPOT), 3);
		ck_assert_int_eq(use(r, l, SCOPE_VENUE, PERP), 4);
		ck_assert_int_eq(use(r, l, SCOPE_GLOBAL, 0), 7);
	}
	r->d.now.mono_ns += RIG_SECOND;
	r->d.now.utc_ns += RIG_SECOND;
	ck_assert_int_eq(use(r, RISK_LIMIT_RATE, SCOPE_GLOBAL, 0), 0);
	ck_assert_int_eq(use(r, RISK_LIMIT_MESSAGES_DAY, SCOPE_GLOBAL, 0), 7);
	r->d.now.utc_ns += 86400 * RIG_SECOND;
	ck_assert_int_eq(use(r, RISK_LIMIT_MESSAGES_DAY, SCOPE_GLOBAL, 0), 0);
	rig_free(r);
}
END_TEST

/* The messages of all venues together stand against a bound of the whole host, and its reserve is for what reduces. */
START_TEST(messages_of_the_whole_host)
{
	struct rig *r = rig_new();
	static const enum risk_limit limit[] = { RISK_LIMIT_RATE, RISK_LIMIT_MESSAGES_DAY };
	for (unsigned k = 0; k < 2; k++) {
		row(r, limit[k], SCOPE_GLOBAL, 0, ACTION_REJECT);
		conf[0].value = 10;
		limits_load(&r->d);
		r->d.now.mono_ns += RIG_SECOND; /* nothing of the second before counts */
		r->d.now.utc_ns += 86400 * RIG_SECOND;
		ck_assert(risk_message_room(&r->d, SPOT, 8, false));
		for (int i = 0; i < 4; i++)
			risk_count_message(&r->d, SPOT);
		for (int i = 0; i < 4; i++)
			risk_count_message(&r->d, PERP);
		ck_assert(!risk_message_room(&r->d, SPOT, 3, true));
		ck_assert(!risk_message_room(&r->d, PERP, 3, true));
		ck_assert(risk_message_room(&r->d, SPOT, 2, true));
	}
	rig_free(r);
}
END_TEST

START_TEST(what_is_in_flight_and_refused)
{
	struct rig *r = with_another();
	rig_plan(r, PERP, FATE_SILENT_REST, FATE_SILENT_REST);
	r->venue[PERP].mute_query = true;
	ck_assert_ptr_nonnull(rig_propose(r, INTENT_OPEN, 100));
	rig_pump(r);
	ck_assert_int_eq(use(r, RISK_LIMIT_IN_FLIGHT, SCOPE_GLOBAL, 0), 1);
	ck_assert_int_eq(use(r, RISK_LIMIT_IN_FLIGHT, SCOPE_INSTANCE, 0), 1);
	ck_assert_int_eq(use(r, RISK_LIMIT_IN_FLIGHT, SCOPE_INSTANCE, 1), 0);
	/* the perpetual may fill or not: the larger of the two counts, the spot leg's 0.1 in either case */
	int64_t bought = fake_base_e8(r, SPOT);
	ck_assert_int_eq(use(r, RISK_LIMIT_IMBALANCE, SCOPE_INSTANCE, 0), bought);
	ck_assert_int_eq(use(r, RISK_LIMIT_IMBALANCE, SCOPE_INSTANCE, 1), 0);
	risk_count_reject(&r->d, 0);
	risk_count_reject(&r->d, 1);
	risk_count_reject(&r->d, 1);
	risk_count_reject(&r->d, POSITION_NOBODY); /* nobody's instance */
	ck_assert_int_eq(use(r, RISK_LIMIT_REJECTS, SCOPE_INSTANCE, 0), 1);
	ck_assert_int_eq(use(r, RISK_LIMIT_REJECTS, SCOPE_GLOBAL, 0), 2); /* the most of them */
	r->d.now.mono_ns += MINUTE;
	ck_assert_int_eq(use(r, RISK_LIMIT_REJECTS, SCOPE_GLOBAL, 0), 0);
	r->cfg.n_instances = 1;
	rig_free(r);
}
END_TEST

/* Two halves of five minutes: what was sent and refused in the last one still counts, what is older does not. */
START_TEST(a_ratio_is_forgotten_by_halves)
{
	struct rig *r = with_another();
	struct order o = { .instance = 0 };
	r->d.now.mono_ns = 100 * MINUTE;
	risk_on_sent(&r->d, &o); /* begins a half */
	for (int i = 1; i < 10; i++)
		risk_on_sent(&r->d, &o);
	for (int i = 0; i < 4; i++)
		risk_count_reject(&r->d, 0);
	ck_assert_int_eq(use(r, RISK_LIMIT_REJECT_RATIO, SCOPE_INSTANCE, 0), 400000);
	ck_assert_int_eq(use(r, RISK_LIMIT_REJECT_RATIO, SCOPE_INSTANCE, 1), 0);
	r->d.now.mono_ns += 5 * MINUTE;
	for (int i = 0; i < 10; i++)
		risk_on_sent(&r->d, &o);
	ck_assert_int_eq(use(r, RISK_LIMIT_REJECT_RATIO, SCOPE_GLOBAL, 0), 200000);
	r->d.now.mono_ns += 5 * MINUTE;
	for (int i = 0; i < 10; i++)
		risk_on_sent(&r->d, &o);
	ck_assert_int_eq(use(r, RISK_LIMIT_REJECT_RATIO, SCOPE_GLOBAL, 0), 0);
	r->d.now.mono_ns += 10 * MINUTE; /* both halves are gone: too few to speak of a ratio */
	risk_count_reject(&r->d, 0);
	risk_on_sent(&r->d, &o);
	ck_assert_int_eq(use(r, RISK_LIMIT_REJECT_RATIO, SCOPE_GLOBAL, 0), 0);
	o.instance = POSITION_NOBODY; /* sent for nobody: nobody's ratio */
	risk_on_sent(&r->d, &o);
	r->cfg.n_instances = 1;
	rig_free(r);
}
END_TEST

/* The slowest fill of the last half minute, and of the one before it; of its venue too. */
START_TEST(the_pace_of_fills)
{
	struct rig *r = rig_new();
	struct desk *d = &r->d;
	struct order o = { .tif = TIF_IOC, .venue = PERP, .sent_mono_ns = 2 };
	const struct exec_report x = { .qty = 1, .px = 1 };
	d->now.mono_ns = 100 * MINUTE;
	o.sent_mono_ns = d->now.mono_ns - 70 * RIG_MS;
	risk_on_fill(d, &o, &x, false);
	ck_assert_int_eq(use(r, RISK_LIMIT_LATENCY, SCOPE_INSTANCE, 0), 70 * RIG_MS);
	ck_assert_int_eq(use(r, RISK_LIMIT_LATENCY, SCOPE_VENUE, PERP), 70 * RIG_MS);
	ck_assert_int_eq(use(r, RISK_LIMIT_LATENCY, SCOPE_VENUE, SPOT), 0);
	risk_on_fill(d, &(struct order){ .tif = TIF_GTC, .sent_mono_ns = 2 }, &x, false);
	risk_on_fill(d, &(struct order){ .tif = TIF_DAY, .sent_mono_ns = 2 }, &x, false);
	risk_on_fill(d, &(struct order){ .tif = TIF_IOC, .sent_mono_ns = 2 }, &x, true);
	risk_on_fill(d, &(struct order){ .tif = TIF_IOC }, &x, false); /* when is not known */
	risk_on_fill(d, &(struct order){ .tif = TIF_IOC, .instance = POSITION_NOBODY }, &x, false);
	ck_assert_int_eq(use(r, RISK_LIMIT_LATENCY, SCOPE_GLOBAL, 0), 70 * RIG_MS);
	d->now.mono_ns += MINUTE / 2;
	o.sent_mono_ns = d->now.mono_ns - 20 * RIG_MS;
	risk_on_fill(d, &o, &x, false);
	ck_assert_int_eq(use(r, RISK_LIMIT_LATENCY, SCOPE_GLOBAL, 0), 70 * RIG_MS);
	d->now.mono_ns += MINUTE / 2; /* 70 ms is a minute old */
	ck_assert_int_eq(use(r, RISK_LIMIT_LATENCY, SCOPE_GLOBAL, 0), 20 * RIG_MS);
	d->now.mono_ns += MINUTE;
	ck_assert_int_eq(use(r, RISK_LIMIT_LATENCY, SCOPE_GLOBAL, 0), 0);
	rig_free(r);
}
END_TEST

/* An hour of slippage by minutes: what is older than that is not in it. */
START_TEST(an_hour_of_slippage)
{
	struct rig *r = rig_new();
	struct desk *d = &r->d;
	struct pair *p = hedged(r, 100);
	struct order o = { .pair = p->id, .leg = PERP, .instrument = PERP, .side = SIDE_SELL };
	int64_t before = use(r, RISK_LIMIT_SLIP_HOUR, SCOPE_INSTANCE, 0);
	struct exec_report x = { .qty = 1000,
				 .px = p->leg[PERP].ref_px - 10 }; /* one BTC, 1 USDT worse */
	d->now.mono_ns = 200 * MINUTE;
	risk_on_fill(d, &o, &x, false);
	ck_assert_int_eq(use(r, RISK_LIMIT_SLIP_HOUR, SCOPE_INSTANCE, 0), 100000000);
	ck_assert_int_ne(before, 100000000);
	x.px += 20; /* 1 USDT better, half an hour later */
	d->now.mono_ns += 30 * MINUTE;
	risk_on_fill(d, &o, &x, false);
	ck_assert_int_eq(use(r, RISK_LIMIT_SLIP_HOUR, SCOPE_GLOBAL, 0), 0);
	d->now.mono_ns += 30 * MINUTE;
	ck_assert_int_eq(use(r, RISK_LIMIT_SLIP_HOUR, SCOPE_GLOBAL, 0), -100000000);
	d->now.mono_ns += 500 * MINUTE;
	ck_assert_int_eq(use(r, RISK_LIMIT_SLIP_HOUR, SCOPE_GLOBAL, 0), 0);
	x.px = 1;
	o.pair = 77; /* of a pair that is long forgotten: against no price */
	risk_on_fill(d, &o, &x, false);
	ck_assert_int_eq(use(r, RISK_LIMIT_SLIP_HOUR, SCOPE_GLOBAL, 0), 0);
	rig_free(r);
}
END_TEST

/* What is unhedged, as base, money and time, of an instance and of one pair. */
START_TEST(what_is_unhedged)
{
	struct rig *r = with_another();
	rig_plan(r, PERP, FATE_SILENT_REST, FATE_SILENT_REST);
	r->venue[PERP].mute_query = true;
	struct pair *p = rig_propose(r, INTENT_OPEN, 100);
	rig_pump(r);
	const int64_t base = fake_base_e8(r, SPOT);
	const int64_t money = base * desk_mark_px(&r->d, SPOT) / 100;
	static const enum limit_scope of[] = { SCOPE_INSTANCE, SCOPE_GLOBAL, SCOPE_PAIR };
	for (unsigned k = 0; k < 3; k++) {
		ck_assert_int_eq(use(r, RISK_LIMIT_UNHEDGED_BASE, of[k], 0), base);
		int64_t m = use(r, RISK_LIMIT_UNHEDGED_MONEY, of[k], 0);
		ck_assert_int_ge(m, money);
		ck_assert_int_le(m, money + 1000);
	}
	ck_assert_int_eq(use(r, RISK_LIMIT_UNHEDGED_TIME, SCOPE_INSTANCE, 0),
			 0); /* not looked at yet */
	int64_t since = r->d.now.mono_ns;
	r->d.limits.look = true;
	risk_watch_news(&r->d);
	r->d.now.mono_ns += 3 * RIG_SECOND;
	ck_assert_int_eq(use(r, RISK_LIMIT_UNHEDGED_TIME, SCOPE_INSTANCE, 0),
			 r->d.now.mono_ns - since);
	ck_assert_int_eq(use(r, RISK_LIMIT_UNHEDGED_TIME, SCOPE_INSTANCE, 1), 0);
	ck_assert_int_eq(use(r, RISK_LIMIT_UNHEDGED_TIME, SCOPE_PAIR, 0), r->d.now.mono_ns - since);
	ck_assert_int_eq(p->state, PAIR_SENT);
	r->cfg.n_instances = 1;
	rig_free(r);
}
END_TEST

/* A row that nothing measures says so; one whose bound was taken away while it was beyond bars nothing any more. */
START_TEST(a_bound_taken_away)
{
	struct rig *r = rig_new();
	struct desk *d = &r->d;
	int64_t value;
	struct limit_row gate = { .limit = RISK_LIMIT_ORDER_BASE, .scope = SCOPE_GLOBAL };
	ck_assert(!risk_use(d, &gate, &value));
	row(r, RISK_LIMIT_REPEATS, SCOPE_INSTANCE, 0, ACTION_REJECT);
	r->cfg.risk.repeat_window_ns = MINUTE;
	conf[0].value = 1;
	hedged(r, 100);
	risk_watch(d);
	const struct limit_row *x = limits_find(d, RISK_LIMIT_REPEATS, SCOPE_INSTANCE, 0);
	ck_assert(x->beyond); /* reached is too much */
	ck_assert(d->instance[0].bounds->barred_whole);
	ck_assert_ptr_null(
		exec_propose(d, 0, &(struct proposal[]){ rig_proposal(INTENT_OPEN, 100) }[0]));
	const struct risk_scope here = { .scope = SCOPE_INSTANCE };
	ck_assert_int_eq(risk_set_limit(d, RISK_LIMIT_REPEATS, &here, LIMIT_OFF, "tom", "enough"),
			 0);
	risk_watch(d);
	ck_assert(!x->beyond);
	ck_assert(!d->instance[0].bounds->barred_by);
	rig_free(r);
}
END_TEST

/* Of two rows that bar at once, the one that bars everything is named, whichever comes first; one that lets closes through lets them. */
START_TEST(two_bars)
{
	for (unsigned first = 0; first < 2; first++) {
		struct rig *r = rig_new();
		struct desk *d = &r->d;
		const uint8_t action[] = { ACTION_REJECT, ACTION_REDUCE_ONLY };
		for (unsigned k = 0; k < 2; k++)
			conf[k] = (struct config_limit){ .limit = RISK_LIMIT_REPEATS,
							 .scope = k ? SCOPE_GLOBAL : SCOPE_INSTANCE,
							 .value = 1,
							 .action = action[k ^ first] };
		r->cfg.limit = conf;
		r->cfg.n_limits = 2;
		r->cfg.risk.repeat_window_ns = MINUTE;
		hedged(r, 100);
		risk_watch(d);
		const struct bounds *b = d->instance[0].bounds;
		ck_assert_uint_gt(b->barred_by, 0);
		ck_assert_int_eq(d->limits.row[b->barred_by - 1].action, ACTION_REJECT);
		ck_assert(b->barred_whole);
		rig_free(r);
	}
}
END_TEST

/* The day of a loss is the trading day of an instrument where the configuration names one; between two sessions it goes on. */
START_TEST(the_day_of_a_market)
{
	struct rig *r = rig_new();
	struct desk *d = &r->d;
	ck_assert_int_eq(risk_day(d), d->now.utc_ns / (86400 * RIG_SECOND));
	snprintf(r->cfg.risk.day, sizeof r->cfg.risk.day, "PERP.BTCUSDT");
	r->cfg.risk.day_instrument = PERP;
	d->session[PERP].trading_day = 20260105;
	ck_assert_int_eq(risk_day(d), 20260105);
	struct limit_row *x = row(r, RISK_LIMIT_DAY_LOSS, SCOPE_GLOBAL, 0, ACTION_REJECT);
	risk_watch(d);
	const struct limit_day *day = limits_day(d, SCOPE_GLOBAL, 0);
	int64_t loss;
	unsigned told = rig_count(r, FACT_LIMIT);
	ck_assert_int_eq(day->day, 20260105);
	d->session[PERP].trading_day = 0;
	risk_watch(d);
	ck_assert(risk_use(d, x, &loss));
	ck_assert_int_eq(day->day, 20260105);
	ck_assert_uint_eq(rig_count(r, FACT_LIMIT), told);
	d->session[PERP].trading_day = 20260106;
	risk_watch(d);
	ck_assert(risk_use(d, x, &loss));
	ck_assert_int_eq(day->day, 20260106);
	ck_assert_uint_gt(rig_count(r, FACT_LIMIT), told); /* of the host, and of each part of it */
	r->cfg.risk.day_instrument = 99;		   /* none that is traded: days of UTC */
	ck_assert_int_eq(risk_day(d), d->now.utc_ns / (86400 * RIG_SECOND));
	rig_free(r);
}
END_TEST

SUITE("use", positions, messages, messages_of_the_whole_host, what_is_in_flight_and_refused,
      a_ratio_is_forgotten_by_halves, the_pace_of_fills, an_hour_of_slippage, what_is_unhedged,
      a_bound_taken_away, two_bars, the_day_of_a_market)
