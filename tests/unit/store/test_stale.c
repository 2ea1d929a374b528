/* Proves which journal rings are taken away when another store is opened: those of deleted stores, and never one that a host or a store may still need. */
#include "core/base/err.h"
#include "store/place.h"
#include "store/ring_file.h"
#include "store/stale.h"
#include "store/store.h"
#include "tests/unit/store/folder.h"
#include <sys/stat.h>

#define DAY_S 86400
#define NOW_S 1000000

static const uint8_t id[RING_FILE_ID] = "a store";
static char own[96], ring[96], store[80];

/* A ring of `facts` facts, of which so many are in the database, beside our own; and the folder of its store. */
static void make(uint64_t facts, uint64_t drained)
{
	struct ring_file r;
	struct ring_owner o = { .folder = "" };
	struct stat st;
	snprintf(own, sizeof own, "%s/" PLACE_RING_NAME "own", folder, (unsigned)geteuid());
	snprintf(ring, sizeof ring, "%s/" PLACE_RING_NAME "other", folder, (unsigned)geteuid());
	snprintf(store, sizeof store, "%s/store", folder);
	snprintf(o.folder, sizeof o.folder, "%s", store);
	ck_assert_int_eq(mkdir(store, 0700), 0);
	ck_assert_int_eq(stat(store, &st), 0);
	o.device = (uint64_t)st.st_dev;
	ck_assert_int_eq(ring_file_create(&r, ring, id, 64 * RING_FILE_SLOT_BYTES, 0), 0);
	struct fact f = { .kind = FACT_ALERT };
	for (uint64_t n = 0; n < facts; n++)
		ring_file_append(&r, &f);
	ring_file_set_drained(&r, drained);
	ring_file_set_owner(&r, &o);
	ring_file_close(&r);
}

static bool stands(void)
{
	return access(ring, F_OK) == 0;
}

/* Somebody else starts, at that time. */
static void start_at(int64_t now_s)
{
	unsigned went = stale_rings(own, "/some/store", now_s);
	ck_assert_uint_eq(went, !stands());
}

static void change(void (*fn)(struct ring_owner *o))
{
	struct ring_file r;
	struct ring_owner o;
	ck_assert_int_eq(ring_file_owner(ring, &o), 0);
	fn(&o);
	ck_assert_int_eq(ring_file_open(&r, ring, id), 0);
	ring_file_set_owner(&r, &o);
	ring_file_close(&r);
}

START_TEST(of_a_deleted_store_it_goes)
{
	make(3, 3);
	start_at(NOW_S);
	ck_assert(stands()); /* its store is there */
	ck_assert_int_eq(rmdir(store), 0);
	ck_assert_uint_eq(stale_rings(ring, "/some/store", NOW_S), 0);
	ck_assert(stands()); /* it is the one who asks */
	ck_assert_uint_eq(stale_rings(own, folder, NOW_S), 0);
	ck_assert(stands()); /* a ring on disk lies in its store's own folder */
	start_at(NOW_S);
	ck_assert(!stands());
}
END_TEST

START_TEST(what_a_host_holds_stays)
{
	struct ring_file held;
	make(3, 3);
	ck_assert_int_eq(rmdir(store), 0);
	ck_assert_int_eq(ring_file_open(&held, ring, id), 0);
	start_at(NOW_S);
	ck_assert(stands());
	ring_file_close(&held);
	start_at(NOW_S);
	ck_assert(!stands());
}
END_TEST

/* By its store, which says anew whose it is. */
static void opened(struct ring_owner *o)
{
	o->gone_s = 0;
}

/* The store may have been moved, and would take over what only the ring has. */
START_TEST(unread_receipts_wait_for_a_day)
{
	make(3, 2);
	ck_assert_int_eq(rmdir(store), 0);
	start_at(NOW_S);
	start_at(NOW_S + DAY_S - 1);
	ck_assert(stands());
	change(opened);
	start_at(NOW_S + 10 * DAY_S);
	start_at(NOW_S + 11 * DAY_S - 1);
	ck_assert(stands());
	start_at(NOW_S + 11 * DAY_S);
	ck_assert(!stands());
}
END_TEST

static void elsewhere(struct ring_owner *o)
{
	o->device++;
}

static void unsaid(struct ring_owner *o)
{
	*o = (struct ring_owner){ .folder = "" };
}

START_TEST(what_cannot_be_told_stays)
{
	make(3, 3);
	ck_assert_int_eq(rmdir(store), 0);
	change(elsewhere); /* the file system that it lay on is not mounted */
	start_at(NOW_S);
	ck_assert(stands());
	change(unsaid); /* of an older build */
	struct ring_owner o;
	ck_assert_int_eq(ring_file_owner(ring, &o), -ERR_CORRUPT);
	start_at(NOW_S);
	ck_assert(stands());
	ck_assert_int_eq(truncate(ring, 100), 0);
	ck_assert_int_eq(ring_file_owner(ring, &o), -ERR_CORRUPT);
	start_at(NOW_S);
	ck_assert(stands());
	ck_assert_int_eq(unlink(ring), 0);
	ck_assert_int_eq(ring_file_owner(ring, &o), -ERR_NOTFOUND);
}
END_TEST

/* A host dies, its store is deleted, and another one starts. */
static void die(void *arg)
{
	struct store *s;
	struct store_options o = { .path = store, .ring = folder };
	(void)arg;
	if (store_open(&o, &s))
		_exit(1);
	raise(SIGKILL);
}

static unsigned rings(void)
{
	char command[160];
	unsigned n = 0;
	snprintf(command, sizeof command, "ls %s | grep -c tandem-ring", folder);
	FILE *p = popen(command, "r");
	ck_assert_int_eq(fscanf(p, "%u", &n), 1);
	pclose(p);
	return n;
}

static void live(void *arg)
{
	struct store *s;
	struct store_options o = { .path = arg, .ring = folder };
	if (store_open(&o, &s))
		_exit(1);
	bool alone = rings() == 1;
	if (store_close(s) || !alone)
		_exit(1);
}

START_TEST(the_next_host_tidies_up)
{
	char other[96];
	snprintf(store, sizeof store, "%s/store", folder);
	snprintf(other, sizeof other, "%s/next", folder);
	apart(die, NULL, SIGKILL);
	ck_assert_uint_eq(rings(), 1);
	nftw(store, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
	apart(live, other, 0);
}
END_TEST

FOLDER_SUITE("stale", of_a_deleted_store_it_goes, what_a_host_holds_stays,
	     unread_receipts_wait_for_a_day, what_cannot_be_told_stays, the_next_host_tidies_up)
