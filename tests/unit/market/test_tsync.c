/* Proves tsync case by case: what one pair and one stamp bound, which side stays open, grains, steps, routes, stray stamps, Marzullo, and where a stamp is placed. */
#include "core/base/err.h"
#include "core/market/tsync.h"
#include "tests/unit/suite.h"

#define US INT64_C(1000)
#define MS INT64_C(1000000)
#define S  INT64_C(1000000000)
#define H  (3600 * S)

/* Host time begins here; the venue counts UTC. */
#define T0  (500 * S)
#define UTC (INT64_C(1723161254) * S)

static struct tsync *open_with(int64_t max_min_delay_ns, int64_t grain_ns)
{
	struct tsync_config c = { .max_min_delay_ns = max_min_delay_ns, .grain_ns = grain_ns };
	struct tsync *t;
	ck_assert_int_eq(tsync_open(&c, &t), 0);
	return t;
}

static struct tsync_estimate at(const struct tsync *t, int64_t at_ns)
{
	struct tsync_estimate e;
	tsync_read(t, at_ns, &e);
	return e;
}

static bool holds(const struct tsync_estimate *e, int64_t offset_ns)
{
	return e->lo_ns <= offset_ns && offset_ns <= e->hi_ns;
}

/* A message that was stamped at host time `made` and took `delay`. */
static bool say(struct tsync *t, int s, int64_t offset, int64_t made, int64_t delay)
{
	return tsync_stamp(t, s, made + offset, made + delay);
}

/* n of them, 10 ms apart, each as fast as `delay` or up to 9 * 20 us slower; returns the host's time of the last. */
static int64_t say_many(struct tsync *t, int s, int64_t offset, int64_t from, int n, int64_t delay)
{
	for (int i = 0; i < n; i++)
		say(t, s, offset, from + i * 10 * MS, delay + i * 7 % 10 * 20 * US);
	return from + (n - 1) * 10 * MS + delay + 180 * US;
}

static bool ask(struct tsync *t, int s, int64_t offset, int64_t sent, int64_t there, int64_t back)
{
	int64_t stamp = sent + there + offset;
	return tsync_pair(t, s, sent, stamp, stamp, sent + there + back);
}

START_TEST(nothing_is_known_at_first)
{
	struct tsync *t = open_with(0, 0);
	struct tsync_estimate e = at(t, T0);
	int64_t bound;
	ck_assert(!e.known && e.open == TSYNC_OPEN_BOTH && e.bound_ns == INT64_MAX);
	ck_assert(e.lo_ns == INT64_MIN && e.hi_ns == INT64_MAX && e.samples == 0);
	ck_assert_int_eq(tsync_place(t, UTC, T0, &bound), T0);
	ck_assert_int_eq(bound, INT64_MAX);
	tsync_free(t);
	t = open_with(2 * MS, 0);
	ck_assert_int_eq(tsync_place(t, 0, T0, &bound), T0);
	ck_assert_int_eq(bound, 2 * MS);
	tsync_free(t);
}
END_TEST

START_TEST(settings_out_of_range_are_refused)
{
	static const struct tsync_config bad[] = {
		{ .max_min_delay_ns = -1 }, { .max_min_delay_ns = H }, { .grain_ns = -1 },
		{ .grain_ns = 2 * H },	    { .max_drift_ppb = -1 },   { .max_drift_ppb = 1 << 30 },
	};
	struct tsync *t;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_int_eq(tsync_open(&bad[i], &t), -ERR_RANGE);
	t = open_with(0, 0);
	for (int i = 0; i < TSYNC_SOURCES; i++)
		ck_assert_int_eq(tsync_source(t, TSYNC_STREAM), i);
	ck_assert_int_eq(tsync_source(t, TSYNC_PAIRS), -ERR_FULL);
	tsync_free(t);
}
END_TEST

