/* exchange - a simulated venue without its wire: several instruments, several accounts, rules,
 * balances, order history, and faults.
 *
 * Whoever speaks the wire calls place, cancel and the queries, and gets every event of every
 * account from one callback, after the ledger has it: what was told is on disk. After a restart
 * on the same ledger it goes on with the same balances, orders and numbers. Times are the
 * venue's own and handed in; one thread; nothing is allocated after init. Limits: bounds of
 * ledger.h; after a restart resting orders stand at the end of the queue, and what was taken of
 * the market's levels is forgotten. */
#pragma once
#include "adapters/sim/funds.h"
#include "adapters/sim/knobs.h"
#include "adapters/sim/match.h"
#include "adapters/sim/outcome.h"
#include "core/base/map.h"
#include <stdbool.h>
#include <stdint.h>

#define EXCHANGE_DEPOSITS 8

struct exchange_account {
	char name[32];
	int32_t leverage; /* futures; 0: 20 */
	uint16_t owner; /* domestic futures: 1 + number of who controls it; 0: nobody but itself */
	uint8_t n_deposits;
	struct {
		asset_id asset;
		int64_t amount_e8;
	} deposit[EXCHANGE_DEPOSITS]; /* what it starts with on a fresh ledger */
};

struct exchange_config {
	char name[32];
	uint8_t kind; /* enum market_kind */
	uint8_t stp;  /* enum match_stp, for orders that name none */
	const struct assets
		*assets; /* kept by pointer, as are the next two: they outlive the exchange */
	const struct instrument *instrument; /* all of this venue, n_instruments */
	const struct exchange_account *account;
	uint16_t n_instruments, n_accounts;
	uint32_t max_levels;  /* a side and instrument; 0: 4096 */
	uint32_t max_resting; /* likewise; 0: 512 */
	uint32_t max_orders;  /* remembered for queries, open ones included; 0: 65536 */
	uint32_t max_trades;  /* likewise; 0: 65536 */
	const char *ledger;   /* path; NULL: none, and nothing survives */
};

enum order_status {
	STATUS_NEW,
	STATUS_PARTIAL,
	STATUS_FILLED,
	STATUS_CANCELED,
	STATUS_EXPIRED,
	STATUS_EXPIRED_STP,
	order_status_max
};

struct exchange_order {
	uint64_t id;
	char client[VENUE_CLIENT_ID];
	uint16_t account, instrument;
	uint8_t side, type, tif, stp, status,
		why; /* enums side, ord_type, tif, match_stp, order_status, match_why */
	bool reduce_only, working; /* working: it rests in the book */
	int64_t px, qty, cum, cum_value_e8;
	int64_t lock_px,
		lock_e8; /* money that it keeps locked, and the price that this was counted at */
	asset_id lock_asset;
	int64_t placed_ns, updated_ns;
	uint32_t first_trade, last_trade; /* 1 + index into the trades; 0: none */
};

struct exchange_trade {
	uint64_t trade, order;
	uint16_t account, instrument;
	uint8_t side;
	bool maker;
	asset_id fee_asset;
	int64_t px, qty, value_e8, fee_e8, pnl_e8, at_ns;
	uint32_t next; /* 1 + index of the order's next trade; 0: none */
};

enum exchange_event_kind {
	EVENT_NEW,	/* accepted */
	EVENT_TRADE,	/* trade is set */
	EVENT_CANCELED, /* as its owner asked */
	EVENT_EXPIRED,	/* the venue ended it: order->why */
	EVENT_BALANCE,	/* account, asset: free_e8, locked_e8 after it */
	EVENT_AMENDED,	/* another price or quantity is in force */
	EVENT_POSITION, /* account, instrument: qty, entry_e8 after it */
	exchange_event_max
};

struct exchange_event {
	uint8_t kind;
	uint16_t account, instrument;
	asset_id asset;
	int64_t at_ns;
	struct exchange_order order; /* as it stood right after this event, a copy */
	struct exchange_trade trade;
	int64_t free_e8, locked_e8, qty, entry_e8;
};
/* May call the queries, and nothing that changes the exchange. */
typedef void (*exchange_fn)(void *owner, const struct exchange_event *e);

struct exchange_request {
	uint16_t account, instrument;
	char client[VENUE_CLIENT_ID]; /* empty: the venue makes one */
	uint8_t side, type, tif, stp; /* stp: enum match_stp + 1; 0: the venue's default */
	bool reduce_only;
	int64_t px, qty; /* px of no meaning for ORD_MARKET */
};

