/* One file: what it is, its two threads, and its next event. */
#include "adapters/import/import_parts.h"
#include "core/base/err.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "recordings/FXCM.csv.gz" is FXCM's. */
static void name_of_path(const char *path, char out[32])
{
	static const char *const ends[] = { ".gz", ".csv", ".tsv", ".txt", ".log" };
	const char *slash = strrchr(path, '/'), *from = slash ? slash + 1 : path;
	size_t n = strlen(from);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		size_t len = strlen(ends[i]);
		if (n > len && memcmp(from + n - len, ends[i], len) == 0)
			n -= len;
	}
	n = n < 31 ? n : 31;
	for (size_t i = 0; i < n; i++)
		out[i] = from[i] > ' ' && from[i] < 127 ? from[i] : '_';
	out[n] = 0;
	if (strcmp(out, "-") == 0)
		memcpy(out, "STDIN", 6);
}

static int set_venue_name(struct import_file *f, const char *name)
{
	if (strlen(name) >= sizeof f->venue_name)
		return err_set(ERR_RANGE, "\"%s\" is no name of a venue: at most 31 bytes", name);
	memcpy(f->venue_name, name, strlen(name) + 1);
	return 0;
}

static int open_frames(struct import *g, struct import_file *f, const char *first, size_t n)
{
	struct frames_look look;
	int rc = frames_look(first, n, &look);
	if (rc)
		return err_ctx(rc, "%s", f->path);
	rc = set_venue_name(f, g->o.venue ? g->o.venue
					  : frames_venue((enum frames_market)look.market));
	if (rc)
		return rc;
	if (g->o.symbol && strlen(g->o.symbol) < sizeof look.symbol)
		memcpy(look.symbol, g->o.symbol, strlen(g->o.symbol) + 1);
	pthread_mutex_lock(&g->names);
	int venue = venue_find(g, f->venue_name, strlen(f->venue_name));
	pthread_mutex_unlock(&g->names);
	if (venue < 0)
		return venue;
	f->venue = (uint16_t)venue;
	const struct frames_owner owner = { f, import_adopt };
	return frames_open(&f->frames, &look, &f->symbols, &owner);
}

static int open_csv(struct import *g, struct import_file *f, const char *first, size_t n)
{
	f->is_csv = true;
	int rc = csv_open(&f->csv, first, n, g->o.map);
	if (rc)
		return err_ctx(rc, "%s", f->path);
	f->own_time = f->csv.columns.at[COLUMN_STAMP] < 0 && f->csv.columns.venue_clock;
	f->seen = calloc(IMPORT_SEEN, sizeof *f->seen);
	if (!f->seen)
		return err_set(ERR_NOMEM, "no memory to read %s", f->path);
	if (g->o.venue)
		return set_venue_name(f, g->o.venue);
	name_of_path(f->path, f->venue_name);
	return 0;
}

/* ---------------------------------------------------------------- batches */

/* Its levels move from the decoder's memory into the batch. */
static void keep(struct batch *b, const struct pack_event *ev, uint16_t venue)
{
	struct pack_event *to = &b->ev[b->n];
	*to = *ev;
	b->venue[b->n++] = venue;
	if (ev->kind != PACK_DEPTH && ev->kind != PACK_SNAPSHOT)
		return;
	for (unsigned side = 0; side < side_max; side++) {
		struct level *l = b->level + b->levels;
		memcpy(l, ev->depth.level[side], ev->depth.n[side] * sizeof *l);
		to->depth.level[side] = l;
		b->levels += ev->depth.n[side];
	}
}

static bool fill(void *arg, unsigned slot)
{
	struct import_file *f = arg;
	struct batch *b = &f->batch[slot];
	struct level *level = b->level;
	const char *line;
	size_t n;
	/* The events need no clearing, and are most of it. */
	b->n = b->levels = b->notes = 0;
	b->lines = b->garbage = b->other = 0;
	b->level = level;
	b->rc = 0;
	while (b->n < IMPORT_BATCH && b->levels + 2 * PACK_LEVELS <= IMPORT_LEVELS) {
		struct pack_event ev;
		uint16_t venue;
		int rc = import_decode_more(f, b, &ev, &venue);
		if (rc > 0) {
			keep(b, &ev, venue);
			continue;
		}
		if (!input_line(f->input, &line, &n)) {
			b->garbage += input_too_long(f->input);
			return false;
		}
		b->lines++;
		rc = n ? import_decode(f, b, line, n, &ev, &venue) : 0;
		if (rc < 0) {
			b->rc = rc;
			snprintf(b->error, sizeof b->error, "%s", err_text());
			return false;
		}
		if (rc)
			keep(b, &ev, venue);
	}
	return true;
}

