#include "core/cmd/replay_other.h"
#include "core/base/err.h"
#include "core/cmd/bind.h"
#include "lua/config.h"
#include "lua/host.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DECISIONS_MOST (1u << 20)
#define TIMERS_MOST    32 /* of an instance */

struct other_timer {
	uint32_t which;
	int64_t period_ns, next_ns;
};

/* The other version of one instance. */
struct other_one {
	struct strategy *script;			       /* NULL: not watched */
	uint16_t at;					       /* its place among the names */
	struct strat_self self;				       /* as it was shown last */
	struct other_timer timer[curve_side_max][TIMERS_MOST]; /* of the version of then; its own */
	uint32_t n_timers[curve_side_max];
};

/* Of one life. */
struct other_parts {
	struct config *cfg; /* of the new side */
	struct lua_host *lua;
	struct other_one *of; /* by the life's instance */
	uint16_t n;
	uint8_t saved[LUA_STATE_CAP];
};

/* ---------------------------------------------------------------- what is compared */

static int read_config(const struct replay_other *o, const struct replay_life *l,
		       struct config **out)
{
	struct config_errors *errs = calloc(1, sizeof *errs);
	int rc = !errs	     ? err_set(ERR_NOMEM, "no memory for a configuration")
		 : o->config ? config_read_offline(o->config, out, errs)
			     : config_read_text(l->cfg->file, l->config, l->config_len, out, errs);
	if (rc && errs)
		config_errors_print(errs, stderr);
	free(errs);
	return rc;
}

static int find(const struct config *c, const char *name)
{
	for (uint16_t i = 0; i < c->n_instances; i++)
		if (strcmp(c->instance[i].name, name) == 0)
			return i;
	return -1;
}

static int name_at(const struct replay_other *o, const char *name)
{
	for (uint16_t i = 0; i < o->n_names; i++)
		if (strcmp(o->name[i], name) == 0)
			return i;
	return -1;
}

/* With the memory that it had at the end of the life before, or the one that the version of then began with. */
static int load(struct replay_other *o, const struct replay_life *l, uint16_t i, uint16_t at)
{
	struct other_parts *p = o->parts;
	const struct config *then = l->cfg;
	const char *name = then->instance[i].name;
	const int k = find(p->cfg, name);
	if (k < 0 || (o->instance && strcmp(o->instance, name) != 0))
		return 0;
	struct config_instance *c = &p->cfg->instance[k];
	struct lua_instance_options w = bind_options(p->cfg, (uint16_t)k);
	const struct other_memory *m = &o->memory[at];
	struct strategy **out = &p->of[i].script;
	if (o->strategy) {
		snprintf(c->file, sizeof c->file, "%s", o->strategy);
	} else if (!o->config && l->script[i].text) {
		w.source = l->script[i].text;
		w.source_len = l->script[i].len;
		w.file = l->script[i].file;
	}
	w.seed = i + 1u;
	w.saved = m->saved ? m->saved : l->script[i].saved;
	w.saved_len = m->saved ? m->len : l->script[i].saved_len;
	int rc = lua_host_load(p->lua, &w, out);
	if (rc && w.saved) {
		w.saved = NULL;
		w.saved_len = 0;
		rc = lua_host_load(p->lua, &w, out);
		o->left_out += !rc;
	}
	if (rc)
		return err_ctx(rc, "instance %s", name);
	bind_legs(c, *out);
	o->watched[at] = true;
	if ((*out)->n_legs != then->instance[i].n_legs ||
	    memcmp(c->leg_name, then->instance[i].leg_name, sizeof c->leg_name) != 0)
		rc = err_set(ERR_SCRIPT, "its legs, or their order, are not those of then");
	return err_ctx(rc, "instance %s", name);
}

static void *copy(const void *p, size_t n)
{
	char *to = p ? malloc(n + 1) : NULL;
	if (to) {
		memcpy(to, p, n);
		to[n] = '\0';
	}
	return to;
}

