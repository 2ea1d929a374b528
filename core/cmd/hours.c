#include "core/cmd/hours.h"
#include "core/base/date.h"
#include "core/cmd/row.h"
#include "core/market/zone.h"
#include <string.h>

#define SECOND_NS 1000000000ll
#define WEEKS	  52
#define WEEK_NS	  (7 * DATE_DAY_S * SECOND_NS)
#define WHEN	  80 /* bytes of a moment as text */

static const struct calendar *calendar_of(const struct config *c, const struct instrument *in)
{
	return in->calendar < c->n_calendars ? &c->calendar[in->calendar] : NULL;
}

/* "2026-11-23 02:30" */
static size_t minute_text(int64_t local_s, char *out, size_t cap)
{
	char date[12];
	int64_t day = date_days_of_s(local_s), s = local_s - day * DATE_DAY_S;
	return (size_t)snprintf(out, cap, "%s %02d:%02d", date_format(date_of_days(day), date),
				(int)(s / 3600), (int)(s / 60 % 60));
}

/* "2026-11-23 02:30 (2026-11-22 18:30 UTC)"; one time only where the clock is UTC or cannot be read. */
static const char *when_text(const struct zone *z, int64_t utc_ns, char out[WHEN])
{
	int64_t utc_s = utc_ns / SECOND_NS, local_s = z ? zone_local_s(z, utc_s) : utc_s;
	size_t n = minute_text(local_s, out, WHEN);
	if (local_s == utc_s) {
		snprintf(out + n, WHEN - n, " UTC");
		return out;
	}
	n += (size_t)snprintf(out + n, WHEN - n, " (");
	n += minute_text(utc_s, out + n, WHEN - n);
	snprintf(out + n, WHEN - n, " UTC)");
	return out;
}

static void print_leg(FILE *f, const struct calendar *k, const char *leg, int64_t utc_ns)
{
	struct calendar_now now;
	struct zone *z = NULL;
	char text[WHEN], day[12];
	calendar_at(k, utc_ns, &now);
	/* A clock that cannot be read was an error when the calendar was built; here UTC will do. */
	if (zone_open(NULL, k->zone, &z))
		z = NULL;
	fprintf(f, "    hours %-8s %s: %s", leg, k->name, calendar_phase_name(now.phase));
	if (now.trading_day)
		fprintf(f, ", trading day %s", date_format(now.trading_day, day));
	if (now.phase != PHASE_CONTINUOUS && now.opens_utc_ns != INT64_MAX)
		fprintf(f, ", opens %s", when_text(z, now.opens_utc_ns, text));
	if (now.opens_utc_ns == INT64_MAX)
		fprintf(f, ", does not open in what was looked up");
	else if (now.closes_utc_ns < k->span[k->n_spans - 1].to_utc_ns)
		fprintf(f, ", closes %s", when_text(z, now.closes_utc_ns, text));
	fputc('\n', f);
	zone_free(z);
}

/* Continuous trading that all legs share, of a year's weeks. */
static int64_t common_ns(const struct config *c, const struct config_instance *s, int64_t utc_ns)
{
	const struct calendar *k[LEG_MAX];
	for (unsigned l = 0; l < s->n_legs; l++)
		k[l] = calendar_of(c, &c->instrument[s->leg[l]]);
	return calendar_common(k, s->n_legs, utc_ns, utc_ns + WEEKS * WEEK_NS) / WEEKS;
}

void hours_print(FILE *f, const struct config *c, const struct config_instance *s, int64_t utc_ns)
{
	bool any = false;
	for (unsigned l = 0; l < s->n_legs; l++) {
		const struct calendar *k = calendar_of(c, &c->instrument[s->leg[l]]);
		if (k)
			print_leg(f, k, s->leg_name[l], utc_ns);
		any |= k != NULL;
	}
	if (any)
		fprintf(f,
			"    all legs trade %.1f hours of a week, holidays aside that are not listed\n",
			(double)common_ns(c, s, utc_ns) / 3600e9);
}

static void json_when(struct json_out *j, const char *key, int64_t utc_ns)
{
	char text[32];
	if (utc_ns == INT64_MAX || utc_ns == INT64_MIN)
		return;
	row_time(utc_ns, text);
	json_str(j, key, text);
}

void hours_json_leg(struct json_out *j, const struct config *c, const struct instrument *in,
		    int64_t utc_ns)
{
	const struct calendar *k = calendar_of(c, in);
	struct calendar_now now;
	if (!k)
		return;
	calendar_at(k, utc_ns, &now);
	json_str(j, "calendar", k->name);
	json_str(j, "zone", k->zone);
	json_str(j, "phase", calendar_phase_name(now.phase));
	json_int(j, "trading_day", now.trading_day);
	json_when(j, "since", now.since_utc_ns);
	json_when(j, "until", now.until_utc_ns);
	json_when(j, "opens", now.opens_utc_ns);
	json_when(j, "closes", now.closes_utc_ns);
}

void hours_json(struct json_out *j, const struct config *c, const struct config_instance *s,
		int64_t utc_ns)
{
	/* Tenths of an hour. */
	json_dec(j, "common_hours_per_week",
		 (common_ns(c, s, utc_ns) + 180 * SECOND_NS) / (360 * SECOND_NS), 1);
}
