/* binance_md_parts - what both ways of reading a market message share: numbers that are exact or refused. Private to binance_md*.c. */
#pragma once
#include "adapters/codec/binance_md.h"
#include "core/base/dec.h"
#include "core/base/err.h"

static inline int md_refuse(struct binance_md *d, int code, enum bad_input bad, const char *why)
{
	d->bad = bad;
	d->why = why;
	return -code;
}

/* While the numbers are read what will be asked for about the instrument can be on its way. */
static inline const struct symbol *md_symbol(const struct binance_md *d, const char *p, size_t n)
{
	const struct symbol *s = symbols_find(d->symbols, p, n);
	if (s && d->soon)
		d->soon(d->soon_arg, s->instrument);
	return s;
}

static inline int md_bad_number(struct binance_md *d, int rc, enum bad_input off_scale,
				const char *why)
{
	return rc == -ERR_RANGE ? md_refuse(d, ERR_RANGE, off_scale, why)
				: md_refuse(d, ERR_PARSE, BAD_NUMBER, why);
}

static inline int md_price(struct binance_md *d, const struct symbol *s, const char *p, size_t n,
			   int64_t *out)
{
	int rc = dec_parse_fast(p, n, s->px_dp, out);
	if (__builtin_expect(rc, 0))
		return md_bad_number(d, rc, BAD_TICK,
				     "a price that the instrument's decimals cannot hold");
	if (__builtin_expect(*out < 0 && !s->px_may_be_negative, 0))
		return md_refuse(d, ERR_RANGE, BAD_TICK, "a price below zero");
	return 0;
}

static inline int md_quantity(struct binance_md *d, const struct symbol *s, const char *p, size_t n,
			      int64_t *out)
{
	int rc = dec_parse_fast(p, n, s->qty_dp, out);
	if (__builtin_expect(rc, 0))
		return md_bad_number(d, rc, BAD_SIZE,
				     "a quantity that the instrument's decimals cannot hold");
	if (__builtin_expect(*out < 0, 0))
		return md_refuse(d, ERR_RANGE, BAD_SIZE, "a quantity below zero");
	return 0;
}

/* The venue's time -> ns; a time that lies outside of what an int64 of ns holds is none. */
static inline int md_stamp(struct binance_md *d, int64_t t, int64_t *ns)
{
	if (t < 0 || __builtin_mul_overflow(t, d->micros ? 1000 : 1000000, ns))
		return md_refuse(d, ERR_RANGE, BAD_NUMBER, "a time that is none");
	return 0;
}

/* A side that is empty has neither price nor quantity; any other has a price. */
static inline int md_check_top(struct binance_md *d, const struct symbol *s, const struct quote *q)
{
	for (unsigned side = 0; side < side_max; side++)
		if (q->qty[side] && q->px[side] <= 0 && !s->px_may_be_negative)
			return md_refuse(d, ERR_RANGE, BAD_TICK, "a best price of zero");
	return 0;
}

/* The order of keys that the venue always uses. False: not that, or not good; the general way says which. */
bool binance_md_short(struct binance_md *d, const char *p, size_t n, struct binance_md_event *ev);
