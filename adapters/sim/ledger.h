/* ledger - the simulated venue's own truth on disk: every order, fill, fee, cancel and balance,
 * before anybody is told of it.
 *
 * An append-only file of records of one size, each with a checksum and a number. What belongs
 * together (an order, its fills, the balances after them) is one batch, written by one write(2):
 * after a kill the file is cut back to its last whole batch, and the venue goes on from there.
 * It is what every test holds the host against, so the totals are plain sums over the records
 * and use nothing of the venue's own state. Written by the venue's thread; anybody may read
 * while it is being written. It survives the death of the process; the machine's only as far as
 * the kernel has written it out. */
#pragma once
#include "core/market/event.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LEDGER_ASSETS	   64
#define LEDGER_ACCOUNTS	   16
#define LEDGER_INSTRUMENTS 32
#define LEDGER_TEXT	   64
#define LEDGER_NONE	   0xffffu

enum ledger_kind {
	LEDGER_HEAD,	   /* the first: text is the venue's name, digest its configuration's */
	LEDGER_ASSET,	   /* asset, text */
	LEDGER_INSTRUMENT, /* instrument, text is the symbol, body.instrument */
	LEDGER_ACCOUNT,	   /* account, text */
	LEDGER_START,	   /* the venue begins to run (again) */
	LEDGER_ORDER,	   /* accepted: body.order, text is the client's id */
	LEDGER_FILL,	   /* body.fill */
	LEDGER_END,	   /* the order is over and not filled: status, why, body.order.cum */
	LEDGER_REJECT, /* never became an order: status is enum outcome, text is the client's id */
	LEDGER_MOVE, /* money in or out that no trade explains: body.money.moved_e8; text says why */
	LEDGER_BALANCE,	 /* body.money after what came before in this batch */
	LEDGER_POSITION, /* body.position, likewise */
	LEDGER_AMEND,	 /* the order goes on at body.order.px for body.order.qty */
	LEDGER_DAY, /* domestic futures: instrument's trading day body.day.day, begun at this settlement price */
	ledger_kind_max
};

struct ledger_record {
	uint64_t check; /* over all that follows */
	uint32_t magic;
	uint8_t kind;
	uint8_t last; /* of its batch */
	uint8_t side, type, tif, stp, status, why;
	uint8_t maker, own; /* own, of a domestic END: at a price limit that was locked */
	uint16_t account, instrument, asset, fee_asset; /* LEDGER_NONE: none */
	uint8_t reduce_only, pad;
	uint64_t seq; /* 1, 2, 3 ... */
	int64_t at_ns;
	uint64_t order;
	char text[LEDGER_TEXT];
	union {
		uint8_t digest[32];
		struct {
			int64_t num, den;
			uint16_t base, quote, settle;
			uint8_t expo_kind, px_dp, qty_dp;
		} instrument;
		struct {
			int64_t px, qty, cum;
			/* Domestic futures: how its client named it; and of what was asked, how much a fault kept from the exchange. */
			int64_t session, ref, cut;
		} order;
		struct {
			int64_t settle_px, day;
		} day;
		struct {
			uint64_t trade;
			int64_t px, qty, cum;
			int64_t value_e8; /* quote currency; inverse contracts: settlement asset */
			int64_t base_e8; /* what it moved of the base asset, before fees; unsigned */
			int64_t fee_e8;	 /* in fee_asset; negative: a rebate */
			int64_t pnl_e8;	 /* realised by it, settlement asset; futures */
		} fill;
		struct {
			int64_t free_e8, locked_e8, moved_e8;
		} money;
		struct {
			int64_t qty;	  /* signed */
			int64_t entry_e8; /* value that it was entered at, settlement asset, unsigned */
			int64_t lots
				[side_max]
				[2]; /* domestic futures: long and short, today's and earlier ones; pad of orders and fills is the offset */
		} position;
	} body;
};
_Static_assert(sizeof(struct ledger_record) == 184, "the layout of a record is the file's format");

struct ledger {
	int fd;
	char path[256];
	uint64_t seq; /* of the last record staged or written */
	int64_t size; /* of the file, whole batches only */
	struct ledger_record *batch;
	uint32_t n, cap;
	bool broken; /* a write failed: nothing is accepted any more */
};

