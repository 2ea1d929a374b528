/* Every block against its receipt: both sides' digests are sorted, and must be the same. And against the key that it lies under, which says when and where it is read. */
#include "core/base/digest.h"
#include "core/base/err.h"
#include "store/blocks_parts.h"
#include "store/look.h"
#include "store/place.h"
#include "store/reader.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct sum {
	uint8_t digest[DIGEST_LEN];
	uint64_t seq; /* of the receipt */
	uint32_t venue;
	bool told; /* a receipt tells of the block */
	struct keep_key key;
	int64_t line_ns; /* what the key must say, where it is known */
};

/* Where the reading of blocks stands: the one before. */
struct before {
	bool any;
	struct keep_key key;
	int64_t reach_ns; /* the line of time behind it */
};

struct sums {
	struct sum *v;
	size_t n, cap;
};

static int add(struct sums *s, const struct sum *one)
{
	if (s->n == s->cap) {
		size_t cap = s->cap ? 2 * s->cap : 1024;
		struct sum *more = realloc(s->v, cap * sizeof *more);
		if (!more)
			return err_set(ERR_NOMEM, "no memory for the digests of a recording");
		s->v = more;
		s->cap = cap;
	}
	s->v[s->n++] = *one;
	return 0;
}

static int nibble(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool from_hex(const char *text, uint8_t out[DIGEST_LEN])
{
	for (int i = 0; i < DIGEST_LEN; i++) {
		int hi = nibble(text[2 * i]), lo = hi < 0 ? -1 : nibble(text[2 * i + 1]);
		if (lo < 0)
			return false;
		out[i] = (uint8_t)(hi << 4 | lo);
	}
	return !text[DIGEST_HEX - 1];
}

static int read_receipts(const char *path, struct sums *out)
{
	struct reader *r;
	struct reader_walk *w;
	struct fact f;
	int rc = reader_open(path, &r);
	if (rc)
		return rc;
	rc = reader_walk_open(r, &(struct reader_filter){ .kind = FACT_BLOCK }, &w);
	if (!rc) {
		while ((rc = reader_walk_next(w, &f)) == 1) {
			struct sum s = { .seq = f.seq, .venue = f.venue };
			rc = from_hex(f.text, s.digest)
				     ? add(out, &s)
				     : err_set(ERR_CORRUPT,
					       "receipt %" PRIu64
					       " tells of a block without its digest",
					       f.seq);
			if (rc)
				break;
		}
		reader_walk_close(w);
	}
	reader_close(r);
	return rc;
}

/* The key against the block before it, and the line of time that the block must stand at. */
static int place_block(struct before *b, const struct keep_key *key, const struct pack_head *h,
		       struct sum *s, struct blocks_verified *v)
{
	const bool same =
		b->any && b->key.venue == key->venue && b->key.recording == key->recording;
	const uint64_t next = same ? b->key.number + 1 : 0;
	if (same && key->number < next)
		return err_set(ERR_CORRUPT, "it stands behind block %" PRIu64 " of it",
			       b->key.number);
	if (same && key->line_ns < b->reach_ns)
		return err_set(ERR_CORRUPT, "its key stands before the end of the block before it");
	s->line_ns = key->line_ns;
	if (key->number == next)
		s->line_ns = same && b->reach_ns > h->first_ns ? b->reach_ns : h->first_ns;
	v->gaps += key->number - next;
	*b = (struct before){ .any = true,
			      .key = *key,
			      .reach_ns = h->last_ns > key->line_ns ? h->last_ns : key->line_ns };
	return 0;
}

static int read_block(struct kv_iter *it, void *memory, struct before *before, struct sums *out,
		      struct blocks_verified *v)
{
	struct keep_key key;
	struct pack_reader r;
	struct pack_event ev;
	struct sum s = { 0 };
	size_t n;
	int rc = blocks_read_block(it, &key, &r, memory);
	if (rc)
		return rc;
	while ((rc = pack_next(&r, &ev)) == 1)
		v->events++;
	rc = rc ? rc : place_block(before, &key, &r.head, &s, v);
	if (rc)
		return blocks_name_error(rc, &key, r.head.venue);
	const uint8_t *p = kv_iter_value(it, &n);
	digest_sha256(p, n, s.digest);
	s.key = key;
	v->blocks++;
	v->bytes += n;
	return add(out, &s);
}

static int read_blocks(const char *path, struct sums *out, struct blocks_verified *v)
{
	struct kv_db *db;
	struct before before = { 0 };
	int rc = look_open(path, &db);
	if (rc)
		return rc;
	void *memory = aligned_alloc(64, (pack_reader_memory() + 63) / 64 * 64);
	struct kv_iter *it = memory ? kv_iter_new(db, KV_BLOCKS) : NULL;
	if (!it)
		rc = err_set(ERR_NOMEM, "no memory to read a recording");
	for (it ? kv_iter_first(it) : (void)0; !rc && kv_iter_valid(it); kv_iter_next(it))
		rc = read_block(it, memory, &before, out, v);
	if (!rc)
		rc = kv_iter_error(it);
	kv_iter_free(it);
	free(memory);
	kv_close(db);
	return rc;
}

static int by_digest(const void *a, const void *b)
{
	return memcmp(((const struct sum *)a)->digest, ((const struct sum *)b)->digest, DIGEST_LEN);
}

static int by_place(const void *a, const void *b)
{
	const struct keep_key *x = &((const struct sum *)a)->key,
			      *y = &((const struct sum *)b)->key;
	if (x->venue != y->venue)
		return x->venue < y->venue ? -1 : 1;
	if (x->recording != y->recording)
		return x->recording < y->recording ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

/* A kill leaves blocks without receipts at the end of a recording only. */
static void find_untold(struct sums *block, struct blocks_verified *v)
{
	if (block->n)
		qsort(block->v, block->n, sizeof *block->v, by_place);
	bool later = false;
	for (size_t i = block->n; i-- > 0;) {
		const struct sum *s = &block->v[i], *next = s + 1;
		if (i + 1 == block->n || s->key.venue != next->key.venue ||
		    s->key.recording != next->key.recording)
			later = false;
		v->untold_inside += later && !s->told;
		later = later || s->told;
	}
}

/* The block that a receipt tells of: does it lie where it was written? */
static int same_place(const struct sum *receipt, const struct sum *block)
{
	if (receipt->venue != block->key.venue)
		return err_set(ERR_CORRUPT,
			       "block %" PRIu64 " of recording %" PRIu32
			       " of the venue with the number %" PRIu32 " is, as receipt %" PRIu64
			       " says, of the venue with the number %" PRIu32
			       ": it was put elsewhere",
			       block->key.number, block->key.recording, block->key.venue,
			       receipt->seq, receipt->venue);
	if (block->key.line_ns != block->line_ns)
		return err_set(ERR_CORRUPT,
			       "block %" PRIu64 " of recording %" PRIu32
			       " of the venue with the number %" PRIu32 ", of receipt %" PRIu64
			       ", lies %" PRId64 " ns from where its events are: it was moved",
			       block->key.number, block->key.recording, block->key.venue,
			       receipt->seq, block->key.line_ns - block->line_ns);
	return 0;
}

/* Both sorted: what stands on one side only. */
static int match(const struct sums *receipt, struct sums *block, struct blocks_verified *v)
{
	int rc = 0;
	uint64_t first = 0;
	size_t i = 0, k = 0;
	while (i < receipt->n || k < block->n) {
		int c = i == receipt->n ? 1
			: k == block->n ? -1
					: by_digest(&receipt->v[i], &block->v[k]);
		if (c < 0) {
			v->no_block++;
			first = !first || receipt->v[i].seq < first ? receipt->v[i].seq : first;
		}
		v->no_receipt += c > 0;
		if (c == 0) {
			block->v[k].told = true;
			rc = rc ? rc : same_place(&receipt->v[i], &block->v[k]);
		}
		i += c <= 0;
		k += c >= 0;
	}
	if (!v->no_block)
		return rc;
	return err_set(ERR_CORRUPT,
		       "%" PRIu64
		       " blocks that receipts tell of are not there, or are others; the first "
		       "is that of receipt %" PRIu64,
		       v->no_block, first);
}

int blocks_verify(const char *path, struct blocks_verified *out)
{
	struct sums receipt = { 0 }, block = { 0 };
	*out = (struct blocks_verified){ 0 };
	/* Receipts first: what a running host adds meanwhile is then a block without one, not the other way round. */
	int rc = read_receipts(path, &receipt);
	if (!rc)
		rc = read_blocks(path, &block, out);
	if (!rc) {
		if (receipt.n)
			qsort(receipt.v, receipt.n, sizeof *receipt.v, by_digest);
		if (block.n)
			qsort(block.v, block.n, sizeof *block.v, by_digest);
		rc = match(&receipt, &block, out);
		find_untold(&block, out);
	}
	free(receipt.v);
	free(block.v);
	return rc ? err_ctx(rc, "the store %s", path) : 0;
}
