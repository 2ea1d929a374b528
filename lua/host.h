/* host - runs strategies: each file of Lua becomes an instance with a VM, a memory and a time budget of its own.
 *
 * A strategy that loops for ever, eats memory or raises errors costs the engine about its budget and nothing else: its
 * proposals of that call are dropped and it is put in quarantine. This contains faulty scripts, not hostile ones.
 * lua_host_load may be called on any thread (a reload is prepared off the turn); the strategy that it makes is then used
 * by one thread at a time. One host a process is usual, more are allowed; a host outlives its strategies. Nothing
 * allocates outside an instance's own memory once it is loaded. */
#pragma once
#include "core/ops/config.h"
#include "core/trade/strategy.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LUA_TABLE_CAP (64 * 1024)     /* most bytes that tandem.state takes */
#define LUA_STATE_CAP STRAT_SAVED_CAP /* and a saved state in all, with its windows */

struct lua_host;

/* A zero in any field takes the default that stands beside it. */
struct lua_host_options {
	int64_t budget_ns; /* CPU time of one call: 1 ms; at least 50 us */
	int64_t wall_ns;   /* a call is stopped after this, whatever the CPU clock says: 50 ms */
	int64_t load_budget_ns; /* CPU time of loading a file: 200 ms */
	uint64_t memory;	/* bytes that one instance may use: 64 MiB; at least 1 MiB */
	uint32_t kill_strikes;	/* calls stopped before the instance is in quarantine: 1 */
	uint32_t error_strikes; /* errors in a row of one hook before it is in quarantine: 10 */
	bool deterministic; /* simulator, re-run: no clock stops a script, only lua_host_kill_next */
	bool skip_selftest; /* it has passed in this process already */
};

/* 0 and the host; -ERR_STATE when this machine's LuaJIT cannot be contained (the text says which script got away). */
int lua_host_init(const struct lua_host_options *o, struct lua_host **out);
void lua_host_free(struct lua_host *h);

struct lua_instance_options {
	const char *name;   /* of the instance */
	const char *file;   /* where the source is read, and its name in errors */
	const char *source; /* the text itself, then file is only a name; NULL: read the file */
	size_t source_len;
	const char *
		config_file; /* where the parameters' lines are, for errors; NULL: "configuration" */
	bool unbound; /* lint: no configuration, so names and parameters are taken as the file has them */
	uint8_t n_legs,
		n_refs; /* what the configuration binds, in any order; the strategy's order is in struct strategy */
	const char (*leg_name)[16], (*ref_name)[16];
	const struct config_param *param;
	uint32_t n_params;
	/* What its names stand for, so that units and currencies are checked and no ratio is given where none is; NULL: not checked. */
	const struct config *config;
	const struct config_instance *bound;
	const void *saved; /* what lua_host_save gave in an earlier life; NULL: none */
	size_t saved_len;
	uint64_t seed; /* of math.random: drawn from env, so that it is recorded */
};

/* 0 and the strategy, ready for STRAT_START. Negative: -ERR_SCRIPT (the file), -ERR_CONFIG (names or parameters of the
 * configuration), -ERR_IO, -ERR_CORRUPT (saved state), -ERR_NOMEM; the text says file:line, what is wrong, what to write. */
int lua_host_load(struct lua_host *h, const struct lua_instance_options *o, struct strategy **out);

/* The text that it was made of; lives as long as the strategy. */
const char *lua_host_source(const struct strategy *s, size_t *len);

/* The unit that the values of all its legs are in, "USD/ozt"; empty where it was not bound to instruments. Lives as long as the strategy. */
const char *lua_host_value_unit(const struct strategy *s);

/* Writes the windows (window.h) and the state table (tandem.state) in a form whose bytes depend only on their content; calls on_save before, which has the budget of a call.
 * *len is 0 for a strategy that keeps neither. -ERR_FULL: more than cap; -ERR_SCRIPT: something that cannot be saved, or on_save failed. */
int lua_host_save(struct strategy *s, void *buf, size_t cap, size_t *len);

/* A dry run has ended: its state, its timers, the locals of its file and its counts are as when it was loaded, and what it left to collect is collected.
 * What the compiler has learned stays. -ERR_SCRIPT. */
int lua_host_reset(struct strategy *s);

/* Calls a strategy that has just been loaded as its market might, with prices that are made up, so that the compiler has seen its hooks before they trade;
 * what it proposes goes nowhere, a call may take as long as loading, and then it is as it was loaded, with what was saved (len 0: nothing) in its memory. What
 * fails in a call is no fault: the prices are nobody's. Nothing is done with `deterministic`. -ERR_SCRIPT: it cannot be put back. On any thread. */
int lua_host_warm(struct strategy *s, const void *saved, size_t len);

/* The next call is stopped at its first instruction, as if it had overrun: for the simulator and re-runs. */
void lua_host_kill_next(struct strategy *s);

/* A bounded piece of garbage collection, a few microseconds: to be called when a turn has nothing else to do. */
void lua_host_idle(struct strategy *s);

struct lua_health {
	uint64_t memory, memory_peak; /* bytes */
	uint64_t trace_aborts, trace_flushes, traces;
	bool hot; /* on_basis has been called often enough to be compiled */
	bool compiled; /* it is: through the views, one that is hot and not compiled takes 20 to 50 times as long */
	bool plain; /* it is called with plain numbers, since it is not */
};
void lua_host_health(const struct strategy *s, struct lua_health *out);

/* One declared parameter; false when there is no number i. The texts live as long as the strategy. */
struct lua_param {
	const char *name, *doc;
	double value, min, max; /* min and max: infinities where not stated */
};
bool lua_host_param(const struct strategy *s, unsigned i, struct lua_param *out);
