/* What a decoding thread does: a line of its file becomes an event, its names become numbers. */
#include "adapters/import/import_parts.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include <stdlib.h>
#include <string.h>

static void note(struct import_file *f, struct batch *b, const char *why)
{
	b->garbage++;
	if (f->notes == IMPORT_NOTES)
		return;
	f->notes++;
	b->note[b->notes++] = (struct import_note){ f->path, input_number(f->input), why };
}

/* ---------------------------------------------------------------- tables */

static bool same(const struct seen *s, struct field venue, struct field symbol)
{
	return s->n_venue == venue.n && s->n_symbol == symbol.n &&
	       memcmp(s->venue, venue.p, venue.n) == 0 &&
	       memcmp(s->symbol, symbol.p, symbol.n) == 0;
}

static int row_instrument(struct import_file *f, const struct csv_row *row, const struct seen **out)
{
	struct field venue = row->venue, symbol = row->symbol;
	if (!venue.n)
		venue = (struct field){ f->venue_name, strlen(f->venue_name) };
	if (!symbol.n) {
		symbol.p = f->owner->o.symbol ? f->owner->o.symbol : "QUOTES";
		symbol.n = strlen(symbol.p);
	}
	struct seen *s = &f->seen[venue_hash(venue, symbol) % IMPORT_SEEN];
	*out = s;
	return same(s, venue, symbol)
		       ? 0
		       : venue_instrument(f->owner, venue, symbol, &f->csv.px, &f->csv.qty, s);
}

static int take_row(struct import_file *f, struct batch *b, const char *line, size_t n,
		    struct pack_event *ev, uint16_t *venue)
{
	struct csv_row row;
	const struct seen *s;
	const char *why;
	if (input_number(f->input) <= f->csv.skip || *line == '#')
		return 0;
	if (csv_row(&f->csv, line, n, &row, &why) != 0) {
		note(f, b, why);
		return 0;
	}
	int rc = row_instrument(f, &row, &s);
	if (rc == -ERR_RANGE) {
		note(f, b, "a name of a venue or symbol that is too long or has blanks");
		return 0;
	}
	if (rc)
		return rc;
	*ev = (struct pack_event){ .kind = PACK_QUOTE,
				   .instrument = s->instrument,
				   .at_ns = row.at_ns };
	*venue = s->at_venue;
	f->csv.no_size = dec_muldiv(f->owner->o.no_size ? f->owner->o.no_size : 1,
				    dec_pow10[s->qty_dp], 1, DEC_NEAREST);
	if (csv_quote(&f->csv, &row, s->px_dp, s->qty_dp, &ev->quote, &why) != 0) {
		note(f, b, why);
		return 0;
	}
	ev->quote.venue_ns = f->own_time ? row.at_ns : row.stamp_ns;
	return 1;
}

/* ---------------------------------------------------------------- frames */

/* The table that this file's frames are read with, its instruments numbered as the venue's are. */
static int make_symbols(struct import_file *f)
{
	uint32_t n = 0;
	for (unsigned i = 0; i < f->n_seen; i++)
		n = f->seen[i].instrument >= n ? f->seen[i].instrument + 1 : n;
	struct instrument *all = calloc(n, sizeof *all);
	if (!all)
		return err_set(ERR_NOMEM, "no memory for the symbols of %s", f->path);
	for (uint32_t i = 0; i < n; i++)
		all[i].venue = 1; /* met in other files only */
	for (unsigned i = 0; i < f->n_seen; i++) {
		const struct seen *s = &f->seen[i];
		struct instrument *in = &all[s->instrument];
		in->venue = 0;
		memcpy(in->symbol, s->symbol, sizeof in->symbol);
		in->px_dp = s->px_dp;
		in->qty_dp = s->qty_dp;
	}
	symbols_free(&f->symbols);
	int rc = symbols_init(&f->symbols, all, n, 0);
	free(all);
	return rc;
}

const struct symbol *import_adopt(void *owner, const char *symbol, size_t n,
				  const struct csv_scale *px, const struct csv_scale *qty)
{
	struct import_file *f = owner;
	struct field venue = { f->venue_name, strlen(f->venue_name) }, name = { symbol, n };
	if ((f->n_seen & (f->n_seen - 1)) == 0) {
		unsigned cap = f->n_seen ? 2 * f->n_seen : 1;
		void *grown = realloc(f->seen, cap * sizeof *f->seen);
		if (!grown) {
			err_set(ERR_NOMEM, "no memory for the symbols of %s", f->path);
			return NULL;
		}
		f->seen = grown;
	}
	if (venue_instrument(f->owner, venue, name, px, qty, &f->seen[f->n_seen]) != 0)
		return NULL;
	f->n_seen++;
	return make_symbols(f) == 0 ? symbols_find(&f->symbols, symbol, n) : NULL;
}

/* What a line of frames gave: an event, nothing, or an error of the owner's. Lines that say something wrong are noted. */
static int frame_told(struct import_file *f, struct batch *b, int rc, const char *why)
{
	if (rc < 0 && !why)
		return rc; /* there is no room, or no memory */
	if (rc != 0 && why)
		note(f, b, why);
	return rc > 0;
}

int import_decode(struct import_file *f, struct batch *b, const char *line, size_t n,
		  struct pack_event *ev, uint16_t *venue)
{
	const char *why;
	if (f->is_csv)
		return take_row(f, b, line, n, ev, venue);
	uint64_t other = f->frames.other;
	int rc = frames_line(&f->frames, line, n, ev, &why);
	*venue = f->venue;
	b->other += f->frames.other - other;
	return frame_told(f, b, rc, why);
}

int import_decode_more(struct import_file *f, struct batch *b, struct pack_event *ev,
		       uint16_t *venue)
{
	const char *why = NULL;
	if (f->is_csv)
		return 0;
	uint64_t other = f->frames.other;
	int rc = frames_more(&f->frames, ev, &why);
	*venue = f->venue;
	b->other += f->frames.other - other;
	return frame_told(f, b, rc, why);
}
