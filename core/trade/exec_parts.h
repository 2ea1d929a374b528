/* exec_parts - inner part of the executor: what its files share. */
#pragma once
#include "core/trade/desk.h"
#include "core/trade/rescue.h"

/* The pair is looked at again then, instead of whenever that was to be. */
void exec_set_timer(struct desk *d, struct pair *p, int64_t in_ns);
/* How long its orders may take. */
int64_t exec_patience_ns(const struct desk *d, const struct pair *p);
void exec_look_at(struct desk *d, struct pair *p);
/* Takes the step of the plan, or waits or holds as it says. The plan is not RESCUE_NONE. */
void exec_climb(struct desk *d, struct pair *p, const struct rescue_plan *plan);
/* The last rescue filled nothing, and the next one waits a little: its timer is set. */
bool exec_too_soon(struct desk *d, struct pair *p);
/* Looks after orders that rest: quotes them anew, or takes them off when the step is over. False: none rests any more. */
bool exec_tend_chase(struct desk *d, struct pair *p);
/* The filled legs of a pair whose other orders are unknown are taken back, where the policy says so (F17). False: nothing was sent. */
bool exec_cut_known(struct desk *d, struct pair *p);
