/* What people do to our accounts: orders and trades by another hand, positions closed by force, and the operator who comes and looks. */
#include "adapters/sim/server_parts.h"
#include "tests/sim/faults_parts.h"
#include <stdio.h>
#include <string.h>

static void tell(struct world *w, enum env_command_kind kind, const char *scope, const char *arg)
{
	struct env_command c = { .kind = kind, .who = "sim", .why = "looked at" };
	snprintf(c.scope, sizeof c.scope, "%s", scope);
	snprintf(c.arg, sizeof c.arg, "%s", arg);
	if (w->host_env)
		env_sim_push(w->host_env, &c);
}

/* Whose a difference is: an instance's that trades there, or nobody's. */
static void resolve_contracts(struct world *w, struct rng *dice)
{
	static const struct {
		const char *contract, *adopts;
	} rows[] = {
		{ "spot.BTCUSDT@spot_a", "adopt both" },    { "spot.BTCUSDT@spot_b", "adopt passive" },
		{ "usdm.BTCUSDT@usdm_a", "adopt legged" },  { "usdm.BTCUSDT@usdm_b", "adopt three" },
		{ "usdm.BTCUSDC@usdm_a", "accept" },	    { "usdm.BTCUSDC@usdm_b", "adopt three" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		tell(w, CMD_RESOLVE, rows[i].contract,
		     rng_below(dice, 2) ? rows[i].adopts : "accept");
		tell(w, CMD_RESOLVE, rows[i].contract, "accept"); /* what could not be adopted */
	}
}

/* A word on what is held. */
static void resolve_pair(struct world *w, struct rng *dice)
{
	static const char *const ways[] = { "complete", "unwind", "adopt", "accept" };
	uint64_t pair = checker_held_pair(w->checker);
	char id[24];
	snprintf(id, sizeof id, "%016llx", (unsigned long long)pair);
	if (pair)
		tell(w, CMD_RESOLVE, id, ways[rng_below(dice, 4)]);
}

enum fault_said fault_looked_at(struct world *w, struct injection *x, bool calm)
{
	if (!calm && (world_now(w) < x->until_ns || !w->host_open))
		return FAULT_WORK;
	resolve_contracts(w, &x->dice);
	resolve_pair(w, &x->dice);
	tell(w, CMD_RESUME, "all", "");
	return FAULT_HIT;
}

/* Trades at once what it meets. */
static bool trade_by_hand(struct world *w, struct injection *x, unsigned venue, const char *name,
			  enum side side, int64_t lots)
{
	struct exchange *e = fault_venue_begin(w, venue);
	const struct exchange_order *o;
	if (!e)
		return false;
	struct exchange_request r = { .account =
					      (uint16_t)rng_below(&x->dice, e->config.n_accounts),
				      .side = (uint8_t)side,
				      .type = ORD_MARKET,
				      .tif = TIF_IOC,
				      .qty = lots * e->config.instrument[0].rule[0].lot };
	if (venue == 0)
		r.qty *= 100;
	snprintf(r.client, sizeof r.client, "%s%u", name, x->id);
	enum outcome out = exchange_place(e, w->server.venue[venue].wire.now_ns, &r, &o);
	fault_venue_end(w, venue);
	return out == OUT_OK;
}

static bool by_plan(struct world *w, unsigned venue, enum plan_kind kind)
{
	if (!fault_venue_begin(w, venue))
		return false;
	struct wire *wire = &w->server.venue[venue].wire;
	wire_plan(wire, &(struct plan_event){ .kind = (uint8_t)kind, .symbol = "BTCUSDT" },
		  wire->now_ns);
	fault_venue_end(w, venue);
	return true;
}

static void looked_at_soon(struct world *w, struct injection *x, int64_t least_ms, int64_t most_ms)
{
	x->step = 1;
	x->until_ns = world_now(w) + rng_range(&x->dice, least_ms, most_ms) * MS;
}

/* Somebody's order, met at once or resting; the contract is fenced until the operator has said whose it is. */
enum fault_said fault_foreign_order(struct world *w, struct injection *x, bool calm)
{
	if (x->step)
		return fault_looked_at(w, x, calm);
	if (calm || !fault_live(w, x, x->venue))
		return FAULT_WAIT;
	uint64_t how = rng_below(&x->dice, 3);
	bool done = how == 0 ? by_plan(w, x->venue, PLAN_FOREIGN_ORDER)
		    : how == 1 ? by_plan(w, x->venue, PLAN_FOREIGN_FILL)
			       : trade_by_hand(w, x, x->venue, "manual-",
					       (enum side)rng_below(&x->dice, 2),
					       rng_range(&x->dice, 1, 5));
	if (!done)
		return FAULT_OVER;
	looked_at_soon(w, x, 5, 30);
	return FAULT_WORK;
}

/* All of a contract is closed by force, for our own sake or for somebody else's; or a part of what is held. */
enum fault_said fault_liquidated(struct world *w, struct injection *x, bool calm)
{
	if (x->step)
		return fault_looked_at(w, x, calm);
	if (calm || !fault_live(w, x, 1))
		return FAULT_WAIT;
	uint64_t how = rng_below(&x->dice, 3);
	bool done = how == 0   ? by_plan(w, 1, PLAN_LIQUIDATE)
		    : how == 1 ? by_plan(w, 1, PLAN_ADL)
			       : trade_by_hand(w, x, 1, "autoclose-",
					       (enum side)rng_below(&x->dice, 2),
					       rng_range(&x->dice, 1, 5));
	if (!done)
		return FAULT_OVER;
	looked_at_soon(w, x, 5, 60);
	return FAULT_WORK;
}

/* Somebody trades while the host is dead. */
enum fault_said fault_start_differs(struct world *w, struct injection *x, bool calm)
{
	if (x->step == 2)
		return fault_looked_at(w, x, calm);
	if (x->step == 1) {
		if (!calm)
			trade_by_hand(w, x, x->venue, "manual-", (enum side)rng_below(&x->dice, 2),
				      2);
		looked_at_soon(w, x, 400, 401);
		x->step = 2;
		return FAULT_WORK;
	}
	if (calm || !w->host_open || !fault_live(w, x, ANY_VENUE))
		return FAULT_WAIT;
	world_kill_host(w, 30 * MS);
	x->step = 1;
	return FAULT_WORK;
}
