#include "store/inputs.h"
#include "core/base/digest.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/base/must.h"
#include "core/base/ring.h"
#include "store/inputs_parts.h"
#include "store/store_parts.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define IDLE_NS	   2000000
#define RETRY_NS   100000000
#define SETTLE_NS  500000000
#define GIVE_UP_NS 10000000000

struct kept {
	struct inputs_head *from;
	bool failed;
	struct inputs_block block;
};

struct inputs_writer {
	struct ring full, kept; /* first: they keep cache lines apart */
	struct inputs w;
	struct store *s;
	struct kv_db *db;
	char path[PLACE_PATH];
	uint8_t *map;
	uint32_t life, layout;
	uint64_t number;
	struct inputs_head *idle[INPUTS_BLOCKS];
	unsigned n_idle;
	int64_t since_ns; /* UTC, of the block that is open; 0: nobody has looked at it yet */
	struct inputs_block untold[2 * INPUTS_BLOCKS]; /* those of the host before, too */
	unsigned n_untold;
	bool failed, running;
	pthread_t thread;
	_Atomic bool stop;
};

static struct inputs_writer *of(struct inputs *w)
{
	return (struct inputs_writer *)((char *)w - offsetof(struct inputs_writer, w));
}

void inputs_key_write(uint8_t out[INPUTS_KEY], uint32_t life, uint64_t number)
{
	kv_be64(out, life);
	kv_be64(out + 8, number);
}

bool inputs_head_fits(const struct inputs_head *h, size_t n)
{
	return n >= sizeof *h && n <= INPUTS_BLOCK && h->magic == INPUTS_MAGIC &&
	       h->used <= n - sizeof *h && h->used % 8 == 0;
}

int inputs_path(char out[PLACE_PATH], const char *ring)
{
	return snprintf(out, PLACE_PATH, "%s.inputs", ring) < PLACE_PATH
		       ? 0
		       : err_set(ERR_RANGE, "the path %s is too long", ring);
}

/* ---------------------------------------------------------------- the keeper's thread */

static int put_block(struct kv_db *db, const struct inputs_head *h, struct inputs_block *out)
{
	uint8_t key[INPUTS_KEY];
	const size_t n = sizeof *h + h->used;
	inputs_key_write(key, h->life, h->number);
	int rc = kv_put(db, KV_INPUTS, key, sizeof key, h, n, false);
	if (rc)
		return rc;
	*out = (struct inputs_block){ .life = h->life,
				      .number = h->number,
				      .entries = h->entries,
				      .bytes = n,
				      .lost = h->lost,
				      .first_ns = h->first_ns,
				      .last_ns = h->last_ns };
	digest_sha256(h, n, out->digest);
	return 0;
}

static int64_t mono_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void pause_ns(int64_t ns)
{
	nanosleep(&(struct timespec){ .tv_nsec = ns }, NULL);
}

/* Tries for as long as it takes; once the end has come, for a while. */
static void keep(struct inputs_writer *x, struct inputs_head *h)
{
	struct kept k = { .from = h };
	int64_t ending_ns = 0;
	bool told = false;
	h->state =
		INPUTS_KEPT; /* as the database has it; until it is there the file says otherwise */
	while (put_block(x->db, h, &k.block)) {
		h->state = INPUTS_FULL;
		if (!told)
			log_error("the recording of inputs: %s", err_text());
		told = true;
		store_doubt(x->s);
		if (atomic_load(&x->stop) && !ending_ns)
			ending_ns = mono_ns() + GIVE_UP_NS;
		k.failed = ending_ns && mono_ns() > ending_ns;
		if (k.failed)
			break;
		pause_ns(RETRY_NS);
		h->state = INPUTS_KEPT;
	}
	must(ring_push(&x->kept, &k)); /* there is room for every block that there is */
}

static void *run(void *arg)
{
	struct inputs_writer *x = arg;
	for (;;) {
		/* Asked before: what was handed over ahead of the end is seen below. */
		bool stop = atomic_load(&x->stop);
		struct inputs_head *h;
		while (ring_pop(&x->full, &h))
			keep(x, h);
		if (stop)
			return NULL;
		pause_ns(IDLE_NS);
	}
}

/* ---------------------------------------------------------------- the engine's thread */

