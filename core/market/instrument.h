/* instrument - what is traded: its units, its dated rules, and what one unit of it means in the asset underneath.
 *
 * Prices are int64 at px_dp decimals, quantities at qty_dp; both scales are fixed for the life of the instrument. Tick, lot,
 * bands, fees and margins change, some of them during the day: they are dated rules, and a caller asks for the one in force.
 * Read-only after load except for new rules, which only the engine's thread adds between turns. */
#pragma once
#include "core/base/frac.h"
#include "core/market/event.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INSTRUMENT_RULES_MAX 8
#define MONEY_DP	     8 /* amounts of any currency or asset: int64 at 8 decimals, suffix _e8 */
#define BASE_DP		     8 /* exposure in base units (coins, grams, barrels): the same */

/* A currency or an asset: USD, USDT, USDC, CNY and CNH are five things. Index into the asset table; 0 is none. */
typedef uint16_t asset_id;

#define ASSET_MAX 1024
struct assets {
	char name[ASSET_MAX][12];
	uint16_t n; /* 1 + used: entry 0 is none */
};
asset_id asset_intern(
	struct assets *a,
	const char *name); /* adds when new; 0 when full or the name is empty or too long */
asset_id asset_find(const struct assets *a, const char *name);
const char *asset_name(const struct assets *a, asset_id id);

/* How a quantity becomes base units: linear qty * num / den; inverse (a contract of so much quote currency) qty * num / den / price;
 * spot like linear, but what arrives is net of a fee taken in the base asset. */
enum expo_kind { EXPO_LINEAR, EXPO_INVERSE, EXPO_SPOT, expo_kind_max };
struct expo {
	uint8_t kind;
	int64_t num, den; /* exact: 1 oz of 31.1034768 g is 311034768 / 10000000 */
};

enum fee_in { FEE_IN_QUOTE, FEE_IN_RECEIVED, FEE_IN_FIXED, fee_in_max };
/* Rates in 1e-8 of the notional (10 bp = 100000); per-lot amounts in money_e8. Maker rates may be negative (rebates). */
struct fee_rule {
	int64_t maker_e8, taker_e8;
	int64_t per_lot_e8;
	int64_t close_today_e8, close_today_per_lot_e8; /* -1: as any other */
	int64_t tax_buy_e8, tax_sell_e8; /* on the notional, beside the commission: stamp duty */
	uint8_t in;			 /* enum fee_in: which asset is charged */
	asset_id fixed;			 /* for FEE_IN_FIXED (a venue's own coin) */
};

struct rule {
	int64_t from_utc_ns;	  /* in force from here until the next rule */
	int64_t tick;		  /* price step, in px units */
	int64_t lot;		  /* quantity step, in qty units */
	int64_t min_qty, max_qty; /* of one order; max 0: none stated */
	int64_t min_notional_e8;
	int64_t band_lo, band_hi; /* price limits of the day, px units; 0: none */
	int64_t band_up_ppm,
		band_down_ppm; /* percent-price filters: against the venue's reference; 0: none */
	int64_t margin_e8;     /* initial margin, 1e-8 of the notional */
	struct fee_rule fee;
};

/* What the venue can do with this instrument. Bits by the enums below. */
enum ord_type { ORD_LIMIT, ORD_MARKET, ORD_POST_ONLY, ord_type_max };
enum tif { TIF_GTC, TIF_IOC, TIF_FOK, TIF_DAY, tif_max };
enum offset {
	OFFSET_NONE,
	OFFSET_OPEN,
	OFFSET_CLOSE,
	OFFSET_CLOSE_TODAY,
	OFFSET_CLOSE_YESTERDAY,
	offset_max
};
/* What the venue is asked to do with two orders of one account that would meet. */
enum self_trade {
	SELF_TRADE_TAKER, /* the one that comes gives way */
	SELF_TRADE_MAKER, /* the one that rests does */
	SELF_TRADE_BOTH,
	SELF_TRADE_NONE, /* nothing: no word of it in the order */
	self_trade_max
};
struct caps {
	uint32_t types, tifs, offsets; /* bit sets */
	bool replace, mass_cancel, cancel_on_disconnect, dead_man, reduce_only;
	uint8_t self_trades; /* bits of enum self_trade that an order may ask for */
	int32_t orders_per_10s, orders_per_day, messages_per_s; /* 0: none stated */
};

