/* Proves that a block of market data is what store/FORMAT.md says, byte for byte: the example there is what the writer makes and what the reader reads. */
#include "core/market/pack_parts.h"
#include "tests/unit/suite.h"
#include <stdio.h>

static uint8_t block[PACK_BLOCK_BYTES], written[512];
static uint8_t memory[1 << 20] __attribute__((aligned(64)));
static const struct pack_instrument list[] = { { "BN.BTCUSDT", "BTCUSDT", 2, 5 } };
static const struct level bids[] = { { 6183763, 378826 }, { 6183700, 0 } };
static const struct pack_event events[] = {
	{ .kind = PACK_QUOTE,
	  .at_ns = 1000000000,
	  .quote = { .px = { 6183763, 6183764 },
		     .qty = { 378826, 100000 },
		     .seq = 1000,
		     .venue_ns = 999000000 } },
	{ .kind = PACK_QUOTE,
	  .at_ns = 1000250000,
	  .quote = { .px = { 6183763, 6183764 }, .qty = { 378826, 90000 }, .seq = 1001 } },
	{ .kind = PACK_DEPTH,
	  .at_ns = 1000250300,
	  .depth = { .first_seq = 1002,
		     .last_seq = 1004,
		     .prev_seq = 1001,
		     .level = { bids, NULL },
		     .n = { 2, 0 } } },
	{ .kind = PACK_DOWN, .instrument = UINT32_MAX, .at_ns = 1000000000 },
};
enum { N = sizeof events / sizeof *events };

static size_t write_it(void)
{
	struct pack_writer w;
	pack_begin(&w, memory, block, sizeof block, "BN.SPOT", list, 1, 0);
	for (int k = 0; k < N; k++)
		ck_assert_int_eq(pack_put(&w, &events[k]), 0);
	return pack_end(&w);
}

/* The bytes of the example: pairs of hexadecimal digits at the beginning of its lines. */
static size_t read_example(void)
{
	char line[200];
	size_t n = 0;
	bool in = false;
	FILE *f = fopen(TANDEM_SOURCE_DIR "/store/FORMAT.md", "r");
	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof line, f)) {
		if (strstr(line, "golden_pack.c")) {
			in = true;
			continue;
		}
		if (in && n && strncmp(line, "```", 3) == 0)
			break;
		unsigned v;
		int used;
		for (const char *p = line;
		     in && sscanf(p, "%2x%n", &v, &used) == 1 && used == 2 && n < sizeof written;
		     p += used + 1)
			written[n++] = (uint8_t)v;
	}
	fclose(f);
	return n;
}

START_TEST(test_bytes)
{
	size_t n = write_it(), want = read_example();
	ck_assert_uint_eq(n, want);
	ck_assert_mem_eq(block, written, n);
}
END_TEST

START_TEST(test_read)
{
	struct pack_reader r;
	struct pack_event e;
	size_t n = read_example();
	ck_assert_int_eq(pack_open(&r, memory, written, n), 0);
	ck_assert_str_eq(r.head.venue, "BN.SPOT");
	ck_assert_uint_eq(r.head.n_instruments, 1);
	ck_assert_str_eq(r.instrument[0].name, "BN.BTCUSDT");
	ck_assert_str_eq(r.instrument[0].symbol, "BTCUSDT");
	ck_assert_int_eq(r.head.first_ns, 1000000000);
	ck_assert_int_eq(r.head.last_ns, 1000250300);
	for (int k = 0; k < N; k++) {
		ck_assert_int_eq(pack_next(&r, &e), 1);
		ck_assert_uint_eq(e.kind, events[k].kind);
		ck_assert_uint_eq(e.instrument, events[k].instrument);
		ck_assert_int_eq(e.at_ns, events[k].at_ns);
		if (e.kind == PACK_QUOTE) {
			ck_assert_mem_eq(e.quote.px, events[k].quote.px, sizeof e.quote.px);
			ck_assert_mem_eq(e.quote.qty, events[k].quote.qty, sizeof e.quote.qty);
			ck_assert_int_eq(e.quote.seq, events[k].quote.seq);
			ck_assert_int_eq(e.quote.venue_ns, events[k].quote.venue_ns);
		} else if (e.kind == PACK_DEPTH) {
			ck_assert_int_eq(e.depth.prev_seq, 1001);
			ck_assert_uint_eq(e.depth.n[SIDE_BUY], 2);
			ck_assert_mem_eq(e.depth.level[SIDE_BUY], bids, sizeof bids);
			ck_assert_uint_eq(e.depth.n[SIDE_SELL], 0);
		}
	}
	ck_assert_int_eq(pack_next(&r, &e), 0);
}
END_TEST

SUITE("golden_pack", test_bytes, test_read)
