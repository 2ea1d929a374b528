/* instance - a loaded strategy: shows it what happened, calls its hook, hands its proposals on, and counts its strikes.
 *
 * Inside lua/ only; the world sees struct strategy and host.h. Used by one thread at a time. */
#pragma once
#include "core/trade/strategy.h"
#include "lua/abi.h"
#include "lua/calling.h"
#include "lua/host.h"
#include "lua/prelude.h"
#include "lua/state.h"
#include "lua/units.h"
#include "lua/vm.h"
#include "lua/watchdog.h"
#include "lua/window.h"

struct lua_host {
	struct lua_host_options opt; /* no zeros left */
	struct watchdog watchdog;    /* runs unless deterministic */
	struct prelude prelude;
	struct state_scratch scratch;
};

struct instance {
	struct strategy s; /* first: a struct strategy * is one of these */
	struct lua_host *host;
	struct vm vm;
	uint32_t hooks;		    /* a bit per strat_event_kind */
	int entry[strat_event_max]; /* stack indices; 0: none */
	int save, restore, reset, state, compiled, plain, plain_entry,
		plain_first; /* stack indices; 0: none */
	struct calling calling;
	int64_t budget_ns;			 /* CPU time of a call */
	uint32_t errors_in_row[strat_event_max]; /* by hook: another that works excuses none */
	bool kill_next;
	const struct strat_self *self;	 /* of the call that runs; NULL: none does */
	const struct strat_world *world; /* looked up in it; NULL: not yet */
	uint64_t basis_calls;
	size_t memory_mark;   /* used when the collector last ended a cycle */
	int cycles_owed;      /* to be done whatever is used */
	char quarantine[512]; /* why */
	struct windows *windows;
	struct units *units;	    /* while it loads */
	char value_unit[UNIT_TEXT]; /* of the legs' values; empty: not bound to instruments */
	struct tandem_mailbox mail;
};

extern const struct strategy_ops instance_ops;

/* A protected call of what lies on the stack, under the instance's clocks; on failure the strikes are counted and
 * err_text is the reason. `hook` is the kind of event, for places in errors; `args` lie above the function. */
int instance_call(struct instance *in, int hook, int64_t budget_ns, int args);
/* The collector's work that may be done now. */
void instance_idle(struct instance *in);
