/* engine_lineup - gives the versions of an instance their roles, judges the one that is on trial, and goes back to the one before. */
#include "core/base/err.h"
#include "core/base/must.h"
#include "core/engine_reload.h"
#include "core/trade/param.h"
#include <string.h>

/* One at a time is handed on; the second is what a version gets back if it does not understand the first. */
static uint8_t state_bytes[STRAT_SAVED_CAP], own_bytes[STRAT_SAVED_CAP];

struct version *engine_version_live(const struct desk_instance *in)
{
	return lineup_role(in->lineup, VERSION_LIVE);
}

void engine_version_publish(const struct engine *e, uint16_t instance, struct snapshot_script *x)
{
	const struct desk_instance *in = &e->d.instance[instance];
	const struct trial *t = &in->lineup->trial;
	*x = (struct snapshot_script){ .on_trial = t->on };
	if (in->script) {
		x->version = in->script->version;
		memcpy(x->sha256, in->script->sha256, sizeof x->sha256);
	}
	if (t->on && t->how == RELOAD_CANARY)
		x->part_ppm = (uint32_t)in->cfg->reload.canary_ppm[t->step];
	if (lineup_role(in->lineup, VERSION_SHADOW)) {
		x->shadow = true;
		x->shadow_events = in->lineup->shadow.events;
		x->shadow_same = in->lineup->shadow.same;
	}
}

void engine_version_look(struct engine *e, struct desk_instance *in)
{
	e->version_changes++;
	in->versions = lineup_busy(in->lineup);
}

/* ---- receipts */

uint64_t engine_version_say(struct engine *e, uint16_t instance, const struct version_news *n)
{
	struct desk *d = &e->d;
	const struct trial *t = &d->instance[instance].lineup->trial;
	const struct strategy *s = n->v->script;
	struct fact f;
	scribe_instance(d, &f, FACT_SCRIPT, instance, n->cause);
	f.script = n->v->name;
	f.state = (uint8_t)n->role;
	f.num[0] = s ? s->version : 0;
	if (n->role == VERSION_TAKEN && s) {
		f.num[1] = s->lines;
		f.num[2] = s->bytes;
	}
	f.num[3] = n->previous;
	if (n->done) {
		f.num[4] = n->done->job.how;
		f.num[5] = n->done->dry_calls;
		f.num[6] = n->done->dry_proposals;
	}
	if (n->role == VERSION_LIVE && t->on && t->how == RELOAD_CANARY)
		f.num[7] = d->cfg->instance[instance].reload.canary_ppm[t->step];
	fact_text(&f, "%s", n->text);
	return scribe_put(d, &f);
}

void engine_version_alert(struct engine *e, uint16_t instance, enum alert_severity severity,
			  const char *what, const char *why, uint64_t cause)
{
	struct fact f;
	scribe_instance(&e->d, &f, FACT_ALERT, instance, cause);
	f.num[0] = severity;
	scribe_raise(&e->d, &f, ALERT_RELOAD, "%s: %s", what, why);
}

uint32_t engine_reload_name(const struct engine *e, uint16_t instance, const struct strategy *s)
{
	const struct desk_instance *in = &e->d.instance[instance];
	for (unsigned i = 0; in->versions && i < LINEUP_MAX; i++)
		if (in->lineup->v[i].script == s)
			return in->lineup->v[i].name;
	return e->d.names.script[instance];
}

/* ---- roles */

static void set_role(struct engine *e, struct version *v, enum version_role role)
{
	v->role = (uint8_t)role;
	v->since_utc_ns = e->d.now.utc_ns;
}

void engine_version_drop(struct engine *e, uint16_t instance, struct version *v, const char *why)
{
	struct strategy *s = v->script;
	engine_version_say(e, instance,
			   &(struct version_news){ .v = v, .role = VERSION_GONE, .text = why });
	*v = (struct version){ 0 };
	engine_forget_timers(e, s);
	e->reload->ops->give_back(e->reload, s);
}

static bool has_pairs(struct engine *e, uint16_t instance, const struct version *v)
{
	uint32_t i = 0;
	if (lineup_named(e->d.instance[instance].lineup, v->name) != v)
		return false; /* the same text has come again and hears of them */
	for (const struct pair *p; (p = pairs_each(&e->d.pairs, &i));)
		if (p->instance == instance && p->script == v->name &&
		    (pair_working((enum pair_state)p->state) || p->state == PAIR_PROPOSED))
			return true;
	for (uint32_t k = 0; k < e->d.n_news; k++) {
		const struct pair *p = pairs_find(&e->d.pairs, e->d.news[k].pair);
		if (p && p->instance == instance && p->script == v->name)
			return true;
	}
	return false;
}

