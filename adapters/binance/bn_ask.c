/* How each question is put: its parameters, its way (WebSocket API or REST), its place in the table of requests. */
#include "adapters/binance/bn.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOOK_LIMIT  1000 /* levels of a side in a snapshot */
#define PROBE_LIMIT 5	 /* the least that both markets take */

static const struct bn_way *way_of(const struct binance *b, const struct bn_request *q)
{
	return &b->dialect->way[q->ask];
}

/* All of them are asked for, what stays as it is too. */
static unsigned replace_params(struct binance *b, const struct bn_request *q,
			       struct binance_param *p)
{
	const struct instrument *in = &b->instrument[q->instrument];
	dec_format(q->report.px, in->px_dp, 0, b->px_text);
	dec_format(q->report.qty, in->qty_dp, 0, b->qty_text);
	p[0] = (struct binance_param){ "origClientOrderId", q->report.client, 0 };
	p[1] = (struct binance_param){ "price", b->px_text, 0 };
	p[2] = (struct binance_param){ "quantity", b->qty_text, 0 };
	p[3] = (struct binance_param){ "side", q->report.side == SIDE_BUY ? "BUY" : "SELL", 0 };
	return 4;
}

/* What a question about an order or an instrument says beyond who asks. */
static unsigned params_of(struct binance *b, const struct bn_request *q, struct binance_param *p)
{
	const char *symbol =
		q->instrument == UINT32_MAX ? NULL : b->instrument[q->instrument].symbol;
	unsigned n = 0;
	if (symbol)
		p[n++] = (struct binance_param){ "symbol", symbol, 0 };
	if (q->ask == BN_CANCEL || q->ask == BN_STATUS)
		p[n++] = (struct binance_param){ "origClientOrderId", q->report.client, 0 };
	if (q->ask == BN_TRADES || q->ask == BN_WHOSE)
		p[n++] = (struct binance_param){ "orderId", NULL,
						 strtoll(q->report.venue_order, NULL, 10) };
	if (q->ask == BN_TRADES || q->ask == BN_HISTORY)
		p[n++] = (struct binance_param){ "limit", NULL, BN_TRADES_LIMIT };
	if (q->from_id)
		p[n++] = (struct binance_param){ "fromId", NULL, q->from_id };
	else if (q->from_ns)
		p[n++] = (struct binance_param){ "startTime", NULL, q->from_ns / 1000000 };
	if (q->ask == BN_ARM)
		p[n++] = (struct binance_param){ "countdownTime", NULL, b->dead_man_ms };
	return q->ask == BN_REPLACE ? n + replace_params(b, q, p + n) : n;
}

/* ---- REST ---- */

/* ?symbols=["A","B"] in percent-encoding; as a whole it must leave room, else all symbols are asked for. */
static size_t symbols_query(const struct binance *b, char *out, size_t cap)
{
	size_t n = (size_t)snprintf(out, cap, "?symbols=%%5B");
	for (uint32_t i = 0; i < b->n_mine; i++) {
		const char *s = b->instrument[b->mine[i]].symbol;
		if (n + strlen(s) + 16 >= cap)
			return 0;
		n += (size_t)snprintf(out + n, cap - n, "%s%%22%s%%22", i ? "%2C" : "", s);
	}
	n += (size_t)snprintf(out + n, cap - n, "%%5D");
	return n;
}

ptrdiff_t bn_ask_target(struct binance *b, const struct bn_request *q, char *out, size_t cap)
{
	const struct bn_way *way = way_of(b, q);
	struct env_now now = bn_now(b);
	struct binance_param param[BINANCE_PARAMS];
	int n = snprintf(out, cap, "%s%s", b->rest_url.path, way->method);
	if (n < 0 || (size_t)n + 64 >= cap)
		return err_set(ERR_FULL, "a REST address of more than %zu bytes", cap);
	char *p = out + n;
	size_t left = cap - (size_t)n;
	if (q->ask == BN_BOOK || q->ask == BN_PROBE)
		return n + snprintf(p, left, "?symbol=%s&limit=%d",
				    b->instrument[q->instrument].symbol,
				    q->ask == BN_BOOK ? BOOK_LIMIT : PROBE_LIMIT);
	if (q->ask == BN_RULES && b->dialect->symbols_query)
		return n + (ptrdiff_t)symbols_query(b, p, left);
	if (!way->is_signed)
		return n;
	*p = '?';
	ptrdiff_t k = binance_query(&b->session[q->session].key, param, params_of(b, q, param),
				    bn_time_ms(b, &now), p + 1, left - 1);
	return k < 0 ? k : n + 1 + k;
}

/* ---- WebSocket API ---- */

static ptrdiff_t text_of(struct binance *b, struct bn_session *s, const struct bn_request *q,
			 const struct env_now *now, char *out, size_t cap)
{
	const char *method = way_of(b, q)->method;
	struct binance_param param[BINANCE_PARAMS];
	int64_t ms = bn_time_ms(b, now);
	if (q->ask == BN_LOGON)
		return binance_logon(&s->key, q->id, ms, out, cap);
	/* A session that is logged on subscribes without a word; else the request itself is signed. */
	if (q->ask == BN_SUBSCRIBE && s->key.logged_on)
		return binance_plain(method, NULL, 0, q->id, out, cap);
	if (q->ask == BN_SUBSCRIBE)
		method = "userDataStream.subscribe.signature";
	return binance_request(&s->key, method, param, params_of(b, q, param), q->id, ms, out, cap);
}

