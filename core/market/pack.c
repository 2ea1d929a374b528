/* Writes blocks of market data; pack_read.c reads them. */
#include "core/market/pack.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include "core/market/pack_parts.h"

#define EVENT_MOST 128 /* bytes of an event without its levels */
#define LEVEL_MOST 20

static const char *const kind_names[] = { "quote", "depth", "snapshot", "trade", "alive",
					  "down",  "clock", "bad",	"hole" };
_Static_assert(sizeof kind_names / sizeof *kind_names == pack_kind_max, "a name for every kind");

const char *pack_kind_name(enum pack_kind k)
{
	return (unsigned)k < pack_kind_max ? kind_names[k] : "?";
}

/* ---------------------------------------------------------------- a number */

/* Groups of 7 bits, the lowest first, the high bit set on all but the last. Below 2^56 all of them at once. */
static uint8_t *put(uint8_t *at, uint64_t v)
{
	if (v < 0x80) {
		*at = (uint8_t)v;
		return at + 1;
	}
	for (; v >> 56; v >>= 7)
		*at++ = (uint8_t)(v | 0x80);
	unsigned n = (unsigned)(63 - __builtin_clzll(v | 1)) / 7;
	uint64_t x = (v & 0x00fffffff0000000u) << 4 | (v & 0x0fffffff);
	x = (x & 0x0fffc0000fffc000u) << 2 | (x & 0x00003fff00003fffu);
	x = (x & 0x3f803f803f803f80u) << 1 | (x & 0x007f007f007f007fu);
	x |= 0x8080808080808080u & (((uint64_t)1 << 8 * n) - 1);
	memcpy(at, &x, sizeof x);
	return at + n + 1;
}

static uint8_t *put_from(uint8_t *at, int64_t v, int64_t from)
{
	return put(at, pack_zigzag(v, from));
}

/* ---------------------------------------------------------------- a block */

static uint32_t listed_most(uint16_t n)
{
	return n < PACK_INSTRUMENTS ? n : PACK_INSTRUMENTS;
}

size_t pack_writer_memory(uint16_t n)
{
	return listed_most(n) * (sizeof(struct pack_last) + sizeof(uint16_t)) +
	       n * sizeof(uint16_t);
}

void pack_begin(struct pack_writer *w, void *memory, uint8_t *buf, size_t cap, const char *venue,
		const struct pack_instrument *i, uint16_t n, int64_t utc_minus_mono_ns)
{
	must(cap >= PACK_BLOCK_BYTES);
	*w = (struct pack_writer){ .from = buf,
				   .at = buf + sizeof(struct pack_bytes),
				   .end = buf + PACK_BLOCK_BYTES - PACK_SLACK,
				   .head.utc_minus_mono_ns = utc_minus_mono_ns,
				   .head.first_ns = INT64_MAX,
				   .head.last_ns = INT64_MIN,
				   .last_local = UINT32_MAX,
				   .instrument = i,
				   .n = n,
				   .last = memory };
	memcpy(w->head.venue, venue, strnlen(venue, sizeof w->head.venue - 1));
	w->listed = (uint16_t *)(w->last + listed_most(n));
	w->local_of = w->listed + listed_most(n);
	memset(w->local_of, 0, n * sizeof *w->local_of);
}

static size_t list_bytes(const struct pack_instrument *i)
{
	return 4 + strnlen(i->name, sizeof i->name - 1) + strnlen(i->symbol, sizeof i->symbol - 1);
}

/* Takes it into the list of the block; room was seen to. */
static void list(struct pack_writer *w, uint32_t instrument)
{
	w->end -= list_bytes(&w->instrument[instrument]);
	w->last[w->head.n_instruments] = (struct pack_last){ 0 };
	w->listed[w->head.n_instruments++] = (uint16_t)instrument;
	w->local_of[instrument] = w->head.n_instruments; /* from 1: 0 is not listed */
}

