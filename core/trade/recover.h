/* recover - after a crash, the desk as the journal remembers it: positions, unfinished pairs, orders whose outcome is to be asked for.
 *
 * Facts since the last checkpoint are applied in order; what was not known to have ended is UNKNOWN and asked for at its venue, never sent again (F52). A checkpoint
 * is written when nothing is in flight, so that a restart reads little. Engine's thread. */
#pragma once
#include "core/trade/desk.h"

struct recover {
	struct desk *d;
	struct map name; /* durable name -> index */
	uint64_t first_seq, last_seq;
	uint32_t pairs, orders;
	bool framed; /* between the BEGIN that the reading started at and its END */
};

int recover_begin(struct recover *r, struct desk *d);
/* One fact, in order; a journal_fact_fn. -ERR_CONFIG when it speaks of something that the configuration no longer has and that still matters. */
int recover_fact(void *r, const struct fact *f);
/* Everything has been read: open orders become UNKNOWN, pairs go on. Writes the RECOVERY receipt. */
int recover_end(struct recover *r);
/* Positions and held pairs as they are now, framed by CHECKPOINT facts (phase 0 begins, phase 1 ends). Call only with nothing in flight. */
void checkpoint_write(struct desk *d);
bool checkpoint_possible(struct desk *d);
