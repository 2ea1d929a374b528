#include "core/trade/exposure.h"

#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/mem.h"
#include <stdlib.h>

int exposure_init(struct exposure *x, uint32_t orders, uint32_t slots, uint32_t rows,
		  uint16_t instances)
{
	*x = (struct exposure){
		.cap = slots, .orders = orders, .rows_cap = rows, .n_instances = instances
	};
	x->slot = mem_take(slots, sizeof *x->slot);
	x->note = mem_take(orders, sizeof *x->note);
	x->next_row = mem_take(rows, sizeof *x->next_row);
	x->base_e8 = calloc(instances + 1u, sizeof *x->base_e8);
	if (!x->slot || !x->note || !x->next_row || !x->base_e8 || map_init(&x->by_key, slots)) {
		exposure_free(x);
		return err_set(ERR_NOMEM, "no memory for the exposure of %u orders", orders);
	}
	return 0;
}

void exposure_free(struct exposure *x)
{
	free(x->slot);
	free(x->note);
	free(x->next_row);
	free(x->base_e8);
	map_free(&x->by_key);
	*x = (struct exposure){ 0 };
}

uint32_t exposure_slot(struct exposure *x, uint16_t account, uint32_t instrument)
{
	const uint64_t key = ((uint64_t)account << 32 | instrument) + 1;
	uint32_t i;
	if (map_get(&x->by_key, key, &i))
		return i;
	if (x->n == x->cap || map_put(&x->by_key, key, x->n))
		return UINT32_MAX;
	x->slot[x->n] = (struct exposure_slot){ .account = account, .instrument = instrument };
	return x->n++;
}

static void link_up(struct exposure *x, uint32_t place)
{
	struct exposure_note *n = &x->note[place];
	uint32_t *first = &x->slot[n->slot - 1].first[n->side];
	n->prev = 0;
	n->next = *first;
	if (*first)
		x->note[*first - 1].prev = place + 1;
	*first = place + 1;
	x->slot[n->slot - 1].n[n->side]++;
}

static void take_out(struct exposure *x, uint32_t place)
{
	const struct exposure_note *n = &x->note[place];
	struct exposure_slot *s = &x->slot[n->slot - 1];
	if (n->prev)
		x->note[n->prev - 1].next = n->next;
	else
		s->first[n->side] = n->next;
	if (n->next)
		x->note[n->next - 1].prev = n->prev;
	s->n[n->side]--;
}

static void count(struct exposure *x, const struct exposure_note *n, int sign)
{
	x->slot[n->slot - 1].open_qty[n->side] += sign * n->qty;
	if (n->instance < x->n_instances)
		x->base_e8[n->instance][n->side] += sign * n->base_e8;
}

void exposure_note(struct exposure *x, uint32_t place, const struct order *o,
		   const struct instrument *in)
{
	struct exposure_note *n = &x->note[place];
	if (!n->slot) {
		uint32_t slot = exposure_slot(x, o->account, o->instrument);
		if (slot == UINT32_MAX)
			return;
		n->slot = slot + 1;
		n->side = o->side;
		n->instance = o->instance;
		link_up(x, place);
	} else {
		count(x, n, -1);
	}
	const int64_t left = o->qty - o->cum;
	n->qty = left > 0 ? left : 0;
	n->base_e8 = instrument_base_e8(in, n->qty, o->px);
	n->base_e8 = dec_abs(n->base_e8);
	count(x, n, 1);
}

void exposure_forget(struct exposure *x, uint32_t place)
{
	struct exposure_note *n = &x->note[place];
	if (!n->slot)
		return;
	count(x, n, -1);
	take_out(x, place);
	*n = (struct exposure_note){ 0 };
}

void exposure_held(struct exposure *x, uint32_t slot, const struct positions *all,
		   int64_t held[side_max])
{
	for (; x->rows < all->n && x->rows < x->rows_cap; x->rows++) {
		const struct position *r = &all->row[x->rows];
		uint32_t at = exposure_slot(x, r->account, r->instrument);
		if (at == UINT32_MAX)
			continue;
		x->next_row[x->rows] = x->slot[at].first_row;
		x->slot[at].first_row = x->rows + 1;
	}
	held[SIDE_BUY] = held[SIDE_SELL] = 0;
	for (uint32_t i = x->slot[slot].first_row; i; i = x->next_row[i - 1])
		for (int side = 0; side < side_max; side++)
			held[side] += all->row[i - 1].qty[side][0] + all->row[i - 1].qty[side][1];
}

uint32_t exposure_each(const struct exposure *x, uint32_t *at)
{
	if (*at == 0)
		return UINT32_MAX;
	const uint32_t place = *at - 1;
	*at = x->note[place].next;
	return place;
}
