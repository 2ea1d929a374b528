#include "core/cmd/explain.h"
#include "core/base/dec.h"
#include "core/cmd/tell.h"
#include "core/trade/pair.h"
#include <inttypes.h>

const char *explain_state(const struct story *s)
{
	return s->state < pair_state_max ? pair_state_name((enum pair_state)s->state) : "?";
}

const char *explain_intent(const struct story *s)
{
	return s->intent < pair_intent_max ? pair_intent_name((enum pair_intent)s->intent) : "?";
}

bool explain_own(const struct story *s)
{
	return s->intent == INTENT_REPAIR || s->intent == INTENT_FLATTEN;
}

const char *explain_verb(const struct story *s, const struct story_leg *l)
{
	bool buys = l->f.side == SIDE_BUY;
	if (!explain_own(s))
		return buys ? "buy" : "sell";
	if (s->intent == INTENT_FLATTEN)
		return l->held_qty < 0 ? "close short" : "close long";
	return l->held_qty < 0 ? "holds short" : "holds long";
}

int64_t explain_qty(const struct story *s, const struct story_leg *l)
{
	return explain_own(s) ? dec_abs(l->held_qty) : l->want_qty;
}

struct fact explain_average(const struct story *s, const struct story_leg *l)
{
	struct fact average = l->f;
	average.px = story_average_px(l);
	average.side ^= s->intent == INTENT_FLATTEN; /* it was traded against what it held */
	return average;
}

void explain_filled(const struct explain *e, const struct story_leg *l, char *out, size_t cap)
{
	const struct story *s = &e->story;
	if (!l->own_qty && !l->net_qty) {
		snprintf(out, cap, "nothing filled");
		return;
	}
	struct fact average = explain_average(s, l);
	size_t n = (size_t)snprintf(out, cap, "%s %s at %s%s; net %s",
				    s->intent == INTENT_FLATTEN ? "closed" : "filled",
				    tell_dec(l->own_qty, l->f.qty_dp),
				    tell_dec(average.px, l->f.px_dp), tell_slip(s, &average),
				    tell_dec(l->net_qty, l->f.qty_dp));
	for (unsigned k = 0; k < STORY_FEES && l->fee[k].sum_e8 && n < cap; k++)
		n += (size_t)snprintf(out + n, cap - n, ", fee %s %s",
				      tell_dec(l->fee[k].sum_e8, 8),
				      tell_name(e->reader, NAME_ASSET, l->fee[k].asset));
}

void explain_instance(const struct explain *e, char *out, size_t cap)
{
	const struct fact *script = &e->story.script_fact;
	size_t n = (size_t)snprintf(out, cap, "%s",
				    tell_name(e->reader, NAME_INSTANCE, e->story.instance));
	if (script->kind == FACT_SCRIPT && n < cap)
		n += (size_t)snprintf(out + n, cap - n, ", script %s version %" PRId64,
				      script->text, script->num[0]);
	if (n < cap)
		snprintf(out + n, cap - n, ", sha256 %.16s...",
			 tell_name(e->reader, NAME_SCRIPT, e->story.script));
}
