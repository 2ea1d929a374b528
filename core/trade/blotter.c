#include "core/trade/blotter.h"

#include "core/base/err.h"
#include "core/base/mem.h"
#include "core/trade/exposure.h"
#include <stdlib.h>
#include <string.h>

#define BLOTTER_SEEN 65536

int blotter_init(struct blotter *b, uint32_t cap)
{
	*b = (struct blotter){ .cap = cap, .n_free = cap };
	b->slot = mem_take(cap, sizeof *b->slot);
	b->free = mem_take(cap, sizeof *b->free);
	b->open = mem_take(cap, sizeof *b->open);
	b->booked = mem_take(BLOTTER_SEEN, sizeof *b->booked);
	if (!b->slot || !b->free || !b->open || !b->booked || map_init(&b->by_id, cap) ||
	    map_init(&b->seen, BLOTTER_SEEN) || map_init(&b->seen_before, BLOTTER_SEEN)) {
		blotter_free(b);
		return err_set(ERR_NOMEM, "no memory for %u orders", cap);
	}
	for (uint32_t i = 0; i < cap; i++)
		b->free[i] = cap - 1 - i;
	return 0;
}

void blotter_free(struct blotter *b)
{
	free(b->slot);
	free(b->free);
	free(b->open);
	free(b->booked);
	map_free(&b->by_id);
	map_free(&b->seen);
	map_free(&b->seen_before);
	*b = (struct blotter){ 0 };
}

struct order *blotter_new(struct blotter *b, uint64_t id)
{
	if (b->n_free == 0)
		return NULL;
	uint32_t i = b->free[b->n_free - 1];
	if (map_put(&b->by_id, id, i))
		return NULL;
	b->n_free--;
	b->open[b->n_open++] = i;
	b->slot[i] = (struct order){ .id = id, .open_at = b->n_open };
	return &b->slot[i];
}

struct order *blotter_find(struct blotter *b, uint64_t id)
{
	uint32_t i;
	return id && map_get(&b->by_id, id, &i) ? &b->slot[i] : NULL;
}

void blotter_drop(struct blotter *b, struct order *o)
{
	blotter_close(b, o);
	map_del(&b->by_id, o->id);
	b->free[b->n_free++] = (uint32_t)(o - b->slot);
	o->id = 0;
}

uint32_t blotter_room(const struct blotter *b)
{
	return b->n_free;
}

void blotter_note(struct blotter *b, const struct order *o, const struct instrument *in)
{
	if (b->exposure && o->open_at)
		exposure_note(b->exposure, b->open[o->open_at - 1], o, in);
}

void blotter_close(struct blotter *b, struct order *o)
{
	if (o->open_at == 0)
		return;
	if (b->exposure)
		exposure_forget(b->exposure, (uint32_t)(o - b->slot));
	uint32_t last = b->open[--b->n_open];
	b->open[o->open_at - 1] = last;
	b->slot[last].open_at = o->open_at;
	o->open_at = 0;
}

struct order *blotter_each_open(struct blotter *b, uint32_t *i)
{
	/* From the back, so that closing the one at hand moves only what was seen already. */
	uint32_t left = *i ? *i - 1 : b->n_open; /* *i: 1 + how many are still to be seen */
	left = left < b->n_open ? left : b->n_open;
	if (left == 0)
		return NULL;
	*i = left;
	return &b->slot[b->open[left - 1]];
}

struct order *blotter_each_of(struct blotter *b, uint32_t *at)
{
	if (*at == 0)
		return NULL;
	struct order *o = &b->slot[*at - 1];
	*at = o->next_of_pair;
	return o;
}

void blotter_drop_pair(struct blotter *b, uint32_t first_order)
{
	for (struct order *o; (o = blotter_each_of(b, &first_order));)
		blotter_drop(b, o);
}

static uint64_t identity(uint32_t account, uint32_t instrument, const char *venue_order,
			 uint8_t side, const char *exec)
{
	struct {
		uint32_t account, instrument;
		char venue_order[VENUE_ID_TEXT], exec[VENUE_ID_TEXT];
		uint8_t side, zero[7];
	} id = { .account = account, .instrument = instrument, .side = side };
	strncpy(id.venue_order, venue_order, sizeof id.venue_order - 1);
	strncpy(id.exec, exec, sizeof id.exec - 1);
	return map_hash_bytes(&id, sizeof id);
}

static bool seen(const struct blotter *b, uint64_t key, uint32_t *place)
{
	return map_get(&b->seen, key, place) || map_get(&b->seen_before, key, place);
}

bool blotter_has_seen(const struct blotter *b, uint32_t account, uint32_t instrument,
		      const char *venue_order, uint8_t side, const char *exec)
{
	uint32_t place;
	return seen(b, identity(account, instrument, venue_order, side, exec), &place);
}

bool blotter_first_sight(struct blotter *b, uint32_t account, uint32_t instrument,
			 const char *venue_order, uint8_t side, const char *exec)
{
	uint64_t key = identity(account, instrument, venue_order, side, exec);
	uint32_t place;
	if (seen(b, key, &place))
		return false;
	place = b->n_seen++ % BLOTTER_SEEN;
	b->booked[place] = (struct execution){ .key = key };
	if (map_put(&b->seen, key,
		    place)) { /* full: the older generation goes, this one becomes the older */
		struct map old = b->seen_before;
		b->seen_before = b->seen;
		b->seen = old;
		map_clear(&b->seen);
		map_put(&b->seen, key, place);
	}
	return true;
}

void blotter_keep(struct blotter *b, int64_t px, int64_t qty, int64_t fee_e8, uint16_t fee_asset)
{
	struct execution *x = &b->booked[(b->n_seen - 1) % BLOTTER_SEEN];
	x->px = px;
	x->qty = qty;
	x->fee_e8 = fee_e8;
	x->fee_asset = fee_asset;
}

const struct execution *blotter_kept(const struct blotter *b, uint32_t account, uint32_t instrument,
				     const char *venue_order, uint8_t side, const char *exec)
{
	uint64_t key = identity(account, instrument, venue_order, side, exec);
	uint32_t place;
	bool kept = seen(b, key, &place) && b->booked[place].key == key && b->booked[place].qty > 0;
	return kept ? &b->booked[place] : NULL;
}
