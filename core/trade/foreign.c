#include "core/trade/foreign.h"

#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/ops/config.h"
#include "core/trade/scribe.h"
#include "core/trade/watch.h"
#include "core/trade/watermark.h"
#include <stdio.h>
#include <string.h>

/* ---- orders ---- */

static struct foreign_order *find(struct desk *d, uint16_t account, uint32_t instrument,
				  const char *venue_order)
{
	for (uint32_t i = 0; i < d->foreign.n; i++) {
		struct foreign_order *o = &d->foreign.row[i];
		if (o->account == account && o->instrument == instrument &&
		    strcmp(o->venue_order, venue_order) == 0)
			return o;
	}
	return NULL;
}

static uint64_t tell_order(struct desk *d, const struct foreign_order *o, bool works,
			   const char *text)
{
	struct fact f;
	fact_init(&f, FACT_FOREIGN_ORDER);
	scribe_instrument(d, &f, o->instrument);
	f.account = d->names.account[o->account];
	f.side = o->side;
	f.px = o->px;
	f.qty = o->qty;
	f.num[0] = o->cum;
	f.num[1] = works;
	f.num[2] = o->accepted;
	snprintf(f.venue_order, sizeof f.venue_order, "%s", o->venue_order);
	fact_text(&f, "%s; client id %s", text, o->client);
	return scribe_put(d, &f);
}

static void take_in(struct foreign_order *o, const struct exec_report *r)
{
	o->side = r->side;
	o->px = r->px ? r->px : o->px;
	o->qty = r->qty ? r->qty : o->qty;
	if (r->has_cum && r->cum > o->cum)
		o->cum = r->cum;
}

/* It works there all the same: told once, and no end of the others lets the fence fall before a listing finds room for all. */
static void crowd(struct desk *d, const struct exec_report *r)
{
	static const char text[] = "more orders of somebody else work there than can be kept";
	int64_t held = positions_total(&d->positions, r->account, r->instrument);
	struct fence *x = fence_at(d, r->account, r->instrument);
	if (!x)
		fence_raise(d, r->account, r->instrument, FENCE_ORDER, held, held, 0, text);
	else if (!x->crowded)
		scribe_alert(d, x->cause, ALERT_FENCE, 0, "%s: %s",
			     d->instrument[r->instrument].name, text);
	x = fence_at(d, r->account, r->instrument);
	x->crowded = true;
	x->crowded_round = d->venue[r->venue].reconcile.round;
}

static void order_works(struct desk *d, const struct exec_report *r)
{
	struct foreign_order *o = find(d, r->account, r->instrument, r->venue_order);
	uint32_t round = d->venue[r->venue].reconcile.round;
	if (o) {
		take_in(o, r);
		o->round = round;
		return;
	}
	if (d->foreign.n == FOREIGN_ORDERS) {
		crowd(d, r);
		return;
	}
	o = &d->foreign.row[d->foreign.n++];
	*o = (struct foreign_order){ .account = r->account,
				     .instrument = r->instrument,
				     .round = round,
				     .since_utc_ns = d->now.utc_ns };
	snprintf(o->venue_order, sizeof o->venue_order, "%s", r->venue_order);
	snprintf(o->client, sizeof o->client, "%s", r->client);
	take_in(o, r);
	const char *whose = r->order ? "an order of this host works that it does not know any more"
				     : "an order works that this host did not send";
	uint64_t seq = tell_order(d, o, true, whose);
	fence_raise(d, r->account, r->instrument, FENCE_ORDER,
		    positions_total(&d->positions, r->account, r->instrument),
		    positions_total(&d->positions, r->account, r->instrument), seq, whose);
}

bool foreign_works(struct desk *d, uint16_t account, uint32_t instrument, bool accepted_too)
{
	const struct fence *x = fence_at(d, account, instrument);
	if (x && x->crowded)
		return true;
	for (uint32_t i = 0; i < d->foreign.n; i++)
		if (d->foreign.row[i].account == account &&
		    d->foreign.row[i].instrument == instrument &&
		    (accepted_too || !d->foreign.row[i].accepted))
			return true;
	return false;
}

