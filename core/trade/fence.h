/* fence - contracts that an account trades in a way that this host did not: nothing opens in them until an operator has said whose that is.
 *
 * A fence stands around one account and instrument (F16, F51). Who trades there may close what is his, and open nothing. It is raised by a difference of
 * positions, a fill or a working order of somebody else, or by an exchange that lets nothing more be opened today; it falls by an operator's word, or when what raised it is gone. Durable by its receipts. Engine's thread. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum fence_why {
	FENCE_NONE,
	FENCE_POSITION, /* the venue holds something else than the books of this host */
	FENCE_FILL,	/* somebody else traded it; booked to nobody */
	FENCE_ORDER,	/* somebody else's order works in it */
	FENCE_OPENING,	/* its exchange lets nothing more be opened in this trading day (F68) */
	fence_why_max
};

struct fence {
	uint16_t account;
	uint8_t why; /* enum fence_why */
	uint32_t instrument;
	int64_t host_qty, venue_qty; /* signed, as it was raised */
	int64_t since_utc_ns;
	uint64_t cause; /* its receipt */
	/* More orders of somebody else work in it than are kept (foreign.h), as last listed in that round: no end of those that are kept lets it fall. */
	bool crowded;
	uint32_t crowded_round;
};

/* Room for one around every contract in every account: there is never one too many. */
struct fences {
	struct fence *row;
	uint32_t n, cap;
};

struct desk;
struct fact;
struct pair;

int fences_init(struct fences *l, uint32_t accounts, uint32_t instruments); /* -ERR_NOMEM */
void fences_free(struct fences *l);
/* NULL: there is none. */
struct fence *fence_at(struct desk *d, uint16_t account, uint32_t instrument);
/* Raises it, or writes new numbers on one that stands; told and alerted when it is news. */
void fence_raise(struct desk *d, uint16_t account, uint32_t instrument, enum fence_why why,
		 int64_t host_qty, int64_t venue_qty, uint64_t cause, const char *text);
/* It falls; f is void afterwards. */
void fence_lift(struct desk *d, struct fence *f, uint64_t cause, const char *text);
/* Does one bar this pair from opening? *leg is the one. */
bool fence_bars(struct desk *d, const struct pair *p, unsigned *leg);
/* Another trading day has begun in a contract: what fenced it for the day is over. */
void fence_new_day(struct desk *d, uint32_t instrument);
/* All of them for a checkpoint, and one back from its receipt. */
void fence_carry(struct desk *d);
void fence_recall(struct desk *d, uint16_t account, uint32_t instrument, const struct fact *f);
/* A receipt tells of an order of somebody else that cannot be kept: the contract is fenced, if it is not. */
void fence_crowd(struct desk *d, uint16_t account, uint32_t instrument, const struct fact *f);
const char *fence_why_name(enum fence_why w);
