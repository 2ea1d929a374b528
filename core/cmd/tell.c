#include "core/cmd/tell.h"
#include "core/base/dec.h"
#include "core/base/span.h"
#include "core/cmd/row.h"
#include "core/market/feed.h"
#include "core/market/tsync.h"
#include "core/trade/order.h"
#include "core/trade/rescue.h"
#include "core/trade/router.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PLACES	    16
#define PLACE_BYTES 64

struct line {
	char *out;
	size_t n;
};

static void put(struct line *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void put(struct line *l, const char *fmt, ...)
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
	if (slip == 0)
		return ", at the trigger";
	char *out = next_place(), ticks[24];
	int64_t size = slip < 0 ? -slip : slip;
	dec_format(size, 2, 0, ticks);
	snprintf(out, PLACE_BYTES, ", %s tick%s %s than the trigger", ticks, size == 100 ? "" : "s",
		 slip > 0 ? "worse" : "better");
	return out;
}

static const char *side(const struct fact *f)
{
	return f->side == SIDE_BUY ? "buy" : f->side == SIDE_SELL ? "sell" : "-";
}

static const char *ms(int64_t ns)
{
	return tell_dec(ns / 1000, 3);
}

static const char *px(const struct fact *f, int64_t v)
{
	return tell_dec(v, f->px_dp);
}

static const char *qty(const struct fact *f, int64_t v)
{
	return tell_dec(v, f->qty_dp);
}

static const char *instrument(const struct reader *r, const struct fact *f)
{
	return tell_name(r, NAME_INSTRUMENT, f->instrument);
}

static void put_reason(struct line *l, const struct fact *f)
{
	if (f->text[0])
		put(l, ": %s", f->text);
}

static void tell_quote(struct line *l, const struct reader *r, const struct fact *f)
{
	put(l, "%s bid %s x %s, ask %s x %s, proven valid %s ms ago", instrument(r, f),
	    px(f, f->num[0]), qty(f, f->num[1]), px(f, f->num[2]), qty(f, f->num[3]),
	    ms(f->num[6]));
	if (f->num[4])
		put(l, ", update %" PRId64, f->num[4]);
}

static void tell_decision(struct line *l, const struct fact *f)
{
	put(l, "net basis: sell %s (%s bp, %s lots), buy %s (%s bp, %s lots); quotes %s ms apart",
	    tell_dec(f->num[0], 9), tell_dec(f->num[2] / 10000000, 2), tell_dec(f->num[4], 9),
	    tell_dec(f->num[1], 9), tell_dec(f->num[3] / 10000000, 2), tell_dec(f->num[5], 9),
	    ms(f->num[6]));
	put_reason(l, f);
}

static void tell_pair(struct line *l, const struct fact *f)
{
	const char *state = fact_state_name(FACT_PAIR, f->state);
	const char *from = fact_state_name(FACT_PAIR, (uint8_t)f->num[0]);
	if (f->num[0] == f->num[1])
		put(l, "%s, %" PRId64 " lots", state ? state : "?", f->qty);
	else
		put(l, "%s -> %s", from ? from : "?", state ? state : "?");
	put_reason(l, f);
	if (f->num[2])
		put(l, " (unhedged %s)", tell_dec(f->num[2], 8));
}

static void tell_leg(struct line *l, const struct reader *r, const struct fact *f)
{
	put(l, "%s %s %s: trigger %s, limit %s", side(f), qty(f, f->num[2]), instrument(r, f),
	    px(f, f->num[4]), px(f, f->num[3]));
}

static void tell_order(struct line *l, const struct reader *r, const struct fact *f)
{
	static const char *const tifs[] = { "GTC", "IOC", "FOK", "DAY" };
	_Static_assert(sizeof(tifs) / sizeof(tifs[0]) == tif_max, "a name for every time in force");
	put(l, "%s %s %s at %s%s%s%s; the market stands at %s", side(f), qty(f, f->qty),
	    instrument(r, f), px(f, f->px), f->num[1] >= 0 && f->num[1] < tif_max ? " " : "",
	    f->num[1] >= 0 && f->num[1] < tif_max ? tifs[f->num[1]] : "",
	    f->num[2] == ORDER_HEDGES ? ", hedge"
	    : f->num[2]		      ? ", rescue"
				      : "",
	    px(f, f->num[5]));
}

