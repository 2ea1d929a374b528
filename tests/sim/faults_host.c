/* What goes wrong at home: the host's death, its disk, its scripts, its operator. */
#include "tests/sim/chatty.h"
#include "tests/sim/faults_parts.h"
#include <stdio.h>

#define BACK_NS (3000 * MS)

static void home_trouble(struct world *w, enum checker_trouble t, int64_t for_ns)
{
	fault_trouble(w, ANY_VENUE, t, for_ns);
}

/* At a door, the so many-th time that it comes by; or between two turns. */
enum fault_said fault_host_dies(struct world *w, struct injection *x, bool calm)
{
	if (x->step == 0) {
		if (calm || !w->host_open || w->door || !fault_live(w, x, ANY_VENUE))
			return FAULT_WAIT;
		enum world_door d = (enum world_door)rng_below(&x->dice, world_door_max);
		int64_t dead = rng_range(&x->dice, 1, 60) * MS;
		x->until_ns = world_now(w) + 200 * MS;
		if (d == DOOR_NONE) {
			world_kill_host(w, dead);
			return FAULT_HIT;
		}
		world_kill_host_at(w, d, (uint32_t)rng_range(&x->dice, 1, 20), dead);
		x->step = 1;
		return FAULT_WORK;
	}
	if (x->step == 2)
		return FAULT_HIT;
	if (!calm && world_now(w) < x->until_ns)
		return FAULT_WORK;
	w->door = DOOR_NONE;
	return FAULT_OVER;
}

enum fault_said fault_disk_trouble(struct world *w, struct injection *x, bool calm)
{
	if (x->step == 0) {
		if (calm || w->journal.trouble || !fault_live(w, x, ANY_VENUE))
			return FAULT_WAIT;
		w->journal.trouble = "no space left on device";
		x->until_ns = world_now(w) + rng_range(&x->dice, 5, 80) * MS;
		x->step = 1;
		return FAULT_WORK;
	}
	if (!calm && world_now(w) < x->until_ns)
		return FAULT_WORK;
	w->journal.trouble = NULL;
	return FAULT_HIT;
}

/* The writer does not keep up: what is left is about the part that opening may not use, and what is in flight goes on writing. */
enum fault_said fault_writer_stalls(struct world *w, struct injection *x, bool calm)
{
	if (x->step == 0) {
		uint64_t left = (uint64_t)rng_range(&x->dice, 2500, 4200);
		if (calm || w->journal.taken || !fault_live(w, x, ANY_VENUE) ||
		    w->journal.n + left >= w->journal.cap)
			return FAULT_WAIT;
		w->journal.taken = w->journal.cap - w->journal.n - left;
		x->amount[0] = rng_range(&x->dice, 5, 60) * MS;
		x->until_ns = world_now(w) + x->amount[0];
		x->step = 1;
		home_trouble(w, TROUBLE_ROOM, x->amount[0] + BACK_NS);
		return FAULT_WORK;
	}
	if (!calm && world_now(w) < x->until_ns)
		return FAULT_WORK;
	w->journal.taken = 0;
	return FAULT_HIT;
}

/* No port says so: it is written down for whoever runs this life again. */
static void trouble(struct world *w, uint16_t instance, enum chatty_trouble t, uint32_t calls)
{
	struct strategy *s = engine_desk(w->engine)->instance[instance].script;
	record_trouble(&w->record, instance, s, (uint8_t)t, calls);
	chatty_trouble(s, t, calls);
}

static enum fault_said script(struct world *w, struct injection *x, bool calm,
			      enum chatty_trouble t)
{
	uint32_t i = (uint32_t)rng_below(&x->dice, w->plan.n_instances);
	struct strategy *s = w->host_open ? engine_desk(w->engine)->instance[i].script : NULL;
	if (calm || !w->host_open || !fault_live(w, x, ANY_VENUE) || w->o.alone == i + 1)
		return FAULT_WAIT;
	if (w->plan.instance[i].kind == WORLD_CHATTY)
		trouble(w, (uint16_t)i, t, 1 + (uint32_t)rng_below(&x->dice, 30));
	else
		lua_host_kill_next(s);
	return FAULT_HIT;
}

enum fault_said fault_script_wrong(struct world *w, struct injection *x, bool calm)
{
	return script(w, x, calm, x->id & 1 ? CHATTY_ERROR : CHATTY_NONSENSE);
}

enum fault_said fault_proposed_twice(struct world *w, struct injection *x, bool calm)
{
	return script(w, x, calm, CHATTY_TWICE);
}

/* More pairs at once than there is room for, on both sides of one contract. */
enum fault_said fault_self_match(struct world *w, struct injection *x, bool calm)
{
	if (calm || !w->host_open || !fault_live(w, x, ANY_VENUE))
		return FAULT_WAIT;
	for (uint32_t i = 0; i < w->plan.n_instances; i++)
		if (w->plan.instance[i].kind == WORLD_CHATTY)
			trouble(w, (uint16_t)i, CHATTY_FLOOD, 5);
	return FAULT_HIT;
}

static void tell(struct world *w, enum env_command_kind kind, const char *scope, const char *arg)
{
	struct env_command c = { .kind = kind, .who = "sim", .why = "drawn" };
	snprintf(c.scope, sizeof c.scope, "%s", scope);
	snprintf(c.arg, sizeof c.arg, "%s", arg);
	env_sim_push(w->host_env, &c);
}

