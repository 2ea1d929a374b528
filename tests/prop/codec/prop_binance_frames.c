/* Proves that every recorded Binance frame decodes, says what jansson reads in it, is read alike by the short and the general
 * path, and that the numbers of the depth changes leave no gap. Skipped (77) where TANDEM_DATA holds no recordings. */
#include "adapters/codec/binance_md.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include <glob.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DP = 8, SYMBOLS_MAX = 256 };

/* The numbers of one symbol's depth changes so far. */
struct chain {
	char symbol[32];
	bool futures;
	int64_t snapshot; /* 0: none yet */
	int64_t *first, *last, *prev;
	size_t n, cap;
};

struct run {
	const char *file;
	uint64_t line;
	struct instrument in[SYMBOLS_MAX];
	struct chain chain[SYMBOLS_MAX];
	uint32_t n;
	struct symbols symbols;
	struct binance_md quick, general;
	uint64_t seen[binance_md_kind_max];
};

static _Noreturn void fail(const struct run *r, const char *what)
{
	fprintf(stderr, "%s:%" PRIu64 ": %s (%s)\n", r->file, r->line, what, r->quick.why);
	exit(1);
}

#define expect(r, x) ((x) ? (void)0 : fail(r, #x))

static int64_t dec(const struct run *r, const json_t *v)
{
	int64_t out;
	const char *s = json_string_value(v);
	expect(r, s && !dec_parse_bytes(s, strlen(s), DP, &out));
	return out;
}

static int64_t number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static uint32_t index_of(struct run *r, const char *symbol)
{
	for (uint32_t i = 0; i < r->n; i++)
		if (!strcmp(r->in[i].symbol, symbol))
			return i;
	expect(r, r->n < SYMBOLS_MAX);
	struct instrument *in = &r->in[r->n];
	*in = (struct instrument){ .px_dp = DP, .qty_dp = DP };
	snprintf(in->symbol, sizeof(in->symbol), "%s", symbol);
	snprintf(in->name, sizeof(in->name), "%s", symbol);
	r->chain[r->n] = (struct chain){ .futures = false };
	r->n++;
	symbols_free(&r->symbols);
	expect(r, !symbols_init(&r->symbols, r->in, r->n, 0));
	return r->n - 1;
}

static void same_side(const struct run *r, const json_t *side, const struct level *l, uint32_t n)
{
	expect(r, json_array_size(side) == n);
	for (uint32_t i = 0; i < n; i++) {
		expect(r, l[i].px == dec(r, json_array_get(json_array_get(side, i), 0)));
		expect(r, l[i].qty == dec(r, json_array_get(json_array_get(side, i), 1)));
	}
}

static void add_change(struct run *r, const struct binance_md_event *ev, bool futures)
{
	struct chain *c = &r->chain[ev->instrument];
	if (c->n == c->cap) {
		c->cap = c->cap ? 2 * c->cap : 256;
		c->first = realloc(c->first, c->cap * sizeof(int64_t));
		c->last = realloc(c->last, c->cap * sizeof(int64_t));
		c->prev = realloc(c->prev, c->cap * sizeof(int64_t));
	}
	c->futures = futures;
	c->first[c->n] = ev->depth.first_seq;
	c->last[c->n] = ev->depth.last_seq;
	c->prev[c->n++] = ev->depth.prev_seq;
}

static void check_quote(struct run *r, const json_t *o, const struct quote *q)
{
	expect(r, q->seq == number(o, "u"));
	expect(r, q->px[SIDE_BUY] == dec(r, json_object_get(o, "b")));
	expect(r, q->qty[SIDE_BUY] == dec(r, json_object_get(o, "B")));
	expect(r, q->px[SIDE_SELL] == dec(r, json_object_get(o, "a")));
	expect(r, q->qty[SIDE_SELL] == dec(r, json_object_get(o, "A")));
	expect(r, q->venue_ns == number(o, "E") * 1000000);
}

