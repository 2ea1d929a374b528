#include "core/cmd/host.h"

#include "core/base/dec.h"
#include "core/base/digest.h"
#include "core/base/err.h"
#include "core/base/json_out.h"
#include "core/base/log.h"
#include "core/base/map.h"
#include "core/base/must.h"
#include "core/cmd/bind.h"
#include "core/cmd/life.h"
#include "core/cmd/opening.h"
#include "core/cmd/reloader.h"
#include "core/cmd/scripts.h"
#include "core/cmd/venues.h"
#include "core/engine.h"
#include "core/io/env_live.h"
#include "core/ops/alert_sinks.h"
#include "core/ops/control.h"
#include "core/ops/status_page.h"
#include "core/trade/recover.h"
#include "core/trade/scribe.h"
#include "core/trade/watch.h"
#include "lua/config.h"
#include "store/retention.h"
#include "store/store.h"
#include "store/tape.h"
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SAVE_EVERY_NS 1000000000LL

struct host {
	struct config *cfg;
	struct store *store;
	struct tape *tape;     /* NULL: nothing is recorded */
	struct inputs *inputs; /* the same */
	struct life life;
	struct env *env;
	struct scripts *scripts;
	struct reloader *reloader;
	struct snapshot_page *page;
	struct engine *engine;
	struct venue **venue;
	struct control *control;
	struct alert_sinks *sinks;
	struct opening opening;
	uint32_t
		*back; /* durable numbers of the versions that could be gone back to, by instance */
	uint16_t epoch;
	uint64_t first_seq; /* last receipt of the life before */
	int64_t saved_ns;
	uint32_t lineups_saved; /* engine_version_changes as of then */
	bool json;
};

/* The durable numbers of everything that the configuration names, and of the versions that could be gone back to. */
static int learn_names(struct host *h)
{
	const struct config *c = h->cfg;
	struct strategy **script = calloc(c->n_instances + 1u, sizeof(struct strategy *));
	h->back = calloc(c->n_instances + 1u, sizeof *h->back);
	int rc = script && h->back ? 0 : err_set(ERR_NOMEM, "no memory for names");
	for (uint16_t i = 0; !rc && i < c->n_instances; i++)
		script[i] = scripts_of(h->scripts, i);
	if (!rc)
		rc = opening_learn(&h->opening, h->store, h->cfg, script);
	for (uint16_t i = 0; !rc && i < c->n_instances; i++)
		if (scripts_back(h->scripts, i))
			rc = opening_learn_script(&h->opening, scripts_back(h->scripts, i),
						  &h->back[i]);
	free(script);
	return rc;
}

static void saved(void *arg, uint16_t instance, const struct strategy *s, int rc, bool told,
		  bool stopped)
{
	const struct life *l = arg;
	if (l->hear)
		hear_saved(l->hear, instance, s, rc, told, stopped);
}

static int load_scripts(struct host *h)
{
	const struct config_engine *e = &h->cfg->engine;
	const struct lua_host_options o = { .budget_ns = e->script_budget_ns,
					    .memory = e->script_memory };
	const struct scripts_ear ear = { .loaded = life_loaded, .saved = saved, .arg = &h->life };
	return scripts_load(h->cfg, h->store, h->env, &o, &ear, &h->scripts);
}

/* Counts the lives of this store: no id of one life comes again in another. */
static int next_epoch(struct host *h)
{
	struct kv *kv = store_kv(h->store);
	uint32_t epoch = 0;
	size_t n = 0;
	int rc = kv->ops->get(kv, "epoch", &epoch, sizeof epoch, &n);
	if (rc && rc != -ERR_NOTFOUND)
		return rc;
	if (++epoch > UINT16_MAX)
		return err_set(
			ERR_RANGE,
			"this store has been started %u times, which is all that its order ids allow: start a new one",
			epoch - 1);
	h->epoch = (uint16_t)epoch;
	return kv->ops->put(kv, "epoch", &epoch, sizeof epoch);
}

static int open_store(struct host *h)
{
	const struct config_store *c = &h->cfg->store;
	struct store_options o = { .path = c->path,
				   .ring = c->ring,
				   .ring_bytes = c->ring_bytes,
				   .key = c->key,
				   .checkpoint_to = c->checkpoint_to,
				   .power = c->durability_power };
	int rc = store_open(&o, &h->store);
	if (rc)
		return rc;
	if (store_recovered(h->store))
		log_info("%llu receipts of a host that was killed were taken over",
			 (unsigned long long)store_recovered(h->store));
	h->first_seq = store_last_seq(h->store);
	return next_epoch(h);
}

