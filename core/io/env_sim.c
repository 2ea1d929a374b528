#include "core/io/env_sim.h"
#include "core/base/err.h"
#include "core/io/sim.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHANS	   64
#define START_MONO 1000000000
#define START_UTC  1767225600000000000 /* 2026-01-01 */
#define TURN_NS	   1000
#define DELAY_NS   50000
#define FREE_PORT  40000

/* ---------------------------------------------------------------- time and chance */

static void now(struct env *e, struct env_now *out)
{
	const struct env_sim *w = sim_of(e)->world;
	out->mono_ns = w->now_ns;
	out->utc_ns = w->now_ns + w->utc_off;
}

static uint64_t draw(struct env *e)
{
	return rng_next(&sim_of(e)->rng);
}

/* ---------------------------------------------------------------- commands */

static bool command(struct env *env, struct env_command *out)
{
	struct sim_env *e = sim_of(env);
	if (e->n_command == 0)
		return false;
	*out = e->command[0];
	memmove(e->command, e->command + 1, --e->n_command * sizeof(*out));
	e->unsettled = true;
	return true;
}

static void reply(struct env *env, uint32_t id, const char *text)
{
	struct sim_env *e = sim_of(env);
	e->reply_id = id;
	snprintf(e->reply, sizeof(e->reply), "%s", text);
}

int env_sim_push(struct env *env, const struct env_command *c)
{
	struct sim_env *e = sim_of(env);
	if (e->n_command == SIM_COMMANDS)
		return err_set(ERR_FULL, "%d commands wait already", SIM_COMMANDS);
	e->command[e->n_command++] = *c;
	return 0;
}

uint32_t env_sim_reply(const struct env *e, const char **text)
{
	*text = sim_of(e)->reply;
	return sim_of(e)->reply_id;
}

/* ---------------------------------------------------------------- the world */

static void free_env(struct env *env)
{
	struct sim_env *e = sim_of(env);
	struct env_sim *w = e->world;
	for (uint32_t i = 0; i < w->n_chan; i++) {
		struct sim_chan *c = &w->chan[i];
		if (c->head.env != env)
			continue;
		sim_close(&c->head);
		c->phase = SIM_FREE;
		c->head.env = NULL;
	}
	for (uint32_t i = w->n_listener; i-- > 0;)
		if (w->listener[i].env == e)
			w->listener[i] = w->listener[--w->n_listener];
	for (int i = 0; i < SIM_ENVS; i++)
		if (w->env[i] == e)
			w->env[i] = NULL;
	free(e);
}

/* No machine, no time. */
/* Virtual time is the world's. */
static int64_t clock_bound_ns(struct env *e)
{
	(void)e;
	return 0;
}

static int64_t since_read_ns(struct env *e)
{
	(void)e;
	return 0;
}

static const struct env_ops ops = {
	.name = "sim",
	.now = now,
	.random = draw,
	.since_read_ns = since_read_ns,
	.clock_bound_ns = clock_bound_ns,
	.open = sim_open,
	.listen = sim_listen,
	.send = sim_send,
	.unsent = sim_unsent,
	.close = sim_close,
	.poll = sim_poll,
	.flush = sim_flush,
	.command = command,
	.reply = reply,
	.free = free_env,
};

int env_sim_open(const struct env_sim_opt *o, struct env_sim **out)
{
	struct env_sim *w = calloc(1, sizeof(*w));
	if (!w)
		return err_set(ERR_NOMEM, "no memory for a simulated world");
	w->opt = *o;
	w->opt.turn_ns = o->turn_ns > 0 ? o->turn_ns : TURN_NS;
	w->opt.delay_ns = o->delay_ns > 0 ? o->delay_ns : DELAY_NS;
	w->opt.max_chans = o->max_chans ? o->max_chans : CHANS;
	w->now_ns = o->mono_ns ? o->mono_ns : START_MONO;
	w->utc_off = (o->utc_ns ? o->utc_ns : START_UTC) - w->now_ns;
	w->free_port = FREE_PORT;
	w->digest = 0xcbf29ce484222325ull;
	rng_seed(&w->rng, o->seed);
	rng_fork(&w->rng, "links", &w->links);
	w->chan = calloc(w->opt.max_chans, sizeof(*w->chan));
	if (!w->chan) {
		free(w);
		return err_set(ERR_NOMEM, "no memory for %u simulated channels", o->max_chans);
	}
	*out = w;
	return 0;
}

