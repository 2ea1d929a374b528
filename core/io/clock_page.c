#include "core/io/clock_page.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MAGIC	 0x4b434c434d444e54ull /* "TNDMCLCK" */
#define VERSION	 2
#define SPINS	 64	/* looks at the bell before giving the processor away */
#define YIELDS	 30	/* times that it is given away before sleeping */
#define YIELD_NS 500000 /* it came back later than this: others need it, so */
#define HUSHED	 256	/* sleep at once so many times */
#define SPEED_1	 1000u

/* A line of time: virtual = mono + (machine - real) * speed_milli / 1000. */
struct base {
	_Atomic int64_t mono, utc, real;
	_Atomic uint32_t speed_milli, mode;
};

/* One connection. Each side writes its own counters, and resets them before its state leaves
 * NONE. */
struct conn {
	_Alignas(64) _Atomic uint64_t
		word; /* key << 16 | host's state << 8 | venue's state; 0: free */
	_Atomic uint64_t rx[clock_role_max], tx[clock_role_max];
};

struct clock_shared {
	_Atomic uint64_t magic;
	uint32_t version, bytes;
	/* Two lines of time, the newer one is base[now & 1]: a venue killed while writing leaves
	 * the other whole. */
	_Alignas(64) _Atomic uint64_t now;
	struct base base[2];
	_Alignas(64) _Atomic uint32_t epoch[clock_role_max];
	_Atomic uint32_t port[CLOCK_PORTS];  /* of the venue's listeners */
	_Alignas(64) _Atomic uint64_t steps; /* by the venue */
	/* The host: even is busy, odd is idle; then its other words hold. */
	_Alignas(64) _Atomic uint64_t idle;
	_Atomic uint64_t idle_step; /* the step up to which it has done all */
	_Atomic int64_t next_timer;
	_Alignas(64) _Atomic uint32_t bell[clock_role_max];
	_Atomic uint32_t waiting[clock_role_max];
	struct conn conn[CLOCK_CONNS];
};

/* ---------------------------------------------------------------- time */

