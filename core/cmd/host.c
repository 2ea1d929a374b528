#include "core/cmd/host.h"

#include "core/base/dec.h"
#include "core/base/digest.h"
#include "core/base/err.h"
#include "core/base/json_out.h"
#include "core/base/log.h"
#include "core/base/map.h"
#include "core/base/must.h"
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
#include "gen/version.h"
#include "lua/config.h"
#include "store/store.h"
#include "store/tape.h"
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SAVE_EVERY_NS 1000000000LL

/* A name given for the first time: its NAME fact is written once the engine's desk stands. */
struct host_name {
	uint8_t space;
	uint32_t id;
	char text[128];
};

struct host {
	struct config *cfg;
	struct store *store;
	struct tape *tape; /* NULL: nothing is recorded */
	struct env *env;
	struct scripts *scripts;
	struct reloader *reloader;
	struct snapshot_page *page;
	struct engine *engine;
	struct venue **venue;
	struct control *control;
	struct alert_sinks *sinks;
	struct desk_names names;
	uint32_t
		*back; /* durable numbers of the versions that could be gone back to, by instance */
	struct host_name *fresh;
	size_t n_fresh, cap_fresh;
	uint16_t epoch;
	uint64_t first_seq; /* last receipt of the life before */
	int64_t saved_ns;
	uint32_t lineups_saved; /* engine_version_changes as of then */
	bool json;
};

static int learn(struct host *h, enum name_space space, const char *text, uint32_t *id)
{
	bool is_new = false;
	int rc = store_name(h->store, space, text, id, &is_new);
	if (rc || !is_new)
		return rc;
	if (h->n_fresh == h->cap_fresh) {
		size_t cap = h->cap_fresh ? 2 * h->cap_fresh : 64;
		struct host_name *more = realloc(h->fresh, cap * sizeof *more);
		if (!more)
			return err_set(ERR_NOMEM, "no memory for names");
		h->fresh = more;
		h->cap_fresh = cap;
	}
	struct host_name *n = &h->fresh[h->n_fresh++];
	*n = (struct host_name){ .space = (uint8_t)space, .id = *id };
	snprintf(n->text, sizeof n->text, "%s", text);
	return 0;
}

static int learn_script(struct host *h, const struct strategy *s, uint32_t *id)
{
	char hex[DIGEST_HEX];
	digest_hex(s->sha256, DIGEST_LEN, hex);
	return learn(h, NAME_SCRIPT, hex, id);
}

/* The durable numbers of everything that the configuration names. */
static int learn_names(struct host *h)
{
	struct config *c = h->cfg;
	h->names = (struct desk_names){
		.venue = calloc(c->n_venues + 1u, sizeof(uint32_t)),
		.account = calloc(c->n_accounts + 1u, sizeof(uint32_t)),
		.instance = calloc(c->n_instances + 1u, sizeof(uint32_t)),
		.script = calloc(c->n_instances + 1u, sizeof(uint32_t)),
		.asset = calloc(ASSET_MAX, sizeof(uint32_t)),
	};
	h->back = calloc(c->n_instances + 1u, sizeof *h->back);
	if (!h->back || !h->names.venue || !h->names.account || !h->names.instance ||
	    !h->names.script || !h->names.asset)
		return err_set(ERR_NOMEM, "no memory for names");
	int rc = 0;
	for (unsigned i = 0; !rc && i < c->n_venues; i++)
		rc = learn(h, NAME_VENUE, c->venue[i].name, &h->names.venue[i]);
	for (unsigned i = 0; !rc && i < c->n_accounts; i++)
		rc = learn(h, NAME_ACCOUNT, c->account[i].name, &h->names.account[i]);
	for (uint32_t i = 0; !rc && i < c->n_instruments; i++)
		rc = learn(h, NAME_INSTRUMENT, c->instrument[i].name, &c->instrument[i].name_id);
	for (asset_id i = 1; !rc && i < c->assets.n; i++)
		rc = learn(h, NAME_ASSET, c->assets.name[i], &h->names.asset[i]);
	for (uint16_t i = 0; !rc && i < c->n_instances; i++) {
		const struct strategy *back = scripts_back(h->scripts, i);
		rc = learn(h, NAME_INSTANCE, c->instance[i].name, &h->names.instance[i]);
		if (!rc)
			rc = learn_script(h, scripts_of(h->scripts, i), &h->names.script[i]);
		if (!rc && back)
			rc = learn_script(h, back, &h->back[i]);
	}
	return rc;
}

static int load_scripts(struct host *h)
{
	const struct config_engine *e = &h->cfg->engine;
	const struct lua_host_options o = { .budget_ns = e->script_budget_ns,
					    .memory = e->script_memory };
	return scripts_load(h->cfg, h->store, h->env, &o, &h->scripts);
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
				   .power = c->durability_power };
	int rc = store_open(&o, &h->store);
	if (rc)
		return rc;
	if (store_recovered(h->store))
		log_info("%llu receipts of a host that was killed were taken over",
			 (unsigned long long)store_recovered(h->store));
	if (store_lost(h->store))
		log_error("%llu receipts of the life before are missing",
			  (unsigned long long)store_lost(h->store));
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

