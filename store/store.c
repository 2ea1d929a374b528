#include "store/store.h"
#include "core/base/digest.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/base/must.h"
#include "store/copy.h"
#include "store/courier.h"
#include "store/keep.h"
#include "store/names.h"
#include "store/note.h"
#include "store/place.h"
#include "store/receipt.h"
#include "store/stale.h"
#include "store/store_parts.h"
#include "store/writer.h"
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define STATE_ID       "s/id"
#define STATE_KEY_FILE "s/key_file"
#define STATE_USER     "k/" /* keys of the port kv, behind this */
#define KEY_MAX	       128
#define GIVE_UP_NS     10000000000 /* how long closing waits for a disk in trouble */

struct store {
	struct ring_file ring; /* first: it keeps cache lines apart */
	struct journal journal;
	struct kv kv;
	struct kv_db *db;
	struct seal *seal;
	struct writer *writer;
	struct names names;
	pthread_mutex_t naming; /* held for names */
	uint8_t id[RING_FILE_ID];
	char path[PLACE_PATH];
	int lock;
	bool power;
	uint64_t found, recovered,
		lost; /* what opening met: newest sequence, taken over, missing */
	void (*at_close)(void *arg);
	void *at_close_arg;
};

static struct store *of_journal(const struct journal *j)
{
	return (struct store *)((char *)(uintptr_t)j - offsetof(struct store, journal));
}

static uint64_t journal_append(struct journal *j, struct fact *f)
{
	return ring_file_append(&of_journal(j)->ring, f);
}

static uint64_t journal_room(const struct journal *j)
{
	return ring_file_room(&of_journal(j)->ring);
}

static uint64_t journal_synced(const struct journal *j)
{
	return writer_synced(of_journal(j)->writer);
}

static int journal_trouble(const struct journal *j, const char **why)
{
	return writer_trouble(of_journal(j)->writer, why);
}

static const struct journal_ops journal_ops = {
	.append = journal_append,
	.room = journal_room,
	.synced = journal_synced,
	.trouble = journal_trouble,
};

static struct store *of_kv(struct kv *kv)
{
	return (struct store *)((char *)kv - offsetof(struct store, kv));
}

static int user_key(char out[KEY_MAX], const char *key)
{
	int n = snprintf(out, KEY_MAX, STATE_USER "%s", key);
	if (n < KEY_MAX)
		return n;
	return err_set(ERR_RANGE, "the key \"%.40s...\" is longer than %zu bytes", key,
		       KEY_MAX - sizeof(STATE_USER));
}

static int port_get(struct kv *kv, const char *key, void *buf, size_t cap, size_t *len)
{
	char full[KEY_MAX];
	int n = user_key(full, key);
	return n < 0 ? n : kv_get(of_kv(kv)->db, KV_STATE, full, (size_t)n, buf, cap, len);
}

static int port_put(struct kv *kv, const char *key, const void *p, size_t n)
{
	char full[KEY_MAX];
	int k = user_key(full, key);
	struct store *s = of_kv(kv);
	return k < 0 ? k : kv_put(s->db, KV_STATE, full, (size_t)k, p, n, s->power);
}

static const struct kv_ops kv_ops = { .get = port_get, .put = port_put };

/* The store's identity: 16 random bytes from its making, so that no ring of another store is ever taken for its own. */
static int load_id(struct store *s)
{
	size_t len;
	int rc = kv_get(s->db, KV_STATE, STATE_ID, strlen(STATE_ID), s->id, sizeof(s->id), &len);
	if (rc == 0 && len == sizeof(s->id))
		return 0;
	if (rc == 0)
		return err_set(ERR_CORRUPT, "the store %s has an identity of %zu bytes", s->path,
			       len);
	if (rc != -ERR_NOTFOUND)
		return rc;
	if (getrandom(s->id, sizeof(s->id), 0) != (ssize_t)sizeof(s->id))
		return err_set(ERR_IO, "no randomness from the system: %s", strerror(errno));
	return kv_put(s->db, KV_STATE, STATE_ID, strlen(STATE_ID), s->id, sizeof(s->id), true);
}

static int last_receipt(struct store *s, uint64_t *seq)
{
	struct kv_iter *it = kv_iter_new(s->db, KV_RECEIPTS);
	if (!it)
		return err_set(ERR_NOMEM, "no memory to read the store %s", s->path);
	size_t n;
	*seq = 0;
	kv_iter_last(it);
	if (kv_iter_valid(it))
		*seq = kv_from_be64(kv_iter_key(it, &n));
	int rc = kv_iter_error(it);
	kv_iter_free(it);
	return rc;
}

