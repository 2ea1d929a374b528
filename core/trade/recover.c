#include "core/trade/recover.h"

#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/ops/config.h"
#include "core/trade/adopt.h"
#include "core/trade/edge.h"
#include "core/trade/exec.h"
#include "core/trade/held.h"
#include "core/trade/risk.h"
#include "core/trade/router.h"
#include "core/trade/scribe.h"
#include "core/trade/terms.h"
#include "core/trade/today.h"
#include "core/trade/watch.h"
#include "core/trade/watermark.h"
#include <stdio.h>
#include <string.h>

#define RECENT_PAIRS 64
#define RECENT_NS    600000000000LL

static void learn(struct recover *r, enum name_space space, uint32_t id, uint32_t index)
{
	if (id)
		map_put(&r->name, (uint64_t)space << 32 | id, index);
}

static bool index_of(const struct recover *r, enum name_space space, uint32_t id, uint32_t *index)
{
	return id && map_get(&r->name, (uint64_t)space << 32 | id, index);
}

int recover_begin(struct recover *r, struct desk *d)
{
	const struct config *c = d->cfg;
	*r = (struct recover){ .d = d };
	int rc =
		map_init(&r->name,
			 2u * (c->n_instruments + c->n_accounts + c->n_instances + ASSET_MAX) + 16);
	if (rc)
		return rc;
	for (uint32_t i = 0; i < c->n_instruments; i++)
		learn(r, NAME_INSTRUMENT, d->instrument[i].name_id, i);
	for (uint32_t i = 0; i < c->n_accounts; i++)
		learn(r, NAME_ACCOUNT, d->names.account[i], i);
	for (uint32_t i = 0; i < c->n_instances; i++)
		learn(r, NAME_INSTANCE, d->names.instance[i], i);
	for (uint32_t i = 1; i < c->assets.n; i++)
		learn(r, NAME_ASSET, d->names.asset[i], i);
	return 0;
}

static int gone(const struct fact *f, const char *what)
{
	return err_set(
		ERR_CONFIG,
		"receipt %llu (%s) speaks of an %s that the configuration no longer has; a position or an open pair depends on it: "
		"put it back until the position is closed",
		(unsigned long long)f->seq, fact_kind_name((enum fact_kind)f->kind), what);
}

static int on_pair(struct recover *r, const struct fact *f)
{
	struct pair *p = pairs_find(&r->d->pairs, f->pair);
	uint32_t instance;
	if (!p) {
		if (!index_of(r, NAME_INSTANCE, f->instance, &instance))
			return pair_over((enum pair_state)f->state) ? 0 : gone(f, "instance");
		struct pair evicted;
		p = pairs_new(&r->d->pairs, f->pair, &evicted);
		if (evicted.id)
			blotter_drop_pair(&r->d->blotter, evicted.first_order);
		if (!p)
			return err_set(
				ERR_FULL,
				"more unfinished pairs in the journal than this build holds");
		p->instance = (uint16_t)instance;
		p->n_legs = f->num[4] < LEG_MAX ? (uint8_t)f->num[4] : LEG_MAX;
		p->intent = (uint8_t)f->num[5];
		p->lots = f->qty;
		p->script = f->script;
		r->d->many_versions |= f->script != r->d->names.script[instance];
		p->tif = TIF_IOC;
		if (p->intent == INTENT_REPAIR)
			p->takes_back =
				watch_repaired(r->d, p->instance, held_since(r->d, f->utc_ns));
		snprintf(p->reason, sizeof p->reason, "%.47s", f->text);
		r->pairs++;
		r->d->instance[instance].round.pairs++;
	}
	bool was_over = pair_over((enum pair_state)p->state);
	p->state = f->state;
	bool over = pair_over((enum pair_state)p->state);
	p->round = f->round;
	p->cause = f->seq;
	p->held_cause = f->state == PAIR_HELD ? (uint8_t)f->num[6] : HELD_NONE;
	if (over)
		p->broken_ns = 0;
	else if (f->state >= PAIR_BROKEN && p->broken_ns == 0)
		p->broken_ns = held_since(r->d, f->utc_ns);
	if (f->state != PAIR_HELD)
		p->held_since_ns = 0;
	else if (p->held_since_ns == 0)
		held_recall(r->d, p, f->utc_ns);
	if (!(r->framed && over)) /* a checkpoint holds such ones for late news alone */
		r->d->instance[p->instance].round.id =
			f->round; /* ended by recover_end when nothing is left of it */
	int64_t budget = r->d->instance[p->instance].cfg->rescue_budget_e8;
	p->spent_e8 = budget ? budget - f->num[7] : 0;
	if (p->state ==
	    PAIR_REFUSED) { /* nothing of it was ever sent: there is nothing to ask for */
		blotter_drop_pair(&r->d->blotter, p->first_order);
		p->first_order = 0;
	}
	if (over && !was_over)
		pairs_finish(&r->d->pairs, p);
	else if (was_over && !over) /* what an operator accepted, something new has changed */
		p->told = RESOLVE_NONE;
	return 0;
}

