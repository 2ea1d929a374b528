#include "core/market/book.h"

#include "core/base/err.h"
#include <stdlib.h>
#include <string.h>

/* Higher is better for both sides, so that one search serves both. */
static inline int64_t rank(enum side side, int64_t px)
{
	return side == SIDE_BUY ? px : -px;
}

int book_init(struct book *b, uint32_t cap)
{
	*b = (struct book){ .cap = cap };
	for (int s = 0; s < side_max; s++) {
		b->level[s] = calloc(cap, sizeof *b->level[s]);
		if (!b->level[s]) {
			book_free(b);
			return err_set(ERR_NOMEM, "no memory for a book of %u levels", cap);
		}
	}
	return 0;
}

void book_free(struct book *b)
{
	for (int s = 0; s < side_max; s++)
		free(b->level[s]);
	*b = (struct book){ 0 };
}

void book_clear(struct book *b)
{
	b->n[SIDE_BUY] = b->n[SIDE_SELL] = 0;
}

/* First index whose rank is not below r. The last few are tried one by one: that is where the market moves. */
static uint32_t find(const struct book *b, enum side side, int64_t r)
{
	const struct level *l = b->level[side];
	uint32_t hi = b->n[side], lo = 0;
	for (int k = 0; k < 8 && hi > 0; k++, hi--)
		if (rank(side, l[hi - 1].px) < r)
			return hi;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		if (rank(side, l[mid].px) < r)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

void book_set(struct book *b, enum side side, int64_t px, int64_t qty)
{
	struct level *l = b->level[side];
	uint32_t n = b->n[side], i = find(b, side, rank(side, px));
	bool there = i < n && l[i].px == px;
	if (qty == 0) {
		if (there) {
			memmove(&l[i], &l[i + 1], (n - i - 1) * sizeof *l);
			b->n[side]--;
		}
		return;
	}
	if (there) {
		l[i].qty = qty;
		return;
	}
	if (n == b->cap) {
		if (i == 0)
			return; /* worse than all that are kept */
		memmove(&l[0], &l[1], (i - 1) * sizeof *l);
		l[i - 1] = (struct level){ px, qty };
		return;
	}
	memmove(&l[i + 1], &l[i], (n - i) * sizeof *l);
	l[i] = (struct level){ px, qty };
	b->n[side]++;
}

void book_apply(struct book *b, const struct depth *d)
{
	for (int s = 0; s < side_max; s++)
		for (uint32_t i = 0; i < d->n[s]; i++)
			book_set(b, (enum side)s, d->level[s][i].px, d->level[s][i].qty);
}

void book_load(struct book *b, const struct depth *snapshot)
{
	book_clear(b);
	/* Snapshots come best first: from the back each level lands at the top, where inserting is cheap. */
	for (int s = 0; s < side_max; s++)
		for (uint32_t i = snapshot->n[s]; i-- > 0;)
			book_set(b, (enum side)s, snapshot->level[s][i].px,
				 snapshot->level[s][i].qty);
}

const struct level *book_best(const struct book *b, enum side side, uint32_t i)
{
	return i < b->n[side] ? &b->level[side][b->n[side] - 1 - i] : NULL;
}

bool book_crossed(const struct book *b)
{
	const struct level *bid = book_best(b, SIDE_BUY, 0), *ask = book_best(b, SIDE_SELL, 0);
	return bid && ask && bid->px >= ask->px;
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
