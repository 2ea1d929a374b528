/* Proves that what goes into blocks comes out of them, exactly and in order: the market of a busy venue, and the worst that 64 bits allow; and that no
 * flipped bit and no missing end of a block passes. */
#include "core/base/err.h"
#include "core/market/pack_parts.h"
#include "tests/kit/events.h"
#include "tests/unit/suite.h"
#include <stdio.h>

enum { RUNS = 40, EVENTS = 20000, MANY = 1500 };

static struct pack_instrument list[MANY];
static struct events written, read_again;
static uint8_t block[PACK_BLOCK_BYTES];

static void *memory(size_t n)
{
	void *p = aligned_alloc(64, (n + 63) / 64 * 64);
	EXPECT(p);
	memset(p, 0xa5, n); /* whatever lies there must not matter */
	return p;
}

static void name_them(void)
{
	for (int i = 0; i < MANY; i++) {
		snprintf(list[i].name, sizeof list[i].name, "V.S%d", i);
		snprintf(list[i].symbol, sizeof list[i].symbol, "S%d", i);
		list[i].px_dp = (uint8_t)(i % 19);
		list[i].qty_dp = (uint8_t)(i % 7);
	}
}

/* The instrument of the block is the list's. */
static void back_to_list(const struct pack_reader *r, struct pack_event *ev)
{
	if (ev->instrument == UINT32_MAX)
		return;
	EXPECT(ev->instrument < r->head.n_instruments);
	const struct pack_instrument *i = &r->instrument[ev->instrument];
	unsigned n;
	EXPECT(sscanf(i->symbol, "S%u", &n) == 1 && n < MANY);
	EXPECT(memcmp(i, &list[n], sizeof *i) == 0);
	ev->instrument = n;
}

/* Reads the block against the second maker, which says again what the first said. */
static void compare(size_t n, uint64_t events, void *reader_memory)
{
	struct pack_reader r;
	struct pack_event got, want;
	EXPECT_MSG(pack_open(&r, reader_memory, block, n) == 0, "%s", err_text());
	EXPECT(r.head.n_events == events && strcmp(r.head.venue, "V") == 0);
	EXPECT(r.head.utc_minus_mono_ns == -77);
	int64_t least = INT64_MAX, most = INT64_MIN;
	for (uint64_t k = 0; k < events; k++) {
		EXPECT_MSG(pack_next(&r, &got) == 1, "event %llu: %s", (unsigned long long)k,
			   err_text());
		back_to_list(&r, &got);
		events_next(&read_again, &want);
		EXPECT_MSG(events_same(&want, &got), "event %llu, a %s, is another",
			   (unsigned long long)k, pack_kind_name((enum pack_kind)want.kind));
		least = got.at_ns < least ? got.at_ns : least;
		most = got.at_ns > most ? got.at_ns : most;
	}
	EXPECT(pack_next(&r, &got) == 0);
	EXPECT(r.head.first_ns == least && r.head.last_ns == most);
}

static void round_trip(uint64_t seed, uint16_t instruments, bool wild, uint64_t total)
{
	void *wm = memory(pack_writer_memory(instruments)), *rm = memory(pack_reader_memory());
	struct pack_writer w;
	struct pack_event ev;
	uint64_t in_block = 0;
	events_init(&written, seed, instruments, wild);
	events_init(&read_again, seed, instruments, wild);
	pack_begin(&w, wm, block, sizeof block, "V", list, instruments, -77);
	EXPECT(pack_end(&w) == 0);
	for (uint64_t k = 0; k < total; k++) {
		events_next(&written, &ev);
		int rc = pack_put(&w, &ev);
		if (rc == -ERR_FULL) {
			compare(pack_end(&w), in_block, rm);
			pack_begin(&w, wm, block, sizeof block, "V", list, instruments, -77);
			in_block = 0;
			rc = pack_put(&w, &ev);
		}
		EXPECT(rc == 0);
		in_block++;
	}
	compare(pack_end(&w), in_block, rm);
	free(wm);
	free(rm);
}

START_TEST(test_busy_venue)
{
	name_them();
	for (uint64_t seed = 1; seed <= RUNS; seed++)
		round_trip(seed, (uint16_t)(1 + seed % 5), false, EVENTS);
}
END_TEST

START_TEST(test_worst)
{
	name_them();
	for (uint64_t seed = 1; seed <= RUNS; seed++)
		round_trip(seed, (uint16_t)(1 + seed % 9), true, EVENTS / 10);
	round_trip(99, MANY, true, EVENTS); /* more than fit into one block's list */
}
END_TEST

static bool passes(const uint8_t *p, size_t n, void *rm)
{
	struct pack_reader r;
	return pack_open(&r, rm, p, n) == 0;
}

START_TEST(test_damage)
{
	void *wm = memory(pack_writer_memory(3)), *rm = memory(pack_reader_memory());
	struct pack_writer w;
	struct pack_event ev;
	name_them();
	events_init(&written, 5, 3, false);
	pack_begin(&w, wm, block, sizeof block, "V", list, 3, 0);
	for (int k = 0; k < 40; k++) {
		events_next(&written, &ev);
		EXPECT(pack_put(&w, &ev) == 0);
	}
	size_t n = pack_end(&w);
	uint8_t *copy = memory(n);
	memcpy(copy, block, n);
	EXPECT(passes(copy, n, rm));
	for (size_t bit = 0; bit < 8 * n; bit++) {
		copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
		EXPECT_MSG(!passes(copy, n, rm), "bit %zu may be flipped", bit);
		copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (size_t cut = 0; cut < n; cut++)
		EXPECT_MSG(!passes(copy, cut, rm), "%zu bytes of it pass", cut);
	free(copy);
	free(wm);
	free(rm);
}
END_TEST

/* Every value of one to ten bytes, at both sides of each border. */
START_TEST(test_borders)
{
	void *wm = memory(pack_writer_memory(1)), *rm = memory(pack_reader_memory());
	struct pack_writer w;
	struct pack_reader r;
	struct pack_event ev = { .kind = PACK_TRADE, .at_ns = 1 }, got;
	name_them();
	pack_begin(&w, wm, block, sizeof block, "V", list, 1, 0);
	for (int bit = 0; bit < 64; bit++)
		for (int off = -2; off <= 2; off++) {
			ev.trade.qty = (int64_t)(((uint64_t)1 << bit) + (uint64_t)off);
			ev.trade.px = -ev.trade.qty - 1;
			EXPECT(pack_put(&w, &ev) == 0);
		}
	EXPECT(pack_open(&r, rm, block, pack_end(&w)) == 0);
	for (int bit = 0; bit < 64; bit++)
		for (int off = -2; off <= 2; off++) {
			int64_t qty = (int64_t)(((uint64_t)1 << bit) + (uint64_t)off);
			EXPECT(pack_next(&r, &got) == 1);
			EXPECT(got.trade.qty == qty && got.trade.px == -qty - 1);
		}
	free(wm);
	free(rm);
}
END_TEST

SUITE("pack", test_busy_venue, test_worst, test_damage, test_borders)
