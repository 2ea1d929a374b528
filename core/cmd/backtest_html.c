/* A backtest as one page: figures, curves as pictures within it, and what was assumed. Nothing is fetched and nothing runs. */
#include "core/base/date.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/page.h"
#include "core/base/plot.h"
#include "core/cmd/backtest_show.h"
#include "core/trade/risk.h"
#include "lua/host.h"
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- curves */

struct axis {
	struct page_time t;
	char label[64];
};

static struct axis time_axis(int64_t from_ns, int64_t to_ns)
{
	char from[32];
	struct axis a = { .t = page_time(from_ns, to_ns) };
	snprintf(a.label, sizeof a.label, "%s since %s UTC", a.t.unit, backtest_utc(from_ns, from));
	return a;
}

struct curves {
	double *x, *y[3], *mx[bt_mark_max], *my[bt_mark_max];
	size_t n, n_marks[bt_mark_max];
};

static void free_curves(struct curves *c)
{
	free(c->x);
	for (int k = 0; k < 3; k++)
		free(c->y[k]);
	for (int k = 0; k < bt_mark_max; k++) {
		free(c->mx[k]);
		free(c->my[k]);
	}
}

static bool make_curves(const struct bt_instance *in, const struct axis *a, struct curves *c)
{
	*c = (struct curves){ .n = in->n_samples };
	bool good = (c->x = calloc(c->n + 1, sizeof(double))) != NULL;
	for (int k = 0; k < 3; k++)
		good &= (c->y[k] = calloc(c->n + 1, sizeof(double))) != NULL;
	for (int k = 0; k < bt_mark_max; k++) {
		good &= (c->mx[k] = calloc(in->n_marks + 1u, sizeof(double))) != NULL;
		good &= (c->my[k] = calloc(in->n_marks + 1u, sizeof(double))) != NULL;
	}
	for (uint32_t i = 0; good && i < c->n; i++) {
		c->x[i] = page_time_at(&a->t, in->sample[i].utc_ns);
		c->y[0][i] = in->sample[i].net;
		c->y[1][i] = in->sample[i].sell;
		c->y[2][i] = in->sample[i].buy;
	}
	for (uint32_t i = 0; good && i < in->n_marks; i++) {
		const struct bt_mark *m = &in->mark[i];
		size_t n = c->n_marks[m->kind]++;
		c->mx[m->kind][n] = page_time_at(&a->t, m->utc_ns);
		c->my[m->kind][n] = m->at;
	}
	return good;
}

static int plot_net(const struct curves *c, const struct axis *a, const char *money, double *lots,
		    uint16_t instance, FILE *f)
{
	char label[48], id[16];
	snprintf(id, sizeof id, "net%u", instance);
	snprintf(label, sizeof label, "net, %s", money);
	struct plot p = { .title = "Net money, with what is held at its mark",
			  .id = id,
			  .x = { .label = a->label },
			  .y = { .label = label },
			  .width = 960,
			  .height = 340,
			  .n_series = 1 };
	p.series[0] = (struct plot_series){
		.name = "net of fees", .x = c->x, .y = c->y[0], .n = c->n, .step = true
	};
	int rc = plot_svg(&p, f);
	if (rc)
		return rc;
	snprintf(id, sizeof id, "lots%u", instance);
	p.title = "Position";
	p.y.label = "pair lots";
	p.height = 220;
	p.series[0] = (struct plot_series){
		.name = "held", .x = c->x, .y = lots, .n = c->n, .step = true
	};
	return plot_svg(&p, f);
}

