#include "core/cmd/scripts.h"
#include "core/base/digest.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/cmd/bind.h"
#include "core/cmd/reloader.h"
#include "core/cmd/saver.h"
#include "core/cmd/stand_in.h"
#include "core/trade/alert.h"
#include "core/trade/lineup.h"
#include "lua/source.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOURCE_MAX  (1u << 20)
#define KEPT_FORMAT 1

/* What the store keeps of a line-up: SHA-256 of its versions, and of the configured file as it was last read. */
struct kept_lineup {
	uint32_t format;
	uint8_t live[DIGEST_LEN], back[DIGEST_LEN], seen[DIGEST_LEN]; /* all 0: none */
	uint8_t on_trial, how, step;
	uint8_t stopped; /* live is in quarantine */
};

/* What is saved of an instance while the host runs. */
enum saved { SAVED_STATE, SAVED_LINEUP, saved_max };

/* What a version was loaded with. */
struct given {
	uint64_t seed;
	void *saved;
	size_t saved_len;
};

struct script {
	struct strategy *strategy, *back;
	struct given gave[2]; /* the one that trades; the one before */
	bool is_new;	      /* the file has changed since a version of it traded */
	bool save_failed;
	uint8_t seen[DIGEST_LEN];    /* the configured file */
	char not_loaded[ALERT_TEXT]; /* why it is in quarantine from the start; empty: it is not */
	struct kept_lineup kept;     /* as the host before left it */
};

struct scripts {
	struct config *cfg;
	struct store *store;
	struct env *env;
	struct lua_host *lua;
	struct saver *saver;
	struct scripts_ear ear;
	struct script *of; /* by instance */
	char *text;	   /* of a source that is read back */
	uint16_t idle;	   /* whose collector works next */
};

static bool is_set(const uint8_t sha[DIGEST_LEN])
{
	static const uint8_t none[DIGEST_LEN];
	return memcmp(sha, none, DIGEST_LEN) != 0;
}

static void key_of(char key[80], const char *what, const struct config_instance *in)
{
	snprintf(key, 80, "%s/%s", what, in->name);
}

static void free_version(struct strategy *x)
{
	if (x)
		x->ops->free(x);
}

/* ---- loading */

static int read_kept(struct scripts *s, uint16_t i, struct kept_lineup *k)
{
	struct kv *kv = store_kv(s->store);
	char key[80];
	size_t n = 0;
	key_of(key, "lineup", &s->cfg->instance[i]);
	int rc = kv->ops->get(kv, key, k, sizeof *k, &n);
	if (rc == -ERR_NOTFOUND || (!rc && (n != sizeof *k || k->format != KEPT_FORMAT))) {
		*k = (struct kept_lineup){ .format = KEPT_FORMAT };
		return 0;
	}
	return rc;
}

/* -ERR_NOTFOUND: the store has no such text. file: where it was read, for errors. */
static int read_source(struct scripts *s, const uint8_t sha[DIGEST_LEN], size_t *len,
		       char file[256])
{
	struct kv *kv = store_kv(s->store);
	char key[RELOADER_KEY];
	size_t n = 0;
	reloader_source_key(key, "file", sha);
	if (kv->ops->get(kv, key, file, 255, &n) || n > 255)
		n = 0;
	file[n] = 0;
	reloader_source_key(key, "source", sha);
	return kv->ops->get(kv, key, s->text, SOURCE_MAX, len);
}

static const char *key_of_sha(const uint8_t sha[DIGEST_LEN], char out[80])
{
	digest_hex(sha, DIGEST_LEN, out);
	return out;
}

/* What it was given is kept for whoever hears of it. */
static void note(struct script *x, const struct strategy *of, const struct lua_instance_options *o)
{
	struct given *g = of == x->back ? &x->gave[1] : &x->gave[0];
	free(g->saved);
	*g = (struct given){ .seed = o->seed };
	g->saved = o->saved ? malloc(o->saved_len + 1) : NULL;
	if (g->saved) {
		memcpy(g->saved, o->saved, o->saved_len);
		g->saved_len = o->saved_len;
	}
}

/* Its first calls are not to be its slowest. */
static int load_warm(struct scripts *s, const struct lua_instance_options *o, struct strategy **out)
{
	struct strategy *x;
	int rc = lua_host_load(s->lua, o, &x);
	if (rc)
		return rc;
	rc = lua_host_warm(x, o->saved, o->saved_len);
	if (rc)
		x->ops->free(x);
	else
		*out = x;
	return rc;
}

