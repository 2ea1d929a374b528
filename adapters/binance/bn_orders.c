#include "adapters/binance/bn_orders.h"
#include "core/base/err.h"
#include <stdlib.h>
#include <string.h>

int bn_orders_init(struct bn_orders *t, uint32_t cap)
{
	*t = (struct bn_orders){ .cap = cap };
	t->slot = calloc(cap, sizeof(*t->slot));
	t->free_slot = calloc(cap, sizeof(*t->free_slot));
	int rc = t->slot && t->free_slot ? map_init(&t->by_id, cap) : -ERR_NOMEM;
	if (rc) {
		bn_orders_free(t);
		return err_set(ERR_NOMEM, "no memory for %u orders", cap);
	}
	while (t->n_free < cap) {
		t->free_slot[t->n_free] = cap - 1 - t->n_free;
		t->n_free++;
	}
	return 0;
}

void bn_orders_free(struct bn_orders *t)
{
	map_free(&t->by_id);
	free(t->slot);
	free(t->free_slot);
	*t = (struct bn_orders){ 0 };
}

struct bn_order *bn_orders_find(const struct bn_orders *t, uint64_t id)
{
	uint32_t i;
	return id && map_get(&t->by_id, id, &i) ? &t->slot[i] : NULL;
}

struct bn_order *bn_orders_add(struct bn_orders *t, const struct order *o, uint16_t session)
{
	struct bn_order *e = bn_orders_find(t, o->id);
	if (e)
		return e;
	if (!o->id || !t->n_free || map_put(&t->by_id, o->id, t->free_slot[t->n_free - 1]))
		return NULL;
	e = &t->slot[t->free_slot[--t->n_free]];
	*e = (struct bn_order){ .id = o->id,
				.instrument = o->instrument,
				.session = session,
				.side = o->side,
				.px = o->px,
				.qty = o->qty,
				.cum = o->cum,
				.sent_ns = o->sent_mono_ns };
	memcpy(e->venue_order, o->venue_order, sizeof(e->venue_order));
	return e;
}

void bn_orders_del(struct bn_orders *t, uint64_t id)
{
	struct bn_order *e = bn_orders_find(t, id);
	if (!e)
		return;
	map_del(&t->by_id, id);
	e->id = 0;
	t->free_slot[t->n_free++] = (uint32_t)(e - t->slot);
}

/* Does this report end the order? */
static bool ends(const struct bn_order *e, const struct exec_report *r)
{
	switch ((enum exec_kind)r->kind) {
	case EXEC_CANCELLED:
	case EXEC_REJECTED:
	case EXEC_NOT_FOUND:
		return true;
	case EXEC_STATUS:
		return order_terminal((enum order_state)r->status);
	case EXEC_FILL:
		return e->cum >= e->qty;
	default:
		return false;
	}
}

void bn_orders_report(struct bn_orders *t, const struct exec_report *r)
{
	struct bn_order *e = bn_orders_find(t, r->order);
	if (!e)
		return;
	if (r->has_cum && r->cum > e->cum)
		e->cum = r->cum;
	if (r->kind == EXEC_REPLACED) {
		e->px = r->px;
		e->qty = r->qty;
	}
	if (r->venue_order[0])
		memcpy(e->venue_order, r->venue_order, sizeof(e->venue_order));
	if (ends(e, r))
		bn_orders_del(t, r->order);
}
