#include "core/cmd/scripts.h"
#include "core/base/digest.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/cmd/bind.h"
#include "core/cmd/reloader.h"
#include "core/cmd/stand_in.h"
#include "core/trade/alert.h"
#include "core/trade/lineup.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOURCE_MAX  (1u << 20)
#define KEPT_FORMAT 1

/* What the store keeps of a line-up. */
struct kept_lineup {
	uint32_t format;
	uint8_t live[DIGEST_LEN], back[DIGEST_LEN], rejected[DIGEST_LEN]; /* all 0: none */
	uint8_t on_trial, how, step, pad;
};

struct script {
	struct strategy *strategy, *back;
	size_t saved_len;
	bool save_failed;
	uint8_t saved_sha[DIGEST_LEN]; /* of the memory that the store has */
	char not_loaded[ALERT_TEXT];   /* why somebody stands in for it; empty: nobody does */
	struct kept_lineup kept;       /* as the store has it */
};

struct scripts {
	struct config *cfg;
	struct store *store;
	struct env *env;
	struct lua_host *lua;
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

/* -ERR_NOTFOUND: the store has no such text. */
static int read_source(struct scripts *s, const uint8_t sha[DIGEST_LEN], size_t *len)
{
	struct kv *kv = store_kv(s->store);
	char key[16 + DIGEST_HEX];
	memcpy(key, "source/", 7);
	digest_hex(sha, DIGEST_LEN, key + 7);
	return kv->ops->get(kv, key, s->text, SOURCE_MAX, len);
}

static int load(struct scripts *s, uint16_t i, const uint8_t *sha, struct strategy **out)
{
	static uint8_t saved[LUA_STATE_CAP];
	struct config_instance *in = &s->cfg->instance[i];
	struct kv *kv = store_kv(s->store);
	struct lua_instance_options o = bind_options(s->cfg, i);
	char key[80];
	size_t n = 0;
	key_of(key, "state", in);
	int rc = kv->ops->get(kv, key, saved, sizeof saved, &n);
	if (rc && rc != -ERR_NOTFOUND)
		return rc;
	o.saved = rc == 0 && n ? saved : NULL;
	o.saved_len = n;
	o.seed = env_random(s->env);
	if (sha) {
		rc = read_source(s, sha, &o.source_len);
		if (rc)
			return rc;
		o.source = s->text;
	}
	return lua_host_load(s->lua, &o, out);
}

static int keep_source(struct scripts *s, const struct strategy *x)
{
	size_t len;
	const char *text = lua_host_source(x, &len);
	return reloader_keep_source(s->store, x->sha256, text, len);
}

/* A version that was gone back from does not come again by a restart; one that was there to go back to is there again. */
static int load_as_left(struct scripts *s, uint16_t i)
{
	struct script *x = &s->of[i];
	struct config_instance *in = &s->cfg->instance[i];
	struct strategy *other;
	int rc = read_kept(s, i, &x->kept);
	if (!rc)
		rc = load(s, i, NULL, &x->strategy);
	if (rc)
		return rc;
	const struct kept_lineup *k = &x->kept;
	if (is_set(k->rejected) && is_set(k->live) &&
	    memcmp(k->rejected, x->strategy->sha256, DIGEST_LEN) == 0) {
		rc = load(s, i, k->live, &other);
		if (rc)
			return err_ctx(
				rc,
				"%s is the version that was gone back from, and the one before it",
				in->file);
		log_warn(
			"%s: %s is the version that was gone back from; the one before it goes on trading: mend the file, or take it with tandem reload",
			in->name, in->file);
		x->strategy->ops->free(x->strategy);
		x->strategy = other;
	} else if (is_set(k->back) && memcmp(k->live, x->strategy->sha256, DIGEST_LEN) == 0 &&
		   load(s, i, k->back, &x->back)) {
		log_warn("%s: the version before cannot be gone back to: %s", in->name, err_text());
	}
	if (stand_in_keep(store_kv(s->store), x->strategy))
		log_warn("what stands in for %s if it cannot be loaded was not kept: %s", in->name,
			 err_text());
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
		 const struct lua_host_options *o, struct scripts **out)
{
	struct scripts *s = calloc(1, sizeof *s);
	if (!s)
		return err_set(ERR_NOMEM, "no memory for the strategies");
	s->cfg = cfg;
	s->store = store;
	s->env = env;
	s->of = calloc(cfg->n_instances + 1u, sizeof *s->of);
	s->text = malloc(SOURCE_MAX);
	int rc = s->of && s->text
			 ? 0
			 : err_set(ERR_NOMEM, "no memory for %u instances", cfg->n_instances);
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
		engine_set_script(e, i, x->strategy);
		memcpy(l->rejected, x->kept.rejected, sizeof l->rejected);
		if (x->back)
			engine_set_back(e, i, x->back, back[i]);
		if (x->kept.on_trial && memcmp(x->kept.live, x->strategy->sha256, DIGEST_LEN) == 0)
			engine_set_trial(e, i, (enum reload_how)x->kept.how, x->kept.step);
	}
}

