/* stand_lua_news - requests for the rarer events: what is told of quotes, depth, phases, lost prices, orders and parameters, and what is looked up. */
#include "core/base/err.h"
#include "core/market/calendar.h"
#include "core/trade/order.h"
#include "lua/stand_lua.h"
#include <lauxlib.h>
#include <lua.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* In the order of a turn. */
static const struct told {
	const char *what;
	uint32_t hook;
	int (*tell)(struct stand *st, int i);
} tellings[] = { { "gap", STRAT_GAP, stand_tell_gap },
		 { "quote", STRAT_QUOTE, stand_tell_quote },
		 { "book", STRAT_BOOK, stand_tell_book } };

/* Answers with what is to be told, each as { what, name }. */
int stand_lua_list(struct stand_lua *x, lua_State *L, const bool changed[STAND_BOOKS])
{
	const struct stand *st = &x->stand;
	const uint32_t hooks = st->s->ops->hooks(st->s);
	int n = 0;
	lua_newtable(L);
	lua_newtable(L);
	for (size_t k = 0; k < sizeof tellings / sizeof *tellings; k++)
		for (int i = 0; i < STAND_BOOKS; i++) {
			if (!changed[i] || !(hooks & 1u << tellings[k].hook))
				continue;
			lua_newtable(L);
			lua_pushstring(L, tellings[k].what);
			lua_setfield(L, -2, "what");
			lua_pushstring(L, i < LEG_MAX ? st->s->leg_name[i]
						      : st->s->ref_name[i - LEG_MAX]);
			lua_setfield(L, -2, "name");
			lua_rawseti(L, -2, ++n);
		}
	lua_setfield(L, -2, "news");
	return 1;
}

int stand_lua_tell(struct stand_lua *x, lua_State *L)
{
	const char *what = stand_lua_text(L, 2, "what");
	const int i = stand_lua_place(x, L, "name");
	for (size_t k = 0; what && i >= 0 && k < sizeof tellings / sizeof *tellings; k++)
		if (strcmp(tellings[k].what, what) == 0)
			return stand_lua_answer(x, L, tellings[k].tell(&x->stand, i));
	return stand_lua_refuse(x, L);
}

/* ---- words */

static const char *phase_word(int k)
{
	return calendar_phase_name((enum phase)k);
}

static const char *book_word(int k)
{
	return book_state_name((enum book_state)k);
}

static const char *order_word(int k)
{
	return order_state_name((enum order_state)k);
}

static const char *state_word(int k)
{
	static const char *const name[strat_state_max] = { "active", "reducing", "halted",
							   "paused" };
	return name[k];
}

/* The number of the word in a field; -ERR_ARG names those that there are. */
static int word(lua_State *L, const char *field, const char *what, const char *(*name)(int), int n)
{
	const char *have = stand_lua_text(L, 2, field);
	char all[200] = "";
	size_t len = 0;
	for (int k = 0; k < n; k++) {
		if (have && strcasecmp(name(k), have) == 0)
			return k;
		len += (size_t)snprintf(all + len, sizeof all - len, "%s%s", k ? ", " : "",
					name(k));
	}
	for (char *c = all; *c; c++)
		*c |= 0x20 & -(*c >= 'A' && *c <= 'Z');
	return err_set(ERR_ARG, "%s is one of %s; this is %s", what, all, have ? have : "none");
}

/* ---- requests */

int stand_lua_gap(struct stand_lua *x, lua_State *L)
{
	const int i = stand_lua_place(x, L, "name");
	const int to = i < 0 ? i : word(L, "to", "the state of a book", book_word, book_state_max);
	if (to < 0)
		return stand_lua_refuse(x, L);
	stand_lose(&x->stand, i, (enum book_state)to);
	return stand_lua_answer(x, L, stand_tell_gap(&x->stand, i));
}

int stand_lua_session(struct stand_lua *x, lua_State *L)
{
	const int i = stand_lua_place(x, L, "name");
	const int to = i < 0 ? i : word(L, "to", "a phase", phase_word, phase_max);
	if (to < 0)
		return stand_lua_refuse(x, L);
	return stand_lua_answer(x, L, stand_session(&x->stand, i, (enum phase)to));
}

