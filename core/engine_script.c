/* engine_script - scripts are shown the basis and told the news; what they propose goes through risk, after they have returned. */
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include "core/engine_parts.h"
#include "core/engine_reload.h"
#include "core/trade/flood.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Rounded: fees taken in the asset leave a position a hair short of its lots. */
double engine_pos_lots(const struct engine *e, uint16_t instance)
{
	const struct desk *d = &e->d;
	const struct desk_instance *in = &d->instance[instance];
	uint32_t i0 = in->cfg->leg[0];
	int64_t base = position_base_e8(in->row[0], &d->instrument[i0], desk_mark_px(d, i0));
	int64_t lot = in->lot_base_e8;
	return lot ? (double)(dec_to_step(base, lot, DEC_NEAREST) / lot) : 0;
}

/* Positions change with fills, not with quotes: they are worked out anew only when some have. An inverse contract's base moves with its price. */
static const struct strat_self *describe_self(struct engine *e, uint16_t instance)
{
	struct desk *d = &e->d;
	struct desk_instance *in = &d->instance[instance];
	struct strat_self *s = &in->self;
	if (in->self_changes != d->positions.changes || in->self_moves) {
		for (unsigned l = 0; l < in->cfg->n_legs; l++)
			s->pos[l] =
				dec_to_double(position_net(in->row[l]), in->spec.leg[l]->qty_dp);
		s->pos_lots = engine_pos_lots(e, instance);
		in->self_changes = d->positions.changes;
		in->self_moves = in->spec.leg[0]->expo.kind == EXPO_INVERSE;
	}
	s->pairs_in_flight = in->in_flight;
	s->now_ns = d->now.mono_ns;
	s->utc_ns = d->now.utc_ns;
	s->look = engine_look;
	s->of = &e->keeper[instance];
	return s;
}

/* A receipt a frame, each following from the alert. */
static void write_trace(struct engine *e, uint16_t instance, const struct strategy *s,
			uint64_t cause)
{
	const char *at = s->ops->trace ? s->ops->trace(s) : "";
	while (*at) {
		const size_t n = strcspn(at, "\n");
		struct fact f;
		scribe_instance(&e->d, &f, FACT_LOG, instance, cause);
		f.num[0] = (int64_t)s->calls;
		fact_text(&f, "trace: %.*s", (int)n, at);
		scribe_put(&e->d, &f);
		at += n + (at[n] != 0);
	}
}

void engine_script_failed(struct engine *e, uint16_t instance, const struct strategy *s,
			  bool stopped)
{
	struct desk *d = &e->d;
	struct fact f;
	scribe_instance(d, &f, FACT_ALERT, instance, 0);
	f.script = engine_reload_name(e, instance, s);
	const bool out = s->quarantined && !engine_reload_is_shadow(e, instance, s);
	f.num[1] = (int64_t)s->errors;
	uint64_t alert = scribe_raise(d, &f, out ? ALERT_QUARANTINE : ALERT_SCRIPT_ERROR, "%s%s",
				      out ? "quarantined: " : "", err_text());
	write_trace(e, instance, s, alert);
	d->stat.script_kills += out;
	e->version_changes += out; /* a restart is to know */
	if (stopped)
		engine_stalled(e, instance, alert);
}

static void write_small(struct engine *e, uint16_t instance, const struct strategy *s,
			const struct proposal *p, enum fact_kind k)
{
	struct fact f;
	scribe_instance(&e->d, &f, k, instance, 0);
	f.script = engine_reload_name(e, instance, s);
	if (k == FACT_METRIC) {
		dec_from_double(p->value, 9, DEC_NEAREST, &f.num[0]);
	} else if (k == FACT_LOG) {
		f.num[0] = (int64_t)s->calls;
	} else {
		f.num[0] = p->severity;
		scribe_raise(&e->d, &f, ALERT_SCRIPT, "%s", p->reason);
		return;
	}
	fact_text(&f, "%s", p->reason);
	scribe_put(&e->d, &f);
}

static struct engine_every *free_every(struct engine *e)
{
	for (uint32_t i = 0; i < e->n_every; i++)
		if (!e->every[i].of)
			return &e->every[i];
	return e->n_every < EVERY_MAX ? &e->every[e->n_every++] : NULL;
}

