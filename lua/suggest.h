/* suggest - "did you mean": the nearest of the names that exist. Any thread. */
#pragma once
#include <stddef.h>

/* Letters added, dropped, changed or swapped with their neighbour to turn a into b; names beyond 63 letters count as far apart. */
unsigned suggest_distance(const char *a, const char *b);
/* Keeps the nearest of the names offered: start with best NULL. */
struct suggest {
	const char *given, *best;
	unsigned distance;
};
void suggest_offer(struct suggest *s, const char *name);
/* The nearest one if it is near enough to be meant, else NULL. */
const char *suggest_best(const struct suggest *s);
