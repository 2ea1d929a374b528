/* Any bytes as exchangeInfo: a rule that comes of it has a tick, a lot, and bounds that are not below zero. */
#include "adapters/codec/binance_rules.h"
#include <stdlib.h>

static void check(bool ok)
{
	if (!ok)
		abort();
}

static const struct instrument instruments[] = { { .symbol = "BTCUSDT", .px_dp = 2, .qty_dp = 5 } };
static struct symbols symbols;

static void on_rule(void *owner, const struct symbol *s, const struct rule *r, const struct caps *c,
		    bool trading)
{
	(void)owner, (void)c, (void)trading;
	check(s->instrument == 0 && r->tick > 0 && r->lot > 0 && r->min_qty >= 0 &&
	      r->max_qty >= 0 && r->min_notional_e8 >= 0 && r->band_up_ppm >= 0 &&
	      r->band_down_ppm >= 0 && r->band_down_ppm <= 1000000);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	if (!symbols.n)
		check(!symbols_init(&symbols, instruments, 1, 0));
	for (int api = 0; api < binance_api_max; api++) {
		struct binance_rules r = { .api = (enum binance_api)api,
					   .symbols = &symbols,
					   .on_rule = on_rule };
		binance_rules_read(&r, (const char *)bytes, len);
	}
	return 0;
}
