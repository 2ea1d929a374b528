/* What a receipt costs: the append that the engine pays, beside a bare copy into a ring, what the writer sustains, beside bare puts, and what a store of a million, or of
 * as many as the argument says, takes on the disk and to open. JSON lines. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/base/ring.h"
#include "store/copy.h"
#include "store/kv.h"
#include "store/reader.h"
#include "store/receipt.h"
#include "store/ring_file.h"
#include "store/store.h"
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SLOTS 65536
#define BATCH 1024

static char folder[64];

static int64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void die(const char *what)
{
	fprintf(stderr, "bench_receipts: %s: %s\n", what, err_text());
	exit(1);
}

static struct fact fill(uint64_t n)
{
	struct fact f;
	fact_init(&f, n % 4 == 0   ? FACT_ORDER
		      : n % 4 == 1 ? FACT_SENT
		      : n % 4 == 2 ? FACT_ACK
				   : FACT_FILL);
	f.cause = n;
	f.mono_ns = (int64_t)n * 1000 + 123456789;
	f.utc_ns = 1723161241000000000 + (int64_t)n * 1000;
	f.venue_ns = f.utc_ns + 271000;
	f.turn = n / 3;
	f.pair = 0x0100010000000000u + n / 16;
	f.order = 0x0100010000000000u + n / 4;
	f.leg = n & 1;
	f.side = n & 1;
	f.venue = f.account = f.instrument = f.instance = f.script = 1 + (n & 1);
	f.px_dp = 2;
	f.qty_dp = 5;
	f.px = 6183764;
	f.qty = 1000;
	f.num[0] = 1000;
	f.num[4] = 61837640000;
	snprintf(f.venue_order, sizeof(f.venue_order), "%llu",
		 (unsigned long long)(28000000000 + n));
	return f;
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* A clock read costs about as much as an append, so the mean is of runs of 64 and the tail of single ones. */
static void tell_append(const char *what, int64_t *run, unsigned runs, int64_t *one, unsigned ones)
{
	qsort(run, runs, sizeof(*run), by_value);
	qsort(one, ones, sizeof(*one), by_value);
	printf("{\"bench\":\"%s\",\"ns_p50\":%.1f,\"ns_p99\":%lld,\"ns_p999\":%lld,\"ns_max\":%lld,\"n\":%u}\n",
	       what, (double)run[runs / 2] / 64, (long long)one[ones * 99ull / 100],
	       (long long)one[ones * 999ull / 1000], (long long)one[ones - 1], ones);
}

/* `add` one item a call; `clear` makes room. */
static void bench_append(const char *what, void (*add)(void *, struct fact *),
			 void (*clear)(void *), void *arg, unsigned n)
{
	int64_t *run = calloc(n / 64, sizeof(*run)), *one = calloc(n, sizeof(*one));
	struct fact f = fill(3);
	for (unsigned i = 0; i < SLOTS; i++) /* once round: every page has been touched */
		add(arg, &f);
	clear(arg);
	for (unsigned i = 0; i < n / 64; i++) {
		int64_t t = now_ns();
		for (int k = 0; k < 64; k++)
			add(arg, &f);
		run[i] = now_ns() - t;
		if ((i + 1) * 64 % SLOTS == 0)
			clear(arg);
	}
	clear(arg);
	for (unsigned i = 0; i < n; i++) {
		int64_t t = now_ns();
		add(arg, &f);
		one[i] = now_ns() - t;
		if ((i + 1) % SLOTS == 0)
			clear(arg);
	}
	tell_append(what, run, n / 64, one, n);
	free(run);
	free(one);
}

static void ring_add(void *arg, struct fact *f)
{
	if (!ring_file_append(arg, f))
		die("the ring is full");
}

static void ring_clear(void *arg)
{
	ring_file_set_drained(arg, ring_file_last(arg));
}

static void bare_add(void *arg, struct fact *f)
{
	if (!ring_push(arg, f))
		die("the bare ring is full");
}

static void bare_clear(void *arg)
{
	struct ring *r = arg;
	struct fact f;
	while (ring_pop(r, &f))
		;
}

static void bench_ring(const char *where, const char *what, unsigned n)
{
	static struct ring_file r;
	char path[96];
	const uint8_t id[RING_FILE_ID] = "bench";
	snprintf(path, sizeof(path), "%s/bench-ring-%d", where, (int)getpid());
	if (ring_file_create(&r, path, id, (uint64_t)SLOTS * RING_FILE_SLOT_BYTES, 0))
		die(what);
	bench_append(what, ring_add, ring_clear, &r, n);
	ring_file_close(&r);
	unlink(path);
}

static void bench_rings(unsigned n)
{
	static struct ring bare;
	if (ring_init(&bare, sizeof(struct fact), SLOTS))
		die("bare ring");
	bench_append("bare_memory_ring_push", bare_add, bare_clear, &bare, n);
	ring_free(&bare);
	bench_ring("/dev/shm", "journal_append_shm", n);
	bench_ring(folder, "journal_append_disk", n);
}

/* From the first append until the database has the last: ring, encoding, index, batches, log. */
static void bench_store(const char *what, bool power, uint64_t n)
{
	char path[96];
	snprintf(path, sizeof(path), "%s/%s", folder, what);
	struct store_options o = { .path = path, .power = power };
	struct store *s;
	if (store_open(&o, &s))
		die(what);
	struct journal *j = store_journal(s);
	int64_t t = now_ns();
	for (uint64_t i = 1; i <= n; i++) {
		struct fact f = fill(i);
		while (!j->ops->append(j, &f))
			nanosleep(&(struct timespec){ .tv_nsec = 20000 }, NULL);
	}
	while (store_drained(s) < n)
		nanosleep(&(struct timespec){ .tv_nsec = 20000 }, NULL);
	int64_t took = now_ns() - t;
	printf("{\"bench\":\"%s\",\"receipts_per_s\":%.0f,\"n\":%llu}\n", what,
	       (double)n * 1e9 / (double)took, (unsigned long long)n);
	if (store_close(s))
		die("close");
}

