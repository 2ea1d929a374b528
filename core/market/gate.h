/* gate - may a trigger on this basis be believed now? One judgement over every leg and reference, with the number that decided.
 *
 * It looks at the state of the books, at how long ago each price was last proven valid (by the model of its feed, the error of the clocks included), at how far the legs' moments lie apart, at
 * how well the clocks are known, and at whether both legs are in continuous trading. The first that fails is the answer, in the order of the table. Pure; engine's thread. */
#pragma once
#include "core/market/basis.h"
#include "core/market/calendar.h"

/* id, name in receipts, what the numbers mean: value, bound */
/* clang-format off */
#define GATES(X)                                                                                        \
	X(OPEN, "open", "nothing bars it")                                                               \
	X(BOOK, "book_state", "a book or price is not LIVE")                                             \
	X(QUOTE, "no_quote", "a price has no bid or no ask")                                             \
	X(SESSION, "session", "a leg is not in continuous trading: its phase")                           \
	X(CLOSING, "closing_ns", "a leg stops being traded soon: time left, margin")                     \
	X(CLOCK, "clock_bound_ns", "a venue's clock is not known well enough against ours")              \
	X(UTC, "utc_bound_ns", "the host's own clock is not known well enough against UTC")              \
	X(AGE, "quote_age_ns", "a price was last proven valid too long ago")                             \
	X(SKEW, "quote_skew_ns", "the legs' prices are proven valid for moments too far apart")          \
	X(VALUE, "no_value", "the conversion gives no number: a reference is zero or has no price")
/* clang-format on */
enum gate {
#define GATE_ENUM(id, ...) GATE_##id,
	GATES(GATE_ENUM)
#undef GATE_ENUM
		gate_max
};
const char *gate_name(enum gate g);
const char *gate_text(enum gate g);

/* Of two values of one gate the worse; of states the later. */
int64_t gate_worse(enum gate g, int64_t before, int64_t after);

#define GATE_WORDS 96
/* "last proven valid 812 ms ago, limit 500 ms": value and bound of a verdict in words. Returns the length; terminated. */
size_t gate_words(enum gate g, int64_t value, int64_t bound, char out[GATE_WORDS]);

#define GATE_REF   0x80 /* who: 0x80 + index of a reference */
#define GATE_WHOLE 0xff /* who: no single leg or reference */

struct gate_limits {
	int64_t max_age_ns, max_skew_ns, max_clock_bound_ns, max_utc_bound_ns,
		close_margin_ns; /* 0: not limited */
};

/* What the engine knows beside the tops. */
struct gate_now {
	int64_t mono_ns;
	int64_t utc_ns;
	int64_t utc_bound_ns; /* of the host's clock; INT64_MAX: not synchronised */
	const struct calendar_now *leg_session[LEG_MAX]; /* NULL: round the clock */
};

struct gate_verdict {
	uint8_t gate; /* enum gate */
	uint8_t who; /* of several that fail in one row the worst, at a tie the first: legs, then references */
	int64_t value,
		bound; /* as the row of the table says; of BOOK and SESSION states; of QUOTE the side that is missing */
};

/* Age of a price: from the moment that it was last proven valid for until now, plus how far that moment may be off; never below 0, never wraps.
 *
 * Where nothing is known of a venue's clock (bound_ns INT64_MAX), that moment is the arrival of a message, and no price is younger than that says: what the way took
 * is not in it. With max_clock_bound_ns set the CLOCK row then bars: who states how well the clocks must be known gets nothing less. Without it the age counts from
 * the arrival: a frozen or broken feed is still seen, a line that delivers late is not, and that is the choice of who left the limit out. A bound that
 * is known counts in full, whichever limits are set. */
int64_t gate_age_ns(const struct top *t, int64_t now_ns);

struct gate_verdict gate_judge(const struct basis_spec *s, const struct gate_limits *l,
			       const struct gate_now *now);
/* The skew of the legs as the gate counts it: the widest distance between the moments that two of them are proven valid for, both their bounds added; bounds that are
 * not known add nothing, as for the age. References are priced, not traded: they have none. 0 with fewer than two legs. */
int64_t gate_skew_ns(const struct basis_spec *s);
/* The leg's or reference's instrument that `who` stands for; NULL for GATE_WHOLE. */
const struct instrument *gate_who(const struct basis_spec *s, uint8_t who);
