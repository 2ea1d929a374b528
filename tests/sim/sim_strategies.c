/* Proves that every strategy that ships opens pairs against the simulated venues and closes or rolls them, that all of them end hedged or flat, and that the venues' own ledgers are even;
 * without an error of the script. Each is run in a world of its own: real adapters, risk, executor and script host, a minute of virtual time or
 * more, with a death of the host in the middle. */
#include "adapters/sim/ledger.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/trade/pair.h"
#include "tests/sim/world.h"
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define S_NS	      1000000000LL
#define COINS_HELD_E8 (500 * 100000000LL) /* what the spot account begins with */
#define RUN_NS	      (60 * S_NS)
#define RUN_GOLD_NS   (240 * S_NS) /* a counter takes its time to log in */
#define PATIENCE_NS   (60 * S_NS)
#define COINS_NS      (1767225600 * S_NS) /* 2026-01-01 */
#define GOLD_NS	      (1803950100 * S_NS) /* 2027-03-02, 09:15 in Shanghai */

enum market { COINS, GOLD };

struct subject {
	const char *name;
	enum market market;
	const char *legs, *params;
	const char *more;      /* of the instance */
	enum pair_intent ends; /* what must happen beside opening */
};

#define PAIR_LEGS "near = \"spot.BTCUSDT\", far = \"usdm.BTCUSDT\""
#define PERP_LEGS "spot = \"spot.BTCUSDT\", future = \"usdm.BTCUSDT\""
#define ROLL_LEGS "stays = \"spot.BTCUSDT\", old = \"usdm.BTCUSDT\", next = \"usdm.BTCUSDT_NEXT\""
#define GOLD_LEGS "near = \"SHFE.au2704\", far = \"XAUUSD\""

static const struct subject subjects[] = {
	{ "executable_cross", COINS, PAIR_LEGS, "open_bp = 6, close_bp = 4, lots = 4, max_pos = 12",
	  "", INTENT_CLOSE },
	{ "spread_threshold", COINS, PAIR_LEGS,
	  "sell_at = 60, buy_at = -60, step = 40, take = 80, stop = 600, lots = 4, max_pos = 12",
	  "", INTENT_CLOSE },
	{ "ratio", COINS, PAIR_LEGS,
	  "half_life = 5, open_bp = 6, close_bp = 4, lots = 4, max_pos = 12", "", INTENT_CLOSE },
	{ "z_bands", COINS, PAIR_LEGS,
	  "open_z = 1.5, close_z = 0.5, min_edge_bp = 0, sample = 0.1, half_lives = 8, lots = 4, max_pos = 12",
	  "bands = { window = \"8s\", sample = \"100ms\" }, ", INTENT_CLOSE },
	{ "carry", COINS, PERP_LEGS,
	  "funding_bp = 0.5, open_bp = 6, close_bp = 4, reverse = 1, lots = 4, max_pos = 12", "",
	  INTENT_CLOSE },
	{ "passive_hedge", COINS, PAIR_LEGS,
	  "open_bp = 1, close_bp = 0, saves_bp = 1.2, reach_bp = 6, lots = 4, max_pos = 12",
	  "execution = { rest = \"800ms\", requote_every = \"20ms\" }, ", INTENT_CLOSE },
	/* The window opens, and ends, 20 seconds after the begin. */
	{ "roll", COINS, ROLL_LEGS,
	  "from = 20260101, to = 20260101, hour = 0.0055, fair_bp = 10, most_bp = 80, pause = 0.5, lots = 3, build = 1, target = 9",
	  "", INTENT_ROLL },
	{ "parity", GOLD, GOLD_LEGS, "open_bp = 4, fx_bp = 0, close_bp = 2, lots = 2, max_pos = 4",
	  "refs = { usdcnh = \"USDCNH\" }, ", INTENT_CLOSE },
};

/* ---- what host and venues are told ---- */

