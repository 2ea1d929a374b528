/* What it costs to seal: the writer's own batches with and without the log, a power-durable group of 64 beside one fdatasync, and how fast a store is verified. JSON lines. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "store/index.h"
#include "store/note.h"
#include "store/receipt.h"
#include "store/seal.h"
#include "store/store.h"
#include "store/verify.h"
#include "tests/bench/bench.h"
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>

#define BATCH 1024

static char folder[64];

static void die(const char *what)
{
	fprintf(stderr, "bench_seal: %s: %s\n", what, err_text());
	exit(1);
}

static struct fact fill(uint64_t n)
{
	static const uint16_t kinds[] = { FACT_ORDER, FACT_SENT, FACT_ACK, FACT_FILL };
	struct fact f;
	fact_init(&f, kinds[n % 4]);
	f.seq = n;
	f.cause = n;
	f.mono_ns = (int64_t)n * 1000 + 123456789;
	f.utc_ns = 1723161241000000000 + (int64_t)n * 1000;
	f.venue_ns = f.utc_ns + 271000;
	f.turn = n / 3;
	f.pair = 0x0100010000000000u + n / 16;
	f.order = 0x0100010000000000u + n / 4;
	f.leg = f.side = n & 1;
	f.venue = f.account = f.instrument = f.instance = f.script = 1 + (n & 1);
	f.px_dp = 2;
	f.qty_dp = 5;
	f.px = 6183764;
	f.qty = 1000;
	f.num[0] = 1000;
	f.num[4] = 61837640000;
	snprintf(f.venue_order, sizeof f.venue_order, "%llu",
		 (unsigned long long)(28000000000 + n));
	return f;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static void empty(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* What the writer does with a batch; without a seal: the same puts, neither hashed nor signed. */
struct rig {
	struct kv_db *db;
	struct seal *seal;
	struct receipt_encoder *encoder;
	struct kv_batch *batch;
	struct index_batch index;
};

static void rig_open(struct rig *r, const char *path, bool sealed)
{
	char key[160];
	empty(path);
	mkdir(path, 0700);
	snprintf(key, sizeof key, "%s.key", path);
	memset(r, 0, sizeof *r);
	if (kv_open(path, &r->db, NULL) || index_batch_init(&r->index, BATCH))
		die("open");
	r->encoder = receipt_encoder_new();
	r->batch = kv_batch_new();
	if (!sealed)
		return;
	if (access(key, F_OK) && note_key_make(key, "bench"))
		die("key");
	struct seal_options o = { .key = key, .origin = "tandem/bench" };
	if (seal_open(&o, r->db, &r->seal))
		die("seal");
}

static void rig_close(struct rig *r)
{
	seal_free(r->seal);
	index_batch_free(&r->index);
	kv_batch_free(r->batch);
	receipt_encoder_free(r->encoder);
	kv_close(r->db);
}

static void rig_batch(struct rig *r, uint64_t first, uint64_t end, bool sync)
{
	int rc = 0;
	kv_batch_clear(r->batch);
	if (r->seal)
		rc = seal_begin(r->seal, r->batch);
	for (uint64_t i = first; i < end && !rc; i++) {
		struct fact f = fill(i);
		const void *bytes;
		size_t n;
		uint8_t key[8];
		kv_be64(key, i);
		rc = receipt_encode(r->encoder, &f, &bytes, &n);
		rc = rc ? rc : kv_batch_put(r->batch, r->db, KV_RECEIPTS, key, 8, bytes, n);
		if (!rc && r->seal)
			rc = seal_add(r->seal, i, bytes, n);
		index_collect(&r->index, &f);
	}
	rc = rc ? rc : index_write(&r->index, r->batch, r->db);
	if (!rc && r->seal && seal_end(r->seal, bench_ns(), false) < 0)
		rc = -ERR_AUTH;
	rc = rc ? rc : kv_write(r->db, r->batch, sync);
	if (rc)
		die("write");
	if (r->seal)
		seal_taken(r->seal);
}

static double rate(bool sealed, uint64_t n)
{
	struct rig r;
	char path[96];
	snprintf(path, sizeof path, "%s/%s", folder, sealed ? "sealed" : "bare");
	rig_open(&r, path, sealed);
	int64_t t = bench_ns();
	for (uint64_t i = 1; i <= n; i += BATCH)
		rig_batch(&r, i, i + BATCH <= n ? i + BATCH : n + 1, false);
	double took = (double)(bench_ns() - t);
	rig_close(&r);
	return (double)n * 1e9 / took;
}

