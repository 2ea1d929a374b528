#include "lua/stand_lua.h"
#include "core/base/err.h"
#include "core/trade/pair.h"
#include "lua/instance.h"
#include "lua/state.h"
#include <ctype.h>
#include <lauxlib.h>
#include <libgen.h>
#include <lua.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALL_BUDGET_NS \
	50000000 /* of the strategy: more than a host gives, since nobody waits, and a busy machine is not its fault */
#define DEFAULT_LOTS 1000 /* of a book whose sizes a test does not say */

int stand_lua_init(struct stand_lua *x, const char *file)
{
	const struct lua_host_options o = { .budget_ns = CALL_BUDGET_NS,
					    .wall_ns = 60000000000,
					    .load_budget_ns = 1000000000,
					    .skip_selftest = true };
	char path[PATH_MAX];
	if (strlen(file) >= sizeof x->file)
		return err_set(ERR_ARG, "%.60s...: the path is too long", file);
	snprintf(x->file, sizeof x->file, "%s", file);
	snprintf(path, sizeof path, "%s", file);
	snprintf(x->folder, sizeof x->folder, "%s", dirname(path));
	return lua_host_init(&o, &x->host);
}

void stand_lua_end(struct stand_lua *x)
{
	if (x->open)
		stand_close(&x->stand);
	x->open = false;
}

void stand_lua_free(struct stand_lua *x)
{
	stand_lua_end(x);
	lua_host_free(x->host);
	x->host = NULL;
}

/* ---- answers */

static void set_number(lua_State *L, const char *name, double v)
{
	lua_pushnumber(L, v);
	lua_setfield(L, -2, name);
}

static void set_text(lua_State *L, const char *name, const char *text)
{
	lua_pushstring(L, text);
	lua_setfield(L, -2, name);
}

int stand_lua_refuse(struct stand_lua *x, lua_State *L)
{
	snprintf(x->text, sizeof x->text, "%s", err_text());
	lua_newtable(L);
	set_text(L, "refused", x->text);
	return 1;
}

int stand_lua_answer(struct stand_lua *x, lua_State *L, int rc)
{
	struct stand *st = &x->stand;
	snprintf(x->text, sizeof x->text, "%s", rc < 0 ? err_text() : "");
	lua_newtable(L);
	lua_newtable(L);
	for (int k = 0; k < st->n; k++) {
		stand_lua_push_proposal(L, st, &st->out[k]);
		lua_rawseti(L, -2, k + 1);
	}
	lua_setfield(L, -2, "proposals");
	set_number(L, "lots", st->self.pos_lots);
	set_number(L, "in_flight", st->self.pairs_in_flight);
	lua_pushboolean(L, st->s->quarantined);
	lua_setfield(L, -2, "quarantined");
	if (rc < 0)
		set_text(L, "error", x->text);
	return 1;
}

/* ---- requests */

const char *stand_lua_text(lua_State *L, int table, const char *name)
{
	lua_getfield(L, table, name);
	return lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
}

double stand_lua_number(lua_State *L, int table, const char *name, double otherwise)
{
	lua_getfield(L, table, name);
	const double v = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : otherwise;
	lua_pop(L, 1);
	return v;
}

/* As the test writes it: from the folder of the test. */
static void path_of(const struct stand_lua *x, const char *name, char out[PATH_MAX])
{
	if (name[0] == '/' || strcmp(x->folder, ".") == 0)
		snprintf(out, PATH_MAX, "%s", name);
	else
		snprintf(out, PATH_MAX, "%.2000s/%.2000s", x->folder, name);
}

static int set_params(struct stand_lua *x, lua_State *L, int line)
{
	lua_getfield(L, 2, "params");
	int rc = lua_istable(L, -1) ? 0 : err_set(ERR_ARG, "params is a table of numbers");
	lua_pushnil(L);
	while (!rc && lua_next(L, -2)) {
		if (lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TNUMBER)
			rc = err_set(ERR_ARG, "params is a table of numbers by name");
		else
			rc = stand_param(&x->stand, lua_tostring(L, -2), lua_tonumber(L, -1), line);
		lua_pop(L, 1);
	}
	return rc;
}