static int send_ws(struct binance *b, struct bn_session *s, struct bn_request *q)
{
	char text[BINANCE_REQUEST_MAX];
	struct env_now now = bn_now(b);
	int rc = bn_budget_take(&b->budget, BN_URGENT, now.mono_ns);
	if (rc)
		return rc;
	ptrdiff_t n = text_of(b, s, q, &now, text, sizeof(text));
	if (n < 0)
		return (int)n;
	q->sent_ns = now.mono_ns;
	q->deadline_ns = now.mono_ns + b->answer_timeout_ns;
	return bn_link_send(&s->api, text, (size_t)n);
}

static struct bn_request *new_request(struct binance *b, struct bn_session *s, enum bn_ask ask,
				      uint32_t instrument)
{
	struct bn_request *q = bn_requests_add(&b->requests, ask);
	if (!q) {
		err_set(ERR_FULL, "%u requests are unanswered already", b->requests.cap);
		return NULL;
	}
	q->session = s ? s->index : BN_NO_SESSION;
	q->instrument = instrument;
	q->rest = b->dialect->way[ask].verb != NULL;
	return q;
}

/* Sends it by its way; where that fails nothing was sent and the request is gone. */
static int send_request(struct binance *b, struct bn_session *s, struct bn_request *q)
{
	int rc = q->rest ? bn_rest_push(&b->rest, q->id) : send_ws(b, s, q);
	if (rc)
		bn_requests_del(&b->requests, q);
	else if (q->rest)
		bn_rest_pump(b);
	return rc;
}

int bn_ask(struct binance *b, struct bn_session *s, enum bn_ask ask, uint32_t instrument,
	   struct bn_request **out)
{
	struct bn_request *q = new_request(b, s, ask, instrument);
	if (!q)
		return -ERR_FULL;
	if (out)
		*out = q;
	return send_request(b, s, q);
}

/* Who the order is, for the answer. */
static void about_order(struct bn_request *q, const struct binance *b, const struct bn_session *s,
			const struct order *o)
{
	const struct bn_order *known = bn_orders_find(&b->orders, o->id);
	struct exec_report *r = &q->report;
	q->order = o->id;
	q->order_sent_ns = known && known->sent_ns ? known->sent_ns : o->sent_mono_ns;
	q->known_cum = o->cum;
	*r = (struct exec_report){ .venue = b->venue.index,
				   .account = s->account,
				   .instrument = o->instrument,
				   .order = o->id,
				   .side = o->side,
				   .px = o->px,
				   .qty = o->qty };
	binance_encode_id(o->id, r->client);
	memcpy(r->venue_order, o->venue_order, sizeof(r->venue_order));
}

int bn_ask_order(struct binance *b, struct bn_session *s, enum bn_ask ask, const struct order *o)
{
	struct bn_request *q = new_request(b, s, ask, o->instrument);
	if (!q)
		return -ERR_FULL;
	about_order(q, b, s, o);
	return send_request(b, s, q);
}

int bn_ask_replace(struct binance *b, struct bn_session *s, const struct order *o, int64_t px,
		   int64_t qty)
{
	struct bn_request *q = new_request(b, s, BN_REPLACE, o->instrument);
	if (!q)
		return -ERR_FULL;
	about_order(q, b, s, o);
	q->report.px = px;
	q->report.qty = qty;
	return send_request(b, s, q);
}

int bn_ask_history(struct binance *b, struct bn_session *s, uint32_t instrument, int64_t from_id,
		   int64_t from_ns)
{
	struct bn_request *q = new_request(b, s, BN_HISTORY, instrument);
	if (!q)
		return -ERR_FULL;
	q->history = true;
	q->from_id = from_id;
	q->from_ns = from_ns;
	return send_request(b, s, q);
}

int bn_ask_whose(struct binance *b, struct bn_session *s, const struct exec_report *fill)
{
	struct bn_request *q = new_request(b, s, BN_WHOSE, fill->instrument);
	if (!q)
		return -ERR_FULL;
	q->history = true;
	q->report = *fill;
	return send_request(b, s, q);
}

int bn_ask_trades(struct binance *b, struct bn_session *s, const struct bn_request *about,
		  const struct exec_report *state, int64_t from_id, int64_t summed)
{
	struct bn_request *q = new_request(b, s, BN_TRADES, about->instrument);
	if (!q)
		return -ERR_FULL;
	q->from_id = from_id;
	q->summed = summed;
	q->history = about->history;
	q->order = about->order;
	q->order_sent_ns = about->order_sent_ns;
	q->known_cum = about->known_cum;
	q->report = *state;
	return send_request(b, s, q);
}

int bn_ask_place(struct binance *b, struct bn_session *s, const struct order *o)
{
	char text[BINANCE_REQUEST_MAX];
	struct env_now now = bn_now(b);
	int rc = bn_budget_take(&b->budget, o->rescue ? BN_URGENT : BN_OPENING, now.mono_ns);
	if (rc)
		return rc;
	struct bn_request *q = new_request(b, s, BN_PLACE, o->instrument);
	struct bn_order *e = q ? bn_orders_add(&b->orders, o, s->index) : NULL;
	if (!e) {
		if (q)
			bn_requests_del(&b->requests, q);
		return err_set(ERR_FULL, "no room for another order at %s", b->dialect->name);
	}
	about_order(q, b, s, o);
	e->sent_ns = q->order_sent_ns = q->sent_ns = now.mono_ns;
	q->deadline_ns = now.mono_ns + b->answer_timeout_ns;
	ptrdiff_t n = binance_place(b->api, &s->key, &b->instrument[o->instrument], o, q->id,
				    bn_time_ms(b, &now), text, sizeof(text));
	rc = n < 0 ? (int)n : bn_link_send(&s->api, text, (size_t)n);
	if (rc) {
		bn_orders_del(&b->orders, o->id);
		bn_requests_del(&b->requests, q);
	}
	return rc;
}
