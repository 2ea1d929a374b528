#include "core/market/top.h"

static const char *const state_name[] = { "EMPTY", "LIVE",   "GAP",    "RECOVERING",
					  "STALE", "HALTED", "CROSSED" };
_Static_assert(sizeof state_name / sizeof *state_name == book_state_max,
	       "a name for every book state");

const char *book_state_name(enum book_state s)
{
	return s < book_state_max ? state_name[s] : "?";
}