static void check_depth(struct run *r, const json_t *o, const struct binance_md_event *ev)
{
	const struct depth *d = &ev->depth;
	expect(r, d->first_seq == number(o, "U") && d->last_seq == number(o, "u"));
	expect(r, d->prev_seq == number(o, "pu") && d->venue_ns == number(o, "E") * 1000000);
	same_side(r, json_object_get(o, "b"), d->level[SIDE_BUY], d->n[SIDE_BUY]);
	same_side(r, json_object_get(o, "a"), d->level[SIDE_SELL], d->n[SIDE_SELL]);
	add_change(r, ev, json_object_get(o, "pu") != NULL);
}

static void check_trade(struct run *r, const json_t *o, const struct market_trade *t)
{
	expect(r, t->id == number(o, "t") && t->venue_ns == number(o, "E") * 1000000);
	expect(r, t->px == dec(r, json_object_get(o, "p")) &&
			  t->qty == dec(r, json_object_get(o, "q")));
	expect(r, t->aggressor == (json_is_true(json_object_get(o, "m")) ? SIDE_SELL : SIDE_BUY));
}

static bool same_levels(const struct depth *x, const struct depth *y)
{
	for (unsigned s = 0; s < side_max; s++)
		if (x->n[s] != y->n[s] ||
		    memcmp(x->level[s], y->level[s], x->n[s] * sizeof(struct level)))
			return false;
	return x->first_seq == y->first_seq && x->last_seq == y->last_seq &&
	       x->prev_seq == y->prev_seq && x->venue_ns == y->venue_ns;
}

static void same_event(struct run *r, const struct binance_md_event *x,
		       const struct binance_md_event *y)
{
	expect(r, x->kind == y->kind && x->instrument == y->instrument);
	if (x->kind == MD_QUOTE)
		expect(r, !memcmp(&x->quote, &y->quote, sizeof(x->quote)));
	if (x->kind == MD_DEPTH)
		expect(r, same_levels(&x->depth, &y->depth));
}

static void frame(struct run *r, const char *p, size_t n, const json_t *root)
{
	struct binance_md_event ev, other;
	const json_t *data = json_object_get(root, "data"), *o = data ? data : root;
	const char *symbol = json_string_value(json_object_get(o, "s"));
	if (symbol)
		index_of(r, symbol);
	expect(r, !binance_md_decode(&r->quick, p, n, 7, &ev));
	expect(r, !binance_md_decode(&r->general, p, n, 7, &other));
	same_event(r, &ev, &other);
	r->seen[ev.kind]++;
	const char *e = json_string_value(json_object_get(o, "e"));
	if (ev.kind == MD_QUOTE)
		check_quote(r, o, &ev.quote);
	else if (ev.kind == MD_DEPTH)
		check_depth(r, o, &ev);
	else if (ev.kind == MD_TRADE)
		check_trade(r, o, &ev.trade);
	else
		expect(r, ev.kind == MD_OTHER && e && strcmp(e, "bookTicker") &&
				  strcmp(e, "depthUpdate") && strcmp(e, "trade"));
}

static void snapshot(struct run *r, const char *line, const char *p, size_t n, const json_t *root)
{
	struct binance_md_event ev;
	char symbol[32];
	/* Its symbol stands in the address, where there is one; else the file has only one. */
	const char *at = strstr(line, "symbol=");
	if (!at || at > p || sscanf(at, "symbol=%31[A-Z0-9_]", symbol) != 1)
		snprintf(symbol, sizeof(symbol), "%s", r->in[0].symbol);
	uint32_t i = index_of(r, symbol);
	const struct symbol *s = symbols_find(&r->symbols, symbol, strlen(symbol));
	expect(r, s && !binance_md_snapshot(&r->quick, s, p, n, 7, &ev));
	expect(r, ev.depth.last_seq == number(root, "lastUpdateId") &&
			  ev.depth.venue_ns == number(root, "E") * 1000000);
	same_side(r, json_object_get(root, "bids"), ev.depth.level[SIDE_BUY], ev.depth.n[SIDE_BUY]);
	same_side(r, json_object_get(root, "asks"), ev.depth.level[SIDE_SELL],
		  ev.depth.n[SIDE_SELL]);
	r->chain[i].snapshot = ev.depth.last_seq;
}

