/* ladder - the steps out of a broken pair as a table of rows, each with its limits, and the choice between them.
 *
 * WAIT sends nothing and lets the market come back to the trigger prices; CHASE rests at the own side of the book and is re-priced (CHASE_BACK to take the leading legs back); CROSS goes through the other side; UNWIND takes the
 * leading legs back; HOLD names what bars the others and alerts. Of the rows that the policy allows and whose limits (ticks, money, time, messages) are not used up, those that
 * end within the tolerance come first, then the cheapest; equal ones in the order above but CROSS first. A pair climbs by using up its rows. Engine's thread; pure but for ladder_took and ladder_rested. */
#pragma once
#include "core/ops/config.h"
#include "core/trade/rescue.h"

/* The row of a way for this pair: as its instance is configured. */
const struct config_step *ladder_row(const struct desk *d, const struct pair *p, enum rescue_way w);
/* Is the row in use for it, and does the policy (or an operator's word) allow it? */
bool ladder_offers(const struct desk *d, const struct pair *p, enum rescue_way w);
/* How long a step that waits may still take, from now; 0: its time is up. */
int64_t ladder_left_ns(const struct desk *d, const struct pair *p, enum rescue_way w);
/* Judges the priced ways of a plan by their rows, notes why each that cannot be taken cannot, and picks: plan->way and plan->cause. */
void ladder_choose(struct desk *d, const struct pair *p, struct rescue_plan *plan);
/* A step was taken with so many messages. */
void ladder_took(struct desk *d, struct pair *p, enum rescue_way w, unsigned messages);
/* Its orders have ended: a step that its venue refused for good is tried once more, and is then used up (F01). */
void ladder_heard(struct desk *d, struct pair *p);
/* All rows afresh: the pair ended, an operator spoke, or what held it is over. */
void ladder_rested(struct pair *p);
/* How long the pair rests now that its rows are used up: as its configuration says; where its venue refused what was sent, a tenth of a second at first
 * and twice as long each time, to that. */
int64_t ladder_rest_ns(const struct desk *d, struct pair *p);
/* Does a policy leave something of another one? */
bool ladder_policy_fits(uint8_t of_instance, uint8_t of_pair);
