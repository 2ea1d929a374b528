/* Proves that what a gate kept from happening is told: when it closed, by what, how long, how often it was looked at and how many proposals it stopped;
 * that a flickering gate writes few receipts and loses no count. */
#include "core/base/rng.h"
#include "core/trade/gatekeeper.h"
#include "tests/unit/suite.h"
#include <string.h>

#define MS	 1000000LL
#define SEC	 1000000000LL
#define SAID_MAX 4096

enum { NUM_GATE, NUM_VALUE, NUM_BOUND, NUM_TIMES, NUM_CLOSED, NUM_JUDGED, NUM_TRIGGERS, NUM_WORST };

static struct {
	struct instrument in[3];
	struct basis_spec spec;
	struct gatekeeper g;
	struct fact said[SAID_MAX];
	unsigned n;
	bool full;
} w;

static bool take(void *arg, struct fact *f)
{
	(void)arg;
	if (w.full)
		return false;
	f->seq = w.n + 1;
	EXPECT(w.n < SAID_MAX);
	w.said[w.n++] = *f;
	return true;
}

static void set_up(void)
{
	memset(&w, 0, sizeof w);
	strcpy(w.in[0].name, "A.X");
	strcpy(w.in[1].name, "B.Y");
	strcpy(w.in[2].name, "FX.USDCNH");
	w.spec = (struct basis_spec){ .n_legs = 2, .n_refs = 1 };
	for (uint32_t i = 0; i < 3; i++)
		w.in[i].name_id = 10 + i;
	w.spec.leg[0] = &w.in[0];
	w.spec.leg[1] = &w.in[1];
	w.spec.ref[0] = &w.in[2];
	gatekeeper_init(&w.g, &w.spec, take, NULL);
}

static struct gate_verdict verdict(enum gate g, unsigned who, int64_t value)
{
	return (struct gate_verdict){
		.gate = (uint8_t)g, .who = (uint8_t)who, .value = value, .bound = 100 * MS
	};
}

static void judged(enum gate g, unsigned who, int64_t value, int64_t at_ms)
{
	gatekeeper_judged(&w.g, verdict(g, who, value), at_ms * MS);
}

static void judged_open(int64_t at_ms)
{
	judged(GATE_OPEN, GATE_WHOLE, 0, at_ms);
}

static void expect_said(unsigned i, enum gate g, unsigned who, int64_t times, int64_t closed_ms,
			int64_t looks, int64_t triggers, int64_t worst)
{
	ck_assert_uint_lt(i, w.n);
	const struct fact *f = &w.said[i];
	ck_assert_int_eq(f->kind, FACT_GATE);
	ck_assert_uint_eq(f->leg, who);
	ck_assert_int_eq(f->num[NUM_GATE], g);
	ck_assert_int_eq(f->num[NUM_TIMES], times);
	ck_assert_int_eq(f->num[NUM_CLOSED], closed_ms * MS);
	ck_assert_int_eq(f->num[NUM_JUDGED], looks);
	ck_assert_int_eq(f->num[NUM_TRIGGERS], triggers);
	ck_assert_int_eq(f->num[NUM_WORST], worst);
	ck_assert_int_eq(f->num[NUM_BOUND], 100 * MS);
}

START_TEST(test_a_stretch)
{
	set_up();
	judged_open(0);
	ck_assert(!gatekeeper_trigger(&w.g));
	judged(GATE_AGE, 1, 101 * MS, 10);
	ck_assert_uint_eq(w.n, 1);
	expect_said(0, GATE_AGE, 1, 0, 0, 0, 0, 101 * MS);
	ck_assert_int_eq(w.said[0].state, GATE_AGE);
	ck_assert_uint_eq(w.said[0].instrument, 11);
	ck_assert_str_eq(w.said[0].text, "B.Y: last proven valid 101 ms ago, limit 100 ms");
	judged(GATE_AGE, 1, 500 * MS, 20);
	ck_assert(gatekeeper_trigger(&w.g));
	ck_assert(gatekeeper_trigger(&w.g));
	judged(GATE_AGE, 1, 300 * MS, 30);
	ck_assert_uint_eq(w.n, 1);
	judged_open(50);
	ck_assert_uint_eq(w.n, 2);
	expect_said(1, GATE_AGE, 1, 1, 40, 3, 2, 500 * MS);
	ck_assert_int_eq(w.said[1].num[NUM_VALUE], 101 * MS);
	ck_assert_int_eq(w.said[1].state, GATE_OPEN);
	ck_assert_uint_eq(w.said[1].cause, 1);
	ck_assert_str_eq(w.said[1].text,
			 "B.Y: last proven valid 500 ms ago, limit 100 ms; closed for 40 ms");
	judged_open(60);
	gatekeeper_close(&w.g, 70 * MS);
	ck_assert_uint_eq(w.n, 2);
}
END_TEST

