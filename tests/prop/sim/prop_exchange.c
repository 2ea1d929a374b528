/* Proves over random trading that the simulated venue creates and loses nothing: the ledger adds up, equals what the venue holds in
 * memory, the market and the fees explain every difference, and restarts, also after a torn write, change nothing. */
#include "adapters/sim/exchange.h"
#include "core/base/err.h"
#include "core/base/rng.h"
#include "tests/unit/sim/venue_fixture.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STEPS = 3000, RUNS = 8 };

static struct fixture fix;
static struct exchange venue;
static struct ledger_totals totals;
static uint64_t trades_told, seen_trade;

static void hear(void *owner, const struct exchange_event *e)
{
	(void)owner;
	if (e->kind != EVENT_TRADE)
		return;
	trades_told++;
	/* Unique numbers, the same one on both sides of our own trades only. */
	EXPECT(e->trade.trade >= seen_trade);
	EXPECT(e->trade.trade > seen_trade || !e->trade.maker);
	seen_trade = e->trade.trade;
	EXPECT(e->order.cum <= e->order.qty);
	bool buy = e->order.side == SIDE_BUY, limit = e->order.type != ORD_MARKET;
	EXPECT(!limit || (buy ? e->trade.px <= e->order.px : e->trade.px >= e->order.px));
}

static void check_memory(void)
{
	for (uint16_t a = 0; a < fix.config.n_accounts; a++) {
		const struct funds *f = exchange_funds(&venue, a);
		for (int s = 0; s < LEDGER_ASSETS; s++) {
			EXPECT(totals.money[a][s].free_e8 == f->money[s].free_e8);
			EXPECT(totals.money[a][s].locked_e8 == f->money[s].locked_e8);
			EXPECT(f->money[s].locked_e8 >= 0);
		}
		if (fix.config.kind == MARKET_SPOT)
			EXPECT(f->money[BTC].free_e8 >= 0 && f->money[USDT].free_e8 >= 0);
		else
			EXPECT(totals.trading[a][0].position == f->position[0].qty);
		int64_t lock = 0, open[side_max] = { 0 };
		const struct exchange_order *o[64];
		uint32_t n = exchange_open(&venue, a, LEDGER_NONE, o, 64);
		for (uint32_t i = 0; i < n; i++) {
			lock += o[i]->lock_e8;
			open[o[i]->side] += o[i]->qty - o[i]->cum;
			EXPECT(o[i]->working);
		}
		EXPECT(lock == f->money[BTC].locked_e8 + f->money[USDT].locked_e8);
		EXPECT(open[0] == f->position[0].open[0] && open[1] == f->position[0].open[1]);
	}
}

/* What was brought in is with the accounts, the market, or the venue as fees. */
static void check_ledger(uint64_t seed)
{
	EXPECT_MSG(ledger_totals(fix.path, &totals) == 0, "seed %llu: %s", (unsigned long long)seed,
		   err_text());
	EXPECT_MSG(ledger_check(&totals) == 0, "seed %llu: %s", (unsigned long long)seed,
		   err_text());
	for (int s = 0; s < LEDGER_ASSETS; s++) {
		int64_t moved = 0, held = 0;
		for (uint16_t a = 0; a < fix.config.n_accounts; a++) {
			moved += totals.money[a][s].moved_e8;
			held += totals.money[a][s].free_e8 + totals.money[a][s].locked_e8;
		}
		EXPECT(moved == held + totals.market_e8[s] + totals.fees_e8[s]);
	}
	EXPECT(totals.fills == venue.n_fills);
	EXPECT(totals.own_fills % 2 == 0);
	check_memory();
}

static void step_market(struct rng *r, int64_t seq)
{
	struct level l[side_max][3];
	struct depth d = { .first_seq = seq, .last_seq = seq };
	int64_t mid = 60000 + rng_range(r, -5, 5);
	for (enum side side = SIDE_BUY; side < side_max; side++) {
		d.level[side] = l[side];
		d.n[side] = 3;
		for (int i = 0; i < 3; i++) {
			int64_t away = rng_range(r, 0, 6);
			l[side][i].px = E8(side == SIDE_BUY ? mid - away : mid + 1 + away);
			l[side][i].qty = rng_chance(r, 250000) ? 0 : rng_range(r, 1, 30) * 10000000;
		}
	}
	EXPECT(exchange_market_depth(&venue, 0, seq, &d) == 0);
	if (rng_chance(r, 300000)) {
		struct market_trade t = { .px = E8(mid),
					  .qty = rng_range(r, 1, 20) * 10000000,
					  .aggressor = (uint8_t)rng_below(r, 2) };
		EXPECT(exchange_market_trade(&venue, 0, seq, &t) == 0);
	}
}

