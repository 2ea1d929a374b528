#include "store/copy.h"
#include "core/base/err.h"
#include "store/copy_parts.h"
#include "store/derived.h"
#include "store/kv.h"
#include "store/note.h"
#include "store/place.h"
#include "store/reader_parts.h"
#include "store/receipt.h"
#include "store/seal.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BATCH_BYTES (4u << 20)
#define PIECE_MAX   (1u << 20) /* of a key and its value: a block is at most a quarter of it */

struct copier {
	struct reader *r;
	struct kv_db *to;
	struct kv_batch *batch;
	struct derived derived;
	struct receipt_encoder *encoder;
	struct copy_span span;
	uint32_t facts; /* in the batch */
	size_t bytes;	/* in the batch */
	bool all_blocks;
	const struct sealed *sealed; /* NULL: as the database has it now */
	struct told *told;	     /* blocks that copied receipts tell of, to be sorted */
	size_t n_told, cap_told;
};

/* The checkpoint that stood there when the span was settled: a running host's newer one speaks of receipts that the copy does not get. */
struct sealed {
	char note[NOTE_MAX];
	size_t n;
};

struct told {
	uint64_t bytes;
	char hex[DIGEST_HEX];
};

static int flush(struct copier *c)
{
	int rc = derived_write(&c->derived, c->batch, c->to);
	if (!rc)
		rc = kv_write(c->to, c->batch, false);
	kv_batch_clear(c->batch);
	c->facts = 0;
	c->bytes = 0;
	return rc;
}

static int put(struct copier *c, enum kv_family f, const void *key, size_t n, const void *value,
	       size_t len)
{
	int rc = kv_batch_put(c->batch, c->to, f, key, n, value, len);
	c->bytes += n + len;
	return rc ? rc : c->bytes > BATCH_BYTES || c->facts == DERIVED_BATCH ? flush(c) : 0;
}

static int note_block(struct copier *c, const struct fact *f)
{
	if (c->n_told == c->cap_told) {
		size_t cap = c->cap_told ? 2 * c->cap_told : 1024;
		struct told *more = realloc(c->told, cap * sizeof *more);
		if (!more)
			return err_set(ERR_NOMEM, "no memory for the digests of blocks");
		c->told = more;
		c->cap_told = cap;
	}
	struct told *t = &c->told[c->n_told++];
	*t = (struct told){ .bytes = (uint64_t)f->num[3] };
	memcpy(t->hex, f->text, DIGEST_HEX - 1);
	return 0;
}

/* Bytes are taken as they are: those of a later version keep what this one does not know. */
static int put_receipt(struct copier *c, uint64_t seq, const void *bytes, size_t n)
{
	struct fact f;
	uint8_t key[8];
	int rc = receipt_decode(bytes, n, &f);
	if (!rc && f.seq != seq)
		rc = err_set(ERR_CORRUPT, "it says that it is %" PRIu64, f.seq);
	if (rc)
		return err_ctx(rc, "receipt %" PRIu64, seq);
	rc = derived_add(&c->derived, &f, c->batch, c->to);
	if (!rc && (f.kind == FACT_BLOCK || f.kind == FACT_INPUTS) && !c->all_blocks)
		rc = note_block(c, &f);
	c->facts++;
	kv_be64(key, seq);
	return rc ? rc : put(c, KV_RECEIPTS, key, sizeof key, bytes, n);
}

static int copy_receipts(struct copier *c)
{
	uint8_t key[8];
	uint64_t to = c->span.seq_to;
	struct kv_iter *it = kv_iter_new(reader_db(c->r), KV_RECEIPTS);
	if (!it)
		return err_set(ERR_NOMEM, "no memory to read the store");
	int rc = 0;
	kv_be64(key, c->span.seq_from);
	for (kv_iter_seek(it, key, sizeof key); kv_iter_valid(it) && !rc; kv_iter_next(it)) {
		size_t n, len;
		const uint8_t *k = kv_iter_key(it, &n), *v = kv_iter_value(it, &len);
		if (n != sizeof key)
			rc = err_set(ERR_CORRUPT, "a receipt has a key of %zu bytes", n);
		else if (kv_from_be64(k) > to)
			break;
		else
			rc = put_receipt(c, kv_from_be64(k), v, len);
	}
	if (!rc)
		rc = kv_iter_error(it);
	kv_iter_free(it);
	return rc;
}

