#include "core/cmd/backtest_tally.h"

#include "core/base/date.h"
#include "core/base/err.h"
#include "core/ops/config.h"
#include "core/trade/money.h"
#include "core/trade/pair.h"
#include <math.h>
#include <stdlib.h>

#define DAY_NS 86400000000000LL

int bt_tally_open(struct bt_tally *t, uint16_t n_instances, int64_t span_ns)
{
	*t = (struct bt_tally){ .n = n_instances, .every_ns = span_ns / TALLY_SAMPLES + 1 };
	why_init(&t->why);
	t->of = calloc(n_instances + 1u, sizeof *t->of);
	int rc = t->of ? map_init(&t->at, 1024) : -ERR_NOMEM;
	for (uint16_t i = 0; i < n_instances && !rc; i++) {
		struct bt_instance *in = &t->of[i];
		in->sample = calloc(TALLY_SAMPLES + 2, sizeof *in->sample);
		in->mark = calloc(TALLY_MARKS, sizeof *in->mark);
		in->now = (struct bt_sample){ .sell = NAN, .buy = NAN, .net = NAN };
		in->priced = true;
		rc = in->sample && in->mark ? 0 : -ERR_NOMEM;
	}
	return rc ? err_set(ERR_NOMEM, "no memory for the figures of a backtest") : 0;
}

void bt_tally_free(struct bt_tally *t)
{
	for (uint16_t i = 0; t->of && i < t->n; i++) {
		free(t->of[i].sample);
		free(t->of[i].mark);
		free(t->of[i].day);
	}
	free(t->of);
	free(t->pair);
	map_free(&t->at);
	why_free(&t->why);
	*t = (struct bt_tally){ 0 };
}

void bt_tally_begin(struct bt_tally *t, struct engine *e)
{
	struct desk *d = engine_desk(e);
	t->e = e;
	t->d = d;
	t->next_ns = d->now.mono_ns;
	for (uint16_t i = 0; i < t->n; i++) {
		const struct config_instance *c = &d->cfg->instance[i];
		t->of[i].money = money_of(d, i);
		for (unsigned l = 0; l < c->n_legs; l++)
			t->of[i].inverse |= d->instrument[c->leg[l]].expo.kind == EXPO_INVERSE;
	}
}

/* ---------------------------------------------------------------- who is meant */

static uint16_t index_of(const uint32_t *names, uint32_t n, uint32_t name)
{
	for (uint32_t i = 0; i < n; i++)
		if (names[i] == name)
			return (uint16_t)i;
	return UINT16_MAX;
}

static struct bt_pair *pair_of(struct bt_tally *t, uint64_t id)
{
	uint32_t at;
	return id && map_get(&t->at, id, &at) ? &t->pair[at] : NULL;
}

static struct bt_pair *new_pair(struct bt_tally *t, const struct fact *f, uint16_t instance)
{
	if (t->n_pairs == t->cap_pairs) {
		uint32_t cap = t->cap_pairs ? 2 * t->cap_pairs : 512;
		struct bt_pair *more = realloc(t->pair, cap * sizeof *more);
		if (!more) {
			t->failed = -ERR_NOMEM;
			return NULL;
		}
		t->pair = more;
		t->cap_pairs = cap;
		map_free(&t->at);
		t->failed = map_init(&t->at, cap);
		for (uint32_t i = 0; i < t->n_pairs && !t->failed; i++)
			t->failed = map_put(&t->at, more[i].id, i);
	}
	if (t->failed || map_put(&t->at, f->pair, t->n_pairs))
		return NULL;
	struct bt_pair *p = &t->pair[t->n_pairs++];
	*p = (struct bt_pair){ .id = f->pair, .instance = instance, .utc_ns = f->utc_ns };
	return p;
}

/* ---------------------------------------------------------------- days */

static int32_t date_of(const struct bt_tally *t, uint16_t instance)
{
	const struct desk *d = t->d;
	const struct instrument *in = &d->instrument[d->cfg->instance[instance].leg[0]];
	struct calendar_now now = { 0 };
	if (in->calendar < d->cfg->n_calendars)
		calendar_at(&d->cfg->calendar[in->calendar], d->now.utc_ns, &now);
	return now.trading_day ? now.trading_day : date_of_days((int32_t)(d->now.utc_ns / DAY_NS));
}

