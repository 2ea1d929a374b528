/* What it aims at, measured on BTCUSDT, 2024-08-08 23:54 to 24:00 UTC (quantiles 5, 25, 50, 75, 95, 99 %):
 *
 *                              spot                                   perpetual
 * tick, lot                    0.01, 0.00001                          0.10, 0.001
 * bookTicker, depth, trades    81, 10, 28 a second                    192, 19, 62 a second
 * between quotes, ms           0.0005 0.0013 1.07 5.8 70 170          0.0005 0.001 0.027 2.4 30 76
 * spread, ticks                1 1 1 1 144 763                        1 1 1 1 2 29
 * size at the top              0.0003 0.18 1.2 2.9 4.9 6.2            0.014 0.70 2.7 5.0 11.2 23.5
 * size of the first 20 levels  0.001 0.04 0.1 0.3 2.5 2.5             0.002 0.004 0.01 0.4 10 10
 * size of the first 500        0.0001 0.0005 0.017 0.13 1.1 1.8       0.002 0.008 0.064 0.35 1.3 3.7
 * levels a depth message       4 9 16 31 133 391                      13 22 34 62 252 611
 * of which gone                48 %                                   22 %
 * level 10, 50, 100 from top   364, 1630, 2850 ticks                  45, 145, 220 ticks
 * size of a trade              0.00009 0.0001 0.0006 0.013 0.1 0.32   0.002 0.003 0.016 0.08 0.49 1.1
 * quotes that move the middle  9.5 %                                  3.1 %
 * such a move, ticks           0.5 5.5 30 79 263 700                  0.5 1.5 4 10 41 99
 * one second's return, bp      0 0 0 0.6 2.0 6.1                      0 0 0.1 0.8 2.3 6.1
 * perpetual over spot, bp      -4.9 -4.2 -3.7 -3.3 -2.8 -2.3
 *
 * The basis strays further and more often here than it did there: that is what the market is made for. */
#include "adapters/sim/generator.h"
#include "adapters/sim/draw.h"
#include "adapters/sim/generator_book.h"
#include "adapters/sim/generator_walk.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { READY = 2 * SOURCE_INSTRUMENTS };

struct made_book {
	struct gbook k;
	uint16_t walk; /* the price that it follows */
	bool perp;
	bool rated; /* through another walk's price: */
	uint16_t rate;
	int64_t num, den; /* den 0: as it is */
	int64_t action_ns, depth_ns;
	uint64_t trade_id;
};

struct generator {
	struct market_source source;
	struct generator_config config;
	struct walk walk[1 + GENERATOR_MORE]; /* the first two books' first */
	bool two_sided[1 + GENERATOR_MORE];   /* a basis has two sides; who stands alone has none */
	struct made_book book[SOURCE_INSTRUMENTS];
	uint16_t n_walks, n_books;
	int64_t now_ns;
	struct source_event ready[READY]; /* made and not yet popped, from `first` */
	unsigned first, n_ready;
	unsigned snapshots; /* told so far: the stream begins with one a book */
};

static const struct gbook_shape shapes[generator_books] = {
	[GENERATOR_SPOT] = { .name = "spot",
			     .px_dp = 2,
			     .qty_dp = 5,
			     .depth_ns = 100000000,
			     .gap_ticks = { { 1, 2, 9, 22, 41, 78, 120, 160 } },
			     .top = { { 1, 30, 17590, 119593, 292178, 490049, 620940, 900000 } },
			     .level = { { 1, 12, 50, 1700, 13000, 114000, 180000, 400000 } },
			     .trade = { { 1, 9, 11, 60, 1329, 10000, 32416, 100000 } },
			     .between = { { 100, 400, 1000, 830000, 4500000, 54000000, 132000000,
					    230000000 } },
			     .trade_ppm = 350000,
			     .gone_ppm = 480000,
			     .deep_max = 5 },
	[GENERATOR_PERP] = { .name = "perpetual",
			     .px_dp = 1,
			     .qty_dp = 3,
			     .depth_ns = 52000000,
			     .gap_ticks = { { 1, 1, 1, 2, 3, 6, 10, 15 } },
			     .top = { { 1, 14, 695, 2677, 4957, 11158, 23459, 40000 } },
			     .level = { { 1, 2, 8, 64, 350, 1300, 3700, 9000 } },
			     .trade = { { 1, 2, 3, 16, 81, 486, 1146, 4000 } },
			     .between = { { 100, 400, 800, 20000, 1800000, 23000000, 58000000,
					    110000000 } },
			     .trade_ppm = 320000,
			     .gone_ppm = 220000,
			     .deep_max = 8 },
};

