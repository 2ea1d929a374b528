#include "adapters/codec/binance_order.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include <string.h>

/* ---- bytes into a bounded buffer; one check at the end instead of one a piece ---- */

struct writer {
	char *p, *end;
	bool full;
};

static inline void put(struct writer *w, const char *s, size_t n)
{
	if (__builtin_expect((size_t)(w->end - w->p) < n, 0)) {
		w->full = true;
		return;
	}
	memcpy(w->p, s, n);
	w->p += n;
}
#define PUT(w, literal) put(w, literal, sizeof(literal) - 1)

static inline void put_text(struct writer *w, const char *s)
{
	put(w, s, strlen(s));
}

static inline void put_integer(struct writer *w, uint64_t v)
{
	char buf[20], *p = buf + sizeof(buf);
	do
		*--p = (char)('0' + v % 10);
	while (v /= 10);
	put(w, p, (size_t)(buf + sizeof(buf) - p));
}

static inline void put_signed(struct writer *w, int64_t v)
{
	if (v < 0)
		PUT(w, "-");
	put_integer(w, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

static ptrdiff_t done(const struct writer *w, const char *start)
{
	if (w->full)
		return err_set(ERR_FULL, "a request of more than %zu bytes",
			       (size_t)(w->end - start));
	return w->p - start;
}

/* ---- client ids ---- */

#define ID_PREFIX "TDM"
enum { ID_LEN = sizeof(ID_PREFIX) - 1 + 16 };

size_t binance_encode_id(uint64_t id, char out[VENUE_CLIENT_ID])
{
	static const char digit[] = "0123456789abcdef";
	memcpy(out, ID_PREFIX, sizeof(ID_PREFIX) - 1);
	for (unsigned i = 0; i < 16; i++)
		out[sizeof(ID_PREFIX) - 1 + i] = digit[id >> (60 - 4 * i) & 15];
	out[ID_LEN] = '\0';
	return ID_LEN;
}

uint64_t binance_decode_id(const char *client, size_t n)
{
	if (n != ID_LEN || memcmp(client, ID_PREFIX, sizeof(ID_PREFIX) - 1) != 0)
		return 0;
	uint64_t id = 0;
	for (size_t i = sizeof(ID_PREFIX) - 1; i < n; i++) {
		char c = client[i];
		if (c >= '0' && c <= '9')
			id = id << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			id = id << 4 | (uint64_t)(c - 'a' + 10);
		else
			return 0;
	}
	return id;
}

/* ---- order.place ---- */

/* What an order is, as this market says it. Parameters stand sorted: side, symbol, timeInForce, timestamp, type. */
struct wording {
	const char *tif;  /* NULL: the type has none */
	const char *type; /* NULL: not offered */
	bool priced;
};

static const struct wording *wording(enum binance_api api, enum ord_type type, enum tif tif)
{
	static const struct wording limit[tif_max] = {
		[TIF_GTC] = { "GTC", "LIMIT", true },
		[TIF_IOC] = { "IOC", "LIMIT", true },
		[TIF_FOK] = { "FOK", "LIMIT", true },
	};
	static const struct wording market = { NULL, "MARKET", false };
	static const struct wording post[binance_api_max] = {
		[BINANCE_SPOT] = { NULL, "LIMIT_MAKER", true },
		[BINANCE_USDM] = { "GTX", "LIMIT", true },
	};
	if (type == ORD_LIMIT && (unsigned)tif < tif_max)
		return limit[tif].type ? &limit[tif] : NULL;
	if (type == ORD_POST_ONLY && tif == TIF_GTC)
		return &post[api];
	return type == ORD_MARKET ? &market : NULL;
}

bool binance_can_place(enum binance_api api, enum ord_type type, enum tif tif)
{
	if (wording(api, type, tif))
		return true;
	err_set(ERR_ARG, "Binance takes no order of type %d with time in force %d", type, tif);
	return false;
}

/* The variable parts of an order, written once and used in the message and in what is signed. */
struct order_text {
	char id[VENUE_CLIENT_ID], px[24], qty[24], time[20], window[20];
	size_t id_n, px_n, qty_n, time_n, window_n, symbol_n, key_n;
	const char *side;
	size_t side_n;
	const char *stp; /* NULL: no word of it */
};

static const char *const stps[] = { "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", NULL };
_Static_assert(sizeof stps / sizeof *stps == self_trade_max, "a word for every way (F41)");

const char *binance_self_trade(enum self_trade s)
{
	return s < self_trade_max ? stps[s] : NULL;
}

static size_t integer_text(uint64_t v, char *out, size_t cap)
{
	struct writer w = { out, out + cap, false };
	put_integer(&w, v);
	return (size_t)(w.p - out);
}

static void texts_of(struct order_text *t, const struct binance_key *k, const struct instrument *in,
		     const struct order *o, int64_t time_ms)
{
	t->id_n = binance_encode_id(o->id, t->id);
	/* Zeros are cut: futures refuse more decimals than the symbol has. */
	t->px_n = dec_format(o->px, in->px_dp, 0, t->px);
	t->qty_n = dec_format(o->qty, in->qty_dp, 0, t->qty);
	t->time_n = integer_text((uint64_t)time_ms, t->time, sizeof(t->time));
	t->window_n = integer_text((uint64_t)k->recv_window_ms, t->window, sizeof(t->window));
	t->symbol_n = strlen(in->symbol);
	t->key_n = strlen(k->api_key);
	t->side = o->side == SIDE_BUY ? "BUY" : "SELL";
	t->side_n = o->side == SIDE_BUY ? 3 : 4;
	bool takes = in->caps.self_trades >> k->self_trade & 1;
	t->stp = takes && o->type == ORD_LIMIT ? binance_self_trade((enum self_trade)k->self_trade)
					       : NULL;
}

/* What is signed: the parameters in the order of their names. */
static void put_order_payload(struct writer *w, const struct order_text *t, const struct wording *x,
			      const struct binance_key *k, const struct instrument *in)
{
	PUT(w, "apiKey=");
	put(w, k->api_key, t->key_n);
	PUT(w, "&newClientOrderId=");
	put(w, t->id, t->id_n);
	PUT(w, "&newOrderRespType=ACK");
	if (x->priced) {
		PUT(w, "&price=");
		put(w, t->px, t->px_n);
	}
	PUT(w, "&quantity=");
	put(w, t->qty, t->qty_n);
	PUT(w, "&recvWindow=");
	put(w, t->window, t->window_n);
	if (t->stp) {
		PUT(w, "&selfTradePreventionMode=");
		put_text(w, t->stp);
	}
	PUT(w, "&side=");
	put(w, t->side, t->side_n);
	PUT(w, "&symbol=");
	put(w, in->symbol, t->symbol_n);
	if (x->tif) {
		PUT(w, "&timeInForce=");
		put(w, x->tif, 3);
	}
	PUT(w, "&timestamp=");
	put(w, t->time, t->time_n);
	PUT(w, "&type=");
	put_text(w, x->type);
}

static void put_order_json(struct writer *w, const struct order_text *t, const struct wording *x,
			   const struct instrument *in)
{
	PUT(w, "\"newClientOrderId\":\"");
	put(w, t->id, t->id_n);
	PUT(w, "\",\"newOrderRespType\":\"ACK\"");
	if (x->priced) {
		PUT(w, ",\"price\":\"");
		put(w, t->px, t->px_n);
		PUT(w, "\"");
	}
	PUT(w, ",\"quantity\":\"");
	put(w, t->qty, t->qty_n);
	PUT(w, "\",\"recvWindow\":");
	put(w, t->window, t->window_n);
	if (t->stp) {
		PUT(w, ",\"selfTradePreventionMode\":\"");
		put_text(w, t->stp);
		PUT(w, "\"");
	}
	PUT(w, ",\"side\":\"");
	put(w, t->side, t->side_n);
	PUT(w, "\",\"symbol\":\"");
	put(w, in->symbol, t->symbol_n);
	if (x->tif) {
		PUT(w, "\",\"timeInForce\":\"");
		put(w, x->tif, 3);
	}
	PUT(w, "\",\"timestamp\":");
	put(w, t->time, t->time_n);
	PUT(w, ",\"type\":\"");
	put_text(w, x->type);
	PUT(w, "\"");
}

/* `,"signature":"…"`, or nothing where the session is logged on. */
static bool put_signature(struct writer *w, const struct binance_key *k, const char *payload,
			  size_t n)
{
	char sig[SIGN_TEXT];
	size_t len = signer_sign(k->signer, payload, n, sig);
	PUT(w, ",\"signature\":\"");
	put(w, sig, len);
	PUT(w, "\"");
	return len > 0;
}

ptrdiff_t binance_place(enum binance_api api, const struct binance_key *k,
			const struct instrument *in, const struct order *o, uint64_t id,
			int64_t time_ms, char *out, size_t cap)
{
	const struct wording *x = wording(api, (enum ord_type)o->type, (enum tif)o->tif);
	struct writer w = { out, out + cap, false };
	struct order_text t;
	must(x);
	texts_of(&t, k, in, o, time_ms);
	PUT(&w, "{\"id\":");
	put_integer(&w, id);
	PUT(&w, ",\"method\":\"order.place\",\"params\":{");
	if (!k->logged_on) {
		PUT(&w, "\"apiKey\":\"");
		put(&w, k->api_key, t.key_n);
		PUT(&w, "\",");
	}
	put_order_json(&w, &t, x, in);
	if (!k->logged_on) {
		char payload[BINANCE_REQUEST_MAX];
		struct writer s = { payload, payload + sizeof(payload), false };
		put_order_payload(&s, &t, x, k, in);
		if (s.full || !put_signature(&w, k, payload, (size_t)(s.p - payload)))
			return -ERR_AUTH;
	}
	PUT(&w, "}}");
	return done(&w, out);
}

/* ---- everything else ---- */

struct sorted {
	struct binance_param param[BINANCE_PARAMS + 3];
	unsigned n;
};

static void sorted_add(struct sorted *s, struct binance_param p)
{
	unsigned i = s->n++;
	must(s->n <= BINANCE_PARAMS + 3);
	for (; i && strcmp(s->param[i - 1].name, p.name) > 0; i--)
		s->param[i] = s->param[i - 1];
	s->param[i] = p;
}

static void sorted_all(struct sorted *s, const struct binance_param *param, unsigned n)
{
	must(n <= BINANCE_PARAMS);
	s->n = 0;
	for (unsigned i = 0; i < n; i++)
		sorted_add(s, param[i]);
}

static void sorted_session(struct sorted *s, const struct binance_key *k, int64_t time_ms)
{
	sorted_add(s, (struct binance_param){ "timestamp", NULL, time_ms });
	if (k->recv_window_ms)
		sorted_add(s, (struct binance_param){ "recvWindow", NULL, k->recv_window_ms });
}

static void put_params_json(struct writer *w, const struct sorted *s)
{
	for (unsigned i = 0; i < s->n; i++) {
		const struct binance_param *p = &s->param[i];
		put_text(w, i ? ",\"" : "\"");
		put_text(w, p->name);
		PUT(w, "\":");
		if (p->text) {
			PUT(w, "\"");
			put_text(w, p->text);
			PUT(w, "\"");
		} else {
			put_signed(w, p->number);
		}
	}
}

static void put_params_query(struct writer *w, const struct sorted *s)
{
	for (unsigned i = 0; i < s->n; i++) {
		const struct binance_param *p = &s->param[i];
		if (i)
			PUT(w, "&");
		put_text(w, p->name);
		PUT(w, "=");
		if (p->text)
			put_text(w, p->text);
		else
			put_signed(w, p->number);
	}
}

static void put_head(struct writer *w, const char *method, uint64_t id)
{
	PUT(w, "{\"id\":");
	put_integer(w, id);
	PUT(w, ",\"method\":\"");
	put_text(w, method);
	PUT(w, "\",\"params\":{");
}

static ptrdiff_t signed_request(const struct binance_key *k, const char *method,
				const struct sorted *s, uint64_t id, char *out, size_t cap)
{
	char payload[BINANCE_REQUEST_MAX];
	struct writer w = { out, out + cap, false };
	struct writer x = { payload, payload + sizeof(payload), false };
	put_head(&w, method, id);
	put_params_json(&w, s);
	put_params_query(&x, s);
	if (x.full)
		return err_set(ERR_FULL, "a request of more than %d bytes to sign",
			       BINANCE_REQUEST_MAX);
	if (!put_signature(&w, k, payload, (size_t)(x.p - payload)))
		return -ERR_AUTH;
	PUT(&w, "}}");
	return done(&w, out);
}

ptrdiff_t binance_logon(const struct binance_key *k, uint64_t id, int64_t time_ms, char *out,
			size_t cap)
{
	struct sorted s = { .n = 0 };
	sorted_session(&s, k, time_ms);
	sorted_add(&s, (struct binance_param){ "apiKey", k->api_key, 0 });
	return signed_request(k, "session.logon", &s, id, out, cap);
}

ptrdiff_t binance_request(const struct binance_key *k, const char *method,
			  const struct binance_param *param, unsigned n, uint64_t id,
			  int64_t time_ms, char *out, size_t cap)
{
	struct sorted s;
	sorted_all(&s, param, n);
	sorted_session(&s, k, time_ms);
	if (!k->logged_on) {
		sorted_add(&s, (struct binance_param){ "apiKey", k->api_key, 0 });
		return signed_request(k, method, &s, id, out, cap);
	}
	struct writer w = { out, out + cap, false };
	put_head(&w, method, id);
	put_params_json(&w, &s);
	PUT(&w, "}}");
	return done(&w, out);
}

ptrdiff_t binance_plain(const char *method, const struct binance_param *param, unsigned n,
			uint64_t id, char *out, size_t cap)
{
	struct sorted s;
	struct writer w = { out, out + cap, false };
	sorted_all(&s, param, n);
	put_head(&w, method, id);
	put_params_json(&w, &s);
	PUT(&w, "}}");
	return done(&w, out);
}

/* base64 has three bytes that mean something else in a query. */
static void put_percent(struct writer *w, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] == '+')
			PUT(w, "%2B");
		else if (s[i] == '/')
			PUT(w, "%2F");
		else if (s[i] == '=')
			PUT(w, "%3D");
		else
			put(w, &s[i], 1);
}

ptrdiff_t binance_query(const struct binance_key *k, const struct binance_param *param, unsigned n,
			int64_t time_ms, char *out, size_t cap)
{
	struct sorted s;
	struct writer w = { out, out + cap, false };
	char sig[SIGN_TEXT];
	sorted_all(&s, param, n);
	sorted_session(&s, k, time_ms);
	put_params_query(&w, &s);
	if (w.full)
		return done(&w, out);
	size_t len = signer_sign(k->signer, out, (size_t)(w.p - out), sig);
	if (!len)
		return -ERR_AUTH;
	PUT(&w, "&signature=");
	put_percent(&w, sig, len);
	return done(&w, out);
}
