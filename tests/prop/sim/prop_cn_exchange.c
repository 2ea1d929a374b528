/* Proves over random days that the domestic exchange keeps its books: lots, frozen sums and counts as a naive model has them from the reports alone, money at every settlement as bought
 * and sold make it, every fill within its limits, every snapshot in its place; and that the outcome does not depend on how often time is told. */
#include "core/base/rng.h"
#include "tests/unit/sim/cn_fixture.h"

enum { ACCOUNTS = 3, DAYS = 3, SEEDS = 120, LOTS = 4096, STEPS = 600 };

struct lot {
	bool today;
	int64_t qty;
};

/* What the model knows of a position: its lots in the order that they were opened. */
struct held {
	struct lot lot[LOTS];
	unsigned n;
};

static struct cn_world w;
static struct held held[ACCOUNTS][CONTRACTS][side_max];
static int64_t bought_e8[ACCOUNTS], net[ACCOUNTS][CONTRACTS], fees_e8[ACCOUNTS];
static int64_t market_e8, market_net[CONTRACTS];
static uint32_t cancels, settled;
static struct cn_trade last;
static struct cn_snapshot shown[CONTRACTS];
static uint64_t digest;
static uint64_t fills, own_fills, orders, refusals, closes;
static bool quiet; /* the second run of a seed compares its digest alone */

static void mix(uint64_t v)
{
	digest = (digest ^ v) * UINT64_C(0x100000001b3);
}

static int64_t take(struct held *h, bool any, bool today, int64_t qty, int64_t *todays)
{
	for (unsigned i = 0; i < h->n && qty; i++) {
		struct lot *l = &h->lot[i];
		if (!any && l->today != today)
			continue;
		int64_t part = l->qty < qty ? l->qty : qty;
		l->qty -= part;
		qty -= part;
		if (l->today)
			*todays += part;
	}
	return qty;
}

static void model_trade(const struct cn_trade *t)
{
	enum side position = t->offset == OFFSET_OPEN ? t->side : t->side ^ 1;
	struct held *h = &held[t->account][t->instrument][position];
	bool splits = t->instrument == GOLD;
	int64_t todays = 0, value = t->px * t->qty * 10 * E8, sign = t->side == SIDE_BUY ? 1 : -1;
	if (t->offset == OFFSET_OPEN) {
		EXPECT(h->n < LOTS);
		h->lot[h->n++] = (struct lot){ true, t->qty };
	} else {
		bool today = t->offset == OFFSET_CLOSE_TODAY;
		EXPECT(take(h, !splits, today, t->qty, &todays) == 0);
		closes++;
	}
	bought_e8[t->account] += sign * value;
	net[t->account][t->instrument] += sign * t->qty;
	fees_e8[t->account] += (2 * (t->qty - todays) + 5 * todays) * E8;
	if (!t->own) {
		market_e8 += sign * value;
		market_net[t->instrument] -= sign * t->qty;
		EXPECT(last.trade == 0);
	} else if (last.trade == 0) {
		last = *t;
	} else { /* the other side of it comes next, and nothing between */
		EXPECT(last.trade == t->trade && last.instrument == t->instrument &&
		       last.px == t->px && last.qty == t->qty && last.side != t->side);
		last.trade = 0;
		own_fills++;
	}
	fills++;
}

static void model_settle(uint16_t account, int64_t balance_e8)
{
	int64_t expected = w.member[account].deposit_e8 - bought_e8[account] - fees_e8[account];
	for (int i = 0; i < CONTRACTS; i++)
		expected += net[account][i] * w.x.view.settle_px[i] * 10 * E8;
	EXPECT_MSG(balance_e8 == expected, "account %u has %lld, and trades make %lld", account,
		   (long long)balance_e8, (long long)expected);
	for (int i = 0; i < CONTRACTS; i++)
		for (enum side side = SIDE_BUY; side < side_max; side++)
			for (unsigned k = 0; k < held[account][i][side].n; k++)
				held[account][i][side].lot[k].today = false;
	settled++;
	if (account + 1u < ACCOUNTS)
		return;
	/* Nothing is made or lost between accounts and market but for fees. */
	int64_t sum = 0, deposits = 0;
	for (uint16_t a = 0; a < ACCOUNTS; a++) {
		sum += w.x.account[a].balance_e8 + w.x.account[a].fees_e8;
		deposits += w.member[a].deposit_e8;
	}
	for (int i = 0; i < CONTRACTS; i++)
		sum += market_net[i] * w.x.view.settle_px[i] * 10 * E8;
	EXPECT(sum + market_e8 == deposits);
}

