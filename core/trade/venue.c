#include "core/trade/venue.h"

static const char *const exec_name[] = {
	"ACK",	     "FILL",	"CANCELLED", "REJECTED", "CANCEL_REJECTED", "STATUS",
	"NOT_FOUND", "UNKNOWN", "BUST",	     "CORRECT",	 "REPLACED",	    "REPLACE_REJECTED"
};
_Static_assert(sizeof exec_name / sizeof *exec_name == exec_kind_max,
	       "a name for every kind of report");

static const char *const class_name[] = { "other",  "transient", "price",      "size",
					  "money",  "rate",	 "auth",       "clock",
					  "closed", "duplicate", "would_take", "gone",
					  "opening" };
_Static_assert(sizeof class_name / sizeof *class_name == reject_class_max,
	       "a name for every class of refusal");

static const char *const forced_name[] = { "none", "liquidation", "adl", "forced_close",
					   "delivery" };
_Static_assert(sizeof forced_name / sizeof *forced_name == forced_cause_max,
	       "a name for every force");

static const char *const why_name[] = { "unsaid", "expired", "self_trade", "dead_man", "by_venue" };
_Static_assert(sizeof why_name / sizeof *why_name == cancel_why_max,
	       "a name for every reason to be gone");

static const char *const state_name[] = { "DOWN", "CONNECTING", "LOGON", "RECONCILING", "UP" };
_Static_assert(sizeof state_name / sizeof *state_name == venue_state_max,
	       "a name for every venue state");

static const char *const bad_name[] = { "syntax",   "number", "tick", "size",	"sequence",
					"checksum", "frame",  "book", "unknown" };
_Static_assert(sizeof bad_name / sizeof *bad_name == bad_input_max,
	       "a name for every kind of bad input");

void venue_set_state(struct venue *v, enum venue_state s, const char *why)
{
	if (v->state == s)
		return;
	v->state = (uint8_t)s;
	v->host.on_state(v->host.core, v->index, s, why);
}

const char *exec_kind_name(enum exec_kind k)
{
	return k < exec_kind_max ? exec_name[k] : "?";
}

const char *forced_cause_name(enum forced_cause c)
{
	return c < forced_cause_max ? forced_name[c] : "?";
}

const char *cancel_why_name(enum cancel_why w)
{
	return w < cancel_why_max ? why_name[w] : "?";
}

const char *reject_class_name(enum reject_class c)
{
	return c < reject_class_max ? class_name[c] : "?";
}

const char *venue_state_name(enum venue_state s)
{
	return s < venue_state_max ? state_name[s] : "?";
}

const char *bad_input_name(enum bad_input b)
{
	return b < bad_input_max ? bad_name[b] : "?";
}