static int64_t machine_ns(clockid_t id)
{
	struct timespec t;
	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

struct line {
	int64_t mono, utc, real;
	uint32_t speed_milli, mode;
};

static struct line line_read(const struct clock_shared *s)
{
	struct line l;
	uint64_t now, again = atomic_load_explicit(&s->now, memory_order_acquire);
	do {
		now = again;
		const struct base *b = &s->base[now & 1];
		l.mono = atomic_load_explicit(&b->mono, memory_order_relaxed);
		l.utc = atomic_load_explicit(&b->utc, memory_order_relaxed);
		l.real = atomic_load_explicit(&b->real, memory_order_relaxed);
		l.speed_milli = atomic_load_explicit(&b->speed_milli, memory_order_relaxed);
		l.mode = atomic_load_explicit(&b->mode, memory_order_relaxed);
		atomic_thread_fence(memory_order_acquire);
		again = atomic_load_explicit(&s->now, memory_order_relaxed);
	} while (again != now);
	return l;
}

static void line_write(struct clock_shared *s, const struct line *l)
{
	uint64_t now = atomic_load_explicit(&s->now, memory_order_relaxed) + 1;
	struct base *b = &s->base[now & 1];
	/* A reader that sees any of these sees `now` moved on, too. */
	atomic_thread_fence(memory_order_release);
	atomic_store_explicit(&b->mono, l->mono, memory_order_relaxed);
	atomic_store_explicit(&b->utc, l->utc, memory_order_relaxed);
	atomic_store_explicit(&b->real, l->real, memory_order_relaxed);
	atomic_store_explicit(&b->speed_milli, l->speed_milli, memory_order_relaxed);
	atomic_store_explicit(&b->mode, l->mode, memory_order_relaxed);
	atomic_store_explicit(&s->now, now, memory_order_release);
}

static int64_t scale(int64_t a, int64_t mul, int64_t div)
{
	__int128 v = (__int128)a * mul / div;
	return v > INT64_MAX ? INT64_MAX : (int64_t)v;
}

/* The line, brought to this instant. */
static struct line line_now(const struct clock_shared *s)
{
	struct line l = line_read(s);
	if (l.mode == CLOCK_STEP)
		return l;
	int64_t real = machine_ns(CLOCK_MONOTONIC);
	int64_t gone = scale(real - l.real, l.speed_milli, SPEED_1);
	l.mono += gone;
	l.utc += gone;
	l.real = real;
	return l;
}

void clock_page_now(const struct clock_page *c, int64_t *mono_ns, int64_t *utc_ns)
{
	struct line l = line_now(c->shared);
	*mono_ns = l.mono;
	*utc_ns = l.utc;
}

enum clock_mode clock_page_mode(const struct clock_page *c)
{
	return (enum clock_mode)line_read(c->shared).mode;
}

int64_t clock_page_real_wait(const struct clock_page *c, int64_t virtual_ns)
{
	struct line l = line_read(c->shared);
	if (l.mode == CLOCK_STEP)
		return INT64_MAX;
	return scale(virtual_ns, SPEED_1, l.speed_milli);
}

int clock_page_set_real(struct clock_page *c, uint32_t speed_milli)
{
	if (speed_milli < 1 || speed_milli > 1000000)
		return err_set(ERR_RANGE,
			       "a clock's speed is from 0.001 to 1000, not %u thousandths",
			       speed_milli);
	struct line l = line_now(c->shared);
	l.real = machine_ns(CLOCK_MONOTONIC);
	l.mode = CLOCK_REAL;
	l.speed_milli = speed_milli;
	line_write(c->shared, &l);
	clock_page_ring(c);
	return 0;
}

void clock_page_set_step(struct clock_page *c)
{
	struct line l = line_now(c->shared);
	l.mode = CLOCK_STEP;
	line_write(c->shared, &l);
	clock_page_ring(c);
}

void clock_page_step_to(struct clock_page *c, int64_t mono_ns)
{
	struct line l = line_read(c->shared);
	must(l.mode == CLOCK_STEP);
	if (mono_ns <= l.mono)
		return;
	l.utc += mono_ns - l.mono;
	l.mono = mono_ns;
	line_write(c->shared, &l);
	/* After the time: a host that has seen this step has seen the time. */
	atomic_fetch_add_explicit(&c->shared->steps, 1, memory_order_release);
	clock_page_ring(c);
}

void clock_page_set_utc(struct clock_page *c, int64_t utc_ns)
{
	struct line l = line_now(c->shared);
	l.utc = utc_ns;
	line_write(c->shared, &l);
	clock_page_ring(c);
}

void clock_page_run_on(struct clock_page *c)
{
	struct line l = line_read(c->shared);
	if (l.mode != CLOCK_STEP)
		return;
	l.mode = CLOCK_REAL;
	l.speed_milli = SPEED_1;
	l.real = machine_ns(CLOCK_MONOTONIC);
	line_write(c->shared, &l);
}

/* ---------------------------------------------------------------- opening */

/* Byte `role` of the file is locked by whoever plays it. Such a lock belongs to the open file:
 * it ends with the process. */
static int lock_role(int fd, int role, int cmd, struct flock *f)
{
	*f = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = role, .l_len = 1 };
	return fcntl(fd, cmd, f);
}

bool clock_page_other_alive(const struct clock_page *c)
{
	struct flock f;
	return lock_role(c->fd, c->role ^ 1, F_OFD_GETLK, &f) == 0 && f.l_type != F_UNLCK;
}

