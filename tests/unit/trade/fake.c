/* The venues of the rig. */
#include "core/base/err.h"
#include "core/base/must.h"
#include "tests/unit/trade/rig.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t encode_id(uint64_t id, char out[VENUE_CLIENT_ID])
{
	return (size_t)snprintf(out, VENUE_CLIENT_ID, "%016llx", (unsigned long long)id);
}

static struct exec_report report_of(const struct fake_venue *f, const struct fake_order *o,
				    enum exec_kind kind)
{
	struct exec_report r = {
		.kind = (uint8_t)kind,
		.side = o->side,
		.venue = f->v.index,
		.account = f->v.index,
		.instrument = o->instrument,
		.order = o->id,
		.px = o->px,
		.qty = o->qty,
		.cum = o->cum,
		.has_cum = true,
	};
	encode_id(o->id, r.client);
	snprintf(r.venue_order, sizeof r.venue_order, "V%u-%u", f->v.index,
		 (unsigned)(o - f->order));
	return r;
}

static void queue(struct fake_venue *f, const struct exec_report *r)
{
	must(f->n_out < RIG_ORDERS); /* Check's assertions allocate */
	f->out[f->n_out++] = *r;
}

static void say(struct fake_venue *f, const struct fake_order *o, enum exec_kind kind)
{
	struct exec_report r = report_of(f, o, kind);
	if (kind == EXEC_REJECTED) {
		r.reject_class = f->stale_clock ? REJECT_CLOCK : REJECT_MONEY;
		snprintf(r.text, sizeof r.text, f->stale_clock ? "too old" : "no money");
	}
	queue(f, &r);
}

static struct exec_report fill_report(const struct fake_venue *f, const struct fake_fill *x,
				      bool replayed)
{
	struct exec_report r = report_of(f, &f->order[x->order], EXEC_FILL);
	r.px = x->px;
	r.qty = x->qty;
	r.fee_e8 = x->fee_e8;
	r.fee_asset = x->fee_asset;
	r.replayed = replayed;
	r.venue_ns = x->venue_ns;
	snprintf(r.exec, sizeof r.exec, "%s", x->exec);
	return r;
}

/* A venue's stamps rise with everything that happens there. */
static int64_t stamp(const struct rig *r)
{
	return r->d.now.utc_ns + r->journal.n * 1000 + r->venue[SPOT].n_fills +
	       r->venue[PERP].n_fills;
}

static void end(struct fake_venue *f, struct fake_order *o)
{
	if (o->works)
		o->ended_at = f->rig->journal.n;
	o->works = false;
}

static struct fake_fill *fill(struct fake_venue *f, struct fake_order *o, int64_t qty, bool tell)
{
	struct rig *rig = f->rig;
	const struct instrument *in = &rig->in[o->instrument];
	must(f->n_fills < RIG_ORDERS); /* Check's assertions allocate */
	struct fake_fill *x = &f->fill[f->n_fills++];
	*x = (struct fake_fill){ .order = (uint32_t)(o - f->order),
				 .px = rig->d.feed[o->instrument].top.q.px[o->side ^ 1],
				 .qty = qty,
				 .venue_ns = stamp(rig),
				 .seen_at = rig->journal.n };
	if (x->px == 0)
		x->px = o->px;
	x->fee_e8 = instrument_fee_e8(in, &in->rule[0], (enum side)o->side, qty, x->px, false,
				      false, &x->fee_asset);
	snprintf(x->exec, sizeof x->exec, "%u", f->next_exec++ + 1);
	o->cum += qty;
	if (o->cum >= o->qty)
		end(f, o);
	struct exec_report r = fill_report(f, x, false);
	if (tell)
		queue(f, &r);
	return x;
}

static int64_t half(const struct rig *r, const struct fake_order *o)
{
	int64_t lot = r->in[o->instrument].rule[0].lot;
	return o->qty / 2 / lot * lot;
}

