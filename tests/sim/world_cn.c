/* The domestic pair of a seed: gold at SHFE behind a DIFF counter, gold abroad, and the exchange rate; what the counter does to it, and at which hour of the trading day. */
#include "core/base/err.h"
#include "tests/sim/checker.h"
#include "tests/sim/world_parts.h"
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define S_NS 1000000000LL

/* Of Tuesday, 2027-03-02, in UTC: what happens to the domestic leg soon after. */
enum cn_hour {
	HOUR_MORNING,
	HOUR_BREAK,
	HOUR_NOON,
	HOUR_AUCTION,
	HOUR_NIGHT,
	HOUR_CLOSE,
	hour_max
};
static const int64_t begins_s[hour_max] = {
	[HOUR_MORNING] = 1803949500 + 600, /* 09:15 in Shanghai */
	[HOUR_BREAK] = 1803949500 + 4080,  /* 10:13: the break is at 10:15 (F35) */
	[HOUR_NOON] = 1803949500 + 8580,   /* 11:28 */
	[HOUR_AUCTION] =
		1803949500 + 42780, /* 20:58: the night's auction, and its uncross at 20:59 (F36) */
	[HOUR_NIGHT] = 1803949500 + 43300, /* 21:06 */
	[HOUR_CLOSE] = 1803949500 + 21060, /* 14:56, and on in the night */
};
int64_t cn_begins_ns(uint64_t seed)
{
	return begins_s[seed % hour_max] * S_NS;
}

#define NIGHT_S (1803949500 + 42810) /* 20:58:30 */

/* The world's time of a moment, which begins at a second. */
static int64_t world_of_utc(const struct world *w, int64_t utc_ns)
{
	return utc_ns == INT64_MAX ? utc_ns : utc_ns - cn_begins_ns(w->plan.seed) + S_NS;
}

int64_t world_cn_night_ns(const struct world *w)
{
	return w->plan.seed % hour_max == HOUR_CLOSE ? world_of_utc(w, NIGHT_S * S_NS) : 0;
}

/* What the counter and the exchange do; drawn from the seed, one kind at a time or all. */
struct cn_harm {
	bool locked;  /* limits so narrow that the price meets them (F34) */
	bool flow;    /* few requests a second (F43) */
	bool opening; /* few lots may be opened a day (F68) */
	uint32_t reject_ppm, partial_ppm, unsolicited_ppm, drop_ppm, dup_ppm, cut_ppm;
};

static struct cn_harm harm_of(const struct world_plan *p)
{
	struct rng root, r;
	rng_seed(&root, p->seed);
	rng_fork(&root, "cn", &r);
	struct cn_harm h = { .locked = rng_below(&r, 6) == 0,
			     .flow = rng_below(&r, 5) == 0,
			     .opening = rng_below(&r, 5) == 0 };
	uint32_t *const ppm[] = { &h.reject_ppm, &h.partial_ppm, &h.unsolicited_ppm,
				  &h.drop_ppm,	 &h.dup_ppm,	 &h.cut_ppm };
	static const uint32_t most[] = { 60000, 200000, 20000, 1000, 50000, 500 };
	for (unsigned k = 0; k < sizeof ppm / sizeof *ppm; k++)
		if (rng_below(&r, 2))
			*ppm[k] = (uint32_t)rng_range(&r, most[k] / 4, most[k]);
	return h;
}

void cn_plan(struct world_plan *p)
{
	static const struct {
		const char *name;
		enum pair_style style;
	} in[] = { { "both", STYLE_BOTH }, { "home_first", STYLE_LEGGED } };
	p->power = false;
	p->n_instances = sizeof in / sizeof *in;
	for (uint32_t i = 0; i < p->n_instances; i++) {
		p->instance[i] = (struct world_instance){ .kind = WORLD_LUA,
							  .style = (uint8_t)in[i].style,
							  .n_legs = 2,
							  .messages = 20 };
		snprintf(p->instance[i].name, sizeof p->instance[i].name, "%s", in[i].name);
	}
}

