/* bn_requests - what was asked and not yet answered: each request has an id that its reply bears, and a deadline.
 *
 * A fixed table; an id is a slot and a count, so that finding one is an index and a late reply to a slot that was given away is
 * told apart. Engine's thread; memory from init. */
#pragma once
#include "core/trade/venue.h"

/* What can be asked; what comes of it stands in a table of bn_replies.c, how it is put in bn_ask.c. */
enum bn_ask {
	BN_LOGON,
	BN_SUBSCRIBE,
	BN_LISTEN_KEY,
	BN_KEEP_ALIVE,
	BN_RULES,
	BN_TIME,
	BN_BOOK,
	BN_PROBE, /* the book's number, with a level or two */
	BN_PLACE,
	BN_CANCEL,
	BN_STATUS,
	BN_TRADES,
	BN_REPLACE,
	BN_CANCEL_ALL,
	BN_ARM,
	BN_HISTORY, /* executions of an account in an instrument, whoever's they are */
	BN_WHOSE,   /* the order that one of them is of, by the venue's number */
	BN_OPEN_ORDERS,
	BN_POSITIONS,
	BN_BALANCES,
	bn_ask_max
};

#define BN_NO_SESSION UINT16_MAX

struct bn_request {
	uint64_t id; /* 0: free */
	uint8_t ask; /* enum bn_ask */
	bool rest;
	uint16_t session; /* index, or BN_NO_SESSION */
	uint32_t instrument;
	int64_t sent_ns, deadline_ns; /* deadline INT64_MAX: waits for its turn */
	/* About an order: who it is, and for BN_TRADES the state to report behind its fills. */
	uint64_t order;
	int64_t order_sent_ns, known_cum;
	/* Pages of executions: where this one begins (0: at the first), what those before it add up to. HISTORY: from_ns where no number is known. */
	int64_t from_id, from_ns, summed;
	bool history; /* asked on behalf of a reconciliation, which waits for it */
	struct exec_report report;
};

struct bn_requests {
	struct bn_request *slot;
	uint32_t *free_slot;
	uint32_t n_free, cap;
	uint64_t count;
};

int bn_requests_init(struct bn_requests *t,
		     uint32_t cap); /* rounded up to a power of two; -ERR_NOMEM */
void bn_requests_free(struct bn_requests *t);
/* A new request, all but its id zero; NULL: no room. */
struct bn_request *bn_requests_add(struct bn_requests *t, enum bn_ask ask);
struct bn_request *bn_requests_find(struct bn_requests *t,
				    uint64_t id); /* NULL: answered, or never asked */
void bn_requests_del(struct bn_requests *t, struct bn_request *q);
const char *bn_ask_name(enum bn_ask a);
