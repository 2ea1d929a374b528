/* watch - looks after the basis position once its pairs have ended: whatever makes it uneven by itself is repaired, and what is wished for it is done.
 *
 * Liquidation, ADL or a forced close, expiry, the bust of a pair long forgotten, fees in the base asset, an adopted trade: they move an instance's positions apart without a pair. When nothing
 * of the instance is in flight and its positions are uneven beyond the tolerance for a settle time, a repair pair takes them over as its legs, and the ladder completes, unwinds or holds
 * it (F65, F70); the fourth within an hour only takes back, so that a venue that closes by force time and again is not opened against without end. The same way WISH_FLATTEN closes all legs together, a few lots at a time. What reduces passes after a kill and while paused (R5). Near a leg's expiry nothing opens and
 * somebody is told, or the position is closed (F66). Besides it takes the samples that price waiting (vol.h). Engine's thread; ten times a second, a part of the instances at a time. */
#pragma once
#include "core/trade/desk.h"

void watch_time(struct desk *d);
/* Looks at one instance now. */
void watch_instance(struct desk *d, uint16_t instance);
/* Something moved what an instance holds without a pair, and this receipt tells what: a repair bears it as its cause, and follows sooner where it was by force, since then nothing is
 * on its way that would even it again. */
void watch_moved(struct desk *d, uint16_t instance, enum forced_cause forced, uint64_t receipt);
/* Who wished what of an instance, by its receipt. */
void watch_wished(struct desk *d, uint16_t instance, uint64_t receipt, const char *why);
/* A repair began then (monotonic). Returns whether it may only take back: too many before it did not last. */
bool watch_repaired(struct desk *d, uint16_t instance, int64_t at_ns);
/* Is any instance uneven at rest, as looked at last, and not left alone for a reason that was told? */
bool watch_any_uneven(struct desk *d);
/* What its legs hold more than they cancel out, and nobody accepted; base units. */
int64_t watch_uneven_base_e8(struct desk *d, uint16_t instance);