static void coin(FILE *f, const char *venue, const char *symbol, const char *kind,
		 const char *follows)
{
	if (venue)
		fprintf(f, "{ name = \"%s.%s\", venue = \"%s\", kind = \"%s\", ", venue, symbol,
			venue, kind);
	else
		fprintf(f, "{ %s", follows);
	bool spot = kind[0] == 's';
	fprintf(f,
		"symbol = \"%s\", base = \"BTC\", quote = \"USDT\", px_dp = 8, qty_dp = 8, tick = \"%s\", lot = \"0.001\", min_qty = \"0.001\", min_notional = 5, "
		"fees = { maker = \"0.5bp\", taker = \"1.7bp\" }%s },\n",
		symbol, spot ? "0.01" : "0.1", spot ? "" : ", margin = \"5%\"");
}

static const char delays[] =
	"knobs = { [\"delay.feed\"] = \"uniform:200us:600us\", [\"delay.in\"] = \"uniform:300us:2ms\", [\"delay.out\"] = \"uniform:200us:600us\" },\n"
	"limits = { weight_per_min = 1000000, orders_per_10s = 1000000, orders_per_long = 10000000 } },\n";

static void coins_venues(FILE *f)
{
	fprintf(f,
		"return { dir = \"venue\", plaintext = true, seed = 7,\nsource = { generator = { basis_dev = \"0.6bp\", excursion_every = \"1s\", excursion = \"25bp\", rate_pct = 20 } },\nvenues = {\n"
		"{ name = \"spot\", wire = \"binance_spot\", port = %d, symbols = {\n",
		WORLD_SPOT_PORT);
	coin(f, NULL, "BTCUSDT", "spot", "");
	fprintf(f,
		"}, accounts = { { name = \"a\", balances = { BTC = 500, USDT = 40000000 } } }, %s",
		delays);
	fprintf(f, "{ name = \"usdm\", wire = \"binance_usdm\", port = %d, symbols = {\n",
		WORLD_USDM_PORT);
	coin(f, NULL, "BTCUSDT", "linear", "");
	coin(f, NULL, "BTCUSDT_NEXT", "linear", "follows = \"BTCUSDT\", part = \"1001/1000\", ");
	fprintf(f, "}, accounts = { { name = \"a\", balances = { USDT = 40000000 } } }, %s} }\n",
		delays);
}

static void coins_host(FILE *f, const struct subject *s)
{
	static const char patience[] =
		"answer_timeout = \"60ms\", settle = \"200ms\", backoff_min = \"20ms\", backoff_max = \"200ms\", connect_timeout = \"300ms\", feed_silence = \"500ms\", messages_per_s = 20000";
	fprintf(f,
		"return { venues = {\n{ name = \"spot\", adapter = \"binance_spot\", %s, url = { stream = \"ws://localhost:%d\", api = \"ws://localhost:%d/ws-api/v3\", rest = \"http://localhost:%d\" } },\n"
		"{ name = \"usdm\", adapter = \"binance_usdm\", %s, url = { stream = \"ws://localhost:%d/public\", api = \"ws://localhost:%d/ws-fapi/v1\", rest = \"http://localhost:%d\", "
		"user = \"ws://localhost:%d/private\" } } },\naccounts = {\n",
		patience, WORLD_SPOT_PORT, WORLD_SPOT_PORT, WORLD_SPOT_PORT, patience,
		WORLD_USDM_PORT, WORLD_USDM_PORT, WORLD_USDM_PORT, WORLD_USDM_PORT);
	for (int k = 0; k < 2; k++)
		fprintf(f,
			"{ name = \"%s_a\", group = \"desk\", venue = \"%s\", key_type = \"hmac\", api_key_file = \"venue/keys/%s_a.key\", secret_file = \"venue/keys/%s_a.secret\" },\n",
			k ? "usdm" : "spot", k ? "usdm" : "spot", k ? "usdm" : "spot",
			k ? "usdm" : "spot");
	fprintf(f, "},\ninstruments = {\n");
	coin(f, "spot", "BTCUSDT", "spot", "");
	coin(f, "usdm", "BTCUSDT", "linear", "");
	coin(f, "usdm", "BTCUSDT_NEXT", "linear", "");
	fprintf(f,
		"},\nstrategies = { { name = \"it\", file = \"%s/strategies/%s.lua\", legs = { %s }, params = { %s }, lot_base = \"0.001\", %s\n"
		"limits = { max_pairs_in_flight = 1, max_age = \"700ms\", max_skew = \"700ms\", leg_timeout = \"100ms\", pair_timeout = \"5s\", max_slip_ticks = 60, "
		"max_unwind_slip_ticks = 400, rescue_budget = 500 } } },\n"
		"risk = { max_order_notional = 50000, max_position_notional = 5000000, max_position_base = 20, max_imbalance_base = 2, collar = \"100bp\",\n"
		"max_age = \"700ms\", max_skew = \"700ms\", max_pairs_in_flight = 4, max_rejects_per_min = 100000, cool_down = \"1ms\", messages_per_s = 40000 },\n"
		"store = { path = \".\", ring = \".\", checkpoint_every = 2000 } }\n",
		TANDEM_SOURCE_DIR, s->name, s->legs, s->params, s->more);
}

