/* One recording of one venue: from block to block, each event on the line of time that never falls. */
#include "core/base/err.h"
#include "store/blocks_parts.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int blocks_name_error(int rc, const struct keep_key *k, const char *venue)
{
	char number[32];
	snprintf(number, sizeof number, "with the number %" PRIu32, k->venue);
	return err_ctx(rc, "block %" PRIu64 " of recording %" PRIu32 " of the venue %s", k->number,
		       k->recording, venue ? venue : number);
}

int blocks_read_block(struct kv_iter *it, struct keep_key *k, struct pack_reader *r, void *memory)
{
	size_t n;
	const uint8_t *p = kv_iter_key(it, &n);
	if (!keep_key_read(k, p, n))
		return err_set(ERR_CORRUPT, "a key of %zu bytes among the recorded blocks", n);
	p = kv_iter_value(it, &n);
	int rc = pack_open(r, memory, p, n);
	if (!rc && k->line_ns < r->head.first_ns)
		rc = err_set(ERR_CORRUPT, "its key stands before its time");
	return rc ? blocks_name_error(rc, k, NULL) : 0;
}

static bool same_stream(const struct keep_key *a, const struct keep_key *b)
{
	return a->venue == b->venue && a->recording == b->recording;
}

/* The block that the iterator stands on becomes the one that is read; over where it is another recording's. */
static int take_block(struct blocks *b, struct stream *s)
{
	struct keep_key key;
	size_t n;
	if (!kv_iter_valid(s->it)) {
		s->over = true;
		return kv_iter_error(s->it);
	}
	const uint8_t *p = kv_iter_key(s->it, &n);
	s->over = keep_key_read(&key, p, n) &&
		  (!same_stream(&key, &s->first) || key.line_ns > b->to_ns);
	if (s->over)
		return 0;
	int rc = blocks_read_block(s->it, &s->at, &s->reader, s->memory);
	if (rc)
		return rc;
	if (strcmp(s->reader.head.venue, b->venue[s->venue]) != 0)
		return blocks_name_error(err_set(ERR_CORRUPT, "it is of the venue %s",
						 s->reader.head.venue),
					 &s->at, b->venue[s->venue]);
	if (s->at.line_ns > s->line_ns)
		s->line_ns = s->at.line_ns;
	for (uint16_t i = 0; i < s->reader.head.n_instruments; i++) {
		s->index_of[i] = blocks_intern(b, s->venue, &s->reader.instrument[i]);
		if (s->index_of[i] == UINT32_MAX)
			return err_set(ERR_NOMEM, "no memory for the instruments of a recording");
	}
	return 0;
}

int stream_begin(struct blocks *b, struct stream *s)
{
	uint8_t key[KEEP_KEY];
	struct keep_key from = s->first, found;
	size_t n;
	s->memory = aligned_alloc(64, (pack_reader_memory() + 63) / 64 * 64);
	s->it = s->memory ? kv_iter_new(b->db, KV_BLOCKS) : NULL;
	if (!s->it)
		return err_set(ERR_NOMEM, "no memory to read a recording");
	s->over = s->ready = false;
	s->line_ns = INT64_MIN;
	/* The last block that begins at that time or before it; the first where none does. */
	if (b->from_ns > from.line_ns) {
		from.line_ns = b->from_ns;
		from.number = 0;
	}
	keep_key_write(&from, key);
	kv_iter_seek_back(s->it, key, sizeof key);
	const uint8_t *p = kv_iter_valid(s->it) ? kv_iter_key(s->it, &n) : NULL;
	if (!p || !keep_key_read(&found, p, n) || !same_stream(&found, &s->first)) {
		keep_key_write(&s->first, key);
		kv_iter_seek(s->it, key, sizeof key);
	}
	int rc = take_block(b, s);
	return rc ? rc : stream_next(b, s);
}

int stream_next(struct blocks *b, struct stream *s)
{
	s->ready = false;
	while (!s->over) {
		int rc = pack_next(&s->reader, &s->ev);
		if (rc < 0)
			return blocks_name_error(rc, &s->at, b->venue[s->venue]);
		if (rc == 0) {
			kv_iter_next(s->it);
			rc = take_block(b, s);
			if (rc)
				return rc;
			continue;
		}
		if (s->ev.at_ns > s->line_ns)
			s->line_ns = s->ev.at_ns;
		s->over = s->line_ns > b->to_ns;
		if (s->over || s->line_ns < b->from_ns)
			continue;
		if (s->ev.instrument != UINT32_MAX)
			s->ev.instrument = s->index_of[s->ev.instrument];
		s->ready = true;
		return 0;
	}
	return 0;
}

void stream_end(struct stream *s)
{
	kv_iter_free(s->it);
	free(s->memory);
	s->it = NULL;
	s->memory = NULL;
	s->ready = false;
}
