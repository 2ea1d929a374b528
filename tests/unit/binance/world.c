#include "tests/unit/binance/world.h"
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MS 1000000ll

static const char hmac[] = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";
static const char pem[] =
	"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIIJEYWtGBrhACmb9Dvy+qa8WEf0lQOl1s4CLIAB9m89u\n-----END PRIVATE KEY-----\n";
static void on_state(void *core, uint16_t venue, enum venue_state s, const char *why)
{
	struct world *w = core;
	ck_assert_uint_eq(venue, 1);
	ck_assert_uint_lt(w->n_states, WORLD_STATES);
	w->state[w->n_states++] = s;
	snprintf(w->why, sizeof(w->why), "%s", why);
}

static void on_rule(void *core, uint32_t instrument, const struct rule *r)
{
	struct world *w = core;
	w->n_rules++;
	w->rule = *r;
	ck_assert_int_eq(instrument_add_rule(&w->instrument[instrument], r), 0);
}

static void on_quote(void *core, uint32_t instrument, const struct quote *q)
{
	struct world *w = core;
	ck_assert_uint_eq(instrument, 1);
	w->n_quotes++;
	w->quote = *q;
}

static void on_depth(void *core, uint32_t instrument, const struct depth *d)
{
	struct world *w = core;
	(void)instrument, (void)d;
	w->n_depths++;
}

static void on_probe(void *core, uint32_t instrument, int64_t last_seq, int64_t asked_ns)
{
	(void)instrument, (void)asked_ns;
	struct world *w = core;
	w->n_probes++;
	w->snapshot_seq = last_seq;
}

static void on_halt(void *core, uint32_t instrument, bool halted)
{
	(void)instrument;
	struct world *w = core;
	w->n_halts += halted;
}

static void on_feed_down(void *core, uint16_t venue)
{
	struct world *w = core;
	(void)venue;
	w->n_feed_downs++;
}

static void on_snapshot(void *core, uint32_t instrument, const struct depth *d)
{
	struct world *w = core;
	(void)instrument;
	w->n_snapshots++;
	w->snapshot_seq = d->last_seq;
}

static void on_trade(void *core, uint32_t instrument, const struct market_trade *t)
{
	(void)core, (void)instrument, (void)t;
}

static void on_alive(void *core, uint16_t venue, int64_t recv_ns)
{
	struct world *w = core;
	(void)venue, (void)recv_ns;
	w->n_alive++;
}

static void on_exec(void *core, const struct exec_report *r)
{
	struct world *w = core;
	ck_assert_uint_lt(w->n_execs, WORLD_EXECS);
	w->exec[w->n_execs++] = *r;
	if (w->on_exec)
		w->on_exec(w, r);
}

static void on_reconciled(void *core, uint16_t venue, bool full)
{
	struct world *w = core;
	(void)venue;
	w->n_reconciled++;
	w->full = full;
}

static void on_position(void *core, uint16_t account, uint32_t instrument, int64_t qty_long,
			int64_t qty_short, int64_t venue_ns)
{
	struct world *w = core;
	(void)venue_ns;
	ck_assert_uint_eq(account, 4);
	w->position[instrument].qty_long = qty_long;
	w->position[instrument].qty_short = qty_short;
	w->position[instrument].n++;
}

static void on_balance(void *core, uint16_t account, asset_id asset, int64_t free_e8,
		       int64_t locked_e8, int64_t venue_ns)
{
	struct world *w = core;
	(void)locked_e8, (void)venue_ns;
	ck_assert_uint_eq(account, 4);
	if (!strcmp(asset_name(&w->assets, asset), "USDT"))
		w->free_e8 = free_e8;
}

static void on_clock(void *core, uint16_t venue, int64_t sent_ns, int64_t recv_v, int64_t send_v,
		     int64_t recv_ns)
{
	struct world *w = core;
	(void)venue, (void)send_v;
	ck_assert_int_le(sent_ns, recv_ns);
	w->n_clocks++;
	w->clock_gap_ns = recv_v - (sent_ns + recv_ns) / 2;
}

static void on_pause(void *core, uint16_t venue, int64_t until_ns, bool all)
{
	struct world *w = core;
	ck_assert_uint_eq(venue, 1);
	w->paused_until_ns[all] = until_ns;
}

static void on_bad(void *core, uint16_t venue, uint32_t instrument, enum bad_input what,
		   const char *why, const void *p, size_t n)
{
	struct world *w = core;
	(void)venue, (void)instrument, (void)why, (void)p, (void)n;
	w->n_bad++;
	w->bad = what;
}

static void write_key(const char *path, const char *text)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_EXCL, 0600);
	ck_assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static struct binance_endpoint endpoint(enum peer_door d, const char *path)
{
	struct binance_endpoint e = { .peer = { .host = "127.0.0.1",
						.port = (uint16_t)(PEER_PORT + d) } };
	snprintf(e.path, sizeof(e.path), "%s", path);
	return e;
}

/* More instruments of the venue than their streams fit into one address. */
static void add_instruments(struct world *w, uint32_t n)
{
	for (uint32_t i = 2; i < n; i++) {
		w->instrument[i] = w->instrument[1];
		snprintf(w->instrument[i].symbol, sizeof(w->instrument[i].symbol), "COIN%uUSDT", i);
	}
	w->n_instruments = n;
}

static struct venue_host told_to(struct world *w)
{
	return (struct venue_host){
		.core = w,
		.env = w->host,
		.on_state = on_state,
		.on_rule = on_rule,
		.on_quote = on_quote,
		.on_depth = on_depth,
		.on_snapshot = on_snapshot,
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
		.on_pause = on_pause,
		.on_bad = on_bad,
	};
}

