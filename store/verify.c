#include "store/verify.h"
#include "core/base/digest.h"
#include "core/base/err.h"
#include "store/blocks.h"
#include "store/copy.h"
#include "store/look.h"
#include "store/proof.h"
#include "store/ring_file.h"
#include "store/seal.h"
#include "store/verify_parts.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define AHEAD_MAX    \
	((uint64_t)1 \
	 << 27) /* receipts that a writer could be ahead of its checkpoint, with the largest ring */

#define GAP_MAX ((uint64_t)1 << 16) /* sequences that may be missing without a look at the tiles */

static void keep_fault(struct verify *v, const struct verify_fault *one)
{
	const struct verify_fault f = *one;
	pthread_mutex_lock(&v->lock);
	v->leaves_differ |= f.leaf;
	uint64_t n = v->out->n_faults++;
	struct verify_fault *all = v->out->fault;
	if (n < VERIFY_FAULTS || f.seq < all[VERIFY_FAULTS - 1].seq) {
		size_t at = n < VERIFY_FAULTS ? (size_t)n : VERIFY_FAULTS - 1;
		for (; at > 0 && all[at - 1].seq > f.seq; at--)
			all[at] = all[at - 1];
		all[at] = f;
	}
	pthread_mutex_unlock(&v->lock);
}

void verify_fault(struct verify *v, uint64_t seq, const char *fmt, ...)
{
	struct verify_fault f = { .seq = seq };
	va_list args;
	va_start(args, fmt);
	vsnprintf(f.text, sizeof f.text, fmt, args);
	va_end(args);
	keep_fault(v, &f);
}

void verify_leaf_fault(struct verify *v, uint64_t seq, const char *what)
{
	struct verify_fault f = { .seq = seq, .leaf = true };
	snprintf(f.text, sizeof f.text, "receipt %" PRIu64 " %s", seq, what);
	keep_fault(v, &f);
}

/* ---- opening */

/* The store's own word where no other key is given. */
static int find_key(struct verify *v)
{
	char text[NOTE_PUBLIC];
	size_t n;
	if (v->o->key)
		return note_key_public(v->o->key, &v->key);
	v->out->own_key = true;
	int rc = kv_get(v->db, KV_STATE, SEAL_KEY, strlen(SEAL_KEY), text, sizeof text - 1, &n);
	if (rc == -ERR_NOTFOUND)
		return 0;
	if (rc)
		return rc;
	text[n < sizeof text ? n : sizeof text - 1] = 0;
	rc = note_key_parse(text, &v->key);
	if (rc != -ERR_CONFIG)
		return rc;
	verify_fault(v, 0, "what the store names as its key (s/key): %s", err_text());
	return 0;
}

/* Its name, as checkpoints of it must bear it. */
static void check_origin(struct verify *v, const struct note_checkpoint *c, const char *what)
{
	char origin[NOTE_NAME], hex[2 * RING_FILE_ID + 1];
	digest_hex(v->id, sizeof v->id, hex);
	snprintf(origin, sizeof origin, "tandem/%s", hex);
	if (strcmp(origin, c->origin) != 0)
		verify_fault(v, 0, "%s is of another log: %s, and this store is %s", what,
			     c->origin, origin);
}

static int read_id(struct verify *v)
{
	size_t n;
	int rc = kv_get(v->db, KV_STATE, "s/id", 4, v->id, sizeof v->id, &n);
	if (rc == -ERR_NOTFOUND || (!rc && n != sizeof v->id)) {
		verify_fault(v, 0, "the store has no identity");
		rc = 0;
	}
	return rc;
}

static int read_note(struct verify *v)
{
	int rc = kv_get(v->db, KV_STATE, SEAL_NOTE, strlen(SEAL_NOTE), v->note, sizeof v->note,
			&v->note_len);
	if (rc == -ERR_NOTFOUND) {
		v->note_len = 0;
		return 0;
	}
	if (rc)
		return rc;
	if (v->note_len > sizeof v->note)
		v->note_len = sizeof v->note;
	rc = v->key ? note_open(v->key, v->note, v->note_len, &v->out->signed_by_store)
		    : err_set(ERR_AUTH, "no key is known that could have signed it");
	if (rc) {
		verify_fault(v, 0, "the store's signed checkpoint: %s", err_text());
		v->out->signed_by_store.size = 0;
		v->note_len = 0;
		return 0;
	}
	check_origin(v, &v->out->signed_by_store, "the store's signed checkpoint");
	return 0;
}

