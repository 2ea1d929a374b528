#include "core/market/book.h"

#include "core/base/err.h"
#include "core/base/mem.h"
#include <string.h>

#define PAGE	   4096
#define CACHE_LINE 64

/* A copy for each side, with the side known: what compares prices is then one instruction. */
#define INLINE static inline __attribute__((always_inline))

/* Higher is better for both sides, so that one search serves both: ~px falls as px rises, and neither overflows. */
static inline int64_t rank(enum side side, int64_t px)
{
	return px ^ -(int64_t)side;
}

static size_t size_of(uint32_t cap)
{
	return PAGE + cap * side_max * sizeof(struct level);
}

/* The tops of many books would fall on the same few lines of a cache if all began at the same place in a page. */
int book_init(struct book *b, uint32_t cap)
{
	char *p = mem_reserve(size_of(cap));
	*b = (struct book){ .cap = cap };
	if (!p)
		return err_set(ERR_NOMEM, "no memory for a book of %u levels", cap);
	size_t line = ((uintptr_t)p / PAGE * 5) % (PAGE / CACHE_LINE);
	b->level[SIDE_BUY] = (struct level *)(p + line * CACHE_LINE);
	b->level[SIDE_SELL] = b->level[SIDE_BUY] + cap;
	return 0;
}

void book_free(struct book *b)
{
	uintptr_t p = (uintptr_t)b->level[SIDE_BUY]; /* it begins within the first page */
	mem_unreserve((void *)(p - p % PAGE), size_of(b->cap));
	*b = (struct book){ 0 };
}

void book_clear(struct book *b)
{
	b->n[SIDE_BUY] = b->n[SIDE_SELL] = 0;
	b->best[SIDE_BUY] = b->best[SIDE_SELL] = (struct level){ 0 };
}

INLINE void note_best(struct book *b, enum side side)
{
	uint32_t n = b->n[side];
	b->best[side] = n ? b->level[side][n - 1] : (struct level){ 0 };
}

/* First index whose rank is not below r, given that it is not above `hi`. Near `hi` four are looked at without a branch among them: that is where the market moves, and a branch
 * that guesses wrong costs more than four comparisons. */
INLINE uint32_t find(const struct level *l, enum side side, uint32_t hi, int64_t r)
{
	for (int k = 0; k < 4 && hi >= 4; k++) {
		const struct level *top = &l[hi - 4];
		unsigned a = rank(side, top[0].px) >= r, b = rank(side, top[1].px) >= r,
			 c = rank(side, top[2].px) >= r, d = rank(side, top[3].px) >= r,
			 above = a + b + c + d;
		hi -= above;
		if (above < 4)
			return hi;
	}
	uint32_t lo = 0;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		if (rank(side, l[mid].px) < r)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Few levels are moved mostly, and few are moved faster than memmove is called. */
INLINE void move_up(struct level *l, uint32_t n)
{
	if (n > 24) {
		memmove(l + 1, l, n * sizeof *l);
		return;
	}
	for (uint32_t i = n; i > 0; i--) {
		l[i] = l[i - 1];
		__asm__("" : : : "memory"); /* or the compiler calls memmove after all */
	}
}

INLINE void move_down(struct level *l, uint32_t n)
{
	if (n > 24) {
		memmove(l, l + 1, n * sizeof *l);
		return;
	}
	for (uint32_t i = 0; i < n; i++) {
		l[i] = l[i + 1];
		__asm__("" : : : "memory");
	}
}

/* What is in the way at a full side is its worst level. Returns where the level stands. */
static __attribute__((noinline)) uint32_t insert_full(struct level *l, uint32_t i, struct level x)
{
	if (i == 0)
		return 0; /* worse than all that are kept */
	memmove(&l[0], &l[1], (i - 1) * sizeof *l);
	l[i - 1] = x;
	return i - 1;
}

/* Sets one level that stands at or below `hi`; returns where it stands, or would. */
INLINE uint32_t set_below(struct book *b, enum side side, uint32_t hi, struct level x)
{
	struct level *l = b->level[side];
	uint32_t n = b->n[side], i = find(l, side, hi, rank(side, x.px));
	bool there = i < n && l[i].px == x.px;
	if (there && x.qty) {
		l[i].qty = x.qty;
	} else if (there) {
		move_down(&l[i], n - i - 1);
		b->n[side]--;
	} else if (x.qty) {
		if (n == b->cap)
			return insert_full(l, i, x);
		move_up(&l[i], n - i);
		l[i] = x;
		b->n[side]++;
	}
	return i;
}

/* The commonest change: another quantity at the best price, or a better price. It reads no level: among thousands of books that would be a wait for memory. */
INLINE bool set_best(struct book *b, enum side side, struct level x)
{
	struct level *best = &b->best[side];
	uint32_t n = b->n[side];
	if (!n || !x.qty || rank(side, x.px) < rank(side, best->px) ||
	    (x.px != best->px && n == b->cap))
		return false;
	n += x.px != best->px;
	b->n[side] = n;
	b->level[side][n - 1] = *best = x;
	return true;
}

/* Venues send each side best first: then each level stands below the one before it, and not far. */
INLINE void apply_side(struct book *b, enum side side, const struct level *x, uint32_t n)
{
	uint32_t i = n && set_best(b, side, x[0]), hi = b->n[side] - i;
	if (i == n)
		return;
	for (; i < n; i++) {
		if (i && rank(side, x[i].px) > rank(side, x[i - 1].px))
			hi = b->n[side];
		hi = set_below(b, side, hi, x[i]);
	}
	note_best(b, side);
}

void book_set(struct book *b, enum side side, int64_t px, int64_t qty)
{
	const struct level x = { px, qty };
	if (side == SIDE_BUY)
		apply_side(b, SIDE_BUY, &x, 1);
	else
		apply_side(b, SIDE_SELL, &x, 1);
}

void book_apply(struct book *b, const struct depth *d)
{
	apply_side(b, SIDE_BUY, d->level[SIDE_BUY], d->n[SIDE_BUY]);
	apply_side(b, SIDE_SELL, d->level[SIDE_SELL], d->n[SIDE_SELL]);
}

/* Snapshots come best first: from the back each level lands at the top, where inserting is cheap. */
void book_load(struct book *b, const struct depth *snapshot)
{
	book_clear(b);
	for (int s = 0; s < side_max; s++)
		for (uint32_t i = snapshot->n[s]; i-- > 0;)
			book_set(b, (enum side)s, snapshot->level[s][i].px,
				 snapshot->level[s][i].qty);
}

const struct level *book_best(const struct book *b, enum side side, uint32_t i)
{
	return i < b->n[side] ? &b->level[side][b->n[side] - 1 - i] : NULL;
}

int64_t book_walk(const struct book *b, enum side side, int64_t qty, int64_t limit_px,
		  __int128 *value, int64_t *worst_px)
{
	int64_t left = qty;
	*value = 0;
	*worst_px = 0;
	for (uint32_t i = 0; left > 0; i++) {
		const struct level *l = book_best(b, side, i);
		if (!l || (limit_px && rank(side, l->px) < rank(side, limit_px)))
			break;
		int64_t take = l->qty < left ? l->qty : left;
		*value += (__int128)take * l->px;
		*worst_px = l->px;
		left -= take;
	}
	return qty - left;
}
