#include "core/engine_reload.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include "core/trade/limit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATE_CAP (64 * 1024) /* most bytes that a saved state takes */

/* One at a time is saved or handed on. */
static uint8_t state_bytes[STATE_CAP];

static struct version *live_of(const struct desk_instance *in)
{
	return lineup_role(in->lineup, VERSION_LIVE);
}

static void look_busy(struct desk_instance *in)
{
	in->versions = lineup_busy(in->lineup);
}

/* ---- receipts */

static uint64_t say(struct engine *e, uint16_t instance, const struct version *v,
		    enum version_role role, uint32_t previous, const struct reload_done *done,
		    const char *text)
{
	struct desk *d = &e->d;
	const struct lineup *l = d->instance[instance].lineup;
	struct fact f;
	scribe_instance(d, &f, FACT_SCRIPT, instance, 0);
	f.script = v->name;
	f.state = (uint8_t)role;
	f.num[0] = v->script ? v->script->version : 0;
	f.num[3] = previous;
	if (done) {
		f.num[4] = done->job.how;
		f.num[5] = done->dry_calls;
		f.num[6] = done->dry_proposals;
	}
	if (role == VERSION_LIVE && l->trial.on && l->trial.how == RELOAD_CANARY)
		f.num[7] = d->cfg->instance[instance].reload.canary_ppm[l->trial.step];
	fact_text(&f, "%s", text);
	return scribe_put(d, &f);
}

static void alert(struct engine *e, uint16_t instance, enum alert_severity severity,
		  const char *what, const char *why)
{
	struct fact f;
	scribe_instance(&e->d, &f, FACT_ALERT, instance, 0);
	f.num[0] = severity;
	scribe_raise(&e->d, &f, ALERT_RELOAD, "%s: %s", what, why);
}

