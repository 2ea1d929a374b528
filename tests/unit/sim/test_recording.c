/* Proves that recordings come back in the order of their time, byte for byte, whatever the format and the order of their files, and
 * that what is missing, torn, damaged or garbage is told or counted. */
#include "adapters/sim/match.h"
#include "adapters/sim/recording.h"
#include "core/base/err.h"
#include "core/base/rng.h"
#include "tests/unit/suite.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static const char *in_folder(const char *name)
{
	static char path[8][128];
	static unsigned next;
	snprintf(folder, sizeof folder, "test_recording.%d", (int)getpid());
	mkdir(folder, 0755);
	char *p = path[next++ % 8];
	snprintf(p, 128, "%s/%s", folder, name);
	return p;
}

static const char *write_file(const char *name, const char *text)
{
	const char *path = in_folder(name);
	FILE *f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
	return path;
}

static void clean(void)
{
	char command[96];
	snprintf(command, sizeof command, "rm -rf test_recording.%d", (int)getpid());
	ck_assert_int_eq(system(command), 0);
}

static const struct source_instrument btc[] = { { 0, "BTCUSDT", 8, 8 }, { 1, "BTCUSDT", 8, 8 } };

static struct market_source *open_files(const char *const *path, const uint16_t *venue, uint32_t n,
					bool others)
{
	struct recording_file file[8];
	for (uint32_t i = 0; i < n; i++)
		file[i] = (struct recording_file){ path[i], venue[i] };
	struct recording_config c = {
		.file = file, .n_files = n, .instrument = btc, .n_instruments = 2, .others = others
	};
	struct market_source *s;
	int rc = recording_open(&c, &s);
	ck_assert_msg(rc == 0, "%s", err_text());
	return s;
}

static int open_one(const char *path)
{
	struct recording_file file = { path, 0 };
	struct recording_config c = {
		.file = &file, .n_files = 1, .instrument = btc, .n_instruments = 2
	};
	struct market_source *s;
	int rc = recording_open(&c, &s);
	if (rc == 0)
		source_free(s);
	return rc;
}

#define QUOTE(u)                                                 \
	"{\"stream\":\"btcusdt@bookTicker\",\"data\":{\"u\":" #u \
	",\"s\":\"BTCUSDT\",\"b\":\"99.5\",\"B\":\"3.1\",\"a\":\"100.25\",\"A\":\"4\"}}"
#define SNAPSHOT \
	"{\"lastUpdateId\":5,\"bids\":[[\"99.5\",\"1\"]],\"asks\":[[\"100\",\"2\"],[\"101\",\"3\"]]}"
#define DEPTH \
	"{\"stream\":\"btcusdt@depth@100ms\",\"data\":{\"e\":\"depthUpdate\",\"E\":1700000000123,\"s\":\"BTCUSDT\",\"U\":6,\"u\":8,\"b\":[[\"99.5\",\"0\"]],\"a\":[[\"100\",\"7\"]]}}"

static void expect(struct market_source *s, enum source_kind kind, int64_t time_ns, const char *raw)
{
	struct source_event e;
	ck_assert_int_eq(source_next_ns(s), time_ns);
	ck_assert_int_eq(source_pop(s, &e), 1);
	ck_assert_str_eq(source_kind_name(e.kind), source_kind_name(kind));
	ck_assert_int_eq(e.time_ns, time_ns);
	ck_assert_uint_eq(e.n_raw, strlen(raw));
	ck_assert_mem_eq(e.raw, raw, e.n_raw);
	if (kind == SOURCE_QUOTE) {
		ck_assert_int_eq(e.quote.px[SIDE_SELL], 10025000000);
		ck_assert_int_eq(e.quote.qty[SIDE_BUY], 310000000);
	}
	if (kind == SOURCE_DEPTH) {
		ck_assert_int_eq(e.depth.first_seq, 6);
		ck_assert_int_eq(e.depth.last_seq, 8);
		ck_assert_int_eq(e.depth.level[SIDE_SELL][0].qty, 700000000);
	}
	if (kind == SOURCE_SNAPSHOT) {
		ck_assert_int_eq(e.depth.last_seq, 5);
		ck_assert_uint_eq(e.depth.n[SIDE_SELL], 2);
	}
}

