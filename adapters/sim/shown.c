#include "adapters/sim/shown.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include <stdlib.h>
#include <string.h>

int shown_init(struct shown *s, uint32_t cap)
{
	*s = (struct shown){ .cap = cap };
	if (!cap)
		return err_set(ERR_ARG, "a book of the simulated venue needs room for one level");
	for (enum side side = SIDE_BUY; side < side_max; side++) {
		s->level[side] = calloc(cap, sizeof *s->level[side]);
		if (!s->level[side]) {
			shown_free(s);
			return err_set(ERR_NOMEM, "no memory for a book of %u levels a side", cap);
		}
	}
	return 0;
}

void shown_free(struct shown *s)
{
	for (enum side side = SIDE_BUY; side < side_max; side++)
		free(s->level[side]);
	*s = (struct shown){ 0 };
}

void shown_clear(struct shown *s, enum side side)
{
	s->n[side] = 0;
}

/* Index of the first level that is not worse than px: where px stands, or where it would. */
static uint32_t place_of(const struct shown *s, enum side side, int64_t px)
{
	uint32_t lo = 0, hi = s->n[side];
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		if (px_better(side, px, s->level[side][mid].px))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct shown_level *shown_find(const struct shown *s, enum side side, int64_t px)
{
	uint32_t i = place_of(s, side, px);
	return i < s->n[side] && s->level[side][i].px == px ? &s->level[side][i] : NULL;
}

static void take_out(struct shown *s, enum side side, uint32_t i)
{
	struct shown_level *l = s->level[side];
	s->n[side]--;
	memmove(&l[i], &l[i + 1], (s->n[side] - i) * sizeof *l);
}

static void put_in(struct shown *s, enum side side, uint32_t i, int64_t px, int64_t size)
{
	struct shown_level *l = s->level[side];
	if (s->n[side] == s->cap) {
		s->dropped++;
		if (i == 0)
			return; /* it is the farthest itself */
		take_out(s, side, 0);
		i--;
	}
	memmove(&l[i + 1], &l[i], (s->n[side] - i) * sizeof *l);
	l[i] = (struct shown_level){ .px = px, .size = size, .seen = true };
	s->n[side]++;
}

void shown_set(struct shown *s, enum side side, int64_t px, int64_t size)
{
	uint32_t i = place_of(s, side, px);
	bool stands = i < s->n[side] && s->level[side][i].px == px;
	if (!stands && size > 0) {
		put_in(s, side, i, px, size);
	} else if (stands && size > 0) {
		struct shown_level *l = &s->level[side][i];
		l->size = size;
		if (l->taken > size)
			l->taken = size;
		l->seen = true;
	} else if (stands) {
		take_out(s, side, i);
	}
}

void shown_load(struct shown *s, enum side side, const struct level *level, uint32_t n)
{
	for (uint32_t i = 0; i < s->n[side]; i++)
		s->level[side][i].seen = false;
	/* Snapshots come best first: read from the end, each goes to the end of the array. */
	for (uint32_t i = n; i-- > 0;)
		shown_set(s, side, level[i].px, level[i].qty);
	uint32_t kept = 0;
	for (uint32_t i = 0; i < s->n[side]; i++)
		if (s->level[side][i].seen)
			s->level[side][kept++] = s->level[side][i];
	s->n[side] = kept;
}

void shown_trim(struct shown *s, enum side side, int64_t px)
{
	while (s->n[side] && px_better(side, s->level[side][s->n[side] - 1].px, px))
		s->n[side]--;
}

struct shown_level *shown_at(const struct shown *s, enum side side, uint32_t i)
{
	return i < s->n[side] ? &s->level[side][s->n[side] - 1 - i] : NULL;
}

struct shown_level *shown_best(const struct shown *s, enum side side)
{
	for (uint32_t i = s->n[side]; i-- > 0;)
		if (level_left(&s->level[side][i]) > 0)
			return &s->level[side][i];
	return NULL;
}

int64_t shown_left(const struct shown *s, enum side side, int64_t px)
{
	const struct shown_level *l = shown_find(s, side, px);
	return l ? level_left(l) : 0;
}

void shown_take(struct shown_level *l, int64_t qty)
{
	must(qty > 0 && qty <= level_left(l));
	l->taken += qty;
}
