/* saver - writes small values of a running host into its store on a thread of its own: the engine's turn only copies them.
 *
 * One value a key, the newest wins; one that has not changed is not written. What was handed over is in the database within milliseconds, and all of it once
 * the saver is closed. The engine's thread hands over, opens and closes. */
#pragma once
#include "store/store.h"

struct saver;

/* So many keys at most, values of at most `cap` bytes. -ERR_NOMEM. */
int saver_open(struct store *s, uint32_t keys, size_t cap, struct saver **out);
/* Value number i, under its key. false: the thread is just at it, and the caller comes again. Allocates only when a value is larger than it ever was. */
bool saver_put(struct saver *v, uint32_t i, const char *key, const void *p, size_t n);
void saver_close(struct saver *v);
