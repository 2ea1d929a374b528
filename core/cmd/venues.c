#include "core/cmd/venues.h"

#include "adapters/binance/binance.h"
#include "adapters/diff/diff.h"
#include "core/base/err.h"
#include <stdio.h>
#include <string.h>

#define ACCOUNTS_A_VENUE 16

static void endpoint(const struct config_venue *v, enum venue_url which,
		     struct binance_endpoint *out)
{
	const struct config_url *u = &v->url[which];
	*out = (struct binance_endpoint){ .peer = { .port = u->port, .tls = u->tls } };
	snprintf(out->peer.host, sizeof out->peer.host, "%s", u->host);
	snprintf(out->peer.ca_file, sizeof out->peer.ca_file, "%s", v->ca_file);
	snprintf(out->path, sizeof out->path, "%s", u->path);
}

static int open_binance(struct config *c, uint16_t v, enum binance_api api,
			const struct venue_host *host, struct venue **out)
{
	const struct config_venue *cv = &c->venue[v];
	struct binance_account account[ACCOUNTS_A_VENUE];
	struct binance_options o = {
		.api = api,
		.venue = v,
		.account = account,
		.instrument = c->instrument,
		.n_instruments = c->n_instruments,
		.assets = &c->assets,
		.host = *host,
		.recv_window_ns = cv->recv_window_ns,
		.self_trade = cv->self_trade,
		.connect_timeout_ns = cv->connect_timeout_ns,
		.answer_timeout_ns = cv->answer_timeout_ns,
		.settle_ns = cv->settle_ns,
		.backoff_min_ns = cv->backoff_min_ns,
		.backoff_max_ns = cv->backoff_max_ns,
		.feed_silence_ns = cv->feed_silence_ns,
		.ping_after_ns = cv->ping_after_ns,
		.pong_timeout_ns = cv->pong_timeout_ns,
		.messages_per_s = cv->messages_per_s,
		.reserve_pct = cv->reserve_pct,
		.lines = cv->lines,
	};
	for (uint16_t a = 0; a < c->n_accounts; a++) {
		const struct config_account *ca = &c->account[a];
		if (ca->venue != v)
			continue;
		if (o.n_accounts == ACCOUNTS_A_VENUE)
			return err_set(ERR_CONFIG, "more than %d accounts", ACCOUNTS_A_VENUE);
		account[o.n_accounts++] =
			(struct binance_account){ .account = a,
						  .name = ca->name,
						  .api_key_file = ca->api_key_file,
						  .secret_file = ca->secret_file,
						  .ed25519 = ca->ed25519 };
	}
	endpoint(cv, URL_STREAM, &o.stream);
	endpoint(cv, URL_API, &o.api_ws);
	endpoint(cv, URL_REST, &o.rest);
	endpoint(cv, URL_USER, &o.user);
	*out = binance_open(&o);
	return *out ? 0 : -ERR_CONFIG;
}

static void diff_endpoint(const struct config_venue *v, enum venue_url which,
			  struct diff_endpoint *out)
{
	struct binance_endpoint e;
	endpoint(v, which, &e);
	out->peer = e.peer;
	memcpy(out->path, e.path, sizeof out->path);
}

static int open_diff(struct config *c, uint16_t v, const struct venue_host *host,
		     struct venue **out)
{
	const struct config_venue *cv = &c->venue[v];
	struct diff_account_options account[ACCOUNTS_A_VENUE];
	struct diff_options o = { .venue = v,
				  .account = account,
				  .instrument = c->instrument,
				  .n_instruments = c->n_instruments,
				  .assets = &c->assets,
				  .host = *host,
				  .connect_timeout_ns = cv->connect_timeout_ns,
				  .answer_timeout_ns = cv->answer_timeout_ns,
				  .settle_ns = cv->settle_ns,
				  .backoff_min_ns = cv->backoff_min_ns,
				  .backoff_max_ns = cv->backoff_max_ns,
				  .feed_silence_ns = cv->feed_silence_ns,
				  .messages_per_s = cv->messages_per_s,
				  .reserve_pct = cv->reserve_pct };
	for (uint16_t a = 0; a < c->n_accounts; a++) {
		const struct config_account *ca = &c->account[a];
		if (ca->venue != v)
			continue;
		if (o.n_accounts == ACCOUNTS_A_VENUE)
			return err_set(ERR_CONFIG, "more than %d accounts", ACCOUNTS_A_VENUE);
		account[o.n_accounts++] =
			(struct diff_account_options){ .account = a,
						       .name = ca->name,
						       .user_file = ca->api_key_file,
						       .password_file = ca->secret_file,
						       .broker = ca->broker };
	}
	diff_endpoint(cv, URL_STREAM, &o.stream);
	diff_endpoint(cv, URL_API, &o.api);
	*out = diff_open(&o);
	return *out ? 0 : -ERR_CONFIG;
}

int venues_open(struct config *c, uint16_t v, const struct venue_host *host, struct venue **out)
{
	static const struct {
		const char *adapter;
		enum binance_api api;
	} row[] = { { "binance_spot", BINANCE_SPOT }, { "binance_usdm", BINANCE_USDM } };
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (strcmp(c->venue[v].adapter, row[i].adapter) == 0)
			return open_binance(c, v, row[i].api, host, out);
	if (strcmp(c->venue[v].adapter, "diff") == 0)
		return open_diff(c, v, host, out);
	return err_set(ERR_CONFIG, "no adapter is called '%s'", c->venue[v].adapter);
}
