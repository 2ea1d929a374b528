/* Any bytes as a message of an account's connection, and as each kind of row that answers hold: read or refused, within bounds. */
#include "adapters/codec/binance_code.h"
#include "adapters/codec/binance_exec.h"
#include <stdlib.h>
#include <string.h>

static void check(bool ok)
{
	if (!ok)
		abort();
}

static const struct instrument instruments[] = { { .symbol = "BTCUSDT", .px_dp = 2, .qty_dp = 5 } };
static struct symbols symbols;
static struct assets assets;
static struct binance_exec ctx;

static void sane(const struct exec_report *r)
{
	check(r->kind < exec_kind_max && r->side < side_max && r->reject_class < reject_class_max);
	check(memchr(r->client, 0, sizeof(r->client)) && memchr(r->exec, 0, sizeof(r->exec)) &&
	      memchr(r->venue_order, 0, sizeof(r->venue_order)) &&
	      memchr(r->text, 0, sizeof(r->text)));
}

static void rows(const struct json_value *v)
{
	struct exec_report r;
	struct binance_balance b;
	struct binance_position p;
	if (!binance_order_state(&ctx, v, 1, &r))
		sane(&r);
	if (!binance_trade(&ctx, v, 1, &r))
		sane(&r);
	binance_balance(&ctx, v, &b);
	if (!binance_position(&ctx, v, &p))
		check(p.qty_long >= 0 && p.qty_short >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct binance_message m;
	struct binance_event ev;
	struct json_value whole = { (const char *)bytes, (uint32_t)len, TOKEN_OBJECT, false };
	const char *why;
	if (!symbols.n) {
		check(!symbols_init(&symbols, instruments, 1, 0));
		assets.n = 1;
		ctx = (struct binance_exec){ .symbols = &symbols, .assets = &assets };
	}
	if (!binance_message((const char *)bytes, len, &m, &why)) {
		check(binance_code_find(m.status, m.code, m.text) != NULL);
		if (m.kind == BINANCE_EVENT && !binance_event(&ctx, &m.event, 1, &ev) &&
		    ev.kind == BINANCE_EV_EXEC)
			sane(&ev.exec);
		if (m.result.token == TOKEN_OBJECT)
			rows(&m.result);
	}
	binance_rest_error(400, (const char *)bytes, len, &m);
	check(memchr(m.text, 0, sizeof(m.text)) != NULL);
	rows(&whole);
	return 0;
}
