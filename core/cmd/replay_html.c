/* Two versions on one recorded life as one page: what both were shown, where each of them would have traded, and what would have come of it. */
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/page.h"
#include "core/base/plot.h"
#include "core/cmd/replay_show.h"
#include "core/cmd/row.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MOST   1000 /* of the table of differing decisions */
#define LEVELS_MOST (CURVE_PARAMS * CURVE_LEVELS)

static const char *const words[curve_side_max] = { "then", "now" };

static const char *utc(int64_t ns, char out[32])
{
	row_time(ns, out);
	return out;
}

/* ---------------------------------------------------------------- thresholds */

/* A parameter is drawn as a level of the basis when its name says that it is one: `_bp` where the picture is in bp, `_at` where it is in the pair's units. */
static bool is_level(const char *name, bool in_bp)
{
	const size_t n = strlen(name);
	return n > 3 && strcmp(name + n - 3, in_bp ? "_bp" : "_at") == 0;
}

static const struct curve_param *fair_of(const struct replay_curve *c)
{
	for (uint32_t i = 0; i < c->n_params; i++)
		if (strcmp(c->param[i].name, "fair_bp") == 0)
			return &c->param[i];
	return NULL;
}

/* Levels in bp lie on both sides of fair, which is one itself. */
static unsigned levels_of(const struct replay_curve *c, const struct curve_param *p,
			  enum curve_side who, uint32_t k, double out[2])
{
	const struct curve_param *fair = fair_of(c);
	const double v = p->level[who][k].value;
	const double mid = fair && fair->n[who] ? fair->level[who][fair->n[who] - 1].value : 0;
	if (!c->in_bp || p == fair) {
		out[0] = v;
		return 1;
	}
	out[0] = mid + v;
	out[1] = mid - v;
	return v == 0 ? 1 : 2;
}

struct line {
	double *x, *y;
	size_t n;
};

static void put_point(struct line *l, double x, double y)
{
	l->x[l->n] = x;
	l->y[l->n++] = y;
}

/* How far the basis went, with half of that on either side: what lies beyond would only flatten it. */
static void reach_of(const struct replay_curve *c, double out[2])
{
	out[0] = INFINITY;
	out[1] = -INFINITY;
	for (uint32_t i = 0; i < c->n_samples; i++) {
		const double y[2] = { c->sample[i].sell, c->sample[i].buy };
		for (int k = 0; k < 2; k++) {
			out[0] = fmin(out[0], y[k]);
			out[1] = fmax(out[1], y[k]);
		}
	}
	const double more = (out[1] - out[0]) / 2;
	out[0] -= more;
	out[1] += more;
}

/* Each value from when it came into force until the next, with a gap between two lines. *beyond: levels that the picture does not reach. */
static void draw_levels(const struct replay_curve *c, const struct page_time *t,
			enum curve_side who, struct line *l, unsigned *beyond)
{
	double reach[2], y[2];
	reach_of(c, reach);
	*beyond = 0;
	for (uint32_t i = 0; i < c->n_params; i++) {
		const struct curve_param *p = &c->param[i];
		for (uint32_t k = 0; is_level(p->name, c->in_bp) && k < p->n[who]; k++) {
			const int64_t from = k ? p->level[who][k].utc_ns : c->from_ns;
			const int64_t to =
				k + 1 < p->n[who] ? p->level[who][k + 1].utc_ns : c->to_ns;
			const unsigned n = levels_of(c, p, who, k, y);
			for (unsigned s = 0; s < n; s++) {
				if (y[s] < reach[0] || y[s] > reach[1]) {
					++*beyond;
					continue;
				}
				put_point(l, page_time_at(t, from), y[s]);
				put_point(l, page_time_at(t, to), y[s]);
				put_point(l, page_time_at(t, to), NAN);
			}
		}
	}
}

/* ---------------------------------------------------------------- pictures */

struct picture {
	struct page_time t;
	char label[64];
	struct line sell, buy, pos, level[curve_side_max], mark[curve_side_max];
	unsigned beyond[curve_side_max];
};

static bool line_make(struct line *l, size_t most)
{
	*l = (struct line){ calloc(most + 1, sizeof(double)), calloc(most + 1, sizeof(double)), 0 };
	return l->x && l->y;
}

static void line_free(struct line *l)
{
	free(l->x);
	free(l->y);
}

