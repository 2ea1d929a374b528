/* Proves that a reader finds every receipt by sequence, time, pair, order, instance, kind and cause, beside a running host, after its death, and as they come. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "store/reader.h"
#include "store/store.h"
#include "tests/unit/store/facts.h"
#include "tests/unit/store/folder.h"
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#define SECOND 1000000000LL

static char path[96];

static struct store *open_store(void)
{
	log_set_level(LOG_ERROR);
	snprintf(path, sizeof(path), "%s/store", folder);
	struct store_options o = { .path = path, .ring_bytes = 4096 * 448 };
	struct store *s;
	int rc = store_open(&o, &s);
	ck_assert_msg(rc == 0, "%s", err_text());
	return s;
}

static struct reader *open_reader(void)
{
	struct reader *r;
	int rc = reader_open(path, &r);
	ck_assert_msg(rc == 0, "%s", err_text());
	return r;
}

/* Small ids, so that everything has several receipts; a clock that once steps back. */
static struct fact made(struct rng *rng, uint64_t n)
{
	struct fact f;
	fact_init(&f, (enum fact_kind)rng_range(rng, FACT_VENUE, FACT_FILL));
	f.pair = rng_below(rng, 20);
	f.order = rng_below(rng, 50);
	f.instance = (uint32_t)rng_below(rng, 3);
	f.venue = (uint32_t)rng_below(rng, 3);
	f.account = (uint32_t)rng_below(rng, 3);
	f.instrument = (uint32_t)rng_below(rng, 3);
	f.cause = n > 1 ? rng_below(rng, 30) : 0;
	f.utc_ns = 1700000000 * SECOND + (int64_t)n * 3000000 - (n > 1500 ? 2 * SECOND : 0);
	return f;
}

static void fill(struct store *s, struct fact *kept, uint64_t from, uint64_t to, uint64_t seed)
{
	struct rng rng;
	rng_seed(&rng, seed);
	struct journal *j = store_journal(s);
	for (uint64_t n = from; n <= to; n++) {
		kept[n] = made(&rng, n);
		while (j->ops->append(j, &kept[n]) == 0)
			nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
		EXPECT(kept[n].seq == n);
	}
}

/* The naive answer, from the facts themselves. */
static bool naive(const struct reader_filter *q, const struct fact *f)
{
	return f->seq >= q->seq_from && (!q->seq_to || f->seq <= q->seq_to) &&
	       (!q->utc_from || f->utc_ns >= q->utc_from) &&
	       (!q->utc_to || f->utc_ns <= q->utc_to) && (!q->pair || f->pair == q->pair) &&
	       (!q->order || f->order == q->order) &&
	       (!q->instance || f->instance == q->instance) &&
	       (!q->venue || f->venue == q->venue) && (!q->account || f->account == q->account) &&
	       (!q->instrument || f->instrument == q->instrument) &&
	       (!q->kind || f->kind == q->kind) && (!q->cause || f->cause == q->cause);
}

static void check(struct reader *r, const struct reader_filter *q, const struct fact *kept,
		  uint64_t last)
{
	struct reader_walk *w;
	struct fact f;
	ck_assert_msg(reader_walk_open(r, q, &w) == 0, "%s", err_text());
	for (uint64_t n = 1; n <= last; n++) {
		if (!naive(q, &kept[n]))
			continue;
		int rc = reader_walk_next(w, &f);
		EXPECT_MSG(rc == 1, "receipt %llu is missing (%d)", (unsigned long long)n, rc);
		EXPECT_MSG(memcmp(&f, &kept[n], sizeof(f)) == 0, "got receipt %llu instead of %llu",
			   (unsigned long long)f.seq, (unsigned long long)n);
	}
	EXPECT(reader_walk_next(w, &f) == 0);
	reader_walk_close(w);
}

