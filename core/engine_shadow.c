/* engine_shadow - a version beside the one that trades: it is shown the same, what it proposes is recorded and never sent, and the two are compared event by event. */
#include "core/base/dec.h"
#include "core/engine_reload.h"
#include "core/trade/flood.h"
#include "core/trade/param.h"

#define SAY_NS	 1000000000LL  /* a receipt a second at most of what it proposes */
#define COUNT_NS (10 * SAY_NS) /* and one of the counts, while they move */

static struct version *shadow_of(const struct engine *e, uint16_t instance)
{
	return lineup_role(e->d.instance[instance].lineup, VERSION_SHADOW);
}

/* What another version hears of, its own pairs and their orders, its timers, parameters and start, is not the shadow's. */
static bool is_shown(uint8_t kind)
{
	return kind != STRAT_START && kind != STRAT_PAIR && kind != STRAT_TIMER &&
	       kind != STRAT_ORDER && kind != STRAT_PARAM;
}

static bool alike(const struct proposal *a, const struct proposal *b)
{
	bool same = a->kind == b->kind && a->intent == b->intent && a->n_legs == b->n_legs &&
		    a->lots <= b->lots && a->lots >= b->lots;
	for (unsigned i = 0; same && i < a->n_legs; i++)
		same = a->leg[i] == b->leg[i] && a->side[i] == b->side[i];
	return same;
}

static unsigned pairs_of(const struct proposal *p, int n, const struct proposal **first)
{
	unsigned pairs = 0;
	for (int i = n; i-- > 0;)
		if (p[i].kind == PROPOSE_PAIR) {
			*first = &p[i];
			pairs++;
		}
	return pairs;
}

void engine_shadow_say(struct engine *e, uint16_t instance, const struct version *v,
		       const struct proposal *p)
{
	struct desk *d = &e->d;
	struct shadow_count *c = &d->instance[instance].lineup->shadow;
	struct fact f;
	scribe_instance(d, &f, FACT_SHADOW, instance, 0);
	f.script = v->name;
	f.state = VERSION_SHADOW;
	f.num[1] = (int64_t)c->untold;
	f.num[2] = (int64_t)c->events;
	f.num[3] = (int64_t)c->same;
	f.num[4] = (int64_t)c->only_live;
	f.num[5] = (int64_t)c->only_shadow;
	f.num[6] = (int64_t)c->differ;
	if (p)
		dec_from_double(p->lots, 9, DEC_NEAREST, &f.num[0]);
	for (unsigned i = 0; p && i < p->n_legs; i++)
		f.num[7] |= (int64_t)p->side[i] << p->leg[i];
	fact_text(&f, "%s", p ? p->reason : "so far");
	scribe_put(d, &f);
	c->told_ns = d->now.mono_ns;
	c->told_events = c->events;
	c->untold = 0;
}

static void propose(struct engine *e, uint16_t instance, const struct version *v,
		    const struct proposal *p)
{
	struct shadow_count *c = &e->d.instance[instance].lineup->shadow;
	c->untold++;
	if (e->d.now.mono_ns - c->told_ns >= SAY_NS)
		engine_shadow_say(e, instance, v, p);
}

void engine_reload_unheard(struct engine *e, uint16_t instance, const struct strategy *s,
			   const struct proposal *p)
{
	const struct version *v = shadow_of(e, instance);
	if (v && v->script == s)
		propose(e, instance, v, p);
}

bool engine_reload_is_shadow(const struct engine *e, uint16_t instance, const struct strategy *s)
{
	const struct version *v = shadow_of(e, instance);
	return v && v->script == s;
}

bool engine_reload_runs(const struct engine *e, uint16_t instance, const struct strategy *s)
{
	return s == e->d.instance[instance].script || engine_reload_is_shadow(e, instance, s);
}

int engine_shadow_install(struct engine *e, uint16_t instance, struct version *v)
{
	struct desk_instance *in = &e->d.instance[instance];
	struct lineup *l = in->lineup;
	struct version *old = shadow_of(e, instance);
	int rc = in->script ? engine_version_hand_over(in->script, v->script) : 0;
	if (rc)
		return rc;
	if (old)
		engine_version_drop(e, instance, old, "another shadow takes its place");
	l->shadow = (struct shadow_count){ .told_ns = e->d.now.mono_ns - SAY_NS };
	l->flood = (struct flood){ 0 };
	l->spec = in->spec;
	l->spec.band = NULL; /* the window is the live one's to feed */
	for (unsigned i = 0; i < LEG_MAX; i++)
		l->spec.conv[i] = v->script->conv[i];
	param_apply(&e->d, instance, v->script);
	v->role = VERSION_SHADOW;
	v->since_utc_ns = e->d.now.utc_ns;
	return 0;
}

void engine_shadow_param(struct engine *e, uint16_t instance, const char *name, double value)
{
	const struct version *v = shadow_of(e, instance);
	if (v && v->script->ops->set_param)
		(void)v->script->ops->set_param(v->script, name, value);
}

bool engine_shadow_lets(struct engine *e, uint16_t instance)
{
	struct desk_instance *in = &e->d.instance[instance];
	return flood_is_within(&in->lineup->flood, in->cfg->max_proposals_per_s, e->d.now.mono_ns);
}

void engine_shadow_time(struct engine *e, uint16_t instance)
{
	const struct shadow_count *c = &e->d.instance[instance].lineup->shadow;
	const struct version *v = shadow_of(e, instance);
	if (v && c->events > c->told_events && e->d.now.mono_ns - c->told_ns >= COUNT_NS)
		engine_shadow_say(e, instance, v, NULL);
}

static void compare(struct shadow_count *c, const struct proposal *live, int n_live,
		    const struct proposal *shadow, int n_shadow)
{
	const struct proposal *a = NULL, *b = NULL;
	const unsigned of_live = pairs_of(live, n_live, &a),
		       of_shadow = pairs_of(shadow, n_shadow, &b);
	c->events++;
	if (!of_live && !of_shadow)
		c->same++;
	else if (!of_live)
		c->only_shadow++;
	else if (!of_shadow)
		c->only_live++;
	else if (of_live == of_shadow && alike(a, b))
		c->same++;
	else
		c->differ++;
}

void engine_shadow_show(struct engine *e, uint16_t instance, const struct strat_event *ev,
			const struct proposal *live, int n)
{
	struct desk *d = &e->d;
	struct desk_instance *in = &d->instance[instance];
	struct lineup *l = in->lineup;
	struct version *v = shadow_of(e, instance);
	struct strat_event shown = *ev;
	struct proposal out[PROPOSAL_MAX] __attribute__((uninitialized));
	if (!v || !is_shown(ev->kind))
		return;
	if (ev->kind == STRAT_BASIS) {
		basis_eval(&l->spec, d->now.mono_ns, d->now.utc_ns, &l->basis);
		l->basis.gate = in->basis.gate;
		l->basis.gate_who = in->basis.gate_who;
		shown.basis = &l->basis;
	}
	int k = engine_script_call(e, instance, v->script, &shown, out);
	if (ev->kind == STRAT_BASIS)
		compare(&l->shadow, live, n < 0 ? 0 : n, out, k < 0 ? 0 : k);
	for (int i = 0; i < k; i++)
		engine_script_act(e, instance, v->script, &out[i]);
	if (v->script->quarantined) {
		engine_version_alert(e, instance, ALERT_WARNING, "the shadow was stopped",
				     "it gets no more calls", 0);
		engine_version_drop(e, instance, v, "it was stopped");
		engine_version_look(e, in);
	}
}
