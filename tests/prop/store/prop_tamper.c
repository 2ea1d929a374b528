/* Proves on stores on disk that what is changed through the database's own API, checksums and all, is found, whichever family it is in; that a damaged byte of its files
 * never makes a store pass with less in it; and that an honest store passes. The long run tries 2,000; TANDEM_TRIALS sets how many of each. Every trial is a process of its
 * own that is given a time: what a damaged database makes spin is ended. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/base/rng.h"
#include "store/index.h"
#include "store/kv.h"
#include "store/seal.h"
#include "store/store.h"
#include "store/verify.h"
#include "tests/prop/store/fixture.h"
#include "tests/unit/store/folder.h"
#include <dirent.h>
#include <fcntl.h>
#include <rocksdb/c.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>

#define TRIALS	 20
#define LONG	 667 /* of each of three */
#define PATIENCE 20  /* seconds */

enum { EXIT_CAUGHT = 0, EXIT_SAME = 40, EXIT_MISSED = 41 };

static bool may_be_harmless; /* what was done need not be found, if all is there */
/* ---- looking */

static int look(const char *path, const char *checkpoint, struct verify_report *out)
{
	struct verify_options o = {
		.path = path, .key = fixture.pub, .checkpoint = checkpoint, .jobs = 2
	};
	return verify_store(&o, out);
}

/* And so does its copy, which is what the trials work on. */
static void expect_honest(void *arg)
{
	static struct verify_report r;
	int rc = look(arg, fixture.outside, &r);
	if (!rc) {
		fixture_copy(arg, fixture.work);
		rc = look(fixture.work, fixture.outside, &r);
	}
	if (rc)
		fprintf(stderr, "%s\n", err_text());
	fixture_need(rc == 0 && r.n_faults == 0 && r.last > FIXTURE_FACTS && r.blocks > 0 &&
			     r.texts == 1 && r.names > 0 && r.inputs == 2,
		     "an honest store");
}

/* ---- changing it through the database's own API */

static rocksdb_t *db;
static rocksdb_column_family_handle_t *family[kv_family_max];
static const char *const family_name[] = { "default", "receipts", "index", "names",
					   "state",   "blocks",	  "tiles", "inputs" };
_Static_assert(sizeof family_name / sizeof *family_name == kv_family_max, "each by its name");
static rocksdb_writeoptions_t *write_options;
static rocksdb_readoptions_t *read_options;

static void open_raw(void)
{
	char path[160], *text = NULL;
	const rocksdb_options_t *options[kv_family_max];
	snprintf(path, sizeof path, "%s/db", fixture.work);
	for (int i = 0; i < kv_family_max; i++)
		options[i] = rocksdb_options_create();
	db = rocksdb_open_column_families(options[0], path, kv_family_max, family_name, options,
					  family, &text);
	fixture_need(!text, text ? text : "");
	write_options = rocksdb_writeoptions_create();
	read_options = rocksdb_readoptions_create();
}

static void close_raw(void)
{
	for (int i = 0; i < kv_family_max; i++)
		rocksdb_column_family_handle_destroy(family[i]);
	rocksdb_close(db);
}

struct item {
	uint8_t key[256], *value;
	size_t n, len;
};

/* The at-th key of a family, from a random one on: its own copy. */
static bool any_item(struct rng *r, enum kv_family f, struct item *out)
{
	rocksdb_iterator_t *it = rocksdb_create_iterator_cf(db, read_options, family[f]);
	uint64_t n = 0;
	for (rocksdb_iter_seek_to_first(it); rocksdb_iter_valid(it); rocksdb_iter_next(it))
		n++;
	uint64_t at = n ? rng_below(r, n) : 0;
	for (rocksdb_iter_seek_to_first(it); n && at; rocksdb_iter_next(it))
		at--;
	if (n) {
		const char *k = rocksdb_iter_key(it, &out->n);
		memcpy(out->key, k, out->n);
		const char *v = rocksdb_iter_value(it, &out->len);
		out->value = malloc(out->len + 64);
		memcpy(out->value, v, out->len);
	}
	rocksdb_iter_destroy(it);
	return n > 0;
}

static void put(enum kv_family f, const struct item *i)
{
	char *text = NULL;
	rocksdb_put_cf(db, write_options, family[f], (const char *)i->key, i->n,
		       (const char *)i->value, i->len, &text);
	fixture_need(!text, "put");
}

