/* What becomes of orders: those that arrive meet the book, and what it says is written on the way back. */
#include "adapters/sim/outcome.h"
#include "adapters/sim/paper_parts.h"
#include "core/base/err.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

size_t paper_encode_id(uint64_t id, char out[VENUE_CLIENT_ID])
{
	return (size_t)snprintf(out, VENUE_CLIENT_ID, "%016" PRIx64, id);
}

int paper_take_order(struct paper *p, const struct order *o, uint32_t *slot)
{
	if (p->n_orders == p->cap_orders) {
		uint32_t cap = p->cap_orders ? 2 * p->cap_orders : 1024;
		struct paper_order *more = realloc(p->order, cap * sizeof *more);
		if (!more)
			return err_set(ERR_NOMEM, "no memory for %u orders", cap);
		p->order = more;
		p->cap_orders = cap;
		map_free(&p->slot_of);
		int rc = map_init(&p->slot_of, cap);
		for (uint32_t i = 0; i < p->n_orders && !rc; i++)
			rc = map_put(&p->slot_of, more[i].id, i);
		if (rc)
			return rc;
	}
	*slot = p->n_orders;
	p->order[p->n_orders] = (struct paper_order){ .id = o->id,
						      .instrument = o->instrument,
						      .account = o->account,
						      .side = o->side,
						      .type = o->type,
						      .tif = o->tif,
						      .offset = o->offset,
						      .px = o->px,
						      .qty = o->qty };
	int rc = map_put(&p->slot_of, o->id, p->n_orders);
	p->n_orders += rc == 0;
	p->stats.orders += rc == 0;
	return rc;
}

/* ---------------------------------------------------------------- reports */

static struct exec_report *report(struct paper *p, uint32_t slot, enum exec_kind kind)
{
	const struct paper_order *o = &p->order[slot];
	struct paper_message *m = paper_send(p, &p->out, p->o.out_ns, PAPER_REPORT);
	struct exec_report *r = &m->report;
	*r = (struct exec_report){ .kind = (uint8_t)kind,
				   .side = o->side,
				   .venue = p->v.index,
				   .account = o->account,
				   .instrument = o->instrument,
				   .order = o->id,
				   .has_cum = true,
				   .cum = o->cum,
				   .px = o->px,
				   .qty = o->qty,
				   .venue_ns = p->now_ns + p->o.utc_minus_mono_ns };
	paper_encode_id(o->id, r->client);
	snprintf(r->venue_order, sizeof r->venue_order, "%u", slot + 1);
	return r;
}

static void refuse(struct paper *p, uint32_t slot, enum reject_class class, const char *why)
{
	struct exec_report *r = report(p, slot, EXEC_REJECTED);
	p->order[slot].state = PAPER_REFUSED;
	r->reject_class = (uint8_t) class;
	snprintf(r->text, sizeof r->text, "%s", why);
	p->stats.refused[class]++;
}

/* ---------------------------------------------------------------- what an account holds */

static struct paper_row *row_of(struct paper *p, uint16_t account, uint32_t instrument)
{
	for (uint32_t i = 0; i < p->n_rows; i++)
		if (p->row[i].account == account && p->row[i].instrument == instrument)
			return &p->row[i];
	if (p->n_rows == p->cap_rows) {
		uint32_t cap = p->cap_rows ? 2 * p->cap_rows : 16;
		struct paper_row *more = realloc(p->row, cap * sizeof *more);
		if (!more)
			return NULL;
		p->row = more;
		p->cap_rows = cap;
	}
	p->row[p->n_rows] = (struct paper_row){ .account = account, .instrument = instrument };
	return &p->row[p->n_rows++];
}

static int32_t day_of(const struct paper *p, uint32_t instrument)
{
	uint16_t c = p->o.instrument[instrument].calendar;
	struct calendar_now now;
	calendar_at(c < p->o.n_calendars ? &p->o.calendar[c] : NULL,
		    p->now_ns + p->o.utc_minus_mono_ns, &now);
	return now.trading_day;
}

