/* Proves unrolled calendars against a naive model that asks libc's clock minute by minute for fourteen months: random sessions, holidays and early ends in Shanghai,
 * New York, Chicago and London. Phase, trading day, opening and close of every minute agree. */
#include "core/base/date.h"
#include "core/base/err.h"
#include "core/base/rng.h"
#include "core/market/calendar.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { DAY_MIN = 1440, MINUTES = 430 * DAY_MIN, ROUNDS = 8, EXCEPTIONS = 24 };

#define MIN_S  60
#define MIN_NS 60000000000ll

/* Local days are counted from the epoch; the model keeps a line for each. */
struct model {
	struct calendar c;
	int64_t first_min; /* of the window, UTC */
	uint8_t phase[MINUTES];
	int32_t trading_day[MINUTES];
};
static struct model m;

static const char *const zones[] = { "Asia/Shanghai", "America/New_York", "America/Chicago",
				     "Europe/London" };

/* ---- a random calendar whose sessions do not overlap: all lie within 24 hours of the first. */

static int by_time(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
	return (x > y) - (x < y);
}

static void make_sessions(struct rng *r, struct calendar *c)
{
	int32_t cut[12], start = (int32_t)rng_below(r, 12) * 3600;
	unsigned n = 2 + 2 * (unsigned)rng_below(r, 5);
	for (unsigned i = 0; i < n; i++)
		cut[i] = start + (int32_t)rng_below(r, 288) * 300;
	qsort(cut, n, sizeof(cut[0]), by_time);
	for (unsigned i = 0; i + 1 < n; i += 1 + (unsigned)rng_below(r, 2)) {
		if (cut[i] >= DATE_DAY_S || cut[i] == cut[i + 1])
			continue;
		c->session[c->n_sessions++] = (struct calendar_session){
			.from_s = cut[i],
			.to_s = cut[i + 1],
			.days = rng_chance(r, 500000) ? 0x1f : 1 + (uint8_t)rng_below(r, 127),
			.phase = rng_chance(r, 700000) ? PHASE_CONTINUOUS : PHASE_AUCTION,
			.next_day = rng_chance(r, 400000),
		};
	}
}

static void make_exceptions(struct rng *r, struct calendar *c)
{
	int64_t day = date_days(20251220);
	c->exception = calloc(EXCEPTIONS, sizeof(*c->exception));
	for (unsigned i = 0; i < EXCEPTIONS; i++) {
		day += 1 + (int64_t)rng_below(r, rng_chance(r, 500000) ? 2 : 35);
		struct calendar_exception *e = &c->exception[c->n_exceptions++];
		*e = (struct calendar_exception){ .date = date_of_days(day), .ends_s = -1 };
		e->closed = rng_chance(r, 500000);
		e->no_night = !e->closed && rng_chance(r, 500000);
		if (!e->closed && rng_chance(r, 600000))
			e->ends_s = (int32_t)rng_below(r, 289) * 300;
	}
}

/* ---- the model */

static const struct calendar_exception *special(int64_t day)
{
	for (uint32_t i = 0; i < m.c.n_exceptions; i++)
		if (date_days(m.c.exception[i].date) == day)
			return &m.c.exception[i];
	return NULL;
}

static bool closed(int64_t day)
{
	return special(day) && special(day)->closed;
}

static bool scheduled(const struct calendar_session *s, int64_t day)
{
	return s->days >> ((day + 3) % 7) & 1;
}

static bool is_day_of_sessions(int64_t day)
{
	for (unsigned i = 0; i < m.c.n_sessions; i++)
		if (!m.c.session[i].next_day && scheduled(&m.c.session[i], day))
			return true;
	return false;
}

static bool model_begins(const struct calendar_session *s, int64_t day)
{
	const struct calendar_exception *e = special(day);
	if (!scheduled(s, day) || closed(day))
		return false;
	if (!s->next_day)
		return !e || e->ends_s < 0 || s->from_s < e->ends_s;
	if ((e && e->no_night) || closed(day + 1))
		return false;
	for (int64_t d = day + 1; d <= day + 7; d++)
		if (is_day_of_sessions(d))
			return !closed(d);
	return true;
}

static int64_t model_trading_day(const struct calendar_session *s, int64_t day)
{
	if (!s->next_day)
		return day;
	for (int64_t d = day + 1; d < day + 300; d++)
		for (unsigned i = 0; i < m.c.n_sessions; i++)
			if (!m.c.session[i].next_day && model_begins(&m.c.session[i], d))
				return d;
	return day + 1;
}

/* Does the session that began on `day` still run at local_s, or did an early end stop it? */
static bool model_runs(const struct calendar_session *s, int64_t day, int64_t local_s)
{
	if (local_s >= day * DATE_DAY_S + s->to_s)
		return false;
	for (int64_t d = day; d <= day + 2; d++) {
		const struct calendar_exception *e = special(d);
		int64_t stop = e ? d * DATE_DAY_S + e->ends_s : 0;
		if (e && e->ends_s >= 0 && stop > day * DATE_DAY_S + s->from_s && local_s >= stop)
			return false;
	}
	return true;
}

/* What every local day would do, worked out once: a naive question is a dear one. */
struct plan {
	bool begins[CALENDAR_SESSIONS];
	int32_t trading_day[CALENDAR_SESSIONS];
};
static struct plan plan[600];
static int64_t plan_from;