static int on_leg(struct recover *r, const struct fact *f)
{
	struct pair *p = pairs_find(&r->d->pairs, f->pair);
	uint32_t instrument, account;
	if (!p || f->leg >= p->n_legs)
		return 0;
	if (!index_of(r, NAME_INSTRUMENT, f->instrument, &instrument))
		return gone(f, "instrument");
	if (!index_of(r, NAME_ACCOUNT, f->account, &account))
		return gone(f, "account");
	p->target_base_e8 = f->num[5];
	p->leg[f->leg] = (struct pair_leg){
		.instrument = instrument,
		.account = (uint16_t)account,
		.venue = r->d->instrument[instrument].venue,
		.side = f->side,
		.ratio_num = f->num[0],
		.ratio_den = f->num[1],
		.want_qty = f->num[2],
		.limit_px = f->num[3],
		.ref_px = f->num[4],
		.cum_qty = f->num[6],
		.cum_value_e8 = f->num[7],
		.fee_base_e8 = f->fee_e8,
		.traded_qty = dec_abs(f->num[6]),
	};
	if (f->leg + 1u == p->n_legs && p->fair_from == FAIR_UNKNOWN && edge_presumes(r->d, p))
		p->fair_from = FAIR_PRESUMED;
	return 0;
}

/* Only how it went out: what was not sent before the host ended is never sent, and what rests is cancelled (router.c). */
static void on_plan(struct recover *r, const struct fact *f)
{
	struct pair *p = pairs_find(&r->d->pairs, f->pair);
	if (p && f->kind == FACT_FAIR)
		edge_recall(p, f);
	if (p && f->kind == FACT_TERMS)
		terms_recall(p, f);
	if (f->kind != FACT_PLAN)
		return;
	if (!p || f->num[2] < 0 || f->num[2] >= p->n_legs)
		return;
	p->style = (uint8_t)f->num[0];
	p->align = (uint8_t)f->num[1];
	p->first = (uint8_t)f->num[2];
	p->event = (uint64_t)f->num[7];
}

static int on_new_order(struct recover *r, const struct fact *f)
{
	struct pair *p = pairs_find(&r->d->pairs, f->pair);
	if (!p || f->leg >= p->n_legs || blotter_find(&r->d->blotter, f->order))
		return 0;
	struct order *o = blotter_new(&r->d->blotter, f->order);
	if (!o)
		return err_set(ERR_FULL, "more open orders in the journal than this build holds");
	const struct pair_leg *l = &p->leg[f->leg];
	o->pair = p->id;
	o->next_of_pair = p->first_order;
	p->first_order = 1 + (uint32_t)(o - r->d->blotter.slot);
	o->cause = f->seq;
	o->instrument = l->instrument;
	o->instance = p->instance;
	o->account = l->account;
	o->venue = l->venue;
	o->leg = f->leg;
	o->side = f->side;
	o->offset = f->offset;
	o->type = (uint8_t)f->num[0];
	o->tif = (uint8_t)f->num[1];
	o->rescue = f->num[2] != ORDER_OPENS;
	o->hedge = f->num[2] == ORDER_HEDGES;
	o->px = f->px;
	o->qty = f->qty;
	o->state = f->state;
	o->recalled = order_terminal((enum order_state)o->state);
	o->cum = f->kind == FACT_ORDER_KEPT ? f->num[6] : 0;
	o->parent = (uint64_t)f->num[f->kind == FACT_ORDER_KEPT ? 7 : 6];
	memcpy(o->venue_order, f->venue_order, sizeof o->venue_order);
	blotter_note(&r->d->blotter, o, &r->d->instrument[o->instrument]);
	return 0;
}

