/* Proves that a receipt of every kind reads as a sentence, with the numbers that matter and without those that are not there. */
#include "core/base/must.h"
#include "core/cmd/row.h"
#include "core/cmd/tell.h"
#include "core/market/feed.h"
#include "core/market/gate.h"
#include "core/market/tsync.h"
#include "core/trade/alert.h"
#include "core/trade/desk.h"
#include "core/trade/fence.h"
#include "core/trade/plan.h"
#include "core/trade/reconcile.h"
#include "core/trade/risk.h"
#include "core/trade/router.h"
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

/* Every kind, in the order of their numbers, with numbers that make every part of its sentence speak. */
static const struct said {
	enum fact_kind kind;
	uint8_t state, px_dp, qty_dp;
	int64_t px, qty, num[FACT_NUMS];
	const char *text, *want;
} said[] = {
	{ FACT_SESSION_OPEN, .num = { 3, 1, 77, 5, 6, 40, 2 }, .text = "tandem 0.1 (x)",
	  .want = "tandem 0.1 (x); process 77, epoch 3, after receipt 40; 2 receipts of the life before are lost" },
	{ FACT_SESSION_CLOSE, .num = { 12, 2, 5, 4, 10, 100, 1 }, .text = "0 pairs held",
	  .want = "clean end, 12 receipts: 2 pairs, 5 orders, 4 fills; 0.0000001 unhedged of at most 0.000001; 0 pairs held" },
	{ FACT_NAME, .num = { NAME_ASSET, 4 }, .text = "USDT",
	  .want = "asset USDT is number 4 in receipts" },
	{ FACT_RULE, .px_dp = 2, .qty_dp = 5,
	  .num = { 1723161241000000000, 1, 10, 20, 500000000, 50000, 20000, 1 }, .text = "",
	  .want = "ALPHA.SPOT: tick 0.01, lot 0.0001, at least 0.0002, worth 5 or more; taker pays 0.05 %, maker 0.02 %; from 2024-08-08T23:54:01Z on" },
	{ FACT_SCRIPT, .num = { 1 }, .text = "a.lua", .want = "a.lua, version 1, source c0ffee" },
	{ FACT_VENUE, VENUE_UP, .num = { VENUE_RECONCILING, VENUE_UP }, .text = "all is told",
	  .want = "ALPHA.SPOT RECONCILING -> UP: all is told" },
	{ FACT_FEED, BOOK_LIVE, .num = { BOOK_EMPTY, BOOK_LIVE }, .text = "EMPTY -> LIVE",
	  .want = "ALPHA.SPOT EMPTY -> LIVE" },
	{ FACT_BAD_INPUT, .num = { 1, 20, 3 }, .text = "number: 1e9",
	  .want = "ALPHA.SPOT sent what cannot be used: number: 1e9; 3 times since the last such receipt" },
	{ FACT_QUOTE, .px_dp = 2, .qty_dp = 5, .num = { 100, 200000, 101, 300000, 9, 0, 2 * MS },
	  .text = "",
	  .want = "ALPHA.SPOT bid 1 x 2, ask 1.01 x 3, proven valid 2 ms ago, update 9" },
	{ FACT_DECISION, .num = { SEC, 2 * SEC, 3 * SEC, 4 * SEC, 5 * SEC, 6 * SEC, 7 * MS },
	  .text = "wide",
	  .want = "net basis: sell 1 (3 bp, 5 lots), buy 2 (4 bp, 6 lots); quotes 7 ms apart: wide" },
	{ FACT_PROPOSAL, .num = { 4, 2 * SEC, 2 }, .text = "wide",
	  .want = "proposal 4: 2 lots over 2 legs: wide" },
	{ FACT_RISK, .num = { RISK_LIMIT_AGE, 3 * SEC, 2 * SEC, 4 }, .text = "too old",
	  .want = "too old (3 s against 2 s), 4 times since the last such receipt" },
	{ FACT_PAIR, PAIR_BROKEN, .num = { PAIR_SENT, PAIR_BROKEN, 1000 }, .text = "uneven",
	  .want = "SENT -> BROKEN: uneven (unhedged 0.00001)" },
	{ FACT_LEG, .px_dp = 2, .qty_dp = 5, .num = { 1, 1, 100000, 101, 100 }, .text = "",
	  .want = "sell 1 ALPHA.SPOT: trigger 1, limit 1.01" },
	{ FACT_ORDER, .px_dp = 2, .qty_dp = 5, .px = 101, .qty = 100000,
	  .num = { 0, TIF_IOC, ORDER_HEDGES, 0, 0, 100 }, .text = "",
	  .want = "sell 1 ALPHA.SPOT at 1.01 IOC, hedge; the market stands at 1" },
	{ FACT_SENT, ORDER_SENT, .text = "",
	  .want = "sell ALPHA.SPOT, handed to its connection as x7, SENT" },
	{ FACT_ACK, ORDER_LIVE, .num = { 2 * MS }, .text = "",
	  .want = "sell ALPHA.SPOT, answered after 2 ms, LIVE" },
	{ FACT_FILL, .px_dp = 2, .qty_dp = 5, .px = 101, .qty = 100000,
	  .num = { 100000, 200000, 1, 1 }, .text = "",
	  .want = "sell 1 ALPHA.SPOT at 1.01, fee 0.01 USDT; 2 still open, maker, told late" },
	{ FACT_CANCEL, ORDER_CANCELLING, .num = { 1 }, .text = "too long",
	  .want = "sell ALPHA.SPOT, CANCELLING: too long" },
	{ FACT_CANCELLED, ORDER_CANCELLED, .qty_dp = 5, .num = { 100000, 0, 0, CANCEL_SELF_TRADE },
	  .text = "gone",
	  .want = "sell ALPHA.SPOT, filled 1 in all, CANCELLED (self_trade): gone" },
	{ FACT_CANCEL_REJECTED, ORDER_LIVE, .num = { -2011 }, .text = "unknown order",
	  .want = "sell ALPHA.SPOT, LIVE: unknown order" },
	{ FACT_REJECTED, ORDER_REJECTED, .num = { -2010, REJECT_MONEY }, .text = "no money",
	  .want = "sell ALPHA.SPOT, REJECTED (money): no money" },
	{ FACT_QUERY, ORDER_UNKNOWN, .num = { 2 }, .text = "", .want = "sell ALPHA.SPOT, UNKNOWN" },
	{ FACT_STATUS, ORDER_LIVE, .qty_dp = 5, .num = { ORDER_LIVE, 100000, 1 }, .text = "works",
	  .want = "sell ALPHA.SPOT, filled 1 in all, LIVE: works" },
	{ FACT_UNKNOWN, ORDER_UNKNOWN, .num = { 2 * MS }, .text = "",
	  .want = "sell ALPHA.SPOT, silent for 2 ms, UNKNOWN" },
	{ FACT_DUPLICATE, ORDER_FILLED, .qty_dp = 5, .num = { 100000 }, .text = "",
	  .want = "sell ALPHA.SPOT, filled 1 in all, FILLED" },
	{ FACT_BUST, ORDER_CANCELLED, .qty_dp = 5, .num = { 0 }, .text = "taken back",
	  .want = "sell ALPHA.SPOT, filled 0 in all, CANCELLED: taken back" },
	{ FACT_FOREIGN, .px_dp = 2, .qty_dp = 5, .px = 101, .qty = 100000, .num = { 100000, 1 },
	  .text = "liquidation",
	  .want = "sell 1 ALPHA.SPOT of main at 1.01, by force, fee 0.01 USDT: liquidation; booked to btc_basis" },
	{ FACT_RESCUE, .num = { 0, 1000, 2000, 3000, 4000, 5000, 1, RESCUE_UNWIND }, .text = "",
	  .want = "unhedged 0.00003; completing costs 0.00001, unwinding 0.00002; spent 0.00004 of 0.00005 so far, attempt 2 -> unwind" },
	{ FACT_POSITION, .px_dp = 2, .qty_dp = 5, .num = { 100000, 200000, 300, 400, 101 },
	  .text = "",
	  .want = "ALPHA.SPOT of main: long 1, short 2; money 0.000003, fees 0.000004; the market stands at 1.01" },
	{ FACT_BALANCE, .num = { 100000000, 200000000 }, .text = "",
	  .want = "main holds 1 USDT free, 2 locked" },
	{ FACT_ALERT, .num = { ALERT_WARNING, 3, ALERT_CLOCK }, .text = "it jumped",
	  .want = "warning, clock: it jumped, 3 times" },
	{ FACT_OPERATOR, .num = { 1, 1 }, .text = "risk ACTIVE -> HALTED by tom",
	  .want = "risk ACTIVE -> HALTED by tom" },
	{ FACT_RECOVERY, .num = { 1, 2, 3, 40 }, .text = "1 unfinished pairs",
	  .want = "1 unfinished pairs; read from receipt 3 to 40" },
	{ FACT_CHECKPOINT, .num = { CHECKPOINT_BEGIN, 2, 0, 4, RISK_HALTED }, .text = "",
	  .want = "the whole state follows: 2 pairs, 4 positions, the host is HALTED" },
	{ FACT_CLOCK, .num = { 3 * MS, 2 * MS }, .text = "",
	  .want = "ALPHA.SPOT is 3 ms ahead of this host, known to 2 ms" },
	{ FACT_METRIC, .num = { SEC / 2 }, .text = "z", .want = "z is 0.5" },
	{ FACT_ROUND, .num = { 1, 4, 100000000, 200000000, 3, 400000000, 5 * SEC, 7 },
	  .text = "closed",
	  .want = "basis position closed after 5 s: 4 pairs, money 1, fees 2 and 0.00000003 of what was bought, funding 4; 0.00000007 carried on" },
	{ FACT_LOG, .num = { 7 }, .text = "hello", .want = "hello" },
	{ FACT_GATE, GATE_AGE, .text = "too old", .want = "too old" },
	{ FACT_BLOCK, .num = { STORY_UTC, STORY_UTC + SEC, 10, 80, 0 }, .text = "",
	  .want = "ALPHA.SPOT: 10 events recorded in 80 bytes, 1 s from 2024-08-08T23:54:01.000000Z" },
	{ FACT_MARKET, PHASE_BREAK, .num = { 0, 0, 20240809, STORY_UTC }, .text = "-> BREAK",
	  .want = "ALPHA.SPOT -> BREAK until 2024-08-08T23:54:01Z, trading day 20240809" },
	{ FACT_RECONCILE, RECONCILE_ADOPTED, .qty_dp = 5,
	  .num = { 100000, 200000, 300000, -100000 }, .text = "adopted",
	  .want = "USDT of main: adopted; the host has traded 0, the venue says 0, 0 of it beside the books" },
	{ FACT_FENCE, FENCE_POSITION, .qty_dp = 5, .num = { FENCE_POSITION, 1, 100000, 200000 },
	  .text = "seen twice",
	  .want = "ALPHA.SPOT of main is fenced: nothing opens there, for position: seen twice; the host has 1, the venue says 2" },
	{ FACT_FOREIGN_ORDER, .px_dp = 2, .qty_dp = 5, .px = 101, .qty = 100000, .num = { 0, 1, 1 },
	  .text = "client id web7",
	  .want = "sell 1 ALPHA.SPOT of main at 1.01, filled 0, works and is accepted: client id web7" },
	{ FACT_WATERMARK, .num = { SEC }, .text = "",
	  .want = "ALPHA.SPOT of main: its executions are known up to 2024-08-08T23:54:01Z, the last is x7" },
	{ FACT_REPLACE, .px_dp = 2, .qty_dp = 5, .px = 101, .qty = 100000,
	  .num = { 100, 200000, 0 }, .text = "",
	  .want = "sell ALPHA.SPOT: 1 at 1.01 asked for in place of 2 at 1, filled 0 so far" },
	{ FACT_REPLACED, .px_dp = 2, .qty_dp = 5, .px = 101, .qty = 100000,
	  .num = { 100, 200000, 0, 1, -5 }, .text = "not now",
	  .want = "sell ALPHA.SPOT: it works on as it was, 2 at 1, filled 0 in all: not now" },
	{ FACT_CANCEL_ALL, .num = { 3, 1 }, .text = "",
	  .want = "all that works in ALPHA.SPOT of main is cancelled at once: 3 orders of this host, 1 message" },
	{ FACT_ARM, .num = { 60 * SEC, 1 }, .text = "",
	  .want = "the venue cancels what works of main after 1 min of silence" },
	{ FACT_LIMIT,
	  .num = { LIMIT_BEYOND, RISK_LIMIT_DAY_LOSS, SCOPE_INSTANCE, ACTION_KILL, 200000000,
		   100000000 },
	  .text = "it is", .want = "day_loss of instance btc_basis at 2, beyond 1 (kill): it is" },
	{ FACT_SCOPE, RISK_REDUCING, .num = { SCOPE_INSTANCE, RISK_ACTIVE, RISK_REDUCING, 2, 1 },
	  .text = "by tom",
	  .want = "instance btc_basis ACTIVE -> REDUCING, paused; closes all that it holds: by tom" },
	{ FACT_PLAN, .px_dp = 2, .num = { STYLE_PASSIVE, 0, 0, PLAN_STEP_CHOSEN },
	  .text = "X rests", .want = "passive: X rests" },
	{ FACT_COST, .px_dp = 2, .qty_dp = 5, .px = 101, .qty = 100000,
	  .num = { RESCUE_COMPLETE, 100, 200, 0, 0, 300 }, .text = "",
	  .want = "complete sell 1 ALPHA.SPOT at 1.01, slip 0.000001 + fee 0.000002 = 0.000003" },
	{ FACT_HELD, .num = { HELD_PRICE, SEC, 100000000, 1000 }, .text = "held for price",
	  .want = "held for price, over after 1 s: 1 money-seconds unhedged; unhedged 0.00001" },
	{ FACT_TRANSFER, .px_dp = 2, .qty_dp = 5, .px = 101, .qty = 100000, .num = { 0, 0, 200000 },
	  .text = "by tom", .want = "sell 1 ALPHA.SPOT at 1.01: by tom; nobody still holds 2" },
	{ FACT_TALLY, .num = { 20240809, 5, 2, 0, 0, 0, 3 }, .text = "",
	  .want = "ALPHA.SPOT of main, trading day 20240809: orders sent 5; orders that were cancelled, as the exchange counts them 2; lots opened 3" },
	{ FACT_TALLY_RATE, .num = { 20240809, 7, 1, 2, 3 }, .text = "SHFE",
	  .want = "main at SHFE, trading day 20240809: orders and cancels sent 7, 2 of them within the last second; times that burst_messages left within a second 1" },
	{ FACT_WITHDRAWN, ORDER_REJECTED, .num = { SEC }, .text = "not needed",
	  .want = "sell ALPHA.SPOT: not needed" },
	{ FACT_ORDER_KEPT, ORDER_FILLED, .px_dp = 2, .qty_dp = 5, .px = 101, .qty = 100000,
	  .num = { 0, 0, 0, 0, 0, 0, 100000 }, .text = "",
	  .want = "sell 1 ALPHA.SPOT at 1.01 stands as FILLED, filled 1" },
	{ FACT_FAIR, .num = { 2 }, .text = "fair is 5", .want = "fair is 5" },
	{ FACT_LOTS, .qty_dp = 5, .num = { 20240809, 100000, 200000, 0, 300000 }, .text = "",
	  .want = "ALPHA.SPOT: long 1 of today and 2 of earlier days, short 0 and 3, trading day 20240809" },
	{ FACT_TERMS, .num = { 1 }, .text = "at most 3 ticks", .want = "at most 3 ticks" },
	{ FACT_SHADOW, .num = { 4 * SEC, 23, 100, 90, 2, 8, 0 }, .text = "open",
	  .want = "the shadow proposed 4 lots: open; of 100 events the same in 90, only the live one in 2, only the shadow in 8, otherwise in 0" },
	{ FACT_STALL, .num = { 1500000, 3, 4, 2 }, .text = "",
	  .want = "the engine stood for 1.5 ms while a strategy was stopped; 3 calls, 4 quotes and 2 orders came no later than that" },
	{ FACT_PARAM, .num = { 12500000000, 10000000000 }, .text = "open_bp = 12.5 (10) by anna",
	  .want = "open_bp = 12.5 (10) by anna" },
	{ FACT_ARCHIVE, .num = { 1, 500, 500, 3, 90000, 0 }, .text = "ab12",
	  .want = "receipts 1 to 500 are about to go into an archive of 500 receipts and 3 blocks, digest ab12" },
	{ FACT_REPAIR, .num = { 1, 1, 500, 500, 0 }, .text = "the log was cut",
	  .want = "the log was cut" },
	{ FACT_BUILD, .num = { 100, 3 }, .text = "sha256 ab12", .want = "sha256 ab12" },
	{ FACT_ACCOUNT, .num = { 3, 1 }, .text = "group desk",
	  .want = "account main: group desk, declared as arbitrage" },
	{ FACT_INPUTS, .num = { 0, 2 * SEC, 601, 77536, 0, 1, 4 }, .text = "aa",
	  .want = "601 inputs of the engine recorded in 77536 bytes, 2 s from 1970-01-01T00:00:00.000000Z" },
	{ FACT_KEY, .num = { 821 }, .text = "desk+0a+AQ==",
	  .want = "from here on checkpoints are signed by another key, desk+0a+AQ==; the one before signed 821 receipts" },
};
_Static_assert(sizeof said / sizeof *said == fact_kind_max - 1, "a sentence for every kind");