static void make_plan(int64_t from)
{
	plan_from = from;
	for (int64_t d = 0; d < 600; d++)
		for (unsigned i = 0; i < m.c.n_sessions; i++) {
			const struct calendar_session *s = &m.c.session[i];
			plan[d].begins[i] = model_begins(s, from + d);
			plan[d].trading_day[i] =
				plan[d].begins[i] ? date_of_days(model_trading_day(s, from + d))
						  : 0;
		}
}

/* Between two sessions that began on this day and are of one trading day; the nearer ones count. */
static int32_t break_of(int64_t day, int64_t local_s)
{
	const struct plan *p = &plan[day - plan_from];
	int before = -1, after = -1;
	for (int i = 0; i < m.c.n_sessions; i++) {
		if (!p->begins[i])
			continue;
		if (day * DATE_DAY_S + m.c.session[i].from_s <= local_s)
			before = i;
		else if (after < 0)
			after = i;
	}
	return before >= 0 && after >= 0 && p->trading_day[before] == p->trading_day[after]
		       ? p->trading_day[before]
		       : 0;
}

static void model_minute(unsigned k, int64_t local_s)
{
	int64_t today = date_days_of_s(local_s);
	for (int64_t day = today - 2; day <= today; day++)
		for (unsigned i = 0; i < m.c.n_sessions; i++) {
			const struct calendar_session *s = &m.c.session[i];
			if (!plan[day - plan_from].begins[i] ||
			    local_s < day * DATE_DAY_S + s->from_s || !model_runs(s, day, local_s))
				continue;
			m.phase[k] = s->phase;
			m.trading_day[k] = plan[day - plan_from].trading_day[i];
			return;
		}
	m.phase[k] = PHASE_CLOSED;
	m.trading_day[k] = 0;
	for (int64_t day = today - 1; day <= today && m.phase[k] == PHASE_CLOSED; day++) {
		m.trading_day[k] = break_of(day, local_s);
		m.phase[k] = m.trading_day[k] ? PHASE_BREAK : PHASE_CLOSED;
	}
}

static void run_model(void)
{
	int64_t shown = INT64_MIN;
	setenv("TZ", m.c.zone, 1);
	tzset();
	/* A day before the window, so that an hour that comes twice at its start has been seen. */
	for (int64_t k = -DAY_MIN; k < MINUTES; k++) {
		time_t t = (m.first_min + k) * MIN_S;
		struct tm tm;
		localtime_r(&t, &tm);
		int64_t local = t + tm.tm_gmtoff;
		/* An hour that comes a second time is past. */
		shown = local > shown ? local : shown;
		if (k >= 0)
			model_minute((unsigned)k, shown);
	}
}

/* ---- the comparison */

static void compare(uint64_t seed)
{
	int64_t end = (m.first_min + MINUTES) * MIN_NS, closes = INT64_MAX, opens = INT64_MAX;
	bool on_after = false;
	for (unsigned k = MINUTES; k-- > 0;) {
		int64_t utc = (m.first_min + k) * MIN_NS;
		bool on = m.phase[k] == PHASE_CONTINUOUS;
		if (on && !on_after)
			closes = k == MINUTES - 1 ? end : utc + MIN_NS;
		opens = on ? utc : opens;
		on_after = on;
		for (int64_t part = 0; part < MIN_NS; part += MIN_NS - 1) {
			struct calendar_now now;
			calendar_at(&m.c, utc + part, &now);
			EXPECT_MSG(now.phase == m.phase[k] && now.trading_day == m.trading_day[k],
				   "seed %llu, %s, %lld: %s %d, not %s %d",
				   (unsigned long long)seed, m.c.zone,
				   (long long)(utc / 1000000000), calendar_phase_name(now.phase),
				   now.trading_day, calendar_phase_name(m.phase[k]),
				   m.trading_day[k]);
			EXPECT(now.closes_utc_ns == closes);
			EXPECT(now.opens_utc_ns == (on ? utc + part : opens));
			EXPECT(now.since_utc_ns <= utc && now.until_utc_ns > utc + part);
		}
	}
}

static int64_t model_common(const struct model *both)
{
	int64_t sum = 0;
	for (unsigned k = 0; k < MINUTES; k++)
		sum += m.phase[k] == PHASE_CONTINUOUS && both->phase[k] == PHASE_CONTINUOUS;
	return sum * MIN_NS;
}

START_TEST(test_against_the_model)
{
	static struct model before;
	unsigned traded = 0;
	for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
		struct rng r;
		rng_seed(&r, seed);
		m.c = (struct calendar){ .name = "made" };
		snprintf(m.c.zone, sizeof(m.c.zone), "%s", zones[seed % 4]);
		make_sessions(&r, &m.c);
		if (m.c.n_sessions == 0)
			continue;
		make_exceptions(&r, &m.c);
		m.first_min = date_days(20260101) * DAY_MIN;
		int64_t from = m.first_min * MIN_NS, to = from + MINUTES * MIN_NS;
		ck_assert_msg(calendar_build(&m.c, from, to) == 0, "%llu: %s",
			      (unsigned long long)seed, err_text());
		make_plan(date_days(20251220));
		run_model();
		compare(seed);
		if (traded++) {
			const struct calendar *pair[] = { &m.c, &before.c };
			ck_assert_int_eq(calendar_common(pair, 2, from, to), model_common(&before));
			calendar_free(&before.c);
		}
		before = m;
	}
	calendar_free(&before.c);
	ck_assert_uint_gt(traded, ROUNDS / 2);
}
END_TEST

SUITE("calendar_model", test_against_the_model)
