#include "core/trade/reconcile.h"

#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/ops/config.h"
#include "core/trade/router.h"
#include "core/trade/scribe.h"
#include "core/trade/today.h"
#include "core/trade/watermark.h"
#include <stdio.h>
#include <string.h>

#define AGAIN_NS   500000000LL /* to a second answer; later each time that leaves something open */
#define AGAIN_MAX  5	       /* doublings of it */
#define CADENCE_NS 60000000000LL /* when nothing is open */
#define DUST_E8	   10000	 /* what rounding may add up to in money */

static const char *const act_name[] = { "differs", "agrees",  "baseline",
					"moved",   "adopted", "accepted" };
_Static_assert(sizeof act_name / sizeof *act_name == reconcile_act_max, "a name for every act");

const char *reconcile_act_name(enum reconcile_act a)
{
	return a < reconcile_act_max ? act_name[a] : "?";
}

/* ---- what is told ---- */

/* With a log-on: a difference has to be repeated in the session that told it. */
static void forget_differences(struct desk *d, uint16_t venue)
{
	struct positions *p = &d->positions;
	for (uint32_t i = 0; i < p->n_sums; i++)
		if (d->instrument[p->sum_instrument[i]].venue == venue)
			p->sum[i].differs_ns = p->sum[i].lots_differ_ns = 0;
	for (uint32_t i = 0; i < d->n_balances; i++)
		if (d->cfg->account[d->balance[i].account].venue == venue)
			d->balance[i].differs_ns = 0;
}

void reconcile_begin(struct desk *d, uint16_t venue)
{
	struct reconcile_venue *v = &d->venue[venue].reconcile;
	v->round++;
	v->asked_ns = d->now.mono_ns;
	v->due_ns = INT64_MAX;
	v->answered = v->hinted = false;
	if (d->venue[venue].port->state != VENUE_UP)
		forget_differences(d, venue);
	watermark_asked(d, venue);
}

void reconcile_position(struct desk *d, uint16_t account, uint32_t instrument, int64_t qty_long,
			int64_t qty_short, int64_t venue_ns)
{
	struct reconcile_venue *v = &d->venue[d->instrument[instrument].venue].reconcile;
	struct position_sum *s = positions_sum(&d->positions, account, instrument);
	if (!s)
		return;
	s->told_qty = qty_long - qty_short;
	s->told_ns = venue_ns;
	s->told_round = v->round;
	/* Told out of turn, and something else than we have: worth a round. */
	if (v->due_ns != INT64_MAX && s->told_qty != s->net &&
	    v->due_ns > d->now.mono_ns + AGAIN_NS) {
		v->due_ns = d->now.mono_ns + AGAIN_NS;
		v->hinted = true;
	}
}

void reconcile_balance(struct desk *d, uint16_t account, asset_id asset, int64_t free_e8,
		       int64_t locked_e8)
{
	struct desk_balance *b = desk_balance(d, account, asset, true);
	if (!b)
		return;
	b->free_e8 = free_e8;
	b->locked_e8 = locked_e8;
	b->told_round = d->venue[d->cfg->account[account].venue].reconcile.round;
}

/* ---- judging ---- */

/* Is something of ours on its way there, so that an answer may or may not have it? Orders that just rest fill by reports alone. */
static bool in_flight(struct desk *d, uint16_t account, uint32_t instrument)
{
	uint32_t i = 0;
	for (const struct order *o; (o = blotter_each_open(&d->blotter, &i));)
		if (o->account == account && o->instrument == instrument && o->state != ORDER_NEW &&
		    o->state != ORDER_LIVE)
			return true;
	return false;
}

/* May this answer be held against the books as they are now? */
static bool comparable(struct desk *d, const struct reconcile_venue *v, uint16_t account,
		       uint32_t instrument, const struct position_sum *s)
{
	if (s->booked_ns && s->booked_ns >= v->asked_ns)
		return false;
	if (s->exec[0] && s->told_ns &&
	    s->exec_ns > s->told_ns) /* as of before our newest execution (F64) */
		return false;
	return !in_flight(d, account, instrument);
}

/* Seen for the second time, at another moment? */
static bool repeated(int64_t *differs, int64_t *since_ns, int64_t now, int64_t difference)
{
	bool again = *since_ns && *differs == difference && now - *since_ns >= AGAIN_NS / 2;
	if (!again && (*differs != difference || !*since_ns)) {
		*differs = difference;
		*since_ns = now;
	}
	return again;
}

