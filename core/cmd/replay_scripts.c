/* replay_scripts - the scripts of a recorded life: the same texts, memories and seeds, none stopped by a clock. */
#include "core/base/err.h"
#include "core/cmd/bind.h"
#include "core/cmd/reloader.h"
#include "core/cmd/replay_parts.h"
#include "core/cmd/stand_in.h"
#include <stdio.h>
#include <stdlib.h>

#define SOURCE_MOST (1u << 20)

static int source_of(struct again *a, const uint8_t sha[32], size_t *len)
{
	char key[RELOADER_KEY];
	reloader_source_key(key, "source", sha);
	int rc = reader_value(a->reader, key, a->text, SOURCE_MOST, len);
	return rc ? err_ctx(rc, "the text of a script, %s", key) : 0;
}

static int load(struct again *a, uint16_t instance, const uint8_t sha[32], const char *file,
		const void *saved, size_t saved_len, uint64_t seed, struct strategy **out)
{
	struct lua_instance_options o = bind_options(a->cfg, instance);
	int rc = source_of(a, sha, &o.source_len);
	if (rc)
		return rc;
	o.source = a->text;
	o.file = file;
	o.saved = saved_len ? saved : NULL;
	o.saved_len = saved_len;
	o.seed = seed;
	return lua_host_load(a->lua, &o, out);
}

/* What its dry run did was undone then, so it is not made again. */
int replay_version(void *owner, const struct input_taken *t, int64_t asked_utc_ns,
		   const void *saved, size_t len, struct strategy **s)
{
	struct again *a = owner;
	if (t->done.job.instance >= a->cfg->n_instances)
		return err_set(ERR_CORRUPT, "it is of no instance");
	int rc = load(a, t->done.job.instance, t->done.sha256, t->file, saved, len,
		      (uint64_t)asked_utc_ns, s);
	if (!rc && len)
		rc = (*s)->ops->restore(*s, saved, len);
	return rc;
}

static int kv_get(struct kv *kv, const char *key, void *buf, size_t cap, size_t *len)
{
	struct again *a = (struct again *)((char *)kv - offsetof(struct again, kv));
	return reader_value(a->reader, key, buf, cap, len);
}

static int kv_put(struct kv *kv, const char *key, const void *p, size_t n)
{
	(void)kv, (void)key, (void)p, (void)n;
	return err_set(ERR_STATE, "a replay writes nothing");
}

static const struct kv_ops kv_ops = { kv_get, kv_put };

void replay_kv(struct again *a)
{
	a->kv.ops = &kv_ops;
}

/* For who watches: as it was before its first call. */
static int keep_loaded(struct again *a, uint16_t i, const char *file, size_t saved_len)
{
	struct replay_loaded *l = &a->loaded[i];
	const char *text = lua_host_source(a->script[i], &l->len);
	snprintf(l->file, sizeof l->file, "%s", file);
	l->text = malloc(l->len + 1);
	l->saved = saved_len ? malloc(saved_len) : NULL;
	l->saved_len = saved_len;
	if (!l->text || (saved_len && !l->saved))
		return err_set(ERR_NOMEM, "no memory for a replay");
	memcpy(l->text, text, l->len);
	l->text[l->len] = '\0';
	if (saved_len)
		memcpy(l->saved, a->saved, saved_len);
	return 0;
}

static int load_one(struct again *a, uint16_t i, const struct input_script *x)
{
	size_t n = 0;
	char key[INPUTS_KEY_TEXT];
	int rc = 0;
	if (x->role != INPUT_BACK)
		memcpy(a->not_loaded[i], x->why, sizeof a->not_loaded[i]);
	if (x->role == INPUT_STAND_IN) {
		a->script[i] = stand_in_make(&a->kv, a->cfg->instance[i].name, x->file);
		return a->script[i] ? 0 : -ERR_NOMEM;
	}
	if (x->has_memory) {
		inputs_key(key, "memory", x->memory);
		rc = err_ctx(reader_value(a->reader, key, a->saved, sizeof a->saved, &n), "%s",
			     key);
	}
	if (!rc)
		rc = load(a, i, x->sha256, x->file, a->saved, n, x->seed,
			  x->role == INPUT_BACK ? &a->back[i] : &a->script[i]);
	if (rc || x->role == INPUT_BACK)
		return rc;
	a->script[i]->quarantined = x->why[0] != '\0';
	return keep_loaded(a, i, x->file, n);
}

int replay_load_scripts(struct again *a)
{
	const struct lua_host_options o = { .memory = a->cfg->engine.script_memory,
					    .deterministic = true,
					    .skip_selftest = true };
	struct retell_entry e;
	const uint16_t n = a->cfg->n_instances;
	int rc = lua_host_init(&o, &a->lua);
	while (!rc && retell_take(a->told, INPUT_SCRIPT, sizeof(struct input_script), &e))
		rc = e.who < n ? err_ctx(load_one(a, e.who, e.p), "instance %s",
					 a->cfg->instance[e.who].name)
			       : err_set(ERR_CORRUPT, "a script of no instance");
	for (uint16_t i = 0; i < n && !rc; i++)
		if (a->script[i])
			bind_legs(&a->cfg->instance[i], a->script[i]);
		else
			rc = err_set(ERR_CORRUPT, "the script of %s is not recorded",
				     a->cfg->instance[i].name);
	return rc;
}

int replay_give_scripts(struct again *a)
{
	struct retell_entry e;
	for (uint16_t i = 0; i < a->cfg->n_instances; i++) {
		struct lineup *l = engine_desk(a->engine)->instance[i].lineup;
		engine_set_script(a->engine, i, a->script[i]);
		a->given = true;
		const struct input_lineup *x;
		if (!retell_take(a->told, INPUT_LINEUP, sizeof *x, &e) || e.who != i)
			return err_set(ERR_CORRUPT, "what traded before is not recorded");
		x = e.p;
		memcpy(l->seen, x->seen, sizeof l->seen);
		if (x->has_back && a->back[i])
			engine_set_back(a->engine, i, a->back[i], x->back);
		if (x->on_trial)
			engine_set_trial(a->engine, i, (enum reload_how)x->how, x->step);
	}
	return 0;
}
