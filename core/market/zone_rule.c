#include "core/market/zone_rule.h"
#include "core/base/date.h"
#include "core/base/err.h"

struct text {
	const char *s, *end;
};

static bool take(struct text *t, char c)
{
	bool is = t->s < t->end && *t->s == c;
	t->s += is;
	return is;
}

static bool is_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "EST", or in angle brackets with digits and signs: "<-03>". */
static bool take_name(struct text *t)
{
	bool quoted = take(t, '<');
	const char *from = t->s;
	while (t->s < t->end &&
	       (is_letter(*t->s) || (quoted && (is_digit(*t->s) || *t->s == '+' || *t->s == '-'))))
		t->s++;
	return t->s - from >= 3 && (!quoted || take(t, '>'));
}

static bool take_number(struct text *t, int32_t min, int32_t max, int32_t *out)
{
	const char *from = t->s;
	int32_t v = 0;
	while (t->s < t->end && is_digit(*t->s) && v <= max)
		v = v * 10 + (*t->s++ - '0');
	*out = v;
	return t->s > from && v >= min && v <= max;
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(struct text *t, int32_t hours_max, int32_t *out)
{
	int32_t h, m = 0, s = 0;
	bool minus = take(t, '-');
	if (!minus)
		take(t, '+');
	if (!take_number(t, 0, hours_max, &h))
		return false;
	if (take(t, ':') &&
	    (!take_number(t, 0, 59, &m) || (take(t, ':') && !take_number(t, 0, 59, &s))))
		return false;
	*out = (h * 3600 + m * 60 + s) * (minus ? -1 : 1);
	return true;
}

static bool take_change(struct text *t, struct zone_change *c)
{
	int32_t a, b = 0, d = 0;
	if (!take(t, ','))
		return false;
	c->kind = take(t, 'M') ? ZONE_WEEKDAY : take(t, 'J') ? ZONE_JULIAN : ZONE_DAY;
	bool ok = c->kind == ZONE_WEEKDAY
			  ? take_number(t, 1, 12, &a) && take(t, '.') && take_number(t, 1, 5, &b) &&
				    take(t, '.') && take_number(t, 0, 6, &d)
			  : take_number(t, c->kind == ZONE_JULIAN, 365, &a);
	if (!ok)
		return false;
	c->day = c->month = 0;
	if (c->kind == ZONE_WEEKDAY)
		c->month = (uint8_t)a;
	else
		c->day = (uint16_t)a;
	c->week = (uint8_t)b;
	c->wday = (uint8_t)d;
	c->at_s = 2 * 3600;
	return !take(t, '/') || take_time(t, 167, &c->at_s);
}

int zone_rule_parse(const char *s, size_t n, struct zone_rule *out)
{
	struct text t = { s, s + n };
	*out = (struct zone_rule){ .given = n > 0 };
	if (n == 0)
		return 0;
	if (!take_name(&t) || !take_time(&t, 24, &out->standard_s))
		return -ERR_PARSE;
	/* POSIX counts westwards. */
	out->standard_s = -out->standard_s;
	if (t.s == t.end)
		return 0;
	out->saves = true;
	if (!take_name(&t))
		return -ERR_PARSE;
	out->daylight_s = out->standard_s + 3600;
	if (t.s < t.end && *t.s != ',') {
		if (!take_time(&t, 24, &out->daylight_s))
			return -ERR_PARSE;
		out->daylight_s = -out->daylight_s;
	}
	bool ok = take_change(&t, &out->begin) && take_change(&t, &out->end) && t.s == t.end;
	return ok ? 0 : -ERR_PARSE;
}

/* Local seconds of a change in a year, before the offset of the time that it ends is taken away. */
static int64_t change_s(const struct zone_change *c, int64_t year)
{
	int64_t first = date_year_days(year), day = c->day;
	if (c->kind == ZONE_JULIAN)
		day = c->day - 1 + (c->day >= 60 && date_leap(year));
	if (c->kind == ZONE_WEEKDAY) {
		int32_t date = (int32_t)(year * 10000 + c->month * 100 + 1);
		int64_t month = date_days(date);
		int64_t next = c->month == 12 ? date_year_days(year + 1) : date_days(date + 100);
		int64_t wday = (c->wday + 6) % 7; /* from Monday */
		int64_t at = month + (wday - date_weekday(month) + 7) % 7 + 7 * (c->week - 1);
		day = (at < next ? at : at - 7) - first;
	}
	return (first + day) * DATE_DAY_S + c->at_s;
}

/* The newest change up to utc_s, and the first one after it, of the years around. */
struct around {
	int64_t last_s, next_s;
	int32_t offset_s;
};

static void meet(struct around *a, int64_t utc_s, int64_t change, int32_t offset)
{
	if (change > utc_s && change < a->next_s)
		a->next_s = change;
	if (change <= utc_s && change >= a->last_s) {
		a->last_s = change;
		a->offset_s = offset;
	}
}

static struct around look_around(const struct zone_rule *r, int64_t utc_s)
{
	struct around a = { INT64_MIN, INT64_MAX, r->standard_s };
	int64_t year = date_of_days(date_days_of_s(utc_s)) / 10000;
	for (int64_t y = year - 1; r->saves && y <= year + 1; y++) {
		/* Where one ends at the moment at which the next begins, it never ends. */
		meet(&a, utc_s, change_s(&r->end, y) - r->daylight_s, r->standard_s);
		meet(&a, utc_s, change_s(&r->begin, y) - r->standard_s, r->daylight_s);
	}
	return a;
}

int32_t zone_rule_offset_s(const struct zone_rule *r, int64_t utc_s)
{
	return look_around(r, utc_s).offset_s;
}

int64_t zone_rule_next_s(const struct zone_rule *r, int64_t utc_s)
{
	return look_around(r, utc_s).next_s;
}
