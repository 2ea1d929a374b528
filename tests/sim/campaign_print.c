/* What a campaign has shown, for people and for programs. */
#include "core/trade/pair.h"
#include "tests/sim/campaign.h"
#include "tests/sim/faults.h"
#include <inttypes.h>

static double per(double a, double b)
{
	return b > 0 ? a / b : 0;
}

static void print_faults(const struct campaign_totals *t, FILE *f)
{
	unsigned column = 0;
	fprintf(f, "faults that hit a live pair, of those planned:\n");
	for (unsigned i = 1; i <= FAULTS; i++)
		if (fault_row(i)->inject)
			fprintf(f, "  F%02u %7" PRIu64 "/%-7" PRIu64 "%s", i, t->hit[i],
				t->planned[i], ++column % 5 ? "" : "\n");
	fprintf(f, "%s", column % 5 ? "\n" : "");
}

void campaign_print(const struct campaign_totals *t, double wall_s, FILE *f)
{
	print_faults(t, f);
	fprintf(f, "held:");
	for (unsigned i = 1; i < held_cause_max; i++)
		fprintf(f, " %s %" PRIu64, held_cause_name((enum held_cause)i), t->held_by[i]);
	fprintf(f,
		"\n%" PRIu64 " seeds, %" PRIu64 " pairs: %" PRIu64 " hedged, %" PRIu64
		" flat, %" PRIu64 " held in the end; rescues: %" PRIu64 " completed, %" PRIu64
		" taken back\n",
		t->seeds, t->pairs, t->hedged, t->flat, t->held, t->completed, t->unwound);
	fprintf(f,
		"HELD rate %.4f %% in the end, %.3f %% at some time, %.1f s of holding; %.0f of money times seconds naked (%.4f a pair)\n",
		100 * per((double)t->held, (double)t->pairs),
		100 * per((double)t->held_moves, (double)t->pairs), (double)t->held_ns / 1e9,
		t->naked_money_s, per(t->naked_money_s, (double)t->pairs));
	fprintf(f,
		"%" PRIu64 " events, %" PRIu64 " turns, %" PRIu64 " receipts, %" PRIu64
		" orders, %" PRIu64 " trades, deaths: %" PRIu64 " host %" PRIu64
		" venue; %.0f s of the market in %.1f s of CPU\n",
		t->events, t->turns, t->receipts, t->orders, t->trades, t->host_kills,
		t->venue_kills, (double)t->lasted_ns / 1e9, t->cpu_s);
	fprintf(f,
		"per second of one core: %.0f events, %.0f turns, %.0f pairs; wall %.1f s; digest %016" PRIx64
		"\n",
		per((double)t->events, t->cpu_s), per((double)t->turns, t->cpu_s),
		per((double)t->pairs, t->cpu_s), wall_s, t->digest);
	if (t->replays)
		fprintf(f,
			"%" PRIu64 " seeds replayed: %" PRIu64 " entries, %" PRIu64
			" calls, %" PRIu64 " receipts; %" PRIu64 " seeds came out otherwise\n",
			t->replays, t->heard, t->replayed_calls, t->replayed, t->differ);
	fprintf(f, "%" PRIu64 " violations, %u seeds failed\n", t->violations, t->n_failed);
}

void campaign_json(const struct campaign_totals *t, double wall_s, FILE *f)
{
	fprintf(f,
		"{\"seeds\":%" PRIu64 ",\"pairs\":%" PRIu64 ",\"hedged\":%" PRIu64
		",\"flat\":%" PRIu64 ",\"held\":%" PRIu64 ",\"held_moves\":%" PRIu64
		",\"held_s\":%.3f,\"completed\":%" PRIu64 ",\"unwound\":%" PRIu64
		",\"naked_money_s\":%.3f,\"orders\":%" PRIu64 ",\"trades\":%" PRIu64,
		t->seeds, t->pairs, t->hedged, t->flat, t->held, t->held_moves,
		(double)t->held_ns / 1e9, t->completed, t->unwound, t->naked_money_s, t->orders,
		t->trades);
	fprintf(f,
		",\"events\":%" PRIu64 ",\"turns\":%" PRIu64 ",\"receipts\":%" PRIu64
		",\"host_deaths\":%" PRIu64 ",\"venue_deaths\":%" PRIu64
		",\"cpu_s\":%.3f,\"wall_s\":%.3f,\"events_per_s\":%.0f,\"pairs_per_s\":%.0f,\"digest\":\"%016" PRIx64
		"\",\"violations\":%" PRIu64 ",\"faults\":{",
		t->events, t->turns, t->receipts, t->host_kills, t->venue_kills, t->cpu_s, wall_s,
		per((double)t->events, t->cpu_s), per((double)t->pairs, t->cpu_s), t->digest,
		t->violations);
	bool first = true;
	for (unsigned i = 1; i <= FAULTS; i++)
		if (fault_row(i)->inject) {
			fprintf(f, "%s\"F%02u\":%" PRIu64, first ? "" : ",", i, t->hit[i]);
			first = false;
		}
	fprintf(f, "},\"failed\":[");
	for (uint32_t i = 0; i < t->n_failed; i++)
		fprintf(f, "%s%" PRIu64, i ? "," : "", t->failed[i]);
	fprintf(f, "]}\n");
}

uint32_t campaign_matrix(const struct campaign_totals *t, FILE *f)
{
	uint32_t missing = 0, n = 0;
	fprintf(f, "    ");
	for (unsigned b = 1; b <= FAULTS; b++)
		if (fault_row(b)->inject)
			fprintf(f, "%3u", b);
	fprintf(f, "\n");
	for (unsigned a = 1; a <= FAULTS; a++) {
		if (!fault_row(a)->inject)
			continue;
		fprintf(f, "F%02u ", a);
		for (unsigned b = 1; b <= FAULTS; b++) {
			if (!fault_row(b)->inject)
				continue;
			bool there = t->together[a][b / 64] >> b % 64 & 1;
			missing += b >= a && !there;
			n += b >= a;
			fprintf(f, "  %c", there ? 'x' : '.');
		}
		fprintf(f, "\n");
	}
	fprintf(f, "%u of %u pairs of faults were there together\n", n - missing, n);
	return missing;
}
