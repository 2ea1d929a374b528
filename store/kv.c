#include "store/kv.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/base/must.h"
#include "store/kv_still.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <rocksdb/c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const families[] = {
	[KV_DEFAULT] = "default", [KV_RECEIPTS] = "receipts", [KV_INDEX] = "index",
	[KV_NAMES] = "names",	  [KV_STATE] = "state",	      [KV_BLOCKS] = "blocks",
	[KV_TILES] = "tiles",	  [KV_INPUTS] = "inputs",
};
_Static_assert(sizeof(families) / sizeof(families[0]) == kv_family_max, "a name for every family");

#define SCAN_AHEAD  (1u << 20)
#define STILL_TRIES 20

/* RocksDB ends the process, by an assertion, where its log of words could not be written once and has another line: on a full disk. Above its highest level nothing is
 * written; what goes wrong comes back from its calls. */
#define LOG_NOTHING 6

/* How strictly the log is read back. Strict refuses a tail that is cut, as a kill may leave it. */
enum wal_mode { WAL_TOLERATE_TAIL = 0, WAL_STRICT = 1 };

struct kv_db {
	pthread_rwlock_t lock;		     /* held for writing only by kv_reopen and kv_close */
	rocksdb_t *db;			     /* NULL: shut after an error */
	rocksdb_options_t *options, *blocks; /* the second is the family's of that name */
	rocksdb_column_family_handle_t *family[kv_family_max];
	rocksdb_readoptions_t *read, *scan;
	rocksdb_writeoptions_t *write[2]; /* [synced] */
	char folder[256];
	char own[256]; /* a secondary's folder, to be removed */
};

struct kv_batch {
	rocksdb_writebatch_t *b;
};

struct kv_iter {
	rocksdb_iterator_t *it;
	struct kv_db *db; /* its lock is held for as long as this lives */
};

/* Takes RocksDB's text over as ours; 0 when there is none. */
static int taken(char *text, const char *folder)
{
	if (!text)
		return 0;
	enum err code = ERR_IO;
	if (strncmp(text, "Corruption", 10) == 0)
		code = ERR_CORRUPT;
	else if (strstr(text, "Column family not found"))
		code = ERR_CORRUPT;
	else if (strstr(text, "lock "))
		code = ERR_BUSY;
	const char *todo =
		strstr(text, "No space left") ? "; free some space"
		: strstr(text, "Column family not found")
			? ": a family of keys was taken out, or no host of this version has opened the store yet"
			: "";
	int rc = err_set(code, "the database in %s: %s%s", folder, text, todo);
	rocksdb_free(text);
	return rc;
}

static int shut(const struct kv_db *db)
{
	return err_set(ERR_IO, "the database in %s is shut after an error", db->folder);
}

static rocksdb_options_t *make_options(void)
{
	rocksdb_options_t *o = rocksdb_options_create();
	rocksdb_options_set_create_if_missing(o, 1);
	rocksdb_options_set_create_missing_column_families(o, 1);
	rocksdb_options_set_paranoid_checks(o, 1);
	rocksdb_options_set_compression(o, rocksdb_lz4_compression);
	/* A reader replays the logs when it opens: short ones keep it quick. */
	rocksdb_options_set_max_total_wal_size(o, 96u << 20);
	rocksdb_options_set_db_write_buffer_size(o, 128u << 20);
	rocksdb_options_set_max_background_jobs(o, 2);
	rocksdb_options_set_max_open_files(o, -1);
	rocksdb_options_set_info_log_level(o, LOG_NOTHING);
	rocksdb_options_set_keep_log_file_num(o, 1);
	rocksdb_options_set_stats_dump_period_sec(o, 0);
	return o;
}

