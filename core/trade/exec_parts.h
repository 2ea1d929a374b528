/* exec_parts - inner part of the executor: what its files share. */
#pragma once
#include "core/trade/desk.h"
#include "core/trade/plan.h"
#include "core/trade/rescue.h"

/* The pair is looked at again then, instead of whenever that was to be. */
void exec_set_timer(struct desk *d, struct pair *p, int64_t in_ns);
/* How long its orders may take. */
int64_t exec_patience_ns(const struct desk *d, const struct pair *p);
void exec_look_at(struct desk *d, struct pair *p);

/* exec_plan: what the style of a pair still has to send. */
/* Intents of all that leaves first (I6); false: no room, nothing may be sent. */
bool exec_plan_intend(struct desk *d, struct pair *p);
/* Sends what is to leave now; the pair is SENT after it. */
void exec_plan_begin(struct desk *d, struct pair *p);
/* One look at a pair in SENT. True: the plan goes on, and knows when it is to be looked at again. False: all its orders are out; what comes of them is exec_settle's. */
bool exec_plan_step(struct desk *d, struct pair *p);
/* Nothing opens any more; what rests is cancelled, what has filled is still followed. */
void exec_plan_end(struct desk *d, struct pair *p, const char *why);
/* Why nothing of the pair may open any more now; NULL: nothing says so. */
const char *exec_plan_trouble(struct desk *d, const struct pair *p);
/* The pair is looked at again at this moment at the latest. */
void exec_plan_wake(struct desk *d, struct pair *p, int64_t at_ns);
/* A receipt of a step, which becomes the pair's newest cause. */
void exec_plan_note(struct desk *d, struct pair *p, enum plan_step step, const char *text);

/* exec_align: legs that leave later than the first. */
bool exec_align_step(struct desk *d, struct pair *p);

/* exec_slice: a pair larger than one order may be. Has a part filled wholly, the next one leaves; true while one works or is waited for. */
bool exec_slice_step(struct desk *d, struct pair *p);

/* exec_follow: takes the other legs in proportion to what the first has filled, in whole lots, never more. Returns whether an order of the first leg may still fill. */
bool exec_follow(struct desk *d, struct pair *p);
/* The newest order of the first leg, and of several that bear its offsets the one that they leave with; NULL: none yet. */
struct order *exec_first_order(struct desk *d, const struct pair *p);
/* Cancels all that works of the first leg and rests. */
void exec_first_cancel(struct desk *d, struct pair *p);
/* What the first leg has filled, at most what was wanted of it. */
int64_t exec_first_filled(const struct pair *p);

/* exec_rest: the first leg rests. */
struct order *exec_rest_intend(struct desk *d, struct pair *p);
/* Has anything changed that its price or its right to rest depends on? Then it is looked at. In every turn, so cheap. */
void exec_rest_watch(struct desk *d);
/* The operator's and the limits' word against opening; NULL: none. */
const char *exec_plan_forbidden(const struct desk *d, const struct pair *p);
bool exec_rest_step(struct desk *d, struct pair *p);
/* Takes the step of the plan, or waits or holds as it says. The plan is not RESCUE_NONE. */
void exec_climb(struct desk *d, struct pair *p, const struct rescue_plan *plan);
/* The last rescue filled nothing, and the next one waits a little: its timer is set. */
bool exec_too_soon(struct desk *d, struct pair *p);
/* Looks after orders that rest: quotes them anew, or takes them off when the step is over. False: none rests any more. */
bool exec_tend_chase(struct desk *d, struct pair *p);
/* The filled legs of a pair whose other orders are unknown are taken back, where the policy says so (F17). False: nothing was sent. */
bool exec_cut_known(struct desk *d, struct pair *p);
