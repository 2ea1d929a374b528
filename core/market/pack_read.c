/* Reads blocks of market data; nothing in them is believed. */
#include "core/base/err.h"
#include "core/market/pack.h"
#include "core/market/pack_parts.h"

struct pack_reader_memory {
	struct pack_instrument instrument[PACK_INSTRUMENTS];
	struct pack_last last[PACK_INSTRUMENTS];
	struct level level[side_max][PACK_LEVELS];
	int64_t at_ns, venue_ns;
	uint32_t local, read; /* instrument of the last event that had one; events so far */
};

size_t pack_reader_memory(void)
{
	return sizeof(struct pack_reader_memory);
}

/* ---------------------------------------------------------------- numbers */

/* Where the next number begins. Past the end or over 64 bits: bad, and nothing is left. */
struct cursor {
	const uint8_t *at, *end;
	bool bad;
};

static uint64_t spoil(struct cursor *c)
{
	c->at = c->end;
	c->bad = true;
	return 0;
}

static uint64_t get_slowly(struct cursor *c)
{
	uint64_t v = 0;
	for (unsigned shift = 0; c->at < c->end && shift < 64; shift += 7) {
		uint8_t b = *c->at++;
		if (shift == 63 && b > 1)
			break;
		v |= (uint64_t)(b & 0x7f) << shift;
		if (!(b & 0x80))
			return v;
	}
	return spoil(c);
}

/* Eight bytes at once; numbers of 57 bits and more, and the last of a block, byte by byte. */
static inline uint64_t get(struct cursor *c)
{
	uint64_t x, stop;
	if (c->end - c->at < 8)
		return get_slowly(c);
	memcpy(&x, c->at, sizeof x);
	stop = ~x & 0x8080808080808080u;
	if (!stop)
		return get_slowly(c);
	c->at += (unsigned)__builtin_ctzll(stop) / 8 + 1;
	x &= (stop ^ (stop - 1)) & 0x7f7f7f7f7f7f7f7fu;
	x = (x & 0x7f007f007f007f00u) >> 1 | (x & 0x007f007f007f007fu);
	x = (x & 0x3fff00003fff0000u) >> 2 | (x & 0x00003fff00003fffu);
	return (x & 0x0fffffff00000000u) >> 4 | (x & 0x0fffffff);
}

static inline int64_t get_from(struct cursor *c, int64_t from)
{
	return pack_unzigzag(get(c), from);
}

/* ---------------------------------------------------------------- the head and the list */

static int corrupt(const char *what)
{
	return err_set(ERR_CORRUPT, "a block of market data: %s", what);
}

static bool is_text(const char *p, size_t n, size_t cap)
{
	return n < cap && !memchr(p, 0, n);
}

static bool is_padded(const char *venue, size_t cap)
{
	size_t n = strnlen(venue, cap);
	for (size_t i = n; i < cap; i++)
		if (venue[i])
			return false;
	return n < cap;
}

static int read_head(struct pack_reader *r, const uint8_t *p, size_t n, struct pack_bytes *h)
{
	const size_t skip = offsetof(struct pack_bytes, version);
	if (n < sizeof *h || n > PACK_BLOCK_BYTES)
		return err_set(ERR_CORRUPT,
			       "a block of market data has %zu bytes; it can have %zu to %u", n,
			       sizeof *h, PACK_BLOCK_BYTES);
	memcpy(h, p, sizeof *h);
	if (h->magic != PACK_MAGIC)
		return corrupt("it does not begin as one");
	if (h->version != PACK_VERSION)
		return err_set(ERR_CORRUPT, "a block of market data is of version %u, not %d",
			       h->version, PACK_VERSION);
	if (h->bytes != n)
		return err_set(ERR_CORRUPT, "a block of market data has %zu bytes and says %u", n,
			       h->bytes);
	if (h->check != pack_check(p + skip, n - skip))
		return corrupt("its bytes do not fit its checksum");
	if (h->list < sizeof *h || h->list > n || h->n_instruments > PACK_INSTRUMENTS ||
	    !h->n_events || h->first_ns > h->last_ns || !is_padded(h->venue, sizeof h->venue))
		return corrupt("its head makes no sense");
	r->head = (struct pack_head){ .n_events = h->n_events,
				      .first_ns = h->first_ns,
				      .last_ns = h->last_ns,
				      .utc_minus_mono_ns = h->utc_minus_mono_ns,
				      .n_instruments = h->n_instruments };
	memcpy(r->head.venue, h->venue, sizeof h->venue);
	return 0;
}

