/* Proves where a store's parts are put, that the pointer to the ring is believed only when it is whole, and that the lock knows its holder. */
#include "core/base/err.h"
#include "store/place.h"
#include "tests/unit/store/folder.h"

static void write_pointer(const char *text)
{
	char path[96];
	snprintf(path, sizeof(path), "%s/ring", folder);
	FILE *f = fopen(path, "w");
	fputs(text, f);
	fclose(f);
}

START_TEST(pointer)
{
	char at[PLACE_PATH];
	ck_assert_int_eq(place_ring_read(folder, at), -ERR_NOTFOUND);
	ck_assert_int_eq(place_ring_write(folder, "/dev/shm/x"), 0);
	ck_assert_int_eq(place_ring_read(folder, at), 0);
	ck_assert_str_eq(at, "/dev/shm/x");
	ck_assert_int_eq(place_ring_write(folder, "/other"), 0);
	ck_assert_int_eq(place_ring_read(folder, at), 0);
	ck_assert_str_eq(at, "/other");
	place_ring_forget(folder);
	ck_assert_int_eq(place_ring_read(folder, at), -ERR_NOTFOUND);
	write_pointer("");
	ck_assert_int_eq(place_ring_read(folder, at), -ERR_CORRUPT);
	write_pointer("/cut/short");
	ck_assert_int_eq(place_ring_read(folder, at), -ERR_CORRUPT);
}
END_TEST

START_TEST(ring_place)
{
	char a[PLACE_PATH], b[PLACE_PATH];
	ck_assert_int_eq(place_ring(a, "/some/store", "/here", 1), 0);
	ck_assert_ptr_eq(strstr(a, "/here/tandem-ring-"), a);
	/* Two stores never share a name; one store keeps it. */
	ck_assert_int_eq(place_ring(b, "/some/store2", "/here", 1), 0);
	ck_assert_str_ne(a, b);
	ck_assert_int_eq(place_ring(b, "/some/store", "/here", 1), 0);
	ck_assert_str_eq(a, b);
	/* What does not fit into memory goes to the disk. */
	ck_assert_int_eq(place_ring(b, folder, NULL, 1ull << 60), 0);
	ck_assert_ptr_eq(strstr(b, folder), b);
	/* The database removes what ends like its own logs. */
	ck_assert_ptr_null(strstr(b, ".log"));
}
END_TEST

START_TEST(lock)
{
	ck_assert_int_eq(place_lock_holder(folder), 0);
	int fd = place_lock(folder);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(place_lock_holder(folder), getpid());
	ck_assert_int_eq(place_lock(folder), -ERR_BUSY);
	ck_assert_ptr_nonnull(strstr(err_text(), "in use by process"));
	close(fd);
	ck_assert_int_eq(place_lock_holder(folder), 0);
	fd = place_lock(folder);
	ck_assert_int_ge(fd, 0);
	close(fd);
}
END_TEST

START_TEST(paths)
{
	char out[PLACE_PATH], text[PLACE_PATH + 10];
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = 0;
	ck_assert_int_eq(place_in(out, "/a", "b"), 0);
	ck_assert_str_eq(out, "/a/b");
	ck_assert_int_eq(place_in(out, text, "b"), -ERR_RANGE);
	ck_assert_int_eq(place_canonical(out, "/tmp/tandem-no-such-folder"), -ERR_NOTFOUND);
	snprintf(text, sizeof(text), "%s/../%s", folder, strrchr(folder, '/') + 1);
	ck_assert_int_eq(place_canonical(out, text), 0);
	ck_assert_str_eq(out, folder);
}
END_TEST

FOLDER_SUITE("place", pointer, ring_place, lock, paths)
