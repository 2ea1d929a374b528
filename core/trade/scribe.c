#include "core/trade/scribe.h"

#include "core/ops/config.h"
#include "core/trade/edge.h"
#include "core/trade/plan.h"
#include "core/trade/rescue.h"
#include "core/trade/terms.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Whatever trades now, a receipt of a pair is of the version that opened it. */
static void name_version(struct desk *d, struct fact *f)
{
	const struct pair *p = f->pair && f->script ? pairs_find(&d->pairs, f->pair) : NULL;
	if (p && p->script)
		f->script = p->script;
}

uint64_t scribe_put(struct desk *d, struct fact *f)
{
	if (__builtin_expect(d->many_versions, 0))
		name_version(d, f);
	f->mono_ns = d->now.mono_ns;
	f->utc_ns = d->now.utc_ns;
	f->turn = d->turn;
	uint64_t seq = d->journal->ops->append(d->journal, f);
	d->journal_full = seq == 0;
	d->stat.receipts += seq != 0;
	d->first_seq = d->first_seq ? d->first_seq : seq;
	d->last_seq = seq ? seq : d->last_seq;
	tally_fact(d, f);
	return seq;
}

void scribe_instrument(struct desk *d, struct fact *f, uint32_t instrument)
{
	const struct instrument *in = &d->instrument[instrument];
	f->instrument = in->name_id;
	f->venue = d->names.venue[in->venue];
	f->clock_bound_ns = d->venue[in->venue].clock_bound_ns;
	f->px_dp = in->px_dp;
	f->qty_dp = in->qty_dp;
}

void scribe_instance(struct desk *d, struct fact *f, enum fact_kind k, uint16_t instance,
		     uint64_t cause)
{
	fact_init(f, k);
	f->cause = cause;
	if (instance == POSITION_NOBODY)
		return;
	f->instance = d->names.instance[instance];
	f->script = d->names.script[instance];
	f->round = d->instance[instance].round.id;
}

void scribe_order(struct desk *d, struct fact *f, enum fact_kind k, const struct order *o,
		  uint64_t cause)
{
	scribe_instance(d, f, k, o->instance, cause);
	scribe_instrument(d, f, o->instrument);
	f->account = d->names.account[o->account];
	f->order = o->id;
	f->pair = o->pair;
	f->leg = o->leg;
	f->side = o->side;
	f->offset = o->offset;
	f->state = o->state;
	f->px = o->px;
	f->qty = o->qty;
	_Static_assert(sizeof f->venue_order == sizeof o->venue_order, "copied whole");
	memcpy(f->venue_order, o->venue_order, sizeof f->venue_order);
}

void scribe_pair(struct desk *d, struct fact *f, enum fact_kind k, const struct pair *p,
		 uint64_t cause)
{
	scribe_instance(d, f, k, p->instance, cause);
	f->pair = p->id;
	f->round = p->round;
	f->state = p->state;
}

uint64_t scribe_quote(struct desk *d, uint32_t instrument, uint64_t cause)
{
	const struct top *t = desk_top(d, instrument);
	struct fact f;
	fact_init(&f, FACT_QUOTE);
	scribe_instrument(d, &f, instrument);
	f.cause = cause;
	f.venue_ns = t->q.venue_ns;
	f.num[0] = t->q.px[SIDE_BUY];
	f.num[1] = t->q.qty[SIDE_BUY];
	f.num[2] = t->q.px[SIDE_SELL];
	f.num[3] = t->q.qty[SIDE_SELL];
	f.num[4] = t->q.seq;
	f.num[5] = t->q.recv_ns;
	f.num[6] = d->now.mono_ns - top_valid_ns(t);
	f.num[7] = t->state;
	f.state = t->state;
	return scribe_put(d, &f);
}

static uint64_t raise(struct desk *d, struct fact *f, enum alert_code code, const char *fmt,
		      va_list ap)
{
	f->num[0] = f->num[0] ? f->num[0] : alert_code_severity(code);
	f->num[1] = f->num[1] ? f->num[1] : 1;
	f->num[2] = code;
	char text[ALERT_TEXT];
	vsnprintf(text, sizeof text, fmt, ap);
	fact_text(f, "%s", text);
	uint64_t seq = scribe_put(d, f);
	if (d->alerts)
		d->alerts->raise(d->alerts, f, text);
	return seq;
}

