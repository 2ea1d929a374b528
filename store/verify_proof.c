/* What is handed to somebody who does not have the store: a proof under the newest checkpoint, or all of the log as files. */
#include "core/base/digest.h"
#include "core/base/err.h"
#include "store/proof.h"
#include "store/receipt.h"
#include "store/seal.h"
#include "store/verify_parts.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A store and where its hashes come from. */
struct log {
	struct verify v;
	struct verify_report report;
	struct proof_source src;
};

static int open_log(const struct verify_options *o, struct log **out)
{
	struct log *l = calloc(1, sizeof *l);
	if (!l)
		return err_set(ERR_NOMEM, "no memory to read a log");
	int rc = verify_open(&l->v, o, &l->report);
	if (!rc)
		rc = verify_look(&l->v);
	if (!rc && l->report.n_faults)
		rc = err_set(ERR_CORRUPT, "%s", l->report.fault[0].text);
	if (!rc && !l->v.note_len)
		rc = err_set(ERR_RANGE, "nothing is signed there yet");
	if (!rc && l->report.signed_by_store.size > l->report.last)
		rc = err_set(ERR_CORRUPT,
			     "the signed checkpoint speaks of more receipts than there are");
	if (rc) {
		verify_close(&l->v);
		free(l);
		return rc;
	}
	seal_source(&l->src, l->v.db);
	*out = l;
	return 0;
}

static void close_log(struct log *l)
{
	verify_close(&l->v);
	free(l);
}

/* A text that grows in the caller's buffer. */
struct text {
	char *p;
	size_t n, cap;
};

static void put(struct text *t, const char *s, size_t n)
{
	if (t->n + n < t->cap)
		memcpy(t->p + t->n, s, n);
	t->n += n;
	t->p[t->n < t->cap ? t->n : t->cap - 1] = 0;
}

static void put_hashes(struct text *t, const struct proof *p)
{
	char line[NOTE_BASE64(MERKLE_HASH)];
	for (uint32_t i = 0; i < p->n; i++) {
		note_base64(p->hash[i].b, MERKLE_HASH, line);
		put(t, line, strlen(line));
		put(t, "\n", 1);
	}
	put(t, "\n", 1);
}

static int finish(struct text *t, const struct log *l)
{
	put(t, l->v.note, l->v.note_len);
	return t->n < t->cap ? 0 : err_set(ERR_FULL, "no room for a proof");
}

int verify_inclusion(const struct verify_options *o, uint64_t seq, char *out, size_t cap)
{
	struct log *l;
	struct proof p;
	struct merkle_hash leaf;
	struct text t = { .p = out, .cap = cap };
	char head[80];
	int rc = open_log(o, &l);
	if (rc)
		return rc;
	const struct note_checkpoint *c = &l->report.signed_by_store;
	if (seq == 0 || seq > c->size)
		rc = err_set(ERR_RANGE,
			     "the newest checkpoint is over receipts 1 to %" PRIu64 "; %" PRIu64
			     " is none of them",
			     c->size, seq);
	if (!rc)
		rc = l->src.leaf(l->src.arg, seq - 1, &leaf);
	if (!rc)
		rc = proof_inclusion(&l->src, seq - 1, c->size, &p);
	if (!rc && !proof_included(&p, &leaf, seq - 1, c->size, &c->root))
		rc = err_set(ERR_CORRUPT,
			     "receipt %" PRIu64 " does not lead to the root that was signed: "
			     "it, or the log, was changed",
			     seq);
	if (!rc) {
		int n = snprintf(head, sizeof head, "c2sp.org/tlog-proof@v1\nindex %" PRIu64 "\n",
				 seq - 1);
		put(&t, head, (size_t)n);
		put_hashes(&t, &p);
		rc = finish(&t, l);
	}
	close_log(l);
	return rc;
}

int verify_consistency(const struct verify_options *o, uint64_t older, char *out, size_t cap)
{
	struct log *l;
	struct proof p;
	struct merkle_hash root;
	struct text t = { .p = out, .cap = cap };
	char head[120], text[NOTE_BASE64(MERKLE_HASH)];
	int rc = open_log(o, &l);
	if (rc)
		return rc;
	const struct note_checkpoint *c = &l->report.signed_by_store;
	rc = proof_consistency(&l->src, older, c->size, &p);
	if (!rc)
		rc = proof_root(&l->src, 0, older, &root);
	if (!rc && !proof_consistent(&p, older, &root, c->size, &c->root))
		rc = err_set(ERR_CORRUPT,
			     "the first %" PRIu64 " receipts do not lead to the root that was "
			     "signed: they, or the log, were changed",
			     older);
	if (!rc) {
		note_base64(root.b, MERKLE_HASH, text);
		int n = snprintf(head, sizeof head, "tandem/consistency@v1\nolder %" PRIu64 " %s\n",
				 older, text);
		put(&t, head, (size_t)n);
		put_hashes(&t, &p);
		rc = finish(&t, l);
	}
	close_log(l);
	return rc;
}

