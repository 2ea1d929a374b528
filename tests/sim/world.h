/* world - host and venues in one process under virtual time: the real engine, adapters and script host, the simulated venues' own process, a journal
 * in memory, strategies that never stop proposing, all from one seed.
 *
 * Host and venue can die between any two of their turns, the host also at any write to its journal and any write to a socket, and come back on what
 * they had made durable. The world knows no invariant and plans no fault: it runs, lets the director act between two turns, and shows the checker
 * every receipt and every event of the venues' books. One thread; one world at a time; a folder for ledgers and keys. */
#pragma once
#include "adapters/sim/server.h"
#include "core/base/rng.h"
#include "core/engine.h"
#include "core/io/env_sim.h"
#include "lua/host.h"
#include "tests/sim/mem_journal.h"
#include "tests/sim/record.h"
#include "tests/sim/world_reload.h"
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

#define WORLD_VENUES	2
#define WORLD_INSTANCES 6
#define WORLD_LEGS	3
#define WORLD_SPOT_PORT 4001
#define WORLD_USDM_PORT 4002

struct checker;
struct director;

enum world_kind { WORLD_CHATTY, WORLD_LUA, WORLD_HOSTILE, world_kind_max };

struct world_instance {
	char name[16];
	uint8_t kind; /* enum world_kind */
	uint8_t style, align, n_legs;
	uint8_t on_leg_fail;
	uint32_t basis_ppm, again_ppm, absurd_ppm, rest_ppm, mixed_ppm;
	int lots, max_pos;
	/* Its ladder: steps that wait, in ms, 0 for not at all; what is done about an unknown order and a halted leg. */
	int wait_ms, chase_ms, pay_up_tick, messages;
	bool cuts_unknown, cuts_halted, reopens;
	/* How a leg rests. */
	int rest_ms, requote_ms;
};

/* What a seed is made of, drawn before anything runs. */
struct world_plan {
	uint64_t seed;
	uint32_t n_instances;
	struct world_instance instance[WORLD_INSTANCES];
	uint32_t rate_pct;		/* of the market */
	int64_t in_ns, out_ns, feed_ns; /* about how long the ways are */
	int32_t slip_tick, unwind_slip_tick;
	int64_t duration_ns;
	bool one_group; /* all accounts are linked: they may not trade with each other */
	bool dead_man;	/* the venues' switch is armed */
	uint8_t limits; /* a bit for each row of limits that is drawn beside those that all worlds have */
	uint8_t slice_lots; /* no order is larger: larger pairs leave in slices; 0: as large as the venue takes */
	/* What the host may do in all; 0: so much that nothing comes near it. */
	int imbalance_milli, position_milli, order_money, messages_per_s, budget_cent;
	bool power; /* the disk is waited for */
};

struct world_options {
	uint64_t seed;
	int64_t duration_ns; /* of virtual time with faults; 0: by the seed, about 4 s */
	const char *dir; /* made by the caller; its keys are used again by the next world there */
	bool one_group;
	uint32_t alone; /* 1 + index: only this instance proposes; 0: all */
	void (*host_config)(
		struct config
			*c); /* may change what each life of the host runs with; NULL: as written */
	const char *cn_script; /* not NULL: the domestic pair (world_cn.c), traded by this script */
	bool as_written; /* the folder's venue.lua and host.lua stand already; host.lua has one instance, a script */
	int64_t begins_ns; /* UTC, with as_written */
	bool records;	   /* what the host hears is kept, for world_replay */
};

/* Where the host dies: the so many-th time that it comes by one of these places from now on. */
enum world_door {
	DOOR_NONE,
	DOOR_BEFORE_FACT,
	DOOR_AFTER_FACT,
	DOOR_BEFORE_SEND,
	DOOR_AFTER_SEND,
	DOOR_BEFORE_FLUSH,
	DOOR_AMID_FLUSH, /* some channels' bytes have left, the others' have not */
	DOOR_AFTER_FLUSH,
	world_door_max
};

/* A fault of the links, for the next flights that fit. */
struct world_fate {
	uint8_t what;  /* enum env_sim_fate */
	uint16_t port; /* 0: any */
	bool to_server;
	size_t min, max; /* bytes of the flight; min 0: any */
	uint32_t count;	 /* so many; 0: none */
};

/* Between a venue's books and the wire that tells of them. */
struct world_tap {
	struct world *w;
	unsigned venue;
	exchange_fn fn;
	cn_report_fn cn_fn; /* of a domestic exchange */
	cn_snapshot_fn cn_quoted;
	void *owner;
	uint64_t cn_newest;   /* order that was told of as new */
	bool hold_new, holds; /* the next acknowledgement stays behind its first fill */
	struct exchange_event held;
	uint64_t swapped;
	uint64_t last_trade[SETUP_ACCOUNTS][SETUP_SYMBOLS];
};

