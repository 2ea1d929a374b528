/* paper_parts - what the files of paper share; nobody else includes it. */
#pragma once
#include "adapters/sim/match.h"
#include "adapters/sim/paper.h"
#include "core/base/map.h"

#define PAPER_HELD 512 /* changes that wait for the whole book that they belong behind */

enum paper_message_kind {
	PAPER_PLACE,
	PAPER_CANCEL,
	PAPER_QUERY,
	PAPER_RECONCILE,
	PAPER_SNAPSHOT,
	PAPER_PROBE,
	PAPER_REPORT,
	PAPER_POSITION,
	PAPER_RECONCILED,
	PAPER_PROBED,
	PAPER_BOOK,
	PAPER_UP
};

struct paper_message {
	int64_t at_ns, sent_ns;
	uint8_t kind; /* enum paper_message_kind */
	uint32_t slot, instrument;
	int64_t number, qty[side_max];
	uint16_t account;
	struct exec_report report;
};

/* Messages on one way, in order of time since the way takes always as long. */
struct paper_way {
	struct paper_message *at;
	size_t first, n, cap;
};

enum paper_order_state { PAPER_ON_ITS_WAY, PAPER_WORKS, PAPER_ENDED, PAPER_REFUSED };

struct paper_order {
	uint64_t id; /* the host's */
	uint32_t instrument;
	uint16_t account;
	uint8_t side, type, tif, offset, state;
	int64_t px, qty, cum;
};

/* A change that came before the book that it belongs behind. */
struct paper_held {
	struct depth d;
	struct level *level[side_max];
};

struct paper_market {
	struct paper *paper;
	struct match match;
	bool open;	   /* match is initialised */
	bool known, fresh; /* fresh: no change has joined the snapshot yet */
	int64_t last_seq, made_seq;
	struct paper_held *held; /* PAPER_HELD */
	uint32_t n_held;
};

/* What an account holds: long and short, of today and before. */
struct paper_row {
	uint16_t account;
	uint32_t instrument;
	int32_t day;
	int64_t qty[side_max][2];
};

struct paper {
	struct venue v; /* first */
	struct paper_options o;
	struct paper_market *market; /* by instrument */
	struct paper_way in, out;
	struct paper_order *order;
	uint32_t n_orders, cap_orders;
	struct map slot_of; /* by the host's id */
	struct paper_row *row;
	uint32_t n_rows, cap_rows;
	struct level *level[side_max]; /* PACK_LEVELS, to tell books with */
	int64_t now_ns;
	int64_t clock_ns; /* when its clock was last told; 0: not yet */
	struct paper_stats stats;
};

static inline struct paper *paper_of(const struct venue *v)
{
	return (struct paper *)(uintptr_t)v;
}

struct paper_message *paper_send(struct paper *p, struct paper_way *w, int64_t way_ns,
				 enum paper_message_kind kind);
/* Orders (paper_orders.c). */
int paper_take_order(struct paper *p, const struct order *o, uint32_t *slot);
void paper_arrive(struct paper *p, uint32_t slot);
void paper_arrive_cancel(struct paper *p, uint32_t slot);
void paper_arrive_query(struct paper *p, uint32_t slot, uint64_t id);
void paper_event(void *owner, const struct match_event *e);
void paper_arrive_reconcile(struct paper *p);
size_t paper_encode_id(uint64_t id, char out[VENUE_CLIENT_ID]);
/* Books (paper_market.c). */
int paper_market_open(struct paper *p, uint32_t instrument);
void paper_market_free(struct paper_market *m);
void paper_tell_book(struct paper *p, uint32_t instrument, int64_t mono_ns);
int64_t paper_number(const struct paper_market *m);
