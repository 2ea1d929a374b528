/* Proves that the ring gives back every fact that was acknowledged, whole and in order, also when its writer was killed at any instruction. */
#include "core/base/err.h"
#include "core/base/rng.h"
#include "store/ring_file.h"
#include "tests/unit/store/folder.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const uint8_t id[RING_FILE_ID] = "the store's name";
static char path[96];

static void name_path(void)
{
	snprintf(path, sizeof(path), "%s/ring", folder);
}

/* Every word of the fact follows from its number, so a torn one shows. */
static struct fact numbered(uint64_t n)
{
	struct fact f;
	fact_init(&f, FACT_FILL);
	f.mono_ns = (int64_t)(n * 3);
	f.pair = n * 5;
	for (int i = 0; i < FACT_NUMS; i++)
		f.num[i] = (int64_t)(n * 7) + i;
	fact_text(&f, "fact %llu", (unsigned long long)n);
	return f;
}

static void check_numbered(const struct fact *f, uint64_t seq)
{
	struct fact want = numbered(seq);
	want.seq = seq;
	EXPECT_MSG(memcmp(f, &want, sizeof(want)) == 0, "fact %llu is torn",
		   (unsigned long long)seq);
}

START_TEST(appended_is_read_back)
{
	name_path();
	struct ring_file r;
	struct fact f;
	ck_assert_int_eq(ring_file_create(&r, path, id, 64 * RING_FILE_SLOT_BYTES, 0), 0);
	ck_assert_uint_eq(ring_file_slots(&r), 64);
	ck_assert_int_eq(ring_file_read(&r, 1, &f), -ERR_NOTFOUND);
	for (uint64_t n = 1; n <= 64; n++) {
		f = numbered(n);
		ck_assert_uint_eq(ring_file_room(&r), 65 - n);
		ck_assert_uint_eq(ring_file_append(&r, &f), n);
		ck_assert_uint_eq(f.seq, n);
	}
	for (uint64_t n = 1; n <= 64; n++) {
		ck_assert_int_eq(ring_file_read(&r, n, &f), 0);
		check_numbered(&f, n);
	}
	ring_file_close(&r);
}
END_TEST

START_TEST(full_refuses_until_drained)
{
	name_path();
	struct ring_file r;
	ck_assert_int_eq(ring_file_create(&r, path, id, 64 * RING_FILE_SLOT_BYTES, 100), 0);
	struct fact f;
	for (uint64_t n = 101; n <= 164; n++) {
		f = numbered(n);
		ck_assert_uint_eq(ring_file_append(&r, &f), n);
	}
	f = numbered(165);
	ck_assert_uint_eq(ring_file_room(&r), 0);
	ck_assert_uint_eq(ring_file_append(&r, &f), 0);
	ck_assert_uint_eq(ring_file_last(&r), 164);
	ring_file_set_drained(&r, 102);
	ck_assert_uint_eq(ring_file_room(&r), 2);
	ck_assert_uint_eq(ring_file_append(&r, &f), 165);
	ck_assert_int_eq(ring_file_read(&r, 101, &f), -ERR_STATE);
	ck_assert_int_eq(ring_file_read(&r, 102, &f), 0);
	ring_file_close(&r);
}
END_TEST

START_TEST(reopened_goes_on)
{
	name_path();
	struct ring_file r;
	ck_assert_int_eq(ring_file_create(&r, path, id, 64 * RING_FILE_SLOT_BYTES, 0), 0);
	ring_file_close(&r);
	ck_assert_int_eq(ring_file_open(&r, path, id), 0);
	ck_assert_uint_eq(ring_file_last(&r), 0);
	struct fact f;
	for (uint64_t n = 1; n <= 200; n++) {
		f = numbered(n);
		ck_assert_uint_eq(ring_file_append(&r, &f), n);
		if (n % 10 == 0)
			ring_file_set_drained(&r, n - 5);
	}
	ring_file_close(&r);
	ck_assert_int_eq(ring_file_open(&r, path, id), 0);
	ck_assert_uint_eq(ring_file_last(&r), 200);
	ck_assert_uint_eq(ring_file_drained(&r), 195);
	ck_assert_uint_eq(ring_file_room(&r), 59);
	f = numbered(201);
	ck_assert_uint_eq(ring_file_append(&r, &f), 201);
	ring_file_close(&r);
}
END_TEST

START_TEST(one_appender_and_the_right_store)
{
	name_path();
	struct ring_file r, other;
	const uint8_t stranger[RING_FILE_ID] = "another store  ";
	ck_assert_int_eq(ring_file_open(&r, path, id), -ERR_NOTFOUND);
	ck_assert_int_eq(ring_file_create(&r, path, id, 1 << 20, 0), 0);
	ck_assert_int_eq(ring_file_open(&other, path, id), -ERR_BUSY);
	ck_assert_int_eq(ring_file_view(&other, path, id), 0);
	ring_file_close(&other);
	ring_file_close(&r);
	ck_assert_int_eq(ring_file_open(&r, path, stranger), -ERR_STATE);
	ck_assert_int_eq(truncate(path, 100), 0);
	ck_assert_int_eq(ring_file_open(&r, path, id), -ERR_CORRUPT);
}
END_TEST

