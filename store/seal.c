#include "store/seal.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "store/courier.h"
#include "store/note.h"
#include "store/proof.h"
#include "store/receipt.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVERY_NS   500000000 /* between two checkpoints, so that no second is without one */
#define LOAD_BATCH 16	     /* tiles, when they are made of receipts that had none */

struct seal {
	struct kv_db *db;
	struct kv_batch *batch; /* of the writer, between begin and end */
	struct note_key *key;
	struct courier *courier; /* NULL: checkpoints stay here */
	char origin[NOTE_NAME];
	uint64_t signed_size;  /* of the newest checkpoint that the database has */
	uint64_t pending_size; /* of the one in the batch; 0: none */
	uint64_t found;	       /* what the checkpoint said that stood here at opening */
	int64_t signed_ns;
	char note[NOTE_MAX];
	size_t note_len;
	bool tiles_put;		     /* into the batch */
	bool key_known, key_changed; /* the store names it; it names another */
	bool stale;		   /* `taken` is not what the database has: it could not be read */
	struct merkle taken, tree; /* as the database has it; with the batch */
};

void seal_tile_key(uint8_t key[SEAL_TILE_KEY], unsigned level, uint64_t n)
{
	key[0] = (uint8_t)level;
	kv_be64(key + 1, n);
}

static int source_tile(void *arg, unsigned level, uint64_t n, struct merkle_hash out[MERKLE_TILE])
{
	uint8_t key[SEAL_TILE_KEY];
	const size_t bytes = MERKLE_TILE * sizeof(struct merkle_hash);
	size_t len;
	seal_tile_key(key, level, n);
	int rc = kv_get(arg, KV_TILES, key, sizeof key, out, bytes, &len);
	/* As much of it as an archive took: no tile yet. */
	if (!rc && level == 0 && len < bytes && len % MERKLE_HASH == 0)
		return -ERR_NOTFOUND;
	if (!rc && len != bytes)
		rc = err_set(ERR_CORRUPT, "tile %" PRIu64 " of level %u has %zu bytes", n, level,
			     len);
	return rc;
}

/* Of a receipt that is not there: it is in an archive, or was lost before it had bytes. */
static int leaf_of_tile(struct kv_db *db, uint64_t index, struct merkle_hash *out)
{
	struct merkle_hash tile[MERKLE_TILE];
	uint8_t key[SEAL_TILE_KEY];
	size_t len;
	seal_tile_key(key, 0, index / MERKLE_TILE);
	int rc = kv_get(db, KV_TILES, key, sizeof key, tile, sizeof tile, &len);
	if (rc && rc != -ERR_NOTFOUND)
		return rc;
	if (!rc && index % MERKLE_TILE < len / MERKLE_HASH)
		*out = tile[index % MERKLE_TILE];
	else
		merkle_leaf(NULL, 0, out);
	return 0;
}

static int source_leaf(void *arg, uint64_t index, struct merkle_hash *out)
{
	uint8_t key[8], bytes[RECEIPT_BYTES_MAX];
	size_t n = 0;
	kv_be64(key, index + 1);
	int rc = kv_get(arg, KV_RECEIPTS, key, sizeof key, bytes, sizeof bytes, &n);
	if (rc && rc != -ERR_NOTFOUND)
		return rc;
	if (rc)
		return leaf_of_tile(arg, index, out);
	if (n > sizeof bytes)
		return err_set(ERR_CORRUPT, "receipt %" PRIu64 " has %zu bytes", index + 1, n);
	merkle_leaf(bytes, n, out);
	return 0;
}

int seal_keep_leaves(struct kv_db *from, struct kv_db *to, struct kv_batch *batch, uint64_t last)
{
	if (!last)
		return 0;
	const uint64_t n = (last - 1) / MERKLE_TILE;
	struct merkle_hash tile[MERKLE_TILE];
	uint8_t key[SEAL_TILE_KEY];
	size_t len = 0;
	seal_tile_key(key, 0, n);
	int rc = kv_get(from, KV_TILES, key, sizeof key, tile, sizeof tile, &len);
	uint64_t width = last - n * MERKLE_TILE;
	if (rc && rc != -ERR_NOTFOUND)
		return rc;
	if (!rc && len / MERKLE_HASH > width)
		width = len / MERKLE_HASH;
	if (width >= MERKLE_TILE)
		return 0;
	rc = 0;
	for (uint64_t i = 0; i < width && !rc; i++)
		rc = source_leaf(from, n * MERKLE_TILE + i, &tile[i]);
	if (rc)
		return rc;
	return kv_batch_put(batch, to, KV_TILES, key, sizeof key, tile,
			    width * sizeof(struct merkle_hash));
}