static void tell_fill(struct line *l, const struct story *s, const struct reader *r,
		      const struct fact *f)
{
	put(l, "%s %s %s at %s%s", side(f), qty(f, f->qty), instrument(r, f), px(f, f->px),
	    tell_slip(s, f));
	if (f->fee_e8 || f->fee_asset)
		put(l, ", fee %s %s", tell_dec(f->fee_e8, 8),
		    tell_name(r, NAME_ASSET, f->fee_asset));
	put(l, f->num[1] ? "; %s still open" : "; all of it", qty(f, f->num[1]));
	if (f->num[2])
		put(l, ", maker");
	if (f->num[3])
		put(l, ", told late");
}

/* Both ways with their price, and which was taken. */
static void tell_rescue(struct line *l, const struct fact *f)
{
	put(l, "unhedged %s; completing costs %s, unwinding %s; spent %s of %s so far",
	    tell_dec(f->num[3], 8), tell_dec(f->num[1], 8), tell_dec(f->num[2], 8),
	    tell_dec(f->num[4], 8), f->num[5] ? tell_dec(f->num[5], 8) : "no limit");
	if (f->num[6])
		put(l, ", attempt %" PRId64, f->num[6] + 1);
	if (f->text[0])
		put(l, " -> %s", f->text);
	else if (f->num[7] >= 0 && f->num[7] < rescue_way_max)
		put(l, " -> %s", rescue_way_name((enum rescue_way)f->num[7]));
}

/* One row of the table that follows a rescue: how a way's price comes about, to be checked by hand. */
static void tell_cost(struct line *l, const struct reader *r, const struct fact *f)
{
	const char *way = f->num[0] >= 0 && f->num[0] < rescue_way_max
				  ? rescue_way_name((enum rescue_way)f->num[0])
				  : "?";
	put(l, "%-8s ", way);
	if (f->qty)
		put(l, "%s %s %s at %s, ", side(f), qty(f, f->qty), instrument(r, f), px(f, f->px));
	put(l, "slip %s + fee %s", tell_dec(f->num[1], 8), tell_dec(f->num[2], 8));
	if (f->num[3])
		put(l, " + edge given up %s", tell_dec(f->num[3], 8));
	if (f->num[4])
		put(l, " + waiting %s", tell_dec(f->num[4], 8));
	if (f->num[5] == f->num[1] + f->num[2] + f->num[3] + f->num[4])
		put(l, " = %s", tell_dec(f->num[5], 8));
	else if (f->num[5] || f->num[6] || f->num[7]) /* its other legs follow */
		put(l, "; all legs %s", tell_dec(f->num[5], 8));
	if (f->num[6])
		put(l, ", leaves %s", tell_dec(f->num[6], 8));
	if (f->text[0])
		put(l, f->num[7] ? "; not now: %s" : "; %s", f->text);
}

static void tell_held(struct line *l, const struct fact *f)
{
	put(l, "%s, over after %s s: %s money-seconds unhedged", f->text,
	    tell_dec(f->num[1] / 1000000, 3), tell_dec(f->num[2], 8));
	if (f->num[3])
		put(l, "; unhedged %s", tell_dec(f->num[3], 8));
}

static void tell_transfer(struct line *l, const struct reader *r, const struct fact *f)
{
	put(l, "%s %s %s at %s", side(f), qty(f, f->qty), instrument(r, f), px(f, f->px));
	put_reason(l, f);
	put(l, "; nobody still holds %s", qty(f, f->num[2]));
}

static void tell_broken(struct line *l, const struct reader *r, const struct fact *f)
{
	if (f->kind == FACT_RESCUE)
		tell_rescue(l, f);
	else if (f->kind == FACT_COST)
		tell_cost(l, r, f);
	else if (f->kind == FACT_HELD)
		tell_held(l, f);
	else
		tell_transfer(l, r, f);
}

