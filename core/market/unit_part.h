/* unit_part - between unit.c and unit_text.c only: building a unit piece by piece. */
#pragma once
#include "core/base/frac.h"
#include "core/market/unit.h"

bool unit_is_known(const char *name); /* a physical one, or a part of a currency */
int unit_add_part(struct unit *u, const char *name, int power);
int unit_scale(struct unit *u, struct frac by, int power);
