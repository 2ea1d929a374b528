/* Two simulated venues and a host in a simulated world: connections, requests signed with the venue's own key files, everything that arrives kept. */
#pragma once
#include "adapters/sim/server.h"
#include "core/base/err.h"
#include "core/io/env_sim.h"
#include "core/io/http_client.h"
#include "tests/unit/sim/wire_fixture.h"
#include <ftw.h>

#define MS	1000000ll
#define SECOND	1000000000ll
#define KEPT	8192
#define CLIENTS 8

enum { SPOT, USDM };

struct client {
	struct ws ws;
	bool open, closed;
	uint16_t code;
	int n, seen;
	char *text[KEPT];
	int64_t at_ns[KEPT];
	struct env *env;
};

struct server_fixture {
	struct venue_setup setup;
	struct env_sim *world;
	struct env *venue, *host;
	struct server server;
	struct client client[CLIENTS];
	struct http_client http;
	bool asked;
	int status;
	char *body;
	char dir[64];
};

static inline void client_open(void *owner, struct ws *ws)
{
	(void)ws;
	((struct client *)owner)->open = true;
}

static inline void client_text(void *owner, struct ws *ws, const char *p, size_t n, int64_t recv_ns)
{
	(void)ws;
	struct client *c = owner;
	ck_assert_int_lt(c->n, KEPT);
	c->at_ns[c->n] = recv_ns;
	c->text[c->n++] = strndup(p, n);
}

static inline void client_close(void *owner, struct ws *ws, int err, uint16_t code, const char *why)
{
	(void)ws, (void)err, (void)why;
	struct client *c = owner;
	c->closed = true;
	c->open = false;
	c->code = code;
}

static const struct ws_handler client_handler = { .on_open = client_open,
						  .on_text = client_text,
						  .on_close = client_close };

static inline void fixture_symbol(struct venue_setup *u, struct setup_venue *v)
{
	bool spot = v->kind == MARKET_SPOT;
	struct instrument *i = &v->instrument[0];
	*i = (struct instrument){ .px_dp = spot ? 2 : 1,
				  .qty_dp = spot ? 5 : 3,
				  .expo = { spot ? EXPO_SPOT : EXPO_LINEAR, 1, 1 },
				  .caps.types = 7,
				  .caps.tifs = 7 };
	strcpy(i->name, spot ? "SPOT.BTCUSDT" : "USDM.BTCUSDT");
	strcpy(i->symbol, "BTCUSDT");
	i->base = asset_intern(&u->assets, "BTC");
	i->quote = i->settle = asset_intern(&u->assets, "USDT");
	struct rule r = { .tick = 1,
			  .lot = 1,
			  .min_qty = 1,
			  .margin_e8 = 5000000,
			  .fee = { .maker_e8 = 20000,
				   .taker_e8 = 50000,
				   .close_today_e8 = -1,
				   .close_today_per_lot_e8 = -1 } };
	ck_assert_int_eq(instrument_add_rule(i, &r), 0);
	v->n_instruments = 1;
}

static inline void fixture_setup(struct venue_setup *u, const char *dir)
{
	static const char *const names[] = { "spot", "usdm" };
	*u = (struct venue_setup){
		.n_venues = 2, .seed = 11, .speed_milli = 1000, .plaintext = true
	};
	snprintf(u->dir, sizeof u->dir, "%s", dir);
	u->assets.n = 1;
	for (int k = 0; k < 2; k++) {
		struct setup_venue *v = &u->venue[k];
		strcpy(v->name, names[k]);
		v->kind = (uint8_t)k;
		v->port = (uint16_t)(7001 + k);
		knobs_config_init(&v->knobs);
		fixture_symbol(u, v);
		strcpy(v->account[0].name, "main");
		v->account[0].leverage = 10;
		v->account[0].n_deposits = 2;
		v->account[0].deposit[0].asset = asset_find(&u->assets, "USDT");
		v->account[0].deposit[0].amount_e8 = E8(1000000);
		v->account[0].deposit[1].asset = asset_find(&u->assets, "BTC");
		v->account[0].deposit[1].amount_e8 = E8(10);
		v->n_accounts = 1;
	}
}

static inline void fixture_start(struct server_fixture *x)
{
	ck_assert_int_eq(env_sim_add(x->world, "venue", &x->venue), 0);
	int rc = server_open(&x->server, &x->setup, x->venue, NULL);
	ck_assert_msg(rc == 0, "%s", err_text());
}

/* The process dies: nothing is said to anybody. */
static inline void fixture_stop(struct server_fixture *x)
{
	server_close(&x->server);
	x->venue->ops->free(x->venue);
	x->venue = NULL;
}

