/* cn_exchange - the domestic futures market as a trader meets it through a counter: accounts with long and short lots of today and yesterday, orders
 * with offsets, sessions by the calendar, auctions, price limits, half-second snapshots, and the settlement that ends the day.
 *
 * Whoever speaks a wire, or stands for a venue without one, calls login, order and cancel, hands over the market's book and trades, and calls
 * cn_tick when cn_next_ns says so; reports and snapshots come back through two callbacks before the call returns. Every call first lets happen what was due before its time, so the result
 * depends on the calls alone and not on how often cn_tick came. No clock, no I/O, one thread, no allocation after init. All of a day's orders and fills are kept until its settlement.
 *
 * Limits: limit orders for the day, FAK and FOK only; no replace; one currency; a restart forgets the market's own trades of the day, so that the average that it settles at begins anew; a rule that comes into force holds for what arrives after it;
 * margin calls, forced closing, delivery and expiry do not happen. */
#pragma once
#include "adapters/sim/cn_account.h"
#include "adapters/sim/cn_snapshot.h"
#include "adapters/sim/cn_watch.h"
#include "core/base/map.h"

struct cn_contract { /* beside the instrument */
	const struct calendar *calendar;
	uint8_t house;	    /* enum cn_house */
	int64_t settle_px;  /* of the day before the first */
	int64_t open_limit; /* lots that an owner may open a day; 0: none */
};

struct cn_member {
	int64_t deposit_e8;
	uint16_t
		owner; /* index of who controls it, below CN_ACCOUNTS: accounts of one owner are counted together */
};

struct cn_config {
	const struct instrument
		*instrument; /* kept by pointer, as are the next and its calendars */
	const struct cn_contract *contract;
	const struct cn_member *member;
	uint16_t n_instruments, n_accounts;
	uint32_t levels;	      /* most of the market's, a side and contract; 0: 64 */
	uint32_t resting;	      /* most orders, likewise; 0: 256 */
	uint32_t orders, trades;      /* of a day; 0: 65536, trades are counted by side */
	uint32_t requests_per_second; /* of an account; 0: any number */
};

struct cn_request {
	uint16_t account, instrument;
	uint32_t session;		 /* as the login said */
	uint64_t ref;			 /* the client's, rises within the session */
	uint8_t side, type, tif, offset; /* enums side, ord_type, tif, offset */
	int64_t px, qty;
};

enum cn_state { CN_WORKING, CN_FILLED, CN_CANCELLED, cn_state_max };

struct cn_order {
	uint64_t id; /* the exchange's, never used again */
	struct cn_request asked;
	uint8_t state; /* enum cn_state */
	uint8_t why;   /* enum match_why, once it is cancelled */
	bool at_limit; /* then: it stood at a price limit that was locked */
	int64_t cum;
	int64_t locked_e8; /* money that it keeps locked */
	int32_t trading_day;
	int64_t placed_ns, updated_ns;
};

/* One side of a trade. Its identity: instrument, order or side, and trade id; a self-trade bears one id on both sides, and contracts count alike. */
struct cn_trade {
	uint64_t trade, order, ref;
	uint32_t session;
	uint16_t account, instrument;
	uint8_t side, offset;
	bool maker, own; /* own: the other side is an account here as well */
	int64_t px, qty, at_ns;
	int32_t trading_day;
	struct cn_fill fill;
};

enum cn_report_kind {
	CN_REPORT_ORDER,	  /* how it stands now */
	CN_REPORT_TRADE,	  /* after the order's own report */
	CN_REPORT_REFUSED,	  /* never an order: refusal, order.asked */
	CN_REPORT_CANCEL_REFUSED, /* refusal; order where there is one */
	CN_REPORT_SETTLED,	  /* account: its day is over, its session as well */
	cn_report_max
};

struct cn_report {
	uint8_t kind, refusal;
	bool replayed; /* it was told before, or happened while nobody was logged in */
	uint16_t account;
	int64_t at_ns;
	struct cn_order order; /* copies */
	struct cn_trade trade;
	int64_t balance_e8; /* CN_REPORT_SETTLED */
};
/* Both may call the queries, and nothing that changes the exchange. */
typedef void (*cn_report_fn)(void *owner, const struct cn_report *r);
typedef void (*cn_snapshot_fn)(void *owner, const struct cn_snapshot *s);

struct cn_book { /* of one contract */
	struct cn_exchange *exchange;
	uint16_t instrument;
	struct match match;
	const struct calendar *calendar;
	struct calendar_now now;
	int32_t day; /* the trading day that runs, or comes next */
	struct cn_day stat;
	struct cn_band band;
	bool close_only, counted; /* counted: the fills under way are in stat already */
	bool changed;		  /* since the last snapshot, in the half second that begins at: */
	int64_t changed_ns;
	struct cn_snapshot told;
	int64_t named_px; /* today's settlement price, where somebody named it; 0: the average */
};

