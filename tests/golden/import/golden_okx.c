/* Proves the checksum rule against the texts that OKX documents, and against every checksum of a recorded session, where that is there. */
#include "adapters/codec/okx_md.h"
#include "adapters/sim/recording.h"
#include "core/base/err.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#define LINE (1u << 20)

/* CRC-32 as it is defined, a bit at a time. */
static int32_t crc_of(const char *text)
{
	uint32_t x = UINT32_MAX;
	for (; *text; text++) {
		x ^= (unsigned char)*text;
		for (int k = 0; k < 8; k++)
			x = x >> 1 ^ (x & 1 ? 0xedb88320u : 0);
	}
	return (int32_t)~x;
}

static void fill(struct book *b, enum side side, const struct level *l, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		book_set(b, side, l[i].px, l[i].qty);
}

START_TEST(documented_texts)
{
	/* Bids and asks alternate; where one side has fewer, the other goes on alone. Prices at 1 decimal, quantities at none. */
	static const struct {
		struct level bid[2], ask[3];
		uint32_t n_bid, n_ask;
		const char *text;
		int32_t sum;
	} cases[] = {
		{ { { 33661, 7 }, { 33660, 6 } },
		  { { 33668, 9 }, { 33680, 8 } },
		  2,
		  2,
		  "3366.1:7:3366.8:9:3366:6:3368:8",
		  -1881014294 },
		{ { { 33661, 7 } },
		  { { 33668, 9 }, { 33680, 8 }, { 33720, 8 } },
		  1,
		  3,
		  "3366.1:7:3366.8:9:3368:8:3372:8",
		  831078360 },
		{ { { 33661, 7 }, { 33660, 6 } }, { { 0 } }, 2, 0, "3366.1:7:3366:6", -1858900673 },
		{ { { -5, 1 } }, { { 0, 100 } }, 1, 1, "-0.5:1:0:100", 0 },
		{ { { 0 } }, { { 0 } }, 0, 0, "", 0 },
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct book b;
		ck_assert_int_eq(book_init(&b, 8), 0);
		fill(&b, SIDE_BUY, cases[i].bid, cases[i].n_bid);
		fill(&b, SIDE_SELL, cases[i].ask, cases[i].n_ask);
		int32_t sum = okx_book_checksum(&b, 1, 0);
		ck_assert_msg(sum == crc_of(cases[i].text), "%s: %d", cases[i].text, sum);
		ck_assert(!cases[i].sum || sum == cases[i].sum);
		book_free(&b);
	}
}
END_TEST

START_TEST(twenty_five_levels)
{
	struct book b;
	char text[1024], *at = text;
	ck_assert_int_eq(book_init(&b, 64), 0);
	for (int i = 0; i < 30; i++) {
		book_set(&b, SIDE_BUY, 1000 - i, 1 + i);
		book_set(&b, SIDE_SELL, 1001 + i, 100 + i);
		if (i < OKX_SUM_LEVELS)
			at += sprintf(at, "%s%d:%d:%d:%d", i ? ":" : "", 1000 - i, 1 + i, 1001 + i,
				      100 + i);
	}
	ck_assert_int_eq(okx_book_checksum(&b, 0, 0), crc_of(text));
	ck_assert_int_eq(crc_of(text), 2070427670);
	/* The longest numbers there are. */
	book_clear(&b);
	for (int i = 0; i < 30; i++) {
		book_set(&b, SIDE_BUY, INT64_MIN + 30 - i, INT64_MAX);
		book_set(&b, SIDE_SELL, INT64_MAX - 30 + i, INT64_MAX);
	}
	(void)okx_book_checksum(&b, 18, 18);
	book_free(&b);
}
END_TEST

static const struct instrument recorded[] = {
	{ .symbol = "BTC-USD-220527", .px_dp = 8, .qty_dp = 8 },
	{ .symbol = "UNI-USD-SWAP", .px_dp = 3, .qty_dp = 0 },
	{ .symbol = "BTC-USDT", .px_dp = 1, .qty_dp = 8 }
};

/* Reads the session, leaving out the changes from..to; says how many were decoded. */
static void read_session(gzFile f, struct okx_md *d, int leave_from, int leave_to,
			 unsigned of[okx_md_kind_max], unsigned *refused)
{
	char *line = malloc(LINE);
	int n = 0;
	ck_assert_ptr_nonnull(line);
	while (gzgets(f, line, LINE)) {
		struct recording_line l;
		struct okx_md_event ev;
		if (recording_line(line, strcspn(line, "\n"), &l) != 0 || !l.json)
			continue;
		n++;
		if (n >= leave_from && n < leave_to)
			continue;
		int rc = okx_md_decode(d, l.json, l.n_json, l.time_ns, &ev);
		*refused += rc != 0;
		of[ev.kind] += rc == 0;
		if (rc != 0)
			EXPECT_MSG(d->bad == BAD_CHECKSUM || d->bad == BAD_SEQUENCE, "%s", d->why);
		EXPECT(rc != 0 || okx_md_next(d, &ev) == 0);
	}
	free(line);
}

START_TEST(every_checksum_of_a_session)
{
	char path[512];
	const char *set = getenv("TANDEM_DATA");
	snprintf(path, sizeof path, "%s/ws_frames/OKX.ws.1.0.gz",
		 set && *set ? set : TANDEM_DATA_DEFAULT);
	for (int round = 0; round < 2; round++) {
		gzFile f = gzopen(path, "rb");
		if (!f) {
			printf("no %s: the session was skipped\n", path);
			return;
		}
		struct symbols s;
		struct okx_md d;
		unsigned of[okx_md_kind_max] = { 0 }, refused = 0;
		ck_assert_int_eq(symbols_init(&s, recorded, 3, 0), 0);
		ck_assert_int_eq(okx_md_init(&d, &s, 400), 0);
		for (uint32_t i = 0; i < 3; i++)
			ck_assert_int_eq(okx_md_keep(&d, i), 0);
		/* Whole; and again with some messages missing: no change behind them is believed. */
		read_session(f, &d, round ? 200 : 0, round ? 215 : 0, of, &refused);
		if (round == 0) {
			ck_assert_uint_eq(d.verdicts[OKX_VERIFIED], 290);
			ck_assert_uint_eq(of[OKX_SNAPSHOT], 3);
			ck_assert_uint_eq(of[OKX_DEPTH], 287);
			ck_assert_uint_eq(of[OKX_TRADE], 74);
			ck_assert_uint_eq(refused, 0);
		} else {
			ck_assert_uint_eq(d.verdicts[OKX_MISMATCH], 3);
			ck_assert_uint_eq(d.verdicts[OKX_MISMATCH] + d.verdicts[OKX_WAITS],
					  refused);
			ck_assert_uint_gt(d.verdicts[OKX_WAITS], 50);
		}
		okx_md_free(&d);
		symbols_free(&s);
		gzclose(f);
	}
}
END_TEST

SUITE("golden_okx", documented_texts, twenty_five_levels, every_checksum_of_a_session)