static void drop(enum kv_family f, const struct item *i)
{
	char *text = NULL;
	rocksdb_delete_cf(db, write_options, family[f], (const char *)i->key, i->n, &text);
	fixture_need(!text, "delete");
}

static bool flip_value(struct rng *r, enum kv_family f)
{
	struct item i;
	if (!any_item(r, f, &i) || !i.len)
		return false;
	i.value[rng_below(r, i.len)] ^= (uint8_t)(1u << rng_below(r, 8));
	put(f, &i);
	return true;
}

static bool drop_key(struct rng *r, enum kv_family f)
{
	struct item i;
	if (!any_item(r, f, &i))
		return false;
	drop(f, &i);
	return true;
}

static bool insert_key(struct rng *r, enum kv_family f)
{
	struct item i, there;
	if (!any_item(r, f, &i) || !i.n)
		return false;
	do
		i.key[rng_below(r, i.n)] ^= (uint8_t)(1u << rng_below(r, 8));
	while (i.key[0] == INDEX_TIME); /* one more span of time hides nothing */
	char *text = NULL, *old = rocksdb_get_cf(db, read_options, family[f], (const char *)i.key,
						 i.n, &there.len, &text);
	if (old)
		return false;
	put(f, &i);
	return true;
}

static bool swap_values(struct rng *r, enum kv_family f)
{
	struct item a, b;
	if (!any_item(r, f, &a) || !any_item(r, f, &b) ||
	    (a.len == b.len && memcmp(a.value, b.value, a.len) == 0))
		return false;
	struct item c = a;
	a.value = b.value;
	a.len = b.len;
	b.value = c.value;
	b.len = c.len;
	put(f, &a);
	put(f, &b);
	return true;
}

static bool shorten(struct rng *r, enum kv_family f)
{
	struct item i;
	if (!any_item(r, f, &i) || !i.len)
		return false;
	i.value[i.len] = 1;
	i.len = rng_chance(r, 500000) ? (size_t)rng_below(r, i.len) : i.len + 1;
	put(f, &i);
	return true;
}

/* The last receipts, and every tile and posting that could tell of them is left or not: the root does. */
static bool cut_receipts(struct rng *r)
{
	rocksdb_iterator_t *it = rocksdb_create_iterator_cf(db, read_options, family[KV_RECEIPTS]);
	unsigned n = (unsigned)rng_range(r, 1, 600);
	for (rocksdb_iter_seek_to_last(it); rocksdb_iter_valid(it) && n; n--) {
		struct item i;
		memcpy(i.key, rocksdb_iter_key(it, &i.n), 8);
		i.n = 8;
		drop(KV_RECEIPTS, &i);
		rocksdb_iter_prev(it);
	}
	rocksdb_iter_destroy(it);
	return true;
}

/* Everything anew and consistent, signed by another key of the same name, which the store is made to believe. */
static void fork_all(struct rng *r)
{
	char forged[160];
	struct item i;
	open_raw();
	any_item(r, KV_RECEIPTS, &i);
	i.value[i.len - 1] ^= 1;
	put(KV_RECEIPTS, &i);
	rocksdb_iterator_t *it = rocksdb_create_iterator_cf(db, read_options, family[KV_TILES]);
	for (rocksdb_iter_seek_to_first(it); rocksdb_iter_valid(it); rocksdb_iter_next(it)) {
		struct item t;
		const char *k = rocksdb_iter_key(it, &t.n);
		memcpy(t.key, k, t.n);
		drop(KV_TILES, &t);
	}
	rocksdb_iter_destroy(it);
	memcpy(i.key, SEAL_NOTE, strlen(SEAL_NOTE));
	i.n = strlen(SEAL_NOTE);
	drop(KV_STATE, &i);
	close_raw();
	snprintf(forged, sizeof forged, "%s/forged.key", folder);
	unlink(forged);
	char public_half[170];
	snprintf(public_half, sizeof public_half, "%s.pub", forged);
	unlink(public_half);
	fixture_need(note_key_make(forged, "desk") == 0, "key");
	struct store *s;
	struct store_options o = {
		.path = fixture.work, .ring = folder, .ring_bytes = 1 << 20, .key = forged
	};
	fixture_need(store_open(&o, &s) == 0, "a forged store");
	fixture_need(store_close(s) == 0, "a forged store");
}