void engine_version_sweep(struct engine *e, uint16_t instance)
{
	for (unsigned k = 0; k < LINEUP_MAX; k++) {
		struct version *v = &e->d.instance[instance].lineup->v[k];
		if (v->script && v->role == VERSION_LEAVING && !has_pairs(e, instance, v))
			engine_version_drop(e, instance, v, "nothing needs it any more");
	}
}

/* From now on its proposals are traded: conversions, limits and names are its own. */
static int make_live(struct engine *e, uint16_t instance, struct version *v)
{
	struct desk *d = &e->d;
	int rc = desk_bind_instance(d, instance, v->script);
	if (rc)
		return rc;
	param_apply(d, instance, v->script);
	set_role(e, v, VERSION_LIVE);
	d->many_versions |= d->names.script[instance] != v->name;
	d->names.script[instance] = v->name;
	return 0;
}

void engine_version_begin_trial(struct engine *e, uint16_t instance, enum reload_how how,
				uint8_t step)
{
	struct desk *d = &e->d;
	struct desk_instance *in = &d->instance[instance];
	struct trial *t = &in->lineup->trial;
	trial_begin(t, how, step, in->script, d->now.mono_ns);
	t->priced = risk_profit_e8(d, UINT32_MAX, instance, &t->profit_e8);
	t->on = how == RELOAD_CANARY ? in->cfg->reload.n_canary > 0
				     : in->cfg->reload.trial_calls > 0;
}

/* What the old one remembers becomes the new one's, as it is now and not as it was when the new one was asked for. */
int engine_version_hand_over(struct strategy *from, struct strategy *to)
{
	size_t n = 0;
	if (!from->ops->save || !to->ops->restore || from->quarantined)
		return 0;
	int rc = from->ops->save(from, state_bytes, STRAT_SAVED_CAP, &n);
	return rc || n == 0 ? rc : to->ops->restore(to, state_bytes, n);
}

/* One that is on trial itself is nothing to go back to, as long as there is another. */
int engine_version_install(struct engine *e, uint16_t instance, struct version *v,
			   enum reload_how how)
{
	struct desk_instance *in = &e->d.instance[instance];
	struct version *old = engine_version_live(in),
		       *back = lineup_role(in->lineup, VERSION_BACK);
	int rc = old ? engine_version_hand_over(old->script, v->script) : 0;
	if (!rc)
		rc = make_live(e, instance, v);
	if (rc)
		return rc;
	const bool tried = !in->lineup->trial.on || !back;
	if (back && tried && old)
		set_role(e, back, VERSION_LEAVING);
	if (old)
		set_role(e, old, tried ? VERSION_BACK : VERSION_LEAVING);
	engine_version_begin_trial(e, instance, how, 0);
	return 0;
}

/* ---- going back */

/* What the newer one remembers, if the older one understands it; else its own, as of when it traded. */
static void take_memory_along(struct strategy *from, struct strategy *to)
{
	size_t n = 0;
	if (!to->ops->save || to->ops->save(to, own_bytes, STRAT_SAVED_CAP, &n))
		return;
	if (engine_version_hand_over(from, to) && n)
		(void)to->ops->restore(to, own_bytes, n);
}

bool engine_version_back(struct engine *e, uint16_t instance, bool failed, const char *why,
			 uint64_t cause)
{
	struct desk_instance *in = &e->d.instance[instance];
	struct version *live = engine_version_live(in),
		       *back = lineup_role(in->lineup, VERSION_BACK);
	if (!live || !back || back->script->quarantined)
		return false;
	const uint32_t left = live->name;
	if (!failed)
		take_memory_along(live->script, back->script);
	must(make_live(e, instance, back) == 0); /* it was bound before: its rows are there */
	set_role(e, live, VERSION_LEAVING);
	memcpy(in->lineup->rejected, live->script->sha256, sizeof in->lineup->rejected);
	in->lineup->trial.on = false;
	const struct version_news gone = { live, VERSION_REFUSED, back->name, cause, NULL, why },
				  again = { back, VERSION_LIVE, left, cause, NULL, why };
	engine_version_say(e, instance, &gone);
	cause = engine_version_say(e, instance, &again);
	engine_version_alert(e, instance, failed ? ALERT_CRITICAL : ALERT_INFO,
			     "the version before trades again", why, cause);
	engine_version_look(e, in);
	return true;
}

