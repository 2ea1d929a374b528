#include "lua/show.h"
#include "core/base/dec.h"
#include "core/market/calendar.h"
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

_Static_assert(TANDEM_LEGS == LEG_MAX && strat_look_max == 9 && LOOK_FREE == 0 &&
		       LOOK_LOCKED == 1 && LOOK_BASE_FREE == 2 && LOOK_BASE_LOCKED == 3 &&
		       LOOK_BALANCE_KNOWN == 4 && LOOK_CLOCK_BOUND_MS == 5 &&
		       LOOK_CLOCK_KNOWN == 6 && LOOK_SESSION == 7 && LOOK_STATE == 8,
	       "the numbers that view.lua knows");
_Static_assert(WINDOW_PUSH == 0 && WINDOW_COUNT == 1 && WINDOW_FILL == 2 && WINDOW_LAST == 3 &&
		       WINDOW_MEAN == 4 && WINDOW_DEV == 5 && WINDOW_LEAST == 6 &&
		       WINDOW_GREATEST == 7 && WINDOW_QUANTILE == 8 && WINDOW_Z == 9 &&
		       WINDOW_CLEAR == 10 && WINDOW_ROLLING == 0 && WINDOW_EMA == 1,
	       "the numbers that window.lua knows");
_Static_assert(WINDOW_BYTES + LUA_TABLE_CAP <= LUA_STATE_CAP, "all that is saved has room");
_Static_assert(sizeof(((struct strat_param_event *)0)->name) == TANDEM_PARAM_NAME, "names");

/* Const members are const to the script: C puts whole structs over them. */
static void show_quote(struct tandem_mailbox *m, const struct strat_quote_event *q)
{
	struct {
		double px[side_max], qty[side_max], mid, age_ms;
	} to = { .age_ms = q->age_ms };
	_Static_assert(sizeof(to) == sizeof(struct tandem_quote), "tandem_quote");
	memcpy(to.px, q->px, sizeof(to.px));
	memcpy(to.qty, q->qty, sizeof(to.qty));
	if (q->qty[SIDE_BUY] > 0 && q->qty[SIDE_SELL] > 0)
		to.mid = (q->px[SIDE_BUY] + q->px[SIDE_SELL]) / 2;
	memcpy((void *)&m->quote, &to, sizeof(to));
	m->who = q->who;
}

static void show_book(struct tandem_mailbox *m, const struct strat_book_event *k)
{
	const double n[] = { k->book->n[SIDE_BUY], k->book->n[SIDE_SELL] };
	_Static_assert(sizeof(n) == sizeof(struct tandem_book), "tandem_book");
	memcpy((void *)&m->depth, n, sizeof(n));
	m->book = k;
	m->who = k->who;
}

static void show_order(struct tandem_mailbox *m, const struct strat_order_event *o)
{
	struct {
		double px, qty, filled, avg;
		bool rescue;
	} to;
	memset(&to, 0, sizeof(to));
	to.px = o->px;
	to.qty = o->qty;
	to.filled = o->filled;
	to.avg = o->avg;
	to.rescue = o->rescue;
	_Static_assert(sizeof(to) == sizeof(struct tandem_order) &&
			       offsetof(struct tandem_order, rescue) == 4 * sizeof(double),
		       "tandem_order");
	memcpy((void *)&m->order, &to, sizeof(to));
	m->order_id = o->order;
	m->order_pair = o->pair;
	m->order_side = o->side;
	m->who = o->leg;
	m->to = o->state;
	memcpy(m->order_reason, o->reason, sizeof(m->order_reason));
	m->order_reason[sizeof(m->order_reason) - 1] = 0;
}

static void show_change(struct tandem_mailbox *m, const struct strat_change *c)
{
	const bool open = c->to == PHASE_CONTINUOUS, live = c->to == BOOK_LIVE;
	memcpy((void *)&m->session, &open, sizeof(open));
	memcpy((void *)&m->gap, &live, sizeof(live));
	m->who = c->who;
	m->from = c->from;
	m->to = c->to;
}

void show_event(struct tandem_mailbox *m, const struct strat_event *ev)
{
	switch ((enum strat_event_kind)ev->kind) {
	case STRAT_QUOTE:
		show_quote(m, ev->quote);
		break;
	case STRAT_BOOK:
		show_book(m, ev->book);
		break;
	case STRAT_ORDER:
		show_order(m, ev->order);
		break;
	case STRAT_SESSION:
	case STRAT_GAP:
		show_change(m, ev->change);
		break;
	case STRAT_PARAM:
		memcpy(m->param_name, ev->param->name, sizeof(m->param_name));
		m->param_old = ev->param->old;
		m->param_now = ev->param->now;
		break;
	default:
		break;
	}
}

/* A number that is no whole one, or none of the book's, has no level. */
static double level(const void *shown, int32_t side, double n, int32_t what)
{
	const struct strat_book_event *k = shown;
	const enum side s = side == SIDE_BUY ? SIDE_BUY : SIDE_SELL;
	const struct level *l = k && n >= 1 && n <= (double)k->book->n[s]
					? book_best(k->book, s, (uint32_t)n - 1)
					: NULL;
	if (what == 0)
		return l ? dec_to_double(l->px, k->instrument->px_dp) : (double)NAN;
	return l ? dec_to_double(l->qty, k->instrument->qty_dp) : 0;
}

static double look(void *instance, int32_t what, int32_t who)
{
	struct instance *in = instance;
	const bool sound =
		what >= 0 && what < strat_look_max && who >= 0 && who < LEG_MAX + REF_MAX;
	if (sound && !in->world && in->self && in->self->look)
		in->world = in->self->look(in->self->of);
	if (sound && in->world)
		return in->world->of[what][who];
	return what == LOOK_CLOCK_BOUND_MS ? (double)INFINITY : 0;
}

static double ask_window(void *instance, int32_t number, int32_t what, double x)
{
	const struct instance *in = instance;
	return windows_ask(in->windows, number, what, x, (double)in->mail.utc_ns * 1e-9);
}

void show_bind(struct instance *in)
{
	in->mail.level = level;
	in->mail.look = look;
	in->mail.instance = in;
	in->mail.window = ask_window;
}