static void gold_venues(FILE *f)
{
	fprintf(f,
		"return { dir = \"venue\", plaintext = true, seed = 7,\nsource = { generator = { basis_dev = \"1bp\", excursion_every = \"1s\", excursion = \"25bp\", rate_pct = 20 } },\nvenues = {\n"
		"{ name = \"shfe\", wire = \"diff\", port = %d, requests_per_s = 50, symbols = { { symbol = \"SHFE.au2704\", base = \"XAU\", quote = \"CNY\", px_dp = 2, qty_dp = 0, "
		"multiplier = 1000, tick = \"0.02\", lot = 1, min_qty = 1, max_qty = 30, calendar = \"SHFE.au\", settle_px = 613, percent_price = \"8%%\", open_limit = 100000, margin = \"10%%\", "
		"fees = { maker = \"0\", taker = \"0\", per_lot = 10, close_today_per_lot = 0 }, follows = \"XAUUSD\", rate = \"USDCNH\", part = \"1/31.1034768\" } },\n"
		"accounts = { { name = \"main\", balances = { CNY = 100000000 } } },\nknobs = { [\"delay.feed\"] = \"uniform:1ms:4ms\", [\"delay.in\"] = \"uniform:2ms:6ms\", [\"delay.out\"] = \"uniform:2ms:6ms\" } },\n"
		"{ name = \"abroad\", wire = \"binance_usdm\", port = %d, symbols = { { symbol = \"XAUUSD\", base = \"XAU\", quote = \"USD\", px_dp = 1, qty_dp = 3, multiplier = 100, "
		"tick = \"0.1\", lot = \"0.001\", min_qty = \"0.001\", mid = 2650, margin = \"5%%\", fees = { maker = \"0\", taker = \"0.3bp\" } },\n"
		"{ symbol = \"USDCNH\", base = \"USD\", quote = \"CNH\", px_dp = 4, qty_dp = 0, tick = \"0.0001\", lot = 1, mid = \"7.2\", fees = { maker = \"0\", taker = \"0.1bp\" } } },\n"
		"accounts = { { name = \"main\", balances = { USD = 20000000 } } }, %s} }\n",
		WORLD_SPOT_PORT, WORLD_USDM_PORT, delays);
}

