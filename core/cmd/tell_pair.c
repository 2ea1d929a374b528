/* The words of a pair: what it was decided on, its legs, orders and fills, and how it was rescued. */
#include "core/cmd/tell_parts.h"
#include "core/trade/limit.h"
#include "core/trade/order.h"
#include "core/trade/plan.h"
#include "core/trade/rescue.h"
#include "core/trade/router.h"
#include <inttypes.h>

void tell_quote(struct line *l, const struct reader *r, const struct fact *f)
{
	tell_put(l, "%s bid %s x %s, ask %s x %s, proven valid %s ms ago", tell_instrument(r, f),
		 tell_px(f, f->num[0]), tell_qty(f, f->num[1]), tell_px(f, f->num[2]),
		 tell_qty(f, f->num[3]), tell_ms(f->num[6]));
	if (f->num[4])
		tell_put(l, ", update %" PRId64, f->num[4]);
}

void tell_decision(struct line *l, const struct reader *r, const struct fact *f)
{
	(void)r;
	tell_put(l,
		 "net basis: sell %s (%s bp, %s lots), buy %s (%s bp, %s lots); quotes %s ms apart",
		 tell_dec(f->num[0], 9), tell_dec(f->num[2] / 10000000, 2), tell_dec(f->num[4], 9),
		 tell_dec(f->num[1], 9), tell_dec(f->num[3] / 10000000, 2), tell_dec(f->num[5], 9),
		 tell_ms(f->num[6]));
	tell_reason(l, f);
}

void tell_proposal(struct line *l, const struct reader *r, const struct fact *f)
{
	(void)r;
	tell_put(l, "proposal %" PRId64 ": %s lots over %" PRId64 " legs", f->num[0],
		 tell_dec(f->num[1], 9), f->num[2]);
	tell_reason(l, f);
}

void tell_pair(struct line *l, const struct reader *r, const struct fact *f)
{
	(void)r;
	const char *state = fact_state_name(FACT_PAIR, f->state);
	const char *from = fact_state_name(FACT_PAIR, (uint8_t)f->num[0]);
	if (f->num[0] == f->num[1])
		tell_put(l, "%s, %" PRId64 " lots", state ? state : "?", f->qty);
	else
		tell_put(l, "%s -> %s", from ? from : "?", state ? state : "?");
	tell_reason(l, f);
	if (f->num[2])
		tell_put(l, " (unhedged %s)", tell_dec(f->num[2], 8));
}

void tell_leg(struct line *l, const struct reader *r, const struct fact *f)
{
	tell_put(l, "%s %s %s: trigger %s, limit %s", tell_side(f), tell_qty(f, f->num[2]),
		 tell_instrument(r, f), tell_px(f, f->num[4]), tell_px(f, f->num[3]));
}

void tell_plan(struct line *l, const struct reader *r, const struct fact *f)
{
	(void)r;
	if (f->num[3] == PLAN_STEP_CHOSEN && f->num[0] > STYLE_BOTH && f->num[0] < pair_style_max)
		tell_put(l, "%s: ", pair_style_name((enum pair_style)f->num[0]));
	else if (f->num[3] == PLAN_STEP_CHOSEN && f->num[1] > ALIGN_SEND &&
		 f->num[1] < pair_align_max)
		tell_put(l, "%s: ", pair_align_name((enum pair_align)f->num[1]));
	tell_put(l, "%s", f->text);
	if (f->num[3] == PLAN_STEP_PRICED)
		tell_put(l, ", at %s", tell_px(f, f->px));
}

void tell_order(struct line *l, const struct reader *r, const struct fact *f)
{
	static const char *const tifs[] = { "GTC", "IOC", "FOK", "DAY" };
	_Static_assert(sizeof(tifs) / sizeof(tifs[0]) == tif_max, "a name for every time in force");
	tell_put(l, "%s %s %s at %s%s%s%s; the market stands at %s", tell_side(f),
		 tell_qty(f, f->qty), tell_instrument(r, f), tell_px(f, f->px),
		 f->num[1] >= 0 && f->num[1] < tif_max ? " " : "",
		 f->num[1] >= 0 && f->num[1] < tif_max ? tifs[f->num[1]] : "",
		 f->num[2] == ORDER_HEDGES ? ", hedge"
		 : f->num[2]		   ? ", rescue"
					   : "",
		 tell_px(f, f->num[5]));
}