static uint64_t tell(struct desk *d, enum reconcile_act act, uint16_t account, uint32_t instrument,
		     int64_t host_qty, int64_t venue_qty)
{
	struct fact f;
	fact_init(&f, FACT_RECONCILE);
	scribe_instrument(d, &f, instrument);
	f.account = d->names.account[account];
	f.state = act;
	f.qty = venue_qty - host_qty;
	f.num[0] = host_qty;
	f.num[1] = venue_qty;
	fact_text(&f, "%s", reconcile_act_name(act));
	return scribe_put(d, &f);
}

static void differs(struct desk *d, uint16_t account, uint32_t instrument, int64_t host_qty,
		    int64_t venue_qty)
{
	const struct fence *x = fence_at(d, account, instrument);
	const struct instrument *in = &d->instrument[instrument];
	char host[24], venue[24], text[FACT_TEXT];
	if (x && x->why == FENCE_POSITION && x->host_qty == host_qty && x->venue_qty == venue_qty)
		return;
	dec_format(host_qty, in->qty_dp, 0, host);
	dec_format(venue_qty, in->qty_dp, 0, venue);
	snprintf(text, sizeof text, "the venue holds %s, the books of this host %s", venue, host);
	fence_raise(d, account, instrument, FENCE_POSITION, host_qty, venue_qty,
		    tell(d, RECONCILE_DIFFERS, account, instrument, host_qty, venue_qty), text);
}

static void agrees(struct desk *d, uint16_t account, uint32_t instrument, int64_t qty)
{
	struct fence *x = fence_at(d, account, instrument);
	if (x && x->why == FENCE_POSITION)
		fence_lift(d, x, tell(d, RECONCILE_AGREES, account, instrument, qty, qty),
			   "the venue and the books of this host agree again");
}

/* True: nothing is left open about it. */
static bool judge_position(struct desk *d, const struct reconcile_venue *v, uint16_t account,
			   uint32_t instrument, struct position_sum *s)
{
	if (s->told_qty == s->net) {
		s->differs_ns = 0;
		agrees(d, account, instrument, s->net);
		return today_judge(d, account, instrument, s,
				   comparable(d, v, account, instrument, s));
	}
	if (!comparable(d, v, account, instrument, s))
		return false;
	if (!repeated(&s->differs_qty, &s->differs_ns, d->now.mono_ns, s->told_qty - s->net))
		return false;
	differs(d, account, instrument, s->net, s->told_qty);
	return true;
}

/* ---- spot: what an account holds of an asset ---- */

static bool is_spot(const struct desk *d, uint16_t account, uint32_t instrument)
{
	return d->instrument[instrument].expo.kind == EXPO_SPOT &&
	       d->instrument[instrument].venue == d->cfg->account[account].venue;
}

/* What this host's trading has made of an asset there. */
static int64_t traded_e8(struct desk *d, uint16_t account, asset_id asset)
{
	int64_t sum = 0;
	for (uint32_t i = 0; i < d->positions.n; i++) {
		const struct position *r = &d->positions.row[i];
		const struct instrument *in = &d->instrument[r->instrument];
		if (r->account != account || !is_spot(d, account, r->instrument))
			continue;
		sum -= position_fee_in(r, asset);
		if (in->base == asset)
			sum += instrument_base_e8(in, position_net(r), 0);
		if (in->quote == asset)
			sum += r->cash_e8;
	}
	return sum;
}

static uint64_t tell_asset(struct desk *d, enum reconcile_act act, const struct desk_balance *b,
			   int64_t host_e8)
{
	struct fact f;
	fact_init(&f, FACT_RECONCILE);
	f.venue = d->names.venue[d->cfg->account[b->account].venue];
	f.account = d->names.account[b->account];
	f.fee_asset = d->names.asset[b->asset];
	f.state = act;
	f.num[4] = host_e8;
	f.num[5] = b->free_e8 + b->locked_e8;
	f.num[6] = b->baseline_e8;
	fact_text(&f, "%s of %s", reconcile_act_name(act), asset_name(&d->cfg->assets, b->asset));
	return scribe_put(d, &f);
}