/* False: no room. A name is given once: receipts that use one which was never written could not be read. */
static bool write_names(struct host *h)
{
	struct desk *d = engine_desk(h->engine);
	for (size_t i = 0; i < h->n_fresh; i++) {
		struct fact f;
		fact_init(&f, FACT_NAME);
		f.num[0] = h->fresh[i].space;
		f.num[1] = h->fresh[i].id;
		fact_text(&f, "%s", h->fresh[i].text);
		if (!scribe_put(d, &f))
			return false;
	}
	return true;
}

static int64_t head_of(const uint8_t sha[DIGEST_LEN])
{
	int64_t v;
	memcpy(&v, sha, sizeof v);
	return v;
}

/* Of the size, in ppm; 0: the version trades all of it. */
static int32_t part_of_canary(const struct desk *d, uint16_t i)
{
	const struct trial *t = &d->instance[i].lineup->trial;
	return t->on && t->how == RELOAD_CANARY ? d->cfg->instance[i].reload.canary_ppm[t->step]
						: 0;
}

static int write_opening(struct host *h)
{
	struct desk *d = engine_desk(h->engine);
	uint8_t build[DIGEST_LEN];
	char hex[DIGEST_HEX];
	digest_sha256(TANDEM_BUILD, sizeof TANDEM_BUILD - 1, build);
	digest_hex(h->cfg->sha256, DIGEST_LEN, hex);
	struct fact f;
	fact_init(&f, FACT_SESSION_OPEN);
	f.num[0] = h->epoch;
	f.num[2] = getpid();
	f.num[3] = head_of(h->cfg->sha256);
	f.num[4] = head_of(build);
	f.num[5] = (int64_t)h->first_seq;
	fact_text(&f, "tandem %s (%s), configuration %s", TANDEM_VERSION, TANDEM_BUILD, hex);
	uint64_t opening = scribe_put(d, &f);
	bool written = opening && write_names(h);
	for (uint16_t i = 0; i < h->cfg->n_instances; i++) {
		const struct strategy *s = scripts_of(h->scripts, i);
		scribe_instance(d, &f, FACT_SCRIPT, i, opening);
		f.state = VERSION_LIVE;
		f.num[0] = s->version;
		f.num[1] = s->lines;
		f.num[2] = s->bytes;
		f.num[7] = part_of_canary(d, i);
		fact_text(&f, "%.*s", FACT_TEXT - 1, s->file);
		written = scribe_put(d, &f) && written;
	}
	return written ? 0
		       : err_set(ERR_FULL,
				 "the journal ring has no room for what opens a session; store.ring_bytes is %llu",
				 (unsigned long long)h->cfg->store.ring_bytes);
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

static int open_engine(struct host *h)
{
	struct engine_parts parts = {
		.cfg = h->cfg,
		.instrument = h->cfg->instrument,
		.env = h->env,
		.journal = store_journal(h->store),
		.kv = store_kv(h->store),
		.tape = h->tape,
		.page = h->page,
		.sinks = h->sinks,
		.names = h->names,
		.epoch = h->epoch,
	};
	int rc = engine_open(&parts, &h->engine);
	if (rc)
		return rc;
	const struct reloader_parts rp = { .cfg = h->cfg,
					   .store = h->store,
					   .lua = scripts_host(h->scripts),
					   .env = h->env,
					   .desk = engine_desk(h->engine) };
	scripts_give(h->scripts, h->engine, h->back);
	rc = reloader_open(&rp, &h->reloader);
	if (rc)
		return rc;
	engine_set_reload(h->engine, reloader_port(h->reloader));
	h->venue = calloc(h->cfg->n_venues + 1u, sizeof *h->venue);
	if (!h->venue)
		return err_set(ERR_NOMEM, "no memory for %u venues", h->cfg->n_venues);
	struct venue_host vh = engine_venue_host(h->engine);
	for (uint16_t v = 0; v < h->cfg->n_venues; v++) {
		rc = venues_open(h->cfg, v, &vh, &h->venue[v]);
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
		if (d->now.mono_ns - h->saved_ns < SAVE_EVERY_NS)
			continue;
		h->saved_ns = d->now.mono_ns;
		scripts_save(h->scripts, h->engine);
		scripts_idle(h->scripts, h->engine);
	}
	engine_stop(h->engine);
	scripts_save(h->scripts, h->engine);
	save_lineups(h);
	return tell_left(h->engine);
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
	if (h->store && store_close(h->store))
		log_error("%s", err_text());
	must_set_halt_flag(NULL);
	status_page_close(h->page);
	free(h->names.venue);
	free(h->names.account);
	free(h->names.instance);
	free(h->names.script);
	free(h->names.asset);
	free(h->fresh);
	free(h->venue);
	free(h->back);
	if (h->cfg)
		config_free(h->cfg);
	free(h);
}
