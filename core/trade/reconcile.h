/* reconcile - holds what a venue says that an account has against the books of this host: after every log-on, and now and then.
 *
 * A position is compared as it is; in a spot account, what it holds of an asset beyond what the host traded there is a baseline that is durable, and whatever moves
 * it is a difference. An answer counts only when it is whole and fresh (F64): everything that was asked came, nothing of ours was booked or on its way there since
 * it was asked, and a difference is believed when a second answer repeats it. Then it is a receipt, an alert and a fence (F51). A venue is `reconciled`, so that
 * pairs may open on it, when its session is up, no order of ours there is unknown, and all of that has been compared. Engine's thread. */
#pragma once
#include "core/market/instrument.h"
#include <stdbool.h>
#include <stdint.h>

enum reconcile_act {
	RECONCILE_DIFFERS,  /* both numbers stand in the receipt */
	RECONCILE_AGREES,   /* a difference is gone by itself */
	RECONCILE_BASELINE, /* what a spot account held beside the books, when it was first seen */
	RECONCILE_MOVED,    /* money was moved by hand: the baseline follows (F70) */
	RECONCILE_ADOPTED,  /* by an operator's word an instance's */
	RECONCILE_ACCEPTED, /* by an operator's word nobody's */
	reconcile_act_max
};

struct reconcile_venue {
	uint32_t round;	  /* of questions; counts from 1 */
	int64_t asked_ns; /* when the present one began */
	int64_t due_ns;	  /* the next one; INT64_MAX: none is due */
	uint32_t again;	  /* rounds in a row that left something open */
	bool answered;	  /* the present one, in full */
	bool hinted;	  /* the next one was brought forward by something told out of turn */
};

struct desk;
struct fact;

/* The session is up and logged on, its orders and positions are being asked for; nothing that was told before counts any more. */
void reconcile_begin(struct desk *d, uint16_t venue);
void reconcile_position(struct desk *d, uint16_t account, uint32_t instrument, int64_t qty_long,
			int64_t qty_short, int64_t venue_ns);
void reconcile_balance(struct desk *d, uint16_t account, asset_id asset, int64_t free_e8,
		       int64_t locked_e8);
/* The round is over; full: the answers are complete. */
void reconcile_answered(struct desk *d, uint16_t venue, bool full);
/* The session is up: judged as soon as nothing of ours is unknown. Where nobody trades, or the venue cannot be asked, there is nothing to judge. */
void reconcile_up(struct desk *d, uint16_t venue);
/* Judges what can be judged, and asks again where it is due. Whenever a venue comes up, and ten times a second. */
void reconcile_look(struct desk *d, uint16_t venue);
void reconcile_on_time(struct desk *d);

/* An operator's word on a fenced contract: adopt gives what nobody holds of it, and what differs, to an instance; accept leaves it to nobody. -ERR_NOTFOUND: it
 * is not fenced; -ERR_STATE, -ERR_ARG, -ERR_FULL in words. Then nothing was done. */
int reconcile_adopt(struct desk *d, uint16_t account, uint32_t instrument, uint16_t instance,
		    const char *who, const char *why);
int reconcile_accept(struct desk *d, uint16_t account, uint32_t instrument, const char *who,
		     const char *why);
/* Baselines for a checkpoint, and back from their receipts. */
void reconcile_carry(struct desk *d);
int reconcile_recall(struct desk *d, uint16_t account, uint32_t instrument, uint16_t instance,
		     asset_id asset, const struct fact *f);
const char *reconcile_act_name(enum reconcile_act a);