static void step_order(struct rng *r, int64_t now)
{
	static const uint8_t tifs[] = { TIF_GTC, TIF_GTC, TIF_IOC, TIF_FOK };
	struct exchange_request q = { .account = (uint16_t)rng_below(r, 2),
				      .side = (uint8_t)rng_below(r, 2),
				      .type = (uint8_t)rng_below(r, ord_type_max),
				      .tif = tifs[rng_below(r, 4)],
				      .stp = (uint8_t)rng_below(r, match_stp_max + 1),
				      .reduce_only = fix.config.kind == MARKET_FUTURES &&
						     rng_chance(r, 200000),
				      .px = E8(60000 + rng_range(r, -8, 8)),
				      .qty = rng_range(r, 1, 40) * 10000000 };
	if (rng_chance(r, 50000))
		q.qty += rng_range(r, -5000000, 5000000); /* off the lot, most of the time */
	if (rng_chance(r, 500000))
		snprintf(q.client, sizeof q.client, "c%llu", (unsigned long long)rng_below(r, 30));
	const struct exchange_order *o;
	enum outcome out = exchange_place(&venue, now, &q, &o);
	EXPECT(out != OUT_DISK && (out == OUT_OK) == (o != NULL));
}

static void step_cancel(struct rng *r, int64_t now)
{
	const struct exchange_order *o[64];
	uint16_t account = (uint16_t)rng_below(r, 2);
	uint32_t n = exchange_open(&venue, account, LEDGER_NONE, o, 64);
	if (n && rng_chance(r, 100000)) {
		EXPECT(exchange_cancel_all(&venue, now, account, LEDGER_NONE) == (int)n);
	} else if (n) {
		const struct exchange_order *gone;
		EXPECT(exchange_cancel(&venue, now, account, 0, o[rng_below(r, n)]->id, NULL,
				       &gone) == OUT_OK);
	}
	if (rng_chance(r, 100000))
		EXPECT(exchange_move(&venue, now, account, USDT, rng_range(r, -1000, 1000),
				     "funding") == 0);
}

/* Dies and comes back, half of the time with a torn record at the end of its file. */
static void restart(struct rng *r, struct knobs *k, int64_t now)
{
	uint64_t next_id = venue.next_id, next_trade = venue.book[0].next_trade;
	exchange_free(&venue);
	if (rng_chance(r, 500000)) {
		uint8_t junk[700];
		for (size_t i = 0; i < sizeof junk; i++)
			junk[i] = (uint8_t)rng_next(r);
		int fd = open(fix.path, O_WRONLY | O_APPEND);
		size_t n = 1 + rng_below(r, sizeof junk);
		EXPECT(write(fd, junk, n) == (ssize_t)n);
		close(fd);
	}
	int rc = exchange_init(&venue, &fix.config, k, now, hear, NULL);
	EXPECT_MSG(rc == 0, "%s", err_text());
	EXPECT(venue.next_id <= next_id &&
	       venue.next_id + 40 > next_id); /* refused orders used up the rest */
	EXPECT(venue.book[0].next_trade == next_trade);
}

/* Contracts of 100 of the quote currency, paid in the base asset. */
static void make_inverse(void)
{
	struct instrument *i = &fix.instrument[0];
	i->expo = (struct expo){ .kind = EXPO_INVERSE, .num = 100, .den = 1 };
	i->settle = BTC;
	i->rule[0].lot = i->rule[0].min_qty = 10000000;
	for (int a = 0; a < 2; a++) {
		fix.account[a].deposit[0].asset = BTC;
		fix.account[a].deposit[0].amount_e8 = E8(1) / 1000;
	}
}

static void run(uint64_t seed, enum market_kind kind, bool inverse)
{
	struct rng r;
	struct knobs_config c;
	struct knobs k;
	rng_seed(&r, seed);
	knobs_config_init(&c);
	c.ppm[FAULT_REJECT] = 20000;
	c.ppm[FAULT_PARTIAL] = 100000;
	c.ppm[FAULT_UNSOLICITED] = 20000;
	EXPECT(knobs_init(&k, &c, seed, 0) == 0);
	fixture_init(&fix, kind, "prop_exchange");
	for (int a = 0; a < 2; a++) /* poor enough to be refused now and then */
		fix.account[a].deposit[0].amount_e8 = E8(500000);
	if (inverse)
		make_inverse();
	trades_told = seen_trade = 0;
	EXPECT(exchange_init(&venue, &fix.config, &k, 0, hear, NULL) == 0);
	for (int64_t step = 1; step <= STEPS; step++) {
		uint64_t what = rng_below(&r, 100);
		if (what < 35)
			step_market(&r, step);
		else if (what < 85)
			step_order(&r, step);
		else if (what < 99)
			step_cancel(&r, step);
		else
			restart(&r, &k, step);
		if (step % 50 == 0)
			check_ledger(seed);
	}
	EXPECT(trades_told == venue.n_fills && trades_told > 200);
	EXPECT(totals.rejects > 10 && totals.own_fills > 0 && totals.starts > 1);
	exchange_free(&venue);
	unlink(fix.path);
}

START_TEST(spot_creates_and_loses_nothing)
{
	for (uint64_t seed = 1; seed <= RUNS; seed++)
		run(seed, MARKET_SPOT, false);
}
END_TEST

START_TEST(futures_create_and_lose_nothing)
{
	for (uint64_t seed = 1; seed <= RUNS; seed++)
		run(seed, MARKET_FUTURES, false);
}
END_TEST

START_TEST(inverse_contracts_create_and_lose_nothing)
{
	for (uint64_t seed = 1; seed <= RUNS; seed++)
		run(seed, MARKET_FUTURES, true);
}
END_TEST

SUITE("exchange in the long run", spot_creates_and_loses_nothing, futures_create_and_lose_nothing,
      inverse_contracts_create_and_lose_nothing)