void engine_forget_timers(struct engine *e, const struct strategy *s)
{
	for (uint32_t i = 0; i < e->n_every; i++)
		if (e->every[i].of == s) {
			timers_cancel(&e->script_timers, e->every[i].timer);
			e->every[i] = (struct engine_every){ 0 };
		}
}

static void set_every(struct engine *e, uint16_t instance, struct strategy *s,
		      const struct proposal *p)
{
	struct desk *d = &e->d;
	if (!(p->value >= 0.001 && p->value <= 86400))
		return;
	struct engine_every *t = free_every(e);
	if (!t) {
		if (!e->every_full)
			scribe_alert(d, 0, ALERT_TROUBLE, 0,
				     "%s: no room for another self:every (%d are kept)",
				     d->instance[instance].cfg->name, EVERY_MAX);
		e->every_full = true;
		return;
	}
	*t = (struct engine_every){ .of = s,
				    .instance = instance,
				    .which = (uint32_t)p->pair,
				    .period_ns = (int64_t)(p->value * 1e9) };
	t->timer = timers_set(&e->script_timers, d->now.mono_ns + t->period_ns, TIMER_STRATEGY,
			      (uint64_t)(t - e->every));
}

static void propose(struct engine *e, uint16_t instance, const struct strategy *s,
		    const struct proposal *p)
{
	struct desk *d = &e->d;
	struct desk_instance *in = &d->instance[instance];
	struct proposal sized;
	if (s != in->script) { /* a version that leaves opens nothing, nor does a shadow */
		engine_reload_unheard(e, instance, s, p);
		return;
	}
	if (in->versions && p->intent == INTENT_OPEN) {
		sized = *p;
		sized.lots = trial_lots(&in->lineup->trial, &in->cfg->reload, p->lots);
		p = &sized;
	}
	const struct pair *pair = exec_propose(d, instance, p);
	e->sent_pair |= pair && pair->state == PAIR_SENT;
	if (pair)
		return;
	gatekeeper_trigger(in->keeper);
	engine_reload_refused(e, instance, (enum risk_limit)in->blocked_by, p);
}

/* Not more in a second than it is let. Of a version on trial that is a fault of its own; a shadow's are counted for itself. */
static bool lets(struct engine *e, uint16_t instance, const struct strategy *s,
		 const struct proposal *p)
{
	if (engine_reload_is_shadow(e, instance, s))
		return engine_shadow_lets(e, instance);
	if (flood_lets(&e->d, instance))
		return true;
	if (s == e->d.instance[instance].script)
		engine_reload_refused(e, instance, RISK_LIMIT_PROPOSALS, p);
	return false;
}

void engine_script_act(struct engine *e, uint16_t instance, struct strategy *s,
		       const struct proposal *p)
{
	struct desk *d = &e->d;
	if (!lets(e, instance, s, p))
		return;
	switch ((enum proposal_kind)p->kind) {
	case PROPOSE_PAIR:
		propose(e, instance, s, p);
		break;
	case PROPOSE_CANCEL: {
		struct pair *pair = pairs_find(&d->pairs, p->pair);
		/* Its own pairs only, and those of the version that trades. */
		if (pair && pair->instance == instance && engine_reload_whose(e, pair) == s)
			exec_cancel(d, pair, 0);
		break;
	}
	case PROPOSE_ALERT:
		/* A shadow wakes nobody. */
		write_small(e, instance, s, p,
			    engine_reload_is_shadow(e, instance, s) ? FACT_LOG : FACT_ALERT);
		break;
	case PROPOSE_LOG:
		write_small(e, instance, s, p, FACT_LOG);
		break;
	case PROPOSE_METRIC:
		write_small(e, instance, s, p, FACT_METRIC);
		break;
	case PROPOSE_TIMER:
		set_every(e, instance, s, p);
		break;
	case proposal_kind_max:
		break;
	}
}

static uint64_t mix(uint64_t h, uint64_t x)
{
	h = (h ^ x) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 29;
}

static uint64_t mix_top(uint64_t h, const struct top *t)
{
	h = mix(h, (uint64_t)(t->q.seq ? t->q.seq : t->q.recv_ns));
	for (int side = 0; side < side_max; side++)
		h = mix(mix(h, (uint64_t)t->q.px[side]), (uint64_t)t->q.qty[side]);
	return h;
}