/* ---- the trial */

static void fail(struct engine *e, uint16_t instance, const char *why)
{
	struct desk_instance *in = &e->d.instance[instance];
	if (engine_version_back(e, instance, true, why, 0))
		return;
	in->lineup->trial.on = false;
	engine_version_alert(e, instance, ALERT_CRITICAL,
			     "the trial of a version has failed, and there is none to go back to",
			     why, 0);
	engine_version_look(e, in);
}

static void judge(struct engine *e, uint16_t instance)
{
	struct desk *d = &e->d;
	struct desk_instance *in = &d->instance[instance];
	struct trial *t = &in->lineup->trial;
	const struct config_reload *c = &in->cfg->reload;
	char why[FACT_TEXT] = "";
	int64_t profit = 0;
	bool priced = c->max_loss_e8 && risk_profit_e8(d, UINT32_MAX, instance, &profit);
	switch (trial_judge(t, c, in->script, d->now.mono_ns, priced, profit, why, sizeof why)) {
	case TRIAL_GOES_ON:
		return;
	case TRIAL_FAILED:
		fail(e, instance, why);
		return;
	case TRIAL_NEXT_STEP:
		engine_version_begin_trial(e, instance, RELOAD_CANARY, (uint8_t)(t->step + 1));
		break;
	case TRIAL_PASSED:
		t->on = false;
		break;
	}
	engine_version_say(e, instance,
			   &(struct version_news){ .v = engine_version_live(in),
						   .role = VERSION_LIVE,
						   .text = why });
	engine_version_look(e, in);
}

void engine_reload_called(struct engine *e, uint16_t instance, const struct strat_event *ev,
			  const struct proposal *live, int n)
{
	engine_shadow_show(e, instance, ev, live, n);
	if (e->d.instance[instance].lineup->trial.on)
		judge(e, instance);
}

void engine_reload_news(struct engine *e, const struct pair *p, enum pair_state to)
{
	struct desk_instance *in = &e->d.instance[p->instance];
	struct trial *t = &in->lineup->trial;
	if (!in->versions || !t->on || p->intent >= INTENT_REPAIR ||
	    p->script != e->d.names.script[p->instance])
		return;
	t->broken += to == PAIR_BROKEN;
	if (pair_over(to) && to != PAIR_REFUSED) {
		t->pairs++;
		t->slip_e8 += risk_pair_slip_e8(&e->d, p);
	}
}

void engine_reload_refused(struct engine *e, uint16_t instance, enum risk_limit l,
			   const struct proposal *p)
{
	struct desk_instance *in = &e->d.instance[instance];
	if (in->versions && in->lineup->trial.on)
		in->lineup->trial.refused += trial_counts(l, p);
}

void engine_reload_time(struct engine *e)
{
	for (uint16_t i = 0; i < e->d.cfg->n_instances; i++) {
		struct desk_instance *in = &e->d.instance[i];
		if (!in->versions)
			continue;
		engine_version_sweep(e, i);
		engine_shadow_time(e, i);
		if (in->lineup->trial.on)
			judge(e, i);
		in->versions = lineup_busy(in->lineup);
	}
}

struct strategy *engine_reload_whose(struct engine *e, const struct pair *p)
{
	struct desk_instance *in = &e->d.instance[p->instance];
	struct version *v = in->versions ? lineup_named(in->lineup, p->script) : NULL;
	return v ? v->script : in->script;
}

/* ---- as the host starts */

void engine_set_back(struct engine *e, uint16_t instance, struct strategy *s, uint32_t name)
{
	*lineup_place(e->d.instance[instance].lineup) = (struct version){
		.script = s, .name = name, .role = VERSION_BACK, .since_utc_ns = e->d.now.utc_ns
	};
}

uint32_t engine_version_changes(const struct engine *e)
{
	return e->version_changes;
}

void engine_set_trial(struct engine *e, uint16_t instance, enum reload_how how, uint8_t step)
{
	engine_version_begin_trial(e, instance, how, step);
	engine_version_look(e, &e->d.instance[instance]);
}

void engine_reload_first(struct engine *e, uint16_t instance, struct strategy *s)
{
	struct lineup *l = e->d.instance[instance].lineup;
	struct version *v = lineup_role(l, VERSION_LIVE);
	v = v ? v : lineup_place(l);
	*v = (struct version){ .script = s,
			       .name = e->d.names.script[instance],
			       .role = VERSION_LIVE,
			       .since_utc_ns = e->d.now.utc_ns };
}
