/* world - a host with one Binance venue, and a peer that plays the venue, on simulated time. */
#pragma once
#include "adapters/binance/binance.h"
#include "core/io/env_sim.h"
#include "core/trade/order.h"
#include "tests/kit/peer.h"

enum { WORLD_EXECS = 64, WORLD_STATES = 64, WORLD_INSTRUMENTS = 200 };

struct world {
	struct env_sim *sim;
	struct env *host;
	struct peer peer;
	struct venue *venue;
	struct binance_account account;
	struct binance_options options;
	struct assets assets;
	struct instrument instrument[WORLD_INSTRUMENTS];
	uint32_t n_instruments;
	char folder[64], secret[96], public[96];
	/* What the core was told. */
	struct exec_report exec[WORLD_EXECS];
	unsigned n_execs, n_quotes, n_depths, n_snapshots, n_feed_downs, n_halts, n_probes, n_alive,
		n_bad, n_clocks, n_rules, n_reconciled;
	enum venue_state state[WORLD_STATES];
	unsigned n_states;
	char why[192];
	bool full;
	struct quote quote;
	int64_t snapshot_seq;
	struct rule rule;
	struct {
		int64_t qty_long, qty_short;
		unsigned n;
	} position[2];
	int64_t free_e8;
	enum bad_input bad;
	int64_t paused_until_ns[2]; /* what opens; everything */
	int64_t clock_gap_ns; /* venue less the middle of our stamps, mono */
	/* Called with each report, if set. */
	void (*on_exec)(struct world *w, const struct exec_report *r);
};

struct world *world_open(enum binance_api api, bool ed25519);
struct world *world_open_many(enum binance_api api, bool ed25519, uint32_t n_instruments);
void world_free(struct world *w);
/* Lets time pass. */
void world_run(struct world *w, int64_t ms);
/* Starts the venue and lets it come up. */
void world_up(struct world *w);
struct order world_order(uint64_t id);
const struct exec_report *world_last(const struct world *w);

/* ---- order 7: what the venue says of it, and what the core was told ---- */

#define OURS "TDM0000000000000007"
#define ACK_7                                                                         \
	"\"result\":{\"symbol\":\"BTCUSDT\",\"orderId\":28,\"clientOrderId\":\"" OURS \
	"\",\"transactTime\":1767225600500}"
#define STATE_7(status, cum)                                                          \
	"\"result\":{\"symbol\":\"BTCUSDT\",\"orderId\":28,\"clientOrderId\":\"" OURS \
	"\",\"price\":\"61837.6\",\"origQty\":\"0.010\","                             \
	"\"executedQty\":\"" cum "\",\"status\":\"" status                            \
	"\",\"side\":\"BUY\",\"updateTime\":1767225600500}"
#define TRADE(id, qty)                                             \
	"{\"symbol\":\"BTCUSDT\",\"id\":" id                       \
	",\"orderId\":28,\"price\":\"61837.5\",\"qty\":\"" qty     \
	"\",\"commission\":\"0.01\",\"commissionAsset\":\"USDT\"," \
	"\"time\":1767225600400,\"isBuyer\":true,\"isMaker\":false}"
#define REFUSED(code, msg) "\"error\":{\"code\":" code ",\"msg\":\"" msg "\"}"
#define REPORT(x, X, l, z, t)                                                             \
	"{\"subscriptionId\":0,\"event\":{\"e\":\"executionReport\",\"E\":1767225600500," \
	"\"s\":\"BTCUSDT\",\"c\":\"" OURS "\",\"S\":\"BUY\",\"q\":\"0.010\","             \
	"\"p\":\"61837.6\",\"C\":\"\",\"x\":\"" x "\",\"X\":\"" X                         \
	"\",\"r\":\"NONE\",\"i\":28,\"l\":\"" l "\",\"z\":\"" z                           \
	"\",\"L\":\"61837.5\",\"n\":\"0.01\",\"N\":\"USDT\",\"T\":1767225600500,\"t\":" t \
	",\"m\":false}}"

void world_place_7(struct world *w);
void world_query_7(struct world *w, int64_t known_cum);
/* From the report `from` on the core was told exactly these. */
void world_expect(const struct world *w, unsigned from, const enum exec_kind *kind, unsigned n);
#define EXECS(w, from, ...)                                            \
	world_expect(w, from, (const enum exec_kind[]){ __VA_ARGS__ }, \
		     sizeof((const enum exec_kind[]){ __VA_ARGS__ }) / sizeof(enum exec_kind))
/* The venue went through these states, in this order, perhaps among others. */
bool world_passed(const struct world *w, const enum venue_state *want, unsigned n);