static void tell_order_news(struct line *l, const struct reader *r, const struct fact *f)
{
	const char *state = fact_state_name((enum fact_kind)f->kind, f->state);
	put(l, "%s %s", side(f), instrument(r, f));
	if (f->kind == FACT_ACK && f->num[0])
		put(l, ", answered after %s ms", ms(f->num[0]));
	if (f->kind == FACT_SENT)
		put(l, ", handed to its connection%s%s", f->exec[0] ? " as " : "", f->exec);
	if (f->kind == FACT_UNKNOWN && f->num[0])
		put(l, ", silent for %s ms", ms(f->num[0]));
	if (f->kind == FACT_CANCELLED || f->kind == FACT_DUPLICATE || f->kind == FACT_BUST)
		put(l, ", filled %s in all", qty(f, f->num[0]));
	if (f->kind == FACT_STATUS)
		put(l, ", filled %s in all", qty(f, f->num[1]));
	if (state && f->kind != FACT_WITHDRAWN)
		put(l, ", %s", state);
	put_reason(l, f);
}

/* Of what it speaks, where it is no pair's. */
static const char *subject(const struct reader *r, const struct fact *f)
{
	return f->instrument ? tell_name(r, NAME_INSTRUMENT, f->instrument)
	       : f->account  ? tell_name(r, NAME_ACCOUNT, f->account)
	       : f->venue    ? tell_name(r, NAME_VENUE, f->venue)
			     : "";
}

static void tell_risk(struct line *l, const struct fact *f)
{
	put(l, "%s (%" PRId64 " against %" PRId64 ")", f->text, f->num[1], f->num[2]);
	if (f->num[3] > 1)
		put(l, ", %" PRId64 " times since the last such receipt", f->num[3]);
}

static void tell_venue(struct line *l, const struct reader *r, const struct fact *f)
{
	const char *from = fact_state_name(FACT_VENUE, (uint8_t)f->num[0]);
	const char *to = fact_state_name(FACT_VENUE, f->state);
	put(l, "%s %s -> %s", subject(r, f), from ? from : "?", to ? to : "?");
	put_reason(l, f);
}

static const char *length(int64_t ns)
{
	char *out = next_place();
	_Static_assert(SPAN_BYTES <= PLACE_BYTES, "a length of time fits");
	span_format(ns, out);
	return out;
}

static void tell_clock(struct line *l, const struct reader *r, const struct fact *f)
{
	static const char *const open[] = { "", ", nothing says how far it may be behind that",
					    ", nothing says how far it may be ahead of that",
					    ", nothing says how far off that may be" };
	_Static_assert(sizeof open / sizeof *open == tsync_open_max, "words for every open side");
	int64_t ahead = f->num[0];
	if (!f->venue) { /* this machine's own */
		put(l, "%s", f->text);
		return;
	}
	put(l, "%s is %s %s this host", subject(r, f),
	    length(ahead < 0 && ahead > INT64_MIN ? -ahead : ahead),
	    ahead < 0 ? "behind" : "ahead of");
	if (f->num[1] != INT64_MAX)
		put(l, ", known to %s", length(f->num[1]));
	if (f->num[4] > 0 && f->num[4] < tsync_open_max)
		put(l, "%s", open[f->num[4]]);
	if (f->num[3])
		put(l, "; drifts by %s ppm", tell_dec(f->num[3], 3));
	if (f->num[5])
		put(l, "; has jumped %" PRId64 " time%s", f->num[5], f->num[5] == 1 ? "" : "s");
	if (f->num[6])
		put(l, "; %" PRId64 " samples", f->num[6]);
	if (f->num[7])
		put(l, ", %" PRId64 " refused", f->num[7]);
}

static void tell_feed(struct line *l, const struct reader *r, const struct fact *f)
{
	put(l, "%s %s", instrument(r, f), f->text);
	if (f->num[6] > REPAIR_NONE && f->num[6] < feed_repair_max)
		put(l, "; mended by %s after %s", feed_repair_name((enum feed_repair)f->num[6]),
		    length(f->num[4]));
	if (f->state != BOOK_LIVE && f->num[3] && f->num[2])
		put(l, "; missing %" PRId64 " to %" PRId64, f->num[2], f->num[3]);
}