static void lift_if_none(struct desk *d, uint16_t account, uint32_t instrument, uint64_t cause)
{
	struct fence *x = fence_at(d, account, instrument);
	if (x && x->why == FENCE_ORDER && !foreign_works(d, account, instrument, false))
		fence_lift(d, x, cause, "no order of somebody else works there any more");
}

static void order_gone(struct desk *d, struct foreign_order *o, const char *text)
{
	uint16_t account = o->account;
	uint32_t instrument = o->instrument;
	uint64_t seq = tell_order(d, o, false, text);
	*o = d->foreign.row[--d->foreign.n];
	lift_if_none(d, account, instrument, seq);
}

/* Where this listing found room for all, there are no others. */
static void uncrowd(struct desk *d, uint16_t venue)
{
	for (uint32_t i = d->fences.n; i-- > 0;) {
		struct fence *x = &d->fences.row[i];
		if (!x->crowded || d->instrument[x->instrument].venue != venue ||
		    x->crowded_round == d->venue[venue].reconcile.round)
			continue;
		x->crowded = false;
		lift_if_none(d, x->account, x->instrument, x->cause);
	}
}

void foreign_listed(struct desk *d, uint16_t venue)
{
	for (uint32_t i = d->foreign.n; i-- > 0;) {
		struct foreign_order *o = &d->foreign.row[i];
		if (d->cfg->account[o->account].venue == venue &&
		    o->round != d->venue[venue].reconcile.round)
			order_gone(d, o, "the venue lists it no more");
	}
	uncrowd(d, venue);
}

void foreign_accept(struct desk *d, uint16_t account, uint32_t instrument)
{
	for (uint32_t i = 0; i < d->foreign.n; i++) {
		struct foreign_order *o = &d->foreign.row[i];
		if (o->account != account || o->instrument != instrument || o->accepted)
			continue;
		o->accepted = true;
		tell_order(d, o, true, "an operator lets it work");
	}
}

void foreign_carry(struct desk *d)
{
	for (uint32_t i = 0; i < d->foreign.n; i++)
		tell_order(d, &d->foreign.row[i], true, "works");
}

void foreign_recall(struct desk *d, uint16_t account, uint32_t instrument, const struct fact *f)
{
	struct foreign_order *o = find(d, account, instrument, f->venue_order);
	if (!f->num[1]) {
		if (o)
			*o = d->foreign.row[--d->foreign.n];
		return;
	}
	if (!o) {
		if (d->foreign.n == FOREIGN_ORDERS) {
			d->foreign.forgotten++;
			fence_crowd(d, account, instrument, f);
			return;
		}
		o = &d->foreign.row[d->foreign.n++];
	}
	*o = (struct foreign_order){ .account = account,
				     .instrument = instrument,
				     .side = f->side,
				     .accepted = f->num[2] != 0,
				     .px = f->px,
				     .qty = f->qty,
				     .cum = f->num[0],
				     .since_utc_ns = f->utc_ns };
	snprintf(o->venue_order, sizeof o->venue_order, "%s", f->venue_order);
	const char *client = strstr(f->text, "client id ");
	snprintf(o->client, sizeof o->client, "%.*s", (int)sizeof o->client - 1,
		 client ? client + 10 : "");
}

void foreign_recalled(struct desk *d)
{
	if (d->foreign.forgotten)
		scribe_alert(
			d, 0, ALERT_FENCE, 0,
			"%u orders of somebody else are not kept, there is room for %d: nothing opens in their contracts until their venue has listed what works there",
			d->foreign.forgotten, FOREIGN_ORDERS);
}

/* ---- fills ---- */

