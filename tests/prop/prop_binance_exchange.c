/* Proves that under lost, doubled, late and timed-out messages and cut lines the adapter's reports still add up: once faults stop, the
 * fills of every order, each counted once, are what the simulated exchange says was filled, and none was ever more than ordered. */
#include "adapters/binance/binance.h"
#include "adapters/sim/server.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/base/rng.h"
#include "core/io/env_sim.h"
#include "core/trade/order.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MS 1000000ll
enum { MARKETS = 2, ORDERS = 1200, STEPS = 2500, FILLS = 64 };

struct record {
	struct order o;
	int64_t filled, venue_cum;
	int state; /* enum order_state; -1: not told yet */
	bool absent;
	unsigned n_fills;
	char exec[FILLS][VENUE_ID_TEXT];
};

static struct {
	struct env_sim *sim;
	struct env *host, *world;
	struct server server;
	struct venue_setup setup;
	struct assets assets;
	struct instrument instrument[MARKETS];
	struct venue *venue[MARKETS];
	struct quote quote[MARKETS];
	struct record record[MARKETS][ORDERS];
	unsigned n[MARKETS], bad, fills, unknown;
	struct rng rng;
} t;

static _Noreturn void fail(const char *what, const struct record *r)
{
	fprintf(stderr,
		"%s: order %016" PRIx64 ", filled %" PRId64 " of %" PRId64
		", the venue says %" PRId64 " (%s)\n",
		what, r ? r->o.id : 0, r ? r->filled : 0, r ? r->o.qty : 0, r ? r->venue_cum : 0,
		err_text());
	exit(1);
}

static void on_state(void *core, uint16_t venue, enum venue_state s, const char *why)
{
	(void)core, (void)venue, (void)s, (void)why;
}

static void on_rule(void *core, uint32_t i, const struct rule *r)
{
	(void)core;
	instrument_add_rule(&t.instrument[i], r);
}

static void on_quote(void *core, uint32_t i, const struct quote *q)
{
	(void)core;
	t.quote[i] = *q;
}

static void on_depth(void *core, uint32_t i, const struct depth *d)
{
	(void)core, (void)i, (void)d;
}

static void on_probe(void *core, uint32_t instrument, int64_t last_seq, int64_t asked_ns)
{
	(void)instrument, (void)asked_ns;
	(void)core, (void)last_seq;
}

static void on_halt(void *core, uint32_t instrument, bool halted)
{
	(void)instrument;
	(void)core, (void)halted;
}

static void on_feed_down(void *core, uint16_t venue)
{
	(void)core, (void)venue;
}

static void on_trade(void *core, uint32_t i, const struct market_trade *m)
{
	(void)core, (void)i, (void)m;
}

static void on_alive(void *core, uint16_t venue, int64_t ns)
{
	(void)core, (void)venue, (void)ns;
}

static void fill(struct record *r, const struct exec_report *e)
{
	for (unsigned i = 0; i < r->n_fills; i++)
		if (!strcmp(r->exec[i], e->exec))
			return;
	if (r->n_fills == FILLS)
		fail("more fills than this test keeps", r);
	memcpy(r->exec[r->n_fills++], e->exec, sizeof(e->exec));
	r->filled += e->qty;
	t.fills++;
	if (r->filled > r->o.qty)
		fail("filled more than ordered", r);
}

static void on_exec(void *core, const struct exec_report *e)
{
	unsigned market = (unsigned)(e->order >> 40) - 1, i = (unsigned)(e->order & 0xffffff) - 1;
	(void)core;
	if (market >= MARKETS || i >= t.n[market])
		fail("a report about an order that was never placed", NULL);
	struct record *r = &t.record[market][i];
	if (e->venue_order[0])
		memcpy(r->o.venue_order, e->venue_order, sizeof(e->venue_order));
	if (e->has_cum)
		r->venue_cum = e->cum > r->venue_cum ? e->cum : r->venue_cum;
	if (e->kind == EXEC_FILL)
		fill(r, e);
	else if (e->kind == EXEC_STATUS)
		r->state = e->status;
	else if (e->kind == EXEC_CANCELLED)
		r->state = ORDER_CANCELLED;
	else if (e->kind == EXEC_REJECTED)
		r->state = ORDER_REJECTED;
	t.unknown += e->kind == EXEC_UNKNOWN;
	r->absent |= e->kind == EXEC_NOT_FOUND;
	if (e->kind == EXEC_STATUS && order_terminal((enum order_state)e->status) &&
	    r->filled < e->cum)
		fail("an end was told before the fills that led to it", r);
}

static void on_reconciled(void *core, uint16_t venue, bool full)
{
	(void)core, (void)venue, (void)full;
}

static void on_position(void *core, uint16_t a, uint32_t i, int64_t l, int64_t s, int64_t ns)
{
	(void)core, (void)a, (void)i, (void)l, (void)s, (void)ns;
}

static void on_balance(void *core, uint16_t a, asset_id x, int64_t f, int64_t l, int64_t ns)
{
	(void)core, (void)a, (void)x, (void)f, (void)l, (void)ns;
}

