#include "core/cmd/lanes_text.h"
#include "core/base/dec.h"
#include "core/base/page.h"
#include "core/trade/pair.h"
#include <inttypes.h>
#include <string.h>

#define LABEL	   14 /* columns before the bars */
#define WIDE_MAX   400
#define TICK_LEAST 12 /* columns between two ticks */

/* What a column of a line shows; signs of orders come first, so that their marks are them. */
enum cell {
	CELL_BLANK = lane_mark_kind_max,
	CELL_SENT,   /* on its way, no word yet */
	CELL_WORKS,  /* the venue has it */
	CELL_RESCUE, /* the same, of an order that rescues */
	CELL_BEGIN,
	CELL_BEGIN_RESCUE,
	CELL_TICK,
	CELL_GOES_ON,
	CELL_STATE, /* of the pair: as it should be */
	CELL_BAD,   /* something is open against nothing */
	CELL_HELD,
	CELL_STEP,
	CELL_END,
	cell_max
};

static const struct {
	const char *utf8;
	char ascii;
	const char *ink;
} signs[] = {
#define LANE_MARK_SIGN(id, utf8, ascii, text) { utf8, ascii, "" },
	LANE_MARK_KINDS(LANE_MARK_SIGN)
#undef LANE_MARK_SIGN
		[CELL_BLANK] = { " ", ' ', "" },
	[CELL_SENT] = { "╌", '.', "\033[34m" },
	[CELL_WORKS] = { "━", '-', "\033[34m" },
	[CELL_RESCUE] = { "═", '=', "\033[35m" },
	[CELL_BEGIN_RESCUE] = { "╞", '[', "\033[35m" },
	[CELL_TICK] = { "┬", '+', "\033[2m" },
	[CELL_BEGIN] = { "├", '|', "\033[34m" },
	[CELL_GOES_ON] = { "▶", '>', "\033[34m" },
	[CELL_STATE] = { "─", '-', "\033[2m" },
	[CELL_BAD] = { "▒", '#', "\033[31m" },
	[CELL_HELD] = { "█", 'H', "\033[31m" },
	[CELL_STEP] = { "▲", '^', "\033[31m" },
	[CELL_END] = { "┤", '|', "\033[2m" },
};
_Static_assert(sizeof signs / sizeof *signs == cell_max, "a sign for every cell");

struct canvas {
	const struct lanes *l;
	const struct lanes_look *look;
	FILE *f;
	unsigned n; /* columns of the bars */
	uint8_t cell[WIDE_MAX];
};

static unsigned column(const struct canvas *c, int64_t at_ns)
{
	int64_t span = c->l->to_ns - c->l->from_ns;
	int64_t at = dec_muldiv(at_ns - c->l->from_ns, c->n - 1, span, DEC_NEAREST);
	return at < 0 ? 0 : at >= c->n ? c->n - 1 : (unsigned)at;
}

static void clear(struct canvas *c)
{
	memset(c->cell, CELL_BLANK, sizeof c->cell);
}

static void put_line(const struct canvas *c, const char *label)
{
	unsigned n = c->n;
	const char *ink = "";
	while (n > 0 && c->cell[n - 1] == CELL_BLANK)
		n--;
	fprintf(c->f, "  %-*s", LABEL - 2, label);
	for (unsigned i = 0; i < n; i++) {
		uint8_t cell = c->cell[i];
		const char *want = c->look->colour && cell != CELL_BLANK ? signs[cell].ink : ink;
		if (strcmp(want, ink) != 0)
			fprintf(c->f, "\033[0m%s", want);
		ink = want;
		if (c->look->ascii)
			fputc(signs[cell].ascii, c->f);
		else
			fputs(signs[cell].utf8, c->f);
	}
	fprintf(c->f, "%s\n", ink[0] ? "\033[0m" : "");
}

/* ---- time */