static void picture_free(struct picture *p)
{
	line_free(&p->sell);
	line_free(&p->buy);
	line_free(&p->pos);
	for (int who = 0; who < curve_side_max; who++) {
		line_free(&p->level[who]);
		line_free(&p->mark[who]);
	}
}

static bool picture_make(const struct replay_curve *c, struct picture *p)
{
	char from[32];
	*p = (struct picture){ .t = page_time(c->from_ns, c->to_ns) };
	snprintf(p->label, sizeof p->label, "%s since %.26s", p->t.unit, utc(c->from_ns, from));
	bool good = line_make(&p->sell, c->n_samples);
	good &= line_make(&p->buy, c->n_samples);
	good &= line_make(&p->pos, c->n_samples);
	for (int who = 0; who < curve_side_max; who++) {
		good &= line_make(&p->level[who], 6 * LEVELS_MOST);
		good &= line_make(&p->mark[who], c->n_marks[who]);
	}
	for (uint32_t i = 0; good && i < c->n_samples; i++) {
		const double x = page_time_at(&p->t, c->sample[i].utc_ns);
		put_point(&p->sell, x, c->sample[i].sell);
		put_point(&p->buy, x, c->sample[i].buy);
		put_point(&p->pos, x, c->sample[i].pos_lots);
	}
	for (int who = 0; good && who < curve_side_max; who++) {
		draw_levels(c, &p->t, (enum curve_side)who, &p->level[who], &p->beyond[who]);
		for (uint32_t i = 0; i < c->n_marks[who]; i++)
			put_point(&p->mark[who], page_time_at(&p->t, c->mark[who][i].utc_ns),
				  c->mark[who][i].at);
	}
	return good;
}

static int plot_basis(const struct replay_curve *c, const struct picture *p, uint16_t i, FILE *f)
{
	static const char *const threshold[] = { "thresholds then", "thresholds now" };
	static const char *const proposed[] = { "proposed then", "proposed now" };
	char id[16];
	snprintf(id, sizeof id, "basis%u", i);
	struct plot x = {
		.title =
			"The basis that could be executed by selling or by buying the first leg, net",
		.id = id,
		.x = { .label = p->label },
		.y = { .label = c->in_bp ? "basis, bp" : "basis" },
		.width = 960,
		.height = 460,
		.n_series = 2
	};
	x.series[0] = (struct plot_series){
		.name = "sell", .x = p->sell.x, .y = p->sell.y, .n = p->sell.n
	};
	x.series[1] =
		(struct plot_series){ .name = "buy", .x = p->buy.x, .y = p->buy.y, .n = p->buy.n };
	for (int who = 0; who < curve_side_max; who++)
		x.series[x.n_series++] = (struct plot_series){ .name = threshold[who],
							       .x = p->level[who].x,
							       .y = p->level[who].y,
							       .n = p->level[who].n,
							       .dashed = true };
	for (int who = 0; who < curve_side_max; who++)
		x.series[x.n_series++] = (struct plot_series){ .name = proposed[who],
							       .x = p->mark[who].x,
							       .y = p->mark[who].y,
							       .n = p->mark[who].n,
							       .points = true,
							       .only_points = true };
	return plot_svg(&x, f);
}

/* Of both backtests: their net money, then their positions with the one of then. */
static int plot_outcome(const struct replay_story *s, const struct picture *p, uint16_t i, bool net,
			FILE *f)
{
	struct line l[2] = { 0 };
	char id[16], label[48];
	bool good = true;
	for (int k = 0; k < 2; k++) {
		const struct outcome_curve *c = &s->side[k].curve[i];
		good &= line_make(&l[k], c->n);
		for (uint32_t n = 0; good && n < c->n; n++)
			put_point(&l[k], page_time_at(&p->t, c->sample[n].utc_ns),
				  net ? c->sample[n].net : c->sample[n].lots);
	}
	snprintf(id, sizeof id, "%s%u", net ? "net" : "lots", i);
	snprintf(label, sizeof label, "net, %s", s->side[1].money);
	struct plot x = { .title = net ? "What would have come of it: net of fees" : "Position",
			  .id = id,
			  .x = { .label = p->label },
			  .y = { .label = net ? label : "pair lots" },
			  .width = 960,
			  .height = net ? 340 : 220,
			  .n_series = 2 };
	for (int k = 0; k < 2; k++)
		x.series[k] = (struct plot_series){
			.name = words[k], .x = l[k].x, .y = l[k].y, .n = l[k].n, .step = true
		};
	if (!net)
		x.series[x.n_series++] = (struct plot_series){ .name = "as recorded",
							       .x = p->pos.x,
							       .y = p->pos.y,
							       .n = p->pos.n,
							       .step = true,
							       .dashed = true };
	int rc = good ? plot_svg(&x, f) : err_set(ERR_NOMEM, "no memory for the curves");
	line_free(&l[0]);
	line_free(&l[1]);
	return rc;
}

