/* Facts for tests of the store: random ones for round trips, and small helpers. */
#pragma once
#include "core/base/rng.h"
#include "core/trade/fact.h"
#include <string.h>

static inline int64_t facts_any_int(struct rng *r)
{
	/* All magnitudes alike, and often nothing. */
	if (rng_chance(r, 400000))
		return 0;
	int64_t v = (int64_t)(rng_next(r) >> rng_below(r, 64));
	return rng_chance(r, 500000) ? v : -v;
}

static inline void facts_any_text(struct rng *r, char *out, size_t cap)
{
	size_t n = rng_chance(r, 500000) ? 0 : (size_t)rng_below(r, cap);
	for (size_t i = 0; i < n; i++)
		out[i] = (char)rng_range(r, 1, 255);
	out[n] = 0;
}

/* A fact with anything in any field that a fact can hold. */
static inline struct fact facts_any(struct rng *r)
{
	struct fact f;
	fact_init(&f, (enum fact_kind)rng_range(r, 1, fact_kind_max - 1));
	uint64_t *wide[] = { &f.seq, &f.cause, &f.turn, &f.pair, &f.order, &f.round };
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		*wide[i] = (uint64_t)facts_any_int(r);
	int64_t *sint[] = { &f.mono_ns, &f.utc_ns, &f.venue_ns, &f.clock_bound_ns,
			    &f.px,	&f.qty,	   &f.fee_e8 };
	for (size_t i = 0; i < sizeof(sint) / sizeof(sint[0]); i++)
		*sint[i] = facts_any_int(r);
	for (size_t i = 0; i < FACT_NUMS; i++)
		f.num[i] = facts_any_int(r);
	uint32_t *names[] = { &f.venue,	   &f.account, &f.instrument,
			      &f.instance, &f.script,  &f.fee_asset };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		*names[i] = (uint32_t)facts_any_int(r);
	uint8_t *small[] = { &f.leg, &f.side, &f.offset, &f.state, &f.px_dp, &f.qty_dp };
	for (size_t i = 0; i < sizeof(small) / sizeof(small[0]); i++)
		*small[i] = (uint8_t)rng_next(r);
	f.px_dp %= 19;
	f.qty_dp %= 19;
	facts_any_text(r, f.venue_order, sizeof(f.venue_order));
	facts_any_text(r, f.exec, sizeof(f.exec));
	facts_any_text(r, f.text, sizeof(f.text));
	return f;
}

static inline struct fact facts_plain(enum fact_kind k, uint64_t pair, uint64_t order,
				      int64_t utc_ns)
{
	struct fact f;
	fact_init(&f, k);
	f.pair = pair;
	f.order = order;
	f.utc_ns = utc_ns;
	return f;
}
