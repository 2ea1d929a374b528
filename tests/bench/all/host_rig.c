#include "tests/bench/all/host_rig.h"
#include "core/base/digest.h"
#include "core/base/err.h"
#include "core/cmd/venues.h"
#include "core/io/env_live.h"
#include "core/ops/status_page.h"
#include "lua/config.h"
#include "lua/host.h"
#include "store/store.h"
#include "tests/bench/all/forgetful.h"
#include "tests/bench/bench.h"
#include <sys/resource.h>
#include <sys/stat.h>

#define IDLE_EVERY_NS 1000000000

static void die(const char *what)
{
	fprintf(stderr, "host_rig: %s: %s\n", what, err_text());
	exit(1);
}

/* ---- configuration ---- */

static void put_file(const char *dir, const char *name, mode_t mode, const char *text)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	FILE *f = fopen(path, "w");
	if (!f || fputs(text, f) < 0 || fclose(f) || chmod(path, mode)) {
		perror(path);
		exit(1);
	}
}

static const char runaway[] =
	"local tandem = require \"tandem\"\n"
	"local S = tandem.strategy { version = 1, legs = { \"near\", \"far\" } }\n"
	"function S:on_basis(b)\n"
	"  while b.sell_near_net_bp > 100 do end\n"
	"end\n"
	"return S\n";

static const char resting[] =
	"local tandem = require \"tandem\"\n"
	"local S = tandem.strategy { version = 1, legs = { \"near\", \"far\" } }\n"
	"function S:on_basis(b)\n"
	"  for _ = 1, math.min(8, 250 - self.pos.in_flight) do\n"
	"    self:pair { sell = \"near\", buy = \"far\", lots = 1, tif = \"GTC\", limits = { near = 61000, far = 59000 }, reason = \"rests\" }\n"
	"  end\n"
	"end\n"
	"return S\n";
_Static_assert(RIG_RESTING == 250, "as the script says");

static const char venue_text[] =
	"    { name = \"%s\", adapter = \"binance_%s\", url = { stream = \"ws%s://127.0.0.1:%u/stream\", api = \"ws%s://127.0.0.1:%u/api\",\n"
	"      rest = \"http%s://127.0.0.1:%u\"%s }, %s messages_per_s = 100000, feed_silence = \"1h\" },\n";

static void put_venue(FILE *f, const struct mini *m, enum mini_market k, const char *more)
{
	const char *s = m->tls ? "s" : "";
	unsigned port = m->port[k];
	char user[96] = "";
	if (k == MINI_USDM)
		snprintf(user, sizeof user, ", user = \"ws%s://127.0.0.1:%u/ws\"", s, port);
	const char *kind = k == MINI_SPOT ? "spot" : "usdm";
	char name[16];
	snprintf(name, sizeof name, "%s%s", kind, more);
	fprintf(f, venue_text, name, kind, s, port, s, port, s, port, user,
		m->tls ? "ca_file = \"ca.pem\"," : "");
}

static void put_instrument(FILE *f, const char *name, const char *venue, const char *base,
			   bool spot)
{
	fprintf(f,
		"    { name = \"%s\", venue = \"%s\", symbol = \"%sUSDT\", base = \"%s\", quote = \"USDT\", kind = \"%s\",%s\n"
		"      px_dp = 2, qty_dp = %d, fees = { maker = \"1bp\", taker = \"1bp\", charged_in = \"quote\" },%s },\n",
		name, venue, base, base, spot ? "spot" : "linear", spot ? "" : " multiplier = 1,",
		spot ? 8 : 3, spot ? "" : " margin = \"5%\",");
}

static void put_instance(FILE *f, const char *name, const char *file, const char *coin,
			 const char *params, unsigned pairs, const char *leg_timeout)
{
	fprintf(f,
		"    { name = \"%s\", file = \"%s\", legs = { near = \"S.%s\", far = \"U.%s\" }, %s lot_base = \"0.001\",\n"
		"      limits = { max_pairs_in_flight = %u, rescue_budget = 1000000, leg_timeout = \"%s\", pair_timeout = \"60s\",\n"
		"        on_leg_fail = \"complete\", max_slip_ticks = 5, max_unwind_slip_ticks = 100000 } },\n",
		name, file, coin, coin, params, pairs, leg_timeout);
}

