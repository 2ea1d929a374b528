/* lanes_text - a pair's lanes in a terminal, as wide as it is. Main thread. */
#pragma once
#include "core/cmd/lanes.h"
#include <stdio.h>

#define LANES_WIDTH_MIN 40

struct lanes_look {
	unsigned width; /* columns */
	bool ascii;	/* no sign beyond ASCII */
	bool colour;
};

void lanes_text(const struct lanes *l, const struct lanes_look *look, FILE *f);