static void on_clock(void *core, uint16_t venue, int64_t s, int64_t a, int64_t b, int64_t r)
{
	(void)core, (void)venue, (void)s, (void)a, (void)b, (void)r;
}

static void on_bad(void *core, uint16_t venue, uint32_t i, enum bad_input what, const char *why,
		   const void *p, size_t n)
{
	(void)core, (void)venue, (void)i;
	t.bad++;
	fprintf(stderr, "%s: %s: %.*s\n", bad_input_name(what), why, (int)(n < 300 ? n : 300),
		(const char *)p);
}

static void run(int64_t ms)
{
	int64_t until = env_sim_now(t.sim) + ms * MS;
	env_flush(t.host);
	for (struct env *e; (e = env_sim_step(t.sim, until));) {
		struct env_now now;
		env_now(e, &now);
		env_poll(e, e == t.host ? now.mono_ns + 20 * MS : server_next(&t.server));
		for (int i = 0; i < MARKETS && e == t.host; i++)
			t.venue[i]->ops->on_time(t.venue[i], now.mono_ns);
		if (e == t.world && server_turn(&t.server))
			fail("the simulated venue stopped", NULL);
		env_flush(e);
	}
}

static void set_faults(uint32_t ppm)
{
	static const enum fault kinds[] = { FAULT_DROP_IN, FAULT_DROP_OUT, FAULT_DUP_OUT,
					    FAULT_TIMEOUT };
	for (int i = 0; i < MARKETS; i++) {
		uint32_t *of = t.server.venue[i].wire.knobs.config.ppm;
		for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
			of[kinds[k]] = ppm;
		of[FAULT_DISCONNECT] = ppm / 50;
	}
}

static void set_up_market(int i, asset_id base, asset_id quote)
{
	struct instrument *in = &t.instrument[i];
	struct setup_venue *v = &t.setup.venue[i];
	const struct rule r = { .tick = 1,
				.lot = 1,
				.min_qty = 1,
				.max_qty = 1000000,
				.min_notional_e8 = 500000000,
				.fee = { .taker_e8 = 100000,
					 .in = i ? FEE_IN_QUOTE : FEE_IN_RECEIVED } };
	*in = (struct instrument){
		.symbol = "BTCUSDT",
		.venue = (uint16_t)i,
		.px_dp = i ? 1 : 2,
		.qty_dp = i ? 3 : 5,
		.base = base,
		.quote = quote,
		.settle = quote,
		.expo = { .kind = i ? EXPO_LINEAR : EXPO_SPOT, .num = 1, .den = 1 },
		.caps = { .types = 7, .tifs = 7 }
	};
	instrument_add_rule(in, &r);
	v->kind = i ? MARKET_FUTURES : MARKET_SPOT;
	v->port = (uint16_t)(9100 + i);
	v->n_instruments = v->n_accounts = 1;
	v->instrument[0] = *in;
	v->instrument[0].venue = 0;
	strcpy(v->name, i ? "usdm" : "spot");
	knobs_config_init(&v->knobs);
	strcpy(v->account[0].name, "main");
	v->account[0].n_deposits = 2;
	v->account[0].deposit[0].asset = quote;
	v->account[0].deposit[0].amount_e8 = 100000000000000;
	v->account[0].deposit[1].asset = base;
	v->account[0].deposit[1].amount_e8 = 1000000000;
}

/* Spot logs on with Ed25519, USD-M signs each request: both ways are used. */
static void open_venue(int i)
{
	char key[320], secret[320];
	const char *name = t.setup.venue[i].name;
	snprintf(key, sizeof(key), "%.200s/keys/%s_main%s", t.setup.dir, name,
		 i ? ".key" : ".ed25519.key");
	snprintf(secret, sizeof(secret), "%.200s/keys/%s_main%s", t.setup.dir, name,
		 i ? ".secret" : ".ed25519.pem");
	struct binance_account a = { .account = (uint16_t)i,
				     .name = "main",
				     .api_key_file = key,
				     .secret_file = secret,
				     .ed25519 = !i };
	struct binance_endpoint at = { .peer = { .host = "127.0.0.1",
						 .port = t.server.venue[i].port } };
	struct binance_options o = { .api = i ? BINANCE_USDM : BINANCE_SPOT,
				     .venue = (uint16_t)i,
				     .stream = at,
				     .api_ws = at,
				     .rest = at,
				     .user = at,
				     .account = &a,
				     .n_accounts = 1,
				     .instrument = t.instrument,
				     .n_instruments = MARKETS,
				     .assets = &t.assets,
				     .recv_window_ns = 5000 * MS,
				     .connect_timeout_ns = 2000 * MS,
				     .answer_timeout_ns = 1000 * MS,
				     .settle_ns = 3000 * MS,
				     .backoff_min_ns = 100 * MS,
				     .backoff_max_ns = 5000 * MS,
				     .feed_silence_ns = 10000 * MS,
				     .messages_per_s = 100,
				     .reserve_pct = 20 };
	o.host = (struct venue_host){ .env = t.host,
				      .on_state = on_state,
				      .on_rule = on_rule,
				      .on_quote = on_quote,
				      .on_depth = on_depth,
				      .on_snapshot = on_depth,
				      .on_feed_down = on_feed_down,
				      .on_halt = on_halt,
				      .on_probe = on_probe,
				      .on_trade = on_trade,
				      .on_alive = on_alive,
				      .on_exec = on_exec,
				      .on_reconciled = on_reconciled,
				      .on_position = on_position,
				      .on_balance = on_balance,
				      .on_clock = on_clock,
				      .on_bad = on_bad };
	strcpy(o.stream.path, i ? "/public" : "");
	strcpy(o.api_ws.path, i ? "/ws-fapi/v1" : "/ws-api/v3");
	strcpy(o.user.path, "/private");
	t.venue[i] = binance_open(&o);
	if (!t.venue[i] || t.venue[i]->ops->start(t.venue[i]))
		fail("the adapter does not open", NULL);
}