static int plot_basis(const struct curves *c, const struct axis *a, bool in_bp, uint16_t instance,
		      FILE *f)
{
	char id[16];
	snprintf(id, sizeof id, "basis%u", instance);
	static const char *const name[bt_mark_max] = { "opened", "closed", "broke" };
	struct plot p = { .title = "The basis that could be executed",
			  .id = id,
			  .x = { .label = a->label },
			  .y = { .label = in_bp ? "basis, bp" : "basis" },
			  .width = 960,
			  .height = 400,
			  .n_series = 2 };
	p.series[0] = (struct plot_series){
		.name = "sell the first leg", .x = c->x, .y = c->y[1], .n = c->n
	};
	p.series[1] = (struct plot_series){
		.name = "buy the first leg", .x = c->x, .y = c->y[2], .n = c->n
	};
	for (int k = 0; k < bt_mark_max; k++) {
		if (!c->n_marks[k])
			continue;
		p.series[p.n_series++] = (struct plot_series){ .name = name[k],
							       .x = c->mx[k],
							       .y = c->my[k],
							       .n = c->n_marks[k],
							       .only_points = true,
							       .points = true };
	}
	return plot_svg(&p, f);
}

static int put_curves(const struct backtest *b, uint16_t i, FILE *f)
{
	const struct bt_instance *in = &backtest_tally(b)->of[i];
	struct curves c;
	int64_t from, to;
	backtest_span(b, &from, &to);
	struct axis a = time_axis(from, to);
	double *lots = calloc(in->n_samples + 1u, sizeof *lots);
	bool good = make_curves(in, &a, &c) && lots;
	for (uint32_t k = 0; good && k < in->n_samples; k++)
		lots[k] = in->sample[k].lots;
	int rc = good ? plot_net(&c, &a, asset_name(&backtest_config(b)->assets, in->money), lots,
				 i, f)
		      : err_set(ERR_NOMEM, "no memory for the curves");
	if (!rc)
		rc = plot_basis(&c, &a, in->in_bp, i, f);
	free(lots);
	free_curves(&c);
	return rc;
}

/* ---------------------------------------------------------------- figures */

static void put_params(const struct strategy *s, FILE *f)
{
	struct lua_param p;
	fputs("<tr><th>parameters</th><td>", f);
	for (unsigned k = 0; lua_host_param(s, k, &p); k++)
		fprintf(f, "%s<code>%s = %.10g</code>", k ? " " : "", p.name, p.value);
	fputs("</td></tr>\n", f);
}

static void put_money(const struct backtest *b, const struct bt_instance *in, FILE *f)
{
	char x[BACKTEST_AMOUNT], y[BACKTEST_AMOUNT], z[BACKTEST_AMOUNT], t0[32], t1[32];
	fprintf(f, "<tr><th>net</th><td class=\"big %s\">", in->net_e8 < 0 ? "down" : "up");
	page_text(f, backtest_money(b, in, in->net_e8, x));
	fputs("</td></tr>\n", f);
	page_fact(f, "before fees", "%s; fees %s",
		  backtest_money(b, in, in->net_e8 + in->fees_e8, x),
		  backtest_money(b, in, in->fees_e8, y));
	if (in->drawdown_e8)
		page_fact(f, "drawdown", "at most %s, %s to %s",
			  backtest_money(b, in, in->drawdown_e8, x),
			  backtest_utc(in->drawdown_from_ns ? in->drawdown_from_ns
							    : in->sample[0].utc_ns,
				       t0),
			  backtest_utc(in->drawdown_to_ns, t1));
	page_fact(f, "slippage",
		  "%s against the prices that pairs were decided on, %s by rescues, of %s traded",
		  backtest_money(b, in, in->slip_e8, x),
		  backtest_money(b, in, in->rescue_slip_e8, y),
		  backtest_money(b, in, in->volume_e8, z));
}

