/* cn_orders - what accounts ask of the domestic exchange: sessions, orders, cancels, and what is told of them. */
#include "adapters/sim/cn_parts.h"
#include "core/base/dec.h"
#include "core/base/must.h"

#define REF_BITS 40 /* a CTP reference has twelve digits */
#define REF_MAX	 ((UINT64_C(1) << REF_BITS) - 1)

static uint64_t ref_key(uint32_t session, uint64_t ref)
{
	return (uint64_t)session << REF_BITS | ref;
}

const struct cn_order *cn_order_by_ref(const struct cn_exchange *x, uint32_t session, uint64_t ref)
{
	uint32_t index;
	if (ref == 0 || ref > REF_MAX || !map_get(&x->by_ref, ref_key(session, ref), &index))
		return NULL;
	return &x->order[index];
}

void cn_keep(struct cn_exchange *x, const struct cn_order *o)
{
	must(map_put(&x->by_ref, ref_key(o->asked.session, o->asked.ref), x->n_orders) == 0);
	x->order[x->n_orders++] = *o;
}

/* ---------------------------------------------------------------- telling */

void cn_tell_order(struct cn_exchange *x, const struct cn_order *o, bool replayed)
{
	struct cn_report r = { .kind = CN_REPORT_ORDER,
			       .replayed = replayed,
			       .account = o->asked.account,
			       .at_ns = o->updated_ns,
			       .order = *o };
	x->on_report(x->owner, &r);
}

void cn_tell_trade(struct cn_exchange *x, const struct cn_trade *t, bool replayed)
{
	struct cn_report r = { .kind = CN_REPORT_TRADE,
			       .replayed = replayed,
			       .account = t->account,
			       .at_ns = t->at_ns,
			       .order = *cn_order_of(x, t->order),
			       .trade = *t };
	x->on_report(x->owner, &r);
}

/* ---------------------------------------------------------------- what becomes of an order */

static struct cn_count *count_of(struct cn_exchange *x, const struct cn_request *q)
{
	return &x->count[x->config.member[q->account].owner][q->instrument];
}

static struct cn_position *position_of(struct cn_exchange *x, const struct cn_request *q)
{
	return &x->account[q->account]
			.position[q->instrument][cn_position_side(q->side, q->offset)];
}

static enum cn_from from_of(const struct cn_exchange *x, const struct cn_request *q)
{
	return cn_from(cn_house_rule[x->house[q->instrument]].splits_close, q->offset);
}

/* Of `of` lots that are still frozen or locked for, qty are so no longer. */
static void unlock(struct cn_exchange *x, struct cn_order *o, int64_t qty, int64_t of)
{
	int64_t keeps = dec_muldiv(o->locked_e8, of - qty, of, DEC_UP);
	x->account[o->asked.account].locked_e8 -= o->locked_e8 - keeps;
	o->locked_e8 = keeps;
}

/* The second side of a self-trade is told right after the first. */
static bool self_trade(const struct cn_exchange *x, const struct cn_trade *t)
{
	if (!t->own || x->n_trades == 0)
		return false;
	const struct cn_trade *before = &x->trade[x->n_trades - 1];
	const struct cn_member *m = x->config.member;
	return before->trade == t->trade && before->instrument == t->instrument &&
	       m[before->account].owner == m[t->account].owner;
}

/* What was taken then, whatever the rules say now. */
static void take_fee(struct cn_account *a, struct cn_fill *f, int64_t fee_e8)
{
	a->fees_e8 += fee_e8 - f->fee_e8;
	a->balance_e8 -= fee_e8 - f->fee_e8;
	f->fee_e8 = fee_e8;
}

static void filled(struct cn_book *b, struct cn_order *o, const struct match_event *e)
{
	struct cn_exchange *x = b->exchange;
	const struct cn_request *q = &o->asked;
	must(x->n_trades < x->config.trades);
	unlock(x, o, e->qty, e->qty + e->leaves);
	if (q->offset == OFFSET_OPEN) {
		count_of(x, q)->opening -= e->qty;
		count_of(x, q)->opened += e->qty;
	}
	o->cum = e->cum;
	if (e->leaves == 0)
		o->state = CN_FILLED;
	struct cn_trade t = { .trade = e->trade,
			      .order = o->id,
			      .ref = q->ref,
			      .session = q->session,
			      .account = q->account,
			      .instrument = q->instrument,
			      .side = q->side,
			      .offset = q->offset,
			      .maker = e->maker,
			      .own = e->own,
			      .px = e->px,
			      .qty = e->qty,
			      .at_ns = e->at_ns,
			      .trading_day = o->trading_day };
	cn_account_fill(&x->account[q->account], q->instrument, q->side, q->offset, e->qty, e->px,
			&t.fill);
	if (x->again)
		take_fee(&x->account[q->account], &t.fill, x->again_fee_e8);
	if (self_trade(x, &t))
		count_of(x, q)->self_trades++;
	if (!b->counted && (!e->own || e->maker))
		cn_day_trade(&b->stat, e->px, e->qty);
	x->view.mark_px[q->instrument] = e->px;
	x->trade[x->n_trades++] = t;
	cn_tell_order(x, o, false);
	cn_tell_trade(x, &t, false);
}