static int open_world(struct host *h)
{
	const struct config_engine *c = &h->cfg->engine;
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s", c->status_page[0] ? c->status_page : "");
	if (!path[0])
		snprintf(path, sizeof path, "%s/status", h->cfg->store.path);
	int rc = status_page_open(path, &h->page);
	if (rc)
		return rc;
	must_set_halt_flag(&h->page->halted);
	struct env_live_opt o = { .spin = c->spin,
				  .signals = true,
				  .delay_acks = true,
				  .clock_path = c->clock_page[0] ? c->clock_page : NULL };
	return env_live_open(&o, &h->env);
}

/* What opens the session, and who is stood in for. */
static int write_opening(struct host *h)
{
	struct desk *d = engine_desk(h->engine);
	int rc = opening_write(&h->opening, d, h->epoch, getpid(), h->first_seq);
	if (!rc)
		opening_tell_lost(d, store_lost(h->store));
	for (uint16_t i = 0; !rc && i < h->cfg->n_instances; i++) {
		struct fact f;
		if (!scripts_not_loaded(h->scripts, i)[0])
			continue;
		scribe_instance(d, &f, FACT_ALERT, i, 0);
		scribe_raise(d, &f, ALERT_QUARANTINE, "%s", scripts_not_loaded(h->scripts, i));
	}
	return rc;
}

/* Market data goes into the same store as the receipts that were made of it. */
static int open_tape(struct host *h)
{
	const struct config *c = h->cfg;
	struct tape_venue venue[TAPE_VENUES];
	bool any = false;
	for (unsigned v = 0; v < c->n_venues && v < TAPE_VENUES; v++) {
		venue[v] = (struct tape_venue){ c->venue[v].name, c->venue[v].record };
		any |= c->venue[v].record;
	}
	if (!any)
		return 0;
	if (c->n_venues > TAPE_VENUES)
		return err_set(ERR_CONFIG, "at most %d venues can be recorded", TAPE_VENUES);
	struct pack_instrument *in = calloc(c->n_instruments + 1u, sizeof *in);
	if (!in)
		return err_set(ERR_NOMEM, "no memory for a recording");
	for (uint32_t i = 0; i < c->n_instruments; i++) {
		in[i].px_dp = c->instrument[i].px_dp;
		in[i].qty_dp = c->instrument[i].qty_dp;
		memcpy(in[i].name, c->instrument[i].name, sizeof in[i].name);
		memcpy(in[i].symbol, c->instrument[i].symbol, sizeof in[i].symbol);
	}
	int rc = store_tape(h->store, venue, c->n_venues, in, c->n_instruments, &h->tape);
	free(in);
	return err_ctx(rc, "the recording");
}

/* What the engine hears is recorded where its markets are: one without the other is nothing to replay. */
static int open_life(struct host *h)
{
	int rc = h->tape ? inputs_open(h->store, h->epoch, INPUTS_LAYOUT, &h->inputs) : 0;
	if (rc || !h->inputs)
		return err_ctx(rc, "the recording of inputs");
	rc = hear_open(h->inputs, &h->life.hear);
	h->life.store = h->store;
	h->life.cfg = h->cfg;
	h->life.opening = &h->opening;
	h->life.scripts = h->scripts;
	h->life.page = h->page;
	h->life.epoch = h->epoch;
	h->life.first_seq = h->first_seq;
	h->life.has_tape = h->tape != NULL;
	h->life.has_sinks = h->sinks != NULL;
	h->life.has_reload = scripts_host(h->scripts) != NULL;
	return rc ? rc : life_begin(&h->life);
}

/* The engine's ports, with the ear in front of each. */
static void hear_parts(struct host *h, struct engine_parts *p)
{
	struct hear *ear = h->life.hear;
	if (!ear)
		return;
	p->env = hear_env(ear, h->env);
	p->journal = hear_journal(ear, p->journal, h->first_seq);
	p->tape = hear_tape(ear, h->tape);
	p->tap = hear_tap(ear, h->sinks);
	hear_outside(ear, p->outside, p->outside_arg);
}

