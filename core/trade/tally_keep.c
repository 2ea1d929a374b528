/* tally_keep - the sums over a restart: written with a checkpoint, read back from it. */
#include "core/ops/config.h"
#include "core/trade/scribe.h"
#include "core/trade/tally_part.h"

void tally_note(const struct desk *d, const struct order *o, struct fact *cancelled)
{
	const struct rule *r = desk_rule(d, o->instrument);
	const struct quote *q = &desk_top(d, o->instrument)->q;
	const bool up = r && r->band_hi && q->qty[SIDE_BUY] > 0 && q->px[SIDE_BUY] >= r->band_hi;
	const bool down =
		r && r->band_lo && q->qty[SIDE_SELL] > 0 && q->px[SIDE_SELL] <= r->band_lo;
	cancelled->num[4] = o->tif;
	cancelled->num[5] = o->cancel_asked;
	cancelled->num[6] = up || down;
}

enum { SUM_DAY, SUM_FIRST };
_Static_assert(SUM_FIRST + TALLY_OPENED_LOTS < FACT_NUMS, "the sums of a contract fit a fact");

static void recall_sums(struct tally_place *p, const struct fact *f)
{
	const bool own = f->kind == FACT_TALLY;
	struct tally_row *r = own ? p->contract : p->all;
	/* when in that second they left is forgotten: as late as can be, so never too few */
	for (int64_t i = 0; !own && i < f->num[3] && i < TALLY_WINDOW; i++)
		tally_push(p->window, p->utc_ns);
	if (!own && f->num[4] <= (int64_t)(p->window->head - p->window->tail))
		p->window->burst = p->window->head - (uint64_t)f->num[4];
	tally_roll(p->t, r, own ? p->instrument : TALLY_ALL,
		   p->t->cfg->instrument[p->instrument].exchange, (int32_t)f->num[SUM_DAY]);
	if (r->day != f->num[SUM_DAY])
		return;
	if (own) {
		for (unsigned k = 0; k <= TALLY_OPENED_LOTS; k++)
			r->n[k] += f->num[SUM_FIRST + k];
		return;
	}
	r->n[TALLY_MESSAGES] += f->num[1];
	r->n[TALLY_BURSTS] += f->num[2];
}

void tally_recall(struct desk *d, const struct fact *f, bool framed)
{
	struct tally_place p;
	if (f->kind != FACT_TALLY && f->kind != FACT_TALLY_RATE)
		tally_count(d, f, &p);
	else if (framed && d->tally.n_slots && tally_find(d, f, &p))
		recall_sums(&p, f);
}

static void write_contract(struct desk *d, uint32_t slot, uint16_t group)
{
	struct tally *t = &d->tally;
	const struct tally_row *r = tally_contract(t, slot, group);
	int64_t any = 0;
	struct fact f;
	fact_init(&f, FACT_TALLY);
	for (unsigned k = 0; k <= TALLY_OPENED_LOTS; k++)
		any |= f.num[SUM_FIRST + k] = r->n[k];
	if (!any || tally_day_at(t, slot, d->now.utc_ns) > r->day)
		return;
	scribe_instrument(d, &f, t->instrument[slot]);
	f.account = d->names.account[t->of_group[group]];
	f.num[SUM_DAY] = r->day;
	scribe_put(d, &f);
}

static void write_exchange(struct desk *d, uint16_t exchange, uint16_t group)
{
	struct tally *t = &d->tally;
	const uint32_t instrument = t->of_exchange[exchange];
	const struct tally_row *r = tally_exchange_row(t, exchange, group);
	struct tally_window *w = tally_second(t, exchange, group);
	tally_forget(w, d->now.utc_ns);
	const bool over = tally_day_at(t, t->slot[instrument], d->now.utc_ns) > r->day;
	if (!r->day || (over && w->head == w->tail))
		return;
	struct fact f;
	fact_init(&f, FACT_TALLY_RATE);
	scribe_instrument(d, &f, instrument);
	f.account = d->names.account[t->of_group[group]];
	f.num[SUM_DAY] = r->day;
	f.num[1] = r->n[TALLY_MESSAGES];
	f.num[2] = r->n[TALLY_BURSTS];
	f.num[3] = (int64_t)(w->head - w->tail);
	f.num[4] = (int64_t)(w->head - w->burst);
	fact_text(&f, "%s", d->instrument[instrument].exchange);
	scribe_put(d, &f);
}

void tally_write(struct desk *d)
{
	const struct tally *t = &d->tally;
	for (uint16_t g = 0; t->n_slots && g < t->n_groups; g++) {
		for (uint32_t s = 0; s < t->n_slots; s++)
			write_contract(d, s, g);
		for (uint16_t x = 0; x < t->n_exchanges; x++)
			write_exchange(d, x, g);
	}
}
