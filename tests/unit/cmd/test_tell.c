/* Proves that receipts of gates, feeds, clocks, markets and recorded blocks read as words, with the numbers that matter and without those that are not there. */
#include "core/base/must.h"
#include "core/cmd/row.h"
#include "core/cmd/tell.h"
#include "core/market/feed.h"
#include "core/market/gate.h"
#include "core/market/tsync.h"
#include "tests/unit/cmd/pair_story.h"

#define MS  1000000LL
#define SEC 1000000000LL

static struct reader *reader;
static uint32_t venue, near;

/* A child: what does not hold ends it, and its parent says so. */
static void expect(enum fact_kind kind, uint8_t state, const int64_t num[FACT_NUMS],
		   const char *text, const char *want)
{
	static const struct story none;
	char words[TELL_BYTES];
	struct fact f;
	fact_init(&f, kind);
	f.state = state;
	memcpy(f.num, num, sizeof f.num);
	if (kind == FACT_FEED || kind == FACT_MARKET)
		f.instrument = near;
	else
		f.venue = venue;
	fact_text(&f, "%s", text);
	tell(&none, reader, &f, words);
	if (strcmp(words, want) != 0)
		fprintf(stderr, "got  %s\nwant %s\n", words, want);
	must(strcmp(words, want) == 0);
}

#define NUMS(...) ((const int64_t[FACT_NUMS]){ __VA_ARGS__ })

static void clocks(void)
{
	expect(FACT_CLOCK, 0, NUMS(3 * MS, 2 * MS, 0, 4000, 0, 0, 9, 0), "",
	       "alpha is 3 ms ahead of this host, known to 2 ms; drifts by 4 ppm; 9 samples");
	expect(FACT_CLOCK, 0, NUMS(-1270 * MS, INT64_MAX, 0, 0, TSYNC_OPEN_HI, 1, 9, 2), "",
	       "alpha is 1.27 s behind this host, nothing says how far it may be ahead of that; "
	       "has jumped 1 time; 9 samples, 2 refused");
}

static void feeds(void)
{
	char want[200];
	expect(FACT_FEED, BOOK_GAP, NUMS(BOOK_LIVE, BOOK_GAP, 100, 109), "LIVE -> GAP",
	       "ALPHA.SPOT LIVE -> GAP; missing 100 to 109");
	snprintf(want, sizeof want, "ALPHA.SPOT GAP -> LIVE; mended by %s after 300 ms",
		 feed_repair_name(REPAIR_REPLAY));
	expect(FACT_FEED, BOOK_LIVE,
	       NUMS(BOOK_GAP, BOOK_LIVE, 100, 109, 300 * MS, 0, REPAIR_REPLAY), "GAP -> LIVE",
	       want);
}

static void others(void)
{
	expect(FACT_GATE, GATE_AGE, NUMS(GATE_AGE, 3 * SEC, 2 * SEC), "X: too old", "X: too old");
	expect(FACT_GATE, GATE_OPEN, NUMS(GATE_AGE, 3 * SEC, 2 * SEC, 1, 5 * SEC, 7, 2, 8 * SEC),
	       "X: too old", "X: too old; looked at 7 times, 2 proposals refused");
	expect(FACT_MARKET, PHASE_BREAK,
	       NUMS(PHASE_CONTINUOUS, PHASE_BREAK, 20240809, STORY_UTC + SEC),
	       "CONTINUOUS -> BREAK",
	       "ALPHA.SPOT CONTINUOUS -> BREAK until 2024-08-08T23:54:02Z, trading day 20240809");
	expect(FACT_MARKET, PHASE_CONTINUOUS, NUMS(0, PHASE_CONTINUOUS, 0, INT64_MAX), "on",
	       "ALPHA.SPOT on");
	expect(FACT_BLOCK, 0, NUMS(STORY_UTC, STORY_UTC + SEC, 1000, 8000, 3), "",
	       "alpha: 1000 events recorded in 8000 bytes, 1 s from 2024-08-08T23:54:01.000000Z; "
	       "3 lost");
}