static void put_accounts(FILE *f, const struct rig_options *o)
{
	static const char *const venue[RIG_VENUES] = { "spot", "usdm", "spot2", "usdm2" };
	fprintf(f, "  },\n  accounts = {\n");
	for (int k = 0; k < (o->resting ? RIG_VENUES : mini_market_max); k++)
		fprintf(f,
			"    { name = \"a%d\", group = \"g\", venue = \"%s\", api_key_file = \"key\", secret_file = \"secret\", key_type = \"%s\" },\n",
			k, venue[k], o->ed25519 ? "ed25519" : "hmac");
}

static void put_instances(FILE *f, const struct rig_options *o)
{
	if (o->resting) {
		put_instance(f, "rests", "resting.lua", "BTC", "", RIG_RESTING, "60s");
		put_instance(f, "rests2", "resting.lua", "BTC2", "", RIG_RESTING, "60s");
		return;
	}
	put_instance(f, "pair", TANDEM_SOURCE_DIR "/strategies/executable_cross.lua", "BTC",
		     "params = { open_bp = 5, close_bp = -5, lots = 2, max_pos = 20 },", 1, "2s");
	if (o->runaway)
		put_instance(f, "runaway", "runaway.lua", "ETH", "", 1, "2s");
}

static void put_config(const struct rig_options *o, const struct mini *m)
{
	char path[512];
	snprintf(path, sizeof path, "%s/bench.lua", o->dir);
	FILE *f = fopen(path, "w");
	if (!f) {
		perror(path);
		exit(1);
	}
	fprintf(f, "return {\n  venues = {\n");
	for (unsigned k = 0; k < mini_market_max; k++)
		put_venue(f, &m[0], k, "");
	for (unsigned k = 0; o->resting && k < mini_market_max; k++)
		put_venue(f, &m[1], k, "2");
	put_accounts(f, o);
	fprintf(f, "  },\n  instruments = {\n");
	put_instrument(f, "S.BTC", "spot", "BTC", true);
	put_instrument(f, "U.BTC", "usdm", "BTC", false);
	put_instrument(f, o->resting ? "S.BTC2" : "S.ETH", o->resting ? "spot2" : "spot",
		       o->resting ? "BTC" : "ETH", true);
	put_instrument(f, o->resting ? "U.BTC2" : "U.ETH", o->resting ? "usdm2" : "usdm",
		       o->resting ? "BTC" : "ETH", false);
	fprintf(f, "  },\n  strategies = {\n");
	put_instances(f, o);
	fprintf(f,
		"  },\n  risk = { max_order_notional = 1000000, max_position_notional = 10000000, max_position_base = 100,\n"
		"    max_imbalance_base = 1, residual_tolerance_base = \"0.0005\", collar = \"100bp\", max_age = \"2s\", max_skew = \"1s\", max_clock_bound = \"0s\",\n"
		"    messages_per_s = 100000, max_pairs_in_flight = 1000, max_rejects_per_min = 100000, cool_down = \"0s\" },\n"
		"  store = { path = \"db\", ring_bytes = \"256MiB\" },\n  engine = { spin = true },\n}\n");
	fclose(f);
}

static void put_files(const struct rig_options *o, const struct mini *m)
{
	put_file(o->dir, "key", 0600,
		 "bench-key-0123456789abcdef0123456789abcdef0123456789abcdef012345\n");
	put_file(
		o->dir, "secret", 0600,
		o->ed25519
			? "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n"
			  "-----END PRIVATE KEY-----\n"
			: "bench-secret-0123456789abcdef0123456789abcdef0123456789abcdef012\n");
	put_file(o->dir, "runaway.lua", 0644, runaway);
	put_file(o->dir, "resting.lua", 0644, resting);
	put_config(o, m);
}

/* ---- the moments of an answer; the ports are where they can be seen ---- */

static struct rig *stamped; /* one rig at a time takes stamps: port tables have no owner */
static struct env_ops env_ops_real, env_ops_stamped;
static struct strategy_ops script_ops_real, script_ops_stamped;
static struct venue_ops venue_ops_real, venue_ops_stamped[mini_market_max];
static void (*on_quote_real)(void *, uint32_t, const struct quote *);

