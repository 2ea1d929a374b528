#include "core/trade/round.h"

#include "core/base/dec.h"
#include "core/ops/config.h"
#include "core/trade/scribe.h"

static const char *const phase_name[] = { "opened", "closed", "carried" };
_Static_assert(sizeof phase_name / sizeof *phase_name == round_phase_max, "a name for every phase");

static void tell(struct desk *d, uint16_t instance, const struct round *r, enum round_phase state)
{
	struct fact f;
	scribe_instance(d, &f, FACT_ROUND, instance, 0);
	f.num[0] = state;
	f.num[1] = r->pairs;
	f.num[2] = r->cash_e8;
	f.num[3] = r->fee_e8;
	f.num[4] = r->fee_base_e8;
	f.num[5] = r->funding_e8;
	f.num[6] = d->now.utc_ns - r->opened_utc_ns;
	f.num[7] = r->carried_base_e8;
	fact_text(&f, "%s", phase_name[state]);
	scribe_put(d, &f);
}

uint64_t round_open(struct desk *d, uint16_t instance)
{
	struct round *r = &d->instance[instance].round;
	if (r->id == 0) {
		*r = (struct round){ .id = ids_next(&d->ids), .opened_utc_ns = d->now.utc_ns };
		tell(d, instance, r, ROUND_OPENED);
	}
	r->pairs++;
	return r->id;
}

void round_book(struct round *r, enum side side, int64_t value_e8, int64_t fee_e8,
		int64_t fee_base_e8)
{
	r->cash_e8 += side == SIDE_BUY ? -value_e8 : value_e8;
	r->fee_e8 += fee_e8;
	r->fee_base_e8 += fee_base_e8;
}

void round_end(struct desk *d, uint16_t instance)
{
	struct desk_instance *in = &d->instance[instance];
	if (in->in_flight || in->round.id == 0)
		return;
	for (unsigned l = 0; l < in->cfg->n_legs; l++) {
		uint32_t i = in->cfg->leg[l];
		int64_t base = position_base_e8(in->row[l], &d->instrument[i], desk_mark_px(d, i));
		int64_t lot = in->lot_base_e8 ? in->lot_base_e8 : 1;
		if (dec_abs(base) >= lot)
			return;
	}
	tell(d, instance, &in->round, ROUND_CLOSED);
	in->round = (struct round){ 0 };
}

void round_accept(struct desk *d, uint16_t instance, int64_t base_e8)
{
	struct round *r = &d->instance[instance].round;
	if (r->id == 0 || base_e8 == 0)
		return;
	r->carried_base_e8 += base_e8;
	tell(d, instance, r, ROUND_CARRIED);
}

void round_carry(struct desk *d, uint16_t instance)
{
	if (d->instance[instance].round.id)
		tell(d, instance, &d->instance[instance].round, ROUND_CARRIED);
}

void round_recall(struct round *r, const struct fact *f)
{
	if (f->num[0] == ROUND_CLOSED) {
		*r = (struct round){ 0 };
		return;
	}
	*r = (struct round){ .id = f->round,
			     .opened_utc_ns = f->utc_ns - f->num[6],
			     .cash_e8 = f->num[2],
			     .fee_e8 = f->num[3],
			     .fee_base_e8 = f->num[4],
			     .funding_e8 = f->num[5],
			     .carried_base_e8 = f->num[7],
			     .pairs = (uint32_t)f->num[1] };
}
