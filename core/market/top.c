#include "core/market/top.h"

static const char *const state_name[] = { "EMPTY", "LIVE",   "GAP",    "RECOVERING",
					  "STALE", "HALTED", "CROSSED" };
_Static_assert(sizeof state_name / sizeof *state_name == book_state_max,
	       "a name for every book state");

const char *book_state_name(enum book_state s)
{
	return s < book_state_max ? state_name[s] : "?";
}

static const char *const model_name[] = { "sequenced", "conflated", "snapshot", "on_change",
					  "probed" };
_Static_assert(sizeof model_name / sizeof *model_name == feed_model_max,
	       "a name for every model of a feed");

const char *feed_model_name(enum feed_model m)
{
	return m < feed_model_max ? model_name[m] : "?";
}