/* A further symbol: nothing was measured, so it is calm and liquid, as a currency pair is. Its tick and lot are its rule's. */
static const struct gbook_shape quiet = {
	.name = "quiet",
	.depth_ns = 100000000,
	.gap_ticks = { { 1, 1, 1, 1, 2, 4, 6, 10 } },
	.top = { { 100, 1000, 5000, 20000, 60000, 150000, 300000, 500000 } },
	.level = { { 100, 1000, 5000, 20000, 60000, 150000, 300000, 500000 } },
	.trade = { { 1, 10, 50, 200, 1000, 5000, 20000, 50000 } },
	.between = { { 100000, 400000, 4000000, 20000000, 80000000, 250000000, 400000000,
		       800000000 } },
	.trade_ppm = 200000,
	.gone_ppm = 300000,
	.deep_max = 3,
};
/* A future in lots that follows another market: one tick wide, tens of lots at the best. */
static const struct gbook_shape lots = {
	.name = "lots",
	.depth_ns = 100000000,
	.gap_ticks = { { 1, 1, 1, 1, 1, 2, 3, 5 } },
	.top = { { 1, 3, 8, 18, 40, 90, 160, 300 } },
	.level = { { 1, 4, 12, 30, 60, 120, 200, 400 } },
	.trade = { { 1, 1, 1, 2, 5, 12, 30, 60 } },
	.between = { { 1000000, 4000000, 20000000, 60000000, 150000000, 300000000, 450000000,
		       900000000 } },
	.trade_ppm = 250000,
	.gone_ppm = 300000,
	.deep_max = 3,
};
enum { QUIET_PCT = 10, QUIET_LEAST_TICKS = 5000 }; /* its jumps; its books never reach zero */

/* ---------------------------------------------------------------- events made */

static struct source_event *make(struct generator *g, unsigned b, enum source_kind kind)
{
	must(g->n_ready < READY);
	struct source_event *e = &g->ready[g->n_ready++];
	*e = (struct source_event){ .time_ns = g->now_ns,
				    .venue = g->source.instrument[b].venue,
				    .instrument = (uint16_t)b,
				    .kind = (uint8_t)kind };
	return e;
}

static void make_quote(struct generator *g, unsigned b)
{
	gbook_quote(&g->book[b].k, g->now_ns, &make(g, b, SOURCE_QUOTE)->quote);
}

static void make_trade(struct generator *g, unsigned b, enum side aggressor, int64_t px,
		       int64_t qty)
{
	make(g, b, SOURCE_TRADE)->trade =
		(struct market_trade){ .px = px,
				       .qty = qty,
				       .id = (int64_t)++g->book[b].trade_id,
				       .venue_ns = g->now_ns,
				       .recv_ns = g->now_ns,
				       .aggressor = (uint8_t)aggressor };
}

static int64_t fair_px(const struct generator *g, unsigned b)
{
	const struct made_book *m = &g->book[b];
	const struct walk *w = &g->walk[m->walk];
	int64_t px = g->two_sided[m->walk] ? walk_px_e8(w, m->perp) : w->mid_e8;
	if (m->rated)
		px = dec_muldiv(px, g->walk[m->rate].mid_e8, dec_pow10[8], DEC_NEAREST);
	return m->den ? dec_muldiv(px, m->num, m->den, DEC_NEAREST) : px;
}

/* The book follows the common price: what the price has passed is traded away. */
static void follow(struct generator *g, unsigned b)
{
	struct gbook *k = &g->book[b].k;
	int64_t px, qty;
	enum side aggressor;
	int64_t fair = fair_px(g, b);
	if (!gbook_follow(k, fair, &aggressor, &px, &qty))
		return;
	if (qty > 0)
		make_trade(g, b, aggressor, px, qty);
	make_quote(g, b);
}

