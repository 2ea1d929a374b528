#include "tests/bench/outcome/tape.h"

#include "adapters/sim/generator.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/market/join.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define SECOND_NS 1000000000LL

enum { BLOCK_LEVELS = 1 << 16, CELLS = 16 };

struct tape_block {
	struct tape_block *next;
	size_t n;
	struct level level[BLOCK_LEVELS];
};

/* ---- putting together */

static struct level *room_for(struct tape *t, size_t n)
{
	if (n > BLOCK_LEVELS)
		return NULL;
	if (!t->block || t->block->n + n > BLOCK_LEVELS) {
		struct tape_block *b = malloc(sizeof *b);
		if (!b)
			return NULL;
		b->next = t->block;
		b->n = 0;
		t->block = b;
	}
	struct level *l = &t->block->level[t->block->n];
	t->block->n += n;
	return l;
}

static int keep_levels(struct tape *t, struct depth *d)
{
	for (int s = 0; s < side_max; s++) {
		struct level *own = room_for(t, d->n[s]);
		if (!own)
			return err_set(ERR_NOMEM, "no memory for the tape");
		memcpy(own, d->level[s], d->n[s] * sizeof *own);
		d->level[s] = own;
	}
	return 0;
}

int tape_add(struct tape *t, unsigned market, const struct source_event *e)
{
	struct tape_side *m = &t->market[market];
	if (m->n == m->cap) {
		size_t cap = m->cap ? 2 * m->cap : 1024;
		struct tape_event *more = realloc(m->event, cap * sizeof *more);
		if (!more)
			return err_set(ERR_NOMEM, "no memory for the tape");
		m->event = more;
		m->cap = cap;
	}
	struct tape_event *to = &m->event[m->n++];
	*to = (struct tape_event){ .at_ns = e->time_ns, .kind = e->kind };
	switch ((enum source_kind)e->kind) {
	case SOURCE_QUOTE:
		to->quote = e->quote;
		return 0;
	case SOURCE_TRADE:
		to->trade = e->trade;
		return 0;
	case SOURCE_SNAPSHOT:
	case SOURCE_DEPTH:
		to->depth = e->depth;
		t->has_depth = true;
		return keep_levels(t, &to->depth);
	case SOURCE_OTHER:
	case source_kind_max:
		break;
	}
	m->n--;
	return 0;
}

void tape_free(struct tape *t)
{
	for (int m = 0; m < TAPE_MARKETS; m++)
		free(t->market[m].event);
	while (t->block) {
		struct tape_block *next = t->block->next;
		free(t->block);
		t->block = next;
	}
	*t = (struct tape){ 0 };
}

/* A source whose instrument's venue is the market. All of it, or `seconds` (0: all). */
static int take(struct tape *t, struct market_source *s, int64_t seconds)
{
	struct source_event e;
	int rc;
	while ((rc = source_pop(s, &e)) == 1) {
		if (seconds && e.time_ns - s->first_ns > seconds * SECOND_NS)
			break;
		int bad = tape_add(t, e.venue, &e);
		if (bad)
			return bad;
	}
	return rc < 0 ? rc : 0;
}

/* ---- where it comes from */

/* Bitcoin: both markets in steps of 0.10, orders of 0.2, fees as a frequent trader's. */
static void bitcoin(struct tape *t, const char *name, int64_t taker_e8)
{
	*t = (struct tape){ .px_dp = 2,
			    .qty_dp = 5,
			    .tick = 10,
			    .lot = 100,
			    .qty = 20000,
			    .tick_name = "0.10 USD" };
	snprintf(t->name, sizeof t->name, "%s", name);
	for (int m = 0; m < TAPE_MARKETS; m++)
		t->market[m].taker_e8 = taker_e8;
	snprintf(t->market[0].name, sizeof t->market[0].name, "spot");
	snprintf(t->market[1].name, sizeof t->market[1].name, "perpetual");
	t->market[0].tick = t->market[0].lot = 1;
	t->market[1].tick = t->tick;
	t->market[1].lot = t->lot;
	t->market[1].join = JOIN_PREV;
}

static const struct source_instrument bitcoins[TAPE_MARKETS] = {
	{ .venue = 0, .symbol = "BTCUSDT", .px_dp = 2, .qty_dp = 5 },
	{ .venue = 1, .symbol = "BTCUSDT", .px_dp = 2, .qty_dp = 5 },
};