static int load(struct scripts *s, uint16_t i, const uint8_t *sha, struct strategy **out)
{
	static uint8_t saved[LUA_STATE_CAP];
	struct config_instance *in = &s->cfg->instance[i];
	struct kv *kv = store_kv(s->store);
	struct lua_instance_options o = bind_options(s->cfg, i);
	char key[80], file[256];
	size_t n = 0;
	key_of(key, "state", in);
	int rc = kv->ops->get(kv, key, saved, sizeof saved, &n);
	if (rc && rc != -ERR_NOTFOUND)
		return rc;
	o.saved = rc == 0 && n ? saved : NULL;
	o.saved_len = o.saved ? n : 0;
	o.seed = env_random(s->env);
	if (sha) {
		rc = read_source(s, sha, &o.source_len, file);
		if (rc)
			return rc;
		o.source = s->text;
		o.file = file[0] ? file : o.file;
	}
	rc = load_warm(s, &o, out);
	if (!rc)
		note(&s->of[i], *out, &o);
	if (!rc || !sha || !o.saved)
		return rc;
	/* A text of the store is a version that traded, and the memory may be of the one that came after it: it begins anew rather than not at all. */
	log_warn("%s: what was remembered is not for version %.12s and is left out: %s", in->name,
		 key_of_sha(sha, key), err_text());
	o.saved = NULL;
	o.saved_len = 0;
	rc = load_warm(s, &o, out);
	if (!rc)
		note(&s->of[i], *out, &o);
	return rc;
}

static int keep_source(struct scripts *s, const struct strategy *x)
{
	size_t len;
	const char *text = lua_host_source(x, &len);
	return reloader_keep_source(s->store, x->sha256, x->file, text, len);
}

/* All 0: there is no such file, or it is no text of a script. */
static void look_at_file(const struct config_instance *in, uint8_t sha[DIGEST_LEN])
{
	struct source src = { 0 };
	memset(sha, 0, DIGEST_LEN);
	if (source_read(&src, in->file) == 0)
		memcpy(sha, src.sha256, DIGEST_LEN);
	source_free(&src);
}

/* The version that traded goes on, whatever was tried meanwhile; a file that has changed since it was last looked at is a new one. What cannot be loaded leaves the one
 * that traded. */
static int load_live(struct scripts *s, uint16_t i)
{
	struct script *x = &s->of[i];
	const struct kept_lineup *k = &x->kept;
	const struct config_instance *in = &s->cfg->instance[i];
	char why[256];
	look_at_file(in, x->seen);
	const bool same = memcmp(k->live, x->seen, DIGEST_LEN) == 0;
	if (is_set(k->live) && !same && memcmp(k->seen, x->seen, DIGEST_LEN) == 0) {
		log_warn(
			"%s: %s is not the version that traded last, and was not taken or was gone back from; the one that traded goes on",
			in->name, in->file);
		return load(s, i, k->live, &x->strategy);
	}
	int rc = load(s, i, NULL, &x->strategy);
	x->is_new = !rc && is_set(k->live) && !same;
	if (!rc || same || !is_set(k->live))
		return rc;
	snprintf(why, sizeof why, "%s", err_text());
	if (load(s, i, k->live, &x->strategy))
		return err_set(-rc, "%s", why);
	log_warn("%s: its file cannot be taken, and the version that traded goes on: %s", in->name,
		 why);
	return 0;
}

/* A version that was made for other legs is nothing to go back to. */
static bool same_legs(const struct strategy *a, const struct strategy *b)
{
	return a->n_legs == b->n_legs && a->n_refs == b->n_refs &&
	       memcmp(a->leg_name, b->leg_name, sizeof a->leg_name) == 0 &&
	       memcmp(a->ref_name, b->ref_name, sizeof a->ref_name) == 0;
}

/* What was stopped stays so: a host that is started again by itself must not try it again and again. */
static void keep_stopped(struct scripts *s, uint16_t i)
{
	struct script *x = &s->of[i];
	x->strategy->quarantined = true;
	snprintf(
		x->not_loaded, sizeof x->not_loaded,
		"still in quarantine: it was stopped before the restart, and its text is the same; mend it, or `tandem reload DB %.48s` tries it anew",
		x->strategy->name);
	log_error("%s: %s", s->cfg->instance[i].name, x->not_loaded);
}

