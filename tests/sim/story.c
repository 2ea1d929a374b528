#include "tests/sim/story.h"

#include "core/market/instrument.h"
#include "tests/sim/faults.h"
#include <inttypes.h>

void story_fact(FILE *f, const struct fact *x)
{
	const char *state = fact_state_name((enum fact_kind)x->kind, x->state);
	fprintf(f, "%11.6f #%-6" PRIu64 " %-15s", (double)x->mono_ns / 1e9, x->seq,
		fact_kind_name((enum fact_kind)x->kind));
	if (x->cause)
		fprintf(f, " <#%" PRIu64, x->cause);
	if (x->pair)
		fprintf(f, " pair %" PRIx64, x->pair);
	if (x->order)
		fprintf(f, " order %" PRIx64, x->order);
	if (x->leg != 0xff && x->pair)
		fprintf(f, " leg %u", x->leg);
	if (x->side < side_max)
		fprintf(f, " %s", x->side == SIDE_BUY ? "buy" : "sell");
	if (x->qty)
		fprintf(f, " %" PRId64, x->qty);
	if (x->px)
		fprintf(f, " at %" PRId64, x->px);
	if (state)
		fprintf(f, " %s", state);
	for (unsigned i = 0; i < FACT_NUMS && fact_num_name((enum fact_kind)x->kind, i); i++)
		if (x->num[i])
			fprintf(f, " %s=%" PRId64, fact_num_name((enum fact_kind)x->kind, i),
				x->num[i]);
	if (x->exec[0])
		fprintf(f, " exec %s", x->exec);
	fprintf(f, "%s%s\n", x->text[0] ? ": " : "", x->text);
}

void story_injection(FILE *f, const struct director *d, const struct injection *x)
{
	static const char *const state[] = { "not reached", "waiting", "working", "hit",
					     "nothing to hit" };
	_Static_assert(sizeof state / sizeof *state == injection_state_max,
		       "a word for every state");
	int64_t at = d->start_ns + x->at_ns;
	fprintf(f, "%11.6f !%-6u F%02u %s, venue %u: %s",
		(double)(x->hit_ns ? x->hit_ns : at) / 1e9, x->id, x->fault,
		fault_row(x->fault)->words, x->venue, x->masked ? "left out" : state[x->state]);
	if (x->pair)
		fprintf(f, ", pair %" PRIx64, x->pair);
	fprintf(f, "\n");
}
