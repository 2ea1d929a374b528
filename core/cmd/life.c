#include "core/cmd/life.h"
#include "core/base/digest.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/ops/config.h"
#include "core/trade/lineup.h"
#include "gen/version.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CONFIG_MOST (4u << 20)

static int keep(struct store *s, const char *what, const uint8_t sha[DIGEST_LEN], const void *p,
		size_t n)
{
	char key[INPUTS_KEY_TEXT], one;
	size_t len;
	struct kv *kv = store_kv(s);
	inputs_key(key, what, sha);
	int rc = kv->ops->get(kv, key, &one, 0, &len);
	return rc == -ERR_NOTFOUND ? kv->ops->put(kv, key, p, n) : 0;
}

/* The text that was read, if the file still is that: a replay is not to run on another one. */
static int keep_config(const struct life *l)
{
	uint8_t sha[DIGEST_LEN];
	FILE *f = fopen(l->cfg->file, "rb");
	char *text = malloc(CONFIG_MOST);
	size_t n = f && text ? fread(text, 1, CONFIG_MOST, f) : 0;
	int rc = 0;
	if (n)
		digest_sha256(text, n, sha);
	if (n && memcmp(sha, l->cfg->sha256, sizeof sha) == 0)
		rc = keep(l->store, "config", sha, text, n);
	else
		log_warn(
			"%s was changed just now: this run can only be replayed with its text as it was",
			l->cfg->file);
	if (f)
		fclose(f);
	free(text);
	return rc;
}

void life_loaded(void *arg, uint16_t instance, const struct scripts_loaded *s)
{
	const struct life *l = arg;
	struct input_script x;
	memset(&x, 0, sizeof x);
	x.role = s->back ? INPUT_BACK : s->s->ops->save ? INPUT_LIVE : INPUT_STAND_IN;
	x.seed = s->seed;
	memcpy(x.sha256, s->s->sha256, sizeof x.sha256);
	snprintf(x.file, sizeof x.file, "%s", s->s->file);
	snprintf(x.why, sizeof x.why, "%s", s->why ? s->why : "");
	x.has_memory = s->saved != NULL;
	if (s->saved) {
		digest_sha256(s->saved, s->saved_len, x.memory);
		if (keep(l->store, "memory", x.memory, s->saved, s->saved_len))
			log_warn("the memory of %s is not kept for a replay: %s", s->s->name,
				 err_text());
	}
	hear_script(l->hear, instance, &x);
}

int life_begin(const struct life *l)
{
	struct input_life *x = calloc(1, sizeof *x);
	if (!x)
		return err_set(ERR_NOMEM, "no memory to record inputs");
	x->epoch = l->epoch;
	x->has_tape = l->has_tape;
	x->has_sinks = l->has_sinks;
	x->has_reload = l->has_reload;
	x->pid = getpid();
	x->first_seq = l->first_seq;
	x->lost = store_lost(l->store);
	memcpy(x->config, l->cfg->sha256, sizeof x->config);
	snprintf(x->config_file, sizeof x->config_file, "%s", l->cfg->file);
	snprintf(x->build, sizeof x->build, "%s", TANDEM_BUILD);
	x->stat = l->page->body;
	hear_life(l->hear, x);
	free(x);
	for (size_t i = 0; i < l->opening->n_fresh; i++) {
		const struct opening_name *from = &l->opening->fresh[i];
		struct input_name n;
		memset(&n, 0, sizeof n);
		n.space = from->space;
		n.id = from->id;
		snprintf(n.text, sizeof n.text, "%s", from->text);
		hear_name(l->hear, &n);
	}
	scripts_say(l->scripts);
	return keep_config(l);
}

void life_lineups(const struct life *l, struct engine *e)
{
	struct desk *d = engine_desk(e);
	for (uint16_t i = 0; i < l->cfg->n_instances; i++) {
		struct lineup *from = d->instance[i].lineup;
		const struct version *back = lineup_role(from, VERSION_BACK);
		struct input_lineup x;
		memset(&x, 0, sizeof x);
		memcpy(x.seen, from->seen, sizeof x.seen);
		x.has_back = back != NULL;
		x.back = back ? back->name : 0;
		x.on_trial = from->trial.on;
		x.how = from->trial.how;
		x.step = from->trial.step;
		hear_lineup(l->hear, i, &x);
	}
}