static void hear(void *owner, const struct cn_report *r)
{
	(void)owner;
	mix(r->kind);
	mix(r->refusal);
	mix((uint64_t)r->at_ns);
	mix(r->order.id);
	mix((uint64_t)r->order.cum);
	mix((uint64_t)r->trade.px);
	mix((uint64_t)r->trade.fill.profit_e8);
	mix((uint64_t)r->balance_e8);
	if (quiet || r->replayed)
		return;
	const struct cn_trade *t = &r->trade;
	const struct cn_request *q = &r->order.asked;
	if (r->kind == CN_REPORT_TRADE) {
		EXPECT(t->qty > 0 && r->order.cum <= q->qty);
		EXPECT(!px_better(t->side, t->px, q->px));
		EXPECT(t->px >= w.x.book[t->instrument].band.lo);
		EXPECT(t->px <= w.x.book[t->instrument].band.hi);
		model_trade(t);
	} else if (r->kind == CN_REPORT_SETTLED) {
		model_settle(r->account, r->balance_e8);
	}
	cancels += r->kind == CN_REPORT_ORDER && r->order.state == CN_CANCELLED;
	refusals += r->kind == CN_REPORT_REFUSED;
}

static void see(void *owner, const struct cn_snapshot *s)
{
	(void)owner;
	EXPECT(s->at_ns % CN_SNAPSHOT_NS == 0);
	mix((uint64_t)s->at_ns);
	mix((uint64_t)s->last_px);
	mix((uint64_t)s->volume);
	mix((uint64_t)s->turnover_e8);
	for (enum side side = SIDE_BUY; side < side_max; side++)
		for (uint32_t i = 0; i < s->n[side]; i++) {
			const struct level *l = &s->level[side][i];
			EXPECT(l->qty > 0 && l->px >= s->limit_lo && l->px <= s->limit_hi);
			EXPECT(i == 0 || px_better(side, s->level[side][i - 1].px, l->px));
			mix((uint64_t)l->px);
			mix((uint64_t)l->qty);
		}
	if (s->n[SIDE_BUY] && s->n[SIDE_SELL])
		EXPECT(s->level[SIDE_BUY][0].px < s->level[SIDE_SELL][0].px);
	EXPECT(s->at_ns > shown[s->instrument].at_ns);
	EXPECT(!cn_snapshot_same(s, &shown[s->instrument]));
	shown[s->instrument] = *s;
}

static int64_t lots_of(const struct held *h, bool today)
{
	int64_t sum = 0;
	for (unsigned i = 0; i < h->n; i++)
		if (h->lot[i].today == today)
			sum += h->lot[i].qty;
	return sum;
}

static void check(void)
{
	int64_t frozen[ACCOUNTS][CONTRACTS][side_max] = { 0 }, locked[ACCOUNTS] = { 0 };
	int64_t opening[ACCOUNTS][CONTRACTS] = { 0 };
	for (uint32_t i = 0; i < w.x.n_orders; i++) {
		const struct cn_order *o = &w.x.order[i];
		const struct cn_request *q = &o->asked;
		bool rests = match_find(&w.x.book[q->instrument].match, o->id) != NULL;
		EXPECT(rests == (o->state == CN_WORKING));
		EXPECT(rests || o->locked_e8 == 0);
		if (!rests)
			continue;
		locked[q->account] += o->locked_e8;
		if (q->offset == OFFSET_OPEN)
			opening[w.member[q->account].owner][q->instrument] += q->qty - o->cum;
		else
			frozen[q->account][q->instrument][q->side ^ 1] += q->qty - o->cum;
	}
	for (uint16_t a = 0; a < ACCOUNTS; a++) {
		EXPECT(w.x.account[a].locked_e8 == locked[a]);
		EXPECT(w.x.account[a].fees_e8 == fees_e8[a]);
		for (uint16_t i = 0; i < CONTRACTS; i++) {
			EXPECT(w.x.count[a][i].opening == opening[a][i]);
			for (enum side side = SIDE_BUY; side < side_max; side++) {
				const struct cn_position *p = cn_position_of(&w.x, a, i, side);
				EXPECT(p->today == lots_of(&held[a][i][side], true));
				EXPECT(p->yesterday == lots_of(&held[a][i][side], false));
				int64_t sum = 0;
				for (enum cn_from f = 0; f < cn_from_max; f++) {
					EXPECT(p->frozen[f] >= 0);
					EXPECT(p->frozen[f] == 0 || cn_position_free(p, f) >= 0);
					sum += p->frozen[f];
				}
				EXPECT(sum == frozen[a][i][side]);
			}
		}
	}
	EXPECT(last.trade == 0);
}

static void draw_market(struct rng *r, uint16_t i, int64_t now)
{
	struct level l[side_max][4];
	struct depth d = { .level = { l[0], l[1] }, .n = { 4, 4 } };
	int64_t mid = 1000 + rng_range(r, -8, 8) + (rng_chance(r, 30000) ? 100 : 0);
	for (enum side side = SIDE_BUY; side < side_max; side++)
		for (int k = 0; k < 4; k++)
			l[side][k] = (struct level){ mid + (side == SIDE_BUY ? -1 - k : 1 + k),
						     rng_range(r, 1, 9) };
	EXPECT(cn_market_book(&w.x, i, now, &d) == 0);
}

