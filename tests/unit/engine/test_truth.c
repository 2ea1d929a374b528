/* Proves what the engine knows of time: stamps are put on one line, clocks that jump are told, gates close in silence too and say what they barred, legs
 * whose market closes are carried to the reopening, and the recording holds what the venues said. */
#include "core/base/err.h"
#include "core/market/tape.h"
#include "tests/unit/engine/truth.h"
#include "tests/unit/suite.h"
#include <stdlib.h>
#include <string.h>

/* The venue's clock stands an hour ahead; questions take 2 ms there and back. */
static void ask_clock(struct stage *s, unsigned leg, int64_t offset_ns)
{
	struct venue_host *h = host_of(s, leg);
	int64_t at = s->now.mono_ns + offset_ns - MS;
	h->on_clock(h->core, (uint16_t)leg, s->now.mono_ns - 2 * MS, at, at, s->now.mono_ns);
}

static void strict(struct stage *s)
{
	s->cfg.risk.max_age_ns = 50 * MS;
	s->cfg.risk.max_skew_ns = 40 * MS;
	s->cfg.risk.max_clock_bound_ns = 10 * MS;
	for (unsigned l = 0; l < STAGE_LEGS; l++) {
		s->cv[l].stamp_grain_ns = 1;
		s->in[l].feed_model = FEED_SNAPSHOT; /* only its own messages prove it */
	}
}

/* 80 ms old on arrival, by a clock that is an hour off: the age is the stamp's, not the arrival's. */
START_TEST(a_stamp_is_put_on_our_line)
{
	const int64_t hour = 3600 * STAGE_SECOND;
	struct stage *s = stage_of(strict);
	for (int i = 0; i < 50; i++) {
		stage_turn(s, 10 * MS);
		ask_clock(s, SPOT, hour);
		ask_clock(s, PERP, -hour);
	}
	quote(s, SPOT, s->now.mono_ns + hour - MS);
	quote(s, PERP, s->now.mono_ns - hour - MS);
	const struct top *spot = &s->d->feed[SPOT].top;
	ck_assert_int_le(spot->bound_ns, 2 * MS);
	ck_assert_int_le(llabs(spot->valid_ns - (s->now.mono_ns - MS)), 2 * MS);
	stage_turn(s, 0);
	ck_assert_uint_eq(s->d->instance[0].basis.gate, GATE_OPEN);
	stage_turn(s, 20 * MS);
	quote(s, SPOT, s->now.mono_ns + hour - 80 * MS);
	quote(s, PERP, s->now.mono_ns - hour - MS);
	s->script.answer[STRAT_BASIS][0] = stage_pair(10);
	s->script.n_answer[STRAT_BASIS] = 1;
	stage_turn(s, 0);
	ck_assert_uint_eq(s->d->instance[0].basis.gate, GATE_AGE);
	ck_assert_uint_eq(s->d->instance[0].basis.gate_who, SPOT);
	ck_assert_uint_eq(s->venue[SPOT].places, 0);
	const struct fact *f = gate_fact(s, GATE_AGE);
	ck_assert_int_ge(f->num[1], 79 * MS);
	ck_assert_int_eq(f->num[2], 50 * MS);
	ck_assert_uint_eq(stage_latest(s, FACT_RISK)->seq > 0, 1);
	stage_free(s);
}
END_TEST

START_TEST(an_unknown_clock_bars_where_a_bound_is_asked_for)
{
	struct stage *s = stage_of(strict);
	stage_turn(s, MS);
	gate_fact(s, GATE_CLOCK);
	stage_free(s);
}
END_TEST

static void ages(struct stage *s)
{
	s->cfg.risk.max_age_ns = 500 * MS;
	for (unsigned l = 0; l < STAGE_LEGS; l++) /* heartbeats go on, and prove nothing */
		s->in[l].feed_model = FEED_ON_CHANGE;
}

