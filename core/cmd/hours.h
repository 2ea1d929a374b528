/* hours - when an instance may trade: what phase each of its markets is in now, when that ends, and how many hours a week they share. For `tandem check`. */
#pragma once
#include "core/base/json_out.h"
#include "core/ops/config.h"
#include <stdint.h>
#include <stdio.h>

/* A line for each leg and one for what they have in common; nothing where all trade round the clock. */
void hours_print(FILE *f, const struct config *c, const struct config_instance *s, int64_t utc_ns);
/* Into the object of a leg: calendar, phase, trading_day, since, until, opens, closes; nothing where it trades round the clock. */
void hours_json_leg(struct json_out *j, const struct config *c, const struct instrument *in,
		    int64_t utc_ns);
/* Into the object of an instance: common_hours_per_week. */
void hours_json(struct json_out *j, const struct config *c, const struct config_instance *s,
		int64_t utc_ns);