static void every_kind(void)
{
	static const struct story none;
	unsigned wrong = 0;
	for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
		const struct said *s = &said[i];
		char words[TELL_BYTES];
		struct fact f;
		must(s->kind == i + 1);
		fact_init(&f, s->kind);
		f.venue = venue;
		f.account = reader_name_find(reader, NAME_ACCOUNT, "main");
		f.instrument = s->kind == FACT_LIMIT || s->kind == FACT_SCOPE ? 0 : near;
		f.instance = reader_name_find(reader, NAME_INSTANCE, "btc_basis");
		f.script = reader_name_find(reader, NAME_SCRIPT, "c0ffee");
		f.fee_asset = reader_name_find(reader, NAME_ASSET, "USDT");
		f.fee_e8 = 1000000;
		f.side = SIDE_SELL;
		f.state = s->state;
		f.px_dp = s->px_dp;
		f.qty_dp = s->qty_dp;
		f.px = s->px;
		f.qty = s->qty;
		f.venue_ns = STORY_UTC;
		strcpy(f.exec, "x7");
		memcpy(f.num, s->num, sizeof f.num);
		fact_text(&f, "%s", s->text);
		tell(&none, reader, &f, words);
		if (strcmp(words, s->want) != 0) {
			fprintf(stderr, "%s\ngot  %s\nwant %s\n", fact_kind_name(s->kind), words,
				s->want);
			wrong++;
		}
	}
	must(wrong == 0);
}