void seal_source(struct proof_source *src, struct kv_db *db)
{
	memset(src, 0, sizeof *src);
	src->arg = db;
	src->leaf = source_leaf;
	src->tile = source_tile;
}

/* ---- opening */

static int put_tile(void *arg, unsigned level, uint64_t n,
		    const struct merkle_hash tile[MERKLE_TILE])
{
	struct seal *s = arg;
	uint8_t key[SEAL_TILE_KEY];
	seal_tile_key(key, level, n);
	s->tiles_put = true;
	return kv_batch_put(s->batch, s->db, KV_TILES, key, sizeof key, tile,
			    MERKLE_TILE * sizeof(struct merkle_hash));
}

static int pass_until(struct seal *s, uint64_t size)
{
	struct merkle_hash leaf;
	int rc = 0;
	while (s->tree.size < size && !rc) {
		rc = source_leaf(s->db, s->tree.size, &leaf);
		if (!rc)
			rc = merkle_append(&s->tree, &leaf, put_tile, s);
	}
	return rc;
}

int seal_add(struct seal *s, uint64_t seq, const void *bytes, size_t n)
{
	struct merkle_hash leaf;
	/* A batch that failed may be there all the same: the same receipts come again. */
	if (seq <= s->tree.size)
		return 0;
	int rc = pass_until(s, seq - 1);
	if (rc)
		return rc;
	merkle_leaf(bytes, n, &leaf);
	return merkle_append(&s->tree, &leaf, put_tile, s);
}

/* How many tiles of leaves stand here without a gap at the end: all of them, unless the store is of a time without tiles or the disk lost some. */
static int count_tiles(struct seal *s, uint64_t last, uint64_t *tiles)
{
	uint8_t key[SEAL_TILE_KEY], byte;
	size_t len;
	int rc = -ERR_NOTFOUND;
	for (*tiles = last / MERKLE_TILE; *tiles; --*tiles) {
		seal_tile_key(key, 0, *tiles - 1);
		rc = kv_get(s->db, KV_TILES, key, sizeof key, &byte, 1, &len);
		if (rc != -ERR_NOTFOUND)
			return rc;
	}
	return 0;
}

/* Everything from the tree's size on, from the receipts. */
static int add_receipts(struct seal *s)
{
	uint8_t key[8];
	size_t n;
	int rc = 0;
	struct kv_iter *it = kv_iter_new(s->db, KV_RECEIPTS);
	struct kv_batch *batch = kv_batch_new();
	if (!it || !batch) {
		kv_iter_free(it);
		kv_batch_free(batch);
		return err_set(ERR_NOMEM, "no memory to seal receipts");
	}
	s->batch = batch;
	s->tiles_put = false;
	kv_be64(key, s->tree.size + 1);
	for (kv_iter_seek(it, key, sizeof key); !rc && kv_iter_valid(it); kv_iter_next(it)) {
		uint64_t seq = kv_from_be64(kv_iter_key(it, &n));
		const uint8_t *bytes = kv_iter_value(it, &n);
		rc = seal_add(s, seq, bytes, n);
		if (!rc && s->tree.size % (LOAD_BATCH * MERKLE_TILE) == 0) {
			rc = kv_write(s->db, batch, false);
			kv_batch_clear(batch);
			s->tiles_put = false;
		}
	}
	rc = rc ? rc : kv_iter_error(it);
	kv_iter_free(it);
	/* Mostly there is nothing, and a disk in trouble is not to be bothered. */
	if (!rc && s->tiles_put)
		rc = kv_write(s->db, batch, false);
	kv_batch_free(batch);
	s->batch = NULL;
	return rc;
}

static int last_receipt(struct kv_db *db, uint64_t *last)
{
	struct kv_iter *it = kv_iter_new(db, KV_RECEIPTS);
	if (!it)
		return err_set(ERR_NOMEM, "no memory to seal receipts");
	size_t n;
	kv_iter_last(it);
	*last = kv_iter_valid(it) ? kv_from_be64(kv_iter_key(it, &n)) : 0;
	int rc = kv_iter_error(it);
	kv_iter_free(it);
	return rc;
}

