/* Every block against its receipt: both sides' digests are sorted, and must be the same. */
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
			struct sum s = { .seq = f.seq };
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

static int read_block(struct kv_iter *it, void *memory, struct sums *out, struct blocks_verified *v)
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
	if (rc)
		return blocks_name_error(rc, &key, r.head.venue);
	const uint8_t *p = kv_iter_value(it, &n);
	digest_sha256(p, n, s.digest);
	v->blocks++;
	v->bytes += n;
	return add(out, &s);
}

static int read_blocks(const char *path, struct sums *out, struct blocks_verified *v)
{
	struct kv_db *db;
	int rc = look_open(path, &db);
	if (rc)
		return rc;
	void *memory = aligned_alloc(64, (pack_reader_memory() + 63) / 64 * 64);
	struct kv_iter *it = memory ? kv_iter_new(db, KV_BLOCKS) : NULL;
	if (!it)
		rc = err_set(ERR_NOMEM, "no memory to read a recording");
	for (it ? kv_iter_first(it) : (void)0; !rc && kv_iter_valid(it); kv_iter_next(it))
		rc = read_block(it, memory, out, v);
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

/* Both sorted: what stands on one side only. */
static int match(const struct sums *receipt, const struct sums *block, struct blocks_verified *v)
{
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
		i += c <= 0;
		k += c >= 0;
	}
	if (!v->no_block)
		return 0;
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
	}
	free(receipt.v);
	free(block.v);
	return rc ? err_ctx(rc, "the store %s", path) : 0;
}
