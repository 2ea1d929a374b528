/* Proves what a restart makes of receipts that speak of limits, states and pauses: of parts that are configured, of parts that no longer are, and of what only a newer host would write. */
#include "tests/unit/suite.h"
#include "tests/unit/trade/rig.h"
#include <stdio.h>
#include <string.h>

static struct config_limit conf[1];

static struct fact scope_fact(enum limit_scope s, enum risk_state to)
{
	struct fact f;
	fact_init(&f, FACT_SCOPE);
	f.num[0] = s;
	f.num[2] = to;
	return f;
}

static struct fact limit_fact(int64_t what, int64_t limit, int64_t scope, int64_t value,
			      int64_t before)
{
	struct fact f;
	fact_init(&f, FACT_LIMIT);
	f.num[0] = what;
	f.num[1] = limit;
	f.num[2] = scope;
	f.num[4] = value;
	f.num[6] = before;
	return f;
}

static void recall(struct rig *r, struct fact f)
{
	risk_recall(&r->d, &f);
}

START_TEST(states)
{
	struct rig *r = rig_new();
	struct desk *d = &r->d;
	struct fact f = scope_fact(SCOPE_VENUE, RISK_REDUCING);
	f.venue = d->names.venue[PERP];
	recall(r, f);
	ck_assert_int_eq(d->venue[PERP].risk_state, RISK_REDUCING);
	ck_assert_int_eq(d->venue[SPOT].risk_state, RISK_ACTIVE);
	f = scope_fact(SCOPE_ACCOUNT, RISK_HALTED);
	f.account = d->names.account[SPOT];
	recall(r, f);
	ck_assert_int_eq(d->account_state[SPOT], RISK_HALTED);
	f = scope_fact(SCOPE_INSTANCE, RISK_ACTIVE);
	f.instance = d->names.instance[0];
	f.num[3] = desk_wish_max; /* a wish that this host does not know is none */
	f.num[4] = 1;
	fact_text(&f, "lunch");
	recall(r, f);
	ck_assert_int_eq(d->instance[0].wish, WISH_NONE);
	ck_assert(d->instance[0].paused);
	ck_assert_str_eq(d->instance[0].paused_why, "lunch");
	f.num[3] = WISH_FLATTEN;
	f.num[4] = 0;
	recall(r, f);
	ck_assert_int_eq(d->instance[0].wish, WISH_FLATTEN);
	ck_assert(!d->instance[0].paused);
	struct pair *p = rig_propose(r, INTENT_CLOSE, 1);
	ck_assert_ptr_null(p); /* a venue that reduces, an account that is halted */
	rig_free(r);
}
END_TEST

/* A pair that was killed stays killed; one that is not there any more is nobody's matter. */
START_TEST(a_killed_pair)
{
	struct rig *r = rig_new();
	rig_plan(r, PERP, FATE_REST, FATE_REST);
	struct pair *p = rig_propose(r, INTENT_OPEN, 10);
	rig_pump(r);
	struct fact f = scope_fact(SCOPE_PAIR, RISK_HALTED);
	f.pair = p->id + 1;
	recall(r, f);
	ck_assert_int_eq(p->breach, 0);
	f.pair = p->id;
	recall(r, f);
	ck_assert_int_eq(p->breach, RISK_LIMIT_KILL);
	rig_free(r);
}
END_TEST

