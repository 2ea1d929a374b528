/* engine_list - what an operator is shown: a page of positions, orders, profit or held pairs at a time, a few dozen rows and as many looks into a pool as fit a turn.
 *
 * A page begins at a slot of its pool, so that what stays there while it is listed is told once, whatever comes and goes around it. */
#include "core/base/date.h"
#include "core/base/dec.h"
#include "core/engine_operator.h"
#include "core/ops/list.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOKS	  512 /* slots of a pool in one turn */
#define PLANS	  8   /* rescues priced in one turn: each walks the books */
#define INSTANCES 4   /* each tells a row for every quote currency, and one for its round */
#define FEES	  8
#define WORDS	  160

struct page {
	struct engine *e;
	const struct env_command *c;
	struct list_row row;
	unsigned told;
};

static void tell(struct page *p)
{
	env_reply(p->e->d.env, p->c->id, p->row.text);
	p->told++;
}

static const char *owner(const struct desk *d, uint16_t instance)
{
	return instance == POSITION_NOBODY ? "nobody" : d->cfg->instance[instance].name;
}

/* What several rows have paid, by asset. */
struct fees {
	struct position_fee of[FEES];
	unsigned n;
};

static void add_fees(struct fees *all, const struct position *r)
{
	for (unsigned k = 0; k < POSITION_FEE_ASSETS; k++) {
		const struct position_fee *f = &r->fee[k];
		unsigned i = 0;
		while (i < all->n && all->of[i].asset != f->asset)
			i++;
		if (!f->asset || !f->paid_e8 || i == FEES)
			continue;
		if (i == all->n)
			all->of[all->n++] = (struct position_fee){ .asset = f->asset };
		all->of[i].paid_e8 += f->paid_e8;
	}
}

static void put_fees(struct page *p, const struct fees *all)
{
	char text[WORDS] = "";
	size_t n = 0;
	for (unsigned i = 0; i < all->n && n < sizeof text - 48; i++) {
		char amount[24];
		dec_format(all->of[i].paid_e8, MONEY_DP, 0, amount);
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%s %s", i ? ", " : "", amount,
				      asset_name(&p->e->d.cfg->assets, all->of[i].asset));
	}
	list_text(&p->row, text);
}

/* Why nothing opens in it, with what the venue says that it has. */
static void put_fence(struct page *p, uint16_t account, uint32_t instrument)
{
	const struct fence *x = fence_at(&p->e->d, account, instrument);
	char text[WORDS] = "", venue[24];
	if (x && x->why == FENCE_POSITION) {
		dec_format(x->venue_qty, p->e->d.instrument[instrument].qty_dp, 0, venue);
		snprintf(text, sizeof text, "%s: the venue holds %s",
			 fence_why_name((enum fence_why)x->why), venue);
	} else if (x) {
		snprintf(text, sizeof text, "%s", fence_why_name((enum fence_why)x->why));
	}
	list_text(&p->row, text);
}

static void tell_position(struct page *p, const struct position *r)
{
	const struct desk *d = &p->e->d;
	const struct instrument *in = &d->instrument[r->instrument];
	const int64_t net = position_net(r), mark = desk_mark_px(d, r->instrument);
	struct fees fees = { 0 };
	add_fees(&fees, r);
	list_begin(&p->row);
	list_text(&p->row, d->cfg->account[r->account].name);
	list_text(&p->row, in->name);
	list_text(&p->row, owner(d, r->instance));
	list_dec(&p->row, r->qty[SIDE_BUY][0] + r->qty[SIDE_BUY][1], in->qty_dp);
	list_dec(&p->row, r->qty[SIDE_SELL][0] + r->qty[SIDE_SELL][1], in->qty_dp);
	list_dec(&p->row, net, in->qty_dp);
	if (mark || in->expo.kind != EXPO_INVERSE)
		list_dec(&p->row, position_base_e8(r, in, mark), BASE_DP);
	else
		list_none(&p->row);
	if (mark) {
		list_dec(&p->row, mark, in->px_dp);
		list_dec(&p->row, instrument_notional_e8(in, net, mark), MONEY_DP);
	} else {
		list_none(&p->row);
		list_none(&p->row);
	}
	list_dec(&p->row, r->cash_e8, MONEY_DP);
	list_text(&p->row, asset_name(&d->cfg->assets, in->quote));
	put_fees(p, &fees);
	put_fence(p, r->account, r->instrument);
	tell(p);
}

static bool is_shown(const struct position *r)
{
	return position_net(r) || r->cash_e8 || r->volume_qty;
}

