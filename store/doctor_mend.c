/* Repairs, each with the files as they were put aside first: a ring that cannot be read, a database that does not open, what is made from receipts, the counters
 * without which a host would use numbers twice. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "store/derived.h"
#include "store/doctor_parts.h"
#include "store/keep.h"
#include "store/kv.h"
#include "store/place.h"
#include "store/receipt.h"
#include "store/ring_file.h"
#include "store/seal.h"
#include "store/store_parts.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define RING_BYTES (1u << 20)
#define ASIDE_MAX  1000
#define PIECE	   (1u << 16)
#define EPOCH_KEY  "k/epoch" /* as the host keeps it: 4 bytes */
#define EPOCH_OF   40	     /* where an id holds it: ids.h */
#define SYNC_TRIES 100000

struct mend {
	struct doctor *d;
	char path[PLACE_PATH], db_path[PLACE_PATH];
	uint32_t epoch; /* the highest that receipts speak of */
};

/* ---------------------------------------------------------------- aside */

static int copy_file(int from_dir, int to_dir, const char *name)
{
	static char piece[PIECE];
	int in = openat(from_dir, name, O_RDONLY | O_CLOEXEC);
	int out = openat(to_dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ssize_t n = in < 0 || out < 0 ? -1 : 1;
	while (n > 0 && (n = read(in, piece, sizeof piece)) > 0)
		n = write(out, piece, (size_t)n) == n ? n : -1;
	int rc = n < 0 || (out >= 0 && fsync(out)) ? -ERR_IO : 0;
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return rc;
}

/* A folder of a name that is not there yet: path.damaged, path.damaged.2 ... */
static int free_name(const char *path, char out[300])
{
	for (int i = 1; i < ASIDE_MAX; i++) {
		snprintf(out, 300, i == 1 ? "%s.damaged" : "%s.damaged.%d", path, i);
		if (access(out, F_OK) != 0)
			return 0;
	}
	return err_set(ERR_FULL, "%s.damaged and %d more are there already: remove some", path,
		       ASIDE_MAX - 1);
}

static int set_db_aside(struct mend *m)
{
	struct doctor *d = m->d;
	int rc = free_name(m->db_path, d->aside);
	if (rc)
		return rc;
	if (mkdir(d->aside, 0700))
		return err_set(ERR_IO, "%s cannot be made: %s", d->aside, strerror(errno));
	DIR *from = opendir(m->db_path);
	int to = open(d->aside, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (!from || to < 0)
		rc = -ERR_IO;
	for (struct dirent *e; !rc && (e = readdir(from)) != NULL;)
		if (e->d_type == DT_REG && strcmp(e->d_name, "LOCK") != 0)
			rc = copy_file(dirfd(from), to, e->d_name);
	if (rc)
		rc = err_set(ERR_IO, "%s cannot be copied to %s: %s", m->db_path, d->aside,
			     strerror(errno));
	if (from)
		closedir(from);
	if (to >= 0)
		close(to);
	return rc;
}

/* The pointer goes; where the file is ours, it takes another name. */
static int set_ring_aside(struct mend *m)
{
	char ring[PLACE_PATH], aside[300];
	int rc = place_ring_read(m->path, ring);
	if (!rc && doctor_found(m->d, DOCTOR_RING_DAMAGED)) {
		rc = free_name(ring, aside);
		if (!rc && rename(ring, aside) && errno != ENOENT)
			rc = err_set(ERR_IO, "%s cannot be renamed: %s", ring, strerror(errno));
	} else if (rc == -ERR_CORRUPT || rc == -ERR_NOTFOUND) {
		rc = 0;
	}
	if (!rc)
		place_ring_forget(m->path);
	return rc;
}

/* ---------------------------------------------------------------- the database */

static void see_epoch(struct mend *m, const struct fact *f)
{
	uint32_t seen = 0;
	if (f->kind == FACT_SESSION_OPEN && f->num[0] > 0 && f->num[0] <= UINT16_MAX)
		seen = (uint32_t)f->num[0];
	if ((f->order >> EPOCH_OF & UINT16_MAX) > seen)
		seen = (uint32_t)(f->order >> EPOCH_OF & UINT16_MAX);
	if ((f->pair >> EPOCH_OF & UINT16_MAX) > seen)
		seen = (uint32_t)(f->pair >> EPOCH_OF & UINT16_MAX);
	m->epoch = seen > m->epoch ? seen : m->epoch;
}

static int erase_index(struct kv_db *db, struct kv_batch *b)
{
	static const uint8_t end[24] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
					 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
					 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	int rc = kv_batch_erase(b, db, KV_INDEX, "", 0, end, sizeof end);
	if (!rc)
		rc = kv_write(db, b, false);
	kv_batch_clear(b);
	return rc;
}

static int write_derived(struct derived *v, struct kv_batch *b, struct kv_db *db)
{
	int rc = derived_write(v, b, db);
	if (!rc)
		rc = kv_write(db, b, false);
	kv_batch_clear(b);
	return rc;
}

/* What receipts say is made anew from them. One that cannot be read stays where it is and is told of by the next look. */
static int derive_again(struct mend *m, struct kv_db *db, struct kv_batch *b)
{
	struct derived v;
	uint32_t n_facts = 0;
	int rc = derived_init(&v);
	if (!rc)
		rc = erase_index(db, b);
	struct kv_iter *it = rc ? NULL : kv_iter_new(db, KV_RECEIPTS);
	if (!rc && !it)
		rc = err_set(ERR_NOMEM, "no memory to read the receipts");
	for (it ? kv_iter_first(it) : (void)0; !rc && kv_iter_valid(it); kv_iter_next(it)) {
		struct fact f;
		size_t len;
		const uint8_t *value = kv_iter_value(it, &len);
		if (receipt_decode(value, len, &f))
			continue;
		see_epoch(m, &f);
		rc = derived_add(&v, &f, b, db);
		if (!rc && ++n_facts % DERIVED_BATCH == 0)
			rc = write_derived(&v, b, db);
	}
	if (!rc)
		rc = kv_iter_error(it);
	kv_iter_free(it);
	if (!rc)
		rc = write_derived(&v, b, db);
	derived_free(&v);
	return rc;
}

/* The identity: the ring's where there is one, so that it fits. */
static int give_identity(struct mend *m, struct kv_db *db)
{
	uint8_t id[RING_FILE_ID];
	char ring[PLACE_PATH];
	struct ring_file r = { 0 };
	size_t len;
	if (kv_get(db, KV_STATE, "s/id", 4, id, sizeof id, &len) == 0 && len == sizeof id)
		return 0;
	if (place_ring_read(m->path, ring) == 0 && ring_file_view(&r, ring, NULL) == 0) {
		memcpy(id, ring_file_id(&r), sizeof id);
		struct fact f;
		for (uint64_t seq = ring_file_newest(&r), i = ring_file_slots(&r); i-- && seq;
		     seq--)
			if (ring_file_read(&r, seq, &f) == 0)
				see_epoch(m, &f);
		ring_file_close(&r);
	} else if (getrandom(id, sizeof id, 0) != (ssize_t)sizeof id) {
		return err_set(ERR_IO, "no randomness from the system: %s", strerror(errno));
	}
	return kv_put(db, KV_STATE, "s/id", 4, id, sizeof id, true);
}

/* Never lower than what was given out: an id that comes twice would be two orders. */
static int raise_epoch(struct mend *m, struct kv_db *db)
{
	uint32_t epoch = 0;
	size_t len;
	int rc = kv_get(db, KV_STATE, EPOCH_KEY, strlen(EPOCH_KEY), &epoch, sizeof epoch, &len);
	if (rc && rc != -ERR_NOTFOUND)
		return rc;
	if (epoch >= m->epoch)
		return 0;
	return kv_put(db, KV_STATE, EPOCH_KEY, strlen(EPOCH_KEY), &m->epoch, sizeof m->epoch, true);
}

static int mend_db(struct mend *m, bool damaged)
{
	struct kv_db *db;
	struct kv_batch *b = kv_batch_new();
	int rc = b ? 0 : err_set(ERR_NOMEM, "no memory for a repair");
	if (!rc && damaged)
		rc = kv_repair(m->db_path);
	if (!rc)
		rc = kv_open(m->db_path, &db, NULL);
	if (rc) {
		kv_batch_free(b);
		return rc;
	}
	rc = give_identity(m, db);
	if (!rc)
		rc = derive_again(m, db, b);
	if (!rc)
		rc = raise_epoch(m, db);
	if (!rc)
		rc = kv_flush(db);
	kv_batch_free(b);
	kv_close(db);
	return rc;
}

/* What a host would refuse to go on from; files that were lost may be why. */
static int mend_seal(struct mend *m)
{
	struct kv_db *db;
	int rc = kv_open(m->db_path, &db, NULL);
	if (rc)
		return rc;
	rc = seal_look(db);
	if (rc == -ERR_CORRUPT || rc == -ERR_AUTH || rc == -ERR_PARSE) {
		if (!doctor_found(m->d, DOCTOR_SEAL_BROKEN))
			doctor_find(m->d, DOCTOR_SEAL_BROKEN, 0, 0, "%s", err_text());
		rc = seal_set_aside(db);
	}
	kv_close(db);
	return rc;
}

/* ---------------------------------------------------------------- the receipt */

static int put_receipt(struct mend *m, struct store *s)
{
	const struct doctor *d = m->d;
	struct journal *j = store_journal(s);
	const char *why = "the disk does not answer";
	char words[FACT_TEXT] = "";
	struct fact f;
	fact_init(&f, FACT_REPAIR);
	for (unsigned i = 0; i < d->n; i++) {
		if (!doctor_is_damage(d->finding[i].what) || f.num[0] >> d->finding[i].what & 1)
			continue;
		size_t n = strlen(words);
		f.num[0] |= (int64_t)1 << d->finding[i].what;
		snprintf(words + n, sizeof words - n, "%s%s", n ? ", " : "",
			 doctor_name(d->finding[i].what));
	}
	f.num[1] = (int64_t)d->first;
	f.num[2] = (int64_t)store_last_seq(s);
	f.num[3] = (int64_t)(d->receipts + store_recovered(s));
	f.num[4] = (int64_t)(store_lost(s) > d->lost ? store_lost(s) : d->lost);
	fact_text(&f, "%s", words);
	int rc = keep_append(s, &f);
	m->d->seq = f.seq;
	for (int i = 0; !rc && j->ops->synced(j) < f.seq; i++) {
		if (i == SYNC_TRIES || j->ops->trouble(j, &why))
			rc = err_set(ERR_IO, "the receipt of the repair cannot be written: %s",
				     why);
		usleep(100);
	}
	return rc;
}

static int open_and_tell(struct mend *m)
{
	struct store *s;
	int rc = store_open(
		&(struct store_options){ .path = m->path, .ring_bytes = RING_BYTES, .power = true },
		&s);
	if (rc)
		return rc;
	rc = put_receipt(m, s);
	int closed = store_close(s);
	return rc ? rc : closed;
}

static int not_in_use(struct mend *m)
{
	int fd = place_lock(m->path);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/* A ring whose header stands gives what it has; one that cannot be read at all would keep the store from opening. */
static bool ring_is_in_the_way(const struct doctor *d)
{
	for (unsigned i = 0; i < d->n; i++)
		if (d->finding[i].what == DOCTOR_RING_DAMAGED && !d->finding[i].to)
			return true;
	return doctor_found(d, DOCTOR_RING_FOREIGN) || doctor_found(d, DOCTOR_RING_GONE);
}

int doctor_mend(const char *path, struct doctor *d)
{
	struct mend m = { .d = d };
	bool gone = doctor_found(d, DOCTOR_DB_GONE), damaged = doctor_found(d, DOCTOR_DB_DAMAGED);
	log_set_level(LOG_ERROR);
	int rc = place_canonical(m.path, path);
	if (!rc)
		rc = place_in(m.db_path, m.path, "db");
	if (!rc)
		rc = not_in_use(&m);
	if (!rc && access(m.db_path, F_OK) == 0)
		rc = set_db_aside(&m);
	if (!rc && ring_is_in_the_way(d))
		rc = set_ring_aside(&m);
	if (!rc && (gone || damaged || doctor_found(d, DOCTOR_LOG_CUT)))
		rc = mend_db(&m, gone ? access(m.db_path, F_OK) == 0 : damaged);
	if (!rc && access(m.db_path, F_OK) == 0)
		rc = mend_seal(&m);
	return rc ? rc : open_and_tell(&m);
}