START_TEST(a_pair_bounds_both_sides)
{
	struct tsync *t = open_with(0, 1);
	int s = tsync_source(t, TSYNC_PAIRS);
	ck_assert(ask(t, s, UTC, T0, 300 * US, 500 * US));
	struct tsync_estimate e = at(t, T0 + 800 * US);
	ck_assert(e.known && e.open == TSYNC_CLOSED && holds(&e, UTC));
	ck_assert_int_eq(e.lo_ns, UTC - 500 * US);
	ck_assert(e.hi_ns >= UTC + 300 * US &&
		  e.hi_ns < UTC + 301 * US); /* and the drift of 800 us */
	ck_assert(e.offset_ns > UTC - 101 * US && e.offset_ns < UTC - 99 * US);
	ck_assert(e.bound_ns >= 400 * US && e.bound_ns < 401 * US);
	struct tsync_estimate later = at(t, T0 + 10 * S), earlier = at(t, T0 - 10 * S);
	ck_assert(later.bound_ns > e.bound_ns + MS && later.bound_ns < e.bound_ns + 3 * MS);
	ck_assert(earlier.bound_ns > e.bound_ns + MS && earlier.bound_ns < e.bound_ns + 3 * MS);
	tsync_free(t);
}
END_TEST

START_TEST(pairs_that_contradict_themselves_are_refused)
{
	struct tsync *t = open_with(0, 1);
	int s = tsync_source(t, TSYNC_PAIRS);
	ck_assert(!tsync_pair(t, s, T0, UTC, UTC, T0 - 1));	 /* answered before it was asked */
	ck_assert(!tsync_pair(t, s, T0, UTC + 1, UTC, T0 + MS)); /* sent before it was received */
	ck_assert(!tsync_pair(t, s, T0, UTC, UTC + 2 * MS, T0 + MS)); /* longer there than away */
	ck_assert(!tsync_pair(t, s, INT64_MIN, UTC, UTC, INT64_MAX));
	struct tsync_estimate e = at(t, T0);
	ck_assert(!e.known && e.samples == 4 && e.refused == 4);
	tsync_free(t);
}
END_TEST

START_TEST(a_stream_alone_is_open_above)
{
	struct tsync *t = open_with(0, 1);
	int s = tsync_source(t, TSYNC_STREAM);
	int64_t now = say_many(t, s, UTC, T0, 500, 400 * US), bound;
	struct tsync_estimate e = at(t, now);
	ck_assert(e.known && e.open == TSYNC_OPEN_HI && e.hi_ns == INT64_MAX);
	ck_assert(e.bound_ns == INT64_MAX && holds(&e, UTC));
	ck_assert(e.lo_ns > UTC - 600 * US && e.offset_ns > UTC - 450 * US && e.offset_ns <= UTC);
	tsync_place(t, now + UTC - 500 * US, now, &bound);
	ck_assert_int_eq(bound, INT64_MAX);
	tsync_free(t);
}
END_TEST

START_TEST(a_stated_delay_closes_it)
{
	struct tsync *t = open_with(500 * US, 1);
	int s = tsync_source(t, TSYNC_STREAM);
	int64_t now = say_many(t, s, UTC, T0, 60, 400 * US);
	ck_assert_int_eq(at(t, now).open, TSYNC_OPEN_HI); /* not yet: too few */
	now = say_many(t, s, UTC, now, 10000, 400 * US);
	struct tsync_estimate e = at(t, now);
	ck_assert(e.open == TSYNC_CLOSED && holds(&e, UTC));
	ck_assert_msg(e.hi_ns - e.lo_ns < 600 * US, "%ld wide", (long)(e.hi_ns - e.lo_ns));
	ck_assert(e.delay_ns > 200 * US && e.delay_ns < 500 * US);
	tsync_free(t);
}
END_TEST

