/* generator_book - one book of the made market: levels around a fair price, their changes
 * numbered and gathered into depth messages.
 *
 * Every change of a level takes one update number; quotes bear the number they stand for, a
 * depth message all since the one before. Owned by the generator; fixed memory. */
#pragma once
#include "adapters/sim/draw.h"
#include "adapters/sim/shown.h"
#include "adapters/sim/source.h"

#define GBOOK_LEVELS  200 /* kept a side */
#define GBOOK_CAP     1024
#define GBOOK_PENDING 4096

/* What makes it a spot or a perpetual book; sizes in lots, distances in ticks. */
struct gbook_shape {
	const char *name;
	uint8_t px_dp, qty_dp; /* decimals of its tick and lot */
	int64_t depth_ns;      /* cadence of depth messages */
	struct quantiles gap_ticks, top, level, trade;
	struct quantiles between; /* quotes, ns */
	uint32_t trade_ppm;	  /* of the quotes come from a trade */
	uint32_t gone_ppm;	  /* of the changes of deeper levels are removals */
	int64_t deep_max;	  /* most deeper changes at one time */
};

struct gbook {
	const struct gbook_shape *shape;
	struct rng rng;
	uint8_t px_dp;	   /* of the instrument */
	int64_t tick, lot; /* in the instrument's units */
	int64_t fair;	   /* the price, in ticks: bids stay at or below it, offers above */
	struct shown shown;
	int64_t seq, said_seq; /* last update number; the last that a depth message covered */
	struct level *pending[side_max], *out[side_max];
	uint32_t n_pending[side_max];
};

/* tick, lot: in the instrument's units. */
int gbook_init(struct gbook *k, const struct gbook_shape *shape, uint8_t px_dp, int64_t tick,
	       int64_t lot);
void gbook_free(struct gbook *k);
/* From nothing, around a price; its chance is the root's of that name. */
void gbook_begin(struct gbook *k, const struct rng *root, const char *name, int64_t px_e8);
/* To a new fair price. False: nothing changed. qty > 0: so much was traded away, up to px. */
bool gbook_follow(struct gbook *k, int64_t px_e8, enum side *aggressor, int64_t *px, int64_t *qty);

struct gbook_act {
	enum side aggressor;
	int64_t trade_px, trade_qty; /* qty 0: no trade */
};
/* Something happens at the top, and something deeper. */
struct gbook_act gbook_act(struct gbook *k);

bool gbook_changed(const struct gbook *k);
/* So much has changed that a message is due now. */
bool gbook_full(const struct gbook *k);
void gbook_quote(const struct gbook *k, int64_t now_ns, struct quote *out);
/* All changes since the last one. Levels live until the next call of this or of gbook_snapshot. */
void gbook_diff(struct gbook *k, int64_t now_ns, struct depth *out);
void gbook_snapshot(struct gbook *k, int64_t now_ns, struct depth *out);
