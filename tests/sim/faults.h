/* faults - the catalogue F01 to F72 as a table: what each is, how it is injected here, or which test holds it instead and why.
 *
 * To inject one more: a function that strikes and a row. A function is called again at every step until it says that it is done; it says "wait" while
 * there is nothing alive that it could hit, since a fault that hits nothing proves nothing. */
#pragma once
#include "tests/sim/director.h"

#define FAULTS	   72
#define FAULT_LATE -1

enum fault_said {
	FAULT_WAIT, /* nothing to hit yet */
	FAULT_WORK, /* struck or striking: call again */
	FAULT_HIT,  /* done, and a live pair was hit */
	FAULT_OVER  /* done, and nothing was */
};

/* x->step is 0 at the first call; x->dice are its own. calm: undo and end. */
typedef enum fault_said (*fault_fn)(struct world *w, struct injection *x, bool calm);

struct fault_row {
	uint8_t id;
	uint8_t weight;	  /* how often, against the others; 0: not here */
	int16_t quiet_ms; /* how long the world needs until pairs open again; LATE: longer than it lives, so only near its end */
	fault_fn inject;
	const char *words;
	const char
		*where; /* how it is injected; or, where it is not, why and which test holds it */
};

const struct fault_row *fault_row(unsigned id); /* 1..72 */
/* Ends what still works although its time is over: patience of an injection that found nothing. */
#define FAULT_PATIENCE_NS 400000000LL
