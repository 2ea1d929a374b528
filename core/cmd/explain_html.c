/* explain as a page: the head, the lanes, what had filled when, every receipt. */
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/page.h"
#include "core/base/plot.h"
#include "core/cmd/explain.h"
#include "core/cmd/lanes_svg.h"
#include "core/cmd/tell.h"
#include "core/cmd/tz.h"
#include "core/trade/strategy.h"
#include <inttypes.h>
#include <stdlib.h>

static void put_facts(const struct explain *e, FILE *f)
{
	const struct story *s = &e->story;
	char time[TZ_TIME], instance[2 * ROW_TEXT];
	tz_time(s->utc_ns, time);
	explain_instance(e, instance, sizeof instance);
	page_facts_open(f);
	page_fact(f, "decided", "%s", time);
	if (s->asked.kind != FACT_NONE)
		page_fact(f, s->intent == INTENT_FLATTEN ? "asked" : "moved by", "%s",
			  s->asked.text);
	page_fact(f, "instance", "%s", instance);
	if (s->session.kind == FACT_SESSION_OPEN)
		page_fact(f, "host", "%s", s->session.text);
	page_fact(f, "outcome", "%s after %s us: %u orders, %u fills, %u rescue steps%s%s",
		  explain_state(s), tell_dec(s->took_ns / 100, 1), s->orders, s->fills, s->rescues,
		  s->ended && s->why[0] ? "; " : "", s->ended ? s->why : "");
	page_fact(f, "unhedged", "%s; the instance carries %s (base units)",
		  tell_dec(s->imbalance_e8, 8), tell_dec(s->residual_e8, 8));
	page_table_close(f);
	if (!s->ended)
		page_para(f, "mind", "It has not ended.");
}

static void put_legs(const struct explain *e, FILE *f)
{
	const struct story *s = &e->story;
	page_heading(f, 2, "legs", "Legs");
	page_table_open(f, "#leg|to do|instrument|account|venue|#trigger|#limit|what came of it");
	for (unsigned i = 0; i < s->n_legs; i++) {
		const struct story_leg *l = &s->leg[i];
		char text[400];
		if (!l->known)
			continue;
		explain_filled(e, l, text, sizeof text);
		page_row_open(f);
		page_number(f, "%u", i);
		page_cell(f, "%s %s", explain_verb(s, l), tell_dec(explain_qty(s, l), l->f.qty_dp));
		page_cell(f, "%s", tell_name(e->reader, NAME_INSTRUMENT, l->f.instrument));
		page_cell(f, "%s", tell_name(e->reader, NAME_ACCOUNT, l->f.account));
		page_cell(f, "%s", tell_name(e->reader, NAME_VENUE, l->f.venue));
		page_number(f, "%s", tell_dec(l->ref_px, l->f.px_dp));
		page_number(f, "%s", explain_own(s) ? "" : tell_dec(l->limit_px, l->f.px_dp));
		page_cell(f, "%s", text);
		page_row_close(f);
	}
	page_table_close(f);
}

/* Per cent of what was wanted, by and by: what lies between the curves is what stood open. */
static size_t filled_over_time(const struct lanes *l, unsigned leg, const struct page_time *t,
			       double *x, double *y)
{
	const struct story_leg *want = &l->story->leg[leg];
	double qty = (double)explain_qty(l->story, want), sum = 0;
	size_t n = 0;
	x[n] = page_time_at(t, 0);
	y[n++] = 0;
	for (unsigned i = 0; i < l->n_marks && qty > 0; i++) {
		const struct lane_mark *m = &l->mark[i];
		bool adds = m->kind == LANE_FILLED || m->kind == LANE_PARTLY;
		if (l->order[m->order].fact->leg != leg || (!adds && m->kind != LANE_BUST))
			continue;
		bool own = (m->fact->side == want->f.side) != (l->story->intent == INTENT_FLATTEN);
		sum += (adds == own ? 1. : -1.) * (double)m->fact->qty;
		x[n] = page_time_at(t, m->at_ns);
		y[n++] = 100 * sum / qty;
	}
	x[n] = page_time_at(t, l->to_ns);
	y[n] = y[n - 1];
	return n + 1;
}

static int put_fills(const struct explain *e, FILE *f)
{
	const struct story *s = &e->story;
	const struct lanes *l = &e->lanes;
	const struct page_time t = page_time(0, l->to_ns - l->from_ns);
	double *points = calloc(2 * (LANE_MARKS + 2) * (size_t)LEG_MAX, sizeof *points),
	       *at = points;
	char names[LEG_MAX][80];
	struct plot p = { .title = "what had filled, in per cent of what was wanted",
			  .id = "fills",
			  .x.label = t.unit,
			  .width = 960,
			  .height = 300 };
	if (!points)
		return err_set(ERR_NOMEM, "no memory for a picture");
	for (unsigned i = 0; i < s->n_legs && p.n_series < PLOT_SERIES; i++) {
		if (!s->leg[i].known)
			continue;
		double *x = at, *y = at + LANE_MARKS + 2;
		snprintf(names[i], sizeof names[i], "leg %u %s", i,
			 tell_name(e->reader, NAME_INSTRUMENT, s->leg[i].f.instrument));
		size_t n = filled_over_time(l, i, &t, x, y);
		p.series[p.n_series++] = (struct plot_series){
			.name = names[i], .x = x, .y = y, .n = n, .step = true
		};
		at = y + LANE_MARKS + 2;
	}
	int rc = plot_svg(&p, f);
	free(points);
	return rc;
}

static void put_receipts(const struct explain *e, FILE *f)
{
	const struct story *s = &e->story;
	page_heading(f, 2, "receipts", "Receipts");
	page_table_open(f, "#us|#receipt|#cause|what, leg|");
	for (uint32_t i = 0; i < s->n; i++) {
		const struct fact *r = &s->fact[i];
		char words[TELL_BYTES], what[ROW_NAME + 8];
		struct row row;
		row_make(&row, e->reader, r);
		row_what(&row, what, sizeof what);
		tell(s, e->reader, r, words);
		page_row_open(f);
		page_number(f, "%s", tell_dec(story_since_ns(s, r) / 100, 1));
		page_number(f, "%" PRIu64, r->seq);
		page_number(f, r->cause ? "%" PRIu64 : "", r->cause);
		page_cell(f, "%s", what);
		page_cell(f, "%s", words);
		page_row_close(f);
	}
	page_table_close(f);
	if (s->cut)
		page_para(f, "mind", "Only the first %d receipts are shown.", STORY_MAX);
}

int explain_html(struct explain *e, FILE *f)
{
	char title[120];
	snprintf(title, sizeof title, "Pair %016" PRIx64 ": %s, %s", e->story.pair,
		 explain_intent(&e->story), explain_state(&e->story));
	page_open(f, "en", title);
	put_facts(e, f);
	put_legs(e, f);
	if (e->lanes.n_orders) {
		page_heading(f, 2, "time", "Orders along time");
		page_para(
			f, "dim",
			"From the arrival of the quote that decided it. Resting the pointer on a bar or a sign tells its receipt.");
		lanes_svg(&e->lanes, e->reader, f);
		if (e->lanes.cut)
			page_para(f, "mind", "There is more than is drawn.");
		int rc = put_fills(e, f);
		if (rc)
			return rc;
	}
	put_receipts(e, f);
	return page_close(f);
}
