/* What is wrong with a store: the lock, the ring, the files of the database, every key and value, every receipt, every block. */
#include "core/base/digest.h"
#include "core/base/err.h"
#include "core/trade/fact.h"
#include "store/away.h"
#include "store/blocks.h"
#include "store/copy.h"
#include "store/doctor_parts.h"
#include "store/kv.h"
#include "store/place.h"
#include "store/receipt.h"
#include "store/ring_file.h"
#include "store/seal.h"
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GAPS_MAX    64
#define DAMAGED_MAX 8 /* receipts that are named one by one */

struct gap {
	uint64_t first, last;
	bool told;
};

struct look {
	struct doctor *d;
	char path[PLACE_PATH], db_path[PLACE_PATH];
	struct kv_db *db;
	struct away away;
	uint8_t id[RING_FILE_ID];
	bool has_id;
	struct gap gap[GAPS_MAX];
	unsigned n_gaps, damaged;
	bool open_session; /* the newest session has no end */
	bool tells_of_blocks;
};

static void look_at_lock(struct look *l)
{
	char path[PLACE_PATH], text[16] = "";
	pid_t host = place_lock_holder(l->path);
	if (host) {
		doctor_find(l->d, DOCTOR_HOST_RUNS, 0, 0, "process %d is the host of this store",
			    (int)host);
		return;
	}
	FILE *f = place_in(path, l->path, "lock") ? NULL : fopen(path, "re");
	if (!f)
		return;
	long pid = fgets(text, sizeof text, f) ? strtol(text, NULL, 10) : 0;
	fclose(f);
	if (pid > 0 && kill((pid_t)pid, 0) && errno == ESRCH && l->open_session)
		doctor_find(l->d, DOCTOR_LOCK_STALE, 0, 0,
			    "the lock names process %ld, which has ended", pid);
}

/* ---------------------------------------------------------------- the ring */

/* What only the ring holds, and whether it can be read. */
static void look_into_ring(struct look *l, const struct ring_file *r)
{
	struct doctor *d = l->d;
	struct fact f;
	uint64_t bad = 0, first_bad = 0;
	uint64_t from = ring_file_drained(r) > d->last ? ring_file_drained(r) : d->last;
	uint64_t last = ring_file_newest(r), slots = ring_file_slots(r);
	d->ring_last = last;
	if (last > slots && from < last - slots) {
		doctor_find(d, DOCTOR_GAP, from + 1, last - slots,
			    "receipts %" PRIu64 " to %" PRIu64
			    " are not in the database, and the ring has written over them",
			    from + 1, last - slots);
		d->lost += last - slots - from;
		from = last - slots;
	}
	for (uint64_t seq = from + 1; seq <= last; seq++)
		if (ring_file_read(r, seq, &f)) {
			first_bad = bad++ ? first_bad : seq;
		}
	if (bad)
		doctor_find(d, DOCTOR_RING_DAMAGED, first_bad, last,
			    "%" PRIu64 " receipts from %" PRIu64
			    " on cannot be read back from the ring %s",
			    bad, first_bad, r->path);
	d->lost += bad;
	if (last > d->last && !doctor_found(d, DOCTOR_HOST_RUNS))
		doctor_find(d, DOCTOR_NOT_CLOSED, d->last + 1, last,
			    "the host did not end in order: receipts %" PRIu64 " to %" PRIu64
			    " are in the ring %s only",
			    d->last + 1, last, r->path);
}

static void look_at_ring(struct look *l)
{
	struct ring_file r = { 0 };
	char path[PLACE_PATH];
	int rc = place_ring_read(l->path, path);
	if (rc == -ERR_NOTFOUND)
		return;
	if (!rc)
		rc = ring_file_view(&r, path, NULL);
	if (rc == -ERR_NOTFOUND && l->open_session)
		doctor_find(
			l->d, DOCTOR_RING_GONE, l->d->last + 1, 0,
			"the host was killed, and its ring %s is gone, as after the machine was started "
			"anew: receipts after %" PRIu64 " that only it held are lost",
			path, l->d->last);
	else if (rc && rc != -ERR_NOTFOUND)
		doctor_find(l->d, DOCTOR_RING_DAMAGED, 0, 0, "%s", err_text());
	else if (!rc && l->has_id && memcmp(ring_file_id(&r), l->id, sizeof l->id) != 0)
		doctor_find(
			l->d, DOCTOR_RING_FOREIGN, 0, 0,
			"the ring %s is another store's: this folder was copied, or something took its place",
			path);
	else if (!rc)
		look_into_ring(l, &r);
	if (!rc)
		ring_file_close(&r);
}

/* ---------------------------------------------------------------- the database */

static void add_gap(struct look *l, uint64_t first, uint64_t last)
{
	uint64_t away = away_within(&l->away, first, last);
	if (away == last - first + 1 || l->n_gaps == GAPS_MAX)
		return;
	l->gap[l->n_gaps++] = (struct gap){ .first = first, .last = last };
}

static void read_receipt(struct look *l, uint64_t seq, const uint8_t *v, size_t len)
{
	struct doctor *d = l->d;
	struct fact f;
	if (seq != d->last + 1)
		add_gap(l, d->last + 1, seq - 1);
	d->first = d->receipts++ ? d->first : seq;
	d->last = seq;
	int rc = receipt_decode(v, len, &f);
	if (!rc && f.seq != seq)
		rc = err_set(ERR_CORRUPT, "it says that it is %" PRIu64, f.seq);
	if (rc) {
		if (l->damaged++ < DAMAGED_MAX)
			doctor_find(d, DOCTOR_RECEIPT_DAMAGED, seq, seq, "receipt %" PRIu64 ": %s",
				    seq, err_text());
		return;
	}
	if (f.kind == FACT_SESSION_OPEN || f.kind == FACT_SESSION_CLOSE)
		l->open_session = f.kind == FACT_SESSION_OPEN;
	l->tells_of_blocks |= f.kind == FACT_BLOCK;
	for (unsigned i = 0; f.kind == FACT_REPAIR && i < l->n_gaps; i++)
		l->gap[i].told = true;
}

