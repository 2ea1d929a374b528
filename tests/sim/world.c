#include "tests/sim/world.h"

#include "core/base/err.h"
#include "core/cmd/venue_config.h"
#include "core/cmd/venues.h"
#include "core/trade/recover.h"
#include "lua/config.h"
#include "tests/sim/chatty.h"
#include "tests/sim/checker.h"
#include "tests/sim/director.h"
#include "tests/sim/world_parts.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FACTS 600000

/* ---- the host's scripts ---- */

void world_chatty_options(const struct world *w, uint32_t i, struct chatty_options *o)
{
	const struct config_instance *in = &w->cfg->instance[i];
	const struct world_instance *p = &w->plan.instance[i];
	bool speaks = w->o.alone == 0 || w->o.alone == i + 1;
	/* Another life proposes other things, or it would repeat to the letter what its death cut off. */
	*o = (struct chatty_options){ .seed = w->plan.seed * 1000003 + i * 101 + w->epoch,
				      .n_legs = p->n_legs,
				      .style = p->style,
				      .align = p->align,
				      .first = LEG_ANY,
				      .basis_ppm = speaks ? p->basis_ppm : 0,
				      .again_ppm = speaks ? p->again_ppm : 0,
				      .absurd_ppm = p->absurd_ppm,
				      .rest_ppm = p->rest_ppm,
				      .mixed_ppm = p->mixed_ppm,
				      .lots = p->lots,
				      .max_pos = p->max_pos,
				      .silent = !speaks };
	memcpy(o->leg_name, in->leg_name, sizeof o->leg_name);
}

static int load_chatty(struct world *w, uint32_t i)
{
	struct chatty_options o;
	world_chatty_options(w, i, &o);
	return chatty_open(&o, &w->script[i]);
}

static int load_lua(struct world *w, uint32_t i)
{
	struct config_instance *in = &w->cfg->instance[i];
	struct lua_instance_options o = {
		.name = in->name,
		.file = in->file,
		.n_legs = in->n_legs,
		.n_refs = in->n_refs,
		.leg_name = in->leg_name,
		.ref_name = in->ref_name,
		.param = in->param,
		.n_params = in->n_params,
		.seed = 1,
	};
	return lua_host_load(w->lua, &o, &w->script[i]);
}

int world_load_scripts(struct world *w)
{
	int rc = 0;
	for (uint32_t i = 0; !rc && i < w->plan.n_instances; i++)
		rc = w->plan.instance[i].kind == WORLD_CHATTY ? load_chatty(w, i) : load_lua(w, i);
	return rc;
}

/* ---- the host ---- */

/* Numbers for names: by their place, the same in every life. */
void world_number_names(struct world *w)
{
	static uint32_t number[ASSET_MAX], script[WORLD_INSTANCES];
	for (uint32_t i = 0; i < ASSET_MAX; i++)
		number[i] = i + 1;
	for (uint32_t i = 0; i < WORLD_INSTANCES; i++)
		script[i] = i + 1; /* the engine's to change */
	for (uint32_t i = 0; i < w->cfg->n_instruments; i++)
		w->cfg->instrument[i].name_id = i + 1;
	w->names = (struct desk_names){ number, number, number, script, number };
}

static int open_engine(struct world *w)
{
	struct engine_parts parts = { .cfg = w->cfg,
				      .instrument = w->cfg->instrument,
				      .env = w->host_env,
				      .journal = &w->journal.journal,
				      .kv = &w->journal.kv,
				      .names = w->names,
				      .epoch = w->epoch };
	int rc = record_parts(&w->record, w, &parts);
	if (!rc)
		rc = engine_open(&parts, &w->engine);
	if (rc)
		return rc;
	for (uint16_t i = 0; i < w->plan.n_instances; i++)
		engine_set_script(w->engine, i, w->script[i]);
	world_reload_begin(&w->reload, w);
	engine_set_reload(w->engine, record_reload(&w->record, &w->reload.port));
	struct venue_host vh = engine_venue_host(w->engine);
	for (uint16_t v = 0; !rc && v < WORLD_VENUES; v++) {
		rc = record_venue(&w->record, w, v, &vh);
		if (!rc)
			engine_set_venue(w->engine, v, w->port[v]);
	}
	struct recover r;
	if (!rc)
		rc = recover_begin(&r, engine_desk(w->engine));
	if (!rc)
		rc = mem_journal_recover(&w->journal, recover_fact, &r);
	if (!rc)
		rc = recover_end(&r);
	return rc ? rc : engine_start(w->engine);
}

