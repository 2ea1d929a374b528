/* What a venue does of its own accord, as planned: requests refused for a while, positions closed by force, trades and orders of somebody else in an account. */
#include "adapters/sim/wire_parts.h"
#include <stdio.h>
#include <string.h>

/* How requests are refused meanwhile, in the venue's words (F43 F44 F45). */
static const struct {
	uint8_t plan;
	int status, code;
	bool retry; /* it says when to come back */
	const char *text;
} troubles[] = {
	{ PLAN_MAINTENANCE, 503, -1016, false, "This service is no longer available." },
	{ PLAN_REVOKE, 401, -2015, false, "Invalid API-key, IP, or permissions for action." },
	{ PLAN_WINDOW, 400, -1021, false,
	  "Timestamp for this request is outside of the recvWindow." },
	{ PLAN_LIMIT, 429, -1003, true, "Too many requests." },
	{ PLAN_BAN, 418, -1003, true, "Way too many requests; IP banned." },
};

int wire_in_trouble(struct wire_call *c)
{
	const struct wire *w = c->w;
	if (!w->trouble_until_ns || c->now_ns >= w->trouble_until_ns)
		return 0;
	for (size_t i = 0; i < sizeof troubles / sizeof *troubles; i++) {
		/* What needs no key knows nothing of keys and timestamps. */
		bool signed_only =
			troubles[i].plan == PLAN_REVOKE || troubles[i].plan == PLAN_WINDOW;
		if (troubles[i].plan != w->trouble || (signed_only && c->op->security == WIRE_OPEN))
			continue;
		if (troubles[i].retry)
			c->retry_at_ns = w->trouble_until_ns;
		return wire_fail(c, troubles[i].status, troubles[i].code, "%s", troubles[i].text);
	}
	return 0;
}

static void force_all(struct wire *w, const struct plan_event *p, int64_t now_ns, const char *by)
{
	const struct exchange_config *x = &w->exchange.config;
	for (uint16_t a = 0; a < x->n_accounts; a++)
		for (uint16_t i = 0; i < x->n_instruments; i++)
			if (!p->symbol[0] || !strcmp(p->symbol, x->instrument[i].symbol))
				(void)exchange_force(&w->exchange, now_ns, a, i, by);
}

/* The least that the venue takes, by hand, in the first account: met at once, or resting a hundredth below the market (F16). */
static void by_hand(struct wire *w, const struct plan_event *p, int64_t now_ns, bool rests)
{
	const struct exchange_config *x = &w->exchange.config;
	for (uint16_t i = 0; i < x->n_instruments; i++) {
		const struct instrument *in = &x->instrument[i];
		const struct rule *r = instrument_rule(in, now_ns);
		int64_t px = match_mid(&w->exchange.book[i]);
		if (!r || !px || (p->symbol[0] && strcmp(p->symbol, in->symbol)))
			continue;
		int64_t qty = r->min_qty > r->lot ? r->min_qty : r->lot;
		while (instrument_notional_e8(in, qty, px - px / 50) < r->min_notional_e8)
			qty *= 2;
		struct exchange_request q = { .instrument = i,
					      .side = SIDE_BUY,
					      .type = rests ? ORD_LIMIT : ORD_MARKET,
					      .tif = rests ? TIF_GTC : TIF_IOC,
					      .px = (px - px / 100) / r->tick * r->tick,
					      .qty = qty };
		const struct exchange_order *o;
		snprintf(q.client, sizeof q.client, "web_%llu",
			 (unsigned long long)w->exchange.next_id);
		(void)exchange_place(&w->exchange, now_ns, &q, &o);
		return;
	}
}

void wire_plan(struct wire *w, const struct plan_event *p, int64_t now_ns)
{
	w->now_ns = now_ns;
	switch ((enum plan_kind)p->kind) {
	case PLAN_LIQUIDATE:
		force_all(w, p, now_ns, "autoclose-");
		break;
	case PLAN_ADL:
		force_all(w, p, now_ns, "adl_autoclose");
		break;
	case PLAN_FOREIGN_FILL:
	case PLAN_FOREIGN_ORDER:
		by_hand(w, p, now_ns, p->kind == PLAN_FOREIGN_ORDER);
		break;
	default:
		w->trouble = p->kind;
		w->trouble_until_ns = now_ns + p->for_ns;
		break;
	}
	wire_flush_changes(w);
}

int64_t wire_countdown(struct wire *w, int64_t now_ns)
{
	int64_t next = INT64_MAX;
	for (uint16_t a = 0; a < w->exchange.config.n_accounts; a++)
		for (uint16_t i = 0; i < w->exchange.config.n_instruments; i++) {
			int64_t *at = &w->countdown_ns[a][i];
			if (*at && *at <= now_ns) {
				*at = 0;
				w->now_ns = now_ns;
				(void)exchange_cancel_all(&w->exchange, now_ns, a, i);
				wire_flush_changes(w);
			}
			if (*at && *at < next)
				next = *at;
		}
	return next;
}