static uint64_t bytes_found;

static int add_bytes(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)path, (void)type, (void)ftw;
	bytes_found += (uint64_t)st->st_blocks * 512;
	return 0;
}

static double bytes_each(const char *path, uint64_t n)
{
	bytes_found = 0;
	nftw(path, add_bytes, 16, FTW_PHYS);
	return (double)bytes_found / (double)n;
}

/* What a store of that size costs: on the disk, to open for a host and for a query, one pair of it, and a copy of all. */
static void bench_size(const char *what, uint64_t n)
{
	char path[96], to[96];
	struct store *s;
	struct reader *r;
	struct reader_walk *w;
	struct fact f;
	struct copy_page page;
	snprintf(path, sizeof(path), "%s/%s", folder, what);
	snprintf(to, sizeof(to), "%s/copy", folder);
	double each = bytes_each(path, n);
	int64_t t0 = now_ns();
	if (store_open(&(struct store_options){ .path = path }, &s))
		die("opening");
	int64_t t1 = now_ns();
	if (store_close(s))
		die("closing");
	int64_t t2 = now_ns();
	if (reader_open(path, &r))
		die("reading");
	int64_t t3 = now_ns();
	uint64_t found = 0;
	struct reader_filter q = { .pair = 0x0100010000000000u + n / 32 };
	if (reader_walk_open(r, &q, &w))
		die("a pair");
	while (reader_walk_next(w, &f) == 1)
		found++;
	int64_t t4 = now_ns();
	reader_walk_close(w);
	reader_close(r);
	int64_t t5 = now_ns();
	if (found == 0 || copy_make(path, to, COPY_BACKUP, &(struct copy_span){ 0 }, &page))
		die("a copy");
	int64_t t6 = now_ns();
	printf("{\"bench\":\"store_size\",\"n\":%llu,\"bytes_each\":%.1f,\"copy_bytes_each\":%.1f,"
	       "\"host_open_ms\":%.1f,\"query_open_ms\":%.1f,\"pair_ms\":%.3f,\"copy_per_s\":%.0f}\n",
	       (unsigned long long)n, each, bytes_each(to, n), (double)(t1 - t0) / 1e6,
	       (double)(t3 - t2) / 1e6, (double)(t4 - t3) / 1e6,
	       (double)n * 1e9 / (double)(t6 - t5));
}

/* The floor: the same bytes under the same keys, in batches, nothing else. */
static void bench_bare(uint64_t n)
{
	char path[96];
	struct kv_db *db;
	snprintf(path, sizeof(path), "%s/bare", folder);
	if (kv_open(path, &db, NULL))
		die("bare puts");
	struct receipt_encoder *e = receipt_encoder_new();
	struct kv_batch *b = kv_batch_new();
	struct fact f = fill(3);
	const void *bytes;
	size_t len;
	receipt_encode(e, &f, &bytes, &len);
	int64_t t = now_ns();
	for (uint64_t i = 1; i <= n; i++) {
		uint8_t key[8];
		kv_be64(key, i);
		kv_batch_put(b, db, KV_RECEIPTS, key, sizeof(key), bytes, len);
		if (i % BATCH == 0 || i == n) {
			if (kv_write(db, b, false))
				die("bare puts");
			kv_batch_clear(b);
		}
	}
	int64_t took = now_ns() - t;
	printf("{\"bench\":\"bare_puts\",\"puts_per_s\":%.0f,\"bytes\":%zu,\"n\":%llu}\n",
	       (double)n * 1e9 / (double)took, len, (unsigned long long)n);
	kv_batch_free(b);
	receipt_encoder_free(e);
	kv_close(db);
}

static void bench_encode(unsigned n)
{
	struct receipt_encoder *e = receipt_encoder_new();
	const void *bytes;
	size_t len = 0;
	struct fact f = fill(3), back;
	int64_t t = now_ns();
	for (unsigned i = 0; i < n; i++)
		receipt_encode(e, &f, &bytes, &len);
	int64_t encoded = now_ns();
	for (unsigned i = 0; i < n; i++)
		receipt_decode(bytes, len, &back);
	int64_t decoded = now_ns();
	printf("{\"bench\":\"receipt_codec\",\"encode_ns\":%.0f,\"decode_ns\":%.0f,\"bytes\":%zu}\n",
	       (double)(encoded - t) / n, (double)(decoded - encoded) / n, len);
	receipt_encoder_free(e);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

int main(int argc, char **argv)
{
	bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
	log_set_level(LOG_ERROR);
	strcpy(folder, "/tmp/tandem-bench-XXXXXX");
	if (!mkdtemp(folder)) {
		perror("bench_receipts");
		return 1;
	}
	bench_rings(quick ? SLOTS : 16 * SLOTS);
	bench_encode(quick ? 20000 : 500000);
	bench_bare(quick ? 50000 : 1000000);
	const uint64_t n = quick ? 50000 : argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
	bench_store("receipts", false, n);
	bench_size("receipts", n);
	bench_store("receipts_synced", true, quick ? 5000 : 200000);
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}
