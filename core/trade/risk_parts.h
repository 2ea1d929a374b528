/* risk_parts - inner part of risk: what its files share. */
#pragma once
#include "core/trade/risk.h"

#define RISK_SECOND_NS 1000000000LL
#define RISK_NO_ONE    UINT16_MAX

/* What a row does beside refusing; instance: whom it was found on, or RISK_NO_ONE: all that the row holds for. */
void risk_act(struct desk *d, struct limit_row *r, uint16_t instance, uint64_t cause);
/* Forgets what a pause or a reduce_only was based on, so that a resumed instance is measured afresh. */
void risk_forget(struct desk *d, uint16_t instance);
/* The day that losses and messages are counted by. */
int64_t risk_day(const struct desk *d);
/* Notes what everybody has earned where a new day begins. */
void risk_days_begin(struct desk *d);
/* What was lost since the day began, or since the highest; false: some of it has no price yet. */
bool risk_loss(struct desk *d, struct limit_row *r, int64_t *value);
/* Which rows bar opening now, by instance. */
void risk_bar(struct desk *d);