/* Nothing arrives, so nothing would be judged by events alone (F32). */
START_TEST(silence_closes_the_gate_and_its_end_is_told)
{
	struct stage *s = stage_of(ages);
	quote(s, SPOT, 0);
	quote(s, PERP, 0);
	stage_turn(s, MS);
	ck_assert_uint_eq(stage_count(s, FACT_GATE), 0);
	for (int i = 0; i < 100; i++) { /* the perpetual goes on, spot is frozen */
		stage_turn(s, 20 * MS);
		quote(s, PERP, 0);
		if (i % 10 == 0) {
			s->script.answer[STRAT_BASIS][0] = stage_pair(10);
			s->script.n_answer[STRAT_BASIS] = i > 50;
		}
	}
	const struct fact *f = gate_fact(s, GATE_AGE);
	ck_assert_uint_eq(f->leg, SPOT);
	ck_assert_uint_eq(f->instrument, s->in[SPOT].name_id);
	quote(s, SPOT, 0);
	stage_turn(s, MS);
	f = gate_fact(s, GATE_OPEN);
	ck_assert_int_ge(f->num[4], 1300 * MS);
	ck_assert_int_le(f->num[4], 1800 * MS);
	ck_assert_int_ge(f->num[5], 10); /* judged meanwhile */
	ck_assert_int_ge(f->num[6], 3);	 /* proposals that it barred */
	ck_assert_int_ge(f->num[7], 1900 * MS);
	ck_assert_uint_eq(s->venue[SPOT].places, 0);
	stage_free(s);
}
END_TEST

START_TEST(a_clock_that_jumps_is_told)
{
	struct stage *s = stage_of(strict);
	for (int i = 0; i < 100; i++) {
		stage_turn(s, 10 * MS);
		ask_clock(s, SPOT, 0);
	}
	const struct fact *f = stage_latest(s, FACT_CLOCK);
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(f->num[5], 0);
	/* against UTC, which stands elsewhere than the monotonic clock */
	ck_assert_int_le(llabs(f->num[0] + (s->now.utc_ns - s->now.mono_ns)), 2 * MS);
	unsigned alerts = stage_count(s, FACT_ALERT);
	for (int i = 0; i < 100; i++) {
		stage_turn(s, 10 * MS);
		ask_clock(s, SPOT, 5 * STAGE_SECOND);
	}
	f = stage_latest(s, FACT_CLOCK);
	ck_assert_int_eq(f->num[5], 1);
	ck_assert_int_le(llabs(f->num[0] + (s->now.utc_ns - s->now.mono_ns) - 5 * STAGE_SECOND),
			 2 * MS);
	ck_assert_uint_eq(stage_count(s, FACT_ALERT), alerts + 1);
	ck_assert_ptr_nonnull(strstr(stage_latest(s, FACT_ALERT)->text, "5.000"));
	stage_free(s);
}
END_TEST

static void utc(struct stage *s)
{
	s->clock_bound_ns = INT64_MAX;
	s->cfg.risk.max_utc_bound_ns = 50 * MS;
}

/* Our own clock bars only where a bound against UTC is asked for; that it is not kept is told in any case. */
START_TEST(our_own_clock_is_told_and_may_bar)
{
	struct stage *s = stage_of(utc);
	stage_turn(s, 200 * MS);
	const struct fact *f = stage_latest(s, FACT_CLOCK);
	ck_assert(f && f->venue == 0 && f->num[1] == INT64_MAX);
	gate_fact(s, GATE_UTC);
	s->clock_bound_ns = 3 * MS;
	for (int i = 0; i < 5; i++)
		stage_turn(s, 100 * MS);
	f = stage_latest(s, FACT_CLOCK);
	ck_assert(f->venue == 0 && f->num[1] == 3 * MS);
	gate_fact(s, GATE_OPEN);
	stage_free(s);
}
END_TEST

/* What is quiet is asked for; what is cut ages, and an alert says so (F32). */
static unsigned probes;

static int probe(struct venue *v, uint32_t instrument)
{
	(void)v;
	ck_assert_uint_eq(instrument, SPOT);
	probes++;
	return 0;
}

static void probed(struct stage *s)
{
	s->cfg.risk.max_age_ns = 1000 * MS;
	s->in[SPOT].feed_model = FEED_PROBED;
	s->in[PERP].feed_model = FEED_SEQUENCED;
}