static int meet(struct fake_venue *f, struct fake_order *o, enum fate fate)
{
	bool silent = fate == FATE_SILENT_FILL || fate == FATE_SILENT_PART ||
		      fate == FATE_SILENT_NONE || fate == FATE_SILENT_REST;
	o->works = true;
	if (fate == FATE_REJECT) {
		end(f, o);
		o->rejected = true;
		say(f, o, EXEC_REJECTED);
		return 0;
	}
	if (!silent && fate != FATE_FILL_FIRST && fate != FATE_DUPLICATE)
		say(f, o, EXEC_ACK);
	switch (fate) {
	case FATE_PART:
	case FATE_SILENT_PART:
		fill(f, o, half(f->rig, o), !silent);
		break;
	case FATE_REST_PART:
		fill(f, o, half(f->rig, o), true);
		return 0;
	case FATE_REST:
	case FATE_SILENT_REST:
		return 0;
	case FATE_NONE:
	case FATE_SILENT_NONE:
		break;
	case FATE_OVER:
		fill(f, o, o->qty + f->rig->in[o->instrument].rule[0].lot, true);
		return 0;
	case FATE_DUPLICATE: {
		fill(f, o, o->qty, false);
		struct exec_report r = report_of(f, o, EXEC_REJECTED);
		r.reject_class = REJECT_DUPLICATE;
		queue(f, &r);
		return 0;
	}
	default:
		fill(f, o, o->qty, !silent);
		if (fate == FATE_TWICE) {
			struct exec_report r = fill_report(f, &f->fill[f->n_fills - 1], false);
			queue(f, &r);
		}
		if (fate == FATE_FILL_FIRST)
			say(f, o, EXEC_ACK);
		return 0;
	}
	end(f, o);
	if (!silent)
		say(f, o, EXEC_CANCELLED);
	return 0;
}

/* The intents of all legs that leave together, or are to, are in the journal before any leg's bytes leave (I6), and no id is used twice (I3). */
static void check_intents(const struct fake_venue *f, const struct order *o)
{
	const struct rig *r = f->rig;
	unsigned own = 0, legs = 0, wanted = 0, of_leg[LEG_MAX] = { 0 };
	bool one_by_one = false;
	for (uint32_t i = 0; i < r->journal.n; i++) {
		const struct fact *x = &r->journal.fact[i];
		own += x->kind == FACT_ORDER && x->order == o->id;
		bool opens = x->kind == FACT_ORDER && x->pair == o->pair && !x->num[2];
		legs += opens;
		of_leg[opens ? x->leg : 0] += opens && !x->num[6]; /* offsets are one */
		wanted += x->kind == FACT_LEG && x->pair == o->pair;
		one_by_one |= x->kind == FACT_PLAN && x->pair == o->pair && x->num[0] > STYLE_BOTH;
	}
	ck_assert_uint_eq(own, 1);
	ck_assert_uint_ge(wanted, RIG_LEGS);
	ck_assert(legs >= (one_by_one ? 1 : RIG_LEGS) ||
		  (legs == 0 && o->rescue)); /* a repair has none of its own */
	const struct pair *p = pairs_find((struct pairs *)&r->d.pairs, o->pair);
	bool planned = p && (p->state == PAIR_CHECKED || p->state == PAIR_SENT);
	if (!one_by_one && !o->rescue &&
	    planned) /* slices: as many of the other leg as of this one */
		ck_assert_uint_eq(of_leg[SPOT], of_leg[PERP]);
	for (uint32_t i = 0; i < f->n_orders; i++)
		ck_assert_uint_ne(f->order[i].id, o->id);
}

