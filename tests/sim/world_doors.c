/* Where the host may die: before and after every write to its journal, every write to a socket, and amid a flush. And what becomes of flights. */
#include "tests/sim/checker.h"
#include "tests/sim/director.h"
#include "tests/sim/world_parts.h"
#include <string.h>

#define SYNC_NS 300000 /* a disk that is waited for */

static const char *const names[] = { "none",	   "before_fact",  "after_fact", "before_send",
				     "after_send", "before_flush", "amid_flush", "after_flush" };
_Static_assert(sizeof names / sizeof *names == world_door_max, "a name for every door");

const char *world_door_name(enum world_door d)
{
	return d < world_door_max ? names[d] : "?";
}

static void pass(struct world *w, enum world_door d)
{
	if (w->door != d || !w->mortal || --w->door_left)
		return;
	w->door = DOOR_NONE;
	w->mortal = false;
	if (w->director)
		director_host_died(w->director);
	longjmp(w->death, 1);
}

void world_kill_host_at(struct world *w, enum world_door d, uint32_t after, int64_t dead_ns)
{
	w->door = (uint8_t)d;
	w->door_left = after ? after : 1;
	w->dead_ns = dead_ns;
}

static void before_fact(void *owner, const struct fact *f)
{
	(void)f;
	pass(owner, DOOR_BEFORE_FACT);
}

static void after_fact(void *owner, const struct fact *f)
{
	struct world *w = owner;
	if (w->checker)
		checker_fact(w->checker, f);
	if (w->heard)
		w->heard(w->heard_by, f);
	pass(w, DOOR_AFTER_FACT);
}

static struct world *world_of(struct env *e)
{
	return (struct world *)((char *)e->ops - offsetof(struct world, host_ops));
}

static int send(struct chan *c, const void *p, size_t n)
{
	struct world *w = world_of(c->env);
	pass(w, DOOR_BEFORE_SEND);
	int rc = w->plain_ops->send(c, p, n);
	pass(w, DOOR_AFTER_SEND);
	return rc;
}

static void flush(struct env *e)
{
	struct world *w = world_of(e);
	pass(w, DOOR_BEFORE_FLUSH);
	w->flushed = 0;
	w->plain_ops->flush(e);
	if (w->flushed)
		pass(w, DOOR_AFTER_FLUSH);
}

static int64_t now_of(const void *owner)
{
	return world_now(owner);
}

void doors_hang(struct world *w)
{
	w->plain_ops = w->host_env->ops;
	w->host_ops = *w->plain_ops;
	w->host_ops.send = send;
	w->host_ops.flush = flush;
	w->host_env->ops = &w->host_ops;
	w->journal.owner = w;
	w->journal.now_ns = now_of;
	w->journal.sync_ns = w->plan.power ? SYNC_NS : 0;
	w->journal.before = before_fact;
	w->journal.after = after_fact;
}

void doors_after_turn(struct world *w)
{
	if (!w->torn)
		return;
	w->torn = false;
	if (w->director)
		director_host_died(w->director);
	world_kill_host(w, w->dead_ns);
}

/* What no text has: a digit turned into another is what checksums below are for, and nobody here could tell it from the truth. */
static void spoil(struct world *w, const struct env_sim_flight *f)
{
	uint8_t *p = (uint8_t *)(uintptr_t)f->p;
	if (w->spoil == SPOIL_FRAME) {
		p[rng_below(&w->spoil_dice, 2)] ^= (uint8_t)(1 + rng_below(&w->spoil_dice, 255));
	} else {
		for (uint64_t k = 1 + rng_below(&w->spoil_dice, 6); k-- > 0;)
			p[rng_below(&w->spoil_dice, f->n)] =
				(uint8_t)(0xf8 | rng_below(&w->spoil_dice, 8));
	}
	w->spoil = SPOIL_NONE;
}

static bool planned(struct world *w, const struct env_sim_flight *f)
{
	const struct world_fate *t = &w->fate;
	return t->count && (!t->port || t->port == f->port) && t->to_server == f->to_server &&
	       (!t->min || (f->n >= t->min && f->n <= t->max));
}

enum env_sim_fate doors_fate(void *owner, struct rng *r, const struct env_sim_flight *f)
{
	struct world *w = owner;
	bool host = f->to_server;
	(void)r;
	if (!f->n)
		return w->refuse_port && (w->refuse_port == f->port || w->refuse_port == UINT16_MAX)
			       ? SIM_CUT
			       : SIM_PASS;
	if (host && (w->dying || w->torn))
		return SIM_DROP;
	w->flushed += host;
	if (host && w->door == DOOR_AMID_FLUSH && w->mortal && --w->door_left == 0) {
		w->door = DOOR_NONE;
		w->torn = true;
	}
	if (planned(w, f)) {
		w->fate.count--;
		w->fate_hits++;
		return (enum env_sim_fate)w->fate.what;
	}
	if (w->spoil && f->port == w->spoil_port && f->to_server == w->spoil_to_server && f->n > 8)
		spoil(w, f);
	w->flights++;
	return SIM_PASS;
}