static struct bt_day *day_of(struct bt_tally *t, uint16_t instance)
{
	struct bt_instance *in = &t->of[instance];
	int32_t date = date_of(t, instance);
	for (uint32_t k = in->n_days; k-- > 0;)
		if (in->day[k].date == date)
			return &in->day[k];
	if (t->d->stopping &&
	    in->n_days) /* what ends after the recording belongs to its last day */
		return &in->day[in->n_days - 1];
	if (in->n_days == in->cap_days) {
		uint32_t cap = in->cap_days ? 2 * in->cap_days : 16;
		struct bt_day *more = realloc(in->day, cap * sizeof *more);
		if (!more) {
			t->failed = -ERR_NOMEM;
			return &t->nowhere;
		}
		in->day = more;
		in->cap_days = cap;
	}
	in->day[in->n_days] = (struct bt_day){ .date = date, .before_e8 = in->net_e8 };
	return &in->day[in->n_days++];
}

/* ---------------------------------------------------------------- money */

static bool in_money(struct bt_tally *t, uint16_t instance, asset_id from, int64_t *amount_e8)
{
	struct bt_instance *in = &t->of[instance];
	if (money_convert(t->d, instance, from, in->money, amount_e8))
		return true;
	in->priced = false;
	return false;
}

/* Cash, what is held at its mark, less fees. False: something that is held has no price, or no rate leads to its money. */
static bool profit(struct bt_tally *t, uint16_t instance, int64_t *net_e8)
{
	const struct desk *d = t->d;
	const struct config_instance *c = &d->cfg->instance[instance];
	*net_e8 = 0;
	for (unsigned l = 0; l < c->n_legs; l++) {
		const struct position *r = d->instance[instance].row[l];
		const struct instrument *in = &d->instrument[c->leg[l]];
		if (!r || in->expo.kind == EXPO_INVERSE)
			continue;
		int64_t net = position_net(r), px = desk_mark_px(d, c->leg[l]);
		int64_t earned = r->cash_e8 + (net ? instrument_notional_e8(in, net, px) : 0);
		if ((net && !px) || (earned && !in_money(t, instance, in->quote, &earned)))
			return false;
		*net_e8 += earned;
		for (unsigned k = 0; k < POSITION_FEE_ASSETS; k++) {
			int64_t fee = r->fee[k].paid_e8;
			if (fee && in_money(t, instance, r->fee[k].asset, &fee))
				*net_e8 -= fee;
		}
	}
	return true;
}

static void value(struct bt_tally *t, uint16_t instance)
{
	struct bt_instance *in = &t->of[instance];
	int64_t net;
	if (!profit(t, instance, &net))
		return; /* a leg has no price just now: as it was */
	in->net_e8 = net;
	if (net > in->peak_e8) {
		in->peak_e8 = net;
		in->peak_ns = t->d->now.utc_ns;
	}
	if (in->peak_e8 - net > in->drawdown_e8) {
		in->drawdown_e8 = in->peak_e8 - net;
		in->drawdown_from_ns = in->peak_ns;
		in->drawdown_to_ns = t->d->now.utc_ns;
	}
	if (in->volume_e8) {
		struct bt_day *day = day_of(t, instance);
		day->net_e8 = net - day->before_e8;
	}
}

/* ---------------------------------------------------------------- receipts */

static void mark(struct bt_tally *t, const struct bt_pair *p, enum bt_mark_kind kind)
{
	struct bt_instance *in = &t->of[p->instance];
	const struct basis *b = &t->d->instance[p->instance].basis;
	if (in->n_marks == TALLY_MARKS || !b->ok)
		return;
	const struct basis_cross *c = &b->dir[p->side];
	in->mark[in->n_marks++] = (struct bt_mark){ .utc_ns = t->d->now.utc_ns,
						    .kind = (uint8_t)kind,
						    .at = in->in_bp ? c->gross_bp : c->gross };
}