/* Of a state that is not under the root nothing is promised: what is told apart is. */
static bool guarded_state(struct rng *r, bool dropped)
{
	static const char *const keys[] = { SEAL_NOTE, "s/id", "k/source/", "s/checkpoint" };
	const unsigned which = (unsigned)rng_below(r, 4);
	const char *want = keys[which];
	struct item i = { .n = 0 };
	rocksdb_iterator_t *it = rocksdb_create_iterator_cf(db, read_options, family[KV_STATE]);
	rocksdb_iter_seek(it, want, strlen(want));
	fixture_need(rocksdb_iter_valid(it), want);
	const char *k = rocksdb_iter_key(it, &i.n);
	memcpy(i.key, k, i.n);
	const char *v = rocksdb_iter_value(it, &i.len);
	i.value = malloc(i.len);
	memcpy(i.value, v, i.len);
	rocksdb_iter_destroy(it);
	/* Without the text of a script, or the mark of a restart, a store has less comfort and no lie. */
	if (dropped && which < 2)
		drop(KV_STATE, &i);
	else {
		/* The mark may come to lie at the begin of another checkpoint, from which a restart reads as well. */
		may_be_harmless = which == 3;
		i.value[rng_below(r, i.len)] ^= (uint8_t)(1u << rng_below(r, 8));
		put(KV_STATE, &i);
	}
	return true;
}

static bool deed(struct rng *r, unsigned what)
{
	static const enum kv_family families[] = {
		KV_RECEIPTS, KV_RECEIPTS, KV_RECEIPTS, KV_INDEX,
		KV_NAMES,    KV_TILES,	  KV_BLOCKS,   KV_INPUTS
	};
	enum kv_family f = families[rng_below(r, sizeof families / sizeof *families)];
	/* A span of time that is longer than it was, or an entry told twice, hides nothing. */
	may_be_harmless = f == KV_INDEX;
	switch (what) {
	case 0:
		return flip_value(r, f);
	case 1:
		return drop_key(r, f);
	case 2:
		/* A block of which no receipt tells is what a kill leaves: told, and no fault. */
		return insert_key(r, f == KV_BLOCKS || f == KV_INPUTS ? KV_RECEIPTS : f);
	case 3:
		return swap_values(r, f == KV_BLOCKS || f == KV_INDEX ? KV_RECEIPTS : f);
	case 4:
		return shorten(r, f);
	case 5:
		return cut_receipts(r);
	case 6:
		return guarded_state(r, false);
	default:
		return guarded_state(r, true);
	}
}

struct trial {
	uint64_t seed;
	const char *from, *checkpoint;
};

static int judge(const struct trial *t)
{
	static struct verify_report r, honest;
	int rc = look(fixture.work, t->checkpoint, &r);
	if (getenv("TANDEM_TELL"))
		printf("%llu: %s\n", (unsigned long long)t->seed, rc ? err_text() : "passes");
	if (rc) {
		fflush(stdout);
		return EXIT_CAUGHT;
	}
	/* It passes: then it must be the same, to the last receipt. */
	if (look(t->from, t->checkpoint, &honest) || r.last < honest.last ||
	    r.receipts != honest.receipts || r.blocks != honest.blocks || r.names != honest.names)
		return EXIT_MISSED;
	return EXIT_SAME;
}

static void change(const struct trial *t, struct rng *r)
{
	const unsigned what = (unsigned)rng_below(r, 10);
	fixture_copy(what == 9 ? fixture.early : t->from, fixture.work);
	may_be_harmless = false;
	if (what == 9)
		return;
	if (what == 8) {
		fork_all(r);
		return;
	}
	open_raw();
	while (!deed(r, what))
		;
	close_raw();
}

static int through_api(const struct trial *t)
{
	struct rng r;
	rng_seed(&r, t->seed);
	change(t, &r);
	int code = judge(t);
	return code == EXIT_SAME && !may_be_harmless ? EXIT_MISSED : code;
}

/* ---- bytes of its files */

static int any_file(struct rng *r, char out[600])
{
	char path[160];
	snprintf(path, sizeof path, "%s/db", fixture.work);
	DIR *dir = opendir(path);
	fixture_need(dir != NULL, path);
	unsigned n = 0;
	for (struct dirent *e; (e = readdir(dir)) != NULL;) {
		const char *dot = strrchr(e->d_name, '.');
		bool data = (dot && (!strcmp(dot, ".sst") || !strcmp(dot, ".log"))) ||
			    !strncmp(e->d_name, "MANIFEST", 8) || !strcmp(e->d_name, "CURRENT");
		char one[600];
		struct stat st;
		snprintf(one, sizeof one, "%s/%s", path, e->d_name);
		if (data && stat(one, &st) == 0 && st.st_size > 0 && rng_below(r, ++n) == 0)
			strcpy(out, one);
	}
	closedir(dir);
	return n > 0;
}