/* The order that an execution is of. One from before the checkpoint is not in the pool: then the fact itself says whose it was. */
static struct order *order_of(struct recover *r, const struct fact *f, struct order *stand_in)
{
	struct order *o = blotter_find(&r->d->blotter, f->order);
	uint32_t instrument, account, instance;
	if (o)
		return o;
	if (!index_of(r, NAME_INSTRUMENT, f->instrument, &instrument) ||
	    !index_of(r, NAME_ACCOUNT, f->account, &account) ||
	    !index_of(r, NAME_INSTANCE, f->instance, &instance))
		return NULL;
	const struct pair *p = pairs_find(&r->d->pairs, f->pair);
	*stand_in = (struct order){ .id = f->order,
				    .pair = p && f->leg < p->n_legs ? f->pair : 0,
				    .instrument = instrument,
				    .account = (uint16_t)account,
				    .instance = (uint16_t)instance,
				    .leg = f->leg,
				    .side = f->side,
				    .offset = f->offset };
	return stand_in;
}

static int on_execution(struct recover *r, const struct fact *f)
{
	struct order stand_in, *o = order_of(r, f, &stand_in);
	bool bust = f->kind == FACT_BUST;
	uint32_t asset = 0;
	if (!o)
		return gone(f, "instrument, account or instance");
	index_of(r, NAME_ASSET, f->fee_asset, &asset);
	if (blotter_first_sight(&r->d->blotter, o->account, o->instrument, f->venue_order,
				(uint8_t)(f->side | (bust ? BLOTTER_BUST : 0)), f->exec) &&
	    !bust)
		blotter_keep(&r->d->blotter, f->px, f->qty, f->fee_e8, (asset_id)asset);
	watermark_recount(r->d, o->account, o->instrument, f);
	if (bust)
		router_unbook(r->d, o, f->px, f->qty, f->fee_e8, (asset_id)asset);
	else
		router_book(r->d, o, f->px, f->qty, f->fee_e8, (asset_id)asset);
	return 0;
}

/* A fill of somebody else's, or by force. */
static int on_foreign(struct recover *r, const struct fact *f, uint16_t account,
		      uint32_t instrument, uint16_t instance, asset_id asset)
{
	if (blotter_first_sight(&r->d->blotter, account, instrument, f->venue_order, f->side,
				f->exec))
		blotter_keep(&r->d->blotter, f->px, f->qty, f->fee_e8, asset);
	watermark_recount(r->d, account, instrument, f);
	return foreign_book(r->d, account, instrument, instance, (enum side)f->side, f->px, f->qty,
			    f->fee_e8, asset);
}

/* A position as a checkpoint wrote it, and what else speaks of an account in an instrument. */
static int on_position(struct recover *r, const struct fact *f)
{
	uint32_t instrument, account, instance = POSITION_NOBODY, asset = 0;
	bool matters =
		f->kind == FACT_FOREIGN || (f->kind == FACT_POSITION && (f->num[0] || f->num[1]));
	if (!index_of(r, NAME_INSTRUMENT, f->instrument, &instrument))
		return matters ? gone(f, "instrument") : 0;
	if (!index_of(r, NAME_ACCOUNT, f->account, &account))
		return matters ? gone(f, "account") : 0;
	if (f->instance && !index_of(r, NAME_INSTANCE, f->instance, &instance))
		return matters ? gone(f, "instance") : 0;
	index_of(r, NAME_ASSET, f->fee_asset, &asset);
	if (f->kind == FACT_FENCE)
		fence_recall(r->d, (uint16_t)account, instrument, f);
	if (f->kind == FACT_FOREIGN_ORDER)
		foreign_recall(r->d, (uint16_t)account, instrument, f);
	if (f->kind == FACT_FENCE || f->kind == FACT_FOREIGN_ORDER)
		return 0;
	if (f->kind == FACT_WATERMARK)
		return watermark_recall(r->d, (uint16_t)account, instrument, f);
	if (f->kind == FACT_RECONCILE)
		return reconcile_recall(r->d, (uint16_t)account, instrument, (uint16_t)instance,
					(asset_id)asset, f);
	if (f->kind == FACT_LOTS)
		return today_recall(r->d, (uint16_t)account, instrument, (uint16_t)instance, f);
	const struct instrument *in = &r->d->instrument[instrument];
	if (instance != POSITION_NOBODY)
		r->d->instance[instance].round.id = f->round;
	if (f->kind == FACT_FOREIGN)
		return on_foreign(r, f, (uint16_t)account, instrument, (uint16_t)instance,
				  (asset_id)asset);
	struct position *row =
		positions_at(&r->d->positions, (uint16_t)account, instrument, (uint16_t)instance);
	if (!row)
		return err_set(ERR_FULL, "more positions in the journal than this build holds");
	row->qty[SIDE_BUY][0] = f->num[0];
	row->qty[SIDE_SELL][0] = f->num[1];
	row->cash_e8 = f->num[2];
	positions_count(&r->d->positions, (uint16_t)account, instrument, f->num[0] - f->num[1]);
	position_charge(row, in->settle ? in->settle : in->quote, f->num[3]);
	position_charge(row, in->base, f->num[6]);
	return position_charge(row, (asset_id)asset, f->fee_e8);
}