/* What the other half of some kinds' sentences says, and what a newer host may have written. */
static void other_halves(void)
{
	expect(FACT_SESSION_CLOSE, 0, NUMS(12, 0, 0, 0, 0, 0, 0), "",
	       "unfinished end, 12 receipts");
	expect(FACT_CHECKPOINT, 0, NUMS(CHECKPOINT_END), "",
	       "the whole state stands above: a restart reads on from there");
	expect(FACT_ALERT, 0, NUMS(ALERT_CRITICAL, 1, ALERT_KILL), "",
	       "critical, kill: the host was told to open nothing");
	expect(FACT_ALERT, 0, NUMS(77, 0, 77), "later", "later");
	expect(FACT_ARM, 0, NUMS(0, 1), "", "the dead-man switch of - is off");
	expect(FACT_ARM, 0, NUMS(SEC, -3), "no such call",
	       "the dead-man switch of - could not be armed: no such call");
	expect(FACT_LIMIT, 0, NUMS(LIMIT_SET, RISK_LIMIT_AGE, SCOPE_GLOBAL, 0, SEC, 2 * SEC),
	       "by tom", "quote_age of global alpha set to 2 s: by tom");
	expect(FACT_LIMIT, 0, NUMS(99, 999, 99, 99, 1, 2), "", "none of ? alpha at 1, ? 2");
	expect(FACT_SCOPE, RISK_ACTIVE, NUMS(SCOPE_VENUE, RISK_ACTIVE, RISK_ACTIVE, 1), "",
	       "venue alpha stays ACTIVE; finishes what is in flight");
	expect(FACT_SCOPE, 99, NUMS(99, 99, 98, 99), "", "? alpha ? -> ?");
	expect(FACT_PLAN, 0, NUMS(STYLE_BOTH, ALIGN_ARRIVE, 0, PLAN_STEP_CHOSEN), "all at once",
	       "arrive: all at once");
	expect(FACT_PLAN, 0, NUMS(STYLE_PASSIVE, 0, 0, PLAN_STEP_PRICED), "moved", "moved, at 0");
	expect(FACT_NAME, 0, NUMS(99, 4), "x", "? x is number 4 in receipts");
	expect(FACT_TALLY, 0, NUMS(20240809), "", "-, trading day 20240809: nothing counted yet");
	expect((enum fact_kind)999, 0, NUMS(1, 2), "of a later day", "alpha: of a later day");
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
	every_kind();
	other_halves();
	reader_close(reader);
}

START_TEST(test_words)
{
	apart(all, story_make(false), 0);
}
END_TEST

FOLDER_SUITE("tell", test_words)