static void damage(struct rng *r, const char *file)
{
	uint8_t bytes[64];
	struct stat st;
	int fd = open(file, O_RDWR);
	fixture_need(fd >= 0 && fstat(fd, &st) == 0, file);
	off_t at = (off_t)rng_below(r, (uint64_t)st.st_size);
	ssize_t n = pread(fd, bytes, sizeof bytes, at);
	switch (rng_below(r, 5)) {
	case 0:
		fixture_need(ftruncate(fd, at) == 0, file);
		break;
	case 1:
		memset(bytes, 0, sizeof bytes);
		fixture_need(pwrite(fd, bytes, (size_t)n, at) == n, file);
		break;
	case 2:
		unlink(file);
		break;
	default:
		bytes[0] ^= (uint8_t)(1u << rng_below(r, 8));
		fixture_need(pwrite(fd, bytes, 1, at) == 1, file);
		break;
	}
	close(fd);
}

static int through_bytes(const struct trial *t)
{
	struct rng r;
	char file[600];
	rng_seed(&r, t->seed);
	fixture_copy(t->from, fixture.work);
	fixture_need(any_file(&r, file), "no file");
	damage(&r, file);
	return judge(t);
}

/* ---- trials, each a process with so much time */

struct tally {
	unsigned caught, same, ended;
};

static void try_one(int (*how)(const struct trial *), const struct trial *t, struct tally *sum)
{
	int status;
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		int null = open("/dev/null", O_WRONLY);
		dup2(null, STDERR_FILENO);
		log_set_level(LOG_ERROR);
		/* The suite's own handler would end all of it. */
		signal(SIGALRM, SIG_DFL);
		alarm(PATIENCE);
		_exit(how(t));
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	ck_assert_msg(code != EXIT_MISSED, "seed %llu: it passed, and is not what was written",
		      (unsigned long long)t->seed);
	ck_assert_msg(code != FIXTURE_BROKEN, "seed %llu: the trial itself did not work",
		      (unsigned long long)t->seed);
	if (code != EXIT_CAUGHT && code != EXIT_SAME)
		printf("seed %llu: ended by %d\n", (unsigned long long)t->seed,
		       WIFSIGNALED(status) ? WTERMSIG(status) : code);
	sum->caught += code == EXIT_CAUGHT;
	sum->same += code == EXIT_SAME;
	sum->ended += code != EXIT_CAUGHT && code != EXIT_SAME;
}

static void make_all(void)
{
	fixture_names(folder);
	apart(fixture_make_base, NULL, 0);
	apart(expect_honest, fixture.base, 0);
}

static unsigned trials(void)
{
	const char *n = getenv("TANDEM_TRIALS");
	return n ? (unsigned)atoi(n) : getenv("TANDEM_LONG") ? LONG : TRIALS;
}

START_TEST(through_the_api)
{
	struct tally sum = { 0 };
	make_all();
	for (unsigned i = 0; i < trials(); i++)
		try_one(through_api, &(struct trial){ 1000 + i, fixture.base, fixture.outside },
			&sum);
	printf("api: %u caught, %u harmless, %u ended\n", sum.caught, sum.same, sum.ended);
	ck_assert_uint_eq(sum.ended, 0);
}
END_TEST

START_TEST(bytes_of_a_closed_store)
{
	struct tally sum = { 0 };
	make_all();
	for (unsigned i = 0; i < trials(); i++)
		try_one(through_bytes, &(struct trial){ 2000 + i, fixture.base, fixture.outside },
			&sum);
	printf("bytes, closed: %u caught, %u harmless, %u ended\n", sum.caught, sum.same,
	       sum.ended);
}
END_TEST

/* Receipts of a killed host are in the log of the database alone. */
START_TEST(bytes_of_a_killed_store)
{
	struct tally sum = { 0 };
	fixture_names(folder);
	apart(fixture_make_killed, NULL, SIGKILL);
	apart(expect_honest, fixture.killed, 0);
	for (unsigned i = 0; i < trials(); i++)
		try_one(through_bytes, &(struct trial){ 3000 + i, fixture.killed, fixture.outside },
			&sum);
	printf("bytes, killed: %u caught, %u harmless, %u ended\n", sum.caught, sum.same,
	       sum.ended);
}
END_TEST

FOLDER_SUITE("tamper", through_the_api, bytes_of_a_closed_store, bytes_of_a_killed_store)