/* A fence around a contract that no row speaks of: the books have nothing of it, the venue has. */
static void tell_fence(struct page *p, const struct fence *x)
{
	const struct desk *d = &p->e->d;
	for (uint32_t i = 0; i < d->positions.n; i++)
		if (d->positions.row[i].account == x->account &&
		    d->positions.row[i].instrument == x->instrument &&
		    is_shown(&d->positions.row[i]))
			return;
	const struct position none = { .account = x->account,
				       .instrument = x->instrument,
				       .instance = POSITION_NOBODY };
	tell_position(p, &none);
}

static uint32_t list_positions(struct page *p, uint32_t from)
{
	const struct desk *d = &p->e->d;
	const struct positions *all = &d->positions;
	const uint32_t n = all->n + d->fences.n;
	uint32_t i = from;
	for (; i < n && i - from < LOOKS && p->told < ENV_REPLY_ROWS; i++)
		if (i >= all->n)
			tell_fence(p, &d->fences.row[i - all->n]);
		else if (is_shown(&all->row[i]))
			tell_position(p, &all->row[i]);
	return i < n ? i : 0;
}

static void tell_order(struct page *p, const struct order *o)
{
	const struct desk *d = &p->e->d;
	const struct instrument *in = &d->instrument[o->instrument];
	list_begin(&p->row);
	list_hex(&p->row, o->id);
	list_hex(&p->row, o->pair);
	list_text(&p->row, owner(d, o->instance));
	list_text(&p->row, in->name);
	list_text(&p->row, d->cfg->account[o->account].name);
	list_dec(&p->row, o->leg, 0);
	list_text(&p->row, o->side == SIDE_BUY ? "buy" : "sell");
	list_dec(&p->row, o->px, in->px_dp);
	list_dec(&p->row, o->qty, in->qty_dp);
	list_dec(&p->row, o->cum, in->qty_dp);
	list_text(&p->row, order_state_name((enum order_state)o->state));
	list_text(&p->row, o->rescue ? "rescue" : "");
	if (o->sent_mono_ns > 1) /* sent in this life of the host */
		list_dec(&p->row, (d->now.mono_ns - o->sent_mono_ns) / 1000000, 0);
	else
		list_none(&p->row);
	list_text(&p->row, o->venue_order);
	tell(p);
}

/* Somebody else's, in one of our accounts. */
static void tell_foreign(struct page *p, const struct foreign_order *o)
{
	const struct desk *d = &p->e->d;
	const struct instrument *in = &d->instrument[o->instrument];
	list_begin(&p->row);
	list_none(&p->row);
	list_none(&p->row);
	list_text(&p->row, owner(d, POSITION_NOBODY));
	list_text(&p->row, in->name);
	list_text(&p->row, d->cfg->account[o->account].name);
	list_none(&p->row);
	list_text(&p->row, o->side == SIDE_BUY ? "buy" : "sell");
	list_dec(&p->row, o->px, in->px_dp);
	list_dec(&p->row, o->qty, in->qty_dp);
	list_dec(&p->row, o->cum, in->qty_dp);
	list_text(&p->row, o->accepted ? "FOREIGN, accepted" : "FOREIGN");
	list_none(&p->row);
	list_dec(&p->row, (d->now.utc_ns - o->since_utc_ns) / 1000000, 0);
	list_text(&p->row, o->venue_order);
	tell(p);
}

static uint32_t list_orders(struct page *p, uint32_t from)
{
	const struct blotter *b = &p->e->d.blotter;
	const struct foreign_orders *theirs = &p->e->d.foreign;
	const uint32_t n = b->cap + theirs->n;
	uint32_t i = from;
	for (; i < n && i - from < LOOKS && p->told < ENV_REPLY_ROWS; i++)
		if (i >= b->cap)
			tell_foreign(p, &theirs->row[i - b->cap]);
		else if (b->slot[i].id && b->slot[i].open_at)
			tell_order(p, &b->slot[i]);
	return i < n ? i : 0;
}

static void put_cost(struct page *p, const struct rescue_way_out *w, bool known)
{
	if (known && w->possible)
		list_dec(&p->row, w->cost_e8, MONEY_DP);
	else
		list_none(&p->row);
}