struct instrument {
	char name[48];	  /* ours: "BINANCE.BTCUSDT" */
	char symbol[32];  /* the venue's */
	uint32_t name_id; /* durable, in receipts */
	uint16_t venue;	  /* index into the configuration's venues */
	uint8_t px_dp, qty_dp;
	bool px_may_be_negative;
	bool may_lock; /* today's lots may be locked by the other side where closing them costs more */
	asset_id base, quote; /* base: the asset that exposure is counted in */
	asset_id settle;      /* margin and P&L currency; for spot the quote currency */
	struct expo expo;
	int64_t worth_num,
		worth_den; /* quote currency of one unit of quantity at a price of 1; den 0: as expo, prices being quote per base unit */
	struct caps caps;
	int64_t expiry_utc_ns; /* 0: none */
	char px_unit
		[24]; /* what a price says: "CNY/g", "USD/ozt"; empty: quote per base, whatever that is */
	char base_unit
		[8]; /* what base units are counted in: "g", "t"; empty: the base asset itself */
	int64_t vat_e8; /* tax that its price contains, of the price before it: 13 % = 13000000; 0: none */
	uint8_t feed_model; /* enum feed_model: what its feed's silence means */
	int64_t cadence_ns; /* of a conflated or snapshot feed */
	uint16_t
		calendar; /* index into the configuration's calendars; CALENDAR_NONE: round the clock */
	char exchange[12]; /* whose limits of the trading day are counted: "SHFE"; empty: none */
	uint8_t n_rules;
	struct rule rule[INSTRUMENT_RULES_MAX]; /* by from_utc_ns, rising */
};

/* Works out worth_* from px_unit, base_unit and expo: 1 contract of 3,110.34768 g priced in USD/ozt is worth 100 USD at a price of 1. -ERR_PARSE, -ERR_ARG, -ERR_RANGE
 * in words: a unit that is none, that does not measure the base or is not in the quote currency. Nothing to do, and 0, where px_unit is empty. */
int instrument_set_worth(struct instrument *i, const struct assets *a);
/* Quote currency of one unit of quantity at a price of 1 (inverse: at any price). */
static inline struct frac instrument_worth(const struct instrument *i)
{
	return i->worth_den > 0 ? (struct frac){ i->worth_num, i->worth_den }
				: (struct frac){ i->expo.num, i->expo.den };
}
const struct rule *instrument_rule(const struct instrument *i,
				   int64_t utc_ns); /* NULL: none in force yet */
/* Adds a rule, keeps them ordered, drops the oldest when full. -ERR_RANGE for a tick or lot <= 0. */
int instrument_add_rule(struct instrument *i, const struct rule *r);
/* Base units (e8) of a quantity at a price; signed like qty. The price matters only to inverse contracts. */
int64_t instrument_base_e8(const struct instrument *i, int64_t qty, int64_t px);
/* The other way: the largest |qty|, a multiple of lot, whose base units do not exceed |base_e8|; same sign. */
int64_t instrument_qty_of_base(const struct instrument *i, int64_t base_e8, int64_t px,
			       int64_t lot);
/* Value of a quantity at a price in the quote currency, e8. Inverse: in its own quote (USD) amount. */
int64_t instrument_notional_e8(const struct instrument *i, int64_t qty, int64_t px);
/* Fee of a fill, e8, and the asset that it is charged in; for FEE_IN_FIXED the amount is its value in quote currency. maker: it rested. */
int64_t instrument_fee_e8(const struct instrument *i, const struct rule *r, enum side side,
			  int64_t qty, int64_t px, bool maker, bool close_today, asset_id *asset);