START_TEST(a_quiet_price_is_asked_for_and_a_cut_one_ages)
{
	static struct venue_ops ops;
	struct stage *s = stage_of(probed);
	ops = *s->venue[SPOT].v.ops;
	ops.probe = probe;
	s->venue[SPOT].v.ops = &ops;
	probes = 0;
	int64_t known = s->d->feed[SPOT].top.q.seq;
	for (int i = 0; i < 40; i++) { /* quiet: the venue has nothing newer */
		unsigned before = probes;
		stage_turn(s, 100 * MS);
		if (probes > before)
			host_of(s, SPOT)->on_probe(s->engine, SPOT, known, s->now.mono_ns - 5 * MS);
	}
	ck_assert_uint_eq(stage_count(s, FACT_GATE), 0);
	ck_assert(probes >= 5 && probes <= 10);
	unsigned alerts = stage_count(s, FACT_ALERT);
	for (int i = 0; i < 40; i++) { /* cut: it has */
		unsigned before = probes;
		stage_turn(s, 100 * MS);
		if (probes > before)
			host_of(s, SPOT)->on_probe(s->engine, SPOT, known + 9,
						   s->now.mono_ns - 5 * MS);
	}
	const struct fact *f = gate_fact(s, GATE_AGE);
	ck_assert_uint_eq(f->leg, SPOT);
	ck_assert_uint_eq(stage_count(s, FACT_ALERT), alerts + 1);
	ck_assert_ptr_nonnull(strstr(stage_latest(s, FACT_ALERT)->text, "F32"));
	stage_free(s);
}
END_TEST

/* ---- sessions ---- */

static struct calendar calendar;

/* The perpetual is traded for ten seconds, rests for twenty, and is traded again, for the next trading day. The stage begins at midnight. */
static void closing_soon(struct stage *s)
{
	calendar = (struct calendar){
		.name = "DAY",
		.zone = "UTC",
		.n_sessions = 2,
		.session = { { .to_s = 10, .days = 0x7f, .phase = PHASE_CONTINUOUS },
			     { .from_s = 30,
			       .to_s = 3600,
			       .days = 0x7f,
			       .phase = PHASE_CONTINUOUS,
			       .next_day = true } }
	};
	int rc = calendar_build(&calendar, s->now.utc_ns - 86400 * STAGE_SECOND,
				s->now.utc_ns + 86400 * STAGE_SECOND);
	ck_assert_msg(rc == 0, "%s", err_text());
	s->cfg.calendar = &calendar;
	s->cfg.n_calendars = 1;
	s->in[SPOT].calendar = CALENDAR_NONE;
	s->in[PERP].calendar = 0;
	s->cfg.risk.close_margin_ns = 2 * STAGE_SECOND;
}

static void go_on(struct stage *s, int64_t ns)
{
	for (int64_t t = 0; t < ns; t += 20 * MS) {
		stage_turn(s, 20 * MS);
		quote(s, SPOT, 0);
		quote(s, PERP, 0);
	}
}

START_TEST(nothing_opens_near_the_close_and_while_closed)
{
	struct stage *s = stage_of(closing_soon);
	go_on(s, 7 * STAGE_SECOND);
	ck_assert_uint_eq(s->d->instance[0].basis.gate, GATE_OPEN);
	s->script.propose_always = true;
	go_on(s, STAGE_SECOND / 2);
	ck_assert_uint_gt(s->venue[SPOT].places, 0);
	go_on(s, STAGE_SECOND);
	gate_fact(s, GATE_CLOSING);
	ck_assert_uint_eq(desk_gate(s->d, &s->d->instance[0], true).gate, GATE_OPEN);
	unsigned placed = s->venue[SPOT].places;
	go_on(s, 2 * STAGE_SECOND);
	gate_fact(s, GATE_SESSION);
	const struct fact *f = stage_latest(s, FACT_MARKET);
	ck_assert_msg(f->num[0] == PHASE_CONTINUOUS && f->num[1] == PHASE_CLOSED, "%s; %d facts",
		      f->text, (int)stage_count(s, FACT_MARKET));
	ck_assert_uint_eq(f->instrument, s->in[PERP].name_id);
	ck_assert_uint_eq(s->venue[SPOT].places, placed);
	ck_assert_uint_eq(desk_gate(s->d, &s->d->instance[0], true).gate, GATE_SESSION);
	go_on(s, 21 * STAGE_SECOND);
	ck_assert_int_eq(stage_latest(s, FACT_MARKET)->num[2], 20260102);
	ck_assert_uint_gt(s->venue[SPOT].places, placed);
	stage_free(s);
	calendar_free(&calendar);
}
END_TEST