static int read_list(struct pack_reader *r, const uint8_t *p, const uint8_t *end)
{
	for (unsigned k = 0; k < r->head.n_instruments; k++) {
		struct pack_instrument *i = &r->mem->instrument[k];
		if (end - p < 4)
			return corrupt("its list of instruments is cut");
		*i = (struct pack_instrument){ .px_dp = p[0], .qty_dp = p[1] };
		size_t name = p[2], symbol = p[3];
		p += 4;
		if ((size_t)(end - p) < name + symbol || !is_text((const char *)p, name, 48) ||
		    !is_text((const char *)p + name, symbol, 32) || i->px_dp > PACK_DP_MOST ||
		    i->qty_dp > PACK_DP_MOST)
			return corrupt("its list of instruments makes no sense");
		memcpy(i->name, p, name);
		memcpy(i->symbol, p + name, symbol);
		p += name + symbol;
	}
	return p == end ? 0 : corrupt("there are bytes behind its list");
}

int pack_open(struct pack_reader *r, void *memory, const uint8_t *p, size_t n)
{
	struct pack_bytes h;
	*r = (struct pack_reader){ .mem = memory };
	int rc = read_head(r, p, n, &h);
	if (!rc)
		rc = read_list(r, p + h.list, p + n);
	if (rc)
		return rc;
	r->instrument = r->mem->instrument;
	r->at = p + sizeof h;
	r->end = p + h.list;
	memset(r->mem->last, 0, r->head.n_instruments * sizeof *r->mem->last);
	r->mem->at_ns = r->mem->venue_ns = 0;
	r->mem->local = UINT32_MAX;
	r->mem->read = 0;
	return 0;
}

/* ---------------------------------------------------------------- events */

static void get_quote(struct cursor *c, struct pack_last *l, struct pack_event *ev,
		      int64_t venue_ns)
{
	struct quote *q = &ev->quote;
	q->venue_ns = venue_ns;
	q->recv_ns = ev->at_ns;
	q->seq = l->seq = get_from(c, l->seq);
	for (int s = 0; s < side_max; s++) {
		q->px[s] = l->px[s] = get_from(c, l->px[s]);
		q->qty[s] = l->qty[s] = get_from(c, l->qty[s]);
	}
}

static void get_levels(struct cursor *c, struct pack_last *l, struct depth *d, int s,
		       struct level *to)
{
	uint64_t n = get(c);
	int64_t px = l->deep_px[s];
	if (n > PACK_LEVELS) {
		spoil(c);
		n = 0;
	}
	d->level[s] = to;
	d->n[s] = (uint32_t)n;
	for (uint64_t i = 0; i < n; i++) {
		px = get_from(c, px);
		to[i] = (struct level){ px, get_from(c, 0) };
	}
	if (n)
		l->deep_px[s] = to[0].px;
}

static void get_depth(struct cursor *c, struct pack_last *l, struct pack_event *ev,
		      int64_t venue_ns, bool extra, struct pack_reader_memory *m)
{
	struct depth *d = &ev->depth;
	uint64_t line;
	d->venue_ns = venue_ns;
	d->recv_ns = ev->at_ns;
	d->first_seq = get_from(c, l->seq);
	d->last_seq = get_from(c, d->first_seq);
	d->prev_seq = extra ? get_from(c, l->seq) : 0;
	line = extra ? get(c) : 0;
	d->line = (uint8_t)line;
	if (line > UINT8_MAX)
		(void)spoil(c);
	l->seq = d->last_seq;
	for (int s = 0; s < side_max; s++)
		get_levels(c, l, d, s, m->level[s]);
}