static void act(struct generator *g, unsigned b)
{
	struct gbook *k = &g->book[b].k;
	struct gbook_act did = gbook_act(k);
	if (did.trade_qty > 0)
		make_trade(g, b, did.aggressor, did.trade_px, did.trade_qty);
	make_quote(g, b);
	int64_t gap = draw_quantile(&k->rng, &k->shape->between);
	g->book[b].action_ns = g->now_ns + gap * 100 / g->config.rate_pct;
}

static void say_depth(struct generator *g, unsigned b)
{
	struct gbook *k = &g->book[b].k;
	g->book[b].depth_ns += k->shape->depth_ns;
	if (gbook_changed(k))
		gbook_diff(k, g->now_ns, &make(g, b, SOURCE_DEPTH)->depth);
}

/* When the next thing happens. */
static int64_t next_thing(struct generator *g)
{
	int64_t next = INT64_MAX;
	for (unsigned w = 0; w < g->n_walks; w++)
		if (walk_next_ns(&g->walk[w]) < next)
			next = walk_next_ns(&g->walk[w]);
	for (unsigned b = 0; b < g->n_books; b++) {
		struct made_book *m = &g->book[b];
		if (gbook_full(&m->k))
			m->depth_ns = g->now_ns;
		next = m->action_ns < next ? m->action_ns : next;
		next = m->depth_ns < next ? m->depth_ns : next;
	}
	return next;
}

static bool step_walk(struct generator *g)
{
	for (unsigned w = 0; w < g->n_walks; w++) {
		if (walk_next_ns(&g->walk[w]) != g->now_ns)
			continue;
		walk_step(&g->walk[w]);
		for (unsigned b = 0; b < g->n_books; b++)
			if (g->book[b].walk == w || (g->book[b].rated && g->book[b].rate == w))
				follow(g, b);
		return true;
	}
	return false;
}

/* The next thing that happens, whether it makes an event or not. */
static void step(struct generator *g)
{
	if (g->snapshots < g->n_books) {
		unsigned b = g->snapshots++;
		gbook_snapshot(&g->book[b].k, g->now_ns, &make(g, b, SOURCE_SNAPSHOT)->depth);
		return;
	}
	int64_t next = next_thing(g);
	must(next >= g->now_ns);
	g->now_ns = next;
	if (step_walk(g))
		return;
	for (unsigned b = 0; b < g->n_books; b++) {
		if (g->book[b].depth_ns == next) {
			say_depth(g, b);
			return;
		}
		if (g->book[b].action_ns == next) {
			act(g, b);
			return;
		}
	}
}

static void prepare(struct generator *g)
{
	if (g->first < g->n_ready)
		return;
	g->first = g->n_ready = 0;
	while (!g->n_ready)
		step(g);
}

/* ---------------------------------------------------------------- the source */

static int64_t generator_next_ns(struct market_source *s)
{
	struct generator *g = (struct generator *)s;
	prepare(g);
	return g->ready[g->first].time_ns;
}

static int generator_pop(struct market_source *s, struct source_event *out)
{
	struct generator *g = (struct generator *)s;
	prepare(g);
	*out = g->ready[g->first++];
	return 1;
}

/* The symbol that a walk was made for is the first that follows it. */
static void begin_walks(struct generator *g, const struct rng *root)
{
	walk_init(&g->walk[0], root, &g->config);
	for (uint16_t w = 1; w < g->n_walks; w++) {
		unsigned b = generator_books;
		while (g->book[b].walk != w || g->book[b].den)
			b++;
		walk_init_more(&g->walk[w], root, &g->config, g->source.instrument[b].symbol,
			       g->config.more[b - generator_books].mid_e8, QUIET_PCT);
	}
}

static int generator_rewind(struct market_source *s)
{
	struct generator *g = (struct generator *)s;
	const struct generator_config *c = &g->config;
	struct rng root;
	rng_seed(&root, c->seed);
	g->now_ns = c->start_ns;
	g->first = g->n_ready = g->snapshots = 0;
	begin_walks(g, &root);
	for (unsigned b = 0; b < g->n_books; b++) {
		struct made_book *m = &g->book[b];
		char name[80];
		snprintf(name, sizeof name, "%s %u", g->source.instrument[b].symbol, b);
		gbook_begin(&m->k, &root, b < generator_books ? m->k.shape->name : name,
			    fair_px(g, b));
		m->action_ns = c->start_ns + 1000000 * (b + 1);
		m->depth_ns = c->start_ns + m->k.shape->depth_ns;
		m->trade_id = 0;
	}
	return 0;
}