static void place(int i)
{
	struct record *r = &t.record[i][t.n[i]++];
	enum side side = (enum side)rng_below(&t.rng, side_max);
	int64_t away = rng_range(&t.rng, -20, 20) * (i ? 2 : 20);
	struct env_now now;
	env_now(t.host, &now);
	r->state = -1;
	r->o = (struct order){ .id = (uint64_t)(i + 1) << 40 | t.n[i],
			       .instrument = (uint32_t)i,
			       .account = (uint16_t)i,
			       .venue = (uint16_t)i,
			       .side = side,
			       .type = ORD_LIMIT,
			       .tif = rng_chance(&t.rng, 500000) ? TIF_IOC : TIF_GTC,
			       .px = t.quote[i].px[side ^ 1] + away,
			       .qty = rng_range(&t.rng, 10, 60) * (i ? 1 : 100),
			       .sent_mono_ns = now.mono_ns };
	if (t.venue[i]->ops->place(t.venue[i], &r->o)) /* certainly not sent */
		r->absent = true;
}

static void look_after(int i)
{
	struct record *r = &t.record[i][rng_below(&t.rng, t.n[i])];
	struct order o = r->o;
	o.cum = r->filled;
	if (r->absent || (r->state >= 0 && order_terminal((enum order_state)r->state)))
		return;
	if (rng_chance(&t.rng, 500000))
		t.venue[i]->ops->cancel(t.venue[i], &o);
	else
		t.venue[i]->ops->query(t.venue[i], &o);
}

/* Asks about every order until all is known, then nothing may be left open between both ledgers. */
static void settle(int i)
{
	for (unsigned n = 0; n < t.n[i]; n++) {
		struct record *r = &t.record[i][n];
		r->state = -1;
		for (int tries = 0; r->state < 0 && !r->absent; tries++) {
			struct order o = r->o;
			o.cum = r->filled;
			if (tries == 500)
				fail("no answer about it", r);
			t.venue[i]->ops->query(t.venue[i], &o);
			run(tries ? 50 : 12);
		}
		if (r->filled != r->venue_cum)
			fail("the fills do not add up", r);
	}
}

int main(void)
{
	char folder[] = "/tmp/prop_binance.XXXXXX", command[128];
	struct env_sim_opt o = { .seed = 1, .delay_ns = 200000, .max_chans = 128 };
	log_set_level(LOG_ERROR);
	if (!mkdtemp(folder) || env_sim_open(&o, &t.sim) || env_sim_add(t.sim, "host", &t.host) ||
	    env_sim_add(t.sim, "venue", &t.world))
		fail("no world", NULL);
	rng_seed(&t.rng, 7);
	t.assets.n = 1;
	asset_id base = asset_intern(&t.assets, "BTC"), quote = asset_intern(&t.assets, "USDT");
	snprintf(t.setup.dir, sizeof(t.setup.dir), "%s", folder);
	t.setup.no_clock_page = t.setup.plaintext = true;
	t.setup.n_venues = MARKETS;
	t.setup.seed = 3;
	t.setup.speed_milli = 1000;
	t.setup.start = SETUP_NOW;
	for (int i = 0; i < MARKETS; i++)
		set_up_market(i, base, quote);
	t.setup.assets = t.assets;
	if (server_open(&t.server, &t.setup, t.world, NULL))
		fail("the simulated venue does not open", NULL);
	for (int i = 0; i < MARKETS; i++)
		open_venue(i);
	run(3000);
	set_faults(20000);
	for (int step = 0; step < STEPS; step++) {
		int i = (int)rng_below(&t.rng, MARKETS);
		if (t.quote[i].px[SIDE_BUY] && t.n[i] < ORDERS && rng_chance(&t.rng, 600000))
			place(i);
		else if (t.n[i])
			look_after(i);
		run(rng_range(&t.rng, 1, 40));
	}
	set_faults(0);
	run(30000);
	for (int i = 0; i < MARKETS; i++)
		settle(i);
	printf("%u and %u orders, %u fills, %u times unknown\n", t.n[0], t.n[1], t.fills,
	       t.unknown);
	for (int i = 0; i < MARKETS; i++)
		t.venue[i]->ops->free(t.venue[i]);
	server_close(&t.server);
	env_sim_free(t.sim);
	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	return system(command) || t.bad || t.fills < 500 || t.unknown < 20;
}