static int set_instruments(struct stand_lua *x, lua_State *L, const char *kind)
{
	int rc = 0;
	lua_getfield(L, 2, kind);
	const int list = lua_gettop(L);
	lua_pushnil(L);
	while (!rc && lua_next(L, list)) {
		const int m = lua_gettop(L);
		const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
		const int i = stand_find(&x->stand, name);
		lua_getfield(L, m, "negative");
		const struct stand_instrument in = {
			.tick = stand_lua_number(L, m, "tick", 0),
			.lot = stand_lua_number(L, m, "lot", 0),
			.size = stand_lua_number(L, m, "size", 0),
			.taker_bp = stand_lua_number(L, m, "taker_bp", 0),
			.per_lot = stand_lua_number(L, m, "per_lot", 0),
			.vat_pct = stand_lua_number(L, m, "vat_pct", 0),
			.negative = lua_toboolean(L, -1)
		};
		rc = i < 0 ? err_set(ERR_ARG, "%s: the strategy has no %s in %s", x->file, name,
				     kind)
			   : stand_instrument(&x->stand, i, &in);
		lua_settop(L, m - 1);
	}
	return rc;
}

static int set_band(struct stand_lua *x, lua_State *L)
{
	lua_getfield(L, 2, "band");
	if (!lua_istable(L, -1))
		return 0;
	const int t = lua_gettop(L);
	return stand_band(&x->stand, (int64_t)(stand_lua_number(L, t, "window", 0) * 1e9),
			  (int64_t)(stand_lua_number(L, t, "sample", 0) * 1e9));
}

static int ask_begin(struct stand_lua *x, lua_State *L)
{
	char file[PATH_MAX], config[PATH_MAX];
	const char *name = stand_lua_text(L, 2, "file"), *conf = stand_lua_text(L, 2, "config");
	stand_lua_end(x);
	path_of(x, name ? name : "", file);
	if (conf)
		path_of(x, conf, config);
	x->open = true;
	int rc = stand_open(&x->stand, x->host, file, conf ? config : NULL,
			    stand_lua_text(L, 2, "instance"));
	x->stand.told_by = x->file;
	if (!rc)
		rc = set_params(x, L, (int)stand_lua_number(L, 2, "line", 0));
	if (!rc)
		rc = set_instruments(x, L, "legs");
	if (!rc)
		rc = set_instruments(x, L, "refs");
	if (!rc)
		rc = set_band(x, L);
	if (!rc)
		rc = stand_start(&x->stand, NULL, 0);
	if (rc < 0 && x->stand.n >= 0)
		return stand_lua_refuse(x, L);
	stand_lua_answer(x, L, rc);
	lua_newtable(L);
	for (unsigned l = 0; l < x->stand.s->n_legs; l++) {
		lua_pushstring(L, x->stand.s->leg_name[l]);
		lua_rawseti(L, -2, (int)l + 1);
	}
	lua_setfield(L, -2, "legs");
	return 1;
}

/* The list of { price, size } on top of the stack; without a size, what is enough for anything. */
static unsigned read_levels(const struct stand_lua *x, lua_State *L, int i,
			    struct stand_level *level)
{
	const unsigned n = (unsigned)lua_objlen(L, -1);
	for (unsigned k = 0; k < n && k < STAND_LEVELS; k++) {
		lua_rawgeti(L, -1, (int)k + 1);
		lua_rawgeti(L, -1, 1);
		lua_rawgeti(L, -2, 2);
		level[k].px = lua_tonumber(L, -2);
		level[k].qty = lua_isnumber(L, -1) ? lua_tonumber(L, -1)
						   : stand_lots(&x->stand, i, DEFAULT_LOTS);
		lua_pop(L, 3);
	}
	return n;
}