static void write_venues(FILE *f, const struct world_plan *p)
{
	const struct cn_harm h = harm_of(p);
	fprintf(f,
		"return { dir = \"venue\", plaintext = true, seed = %" PRIu64
		",\nsource = { generator = { basis_dev = \"1bp\", excursion_every = \"1s\", excursion = \"25bp\", rate_pct = 20 } },\nvenues = {\n",
		p->seed);
	fprintf(f,
		"{ name = \"shfe\", wire = \"diff\", port = %d, requests_per_s = %d, symbols = { { symbol = \"SHFE.au2704\", base = \"XAU\", quote = \"CNY\", px_dp = 2, "
		"qty_dp = 0, multiplier = 1000, tick = \"0.02\", lot = 1, min_qty = 1, max_qty = 30, calendar = \"SHFE.au\", settle_px = 613, percent_price = \"%s\", "
		"open_limit = %d, margin = \"10%%\", fees = { maker = \"0\", taker = \"0\", per_lot = 10, close_today_per_lot = 0 }, "
		"follows = \"XAUUSD\", rate = \"USDCNH\", part = \"1/31.1034768\" } },\n",
		WORLD_SPOT_PORT, h.flow ? 3 : 50, h.locked ? "0.1%" : "8%",
		h.opening ? 12 : 100000);
	fprintf(f,
		"accounts = { { name = \"main\", balances = { CNY = 100000000 } } },\nknobs = { [\"delay.feed\"] = \"uniform:1ms:4ms\", [\"delay.in\"] = \"uniform:%" PRId64
		"ns:%" PRId64 "ns\", [\"delay.out\"] = \"uniform:%" PRId64 "ns:%" PRId64
		"ns\", reject = \"%uppm\", partial = \"%uppm\", "
		"unsolicited = \"%uppm\", [\"drop.out\"] = \"%uppm\", [\"dup.out\"] = \"%uppm\", disconnect = \"%uppm\" } },\n",
		p->in_ns / 2, p->in_ns, p->out_ns / 2, p->out_ns, h.reject_ppm, h.partial_ppm,
		h.unsolicited_ppm, h.drop_ppm, h.dup_ppm, h.cut_ppm);
	fprintf(f,
		"{ name = \"abroad\", wire = \"binance_usdm\", port = %d, symbols = { { symbol = \"XAUUSD\", base = \"XAU\", quote = \"USD\", px_dp = 1, qty_dp = 3, "
		"multiplier = 100, tick = \"0.1\", lot = \"0.001\", min_qty = \"0.001\", mid = 2650, margin = \"5%%\", fees = { maker = \"0\", taker = \"0.3bp\" } },\n"
		"{ symbol = \"USDCNH\", base = \"USD\", quote = \"CNH\", px_dp = 4, qty_dp = 0, tick = \"0.0001\", lot = 1, mid = \"7.2\", fees = { maker = \"0\", taker = \"0.1bp\" } } },\n"
		"accounts = { { name = \"main\", balances = { USD = 20000000 } } },\nlimits = { weight_per_min = 1000000, orders_per_10s = 1000000, orders_per_long = 10000000 },\n"
		"knobs = { [\"delay.feed\"] = \"uniform:300us:900us\", [\"delay.in\"] = \"uniform:400us:4ms\", [\"delay.out\"] = \"uniform:300us:900us\", "
		"reject = \"%uppm\", partial = \"%uppm\" } },\n} }\n",
		WORLD_USDM_PORT, h.reject_ppm / 2, h.partial_ppm / 2);
}

static void write_instance(FILE *f, const struct world_plan *p, const struct world_instance *in,
			   const char *script)
{
	fprintf(f,
		"{ name = \"%s\", file = \"%s\", legs = { near = \"SHFE.au2704\", far = \"XAUUSD\" }, refs = { usdcnh = \"USDCNH\" },\n"
		"params = { open_bp = 4, close_bp = 2, lots = 2, max_pos = 4 },\n"
		"execution = { style = \"%s\"%s },\n"
		"limits = { max_pairs_in_flight = 1, max_age = \"3s\", max_skew = \"1500ms\", max_clock_bound = \"1s\", close_margin = \"5s\", leg_timeout = \"500ms\", "
		"pair_timeout = \"3s\", max_slip_ticks = %d, max_unwind_slip_ticks = %d, rescue_budget = 20000, on_leg_fail = \"cheapest\" } },\n",
		in->name, script, in->style == STYLE_LEGGED ? "legged" : "both",
		in->style == STYLE_LEGGED ? ", first = \"near\"" : "", p->slip_tick,
		p->unwind_slip_tick);
}

