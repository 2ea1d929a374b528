#include "tests/sim/world.h"

#include "adapters/sim/ledger.h"
#include "adapters/sim/server.h"
#include "core/base/err.h"
#include "core/cmd/venue_config.h"
#include "core/cmd/venues.h"
#include "core/io/env_sim.h"
#include "core/trade/recover.h"
#include "core/trade/router.h"
#include "core/trade/scribe.h"
#include "lua/config.h"
#include "lua/host.h"
#include "tests/sim/mem_journal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND_NS   1000000000LL
#define FACTS	    400000
#define PATIENCE_NS (30 * SECOND_NS) /* for everything to end once the faults have stopped (I8) */
#define SPOT_PORT   4001
#define USDM_PORT   4002

struct world {
	const struct world_options *o;
	struct rng chance;
	struct env_sim *sim;
	struct env *host_env, *venue_env;
	struct mem_journal journal;
	struct config *cfg;
	struct lua_host *lua;
	struct strategy *script;
	struct venue *port[2];
	struct engine *engine;
	struct desk_names names;
	struct venue_setup setup;
	struct server server;
	bool venue_open;
	uint16_t epoch;
	struct demo_options demo;
	struct world_result *r;
	bool calm; /* no more faults */
};

/* ---- the venues ---- */

static int open_venue(struct world *w)
{
	int rc = env_sim_add(w->sim, "venue", &w->venue_env);
	if (!rc)
		rc = server_open(&w->server, &w->setup, w->venue_env, NULL);
	w->venue_open = rc == 0;
	return rc;
}

/* Its channels end, what it had written stays: as a SIGKILL would leave it. */
static void kill_venue(struct world *w)
{
	if (w->venue_open)
		server_close(&w->server);
	w->venue_open = false;
	w->venue_env->ops->free(w->venue_env);
	w->venue_env = NULL;
}

static int read_setup(struct world *w)
{
	static struct config_errors errs;
	char path[400];
	snprintf(path, sizeof path, "%s/venue.lua", w->demo.db);
	int rc = venue_config_read(path, &w->setup, &errs);
	if (rc)
		return err_set(ERR_CONFIG, "%s: %s", path, errs.error[0].text);
	w->setup.venue[0].port = SPOT_PORT;
	w->setup.venue[1].port = USDM_PORT;
	w->setup.generator.start_ns = 1767225600LL * SECOND_NS;
	w->setup.has_start = true;
	return 0;
}

static int write_ports(struct world *w)
{
	char path[400];
	snprintf(path, sizeof path, "%s/ports", w->demo.db);
	FILE *f = fopen(path, "we");
	if (!f)
		return err_set(ERR_IO, "%s", path);
	fprintf(f, "spot %d\nusdm %d\n", SPOT_PORT, USDM_PORT);
	fclose(f);
	return demo_write_host(&w->demo);
}

/* ---- the host ---- */

static int load_script(struct world *w)
{
	struct config_instance *in = &w->cfg->instance[0];
	static uint8_t saved[LUA_STATE_CAP];
	size_t n = 0;
	bool has =
		w->journal.kv.ops->get(&w->journal.kv, "state", saved, sizeof saved, &n) == 0 && n;
	struct lua_instance_options o = {
		.name = in->name,
		.file = in->file,
		.n_legs = in->n_legs,
		.n_refs = in->n_refs,
		.leg_name = in->leg_name,
		.ref_name = in->ref_name,
		.param = in->param,
		.n_params = in->n_params,
		.saved = has ? saved : NULL,
		.saved_len = n,
		.seed = 1,
	};
	return lua_host_load(w->lua, &o, &w->script);
}

/* Numbers for names: by their place, the same in every life. */
static int number_names(struct world *w)
{
	struct config *c = w->cfg;
	static uint32_t number[5][ASSET_MAX];
	for (int k = 0; k < 5; k++)
		for (uint32_t i = 0; i < ASSET_MAX; i++)
			number[k][i] = i + 1;
	for (uint32_t i = 0; i < c->n_instruments; i++)
		c->instrument[i].name_id = i + 1;
	w->names = (struct desk_names){ .venue = number[0],
					.account = number[1],
					.instance = number[2],
					.script = number[3],
					.asset = number[4] };
	return 0;
}

