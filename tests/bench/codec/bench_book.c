/* How many book updates a second one core takes: recorded diff frames decoded and applied, beside decoding alone, jansson, and a bare look at the bytes. */
#include "adapters/codec/binance_md.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/rng.h"
#include "core/market/feed.h"
#include "tests/bench/bench.h"
#include <jansson.h>

#define FRAMES_MAX 40000
#define LEVELS	   5000

struct frame {
	const char *p;
	uint32_t n;
	int64_t recv_ns; /* as recorded: a feed judges by it */
};

struct tape {
	const char *name;
	struct instrument instrument;
	struct symbols symbols;
	enum feed_join join;
	char *text; /* the frames one behind another, and the snapshot */
	size_t used, cap;
	struct frame frame[FRAMES_MAX], snapshot;
	uint32_t n;
	uint64_t bytes, levels;
};

static void die(const char *what)
{
	fprintf(stderr, "bench_book: %s: %s\n", what, err_text());
	exit(1);
}

static void tape_open(struct tape *t, const char *name, enum feed_join join, uint8_t px_dp,
		      uint8_t qty_dp)
{
	t->name = name;
	t->join = join;
	t->instrument = (struct instrument){
		.name = "BTCUSDT", .symbol = "BTCUSDT", .px_dp = px_dp, .qty_dp = qty_dp
	};
	t->cap = (size_t)256 << 20;
	t->text = malloc(t->cap);
	if (!t->text || symbols_init(&t->symbols, &t->instrument, 1, 0))
		die(name);
}

static struct frame tape_keep(struct tape *t, const char *p, size_t n, int64_t recv_ns)
{
	struct frame f = { t->text + t->used, (uint32_t)n, recv_ns };
	if (n + 1 > t->cap - t->used)
		return (struct frame){ 0 };
	memcpy(t->text + t->used, p, n);
	t->used += n;
	t->text[t->used++] = '\0';
	return f;
}

static void tape_add(struct tape *t, const char *p, size_t n, int64_t recv_ns)
{
	struct frame f = t->n < FRAMES_MAX ? tape_keep(t, p, n, recv_ns) : (struct frame){ 0 };
	if (!f.p)
		return;
	t->frame[t->n++] = f;
	t->bytes += n;
}

/* "<ns> <JSON>" a line; one of them is a bare snapshot. False where the recording is not there. */
static bool tape_read(struct tape *t, const char *file)
{
	const char *data = getenv("TANDEM_DATA");
	char path[512], command[600];
	snprintf(path, sizeof path, "%s/binance_btc/%s", data ? data : TANDEM_DATA_DEFAULT, file);
	if (access(path, R_OK))
		return false;
	snprintf(command, sizeof command, "gzip -dc '%s'", path);
	FILE *f = popen(command, "r");
	char *line = NULL;
	size_t cap = 0;
	for (ssize_t n; f && (n = getline(&line, &cap, f)) > 0 && t->n < FRAMES_MAX;) {
		while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
			n--;
		line[n] = '\0';
		const char *json = strchr(line, '{');
		size_t len = json ? (size_t)(line + n - json) : 0;
		if (json && !t->snapshot.p && strstr(json, "lastUpdateId"))
			t->snapshot = tape_keep(t, json, len, strtoll(line, NULL, 10));
		else if (json && strstr(json, "\"depthUpdate\""))
			tape_add(t, json, len, strtoll(line, NULL, 10));
	}
	free(line);
	if (f)
		pclose(f);
	return t->n > 0 && t->snapshot.p;
}

static size_t put_levels(char *out, size_t cap, struct rng *r, int64_t mid, int dir, int n)
{
	size_t at = 0;
	for (int i = 0; i < n; i++) {
		int64_t px = mid + dir * (int64_t)(1 + rng_below(r, 2000));
		uint64_t qty = rng_below(r, 3) ? rng_below(r, 5000) * 100 : 0;
		at += (size_t)snprintf(out + at, cap - at, "%s[\"%lld.%02lld\",\"%llu.%05llu000\"]",
				       i ? "," : "", (long long)(px / 100), (long long)(px % 100),
				       (unsigned long long)(qty / 100000),
				       (unsigned long long)(qty % 100000));
	}
	return at;
}