int foreign_book(struct desk *d, uint16_t account, uint32_t instrument, uint16_t instance,
		 enum side side, int64_t px, int64_t qty, int64_t fee_e8, asset_id fee_asset)
{
	const struct instrument *in = &d->instrument[instrument];
	struct position *row = positions_at(&d->positions, account, instrument, instance);
	int64_t value = instrument_notional_e8(in, qty, px);
	positions_count(&d->positions, account, instrument, side == SIDE_BUY ? qty : -qty);
	if (!row)
		return err_set(ERR_FULL, "more positions than this build holds");
	position_fill(row, side, OFFSET_NONE, qty, value);
	if (instance != POSITION_NOBODY) {
		bool money = fee_asset == in->quote || fee_asset == in->settle;
		bool base = in->expo.kind == EXPO_SPOT && fee_asset == in->base;
		round_book(&d->instance[instance].round, side, value, money ? fee_e8 : 0,
			   base ? fee_e8 : 0);
	}
	return position_charge(row, fee_asset, fee_e8);
}

static uint64_t part(struct desk *d, const struct exec_report *r, bool ahead, uint16_t instance,
		     int64_t qty, int64_t fee_e8)
{
	struct fact f;
	scribe_instance(d, &f, FACT_FOREIGN, instance, 0);
	scribe_instrument(d, &f, r->instrument);
	f.account = d->names.account[r->account];
	f.order = r->order;
	f.side = r->side;
	f.px = r->px;
	f.qty = qty;
	f.fee_e8 = fee_e8;
	f.fee_asset = d->names.asset[r->fee_asset];
	f.venue_ns = r->venue_ns;
	f.num[0] = r->cum;
	f.num[1] = r->forced;
	f.num[2] = r->replayed;
	f.num[FACT_FOREIGN_AHEAD] = ahead;
	snprintf(f.venue_order, sizeof f.venue_order, "%s", r->venue_order);
	snprintf(f.exec, sizeof f.exec, "%s", r->exec);
	if (r->forced)
		fact_text(&f, "%s; client id %s", forced_cause_name((enum forced_cause)r->forced),
			  r->client);
	else
		fact_text(&f, "client id %s", r->client);
	foreign_book(d, r->account, r->instrument, instance, (enum side)r->side, r->px, qty, fee_e8,
		     r->fee_asset);
	uint64_t seq = scribe_put(d, &f);
	if (instance != POSITION_NOBODY)
		watch_moved(d, instance, (enum forced_cause)r->forced, seq);
	return seq;
}

/* Of those who hold what such a fill closes, whoever holds most and has not been asked yet. */
static uint16_t largest_holder(struct desk *d, const struct exec_report *r, const bool *asked,
			       int64_t *held)
{
	uint16_t who = POSITION_NOBODY;
	*held = 0;
	for (uint16_t i = 0; i < d->cfg->n_instances && i < FOREIGN_HOLDERS; i++)
		for (unsigned l = 0; !asked[i] && l < d->instance[i].cfg->n_legs; l++) {
			const struct config_instance *c = d->instance[i].cfg;
			if (c->leg[l] != r->instrument || c->account[l] != r->account)
				continue;
			int64_t net = position_net(d->instance[i].row[l]);
			int64_t closes = r->side == SIDE_BUY ? -net : net;
			if (closes > *held) {
				*held = closes;
				who = i;
			}
		}
	return who;
}

/* By force: the largest holder first, in whole lots; the fee by quantity. What nobody holds is nobody's. */
static uint64_t forced_fill(struct desk *d, const struct exec_report *r, bool ahead)
{
	bool asked[FOREIGN_HOLDERS] = { false };
	const struct rule *rule = desk_rule(d, r->instrument);
	int64_t left = r->qty, fee_left = r->fee_e8, held;
	uint64_t seq = 0;
	for (uint16_t who;
	     left > 0 && (who = largest_holder(d, r, asked, &held)) != POSITION_NOBODY;) {
		asked[who] = true;
		int64_t qty = held < left ? held : left;
		if (rule && rule->lot > 0 && qty < left)
			qty -= qty % rule->lot;
		if (qty == 0)
			continue;
		int64_t fee =
			qty == left ? fee_left : dec_muldiv(r->fee_e8, qty, r->qty, DEC_NEAREST);
		seq = part(d, r, ahead, who, qty, fee);
		left -= qty;
		fee_left -= fee;
		char why[SNAPSHOT_WHY];
		snprintf(why, sizeof why, "its position was closed by force (%s)",
			 forced_cause_name((enum forced_cause)r->forced));
		desk_pause_instance(d, who, why);
	}
	if (left > 0)
		seq = part(d, r, ahead, POSITION_NOBODY, left, fee_left);
	scribe_alert(d, seq, ALERT_FORCED, 0,
		     "%s: %s of a position by force; its holders are paused and repaired",
		     d->instrument[r->instrument].name,
		     forced_cause_name((enum forced_cause)r->forced));
	return seq;
}

