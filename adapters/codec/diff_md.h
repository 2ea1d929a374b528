/* diff_md - the quotes of a DIFF picture by instrument: what patches say is kept, and a changed quote becomes a whole book of up to five levels.
 *
 * A price is an integer at the instrument's scale; a side without a price, or without size, has no level there (a market at its limit). The stamp is Beijing time of day and a
 * date that some exchanges set to the trading day: the day is the newest on which that time of day is not in the future. Memory at init; one owner. */
#pragma once
#include "adapters/codec/diff_patch.h"
#include "adapters/codec/symbols.h"
#include "core/market/event.h"

#define DIFF_LEVELS 5

struct diff_quote {
	char datetime[32]; /* "2016-12-30 13:21:32.500000", Beijing */
	int64_t bid_e8[DIFF_LEVELS], bid_volume[DIFF_LEVELS];
	int64_t ask_e8[DIFF_LEVELS], ask_volume[DIFF_LEVELS];
	int64_t last_e8, upper_e8, lower_e8, tick_e8, volume, least, most;
	uint8_t status; /* enum diff_status, 0: not said */
	bool changed, limits_changed, status_changed;
};
enum diff_status { DIFF_STATUS_NONE, DIFF_AUCTION, DIFF_CONTINUOUS, DIFF_NOT_TRADING };

struct diff_md {
	const struct symbols *symbols;
	struct diff_quote *quote; /* by index of the instrument */
	uint32_t n;
	uint32_t *changed; /* instruments that the packs since diff_md_taken named */
	uint32_t n_changed;
	uint32_t bad; /* the instrument at which decoding failed; UINT32_MAX: none */
	const char *why;
};

/* n: of instruments. -ERR_NOMEM. */
int diff_md_init(struct diff_md *m, const struct symbols *s, uint32_t n);
void diff_md_free(struct diff_md *m);
/* All is forgotten: a new connection begins with an empty picture. */
void diff_md_reset(struct diff_md *m);
/* The `quotes` of a patch, or its `trading_status`. -ERR_PARSE with m->why; other symbols than ours are passed over. */
int diff_md_quotes(struct diff_md *m, const struct json_value *quotes);
int diff_md_status(struct diff_md *m, const struct json_value *status);
/* The book as it stands: levels into level[side], how many into d. now_utc_ns: for the date of the stamp. False, with m->why: a price that is none of the
 * instrument's, or levels out of order. d->venue_ns is UTC, 0 without a stamp. */
bool diff_md_book(struct diff_md *m, uint32_t instrument, unsigned px_dp, unsigned qty_dp,
		  int64_t now_utc_ns, struct level level[side_max][DIFF_LEVELS], struct depth *d);
/* The changes have been looked at. */
void diff_md_taken(struct diff_md *m);

/* Beijing date and time of day as written -> UTC; on the newest day on which it is no more than a minute ahead of now when what is written lies further in the future. 0: not a time. */
int64_t diff_time(const char *text, int64_t now_utc_ns);
/* The same for nanoseconds since 1970 of a date that may be the trading day's. */
int64_t diff_day(int64_t utc_ns, int64_t now_utc_ns);