/* Another reason, or another leg, takes its place: one stretch ends where the next begins. */
START_TEST(test_reason_changes)
{
	set_up();
	judged(GATE_AGE, 0, 200 * MS, 0);
	judged(GATE_AGE, GATE_REF, 300 * MS, 10);
	judged(GATE_SKEW, GATE_WHOLE, 400 * MS, 30);
	judged_open(60);
	ck_assert_uint_eq(w.n, 6);
	expect_said(1, GATE_AGE, 0, 1, 10, 1, 0, 200 * MS);
	ck_assert_int_eq(w.said[1].state, GATE_AGE);
	ck_assert_str_eq(w.said[1].text,
			 "A.X: last proven valid 200 ms ago, limit 100 ms; closed for 10 ms");
	expect_said(3, GATE_AGE, GATE_REF, 1, 20, 1, 0, 300 * MS);
	ck_assert_uint_eq(w.said[3].instrument, 12);
	ck_assert_int_eq(w.said[3].state, GATE_SKEW);
	expect_said(5, GATE_SKEW, GATE_WHOLE, 1, 30, 1, 0, 400 * MS);
	ck_assert_uint_eq(w.said[5].instrument, 0);
	ck_assert_str_eq(w.said[5].text,
			 "the legs are 400 ms apart, limit 100 ms; closed for 30 ms");
}
END_TEST

START_TEST(test_worst)
{
	set_up();
	judged(GATE_CLOSING, 0, 50 * MS, 0);
	judged(GATE_CLOSING, 0, 20 * MS, 1);
	judged(GATE_CLOSING, 0, 30 * MS, 2);
	judged_open(3);
	expect_said(1, GATE_CLOSING, 0, 1, 3, 3, 0, 20 * MS);
	judged(GATE_BOOK, 0, BOOK_GAP, 4);
	judged(GATE_BOOK, 0, BOOK_CROSSED, 5);
	judged(GATE_BOOK, 0, BOOK_RECOVERING, 6);
	judged_open(7);
	expect_said(3, GATE_BOOK, 0, 1, 3, 3, 0, BOOK_RECOVERING);
	ck_assert_int_eq(w.said[3].num[NUM_VALUE], BOOK_GAP);
}
END_TEST

static void sums(int64_t *times, int64_t *closed_ns, int64_t *looks, int64_t *triggers)
{
	*times = *closed_ns = *looks = *triggers = 0;
	for (unsigned i = 0; i < w.n; i++) {
		*times += w.said[i].num[NUM_TIMES];
		*closed_ns += w.said[i].num[NUM_CLOSED];
		*looks += w.said[i].num[NUM_JUDGED];
		*triggers += w.said[i].num[NUM_TRIGGERS];
	}
}

/* A thousand closings in a second are few receipts, and their sums are exact. */
START_TEST(test_flicker)
{
	int64_t times, closed, looks, triggers;
	set_up();
	for (int64_t ms = 0; ms < 3000; ms++) {
		judged(GATE_AGE, 0, (101 + ms) * MS, ms);
		gatekeeper_trigger(&w.g);
		gatekeeper_judged(&w.g, verdict(GATE_OPEN, GATE_WHOLE, 0), ms * MS + MS / 2);
		if (ms % 100 == 99)
			gatekeeper_on_time(&w.g, ms * MS + MS / 2);
	}
	ck_assert_uint_le(w.n, 3 * GATEKEEPER_FACTS_PER_S);
	gatekeeper_close(&w.g, 3000 * MS);
	ck_assert_uint_le(w.n, 3 * GATEKEEPER_FACTS_PER_S + 1);
	sums(&times, &closed, &looks, &triggers);
	ck_assert_int_eq(times, 3000);
	ck_assert_int_eq(closed, 3000 * MS / 2);
	ck_assert_int_eq(looks, 3000);
	ck_assert_int_eq(triggers, 3000);
	ck_assert_int_eq(w.said[w.n - 1].num[NUM_WORST], 3100 * MS);
	ck_assert_ptr_nonnull(strstr(w.said[w.n - 1].text, " times, "));
}
END_TEST