static void draw_order(struct rng *r, uint16_t a, uint16_t i, int64_t now)
{
	static const uint8_t tifs[] = { TIF_DAY, TIF_DAY, TIF_DAY, TIF_IOC, TIF_FOK };
	static const uint8_t offsets[] = { OFFSET_OPEN, OFFSET_OPEN, OFFSET_CLOSE,
					   OFFSET_CLOSE_TODAY, OFFSET_CLOSE_YESTERDAY };
	struct cn_request q =
		cn_world_request(&w, a, i, (enum side)rng_below(r, 2), offsets[rng_below(r, 5)],
				 1000 + rng_range(r, -12, 12), rng_range(r, 1, 12));
	q.tif = tifs[rng_below(r, 5)];
	if (rng_chance(r, 20000))
		q.px = rng_chance(r, 500000) ? 2000 : 0;
	uint64_t id;
	orders += cn_order(&w.x, now, &q, &id) == CN_OK;
}

static void draw_step(struct rng *r, int64_t now)
{
	uint16_t a = (uint16_t)rng_below(r, ACCOUNTS), i = (uint16_t)rng_below(r, CONTRACTS);
	const struct market_trade t = { .px = 1000 + rng_range(r, -10, 10),
					.qty = rng_range(r, 1, 20),
					.aggressor = (uint8_t)rng_below(r, 2) };
	struct cn_cancel c = { .account = a, .session = w.session[a] };
	switch (rng_below(r, 8)) {
	case 0:
	case 1:
		draw_market(r, i, now);
		break;
	case 2:
		EXPECT(cn_market_trade(&w.x, i, now, &t) == 0);
		break;
	case 3:
		if (w.x.n_orders)
			c.id = w.x.first_id + rng_below(r, w.x.n_orders);
		cn_cancel(&w.x, now, &c);
		break;
	default:
		draw_order(r, a, i, now);
	}
	if (rng_chance(r, 5000))
		cn_expire(&w.x, now, w.x.first_id + rng_below(r, w.x.n_orders + 1));
}

static void enter(int64_t now)
{
	for (uint16_t a = 0; a < ACCOUNTS; a++) {
		w.session[a] = cn_login(&w.x, now, a);
		EXPECT(cn_confirm(&w.x, now, a, w.session[a]) == CN_OK);
	}
}

/* Between two steps, time is told as often as somebody likes. */
static void pass(struct rng *ticks, int64_t from, int64_t to)
{
	for (uint64_t n = rng_below(ticks, 4); n > 0; n--)
		cn_tick(&w.x, from + (to - from) / (int64_t)(n + 1));
	while (rng_chance(ticks, 500000) && cn_next_ns(&w.x) <= to)
		cn_tick(&w.x, cn_next_ns(&w.x));
}

static uint64_t run(uint64_t seed, bool ticking)
{
	static const int32_t window[][2] = { { H(8, 59), H(9, 1) },
					     { H(9, 24), H(9, 31) },
					     { H(10, 14), H(10, 31) },
					     { H(14, 58), H(15, 16) },
					     { H(20, 54), H(21, 4) } };
	struct rng r, ticks;
	rng_seed(&r, seed);
	rng_fork(&r, "ticks", &ticks);
	memset(held, 0, sizeof held);
	memset(bought_e8, 0, sizeof bought_e8);
	memset(net, 0, sizeof net);
	memset(fees_e8, 0, sizeof fees_e8);
	memset(market_net, 0, sizeof market_net);
	memset(shown, 0, sizeof shown);
	last.trade = 0;
	market_e8 = 0;
	digest = seed;
	quiet = ticking;
	cn_world_init(&w, at(0, H(8, 0)));
	w.x.on_report = hear;
	w.x.on_snapshot = see;
	int64_t now = at(0, H(8, 0));
	for (int day = 0; day < DAYS; day++)
		for (size_t k = 0; k < sizeof window / sizeof *window; k++) {
			int64_t from = at(day, window[k][0]), to = at(day, window[k][1]);
			for (int step = 0; step < STEPS / 5; step++) {
				int64_t next = from + (to - from) / (STEPS / 5) * step;
				if (ticking)
					pass(&ticks, now, next);
				now = next;
				cn_tick(&w.x, now);
				if (!w.x.seat[0].session || rng_chance(&r, 3000))
					enter(now);
				draw_step(&r, now);
				if (!ticking)
					check();
			}
		}
	cn_tick(&w.x, at(DAYS, H(15, 20)));
	for (uint32_t i = 0; i < w.x.n_trades; i++)
		mix(w.x.trade[i].trade);
	cn_world_free(&w);
	return digest;
}

START_TEST(books_are_kept_whatever_comes)
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		uint64_t once = run(seed, false);
		EXPECT_MSG(run(seed, true) == once, "seed %llu: time told more often changes it",
			   (unsigned long long)seed);
	}
	/* It was no walk through an empty market. */
	EXPECT(fills > 20000 && own_fills > 1000 && orders > 40000 && refusals > 10000);
	EXPECT(closes > 5000 && settled == SEEDS * ACCOUNTS * (DAYS + 1) && cancels > 5000);
}
END_TEST

SUITE("cn_exchange", books_are_kept_whatever_comes)
