/* Unrolls sessions of local time into spans of UTC. Cold: at load only. */
#include "core/base/date.h"
#include "core/base/err.h"
#include "core/market/calendar.h"
#include "core/market/zone.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_S	    DATE_DAY_S
#define SECOND_NS   1000000000ll
#define SPANS_FIRST 1024
/* A session may run on for two days, and the trading day of a night may lie beyond a long holiday. */
#define LEAD_DAYS 3
#define LOOK_DAYS 400
#define MOMENT_LO (-20 * 366ll * DAY_S * SECOND_NS)
#define MOMENT_HI (250 * 366ll * DAY_S * SECOND_NS)

struct build {
	struct calendar *c;
	struct zone *zone;
	int64_t from_utc_ns, to_utc_ns;
	uint32_t cap;
	int64_t last_begin; /* the day on which the session of the newest span began */
	uint8_t day_mask;   /* weekdays on which a session begins that is of its own day */
};

/* ---- are the sessions sound? */

/* "21:00-02:30" */
static const char *hours_text(const struct calendar_session *s, char out[16])
{
	int to = s->to_s > DAY_S ? s->to_s - DAY_S : s->to_s;
	snprintf(out, 16, "%02d:%02d-%02d:%02d", s->from_s / 3600 % 100, s->from_s / 60 % 60,
		 to / 3600 % 100, to / 60 % 60);
	return out;
}

static int check_session(const struct calendar_session *s)
{
	char hours[16];
	if (s->from_s < 0 || s->from_s >= DAY_S || s->to_s > 2 * DAY_S)
		return err_set(
			ERR_CONFIG,
			"has a session that does not begin within its day or lasts beyond the "
			"next; it belongs to no day; write times from 00:00 to 24:00");
	if (s->to_s <= s->from_s)
		return err_set(
			ERR_CONFIG,
			"has a session %s that ends before it begins; nothing could be traded "
			"in it; write the end that is meant",
			hours_text(s, hours));
	if (!s->days || s->days >> 7)
		return err_set(
			ERR_CONFIG,
			"has a session %s on no day of the week; it would never begin; write "
			"days = \"mon-fri\"",
			hours_text(s, hours));
	if (s->phase >= phase_max || s->phase == PHASE_CLOSED)
		return err_set(ERR_CONFIG,
			       "has a session %s in which it is closed; what no session covers is "
			       "closed; take it out",
			       hours_text(s, hours));
	return 0;
}

/* Do a on one day of the week and b on some day around it overlap? */
static bool overlap(const struct calendar_session *a, const struct calendar_session *b, bool same)
{
	for (int da = 0; da < 7; da++)
		for (int later = -2; later <= 2; later++) {
			int db = (da + later + 7) % 7;
			if (!(a->days >> da & 1) || !(b->days >> db & 1) || (same && !later))
				continue;
			if (a->from_s < b->to_s + later * DAY_S &&
			    b->from_s + later * DAY_S < a->to_s)
				return true;
		}
	return false;
}

static int check_sessions(const struct calendar *c)
{
	char x[16], y[16];
	if (c->n_sessions == 0 || c->n_sessions > CALENDAR_SESSIONS)
		return err_set(ERR_CONFIG,
			       "has %u sessions; without one nothing is ever traded, and there is "
			       "room for %d; add sessions = { ... }",
			       c->n_sessions, CALENDAR_SESSIONS);
	for (unsigned i = 0; i < c->n_sessions; i++) {
		int rc = check_session(&c->session[i]);
		if (rc)
			return rc;
	}
	for (unsigned i = 0; i < c->n_sessions; i++)
		for (unsigned k = 0; k <= i; k++)
			if (overlap(&c->session[k], &c->session[i], i == k))
				return err_set(
					ERR_CONFIG,
					"has sessions that overlap, %s and %s; a moment would "
					"be of two phases; let one end where the other begins",
					hours_text(&c->session[k], x),
					hours_text(&c->session[i], y));
	return 0;
}

static int check_exceptions(const struct calendar *c)
{
	char text[12];
	for (uint32_t i = 0; i < c->n_exceptions; i++) {
		const struct calendar_exception *e = &c->exception[i];
		date_format(e->date, text);
		if (!date_ok(e->date))
			return err_set(ERR_CONFIG,
				       "has an exception on %s, which is no day; it could not be "
				       "looked up; correct it",
				       text);
		if (i > 0 && c->exception[i - 1].date >= e->date)
			return err_set(
				ERR_CONFIG,
				"has two exceptions for %s, or they are not in order; it must "
				"be clear which one holds; write one a day, earliest first",
				text);
		if (e->ends_s < -1 || e->ends_s > 2 * DAY_S)
			return err_set(ERR_CONFIG,
				       "ends on %s at a time that is none; it must lie within the "
				       "day; write ends = \"12:00\"",
				       text);
	}
	return 0;
}