static void expect_end(struct market_source *s)
{
	struct source_event e;
	ck_assert_int_eq(source_next_ns(s), INT64_MAX);
	ck_assert_int_eq(source_pop(s, &e), 0);
}

START_TEST(lines_of_both_formats_come_back)
{
	const uint16_t venue[] = { 0, 1 };
	const char *path[] = {
		write_file("ns",
			   "1700000000000000001 " QUOTE(4) "\n1700000000000000003 " SNAPSHOT
							   "\n1700000000000000007 " DEPTH "\n"),
		write_file("secs",
			   "wss://x/stream?streams=a <-> 1700000000.0000000\n"
			   "1700000000.000000002: " QUOTE(9) "\r\n1700000000.0000000051: " DEPTH)
	};
	for (int round = 0; round < 2; round++) {
		struct market_source *s = open_files(path, venue, 2, false);
		int64_t t = 1700000000000000000;
		ck_assert_int_eq(s->first_ns, t);
		expect(s, SOURCE_SNAPSHOT, t, SNAPSHOT); /* ahead of all */
		expect(s, SOURCE_QUOTE, t + 1, QUOTE(4));
		expect(s, SOURCE_QUOTE, t + 2, QUOTE(9));
		expect(s, SOURCE_DEPTH, t + 5, DEPTH);
		expect(s, SOURCE_DEPTH, t + 7, DEPTH);
		expect_end(s);
		expect_end(s);
		ck_assert_uint_eq(recording_stats(s)->events, 5);
		ck_assert_uint_eq(recording_stats(s)->garbage, 0);
		ck_assert_int_eq(source_rewind(s), 0);
		expect(s, SOURCE_SNAPSHOT, t, SNAPSHOT);
		expect(s, SOURCE_QUOTE, t + 1, QUOTE(4));
		source_free(s);
	}
	clean();
}
END_TEST

START_TEST(the_order_of_the_files_does_not_matter)
{
	const uint16_t venue[] = { 0, 0 };
	const char *a = write_file(
		"a", "1700000000000000001 " QUOTE(1) "\n1700000000000000004 " QUOTE(4) "\n");
	const char *b = write_file(
		"b", "1700000000000000002 " QUOTE(2) "\n1700000000000000004 " QUOTE(3) "\n");
	const char *path[2][2] = { { a, b }, { b, a } };
	for (int round = 0; round < 2; round++) {
		struct market_source *s = open_files(path[round], venue, 2, false);
		int64_t t = 1700000000000000000;
		expect(s, SOURCE_QUOTE, t + 1, QUOTE(1));
		expect(s, SOURCE_QUOTE, t + 2, QUOTE(2));
		expect(s, SOURCE_QUOTE, t + 4, QUOTE(4));
		expect(s, SOURCE_QUOTE, t + 4, QUOTE(3));
		expect_end(s);
		source_free(s);
	}
	clean();
}
END_TEST

START_TEST(garbage_is_counted_and_passed)
{
	const uint16_t venue[] = { 0 };
	const char *path[] = { write_file(
		"garbage",
		"\n\nhello\n1700000000000000001 " QUOTE(
			1) "\n1700000000000000002 {\"stream\":\n"
			   "1700000000000000003 {\"stream\":\"ethusdt@bookTicker\",\"data\":{\"u\":1,\"s\":\"ETHUSDT\","
			   "\"b\":\"1\",\"B\":\"1\",\"a\":\"2\",\"A\":\"1\"}}\n"
			   "99999999999999999999999 " QUOTE(1) "\n1700000000000000000 " QUOTE(
				   2) "\n"
				      "1700000000000000005 {\"result\":null,\"id\":1}\n" SNAPSHOT
				      "\n") };
	for (int others = 0; others < 2; others++) {
		struct market_source *s = open_files(path, venue, 1, others);
		int64_t t = 1700000000000000000;
		expect(s, SOURCE_SNAPSHOT, t + 1, SNAPSHOT);
		expect(s, SOURCE_QUOTE, t + 1, QUOTE(1));
		expect(s, SOURCE_QUOTE, t + 1, QUOTE(2)); /* time fell: held */
		if (others)
			expect(s, SOURCE_OTHER, t + 5, "{\"result\":null,\"id\":1}");
		expect_end(s);
		const struct recording_stats *st = recording_stats(s);
		ck_assert_uint_eq(st->garbage, 3);
		ck_assert_uint_eq(st->filtered, others ? 1 : 2);
		ck_assert_uint_eq(st->backwards, 1);
		source_free(s);
	}
	clean();
}
END_TEST

