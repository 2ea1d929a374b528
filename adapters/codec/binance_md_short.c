/* The short way: the order of keys that the venue always uses, up to the first byte that differs. */
#include "adapters/codec/binance_md_parts.h"
#include <string.h>

struct cursor {
	const char *p, *end;
};

static inline bool eat_n(struct cursor *c, const char *text, size_t n)
{
	if ((size_t)(c->end - c->p) < n || memcmp(c->p, text, n) != 0)
		return false;
	c->p += n;
	return true;
}
#define EAT(c, literal) eat_n(c, literal, sizeof(literal) - 1)

struct text {
	const char *p;
	size_t n;
};

/* What stands before the next quote, which is consumed: plain ASCII. */
static inline bool eat_text(struct cursor *c, struct text *t)
{
	const char *p = json_plain(c->p, c->end);
	if (p == c->end || *p != '"')
		return false;
	*t = (struct text){ c->p, (size_t)(p - c->p) };
	c->p = p + 1;
	return true;
}

static inline bool eat_integer(struct cursor *c, int64_t *out)
{
	const char *p = c->p;
	uint64_t v = 0;
	while (p < c->end && (unsigned char)(*p - '0') <= 9 && p - c->p < 19)
		v = v * 10 + (uint64_t)(*p++ - '0');
	/* 19 digits may overflow and a leading zero is no JSON: neither is seen from this venue. */
	if (p == c->p || p - c->p > 18 || (*c->p == '0' && p - c->p > 1))
		return false;
	c->p = p;
	*out = (int64_t)v;
	return true;
}

/* `{"stream":"…","data":{` or `{`; *wrapped says which. */
static inline bool eat_head(struct cursor *c, bool *wrapped)
{
	struct text stream;
	*wrapped = EAT(c, "{\"stream\":\"");
	return *wrapped ? eat_text(c, &stream) && EAT(c, ",\"data\":{") : EAT(c, "{");
}

static inline bool eat_tail(struct cursor *c, bool wrapped)
{
	return EAT(c, "}") && (!wrapped || EAT(c, "}")) && c->p == c->end;
}

/* COIN-M's contracts name their pair beside the symbol. */
static inline bool eat_pair(struct cursor *c)
{
	struct text pair;
	return !EAT(c, ",\"ps\":\"") || eat_text(c, &pair);
}

static bool short_quote(struct binance_md *d, struct cursor c, struct binance_md_event *ev)
{
	struct text s, v[4];
	struct quote *q = &ev->quote;
	int64_t t = 0, e = 0;
	bool wrapped;
	if (!eat_head(&c, &wrapped))
		return false;
	bool named = EAT(&c, "\"e\":\"bookTicker\",");
	if (!EAT(&c, "\"u\":") || !eat_integer(&c, &q->seq))
		return false;
	if (!named) /* COIN-M says it here */
		EAT(&c, ",\"e\":\"bookTicker\"");
	if (!EAT(&c, ",\"s\":\"") || !eat_text(&c, &s))
		return false;
	const struct symbol *sym = md_symbol(d, s.p, s.n);
	if (!(sym && eat_pair(&c) && EAT(&c, ",\"b\":\"") && eat_text(&c, &v[0]) &&
	      EAT(&c, ",\"B\":\"") && eat_text(&c, &v[1]) && EAT(&c, ",\"a\":\"") &&
	      eat_text(&c, &v[2]) && EAT(&c, ",\"A\":\"") && eat_text(&c, &v[3])))
		return false;
	if (EAT(&c, ",\"T\":") &&
	    !(eat_integer(&c, &t) && EAT(&c, ",\"E\":") && eat_integer(&c, &e)))
		return false;
	if (!eat_tail(&c, wrapped) || md_price(d, sym, v[0].p, v[0].n, &q->px[SIDE_BUY]) ||
	    md_quantity(d, sym, v[1].p, v[1].n, &q->qty[SIDE_BUY]) ||
	    md_price(d, sym, v[2].p, v[2].n, &q->px[SIDE_SELL]) ||
	    md_quantity(d, sym, v[3].p, v[3].n, &q->qty[SIDE_SELL]) || md_check_top(d, sym, q) ||
	    md_stamp(d, e, &q->venue_ns))
		return false;
	ev->kind = MD_QUOTE;
	ev->instrument = sym->instrument;
	return true;
}

