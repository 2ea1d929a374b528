/* router_report - execution reports in: each finds its order, is counted once, and moves it by its table. */
#include "core/ops/config.h"
#include "core/trade/clock_doubt.h"
#include "core/trade/money.h"
#include "core/trade/risk.h"
#include "core/trade/router_parts.h"
#include "core/trade/scribe.h"
#include "core/trade/watermark.h"
#include <string.h>

static void report_fact(struct desk *d, struct fact *f, enum fact_kind k, const struct order *o,
			const struct exec_report *r)
{
	scribe_order(d, f, k, o, o->cause);
	f->venue_ns = r->venue_ns;
	_Static_assert(sizeof f->exec == sizeof r->exec &&
			       sizeof f->venue_order == sizeof r->venue_order,
		       "copied whole");
	memcpy(f->exec, r->exec, sizeof f->exec);
	if (r->venue_order[0])
		memcpy(f->venue_order, r->venue_order, sizeof f->venue_order);
	if (r->text[0])
		fact_text(f, "%s", r->text);
}

/* Recovery takes an execution's identity from its receipt, so it is made of what the receipt holds; a bust has one of its own. */
static bool first_sight(struct desk *d, const struct order *o, const struct exec_report *r,
			bool bust)
{
	const char *venue_order = r->venue_order[0] ? r->venue_order : o->venue_order;
	return blotter_first_sight(&d->blotter, o->account, o->instrument, venue_order,
				   (uint8_t)(o->side | (bust ? BLOTTER_BUST : 0)), r->exec);
}

/* Late news of a pair that has ended: a checkpoint may have forgotten it, so it is written down again first. */
static void recall(struct desk *d, const struct order *o)
{
	struct pair *p = pairs_find(&d->pairs, o->pair);
	if (p && pair_over((enum pair_state)p->state))
		scribe_whole(d, p, p->cause);
}

static void on_duplicate(struct desk *d, const struct order *o, const struct exec_report *r)
{
	struct fact f;
	if (r->replayed)
		return;
	report_fact(d, &f, FACT_DUPLICATE, o, r);
	f.num[0] = o->cum;
	scribe_put(d, &f);
}

/* Told again, of an order that was over when the last checkpoint was written: what is older than that is in it. */
static bool is_counted(struct desk *d, const struct order *o, const struct exec_report *r)
{
	const struct position_sum *s = positions_sum(&d->positions, o->account, o->instrument);
	bool bust =
		r->kind == EXEC_BUST; /* its name is that of what it takes back: only time tells */
	return s && r->replayed && o->recalled &&
	       !position_is_news(s, r->venue_ns, bust ? "" : r->exec);
}

static void over_filled(struct desk *d, const struct order *o, uint64_t seq)
{
	scribe_alert(d, seq, ALERT_OVER_FILL, o->pair,
		     "order %016llx filled more than was asked for; its strategy is paused",
		     (unsigned long long)o->id);
	desk_pause_instance(d, o->instance, "an order filled more than was asked for");
}

/* Its value in the instrument's quote, and with its fee in what the instance counts in, at the rates of this moment: whoever reads the receipt later has none. */
static void tell_money(const struct desk *d, const struct order *o, const struct exec_report *r,
		       struct fact *f)
{
	const struct instrument *in = &d->instrument[o->instrument];
	f->num[4] = instrument_notional_e8(in, r->qty, r->px);
	if (o->instance == POSITION_NOBODY)
		return;
	asset_id money = money_of(d, o->instance);
	int64_t value_e8 = f->num[4], fee_e8 = r->fee_e8;
	bool known = money_convert(d, o->instance, in->quote, money, &value_e8) &&
		     (!fee_e8 || money_convert(d, o->instance, r->fee_asset, money, &fee_e8));
	f->num[6] = known ? value_e8 : 0;
	f->num[7] = known ? fee_e8 : 0;
}