/* What stands in where there is no recording: a walk with about as many levels a frame. */
static void tape_make(struct tape *t, uint32_t frames)
{
	struct rng r;
	char line[16384], bids[7000], asks[7000];
	int64_t mid = 6000000;
	rng_seed(&r, 7);
	put_levels(bids, sizeof bids, &r, mid, -1, 100);
	put_levels(asks, sizeof asks, &r, mid, 1, 100);
	int n = snprintf(line, sizeof line, "{\"lastUpdateId\":1000,\"bids\":[%s],\"asks\":[%s]}",
			 bids, asks);
	t->snapshot = tape_keep(t, line, (size_t)n, 1);
	for (uint32_t k = 0; k < frames; k++) {
		mid += (int64_t)rng_below(&r, 11) - 5;
		put_levels(bids, sizeof bids, &r, mid, -1, 1 + (int)rng_below(&r, 30));
		put_levels(asks, sizeof asks, &r, mid, 1, 1 + (int)rng_below(&r, 30));
		n = snprintf(
			line, sizeof line,
			"{\"stream\":\"btcusdt@depth@100ms\",\"data\":{\"e\":\"depthUpdate\",\"E\":1723161241000,"
			"\"T\":1723161240990,\"s\":\"BTCUSDT\",\"U\":%u,\"u\":%u,\"pu\":%u,\"b\":[%s],\"a\":[%s]}}",
			1000 + k + (t->join == JOIN_LAST_PLUS_1), 1001 + k, 1000 + k, bids, asks);
		tape_add(t, line, (size_t)n, 100000000ll * (k + 1));
	}
}

/* ---- the four ways ---- */

static double scan_bytes(const struct tape *t)
{
	int64_t from = bench_ns(), quotes = 0;
	for (uint32_t i = 0; i < t->n; i++)
		for (uint32_t k = 0; k < t->frame[i].n; k++)
			quotes += t->frame[i].p[k] == '"';
	bench_keep(quotes);
	return (double)(bench_ns() - from) / t->n;
}

static double decode(struct tape *t, struct binance_md *md)
{
	struct binance_md_event ev;
	int64_t from = bench_ns();
	t->levels = 0;
	for (uint32_t i = 0; i < t->n; i++) {
		if (binance_md_decode(md, t->frame[i].p, t->frame[i].n, t->frame[i].recv_ns, &ev) ||
		    ev.kind != MD_DEPTH)
			die(md->why ? md->why : "not a depth frame");
		t->levels += ev.depth.n[SIDE_BUY] + ev.depth.n[SIDE_SELL];
	}
	return (double)(bench_ns() - from) / t->n;
}

static double decode_and_apply(struct tape *t, struct binance_md *md, struct feed *f,
			       uint64_t *gaps)
{
	struct binance_md_event ev;
	feed_down(f, t->snapshot.recv_ns);
	if (binance_md_snapshot(md, symbols_find(&t->symbols, "BTCUSDT", 7), t->snapshot.p,
				t->snapshot.n, t->snapshot.recv_ns, &ev))
		die("snapshot");
	feed_snapshot(f, &ev.depth);
	int64_t from = bench_ns();
	for (uint32_t i = 0; i < t->n; i++) {
		if (binance_md_decode(md, t->frame[i].p, t->frame[i].n, t->frame[i].recv_ns, &ev))
			die(md->why);
		struct feed_result r = feed_depth(f, &ev.depth);
		*gaps += r.want_snapshot;
	}
	return (double)(bench_ns() - from) / t->n;
}

static int64_t jansson_side(const json_t *side, uint8_t px_dp, uint8_t qty_dp)
{
	int64_t sum = 0, px = 0, qty = 0;
	size_t i;
	json_t *row;
	json_array_foreach(side, i, row)
	{
		json_t *p = json_array_get(row, 0), *q = json_array_get(row, 1);
		dec_parse_fast(json_string_value(p), json_string_length(p), px_dp, &px);
		dec_parse_fast(json_string_value(q), json_string_length(q), qty_dp, &qty);
		sum += px + qty;
	}
	return sum;
}

