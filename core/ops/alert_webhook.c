/* alert_webhook - alerts posted as JSON to an address of the operator's, one after the other, again and later each time until it takes them.
 *
 * HTTPS with the certificate verified against the host's name. What it answers with 2xx is delivered; with 4xx it refuses, and asking again would not help (408
 * and 429 apart); anything else is tried again. The path of the address may be a secret: no message names it. */
#include "core/base/err.h"
#include "core/ops/alert_part.h"
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#define ERR_STATE openssl_err_state
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#undef ERR_STATE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRIES	     8
#define PAUSE_MS     200 /* after the first failure; doubled with each */
#define PAUSE_MAX_MS 10000
#define BODY_MAX     65536
#define HEADERS_MAX  16384

struct alert_webhook {
	struct event_base *base;
	const struct config_alerts *cfg;
	alert_fail_fn fail;
	void *arg;
	struct evdns_base *dns;
	SSL_CTX *tls;
	struct event *next; /* when the next try is due; and what a callback must not do itself */
	struct evhttp_connection *connection;
	SSL *ssl; /* of the connection; NULL without TLS */
	bool busy;
	int tries;
	char why[96];
	struct alert_queue waiting;
};

static void again_in(struct alert_webhook *w, int64_t ms)
{
	const struct timeval t = { (time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000) };
	event_add(w->next, &t);
}

static void drop_connection(struct alert_webhook *w)
{
	if (w->connection)
		evhttp_connection_free(w->connection);
	w->connection = NULL;
	w->ssl = NULL;
}

static void settled(struct alert_webhook *w, bool delivered, bool hopeless)
{
	w->busy = false;
	w->tries++;
	if (!delivered && !hopeless && w->tries < TRIES) {
		int64_t pause = (int64_t)PAUSE_MS << (w->tries - 1);
		again_in(w, pause < PAUSE_MAX_MS ? pause : PAUSE_MAX_MS);
		return;
	}
	if (!delivered)
		w->fail(w->arg, ALERT_SINK_WEBHOOK, "%s:%u: %s; given up after %d tries",
			w->cfg->webhook_host, w->cfg->webhook_port, w->why, w->tries);
	alert_queue_drop(&w->waiting);
	w->tries = 0;
	again_in(w, 0); /* not from within a callback of the connection */
}

static void on_answer(struct evhttp_request *r, void *arg)
{
	struct alert_webhook *w = arg;
	const int code = r ? evhttp_request_get_response_code(r) : 0;
	if (code >= 200 && code < 300) {
		settled(w, true, false);
		return;
	}
	long verified = w->ssl ? SSL_get_verify_result(w->ssl) : X509_V_OK;
	if (code)
		snprintf(w->why, sizeof w->why, "it answered %d", code);
	else if (verified != X509_V_OK)
		snprintf(w->why, sizeof w->why, "its certificate is refused: %.50s",
			 X509_verify_cert_error_string(verified));
	else
		snprintf(w->why, sizeof w->why, "no answer");
	settled(w, false, code >= 400 && code < 500 && code != 408 && code != 429);
}

/* The host's name is what its certificate must be for; an address is no name for SNI. */
static struct bufferevent *secured(struct alert_webhook *w)
{
	const char *host = w->cfg->webhook_host;
	uint8_t address[16];
	const bool is_address =
		inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
	SSL *ssl = SSL_new(w->tls);
	if (!ssl)
		return NULL;
	int ok = is_address ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host)
			    : SSL_set1_host(ssl, host) && SSL_set_tlsext_host_name(ssl, host);
	struct bufferevent *b =
		ok ? bufferevent_openssl_socket_new(w->base, -1, ssl, BUFFEREVENT_SSL_CONNECTING,
						    BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS)
		   : NULL;
	if (!b) {
		SSL_free(ssl);
		return NULL;
	}
	bufferevent_openssl_set_allow_dirty_shutdown(b, 1); /* the length of an answer is stated */
	w->ssl = ssl;
	return b;
}