static void on_pair(struct bt_tally *t, const struct fact *f, uint16_t instance)
{
	struct bt_instance *in = &t->of[instance];
	struct bt_pair *p = pair_of(t, f->pair);
	if (!p)
		p = new_pair(t, f, instance);
	if (!p || f->num[0] == f->num[1])
		return;
	struct bt_day *day = day_of(t, instance);
	p->state = f->state;
	p->intent = (uint8_t)f->num[5];
	if (f->state == PAIR_SENT) {
		in->sent++;
		day->sent++;
		in->opened += p->intent == INTENT_OPEN;
		in->closed += p->intent == INTENT_CLOSE;
		mark(t, p, p->intent == INTENT_OPEN ? MARK_OPEN : MARK_CLOSE);
	} else if (f->state == PAIR_BROKEN && !p->broke) {
		p->broke = true;
		in->broken++;
		day->broken++;
		mark(t, p, MARK_BROKEN);
	} else if (f->state == PAIR_HEDGED || f->state == PAIR_FLAT) {
		bool hedged = f->state == PAIR_HEDGED;
		in->hedged += hedged;
		in->flat += !hedged;
		day->hedged += hedged;
		day->flat += !hedged;
		in->rescued += p->broke;
		in->completed += p->broke && hedged;
		in->unwound += p->broke && !hedged;
	}
}

static uint32_t instrument_of(const struct bt_tally *t, uint32_t name)
{
	uint32_t i = 0;
	while (i < t->d->cfg->n_instruments && t->d->instrument[i].name_id != name)
		i++;
	return i;
}

/* A pair's legs lie in the order in which they were proposed. */
static void on_leg(struct bt_tally *t, const struct fact *f)
{
	struct bt_pair *p = pair_of(t, f->pair);
	if (!p || f->leg >= LEG_MAX || p->ref_px[f->leg])
		return;
	p->ref_px[f->leg] = f->num[4];
	if (instrument_of(t, f->instrument) == t->d->cfg->instance[p->instance].leg[0])
		p->side = f->side < side_max ? f->side : 0;
}

/* What was paid beyond the price of the decision; negative: better. */
static int64_t slip_of(const struct bt_tally *t, const struct fact *f, uint32_t instrument,
		       int64_t ref_px)
{
	const struct instrument *i = &t->d->instrument[instrument];
	int64_t at = instrument_notional_e8(i, f->qty, f->px),
		ref = instrument_notional_e8(i, f->qty, ref_px);
	return f->side == SIDE_BUY ? at - ref : ref - at;
}

/* What began and ended at one moment was never so. */
static void end_naked(struct bt_instance *in, int64_t now_ns)
{
	int64_t took = now_ns - in->naked_since_ns;
	in->naked_since_ns = 0;
	if (took == 0)
		return;
	in->naked_times++;
	in->naked_ns += took;
	in->longest_naked_ns = took > in->longest_naked_ns ? took : in->longest_naked_ns;
	if (in->naked_base_e8 > in->most_naked_base_e8)
		in->most_naked_base_e8 = in->naked_base_e8;
}

static void look_at_balance(struct bt_tally *t, uint16_t instance)
{
	struct bt_instance *in = &t->of[instance];
	const struct config_instance *c = &t->d->cfg->instance[instance];
	int64_t base = desk_instance_base_e8(t->d, instance), now = t->d->now.mono_ns;
	int64_t size = base < 0 ? -base : base;
	bool naked = size && size >= desk_odd_lot_base_e8(t->d, c->leg, c->n_legs);
	if (!naked && in->naked_since_ns)
		end_naked(in, now);
	if (naked && !in->naked_since_ns) {
		in->naked_since_ns = now;
		in->naked_base_e8 = 0;
	}
	if (naked && size > in->naked_base_e8)
		in->naked_base_e8 = size;
}

static void on_fill(struct bt_tally *t, const struct fact *f, uint16_t instance)
{
	struct bt_instance *in = &t->of[instance];
	struct bt_pair *p = pair_of(t, f->pair);
	uint32_t i = instrument_of(t, f->instrument);
	if (i == t->d->cfg->n_instruments)
		return;
	const struct instrument *of = &t->d->instrument[i];
	struct bt_day *day = day_of(t, instance);
	in->fills++;
	in->maker_fills += f->num[2] != 0;
	day->fills++;
	int64_t fee = f->fee_e8, volume = f->num[4];
	asset_id asset = index_of(t->d->names.asset, t->d->cfg->assets.n, f->fee_asset);
	if (fee && asset < t->d->cfg->assets.n && in_money(t, instance, asset, &fee)) {
		in->fees_e8 += fee;
		day->fees_e8 += fee;
		if (p)
			p->fees_e8 += fee;
	}
	if (in_money(t, instance, of->quote, &volume))
		in->volume_e8 += volume;
	if (p && f->leg < LEG_MAX && p->ref_px[f->leg] && f->side < side_max) {
		int64_t slip = slip_of(t, f, i, p->ref_px[f->leg]);
		if (in_money(t, instance, of->quote, &slip)) {
			p->slip_e8 += slip;
			*(p->broke ? &in->rescue_slip_e8 : &in->slip_e8) += slip;
		}
	}
	look_at_balance(t, instance);
}