/* The ring that a host left, when there is one and it is ours to take. 1: taken. */
static int open_old_ring(struct store *s, char path[PLACE_PATH])
{
	int rc = place_ring_read(s->path, path);
	if (!rc)
		rc = ring_file_open(&s->ring, path, s->id);
	if (!rc)
		return 1;
	if (rc == -ERR_NOTFOUND)
		return 0;
	if (rc == -ERR_CORRUPT)
		return err_set(ERR_CORRUPT,
			       "%s; remove %s/ring to go on without it: the receipts that only it "
			       "held are lost then",
			       err_text(), s->path);
	/* Of another store, or in use by the host of the folder that this one was copied from. */
	if (rc == -ERR_STATE || rc == -ERR_BUSY) {
		log_warn("%s; starting a new one", err_text());
		return 0;
	}
	return rc;
}

/* Takes over what the ring holds beyond the receipt `last`. */
static int take_over(struct store *s, uint64_t last)
{
	int64_t n = writer_drain(s->writer);
	if (n < 0)
		return err_ctx((int)n, "taking over the journal ring %s", s->ring.path);
	uint64_t lost = writer_lost(s->writer);
	s->recovered = (uint64_t)n - lost;
	s->lost += lost;
	if (s->lost)
		log_error("store %s: %llu receipts after %llu are neither in the database nor in "
			  "the ring: the disk, or a loss of power, took them",
			  s->path, (unsigned long long)s->lost, (unsigned long long)last);
	if (s->recovered)
		log_info("store %s: %llu receipts taken over from the ring of a host that died",
			 s->path, (unsigned long long)s->recovered);
	return 0;
}

/* Goes on with the ring that lies here when it is the one that is asked for, else makes that one. */
static int settle_ring(struct store *s, const struct store_options *o, const char *old,
		       uint64_t base)
{
	uint64_t bytes = o->ring_bytes ? o->ring_bytes : STORE_RING_BYTES;
	char path[PLACE_PATH];
	/* The old ring's own bytes count as free: it goes when the new one stands. */
	int rc = place_ring(path, s->path, o->ring, old[0] ? 0 : bytes);
	if (rc)
		return rc;
	if (old[0] && strcmp(path, old) == 0 && ring_file_last(&s->ring) == base &&
	    ring_file_slots(&s->ring) == ring_file_slots_for(bytes))
		return 0;
	ring_file_close(&s->ring);
	rc = place_ring(path, s->path, o->ring, bytes);
	if (!rc)
		rc = ring_file_create(&s->ring, path, s->id, bytes, base);
	if (!rc)
		rc = place_ring_write(s->path, path);
	/* Only what bears this folder's name is ours to remove. */
	const char *slash = strrchr(old, '/');
	if (!rc && slash && strcmp(path, old) != 0 && strcmp(slash, strrchr(path, '/')) == 0)
		unlink(old);
	return rc;
}

/* A key of the store's own when none is asked for: made with the store, its public half told. */
static int own_key(struct store *s, const char *origin, char path[PLACE_PATH])
{
	struct note_key *k;
	int rc = place_in(path, s->path, "receipts.key");
	if (rc || access(path, F_OK) == 0)
		return rc;
	rc = note_key_make(path, origin);
	if (!rc)
		rc = note_key_open(path, &k);
	if (rc)
		return err_ctx(rc, "a key for the receipts of %s", s->path);
	log_info(
		"receipts of %s are signed by a key of its own; who is to check them keeps its public half: %s",
		s->path, note_key_text(k));
	note_key_free(k);
	return 0;
}

/* Whoever opens the store without a word about keys, as an archive or a repair does, signs with the one that its host uses, where that can be had. */
static int known_key(struct store *s, char path[PLACE_PATH])
{
	size_t n;
	int rc = kv_get(s->db, KV_STATE, STATE_KEY_FILE, strlen(STATE_KEY_FILE), path,
			PLACE_PATH - 1, &n);
	if (rc || n >= PLACE_PATH)
		return rc ? rc : -ERR_NOTFOUND;
	path[n] = 0;
	return access(path, R_OK) ? -ERR_NOTFOUND : 0;
}

static int note_key_file(struct store *s, const char *given)
{
	char path[PATH_MAX];
	if (!realpath(given, path))
		return err_set(ERR_NOTFOUND, "%s: %s", given, strerror(errno));
	return kv_put(s->db, KV_STATE, STATE_KEY_FILE, strlen(STATE_KEY_FILE), path, strlen(path),
		      false);
}

