/* What a seed is made of, and the two configurations that say so: read by the real readers. */
#include "core/base/err.h"
#include "gen/embed.h"
#include "tests/sim/world.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MS 1000000LL

static const char *const fail_words[] = { "cheapest", "complete", "unwind", "hold" };

static void instance(struct world_plan *p, const char *name, enum world_kind kind, int n_legs,
		     enum pair_style style, enum pair_align align, struct rng *r)
{
	struct world_instance *in = &p->instance[p->n_instances++];
	*in = (struct world_instance){ .kind = (uint8_t)kind,
				       .style = (uint8_t)style,
				       .align = (uint8_t)align,
				       .n_legs = (uint8_t)n_legs,
				       .basis_ppm = (uint32_t)rng_range(r, 20000, 200000),
				       .again_ppm = (uint32_t)rng_range(r, 700000, 950000),
				       .absurd_ppm = (uint32_t)rng_range(r, 0, 20000),
				       .rest_ppm = (uint32_t)rng_range(r, 0, 400000),
				       .mixed_ppm = (uint32_t)rng_range(r, 0, 400000),
				       .lots = (int)rng_range(r, 1, 6),
				       .max_pos = (int)rng_range(r, 4, 24) };
	snprintf(in->name, sizeof in->name, "%s", name);
	/* Most take the cheaper way; every policy is seen. */
	in->on_leg_fail =
		rng_below(r, 3) ? LEG_FAIL_CHEAPEST : (uint8_t)rng_below(r, on_leg_fail_max);
	in->wait_ms = rng_below(r, 3) ? 0 : (int)rng_range(r, 5, 60);
	in->chase_ms = rng_below(r, 3) ? 0 : (int)rng_range(r, 10, 200);
	in->pay_up_tick = (int)rng_below(r, 4);
	in->messages = (int)rng_range(r, 8, 40);
	in->cuts_unknown = rng_below(r, 4) == 0;
	in->cuts_halted = rng_below(r, 3) == 0;
	in->reopens = rng_below(r, 4) == 0;
	in->rest_ms = (int)rng_range(r, 20, 800);
	in->requote_ms = (int)rng_range(r, 2, 80);
}

/* Limits so near that they are met, in some worlds. */
static void draw_tight(struct world_plan *p, const struct rng *root)
{
	struct rng r;
	rng_fork(root, "tight", &r);
	int imbalance = (int)rng_range(&r, 7, 20), position = (int)rng_range(&r, 20, 60);
	int money = (int)rng_range(&r, 130, 400), messages = (int)rng_range(&r, 60, 400);
	p->imbalance_milli = rng_below(&r, 4) ? 0 : imbalance;
	p->position_milli = rng_below(&r, 4) ? 0 : position;
	p->order_money = rng_below(&r, 4) ? 0 : money;
	p->messages_per_s = rng_below(&r, 5) ? 0 : messages;
	p->power = rng_below(&r, 6) == 0;
	int budget = (int)rng_range(&r, 5, 60);
	p->budget_cent = rng_below(&r, 4) ? 0 : budget;
}