static void put_axis(struct canvas *c)
{
	const struct page_time unit = page_time(0, c->l->to_ns - c->l->from_ns);
	int64_t step = lane_step_ns(c->l->to_ns - c->l->from_ns, c->n / TICK_LEAST + 1);
	char numbers[WIDE_MAX + 32];
	unsigned dp = 0;
	for (int64_t u = unit.unit_ns; u > step && dp < 9; u /= 10)
		dp++;
	memset(numbers, ' ', sizeof numbers);
	clear(c);
	unsigned end = 0;
	for (int64_t t = 0; t <= c->l->to_ns; t += step) {
		char text[24];
		unsigned at = column(c, t);
		size_t n = dec_format(dec_muldiv(t, dec_pow10[dp], unit.unit_ns, DEC_NEAREST), dp,
				      0, text);
		c->cell[at] = CELL_TICK;
		if (at + n > c->n || (end && at <= end))
			continue;
		memcpy(numbers + at, text, n);
		end = at + (unsigned)n;
	}
	numbers[end] = 0;
	for (unsigned i = 0; i < c->n; i++)
		c->cell[i] = c->cell[i] == CELL_BLANK ? CELL_STATE : c->cell[i];
	fprintf(c->f, "  %-*s%s\n", LABEL - 2, unit.unit, numbers);
	put_line(c, "");
}

/* ---- lines */

static void fill(struct canvas *c, unsigned from, unsigned to, enum cell cell)
{
	for (unsigned i = from; i <= to; i++)
		c->cell[i] = (uint8_t)cell;
}

/* Marks that fall together stand beside each other, as long as there is room. */
static void put_marks(struct canvas *c, unsigned order)
{
	unsigned free = 0;
	for (unsigned i = 0; i < c->l->n_marks; i++) {
		const struct lane_mark *m = &c->l->mark[i];
		if (m->order != order)
			continue;
		unsigned at = column(c, m->at_ns);
		at = at < free ? free : at;
		if (at >= c->n)
			at = c->n - 1;
		c->cell[at] = m->kind;
		free = at + 1;
	}
}

static void put_order(struct canvas *c, unsigned i)
{
	const struct lane_order *o = &c->l->order[i];
	unsigned from = column(c, o->from_ns), heard = column(c, o->heard_ns),
		 to = column(c, o->to_ns);
	while (from < c->n - 1 &&
	       c->cell[from] < lane_mark_kind_max) /* the end of the one before */
		from++;
	heard = heard < from ? from : heard;
	to = to < from ? from : to;
	fill(c, from, heard, CELL_SENT);
	fill(c, heard, to, o->rescue ? CELL_RESCUE : CELL_WORKS);
	c->cell[from] = o->rescue ? CELL_BEGIN_RESCUE : CELL_BEGIN;
	if (!o->ended)
		c->cell[to] = CELL_GOES_ON;
	put_marks(c, i);
}

static void put_leg(struct canvas *c, unsigned leg)
{
	for (unsigned line = 0; line < c->l->lines[leg]; line++) {
		const struct lane_order *first = NULL;
		char label[LABEL + 8] = "";
		clear(c);
		for (unsigned i = 0; i < c->l->n_orders; i++) {
			const struct lane_order *o = &c->l->order[i];
			if (o->fact->leg != leg || o->line != line)
				continue;
			first = first ? first : o;
			put_order(c, i);
		}
		const char *side = !first ? "" : first->fact->side == SIDE_BUY ? "buy" : "sell";
		if (line == 0)
			snprintf(label, sizeof label, "leg %u %s", leg, side);
		else
			snprintf(label, sizeof label, "      %s", side);
		put_line(c, label);
	}
}