static void take_back(struct inputs_writer *x)
{
	struct kept k;
	while (x->n_untold < 2 * INPUTS_BLOCKS && ring_pop(&x->kept, &k)) {
		x->idle[x->n_idle++] = k.from;
		x->failed |= k.failed;
		if (!k.failed)
			x->untold[x->n_untold++] = k.block;
	}
}

static void hand_on(struct inputs_writer *x)
{
	struct inputs_head *h = x->w.now;
	h->last_ns = x->w.utc_ns;
	h->entries = x->w.entries;
	x->w.entries = 0;
	h->state = INPUTS_FULL;
	must(ring_push(&x->full, &h)); /* there is room for every block that there is */
	x->w.now = NULL;
	x->w.at = x->w.end = NULL;
}

static bool turn_over(struct inputs *w, size_t n)
{
	struct inputs_writer *x = of(w);
	if (w->now)
		hand_on(x);
	if (!x->n_idle)
		take_back(x);
	if (!x->n_idle || n > INPUTS_BLOCK - sizeof(struct inputs_head)) {
		w->lost++;
		return false;
	}
	struct inputs_head *h = x->idle[--x->n_idle];
	h->state = INPUTS_FREE; /* while it is neither the old one nor the new */
	atomic_store_explicit(&h->used, 0, memory_order_release);
	h->magic = INPUTS_MAGIC;
	h->layout = x->layout;
	h->life = x->life;
	h->number = x->number++;
	h->first_ns = h->last_ns = w->utc_ns;
	h->lost = w->lost;
	h->entries = 0;
	atomic_thread_fence(memory_order_release);
	h->state = INPUTS_OPEN;
	w->lost = 0;
	w->now = h;
	w->at = (uint8_t *)(h + 1);
	w->end = (uint8_t *)h + INPUTS_BLOCK;
	x->since_ns = 0;
	return true;
}

void inputs_on_time(struct inputs *w, int64_t utc_ns)
{
	struct inputs_writer *x = of(w);
	w->utc_ns = utc_ns;
	if (w->now && (!x->since_ns || utc_ns < x->since_ns))
		x->since_ns = utc_ns;
	else if (w->now && utc_ns - x->since_ns >= INPUTS_BLOCK_NS)
		hand_on(x);
	take_back(x);
}

bool inputs_next_block(struct inputs *w, struct inputs_block *out)
{
	struct inputs_writer *x = of(w);
	take_back(x);
	if (!x->n_untold)
		return false;
	*out = x->untold[0];
	memmove(x->untold, x->untold + 1, --x->n_untold * sizeof *x->untold);
	return true;
}

void inputs_settle(struct inputs *w)
{
	struct inputs_writer *x = of(w);
	if (w->now)
		hand_on(x);
	for (int64_t until_ns = mono_ns() + SETTLE_NS;
	     x->n_idle < INPUTS_BLOCKS && mono_ns() < until_ns; take_back(x))
		pause_ns(IDLE_NS / 4);
}

int inputs_finish(struct inputs *w)
{
	struct inputs_writer *x = of(w);
	if (!x->running)
		return 0;
	if (w->now)
		hand_on(x);
	atomic_store(&x->stop, true);
	pthread_join(x->thread, NULL);
	x->running = false;
	take_back(x);
	return x->failed ? err_set(ERR_IO, "the last of the recorded inputs could not be written; "
					   "the log says why")
			 : 0;
}

/* ---------------------------------------------------------------- opening and closing */

static uint64_t count_entries(const struct inputs_head *h)
{
	const uint8_t *at = (const uint8_t *)(h + 1), *end = at + h->used;
	uint64_t n = 0;
	while (inputs_entry_at(at, end, &at))
		n++;
	return n;
}

/* Its receipt is this host's. One that the host before had kept may have had its own already; then there are two of the same. */
static int put_again(struct inputs_writer *x, const struct inputs_head *h)
{
	struct inputs_block b;
	int rc = put_block(x->db, h, &b);
	if (rc)
		return rc;
	if (!b.entries)
		b.entries = count_entries(h);
	x->untold[x->n_untold++] = b;
	return 0;
}

