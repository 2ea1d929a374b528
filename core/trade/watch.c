#include "core/trade/watch.h"

#include "core/base/dec.h"
#include "core/ops/config.h"
#include "core/trade/exec.h"
#include "core/trade/scribe.h"
#include <stdio.h>
#include <string.h>

#define WATCH_PARTS	   10
#define SETTLE_UNSTATED_NS 2000000000LL
#define SETTLE_STOPPING_NS 300000000LL /* who ends does not wait for what may still be on its way */
#define SETTLE_FORCED_NS \
	200000000LL /* a venue takes a position in several executions: as long after the last */
#define REPAIRS_WITHIN_NS 3600000000000LL

static int64_t leg_base_e8(const struct desk *d, const struct desk_instance *in, unsigned l)
{
	uint32_t i = in->cfg->leg[l];
	return position_base_e8(in->row[l], &d->instrument[i], desk_mark_px(d, i));
}

int64_t watch_uneven_base_e8(struct desk *d, uint16_t instance)
{
	return desk_instance_base_e8(d, instance) - d->instance[instance].round.carried_base_e8;
}

bool watch_any_uneven(struct desk *d)
{
	for (uint16_t i = 0; i < d->cfg->n_instances; i++)
		if (d->instance[i].watch.uneven_ns && !d->instance[i].watch.told)
			return true;
	return false;
}

static int64_t tolerance_base_e8(const struct desk *d, const struct desk_instance *in)
{
	int64_t odd = desk_odd_lot_base_e8(d, in->cfg->leg, in->cfg->n_legs) - 1;
	int64_t set = d->cfg->risk.residual_tolerance_base_e8;
	return odd > set ? odd : set;
}

/* An inverse contract's base moves with its price; only what moved in quantity is news, not what was hedged at another price. */
static bool only_the_price(const struct desk_instance *in, const struct watch *w)
{
	bool inverse = false, same = true;
	for (unsigned l = 0; l < in->cfg->n_legs; l++) {
		inverse |= in->spec.leg[l]->expo.kind == EXPO_INVERSE;
		same &= w->even_qty[l] == position_net(in->row[l]);
	}
	return inverse && (same || !w->looked);
}

static void found_even(const struct desk_instance *in, struct watch *w)
{
	for (unsigned l = 0; l < in->cfg->n_legs; l++)
		w->even_qty[l] = position_net(in->row[l]);
	w->looked = true;
	w->told = false;
	w->uneven_ns = 0;
	w->moved_seq = 0;
	w->forced = FORCED_NONE;
}

void watch_moved(struct desk *d, uint16_t instance, enum forced_cause forced, uint64_t receipt)
{
	struct watch *w = &d->instance[instance].watch;
	w->moved_seq = receipt;
	w->moved_ns = d->now.mono_ns;
	w->forced = (uint8_t)forced;
}

void watch_wished(struct desk *d, uint16_t instance, uint64_t receipt, const char *why)
{
	struct watch *w = &d->instance[instance].watch;
	w->wish_seq = receipt;
	snprintf(w->wish_why, sizeof w->wish_why, "%s", why);
}

bool watch_repaired(struct desk *d, uint16_t instance, int64_t at_ns)
{
	int64_t *t = d->instance[instance].watch.repaired_ns;
	bool often = t[0] && at_ns - t[0] < REPAIRS_WITHIN_NS;
	memmove(t, t + 1, (WATCH_REPAIRS - 1) * sizeof *t);
	t[WATCH_REPAIRS - 1] = at_ns ? at_ns : 1;
	return often;
}

/* How long it is uneven before that is taken for what it is. */
static int64_t settle_ns(const struct desk *d, const struct desk_instance *in)
{
	int64_t settle = in->cfg->rescue.settle_ns;
	settle = settle ? settle : SETTLE_UNSTATED_NS;
	if (d->stopping && settle > SETTLE_STOPPING_NS)
		settle = SETTLE_STOPPING_NS;
	if (in->watch.forced && settle > SETTLE_FORCED_NS)
		settle = SETTLE_FORCED_NS;
	return settle;
}

/* The side that a leg's position stands for; an empty one stands against the others. */
static enum side side_of(int64_t base_e8, int64_t sum_base_e8)
{
	if (base_e8)
		return base_e8 > 0 ? SIDE_BUY : SIDE_SELL;
	return sum_base_e8 > 0 ? SIDE_SELL : SIDE_BUY;
}

static int64_t unit_base_e8(const struct config_instance *c, unsigned l, int64_t base_e8)
{
	return dec_muldiv(dec_abs(base_e8), c->ratio_den[l], c->ratio_num[l], DEC_NEAREST);
}