/* ---- all of the log as files */

struct export
{
	struct log *l;
	char root[PLACE_PATH];
	struct merkle *tree;
	uint8_t *bundle; /* of entries: 256 at most, each behind its length */
	size_t bundle_n;
	struct kv_iter *it;
	struct verify_range *away; /* entries that are elsewhere */
	size_t n_away;
	struct merkle_hash none;
};

static int save(const char *folder, const char *name, const void *p, size_t n)
{
	char path[PLACE_PATH * 2];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	for (char *slash = path + strlen(folder); (slash = strchr(slash + 1, '/')) != NULL;) {
		*slash = 0;
		if (mkdir(path, 0777) && errno != EEXIST)
			return err_set(ERR_IO, "%s: %s", path, strerror(errno));
		*slash = '/';
	}
	FILE *f = fopen(path, "wx");
	bool ok = f && fwrite(p, 1, n, f) == n;
	int why = errno;
	if (f && fclose(f) && ok) {
		ok = false;
		why = errno;
	}
	return ok ? 0 : err_set(why == EEXIST ? ERR_EXISTS : ERR_IO, "%s: %s", path, strerror(why));
}

/* tile/LEVEL/x001/x234/067, with .p/WIDTH behind it where it is not whole. */
static void tile_name(char *out, size_t cap, const char *level, uint64_t n, uint32_t width)
{
	char path[64] = "";
	size_t at = sizeof path - 1;
	uint64_t left = n;
	for (bool first = true; first || left; first = false, left /= 1000) {
		char part[8];
		int k = snprintf(part, sizeof part, first ? "%03u" : "x%03u/",
				 (unsigned)(left % 1000));
		at -= (size_t)k;
		memcpy(path + at, part, (size_t)k);
	}
	int k = snprintf(out, cap, "tile/%s/%s", level, path + at);
	if (width < MERKLE_TILE)
		snprintf(out + k, cap - (size_t)k, ".p/%u", width);
}

static int save_tile(struct export *e, const char *level, uint64_t n, uint32_t width, const void *p,
		     size_t bytes)
{
	char name[128];
	tile_name(name, sizeof name, level, n, width);
	return save(e->root, name, p, bytes);
}

static int on_tile(void *arg, unsigned level, uint64_t n,
		   const struct merkle_hash tile[MERKLE_TILE])
{
	char text[8];
	snprintf(text, sizeof text, "%u", level);
	return save_tile(arg, text, n, MERKLE_TILE, tile, MERKLE_TILE * sizeof *tile);
}

/* An entry that is not here: lost, or in an archive, and then the log knows its hash. */
static int miss_entry(struct export *e, uint64_t seq, struct merkle_hash *leaf)
{
	struct verify_range *last = e->n_away ? &e->away[e->n_away - 1] : NULL;
	int rc = e->l->src.leaf(e->l->src.arg, seq - 1, leaf);
	if (rc || merkle_same(leaf, &e->none))
		return rc;
	if (last && last->last + 1 == seq) {
		last->last = seq;
		return 0;
	}
	return verify_add_range(&e->away, &e->n_away,
				(struct verify_range){ .first = seq, .last = seq });
}

/* The next entry: the receipt with that sequence, or nothing where it is not here. */
static int add_entry(struct export *e, uint64_t seq)
{
	struct merkle_hash leaf;
	int rc = 0;
	size_t n, len = 0;
	const uint8_t *bytes = NULL;
	if (kv_iter_valid(e->it) && kv_from_be64(kv_iter_key(e->it, &n)) == seq) {
		bytes = kv_iter_value(e->it, &len);
		if (len > RECEIPT_BYTES_MAX)
			return err_set(ERR_CORRUPT, "receipt %" PRIu64 " has %zu bytes", seq, len);
	}
	uint8_t *p = e->bundle + e->bundle_n;
	p[0] = (uint8_t)(len >> 8);
	p[1] = (uint8_t)len;
	if (len)
		memcpy(p + 2, bytes, len);
	e->bundle_n += 2 + len;
	merkle_leaf(bytes, len, &leaf);
	if (bytes)
		kv_iter_next(e->it);
	else
		rc = miss_entry(e, seq, &leaf);
	rc = rc ? rc : merkle_append(e->tree, &leaf, on_tile, e);
	if (!rc && seq % MERKLE_TILE == 0) {
		rc = save_tile(e, "entries", seq / MERKLE_TILE - 1, MERKLE_TILE, e->bundle,
			       e->bundle_n);
		e->bundle_n = 0;
	}
	return rc;
}