void world_plan(struct world_plan *p, uint64_t seed, int64_t duration_ns)
{
	struct rng root, r;
	rng_seed(&root, seed);
	rng_fork(&root, "plan", &r);
	*p = (struct world_plan){ .seed = seed };
	p->rate_pct = (uint32_t)rng_range(&r, 5, 40);
	p->in_ns = rng_range(&r, 50000, 2 * MS);
	p->out_ns = rng_range(&r, 50000, 2 * MS);
	p->feed_ns = rng_range(&r, 50000, MS);
	p->slip_tick = (int32_t)rng_range(&r, 2, 60);
	p->unwind_slip_tick = (int32_t)rng_range(&r, 50, 400);
	p->one_group = rng_below(&r, 4) == 0;
	p->dead_man = rng_below(&r, 3) == 0;
	p->limits = rng_below(&r, 2) ? 0 : (uint8_t)rng_below(&r, 256);
	struct rng slices; /* apart, so that a seed is otherwise what it was */
	rng_fork(&root, "slices", &slices);
	p->slice_lots = rng_below(&slices, 3) ? 0 : (uint8_t)rng_range(&slices, 1, 3);
	draw_tight(p, &root);
	p->duration_ns = duration_ns ? duration_ns : rng_range(&r, 3000, 5000) * MS;
	instance(p, "both", WORLD_CHATTY, 2, STYLE_BOTH, ALIGN_SEND, &r);
	instance(p, "legged", WORLD_CHATTY, 2, STYLE_LEGGED, ALIGN_DEFAULT, &r);
	instance(p, "passive", WORLD_CHATTY, 2, STYLE_PASSIVE, ALIGN_DEFAULT, &r);
	instance(p, "aligned", WORLD_CHATTY, 2, STYLE_BOTH,
		 rng_below(&r, 2) ? ALIGN_ARRIVE : ALIGN_LESS_CERTAIN, &r);
	instance(p, "three", WORLD_CHATTY, 3, STYLE_BOTH, ALIGN_DEFAULT, &r);
	if (seed % 4 == 0)
		instance(p, "cross", WORLD_LUA, 2, STYLE_DEFAULT, ALIGN_DEFAULT, &r);
	else if (seed % 4 == 1)
		instance(p, "hostile", WORLD_HOSTILE, 2, STYLE_DEFAULT, ALIGN_DEFAULT, &r);
}

/* ---- the venues ---- */

static const char symbol[] =
	"{ symbol = \"%s\", base = \"BTC\", quote = \"%s\", px_dp = 8, qty_dp = 8, tick = \"%s\", lot = \"%s\", min_qty = \"%s\", min_notional = 5, "
	"fees = { maker = \"%s\", taker = \"%s\"%s }%s },\n";

static void write_symbol(FILE *f, const char *name, const char *quote, bool spot)
{
	fprintf(f, symbol, name, quote, spot ? "0.01" : "0.1", spot ? "0.00001" : "0.001",
		spot ? "0.00001" : "0.001", spot ? "1.1bp" : "0", spot ? "2.3bp" : "1.7bp",
		spot ? ", charged_in = \"received\"" : "", spot ? "" : ", margin = \"5%\"");
}

static void write_delays(FILE *f, const struct world_plan *p)
{
	fprintf(f,
		"knobs = { [\"delay.feed\"] = \"uniform:%" PRId64 "ns:%" PRId64
		"ns\", [\"delay.in\"] = \"uniform:%" PRId64 "ns:%" PRId64
		"ns\", [\"delay.out\"] = \"uniform:%" PRId64 "ns:%" PRId64 "ns\" },\n",
		p->feed_ns / 2, p->feed_ns, p->in_ns / 2, p->in_ns, p->out_ns / 2, p->out_ns);
}

static void write_limits(FILE *f)
{
	fprintf(f,
		"limits = { weight_per_min = 1000000, orders_per_10s = 1000000, orders_per_long = 10000000 },\n");
}

static void write_venues(FILE *f, const struct world_plan *p)
{
	static const char accounts[] =
		"accounts = { { name = \"a\", balances = { %sUSDT = 40000000, USDC = 40000000 } }, { name = \"b\", balances = { %sUSDT = 40000000, USDC = 40000000 } } },\n";
	fprintf(f,
		"return { dir = \"venue\", plaintext = true, seed = %" PRIu64
		",\nsource = { generator = { basis_dev = \"0.6bp\", excursion_every = \"1s\", excursion = \"25bp\", rate_pct = %u } },\nvenues = {\n",
		p->seed, p->rate_pct);
	fprintf(f, "{ name = \"spot\", wire = \"binance_spot\", port = %d, symbols = {\n",
		WORLD_SPOT_PORT);
	write_symbol(f, "BTCUSDT", "USDT", true);
	fprintf(f, "},\n");
	fprintf(f, accounts, "BTC = 500, ", "BTC = 500, ");
	write_delays(f, p);
	write_limits(f);
	fprintf(f, "},\n{ name = \"usdm\", wire = \"binance_usdm\", port = %d, symbols = {\n",
		WORLD_USDM_PORT);
	write_symbol(f, "BTCUSDT", "USDT", false);
	write_symbol(f, "BTCUSDC", "USDC", false);
	fprintf(f, "},\n");
	fprintf(f, accounts, "", "");
	write_delays(f, p);
	write_limits(f);
	fprintf(f, "},\n},\n}\n");
}

