/* Proves that what a configuration says of markets' units, feeds, taxes, clocks and margins arrives exactly, with its defaults, and that what cannot be is refused. */
#include "core/base/err.h"
#include "tests/unit/lua/config_text.h"

/* config_good.lua with parts exchanged: pairs of from and to, ended by NULL. */
static int read_with(struct config **c, const char *const *change)
{
	size_t n;
	char *text = slurp(SOURCES "config_good.lua", &n), *next;
	for (; change[0]; change += 2) {
		char *at = strstr(text, change[0]);
		ck_assert_msg(at != NULL, "%s", change[0]);
		ck_assert_int_gt(asprintf(&next, "%.*s%s%s", (int)(at - text), text, change[1],
					  at + strlen(change[0])),
				 0);
		free(text);
		text = next;
	}
	int rc = read_text(text, c);
	free(text);
	return rc;
}

#define READ(c, ...) read_with(c, (const char *const[]){ __VA_ARGS__, NULL })
#define PERP	     "base = \"BTC\", quote = \"USDT\", kind = \"linear\","
#define SPOT	     "base = \"BTC\", quote = \"USDT\", kind = \"spot\","

/* By its address: the order in which arguments are worked out is anybody's. */
static struct config *need(int rc, struct config **c)
{
	if (rc)
		config_errors_print(&errs, stderr);
	ck_assert_int_eq(rc, 0);
	return *c;
}

START_TEST(test_defaults)
{
	furnish();
	struct config *c;
	need(READ(&c, "BTC", "BTC"), &c);
	for (unsigned i = 0; i < 2; i++) {
		const struct instrument *in = &c->instrument[i];
		ck_assert(in->feed_model == FEED_PROBED && in->cadence_ns == 0);
		ck_assert(in->calendar == CALENDAR_NONE && in->vat_e8 == 0 && !in->px_unit[0] &&
			  !in->base_unit[0]);
		ck_assert(in->rule[0].fee.tax_buy_e8 == 0 && in->rule[0].fee.tax_sell_e8 == 0);
	}
	ck_assert(!c->venue[0].record && c->venue[0].max_min_delay_ns == 0 &&
		  c->venue[0].stamp_grain_ns == 1000000 && c->venue[1].stamp_grain_ns == 1000000);
	ck_assert(c->n_calendars == 0 && c->risk.max_clock_bound_ns == 250000000 &&
		  c->risk.max_utc_bound_ns == 0 && c->risk.close_margin_ns == 60000000000);
	const struct config_instance *s = &c->instance[0];
	ck_assert(s->limits.max_clock_bound_ns == 0 && s->limits.close_margin_ns == 0 &&
		  s->want_lots == 0 && s->band_window_ns == 0 && s->band_sample_ns == 0);
	ck_assert(s->execution.style == STYLE_BOTH && s->execution.align == ALIGN_SEND &&
		  s->execution.first == LEG_ANY);
	config_free(c);
}
END_TEST

START_TEST(test_as_written)
{
	furnish();
	struct config *c;
	need(READ(&c, "name = \"spot\",",
		  "name = \"spot\", record = true, max_min_delay = \"3ms\", lines = 2, stamp_grain = \"1s\",",
		  "{ maker = \"2bp\",", "{ tax_buy = \"1bp\", tax_sell = \"5bp\", maker = \"2bp\",",
		  "kind = \"linear\",",
		  "kind = \"linear\", vat = \"13%\", feed_model = \"snapshot\", cadence = \"500ms\",",
		  "{ rescue_budget = 25 }",
		  "{ rescue_budget = 25, max_clock_bound = \"20ms\", close_margin = \"5min\" }, want_lots = 7, bands = { window = \"10min\" }, execution = { style = \"passive\", first = \"near\", rest = \"30s\", requote_ticks = 3 }",
		  "risk = {",
		  "risk = { max_clock_bound = \"30ms\", max_utc_bound = \"1s\", close_margin = \"2min\","),
	     &c);
	ck_assert(c->venue[0].record && c->venue[0].max_min_delay_ns == 3000000 &&
		  c->venue[0].stamp_grain_ns == 1000000000 && !c->venue[1].record &&
		  c->venue[0].lines == 2 && c->venue[1].lines == 1);
	const struct instrument *in = &c->instrument[1];
	ck_assert(in->rule[0].fee.tax_buy_e8 == 10000 && in->rule[0].fee.tax_sell_e8 == 50000);
	ck_assert(in->vat_e8 == 13000000 && in->feed_model == FEED_SNAPSHOT &&
		  in->cadence_ns == 500000000);
	const struct config_instance *s = &c->instance[0];
	ck_assert(s->limits.max_clock_bound_ns == 20000000 &&
		  s->limits.close_margin_ns == 300000000000);
	ck_assert(s->want_lots == 7 && s->band_window_ns == 600000000000 &&
		  s->band_sample_ns == 1000000000);
	const struct config_execution *x = &s->execution;
	ck_assert(x->style == STYLE_PASSIVE && x->align == ALIGN_SEND && x->first == 0 &&
		  x->rest_ns == 30000000000 && x->requote_tick == 3 &&
		  x->requote_every_ns == 200000000 && x->max_stagger_ns == 50000000 &&
		  x->band_distance_tick == 0);
	ck_assert(c->risk.max_clock_bound_ns == 30000000 &&
		  c->risk.max_utc_bound_ns == 1000000000 &&
		  c->risk.close_margin_ns == 120000000000);
	config_free(c);
	need(READ(&c, "kind = \"linear\",", "kind = \"linear\", feed_model = \"on_change\","), &c);
	ck_assert(c->instrument[1].feed_model == FEED_ON_CHANGE &&
		  c->instrument[1].cadence_ns == 0);
	config_free(c);
}
END_TEST

