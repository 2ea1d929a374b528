#include "core/cmd/backtest.h"

#include "core/base/err.h"
#include "core/cmd/backtest_journal.h"
#include "core/cmd/backtest_plan.h"
#include "core/cmd/bind.h"
#include "core/cmd/opening.h"
#include "core/engine.h"
#include "core/io/env_virtual.h"
#include "core/trade/recover.h"
#include "lua/config.h"
#include "store/store.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RING_BYTES   (64u << 20)
#define ROOM_LEAST   40000 /* receipts: below it the engine would begin to refuse */
#define IDLE_NS	     1000000000LL
#define LOOK_TURNS   4096 /* between two looks at the progress */
#define SAMPLE_NS    100000000LL
#define RING_WAIT_US 200

struct backtest {
	const struct backtest_options *o;
	struct config *cfg;
	bool *runs;   /* by instance */
	bool *wanted; /* by instrument */
	struct reel *reel;
	struct lua_host *lua;
	struct strategy **script;
	struct store *store; /* NULL: receipts are not kept */
	struct bt_journal journal;
	struct bt_tally tally;
	struct opening opening;
	struct env_virtual env;
	struct engine *engine;
	struct venue **venue;
	struct snapshot_page *page;
	uint64_t *known, looked; /* by instrument: samples in which its book was known */
	int64_t looked_ns;
	int64_t from_ns, to_ns, idle_ns, utc_minus_mono_ns;
	bool stopped; /* the recording is over, and the host was told to end */
	int failed;
};

/* ---------------------------------------------------------------- time */

/* The earliest message of a venue. */
static int64_t venues_next(const struct backtest *b)
{
	int64_t next = INT64_MAX;
	for (uint16_t v = 0; v < b->cfg->n_venues; v++) {
		int64_t at = paper_next(b->venue[v]);
		next = at < next ? at : next;
	}
	return next;
}

static int64_t reel_mono(const struct backtest *b)
{
	int64_t at = reel_next_ns(b->reel);
	return at == INT64_MAX ? at : at - b->utc_minus_mono_ns;
}

/* One moment: the market first, then what arrives in it, in the order of the venues. */
static void deliver(void *owner, int64_t wake_ns)
{
	struct backtest *b = owner;
	struct reel_event e;
	int64_t market = reel_mono(b), message = venues_next(b);
	int64_t at = market < message ? market : message, now = b->env.now.mono_ns;
	at = at < wake_ns ? at : wake_ns;
	at = at > now ? at : now;
	env_virtual_move(&b->env, at);
	while (!b->failed && reel_mono(b) <= at) {
		int rc = reel_next(b->reel, &e);
		if (rc == 1)
			paper_market(b->venue[e.venue], &e.ev, at, true);
		else if (rc == 0)
			break;
		else
			b->failed = rc;
	}
	for (uint16_t v = 0; v < b->cfg->n_venues; v++)
		paper_turn(b->venue[v], at);
}

/* What lies before the beginning makes the books, and nobody hears of it. */
static int warm_up(struct backtest *b)
{
	struct reel_event e;
	int rc = 0;
	while (!rc && reel_next_ns(b->reel) < b->from_ns) {
		rc = reel_next(b->reel, &e);
		if (rc != 1)
			break;
		paper_market(b->venue[e.venue], &e.ev, e.line_ns - b->utc_minus_mono_ns, false);
		if (b->o->progress && reel_stats(b->reel)->events % LOOK_TURNS == 0)
			b->o->progress(b->o->owner, e.line_ns, reel_stats(b->reel)->events);
		rc = 0;
	}
	return rc;
}

/* ---------------------------------------------------------------- opening */

