/* summary - what a demo or a run came to: pairs by outcome, rescues, money, what is left unhedged by the host's books and by the venues' own.
 *
 * Everything is counted from the receipts and from the venues' ledgers on disk, never from a program's memory, so that it holds across kills and restarts. Any thread; cold. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct summary {
	uint64_t proposed, sent, hedged, flat, held;
	uint64_t completed, unwound;
	uint64_t orders, fills, rejects, receipts;
	int64_t residual_base_e8, venue_residual_base_e8, tolerance_base_e8;
	int64_t gross_e8, fees_e8, net_e8;
	int64_t p50_ns, p99_ns, p999_ns;
	uint64_t held_without_cause;
	bool closed;	/* the last session was closed in order */
	char note[200]; /* the first thing that is wrong, in words; empty: nothing */
};

/* Reads the store DB and, where there is one, DB/venue. base: the asset that exposure is counted in. Negative code: could not be read. */
int summary_read(const char *db, const char *base, struct summary *s);
/* All that a clean end asks for: the session closed, ledgers that add up, residuals within tolerance and equal, nothing held without a cause. */
bool summary_good(const struct summary *s);
void summary_json(const struct summary *s, const char *db, int venue_pid, int host_pid, FILE *f);
void summary_text(const struct summary *s, const char *base, const char *money, FILE *f);
