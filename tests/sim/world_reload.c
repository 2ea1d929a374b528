#include "tests/sim/world_reload.h"

#include "core/base/err.h"
#include "core/base/must.h"
#include "tests/sim/chatty.h"
#include "tests/sim/world_parts.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_NAME 1000 /* below are those of the versions that a host starts with */

static struct world_reload *of(struct reload_port *p)
{
	return (struct world_reload *)p;
}

static int ask(struct reload_port *p, const struct reload_job *what, const void *saved, size_t len)
{
	struct world_reload *r = of(p);
	struct world_job *free_one = NULL;
	(void)saved;
	(void)len;
	for (int i = 0; i < WORLD_JOBS; i++) {
		struct world_job *j = &r->job[i];
		if (j->busy && j->what.instance == what->instance)
			return err_set(ERR_BUSY, "a version of it is being prepared already");
		if (!j->busy)
			free_one = j;
	}
	if (!free_one)
		return err_set(ERR_LIMIT, "no room");
	*free_one = (struct world_job){ .what = *what,
					.turns = (uint32_t)rng_below(&r->dice, 200),
					.busy = true };
	return 0;
}

static void keep_how(struct world_reload *r, const struct chatty_options *o)
{
	if (r->names == r->cap) {
		const uint32_t cap = r->cap ? 2 * r->cap : 64;
		struct chatty_options *more = realloc(r->how, cap * sizeof *more);
		must(more);
		r->how = more;
		r->cap = cap;
	}
	r->how[r->names] = *o;
}

/* One in four does not compile; of the others half fail sooner or later, some in their first call. */
static void make(struct world_reload *r, const struct reload_job *job, struct reload_done *d)
{
	int at = 0;
	struct chatty_options o;
	*d = (struct reload_done){ .job = *job };
	while (at < WORLD_VERSIONS && r->made[at])
		at++;
	world_chatty_options(r->w, job->instance, &o);
	o.seed ^= rng_next(&r->dice);
	o.fails_after = rng_below(&r->dice, 2) ? (uint32_t)rng_below(&r->dice, 300) : 0;
	d->rc = at == WORLD_VERSIONS || rng_chance(&r->dice, 250000)
			? err_set(ERR_SCRIPT, "chatty.c:1: no such version")
			: chatty_open(&o, &d->script);
	if (d->rc) {
		snprintf(d->text, sizeof d->text, "%s", err_text());
		return;
	}
	r->made[at] = d->script;
	keep_how(r, &o);
	d->name = FIRST_NAME + ++r->names;
	d->name_is_new = true;
	memcpy(d->script->sha256, &d->name, sizeof d->name);
	memcpy(d->sha256, d->script->sha256, sizeof d->sha256);
	d->script->version = r->names;
	r->taken++;
}

static bool take(struct reload_port *p, struct reload_done *out)
{
	struct world_reload *r = of(p);
	for (int i = 0; i < WORLD_JOBS; i++) {
		struct world_job *j = &r->job[i];
		if (!j->busy || j->turns-- > 0)
			continue;
		j->busy = false;
		make(r, &j->what, out);
		return true;
	}
	return false;
}

void world_reload_give_back(struct world_reload *r, struct strategy *s)
{
	for (int i = 0; i < WORLD_VERSIONS; i++)
		if (r->made[i] == s) {
			r->made[i] = NULL;
			s->ops->free(s);
			return;
		}
	/* One that the host began with: the world frees it. */
}

static void give_back(struct reload_port *p, struct strategy *s)
{
	of(p)->given_back++;
	world_reload_give_back(of(p), s);
}

int world_reload_again(struct world_reload *r, uint32_t name, struct strategy **out)
{
	int at = 0;
	if (name <= FIRST_NAME || name > FIRST_NAME + r->names)
		return err_set(ERR_NOTFOUND, "no version was called %u", name);
	while (at < WORLD_VERSIONS && r->made[at])
		at++;
	if (at == WORLD_VERSIONS)
		return err_set(ERR_FULL, "too many versions at once");
	int rc = chatty_open(&r->how[name - FIRST_NAME - 1], out);
	if (rc)
		return rc;
	r->made[at] = *out;
	memcpy((*out)->sha256, &name, sizeof name);
	(*out)->version = name - FIRST_NAME;
	return 0;
}

void world_reload_forget(struct world_reload *r)
{
	free(r->how);
	r->how = NULL;
	r->cap = 0;
}

static const struct reload_ops ops = { ask, take, give_back };

void world_reload_begin(struct world_reload *r, struct world *w)
{
	const uint32_t names = r->names;
	const uint64_t taken = r->taken, back = r->given_back;
	struct chatty_options *how = r->how;
	const uint32_t cap = r->cap;
	*r = (struct world_reload){ .port.ops = &ops,
				    .w = w,
				    .names = names,
				    .how = how,
				    .cap = cap,
				    .taken = taken,
				    .given_back = back };
	rng_seed(&r->dice, w->plan.seed * 7919 + w->epoch);
}

void world_reload_end(struct world_reload *r)
{
	for (int i = 0; i < WORLD_VERSIONS; i++) {
		if (r->made[i])
			r->made[i]->ops->free(r->made[i]);
		r->made[i] = NULL;
	}
}