static void get_trade(struct cursor *c, struct pack_last *l, struct pack_event *ev,
		      int64_t venue_ns, bool sold)
{
	struct market_trade *t = &ev->trade;
	t->venue_ns = venue_ns;
	t->recv_ns = ev->at_ns;
	t->px = l->trade_px = get_from(c, l->trade_px);
	t->qty = get_from(c, 0);
	t->id = l->trade_id = get_from(c, l->trade_id);
	t->aggressor = sold ? SIDE_SELL : SIDE_BUY;
}

/* Flags that this kind of event may have; what else is set, no writer set. */
static unsigned flags_of(unsigned kind)
{
	static const uint8_t flags[pack_kind_max] = {
		[PACK_QUOTE] = PACK_TAG_STAMP,
		[PACK_DEPTH] = PACK_TAG_STAMP | PACK_TAG_EXTRA,
		[PACK_SNAPSHOT] = PACK_TAG_STAMP | PACK_TAG_EXTRA,
		[PACK_TRADE] = PACK_TAG_STAMP | PACK_TAG_EXTRA,
	};
	return flags[kind] | PACK_TAG_SAME | PACK_TAG_NONE;
}

static uint32_t get_instrument(struct pack_reader *r, struct cursor *c, unsigned tag)
{
	if (tag & PACK_TAG_NONE)
		return UINT32_MAX;
	if (!(tag & PACK_TAG_SAME)) {
		uint64_t local = get(c);
		r->mem->local = local < r->head.n_instruments ? (uint32_t)local : UINT32_MAX;
	}
	if (r->mem->local == UINT32_MAX)
		spoil(c);
	return r->mem->local;
}

static void get_rest(struct pack_reader *r, struct cursor *c, unsigned tag, struct pack_event *ev)
{
	struct pack_reader_memory *m = r->mem;
	struct pack_last none = { 0 },
			 *l = c->bad || (tag & PACK_TAG_NONE) ? &none : &m->last[m->local];
	int64_t venue_ns = 0;
	if (tag & PACK_TAG_STAMP)
		venue_ns = m->venue_ns = get_from(c, m->venue_ns);
	switch ((enum pack_kind)ev->kind) {
	case PACK_QUOTE:
		get_quote(c, l, ev, venue_ns);
		break;
	case PACK_DEPTH:
	case PACK_SNAPSHOT:
		get_depth(c, l, ev, venue_ns, tag & PACK_TAG_EXTRA, m);
		break;
	case PACK_TRADE:
		get_trade(c, l, ev, venue_ns, tag & PACK_TAG_EXTRA);
		break;
	case PACK_CLOCK:
		ev->clock[0] = get_from(c, ev->at_ns);
		for (int k = 1; k < 4; k++)
			ev->clock[k] = get_from(c, ev->clock[k - 1]);
		break;
	case PACK_HOLE:
		ev->lost = get(c);
		break;
	case PACK_ALIVE:
	case PACK_DOWN:
	case PACK_BAD:
	case pack_kind_max:
		break;
	}
}

static int at_end(const struct pack_reader *r)
{
	return r->at == r->end ? 0 : corrupt("it has more bytes than events");
}

int pack_next(struct pack_reader *r, struct pack_event *ev)
{
	struct pack_reader_memory *m = r->mem;
	if (m->read == r->head.n_events)
		return at_end(r);
	struct cursor c = { r->at, r->end, false };
	if (c.at == c.end)
		return corrupt("it has fewer events than it says");
	unsigned tag = *c.at++, kind = tag & PACK_TAG_KIND;
	if (kind >= pack_kind_max || (tag & ~(PACK_TAG_KIND | flags_of(kind))) ||
	    (tag & PACK_TAG_SAME && tag & PACK_TAG_NONE))
		return corrupt("an event of a kind that there is not");
	ev->kind = (uint8_t)kind;
	ev->instrument = get_instrument(r, &c, tag);
	ev->at_ns = m->at_ns = get_from(&c, m->at_ns);
	get_rest(r, &c, tag, ev);
	if (c.bad || ev->at_ns < r->head.first_ns || ev->at_ns > r->head.last_ns)
		return corrupt("an event that makes no sense");
	r->at = c.at;
	m->read++;
	return 1;
}
