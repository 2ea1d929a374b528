#include "lua/load.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include "core/market/calendar.h"
#include "core/market/gate.h"
#include "core/trade/order.h"
#include "gen/embed.h"
#include "lua/conv.h"
#include "lua/pattern.h"
#include "lua/show.h"
#include <ctype.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what the prelude is given */

_Static_assert(GATE_REF == 128 && GATE_OPEN == 0, "the number that the prelude knows");

static int names_of(lua_State *L, int table, const char (*name)[16], unsigned cap, unsigned *n)
{
	*n = (unsigned)lua_objlen(L, table);
	if (*n > cap)
		return luaL_error(L, "too many names");
	for (unsigned i = 0; i < *n; i++) {
		lua_rawgeti(L, table, (int)i + 1);
		/* The tables of the prelude hold the texts as long as this call takes. */
		snprintf((char *)name[i], 16, "%s", luaL_checkstring(L, -1));
		lua_pop(L, 1);
	}
	return 0;
}

/* conv(text, legs, refs) -> leg index, constant, powers, its number; or nil and what is wrong. */
static int host_conv(lua_State *L)
{
	char leg[LEG_MAX][16], ref[REF_MAX][16];
	struct conv_names names = { .leg = (const char(*)[16])leg, .ref = (const char(*)[16])ref };
	struct instance *in = lua_touserdata(L, lua_upvalueindex(1));
	struct conv c;
	size_t len;
	const char *text = luaL_checklstring(L, 1, &len);
	names_of(L, 2, names.leg, LEG_MAX, &names.n_legs);
	names_of(L, 3, names.ref, REF_MAX, &names.n_refs);
	int i = conv_parse(text, len, &names, &c);
	if (i < 0) {
		lua_pushnil(L);
		lua_pushstring(L, err_text());
		return 2;
	}
	lua_pushinteger(L, i);
	lua_pushnumber(L, c.value.k);
	lua_createtable(L, REF_MAX, 0);
	for (int r = 0; r < REF_MAX; r++) {
		lua_pushinteger(L, c.value.power[r]);
		lua_rawseti(L, -2, r + 1);
	}
	int number = in->units ? units_note(in->units, &c, guard_line(&in->vm.guard, L)) : 0;
	if (in->units && !number) {
		lua_pushnil(L);
		lua_pushfstring(L, "more than %d conversions in one file", UNITS_CONV_MAX);
		return 2;
	}
	lua_pushinteger(L, number);
	return 4;
}

/* here(): tandem.strategy stands in this line. */
static int host_here(lua_State *L)
{
	struct instance *in = lua_touserdata(L, lua_upvalueindex(1));
	if (in->units)
		in->units->strategy_line = guard_line(&in->vm.guard, L);
	return 0;
}

/* savable(table) -> true, or false and which entry cannot be saved. Only while a file loads: it takes memory. */
static int host_savable(lua_State *L)
{
	size_t len;
	struct state_scratch *scratch = malloc(sizeof(*scratch));
	int rc = scratch ? state_encode(L, 1, 1, scratch, NULL, LUA_TABLE_CAP, &len)
			 : err_set(ERR_NOMEM, "no memory");
	free(scratch);
	lua_pushboolean(L, rc == 0);
	lua_pushstring(L, rc ? err_text() : "");
	return 2;
}

/* window(name, kind, n, span) -> its number, or nil and what is wrong. Only while a file loads. */
static int host_window(lua_State *L)
{
	struct instance *in = lua_touserdata(L, lua_upvalueindex(1));
	struct window_spec s = { .kind = (uint8_t)luaL_checkinteger(L, 2),
				 .n = (uint32_t)luaL_checkinteger(L, 3),
				 .span_s = luaL_checknumber(L, 4) };
	snprintf(s.name, sizeof(s.name), "%s", luaL_checkstring(L, 1));
	const int number = windows_add(in->windows, &s);
	if (number < 0) {
		lua_pushnil(L);
		lua_pushstring(L, err_text());
		return 2;
	}
	lua_pushinteger(L, number);
	return 1;
}

/* plain(...): what lua/plain.lua gives for these. Most instances never need it. */
static int host_plain(lua_State *L)
{
	const struct instance *in = lua_touserdata(L, lua_upvalueindex(1));
	prelude_push(&in->host->prelude, PRELUDE_PLAIN, L);
	lua_insert(L, 1);
	lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
	return lua_gettop(L);
}

