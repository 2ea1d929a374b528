#include "lua/lint.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/rng.h"
#include "core/trade/order.h"
#include "core/trade/pair.h"
#include "gen/embed.h"
#include "lua/instance.h"
#include "lua/stand.h"
#include <lauxlib.h>
#include <lua.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUOTES \
	6000 /* a hook is compiled after some hundred, and its side ways after as many again */
#define VALUE	 1000.0
#define EVERY_NS 100000000
#define DEPTH	 5
#define RARELY	 200 /* steps between two that disturb */

struct lint {
	struct lua_host *host;
	struct stand stand;
	struct lint_report *out;
	struct rng rng;
	unsigned failures;
	bool proposed;	      /* in this step; the first counts */
	struct proposal pair; /* it */
	int read_traces; /* in the registry of the strategy's VM; 0: its hooks could not be read */
};

void lint_add(struct lint_report *r, int line, int column, enum lint_severity severity,
	      const char *code, const char *text)
{
	for (unsigned k = 0; k < r->n; k++)
		if (r->finding[k].line == line && strcmp(r->finding[k].text, text) == 0)
			return;
	if (r->n == LINT_MAX) {
		r->more++;
		return;
	}
	struct lint_finding *f = &r->finding[r->n++];
	*f = (struct lint_finding){ .line = line, .column = column, .severity = (uint8_t)severity };
	snprintf(f->code, sizeof f->code, "%s", code);
	snprintf(f->text, sizeof f->text, "%s", text);
}

int lint_split(const char *file, const char *message, const char **rest)
{
	const size_t n = strlen(file);
	char *end;
	*rest = message;
	if (strncmp(message, file, n) != 0 || message[n] != ':')
		return 0;
	const long line = strtol(message + n + 1, &end, 10);
	if (end == message + n + 1 || strncmp(end, ": ", 2) != 0)
		return 0;
	*rest = end + 2;
	return (int)line;
}

/* err_text, which names a line of the file, as an error of it. */
static void add_failure(struct lint *x, const char *code)
{
	const char *what;
	const int line = lint_split(x->stand.told_by, err_text(), &what);
	for (unsigned k = 0; k < x->out->n; k++) /* what its code has shown already */
		if (x->out->finding[k].line == line && x->out->finding[k].severity == LINT_ERROR)
			return;
	lint_add(x->out, line ? line : 1, 0, LINT_ERROR, code, what);
}

/* ---- what its own VM knows */

static void push_list(lua_State *L, const char *field, const char (*name)[16], unsigned n)
{
	lua_newtable(L);
	for (unsigned i = 0; i < n; i++) {
		lua_pushstring(L, name[i]);
		lua_rawseti(L, -2, (int)i + 1);
	}
	lua_setfield(L, -2, field);
}

static void push_params(lua_State *L, const struct strategy *s)
{
	struct lua_param p;
	lua_newtable(L);
	for (unsigned i = 0; lua_host_param(s, i, &p); i++) {
		lua_pushstring(L, p.name);
		lua_rawseti(L, -2, (int)i + 1);
	}
	lua_setfield(L, -2, "params");
}

#define FIRST_ENTRY \
	2 /* of the arguments of read_code: after the struct lint the entries by kind, then the state */

/* The strategy's table is what the entries of its hooks hold as S; and one of its functions has the environment. */
static void push_itself(lua_State *L, const struct instance *in)
{
	const int it = lua_gettop(L);
	for (int arg = FIRST_ENTRY; arg < FIRST_ENTRY + strat_event_max; arg++)
		for (int up = 1; lua_isfunction(L, arg); up++) {
			const char *name = lua_getupvalue(L, arg, up);
			if (!name)
				break;
			if (strcmp(name, "S") == 0 && lua_istable(L, -1))
				lua_setfield(L, it, "S");
			else
				lua_pop(L, 1);
		}
	lua_rawgeti(L, LUA_REGISTRYINDEX, in->vm.hooks);
	const int hooks = lua_gettop(L);
	for (int kind = 0; kind < strat_event_max; kind++) {
		lua_rawgeti(L, hooks, kind);
		if (lua_isfunction(L, -1)) {
			lua_getfenv(L, -1);
			lua_setfield(L, it, "env");
		}
		lua_settop(L, hooks);
	}
	lua_settop(L, hooks - 1);
	lua_pushvalue(L, FIRST_ENTRY + strat_event_max);
	lua_setfield(L, it, "state");
}

