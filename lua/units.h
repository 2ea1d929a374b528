/* units - the conversions that a strategy's file states, kept while it loads, and held against the instruments that the configuration gives its legs.
 *
 * Inside lua/ only. One owner, the load; no allocation of its own. */
#pragma once
#include "core/trade/strategy.h"
#include "lua/conv.h"
#include "lua/host.h"

#define UNITS_CONV_MAX 32 /* tandem.conv in one file */

struct units {
	int strategy_line; /* of tandem.strategy */
	unsigned n;
	struct {
		struct conv conv;
		int line;
	} said[UNITS_CONV_MAX];
};

/* Remembers a conversion; its number from 1, or 0 when there are too many. */
int units_note(struct units *u, const struct conv *c, int line);
/* note: by leg, 0 for none. 0 and the values' unit (UNIT_TEXT), empty when nothing is bound; -ERR_SCRIPT: "file:line: what, why, what to write". */
int units_check(const struct units *u, const struct strategy *s, const int32_t *note,
		const struct lua_instance_options *o, char *unit);
/* Why the ratio of the legs means nothing, or NULL: the first leg whose price may be zero or negative, in words. */
const char *units_no_ratio(const struct lua_instance_options *o, char *out, size_t cap);
