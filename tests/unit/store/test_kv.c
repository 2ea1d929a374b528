/* Proves that batches are all or nothing, that walks go both ways, that a secondary sees what is written beside it, and that reopening keeps everything. */
#include "core/base/err.h"
#include "store/kv.h"
#include "tests/unit/store/folder.h"
#include <signal.h>
#include <sys/stat.h>

static struct kv_db *open_db(void)
{
	struct kv_db *db;
	bool torn;
	ck_assert_msg(kv_open(folder, &db, &torn) == 0, "%s", err_text());
	ck_assert(!torn);
	return db;
}

static void put(struct kv_db *db, enum kv_family f, const char *key, const char *value)
{
	ck_assert_int_eq(kv_put(db, f, key, strlen(key), value, strlen(value), false), 0);
}

static const char *get(struct kv_db *db, enum kv_family f, const char *key)
{
	static char value[64];
	size_t n;
	int rc = kv_get(db, f, key, strlen(key), value, sizeof(value) - 1, &n);
	if (rc == -ERR_NOTFOUND)
		return "(none)";
	ck_assert_int_eq(rc, 0);
	value[n] = 0;
	return value;
}

START_TEST(families_are_apart)
{
	struct kv_db *db = open_db();
	put(db, KV_STATE, "a", "state");
	put(db, KV_NAMES, "a", "names");
	ck_assert_str_eq(get(db, KV_STATE, "a"), "state");
	ck_assert_str_eq(get(db, KV_NAMES, "a"), "names");
	ck_assert_str_eq(get(db, KV_INDEX, "a"), "(none)");
	ck_assert_uint_eq(kv_background_errors(db), 0);
	kv_close(db);
	db = open_db();
	ck_assert_str_eq(get(db, KV_STATE, "a"), "state");
	kv_close(db);
}
END_TEST

START_TEST(batches)
{
	struct kv_db *db = open_db();
	struct kv_batch *b = kv_batch_new();
	ck_assert_int_eq(kv_batch_put(b, db, KV_STATE, "a", 1, "1", 1), 0);
	ck_assert_int_eq(kv_batch_put(b, db, KV_NAMES, "b", 1, "2", 1), 0);
	ck_assert_str_eq(get(db, KV_STATE, "a"), "(none)");
	ck_assert_int_eq(kv_write(db, b, true), 0);
	ck_assert_str_eq(get(db, KV_STATE, "a"), "1");
	ck_assert_str_eq(get(db, KV_NAMES, "b"), "2");
	kv_batch_clear(b);
	ck_assert_int_eq(kv_batch_put(b, db, KV_STATE, "c", 1, "3", 1), 0);
	/* Made before a reopening, written after it. */
	ck_assert_int_eq(kv_reopen(db), 0);
	ck_assert_int_eq(kv_write(db, b, false), 0);
	ck_assert_str_eq(get(db, KV_STATE, "c"), "3");
	ck_assert_str_eq(get(db, KV_NAMES, "b"), "2");
	kv_batch_free(b);
	kv_close(db);
}
END_TEST

static char at(const struct kv_iter *it)
{
	size_t n;
	if (!kv_iter_valid(it))
		return '-';
	return (char)kv_iter_key(it, &n)[0];
}

START_TEST(walks)
{
	struct kv_db *db = open_db();
	put(db, KV_INDEX, "b", "1");
	put(db, KV_INDEX, "d", "2");
	put(db, KV_INDEX, "f", "3");
	struct kv_iter *it = kv_iter_new(db, KV_INDEX);
	kv_iter_first(it);
	ck_assert_int_eq(at(it), 'b');
	kv_iter_seek(it, "c", 1);
	ck_assert_int_eq(at(it), 'd');
	kv_iter_next(it);
	ck_assert_int_eq(at(it), 'f');
	kv_iter_seek_back(it, "e", 1);
	ck_assert_int_eq(at(it), 'd');
	kv_iter_prev(it);
	ck_assert_int_eq(at(it), 'b');
	kv_iter_prev(it);
	ck_assert_int_eq(at(it), '-');
	kv_iter_last(it);
	ck_assert_int_eq(at(it), 'f');
	kv_iter_next(it);
	ck_assert_int_eq(at(it), '-');
	ck_assert_int_eq(kv_iter_error(it), 0);
	kv_iter_free(it);
	kv_close(db);
}
END_TEST

START_TEST(secondary)
{
	struct kv_db *db = open_db(), *second, *none;
	put(db, KV_STATE, "a", "1");
	ck_assert_msg(kv_open_secondary(folder, &second) == 0, "%s", err_text());
	ck_assert_str_eq(get(second, KV_STATE, "a"), "1");
	put(db, KV_STATE, "b", "2");
	ck_assert_int_eq(kv_flush(db), 0);
	put(db, KV_STATE, "c", "3");
	ck_assert_str_eq(get(second, KV_STATE, "b"), "(none)");
	ck_assert_int_eq(kv_catch_up(second), 0);
	ck_assert_str_eq(get(second, KV_STATE, "b"), "2");
	ck_assert_str_eq(get(second, KV_STATE, "c"), "3");
	kv_close(second);
	kv_close(db);
	ck_assert_int_eq(kv_open_secondary("/tmp/tandem-no-such-folder", &none), -ERR_NOTFOUND);
}
END_TEST

START_TEST(one_writer)
{
	struct kv_db *db = open_db(), *other;
	ck_assert_int_eq(kv_open(folder, &other, NULL), -ERR_BUSY);
	kv_close(db);
}
END_TEST

static void write_and_die(void *arg)
{
	struct kv_db *db = open_db();
	(void)arg;
	put(db, KV_STATE, "a", "1");
	put(db, KV_STATE, "b", "2");
	raise(SIGKILL);
}

/* The last record of the log is cut, as a kill in the middle of a write leaves it. */
START_TEST(cut_log)
{
	apart(write_and_die, NULL, SIGKILL);
	char command[200];
	snprintf(command, sizeof(command), "cd %s && truncate -s -1 $(ls -S *.log | head -1)",
		 folder);
	ck_assert_int_eq(system(command), 0);
	struct kv_db *db;
	bool torn;
	ck_assert_msg(kv_open(folder, &db, &torn) == 0, "%s", err_text());
	ck_assert(torn);
	ck_assert_str_eq(get(db, KV_STATE, "a"), "1");
	ck_assert_str_eq(get(db, KV_STATE, "b"), "(none)");
	kv_close(db);
}
END_TEST

FOLDER_SUITE("kv", families_are_apart, batches, walks, secondary, one_writer, cut_log)
