/* Costs in words: what a desk reads at the end of its day. */
#include "core/cmd/tca_show.h"
#include "core/base/dec.h"
#include "core/cmd/row.h"
#include "core/cmd/tell.h"
#include "core/trade/pair.h"
#include <inttypes.h>
#include <math.h>

#define MONEY_TEXT 32

static const char *money(int64_t v_e8, char out[MONEY_TEXT])
{
	dec_format(dec_to_step(v_e8, v_e8 > 100000000000 ? 1000000 : 10000, DEC_NEAREST), 8, 0,
		   out);
	return out;
}

static const char *name(const struct reader *r, enum name_space space, uint32_t id)
{
	const char *text = reader_name(r, space, id);
	return text ? text : "";
}

/* "12.3 us", "4.56 ms", "7.8 s": three digits are enough to compare. */
static const char *took(int64_t ns, char out[MONEY_TEXT])
{
	double v = (double)ns;
	if (ns == TCA_UNKNOWN)
		snprintf(out, MONEY_TEXT, "-");
	else if (ns < 1000000)
		snprintf(out, MONEY_TEXT, "%.4g us", v / 1e3);
	else if (ns < 1000000000)
		snprintf(out, MONEY_TEXT, "%.4g ms", v / 1e6);
	else
		snprintf(out, MONEY_TEXT, "%.4g s", v / 1e9);
	return out;
}

/* ---------------------------------------------------------------- a strategy */

static void outcomes(const struct tca_strategy *g, FILE *f)
{
	fprintf(f, "  pairs     %" PRIu64 ": %" PRIu64 " hedged, %" PRIu64 " flat", g->pairs,
		g->hedged, g->flat);
	if (g->refused)
		fprintf(f, ", %" PRIu64 " refused", g->refused);
	if (g->held)
		fprintf(f, ", %" PRIu64 " held", g->held);
	if (g->open)
		fprintf(f, ", %" PRIu64 " still open", g->open);
	if (g->broke)
		fprintf(f, "; %" PRIu64 " broke: %" PRIu64 " completed, %" PRIu64 " unwound",
			g->broke, g->completed, g->unwound);
	fputc('\n', f);
	if (g->resumed)
		fprintf(f,
			"            %" PRIu64
			" lived through a restart: their time is not counted\n",
			g->resumed);
	if (g->unpriced)
		fprintf(f,
			"            %" PRIu64
			" have fills without a rate into the strategy's money, or taken back: no cost is counted of them\n",
			g->unpriced);
}

static void costs(struct tca_strategy *g, const char *unit, FILE *f)
{
	char all[MONEY_TEXT], moved[MONEY_TEXT], slip[MONEY_TEXT], chase[MONEY_TEXT],
		unwind[MONEY_TEXT], fees[MONEY_TEXT];
	int64_t sum = g->slip_e8 + g->chase_e8 + g->unwind_e8 + g->fee_e8;
	if (!g->value_e8)
		return;
	fprintf(f, "  cost      %s %s, %.2f bp of the %s moved\n", money(sum, all), unit,
		1e4 * (double)sum / (double)g->value_e8, money(g->value_e8, moved));
	fprintf(f, "            slip %s, chase %s, unwinding %s, fees %s\n",
		money(g->slip_e8, slip), money(g->chase_e8, chase), money(g->unwind_e8, unwind),
		money(g->fee_e8, fees));
	if (g->n_costs)
		fprintf(f,
			"  a pair    median %.2f bp, p90 %.2f, p99 %.2f, worst %.2f, best %.2f\n",
			tca_sum_cost_bp(g, .5), tca_sum_cost_bp(g, .9), tca_sum_cost_bp(g, .99),
			tca_sum_cost_bp(g, 1), tca_sum_cost_bp(g, 0));
}

static void leg_lines(const struct tca_strategy *g, const struct reader *r, FILE *f)
{
	char ticks[24], delay[24], slip[MONEY_TEXT], chase[MONEY_TEXT], unwind[MONEY_TEXT],
		fees[MONEY_TEXT];
	fprintf(f, "  %-20s %6s %6s %5s %7s %7s %9s %9s %9s %9s\n", "leg", "orders", "fills",
		"maker", "delay", "slip", "slip", "chase", "unwind", "fees");
	fprintf(f, "  %-20s %6s %6s %5s %7s %7s %9s\n", "", "", "", "%", "ticks", "ticks", "money");
	for (uint32_t i = 0; i < g->n_legs; i++) {
		const struct tca_leg_sum *l = &g->leg[i];
		snprintf(ticks, sizeof ticks, l->ticks_of ? "%.2f" : "-", l->ticks / l->ticks_of);
		snprintf(delay, sizeof delay, l->delay_of ? "%.2f" : "-", l->delay / l->delay_of);
		fprintf(f, "  %-20s %6" PRIu64 " %6" PRIu64 " %5.0f %7s %7s %9s %9s %9s %9s\n",
			name(r, NAME_INSTRUMENT, l->instrument), l->orders, l->fills,
			l->fills ? 100 * (double)l->maker / (double)l->fills : 0, delay, ticks,
			money(l->slip_e8, slip), money(l->chase_e8, chase),
			money(l->unwind_e8, unwind), money(l->fee_e8, fees));
	}
}

static void step_lines(const struct tca_strategy *g, FILE *f)
{
	char a[MONEY_TEXT], b[MONEY_TEXT], c[MONEY_TEXT], d[MONEY_TEXT];
	fprintf(f, "  %-22s %6s %12s %12s %12s %12s\n", "step", "pairs", "p50", "p90", "p99",
		"worst");
	for (int k = 0; k < tca_step_max; k++) {
		const struct hist *h = &g->step[k];
		if (!h->count)
			continue;
		fprintf(f, "  %-22s %6" PRIu64 " %12s %12s %12s %12s\n",
			tca_step_name((enum tca_step)k), h->count, took(hist_quantile(h, .5), a),
			took(hist_quantile(h, .9), b), took(hist_quantile(h, .99), c),
			took(h->max, d));
	}
}