/* ---- the host ---- */

static void write_host_venue(FILE *f, const struct world_plan *p, const char *name,
			     const char *adapter, int port, const char *api, bool futures)
{
	fprintf(f,
		"{ name = \"%s\", adapter = \"%s\", answer_timeout = \"60ms\", settle = \"200ms\", backoff_min = \"20ms\", backoff_max = \"200ms\",\n"
		"connect_timeout = \"300ms\", feed_silence = \"500ms\", ping_after = \"50ms\", pong_timeout = \"100ms\", messages_per_s = %d,\n"
		"url = { stream = \"ws://localhost:%d%s\", api = \"ws://localhost:%d%s\", rest = \"http://localhost:%d\"",
		name, adapter, p->messages_per_s ? p->messages_per_s : 20000, port,
		futures ? "/public" : "", port, api, port);
	if (futures)
		fprintf(f, ", user = \"ws://localhost:%d/private\"", port);
	fprintf(f, " }%s },\n", futures && p->dead_man ? ", dead_man = \"1200ms\"" : "");
}

static void write_instrument(FILE *f, const char *venue, const char *name, const char *quote,
			     bool spot)
{
	fprintf(f,
		"{ name = \"%s.%s\", venue = \"%s\", symbol = \"%s\", base = \"BTC\", quote = \"%s\", kind = \"%s\", px_dp = 8, qty_dp = 8, tick = \"%s\", "
		"lot = \"%s\", min_qty = \"%s\", min_notional = 5, fees = { maker = \"%s\", taker = \"%s\"%s }%s },\n",
		venue, name, venue, name, quote, spot ? "spot" : "linear", spot ? "0.01" : "0.1",
		spot ? "0.00001" : "0.001", spot ? "0.00001" : "0.001", spot ? "1.1bp" : "0",
		spot ? "2.3bp" : "1.7bp", spot ? ", charged_in = \"received\"" : "",
		spot ? "" : ", margin = \"5%\"");
}

/* How a leg rests, and the ladder out of a broken pair. */
static void write_ladder(FILE *f, const struct world_instance *in, int32_t slip_tick)
{
	fprintf(f,
		"execution = { rest = \"%dms\", requote_every = \"%dms\" },\n"
		"rescue = { rest = \"700ms\", settle = \"500ms\", on_unknown = %s, on_halt = \"%s\", reopen_close = %s,\n",
		in->rest_ms, in->requote_ms,
		in->cuts_unknown ? "\"flatten\", unknown_after = \"100ms\"" : "\"hold\"",
		in->cuts_halted ? "cut" : "freeze", in->reopens ? "true" : "false");
	bool completes =
		in->on_leg_fail == LEG_FAIL_CHEAPEST || in->on_leg_fail == LEG_FAIL_COMPLETE;
	if (in->wait_ms && completes)
		fprintf(f, "wait = { time = \"%dms\" },\n", in->wait_ms);
	if (in->chase_ms && completes)
		fprintf(f,
			"chase = { time = \"%dms\", every = \"%dms\", pay_up_ticks = %d, max_messages = %d },\n",
			in->chase_ms, in->chase_ms / 4 + 1,
			in->pay_up_tick < slip_tick ? in->pay_up_tick : slip_tick, in->messages);
	fprintf(f, "cross = { max_messages = %d }, unwind = { max_messages = %d } },\n",
		in->messages, in->messages);
}

