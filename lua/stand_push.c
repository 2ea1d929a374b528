/* stand_push - what a strategy was shown and what it proposed, as tables with its own names. */
#include "lua/stand_lua.h"
#include <lua.h>
#include <math.h>
#include <stdio.h>

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

static void push_cross(lua_State *L, const struct strategy *s, const char *side, const char *form,
		       const struct basis_cross *c, bool ratio)
{
	const struct {
		const char *suffix;
		double v;
		bool bp;
	} part[] = { { "", c->gross, false },
		     { "_net", c->net, false },
		     { "_bp", c->gross_bp, true },
		     { "_net_bp", c->net_bp, true },
		     { "_lots", c->lots, false } };
	for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
		char name[64];
		if (part[i].bp && !ratio)
			continue;
		snprintf(name, sizeof name, "%s_%s%s%s", side, s->leg_name[0], form,
			 part[i].suffix);
		set_number(L, name, part[i].v);
	}
}

static void push_leg(lua_State *L, const struct basis_leg *l)
{
	lua_newtable(L);
	set_number(L, "bid", l->px[SIDE_BUY]);
	set_number(L, "ask", l->px[SIDE_SELL]);
	set_number(L, "bid_qty", l->qty[SIDE_BUY]);
	set_number(L, "ask_qty", l->qty[SIDE_SELL]);
	set_number(L, "bid_value", l->value[SIDE_BUY]);
	set_number(L, "ask_value", l->value[SIDE_SELL]);
	set_number(L, "mid", l->mid);
	set_number(L, "age_ms", l->age_ms);
	set_number(L, "bid_want", l->want_px[SIDE_BUY]);
	set_number(L, "ask_want", l->want_px[SIDE_SELL]);
	set_number(L, "bid_worst", l->worst_px[SIDE_BUY]);
	set_number(L, "ask_worst", l->worst_px[SIDE_SELL]);
}

void stand_lua_push_basis(lua_State *L, const struct stand *st)
{
	static const char *const gate[] = {
#define GATE_WORD(id, word, text) word,
		GATES(GATE_WORD)
#undef GATE_WORD
	};
	static const char *const side[side_max] = { [SIDE_BUY] = "buy", [SIDE_SELL] = "sell" };
	const struct basis *b = &st->basis;
	char name[64];
	lua_newtable(L);
	set_number(L, "spread", b->spread);
	if (b->ratio_ok) {
		set_number(L, "spread_bp", b->spread_bp);
		set_number(L, "ratio", b->ratio);
	}
	for (int d = 0; d < side_max; d++) {
		push_cross(L, st->s, side[d], "", &b->dir[d], b->ratio_ok);
		push_cross(L, st->s, side[d], "_want", &b->want[d], b->ratio_ok);
		snprintf(name, sizeof name, "%s_%s_z", side[d], st->s->leg_name[0]);
		set_number(L, name, b->dir_z[d]);
	}
	set_number(L, "z", b->z);
	set_number(L, "mean", b->mean);
	set_number(L, "dev", b->dev);
	set_number(L, "fill", b->fill);
	set_number(L, "skew_ms", b->skew_ms);
	set_number(L, "max_age_ms", b->max_age_ms);
	if (b->gate != GATE_OPEN)
		set_text(L, "gate", gate[b->gate]);
	lua_newtable(L);
	for (unsigned l = 0; l < st->s->n_legs; l++) {
		push_leg(L, &b->leg[l]);
		lua_setfield(L, -2, st->s->leg_name[l]);
	}
	lua_setfield(L, -2, "legs");
	lua_newtable(L);
	for (unsigned r = 0; r < st->s->n_refs; r++)
		set_number(L, st->s->ref_name[r], b->ref[r]);
	lua_setfield(L, -2, "refs");
}

static void push_id(lua_State *L, uint64_t id)
{
	char text[24];
	snprintf(text, sizeof text, "%llu", (unsigned long long)id);
	lua_pushstring(L, text);
}

static void push_side(lua_State *L, const struct strategy *s, const struct proposal *p,
		      enum side side)
{
	lua_newtable(L);
	int n = 0;
	for (unsigned k = 0; k < p->n_legs; k++)
		if (p->side[k] == side) {
			lua_pushstring(L, s->leg_name[p->leg[k]]);
			lua_rawseti(L, -2, ++n);
		}
	if (n == 1) { /* one leg is written as its name */
		lua_rawgeti(L, -1, 1);
		lua_remove(L, -2);
	}
}

static void push_pair(lua_State *L, struct stand *st, const struct proposal *p)
{
	static const char *const intent[] = { "open", "close", "roll" };
	static const char *const tif[tif_max] = { "GTC", "IOC", "FOK", "DAY" };
	static const char *const style[pair_style_max] = { NULL, "both", "legged", "passive" };
	static const char *const align[pair_align_max] = { NULL, "send", "arrive",
							   "less_certain_first" };
	push_side(L, st->s, p, SIDE_SELL);
	lua_setfield(L, -2, "sell");
	push_side(L, st->s, p, SIDE_BUY);
	lua_setfield(L, -2, "buy");
	set_number(L, "lots", p->lots);
	set_text(L, "intent", intent[p->intent]);
	set_text(L, "tif", tif[p->tif]);
	set_text(L, "style", style[p->style]);
	set_text(L, "align", align[p->align]);
	if (p->first < st->s->n_legs)
		set_text(L, "first", st->s->leg_name[p->first]);
	if (p->has_basis)
		set_number(L, "basis", p->basis);
	if (p->has_fair)
		set_number(L, "fair", p->fair);
	set_text(L, "reason", p->reason);
	push_id(L, ++st->pairs);
	lua_setfield(L, -2, "pair");
	lua_newtable(L);
	for (unsigned k = 0; k < p->n_legs; k++)
		if (fabs(p->limit_px[k]) > 0)
			set_number(L, st->s->leg_name[p->leg[k]], p->limit_px[k]);
	lua_setfield(L, -2, "limits");
}

void stand_lua_push_proposal(lua_State *L, struct stand *st, const struct proposal *p)
{
	static const char *const kind[proposal_kind_max] = { "pair",   "cancel", "alert",
							     "metric", "log",	 "timer" };
	static const char *const severity[] = { "info", "warning", "critical" };
	lua_newtable(L);
	set_text(L, "kind", kind[p->kind]);
	switch ((enum proposal_kind)p->kind) {
	case PROPOSE_PAIR:
		push_pair(L, st, p);
		break;
	case PROPOSE_CANCEL:
		push_id(L, p->pair);
		lua_setfield(L, -2, "pair");
		break;
	case PROPOSE_METRIC:
		set_text(L, "name", p->reason);
		set_number(L, "value", p->value);
		break;
	case PROPOSE_TIMER:
		set_number(L, "seconds", p->value);
		break;
	default:
		set_text(L, "text", p->reason);
		set_text(L, "severity", severity[p->severity < 3 ? p->severity : 1]);
		break;
	}
}
