#include "core/trade/limit.h"

#include "core/base/dec.h"
#include "core/base/span.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct about {
	const char *name;
	uint8_t unit, judged, action;
	uint32_t scopes;
};

static const struct about about[] = {
#define ABOUT(id, name, unit, judged, scopes, action, text) \
	{ name, UNIT_##unit, JUDGED_##judged, ACTION_##action, scopes },
	RISK_LIMITS(ABOUT)
#undef ABOUT
};
_Static_assert(sizeof about / sizeof *about == risk_limit_max, "a line for every limit");

static const char *const scope_name[] = {
#define NAME(id, text) text,
	LIMIT_SCOPES(NAME)
};
static const char *const action_name[] = { LIMIT_ACTIONS(NAME)
#undef NAME
};
_Static_assert(sizeof scope_name / sizeof *scope_name == limit_scope_max &&
		       sizeof action_name / sizeof *action_name == limit_action_max,
	       "a name for every scope and action");

enum limit_unit limit_unit_of(enum risk_limit l)
{
	return l < risk_limit_max ? (enum limit_unit)about[l].unit : UNIT_NONE;
}

enum limit_judged limit_judged_of(enum risk_limit l)
{
	return l < risk_limit_max ? (enum limit_judged)about[l].judged : JUDGED_STATE;
}

uint32_t limit_scopes_of(enum risk_limit l)
{
	return l < risk_limit_max ? about[l].scopes : 0;
}

enum limit_action limit_action_of(enum risk_limit l)
{
	return l < risk_limit_max ? (enum limit_action)about[l].action : ACTION_REJECT;
}

const char *limit_scope_name(enum limit_scope s)
{
	return s < limit_scope_max ? scope_name[s] : "?";
}

const char *limit_action_name(enum limit_action a)
{
	return a < limit_action_max ? action_name[a] : "?";
}

size_t limit_key(enum risk_limit l, char out[LIMIT_WORDS])
{
	static const char *const unit[] = { "_e8", "_ns", "_ppm" };
	const char *name = l < risk_limit_max ? about[l].name : "?";
	size_t n = strlen(name);
	for (unsigned k = 0; k < sizeof unit / sizeof *unit; k++) {
		size_t u = strlen(unit[k]);
		if (n > u && strcmp(name + n - u, unit[k]) == 0) {
			n -= u;
			break;
		}
	}
	memcpy(out, name, n);
	out[n] = '\0';
	return n;
}

enum risk_limit limit_find(const char *name, size_t n)
{
	char key[LIMIT_WORDS];
	for (unsigned l = 1; l < risk_limit_max; l++) {
		bool whole = strlen(about[l].name) == n && memcmp(about[l].name, name, n) == 0;
		size_t k = limit_key((enum risk_limit)l, key);
		if (about[l].scopes && (whole || (k == n && memcmp(key, name, n) == 0)))
			return (enum risk_limit)l;
	}
	return RISK_LIMIT_NONE;
}

bool limit_reaches(enum risk_limit l)
{
	return l == RISK_LIMIT_REJECTS || l == RISK_LIMIT_REPEATS;
}

int64_t limit_most(enum risk_limit l)
{
	static const int64_t most[limit_unit_max] = {
		[UNIT_NONE] = 1000000000,
		[UNIT_MONEY] = 1000000000000000000,
		[UNIT_BASE] = 1000000000000000000,
		[UNIT_LOTS] = 1000000000,
		[UNIT_COUNT] = 1000000000,
		[UNIT_TIME] = 366LL * 86400 * 1000000000,
		[UNIT_PPM] = 1000000,
	};
	return most[limit_unit_of(l)];
}

void limit_range_words(enum risk_limit l, char out[LIMIT_RANGE])
{
	char least[LIMIT_WORDS], most[LIMIT_WORDS];
	limit_words(l, 0, least);
	limit_words(l, limit_most(l), most);
	snprintf(out, LIMIT_RANGE, "%s to %s", least, most);
}

bool limit_is_margin(enum risk_limit l)
{
	return l == RISK_LIMIT_CLOSING;
}

bool limit_tighter(enum risk_limit l, int64_t a, int64_t than)
{
	if (a == LIMIT_OFF || than == LIMIT_OFF)
		return a != LIMIT_OFF;
	return limit_is_margin(l) ? a > than : a < than;
}

void limit_words(enum risk_limit l, int64_t value, char out[LIMIT_WORDS])
{
	char text[24];
	if (value == LIMIT_OFF) {
		snprintf(out, LIMIT_WORDS, "off");
		return;
	}
	switch (limit_unit_of(l)) {
	case UNIT_MONEY:
	case UNIT_BASE:
		dec_format(value, 8, 0, text);
		snprintf(out, LIMIT_WORDS, "%s", text);
		break;
	case UNIT_TIME:
		span_format(value, text);
		snprintf(out, LIMIT_WORDS, "%s", text);
		break;
	case UNIT_PPM:
		snprintf(out, LIMIT_WORDS, "%" PRId64 " ppm", value);
		break;
	default:
		snprintf(out, LIMIT_WORDS, "%" PRId64, value);
	}
}