static int open_engine(struct world *w)
{
	struct engine_parts parts = { .cfg = w->cfg,
				      .instrument = w->cfg->instrument,
				      .env = w->host_env,
				      .journal = &w->journal.journal,
				      .kv = &w->journal.kv,
				      .names = w->names,
				      .epoch = ++w->epoch };
	int rc = engine_open(&parts, &w->engine);
	if (rc)
		return rc;
	engine_set_script(w->engine, 0, w->script);
	struct venue_host vh = engine_venue_host(w->engine);
	for (uint16_t v = 0; !rc && v < 2; v++) {
		rc = venues_open(w->cfg, v, &vh, &w->port[v]);
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
	snprintf(path, sizeof path, "%s/host.lua", w->demo.db);
	int rc = config_read(path, &w->cfg, &errs);
	if (rc)
		return err_set(ERR_CONFIG, "%s: %s", path, errs.error[0].text);
	for (uint16_t v = 0; v < w->cfg->n_venues; v++)
		for (int u = 0; u < venue_url_max; u++)
			w->cfg->venue[v].url[u].tls = false;
	rc = env_sim_add(w->sim, "host", &w->host_env);
	if (!rc)
		rc = load_script(w);
	if (!rc)
		rc = number_names(w);
	return rc ? rc : open_engine(w);
}

static void kill_host(struct world *w)
{
	if (!w->host_env)
		return;
	/* Nobody says goodbye: an adapter that is freed drops its connections, and the engine writes nothing. */
	for (int v = 0; v < 2; v++) {
		if (w->port[v])
			w->port[v]->ops->free(w->port[v]);
		w->port[v] = NULL;
	}
	engine_free(w->engine);
	w->engine = NULL;
	if (w->script)
		w->script->ops->free(w->script);
	w->script = NULL;
	if (w->cfg)
		config_free(w->cfg);
	w->cfg = NULL;
	w->host_env->ops->free(w->host_env);
	w->host_env = NULL;
}

/* ---- time ---- */

static enum env_sim_fate fate(void *owner, struct rng *r, const struct env_sim_flight *f)
{
	struct world *w = owner;
	(void)f;
	return !w->calm && rng_chance(r, w->o->cut_ppm) ? SIM_CUT : SIM_PASS;
}

static int host_turn(struct world *w)
{
	if (!w->calm && rng_chance(&w->chance, w->o->kill_host_ppm)) {
		kill_host(w);
		w->r->host_kills++;
		return open_host(w);
	}
	engine_turn(w->engine, engine_wake_ns(w->engine));
	return 0;
}

static int venue_turn(struct world *w)
{
	if (!w->calm && rng_chance(&w->chance, w->o->kill_venue_ppm)) {
		kill_venue(w);
		w->r->venue_kills++;
		return open_venue(w);
	}
	env_poll(w->venue_env, server_next(&w->server));
	int rc = server_turn(&w->server);
	env_flush(w->venue_env);
	return rc;
}

/* Stops the venue's own faults: what is injected in the safety phase must not keep the liveness phase from ending. */
static void calm_down(struct world *w)
{
	w->calm = true;
	for (uint16_t v = 0; v < w->setup.n_venues; v++)
		for (int f = 0; f < fault_max; f++)
			w->server.venue[v].wire.exchange.knobs->config.ppm[f] = 0;
	struct env_command stop = { .kind = CMD_STOP, .who = "sim", .scope = "all" };
	env_sim_push(w->host_env, &stop);
}

static int run_until(struct world *w, int64_t until_ns, bool until_done)
{
	int rc = 0;
	while (!rc) {
		struct env *e = env_sim_step(w->sim, until_ns);
		if (!e)
			return 0;
		w->r->turns++;
		rc = e == w->host_env ? host_turn(w) : venue_turn(w);
		if (until_done && !rc && w->engine && engine_done(w->engine))
			return 0;
	}
	return rc;
}

/* ---- the end ---- */

static void mix(uint64_t *h, const void *p, size_t n)
{
	const uint8_t *b = p;
	for (size_t i = 0; i < n; i++)
		*h = (*h ^ b[i]) * 0x100000001b3ull;
}

static void count_facts(struct world *w)
{
	struct world_result *r = w->r;
	r->receipts = w->journal.n;
	r->digest = 0xcbf29ce484222325ull;
	for (uint64_t i = 0; i < w->journal.n; i++) {
		const struct fact *f = &w->journal.fact[i];
		mix(&r->digest, f, offsetof(struct fact, venue_order));
		r->rejects += f->kind == FACT_REJECTED;
		if (f->kind != FACT_PAIR || f->num[0] == f->num[1])
			continue;
		r->pairs += f->num[1] == PAIR_SENT;
		r->hedged +=
			(uint64_t)(f->num[1] == PAIR_HEDGED) - (uint64_t)(f->num[0] == PAIR_HEDGED);
		r->flat += (uint64_t)(f->num[1] == PAIR_FLAT) - (uint64_t)(f->num[0] == PAIR_FLAT);
		r->held += (uint64_t)(f->num[1] == PAIR_HELD) - (uint64_t)(f->num[0] == PAIR_HELD);
		bool over = f->num[1] == PAIR_HEDGED || f->num[1] == PAIR_FLAT;
		r->completed += over && f->num[0] == PAIR_COMPLETING;
		r->unwound += over && f->num[0] == PAIR_UNWINDING;
	}
}

static int read_ledgers(struct world *w)
{
	static struct ledger_totals t;
	char path[400];
	for (uint16_t v = 0; v < w->setup.n_venues; v++) {
		snprintf(path, sizeof path, "%s/%s.ledger", w->setup.dir, w->setup.venue[v].name);
		int rc = ledger_totals(path, &t);
		if (!rc)
			rc = ledger_check(&t);
		if (rc)
			return rc;
		w->r->venue_residual_base_e8 += ledger_base_e8(&t, 0, "BTC");
	}
	return 0;
}

static int live(struct world *w)
{
	int64_t start = env_sim_now(w->sim);
	int rc = run_until(w, start + w->o->duration_ns, false);
	if (rc)
		return rc;
	calm_down(w);
	rc = run_until(w, env_sim_now(w->sim) + PATIENCE_NS, true);
	if (rc)
		return rc;
	struct desk *d = engine_desk(w->engine);
	w->r->settled = engine_done(w->engine) && d->stat.in_flight == d->stat.held &&
			router_unknown(d, UINT16_MAX) == 0;
	w->r->residual_base_e8 = engine_residual_base_e8(w->engine);
	w->r->tolerance_base_e8 = engine_tolerance_base_e8(w->engine);
	count_facts(w);
	return read_ledgers(w);
}

int world_run(const struct world_options *o, struct world_result *r)
{
	static bool tested;
	struct world *w = calloc(1, sizeof *w);
	struct lua_host_options lo = { .deterministic = true, .skip_selftest = tested };
	struct env_sim_opt so = {
		.seed = o->seed, .fate = fate, .owner = w, .split_ppm = 10000, .max_chans = 128
	};
	if (!w)
		return err_set(ERR_NOMEM, "no memory for a world");
	*r = (struct world_result){ 0 };
	w->o = o;
	w->r = r;
	w->demo = (struct demo_options){ .seed = o->seed,
					 .speed_milli = 1000,
					 .duration_ns = o->duration_ns };
	snprintf(w->demo.db, sizeof w->demo.db, "%s", o->dir);
	rng_seed(&w->chance, o->seed ^ 0x6b696c6c);
	int rc = mem_journal_init(&w->journal, FACTS);
	if (!rc)
		rc = env_sim_open(&so, &w->sim);
	if (!rc)
		rc = lua_host_init(&lo, &w->lua);
	tested = rc == 0;
	if (!rc)
		rc = demo_look(&w->demo);
	if (!rc)
		rc = demo_write(&w->demo);
	if (!rc)
		rc = read_setup(w);
	if (!rc)
		rc = open_venue(w);
	if (!rc)
		rc = write_ports(w);
	if (!rc)
		rc = open_host(w);
	if (!rc)
		rc = live(w);
	kill_host(w);
	if (w->venue_env)
		kill_venue(w);
	lua_host_free(w->lua);
	if (w->sim)
		env_sim_free(w->sim);
	mem_journal_free(&w->journal);
	free(w);
	return rc;
}

const char *world_wrong(const struct world_result *r)
{
	int64_t left = r->residual_base_e8 < 0 ? -r->residual_base_e8 : r->residual_base_e8;
	if (!r->settled)
		return "a pair has not ended, or an order is unknown (I8)";
	if (r->residual_base_e8 != r->venue_residual_base_e8)
		return "the host's books and the venues' ledgers disagree (I4)";
	if (r->held)
		return "a pair is held although every venue is up (R6)";
	if (left > r->tolerance_base_e8)
		return "what is left unhedged is more than odd lots (I1)";
	if (r->hedged + r->flat != r->pairs)
		return "a pair that was sent ended neither hedged nor flat (I8)";
	return NULL;
}