static int walk(struct look *l, enum kv_family f)
{
	struct kv_iter *it = kv_iter_new(l->db, f);
	if (!it)
		return err_set(ERR_NOMEM, "no memory to read the database");
	for (kv_iter_first(it); kv_iter_valid(it); kv_iter_next(it)) {
		size_t n, len;
		const uint8_t *k = kv_iter_key(it, &n), *v = kv_iter_value(it, &len);
		if (f == KV_RECEIPTS && n == 8)
			read_receipt(l, kv_from_be64(k), v, len);
		l->d->blocks += f == KV_BLOCKS;
	}
	int rc = kv_iter_error(it);
	kv_iter_free(it);
	return rc;
}

static void tell_gaps(struct look *l)
{
	for (unsigned i = 0; i < l->n_gaps; i++) {
		const struct gap *g = &l->gap[i];
		uint64_t n = g->last - g->first + 1 - away_within(&l->away, g->first, g->last);
		l->d->lost += g->told ? 0 : n;
		doctor_find(l->d, g->told ? DOCTOR_GAP_TOLD : DOCTOR_GAP, g->first, g->last,
			    "%" PRIu64 " receipts between %" PRIu64 " and %" PRIu64
			    " are in no file of the database and in no archive",
			    n, g->first, g->last);
	}
}

static int open_db(struct look *l)
{
	int rc = kv_open_secondary(l->db_path, &l->db);
	if (!rc)
		return 0;
	char why[DOCTOR_TEXT];
	snprintf(why, sizeof why, "%s", err_text());
	if (rc == -ERR_NOTFOUND) {
		doctor_find(l->d, DOCTOR_DB_GONE, 0, 0, "%s", why);
		return rc;
	}
	rc = kv_open_what_is_left(l->db_path, &l->db);
	doctor_find(l->d, rc ? DOCTOR_DB_DAMAGED : DOCTOR_LOG_CUT, 0, 0, "%s", why);
	return rc;
}

/* A host does not go on where the receipts are not those that were signed. */
static void look_at_seal(struct look *l)
{
	int rc = seal_look(l->db);
	if (rc == -ERR_CORRUPT || rc == -ERR_AUTH || rc == -ERR_PARSE)
		doctor_find(l->d, DOCTOR_SEAL_BROKEN, 0, 0, "%s", err_text());
}

static void look_at_db(struct look *l)
{
	size_t len = 0;
	if (open_db(l))
		return;
	int rc = kv_get(l->db, KV_STATE, "s/id", 4, l->id, sizeof l->id, &len);
	l->has_id = !rc && len == sizeof l->id;
	if (!l->has_id)
		doctor_find(l->d, DOCTOR_DB_DAMAGED, 0, 0,
			    "the database has no identity of a store");
	if (away_load(&l->away, l->db))
		doctor_find(l->d, DOCTOR_DB_DAMAGED, 0, 0, "%s", err_text());
	for (int f = 0; f < kv_family_max; f++)
		if (walk(l, (enum kv_family)f))
			doctor_find(l->d, DOCTOR_DB_DAMAGED, 0, 0, "the %s: %s",
				    kv_family_name((enum kv_family)f), err_text());
	/* An archive of a day has only that day. */
	if (l->n_gaps && l->gap[0].first == 1 && copy_is_archive(l->path))
		l->n_gaps = 0;
	tell_gaps(l);
	if (l->damaged > DAMAGED_MAX)
		doctor_find(l->d, DOCTOR_RECEIPT_DAMAGED, 0, 0, "and %u receipts more",
			    l->damaged - DAMAGED_MAX);
	if (!copy_is_archive(l->path))
		look_at_seal(l);
	kv_close(l->db);
	l->db = NULL;
}

static void look_at_blocks(struct look *l)
{
	struct blocks_verified v;
	if ((!l->d->blocks && !l->tells_of_blocks) || !doctor_well(l->d))
		return;
	if (blocks_verify(l->path, &v) == -ERR_CORRUPT)
		doctor_find(l->d, DOCTOR_BLOCK_DAMAGED, 0, 0, "%s", err_text());
}

int doctor_examine(const char *path, struct doctor *d)
{
	struct look l = { .d = d };
	struct copy_page page;
	char pointer[PLACE_PATH];
	int rc = place_canonical(l.path, path);
	if (!rc)
		rc = place_in(l.db_path, l.path, "db");
	if (!rc)
		rc = place_in(pointer, l.path, "ring");
	if (rc)
		return rc;
	if (access(l.db_path, F_OK) != 0 && access(pointer, F_OK) != 0)
		return err_set(ERR_NOTFOUND, "%s is no store: it has neither a database nor a ring",
			       path);
	if (copy_read_page(l.path, &page) != -ERR_NOTFOUND)
		doctor_find(d, DOCTOR_IS_COPY, 0, 0, "it was made by archive or backup");
	look_at_db(&l);
	look_at_lock(&l);
	look_at_ring(&l);
	look_at_blocks(&l);
	away_free(&l.away);
	return 0;
}