/* A long stretch among the flicker is told by itself, and when the receipts of a second were used up, that it closed is told with the next second. */
START_TEST(test_long_one_stands_alone)
{
	set_up();
	for (int64_t ms = 0; ms < 20; ms++) {
		judged(GATE_AGE, 0, 101 * MS, 2 * ms);
		judged_open(2 * ms + 1);
	}
	ck_assert_uint_eq(w.n, GATEKEEPER_FACTS_PER_S);
	judged(GATE_AGE, 0, 101 * MS, 50);
	gatekeeper_on_time(&w.g, 500 * MS);
	ck_assert_uint_eq(w.n, GATEKEEPER_FACTS_PER_S);
	gatekeeper_on_time(&w.g, 1000 * MS);
	ck_assert_uint_eq(w.n, GATEKEEPER_FACTS_PER_S + 2);
	expect_said(GATEKEEPER_FACTS_PER_S, GATE_AGE, 0, 16, 16, 16, 0,
		    101 * MS); /* what ended first */
	expect_said(GATEKEEPER_FACTS_PER_S + 1, GATE_AGE, 0, 0, 0, 0, 0, 101 * MS);
	judged_open(2050);
	expect_said(GATEKEEPER_FACTS_PER_S + 2, GATE_AGE, 0, 1, 2000, 1, 0, 101 * MS);
	ck_assert_uint_eq(w.said[w.n - 1].cause, w.said[w.n - 2].seq);
}
END_TEST

/* A stretch that lasts is told in parts: they add up to it. */
START_TEST(test_parts)
{
	int64_t times, closed, looks, triggers;
	set_up();
	for (int64_t ms = 0; ms <= 35000; ms += 100) {
		judged(GATE_BOOK, 0, BOOK_GAP, ms);
		gatekeeper_trigger(&w.g);
		gatekeeper_on_time(&w.g, ms * MS);
	}
	ck_assert_uint_eq(w.n, 4); /* closed, and three parts */
	expect_said(1, GATE_BOOK, 0, 0, 10000, 101, 101, BOOK_GAP);
	ck_assert_int_eq(w.said[1].state, GATE_BOOK);
	ck_assert_str_eq(w.said[1].text, "A.X: the book is GAP; 10 s so far");
	judged_open(35100);
	sums(&times, &closed, &looks, &triggers);
	ck_assert_int_eq(times, 1);
	ck_assert_int_eq(closed, 35100 * MS);
	ck_assert_int_eq(looks, 351);
	ck_assert_int_eq(triggers, 351);
}
END_TEST

START_TEST(test_closed_to_the_end)
{
	set_up();
	judged(GATE_CLOCK, 1, INT64_MAX, 0);
	gatekeeper_trigger(&w.g);
	gatekeeper_close(&w.g, 1500 * MS);
	ck_assert_uint_eq(w.n, 2);
	expect_said(1, GATE_CLOCK, 1, 1, 1500, 1, 1, INT64_MAX);
	ck_assert_int_eq(w.said[1].state, GATE_CLOCK);
	ck_assert_str_eq(
		w.said[1].text,
		"B.Y: the venue's clock is not known, limit 100 ms; closed to the end, 1.5 s");
	gatekeeper_close(&w.g, 1600 * MS);
	ck_assert_uint_eq(w.n, 2);
}
END_TEST

