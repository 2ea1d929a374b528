#include "core/market/kept.h"

#include "core/base/err.h"
#include <stdlib.h>
#include <string.h>

static bool same(const struct kept_change *c, const struct depth *d)
{
	return c->last_seq == d->last_seq && c->first_seq == d->first_seq &&
	       c->prev_seq == d->prev_seq;
}

/* Where it belongs: behind those with numbers not above its own. Most come in order, so from the end. */
static uint32_t place(const struct kept *k, const struct depth *d, enum kept_how how)
{
	uint32_t i = k->tail;
	while (how == KEPT_BY_NUMBER && i > k->head && k->change[i - 1].last_seq > d->last_seq)
		i--;
	return i;
}

static bool is_twice(const struct kept *k, const struct depth *d, uint32_t i)
{
	for (; i > k->head && k->change[i - 1].last_seq == d->last_seq; i--)
		if (same(&k->change[i - 1], d))
			return true;
	return false;
}

static void pack(struct kept *k)
{
	if (k->head == 0)
		return;
	memmove(k->change, &k->change[k->head], kept_count(k) * sizeof *k->change);
	k->tail -= k->head;
	k->head = 0;
}

bool kept_put(struct kept *k, const struct depth *d, enum kept_how how)
{
	if (is_twice(k, d, place(k, d, how)))
		return true;
	if (d->n[SIDE_BUY] > KEPT_LEVELS || d->n[SIDE_SELL] > KEPT_LEVELS - d->n[SIDE_BUY] ||
	    d->n[SIDE_BUY] + d->n[SIDE_SELL] > KEPT_LEVELS - k->used)
		return false;
	if (k->tail == KEPT_CHANGES)
		pack(k);
	if (k->tail == KEPT_CHANGES)
		return false;
	uint32_t i = place(k, d, how);
	memmove(&k->change[i + 1], &k->change[i], (k->tail - i) * sizeof *k->change);
	k->tail++;
	k->change[i] = (struct kept_change){ .first_seq = d->first_seq,
					     .last_seq = d->last_seq,
					     .prev_seq = d->prev_seq,
					     .venue_ns = d->venue_ns,
					     .recv_ns = d->recv_ns,
					     .at = k->used,
					     .n = { d->n[SIDE_BUY], d->n[SIDE_SELL] },
					     .line = d->line };
	for (int s = 0; s < side_max; s++) {
		if (d->n[s])
			memcpy(&k->level[k->used], d->level[s], d->n[s] * sizeof *k->level);
		k->used += d->n[s];
	}
	return true;
}

bool kept_at(const struct kept *k, uint32_t i, struct depth *d)
{
	if (i >= kept_count(k))
		return false;
	const struct kept_change *c = &k->change[k->head + i];
	*d = (struct depth){ .first_seq = c->first_seq,
			     .last_seq = c->last_seq,
			     .prev_seq = c->prev_seq,
			     .venue_ns = c->venue_ns,
			     .recv_ns = c->recv_ns,
			     .level = { &k->level[c->at], &k->level[c->at + c->n[SIDE_BUY]] },
			     .n = { c->n[SIDE_BUY], c->n[SIDE_SELL] },
			     .line = c->line };
	return true;
}

void kept_shift(struct kept *k)
{
	if (kept_count(k) && ++k->head == k->tail)
		kept_clear(k);
}

void kept_clear(struct kept *k)
{
	k->head = k->tail = k->used = 0;
}

int kept_pool_init(struct kept_pool *p, uint32_t n)
{
	*p = (struct kept_pool){ .all = calloc(n, sizeof *p->all), .n = n };
	if (!p->all)
		return err_set(ERR_NOMEM, "no memory for %u repair buffers", n);
	return 0;
}

void kept_pool_free(struct kept_pool *p)
{
	free(p->all);
	*p = (struct kept_pool){ 0 };
}

/* Buffers that were returned first, since their memory is there already; then the next that was never lent. */
struct kept *kept_borrow(struct kept_pool *p)
{
	struct kept *k = p->free;
	if (k) {
		p->free = k->next;
	} else if (p->out < p->n) {
		k = &p->all[p->out];
	} else {
		p->refused++;
		return NULL;
	}
	p->out++;
	if (p->out > p->out_max)
		p->out_max = p->out;
	kept_clear(k);
	return k;
}

void kept_return(struct kept_pool *p, struct kept *k)
{
	k->next = p->free;
	p->free = k;
	p->out--;
}
