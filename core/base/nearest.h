/* nearest - which of the known words somebody meant who wrote another: for messages. Pure; any thread. */
#pragma once
#include <stddef.h>

#define NEAREST_WORD 48 /* longer words are not looked at */

/* Begin with { .word = what was written }; .found is NULL while nothing known is near it. */
struct nearest {
	const char *word;
	size_t n; /* bytes of word */
	const char *found;
	unsigned distance;
};

/* A known word; found may point to it from now on. Of equally near ones the first counts. */
void nearest_try(struct nearest *s, const char *known);