static int open_host(struct world *w)
{
	static struct config_errors errs;
	char path[400];
	snprintf(path, sizeof path, "%s/host.lua", w->o.dir);
	int rc = config_read(path, &w->cfg, &errs);
	if (rc)
		return err_set(ERR_CONFIG, "%s: %s", path, errs.error[0].text);
	if (w->o.host_config)
		w->o.host_config(w->cfg);
	w->epoch++;
	w->host_back_ns = 0;
	rc = env_sim_add(w->sim, "host", &w->host_env);
	if (rc)
		return rc;
	doors_hang(w);
	world_number_names(w);
	rc = world_load_scripts(w);
	if (!rc)
		rc = open_engine(w);
	w->host_open = rc == 0;
	return rc;
}

/* Nobody says goodbye: an adapter that is freed drops its connections, what was not yet handed to the kernel is lost, and the engine writes nothing. */
static void bury_host(struct world *w)
{
	if (!w->host_env)
		return;
	w->dying = true;
	for (int v = 0; v < WORLD_VENUES; v++) {
		if (w->port[v])
			w->port[v]->ops->free(w->port[v]);
		w->port[v] = NULL;
	}
	engine_free(w->engine);
	w->engine = NULL;
	world_reload_end(&w->reload);
	for (int i = 0; i < WORLD_INSTANCES; i++) {
		if (w->script[i])
			w->script[i]->ops->free(w->script[i]);
		w->script[i] = NULL;
	}
	if (w->cfg)
		config_free(w->cfg);
	w->cfg = NULL;
	w->host_env->ops = w->plain_ops;
	w->host_env->ops->free(w->host_env);
	w->host_env = NULL;
	w->host_open = w->dying = false;
	w->door = DOOR_NONE;
	record_ended(&w->record, w);
}

void world_kill_host(struct world *w, int64_t dead_ns)
{
	if (!w->host_env)
		return;
	bury_host(w);
	w->host_kills++;
	w->host_back_ns = world_now(w) + dead_ns;
	if (w->checker)
		checker_host_died(w->checker, w->host_back_ns + 2000000000LL);
}

/* ---- the venues ---- */

static void tap(void *owner, const struct exchange_event *e)
{
	struct world_tap *t = owner;
	t->w->order_events += e->kind < EVENT_BALANCE;
	if (e->kind == EVENT_TRADE)
		t->last_trade[e->account][e->instrument] = e->trade.trade;
	if (t->w->checker)
		checker_event(t->w->checker, t->venue, e);
	if (t->hold_new && !t->holds && e->kind == EVENT_NEW) {
		t->held = *e;
		t->holds = true;
		return;
	}
	bool filled = t->holds && e->kind == EVENT_TRADE && e->order.id == t->held.order.id;
	t->swapped += filled;
	if (t->holds && !filled)
		t->fn(t->owner, &t->held);
	t->fn(t->owner, e);
	if (filled)
		t->fn(t->owner, &t->held);
	t->holds = false;
}

/* While it opened, resting orders may have met the market that went on without it: what was not told is told to the checker from the books. */
static void catch_up(struct world *w, unsigned v)
{
	struct exchange *x = &w->server.venue[v].wire.exchange;
	static const struct exchange_trade *found[4096];
	for (uint16_t a = 0; w->checker && a < x->config.n_accounts; a++)
		for (uint16_t i = 0; i < x->config.n_instruments; i++) {
			uint32_t n = exchange_trades(x, a, i, 0, w->tap[v].last_trade[a][i] + 1, 0,
						     found, sizeof found / sizeof *found);
			for (uint32_t k = 0; k < n; k++) {
				const struct exchange_order *o =
					exchange_order(x, a, i, found[k]->order, NULL);
				struct exchange_event e = { .kind = EVENT_TRADE,
							    .account = a,
							    .instrument = i,
							    .at_ns = found[k]->at_ns,
							    .trade = *found[k] };
				if (o)
					e.order = *o;
				checker_event(w->checker, v, &e);
				w->tap[v].last_trade[a][i] = found[k]->trade;
			}
		}
}

static int open_venue(struct world *w)
{
	int rc = env_sim_add(w->sim, "venue", &w->venue_env);
	if (!rc)
		rc = server_open(&w->server, &w->setup, w->venue_env, NULL);
	if (rc)
		return rc;
	w->venue_open = true;
	w->venue_back_ns = 0;
	for (unsigned v = 0; v < WORLD_VENUES; v++) {
		struct exchange *x = &w->server.venue[v].wire.exchange;
		struct world_tap *t = &w->tap[v];
		t->w = w;
		t->venue = v;
		if (w->server.venue[v].cn) {
			cn_tap(w, v);
			continue;
		}
		catch_up(w, v);
		t->fn = x->fn;
		t->owner = x->owner;
		t->hold_new = t->holds = false;
		x->fn = tap;
		x->owner = &w->tap[v];
	}
	return 0;
}

