/* Proves on real recordings that every frame is understood, that the books they make are never crossed, and that nothing in
 * them runs out of room. Skipped where they are absent. */
#include "adapters/sim/match.h"
#include "adapters/sim/recording.h"
#include "core/base/err.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *data(void)
{
	const char *set = getenv("TANDEM_DATA");
	return set && *set ? set : TANDEM_DATA_DEFAULT;
}

static struct market_source *open_files(const char *const *name, const uint16_t *venue, uint32_t n,
					const struct source_instrument *i, uint16_t n_i)
{
	static char path[8][512];
	struct recording_file file[8];
	for (uint32_t k = 0; k < n; k++) {
		snprintf(path[k], sizeof path[k], "%s/%s", data(), name[k]);
		file[k] = (struct recording_file){ path[k], venue[k] };
	}
	struct recording_config c = {
		.file = file, .n_files = n, .instrument = i, .n_instruments = n_i
	};
	struct market_source *s;
	int rc = recording_open(&c, &s);
	ck_assert_msg(rc == 0, "%s", err_text());
	return s;
}

static void ignore(void *owner, const struct match_event *e)
{
	(void)owner;
	(void)e;
}

struct seen {
	uint64_t n[source_kind_max], crossed, checked;
};

/* Plays all of it into books; a book that is sequenced and has its snapshot is never crossed. */
static void play(struct market_source *s, struct seen *seen)
{
	struct match *book = calloc(s->n_instruments, sizeof *book);
	bool *has = calloc(s->n_instruments, sizeof *has);
	struct source_event e;
	int64_t last = 0;
	int rc;
	for (uint16_t i = 0; i < s->n_instruments; i++)
		ck_assert_int_eq(match_init(&book[i], 8192, 4, 1, ignore, NULL), 0);
	memset(seen, 0, s->n_instruments * sizeof *seen);
	while ((rc = source_pop(s, &e)) == 1) {
		EXPECT(e.time_ns >= last && e.raw && e.n_raw);
		last = e.time_ns;
		struct match *m = &book[e.instrument];
		seen[e.instrument].n[e.kind]++;
		if (e.kind == SOURCE_SNAPSHOT)
			match_market_snapshot(m, last, &e.depth);
		else if (e.kind == SOURCE_DEPTH)
			match_market_depth(m, last, &e.depth);
		else if (e.kind == SOURCE_QUOTE)
			match_market_quote(m, last, &e.quote);
		has[e.instrument] |= e.kind == SOURCE_SNAPSHOT;
		const struct shown_level *bid = shown_at(&m->shown, SIDE_BUY, 0);
		const struct shown_level *ask = shown_at(&m->shown, SIDE_SELL, 0);
		if (has[e.instrument] && bid && ask) {
			seen[e.instrument].checked++;
			seen[e.instrument].crossed += bid->px >= ask->px;
		}
	}
	ck_assert_msg(rc == 0, "%s", err_text());
	ck_assert_uint_eq(recording_stats(s)->garbage, 0);
	ck_assert_uint_eq(recording_stats(s)->torn, 0);
	for (uint16_t i = 0; i < s->n_instruments; i++) {
		EXPECT(book[i].shown.dropped == 0);
		match_free(&book[i]);
	}
	free(book);
	free(has);
}

START_TEST(three_bitcoin_markets_play_on_one_line)
{
	static const struct source_instrument i[] = { { 0, "BTCUSDT", 8, 8 },
						      { 1, "BTCUSDT", 8, 8 },
						      { 2, "BTCUSD_PERP", 8, 8 } };
	static const char *const name[] = { "binance_btc/spot_btcusdt_20240809.gz",
					    "binance_btc/usdm_btcusdt_20240808.gz",
					    "binance_btc/cm_btcusd_perp_20240808.gz",
					    "binance_btc/spot_btcusdt_20240808.gz" };
	static const uint16_t venue[] = { 0, 1, 2, 0 };
	struct market_source *s = open_files(name, venue, 4, i, 3);
	struct seen seen[3];
	play(s, seen);
	for (int k = 0; k < 3; k++) {
		ck_assert_uint_eq(seen[k].n[SOURCE_SNAPSHOT], 1);
		ck_assert_uint_gt(seen[k].n[SOURCE_QUOTE], 15000);
		ck_assert_uint_gt(seen[k].n[SOURCE_DEPTH], 3000);
		ck_assert_uint_gt(seen[k].n[SOURCE_TRADE], 2000);
		ck_assert_uint_gt(seen[k].checked, 30000);
		ck_assert_uint_eq(seen[k].crossed, 0);
	}
	/* Every line of the four files is told or filtered. */
	const struct recording_stats *st = recording_stats(s);
	ck_assert_uint_eq(st->lines, 41249 + 58325 + 93954 + 48270);
	ck_assert_uint_eq(st->events + st->filtered, st->lines);
	source_free(s);
}
END_TEST

START_TEST(frames_with_their_snapshots_play)
{
	static const struct source_instrument i[] = {
		{ 0, "NKNUSDT", 8, 8 }, { 0, "BLZETH", 8, 8 },	  { 0, "LRCBTC", 8, 8 },
		{ 0, "RUNEEUR", 8, 8 }, { 1, "SUSHIUSDT", 8, 8 }, { 1, "KEEPUSDT", 8, 8 }
	};
	static const char *const name[] = { "ws_frames/BINANCE.http.0.0.gz",
					    "ws_frames/BINANCE.ws.1.0.gz",
					    "ws_frames/BINANCE_FUTURES.http.0.0.gz",
					    "ws_frames/BINANCE_FUTURES.ws.1.0.gz" };
	static const uint16_t venue[] = { 0, 0, 1, 1 };
	struct market_source *s = open_files(name, venue, 4, i, 6);
	struct seen seen[6];
	play(s, seen);
	for (int k = 0; k < 6; k++) {
		ck_assert_uint_ge(seen[k].n[SOURCE_SNAPSHOT], 1);
		ck_assert_uint_gt(seen[k].n[SOURCE_DEPTH], 0);
		ck_assert_uint_eq(seen[k].crossed, 0);
	}
	source_free(s);
}
END_TEST

int main(void)
{
	char path[512];
	snprintf(path, sizeof path, "%s/binance_btc/spot_btcusdt_20240808.gz", data());
	if (access(path, R_OK) != 0) {
		printf("skipped: no recordings at %s (TANDEM_DATA names their folder)\n", data());
		return 77;
	}
	const TTest *const tests[] = { three_bitcoin_markets_play_on_one_line,
				       frames_with_their_snapshots_play };
	return suite_run("real recordings", tests, sizeof tests / sizeof *tests);
}
