#include "core/market/stamp.h"
#include "core/base/date.h"
#include "core/base/err.h"
#include <string.h>

#define MS	  1000000ll
#define SECOND_NS 1000000000ll
#define DAY_NS	  (DATE_DAY_S * SECOND_NS)
#define CHINA	  (8 * 3600)
#define TIME_MAX  (2 * DATE_DAY_S)

/* A stamp without a usable day is the newest moment of that time of day which does not lie further ahead than this. */
#define AHEAD_NS (3600 * SECOND_NS)

/* CTP's UpdateTime and UpdateMillisec, by exchange. The day that SHFE, INE and CFFEX write is the calendar day; DCE and CZCE write the trading day, and where that is
 * not known for sure (GFEX) the day is not used either. CZCE's milliseconds are always 0. */
static const struct stamp_rule rules[] = {
	{ "SHFE", STAMP_DAY_CALENDAR, CHINA, 500 * MS, 500 * MS, 2 * SECOND_NS, 60 * SECOND_NS },
	{ "INE", STAMP_DAY_CALENDAR, CHINA, 500 * MS, 500 * MS, 2 * SECOND_NS, 60 * SECOND_NS },
	{ "CFFEX", STAMP_DAY_CALENDAR, CHINA, 500 * MS, 500 * MS, 2 * SECOND_NS, 60 * SECOND_NS },
	{ "GFEX", STAMP_DAY_TRADING, CHINA, 500 * MS, 500 * MS, 2 * SECOND_NS, 60 * SECOND_NS },
	{ "DCE", STAMP_DAY_TRADING, CHINA, 1 * MS, 500 * MS, 2 * SECOND_NS, 60 * SECOND_NS },
	{ "CZCE", STAMP_DAY_TRADING, CHINA, SECOND_NS, 500 * MS, 2 * SECOND_NS, 60 * SECOND_NS },
	{ "UTC", STAMP_DAY_CALENDAR, 0, 1 * MS, 0, 2 * SECOND_NS, 60 * SECOND_NS },
};

const struct stamp_rule *stamp_rule_at(unsigned i)
{
	return i < sizeof(rules) / sizeof(rules[0]) ? &rules[i] : NULL;
}

const struct stamp_rule *stamp_rule_find(const char *exchange)
{
	for (unsigned i = 0; stamp_rule_at(i); i++)
		if (!strcmp(rules[i].exchange, exchange))
			return &rules[i];
	return NULL;
}

/* ---- text */

/* Up to two digits; -1: none. */
static int32_t take_two(const char **s, const char *end, unsigned at_least)
{
	int32_t v = 0;
	unsigned n = 0;
	while (n < 2 && *s < end && **s >= '0' && **s <= '9') {
		v = v * 10 + (*(*s)++ - '0');
		n++;
	}
	return n >= at_least ? v : -1;
}

/* ".5", ".500", ".123456789" */
static bool take_fraction(const char *s, const char *end, int32_t *ns)
{
	int32_t v = 0, unit = 100000000;
	const char *from = ++s;
	for (; s < end && unit > 0 && *s >= '0' && *s <= '9'; s++, unit /= 10)
		v += (*s - '0') * unit;
	*ns = v;
	return s == end && s > from;
}

int stamp_read_time(const char *s, size_t n, struct stamp_fields *out)
{
	const char *end = s + n;
	bool colons = memchr(s, ':', n) != NULL;
	int32_t h = take_two(&s, end, colons ? 1 : 2);
	bool ok = !colons || (s < end && *s++ == ':');
	int32_t m = ok ? take_two(&s, end, 2) : -1;
	ok = m >= 0 && (!colons || (s < end && *s++ == ':'));
	int32_t sec = ok ? take_two(&s, end, 2) : -1, fraction = -1;
	ok = h >= 0 && sec >= 0 && m < 60 && sec <= 60;
	if (ok && s < end)
		ok = *s == '.' && take_fraction(s, end, &fraction);
	/* The sixtieth second is a leap second: it counts as the one before, which no clock of ours tells from it. */
	int32_t time_s = h * 3600 + m * 60 + (sec == 60 ? 59 : sec);
	if (!ok || time_s >= TIME_MAX)
		return -ERR_PARSE;
	out->time_s = time_s;
	out->fraction_ns = fraction;
	return 0;
}

