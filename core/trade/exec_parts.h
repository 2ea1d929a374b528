/* exec_parts - inner part of the executor: what its files share. */
#pragma once
#include "core/trade/desk.h"

/* The pair is looked at again then, instead of whenever that was to be. */
void exec_set_timer(struct desk *d, struct pair *p, int64_t in_ns);
/* How long its orders may take. */
int64_t exec_patience_ns(const struct desk *d, const struct pair *p);
void exec_look_at(struct desk *d, struct pair *p);
