#include "core/market/join.h"

const struct join_rule join_rules[feed_join_max] = {
	[JOIN_LAST_PLUS_1] = { .overlaps = true },
	[JOIN_PREV] = { .by_prev = true, .overlaps = true, .ends_at = true },
	[JOIN_COUNT] = { .single = true },
	[JOIN_PREV_RESET] = { .by_prev = true, .in_order = true },
	[JOIN_WHOLE] = { .single = true, .whole = true },
};

static const char *const join_name[] = { "last_plus_1", "prev", "count", "prev_reset", "whole" };
_Static_assert(sizeof join_name / sizeof *join_name == feed_join_max,
	       "a name for every continuity rule");

const char *feed_join_name(enum feed_join j)
{
	return j < feed_join_max ? join_name[j] : "?";
}
