/* paper - a venue without a wire: a port over the matching core, for orders that are tried against a recording.
 *
 * Its market is handed in, event by event, as it was recorded; what the host hears of it is just that. An order meets the book that stands when it arrives,
 * in_ns after it was sent, and its reports are out_ns on their way; both ways keep their order. The book is believed by the recording's own numbers: behind a
 * hole it is not known until the next whole book, and orders that arrive meanwhile are refused. Money never runs short. It is driven: paper_next says when
 * something of it is due, paper_turn does it. Times are monotonic and handed in; one thread; memory grows with the orders. */
#pragma once
#include "core/market/calendar.h"
#include "core/market/join.h"
#include "core/market/pack.h"
#include "core/trade/venue.h"

/* How the recording of an instrument makes a book. */
enum paper_book {
	PAPER_NOTHING, /* nothing of it is recorded */
	PAPER_BEST,    /* best prices alone: a book of one level a side */
	PAPER_WHOLE,   /* each message is all that is shown */
	PAPER_CHAIN,   /* changes, each numbered after the one before (spot) */
	PAPER_LINKED,  /* changes, each naming the one before (futures) */
	PAPER_IN_LINE, /* the same, and whole books come in line with them */
	paper_book_max
};
const char *paper_book_name(enum paper_book b);

struct paper_options {
	uint16_t venue;
	const struct instrument *instrument; /* all of the configuration; outlives it */
	const uint8_t *book;		     /* enum paper_book, by instrument; the same */
	uint32_t n_instruments;
	const struct calendar *calendar; /* the configuration's */
	uint16_t n_calendars;
	int64_t in_ns, out_ns; /* one way: an order, and what is said of it */
	int64_t utc_minus_mono_ns;
	bool own_clock; /* the recording knows about its clock; else it is the host's own */
	struct venue_host host;
};

struct paper_stats {
	uint64_t orders, fills, cancels;
	uint64_t refused[reject_class_max];
	uint64_t at_once, resting; /* fills: taken from the book, and of orders that rested */
};

/* -ERR_NOMEM. The port is freed by its own ops. */
int paper_open(const struct paper_options *o, struct venue **out);
/* A recorded event of its venue, at its moment; never earlier than the last. tell: the host hears it too. */
void paper_market(struct venue *v, const struct pack_event *ev, int64_t mono_ns, bool tell);
/* Whole books of all that is known, for a host that comes in the middle. */
void paper_tell_books(struct venue *v, int64_t mono_ns);
/* When a message arrives next, on either side; INT64_MAX: none is on its way. */
int64_t paper_next(const struct venue *v);
/* Everything that arrives by then. */
void paper_turn(struct venue *v, int64_t mono_ns);
const struct paper_stats *paper_stats(const struct venue *v);
/* Is the book of this instrument known? */
bool paper_knows(const struct venue *v, uint32_t instrument);
