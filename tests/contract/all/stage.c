#include "tests/contract/all/stage.h"

#include "core/base/err.h"
#include "core/cmd/venues.h"
#include "core/trade/recover.h"
#include "tests/unit/suite.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EVERY_MS 20
#define LARGE	 (1 << 20)

const char stage_good_book[] =
	"{\"lastUpdateId\":#,\"bids\":[[\"BID\",\"1.5\"]],\"asks\":[[\"ASK\",\"1.5\"]]}";
const char stage_good_info[] =
	"{\"symbols\":[{\"symbol\":\"BTCUSDT\",\"status\":\"TRADING\",\"orderTypes\":[\"LIMIT\",\"MARKET\"],\"timeInForce\":[\"GTC\",\"IOC\",\"FOK\",\"GTX\"],"
	"\"filters\":[{\"filterType\":\"PRICE_FILTER\",\"tickSize\":\"0.10\"},"
	"{\"filterType\":\"LOT_SIZE\",\"minQty\":\"0.001\",\"maxQty\":\"100\",\"stepSize\":\"0.001\"}]}]}";
static const char quote_text[] =
	"{\"e\":\"bookTicker\",\"u\":@,\"s\":\"BTCUSDT\",\"b\":\"BID\",\"B\":\"1.QTY\",\"a\":\"ASK\",\"A\":\"1.QTY\"}";
static const char depth_text[] =
	"{\"e\":\"depthUpdate\",\"E\":NOW,\"s\":\"BTCUSDT\",\"U\":@,\"u\":@,\"pu\":#,\"b\":[[\"BID\",\"1.QTY\"]],\"a\":[[\"ASK\",\"1.QTY\"]]}";

static void wrong(struct stage *s, const char *what)
{
	if (!s->wrong++)
		snprintf(s->what, sizeof s->what, "%s", what);
}

/* ---- the market's words ---- */

/* The venue's time: its stamps and its answers go with it. */
static int64_t now_ms(const struct stage_market *m)
{
	struct env_now now;
	env_now(m->peer.env, &now);
	return now.utc_ns / STAGE_MS;
}

static void set_time(struct stage_market *x, enum stage_market_id m)
{
	snprintf(x->time_text, sizeof x->time_text, "{\"serverTime\":%lld}", (long long)now_ms(x));
	peer_script(&x->peer, m == SPOT ? "GET /api/v3/time" : "GET /fapi/v1/time", 200,
		    x->time_text);
}

/* A text with the numbers and prices of the moment; to be freed. */
static char *filled(const struct stage_market *m, const char *text)
{
	size_t n = 0, cap = strlen(text) * 4 + 64;
	char *out = malloc(cap), number[24];
	EXPECT(out);
	for (const char *p = text; *p;) {
		const char *word = NULL;
		size_t used = 1;
		snprintf(number, sizeof number, "%lld", (long long)(m->seq + (*p == '@')));
		if (*p == '@' || *p == '#')
			word = number;
		else if (!strncmp(p, "BID", used = 3))
			word = m->bid;
		else if (!strncmp(p, "ASK", 3))
			word = m->ask;
		else if (!strncmp(p, "NOW", 3)) {
			snprintf(number, sizeof number, "%lld", (long long)now_ms(m));
			word = number;
		} else if (!strncmp(p, "QTY", 3)) {
			snprintf(number, sizeof number, "%lld", 100 + (long long)(m->seq % 9));
			word = number;
		}
		if (!word) {
			out[n++] = *p++;
			EXPECT(n < cap);
			continue;
		}
		size_t k = strlen(word);
		EXPECT(n + k < cap);
		memcpy(out + n, word, k);
		n += k;
		p += used;
	}
	out[n] = '\0';
	return out;
}

static void set_book(struct stage *s, enum stage_market_id m)
{
	struct stage_market *x = &s->market[m];
	bool large = x->book && strnlen(x->book, LARGE) == LARGE; /* nothing to fill in */
	char *text = x->book && !large ? filled(x, x->book) : NULL;
	peer_script(&x->peer, m == SPOT ? "GET /api/v3/depth" : "GET /fapi/v1/depth",
		    x->book_status, large ? x->book : text);
	free(x->book_text);
	x->book_text = text;
}

void stage_say(struct stage *s, enum stage_market_id m, enum peer_door door, const char *text)
{
	char *t = filled(&s->market[m], text);
	peer_say(&s->market[m].peer, door, t);
	free(t);
}

