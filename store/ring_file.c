#include "store/ring_file.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define RING_MAGIC   0x315247444e4154ull /* "TANDGR1" */
#define RING_VERSION 1
#define SLOTS_MIN    64u
#define SLOTS_MAX    (1u << 24)
#define BURST	     16 /* facts of one answer to a quote, about */

struct ring_head {
	uint64_t magic;
	uint32_t version, slot_bytes;
	uint64_t slots;
	uint8_t id[RING_FILE_ID];
	/* Alone on its line: the appender reads it whenever the ring seems full. */
	_Alignas(64) _Atomic uint64_t drained;
	_Alignas(64) struct ring_owner owner; /* zeros in a file of an older build */
	uint8_t rest[4096 - 128 - sizeof(struct ring_owner)];
};
_Static_assert(sizeof(struct ring_head) == 4096, "the head is the file's first page");

struct ring_slot {
	_Atomic uint64_t
		commit; /* the fact's sequence, written last; 0 while it is being written */
	uint64_t check;
	_Alignas(64) struct fact fact;
};
_Static_assert(sizeof(struct ring_slot) == RING_FILE_SLOT_BYTES, "seven cache lines a fact");

/* Both halves of the product: every bit of a and b moves many of the result. */
static uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 p = (unsigned __int128)a * b;
	return (uint64_t)p ^ (uint64_t)(p >> 64);
}

/* Four lanes, so that the multiplications overlap: about ten nanoseconds for a whole fact. */
static uint64_t checksum(const struct fact *f)
{
	enum { lanes = 4, words = sizeof(*f) / sizeof(uint64_t) };
	_Static_assert(words % (2 * lanes) == 0, "whole rounds of four lanes");
	static const uint64_t salt[lanes] = { 0x9e3779b97f4a7c15u, 0xbf58476d1ce4e5b9u,
					      0x94d049bb133111ebu, 0xd6e8feb86659fd93u };
	const unsigned char *p = (const unsigned char *)f;
	uint64_t lane[lanes] = { salt[3], salt[2], salt[1], salt[0] };
	for (size_t i = 0; i < words; i += 2 * lanes)
		for (size_t k = 0; k < lanes; k++) {
			uint64_t w[2];
			memcpy(w, p + (i + 2 * k) * sizeof(w[0]), sizeof(w));
			lane[k] = mix(w[0] ^ lane[k], w[1] ^ salt[k]);
		}
	return mix(lane[0] ^ salt[0], lane[1]) ^ mix(lane[2] ^ salt[1], lane[3] ^ salt[2]);
}

static int fail(const char *what, const char *path)
{
	return err_set(ERR_IO, "the journal ring %s cannot be %s: %s", path, what, strerror(errno));
}

/* For the appender every page is touched now, so that no append waits for one. */
static int map(struct ring_file *r, size_t bytes, bool write)
{
	void *p = mmap(NULL, bytes, write ? PROT_READ | PROT_WRITE : PROT_READ,
		       write ? MAP_SHARED | MAP_POPULATE : MAP_SHARED, r->fd, 0);
	if (p == MAP_FAILED)
		return fail("mapped", r->path);
	r->head = p;
	r->slot = (struct ring_slot *)((char *)p + sizeof(struct ring_head));
	r->bytes = bytes;
	return 0;
}