/* Nothing of it moves the desk: the parts are not configured, or the numbers are nobody's. */
START_TEST(what_is_gone_or_strange)
{
	struct rig *r = rig_new();
	struct desk *d = &r->d;
	const struct fact strange[] = {
		scope_fact(SCOPE_VENUE, RISK_HALTED),
		scope_fact(SCOPE_ACCOUNT, RISK_HALTED),
		scope_fact(SCOPE_INSTANCE, RISK_HALTED),
		scope_fact(SCOPE_INSTRUMENT, RISK_HALTED),
		scope_fact(SCOPE_GLOBAL, RISK_HALTED),
		scope_fact((enum limit_scope) - 1, RISK_HALTED),
		scope_fact(limit_scope_max, RISK_HALTED),
		scope_fact(SCOPE_GLOBAL, risk_state_max),
		scope_fact(SCOPE_GLOBAL, (enum risk_state) - 1),
		limit_fact(LIMIT_SET, 0, SCOPE_GLOBAL, 5, 0),
		limit_fact(LIMIT_SET, -1, SCOPE_GLOBAL, 5, 0),
		limit_fact(LIMIT_SET, risk_limit_max, SCOPE_GLOBAL, 5, 0),
		limit_fact(LIMIT_SET, RISK_LIMIT_AGE, -1, 5, 0),
		limit_fact(LIMIT_SET, RISK_LIMIT_AGE, limit_scope_max, 5, 0),
		limit_fact(LIMIT_SET, RISK_LIMIT_ORDER_BASE, SCOPE_VENUE, 5, 0),
		limit_fact(LIMIT_SET, RISK_LIMIT_ORDER_BASE, SCOPE_INSTRUMENT, 5, 0),
		limit_fact(LIMIT_BEYOND, RISK_LIMIT_AGE, SCOPE_GLOBAL, 5, 0),
		limit_fact(LIMIT_CARRIED, RISK_LIMIT_DRAWDOWN, SCOPE_GLOBAL, 5,
			   -1), /* no such row */
	};
	for (size_t i = 0; i < sizeof strange / sizeof *strange; i++)
		recall(r, strange[i]);
	ck_assert_int_eq(d->risk_state, RISK_ACTIVE);
	for (unsigned l = 0; l < RIG_LEGS; l++) {
		ck_assert_int_eq(d->venue[l].risk_state, RISK_ACTIVE);
		ck_assert_int_eq(d->account_state[l], RISK_ACTIVE);
	}
	ck_assert_int_eq(d->instance[0].risk_state, RISK_ACTIVE);
	ck_assert_uint_eq(d->limits.n, 0);
	ck_assert_ptr_nonnull(rig_propose(r, INTENT_OPEN, 10));
	rig_free(r);
}
END_TEST

/* What an operator set holds while the configuration is what it was; where that was changed since, the tighter of the two. */
START_TEST(an_operators_bound_and_a_new_configuration)
{
	static const struct {
		int64_t configured, was, set, want;
	} row[] = {
		{ 100, 100, 500, 500 }, /* unchanged: his word stands, though it is looser */
		{ 100, 200, 500, 100 }, /* lowered since: the configuration is the tighter one */
		{ 100, 200, 50, 50 },	/* lowered since: but his is tighter still */
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct rig *r = rig_new();
		conf[0] = (struct config_limit){ .limit = RISK_LIMIT_ORDER_BASE,
						 .scope = SCOPE_INSTRUMENT,
						 .index = PERP,
						 .value = row[i].configured };
		r->cfg.limit = conf;
		r->cfg.n_limits = 1;
		limits_load(&r->d);
		struct fact f = limit_fact(LIMIT_SET, RISK_LIMIT_ORDER_BASE, SCOPE_INSTRUMENT,
					   row[i].set, row[i].was);
		f.instrument = r->in[PERP].name_id;
		recall(r, f);
		ck_assert_int_eq(r->d.limits.row[0].value, row[i].want);
		ck_assert_int_eq(r->d.instance[0].bounds->leg[PERP].most[LEG_ORDER_BASE],
				 row[i].want);
		rig_free(r);
	}
}
END_TEST

