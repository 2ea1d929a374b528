#include "core/trade/adopt.h"

#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/trade/rescue.h"
#include "core/trade/scribe.h"

/* One leg's part: so much on this side, at that price. */
struct move {
	enum side side;
	int64_t qty, px;
};

/* What nobody paid on average where all of it went one way; else what it is worth now. */
static int64_t average_px(const struct desk *d, const struct position *nobody)
{
	const struct instrument *in = &d->instrument[nobody->instrument];
	int64_t net = position_net(nobody), size = dec_abs(net);
	int64_t unit = instrument_notional_e8(in, size, 1);
	if (nobody->volume_qty != size || unit <= 0 || in->expo.kind == EXPO_INVERSE)
		return desk_mark_px(d, nobody->instrument);
	int64_t paid = net > 0 ? -nobody->cash_e8 : nobody->cash_e8;
	return (paid + unit / 2) / unit;
}

/* A leg lacks what completing or what unwinding would trade on it; what nobody holds in that direction can stand for it. */
static struct move find(struct desk *d, const struct pair *p, const struct rescue_plan *plan,
			unsigned leg)
{
	static const uint8_t ways[] = { RESCUE_COMPLETE, RESCUE_UNWIND };
	const struct pair_leg *l = &p->leg[leg];
	const struct position *nobody =
		positions_at(&d->positions, l->account, l->instrument, POSITION_NOBODY);
	int64_t net = nobody ? position_net(nobody) : 0;
	for (unsigned k = 0; net && k < 2; k++) {
		const struct rescue_trade *t = &plan->out[ways[k]].trade[leg];
		int64_t there = t->side == SIDE_BUY ? net : -net;
		if (t->qty && there > 0)
			return (struct move){ .side = (enum side)t->side,
					      .qty = there < t->qty ? there : t->qty,
					      .px = average_px(d, nobody) };
	}
	return (struct move){ 0 };
}

int adopt_possible(struct desk *d, const struct pair *p)
{
	struct rescue_plan plan;
	rescue_plan(d, p, &plan);
	for (unsigned l = 0; l < p->n_legs; l++)
		if (find(d, p, &plan, l).qty)
			return 0;
	return err_set(
		ERR_STATE,
		"nobody's positions hold nothing that the pair lacks: trade the difference by hand at the venue first, `tandem positions DB` shows it as nobody's; then ask again, or accept the pair as it is");
}

static void transfer(struct desk *d, struct pair *p, unsigned leg, const struct move *m)
{
	struct pair_leg *l = &p->leg[leg];
	int64_t value = instrument_notional_e8(&d->instrument[l->instrument], m->qty, m->px);
	struct position *from =
		positions_at(&d->positions, l->account, l->instrument, POSITION_NOBODY);
	struct position *to = positions_at(&d->positions, l->account, l->instrument, p->instance);
	if (!from || !to)
		return;
	position_fill(from, m->side ^ 1, OFFSET_NONE, m->qty, value);
	from->volume_qty -= 2 * m->qty; /* it was traded once, and not by nobody */
	position_fill(to, m->side, OFFSET_NONE, m->qty, value);
	round_book(&d->instance[p->instance].round, m->side, value, 0, 0);
	l->cum_qty += m->side == SIDE_BUY ? m->qty : -m->qty;
	l->cum_value_e8 += m->side == SIDE_BUY ? value : -value;
	l->traded_qty += m->qty;
}

void adopt_fills(struct desk *d, struct pair *p, uint64_t cause)
{
	struct rescue_plan plan;
	rescue_plan(d, p, &plan);
	for (unsigned l = 0; l < p->n_legs; l++) {
		const struct pair_leg *leg = &p->leg[l];
		struct move m = find(d, p, &plan, l);
		struct fact f;
		if (!m.qty)
			continue;
		transfer(d, p, l, &m);
		scribe_pair(d, &f, FACT_TRANSFER, p, cause);
		scribe_instrument(d, &f, leg->instrument);
		f.account = d->names.account[leg->account];
		f.leg = (uint8_t)l;
		f.side = (uint8_t)m.side;
		f.qty = m.qty;
		f.px = m.px;
		f.num[0] = instrument_notional_e8(&d->instrument[leg->instrument], m.qty, m.px);
		f.num[1] = leg->cum_qty;
		const struct position *left =
			positions_at(&d->positions, leg->account, leg->instrument, POSITION_NOBODY);
		f.num[2] = left ? position_net(left) : 0;
		fact_text(&f, "traded by hand, adopted by the pair");
		p->cause = scribe_put(d, &f);
		rescue_plan(d, p, &plan); /* what one leg has got, another no longer lacks */
	}
}

void adopt_recall(struct desk *d, struct pair *p, const struct fact *f, uint32_t instrument,
		  uint16_t account)
{
	struct move m = { .side = (enum side)f->side, .qty = f->qty, .px = f->px };
	if (f->leg < p->n_legs && p->leg[f->leg].instrument == instrument &&
	    p->leg[f->leg].account == account && f->side < side_max)
		transfer(d, p, f->leg, &m);
}