static void tell_held(struct page *p, const struct pair *x)
{
	struct desk *d = &p->e->d;
	const uint32_t open = pair_open_orders(x);
	struct rescue_plan plan;
	rescue_plan(d, x, &plan);
	list_begin(&p->row);
	list_hex(&p->row, x->id);
	list_text(&p->row, owner(d, x->instance));
	list_text(&p->row, pair_state_name((enum pair_state)x->state));
	const uint8_t cause = x->held_cause ? x->held_cause : x->stuck_cause;
	list_text(&p->row, cause ? held_cause_name((enum held_cause)cause) : "");
	list_text(&p->row, x->told ? resolve_way_name((enum resolve_way)x->told) : "");
	list_text(&p->row, pair_intent_name((enum pair_intent)x->intent));
	list_dec(&p->row, x->lots, 0);
	list_dec(&p->row, plan.imbalance_base_e8, BASE_DP);
	list_dec(&p->row, rescue_value_e8(d, x->instance, plan.imbalance_base_e8), MONEY_DP);
	put_cost(p, &plan.out[RESCUE_COMPLETE], open == 0); /* what still works may still fill */
	put_cost(p, &plan.out[RESCUE_UNWIND], open == 0);
	list_dec(&p->row, x->spent_e8, MONEY_DP);
	list_dec(&p->row, x->attempts, 0);
	list_dec(&p->row, open, 0);
	if (x->broken_ns)
		list_dec(&p->row, (d->now.mono_ns - x->broken_ns) / 1000000, 0);
	else
		list_none(&p->row);
	if (x->state == PAIR_HELD)
		list_dec(&p->row, x->held_money_s_e8, MONEY_DP);
	else
		list_none(&p->row);
	list_text(&p->row, x->reason);
	tell(p);
}

static uint32_t list_held(struct page *p, uint32_t from)
{
	const struct pairs *all = &p->e->d.pairs;
	uint32_t i = from;
	for (; i < all->cap && i - from < LOOKS && p->told < PLANS; i++) {
		const struct pair *x = &all->slot[i];
		bool out = x->state == PAIR_CHECKED || (x->state == PAIR_SENT && !x->stuck_cause);
		if (x->id && pair_working((enum pair_state)x->state) && !out)
			tell_held(p, x);
	}
	return i < all->cap ? i : 0;
}

/* Money of one quote currency; what cannot be valued is said, and then there is no sum. */
struct account {
	asset_id quote;
	int64_t cash_e8, value_e8, fees_e8;
	bool whole;
	struct fees fees;
	char unmarked[WORDS];
};

static void cannot_mark(struct account *a, const char *what, const char *why, bool whole)
{
	size_t n = strlen(a->unmarked);
	snprintf(a->unmarked + n, sizeof a->unmarked - n, "%s%s: %s", n ? "; " : "", what, why);
	a->whole &= whole;
}

/* A fee in the base of a spot holding is worth what the base is; any other coin is not valued here. */
static void charge(const struct desk *d, struct account *a, const struct position *r)
{
	const struct instrument *in = &d->instrument[r->instrument];
	const int64_t mark = desk_mark_px(d, r->instrument);
	for (unsigned k = 0; k < POSITION_FEE_ASSETS; k++) {
		const struct position_fee *f = &r->fee[k];
		if (!f->asset || !f->paid_e8)
			continue;
		if (f->asset == in->quote)
			a->fees_e8 += f->paid_e8;
		else if (f->asset == in->base && in->expo.kind == EXPO_SPOT && mark)
			a->fees_e8 += dec_muldiv(f->paid_e8, mark, dec_pow10[in->px_dp], DEC_UP);
		else
			cannot_mark(a, asset_name(&d->cfg->assets, f->asset),
				    "its fees are not valued", false);
	}
}

static void mark_leg(const struct desk *d, struct account *a, const struct position *r)
{
	const struct instrument *in = &d->instrument[r->instrument];
	const int64_t net = position_net(r), mark = desk_mark_px(d, r->instrument);
	if (in->expo.kind == EXPO_INVERSE) {
		if (r->volume_qty || net)
			cannot_mark(a, in->name,
				    "an inverse contract earns its base, not its quote", false);
	} else if (net && !mark) {
		cannot_mark(a, in->name, "no price yet", false);
	} else {
		a->value_e8 += instrument_notional_e8(in, net, mark);
	}
}