/* ---- which sessions begin on a day */

static const struct calendar_exception *exception_on(const struct calendar *c, int64_t day)
{
	int32_t date = date_of_days(day);
	uint32_t lo = 0, hi = c->n_exceptions;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		if (c->exception[mid].date < date)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < c->n_exceptions && c->exception[lo].date == date ? &c->exception[lo] : NULL;
}

static bool closed_on(const struct calendar *c, int64_t day)
{
	const struct calendar_exception *e = exception_on(c, day);
	return e && e->closed;
}

static bool on_weekday(uint8_t mask, int64_t day)
{
	return mask >> date_weekday(day) & 1;
}

/* The day before a holiday, or the last one of sessions before it. */
static bool is_eve(const struct build *b, int64_t day)
{
	if (closed_on(b->c, day + 1))
		return true;
	int64_t next = day + 1;
	while (next < day + 8 && !on_weekday(b->day_mask, next))
		next++;
	return next < day + 8 && closed_on(b->c, next);
}

static bool begins(const struct build *b, const struct calendar_session *s, int64_t day)
{
	const struct calendar_exception *e = exception_on(b->c, day);
	if (!on_weekday(s->days, day) || (e && e->closed))
		return false;
	if (s->next_day)
		return !(e && e->no_night) && !is_eve(b, day);
	return !e || e->ends_s < 0 || s->from_s < e->ends_s;
}

/* The trading day of a night: the next one on which a session of its own day begins. */
static int64_t day_of_night(const struct build *b, int64_t day)
{
	if (!b->day_mask)
		return day + 1;
	for (int64_t next = day + 1; next < day + LOOK_DAYS; next++)
		for (unsigned i = 0; i < b->c->n_sessions; i++)
			if (!b->c->session[i].next_day && begins(b, &b->c->session[i], next))
				return next;
	return day + 1;
}

/* Where a session that begins on `day` ends, local: early where an exception says so. */
static int64_t end_s(const struct build *b, const struct calendar_session *s, int64_t day)
{
	int64_t end = day * DAY_S + s->to_s;
	for (int64_t d = day; d * DAY_S < end; d++) {
		const struct calendar_exception *e = exception_on(b->c, d);
		if (!e || e->ends_s < 0 || (d == day && s->from_s >= e->ends_s))
			continue;
		int64_t early = d * DAY_S + e->ends_s;
		end = early < end ? early : end;
	}
	return end;
}

/* ---- spans */

static int put_span(struct build *b, struct calendar_span s)
{
	struct calendar *c = b->c;
	if (c->n_spans == b->cap) {
		uint32_t cap = b->cap ? 2 * b->cap : SPANS_FIRST;
		struct calendar_span *more = realloc(c->span, cap * sizeof(*more));
		if (!more)
			return err_set(ERR_NOMEM, "no memory for the %u spans of calendar \"%s\"",
				       cap, c->name);
		c->span = more;
		b->cap = cap;
	}
	c->span[c->n_spans++] = s;
	return 0;
}

/* Joins it to the one before, or puts a break between them. In the order of time. */
static int add_span(struct build *b, struct calendar_span s, int64_t begin_day)
{
	struct calendar_span *last = b->c->n_spans ? &b->c->span[b->c->n_spans - 1] : NULL;
	bool one_day = last && last->trading_day == s.trading_day;
	if (one_day && last->to_utc_ns == s.from_utc_ns && last->phase == s.phase) {
		last->to_utc_ns = s.to_utc_ns;
		b->last_begin = begin_day;
		return 0;
	}
	int rc = 0;
	if (one_day && last->to_utc_ns < s.from_utc_ns && b->last_begin == begin_day)
		rc = put_span(b, (struct calendar_span){ .from_utc_ns = last->to_utc_ns,
							 .to_utc_ns = s.from_utc_ns,
							 .trading_day = s.trading_day,
							 .phase = PHASE_BREAK });
	b->last_begin = begin_day;
	return rc ? rc : put_span(b, s);
}