/* Opens or makes the file and takes its lock. cap: most records of one batch. An existing file
 * must begin with this name and digest (-ERR_CONFIG, in words); a torn tail is cut off. fresh:
 * true when the file was empty. -ERR_BUSY: another venue writes it. -ERR_CORRUPT: damage before
 * the tail. -ERR_IO. */
int ledger_open(struct ledger *l, const char *path, const char *name, const uint8_t digest[32],
		uint32_t cap, bool *fresh);
void ledger_close(struct ledger *l);
/* Stages a copy; number, magic and checksum are set here. -ERR_FULL, -ERR_IO (broken before). */
int ledger_add(struct ledger *l, const struct ledger_record *r);
/* Writes what is staged as one batch. On failure the file is cut back, nothing counts as said,
 * and the ledger is broken: -ERR_IO. */
int ledger_commit(struct ledger *l);

/* Hands every record of a whole batch to fn, in order; a non-zero answer ends it and is
 * returned. `end`, where not NULL, gets the file's length up to the last whole batch. What
 * follows that and is no whole batch is a torn tail and no error. -ERR_NOTFOUND, -ERR_IO;
 * -ERR_CORRUPT: a damaged record with good ones behind it. */
typedef int (*ledger_fn)(void *owner, const struct ledger_record *r);
int ledger_read(const char *path, ledger_fn fn, void *owner, int64_t *end);
/* The same over bytes in memory; for ledger_read and the fuzz harness. */
int ledger_scan(const void *bytes, size_t n, ledger_fn fn, void *owner, int64_t *end);

struct ledger_trading { /* of one account in one instrument */
	int64_t qty[side_max], value_e8[side_max], base_e8[side_max];
	uint64_t fills, maker_fills;
	int64_t pnl_e8;	  /* realised, as the fills say */
	int64_t position; /* as the last position record says: must be bought - sold */
	int64_t entry_e8; /* likewise; with what was realised it must make bought - sold */
	bool has_position;
};

struct ledger_money {		    /* of one account in one asset */
	int64_t free_e8, locked_e8; /* as the last balance record says */
	int64_t moved_e8, fees_e8;  /* sums */
	int64_t expect_e8; /* what moves, fills and fees add up to: must be free + locked */
};

struct ledger_totals {
	char venue[LEDGER_TEXT];
	char asset[LEDGER_ASSETS][12], account[LEDGER_ACCOUNTS][32], symbol[LEDGER_INSTRUMENTS][32];
	struct ledger_record instrument[LEDGER_INSTRUMENTS]; /* its definition; kind 0 where none */
	uint64_t records, starts, orders, ends, rejects, fills, own_fills;
	struct ledger_trading trading[LEDGER_ACCOUNTS][LEDGER_INSTRUMENTS];
	struct ledger_money money[LEDGER_ACCOUNTS][LEDGER_ASSETS];
	/* By asset: what the market has gained from us (futures: our realised profits with the
	 * other sign), and all fees. With the accounts' money they add up to what was moved in. */
	int64_t market_e8[LEDGER_ASSETS], fees_e8[LEDGER_ASSETS];
};

/* Everything above from the file alone. Large: the caller's memory. */
int ledger_totals(const char *path, struct ledger_totals *t);
int ledger_totals_scan(const void *bytes, size_t n,
		       struct ledger_totals *t); /* the same over bytes in memory */
/* Do the balances and positions that were written agree with the fills? 0, or -ERR_CORRUPT
 * naming the first that does not. */
int ledger_check(const struct ledger_totals *t);
/* Net bought base units (e8) of an asset over all instruments of the account, fees in that asset
 * taken off. */
int64_t ledger_base_e8(const struct ledger_totals *t, unsigned account, const char *asset);
/* Index of a name, or -1. */
int ledger_find_asset(const struct ledger_totals *t, const char *name);
int ledger_find_symbol(const struct ledger_totals *t, const char *symbol);
int ledger_find_account(const struct ledger_totals *t, const char *name);

const char *ledger_kind_name(enum ledger_kind k);