static void tell_account(struct page *p, const char *instance, uint64_t round, uint32_t pairs,
			 const struct account *a)
{
	const int64_t gross = a->cash_e8 + a->value_e8;
	list_begin(&p->row);
	list_text(&p->row, instance);
	if (round)
		list_hex(&p->row, round);
	else
		list_text(&p->row, "all");
	if (pairs)
		list_dec(&p->row, pairs, 0);
	else
		list_none(&p->row);
	list_text(&p->row, a->quote ? asset_name(&p->e->d.cfg->assets, a->quote) : "");
	list_dec(&p->row, a->cash_e8, MONEY_DP);
	if (a->whole) {
		list_dec(&p->row, a->value_e8, MONEY_DP);
		list_dec(&p->row, gross, MONEY_DP);
		list_dec(&p->row, a->fees_e8, MONEY_DP);
		list_dec(&p->row, gross - a->fees_e8, MONEY_DP);
	} else {
		for (int k = 0; k < 4; k++)
			list_none(&p->row);
	}
	put_fees(p, &a->fees);
	list_text(&p->row, a->unmarked);
	tell(p);
}

/* Two legs may stand on one row; it counts once. */
static bool seen_before(const struct desk_instance *in, unsigned leg)
{
	for (unsigned l = 0; l < leg; l++)
		if (in->row[l] == in->row[leg])
			return true;
	return false;
}

/* The legs of an instance that are paid for in this currency. */
static struct account account_in(const struct desk *d, const struct desk_instance *in,
				 asset_id quote)
{
	struct account a = { .quote = quote, .whole = true };
	for (unsigned l = 0; l < in->cfg->n_legs; l++) {
		const struct position *r = in->row[l];
		if (d->instrument[in->cfg->leg[l]].quote != quote || seen_before(in, l))
			continue;
		a.cash_e8 += r->cash_e8;
		add_fees(&a.fees, r);
		mark_leg(d, &a, r);
		charge(d, &a, r);
	}
	return a;
}

/* The round that is open began flat: what the legs hold now is what it holds. Its fees in the base are valued where a leg of it is spot. */
static void tell_round(struct page *p, const struct desk_instance *in, const struct account *legs,
		       bool one_quote)
{
	const struct desk *d = &p->e->d;
	const struct round *r = &in->round;
	struct account a = { .quote = one_quote ? legs->quote : 0,
			     .cash_e8 = r->cash_e8,
			     .value_e8 = legs->value_e8,
			     .fees_e8 = r->fee_e8 + r->funding_e8,
			     .whole = legs->whole };
	memcpy(a.unmarked, legs->unmarked, sizeof a.unmarked);
	int64_t base_px_e8 = 0;
	for (unsigned l = 0; l < in->cfg->n_legs && !base_px_e8; l++) {
		const struct instrument *i = &d->instrument[in->cfg->leg[l]];
		if (i->expo.kind == EXPO_SPOT)
			base_px_e8 = dec_rescale(desk_mark_px(d, in->cfg->leg[l]), i->px_dp,
						 MONEY_DP, DEC_NEAREST);
	}
	if (r->fee_base_e8 && base_px_e8)
		a.fees_e8 += dec_muldiv(r->fee_base_e8, base_px_e8, dec_pow10[BASE_DP], DEC_UP);
	else if (r->fee_base_e8)
		cannot_mark(&a, "fees in the base", "no price yet", false);
	if (!one_quote)
		cannot_mark(&a, "legs", "in several currencies, which are not added up", false);
	tell_account(p, in->cfg->name, r->id, r->pairs, &a);
}

static void tell_instance(struct page *p, const struct desk_instance *in)
{
	const struct desk *d = &p->e->d;
	struct account a = { 0 };
	unsigned quotes = 0;
	for (unsigned l = 0; l < in->cfg->n_legs; l++) {
		asset_id quote = d->instrument[in->cfg->leg[l]].quote;
		unsigned k = 0;
		while (k < l && d->instrument[in->cfg->leg[k]].quote != quote)
			k++;
		if (k < l)
			continue;
		a = account_in(d, in, quote);
		tell_account(p, in->cfg->name, 0, 0, &a);
		quotes++;
	}
	if (in->round.id)
		tell_round(p, in, &a, quotes == 1);
}

static uint32_t list_pnl(struct page *p, uint32_t from)
{
	const struct desk *d = &p->e->d;
	uint32_t i = from;
	for (; i < d->cfg->n_instances && i - from < INSTANCES; i++)
		tell_instance(p, &d->instance[i]);
	return i < d->cfg->n_instances ? i : 0;
}

static void put_date(struct page *p, int32_t date)
{
	char text[12] = "";
	list_text(&p->row, date ? date_format(date, text) : "");
}

