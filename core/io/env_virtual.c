#include "core/io/env_virtual.h"
#include "core/base/err.h"
#include "core/base/must.h"

static struct env_virtual *of(struct env *e)
{
	return (struct env_virtual *)e;
}

static void now(struct env *e, struct env_now *out)
{
	*out = of(e)->now;
}

static uint64_t draw(struct env *e)
{
	return rng_next(&of(e)->rng);
}

/* No machine, no time; and the clock is the world's. */
static int64_t nothing(struct env *e)
{
	(void)e;
	return 0;
}

static int no_channel(void)
{
	return err_set(ERR_UNSUPPORTED, "there are no connections in virtual time");
}

static int open_none(struct env *e, const struct env_peer *p, const struct chan_handler *h,
		     void *owner, struct chan **out)
{
	(void)e, (void)p, (void)h, (void)owner, (void)out;
	return no_channel();
}

static int listen_none(struct env *e, const struct env_peer *p, chan_accept_fn accept, void *owner,
		       uint16_t *port_out)
{
	(void)e, (void)p, (void)accept, (void)owner, (void)port_out;
	return no_channel();
}

static void poll(struct env *e, int64_t wake_ns)
{
	of(e)->deliver(of(e)->owner, wake_ns);
}

static void flush(struct env *e)
{
	(void)e;
}

static bool command(struct env *e, struct env_command *out)
{
	struct env_virtual *v = of(e);
	bool any = v->has_command;
	if (any)
		*out = v->command;
	v->has_command = false;
	return any;
}

static void reply(struct env *e, uint32_t id, const char *text)
{
	(void)e, (void)id, (void)text;
}

static const struct env_ops ops = {
	.name = "virtual",
	.now = now,
	.random = draw,
	.since_read_ns = nothing,
	.clock_bound_ns = nothing,
	.open = open_none,
	.listen = listen_none,
	.poll = poll,
	.flush = flush,
	.command = command,
	.reply = reply,
};

void env_virtual_init(struct env_virtual *e, uint64_t seed, const struct env_now *start,
		      void (*deliver)(void *owner, int64_t wake_ns), void *owner)
{
	*e = (struct env_virtual){
		.env.ops = &ops, .now = *start, .deliver = deliver, .owner = owner
	};
	rng_seed(&e->rng, seed);
}

void env_virtual_move(struct env_virtual *e, int64_t mono_ns)
{
	must(mono_ns >= e->now.mono_ns);
	e->now.utc_ns += mono_ns - e->now.mono_ns;
	e->now.mono_ns = mono_ns;
}
