/* position - who holds what: by account and instrument, long and short, today's and yesterday's lots apart, attributed to instances.
 *
 * A row is one account, instrument and owner (an instance, or nobody: manual and foreign fills). Nothing is netted away in the
 * rows: the signed net is a view. Cash and fees stand beside the position, so that profit is a sum over rows. Quantities in the instrument's qty units, money at 8 decimals. Engine's thread. */
#pragma once
#include "core/base/map.h"
#include "core/market/instrument.h"
#include <stdint.h>

#define POSITION_NOBODY	    0xffffu
#define POSITION_FEE_ASSETS 4

struct position_fee {
	asset_id asset;
	int64_t paid_e8; /* positive: we paid */
};

struct position {
	uint16_t account, instance;
	uint32_t instrument;
	int64_t qty[side_max]
		   [2]; /* [SIDE_BUY] long, [SIDE_SELL] short; [0] today's, [1] yesterday's */
	int64_t frozen[side_max]; /* long and short lots that closing orders hold */
	int64_t cash_e8;	  /* quote currency received minus paid */
	struct position_fee fee[POSITION_FEE_ASSETS];
	int64_t volume_qty; /* traded, both ways */
	uint64_t *changes;  /* of its table; NULL where it stands alone */
};

#define POSITION_EXEC 24

/* An account in an instrument, whoever holds it. */
struct position_sum {
	int64_t net;	   /* signed, over all owners */
	int64_t booked_ns; /* monotonic: when the newest execution was counted; 0: none in this life */
	/* By its venue: the newest execution counted; the newest below which none is missing; the newest counted when its venue was last asked for what is; and what
	 * of them a checkpoint holds: whatever a venue tells again from before that is in it (watermark.h). */
	int64_t exec_ns, read_ns, asked_ns, mark_ns;
	char exec[POSITION_EXEC], read[POSITION_EXEC], asked[POSITION_EXEC], mark[POSITION_EXEC];
	/* What its venue said last, in which round of reconciliation and as of when (0: unsaid), and the difference as first seen. */
	int64_t told_qty, told_ns;
	uint32_t told_round;
	int64_t differs_qty, differs_ns;
	/* The same of lots, [0] today's and [1] earlier ones, where it tells them apart (today.h). */
	int64_t told_lots[side_max][2], lots_differ[side_max][2], lots_differ_ns;
	uint32_t lots_round;
};

struct positions {
	struct position *row;
	uint32_t n, cap;
	struct map by_key;
	struct map sum_at; /* account and instrument -> index of sum */
	struct position_sum *sum;
	uint64_t
		changes; /* counts from 1; whoever remembers it knows whether any row has changed since */
	uint32_t n_sums;
	uint16_t *sum_account; /* whose each of sum is */
	uint32_t *sum_instrument;
};

int positions_init(struct positions *l, uint32_t cap);
void positions_free(struct positions *l);
/* The row, made when it is not there; NULL when there is no room. */
struct position *positions_at(struct positions *l, uint16_t account, uint32_t instrument,
			      uint16_t instance);
/* Signed net of an account in an instrument over all owners, kept beside the rows because every order asks for it. */
int64_t positions_total(const struct positions *l, uint16_t account, uint32_t instrument);
void positions_count(struct positions *l, uint16_t account, uint32_t instrument,
		     int64_t signed_qty);
/* Made when it is not there; NULL when there is no room. */
struct position_sum *positions_sum(struct positions *l, uint16_t account, uint32_t instrument);
/* NULL: nothing is counted there yet; then nothing is begun. */
const struct position_sum *positions_look(const struct positions *l, uint16_t account,
					  uint32_t instrument);
/* An execution has been counted: it is the newest unless one is that the venue numbered or stamped later. */
void position_newest(struct position_sum *s, int64_t venue_ns, const char *exec, int64_t mono_ns);
/* Up to this execution none is missing. False: that was known, or it has no name. */
bool position_heard(struct position_sum *s, int64_t venue_ns, const char *exec);
/* Its venue is asked for what may be missing: an answer covers all that has been counted by now. */
void position_ask(struct position_sum *s);
/* Has an execution been counted below which others may be missing? */
bool position_ahead(const struct position_sum *s);
/* Is it newer than the watermark? Numbers tell where both are numbers and less than 4 h apart, else the venue's time. Without a watermark everything is. */
bool position_is_news(const struct position_sum *s, int64_t venue_ns, const char *exec);
/* Books a fill: offset NONE nets (a buy closes short lots first), OPEN and CLOSE* move what they name. qty > 0, value in quote currency. */
void position_fill(struct position *r, enum side side, enum offset offset, int64_t qty,
		   int64_t value_e8);
/* A new trading day: what was bought and sold today is yesterday's now, whoever holds it. */
void positions_new_day(struct positions *l, uint32_t instrument);
/* Takes a fill back (F39): the contrary of what it booked. */
void position_bust(struct position *r, enum side side, int64_t qty, int64_t value_e8);
/* -ERR_FULL: more than POSITION_FEE_ASSETS assets on one row. */
int position_charge(struct position *r, asset_id asset, int64_t fee_e8);
int64_t position_net(const struct position *r);
int64_t position_fee_in(const struct position *r, asset_id asset);
/* Exposure in base units, net of what fees took out of a spot holding. */
int64_t position_base_e8(const struct position *r, const struct instrument *i, int64_t px);