static void set_names(lua_State *L, const char *field, const char (*name)[16], unsigned n)
{
	lua_createtable(L, (int)n, 0);
	for (unsigned i = 0; i < n; i++) {
		lua_pushstring(L, name[i]);
		lua_rawseti(L, -2, (int)i + 1);
	}
	lua_setfield(L, -2, field);
}

static void set_params(lua_State *L, const struct lua_instance_options *o)
{
	lua_createtable(L, (int)o->n_params, 0);
	for (uint32_t i = 0; i < o->n_params; i++) {
		lua_createtable(L, 0, 3);
		lua_pushstring(L, o->param[i].name);
		lua_setfield(L, -2, "name");
		lua_pushnumber(L, o->param[i].value);
		lua_setfield(L, -2, "value");
		lua_pushinteger(L, o->param[i].line);
		lua_setfield(L, -2, "line");
		lua_rawseti(L, -2, (int)i + 1);
	}
	lua_setfield(L, -2, "params");
}

/* Number -> word, in small letters; where `first` is 1 the number 0 has none. */
static void set_words(lua_State *L, const char *field, const char *(*word)(int), int first, int n)
{
	lua_createtable(L, n, 0);
	for (int i = first; i < n; i++) {
		char text[TANDEM_NAME];
		size_t k = 0;
		for (const char *from = word(i); from[k] && k + 1 < sizeof(text); k++)
			text[k] = (char)tolower((unsigned char)from[k]);
		lua_pushlstring(L, text, k);
		lua_rawseti(L, -2, i);
	}
	lua_setfield(L, -2, field);
}

static const char *gate_word(int g)
{
	static const char *const gate[] = {
#define GATE_WORD(id, word, text) word,
		GATES(GATE_WORD)
#undef GATE_WORD
	};
	return gate[g];
}

static const char *book_word(int s)
{
	return book_state_name((enum book_state)s);
}

static const char *order_word(int s)
{
	return order_state_name((enum order_state)s);
}

static const char *phase_word(int p)
{
	return calendar_phase_name((enum phase)p);
}

static const char *state_word(int s)
{
	static const char *const state[] = { "active", "reducing", "halted", "paused" };
	_Static_assert(sizeof(state) / sizeof(state[0]) == strat_state_max, "a word for each");
	return state[s];
}

struct loading {
	struct instance *in;
	const struct lua_instance_options *o;
	const void *table; /* of the saved state; what stands before it are windows */
	size_t windows_len, table_len;
	uint32_t saved_version;
};

/* Builds the table of host functions; in a protected call, since it allocates in the VM. Called with a struct loading. */
static int push_host(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{ "conv", host_conv },	      { "here", host_here },
		{ "savable", host_savable },  { "window", host_window },
		{ "find", pattern_find },     { "match", pattern_match },
		{ "gmatch", pattern_gmatch }, { "gsub", pattern_gsub },
		{ "plain", host_plain },      { NULL, NULL }
	};
	const struct loading *l = lua_touserdata(L, 1);
	const struct lua_instance_options *o = l->o;
	lua_newtable(L);
	for (const luaL_Reg *f = functions; f->name; f++) {
		lua_pushlightuserdata(L, l->in);
		lua_pushcclosure(L, f->func, 1);
		lua_setfield(L, -2, f->name);
	}
	lua_pushlstring(L, (const char *)embed_abi, embed_abi_len);
	lua_setfield(L, -2, "abi");
	lua_pushlightuserdata(L, &l->in->mail);
	lua_setfield(L, -2, "mailbox");
	lua_pushstring(L, o->name ? o->name : o->file);
	lua_setfield(L, -2, "name");
	lua_pushstring(L, o->file);
	lua_setfield(L, -2, "file");
	lua_pushfstring(L, "@%s", l->in->vm.file);
	lua_setfield(L, -2, "chunk");
	lua_pushstring(L, o->config_file ? o->config_file : "configuration");
	lua_setfield(L, -2, "config_file");
	lua_pushboolean(L, o->unbound);
	lua_setfield(L, -2, "unbound");
	lua_pushnumber(L, (double)(o->seed >> 11));
	lua_setfield(L, -2, "seed");
	set_names(L, "legs", o->leg_name, o->n_legs);
	set_names(L, "refs", o->ref_name, o->n_refs);
	set_params(L, o);
	set_words(L, "gates", gate_word, GATE_OPEN + 1, gate_max); /* none for what bars nothing */
	set_words(L, "books", book_word, 0, book_state_max);
	set_words(L, "orders", order_word, 0, order_state_max);
	set_words(L, "phases", phase_word, 0, phase_max);
	set_words(L, "states", state_word, 0, strat_state_max);
	char why[160];
	lua_pushstring(L, units_no_ratio(o, why, sizeof(why))); /* nil where there is a ratio */
	lua_setfield(L, -2, "no_ratio");
	if (l->table_len) {
		state_push(L, l->table, l->table_len);
		lua_setfield(L, -2, "saved");
		lua_pushnumber(L, l->saved_version);
		lua_setfield(L, -2, "saved_version");
	}
	return 1;
}

