/* Proves every row of the gate, its order, who is named, and that no number wraps: with nothing wrong it is open, with one thing wrong it says which. */
#include "core/base/rng.h"
#include "core/market/gate.h"
#include "tests/unit/suite.h"
#include <string.h>

#define MS  1000000LL
#define SEC 1000000000LL
#define NOW (1000 * SEC)

struct scene {
	struct instrument in[LEG_MAX + REF_MAX];
	struct top top[LEG_MAX + REF_MAX];
	struct calendar_now open;
	struct basis_spec spec;
	struct gate_limits limits;
	struct gate_now now;
};

/* Legs first in in[] and top[], then references. */
static void set_up(struct scene *s, uint8_t legs, uint8_t refs)
{
	memset(s, 0, sizeof *s);
	s->spec.n_legs = legs;
	s->spec.n_refs = refs;
	for (unsigned i = 0; i < (unsigned)legs + refs; i++) {
		s->top[i] = (struct top){ .q = { .px = { 100, 101 }, .qty = { 5, 5 } },
					  .valid_ns = NOW - 10 * MS,
					  .bound_ns = MS,
					  .state = BOOK_LIVE };
		const struct instrument **in = i < legs ? &s->spec.leg[i] : &s->spec.ref[i - legs];
		const struct top **t = i < legs ? &s->spec.leg_top[i] : &s->spec.ref_top[i - legs];
		*in = &s->in[i];
		*t = &s->top[i];
	}
	s->limits = (struct gate_limits){ .max_age_ns = 100 * MS,
					  .max_skew_ns = 20 * MS,
					  .max_clock_bound_ns = 5 * MS,
					  .max_utc_bound_ns = 50 * MS,
					  .close_margin_ns = 60 * SEC };
	s->open = (struct calendar_now){ .phase = PHASE_CONTINUOUS,
					 .until_utc_ns = 3600 * SEC,
					 .closes_utc_ns = 3600 * SEC };
	s->now = (struct gate_now){ .mono_ns = NOW, .utc_ns = 100 * SEC, .utc_bound_ns = MS };
	for (unsigned i = 0; i < legs; i++)
		s->now.leg_session[i] = &s->open;
}

static struct gate_verdict judge(const struct scene *s)
{
	return gate_judge(&s->spec, &s->limits, &s->now);
}

static void expect(const struct scene *s, enum gate gate, unsigned who, int64_t value,
		   int64_t bound)
{
	struct gate_verdict v = judge(s);
	ck_assert_str_eq(gate_name(v.gate), gate_name(gate));
	ck_assert_uint_eq(v.who, who);
	ck_assert_int_eq(v.value, value);
	ck_assert_int_eq(v.bound, bound);
}

static void expect_open(const struct scene *s)
{
	expect(s, GATE_OPEN, GATE_WHOLE, 0, 0);
}

START_TEST(test_open)
{
	struct scene s;
	set_up(&s, 2, 1);
	expect_open(&s);
	set_up(&s, LEG_MAX, REF_MAX);
	expect_open(&s);
	for (unsigned i = 0; i < LEG_MAX; i++)
		s.now.leg_session[i] = NULL; /* round the clock */
	expect_open(&s);
}
END_TEST

START_TEST(test_book)
{
	struct scene s;
	for (uint8_t state = 0; state < book_state_max; state++) {
		if (state == BOOK_LIVE)
			continue;
		set_up(&s, 2, 2);
		s.top[1].state = state;
		expect(&s, GATE_BOOK, 1, state, BOOK_LIVE);
		set_up(&s, 2, 2);
		s.top[3].state = state;
		expect(&s, GATE_BOOK, GATE_REF + 1, state, BOOK_LIVE);
	}
}
END_TEST

START_TEST(test_quote)
{
	struct scene s;
	set_up(&s, 2, 1);
	s.top[0].q.qty[SIDE_SELL] = 0;
	expect(&s, GATE_QUOTE, 0, SIDE_SELL, 0);
	set_up(&s, 2, 1);
	s.top[2].q.qty[SIDE_BUY] = 0;
	expect(&s, GATE_QUOTE, GATE_REF, SIDE_BUY, 0);
}
END_TEST

START_TEST(test_session)
{
	struct scene s;
	for (uint8_t phase = 0; phase < phase_max; phase++) {
		if (phase == PHASE_CONTINUOUS)
			continue;
		set_up(&s, 2, 1);
		struct calendar_now other = s.open;
		other.phase = phase;
		s.now.leg_session[1] = &other;
		expect(&s, GATE_SESSION, 1, phase, PHASE_CONTINUOUS);
	}
	/* what is known of it is of before its end: the end counts */
	set_up(&s, 2, 0);
	s.now.utc_ns = s.open.closes_utc_ns;
	expect(&s, GATE_SESSION, 0, PHASE_CLOSED, PHASE_CONTINUOUS);
}
END_TEST