static void sense(struct stage *s, enum stage_market_id m)
{
	struct stage_market *x = &s->market[m];
	if (!x->quiet) {
		stage_say(s, m, DOOR_STREAM, quote_text);
		stage_say(s, m, DOOR_STREAM, depth_text);
		x->seq++;
	}
	set_book(s, m);
	set_time(x, m);
}

/* ---- the host's script, and its journal ---- */

static bool all_live(const struct stage *s)
{
	return stage_live(s, SPOT) && stage_live(s, USDM);
}

static struct stage *of_script(struct strategy *x)
{
	return (struct stage *)(void *)((char *)x - offsetof(struct stage, script));
}

static int propose(struct strategy *x, const struct strat_self *self, const struct strat_event *ev,
		   struct proposal *out, unsigned cap)
{
	struct stage *s = of_script(x);
	(void)self;
	EXPECT(ev->kind == STRAT_BASIS && ev->basis->ok && cap > 0);
	for (int m = 0; m < stage_market_max; m++)
		if (desk_top(engine_desk(s->engine), (uint32_t)m)->state != BOOK_LIVE)
			wrong(s, "a script was asked while a book was not LIVE");
	s->proposals++;
	out[0] = (struct proposal){ .kind = PROPOSE_PAIR,
				    .tif = TIF_IOC,
				    .n_legs = 2,
				    .leg = { 0, 1 },
				    .side = { SIDE_BUY, SIDE_SELL },
				    .lots = 1,
				    .reason = "always" };
	return 1;
}

static uint32_t hooks(const struct strategy *x)
{
	(void)x;
	return 1u << STRAT_BASIS;
}

static void nothing(struct strategy *x)
{
	(void)x;
}

static const struct strategy_ops script_ops = { .run = propose, .hooks = hooks, .free = nothing };

static struct stage *of_journal(struct journal *j)
{
	return (struct stage *)(void *)((char *)j - offsetof(struct stage, journal));
}

static uint64_t append(struct journal *j, struct fact *f)
{
	struct stage *s = of_journal(j);
	if (f->kind == FACT_ORDER && !f->num[2]) {
		const struct desk *d = engine_desk(s->engine);
		unsigned m = f->instrument - s->in[0].name_id;
		int64_t good[side_max] = { m == SPOT ? 6000000 : 6010000,
					   m == SPOT ? 6000010 : 6010010 };
		if (!all_live(s) || desk_top(d, m)->state != BOOK_LIVE)
			wrong(s, "an order was made while a book was not LIVE");
		if (f->num[5] != good[f->side ^ 1])
			wrong(s, "an order was made at a price that the market never meant");
	}
	s->facts[f->kind]++;
	return s->append_ops->append(j, f);
}

/* ---- wiring ---- */

