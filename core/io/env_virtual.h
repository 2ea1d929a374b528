/* env_virtual - time that its owner turns: what a host reads when nothing around it is real and nothing of it is a wire.
 *
 * Poll hands over to the owner, who tells what is due until the wake and moves `now` to its moment. There are no channels; random numbers come of the seed; a
 * command waits until it is taken. One thread. */
#pragma once
#include "core/base/rng.h"
#include "core/io/env.h"

struct env_virtual {
	struct env env; /* first */
	struct env_now now;
	struct rng rng;
	struct env_command command;
	bool has_command;
	/* Tells what is due next, at most what is due at wake_ns, and sets now. */
	void (*deliver)(void *owner, int64_t wake_ns);
	void *owner;
};

void env_virtual_init(struct env_virtual *e, uint64_t seed, const struct env_now *now,
		      void (*deliver)(void *owner, int64_t wake_ns), void *owner);
/* Time moves to this moment; never back. */
void env_virtual_move(struct env_virtual *e, int64_t mono_ns);