/* It stood at a price limit at which nobody is on the other side. */
static bool at_locked_limit(const struct cn_book *b, const struct cn_request *q)
{
	for (enum side side = SIDE_BUY; side < side_max; side++) {
		int64_t limit = side == SIDE_BUY ? b->band.hi : b->band.lo;
		if (q->px == limit && !shown_best(&b->match.shown, side ^ 1) &&
		    !b->match.n_rest[side ^ 1])
			return true;
	}
	return false;
}

static void ended(struct cn_book *b, struct cn_order *o, const struct match_event *e)
{
	struct cn_exchange *x = b->exchange;
	const struct cn_request *q = &o->asked;
	bool immediate = e->why == WHY_IOC || e->why == WHY_FOK;
	unlock(x, o, e->leaves, e->leaves);
	if (q->offset == OFFSET_OPEN)
		count_of(x, q)->opening -= e->leaves;
	else
		cn_position_thaw(position_of(x, q), from_of(x, q), e->leaves);
	if (!x->again)
		o->at_limit = at_locked_limit(b, q);
	if (immediate || e->why == WHY_OWNER)
		cn_count_cancel(count_of(x, q), x->house[q->instrument], q->qty, immediate,
				o->at_limit);
	o->state = CN_CANCELLED;
	o->why = e->why;
	cn_tell_order(x, o, false);
}

void cn_hear(void *book, const struct match_event *e)
{
	struct cn_book *b = book;
	struct cn_exchange *x = b->exchange;
	must(e->id >= x->first_id && e->id - x->first_id < x->n_orders);
	must(e->kind != MATCH_REJECTED); /* there is room, and nobody posts only */
	struct cn_order *o = &x->order[e->id - x->first_id];
	o->updated_ns = e->at_ns;
	if (e->kind == MATCH_ACK)
		cn_tell_order(x, o, false);
	else if (e->kind == MATCH_FILL)
		filled(b, o, e);
	else
		ended(b, o, e);
	cn_changed(b);
}

/* ---------------------------------------------------------------- sessions */

uint32_t cn_login(struct cn_exchange *x, int64_t now_ns, uint16_t account)
{
	must(account < x->config.n_accounts);
	cn_tick(x, now_ns);
	struct cn_seat *seat = &x->seat[account];
	seat->session = ++x->sessions;
	seat->ref = 0;
	must(seat->session < 1u << (64 - REF_BITS));
	for (uint32_t i = 0; i < x->n_orders; i++)
		if (x->order[i].asked.account == account)
			cn_tell_order(x, &x->order[i], true);
	for (uint32_t i = 0; i < x->n_trades; i++)
		if (x->trade[i].account == account)
			cn_tell_trade(x, &x->trade[i], true);
	return seat->session;
}

void cn_logout(struct cn_exchange *x, int64_t now_ns, uint16_t account)
{
	must(account < x->config.n_accounts);
	cn_tick(x, now_ns);
	x->seat[account].session = 0;
}

static bool logged_in(const struct cn_exchange *x, uint16_t account, uint32_t session)
{
	return session && x->seat[account].session == session;
}

enum cn_refusal cn_confirm(struct cn_exchange *x, int64_t now_ns, uint16_t account,
			   uint32_t session)
{
	must(account < x->config.n_accounts);
	cn_tick(x, now_ns);
	if (!logged_in(x, account, session))
		return CN_NOT_LOGGED_IN;
	x->seat[account].confirmed = true;
	return CN_OK;
}

/* ---------------------------------------------------------------- orders */

/* Who asks, and whether he may. The reference is used up even if the order is refused for anything else. */
static enum cn_refusal check_sender(struct cn_exchange *x, const struct cn_request *q)
{
	struct cn_seat *seat = &x->seat[q->account];
	if (!logged_in(x, q->account, q->session))
		return CN_NOT_LOGGED_IN;
	if (!seat->confirmed)
		return CN_UNCONFIRMED;
	if (q->ref > REF_MAX)
		return CN_FIELD;
	if (q->ref <= seat->ref)
		return CN_DUPLICATE;
	seat->ref = q->ref;
	if (q->instrument >= x->view.n)
		return CN_INSTRUMENT;
	const struct cn_book *b = &x->book[q->instrument];
	if (x->n_orders == x->config.orders || !cn_room(x) ||
	    (q->side < side_max && b->match.n_rest[q->side] == x->config.resting))
		return CN_FULL;
	return CN_OK;
}

enum cn_refusal cn_hold(struct cn_exchange *x, const struct cn_request *q, int64_t *locked_e8)
{
	struct cn_account *a = &x->account[q->account];
	*locked_e8 = 0;
	if (q->offset != OFFSET_OPEN)
		return cn_position_freeze(position_of(x, q), from_of(x, q), q->qty);
	*locked_e8 = cn_account_need_e8(a, q->instrument, q->side, q->qty, q->px);
	count_of(x, q)->opening += q->qty;
	a->locked_e8 += *locked_e8;
	return CN_OK;
}

