/* funds - one account's money at the venue: free and locked per asset, and for futures positions
 * with their margin.
 *
 * Spot: an order locks what it may cost, a fill moves assets and takes its fee from what
 * arrives, from the quote currency, or from a fixed coin (from what arrives where that coin is
 * short). Futures: one wallet a settlement asset, positions and resting orders need margin,
 * fills realise profit against the average entry. Amounts are int64 e8. Owned by the exchange,
 * no I/O, fixed memory. Limits: cross margin, one-way positions, no liquidation (an account that
 * has lost its wallet goes below zero and can only reduce); a fixed coin counts as worth one of
 * the quote currency; where fees come on top of a purchase, rounding may overdraw an emptied
 * account by 1e-8 a fill. */
#pragma once
#include "adapters/sim/ledger.h"
#include "adapters/sim/outcome.h"
#include <stdbool.h>
#include <stdint.h>

/* What all accounts of a venue see alike; the exchange keeps it. */
struct funds_view {
	const struct instrument *instrument;
	uint16_t n;
	const struct rule *rule[LEDGER_INSTRUMENTS]; /* in force */
	int64_t mark_px[LEDGER_INSTRUMENTS];	     /* middle of the market; 0: not known */
};

struct funds_position {
	int64_t qty;			 /* signed */
	int64_t entry_e8;		 /* value that it was entered at, >= 0 */
	int64_t open[side_max];		 /* quantity of resting orders */
	int64_t told_qty, told_entry_e8; /* what the ledger has heard last */
};

struct funds_money {
	int64_t free_e8, locked_e8;
	int64_t told_free_e8, told_locked_e8; /* what the ledger has heard last */
};

struct funds {
	const struct funds_view *view;
	uint8_t kind;	  /* enum market_kind */
	int32_t leverage; /* futures: >= 1 */
	struct funds_money money[LEDGER_ASSETS];
	struct funds_position position[LEDGER_INSTRUMENTS];
};

/* What an order of qty at px keeps locked: on spot its cost, on futures nothing (margin is no
 * lock). */
int64_t funds_need_e8(const struct funds *f, uint16_t instrument, enum side side, int64_t qty,
		      int64_t px, asset_id *asset);
/* OUT_OK, OUT_MONEY, OUT_MARGIN or OUT_REDUCE_ONLY. px: the limit, or for a market order the
 * worst price it would get. */
enum outcome funds_check(const struct funds *f, uint16_t instrument, enum side side, int64_t qty,
			 int64_t px, bool reduce_only);
/* delta_e8 from free to locked, or back when negative. */
void funds_hold(struct funds *f, asset_id asset, int64_t delta_e8);
/* Money in or out. */
void funds_move(struct funds *f, asset_id asset, int64_t delta_e8);

/* The consequences of a fill, applied and told. Locks are the caller's to release first. */
struct funds_fill {
	int64_t value_e8, base_e8, fee_e8, pnl_e8;
	asset_id fee_asset;
};
void funds_fill(struct funds *f, uint16_t instrument, enum side side, int64_t qty, int64_t px,
		bool maker, struct funds_fill *out);

/* Value of a quantity in what it is paid in: the quote currency, for inverse contracts the
 * settlement asset. */
int64_t funds_value_e8(const struct instrument *i, int64_t qty, int64_t px);
/* Futures, in the settlement asset: wallet and unrealised losses less the margin of positions
 * and orders. */
int64_t funds_available_e8(const struct funds *f, asset_id settle);
int64_t funds_upnl_e8(const struct funds *f, uint16_t instrument);
int64_t funds_margin_e8(const struct funds *f, uint16_t instrument);