/* The highest profit that a fall is measured from, the day of a loss, and how many messages have left. */
START_TEST(what_is_counted)
{
	struct rig *r = rig_new();
	struct desk *d = &r->d;
	conf[0] = (struct config_limit){ .limit = RISK_LIMIT_DRAWDOWN,
					 .scope = SCOPE_GLOBAL,
					 .value = 9 };
	r->cfg.limit = conf;
	r->cfg.n_limits = 1;
	limits_load(d);
	recall(r, limit_fact(LIMIT_CARRIED, RISK_LIMIT_DRAWDOWN, SCOPE_GLOBAL, 700, -1));
	ck_assert(d->limits.row[0].has_peak);
	ck_assert_int_eq(d->limits.row[0].peak_e8, 700);
	int64_t fall;
	ck_assert(risk_use(d, &d->limits.row[0], &fall));
	ck_assert_int_eq(fall, 700); /* the host has earned nothing since */
	recall(r, limit_fact(LIMIT_CARRIED, RISK_LIMIT_DAY_LOSS, SCOPE_GLOBAL, 30, 20260105));
	const struct limit_day *day = limits_day(d, SCOPE_GLOBAL, 0);
	ck_assert(day->known);
	ck_assert_int_eq(day->base_e8, 30);
	ck_assert_int_eq(day->day, 20260105);
	struct fact f = limit_fact(LIMIT_CARRIED, RISK_LIMIT_MESSAGES_DAY, SCOPE_VENUE, 41, 5);
	f.venue = d->names.venue[PERP];
	recall(r, f);
	ck_assert_int_eq(d->venue[PERP].day_sent, 41);
	/* messages that left after the checkpoint: of its day, then of the next one */
	static const enum fact_kind message[] = { FACT_SENT, FACT_CANCEL, FACT_QUERY };
	for (unsigned k = 0; k < 4; k++) {
		fact_init(&f, message[k % 3]);
		f.venue = k == 3 ? 999 : d->names.venue[PERP];
		f.utc_ns = (5 + (k == 2)) * 86400 * RIG_SECOND;
		recall(r, f);
		ck_assert_int_eq(d->venue[PERP].day_sent, k < 2 ? 42 + k : 1);
	}
	rig_free(r);
}
END_TEST

/* What a person writes after --scope. */
START_TEST(parts_by_name)
{
	struct rig *r = rig_new();
	struct risk_scope s;
	static const struct {
		const char *text;
		enum limit_scope scope;
		uint32_t index;
		uint64_t pair;
	} good[] = {
		{ "all", SCOPE_GLOBAL, 0, 0 },
		{ "global", SCOPE_GLOBAL, 0, 0 },
		{ "venue:PERP", SCOPE_VENUE, PERP, 0 },
		{ "account:PERP", SCOPE_ACCOUNT, PERP, 0 },
		{ "instrument:SPOT.BTCUSDT", SCOPE_INSTRUMENT, SPOT, 0 },
		{ "instance:basis", SCOPE_INSTANCE, 0, 0 },
		{ "PERP.BTCUSDT", SCOPE_INSTRUMENT, PERP, 0 },
		{ "basis", SCOPE_INSTANCE, 0, 0 },
		{ "PERP", SCOPE_VENUE, PERP, 0 }, /* before the account of the same name */
		{ "pair", SCOPE_PAIR, 0, 0 },
		{ "pair:2a", SCOPE_PAIR, 0, 0x2a },
		{ "010001000000002a", SCOPE_PAIR, 0, 0x010001000000002a },
	};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		ck_assert_msg(risk_scope_find(&r->d, good[i].text, &s), "%s", good[i].text);
		ck_assert_msg(s.scope == good[i].scope && s.index == good[i].index &&
				      s.pair == good[i].pair,
			      "%s", good[i].text);
	}
	static const char *const bad[] = { "",	       "venue:",	   "venue:nobody", "pair:",
					   "pair:zz",  "pair:0",	   "mars:PERP",	   "2a",
					   "00000000", "0100010z00000002a" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(!risk_scope_find(&r->d, bad[i], &s), "%s", bad[i]);
	rig_free(r);
}
END_TEST

/* A kill of a pair that has ended, or that nobody knows, kills nothing; a second one of the same pair writes no second receipt. */
START_TEST(a_pair_is_killed_once)
{
	struct rig *r = rig_new();
	struct pair *p = rig_propose(r, INTENT_OPEN, 10);
	rig_finish(r, p, RIG_SECOND);
	struct risk_scope s = { .scope = SCOPE_PAIR, .pair = p->id };
	risk_kill(&r->d, &s, KILL_CANCEL, "tom", "late");
	s.pair = 99;
	risk_kill(&r->d, &s, KILL_CANCEL, "tom", "nobody's");
	ck_assert_uint_eq(rig_count(r, FACT_SCOPE), 0);
	ck_assert_int_eq(p->breach, 0);
	rig_plan(r, PERP, FATE_REST, FATE_REST);
	p = rig_propose(r, INTENT_OPEN, 10);
	rig_pump(r);
	s.pair = p->id;
	r->venue[PERP].mute_cancel = true;
	risk_kill(&r->d, &s, KILL_CANCEL, "tom", "now");
	ck_assert_uint_eq(rig_count(r, FACT_SCOPE), 1);
	ck_assert_int_eq(p->told, RESOLVE_NONE);
	ck_assert_int_eq(p->breach, RISK_LIMIT_KILL);
	risk_kill(&r->d, &s, KILL_FLATTEN, "tom", "now!");
	ck_assert_uint_eq(rig_count(r, FACT_SCOPE), 1);
	ck_assert_int_eq(p->told, RESOLVE_UNWIND);
	rig_free(r);
}
END_TEST