static int open_seal(struct store *s, const struct store_options *o)
{
	char key[PLACE_PATH], origin[NOTE_NAME], id[2 * RING_FILE_ID + 1];
	const bool given = o->key && o->key[0];
	digest_hex(s->id, RING_FILE_ID, id);
	snprintf(origin, sizeof origin, "tandem/%s", id);
	int rc = given ? 0 : known_key(s, key);
	if (rc == -ERR_NOTFOUND)
		rc = own_key(s, origin, key);
	struct seal_options of = { .key = given ? o->key : key,
				   .to = o->checkpoint_to,
				   .origin = origin };
	if (!rc)
		rc = seal_open(&of, s->db, &s->seal);
	return rc || !given ? rc : note_key_file(s, o->key);
}

/* The newest sequence that was ever given out, as far as anything here knows: what a checkpoint spoke of is not given out again. */
static uint64_t newest(struct store *s, uint64_t last)
{
	const uint64_t told = seal_signed(s->seal);
	if (told <= last)
		return last;
	s->lost += told - last;
	log_error(
		"store %s: a signed checkpoint speaks of %llu receipts, and %llu of them are gone: "
		"the disk, or a loss of power, took them",
		s->path, (unsigned long long)told, (unsigned long long)(told - last));
	return told;
}

/* Says whose it is, and looks for others that are nobody's any more. */
static int own_ring(struct store *s)
{
	struct ring_owner o = { .folder = "" };
	struct stat st;
	if (stat(s->path, &st))
		return err_set(ERR_IO, "the store %s cannot be looked at: %s", s->path,
			       strerror(errno));
	snprintf(o.folder, sizeof o.folder, "%s", s->path);
	o.device = (uint64_t)st.st_dev;
	ring_file_set_owner(&s->ring, &o);
	stale_rings(s->ring.path, s->path, (int64_t)time(NULL));
	return 0;
}

static int open_ring(struct store *s, const struct store_options *o)
{
	char old[PLACE_PATH] = "";
	uint64_t last = 0, next, end = 0, slots = 0;
	int rc = last_receipt(s, &last);
	if (rc)
		return rc;
	int got = open_old_ring(s, old);
	if (got < 0)
		return got;
	if (got) {
		end = ring_file_last(&s->ring);
		slots = ring_file_slots(&s->ring);
	} else {
		old[0] = 0;
	}
	next = last + 1;
	/* More is missing than a ring can hold: the newest of it is all that there is. */
	if (end > last + slots) {
		next = end - slots + 1;
		s->lost = next - last - 1;
	}
	rc = open_seal(s, o);
	if (rc)
		return rc;
	uint64_t base = newest(s, end > last ? end : last);
	/* Nobody has what lies between: the writer need not look for it. */
	if (end <= last)
		next = base + 1;
	rc = writer_open(&s->ring, s->db, s->seal, next, o->power, &s->writer);
	if (!rc && end > last)
		rc = take_over(s, last);
	if (!rc)
		rc = settle_ring(s, o, old, base);
	return rc ? rc : own_ring(s);
}

/* Another key signs from here on: a receipt under its first checkpoint says so. Without its name where that leaves no room. */
static int tell_key(struct store *s)
{
	const char *key = seal_key(s->seal);
	struct fact f;
	if (!seal_key_changed(s->seal))
		return 0;
	fact_init(&f, FACT_KEY);
	f.num[0] = (int64_t)seal_signed(s->seal);
	fact_text(&f, "%s", strlen(key) < FACT_TEXT ? key : strchr(key, '+') + 1);
	return keep_append(s, &f);
}

static int open_parts(struct store *s, const struct store_options *o)
{
	char db[PLACE_PATH];
	int rc = place_canonical(s->path, o->path);
	if (rc)
		return rc;
	if (copy_is_archive(s->path))
		return err_set(
			ERR_STATE,
			"%s is an archive, which nobody writes into: `tandem archive --restore %s DB` puts it back into its store",
			s->path, s->path);
	rc = s->lock = place_lock(s->path);
	if (rc < 0)
		return rc;
	rc = place_in(db, s->path, "db");
	if (!rc)
		rc = kv_open(db, &s->db, NULL);
	if (!rc)
		rc = load_id(s);
	if (!rc)
		rc = open_ring(s, o);
	if (!rc)
		rc = names_load(&s->names, s->db);
	/* What was taken over, and the log of a host that died, go down to the disk once. */
	if (!rc)
		rc = writer_drain(s->writer) < 0 ? -ERR_IO : 0;
	if (!rc)
		rc = writer_start(s->writer);
	return rc ? rc : tell_key(s);
}

static void release(struct store *s)
{
	writer_free(s->writer);
	seal_free(s->seal);
	ring_file_close(&s->ring);
	names_free(&s->names);
	kv_close(s->db);
	if (s->lock >= 0)
		close(s->lock);
	free(s);
}

