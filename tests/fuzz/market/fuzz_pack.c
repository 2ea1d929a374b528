/* Proves that no bytes make the reader of blocks go astray, rightly sealed or not; and that what it accepts, written again, is read the same. */
#include "core/base/must.h"
#include "core/market/pack_parts.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void *memory(size_t n)
{
	void *p = aligned_alloc(64, (n + 63) / 64 * 64);
	must(p);
	return p;
}

/* Length, magic, version and checksum as they have to be: what lies behind is met then. */
static void seal(uint8_t *p, size_t n)
{
	struct pack_bytes h;
	if (n < sizeof h)
		return;
	memcpy(&h, p, sizeof h);
	h.magic = PACK_MAGIC;
	h.version = PACK_VERSION;
	h.bytes = (uint32_t)n;
	memcpy(p, &h, sizeof h);
	h.check = pack_check(p + offsetof(struct pack_bytes, version),
			     n - offsetof(struct pack_bytes, version));
	memcpy(p, &h, sizeof h);
}

static void expect_same(const struct pack_event *a, const struct pack_event *b)
{
	must(a->kind == b->kind && a->at_ns == b->at_ns);
	if (a->kind == PACK_QUOTE)
		must(memcmp(&a->quote, &b->quote, sizeof a->quote) == 0);
	if (a->kind == PACK_CLOCK)
		must(memcmp(a->clock, b->clock, sizeof a->clock) == 0);
	if (a->kind == PACK_HOLE)
		must(a->lost == b->lost);
	if (a->kind == PACK_TRADE)
		must(a->trade.px == b->trade.px && a->trade.qty == b->trade.qty &&
		     a->trade.id == b->trade.id && a->trade.venue_ns == b->trade.venue_ns &&
		     a->trade.aggressor == b->trade.aggressor);
	if (a->kind != PACK_DEPTH && a->kind != PACK_SNAPSHOT)
		return;
	must(a->depth.first_seq == b->depth.first_seq && a->depth.last_seq == b->depth.last_seq &&
	     a->depth.prev_seq == b->depth.prev_seq && a->depth.venue_ns == b->depth.venue_ns &&
	     a->depth.line == b->depth.line);
	for (int s = 0; s < side_max; s++) {
		must(a->depth.n[s] == b->depth.n[s] && a->depth.n[s] <= PACK_LEVELS);
		for (uint32_t i = 0; i < a->depth.n[s]; i++)
			must(a->depth.level[s][i].px == b->depth.level[s][i].px &&
			     a->depth.level[s][i].qty == b->depth.level[s][i].qty);
	}
}

/* Each event alone in a block of its own. */
static void again(const struct pack_reader *r, const struct pack_event *ev, uint8_t *buf, void *wm,
		  void *rm)
{
	struct pack_writer w;
	struct pack_reader back;
	struct pack_event got;
	pack_begin(&w, wm, buf, PACK_BLOCK_BYTES, r->head.venue, r->instrument,
		   r->head.n_instruments, r->head.utc_minus_mono_ns);
	must(pack_put(&w, ev) == 0);
	must(pack_open(&back, rm, buf, pack_end(&w)) == 0);
	must(pack_next(&back, &got) == 1);
	must((got.instrument == UINT32_MAX) == (ev->instrument == UINT32_MAX));
	if (ev->instrument != UINT32_MAX)
		must(memcmp(back.instrument, &r->instrument[ev->instrument],
			    sizeof *back.instrument) == 0);
	expect_same(ev, &got);
	must(pack_next(&back, &got) == 0);
}

static void read_all(const uint8_t *p, size_t n)
{
	static void *rm[2], *wm;
	static uint8_t *buf;
	if (!wm) {
		rm[0] = memory(pack_reader_memory());
		rm[1] = memory(pack_reader_memory());
		wm = memory(pack_writer_memory(PACK_INSTRUMENTS));
		buf = memory(PACK_BLOCK_BYTES);
	}
	struct pack_reader r;
	struct pack_event ev;
	if (pack_open(&r, rm[0], p, n))
		return;
	uint32_t count = 0;
	int rc;
	while ((rc = pack_next(&r, &ev)) == 1) {
		must(ev.kind < pack_kind_max);
		must(ev.instrument == UINT32_MAX || ev.instrument < r.head.n_instruments);
		must(ev.at_ns >= r.head.first_ns && ev.at_ns <= r.head.last_ns);
		must(++count <= r.head.n_events);
		if (count <= 256)
			again(&r, &ev, buf, wm, rm[1]);
	}
	must(rc < 0 || count == r.head.n_events);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	read_all(bytes, len);
	if (len > PACK_BLOCK_BYTES)
		return 0;
	uint8_t *sealed = malloc(len ? len : 1);
	must(sealed);
	if (len)
		memcpy(sealed, bytes, len);
	seal(sealed, len);
	read_all(sealed, len);
	free(sealed);
	return 0;
}
