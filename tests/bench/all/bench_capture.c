/* The capture curve: which share of the opportunities between two markets is still there when both legs arrive L later. From an imported store
 * (`bench_capture DB`), or from the CSV files of TANDEM_DATA; `--plot FILE` draws it.
 *
 * An edge is what selling on one market and buying on the other brings, at the best prices: bid minus ask. An opportunity begins when an edge that was below the
 * threshold is at it or above; it is executable after L when the edge, by all that was received until its beginning plus L, is so then, though it
 * may have gone and come back in between. FX: anything above zero, both directions together. Binance, where the two are never worth the same: ten dollars
 * above the median, over all events, of what the one's middle lies above the other's; each direction by itself. What bears one stamp counts in the order of the
 * recording: stamps of a millisecond leave that open, and a store, which merges its venues by time, has another one than the file (two per cent of the opportunities of
 * FX). Opportunities whose L reaches beyond the recording do not count for that L. */
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/plot.h"
#include "store/blocks.h"
#include "tests/bench/bench.h"
#include <zlib.h>

enum { DP = 5, LATENCIES = 10, STUDIES = 3, SKIPPED = 77 };

static const double latency_ms[LATENCIES] = { 0, 1, 2, 5, 10, 20, 50, 100, 200, 500 };

/* Two markets, and what was noted of them before: shares by latency, -1 where nothing was. */
static const struct study {
	const char *name, *csv, *venue[2], *time_column;
	int64_t ns_a_unit,
		above; /* of the time column; the threshold over zero or over the median, at DP */
	bool over_median;
	unsigned directions; /* bits, as struct moment counts them */
	double noted[LATENCIES];
} studies[STUDIES] = {
	{ .name = "EURUSD, FXCM and OANDA",
	  .csv = "fx_two_venue/eurusd_fxcm_oanda_2014-05-01_08.csv.gz",
	  .venue = { "FXCM", "OANDA" },
	  .time_column = "ts_utc_ms",
	  .ns_a_unit = 1000000,
	  .above = 1,
	  .directions = 3,
	  .noted = { -1, .84, .76, .62, .49, -1, .25, .15, .10, -1 } },
	{ .name = "BTC, sell COIN-M, buy spot",
	  .csv = "binance_btc/btc_bbo_20240808_2354_0005.csv.gz",
	  .venue = { "BN.SPOT", "BN.COINM" },
	  .time_column = "local_ts_ns",
	  .ns_a_unit = 1,
	  .above = 10 * 100000,
	  .over_median = true,
	  .directions = 2,
	  .noted = { -1, .96, -1, -1, .78, -1, .57, .48, .42, -1 } },
	{ .name = "BTC, sell spot, buy COIN-M",
	  .csv = "binance_btc/btc_bbo_20240808_2354_0005.csv.gz",
	  .venue = { "BN.SPOT", "BN.COINM" },
	  .time_column = "local_ts_ns",
	  .ns_a_unit = 1,
	  .above = 10 * 100000,
	  .over_median = true,
	  .directions = 1,
	  .noted = { -1, -1, -1, -1, -1, -1, -1, -1, -1, -1 } },
};

/* What both markets showed from a moment on. */
struct moment {
	int64_t at_ns;
	int64_t edge[2]; /* [0]: sell the first market, buy the second; [1]: the other way */
	int64_t middles; /* twice what the first one's middle lies above the second's */
};

struct tape_of {
	struct moment *m;
	size_t n, cap;
	int64_t px[2][side_max]; /* of either market, at DP; 0: not yet */
};

struct curve {
	size_t opportunities, judged[LATENCIES], there[LATENCIES];
	double median_ms, p90_ms; /* of their lives */
};

static void die(const char *what)
{
	fprintf(stderr, "bench_capture: %s\n", what);
	exit(1);
}

/* ---- what was recorded */

static void add(struct tape_of *t, unsigned market, int64_t at_ns, int64_t bid, int64_t ask)
{
	t->px[market][SIDE_BUY] = bid;
	t->px[market][SIDE_SELL] = ask;
	if (!t->px[market ^ 1][SIDE_BUY])
		return;
	if (t->n == t->cap) {
		t->cap = t->cap ? 2 * t->cap : 1u << 16;
		t->m = realloc(t->m, t->cap * sizeof *t->m);
		if (!t->m)
			die("no memory");
	}
	struct moment *m = &t->m[t->n++];
	m->at_ns = at_ns;
	for (int d = 0; d < 2; d++)
		m->edge[d] = t->px[d][SIDE_BUY] - t->px[d ^ 1][SIDE_SELL];
	m->middles = m->edge[0] - m->edge[1];
}

