#include "core/trade/order.h"

static const char *const state_name[] = { "NEW",	"SENT",	    "LIVE",
					  "CANCELLING", "UNKNOWN",  "FILLED",
					  "CANCELLED",	"REJECTED", "REPLACING" };
_Static_assert(sizeof state_name / sizeof *state_name == order_state_max,
	       "a name for every order state");

static const char *const event_name[] = { "SEND",    "ACK",	  "FILL_PART", "FILL_LAST",
					  "CANCEL",  "CANCELLED", "CXL_REJ",   "REJECTED",
					  "LOST",    "BUST",	  "REPLACE",   "REPLACED",
					  "REPL_REJ" };
_Static_assert(sizeof event_name / sizeof *event_name == order_event_max,
	       "a name for every order event");

#define NO order_state_max

/* Columns: SEND ACK FILL_PART FILL_LAST CANCEL CANCELLED CANCEL_REJECTED REJECTED LOST BUST REPLACE REPLACED
 * REPLACE_REJECTED. A fill may come first (F15), late (F07) or after a cancel was sent (F06); a terminal state takes no more than that and a bust. */
/* clang-format off */
static const uint8_t next_state[order_state_max][order_event_max] = {
	[ORDER_NEW] = {ORDER_SENT, NO, NO, NO, NO, NO, NO, ORDER_REJECTED, ORDER_UNKNOWN, NO, NO, NO, NO},
	[ORDER_SENT] = {NO, ORDER_LIVE, ORDER_LIVE, ORDER_FILLED, ORDER_CANCELLING, ORDER_CANCELLED, ORDER_SENT, ORDER_REJECTED, ORDER_UNKNOWN, ORDER_LIVE, NO, ORDER_LIVE, ORDER_SENT},
	[ORDER_LIVE] = {NO, ORDER_LIVE, ORDER_LIVE, ORDER_FILLED, ORDER_CANCELLING, ORDER_CANCELLED, ORDER_LIVE, ORDER_REJECTED, ORDER_UNKNOWN, ORDER_LIVE, ORDER_REPLACING, ORDER_LIVE, ORDER_LIVE},
	[ORDER_CANCELLING] = {NO, ORDER_CANCELLING, ORDER_CANCELLING, ORDER_FILLED, ORDER_CANCELLING, ORDER_CANCELLED, ORDER_UNKNOWN, ORDER_REJECTED, ORDER_UNKNOWN, ORDER_CANCELLING, NO, ORDER_CANCELLING, ORDER_CANCELLING},
	[ORDER_UNKNOWN] = {NO, ORDER_LIVE, ORDER_UNKNOWN, ORDER_FILLED, ORDER_UNKNOWN, ORDER_CANCELLED, ORDER_UNKNOWN, ORDER_REJECTED, ORDER_UNKNOWN, ORDER_UNKNOWN, NO, ORDER_UNKNOWN, ORDER_UNKNOWN},
	[ORDER_FILLED] = {NO, ORDER_FILLED, ORDER_FILLED, ORDER_FILLED, NO, ORDER_FILLED, ORDER_FILLED, NO, NO, ORDER_CANCELLED, NO, ORDER_FILLED, ORDER_FILLED},
	[ORDER_CANCELLED] = {NO, ORDER_CANCELLED, ORDER_CANCELLED, ORDER_FILLED, NO, ORDER_CANCELLED, ORDER_CANCELLED, ORDER_CANCELLED, NO, ORDER_CANCELLED, NO, ORDER_CANCELLED, ORDER_CANCELLED},
	[ORDER_REJECTED] = {NO, ORDER_REJECTED, ORDER_CANCELLED, ORDER_FILLED, NO, ORDER_REJECTED, ORDER_REJECTED, ORDER_REJECTED, NO, ORDER_REJECTED, NO, ORDER_REJECTED, ORDER_REJECTED},
	[ORDER_REPLACING] = {NO, ORDER_REPLACING, ORDER_REPLACING, ORDER_FILLED, ORDER_CANCELLING, ORDER_CANCELLED, ORDER_REPLACING, ORDER_REJECTED, ORDER_UNKNOWN, ORDER_REPLACING, NO, ORDER_LIVE, ORDER_LIVE},
};
/* clang-format on */

bool order_terminal(enum order_state s)
{
	return s == ORDER_FILLED || s == ORDER_CANCELLED || s == ORDER_REJECTED;
}

bool order_open(enum order_state s)
{
	return s == ORDER_SENT || s == ORDER_LIVE || s == ORDER_CANCELLING ||
	       s == ORDER_REPLACING || s == ORDER_UNKNOWN;
}

enum order_state order_next(enum order_state s, enum order_event ev)
{
	return (enum order_state)next_state[s][ev];
}

const char *order_state_name(enum order_state s)
{
	return s < order_state_max ? state_name[s] : "?";
}

const char *order_event_name(enum order_event e)
{
	return e < order_event_max ? event_name[e] : "?";
}
