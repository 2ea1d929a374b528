/* A host that died, and the next one over the same journal. */
#include "tests/unit/trade/rig.h"
#include <string.h>

static bool before(uint32_t at, uint32_t cut, bool with)
{
	return with ? at <= cut : at < cut;
}

/* Where a restart reads from: the BEGIN of the last checkpoint that has its END. */
static uint32_t last_checkpoint(const struct rig *r, uint32_t n)
{
	uint32_t from = 0, begun = 0;
	for (uint32_t i = 0; i < n; i++) {
		const struct fact *f = &r->journal.fact[i];
		if (f->kind == FACT_CHECKPOINT && f->num[0] == CHECKPOINT_BEGIN)
			begun = i;
		if (f->kind == FACT_CHECKPOINT && f->num[0] == CHECKPOINT_END)
			from = begun;
	}
	return from;
}

static void venue_as_of(struct fake_venue *f, const struct fake_venue *dead, uint32_t cut,
			bool with)
{
	for (uint32_t i = 0; i < dead->n_orders && before(dead->order[i].seen_at, cut, with); i++) {
		struct fake_order *o = &f->order[f->n_orders++];
		*o = dead->order[i];
		o->cum = 0;
		o->works = dead->order[i].works || !before(o->ended_at, cut, with);
		o->rejected = o->rejected && !o->works;
	}
	for (uint32_t i = 0; i < dead->n_fills && before(dead->fill[i].seen_at, cut, with); i++) {
		const struct fake_fill *then = &dead->fill[i];
		struct fake_fill *x = &f->fill[f->n_fills++];
		f->next_exec = dead->next_exec;
		*x = *then;
		x->busted = x->busted && before(x->busted_at, cut, with);
		f->order[x->order].cum += x->busted ? 0 : x->qty;
	}
}

struct rig *rig_reborn(const struct rig *dead, uint32_t cut, bool with)
{
	struct rig *r = rig_new();
	r->ci[0] = dead->ci[0];
	r->ci[0].limits = dead->d.instance[0].limits;
	r->cfg.risk = dead->cfg.risk;
	memcpy(r->in, dead->in, sizeof r->in);
	r->d.now = dead->d.now;
	r->seq = dead->seq;
	ids_init(&r->d.ids, 1, (uint16_t)((dead->d.ids.next >> 40) + 1));
	ck_assert_int_eq(desk_bind_instance(&r->d, 0, NULL), 0);
	memcpy(r->journal.fact, dead->journal.fact, cut * sizeof r->journal.fact[0]);
	r->journal.n = cut;
	for (unsigned l = 0; l < RIG_LEGS; l++) {
		venue_as_of(&r->venue[l], &dead->venue[l], cut, with);
		rig_venue(r, l, false);
	}
	return r;
}

void rig_recover(struct rig *r)
{
	struct recover rec;
	uint32_t n = r->journal.n;
	ck_assert_int_eq(recover_begin(&rec, &r->d), 0);
	for (uint32_t i = last_checkpoint(r, n); i < n; i++)
		ck_assert_int_eq(recover_fact(&rec, &r->journal.fact[i]), 0);
	ck_assert_int_eq(recover_end(&rec), 0);
}
