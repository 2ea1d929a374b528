/* order - one order from intent to its end, and the only table that moves it.
 *
 * What the venue has not said is unknown, and unknown is a state of its own (R1): it leaves only by an authoritative answer.
 * Belongs to the engine's thread; memory is a fixed array; ids are never reused (I3). */
#pragma once
#include "core/base/timer.h"
#include "core/market/instrument.h"
#include <stdbool.h>
#include <stdint.h>

enum order_state {
	ORDER_NEW,	  /* intent written, nothing sent */
	ORDER_SENT,	  /* bytes given to the venue, no word yet */
	ORDER_LIVE,	  /* acknowledged, works (or has filled in part) */
	ORDER_CANCELLING, /* cancel sent, no word yet */
	ORDER_UNKNOWN,	  /* the venue alone knows: asked, not yet answered */
	ORDER_FILLED,
	ORDER_CANCELLED, /* by us, by the venue, or an IOC remainder */
	ORDER_REJECTED,
	ORDER_REPLACING, /* works; a change of price or quantity is on its way (F09) */
	order_state_max
};

enum order_event {
	ORDER_EV_SEND,
	ORDER_EV_ACK,
	ORDER_EV_FILL_PART,
	ORDER_EV_FILL_LAST,
	ORDER_EV_CANCEL,
	ORDER_EV_CANCELLED,
	ORDER_EV_CANCEL_REJECTED,
	ORDER_EV_REJECTED,
	ORDER_EV_LOST,
	ORDER_EV_BUST,
	ORDER_EV_REPLACE,
	ORDER_EV_REPLACED,
	ORDER_EV_REPLACE_REJECTED,
	order_event_max
};

struct order {
	uint64_t id; /* ours; an encoder per venue makes the client order id of it */
	uint64_t pair;
	uint64_t cause;	       /* receipt of its intent */
	uint32_t next_of_pair; /* slot + 1 of its pair's next order; 0: last */
	uint32_t open_at;      /* its place in the list of open orders + 1; 0: not in it */
	uint64_t parent;       /* the order this one is a slice or a replacement of; 0: none */
	uint32_t instrument;   /* index */
	uint16_t instance, account, venue; /* indices */
	uint8_t leg, side, type, tif, offset, state;
	uint8_t attempts;    /* queries sent since it became unknown */
	uint8_t cancels;     /* cancels sent so far (F14) */
	bool mass_cancelled; /* and all of its contract once, since those did not help */
	bool recalled;	     /* a checkpoint wrote it down after it had ended */
	bool rescue;	     /* it reduces the imbalance of a broken pair */
	bool was_terminal;   /* a late fill re-opened the books of it (F07) */
	int64_t px, qty;     /* in force; while it is being replaced, qty is the larger one (R1) */
	int64_t was_qty;     /* REPLACING: in force before */
	int64_t new_px, new_qty; /* REPLACING: asked for; new_qty 0: nothing is pending */
	int64_t cancel_mono_ns;	 /* the last cancel that was sent */
	uint32_t epoch;		 /* the venue's session that it was made for */
	int64_t cum;		 /* filled; busts taken off */
	int64_t cum_value_e8;	 /* sum of price * quantity of the fills, quote currency */
	int64_t cum_fee_base_e8; /* fees taken in the base asset */
	int64_t sent_mono_ns;
	int64_t deadline_mono_ns; /* when silence becomes unknown, or the next query is due */
	timer_id timer;
	char venue_order[24];
};

bool order_terminal(enum order_state s);
/* Could it still fill? Live, sent, cancelling, being replaced or unknown. */
bool order_open(enum order_state s);
/* The next state, or order_state_max when the table has no such move. */
enum order_state order_next(enum order_state s, enum order_event ev);
const char *order_state_name(enum order_state s);
const char *order_event_name(enum order_event e);