/* A journal without room: nothing is lost, it is told when there is. */
START_TEST(test_journal_full)
{
	int64_t times, closed, looks, triggers;
	set_up();
	w.full = true;
	judged(GATE_AGE, 0, 101 * MS, 0);
	judged_open(5);
	judged(GATE_SKEW, GATE_WHOLE, 101 * MS, 10);
	gatekeeper_on_time(&w.g, 100 * MS);
	ck_assert_uint_eq(w.n, 0);
	w.full = false;
	gatekeeper_on_time(&w.g, 200 * MS);
	ck_assert_uint_eq(w.n, 2);
	expect_said(0, GATE_AGE, 0, 1, 5, 1, 0, 101 * MS);
	expect_said(1, GATE_SKEW, GATE_WHOLE, 0, 0, 0, 0, 101 * MS);
	w.full = true;
	for (int64_t ms = 300; ms < 20000; ms += 100)
		gatekeeper_on_time(&w.g, ms * MS);
	judged_open(20000);
	w.full = false;
	gatekeeper_on_time(&w.g, 20100 * MS);
	sums(&times, &closed, &looks, &triggers);
	ck_assert_int_eq(times, 2);
	ck_assert_int_eq(closed, 5 * MS + 19990 * MS);
}
END_TEST

/* Any run of verdicts: what was told is what happened, reason by reason, and a receipt that something ended never comes between a beginning that was told and its end. */
START_TEST(test_any_run)
{
	static int64_t want[gate_max][256], got[gate_max][256];
	struct rng r;
	rng_seed(&r, 7);
	set_up();
	memset(want, 0, sizeof want);
	memset(got, 0, sizeof got);
	struct gate_verdict last = verdict(GATE_OPEN, GATE_WHOLE, 0);
	int64_t now = 0, want_times = 0, times, closed, looks, triggers, n_triggers = 0;
	static const uint8_t whos[] = { 0, 1, GATE_REF, GATE_WHOLE };
	for (unsigned i = 0; i < 20000; i++) {
		int64_t step = (int64_t)rng_below(&r, 100) ? rng_range(&r, 0, 2 * MS)
							   : rng_range(&r, 0, 3 * SEC);
		now += step;
		want[last.gate][last.who] += step;
		struct gate_verdict v = last;
		if (rng_below(&r, 3) == 0)
			v = rng_below(&r, 3) ? verdict(GATE_OPEN, GATE_WHOLE, 0)
					     : verdict((enum gate)rng_range(&r, 1, gate_max - 1),
						       whos[rng_below(&r, 4)], 5);
		want_times += v.gate != GATE_OPEN && (v.gate != last.gate || v.who != last.who);
		gatekeeper_judged(&w.g, v, now);
		last = v;
		n_triggers += rng_below(&r, 2) && gatekeeper_trigger(&w.g);
		if (rng_below(&r, 20) == 0)
			gatekeeper_on_time(&w.g, now);
	}
	gatekeeper_close(&w.g, now);
	sums(&times, &closed, &looks, &triggers);
	ck_assert_int_eq(times, want_times);
	ck_assert_int_eq(triggers, n_triggers);
	for (unsigned i = 0; i < w.n; i++)
		got[w.said[i].num[NUM_GATE]][w.said[i].leg] += w.said[i].num[NUM_CLOSED];
	for (unsigned g = 1; g < gate_max; g++)
		for (unsigned who = 0; who < 256; who++)
			EXPECT(got[g][who] == want[g][who]);
	for (unsigned i = 0; i + 1 < w.n; i++) {
		const struct fact *f = &w.said[i];
		if (f->num[NUM_TIMES] || f->num[NUM_CLOSED])
			continue;
		for (unsigned k = i + 1; k < w.n; k++)
			if (w.said[k].num[NUM_GATE] == f->num[NUM_GATE] &&
			    w.said[k].leg == f->leg && w.said[k].num[NUM_TIMES]) {
				EXPECT(w.said[k].num[NUM_TIMES] > 1 || w.said[k].cause == f->seq);
				break;
			}
	}
}
END_TEST

SUITE("gatekeeper", test_a_stretch, test_reason_changes, test_worst, test_flicker,
      test_long_one_stands_alone, test_parts, test_closed_to_the_end, test_journal_full,
      test_any_run)
