/* Proves that a host's numbers outlive it, that its successor goes on with them, and that a file which is no status page is left alone. */
#include "core/base/err.h"
#include "core/ops/status_page.h"
#include "tests/unit/store/folder.h"
#include <signal.h>
#include <sys/stat.h>

static char path[96];

static void leave_numbers_and_die(void *arg)
{
	struct snapshot_page *p;
	(void)arg;
	ck_assert_int_eq(status_page_open(path, &p), 0);
	static struct snapshot_body b;
	b.sent = 17;
	snapshot_write(p, &b);
	hist_add(&p->tick_to_order, 1000);
	atomic_store(&p->halted, 1);
	raise(SIGKILL);
}

START_TEST(numbers_outlive_the_host)
{
	const struct snapshot_page *r;
	struct snapshot_page *p;
	struct snapshot_body b;
	snprintf(path, sizeof path, "%s/status", folder);
	ck_assert_int_eq(status_page_read(path, &r), -ERR_NOTFOUND);
	apart(leave_numbers_and_die, NULL, SIGKILL);
	ck_assert_int_eq(status_page_read(path, &r), 0);
	ck_assert_int_eq(snapshot_read(r, &b), 0);
	ck_assert_uint_eq(b.sent, 17);
	ck_assert_int_eq(r->halted, 1);
	ck_assert_uint_ne(r->pid, (uint32_t)getpid());
	ck_assert_int_eq(status_page_open(path, &p), 0); /* the reader sees the new life */
	ck_assert_uint_eq(p->body.sent, 17);
	ck_assert_uint_eq(p->tick_to_order.count, 1);
	ck_assert_int_eq(r->halted, 0);
	ck_assert_uint_eq(r->pid, (uint32_t)getpid());
	status_page_close(p);
	status_page_close(r);
	status_page_close(NULL);
}
END_TEST

static void put(const void *bytes, size_t n)
{
	FILE *f = fopen(path, "w");
	ck_assert_uint_eq(fwrite(bytes, 1, n, f), n);
	fclose(f);
}

START_TEST(other_files_are_left_alone)
{
	const struct snapshot_page *r;
	struct snapshot_page *p;
	struct stat st;
	snprintf(path, sizeof path, "%s/status", folder);
	put("my own notes", 12);
	ck_assert_int_eq(status_page_open(path, &p), -ERR_EXISTS);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_size, 12);
	ck_assert_int_eq(status_page_read(path, &r), -ERR_CORRUPT);
	put("x", 1);
	ck_assert_int_eq(status_page_open(path, &p), -ERR_EXISTS);
	static char big[2 * sizeof(struct snapshot_page)];
	memset(big, 'z', sizeof big);
	put(big, sizeof big);
	ck_assert_int_eq(status_page_open(path, &p), -ERR_EXISTS);
	ck_assert_int_eq(status_page_read(path, &r), -ERR_CORRUPT);
	put("", 0);
	ck_assert_int_eq(status_page_open(path, &p), 0);
	status_page_close(p);
	snprintf(path, sizeof path, "%s/none/status", folder);
	ck_assert_int_eq(status_page_open(path, &p), -ERR_IO);
	ck_assert_int_eq(status_page_open(folder, &p), -ERR_IO);
}
END_TEST

/* Of another version: nothing of it is believed, and the successor starts its own. */
START_TEST(another_version_starts_afresh)
{
	const struct snapshot_page *r;
	struct snapshot_page *p;
	snprintf(path, sizeof path, "%s/status", folder);
	apart(leave_numbers_and_die, NULL, SIGKILL);
	FILE *f = fopen(path, "r+");
	uint32_t head[2] = { SNAPSHOT_MAGIC, 1 };
	fwrite(head, sizeof head, 1, f);
	fclose(f);
	ck_assert_int_eq(status_page_read(path, &r), -ERR_CORRUPT);
	ck_assert_ptr_nonnull(strstr(err_text(), "version"));
	ck_assert_int_eq(status_page_open(path, &p), 0);
	ck_assert_uint_eq(p->body.sent, 0);
	ck_assert_uint_eq(p->tick_to_order.count, 0);
	status_page_close(p);
}
END_TEST

FOLDER_SUITE("status_page", numbers_outlive_the_host, other_files_are_left_alone,
	     another_version_starts_afresh)
