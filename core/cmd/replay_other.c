#include "core/cmd/replay_other.h"
#include "core/base/err.h"
#include "core/cmd/bind.h"
#include "lua/config.h"
#include "lua/host.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DECISIONS_MOST (1u << 20)

/* Of one life. */
struct other_parts {
	struct config *cfg; /* of the new side */
	struct lua_host *lua;
	struct strategy **script; /* by the life's instance; NULL: not watched */
	uint16_t n;
};

static int read_config(const struct replay_other *o, const struct config *then, struct config **out)
{
	struct config_errors *errs = calloc(1, sizeof *errs);
	int rc = errs ? config_read_offline(o->config ? o->config : then->file, out, errs)
		      : err_set(ERR_NOMEM, "no memory for a configuration");
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

static int load(struct replay_other *o, const struct config *then, uint16_t i)
{
	struct other_parts *p = o->parts;
	const char *name = then->instance[i].name;
	const int k = find(p->cfg, name);
	if (k < 0 || (o->instance && strcmp(o->instance, name) != 0))
		return 0;
	struct config_instance *c = &p->cfg->instance[k];
	if (o->strategy)
		snprintf(c->file, sizeof c->file, "%s", o->strategy);
	int rc = bind_script(p->lua, p->cfg, (uint16_t)k, NULL, 0, i + 1u, &p->script[i]);
	if (!rc && (p->script[i]->n_legs != then->instance[i].n_legs ||
		    memcmp(c->leg_name, then->instance[i].leg_name, sizeof c->leg_name) != 0))
		rc = err_set(ERR_SCRIPT, "its legs, or their order, are not those of then");
	return err_ctx(rc, "instance %s", name);
}

static int keep_names(struct replay_other *o, const struct config *then)
{
	free(o->name);
	o->name = calloc(then->n_instances + 1u, sizeof *o->name);
	o->n_names = then->n_instances;
	if (!o->name)
		return err_set(ERR_NOMEM, "no memory for names");
	for (uint16_t i = 0; i < then->n_instances; i++)
		snprintf(o->name[i], sizeof *o->name, "%s", then->instance[i].name);
	snprintf(o->config_then, sizeof o->config_then, "%s", then->file);
	return 0;
}

static int begin(void *owner, const struct config *then, struct reader *r)
{
	struct replay_other *o = owner;
	struct other_parts *p = o->parts = calloc(1, sizeof *p);
	(void)r;
	if (!p || !(p->script = calloc(then->n_instances + 1u, sizeof(struct strategy *))))
		return err_set(ERR_NOMEM, "no memory for another version");
	p->n = then->n_instances;
	int rc = keep_names(o, then);
	if (!rc && o->strategy && !o->instance && then->n_instances > 1)
		rc = err_set(ERR_CONFIG, "say which of the %u instances runs %s: --instance NAME",
			     then->n_instances, o->strategy);
	if (!rc && o->instance && find(then, o->instance) < 0)
		rc = err_set(ERR_NOTFOUND, "no instance was called '%s'", o->instance);
	if (!rc)
		rc = read_config(o, then, &p->cfg);
	const struct lua_host_options lo = { .memory = then->engine.script_memory,
					     .deterministic = true,
					     .skip_selftest = true };
	if (!rc)
		rc = lua_host_init(&lo, &p->lua);
	for (uint16_t i = 0; i < then->n_instances && !rc; i++)
		rc = load(o, then, i);
	return rc;
}

static struct other_wish wish_of(const struct proposal *out, int n)
{
	struct other_wish w = { 0 };
	for (int k = 0; k < n; k++) {
		if (out[k].kind != PROPOSE_PAIR)
			continue;
		if (!w.n++) {
			w.side = out[k].side[0];
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

static void call(void *owner, uint16_t instance, const struct strategy *s,
		 const struct strat_self *self, const struct strat_event *ev,
		 const struct proposal *out, int n, const struct env_now *now)
{
	struct replay_other *o = owner;
	struct strategy *x = o->parts->script[instance];
	struct proposal wish[PROPOSAL_MAX];
	/* Its own timers it would have set itself; those of the other version are not its. */
	if (!x || x->quarantined || !(x->ops->hooks(x) & 1u << ev->kind) || ev->kind == STRAT_TIMER)
		return;
	const int k = x->ops->run(x, self, ev, wish, PROPOSAL_MAX);
	struct other_decision d = { .utc_ns = now->utc_ns,
				    .call = s->calls,
				    .instance = instance,
				    .then = wish_of(out, n),
				    .now = wish_of(wish, k) };
	if (ev->basis) {
		d.sell_bp = ev->basis->dir[SIDE_SELL].net_bp;
		d.buy_bp = ev->basis->dir[SIDE_BUY].net_bp;
	}
	o->calls++;
	o->errors += k < 0;
	o->then_proposed += d.then.n;
	o->now_proposed += d.now.n;
	if (!same(&d.then, &d.now))
		keep(o, &d);
}

static void end(void *owner)
{
	struct replay_other *o = owner;
	struct other_parts *p = o->parts;
	if (!p)
		return;
	for (uint16_t i = 0; p->script && i < p->n; i++)
		if (p->script[i])
			p->script[i]->ops->free(p->script[i]);
	lua_host_free(p->lua);
	if (p->cfg)
		config_free(p->cfg);
	free(p->script);
	free(p);
	o->parts = NULL;
}

struct replay_watch replay_other_watch(struct replay_other *o)
{
	return (struct replay_watch){ .owner = o, .begin = begin, .call = call, .end = end };
}

void replay_other_free(struct replay_other *o)
{
	end(o);
	free(o->decision);
	free(o->name);
	o->decision = NULL;
	o->name = NULL;
}
