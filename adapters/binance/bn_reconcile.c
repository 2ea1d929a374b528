/* A reconciliation: what an account holds and has working, and the executions that nobody heard; over when all of it has been answered. */
#include "adapters/binance/bn.h"
#include "core/base/err.h"
#include <stdlib.h>

static const enum bn_ask parts[] = { BN_OPEN_ORDERS, BN_POSITIONS, BN_BALANCES };

static void reconcile_end(struct binance *b)
{
	bool full = !b->reconcile_failed;
	for (uint16_t i = 0; i < b->n_sessions; i++)
		if (b->session[i].parts_open || b->session[i].history_open)
			return;
	b->reconciling = false;
	b->reconcile_at_ns = bn_now(b).mono_ns + b->times.backoff_max_ns;
	b->venue.host.on_reconciled(b->venue.host.core, b->venue.index, full);
	if (full) {
		b->reconciled = true;
		bn_evaluate(b, "reconciled");
	}
}

void bn_reconcile_part(struct binance *b, struct bn_session *s, enum bn_ask part, uint64_t request,
		       bool good)
{
	if (!b->reconciling || request < b->reconcile_from || !(s->parts_open >> part & 1))
		return;
	s->parts_open &= ~(1u << part);
	if (!good)
		b->reconcile_failed = true;
	reconcile_end(b);
}

void bn_history_part(struct binance *b, struct bn_session *s, uint64_t request, bool good)
{
	if (!b->reconciling || request < b->reconcile_from || !s->history_open)
		return;
	s->history_open--;
	if (!good)
		b->reconcile_failed = true;
	reconcile_end(b);
}

/* Executions since the newest that the core knows, where it cares for them: those of a time when nobody listened. */
static void ask_histories(struct binance *b, struct bn_session *s)
{
	const struct venue_host *h = &b->venue.host;
	char exec[VENUE_ID_TEXT];
	for (uint32_t i = 0; h->fills_since && i < b->n_mine; i++) {
		int64_t ns = h->fills_since(h->core, s->account, b->mine[i], exec);
		if (ns <= 0)
			continue;
		int64_t id = strtoll(exec, NULL, 10);
		s->history_open++;
		if (bn_ask_history(b, s, b->mine[i], id > 0 ? id + 1 : 0, ns))
			bn_history_part(b, s, UINT64_MAX, false);
	}
}

int bn_reconcile(struct venue *v)
{
	struct binance *b = bn_of(v);
	if (v->state < VENUE_RECONCILING)
		return err_set(ERR_STATE, "%s has no session to ask about its orders",
			       v->ops->name);
	if (b->reconciling)
		return 0;
	b->reconciling = true;
	b->reconcile_failed = false;
	b->reconcile_from = b->requests.count * b->requests.cap + b->requests.cap;
	/* All that is asked is noted first: an answer must not end the whole before it was asked. */
	for (uint16_t i = 0; i < b->n_sessions; i++) {
		/* A round that a broken line ended is void for the accounts whose lines held as well. */
		b->session[i].parts_open = b->session[i].history_open = 0;
		for (unsigned p = 0; p < sizeof(parts) / sizeof(*parts); p++)
			if (b->dialect->way[parts[p]].method)
				b->session[i].parts_open |= 1u << parts[p];
	}
	for (uint16_t i = 0; i < b->n_sessions; i++)
		for (unsigned p = 0; p < sizeof(parts) / sizeof(*parts); p++)
			if (b->dialect->way[parts[p]].method &&
			    bn_ask(b, &b->session[i], parts[p], UINT32_MAX, NULL))
				bn_reconcile_part(b, &b->session[i], parts[p], UINT64_MAX, false);
	for (uint16_t i = 0; i < b->n_sessions; i++)
		ask_histories(b, &b->session[i]);
	if (!b->n_sessions)
		reconcile_end(b);
	return 0;
}