/* Random restrictions, alone and together. */
static void check_many(struct reader *r, const struct fact *kept, uint64_t last, uint64_t seed)
{
	struct rng rng;
	rng_seed(&rng, seed);
	ck_assert_uint_eq(reader_last(r), last);
	for (int i = 0; i < 150; i++) {
		struct reader_filter q = { 0 };
		if (rng_chance(&rng, 200000))
			q.pair = (uint64_t)rng_range(&rng, 1, 20);
		if (rng_chance(&rng, 200000))
			q.order = (uint64_t)rng_range(&rng, 1, 50);
		if (rng_chance(&rng, 200000))
			q.kind = (uint16_t)rng_range(&rng, FACT_VENUE, FACT_FILL + 1);
		if (rng_chance(&rng, 200000))
			q.instance = (uint32_t)rng_range(&rng, 1, 3);
		if (rng_chance(&rng, 100000))
			q.venue = q.account = 1;
		if (rng_chance(&rng, 100000))
			q.instrument = 2;
		if (rng_chance(&rng, 100000))
			q.cause = (uint64_t)rng_range(&rng, 1, 30);
		if (rng_chance(&rng, 300000))
			q.seq_from = rng_below(&rng, last + 10);
		if (rng_chance(&rng, 300000))
			q.seq_to = q.seq_from + rng_below(&rng, last);
		if (rng_chance(&rng, 200000))
			q.utc_from = kept[rng_range(&rng, 1, (int64_t)last)].utc_ns;
		if (rng_chance(&rng, 200000))
			q.utc_to = kept[rng_range(&rng, 1, (int64_t)last)].utc_ns;
		check(r, &q, kept, last);
	}
}

static struct fact *room(uint64_t n)
{
	return calloc(n + 1, sizeof(struct fact));
}

START_TEST(closed_store)
{
	struct fact *kept = room(3000);
	struct store *s = open_store();
	fill(s, kept, 1, 3000, 1);
	ck_assert_int_eq(store_close(s), 0);
	struct reader *r = open_reader();
	ck_assert_int_eq(reader_host(r), 0);
	check_many(r, kept, 3000, 11);
	struct fact f;
	ck_assert_int_eq(reader_get(r, 1234, &f), 0);
	ck_assert_mem_eq(&f, &kept[1234], sizeof(f));
	ck_assert_int_eq(reader_get(r, 3001, &f), -ERR_NOTFOUND);
	reader_close(r);
	free(kept);
}
END_TEST

START_TEST(beside_a_running_host)
{
	struct fact *kept = room(3500);
	struct store *s = open_store();
	fill(s, kept, 1, 1000, 2);
	struct reader *r = open_reader();
	ck_assert_int_eq(reader_host(r), getpid());
	check_many(r, kept, 1000, 12);
	/* Two thousand more: what it sees stands still until it is told to look again. */
	fill(s, kept, 1001, 3000, 3);
	ck_assert_uint_eq(reader_last(r), 1000);
	ck_assert_int_eq(reader_refresh(r), 0);
	check_many(r, kept, 3000, 13);
	/* The host ends and another begins: the reader stays with the store. */
	ck_assert_int_eq(store_close(s), 0);
	ck_assert_int_eq(reader_refresh(r), 0);
	check_many(r, kept, 3000, 14);
	s = open_store();
	fill(s, kept, 3001, 3500, 4);
	ck_assert_int_eq(reader_refresh(r), 0);
	check_many(r, kept, 3500, 15);
	reader_close(r);
	ck_assert_int_eq(store_close(s), 0);
	free(kept);
}
END_TEST

struct killed_run {
	uint64_t from;
	struct fact kept[2701];
};

static void fill_and_die(void *arg)
{
	struct killed_run *k = arg;
	fill(open_store(), k->kept, k->from, k->from + 899, k->from);
	raise(SIGKILL);
}

static void read_after_death(void *arg)
{
	struct killed_run *k = arg;
	struct reader *r = open_reader();
	check_many(r, k->kept, k->from + 899, 40 + k->from);
	reader_close(r);
}

static void end_well(void *arg)
{
	(void)arg;
	ck_assert_int_eq(store_close(open_store()), 0);
}