/* Refusals, before anything is changed. */
static int fits(const struct pack_writer *w, const struct pack_event *ev)
{
	size_t most = EVENT_MOST;
	if (ev->kind >= pack_kind_max || (ev->instrument != UINT32_MAX && ev->instrument >= w->n))
		return -ERR_RANGE;
	if (ev->kind == PACK_DEPTH || ev->kind == PACK_SNAPSHOT) {
		const uint32_t *n = ev->depth.n;
		if (n[0] > PACK_LEVELS || n[1] > PACK_LEVELS)
			return -ERR_RANGE;
		most += (size_t)(n[0] + n[1]) * LEVEL_MOST;
	}
	if (ev->instrument != UINT32_MAX && !w->local_of[ev->instrument]) {
		if (w->head.n_instruments == PACK_INSTRUMENTS)
			return -ERR_FULL;
		most += list_bytes(&w->instrument[ev->instrument]);
	}
	return (size_t)(w->end - w->at) < most ? -ERR_FULL : 0;
}

/* ---------------------------------------------------------------- events */

/* What every event begins with: the tag, the instrument, arrival, the stamp. */
static uint8_t *put_begin(struct pack_writer *w, const struct pack_event *ev, unsigned extra,
			  int64_t venue_ns)
{
	uint8_t *at = w->at;
	uint32_t local = UINT32_MAX;
	unsigned tag = ev->kind | extra | (venue_ns ? PACK_TAG_STAMP : 0);
	if (ev->instrument == UINT32_MAX) {
		*at++ = (uint8_t)(tag | PACK_TAG_NONE);
	} else {
		if (!w->local_of[ev->instrument])
			list(w, ev->instrument);
		local = w->local_of[ev->instrument] - 1u;
		if (local == w->last_local) {
			*at++ = (uint8_t)(tag | PACK_TAG_SAME);
		} else {
			*at++ = (uint8_t)tag;
			at = put(at, local);
			w->last_local = local;
		}
	}
	at = put_from(at, ev->at_ns, w->last_at_ns);
	w->last_at_ns = ev->at_ns;
	if (venue_ns) {
		at = put_from(at, venue_ns, w->last_venue_ns);
		w->last_venue_ns = venue_ns;
	}
	return at;
}

/* Events that need an instrument and have none count from nothing, each by itself. */
static struct pack_last *last_of(struct pack_writer *w, const struct pack_event *ev,
				 struct pack_last *none)
{
	return ev->instrument == UINT32_MAX ? none : &w->last[w->local_of[ev->instrument] - 1];
}

static uint8_t *put_quote(struct pack_writer *w, const struct pack_event *ev)
{
	const struct quote *q = &ev->quote;
	uint8_t *at = put_begin(w, ev, 0, q->venue_ns);
	struct pack_last none = { 0 }, *l = last_of(w, ev, &none);
	at = put_from(at, q->seq, l->seq);
	l->seq = q->seq;
	for (int s = 0; s < side_max; s++) {
		at = put_from(at, q->px[s], l->px[s]);
		at = put_from(at, q->qty[s], l->qty[s]);
		l->px[s] = q->px[s];
		l->qty[s] = q->qty[s];
	}
	return at;
}

static uint8_t *put_depth(struct pack_writer *w, const struct pack_event *ev)
{
	const struct depth *d = &ev->depth;
	bool extra = d->prev_seq || d->line;
	uint8_t *at = put_begin(w, ev, extra ? PACK_TAG_EXTRA : 0, d->venue_ns);
	struct pack_last none = { 0 }, *l = last_of(w, ev, &none);
	at = put_from(at, d->first_seq, l->seq);
	at = put_from(at, d->last_seq, d->first_seq);
	if (extra)
		at = put(put_from(at, d->prev_seq, l->seq), d->line);
	l->seq = d->last_seq;
	for (int s = 0; s < side_max; s++) {
		int64_t px = l->deep_px[s];
		at = put(at, d->n[s]);
		for (uint32_t i = 0; i < d->n[s]; i++) {
			at = put_from(at, d->level[s][i].px, px);
			at = put_from(at, d->level[s][i].qty, 0);
			px = d->level[s][i].px;
		}
		if (d->n[s])
			l->deep_px[s] = d->level[s][0].px;
	}
	return at;
}