static uint64_t event_subject(const struct strat_event *ev)
{
	return ev->quote    ? ev->quote->who
	       : ev->book   ? ev->book->who
	       : ev->order  ? mix(mix(ev->order->order, ev->order->state),
				  (uint64_t)(ev->order->filled * 1e9))
	       : ev->change ? mix(ev->change->who, ev->change->to)
			    : 0;
}

/* What the script is shown, in one number: an event that is handed on twice has the same (F42). Of a basis the ticks that it is made of. */
static uint64_t event_number(const struct engine *e, uint16_t instance,
			     const struct strat_event *ev)
{
	const struct desk *d = &e->d;
	const struct basis_spec *s = &d->instance[instance].spec;
	uint64_t h = mix(1, ev->kind);
	if (ev->kind == STRAT_BASIS) {
		for (unsigned l = 0; l < s->n_legs; l++)
			h = mix_top(h, s->leg_top[l]);
		for (unsigned r = 0; r < s->n_refs; r++)
			h = mix_top(h, s->ref_top[r]);
	} else if (ev->kind == STRAT_PAIR) {
		h = mix(mix(mix(h, ev->pair->pair), ev->pair->state), d->turn);
	} else {
		h = mix(mix(mix(h, ev->timer), event_subject(ev)), d->turn);
	}
	return h | 1;
}

int engine_script_call(struct engine *e, uint16_t instance, struct strategy *s,
		       const struct strat_event *ev, struct proposal out[PROPOSAL_MAX])
{
	struct engine_tap *tap = e->parts.tap;
	if (s->quarantined || !(s->ops->hooks(s) & 1u << ev->kind)) {
		if (tap && tap->also && tap->also(tap, instance) & 1u << ev->kind)
			tap->told(tap, instance, s, describe_self(e, instance), ev);
		return 0;
	}
	const uint64_t kills = s->kills;
	const struct strat_self *self = describe_self(e, instance);
	int n = tap ? tap->run(tap, instance, s, self, ev, out, PROPOSAL_MAX)
		    : s->ops->run(s, self, ev, out, PROPOSAL_MAX);
	must(n <= PROPOSAL_MAX);
	if (n < 0)
		engine_script_failed(e, instance, s, s->kills > kills);
	if (__builtin_expect(s->interpreted != s->interpreted_told, 0))
		engine_interpreted(e, instance, s);
	return n;
}

void engine_script_event_to(struct engine *e, uint16_t instance, struct strategy *s,
			    const struct strat_event *ev)
{
	struct desk_instance *in = &e->d.instance[instance];
	/* The script host writes as many as it returns. */
	struct proposal out[PROPOSAL_MAX] __attribute__((uninitialized));
	int n = engine_script_call(e, instance, s, ev, out);
	uint64_t event = n > 0 ? event_number(e, instance, ev) : 0;
	for (int k = 0; k < n; k++) {
		out[k].event = event;
		out[k].n = (uint8_t)k;
		engine_script_act(e, instance, s, &out[k]);
	}
	if (__builtin_expect(in->versions, 0) && s == in->script)
		engine_reload_called(e, instance, ev, out, n);
}

void engine_script_event(struct engine *e, uint16_t instance, const struct strat_event *ev)
{
	const struct desk_instance *in = &e->d.instance[instance];
	if (in->script && !in->paused)
		engine_script_event_to(e, instance, in->script, ev);
}

/* A script that is paused misses its calls; a turn that came late makes up for none. */
void engine_script_timers(struct engine *e)
{
	struct desk *d = &e->d;
	for (struct timer_event t; timers_pop(&e->script_timers, d->now.mono_ns, &t);) {
		struct engine_every *x = &e->every[t.arg];
		int64_t next_ns = t.at_ns + x->period_ns;
		if (next_ns <= d->now.mono_ns)
			next_ns = d->now.mono_ns + x->period_ns;
		x->timer = timers_set(&e->script_timers, next_ns, TIMER_STRATEGY, t.arg);
		struct strat_event ev = { .kind = STRAT_TIMER, .timer = x->which };
		const struct desk_instance *in = &d->instance[x->instance];
		if (!in->paused && engine_reload_runs(e, x->instance, x->of))
			engine_script_event_to(e, x->instance, x->of, &ev);
	}
}

