/* tsync_part - what the files of tsync share: what one stamp proves, what each kind of source keeps, and how far a clock can have gone since.
 *
 * Every statement is a point: at host time t_ns the offset was at least (or at most) c_ns. It is carried to another moment by the
 * least and the most that the two clocks can have parted meanwhile. Private to tsync; nothing here allocates. */
#pragma once
#include "core/market/tsync.h"
#include <stddef.h>

#define TSYNC_NONE_LO INT64_MIN
#define TSYNC_NONE_HI INT64_MAX

enum {
	TSYNC_PAIR_BLOCKS = 16, /* of the pairs' window */
	TSYNC_PAIR_BLOCK = 8,	/* pairs at least in each */
	TSYNC_TRIPS = 64,
	TSYNC_COARSE = 1000000, /* stamps of that grain and above hide a wrong one among them */
	TSYNC_NEAR =
		8, /* messages of a stream after which a lower bound is half forgotten, twice that: wholly */
	TSYNC_FAR_BLOCKS = 16, /* of a stream's long window */
	TSYNC_FAR_BLOCK = 8,
	TSYNC_FAR_MESSAGES =
		64,	   /* what the long window holds at least, before it closes an upper side */
	TSYNC_CALM = 16,   /* epochs that must agree on a slow wander before it is believed */
	TSYNC_EPOCHS = 32, /* of the drift's baseline */
	TSYNC_TRUST = 200, /* epochs, about an hour, until rates are believed after wrong ones */
	TSYNC_CONFIRM_PAIRS = 2,
	TSYNC_CONFIRM_STAMPS = 3,
};

#define TSYNC_S		 INT64_C(1000000000)
#define TSYNC_PAIR_SPAN	 (TSYNC_S / 4) /* a pairs' block lasts that long at least */
#define TSYNC_TRIPS_SPAN (8 * TSYNC_S)
#define TSYNC_FAR_SPAN \
	(TSYNC_S / 2) /* a block of a stream's long window lasts that long at least */
#define TSYNC_FAR_WINDOW (TSYNC_S / 2)	/* and all that is asked without a reason */
#define TSYNC_EPOCH_MIN	 TSYNC_S	/* doubled whenever the baseline is full ... */
#define TSYNC_EPOCH_MAX	 (32 * TSYNC_S) /* ... up to this */
#define TSYNC_SURE	 (60 * TSYNC_S) /* no route becomes that much slower at once: it was the clock */
#define TSYNC_SETTLE	 (2 * TSYNC_S) /* a stream is heard that long before its upper side is closed */
#define TSYNC_EARLY \
	(2 *        \
	 TSYNC_S) /* until there is an envelope, messages further apart than that contradict each other */
#define TSYNC_LEAP (TSYNC_S / 1000) /* a stamp that far above all others needs others beside it */
#define TSYNC_DISORDER \
	TSYNC_S /* our own stamps may fall by that much: several connections, one caller */
#define TSYNC_GRAIN_FIRST (60 * TSYNC_S) /* until the stamps have shown a finer one */
#define TSYNC_TIME_MAX        \
	((INT64_C(1) << 62) - \
	 (INT64_C(1)          \
	  << 57)) /* no time, and no offset, is beyond it: the year 2111; differences fit */
#define TSYNC_SHARP_SPAN  (128 * TSYNC_S) /* over more, a drift that swings evens out */
#define TSYNC_RATE_MARGIN 2147		  /* 0.5 ppm in units of 2^-32 */

struct tsync_point {
	int64_t t_ns, c_ns;
};

/* How fast a drift itself may change, as the shift that tsync_stray takes: 0.4 ppm a second (30 ppm up and down in ten minutes is 0.3), or a
 * sixteenth of that. */
enum tsync_wander { TSYNC_RESTLESS = 12, TSYNC_SLOW = 16 };

/* How fast the venue's clock may gain on ours, in units of 2^-32. */
struct tsync_rate {
	int64_t lo, hi; /* now: as the baseline proves */
	int64_t guess;
	int64_t max;	/* as the configuration allows */
	uint8_t wander; /* enum tsync_wander */
};

/* What one source says at one moment. */
struct tsync_span {
	int64_t at_ns, lo_ns, hi_ns, guess_ns;
	bool known;
};

struct tsync_grain {
	int64_t now_ns;	 /* every stamp believed so far is a multiple of it */
	int64_t next_ns; /* and with those that were not */
	uint32_t odd;	 /* how many were not */
	bool stated;
};