static void generator_free(struct market_source *s)
{
	struct generator *g = (struct generator *)s;
	for (unsigned b = 0; b < g->n_books; b++)
		gbook_free(&g->book[b].k);
	free(g);
}

static const struct source_ops ops = { .name = "generator",
				       .next_ns = generator_next_ns,
				       .pop = generator_pop,
				       .rewind = generator_rewind,
				       .free = generator_free };

static void set_defaults(struct generator_config *c)
{
	if (!c->mid_e8)
		c->mid_e8 = 61800 * dec_pow10[8];
	if (!c->rate_pct)
		c->rate_pct = 100;
	if (!c->basis_dev_ppb)
		c->basis_dev_ppb = 60000;
	if (!c->excursion_ns)
		c->excursion_ns = 4000000000;
	if (!c->excursion_ppb)
		c->excursion_ppb = 2500000;
	for (uint16_t i = 0; i < c->n_more && i < GENERATOR_MORE; i++)
		if (!c->more[i].mid_e8 && !c->more[i].follows.symbol[0])
			c->more[i].mid_e8 = c->mid_e8;
	for (unsigned b = 0; b < generator_books; b++) {
		struct source_instrument *i = &c->instrument[b];
		i->px_dp = i->px_dp ? i->px_dp : 8;
		i->qty_dp = i->qty_dp ? i->qty_dp : 8;
	}
}

static int check_more(const struct generator_config *c)
{
	if (c->n_more > GENERATOR_MORE)
		return err_set(ERR_ARG, "a made market has room for %d symbols",
			       SOURCE_INSTRUMENTS);
	for (uint16_t i = 0; i < c->n_more; i++) {
		const struct generator_symbol *m = &c->more[i];
		int64_t px = dec_rescale(m->mid_e8, 8, m->i.px_dp, DEC_DOWN);
		if (m->tick <= 0 || m->lot <= 0 || m->lot > INT64_MAX / 1000000)
			return err_set(ERR_ARG, "%s: its tick or lot is no step", m->i.symbol);
		if (m->follows.symbol[0])
			continue; /* looked at once what it follows is known */
		if (px / m->tick < QUIET_LEAST_TICKS || m->mid_e8 > 1000000 * dec_pow10[8])
			return err_set(
				ERR_ARG,
				"%s: a made price starts at %d ticks at least and 1,000,000 at "
				"most; state its mid, or a finer tick",
				m->i.symbol, QUIET_LEAST_TICKS);
	}
	return 0;
}

static int check(const struct generator_config *c)
{
	if (c->mid_e8 < 1000 * dec_pow10[8] || c->mid_e8 > 1000000 * dec_pow10[8])
		return err_set(ERR_ARG,
			       "a made market starts between 1,000 and 1,000,000, not at %lld e-8",
			       (long long)c->mid_e8);
	if (c->rate_pct > 10000 || c->basis_dev_ppb < 0 || c->basis_dev_ppb > 10000000 ||
	    c->excursion_ns < 0 || c->excursion_ppb < 0 || c->excursion_ppb > 50000000 ||
	    c->basis_mean_ppb > 50000000 || c->basis_mean_ppb < -50000000)
		return err_set(ERR_ARG,
			       "a made market's rate goes up to 10000 %%, its basis and excursions "
			       "up to 5 %%, deviation up to 1 %%");
	for (unsigned b = 0; b < generator_books; b++)
		if (c->instrument[b].px_dp < shapes[b].px_dp || c->instrument[b].px_dp > 9 ||
		    c->instrument[b].qty_dp < shapes[b].qty_dp || c->instrument[b].qty_dp > 9)
			return err_set(
				ERR_ARG,
				"the made %s needs %u to 9 decimals of price and %u to 9 of quantity",
				shapes[b].name, shapes[b].px_dp, shapes[b].qty_dp);
	return check_more(c);
}

/* Of one name, one price. */
static uint16_t walk_of(struct generator *g, const char *symbol, bool perp)
{
	for (uint16_t b = 0; b < g->n_books; b++) {
		const struct made_book *m = &g->book[b];
		if (strcmp(g->source.instrument[b].symbol, symbol) != 0)
			continue;
		g->two_sided[m->walk] |= m->perp != perp;
		return m->walk;
	}
	return g->n_books < generator_books ? 0 : g->n_walks++;
}