/* What is done to the bytes of the next flight there. */
enum world_spoil { SPOIL_NONE, SPOIL_BYTES, SPOIL_FRAME, world_spoil_max };

struct world {
	struct world_options o;
	struct world_plan plan;
	struct env_sim *sim;
	struct env *host_env, *venue_env;
	struct env_ops host_ops;
	const struct env_ops *plain_ops;
	struct mem_journal journal;
	struct config *cfg;
	struct lua_host *lua;
	struct strategy *script[WORLD_INSTANCES]; /* that the host began with */
	struct world_reload reload;
	struct record record;
	struct venue *port[WORLD_VENUES];
	struct engine *engine;
	struct desk_names names;
	struct venue_setup setup;
	struct server server;
	bool venue_open, host_open, calm;
	int64_t venue_back_ns, host_back_ns; /* dead until then; 0: not */
	uint16_t epoch;

	jmp_buf death;
	bool mortal; /* inside a turn of the host: death has somewhere to go */
	uint8_t door;
	uint32_t door_left;
	struct world_fate fate;

	bool dying; /* nothing that is still in a buffer leaves */
	bool torn;  /* it died amid a flush */
	uint32_t flushed;
	int64_t dead_ns;
	uint16_t refuse_port; /* connections there are refused; UINT16_MAX: everywhere */
	uint64_t fate_hits;
	uint8_t spoil;
	uint16_t spoil_port;
	bool spoil_to_server;
	struct rng spoil_dice;
	bool rule_bent,
		venue_touched; /* a venue's rule is another one for a while; its books were moved outside of its turn */

	struct world_tap tap[WORLD_VENUES];
	struct instrument *instrument; /* as configured: outlives the host's lives */
	void *heard_by;		       /* hears every receipt; may be NULL */
	void (*heard)(void *owner, const struct fact *f);
	struct checker *checker;   /* may be NULL */
	struct director *director; /* likewise */
	uint64_t turns, host_kills, venue_kills, popped;
	/* Flights of bytes; market data, requests and answers; what moved the books; what became of orders. */
	uint64_t flights, messages, market_events, order_events;
};

/* Draws the plan of a seed; nothing is opened. */
void world_plan(struct world_plan *p, uint64_t seed, int64_t duration_ns);
/* Writes venue.lua and host.lua of the plan into the folder. -ERR_IO. */
int world_write(const struct world_plan *p, const char *dir);

/* 0, or a negative code with its text when the world itself could not be built. checker and director are set before. */
int world_open(struct world *w, const struct world_options *o);
/* Runs until that virtual time. */
int world_run(struct world *w, int64_t until_ns);
/* Faults stop, all that is broken is mended, the dead rise. */
int world_mend(struct world *w);
/* Nothing is to be opened any more; the host lives on. */
int world_pause(struct world *w);
/* The host is told to stop. */
int world_stop(struct world *w);
/* Mends, and stops. */
int world_calm(struct world *w);
/* Adds up what only the venues' process has counted. */
void world_count(struct world *w);
/* Ends the host, and runs all its lives again from what each of them heard: 0; 1 where a receipt is not made as it was then, with the first one in words; or a negative
 * code when a life could not be put together again. With `records`. */
int world_replay(struct world *w, char why[RECORD_WHY]);
/* Ends it; its journal's memory stays for the next one. */
void world_close(struct world *w);
void world_free(struct world *w);

/* What the director may do. The host's death takes place at once, or at that door. */
void world_kill_host(struct world *w, int64_t dead_ns);
void world_kill_host_at(struct world *w, enum world_door d, uint32_t after, int64_t dead_ns);
int world_kill_venue(struct world *w, int64_t dead_ns);
struct exchange *world_exchange(struct world *w, unsigned venue); /* NULL while it is dead */
/* The book of a contract there; NULL while the venue is dead. */
const struct match *world_match(struct world *w, unsigned venue, const char *symbol);
int64_t world_venue_ns(struct world *w, unsigned venue); /* what the venue's clock says */
int64_t world_now(const struct world *w);
/* The domestic world: tells the checker what may be felt until then of what the counter does by its seed (while faults go on), and of a break that is on. Returns when the present phase ends. */
int64_t world_cn_trouble(struct world *w, int64_t until_ns);
struct cn_exchange *world_cn(struct world *w); /* NULL while it is dead */
/* Does its seed begin before the day's end? Then it goes on in the night, with both dead in between until this time; else 0. */
int64_t world_cn_night_ns(const struct world *w);
const char *world_door_name(enum world_door d);