static int open_venue(struct host *h, uint16_t v, const struct venue_host *vh)
{
	struct hear *ear = h->life.hear;
	const struct venue_host heard = ear ? hear_host(ear, v, vh) : *vh;
	int rc = venues_open(h->cfg, v, &heard, &h->venue[v]);
	struct venue *real = h->venue[v];
	if (!rc && ear && (rc = hear_venue(ear, real, h->cfg->n_instruments, &h->venue[v])))
		h->venue[v] = real;
	return rc;
}

static bool checkpoints_outside(void *store, struct alert_failure *out)
{
	memset(out, 0, sizeof *out);
	int news = store_checkpoint_news(store, out->why, sizeof out->why);
	out->sink = news == STORE_OUT_FAILS ? ALERT_STORE_FAILS : ALERT_STORE_AGAIN;
	return news != 0;
}

static int open_engine(struct host *h)
{
	int heard = open_life(h);
	if (heard)
		return heard;
	struct engine_parts parts = {
		.cfg = h->cfg,
		.instrument = h->cfg->instrument,
		.env = h->env,
		.journal = store_journal(h->store),
		.kv = store_kv(h->store),
		.tape = h->tape,
		.page = h->page,
		.sinks = h->sinks,
		.outside = checkpoints_outside,
		.outside_arg = h->store,
		.names = h->opening.names,
		.epoch = h->epoch,
	};
	hear_parts(h, &parts);
	int rc = engine_open(&parts, &h->engine);
	if (rc)
		return rc;
	const struct reloader_parts rp = { .cfg = h->cfg,
					   .store = h->store,
					   .lua = scripts_host(h->scripts),
					   .env = h->env,
					   .desk = engine_desk(h->engine) };
	scripts_give(h->scripts, h->engine, h->back);
	if (h->life.hear)
		life_lineups(&h->life, h->engine);
	rc = rp.lua ? reloader_open(&rp, &h->reloader) : 0;
	if (rc)
		return rc;
	if (h->reloader)
		engine_set_reload(h->engine, h->life.hear ? hear_reload(h->life.hear,
									reloader_port(h->reloader))
							  : reloader_port(h->reloader));
	h->venue = calloc(h->cfg->n_venues + 1u, sizeof *h->venue);
	if (!h->venue)
		return err_set(ERR_NOMEM, "no memory for %u venues", h->cfg->n_venues);
	struct venue_host vh = engine_venue_host(h->engine);
	for (uint16_t v = 0; v < h->cfg->n_venues; v++) {
		rc = open_venue(h, v, &vh);
		if (rc)
			return err_ctx(rc, "venue %s", h->cfg->venue[v].name);
		engine_set_venue(h->engine, v, h->venue[v]);
	}
	struct recover r = { 0 };
	rc = recover_begin(&r, engine_desk(h->engine));
	if (!rc)
		rc = store_recover(h->store, recover_fact, &r);
	rc = rc ? err_ctx(rc, "taking over what the life before left") : write_opening(h);
	if (!rc)
		return recover_end(&r);
	map_free(&r.name);
	return rc;
}

int host_open(const struct host_options *o, struct host **out)
{
	struct host *h = calloc(1, sizeof *h);
	struct config_errors *errs = calloc(1, sizeof *errs);
	if (!h || !errs) {
		free(h);
		free(errs);
		return err_set(ERR_NOMEM, "no memory for the host");
	}
	h->json = o->json;
	int rc = config_read(o->config, &h->cfg, errs);
	if (rc) {
		config_errors_print(errs, stderr);
		rc = err_set(ERR_CONFIG, "%s: not a configuration to run with", o->config);
	}
	free(errs);
	if (!rc)
		rc = open_store(h);
	if (!rc)
		rc = open_world(h);
	if (!rc)
		rc = load_scripts(h);
	if (!rc)
		rc = learn_names(h);
	if (!rc)
		rc = open_tape(h);
	if (!rc)
		rc = alert_sinks_open(&h->cfg->alerts, &h->sinks);
	if (!rc)
		rc = open_engine(h);
	char path[PATH_MAX];
	if (!rc) {
		snprintf(path, sizeof path, "%s/control", h->cfg->store.path);
		rc = control_open(h->cfg->engine.control[0] ? h->cfg->engine.control : path, h->env,
				  &h->control);
	}
	if (rc) {
		host_close(h);
		return rc;
	}
	*out = h;
	return 0;
}

