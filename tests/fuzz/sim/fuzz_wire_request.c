/* Whatever bytes a client sends, as a request of the WebSocket API, over REST, or to a stream: there is an answer in JSON, and the venue lives. */
#include "adapters/sim/wire.h"
#include "adapters/sim/wire_stream.h"
#include "core/base/must.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define NOW 1700000000000000000ll

static struct wire wire[market_kind_max];
static struct assets assets = { .n = 1 };
static struct instrument instrument[market_kind_max];
static struct exchange_account account = { .name = "fuzz" };

static void on_report(void *owner, uint16_t to, const char *text, size_t n)
{
	(void)owner, (void)to;
	json_t *j = json_loadb(text, n, 0, NULL);
	must(j != NULL);
	json_decref(j);
}

static void make(enum market_kind kind)
{
	struct instrument *i = &instrument[kind];
	*i = (struct instrument){ .symbol = "BTCUSDT",
				  .name = "X",
				  .px_dp = 2,
				  .qty_dp = 5,
				  .caps = { .types = 7, .tifs = 7 } };
	i->base = asset_intern(&assets, "BTC");
	i->quote = i->settle = asset_intern(&assets, "USDT");
	i->expo = (struct expo){ kind == MARKET_SPOT ? EXPO_SPOT : EXPO_LINEAR, 1, 1 };
	struct rule r = { .tick = 1, .lot = 1, .margin_e8 = 5000000 };
	must(instrument_add_rule(i, &r) == 0);
	account.n_deposits = 1;
	account.deposit[0].asset = i->quote;
	account.deposit[0].amount_e8 = 100000000000000;
	/* A key that the corpus can name. Requests are let in by a session, so no signature is needed. */
	struct server_key key = { .api_key = "key", .kind = SERVER_KEY_ED25519 };
	struct wire_config c = { .exchange = { .kind = (uint8_t)kind,
					       .assets = &assets,
					       .instrument = i,
					       .account = &account,
					       .n_instruments = 1,
					       .n_accounts = 1,
					       .max_levels = 16,
					       .max_resting = 16,
					       .max_orders = 32,
					       .max_trades = 32 },
				 .key = &key,
				 .n_keys = 1,
				 .limits = { 1 << 30, 1 << 30, 1 << 30 } };
	strcpy(c.exchange.name, "fuzz");
	knobs_config_init(&c.knobs);
	must(wire_init(&wire[kind], &c, NOW, on_report, NULL) == 0);
	struct quote q = { .px = { 10000, 10100 }, .qty = { 500000, 500000 }, .seq = 1 };
	must(exchange_market_quote(&wire[kind].exchange, 0, NOW, &q) == 0);
}

static void check_answer(const struct wire_answer *a)
{
	json_t *j = json_loadb(a->text, a->n, JSON_REJECT_DUPLICATES, NULL);
	must(j != NULL && a->status >= 200 && a->status < 600);
	json_decref(j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct wire_answer a;
	static struct wire_stream_ask ask;
	if (!wire[0].result)
		for (int k = 0; k < market_kind_max; k++)
			make(k);
	for (int k = 0; k < market_kind_max; k++) {
		struct wire_session s = { .connected_ns = NOW, .logon = &wire[k].key[0] };
		wire_ws(&wire[k], &s, NOW, (const char *)data, n, &a);
		check_answer(&a);
		static const char *const verbs[] = { "GET", "POST", "PUT", "DELETE" };
		const char *nl = memchr(data, '\n', n);
		size_t first = nl ? (size_t)(nl - (const char *)data) : n;
		size_t body = nl ? n - first - 1 : 0;
		wire_rest(&wire[k], NOW, verbs[n % 4], (const char *)data, first, "key",
			  nl ? nl + 1 : "", body, &a);
		check_answer(&a);
	}
	wire_stream_ask(&ask, (const char *)data, n);
	struct wire_stream name;
	struct wire_frame f;
	(void)wire_stream_parse((const char *)data, n < 100 ? n : 100, instrument, 1, &name);
	wire_frame_split((const char *)data, n, &f);
	must(f.n_data <= n && f.n_name <= n);
	return 0;
}