int tape_generate(struct tape *t, uint64_t seed, int64_t seconds)
{
	struct generator_config c = { .seed = seed,
				      .excursion_ns = 2 * SECOND_NS,
				      .start_ns = 1767225600LL * SECOND_NS,
				      .instrument = { bitcoins[0], bitcoins[1] } };
	struct market_source *s;
	char name[64];
	snprintf(name, sizeof name, "made market, seed %llu", (unsigned long long)seed);
	bitcoin(t, name, 20000); /* 2 bp */
	t->open_px = 1500;
	int rc = generator_open(&c, &s);
	if (rc)
		return rc;
	rc = take(t, s, seconds);
	source_free(s);
	return rc;
}

/* A table of best prices: which column is what, and how a size reads. */
struct table {
	const char *file, *venue[TAPE_MARKETS], *time, *bid_qty, *ask_qty;
	int64_t ns_a_unit;
	int64_t size;	  /* at every price, where the table has none */
	int64_t contract; /* of the second market: its sizes count contracts of so much quote currency; 0: they are base units */
};

enum { COLUMN_TIME, COLUMN_VENUE, COLUMN_BID, COLUMN_ASK, COLUMN_BID_QTY, COLUMN_ASK_QTY, columns };

static unsigned split(char *line, char *cell[CELLS])
{
	unsigned n = 0;
	for (char *at = line; at && n < CELLS; n++)
		cell[n] = strsep(&at, ",\r\n");
	return n;
}

/* Contracts are base units at the price that stands; cut to the decimals. */
static int64_t size_of(const struct tape *t, const struct table *x, unsigned market,
		       const char *cell, int64_t px)
{
	int64_t v = 0;
	if (!x->bid_qty)
		return x->size;
	if (dec_parse(cell, strlen(cell), 8, &v))
		return 0;
	if (market == 1 && x->contract)
		v = dec_muldiv(v, x->contract * dec_pow10[t->px_dp], px, DEC_DOWN);
	return dec_rescale(v, 8, t->qty_dp, DEC_DOWN);
}

static int row(struct tape *t, const struct table *x, char *const *cell, const unsigned *at)
{
	struct source_event e = { .kind = SOURCE_QUOTE };
	unsigned market = 0;
	while (market < TAPE_MARKETS && strcmp(cell[at[COLUMN_VENUE]], x->venue[market]) != 0)
		market++;
	if (market == TAPE_MARKETS)
		return 0;
	char *bid = cell[at[COLUMN_BID]], *ask = cell[at[COLUMN_ASK]];
	struct quote *q = &e.quote;
	if (dec_parse(cell[at[COLUMN_TIME]], strlen(cell[at[COLUMN_TIME]]), 0, &e.time_ns) ||
	    dec_parse(bid, strlen(bid), 8, &q->px[SIDE_BUY]) ||
	    dec_parse(ask, strlen(ask), 8, &q->px[SIDE_SELL]))
		return -ERR_PARSE;
	e.time_ns *= x->ns_a_unit;
	for (int s = 0; s < side_max; s++) {
		q->px[s] = dec_rescale(q->px[s], 8, t->px_dp, s ? DEC_UP : DEC_DOWN);
		q->qty[s] = size_of(t, x, market, cell[at[s ? COLUMN_ASK_QTY : COLUMN_BID_QTY]],
				    q->px[s]);
	}
	q->seq = (int64_t)t->market[market].n + 1;
	return tape_add(t, market, &e);
}

static int read_table(struct tape *t, const struct table *x, const char *folder)
{
	const char *const name[columns] = { x->time,
					    "venue",
					    "bid",
					    "ask",
					    x->bid_qty ? x->bid_qty : "bid",
					    x->ask_qty ? x->ask_qty : "ask" };
	char path[512], line[512], *cell[CELLS];
	unsigned at[columns], found = 0;
	snprintf(path, sizeof path, "%s/%s", folder, x->file);
	gzFile f = gzopen(path, "rb");
	if (!f || !gzgets(f, line, sizeof line)) {
		if (f)
			gzclose(f);
		return err_set(ERR_NOTFOUND, "%s: no such recording", path);
	}
	unsigned n = split(line, cell);
	for (unsigned c = 0; c < columns; c++)
		for (unsigned k = 0; k < n; k++)
			if (strcmp(cell[k], name[c]) == 0) {
				at[c] = k;
				found++;
				break;
			}
	int rc = found == columns ? 0 : err_set(ERR_PARSE, "%s: other columns", path);
	while (!rc && gzgets(f, line, sizeof line))
		if (split(line, cell) >= n)
			rc = row(t, x, cell, at);
	gzclose(f);
	return rc;
}