START_TEST(what_cannot_be_read_is_an_error_in_words)
{
	ck_assert_int_eq(open_one(in_folder("none")), -ERR_NOTFOUND);
	ck_assert_ptr_nonnull(strstr(err_text(), "none"));
	ck_assert_int_eq(open_one(folder), -ERR_IO);
	ck_assert_int_eq(open_one(write_file("empty", "")), -ERR_PARSE);
	ck_assert_int_eq(open_one(write_file("text", "dear diary\nit rained\n")), -ERR_PARSE);
	ck_assert_ptr_nonnull(strstr(err_text(), "is no recording"));
	struct recording_config c = { 0 };
	struct market_source *s;
	ck_assert_int_eq(recording_open(&c, &s), -ERR_ARG);
	clean();
}
END_TEST

static void compress_quotes(const char *path, int n)
{
	char command[256];
	snprintf(command, sizeof command, "gzip -c > %s", path);
	FILE *f = popen(command, "w");
	struct rng r;
	rng_seed(&r, 1);
	for (int i = 0; i < n; i++)
		fprintf(f,
			"%lld {\"stream\":\"btcusdt@bookTicker\",\"data\":{\"u\":%d,\"s\":\"BTCUSDT\",\"b\":\"%llu\",\"B\":\"3\",\"a\":\"90000\",\"A\":\"4\"}}\n",
			1700000000000000000ll + i, i + 1, (unsigned long long)rng_below(&r, 90000));
	ck_assert_int_eq(pclose(f), 0);
}

START_TEST(a_torn_file_is_played_as_far_as_it_goes_and_a_damaged_one_is_not)
{
	const char *path = in_folder("quotes.gz");
	const uint16_t venue[] = { 0 };
	struct stat info;
	struct source_event e;
	compress_quotes(path, 20000);
	stat(path, &info);
	ck_assert_int_eq(truncate(path, info.st_size / 2), 0);
	struct market_source *s = open_files(&path, venue, 1, false);
	int n = 0, rc;
	while ((rc = source_pop(s, &e)) == 1)
		n++;
	ck_assert_int_eq(rc, 0);
	ck_assert_int_gt(n, 2000);
	ck_assert_int_lt(n, 19000);
	ck_assert_uint_eq(recording_stats(s)->torn, 1);
	source_free(s);

	compress_quotes(path, 60000); /* damage behind what is read at opening */
	stat(path, &info);
	int fd = open(path, O_RDWR);
	for (int64_t at = info.st_size * 8 / 10; at < info.st_size * 8 / 10 + 64; at++)
		ck_assert_int_eq(pwrite(fd, "\xff", 1, at), 1);
	close(fd);
	s = open_files(&path, venue, 1, false);
	while ((rc = source_pop(s, &e)) == 1)
		n++;
	ck_assert_int_eq(rc, -ERR_CORRUPT);
	ck_assert_ptr_nonnull(strstr(err_text(), "damaged"));
	source_free(s);
	clean();
}
END_TEST