static void write_host(FILE *f, const struct world_plan *p, const char *script)
{
	fprintf(f,
		"return {\nvenues = { { name = \"shfe\", adapter = \"diff\", answer_timeout = \"300ms\", settle = \"500ms\", backoff_min = \"50ms\", backoff_max = \"500ms\", "
		"connect_timeout = \"1s\", feed_silence = \"5s\", max_min_delay = \"50ms\", messages_per_s = 20,\n"
		"url = { stream = \"ws://localhost:%d/md\", api = \"ws://localhost:%d/trade\" } },\n"
		"{ name = \"abroad\", adapter = \"binance_usdm\", answer_timeout = \"200ms\", settle = \"500ms\", backoff_min = \"50ms\", backoff_max = \"500ms\", "
		"connect_timeout = \"1s\", feed_silence = \"5s\", messages_per_s = 200,\n"
		"url = { stream = \"ws://localhost:%d/public\", api = \"ws://localhost:%d/ws-fapi/v1\", rest = \"http://localhost:%d\", user = \"ws://localhost:%d/private\" } } },\n",
		WORLD_SPOT_PORT, WORLD_SPOT_PORT, WORLD_USDM_PORT, WORLD_USDM_PORT, WORLD_USDM_PORT,
		WORLD_USDM_PORT);
	fprintf(f,
		"accounts = { { name = \"home\", group = \"desk\", venue = \"shfe\", broker = \"simnow\", api_key_file = \"venue/keys/shfe_main.key\", secret_file = "
		"\"venue/keys/shfe_main.secret\" },\n"
		"{ name = \"abroad\", group = \"desk\", venue = \"abroad\", api_key_file = \"venue/keys/abroad_main.key\", secret_file = \"venue/keys/abroad_main.secret\" } },\n");
	fprintf(f,
		"instruments = { { name = \"SHFE.au2704\", venue = \"shfe\", symbol = \"SHFE.au2704\", base = \"XAU\", quote = \"CNY\", kind = \"linear\", unit = \"CNY/g\", "
		"base_unit = \"g\", multiplier = \"1000 g\", px_dp = 2, qty_dp = 0, tick = \"0.02\", lot = 1, min_qty = 1, max_qty = 30, calendar = \"SHFE.au\", exchange = \"SHFE\", margin = \"10%%\", "
		"fees = { maker = \"0\", taker = \"0\", per_lot = 10, close_today_per_lot = 0 } },\n"
		"{ name = \"XAUUSD\", venue = \"abroad\", symbol = \"XAUUSD\", base = \"XAU\", quote = \"USD\", kind = \"linear\", unit = \"USD/ozt\", base_unit = \"g\", "
		"multiplier = \"100 ozt\", px_dp = 1, qty_dp = 3, tick = \"0.1\", lot = \"0.001\", min_qty = \"0.001\", margin = \"5%%\", fees = { maker = \"0\", taker = \"0.3bp\" } },\n"
		"{ name = \"USDCNH\", venue = \"abroad\", symbol = \"USDCNH\", base = \"USD\", quote = \"CNH\", kind = \"linear\", px_dp = 4, qty_dp = 0, tick = \"0.0001\", lot = 1 } },\nstrategies = {\n");
	for (uint32_t i = 0; i < p->n_instances; i++)
		write_instance(f, p, &p->instance[i], script);
	fprintf(f,
		"},\nrisk = { max_order_notional = 20000000, max_position_notional = 100000000, residual_tolerance_base = 10, collar = \"100bp\", max_age = \"3s\", "
		"max_skew = \"1500ms\", max_clock_bound = \"1s\", close_margin = \"5s\", messages_per_s = 200, max_pairs_in_flight = 4, max_rejects_per_min = 100000, cool_down = \"50ms\" },\n"
		"exchange_rules = { { exchange = \"SHFE\", from = \"2025-10-09\", verified = \"2026-01-15\", cancels = 500000, count_fak = false } },\n"
		"store = { path = \".\", ring = \".\", checkpoint_every = 2000 },\n}\n");
}

int cn_write(const struct world_plan *p, const char *dir, const char *script)
{
	char path[400];
	int rc = 0;
	for (int k = 0; !rc && k < 2; k++) {
		snprintf(path, sizeof path, "%s/%s", dir, k ? "host.lua" : "venue.lua");
		FILE *f = fopen(path, "we");
		if (!f)
			return err_set(ERR_IO, "%s: %s", path, strerror(errno));
		if (k)
			write_host(f, p, script);
		else
			write_venues(f, p);
		rc = fclose(f) ? err_set(ERR_IO, "%s: %s", path, strerror(errno)) : 0;
	}
	return rc;
}

/* ---- what the checker is shown */

struct cn_exchange *world_cn(struct world *w)
{
	return w->venue_open ? &w->server.venue[0].cn->exchange : NULL;
}