void tca_show_strategy(struct tca_strategy *g, const struct reader *r, FILE *f)
{
	char from[32], to[32];
	row_time(g->first_utc_ns, from);
	row_time(g->last_utc_ns, to);
	fprintf(f, "%s, script %.16s, pairs decided from %.19s to %.19s UTC\n",
		name(r, NAME_INSTANCE, g->instance), name(r, NAME_SCRIPT, g->script), from, to);
	outcomes(g, f);
	costs(g, name(r, NAME_ASSET, g->money), f);
	leg_lines(g, r, f);
	step_lines(g, f);
	fputc('\n', f);
}

/* ---------------------------------------------------------------- a pair */

static void cost_text(const struct tca_pair *p, char out[MONEY_TEXT])
{
	double bp;
	if (tca_cost_bp(p, &bp))
		snprintf(out, MONEY_TEXT, "%.2f", bp);
	else
		snprintf(out, MONEY_TEXT, "-");
}

void tca_show_head(FILE *f)
{
	fprintf(f, "%-16s %-19s %-7s %9s %6s %8s %8s %8s %8s %9s %9s\n", "pair", "decided, UTC",
		"outcome", "moved", "bp", "slip", "chase", "unwind", "fees", "leg gap",
		"quote-end");
}

void tca_show_line(const struct tca_pair *p, FILE *f)
{
	char at[32], bp[MONEY_TEXT], v[MONEY_TEXT], slip[MONEY_TEXT], chase[MONEY_TEXT],
		unwind[MONEY_TEXT], fees[MONEY_TEXT], gap[MONEY_TEXT], whole[MONEY_TEXT];
	row_time(p->utc_ns, at);
	cost_text(p, bp);
	fprintf(f, "%016" PRIx64 " %.19s %-7s %9s %6s %8s %8s %8s %8s %9s %9s\n", p->id, at,
		pair_state_name((enum pair_state)p->state), money(p->value_e8, v), bp,
		money(p->slip_e8, slip), money(p->chase_e8, chase), money(p->unwind_e8, unwind),
		money(p->fee_e8, fees), took(p->step_ns[TCA_LEG_GAP], gap),
		took(p->step_ns[TCA_WHOLE], whole));
}

static const char *price(int64_t px, const struct tca_leg *l, char out[MONEY_TEXT])
{
	if (px)
		dec_format(px, l->px_dp, 0, out);
	else
		snprintf(out, MONEY_TEXT, "-");
	return out;
}

static void pair_legs(const struct tca_pair *p, const struct reader *r, FILE *f)
{
	char want[MONEY_TEXT], got[MONEY_TEXT], ref[MONEY_TEXT], arrival[MONEY_TEXT],
		avg[MONEY_TEXT], ticks[24], cost[MONEY_TEXT];
	fprintf(f, "  %-22s %-4s %12s %12s %12s %12s %12s %8s %10s\n", "leg", "", "wanted",
		"filled", "decided at", "arrival", "average", "ticks", "cost");
	for (uint32_t i = 0; i < p->n_legs; i++) {
		const struct tca_leg *l = &p->leg[i];
		int64_t h = 0;
		bool in_ticks = tca_slip_ticks(l, &h);
		dec_format(l->want_qty, l->qty_dp, 0, want);
		dec_format(l->qty, l->qty_dp, 0, got);
		snprintf(ticks, sizeof ticks, in_ticks ? "%.2f" : "-", (double)h / 100);
		fprintf(f, "  %-22s %-4s %12s %12s %12s %12s %12s %8s %10s\n",
			name(r, NAME_INSTRUMENT, l->instrument),
			l->side == SIDE_BUY ? "buy" : "sell", want, got, price(l->ref_px, l, ref),
			price(l->arrival_px, l, arrival), price(tca_average_px(l), l, avg), ticks,
			money(l->slip_e8 + l->chase_e8 + l->unwind_e8 + l->fee_e8, cost));
	}
}

void tca_show_pair(const struct tca_pair *p, const struct reader *r, FILE *f)
{
	char at[32], bp[MONEY_TEXT], v[MONEY_TEXT], slip[MONEY_TEXT], chase[MONEY_TEXT],
		unwind[MONEY_TEXT], fees[MONEY_TEXT], text[MONEY_TEXT];
	row_time(p->utc_ns, at);
	cost_text(p, bp);
	fprintf(f, "pair %016" PRIx64 " of %s, decided %s, %s\n", p->id,
		name(r, NAME_INSTANCE, p->instance), at,
		pair_state_name((enum pair_state)p->state));
	if (p->basis_bp_nano != TCA_UNKNOWN)
		fprintf(f, "  basis that the decision saw: %.4g bp\n",
			(double)p->basis_bp_nano / 1e9);
	fprintf(f, "  cost %s bp of %s %s moved: slip %s, chase %s, unwinding %s, fees %s\n", bp,
		money(p->value_e8, v), name(r, NAME_ASSET, p->money), money(p->slip_e8, slip),
		money(p->chase_e8, chase), money(p->unwind_e8, unwind), money(p->fee_e8, fees));
	if (!p->priced)
		fputs("  of some of its fills the money is not known: it is left out\n", f);
	pair_legs(p, r, f);
	for (int k = 0; k < tca_step_max; k++)
		if (p->step_ns[k] != TCA_UNKNOWN)
			fprintf(f, "  %-22s %12s\n", tca_step_name((enum tca_step)k),
				took(p->step_ns[k], text));
}
