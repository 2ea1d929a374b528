/* exec - the pair executor: turns a proposal into a pair, sends its legs in one turn, and brings whatever happens to hedged, flat or held.
 *
 * The pair's state table (pair.h) is the only thing that moves a pair; this module watches orders end, asks the ladder for a step, and acts. It does not need the script that
 * opened the pair. Engine's thread; called before any script in a turn for rescues, after the scripts for proposals. */
#pragma once
#include "core/trade/desk.h"
#include "core/trade/rescue.h"

/* A proposal of an instance, with the receipts of the quotes that it was decided on not yet written. Returns the pair, or NULL when it was refused. */
struct pair *exec_propose(struct desk *d, uint16_t instance, const struct proposal *pr);
/* Looks at every pair that has news. */
void exec_run(struct desk *d);
void exec_on_timer(struct desk *d, uint64_t pair);
/* A venue came back, or a book is sound again: pairs that were held for it are looked at. */
void exec_wake_held(struct desk *d);
/* Cancels what still works of a pair (the script or an operator asked). */
void exec_cancel(struct desk *d, struct pair *p, uint64_t cause);
/* Pairs whose intent is written but whose legs wait for the disk: sends those that are durable now. */
void exec_release(struct desk *d);
/* A pair that recovery has put back: asks for its orders and goes on. */
void exec_adopt(struct desk *d, struct pair *p);
/* An operator's word on a pair that is held or broken; its receipt names the limits. COMPLETE and UNWIND: only that way, at once, with attempts, time and budget
 * afresh and without the policy, inside the same slip limits and collar; where it cannot go now the pair stays held and it is tried again. ACCEPT: it ends as it is; orders that have been
 * unknown for a minute are written off, which needs a reason. ADOPT: what was traded by hand becomes the pair's (adopt.h). -ERR_STATE: the pair has ended or is on its way, an order of it may
 * still fill (ACCEPT, ADOPT), or there is nothing to adopt; -ERR_FULL: no room for the receipt. Then nothing was done, and the text says what to do. */
int exec_resolve(struct desk *d, struct pair *p, enum resolve_way way, const char *who,
		 const char *why);
/* What was told, back from its receipt. */
void exec_recall_told(struct pair *p, const struct fact *f);
/* Moves a pair by the table and writes the receipt; false (and an alert) when the table has no such move. */
bool exec_move(struct desk *d, struct pair *p, enum pair_event ev, uint64_t cause, const char *why);