void bt_tally_fact(struct bt_tally *t, const struct fact *f)
{
	t->receipts++;
	if (!t->failed)
		t->failed = why_take(&t->why, f);
	if (!t->d || !f->instance)
		return;
	uint16_t i = index_of(t->d->names.instance, t->n, f->instance);
	if (i == UINT16_MAX)
		return;
	struct bt_instance *in = &t->of[i];
	if (f->kind == FACT_PAIR)
		on_pair(t, f, i);
	else if (f->kind == FACT_LEG)
		on_leg(t, f);
	else if (f->kind == FACT_FILL)
		on_fill(t, f, i);
	in->orders += f->kind == FACT_ORDER;
	in->rejects += f->kind == FACT_REJECTED;
	in->cancels += f->kind == FACT_CANCEL;
}

/* ---------------------------------------------------------------- curves */

static double better(double a, double b, bool more)
{
	return isnan(a) ? b : isnan(b) ? a : (a > b) == more ? a : b;
}

static void sample(struct bt_tally *t, uint16_t i)
{
	struct bt_instance *in = &t->of[i];
	value(t, i);
	in->now.utc_ns = t->d->now.utc_ns;
	in->now.net = (double)in->net_e8 / 1e8;
	in->now.lots = engine_pos_lots(t->e, i);
	if (in->n_samples < TALLY_SAMPLES + 2)
		in->sample[in->n_samples++] = in->now;
	in->now = (struct bt_sample){ .sell = NAN, .buy = NAN, .net = NAN };
}

void bt_tally_turn(struct bt_tally *t)
{
	const struct desk *d = t->d;
	for (uint16_t i = 0; i < t->n; i++) {
		const struct basis *b = &d->instance[i].basis;
		struct bt_instance *in = &t->of[i];
		if (!b->ok || b->at_ns != d->now.mono_ns)
			continue;
		in->in_bp |= b->ratio_ok;
		const struct basis_cross *sell = &b->dir[SIDE_SELL], *buy = &b->dir[SIDE_BUY];
		in->now.sell = better(in->now.sell, in->in_bp ? sell->gross_bp : sell->gross, true);
		in->now.buy = better(in->now.buy, in->in_bp ? buy->gross_bp : buy->gross, false);
	}
	if (d->now.mono_ns < t->next_ns)
		return;
	for (uint16_t i = 0; i < t->n; i++)
		sample(t, i);
	t->next_ns = d->now.mono_ns + t->every_ns;
}

/* ---------------------------------------------------------------- the end */

static void rank(struct bt_tally *t, uint32_t at)
{
	const struct bt_pair *p = &t->pair[at];
	struct bt_instance *in = &t->of[p->instance];
	uint32_t k = in->n_worst < TALLY_WORST ? in->n_worst++ : TALLY_WORST;
	if (k == TALLY_WORST && t->pair[in->worst[--k]].slip_e8 >= p->slip_e8)
		return;
	for (; k && t->pair[in->worst[k - 1]].slip_e8 < p->slip_e8; k--)
		in->worst[k] = in->worst[k - 1];
	in->worst[k] = at;
}

void bt_tally_close(struct bt_tally *t)
{
	for (uint16_t i = 0; i < t->n; i++) {
		struct bt_instance *in = &t->of[i];
		sample(t, i);
		in->left_base_e8 = desk_instance_base_e8(t->d, i);
		in->pos_lots = engine_pos_lots(t->e, i);
		if (in->naked_since_ns)
			end_naked(in, t->d->now.mono_ns);
	}
	for (uint32_t k = 0; k < t->n_pairs; k++) {
		struct bt_pair *p = &t->pair[k];
		t->of[p->instance].held_now += p->state == PAIR_HELD;
		t->of[p->instance].in_flight += !pair_over((enum pair_state)p->state) &&
						p->state != PAIR_HELD && p->state != PAIR_PROPOSED;
		if (p->slip_e8 > 0)
			rank(t, k);
	}
	why_close(&t->why);
}
