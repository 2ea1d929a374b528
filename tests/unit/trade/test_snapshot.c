/* Proves that a reader of the status page never sees half of a write, and that a page that is none, or is torn, is an error. */
#include "core/base/err.h"
#include "core/trade/snapshot.h"
#include "tests/unit/suite.h"
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

static struct snapshot_page page = { .magic = SNAPSHOT_MAGIC };
static _Atomic bool stop;

static void *writer(void *arg)
{
	static struct snapshot_body b = { .n_instances = SNAPSHOT_INSTANCES };
	(void)arg;
	for (uint64_t k = 1; !atomic_load(&stop); k++) {
		b.turns = b.quotes = b.receipts = b.script_kills = k;
		b.instance[SNAPSHOT_INSTANCES - 1].spread = (double)k;
		snapshot_write(&page, &b);
		for (volatile int pause = 0; pause < 2000; pause++) /* a reader gets its turn */
			;
	}
	return NULL;
}

START_TEST(test_whole)
{
	pthread_t t;
	static struct snapshot_body b;
	uint64_t last = 0;
	int good = 0;
	ck_assert_int_eq(pthread_create(&t, NULL, writer, NULL), 0);
	for (int i = 0; i < 20000; i++) {
		if (snapshot_read(&page, &b))
			continue;
		good++;
		EXPECT(b.turns == b.quotes && b.turns == b.receipts && b.turns == b.script_kills);
		EXPECT((uint64_t)b.instance[SNAPSHOT_INSTANCES - 1].spread == b.turns);
		EXPECT(b.turns >= last);
		last = b.turns;
	}
	atomic_store(&stop, true);
	pthread_join(t, NULL);
	ck_assert_int_gt(good, 100);
}
END_TEST

START_TEST(test_torn_and_foreign)
{
	static struct snapshot_page p;
	struct snapshot_body b = { .turns = 5 };
	ck_assert_int_eq(snapshot_read(&p, &b), -ERR_CORRUPT);
	p.magic = SNAPSHOT_MAGIC;
	snapshot_write(&p, &b);
	atomic_store(&p.lock, 7); /* its writer was killed in the middle */
	ck_assert_int_eq(snapshot_read(&p, &b), -ERR_BUSY);
	b.turns = 6;
	snapshot_write(&p, &b); /* the successor mends it */
	ck_assert_int_eq(snapshot_read(&p, &b), 0);
	ck_assert_uint_eq(b.turns, 6);
}
END_TEST

SUITE("snapshot", test_whole, test_torn_and_foreign)