static void stamp_quote(void *core, uint32_t instrument, const struct quote *q)
{
	stamped->stamp[STAMP_READ] = q->recv_ns;
	stamped->stamp[STAMP_DECODED] = bench_ns();
	on_quote_real(core, instrument, q);
	stamped->stamp[STAMP_FED] = bench_ns();
	stamped->placed = 0;
}

static int stamp_run(struct strategy *s, const struct strat_self *self,
		     const struct strat_event *ev, struct proposal *out, unsigned cap)
{
	stamped->stamp[STAMP_CALLED] = bench_ns();
	int n = script_ops_real.run(s, self, ev, out, cap);
	stamped->stamp[STAMP_PROPOSED] = bench_ns();
	return n;
}

static int stamp_place(struct venue *v, const struct order *o)
{
	enum rig_stamp in = stamped->placed ? STAMP_LEG_B_IN : STAMP_DECIDED;
	enum rig_stamp done = stamped->placed ? STAMP_LEG_B : STAMP_LEG_A;
	stamped->stamp[in] = bench_ns();
	int rc = venue_ops_real.place(v, o);
	stamped->stamp[done] = bench_ns();
	stamped->placed++;
	return rc;
}

static void stamp_flush(struct env *e)
{
	struct rig *r = stamped;
	if (r->placed != 2) {
		env_ops_real.flush(e);
		return;
	}
	r->stamp[STAMP_FLUSH] = bench_ns();
	env_ops_real.flush(e);
	r->stamp[STAMP_SENT] = bench_ns();
	r->placed = 0;
	memcpy(r->last, r->stamp, sizeof r->last);
	atomic_fetch_add(&r->answers, 1);
}

static void take_stamps(struct rig *r, struct venue_host *vh)
{
	stamped = r;
	on_quote_real = vh->on_quote;
	vh->on_quote = stamp_quote;
	env_ops_real = env_ops_stamped = *r->env->ops;
	env_ops_stamped.flush = stamp_flush;
	r->env->ops = &env_ops_stamped;
	script_ops_real = script_ops_stamped = *r->script[0]->ops;
	script_ops_stamped.run = stamp_run;
	r->script[0]->ops = &script_ops_stamped;
}

static struct venue_ops one_by_one[RIG_VENUES];

static void take_mass_cancel(struct venue *v, uint16_t k)
{
	one_by_one[k] = *v->ops;
	one_by_one[k].cancel_all = NULL;
	v->ops = &one_by_one[k];
}

static void stamp_venue(struct venue *v, enum mini_market k)
{
	venue_ops_real = venue_ops_stamped[k] =
		*v->ops; /* place is the same function for both markets */
	venue_ops_stamped[k].place = stamp_place;
	v->ops = &venue_ops_stamped[k];
}

const char *rig_stamp_name(enum rig_stamp s)
{
	static const char *const name[] = { "read",	      "decode",	  "feed",
					    "turn_and_basis", "script",	  "risk_and_facts",
					    "encode_a",	      "between",  "encode_b",
					    "last_facts",     "two_sends" };
	_Static_assert(sizeof name / sizeof *name == rig_stamp_max, "a name for each");
	return s < rig_stamp_max ? name[s] : "?";
}

/* ---- wiring ---- */

static void learn(struct rig *r, enum name_space space, const char *text, uint32_t *id)
{
	bool is_new;
	if (store_name(r->store, space, text, id, &is_new))
		die(text);
}

static void learn_names(struct rig *r)
{
	struct config *c = r->cfg;
	r->names = (struct desk_names){ .venue = calloc(c->n_venues, 4),
					.account = calloc(c->n_accounts, 4),
					.instance = calloc(c->n_instances, 4),
					.script = calloc(c->n_instances, 4),
					.asset = calloc(ASSET_MAX, 4) };
	for (unsigned i = 0; i < c->n_venues; i++)
		learn(r, NAME_VENUE, c->venue[i].name, &r->names.venue[i]);
	for (unsigned i = 0; i < c->n_accounts; i++)
		learn(r, NAME_ACCOUNT, c->account[i].name, &r->names.account[i]);
	for (uint32_t i = 0; i < c->n_instruments; i++)
		learn(r, NAME_INSTRUMENT, c->instrument[i].name, &c->instrument[i].name_id);
	for (asset_id i = 1; i < c->assets.n; i++)
		learn(r, NAME_ASSET, c->assets.name[i], &r->names.asset[i]);
	for (unsigned i = 0; i < c->n_instances; i++) {
		char hex[DIGEST_HEX];
		digest_hex(r->script[i]->sha256, DIGEST_LEN, hex);
		learn(r, NAME_INSTANCE, c->instance[i].name, &r->names.instance[i]);
		learn(r, NAME_SCRIPT, hex, &r->names.script[i]);
	}
}

