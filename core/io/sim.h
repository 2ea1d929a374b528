/* sim - what the files of env_sim share; nobody else includes it. */
#pragma once
#include "core/io/env_sim.h"
#include "core/io/sim_wire.h"

#define SIM_ENVS      16
#define SIM_LISTENERS 64
#define SIM_COMMANDS 64

enum sim_phase { SIM_FREE, SIM_LIMBO, SIM_CONNECTING, SIM_OPEN };

struct sim_chan {
	struct chan head; /* first */
	struct sim_chan *peer;
	struct sim_wire wire; /* on its way here */
	struct sim_bytes rx, tx;
	size_t rx_cap, tx_cap;
	uint16_t port;
	bool server;
	uint8_t phase;
};

struct sim_env {
	struct env head; /* first */
	struct env_sim *world;
	char name[32];
	struct rng rng;
	uint32_t next_id;
	int64_t wake_ns, last_turn_ns;
	bool unsettled; /* something happened: it has to be asked anew when it wants to wake */
	struct env_command command[SIM_COMMANDS];
	uint32_t n_command;
	uint32_t reply_id;
	char reply[512];
};

struct sim_listener {
	struct sim_env *env;
	uint16_t port;
	size_t rx_cap, tx_cap;
	chan_accept_fn accept;
	void *owner;
};

struct env_sim {
	struct env_sim_opt opt;
	struct rng rng, links;
	int64_t now_ns, utc_off;
	uint64_t order, digest;
	uint16_t free_port;
	struct sim_env *env[SIM_ENVS];
	struct sim_listener listener[SIM_LISTENERS];
	uint32_t n_listener;
	struct sim_chan *chan;
	uint32_t n_chan; /* used so far: the rest was never open */
};

static inline struct sim_env *sim_of(const struct env *e)
{
	return (struct sim_env *)(uintptr_t)e;
}

int sim_open(struct env *e, const struct env_peer *p, const struct chan_handler *h, void *owner,
	     struct chan **out);
int sim_listen(struct env *e, const struct env_peer *p, chan_accept_fn accept, void *owner,
	       uint16_t *port_out);
int sim_send(struct chan *c, const void *p, size_t n);
size_t sim_unsent(const struct chan *c);
void sim_close(struct chan *c);
void sim_poll(struct env *e, int64_t wake_ns);
void sim_flush(struct env *e);
/* The channel of this env on which something arrives first, and when (INT64_MAX: none). */
struct sim_chan *sim_next_chan(const struct sim_env *e, int64_t *at_ns);
/* Both ends of a connection hear of its end at at_ns. */
void sim_cut(struct sim_chan *c, int64_t at_ns);
