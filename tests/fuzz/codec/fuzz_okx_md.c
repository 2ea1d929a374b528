/* Any bytes as lines of OKX's messages: what is accepted is sane, what is refused says why, and a book that is believed without numbers has been proven. */
#include "adapters/codec/okx_md.h"
#include "core/market/join.h"
#include <stdlib.h>
#include <string.h>

static void check(bool ok)
{
	if (!ok)
		abort();
}

static const struct instrument instruments[] = {
	{ .symbol = "BTC-USDT", .px_dp = 2, .qty_dp = 5 },
	{ .symbol = "UNI-USD-SWAP", .px_dp = 3, .qty_dp = 0 },
};
static struct symbols symbols;

static void sane(const struct okx_md *d, const struct okx_md_event *ev)
{
	if (ev->kind == OKX_QUOTE)
		for (unsigned s = 0; s < side_max; s++)
			check(ev->quote.qty[s] >= 0 && (!ev->quote.qty[s] || ev->quote.px[s] > 0));
	if (ev->kind == OKX_TRADE)
		check(ev->trade.px >= 0 && ev->trade.qty >= 0 && ev->trade.aggressor < side_max);
	if (ev->kind != OKX_DEPTH && ev->kind != OKX_SNAPSHOT)
		return;
	const struct depth *o = &ev->depth;
	check(o->venue_ns >= 0 && o->first_seq <= o->last_seq && o->first_seq >= 0);
	check((ev->kind == OKX_SNAPSHOT) == (o->prev_seq == JOIN_IN_LINE));
	for (unsigned s = 0; s < side_max; s++) {
		check(o->n[s] <= d->cap);
		for (uint32_t i = 0; i < o->n[s]; i++)
			check(o->level[s][i].px >= 0 && o->level[s][i].qty >= 0);
	}
}

static void refused(const struct okx_md *d, int rc)
{
	check(rc < 0 && d->why[0] && d->bad < bad_input_max && !d->more);
}

static void message(struct okx_md *d, const char *p, size_t n)
{
	struct okx_md_event ev;
	int rc = okx_md_decode(d, p, n, 1, &ev);
	if (rc) {
		refused(d, rc);
		check(okx_md_next(d, &ev) == 0);
		return;
	}
	do {
		if (ev.kind != OKX_OTHER)
			check(ev.instrument < 2);
		sane(d, &ev);
	} while ((rc = okx_md_next(d, &ev)) == 1);
	if (rc)
		refused(d, rc);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const char *p = (const char *)bytes, *end = p + len;
	struct okx_md d;
	if (!symbols.n)
		check(!symbols_init(&symbols, instruments, 2, 0));
	check(!okx_md_init(&d, &symbols, 64) && !okx_md_keep(&d, 0));
	while (p < end) {
		const char *eol = memchr(p, '\n', (size_t)(end - p)), *stop = eol ? eol : end;
		message(&d, p, (size_t)(stop - p));
		p = eol ? eol + 1 : end;
	}
	okx_md_free(&d);
	return 0;
}