static void open_scripts(struct rig *r)
{
	struct lua_host_options o = { .budget_ns = r->cfg->engine.script_budget_ns,
				      .kill_strikes = 1000000 };
	if (lua_host_init(&o, &r->lua))
		die("scripts");
	for (unsigned i = 0; i < r->cfg->n_instances; i++) {
		struct config_instance *in = &r->cfg->instance[i];
		struct lua_instance_options x = { .name = in->name,
						  .file = in->file,
						  .config_file = r->cfg->file,
						  .n_legs = in->n_legs,
						  .leg_name = in->leg_name,
						  .param = in->param,
						  .n_params = in->n_params,
						  .seed = 1 };
		if (lua_host_load(r->lua, &x, &r->script[i]))
			die(in->name);
	}
}

static void open_parts(struct rig *r)
{
	char path[512];
	static struct config_errors errs;
	snprintf(path, sizeof path, "%s/bench.lua", r->o.dir);
	if (config_read(path, &r->cfg, &errs)) {
		config_errors_print(&errs, stderr);
		exit(1);
	}
	const struct config_store *c = &r->cfg->store;
	struct store_options so = { .path = c->path, .ring = c->ring, .ring_bytes = c->ring_bytes };
	if (store_open(&so, &r->store))
		die("store");
	snprintf(path, sizeof path, "%s/status", c->path);
	struct env_live_opt eo = { .spin = true, .delay_acks = true };
	if (status_page_open(path, &r->page) || env_live_open(&eo, &r->env))
		die("world");
	open_scripts(r);
	learn_names(r);
}

static void open_engine(struct rig *r)
{
	struct engine_parts parts = { .cfg = r->cfg,
				      .instrument = r->cfg->instrument,
				      .env = r->env,
				      .journal = r->o.no_journal ? forgetful_journal()
								 : store_journal(r->store),
				      .kv = store_kv(r->store),
				      .page = r->page,
				      .names = r->names,
				      .epoch = 1 };
	if (engine_open(&parts, &r->engine))
		die("engine");
	struct venue_host vh = engine_venue_host(r->engine);
	if (r->o.stamps)
		take_stamps(r, &vh);
	for (uint16_t i = 0; i < r->cfg->n_instances; i++)
		engine_set_script(r->engine, i, r->script[i]);
	for (uint16_t v = 0; v < r->cfg->n_venues; v++) {
		if (venues_open(r->cfg, v, &vh, &r->venue[v]))
			die("venue");
		engine_set_venue(r->engine, v, r->venue[v]);
		if (r->o.stamps)
			stamp_venue(r->venue[v], v);
		if (r->o.no_mass_cancel)
			take_mass_cancel(r->venue[v], v);
	}
}

static bool is_ready(const struct rig *r, struct desk *d)
{
	for (uint16_t v = 0; v < r->cfg->n_venues; v++)
		if (r->venue[v]->state != VENUE_UP || !d->venue[v].reconciled)
			return false;
	for (uint32_t i = 0; i < r->cfg->n_instruments; i++)
		if (d->feed[i].top.state != BOOK_LIVE)
			return false;
	return true;
}

static void count_troubles(struct rig *r)
{
	struct rusage u;
	if (getrusage(RUSAGE_THREAD, &u))
		return;
	atomic_store(&r->faults, u.ru_minflt);
	atomic_store(&r->preempted, u.ru_nivcsw);
}

static unsigned open_orders(struct desk *d)
{
	unsigned n = 0;
	uint32_t i = 0;
	for (const struct order *o; (o = blotter_each_open(&d->blotter, &i));)
		n += o->state == ORDER_LIVE;
	return n;
}

