/* engine_reload - what an operator or a file asks for: a version is prepared elsewhere, taken between two turns, and whoever asked is told. */
#include "core/engine_reload.h"
#include "core/base/digest.h"
#include "core/base/err.h"
#include "core/engine_operator.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint8_t state_bytes[STRAT_SAVED_CAP];

static const char *instance_name(const struct engine *e, uint16_t instance)
{
	return e->d.cfg->instance[instance].name;
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

/* A file that was written without a change, or with what was gone back from a minute ago, is no new version; an operator may insist on the second. */
static int fits(const struct desk_instance *in, const struct reload_done *done)
{
	const struct strategy *s = done->script;
	const struct version *live = engine_version_live(in);
	if (!same_legs(in->cfg, s))
		return err_set(
			ERR_SCRIPT,
			"%s: legs and refs, or their order, differ from those that run; that takes a restart",
			s->file);
	if (done->job.how != RELOAD_SHADOW && live && live->name == done->name &&
	    !live->script->quarantined)
		return err_set(ERR_EXISTS, "%s is the version that trades", s->file);
	if (done->job.by_file && memcmp(in->lineup->rejected, s->sha256, sizeof s->sha256) == 0)
		return err_set(
			ERR_STATE,
			"%s: this is the version that was gone back from; `tandem reload` takes it all the same",
			s->file);
	if (!lineup_place(in->lineup))
		return err_set(ERR_LIMIT,
			       "%d versions are still at work: their pairs have to end first",
			       LINEUP_MAX);
	return 0;
}

/* Its first call is made before it has a role: what fails there never trades. */
static int start(struct engine *e, uint16_t instance, struct strategy *s)
{
	const struct strat_event ev = { .kind = STRAT_START };
	const uint64_t errors = s->errors;
	engine_script_event_to(e, instance, s, &ev);
	if (s->errors == errors && !s->quarantined)
		return 0;
	engine_forget_timers(e, s);
	return -ERR_SCRIPT;
}

static int install(struct engine *e, const struct reload_done *done)
{
	const uint16_t instance = done->job.instance;
	const enum reload_how how = (enum reload_how)done->job.how;
	struct desk_instance *in = &e->d.instance[instance];
	const struct version *old = engine_version_live(in);
	const uint32_t previous = old ? old->name : 0;
	engine_version_sweep(e, instance);
	int rc = fits(in, done);
	if (rc)
		return rc;
	struct version *v = lineup_place(in->lineup);
	*v = (struct version){ .script = done->script, .name = done->name };
	const struct version_news taken = { .v = v,
					    .role = VERSION_TAKEN,
					    .cause = done->job.cause,
					    .done = done,
					    .text = done->script->file };
	const uint64_t cause = engine_version_say(e, instance, &taken);
	in->versions = true; /* receipts of its first call are its own */
	engine_listen(e, instance, v->script);
	rc = start(e, instance, v->script);
	if (!rc)
		rc = how == RELOAD_SHADOW ? engine_shadow_install(e, instance, v)
					  : engine_version_install(e, instance, v, how);
	if (rc)
		*v = (struct version){ 0 };
	else
		engine_version_say(e, instance,
				   &(struct version_news){ v, (enum version_role)v->role, previous,
							   cause, done, done->job.why });
	engine_mark_instance(e, instance, DIRTY_BASIS); /* it may be worth another number now */
	engine_version_look(e, in);
	return rc;
}

/* A number of a script is not used before it has been said which text it stands for. */
static void name_it(struct engine *e, const struct reload_done *done)
{
	char hex[DIGEST_HEX];
	struct fact f;
	if (!done->name_is_new)
		return;
	digest_hex(done->sha256, DIGEST_LEN, hex);
	fact_init(&f, FACT_NAME);
	f.num[0] = NAME_SCRIPT;
	f.num[1] = done->name;
	fact_text(&f, "%s", hex);
	scribe_put(&e->d, &f);
}

static void refuse(struct engine *e, const struct reload_done *done, int rc, const char *why)
{
	const uint16_t instance = done->job.instance;
	const struct version v = { .script = done->script, .name = done->name };
	const bool unchanged = rc == -ERR_EXISTS; /* there was nothing to take */
	uint64_t cause = 0;
	if (!unchanged)
		cause = engine_version_say(e, instance,
					   &(struct version_news){ &v, VERSION_REFUSED,
								   e->d.names.script[instance],
								   done->job.cause, done, why });
	if (done->job.by_file && !unchanged)
		engine_version_alert(e, instance, ALERT_WARNING, "a new version was not taken", why,
				     cause);
	if (done->script)
		e->reload->ops->give_back(e->reload, done->script);
}

static void take(struct engine *e, const struct reload_done *done)
{
	static const char *const what[] = { "trades", "trades as a canary", "runs as a shadow" };
	_Static_assert(sizeof what / sizeof *what == reload_how_max, "words for every way");
	struct lineup *l = e->d.instance[done->job.instance].lineup;
	struct lineup_answer *a = &l->answer;
	char why[sizeof done->text];
	int rc = done->rc;
	snprintf(why, sizeof why, "%s", done->text);
	name_it(e, done);
	if (!done->job.file[0])
		memcpy(l->seen, done->sha256, sizeof l->seen);
	if (!rc && (rc = install(e, done)))
		snprintf(why, sizeof why, "%s", err_text());
	if (rc == -ERR_EXISTS) {
		snprintf(a->text, sizeof a->text, "ok: nothing to do: %.300s", why);
		refuse(e, done, rc, why);
	} else if (rc) {
		refuse(e, done, rc, why);
		snprintf(a->text, sizeof a->text, "no: %.300s; the one that trades goes on", why);
	} else {
		snprintf(a->text, sizeof a->text, "ok: version %u of %s %s; %.200s",
			 done->script->version, instance_name(e, done->job.instance),
			 what[done->job.how], why);
	}
	a->answered = done->job.number;
}

/* ---- asked for */

enum way { WAY_SWAP, WAY_CANARY, WAY_SHADOW, WAY_BACK, WAY_DROP, WAY_PROMOTE, WAY_TOLD, way_max };
_Static_assert((int)WAY_SWAP == RELOAD_SWAP && (int)WAY_CANARY == RELOAD_CANARY &&
		       (int)WAY_SHADOW == RELOAD_SHADOW,
	       "ways of coming first, in their own order");

struct wish {
	struct engine *e;
	const struct env_command *c;
	uint16_t instance;
	enum way way;
	const char *rest; /* of the argument */
	uint64_t cause;
	char why[FACT_TEXT];
	char *answer;
	size_t cap;
};

static void ask(struct wish *w)
{
	struct engine *e = w->e;
	struct desk_instance *in = &e->d.instance[w->instance];
	struct lineup_answer *a = &in->lineup->answer;
	struct reload_job job = { .number = a->asked + 1,
				  .cause = w->cause,
				  .instance = w->instance,
				  .how = (uint8_t)w->way,
				  .by_file = !w->c->id };
	size_t n = 0;
	snprintf(job.why, sizeof job.why, "%s", w->why);
	snprintf(job.file, sizeof job.file, "%s", w->rest);
	struct strategy *s = in->script;
	int rc = s && s->ops->save && !s->quarantined
			 ? s->ops->save(s, state_bytes, STRAT_SAVED_CAP, &n)
			 : 0;
	if (!rc)
		rc = e->reload->ops->ask(e->reload, &job, state_bytes, n);
	if (rc) {
		snprintf(w->answer, w->cap, "no: %s", err_text());
		return;
	}
	a->asked = job.number;
	snprintf(w->answer, w->cap, "ok: %u is being prepared", job.number);
}

/* Only the newest answer is kept; the receipts know the others. */
static void tell(struct wish *w)
{
	const struct lineup_answer *a = &w->e->d.instance[w->instance].lineup->answer;
	const uint32_t number = (uint32_t)strtoul(w->rest, NULL, 10);
	if (number && number == a->answered)
		snprintf(w->answer, w->cap, "%s", a->text);
	else if (number && number == a->asked)
		snprintf(w->answer, w->cap, "ok: %u is being prepared", number);
	else
		snprintf(
			w->answer, w->cap,
			"no: another version of %s has been asked for since; the receipts know what came of this one",
			w->c->scope);
}

static void back(struct wish *w)
{
	if (engine_version_back(w->e, w->instance, false, w->why, w->cause))
		snprintf(w->answer, w->cap, "ok: version %u trades again",
			 w->e->d.instance[w->instance].script->version);
	else
		snprintf(w->answer, w->cap, "no: there is no version to go back to");
}

static void drop_shadow(struct wish *w)
{
	struct lineup *l = w->e->d.instance[w->instance].lineup;
	struct version *v = lineup_role(l, VERSION_SHADOW);
	if (!v) {
		snprintf(w->answer, w->cap, "no: no shadow runs beside it");
		return;
	}
	const struct shadow_count c = l->shadow;
	engine_shadow_say(w->e, w->instance, v, NULL);
	engine_version_drop(w->e, w->instance, v, w->why);
	engine_version_look(w->e, &w->e->d.instance[w->instance]);
	snprintf(
		w->answer, w->cap,
		"ok: of %llu events the same in %llu, only the live one proposed in %llu, only the shadow in %llu, otherwise in %llu",
		(unsigned long long)c.events, (unsigned long long)c.same,
		(unsigned long long)c.only_live, (unsigned long long)c.only_shadow,
		(unsigned long long)c.differ);
}

/* The shadow trades from now on, with the memory of the version that it takes the place of. */
static void promote_shadow(struct wish *w)
{
	struct desk_instance *in = &w->e->d.instance[w->instance];
	struct version *v = lineup_role(in->lineup, VERSION_SHADOW);
	const uint32_t previous = w->e->d.names.script[w->instance];
	if (v->name == previous) {
		snprintf(w->answer, w->cap, "no: the shadow is the version that trades");
		return;
	}
	engine_shadow_say(w->e, w->instance, v, NULL);
	if (engine_version_install(w->e, w->instance, v, RELOAD_SWAP)) {
		snprintf(w->answer, w->cap, "no: %s; the one that trades goes on", err_text());
		return;
	}
	engine_version_say(w->e, w->instance,
			   &(struct version_news){ v, VERSION_LIVE, previous, w->cause, NULL,
						   w->why });
	snprintf(w->answer, w->cap, "ok: version %u trades, on trial", v->script->version);
}

/* A canary trades the whole size from now on. */
static void promote_canary(struct wish *w)
{
	struct desk_instance *in = &w->e->d.instance[w->instance];
	struct version *v = engine_version_live(in);
	in->lineup->trial.on = false;
	engine_version_say(w->e, w->instance,
			   &(struct version_news){ v, VERSION_LIVE, 0, w->cause, NULL, w->why });
	snprintf(w->answer, w->cap, "ok: version %u trades the whole size", v->script->version);
}

static void promote(struct wish *w)
{
	struct desk_instance *in = &w->e->d.instance[w->instance];
	const struct trial *t = &in->lineup->trial;
	if (!w->c->why[0])
		snprintf(
			w->answer, w->cap,
			"no: a version is trusted before it has earned it only with a reason: --reason TEXT");
	else if (t->on && t->how == RELOAD_CANARY)
		promote_canary(w);
	else if (lineup_role(in->lineup, VERSION_SHADOW))
		promote_shadow(w);
	else
		snprintf(w->answer, w->cap, "no: neither a canary nor a shadow is at work");
	engine_version_look(w->e, in);
}

/* clang-format off */
static const struct {
	const char *word;
	void (*act)(struct wish *w);
	bool acts; /* leaves a receipt of who asked */
} ways[] = {
	[WAY_SWAP] = { "swap", ask, true },
	[WAY_CANARY] = { "canary", ask, true },
	[WAY_SHADOW] = { "shadow", ask, true },
	[WAY_BACK] = { "back", back, true },
	[WAY_DROP] = { "drop", drop_shadow, true },
	[WAY_PROMOTE] = { "promote", promote, true },
	[WAY_TOLD] = { "told", tell, false },
};
/* clang-format on */
_Static_assert(sizeof ways / sizeof *ways == way_max, "a row for every way");

static enum way way_of(const char *arg)
{
	const size_t n = strcspn(arg, " ");
	unsigned k = 0;
	while (k < way_max && (strlen(ways[k].word) != n || strncmp(ways[k].word, arg, n) != 0))
		k++;
	return (enum way)k;
}

void engine_reload(struct engine *e, const struct env_command *c, char *answer, size_t cap)
{
	char what[24];
	struct risk_scope s;
	struct wish w = { .e = e, .c = c, .way = way_of(c->arg), .answer = answer, .cap = cap };
	if (!risk_scope_find(&e->d, c->scope, &s) || s.scope != SCOPE_INSTANCE) {
		snprintf(answer, cap, "no: no instance is called '%s'", c->scope);
	} else if (!e->reload) {
		snprintf(answer, cap, "no: this host takes no new versions");
	} else if (w.way == way_max) {
		snprintf(
			answer, cap,
			"no: a version comes by swap, canary or shadow, and goes by back, drop or promote, not by '%.20s'",
			c->arg);
	} else {
		w.instance = (uint16_t)s.index;
		w.rest = c->arg + strlen(ways[w.way].word);
		w.rest += *w.rest == ' ';
		snprintf(w.why, sizeof w.why, "told by %s%s%.80s", c->who, c->why[0] ? ": " : "",
			 c->why);
		snprintf(what, sizeof what, "reload %s", ways[w.way].word);
		if (ways[w.way].acts)
			w.cause = engine_note_operator(&e->d, c, what);
		ways[w.way].act(&w);
	}
}

void engine_reload_turn(struct engine *e)
{
	struct reload_port *p = e->reload;
	struct reload_done done;
	if (p && __builtin_expect(p->ops->take(p, &done), 0))
		take(e, &done);
}

void engine_set_reload(struct engine *e, struct reload_port *p)
{
	e->reload = p;
}