/* A day that begins without a pause has a receipt of its own: a restart reads from it which lots are of today. */
static void without_a_pause(struct stage *s)
{
	closing_soon(s);
	calendar_free(&calendar);
	calendar.session[1].from_s = 10;
	ck_assert_int_eq(calendar_build(&calendar, s->now.utc_ns - 86400 * STAGE_SECOND,
					s->now.utc_ns + 86400 * STAGE_SECOND),
			 0);
}

START_TEST(a_day_that_begins_without_a_pause_is_told)
{
	struct stage *s = stage_of(without_a_pause);
	struct position *row = s->d->instance[0].row[PERP];
	go_on(s, STAGE_SECOND);
	row->qty[SIDE_BUY][0] = 3;
	unsigned told = stage_count(s, FACT_MARKET);
	go_on(s, 10 * STAGE_SECOND);
	ck_assert_uint_eq(stage_count(s, FACT_MARKET), told + 1);
	ck_assert_int_eq(stage_latest(s, FACT_MARKET)->num[2], 20260102);
	ck_assert(row->qty[SIDE_BUY][0] == 0 && row->qty[SIDE_BUY][1] == 3);
	row->qty[SIDE_BUY][1] = 0;
	stage_free(s);
	calendar_free(&calendar);
}
END_TEST

/* F68: a contract in which nothing more may be opened opens again with the next trading day. */
START_TEST(what_an_exchange_bars_for_a_day_ends_with_it)
{
	struct stage *s = stage_of(closing_soon);
	go_on(s, STAGE_SECOND);
	fence_raise(s->d, PERP, PERP, FENCE_OPENING, 0, 0, 0, "nothing opens");
	fence_raise(s->d, SPOT, SPOT, FENCE_OPENING, 0, 0, 0, "nothing opens");
	go_on(s, 20 * STAGE_SECOND);
	ck_assert_ptr_nonnull(fence_at(s->d, PERP, PERP));
	go_on(s, 11 * STAGE_SECOND);
	ck_assert_ptr_null(fence_at(s->d, PERP, PERP));
	ck_assert_ptr_nonnull(fence_at(s->d, SPOT, SPOT)); /* of no calendar */
	stage_free(s);
	calendar_free(&calendar);
}
END_TEST

static void expiring(struct stage *s)
{
	s->in[PERP].expiry_utc_ns = s->now.utc_ns + 5 * STAGE_SECOND;
	s->cfg.risk.close_margin_ns = STAGE_SECOND;
}

/* F49, F66 */
START_TEST(nothing_opens_in_a_contract_that_ends)
{
	struct stage *s = stage_of(expiring);
	go_on(s, 3 * STAGE_SECOND);
	ck_assert_uint_eq(s->d->instance[0].basis.gate, GATE_OPEN);
	go_on(s, 1500 * MS);
	gate_fact(s, GATE_CLOSING);
	go_on(s, STAGE_SECOND);
	gate_fact(s, GATE_SESSION);
	ck_assert(!desk_in_session(s->d, PERP) && desk_in_session(s->d, SPOT));
	stage_free(s);
}
END_TEST

/* A leg fails in the last moment (F35): nothing is sent into a closed market, the pair is held with its cause, and is finished at the reopening. */
START_TEST(a_broken_pair_is_carried_to_the_reopening)
{
	struct stage *s = stage_of(closing_soon);
	s->ci[0].limits.on_leg_fail = LEG_FAIL_COMPLETE;
	s->d->instance[0].limits.on_leg_fail = LEG_FAIL_COMPLETE;
	go_on(s, 7900 * MS);
	s->venue[SPOT].fate = STAGE_FILL;
	s->venue[PERP].fate = STAGE_SILENT;
	s->script.answer[STRAT_BASIS][0] = stage_pair(10);
	s->script.n_answer[STRAT_BASIS] = 1;
	quote(s, SPOT, 0);
	stage_turn(s, MS);
	uint32_t at = 0;
	const struct pair *p = pairs_each(&s->d->pairs, &at);
	ck_assert_int_eq(p->state, PAIR_SENT);
	/* The answer comes after the close: it was refused. */
	go_on(s, 3 * STAGE_SECOND);
	struct exec_report r = { .kind = EXEC_REJECTED,
				 .side = s->venue[PERP].last.side,
				 .venue = PERP,
				 .account = PERP,
				 .instrument = PERP,
				 .order = s->venue[PERP].last.id,
				 .reject_class = REJECT_CLOSED,
				 .recv_ns = s->now.mono_ns };
	host_of(s, PERP)->on_exec(s->engine, &r);
	unsigned placed = s->venue[PERP].places;
	go_on(s, 10 * STAGE_SECOND);
	ck_assert_uint_eq(s->venue[PERP].places, placed);
	ck_assert_int_eq(p->state, PAIR_HELD);
	ck_assert_str_eq(held_cause_name((enum held_cause)p->held_cause), "market_closed");
	go_on(s, 12 * STAGE_SECOND);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	ck_assert_uint_eq(s->venue[PERP].places, placed + 1);
	ck_assert_int_eq(engine_residual_base_e8(s->engine), 0);
	stage_free(s);
	calendar_free(&calendar);
}
END_TEST