static void gold_host(FILE *f, const struct subject *s)
{
	static const char patience[] =
		"answer_timeout = \"300ms\", settle = \"500ms\", backoff_min = \"50ms\", backoff_max = \"500ms\", connect_timeout = \"1s\", feed_silence = \"5s\"";
	fprintf(f,
		"return { venues = {\n{ name = \"shfe\", adapter = \"diff\", %s, max_min_delay = \"50ms\", messages_per_s = 20, url = { stream = \"ws://localhost:%d/md\", api = \"ws://localhost:%d/trade\" } },\n"
		"{ name = \"abroad\", adapter = \"binance_usdm\", %s, messages_per_s = 200, url = { stream = \"ws://localhost:%d/public\", api = \"ws://localhost:%d/ws-fapi/v1\", "
		"rest = \"http://localhost:%d\", user = \"ws://localhost:%d/private\" } } },\n",
		patience, WORLD_SPOT_PORT, WORLD_SPOT_PORT, patience, WORLD_USDM_PORT,
		WORLD_USDM_PORT, WORLD_USDM_PORT, WORLD_USDM_PORT);
	fprintf(f,
		"accounts = { { name = \"home\", group = \"desk\", venue = \"shfe\", broker = \"simnow\", api_key_file = \"venue/keys/shfe_main.key\", secret_file = \"venue/keys/shfe_main.secret\" },\n"
		"{ name = \"abroad\", group = \"desk\", venue = \"abroad\", api_key_file = \"venue/keys/abroad_main.key\", secret_file = \"venue/keys/abroad_main.secret\" } },\n"
		"instruments = { { name = \"SHFE.au2704\", venue = \"shfe\", symbol = \"SHFE.au2704\", base = \"XAU\", quote = \"CNY\", kind = \"linear\", unit = \"CNY/g\", base_unit = \"g\", "
		"multiplier = \"1000 g\", px_dp = 2, qty_dp = 0, tick = \"0.02\", lot = 1, min_qty = 1, max_qty = 30, calendar = \"SHFE.au\", margin = \"10%%\", "
		"fees = { maker = \"0\", taker = \"0\", per_lot = 10, close_today_per_lot = 0 } },\n"
		"{ name = \"XAUUSD\", venue = \"abroad\", symbol = \"XAUUSD\", base = \"XAU\", quote = \"USD\", kind = \"linear\", unit = \"USD/ozt\", base_unit = \"g\", multiplier = \"100 ozt\", "
		"px_dp = 2, qty_dp = 3, tick = \"0.1\", lot = \"0.001\", min_qty = \"0.001\", margin = \"5%%\", fees = { maker = \"0\", taker = \"0.3bp\" } },\n"
		"{ name = \"USDCNH\", venue = \"abroad\", symbol = \"USDCNH\", base = \"USD\", quote = \"CNH\", kind = \"linear\", px_dp = 4, qty_dp = 0, tick = \"0.0001\", lot = 1 } },\n");
	fprintf(f,
		"strategies = { { name = \"it\", file = \"%s/strategies/%s.lua\", legs = { %s }, params = { %s }, %s\n"
		"limits = { max_pairs_in_flight = 1, max_age = \"3s\", max_skew = \"1500ms\", max_clock_bound = \"1s\", close_margin = \"5s\", leg_timeout = \"500ms\", pair_timeout = \"5s\", "
		"max_slip_ticks = 20, max_unwind_slip_ticks = 200, rescue_budget = 20000 } } },\n"
		"risk = { max_order_notional = 20000000, max_position_notional = 100000000, residual_tolerance_base = 10, collar = \"100bp\", max_age = \"3s\", max_skew = \"1500ms\", "
		"max_clock_bound = \"1s\", close_margin = \"5s\", messages_per_s = 200, max_pairs_in_flight = 4, max_rejects_per_min = 100000, cool_down = \"50ms\" },\n"
		"store = { path = \".\", ring = \".\", checkpoint_every = 2000 } }\n",
		TANDEM_SOURCE_DIR, s->name, s->legs, s->params, s->more);
}

static int write_both(const struct subject *s, const char *dir)
{
	char path[400];
	for (int k = 0; k < 2; k++) {
		snprintf(path, sizeof path, "%s/%s", dir, k ? "host.lua" : "venue.lua");
		FILE *f = fopen(path, "we");
		if (!f)
			return err_set(ERR_IO, "%s", path);
		if (s->market == COINS)
			k ? coins_host(f, s) : coins_venues(f);
		else
			k ? gold_host(f, s) : gold_venues(f);
		if (fclose(f))
			return err_set(ERR_IO, "%s", path);
	}
	return 0;
}

/* ---- what became of it ---- */

struct count {
	uint64_t hedged[pair_intent_max], flat, refused, rescues, errors;
	int64_t left, open; /* base units, e8: of all legs together, and of one of them */
};

static void count_pairs(const struct world *w, struct count *c)
{
	for (uint64_t i = 0; i < w->journal.n; i++) {
		const struct fact *f = &w->journal.fact[i];
		c->rescues += f->kind == FACT_RESCUE;
		if (f->kind != FACT_PAIR)
			continue;
		c->refused += f->num[1] == PAIR_REFUSED;
		c->flat += f->num[1] == PAIR_FLAT;
		if (f->num[1] == PAIR_HEDGED)
			c->hedged[f->num[5]]++;
	}
}

