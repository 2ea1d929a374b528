/* risk_watch - what no order asks for and happens all the same: what is unhedged, slippage, rejects, latency, repetitions, losses. Each row that watches one is looked at when its numbers
 * change and ten times a second; going beyond it is a receipt, an alert and its action, once, until it is back. */
#include "core/base/dec.h"
#include "core/ops/config.h"
#include "core/trade/rescue.h"
#include "core/trade/risk_parts.h"
#include "core/trade/scribe.h"
#include <stdio.h>
#include <string.h>

#define MINUTE_NS (60 * RISK_SECOND_NS)

/* ---- counting */

void risk_count_reject(struct desk *d, uint16_t instance)
{
	if (instance == POSITION_NOBODY)
		return;
	struct desk_instance *in = &d->instance[instance];
	if (d->now.mono_ns - in->minute_ns >= MINUTE_NS) {
		in->minute_ns = d->now.mono_ns;
		in->rejects_in_minute = 0;
	}
	in->rejects_in_minute++;
	in->watched->rejected[0]++;
	d->limits.look = true;
}

/* Two halves: what is older than the second one is forgotten. */
static void age_ratio(struct risk_watched *w, int64_t now_ns)
{
	int64_t halves = (now_ns - w->ratio_since_ns) / (5 * MINUTE_NS);
	if (halves == 0)
		return;
	w->ratio_since_ns = now_ns;
	w->sent[1] = halves == 1 ? w->sent[0] : 0;
	w->rejected[1] = halves == 1 ? w->rejected[0] : 0;
	w->sent[0] = w->rejected[0] = 0;
}

static void repeat(struct desk *d, const struct order *o, struct risk_watched *w)
{
	const struct pair *p = pairs_find(&d->pairs, o->pair);
	if (!p || o->rescue || p->id == w->last_pair)
		return;
	w->last_pair = p->id;
	unsigned kind = p->intent * (unsigned)side_max + p->leg[0].side;
	w->done_ns[kind][w->n_done[kind]++ % RISK_REPEATS] = d->now.mono_ns;
	d->limits.look = true;
}

void risk_on_sent(struct desk *d, const struct order *o)
{
	if (o->instance == POSITION_NOBODY)
		return;
	struct risk_watched *w = d->instance[o->instance].watched;
	age_ratio(w, d->now.mono_ns);
	w->sent[0]++;
	repeat(d, o, w);
}

static void pace(struct risk_pace *p, int64_t now_ns, int64_t took_ns)
{
	if (now_ns - p->since_ns >= MINUTE_NS / 2) {
		p->worst_ns[1] = now_ns - p->since_ns < MINUTE_NS ? p->worst_ns[0] : 0;
		p->worst_ns[0] = 0;
		p->since_ns = now_ns;
	}
	if (took_ns > p->worst_ns[0])
		p->worst_ns[0] = took_ns;
}

static int64_t worst_pace(const struct risk_pace *p, int64_t now_ns)
{
	int64_t age = now_ns - p->since_ns;
	if (age >= MINUTE_NS)
		return 0;
	return age < MINUTE_NS / 2 && p->worst_ns[1] > p->worst_ns[0] ? p->worst_ns[1]
								      : p->worst_ns[0];
}

static void slip(struct desk *d, const struct order *o, const struct exec_report *r,
		 struct risk_watched *w)
{
	const struct pair *p = pairs_find(&d->pairs, o->pair);
	int64_t minute = d->now.mono_ns / MINUTE_NS;
	if (!p || !p->leg[o->leg].ref_px)
		return;
	for (int64_t m = w->minute + 1; m <= minute && m <= w->minute + 60; m++)
		w->slip_e8[m % 60] = 0;
	w->minute = minute;
	int64_t worse =
		o->side == SIDE_BUY ? r->px - p->leg[o->leg].ref_px : p->leg[o->leg].ref_px - r->px;
	int64_t cost =
		instrument_notional_e8(&d->instrument[o->instrument], r->qty, dec_abs(worse));
	w->slip_e8[minute % 60] += worse < 0 ? -cost : cost;
}

void risk_on_fill(struct desk *d, const struct order *o, const struct exec_report *r, bool late)
{
	d->limits.look = true;
	if (o->instance == POSITION_NOBODY)
		return;
	struct risk_watched *w = d->instance[o->instance].watched;
	slip(d, o, r, w);
	bool rests = o->tif == TIF_GTC || o->tif == TIF_DAY;
	if (late || rests ||
	    o->sent_mono_ns <= 1) /* a resting order waits for others, not for us */
		return;
	int64_t took = d->now.mono_ns - o->sent_mono_ns;
	pace(&w->latency, d->now.mono_ns, took);
	pace(&d->venue[o->venue].latency, d->now.mono_ns, took);
}