static void put_figures(const struct backtest *b, uint16_t i, FILE *f)
{
	const struct bt_instance *in = &backtest_tally(b)->of[i];
	const struct config *c = backtest_config(b);
	char t0[32], t1[32], base[24], left[24];
	dec_format(in->most_naked_base_e8, BASE_DP, 0, base);
	dec_format(in->left_base_e8, BASE_DP, 0, left);
	page_facts_open(f);
	put_money(b, in, f);
	page_fact(f, "pairs",
		  "%" PRIu64 " sent (%" PRIu64 " open, %" PRIu64 " close): %" PRIu64
		  " hedged, %" PRIu64 " flat, %" PRIu64 " held, %" PRIu64 " in flight at the end",
		  in->sent, in->opened, in->closed, in->hedged, in->flat, in->held_now,
		  in->in_flight);
	page_fact(f, "broken",
		  "%" PRIu64 ": %" PRIu64 " rescued, %" PRIu64 " by completing and %" PRIu64
		  " by unwinding",
		  in->broken, in->rescued, in->completed, in->unwound);
	page_fact(f, "orders",
		  "%" PRIu64 ", %" PRIu64 " refused by a venue; %" PRIu64 " fills, %" PRIu64
		  " of them of resting orders",
		  in->orders, in->rejects, in->fills, in->maker_fills);
	page_fact(f, "naked", "%" PRIu64 " times, %s in all, longest %s, at most %s base units",
		  in->naked_times, backtest_took(in->naked_ns, t0),
		  backtest_took(in->longest_naked_ns, t1), base);
	page_fact(f, "at the end", "%.6g pair lots held, %s base units unhedged", in->pos_lots,
		  left);
	page_fact(f, "strategy", "%s, version %u, %" PRIu64 " calls", c->instance[i].file,
		  backtest_script(b, i)->version, backtest_script(b, i)->calls);
	put_params(backtest_script(b, i), f);
	page_table_close(f);
}

static void put_days(const struct backtest *b, const struct bt_instance *in, FILE *f)
{
	char day[12], x[BACKTEST_AMOUNT];
	page_table_open(f, "trading day|#sent|#hedged|#flat|#broken|#fills|#net|#fees");
	for (uint32_t k = 0; k < in->n_days; k++) {
		const struct bt_day *d = &in->day[k];
		page_row_open(f);
		page_cell(f, "%s", date_format(d->date, day));
		page_number(f, "%" PRIu64, d->sent);
		page_number(f, "%" PRIu64, d->hedged);
		page_number(f, "%" PRIu64, d->flat);
		page_number(f, "%" PRIu64, d->broken);
		page_number(f, "%" PRIu64, d->fills);
		page_number(f, "%s", backtest_money(b, in, d->net_e8, x));
		page_number(f, "%s", backtest_money(b, in, d->fees_e8, x));
		page_row_close(f);
	}
	page_table_close(f);
}

static void put_worst(const struct backtest *b, const struct bt_instance *in, FILE *f)
{
	const struct bt_tally *t = backtest_tally(b);
	char when[32], x[BACKTEST_AMOUNT];
	if (!in->n_worst)
		return;
	page_heading(f, 3, NULL, "Pairs that slipped most");
	page_table_open(f, "pair|decided, UTC||#slippage|#fees");
	for (uint32_t k = 0; k < in->n_worst; k++) {
		const struct bt_pair *p = &t->pair[in->worst[k]];
		page_row_open(f);
		page_code(f, "%016" PRIx64, p->id);
		page_cell(f, "%s", backtest_utc(p->utc_ns, when));
		page_cell(f, "%s", p->broke ? "broke" : "");
		page_number(f, "%s", backtest_money(b, in, p->slip_e8, x));
		page_number(f, "%s", backtest_money(b, in, p->fees_e8, x));
		page_row_close(f);
	}
	page_table_close(f);
}

static void put_refused(const struct backtest *b, FILE *f)
{
	const struct why *w = &backtest_tally(b)->why;
	char took[32];
	if (!w->n_gates && !w->n_risks)
		return;
	page_heading(f, 2, NULL, "What was refused");
	page_table_open(f, "instance|by|whose|#refused|#closed");
	for (size_t k = 0; k < w->n_gates; k++) {
		const struct why_gate *g = &w->gates[k];
		const char *who = backtest_name(b, NAME_INSTANCE, g->instance),
			   *leg = backtest_name(b, NAME_INSTRUMENT, g->instrument);
		page_row_open(f);
		page_cell(f, "%s", who ? who : "");
		page_cell(f, "gate %s", gate_name((enum gate)g->gate));
		page_cell(f, "%s", leg ? leg : "");
		page_number(f, "%" PRIu64, g->triggers);
		page_number(f, "%s", backtest_took(g->span.ns, took));
		page_row_close(f);
	}
	for (size_t k = 0; k < w->n_risks; k++) {
		const struct why_risk *r = &w->risks[k];
		const char *who = backtest_name(b, NAME_INSTANCE, r->instance);
		page_row_open(f);
		page_cell(f, "%s", who ? who : "");
		page_cell(f, "limit %s", risk_limit_name((enum risk_limit)r->limit));
		page_cell(f, "%s", "");
		page_number(f, "%" PRIu64, r->times);
		page_cell(f, "%s", "");
		page_row_close(f);
	}
	page_table_close(f);
}

