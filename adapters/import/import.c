#include "adapters/import/import.h"
#include "adapters/import/import_parts.h"
#include "core/base/err.h"
#include <stdlib.h>

#define KNOWN 16384 /* pairs of venue and symbol that are found at once; more are searched for */

static int no_event(const struct import *g, const struct import_file *f)
{
	const struct import_totals *t = &g->totals;
	for (unsigned i = 0; i < t->notes; i++)
		if (t->note[i].path == f->path)
			return err_set(ERR_PARSE,
				       "%s has no usable line; the first of it, line %llu: %s",
				       f->path, (unsigned long long)t->note[i].line,
				       t->note[i].why);
	return err_set(ERR_PARSE, "%s has no quote, depth or trade in it", f->path);
}

static int open_files(struct import *g)
{
	int rc = 0;
	for (unsigned i = 0; rc == 0 && i < g->o.n_paths; i++) {
		struct import_file *f = &g->file[i];
		rc = import_file_open(g, f, g->o.path[i]);
		g->n_files = i + 1;
		if (rc == 0 && f->over)
			rc = no_event(g, f);
	}
	return rc;
}

int import_open(const struct import_options *o, struct import **out)
{
	/* What every venue's clock will be opened with: its range is told here, once. */
	const struct tsync_config clock = { .max_min_delay_ns = o->max_min_delay_ns };
	struct tsync *probe;
	*out = NULL;
	int rc = tsync_open(&clock, &probe);
	if (rc)
		return rc;
	tsync_free(probe);
	if (!o->n_paths || o->n_paths > IMPORT_FILES)
		return err_set(ERR_ARG, "1 to %d files can be imported at once", IMPORT_FILES);
	struct import *g = calloc(1, sizeof *g);
	if (!g)
		return err_set(ERR_NOMEM, "no memory to import");
	g->o = *o;
	pthread_mutex_init(&g->names, NULL);
	g->file = calloc(o->n_paths, sizeof *g->file);
	g->venue = calloc(IMPORT_VENUES, sizeof *g->venue);
	rc = g->file && g->venue ? map_init(&g->known, KNOWN)
				 : err_set(ERR_NOMEM, "no memory to import");
	if (rc == 0)
		rc = open_files(g);
	if (rc) {
		import_close(g);
		return rc;
	}
	*out = g;
	return 0;
}

void import_close(struct import *g)
{
	if (!g)
		return;
	for (unsigned i = 0; i < g->n_files; i++)
		import_file_close(&g->file[i]);
	for (unsigned i = 0; i < g->n_venues; i++)
		venue_free(&g->venue[i]);
	map_free(&g->known);
	pthread_mutex_destroy(&g->names);
	free(g->file);
	free(g->venue);
	free(g);
}

/* The file that is furthest back, and how far the next one is. NULL: all are over. */
static struct import_file *furthest_back(const struct import *g, int64_t *until_ns)
{
	struct import_file *best = NULL;
	*until_ns = INT64_MAX;
	for (unsigned i = 0; i < g->n_files; i++) {
		struct import_file *f = &g->file[i];
		if (f->over)
			continue;
		if (!best || f->reached_ns < best->reached_ns) {
			*until_ns = best ? best->reached_ns : INT64_MAX;
			best = f;
		} else if (f->reached_ns < *until_ns) {
			*until_ns = f->reached_ns;
		}
	}
	return best;
}

int import_step(struct import *g, const struct import_sink *sink, unsigned most)
{
	while (most) {
		int64_t until_ns;
		struct import_file *f = furthest_back(g, &until_ns);
		if (!f)
			return 0;
		do {
			uint16_t venue;
			const struct pack_event *ev = import_file_event(f, &venue);
			int rc = venue_put(g, sink, f, venue, ev);
			if (rc == 0)
				rc = import_file_next(f);
			if (rc)
				return rc;
		} while (--most && !f->over && f->reached_ns <= until_ns);
	}
	return 1;
}

void import_totals(const struct import *g, struct import_totals *out)
{
	bool known = true;
	*out = g->totals;
	for (unsigned i = 0; i < g->n_files; i++) {
		out->read_bytes += input_read(g->file[i].input);
		out->size_bytes += input_size(g->file[i].input);
		known &= input_size(g->file[i].input) != 0;
	}
	if (!known)
		out->size_bytes = 0;
}

unsigned import_venues(const struct import *g)
{
	return g->n_venues;
}

const struct import_venue *import_venue(const struct import *g, unsigned i)
{
	return &g->venue[i].pub;
}

enum input_end import_ended(const struct import *g, unsigned file)
{
	return input_ended(g->file[file].input);
}
