#include "core/cmd/lanes_svg.h"
#include "core/base/dec.h"
#include "core/base/page.h"
#include "core/cmd/tell.h"
#include "core/trade/order.h"
#include "core/trade/pair.h"
#include <inttypes.h>

enum { WIDTH = 960, LEFT = 165, RIGHT = 20, TOP = 34, LINE = 26, BAR = 12, TICKS = 9, GAP = 8 };

#define BLUE   "#1f5fa8"
#define PURPLE "#7b3fa0"
#define GREEN  "#2e8540"
#define RED    "#b02a2a"
#define GREY   "#999999"

static const char *const mark_colour[] = {
	[LANE_FILLED] = GREEN, [LANE_PARTLY] = GREEN, [LANE_CANCELLED] = "#444444",
	[LANE_REJECTED] = RED, [LANE_UNKNOWN] = RED,  [LANE_REPLACED] = BLUE,
	[LANE_BUST] = RED,
};
_Static_assert(sizeof mark_colour / sizeof *mark_colour == lane_mark_kind_max,
	       "a colour for every mark");

struct sheet {
	const struct lanes *l;
	const struct reader *r;
	FILE *f;
	double y; /* of the line's middle */
};

/* A little beyond the end, where its last state shows. */
static int64_t end_ns(const struct sheet *s)
{
	return s->l->to_ns + (s->l->to_ns - s->l->from_ns) / 40;
}

static double x_of(const struct sheet *s, int64_t at_ns)
{
	double part = (double)(at_ns - s->l->from_ns) / (double)(end_ns(s) - s->l->from_ns);
	return LEFT + part * (WIDTH - LEFT - RIGHT);
}

static void text(const struct sheet *s, double x, double y, const char *more, const char *words)
{
	fprintf(s->f, "<text x=\"%.1f\" y=\"%.1f\"%s>", x, y, more);
	page_text(s->f, words);
	fputs("</text>\n", s->f);
}

/* What is said where the pointer rests; closes the shape that was opened with `tag`. */
static void title(const struct sheet *s, const char *tag, const char *words)
{
	fputs("<title>", s->f);
	page_text(s->f, words);
	fprintf(s->f, "</title></%s>\n", tag);
}

static void receipt(const struct sheet *s, const char *tag, const struct fact *f)
{
	char words[TELL_BYTES], all[TELL_BYTES + 64];
	tell(s->l->story, s->r, f, words);
	snprintf(all, sizeof all, "%s us, receipt %" PRIu64 ": %s",
		 tell_dec(story_since_ns(s->l->story, f) / 100, 1), f->seq, words);
	title(s, tag, all);
}

static void bar(const struct sheet *s, int64_t from_ns, int64_t to_ns, const char *colour,
		double opacity)
{
	double x = x_of(s, from_ns), w = x_of(s, to_ns) - x;
	fprintf(s->f,
		"<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" fill=\"%s\" fill-opacity=\"%.2f\">",
		x, s->y - BAR / 2., w < 1 ? 1 : w, BAR, colour, opacity);
}

/* ---- time */

static void put_axis(const struct sheet *s, unsigned height)
{
	const struct page_time unit = page_time(0, s->l->to_ns - s->l->from_ns);
	int64_t step = lane_step_ns(s->l->to_ns - s->l->from_ns, TICKS);
	unsigned dp = 0;
	for (int64_t u = unit.unit_ns; u > step && dp < 9; u /= 10)
		dp++;
	for (int64_t t = 0; t <= s->l->to_ns; t += step) {
		char number[24];
		double x = x_of(s, t);
		dec_format(dec_muldiv(t, dec_pow10[dp], unit.unit_ns, DEC_NEAREST), dp, 0, number);
		fprintf(s->f,
			"<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%u\" stroke=\"#dddddd\"/>\n",
			x, TOP - 8, x, height - GAP);
		text(s, x, TOP - 14, " text-anchor=\"middle\" fill=\"#666666\"", number);
	}
	text(s, 8, TOP - 14, " fill=\"#666666\"", unit.unit);
}

/* ---- lines */

static void put_mark(const struct sheet *s, const struct lane_mark *m)
{
	double x = x_of(s, m->at_ns);
	const char *colour = mark_colour[m->kind];
	if (m->kind == LANE_FILLED || m->kind == LANE_PARTLY)
		fprintf(s->f,
			"<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5.5\" fill=\"%s\" stroke=\"%s\" stroke-width=\"2\">",
			x, s->y, m->kind == LANE_FILLED ? colour : "#ffffff", colour);
	else
		fprintf(s->f,
			"<path d=\"M%.1f %.1fl9 9m0 -9l-9 9\" stroke=\"%s\" stroke-width=\"2.5\" fill=\"none\">",
			x - 4.5, s->y - 4.5, colour);
	receipt(s, m->kind == LANE_FILLED || m->kind == LANE_PARTLY ? "circle" : "path", m->fact);
}