static void say_levels(const struct replay_curve *c, const struct picture *p, FILE *f)
{
	page_para(f, "dim",
		  c->in_bp ? "Dashed: the parameters in bp, on both sides of fair_bp where a "
			     "version has one. A dot: a pair that was proposed, at the basis of "
			     "its side."
			   : "Dashed: the parameters whose names end in _at. A dot: a pair that "
			     "was proposed, at the basis of its side.");
	for (int who = 0; who < curve_side_max; who++) {
		if (p->beyond[who])
			page_para(f, "dim",
				  "%u thresholds of %s lie beyond what the basis came near to, "
				  "and are not drawn.",
				  p->beyond[who], words[who]);
		if (c->unmarked[who])
			page_para(f, "dim", "%" PRIu64 " more pairs of %s have no dot.",
				  c->unmarked[who], words[who]);
	}
}

static int put_pictures(const struct replay_story *s, uint16_t i, FILE *f)
{
	const struct replay_curve *c = &s->other->curve[i];
	struct picture p;
	bool good = picture_make(c, &p);
	int rc = good ? plot_basis(c, &p, i, f) : err_set(ERR_NOMEM, "no memory for the curves");
	if (!rc)
		say_levels(c, &p, f);
	if (!rc)
		rc = plot_outcome(s, &p, i, true, f);
	if (!rc)
		rc = plot_outcome(s, &p, i, false, f);
	picture_free(&p);
	return rc;
}

/* ---------------------------------------------------------------- tables */

static void put_value(FILE *f, const struct curve_param *p, enum curve_side who)
{
	if (!p->n[who])
		page_number(f, "%s", "");
	else if (p->n[who] == 1)
		page_number(f, "%.10g", p->level[who][0].value);
	else
		page_number(f, "%.10g, at last %.10g", p->level[who][0].value,
			    p->level[who][p->n[who] - 1].value);
}

static bool alike(const struct curve_param *p)
{
	const uint32_t n = p->n[CURVE_THEN];
	bool same = n == p->n[CURVE_NOW];
	for (uint32_t k = 0; same && k < n; k++)
		same = p->level[CURVE_THEN][k].value == p->level[CURVE_NOW][k].value;
	return same;
}

static void put_params(const struct replay_curve *c, FILE *f)
{
	page_table_open(f, "parameter|#then|#now|");
	for (uint32_t i = 0; i < c->n_params; i++) {
		const struct curve_param *p = &c->param[i];
		page_row_open(f);
		page_code(f, "%s", p->name);
		put_value(f, p, CURVE_THEN);
		put_value(f, p, CURVE_NOW);
		page_cell(f, "%s", alike(p) ? "" : "differs");
		page_row_close(f);
	}
	page_table_close(f);
}

static void put_money(FILE *f, const struct replay_outcome *x, int64_t e8)
{
	char out[24];
	dec_format(e8, MONEY_DP, 2, out);
	page_number(f, "%s", x->priced ? out : "");
}

static void put_outcome(const struct replay_story *s, FILE *f)
{
	page_heading(f, 2, "outcome", "What would have come of it");
	page_para(f, "dim",
		  "A backtest of each on the markets that were recorded, with the matching core, "
		  "each from a position of its own.");
	page_table_open(f, "|#sent|#hedged|#flat|#broke|#orders|#fills|#net|#fees|");
	for (int k = 0; k < 2; k++) {
		const struct replay_outcome *x = &s->side[k];
		const uint64_t n[] = {
			x->sent, x->hedged, x->flat, x->broken, x->orders, x->fills
		};
		page_row_open(f);
		page_cell(f, "%s", words[k]);
		for (size_t i = 0; i < sizeof n / sizeof *n; i++)
			page_number(f, "%" PRIu64, n[i]);
		put_money(f, x, x->net_e8);
		put_money(f, x, x->fees_e8);
		page_cell(f, "%s", x->priced ? x->money : "not in one money");
		page_row_close(f);
	}
	page_table_close(f);
}