/* Its channels end, what it had written stays: as a SIGKILL would leave it. */
static void bury_venue(struct world *w)
{
	if (w->venue_open) {
		world_count(w);
		server_close(&w->server);
	}
	w->venue_open = false;
	if (w->venue_env)
		w->venue_env->ops->free(w->venue_env);
	w->venue_env = NULL;
}

int world_kill_venue(struct world *w, int64_t dead_ns)
{
	if (!w->venue_open)
		return 0;
	bury_venue(w);
	w->venue_kills++;
	w->venue_back_ns = world_now(w) + dead_ns;
	return 0;
}

struct exchange *world_exchange(struct world *w, unsigned venue)
{
	return w->venue_open ? &w->server.venue[venue].wire.exchange : NULL;
}

int64_t world_now(const struct world *w)
{
	return env_sim_now(w->sim);
}

int64_t world_venue_ns(struct world *w, unsigned venue)
{
	struct env_now now;
	env_now(w->venue_env, &now);
	return knobs_clock(&w->server.venue[venue].wire.knobs, now.utc_ns);
}

/* ---- time ---- */

static int host_turn(struct world *w)
{
	if (setjmp(w->death) == 0) {
		w->mortal = true;
		engine_turn(w->engine, engine_wake_ns(w->engine));
		w->mortal = false;
		doors_after_turn(w);
	} else {
		w->mortal = false;
		world_kill_host(w, w->dead_ns);
	}
	return 0;
}

static int venue_turn(struct world *w)
{
	env_poll(w->venue_env, server_next(&w->server));
	int rc = server_turn(&w->server);
	env_flush(w->venue_env);
	return rc;
}

/* The dead come back when their time is there. */
static int resurrect(struct world *w)
{
	int64_t now = world_now(w);
	int rc = 0;
	if (!w->venue_open && now >= w->venue_back_ns)
		rc = open_venue(w);
	if (!rc && !w->host_open && now >= w->host_back_ns)
		rc = open_host(w);
	return rc;
}

static int64_t next_birth(const struct world *w, int64_t until_ns)
{
	if (!w->venue_open && w->venue_back_ns < until_ns)
		until_ns = w->venue_back_ns;
	if (!w->host_open && w->host_back_ns < until_ns)
		until_ns = w->host_back_ns;
	return until_ns;
}

int world_run(struct world *w, int64_t until_ns)
{
	int rc = 0;
	while (!rc && world_now(w) < until_ns) {
		int64_t stop = next_birth(w, until_ns);
		if (w->director)
			stop = director_next(w->director, stop);
		struct env *e = env_sim_step(w->sim, stop);
		if (w->director)
			director_step(w->director, w);
		if (w->venue_touched && w->venue_open && e != w->venue_env)
			rc = venue_turn(w);
		w->venue_touched = false;
		/* What the director did may have ended whoever was to have this turn. */
		if (!rc && e && e == w->host_env && w->host_open)
			rc = host_turn(w);
		else if (!rc && e && e == w->venue_env && w->venue_open)
			rc = venue_turn(w);
		w->turns += e != NULL;
		if (!rc && (!w->host_open || !w->venue_open))
			rc = resurrect(w);
		if (w->checker)
			checker_tick(w->checker, world_now(w));
		if (w->calm && w->host_open && engine_done(w->engine))
			return rc;
	}
	return rc;
}

static void mend_venues(struct world *w)
{
	for (unsigned v = 0; v < WORLD_VENUES; v++) {
		struct server_venue *x = &w->server.venue[v];
		memset(x->wire.knobs.config.ppm, 0, sizeof x->wire.knobs.config.ppm);
		x->frozen_until_ns = x->feed_frozen_until_ns = 0;
		memset(x->mute_until_ns, 0, sizeof x->mute_until_ns);
		if (!x->cn)
			exchange_halt(&x->wire.exchange, 0);
		w->tap[v].hold_new = false;
	}
}

int world_replay(struct world *w, char why[RECORD_WHY])
{
	bury_host(w);
	return record_replay(&w->record, w, why);
}

int world_mend(struct world *w)
{
	w->door = DOOR_NONE;
	w->fate = (struct world_fate){ 0 };
	w->spoil = SPOIL_NONE;
	w->refuse_port = 0;
	w->journal.trouble = NULL;
	w->journal.taken = 0;
	w->venue_back_ns = w->host_back_ns = 0;
	env_sim_thaw(w->sim, 0);
	int rc = resurrect(w);
	if (!rc)
		mend_venues(w);
	return rc;
}