static double decode_jansson(const struct tape *t, uint32_t n)
{
	int64_t from = bench_ns();
	for (uint32_t i = 0; i < n; i++) {
		json_t *root = json_loadb(t->frame[i].p, t->frame[i].n, 0, NULL);
		const json_t *data = json_object_get(root, "data");
		bench_keep(jansson_side(json_object_get(data, "b"), t->instrument.px_dp,
					t->instrument.qty_dp) +
			   jansson_side(json_object_get(data, "a"), t->instrument.px_dp,
					t->instrument.qty_dp));
		json_decref(root);
	}
	return (double)(bench_ns() - from) / n;
}

static void tell(const struct tape *t, const char *figure, struct bench_rounds *r,
		 const char *other, bool pinned)
{
	struct bench_line l;
	struct json_out *j = bench_open(&l, "book", figure);
	json_str(j, "frames", t->name);
	bench_put_rounds(j, r, "ns", other);
	double ns = bench_quantile(r->ours, r->n, 0.5);
	bench_num(j, "updates_per_s", 1e9 / ns);
	bench_num(j, "levels_per_s", (double)t->levels / t->n * 1e9 / ns);
	bench_num(j, "mb_per_s", (double)t->bytes / t->n * 1e3 / ns);
	bench_num(j, "bytes_per_frame", (double)t->bytes / t->n);
	bench_num(j, "levels_per_frame", (double)t->levels / t->n);
	json_uint(j, "n", t->n);
	json_bool(j, "pinned", pinned);
	bench_tell(&l);
}

static void measure(struct tape *t, unsigned rounds, bool pinned)
{
	struct binance_md md;
	struct feed feed;
	struct bench_rounds to_scan = { 0 }, alone = { 0 }, to_jansson = { 0 },
			    apply_to_jansson = { 0 }, on_top = { 0 };
	struct feed_set set;
	uint64_t gaps = 0;
	const struct feed_options o = { .join = (uint8_t)t->join,
					.depth_expected = true,
					.levels = LEVELS };
	if (binance_md_init(&md, &t->symbols, LEVELS, false) || feed_set_init(&set, 1) ||
	    feed_init(&feed, &o, &set))
		die("init");
	for (unsigned i = 0; i <= rounds; i++) {
		double scan = scan_bytes(t), bare = decode(t, &md),
		       both = decode_and_apply(t, &md, &feed, &gaps);
		double jansson = decode_jansson(t, t->n < 2000 ? t->n : 2000);
		if (i == 0) /* caches and clocks get warm */
			continue;
		bench_round(&to_scan, both, scan);
		bench_round(&alone, bare, scan);
		bench_round(&to_jansson, bare, jansson);
		bench_round(&apply_to_jansson, both, jansson);
		bench_round(&on_top, both, bare);
	}
	tell(t, "decode_and_apply", &to_scan, "scan", pinned);
	tell(t, "decode_and_apply", &on_top, "decode", pinned);
	tell(t, "decode_and_apply", &apply_to_jansson, "jansson", pinned);
	tell(t, "decode", &alone, "scan", pinned);
	tell(t, "decode", &to_jansson, "jansson", pinned);
	if (gaps)
		fprintf(stderr, "bench_book: %s: %llu gaps in %u rounds\n", t->name,
			(unsigned long long)gaps, rounds + 1);
	feed_free(&feed);
	feed_set_free(&set);
	binance_md_free(&md);
}

int main(int argc, char **argv)
{
	static struct tape spot, usdm;
	bool quick = bench_quick(argc, argv), pinned = bench_cores() > 1 && bench_pin(1);
	tape_open(&spot, "spot", JOIN_LAST_PLUS_1, 2, 8);
	tape_open(&usdm, "usdm", JOIN_PREV, 2, 3);
	if (!tape_read(&spot, "spot_btcusdt_20240808.gz") ||
	    !tape_read(&usdm, "usdm_btcusdt_20240808.gz")) {
		fprintf(stderr,
			"bench_book: no recordings (TANDEM_DATA): generated frames instead\n");
		spot.name = "spot, generated";
		usdm.name = "usdm, generated";
		spot.n = usdm.n = 0;
		spot.bytes = usdm.bytes = 0;
		tape_make(&spot, 3000);
		tape_make(&usdm, 3000);
	}
	measure(&spot, quick ? 7 : 15, pinned);
	measure(&usdm, quick ? 7 : 15, pinned);
	return 0;
}