static void on_market(struct recover *r, const struct fact *f)
{
	uint32_t instrument;
	if (index_of(r, NAME_INSTRUMENT, f->instrument, &instrument))
		(void)today_begins(r->d, instrument, (int32_t)f->num[2]);
}

static int on_baseline(struct recover *r, const struct fact *f)
{
	uint32_t account, asset;
	if (!index_of(r, NAME_ACCOUNT, f->account, &account) ||
	    !index_of(r, NAME_ASSET, f->fee_asset, &asset))
		return 0; /* nothing trades it any more */
	return reconcile_recall(r->d, (uint16_t)account, 0, POSITION_NOBODY, (asset_id)asset, f);
}

/* What an operator traded by hand and a pair adopted. One of a pair that a checkpoint forgot is in the positions that it wrote. */
static void on_transfer(struct recover *r, const struct fact *f)
{
	struct pair *p = pairs_find(&r->d->pairs, f->pair);
	uint32_t instrument, account;
	if (p && index_of(r, NAME_INSTRUMENT, f->instrument, &instrument) &&
	    index_of(r, NAME_ACCOUNT, f->account, &account))
		adopt_recall(r->d, p, f, instrument, (uint16_t)account);
}

static void on_order_news(struct recover *r, const struct fact *f)
{
	struct order *o = blotter_find(&r->d->blotter, f->order);
	if (!o)
		return;
	o->state = f->state;
	if (f->kind ==
	    FACT_REPLACE) { /* the larger of the two may fill, until the venue says which (R1) */
		o->was_qty = o->qty;
		o->new_px = f->px;
		o->new_qty = f->qty;
		o->qty = f->qty > o->qty ? f->qty : o->qty;
	}
	if (f->kind == FACT_REPLACED) {
		o->px = f->px;
		o->qty = f->qty;
		o->new_qty = 0;
	}
	if (f->kind == FACT_SENT)
		o->sent_mono_ns = 1; /* another boot's clock: only that it went out matters */
	o->cancel_asked |= f->kind == FACT_CANCEL;
	if (f->venue_order[0])
		snprintf(o->venue_order, sizeof o->venue_order, "%s", f->venue_order);
}

/* Each of them was asked to go, by one message: what it ends by is our own cancel, and counts as one. */
static void on_cancel_all(struct recover *r, const struct fact *f)
{
	uint32_t instrument, account, i = 0;
	if (!index_of(r, NAME_INSTRUMENT, f->instrument, &instrument) ||
	    !index_of(r, NAME_ACCOUNT, f->account, &account))
		return;
	for (struct order *o; (o = blotter_each_open(&r->d->blotter, &i));)
		o->cancel_asked |= o->instrument == instrument && o->account == account &&
				   order_open((enum order_state)o->state) &&
				   o->state != ORDER_UNKNOWN;
}

static void on_round(struct recover *r, const struct fact *f)
{
	uint32_t instance;
	if (index_of(r, NAME_INSTANCE, f->instance, &instance))
		round_recall(&r->d->instance[instance].round, f);
}