static struct kv_db *make(const char *folder)
{
	struct kv_db *db = calloc(1, sizeof(*db));
	if (!db)
		return NULL;
	pthread_rwlock_init(&db->lock, NULL);
	snprintf(db->folder, sizeof(db->folder), "%s", folder);
	db->options = make_options();
	/* Written once, read seldom, kept for years: a third less than with lz4, for some 20 ns an event. */
	db->blocks = rocksdb_options_create_copy(db->options);
	rocksdb_options_set_compression(db->blocks, rocksdb_zstd_compression);
	db->read = rocksdb_readoptions_create();
	/* What is read from end to end is read far ahead, and leaves the cache to others. */
	db->scan = rocksdb_readoptions_create();
	rocksdb_readoptions_set_fill_cache(db->scan, 0);
	rocksdb_readoptions_set_readahead_size(db->scan, SCAN_AHEAD);
	for (int sync = 0; sync < 2; sync++) {
		db->write[sync] = rocksdb_writeoptions_create();
		rocksdb_writeoptions_set_sync(db->write[sync], (unsigned char)sync);
	}
	return db;
}

static void options_of_each(const struct kv_db *db, enum wal_mode mode,
			    const rocksdb_options_t *each[kv_family_max])
{
	for (int i = 0; i < kv_family_max; i++)
		each[i] = i == KV_BLOCKS || i == KV_INPUTS ? db->blocks : db->options;
	rocksdb_options_set_wal_recovery_mode(db->options, (int)mode);
}

static int open_with(struct kv_db *db, enum wal_mode mode)
{
	const rocksdb_options_t *each[kv_family_max];
	options_of_each(db, mode, each);
	char *text = NULL;
	if (db->own[0])
		db->db = rocksdb_open_as_secondary_column_families(db->options, db->folder, db->own,
								   kv_family_max, families, each,
								   db->family, &text);
	else
		db->db = rocksdb_open_column_families(db->options, db->folder, kv_family_max,
						      families, each, db->family, &text);
	if (text)
		db->db = NULL;
	return taken(text, db->folder);
}

static int open_primary(struct kv_db *db, bool *torn)
{
	int rc = open_with(db, WAL_STRICT);
	*torn = rc == -ERR_CORRUPT;
	if (!*torn)
		return rc;
	log_warn("%s; opening it up to the last whole record", err_text());
	rc = open_with(db, WAL_TOLERATE_TAIL);
	if (rc == -ERR_CORRUPT)
		return err_set(ERR_CORRUPT,
			       "%s; it is left as it is: `tandem doctor` says what can be repaired",
			       err_text());
	return rc;
}

static void shut_down(struct kv_db *db)
{
	if (!db->db)
		return;
	for (int i = 0; i < kv_family_max; i++)
		rocksdb_column_family_handle_destroy(db->family[i]);
	rocksdb_close(db->db);
	db->db = NULL;
}

static void remove_folder(const char *path)
{
	DIR *dir = opendir(path);
	if (!dir)
		return;
	for (struct dirent *e; (e = readdir(dir)) != NULL;)
		if (e->d_name[0] != '.')
			unlinkat(dirfd(dir), e->d_name, 0);
	closedir(dir);
	rmdir(path);
}

void kv_close(struct kv_db *db)
{
	if (!db)
		return;
	shut_down(db);
	rocksdb_options_destroy(db->options);
	rocksdb_options_destroy(db->blocks);
	rocksdb_readoptions_destroy(db->read);
	rocksdb_readoptions_destroy(db->scan);
	for (int sync = 0; sync < 2; sync++)
		rocksdb_writeoptions_destroy(db->write[sync]);
	if (db->own[0])
		remove_folder(db->own);
	pthread_rwlock_destroy(&db->lock);
	free(db);
}

int kv_open_packed(const char *folder, struct kv_db **out)
{
	struct kv_db *db = make(folder);
	if (!db)
		return err_set(ERR_NOMEM, "no memory for the database in %s", folder);
	rocksdb_options_set_compression(db->options, rocksdb_zstd_compression);
	int rc = open_with(db, WAL_STRICT);
	if (rc)
		kv_close(db);
	else
		*out = db;
	return rc;
}