/* Of the first life: names, and what a backtest of then is made of. */
static int keep_then(struct replay_other *o, const struct replay_life *l)
{
	const uint16_t n = l->cfg->n_instances;
	struct other_then *t = &o->then;
	int rc = 0;
	o->name = calloc(n + 1u, sizeof *o->name);
	o->watched = calloc(n + 1u, sizeof *o->watched);
	o->memory = calloc(n + 1u, sizeof *o->memory);
	o->curve = calloc(n + 1u, sizeof *o->curve);
	t->script = calloc(n + 1u, sizeof *t->script);
	t->config = copy(l->config, l->config_len);
	if (!o->name || !o->watched || !o->memory || !o->curve || !t->script || !t->config)
		return err_set(ERR_NOMEM, "no memory for another version");
	o->n_names = t->n = n;
	t->config_len = l->config_len;
	snprintf(t->file, sizeof t->file, "%s", l->cfg->file);
	for (uint16_t i = 0; i < n && !rc; i++) {
		snprintf(o->name[i], sizeof *o->name, "%s", l->cfg->instance[i].name);
		snprintf(t->script[i].file, sizeof t->script[i].file, "%s", l->script[i].file);
		t->script[i].text = copy(l->script[i].text, l->script[i].len);
		t->script[i].len = l->script[i].len;
		rc = o->draws ? replay_curve_open(&o->curve[i]) : 0;
	}
	return rc;
}

static int begin(void *owner, const struct replay_life *l)
{
	struct replay_other *o = owner;
	const struct config *then = l->cfg;
	struct other_parts *p = o->parts = calloc(1, sizeof *p);
	if (!p || !(p->of = calloc(then->n_instances + 1u, sizeof *p->of)))
		return err_set(ERR_NOMEM, "no memory for another version");
	p->n = then->n_instances;
	int rc = o->name ? 0 : keep_then(o, l);
	if (!rc && o->strategy && !o->instance && then->n_instances > 1)
		rc = err_set(ERR_CONFIG, "say which of the %u instances runs %s: --instance NAME",
			     then->n_instances, o->strategy);
	if (!rc && o->instance && find(then, o->instance) < 0)
		rc = err_set(ERR_NOTFOUND, "no instance was called '%s'", o->instance);
	if (!rc)
		rc = read_config(o, l, &p->cfg);
	const struct lua_host_options lo = { .memory = then->engine.script_memory,
					     .deterministic = true,
					     .skip_selftest = true };
	if (!rc)
		rc = lua_host_init(&lo, &p->lua);
	for (uint16_t i = 0; i < then->n_instances && !rc; i++) {
		const int at = name_at(o, then->instance[i].name);
		p->of[i].at = (uint16_t)at;
		if (at >= 0)
			rc = load(o, l, i, (uint16_t)at);
	}
	return rc;
}

/* ---------------------------------------------------------------- calls */

static struct other_wish wish_of(const struct proposal *out, int n)
{
	struct other_wish w = { 0 };
	for (int k = 0; k < n; k++) {
		if (out[k].kind != PROPOSE_PAIR)
			continue;
		if (!w.n++) {
			w.side = replay_curve_side(&out[k]);
			w.intent = out[k].intent;
			w.lots = out[k].lots;
		}
	}
	return w;
}

static bool same(const struct other_wish *a, const struct other_wish *b)
{
	return a->n == b->n && (!a->n || (a->side == b->side && a->intent == b->intent &&
					  memcmp(&a->lots, &b->lots, sizeof a->lots) == 0));
}

static void keep(struct replay_other *o, const struct other_decision *d)
{
	if (o->n_decisions == o->cap) {
		const size_t cap = o->cap ? 2 * o->cap : 256;
		struct other_decision *more =
			cap > DECISIONS_MOST ? NULL : realloc(o->decision, cap * sizeof *more);
		if (!more)
			return;
		o->decision = more;
		o->cap = cap;
	}
	o->decision[o->n_decisions++] = *d;
}

