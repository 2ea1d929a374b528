/* calendar - when an instrument is traded: its phases through the day, the holidays, and the trading day that each moment belongs to.
 *
 * A calendar is data: sessions of local time in a named zone, by day of the week, with exceptions by date. At load it is unrolled into one sorted list
 * of phases in UTC, daylight saving included, so that asking costs tens of nanoseconds and nothing depends on the process's own zone. Read-only after calendar_build;
 * any thread. Dates are int32 as 20261122. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CALENDAR_NAME	  32
#define CALENDAR_SESSIONS 24
#define CALENDAR_DAY_NS	  86400000000000ull
#define CALENDAR_NONE	  UINT16_MAX /* of an instrument: traded round the clock */

enum phase { PHASE_CLOSED, PHASE_BREAK, PHASE_AUCTION, PHASE_CONTINUOUS, PHASE_HALT, phase_max };
const char *calendar_phase_name(enum phase p);

/* One stretch of a local day; it may end on the next one (a night session: 21:00 to 26:30). */
struct calendar_session {
	int32_t from_s,
		to_s; /* seconds after local midnight of the day that it begins on; to_s up to 48 h */
	uint8_t days;  /* bit 0 Monday .. bit 6 Sunday: of the day that it begins on */
	uint8_t phase; /* enum phase */
	bool next_day; /* belongs to the next trading day: 夜盘 */
};

struct calendar_exception {
	int32_t date;	/* local */
	bool closed;	/* no session begins on it, and none of the next trading day on its eve */
	bool no_night;	/* sessions of the next trading day do not begin on it */
	int32_t ends_s; /* -1, or: what runs ends early, seconds after midnight, and none of that trading day begins later; 0 leaves the evening only */
};

struct calendar {
	char name[CALENDAR_NAME];
	char zone[48]; /* "Asia/Shanghai" */
	uint16_t n_sessions;
	struct calendar_session session[CALENDAR_SESSIONS];
	uint32_t n_exceptions;
	struct calendar_exception *exception; /* by date, rising */
	uint32_t n_spans;
	struct calendar_span *span; /* unrolled; gaps between are PHASE_CLOSED */
	int64_t day_from_ns; /* for finding a span: of each 24 hours from here on the first one that ends after their begin */
	uint32_t n_days;
	uint32_t *day_span;
};

struct calendar_span {
	int64_t from_utc_ns, to_utc_ns;
	int64_t closes_utc_ns,
		opens_utc_ns; /* of this run of continuous trading or, outside of one, of the next */
	int32_t trading_day;
	uint8_t phase;
};

/* What holds at a moment. */
struct calendar_now {
	uint8_t phase;
	int32_t trading_day;   /* 0: of no session */
	int64_t since_utc_ns;  /* INT64_MIN: ever */
	int64_t until_utc_ns;  /* end of this phase, or of its trading day; INT64_MAX: never */
	int64_t closes_utc_ns; /* when continuous trading next ends, from now on; INT64_MAX: never */
	int64_t opens_utc_ns; /* when it next begins (now, if it is on); INT64_MAX: not within the calendar */
};

/* Unrolls for [from, to) UTC. -ERR_CONFIG in words that read on after the calendar's name: sessions that overlap, an unknown zone, an end before its begin; -ERR_NOMEM. Puts
 * the sessions in order; may be called again. The clock of the zone is read from the folder that TZDIR names, else the system's; nothing is opened later.
 *
 * The trading day of a session is the day that it begins on; of one marked next_day the next one on which another session begins that is not so marked (Friday
 * night: Monday; where all are so marked, the day after). Before a closed day there is no night: neither on the day before it, nor on the last
 * day of sessions before it (Friday, when Monday is closed). Between two sessions of one trading day that begin on one date there is a PHASE_BREAK. */
int calendar_build(struct calendar *c, int64_t from_utc_ns, int64_t to_utc_ns);
/* What it holds, exceptions included; not c itself. */
void calendar_free(struct calendar *c);
/* NULL calendar: round the clock. Beyond the unrolled span everything is closed: never traded on what nobody has looked up. */
void calendar_at(const struct calendar *c, int64_t utc_ns, struct calendar_now *out);
/* Time within [from, to) during which all of n are in continuous trading; NULL among them: round the clock. 0: a pair of them could never be opened (F37). */
int64_t calendar_common(const struct calendar *const *c, unsigned n, int64_t from_utc_ns,
			int64_t to_utc_ns);