int kv_open(const char *folder, struct kv_db **out, bool *torn)
{
	bool tail = false;
	struct kv_db *db = make(folder);
	if (!db)
		return err_set(ERR_NOMEM, "no memory for the database in %s", folder);
	int rc = open_primary(db, &tail);
	if (rc)
		kv_close(db);
	else
		*out = db;
	if (torn)
		*torn = tail;
	return rc;
}

static bool has_writer(const char *folder)
{
	char path[300];
	struct flock held = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	snprintf(path, sizeof path, "%s/LOCK", folder);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool has = fcntl(fd, F_GETLK, &held) == 0 && held.l_type != F_UNLCK;
	close(fd);
	return has;
}

/* A secondary takes a file that is missing for one that is yet to come, and shows what was before it: fewer keys, and no error. Where nobody writes, all files are
 * opened the other way first, which tells. */
static int check_files(struct kv_db *db, enum wal_mode mode)
{
	const rocksdb_options_t *each[kv_family_max];
	rocksdb_column_family_handle_t *family[kv_family_max];
	char *text = NULL;
	options_of_each(db, mode, each);
	rocksdb_options_set_db_log_dir(db->options, db->own);
	rocksdb_t *whole = rocksdb_open_for_read_only_column_families(
		db->options, db->folder, kv_family_max, families, each, family, 0, &text);
	rocksdb_options_set_db_log_dir(db->options, "");
	if (!text) {
		for (int i = 0; i < kv_family_max; i++)
			rocksdb_column_family_handle_destroy(family[i]);
		rocksdb_close(whole);
	}
	int rc = taken(text, db->folder);
	return rc && has_writer(db->folder) ? 0 : rc; /* one has come meanwhile, and cleans up */
}

static int open_as_it_stands(const char *folder, enum wal_mode mode, struct kv_db **out)
{
	char current[300];
	snprintf(current, sizeof(current), "%s/CURRENT", folder);
	if (access(current, R_OK))
		return err_set(errno == ENOENT || errno == ENOTDIR ? ERR_NOTFOUND : ERR_IO,
			       "there is no database to read in %s: %s", folder, strerror(errno));
	struct kv_db *db = make(folder);
	if (!db)
		return err_set(ERR_NOMEM, "no memory for the database in %s", folder);
	const char *tmp = getenv("TMPDIR");
	snprintf(db->own, sizeof(db->own), "%s/tandem-reader-XXXXXX", tmp && tmp[0] ? tmp : "/tmp");
	int rc;
	if (!mkdtemp(db->own)) {
		rc = err_set(ERR_IO,
			     "a reader needs a folder of its own, and %s cannot be made: %s",
			     db->own, strerror(errno));
		db->own[0] = 0;
	} else {
		rocksdb_options_set_create_if_missing(db->options, 0);
		rocksdb_options_set_create_missing_column_families(db->options, 0);
		rc = has_writer(folder) ? 0 : check_files(db, mode);
		if (!rc)
			rc = open_with(db, mode);
	}
	if (rc)
		kv_close(db);
	else
		*out = db;
	return rc;
}

/* A host that starts, or writes out what it had in memory, takes files away that a list read before still names: then once more. */
static int open_secondary(const char *folder, enum wal_mode mode, struct kv_db **out)
{
	for (int tries = 0;; tries++) {
		struct kv_still then;
		kv_still_look(&then, folder);
		int rc = open_as_it_stands(folder, mode, out);
		if (tries == STILL_TRIES || kv_still_is(&then, folder))
			return rc;
		if (!rc)
			kv_close(*out);
		*out = NULL;
	}
}

int kv_open_secondary(const char *folder, struct kv_db **out)
{
	return open_secondary(folder, WAL_STRICT, out);
}

int kv_open_what_is_left(const char *folder, struct kv_db **out)
{
	return open_secondary(folder, WAL_TOLERATE_TAIL, out);
}

