/* backtest - a configuration's strategies against recordings: the same engine, adapters' port and receipts as a host has, the matching core as every venue, and a time
 * that jumps from event to event.
 *
 * Equal inputs give equal outputs to the byte: no clock of this machine, no thread and no network takes part. Nothing of the configuration's addresses and keys is
 * used. One at a time a process may be open with a store; the main thread. */
#pragma once
#include "core/cmd/backtest_reel.h"
#include "core/cmd/backtest_tally.h"
#include "core/ops/config.h"

#define BACKTEST_NAMES 64

/* Of a venue, or of a leg: then of its venue. */
struct backtest_latency {
	char name[48]; /* empty: of all that are not named */
	int64_t ns;    /* one way */
};

struct backtest_set {
	char instance[48]; /* empty: of every one */
	char param[32];
	double value;
};

/* What stands in place of a file: a text that a store has kept. */
struct backtest_text {
	const char *text; /* NULL: the file itself */
	size_t len;
	const char *file; /* of a script: its name */
};

struct backtest_options {
	const char *config;
	struct backtest_text config_text; /* as if it stood at `config` */
	const struct backtest_text *
		script; /* by instance, of those that `strategy` does not replace; NULL: their files */
	const char *strategy; /* only instances of this file; NULL: all */
	const char *
		instance; /* only this one, which then runs `strategy` if that is said; NULL: all */
	const char *const *recording;
	unsigned n_recordings;
	const char *out; /* a new folder for the receipts; NULL: they are counted and not kept */
	int64_t from_ns, to_ns; /* UTC; 0: from the beginning, to the end */
	uint64_t seed;
	struct backtest_latency latency[BACKTEST_NAMES];
	unsigned n_latencies;
	struct backtest_set set[BACKTEST_NAMES];
	unsigned n_sets;
	struct reel_alias alias[BACKTEST_NAMES];
	unsigned n_aliases;
	void (*progress)(void *owner, int64_t utc_ns,
			 uint64_t events); /* now and then; NULL: not */
	void *owner;
};

struct backtest;

/* Everything is checked: -ERR_CONFIG (errors of the file are printed to stderr whole), -ERR_SCRIPT, -ERR_NOTFOUND (recordings), -ERR_EXISTS (out), and what the
 * parts say. o outlives it. */
int backtest_open(const struct backtest_options *o, struct backtest **out);
/* From the first event to the last, and until what is in flight has ended. */
int backtest_run(struct backtest *b);
void backtest_close(struct backtest *b);

/* What it was, for those who show it; all live until the close. */
const struct config *backtest_config(const struct backtest *b);
const struct bt_tally *backtest_tally(const struct backtest *b);
const struct reel *backtest_reel(const struct backtest *b);
const struct backtest_options *backtest_options(const struct backtest *b);
bool backtest_runs(const struct backtest *b, uint16_t instance);
struct strategy *backtest_script(const struct backtest *b, uint16_t instance);
int64_t backtest_latency_ns(const struct backtest *b, uint16_t venue);
const struct paper_stats *backtest_venue(const struct backtest *b, uint16_t venue);
/* Of the time looked at, in which the instrument's book was known. */
double backtest_known(const struct backtest *b, uint32_t instrument);
void backtest_span(const struct backtest *b, int64_t *from_ns, int64_t *to_ns);
/* A durable name's text, by its number. */
const char *backtest_name(const struct backtest *b, enum name_space space, uint32_t id);