static void names(void)
{
	static const struct {
		uint8_t leg;
		const char *what, *state;
	} row[] = { { 1, "gate 1", "quote_age_ns" },
		    { GATE_REF + 2, "gate ref 2", "quote_age_ns" },
		    { GATE_WHOLE, "gate", "quote_age_ns" } };
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct row shown;
		struct fact f;
		char what[60];
		fact_init(&f, FACT_GATE);
		f.leg = row[i].leg;
		f.state = GATE_AGE;
		row_make(&shown, reader, &f);
		row_what(&shown, what, sizeof what);
		must(strcmp(what, row[i].what) == 0);
		must(strcmp(row_find(&shown, "state")->text, row[i].state) == 0);
		must((row_find(&shown, "ref") != NULL) == (i == 1));
		must((row_find(&shown, "leg") != NULL) == (i == 0));
	}
}

static void expect_cost(const int64_t num[FACT_NUMS], const char *text, const char *want)
{
	static const struct story none;
	char words[TELL_BYTES];
	struct fact f;
	fact_init(&f, FACT_COST);
	f.instrument = near;
	f.side = SIDE_SELL;
	f.px = 6183791;
	f.px_dp = 2;
	f.qty = 600;
	f.qty_dp = 5;
	memcpy(f.num, num, sizeof f.num);
	fact_text(&f, "%s", text);
	tell(&none, reader, &f, words);
	if (strcmp(words, want) != 0)
		fprintf(stderr, "got  %s\nwant %s\n", words, want);
	must(strcmp(words, want) == 0);
}

/* The arithmetic of a rescue, a row a way. */
static void rescues(void)
{
	expect_cost(
		NUMS(RESCUE_COMPLETE, 12000000, 14840000, 0, 0, 26840000, 10, 0), "",
		"complete sell 0.006 ALPHA.SPOT at 61837.91, slip 0.12 + fee 0.1484 = 0.2684, leaves 0.0000001");
	expect_cost(
		NUMS(RESCUE_UNWIND, 12000000, 14840000, 5000000, 0, 31840000, 0, HELD_BY_POLICY),
		"policy",
		"unwind   sell 0.006 ALPHA.SPOT at 61837.91, slip 0.12 + fee 0.1484 + edge given up 0.05 = 0.3184; not now: policy");
	expect_cost(
		NUMS(RESCUE_CHASE, -1000000, 100, 0, 900, 0, 0, 0), "",
		"chase    sell 0.006 ALPHA.SPOT at 61837.91, slip -0.01 + fee 0.000001 + waiting 0.000009");
	expect_cost(
		NUMS(RESCUE_COMPLETE, 0, 0, 0, 0, 0, 0, HELD_PRICE),
		"price_beyond_limit: the market stands at 61900, the limit is 61837.91",
		"complete sell 0.006 ALPHA.SPOT refused, price_beyond_limit: the market stands at 61900, the limit is 61837.91");
	expect(FACT_RESCUE, PAIR_HELD, NUMS(HELD_PRICE, 0, 50000000, -600000, 0, 0, 0, RESCUE_WAIT),
	       "wait: price_beyond_limit; complete refused: price_beyond_limit, unwind refused: policy",
	       "unhedged -0.006; completing costs -, unwinding 0.5; spent 0 of no limit so far -> wait: price_beyond_limit; complete refused: price_beyond_limit, unwind refused: policy");
	expect(FACT_HELD, PAIR_HELD, NUMS(HELD_PRICE, 2500 * MS, 1500000000000, 0),
	       "held for price_beyond_limit",
	       "held for price_beyond_limit, over after 2.5 s: 15000 money-seconds unhedged");
}

static void all(void *path)
{
	must(reader_open(path, &reader) == 0);
	venue = reader_name_find(reader, NAME_VENUE, "alpha");
	near = reader_name_find(reader, NAME_INSTRUMENT, "ALPHA.SPOT");
	clocks();
	feeds();
	others();
	rescues();
	names();
	reader_close(reader);
}

START_TEST(test_words)
{
	apart(all, story_make(false), 0);
}
END_TEST

FOLDER_SUITE("tell", test_words)