/* A late fill of an order that was forgotten belongs to the one instance that trades there, if there is just one. */
static uint16_t only_trader(const struct desk *d, const struct exec_report *r)
{
	uint16_t who = POSITION_NOBODY;
	for (uint16_t i = 0; i < d->cfg->n_instances; i++) {
		const struct config_instance *c = &d->cfg->instance[i];
		for (unsigned l = 0; l < c->n_legs; l++)
			if (c->leg[l] == r->instrument && c->account[l] == r->account) {
				if (who != POSITION_NOBODY && who != i)
					return POSITION_NOBODY;
				who = i;
			}
	}
	return who;
}

static void on_fill(struct desk *d, const struct exec_report *r)
{
	struct position_sum *s = positions_sum(&d->positions, r->account, r->instrument);
	if (s && r->replayed && !position_is_news(s, r->venue_ns, r->exec))
		return; /* the checkpoint has it */
	if (!blotter_first_sight(&d->blotter, r->account, r->instrument, r->venue_order, r->side,
				 r->exec)) {
		watermark_again(d, r->account, r->instrument, r->venue_ns, r->exec, r->replayed);
		return;
	}
	blotter_keep(&d->blotter, r->px, r->qty, r->fee_e8, r->fee_asset);
	int64_t before = s ? s->net : 0;
	bool ahead =
		watermark_count(d, r->account, r->instrument, r->venue_ns, r->exec, r->replayed);
	struct foreign_order *o = find(d, r->account, r->instrument, r->venue_order);
	if (o) {
		o->cum = r->has_cum && r->cum > o->cum ? r->cum : o->cum + r->qty;
		if (o->cum >= o->qty)
			order_gone(d, o, "filled");
	}
	if (r->forced) {
		forced_fill(d, r, ahead);
		return;
	}
	uint16_t who = r->order ? only_trader(d, r) : POSITION_NOBODY;
	uint64_t seq = part(d, r, ahead, who, r->qty, r->fee_e8);
	if (who != POSITION_NOBODY) {
		scribe_alert(d, seq, ALERT_FOREIGN_FILL, 0,
			     "%s: a late fill of an order long forgotten; it is booked to %s",
			     d->instrument[r->instrument].name, d->cfg->instance[who].name);
		return;
	}
	fence_raise(d, r->account, r->instrument, FENCE_FILL, before, s ? s->net : 0, seq,
		    r->order ? "a late fill of an order long forgotten"
			     : "a fill that this host did not send");
}

void foreign_on_exec(struct desk *d, const struct exec_report *r)
{
	struct foreign_order *o;
	switch ((enum exec_kind)r->kind) {
	case EXEC_FILL:
		on_fill(d, r);
		break;
	case EXEC_ACK:
	case EXEC_REPLACED:
		order_works(d, r);
		break;
	case EXEC_STATUS:
		if (r->status == ORDER_LIVE) {
			order_works(d, r);
			break;
		} /* fall through */
	case EXEC_CANCELLED:
	case EXEC_REJECTED:
	case EXEC_NOT_FOUND:
		o = find(d, r->account, r->instrument, r->venue_order);
		if (o)
			order_gone(d, o, r->text[0] ? r->text : "gone");
		break;
	case EXEC_BUST:
	case EXEC_CORRECT:
		if (!r->replayed)
			scribe_alert(
				d, 0, ALERT_BUST, 0,
				"an execution on %s was taken back or changed that this host has no order for",
				d->instrument[r->instrument].name);
		break;
	default:
		break;
	}
}