/* Sessions of one day in the order in which they begin; they do not overlap, so days follow days. */
static int unroll_day(struct build *b, int64_t day)
{
	const struct calendar *c = b->c;
	int64_t night = -1;
	for (unsigned i = 0; i < c->n_sessions; i++) {
		const struct calendar_session *s = &c->session[i];
		if (!begins(b, s, day))
			continue;
		if (s->next_day && night < 0)
			night = day_of_night(b, day);
		int64_t from = zone_utc_s(b->zone, day * DAY_S + s->from_s) * SECOND_NS;
		int64_t to = zone_utc_s(b->zone, end_s(b, s, day)) * SECOND_NS;
		from = from < b->from_utc_ns ? b->from_utc_ns : from;
		to = to > b->to_utc_ns ? b->to_utc_ns : to;
		if (from >= to)
			continue;
		struct calendar_span span = { .from_utc_ns = from,
					      .to_utc_ns = to,
					      .trading_day =
						      date_of_days(s->next_day ? night : day),
					      .phase = s->phase };
		int rc = add_span(b, span, day);
		if (rc)
			return rc;
	}
	return 0;
}

static int by_begin(const void *a, const void *b)
{
	const struct calendar_session *x = a, *y = b;
	return (x->from_s > y->from_s) - (x->from_s < y->from_s);
}

/* When the run of continuous trading that each span is in, or that follows it, begins and ends. */
static void find_runs(struct calendar *c)
{
	int64_t closes = INT64_MAX, opens = INT64_MAX, joined = INT64_MAX;
	for (uint32_t i = c->n_spans; i-- > 0;) {
		struct calendar_span *s = &c->span[i];
		bool on = s->phase == PHASE_CONTINUOUS;
		if (on && s->to_utc_ns != joined)
			closes = s->to_utc_ns;
		opens = on ? s->from_utc_ns : opens;
		joined = on ? s->from_utc_ns : INT64_MAX;
		s->closes_utc_ns = closes;
		s->opens_utc_ns = opens;
	}
}

static int index_days(struct build *b)
{
	struct calendar *c = b->c;
	uint64_t days = (uint64_t)(b->to_utc_ns - b->from_utc_ns) / CALENDAR_DAY_NS + 1;
	c->day_span = malloc(days * sizeof(*c->day_span));
	if (!c->day_span)
		return err_set(ERR_NOMEM, "no memory for the %llu days of calendar \"%s\"",
			       (unsigned long long)days, c->name);
	c->day_from_ns = b->from_utc_ns;
	c->n_days = (uint32_t)days;
	uint32_t span = 0;
	for (uint32_t day = 0; day < c->n_days; day++) {
		int64_t begin = c->day_from_ns + (int64_t)(day * CALENDAR_DAY_NS);
		while (span < c->n_spans && c->span[span].to_utc_ns <= begin)
			span++;
		c->day_span[day] = span;
	}
	return 0;
}

static int open_zone(struct build *b)
{
	int rc = zone_open(NULL, b->c->zone, &b->zone);
	if (rc == 0 || rc == -ERR_NOMEM)
		return rc;
	return err_set(ERR_CONFIG, "has a zone that cannot be used: %s", err_text());
}

int calendar_build(struct calendar *c, int64_t from_utc_ns, int64_t to_utc_ns)
{
	struct build b = { .c = c, .from_utc_ns = from_utc_ns, .to_utc_ns = to_utc_ns };
	if (from_utc_ns >= to_utc_ns || from_utc_ns < MOMENT_LO || to_utc_ns > MOMENT_HI)
		return err_set(ERR_CONFIG, "would be looked up from a moment to one before it, or "
					   "beyond the years 1950 to 2219; correct the times");
	int rc = check_sessions(c);
	rc = rc ? rc : check_exceptions(c);
	rc = rc ? rc : open_zone(&b);
	if (rc)
		return rc;
	free(c->span);
	free(c->day_span);
	c->span = NULL;
	c->day_span = NULL;
	c->n_spans = c->n_days = 0;
	qsort(c->session, c->n_sessions, sizeof(c->session[0]), by_begin);
	for (unsigned i = 0; i < c->n_sessions; i++)
		b.day_mask |= c->session[i].next_day ? 0 : c->session[i].days;
	int64_t first = date_days_of_s(from_utc_ns / SECOND_NS) - LEAD_DAYS;
	int64_t last = date_days_of_s(to_utc_ns / SECOND_NS) + LEAD_DAYS;
	for (int64_t day = first; rc == 0 && day <= last; day++)
		rc = unroll_day(&b, day);
	zone_free(b.zone);
	find_runs(c);
	return rc ? rc : index_days(&b);
}