/* The list of findings on top of the stack. */
static void take(lua_State *L, struct lint_report *r)
{
	static const char *const severity[lint_severity_max] = { "note", "warning", "error" };
	for (int k = 1; k <= (int)lua_objlen(L, -1); k++) {
		lua_rawgeti(L, -1, k);
		lua_getfield(L, -1, "line");
		lua_getfield(L, -2, "severity");
		lua_getfield(L, -3, "code");
		lua_getfield(L, -4, "text");
		int s = 0;
		while (s < LINT_ERROR && strcmp(severity[s], lua_tostring(L, -3)) != 0)
			s++;
		lint_add(r, (int)lua_tointeger(L, -4), 0, (enum lint_severity)s,
			 lua_tostring(L, -2), lua_tostring(L, -1));
		lua_pop(L, 5);
	}
}

static void list_globals(lua_State *L, int it, struct lint_report *r)
{
	size_t n = 0;
	lua_getfield(L, it, "env");
	if (!lua_istable(L, -1) || !luaL_getmetafield(L, -1, "__index"))
		return;
	lua_pushnil(L);
	while (lua_next(L, -2)) {
		if (lua_type(L, -2) == LUA_TSTRING && n < sizeof r->globals)
			n += (size_t)snprintf(r->globals + n, sizeof r->globals - n, "%s ",
					      lua_tostring(L, -2));
		lua_pop(L, 1);
	}
}

/* Called with a struct lint, in a protected call: reads the bytecode, and leaves what reads the traces. */
static int read_code(lua_State *L)
{
	struct lint *x = lua_touserdata(L, 1);
	const struct instance *in = (const struct instance *)x->stand.s;
	if (luaL_loadbufferx(L, (const char *)embed_lint, embed_lint_len, "=lint", "t"))
		return lua_error(L);
	lua_newtable(L);
	const int it = lua_gettop(L);
	lua_pushfstring(L, "@%s", in->vm.file);
	lua_setfield(L, it, "chunk");
	lua_pushlstring(L, (const char *)embed_abi, embed_abi_len);
	lua_setfield(L, it, "abi");
	push_list(L, "legs", (const char(*)[16])in->s.leg_name, in->s.n_legs);
	push_list(L, "refs", (const char(*)[16])in->s.ref_name, in->s.n_refs);
	push_params(L, &in->s);
	push_itself(L, in);
	list_globals(L, it, x->out);
	lua_settop(L, it); /* the chunk lies below it */
	lua_call(L, 1, 2);
	x->read_traces = luaL_ref(L, LUA_REGISTRYINDEX);
	lua_call(L, 0, 1);
	take(L, x->out);
	return 0;
}

/* Called with a struct lint, in a protected call. */
static int read_traces(lua_State *L)
{
	struct lint *x = lua_touserdata(L, 1);
	lua_rawgeti(L, LUA_REGISTRYINDEX, x->read_traces);
	lua_pushboolean(L, x->out->compiled);
	lua_call(L, 1, 1);
	take(L, x->out);
	return 0;
}

/* A failure of ours is no finding: what could not be read is said, and the rest goes on. */
static void read_with(struct lint *x, lua_CFunction read)
{
	struct instance *in = (struct instance *)x->stand.s;
	lua_State *L = in->vm.L;
	char text[300];
	if (!lua_checkstack(L, 2 * strat_event_max + 40))
		return;
	lua_pushcfunction(L, read);
	lua_pushlightuserdata(L, x);
	for (int kind = 0; kind < strat_event_max; kind++)
		in->entry[kind] ? lua_pushvalue(L, in->entry[kind]) : lua_pushnil(L);
	in->state ? lua_pushvalue(L, in->state) : lua_pushnil(L);
	if (lua_pcall(L, strat_event_max + 2, 0, 0) == 0)
		return;
	snprintf(text, sizeof text, "its code could not be read: %s", lua_tostring(L, -1));
	lua_pop(L, 1);
	lint_add(x->out, 1, 0, LINT_NOTE, "lint", text);
}

/* ---- a market that goes to and fro */

/* The price at which the leg is worth `value`, by its conversion and the references as they stand. */
static double price_worth(const struct stand *st, unsigned l, double value)
{
	const struct basis_conv *c = &st->spec.conv[l];
	double factor = c->k;
	for (unsigned r = 0; r < st->spec.n_refs; r++)
		factor *= pow(dec_to_double(st->top[LEG_MAX + r].q.px[SIDE_BUY],
					    st->instrument[LEG_MAX + r].px_dp),
			      c->power[r]);
	return value / factor;
}

