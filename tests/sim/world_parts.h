/* world_parts - what the files of the world share: the doors at which the host dies, and the fate of flights. Nobody else includes it. */
#pragma once
#include "tests/sim/world.h"

/* Puts the doors into the way of the host's journal and sockets. */
void doors_hang(struct world *w);
/* The domestic pair: its plan, when its seed begins (UTC, ns), and its configurations. -ERR_IO. */
void cn_plan(struct world_plan *p);
int64_t cn_begins_ns(uint64_t seed);
/* The strategies of this life, from the configuration that is read; numbers for its names. */
int world_load_scripts(struct world *w);
void world_number_names(struct world *w);
/* What an instance's strategy is made of, drawn for this life. */
struct chatty_options;
void world_chatty_options(const struct world *w, uint32_t i, struct chatty_options *o);
/* Shows the checker what happens at a domestic exchange. */
void cn_tap(struct world *w, unsigned venue);
int cn_write(const struct world_plan *p, const char *dir, const char *script);
/* A death amid a flush takes place when the turn is over: what had not left never will. */
void doors_after_turn(struct world *w);
enum env_sim_fate doors_fate(void *owner, struct rng *r, const struct env_sim_flight *f);