static void tell_counter(struct page *p, const struct tally_line *x)
{
	const struct desk *d = &p->e->d;
	const struct config_account *a = &d->cfg->account[x->account];
	list_begin(&p->row);
	list_text(&p->row, a->group[0] ? a->group : a->name);
	list_text(&p->row, x->exchange);
	list_text(&p->row, x->instrument == TALLY_ALL ? "all" : d->instrument[x->instrument].name);
	put_date(p, x->day);
	list_text(&p->row, tally_kind_name(x->kind));
	list_dec(&p->row, x->use.used, 0);
	for (int k = 0; k < 3; k++)
		if (x->use.limit)
			list_dec(&p->row,
				 k == 0	  ? x->use.warn
				 : k == 1 ? x->use.bound
					  : x->use.limit,
				 0);
		else
			list_none(&p->row);
	put_date(p, x->from);
	put_date(p, x->verified);
	tell(p);
}

static uint32_t list_counters(struct page *p, uint32_t from)
{
	const struct desk *d = &p->e->d;
	struct tally_line x;
	uint32_t at = from;
	bool more = true, found;
	while (more && at - from < LOOKS && p->told < ENV_REPLY_ROWS) {
		more = tally_each(d, &at, LOOKS - (at - from), &x, &found);
		if (found)
			tell_counter(p, &x);
	}
	return more ? at : 0;
}

/* Decimals of a limit's numbers as they are shown: times in ms. */
static unsigned shown_dp(enum limit_unit u)
{
	return u == UNIT_MONEY || u == UNIT_BASE ? 8 : u == UNIT_TIME ? 6 : 0;
}

static void put_bound(struct page *p, enum limit_unit u, int64_t v)
{
	if (v == LIMIT_OFF)
		list_none(&p->row);
	else
		list_dec(&p->row, v, shown_dp(u));
}

static void tell_limit(struct page *p, struct limit_row *r)
{
	struct desk *d = &p->e->d;
	const enum risk_limit l = (enum risk_limit)r->limit;
	const enum limit_unit u = limit_unit_of(l);
	static const char *const unit[] = {
#define UNIT_TEXT(id, text) text,
		LIMIT_UNITS(UNIT_TEXT)
#undef UNIT_TEXT
	};
	const char *file = strrchr(d->cfg->file, '/');
	char key[LIMIT_WORDS], from[WORDS];
	int64_t use;
	limit_key(l, key);
	list_begin(&p->row);
	list_text(&p->row, key);
	list_text(&p->row, limit_scope_name((enum limit_scope)r->scope));
	list_text(&p->row, limits_subject(d, (enum limit_scope)r->scope, r->index));
	put_bound(p, u, r->value);
	put_bound(p, u, risk_use(d, r, &use) ? use : LIMIT_OFF);
	list_text(&p->row, u == UNIT_TIME ? "ms" : unit[u]);
	if (r->warn_pct)
		list_dec(&p->row, r->warn_pct, 0);
	else
		list_none(&p->row);
	list_text(&p->row, limit_action_name((enum limit_action)r->action));
	list_text(&p->row, r->beyond ? "BEYOND" : r->warned ? "near" : "");
	list_dec(&p->row, (int64_t)r->hits, 0);
	put_bound(p, u, r->configured);
	snprintf(from, sizeof from, "%.100s:%d", file ? file + 1 : d->cfg->file, r->line);
	list_text(&p->row, r->source == SOURCE_OPERATOR ? "an operator"
			   : r->source == SOURCE_LIST	? from
							: "risk");
	tell(p);
}

static uint32_t list_limits(struct page *p, uint32_t from)
{
	const struct limits *l = &p->e->d.limits;
	uint32_t i = from;
	for (; i < l->n && i - from < LOOKS && p->told < ENV_REPLY_ROWS; i++)
		tell_limit(p, &l->row[i]);
	return i < l->n ? i : 0;
}

void engine_list(struct engine *e, const struct env_command *c, char *answer, size_t cap)
{
	struct page p = { .e = e, .c = c };
	uint32_t from = (uint32_t)strtoul(c->arg, NULL, 10), next = 0;
	switch ((enum env_command_kind)c->kind) {
	case CMD_POSITIONS:
		next = list_positions(&p, from);
		break;
	case CMD_ORDERS:
		next = list_orders(&p, from);
		break;
	case CMD_PNL:
		next = list_pnl(&p, from);
		break;
	case CMD_ALERTS:
		next = engine_list_alerts(e, c, from);
		break;
	case CMD_COUNTERS:
		next = list_counters(&p, from);
		break;
	case CMD_HELD:
		next = list_held(&p, from);
		break;
	case CMD_LIMITS:
		next = list_limits(&p, from);
		break;
	default:
		break;
	}
	if (next)
		snprintf(answer, cap, "ok: %u", next);
	else
		snprintf(answer, cap, "ok");
}
