/* world - a host with one DIFF venue, and a peer that plays the counter word by word, on simulated time. */
#pragma once
#include "adapters/diff/diff.h"
#include "core/io/env_sim.h"
#include "core/trade/order.h"
#include "tests/kit/peer.h"

enum { WORLD_EXECS = 64, WORLD_STATES = 64 };

struct world {
	struct env_sim *sim;
	struct env *host;
	struct peer peer;
	struct venue *venue;
	struct diff_account_options account;
	struct diff_options options;
	struct assets assets;
	struct instrument instrument[3];
	char folder[64], user[96], password[96];
	/* What the core was told. */
	struct exec_report exec[WORLD_EXECS];
	unsigned n_execs, n_depths, n_feed_downs, n_rules, n_reconciled, n_bad;
	enum venue_state state[WORLD_STATES];
	unsigned n_states;
	struct depth depth;
	struct level top[side_max];
	struct rule rule;
	int halted; /* -1: not said */
	int64_t lots[side_max][2], free_e8, locked_e8;
	bool full;
};

struct world *world_open(void);
void world_free(struct world *w);
void world_run(struct world *w, int64_t ms);
/* The counter says something on the connection of quotes, or of orders. */
void world_quote(struct world *w, const char *patch);
void world_trade(struct world *w, const char *part_of_user);
void world_notice(struct world *w, const char *level, int code, const char *content);
/* Starts the venue; the counter takes the login and says an empty day. */
void world_up(struct world *w);
struct order world_order(uint64_t id);
/* The kinds of what was told from report `from` on. */
void world_expect(const struct world *w, unsigned from, const enum exec_kind *kind, unsigned n);
#define EXECS(w, from, ...)                                            \
	world_expect(w, from, (const enum exec_kind[]){ __VA_ARGS__ }, \
		     sizeof((const enum exec_kind[]){ __VA_ARGS__ }) / sizeof(enum exec_kind))

#define OURS "TDM0000000000000007"
#define ORDER_7(status, left, number, msg)                                                   \
	"\"orders\":{\"" OURS "\":{\"order_id\":\"" OURS                                     \
	"\",\"exchange_id\":\"SHFE\",\"instrument_id\":\"au2704\","                          \
	"\"direction\":\"BUY\",\"offset\":\"OPEN\",\"volume_orign\":3,\"volume_left\":" left \
	",\"limit_price\":613.42,\"status\":\"" status "\",\"exchange_order_id\":\"" number  \
	"\",\"last_msg\":\"" msg "\",\"insert_date_time\":1767225600500000000}}"
#define TRADE_7(id, lots, direction)                                                          \
	"\"" OURS "|" id direction "\":{\"order_id\":\"" OURS                                 \
	"\",\"exchange_id\":\"SHFE\",\"instrument_id\":\"au2704\",\"exchange_trade_id\":\""   \
	"      " id "\",\"direction\":\"" direction "\",\"offset\":\"OPEN\",\"volume\":" lots \
	",\"price\":613.4,\"commission\":10.01,\"trade_date_time\":1767225600600000000}"