void tell_fill(struct line *l, const struct reader *r, const struct fact *f)
{
	tell_put(l, "%s %s %s at %s%s", tell_side(f), tell_qty(f, f->qty), tell_instrument(r, f),
		 tell_px(f, f->px), tell_slip(l->story, f));
	if (f->fee_e8 || f->fee_asset)
		tell_put(l, ", fee %s %s", tell_dec(f->fee_e8, 8),
			 tell_name(r, NAME_ASSET, f->fee_asset));
	tell_put(l, f->num[1] ? "; %s still open" : "; all of it", tell_qty(f, f->num[1]));
	if (f->num[2])
		tell_put(l, ", maker");
	if (f->num[3])
		tell_put(l, ", told late");
}

/* An order that a checkpoint carries on, as it stood then. */
void tell_order_kept(struct line *l, const struct reader *r, const struct fact *f)
{
	const char *state = fact_state_name(FACT_ORDER_KEPT, f->state);
	tell_put(l, "%s %s %s at %s stands as %s, filled %s", tell_side(f), tell_qty(f, f->qty),
		 tell_instrument(r, f), tell_px(f, f->px), state ? state : "?",
		 tell_qty(f, f->num[6]));
}

void tell_replace(struct line *l, const struct reader *r, const struct fact *f)
{
	tell_put(l, "%s %s: %s at %s asked for in place of %s at %s, filled %s so far",
		 tell_side(f), tell_instrument(r, f), tell_qty(f, f->qty), tell_px(f, f->px),
		 tell_qty(f, f->num[1]), tell_px(f, f->num[0]), tell_qty(f, f->num[2]));
}

void tell_replaced(struct line *l, const struct reader *r, const struct fact *f)
{
	tell_put(l, "%s %s: ", tell_side(f), tell_instrument(r, f));
	if (f->num[3])
		tell_put(l, "it works on as it was, %s at %s", tell_qty(f, f->num[1]),
			 tell_px(f, f->num[0]));
	else
		tell_put(l, "%s at %s in force in place of %s at %s", tell_qty(f, f->qty),
			 tell_px(f, f->px), tell_qty(f, f->num[1]), tell_px(f, f->num[0]));
	tell_put(l, ", filled %s in all", tell_qty(f, f->num[2]));
	tell_reason(l, f);
}

/* A way that is refused may have no price; no way costs exactly nothing. */
static const char *price(int64_t v)
{
	return v ? tell_dec(v, 8) : "-";
}

/* Both ways with their price, and which was taken. */
void tell_rescue(struct line *l, const struct reader *r, const struct fact *f)
{
	(void)r;
	tell_put(l, "unhedged %s; completing costs %s, unwinding %s; spent %s of %s so far",
		 tell_dec(f->num[3], 8), price(f->num[1]), price(f->num[2]), tell_dec(f->num[4], 8),
		 f->num[5] ? tell_dec(f->num[5], 8) : "no limit");
	if (f->num[6])
		tell_put(l, ", attempt %" PRId64, f->num[6] + 1);
	if (f->text[0])
		tell_put(l, " -> %s", f->text);
	else if (f->num[7] >= 0 && f->num[7] < rescue_way_max)
		tell_put(l, " -> %s", rescue_way_name((enum rescue_way)f->num[7]));
}

