#include "core/cmd/lanes.h"
#include "core/trade/order.h"
#include "core/trade/pair.h"
#include <string.h>

static const char *const words[] = {
#define LANE_MARK_WORDS(id, utf8, ascii, text) text,
	LANE_MARK_KINDS(LANE_MARK_WORDS)
#undef LANE_MARK_WORDS
};

const char *lane_mark_words(enum lane_mark_kind k)
{
	return words[k];
}

bool lane_state_bad(uint8_t state)
{
	switch ((enum pair_state)state) {
	case PAIR_BROKEN:
	case PAIR_COMPLETING:
	case PAIR_UNWINDING:
	case PAIR_HELD:
		return true;
	default:
		return false;
	}
}

/* ---- what a receipt adds */

static void add_state(struct lanes *l, const struct fact *f, int64_t at_ns)
{
	bool again = f->num[0] == f->num[1] && l->n_states > 0; /* a checkpoint's word */
	if (again)
		return;
	if (l->n_states == LANE_STATES) {
		l->cut = true;
		return;
	}
	l->state[l->n_states++] = (struct lane_state){ at_ns, f->state };
}

static void add_step(struct lanes *l, const struct fact *f, int64_t at_ns)
{
	if (l->n_steps == LANE_STEPS) {
		l->cut = true;
		return;
	}
	l->step[l->n_steps++] = (struct lane_step){ at_ns, f };
}

static void add_order(struct lanes *l, const struct fact *f, int64_t at_ns)
{
	if (l->n_orders == LANE_ORDERS || f->leg >= LEG_MAX) {
		l->cut = true;
		return;
	}
	l->order[l->n_orders++] = (struct lane_order){ .fact = f,
						       .from_ns = at_ns,
						       .to_ns = at_ns,
						       .heard_ns = -1,
						       .rescue = f->num[2] != 0,
						       .state = ORDER_NEW };
}

static void add_mark(struct lanes *l, unsigned order, enum lane_mark_kind k, const struct fact *f,
		     int64_t at_ns)
{
	if (l->n_marks == LANE_MARKS) {
		l->cut = true;
		return;
	}
	l->mark[l->n_marks++] = (struct lane_mark){ at_ns, (uint8_t)k, (uint16_t)order, f };
}

/* Is it a word of the venue's? */
static bool heard(enum fact_kind k)
{
	return k == FACT_ACK || k == FACT_FILL || k == FACT_CANCELLED || k == FACT_REJECTED ||
	       k == FACT_STATUS || k == FACT_REPLACED;
}

static void add_news(struct lanes *l, const struct fact *f, int64_t at_ns)
{
	unsigned i = l->n_orders;
	while (i > 0 && l->order[i - 1].fact->order != f->order)
		i--;
	if (i-- == 0)
		return;
	struct lane_order *o = &l->order[i];
	enum fact_kind k = (enum fact_kind)f->kind;
	switch (k) {
	case FACT_FILL:
		o->filled_qty += f->qty;
		add_mark(l, i, f->num[1] > 0 ? LANE_PARTLY : LANE_FILLED, f, at_ns);
		break;
	case FACT_BUST:
		o->filled_qty -= f->qty;
		add_mark(l, i, LANE_BUST, f, at_ns);
		break;
	case FACT_CANCELLED:
		add_mark(l, i, LANE_CANCELLED, f, at_ns);
		break;
	case FACT_REJECTED:
		add_mark(l, i, LANE_REJECTED, f, at_ns);
		break;
	case FACT_UNKNOWN:
		add_mark(l, i, LANE_UNKNOWN, f, at_ns);
		break;
	case FACT_REPLACED:
		add_mark(l, i, LANE_REPLACED, f, at_ns);
		break;
	case FACT_SENT:
	case FACT_ACK:
	case FACT_CANCEL:
	case FACT_CANCEL_REJECTED:
	case FACT_STATUS:
	case FACT_WITHDRAWN:
	case FACT_REPLACE:
		break;
	default:
		return;
	}
	if (heard(k) && o->heard_ns < 0)
		o->heard_ns = at_ns;
	if (o->ended && k != FACT_BUST)
		return;
	if (k != FACT_BUST)
		o->to_ns = at_ns;
	o->state = f->state;
	o->ended = k == FACT_WITHDRAWN ||
		   (f->state < order_state_max && order_terminal((enum order_state)f->state));
}

/* ---- lines */

/* The first line of the leg that is free from its beginning on. */
static void give_lines(struct lanes *l)
{
	int64_t free_ns[LEG_MAX][LANE_LINES];
	memset(free_ns, 0x80, sizeof free_ns); /* long before anything */
	for (unsigned i = 0; i < l->n_orders; i++) {
		struct lane_order *o = &l->order[i];
		unsigned leg = o->fact->leg, line = 0;
		while (line + 1 < LANE_LINES && free_ns[leg][line] > o->from_ns)
			line++;
		free_ns[leg][line] = o->to_ns;
		o->line = (uint8_t)line;
		if (line >= l->lines[leg])
			l->lines[leg] = line + 1;
	}
}

static void stretch(struct lanes *l, int64_t at_ns)
{
	if (at_ns > l->to_ns)
		l->to_ns = at_ns;
	if (at_ns < l->from_ns)
		l->from_ns = at_ns;
}

/* Whatever still goes on goes on to the end of what is drawn. */
static void settle(struct lanes *l)
{
	for (unsigned i = 0; i < l->n_states; i++)
		stretch(l, l->state[i].from_ns);
	for (unsigned i = 0; i < l->n_steps; i++)
		stretch(l, l->step[i].at_ns);
	for (unsigned i = 0; i < l->n_marks; i++)
		stretch(l, l->mark[i].at_ns);
	for (unsigned i = 0; i < l->n_orders; i++)
		stretch(l, l->order[i].to_ns);
	if (l->to_ns <= l->from_ns)
		l->to_ns = l->from_ns + 1000;
	for (unsigned i = 0; i < l->n_orders; i++) {
		struct lane_order *o = &l->order[i];
		o->to_ns = o->ended ? o->to_ns : l->to_ns;
		o->heard_ns = o->heard_ns < 0 ? o->to_ns : o->heard_ns;
	}
	for (unsigned leg = 0; leg < l->story->n_legs; leg++)
		l->lines[leg] = l->lines[leg] ? l->lines[leg] : 1;
}

void lanes_make(const struct story *s, struct lanes *out)
{
	memset(out, 0, sizeof *out);
	out->story = s;
	for (uint32_t i = 0; i < s->n; i++) {
		const struct fact *f = &s->fact[i];
		int64_t at_ns = story_since_ns(s, f);
		if (f->kind == FACT_PAIR && f->pair == s->pair)
			add_state(out, f, at_ns);
		else if (f->kind == FACT_RESCUE && f->pair == s->pair)
			add_step(out, f, at_ns);
		else if (f->kind == FACT_ORDER && f->pair == s->pair)
			add_order(out, f, at_ns);
		else if (f->order)
			add_news(out, f, at_ns);
	}
	settle(out);
	give_lines(out);
}

int64_t lane_step_ns(int64_t span_ns, unsigned most)
{
	static const int64_t parts[] = { 1, 2, 5 };
	for (int64_t power = 1; power <= INT64_MAX / 50; power *= 10)
		for (unsigned k = 0; k < 3; k++)
			if (span_ns / (power * parts[k]) < (int64_t)most)
				return power * parts[k];
	return span_ns;
}
