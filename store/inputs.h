/* inputs - what a host's engine heard, kept in the order in which it heard it: the file of entries that a replay runs on.
 *
 * A life is one run of a host on a store. Its entries lie in blocks of 512 KiB in a mapped file beside the journal's ring, so that they survive the death of the
 * process; a thread of its own puts full and old ones into the database. The engine never waits: where no block is free, the entry is counted as lost, the
 * block that follows says so, and a replay ends there. What entries say is the affair of whoever puts them (core/cmd/inputs.h). Format: FORMAT.md. */
#pragma once
#include "store/store.h"
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define INPUTS_BLOCK	(512u << 10)
#define INPUTS_BLOCKS	8
#define INPUTS_BLOCK_NS 1000000000
#define INPUTS_MAGIC	0x314e4954u /* "TIN1" */
#define INPUTS_DIGEST	32

/* At the head of every block, in the file as in the database; numbers as this machine has them, low byte first. */
struct inputs_head {
	uint32_t magic;
	uint32_t layout; /* of the entries: another number, and this program cannot read them */
	uint32_t life;
	uint32_t state; /* of the file only: enum inputs_state */
	uint64_t number;
	int64_t first_ns, last_ns; /* UTC; of the first and the last look at the clock */
	uint64_t lost;		   /* entries that are missing in front of this block */
	uint64_t entries;	   /* whole ones; 0 while it is open */
	_Atomic uint64_t used;	   /* bytes of them, behind this head */
};
_Static_assert(sizeof(struct inputs_head) == 64, "part of the format");

/* In front of every entry; its bytes follow, filled up to a multiple of 8. */
struct inputs_entry {
	uint8_t kind, op;
	uint16_t who;
	uint32_t len;
};

/* The entry at this place of a block that ends there; *next: behind it. NULL: there is no whole one. */
static inline const struct inputs_entry *inputs_entry_at(const uint8_t *at, const uint8_t *end,
							 const uint8_t **next)
{
	const struct inputs_entry *e = (const struct inputs_entry *)(const void *)at;
	const size_t left = (size_t)(end - at);
	if (left < sizeof *e)
		return NULL;
	const size_t whole = sizeof *e + (e->len + (size_t)7) / 8 * 8;
	*next = at + (whole <= left ? whole : left);
	return whole <= left ? e : NULL;
}

/* A block that is kept, and has not had its receipt yet. */
struct inputs_block {
	uint32_t life;
	uint64_t number, entries, bytes, lost;
	int64_t first_ns, last_ns;
	uint8_t digest[INPUTS_DIGEST];
};

/* The engine's side; for inputs_put and whoever gives it blocks, and nobody else. */
struct inputs {
	bool (*turn_over)(struct inputs *w,
			  size_t n); /* another block with room for n; false: none is free */
	struct inputs_head *now;     /* NULL: none is open */
	uint8_t *at, *end;
	uint64_t lost, entries; /* entries: of the block that is open */
	int64_t utc_ns;
};

/* One a store, before the engine runs. Takes over what a killed host left; its receipts, and that of the last block of a host that closed in order, are this life's to
 * write. -ERR_NOMEM, -ERR_IO. */
int inputs_open(struct store *s, uint32_t life, uint32_t layout, struct inputs **out);
/* Hands on what is open and waits until it is kept, but not for long: so that its receipt can stand before others. */
void inputs_settle(struct inputs *w);
/* Keeps what is open; every block has been told when this returns and inputs_next_block has been asked until false. -ERR_IO. */
int inputs_finish(struct inputs *w);
void inputs_close(struct inputs *w); /* before store_close */
/* Between two turns: old blocks are handed on. */
void inputs_on_time(struct inputs *w, int64_t utc_ns);
bool inputs_next_block(struct inputs *w, struct inputs_block *out);

/* Room for an entry of n bytes, to be filled at once and then ended by inputs_done; NULL: lost, and counted. */
static inline void *inputs_room(struct inputs *w, uint8_t kind, uint8_t op, uint16_t who, size_t n)
{
	const size_t whole = sizeof(struct inputs_entry) + (n + 7) / 8 * 8;
	if (__builtin_expect((size_t)(w->end - w->at) < whole, 0) && !w->turn_over(w, whole))
		return NULL;
	*(struct inputs_entry *)(void *)w->at = (struct inputs_entry){ kind, op, who, (uint32_t)n };
	return w->at + sizeof(struct inputs_entry);
}

/* It is whole: from now on it survives the death of the process. */
static inline void inputs_done(struct inputs *w)
{
	const struct inputs_entry *e = (const struct inputs_entry *)(const void *)w->at;
	const size_t whole = sizeof *e + (e->len + (size_t)7) / 8 * 8;
	w->at += whole;
	w->entries++;
	atomic_store_explicit(&w->now->used, (uint64_t)(w->at - (uint8_t *)(w->now + 1)),
			      memory_order_release);
}

static inline void inputs_put(struct inputs *w, uint8_t kind, uint8_t op, uint16_t who,
			      const void *p, size_t n)
{
	void *to = inputs_room(w, kind, op, who, n);
	if (!to)
		return;
	if (n)
		memcpy(to, p, n);
	inputs_done(w);
}

/* ---- reading, from outside */

struct inputs_reader;
/* -ERR_NOTFOUND: no store. One thread; writes nothing. */
int inputs_reader_open(const char *path, struct inputs_reader **out);
void inputs_reader_close(struct inputs_reader *r);
/* The lives that have entries, rising; *n of them, at most max. */
int inputs_reader_lives(struct inputs_reader *r, uint32_t *life, uint32_t max, uint32_t *n);
/* A block, copied into INPUTS_BLOCK bytes, aligned to 64. -ERR_NOTFOUND: there is none of that number; -ERR_CORRUPT: a damaged one, or of another layout. */
int inputs_reader_block(struct inputs_reader *r, uint32_t life, uint64_t number, uint32_t layout,
			void *out);