START_TEST(test_closing)
{
	struct scene s;
	set_up(&s, 3, 0);
	struct calendar_now soon = s.open, sooner = s.open;
	soon.closes_utc_ns = s.now.utc_ns + 60 * SEC;
	s.now.leg_session[1] = &soon;
	expect(&s, GATE_CLOSING, 1, 60 * SEC, 60 * SEC);
	sooner.closes_utc_ns = s.now.utc_ns + SEC;
	s.now.leg_session[2] = &sooner;
	expect(&s, GATE_CLOSING, 2, SEC, 60 * SEC);
	soon.closes_utc_ns = s.now.utc_ns + 60 * SEC + 1;
	sooner.closes_utc_ns = INT64_MAX;
	expect_open(&s);
	soon.closes_utc_ns = s.now.utc_ns + 1;
	s.limits.close_margin_ns = 0;
	expect_open(&s);
}
END_TEST

START_TEST(test_clock)
{
	struct scene s;
	set_up(&s, 2, 1);
	s.top[0].bound_ns = 5 * MS;
	expect_open(&s);
	s.top[0].bound_ns++;
	expect(&s, GATE_CLOCK, 0, 5 * MS + 1, 5 * MS);
	s.top[2].bound_ns = INT64_MAX;
	expect(&s, GATE_CLOCK, GATE_REF, INT64_MAX, 5 * MS);
}
END_TEST

/* Without a limit for the clocks: a bound that is known counts, one that is not leaves the age from the arrival. */
START_TEST(test_clock_not_limited)
{
	struct scene s;
	set_up(&s, 2, 1);
	s.limits.max_clock_bound_ns = 0;
	s.top[0].bound_ns = INT64_MAX;
	expect_open(&s);
	s.top[0].valid_ns = NOW - 100 * MS - 1;
	expect(&s, GATE_AGE, 0, 100 * MS + 1, 100 * MS);
	s.top[0].valid_ns = NOW - 10 * MS;
	s.top[0].bound_ns = 5 * 3600 * SEC;
	expect(&s, GATE_AGE, 0, 5 * 3600 * SEC + 10 * MS, 100 * MS);
}
END_TEST

START_TEST(test_utc)
{
	struct scene s;
	set_up(&s, 2, 1);
	s.now.utc_bound_ns = 50 * MS;
	expect_open(&s);
	s.now.utc_bound_ns = INT64_MAX;
	expect(&s, GATE_UTC, GATE_WHOLE, INT64_MAX, 50 * MS);
	s.limits.max_utc_bound_ns = 0;
	expect_open(&s);
}
END_TEST

START_TEST(test_age)
{
	struct scene s;
	set_up(&s, 2, 2);
	s.limits.max_skew_ns = 0;
	s.top[1].valid_ns = NOW - 99 * MS;
	expect_open(&s);
	s.top[1].valid_ns--; /* with 1 ms of bound it is beyond now */
	expect(&s, GATE_AGE, 1, 100 * MS + 1, 100 * MS);
	s.top[3].valid_ns = NOW - 200 * MS; /* the worst is named */
	expect(&s, GATE_AGE, GATE_REF + 1, 201 * MS, 100 * MS);
	s.top[0].valid_ns = s.top[3].valid_ns; /* at a tie the first */
	expect(&s, GATE_AGE, 0, 201 * MS, 100 * MS);
}
END_TEST

/* Proof of validity comes by the feed's model: the line's signs of life count, or do not. */
START_TEST(test_age_by_model)
{
	struct feed_line line = { .data_ns = NOW - 500 * MS, .beat_ns = NOW - 5 * MS };
	static const struct {
		uint8_t model;
		bool fresh;
	} row[] = { { FEED_SEQUENCED, true },
		    { FEED_CONFLATED, false },
		    { FEED_SNAPSHOT, false },
		    { FEED_ON_CHANGE, false } };
	for (unsigned i = 0; i < sizeof row / sizeof *row; i++) {
		struct scene s;
		set_up(&s, 2, 0);
		s.limits.max_skew_ns = 0;
		s.top[0].model = row[i].model;
		s.top[0].line = &line;
		s.top[0].valid_ns = NOW - 500 * MS;
		if (row[i].fresh)
			expect_open(&s);
		else
			expect(&s, GATE_AGE, 0, 501 * MS, 100 * MS);
	}
}
END_TEST