static void put_sentences(const struct backtest *b, FILE *f)
{
	char text[BACKTEST_SENTENCE];
	if (backtest_warns(b, 0, text)) {
		fputs("<div class=\"mind\"><b>Mind</b><ul>\n", f);
		for (unsigned i = 0; backtest_warns(b, i, text); i++) {
			fputs("<li>", f);
			page_text(f, text);
			fputs("</li>\n", f);
		}
		fputs("</ul></div>\n", f);
	}
}

static void put_assumed(const struct backtest *b, FILE *f)
{
	char text[BACKTEST_SENTENCE];
	page_heading(f, 2, NULL, "What is assumed");
	fputs("<ul>\n", f);
	for (unsigned i = 0; backtest_assumes(b, i, text); i++) {
		fputs("<li>", f);
		page_text(f, text);
		fputs("</li>\n", f);
	}
	fputs("</ul>\n", f);
}

static void put_instruments(const struct backtest *b, FILE *f)
{
	const struct config *c = backtest_config(b);
	char maker[24], taker[24], lot[24];
	page_heading(f, 2, NULL, "What was traded");
	page_table_open(f, "instrument|recorded as|book|#known|fees, maker and taker, bp|#a lot");
	for (uint32_t i = 0; i < c->n_instruments; i++) {
		const struct instrument *in = &c->instrument[i];
		const char *as = reel_recorded_as(backtest_reel(b), in->venue);
		uint8_t book = reel_books(backtest_reel(b))[i];
		if (book == PAPER_NOTHING)
			continue;
		dec_format(in->rule[0].fee.maker_e8, 4, 0, maker);
		dec_format(in->rule[0].fee.taker_e8, 4, 0, taker);
		dec_format(in->rule[0].fee.per_lot_e8, 8, 0, lot);
		page_row_open(f);
		page_cell(f, "%s", in->name);
		page_cell(f, "%s %s", as ? as : "", in->symbol);
		page_cell(f, "%s", paper_book_name((enum paper_book)book));
		page_number(f, "%.4g %%", 100 * backtest_known(b, i));
		page_cell(f, "%s / %s", maker, taker);
		page_number(f, "%s", lot);
		page_row_close(f);
	}
	page_table_close(f);
}

int backtest_html(const struct backtest *b, FILE *f)
{
	const struct config *c = backtest_config(b);
	char title[300], from[32], to[32], span[32];
	int64_t from_ns, to_ns;
	int rc = 0;
	backtest_span(b, &from_ns, &to_ns);
	snprintf(title, sizeof title, "Backtest of %s", c->file);
	page_open(f, "en", title);
	page_para(f, "", "%s to %s UTC, %s", backtest_utc(from_ns, from), backtest_utc(to_ns, to),
		  backtest_took(to_ns - from_ns, span));
	page_para(f, "dim",
		  "%" PRIu64 " recorded events, %" PRIu64 " of prices; %" PRIu64
		  " receipts; seed %" PRIu64,
		  reel_stats(backtest_reel(b))->events, reel_stats(backtest_reel(b))->quotes,
		  backtest_tally(b)->receipts, backtest_options(b)->seed);
	put_sentences(b, f);
	for (uint16_t i = 0; i < c->n_instances && !rc; i++) {
		if (!backtest_runs(b, i))
			continue;
		const struct bt_instance *in = &backtest_tally(b)->of[i];
		page_heading(f, 2, NULL, c->instance[i].name);
		put_figures(b, i, f);
		rc = put_curves(b, i, f);
		put_days(b, in, f);
		put_worst(b, in, f);
	}
	put_refused(b, f);
	put_instruments(b, f);
	put_assumed(b, f);
	return rc ? rc : page_close(f);
}