static int load_as_left(struct scripts *s, uint16_t i)
{
	struct script *x = &s->of[i];
	const struct kept_lineup *k = &x->kept;
	int rc = read_kept(s, i, &x->kept);
	if (!rc)
		rc = load_live(s, i);
	if (rc)
		return rc;
	if (k->stopped && memcmp(k->live, x->strategy->sha256, DIGEST_LEN) == 0)
		keep_stopped(s, i);
	const uint8_t *back = x->is_new ? k->live : k->back;
	if (is_set(back) && memcmp(back, x->strategy->sha256, DIGEST_LEN) != 0 &&
	    load(s, i, back, &x->back))
		log_warn("%s: the version before cannot be gone back to: %s",
			 s->cfg->instance[i].name, err_text());
	if (x->back && !same_legs(x->back, x->strategy)) {
		x->back->ops->free(x->back);
		x->back = NULL;
	}
	if (stand_in_keep(store_kv(s->store), x->strategy))
		log_warn("what stands in for %s if it cannot be loaded was not kept: %s",
			 s->cfg->instance[i].name, err_text());
	return keep_source(s, x->strategy);
}

/* Refuses the start for what err_text says, unless pairs are open. */
static int stand_in(struct scripts *s, uint16_t i, int failed)
{
	struct script *x = &s->of[i];
	const struct config_instance *in = &s->cfg->instance[i];
	char why[512];
	snprintf(why, sizeof why, "%s", err_text());
	if (failed == -ERR_NOMEM || !stand_in_needed(s->store))
		return err_set((enum err) - failed, "%s", why);
	free_version(x->strategy);
	x->strategy = stand_in_make(store_kv(s->store), in->name, in->file);
	if (!x->strategy)
		return -ERR_NOMEM;
	log_error("%s is in quarantine from the start, only the pairs that are open go on: %s",
		  in->name, why);
	snprintf(x->not_loaded, sizeof x->not_loaded, "not loaded: %.300s", why);
	return 0;
}

int scripts_load(struct config *cfg, struct store *store, struct env *env,
		 const struct lua_host_options *o, const struct scripts_ear *ear,
		 struct scripts **out)
{
	struct scripts *s = calloc(1, sizeof *s);
	if (!s)
		return err_set(ERR_NOMEM, "no memory for the strategies");
	s->cfg = cfg;
	s->store = store;
	s->env = env;
	s->ear = ear ? *ear : (struct scripts_ear){ 0 };
	s->of = calloc(cfg->n_instances + 1u, sizeof *s->of);
	s->text = malloc(SOURCE_MAX);
	int rc = s->of && s->text
			 ? 0
			 : err_set(ERR_NOMEM, "no memory for %u instances", cfg->n_instances);
	if (!rc)
		rc = saver_open(store, (uint32_t)cfg->n_instances * saved_max, LUA_STATE_CAP,
				&s->saver);
	int no_host = rc ? 0 : lua_host_init(o, &s->lua);
	rc = rc || cfg->n_instances ? rc : no_host;
	for (uint16_t i = 0; !rc && i < cfg->n_instances; i++) {
		rc = no_host ? no_host
			     : err_ctx(load_as_left(s, i), "instance %s", cfg->instance[i].name);
		if (rc)
			rc = stand_in(s, i, rc);
		if (!rc)
			bind_legs(&cfg->instance[i], s->of[i].strategy);
	}
	if (rc) {
		scripts_free(s, NULL);
		return rc;
	}
	*out = s;
	return 0;
}

static void say_loaded(const struct scripts *s, uint16_t i)
{
	const struct script *x = &s->of[i];
	for (int back = 0; s->ear.loaded && back < 2; back++) {
		const struct scripts_loaded l = { .s = back ? x->back : x->strategy,
						  .seed = x->gave[back].seed,
						  .saved = x->gave[back].saved,
						  .saved_len = x->gave[back].saved_len,
						  .back = back,
						  .why = x->not_loaded[0] ? x->not_loaded : NULL };
		if (l.s)
			s->ear.loaded(s->ear.arg, i, &l);
	}
}

void scripts_say(const struct scripts *s)
{
	for (uint16_t i = 0; i < s->cfg->n_instances; i++)
		say_loaded(s, i);
}

struct lua_host *scripts_host(struct scripts *s)
{
	return s->lua;
}

struct strategy *scripts_of(const struct scripts *s, uint16_t instance)
{
	return s->of[instance].strategy;
}

const char *scripts_not_loaded(const struct scripts *s, uint16_t instance)
{
	return s->of[instance].not_loaded;
}

const struct strategy *scripts_back(const struct scripts *s, uint16_t instance)
{
	return s->of[instance].back;
}