/* The positions of an instance as the legs of a pair that has gone as far as they have. False: a leg has no price or no rule yet. */
static bool take_over(struct desk *d, uint16_t instance, struct pair *p)
{
	const struct desk_instance *in = &d->instance[instance];
	const struct config_instance *c = in->cfg;
	int64_t sum = desk_instance_base_e8(d, instance);
	p->n_legs = c->n_legs;
	for (unsigned l = 0; l < c->n_legs; l++) {
		int64_t unit = unit_base_e8(c, l, leg_base_e8(d, in, l));
		p->target_base_e8 = unit > p->target_base_e8 ? unit : p->target_base_e8;
	}
	for (unsigned l = 0; l < c->n_legs; l++) {
		const struct instrument *i = &d->instrument[c->leg[l]];
		const struct rule *r = desk_rule(d, c->leg[l]);
		int64_t px = desk_mark_px(d, c->leg[l]), base = leg_base_e8(d, in, l);
		if (!r || px == 0)
			return false;
		px = dec_to_step(px, r->tick, DEC_NEAREST);
		enum side side = side_of(base, sum);
		int64_t want = dec_muldiv(p->target_base_e8, c->ratio_num[l], c->ratio_den[l],
					  DEC_NEAREST);
		p->leg[l] = (struct pair_leg){
			.instrument = c->leg[l],
			.account = c->account[l],
			.venue = i->venue,
			.side = (uint8_t)side,
			.ratio_num = c->ratio_num[l],
			.ratio_den = c->ratio_den[l],
			.want_qty = desk_order_qty(i, r, side, want, px),
			.limit_px = px,
			.ref_px = px,
			.cum_qty = position_net(in->row[l]),
			.fee_base_e8 = i->expo.kind == EXPO_SPOT
					       ? position_fee_in(in->row[l], i->base)
					       : 0,
		};
	}
	p->lots = in->lot_base_e8 ? p->target_base_e8 / in->lot_base_e8 : 0;
	return true;
}

/* What its legs hold, in words. */
static void holds_words(const struct desk *d, const struct pair *p, char out[FACT_TEXT])
{
	size_t n = (size_t)snprintf(out, FACT_TEXT, "it holds");
	for (unsigned l = 0; l < p->n_legs && n < FACT_TEXT; l++) {
		const struct instrument *in = &d->instrument[p->leg[l].instrument];
		char qty[24];
		dec_format(dec_abs(p->leg[l].cum_qty), in->qty_dp, 0, qty);
		n += (size_t)snprintf(out + n, FACT_TEXT - n, "%s %s %s %.32s", l ? "," : "",
				      p->leg[l].cum_qty < 0 ? "short" : "long", qty, in->name);
	}
	if (n < FACT_TEXT && p->intent == INTENT_FLATTEN)
		snprintf(out + n, FACT_TEXT - n, "; all of it is to be closed");
}

static bool open_pair(struct desk *d, uint16_t instance, enum pair_intent intent, const char *why,
		      uint64_t cause)
{
	char text[FACT_TEXT];
	struct pair p = { .instance = instance,
			  .state = PAIR_PROPOSED,
			  .intent = (uint8_t)intent,
			  .tif = TIF_IOC };
	struct pair evicted;
	if (d->journal->ops->room(d->journal) < 64 || blotter_room(&d->blotter) < 2 * LEG_MAX ||
	    !take_over(d, instance, &p))
		return false;
	snprintf(p.reason, sizeof p.reason, "%s", why);
	p.takes_back = intent == INTENT_REPAIR && watch_repaired(d, instance, d->now.mono_ns);
	snprintf(text, sizeof text, "%.80s%s", why,
		 p.takes_back ? "; too often within an hour: it only takes back" : "");
	struct pair *slot = pairs_new(&d->pairs, ids_next(&d->ids), &evicted);
	if (evicted.id)
		blotter_drop_pair(&d->blotter, evicted.first_order);
	if (!slot)
		return false;
	p.id = slot->id;
	*slot = p;
	slot->script = d->names.script[instance];
	slot->decided_ns = slot->sent_ns = d->now.mono_ns;
	slot->round = round_open(d, instance);
	slot->cause = scribe_whole(d, slot, cause);
	exec_move(d, slot, PAIR_EV_PASS, slot->cause, text);
	scribe_alert(d, slot->cause, ALERT_REPAIR, slot->id, "%s: %s",
		     d->cfg->instance[instance].name, text);
	holds_words(d, slot, text);
	exec_move(d, slot, PAIR_EV_SEND, slot->cause, text);
	pairs_touch(&d->pairs, slot);
	return true;
}

/* Both sides of the truth are known: venues up and reconciled, nothing of the run before unfinished. */
static bool settled(const struct desk *d, const struct desk_instance *in)
{
	if (d->recovering || d->journal_full)
		return false;
	for (unsigned l = 0; l < in->cfg->n_legs; l++) {
		const struct desk_venue *v = &d->venue[d->instrument[in->cfg->leg[l]].venue];
		if (v->port->state != VENUE_UP || !v->reconciled)
			return false;
	}
	return true;
}

/* Does a venue contradict the books of a leg? */
static bool doubted(struct desk *d, const struct desk_instance *in)
{
	for (unsigned l = 0; l < in->cfg->n_legs; l++) {
		const struct fence *f = fence_at(d, in->cfg->account[l], in->cfg->leg[l]);
		if (f && f->why == FENCE_POSITION)
			return true;
	}
	return false;
}