int env_sim_add(struct env_sim *w, const char *name, struct env **out)
{
	int i = 0;
	while (i < SIM_ENVS && w->env[i])
		i++;
	struct sim_env *e = i < SIM_ENVS ? calloc(1, sizeof(*e)) : NULL;
	if (!e)
		return err_set(i < SIM_ENVS ? ERR_NOMEM : ERR_FULL, "no room for env \"%s\"", name);
	e->head.ops = &ops;
	e->world = w;
	e->unsettled = true;
	e->wake_ns = INT64_MAX;
	e->last_turn_ns = w->now_ns;
	snprintf(e->name, sizeof(e->name), "%s", name);
	rng_fork(&w->rng, name, &e->rng);
	w->env[i] = e;
	*out = &e->head;
	return 0;
}

void env_sim_free(struct env_sim *w)
{
	if (!w)
		return;
	for (int i = 0; i < SIM_ENVS; i++)
		if (w->env[i])
			free_env(&w->env[i]->head);
	for (uint32_t i = 0; i < w->n_chan; i++) {
		sim_wire_free(&w->chan[i].wire);
		free(w->chan[i].rx.p);
		free(w->chan[i].tx.p);
	}
	free(w->chan);
	free(w);
}

static int64_t due(const struct sim_env *e)
{
	int64_t at;
	sim_next_chan(e, &at);
	if (e->unsettled || e->n_command)
		at = 0;
	if (e->wake_ns < at)
		at = e->wake_ns;
	/* A turn takes time, or an env that is never done would keep the others from theirs. */
	int64_t least = e->last_turn_ns + e->world->opt.turn_ns;
	return at < least ? least : at;
}

struct env *env_sim_step(struct env_sim *w, int64_t until_ns)
{
	struct sim_env *next = NULL;
	int64_t at = INT64_MAX;
	for (int i = 0; i < SIM_ENVS; i++) {
		int64_t d = w->env[i] ? due(w->env[i]) : INT64_MAX;
		if (d < at) {
			at = d;
			next = w->env[i];
		}
	}
	if (!next || at > until_ns) {
		if (until_ns != INT64_MAX && w->now_ns < until_ns)
			w->now_ns = until_ns;
		return NULL;
	}
	if (w->now_ns < at)
		w->now_ns = at;
	return &next->head;
}

int64_t env_sim_now(const struct env_sim *w)
{
	return w->now_ns;
}

void env_sim_step_utc(struct env_sim *w, int64_t delta_ns)
{
	w->utc_off += delta_ns;
}

void env_sim_cut(struct env_sim *w, uint16_t port)
{
	for (uint32_t i = 0; i < w->n_chan; i++) {
		struct sim_chan *c = &w->chan[i];
		if (c->phase <= SIM_LIMBO || c->server || (port && c->port != port))
			continue;
		sim_wire_clear(&c->wire);
		if (c->peer)
			sim_wire_clear(&c->peer->wire);
		sim_cut(c, w->now_ns);
	}
}

static void freeze(struct env_sim *w, uint16_t port, bool server, bool frozen)
{
	for (uint32_t i = 0; i < w->n_chan; i++) {
		struct sim_chan *c = &w->chan[i];
		if (c->phase > SIM_LIMBO && c->server == server && (!port || c->port == port))
			c->wire.frozen = frozen;
	}
}

void env_sim_freeze(struct env_sim *w, uint16_t port, bool to_server, bool from_server)
{
	if (to_server)
		freeze(w, port, true, true);
	if (from_server)
		freeze(w, port, false, true);
}

void env_sim_thaw(struct env_sim *w, uint16_t port)
{
	freeze(w, port, true, false);
	freeze(w, port, false, false);
}

uint64_t env_sim_digest(const struct env_sim *w)
{
	return w->digest;
}