/* By the venues' ledgers. Coins have eight decimals; gold is lots of a kilogram, and thousandths of a hundred ounces. */
static int count_positions(const struct world *w, const struct subject *s, struct count *c)
{
	static struct ledger_totals t;
	for (unsigned v = 0; v < WORLD_VENUES; v++) {
		char path[400];
		snprintf(path, sizeof path, "%s/%s.ledger", w->setup.dir,
			 s->market == COINS ? v ? "usdm" : "spot"
			 : v		    ? "abroad"
					    : "shfe");
		int rc = ledger_totals(path, &t);
		if (!rc)
			rc = ledger_check(&t);
		if (rc)
			return rc;
		int64_t unit = s->market == COINS ? 1
			       : v		  ? 311034768LL
						  : 1000 * 100000000LL,
			sum = 0;
		for (uint32_t i = 0; i < LEDGER_INSTRUMENTS; i++)
			sum += t.trading[0][i].position * unit;
		for (uint32_t i = 0; s->market == COINS && v == 0 && i < LEDGER_ASSETS; i++)
			if (strcmp(t.asset[i], "BTC") == 0)
				sum = t.money[0][i].free_e8 + t.money[0][i].locked_e8 -
				      COINS_HELD_E8;
		c->left += sum;
		c->open = sum;
	}
	return 0;
}

static int run(struct world *w, const struct subject *s, const char *dir)
{
	struct count c = { 0 };
	const struct world_options o = { .seed = 7,
					 .dir = dir,
					 .as_written = true,
					 .begins_ns = s->market == COINS ? COINS_NS : GOLD_NS };
	const int64_t half = (s->market == COINS ? RUN_NS : RUN_GOLD_NS) / 2;
	int rc = write_both(s, dir);
	if (!rc)
		rc = world_open(w, &o);
	if (!rc)
		rc = world_run(w, world_now(w) + half);
	if (!rc) {
		c.errors = w->script[0]->errors + w->script[0]->kills;
		world_kill_host(w, S_NS / 2);
		rc = world_run(w, world_now(w) + half);
	}
	if (!rc) {
		c.errors += w->script[0]->errors + w->script[0]->kills;
		rc = world_calm(w);
	}
	if (!rc)
		rc = world_run(w, world_now(w) + PATIENCE_NS);
	if (!rc)
		rc = count_positions(w, s, &c);
	count_pairs(w, &c);
	/* Of coins less than a lot, of gold less than what XAUUSD comes in. */
	int64_t tolerance = s->market == COINS ? 100000 : 20 * 100000000LL;
	bool ok = rc == 0 && w->host_open && engine_done(w->engine) && c.errors == 0 &&
		  c.hedged[INTENT_OPEN] >= 2 && c.hedged[s->ends] >= 2 && c.left < tolerance &&
		  c.left > -tolerance;
	printf("%s: %" PRIu64 " opened, %" PRIu64 " closed, %" PRIu64 " rolled, %" PRIu64
	       " flat, %" PRIu64 " refused, %" PRIu64 " rescues, %" PRIu64
	       " errors; held %.4f, uneven by %.8f%s%s%s\n",
	       s->name, c.hedged[INTENT_OPEN], c.hedged[INTENT_CLOSE], c.hedged[INTENT_ROLL],
	       c.flat, c.refused, c.rescues, c.errors, (double)c.open / 1e8, (double)c.left / 1e8,
	       ok ? "" : " FAILED", rc ? ": " : "", rc ? err_text() : "");
	world_close(w);
	return ok ? 0 : 1;
}

static int remove_one(const char *path, const struct stat *s, int kind, struct FTW *at)
{
	(void)s, (void)kind, (void)at;
	return remove(path);
}

int main(int argc, char **argv)
{
	static struct world w;
	int failed = 0;
	log_set_level(LOG_ERROR);
	for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) {
		char dir[] = "/tmp/tandem-sim-strategies.XXXXXX";
		if (argc > 1 && strcmp(argv[1], subjects[i].name) != 0) /* one by hand */
			continue;
		if (!mkdtemp(dir))
			return 1;
		failed += run(&w, &subjects[i], dir);
		nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	}
	world_free(&w);
	return failed != 0;
}