void risk_forget(struct desk *d, uint16_t instance)
{
	struct risk_watched *w = d->instance[instance].watched;
	memset(w->n_done, 0, sizeof w->n_done);
	memset(w->done_ns, 0, sizeof w->done_ns);
	memset(w->sent, 0, sizeof w->sent);
	memset(w->rejected, 0, sizeof w->rejected);
	w->latency = (struct risk_pace){ 0 };
}

/* ---- measuring */

int64_t risk_day(const struct desk *d)
{
	uint32_t by = d->cfg->risk.day_instrument;
	if (d->cfg->risk.day[0] && by < d->cfg->n_instruments)
		return d->session[by].trading_day;
	return d->now.utc_ns / (86400 * RISK_SECOND_NS);
}

int64_t risk_pair_slip_e8(const struct desk *d, const struct pair *p)
{
	int64_t sum = 0;
	for (unsigned l = 0; l < p->n_legs; l++) {
		const struct pair_leg *leg = &p->leg[l];
		sum += leg->cum_value_e8 - instrument_notional_e8(&d->instrument[leg->instrument],
								  leg->cum_qty, leg->ref_px);
	}
	return sum;
}

/* Base units at the mark of an instrument. */
static int64_t worth_e8(const struct desk *d, uint32_t instrument, int64_t base_e8)
{
	const struct instrument *in = &d->instrument[instrument];
	int64_t px = desk_mark_px(d, instrument);
	int64_t one = dec_abs(instrument_base_e8(in, dec_pow10[in->qty_dp], px));
	int64_t value = dec_abs(instrument_notional_e8(in, dec_pow10[in->qty_dp], px));
	return one ? dec_muldiv(dec_abs(base_e8), value, one, DEC_UP) : 0;
}

/* One pair's number for the limits that are about pairs. */
static int64_t of_pair(struct desk *d, enum risk_limit l, const struct pair *p)
{
	if (l == RISK_LIMIT_SLIP_PAIR)
		return risk_pair_slip_e8(d, p);
	int64_t base = dec_abs(rescue_imbalance_base_e8(d, p));
	if (base <= rescue_tolerance_base_e8(d, p))
		return 0;
	if (l == RISK_LIMIT_UNHEDGED_BASE)
		return base;
	if (l == RISK_LIMIT_UNHEDGED_MONEY)
		return worth_e8(d, p->leg[0].instrument, base);
	int64_t since = d->instance[p->instance].watched->unhedged_since_ns;
	since = since > p->sent_ns ? since : p->sent_ns;
	return since ? d->now.mono_ns - since : 0;
}

static int64_t of_instance(struct desk *d, enum risk_limit l, uint16_t i)
{
	const struct desk_instance *in = &d->instance[i];
	const struct risk_watched *w = in->watched;
	int64_t now = d->now.mono_ns, sum = 0, base;
	switch (l) {
	case RISK_LIMIT_UNHEDGED_BASE:
		return dec_abs(desk_instance_base_e8(d, i));
	case RISK_LIMIT_UNHEDGED_MONEY:
		base = desk_instance_base_e8(d, i);
		return worth_e8(d, in->cfg->leg[0], base);
	case RISK_LIMIT_UNHEDGED_TIME:
		return w->unhedged_since_ns ? now - w->unhedged_since_ns : 0;
	case RISK_LIMIT_SLIP_HOUR:
		for (int64_t m = 0; m < 60 && now / MINUTE_NS - m >= 0; m++)
			if (now / MINUTE_NS - m > w->minute - 60 &&
			    now / MINUTE_NS - m <= w->minute)
				sum += w->slip_e8[(now / MINUTE_NS - m) % 60];
		return sum;
	case RISK_LIMIT_LATENCY:
		return worst_pace(&w->latency, now);
	case RISK_LIMIT_REPEATS:
		for (unsigned k = 0; k < RISK_KINDS; k++) {
			int64_t n = 0;
			for (unsigned t = 0; t < RISK_REPEATS && t < w->n_done[k]; t++)
				n += now - w->done_ns[k][t] < d->cfg->risk.repeat_window_ns;
			sum = n > sum ? n : sum;
		}
		return sum;
	case RISK_LIMIT_IN_FLIGHT:
		return in->in_flight;
	case RISK_LIMIT_REJECTS:
		return now - in->minute_ns < MINUTE_NS ? in->rejects_in_minute : 0;
	case RISK_LIMIT_IMBALANCE: {
		const int64_t *open = d->exposure.base_e8[i];
		base = desk_instance_base_e8(d, i);
		int64_t up = dec_abs(base + open[SIDE_BUY]), down = dec_abs(base - open[SIDE_SELL]);
		return up > down ? up : down;
	}
	default:
		return 0;
	}
}