struct cn_seat {	  /* of an account */
	uint32_t session; /* 0: none */
	uint64_t ref;	  /* the newest of it */
	bool confirmed;
	struct cn_flow flow;
};

struct cn_exchange {
	struct cn_config config;
	struct cn_view view;
	uint8_t house[CN_INSTRUMENTS];
	struct cn_book book[CN_INSTRUMENTS];
	struct cn_account account[CN_ACCOUNTS];
	struct cn_seat seat[CN_ACCOUNTS];
	struct cn_count count[CN_ACCOUNTS][CN_INSTRUMENTS]; /* by owner */
	int32_t day;					    /* not settled yet */
	int64_t now_ns;					    /* never goes back */
	uint32_t sessions;
	struct cn_order *order; /* the day's, by id from first_id on */
	struct cn_trade *trade; /* the day's, in order */
	uint32_t n_orders, n_trades;
	uint64_t first_id;
	struct map by_ref;
	struct level *level[side_max]; /* for a book cut to its limits */
	bool again; /* what is told now was told before a restart, and a fill's fee is this one: */
	int64_t again_fee_e8;
	cn_report_fn on_report;
	cn_snapshot_fn on_snapshot;
	void *owner;
};

/* -ERR_CONFIG in words (no calendar, no rule in force at now_ns, a contract that is not linear or whose price may be negative, bounds of cn_account.h), -ERR_NOMEM. The exchange must stay where it is. */
int cn_init(struct cn_exchange *x, const struct cn_config *c, int64_t now_ns,
	    cn_report_fn on_report, cn_snapshot_fn on_snapshot, void *owner);
void cn_free(struct cn_exchange *x);

/* Lets happen what is due by now_ns: phases, auctions, settlements, snapshots. Earlier than the newest call counts as that one's time. */
void cn_tick(struct cn_exchange *x, int64_t now_ns);
/* When something is due next; INT64_MAX: never. */
int64_t cn_next_ns(const struct cn_exchange *x);

/* The market's whole book, best first: what lies beyond the day's limits stands at the limit, or is not there (offers above the upper one). Depth says nothing of
 * updates: each call replaces the one before. -ERR_FULL: the day has no room for the fills that this could make. */
int cn_market_book(struct cn_exchange *x, uint16_t instrument, int64_t now_ns,
		   const struct depth *d);
/* A trade of others; nothing where no continuous trading is on, or at a price beyond the day's limits. -ERR_FULL likewise. */
int cn_market_trade(struct cn_exchange *x, uint16_t instrument, int64_t now_ns,
		    const struct market_trade *t);

/* A new session in place of the account's last: returns its number, from 1. The day's orders (as they stand) and then its trades are told again, each once, before this returns. */
uint32_t cn_login(struct cn_exchange *x, int64_t now_ns, uint16_t account);
void cn_logout(struct cn_exchange *x, int64_t now_ns, uint16_t account);
/* Yesterday's settlement is confirmed; once a trading day, before the first order. */
enum cn_refusal cn_confirm(struct cn_exchange *x, int64_t now_ns, uint16_t account,
			   uint32_t session);
/* CN_OK: it became an order, and what it did at once has been told. CN_FLOW: nothing was sent, and nothing is told. Any other: told as CN_REPORT_REFUSED. *id may be NULL; 0 when refused. */
enum cn_refusal cn_order(struct cn_exchange *x, int64_t now_ns, const struct cn_request *r,
			 uint64_t *id);
/* By the exchange's id (not 0), or by the session and reference that it was sent with. */
struct cn_cancel {
	uint16_t account;
	uint32_t session; /* the one that asks */
	uint64_t id;
	uint32_t order_session;
	uint64_t ref;
};
enum cn_refusal cn_cancel(struct cn_exchange *x, int64_t now_ns, const struct cn_cancel *c);
/* The exchange or the broker itself ends a working order (F67), unasked: false when it does not work. It counts as nobody's cancel. */
bool cn_expire(struct cn_exchange *x, int64_t now_ns, uint64_t id);
/* From now on nothing may open in a contract (F68), or it may again. */
void cn_close_only(struct cn_exchange *x, uint16_t instrument, bool on);
/* Names the day's settlement price, in place of the average. */
void cn_name_settle_px(struct cn_exchange *x, uint16_t instrument, int64_t px);

/* Queries; pointers are valid until the next call that changes the exchange. */
const struct cn_order *cn_order_of(const struct cn_exchange *x,
				   uint64_t id); /* NULL: not of today */
const struct cn_order *cn_order_by_ref(const struct cn_exchange *x, uint32_t session, uint64_t ref);
const struct cn_position *cn_position_of(const struct cn_exchange *x, uint16_t account,
					 uint16_t instrument, enum side side);
const struct cn_account *cn_account_of(const struct cn_exchange *x, uint16_t account);
const struct cn_count *cn_count_of(const struct cn_exchange *x, uint16_t account,
				   uint16_t instrument);
enum phase cn_phase_of(const struct cn_exchange *x, uint16_t instrument);
