/* What a backtest assumes, and what its recordings leave open. */
#include "core/base/dec.h"
#include "core/cmd/backtest_show.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---------------------------------------------------------------- numbers for people */

const char *backtest_money(const struct backtest *b, const struct bt_instance *in, int64_t e8,
			   char out[BACKTEST_AMOUNT])
{
	double v = (double)e8 / 1e8;
	int dp = v != 0 && fabs(v) < 1 ? 4 : 2;
	snprintf(out, BACKTEST_AMOUNT, "%.*f %s", dp, v,
		 asset_name(&backtest_config(b)->assets, in->money));
	return out;
}

const char *backtest_utc(int64_t ns, char out[32])
{
	time_t s = (time_t)(ns / 1000000000);
	struct tm tm;
	gmtime_r(&s, &tm);
	strftime(out, 32, "%Y-%m-%d %H:%M:%S", &tm);
	return out;
}

const char *backtest_took(int64_t ns, char out[32])
{
	double s = (double)ns / 1e9;
	if (s >= 7200)
		snprintf(out, 32, "%.3g h", s / 3600);
	else if (s >= 120)
		snprintf(out, 32, "%.3g min", s / 60);
	else if (s >= 1)
		snprintf(out, 32, "%.3g s", s);
	else if (s >= 0.001 || ns == 0)
		snprintf(out, 32, "%.3g ms", s * 1e3);
	else
		snprintf(out, 32, "%.3g us", s * 1e6);
	return out;
}

/* ---------------------------------------------------------------- assumptions */

static void latencies(const struct backtest *b, char out[BACKTEST_SENTENCE])
{
	const struct config *c = backtest_config(b);
	char took[32];
	int n = snprintf(out, BACKTEST_SENTENCE, "Latency: ");
	for (uint16_t v = 0; v < c->n_venues && n < BACKTEST_SENTENCE - 100; v++)
		n += snprintf(out + n, BACKTEST_SENTENCE - (size_t)n, "%s%s %s", v ? ", " : "",
			      c->venue[v].name, backtest_took(backtest_latency_ns(b, v), took));
	snprintf(
		out + n, BACKTEST_SENTENCE - (size_t)n,
		" one way, for an order and again for what is said of it, always the same. A turn of the host takes no time.");
}

static void fees(const struct backtest *b, char out[BACKTEST_SENTENCE])
{
	const struct config *c = backtest_config(b);
	bool fixed = false;
	for (uint32_t i = 0; i < c->n_instruments; i++)
		fixed |=
			c->instrument[i].n_rules && c->instrument[i].rule[0].fee.in == FEE_IN_FIXED;
	snprintf(
		out, BACKTEST_SENTENCE,
		"Fees: those of the configuration, by maker and taker, lots of today and taxes%s. No funding, no interest, no rebates beyond them.",
		fixed ? "; those in a venue's own coin at their value" : "");
}

static const char *const always[] = {
	"Prices: only what stood in the recorded book when an order arrived is executed, level by level, never better than its limit. An order meets the book that "
	"the recording shows at the moment of its arrival: market data is as late as it was where it was recorded.",
	"Queue: a resting order stands behind everything that the market shows at its price. It comes forward by trades at that price and when the level shrinks, and is "
	"filled by what is left of them, or by a price beyond its own.",
	"Impact: the market does not react. What was taken of a level stays taken until the recording shows more there, and then only the difference is new.",
	"Money: accounts are never short of money or margin, and no venue refuses, disconnects or limits by chance.",
};

bool backtest_assumes(const struct backtest *b, unsigned i, char out[BACKTEST_SENTENCE])
{
	const unsigned n = sizeof always / sizeof *always;
	if (i < n)
		snprintf(out, BACKTEST_SENTENCE, "%s", always[i]);
	else if (i == n)
		latencies(b, out);
	else if (i == n + 1)
		fees(b, out);
	return i < n + 2;
}

/* ---------------------------------------------------------------- warnings */

struct warner {
	unsigned skip; /* sentences before the one that is asked for */
	char *out;
	bool found;
};

static bool wanted(struct warner *w)
{
	if (w->found || w->skip--)
		return false;
	w->found = true;
	return true;
}

static bool is_traded(const struct backtest *b, uint32_t instrument)
{
	const struct config *c = backtest_config(b);
	for (uint16_t i = 0; i < c->n_instances; i++)
		for (unsigned l = 0; backtest_runs(b, i) && l < c->instance[i].n_legs; l++)
			if (c->instance[i].leg[l] == instrument)
				return true;
	return false;
}