static void take_counts(struct import_file *f, const struct batch *b)
{
	struct import_totals *t = &f->owner->totals;
	t->lines += b->lines;
	t->garbage += b->garbage;
	t->other += b->other;
	for (unsigned i = 0; i < b->notes && t->notes < IMPORT_NOTES; i++)
		t->note[t->notes++] = b->note[i];
}

/* The batch that is read has come to its end: the next one that holds anything. */
static int next_batch(struct import_file *f)
{
	while (f->at == f->reading->n) {
		if (f->reading->rc)
			return err_set((enum err)(-f->reading->rc), "%s: %s", f->path,
				       f->reading->error);
		int slot = relay_next(&f->relay);
		f->over = slot < 0;
		if (f->over)
			return 0;
		f->reading = &f->batch[slot];
		f->at = 0;
		take_counts(f, f->reading);
	}
	return 0;
}

static int settle(struct import_file *f)
{
	int rc = f->at == f->reading->n ? next_batch(f) : 0;
	if (rc || f->over)
		return rc;
	f->events++;
	if (f->reading->ev[f->at].at_ns > f->reached_ns)
		f->reached_ns = f->reading->ev[f->at].at_ns;
	return 0;
}

int import_file_next(struct import_file *f)
{
	f->at++;
	return settle(f);
}

const struct pack_event *import_file_event(struct import_file *f, uint16_t *venue)
{
	*venue = f->reading->venue[f->at];
	return &f->reading->ev[f->at];
}

/* ---------------------------------------------------------------- opening */

static int begin(struct import_file *f)
{
	f->batch = calloc(IMPORT_BATCHES, sizeof *f->batch);
	for (unsigned i = 0; f->batch && i < IMPORT_BATCHES; i++) {
		f->batch[i].level = malloc(IMPORT_LEVELS * sizeof(struct level));
		if (!f->batch[i].level)
			return err_set(ERR_NOMEM, "no memory to read %s", f->path);
	}
	if (!f->batch)
		return err_set(ERR_NOMEM, "no memory to read %s", f->path);
	relay_begin(&f->relay, IMPORT_BATCHES, fill, f);
	f->reading = &f->batch[0];
	take_counts(f, f->reading);
	return settle(f);
}

/* Why there is not one line. */
static int nothing(struct import_file *f)
{
	const char *line;
	size_t n;
	while (input_line(f->input, &line, &n))
		;
	enum input_end end = input_ended(f->input);
	if (end != INPUT_WHOLE)
		return err_set(end == INPUT_UNREADABLE ? ERR_IO : ERR_PARSE,
			       "%s is %s, and nothing before that can be read", f->path,
			       input_end_name(end));
	return input_too_long(f->input)
		       ? err_set(ERR_PARSE, "%s has no line shorter than %d bytes: it is no table",
				 f->path, INPUT_LINE)
		       : err_set(ERR_PARSE, "%s is empty", f->path);
}

int import_file_open(struct import *g, struct import_file *f, const char *path)
{
	size_t n;
	*f = (struct import_file){ .path = path, .owner = g, .reached_ns = INT64_MIN };
	int rc = input_open(path, &f->input);
	if (rc)
		return rc;
	for (struct import_file *other = g->file; other < f; other++)
		if (input_same(f->input, other->input))
			return err_set(ERR_ARG, "%s and %s are the same file", other->path, path);
	const char *first = input_first(f->input, &n);
	if (!n)
		return nothing(f);
	rc = frames_are(first, n) ? open_frames(g, f, first, n) : open_csv(g, f, first, n);
	return rc ? rc : begin(f);
}

void import_file_stop(struct import_file *f)
{
	relay_end(&f->relay);
}

void import_file_close(struct import_file *f)
{
	relay_end(&f->relay);
	frames_close(&f->frames);
	symbols_free(&f->symbols);
	for (unsigned i = 0; f->batch && i < IMPORT_BATCHES; i++)
		free(f->batch[i].level);
	free(f->batch);
	free(f->seen);
	input_close(f->input);
	*f = (struct import_file){ 0 };
}