START_TEST(the_grain_is_found_and_allowed_for)
{
	static const int64_t grain[] = { 1, US, MS, S };
	for (int i = 0; i < 4; i++) {
		struct tsync *t = open_with(0, 0);
		int s = tsync_source(t, TSYNC_PAIRS);
		int64_t pace = grain[i] == S ? 103 * MS : 23 * MS; /* over some whole seconds */
		for (int k = 0; k < 400; k++) {
			int64_t sent = T0 + k * pace + k * INT64_C(377777);
			int64_t v = (sent + 200 * US + UTC) / grain[i] * grain[i];
			ck_assert(tsync_pair(t, s, sent, v, v, sent + 400 * US));
			struct tsync_estimate e = at(t, sent + 400 * US);
			ck_assert(holds(&e, UTC));
		}
		struct tsync_estimate e = at(t, T0 + 400 * pace + 155 * MS);
		ck_assert_msg(e.hi_ns - e.lo_ns < 600 * US + grain[i] / 20, "%ld wide, grain %ld",
			      (long)(e.hi_ns - e.lo_ns), (long)grain[i]);
		tsync_free(t);
	}
}
END_TEST

START_TEST(drift_is_found)
{
	struct tsync *t = open_with(500 * US, 1);
	int s = tsync_source(t, TSYNC_STREAM);
	int64_t made = T0;
	for (int i = 0; i < 30000; i++, made += 10 * MS)
		say(t, s, UTC + (made - T0) / 1000000 * 50, made, 400 * US + i * 7 % 10 * 20 * US);
	struct tsync_estimate e = at(t, made);
	ck_assert_msg(e.drift_ppb > 49000 && e.drift_ppb < 51000, "%ld", (long)e.drift_ppb);
	ck_assert(holds(&e, UTC + (made - T0) / 1000000 * 50));
	struct tsync_estimate later = at(t, made + 60 * S);
	ck_assert(holds(&later, UTC + (made + 60 * S - T0) / 1000000 * 50));
	ck_assert(later.bound_ns < e.bound_ns + MS);
	tsync_free(t);
}
END_TEST

/* A step of the clock is believed with the second pair, or the third message, that agrees. */
START_TEST(a_step_begins_anew)
{
	static const int64_t step[] = { H, -H, 20 * MS, -20 * MS };
	for (int i = 0; i < 4; i++) {
		struct tsync *t = open_with(0, 1);
		int s = tsync_source(t, TSYNC_PAIRS);
		for (int k = 0; k < 100; k++)
			ask(t, s, UTC, T0 + k * S, 200 * US, 200 * US);
		ck_assert(!ask(t, s, UTC + step[i], T0 + 100 * S, 200 * US, 200 * US));
		ck_assert(ask(t, s, UTC + step[i], T0 + 101 * S, 200 * US, 200 * US));
		struct tsync_estimate e = at(t, T0 + 101 * S);
		ck_assert(e.steps == 1 && holds(&e, UTC + step[i]) && e.bound_ns < MS);
		tsync_free(t);
	}
	for (int i = 0; i < 2; i++) {
		struct tsync *t = open_with(500 * US, 1);
		int s = tsync_source(t, TSYNC_STREAM);
		int64_t now = say_many(t, s, UTC, T0, 1000, 400 * US) + 10 * MS;
		ck_assert(!say(t, s, UTC + step[i], now, 400 * US));
		ck_assert(!say(t, s, UTC + step[i], now + 10 * MS, 500 * US));
		ck_assert(say(t, s, UTC + step[i], now + 20 * MS, 450 * US));
		ck_assert_int_eq(at(t, now + 21 * MS).steps, 1);
		now = say_many(t, s, UTC + step[i], now + 30 * MS, 1000, 400 * US);
		struct tsync_estimate e = at(t, now);
		ck_assert(e.steps == 1 && e.open == TSYNC_CLOSED && holds(&e, UTC + step[i]));
		tsync_free(t);
	}
}
END_TEST