int seal_reload(struct seal *s)
{
	struct proof_source *src = malloc(sizeof *src);
	uint64_t last, tiles = 0;
	if (!src)
		return err_set(ERR_NOMEM, "no memory to seal receipts");
	s->stale = true;
	seal_source(src, s->db);
	int rc = last_receipt(s->db, &last);
	if (!rc)
		rc = count_tiles(s, last, &tiles);
	if (!rc)
		rc = proof_edge(src, tiles * MERKLE_TILE, &s->tree);
	if (!rc)
		rc = add_receipts(s);
	if (!rc)
		merkle_copy(&s->taken, &s->tree);
	s->stale = rc != 0;
	free(src);
	return rc;
}

static int check_root(struct kv_db *db, const struct note_checkpoint *c)
{
	struct merkle_hash root;
	struct proof_source *src = malloc(sizeof *src);
	if (!src)
		return err_set(ERR_NOMEM, "no memory to seal receipts");
	seal_source(src, db);
	int rc = proof_root(src, 0, c->size, &root);
	free(src);
	if (!rc && !merkle_same(&root, &c->root))
		rc = err_set(ERR_CORRUPT,
			     "the first %" PRIu64
			     " receipts are not what the last signed checkpoint says: they, "
			     "or the checkpoint, were changed; `tandem verify` says where",
			     c->size);
	return rc;
}

/* What stands here must be what was signed: a key is not put under anything else. */
static int check_signed(struct seal *s, const char *note, size_t len)
{
	struct note_checkpoint c;
	int rc = note_open(s->key, note, len, &c);
	if (rc == -ERR_NOTFOUND) {
		log_warn("%s; from here on it signs", err_text());
		rc = 0;
	}
	if (!rc)
		s->found = c.size;
	if (!rc && c.size <= s->tree.size)
		rc = check_root(s->db, &c);
	return rc;
}

/* 0 and no length: none was signed. */
static int read_note(struct kv_db *db, char note[NOTE_MAX], size_t *len)
{
	*len = 0;
	int rc = kv_get(db, KV_STATE, SEAL_NOTE, strlen(SEAL_NOTE), note, NOTE_MAX, len);
	if (!rc && *len >= NOTE_MAX)
		rc = err_set(ERR_CORRUPT, "the signed checkpoint has %zu bytes", *len);
	return rc == -ERR_NOTFOUND ? 0 : rc;
}

static int load(struct seal *s)
{
	char note[NOTE_MAX];
	size_t len;
	int rc = seal_reload(s);
	if (!rc)
		rc = read_note(s->db, note, &len);
	return rc || !len ? rc : check_signed(s, note, len);
}

int seal_look(struct kv_db *db)
{
	char note[NOTE_MAX], text[NOTE_PUBLIC];
	size_t len, n = 0;
	uint64_t last;
	struct note_checkpoint c;
	struct note_key *key = NULL;
	int rc = read_note(db, note, &len);
	if (rc || !len)
		return rc;
	rc = kv_get(db, KV_STATE, SEAL_KEY, strlen(SEAL_KEY), text, sizeof text - 1, &n);
	text[n < sizeof text ? n : sizeof text - 1] = 0;
	if (!rc)
		rc = note_key_public(text, &key);
	if (rc == -ERR_NOTFOUND)
		rc = 0;
	if (!rc)
		rc = note_open(key, note, len, &c);
	note_key_free(key);
	if (!rc)
		rc = last_receipt(db, &last);
	return rc || c.size > last ? rc : check_root(db, &c);
}

int seal_set_aside(struct kv_db *db)
{
	char note[NOTE_MAX];
	size_t len;
	struct kv_batch *b = kv_batch_new();
	int rc = kv_get(db, KV_STATE, SEAL_NOTE, strlen(SEAL_NOTE), note, sizeof note, &len);
	if (!rc && !b)
		rc = err_set(ERR_NOMEM, "no memory to set a checkpoint aside");
	if (!rc)
		rc = kv_batch_put(b, db, KV_STATE, SEAL_ASIDE, strlen(SEAL_ASIDE), note,
				  len < sizeof note ? len : sizeof note);
	if (!rc)
		rc = kv_batch_erase(b, db, KV_STATE, SEAL_NOTE, strlen(SEAL_NOTE), SEAL_NOTE "\0",
				    strlen(SEAL_NOTE) + 1);
	if (!rc)
		rc = kv_write(db, b, true);
	kv_batch_free(b);
	return rc == -ERR_NOTFOUND ? 0 : rc;
}

