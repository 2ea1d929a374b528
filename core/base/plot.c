#include "core/base/plot.h"
#include "core/base/err.h"
#include "core/base/page.h"
#include <math.h>

/* The frame around what is drawn. */
enum { LEFT = 76, RIGHT = 24, TOP = 48, BOTTOM = 60, TICKS_MAX = 64 };
/* So many points without a line are drawn smaller. */
enum { MANY = 100 };

static const char *const colour[] = { "#1f5fa8", "#c8501e", "#2e8540", "#7b3fa0",
				      "#b8860b", "#0f8b8d", "#a02c4a", "#555555" };
_Static_assert(sizeof colour / sizeof *colour == PLOT_SERIES, "a colour for every series");

/* An axis with its ends settled, in pixels from `at` on `length`. */
struct scale {
	bool log;
	double from, to, at, length; /* length below 0: it grows upwards */
	double tick[TICKS_MAX];
	unsigned n_ticks;
	double step;
};

/* ---- text */

static void put_text(FILE *f, double x, double y, const char *anchor, const char *more,
		     const char *s)
{
	fprintf(f, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\"%s>", x, y, anchor, more);
	page_text(f, s);
	fputs("</text>\n", f);
}

/* ---- axes */

static bool usable(const struct scale *s, double v)
{
	return isfinite(v) && (!s->log || v > 0);
}

static double place(const struct scale *s, double v)
{
	double part = s->log ? log(v / s->from) / log(s->to / s->from)
			     : (v - s->from) / (s->to - s->from);
	return s->at + part * s->length;
}

/* Wide enough for all points that can be drawn at all. */
static bool reach(const struct plot *p, const struct scale *x, const struct scale *y,
		  struct scale *of)
{
	bool any = false;
	for (unsigned k = 0; k < p->n_series; k++)
		for (size_t i = 0; i < p->series[k].n; i++) {
			double px = p->series[k].x[i], py = p->series[k].y[i];
			double v = of == x ? px : py;
			if (!usable(x, px) || !usable(y, py))
				continue;
			of->from = any && of->from < v ? of->from : v;
			of->to = any && of->to > v ? of->to : v;
			any = true;
		}
	return any;
}

/* 1, 2 or 5 times a power of ten: about `wanted` of them. */
static double nice_step(double span, double wanted)
{
	double raw = span / wanted, power = pow(10, floor(log10(raw))), part = raw / power;
	return power * (part <= 1 ? 1 : part <= 2 ? 2 : part <= 5 ? 5 : 10);
}

static void add_tick(struct scale *s, double v)
{
	if (s->n_ticks < TICKS_MAX)
		s->tick[s->n_ticks++] = v;
}

static void linear_ticks(struct scale *s, bool widen)
{
	if (s->to <= s->from) {
		double half = s->from != 0 ? fabs(s->from) / 2 : 0.5;
		s->from -= half;
		s->to += half;
	}
	s->step = nice_step(s->to - s->from, fabs(s->length) / 70);
	if (widen) {
		s->from = floor(s->from / s->step + 1e-9) * s->step;
		s->to = ceil(s->to / s->step - 1e-9) * s->step;
	}
	double first = ceil(s->from / s->step - 1e-9);
	for (double i = first; i * s->step <= s->to + s->step * 1e-9 && s->n_ticks < TICKS_MAX; i++)
		add_tick(s, i == 0 ? 0 : i * s->step);
}

/* Powers of ten, with 2 and 5 between where there are few. */
static void log_ticks(struct scale *s, bool widen)
{
	if (s->to <= s->from) {
		s->from /= 2;
		s->to *= 2;
	}
	double low = floor(log10(s->from) + 1e-9), high = ceil(log10(s->to) - 1e-9);
	bool between = high - low <= 5;
	double every = ceil((high - low) / 12);
	if (widen && !between) {
		s->from = pow(10, low);
		s->to = pow(10, high);
	}
	static const double parts[] = { 1, 2, 5 };
	for (double e = low; e <= high; e += between ? 1 : every)
		for (unsigned k = 0; k < (between ? 3 : 1); k++) {
			double v = parts[k] * pow(10, e);
			if (v >= s->from * (1 - 1e-9) && v <= s->to * (1 + 1e-9))
				add_tick(s, v);
		}
}

static int settle(const struct plot *p, struct scale *x, struct scale *y, struct scale *of,
		  const struct plot_axis *a)
{
	bool stated = a->from != 0 || a->to != 0;
	of->from = a->from;
	of->to = a->to;
	if (stated && (!isfinite(a->from) || !isfinite(a->to) || a->from >= a->to ||
		       (a->log && a->from <= 0)))
		return err_set(ERR_RANGE, "an axis cannot go from %g to %g", a->from, a->to);
	if (!stated && !reach(p, x, y, of)) {
		of->from = 1;
		of->to = 10;
	}
	if (of->log)
		log_ticks(of, !stated);
	else
		linear_ticks(of, !stated);
	return 0;
}

static void put_ticks(FILE *f, const struct scale *x, const struct scale *y)
{
	char text[32];
	double bottom = y->at, top = y->at + y->length, right = x->at + x->length;
	for (unsigned i = 0; i < x->n_ticks; i++) {
		double at = place(x, x->tick[i]);
		fprintf(f, "<path d=\"M%.1f %.1fV%.1f\" class=\"g\"/>\n", at, bottom, top);
		snprintf(text, sizeof text, "%.6g", x->tick[i]);
		put_text(f, at, bottom + 18, "middle", "", text);
	}
	for (unsigned i = 0; i < y->n_ticks; i++) {
		double at = place(y, y->tick[i]);
		fprintf(f, "<path d=\"M%.1f %.1fH%.1f\" class=\"g\"/>\n", x->at, at, right);
		snprintf(text, sizeof text, "%.6g", y->tick[i]);
		put_text(f, x->at - 8, at + 4, "end", "", text);
	}
	fprintf(f, "<path d=\"M%.1f %.1fV%.1fH%.1f\" class=\"a\"/>\n", x->at, top, bottom, right);
}