/* ---- the steps */

static int fail(struct instance *in, int rc)
{
	/* The prelude marks what is wrong in the configuration by naming its file first. */
	return err_set(rc == -ERR_CONFIG ? ERR_CONFIG : ERR_SCRIPT, "%s", in->vm.error);
}

/* The function that runs a strategy's chunk; called with a struct loading, in a protected call. */
static int run_prelude(lua_State *L)
{
	const struct loading *l = lua_touserdata(L, 1);
	const struct prelude *p = &l->in->host->prelude;
	lua_pushcfunction(L, push_host);
	lua_pushvalue(L, 1);
	lua_call(L, 1, 1);
	int host = lua_gettop(L);
	prelude_push(p, PRELUDE_API, L);
	lua_pushvalue(L, host);
	prelude_push(p, PRELUDE_SANDBOX, L);
	static const enum prelude_part with_host[] = { PRELUDE_DECLARE, PRELUDE_REWIND };
	for (unsigned i = 0; i < sizeof(with_host) / sizeof(with_host[0]); i++) {
		prelude_push(p, with_host[i], L);
		lua_pushvalue(L, host);
		lua_call(L, 1, 1);
	}
	for (int part = PRELUDE_VIEW; part <= PRELUDE_WINDOW; part++) {
		prelude_push(p, (enum prelude_part)part, L);
		lua_pushvalue(L, host);
		lua_pushvalue(L, host + 4); /* what declare gave */
		lua_call(L, 2, 1);
	}
	lua_call(L, 6, 1);
	return 1;
}

static int load_prelude(struct instance *in, struct loading *l)
{
	struct lua_host *h = in->host;
	lua_pushcfunction(in->vm.L, run_prelude);
	lua_pushlightuserdata(in->vm.L, l);
	return vm_call(&in->vm, h->watchdog.runs ? &h->watchdog : NULL, h->opt.load_budget_ns, 1,
		       1);
}

static int load_script(struct instance *in)
{
	struct vm *v = &in->vm;
	struct lua_host *h = in->host;
	char chunk[sizeof(v->file) + 1];
	snprintf(chunk, sizeof(chunk), "@%s", v->file);
	int rc = vm_chunk(v, chunk, v->source.text, v->source.len);
	if (rc)
		return rc;
	return vm_call(v, h->watchdog.runs ? &h->watchdog : NULL, h->opt.load_budget_ns, 1, 1);
}

/* Takes a field of the table on top to a place of its own on the stack: an index is the quickest way to it later. */
static int keep(lua_State *L, int table, const char *field)
{
	lua_getfield(L, table, field);
	if (!lua_isnil(L, -1))
		return lua_gettop(L);
	lua_pop(L, 1);
	return 0;
}

static void bind_entries(struct instance *in)
{
	lua_State *L = in->vm.L;
	int t = lua_gettop(L);
	for (int kind = 0; kind < strat_event_max; kind++) {
		lua_rawgeti(L, t, kind);
		if (lua_isfunction(L, -1)) {
			in->entry[kind] = lua_gettop(L);
			in->hooks |= 1u << kind;
		} else {
			lua_pop(L, 1);
		}
	}
	in->save = keep(L, t, "save");
	in->restore = keep(L, t, "restore");
	in->reset = keep(L, t, "reset");
	in->state = keep(L, t, "state");
	in->compiled = keep(L, t, "compiled");
	in->plain = keep(L, t, "plain");
	lua_pushnil(L); /* the entries that plain numbers go to: calling.c */
	lua_pushnil(L);
	in->plain_first = lua_gettop(L);
	in->plain_entry = in->plain_first - 1;
	lua_getfield(L, t, "hooks");
	in->vm.hooks = luaL_ref(L, LUA_REGISTRYINDEX);
}