static inline struct server_fixture *server_fixture_new(void (*adapt)(struct venue_setup *u))
{
	struct server_fixture *x = calloc(1, sizeof *x);
	strcpy(x->dir, "/tmp/tandem-venue-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(x->dir));
	fixture_setup(&x->setup, x->dir);
	if (adapt)
		adapt(&x->setup);
	const struct env_sim_opt o = { .seed = 5, .delay_ns = 100000 };
	ck_assert_int_eq(env_sim_open(&o, &x->world), 0);
	ck_assert_int_eq(env_sim_add(x->world, "host", &x->host), 0);
	ck_assert_int_eq(http_client_init(&x->http, x->host, 1u << 20, 8192), 0);
	for (int i = 0; i < CLIENTS; i++)
		ck_assert_int_eq(ws_init(&x->client[i].ws, x->host,
					 &(struct ws_opt){ .cap = 1u << 20 }, &client_handler,
					 &x->client[i]),
				 0);
	fixture_start(x);
	return x;
}

static inline int fixture_remove_one(const char *path, const struct stat *st, int type,
				     struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static inline void server_fixture_free(struct server_fixture *x)
{
	for (int i = 0; i < CLIENTS; i++) {
		ws_free(&x->client[i].ws);
		while (x->client[i].n)
			free(x->client[i].text[--x->client[i].n]);
	}
	http_client_free(&x->http);
	server_close(&x->server);
	env_sim_free(x->world);
	free(x->body);
	nftw(x->dir, fixture_remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(x);
}

static inline void run_for(struct server_fixture *x, int64_t ns)
{
	int64_t until = env_sim_now(x->world) + ns;
	for (struct env *e; (e = env_sim_step(x->world, until));) {
		bool venue = e == x->venue;
		env_poll(e, venue ? server_next(&x->server) : INT64_MAX);
		if (venue)
			ck_assert_msg(server_turn(&x->server) == 0, "%s", err_text());
		env_flush(e);
	}
}

static inline struct client *dial(struct server_fixture *x, int at, int venue, const char *path)
{
	struct client *c = &x->client[at];
	struct env_peer p = { .port = x->server.venue[venue].port };
	strcpy(p.host, "localhost");
	c->closed = c->open = false;
	c->env = x->host;
	ck_assert_int_eq(ws_client_start(&c->ws, &p, path, NULL), 0);
	env_flush(x->host);
	run_for(x, 2 * MS);
	return c;
}

static inline void tell(struct client *c, const char *text)
{
	ck_assert_int_eq(ws_send_text(&c->ws, text, strlen(text)), 0);
	env_flush(c->env);
}

/* The next message that holds this text; NULL: none has come. Those before it are passed over. */
static inline const char *heard(struct client *c, const char *what)
{
	while (c->seen < c->n)
		if (strstr(c->text[c->seen++], what))
			return c->text[c->seen - 1];
	return NULL;
}

static inline void read_key(const struct server_fixture *x, int venue, const char *end,
			    char out[65])
{
	char path[160];
	snprintf(path, sizeof path, "%s/keys/%s_main.%s", x->dir, x->setup.venue[venue].name, end);
	FILE *f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fscanf(f, "%64s", out), 1);
	fclose(f);
}

/* params as "a=b c=d", sorted here, signed with the account's key. */
static inline void request(struct server_fixture *x, struct client *c, int venue,
			   const char *method, const char *params)
{
	char copy[1024], api[96], stamp[48], payload[2048] = "", json[4096], key[65], secret[65],
					     hex[65], *part[24];
	int n = 0;
	struct env_now now;
	env_now(x->host, &now);
	read_key(x, venue, "key", key);
	read_key(x, venue, "secret", secret);
	snprintf(api, sizeof api, "apiKey=%s", key);
	snprintf(stamp, sizeof stamp, "timestamp=%lld", (long long)(now.utc_ns / MS));
	snprintf(copy, sizeof copy, "%s", params);
	part[n++] = api;
	part[n++] = stamp;
	for (char *p = strtok(copy, " "); p; p = strtok(NULL, " "))
		part[n++] = p;
	qsort(part, (size_t)n, sizeof *part, by_name);
	int at = snprintf(json, sizeof json, "{\"id\":\"%s\",\"method\":\"%s\",\"params\":{",
			  method, method);
	for (int i = 0; i < n; i++) {
		char *eq = strchr(part[i], '=');
		snprintf(payload + strlen(payload), sizeof payload - strlen(payload), "%s%s",
			 i ? "&" : "", part[i]);
		at += snprintf(json + at, sizeof json - (size_t)at, "\"%.*s\":\"%s\",",
			       (int)(eq - part[i]), part[i], eq + 1);
	}
	hmac_hex(secret, payload, hex);
	snprintf(json + at, sizeof json - (size_t)at, "\"signature\":\"%s\"}}", hex);
	tell(c, json);
}

static inline void fixture_answer(void *owner, int err, const char *why,
				  const struct http_head *head, const uint8_t *body, size_t n)
{
	struct server_fixture *x = owner;
	(void)why;
	free(x->body);
	x->asked = true;
	x->status = err ? -1 : head->status;
	x->body = err ? strdup("") : strndup((const char *)body, n);
}

/* Asks over REST and waits for the answer, at most a second. */
static inline int rest_ask(struct server_fixture *x, int venue, const char *method,
			   const char *target, bool keyed)
{
	char key[65], header[128] = "";
	struct env_peer p = { .port = x->server.venue[venue].port };
	strcpy(p.host, "localhost");
	if (keyed) {
		read_key(x, venue, "key", key);
		snprintf(header, sizeof header, "X-MBX-APIKEY: %s\r\n", key);
	}
	x->asked = false;
	ck_assert_int_eq(http_client_ask(&x->http, &p, method, target, keyed ? header : NULL, NULL,
					 0, fixture_answer, x),
			 0);
	env_flush(x->host);
	for (int i = 0; i < 100 && !x->asked; i++)
		run_for(x, 10 * MS);
	if (!x->asked)
		http_client_cancel(&x->http);
	return x->asked ? x->status : 0;
}