static int load_script(struct backtest *b, uint16_t i)
{
	struct lua_instance_options o = bind_options(b->cfg, i);
	const struct backtest_text *t =
		b->o->script && !(b->o->strategy && b->runs[i]) ? &b->o->script[i] : NULL;
	if (t && t->text) {
		o.source = t->text;
		o.source_len = t->len;
		o.file = t->file;
	}
	o.seed = rng_next(&b->env.rng);
	int rc = lua_host_load(b->lua, &o, &b->script[i]);
	if (!rc)
		bind_legs(&b->cfg->instance[i], b->script[i]);
	return rc;
}

static int open_scripts(struct backtest *b)
{
	const struct lua_host_options o = { .memory = b->cfg->engine.script_memory,
					    .deterministic = true,
					    .skip_selftest = true };
	b->script = calloc(b->cfg->n_instances + 1u, sizeof(struct strategy *));
	int rc = b->script ? lua_host_init(&o, &b->lua) : err_set(ERR_NOMEM, "no memory");
	for (uint16_t i = 0; i < b->cfg->n_instances && !rc; i++)
		rc = err_ctx(load_script(b, i), "instance %s", b->cfg->instance[i].name);
	return rc;
}

static int open_store(struct backtest *b)
{
	const uint16_t epoch = 1;
	const uint32_t kept = epoch;
	if (!b->o->out)
		return 0;
	int rc = store_open(&(struct store_options){ .path = b->o->out, .ring_bytes = RING_BYTES },
			    &b->store);
	if (rc)
		return rc;
	if (store_last_seq(b->store))
		return err_set(
			ERR_EXISTS,
			"%s: holds receipts already, and a backtest begins with none: give a new folder",
			b->o->out);
	struct kv *kv = store_kv(b->store);
	return kv->ops->put(kv, "epoch", &kept, sizeof kept);
}

static int open_venues(struct backtest *b)
{
	struct venue_host vh = engine_venue_host(b->engine);
	int rc = 0;
	for (uint16_t v = 0; v < b->cfg->n_venues && !rc; v++) {
		int64_t way = backtest_latency_ns(b, v);
		const struct paper_options p = { .venue = v,
						 .instrument = b->cfg->instrument,
						 .book = reel_books(b->reel),
						 .n_instruments = b->cfg->n_instruments,
						 .calendar = b->cfg->calendar,
						 .n_calendars = b->cfg->n_calendars,
						 .in_ns = way,
						 .out_ns = way,
						 .utc_minus_mono_ns = b->utc_minus_mono_ns,
						 .own_clock = reel_has_clock(b->reel, v),
						 .host = vh };
		rc = paper_open(&p, &b->venue[v]);
		if (!rc)
			engine_set_venue(b->engine, v, b->venue[v]);
	}
	return rc;
}

static int open_engine(struct backtest *b)
{
	bt_journal_init(&b->journal, b->store ? store_journal(b->store) : NULL, &b->tally);
	struct engine_parts parts = { .cfg = b->cfg,
				      .instrument = b->cfg->instrument,
				      .env = &b->env.env,
				      .journal = &b->journal.journal,
				      .kv = b->store ? store_kv(b->store) : &b->journal.kv,
				      .page = b->page,
				      .names = b->opening.names,
				      .epoch = 1 };
	int rc = engine_open(&parts, &b->engine);
	for (uint16_t i = 0; i < b->cfg->n_instances && !rc; i++)
		engine_set_script(b->engine, i, b->script[i]);
	if (!rc)
		rc = open_venues(b);
	struct recover r = { 0 };
	if (!rc)
		rc = recover_begin(&r, engine_desk(b->engine));
	if (!rc)
		rc = opening_write(&b->opening, engine_desk(b->engine), 1, 0, 0);
	if (!rc)
		return recover_end(&r);
	map_free(&r.name);
	return rc;
}