/* What only the ring holds. */
static int copy_tail(struct copier *c)
{
	uint64_t seq = reader_db_last(c->r) + 1;
	int rc = 0;
	for (seq = seq > c->span.seq_from ? seq : c->span.seq_from; !rc && seq <= c->span.seq_to;
	     seq++) {
		struct fact f;
		const void *bytes;
		size_t n;
		rc = reader_get(c->r, seq, &f);
		if (!rc)
			rc = receipt_encode(c->encoder, &f, &bytes, &n);
		if (!rc)
			rc = put_receipt(c, seq, bytes, n);
	}
	return rc;
}

static int by_bytes(const void *a, const void *b)
{
	const struct told *x = a, *y = b;
	return (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

static int by_bytes_and_digest(const void *a, const void *b)
{
	int c = by_bytes(a, b);
	return c ? c : strcmp(((const struct told *)a)->hex, ((const struct told *)b)->hex);
}

/* A block goes where its receipt goes. Its length alone mostly says no. */
static bool wanted(const struct copier *c, enum kv_family f, const uint8_t *v, size_t len)
{
	struct told is = { .bytes = len };
	uint8_t digest[DIGEST_LEN];
	if (!kv_is_blocks(f) || c->all_blocks)
		return true;
	if (!c->n_told || !bsearch(&is, c->told, c->n_told, sizeof is, by_bytes))
		return false;
	digest_sha256(v, len, digest);
	digest_hex(digest, DIGEST_LEN, is.hex);
	return bsearch(&is, c->told, c->n_told, sizeof is, by_bytes_and_digest) != NULL;
}

/* Hashes of receipts that the copy does not get, and checkpoints over those. */
static bool too_new(const struct copier *c, enum kv_family f, const uint8_t *k, size_t n)
{
	if (!c->sealed)
		return false;
	if (f == KV_STATE)
		return n == strlen(SEAL_NOTE) && memcmp(k, SEAL_NOTE, n) == 0;
	if (f != KV_TILES || n != SEAL_TILE_KEY || k[0] >= MERKLE_LEVELS)
		return false;
	return kv_from_be64(k + 1) >= c->span.seq_to >> (8 * (k[0] + 1));
}

static int put_sealed(struct copier *c)
{
	if (!c->sealed || !c->sealed->n)
		return 0;
	return put(c, KV_STATE, SEAL_NOTE, strlen(SEAL_NOTE), c->sealed->note, c->sealed->n);
}

/* A span is shown to stand under the checkpoint by the hashes of all the rest. */
static int put_leaves(struct copier *c)
{
	struct note_checkpoint is = { 0 };
	char note[NOTE_MAX];
	size_t n = 0;
	int rc = kv_get(reader_db(c->r), KV_STATE, SEAL_NOTE, strlen(SEAL_NOTE), note, sizeof note,
			&n);
	if (rc)
		return rc == -ERR_NOTFOUND ? 0 : rc;
	rc = note_open(NULL, note, n < sizeof note ? n : sizeof note, &is);
	return rc ? rc : seal_keep_leaves(reader_db(c->r), c->to, c->batch, is.size);
}

static int copy_family(struct copier *c, enum kv_family f)
{
	struct kv_iter *it = kv_iter_new(reader_db(c->r), f);
	if (!it)
		return err_set(ERR_NOMEM, "no memory to read the store");
	int rc = 0;
	for (kv_iter_first(it); kv_iter_valid(it) && !rc; kv_iter_next(it)) {
		size_t n, len;
		const uint8_t *k = kv_iter_key(it, &n), *v = kv_iter_value(it, &len);
		if (wanted(c, f, v, len) && !too_new(c, f, k, n))
			rc = put(c, f, k, n, v, len);
	}
	if (!rc)
		rc = kv_iter_error(it);
	kv_iter_free(it);
	return rc ? err_ctx(rc, "the family %s", kv_family_name(f)) : 0;
}

/* Names and values go before the receipts: what those derive is then newer. The index is made anew. */
static int copy_all(struct copier *c)
{
	int rc = 0;
	for (int f = 0; f < kv_family_max && !rc; f++)
		if (f != KV_RECEIPTS && f != KV_INDEX && !kv_is_blocks((enum kv_family)f))
			rc = copy_family(c, (enum kv_family)f);
	if (!rc)
		rc = c->all_blocks ? put_sealed(c) : put_leaves(c);
	if (!rc)
		rc = copy_receipts(c);
	if (!rc)
		rc = copy_tail(c);
	if (!rc && c->n_told)
		qsort(c->told, c->n_told, sizeof *c->told, by_bytes_and_digest);
	if (!rc)
		rc = copy_family(c, KV_BLOCKS);
	if (!rc)
		rc = copy_family(c, KV_INPUTS);
	if (!rc)
		rc = flush(c);
	if (!rc)
		rc = kv_flush(c->to);
	return rc ? rc : kv_sync(c->to);
}

static int copy_into(struct reader *r, const char *db, enum copy_kind kind,
		     const struct copy_span *span, const struct sealed *sealed)
{
	struct copier c = { .r = r,
			    .span = *span,
			    .encoder = receipt_encoder_new(),
			    .all_blocks = kind == COPY_BACKUP,
			    .sealed = sealed };
	int rc = derived_init(&c.derived);
	c.batch = kv_batch_new();
	if (!rc && (!c.batch || !c.encoder))
		rc = err_set(ERR_NOMEM, "no memory to copy a store");
	if (!rc)
		rc = kv_open_packed(db, &c.to);
	if (!rc)
		rc = copy_all(&c);
	kv_batch_free(c.batch);
	kv_close(c.to);
	free(c.told);
	receipt_encoder_free(c.encoder);
	derived_free(&c.derived);
	return rc;
}

/* ---------------------------------------------------------------- reading back */

/* digest = SHA-256 of the digest before and of the piece: family, length of the key, key, value. */
static int add_piece(struct copy_page *p, uint8_t *room, unsigned family, const uint8_t *k,
		     size_t n, const uint8_t *v, size_t len)
{
	size_t at = DIGEST_LEN;
	if (n + len > PIECE_MAX)
		return err_set(ERR_CORRUPT, "a value of %zu bytes is none of ours", len);
	memcpy(room, p->digest, DIGEST_LEN);
	room[at++] = (uint8_t)family;
	for (int shift = 24; shift >= 0; shift -= 8)
		room[at++] = (uint8_t)(n >> shift);
	memcpy(room + at, k, n);
	memcpy(room + at + n, v, len);
	digest_sha256(room, at + n + len, p->digest);
	p->bytes += n + len;
	return 0;
}

static int count_receipt(struct copy_page *p, const uint8_t *k, size_t n, const uint8_t *v,
			 size_t len)
{
	struct fact f;
	int rc = n == 8 ? receipt_decode(v, len, &f)
			: err_set(ERR_CORRUPT, "a receipt has a key of %zu bytes", n);
	if (rc)
		return rc;
	if (f.seq != kv_from_be64(k))
		return err_set(ERR_CORRUPT, "receipt %" PRIu64 " says that it is %" PRIu64,
			       kv_from_be64(k), f.seq);
	p->first = p->receipts++ ? p->first : f.seq;
	p->last = f.seq;
	return 0;
}

static int sum_family(struct kv_db *db, enum kv_family f, uint8_t *room, struct copy_page *p)
{
	struct kv_iter *it = kv_iter_new(db, f);
	if (!it)
		return err_set(ERR_NOMEM, "no memory to read a copy");
	int rc = 0;
	for (kv_iter_first(it); kv_iter_valid(it) && !rc; kv_iter_next(it)) {
		size_t n, len;
		const uint8_t *k = kv_iter_key(it, &n), *v = kv_iter_value(it, &len);
		rc = add_piece(p, room, f, k, n, v, len);
		if (f == KV_BLOCKS)
			p->blocks++;
		else if (f != KV_RECEIPTS)
			p->others++;
		else if (!rc)
			rc = count_receipt(p, k, n, v, len);
	}
	if (!rc)
		rc = kv_iter_error(it);
	kv_iter_free(it);
	return rc ? err_ctx(rc, "the family %s", kv_family_name(f)) : 0;
}

static int sum(const char *folder, struct copy_page *p)
{
	char path[PLACE_PATH];
	struct kv_db *db;
	uint8_t *room = malloc(DIGEST_LEN + 8 + PIECE_MAX);
	int rc = room ? place_in(path, folder, "db")
		      : err_set(ERR_NOMEM, "no memory to read a copy");
	if (!rc)
		rc = kv_open_secondary(path, &db);
	if (rc) {
		free(room);
		return rc;
	}
	size_t len = 0;
	rc = kv_get(db, KV_STATE, "s/id", 4, p->id, sizeof p->id, &len);
	if (!rc && len != sizeof p->id)
		rc = err_set(ERR_CORRUPT, "%s is no store: it has no identity", folder);
	for (int f = 0; f < kv_family_max && !rc; f++)
		if (f != KV_INDEX)
			rc = sum_family(db, (enum kv_family)f, room, p);
	kv_close(db);
	free(room);
	return rc;
}

int copy_check(const char *folder, struct copy_page *out)
{
	struct copy_page is = { 0 };
	int rc = copy_read_page(folder, out);
	if (!rc)
		rc = sum(folder, &is);
	if (rc)
		return err_ctx(rc, "%s", folder);
	if (is.receipts != out->receipts || is.blocks != out->blocks || is.first != out->first ||
	    is.last != out->last)
		return err_set(ERR_CORRUPT,
			       "%s holds %" PRIu64 " receipts (%" PRIu64 " to %" PRIu64
			       ") and %" PRIu64 " blocks; its page says %" PRIu64 " (%" PRIu64
			       " to %" PRIu64 ") and %" PRIu64,
			       folder, is.receipts, is.first, is.last, is.blocks, out->receipts,
			       out->first, out->last, out->blocks);
	if (memcmp(is.digest, out->digest, DIGEST_LEN) != 0 ||
	    memcmp(is.id, out->id, sizeof is.id) != 0)
		return err_set(
			ERR_CORRUPT,
			"%s is not what was written: a key or a value has changed, its digest does not fit",
			folder);
	return 0;
}

/* ---------------------------------------------------------------- making one */

static void remove_files(const char *folder)
{
	DIR *dir = opendir(folder);
	if (!dir)
		return;
	for (struct dirent *e; (e = readdir(dir)) != NULL;)
		if (e->d_name[0] != '.')
			unlinkat(dirfd(dir), e->d_name, 0);
	closedir(dir);
	rmdir(folder);
}

static int settle_span(struct reader *r, struct copy_span *s, struct sealed *sealed)
{
	int rc = kv_get(reader_db(r), KV_STATE, SEAL_NOTE, strlen(SEAL_NOTE), sealed->note,
			sizeof sealed->note, &sealed->n);
	if (!rc && sealed->n > sizeof sealed->note)
		rc = err_set(ERR_CORRUPT, "the signed checkpoint has %zu bytes", sealed->n);
	if (rc && rc != -ERR_NOTFOUND)
		return rc;
	uint64_t last = reader_last(r);
	s->seq_from = s->seq_from ? s->seq_from : 1;
	s->seq_to = s->seq_to && s->seq_to < last ? s->seq_to : last;
	if (s->seq_from > s->seq_to)
		return err_set(ERR_NOTFOUND, "%s has no receipts there", reader_path(r));
	/* Seen before this and in the database now: no receipt of a block comes without its block. */
	return reader_refresh(r);
}

int copy_make(const char *from, const char *to, enum copy_kind kind, const struct copy_span *span,
	      struct copy_page *out)
{
	char db[PLACE_PATH];
	struct reader *r;
	struct copy_span s = *span;
	struct sealed sealed = { 0 };
	int rc = reader_open(from, &r);
	if (rc)
		return rc;
	rc = settle_span(r, &s, &sealed);
	if (!rc)
		rc = place_in(db, to, "db");
	if (!rc && mkdir(to, 0700))
		rc = errno == EEXIST
			     ? err_set(ERR_EXISTS, "%s is there already: name a new folder", to)
			     : err_set(ERR_IO, "%s cannot be made: %s", to, strerror(errno));
	if (rc) {
		reader_close(r);
		return rc;
	}
	bool running = kind == COPY_BACKUP && !copy_is_archive(from);
	rc = copy_into(r, db, kind, &s, running ? &sealed : NULL);
	reader_close(r);
	*out = (struct copy_page){ .kind = kind, .span = s };
	if (!rc)
		rc = sum(to, out);
	if (!rc)
		rc = copy_write_page(to, out);
	if (rc) {
		remove_files(db);
		remove_files(to);
	}
	return rc;
}

int copy_span_of(const char *from, int64_t utc_from, int64_t utc_to, struct copy_span *out)
{
	struct reader *r;
	struct reader_walk *w = NULL;
	struct fact f;
	int rc = reader_open(from, &r);
	if (rc)
		return rc;
	*out = (struct copy_span){ 0 };
	rc = reader_walk_open(
		r, &(struct reader_filter){ .utc_from = utc_from, .utc_to = utc_to - 1 }, &w);
	for (int got = 1; !rc && got;) {
		got = reader_walk_next(w, &f);
		rc = got < 0 ? got : 0;
		if (got > 0) {
			out->seq_from = out->seq_from ? out->seq_from : f.seq;
			out->seq_to = f.seq;
		}
	}
	if (!rc && !out->seq_to)
		rc = err_set(ERR_NOTFOUND, "%s has no receipts of that time", from);
	if (w)
		reader_walk_close(w);
	reader_close(r);
	return rc;
}