/* self:every; the period is what the host lets it be. */
static void set_timers(struct other_one *x, enum curve_side who, const struct proposal *out, int n)
{
	for (int k = 0; k < n; k++) {
		const struct proposal *p = &out[k];
		if (p->kind != PROPOSE_TIMER || !(p->value >= 0.001 && p->value <= 86400) ||
		    x->n_timers[who] == TIMERS_MOST)
			continue;
		const int64_t period_ns = (int64_t)(p->value * 1e9);
		x->timer[who][x->n_timers[who]++] =
			(struct other_timer){ .which = (uint32_t)p->pair,
					      .period_ns = period_ns,
					      .next_ns = x->self.now_ns + period_ns };
	}
}

/* One that the version of then has too goes off with it: equal versions decide alike. */
static bool shared(const struct other_one *x, uint32_t which)
{
	int64_t period_ns[curve_side_max] = { 0, -1 };
	for (int who = 0; who < curve_side_max; who++)
		for (uint32_t k = 0; k < x->n_timers[who]; k++)
			if (x->timer[who][k].which == which)
				period_ns[who] = x->timer[who][k].period_ns;
	return period_ns[CURVE_THEN] == period_ns[CURVE_NOW];
}

static int call_other(struct replay_other *o, struct other_one *x, const struct strat_event *ev,
		      struct proposal wish[PROPOSAL_MAX])
{
	if (x->script->quarantined || !(x->script->ops->hooks(x->script) & 1u << ev->kind))
		return 0;
	const int k = x->script->ops->run(x->script, &x->self, ev, wish, PROPOSAL_MAX);
	o->errors += k < 0;
	set_timers(x, CURVE_NOW, wish, k);
	return k;
}

static void draw(struct replay_other *o, const struct other_one *x, const struct strategy *then,
		 const struct strat_event *ev, const struct proposal *out[curve_side_max],
		 const int n[curve_side_max], int64_t utc_ns)
{
	struct replay_curve *c = &o->curve[x->at];
	if (!o->draws)
		return;
	if (ev->kind == STRAT_START || ev->kind == STRAT_PARAM ||
	    (ev->kind == STRAT_BASIS && !c->n_samples)) {
		replay_curve_params(c, CURVE_THEN, utc_ns, then);
		replay_curve_params(c, CURVE_NOW, utc_ns, x->script);
	}
	if (ev->basis)
		replay_curve_basis(c, utc_ns, ev->basis, x->self.pos_lots);
	for (int who = 0; who < curve_side_max; who++)
		for (int k = 0; k < n[who]; k++)
			if (out[who][k].kind == PROPOSE_PAIR)
				replay_curve_proposed(c, (enum curve_side)who, utc_ns,
						      &out[who][k]);
}

static void compare(struct replay_other *o, struct other_one *x, const struct strategy *then,
		    const struct strat_event *ev, const struct proposal *out, int n,
		    const struct proposal *wish, int k, int64_t utc_ns)
{
	struct other_decision d = { .utc_ns = utc_ns,
				    .call = then->calls,
				    .instance = x->at,
				    .pos_lots = x->self.pos_lots,
				    .then = wish_of(out, n),
				    .now = wish_of(wish, k) };
	if (ev->basis) {
		d.sell_bp = ev->basis->dir[SIDE_SELL].net_bp;
		d.buy_bp = ev->basis->dir[SIDE_BUY].net_bp;
	}
	o->then_proposed += d.then.n;
	o->now_proposed += d.now.n;
	if (!same(&d.then, &d.now))
		keep(o, &d);
	draw(o, x, then, ev, (const struct proposal *[curve_side_max]){ out, wish },
	     (const int[curve_side_max]){ n, k }, utc_ns);
}

