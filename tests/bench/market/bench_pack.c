/* What it costs to make bytes of market data and to read them back, beside a memcpy of the events as they lie in memory. JSON lines. */
#include "core/base/err.h"
#include "core/base/rng.h"
#include "core/market/pack.h"
#include "tests/bench/bench.h"

enum { EVENTS = 4096, LEVELS = 18, ROUNDS = 9 };

static struct pack_event event[EVENTS], copy[EVENTS];
static struct level level[EVENTS][side_max][LEVELS], levels_copy[EVENTS][side_max][LEVELS];
static uint8_t block[PACK_BLOCK_BYTES] __attribute__((aligned(64)));
static const struct pack_instrument list[] = { { "V.BTCUSDT", "BTCUSDT", 8, 8 },
					       { "V.ETHUSDT", "ETHUSDT", 8, 8 } };

/* A busy book: the size at the top changes most, the price by a tick now and then. */
static void make_quotes(struct rng *r)
{
	int64_t at = 1723161253937085768, px = 6183763000000, qty = 100000000, seq = 50093239218;
	for (int k = 0; k < EVENTS; k++) {
		at += rng_range(r, 1000, 20000000);
		px += rng_chance(r, 200000) ? 1000000 * rng_range(r, -20, 20) : 0;
		qty += 1000 * rng_range(r, -90000, 90000);
		seq += rng_range(r, 1, 30);
		event[k] = (struct pack_event){ .kind = PACK_QUOTE,
						.instrument = (uint32_t)rng_below(r, 2),
						.at_ns = at,
						.quote = { .px = { px, px + 1000000 },
							   .qty = { qty, qty / 3 },
							   .seq = seq,
							   .venue_ns = at - at % 1000000,
							   .recv_ns = at } };
	}
}

static void make_depths(struct rng *r)
{
	int64_t at = 1723161253937085768, seq = 50093239218;
	for (int k = 0; k < EVENTS; k++) {
		at += 100000000;
		struct depth d = { .first_seq = seq + 1,
				   .last_seq = seq += 40,
				   .venue_ns = at - at % 1000000,
				   .recv_ns = at };
		for (int s = 0; s < side_max; s++) {
			int64_t px = 6183763000000, step = s == SIDE_BUY ? -1000000 : 1000000;
			d.level[s] = level[k][s];
			d.n[s] = LEVELS;
			for (int i = 0; i < LEVELS; i++)
				level[k][s][i] = (struct level){
					px += step * rng_range(r, 1, 40),
					rng_chance(r, 300000) ? 0 : 1000 * rng_range(r, 1, 300000)
				};
		}
		event[k] = (struct pack_event){ .kind = PACK_DEPTH, .at_ns = at, .depth = d };
	}
}

static void *memory(size_t n)
{
	return aligned_alloc(64, (n + 63) / 64 * 64);
}

static void die(const char *what)
{
	fprintf(stderr, "bench_pack: %s: %s\n", what, err_text());
	exit(1);
}

/* ns per event of one pass over all; the blocks' ends included. */
static double encode(void *mem, size_t *bytes)
{
	struct pack_writer w;
	*bytes = 0;
	int64_t t = bench_ns();
	pack_begin(&w, mem, block, sizeof block, "V", list, 2, 0);
	for (int k = 0; k < EVENTS; k++)
		if (pack_put(&w, &event[k])) {
			*bytes += pack_end(&w);
			pack_begin(&w, mem, block, sizeof block, "V", list, 2, 0);
			if (pack_put(&w, &event[k]))
				die("an event does not fit");
		}
	*bytes += pack_end(&w);
	return (double)(bench_ns() - t) / EVENTS;
}

/* Of the block that was made last. */
static double decode(void *mem, size_t n)
{
	struct pack_reader r;
	struct pack_event ev;
	int64_t t = bench_ns(), sum = 0;
	if (pack_open(&r, mem, block, n))
		die("its own block");
	while (pack_next(&r, &ev) == 1)
		sum += ev.at_ns;
	bench_keep(sum);
	return (double)(bench_ns() - t) / r.head.n_events;
}

static size_t last_block(void *mem)
{
	struct pack_writer w;
	pack_begin(&w, mem, block, sizeof block, "V", list, 2, 0);
	for (int k = 0; k < EVENTS && pack_put(&w, &event[k]) == 0; k++)
		;
	return pack_end(&w);
}

static double plain_copy(bool depth)
{
	int64_t t = bench_ns();
	for (int k = 0; k < EVENTS; k++) {
		memcpy(&copy[k], &event[k], sizeof copy[k]);
		if (depth)
			memcpy(levels_copy[k], level[k], sizeof level[k]);
		__asm__ volatile("" : : : "memory");
	}
	return (double)(bench_ns() - t) / EVENTS;
}

static void tell(const char *figure, struct bench_rounds *r, double bytes)
{
	struct bench_line l;
	struct json_out *j = bench_open(&l, "pack", figure);
	bench_num(j, "bytes_an_event", bytes);
	bench_put_rounds(j, r, "ns", "memcpy");
	bench_num(j, "events_per_s", 1e9 / bench_quantile(r->ours, r->n, 0.5));
	bench_tell(&l);
}

static void bench(bool depth, int passes)
{
	struct bench_rounds enc = { 0 }, dec = { 0 };
	void *wm = memory(pack_writer_memory(2)), *rm = memory(pack_reader_memory());
	size_t bytes = 0;
	for (int round = 0; round < ROUNDS; round++) {
		double e = 1e9, d = 1e9, c = 1e9, v;
		for (int pass = 0; pass < passes; pass++) {
			e = (v = encode(wm, &bytes)) < e ? v : e;
			c = (v = plain_copy(depth)) < c ? v : c;
			d = (v = decode(rm, last_block(wm))) < d ? v : d;
		}
		bench_round(&enc, e, c);
		bench_round(&dec, d, c);
	}
	tell(depth ? "encode_36_levels" : "encode_quote", &enc, (double)bytes / EVENTS);
	tell(depth ? "decode_36_levels" : "decode_quote", &dec, (double)bytes / EVENTS);
	free(wm);
	free(rm);
}

int main(int argc, char **argv)
{
	int passes = bench_quick(argc, argv) ? 1 : 40;
	struct rng r;
	rng_seed(&r, 1);
	make_quotes(&r);
	bench(false, passes);
	make_depths(&r);
	bench(true, passes);
	return 0;
}
