/* What it takes to export a million orders, or as many as the argument says, with `tandem query` as CSV and JSON into a file: the orders alone, and their whole life of four receipts
 * each; and to make a report of their day, its page and all its tables. Beside it, in the same round, the floor: reading the same receipts out of the store without a word written. JSON lines. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/cmd/cmd.h"
#include "core/trade/order.h"
#include "store/reader.h"
#include "store/store.h"
#include "tests/bench/bench.h"
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define ORDERS 1000000
#define ROUNDS 3

static char folder[64], store_path[96], out_path[96];
static uint64_t orders = ORDERS, bytes_written;

static void die(const char *what)
{
	fprintf(stderr, "bench_export: %s: %s\n", what, err_text());
	exit(1);
}

/* In a process of its own, since the database's threads do not survive a fork. Seconds. */
static double apart(void (*fn)(const char *const *), const char *const *arg)
{
	fflush(NULL);
	int64_t t = bench_ns();
	pid_t child = fork();
	if (child == 0) {
		fn(arg);
		fflush(NULL);
		_exit(0);
	}
	int status;
	waitpid(child, &status, 0);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		die("a part ended badly");
	return (double)(bench_ns() - t) / 1e9;
}

/* ---- the store: pairs of two orders, each sent, accepted and filled */

static uint32_t name(struct store *s, enum name_space space, const char *text)
{
	struct journal *j = store_journal(s);
	uint32_t id;
	bool is_new;
	if (store_name(s, space, text, &id, &is_new))
		die("a name");
	struct fact f;
	fact_init(&f, FACT_NAME);
	f.num[0] = space;
	f.num[1] = id;
	fact_text(&f, "%s", text);
	if (is_new && !j->ops->append(j, &f))
		die("a name");
	return id;
}

static uint64_t put(struct store *s, const struct fact *f)
{
	struct journal *j = store_journal(s);
	struct fact copy = *f;
	uint64_t seq;
	while ((seq = j->ops->append(j, &copy)) == 0)
		nanosleep(&(struct timespec){ .tv_nsec = 20000 }, NULL);
	return seq;
}

static void put_order(struct store *s, struct fact *f, uint64_t n)
{
	static const uint16_t life[] = { FACT_ORDER, FACT_SENT, FACT_ACK, FACT_FILL };
	static const uint8_t state[] = { ORDER_NEW, ORDER_SENT, ORDER_LIVE, ORDER_FILLED };
	f->order = 0x0100010000000000u + n;
	f->pair = 0x0100010000000000u + n / 2;
	f->turn = n / 2;
	f->leg = f->side = n & 1;
	f->cause = 0;
	for (unsigned k = 0; k < 4; k++) {
		memset(f->num, 0, sizeof f->num);
		f->kind = life[k];
		f->state = state[k];
		f->utc_ns += 137000;
		f->mono_ns += 137000;
		f->venue_ns = k >= 2 ? f->utc_ns - 271000 : 0;
		f->px = 6183764 + (int64_t)(n % 500);
		f->qty = 1000;
		f->fee_e8 = k == 3 ? 6183000 : 0;
		f->num[k == 0 ? 4 : 0] = k == 0 ? f->px + 30 : k == 3 ? 1000 : 1234567;
		f->text[0] = 0;
		if (k == 0)
			fact_text(f, "open; a limit at the far touch");
		f->venue_order[0] = 0;
		if (k >= 2)
			snprintf(f->venue_order, sizeof f->venue_order, "%llu",
				 (unsigned long long)(28000000000 + n));
		f->cause = put(s, f);
	}
}