static int attach(struct clock_page *c, const char *path)
{
	struct flock f;
	if (lock_role(c->fd, c->role, F_OFD_SETLK, &f) != 0)
		return err_set(ERR_BUSY, "clock page %s: another %s is using it", path,
			       c->role == CLOCK_HOST ? "host" : "venue");
	void *p = mmap(NULL, sizeof(struct clock_shared), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_POPULATE, c->fd, 0);
	if (p == MAP_FAILED)
		return err_set(ERR_IO, "clock page %s: %s", path, strerror(errno));
	c->shared = p;
	return 0;
}

static bool is_page(const struct clock_shared *s)
{
	return atomic_load_explicit(&s->magic, memory_order_acquire) == MAGIC &&
	       s->version == VERSION && s->bytes == sizeof(*s);
}

static uint64_t state_mask(int role)
{
	return role == CLOCK_HOST ? 0xff00u : 0xffu;
}

/* What this side's last life left behind. */
static void forget_past(struct clock_page *c)
{
	struct clock_shared *s = c->shared;
	for (int i = 0; i < CLOCK_CONNS; i++)
		clock_page_conn_state(c, i, CLOCK_CONN_NONE);
	if (c->role == CLOCK_VENUE)
		for (int i = 0; i < CLOCK_PORTS; i++)
			atomic_store(&s->port[i], 0);
	else
		clock_page_host_busy(c);
	atomic_fetch_add(&s->epoch[c->role], 1);
	c->bell_seen = atomic_load(&s->bell[c->role]);
}