START_TEST(a_line_beyond_all_measure_is_skipped)
{
	const char *path = in_folder("long");
	const uint16_t venue[] = { 0 };
	FILE *f = fopen(path, "w");
	fputs("1700000000000000001 " QUOTE(1) "\n", f);
	for (int i = 0; i < 3000000; i++)
		fputc('x', f);
	fputs("\n1700000000000000002 " QUOTE(2) "\n", f);
	fclose(f);
	struct market_source *s = open_files(&path, venue, 1, false);
	expect(s, SOURCE_QUOTE, 1700000000000000001, QUOTE(1));
	expect(s, SOURCE_QUOTE, 1700000000000000002, QUOTE(2));
	expect_end(s);
	ck_assert_uint_eq(recording_stats(s)->garbage, 1);
	source_free(s);
	clean();
}
END_TEST

START_TEST(a_snapshot_says_whose_it_is)
{
	static const struct source_instrument two[] = { { 0, "BTCUSDT", 8, 8 },
							{ 0, "ETHUSDT", 8, 8 } };
	struct recording_file file = {
		write_file("rest", "https://api.x/api/v3/depth?symbol=ETHUSDT&limit=1000 -> "
				   "1700000000.25: " SNAPSHOT "\n"
				   "1700000001.5: " SNAPSHOT "\n"),
		0
	};
	struct recording_config c = {
		.file = &file, .n_files = 1, .instrument = two, .n_instruments = 2
	};
	struct market_source *s;
	struct source_event e;
	ck_assert_int_eq(recording_open(&c, &s), 0);
	ck_assert_int_eq(source_pop(s, &e), 1);
	ck_assert_uint_eq(e.instrument, 1);
	ck_assert_int_eq(e.time_ns, 1700000000250000000);
	ck_assert_int_eq(source_pop(s, &e), 0);
	ck_assert_uint_eq(recording_stats(s)->filtered, 1); /* nobody can tell whose the other is */
	source_free(s);
	clean();
}
END_TEST

static const struct {
	const char *line;
	int64_t time_ns; /* -2: refused */
	const char *json;
} forms[] = {
	{ "1723161253937085768 {}", 1723161253937085768, "{}" },
	{ "1633998512.0633569: {\"a\":1}", 1633998512063356900, "{\"a\":1}" },
	{ "1633998512.06335691234: []", 1633998512063356912, "[]" },
	{ "1633998512: {}", 1633998512000000000, "{}" },
	{ "{\"a\":1}", -1, "{\"a\":1}" },
	{ "https://x -> 1.5: {}", 1500000000, "{}" },
	{ "wss://x <-> 1.5", 1500000000, NULL },
	{ "wss://x <- 1.5: {\"op\":1}", 1500000000, NULL },
	{ "", -2, NULL },
	{ "12", -2, NULL },
	{ "12. {}", -2, NULL },
	{ "12 x", -2, NULL },
	{ "-1 {}", -2, NULL },
	{ "http", -2, NULL },
	{ "https://x -> {}", -2, NULL },
	{ "https://x 1.5: {}", -2, NULL },
	{ "99999999999999999999 {}", -2, NULL },
};

START_TEST(a_line_has_one_reading)
{
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct recording_line l;
		int rc = recording_line(forms[i].line, strlen(forms[i].line), &l);
		if (forms[i].time_ns == -2) {
			ck_assert_msg(rc == -ERR_PARSE, "%s", forms[i].line);
			continue;
		}
		ck_assert_msg(rc == 0, "%s", forms[i].line);
		ck_assert_int_eq(l.time_ns, forms[i].time_ns);
		ck_assert_int_eq(l.json != NULL, forms[i].json != NULL);
		if (l.json)
			ck_assert(l.n_json == strlen(forms[i].json) &&
				  memcmp(l.json, forms[i].json, l.n_json) == 0);
	}
}
END_TEST

SUITE("recording", lines_of_both_formats_come_back, the_order_of_the_files_does_not_matter,
      garbage_is_counted_and_passed, what_cannot_be_read_is_an_error_in_words,
      a_torn_file_is_played_as_far_as_it_goes_and_a_damaged_one_is_not,
      a_line_beyond_all_measure_is_skipped, a_snapshot_says_whose_it_is, a_line_has_one_reading)