static int set_book(struct stand_lua *x, lua_State *L, int entry, bool changed[STAND_BOOKS])
{
	struct stand_level bid[STAND_LEVELS], ask[STAND_LEVELS];
	lua_getfield(L, entry, "name");
	lua_getfield(L, entry, "book");
	const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
	const int i = stand_find(&x->stand, name);
	if (i < 0)
		return err_set(ERR_ARG, "%s is no leg and no reference of the strategy", name);
	lua_getfield(L, -1, "bids");
	const unsigned n_bid = read_levels(x, L, i, bid);
	lua_pop(L, 1);
	lua_getfield(L, -1, "asks");
	const unsigned n_ask = read_levels(x, L, i, ask);
	changed[i] = true;
	return stand_quote(&x->stand, i, bid, n_bid, ask, n_ask);
}

/* All books first, as a turn takes them in; what it has to be told of them is listed. */
static int ask_books(struct stand_lua *x, lua_State *L)
{
	bool changed[STAND_BOOKS] = { false };
	int rc = 0;
	lua_getfield(L, 2, "books");
	const int books = lua_gettop(L);
	for (int k = 1; !rc && k <= (int)lua_objlen(L, books); k++) {
		lua_rawgeti(L, books, k);
		rc = set_book(x, L, lua_gettop(L), changed);
		lua_settop(L, books);
	}
	return rc ? stand_lua_refuse(x, L) : stand_lua_list(x, L, changed);
}

static int gate_of(const char *name, enum gate *out)
{
	*out = gate_max;
	for (int g = 0; name && g < gate_max; g++)
		if (strcmp(gate_name((enum gate)g), name) == 0)
			*out = (enum gate)g;
	return name && *out == gate_max
		       ? err_set(ERR_ARG,
				 "there is no gate %s; why-not lists them: book_state, quote_age_ns, session ...",
				 name)
		       : 0;
}

static int ask_basis(struct stand_lua *x, lua_State *L)
{
	enum gate gate;
	if (gate_of(stand_lua_text(L, 2, "gate"), &gate))
		return stand_lua_refuse(x, L);
	stand_lua_answer(x, L, stand_show(&x->stand, gate));
	if (x->stand.basis.ok) {
		stand_lua_push_basis(L, &x->stand);
		lua_setfield(L, -2, "basis");
	} else {
		const struct basis *b = &x->stand.basis;
		const struct instrument *who = gate_who(&x->stand.spec, b->gate_who);
		lua_pushfstring(L, "it was not called (%s%s%s)", who ? who->name : "",
				who ? ": " : "", gate_text((enum gate)b->gate));
		lua_setfield(L, -2, "why");
	}
	return 1;
}

static int ask_position(struct stand_lua *x, lua_State *L)
{
	struct stand *st = &x->stand;
	lua_getfield(L, 2, "position");
	const int p = lua_gettop(L);
	const double lots = stand_lua_number(L, p, "lots", NAN);
	if (!isnan(lots))
		stand_position(st, lots);
	for (unsigned l = 0; l < st->s->n_legs; l++)
		st->self.pos[l] = stand_lua_number(L, p, st->s->leg_name[l], st->self.pos[l]);
	st->self.pairs_in_flight =
		(uint32_t)stand_lua_number(L, p, "in_flight", st->self.pairs_in_flight);
	st->n = 0;
	return stand_lua_answer(x, L, 0);
}

static int ask_until(struct stand_lua *x, lua_State *L)
{
	lua_newtable(L);
	set_number(L, "at",
		   (double)(x->stand.self.now_ns +
			    llround(stand_lua_number(L, 2, "seconds", 0) * 1e9)));
	return 1;
}

static int ask_advance(struct stand_lua *x, lua_State *L)
{
	const int rc = stand_advance(&x->stand, (int64_t)stand_lua_number(L, 2, "at", 0));
	stand_lua_answer(x, L, rc);
	lua_pushboolean(L, rc > 0);
	lua_setfield(L, -2, "more");
	return 1;
}