const struct match *world_match(struct world *w, unsigned venue, const char *symbol)
{
	struct cn_exchange *cn = w->venue_open && w->server.venue[venue].cn
					 ? &w->server.venue[venue].cn->exchange
					 : NULL;
	if (cn) {
		for (uint16_t i = 0; i < cn->config.n_instruments; i++)
			if (strcmp(cn->config.instrument[i].symbol, symbol) == 0)
				return &cn->book[i].match;
		return NULL;
	}
	struct exchange *x = world_exchange(w, venue);
	int i = x ? exchange_find(x, symbol, strlen(symbol)) : -1;
	return i < 0 ? NULL : &x->book[i];
}

static const struct cn_row *row_of(const struct cn_wire *cn, uint64_t id)
{
	for (uint32_t i = cn->n_rows; i-- > 0;)
		if (cn->row[i].exchange_id == id)
			return &cn->row[i];
	return NULL;
}

/* In the words of the other exchange: an order that is new or gone, and a trade. */
static void show(struct world_tap *t, const struct cn_report *r, const struct cn_row *row,
		 enum exchange_event_kind kind)
{
	const struct cn_order *o = &r->order;
	struct exchange_event e = { .kind = (uint8_t)kind,
				    .account = r->account,
				    .instrument = o->asked.instrument,
				    .at_ns = r->at_ns,
				    .order = { .id = o->id,
					       .side = o->asked.side,
					       .px = o->asked.px,
					       .qty = o->asked.qty + row->cut },
				    .trade = { .trade = r->trade.trade,
					       .order = r->trade.order,
					       .side = r->trade.side,
					       .px = r->trade.px,
					       .qty = r->trade.qty } };
	snprintf(e.order.client, sizeof e.order.client, "%.39s", row->id);
	t->w->order_events++;
	if (t->w->checker)
		checker_event(t->w->checker, t->venue, &e);
}

static void quoted(void *owner, const struct cn_snapshot *s)
{
	struct world_tap *t = owner;
	t->cn_quoted(t->owner, s);
}

static void heard(void *owner, const struct cn_report *r)
{
	struct world_tap *t = owner;
	const struct cn_wire *cn = t->w->server.venue[t->venue].cn;
	t->cn_fn(t->owner, r);
	const struct cn_row *row =
		r->replayed || (r->kind != CN_REPORT_ORDER && r->kind != CN_REPORT_TRADE)
			? NULL
			: row_of(cn, r->order.id);
	if (!row)
		return;
	if (r->kind == CN_REPORT_TRADE) {
		show(t, r, row, EVENT_TRADE);
		return;
	}
	if (r->order.id > t->cn_newest) {
		t->cn_newest = r->order.id;
		show(t, r, row, EVENT_NEW);
	}
	/* What was cut off an order is cancelled as far as its owner hears. */
	if (r->order.state == CN_CANCELLED || (row->cut && r->order.state == CN_FILLED))
		show(t, r, row, EVENT_CANCELED);
}

void cn_tap(struct world *w, unsigned venue)
{
	struct cn_exchange *x = &w->server.venue[venue].cn->exchange;
	struct world_tap *t = &w->tap[venue];
	t->cn_fn = x->on_report;
	t->cn_quoted = x->on_snapshot;
	t->owner = x->owner;
	x->on_report = heard;
	x->on_snapshot = quoted;
	x->owner = t;
}

int64_t world_cn_trouble(struct world *w, int64_t until_ns)
{
	const struct cn_harm h = w->calm ? (struct cn_harm){ 0 } : harm_of(&w->plan);
	struct calendar_now now;
	const struct calendar *c = w->setup.venue[0].contract[0].calendar;
	calendar_at(c, world_now(w) + cn_begins_ns(w->plan.seed) - S_NS, &now);
	if (h.reject_ppm || h.partial_ppm) /* the other venue refuses as well */
		checker_trouble(w->checker, UINT_MAX, TROUBLE_ORDERS, until_ns);
	if (h.reject_ppm) /* some refusals say that nothing is traded now, and are believed for 10 s */
		checker_trouble(w->checker, UINT_MAX, TROUBLE_HALT, until_ns + 10 * S_NS);
	if (h.flow || h.opening || h.drop_ppm || h.unsolicited_ppm)
		checker_trouble(w->checker, 0, TROUBLE_ORDERS, until_ns);
	if (h.drop_ppm || h.cut_ppm)
		checker_trouble(w->checker, 0, TROUBLE_LINK, until_ns);
	if (now.phase != PHASE_CONTINUOUS)
		checker_trouble(w->checker, 0, TROUBLE_HALT,
				world_of_utc(w, now.until_utc_ns) + 2 * S_NS);
	return world_of_utc(w, now.until_utc_ns);
}