/* Behind a gap of which the log has no tiles: it was put there, and a walk over the gap would take its time. The iterator is at the last receipt, and goes back. */
static bool stands_apart(struct verify *v, struct kv_iter *it)
{
	const uint64_t last = v->out->last;
	uint8_t key[SEAL_TILE_KEY], byte;
	size_t n;
	kv_iter_prev(it);
	const uint8_t *k = kv_iter_valid(it) ? kv_iter_key(it, &n) : NULL;
	const uint64_t before = k && n == 8 ? kv_from_be64(k) : 0;
	if (last - before <= GAP_MAX)
		return false;
	seal_tile_key(key, 0, last / MERKLE_TILE - 1);
	if (kv_get(v->db, KV_TILES, key, sizeof key, &byte, 1, &n) != -ERR_NOTFOUND)
		return false;
	verify_fault(v, last, "receipt %" PRIu64 " is none that was ever given out", last);
	v->out->last = before;
	return true;
}

static int last_receipt(struct verify *v)
{
	struct kv_iter *it = kv_iter_new(v->db, KV_RECEIPTS);
	if (!it)
		return err_set(ERR_NOMEM, "no memory to read receipts");
	size_t n = 0;
	kv_iter_last(it);
	const uint8_t *k = kv_iter_valid(it) ? kv_iter_key(it, &n) : NULL;
	v->out->last = k && n == 8 ? kv_from_be64(k) : 0;
	if (k && n != 8)
		verify_fault(v, 0, "a key of %zu bytes stands among the receipts", n);
	while (v->out->last && stands_apart(v, it))
		;
	/* A key like that is nobody's, and a walk up to it would not end. */
	if (v->out->last > v->out->signed_by_store.size + AHEAD_MAX) {
		verify_fault(v, v->out->last, "receipt %" PRIu64 " is none that was ever given out",
			     v->out->last);
		v->out->last = v->out->signed_by_store.size;
	}
	int rc = kv_iter_error(it);
	kv_iter_free(it);
	return rc;
}

int verify_open(struct verify *v, const struct verify_options *o, struct verify_report *out)
{
	memset(out, 0, sizeof *out);
	*v = (struct verify){ .o = o, .out = out };
	pthread_mutex_init(&v->lock, NULL);
	if (getrandom(v->salt, sizeof v->salt, 0) != (ssize_t)sizeof v->salt)
		return err_set(ERR_IO, "no randomness from the system");
	int rc = place_canonical(v->path, o->path);
	if (!rc)
		rc = look_open(v->path, &v->db);
	if (!rc)
		rc = read_id(v);
	if (!rc)
		rc = find_key(v);
	if (!rc && v->key)
		snprintf(out->key, sizeof out->key, "%s", note_key_text(v->key));
	return rc;
}

/* A copy says so itself. An archive has a span of receipts, and of all others the hashes. */
static int read_page(struct verify *v)
{
	struct copy_page page;
	int rc = copy_read_page(v->path, &page);
	if (rc == -ERR_NOTFOUND)
		return 0;
	if (rc)
		return rc;
	v->out->is_archive = page.kind == COPY_ARCHIVE;
	v->out->is_backup = page.kind == COPY_BACKUP;
	if (!v->out->is_archive)
		return 0;
	const uint64_t size = v->out->signed_by_store.size;
	v->out->last = v->out->last > size ? v->out->last : size;
	if (page.first > 1)
		rc = verify_add_range(&v->range, &v->n_ranges,
				      (struct verify_range){ .first = 1, .last = page.first - 1 });
	return rc ? rc
		  : verify_add_range(&v->range, &v->n_ranges,
				     (struct verify_range){ .first = page.last + 1,
							    .last = UINT64_MAX });
}

int verify_look(struct verify *v)
{
	int rc = kv_catch_up(v->db);
	if (!rc)
		rc = read_note(v);
	if (!rc)
		rc = last_receipt(v);
	return rc ? rc : read_page(v);
}

void verify_close(struct verify *v)
{
	kv_close(v->db);
	note_key_free(v->key);
	free(v->span);
	free(v->range);
	free(v->absent);
	free(v->name);
	free(v->input);
	free(v->chunk);
	pthread_mutex_destroy(&v->lock);
}

/* ---- the ring beside the database */