static int place(struct venue *v, const struct order *o)
{
	struct fake_venue *f = (struct fake_venue *)v;
	enum fate fate = f->at_plan < f->n_plan ? f->plan[f->at_plan++] : f->then;
	if (f->check_intents)
		check_intents(f, o);
	if (fate == FATE_REFUSE)
		return err_set(ERR_FULL, "the send buffer is full");
	f->places++;
	if (fate == FATE_LOST)
		return 0;
	must(f->n_orders < RIG_ORDERS); /* Check's assertions allocate */
	struct fake_order *x = &f->order[f->n_orders++];
	*x = (struct fake_order){ .id = o->id,
				  .pair = o->pair,
				  .instrument = o->instrument,
				  .side = o->side,
				  .leg = o->leg,
				  .px = o->px,
				  .qty = o->qty,
				  .seen_at = f->rig->journal.n };
	return meet(f, x, fate);
}

static struct fake_order *find(struct fake_venue *f, uint64_t id)
{
	for (uint32_t i = 0; i < f->n_orders; i++)
		if (f->order[i].id == id)
			return &f->order[i];
	return NULL;
}

static int cancel(struct venue *v, const struct order *o)
{
	struct fake_venue *f = (struct fake_venue *)v;
	struct fake_order *x = find(f, o->id);
	f->cancels++;
	if (f->mute_cancel)
		return 0;
	if (x && x->works && f->cancel_races)
		fill(f, x, x->qty - x->cum, true);
	if (!x || !x->works) {
		struct exec_report r = { .kind = EXEC_CANCEL_REJECTED,
					 .venue = v->index,
					 .account = v->index,
					 .instrument = o->instrument,
					 .order = o->id,
					 .reject_class = REJECT_GONE };
		queue(f, &r);
		return 0;
	}
	end(f, x);
	say(f, x, EXEC_CANCELLED);
	return 0;
}

static int query(struct venue *v, const struct order *o)
{
	struct fake_venue *f = (struct fake_venue *)v;
	struct fake_order *x = find(f, o->id);
	f->queries++;
	if (f->mute_query)
		return 0;
	struct exec_report r = { .kind = EXEC_NOT_FOUND,
				 .venue = v->index,
				 .account = v->index,
				 .instrument = o->instrument,
				 .order = o->id };
	if (x) {
		for (uint32_t i = 0; i < f->n_fills; i++)
			if (&f->order[f->fill[i].order] == x && !f->fill[i].busted) {
				struct exec_report y = fill_report(f, &f->fill[i], true);
				queue(f, &y);
			}
		r = report_of(f, x, EXEC_STATUS);
		r.status = x->works	      ? ORDER_LIVE
			   : x->rejected      ? ORDER_REJECTED
			   : x->cum >= x->qty ? ORDER_FILLED
					      : ORDER_CANCELLED;
	}
	queue(f, &r);
	return 0;
}

static int replace(struct venue *v, const struct order *o, int64_t px, int64_t qty)
{
	struct fake_venue *f = (struct fake_venue *)v;
	struct fake_order *x = find(f, o->id);
	f->replaces++;
	if (f->deaf_replace)
		return 0;
	struct exec_report r = { .kind = EXEC_REPLACE_REJECTED,
				 .venue = v->index,
				 .account = v->index,
				 .instrument = o->instrument,
				 .order = o->id,
				 .reject_class = REJECT_GONE };
	if (x && x->works) {
		x->px = px;
		x->qty = qty;
		r = report_of(f, x, EXEC_REPLACED);
		if (x->cum >= x->qty)
			end(f, x);
	}
	queue(f, &r);
	return 0;
}

static int cancel_all(struct venue *v, uint16_t account, uint32_t instrument)
{
	struct fake_venue *f = (struct fake_venue *)v;
	if (f->no_mass_cancel)
		return -ERR_UNSUPPORTED;
	f->mass_cancels++;
	for (uint32_t i = 0; i < f->n_orders; i++)
		if (f->order[i].works && f->order[i].instrument == instrument &&
		    account == v->index) {
			end(f, &f->order[i]);
			say(f, &f->order[i], EXEC_CANCELLED);
		}
	return 1;
}

static int arm(struct venue *v, uint16_t account, int64_t for_ns)
{
	struct fake_venue *f = (struct fake_venue *)v;
	(void)account;
	(void)for_ns;
	f->arms++;
	return 1;
}