/* ---- while it runs */

static void put(struct scripts *s, uint16_t i, const char *what, const void *p, size_t n)
{
	struct kv *kv = store_kv(s->store);
	char key[80];
	key_of(key, what, &s->cfg->instance[i]);
	if (kv->ops->put(kv, key, p, n))
		log_warn("the %s of %s could not be saved: %s", what, s->cfg->instance[i].name,
			 err_text());
}

static void save_memory(struct scripts *s, struct engine *e, uint16_t i, struct strategy *live)
{
	static uint8_t buf[LUA_STATE_CAP];
	struct script *x = &s->of[i];
	uint8_t sha[DIGEST_LEN];
	size_t n = 0;
	if (live->quarantined || !live->ops->save) /* who stands in has nothing to keep */
		return;
	const uint64_t kills = live->kills;
	if (lua_host_save(live, buf, sizeof buf, &n)) {
		if (!x->save_failed)
			engine_script_failed(e, i, live, live->kills > kills);
		x->save_failed = true; /* told once, until it works again */
		return;
	}
	x->save_failed = false;
	if (n == 0)
		return;
	digest_sha256(buf, n, sha);
	if (x->saved_len == n && memcmp(sha, x->saved_sha, sizeof sha) == 0)
		return;
	put(s, i, "state", buf, n);
	x->saved_len = n;
	memcpy(x->saved_sha, sha, sizeof sha);
}

static void save_lineup(struct scripts *s, uint16_t i, struct lineup *l)
{
	const struct version *live = lineup_role(l, VERSION_LIVE),
			     *back = lineup_role(l, VERSION_BACK);
	struct kept_lineup k = { .format = KEPT_FORMAT };
	if (live)
		memcpy(k.live, live->script->sha256, DIGEST_LEN);
	if (back)
		memcpy(k.back, back->script->sha256, DIGEST_LEN);
	memcpy(k.rejected, l->rejected, DIGEST_LEN);
	k.on_trial = l->trial.on;
	k.how = l->trial.on ? l->trial.how : 0;
	k.step = l->trial.on ? l->trial.step : 0;
	if (memcmp(&k, &s->of[i].kept, sizeof k) == 0)
		return;
	put(s, i, "lineup", &k, sizeof k);
	s->of[i].kept = k;
}

void scripts_save(struct scripts *s, struct engine *e)
{
	const struct desk *d = engine_desk(e);
	for (uint16_t i = 0; i < s->cfg->n_instances; i++) {
		save_lineup(s, i, d->instance[i].lineup);
		save_memory(s, e, i, d->instance[i].script);
	}
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
	for (uint16_t i = 0; s->of && i < s->cfg->n_instances; i++) {
		struct lineup *l = e ? engine_desk(e)->instance[i].lineup : NULL;
		for (unsigned k = 0; l && k < LINEUP_MAX; k++)
			free_version(l->v[k].script);
		if (!l) {
			free_version(s->of[i].strategy);
			free_version(s->of[i].back);
		}
	}
	lua_host_free(s->lua);
	free(s->of);
	free(s->text);
	free(s);
}
