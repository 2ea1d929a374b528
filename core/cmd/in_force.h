/* in_force - what holds for an instance once defaults, its own settings, the host's and the rows of `limits` are put together: how its pairs leave, how a broken one ends, what bounds it, and
 * who is told. For `tandem check`; main thread. */
#pragma once
#include "core/ops/config.h"
#include <stdio.h>

/* A few lines: goes out, broken, watched, times, bounds; and one for each row of `limits` that holds for it. What only its script states is said to be so. */
void in_force_print(FILE *f, const struct config *c, const struct config_instance *s);
/* One line a rule, in the order in which they are tried. */
void in_force_print_alerts(FILE *f, const struct config *c);