static void look_at_evenness(struct desk *d, uint16_t instance, struct watch *w)
{
	struct desk_instance *in = &d->instance[instance];
	int64_t uneven = watch_uneven_base_e8(d, instance);
	char text[FACT_TEXT], amount[24];
	if (dec_abs(uneven) <= tolerance_base_e8(d, in) || only_the_price(in, w)) {
		found_even(in, w);
		return;
	}
	if (w->uneven_ns == 0)
		w->uneven_ns = d->now.mono_ns;
	int64_t since = w->forced && w->moved_ns > w->uneven_ns ? w->moved_ns : w->uneven_ns;
	if (d->now.mono_ns - since < settle_ns(d, in))
		return;
	if (doubted(d,
		    in)) { /* the books themselves may be wrong: a person says whose the difference is */
		if (!w->told)
			scribe_alert(
				d, 0, ALERT_FENCE, 0,
				"%s is uneven, and a venue holds something else than its books: say whose the difference is (`tandem resolve`), it is not repaired before",
				in->cfg->name);
		w->told = true;
		return;
	}
	dec_format(uneven, BASE_DP, 0, amount);
	snprintf(text, sizeof text, "%s%s%s base units unhedged at rest",
		 w->forced ? forced_cause_name((enum forced_cause)w->forced) : "",
		 w->forced ? ": " : "", amount);
	if (!open_pair(d, instance, INTENT_REPAIR, text, w->moved_seq))
		return;
	w->uneven_ns = 0;
	w->moved_seq = 0;
	w->forced = FORCED_NONE;
}

/* True: it holds more than an odd lot of some leg. */
static bool holds(struct desk *d, const struct desk_instance *in)
{
	int64_t least = tolerance_base_e8(d, in);
	for (unsigned l = 0; l < in->cfg->n_legs; l++)
		if (dec_abs(leg_base_e8(d, in, l)) > least)
			return true;
	return false;
}

static void look_at_expiry(struct desk *d, struct desk_instance *in)
{
	const struct config_rescue *r = &in->cfg->rescue;
	const struct instrument *soon = NULL;
	for (unsigned l = 0; l < in->cfg->n_legs && r->expiry_ns; l++) {
		const struct instrument *i = &d->instrument[in->cfg->leg[l]];
		if (i->expiry_utc_ns && i->expiry_utc_ns - d->now.utc_ns <= r->expiry_ns)
			soon = i;
	}
	if (soon && !in->watch.expires)
		in->watch.expiry_seq = scribe_alert(
			d, 0, ALERT_EXPIRY, 0, "%s expires soon: %s opens nothing more%s",
			soon->name, in->cfg->name,
			r->on_expiry == EXPIRY_FLATTEN ? ", and what it holds is closed"
						       : "; close or roll what it holds before");
	in->watch.expires = soon != NULL;
}

/* What an operator or a limit wished, or what is due before an expiry. */
static bool to_be_flat(const struct desk_instance *in)
{
	return in->wish == WISH_FLATTEN ||
	       (in->watch.expires && in->cfg->rescue.on_expiry == EXPIRY_FLATTEN);
}

void watch_instance(struct desk *d, uint16_t instance)
{
	struct desk_instance *in = &d->instance[instance];
	struct watch *w = &in->watch;
	look_at_expiry(d, in);
	if (in->in_flight || !settled(d, in)) {
		w->uneven_ns = 0;
		return;
	}
	if (to_be_flat(in) && holds(d, in)) {
		char text[FACT_TEXT];
		bool wished = in->wish == WISH_FLATTEN;
		snprintf(text, sizeof text,
			 wished ? "to be closed: %s" : "closed before a leg expires",
			 w->wish_why[0] ? w->wish_why : "as wished");
		open_pair(d, instance, INTENT_FLATTEN, text, wished ? w->wish_seq : w->expiry_seq);
		return;
	}
	look_at_evenness(d, instance, w);
}

static void sample(struct desk *d, const struct desk_instance *in)
{
	for (unsigned l = 0; l < in->cfg->n_legs; l++) {
		uint32_t i = in->cfg->leg[l];
		const struct quote *q = &d->feed[i].top.q;
		bool two_sided = d->feed[i].top.state == BOOK_LIVE && q->qty[SIDE_BUY] > 0 &&
				 q->qty[SIDE_SELL] > 0;
		vol_sample(&d->vol[i], d->now.mono_ns, two_sided ? desk_mark_px(d, i) : 0);
	}
}

void watch_time(struct desk *d)
{
	const uint16_t n = d->cfg->n_instances;
	unsigned some = d->stopping ? n : n / WATCH_PARTS + 1u; /* a stop waits for all of them */
	for (unsigned k = 0; k < some && n;
	     k++, d->watched_at = (uint16_t)((d->watched_at + 1) % n)) {
		sample(d, &d->instance[d->watched_at]);
		watch_instance(d, d->watched_at);
	}
}
