/* A small venue for tests: BTCUSDT as spot or as a perpetual, two accounts, and helpers to move its market. */
#pragma once
#include "adapters/sim/exchange.h"
#include "core/base/dec.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define E8(x) ((int64_t)((x)*100000000LL))

enum { BTC = 1, USDT, BNB };

struct fixture {
	struct assets assets;
	struct instrument instrument[1];
	struct exchange_account account[2];
	struct exchange_config config;
	char path[64];
};

static inline void fixture_rule(struct instrument *i, bool spot)
{
	struct rule r = { .tick = spot ? 1000000 : 10000000, /* 0.01, 0.1 */
			  .lot = spot ? 1000 : 100000,	     /* 0.00001, 0.001 */
			  .min_qty = spot ? 1000 : 100000,
			  .max_qty = E8(1000),
			  .min_notional_e8 = E8(5),
			  .band_up_ppm = 50000,
			  .band_down_ppm = 50000,
			  .margin_e8 = 0,
			  .fee = { .maker_e8 = spot ? 10000 : 2000,
				   .taker_e8 = spot ? 10000 : 5000,
				   .close_today_e8 = -1,
				   .close_today_per_lot_e8 = -1,
				   .in = spot ? FEE_IN_RECEIVED : FEE_IN_QUOTE } };
	ck_assert_int_eq(instrument_add_rule(i, &r), 0);
}

/* ledger: a file name in the working folder, or NULL. */
static inline void fixture_init(struct fixture *f, enum market_kind kind, const char *ledger)
{
	bool spot = kind == MARKET_SPOT;
	memset(f, 0, sizeof *f);
	ck_assert_uint_eq(asset_intern(&f->assets, "BTC"), BTC);
	ck_assert_uint_eq(asset_intern(&f->assets, "USDT"), USDT);
	ck_assert_uint_eq(asset_intern(&f->assets, "BNB"), BNB);
	struct instrument *i = &f->instrument[0];
	strcpy(i->name, "SIM.BTCUSDT");
	strcpy(i->symbol, "BTCUSDT");
	i->px_dp = i->qty_dp = 8;
	i->base = BTC;
	i->quote = i->settle = USDT;
	i->expo = (struct expo){ .kind = spot ? EXPO_SPOT : EXPO_LINEAR, .num = 1, .den = 1 };
	i->caps.types = 1 << ORD_LIMIT | 1 << ORD_MARKET | 1 << ORD_POST_ONLY;
	i->caps.tifs = 1 << TIF_GTC | 1 << TIF_IOC | 1 << TIF_FOK;
	fixture_rule(i, spot);
	for (int a = 0; a < 2; a++) {
		struct exchange_account *to = &f->account[a];
		snprintf(to->name, sizeof to->name, "account%d", a);
		to->leverage = 10;
		to->n_deposits = spot ? 2 : 1;
		to->deposit[0].asset = USDT;
		to->deposit[0].amount_e8 = E8(1000000);
		to->deposit[1].asset = BTC;
		to->deposit[1].amount_e8 = E8(10);
	}
	f->config = (struct exchange_config){ .kind = (uint8_t)kind,
					      .stp = STP_EXPIRE_TAKER,
					      .assets = &f->assets,
					      .instrument = f->instrument,
					      .account = f->account,
					      .n_instruments = 1,
					      .n_accounts = 2,
					      .max_levels = 64,
					      .max_resting = 32,
					      .max_orders = 128,
					      .max_trades = 256 };
	strcpy(f->config.name, spot ? "SPOT" : "USDM");
	if (ledger) {
		snprintf(f->path, sizeof f->path, "%s.%d", ledger, (int)getpid());
		unlink(f->path);
		f->config.ledger = f->path;
	}
}

/* One price each side: bid and ask in whole units of the quote, sizes in whole coins. */
static inline void fixture_quote(struct exchange *x, int64_t bid, int64_t bid_qty, int64_t ask,
				 int64_t ask_qty, int64_t seq)
{
	struct quote q = { .px = { E8(bid), E8(ask) },
			   .qty = { E8(bid_qty), E8(ask_qty) },
			   .seq = seq };
	ck_assert_int_eq(exchange_market_quote(x, 0, seq, &q), 0);
}

static inline struct exchange_request fixture_order(enum side side, int64_t px_e8, int64_t qty_e8,
						    enum tif tif)
{
	return (struct exchange_request){
		.side = (uint8_t)side, .tif = (uint8_t)tif, .px = px_e8, .qty = qty_e8
	};
}