/* New versions one after the other, good ones, bad ones, shadows and canaries, and back again, while pairs are in flight. */
enum fault_said fault_script_reloaded(struct world *w, struct injection *x, bool calm)
{
	static const char *const ways[] = { "swap", "swap",    "canary", "shadow",
					    "back", "promote", "drop" };
	if (calm)
		return x->step ? FAULT_HIT : FAULT_OVER;
	if (x->step == 0) {
		x->amount[1] = (int64_t)rng_below(&x->dice, w->plan.n_instances);
		x->amount[0] = rng_range(&x->dice, 1, 6);
		if (w->plan.instance[x->amount[1]].kind != WORLD_CHATTY || !w->host_open ||
		    !fault_live(w, x, ANY_VENUE))
			return FAULT_WAIT;
	}
	if (!w->host_open || world_now(w) < x->until_ns)
		return FAULT_WORK;
	tell(w, CMD_RELOAD, w->plan.instance[x->amount[1]].name, ways[rng_below(&x->dice, 7)]);
	x->until_ns = world_now(w) + rng_range(&x->dice, 1, 40) * MS;
	return x->step++ < (unsigned)x->amount[0] ? FAULT_WORK : FAULT_HIT;
}

/* Kill in every mode and scope, or pause, now and then twice, and after a while go on. */
enum fault_said fault_operator_kills(struct world *w, struct injection *x, bool calm)
{
	static const char *const modes[] = { "cancel", "stop", "finish", "flatten", "" };
	static const char *const scopes[] = {
		"all", "all", "usdm", "spot_a", "both", "passive", ""
	};
	if (x->step == 0) {
		if (calm || !w->host_open || !fault_live(w, x, ANY_VENUE))
			return FAULT_WAIT;
		bool kill = rng_chance(&x->dice, 700000);
		const char *scope = scopes[rng_below(&x->dice, 7)];
		const char *mode = kill ? modes[rng_below(&x->dice, 5)] : "";
		char pair[24];
		snprintf(pair, sizeof pair, "pair:%llx", (unsigned long long)x->pair);
		for (uint64_t n = 1 + rng_below(&x->dice, 2); n-- > 0;)
			tell(w, kill ? CMD_KILL : CMD_PAUSE, scope[0] ? scope : pair, mode);
		x->until_ns = world_now(w) + rng_range(&x->dice, 1, 40) * MS;
		if (mode[0] == 'f' && rng_below(&x->dice, 2)) /* now and then until all is flat */
			x->until_ns += 400 * MS;
		x->step = kill && !w->door && rng_below(&x->dice, 4) == 0 ? 2 : 1;
		return FAULT_WORK;
	}
	if (x->step == 2) { /* it was given to a host that dies */
		if (!calm && world_now(w) < x->until_ns)
			return FAULT_WORK;
		x->step = 1;
		if (calm || !w->host_open)
			return FAULT_WORK;
		world_kill_host(w, rng_range(&x->dice, 1, 20) * MS);
		x->until_ns = world_now(w) + rng_range(&x->dice, 300, 700) * MS;
		return FAULT_WORK;
	}
	if (!calm && (world_now(w) < x->until_ns || !w->host_open))
		return FAULT_WORK;
	if (w->host_open) {
		tell(w, CMD_RESUME, "all", "");
		tell(w, CMD_RESUME, "both", "");
		tell(w, CMD_RESUME, "passive", "");
	}
	return FAULT_HIT;
}

/* Below what is held already, by the operator's word: only reducing may go on. It outlives the host, and is raised again with a reason. */
static void set_limit(struct world *w, int row, bool low)
{
	const struct world_plan *p = &w->plan;
	const int64_t position = (p->position_milli ? p->position_milli : 20000) * 100000LL;
	const int64_t money = (p->order_money ? p->order_money : 50000) * 100000000LL;
	const struct {
		const char *scope, *what;
		int64_t low, high;
	} rows[] = {
		{ "all", "position_base_e8", 1000, position },
		{ "usdm", "messages_per_s", 5, p->messages_per_s ? p->messages_per_s : 20000 },
		{ "both", "pairs_in_flight", 1, 4 },
		{ "all", "order_notional_e8", 10000000000, money },
		{ "all", "unhedged_ns", 1000000, -1 },
	};
	int64_t value = low ? rows[row].low : rows[row].high;
	char text[64];
	if (value < 0)
		snprintf(text, sizeof text, "%s off", rows[row].what);
	else
		snprintf(text, sizeof text, "%s %lld", rows[row].what, (long long)value);
	tell(w, CMD_SET, rows[row].scope, text);
}

enum fault_said fault_limit_lowered(struct world *w, struct injection *x, bool calm)
{
	if (x->step == 0) {
		if (calm || !w->host_open || !fault_live(w, x, ANY_VENUE))
			return FAULT_WAIT;
		x->amount[0] = (int64_t)rng_below(&x->dice, 5);
		set_limit(w, (int)x->amount[0], true);
		x->until_ns = world_now(w) + rng_range(&x->dice, 3, 40) * MS;
		x->step = 1;
		return FAULT_WORK;
	}
	if (!calm && (world_now(w) < x->until_ns || !w->host_open))
		return FAULT_WORK;
	if (w->host_open)
		set_limit(w, (int)x->amount[0], false);
	return FAULT_HIT;
}
