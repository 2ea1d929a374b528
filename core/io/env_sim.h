/* env_sim - a world without a machine: virtual time, in-memory connections with delays and
 * faults, one seed.
 *
 * A world holds several env (the host's, each venue's) on one time line and one thread. A
 * channel connects by port number to whoever in the world listens on it; bytes flushed on one
 * side arrive on the other after the link's delay, in order. env_sim_step() names the env that
 * has something to do next and moves the time there; the caller then runs a turn of it. Nothing
 * in it depends on the machine: the same seed and the same calls give the same bytes at the same
 * times. */
#pragma once
#include "core/base/rng.h"
#include "core/io/env.h"

struct env_sim; /* the world */

/* One flush on one channel, about to travel. */
struct env_sim_flight {
	const char *from, *to; /* names of the envs */
	uint16_t port;	       /* of the listener: names the link */
	bool to_server;
	const uint8_t *p;
	size_t n;
	int64_t now_ns;
};

enum env_sim_fate {
	SIM_PASS,
	SIM_DROP, /* these bytes vanish; later ones arrive */
	SIM_CUT,  /* both ends go down, at the time the bytes would have arrived */
	/* Nothing more arrives in this direction until env_sim_thaw; the sender notices nothing. */
	SIM_FREEZE,
	env_sim_fate_max
};

struct env_sim_opt {
	uint64_t seed;
	int64_t mono_ns, utc_ns; /* start; 0: 1 s, and 2026-01-01 */
	int64_t turn_ns;	 /* least time between two steps: what a turn costs; 0: 1 us */
	uint32_t max_chans;	 /* of all env together; 0: 64 */
	uint32_t split_ppm; /* chance that a flight arrives in two parts, as TCP may deliver it */
	int64_t delay_ns;   /* one way, where there is no delay function; 0: 50 us */
	/* One-way delay of a flight, in ns, never negative; NULL: delay_ns. Draw from `r` only. */
	int64_t (*delay)(void *owner, struct rng *r, const struct env_sim_flight *f);
	/* Fate of a flight; NULL: all pass. A flight with n 0 is a connection attempt: SIM_PASS,
	 * or SIM_CUT refuses it. */
	enum env_sim_fate (*fate)(void *owner, struct rng *r, const struct env_sim_flight *f);
	void *owner;
};

int env_sim_open(const struct env_sim_opt *o, struct env_sim **out);
/* An env of this world; freed with the world, or by its ops->free (its channels end: the process
 * died). At most 16 at once. */
int env_sim_add(struct env_sim *w, const char *name, struct env **out);
void env_sim_free(struct env_sim *w);

/* The env whose turn is next, with time moved to then; NULL when nothing is due at or before
 * until_ns (time is then until_ns). */
struct env *env_sim_step(struct env_sim *w, int64_t until_ns);
int64_t env_sim_now(const struct env_sim *w);
/* Every env's UTC jumps by delta (F46); monotonic time does not. */
void env_sim_step_utc(struct env_sim *w, int64_t delta_ns);

/* Faults by hand. port 0: all links. */
void env_sim_cut(struct env_sim *w, uint16_t port); /* both ends down, now */
void env_sim_freeze(struct env_sim *w, uint16_t port, bool to_server, bool from_server);
void env_sim_thaw(struct env_sim *w, uint16_t port);
/* An operator's command to this env; -ERR_FULL. */
int env_sim_push(struct env *e, const struct env_command *c);
/* The last env_reply of this env: its command, and text (valid until the next). 0 and "" before
 * any. */
uint32_t env_sim_reply(const struct env *e, const char **text);
/* Digest of every byte delivered, its time and its channel so far: equal for equal runs. */
uint64_t env_sim_digest(const struct env_sim *w);