/* The span that is asked for, as far as it was recorded. */
static int choose_span(struct backtest *b)
{
	int64_t first, last;
	reel_span(b->reel, &first, &last);
	b->utc_minus_mono_ns = reel_utc_minus_mono_ns(b->reel);
	b->from_ns = b->o->from_ns > first ? b->o->from_ns : first;
	b->to_ns = b->o->to_ns && b->o->to_ns < last ? b->o->to_ns : last;
	if (b->from_ns >= b->to_ns)
		return err_set(ERR_NOTFOUND,
			       "nothing is recorded in the time that --from and --to leave");
	const struct env_now now = { .mono_ns = b->from_ns - b->utc_minus_mono_ns,
				     .utc_ns = b->from_ns };
	env_virtual_init(&b->env, b->o->seed, &now, deliver, b);
	return 0;
}

static int take_memory(struct backtest *b)
{
	b->venue = calloc(b->cfg->n_venues + 1u, sizeof(struct venue *));
	b->known = calloc(b->cfg->n_instruments + 1u, sizeof *b->known);
	b->page = calloc(1, sizeof *b->page);
	if (!b->venue || !b->known || !b->page)
		return err_set(ERR_NOMEM, "no memory for a backtest");
	return bt_tally_open(&b->tally, b->cfg->n_instances, b->to_ns - b->from_ns);
}

int backtest_open(const struct backtest_options *o, struct backtest **out)
{
	struct backtest *b = calloc(1, sizeof *b);
	*out = NULL;
	if (!b)
		return err_set(ERR_NOMEM, "no memory for a backtest");
	b->o = o;
	int rc = backtest_plan(o, &b->cfg, &b->runs, &b->wanted);
	if (!rc) {
		const struct reel_options r = { .path = o->recording,
						.n_paths = o->n_recordings,
						.cfg = b->cfg,
						.wanted = b->wanted,
						.alias = o->alias,
						.n_aliases = o->n_aliases,
						.to_ns = o->to_ns };
		rc = reel_open(&r, &b->reel);
	}
	if (!rc)
		rc = choose_span(b);
	if (!rc)
		rc = take_memory(b);
	if (!rc)
		rc = open_scripts(b);
	if (!rc)
		rc = open_store(b);
	if (!rc)
		rc = opening_learn(&b->opening, b->store, b->cfg, b->script);
	if (!rc)
		rc = open_engine(b);
	if (rc)
		backtest_close(b);
	else
		*out = b;
	return rc;
}

void backtest_close(struct backtest *b)
{
	if (!b)
		return;
	for (uint16_t v = 0; b->venue && v < b->cfg->n_venues; v++)
		if (b->venue[v])
			b->venue[v]->ops->free(b->venue[v]);
	engine_free(b->engine);
	for (uint16_t i = 0; b->script && i < b->cfg->n_instances; i++)
		if (b->script[i])
			b->script[i]->ops->free(b->script[i]);
	lua_host_free(b->lua);
	if (b->store)
		(void)store_close(b->store);
	bt_journal_free(&b->journal);
	bt_tally_free(&b->tally);
	opening_free(&b->opening);
	reel_close(b->reel);
	free(b->venue);
	free(b->known);
	free(b->page);
	free(b->script);
	free(b->runs);
	free(b->wanted);
	if (b->cfg)
		config_free(b->cfg);
	free(b);
}

/* ---------------------------------------------------------------- running */

/* The writer of receipts is a thread with a disk; it is waited for, so that its pace decides nothing. */
static void wait_for_writer(struct backtest *b)
{
	const char *why;
	const struct journal *j = &b->journal.journal;
	while (j->ops->room(j) < ROOM_LEAST && !j->ops->trouble(j, &why))
		usleep(RING_WAIT_US);
}

static void idle(struct backtest *b)
{
	if (b->env.now.mono_ns - b->idle_ns < IDLE_NS)
		return;
	b->idle_ns = b->env.now.mono_ns;
	for (uint16_t i = 0; i < b->cfg->n_instances; i++)
		lua_host_idle(b->script[i]);
}