static int64_t number(const char *text, unsigned dp)
{
	int64_t v;
	if (dec_parse(text, strlen(text), dp, &v))
		die(err_text());
	return v;
}

enum { COLUMN_TIME, COLUMN_VENUE, COLUMN_BID, COLUMN_ASK, columns };

/* Splits in place; the number of the column of each name, once. */
static unsigned cells(char *line, char *cell[16])
{
	unsigned n = 0;
	for (char *at = line; at && n < 16; n++) {
		cell[n] = strsep(&at, ",\r\n");
	}
	return n;
}

static bool from_csv(const struct study *s, const char *path, struct tape_of *t)
{
	const char *const name[columns] = { s->time_column, "venue", "bid", "ask" };
	unsigned at[columns], found = 0;
	char line[512], *cell[16];
	gzFile f = gzopen(path, "rb");
	if (!f)
		return false;
	if (!gzgets(f, line, sizeof line))
		die("an empty file");
	unsigned n = cells(line, cell);
	for (unsigned c = 0; c < columns; c++)
		for (unsigned k = 0; k < n; k++)
			if (strcmp(cell[k], name[c]) == 0) {
				at[c] = k;
				found++;
			}
	if (found != columns)
		die("a file with other columns");
	while (gzgets(f, line, sizeof line)) {
		if (cells(line, cell) < n)
			continue;
		for (unsigned market = 0; market < 2; market++)
			if (strcmp(cell[at[COLUMN_VENUE]], s->venue[market]) == 0)
				add(t, market, number(cell[at[COLUMN_TIME]], 0) * s->ns_a_unit,
				    number(cell[at[COLUMN_BID]], DP),
				    number(cell[at[COLUMN_ASK]], DP));
	}
	gzclose(f);
	return true;
}

/* Any venue whose name holds the market's, whatever it was called at the import. */
static bool from_store(const struct study *s, const char *path, struct tape_of *t)
{
	struct blocks *b;
	struct blocks_event e;
	int rc = blocks_open(path, &(struct blocks_filter){ 0 }, &b);
	if (rc)
		die(err_text());
	while ((rc = blocks_next(b, &e)) > 0) {
		if (e.ev.kind != PACK_QUOTE)
			continue;
		const struct blocks_instrument *i = blocks_instrument(b, e.ev.instrument);
		for (unsigned market = 0; i && market < 2; market++)
			if (strcasecmp(blocks_venue(b, e.venue), s->venue[market]) == 0)
				add(t, market, e.ev.at_ns,
				    dec_rescale(e.ev.quote.px[SIDE_BUY], i->i.px_dp, DP,
						DEC_NEAREST),
				    dec_rescale(e.ev.quote.px[SIDE_SELL], i->i.px_dp, DP,
						DEC_NEAREST));
	}
	blocks_close(b);
	if (rc < 0)
		die(err_text());
	return t->n > 0;
}

/* ---- what could be done with it */

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static int64_t threshold(const struct study *s, const struct tape_of *t, int dir)
{
	if (!s->over_median || !t->n)
		return s->above;
	int64_t *v = malloc(t->n * sizeof *v);
	if (!v)
		die("no memory");
	for (size_t i = 0; i < t->n; i++)
		v[i] = dir ? -t->m[i].middles : t->m[i].middles;
	qsort(v, t->n, sizeof *v, by_value);
	int64_t median = v[t->n / 2] / 2;
	free(v);
	return median + s->above;
}