/* Flips every byte of a committed fact in turn: none of it may be taken for what was written. */
START_TEST(damage_is_seen)
{
	name_path();
	struct ring_file r;
	ck_assert_int_eq(ring_file_create(&r, path, id, 64 * RING_FILE_SLOT_BYTES, 0), 0);
	struct fact f = numbered(1);
	ring_file_append(&r, &f);
	ring_file_close(&r);
	int fd = open(path, O_RDWR);
	/* Slot 1 lies behind the head and slot 0; its fact behind commit and check. */
	off_t slot = 4096 + RING_FILE_SLOT_BYTES;
	for (off_t at = 8; at < RING_FILE_SLOT_BYTES; at++) {
		if (at >= 16 && at < 64)
			continue; /* unused */
		uint8_t b, flipped;
		ck_assert_int_eq(pread(fd, &b, 1, slot + at), 1);
		flipped = b ^ 0x10;
		ck_assert_int_eq(pwrite(fd, &flipped, 1, slot + at), 1);
		ck_assert_int_eq(ring_file_view(&r, path, id), 0);
		ck_assert_int_eq(ring_file_read(&r, 1, &f), -ERR_CORRUPT);
		ring_file_close(&r);
		ck_assert_int_eq(pwrite(fd, &b, 1, slot + at), 1);
	}
	ck_assert_int_eq(ring_file_view(&r, path, id), 0);
	ck_assert_int_eq(ring_file_read(&r, 1, &f), 0);
	ring_file_close(&r);
	close(fd);
}
END_TEST

/* The child appends, drains and tells through a shared page what it has been promised. */
static void append_until_killed(_Atomic uint64_t *acknowledged, _Atomic uint64_t *drained)
{
	struct ring_file r;
	if (ring_file_open(&r, path, id))
		_exit(1);
	for (uint64_t n = ring_file_last(&r) + 1;; n++) {
		if (ring_file_room(&r) < 10) {
			atomic_store(drained, n - 20);
			ring_file_set_drained(&r, n - 20);
		}
		struct fact f = numbered(n);
		if (ring_file_append(&r, &f) != n)
			_exit(2);
		atomic_store(acknowledged, n);
	}
}

START_TEST(killed_loses_nothing)
{
	name_path();
	struct ring_file r;
	struct rng rng;
	rng_seed(&rng, 20240808);
	_Atomic uint64_t *page =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_int_eq(ring_file_create(&r, path, id, 256 * RING_FILE_SLOT_BYTES, 0), 0);
	ring_file_close(&r);
	for (int round = 0; round < 100; round++) {
		pid_t child = fork();
		if (child == 0)
			append_until_killed(&page[0], &page[1]);
		nanosleep(&(struct timespec){ .tv_nsec = rng_range(&rng, 100000, 3000000) }, NULL);
		kill(child, SIGKILL);
		int status;
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert_msg(WIFSIGNALED(status), "the child ended by itself: %d", status);
		ck_assert_int_eq(ring_file_open(&r, path, id), 0);
		uint64_t acknowledged = page[0], last = ring_file_last(&r);
		/* One more may stand than was told. */
		ck_assert(last == acknowledged || last == acknowledged + 1);
		struct fact f;
		for (uint64_t n = ring_file_drained(&r) + 1; n <= last; n++) {
			EXPECT(ring_file_read(&r, n, &f) == 0);
			check_numbered(&f, n);
		}
		ck_assert_int_eq(ring_file_read(&r, last + 1, &f), -ERR_NOTFOUND);
		ring_file_close(&r);
	}
	ck_assert_uint_gt(page[0], 1000);
	munmap(page, 4096);
}
END_TEST

/* One who looks on from another process sees whole facts or is told that it was overtaken. */
START_TEST(onlooker_sees_whole_facts)
{
	name_path();
	struct ring_file r;
	_Atomic uint64_t *page =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_int_eq(ring_file_create(&r, path, id, 64 * RING_FILE_SLOT_BYTES, 0), 0);
	ring_file_close(&r);
	pid_t child = fork();
	if (child == 0)
		append_until_killed(&page[0], &page[1]);
	while (page[0] < 1)
		nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
	ck_assert_int_eq(ring_file_view(&r, path, id), 0);
	unsigned whole = 0, overtaken = 0;
	for (unsigned i = 0; i < 200000; i++) {
		struct fact f;
		uint64_t seq = page[0] - i % 64;
		int rc = page[0] > 64 ? ring_file_read(&r, seq, &f) : -ERR_NOTFOUND;
		EXPECT(rc != -ERR_CORRUPT);
		if (rc == 0)
			check_numbered(&f, seq);
		whole += rc == 0;
		overtaken += rc == -ERR_STATE;
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	ck_assert_uint_gt(whole, 0);
	ck_assert_uint_gt(overtaken, 0);
	ring_file_close(&r);
	munmap(page, 4096);
}
END_TEST

FOLDER_SUITE("ring_file", appended_is_read_back, full_refuses_until_drained, reopened_goes_on,
	     one_appender_and_the_right_store, damage_is_seen, killed_loses_nothing,
	     onlooker_sees_whole_facts)