/* What cannot fail. */
static void (*const news[fact_kind_max])(struct recover *r, const struct fact *f) = {
	[FACT_PLAN] = on_plan,
	[FACT_FAIR] = on_plan,
	[FACT_TERMS] = on_plan,
	[FACT_ROUND] = on_round,
	[FACT_MARKET] = on_market, /* with it comes the trading day */
	[FACT_TRANSFER] = on_transfer,
	[FACT_CANCEL_ALL] = on_cancel_all,
	[FACT_SENT] = on_order_news,
	[FACT_ACK] = on_order_news,
	[FACT_CANCEL] = on_order_news,
	[FACT_CANCELLED] = on_order_news,
	[FACT_CANCEL_REJECTED] = on_order_news,
	[FACT_REJECTED] = on_order_news,
	[FACT_WITHDRAWN] = on_order_news,
	[FACT_UNKNOWN] = on_order_news,
	[FACT_STATUS] = on_order_news,
	[FACT_QUERY] = on_order_news,
	[FACT_REPLACE] = on_order_news,
	[FACT_REPLACED] = on_order_news,
};

int recover_fact(void *arg, const struct fact *f)
{
	struct recover *r = arg;
	int rc = 0;
	if (!r->first_seq)
		r->first_seq = f->seq;
	r->last_seq = f->seq;
	risk_recall(r->d, f);
	tally_recall(r->d, f, r->framed);
	switch ((enum fact_kind)f->kind) {
	case FACT_PAIR:
		return on_pair(r, f);
	case FACT_LEG:
		return on_leg(r, f);
	case FACT_ORDER:
	case FACT_ORDER_KEPT: /* in a checkpoint, of a pair that has ended */
		return on_new_order(r, f);
	case FACT_CHECKPOINT: /* one further down never ended: it is no state, only a copy of what is known */
		r->framed = f->num[0] == CHECKPOINT_BEGIN && f->seq == r->first_seq;
		r->d->risk_state = (uint8_t)f->num[4];
		return 0;
	case FACT_OPERATOR: /* a kill outlives the host that it was given to (I10) */
		if (f->num[1])
			r->d->risk_state = f->state;
		if (f->pair && pairs_find(&r->d->pairs, f->pair))
			exec_recall_told(pairs_find(&r->d->pairs, f->pair), f);
		return 0;
	case FACT_POSITION:
		return r->framed ? on_position(r, f) : 0;
	case FACT_FOREIGN:
	case FACT_FENCE:
	case FACT_FOREIGN_ORDER:
	case FACT_WATERMARK:
	case FACT_LOTS: /* in a checkpoint behind its row's position */
		return on_position(r, f);
	case FACT_RECONCILE:
		return f->instrument ? on_position(r, f) : on_baseline(r, f);
	case FACT_FILL:
	case FACT_BUST:
		rc = on_execution(r, f);
		on_order_news(r, f);
		return rc;
	default:
		if (f->kind < fact_kind_max && news[f->kind])
			news[f->kind](r, f);
		return 0;
	}
}

/* False: the host ended while it wrote the pair down anew, before anything had happened to it. */
static bool whole(const struct pair *p)
{
	for (unsigned l = 0; l < p->n_legs; l++)
		if (p->leg[l].ratio_den == 0)
			return false;
	return true;
}

int recover_end(struct recover *r)
{
	struct desk *d = r->d;
	uint32_t i = 0;
	for (struct order *o; (o = blotter_each_open(&d->blotter, &i));) {
		if (order_terminal((enum order_state)o->state)) {
			o->was_terminal = true;
			blotter_close(&d->blotter, o);
			continue;
		}
		struct pair *p = pairs_find(&d->pairs, o->pair);
		o->state = ORDER_UNKNOWN;
		p->leg[o->leg].open_orders++;
		o->epoch = d->venue[o->venue].epoch;
		r->orders++;
	}
	i = 0;
	uint32_t unfinished = 0;
	for (struct pair *p; (p = pairs_each(&d->pairs, &i));) {
		if (pair_over((enum pair_state)p->state) && !whole(p)) {
			p->n_legs = 0; /* it had ended, and nothing more is known of it */
			continue;
		}
		unfinished += !pair_over((enum pair_state)p->state);
		exec_adopt(d, p);
	}
	for (uint16_t k = 0; k < d->cfg->n_instances; k++)
		round_end(d, k);
	d->recovering = unfinished > 0;
	struct fact f;
	fact_init(&f, FACT_RECOVERY);
	f.num[0] = unfinished;
	f.num[1] = r->orders;
	f.num[2] = (int64_t)r->first_seq;
	f.num[3] = (int64_t)r->last_seq;
	fact_text(&f, "%u unfinished pairs, %u orders to ask for", unfinished, r->orders);
	scribe_put(d, &f);
	foreign_recalled(d);
	map_free(&r->name);
	return 0;
}

