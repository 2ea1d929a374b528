/* match_parts - what the matching book's own files share; nobody else includes it. */
#pragma once
#include "adapters/sim/match.h"

/* Fills this much of o and tells it; px within its limit, qty within what it leaves: must hold. */
void match_tell_fill(struct match *m, int64_t now_ns, struct match_order *o, int64_t px,
		     int64_t qty, bool maker, bool own, uint64_t trade);
/* Takes the i-th of m->rest[side] out, without a word. */
void match_rest_drop(struct match *m, enum side side, uint32_t i);