/* `[["px","qty"],…]` or `[]`. */
static bool short_levels(struct binance_md *d, const struct symbol *s, struct cursor *c,
			 unsigned side, uint32_t *n)
{
	struct level *out = d->level[side];
	struct text px, qty;
	*n = 0;
	if (EAT(c, "[]"))
		return true;
	if (!EAT(c, "["))
		return false;
	do {
		if (*n == d->cap || !EAT(c, "[\"") || !eat_text(c, &px) || !EAT(c, ",\"") ||
		    !eat_text(c, &qty) || !EAT(c, "]"))
			return false;
		if (md_price(d, s, px.p, px.n, &out[*n].px) ||
		    md_quantity(d, s, qty.p, qty.n, &out[*n].qty))
			return false;
		++*n;
	} while (EAT(c, ","));
	return EAT(c, "]");
}

static bool short_depth(struct binance_md *d, struct cursor c, struct binance_md_event *ev)
{
	struct depth *o = &ev->depth;
	struct text s;
	int64_t e, t;
	bool wrapped;
	if (!eat_head(&c, &wrapped) || !EAT(&c, "\"e\":\"depthUpdate\",\"E\":") ||
	    !eat_integer(&c, &e) || (EAT(&c, ",\"T\":") && !eat_integer(&c, &t)) ||
	    !EAT(&c, ",\"s\":\"") || !eat_text(&c, &s) || !eat_pair(&c) || !EAT(&c, ",\"U\":") ||
	    !eat_integer(&c, &o->first_seq) || !EAT(&c, ",\"u\":") ||
	    !eat_integer(&c, &o->last_seq) ||
	    (EAT(&c, ",\"pu\":") && !eat_integer(&c, &o->prev_seq)))
		return false;
	const struct symbol *sym = md_symbol(d, s.p, s.n);
	if (!sym || o->first_seq > o->last_seq || md_stamp(d, e, &o->venue_ns) ||
	    !EAT(&c, ",\"b\":") || !short_levels(d, sym, &c, SIDE_BUY, &o->n[SIDE_BUY]) ||
	    !EAT(&c, ",\"a\":") || !short_levels(d, sym, &c, SIDE_SELL, &o->n[SIDE_SELL]) ||
	    !eat_tail(&c, wrapped))
		return false;
	ev->kind = MD_DEPTH;
	ev->instrument = sym->instrument;
	return true;
}

/* Spot ends in "T", "m", "M"; futures have "T" before the symbol, and "X" where the trade comes from. */
static bool short_trade(struct binance_md *d, struct cursor c, struct binance_md_event *ev)
{
	struct market_trade *o = &ev->trade;
	struct text s, px, qty, kind;
	int64_t e, t;
	bool wrapped;
	if (!eat_head(&c, &wrapped) || !EAT(&c, "\"e\":\"trade\",\"E\":") || !eat_integer(&c, &e))
		return false;
	bool timed = EAT(&c, ",\"T\":");
	if ((timed && !eat_integer(&c, &t)) || !EAT(&c, ",\"s\":\"") || !eat_text(&c, &s) ||
	    !EAT(&c, ",\"t\":") || !eat_integer(&c, &o->id) || !EAT(&c, ",\"p\":\"") ||
	    !eat_text(&c, &px) || !EAT(&c, ",\"q\":\"") || !eat_text(&c, &qty))
		return false;
	if ((!timed && EAT(&c, ",\"T\":") && !eat_integer(&c, &t)) ||
	    (EAT(&c, ",\"X\":\"") && !eat_text(&c, &kind)))
		return false;
	bool rested = EAT(&c, ",\"m\":true");
	if (!rested && !EAT(&c, ",\"m\":false"))
		return false;
	EAT(&c, ",\"M\":true");
	const struct symbol *sym =
		eat_tail(&c, wrapped) ? symbols_find(d->symbols, s.p, s.n) : NULL;
	if (!sym || md_price(d, sym, px.p, px.n, &o->px) ||
	    md_quantity(d, sym, qty.p, qty.n, &o->qty) || md_stamp(d, e, &o->venue_ns))
		return false;
	o->aggressor = rested ? SIDE_SELL : SIDE_BUY;
	ev->kind = MD_TRADE;
	ev->instrument = sym->instrument;
	return true;
}

bool binance_md_short(struct binance_md *d, const char *p, size_t n, struct binance_md_event *ev)
{
	struct cursor c = { p, p + n };
	if (short_quote(d, c, ev))
		return true;
	ev->depth = (struct depth){ 0 };
	if (short_depth(d, c, ev))
		return true;
	ev->depth = (struct depth){ 0 };
	return short_trade(d, c, ev);
}