uint64_t scribe_raise(struct desk *d, struct fact *f, enum alert_code code, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	uint64_t seq = raise(d, f, code, fmt, ap);
	va_end(ap);
	return seq;
}

uint64_t scribe_alert(struct desk *d, uint64_t cause, enum alert_code code, uint64_t pair,
		      const char *fmt, ...)
{
	const struct pair *p = pair ? pairs_find(&d->pairs, pair) : NULL;
	struct fact f;
	if (p)
		scribe_instance(d, &f, FACT_ALERT, p->instance, cause);
	else
		fact_init(&f, FACT_ALERT);
	f.cause = cause;
	f.pair = pair;
	va_list ap;
	va_start(ap, fmt);
	uint64_t seq = raise(d, &f, code, fmt, ap);
	va_end(ap);
	return seq;
}

uint64_t scribe_leg(struct desk *d, const struct pair *p, unsigned leg, uint64_t cause)
{
	const struct pair_leg *l = &p->leg[leg];
	struct fact f;
	scribe_pair(d, &f, FACT_LEG, p, cause);
	scribe_instrument(d, &f, l->instrument);
	f.account = d->names.account[l->account];
	f.leg = (uint8_t)leg;
	f.side = l->side;
	f.qty = l->want_qty;
	f.px = l->ref_px;
	f.fee_e8 = l->fee_base_e8;
	f.num[0] = l->ratio_num;
	f.num[1] = l->ratio_den;
	f.num[2] = l->want_qty;
	f.num[3] = l->limit_px;
	f.num[4] = l->ref_px;
	f.num[5] = p->target_base_e8;
	f.num[6] = l->cum_qty;
	f.num[7] = l->cum_value_e8;
	return scribe_put(d, &f);
}

uint64_t scribe_told(struct desk *d, const struct pair *p, uint64_t cause, const char *text)
{
	struct fact f;
	scribe_pair(d, &f, FACT_OPERATOR, p, cause);
	f.state = d->risk_state;
	f.num[0] = CMD_RESOLVE;
	f.num[2] = p->told;
	f.num[3] = p->told == RESOLVE_ACCEPT ? p->accepted_base_e8 : rescue_imbalance_base_e8(d, p);
	if (p->told != RESOLVE_ACCEPT) {
		f.num[4] = rescue_slip_tick(d, p, p->told == RESOLVE_COMPLETE);
		f.num[5] = d->cfg->risk.collar_ppm;
	}
	f.num[6] = p->forgiven_e8;
	f.num[7] = d->instance[p->instance].cfg->rescue_budget_e8;
	fact_text(&f, "%s", text);
	return scribe_put(d, &f);
}

uint64_t scribe_whole(struct desk *d, const struct pair *p, uint64_t cause)
{
	int64_t budget = d->instance[p->instance].cfg->rescue_budget_e8;
	struct fact f;
	scribe_pair(d, &f, FACT_PAIR, p, cause);
	f.qty = p->lots;
	f.num[0] = f.num[1] = p->state;
	f.num[4] = p->n_legs;
	f.num[5] = p->intent;
	f.num[6] = p->held_cause;
	f.num[7] = budget ? budget - p->spent_e8 : 0;
	fact_text(&f, "%s", p->reason);
	uint64_t seq = scribe_put(d, &f);
	for (unsigned l = 0; seq && l < p->n_legs; l++)
		seq = scribe_leg(d, p, l, seq);
	if (seq && plan_needed(p))
		seq = plan_write(d, p, PLAN_STEP_CHOSEN, seq, NULL);
	if (seq && p->fair_from > FAIR_PRESUMED)
		seq = edge_write(d, p, seq);
	if (seq && p->terms.stated)
		seq = terms_write(d, p, seq);
	if (seq && p->told)
		seq = scribe_told(d, p, seq, "as an operator told before");
	return seq;
}