/* The ladder as it is without a word, and as it is written. */
START_TEST(test_rescue)
{
	furnish();
	struct config *c;
	need(READ(&c, "BTC", "BTC"), &c);
	const struct config_rescue *r = &c->instance[0].rescue;
	ck_assert(r->wait.time_ns == 0 && r->chase.time_ns == 0 && r->chase.every_ns == 200000000);
	ck_assert(r->cross.messages == 20 && r->unwind.messages == 20 && r->cross.ticks == 0);
	ck_assert(r->risk_aversion_ppm == 1000000 && r->rest_ns == 10000000000);
	ck_assert(r->on_unknown == UNKNOWN_HOLD && r->on_halt == HALT_FREEZE && !r->reopen_close);
	ck_assert(r->settle_ns == 2000000000 && r->on_expiry == EXPIRY_ALERT &&
		  r->expiry_ns == 86400000000000 && r->n_rates == 0);
	config_free(c);
	need(READ(&c, "{ rescue_budget = 25 }",
		  "{ rescue_budget = 25 }, rescue = { wait = { time = \"1s\", max_ticks = 9 }, "
		  "chase = { time = \"3s\", pay_up_ticks = 1, every = \"50ms\", max_ticks = 4, max_money = 7, max_messages = 8 }, "
		  "unwind = { max_ticks = 6, time = \"2s\" }, on_unknown = \"flatten\", unknown_after = \"1s\", on_halt = \"cut\", "
		  "reopen_close = true, expiry = { action = \"flatten\", before = \"2h\" }, rates = { [\"BTC/USDT\"] = \"1/3\" } }"),
	     &c);
	r = &c->instance[0].rescue;
	ck_assert(r->wait.time_ns == 1000000000 && r->wait.ticks == 9);
	ck_assert(r->chase.time_ns == 3000000000 && r->chase.pay_up_tick == 1 &&
		  r->chase.every_ns == 50000000 && r->chase.ticks == 4 &&
		  r->chase.money_e8 == 700000000 && r->chase.messages == 8);
	ck_assert(r->unwind.ticks == 6 && r->unwind.time_ns == 2000000000);
	ck_assert(r->on_unknown == UNKNOWN_FLATTEN && r->unknown_ns == 1000000000 &&
		  r->on_halt == HALT_CUT && r->reopen_close);
	ck_assert(r->on_expiry == EXPIRY_FLATTEN && r->expiry_ns == 7200000000000);
	ck_assert(r->n_rates == 1 && r->rate[0].num == 1 && r->rate[0].den == 3);
	ck_assert_str_eq(asset_name(&c->assets, r->rate[0].of), "BTC");
	config_free(c);
	ck_assert_int_lt(
		READ(&c, "{ rescue_budget = 25 }",
		     "{ rescue_budget = 25 }, rescue = { rates = { [\"CNY/USDT\"] = 1 } }"),
		0);
	config_free(c);
}
END_TEST

/* 1 GC of 100 troy ounces against au lots of 1,000 g: exact to the last digit. */
START_TEST(test_units)
{
	furnish();
	struct config *c;
	need(READ(&c, SPOT,
		  "base = \"AU\", quote = \"CNY\", kind = \"linear\", unit = \"CNY/g\", base_unit = \"g\", multiplier = 1000,",
		  PERP,
		  "base = \"AU\", quote = \"USD\", kind = \"linear\", unit = \"USD/ozt\", base_unit = \"g\", multiplier = \"100 ozt\","),
	     &c);
	const struct instrument *au = &c->instrument[0], *gc = &c->instrument[1];
	ck_assert(au->expo.num == 1000 && au->expo.den == 1);
	ck_assert(gc->expo.num == 19439673 && gc->expo.den == 6250); /* 3110.34768 */
	ck_assert_str_eq(gc->px_unit, "USD/ozt");
	ck_assert_str_eq(gc->base_unit, "g");
	config_free(c);
	need(READ(&c, SPOT,
		  "base = \"CU\", quote = \"CNY\", kind = \"linear\", unit = \"CNY/t\", base_unit = \"t\", multiplier = \"5 t\",",
		  PERP,
		  "base = \"CU\", quote = \"USD\", kind = \"linear\", unit = \"USc/lb\", base_unit = \"t\", multiplier = \"25000 lb\","),
	     &c);
	/* 25,000 lb of 0.45359237 kg. */
	ck_assert(c->instrument[1].expo.num == 45359237 && c->instrument[1].expo.den == 4000000);
	config_free(c);
}
END_TEST