static void call(void *owner, uint16_t instance, const struct strategy *s,
		 const struct strat_self *self, const struct strat_event *ev,
		 const struct proposal *out, int n, const struct env_now *now)
{
	struct replay_other *o = owner;
	struct other_one *x = &o->parts->of[instance];
	struct proposal wish[PROPOSAL_MAX];
	if (!x->script)
		return;
	x->self = *self;
	set_timers(x, CURVE_THEN, out, n);
	/* One that has no such parameter is told nothing of it. */
	if (ev->kind == STRAT_PARAM && x->script->ops->set_param)
		(void)x->script->ops->set_param(x->script, ev->param->name, ev->param->now);
	const bool hears = x->script->ops->hooks(x->script) & 1u << ev->kind &&
			   (ev->kind != STRAT_TIMER || shared(x, ev->timer));
	o->calls += out && hears;
	o->unasked += !out && hears;
	const int k = hears ? call_other(o, x, ev, wish) : 0;
	compare(o, x, s, ev, out, n, wish, k, now->utc_ns);
}

static uint32_t also(void *owner, uint16_t instance)
{
	const struct other_parts *p = ((struct replay_other *)owner)->parts;
	const struct strategy *x = p ? p->of[instance].script : NULL;
	return x ? x->ops->hooks(x) | 1u << STRAT_PARAM : 0;
}

/* A turn that came late makes up for none, as in the host. */
static void turn(void *owner, const struct env_now *now)
{
	struct replay_other *o = owner;
	struct proposal wish[PROPOSAL_MAX];
	for (uint16_t i = 0; i < o->parts->n; i++) {
		struct other_one *x = &o->parts->of[i];
		for (uint32_t k = 0; x->script && k < x->n_timers[CURVE_NOW]; k++) {
			struct other_timer *t = &x->timer[CURVE_NOW][k];
			if (now->mono_ns < t->next_ns || shared(x, t->which))
				continue;
			t->next_ns += t->period_ns;
			if (t->next_ns <= now->mono_ns)
				t->next_ns = now->mono_ns + t->period_ns;
			const struct strat_event ev = { .kind = STRAT_TIMER, .timer = t->which };
			x->self.now_ns = now->mono_ns;
			x->self.utc_ns = now->utc_ns;
			o->unasked++;
			const int n = call_other(o, x, &ev, wish);
			compare(o, x, x->script, &ev, NULL, 0, wish, n, now->utc_ns);
		}
	}
}

/* ---------------------------------------------------------------- the end */

static void remember(struct replay_other *o, const struct other_one *x)
{
	struct other_memory *m = &o->memory[x->at];
	size_t n = 0;
	if (x->script->quarantined || !x->script->ops->save ||
	    lua_host_save(x->script, o->parts->saved, sizeof o->parts->saved, &n) || !n)
		return;
	free(m->saved);
	m->saved = copy(o->parts->saved, n);
	m->len = m->saved ? n : 0;
}

static void end(void *owner)
{
	struct replay_other *o = owner;
	struct other_parts *p = o->parts;
	if (!p)
		return;
	for (uint16_t i = 0; p->of && i < p->n; i++)
		if (p->of[i].script) {
			remember(o, &p->of[i]);
			p->of[i].script->ops->free(p->of[i].script);
		}
	lua_host_free(p->lua);
	if (p->cfg)
		config_free(p->cfg);
	free(p->of);
	free(p);
	o->parts = NULL;
}

struct replay_watch replay_other_watch(struct replay_other *o)
{
	return (struct replay_watch){
		.owner = o, .begin = begin, .also = also, .call = call, .turn = turn, .end = end
	};
}

void replay_other_free(struct replay_other *o)
{
	end(o);
	for (uint16_t i = 0; i < o->n_names; i++) {
		free(o->then.script[i].text);
		free(o->memory[i].saved);
		replay_curve_free(&o->curve[i]);
	}
	free(o->then.script);
	free(o->then.config);
	free(o->decision);
	free(o->name);
	free(o->watched);
	free(o->memory);
	free(o->curve);
	o->decision = NULL;
	o->name = NULL;
	o->n_names = 0;
}