int stand_lua_param(struct stand_lua *x, lua_State *L)
{
	const char *name = stand_lua_text(L, 2, "name");
	const int rc = stand_set(&x->stand, name ? name : "", stand_lua_number(L, 2, "value", NAN));
	if (rc < 0 && x->stand.n >= 0)
		return stand_lua_refuse(x, L);
	return stand_lua_answer(x, L, rc);
}

/* What the test does not say of an order is what the pair asks for: its limit, its whole size. */
int stand_lua_order(struct stand_lua *x, lua_State *L)
{
	struct stand *st = &x->stand;
	struct proposal p = { 0 };
	struct strat_pair_event all;
	stand_lua_pair(x, L, &p);
	stand_fill(st, &p, p.lots, &all);
	const int i = stand_lua_place(x, L, "leg");
	const int to =
		i < 0 ? i : word(L, "state", "the state of an order", order_word, order_state_max);
	if (to < 0)
		return stand_lua_refuse(x, L);
	unsigned k = 0;
	while (k < p.n_legs && p.leg[k] != i)
		k++;
	if (k == p.n_legs) {
		err_set(ERR_ARG, "%s is no leg of that pair", stand_lua_text(L, 2, "leg"));
		return stand_lua_refuse(x, L);
	}
	const char *id = stand_lua_text(L, 2, "order");
	struct strat_order_event o = {
		.pair = p.pair, .leg = (uint8_t)i, .side = p.side[k], .state = (uint8_t)to
	};
	o.order = id ? strtoull(id, NULL, 10) : p.pair * 10 + k + 1;
	o.px = stand_lua_number(L, 2, "px", all.px[i]);
	o.qty = stand_lua_number(L, 2, "qty", fabs(all.qty[i]));
	o.filled = stand_lua_number(L, 2, "filled", to == ORDER_FILLED ? o.qty : 0);
	o.avg = stand_lua_number(L, 2, "avg", o.filled > 0 ? o.px : 0);
	lua_getfield(L, 2, "rescue");
	o.rescue = lua_toboolean(L, -1);
	snprintf(o.reason, sizeof o.reason, "%s", p.reason);
	const struct strat_event ev = { .kind = STRAT_ORDER, .order = &o };
	return stand_lua_answer(x, L, stand_call(st, &ev));
}

static int set_balance(struct stand_lua *x, lua_State *L, int i)
{
	double(*w)[STAND_BOOKS] = x->stand.world.of;
	static const struct {
		const char *field;
		enum strat_look look;
	} part[] = { { "free", LOOK_FREE },
		     { "locked", LOOK_LOCKED },
		     { "base_free", LOOK_BASE_FREE },
		     { "base_locked", LOOK_BASE_LOCKED } };
	if (i >= LEG_MAX)
		return err_set(ERR_ARG, "a reference is not traded, and has no balance");
	for (size_t k = 0; k < sizeof part / sizeof *part; k++)
		w[part[k].look][i] = stand_lua_number(L, 2, part[k].field, w[part[k].look][i]);
	w[LOOK_BALANCE_KNOWN][i] = 1;
	return 0;
}

/* What it may look up: "host" its state, "clock" how far a venue's is off (infinite: not known), "balance" of a leg's account. */
int stand_lua_world(struct stand_lua *x, lua_State *L)
{
	struct strat_world *w = &x->stand.world;
	const char *what = stand_lua_text(L, 2, "what");
	const bool host = what && strcmp(what, "host") == 0;
	const int i = host ? word(L, "to", "the state of an instance", state_word, strat_state_max)
			   : stand_lua_place(x, L, "name");
	int rc = i < 0 ? i : 0;
	if (!rc && host) {
		w->of[LOOK_STATE][0] = i;
	} else if (!rc && what && strcmp(what, "clock") == 0) {
		const double bound_ms = stand_lua_number(L, 2, "bound_ms", INFINITY);
		w->of[LOOK_CLOCK_BOUND_MS][i] = bound_ms;
		w->of[LOOK_CLOCK_KNOWN][i] = isfinite(bound_ms);
	} else if (!rc) {
		rc = set_balance(x, L, i);
	}
	x->stand.n = 0;
	return rc ? stand_lua_refuse(x, L) : stand_lua_answer(x, L, 0);
}
