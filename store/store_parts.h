/* store_parts - what the store shows to those of this folder who write recordings into it. Not for others. */
#pragma once
#include "store/kv.h"
#include "store/store.h"

struct kv_db *store_db(struct store *s);
/* Called once by store_close, before the last receipts are taken. There is one place. */
void store_at_close(struct store *s, void (*fn)(void *arg), void *arg);
/* A write into the database failed: the writer of receipts, the only one that may, opens it anew where that is needed. Any thread. */
void store_doubt(struct store *s);
