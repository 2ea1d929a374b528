#include "store/record.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include "store/keep.h"
#include "store/store_parts.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct recorded {
	struct pack_writer w;
	char name[32];
	struct pack_instrument *instrument;
	uint16_t n;
	void *memory;
	uint8_t *block;
	bool open; /* a block is begun */
	uint64_t lost;
	struct keep_key key;
	struct record_totals total;
};

struct record {
	struct store *s;
	struct kv_db *db;
	uint32_t recording;
	uint16_t n;
	int failed;	 /* the first error of the disk: nothing is written after it */
	uint64_t before; /* the newest receipt when it was opened */
	struct recorded venue[RECORD_VENUES];
};

int record_fact(struct record *r, struct fact *f)
{
	int rc = keep_append(r->s, f);
	r->failed = rc ? rc : r->failed;
	return rc;
}

int record_open(struct store *s, const char *what, struct record **out)
{
	struct record *r = calloc(1, sizeof *r);
	if (!r)
		return err_set(ERR_NOMEM, "no memory for a recording");
	r->s = s;
	r->db = store_db(s);
	r->before = store_last_seq(s);
	int rc = keep_open(s, &r->recording);
	if (!rc) {
		struct fact f;
		fact_init(&f, FACT_SESSION_OPEN);
		f.num[2] = getpid();
		f.num[5] = (int64_t)r->before;
		fact_text(&f, "%s", what ? what : "a recording");
		rc = record_fact(r, &f);
	}
	if (rc)
		free(r);
	else
		*out = r;
	return rc;
}

/* ---------------------------------------------------------------- blocks */

static int end_block(struct record *r, struct recorded *v)
{
	struct tape_block b = { .lost = v->lost };
	struct fact f;
	if (!v->open)
		return 0;
	v->open = false;
	size_t n = pack_end(&v->w);
	if (!n)
		return 0;
	int rc = keep_block(r->db, &v->key, v->block, n, &v->w.head, &b);
	if (rc)
		return r->failed = err_ctx(rc, "a block of %s", v->name);
	struct record_totals *t = &v->total;
	if (!t->blocks || b.first_ns < t->first_ns)
		t->first_ns = b.first_ns;
	if (!t->blocks || b.last_ns > t->last_ns)
		t->last_ns = b.last_ns;
	t->blocks++;
	t->events += b.events;
	t->bytes += b.bytes;
	v->lost = 0;
	keep_fact(&f, &b, v->key.venue);
	return record_fact(r, &f);
}

static void begin_block(struct recorded *v)
{
	pack_begin(&v->w, v->memory, v->block, PACK_BLOCK_BYTES, v->name, v->instrument, v->n, 0);
	v->open = true;
}

int record_put(struct record *r, uint16_t venue, const struct pack_event *ev)
{
	must(venue < r->n);
	struct recorded *v = &r->venue[venue];
	if (r->failed)
		return err_set(ERR_IO, "the recording has failed already");
	if (!v->open)
		begin_block(v);
	int rc = pack_put(&v->w, ev);
	if (rc == -ERR_FULL) {
		rc = end_block(r, v);
		if (rc)
			return rc;
		begin_block(v);
		rc = pack_put(&v->w, ev);
	}
	if (rc)
		return err_set(ERR_RANGE,
			       "an event of %s that cannot be kept: no such instrument or kind, or "
			       "more than %d levels a side",
			       v->name, PACK_LEVELS);
	if (ev->kind == PACK_HOLE)
		v->lost += ev->lost;
	return 0;
}

/* ---------------------------------------------------------------- venues */

/* The memory that goes with n instruments; what was there before is given back. */
static int make_room(struct recorded *v, uint16_t n)
{
	size_t bytes = (pack_writer_memory(n) + 63) / 64 * 64;
	void *memory = aligned_alloc(64, bytes ? bytes : 64);
	struct pack_instrument *i = realloc(v->instrument, (n ? n : 1u) * sizeof *i);
	if (i)
		v->instrument = i;
	if (!memory || !i) {
		free(memory);
		return err_set(ERR_NOMEM, "no memory for %u instruments of %s", n, v->name);
	}
	free(v->memory);
	v->memory = memory;
	return 0;
}

