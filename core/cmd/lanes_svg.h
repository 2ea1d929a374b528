/* lanes_svg - a pair's lanes as a picture in a page: what a bar or a sign stands for is told where the pointer rests on it. Main thread. */
#pragma once
#include "core/cmd/lanes.h"
#include <stdio.h>

void lanes_svg(const struct lanes *l, const struct reader *r, FILE *f);
