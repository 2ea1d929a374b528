/* zone_rule - the footer of a time zone file: a POSIX TZ text such as "EST5EDT,M3.2.0,M11.1.0", good for every year. Part of zone. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The day of a year on which clocks change, and at which second of it (may lie days away). */
struct zone_change {
	enum { ZONE_JULIAN, ZONE_DAY, ZONE_WEEKDAY } kind;
	uint16_t day; /* Jn: 1..365, never the 29th of February; n: 0..365 */
	uint8_t month, week,
		wday; /* Mm.w.d: the w-th (5: the last) weekday d (0 Sunday) of a month */
	int32_t at_s;
};

struct zone_rule {
	bool given, saves;
	int32_t standard_s, daylight_s; /* local minus UTC */
	struct zone_change begin, end;	/* of daylight saving */
};

/* 0, or -ERR_PARSE without a text. n == 0: no rule. */
int zone_rule_parse(const char *s, size_t n, struct zone_rule *out);
int32_t zone_rule_offset_s(const struct zone_rule *r, int64_t utc_s);
int64_t zone_rule_next_s(const struct zone_rule *r, int64_t utc_s);
