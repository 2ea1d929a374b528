#include "adapters/binance/bn.h"
#include "core/base/err.h"
#include <stdio.h>
#include <string.h>

#define ANSWER_CAP \
	(32u << 20) /* USD-M's exchangeInfo is megabytes; pages that are not written cost nothing */
#define REQUEST_CAP (20u << 10)

int bn_rest_init(struct binance *b)
{
	for (unsigned i = 0; i < BN_REST_CLIENTS; i++) {
		struct bn_rest_client *c = &b->rest.client[i];
		c->owner = b;
		int rc = http_client_init(&c->http, b->venue.host.env, ANSWER_CAP, REQUEST_CAP);
		if (rc)
			return rc;
	}
	return 0;
}

void bn_rest_free(struct bn_rest *r)
{
	for (unsigned i = 0; i < BN_REST_CLIENTS; i++)
		if (r->client[i].owner)
			http_client_free(&r->client[i].http);
}

int bn_rest_push(struct bn_rest *r, uint64_t request)
{
	if (r->tail - r->head == BN_REST_QUEUE)
		return err_set(ERR_FULL, "%d REST requests wait already", BN_REST_QUEUE);
	r->queue[r->tail++ & (BN_REST_QUEUE - 1)] = request;
	return 0;
}

void bn_rest_drop(struct bn_rest *r, uint64_t request)
{
	for (unsigned i = 0; i < BN_REST_CLIENTS; i++)
		if (r->client[i].request == request) {
			http_client_cancel(&r->client[i].http);
			r->client[i].request = 0;
		}
}

void bn_rest_give_up(struct binance *b)
{
	struct binance_message none = { .kind = BINANCE_REPLY };
	for (unsigned i = 0; i < BN_REST_CLIENTS; i++) {
		struct bn_request *q = bn_requests_find(&b->requests, b->rest.client[i].request);
		if (q)
			bn_reply(b, q, &none, bn_now(b).mono_ns);
	}
}

/* The venue's time before which nothing should be asked, as its header says; 0: it does not. */
static int64_t retry_after_ms(const struct http_head *head, int64_t venue_utc_ns)
{
	struct http_str v = http_get(head, "Retry-After");
	int64_t s = 0;
	if (!v.p || v.n > 8)
		return 0;
	for (size_t i = 0; i < v.n; i++) {
		if (v.p[i] < '0' || v.p[i] > '9')
			return 0;
		s = s * 10 + (v.p[i] - '0');
	}
	return s ? venue_utc_ns / 1000000 + s * 1000 : 0;
}

/* Whose book waits for the answer. */
static uint32_t book_of(const struct bn_request *q)
{
	return q->ask == BN_BOOK ? q->instrument : BAD_NO_BOOK;
}

/* The whole body as a value. The large answers are checked by those who read them. */
static struct json_value whole(struct binance *b, const struct bn_request *q, const uint8_t *body,
			       size_t n)
{
	struct json_value v = { (const char *)body, (uint32_t)n, TOKEN_OBJECT, false },
			  none = { 0 };
	struct json_scan j;
	if (q->ask == BN_RULES || q->ask == BN_BOOK || q->ask == BN_PROBE)
		return v;
	json_scan_init(&j, (const char *)body, n);
	if (json_take(&j, &v) && json_next(&j) == TOKEN_END)
		return v;
	bn_bad(b, BAD_NO_BOOK, BAD_SYNTAX, j.error ? j.error : "an answer that is no JSON", body,
	       n);
	return none;
}

static void done(void *owner, int err, const char *why, const struct http_head *head,
		 const uint8_t *body, size_t n)
{
	struct bn_rest_client *c = owner;
	struct binance *b = c->owner;
	struct bn_request *q = bn_requests_find(&b->requests, c->request);
	struct binance_message m = { .kind = BINANCE_REPLY };
	struct env_now now = bn_now(b);
	c->request = 0;
	if (!q)
		return;
	if (err) {
		if (err == -ERR_PARSE || err == -ERR_LIMIT)
			bn_bad(b, book_of(q), BAD_FRAME, why, body, n);
		snprintf(m.text, sizeof(m.text), "%.90s", why);
	} else {
		binance_rest_error(head->status, (const char *)body, n, &m);
		m.retry_after_ms = retry_after_ms(head, now.utc_ns + b->clock_offset_ns);
		if (m.status == 200)
			m.result = whole(b, q, body, n);
	}
	bn_reply(b, q, &m, now.mono_ns);
	bn_rest_pump(b);
}

static void put(struct binance *b, struct bn_rest_client *c, struct bn_request *q)
{
	const struct bn_way *way = &b->dialect->way[q->ask];
	char target[REQUEST_CAP - 4096], header[BINANCE_KEY_MAX + 32] = "";
	struct env_now now = bn_now(b);
	struct binance_message m = { .kind = BINANCE_REPLY };
	ptrdiff_t n = bn_ask_target(b, q, target, sizeof(target) - 1);
	int rc = (int)n;
	if (n > 0) {
		target[n] = '\0';
		if (way->keyed)
			snprintf(header, sizeof(header), "X-MBX-APIKEY: %s\r\n",
				 b->session[q->session].key.api_key);
		q->sent_ns = now.mono_ns;
		q->deadline_ns = now.mono_ns + b->times.connect_ns + b->answer_timeout_ns;
		c->request = q->id;
		rc = http_client_ask(&c->http, &b->rest_url.peer, way->verb, target, header, NULL,
				     0, done, c);
	}
	if (rc >= 0 && n > 0)
		return;
	c->request = 0;
	snprintf(m.text, sizeof(m.text), "%.90s", err_text());
	bn_reply(b, q, &m, now.mono_ns);
}

void bn_rest_pump(struct binance *b)
{
	struct bn_rest *r = &b->rest;
	for (unsigned i = 0; i < BN_REST_CLIENTS; i++) {
		struct bn_rest_client *c = &r->client[i];
		/* A question may have been given up while it waited; an answer may ask the next one from within. */
		while (!c->request && r->head != r->tail) {
			struct bn_request *q = bn_requests_find(
				&b->requests, r->queue[r->head++ & (BN_REST_QUEUE - 1)]);
			if (q)
				put(b, c, q);
		}
	}
}
