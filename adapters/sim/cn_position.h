/* cn_position - the lots that an account holds of one contract on one side, today's and yesterday's apart, and what its closing orders have frozen
 * of them.
 *
 * Where the exchange splits them (SHFE, INE) close and close-yesterday mean yesterday's lots and close-today today's, each with what it has frozen; elsewhere every
 * closing offset is one close of all lots, and they go first opened, first closed: yesterday's before today's. Today's lots are worth what they were opened at, yesterday's the
 * last settlement price. Plain data, its owner's thread. */
#pragma once
#include "adapters/sim/cn_rules.h"

enum cn_from { CN_FROM_TODAY, CN_FROM_YESTERDAY, CN_FROM_ANY, cn_from_max };
/* Which lots a closing offset means; the offset must not be open. */
enum cn_from cn_from(bool splits, enum offset offset);

struct cn_position {
	int64_t today, yesterday;
	int64_t frozen[cn_from_max]; /* by working closing orders */
	int64_t today_e8;	     /* what today's lots were opened at */
};

/* Lots that a closing order of that kind could still take. */
int64_t cn_position_free(const struct cn_position *p, enum cn_from from);
/* For a closing order that arrives: CN_OK, or CN_OVER_CLOSE, CN_TODAY_SHORT, CN_YESTERDAY_SHORT and nothing has changed. */
enum cn_refusal cn_position_freeze(struct cn_position *p, enum cn_from from, int64_t qty);
/* What its end without a fill gives back; frozen before: must hold. */
void cn_position_thaw(struct cn_position *p, enum cn_from from, int64_t qty);
void cn_position_open(struct cn_position *p, int64_t qty, int64_t value_e8);
/* A fill of a closing order takes what was frozen for it. cost_e8: what today's part was opened at. */
struct cn_taken {
	int64_t today, yesterday, today_cost_e8;
};
struct cn_taken cn_position_close(struct cn_position *p, enum cn_from from, int64_t qty);
/* The day is over, nothing is frozen: today's lots are yesterday's. */
void cn_position_roll(struct cn_position *p);
static inline int64_t cn_position_lots(const struct cn_position *p)
{
	return p->today + p->yesterday;
}