struct gate_verdict engine_judge(struct engine *e, uint16_t instance)
{
	struct desk_instance *in = &e->d.instance[instance];
	struct gate_verdict v = desk_gate(&e->d, in, false);
	bool open = v.gate == GATE_OPEN;
	if (!open || !in->gate_open)
		gatekeeper_judged(in->keeper, v, e->d.now.mono_ns);
	in->gate_open = open;
	return v;
}

/* Silence wakes nobody: ten times a second every gate is judged, whether or not a price has changed. */
void engine_judge_all(struct engine *e)
{
	struct desk *d = &e->d;
	for (uint16_t i = 0; i < d->cfg->n_instances; i++) {
		engine_judge(e, i);
		engine_probe_instance(e, i);
		gatekeeper_on_time(d->instance[i].keeper, d->now.mono_ns);
		risk_tell_rest(d, i, false);
	}
}

void engine_run_scripts(struct engine *e)
{
	struct desk *d = &e->d;
	for (uint32_t k = 0; k < e->n_dirty; k++) {
		uint16_t i = e->dirty[k];
		struct desk_instance *in = &d->instance[i];
		const uint8_t why = e->is_dirty[i];
		e->is_dirty[i] = 0;
		basis_eval(&in->spec, d->now.mono_ns, d->now.utc_ns, &in->basis);
		struct gate_verdict v = engine_judge(e, i);
		in->basis.gate = v.gate;
		in->basis.gate_who = v.who;
		if (__builtin_expect(why & DIRTY_NEWS, 0))
			engine_tell_markets(e, i);
		if (!in->basis.ok || !(why & DIRTY_BASIS))
			continue;
		struct strat_event ev = { .kind = STRAT_BASIS, .basis = &in->basis };
		engine_script_event(e, i, &ev);
	}
	e->n_dirty = 0;
}

/* A pair has its legs in the order of its proposal, and perhaps not all of the instance's. */
static unsigned own_leg(const struct config_instance *c, const struct pair_leg *leg)
{
	unsigned k = 0;
	while (k + 1u < c->n_legs &&
	       (c->leg[k] != leg->instrument || c->account[k] != leg->account))
		k++;
	return k;
}

static void describe_pair(const struct desk *d, const struct pair *p, struct strat_pair_event *ev)
{
	*ev = (struct strat_pair_event){ .pair = p->id, .intent = p->intent };
	int64_t hedged = INT64_MAX;
	for (unsigned l = 0; l < p->n_legs; l++) {
		const struct pair_leg *leg = &p->leg[l];
		const struct instrument *i = &d->instrument[leg->instrument];
		unsigned k = own_leg(d->instance[p->instance].cfg, leg);
		double qty = dec_to_double(leg->cum_qty, i->qty_dp),
		       value = dec_to_double(leg->cum_value_e8, MONEY_DP);
		ev->qty[k] = qty;
		ev->px[k] = fabs(qty) > 0 && i->expo.kind != EXPO_INVERSE
				    ? value / qty / frac_double(instrument_worth(i))
				    : 0;
		int64_t base = pair_leg_base_e8(leg, i);
		base = dec_abs(base);
		hedged = base < hedged ? base : hedged;
	}
	int64_t lot = d->instance[p->instance].lot_base_e8;
	ev->lots = lot ? (double)(dec_to_step(hedged, lot, DEC_NEAREST) / lot) : 0;
	snprintf(ev->reason, sizeof ev->reason, "%s", p->reason);
}

/* What its own calls bring about is told in the next turn. */
void engine_tell_news(struct engine *e)
{
	struct desk *d = &e->d;
	const uint32_t n = d->n_news;
	for (uint32_t k = 0; k < n; k++) {
		const struct desk_news news = d->news[k];
		const struct pair *p = pairs_find(&d->pairs, news.pair);
		if (!p)
			continue;
		struct strat_pair_event pe;
		desk_close_today(d, news.instance);
		describe_pair(d, p, &pe);
		pe.state = news.state;
		struct strat_event ev = { .kind = STRAT_PAIR, .pair = &pe };
		struct strategy *s = engine_reload_whose(e, p);
		if (s && !d->instance[news.instance].paused)
			engine_script_event_to(e, news.instance, s, &ev);
		engine_reload_news(e, p, (enum pair_state)news.state);
	}
	d->n_news -= n;
	memmove(d->news, d->news + n, d->n_news * sizeof d->news[0]);
}