struct exchange {
	struct exchange_config config;
	struct knobs *knobs; /* NULL: no faults */
	struct match *book;  /* by instrument */
	struct funds *funds; /* by account */
	struct funds_view view;
	struct exchange_order *order;
	struct exchange_trade *trade;
	uint32_t next_order, next_trade; /* slots to use next */
	uint64_t made_ids;		 /* client ids given out by us */
	struct map by_id, by_client;	 /* -> 1 + index; by_client knows the newest of that name */
	uint64_t next_id;
	struct ledger ledger;
	bool has_ledger, broken;
	enum outcome refused; /* what the book said to the order under way */
	int64_t halted_until_ns;
	int64_t last_ns;	       /* of the newest operation: never goes back */
	struct exchange_event *staged; /* of the operation under way, told once the ledger has it */
	uint32_t n_staged, cap_staged;
	exchange_fn fn;
	void *owner;
	uint64_t n_accepted, n_rejected, n_fills;
};

/* Fresh, or from an existing ledger. now_ns: the venue's time. knobs may be NULL. -ERR_CONFIG,
 * -ERR_NOMEM and what ledger_open says. */
int exchange_init(struct exchange *x, const struct exchange_config *c, struct knobs *knobs,
		  int64_t now_ns, exchange_fn fn, void *owner);
void exchange_free(struct exchange *x);

/* The market moves (a source's event, applied to the instrument's book); resting orders may
 * fill. -ERR_IO: the ledger broke. */
int exchange_market_snapshot(struct exchange *x, uint16_t instrument, int64_t now_ns,
			     const struct depth *d);
int exchange_market_depth(struct exchange *x, uint16_t instrument, int64_t now_ns,
			  const struct depth *d);
int exchange_market_quote(struct exchange *x, uint16_t instrument, int64_t now_ns,
			  const struct quote *q);
int exchange_market_trade(struct exchange *x, uint16_t instrument, int64_t now_ns,
			  const struct market_trade *t);

/* A new order. OUT_OK: *order is its record, as it stands after whatever it did at once; events
 * were told before this returns. Else nothing happened but a line in the ledger. `order` is
 * valid until the next place. */
enum outcome exchange_place(struct exchange *x, int64_t now_ns, const struct exchange_request *r,
			    const struct exchange_order **order);
/* By venue id (id != 0) or by client id. */
enum outcome exchange_cancel(struct exchange *x, int64_t now_ns, uint16_t account,
			     uint16_t instrument, uint64_t id, const char *client,
			     const struct exchange_order **order);
/* instrument LEDGER_NONE: all of them. Returns how many were cancelled, or a negative code. */
int exchange_cancel_all(struct exchange *x, int64_t now_ns, uint16_t account, uint16_t instrument);
/* Another price and total quantity for an open order (F09); one that has filled as much is cancelled. */
enum outcome exchange_amend(struct exchange *x, int64_t now_ns, uint16_t account,
			    uint16_t instrument, uint64_t id, const char *client, int64_t px,
			    int64_t qty, const struct exchange_order **order);
/* The venue closes a futures position at the market, whoever's client id begins with `by` (F65): "autoclose-", "adl_autoclose", "settlement_autoclose-".
 * OUT_OK too where there is none, or nothing to meet. */
enum outcome exchange_force(struct exchange *x, int64_t now_ns, uint16_t account,
			    uint16_t instrument, const char *by);
/* The venue itself ends an open order (F67), unasked. */
enum outcome exchange_expire(struct exchange *x, int64_t now_ns, uint64_t id);
/* Money in or out that no trade explains: funding, a transfer (F70). Free balance may go
 * negative. */
int exchange_move(struct exchange *x, int64_t now_ns, uint16_t account, asset_id asset,
		  int64_t amount_e8, const char *why);
/* Refuse new orders until then. */
void exchange_halt(struct exchange *x, int64_t until_ns);

/* Queries. The newest order of that id or client id, or NULL: never was, or forgotten. */
const struct exchange_order *exchange_order(const struct exchange *x, uint16_t account,
					    uint16_t instrument, uint64_t id, const char *client);
/* Open orders, oldest first; instrument LEDGER_NONE: all. Returns how many there are; at most
 * cap are written. */
uint32_t exchange_open(const struct exchange *x, uint16_t account, uint16_t instrument,
		       const struct exchange_order **out, uint32_t cap);
/* Trades in order: of one order (order_id != 0), or all of the account in the instrument with
 * trade id >= from_id and time >= from_ns. Returns how many were written. */
uint32_t exchange_trades(const struct exchange *x, uint16_t account, uint16_t instrument,
			 uint64_t order_id, uint64_t from_id, int64_t from_ns,
			 const struct exchange_trade **out, uint32_t cap);
const struct funds *exchange_funds(const struct exchange *x, uint16_t account);
/* The market's book, best first, and the update number that it stands for. Returns the levels
 * written. */
uint32_t exchange_depth(const struct exchange *x, uint16_t instrument, enum side side,
			struct level *out, uint32_t cap, int64_t *last_seq);
/* Index of a symbol, or -1. */
int exchange_find(const struct exchange *x, const char *symbol, size_t n);

const char *order_status_name(enum order_status s); /* as Binance writes it: "PARTIALLY_FILLED" */
