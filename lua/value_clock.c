#include "core/base/date.h"
#include "core/base/err.h"
#include "lua/value.h"
#include <string.h>
#include <strings.h>

#define CLOCK_MAX (2 * DATE_DAY_S)

/* Two digits at s, or -1. */
static int two(const char *s)
{
	bool ok = s[0] >= '0' && s[0] <= '9' && s[1] >= '0' && s[1] <= '9';
	return ok ? (s[0] - '0') * 10 + s[1] - '0' : -1;
}

int value_clock(const char *s, size_t n, int64_t *second)
{
	bool seconds = n == 8 && s[5] == ':', ok = (n == 5 || seconds) && s[2] == ':';
	int h = ok ? two(s) : -1, m = ok ? two(s + 3) : -1, sec = seconds ? two(s + 6) : 0;
	int64_t v = h * 3600 + m * 60 + sec;
	if (h < 0 || m < 0 || m > 59 || sec < 0 || sec > 59 || v > CLOCK_MAX)
		return err_set(
			ERR_PARSE,
			"is \"%.*s\", which is no time of day; a session could not begin or end "
			"then; write one such as \"21:00\" or \"08:59:30\"",
			(int)(n < 40 ? n : 40), s);
	*second = v;
	return 0;
}

int value_date(const char *s, size_t n, int64_t *date)
{
	int32_t v = 0;
	if (n != 10 || date_parse(s, n, &v))
		return err_set(
			ERR_PARSE,
			"is \"%.*s\", which is no day; it could not be looked up; write one such "
			"as \"2026-10-01\"",
			(int)(n < 40 ? n : 40), s);
	*date = v;
	return 0;
}

/* 0 Monday .. 6 Sunday, or -1. */
static int weekday(const char *s, size_t n)
{
	static const char *const names[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };
	for (int i = 0; n == 3 && i < 7; i++)
		if (!strncasecmp(s, names[i], 3))
			return i;
	return -1;
}

int value_days(const char *s, size_t n, int64_t *bits)
{
	int64_t v = n == 5 && !strncasecmp(s, "daily", 5) ? 0x7f : 0;
	bool ok = n > 0;
	for (size_t at = 0; ok && v != 0x7f && at < n;) {
		const char *comma = memchr(s + at, ',', n - at);
		size_t end = comma ? (size_t)(comma - s) : n;
		int from = weekday(s + at, end - at >= 3 ? 3 : 0), to = from;
		if (end - at == 7 && s[at + 3] == '-')
			to = weekday(s + at + 4, 3);
		else
			ok = end - at == 3;
		ok = ok && from >= 0 && to >= 0 && end + 1 != n;
		for (int d = from; ok; d = (d + 1) % 7) {
			v |= 1 << d;
			if (d == to)
				break;
		}
		at = end + 1;
	}
	if (!ok)
		return err_set(
			ERR_PARSE,
			"is \"%.*s\", which are no days of the week; nothing would begin on them; "
			"write \"mon-fri\", \"sun-thu\", \"mon,wed\" or \"daily\"",
			(int)(n < 40 ? n : 40), s);
	*bits = v;
	return 0;
}
