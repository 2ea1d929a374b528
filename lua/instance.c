#include "lua/instance.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include "core/trade/pair.h"
#include "lua/show.h"
#include <lua.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The mailbox is read by FFI with the layout of abi.h: where it claims to be the core's own struct, it is proven here. */
#define SAME(a, am, b, bm) _Static_assert(offsetof(a, am) == offsetof(b, bm), #a "." #am)
#define FROM_SPREAD(m, bm)                                                                  \
	_Static_assert(offsetof(struct tandem_basis, m) ==                                  \
			       offsetof(struct basis, bm) - offsetof(struct basis, spread), \
		       "tandem_basis." #m)
FROM_SPREAD(spread, spread);
FROM_SPREAD(ratio, ratio);
FROM_SPREAD(buy_leg0, dir[SIDE_BUY].gross);
FROM_SPREAD(buy_leg0_net, dir[SIDE_BUY].net);
FROM_SPREAD(buy_leg0_bp, dir[SIDE_BUY].gross_bp);
FROM_SPREAD(buy_leg0_net_bp, dir[SIDE_BUY].net_bp);
FROM_SPREAD(buy_leg0_lots, dir[SIDE_BUY].lots);
FROM_SPREAD(sell_leg0, dir[SIDE_SELL].gross);
FROM_SPREAD(sell_leg0_lots, dir[SIDE_SELL].lots);
FROM_SPREAD(buy_leg0_want, want[SIDE_BUY].gross);
FROM_SPREAD(sell_leg0_want, want[SIDE_SELL].gross);
FROM_SPREAD(sell_leg0_want_net, want[SIDE_SELL].net);
FROM_SPREAD(sell_leg0_want_lots, want[SIDE_SELL].lots);
FROM_SPREAD(buy_leg0_z, dir_z[SIDE_BUY]);
FROM_SPREAD(sell_leg0_z, dir_z[SIDE_SELL]);
FROM_SPREAD(z, z);
FROM_SPREAD(mean, mean);
FROM_SPREAD(dev, dev);
FROM_SPREAD(fill, fill);
FROM_SPREAD(skew_ms, skew_ms);
FROM_SPREAD(max_age_ms, max_age_ms);
FROM_SPREAD(legs, leg);
FROM_SPREAD(refs, ref);
_Static_assert(sizeof(struct tandem_basis) == sizeof(struct basis) - offsetof(struct basis, spread),
	       "tandem_basis");
_Static_assert(sizeof(struct tandem_leg) == sizeof(struct basis_leg), "tandem_leg");
_Static_assert(offsetof(struct tandem_leg, bid) == offsetof(struct basis_leg, px[SIDE_BUY]), "bid");
_Static_assert(offsetof(struct tandem_leg, ask) == offsetof(struct basis_leg, px[SIDE_SELL]),
	       "ask");
_Static_assert(offsetof(struct tandem_leg, ask_qty) == offsetof(struct basis_leg, qty[SIDE_SELL]),
	       "ask_qty");
_Static_assert(offsetof(struct tandem_leg, bid_value) ==
		       offsetof(struct basis_leg, value[SIDE_BUY]),
	       "bid_value");
_Static_assert(offsetof(struct tandem_leg, ask_want) ==
		       offsetof(struct basis_leg, want_px[SIDE_SELL]),
	       "ask_want");
_Static_assert(offsetof(struct tandem_leg, bid_worst) ==
		       offsetof(struct basis_leg, worst_px[SIDE_BUY]),
	       "bid_worst");
SAME(struct tandem_leg, mid, struct basis_leg, mid);
SAME(struct tandem_leg, age_ms, struct basis_leg, age_ms);
SAME(struct tandem_command, kind, struct proposal, kind);
SAME(struct tandem_command, intent, struct proposal, intent);
SAME(struct tandem_command, tif, struct proposal, tif);
SAME(struct tandem_command, severity, struct proposal, severity);
SAME(struct tandem_command, style, struct proposal, style);
SAME(struct tandem_command, align, struct proposal, align);
SAME(struct tandem_command, first, struct proposal, first);
SAME(struct tandem_command, n_legs, struct proposal, n_legs);
SAME(struct tandem_command, leg, struct proposal, leg);
SAME(struct tandem_command, side, struct proposal, side);
SAME(struct tandem_command, has_basis, struct proposal, has_basis);
SAME(struct tandem_command, has_fair, struct proposal, has_fair);
SAME(struct tandem_command, has_rescue, struct proposal, has_rescue);
SAME(struct tandem_command, on_leg_fail, struct proposal, on_leg_fail);
SAME(struct tandem_command, max_slip_ticks, struct proposal, rescue.max_slip_ticks);
SAME(struct tandem_command, max_unwind_slip_ticks, struct proposal, rescue.max_unwind_slip_ticks);
SAME(struct tandem_command, budget, struct proposal, rescue.budget);
SAME(struct tandem_command, wait_s, struct proposal, rescue.wait_s);
SAME(struct tandem_command, chase_s, struct proposal, rescue.chase_s);
SAME(struct tandem_command, lots, struct proposal, lots);
SAME(struct tandem_command, limit_px, struct proposal, limit_px);
SAME(struct tandem_command, pair, struct proposal, pair);
SAME(struct tandem_command, value, struct proposal, value);
SAME(struct tandem_command, basis, struct proposal, basis);
SAME(struct tandem_command, fair, struct proposal, fair);
SAME(struct tandem_command, text, struct proposal, reason);
_Static_assert(sizeof(struct tandem_command) == sizeof(struct proposal), "tandem_command");
_Static_assert(TANDEM_LEGS == LEG_MAX && TANDEM_REFS == REF_MAX &&
		       TANDEM_COMMANDS == PROPOSAL_MAX && TANDEM_TEXT == PROPOSAL_REASON,
	       "the same limits");
/* The numbers that the prelude writes. */
_Static_assert(PROPOSE_PAIR == 0 && PROPOSE_CANCEL == 1 && PROPOSE_ALERT == 2 &&
		       PROPOSE_METRIC == 3 && PROPOSE_LOG == 4 && PROPOSE_TIMER == 5 &&
		       proposal_kind_max == 6,
	       "kinds of proposals");
_Static_assert(LEG_FAIL_CHEAPEST == 0 && LEG_FAIL_COMPLETE == 1 && LEG_FAIL_UNWIND == 2 &&
		       LEG_FAIL_HOLD == 3 && on_leg_fail_max == 4,
	       "what is done about a broken pair");
_Static_assert(TIF_GTC == 0 && TIF_IOC == 1 && TIF_FOK == 2 && TIF_DAY == 3 && tif_max == 4,
	       "times in force");
_Static_assert(INTENT_OPEN == 0 && INTENT_CLOSE == 1 && INTENT_ROLL == 2, "intents");
_Static_assert(STYLE_DEFAULT == 0 && STYLE_BOTH == 1 && STYLE_LEGGED == 2 && STYLE_PASSIVE == 3 &&
		       pair_style_max == 4,
	       "styles");
_Static_assert(ALIGN_DEFAULT == 0 && ALIGN_SEND == 1 && ALIGN_ARRIVE == 2 &&
		       ALIGN_LESS_CERTAIN == 3 && pair_align_max == 4 && LEG_ANY == 255,
	       "alignments");
_Static_assert(SIDE_BUY == 0 && SIDE_SELL == 1, "sides");
_Static_assert(LEG_FAIL_CHEAPEST == 0 && LEG_FAIL_COMPLETE == 1 && LEG_FAIL_UNWIND == 2 &&
		       LEG_FAIL_HOLD == 3,
	       "ways out of a failed leg");
_Static_assert(STRAT_START == 0 && STRAT_BASIS == 1 && STRAT_PAIR == 2 && STRAT_TIMER == 3 &&
		       STRAT_STOP == 4 && STRAT_QUOTE == 5 && STRAT_BOOK == 6 && STRAT_ORDER == 7 &&
		       STRAT_SESSION == 8 && STRAT_GAP == 9 && STRAT_PARAM == 10 &&
		       strat_event_max == 11,
	       "kinds of events");

static void lower(char *out, size_t cap, const char *name)
{
	size_t n = 0;
	for (; name[n] && n + 1 < cap; n++)
		out[n] = (char)(name[n] >= 'A' && name[n] <= 'Z' ? name[n] | 32 : name[n]);
	out[n] = 0;
}

/* Const members are const to the script: C puts whole structs over them. */
__attribute__((noinline)) static void show_pair(struct tandem_mailbox *m,
						const struct strat_pair_event *p)
{
	struct {
		double lots, px[LEG_MAX], qty[LEG_MAX];
	} pair = { .lots = p->lots };
	_Static_assert(sizeof(pair) == sizeof(struct tandem_pair), "tandem_pair");
	memcpy(pair.px, p->px, sizeof(pair.px));
	memcpy(pair.qty, p->qty, sizeof(pair.qty));
	memcpy((void *)&m->pair, &pair, sizeof(pair));
	m->pair_id = p->pair;
	lower(m->pair_event, sizeof(m->pair_event), pair_state_name((enum pair_state)p->state));
	lower(m->pair_intent, sizeof(m->pair_intent),
	      pair_intent_name((enum pair_intent)p->intent));
	memcpy(m->pair_reason, p->reason, sizeof(m->pair_reason));
	m->pair_reason[sizeof(m->pair_reason) - 1] = 0;
}

/* As much as there are legs and references: the rest stays zero. */
static void show_basis(struct instance *in, const struct basis *b)
{
	struct tandem_basis *to = &in->mail.basis;
	memcpy((void *)to, &b->spread,
	       offsetof(struct tandem_basis, legs) + in->s.n_legs * sizeof(b->leg[0]));
	if (in->s.n_refs)
		memcpy((void *)&to->refs, b->ref, sizeof(b->ref));
	in->mail.gate = b->gate;
	in->mail.gate_who = b->gate_who;
	in->basis_calls++;
}

/* Called by scripts, from compiled code too: touches nothing of the VM. */
static double lots_at(const void *shown, int32_t side, double net, int32_t bp)
{
	enum { most = 1000000000 };
	const struct basis *b = shown;
	if (!b || !b->spec || !isfinite(net) || (bp && !b->ratio_ok))
		return 0;
	return (double)basis_lots_at(b->spec, b, side == SIDE_SELL ? SIDE_SELL : SIDE_BUY,
				     bp ? net / b->spec->bp : net, most);
}

static void show(struct instance *in, const struct strat_self *self, const struct strat_event *ev)
{
	struct tandem_mailbox *m = &in->mail;
	/* Number by number: a copy made of them on the stack would be read back before it is there. */
	struct {
		double leg[LEG_MAX], lots, in_flight;
	} *pos = (void *)&m->pos;
	_Static_assert(sizeof(*pos) == sizeof(struct tandem_pos), "tandem_pos");
	memcpy(pos->leg, self->pos, sizeof(pos->leg));
	pos->lots = self->pos_lots;
	pos->in_flight = self->pairs_in_flight;
	m->now_ns = self->now_ns;
	m->utc_ns = self->utc_ns;
	m->n_commands = 0;
	m->lots_at = lots_at;
	m->shown = ev->kind == STRAT_BASIS ? ev->basis : NULL;
	m->book = NULL;
	in->self = self;
	if (ev->kind == STRAT_BASIS)
		show_basis(in, ev->basis);
	else if (ev->kind == STRAT_PAIR)
		show_pair(m, ev->pair);
	else if (ev->kind == STRAT_TIMER)
		m->timer = ev->timer;
	else
		show_event(m, ev);
}

static void quarantine(struct instance *in, const char *why)
{
	in->s.quarantined = true;
	snprintf(in->quarantine, sizeof(in->quarantine), "%s", why);
}

/* The call has failed, its text is in the VM. */
static int strike(struct instance *in)
{
	const struct lua_host_options *o = &in->host->opt;
	if (in->vm.guard.why) {
		in->s.kills++;
		/* Two: one that is under way does not see what the call left. */
		in->cycles_owed = 2;
		guard_clear(&in->vm.guard);
		if (in->s.kills >= o->kill_strikes)
			quarantine(in, in->vm.error);
	} else {
		in->s.errors++;
		if (++in->errors_in_row[in->vm.kind] >= o->error_strikes)
			quarantine(in, in->vm.error);
	}
	in->mail.n_commands = 0;
	return err_set(ERR_SCRIPT, "%s%s", in->vm.error,
		       in->s.quarantined ? " (the strategy is in quarantine; mend it and reload it)"
					 : "");
}

int instance_call(struct instance *in, int hook, int64_t budget_ns, int args)
{
	struct lua_host *h = in->host;
	in->vm.kind = hook;
	int rc = vm_call(&in->vm, h->watchdog.runs ? &h->watchdog : NULL, budget_ns, args, 0);
	return __builtin_expect(!rc, 1) ? 0 : strike(in);
}

/* The prelude has checked them for the script's sake; this is for ours. */
static bool sane(const struct instance *in, const struct proposal *p)
{
	bool ok = p->kind < proposal_kind_max && p->intent <= INTENT_ROLL && p->tif < tif_max &&
		  p->style < pair_style_max && p->align < pair_align_max &&
		  (p->first < in->s.n_legs || p->first == LEG_ANY) && p->n_legs <= in->s.n_legs &&
		  isfinite(p->lots) && isfinite(p->value) && isfinite(p->basis) &&
		  isfinite(p->fair);
	for (unsigned i = 0; ok && i < p->n_legs; i++)
		ok = p->leg[i] < in->s.n_legs && p->side[i] < side_max && isfinite(p->limit_px[i]);
	return ok && memchr(p->reason, 0, sizeof(p->reason));
}

static int collect(struct instance *in, struct proposal *out, unsigned cap)
{
	uint32_t n = in->mail.n_commands;
	if (n > PROPOSAL_MAX || n > cap)
		return err_set(ERR_SCRIPT, "%s:1: %u proposals in one call; %u is the most",
			       in->vm.file, n, cap);
	for (uint32_t i = 0; i < n; i++) {
		memcpy(&out[i], &in->mail.command[i], sizeof(out[i]));
		if (!sane(in, &out[i]))
			return err_set(
				ERR_SCRIPT,
				"%s:1: proposal %u makes no sense; all of this call are dropped",
				in->vm.file, i + 1);
		vm_printable(out[i].reason);
		/* The mailbox is reused: the next proposal in this place starts clean. */
		memset(&in->mail.command[i], 0, sizeof(in->mail.command[i]));
	}
	return (int)n;
}

static int instance_run(struct strategy *s, const struct strat_self *self,
			const struct strat_event *ev, struct proposal *out, unsigned cap)
{
	struct instance *in = (struct instance *)s;
	must(ev->kind < strat_event_max);
	if (s->quarantined)
		return err_set(ERR_STATE, "%s is in quarantine: %s", s->name, in->quarantine);
	int entry = in->entry[ev->kind];
	if (!entry || (ev->kind == STRAT_BASIS && !ev->basis->ok))
		return 0;
	show(in, self, ev);
	s->calls++;
	if (__builtin_expect(in->kill_next, 0)) {
		in->kill_next = false;
		guard_trip(&in->vm.guard, GUARD_ASKED);
	}
	int args = 0;
	if (ev->kind == STRAT_BASIS && calling_other(&in->calling, in->basis_calls))
		args = calling_push(in);
	else
		lua_pushvalue(in->vm.L, entry);
	int rc = instance_call(in, ev->kind, in->budget_ns, args);
	in->self = NULL;
	in->world = NULL;
	s->trace_aborts = in->mail.trace_aborts;
	if (__builtin_expect(rc, 0)) {
		memset(in->mail.command, 0, sizeof(in->mail.command));
		return rc;
	}
	in->errors_in_row[ev->kind] = 0;
	return in->mail.n_commands ? collect(in, out, cap) : 0;
}

struct restoring {
	const void *buf;
	size_t len;
	uint32_t version;
};

/* In a protected call, since it allocates in the VM. Called with a struct restoring. */
static int restore(lua_State *L)
{
	const struct restoring *r = lua_touserdata(L, 1);
	lua_pushvalue(L, lua_upvalueindex(1));
	state_push(L, r->buf, r->len);
	lua_pushnumber(L, r->version);
	lua_call(L, 2, 0);
	return 0;
}

static int instance_restore(struct strategy *s, const void *buf, size_t len)
{
	struct instance *in = (struct instance *)s;
	lua_State *L = in->vm.L;
	size_t windows;
	int rc = windows_check(buf, len, &windows);
	struct restoring r = { .buf = (const char *)buf + windows, .len = len - windows };
	if (!rc && (r.len || !windows))
		rc = state_check(r.buf, r.len, &r.version);
	if (rc)
		return err_ctx(rc, "%s", s->file);
	windows_reset(in->windows);
	windows_restore(in->windows, buf, windows);
	if (!r.len)
		return 0;
	in->mail.n_commands = 0;
	lua_pushvalue(L, in->restore);
	lua_pushcclosure(L, restore, 1);
	lua_pushlightuserdata(L, &r);
	struct lua_host *h = in->host;
	in->vm.kind = STRAT_START;
	rc = vm_call(&in->vm, h->watchdog.runs ? &h->watchdog : NULL, in->budget_ns, 1, 0);
	return rc ? strike(in) : 0;
}

static int instance_save(struct strategy *s, void *buf, size_t cap, size_t *len)
{
	return lua_host_save(s, buf, cap, len);
}

static uint32_t instance_hooks(const struct strategy *s)
{
	return ((const struct instance *)s)->hooks;
}

static void instance_free(struct strategy *s)
{
	struct instance *in = (struct instance *)s;
	vm_close(&in->vm);
	windows_free(in->windows);
	source_free(&in->vm.source);
	free(in);
}

static const char *instance_trace(const struct strategy *s)
{
	return ((const struct instance *)s)->vm.trace;
}

static bool instance_param(const struct strategy *s, unsigned i, struct strat_param *out)
{
	const struct tandem_mailbox *m = &((const struct instance *)s)->mail;
	const struct tandem_param *p = &m->declared.param[i];
	if (i >= m->declared.n_params)
		return false;
	*out = (struct strat_param){ .name = p->name,
				     .doc = p->doc,
				     .value = m->params[i],
				     .configured = p->value,
				     .min = p->min,
				     .max = p->max,
				     .reason = p->reason };
	return true;
}

static int instance_set_param(struct strategy *s, const char *name, double value)
{
	struct tandem_mailbox *m = &((struct instance *)s)->mail;
	for (unsigned i = 0; i < m->declared.n_params; i++) {
		const struct tandem_param *p = &m->declared.param[i];
		if (strcmp(p->name, name) != 0)
			continue;
		if (!(value >= p->min && value <= p->max))
			return err_set(ERR_RANGE,
				       "%s = %g is outside the bounds that %s sets: %g to %g", name,
				       value, s->file, p->min, p->max);
		m->params[i] = value;
		return 0;
	}
	return err_set(ERR_NOTFOUND, "%s has no parameter \"%s\"", s->file, name);
}

const struct strategy_ops instance_ops = {
	.run = instance_run,
	.hooks = instance_hooks,
	.save = instance_save,
	.restore = instance_restore,
	.free = instance_free,
	.param = instance_param,
	.set_param = instance_set_param,
	.trace = instance_trace,
};

/* Between calls the collector stands still, so that no call pays for it; a cycle begins when there is enough to find. */
void instance_idle(struct instance *in)
{
	enum { worth_bytes = 64 * 1024, steps = 4 };
	lua_State *L = in->vm.L;
	if (!in->cycles_owed && in->vm.arena.used < in->memory_mark + worth_bytes)
		return;
	for (int i = 0; i < steps; i++) {
		if (lua_gc(L, LUA_GCSTEP, 0)) {
			in->memory_mark = in->vm.arena.used;
			in->cycles_owed -= in->cycles_owed > 0;
			break;
		}
	}
	lua_gc(L, LUA_GCSTOP, 0);
}