/* The edge by all that was received until then; from: a moment not after it. */
static size_t last_until(const struct tape_of *t, size_t from, int64_t at_ns)
{
	size_t lo = from, hi = t->n;
	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;
		if (t->m[mid].at_ns <= at_ns)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

static void judge(struct curve *c, const struct tape_of *t, size_t from, int dir, int64_t least)
{
	c->opportunities++;
	for (unsigned l = 0; l < LATENCIES; l++) {
		int64_t then = t->m[from].at_ns + (int64_t)(latency_ms[l] * 1e6);
		if (then > t->m[t->n - 1].at_ns)
			continue;
		size_t at = l ? last_until(t, from, then) : from;
		c->judged[l]++;
		c->there[l] += t->m[at].edge[dir] >= least;
	}
}

static void draw_curve(const struct study *s, const struct tape_of *t, struct curve *c)
{
	double *life = malloc((t->n + 1) * sizeof *life);
	size_t lives = 0;
	if (!life)
		die("no memory");
	for (int dir = 0; dir < 2; dir++) {
		if (!(s->directions & 1u << dir))
			continue;
		int64_t least = threshold(s, t, dir);
		size_t from = 0;
		bool there = true; /* what the recording begins with has no beginning */
		bool counted = false;
		for (size_t i = 0; i < t->n; i++) {
			bool now = t->m[i].edge[dir] >= least;
			if (now && !there) {
				judge(c, t, i, dir, least);
				from = i;
				counted = true;
			}
			if (!now && there && counted)
				life[lives++] = (double)(t->m[i].at_ns - t->m[from].at_ns) / 1e6;
			there = now;
		}
	}
	c->median_ms = bench_quantile(life, lives, 0.5);
	c->p90_ms = bench_quantile(life, lives, 0.9);
	free(life);
}

/* ---- telling */

static void tell(const struct study *s, const struct curve *c, size_t events, double took_s)
{
	struct bench_line line;
	struct json_out *j = bench_open(&line, "capture", s->name);
	json_uint(j, "events", events);
	json_uint(j, "opportunities", c->opportunities);
	bench_num(j, "life_ms_median", c->median_ms);
	bench_num(j, "life_ms_p90", c->p90_ms);
	bench_num(j, "events_per_s", took_s > 0 ? (double)events / took_s : 0);
	bench_tell(&line);
	for (unsigned l = 0; l < LATENCIES; l++) {
		j = bench_open(&line, "capture", s->name);
		bench_num(j, "latency_ms", latency_ms[l]);
		json_uint(j, "judged", c->judged[l]);
		bench_num(j, "share",
			  c->judged[l] ? (double)c->there[l] / (double)c->judged[l] : 0);
		if (s->noted[l] >= 0)
			bench_num(j, "noted", s->noted[l]);
		bench_tell(&line);
	}
}

static void plot(const char *path, const struct curve *c, const bool *known)
{
	static double share[STUDIES][LATENCIES];
	struct plot p = {
		.title = "Share of opportunities still executable when both legs arrive later",
		.x = { .label = "latency, ms", .log = true },
		.y = { .label = "share", .from = 0, .to = 1 }
	};
	FILE *f = fopen(path, "w");
	if (!f)
		die("the picture's file cannot be written");
	for (unsigned k = 0; k < STUDIES; k++) {
		for (unsigned l = 0; l < LATENCIES; l++)
			share[k][l] =
				c[k].judged[l] ? (double)c[k].there[l] / (double)c[k].judged[l] : 0;
		if (known[k])
			p.series[p.n_series++] = (struct plot_series){ .name = studies[k].name,
								       .x = latency_ms,
								       .y = share[k],
								       .n = LATENCIES,
								       .points = true };
	}
	if (plot_svg(&p, f) || fclose(f))
		die(err_text());
}

int main(int argc, char **argv)
{
	const char *store = NULL, *picture = NULL, *data = getenv("TANDEM_DATA");
	struct curve curve[STUDIES] = { 0 };
	bool known[STUDIES] = { false }, any = false;
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--plot") == 0 && i + 1 < argc)
			picture = argv[++i];
		else if (argv[i][0] != '-')
			store = argv[i];
	data = data && *data ? data : TANDEM_DATA_DEFAULT;
	for (unsigned k = 0; k < STUDIES; k++) {
		struct tape_of t = { 0 };
		char path[512];
		snprintf(path, sizeof path, "%s/%s", data, studies[k].csv);
		int64_t from = bench_ns();
		known[k] = store ? from_store(&studies[k], store, &t)
				 : from_csv(&studies[k], path, &t);
		any |= known[k];
		draw_curve(&studies[k], &t, &curve[k]);
		if (known[k])
			tell(&studies[k], &curve[k], t.n, (double)(bench_ns() - from) / 1e9);
		free(t.m);
	}
	if (!any) {
		fprintf(stderr, "skipped: neither recording is there\n");
		return SKIPPED;
	}
	if (picture)
		plot(picture, curve, known);
	return 0;
}