int store_open(const struct store_options *o, struct store **out)
{
	if (mkdir(o->path, 0700) && errno != EEXIST)
		return err_set(ERR_IO, "the store %s cannot be made: %s", o->path, strerror(errno));
	struct store *s = aligned_alloc(_Alignof(struct store), sizeof(struct store));
	if (!s)
		return err_set(ERR_NOMEM, "no memory for the store %s", o->path);
	*s = (struct store){
		.journal.ops = &journal_ops,
		.kv.ops = &kv_ops,
		.naming = PTHREAD_MUTEX_INITIALIZER,
		.lock = -1,
		.power = o->power,
	};
	int rc = open_parts(s, o);
	if (rc)
		release(s);
	else
		*out = s;
	return rc;
}

int store_close(struct store *s)
{
	if (!s)
		return 0;
	if (s->at_close)
		s->at_close(s->at_close_arg);
	int rc = writer_stop(s->writer, GIVE_UP_NS);
	if (!rc)
		rc = kv_flush(s->db);
	if (!rc)
		rc = kv_sync(s->db);
	if (!rc && ring_file_drained(&s->ring) == ring_file_last(&s->ring)) {
		place_ring_forget(s->path);
		unlink(s->ring.path);
	}
	release(s);
	return rc;
}

struct kv_db *store_db(struct store *s)
{
	return s->db;
}

void store_doubt(struct store *s)
{
	writer_doubt(s->writer);
}

void store_at_close(struct store *s, void (*fn)(void *arg), void *arg)
{
	must(!s->at_close);
	s->at_close = fn;
	s->at_close_arg = arg;
}

struct journal *store_journal(struct store *s)
{
	return &s->journal;
}

struct kv *store_kv(struct store *s)
{
	return &s->kv;
}

int store_recover(struct store *s, journal_fact_fn fn, void *arg)
{
	uint8_t key[8] = { 0 };
	size_t len;
	int rc = kv_get(s->db, KV_STATE, WRITER_CHECKPOINT, strlen(WRITER_CHECKPOINT), key,
			sizeof(key), &len);
	if (rc && rc != -ERR_NOTFOUND)
		return rc;
	struct kv_iter *it = kv_iter_new(s->db, KV_RECEIPTS);
	if (!it)
		return err_set(ERR_NOMEM, "no memory to read the store %s", s->path);
	rc = 0;
	for (kv_iter_seek(it, key, sizeof(key)); kv_iter_valid(it) && !rc; kv_iter_next(it)) {
		size_t n;
		struct fact f;
		const uint8_t *value = kv_iter_value(it, &n);
		rc = receipt_decode(value, n, &f);
		if (rc)
			rc = err_ctx(rc, "receipt %llu of the store %s",
				     (unsigned long long)kv_from_be64(kv_iter_key(it, &n)),
				     s->path);
		else
			rc = fn(arg, &f);
	}
	if (!rc)
		rc = kv_iter_error(it);
	kv_iter_free(it);
	return rc;
}

static int name_locked(struct store *s, enum name_space space, const char *text, uint32_t *id,
		       bool *is_new)
{
	*id = names_find(&s->names, space, text);
	*is_new = *id == 0;
	if (*id)
		return 0;
	/* A NAME fact must hold all of it, or the next start would take it for another. */
	if (!text[0] || strlen(text) >= FACT_TEXT)
		return err_set(ERR_RANGE, "a name has 1 to %d bytes; this has %zu: \"%.40s\"",
			       FACT_TEXT - 1, strlen(text), text);
	*id = names_next(&s->names, space);
	return names_set(&s->names, space, *id, text);
}

int store_name(struct store *s, enum name_space space, const char *text, uint32_t *id, bool *is_new)
{
	pthread_mutex_lock(&s->naming);
	int rc = name_locked(s, space, text, id, is_new);
	pthread_mutex_unlock(&s->naming);
	return rc;
}

const char *store_name_text(const struct store *s, enum name_space space, uint32_t id)
{
	return names_text(&s->names, space, id);
}

uint64_t store_last_seq(const struct store *s)
{
	return ring_file_last(&s->ring);
}

uint64_t store_drained(const struct store *s)
{
	return writer_drained(s->writer);
}

uint64_t store_recovered(const struct store *s)
{
	return s->recovered;
}

uint64_t store_lost(const struct store *s)
{
	return s->lost;
}

_Static_assert((int)STORE_OUT_FAILS == (int)COURIER_FAILS &&
		       (int)STORE_OUT_AGAIN == (int)COURIER_AGAIN,
	       "the courier's words");

int store_checkpoint_news(struct store *s, char *why, size_t cap)
{
	return seal_news(s->seal, why, cap);
}

const char *store_ring_path(const struct store *s)
{
	return s->ring.path;
}