static void put_file(const struct stage *s, const char *name, const char *text, char path[256])
{
	snprintf(path, 256, "%s/%s", s->folder, name);
	int fd = open(path, O_CREAT | O_WRONLY | O_EXCL, 0600);
	ck_assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static void fill_venue(struct stage *s, enum stage_market_id m)
{
	static const uint8_t door[venue_url_max] = { [URL_STREAM] = DOOR_STREAM,
						     [URL_API] = DOOR_API,
						     [URL_REST] = DOOR_REST,
						     [URL_USER] = DOOR_USER };
	struct config_venue *v = &s->cv[m];
	*v = (struct config_venue){ .recv_window_ns = 5000 * STAGE_MS,
				    .connect_timeout_ns = 1000 * STAGE_MS,
				    .answer_timeout_ns = 500 * STAGE_MS,
				    .settle_ns = 1000 * STAGE_MS,
				    .backoff_min_ns = 100 * STAGE_MS,
				    .backoff_max_ns = 2000 * STAGE_MS,
				    .feed_silence_ns = 10000 * STAGE_MS,
				    .stamp_grain_ns = STAGE_MS,
				    .messages_per_s = 1000,
				    .reserve_pct = 20 };
	snprintf(v->name, sizeof v->name, "%s", m == SPOT ? "spot" : "usdm");
	snprintf(v->adapter, sizeof v->adapter, "binance_%s", v->name);
	for (int u = 0; u < venue_url_max; u++) {
		snprintf(v->url[u].host, sizeof v->url[u].host, "127.0.0.1");
		v->url[u].port = (uint16_t)(PEER_PORT + 10 * (int)m + door[u]);
	}
	snprintf(v->url[URL_API].path, sizeof v->url[URL_API].path, "/ws-api/v3");
	struct config_account *a = &s->ca[m];
	*a = (struct config_account){ .venue = (uint16_t)m };
	snprintf(a->name, sizeof a->name, "acc%d", m);
	char name[32];
	snprintf(name, sizeof name, "key%d", m);
	put_file(s, name, "thekey\n", a->api_key_file);
	snprintf(name, sizeof name, "secret%d", m);
	put_file(s, name, "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j",
		 a->secret_file);
	struct instrument *in = &s->in[m];
	*in = (struct instrument){
		.name_id = 30 + (uint32_t)m,
		.venue = (uint16_t)m,
		.px_dp = 2,
		.qty_dp = 3,
		.base = asset_intern(&s->cfg.assets, "BTC"),
		.quote = asset_intern(&s->cfg.assets, "USDT"),
		.settle = asset_intern(&s->cfg.assets, "USDT"),
		.expo = { .kind = m == SPOT ? EXPO_SPOT : EXPO_LINEAR, .num = 1, .den = 1 }
	};
	snprintf(in->name, sizeof in->name, "%s.BTCUSDT", v->name);
	snprintf(in->symbol, sizeof in->symbol, "BTCUSDT");
}

static void fill_config(struct stage *s)
{
	struct config *c = &s->cfg;
	c->assets.n = 1;
	for (int m = 0; m < stage_market_max; m++)
		fill_venue(s, (enum stage_market_id)m);
	struct config_instance *ci = s->ci;
	*ci = (struct config_instance){ .n_legs = 2,
					.max_pairs_in_flight = 1,
					.rescue_budget_e8 = 100000000000,
					.limits = { .leg_timeout_ns = 500 * STAGE_MS,
						    .pair_timeout_ns = 10000 * STAGE_MS,
						    .max_slip_tick = 5,
						    .max_unwind_slip_tick = 1000,
						    .on_leg_fail = LEG_FAIL_CHEAPEST } };
	snprintf(ci->name, sizeof ci->name, "always");
	for (uint16_t l = 0; l < 2; l++) {
		ci->leg[l] = l;
		ci->account[l] = l;
		ci->ratio_num[l] = ci->ratio_den[l] = 1;
	}
	c->n_venues = c->n_accounts = stage_market_max;
	c->n_instruments = stage_market_max;
	c->n_instances = 1;
	c->venue = s->cv;
	c->account = s->ca;
	c->instrument = s->in;
	c->instance = s->ci;
	c->risk.max_age_ns = 2000 * STAGE_MS;
}

static void open_market(struct stage *s, enum stage_market_id m)
{
	struct stage_market *x = &s->market[m];
	struct peer *p = &x->peer;
	ck_assert_int_eq(env_sim_add(s->sim, s->cv[m].name, &x->env), 0);
	peer_open(p, x->env, (uint16_t)(PEER_PORT + 10 * (int)m));
	peer_script_good(p);
	p->forgetful = true;
	x->seq = 1000;
	x->bid = m == SPOT ? "60000.00" : "60100.00";
	x->ask = m == SPOT ? "60000.10" : "60100.10";
	x->book = stage_good_book;
	x->book_status = 200;
	peer_script(p, m == SPOT ? "GET /api/v3/exchangeInfo" : "GET /fapi/v1/exchangeInfo", 200,
		    stage_good_info);
	peer_script(
		p, "account.status", 200,
		"\"result\":{\"balances\":[{\"asset\":\"USDT\",\"free\":\"90000000\",\"locked\":\"0\"}]}");
	peer_script(
		p, "v2/account.balance", 200,
		"\"result\":[{\"asset\":\"USDT\",\"balance\":\"90000000\",\"availableBalance\":\"90000000\"}]");
	peer_script(p, "v2/account.position", 200, "\"result\":[]");
	peer_script(
		p, "order.place", 400,
		"\"error\":{\"code\":-2010,\"msg\":\"Account has insufficient balance for requested action.\"}");
	peer_script(p, "order.status", 400,
		    "\"error\":{\"code\":-2013,\"msg\":\"Order does not exist.\"}");
	set_book(s, m);
	set_time(x, m);
}

static void open_engine(struct stage *s)
{
	for (uint32_t i = 0; i < 64; i++)
		s->name[i] = 100 + i;
	struct engine_parts parts = { .cfg = &s->cfg,
				      .instrument = s->in,
				      .env = s->host,
				      .journal = &s->journal.journal,
				      .kv = &s->journal.kv,
				      .names = { .venue = s->name,
						 .account = s->name,
						 .instance = s->name,
						 .script = s->name,
						 .asset = s->name },
				      .epoch = 1 };
	ck_assert_int_eq(engine_open(&parts, &s->engine), 0);
	s->script = (struct strategy){ .ops = &script_ops,
				       .name = "always",
				       .n_legs = 2,
				       .conv = { { .k = 1 }, { .k = 1 } } };
	engine_set_script(s->engine, 0, &s->script);
	struct venue_host host = engine_venue_host(s->engine);
	for (uint16_t v = 0; v < stage_market_max; v++) {
		ck_assert_msg(!venues_open(&s->cfg, v, &host, &s->venue[v]), "%s", err_text());
		engine_set_venue(s->engine, v, s->venue[v]);
	}
	struct recover r;
	ck_assert_int_eq(recover_begin(&r, engine_desk(s->engine)), 0);
	ck_assert_int_eq(recover_end(&r), 0);
}

struct stage *stage_open(void)
{
	static struct journal_ops ops;
	struct stage *s = calloc(1, sizeof *s);
	ck_assert_ptr_nonnull(s);
	strcpy(s->folder, "/tmp/contract.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(s->folder));
	struct env_sim_opt o = { .seed = 5, .delay_ns = STAGE_MS, .max_chans = 128 };
	ck_assert_int_eq(env_sim_open(&o, &s->sim), 0);
	ck_assert_int_eq(env_sim_add(s->sim, "host", &s->host), 0);
	ck_assert_int_eq(mem_journal_init(&s->journal, 100000), 0);
	s->append_ops = s->journal.journal.ops;
	ops = *s->append_ops;
	ops.append = append;
	s->journal.journal.ops = &ops;
	fill_config(s);
	for (int m = 0; m < stage_market_max; m++)
		open_market(s, (enum stage_market_id)m);
	open_engine(s);
	return s;
}

void stage_free(struct stage *s)
{
	for (int m = 0; m < stage_market_max; m++) {
		s->venue[m]->ops->free(s->venue[m]);
		unlink(s->ca[m].api_key_file);
		unlink(s->ca[m].secret_file);
		peer_free(&s->market[m].peer);
		free(s->market[m].book_text);
	}
	engine_free(s->engine);
	env_sim_free(s->sim);
	mem_journal_free(&s->journal);
	rmdir(s->folder);
	free(s);
}

/* ---- time ---- */

void stage_start(struct stage *s)
{
	ck_assert_int_eq(engine_start(s->engine), 0);
	env_flush(s->host);
}

void stage_run(struct stage *s, int64_t ms)
{
	int64_t until = env_sim_now(s->sim) + ms * STAGE_MS;
	for (struct env *e; (e = env_sim_step(s->sim, until));) {
		if (e == s->host) {
			engine_turn(s->engine, engine_wake_ns(s->engine));
			continue;
		}
		env_poll(e, INT64_MAX);
		env_flush(e);
	}
}

void stage_talk(struct stage *s, int64_t ms)
{
	for (int64_t t = 0; t < ms; t += EVERY_MS) {
		for (int m = 0; m < stage_market_max; m++)
			sense(s, (enum stage_market_id)m);
		stage_run(s, EVERY_MS);
	}
}

int64_t stage_until_trading(struct stage *s, int64_t max_ms)
{
	unsigned orders = stage_count(s, FACT_ORDER);
	for (int64_t t = 0; t < max_ms; t += EVERY_MS) {
		if (all_live(s) && stage_count(s, FACT_ORDER) > orders)
			return t;
		stage_talk(s, EVERY_MS);
	}
	return -1;
}

/* ---- looking ---- */

bool stage_live(const struct stage *s, enum stage_market_id m)
{
	return s->venue[m]->state == VENUE_UP &&
	       desk_top(engine_desk(s->engine), (uint32_t)m)->state == BOOK_LIVE;
}

uint64_t stage_bad_inputs(const struct stage *s)
{
	return engine_desk(s->engine)->stat.bad_inputs;
}

unsigned stage_count(const struct stage *s, enum fact_kind k)
{
	return s->facts[k];
}

const struct fact *stage_last(const struct stage *s, enum fact_kind k)
{
	for (uint64_t i = s->journal.n; i-- > 0;)
		if (s->journal.fact[i].kind == k)
			return &s->journal.fact[i];
	return NULL;
}