static void bench_writer(unsigned rounds, uint64_t n)
{
	struct bench_rounds all = { 0 };
	struct bench_line l;
	for (unsigned i = 0; i < rounds; i++) {
		bool first = i % 2;
		double a = rate(first, n), b = rate(!first, n);
		bench_round(&all, first ? a : b, first ? b : a);
	}
	struct json_out *j = bench_open(&l, "seal", "writer_sealed");
	bench_put_rounds(j, &all, "receipts_per_s", "unsealed");
	bench_tell(&l);
}

/* As many bytes as a group's, appended and synced: what the disk asks for. */
static double floor_us(const char *path, unsigned n)
{
	static const char bytes[64 * 200];
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	int64_t t = bench_ns();
	for (unsigned i = 0; i < n; i++)
		if (write(fd, bytes, sizeof bytes) != (ssize_t)sizeof bytes || fdatasync(fd))
			die("fdatasync");
	double us = (double)(bench_ns() - t) / 1e3 / n;
	close(fd);
	return us;
}

static void bench_power(unsigned rounds, unsigned groups)
{
	struct bench_rounds all = { 0 };
	struct bench_line l;
	struct rig r;
	char path[96], file[96];
	uint64_t at = 1;
	snprintf(path, sizeof path, "%s/power", folder);
	snprintf(file, sizeof file, "%s/floor", folder);
	rig_open(&r, path, true);
	for (unsigned i = 0; i < rounds; i++) {
		double other = floor_us(file, groups);
		int64_t t = bench_ns();
		for (unsigned g = 0; g < groups; g++, at += 64)
			rig_batch(&r, at, at + 64, true);
		bench_round(&all, (double)(bench_ns() - t) / 1e3 / groups, other);
	}
	rig_close(&r);
	struct json_out *j = bench_open(&l, "seal", "power_group_of_64");
	bench_put_rounds(j, &all, "us", "fdatasync");
	bench_tell(&l);
}

/* Through the whole store: ring, writer, seal. */
static void make_store(const char *path, uint64_t n)
{
	struct store_options o = { .path = path };
	struct store *s;
	if (store_open(&o, &s))
		die("store");
	struct journal *j = store_journal(s);
	int64_t t = bench_ns();
	for (uint64_t i = 1; i <= n; i++) {
		struct fact f = fill(i);
		while (!j->ops->append(j, &f))
			nanosleep(&(struct timespec){ .tv_nsec = 20000 }, NULL);
	}
	while (store_drained(s) < n)
		nanosleep(&(struct timespec){ .tv_nsec = 20000 }, NULL);
	double took = (double)(bench_ns() - t);
	struct bench_line l;
	struct json_out *out = bench_open(&l, "seal", "store_end_to_end");
	bench_num(out, "receipts_per_s", (double)n * 1e9 / took);
	json_uint(out, "n", n);
	bench_tell(&l);
	if (store_close(s))
		die("close");
}

static void bench_verify(const char *path, unsigned jobs, unsigned rounds)
{
	static struct verify_report r;
	struct bench_line l;
	double v[BENCH_ROUNDS], cpu[BENCH_ROUNDS]; /* a second of a core, all of the verification */
	struct verify_options o = { .path = path, .jobs = jobs };
	for (unsigned i = 0; i < rounds; i++) {
		struct timespec from, to;
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
		if (verify_store(&o, &r))
			die("verify");
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
		v[i] = (double)r.receipts / r.receipts_s;
		cpu[i] = (double)r.receipts / ((double)(to.tv_sec - from.tv_sec) +
					       (double)(to.tv_nsec - from.tv_nsec) * 1e-9);
	}
	struct json_out *j = bench_open(&l, "seal", "verify");
	json_uint(j, "jobs", jobs);
	bench_num(j, "receipts_per_s", bench_quantile(v, rounds, 0.5));
	bench_num(j, "per_job", bench_quantile(v, rounds, 0.5) / jobs);
	bench_num(j, "receipts_per_core_s", bench_quantile(cpu, rounds, 0.5));
	json_uint(j, "n", r.receipts);
	bench_tell(&l);
}

int main(int argc, char **argv)
{
	const bool quick = bench_quick(argc, argv);
	char path[96];
	log_set_level(LOG_ERROR);
	strcpy(folder, "/tmp/tandem-bench-XXXXXX");
	if (!mkdtemp(folder)) {
		perror("bench_seal");
		return 1;
	}
	bench_writer(quick ? 1 : 7, quick ? 20000 : 500000);
	bench_power(quick ? 1 : 7, quick ? 10 : 200);
	snprintf(path, sizeof path, "%s/store", folder);
	make_store(path, quick ? 20000 : 2000000);
	bench_verify(path, 1, quick ? 1 : 5);
	bench_verify(path, 4, quick ? 1 : 5);
	empty(folder);
	return 0;
}
