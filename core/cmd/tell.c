#include "core/cmd/tell.h"
#include "core/base/dec.h"
#include "core/base/span.h"
#include "core/cmd/row.h"
#include "core/cmd/tell_parts.h"
#include "core/cmd/tz.h"
#include "core/market/event.h"
#include "core/trade/strategy.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PLACES	    16
#define PLACE_BYTES 128
#define TO_SUFFIX   26 /* of a time: behind its fraction */

void tell_put(struct line *l, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(l->out + l->n, TELL_BYTES - l->n, fmt, ap);
	va_end(ap);
	l->n += n > 0 ? (size_t)n : 0;
	l->n = l->n < TELL_BYTES ? l->n : TELL_BYTES - 1;
}

/* The main thread's alone: texts for one line. */
static char *next_place(void)
{
	static char place[PLACES][PLACE_BYTES];
	static unsigned at;
	return place[at++ % PLACES];
}

const char *tell_dec(int64_t v, unsigned dp)
{
	char *out = next_place();
	dec_format(v, dp, 0, out);
	return out;
}

const char *tell_name(const struct reader *r, enum name_space space, uint32_t id)
{
	const char *known = reader_name(r, space, id);
	if (known)
		return known;
	char *out = next_place();
	snprintf(out, PLACE_BYTES, id ? "#%u" : "-", id);
	return out;
}

const char *tell_slip(const struct story *s, const struct fact *fill)
{
	int64_t slip;
	if (!story_slip(s, fill, &slip))
		return "";
	const char *from = s->intent > INTENT_ROLL ? "mark" : "trigger";
	if (slip == 0)
		return s->intent > INTENT_ROLL ? ", at the mark" : ", at the trigger";
	char *out = next_place(), ticks[24];
	int64_t size = slip < 0 ? -slip : slip;
	dec_format(size, 2, 0, ticks);
	snprintf(out, PLACE_BYTES, ", %s tick%s %s than the %s", ticks, size == 100 ? "" : "s",
		 slip > 0 ? "worse" : "better", from);
	return out;
}

const char *tell_side(const struct fact *f)
{
	return f->side == SIDE_BUY ? "buy" : f->side == SIDE_SELL ? "sell" : "-";
}

const char *tell_ms(int64_t ns)
{
	return tell_dec(ns / 1000, 3);
}

const char *tell_span(int64_t ns)
{
	char *out = next_place();
	_Static_assert(SPAN_BYTES <= PLACE_BYTES, "a length of time fits");
	span_format(ns, out);
	return out;
}

const char *tell_time(int64_t utc_ns)
{
	char text[TZ_TIME], *out = next_place();
	tz_time(utc_ns, text);
	snprintf(out, PLACE_BYTES, "%.19s%s", text, text + TO_SUFFIX);
	return out;
}

const char *tell_px(const struct fact *f, int64_t v)
{
	return tell_dec(v, f->px_dp);
}

const char *tell_qty(const struct fact *f, int64_t v)
{
	return tell_dec(v, f->qty_dp);
}

const char *tell_instrument(const struct reader *r, const struct fact *f)
{
	return tell_name(r, NAME_INSTRUMENT, f->instrument);
}

const char *tell_subject(const struct reader *r, const struct fact *f)
{
	return f->instrument ? tell_name(r, NAME_INSTRUMENT, f->instrument)
	       : f->account  ? tell_name(r, NAME_ACCOUNT, f->account)
	       : f->venue    ? tell_name(r, NAME_VENUE, f->venue)
			     : "";
}

const char *tell_holding(const struct reader *r, const struct fact *f)
{
	char *out = next_place();
	snprintf(out, PLACE_BYTES, "%.47s%s%.63s", tell_instrument(r, f), f->account ? " of " : "",
		 f->account ? tell_name(r, NAME_ACCOUNT, f->account) : "");
	return out;
}

void tell_reason(struct line *l, const struct fact *f)
{
	if (f->text[0])
		tell_put(l, ": %s", f->text);
}

void tell_text(struct line *l, const struct reader *r, const struct fact *f)
{
	(void)r;
	tell_put(l, "%s", f->text);
}

/* A kind of a newer host: all that stands in it. */
static void tell_any(struct line *l, const struct reader *r, const struct fact *f)
{
	struct row row;
	char numbers[TELL_BYTES];
	row_make(&row, r, f);
	row_numbers(&row, numbers, sizeof(numbers));
	const char *of = tell_subject(r, f);
	tell_put(l, "%s%s%s%s%s", of, of[0] && (f->text[0] || numbers[0]) ? ": " : "", f->text,
		 f->text[0] && numbers[0] ? "; " : "", numbers);
}

