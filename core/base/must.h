/* must - a promise between programmers; it stays on in release builds.
 *
 * must(x) is for what only a wrong program can break, never for what the world does. Before it
 * aborts it raises the halt flag, so that whoever shares it (the status page) sees why. */
#pragma once
#include <stdatomic.h>

#define must(x) ((x) ? (void)0 : must_failed(#x, __FILE__, __LINE__))

_Noreturn void must_failed(const char *what, const char *file, int line);
/* Where must_failed leaves a 1 before it aborts; NULL (the default) for nowhere. */
void must_set_halt_flag(_Atomic int *flag);