static void write_instance(FILE *f, const struct world_plan *p, const struct world_instance *in)
{
	/* Two that share an account and a contract stay apart by their names only; the others use the second login. */
	const char *account = in->style == STYLE_PASSIVE || in->n_legs == 3 ? "b" : "a";
	const char *file = in->kind == WORLD_HOSTILE ? "hostile.lua" : "executable_cross.lua";
	bool three = in->n_legs == 3;
	int budget = p->budget_cent ? p->budget_cent : 20000;
	fprintf(f,
		"{ name = \"%s\", file = \"%s\", legs = { near = \"spot.BTCUSDT\", far = \"usdm.BTCUSDT\"%s }, accounts = { near = \"spot_%s\", far = \"usdm_%s\"",
		in->name, file, three ? ", third = \"usdm.BTCUSDC\"" : "", account, account);
	if (three)
		fprintf(f,
			", third = \"usdm_%s\" }, ratios = { far = \"1/2\", third = \"1/2\" }, lot_base = \"0.002\",\n",
			account);
	else
		fprintf(f, " },\n");
	write_ladder(f, in, p->slip_tick);
	if (in->kind == WORLD_LUA)
		fprintf(f,
			"params = { open_bp = 6, close_bp = 4, fair_weight = 0, lots = 4, max_pos = 16 },\n");
	fprintf(f, "reload = { trial_calls = 200, canary_pairs = 2, canary_time = \"20ms\" },\n");
	fprintf(f,
		"limits = { max_pairs_in_flight = 4, max_age = \"700ms\", max_skew = \"700ms\", leg_timeout = \"50ms\", pair_timeout = \"500ms\",\n"
		"max_slip_ticks = %d, max_unwind_slip_ticks = %d, rescue_budget = %d.%02d, on_leg_fail = \"%s\" } },\n",
		p->slip_tick, p->unwind_slip_tick, budget / 100, budget % 100,
		fail_words[in->on_leg_fail]);
}

/* Bounds of every kind: what is judged before a pair leaves and all the time, refused, rescued and reduced. */
static void write_limit_rows(FILE *f, const struct world_plan *p)
{
	static const char *const rows[] = {
		"{ limit = \"unhedged_ns\", value = \"15ms\", scope = \"pair\" }",
		"{ limit = \"unhedged_base\", value = \"0.05\", scope = \"instance:both\" }",
		"{ limit = \"pair_slip\", value = \"0.5\", scope = \"pair\" }",
		"{ limit = \"position_base\", value = \"0.2\", scope = \"instrument:usdm.BTCUSDT\" }",
		"{ limit = \"order_latency\", value = \"40ms\", scope = \"instance:legged\" }",
		"{ limit = \"pairs_in_flight\", value = 2, scope = \"instance:passive\" }",
		"{ limit = \"messages_per_s\", value = 300, scope = \"venue:usdm\" }",
		"{ limit = \"position_long_base\", value = \"0.1\", scope = \"account:spot_a\" }",
	};
	fprintf(f, "limits = {\n");
	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++)
		if (p->limits >> i & 1)
			fprintf(f, "%s,\n", rows[i]);
	if (p->slice_lots)
		fprintf(f, "{ limit = \"order_slice_base\", value = \"0.00%u\" },\n",
			p->slice_lots);
	fprintf(f, "},\n");
}