/* The difference in quantity of an instrument that is a holding of this asset: the nearest whole lots, since fees and their rounding leave a little of each
 * trade; but less than nine tenths of a lot is none, or what such fees add up to over a day would be taken for somebody's trade. */
static int64_t in_lots(const struct desk *d, uint32_t instrument, int64_t base_e8)
{
	const struct rule *r = desk_rule(d, instrument);
	const struct instrument *in = &d->instrument[instrument];
	if (!r)
		return 0;
	const int64_t lot_e8 = instrument_base_e8(in, r->lot, 0);
	int64_t size_e8 = dec_abs(base_e8);
	if (size_e8 < lot_e8 - lot_e8 / 10)
		return 0;
	size_e8 += size_e8 < INT64_MAX - lot_e8 ? lot_e8 / 2 : 0;
	const int64_t qty = instrument_qty_of_base(in, size_e8, 0, r->lot);
	return base_e8 < 0 ? -qty : qty;
}

static bool asset_comparable(struct desk *d, const struct reconcile_venue *v,
			     const struct desk_balance *b)
{
	const struct positions *p = &d->positions;
	for (uint32_t i = 0; i < p->n_sums; i++) {
		const struct instrument *in = &d->instrument[p->sum_instrument[i]];
		bool touches = p->sum_account[i] == b->account &&
			       (in->base == b->asset || in->quote == b->asset);
		if (touches && p->sum[i].booked_ns && p->sum[i].booked_ns >= v->asked_ns)
			return false;
	}
	for (uint32_t i = 0; i < d->cfg->n_instruments; i++)
		if (is_spot(d, b->account, i) && in_flight(d, b->account, i) &&
		    (d->instrument[i].base == b->asset || d->instrument[i].quote == b->asset))
			return false;
	return true;
}

/* Everything that is a holding of this asset: fenced, or free again. */
static void judge_holdings(struct desk *d, const struct desk_balance *b, int64_t difference_e8)
{
	for (uint32_t i = 0; i < d->cfg->n_instruments; i++) {
		if (!is_spot(d, b->account, i) || d->instrument[i].base != b->asset)
			continue;
		int64_t net = positions_total(&d->positions, b->account, i);
		int64_t lots = in_lots(d, i, difference_e8);
		if (lots)
			differs(d, b->account, i, net, net + lots);
		else
			agrees(d, b->account, i, net);
	}
}

static bool is_holding(const struct desk *d, const struct desk_balance *b, uint32_t *one)
{
	for (*one = 0; *one < d->cfg->n_instruments; (*one)++)
		if (is_spot(d, b->account, *one) && d->instrument[*one].base == b->asset)
			return true;
	return false;
}

static bool is_money(const struct desk *d, const struct desk_balance *b)
{
	for (uint32_t i = 0; i < d->cfg->n_instruments; i++)
		if (is_spot(d, b->account, i) && d->instrument[i].quote == b->asset)
			return true;
	return false;
}

static bool judge_balance(struct desk *d, const struct reconcile_venue *v, struct desk_balance *b)
{
	uint32_t one;
	bool holding = is_holding(d, b, &one);
	if (!holding && !is_money(d, b))
		return true;
	int64_t traded = traded_e8(d, b->account, b->asset);
	int64_t difference = b->free_e8 + b->locked_e8 - traded - b->baseline_e8;
	bool fresh = asset_comparable(d, v, b);
	if (!b->has_baseline) {
		if (!fresh)
			return false;
		b->has_baseline = true;
		b->baseline_e8 = difference;
		tell_asset(d, RECONCILE_BASELINE, b, traded);
		return true;
	}
	bool none = holding ? in_lots(d, one, difference) == 0
			    : difference <= DUST_E8 && difference >= -DUST_E8;
	if (none) {
		b->differs_ns = 0;
		if (holding)
			judge_holdings(d, b, 0);
		return true;
	}
	if (!fresh || !repeated(&b->differs_e8, &b->differs_ns, d->now.mono_ns, difference))
		return false;
	if (holding) {
		judge_holdings(d, b, difference);
	} else {
		b->baseline_e8 += difference;
		b->differs_ns = 0;
		tell_asset(d, RECONCILE_MOVED, b, traded);
	}
	return true;
}

/* ---- a round ---- */