static uint8_t *put_trade(struct pack_writer *w, const struct pack_event *ev)
{
	const struct market_trade *t = &ev->trade;
	unsigned extra = t->aggressor == SIDE_SELL ? PACK_TAG_EXTRA : 0;
	uint8_t *at = put_begin(w, ev, extra, t->venue_ns);
	struct pack_last none = { 0 }, *l = last_of(w, ev, &none);
	at = put_from(at, t->px, l->trade_px);
	at = put_from(at, t->qty, 0);
	at = put_from(at, t->id, l->trade_id);
	l->trade_px = t->px;
	l->trade_id = t->id;
	return at;
}

static uint8_t *put_event(struct pack_writer *w, const struct pack_event *ev)
{
	uint8_t *at;
	switch ((enum pack_kind)ev->kind) {
	case PACK_QUOTE:
		return put_quote(w, ev);
	case PACK_DEPTH:
	case PACK_SNAPSHOT:
		return put_depth(w, ev);
	case PACK_TRADE:
		return put_trade(w, ev);
	case PACK_CLOCK:
		at = put_begin(w, ev, 0, 0);
		at = put_from(at, ev->clock[0], ev->at_ns);
		for (int k = 1; k < 4; k++)
			at = put_from(at, ev->clock[k], ev->clock[k - 1]);
		return at;
	case PACK_HOLE:
		return put(put_begin(w, ev, 0, 0), ev->lost);
	case PACK_ALIVE:
	case PACK_DOWN:
	case PACK_BAD:
	case pack_kind_max:
		break;
	}
	return put_begin(w, ev, 0, 0);
}

int pack_put(struct pack_writer *w, const struct pack_event *ev)
{
	int rc = fits(w, ev);
	if (rc)
		return rc;
	w->at = put_event(w, ev);
	w->head.n_events++;
	if (ev->at_ns < w->head.first_ns)
		w->head.first_ns = ev->at_ns;
	if (ev->at_ns > w->head.last_ns)
		w->head.last_ns = ev->at_ns;
	return 0;
}

static uint8_t *put_text(uint8_t *at, const char *text, size_t n)
{
	memcpy(at, text, n);
	return at + n;
}

size_t pack_end(struct pack_writer *w)
{
	if (!w->head.n_events)
		return 0;
	struct pack_bytes h = { .magic = PACK_MAGIC,
				.version = PACK_VERSION,
				.n_events = w->head.n_events,
				.list = (uint32_t)(w->at - w->from),
				.n_instruments = w->head.n_instruments,
				.first_ns = w->head.first_ns,
				.last_ns = w->head.last_ns,
				.utc_minus_mono_ns = w->head.utc_minus_mono_ns };
	memcpy(h.venue, w->head.venue, sizeof h.venue);
	for (unsigned k = 0; k < w->head.n_instruments; k++) {
		const struct pack_instrument *i = &w->instrument[w->listed[k]];
		size_t name = strnlen(i->name, sizeof i->name - 1);
		size_t symbol = strnlen(i->symbol, sizeof i->symbol - 1);
		*w->at++ = i->px_dp;
		*w->at++ = i->qty_dp;
		*w->at++ = (uint8_t)name;
		*w->at++ = (uint8_t)symbol;
		w->at = put_text(put_text(w->at, i->name, name), i->symbol, symbol);
	}
	h.bytes = (uint32_t)(w->at - w->from);
	memcpy(w->from, &h, sizeof h);
	const size_t skip = offsetof(struct pack_bytes, version);
	h.check = pack_check(w->from + skip, h.bytes - skip);
	memcpy(w->from + offsetof(struct pack_bytes, check), &h.check, sizeof h.check);
	return h.bytes;
}
