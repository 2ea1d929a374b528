#include "adapters/binance/bn_requests.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include <stdlib.h>

static const char *const ask_name[] = {
	"log-on",
	"subscription",
	"listen key",
	"keep-alive",
	"rules",
	"time",
	"book",
	"probe",
	"order",
	"cancel",
	"status",
	"trades",
	"replacement",
	"mass cancel",
	"dead-man switch",
	"history",
	"order of an execution",
	"open orders",
	"positions",
	"balances",
};
_Static_assert(sizeof(ask_name) / sizeof(*ask_name) == bn_ask_max, "a name for each");

const char *bn_ask_name(enum bn_ask a)
{
	return (unsigned)a < bn_ask_max ? ask_name[a] : "?";
}

int bn_requests_init(struct bn_requests *t, uint32_t cap)
{
	*t = (struct bn_requests){ .cap = 16 };
	while (t->cap < cap)
		t->cap *= 2;
	t->slot = calloc(t->cap, sizeof(*t->slot));
	t->free_slot = calloc(t->cap, sizeof(*t->free_slot));
	if (!t->slot || !t->free_slot) {
		bn_requests_free(t);
		return err_set(ERR_NOMEM, "no memory for %u requests", cap);
	}
	while (t->n_free < t->cap) {
		t->free_slot[t->n_free] = t->cap - 1 - t->n_free;
		t->n_free++;
	}
	return 0;
}

void bn_requests_free(struct bn_requests *t)
{
	free(t->slot);
	free(t->free_slot);
	*t = (struct bn_requests){ 0 };
}

struct bn_request *bn_requests_add(struct bn_requests *t, enum bn_ask ask)
{
	if (!t->n_free)
		return NULL;
	uint32_t i = t->free_slot[--t->n_free];
	struct bn_request *q = &t->slot[i];
	*q = (struct bn_request){ .id = ++t->count * t->cap + i,
				  .ask = (uint8_t)ask,
				  .session = BN_NO_SESSION,
				  .deadline_ns = INT64_MAX };
	return q;
}

struct bn_request *bn_requests_find(struct bn_requests *t, uint64_t id)
{
	struct bn_request *q = &t->slot[id & (t->cap - 1)];
	return id && q->id == id ? q : NULL;
}

void bn_requests_del(struct bn_requests *t, struct bn_request *q)
{
	must(q->id);
	q->id = 0;
	t->free_slot[t->n_free++] = (uint32_t)(q - t->slot);
}