#define RATIO_AT_LEAST 10 /* orders: fewer say nothing of a ratio */

static int64_t reject_ratio(struct desk *d, const struct limit_row *r)
{
	int64_t sent = 0, rejected = 0;
	for (uint16_t i = 0; i < d->cfg->n_instances; i++) {
		struct risk_watched *w = d->instance[i].watched;
		if (!limits_row_holds(d, r, i, LEG_MAX))
			continue;
		age_ratio(w, d->now.mono_ns);
		sent += w->sent[0] + w->sent[1];
		rejected += w->rejected[0] + w->rejected[1];
	}
	return sent < RATIO_AT_LEAST ? 0 : rejected * 1000000 / sent;
}

/* Of every account and contract that the row is about, the one that is used most. */
static int64_t of_positions(struct desk *d, const struct limit_row *r)
{
	int64_t most = 0;
	for (uint32_t k = 0; k < d->exposure.n; k++) {
		const struct exposure_slot *s = &d->exposure.slot[k];
		const struct instrument *in = &d->instrument[s->instrument];
		if ((r->scope == SCOPE_VENUE && in->venue != r->index) ||
		    (r->scope == SCOPE_ACCOUNT && s->account != r->index) ||
		    (r->scope == SCOPE_INSTRUMENT && s->instrument != r->index))
			continue;
		int64_t held[side_max], px = desk_mark_px(d, s->instrument);
		exposure_held(&d->exposure, k, &d->positions, held);
		int64_t net = positions_total(&d->positions, s->account, s->instrument);
		int64_t qty = r->limit == RISK_LIMIT_POSITION_LONG    ? held[SIDE_BUY]
			      : r->limit == RISK_LIMIT_POSITION_SHORT ? held[SIDE_SELL]
			      : r->limit == RISK_LIMIT_POSITION_TOTAL
				      ? held[SIDE_BUY] + held[SIDE_SELL]
				      : net;
		int64_t v = dec_abs(r->limit == RISK_LIMIT_POSITION_NOTIONAL
					    ? instrument_notional_e8(in, qty, px)
					    : instrument_base_e8(in, qty, px));
		most = v > most ? v : most;
	}
	return most;
}

static int64_t messages(const struct desk *d, const struct limit_row *r)
{
	int64_t n = 0;
	for (uint16_t v = 0; v < d->cfg->n_venues; v++) {
		const struct desk_venue *x = &d->venue[v];
		if (r->scope == SCOPE_VENUE && r->index != v)
			continue;
		if (r->limit == RISK_LIMIT_RATE)
			n += d->now.mono_ns - x->second_ns < RISK_SECOND_NS ? x->sent : 0;
		else if (d->now.utc_ns / (86400 * RISK_SECOND_NS) == x->day)
			n += x->day_sent;
	}
	return n;
}

static bool is_about_pairs(const struct limit_row *r)
{
	return r->limit == RISK_LIMIT_SLIP_PAIR || r->scope == SCOPE_PAIR;
}

/* The sum over the instances of the row, or the most of them where sums mean nothing. */
static int64_t of_instances(struct desk *d, const struct limit_row *r)
{
	bool most = r->limit == RISK_LIMIT_UNHEDGED_TIME || r->limit == RISK_LIMIT_REPEATS ||
		    r->limit == RISK_LIMIT_LATENCY || r->limit == RISK_LIMIT_REJECTS ||
		    r->limit == RISK_LIMIT_IMBALANCE;
	int64_t all = 0;
	for (uint16_t i = 0; i < d->cfg->n_instances; i++) {
		if (!limits_row_holds(d, r, i, LEG_MAX))
			continue;
		int64_t v = of_instance(d, (enum risk_limit)r->limit, i);
		all = most ? (v > all ? v : all) : all + v;
	}
	return all;
}