/* ---- series */

static void put_points(FILE *f, const struct plot_series *s, const struct scale *x,
		       const struct scale *y, const char *ink)
{
	const char *r = s->only_points && s->n > MANY ? "2" : "3.5";
	for (size_t i = 0; i < s->n; i++)
		if (usable(x, s->x[i]) && usable(y, s->y[i]))
			fprintf(f, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%s\" fill=\"%s\"/>\n",
				place(x, s->x[i]), place(y, s->y[i]), r, ink);
}

static void put_line(FILE *f, const struct plot_series *s, const struct scale *x,
		     const struct scale *y, const char *ink)
{
	bool pen = false;
	if (s->only_points) {
		put_points(f, s, x, y, ink);
		return;
	}
	fprintf(f, "<path fill=\"none\" stroke=\"%s\" stroke-width=\"2\"%s d=\"", ink,
		s->dashed ? " stroke-dasharray=\"7 4\"" : "");
	for (size_t i = 0; i < s->n; i++) {
		if (!usable(x, s->x[i]) || !usable(y, s->y[i])) {
			pen = false;
			continue;
		}
		double px = place(x, s->x[i]), py = place(y, s->y[i]);
		if (!pen)
			fprintf(f, "M%.1f %.1f", px, py);
		else if (s->step)
			fprintf(f, "H%.1fV%.1f", px, py);
		else
			fprintf(f, "L%.1f %.1f", px, py);
		pen = true;
	}
	fputs("\"/>\n", f);
	if (s->points)
		put_points(f, s, x, y, ink);
}

/* Below the title, in one row. */
static void put_legend(FILE *f, const struct plot *p, double left)
{
	double at = left;
	for (unsigned k = 0; k < p->n_series; k++) {
		size_t letters = 0;
		for (const char *c = p->series[k].name; c && *c; c++)
			letters += ((unsigned char)*c & 0xc0) != 0x80; /* of UTF-8 */
		fprintf(f, "<path stroke=\"%s\" stroke-width=\"2\"%s d=\"M%.1f 36h22\"/>\n",
			colour[k], p->series[k].dashed ? " stroke-dasharray=\"7 4\"" : "", at);
		put_text(f, at + 28, 40, "start", "", p->series[k].name);
		at += 28 + 7 * (double)letters + 22;
	}
}

static void put_frame(FILE *f, const struct plot *p, unsigned width, unsigned height)
{
	fprintf(f,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" "
		"viewBox=\"0 0 %u %u\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#222\">\n",
		width, height, width, height);
	fputs("<style>.g{stroke:#ddd;fill:none}.a{stroke:#222;fill:none}</style>\n", f);
	fprintf(f, "<rect width=\"%u\" height=\"%u\" fill=\"#fff\"/>\n", width, height);
	put_text(f, width / 2.0, 20, "middle", " font-size=\"15\" font-weight=\"bold\"", p->title);
	put_text(f, (LEFT + (double)width - RIGHT) / 2, height - 16, "middle", "", p->x.label);
	char turn[64];
	double middle = (TOP + (double)height - BOTTOM) / 2;
	snprintf(turn, sizeof turn, " transform=\"rotate(-90 18 %.1f)\"", middle);
	put_text(f, 18, middle, "middle", turn, p->y.label);
}

int plot_svg(const struct plot *p, FILE *out)
{
	const char *id = p->id ? p->id : "in";
	unsigned width = p->width ? p->width : 800, height = p->height ? p->height : 480;
	if (p->n_series > PLOT_SERIES || width < 200 || height < 160)
		return err_set(ERR_RANGE, "a picture of %u by %u has no room for %u series", width,
			       height, p->n_series);
	struct scale x = { .log = p->x.log, .at = LEFT, .length = width - LEFT - RIGHT };
	struct scale y = { .log = p->y.log,
			   .at = height - BOTTOM,
			   .length = -(double)(height - TOP - BOTTOM) };
	struct scale probe = x;
	bool any = reach(p, &probe, &y, &probe);
	int rc = settle(p, &x, &y, &x, &p->x);
	if (!rc)
		rc = settle(p, &x, &y, &y, &p->y);
	if (rc)
		return rc;
	put_frame(out, p, width, height);
	put_ticks(out, &x, &y);
	fprintf(out,
		"<clipPath id=\"%s\"><rect x=\"%d\" y=\"%d\" width=\"%.0f\" height=\"%.0f\"/></clipPath>\n",
		id, LEFT - 4, TOP - 4, x.length + 8, -y.length + 8);
	fprintf(out, "<g clip-path=\"url(#%s)\">\n", id);
	for (unsigned k = 0; k < p->n_series; k++)
		put_line(out, &p->series[k], &x, &y, colour[k]);
	fputs("</g>\n", out);
	put_legend(out, p, LEFT);
	if (!any)
		put_text(out, x.at + x.length / 2, y.at + y.length / 2, "middle", "",
			 "nothing to draw");
	fputs("</svg>\n", out);
	return fflush(out) || ferror(out) ? err_set(ERR_IO, "the picture could not be written") : 0;
}