/* Only this thread, and after the others have been started: they must not inherit the core. */
static int pin(int cpu)
{
	cpu_set_t one;
	if (cpu < 0)
		return 0;
	CPU_ZERO(&one);
	CPU_SET((unsigned)cpu, &one);
	if (sched_setaffinity(0, sizeof one, &one))
		return err_set(ERR_CONFIG, "engine.cpu is %d, which this machine does not have: %s",
			       cpu, strerror(errno));
	return 0;
}

static void say_ready(const struct host *h)
{
	char line[1024];
	struct json_out j;
	if (h->json) {
		json_out_init(&j, line, sizeof line);
		json_obj(&j, NULL);
		json_bool(&j, "ready", true);
		json_int(&j, "pid", getpid());
		json_str(&j, "store", h->cfg->store.path);
		json_obj_end(&j);
		puts(line);
	} else {
		printf("ready: pid %d, %u venues, %u instances, store %s\n", (int)getpid(),
		       h->cfg->n_venues, h->cfg->n_instances, h->cfg->store.path);
	}
	fflush(stdout);
}

/* A supervisor must be able to tell an end with something unhedged from a clean one. */
static int tell_left(struct engine *engine)
{
	struct desk *d = engine_desk(engine);
	char amount[24];
	if (d->stat.in_flight == 0 && !watch_any_uneven(d))
		return 0;
	dec_format(engine_residual_base_e8(engine), BASE_DP, 0, amount);
	return err_set(
		ERR_STATE,
		"ended with %u pairs unfinished, %u of them held, and %s base units unhedged; the next start on this store goes on with them",
		d->stat.in_flight, (unsigned)d->stat.held, amount);
}

/* At once: a kill just after a version has come, or was gone back from, must not bring the other one. */
static void save_lineups(struct host *h)
{
	const uint32_t changes = engine_version_changes(h->engine);
	if (scripts_save_lineups(h->scripts, h->engine))
		h->lineups_saved = changes;
}

int host_run(struct host *h)
{
	int rc = pin(h->cfg->engine.cpu);
	if (!rc)
		rc = engine_start(h->engine);
	if (rc)
		return rc;
	say_ready(h);
	const struct desk *d = engine_desk(h->engine);
	while (!engine_done(h->engine)) {
		engine_turn(h->engine, engine_wake_ns(h->engine));
		if (engine_version_changes(h->engine) != h->lineups_saved)
			save_lineups(h);
		scripts_idle(h->scripts, h->engine);
		if (h->life.hear)
			hear_idle(h->life.hear, &d->now);
		if (d->now.mono_ns - h->saved_ns < SAVE_EVERY_NS)
			continue;
		h->saved_ns = d->now.mono_ns;
		scripts_save(h->scripts, h->engine);
	}
	if (h->life.hear)
		hear_end(h->life.hear);
	engine_stop(h->engine);
	if (h->life.hear)
		hear_finish(h->life.hear);
	scripts_save(h->scripts, h->engine);
	save_lineups(h);
	return tell_left(h->engine);
}

/* When everything has ended, since no pair waits for it then. */
static void archive_old_days(const struct config_store *c)
{
	struct timespec now;
	uint32_t days;
	clock_gettime(CLOCK_REALTIME, &now);
	int rc = retention_apply(c->path, c->archive_to, c->keep_days,
				 (int64_t)now.tv_sec * 1000000000 + now.tv_nsec, &days);
	if (days)
		log_info("%u days of the store went to %s", days, c->archive_to);
	if (rc)
		log_error("archiving days older than %u: %s", c->keep_days, err_text());
}

void host_close(struct host *h)
{
	if (!h)
		return;
	control_close(h->control);
	for (uint16_t v = 0; h->venue && v < h->cfg->n_venues; v++)
		if (h->venue[v])
			h->venue[v]->ops->free(h->venue[v]);
	reloader_close(h->reloader);
	scripts_free(h->scripts, h->engine);
	engine_free(h->engine);
	alert_sinks_close(h->sinks);
	if (h->env)
		h->env->ops->free(h->env);
	hear_close(h->life.hear);
	inputs_close(h->inputs);
	if (h->store && store_close(h->store))
		log_error("%s", err_text());
	else if (h->store && h->cfg->store.archive_to[0])
		archive_old_days(&h->cfg->store);
	must_set_halt_flag(NULL);
	status_page_close(h->page);
	opening_free(&h->opening);
	free(h->venue);
	free(h->back);
	if (h->cfg)
		config_free(h->cfg);
	free(h);
}