/* True: everything that this round told has been judged. */
static bool judge(struct desk *d, uint16_t venue)
{
	const struct reconcile_venue *v = &d->venue[venue].reconcile;
	struct positions *p = &d->positions;
	bool whole = true;
	for (uint32_t i = 0; i < p->n_sums; i++)
		if (d->instrument[p->sum_instrument[i]].venue == venue &&
		    d->instrument[p->sum_instrument[i]].expo.kind != EXPO_SPOT &&
		    p->sum[i].told_round == v->round)
			whole &= judge_position(d, v, p->sum_account[i], p->sum_instrument[i],
						&p->sum[i]);
	for (uint32_t i = 0; i < d->n_balances; i++)
		if (d->cfg->account[d->balance[i].account].venue == venue &&
		    d->balance[i].told_round == v->round)
			whole &= judge_balance(d, v, &d->balance[i]);
	return whole;
}

static int64_t again_ns(const struct reconcile_venue *v)
{
	return AGAIN_NS << (v->again < AGAIN_MAX ? v->again : AGAIN_MAX);
}

void reconcile_look(struct desk *d, uint16_t venue)
{
	struct desk_venue *dv = &d->venue[venue];
	struct reconcile_venue *v = &dv->reconcile;
	if (!v->answered || v->due_ns != INT64_MAX || dv->port->state != VENUE_UP)
		return;
	if (!dv->reconciled && router_unknown(d, venue))
		return; /* their fills come first; then what was told is too old, and asked for again */
	bool whole = judge(d, venue);
	/* What was counted while this round was under way, the next one covers: soon, since no checkpoint is written before. */
	bool rests = whole && watermark_whole(d, venue);
	v->due_ns = d->now.mono_ns + (rests ? CADENCE_NS : again_ns(v));
	v->again = whole ? 0 : v->again + 1;
	if (whole && !dv->reconciled) {
		dv->reconciled = true;
		watermark_begin(d, venue);
	}
}

static bool has_account(const struct desk *d, uint16_t venue)
{
	for (uint16_t a = 0; a < d->cfg->n_accounts; a++)
		if (d->cfg->account[a].venue == venue)
			return true;
	return false;
}

void reconcile_up(struct desk *d, uint16_t venue)
{
	struct reconcile_venue *v = &d->venue[venue].reconcile;
	if (!d->venue[venue].port->ops->reconcile || !has_account(d, venue)) {
		d->venue[venue].reconciled = true;
		watermark_asked(d, venue); /* nobody can tell more than its stream */
		watermark_told(d, venue);
		return;
	}
	if (!v->answered)
		v->due_ns = d->now.mono_ns; /* it did not ask by itself */
	reconcile_look(d, venue);
}

void reconcile_answered(struct desk *d, uint16_t venue, bool full)
{
	struct reconcile_venue *v = &d->venue[venue].reconcile;
	v->answered = full;
	if (!full) {
		v->due_ns = d->now.mono_ns + again_ns(v);
		v->again++;
		return;
	}
	v->due_ns = INT64_MAX;
	watermark_told(d, venue);
	foreign_listed(d, venue);
	reconcile_look(d, venue);
}

static bool still_differs(const struct desk *d, uint16_t venue)
{
	const struct positions *p = &d->positions;
	for (uint32_t i = 0; i < p->n_sums; i++)
		if (d->instrument[p->sum_instrument[i]].venue == venue &&
		    d->instrument[p->sum_instrument[i]].expo.kind != EXPO_SPOT &&
		    p->sum[i].told_round == d->venue[venue].reconcile.round &&
		    p->sum[i].told_qty != p->sum[i].net)
			return true;
	return false;
}

void reconcile_on_time(struct desk *d)
{
	for (uint16_t k = 0; k < d->cfg->n_venues; k++) {
		struct reconcile_venue *v = &d->venue[k].reconcile;
		struct venue *port = d->venue[k].port;
		reconcile_look(d, k);
		if (port->state != VENUE_UP || v->due_ns > d->now.mono_ns || v->due_ns == 0)
			continue;
		if (v->hinted && !still_differs(d, k)) { /* the fill that it spoke of has come */
			v->hinted = false;
			v->due_ns = d->now.mono_ns + CADENCE_NS;
			continue;
		}
		reconcile_begin(d, k);
		if (port->ops->reconcile(port)) {
			v->due_ns = d->now.mono_ns + again_ns(v);
			v->again++;
		}
	}
}
