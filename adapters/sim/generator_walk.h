/* generator_walk - the price that the made market's two books share, and the basis between them.
 *
 * Calm hours, trends and shocks drive the common price in jumps; the basis reverts to its mean,
 * and now and then strays far for about a second. Half of the basis moves each book. Owned by
 * the generator; integers only. */
#pragma once
#include "adapters/sim/generator.h"
#include "core/base/rng.h"

enum walk_mood { MOOD_CALM, MOOD_BUSY, MOOD_RISE, MOOD_FALL, walk_mood_max };

struct walk {
	struct rng jump, mood_rng, basis_rng;
	const struct generator_config *config;
	int64_t mid_e8, from_e8; /* now, and at the start */
	int64_t size_pct;	 /* of its jumps, of the measured ones */
	int64_t basis_ppb;	 /* the everyday part, about its mean */
	int64_t stray_ppb;	 /* the excursion's part now */
	int64_t stray_to_ppb;	 /* where it is going */
	int64_t jump_ns, mood_ns, drift_ns, ramp_ns, stray_ns, stray_end_ns; /* when each is due */
	uint8_t mood;
};

void walk_init(struct walk *w, const struct rng *root, const struct generator_config *c);
/* The walk of a further symbol: its own chance and price, jumps of size_pct of the measured. */
void walk_init_more(struct walk *w, const struct rng *root, const struct generator_config *c,
		    const char *symbol, int64_t mid_e8, int64_t size_pct);
int64_t walk_next_ns(const struct walk *w);
void walk_step(struct walk *w);
int64_t walk_px_e8(const struct walk *w, bool perp);