/* What a killed host left: its own blocks, under their own numbers; to put one twice changes nothing. */
static int take_over(struct inputs_writer *x, int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	int rc = 0;
	if (size != (off_t)INPUTS_BLOCK * INPUTS_BLOCKS)
		return 0;
	uint8_t *was = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (was == MAP_FAILED)
		return 0;
	for (int i = 0; i < INPUTS_BLOCKS && !rc; i++) {
		const struct inputs_head *h =
			(const struct inputs_head *)(const void *)(was + (size_t)i * INPUTS_BLOCK);
		if (h->state != INPUTS_FREE && inputs_head_fits(h, INPUTS_BLOCK) && h->used)
			rc = put_again(x, h);
	}
	munmap(was, (size_t)size);
	return rc;
}

/* A host that closes in order hears things until its last receipt: the block that holds them is told of by the next. */
static int tell_last(struct inputs_writer *x)
{
	struct kv_iter *it = kv_iter_new(x->db, KV_INPUTS);
	size_t n = 0;
	if (!it)
		return err_set(ERR_NOMEM, "no memory to read inputs");
	kv_iter_last(it);
	const struct inputs_head *h =
		kv_iter_valid(it) ? (const struct inputs_head *)kv_iter_value(it, &n) : NULL;
	if (h && n >= sizeof *h) {
		struct inputs_head head;
		memcpy(&head, h, sizeof head);
		struct inputs_block *b = &x->untold[x->n_untold++];
		*b = (struct inputs_block){ .life = head.life,
					    .number = head.number,
					    .entries = head.entries,
					    .bytes = n,
					    .lost = head.lost,
					    .first_ns = head.first_ns,
					    .last_ns = head.last_ns };
		digest_sha256(h, n, b->digest);
	}
	int rc = kv_iter_error(it);
	kv_iter_free(it);
	return rc;
}

static int map_file(struct inputs_writer *x)
{
	const size_t n = (size_t)INPUTS_BLOCK * INPUTS_BLOCKS;
	int rc = inputs_path(x->path, store_ring_path(x->s));
	if (rc)
		return rc;
	int fd = open(x->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(ERR_IO, "%s: %s", x->path, strerror(errno));
	rc = take_over(x, fd);
	if (!rc && !x->n_untold)
		rc = tell_last(x);
	int e = rc ? 0 : posix_fallocate(fd, 0, (off_t)n);
	if (e)
		rc = err_set(ERR_IO, "%s: %s", x->path, strerror(e));
	x->map = rc ? MAP_FAILED
		    : mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
	close(fd);
	if (!rc && x->map == MAP_FAILED)
		rc = err_set(ERR_IO, "%s: %s", x->path, strerror(errno));
	if (rc)
		x->map = NULL;
	else
		memset(x->map, 0, n); /* touched now, so that no page is missing in a turn */
	return rc;
}

static void release(struct inputs_writer *x)
{
	if (x->map)
		munmap(x->map, (size_t)INPUTS_BLOCK * INPUTS_BLOCKS);
	ring_free(&x->full);
	ring_free(&x->kept);
	free(x);
}

int inputs_open(struct store *s, uint32_t life, uint32_t layout, struct inputs **out)
{
	struct inputs_writer *x = aligned_alloc(_Alignof(struct inputs_writer), sizeof *x);
	if (!x)
		return err_set(ERR_NOMEM, "no memory to record inputs");
	*x = (struct inputs_writer){
		.w.turn_over = turn_over, .s = s, .db = store_db(s), .life = life, .layout = layout
	};
	int rc = ring_init(&x->full, sizeof(struct inputs_head *), INPUTS_BLOCKS);
	if (!rc)
		rc = ring_init(&x->kept, sizeof(struct kept), INPUTS_BLOCKS);
	if (!rc)
		rc = map_file(x);
	for (int i = 0; i < INPUTS_BLOCKS && !rc; i++)
		x->idle[x->n_idle++] =
			(struct inputs_head *)(void *)(x->map + (size_t)i * INPUTS_BLOCK);
	if (!rc && pthread_create(&x->thread, NULL, run, x))
		rc = err_set(ERR_NOMEM, "the thread that keeps inputs cannot be started");
	if (rc) {
		release(x);
		return rc;
	}
	x->running = true;
	*out = &x->w;
	return 0;
}

void inputs_close(struct inputs *w)
{
	if (!w)
		return;
	struct inputs_writer *x = of(w);
	if (inputs_finish(w))
		log_error("%s", err_text());
	else
		unlink(x->path); /* all of it is in the database */
	release(x);
}