int kv_repair(const char *folder)
{
	struct kv_db *db = make(folder);
	if (!db)
		return err_set(ERR_NOMEM, "no memory to repair the database in %s", folder);
	char *text = NULL;
	rocksdb_repair_db(db->options, folder, &text);
	kv_close(db);
	return taken(text, folder);
}

const char *kv_family_name(enum kv_family f)
{
	return families[f];
}

int kv_catch_up(struct kv_db *db)
{
	must(db->own[0]);
	char *text = NULL;
	rocksdb_try_catch_up_with_primary(db->db, &text);
	return taken(text, db->folder);
}

int kv_reopen(struct kv_db *db)
{
	bool torn;
	pthread_rwlock_wrlock(&db->lock);
	shut_down(db);
	int rc = open_primary(db, &torn);
	pthread_rwlock_unlock(&db->lock);
	return rc;
}

int kv_get(struct kv_db *db, enum kv_family f, const void *key, size_t n, void *buf, size_t cap,
	   size_t *len)
{
	char *text = NULL, *value = NULL;
	pthread_rwlock_rdlock(&db->lock);
	bool open = db->db != NULL;
	if (open)
		value = rocksdb_get_cf(db->db, db->read, db->family[f], key, n, len, &text);
	pthread_rwlock_unlock(&db->lock);
	if (!open)
		return shut(db);
	if (text)
		return taken(text, db->folder);
	if (!value)
		return -ERR_NOTFOUND;
	memcpy(buf, value, *len < cap ? *len : cap);
	rocksdb_free(value);
	return 0;
}

int kv_put(struct kv_db *db, enum kv_family f, const void *key, size_t n, const void *value,
	   size_t len, bool sync)
{
	char *text = NULL;
	/* Not a wait: while the database is being reopened the caller hears so at once. */
	if (pthread_rwlock_tryrdlock(&db->lock))
		return shut(db);
	bool open = db->db != NULL;
	if (open)
		rocksdb_put_cf(db->db, db->write[sync], db->family[f], key, n, value, len, &text);
	pthread_rwlock_unlock(&db->lock);
	return open ? taken(text, db->folder) : shut(db);
}

struct kv_batch *kv_batch_new(void)
{
	struct kv_batch *b = malloc(sizeof(*b));
	if (b)
		b->b = rocksdb_writebatch_create();
	return b;
}

void kv_batch_free(struct kv_batch *b)
{
	if (!b)
		return;
	rocksdb_writebatch_destroy(b->b);
	free(b);
}

void kv_batch_clear(struct kv_batch *b)
{
	rocksdb_writebatch_clear(b->b);
}

int kv_batch_put(struct kv_batch *b, struct kv_db *db, enum kv_family f, const void *key, size_t n,
		 const void *value, size_t len)
{
	pthread_rwlock_rdlock(&db->lock);
	bool open = db->db != NULL;
	if (open)
		rocksdb_writebatch_put_cf(b->b, db->family[f], key, n, value, len);
	pthread_rwlock_unlock(&db->lock);
	return open ? 0 : shut(db);
}

int kv_batch_erase(struct kv_batch *b, struct kv_db *db, enum kv_family f, const void *from,
		   size_t n_from, const void *to, size_t n_to)
{
	pthread_rwlock_rdlock(&db->lock);
	bool open = db->db != NULL;
	if (open)
		rocksdb_writebatch_delete_range_cf(b->b, db->family[f], from, n_from, to, n_to);
	pthread_rwlock_unlock(&db->lock);
	return open ? 0 : shut(db);
}

int kv_write(struct kv_db *db, struct kv_batch *b, bool sync)
{
	char *text = NULL;
	pthread_rwlock_rdlock(&db->lock);
	bool open = db->db != NULL;
	if (open)
		rocksdb_write(db->db, db->write[sync], b->b, &text);
	pthread_rwlock_unlock(&db->lock);
	return open ? taken(text, db->folder) : shut(db);
}

