/* story - receipts and injections as lines that people read: what the simulator prints of a run. One thread. */
#pragma once
#include "tests/sim/director.h"
#include <stdio.h>

void story_fact(FILE *f, const struct fact *x);
void story_injection(FILE *f, const struct director *d, const struct injection *x);
