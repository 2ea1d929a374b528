/* stand - a strategy on a test stand: its markets are set by hand, and so are its position, its pairs and the clock.
 *
 * What it is shown is not: basis, costs, depth, ages and gates are worked out from the books by the core, as they are in a host, and a call has a budget.
 * Every leg is in continuous trading, every clock known, no balance told, and the instance active, until that is set otherwise.
 * What a strategy proposes is kept, and nothing is done about it; only its timers are kept running. Instruments come from a configuration, or are simple ones. One thread. */
#pragma once
#include "core/market/calendar.h"
#include "core/market/gate.h"
#include "core/ops/config.h"
#include "core/trade/strategy.h"
#include "lua/host.h"

#define STAND_BOOKS  (LEG_MAX + REF_MAX) /* legs, and from LEG_MAX references */
#define STAND_LEVELS 64
#define STAND_TIMERS 64

struct stand_timer {
	uint32_t which;
	int64_t period_ns, next_ns;
};

struct stand {
	struct lua_host *host;
	struct config *cfg; /* NULL: simple instruments */
	const struct config_instance *bound;
	struct strategy *s;  /* NULL: it did not load */
	const char *told_by; /* the file that its parameters stand in */
	struct config_param param[64];
	uint32_t n_params;
	struct instrument instrument[STAND_BOOKS];
	struct book book[STAND_BOOKS];
	struct top top[STAND_BOOKS];
	struct basis_spec spec;
	struct band band;
	struct basis basis; /* as it was last shown */
	struct gate_limits gate;
	struct strat_self self;
	struct strat_world world; /* balances, clocks, phases, state: what it looks up */
	struct calendar_now session[LEG_MAX]; /* as the gate judges it */
	uint8_t told[STAND_BOOKS];	      /* state of the book that on_gap told last */
	struct top was[STAND_BOOKS];	      /* as on_quote and on_book were told last */
	struct stand_timer timer[STAND_TIMERS];
	unsigned n_timers;
	struct proposal out[PROPOSAL_MAX]; /* of its last call */
	int n;				   /* negative: the call failed, see err_text */
	uint64_t pairs;			   /* numbers given so far */
};

/* Loads the file to learn its names; `config` may be NULL, and `instance` NULL where that has only one. -ERR_SCRIPT, -ERR_CONFIG, -ERR_NOTFOUND, -ERR_IO, -ERR_NOMEM. */
int stand_open(struct stand *st, struct lua_host *h, const char *file, const char *config,
	       const char *instance);
void stand_close(struct stand *st);

/* A parameter as the strategy is to have it; before stand_start. -ERR_FULL. */
int stand_param(struct stand *st, const char *name, double value, int line);
/* Index of a leg or reference, below zero where there is none of that name. */
int stand_find(const struct stand *st, const char *name);
/* Makes an instrument of the stand another one; before stand_start. What is not above zero stays as it is. -ERR_RANGE. */
struct stand_instrument {
	double tick, lot, size, taker_bp, per_lot, vat_pct;
	bool negative; /* its price may be */
};
int stand_instrument(struct stand *st, int i, const struct stand_instrument *m);
/* Bands of the basis; before stand_start. -ERR_RANGE. */
int stand_band(struct stand *st, int64_t window_ns, int64_t sample_ns);
/* Loads it as a host would (with `saved` of an earlier life, NULL: none) and calls on_start. The load's code, or that of stand_call. */
int stand_start(struct stand *st, const void *saved, size_t len);
/* Another version, or the same file again, takes over: memory goes through on_load, timers begin anew. A failure leaves the old one. */
int stand_reload(struct stand *st, const char *file);
/* The host ends and begins again: on_stop, memory, on_start. */
int stand_restart(struct stand *st);

/* Sets a side of a book, best first, and that it is valid now. Prices to ticks and sizes to lots must be exact. -ERR_RANGE in words; -ERR_ARG: the book is crossed. */
struct stand_level {
	double px, qty;
};
int stand_quote(struct stand *st, int i, const struct stand_level *bid, unsigned n_bid,
		const struct stand_level *ask, unsigned n_ask);
/* What `lots` lots of the instrument are, in its own units. */
double stand_lots(const struct stand *st, int i, double lots);
/* on_basis of the books as they stand; gate: what bars it, gate_max as judged. The number of proposals in st->out, or -ERR_SCRIPT. 0 where it is not called. */
int stand_show(struct stand *st, enum gate gate);
/* Any other hook. */
int stand_call(struct stand *st, const struct strat_event *ev);
/* The clock goes on; stops at the next timer that is due before, and calls it. 1: it did, there may be more; 0: the time has come. */
int stand_advance(struct stand *st, int64_t until_ns);

/* News of a pair that it has proposed, in full at the prices of the books, where ev does not say otherwise. Moves position and pairs in flight. */
void stand_fill(const struct stand *st, const struct proposal *p, double lots,
		struct strat_pair_event *ev);
void stand_move(struct stand *st, const struct strat_pair_event *ev);
/* Position of so many pair lots. */
void stand_position(struct stand *st, double lots);

/* ---- the other hooks (stand_news.c); each gives what stand_call gives, and 0 where nothing has changed */

/* How everything stands before it is set otherwise; stand_open calls it. */
void stand_world(struct stand *st);
/* Where the book's state is another one than on_gap has told, it is told. */
int stand_tell_gap(struct stand *st, int i);
/* on_quote and on_book of the book as it stands: the first only where the best prices have changed. Nothing of one that may not be believed. */
int stand_tell_quote(struct stand *st, int i);
int stand_tell_book(struct stand *st, int i);
/* Its prices may be believed no longer, or again (BOOK_LIVE); told by stand_tell_gap. */
void stand_lose(struct stand *st, int i, enum book_state to);
/* Another phase of its day: on_session, and the gate. */
int stand_session(struct stand *st, int i, enum phase to);
/* A parameter gets another value, as `tandem set` gives it: on_param. -ERR_NOTFOUND, -ERR_RANGE in words: it stays as it was. */
int stand_set(struct stand *st, const char *name, double value);