/* What the ring said before the database was opened: so far the database had got. */
struct ring_word {
	struct ring_file ring;
	bool there, told; /* its file; the pointer to it */
	uint64_t drained;
	char path[PLACE_PATH];
};

static void ask_ring(const struct verify *v, struct ring_word *r)
{
	if (place_ring_read(v->path, r->path))
		return;
	r->told = true;
	r->there = ring_file_view(&r->ring, r->path, v->id) == 0;
	if (r->there)
		r->drained = ring_file_drained(&r->ring);
}

static void compare_ring(struct verify *v, struct ring_word *r)
{
	struct fact f;
	v->out->closed = !r->told && !v->out->is_backup && !v->out->is_archive;
	v->out->ring_gone = r->told && access(r->path, F_OK) != 0;
	if (!r->there)
		return;
	if (r->drained > v->out->last)
		verify_fault(v, v->out->last + 1,
			     "the journal ring says that the database had taken receipt %" PRIu64
			     "; it ends with %" PRIu64 ": what came after was cut off",
			     r->drained, v->out->last);
	int rc;
	for (uint64_t seq = v->out->last + 1; (rc = ring_file_read(&r->ring, seq, &f)) == 0; seq++)
		v->out->in_ring++;
	if (rc == -ERR_CORRUPT)
		verify_fault(v, v->out->last + v->out->in_ring + 1,
			     "receipt %" PRIu64 " in the journal ring is damaged",
			     v->out->last + v->out->in_ring + 1);
}

/* ---- checkpoints */

static int check_root(struct verify *v, const struct note_checkpoint *c, const char *what)
{
	struct merkle_hash root;
	if (!c->size)
		return 0;
	if (c->size > v->out->last && (v->out->is_backup || v->out->is_archive))
		return err_set(ERR_RANGE,
			       "%s speaks of %" PRIu64
			       " receipts, and this copy was made when there were %" PRIu64
			       ": ask the store that it is of",
			       what, c->size, v->out->last);
	if (c->size > v->out->last) {
		verify_fault(v, v->out->last + 1,
			     "%s speaks of %" PRIu64 " receipts, and the store ends with %" PRIu64
			     ": the rest was cut off, or the store was set back",
			     what, c->size, v->out->last);
		return 0;
	}
	struct proof_source *src = malloc(sizeof *src);
	if (!src)
		return err_set(ERR_NOMEM, "no memory for a root");
	seal_source(src, v->db);
	int rc = proof_root(src, 0, c->size, &root);
	free(src);
	if (rc || merkle_same(&root, &c->root))
		return rc;
	if (v->leaves_differ)
		verify_fault(v, 0,
			     "the tiles of the log do not make the root of %s over %" PRIu64
			     " receipts",
			     what, c->size);
	else if (c == &v->out->outside)
		verify_fault(
			v, 0,
			"the first %" PRIu64 " receipts are not those of %s: its root is "
			"another. This is another history under the same key: the store was set "
			"back to a time before it and went on from there, or was written anew",
			c->size, what);
	else
		verify_fault(
			v, 0,
			"the first %" PRIu64 " receipts are not those of %s: its root is "
			"another. Receipts and tiles fit each other, so what differs lies behind "
			"receipt %" PRIu64 ", or tiles were changed together with receipts",
			c->size, what, c->size - c->size % MERKLE_TILE);
	return 0;
}

/* Where receipts and tiles differ, the signed root says which of the two are as they were. The roots of the chunks are made of receipts alone. */
static int blame(struct verify *v)
{
	const struct note_checkpoint *c = &v->out->signed_by_store;
	struct merkle_hash root;
	if (!v->leaves_differ || !c->size || c->size != v->out->last)
		return 0;
	struct merkle *m = calloc(1, sizeof *m);
	if (!m)
		return err_set(ERR_NOMEM, "no memory for a root");
	int rc = 0;
	for (uint64_t i = 0; i * VERIFY_CHUNK < c->size && !rc; i++)
		rc = merkle_append(m, &v->chunk[i], NULL, NULL);
	merkle_root(m, &root);
	free(m);
	if (rc || !merkle_same(&root, &c->root))
		return rc;
	for (uint64_t i = 0; i < v->out->n_faults && i < VERIFY_FAULTS; i++) {
		struct verify_fault *f = &v->out->fault[i];
		if (f->leaf)
			snprintf(f->text, sizeof f->text,
				 "the log's hash of receipt %" PRIu64
				 " was changed; the receipt is as it was written",
				 f->seq);
	}
	return 0;
}

