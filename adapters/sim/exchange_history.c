#include "adapters/sim/exchange_parts.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include <stdlib.h>
#include <string.h>

int history_init(struct exchange *x)
{
	x->order = calloc(x->config.max_orders, sizeof *x->order);
	x->trade = calloc(x->config.max_trades, sizeof *x->trade);
	if (!x->order || !x->trade)
		return err_set(ERR_NOMEM, "no memory for %u orders and %u trades of %s",
			       x->config.max_orders, x->config.max_trades, x->config.name);
	int rc = map_init(&x->by_id, x->config.max_orders);
	return rc ? rc : map_init(&x->by_client, x->config.max_orders);
}

void history_free(struct exchange *x)
{
	free(x->order);
	free(x->trade);
	map_free(&x->by_id);
	map_free(&x->by_client);
}

bool order_is_open(const struct exchange_order *o)
{
	return o->id && (o->status == STATUS_NEW || o->status == STATUS_PARTIAL);
}

static uint64_t client_key(uint16_t account, uint16_t instrument, const char *client)
{
	struct {
		uint16_t account, instrument;
		char client[VENUE_CLIENT_ID];
	} key = { .account = account, .instrument = instrument };
	size_t n = strnlen(client, sizeof key.client - 1);
	memcpy(key.client, client, n);
	return map_hash_bytes(&key, sizeof key);
}

static void forget(struct exchange *x, struct exchange_order *o)
{
	uint32_t at, slot = 1 + (uint32_t)(o - x->order);
	uint64_t key = client_key(o->account, o->instrument, o->client);
	map_del(&x->by_id, o->id);
	if (map_get(&x->by_client, key, &at) && at == slot)
		map_del(&x->by_client, key);
	o->id = 0;
}

struct exchange_order *history_slot(struct exchange *x)
{
	for (uint32_t tried = 0; tried < x->config.max_orders; tried++) {
		struct exchange_order *o = &x->order[x->next_order];
		x->next_order = (x->next_order + 1) % x->config.max_orders;
		if (order_is_open(o))
			continue;
		if (o->id)
			forget(x, o);
		return o;
	}
	return NULL;
}

void history_add(struct exchange *x, struct exchange_order *o)
{
	uint32_t slot = 1 + (uint32_t)(o - x->order);
	/* As many keys as slots: there is always room. */
	must(map_put(&x->by_id, o->id, slot) == 0);
	must(map_put(&x->by_client, client_key(o->account, o->instrument, o->client), slot) == 0);
}

static struct exchange_order *order_by_id(const struct exchange *x, uint64_t id)
{
	uint32_t slot;
	return map_get(&x->by_id, id, &slot) ? &x->order[slot - 1] : NULL;
}

void history_trade(struct exchange *x, struct exchange_order *o, const struct exchange_trade *t)
{
	struct exchange_trade *to = &x->trade[x->next_trade];
	uint32_t slot = 1 + x->next_trade;
	x->next_trade = (x->next_trade + 1) % x->config.max_trades;
	if (to->order) { /* the oldest of all is the first of its order */
		struct exchange_order *was = order_by_id(x, to->order);
		if (was && was->first_trade == slot) {
			was->first_trade = to->next;
			if (!to->next)
				was->last_trade = 0;
		}
	}
	*to = *t;
	to->next = 0;
	if (o->last_trade)
		x->trade[o->last_trade - 1].next = slot;
	else
		o->first_trade = slot;
	o->last_trade = slot;
}

/* ---------------------------------------------------------------- queries */

const struct exchange_order *exchange_order(const struct exchange *x, uint16_t account,
					    uint16_t instrument, uint64_t id, const char *client)
{
	uint32_t slot = 0;
	if (id)
		map_get(&x->by_id, id, &slot);
	else if (client && *client)
		map_get(&x->by_client, client_key(account, instrument, client), &slot);
	const struct exchange_order *o = slot ? &x->order[slot - 1] : NULL;
	if (!o || o->account != account || o->instrument != instrument)
		return NULL;
	return !id && strcmp(o->client, client) != 0 ? NULL : o;
}

static int older(const void *a, const void *b)
{
	const struct exchange_order *const *l = a, *const *r = b;
	return (*l)->id < (*r)->id ? -1 : (*l)->id > (*r)->id;
}

uint32_t exchange_open(const struct exchange *x, uint16_t account, uint16_t instrument,
		       const struct exchange_order **out, uint32_t cap)
{
	uint32_t n = 0;
	for (uint16_t k = 0; k < x->config.n_instruments; k++) {
		if (instrument != LEDGER_NONE && instrument != k)
			continue;
		const struct match *m = &x->book[k];
		for (enum side side = SIDE_BUY; side < side_max; side++)
			for (uint32_t i = 0; i < m->n_rest[side]; i++) {
				const struct exchange_order *o = &x->order[m->rest[side][i].tag];
				if (o->account != account)
					continue;
				if (n < cap)
					out[n] = o;
				n++;
			}
	}
	if (n)
		qsort(out, n < cap ? n : cap, sizeof *out, older);
	return n;
}

static uint32_t trades_of_order(const struct exchange *x, const struct exchange_order *o,
				const struct exchange_trade **out, uint32_t cap)
{
	uint32_t n = 0;
	for (uint32_t at = o->first_trade; at && n < cap; at = x->trade[at - 1].next)
		out[n++] = &x->trade[at - 1];
	return n;
}

uint32_t exchange_trades(const struct exchange *x, uint16_t account, uint16_t instrument,
			 uint64_t order_id, uint64_t from_id, int64_t from_ns,
			 const struct exchange_trade **out, uint32_t cap)
{
	if (order_id) {
		const struct exchange_order *o =
			exchange_order(x, account, instrument, order_id, NULL);
		return o ? trades_of_order(x, o, out, cap) : 0;
	}
	uint32_t n = 0;
	for (uint32_t i = 0; i < x->config.max_trades && n < cap; i++) {
		uint32_t slot = (x->next_trade + i) % x->config.max_trades;
		const struct exchange_trade *t = &x->trade[slot];
		if (t->order && t->account == account && t->instrument == instrument &&
		    t->trade >= from_id && t->at_ns >= from_ns)
			out[n++] = t;
	}
	return n;
}

const struct funds *exchange_funds(const struct exchange *x, uint16_t account)
{
	return account < x->config.n_accounts ? &x->funds[account] : NULL;
}

uint32_t exchange_depth(const struct exchange *x, uint16_t instrument, enum side side,
			struct level *out, uint32_t cap, int64_t *last_seq)
{
	const struct match *m = &x->book[instrument];
	if (last_seq)
		*last_seq = m->depth_seq;
	return match_book(m, side, out, cap);
}

int exchange_find(const struct exchange *x, const char *symbol, size_t n)
{
	for (uint16_t i = 0; i < x->config.n_instruments; i++) {
		const char *s = x->config.instrument[i].symbol;
		if (strlen(s) == n && memcmp(s, symbol, n) == 0)
			return i;
	}
	return -1;
}