/* Stamps that contradict what is known, until there are enough of them to believe. */
struct tsync_doubt {
	struct tsync_point p;
	int64_t lo_ns, hi_ns; /* of pairs, at p.t_ns */
	uint32_t n;
};

/* The best two of each side. */
struct tsync_pair_block {
	struct tsync_point lo[2], hi[2];
	int64_t from_ns;
	uint32_t n;
};

/* The middle of the shortest trip of up to 64 pairs or 8 s: the best guess. */
struct tsync_trip {
	struct tsync_point mid;
	int64_t trip_ns, from_ns;
	uint32_t n;
};

struct tsync_pairs {
	struct tsync_pair_block b[TSYNC_PAIR_BLOCKS];
	struct tsync_trip trip[2]; /* being filled, and the one before */
	uint32_t head, n;
};

/* The two best lower bounds of a few messages with different stamps: one stamp alone proves nothing. */
struct tsync_near {
	struct tsync_point top[2];
	int64_t from_ns;
	uint32_t n, tops;
};

struct tsync_far {
	struct tsync_point top;
	struct tsync_point
		firm; /* the best that had a second beside it; c_ns TSYNC_NONE_LO: none */
	int64_t from_ns;
	uint32_t n;
};

struct tsync_stream {
	struct tsync_near near[2]; /* being filled, and the one before */
	struct tsync_far far[TSYNC_FAR_BLOCKS];
	uint32_t head, n;
	uint32_t seen;		/* since the beginning, up to what closes the upper side */
	struct tsync_point env; /* the firm envelope; c_ns TSYNC_NONE_LO: none yet */
	struct tsync_point
		most; /* what the upper bound stands on: the highest, by the most that it can have risen */
	int64_t begun_ns;
	int64_t fell_ns; /* since then all messages are later than ever; 0: they are not */
	int64_t spread_ns
		[2]; /* the most that a few messages together stayed under it: lately, and before */
	uint32_t spread_n;
	int64_t leap_ns; /* what a message may lie above env */
};

struct tsync_source {
	uint8_t kind; /* enum tsync_kind */
	bool joined;  /* in the estimate, not left out */
	struct tsync_grain grain;
	struct tsync_doubt doubt;
	struct tsync_span span;
	int64_t heard_ns; /* the newest that was believed */
	union {
		struct tsync_pairs pairs;
		struct tsync_stream stream;
	};
};

/* What was known at the end of a stretch of time; the drift is read from two such. */
struct tsync_epoch {
	int64_t at_ns, lo_ns, hi_ns;
	struct tsync_point top; /* c_ns TSYNC_NONE_LO: no stream spoke */
};

struct tsync_drift {
	struct tsync_epoch e[TSYNC_EPOCHS];
	uint32_t n;
	int64_t len_ns, from_ns;
	struct tsync_point top; /* of the one being filled */
	uint32_t calm;		/* sharp epochs since a slow wander explained too little */
	uint32_t trust;		/* epochs since rates were proven wrong */
	struct tsync_rate rate; /* if the drift only wanders */
	struct tsync_rate wary; /* and if it may have jumped as well */
};

struct tsync {
	/* What tsync_place reads, side by side. */
	struct {
		int64_t at_ns, offset_ns, lo_ns, hi_ns;
		int64_t guess, lo, hi; /* rates that hold for 4 s from at_ns */
		int64_t grain_ns;
		int64_t blind_ns; /* the bound of what bears no stamp */
		bool known;
	} now;
	struct tsync_config c;
	struct tsync_drift drift;
	struct tsync_source source[TSYNC_SOURCES];
	uint32_t n;
	int64_t newest_ns;	 /* host */
	struct tsync_doubt back; /* of our own stamps */
	bool begun;
	bool paired;	      /* an answer has been believed */
	int64_t slow_c_ns[2]; /* the slowest message: lately, and before */
	int64_t slow_from_ns;
	uint32_t slow_n;
	uint32_t steps;
	uint8_t left_out;
	uint64_t samples, refused;
};

static inline bool tsync_sane(int64_t v)
{
	return v > -TSYNC_TIME_MAX && v < TSYNC_TIME_MAX;
}

/* rate * age, rounded down. |age| up to 2^62, |rate| up to 2^24. */
static inline int64_t tsync_over(int64_t age_ns, int64_t rate)
{
	return (int64_t)(((__int128)age_ns * rate) >> 32);
}