struct world *world_open(enum binance_api api, bool ed25519)
{
	return world_open_many(api, ed25519, 2);
}

struct world *world_open_many(enum binance_api api, bool ed25519, uint32_t n_instruments)
{
	struct world *w = calloc(1, sizeof(*w));
	struct env *peer_env;
	ck_assert_int_eq(env_sim_open(&(struct env_sim_opt){ .seed = 5, .delay_ns = MS }, &w->sim),
			 0);
	ck_assert_int_eq(env_sim_add(w->sim, "host", &w->host), 0);
	ck_assert_int_eq(env_sim_add(w->sim, "venue", &peer_env), 0);
	peer_open(&w->peer, peer_env, PEER_PORT);
	peer_script_good(&w->peer);
	w->assets.n = 1;
	w->instrument[0] = (struct instrument){ .name = "OTHER", .symbol = "BTCUSDT", .venue = 0 };
	w->instrument[1] = (struct instrument){
		.name = "B.BTCUSDT", .symbol = "BTCUSDT", .venue = 1, .px_dp = 2, .qty_dp = 3
	};
	add_instruments(w, n_instruments);
	strcpy(w->folder, "/tmp/test_binance.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(w->folder));
	snprintf(w->secret, sizeof(w->secret), "%s/secret", w->folder);
	snprintf(w->public, sizeof(w->public), "%s/public", w->folder);
	write_key(w->secret, ed25519 ? pem : hmac);
	write_key(w->public, "thekey\n");
	w->account = (struct binance_account){ .account = 4,
					       .name = "main",
					       .api_key_file = w->public,
					       .secret_file = w->secret,
					       .ed25519 = ed25519 };
	w->options = (struct binance_options){
		.api = api,
		.venue = 1,
		.stream = endpoint(DOOR_STREAM, "/public"),
		.api_ws = endpoint(DOOR_API, "/ws-api/v3"),
		.rest = endpoint(DOOR_REST, ""),
		.user = endpoint(DOOR_USER, "/private"),
		.account = &w->account,
		.n_accounts = 1,
		.instrument = w->instrument,
		.n_instruments = w->n_instruments,
		.assets = &w->assets,
		.host = told_to(w),
		.recv_window_ns = 5000 * MS,
		.connect_timeout_ns = 2000 * MS,
		.answer_timeout_ns = 1000 * MS,
		.settle_ns = 3000 * MS,
		.backoff_min_ns = 100 * MS,
		.backoff_max_ns = 5000 * MS,
		.feed_silence_ns = 10000 * MS,
		.ping_after_ns = 300 * MS,
		.pong_timeout_ns = 700 * MS,
		.messages_per_s = 20,
		.reserve_pct = 20,
		.max_orders = 16,
		.max_requests = 64,
		.book_levels = 50,
	};
	w->venue = binance_open(&w->options);
	ck_assert_ptr_nonnull(w->venue);
	return w;
}

void world_free(struct world *w)
{
	w->venue->ops->free(w->venue);
	peer_free(&w->peer);
	env_sim_free(w->sim);
	unlink(w->secret);
	unlink(w->public);
	rmdir(w->folder);
	free(w);
}

void world_run(struct world *w, int64_t ms)
{
	int64_t until = env_sim_now(w->sim) + ms * MS;
	for (struct env *e; (e = env_sim_step(w->sim, until));) {
		struct env_now now;
		env_now(e, &now);
		env_poll(e, e == w->host ? now.mono_ns + 50 * MS : INT64_MAX);
		if (e == w->host)
			w->venue->ops->on_time(w->venue, now.mono_ns);
		env_flush(e);
	}
}

void world_up(struct world *w)
{
	ck_assert_int_eq(w->venue->ops->start(w->venue), 0);
	env_flush(w->host);
	world_run(w, 400);
	ck_assert_msg(w->venue->state == VENUE_UP, "%s: %s",
		      venue_state_name((enum venue_state)w->venue->state), w->why);
}

struct order world_order(uint64_t id)
{
	return (struct order){ .id = id,
			       .instrument = 1,
			       .account = 4,
			       .venue = 1,
			       .side = SIDE_BUY,
			       .type = ORD_LIMIT,
			       .tif = TIF_IOC,
			       .px = 6183760,
			       .qty = 10 };
}

const struct exec_report *world_last(const struct world *w)
{
	ck_assert_uint_gt(w->n_execs, 0);
	return &w->exec[w->n_execs - 1];
}

void world_place_7(struct world *w)
{
	struct order o = world_order(7);
	ck_assert_int_eq(w->venue->ops->place(w->venue, &o), 0);
	env_flush(w->host);
	world_run(w, 10);
}

void world_query_7(struct world *w, int64_t known_cum)
{
	struct order o = world_order(7);
	o.cum = known_cum;
	ck_assert_int_eq(w->venue->ops->query(w->venue, &o), 0);
	env_flush(w->host);
	world_run(w, 20);
}

void world_expect(const struct world *w, unsigned from, const enum exec_kind *kind, unsigned n)
{
	ck_assert_uint_eq(w->n_execs - from, n);
	for (unsigned i = 0; i < n; i++)
		ck_assert_msg(w->exec[from + i].kind == kind[i], "report %u is %s, not %s", i,
			      exec_kind_name((enum exec_kind)w->exec[from + i].kind),
			      exec_kind_name(kind[i]));
}

bool world_passed(const struct world *w, const enum venue_state *want, unsigned n)
{
	unsigned k = 0;
	for (unsigned i = 0; i < w->n_states && k < n; i++)
		k += w->state[i] == want[k];
	return k == n;
}