static void name_it(struct engine *e, const struct reload_done *done)
{
	char hex[65];
	struct fact f;
	if (!done->name_is_new)
		return;
	for (int i = 0; i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", done->script->sha256[i]);
	fact_init(&f, FACT_NAME);
	f.num[0] = NAME_SCRIPT;
	f.num[1] = done->name;
	fact_text(&f, "%s", hex);
	scribe_put(&e->d, &f);
}

/* ---- roles */

static void drop(struct engine *e, uint16_t instance, struct version *v)
{
	struct strategy *s = v->script;
	say(e, instance, v, VERSION_GONE, 0, NULL, "nothing needs it any more");
	*v = (struct version){ 0 };
	engine_forget_timers(e, s);
	e->reload->ops->give_back(e->reload, s);
}

static bool has_pairs(struct engine *e, uint16_t instance, uint32_t name)
{
	uint32_t i = 0;
	for (const struct pair *p; (p = pairs_each(&e->d.pairs, &i));)
		if (p->instance == instance && p->script == name &&
		    (pair_working((enum pair_state)p->state) || p->state == PAIR_PROPOSED))
			return true;
	for (uint32_t k = 0; k < e->d.n_news; k++) {
		const struct pair *p = pairs_find(&e->d.pairs, e->d.news[k].pair);
		if (p && p->instance == instance && p->script == name)
			return true;
	}
	return false;
}

static void set_role(struct engine *e, struct version *v, enum version_role role)
{
	v->role = (uint8_t)role;
	v->since_utc_ns = e->d.now.utc_ns;
}

/* The one that could be gone back to makes room for a newer one. */
static void retire_back(struct engine *e, struct desk_instance *in)
{
	struct version *v = lineup_role(in->lineup, VERSION_BACK);
	if (v)
		set_role(e, v, VERSION_LEAVING);
}

/* From now on its proposals are traded: conversions, limits and names are its own. */
static int make_live(struct engine *e, uint16_t instance, struct version *v)
{
	struct desk *d = &e->d;
	int rc = desk_bind_instance(d, instance, v->script);
	if (rc)
		return rc;
	set_role(e, v, VERSION_LIVE);
	d->names.script[instance] = v->name;
	return 0;
}

static void begin_trial(struct engine *e, uint16_t instance, enum reload_how how, uint8_t step)
{
	struct desk *d = &e->d;
	struct desk_instance *in = &d->instance[instance];
	struct trial *t = &in->lineup->trial;
	trial_begin(t, how, step, in->script, d->now.mono_ns);
	t->priced = risk_profit_e8(d, UINT32_MAX, instance, &t->profit_e8);
	t->on = how == RELOAD_CANARY ? in->cfg->reload.n_canary > 0
				     : in->cfg->reload.trial_calls > 0;
}

/* ---- a version comes */

static bool same_legs(const struct config_instance *c, const struct strategy *s)
{
	bool same = c->n_legs == s->n_legs && c->n_refs == s->n_refs;
	for (unsigned l = 0; same && l < c->n_legs; l++)
		same = strcmp(c->leg_name[l], s->leg_name[l]) == 0;
	for (unsigned r = 0; same && r < c->n_refs; r++)
		same = strcmp(c->ref_name[r], s->ref_name[r]) == 0;
	return same;
}

/* What the old one remembers becomes the new one's, as it is now and not as it was when the new one was asked for. */
static int hand_over(struct strategy *from, struct strategy *to)
{
	size_t n = 0;
	if (!from->ops->save || !to->ops->restore)
		return 0;
	int rc = from->quarantined ? 0 : from->ops->save(from, state_bytes, STATE_CAP, &n);
	return rc || n == 0 ? rc : to->ops->restore(to, state_bytes, n);
}

static int fits(const struct desk_instance *in, const struct strategy *s)
{
	if (same_legs(in->cfg, s))
		return 0;
	return err_set(
		ERR_SCRIPT,
		"%s: legs and refs, or their order, differ from those that run; that takes a restart",
		s->file);
}

static int install_shadow(struct engine *e, uint16_t instance, const struct reload_done *done,
			  struct version *v)
{
	struct desk_instance *in = &e->d.instance[instance];
	struct lineup *l = in->lineup;
	struct version *old = lineup_role(l, VERSION_SHADOW);
	int rc = in->script ? hand_over(in->script, done->script) : 0;
	if (rc)
		return rc;
	if (old)
		drop(e, instance, old);
	l->shadow = (struct shadow_count){ 0 };
	l->spec = in->spec;
	l->spec.band = NULL; /* the window is the live one's to feed */
	for (unsigned i = 0; i < LEG_MAX; i++)
		l->spec.conv[i] = done->script->conv[i];
	set_role(e, v, VERSION_SHADOW);
	return 0;
}

static int install_live(struct engine *e, uint16_t instance, const struct reload_done *done,
			struct version *v)
{
	struct desk_instance *in = &e->d.instance[instance];
	struct version *old = live_of(in);
	int rc = old ? hand_over(old->script, done->script) : 0;
	if (!rc)
		rc = make_live(e, instance, v);
	if (rc)
		return rc;
	retire_back(e, in);
	if (old)
		set_role(e, old, VERSION_BACK);
	if (memcmp(in->lineup->rejected, done->script->sha256, sizeof in->lineup->rejected) == 0)
		memset(in->lineup->rejected, 0, sizeof in->lineup->rejected);
	begin_trial(e, instance, (enum reload_how)done->job.how, 0);
	return 0;
}

static int install(struct engine *e, const struct reload_done *done)
{
	const uint16_t instance = done->job.instance;
	struct desk_instance *in = &e->d.instance[instance];
	struct version *old = live_of(in), *v = lineup_place(in->lineup);
	const uint32_t previous = old ? old->name : 0;
	int rc = fits(in, done->script);
	if (!rc && !v)
		rc = err_set(ERR_LIMIT,
			     "%d versions are still at work: their pairs have to end first",
			     LINEUP_MAX);
	if (rc)
		return rc;
	const struct version taken = { .script = done->script, .name = done->name };
	*v = taken;
	rc = done->job.how == RELOAD_SHADOW ? install_shadow(e, instance, done, v)
					    : install_live(e, instance, done, v);
	if (rc) {
		*v = (struct version){ 0 };
		return rc;
	}
	name_it(e, done);
	say(e, instance, v, (enum version_role)v->role, previous, done,
	    done->job.why[0] ? done->job.why : done->text);
	look_busy(in);
	struct strat_event start = { .kind = STRAT_START };
	engine_script_event_to(e, instance, v->script, &start);
	if (v->role == VERSION_LEAVING)
		return 1; /* its on_start failed, and the one before trades again */
	if (v->role == VERSION_LIVE &&
	    !e->is_dirty[instance]) { /* what it is worth may be another number now */
		e->is_dirty[instance] = 1;
		e->dirty[e->n_dirty++] = instance;
	}
	return 0;
}

static void refuse(struct engine *e, const struct reload_done *done, const char *why)
{
	const uint16_t instance = done->job.instance;
	const struct version v = { .script = done->script, .name = done->name };
	say(e, instance, &v, VERSION_REFUSED, e->d.names.script[instance], done, why);
	if (!done->job.command)
		alert(e, instance, ALERT_WARNING, "a new version was not taken", why);
	if (done->script)
		e->reload->ops->give_back(e->reload, done->script);
}

static void take(struct engine *e, const struct reload_done *done)
{
	static const char *const what[] = { "trades", "trades as a canary", "runs as a shadow" };
	_Static_assert(sizeof what / sizeof *what == reload_how_max, "words for every way");
	char answer[ENV_REPLY_TEXT], why[sizeof done->text];
	int rc = done->rc;
	snprintf(why, sizeof why, "%s", done->text);
	if (!rc && (rc = install(e, done)))
		snprintf(why, sizeof why, "%s", err_text());
	if (rc < 0)
		refuse(e, done, why);
	const char *name = e->d.cfg->instance[done->job.instance].name;
	if (rc)
		snprintf(answer, sizeof answer, "no: %.240s; the version before goes on", why);
	else
		snprintf(answer, sizeof answer,
			 "ok: version %u of %s %s; dry run: %u calls, %u proposals",
			 done->script->version, name, what[done->job.how], done->dry_calls,
			 done->dry_proposals);
	if (done->job.command)
		env_reply(e->d.env, done->job.command, answer);
}

/* ---- going back */

/* An operator's step back takes along what the newer one remembers, if the older one understands it; one that failed is not asked. */
static bool go_back(struct engine *e, uint16_t instance, bool failed, const char *why)
{
	struct desk_instance *in = &e->d.instance[instance];
	struct version *live = live_of(in), *back = lineup_role(in->lineup, VERSION_BACK);
	if (!live || !back)
		return false;
	const uint32_t left = live->name;
	if (!failed)
		(void)hand_over(live->script, back->script); /* else it has its own */
	must(make_live(e, instance, back) == 0); /* it was bound before: its rows are there */
	set_role(e, live, VERSION_LEAVING);
	memcpy(in->lineup->rejected, live->script->sha256, sizeof in->lineup->rejected);
	in->lineup->trial.on = false;
	say(e, instance, live, VERSION_REFUSED, back->name, NULL, why);
	say(e, instance, back, VERSION_LIVE, left, NULL, why);
	alert(e, instance, failed ? ALERT_CRITICAL : ALERT_INFO, "the version before trades again",
	      why);
	look_busy(in);
	return true;
}

/* ---- the trial */

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
		if (!go_back(e, instance, true, why))
			t->on = false;
		return;
	case TRIAL_NEXT_STEP:
		begin_trial(e, instance, RELOAD_CANARY, (uint8_t)(t->step + 1));
		break;
	case TRIAL_PASSED:
		t->on = false;
		break;
	}
	say(e, instance, live_of(in), VERSION_LIVE, 0, NULL, why);
	look_busy(in);
}