/* Commands of the faults' last moment are taken first. */
static int say(struct world *w, const struct env_command *c)
{
	for (int i = 0; env_sim_push(w->host_env, c); i++) {
		if (i == 100)
			return err_set(ERR_STATE, "the host takes no commands");
		int rc = world_run(w, world_now(w) + 10000000);
		if (rc)
			return rc;
	}
	return 0;
}

int world_pause(struct world *w)
{
	struct env_command c = { .kind = CMD_PAUSE, .who = "sim", .scope = "all" };
	return say(w, &c);
}

int world_stop(struct world *w)
{
	struct env_command c = { .kind = CMD_STOP, .who = "sim", .scope = "all" };
	int rc = say(w, &c);
	w->calm = rc == 0;
	return rc;
}

int world_calm(struct world *w)
{
	int rc = world_mend(w);
	return rc ? rc : world_stop(w);
}

void world_count(struct world *w)
{
	if (!w->venue_open)
		return;
	w->market_events += w->server.state.page->popped - w->popped;
	w->popped = w->server.state.page->popped;
	for (unsigned v = 0; v < WORLD_VENUES; v++) {
		struct server_venue *x = &w->server.venue[v];
		w->messages += x->frames + 2 * x->requests; /* a request is answered */
		x->frames = x->requests = 0;
	}
}

/* ---- the whole ---- */

static int read_setup(struct world *w)
{
	static struct config_errors errs;
	char path[400], cmd[500];
	snprintf(path, sizeof path, "%s/venue.lua", w->o.dir);
	int rc = venue_config_read(path, &w->setup, &errs);
	if (rc)
		return err_set(ERR_CONFIG, "%s: %s", path, errs.error[0].text);
	w->setup.generator.start_ns = w->o.as_written  ? w->o.begins_ns
				      : w->o.cn_script ? cn_begins_ns(w->o.seed)
						       : 1767225600LL * 1000000000;
	w->setup.has_start = true;
	static const char *const gone[] = { "spot.ledger",   "usdm.ledger",  "shfe.ledger",
					    "abroad.ledger", "market.state", "finished" };
	for (size_t i = 0; i < sizeof gone / sizeof *gone; i++) {
		snprintf(cmd, sizeof cmd, "%s/%s", w->setup.dir, gone[i]);
		(void)unlink(cmd);
	}
	return 0;
}

static int keep_instruments(struct world *w)
{
	size_t n = w->cfg->n_instruments * sizeof *w->instrument;
	w->instrument = malloc(n);
	if (!w->instrument)
		return err_set(ERR_NOMEM, "no memory for a world");
	memcpy(w->instrument, w->cfg->instrument, n);
	return 0;
}

int world_open(struct world *w, const struct world_options *o)
{
	static bool tested;
	struct lua_host_options lo = { .deterministic = true, .skip_selftest = tested };
	struct mem_journal journal = w->journal;
	*w = (struct world){ .o = *o, .journal = journal, .record.on = o->records };
	world_plan(&w->plan, o->seed, o->duration_ns);
	w->plan.one_group |= o->one_group;
	if (o->cn_script)
		cn_plan(&w->plan);
	if (o->as_written) {
		w->plan.n_instances = 1;
		w->plan.instance[0] = (struct world_instance){ .kind = WORLD_LUA };
	}
	struct env_sim_opt so = { .seed = o->seed,
				  .utc_ns = o->as_written  ? o->begins_ns
					    : o->cn_script ? cn_begins_ns(o->seed)
							   : 0,
				  .fate = doors_fate,
				  .owner = w,
				  .split_ppm = 2000,
				  .max_chans = 128 };
	int rc = w->journal.fact ? 0 : mem_journal_init(&w->journal, FACTS);
	mem_journal_clear(&w->journal);
	if (!rc)
		rc = env_sim_open(&so, &w->sim);
	if (!rc)
		rc = lua_host_init(&lo, &w->lua);
	tested = tested || rc == 0;
	if (!rc && !o->as_written)
		rc = o->cn_script ? cn_write(&w->plan, o->dir, o->cn_script)
				  : world_write(&w->plan, o->dir);
	if (!rc)
		rc = read_setup(w);
	if (!rc)
		rc = open_venue(w);
	if (!rc)
		rc = open_host(w);
	if (!rc)
		rc = keep_instruments(w);
	return rc;
}

void world_close(struct world *w)
{
	bury_host(w);
	bury_venue(w);
	record_free(&w->record);
	world_reload_forget(&w->reload);
	lua_host_free(w->lua);
	if (w->sim)
		env_sim_free(w->sim);
	free(w->instrument);
	w->instrument = NULL;
	w->sim = NULL;
}

void world_free(struct world *w)
{
	mem_journal_free(&w->journal);
}
