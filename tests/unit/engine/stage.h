/* stage - an engine with everything around it played: a clock turned by hand, two venues, one script, a journal in memory, and a trace of who acted when.
 *
 * Leg 0 is spot BTCUSDT (lot 0.00001), leg 1 a linear perpetual BTCUSDT (lot 0.001); one pair lot is 0.001 BTC. What venues say is told during
 * poll, as in life. Trace words: "p0" an order to venue 0, "c0" a cancel, "s0" a snapshot asked for, "F" a flush, "B" "P" "T" "A" "Z" the script
 * called for a basis, a pair, a timer, the start, the stop; "q" "k" "o" "x" "g" "m" for a quote, a book, an order, a session, a gap, a parameter, if it listens. */
#pragma once
#include "core/engine.h"
#include "core/ops/config.h"
#include "tests/sim/mem_journal.h"
#include <check.h>

#define STAGE_MS     1000000LL
#define STAGE_SECOND (1000 * STAGE_MS)
#define STAGE_FACTS  60000
#define STAGE_ORDERS 64

enum { SPOT, PERP, STAGE_LEGS };

enum stage_fate { STAGE_FILL, STAGE_REJECT, STAGE_SILENT, STAGE_NOTHING };

struct stage;

struct stage_venue {
	struct venue v; /* first */
	struct stage *stage;
	enum stage_fate fate; /* of the next order; STAGE_FILL after it */
	struct order last;
	unsigned places, cancels, queries, snapshots, starts, stops, rules_asked;
	bool answer_queries; /* with a fill of the whole */
};

struct stage_script {
	struct strategy s; /* first */
	struct stage *stage;
	unsigned calls[strat_event_max];
	struct strat_self self; /* of the last call */
	struct strat_pair_event pair;
	uint32_t timer;
	/* What it answers to the next call of each kind, once; then nothing. */
	struct proposal answer[strat_event_max][4];
	int n_answer
		[strat_event_max]; /* negative: it fails; -2: and is in quarantine; -3: since it had to be stopped */
	bool propose_always; /* a pair at every basis */
	uint32_t
		listens; /* hooks for the rarer events too, a bit each; engine_listen must hear of it */
	struct strat_quote_event quote; /* of the last calls */
	struct strat_change change;
	struct strat_param_event param;
	struct strat_order_event order[STAGE_ORDERS];
	unsigned n_orders;
	uint32_t depth; /* levels bid */
};

struct stage_event {
	enum { EV_EXEC, EV_BOOK, EV_DEPTH, EV_STATE, EV_RULE } kind;
	uint16_t venue;
	int64_t bid, ask, seq, first;
	enum venue_state state;
	struct exec_report exec;
	struct rule rule;
};

struct stage {
	struct env env;
	struct env_now now;
	int64_t clock_bound_ns; /* of the machine's own clock */
	struct config cfg;
	struct config_venue cv[STAGE_LEGS];
	struct config_account ca[STAGE_LEGS];
	struct instrument in[STAGE_LEGS];
	struct config_instance ci[1];
	struct mem_journal journal;
	struct stage_venue venue[STAGE_LEGS];
	struct stage_script script;
	struct snapshot_page *page;
	struct tape *tape; /* given to the engine */
	struct engine *engine;
	struct desk *d;
	struct stage_event event[256];
	unsigned n_events;
	struct env_command command[8];
	unsigned n_commands;
	uint32_t reply_id;
	char reply[ENV_REPLY_TEXT];
	char row[ENV_REPLY_ROWS][ENV_REPLY_TEXT]; /* of the last command, without their mark */
	unsigned n_rows;
	char trace[4096];
	size_t n_trace;
	uint8_t outside; /* what goes wrong behind the engine: ALERT_STORE_..., told once */
	bool disk_trouble;
	int64_t seq;
};

/* Opens everything, both venues up with their books, and one turn done. */
struct stage *stage_new(void);
/* The same without engine_start: venues down, no books. `before` may change the configuration. */
struct stage *stage_new_cold(void (*before)(struct stage *s));
void stage_free(struct stage *s);
/* To be told in the next poll. */
void stage_book(struct stage *s, unsigned leg, int64_t bid, int64_t ask);
void stage_depth(struct stage *s, unsigned leg, int64_t first, int64_t last, int64_t bid);
void stage_state(struct stage *s, unsigned leg, enum venue_state state);
void stage_up(struct stage *s);
struct proposal stage_pair(double lots);
/* A turn after so much time; turns until nothing is on its way any more. */
void stage_turn(struct stage *s, int64_t later_ns);
void stage_run(struct stage *s, int64_t ns); /* in steps of 10 ms, both venues alive */
/* A command, in a turn of its own; what was answered. */
const char *stage_command(struct stage *s, enum env_command_kind kind, const char *scope,
			  const char *why);
/* The same with all that a command may hold. */
const char *stage_tell(struct stage *s, const struct env_command *c);
unsigned stage_count(const struct stage *s, enum fact_kind k);
const struct fact *stage_latest(const struct stage *s, enum fact_kind k); /* NULL: none */