void engine_reload_news(struct engine *e, const struct pair *p, enum pair_state to)
{
	struct desk_instance *in = &e->d.instance[p->instance];
	struct trial *t = &in->lineup->trial;
	if (!in->versions || !t->on || p->script != e->d.names.script[p->instance])
		return;
	t->broken += to == PAIR_BROKEN;
	if (pair_over(to) && to != PAIR_REFUSED) {
		t->pairs++;
		t->slip_e8 += risk_pair_slip_e8(&e->d, p);
	}
}

void engine_reload_refused(struct engine *e, uint16_t instance, enum risk_limit l)
{
	struct desk_instance *in = &e->d.instance[instance];
	if (in->versions && in->lineup->trial.on)
		in->lineup->trial.refused += trial_counts(l);
}

/* ---- the shadow */

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

/* A receipt a second at most, with the counts. */
static void say_shadow(struct engine *e, uint16_t instance, const struct version *v,
		       const struct proposal *p)
{
	struct desk *d = &e->d;
	struct shadow_count *c = &d->instance[instance].lineup->shadow;
	c->untold++;
	if (c->told_ns && d->now.mono_ns - c->told_ns < 1000000000)
		return;
	struct fact f;
	scribe_instance(d, &f, FACT_SHADOW, instance, 0);
	f.script = v->name;
	f.num[0] = (int64_t)(p->lots * 1e9);
	f.num[1] = (int64_t)c->untold;
	f.num[2] = (int64_t)c->events;
	f.num[3] = (int64_t)c->same;
	f.num[4] = (int64_t)c->only_live;
	f.num[5] = (int64_t)c->only_shadow;
	f.num[6] = (int64_t)c->differ;
	for (unsigned i = 0; i < p->n_legs; i++)
		f.num[7] |= (int64_t)p->side[i] << p->leg[i];
	fact_text(&f, "%s", p->reason);
	scribe_put(d, &f);
	c->told_ns = d->now.mono_ns;
	c->untold = 0;
}