static void on_fill(struct desk *d, struct order *o, const struct exec_report *r)
{
	struct fact f;
	if (is_counted(d, o, r))
		return;
	if (!first_sight(d, o, r, false)) {
		watermark_again(d, o->account, o->instrument, r->venue_ns, r->exec, r->replayed);
		on_duplicate(d, o, r);
		return;
	}
	blotter_keep(&d->blotter, r->px, r->qty, r->fee_e8, r->fee_asset);
	bool ahead =
		watermark_count(d, o->account, o->instrument, r->venue_ns, r->exec, r->replayed);
	bool late = order_terminal((enum order_state)o->state);
	recall(d, o);
	if (!r->replayed)
		reach_on_fill(d, o, r->qty);
	router_book(d, o, r->px, r->qty, r->fee_e8, r->fee_asset);
	router_move(d, o, o->cum >= o->qty ? ORDER_EV_FILL_LAST : ORDER_EV_FILL_PART);
	report_fact(d, &f, FACT_FILL, o, r);
	f.px = r->px;
	f.qty = r->qty;
	f.fee_e8 = r->fee_e8;
	f.fee_asset = d->names.asset[r->fee_asset];
	f.num[0] = o->cum;
	f.num[1] = o->qty - o->cum;
	f.num[2] = r->maker;
	f.num[3] = r->replayed;
	tell_money(d, o, r, &f);
	f.num[FACT_FILL_AHEAD] = ahead;
	uint64_t seq = scribe_put(d, &f);
	d->stat.fills++;
	risk_on_fill(d, o, r, late);
	struct pair *p = pairs_find(&d->pairs, o->pair);
	if (p)
		p->cause = seq;
	if (o->cum > o->qty) { /* F40 */
		over_filled(d, o, seq);
	} else if (late) {
		scribe_alert(d, seq, ALERT_LATE_FILL, o->pair,
			     "order %016llx filled after it had ended", (unsigned long long)o->id);
	}
}

/* What the venue leaves unsaid is told by who asked and what was sent; a cancel of ours is no dead man's. */
static enum cancel_why why_gone(const struct order *o, const struct exec_report *r, bool own)
{
	if (own && (r->why == CANCEL_UNSAID || r->why == CANCEL_DEAD_MAN))
		return CANCEL_UNSAID;
	if (r->why != CANCEL_UNSAID)
		return (enum cancel_why)r->why;
	return o->tif == TIF_IOC || o->tif == TIF_FOK ? CANCEL_EXPIRED : CANCEL_BY_VENUE;
}

static void on_cancelled(struct desk *d, struct order *o, const struct exec_report *r)
{
	struct fact f;
	/* The venue counts more fills than we have seen: they are on their way or lost; ask instead of believing we know. */
	if (r->has_cum && r->cum > o->cum) {
		router_lost(d, o, "ended with fills that were not reported", 0);
		return;
	}
	bool own = o->cancel_asked, late = order_terminal((enum order_state)o->state);
	enum cancel_why why = why_gone(o, r, own);
	if (why == CANCEL_EXPIRED && !late && !r->replayed)
		reach_on_short(d, o);
	router_move(d, o, ORDER_EV_CANCELLED);
	report_fact(d, &f, FACT_CANCELLED, o, r);
	f.num[0] = o->cum;
	f.num[1] = late;
	f.num[2] = own;
	f.num[3] = why;
	tally_note(d, o, &f);
	uint64_t seq = scribe_put(d, &f);
	struct pair *p = pairs_find(&d->pairs, o->pair);
	if (p)
		p->cause = seq;
	if (why == CANCEL_DEAD_MAN) /* its switch fired: we were silent for too long (F72) */
		scribe_alert(d, seq, ALERT_DEAD_MAN, o->pair,
			     "order %016llx was cancelled by the venue's dead-man switch",
			     (unsigned long long)o->id);
}

/* A running mean of an eighth: what the pair's legs wait for each other by. */
static void learn_answer(struct desk *d, const struct order *o)
{
	int64_t *mean = &d->venue[o->venue].answer_ns, took = d->now.mono_ns - o->sent_mono_ns;
	*mean += *mean ? (took - *mean) / 8 : took;
}

static void on_ack(struct desk *d, struct order *o, const struct exec_report *r)
{
	bool first = o->state == ORDER_SENT || o->state == ORDER_UNKNOWN;
	if (o->state == ORDER_SENT)
		learn_answer(d, o);
	router_move(d, o, ORDER_EV_ACK);
	if (!first)
		return;
	struct fact f;
	report_fact(d, &f, FACT_ACK, o, r);
	f.num[0] = o->sent_mono_ns ? d->now.mono_ns - o->sent_mono_ns : 0;
	scribe_put(d, &f);
}

