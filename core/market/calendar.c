#include "core/market/calendar.h"
#include <stdlib.h>

static const char *const phase_names[] = {
	[PHASE_CLOSED] = "closed",	   [PHASE_BREAK] = "break", [PHASE_AUCTION] = "auction",
	[PHASE_CONTINUOUS] = "continuous", [PHASE_HALT] = "halt",
};
_Static_assert(sizeof(phase_names) / sizeof(phase_names[0]) == phase_max, "a name for every phase");

const char *calendar_phase_name(enum phase p)
{
	return p < phase_max ? phase_names[p] : "?";
}

void calendar_free(struct calendar *c)
{
	free(c->exception);
	free(c->span);
	free(c->day_span);
	c->exception = NULL;
	c->span = NULL;
	c->day_span = NULL;
	c->n_exceptions = c->n_spans = c->n_days = 0;
}

/* The first span that ends after utc_ns; n_spans: none. */
static uint32_t span_after(const struct calendar *c, int64_t utc_ns)
{
	if (c->n_days == 0 || utc_ns < c->day_from_ns)
		return 0;
	uint64_t day = ((uint64_t)utc_ns - (uint64_t)c->day_from_ns) / CALENDAR_DAY_NS;
	uint32_t i = day < c->n_days ? c->day_span[day] : c->n_spans;
	while (i < c->n_spans && c->span[i].to_utc_ns <= utc_ns)
		i++;
	return i;
}

static void round_the_clock(int64_t utc_ns, struct calendar_now *out)
{
	*out = (struct calendar_now){ .phase = PHASE_CONTINUOUS,
				      .since_utc_ns = INT64_MIN,
				      .until_utc_ns = INT64_MAX,
				      .closes_utc_ns = INT64_MAX,
				      .opens_utc_ns = utc_ns };
}

void calendar_at(const struct calendar *c, int64_t utc_ns, struct calendar_now *out)
{
	if (!c) {
		round_the_clock(utc_ns, out);
		return;
	}
	uint32_t i = span_after(c, utc_ns);
	const struct calendar_span *s = i < c->n_spans ? &c->span[i] : NULL;
	*out = (struct calendar_now){ .closes_utc_ns = s ? s->closes_utc_ns : INT64_MAX,
				      .opens_utc_ns = s ? s->opens_utc_ns : INT64_MAX };
	if (!s || s->from_utc_ns > utc_ns) {
		out->phase = PHASE_CLOSED;
		out->since_utc_ns = i ? c->span[i - 1].to_utc_ns : INT64_MIN;
		out->until_utc_ns = s ? s->from_utc_ns : INT64_MAX;
		return;
	}
	out->phase = s->phase;
	out->trading_day = s->trading_day;
	out->since_utc_ns = s->from_utc_ns;
	out->until_utc_ns = s->to_utc_ns;
	if (s->phase == PHASE_CONTINUOUS)
		out->opens_utc_ns = utc_ns;
}

int64_t calendar_common(const struct calendar *const *c, unsigned n, int64_t from_utc_ns,
			int64_t to_utc_ns)
{
	int64_t sum = 0, at = from_utc_ns;
	while (at < to_utc_ns) {
		int64_t opens = at, closes = to_utc_ns;
		for (unsigned i = 0; i < n; i++) {
			struct calendar_now now;
			calendar_at(c[i], at, &now);
			opens = now.opens_utc_ns > opens ? now.opens_utc_ns : opens;
			closes = now.closes_utc_ns < closes ? now.closes_utc_ns : closes;
		}
		if (opens == at)
			sum += closes - at;
		at = opens == at ? closes : opens;
	}
	return sum;
}