static void tell_gate(struct line *l, const struct fact *f)
{
	put(l, "%s", f->text);
	if (f->num[3] || f->num[4])
		put(l, "; looked at %" PRId64 " times, %" PRId64 " proposals refused", f->num[5],
		    f->num[6]);
}

static void tell_market(struct line *l, const struct reader *r, const struct fact *f)
{
	char until[32];
	put(l, "%s %s", instrument(r, f), f->text);
	if (f->num[3] != INT64_MAX && f->num[3]) {
		row_time(f->num[3], until);
		put(l, " until %.19sZ", until);
	}
	if (f->num[2])
		put(l, ", trading day %" PRId64, f->num[2]);
}

static void tell_block(struct line *l, const struct reader *r, const struct fact *f)
{
	char from[32];
	row_time(f->num[0], from);
	put(l, "%s: %" PRId64 " events recorded in %" PRId64 " bytes, %s from %s", subject(r, f),
	    f->num[2], f->num[3], length((int64_t)((uint64_t)f->num[1] - (uint64_t)f->num[0])),
	    from);
	if (f->num[4])
		put(l, "; %" PRId64 " lost", f->num[4]);
}

static void tell_any(struct line *l, const struct reader *r, const struct fact *f)
{
	struct row row;
	char numbers[TELL_BYTES];
	row_make(&row, r, f);
	row_numbers(&row, numbers, sizeof(numbers));
	const char *of = subject(r, f);
	put(l, "%s%s%s%s%s", of, of[0] && (f->text[0] || numbers[0]) ? ": " : "", f->text,
	    f->text[0] && numbers[0] ? "; " : "", numbers);
}

/* A venue's words may hold anything; a terminal must not obey them. */
static void make_plain(char *text)
{
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 127)
			*c = '?';
}

static bool is_order_news(enum fact_kind k)
{
	static const uint8_t kind[] = { FACT_SENT,	FACT_ACK,      FACT_CANCEL,
					FACT_CANCELLED, FACT_REJECTED, FACT_WITHDRAWN,
					FACT_QUERY,	FACT_STATUS,   FACT_UNKNOWN,
					FACT_DUPLICATE, FACT_BUST,     FACT_CANCEL_REJECTED };
	return memchr(kind, k, sizeof kind) != NULL;
}

void tell(const struct story *s, const struct reader *r, const struct fact *f, char out[TELL_BYTES])
{
	struct line l = { .out = out }; /* whatever the kind, something is put, and that ends it */
	switch ((enum fact_kind)f->kind) {
	case FACT_QUOTE:
		tell_quote(&l, r, f);
		break;
	case FACT_DECISION:
		tell_decision(&l, f);
		break;
	case FACT_PAIR:
		tell_pair(&l, f);
		break;
	case FACT_LEG:
		tell_leg(&l, r, f);
		break;
	case FACT_ORDER:
		tell_order(&l, r, f);
		break;
	case FACT_FILL:
		tell_fill(&l, s, r, f);
		break;
	case FACT_RESCUE:
	case FACT_COST:
	case FACT_HELD:
	case FACT_TRANSFER:
		tell_broken(&l, r, f);
		break;
	case FACT_RISK:
		tell_risk(&l, f);
		break;
	case FACT_VENUE:
		tell_venue(&l, r, f);
		break;
	case FACT_CLOCK:
		tell_clock(&l, r, f);
		break;
	case FACT_FEED:
		tell_feed(&l, r, f);
		break;
	case FACT_GATE:
		tell_gate(&l, f);
		break;
	case FACT_MARKET:
		tell_market(&l, r, f);
		break;
	case FACT_BLOCK:
		tell_block(&l, r, f);
		break;
	case FACT_ALERT:
	case FACT_OPERATOR:
	case FACT_PLAN:
	case FACT_FAIR:
	case FACT_TERMS:
		put(&l, "%s", f->text);
		break;
	default:
		if (is_order_news((enum fact_kind)f->kind))
			tell_order_news(&l, r, f);
		else
			tell_any(&l, r, f);
	}
	make_plain(out);
}