/* An authoritative answer; fills that the order is short of have come before it as replayed reports. */
static void on_status(struct desk *d, struct order *o, const struct exec_report *r)
{
	struct fact f;
	report_fact(d, &f, FACT_STATUS, o, r);
	f.num[0] = r->status;
	f.num[1] = r->cum;
	f.num[2] = 1;
	scribe_put(d, &f);
	/* Its executions are still to come: not terminal until they are counted. */
	bool short_of =
		(r->has_cum && r->cum > o->cum) || (r->status == ORDER_FILLED && o->cum < o->qty);
	if (short_of || order_terminal((enum order_state)o->state))
		return;
	if (r->qty > 0 && o->state == ORDER_UNKNOWN) /* whichever of the two was in force */
		router_settle_replace(o, r->px, r->qty);
	if (r->status == ORDER_LIVE) {
		o->attempts = 0;
		if (o->cancels) {
			router_move(d, o, o->mass_cancelled ? ORDER_EV_LOST : ORDER_EV_ACK);
			router_still_works(d, o);
			return;
		}
		router_move(d, o, ORDER_EV_ACK);
		if (o->tif == TIF_GTC || o->tif == TIF_DAY)
			router_cancel(d, o, 0);
	} else if (r->status == ORDER_REJECTED) {
		router_reject(d, o, r->code, (enum reject_class)r->reject_class, r->text, o->cause,
			      r->venue_ns);
	} else {
		on_cancelled(d, o, r);
	}
}

static void on_not_found(struct desk *d, struct order *o, const struct exec_report *r)
{
	struct fact f;
	o->reject_class = REJECT_TRANSIENT; /* lost on the way, not refused */
	router_move(d, o, o->cum ? ORDER_EV_CANCELLED : ORDER_EV_REJECTED);
	report_fact(d, &f, FACT_STATUS, o, r);
	f.num[0] = ORDER_REJECTED;
	f.num[2] = 1;
	fact_text(&f, "the venue never had it");
	scribe_put(d, &f);
}

/* What was booked is what is taken back, with its fee; of one too old to be remembered, what the venue says it was. */
static void take_back(struct desk *d, struct order *o, const struct exec_report *r)
{
	struct fact f;
	const char *venue_order = r->venue_order[0] ? r->venue_order : o->venue_order;
	const struct execution *was =
		blotter_kept(&d->blotter, o->account, o->instrument, venue_order, o->side, r->exec);
	int64_t px = was ? was->px : r->px, qty = was ? was->qty : r->qty;
	int64_t fee_e8 = was ? was->fee_e8 : r->fee_e8;
	asset_id asset = was ? was->fee_asset : r->fee_asset;
	recall(d, o);
	watermark_count(d, o->account, o->instrument, r->venue_ns, "", r->replayed);
	router_unbook(d, o, px, qty, fee_e8, asset);
	router_move(d, o, ORDER_EV_BUST);
	report_fact(d, &f, FACT_BUST, o, r);
	f.px = px;
	f.qty = qty;
	f.fee_e8 = fee_e8;
	f.fee_asset = d->names.asset[asset];
	f.num[0] = o->cum;
	uint64_t seq = scribe_put(d, &f);
	scribe_alert(d, seq, ALERT_BUST, o->pair,
		     "the venue took back an execution of order %016llx",
		     (unsigned long long)o->id);
}

static void on_bust(struct desk *d, struct order *o, const struct exec_report *r)
{
	if (is_counted(d, o, r))
		return;
	if (first_sight(d, o, r, true))
		take_back(d, o, r);
	else
		on_duplicate(d, o, r);
}

/* A correction is the old execution taken back and the new one booked, each once, whatever comes twice. */
static void on_correct(struct desk *d, struct order *o, const struct exec_report *r)
{
	struct exec_report bust = *r, fill = *r;
	const char *venue_order = r->venue_order[0] ? r->venue_order : o->venue_order;
	bust.kind = EXEC_BUST;
	memcpy(bust.exec, r->ref, sizeof bust.exec);
	bust.has_cum = false;
	fill.kind = EXEC_FILL;
	if (!blotter_kept(&d->blotter, o->account, o->instrument, venue_order, o->side, r->ref)) {
		scribe_alert(
			d, o->cause, ALERT_CORRECTION, o->pair,
			"a correction of an execution that is not known any more: order %016llx",
			(unsigned long long)o->id);
		return; /* it shows as a difference of positions, and fences the contract */
	}
	on_bust(d, o, &bust);
	on_fill(d, o, &fill);
}

