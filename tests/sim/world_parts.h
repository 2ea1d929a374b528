/* world_parts - what the files of the world share: the doors at which the host dies, and the fate of flights. Nobody else includes it. */
#pragma once
#include "tests/sim/world.h"

/* Puts the doors into the way of the host's journal and sockets. */
void doors_hang(struct world *w);
/* A death amid a flush takes place when the turn is over: what had not left never will. */
void doors_after_turn(struct world *w);
enum env_sim_fate doors_fate(void *owner, struct rng *r, const struct env_sim_flight *f);