static int reconcile(struct venue *v)
{
	(void)v; /* answered by fake_tell_positions */
	return 0;
}

static void ask_clock(struct venue *v)
{
	((struct fake_venue *)v)->clock_asks++;
}

const struct venue_ops fake_ops = {
	.name = "fake",
	.encode_id = encode_id,
	.place = place,
	.cancel = cancel,
	.query = query,
	.replace = replace,
	.cancel_all = cancel_all,
	.arm = arm,
	.reconcile = reconcile,
	.ask_clock = ask_clock,
};

void fake_tell_positions(struct rig *r, unsigned leg, bool full)
{
	const struct fake_venue *f = &r->venue[leg];
	int64_t net = fake_net_qty(r, leg) + f->told_off;
	if (r->in[leg].expo.kind == EXPO_SPOT)
		reconcile_balance(&r->d, (uint16_t)leg, r->in[leg].base,
				  fake_base_e8(r, leg) + f->told_off * 1000 + 100000000000, 0);
	else
		reconcile_position(&r->d, (uint16_t)leg, leg, net > 0 ? net : 0, net < 0 ? -net : 0,
				   0);
	reconcile_answered(&r->d, (uint16_t)leg, full);
}

struct fake_order *fake_last(struct rig *r, unsigned leg)
{
	ck_assert_uint_gt(r->venue[leg].n_orders, 0);
	return &r->venue[leg].order[r->venue[leg].n_orders - 1];
}

void fake_fill(struct rig *r, unsigned leg, struct fake_order *o, int64_t qty, bool report)
{
	fill(&r->venue[leg], o, qty, report);
}

void fake_report(struct rig *r, unsigned leg, const struct fake_order *o, enum exec_kind kind)
{
	say(&r->venue[leg], o, kind);
}

void fake_end(struct rig *r, unsigned leg, struct fake_order *o)
{
	end(&r->venue[leg], o);
}

void fake_bust(struct rig *r, unsigned leg, uint32_t at)
{
	struct fake_venue *f = &r->venue[leg];
	struct fake_fill *x = &f->fill[at];
	struct exec_report b = fill_report(f, x, false);
	if (!x->busted) {
		f->order[x->order].cum -= x->qty;
		x->busted_at = r->journal.n;
		x->bust_ns = stamp(r) + 500;
	}
	x->busted = true;
	b.kind = EXEC_BUST;
	b.venue_ns = x->bust_ns;
	b.cum = f->order[x->order].cum;
	queue(f, &b);
}

void fake_replay(struct rig *r, unsigned leg)
{
	struct fake_venue *f = &r->venue[leg];
	for (uint32_t i = 0; i < f->n_fills; i++) {
		struct exec_report x = fill_report(f, &f->fill[i], true);
		queue(f, &x);
		if (f->fill[i].busted) {
			x.kind = EXEC_BUST;
			x.venue_ns = f->fill[i].bust_ns;
			queue(f, &x);
		}
	}
}

int64_t fake_net_qty(const struct rig *r, unsigned leg)
{
	const struct fake_venue *f = &r->venue[leg];
	int64_t net = 0;
	for (uint32_t i = 0; i < f->n_fills; i++)
		if (!f->fill[i].busted)
			net += f->order[f->fill[i].order].side == SIDE_BUY ? f->fill[i].qty
									   : -f->fill[i].qty;
	return net;
}

int64_t fake_base_e8(const struct rig *r, unsigned leg)
{
	const struct fake_venue *f = &r->venue[leg];
	int64_t base = instrument_base_e8(&r->in[leg], fake_net_qty(r, leg), 0);
	for (uint32_t i = 0; i < f->n_fills; i++)
		if (f->fill[i].fee_asset == r->in[leg].base && !f->fill[i].busted)
			base -= f->fill[i].fee_e8;
	return base;
}

int64_t rig_truth_base_e8(const struct rig *r)
{
	return fake_base_e8(r, SPOT) + fake_base_e8(r, PERP);
}