static bool connect_anew(struct alert_webhook *w)
{
	drop_connection(w);
	struct bufferevent *b = w->tls ? secured(w) : NULL;
	if (w->tls && !b)
		return false;
	w->connection = evhttp_connection_base_bufferevent_new(
		w->base, w->dns, b, w->cfg->webhook_host, w->cfg->webhook_port);
	if (!w->connection)
		return false;
	const struct timeval limit = { (time_t)(w->cfg->webhook_timeout_ns / 1000000000),
				       (suseconds_t)(w->cfg->webhook_timeout_ns % 1000000000 /
						     1000) };
	evhttp_connection_set_timeout_tv(w->connection, &limit);
	evhttp_connection_set_max_body_size(w->connection, BODY_MAX);
	evhttp_connection_set_max_headers_size(w->connection, HEADERS_MAX);
	return true;
}

static bool post(struct alert_webhook *w, const char *json)
{
	char host[160];
	struct evhttp_request *r = connect_anew(w) ? evhttp_request_new(on_answer, w) : NULL;
	if (!r)
		return false;
	struct evkeyvalq *h = evhttp_request_get_output_headers(r);
	const bool v6 = strchr(w->cfg->webhook_host, ':') != NULL;
	snprintf(host, sizeof host, "%s%s%s:%u", v6 ? "[" : "", w->cfg->webhook_host, v6 ? "]" : "",
		 w->cfg->webhook_port);
	evhttp_add_header(h, "Host", host);
	evhttp_add_header(h, "Content-Type", "application/json");
	evhttp_add_header(h, "Connection", "close");
	evbuffer_add(evhttp_request_get_output_buffer(r), json, strlen(json));
	w->busy = true;
	/* on failure the request is freed, and nobody is called */
	if (evhttp_make_request(w->connection, r, EVHTTP_REQ_POST, w->cfg->webhook_path) == 0)
		return true;
	w->busy = false;
	return false;
}

static void on_next(evutil_socket_t fd, short what, void *arg)
{
	struct alert_webhook *w = arg;
	(void)fd;
	(void)what;
	const char *json = alert_queue_first(&w->waiting);
	if (w->busy)
		return;
	drop_connection(w);
	if (json && !post(w, json)) {
		snprintf(w->why, sizeof w->why, "no request could be made");
		settled(w, false, false);
	}
}

static int trust(struct alert_webhook *w)
{
	w->tls = SSL_CTX_new(TLS_client_method());
	if (!w->tls)
		return err_set(ERR_NOMEM, "no memory for the alerts' webhook");
	SSL_CTX_set_min_proto_version(w->tls, TLS1_2_VERSION);
	SSL_CTX_set_verify(w->tls, SSL_VERIFY_PEER, NULL);
	const char *file = w->cfg->ca_file;
	if (file[0] ? SSL_CTX_load_verify_file(w->tls, file) != 1
		    : SSL_CTX_set_default_verify_paths(w->tls) != 1)
		return err_set(ERR_CONFIG, "alert_ca_file %s: no roots can be read from it", file);
	return 0;
}

int alert_webhook_open(struct event_base *base, const struct config_alerts *c, alert_fail_fn fail,
		       void *arg, struct alert_webhook **out)
{
	struct alert_webhook *w = calloc(1, sizeof *w);
	if (!w)
		return err_set(ERR_NOMEM, "no memory for the alerts' webhook");
	*w = (struct alert_webhook){ .base = base, .cfg = c, .fail = fail, .arg = arg };
	w->next = event_new(base, -1, 0, on_next, w);
	/* without it, names would be looked up in the middle of everything else */
	w->dns = evdns_base_new(base, EVDNS_BASE_INITIALIZE_NAMESERVERS |
					      EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	int rc = w->next ? 0 : err_set(ERR_NOMEM, "no memory for the alerts' webhook");
	if (!rc && c->webhook_tls)
		rc = trust(w);
	if (rc) {
		alert_webhook_free(w);
		return rc;
	}
	*out = w;
	return 0;
}

void alert_webhook_free(struct alert_webhook *w)
{
	if (!w)
		return;
	drop_connection(w);
	if (w->next)
		event_free(w->next);
	if (w->dns)
		evdns_base_free(w->dns, 0);
	SSL_CTX_free(w->tls);
	free(w);
}

void alert_webhook_put(struct alert_webhook *w, const char *json)
{
	if (!alert_queue_put(&w->waiting, json))
		w->fail(w->arg, ALERT_SINK_WEBHOOK,
			"%d alerts wait for it already: one was left out", ALERT_QUEUE);
	if (!w->busy && !event_pending(w->next, EV_TIMEOUT, NULL))
		again_in(w, 0);
}

bool alert_webhook_idle(const struct alert_webhook *w)
{
	return !w->busy && !w->waiting.n;
}