/* One way, a clock that is set back and a route that becomes slower look alike: the interval must hold both, and it is no step. */
START_TEST(a_slower_route_is_no_step)
{
	struct tsync *t = open_with(7 * MS, 1);
	int s = tsync_source(t, TSYNC_STREAM);
	int64_t now = say_many(t, s, UTC, T0, 2000, 400 * US) + 10 * MS;
	for (int i = 0; i < 300; i++) {
		int64_t made = now + i * 10 * MS;
		say(t, s, UTC, made, 5400 * US + i * 7 % 10 * 20 * US);
		struct tsync_estimate e = at(t, made + 5600 * US);
		ck_assert(holds(&e, UTC));
		if (i > 16)
			ck_assert(holds(&e, UTC - 5 * MS));
		ck_assert_int_eq(e.steps, 0);
	}
	tsync_free(t);
}
END_TEST

START_TEST(stray_stamps_do_no_harm)
{
	struct tsync *t = open_with(500 * US, 1);
	int s = tsync_source(t, TSYNC_STREAM);
	int64_t now = say_many(t, s, UTC, T0, 2000, 400 * US) + 10 * MS;
	struct tsync_estimate before = at(t, now);
	for (int i = 0; i < 500; i++, now += 10 * MS) {
		int64_t wrong = i % 50 == 10 ? H : i % 50 == 30 ? -H : i % 50 == 40 ? 30 * MS : 0;
		ck_assert(say(t, s, UTC + wrong, now, 400 * US + i % 10 * 20 * US) == !wrong);
		ck_assert(say(t, s, UTC + wrong, now, 401 * US + i % 10 * 20 * US) == !wrong);
		struct tsync_estimate e = at(t, now);
		ck_assert(holds(&e, UTC) && e.steps == 0 && e.bound_ns < 2 * before.bound_ns);
	}
	ck_assert_uint_eq(at(t, now).refused, 60);
	ck_assert(tsync_stamp(t, s, 0, now)); /* no stamp: nothing to refuse */
	ck_assert(!tsync_stamp(t, s, INT64_MAX, now) && !tsync_stamp(t, s, INT64_MIN, now));
	tsync_free(t);
}
END_TEST

START_TEST(the_majority_counts)
{
	struct tsync *t = open_with(0, 1);
	int a = tsync_source(t, TSYNC_PAIRS), b = tsync_source(t, TSYNC_PAIRS);
	int c = tsync_source(t, TSYNC_PAIRS);
	ask(t, a, UTC, T0, 200 * US, 200 * US);
	ask(t, b, UTC + 50 * MS, T0, 200 * US, 200 * US);
	struct tsync_estimate e = at(t, T0 + MS);
	/* One against one: it may be either. */
	ck_assert(holds(&e, UTC) && holds(&e, UTC + 50 * MS) && e.left_out == 1);
	ask(t, c, UTC, T0 + MS, 100 * US, 300 * US);
	e = at(t, T0 + 2 * MS);
	ck_assert(holds(&e, UTC) && !holds(&e, UTC + 50 * MS) && e.left_out == 1);
	ck_assert(e.hi_ns - e.lo_ns < 302 * US);
	tsync_free(t);
}
END_TEST

/* Where answers are rare, the stream shows first that something moved. */
START_TEST(a_stream_warns_of_old_answers)
{
	struct tsync *t = open_with(0, 1);
	int p = tsync_source(t, TSYNC_PAIRS), s = tsync_source(t, TSYNC_STREAM);
	for (int k = 0; k < 20; k++) {
		ask(t, p, UTC, T0 + k * S, 200 * US, 200 * US);
		say_many(t, s, UTC, T0 + k * S + 5 * MS, 99, 200 * US);
	}
	int64_t now = T0 + 20 * S;
	struct tsync_estimate e = at(t, now);
	ck_assert(e.open == TSYNC_CLOSED && e.bound_ns < MS && holds(&e, UTC));
	now = say_many(t, s, UTC - 30 * MS, now + 30 * MS, 24, 200 * US);
	e = at(t, now);
	ck_assert(holds(&e, UTC - 30 * MS) && holds(&e, UTC));
	ask(t, p, UTC, now + MS, 200 * US, 200 * US);
	e = at(t, now + 2 * MS);
	ck_assert(e.bound_ns < MS && holds(&e, UTC)); /* the answer settles it: a slower route */
	tsync_free(t);
}
END_TEST

