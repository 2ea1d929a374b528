/* journal - the port to durable memory: a fact handed over here survives the death of the process before any byte leaves (I6).
 *
 * Append is tens of nanoseconds and never waits. When there is no room it refuses, and the engine halts opening: a full journal
 * is a risk state, never a wait and never a lost receipt. Called by the engine's thread only. */
#pragma once
#include "core/trade/fact.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct journal;

struct journal_ops {
	/* The fact's sequence (gapless, from 1), also stored into f->seq; 0: no room. */
	uint64_t (*append)(struct journal *j, struct fact *f);
	uint64_t (*room)(const struct journal *j);   /* facts that fit now */
	uint64_t (*synced)(const struct journal *j); /* last sequence that survives loss of power */
	/* Not zero when the writer has met an error (disk full, I/O): the text says what. Opening stops. */
	int (*trouble)(const struct journal *j, const char **why);
};

struct journal {
	const struct journal_ops *ops;
};

/* What a restart reads: every fact since the last complete CHECKPOINT, oldest first. A non-zero return of fn ends the walk and is returned. */
typedef int (*journal_fact_fn)(void *arg, const struct fact *f);

/* Small durable values by name (epochs, counters, a strategy's state). */
struct kv;
struct kv_ops {
	int (*get)(struct kv *kv, const char *key, void *buf, size_t cap,
		   size_t *len); /* -ERR_NOTFOUND */
	int (*put)(struct kv *kv, const char *key, const void *p,
		   size_t n); /* durable against the death of the process when it returns */
};
struct kv {
	const struct kv_ops *ops;
};
