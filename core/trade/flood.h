/* flood - how much a script proposes in a second: what is beyond its bound is dropped and counted, and who does not stop is paused.
 *
 * Every proposal counts, a pair as well as an alert or a log line, since each is a receipt at least. Engine's thread. */
#pragma once
#include "core/trade/desk.h"

#define FLOOD_SECONDS 3 /* in a row, then the instance is paused */

/* One more is proposed: is it within so many a second? most 0: there is no bound. x->seconds is how many in a row were beyond it. */
bool flood_is_within(struct flood *x, int32_t most, int64_t now_ns);
/* May this proposal of the instance's script be looked at? */
bool flood_lets(struct desk *d, uint16_t instance);
