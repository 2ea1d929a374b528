/* chatty - a strategy that never stops proposing: opens, closes, rolls, the same thing twice, and nonsense, all drawn from a seed.
 *
 * It stands where a script stands (strategy.h) and behaves as no script should: what the core lets through of it must still end hedged or
 * flat. One thread; nothing is allocated after it was made. */
#pragma once
#include "core/base/rng.h"
#include "core/trade/strategy.h"

struct chatty_options {
	uint64_t seed;
	uint8_t n_legs;
	char leg_name[LEG_MAX][16];
	uint8_t style, align, first;
	uint32_t basis_ppm; /* chance that it proposes when it is shown a basis */
	uint32_t again_ppm; /* chance that it proposes anew when a pair has ended */
	uint32_t absurd_ppm,
		rest_ppm; /* rest: of what is proposed on a basis, one leg is to wait at its own side's price */
	uint32_t
		mixed_ppm; /* of its proposals, so many go out in another style, with another alignment, another leg first */
	uint32_t fails_after; /* calls, and then every one fails; 0: never */
	bool silent;	      /* it proposes nothing, whatever happens */
	double lots, max_pos; /* largest clip; beyond this position it rather closes */
};

/* How the next calls go wrong, as a broken script's would; the director sets it (F42, F57). */
enum chatty_trouble {
	CHATTY_FINE,
	CHATTY_ERROR,	 /* an error, with nothing proposed */
	CHATTY_NONSENSE, /* NaN, infinite, negative, impossible legs */
	CHATTY_TWICE,	 /* everything twice */
	CHATTY_FLOOD,	 /* as much as fits, every time */
	chatty_trouble_max
};

int chatty_open(const struct chatty_options *o, struct strategy **out);
void chatty_trouble(struct strategy *s, enum chatty_trouble t, uint32_t calls);