START_TEST(test_skew)
{
	struct scene s;
	set_up(&s, 2, 1);
	s.top[0].valid_ns = NOW - 28 * MS; /* 18 ms apart, 1 ms of bound each */
	ck_assert_int_eq(gate_skew_ns(&s.spec), 20 * MS);
	expect_open(&s);
	s.top[1].bound_ns++;
	expect(&s, GATE_SKEW, GATE_WHOLE, 20 * MS + 1, 20 * MS);
	/* references have none */
	set_up(&s, 2, 1);
	s.top[2].valid_ns = NOW - 90 * MS;
	expect_open(&s);
	ck_assert_int_eq(gate_skew_ns(&s.spec), 2 * MS);
	/* the widest of three; a wide bound of one leg alone is no distance */
	set_up(&s, 3, 0);
	s.top[1].valid_ns = NOW - 2 * MS;
	s.top[2].valid_ns = NOW - 13 * MS;
	s.top[2].bound_ns = 4 * MS;
	ck_assert_int_eq(gate_skew_ns(&s.spec), 16 * MS);
	/* what is not known adds nothing */
	s.top[2].bound_ns = INT64_MAX;
	ck_assert_int_eq(gate_skew_ns(&s.spec), 12 * MS);
	set_up(&s, 1, 0);
	ck_assert_int_eq(gate_skew_ns(&s.spec), 0);
}
END_TEST

START_TEST(test_value)
{
	struct scene s;
	set_up(&s, 2, 2);
	s.top[3].q.px[SIDE_BUY] = s.top[3].q.px[SIDE_SELL] = 0;
	expect(&s, GATE_VALUE, GATE_REF + 1, 0, 0);
	s.top[3].q.px[SIDE_BUY] = -3;
	s.top[3].q.px[SIDE_SELL] = 2;
	expect(&s, GATE_VALUE, GATE_REF + 1, 0, 0);
	s.top[3].q.px[SIDE_SELL] = -1; /* all of it below zero divides well */
	expect_open(&s);
	s.top[0].q.px[SIDE_BUY] = -1; /* a leg is not divided by here */
	expect_open(&s);
}
END_TEST

/* Everything wrong at once, mended row by row: the rows answer in the order of the table. */
START_TEST(test_order)
{
	struct scene s;
	set_up(&s, 2, 1);
	struct calendar_now closed = { .phase = PHASE_BREAK, .closes_utc_ns = s.now.utc_ns + SEC };
	s.now.leg_session[0] = &closed;
	s.now.utc_bound_ns = SEC;
	s.top[0].state = BOOK_GAP;
	s.top[0].q.qty[SIDE_BUY] = 0;
	s.top[0].bound_ns = 6 * MS;
	s.top[0].valid_ns = NOW - SEC;
	s.top[2].q.px[SIDE_BUY] = s.top[2].q.px[SIDE_SELL] = 0;
	for (unsigned g = GATE_OPEN + 1; g < gate_max; g++) {
		ck_assert_str_eq(gate_name(judge(&s).gate), gate_name((enum gate)g));
		switch ((enum gate)g) {
		case GATE_BOOK:
			s.top[0].state = BOOK_LIVE;
			break;
		case GATE_QUOTE:
			s.top[0].q.qty[SIDE_BUY] = 1;
			break;
		case GATE_SESSION:
			closed.phase = PHASE_CONTINUOUS;
			break;
		case GATE_CLOSING:
			closed.closes_utc_ns = INT64_MAX;
			break;
		case GATE_CLOCK:
			s.top[0].bound_ns = 0;
			break;
		case GATE_UTC:
			s.now.utc_bound_ns = 0;
			break;
		case GATE_AGE:
			s.top[0].valid_ns = NOW - 90 * MS;
			break;
		case GATE_SKEW:
			s.top[0].valid_ns = NOW;
			break;
		default:
			s.top[2].q.px[SIDE_SELL] = s.top[2].q.px[SIDE_BUY] = 7;
		}
	}
	expect_open(&s);
}
END_TEST

