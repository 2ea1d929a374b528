/* Any bytes as a recording of frames, a line after the other: what comes out is a sane event of an instrument that was asked for. */
#include "adapters/import/frames.h"
#include "core/base/err.h"
#include <stdlib.h>
#include <string.h>

static struct instrument known[4];
static unsigned n_known;
static struct symbols symbols;

static void check(bool ok)
{
	if (!ok)
		abort();
}

static const struct symbol *adopt(void *owner, const char *symbol, size_t n,
				  const struct csv_scale *px, const struct csv_scale *qty)
{
	(void)owner;
	if (n_known == 4 || !n || n >= sizeof known->symbol) {
		err_set(ERR_FULL, "no room");
		return NULL;
	}
	struct instrument *i = &known[n_known++];
	*i = (struct instrument){ .px_dp = csv_decimals(px, 3), .qty_dp = csv_decimals(qty, 5) };
	memcpy(i->symbol, symbol, n);
	symbols_free(&symbols);
	if (symbols_init(&symbols, known, n_known, 0) != 0) {
		n_known--;
		check(symbols_init(&symbols, known, n_known, 0) == 0);
		return NULL;
	}
	return symbols_find(&symbols, symbol, n);
}

static void sane(int rc, const struct pack_event *ev, const char *why)
{
	check(rc >= 0 || (why ? *why : err_text()[0]));
	if (rc != 1)
		return;
	check(ev->instrument < n_known && ev->at_ns >= 0);
	check(why ? ev->kind == PACK_BAD : ev->kind <= PACK_TRADE);
	check(ev->kind != PACK_DEPTH || ev->depth.n[SIDE_BUY] <= PACK_LEVELS);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const char *p = (const char *)bytes, *end = p + len;
	const struct frames_owner owner = { NULL, adopt };
	struct frames_look look;
	struct frames f;
	frames_are(p, len);
	if (frames_look(p, len, &look) != 0) {
		check(err_text()[0]);
		return 0;
	}
	check(look.market < frames_market_max && memchr(look.symbol, 0, sizeof look.symbol));
	n_known = 0;
	symbols_free(&symbols);
	check(frames_open(&f, &look, &symbols, &owner) == 0);
	while (p < end) {
		const char *eol = memchr(p, '\n', (size_t)(end - p)), *stop = eol ? eol : end, *why;
		struct pack_event ev;
		int rc = frames_line(&f, p, (size_t)(stop - p), &ev, &why);
		sane(rc, &ev, why);
		while ((rc = frames_more(&f, &ev, &why)) != 0)
			sane(rc, &ev, why);
		p = eol ? eol + 1 : end;
	}
	frames_close(&f);
	return 0;
}