static int new_handle(const char *path, int flags, enum clock_role role, struct clock_page **out)
{
	struct clock_page *c = calloc(1, sizeof(*c));
	if (!c)
		return err_set(ERR_NOMEM, "no memory for a clock page");
	c->role = (uint8_t)role;
	c->fd = open(path, flags | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (c->fd < 0) {
		int e = errno;
		free(c);
		return err_set(e == ENOENT ? ERR_NOTFOUND : ERR_IO, "clock page %s: %s", path,
			       strerror(e));
	}
	*out = c;
	return 0;
}

static int make_page(struct clock_page *c, const char *path, int64_t utc_ns)
{
	/* Not sparse: a full disk must be an error here and not a SIGBUS later. */
	int e = posix_fallocate(c->fd, 0, sizeof(struct clock_shared));
	if (e)
		return err_set(ERR_IO, "clock page %s: %s", path, strerror(e));
	int rc = attach(c, path);
	if (rc)
		return rc;
	struct clock_shared *s = c->shared;
	bool again = is_page(s);
	struct line l = { .mono = machine_ns(CLOCK_MONOTONIC), .mode = CLOCK_REAL };
	if (again) {
		l = line_now(s);
	} else {
		atomic_store(&s->magic, 0);
		memset(s, 0, sizeof(*s));
	}
	l.real = machine_ns(CLOCK_MONOTONIC);
	l.utc = utc_ns ? utc_ns : machine_ns(CLOCK_REALTIME);
	l.mode = CLOCK_REAL;
	l.speed_milli = SPEED_1;
	line_write(s, &l);
	s->version = VERSION;
	s->bytes = sizeof(*s);
	forget_past(c);
	atomic_store_explicit(&s->magic, MAGIC, memory_order_release);
	return 0;
}

int clock_page_create(const char *path, int64_t utc_ns, struct clock_page **out)
{
	struct clock_page *c;
	int rc = new_handle(path, O_CREAT, CLOCK_VENUE, &c);
	if (rc)
		return rc;
	rc = make_page(c, path, utc_ns);
	if (rc)
		clock_page_close(c);
	else
		*out = c;
	return rc;
}

int clock_page_open(const char *path, struct clock_page **out)
{
	struct clock_page *c;
	int rc = new_handle(path, 0, CLOCK_HOST, &c);
	if (rc)
		return rc;
	struct stat st;
	if (fstat(c->fd, &st) != 0 || st.st_size < (off_t)sizeof(struct clock_shared))
		rc = err_set(ERR_CORRUPT, "%s is not a clock page", path);
	if (!rc)
		rc = attach(c, path);
	if (!rc && !is_page(c->shared))
		rc = err_set(ERR_CORRUPT, "%s is not a clock page of version %d", path, VERSION);
	if (rc) {
		clock_page_close(c);
		return rc;
	}
	forget_past(c);
	*out = c;
	return 0;
}

void clock_page_close(struct clock_page *c)
{
	if (!c)
		return;
	if (c->shared)
		munmap(c->shared, sizeof(*c->shared));
	close(c->fd);
	free(c);
}

/* ---------------------------------------------------------------- connections */

void clock_page_add_port(struct clock_page *c, uint16_t port)
{
	for (int i = 0; i < CLOCK_PORTS; i++) {
		uint32_t free_port = 0;
		if (atomic_compare_exchange_strong(&c->shared->port[i], &free_port, port) ||
		    free_port == port)
			return;
	}
}

bool clock_page_has_port(const struct clock_page *c, uint16_t port)
{
	for (int i = 0; i < CLOCK_PORTS; i++)
		if (atomic_load_explicit(&c->shared->port[i], memory_order_acquire) == port)
			return true;
	return false;
}

static int find(const struct clock_shared *s, uint64_t key)
{
	for (int i = 0; i < CLOCK_CONNS; i++)
		if (atomic_load(&s->conn[i].word) >> 16 == key)
			return i;
	return -1;
}

int clock_page_conn(struct clock_page *c, uint64_t key)
{
	must(key > 0 && key < 1ull << 48);
	int i = find(c->shared, key);
	if (i >= 0 || c->role == CLOCK_VENUE)
		return i >= 0 ? i : -ERR_NOTFOUND;
	for (i = 0; i < CLOCK_CONNS; i++) {
		uint64_t none = 0;
		if (atomic_compare_exchange_strong(&c->shared->conn[i].word, &none, key << 16))
			return i;
	}
	return err_set(ERR_FULL, "more than %d connections to a venue that owns the clock",
		       CLOCK_CONNS);
}

void clock_page_conn_state(struct clock_page *c, int conn, enum clock_conn_state state)
{
	struct conn *x = &c->shared->conn[conn];
	uint64_t mask = state_mask(c->role), unit = c->role == CLOCK_HOST ? 0x100 : 1;
	uint64_t old = atomic_load(&x->word), next;
	if ((old & mask) == 0) {
		atomic_store(&x->rx[c->role], 0);
		atomic_store(&x->tx[c->role], 0);
	}
	do {
		next = (old & ~mask) | (uint64_t)state * unit;
		/* The last one out frees the line. */
		if ((next & 0xffff) == 0)
			next = 0;
	} while (!atomic_compare_exchange_weak(&x->word, &old, next));
}

void clock_page_conn_rx(struct clock_page *c, int conn, size_t n)
{
	/* First, or the venue could take an idle word from before these bytes together with
	 * their count. */
	if (c->role == CLOCK_HOST)
		clock_page_host_busy(c);
	atomic_fetch_add(&c->shared->conn[conn].rx[c->role], n);
}

void clock_page_conn_tx(struct clock_page *c, int conn, size_t n)
{
	atomic_fetch_add(&c->shared->conn[conn].tx[c->role], n);
}

/* ---------------------------------------------------------------- is the host done? */

bool clock_page_host_idle(struct clock_page *c, int64_t next_timer_ns)
{
	struct clock_shared *s = c->shared;
	uint64_t step = atomic_load(&s->steps);
	if (line_now(s).mono >= next_timer_ns) {
		clock_page_host_busy(c);
		return false;
	}
	uint64_t idle = atomic_load(&s->idle);
	if (idle & 1) {
		if (atomic_load(&s->idle_step) == step &&
		    atomic_load(&s->next_timer) == next_timer_ns)
			return true;
		atomic_store(&s->idle, ++idle);
	}
	atomic_store(&s->idle_step, step);
	atomic_store(&s->next_timer, next_timer_ns);
	atomic_store(&s->idle, idle + 1);
	clock_page_ring(c);
	return true;
}

void clock_page_host_busy(struct clock_page *c)
{
	uint64_t idle = atomic_load_explicit(&c->shared->idle, memory_order_relaxed);
	if (idle & 1)
		atomic_store(&c->shared->idle, idle + 1);
}

static bool all_arrived(const struct clock_shared *s)
{
	for (int i = 0; i < CLOCK_CONNS; i++) {
		const struct conn *x = &s->conn[i];
		uint64_t word = atomic_load(&x->word);
		if (word == 0)
			continue;
		if ((word & 0xffff) != (CLOCK_CONN_UP << 8 | CLOCK_CONN_UP))
			return false;
		if (atomic_load(&x->rx[CLOCK_HOST]) != atomic_load(&x->tx[CLOCK_VENUE]) ||
		    atomic_load(&x->rx[CLOCK_VENUE]) != atomic_load(&x->tx[CLOCK_HOST]))
			return false;
	}
	return true;
}

enum clock_quiet clock_page_quiet(const struct clock_page *c, int64_t *next_timer_ns)
{
	struct clock_shared *s = c->shared;
	uint64_t idle = atomic_load(&s->idle);
	if (!(idle & 1) || atomic_load(&s->idle_step) != atomic_load(&s->steps) || !all_arrived(s))
		return clock_page_other_alive(c) ? CLOCK_HOST_BUSY : CLOCK_NO_HOST;
	*next_timer_ns = atomic_load(&s->next_timer);
	if (atomic_load(&s->idle) != idle)
		return CLOCK_HOST_BUSY;
	return CLOCK_HOST_QUIET;
}

/* ---------------------------------------------------------------- bells */

static long futex(_Atomic uint32_t *word, int op, uint32_t value, const struct timespec *t)
{
	return syscall(SYS_futex, word, op, value, t, NULL, 0);
}

void clock_page_ring(struct clock_page *c)
{
	int other = c->role ^ 1;
	atomic_fetch_add(&c->shared->bell[other], 1);
	if (atomic_load(&c->shared->waiting[other]))
		futex(&c->shared->bell[other], FUTEX_WAKE, INT_MAX, NULL);
}

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#endif
}