int kv_sync(struct kv_db *db)
{
	char *text = NULL;
	pthread_rwlock_rdlock(&db->lock);
	bool open = db->db != NULL;
	if (open)
		rocksdb_flush_wal(db->db, 1, &text);
	pthread_rwlock_unlock(&db->lock);
	return open ? taken(text, db->folder) : shut(db);
}

int kv_flush(struct kv_db *db)
{
	char *text = NULL;
	pthread_rwlock_rdlock(&db->lock);
	bool open = db->db != NULL;
	rocksdb_flushoptions_t *wait = rocksdb_flushoptions_create();
	rocksdb_flushoptions_set_wait(wait, 1);
	for (int i = 0; open && i < kv_family_max && !text; i++)
		rocksdb_flush_cf(db->db, wait, db->family[i], &text);
	rocksdb_flushoptions_destroy(wait);
	pthread_rwlock_unlock(&db->lock);
	return open ? taken(text, db->folder) : shut(db);
}

int kv_compact(struct kv_db *db, enum kv_family f)
{
	pthread_rwlock_rdlock(&db->lock);
	bool open = db->db != NULL;
	if (open)
		rocksdb_compact_range_cf(db->db, db->family[f], NULL, 0, NULL, 0);
	pthread_rwlock_unlock(&db->lock);
	return open ? 0 : shut(db);
}

uint64_t kv_background_errors(struct kv_db *db)
{
	uint64_t n = 0;
	pthread_rwlock_rdlock(&db->lock);
	if (db->db && rocksdb_property_int(db->db, "rocksdb.background-errors", &n))
		n = 0;
	pthread_rwlock_unlock(&db->lock);
	return n;
}

static struct kv_iter *iter_with(struct kv_db *db, enum kv_family f,
				 const rocksdb_readoptions_t *how)
{
	struct kv_iter *it = malloc(sizeof(*it));
	if (!it)
		return NULL;
	it->db = db;
	pthread_rwlock_rdlock(&db->lock);
	it->it = db->db ? rocksdb_create_iterator_cf(db->db, how, db->family[f]) : NULL;
	if (it->it)
		return it;
	pthread_rwlock_unlock(&db->lock);
	free(it);
	return NULL;
}

struct kv_iter *kv_iter_new(struct kv_db *db, enum kv_family f)
{
	return iter_with(db, f, db->read);
}

struct kv_iter *kv_scan_new(struct kv_db *db, enum kv_family f)
{
	return iter_with(db, f, db->scan);
}

void kv_iter_free(struct kv_iter *it)
{
	if (!it)
		return;
	rocksdb_iter_destroy(it->it);
	pthread_rwlock_unlock(&it->db->lock);
	free(it);
}

void kv_iter_seek(struct kv_iter *it, const void *key, size_t n)
{
	rocksdb_iter_seek(it->it, key, n);
}

void kv_iter_seek_back(struct kv_iter *it, const void *key, size_t n)
{
	rocksdb_iter_seek_for_prev(it->it, key, n);
}

void kv_iter_first(struct kv_iter *it)
{
	rocksdb_iter_seek_to_first(it->it);
}

void kv_iter_last(struct kv_iter *it)
{
	rocksdb_iter_seek_to_last(it->it);
}

void kv_iter_next(struct kv_iter *it)
{
	rocksdb_iter_next(it->it);
}

void kv_iter_prev(struct kv_iter *it)
{
	rocksdb_iter_prev(it->it);
}

bool kv_iter_valid(const struct kv_iter *it)
{
	return rocksdb_iter_valid(it->it);
}

const uint8_t *kv_iter_key(const struct kv_iter *it, size_t *n)
{
	return (const uint8_t *)rocksdb_iter_key(it->it, n);
}

const uint8_t *kv_iter_value(const struct kv_iter *it, size_t *n)
{
	return (const uint8_t *)rocksdb_iter_value(it->it, n);
}

int kv_iter_error(const struct kv_iter *it)
{
	char *text = NULL;
	rocksdb_iter_get_error(it->it, &text);
	return taken(text, "the store");
}
