#include "store/blocks.h"
#include "core/base/err.h"
#include "store/blocks_parts.h"
#include "store/look.h"
#include "store/place.h"
#include "store/store_parts.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_STREAM UINT32_MAX

/* ---------------------------------------------------------------- what there is */

static uint16_t find_venue(const struct blocks *b, const char *name)
{
	uint16_t v = 0;
	while (v < b->n_venues && strcmp(b->venue[v], name) != 0)
		v++;
	return v;
}

static int add_venue(struct blocks *b, const char *name, uint16_t *out)
{
	*out = find_venue(b, name);
	if (*out < b->n_venues)
		return 0;
	char(*more)[32] = realloc(b->venue, (b->n_venues + 1u) * sizeof *more);
	if (!more || b->n_venues == UINT16_MAX)
		return err_set(ERR_NOMEM, "no memory for the venues of a recording");
	b->venue = more;
	snprintf(more[b->n_venues++], sizeof *more, "%s", name);
	return 0;
}

static bool same_instrument(const struct blocks_instrument *a, uint16_t venue,
			    const struct pack_instrument *i)
{
	return a->venue == venue && memcmp(&a->i, i, sizeof *i) == 0;
}

/* Never 0: that is no key. */
static uint64_t hash_of(uint16_t venue, const struct pack_instrument *i)
{
	return (map_hash_bytes(i, sizeof *i) + venue) | 1;
}

static int grow_instruments(struct blocks *b)
{
	uint32_t cap = b->cap_instruments ? 2 * b->cap_instruments : 16;
	struct blocks_instrument *more = realloc(b->instrument, cap * sizeof *more);
	if (!more)
		return -ERR_NOMEM;
	b->instrument = more;
	b->cap_instruments = cap;
	map_free(&b->by_hash);
	int rc = map_init(&b->by_hash, cap);
	for (uint32_t k = 0; k < b->n_instruments && !rc; k++)
		rc = map_put(&b->by_hash, hash_of(more[k].venue, &more[k].i), k);
	return rc;
}

uint32_t blocks_intern(struct blocks *b, uint16_t venue, const struct pack_instrument *i)
{
	/* What lies behind a text's end was zeroed by the reader, so equal ones are equal bytes. */
	uint64_t hash = hash_of(venue, i);
	uint32_t k = 0;
	if (b->cap_instruments && map_get(&b->by_hash, hash, &k)) {
		if (same_instrument(&b->instrument[k], venue, i))
			return k;
		for (k = 0; k < b->n_instruments; k++) /* two of one hash */
			if (same_instrument(&b->instrument[k], venue, i))
				return k;
	}
	if (b->n_instruments == b->cap_instruments && grow_instruments(b))
		return UINT32_MAX;
	b->instrument[b->n_instruments] = (struct blocks_instrument){ venue, *i };
	if (map_put(&b->by_hash, hash, b->n_instruments))
		return UINT32_MAX;
	return b->n_instruments++;
}

/* The end of the recording that begins with the block at `it`; the iterator moves to its last block. */
static int find_end(struct kv_iter *it, struct stream *s, void *memory)
{
	struct keep_key key = s->first;
	struct pack_reader r;
	uint8_t bytes[KEEP_KEY];
	key.line_ns = INT64_MAX;
	key.number = UINT64_MAX;
	keep_key_write(&key, bytes);
	kv_iter_seek_back(it, bytes, sizeof bytes);
	if (!kv_iter_valid(it))
		return kv_iter_error(it);
	int rc = blocks_read_block(it, &key, &r, memory);
	if (!rc)
		s->last_ns = r.head.last_ns > key.line_ns ? r.head.last_ns : key.line_ns;
	return rc;
}

/* The recording that begins with the block at `it`; the iterator moves behind it. */
static int add_stream(struct blocks *b, struct kv_iter *it, void *memory)
{
	struct pack_reader r;
	struct stream *more = realloc(b->stream, (b->n_streams + 1u) * sizeof *more);
	if (!more)
		return err_set(ERR_NOMEM, "no memory for the recordings of a store");
	b->stream = more;
	struct stream *s = &more[b->n_streams];
	memset(s, 0, sizeof *s);
	int rc = blocks_read_block(it, &s->first, &r, memory);
	if (!rc)
		rc = add_venue(b, r.head.venue, &s->venue);
	if (!rc)
		rc = find_end(it, s, memory);
	if (rc)
		return rc;
	b->n_streams++;
	kv_iter_next(it);
	return 0;
}

static int by_time(const void *a, const void *b)
{
	const struct keep_key *x = &((const struct stream *)a)->first,
			      *y = &((const struct stream *)b)->first;
	if (x->line_ns != y->line_ns)
		return x->line_ns < y->line_ns ? -1 : 1;
	if (x->recording != y->recording)
		return x->recording < y->recording ? -1 : 1;
	return (x->venue > y->venue) - (x->venue < y->venue);
}

static int find_streams(struct blocks *b)
{
	void *memory = aligned_alloc(64, (pack_reader_memory() + 63) / 64 * 64);
	struct kv_iter *it = memory ? kv_iter_new(b->db, KV_BLOCKS) : NULL;
	int rc = 0;
	if (!it) {
		free(memory);
		return err_set(ERR_NOMEM, "no memory to read recordings");
	}
	kv_iter_first(it);
	while (!rc && kv_iter_valid(it))
		rc = add_stream(b, it, memory);
	if (!rc)
		rc = kv_iter_error(it);
	kv_iter_free(it);
	free(memory);
	if (rc)
		return rc;
	if (!b->n_streams)
		return err_set(ERR_NOTFOUND, "no market data is recorded in it");
	qsort(b->stream, b->n_streams, sizeof *b->stream, by_time);
	b->open = calloc(b->n_streams, sizeof *b->open);
	return b->open ? 0 : err_set(ERR_NOMEM, "no memory to read recordings");
}