/* In the order of their numbers; who adds a kind adds its words here. */
static tell_fn *const told[] = {
	[FACT_NONE] = tell_any,
	[FACT_SESSION_OPEN] = tell_session_open,
	[FACT_SESSION_CLOSE] = tell_session_close,
	[FACT_NAME] = tell_name_given,
	[FACT_RULE] = tell_rule,
	[FACT_SCRIPT] = tell_script,
	[FACT_VENUE] = tell_venue,
	[FACT_FEED] = tell_feed,
	[FACT_BAD_INPUT] = tell_bad_input,
	[FACT_QUOTE] = tell_quote,
	[FACT_DECISION] = tell_decision,
	[FACT_PROPOSAL] = tell_proposal,
	[FACT_RISK] = tell_risk,
	[FACT_PAIR] = tell_pair,
	[FACT_LEG] = tell_leg,
	[FACT_ORDER] = tell_order,
	[FACT_SENT] = tell_order_news,
	[FACT_ACK] = tell_order_news,
	[FACT_FILL] = tell_fill,
	[FACT_CANCEL] = tell_order_news,
	[FACT_CANCELLED] = tell_order_news,
	[FACT_CANCEL_REJECTED] = tell_order_news,
	[FACT_REJECTED] = tell_order_news,
	[FACT_QUERY] = tell_order_news,
	[FACT_STATUS] = tell_order_news,
	[FACT_UNKNOWN] = tell_order_news,
	[FACT_DUPLICATE] = tell_order_news,
	[FACT_BUST] = tell_order_news,
	[FACT_FOREIGN] = tell_foreign,
	[FACT_RESCUE] = tell_rescue,
	[FACT_POSITION] = tell_position,
	[FACT_BALANCE] = tell_balance,
	[FACT_ALERT] = tell_alert,
	[FACT_OPERATOR] = tell_text,
	[FACT_RECOVERY] = tell_recovery,
	[FACT_CHECKPOINT] = tell_checkpoint,
	[FACT_CLOCK] = tell_clock,
	[FACT_METRIC] = tell_metric,
	[FACT_ROUND] = tell_round,
	[FACT_LOG] = tell_text,
	[FACT_GATE] = tell_gate,
	[FACT_BLOCK] = tell_block,
	[FACT_MARKET] = tell_market,
	[FACT_RECONCILE] = tell_reconcile,
	[FACT_FENCE] = tell_fence,
	[FACT_FOREIGN_ORDER] = tell_foreign_order,
	[FACT_WATERMARK] = tell_watermark,
	[FACT_REPLACE] = tell_replace,
	[FACT_REPLACED] = tell_replaced,
	[FACT_CANCEL_ALL] = tell_cancel_all,
	[FACT_ARM] = tell_arm,
	[FACT_LIMIT] = tell_limit,
	[FACT_SCOPE] = tell_scope,
	[FACT_PLAN] = tell_plan,
	[FACT_COST] = tell_cost,
	[FACT_HELD] = tell_held,
	[FACT_TRANSFER] = tell_transfer,
	[FACT_TALLY] = tell_tally,
	[FACT_TALLY_RATE] = tell_tally_rate,
	[FACT_WITHDRAWN] = tell_order_news,
	[FACT_ORDER_KEPT] = tell_order_kept,
	[FACT_FAIR] = tell_text,
	[FACT_LOTS] = tell_lots,
	[FACT_TERMS] = tell_text,
	[FACT_SHADOW] = tell_shadow,
	[FACT_STALL] = tell_stall,
	[FACT_PARAM] = tell_text,
	[FACT_ARCHIVE] = tell_archive,
	[FACT_REPAIR] = tell_text,
	[FACT_BUILD] = tell_text,
	[FACT_ACCOUNT] = tell_account,
	[FACT_INPUTS] = tell_inputs,
	[FACT_KEY] = tell_key,
};
_Static_assert(sizeof told / sizeof *told == fact_kind_max, "words for every kind");

/* A venue's words may hold anything; a terminal must not obey them. */
void tell_plain(char *text)
{
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 127)
			*c = '?';
}

void tell(const struct story *s, const struct reader *r, const struct fact *f, char out[TELL_BYTES])
{
	struct line l = { .out = out,
			  .story = s }; /* whatever the kind, something is put, and that ends it */
	tell_fn *words = f->kind < fact_kind_max ? told[f->kind] : tell_any;
	words(&l, r, f);
	tell_plain(out);
}
