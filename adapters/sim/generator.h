/* generator - a made market: a spot book and a perpetual book on it, with a basis that comes
 * back after it has strayed; and, beside them, a quiet book for every further symbol.
 *
 * One random walk is the common price: calm hours, trends, shocks. The perpetual adds a basis
 * that reverts to its mean, with excursions now and then that a strategy can live on. Around
 * these the two books are kept: levels appear, shrink, are traded away. The stream depends on
 * the seed alone: the same seed gives the same bytes on every machine, also after a restart
 * (source_seek), and further symbols do not change what the first two say. Instrument 0 is the
 * spot (price 2 decimals, quantity 5), 1 the perpetual (1 and 3), then come the further ones:
 * those of one name share one price and the basis, as the first two do; a currency pair has a
 * walk of its own. One owner; integers only, no libm; no allocation after open. The rates and
 * sizes it aims at were measured; generator.c has the table. */
#pragma once
#include "adapters/sim/source.h"
#include <stdbool.h>

enum { GENERATOR_SPOT, GENERATOR_PERP, generator_books };

#define GENERATOR_MORE (SOURCE_INSTRUMENTS - generator_books)

/* A price that is another symbol's through a currency: gold in CNY/g of gold in USD/ozt and USDCNH, 1/31.1034768 of an ounce. It stands on the
 * other side of the basis. */
struct generator_follows {
	char symbol[32], rate[32]; /* symbol empty: a price of its own; rate empty: none */
	int64_t num, den;	   /* of the followed price */
};

struct generator_symbol {
	struct source_instrument i;
	struct generator_follows follows;
	bool perp; /* on the other side of the basis */
	int64_t mid_e8; /* at the start; 0: the market's; where another of its name came before, that one's counts */
	int64_t tick, lot; /* its rule's, in its own units */
};

struct generator_config {
	uint64_t seed;
	int64_t start_ns;	/* UTC of the first event */
	int64_t mid_e8;		/* common price at the start; 0: 61800 */
	uint32_t rate_pct;	/* events against the measured rate; 0: 100 */
	int64_t basis_mean_ppb; /* perpetual over spot, 1e-9 of the price */
	int64_t basis_dev_ppb;	/* deviation of the everyday basis; 0: 60000 (0.6 bp) */
	int64_t excursion_ns;	/* mean time between wide excursions; 0: 4 s */
	int64_t excursion_ppb;	/* their typical size; 0: 2500000 (25 bp) */
	struct source_instrument instrument
		[generator_books]; /* venue and symbol; scales are set here when 0: 8 and 8 */
	uint16_t n_more;
	struct generator_symbol more[GENERATOR_MORE];
};

/* The source, or NULL with the reason set: -ERR_ARG, -ERR_NOMEM. Ends with source_free. */
int generator_open(const struct generator_config *c, struct market_source **out);
/* The whole book as it stands after the last event popped; levels live until the next call. */
void generator_snapshot(struct market_source *s, unsigned book, struct depth *out);