static void put_states(struct canvas *c)
{
	clear(c);
	for (unsigned i = 0; i < c->l->n_states; i++) {
		const struct lane_state *s = &c->l->state[i];
		bool last = i + 1 == c->l->n_states;
		int64_t to_ns = last ? c->l->to_ns : c->l->state[i + 1].from_ns;
		enum cell cell = s->state == PAIR_HELD	    ? CELL_HELD
				 : lane_state_bad(s->state) ? CELL_BAD
							    : CELL_STATE;
		if (!last || !pair_over((enum pair_state)s->state))
			fill(c, column(c, s->from_ns), column(c, to_ns), cell);
		else
			c->cell[column(c, s->from_ns)] = CELL_END;
	}
	put_line(c, "pair");
}

static void put_steps(struct canvas *c)
{
	if (c->l->n_steps == 0)
		return;
	clear(c);
	for (unsigned i = 0; i < c->l->n_steps; i++)
		c->cell[column(c, c->l->step[i].at_ns)] = CELL_STEP;
	put_line(c, "rescue");
}

/* ---- what the signs mean: only of those that are there */

struct legend {
	const struct canvas *c;
	unsigned at;
};

static void legend_put(struct legend *g, enum cell cell, const char *text)
{
	const struct lanes_look *k = g->c->look;
	unsigned n = 2 + (unsigned)strlen(text) + 3;
	if (g->at && g->at + n > k->width) {
		fputc('\n', g->c->f);
		g->at = 0;
	}
	fprintf(g->c->f, "%*s", g->at ? 3 : LABEL, "");
	n += g->at ? 0 : LABEL - 3;
	bool ink = k->colour && signs[cell].ink[0];
	fprintf(g->c->f, "%s", ink ? signs[cell].ink : "");
	if (k->ascii)
		fputc(signs[cell].ascii, g->c->f);
	else
		fputs(signs[cell].utf8, g->c->f);
	fprintf(g->c->f, "%s %s", ink ? "\033[0m" : "", text);
	g->at += n;
}

static void put_legend(const struct canvas *c)
{
	struct legend g = { .c = c };
	bool mark[lane_mark_kind_max] = { false }, bad = false, held = false, rescue = false;
	for (unsigned i = 0; i < c->l->n_marks; i++)
		mark[c->l->mark[i].kind] = true;
	for (unsigned i = 0; i < c->l->n_orders; i++)
		rescue |= c->l->order[i].rescue;
	for (unsigned i = 0; i < c->l->n_states; i++) {
		held |= c->l->state[i].state == PAIR_HELD;
		bad |= c->l->state[i].state != PAIR_HELD && lane_state_bad(c->l->state[i].state);
	}
	legend_put(&g, CELL_SENT, "sent");
	legend_put(&g, CELL_WORKS, "at the venue");
	if (rescue)
		legend_put(&g, CELL_BEGIN_RESCUE, "of a rescue");
	for (unsigned k = 0; k < lane_mark_kind_max; k++)
		if (mark[k])
			legend_put(&g, (enum cell)k, lane_mark_words((enum lane_mark_kind)k));
	if (bad)
		legend_put(&g, CELL_BAD, "not balanced");
	if (held)
		legend_put(&g, CELL_HELD, "held");
	if (c->l->n_steps)
		legend_put(&g, CELL_STEP, "rescue step");
	fputc('\n', c->f);
}

void lanes_text(const struct lanes *l, const struct lanes_look *look, FILE *f)
{
	struct lanes_look k = *look;
	struct canvas c = { .l = l, .look = &k, .f = f };
	k.width = k.width < LANES_WIDTH_MIN ? LANES_WIDTH_MIN : k.width;
	c.n = k.width - LABEL - 1;
	c.n = c.n > WIDE_MAX ? WIDE_MAX : c.n;
	put_axis(&c);
	for (unsigned leg = 0; leg < l->story->n_legs; leg++)
		put_leg(&c, leg);
	put_states(&c);
	put_steps(&c);
	put_legend(&c);
	if (l->cut)
		fprintf(f, "%*sthere is more than is drawn\n", LABEL, "");
}
