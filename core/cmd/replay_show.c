#include "core/cmd/replay_show.h"
#include "core/base/dec.h"
#include "core/cmd/row.h"
#include "core/trade/pair.h"
#include <inttypes.h>

#define SHOWN_MOST 50

static const char *const intents[] = { "open", "close", "roll", "repair", "flatten" };
_Static_assert(sizeof intents / sizeof *intents == pair_intent_max, "a word for every intent");

static const char *intent_name(uint8_t k)
{
	return k < pair_intent_max ? intents[k] : "?";
}

static const char *side_name(uint8_t side)
{
	return side == SIDE_BUY ? "buy" : side == SIDE_SELL ? "sell" : "other legs";
}

const char *replay_wish(const struct other_wish *w, char out[REPLAY_WORDS])
{
	if (!w->n)
		snprintf(out, REPLAY_WORDS, "nothing");
	else
		snprintf(out, REPLAY_WORDS, "%s %s %g lots%s", intent_name(w->intent),
			 side_name(w->side), w->lots, w->n > 1 ? " and more" : "");
	return out;
}

const char *replay_came(const struct replay_outcome *x, const struct other_decision *d,
			const struct other_wish *w, char out[REPLAY_WORDS])
{
	char slip[24], fees[24];
	const struct bt_pair *p = replay_outcome_pair(x, d, w);
	out[0] = '\0';
	if (!w->n)
		return out;
	if (!p) {
		snprintf(out, REPLAY_WORDS, "not sent from its own position");
		return out;
	}
	dec_format(p->slip_e8, MONEY_DP, 2, slip);
	dec_format(p->fees_e8, MONEY_DP, 2, fees);
	int n = snprintf(out, REPLAY_WORDS, "%s%s", pair_state_name((enum pair_state)p->state),
			 p->broke ? " after it broke" : "");
	if (x->priced)
		snprintf(out + n, REPLAY_WORDS - (size_t)n, ", slipped %s, fees %s %s", slip, fees,
			 x->money);
	return out;
}

/* ---------------------------------------------------------------- on a terminal */

static void tell_side(const char *which, const struct replay_outcome *x, FILE *f)
{
	char net[24], fees[24];
	dec_format(x->net_e8, MONEY_DP, 2, net);
	dec_format(x->fees_e8, MONEY_DP, 2, fees);
	fprintf(f,
		"%-6s %" PRIu64 " pairs sent: %" PRIu64 " hedged, %" PRIu64 " flat, %" PRIu64
		" broke; %" PRIu64 " orders, %" PRIu64 " fills",
		which, x->sent, x->hedged, x->flat, x->broken, x->orders, x->fills);
	if (x->priced)
		fprintf(f, "; net %s, fees %s %s", net, fees, x->money);
	fputc('\n', f);
}

static void tell_decision(const struct replay_story *s, const struct other_decision *d, FILE *f)
{
	char at[32], a[REPLAY_WORDS], b[REPLAY_WORDS], c[REPLAY_WORDS], e[REPLAY_WORDS];
	row_time(d->utc_ns, at);
	replay_came(&s->side[0], d, &d->then, c);
	replay_came(&s->side[1], d, &d->now, e);
	fprintf(f,
		"  %s %s call %" PRIu64
		": basis sell %.3f bp, buy %.3f bp; then %s%s%s%s, now %s%s%s%s\n",
		at, s->other->name[d->instance], d->call, d->sell_bp, d->buy_bp,
		replay_wish(&d->then, a), c[0] ? " (" : "", c, c[0] ? ")" : "",
		replay_wish(&d->now, b), e[0] ? " (" : "", e, e[0] ? ")" : "");
}