static int save_rest(struct export *e)
{
	const uint64_t size = e->tree->size;
	int rc = 0;
	for (unsigned level = 0; level < MERKLE_LEVELS && !rc; level++) {
		char text[8];
		uint32_t width = merkle_width(size, level);
		snprintf(text, sizeof text, "%u", level);
		if (width)
			rc = save_tile(e, text, size >> (8 * level) >> 8, width,
				       e->tree->tile[level], width * sizeof(struct merkle_hash));
	}
	if (!rc && merkle_width(size, 0))
		rc = save_tile(e, "entries", size / MERKLE_TILE, merkle_width(size, 0), e->bundle,
			       e->bundle_n);
	return rc;
}

/* Which entries are not here, a span a line. */
static int save_away(struct export *e)
{
	const size_t cap = 48 * e->n_away + 1;
	char *text = malloc(cap);
	int n = 0;
	if (!text)
		return err_set(ERR_NOMEM, "no memory to export a log");
	for (size_t i = 0; i < e->n_away; i++)
		n += snprintf(text + n, cap - (size_t)n, "%" PRIu64 " %" PRIu64 "\n",
			      e->away[i].first, e->away[i].last);
	int rc = n ? save(e->root, "away", text, (size_t)n) : 0;
	free(text);
	return rc;
}

static int save_blocks(struct export *e, enum kv_family f)
{
	struct kv_iter *it = kv_iter_new(e->l->v.db, f);
	int rc = it ? 0 : err_set(ERR_NOMEM, "no memory to read what was recorded");
	for (it ? kv_iter_first(it) : (void)0; !rc && kv_iter_valid(it); kv_iter_next(it)) {
		uint8_t digest[DIGEST_LEN];
		char name[16 + DIGEST_HEX] = "blocks/";
		size_t n;
		const uint8_t *p = kv_iter_value(it, &n);
		digest_sha256(p, n, digest);
		digest_hex(digest, DIGEST_LEN, name + strlen(name));
		rc = save(e->root, name, p, n);
		/* Two that are the same are one file. */
		rc = rc == -ERR_EXISTS ? 0 : rc;
	}
	if (!rc)
		rc = kv_iter_error(it);
	kv_iter_free(it);
	return rc;
}

static int export_all(struct export *e)
{
	const struct verify *v = &e->l->v;
	const uint64_t size = e->l->report.signed_by_store.size;
	char key[NOTE_PUBLIC + 1];
	uint8_t first[8];
	int rc = save(e->root, "checkpoint", v->note, v->note_len);
	if (!rc) {
		int n = snprintf(key, sizeof key, "%s\n", e->l->report.key);
		rc = save(e->root, "key.pub", key, (size_t)n);
	}
	kv_be64(first, 1);
	kv_iter_seek(e->it, first, sizeof first);
	for (uint64_t seq = 1; seq <= size && !rc; seq++) {
		rc = add_entry(e, seq);
		if (v->o->progress && seq % 65536 == 0)
			v->o->progress(v->o->arg, "receipts", seq, size);
	}
	rc = rc ? rc : kv_iter_error(e->it);
	rc = rc ? rc : save_rest(e);
	rc = rc ? rc : save_away(e);
	rc = rc ? rc : save_blocks(e, KV_BLOCKS);
	return rc ? rc : save_blocks(e, KV_INPUTS);
}

int verify_export(const struct verify_options *o, const char *folder)
{
	struct export e = { 0 };
	int rc = open_log(o, &e.l);
	if (rc)
		return rc;
	if (mkdir(folder, 0777)) {
		close_log(e.l);
		return err_set(errno == EEXIST ? ERR_EXISTS : ERR_IO, "%s: %s%s", folder,
			       strerror(errno),
			       errno == EEXIST
				       ? "; an export makes its folder itself, so name another"
				       : "");
	}
	snprintf(e.root, sizeof e.root, "%s", folder);
	e.tree = calloc(1, sizeof *e.tree);
	e.bundle = malloc(MERKLE_TILE * (2 + (size_t)RECEIPT_BYTES_MAX));
	e.it = kv_iter_new(e.l->v.db, KV_RECEIPTS);
	merkle_leaf(NULL, 0, &e.none);
	rc = e.tree && e.bundle && e.it ? export_all(&e)
					: err_set(ERR_NOMEM, "no memory to export a log");
	kv_iter_free(e.it);
	free(e.bundle);
	free(e.tree);
	free(e.away);
	close_log(e.l);
	return rc;
}
