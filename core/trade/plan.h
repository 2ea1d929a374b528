/* plan - how a pair's orders go out: in one turn, so that they arrive together, the less certain one first, leg by leg, or one resting and the others on its fills.
 *
 * Chosen when the pair is drafted, from the proposal, else the configuration, else by the core; written down with the pair, so that a restart knows it and `explain` can say why.
 * Only computes and describes; exec_plan carries it out. Engine's thread. */
#pragma once
#include "core/trade/desk.h"

#define PLAN_REST_NS	      5000000000LL /* what holds where the configuration says nothing */
#define PLAN_REQUOTE_EVERY_NS 200000000LL
#define PLAN_STAGGER_NS	      50000000LL

/* num[3] of a PLAN receipt. */
enum plan_step {
	PLAN_STEP_CHOSEN,   /* as it was drafted */
	PLAN_STEP_PRICED,   /* a resting leg gets another price */
	PLAN_STEP_WITHHELD, /* a leg that was to leave later does not */
	PLAN_STEP_FOLLOWS,  /* the others follow what one leg filled */
	PLAN_STEP_ENDED,    /* nothing opens any more */
	PLAN_STEP_SLICED,   /* the next part of it leaves */
	plan_step_max
};

/* Fills in style, first leg, alignment and what each leg waits; of a drafted pair with sizes. False: nonsense, or the resting leg's venue has no order that rests, or there is no price
 * to rest at. */
bool plan_choose(struct desk *d, const struct proposal *pr, struct pair *p);
/* Does it need a plan at all, or do all legs leave in one turn? */
bool plan_needed(const struct pair *p);
/* The leg whose fill is less certain: a venue that has refused and taken nothing since, then the thinner book against the wanted size, then fewer messages left at its venue, then the coarser lot. */
unsigned plan_less_certain(struct desk *d, const struct pair *p, enum first_why *why);
const char *first_why_text(enum first_why w);
/* An order of ours is at the venue so long after it left, as far as its clock and its answers tell; 0: not known. */
int64_t plan_way_ns(struct desk *d, uint16_t venue);
void plan_words(const struct desk *d, const struct pair *p, char out[FACT_TEXT]);
/* A receipt of the plan; text NULL: plan_words. Returns its sequence; 0: no room. */
uint64_t plan_write(struct desk *d, const struct pair *p, enum plan_step step, uint64_t cause,
		    const char *text);
const char *pair_style_name(enum pair_style s);
const char *pair_align_name(enum pair_align a);