/* Who signed before: told anew with the first checkpoint of another. */
static int read_key(struct seal *s)
{
	const char *text = note_key_text(s->key);
	char before[NOTE_PUBLIC];
	size_t n;
	int rc = kv_get(s->db, KV_STATE, SEAL_KEY, strlen(SEAL_KEY), before, sizeof before, &n);
	if (rc && rc != -ERR_NOTFOUND)
		return rc;
	s->key_known = !rc && n == strlen(text) && memcmp(before, text, n) == 0;
	s->key_changed = !rc && !s->key_known;
	return 0;
}

/* Verifiers take it from there when they are given no other. */
static int put_key(struct seal *s)
{
	const char *text = note_key_text(s->key);
	return s->key_known ? 0
			    : kv_batch_put(s->batch, s->db, KV_STATE, SEAL_KEY, strlen(SEAL_KEY),
					   text, strlen(text));
}

int seal_open(const struct seal_options *o, struct kv_db *db, struct seal **out)
{
	struct seal *s = calloc(1, sizeof *s);
	if (!s)
		return err_set(ERR_NOMEM, "no memory to seal receipts");
	s->db = db;
	snprintf(s->origin, sizeof s->origin, "%s", o->origin);
	int rc = note_key_open(o->key, &s->key);
	if (!rc)
		rc = load(s);
	if (!rc)
		rc = read_key(s);
	if (!rc && o->to && o->to[0])
		rc = courier_open(o->to, &s->courier);
	if (rc)
		seal_free(s);
	else
		*out = s;
	return rc;
}

void seal_free(struct seal *s)
{
	if (!s)
		return;
	courier_close(s->courier);
	note_key_free(s->key);
	free(s);
}

const char *seal_key(const struct seal *s)
{
	return note_key_text(s->key);
}

bool seal_key_changed(const struct seal *s)
{
	return s->key_changed;
}

int seal_news(struct seal *s, char *why, size_t cap)
{
	return s->courier ? courier_news(s->courier, why, cap) : 0;
}

uint64_t seal_signed(const struct seal *s)
{
	return s->found;
}

/* ---- a batch */

int seal_begin(struct seal *s, struct kv_batch *batch)
{
	int rc = s->stale ? seal_reload(s) : 0;
	if (rc)
		return rc;
	s->batch = batch;
	s->pending_size = 0;
	if (s->tree.size != s->taken.size)
		merkle_copy(&s->tree, &s->taken);
	return 0;
}

bool seal_due(const struct seal *s, int64_t mono_ns)
{
	return s->taken.size != s->signed_size && mono_ns - s->signed_ns >= EVERY_NS;
}

int seal_end(struct seal *s, int64_t mono_ns, bool now)
{
	if (s->tree.size == s->signed_size || (!now && mono_ns - s->signed_ns < EVERY_NS))
		return 0;
	struct note_checkpoint c = { .size = s->tree.size };
	snprintf(c.origin, sizeof c.origin, "%s", s->origin);
	merkle_root(&s->tree, &c.root);
	int n = note_sign(s->key, &c, s->note);
	if (n < 0)
		return n;
	s->note_len = (size_t)n;
	s->pending_size = c.size;
	s->signed_ns = mono_ns;
	int rc = kv_batch_put(s->batch, s->db, KV_STATE, SEAL_NOTE, strlen(SEAL_NOTE), s->note,
			      s->note_len);
	rc = rc ? rc : put_key(s);
	return rc ? rc : 1;
}

void seal_taken(struct seal *s)
{
	if (s->taken.size != s->tree.size)
		merkle_copy(&s->taken, &s->tree);
	if (!s->pending_size)
		return;
	s->key_known = true;
	s->signed_size = s->pending_size;
	s->pending_size = 0;
	if (s->courier)
		courier_send(s->courier, s->note, s->note_len);
}