static int lock(const struct ring_file *r)
{
	if (flock(r->fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno == EWOULDBLOCK)
		return err_set(ERR_BUSY, "another process appends to the journal ring %s", r->path);
	return fail("locked", r->path);
}

static int start(struct ring_file *r, const char *path, int flags)
{
	*r = (struct ring_file){ 0 };
	snprintf(r->path, sizeof(r->path), "%s", path);
	r->fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (r->fd >= 0)
		return 0;
	if (errno == ENOENT)
		return err_set(ERR_NOTFOUND, "there is no journal ring %s", path);
	return fail("opened", path);
}

void ring_file_close(struct ring_file *r)
{
	if (r->head)
		munmap(r->head, r->bytes);
	if (r->path[0] && r->fd >= 0)
		close(r->fd);
	*r = (struct ring_file){ 0 };
}

static int make(struct ring_file *r, const uint8_t id[RING_FILE_ID], uint64_t slots, uint64_t base)
{
	size_t size = sizeof(struct ring_head) + slots * sizeof(struct ring_slot);
	errno = posix_fallocate(r->fd, 0, (off_t)size);
	if (errno)
		return err_set(ERR_IO,
			       "the journal ring %s needs %zu bytes and cannot have them: %s; free "
			       "some space or set a smaller ring",
			       r->path, size, strerror(errno));
	int rc = lock(r);
	if (!rc)
		rc = map(r, size, true);
	if (rc)
		return rc;
	struct ring_head *h = r->head;
	h->version = RING_VERSION;
	h->slot_bytes = RING_FILE_SLOT_BYTES;
	h->slots = slots;
	memcpy(h->id, id, RING_FILE_ID);
	atomic_store_explicit(&h->drained, base, memory_order_release);
	/* The magic last: a half-made ring is no ring. */
	atomic_signal_fence(memory_order_release);
	h->magic = RING_MAGIC;
	r->mask = slots - 1;
	r->last = r->drained_seen = base;
	atomic_store(&r->published, base);
	return 0;
}

int ring_file_create(struct ring_file *r, const char *path, const uint8_t id[RING_FILE_ID],
		     uint64_t bytes, uint64_t base)
{
	if (unlink(path) && errno != ENOENT)
		return fail("replaced", path);
	int rc = start(r, path, O_RDWR | O_CREAT | O_EXCL);
	if (rc)
		return rc;
	rc = make(r, id, ring_file_slots_for(bytes), base);
	if (rc) {
		ring_file_close(r);
		unlink(path);
	}
	return rc;
}

static int attach(struct ring_file *r, const uint8_t id[RING_FILE_ID], bool write)
{
	struct stat st;
	if (fstat(r->fd, &st))
		return fail("opened", r->path);
	size_t size = (size_t)st.st_size;
	if (!S_ISREG(st.st_mode) || size < sizeof(struct ring_head))
		return err_set(ERR_CORRUPT, "%s is no journal ring: %zu bytes", r->path, size);
	/* /dev/shm is everybody's: another user's file of our name is not our journal. */
	if (write && st.st_uid != geteuid())
		return err_set(ERR_IO, "the journal ring %s belongs to user %u, not to us", r->path,
			       (unsigned)st.st_uid);
	int rc = write ? lock(r) : 0;
	if (!rc)
		rc = map(r, size, write);
	if (rc)
		return rc;
	const struct ring_head *h = r->head;
	bool sane = h->magic == RING_MAGIC && h->version == RING_VERSION &&
		    h->slot_bytes == RING_FILE_SLOT_BYTES && h->slots >= SLOTS_MIN &&
		    h->slots <= SLOTS_MAX && (h->slots & (h->slots - 1)) == 0 &&
		    size == sizeof(*h) + h->slots * sizeof(struct ring_slot);
	if (!sane)
		return err_set(ERR_CORRUPT, "%s is no journal ring of version %d", r->path,
			       RING_VERSION);
	if (id && memcmp(h->id, id, RING_FILE_ID) != 0)
		return err_set(ERR_STATE, "the journal ring %s is another store's", r->path);
	r->mask = h->slots - 1;
	return 0;
}

void ring_file_set_owner(struct ring_file *r, const struct ring_owner *o)
{
	r->head->owner = *o;
}

int ring_file_owner(const char *path, struct ring_owner *out)
{
	struct ring_head h;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return -ERR_NOTFOUND;
	bool ours = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
		    pread(fd, &h, sizeof h, 0) == (ssize_t)sizeof h && h.magic == RING_MAGIC &&
		    h.version == RING_VERSION && h.owner.folder[0] == '/' &&
		    memchr(h.owner.folder, 0, sizeof h.owner.folder);
	close(fd);
	if (!ours)
		return -ERR_CORRUPT;
	*out = h.owner;
	return 0;
}

/* The newest whole fact, looked for in every slot: holes before it are the caller's to find. */
uint64_t ring_file_newest(const struct ring_file *r)
{
	uint64_t best = 0;
	struct fact f;
	for (uint64_t i = 0; i <= r->mask; i++) {
		uint64_t seq = atomic_load_explicit(&r->slot[i].commit, memory_order_acquire);
		if (seq > best && ring_file_read(r, seq, &f) == 0)
			best = seq;
	}
	return best;
}

int ring_file_open(struct ring_file *r, const char *path, const uint8_t id[RING_FILE_ID])
{
	int rc = start(r, path, O_RDWR);
	if (!rc)
		rc = attach(r, id, true);
	if (rc) {
		ring_file_close(r);
		return rc;
	}
	uint64_t last = ring_file_newest(r);
	/* No facts at all: a ring that was made and never used. A mark beyond the newest fact: damaged. */
	if (last == 0)
		last = ring_file_drained(r);
	else if (ring_file_drained(r) > last)
		atomic_store(&r->head->drained, last);
	r->last = last;
	r->drained_seen = ring_file_drained(r);
	atomic_store(&r->published, last);
	return 0;
}

int ring_file_view(struct ring_file *r, const char *path, const uint8_t id[RING_FILE_ID])
{
	int rc = start(r, path, O_RDONLY);
	if (!rc)
		rc = attach(r, id, false);
	if (rc)
		ring_file_close(r);
	return rc;
}

/* Facts come in bursts, far apart: what a burst will write is fetched by the one before it. */
static void fetch_ahead(const struct ring_file *r, uint64_t seq)
{
	const char *slot = (const char *)&r->slot[(seq + BURST) & r->mask];
	for (size_t i = 0; i < sizeof(struct ring_slot); i += 64)
		__builtin_prefetch(slot + i, 1);
}

uint64_t ring_file_append(struct ring_file *r, struct fact *f)
{
	uint64_t seq = r->last + 1;
	if (seq - r->drained_seen > r->mask + 1) {
		r->drained_seen = ring_file_drained(r);
		if (seq - r->drained_seen > r->mask + 1)
			return 0;
	}
	struct ring_slot *s = &r->slot[seq & r->mask];
	f->seq = seq;
	/* Nobody may take the old fact of this slot for whole while the new one comes over it. */
	atomic_store_explicit(&s->commit, 0, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	s->fact = *f;
	s->check = checksum(f);
	atomic_store_explicit(&s->commit, seq, memory_order_release);
	r->last = seq;
	atomic_store_explicit(&r->published, seq, memory_order_release);
	fetch_ahead(r, seq);
	return seq;
}

uint64_t ring_file_room(const struct ring_file *r)
{
	return r->mask + 1 - (r->last - ring_file_drained(r));
}

uint64_t ring_file_last(const struct ring_file *r)
{
	return atomic_load_explicit(&r->published, memory_order_acquire);
}

int ring_file_read(const struct ring_file *r, uint64_t seq, struct fact *out)
{
	const struct ring_slot *s = &r->slot[seq & r->mask];
	uint64_t commit = atomic_load_explicit(&s->commit, memory_order_acquire);
	if (commit != seq)
		return commit > seq || seq <= ring_file_drained(r) ? -ERR_STATE : -ERR_NOTFOUND;
	*out = s->fact;
	uint64_t check = s->check;
	atomic_thread_fence(memory_order_acquire);
	if (atomic_load_explicit(&s->commit, memory_order_relaxed) != seq)
		return -ERR_STATE;
	return check == checksum(out) && out->seq == seq ? 0 : -ERR_CORRUPT;
}

uint64_t ring_file_drained(const struct ring_file *r)
{
	return atomic_load_explicit(&r->head->drained, memory_order_acquire);
}

void ring_file_set_drained(struct ring_file *r, uint64_t seq)
{
	must(seq >= ring_file_drained(r));
	atomic_store_explicit(&r->head->drained, seq, memory_order_release);
}

const uint8_t *ring_file_id(const struct ring_file *r)
{
	return r->head->id;
}

uint64_t ring_file_slots(const struct ring_file *r)
{
	return r->mask + 1;
}

uint64_t ring_file_slots_for(uint64_t bytes)
{
	uint64_t slots = SLOTS_MIN;
	while (slots < SLOTS_MAX && slots * 2 * RING_FILE_SLOT_BYTES <= bytes)
		slots *= 2;
	return slots;
}