bool checkpoint_possible(struct desk *d)
{
	uint32_t i = 0;
	for (const struct pair *p; (p = pairs_each(&d->pairs, &i));)
		if ((!pair_over((enum pair_state)p->state) && p->state != PAIR_HELD) ||
		    pair_open_orders(p))
			return false;
	return watermark_all_whole(d);
}

static void mark(struct desk *d, int phase, uint32_t pairs, uint32_t positions)
{
	struct fact f;
	fact_init(&f, FACT_CHECKPOINT);
	f.num[0] = phase;
	f.num[1] = pairs;
	f.num[3] = positions;
	f.num[4] = d->risk_state;
	scribe_put(d, &f);
}

static void write_position(struct desk *d, const struct position *row)
{
	const struct instrument *in = &d->instrument[row->instrument];
	asset_id money = in->settle ? in->settle : in->quote;
	struct fact f;
	scribe_instance(d, &f, FACT_POSITION, row->instance, 0);
	scribe_instrument(d, &f, row->instrument);
	f.account = d->names.account[row->account];
	f.num[0] = row->qty[SIDE_BUY][0] + row->qty[SIDE_BUY][1];
	f.num[1] = row->qty[SIDE_SELL][0] + row->qty[SIDE_SELL][1];
	f.num[2] = row->cash_e8;
	f.num[3] = position_fee_in(row, money);
	f.num[4] = desk_mark_px(d, row->instrument);
	f.num[5] = position_base_e8(row, in, f.num[4]);
	f.num[6] = money == in->base ? 0 : position_fee_in(row, in->base);
	for (int k = 0; k < POSITION_FEE_ASSETS; k++)
		if (row->fee[k].asset && row->fee[k].asset != money &&
		    row->fee[k].asset != in->base) {
			f.fee_e8 = row->fee[k].paid_e8;
			f.fee_asset = d->names.asset[row->fee[k].asset];
		}
	scribe_put(d, &f);
}

static void write_order(struct desk *d, const struct order *o)
{
	struct fact f;
	scribe_order(d, &f, FACT_ORDER_KEPT, o, o->cause);
	f.num[0] = o->type;
	f.num[1] = o->tif;
	f.num[2] = o->hedge ? ORDER_HEDGES : o->rescue ? ORDER_RESCUES : ORDER_OPENS;
	f.num[6] = o->cum;
	f.num[7] = (int64_t)o->parent;
	scribe_put(d, &f);
}

/* Pairs that ended a while ago, with their orders: a late fill or a bust, even one that happens while the host is dead, still finds whose it is. */
static void write_recent(struct desk *d)
{
	uint32_t left = RECENT_PAIRS;
	for (uint32_t k = d->pairs.n_done; k-- > 0 && left > 0;) {
		struct pair *p =
			&d->pairs.slot[d->pairs.done[(d->pairs.done_head + k) % d->pairs.cap]];
		if (!p->id || !pair_over((enum pair_state)p->state) || !p->first_order ||
		    d->now.mono_ns - p->sent_ns > RECENT_NS)
			continue;
		left--;
		p->cause = scribe_whole(d, p, p->cause);
		uint32_t at = p->first_order;
		for (const struct order *o; (o = blotter_each_of(&d->blotter, &at));)
			write_order(d, o);
	}
}

void checkpoint_write(struct desk *d)
{
	uint32_t pairs = 0, i = 0;
	mark(d, 0, 0, d->positions.n);
	write_recent(d);
	for (uint32_t k = 0; k < d->positions.n; k++)
		write_position(d, &d->positions.row[k]);
	for (uint32_t k = 0; k < d->positions.n; k++)
		today_carry(d, &d->positions.row[k]);
	for (struct pair *p; (p = pairs_each(&d->pairs, &i));) {
		if (p->state != PAIR_HELD)
			continue;
		p->cause = scribe_whole(d, p, p->cause);
		pairs++;
	}
	watermark_carry(d);
	reconcile_carry(d);
	fence_carry(d);
	foreign_carry(d);
	for (uint16_t k = 0; k < d->cfg->n_instances; k++)
		round_carry(d, k);
	risk_carry(d);
	tally_write(d);
	mark(d, 1, pairs, d->positions.n);
}