static void turns(struct rig *r)
{
	struct desk *d = engine_desk(r->engine);
	int64_t idle_ns = 0;
	for (int mode;
	     (mode = atomic_load_explicit(&r->mode, memory_order_acquire)) != RIG_ENDING;) {
		if (mode == RIG_PARKED)
			count_troubles(r);
		atomic_store_explicit(&r->parked, mode == RIG_PARKED, memory_order_release);
		if (mode == RIG_PARKED) {
			sem_wait(&r->go);
			continue;
		}
		engine_turn(r->engine, engine_wake_ns(r->engine));
		atomic_store_explicit(&r->hedged, d->stat.hedged, memory_order_relaxed);
		atomic_store_explicit(&r->ended, d->stat.hedged + d->stat.flat,
				      memory_order_release);
		if (r->o.resting)
			atomic_store_explicit(&r->open, open_orders(d), memory_order_release);
		atomic_store_explicit(&r->kills, r->script[1] ? r->script[1]->kills : 0,
				      memory_order_release);
		if (!atomic_load_explicit(&r->ready, memory_order_relaxed))
			atomic_store_explicit(&r->ready, is_ready(r, d), memory_order_release);
		if (d->now.mono_ns - idle_ns < IDLE_EVERY_NS)
			continue;
		idle_ns = d->now.mono_ns;
		for (unsigned i = 0; i < r->cfg->n_instances; i++)
			lua_host_idle(r->script[i]);
	}
}

static void *host_thread(void *arg)
{
	struct rig *r = arg;
	if (r->o.core >= 0)
		bench_keep_off(r->o.core,
			       r->o.feeder_core); /* the writer and the watchdog inherit it */
	open_parts(r);
	r->pinned = r->o.core >= 0 && bench_pin(r->o.core);
	open_engine(r);
	if (engine_start(r->engine))
		die("start");
	turns(r);
	engine_stop(r->engine);
	for (unsigned v = 0; v < r->cfg->n_venues; v++)
		r->venue[v]->ops->free(r->venue[v]);
	engine_free(r->engine);
	for (unsigned i = 0; i < r->cfg->n_instances; i++)
		r->script[i]->ops->free(r->script[i]);
	lua_host_free(r->lua);
	r->env->ops->free(r->env);
	char ring[256]; /* in shared memory it would outlive its folder */
	snprintf(ring, sizeof ring, "%s", store_ring_path(r->store));
	if (store_close(r->store))
		fprintf(stderr, "host_rig: %s\n", err_text());
	unlink(ring);
	status_page_close(r->page);
	free(r->names.venue);
	free(r->names.account);
	free(r->names.instance);
	free(r->names.script);
	free(r->names.asset);
	config_free(r->cfg);
	return NULL;
}

void rig_open(struct rig *r, const struct rig_options *o, const struct mini *m)
{
	*r = (struct rig){ .o = *o, .n_minis = o->resting ? 2 : 1 };
	sem_init(&r->go, 0, 0);
	put_files(o, m);
	atomic_store(&r->mode, RIG_RUNNING);
}

void rig_start(struct rig *r, struct mini *m)
{
	if (pthread_create(&r->thread, NULL, host_thread, r))
		die("thread");
	int64_t until = bench_ns() + 20000000000;
	bool told[2] = { false, false };
	while (!atomic_load(&r->ready)) {
		for (unsigned k = 0; k < r->n_minis; k++) {
			mini_serve(&m[k]);
			if (told[k] || !mini_host_is_up(&m[k]))
				continue;
			told[k] = true;
			for (unsigned s = 0; s < (r->o.resting ? 1u : MINI_SYMBOLS); s++) {
				mini_start_book(&m[k], MINI_SPOT, s);
				mini_start_book(&m[k], MINI_USDM, s);
			}
		}
		if (bench_ns() > until) {
			fprintf(stderr, "host_rig: the host did not come up\n");
			exit(1);
		}
	}
}

void rig_run(struct rig *r)
{
	atomic_store_explicit(&r->mode, RIG_RUNNING, memory_order_release);
	sem_post(&r->go);
	while (atomic_load_explicit(&r->parked, memory_order_acquire))
		;
}

void rig_park(struct rig *r)
{
	atomic_store_explicit(&r->mode, RIG_PARKED, memory_order_release);
	while (!atomic_load_explicit(&r->parked, memory_order_acquire))
		;
}

void rig_close(struct rig *r)
{
	atomic_store(&r->mode, RIG_ENDING);
	sem_post(&r->go);
	pthread_join(r->thread, NULL);
}