/* ---- the moment */

/* The newest moment with that time of day which is not more than an hour ahead of our clock. */
static int64_t from_our_clock(const struct stamp_rule *r, const struct stamp_fields *f,
			      int64_t recv_utc_ns)
{
	int64_t limit = recv_utc_ns + AHEAD_NS;
	int64_t local_s = limit / SECOND_NS - (limit % SECOND_NS < 0) + r->offset_s;
	int64_t day = date_days_of_s(local_s);
	int64_t s = day * DATE_DAY_S + f->time_s % DATE_DAY_S - r->offset_s;
	int64_t utc_ns = s * SECOND_NS + (f->fraction_ns > 0 ? f->fraction_ns : 0);
	return utc_ns <= limit ? utc_ns : utc_ns - DAY_NS;
}

/* By its own day where that can be; how far in the past it lies does not matter: last week's close is what it is. */
static int64_t moment(const struct stamp_rule *r, const struct stamp_fields *f, int64_t recv_utc_ns,
		      uint8_t *flags)
{
	int64_t ours = from_our_clock(r, f, recv_utc_ns);
	if (r->day != STAMP_DAY_CALENDAR || !f->date)
		return ours;
	if (date_ok(f->date)) {
		int64_t s = date_days(f->date) * DATE_DAY_S + f->time_s - r->offset_s;
		/* Years that nanoseconds hold. */
		if (s > -9000000000 && s < 9000000000) {
			int64_t own = s * SECOND_NS + (f->fraction_ns > 0 ? f->fraction_ns : 0);
			if (own <= recv_utc_ns + AHEAD_NS)
				return own;
		}
	}
	*flags |= STAMP_DAY_MENDED;
	return ours;
}

/* Messages of one second get the places that their cadence would give them, and never leave the second. */
static int64_t spread(const struct stamp_rule *r, uint32_t n)
{
	int64_t step = r->cadence_ns > 0 ? r->cadence_ns : MS, last = SECOND_NS - MS;
	return n <= last / step ? n * step : last;
}

int stamp_utc(const struct stamp_rule *r, const struct stamp_fields *f, int64_t recv_utc_ns,
	      struct stamp_last *last, struct stamp *out)
{
	if (f->time_s < 0 || f->time_s >= TIME_MAX || f->fraction_ns < -1 ||
	    f->fraction_ns >= SECOND_NS)
		return -ERR_RANGE;
	struct stamp st = { .grain_ns = r->grain_ns };
	struct stamp_last next = *last;
	st.utc_ns = moment(r, f, recv_utc_ns, &st.flags);
	bool coarse = f->fraction_ns < 0 || (f->fraction_ns == 0 && r->grain_ns >= SECOND_NS);
	if (coarse && st.grain_ns < SECOND_NS)
		st.grain_ns = SECOND_NS;
	next.n = next.second == st.utc_ns / SECOND_NS && last->utc_ns ? next.n + 1 : 0;
	next.second = st.utc_ns / SECOND_NS;
	if (coarse && next.n) {
		st.utc_ns = next.second * SECOND_NS + spread(r, next.n);
		st.flags |= STAMP_SPREAD;
	}
	if (st.utc_ns > recv_utc_ns + r->future_ns) {
		st.flags |= STAMP_REFUSED;
		*out = st;
		return 0;
	}
	if (st.utc_ns > recv_utc_ns + r->believed_ns) {
		st.utc_ns = recv_utc_ns;
		st.flags |= STAMP_CLAMPED;
	}
	if (last->utc_ns && st.utc_ns < last->utc_ns)
		st.flags |= STAMP_BACK;
	next.utc_ns = st.utc_ns;
	*last = next;
	*out = st;
	return 0;
}