/* Who resumes before a number is back is told which, of the part that he names; one that stands just at its bound is not beyond it, but where reaching is too much. */
START_TEST(no_way_back_while_it_is_beyond)
{
	static const struct {
		enum risk_limit limit;
		bool resumes;
	} row[] = { { RISK_LIMIT_UNHEDGED_BASE, true }, { RISK_LIMIT_REPEATS, true } };
	for (size_t i = 0; i < 2; i++) {
		struct rig *r = rig_new();
		struct desk *d = &r->d;
		conf[0] = (struct config_limit){ .limit = row[i].limit,
						 .scope = SCOPE_INSTANCE,
						 .value = 1,
						 .action = ACTION_PAUSE };
		r->cfg.limit = conf;
		r->cfg.n_limits = 1;
		r->cfg.risk.repeat_window_ns = 3600 * RIG_SECOND;
		limits_load(d);
		struct pair *p = rig_propose(r, INTENT_OPEN, 100);
		rig_finish(r, p, RIG_SECOND);
		risk_watch(d);
		ck_assert(d->instance[0].paused);
		struct risk_scope basis = { .scope = SCOPE_INSTANCE };
		struct limit_row *x = &d->limits.row[0];
		int64_t value;
		ck_assert(risk_use(d, x, &value));
		if (row[i].limit == RISK_LIMIT_UNHEDGED_BASE) {
			ck_assert_int_gt(value, x->value);
			ck_assert_int_lt(risk_resume(d, &basis, "tom", "now"), 0);
			ck_assert(d->instance[0].paused);
			x->value = value - 1;
			ck_assert_int_lt(risk_resume(d, &basis, "tom", "now"), 0);
			x->value = value;
		}
		ck_assert_int_eq(risk_resume(d, &basis, "tom", "it is back"), 0);
		ck_assert(!d->instance[0].paused);
		rig_free(r);
	}
}
END_TEST

/* No receipt, no bound: a journal that is full keeps things as they are, and so does a table that is. */
START_TEST(no_room_for_a_bound)
{
	struct rig *r = rig_new();
	struct risk_scope s = { .scope = SCOPE_VENUE, .index = PERP };
	r->journal.limit = r->journal.n + 15;
	ck_assert_int_lt(risk_set_limit(&r->d, RISK_LIMIT_ORDER_BASE, &s, 5, "tom", ""), 0);
	ck_assert_ptr_null(limits_find(&r->d, RISK_LIMIT_ORDER_BASE, SCOPE_VENUE, PERP));
	r->journal.limit = RIG_FACTS;
	uint32_t cap = r->d.limits.cap;
	r->d.limits.cap = r->d.limits.n;
	ck_assert_int_lt(risk_set_limit(&r->d, RISK_LIMIT_ORDER_BASE, &s, 5, "tom", ""), 0);
	struct fact f = limit_fact(LIMIT_SET, RISK_LIMIT_ORDER_BASE, SCOPE_GLOBAL, 5, 0);
	recall(r, f);
	ck_assert_uint_eq(r->d.limits.n, r->d.limits.cap);
	r->d.limits.cap = cap;
	ck_assert_int_eq(risk_set_limit(&r->d, RISK_LIMIT_ORDER_BASE, &s, 5, "tom", ""), 0);
	rig_free(r);
}
END_TEST

SUITE("risk_recall", states, a_killed_pair, what_is_gone_or_strange,
      an_operators_bound_and_a_new_configuration, what_is_counted, parts_by_name,
      a_pair_is_killed_once, no_way_back_while_it_is_beyond, no_room_for_a_bound)