static int check_instrument(const struct pack_instrument *i)
{
	if (i->px_dp <= PACK_DP_MOST && i->qty_dp <= PACK_DP_MOST)
		return 0;
	return err_set(ERR_RANGE,
		       "%.47s: %u decimals of prices and %u of quantities; %d are the most",
		       i->name, i->px_dp, i->qty_dp, PACK_DP_MOST);
}

static void free_venue(struct recorded *v)
{
	free(v->instrument);
	free(v->memory);
	free(v->block);
	*v = (struct recorded){ 0 };
}

int record_venue(struct record *r, const char *name, const struct pack_instrument *i, uint16_t n)
{
	size_t len = strlen(name);
	if (r->n == RECORD_VENUES)
		return err_set(ERR_FULL, "more than %d venues in one recording", RECORD_VENUES);
	struct recorded *v = &r->venue[r->n];
	if (!len || len >= sizeof v->name)
		return err_set(ERR_RANGE,
			       "a venue's name has 1 to %zu bytes; this has %zu: \"%.40s\"",
			       sizeof v->name - 1, len, name);
	for (uint16_t k = 0; k < r->n; k++)
		if (strcmp(r->venue[k].name, name) == 0)
			return err_set(ERR_EXISTS, "the venue %s is recorded twice", name);
	memcpy(v->name, name, len + 1);
	v->key.recording = r->recording;
	v->key.line_ns = INT64_MIN;
	int rc = keep_venue(r->s, name, &v->key.venue);
	if (!rc)
		rc = make_room(v, n);
	for (uint16_t k = 0; k < n && !rc; k++) {
		rc = check_instrument(&i[k]);
		v->instrument[k] = i[k];
	}
	v->n = n;
	v->block = rc ? NULL : malloc(PACK_BLOCK_BYTES);
	if (!rc && !v->block)
		rc = err_set(ERR_NOMEM, "no memory for a block of %s", name);
	if (!rc)
		return r->n++;
	free_venue(v);
	return rc;
}

int record_instrument(struct record *r, uint16_t venue, const struct pack_instrument *i)
{
	must(venue < r->n);
	struct recorded *v = &r->venue[venue];
	if (v->n == RECORD_INSTRUMENTS)
		return err_set(ERR_FULL, "more than %u instruments of %s", RECORD_INSTRUMENTS,
			       v->name);
	int rc = check_instrument(i);
	if (!rc)
		rc = end_block(r, v);
	if (!rc)
		rc = make_room(v, (uint16_t)(v->n + 1));
	if (rc)
		return rc;
	v->instrument[v->n] = *i;
	return v->n++;
}

uint32_t record_venue_id(const struct record *r, uint16_t venue)
{
	must(venue < r->n);
	return r->venue[venue].key.venue;
}

void record_totals_of(const struct record *r, uint16_t venue, struct record_totals *out)
{
	must(venue < r->n);
	const struct recorded *v = &r->venue[venue];
	*out = v->total;
	if (!v->open || !v->w.head.n_events)
		return;
	if (!out->events || v->w.head.first_ns < out->first_ns)
		out->first_ns = v->w.head.first_ns;
	if (!out->events || v->w.head.last_ns > out->last_ns)
		out->last_ns = v->w.head.last_ns;
	out->events += v->w.head.n_events;
}

/* ---------------------------------------------------------------- the end */

static void add(struct record_totals *to, const struct record_totals *t)
{
	if (!t->events)
		return;
	if (!to->events || t->first_ns < to->first_ns)
		to->first_ns = t->first_ns;
	if (!to->events || t->last_ns > to->last_ns)
		to->last_ns = t->last_ns;
	to->events += t->events;
	to->blocks += t->blocks;
	to->bytes += t->bytes;
}

int record_close(struct record *r, struct record_totals *out)
{
	struct record_totals sum = { 0 };
	int rc = r->failed;
	for (uint16_t k = 0; k < r->n; k++) {
		if (!rc)
			rc = end_block(r, &r->venue[k]);
		add(&sum, &r->venue[k].total);
	}
	if (!rc) {
		struct fact f;
		fact_init(&f, FACT_SESSION_CLOSE);
		f.num[0] = (int64_t)(store_last_seq(r->s) - r->before) + 1;
		f.num[6] = 1;
		rc = record_fact(r, &f);
	}
	if (out)
		*out = sum;
	for (uint16_t k = 0; k < r->n; k++)
		free_venue(&r->venue[k]);
	free(r);
	return rc;
}