static void write_host(FILE *f, const struct world_plan *p)
{
	int position = p->position_milli ? p->position_milli : 20000;
	int imbalance = p->imbalance_milli  ? p->imbalance_milli
			: p->position_milli ? p->position_milli
					    : 2000;
	fprintf(f, "return {\nvenues = {\n");
	write_host_venue(f, p, "spot", "binance_spot", WORLD_SPOT_PORT, "/ws-api/v3", false);
	write_host_venue(f, p, "usdm", "binance_usdm", WORLD_USDM_PORT, "/ws-fapi/v1", true);
	fprintf(f, "},\naccounts = {\n");
	for (int k = 0; k < 4; k++)
		fprintf(f,
			"{ name = \"%s_%c\", group = \"desk_%c\", venue = \"%s\", key_type = \"hmac\", api_key_file = \"venue/keys/%s_%c.key\", "
			"secret_file = \"venue/keys/%s_%c.secret\" },\n",
			k & 1 ? "usdm" : "spot", 'a' + k / 2, p->one_group ? 'a' : 'a' + k / 2,
			k & 1 ? "usdm" : "spot", k & 1 ? "usdm" : "spot", 'a' + k / 2,
			k & 1 ? "usdm" : "spot", 'a' + k / 2);
	fprintf(f, "},\ninstruments = {\n");
	write_instrument(f, "spot", "BTCUSDT", "USDT", true);
	write_instrument(f, "usdm", "BTCUSDT", "USDT", false);
	write_instrument(f, "usdm", "BTCUSDC", "USDC", false);
	fprintf(f, "},\nstrategies = {\n");
	for (uint32_t i = 0; i < p->n_instances; i++)
		write_instance(f, p, &p->instance[i]);
	fprintf(f,
		"},\nrisk = { max_order_notional = %d, max_position_notional = 5000000, max_position_base = %d.%03d, max_imbalance_base = %d.%03d, collar = \"100bp\",\n"
		"max_age = \"700ms\", max_skew = \"700ms\", max_pairs_in_flight = 20, max_rejects_per_min = 100000, cool_down = \"1ms\", messages_per_s = 40000 },\n"
		"store = { path = \".\", ring = \".\", checkpoint_every = 2000%s },\n",
		p->order_money ? p->order_money : 50000, position / 1000, position % 1000,
		imbalance / 1000, imbalance % 1000, p->power ? ", durability = \"power\"" : "");
	write_limit_rows(f, p);
	fprintf(f, "}\n");
}

static const char hostile[] =
	"local tandem = require \"tandem\"\n"
	"local S = tandem.strategy { version = 1, legs = { \"near\", \"far\" },\n"
	"  risk = { max_skew = \"600ms\", max_age = \"2s\", max_slip_ticks = 5, leg_timeout = \"50ms\", on_leg_fail = \"cheapest\" } }\n"
	"local n = 0\n"
	"function S:on_basis(b)\n"
	"  n = n + 1\n"
	"  if n % 7 == 0 then return self:pair { sell = \"near\", buy = \"far\", lots = 0/0, reason = \"nan\" } end\n"
	"  if n % 11 == 0 then return self:pair { sell = \"near\", buy = \"far\", lots = -n, reason = \"negative\" } end\n"
	"  if n % 13 == 0 then error(\"on purpose\") end\n"
	"  if n % 17 == 0 then return self:pair { sell = \"far\", buy = \"near\", lots = 1, tif = \"IOC\", reason = \"open\" } end\n"
	"  if n % 19 == 0 then return self:pair { sell = \"near\", buy = \"near\", lots = 1, reason = \"itself\" } end\n"
	"end\n"
	"return S\n";

static int put(const char *dir, const char *name, void (*fn)(FILE *, const struct world_plan *),
	       const struct world_plan *p)
{
	char path[400];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	FILE *f = fopen(path, "we");
	if (!f)
		return err_set(ERR_IO, "%s: %s", path, strerror(errno));
	fn(f, p);
	return fclose(f) ? err_set(ERR_IO, "%s: %s", path, strerror(errno)) : 0;
}

static void write_hostile(FILE *f, const struct world_plan *p)
{
	(void)p;
	fputs(hostile, f);
}

static void write_cross(FILE *f, const struct world_plan *p)
{
	(void)p;
	fwrite(embed_executable_cross, 1, embed_executable_cross_len, f);
}

int world_write(const struct world_plan *p, const char *dir)
{
	int rc = put(dir, "venue.lua", write_venues, p);
	if (!rc)
		rc = put(dir, "host.lua", write_host, p);
	if (!rc)
		rc = put(dir, "hostile.lua", write_hostile, p);
	if (!rc)
		rc = put(dir, "executable_cross.lua", write_cross, p);
	return rc;
}