int tape_fx(struct tape *t, const char *folder)
{
	static const struct table x = {
		.file = "fx_two_venue/eurusd_fxcm_oanda_2014-05-01_08.csv.gz",
		.venue = { "FXCM", "OANDA" },
		.time = "ts_utc_ms",
		.ns_a_unit = 1000000,
		.size = 1000000
	};
	*t = (struct tape){ .name = "EURUSD at two brokers, recorded best prices",
			    .tick_name = "0.00001 USD",
			    .px_dp = 5,
			    .qty_dp = 0,
			    .tick = 1,
			    .lot = 1000,
			    .qty = 100000,
			    .open_px = 1 };
	for (int m = 0; m < TAPE_MARKETS; m++) {
		snprintf(t->market[m].name, sizeof t->market[m].name, "%s", x.venue[m]);
		t->market[m].tick = t->tick;
		t->market[m].lot = t->lot;
	}
	return read_table(t, &x, folder);
}

static int btc_table(struct tape *t, const char *folder, const char *name, const char *venue,
		     int64_t contract)
{
	struct table x = { .file = "binance_btc/btc_bbo_20240808_2354_0005.csv.gz",
			   .venue = { "BN.SPOT", venue },
			   .time = "local_ts_ns",
			   .bid_qty = "bid_qty",
			   .ask_qty = "ask_qty",
			   .ns_a_unit = 1,
			   .contract = contract };
	bitcoin(t, name, 1000); /* 0.1 bp */
	return read_table(t, &x, folder);
}

int tape_btc_usdm(struct tape *t, const char *folder)
{
	int rc = btc_table(t, folder, "BTC spot and USD-M, recorded best prices", "BN.USDM", 0);
	t->open_px = 200;
	return rc;
}

int tape_btc_coinm(struct tape *t, const char *folder)
{
	int rc = btc_table(t, folder, "BTC spot and COIN-M, recorded best prices", "BN.COINM", 100);
	t->open_px = 500;
	t->lot = t->market[1].lot =
		1; /* sizes are contracts at the price that stands: no step fits them */
	return rc;
}

/* ---- what is fair */

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

void tape_learn_fair(struct tape *t, int64_t from_ns, int64_t to_ns)
{
	size_t at[TAPE_MARKETS] = { 0 }, n = 0;
	int64_t twice[TAPE_MARKETS] = { 0 };
	int64_t *v = malloc((t->market[0].n + t->market[1].n + 1) * sizeof *v);
	for (;;) {
		unsigned m = at[0] == t->market[0].n ||
			     (at[1] < t->market[1].n &&
			      t->market[1].event[at[1]].at_ns < t->market[0].event[at[0]].at_ns);
		if (!v || at[m] == t->market[m].n)
			break;
		const struct tape_event *e = &t->market[m].event[at[m]++];
		if (e->kind != SOURCE_QUOTE)
			continue;
		twice[m] = e->quote.px[SIDE_BUY] + e->quote.px[SIDE_SELL];
		if (e->at_ns >= from_ns && e->at_ns < to_ns && twice[m ^ 1])
			v[n++] = twice[0] - twice[1];
	}
	if (n) {
		qsort(v, n, sizeof *v, by_value);
		t->fair = v[n / 2] / 2;
	}
	free(v);
}

/* Where both are heard. */
int64_t tape_begin_ns(const struct tape *t)
{
	int64_t first = 0;
	for (int m = 0; m < TAPE_MARKETS; m++)
		if (t->market[m].n && t->market[m].event[0].at_ns > first)
			first = t->market[m].event[0].at_ns;
	return first;
}

int64_t tape_end_ns(const struct tape *t)
{
	int64_t last = INT64_MAX;
	for (int m = 0; m < TAPE_MARKETS; m++) {
		const struct tape_side *s = &t->market[m];
		if (s->n && s->event[s->n - 1].at_ns < last)
			last = s->event[s->n - 1].at_ns;
	}
	return last == INT64_MAX ? 0 : last;
}