bool risk_use(struct desk *d, struct limit_row *r, int64_t *value)
{
	*value = 0;
	if (is_about_pairs(r)) {
		uint32_t at = 0;
		for (struct pair *p; (p = pairs_each(&d->pairs, &at));)
			if (pair_working((enum pair_state)p->state) &&
			    limits_row_holds(d, r, p->instance, LEG_MAX)) {
				int64_t v = of_pair(d, (enum risk_limit)r->limit, p);
				*value = v > *value ? v : *value;
			}
		return true;
	}
	switch ((enum risk_limit)r->limit) {
	case RISK_LIMIT_DAY_LOSS:
	case RISK_LIMIT_DRAWDOWN:
		return risk_loss(d, r, value);
	case RISK_LIMIT_REJECT_RATIO:
		*value = reject_ratio(d, r);
		return true;
	case RISK_LIMIT_RATE:
	case RISK_LIMIT_MESSAGES_DAY:
		*value = messages(d, r);
		return true;
	case RISK_LIMIT_POSITION_NOTIONAL:
	case RISK_LIMIT_POSITION_BASE:
	case RISK_LIMIT_POSITION_LONG:
	case RISK_LIMIT_POSITION_SHORT:
	case RISK_LIMIT_POSITION_TOTAL:
		*value = of_positions(d, r);
		return true;
	case RISK_LIMIT_LATENCY:
		*value = r->scope == SCOPE_VENUE
				 ? worst_pace(&d->venue[r->index].latency, d->now.mono_ns)
				 : of_instances(d, r);
		return true;
	case RISK_LIMIT_IN_FLIGHT:
	case RISK_LIMIT_REJECTS:
	case RISK_LIMIT_IMBALANCE:
		*value = of_instances(d, r);
		return true;
	default:
		if (limit_judged_of((enum risk_limit)r->limit) != JUDGED_WATCH)
			return false;
		*value = of_instances(d, r);
		return true;
	}
}

/* ---- looking */

static bool too_much(const struct limit_row *r, int64_t value)
{
	return r->value != LIMIT_OFF &&
	       (value > r->value ||
		(limit_reaches((enum risk_limit)r->limit) && value == r->value));
}

/* This pair, by this row: off its orders, and to the ladder. Once. */
static void rescue_pair(struct desk *d, struct limit_row *r, struct pair *p, int64_t value)
{
	char words[LIMIT_WORDS], row[80];
	if (p->breach || !pair_working((enum pair_state)p->state) || p->state == PAIR_CHECKED)
		return;
	limit_words((enum risk_limit)r->limit, value, words);
	risk_row_words(d, r, row, sizeof row);
	r->hits++;
	r->use = value;
	struct fact f;
	scribe_pair(d, &f, FACT_LIMIT, p, p->cause);
	const int64_t num[FACT_NUMS] = { LIMIT_BEYOND, r->limit, r->scope, r->action,
					 value,	       r->value, 0,	   (int64_t)r->hits };
	memcpy(f.num, num, sizeof num);
	fact_text(&f, "%s %s, %s", risk_limit_name((enum risk_limit)r->limit), words, row);
	uint64_t seq = scribe_put(d, &f);
	scribe_alert(d, seq, ALERT_BREACH, p->id, "%s", f.text);
	p->cause = seq ? seq : p->cause;
	p->breach = r->limit;
	pairs_touch(&d->pairs, p);
}

/* The pairs that a row is about, or those that make its instances' number. */
static void rescue_pairs(struct desk *d, struct limit_row *r)
{
	uint32_t at = 0;
	enum risk_limit l = (enum risk_limit)r->limit;
	for (struct pair *p; (p = pairs_each(&d->pairs, &at));) {
		if (p->breach || !pair_working((enum pair_state)p->state) ||
		    !limits_row_holds(d, r, p->instance, LEG_MAX))
			continue;
		int64_t v = of_pair(d, l, p);
		if (is_about_pairs(r) ? too_much(r, v) : v > 0)
			rescue_pair(d, r, p, v);
	}
}

static void tell(struct desk *d, struct limit_row *r, enum limit_what what, int severity)
{
	char text[FACT_TEXT], words[LIMIT_WORDS], row[80];
	static const char *const verb[] = { "beyond", "near", "back" };
	limit_words((enum risk_limit)r->limit, r->use, words);
	risk_row_words(d, r, row, sizeof row);
	snprintf(text, sizeof text, "%s is %s: %s, %s: %s",
		 risk_limit_name((enum risk_limit)r->limit), verb[what], words, row,
		 limit_action_name((enum limit_action)r->action));
	uint64_t seq = risk_say_limit(d, what, r, r->use, 0, text);
	if (severity)
		scribe_alert(d, seq, severity >= ALERT_CRITICAL ? ALERT_BREACH : ALERT_LIMIT, 0,
			     "%s", text);
}