/* ---- the recording ---- */

struct fake_tape {
	struct tape tape;
	struct pack_event ev[64];
	uint16_t venue[64];
	unsigned n;
};

static int keep(struct tape *t, uint16_t venue, const struct pack_event *ev)
{
	struct fake_tape *f = (struct fake_tape *)t;
	ck_assert_uint_lt(f->n, 64);
	f->venue[f->n] = venue;
	f->ev[f->n++] = *ev;
	return 0;
}

static void no_time(struct tape *t, int64_t utc_ns)
{
	(void)t, (void)utc_ns;
}

static bool no_block(struct tape *t, struct tape_block *out)
{
	(void)t, (void)out;
	return false;
}

static int finish(struct tape *t)
{
	(void)t;
	return 0;
}

static uint64_t none_lost(const struct tape *t)
{
	(void)t;
	return 0;
}

static struct fake_tape fake;

static void recorded(struct stage *s)
{
	static struct tape_ops ops = { .put = keep,
				       .on_time = no_time,
				       .next_block = no_block,
				       .finish = finish,
				       .lost = none_lost };
	fake = (struct fake_tape){ .tape = { &ops } };
	s->tape = &fake.tape;
	s->cv[PERP].record = true;
}

START_TEST(what_a_venue_said_is_recorded_as_it_came)
{
	struct stage *s = stage_of(recorded);
	fake.n = 0;
	quote(s, SPOT, 77); /* nobody asked for this venue */
	quote(s, PERP, 88);
	quote(s, PERP, 88); /* what the book throws away is kept too */
	ask_clock(s, PERP, 0);
	struct venue_host *h = host_of(s, PERP);
	h->on_alive(h->core, PERP, s->now.mono_ns);
	h->on_bad(h->core, PERP, PERP, BAD_SYNTAX, "no", "x", 1);
	h->on_feed_down(h->core, PERP);
	static const uint8_t kinds[] = { PACK_QUOTE, PACK_QUOTE, PACK_CLOCK,
					 PACK_ALIVE, PACK_BAD,	 PACK_DOWN };
	ck_assert_uint_eq(fake.n, sizeof kinds);
	for (unsigned i = 0; i < sizeof kinds; i++) {
		ck_assert_uint_eq(fake.ev[i].kind, kinds[i]);
		ck_assert_uint_eq(fake.venue[i], PERP);
		ck_assert_int_eq(fake.ev[i].at_ns, s->now.utc_ns);
	}
	ck_assert_int_eq(fake.ev[0].quote.venue_ns, 88);
	ck_assert_int_eq(fake.ev[0].quote.px[SIDE_BUY], 601000);
	stage_free(s);
}
END_TEST

SUITE("truth", a_stamp_is_put_on_our_line, an_unknown_clock_bars_where_a_bound_is_asked_for,
      silence_closes_the_gate_and_its_end_is_told, a_clock_that_jumps_is_told,
      our_own_clock_is_told_and_may_bar, a_quiet_price_is_asked_for_and_a_cut_one_ages,
      nothing_opens_near_the_close_and_while_closed, nothing_opens_in_a_contract_that_ends,
      what_an_exchange_bars_for_a_day_ends_with_it, a_day_that_begins_without_a_pause_is_told,
      a_broken_pair_is_carried_to_the_reopening, what_a_venue_said_is_recorded_as_it_came)
