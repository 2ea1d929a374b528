/* Any bytes as a market message or a depth snapshot: both paths say the same, and what is accepted is sane. */
#include "adapters/codec/binance_md.h"
#include <stdlib.h>
#include <string.h>

static void check(bool ok)
{
	if (!ok)
		abort();
}

static const struct instrument instruments[] = {
	{ .symbol = "BTCUSDT", .px_dp = 2, .qty_dp = 5 },
	{ .symbol = "ETHUSDT", .px_dp = 2, .qty_dp = 3 },
};
static struct symbols symbols;
static struct binance_md quick, general;

static void sane_depth(const struct depth *d)
{
	check(d->first_seq <= d->last_seq && d->venue_ns >= 0);
	for (unsigned s = 0; s < side_max; s++)
		for (uint32_t i = 0; i < d->n[s]; i++)
			check(d->level[s][i].px >= 0 && d->level[s][i].qty >= 0);
}

static void same(const struct binance_md_event *x, const struct binance_md_event *y)
{
	check(x->kind == y->kind && x->instrument == y->instrument);
	if (x->kind == MD_QUOTE)
		check(!memcmp(&x->quote, &y->quote, sizeof(x->quote)));
	if (x->kind == MD_TRADE)
		check(!memcmp(&x->trade, &y->trade, sizeof(x->trade)));
	if (x->kind != MD_DEPTH)
		return;
	sane_depth(&x->depth);
	check(x->depth.last_seq == y->depth.last_seq && x->depth.prev_seq == y->depth.prev_seq);
	for (unsigned s = 0; s < side_max; s++)
		check(x->depth.n[s] == y->depth.n[s] &&
		      !memcmp(x->depth.level[s], y->depth.level[s],
			      x->depth.n[s] * sizeof(struct level)));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct binance_md_event x, y;
	if (!symbols.n) {
		check(!symbols_init(&symbols, instruments, 2, 0) &&
		      !binance_md_init(&quick, &symbols, 64, false) &&
		      !binance_md_init(&general, &symbols, 64, false));
		general.general_only = true;
	}
	int rc = binance_md_decode(&quick, (const char *)bytes, len, 1, &x);
	check(rc == binance_md_decode(&general, (const char *)bytes, len, 1, &y));
	if (!rc)
		same(&x, &y);
	else
		check(rc < 0 && quick.why[0]);
	if (!binance_md_snapshot(&quick, symbols_find(&symbols, "BTCUSDT", 7), (const char *)bytes,
				 len, 1, &x))
		sane_depth(&x.depth);
	return 0;
}