START_TEST(stamps_are_placed)
{
	struct tsync *t = open_with(500 * US, 1);
	int p = tsync_source(t, TSYNC_PAIRS), s = tsync_source(t, TSYNC_STREAM);
	for (int k = 0; k < 100; k++) {
		ask(t, p, UTC, T0 + k * 100 * MS, 100 * US, 100 * US);
		say(t, s, UTC, T0 + k * 100 * MS + MS, 300 * US + k % 3 * 100 * US);
	}
	int64_t now = T0 + 10 * S, bound;
	int64_t placed = tsync_place(t, now - 3 * MS + UTC, now, &bound);
	ck_assert(bound < 200 * US && llabs(placed - (now - 3 * MS)) <= bound);
	/* A little early by the estimate, still possible: never after its arrival. */
	placed = tsync_place(t, now + 50 * US + UTC, now, &bound);
	ck_assert(placed == now && bound < 200 * US);
	/* From the future: it stands at its arrival, and may be as old as any. */
	placed = tsync_place(t, now + H + UTC, now, &bound);
	ck_assert(placed == now && bound >= 500 * US && bound < 2 * MS);
	/* No stamp: as late as the latest of those that bear one. */
	placed = tsync_place(t, 0, now, &bound);
	ck_assert(placed == now && bound >= 500 * US && bound < 2 * MS);
	placed = tsync_place(t, INT64_MIN, INT64_MAX, &bound);
	ck_assert(placed == INT64_MAX);
	tsync_free(t);
}
END_TEST

START_TEST(the_host_may_step_too)
{
	struct tsync *t = open_with(500 * US, 1);
	int p = tsync_source(t, TSYNC_PAIRS), s = tsync_source(t, TSYNC_STREAM);
	for (int k = 0; k < 300; k++) {
		ask(t, p, UTC, T0 + k * 100 * MS, 100 * US, 100 * US);
		say(t, s, UTC, T0 + k * 100 * MS + MS, 300 * US);
	}
	int64_t now = T0 + 30 * S;
	struct tsync_estimate e = at(t, now);
	tsync_host_step(t, H);
	struct tsync_estimate moved = at(t, now + H);
	ck_assert(moved.lo_ns == e.lo_ns - H && moved.hi_ns == e.hi_ns - H);
	ck_assert(moved.offset_ns == e.offset_ns - H && moved.drift_ppb == e.drift_ppb);
	for (int k = 0; k < 100; k++) {
		int64_t sent = now + H + k * 100 * MS;
		ck_assert(ask(t, p, UTC - H, sent, 100 * US, 100 * US));
		ck_assert(say(t, s, UTC - H, sent + MS, 300 * US));
	}
	e = at(t, now + H + 10 * S);
	ck_assert(holds(&e, UTC - H) && e.steps == 0 && e.bound_ns < 150 * US);
	/* Without a word: three stamps of ours that go on from there are believed. */
	for (int k = 0; k < 100; k++)
		say(t, s, UTC, now + k * 10 * MS, 300 * US);
	e = at(t, now + S);
	ck_assert(holds(&e, UTC) && e.steps == 1 && e.refused == 2);
	tsync_free(t);
}
END_TEST

SUITE("tsync", nothing_is_known_at_first, settings_out_of_range_are_refused,
      a_pair_bounds_both_sides, pairs_that_contradict_themselves_are_refused,
      a_stream_alone_is_open_above, a_stated_delay_closes_it, the_grain_is_found_and_allowed_for,
      drift_is_found, a_step_begins_anew, a_slower_route_is_no_step, stray_stamps_do_no_harm,
      the_majority_counts, a_stream_warns_of_old_answers, stamps_are_placed, the_host_may_step_too)