static bool is_free(const struct instrument *in)
{
	const struct fee_rule *f = &in->rule[0].fee;
	return !f->maker_e8 && !f->taker_e8 && !f->per_lot_e8 && !f->tax_buy_e8 && !f->tax_sell_e8;
}

static void warn_books(const struct backtest *b, struct warner *w)
{
	const struct config *c = backtest_config(b);
	for (uint32_t i = 0; i < c->n_instruments; i++) {
		uint8_t book = reel_books(backtest_reel(b))[i];
		double known = backtest_known(b, i);
		if (!is_traded(b, i))
			continue;
		if (is_free(&c->instrument[i]) && wanted(w))
			snprintf(w->out, BACKTEST_SENTENCE,
				 "%s: the configuration says that its trades cost nothing.",
				 c->instrument[i].name);
		if (book == PAPER_BEST && wanted(w))
			snprintf(
				w->out, BACKTEST_SENTENCE,
				"%s: only best prices are recorded: larger orders find nothing behind the first level.",
				c->instrument[i].name);
		if (known < 0.999 && wanted(w))
			snprintf(
				w->out, BACKTEST_SENTENCE,
				"%s: its book was not known for %.3g %% of the time (before its first "
				"prices, or behind a break of the recording): orders were refused then.",
				c->instrument[i].name, 100 * (1 - known));
	}
}

static void warn_clocks(const struct backtest *b, struct warner *w)
{
	const struct config *c = backtest_config(b);
	for (uint16_t v = 0; v < c->n_venues; v++)
		if (reel_recorded_as(backtest_reel(b), v) && !reel_has_clock(backtest_reel(b), v) &&
		    wanted(w))
			snprintf(
				w->out, BACKTEST_SENTENCE,
				"%s: the recording has no answers about its clock: its prices are as old as their arrival, its own stamps are not used.",
				c->venue[v].name);
}

static void warn_instances(const struct backtest *b, struct warner *w)
{
	const struct config *c = backtest_config(b);
	const struct bt_tally *t = backtest_tally(b);
	for (uint16_t i = 0; i < c->n_instances; i++) {
		const struct bt_instance *in = &t->of[i];
		if (!backtest_runs(b, i))
			continue;
		if (!in->priced && wanted(w))
			snprintf(
				w->out, BACKTEST_SENTENCE,
				"%s: no rate leads from the currency of one of its legs or fees to %s: net money leaves out what could not be converted; "
				"state one with rescue.rates, or name a reference.",
				c->instance[i].name, asset_name(&c->assets, in->money));
		if (in->inverse && wanted(w))
			snprintf(w->out, BACKTEST_SENTENCE,
				 "%s: the profit of its inverse contracts is not counted.",
				 c->instance[i].name);
		if (backtest_script(b, i)->quarantined && wanted(w))
			snprintf(
				w->out, BACKTEST_SENTENCE,
				"%s: its script was taken out of service after %" PRIu64
				" errors; with --out DB, `tandem query DB --kind alert` says which.",
				c->instance[i].name, backtest_script(b, i)->errors);
		else if (backtest_script(b, i)->errors && wanted(w))
			snprintf(w->out, BACKTEST_SENTENCE,
				 "%s: its script raised %" PRIu64 " errors.", c->instance[i].name,
				 backtest_script(b, i)->errors);
		if (!in->sent && wanted(w))
			snprintf(w->out, BACKTEST_SENTENCE,
				 "%s: no pair was sent; what kept it from it stands below.",
				 c->instance[i].name);
	}
}

bool backtest_warns(const struct backtest *b, unsigned i, char out[BACKTEST_SENTENCE])
{
	struct warner w = { .skip = i, .out = out };
	const struct reel_stats *r = reel_stats(backtest_reel(b));
	warn_books(b, &w);
	warn_clocks(b, &w);
	warn_instances(b, &w);
	if (r->lost && wanted(&w))
		snprintf(out, BACKTEST_SENTENCE, "The recording itself missed %" PRIu64 " events.",
			 r->lost);
	if (r->breaks && wanted(&w))
		snprintf(out, BACKTEST_SENTENCE,
			 "Lines of market data broke %" PRIu64 " times while it was recorded.",
			 r->breaks);
	return w.found;
}