void scripts_give(struct scripts *s, struct engine *e, const uint32_t *back)
{
	for (uint16_t i = 0; i < s->cfg->n_instances; i++) {
		struct script *x = &s->of[i];
		struct lineup *l = engine_desk(e)->instance[i].lineup;
		const struct kept_lineup *k = &x->kept;
		engine_set_script(e, i, x->strategy);
		memcpy(l->seen, x->seen, sizeof l->seen);
		if (x->back)
			engine_set_back(e, i, x->back, back[i]);
		if (k->on_trial && memcmp(k->live, x->strategy->sha256, DIGEST_LEN) == 0)
			engine_set_trial(e, i, (enum reload_how)k->how, k->step);
		else if (x->is_new && x->back)
			engine_set_trial(e, i, RELOAD_SWAP, 0);
	}
}

/* ---- while it runs */

static bool put(struct scripts *s, uint16_t i, enum saved what, const void *p, size_t n)
{
	static const char *const word[] = { [SAVED_STATE] = "state", [SAVED_LINEUP] = "lineup" };
	char key[80];
	key_of(key, word[what], &s->cfg->instance[i]);
	return saver_put(s->saver, (uint32_t)i * saved_max + what, key, p, n);
}

static void save_memory(struct scripts *s, struct engine *e, uint16_t i, struct strategy *live)
{
	static uint8_t buf[LUA_STATE_CAP];
	struct script *x = &s->of[i];
	size_t n = 0;
	if (live->quarantined || !live->ops->save) /* who stands in has nothing to keep */
		return;
	const uint64_t kills = live->kills;
	const int rc = lua_host_save(live, buf, sizeof buf, &n);
	if (s->ear.saved)
		s->ear.saved(s->ear.arg, i, live, rc, rc && !x->save_failed, live->kills > kills);
	if (rc) {
		if (!x->save_failed)
			engine_script_failed(e, i, live, live->kills > kills);
		x->save_failed = true; /* told once, until it works again */
		return;
	}
	x->save_failed = false;
	if (n)
		(void)put(s, i, SAVED_STATE, buf, n); /* a second later, if not now */
}

static bool save_lineup(struct scripts *s, uint16_t i, struct lineup *l)
{
	const struct version *live = lineup_role(l, VERSION_LIVE),
			     *back = lineup_role(l, VERSION_BACK);
	struct kept_lineup k = { .format = KEPT_FORMAT };
	if (live)
		memcpy(k.live, live->script->sha256, DIGEST_LEN);
	if (back)
		memcpy(k.back, back->script->sha256, DIGEST_LEN);
	memcpy(k.seen, l->seen, DIGEST_LEN);
	k.on_trial = l->trial.on;
	k.how = l->trial.on ? l->trial.how : 0;
	k.step = l->trial.on ? l->trial.step : 0;
	/* Who stands in for a script has nothing to save, and stops when it can be loaded again. */
	k.stopped = live && live->script->quarantined && live->script->ops->save;
	return put(s, i, SAVED_LINEUP, &k, sizeof k);
}

bool scripts_save_lineups(struct scripts *s, struct engine *e)
{
	bool all = true;
	for (uint16_t i = 0; i < s->cfg->n_instances; i++)
		all &= save_lineup(s, i, engine_desk(e)->instance[i].lineup);
	return all;
}

void scripts_save(struct scripts *s, struct engine *e)
{
	for (uint16_t i = 0; i < s->cfg->n_instances; i++)
		save_memory(s, e, i, engine_desk(e)->instance[i].script);
}

void scripts_idle(struct scripts *s, struct engine *e)
{
	if (s->idle >= s->cfg->n_instances)
		s->idle = 0;
	if (s->idle < s->cfg->n_instances) {
		struct strategy *live = engine_desk(e)->instance[s->idle++].script;
		if (live->ops->save) /* who stands in has nothing to collect */
			lua_host_idle(live);
	}
}

void scripts_free(struct scripts *s, struct engine *e)
{
	if (!s)
		return;
	saver_close(s->saver);
	for (uint16_t i = 0; s->of && i < s->cfg->n_instances; i++) {
		struct lineup *l = e ? engine_desk(e)->instance[i].lineup : NULL;
		for (unsigned k = 0; l && k < LINEUP_MAX; k++)
			free_version(l->v[k].script);
		if (!l) {
			free_version(s->of[i].strategy);
			free_version(s->of[i].back);
		}
	}
	for (uint16_t i = 0; s->of && i < s->cfg->n_instances; i++)
		for (int back = 0; back < 2; back++)
			free(s->of[i].gave[back].saved);
	lua_host_free(s->lua);
	free(s->of);
	free(s->text);
	free(s);
}
