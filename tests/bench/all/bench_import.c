/* How fast recorded files become a store, and are told without one: packed tables and packed frames, beside unpacking them and counting their lines. JSON lines. */
#include "adapters/import/import.h"
#include "core/base/err.h"
#include "core/base/rng.h"
#include "store/record.h"
#include "tests/bench/bench.h"
#include <dirent.h>
#include <ftw.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <zlib.h>

enum { FILES = 8, PATH = 512 };

static char folder[64];
static char path[FILES][PATH];
static const char *paths[FILES];

static void die(const char *what)
{
	fprintf(stderr, "bench_import: %s: %s\n", what, err_text());
	exit(1);
}

static int remove_one(const char *p, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(p);
}

/* ---------------------------------------------------------------- files */

static void make_table(gzFile f, unsigned rows)
{
	struct rng r;
	int64_t now = 1700000000000000000;
	int price = 138676;
	rng_seed(&r, 1);
	gzprintf(f, "local_ts_ns,venue,symbol,exch_ts_ms,bid,bid_qty,ask,ask_qty\n");
	for (unsigned i = 0; i < rows; i++) {
		now += rng_range(&r, 1000, 20000000);
		price += (int)rng_range(&r, -2, 2);
		gzprintf(f, "%" PRId64 ",%s,EURUSD,%" PRId64 ",1.%06d,%d.25000,1.%06d,%d.50000\n",
			 now, i % 2 ? "WEST" : "EAST", now / 1000000 - 3, price,
			 (int)rng_range(&r, 1, 900), price + 2, (int)rng_range(&r, 1, 900));
	}
}

static void make_frames(gzFile f, unsigned rows)
{
	struct rng r;
	int64_t now = 1700000000000000000;
	rng_seed(&r, 2);
	for (unsigned i = 0; i < rows; i++) {
		int px = (int)rng_range(&r, 6180000, 6190000);
		int64_t ms = (now += rng_range(&r, 1000, 20000000)) / 1000000 - 3;
		if (i % 4)
			gzprintf(
				f,
				"%" PRId64
				" {\"stream\":\"btcusdt@bookTicker\",\"data\":{\"e\":\"bookTicker\",\"u\":%u,\"s\":\"BTCUSDT\","
				"\"b\":\"%d.10\",\"B\":\"2.507\",\"a\":\"%d.20\",\"A\":\"%d.510\",\"T\":%" PRId64
				",\"E\":%" PRId64 "}}\n",
				now, i + 1, px, px, i % 50, ms, ms);
		else
			gzprintf(
				f,
				"%" PRId64
				" {\"stream\":\"btcusdt@depth@0ms\",\"data\":{\"e\":\"depthUpdate\",\"E\":%" PRId64
				",\"T\":%" PRId64
				",\"s\":\"BTCUSDT\",\"U\":%u,\"u\":%u,\"pu\":%u,\"b\":[[\"%d.10\",\"2.507\"],[\"%d.00\",\"0.000\"]],"
				"\"a\":[[\"%d.20\",\"1.100\"],[\"%d.90\",\"0.250\"]]}}\n",
				now, ms, ms, i, i + 1, i - 1, px, px - 1, px, px + 3);
	}
}

static unsigned make(const char *name, void (*write)(gzFile, unsigned), unsigned rows)
{
	snprintf(path[0], PATH, "%.60s/%s", folder, name);
	paths[0] = path[0];
	gzFile f = gzopen(path[0], "wb6");
	if (!f)
		die("cannot write a file");
	write(f, rows);
	gzclose(f);
	return 1;
}