static double in_ticks(const struct stand *st, unsigned l, double px)
{
	const double tick = dec_to_double(st->instrument[l].rule[0].tick, st->instrument[l].px_dp);
	return round(px / tick) * tick;
}

/* Books of one to five levels: what a strategy reads beyond the last has to be nothing to it. */
static int quote(struct lint *x, unsigned l, double value)
{
	struct stand *st = &x->stand;
	struct stand_level bid[DEPTH], ask[DEPTH];
	const double px = price_worth(st, l, value);
	const unsigned n = (unsigned)rng_range(&x->rng, 1, DEPTH);
	for (unsigned k = 0; k < n; k++) {
		const double off = 0.0001 * (k + 1), lots = (double)rng_range(&x->rng, 1, 40);
		bid[k] = (struct stand_level){ in_ticks(st, l, px * (1 - off)),
					       stand_lots(st, (int)l, lots) };
		ask[k] = (struct stand_level){ in_ticks(st, l, px * (1 + off)),
					       stand_lots(st, (int)l, lots) };
	}
	return stand_quote(st, (int)l, bid, n, ask, n);
}

/* What a call has come to: a failure is a finding, the first pair that is proposed in a step comes about. */
static void came(struct lint *x, int rc)
{
	if (rc < 0) {
		x->failures++;
		add_failure(x, "run");
	}
	for (int k = 0; k < x->stand.n && !x->proposed; k++)
		if (x->stand.out[k].kind == PROPOSE_PAIR) {
			x->proposed = true;
			x->pair = x->stand.out[k];
		}
}

static void tell_pair(struct lint *x, enum pair_state state)
{
	struct stand *st = &x->stand;
	struct strat_pair_event e;
	const bool filled = state == PAIR_HEDGED;
	stand_fill(st, &x->pair, filled ? x->pair.lots : 0, &e);
	e.pair = st->pairs;
	e.state = (uint8_t)state;
	if (filled)
		stand_move(st, &e);
	const struct strat_event ev = { .kind = STRAT_PAIR, .pair = &e };
	came(x, stand_call(st, &ev));
}

static void tell_orders(struct lint *x, enum order_state state)
{
	struct stand *st = &x->stand;
	struct strat_pair_event all;
	stand_fill(st, &x->pair, x->pair.lots, &all);
	for (unsigned k = 0; k < x->pair.n_legs; k++) {
		const unsigned l = x->pair.leg[k];
		struct strat_order_event o = { .order = st->pairs * LEG_MAX + k,
					       .pair = st->pairs,
					       .px = all.px[l],
					       .qty = fabs(all.qty[l]),
					       .leg = (uint8_t)l,
					       .side = x->pair.side[k],
					       .state = (uint8_t)state };
		o.filled = state == ORDER_FILLED ? o.qty : 0;
		o.avg = state == ORDER_FILLED ? o.px : 0;
		const struct strat_event ev = { .kind = STRAT_ORDER, .order = &o };
		came(x, stand_call(st, &ev));
	}
}

/* What it has proposed comes about, or does not. */
static void end_pair(struct lint *x)
{
	const bool fills = rng_chance(&x->rng, 800000);
	if (!x->proposed)
		return;
	x->stand.pairs++;
	x->stand.self.pairs_in_flight = 1;
	tell_pair(x, PAIR_SENT);
	tell_orders(x, ORDER_LIVE);
	tell_orders(x, fills ? ORDER_FILLED : ORDER_CANCELLED);
	x->stand.self.pairs_in_flight = 0;
	tell_pair(x, fills ? PAIR_HEDGED : PAIR_FLAT);
}

/* Now and then a leg is lost, has its break, an account is told, or an operator sets what there is to set. */
static void disturb(struct lint *x, unsigned i)
{
	struct stand *st = &x->stand;
	const int l = (int)(i / RARELY % st->spec.n_legs);
	struct strat_param p;
	if (i % RARELY == RARELY / 4)
		stand_lose(st, l, BOOK_STALE);
	if (i % RARELY == RARELY / 2)
		came(x, stand_session(st, l, PHASE_BREAK));
	if (i % RARELY == RARELY / 2 + 10)
		came(x, stand_session(st, l, PHASE_CONTINUOUS));
	for (unsigned k = 0; i % RARELY == 0 && st->s->ops->param(st->s, k, &p); k++)
		came(x, stand_set(st, p.name, p.value));
	st->world.of[LOOK_BALANCE_KNOWN][l] = i > RARELY;
	st->world.of[LOOK_FREE][l] = st->world.of[LOOK_BASE_FREE][l] = 1000;
}

