/* why-not as a page: what was closed and when, what it refused, what was wrong meanwhile. */
#include "core/base/page.h"
#include "core/cmd/tell.h"
#include "core/cmd/tz.h"
#include "core/cmd/why_show.h"
#include "core/cmd/why_words.h"
#include "core/trade/risk.h"
#include <inttypes.h>

enum { WIDTH = 960, LEFT = 330, RIGHT = 80, TOP = 30, LINE = 24, BAR = 12, TICKS = 6 };

/* ---- the picture: from the first closing to the last opening, as dark as it was closed of that time */

struct sheet {
	const struct why *w;
	FILE *f;
	double y;
};

static double x_of(const struct sheet *s, int64_t utc_ns)
{
	double all = (double)(s->w->to_utc_ns - s->w->from_utc_ns);
	double part = all > 0 ? (double)(utc_ns - s->w->from_utc_ns) / all : 0;
	return LEFT + (part < 0 ? 0 : part > 1 ? 1 : part) * (WIDTH - LEFT - RIGHT);
}

static void put_text(const struct sheet *s, double x, double y, const char *more, const char *text)
{
	fprintf(s->f, "<text x=\"%.1f\" y=\"%.1f\"%s>", x, y, more);
	page_text(s->f, text);
	fputs("</text>\n", s->f);
}

static void put_axis(const struct sheet *s, unsigned height)
{
	int64_t all = s->w->to_utc_ns - s->w->from_utc_ns;
	for (int k = 0; k < TICKS; k++) {
		int64_t at = s->w->from_utc_ns + all / (TICKS - 1) * k;
		struct why_line l = { .n = 0 };
		double x = x_of(s, at);
		fprintf(s->f, "<path d=\"M%.1f %dV%u\" stroke=\"#dddddd\"/>\n", x, TOP - 6, height);
		why_put_time(&l, s->w, at);
		put_text(s, x, TOP - 12, " text-anchor=\"middle\" fill=\"#666666\"", l.text);
	}
}

static void put_bar(struct sheet *s, const char *label, const struct why_span *span)
{
	double x = x_of(s, span->first_utc_ns), to = x_of(s, span->last_utc_ns);
	double reach = (double)(span->last_utc_ns - span->first_utc_ns);
	double dark = reach > 0 ? (double)span->ns / reach : 1;
	struct why_line l = { .n = 0 }, share = { .n = 0 };
	put_text(s, 8, s->y + 5, "", label);
	fprintf(s->f,
		"<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" fill=\"#b02a2a\" fill-opacity=\"%.2f\"><title>",
		x, s->y - BAR / 2., to - x < 1.5 ? 1.5 : to - x, BAR,
		dark > 1      ? 1
		: dark < 0.15 ? 0.15
			      : dark);
	why_put_length(&l, span);
	why_put(&l, "; ");
	why_put_between(&l, s->w, span);
	page_text(s->f, l.text);
	fputs("</title></rect>\n", s->f);
	if (span->ns)
		why_put_share(&share, s->w, span->ns);
	else /* a clock's jumps have no length */
		why_put(&share, "%" PRIu64 " time%s", span->times, why_plural(span->times));
	put_text(s, WIDTH - 8, s->y + 5, " text-anchor=\"end\"", share.text);
	s->y += LINE;
}

static void gate_name_of(const struct reader *r, const struct why_gate *g, struct why_line *l)
{
	why_put(l, "%s %s%s", gate_name((enum gate)g->gate),
		g->instrument ? tell_name(r, NAME_INSTRUMENT, g->instrument) : "all legs",
		g->who != GATE_WHOLE && g->who >= GATE_REF ? " (reference)" : "");
}

static void put_picture(const struct why *w, const struct reader *r, FILE *f)
{
	struct sheet s = { .w = w, .f = f, .y = TOP + LINE / 2. };
	unsigned height = TOP + (unsigned)(w->n_gates + w->n_inputs) * LINE;
	fprintf(f,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%u\" viewBox=\"0 0 %d %u\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#222222\">\n",
		WIDTH, height + 8, WIDTH, height + 8);
	put_axis(&s, height);
	for (size_t i = 0; i < w->n_gates; i++) {
		struct why_line l = { .n = 0 };
		why_put(&l, "%s: ", tell_name(r, NAME_INSTANCE, w->gates[i].instance));
		gate_name_of(r, &w->gates[i], &l);
		put_bar(&s, l.text, &w->gates[i].span);
	}
	for (size_t i = 0; i < w->n_inputs; i++) {
		struct why_line l = { .n = 0 };
		why_put(&l, "%s %s", why_what_name((enum why_what)w->inputs[i].what),
			why_subject(r, &w->inputs[i]));
		put_bar(&s, l.text, &w->inputs[i].span);
	}
	fputs("</svg>\n", f);
}

/* ---- the tables */