/* The name on top of the stack, as a leg that is bought or sold. */
static void read_side(const struct stand *st, lua_State *L, enum side side, struct proposal *p)
{
	const int i = lua_type(L, -1) == LUA_TSTRING ? stand_find(st, lua_tostring(L, -1)) : -1;
	if (i < 0 || i >= LEG_MAX || p->n_legs == LEG_MAX)
		return;
	p->leg[p->n_legs] = (uint8_t)i;
	p->side[p->n_legs++] = (uint8_t)side;
}

/* A pair that was proposed comes back as its table: what the stand must know of it is read from there. */
static void read_proposal(const struct stand *st, lua_State *L, int t, struct proposal *p)
{
	static const char *const side[side_max] = { [SIDE_BUY] = "buy", [SIDE_SELL] = "sell" };
	for (int d = 0; d < side_max; d++) {
		lua_getfield(L, t, side[d]);
		if (!lua_istable(L, -1))
			read_side(st, L, (enum side)d, p);
		for (int k = 1; lua_istable(L, -1) && k <= (int)lua_objlen(L, -1); k++) {
			lua_rawgeti(L, -1, k);
			read_side(st, L, (enum side)d, p);
			lua_pop(L, 1);
		}
		lua_pop(L, 1);
	}
	p->lots = stand_lua_number(L, t, "lots", 0);
}

static int word_in(lua_State *L, int t, const char *field, const char *(*name)(int), int n,
		   int otherwise)
{
	const char *word = stand_lua_text(L, t, field);
	for (int k = 0; word && k < n; k++)
		if (strcasecmp(name(k), word) == 0)
			return k;
	return otherwise;
}

static const char *state_word(int k)
{
	return pair_state_name((enum pair_state)k);
}

static const char *intent_word(int k)
{
	return pair_intent_name((enum pair_intent)k);
}

static void read_by_leg(const struct stand *st, lua_State *L, const char *field, double *to)
{
	lua_getfield(L, 2, field);
	if (lua_istable(L, -1))
		for (unsigned l = 0; l < st->s->n_legs; l++)
			to[l] = stand_lua_number(L, lua_gettop(L), st->s->leg_name[l], to[l]);
	lua_pop(L, 1);
}

bool stand_lua_pair(const struct stand_lua *x, lua_State *L, struct proposal *p)
{
	lua_getfield(L, 2, "of");
	if (!lua_istable(L, -1))
		return false;
	const int of = lua_gettop(L);
	read_proposal(&x->stand, L, of, p);
	p->intent = (uint8_t)word_in(L, of, "intent", intent_word, pair_intent_max, 0);
	const char *id = stand_lua_text(L, of, "pair"), *why = stand_lua_text(L, of, "reason");
	p->pair = id ? strtoull(id, NULL, 10) : 0;
	snprintf(p->reason, sizeof p->reason, "%s", why ? why : "");
	return true;
}

int stand_lua_place(const struct stand_lua *x, lua_State *L, const char *field)
{
	const char *name = stand_lua_text(L, 2, field);
	const int i = name ? stand_find(&x->stand, name) : -1;
	return i >= 0 ? i
		      : err_set(ERR_ARG, "%s is no leg and no reference of the strategy",
				name ? name : "what is not named");
}

static int ask_pair(struct stand_lua *x, lua_State *L)
{
	struct stand *st = &x->stand;
	struct proposal p = { 0 };
	struct strat_pair_event e;
	const uint8_t state = (uint8_t)word_in(L, 2, "event", state_word, pair_state_max, 0);
	const bool of = stand_lua_pair(x, L, &p);
	if (!of)
		p.pair = ++st->pairs;
	const bool filled = state == PAIR_HEDGED;
	stand_fill(st, &p, stand_lua_number(L, 2, "lots", filled ? p.lots : 0), &e);
	e.state = state;
	e.intent = (uint8_t)word_in(L, 2, "intent", intent_word, pair_intent_max, p.intent);
	const char *reason = stand_lua_text(L, 2, "reason"), *id = stand_lua_text(L, 2, "pair");
	if (reason)
		snprintf(e.reason, sizeof e.reason, "%s", reason);
	e.pair = id ? strtoull(id, NULL, 10) : e.pair;
	read_by_leg(st, L, "px", e.px);
	read_by_leg(st, L, "qty", e.qty);
	const int flight = (int)stand_lua_number(L, 2, "flight", 0);
	if (flight > 0 || st->self.pairs_in_flight)
		st->self.pairs_in_flight += (uint32_t)flight;
	if (filled && of)
		stand_move(st, &e);
	const struct strat_event ev = { .kind = STRAT_PAIR, .pair = &e };
	return stand_lua_answer(x, L, stand_call(st, &ev));
}

