/* event - what a market feed says, after decoding and before anybody believes it: quotes, depth changes, trades.
 *
 * Prices are integers at the instrument's px_dp decimals, quantities at its qty_dp. Levels point into the decoder's
 * buffer and live only as long as the call that hands them over. Plain data, no owner. */
#pragma once
#include <stdint.h>

enum side { SIDE_BUY, SIDE_SELL, side_max };

struct quote {
	int64_t px
		[side_max]; /* [SIDE_BUY] best bid, [SIDE_SELL] best ask; quantity 0: that side is empty */
	int64_t qty[side_max];
	int64_t seq;	  /* the venue's update number; 0 where it has none */
	int64_t venue_ns; /* what the exchange stamped; 0: no stamp on this feed */
	int64_t recv_ns;  /* our monotonic time of arrival */
};

struct level {
	int64_t px;
	int64_t qty; /* 0 removes the level */
};

/* Changes first_seq..last_seq in one; prev_seq is the last_seq of the one before, where the venue says it (0: it does not). */
struct depth {
	int64_t first_seq, last_seq, prev_seq;
	int64_t venue_ns, recv_ns;
	const struct level *level[side_max];
	uint32_t n[side_max];
	uint8_t line; /* which of the lines that bring the same changes it came on, from 0 */
};

struct market_trade {
	int64_t px, qty, id;
	int64_t venue_ns, recv_ns;
	uint8_t aggressor; /* enum side */
};