static int set_market(struct lint *x, unsigned i)
{
	struct stand *st = &x->stand;
	const double wave = 0.006 * sin(i * 0.02) + 0.002 * rng_normal(&x->rng);
	int rc = 0;
	for (unsigned r = 0; !rc && r < st->spec.n_refs && i == 0; r++) {
		const struct stand_level one = { 7.2, 1 };
		rc = stand_quote(st, (int)(LEG_MAX + r), &one, 1, &one, 1);
	}
	for (unsigned l = 0; !rc && l < st->spec.n_legs; l++)
		rc = quote(x, l, l ? VALUE / (st->spec.n_legs - 1) : VALUE * (1 + wave));
	return rc;
}

static void tell_markets(struct lint *x, int (*tell)(struct stand *st, int i))
{
	for (unsigned l = 0; l < x->stand.spec.n_legs; l++)
		came(x, tell(&x->stand, (int)l));
	for (unsigned r = 0; r < x->stand.spec.n_refs; r++)
		came(x, tell(&x->stand, (int)(LEG_MAX + r)));
}

/* A turn, in the order of a host's. */
static void one_step(struct lint *x, unsigned i)
{
	struct stand *st = &x->stand;
	x->proposed = false;
	if (set_market(x, i)) {
		came(x, -ERR_SCRIPT);
		return;
	}
	disturb(x, i);
	const int64_t until_ns = st->self.now_ns + EVERY_NS;
	for (int rc = 1; rc > 0;) {
		rc = stand_advance(st, until_ns);
		came(x, rc);
	}
	st->self.pairs_in_flight = rng_chance(&x->rng, 50000);
	tell_markets(x, stand_tell_gap);
	tell_markets(x, stand_tell_quote);
	tell_markets(x, stand_tell_book);
	const int rc = stand_show(st, gate_max);
	x->out->calls += rc >= 0 && st->basis.ok;
	came(x, rc);
	end_pair(x);
}

static void drive(struct lint *x)
{
	for (unsigned i = 0; i < QUOTES && x->failures < 20 && !x->stand.s->quarantined; i++) {
		one_step(x, i);
		lua_host_idle(x->stand.s);
	}
}

static int set_up(struct lint *x, const char *file)
{
	static const struct stand_instrument fine = { .tick = 1e-6, .lot = 0.001, .taker_bp = 1 };
	struct stand *st = &x->stand;
	int rc = stand_open(st, x->host, file, NULL, NULL);
	for (int l = 0; !rc && l < st->s->n_legs; l++)
		rc = stand_instrument(st, l, &fine);
	if (!rc)
		rc = stand_band(st, 60000000000, 1000000000);
	if (!rc)
		rc = stand_start(st, NULL, 0);
	return rc < 0 ? rc : 0;
}

int lint_run(const char *file, struct lint_report *r)
{
	const struct lua_host_options o = { .budget_ns = 50000000,
					    .wall_ns = 10000000000,
					    .load_budget_ns = 1000000000,
					    .error_strikes = UINT32_MAX,
					    .skip_selftest = true };
	struct lint_report *out = r;
	struct lua_health h = { 0 };
	struct lint *x = calloc(1, sizeof *x);
	*out = (struct lint_report){ 0 };
	if (!x)
		return err_set(ERR_NOMEM, "no memory to read %s", file);
	x->out = out;
	rng_seed(&x->rng, 1);
	int rc = lua_host_init(&o, &x->host);
	if (!rc)
		rc = set_up(x, file);
	x->stand.told_by = file;
	if (rc == -ERR_SCRIPT || rc == -ERR_CONFIG) {
		add_failure(x, x->stand.s && x->stand.s->calls ? "run" : "load");
		rc = 0;
	} else if (!rc) {
		read_with(x, read_code);
		drive(x);
		lua_host_health(x->stand.s, &h);
		out->compiled = h.compiled;
		if (x->read_traces && h.hot && !x->stand.s->quarantined)
			read_with(x, read_traces);
	}
	stand_close(&x->stand);
	lua_host_free(x->host);
	free(x);
	return rc;
}