static void on_replaced(struct desk *d, struct order *o, const struct exec_report *r)
{
	struct fact f;
	bool refused = r->kind == EXEC_REPLACE_REJECTED, pending = o->new_qty > 0;
	int64_t from_px = o->px, from_qty = pending ? o->was_qty : o->qty;
	if (!pending && (refused || (r->px == o->px && r->qty == o->qty)))
		return; /* said twice */
	if (refused) {
		router_settle_replace(o, o->px, o->was_qty);
	} else {
		o->px = r->px ? r->px : pending ? o->new_px : o->px;
		o->qty = r->qty > 0 ? r->qty : pending ? o->new_qty : o->qty;
		o->new_qty = 0;
	}
	router_move(d, o, refused ? ORDER_EV_REPLACE_REJECTED : ORDER_EV_REPLACED);
	report_fact(d, &f, FACT_REPLACED, o, r);
	f.num[0] = from_px;
	f.num[1] = from_qty;
	f.num[2] = o->cum;
	f.num[3] = refused;
	f.num[4] = r->code;
	uint64_t seq = scribe_put(d, &f);
	/* What had filled meanwhile may be all of it, or more: there are no leaves below nothing (F09). */
	if (o->cum >= o->qty && order_open((enum order_state)o->state))
		router_move(d, o, ORDER_EV_FILL_LAST);
	else if (refused && r->reject_class == REJECT_GONE)
		router_lost(d, o, "the change was refused: asking what became of it", seq);
}

/* Whether the venue takes orders now: what is even is closed at the one that may not, first. */
static void learn_willing(struct desk *d, const struct order *o, const struct exec_report *r)
{
	if (r->kind == EXEC_REJECTED && r->reject_class != REJECT_DUPLICATE)
		d->venue[o->venue].refused_ns = d->now.mono_ns;
	else if ((r->kind == EXEC_ACK || r->kind == EXEC_FILL) && !r->replayed)
		d->venue[o->venue].refused_ns = 0;
}

void router_on_exec(struct desk *d, const struct exec_report *r)
{
	struct order *o = blotter_find(&d->blotter, r->order);
	if (!o) {
		foreign_on_exec(d, r);
		return;
	}
	if (r->venue_order[0] && !o->venue_order[0])
		memcpy(o->venue_order, r->venue_order, sizeof o->venue_order);
	learn_willing(d, o, r);
	switch ((enum exec_kind)r->kind) {
	case EXEC_ACK:
		on_ack(d, o, r);
		break;
	case EXEC_FILL:
		on_fill(d, o, r);
		break;
	case EXEC_CANCELLED:
		on_cancelled(d, o, r);
		break;
	case EXEC_REJECTED:
		if (r->reject_class ==
		    REJECT_DUPLICATE) /* then it has this very order: ids are not used twice */
			router_lost(d, o, "the venue has an order of this id already", 0);
		else if (!order_terminal((enum order_state)o->state))
			router_reject(d, o, r->code, (enum reject_class)r->reject_class, r->text,
				      o->cause, r->venue_ns);
		break;
	case EXEC_CANCEL_REJECTED: {
		struct fact f;
		report_fact(d, &f, FACT_CANCEL_REJECTED, o, r);
		f.num[0] = r->code;
		uint64_t seq = scribe_put(d, &f);
		router_lost(d, o, "the cancel was refused: asking what became of it", seq);
		break;
	}
	case EXEC_STATUS:
		on_status(d, o, r);
		break;
	case EXEC_NOT_FOUND:
		on_not_found(d, o, r);
		break;
	case EXEC_UNKNOWN: /* as the answer to a question it is no news: the timer asks again, later each time */
		if (o->state != ORDER_UNKNOWN)
			router_lost(d, o, r->text[0] ? r->text : "the venue does not know", 0);
		break;
	case EXEC_BUST:
		on_bust(d, o, r);
		break;
	case EXEC_CORRECT:
		on_correct(d, o, r);
		break;
	case EXEC_REPLACED:
	case EXEC_REPLACE_REJECTED:
		on_replaced(d, o, r);
		break;
	case exec_kind_max:
		break;
	}
	if (r->kind != EXEC_REJECTED && r->reject_class == REJECT_CLOCK)
		clock_doubt(d, o->venue, o->cause);
}
