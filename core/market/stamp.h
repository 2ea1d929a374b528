/* stamp - what an exchange writes as the time of a tick, made into UTC: each exchange has habits of its own, and each of them has cost somebody money.
 *
 * The day in a message is the calendar day at some exchanges and the trading day at others, at night too; milliseconds are missing or in steps; 24:00 is
 * midnight; a snapshot of the session before comes at login and looks as if it were from the future. The habits are a table (data); the rest is one pure
 * function of the fields, our own UTC clock and the last stamp of the same instrument. It never guesses in silence: what it had to mend is in flags. Any thread. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the day field says. */
enum stamp_day {
	STAMP_DAY_CALENDAR, /* the calendar day, at night too */
	STAMP_DAY_TRADING, /* the trading day: of no use at night; the calendar day is found from our clock */
	STAMP_DAY_NONE, /* there is none */
	stamp_day_max
};

struct stamp_rule {
	char exchange[12];
	uint8_t day;	  /* enum stamp_day */
	int32_t offset_s; /* of its clock from UTC; exchanges with daylight saving stamp in UTC */
	int64_t grain_ns; /* step of its stamps: 1 s where milliseconds are missing */
	int64_t cadence_ns; /* of its messages for one instrument: how those of one second are told apart */
	int64_t believed_ns; /* so far ahead of our clock a stamp may be: clocks differ */
	int64_t future_ns; /* beyond that, up to here, it is taken back to our clock; further ahead it is refused */
};

/* The exchanges that are known; NULL for another. */
const struct stamp_rule *stamp_rule_find(const char *exchange);
/* For walking the table; NULL beyond its end. */
const struct stamp_rule *stamp_rule_at(unsigned i);

/* A message's fields. */
struct stamp_fields {
	int32_t date;	     /* 20261122; 0: none */
	int32_t time_s;	     /* since midnight; up to 47:59:59, since some count the night on */
	int32_t fraction_ns; /* -1: none */
};

/* The last stamp of an instrument; begins as zeros. */
struct stamp_last {
	int64_t utc_ns;
	int64_t second; /* of the exchange, as it came */
	uint32_t n;	/* stamps in that second so far */
};

enum stamp_flag {
	STAMP_DAY_MENDED = 1, /* its day could not be: found from our clock */
	STAMP_SPREAD = 2,  /* the fraction is ours: it told several messages of one second apart */
	STAMP_CLAMPED = 4, /* it lay ahead of our clock, and was taken back to it */
	STAMP_REFUSED = 8, /* it lies too far ahead to be a stamp of ours: not to be used */
	STAMP_BACK =
		16, /* it lies before the last one of this instrument: its clock, or the order of its messages */
};

struct stamp {
	int64_t utc_ns;
	int64_t grain_ns; /* the true moment lies within this much of it */
	uint8_t flags;	  /* bits of enum stamp_flag */
};

/* "21:00:00", "9:30:00", "210000", "24:00:00", "21:00:00.500": n bytes, which need not be terminated. Sets time_s and fraction_ns. -ERR_PARSE (without a text: it runs for each tick). */
int stamp_read_time(const char *s, size_t n, struct stamp_fields *out);
/* Fills *out and moves *last on, unless it is refused. -ERR_RANGE, without a text, for fields that are no time; nothing is changed then. */
int stamp_utc(const struct stamp_rule *rule, const struct stamp_fields *f, int64_t recv_utc_ns,
	      struct stamp_last *last, struct stamp *out);