/* One row of the table that follows a rescue: how a way's price comes about, to be checked by hand. */
void tell_cost(struct line *l, const struct reader *r, const struct fact *f)
{
	const char *way = f->num[0] >= 0 && f->num[0] < rescue_way_max
				  ? rescue_way_name((enum rescue_way)f->num[0])
				  : "?";
	tell_put(l, "%-8s ", way);
	if (f->num[7] && !f->num[1] && !f->num[2]) { /* it was not even priced */
		if (f->qty)
			tell_put(l, "%s %s %s ", tell_side(f), tell_qty(f, f->qty),
				 tell_instrument(r, f));
		tell_put(l, "refused, %s", f->text);
		return;
	}
	if (f->qty)
		tell_put(l, "%s %s %s at %s, ", tell_side(f), tell_qty(f, f->qty),
			 tell_instrument(r, f), tell_px(f, f->px));
	tell_put(l, "slip %s + fee %s", tell_dec(f->num[1], 8), tell_dec(f->num[2], 8));
	if (f->num[3])
		tell_put(l, " + edge given up %s", tell_dec(f->num[3], 8));
	if (f->num[4])
		tell_put(l, " + waiting %s", tell_dec(f->num[4], 8));
	if (f->num[5] == f->num[1] + f->num[2] + f->num[3] + f->num[4])
		tell_put(l, " = %s", tell_dec(f->num[5], 8));
	else if (f->num[5] || f->num[6] || f->num[7]) /* its other legs follow */
		tell_put(l, "; all legs %s", tell_dec(f->num[5], 8));
	if (f->num[6])
		tell_put(l, ", leaves %s", tell_dec(f->num[6], 8));
	if (f->text[0])
		tell_put(l, f->num[7] ? "; not now: %s" : "; %s", f->text);
}

void tell_held(struct line *l, const struct reader *r, const struct fact *f)
{
	(void)r;
	tell_put(l, "%s, over after %s s: %s money-seconds unhedged", f->text,
		 tell_dec(f->num[1] / 1000000, 3), tell_dec(f->num[2], 8));
	if (f->num[3])
		tell_put(l, "; unhedged %s", tell_dec(f->num[3], 8));
}

void tell_transfer(struct line *l, const struct reader *r, const struct fact *f)
{
	tell_put(l, "%s %s %s at %s", tell_side(f), tell_qty(f, f->qty), tell_instrument(r, f),
		 tell_px(f, f->px));
	tell_reason(l, f);
	tell_put(l, "; nobody still holds %s", tell_qty(f, f->num[2]));
}

/* Why it is gone or was refused, as far as the venue lets it be told. */
static void put_why(struct line *l, const struct fact *f)
{
	if (f->kind == FACT_CANCELLED && f->num[3] > CANCEL_UNSAID && f->num[3] < cancel_why_max)
		tell_put(l, " (%s)", cancel_why_name((enum cancel_why)f->num[3]));
	if (f->kind == FACT_REJECTED && f->num[1] > REJECT_OTHER && f->num[1] < reject_class_max)
		tell_put(l, " (%s)", reject_class_name((enum reject_class)f->num[1]));
}

void tell_order_news(struct line *l, const struct reader *r, const struct fact *f)
{
	const char *state = fact_state_name((enum fact_kind)f->kind, f->state);
	tell_put(l, "%s %s", tell_side(f), tell_instrument(r, f));
	if (f->kind == FACT_ACK && f->num[0])
		tell_put(l, ", answered after %s ms", tell_ms(f->num[0]));
	if (f->kind == FACT_SENT)
		tell_put(l, ", handed to its connection%s%s", f->exec[0] ? " as " : "", f->exec);
	if (f->kind == FACT_UNKNOWN && f->num[0])
		tell_put(l, ", silent for %s ms", tell_ms(f->num[0]));
	if (f->kind == FACT_CANCELLED || f->kind == FACT_DUPLICATE || f->kind == FACT_BUST)
		tell_put(l, ", filled %s in all", tell_qty(f, f->num[0]));
	if (f->kind == FACT_STATUS)
		tell_put(l, ", filled %s in all", tell_qty(f, f->num[1]));
	if (state && f->kind != FACT_WITHDRAWN)
		tell_put(l, ", %s", state);
	put_why(l, f);
	tell_reason(l, f);
}

void tell_risk(struct line *l, const struct reader *r, const struct fact *f)
{
	char value[LIMIT_WORDS], bound[LIMIT_WORDS];
	(void)r;
	limit_words((enum risk_limit)f->num[0], f->num[1], value);
	limit_words((enum risk_limit)f->num[0], f->num[2], bound);
	tell_put(l, "%s (%s against %s)", f->text, value, bound);
	if (f->num[3] > 1)
		tell_put(l, ", %" PRId64 " times since the last such receipt", f->num[3]);
}