static int64_t less(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Takes lots of today's or of yesterday's first, as the order says. Returns how many of today's were closed. */
static int64_t close_lots(struct paper_row *r, int side, int64_t qty, bool today_first)
{
	int64_t first = less(r->qty[side][!today_first], qty);
	int64_t second = less(r->qty[side][today_first], qty - first);
	r->qty[side][!today_first] -= first;
	r->qty[side][today_first] -= second;
	return today_first ? first : second;
}

/* Books a fill; whether lots of today were closed by it decides the fee. */
static bool book_fill(struct paper *p, const struct paper_order *o, int64_t qty)
{
	struct paper_row *r = row_of(p, o->account, o->instrument);
	if (!r)
		return false;
	int32_t day = day_of(p, o->instrument);
	for (int s = 0; s < side_max && r->day != day; s++) {
		r->qty[s][1] += r->qty[s][0];
		r->qty[s][0] = 0;
	}
	r->day = day;
	bool closes = o->offset >= OFFSET_CLOSE;
	if (o->offset ==
	    OFFSET_NONE) { /* one net position: what closes it is what stands against it */
		int64_t against = r->qty[o->side ^ 1][0] + r->qty[o->side ^ 1][1];
		int64_t closed = close_lots(r, o->side ^ 1, less(against, qty), true);
		r->qty[o->side][0] += qty - less(against, qty);
		return closed > 0;
	}
	if (!closes) {
		r->qty[o->side][0] += qty;
		return false;
	}
	return close_lots(r, o->side ^ 1, qty, o->offset != OFFSET_CLOSE_YESTERDAY) > 0;
}

void paper_arrive_reconcile(struct paper *p)
{
	for (uint32_t i = 0; i < p->n_rows; i++) {
		const struct paper_row *r = &p->row[i];
		struct paper_message *m = paper_send(p, &p->out, p->o.out_ns, PAPER_POSITION);
		m->account = r->account;
		m->instrument = r->instrument;
		for (int s = 0; s < side_max; s++)
			m->qty[s] = r->qty[s][0] + r->qty[s][1];
	}
	(void)paper_send(p, &p->out, p->o.out_ns, PAPER_RECONCILED);
}

/* ---------------------------------------------------------------- the book's word */

static const struct rule *rule_of(const struct paper *p, uint32_t instrument)
{
	return instrument_rule(&p->o.instrument[instrument], p->now_ns + p->o.utc_minus_mono_ns);
}

static void filled(struct paper *p, uint32_t slot, const struct match_event *e)
{
	struct paper_order *o = &p->order[slot];
	const struct instrument *in = &p->o.instrument[o->instrument];
	const struct rule *rule = rule_of(p, o->instrument);
	o->cum = e->cum;
	bool today = book_fill(p, o, e->qty);
	if (o->cum >= o->qty)
		o->state = PAPER_ENDED;
	struct exec_report *r = report(p, slot, EXEC_FILL);
	r->px = e->px;
	r->qty = e->qty;
	r->maker = e->maker;
	snprintf(r->exec, sizeof r->exec, "%" PRIu64, e->trade);
	r->fee_e8 = instrument_fee_e8(in, rule, (enum side)o->side, e->qty, e->px, e->maker, today,
				      &r->fee_asset);
	if (rule->fee.in == FEE_IN_FIXED) /* its value; what that coin costs is not recorded */
		r->fee_asset = in->quote;
	p->stats.fills++;
	p->stats.resting += e->maker;
	p->stats.at_once += !e->maker;
}

static void ended(struct paper *p, uint32_t slot, const struct match_event *e)
{
	p->order[slot].state = PAPER_ENDED;
	struct exec_report *r = report(p, slot, EXEC_CANCELLED);
	r->why = e->kind == MATCH_CANCELLED ? CANCEL_UNSAID
		 : e->why == WHY_SELF_TRADE ? CANCEL_SELF_TRADE
		 : e->why == WHY_VENUE	    ? CANCEL_BY_VENUE
					    : CANCEL_EXPIRED;
	p->stats.cancels += e->kind == MATCH_CANCELLED;
}

void paper_event(void *owner, const struct match_event *e)
{
	struct paper *p = ((struct paper_market *)owner)->paper;
	switch ((enum match_kind)e->kind) {
	case MATCH_ACK:
		p->order[e->tag].state = PAPER_WORKS;
		(void)report(p, e->tag, EXEC_ACK);
		break;
	case MATCH_FILL:
		filled(p, e->tag, e);
		break;
	case MATCH_CANCELLED:
	case MATCH_EXPIRED:
		ended(p, e->tag, e);
		break;
	case MATCH_REJECTED:
		refuse(p, e->tag, (enum reject_class)e->reject_class,
		       match_why_name((enum match_why)e->why));
		break;
	case MATCH_AMENDED:
	case match_kind_max:
		break;
	}
}

/* ---------------------------------------------------------------- what arrives */

static bool trades_now(const struct paper *p, uint32_t instrument)
{
	const struct instrument *in = &p->o.instrument[instrument];
	int64_t utc_ns = p->now_ns + p->o.utc_minus_mono_ns;
	struct calendar_now now;
	if (in->expiry_utc_ns && utc_ns >= in->expiry_utc_ns)
		return false;
	if (in->calendar >= p->o.n_calendars)
		return true;
	calendar_at(&p->o.calendar[in->calendar], utc_ns, &now);
	return now.phase == PHASE_CONTINUOUS;
}

void paper_arrive(struct paper *p, uint32_t slot)
{
	const struct paper_order *o = &p->order[slot];
	struct paper_market *m = &p->market[o->instrument];
	const struct instrument *in = &p->o.instrument[o->instrument];
	const struct rule *rule = rule_of(p, o->instrument);
	if (!trades_now(p, o->instrument)) {
		refuse(p, slot, REJECT_CLOSED, "the market is closed");
		return;
	}
	if (!m->known) {
		refuse(p, slot, REJECT_TRANSIENT, "the recording has no book at this moment");
		return;
	}
	enum outcome out =
		rule ? outcome_check(in, rule, (enum side)o->side, (enum ord_type)o->type,
				     (enum tif)o->tif, o->px, o->qty, match_mid(&m->match))
		     : OUT_SYMBOL;
	if (out != OUT_OK) {
		refuse(p, slot, outcome_class(out), outcome_name(out));
		return;
	}
	match_place(&m->match, p->now_ns,
		    &(struct match_order){ .id = o->id,
					   .px = o->px,
					   .qty = o->qty,
					   .tag = slot,
					   .account = o->account,
					   .side = o->side,
					   .type = o->type,
					   .tif = o->tif,
					   .stp = STP_EXPIRE_TAKER });
}

void paper_arrive_cancel(struct paper *p, uint32_t slot)
{
	const struct paper_order *o = &p->order[slot];
	if (o->state == PAPER_WORKS &&
	    match_cancel(&p->market[o->instrument].match, p->now_ns, o->id) == 0)
		return;
	struct exec_report *r = report(p, slot, EXEC_CANCEL_REJECTED);
	r->reject_class = REJECT_GONE;
	snprintf(r->text, sizeof r->text, "it does not work any more");
}

void paper_arrive_query(struct paper *p, uint32_t slot, uint64_t id)
{
	(void)id;
	const struct paper_order *o = &p->order[slot];
	struct exec_report *r = report(p, slot, EXEC_STATUS);
	r->status = o->state == PAPER_WORKS	? ORDER_LIVE
		    : o->state == PAPER_REFUSED ? ORDER_REJECTED
		    : o->cum >= o->qty		? ORDER_FILLED
						: ORDER_CANCELLED;
}
