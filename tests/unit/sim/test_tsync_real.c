/* Proves on a recording whose recorder's clock ran 1.27 s behind that the offset and the drift of both futures venues are found from their stamps alone. Skipped where it is absent. */
#include "core/base/err.h"
#include "core/market/tsync.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define FILE_NAME "binance_btc/btc_bbo_20240808_2354_0005.csv.gz"
#define MS	  INT64_C(1000000)

static const char *path(void)
{
	static char name[512];
	const char *set = getenv("TANDEM_DATA");
	snprintf(name, sizeof name, "%s/%s", set && *set ? set : TANDEM_DATA_DEFAULT, FILE_NAME);
	return name;
}

/* local_ts_ns,venue,symbol,exch_T_ms,exch_E_ms,...: feeds one venue's E; returns the number of rows, and the last one's time. */
static int feed(struct tsync *t, int source, const char *venue, int64_t *last_ns)
{
	char line[512], *next;
	int n = 0;
	gzFile f = gzopen(path(), "rb");
	ck_assert(f != NULL);
	while (gzgets(f, line, sizeof line)) {
		char *field[5] = { line };
		for (int i = 1; i < 5 && field[i - 1]; i++) {
			next = strchr(field[i - 1], ',');
			field[i] = next ? next + 1 : NULL;
		}
		if (!field[4] || strncmp(field[1], venue, strlen(venue)) || *field[4] == ',')
			continue;
		*last_ns = strtoll(line, NULL, 10);
		tsync_stamp(t, source, strtoll(field[4], NULL, 10) * MS, *last_ns);
		n++;
	}
	gzclose(f);
	return n;
}

static struct tsync_estimate estimate(const char *venue, int64_t max_min_delay_ns, int rows)
{
	struct tsync_config c = { .max_min_delay_ns = max_min_delay_ns };
	struct tsync_estimate e;
	struct tsync *t;
	int64_t last_ns = 0;
	ck_assert_int_eq(tsync_open(&c, &t), 0);
	int n = feed(t, tsync_source(t, TSYNC_STREAM), venue, &last_ns);
	ck_assert_int_gt(n, rows);
	tsync_read(t, last_ns, &e);
	tsync_free(t);
	ck_assert(e.known && e.steps == 0);
	ck_assert_msg(e.refused * 100 < e.samples, "%lu of %lu refused", (unsigned long)e.refused,
		      (unsigned long)e.samples);
	printf("%s: offset %.3f ms, %.3f to %.3f, drift %.2f ppm, %lu refused\n", venue,
	       (double)e.offset_ns / 1e6, (double)e.lo_ns / 1e6,
	       e.open == TSYNC_CLOSED ? (double)e.hi_ns / 1e6 : 0.0, (double)e.drift_ppb / 1e3,
	       (unsigned long)e.refused);
	return e;
}

START_TEST(the_recorders_clock_is_found_out)
{
	struct tsync_estimate usdm = estimate("BN.USDM", 0, 60000);
	struct tsync_estimate coinm = estimate("BN.COINM", 0, 40000);
	ck_assert(usdm.open == TSYNC_OPEN_HI && coinm.open == TSYNC_OPEN_HI);
	ck_assert(usdm.offset_ns > 1270 * MS && usdm.offset_ns < 1274 * MS);
	ck_assert(coinm.offset_ns > 1270 * MS && coinm.offset_ns < 1276 * MS);
	ck_assert_msg(usdm.drift_ppb > 2000 && usdm.drift_ppb < 8000, "%ld", (long)usdm.drift_ppb);
}
END_TEST

START_TEST(a_stated_delay_closes_the_interval)
{
	struct tsync_estimate e = estimate("BN.USDM", 5 * MS, 60000);
	ck_assert(e.open == TSYNC_CLOSED && e.lo_ns > 1265 * MS && e.hi_ns < 1280 * MS);
	ck_assert_msg(e.drift_ppb > 2000 && e.drift_ppb < 8000, "%ld", (long)e.drift_ppb);
	ck_assert(e.bound_ns < 6 * MS);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { the_recorders_clock_is_found_out,
				       a_stated_delay_closes_the_interval };
	if (access(path(), R_OK)) {
		printf("skipped: %s is not there\n", path());
		return 77;
	}
	return suite_run("tsync on a recording", tests, sizeof tests / sizeof *tests);
}