/* Stamps and bounds at the ends of their range: nothing wraps, nothing is younger than it is. */
START_TEST(test_extremes)
{
	struct scene s;
	set_up(&s, 2, 0);
	s.limits.max_clock_bound_ns = s.limits.max_skew_ns = 0;
	s.top[0].valid_ns = INT64_MIN;
	expect(&s, GATE_AGE, 0, INT64_MAX, 100 * MS);
	s.top[0].valid_ns = NOW;
	s.top[0].bound_ns = INT64_MAX - 1;
	expect(&s, GATE_AGE, 0, INT64_MAX - 1, 100 * MS);
	s.limits.max_age_ns = 0;
	s.limits.max_skew_ns = 20 * MS;
	s.top[1].valid_ns = INT64_MIN;
	expect(&s, GATE_SKEW, GATE_WHOLE, INT64_MAX, 20 * MS);
	/* a stamp of the future is no age below zero */
	set_up(&s, 2, 0);
	s.top[0].valid_ns = s.top[1].valid_ns = NOW + SEC;
	ck_assert_int_eq(gate_age_ns(&s.top[0], NOW), MS);
	expect_open(&s);
	/* a session that closed long ago, by a clock that is far ahead */
	s.open.closes_utc_ns = INT64_MIN;
	s.now.utc_ns = INT64_MAX;
	expect(&s, GATE_SESSION, 0, PHASE_CLOSED, PHASE_CONTINUOUS);
}
END_TEST

/* The rows once more, as the header has them, with numbers that cannot wrap. */
static enum gate by_the_book(const struct scene *s)
{
	const unsigned n = (unsigned)s->spec.n_legs + s->spec.n_refs;
	const struct gate_limits *l = &s->limits;
	bool bad[gate_max] = { false };
	bad[GATE_UTC] = l->max_utc_bound_ns && s->now.utc_bound_ns > l->max_utc_bound_ns;
	for (unsigned i = 0; i < n; i++) {
		const struct top *t = &s->top[i];
		const __int128 bound = t->bound_ns == INT64_MAX ? 0 : t->bound_ns;
		const __int128 valid = top_valid_ns(t),
			       since = s->now.mono_ns > valid ? s->now.mono_ns - valid : 0;
		bad[GATE_BOOK] |= t->state != BOOK_LIVE;
		bad[GATE_QUOTE] |= t->q.qty[0] <= 0 || t->q.qty[1] <= 0;
		bad[GATE_CLOCK] |= l->max_clock_bound_ns && t->bound_ns > l->max_clock_bound_ns;
		bad[GATE_AGE] |= l->max_age_ns && since + bound > l->max_age_ns;
		if (i >= s->spec.n_legs) {
			bad[GATE_VALUE] |= t->q.px[0] <= 0 && t->q.px[1] >= 0;
			continue;
		}
		const struct calendar_now *c = s->now.leg_session[i];
		const __int128 left = c ? (__int128)c->closes_utc_ns - s->now.utc_ns : 1;
		bad[GATE_SESSION] |= c && (c->phase != PHASE_CONTINUOUS || left <= 0);
		bad[GATE_CLOSING] |= c && c->closes_utc_ns != INT64_MAX && l->close_margin_ns &&
				     left <= l->close_margin_ns;
		for (unsigned k = 0; k < i; k++) {
			const __int128 other = top_valid_ns(&s->top[k]);
			const int64_t b = s->top[k].bound_ns;
			const __int128 apart = (valid > other ? valid - other : other - valid) +
					       bound + (b == INT64_MAX ? 0 : b);
			bad[GATE_SKEW] |= l->max_skew_ns && apart > l->max_skew_ns;
		}
	}
	for (unsigned g = GATE_OPEN + 1; g < gate_max; g++)
		if (bad[g])
			return (enum gate)g;
	return GATE_OPEN;
}

/* One of a few values about a limit, or far beyond. */
static int64_t about(struct rng *r, int64_t v)
{
	static const int64_t far[] = { 0, INT64_MAX, INT64_MAX - 1, 1LL << 61, 1LL << 62 };
	return rng_below(r, 40) ? v + rng_range(r, -2, 2) : far[rng_below(r, 5)];
}

static void shake(struct scene *s, struct rng *r)
{
	for (unsigned i = 0; i < (unsigned)s->spec.n_legs + s->spec.n_refs; i++) {
		struct top *t = &s->top[i];
		t->valid_ns = about(r, rng_below(r, 2) ? NOW - 95 * MS : NOW - 76 * MS);
		t->bound_ns = rng_below(r, 9) ? about(r, rng_below(r, 2) ? 5 * MS : MS) : INT64_MAX;
		t->state = rng_below(r, 30) ? BOOK_LIVE : (uint8_t)rng_below(r, book_state_max);
		for (int side = 0; side < side_max; side++) {
			t->q.qty[side] = rng_below(r, 30) ? 5 : rng_range(r, -1, 1);
			t->q.px[side] = rng_below(r, 20) ? 100 + side : rng_range(r, -1, 1);
		}
	}
	s->open.closes_utc_ns = rng_below(r, 3)	  ? INT64_MAX
				: rng_below(r, 2) ? s->now.utc_ns + rng_range(r, -1, 1)
						  : s->now.utc_ns + 60 * SEC + rng_range(r, -1, 1);
	s->now.utc_bound_ns = about(r, 50 * MS);
	s->limits.max_age_ns = rng_below(r, 4) ? 100 * MS : 0;
	s->limits.max_skew_ns = rng_below(r, 4) ? 20 * MS : 0;
	s->limits.max_clock_bound_ns = rng_below(r, 2) ? 5 * MS : 0;
	s->limits.max_utc_bound_ns = rng_below(r, 2) ? 50 * MS : 0;
	s->limits.close_margin_ns = rng_below(r, 2) ? 60 * SEC : 0;
}