static void put_gates(const struct why *w, const struct reader *r, FILE *f)
{
	page_heading(f, 2, "gates", "Gates that were closed");
	page_table_open(
		f,
		"instance|gate|of|#times|#of the time|how long|worst against its bound|#looked at|#refused|when");
	for (size_t i = 0; i < w->n_gates; i++) {
		const struct why_gate *g = &w->gates[i];
		char words[GATE_WORDS];
		struct why_line share = { .n = 0 }, length = { .n = 0 }, when = { .n = 0 };
		why_put_share(&share, w, g->span.ns);
		why_put_length(&length, &g->span);
		why_put_between(&when, w, &g->span);
		gate_words((enum gate)g->gate, g->worst, g->bound, words);
		page_row_open(f);
		page_cell(f, "%s", tell_name(r, NAME_INSTANCE, g->instance));
		page_cell(f, "%s", gate_name((enum gate)g->gate));
		page_cell(f, "%s%s",
			  g->instrument ? tell_name(r, NAME_INSTRUMENT, g->instrument) : "all legs",
			  g->who != GATE_WHOLE && g->who >= GATE_REF ? " (reference)" : "");
		page_number(f, "%" PRIu64, g->span.times);
		page_number(f, "%s", share.text);
		page_cell(f, "%s", length.text);
		page_cell(f, "%s", words);
		page_number(f, "%" PRIu64, g->judged);
		page_number(f, "%" PRIu64, g->triggers);
		page_cell(f, "%s", when.text);
		page_row_close(f);
	}
	page_table_close(f);
}

static void put_risks(const struct why *w, const struct reader *r, FILE *f)
{
	page_heading(f, 2, "limits", "Proposals that limits refused");
	page_table_open(f, "instance|limit|#times|what it means|#last value|#bound|last");
	for (size_t i = 0; i < w->n_risks; i++) {
		const struct why_risk *k = &w->risks[i];
		const char *name = risk_limit_name((enum risk_limit)k->limit);
		struct why_line value = { .n = 0 }, bound = { .n = 0 }, last = { .n = 0 };
		why_put_amount(&value, name, k->value);
		why_put_amount(&bound, name, k->bound);
		why_put_time(&last, w, k->last_utc_ns);
		page_row_open(f);
		page_cell(f, "%s", tell_name(r, NAME_INSTANCE, k->instance));
		page_cell(f, "%s", name);
		page_number(f, "%" PRIu64, k->times);
		page_cell(f, "%s", risk_limit_text((enum risk_limit)k->limit));
		page_number(f, "%s", value.text);
		page_number(f, "%s", bound.text);
		page_cell(f, "%s", last.text);
		page_row_close(f);
	}
	page_table_close(f);
}

static void put_inputs(const struct why *w, const struct reader *r, FILE *f)
{
	page_heading(f, 2, "inputs", "What was wrong with the inputs meanwhile");
	page_table_open(f, "what|of|");
	for (size_t i = 0; i < w->n_inputs; i++) {
		struct why_line l = { .n = 0 };
		why_input_words(&l, w, &w->inputs[i]);
		page_row_open(f);
		page_cell(f, "%s", why_what_name((enum why_what)w->inputs[i].what));
		page_cell(f, "%s", why_subject(r, &w->inputs[i]));
		page_cell(f, "%s", l.text);
		page_row_close(f);
	}
	page_table_close(f);
}

static void put_span_read(const struct why *w, const struct reader *r, FILE *f)
{
	char from[TZ_TIME], to[TZ_TIME];
	struct why_line l = { .n = 0 };
	tz_time(w->from_utc_ns, from);
	tz_time(w->to_utc_ns, to);
	why_put_span(&l, w->session_ns);
	page_facts_open(f);
	page_fact(f, "from", "%s", from);
	page_fact(f, "to", "%s", to);
	page_fact(f, "sessions", "%u, %s in all", w->sessions, l.text);
	page_fact(f, "receipts", "%" PRIu64, w->receipts);
	if (w->instance)
		page_fact(f, "instance", "%s", tell_name(r, NAME_INSTANCE, w->instance));
	page_table_close(f);
}

int why_html(const struct why *w, const struct reader *r, FILE *f)
{
	page_open(f, "en", "What kept the host from trading");
	if (!w->receipts) {
		page_para(f, "mind", "No receipts of that time.");
		return page_close(f);
	}
	put_span_read(w, r, f);
	if (!w->n_gates && !w->n_risks)
		page_para(f, "mind", "Nothing did: no gate closed, no proposal was refused.");
	if (w->n_gates + w->n_inputs) {
		page_heading(f, 2, "time", "Along time");
		page_para(
			f, "dim",
			"A bar reaches from the first time to the last, as dark as it was so in between; the number is its share of the sessions.");
		put_picture(w, r, f);
	}
	if (w->n_gates)
		put_gates(w, r, f);
	if (w->n_risks)
		put_risks(w, r, f);
	if (w->n_inputs)
		put_inputs(w, r, f);
	return page_close(f);
}