static void put_order(const struct sheet *s, unsigned i)
{
	const struct lane_order *o = &s->l->order[i];
	const char *colour = o->rescue ? PURPLE : BLUE;
	char words[200];
	bar(s, o->from_ns, o->heard_ns, colour, 0.3);
	receipt(s, "rect", o->fact);
	snprintf(words, sizeof words, "%sorder %016" PRIx64 ": at the venue, filled %s of %s%s%s",
		 o->rescue ? "rescue " : "", o->fact->order,
		 tell_dec(o->filled_qty, o->fact->qty_dp), tell_dec(o->fact->qty, o->fact->qty_dp),
		 o->ended ? ", " : ", and still works",
		 o->ended && o->state < order_state_max
			 ? order_state_name((enum order_state)o->state)
			 : "");
	if (o->to_ns > o->heard_ns || !o->ended) {
		bar(s, o->heard_ns, o->ended ? o->to_ns : end_ns(s), colour, 0.85);
		title(s, "rect", words);
	}
	for (unsigned k = 0; k < s->l->n_marks; k++)
		if (s->l->mark[k].order == i)
			put_mark(s, &s->l->mark[k]);
}

static void put_leg(struct sheet *s, unsigned leg)
{
	const struct story_leg *l = &s->l->story->leg[leg];
	for (unsigned line = 0; line < s->l->lines[leg]; line++, s->y += LINE) {
		char label[80];
		snprintf(label, sizeof label, "leg %u %.16s", leg,
			 l->known ? tell_name(s->r, NAME_INSTRUMENT, l->f.instrument) : "");
		if (line == 0)
			text(s, 8, s->y + 5, "", label);
		for (unsigned i = 0; i < s->l->n_orders; i++)
			if (s->l->order[i].fact->leg == leg && s->l->order[i].line == line)
				put_order(s, i);
	}
}

static void put_states(struct sheet *s)
{
	text(s, 8, s->y + 5, "", "pair");
	for (unsigned i = 0; i < s->l->n_states; i++) {
		const struct lane_state *st = &s->l->state[i];
		bool last = i + 1 == s->l->n_states, over = pair_over((enum pair_state)st->state);
		int64_t to_ns = last ? end_ns(s) : s->l->state[i + 1].from_ns;
		const char *name = st->state < pair_state_max
					   ? pair_state_name((enum pair_state)st->state)
					   : "?";
		bar(s, st->from_ns, to_ns,
		    lane_state_bad(st->state) ? RED
		    : over		      ? GREEN
					      : GREY,
		    st->state == PAIR_HELD ? 1 : 0.6);
		char words[80];
		snprintf(words, sizeof words, "%s from %s us", name,
			 tell_dec(st->from_ns / 100, 1));
		title(s, "rect", words);
	}
	s->y += LINE;
}

static void put_steps(struct sheet *s)
{
	if (s->l->n_steps == 0)
		return;
	text(s, 8, s->y + 5, "", "rescue");
	for (unsigned i = 0; i < s->l->n_steps; i++) {
		fprintf(s->f, "<path d=\"M%.1f %.1fl6 11h-12z\" fill=\"%s\">",
			x_of(s, s->l->step[i].at_ns), s->y - 6, RED);
		receipt(s, "path", s->l->step[i].fact);
	}
	s->y += LINE;
}

/* ---- what they mean */

static void put_legend(struct sheet *s)
{
	static const struct {
		const char *colour, *opacity, *words;
	} bars[] = {
		{ BLUE, "0.3", "sent" },
		{ BLUE, "0.85", "at the venue" },
		{ PURPLE, "0.85", "of a rescue" },
		{ RED, "0.6", "not balanced" },
		{ GREEN, "0.6", "hedged or flat" },
	};
	double x = 8;
	for (unsigned i = 0; i < sizeof bars / sizeof *bars; i++, x += 122) {
		fprintf(s->f,
			"<rect x=\"%.1f\" y=\"%.1f\" width=\"14\" height=\"10\" fill=\"%s\" fill-opacity=\"%s\"/>\n",
			x, s->y - 5, bars[i].colour, bars[i].opacity);
		text(s, x + 19, s->y + 4.5, " fill=\"#666666\"", bars[i].words);
	}
	fprintf(s->f, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" fill=\"" GREEN "\"/>\n", x + 5,
		s->y);
	text(s, x + 15, s->y + 4.5, " fill=\"#666666\"", "filled, a ring: in part");
	fprintf(s->f,
		"<path d=\"M%.1f %.1fl9 9m0 -9l-9 9\" stroke=\"#444444\" stroke-width=\"2.5\" fill=\"none\"/>\n",
		x + 175, s->y - 4.5);
	text(s, x + 190, s->y + 4.5, " fill=\"#666666\"", "ended else");
}

void lanes_svg(const struct lanes *l, const struct reader *r, FILE *f)
{
	struct sheet s = { .l = l, .r = r, .f = f, .y = TOP + LINE / 2. };
	unsigned lines = 1 + (l->n_steps > 0);
	for (unsigned leg = 0; leg < l->story->n_legs; leg++)
		lines += l->lines[leg];
	unsigned height = TOP + lines * LINE + GAP;
	fprintf(f,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%u\" viewBox=\"0 0 %d %u\" font-family=\"sans-serif\" font-size=\"13\" fill=\"#222222\">\n",
		WIDTH, height + LINE, WIDTH, height + LINE);
	put_axis(&s, height);
	for (unsigned leg = 0; leg < l->story->n_legs; leg++)
		put_leg(&s, leg);
	put_states(&s);
	put_steps(&s);
	s.y = height + LINE / 2.;
	put_legend(&s);
	fputs("</svg>\n", f);
}