/* With that error, and perhaps what follows from it. */
static void refused(int rc, const char *why)
{
	bool told = false;
	ck_assert_int_eq(rc, -ERR_CONFIG);
	for (uint32_t i = 0; i < errs.n; i++) {
		const char *text = errs.error[i].text, *part = strstr(text, "; ");
		ck_assert_msg(part && strstr(part + 2, "; "), "not what; why; what to do: %s",
			      text);
		told |= strstr(text, why) != NULL;
	}
	ck_assert_msg(told, "%s, not %s", errs.error[0].text, why);
}

#define WITH(more) READ(&c, "kind = \"linear\",", "kind = \"linear\", " more)

START_TEST(test_refused_units)
{
	furnish();
	struct config *c;
	refused(WITH("multiplier = \"100 ozt\","), "add base_unit");
	refused(READ(&c, "kind = \"linear\",",
		     "kind = \"inverse\", base_unit = \"g\", multiplier = \"100 ozt\","),
		"it is inverse");
	refused(WITH("multiplier = \"100 \","), "a number without its unit");
	refused(WITH("multiplier = \"-5\","), "no positive ratio");
	refused(WITH("multiplier = \"100 ozt\", base_unit = \"bbl\","), "not so many bbl");
	refused(WITH("multiplier = \"100 xyzt\", base_unit = \"g\","), "not so many g");
	refused(WITH("multiplier = \"1/9007199254740993 ozt\", base_unit = \"t\","),
		"more than 64 bits");
	refused(WITH("base_unit = \"gr\","), "base_unit of \"F.BTC\" is none");
	refused(WITH("unit = \"CNY/BTC\","), "does not come to USDT");
	refused(WITH("unit = \"USDT/g\","), "does not come to USDT for one BTC");
	refused(WITH("unit = \"USDT//BTC\","), "does not come to USDT");
	refused(WITH("base_unit = \"BTC\","), "count their base units in none and in BTC");
	refused(WITH("vat = \"101%\","), "more than 100%");
	config_free(need(WITH("unit = \"USDT/BTC\","), &c));
}
END_TEST

START_TEST(test_refused_feeds_and_limits)
{
	furnish();
	struct config *c;
	refused(WITH("feed_model = \"snapshot\","), "has no cadence");
	refused(WITH("feed_model = \"sequenced\", cadence = \"1s\","), "which has no cadence");
	refused(WITH("feed_model = \"merged\","), "there is \"sequenced\"");
	refused(WITH("cadence = \"0s\","), "less than 1us");
#define LIMIT(more) READ(&c, "{ rescue_budget = 25 }", "{ rescue_budget = 25" more)
	refused(LIMIT(", max_clock_bound = \"1s\" }"), "wider than risk.max_clock_bound");
	refused(LIMIT(", close_margin = \"10s\" }"), "shorter than risk.close_margin");
	refused(LIMIT(" }, bands = { window = \"1s\" }"), "hold 1 samples");
	refused(LIMIT(" }, bands = { window = \"7d\" }"), "hold 604800 samples");
	refused(LIMIT(" }, bands = { window = \"1s\", sample = \"2s\" }"), "is above window");
	refused(LIMIT(" }, bands = { sample = \"2s\" }"), "has no \"window\"");
	refused(LIMIT(" }, want_lots = -1"), "less than 0");
	refused(LIMIT(" }, execution = { first = \"spott\" }"), "none of its legs");
	refused(LIMIT(" }, execution = { style = \"legged\", align = \"arrive\" }"),
		"it would count for nothing");
	/* Without a limit of the host any is narrower. */
	config_free(need(READ(&c, "{ rescue_budget = 25 }",
			      "{ rescue_budget = 25, max_clock_bound = \"1s\" }", "risk = {",
			      "risk = { max_clock_bound = 0,"),
			 &c));
}
END_TEST

FOLDER_SUITE("config_market", test_defaults, test_as_written, test_rescue, test_units,
	     test_refused_units, test_refused_feeds_and_limits)