static int ask_stop(struct stand_lua *x, lua_State *L)
{
	const struct strat_event ev = { .kind = STRAT_STOP };
	return stand_lua_answer(x, L, stand_call(&x->stand, &ev));
}

static int ask_restart(struct stand_lua *x, lua_State *L)
{
	x->stand.n = 0;
	return stand_lua_answer(x, L, stand_restart(&x->stand));
}

static int ask_reload(struct stand_lua *x, lua_State *L)
{
	char path[PATH_MAX];
	const char *file = stand_lua_text(L, 2, "file");
	if (file)
		path_of(x, file, path);
	x->stand.n = 0;
	return stand_lua_answer(x, L, stand_reload(&x->stand, file ? path : NULL));
}

/* tandem.state alone; what else a saved strategy remembers is no table. */
static int ask_state(struct stand_lua *x, lua_State *L)
{
	const struct instance *in = (const struct instance *)x->stand.s;
	uint8_t *buf = lua_newuserdata(L, LUA_STATE_CAP);
	size_t len = 0;
	int rc = lua_host_save(x->stand.s, buf, LUA_STATE_CAP, &len); /* through on_save */
	if (!rc && in->state)
		rc = state_encode(in->vm.L, in->state, in->s.version, &in->host->scratch, buf,
				  LUA_STATE_CAP, &len);
	if (rc)
		return stand_lua_refuse(x, L);
	lua_newtable(L);
	if (in->state) {
		state_push(L, buf, len);
		lua_setfield(L, -2, "state");
	}
	return 1;
}

static int ask_load_state(struct stand_lua *x, lua_State *L)
{
	uint8_t *buf = lua_newuserdata(L, LUA_STATE_CAP);
	struct state_scratch *scratch = lua_newuserdata(L, sizeof *scratch);
	size_t len = 0;
	const double version = stand_lua_number(L, 2, "version", x->stand.s->version);
	lua_getfield(L, 2, "state");
	if (state_encode(L, lua_gettop(L), (uint32_t)version, scratch, buf, LUA_STATE_CAP, &len))
		return stand_lua_refuse(x, L);
	x->stand.n = 0;
	return stand_lua_answer(x, L, stand_start(&x->stand, buf, len));
}

int stand_lua_ask(struct stand_lua *x, lua_State *L, const char *op)
{
	static const struct {
		const char *op;
		int (*ask)(struct stand_lua *x, lua_State *L);
	} asks[] = { { "begin", ask_begin },	   { "books", ask_books },
		     { "basis", ask_basis },	   { "tell", stand_lua_tell },
		     { "gap", stand_lua_gap },	   { "session", stand_lua_session },
		     { "param", stand_lua_param }, { "order", stand_lua_order },
		     { "world", stand_lua_world }, { "position", ask_position },
		     { "until", ask_until },	   { "advance", ask_advance },
		     { "pair", ask_pair },	   { "stop", ask_stop },
		     { "restart", ask_restart },   { "reload", ask_reload },
		     { "state", ask_state },	   { "load_state", ask_load_state } };
	luaL_checkstack(L, 64, "a request");
	for (size_t i = 0; i < sizeof asks / sizeof *asks; i++)
		if (strcmp(asks[i].op, op) == 0)
			return asks[i].ask(x, L);
	return luaL_error(L, "no request %s", op);
}
