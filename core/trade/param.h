/* param - an operator's word on a parameter of a script: within the script's bounds, in force from the next call on, and a receipt.
 *
 * It outlives reloads and restarts, until the configuration states another value for that parameter, or the operator says "default". What a decision was made with is
 * the newest such receipt of its instance before it, else the configuration's value, else the file's. Engine's thread. */
#pragma once
#include "core/trade/desk.h"

/* Is it set for this instance? NULL: no. */
struct desk_param *param_find(struct desk *d, uint16_t instance, const char *name);
/* `value` NULL: as configured again. *before: the value until now. -ERR_NOTFOUND, -ERR_RANGE, -ERR_ARG (it takes a reason), -ERR_LIMIT in words: then nothing changed. */
int param_set(struct desk *d, uint16_t instance, const char *name, const double *value,
	      const char *who, const char *why, double *before);
/* Gives a version what was set for its instance; what it does not have, or bounds otherwise, it keeps as configured, and people are told. */
void param_apply(struct desk *d, uint16_t instance, struct strategy *s);
/* After recovery: what the configuration has changed since is as configured. */
void param_settle(struct desk *d);
/* Receipts: read back by recovery, and written anew with a checkpoint. */
void param_recall(struct desk *d, const struct fact *f);
void param_carry(struct desk *d);