/* Where both share a processor the other one runs now; where they do not this is a longer spin. */
static void give_way(struct clock_page *c, _Atomic uint32_t *bell, uint32_t seen)
{
	int64_t from = machine_ns(CLOCK_MONOTONIC);
	for (int i = 0; i < YIELDS && atomic_load(bell) == seen; i++)
		sched_yield();
	if (machine_ns(CLOCK_MONOTONIC) - from > YIELD_NS)
		c->hushed = HUSHED;
}

void clock_page_wait(struct clock_page *c, int64_t max_ns)
{
	_Atomic uint32_t *bell = &c->shared->bell[c->role];
	uint32_t seen = c->bell_seen;
	for (int i = 0; i < SPINS && atomic_load(bell) == seen; i++)
		relax();
	if (c->hushed)
		c->hushed--;
	else if (atomic_load(bell) == seen)
		give_way(c, bell, seen);
	if (atomic_load(bell) == seen) {
		struct timespec t = { max_ns / 1000000000, max_ns % 1000000000 };
		atomic_store(&c->shared->waiting[c->role], 1);
		futex(bell, FUTEX_WAIT, seen, &t);
		atomic_store(&c->shared->waiting[c->role], 0);
	}
	c->bell_seen = atomic_load(bell);
}

void clock_page_counts(const struct clock_page *c, struct clock_page_counts *out)
{
	const struct clock_shared *s = c->shared;
	out->steps = atomic_load(&s->steps);
	out->turns = (atomic_load(&s->idle) + 1) / 2;
	out->venue_epoch = atomic_load(&s->epoch[CLOCK_VENUE]);
	out->host_epoch = atomic_load(&s->epoch[CLOCK_HOST]);
}
