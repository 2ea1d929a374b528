/* stand_in - what stands in a strategy's place when its script cannot be loaded but pairs of it are open: its name, its legs, units and limits
 * as they were when it was last loaded, and no hook. It proposes nothing and is in quarantine from the first moment; executor, ladder and watch
 * go on with its pairs. Engine's thread; it allocates once. */
#pragma once
#include "core/trade/journal.h"
#include "core/trade/strategy.h"
#include "store/store.h"
#include <stdbool.h>

/* Remembers what a strategy that was just loaded has said of itself; its name is the instance's. Negative: the store's word. */
int stand_in_keep(struct kv *kv, const struct strategy *s);
/* Has the life before left pairs that are not over? Without any there is nothing to stand in for. */
bool stand_in_needed(struct store *store);
/* One for the instance of this name; where nothing is remembered of it, the configuration's legs and limits stand alone. NULL: no memory. */
struct strategy *stand_in_make(struct kv *kv, const char *name, const char *file);
