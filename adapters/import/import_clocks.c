/* What the stamps, or the prices where there is one stamp only, say of the venues' clocks. */
#include "adapters/import/import_parts.h"
#include <string.h>
#include <strings.h>

static const char *const how_name[] = { "unknown", "stamps", "prices", "reference" };
_Static_assert(sizeof how_name / sizeof *how_name == import_how_max, "a name for each");

const char *import_how_name(enum import_how h)
{
	return (unsigned)h < import_how_max ? how_name[h] : "?";
}

static void by_stamps(struct venue_entry *v)
{
	struct tsync_estimate e;
	struct import_clock *c = &v->pub.clock;
	tsync_read(v->sync, v->last_ns, &e);
	if (!e.known) {
		c->why = "its stamps contradict each other";
		return;
	}
	*c = (struct import_clock){ .how = IMPORT_BY_STAMPS,
				    .open = e.open,
				    .at_ns = v->last_ns,
				    .offset_ns = e.offset_ns,
				    .bound_ns = e.bound_ns,
				    .drift_ppb = e.drift_ppb,
				    .delay_ns = e.delay_ns,
				    .steps = e.steps,
				    .samples = e.samples,
				    .refused = e.refused };
}

/* The series of both that are of the same symbol; of the first ones where none is. */
static void choose(const struct venue_entry *a, const struct venue_entry *b,
		   const struct lag_series **out_a, const struct lag_series **out_b)
{
	*out_a = &a->mid[0].series;
	*out_b = &b->mid[0].series;
	for (unsigned i = 0; i < a->mids; i++)
		for (unsigned k = 0; k < b->mids; k++)
			if (strcasecmp(a->instrument[a->mid[i].instrument].symbol,
				       b->instrument[b->mid[k].instrument].symbol) == 0) {
				*out_a = &a->mid[i].series;
				*out_b = &b->mid[k].series;
				return;
			}
}

static int by_prices(const struct venue_entry *reference, struct venue_entry *v)
{
	const struct lag_series *a, *b;
	struct lag_estimate e;
	struct import_clock *c = &v->pub.clock;
	c->why = "one of the two has no prices";
	if (!reference->mids || !v->mids)
		return 0;
	choose(reference, v, &a, &b);
	int rc = lag_find(a, b, &e);
	c->why = e.why;
	if (rc || !e.found)
		return rc;
	*c = (struct import_clock){ .how = IMPORT_BY_PRICES,
				    .at_ns = e.at_ns,
				    .offset_ns = e.offset_ns,
				    .bound_ns = e.bound_ns,
				    .drift_ppb = e.drift_ppb,
				    .samples = b->n };
	memcpy(c->against, reference->pub.name, sizeof c->against);
	return 0;
}

/* Whose stamps the others' count from: the one that was named, one whose arrivals are the recorder's, the first. */
static struct venue_entry *find_reference(struct import *g)
{
	for (unsigned i = 0; g->o.reference && i < g->n_venues; i++)
		if (strcmp(g->venue[i].pub.name, g->o.reference) == 0)
			return &g->venue[i];
	for (unsigned i = 0; i < g->n_venues; i++)
		if (g->venue[i].stamped)
			return &g->venue[i];
	return g->n_venues ? &g->venue[0] : NULL;
}

int import_clocks(struct import *g)
{
	for (unsigned i = 0; i < g->n_files; i++)
		import_file_stop(&g->file[i]);
	struct venue_entry *reference = find_reference(g);
	for (unsigned i = 0; i < g->n_venues; i++) {
		struct venue_entry *v = &g->venue[i];
		int rc = 0;
		if (v->stamped)
			by_stamps(v);
		else if (v == reference)
			v->pub.clock = (struct import_clock){ .how = IMPORT_REFERENCE,
							      .at_ns = v->last_ns };
		else if (reference->stamped && !v->own_time)
			v->pub.clock.why = "its rows bear no stamp of the venue";
		else
			rc = by_prices(reference, v);
		if (rc)
			return rc;
	}
	return 0;
}
