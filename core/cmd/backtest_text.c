/* A backtest on a terminal. */
#include "core/base/date.h"
#include "core/base/dec.h"
#include "core/cmd/backtest_show.h"
#include "core/cmd/screen.h"
#include "core/trade/risk.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

static void row(FILE *f, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static void row(FILE *f, const char *name, const char *fmt, ...)
{
	char text[600];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	fprintf(f, "    %-11s ", name);
	screen_text(f, text, 16, 16, screen_width(f));
}

static double share(int64_t part, int64_t whole)
{
	return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

static void show_risk(const struct backtest *b, const struct bt_instance *in, uint16_t i, FILE *f)
{
	const struct config *c = backtest_config(b);
	const struct instrument *leg = &c->instrument[c->instance[i].leg[0]];
	char took[32], longest[32], base[24], left[24];
	int64_t from, to;
	backtest_span(b, &from, &to);
	const char *unit = leg->base_unit[0] ? leg->base_unit : asset_name(&c->assets, leg->base);
	dec_format(in->most_naked_base_e8, BASE_DP, 0, base);
	dec_format(in->left_base_e8, BASE_DP, 0, left);
	row(f, "naked",
	    "%" PRIu64 " times, %s in all (%.3g %% of the time), longest %s, at most %s %s",
	    in->naked_times, backtest_took(in->naked_ns, took), share(in->naked_ns, to - from),
	    backtest_took(in->longest_naked_ns, longest), base, unit);
	row(f, "at the end",
	    "%.6g pair lots held, %s %s unhedged; %" PRIu64 " pairs held, %" PRIu64 " in flight",
	    in->pos_lots, left, unit, in->held_now, in->in_flight);
}

static void show_instance(const struct backtest *b, uint16_t i, FILE *f)
{
	const struct config *c = backtest_config(b);
	const struct bt_instance *in = &backtest_tally(b)->of[i];
	char net[BACKTEST_AMOUNT], gross[BACKTEST_AMOUNT], fees[BACKTEST_AMOUNT];
	char a[32], z[32];
	fprintf(f, "\n  %s (%s)\n", c->instance[i].name, c->instance[i].file);
	row(f, "net", "%s, of which fees %s: %s before them",
	    backtest_money(b, in, in->net_e8, net), backtest_money(b, in, -in->fees_e8, fees),
	    backtest_money(b, in, in->net_e8 + in->fees_e8, gross));
	if (in->drawdown_e8)
		row(f, "drawdown", "at most %s, from %s to %s",
		    backtest_money(b, in, in->drawdown_e8, net),
		    backtest_utc(in->drawdown_from_ns ? in->drawdown_from_ns : in->sample[0].utc_ns,
				 a),
		    backtest_utc(in->drawdown_to_ns, z));
	row(f, "pairs",
	    "%" PRIu64 " sent (%" PRIu64 " open, %" PRIu64 " close), %" PRIu64 " hedged, %" PRIu64
	    " flat",
	    in->sent, in->opened, in->closed, in->hedged, in->flat);
	row(f, "broken",
	    "%" PRIu64 ": %" PRIu64 " rescued, %" PRIu64 " completed and %" PRIu64 " unwound",
	    in->broken, in->rescued, in->completed, in->unwound);
	row(f, "orders",
	    "%" PRIu64 ", %" PRIu64 " refused by a venue, %" PRIu64 " cancelled; %" PRIu64
	    " fills, %" PRIu64 " of them resting",
	    in->orders, in->rejects, in->cancels, in->fills, in->maker_fills);
	row(f, "slippage",
	    "%s against the prices that pairs were decided on, and %s by rescues; %.3g bp of %s traded",
	    backtest_money(b, in, in->slip_e8, net),
	    backtest_money(b, in, in->rescue_slip_e8, gross),
	    in->volume_e8 ? 1e4 * (double)(in->slip_e8 + in->rescue_slip_e8) / (double)in->volume_e8
			  : 0,
	    backtest_money(b, in, in->volume_e8, fees));
	show_risk(b, in, i, f);
}

static void show_days(const struct backtest *b, uint16_t i, FILE *f)
{
	const struct bt_instance *in = &backtest_tally(b)->of[i];
	char day[12], net[BACKTEST_AMOUNT], fees[BACKTEST_AMOUNT];
	if (in->n_days < 2)
		return;
	fprintf(f, "\n    %-10s %6s %6s %6s %6s %6s %18s %18s\n", "day", "sent", "hedged", "flat",
		"broken", "fills", "net", "fees");
	for (uint32_t k = 0; k < in->n_days; k++) {
		const struct bt_day *d = &in->day[k];
		fprintf(f,
			"    %-10s %6" PRIu64 " %6" PRIu64 " %6" PRIu64 " %6" PRIu64 " %6" PRIu64
			" %18s %18s\n",
			date_format(d->date, day), d->sent, d->hedged, d->flat, d->broken, d->fills,
			backtest_money(b, in, d->net_e8, net),
			backtest_money(b, in, d->fees_e8, fees));
	}
}

static void show_refusals(const struct backtest *b, FILE *f)
{
	const struct why *w = &backtest_tally(b)->why;
	const char *name;
	char took[32];
	if (w->n_gates || w->n_risks)
		fprintf(f, "\n  refused\n");
	for (size_t k = 0; k < w->n_gates; k++) {
		const struct why_gate *g = &w->gates[k];
		name = backtest_name(b, NAME_INSTANCE, g->instance);
		const char *leg = backtest_name(b, NAME_INSTRUMENT, g->instrument);
		fprintf(f, "    %-16s gate %-12s %8" PRIu64 " triggers refused, closed %s%s%s\n",
			name ? name : "?", gate_name((enum gate)g->gate), g->triggers,
			backtest_took(g->span.ns, took), leg ? " by " : "", leg ? leg : "");
	}
	for (size_t k = 0; k < w->n_risks; k++) {
		const struct why_risk *r = &w->risks[k];
		name = backtest_name(b, NAME_INSTANCE, r->instance);
		fprintf(f, "    %-16s limit %-11s %8" PRIu64 " proposals refused\n",
			name ? name : "?", risk_limit_name((enum risk_limit)r->limit), r->times);
	}
}

static void show_sentences(const struct backtest *b, FILE *f)
{
	char text[BACKTEST_SENTENCE];
	if (backtest_warns(b, 0, text))
		fprintf(f, "\n  mind\n");
	for (unsigned i = 0; backtest_warns(b, i, text); i++) {
		fprintf(f, "    - ");
		screen_text(f, text, 6, 6, screen_width(f));
	}
	fprintf(f, "\n  assumed\n");
	for (unsigned i = 0; backtest_assumes(b, i, text); i++) {
		fprintf(f, "    - ");
		screen_text(f, text, 6, 6, screen_width(f));
	}
}

void backtest_text(const struct backtest *b, const char *html, FILE *f)
{
	const struct config *c = backtest_config(b);
	char from[32], to[32], span[32];
	int64_t from_ns, to_ns;
	backtest_span(b, &from_ns, &to_ns);
	fprintf(f,
		"backtest of %s\n  %s to %s UTC, %s, %" PRIu64 " events (%" PRIu64 " of prices)\n",
		c->file, backtest_utc(from_ns, from), backtest_utc(to_ns, to),
		backtest_took(to_ns - from_ns, span), reel_stats(backtest_reel(b))->events,
		reel_stats(backtest_reel(b))->quotes);
	for (uint16_t i = 0; i < c->n_instances; i++)
		if (backtest_runs(b, i)) {
			show_instance(b, i, f);
			show_days(b, i, f);
		}
	show_refusals(b, f);
	show_sentences(b, f);
	if (html)
		fprintf(f, "\n  the page: %s\n", html);
	if (backtest_options(b)->out)
		fprintf(f,
			"  look further: tandem explain %s last, tandem why-not %s, tandem query %s\n",
			backtest_options(b)->out, backtest_options(b)->out,
			backtest_options(b)->out);
}