/* How far a drift that itself wanders leads astray in that time: half the wander, times the square. */
static inline int64_t tsync_stray(enum tsync_wander w, int64_t age_ns)
{
	int64_t ms = (age_ns >> 20) + 1;
	return ms > INT64_C(1) << 31 ? INT64_C(1) << 46 : (ms * ms >> w) + 1;
}

/* The least that the offset has risen, age >= 0 after a moment at which the rates hold. */
static inline int64_t tsync_least_on(const struct tsync_rate *r, int64_t age_ns)
{
	int64_t known = tsync_over(age_ns, r->lo) - tsync_stray(r->wander, age_ns);
	int64_t sure = tsync_over(age_ns, -r->max);
	return known > sure ? known : sure;
}

static inline int64_t tsync_most_on(const struct tsync_rate *r, int64_t age_ns)
{
	int64_t known = tsync_over(age_ns, r->hi) + 1 + tsync_stray(r->wander, age_ns);
	int64_t sure = tsync_over(age_ns, r->max) + 1;
	return known < sure ? known : sure;
}

/* The same for any age: before a moment, what it will have risen by then is missing. */
static inline int64_t tsync_least(const struct tsync_rate *r, int64_t age_ns)
{
	return age_ns >= 0 ? tsync_least_on(r, age_ns) : -tsync_most_on(r, -age_ns);
}

static inline int64_t tsync_most(const struct tsync_rate *r, int64_t age_ns)
{
	return age_ns >= 0 ? tsync_most_on(r, age_ns) : -tsync_least_on(r, -age_ns);
}

/* Where a point would lie at a moment, by the best guess of the drift. */
static inline int64_t tsync_tilt(const struct tsync_rate *r, struct tsync_point p, int64_t at_ns)
{
	return p.c_ns + tsync_over(at_ns - p.t_ns, r->guess);
}

/* Bounds that have crossed each contradict the other: the truth may be at either, and the span reaches over both. */
static inline void tsync_uncross(struct tsync_span *s)
{
	if (s->lo_ns <= s->hi_ns)
		return;
	int64_t lo_ns = s->hi_ns;
	s->hi_ns = s->lo_ns;
	s->lo_ns = lo_ns;
}

/* tsync.c: the venue's clock jumped: everything is begun anew, by everybody who agreed with this source; the drift too. */
void tsync_restart(struct tsync *t, struct tsync_source *s, bool counted);

/* What everything is carried by. Pairs prove both sides by themselves and can afford to mistrust a drift; the upper side of a stream
 * alone rests on its slowest stretch, over which it cannot. */
static inline const struct tsync_rate *tsync_carry(const struct tsync *t)
{
	return t->paired ? &t->drift.wary : &t->drift.rate;
}

/* tsync_join.c */
void tsync_join(struct tsync *t, int64_t at_ns);
/* A span at another moment. */
struct tsync_span tsync_span_at(const struct tsync_rate *r, struct tsync_span s, int64_t at_ns);

/* What became of a stamp. */
enum tsync_fate {
	TSYNC_REFUSED,
	TSYNC_KEPT, /* it changed nothing */
	TSYNC_NEWS, /* the source's span is new */
	tsync_fate_max
};

/* tsync_pairs.c: one answer judged and kept. Its times are in range. */
enum tsync_fate tsync_pairs_add(struct tsync *t, struct tsync_source *s, struct tsync_point lo,
				struct tsync_point hi);
void tsync_pairs_span(const struct tsync *t, struct tsync_source *s, int64_t at_ns);

/* tsync_stream.c */
enum tsync_fate tsync_stream_add(struct tsync *t, struct tsync_source *s, struct tsync_point p);
void tsync_stream_span(const struct tsync *t, struct tsync_source *s, int64_t at_ns);

/* tsync_drift.c */
void tsync_drift_reset(struct tsync_drift *d, int64_t max_rate);
/* A trustworthy lower bound of a stream: the envelope is made of them. */
void tsync_drift_offer(struct tsync_drift *d, struct tsync_point p);
/* What is known now; true once an epoch has ended and the rates may have changed. */
bool tsync_drift_see(struct tsync_drift *d, int64_t at_ns, int64_t lo_ns, int64_t hi_ns);
/* The rates were proven wrong: only the configured limit holds until new ones are found. */
void tsync_drift_forget(struct tsync_drift *d);

/* tsync_grain.c */
void tsync_grain_init(struct tsync_grain *g, int64_t stated_ns);
void tsync_grain_see(struct tsync_grain *g, int64_t stamp_ns);