static int add_book(struct generator *g, const struct source_instrument *i,
		    const struct gbook_shape *shape, bool perp, int64_t tick, int64_t lot)
{
	struct made_book *m = &g->book[g->n_books];
	int rc = gbook_init(&m->k, shape, i->px_dp, tick, lot);
	m->walk = shape == &lots ? 0 : walk_of(g, i->symbol, perp);
	m->perp = perp;
	g->source.instrument[g->n_books++] = *i;
	g->source.n_instruments = g->n_books;
	return rc;
}

/* Index of a symbol's walk, or -1. */
static int walk_named(const struct generator *g, const char *symbol)
{
	for (uint16_t b = 0; b < g->n_books; b++)
		if (strcmp(g->source.instrument[b].symbol, symbol) == 0)
			return g->book[b].walk;
	return -1;
}

/* What a book follows: once all books are there. */
static int tie(struct generator *g, unsigned b, const struct generator_symbol *s)
{
	struct made_book *m = &g->book[b];
	int walk = walk_named(g, s->follows.symbol);
	int rate = s->follows.rate[0] ? walk_named(g, s->follows.rate) : 0;
	if (walk < 0 || rate < 0)
		return err_set(ERR_ARG, "%s follows %s, which is not made here", s->i.symbol,
			       walk < 0 ? s->follows.symbol : s->follows.rate);
	m->walk = (uint16_t)walk;
	m->perp = false;
	m->rated = s->follows.rate[0] != 0;
	m->rate = (uint16_t)rate;
	m->num = s->follows.num;
	m->den = s->follows.den;
	g->two_sided[walk] = true;
	return 0;
}

/* A price so near to zero in ticks would run out of book. */
static int check_tied(const struct generator *g, unsigned b, const struct generator_symbol *s)
{
	int64_t px = dec_rescale(fair_px(g, b), 8, s->i.px_dp, DEC_DOWN);
	if (px / s->tick >= QUIET_LEAST_TICKS)
		return 0;
	return err_set(ERR_ARG, "%s: what it follows is worth fewer than %d of its ticks",
		       s->i.symbol, QUIET_LEAST_TICKS);
}

int generator_open(const struct generator_config *c, struct market_source **out)
{
	struct generator_config config = *c;
	*out = NULL;
	set_defaults(&config);
	int rc = check(&config);
	if (rc)
		return rc;
	struct generator *g = calloc(1, sizeof *g);
	if (!g)
		return err_set(ERR_NOMEM, "no memory for a made market");
	g->config = config;
	g->source = (struct market_source){ .ops = &ops, .first_ns = config.start_ns };
	g->n_walks = 1;
	g->two_sided[0] = true;
	for (unsigned b = 0; rc == 0 && b < generator_books; b++)
		rc = add_book(g, &config.instrument[b], &shapes[b], b == GENERATOR_PERP,
			      dec_pow10[config.instrument[b].px_dp - shapes[b].px_dp],
			      dec_pow10[config.instrument[b].qty_dp - shapes[b].qty_dp]);
	for (uint16_t i = 0; rc == 0 && i < config.n_more; i++) {
		const struct generator_symbol *m = &config.more[i];
		rc = add_book(g, &m->i, m->follows.symbol[0] ? &lots : &quiet, m->perp, m->tick,
			      m->lot);
	}
	for (uint16_t i = 0; rc == 0 && i < config.n_more; i++)
		if (config.more[i].follows.symbol[0])
			rc = tie(g, generator_books + i, &config.more[i]);
	if (rc) {
		generator_free(&g->source);
		return rc;
	}
	generator_rewind(&g->source);
	for (uint16_t i = 0; rc == 0 && i < config.n_more; i++)
		if (config.more[i].follows.symbol[0])
			rc = check_tied(g, generator_books + i, &config.more[i]);
	if (rc) {
		generator_free(&g->source);
		return rc;
	}
	*out = &g->source;
	return 0;
}

void generator_snapshot(struct market_source *s, unsigned book, struct depth *out)
{
	struct generator *g = (struct generator *)s;
	must(s->ops == &ops && book < g->n_books);
	prepare(g);
	gbook_snapshot(&g->book[book].k, g->now_ns, out);
}