static void take_declared(struct instance *in)
{
	const struct tandem_declared *d = &in->mail.declared;
	struct strategy *s = &in->s;
	s->version = d->version;
	s->n_legs = (uint8_t)d->n_legs;
	s->n_refs = (uint8_t)d->n_refs;
	_Static_assert(sizeof(s->leg_name) == sizeof(d->leg) &&
			       sizeof(s->ref_name) == sizeof(d->ref),
		       "names");
	memcpy(s->leg_name, d->leg, sizeof(s->leg_name));
	memcpy(s->ref_name, d->ref, sizeof(s->ref_name));
	for (unsigned i = 0; i < LEG_MAX; i++) {
		s->conv[i].k = i < s->n_legs ? d->conv_k[i] : 1;
		memcpy(s->conv[i].power, d->conv_power[i], sizeof(s->conv[i].power));
	}
	s->limits = (struct strat_limits){
		.max_skew_ns = (int64_t)d->max_skew_ns,
		.max_age_ns = (int64_t)d->max_age_ns,
		.leg_timeout_ns = (int64_t)d->leg_timeout_ns,
		.pair_timeout_ns = (int64_t)d->pair_timeout_ns,
		.max_slip_tick = d->max_slip_tick,
		.max_unwind_slip_tick = d->max_unwind_slip_tick,
		.on_leg_fail = d->on_leg_fail,
	};
}

static int check_saved(struct loading *l)
{
	const struct lua_instance_options *o = l->o;
	int rc = windows_check(o->saved, o->saved_len, &l->windows_len);
	if (rc)
		return rc;
	l->table = (const char *)o->saved + l->windows_len;
	l->table_len = o->saved_len - l->windows_len;
	return l->windows_len && !l->table_len
		       ? 0
		       : state_check(l->table, l->table_len, &l->saved_version);
}

/* As an editor numbers them: what follows the last line's end is one only if there is anything. */
static uint32_t count_lines(const struct source *t)
{
	uint32_t n = t->len && t->text[t->len - 1] != '\n';
	for (size_t i = 0; i < t->len; i++)
		n += t->text[i] == '\n';
	return n;
}

static int build(struct instance *in, const struct lua_instance_options *o)
{
	struct loading l = { .in = in, .o = o };
	struct strategy *s = &in->s;
	int rc = o->source ? source_copy(&in->vm.source, o->file, o->source, o->source_len)
			   : source_read(&in->vm.source, o->file);
	if (rc)
		return rc;
	if (o->saved && (rc = check_saved(&l)))
		return err_ctx(rc, "%s", o->file);
	if ((rc = vm_open(&in->vm, o->file, in->host->opt.memory)))
		return rc;
	if (load_prelude(in, &l) || load_script(in)) {
		bool config = in->vm.error[0] == '\2';
		memmove(in->vm.error, in->vm.error + config, sizeof(in->vm.error) - config);
		return fail(in, config ? -ERR_CONFIG : -ERR_SCRIPT);
	}
	windows_restore(in->windows, o->saved, l.windows_len);
	bind_entries(in);
	take_declared(in);
	s->ops = &instance_ops;
	snprintf(s->name, sizeof(s->name), "%s", o->name ? o->name : o->file);
	snprintf(s->file, sizeof(s->file), "%s", o->file);
	if ((rc = units_check(in->units, s, in->mail.declared.conv_note, o, in->value_unit)))
		return rc;
	memcpy(s->sha256, in->vm.source.sha256, sizeof(s->sha256));
	s->bytes = (uint32_t)in->vm.source.len;
	s->lines = count_lines(&in->vm.source);
	lua_gc(in->vm.L, LUA_GCCOLLECT, 0);
	lua_gc(in->vm.L, LUA_GCSTOP, 0);
	in->memory_mark = in->vm.arena.used;
	return 0;
}

int load_instance(struct lua_host *h, const struct lua_instance_options *o, struct instance **out)
{
	must(o->file);
	if (strlen(o->file) >= sizeof(((struct strategy *)0)->file))
		return err_set(ERR_ARG,
			       "the name of the strategy's file is longer than 255 bytes: %.60s...",
			       o->file);
	struct instance *in = calloc(1, sizeof(*in));
	if (!in)
		return err_set(ERR_NOMEM, "no memory for the strategy %s", o->file);
	in->host = h;
	in->budget_ns = h->opt.budget_ns;
	in->windows = windows_new();
	if (!in->windows) {
		free(in);
		return err_set(ERR_NOMEM, "no memory for the strategy %s", o->file);
	}
	show_bind(in);
	struct watchdog *w = h->watchdog.runs ? &h->watchdog : NULL;
	bool known = w && watchdog_known(w);
	struct units units = { 0 };
	in->units = &units;
	int rc = build(in, o);
	in->units = NULL;
	/* A thread that only loads gives its place at the watchdog back. */
	if (w && !known)
		watchdog_release(w);
	if (rc) {
		instance_ops.free(&in->s);
		return rc;
	}
	*out = in;
	return 0;
}
