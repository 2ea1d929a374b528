/* fixture - stores with something of everything, to be tampered with: one that was closed, its past, and one whose host was killed. All below one folder.
 *
 * The database keeps threads for as long as a process lives: whoever makes a store, or looks at one, is a process of its own. */
#pragma once
#include <stdbool.h>

#define FIXTURE_FACTS  1500
#define FIXTURE_BROKEN 42 /* exit code: the trial itself did not work */

struct fixture {
	char key[128], pub[160],
		outside[128]; /* the key that signs, its public half, the checkpoint outside */
	char base[128], early[128], killed[128], work[128];
};
extern struct fixture fixture;

void fixture_names(const char *folder);
/* Ends the process otherwise. */
void fixture_need(bool holds, const char *what);
void fixture_copy(const char *from, const char *to);
/* Each a process's whole work; arg is not used. The second ends by SIGKILL. */
void fixture_make_base(void *arg);
void fixture_make_killed(void *arg);
