/* faults_parts - the functions of the table of faults; only faults.c and those who write them include it. */
#pragma once
#include "tests/sim/checker.h"
#include "tests/sim/faults.h"
#include "tests/sim/world.h"
#include <limits.h>

#define MS	  1000000LL
#define ANY_VENUE UINT_MAX

#define FAULT_FNS(X)                                                                               \
	X(looked_at)                                                                               \
	X(key_or_time)                                                                             \
	X(out_of_service) X(reject) X(reject_both) X(partial) X(partial_both) X(partial_ioc) X(    \
		fill_races_cancel) X(cancel_too_late) X(dup_report) X(answer_lost) X(order_lost)   \
		X(cancel_lost) X(fill_before_ack) X(foreign_order) X(cut_one) X(cut_both) X(       \
			half_open) X(garbled) X(broken_frame) X(feed_drop) X(feed_mute)            \
			X(quote_crossed) X(quote_fat) X(feed_freeze) X(feed_dup) X(band_locked) X( \
				halt) X(self_match) X(proposed_twice) X(rate_limited)              \
				X(clock_window) X(maintenance) X(utc_step) X(stamps_back) X(       \
					money_gone) X(start_differs) X(host_dies) X(disk_trouble)  \
					X(no_connections) X(script_wrong) X(operator_kills) X(     \
						limit_lowered) X(writer_stalls) X(reconcile_part)  \
						X(liquidated) X(unsolicited) X(size_limit)         \
							X(tick_changes) X(money_moves) X(dead_man) X(script_reloaded)
#define FAULT_DECLARE(name) \
	enum fault_said fault_##name(struct world *w, struct injection *x, bool calm);
FAULT_FNS(FAULT_DECLARE)
#undef FAULT_DECLARE

/* A live pair at the venue, or at any. Notes it as the one that was hit. */
bool fault_live(struct world *w, struct injection *x, unsigned venue);
/* What excuses a HELD from now on, for so long beyond what the fault itself lasts. */
void fault_trouble(struct world *w, unsigned venue, enum checker_trouble t, int64_t for_ns);
/* Acts on a venue's books outside of its turn: call begin before and end after. NULL: it is dead. */
struct exchange *fault_venue_begin(struct world *w, unsigned venue);
void fault_venue_end(struct world *w, unsigned venue);