/* The files of a folder of the recordings whose names end so. */
static unsigned find(const char *sub, const char *end)
{
	char dir[PATH];
	struct dirent *e;
	unsigned n = 0;
	const char *data = getenv("TANDEM_DATA");
	snprintf(dir, sizeof dir, "%.400s/%s", data && *data ? data : TANDEM_DATA_DEFAULT, sub);
	DIR *d = opendir(dir);
	while (d && n < FILES && (e = readdir(d)) != NULL) {
		size_t len = strlen(e->d_name);
		if (len < strlen(end) || strcmp(e->d_name + len - strlen(end), end) != 0)
			continue;
		snprintf(path[n], PATH, "%.400s/%.100s", dir, e->d_name);
		paths[n] = path[n];
		n++;
	}
	if (d)
		closedir(d);
	return n;
}

/* ---------------------------------------------------------------- what is measured */

/* Unpacks the files one after the other and counts their lines: nanoseconds. */
static int64_t unpack(unsigned n, uint64_t *lines)
{
	static char buf[1 << 18];
	int64_t began = bench_ns();
	*lines = 0;
	for (unsigned i = 0; i < n; i++) {
		gzFile f = gzopen(paths[i], "rb");
		int got;
		if (!f)
			die("cannot read a file");
		while ((got = gzread(f, buf, sizeof buf)) > 0)
			for (char *p = buf, *end = buf + got;
			     (p = memchr(p, '\n', (size_t)(end - p))); p++)
				++*lines;
		gzclose(f);
	}
	return bench_ns() - began;
}

static int venue(void *r, const char *name)
{
	return record_venue(r, name, NULL, 0);
}

static int instrument(void *r, uint16_t v, const struct pack_instrument *i)
{
	return record_instrument(r, v, i);
}

static int put(void *r, uint16_t v, const struct pack_event *ev)
{
	return record_put(r, v, ev);
}

/* The whole way into a store, its opening and closing included: nanoseconds. */
static int64_t into_store(unsigned n, uint64_t *events)
{
	struct import_options o = { .path = paths, .n_paths = n, .px_dp = -1, .qty_dp = -1 };
	char db[80];
	snprintf(db, sizeof db, "%s/db", folder);
	const struct store_options so = { .path = db };
	struct import *g;
	struct store *s;
	struct record *r;
	struct import_totals t;
	int64_t began = bench_ns();
	int rc = import_open(&o, &g);
	if (rc || store_open(&so, &s) || record_open(s, "bench", &r))
		die("cannot begin");
	const struct import_sink sink = { r, venue, instrument, put };
	while ((rc = import_step(g, &sink, 8192)) > 0)
		;
	if (rc || import_clocks(g) || record_close(r, NULL) || store_close(s))
		die("cannot import");
	int64_t took = bench_ns() - began;
	import_totals(g, &t);
	*events = t.events;
	import_close(g);
	nftw(db, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return took;
}

static void measure(const char *figure, unsigned n, unsigned rounds)
{
	struct bench_rounds r = { 0 };
	struct bench_line l;
	uint64_t events = 0, lines = 0;
	for (unsigned i = 0; i < rounds; i++) {
		double ours = (double)into_store(n, &events), floor = (double)unpack(n, &lines);
		bench_round(&r, (double)events * 1e3 / ours, (double)lines * 1e3 / floor);
	}
	struct json_out *j = bench_open(&l, "import", figure);
	json_uint(j, "files", n);
	json_uint(j, "events", events);
	bench_put_rounds(j, &r, "million_per_s", "gunzip_count_lines");
	bench_tell(&l);
}

int main(int argc, char **argv)
{
	bool quick = bench_quick(argc, argv);
	unsigned rows = quick ? 50000 : 1000000, rounds = quick ? 1 : 7, n;
	strcpy(folder, "/tmp/tandem-bench-XXXXXX");
	if (!mkdtemp(folder))
		die("no folder");
	measure("made table", make("table.csv.gz", make_table, rows), rounds);
	measure("made frames", make("frames.gz", make_frames, rows), rounds);
	if (!quick && (n = find("fx_two_venue", ".csv.gz")))
		measure("recorded table, clocks from prices", n, rounds);
	if (!quick && (n = find("binance_btc", "_20240808.gz")))
		measure("recorded frames of three markets", n, rounds);
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}