static void put_decision(const struct replay_story *s, const struct other_decision *d, FILE *f)
{
	char at[32], x[REPLAY_WORDS];
	page_row_open(f);
	page_cell(f, "%s", utc(d->utc_ns, at));
	page_cell(f, "%s", s->other->name[d->instance]);
	page_number(f, "%" PRIu64, d->call);
	page_number(f, "%.3f", d->sell_bp);
	page_number(f, "%.3f", d->buy_bp);
	page_number(f, "%g", d->pos_lots);
	page_cell(f, "%s", replay_wish(&d->then, x));
	page_cell(f, "%s", replay_came(&s->side[0], d, &d->then, x));
	page_cell(f, "%s", replay_wish(&d->now, x));
	page_cell(f, "%s", replay_came(&s->side[1], d, &d->now, x));
	page_row_close(f);
}

static void put_decisions(const struct replay_story *s, FILE *f)
{
	const struct replay_other *o = s->other;
	page_heading(f, 2, "decisions", "Decisions that differ");
	if (!o->n_decisions) {
		page_para(f, "", "None: at every call both proposed the same.");
		return;
	}
	page_para(f, "dim",
		  "Both were shown the same, with the position of then. What came of a pair is the "
		  "matching core's word, from the position that its own version had by then.");
	page_table_open(
		f,
		"time|instance|#call|#sell, bp|#buy, bp|#held|then|what came of it|now|what would have come of it");
	for (size_t i = 0; i < o->n_decisions && i < ROWS_MOST; i++)
		put_decision(s, &o->decision[i], f);
	page_table_close(f);
	if (o->n_decisions > ROWS_MOST)
		page_para(f, "mind", "%zu more are not shown here; --json has them all.",
			  o->n_decisions - ROWS_MOST);
}

/* ---------------------------------------------------------------- the page */

static void put_proof(const struct replay_story *s, FILE *f)
{
	const struct replay_counts *n = s->counts;
	if (s->diff->any)
		page_para(f, "mind",
			  "The record itself did not come out as it was written: receipt %" PRIu64
			  " differs. What follows is true up to there.",
			  s->diff->then.kind ? s->diff->then.seq : s->diff->now.seq);
	else
		page_para(f, "",
			  "The record as it was: %" PRIu64 " calls, %" PRIu64
			  " decisions, all identical.",
			  n->calls, n->decisions);
}

static void put_facts(const struct replay_story *s, FILE *f)
{
	const struct replay_other *o = s->other;
	const struct replay_counts *n = s->counts;
	char from[32], to[32];
	page_facts_open(f);
	if (n->first_ns)
		page_fact(f, "span", "%s to %s", utc(n->first_ns, from), utc(n->last_ns, to));
	page_fact(f, "then", "%s, as the store has kept it", o->then.file);
	page_fact(f, "now", "%s%s%s", o->strategy ? o->strategy : "",
		  o->strategy && o->config ? ", " : "", o->config ? o->config : "");
	page_fact(f, "compared",
		  "%" PRIu64 " calls that both were shown: %zu came out otherwise, %" PRIu64
		  " pairs proposed then, %" PRIu64 " now",
		  o->calls, o->n_decisions, o->then_proposed, o->now_proposed);
	if (o->unasked)
		page_fact(f, "its own", "%" PRIu64 " calls of hooks and timers that only it has",
			  o->unasked);
	if (o->errors)
		page_fact(f, "failed", "%" PRIu64 " calls of the other version", o->errors);
	if (o->left_out)
		page_fact(
			f, "memory",
			"what was remembered then is not for the other version: it began with nothing");
	page_table_close(f);
}

int replay_html(const struct replay_story *s, FILE *f)
{
	const struct replay_other *o = s->other;
	char title[400];
	int rc = 0;
	snprintf(title, sizeof title, "Replay of %s", s->store);
	page_open(f, "en", title);
	put_proof(s, f);
	put_facts(s, f);
	for (uint16_t i = 0; i < o->n_names && !rc; i++) {
		if (!o->watched[i])
			continue;
		page_heading(f, 2, NULL, o->name[i]);
		put_params(&o->curve[i], f);
		rc = put_pictures(s, i, f);
	}
	put_outcome(s, f);
	put_decisions(s, f);
	return rc ? rc : page_close(f);
}