/* True: whether it bars opening has changed. */
static bool look_at(struct desk *d, struct limit_row *r)
{
	int64_t value;
	if (r->value == LIMIT_OFF || limit_judged_of((enum risk_limit)r->limit) != JUDGED_WATCH ||
	    !risk_use(d, r, &value)) {
		bool was = r->beyond && r->value == LIMIT_OFF;
		r->beyond = r->beyond && !was;
		return was;
	}
	r->use = value;
	bool beyond = too_much(r, value), was = r->beyond;
	if (beyond && r->action == ACTION_RESCUE)
		rescue_pairs(d, r);
	r->beyond = beyond;
	if (beyond && !was) {
		r->hits += r->action != ACTION_RESCUE;
		tell(d, r, LIMIT_BEYOND, ALERT_CRITICAL);
		risk_act(d, r, RISK_NO_ONE, 0);
	} else if (!beyond && was) {
		tell(d, r, LIMIT_ENDED, 0);
	}
	int64_t warn = r->warn_pct ? dec_muldiv(r->value, r->warn_pct, 100, DEC_DOWN) : INT64_MAX;
	if (value >= warn && !r->warned && !beyond)
		tell(d, r, LIMIT_WARNED, ALERT_WARNING);
	r->warned = value >= warn;
	return beyond != was;
}

void risk_bar(struct desk *d)
{
	for (uint16_t i = 0; i < d->cfg->n_instances; i++) {
		struct bounds *b = d->instance[i].bounds;
		b->barred_by = 0;
		b->barred_whole = false;
		for (uint32_t k = 0; k < d->limits.n; k++) {
			const struct limit_row *r = &d->limits.row[k];
			bool bars = r->action == ACTION_REJECT || r->action == ACTION_REDUCE_ONLY;
			if (!r->beyond || !bars || !limits_row_holds(d, r, i, LEG_MAX))
				continue;
			if (!b->barred_by || r->action == ACTION_REJECT)
				b->barred_by = (uint16_t)(k + 1);
			b->barred_whole |= r->action == ACTION_REJECT;
		}
	}
}

static void look_at_rows(struct desk *d)
{
	bool changed = false;
	d->limits.look = false;
	if (!d->limits.n_watched)
		return;
	for (uint16_t i = 0; i < d->cfg->n_instances; i++) {
		struct risk_watched *w = d->instance[i].watched;
		int64_t base = dec_abs(desk_instance_base_e8(d, i));
		if (base == 0) {
			w->unhedged_since_ns = 0;
			continue;
		}
		int64_t odd = desk_odd_lot_base_e8(d, d->cfg->instance[i].leg,
						   d->cfg->instance[i].n_legs);
		int64_t set = d->cfg->risk.residual_tolerance_base_e8;
		if (base <= (odd > set ? odd : set))
			w->unhedged_since_ns = 0;
		else if (!w->unhedged_since_ns)
			w->unhedged_since_ns = d->now.mono_ns;
	}
	for (uint32_t k = 0; k < d->limits.n; k++)
		changed |= look_at(d, &d->limits.row[k]);
	if (changed)
		risk_bar(d);
}

/* Few: an insertion sort of a copy. */
static int64_t middle_of(const struct risk_last *l)
{
	int64_t px[RISK_LAST];
	for (uint32_t i = 0; i < l->n; i++) {
		uint32_t k = i;
		for (; k > 0 && px[k - 1] > l->px[i]; k--)
			px[k] = px[k - 1];
		px[k] = l->px[i];
	}
	return px[l->n / 2];
}

/* The last prices of what a collar to them is set for; a book that is not LIVE adds none. */
static void sample(struct desk *d)
{
	for (uint16_t i = 0; i < d->cfg->n_instances; i++)
		for (unsigned k = 0; k < d->cfg->instance[i].n_legs; k++) {
			uint32_t at = d->cfg->instance[i].leg[k];
			struct risk_last *l = &d->limits.last[at];
			int64_t px = desk_mark_px(d, at);
			bool wanted = d->limits.of[i].leg[k].row[LEG_COLLAR_LAST] != 0;
			if (!wanted || px == 0 || desk_top(d, at)->state != BOOK_LIVE ||
			    l->at_ns == d->now.mono_ns)
				continue;
			l->at_ns = d->now.mono_ns;
			l->px[l->at++ % RISK_LAST] = px;
			l->n += l->n < RISK_LAST;
			l->middle = middle_of(l);
		}
}

void risk_watch(struct desk *d)
{
	sample(d);
	risk_days_begin(d); /* whether a row asks for it or not */
	look_at_rows(d);
}

void risk_watch_news(struct desk *d)
{
	if (d->limits.look)
		look_at_rows(d);
}