static void read_line(struct run *r, char *line, size_t n)
{
	char *p = strchr(line, '{');
	json_error_t err;
	while (n && (line[n - 1] == '\n' || line[n - 1] == '\r'))
		n--;
	if (!p)
		return;
	n -= (size_t)(p - line);
	json_t *root = json_loadb(p, n, 0, &err);
	expect(r, root != NULL);
	if (json_object_get(root, "lastUpdateId"))
		snapshot(r, line, p, n, root);
	else
		frame(r, p, n, root);
	json_decref(root);
}

/* No hole from the first change to the last, and the snapshot joins where the venue says it must. */
static void check_chain(struct run *r, struct chain *c, uint64_t *joined)
{
	size_t first = c->n;
	for (size_t i = 0; i < c->n; i++) {
		if (i)
			expect(r, c->futures ? c->prev[i] == c->last[i - 1]
					     : c->first[i] == c->last[i - 1] + 1);
		if (first == c->n &&
		    (c->futures ? c->last[i] >= c->snapshot : c->last[i] > c->snapshot))
			first = i;
	}
	if (c->snapshot && first < c->n) {
		int64_t join = c->futures ? c->snapshot : c->snapshot + 1;
		expect(r, c->first[first] <= join && join <= c->last[first]);
		++*joined;
	}
	free(c->first);
	free(c->last);
	free(c->prev);
}

/* `more`: a file whose snapshots belong to the same run; NULL: none. */
static void read_files(const char *file, const char *more, uint64_t *joined)
{
	struct run *r = calloc(1, sizeof(*r));
	const char *files[] = { file, more };
	if (!r || binance_md_init(&r->quick, &r->symbols, 5000, false) ||
	    binance_md_init(&r->general, &r->symbols, 5000, false))
		exit(2);
	r->general.general_only = true;
	for (int i = 0; i < 2 && files[i]; i++) {
		char command[512], *line = NULL;
		size_t cap = 0;
		ssize_t n;
		snprintf(command, sizeof(command), "gzip -dc '%s'", files[i]);
		FILE *in = popen(command, "r");
		r->file = files[i];
		r->line = 0;
		while (in && (n = getline(&line, &cap, in)) > 0) {
			r->line++;
			read_line(r, line, (size_t)n);
		}
		free(line);
		expect(r, in && !pclose(in) && r->line > 1);
	}
	printf("%s:", file);
	for (int k = 0; k < binance_md_kind_max; k++)
		printf(" %s %" PRIu64, binance_md_kind_name((enum binance_md_kind)k), r->seen[k]);
	printf("\n");
	for (uint32_t i = 0; i < r->n; i++)
		check_chain(r, &r->chain[i], joined);
	symbols_free(&r->symbols);
	binance_md_free(&r->quick);
	binance_md_free(&r->general);
	free(r);
}

int main(void)
{
	const char *data = getenv("TANDEM_DATA");
	char pattern[512], more[512];
	glob_t found = { 0 };
	uint64_t joined = 0;
	if (!data)
		data = TANDEM_DATA_DEFAULT;
	snprintf(pattern, sizeof(pattern), "%s/binance_btc/*_2024080[89].gz", data);
	int none = glob(pattern, 0, NULL, &found);
	snprintf(pattern, sizeof(pattern), "%s/ws_frames/BINANCE*.ws.1.0.gz", data);
	none = glob(pattern, none ? 0 : GLOB_APPEND, NULL, &found) && none;
	if (none) {
		printf("skipped: no recordings below %s (set TANDEM_DATA)\n", data);
		return 77;
	}
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *file = found.gl_pathv[i], *ws = strstr(file, ".ws.1.0.gz");
		if (ws)
			snprintf(more, sizeof(more), "%.*s.http.0.0.gz", (int)(ws - file), file);
		read_files(file, ws ? more : NULL, &joined);
	}
	printf("%" PRIu64 " snapshots joined\n", joined);
	globfree(&found);
	return joined ? 0 : 1;
}