/* A host that dies right after it appended: the last receipts are in the ring only. */
START_TEST(after_a_kill)
{
	struct killed_run *k =
		mmap(NULL, sizeof(*k), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	snprintf(path, sizeof(path), "%s/store", folder);
	for (k->from = 1; k->from < 2700; k->from += 900) {
		apart(fill_and_die, k, SIGKILL);
		apart(read_after_death, k, 0);
	}
	apart(end_well, NULL, 0); /* takes the ring away */
	munmap(k, sizeof(*k));
}
END_TEST

START_TEST(names_and_pairs)
{
	struct store *s = open_store();
	struct journal *j = store_journal(s);
	uint32_t id;
	bool is_new;
	ck_assert_int_eq(store_name(s, NAME_VENUE, "alpha", &id, &is_new), 0);
	struct fact f = facts_plain(FACT_NAME, 0, 0, 1);
	f.num[0] = NAME_VENUE;
	f.num[1] = id;
	fact_text(&f, "alpha");
	j->ops->append(j, &f);
	for (uint64_t n = 0; n < 3000; n++) {
		f = facts_plain(FACT_PAIR, 1 + n / 3, 0, 1);
		f.num[1] = 1;
		while (j->ops->append(j, &f) == 0)
			nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
	}
	/* A checkpoint says again where the first two stand. */
	for (uint64_t n = 2; n > 0; n--) {
		f = facts_plain(FACT_PAIR, n, 0, 1);
		ck_assert_uint_gt(j->ops->append(j, &f), 0);
	}
	struct reader *r = open_reader();
	ck_assert_str_eq(reader_name(r, NAME_VENUE, id), "alpha");
	ck_assert_uint_eq(reader_name_find(r, NAME_VENUE, "alpha"), id);
	ck_assert_ptr_null(reader_name(r, NAME_VENUE, 0));
	ck_assert_uint_eq(reader_name_find(r, NAME_VENUE, "beta"), 0);
	uint64_t pair[1000];
	uint32_t n;
	ck_assert_int_eq(reader_last_pairs(r, pair, 5, &n), 0);
	ck_assert_uint_eq(n, 5);
	for (uint32_t i = 0; i < n; i++)
		ck_assert_uint_eq(pair[i], 1000 - i);
	ck_assert_int_eq(reader_last_pairs(r, pair, 1000, &n), 0);
	ck_assert_uint_eq(n, 1000);
	ck_assert_uint_eq(pair[999], 1);
	reader_close(r);
	ck_assert_int_eq(store_close(s), 0);
}
END_TEST

/* Everything once and in order, by walks that each begin where the one before saw the end. 0: so it was up to `until`. */
static int look_on(struct reader *r, uint64_t until)
{
	uint64_t next = 1;
	while (next <= until) {
		struct reader_filter from = { .seq_from = next };
		struct reader_walk *w;
		struct fact f;
		if (reader_walk_open(r, &from, &w))
			return 1;
		while (reader_walk_next(w, &f) > 0 && f.seq == next)
			next++;
		reader_walk_close(w);
		if (next != reader_last(r) + 1 || reader_refresh(r))
			return 2;
	}
	return 0;
}

/* Its own process: it must see what another one writes. */
static void follow(void)
{
	struct reader *r = NULL;
	while (reader_open(path, &r))
		nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
	int rc = look_on(r, 5000);
	reader_close(r);
	_exit(rc);
}

START_TEST(follows)
{
	snprintf(path, sizeof(path), "%s/store", folder);
	pid_t child = fork();
	if (child == 0)
		follow();
	struct store *s = open_store();
	struct journal *j = store_journal(s);
	for (uint64_t n = 1; n <= 5000; n++) {
		struct fact f = facts_plain(FACT_FILL, 1, n, (int64_t)n);
		while (j->ops->append(j, &f) == 0)
			nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
		if (n % 500 == 0)
			nanosleep(&(struct timespec){ .tv_nsec = 30000000 }, NULL);
	}
	int status;
	waitpid(child, &status, 0);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	ck_assert_int_eq(store_close(s), 0);
}
END_TEST

START_TEST(no_store)
{
	struct reader *r;
	snprintf(path, sizeof(path), "%s/nothing", folder);
	ck_assert_int_eq(reader_open(path, &r), -ERR_NOTFOUND);
	ck_assert_ptr_nonnull(strstr(err_text(), path));
	ck_assert_int_eq(reader_open(folder, &r), -ERR_NOTFOUND);
}
END_TEST

FOLDER_SUITE("reader", closed_store, beside_a_running_host, after_a_kill, names_and_pairs, follows,
	     no_store)