/* Only that venue's recordings are read; the others' names stay known. */
static int keep_only(struct blocks *b, const char *venue)
{
	uint16_t v = find_venue(b, venue);
	char names[200] = "";
	size_t n = 0;
	if (v == b->n_venues) {
		for (uint16_t k = 0; k < b->n_venues && n < sizeof names; k++)
			n += (size_t)snprintf(names + n, sizeof names - n, "%s%s", k ? ", " : "",
					      b->venue[k]);
		return err_set(ERR_NOTFOUND,
			       "nothing of a venue %s is recorded in it; there is: %s", venue,
			       names);
	}
	uint32_t kept = 0;
	for (uint32_t k = 0; k < b->n_streams; k++)
		if (b->stream[k].venue == v)
			b->stream[kept++] = b->stream[k];
	b->n_streams = kept;
	return 0;
}

/* ---------------------------------------------------------------- opening */

static int open_on(struct kv_db *db, bool own, const struct blocks_filter *f, struct blocks **out)
{
	struct blocks *b = calloc(1, sizeof *b);
	if (!b) {
		if (own)
			kv_close(db);
		return err_set(ERR_NOMEM, "no memory to read recordings");
	}
	b->db = db;
	b->own_db = own;
	b->from_ns = f && f->from_ns ? f->from_ns : INT64_MIN;
	b->to_ns = f && f->to_ns ? f->to_ns : INT64_MAX;
	int rc = find_streams(b);
	if (!rc && f && f->venue)
		rc = keep_only(b, f->venue);
	if (rc)
		blocks_close(b);
	else
		*out = b;
	return rc;
}

int blocks_open(const char *path, const struct blocks_filter *f, struct blocks **out)
{
	struct kv_db *db;
	int rc = look_open(path, &db);
	if (!rc)
		rc = open_on(db, true, f, out);
	return rc ? err_ctx(rc, "the store %s", path) : 0;
}

int blocks_open_in(struct store *s, const struct blocks_filter *f, struct blocks **out)
{
	return open_on(store_db(s), false, f, out);
}

static void end_all(struct blocks *b)
{
	for (uint32_t k = 0; k < b->n_open; k++)
		stream_end(&b->stream[b->open[k]]);
	b->n_open = b->begun = 0;
	b->told = NULL;
}

void blocks_close(struct blocks *b)
{
	if (!b)
		return;
	end_all(b);
	free(b->open);
	free(b->stream);
	free(b->instrument);
	map_free(&b->by_hash);
	free(b->venue);
	if (b->own_db)
		kv_close(b->db);
	free(b);
}

int blocks_rewind(struct blocks *b)
{
	end_all(b);
	return 0;
}

/* ---------------------------------------------------------------- reading */

/* Of those that are being read, the place of the one with the earliest event; those that are over go. */
static uint32_t earliest(struct blocks *b)
{
	uint32_t best = NO_STREAM;
	for (uint32_t k = 0; k < b->n_open;) {
		struct stream *s = &b->stream[b->open[k]];
		if (!s->ready) {
			stream_end(s);
			b->n_open--;
			memmove(&b->open[k], &b->open[k + 1], (b->n_open - k) * sizeof *b->open);
			continue;
		}
		if (best == NO_STREAM || s->line_ns < b->stream[b->open[best]].line_ns)
			best = k;
		k++;
	}
	return best;
}

/* A recording is opened no sooner than its time has come, so that years of them need no memory. */
static int begin_due(struct blocks *b, uint32_t *best)
{
	while (b->begun < b->n_streams &&
	       (*best == NO_STREAM ||
		b->stream[b->begun].first.line_ns <= b->stream[b->open[*best]].line_ns)) {
		struct stream *s = &b->stream[b->begun];
		uint32_t at = b->begun++;
		if (s->last_ns < b->from_ns || s->first.line_ns > b->to_ns)
			continue;
		b->open[b->n_open++] = at;
		int rc = stream_begin(b, s);
		if (rc)
			return rc;
		*best = earliest(b);
	}
	return 0;
}

int blocks_next(struct blocks *b, struct blocks_event *out)
{
	int rc = b->told ? stream_next(b, b->told) : 0;
	b->told = NULL;
	if (rc)
		return rc;
	uint32_t best = earliest(b);
	rc = begin_due(b, &best);
	if (rc)
		return rc;
	if (best == NO_STREAM)
		return 0;
	struct stream *s = b->told = &b->stream[b->open[best]];
	*out = (struct blocks_event){ .ev = s->ev, .venue = s->venue, .line_ns = s->line_ns };
	return 1;
}

const char *blocks_venue(const struct blocks *b, uint16_t venue)
{
	return venue < b->n_venues ? b->venue[venue] : NULL;
}

const struct blocks_instrument *blocks_instrument(const struct blocks *b, uint32_t instrument)
{
	return instrument < b->n_instruments ? &b->instrument[instrument] : NULL;
}

bool blocks_span(const struct blocks *b, int64_t *first_ns, int64_t *last_ns)
{
	bool any = false;
	for (uint32_t k = 0; k < b->n_streams; k++) {
		const struct stream *s = &b->stream[k];
		if (s->last_ns < b->from_ns || s->first.line_ns > b->to_ns)
			continue;
		if (!any || s->first.line_ns < *first_ns)
			*first_ns = s->first.line_ns;
		if (!any || s->last_ns > *last_ns)
			*last_ns = s->last_ns;
		any = true;
	}
	if (any && *first_ns < b->from_ns)
		*first_ns = b->from_ns;
	if (any && *last_ns > b->to_ns)
		*last_ns = b->to_ns;
	return any;
}