/* The quick look and the rows agree with the plain sums, just within, just beyond and far beyond every limit. */
START_TEST(test_against_plain_sums)
{
	struct rng r;
	struct scene s;
	unsigned seen[gate_max] = { 0 };
	rng_seed(&r, 9);
	for (unsigned i = 0; i < 300000; i++) {
		set_up(&s, (uint8_t)rng_range(&r, 1, 3), (uint8_t)rng_range(&r, 0, 2));
		shake(&s, &r);
		enum gate want = by_the_book(&s);
		struct gate_verdict v = judge(&s);
		EXPECT_MSG(v.gate == want, "%u: %s, not %s", i, gate_name(v.gate), gate_name(want));
		EXPECT(want == GATE_OPEN ||
		       (v.who == GATE_WHOLE) == (want == GATE_UTC || want == GATE_SKEW));
		seen[want]++;
	}
	for (unsigned g = 0; g < gate_max; g++)
		EXPECT_MSG(seen[g] > 20, "%s was met %u times", gate_name((enum gate)g), seen[g]);
}
END_TEST

START_TEST(test_words)
{
	static const struct {
		uint8_t gate;
		int64_t value, bound;
		const char *text;
	} row[] = {
		{ GATE_OPEN, 0, 0, "open" },
		{ GATE_BOOK, BOOK_GAP, BOOK_LIVE, "the book is GAP" },
		{ GATE_BOOK, 99, BOOK_LIVE, "the book is ?" },
		{ GATE_QUOTE, SIDE_BUY, 0, "there is no bid" },
		{ GATE_QUOTE, SIDE_SELL, 0, "there is no ask" },
		{ GATE_CLOSING, SEC, 60 * SEC, "trading ends in 1 s, margin 1 min" },
		{ GATE_CLOCK, INT64_MAX, MS, "the venue's clock is not known, limit 1 ms" },
		{ GATE_CLOCK, 2 * MS, MS, "the venue's clock is known to 2 ms, limit 1 ms" },
		{ GATE_UTC, 2 * MS, MS, "the host's clock is known to 2 ms, limit 1 ms" },
		{ GATE_AGE, 812 * MS, 500 * MS, "last proven valid 812 ms ago, limit 500 ms" },
		{ GATE_SKEW, 2 * SEC, SEC, "the legs are 2 s apart, limit 1 s" },
		{ GATE_VALUE, 0, 0, "it may be zero" },
	};
	char out[GATE_WORDS];
	for (unsigned i = 0; i < sizeof row / sizeof *row; i++) {
		size_t n = gate_words(row[i].gate, row[i].value, row[i].bound, out);
		ck_assert_str_eq(out, row[i].text);
		ck_assert_uint_eq(n, strlen(out));
	}
	for (uint8_t p = 0; p < phase_max; p++) {
		gate_words(GATE_SESSION, p, PHASE_CONTINUOUS, out);
		ck_assert_ptr_nonnull(strstr(out, calendar_phase_name(p)));
	}
	ck_assert_str_eq(gate_name(gate_max), "?");
	ck_assert_str_eq(gate_text(gate_max), "?");
}
END_TEST

START_TEST(test_who)
{
	struct scene s;
	set_up(&s, 2, 1);
	ck_assert_ptr_eq(gate_who(&s.spec, 1), &s.in[1]);
	ck_assert_ptr_eq(gate_who(&s.spec, GATE_REF), &s.in[2]);
	ck_assert_ptr_null(gate_who(&s.spec, 2));
	ck_assert_ptr_null(gate_who(&s.spec, GATE_REF + 1));
	ck_assert_ptr_null(gate_who(&s.spec, GATE_WHOLE));
}
END_TEST

SUITE("gate", test_open, test_book, test_quote, test_session, test_closing, test_clock,
      test_clock_not_limited, test_utc, test_age, test_age_by_model, test_skew, test_value,
      test_order, test_extremes, test_against_plain_sums, test_words, test_who)