static void make(const char *const *unused)
{
	(void)unused;
	struct store *s;
	if (store_open(&(struct store_options){ .path = store_path }, &s))
		die("opening");
	struct fact f;
	fact_init(&f, FACT_ORDER);
	f.utc_ns = 1723150441000000000; /* early enough that a day has them all */
	f.mono_ns = 123456789;
	f.px_dp = 2;
	f.qty_dp = 5;
	f.venue = name(s, NAME_VENUE, "binance_spot");
	f.account = name(s, NAME_ACCOUNT, "main");
	f.instance = name(s, NAME_INSTANCE, "btc_basis");
	f.script = name(s, NAME_SCRIPT,
			"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
	f.fee_asset = name(s, NAME_ASSET, "USDT");
	f.instrument = name(s, NAME_INSTRUMENT, "BTCUSDT.SPOT");
	for (uint64_t n = 0; n < orders; n++)
		put_order(s, &f, n);
	if (store_close(s))
		die("closing");
}

/* ---- ours and the floor */

static void export(const char *const *option)
{
	char *argv[8] = { (char *)(uintptr_t) "tandem query", store_path };
	int argc = 2, fd = open(out_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	for (; option[argc - 2]; argc++)
		argv[argc] = (char *)(uintptr_t)option[argc - 2];
	if (fd < 0 || dup2(fd, 1) < 0 || cmd_query(argc, argv) != EXIT_OK)
		die("export");
}

static void read_only(const char *const *option)
{
	struct reader *r;
	struct reader_walk *w;
	struct fact f;
	uint64_t n = 0;
	struct reader_filter q = { .kind = option[1] ? FACT_ORDER : 0 };
	if (reader_open(store_path, &r) || reader_walk_open(r, &q, &w))
		die("reading");
	while (reader_walk_next(w, &f) > 0)
		n++;
	reader_walk_close(w);
	reader_close(r);
	if (n < orders)
		die("not all was read");
}

static void report(const char *const *unused)
{
	(void)unused;
	char *argv[] = { (char *)(uintptr_t) "tandem report",
			 store_path,
			 (char *)(uintptr_t) "--day",
			 (char *)(uintptr_t) "last",
			 (char *)(uintptr_t) "--out",
			 out_path,
			 NULL };
	int null = open("/dev/null", O_WRONLY);
	if (null < 0 || dup2(null, 1) < 0 || cmd_report(6, argv) != EXIT_OK)
		die("report");
}

static int add_size(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)path, (void)ftw;
	bytes_written += type == FTW_F ? (uint64_t)st->st_size : 0;
	return 0;
}

static void bench_report(unsigned rounds)
{
	struct bench_rounds r = { 0 };
	struct bench_line l;
	snprintf(out_path, sizeof out_path, "%s/report", folder);
	for (unsigned i = 0; i < rounds; i++) {
		double ours = apart(report, NULL);
		bench_round(&r, ours, apart(read_only, (const char *const[]){ "", NULL }));
	}
	nftw(out_path, add_size, 16, FTW_PHYS);
	struct json_out *j = bench_open(&l, "export", "report");
	json_uint(j, "orders", orders);
	json_uint(j, "receipts", 4 * orders);
	json_uint(j, "bytes", bytes_written);
	bench_put_rounds(j, &r, "s", "reading");
	bench_tell(&l);
}

static uint64_t lines_written(void)
{
	FILE *f = fopen(out_path, "r");
	uint64_t n = 0;
	static char bytes[1 << 16];
	for (size_t got; f && (got = fread(bytes, 1, sizeof bytes, f)) > 0;)
		for (char *at = bytes; (at = memchr(at, '\n', (size_t)(bytes + got - at))) != NULL;
		     at++)
			n++;
	if (f)
		fclose(f);
	return n;
}

static void bench(const char *figure, const char *const *option, unsigned rounds)
{
	struct bench_rounds r = { 0 };
	struct bench_line l;
	for (unsigned i = 0; i < rounds; i++) {
		double ours = apart(export, option);
		bench_round(&r, ours, apart(read_only, option));
	}
	struct stat st = { 0 };
	uint64_t lines = lines_written(), want = option[1] ? orders : 4 * orders;
	stat(out_path, &st);
	if (lines < want)
		die("lines are missing");
	struct json_out *j = bench_open(&l, "export", figure);
	json_uint(j, "orders", orders);
	json_uint(j, "lines", lines);
	json_uint(j, "bytes", (uint64_t)st.st_size);
	bench_put_rounds(j, &r, "s", "reading");
	bench_tell(&l);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

int main(int argc, char **argv)
{
	bool quick = bench_quick(argc, argv);
	unsigned rounds = quick ? 1 : ROUNDS;
	orders = quick ? 10000 : argc > 1 ? strtoull(argv[1], NULL, 10) : ORDERS;
	log_set_level(LOG_ERROR);
	strcpy(folder, "/tmp/tandem-bench-XXXXXX");
	if (!mkdtemp(folder)) {
		perror("bench_export");
		return 1;
	}
	snprintf(store_path, sizeof store_path, "%s/store", folder);
	snprintf(out_path, sizeof out_path, "%s/out", folder);
	apart(make, NULL);
	const bool all = quick || argc < 3; /* `bench_export 1000000 report`: this alone */
	if (all) {
		bench("csv_orders", (const char *const[]){ "--csv", "--kind=order", NULL }, rounds);
		bench("json_orders", (const char *const[]){ "--json", "--kind=order", NULL },
		      rounds);
		bench("csv_lives", (const char *const[]){ "--csv", NULL }, rounds);
		bench("json_lives", (const char *const[]){ "--json", NULL }, rounds);
	}
	bench_report(rounds);
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}