void replay_text(const struct replay_story *s, FILE *f)
{
	const struct replay_other *o = s->other;
	fprintf(f,
		"of %" PRIu64 " calls that both were shown, %zu came out otherwise (%" PRIu64
		" pairs proposed then, %" PRIu64 " now)\n",
		o->calls, o->n_decisions, o->then_proposed, o->now_proposed);
	for (size_t i = 0; i < o->n_decisions && i < SHOWN_MOST; i++)
		tell_decision(s, &o->decision[i], f);
	if (o->n_decisions > SHOWN_MOST)
		fprintf(f, "  and %zu more: --json has them all\n", o->n_decisions - SHOWN_MOST);
	if (o->unasked)
		fprintf(f, "  %" PRIu64 " calls of hooks and timers that only the other one has\n",
			o->unasked);
	if (o->errors)
		fprintf(f, "  %" PRIu64 " calls of the other version failed\n", o->errors);
	if (o->left_out)
		fprintf(f,
			"  what was remembered then is not for the other version: it began with nothing\n");
	fputs("what would have come of it with the matching core, each from a position of its own:\n",
	      f);
	tell_side("then", &s->side[0], f);
	tell_side("now", &s->side[1], f);
}

/* ---------------------------------------------------------------- as JSON */

static void json_wish(struct json_out *j, const char *name, const struct replay_outcome *x,
		      const struct other_decision *d, const struct other_wish *w)
{
	const struct bt_pair *p = replay_outcome_pair(x, d, w);
	json_obj(j, name);
	json_int(j, "pairs", w->n);
	if (w->n) {
		json_str(j, "intent", intent_name(w->intent));
		json_str(j, "side", side_name(w->side));
		json_num(j, "lots", w->lots);
		json_str(j, "came_to", p ? pair_state_name((enum pair_state)p->state) : "not_sent");
	}
	if (p)
		json_bool(j, "broke", p->broke);
	if (p && x->priced) {
		json_dec(j, "slippage", p->slip_e8, MONEY_DP);
		json_dec(j, "fees", p->fees_e8, MONEY_DP);
	}
	json_obj_end(j);
}

static void json_side(struct json_out *j, const char *name, const struct replay_outcome *x)
{
	json_obj(j, name);
	json_int(j, "sent", (int64_t)x->sent);
	json_int(j, "hedged", (int64_t)x->hedged);
	json_int(j, "flat", (int64_t)x->flat);
	json_int(j, "broken", (int64_t)x->broken);
	json_int(j, "orders", (int64_t)x->orders);
	json_int(j, "fills", (int64_t)x->fills);
	if (x->priced) {
		json_dec(j, "net", x->net_e8, MONEY_DP);
		json_dec(j, "fees", x->fees_e8, MONEY_DP);
		json_str(j, "money", x->money);
	}
	json_obj_end(j);
}

size_t replay_json_size(const struct replay_story *s)
{
	return 4096 + s->other->n_decisions * 768;
}

void replay_json(const struct replay_story *s, struct json_out *j)
{
	const struct replay_other *o = s->other;
	char at[32];
	json_int(j, "compared_calls", (int64_t)o->calls);
	json_int(j, "calls_of_its_own", (int64_t)o->unasked);
	json_int(j, "different", (int64_t)o->n_decisions);
	json_arr(j, "decisions_that_differ");
	for (size_t i = 0; i < o->n_decisions; i++) {
		const struct other_decision *d = &o->decision[i];
		row_time(d->utc_ns, at);
		json_obj(j, NULL);
		json_str(j, "time", at);
		json_str(j, "instance", o->name[d->instance]);
		json_int(j, "call", (int64_t)d->call);
		json_num(j, "sell_bp", d->sell_bp);
		json_num(j, "buy_bp", d->buy_bp);
		json_num(j, "pos_lots", d->pos_lots);
		json_wish(j, "then", &s->side[0], d, &d->then);
		json_wish(j, "now", &s->side[1], d, &d->now);
		json_obj_end(j);
	}
	json_arr_end(j);
	json_side(j, "outcome_then", &s->side[0]);
	json_side(j, "outcome_now", &s->side[1]);
}