static int check_checkpoints(struct verify *v)
{
	struct verify_report *out = v->out;
	const struct note_checkpoint *c = &out->signed_by_store;
	int rc = check_root(v, c, "the store's signed checkpoint");
	rc = rc ? rc : blame(v);
	if (rc)
		return rc;
	out->unsealed = out->last > c->size ? out->last - c->size : 0;
	if (!v->note_len && out->last)
		verify_fault(
			v, 0,
			"there is no signed checkpoint that could be believed, so nothing vouches for these receipts");
	else if (out->closed && out->unsealed)
		verify_fault(v, c->size + 1,
			     "%" PRIu64
			     " receipts stand behind the last checkpoint of a store that "
			     "was closed in order: they were added later",
			     out->unsealed);
	return check_root(v, &out->outside, v->o->checkpoint ? v->o->checkpoint : "");
}

static int read_outside(struct verify *v, const char *note, size_t n)
{
	int rc = v->key ? note_open(v->key, note, n, &v->out->outside)
			: err_set(ERR_AUTH, "the store names no key; give one with --key");
	if (rc)
		return err_ctx(rc == -ERR_NOTFOUND ? -ERR_AUTH : rc, "%s", v->o->checkpoint);
	check_origin(v, &v->out->outside, v->o->checkpoint);
	return 0;
}

/* ---- the recorded market */

static int check_blocks(struct verify *v)
{
	struct blocks_verified b;
	if (v->o->progress)
		v->o->progress(v->o->arg, "recorded market", 0, 0);
	int rc = blocks_verify(v->path, &b);
	v->out->blocks = b.blocks;
	v->out->block_events = b.events;
	v->out->blocks_untold = b.no_receipt;
	if (rc == -ERR_CORRUPT) {
		verify_fault(v, VERIFY_LAST, "%s", err_text());
		return 0;
	}
	/* What goes into an archive leaves gaps, and what was interrupted there leaves blocks whose receipts are gone. */
	if (rc || v->out->away || v->out->is_archive)
		return rc;
	if (b.gaps)
		verify_fault(v, VERIFY_LAST,
			     "of the numbers of recorded blocks %" PRIu64
			     " are missing before others: blocks were taken out, or moved",
			     b.gaps);
	if (b.untold_inside)
		verify_fault(
			v, VERIFY_LAST,
			"of %" PRIu64
			" blocks inside recordings no receipt tells; a kill leaves such only at "
			"the end of one: they were added",
			b.untold_inside);
	return 0;
}

static int check_all(struct verify *v)
{
	int rc = verify_read_archives(v);
	if (!rc)
		rc = verify_read_times(v);
	if (!rc)
		rc = verify_receipts(v);
	if (!rc)
		rc = verify_tiles(v);
	if (!rc)
		rc = check_checkpoints(v);
	if (!rc)
		rc = verify_read_postings(v);
	if (!rc)
		rc = verify_names(v);
	if (!rc)
		rc = verify_state(v);
	if (!rc)
		rc = verify_inputs(v);
	return rc ? rc : check_blocks(v);
}

int verify_store(const struct verify_options *o, struct verify_report *out)
{
	struct verify v;
	struct ring_word ring = { 0 };
	char note[NOTE_MAX];
	size_t n = 0;
	/* What was outside, and in the ring, before we looked inside: a host that runs is ahead of both by then. */
	int rc = o->checkpoint ? note_read_file(o->checkpoint, note, sizeof note, &n) : 0;
	if (rc) {
		memset(out, 0, sizeof *out);
		return err_ctx(rc == -ERR_FULL ? -ERR_PARSE : rc, "%s", o->checkpoint);
	}
	rc = verify_open(&v, o, out);
	out->unread = rc != 0;
	if (!rc) {
		ask_ring(&v, &ring);
		rc = verify_look(&v);
	}
	if (!rc && o->checkpoint)
		rc = read_outside(&v, note, n);
	if (!rc)
		compare_ring(&v, &ring);
	if (!rc)
		rc = check_all(&v);
	if (rc == -ERR_CORRUPT)
		verify_fault(&v, 0, "%s", err_text());
	ring_file_close(&ring.ring);
	verify_close(&v);
	if (rc && rc != -ERR_CORRUPT)
		return rc;
	return out->n_faults ? err_set(ERR_CORRUPT, "%s", out->fault[0].text) : 0;
}