void engine_reload_unheard(struct engine *e, uint16_t instance, const struct strategy *s,
			   const struct proposal *p)
{
	const struct version *v = lineup_role(e->d.instance[instance].lineup, VERSION_SHADOW);
	if (v && v->script == s)
		say_shadow(e, instance, v, p);
}

bool engine_reload_runs(struct engine *e, uint16_t instance, const struct strategy *s)
{
	const struct desk_instance *in = &e->d.instance[instance];
	const struct version *v = lineup_role(in->lineup, VERSION_SHADOW);
	return s == in->script || (v && v->script == s);
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

static void show_shadow(struct engine *e, uint16_t instance, const struct strat_event *ev,
			const struct proposal *live, int n)
{
	struct desk *d = &e->d;
	struct desk_instance *in = &d->instance[instance];
	struct lineup *l = in->lineup;
	struct version *v = lineup_role(l, VERSION_SHADOW);
	if (!v || ev->kind == STRAT_PAIR)
		return;
	struct strat_event shown = *ev;
	struct proposal out[PROPOSAL_MAX];
	const struct proposal *first = NULL;
	if (ev->kind == STRAT_BASIS) {
		basis_eval(&l->spec, d->now.mono_ns, d->now.utc_ns, &l->basis);
		l->basis.gate = in->basis.gate;
		l->basis.gate_who = in->basis.gate_who;
		shown.basis = &l->basis;
	}
	int k = engine_script_call(e, instance, v->script, &shown, out);
	if (ev->kind == STRAT_BASIS)
		compare(&l->shadow, live, n < 0 ? 0 : n, out, k < 0 ? 0 : k);
	if (k > 0 && pairs_of(out, k, &first))
		say_shadow(e, instance, v, first);
	if (v->script->quarantined) {
		alert(e, instance, ALERT_WARNING, "the shadow was stopped", err_text());
		drop(e, instance, v);
		look_busy(in);
	}
}

void engine_reload_called(struct engine *e, uint16_t instance, const struct strat_event *ev,
			  const struct proposal *live, int n)
{
	struct lineup *l = e->d.instance[instance].lineup;
	show_shadow(e, instance, ev, live, n);
	if (l->trial.on)
		judge(e, instance);
}

/* ---- asked for */

static const char *const ways[] = { "swap", "canary", "shadow", "back", "drop" };
enum { WAY_BACK = reload_how_max, WAY_DROP, way_max };
_Static_assert(sizeof ways / sizeof *ways == way_max, "a word for every way");

static void ask(struct engine *e, const struct env_command *c, uint16_t instance, unsigned how,
		const char *file, char *answer, size_t cap)
{
	struct desk_instance *in = &e->d.instance[instance];
	struct reload_job job = { .command = c->id, .instance = instance, .how = (uint8_t)how };
	size_t n = 0;
	snprintf(job.who, sizeof job.who, "%s", c->who);
	snprintf(job.why, sizeof job.why, "%s", c->why);
	snprintf(job.file, sizeof job.file, "%s", file);
	struct strategy *s = in->script;
	int rc = s && s->ops->save && !s->quarantined ? s->ops->save(s, state_bytes, STATE_CAP, &n)
						      : 0;
	if (!rc)
		rc = e->reload->ops->ask(e->reload, &job, state_bytes, n);
	if (rc)
		snprintf(answer, cap, "no: %s", err_text());
}

static void back(struct engine *e, uint16_t instance, const struct env_command *c, char *answer,
		 size_t cap)
{
	char why[FACT_TEXT];
	snprintf(why, sizeof why, "told by %s%s%.80s", c->who, c->why[0] ? ": " : "", c->why);
	if (go_back(e, instance, false, why))
		snprintf(answer, cap, "ok: version %u trades again",
			 e->d.instance[instance].script->version);
	else
		snprintf(answer, cap, "no: there is no version to go back to");
}

static void drop_shadow(struct engine *e, uint16_t instance, char *answer, size_t cap)
{
	struct desk_instance *in = &e->d.instance[instance];
	struct version *v = lineup_role(in->lineup, VERSION_SHADOW);
	if (!v) {
		snprintf(answer, cap, "no: no shadow runs beside it");
		return;
	}
	const struct shadow_count c = in->lineup->shadow;
	drop(e, instance, v);
	look_busy(in);
	snprintf(
		answer, cap,
		"ok: of %llu events the same in %llu, only the live one proposed in %llu, only the shadow in %llu, otherwise in %llu",
		(unsigned long long)c.events, (unsigned long long)c.same,
		(unsigned long long)c.only_live, (unsigned long long)c.only_shadow,
		(unsigned long long)c.differ);
}

bool engine_reload(struct engine *e, const struct env_command *c, char *answer, size_t cap)
{
	const size_t n = strcspn(c->arg, " ");
	const char *file = c->arg[n] ? c->arg + n + 1 : "";
	unsigned how = 0;
	while (how < way_max && (strlen(ways[how]) != n || strncmp(ways[how], c->arg, n) != 0))
		how++;
	struct risk_scope s;
	if (!risk_scope_find(&e->d, c->scope, &s) || s.scope != SCOPE_INSTANCE)
		snprintf(answer, cap, "no: no instance is called '%s'", c->scope);
	else if (!e->reload)
		snprintf(answer, cap, "no: this host takes no new versions");
	else if (how == WAY_BACK)
		back(e, (uint16_t)s.index, c, answer, cap);
	else if (how == WAY_DROP)
		drop_shadow(e, (uint16_t)s.index, answer, cap);
	else if (how == way_max)
		snprintf(
			answer, cap,
			"no: a version comes by swap, canary or shadow, and goes by back or drop, not by '%.20s'",
			c->arg);
	else {
		answer[0] = 0;
		ask(e, c, (uint16_t)s.index, how, file, answer, cap);
	}
	return answer[0] != 0;
}

/* ---- in time */

void engine_reload_turn(struct engine *e)
{
	struct reload_port *p = e->reload;
	struct reload_done done;
	if (p && __builtin_expect(p->ops->take(p, &done), 0))
		take(e, &done);
}

void engine_reload_time(struct engine *e)
{
	for (uint16_t i = 0; i < e->d.cfg->n_instances; i++) {
		struct desk_instance *in = &e->d.instance[i];
		if (!in->versions)
			continue;
		for (unsigned k = 0; k < LINEUP_MAX; k++) {
			struct version *v = &in->lineup->v[k];
			if (v->script && v->role == VERSION_LEAVING && !has_pairs(e, i, v->name))
				drop(e, i, v);
		}
		if (in->lineup->trial.on)
			judge(e, i);
		look_busy(in);
	}
}

struct strategy *engine_reload_whose(struct engine *e, const struct pair *p)
{
	struct desk_instance *in = &e->d.instance[p->instance];
	struct version *v = in->versions ? lineup_named(in->lineup, p->script) : NULL;
	return v ? v->script : in->script;
}

void engine_set_reload(struct engine *e, struct reload_port *p)
{
	e->reload = p;
}

void engine_set_back(struct engine *e, uint16_t instance, struct strategy *s, uint32_t name)
{
	struct version *v = lineup_place(e->d.instance[instance].lineup);
	*v = (struct version){
		.script = s, .name = name, .role = VERSION_BACK, .since_utc_ns = e->d.now.utc_ns
	};
}

void engine_set_trial(struct engine *e, uint16_t instance, enum reload_how how, uint8_t step)
{
	begin_trial(e, instance, how, step);
	look_busy(&e->d.instance[instance]);
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