/* What the counter holds ready for an order: lots, or money; CN_OK and it is held. */
static enum cn_refusal hold(struct cn_exchange *x, const struct cn_request *q, int64_t *locked_e8)
{
	const struct cn_account *a = &x->account[q->account];
	if (q->offset != OFFSET_OPEN)
		return cn_hold(x, q, locked_e8);
	if (x->book[q->instrument].close_only)
		return CN_CLOSE_ONLY;
	int64_t need = cn_account_need_e8(a, q->instrument, q->side, q->qty, q->px);
	if (cn_account_available_e8(a) < need)
		return CN_MONEY;
	int64_t limit = x->config.contract[q->instrument].open_limit;
	if (!cn_count_may_open(count_of(x, q), q->qty, limit))
		return CN_OPEN_LIMIT;
	return cn_hold(x, q, locked_e8);
}

static enum cn_refusal check_order(struct cn_exchange *x, const struct cn_request *q,
				   int64_t *locked_e8)
{
	enum cn_refusal r = check_sender(x, q);
	if (r != CN_OK)
		return r;
	const struct cn_asked asked = { q->side, q->type, q->tif, q->offset, q->px, q->qty };
	const struct cn_book *b = &x->book[q->instrument];
	r = cn_check(&asked, x->house[q->instrument], x->view.rule[q->instrument], &b->band,
		     b->now.phase);
	return r == CN_OK ? hold(x, q, locked_e8) : r;
}

enum cn_refusal cn_order(struct cn_exchange *x, int64_t now_ns, const struct cn_request *q,
			 uint64_t *id)
{
	must(q->account < x->config.n_accounts);
	if (id)
		*id = 0;
	cn_tick(x, now_ns);
	if (!cn_flow_take(&x->seat[q->account].flow, x->now_ns, x->config.requests_per_second))
		return CN_FLOW;
	struct cn_order o = { .asked = *q, .placed_ns = x->now_ns, .updated_ns = x->now_ns };
	enum cn_refusal refusal = check_order(x, q, &o.locked_e8);
	if (refusal != CN_OK) {
		struct cn_report r = { .kind = CN_REPORT_REFUSED,
				       .refusal = (uint8_t)refusal,
				       .account = q->account,
				       .at_ns = x->now_ns,
				       .order = o };
		x->on_report(x->owner, &r);
		return refusal;
	}
	struct cn_book *b = &x->book[q->instrument];
	o.id = x->first_id + x->n_orders;
	o.trading_day = b->day;
	cn_keep(x, &o);
	if (id)
		*id = o.id;
	const struct match_order m = { .id = o.id,
				       .px = q->px,
				       .qty = q->qty,
				       .account = q->account,
				       .side = q->side,
				       .type = q->type,
				       .tif = q->tif };
	match_place(&b->match, x->now_ns, &m);
	return CN_OK;
}

/* ---------------------------------------------------------------- cancels */

static enum cn_refusal check_cancel(struct cn_exchange *x, const struct cn_cancel *c,
				    const struct cn_order **order)
{
	if (!logged_in(x, c->account, c->session))
		return CN_NOT_LOGGED_IN;
	const struct cn_order *o =
		c->id ? cn_order_of(x, c->id) : cn_order_by_ref(x, c->order_session, c->ref);
	if (!o || o->asked.account != c->account)
		return CN_NO_ORDER;
	*order = o;
	if (o->state != CN_WORKING)
		return CN_DONE;
	enum phase p = cn_phase_of(x, o->asked.instrument);
	return p == PHASE_CONTINUOUS || p == PHASE_AUCTION ? CN_OK : CN_PHASE;
}

enum cn_refusal cn_cancel(struct cn_exchange *x, int64_t now_ns, const struct cn_cancel *c)
{
	must(c->account < x->config.n_accounts);
	cn_tick(x, now_ns);
	if (!cn_flow_take(&x->seat[c->account].flow, x->now_ns, x->config.requests_per_second))
		return CN_FLOW;
	const struct cn_order *o = NULL;
	enum cn_refusal refusal = check_cancel(x, c, &o);
	if (refusal == CN_OK) {
		must(match_cancel(&x->book[o->asked.instrument].match, x->now_ns, o->id) == 0);
		return CN_OK;
	}
	struct cn_report r = { .kind = CN_REPORT_CANCEL_REFUSED,
			       .refusal = (uint8_t)refusal,
			       .account = c->account,
			       .at_ns = x->now_ns };
	if (o)
		r.order = *o;
	else
		r.order = (struct cn_order){ .id = c->id,
					     .asked = { .account = c->account,
							.session = c->order_session,
							.ref = c->ref } };
	x->on_report(x->owner, &r);
	return refusal;
}

bool cn_expire(struct cn_exchange *x, int64_t now_ns, uint64_t id)
{
	cn_tick(x, now_ns);
	const struct cn_order *o = cn_order_of(x, id);
	if (!o || o->state != CN_WORKING)
		return false;
	must(match_expire(&x->book[o->asked.instrument].match, x->now_ns, id, WHY_VENUE) == 0);
	return true;
}