/* By the recording's time: a share of turns would say little of a quiet market, and nothing of a short recording. */
static void sample(struct backtest *b)
{
	if (b->looked && b->env.now.mono_ns - b->looked_ns < SAMPLE_NS)
		return;
	b->looked_ns = b->env.now.mono_ns;
	b->looked++;
	for (uint32_t i = 0; i < b->cfg->n_instruments; i++)
		b->known[i] += paper_knows(b->venue[b->cfg->instrument[i].venue], i);
}

static void look(struct backtest *b)
{
	if (b->o->progress)
		b->o->progress(b->o->owner, b->env.now.utc_ns, reel_stats(b->reel)->events);
}

static void stop(struct backtest *b)
{
	b->stopped = true;
	b->env.has_command = true;
	b->env.command = (struct env_command){
		.kind = CMD_STOP, .who = "backtest", .scope = "all", .why = "the recording is over"
	};
}

static int begin(struct backtest *b)
{
	struct desk *d = engine_desk(b->engine);
	int rc = warm_up(b);
	if (!rc)
		rc = engine_start(b->engine);
	for (uint16_t i = 0; i < b->cfg->n_instances && !rc; i++)
		if (!b->runs[i])
			desk_pause_instance(d, i, "not part of this backtest");
	for (uint16_t v = 0; v < b->cfg->n_venues && !rc; v++)
		paper_tell_books(b->venue[v], b->env.now.mono_ns);
	bt_tally_begin(&b->tally, b->engine);
	return rc;
}

int backtest_run(struct backtest *b)
{
	int rc = begin(b);
	for (uint64_t turn = 1; !rc && !engine_done(b->engine); turn++) {
		engine_turn(b->engine, engine_wake_ns(b->engine));
		bt_tally_turn(&b->tally);
		idle(b);
		if (!b->stopped)
			sample(b);
		if (b->store && turn % 16 == 0)
			wait_for_writer(b);
		if (turn % LOOK_TURNS == 0)
			look(b);
		if (!b->stopped && reel_next_ns(b->reel) == INT64_MAX)
			stop(b);
		rc = b->failed ? b->failed : b->tally.failed;
	}
	if (rc)
		return rc;
	look(b);
	bt_tally_close(&b->tally);
	engine_stop(b->engine);
	const char *why;
	if (b->store && b->journal.to->ops->trouble(b->journal.to, &why))
		return err_set(ERR_IO, "%s: receipts could not be kept: %s", b->o->out, why);
	return 0;
}

/* ---------------------------------------------------------------- what it was */

const struct config *backtest_config(const struct backtest *b)
{
	return b->cfg;
}

const struct bt_tally *backtest_tally(const struct backtest *b)
{
	return &b->tally;
}

const struct reel *backtest_reel(const struct backtest *b)
{
	return b->reel;
}

const struct backtest_options *backtest_options(const struct backtest *b)
{
	return b->o;
}

bool backtest_runs(const struct backtest *b, uint16_t instance)
{
	return b->runs[instance];
}

struct strategy *backtest_script(const struct backtest *b, uint16_t instance)
{
	return b->script[instance];
}

int64_t backtest_latency_ns(const struct backtest *b, uint16_t venue)
{
	return backtest_plan_latency(b->o, b->cfg, venue);
}

const struct paper_stats *backtest_venue(const struct backtest *b, uint16_t venue)
{
	return paper_stats(b->venue[venue]);
}

double backtest_known(const struct backtest *b, uint32_t instrument)
{
	return b->looked ? (double)b->known[instrument] / (double)b->looked : 0;
}

void backtest_span(const struct backtest *b, int64_t *from_ns, int64_t *to_ns)
{
	*from_ns = b->from_ns;
	*to_ns = b->to_ns;
}

const char *backtest_name(const struct backtest *b, enum name_space space, uint32_t id)
{
	if (b->store)
		return store_name_text(b->store, space, id);
	for (size_t i = 0; i < b->opening.n_fresh; i++)
		if (b->opening.fresh[i].space == space && b->opening.fresh[i].id == id)
			return b->opening.fresh[i].text;
	return NULL;
}
