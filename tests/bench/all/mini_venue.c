#include "tests/bench/all/mini_venue.h"
#include "core/base/err.h"
#include "core/io/ws_frame.h"
#include "core/io/ws_shake.h"
#include "tests/bench/bench.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <sys/socket.h>

#define BOOK_SEQ 1000 /* of the snapshot; quotes count on from far behind it */
#define MID_CENT 6000000

static const char *const symbols[MINI_SYMBOLS] = { "BTCUSDT", "ETHUSDT" };

static void die(const char *what)
{
	fprintf(stderr, "mini_venue: %s: %s\n", what, errno ? strerror(errno) : err_text());
	exit(1);
}

/* ---- sockets ---- */

static int listen_on(uint16_t *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, n) ||
	    getsockname(fd, (struct sockaddr *)&a, &n) || listen(fd, 16))
		die("cannot listen");
	*port = ntohs(a.sin_port);
	return fd;
}

void mini_open(struct mini *m, bool tls, const char *dir)
{
	*m = (struct mini){ .tls = tls };
	for (unsigned i = 0; i < MINI_CONNS; i++)
		m->conn[i].fd = -1;
	for (unsigned d = 0; d < mini_door_max; d++)
		m->listener[d] = listen_on(&m->port[d]);
	struct env_peer p = { .tls = tls };
	snprintf(p.cert_file, sizeof p.cert_file, "%s/cert.pem", dir);
	snprintf(p.key_file, sizeof p.key_file, "%s/key.pem", dir);
	if (tls && tls_server_ctx(&p, &m->ctx))
		die("TLS");
	m->quotes = 1000000;
}

static void drop(struct mini *m, struct mini_conn *c)
{
	for (unsigned k = 0; k < mini_market_max; k++) {
		m->stream[k] = m->stream[k] == c ? NULL : m->stream[k];
		m->api[k] = m->api[k] == c ? NULL : m->api[k];
	}
	m->user = m->user == c ? NULL : m->user;
	if (c->tls)
		tls_free(c->tls, false);
	close(c->fd);
	c->fd = -1;
}

void mini_close(struct mini *m)
{
	for (unsigned i = 0; i < MINI_CONNS; i++)
		if (m->conn[i].fd >= 0)
			drop(m, &m->conn[i]);
	for (unsigned d = 0; d < mini_door_max; d++)
		close(m->listener[d]);
	if (m->ctx)
		tls_ctx_free(m->ctx);
}

static void take_connection(struct mini *m, unsigned door)
{
	int fd = accept4(m->listener[door], NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), one = 1;
	if (fd < 0)
		return;
	unsigned i = 0;
	while (i < MINI_CONNS && m->conn[i].fd >= 0)
		i++;
	if (i == MINI_CONNS)
		die("too many connections");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	struct mini_conn *c = &m->conn[i];
	c->fd = fd;
	c->tls = NULL;
	c->n = 0;
	c->role = ROLE_NONE;
	c->door = (uint8_t)door;
	c->shaking = m->tls;
	errno = 0;
	if (m->tls && tls_start(m->ctx, fd, NULL, &c->tls))
		die("TLS");
}

static ssize_t some(struct mini_conn *c)
{
	size_t room = sizeof c->in - 1 - c->n;
	ssize_t k =
		c->tls ? tls_read(c->tls, c->in + c->n, room) : recv(c->fd, c->in + c->n, room, 0);
	if (k > 0)
		c->n += (size_t)k;
	else if (c->tls ? k == TLS_WANT_READ : k < 0 && errno == EAGAIN)
		k = 0;
	else
		k = -1;
	return k;
}

void mini_send(struct mini_conn *c, const void *p, size_t n)
{
	const char *at = p;
	while (n > 0) {
		ssize_t k = c->tls ? tls_write(c->tls, at, n) : send(c->fd, at, n, MSG_NOSIGNAL);
		if (k > 0) {
			at += k;
			n -= (size_t)k;
		} else if (c->tls ? k != TLS_WANT_WRITE && k != TLS_WANT_READ : errno != EAGAIN) {
			die("the host went away");
		}
	}
}

static void consume(struct mini_conn *c, size_t n)
{
	memmove(c->in, c->in + n, c->n - n);
	c->n -= n;
}

/* ---- HTTP ---- */

static void answer_http(struct mini_conn *c, const char *body)
{
	char head[160];
	int n = snprintf(
		head, sizeof head,
		"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
		strlen(body));
	mini_send(c, head, (size_t)n);
	mini_send(c, body, strlen(body));
}

static void answer_rules(struct mini_conn *c)
{
	char body[4096];
	size_t n = (size_t)snprintf(body, sizeof body, "{\"timezone\":\"UTC\",\"symbols\":[");
	for (unsigned s = 0; s < MINI_SYMBOLS; s++)
		n += (size_t)snprintf(
			body + n, sizeof body - n,
			"%s{\"symbol\":\"%s\",\"status\":\"TRADING\",\"orderTypes\":[\"LIMIT\",\"MARKET\"],"
			"\"timeInForce\":[\"GTC\",\"IOC\",\"FOK\"],\"filters\":["
			"{\"filterType\":\"PRICE_FILTER\",\"minPrice\":\"0.01\",\"maxPrice\":\"1000000\",\"tickSize\":\"0.01\"},"
			"{\"filterType\":\"LOT_SIZE\",\"minQty\":\"0.001\",\"maxQty\":\"9000\",\"stepSize\":\"0.001\"},"
			"{\"filterType\":\"%s\":\"5\"}]}",
			s ? "," : "", symbols[s],
			c->door == DOOR_SPOT ? "NOTIONAL\",\"minNotional"
					     : "MIN_NOTIONAL\",\"notional");
	snprintf(body + n, sizeof body - n, "]}");
	answer_http(c, body);
}

static void answer_book(struct mini_conn *c)
{
	char body[2048];
	size_t n = (size_t)snprintf(body, sizeof body, "{\"lastUpdateId\":%d", BOOK_SEQ);
	for (int side = 0; side < 2; side++) {
		n += (size_t)snprintf(body + n, sizeof body - n, ",\"%s\":[",
				      side ? "asks" : "bids");
		for (int i = 0; i < 20; i++) {
			int cent = side ? MID_CENT + 1 + i : MID_CENT - i;
			n += (size_t)snprintf(body + n, sizeof body - n,
					      "%s[\"%d.%02d\",\"40.000\"]", i ? "," : "",
					      cent / 100, cent % 100);
		}
		n += (size_t)snprintf(body + n, sizeof body - n, "]");
	}
	snprintf(body + n, sizeof body - n, "}");
	answer_http(c, body);
}

/* What it stamps and what it answers must agree, or the host rightly believes neither. */
static long long now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void answer_rest(struct mini *m, struct mini_conn *c)
{
	char body[64];
	snprintf(body, sizeof body, "{\"serverTime\":%lld}", now_ms());
	if (strstr(c->in, "/exchangeInfo"))
		answer_rules(c);
	else if (strstr(c->in, "/time"))
		answer_http(c, body);
	else if (strstr(c->in, "/depth"))
		answer_book(c);
	else if (strstr(c->in, "/listenKey"))
		answer_http(c, "{\"listenKey\":\"bench\"}");
	else if (strstr(c->in, "/allOpenOrders") && strncmp(c->in, "DELETE", 6) == 0) {
		m->swept_ns[c->door == DOOR_SPOT ? MINI_SPOT : MINI_USDM] = bench_ns();
		answer_http(c, "{\"code\":200,\"msg\":\"done\"}");
	} else
		answer_http(c, "[]"); /* open orders, trades */
}

static void upgrade(struct mini *m, struct mini_conn *c)
{
	char accept[WS_ACCEPT_LEN], head[256];
	const char *key = strcasestr(c->in, "Sec-WebSocket-Key: ");
	if (!key)
		die("an upgrade without a key");
	key += strlen("Sec-WebSocket-Key: ");
	ws_shake_accept((struct http_str){ key, strcspn(key, "\r") }, accept);
	int n = snprintf(
		head, sizeof head,
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		accept);
	mini_send(c, head, (size_t)n);
	enum mini_market k = c->door == DOOR_SPOT ? MINI_SPOT : MINI_USDM;
	if (strncmp(c->in, "GET /stream", 11) == 0) {
		c->role = ROLE_STREAM;
		m->stream[k] = c;
	} else if (strncmp(c->in, "GET /api", 8) == 0) {
		c->role = ROLE_API;
		m->api[k] = c;
	} else {
		c->role = ROLE_USER;
		m->user = c;
	}
}

static void serve_http(struct mini *m, struct mini_conn *c)
{
	c->in[c->n] = '\0';
	char *end = strstr(c->in, "\r\n\r\n");
	if (!end)
		return;
	size_t n = (size_t)(end + 4 - c->in);
	if (strcasestr(c->in, "Upgrade: websocket"))
		upgrade(m, c);
	else
		answer_rest(m, c);
	consume(c, n);
}

/* ---- WebSocket ---- */

static size_t frame(uint8_t *out, const char *text, size_t n)
{
	size_t head = ws_frame_write(out, true, WS_OP_TEXT, n, NULL);
	memcpy(out + head, text, n);
	return head + n;
}

static void say(struct mini_conn *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(struct mini_conn *c, const char *fmt, ...)
{
	char text[MINI_FRAME];
	uint8_t out[MINI_FRAME + WS_HEAD_MAX];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	mini_send(c, out, frame(out, text, (size_t)n));
}

/* Bytes of the first frame, unmasked into text; 0: not all there. */
static size_t unframe(const void *in, size_t n, char *text, size_t cap, uint8_t *op)
{
	struct ws_frame f;
	int head = ws_frame_read(&f, in, n);
	if (head <= 0 || n - (size_t)head < f.n)
		return 0;
	if (f.n >= cap)
		die("a frame that is too long");
	ws_frame_mask((uint8_t *)text, (const uint8_t *)in + head, (size_t)f.n, f.key);
	text[f.n] = '\0';
	*op = f.op;
	return (size_t)head + (size_t)f.n;
}

static int64_t request_of(const char *text)
{
	const char *id = strstr(text, "\"id\":");
	return id ? strtoll(id + 5, NULL, 10) : 0;
}

static const char *result_of(const char *text)
{
	static const struct {
		const char *method, *result;
	} row[] = {
		{ "session.logon", "{}" },
		{ "userDataStream.subscribe", "{\"subscriptionId\":0}" },
		{ "openOrders.status", "[]" },
		{ "openOrders.cancelAll", "[]" },
		{ "account.status",
		  "{\"balances\":[{\"asset\":\"BTC\",\"free\":\"9000\",\"locked\":\"0\"},{\"asset\":\"ETH\",\"free\":\"9000\",\"locked\":\"0\"},"
		  "{\"asset\":\"USDT\",\"free\":\"900000000\",\"locked\":\"0\"}]}" },
		{ "v2/account.position", "[]" },
		{ "v2/account.balance",
		  "[{\"asset\":\"USDT\",\"balance\":\"900000000\",\"availableBalance\":\"900000000\"}]" },
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (strstr(text, row[i].method))
			return row[i].result;
	return NULL;
}

/* Answers what the script holds; false: it is something else. */
static bool answer_ws(struct mini_conn *c, const char *text)
{
	const char *result = result_of(text);
	if (result)
		say(c, "{\"id\":%lld,\"status\":200,\"result\":%s}", (long long)request_of(text),
		    result);
	return result != NULL;
}

static void serve_ws(struct mini *m, struct mini_conn *c)
{
	char text[MINI_FRAME];
	uint8_t op = 0;
	size_t n;
	while ((n = unframe(c->in, c->n, text, sizeof text, &op)) > 0) {
		if (op == WS_OP_TEXT && strstr(text, "\"order.place\""))
			return; /* mini_take's */
		consume(c, n);
		if (op == WS_OP_PING)
			mini_send(c, "\x8a\x00", 2);
		else if (op == WS_OP_TEXT && !answer_ws(c, text))
			fprintf(stderr, "mini_venue: not in the script: %s\n", text);
		if (op == WS_OP_TEXT && strstr(text, "\"openOrders.cancelAll\""))
			m->swept_ns[MINI_SPOT] = bench_ns();
		m->subscribed |= strstr(text, "userDataStream.subscribe") != NULL;
	}
}

/* The reflector says with its first byte which of its three sockets this is. */
static void serve_bare(struct mini *m, struct mini_conn *c)
{
	unsigned which = (unsigned)(c->in[0] - '0');
	if (which > 2)
		die("a reflector that says nonsense");
	m->bare[which] = c;
	c->role = ROLE_BARE;
	consume(c, 1);
}

static void serve_one(struct mini *m, struct mini_conn *c)
{
	if (c->shaking) {
		int rc = tls_handshake(c->tls);
		c->shaking = rc == TLS_WANT_READ || rc == TLS_WANT_WRITE;
		if (rc && !c->shaking)
			die("TLS handshake");
		return;
	}
	if (c->role == ROLE_BARE)
		return;
	ssize_t k = some(c);
	if (k < 0) {
		drop(m, c);
		return;
	}
	if (c->n == 0)
		return;
	if (c->role >= ROLE_STREAM)
		serve_ws(m, c);
	else if (c->door == DOOR_BARE)
		serve_bare(m, c);
	else
		serve_http(m, c);
}

void mini_serve(struct mini *m)
{
	for (unsigned d = 0; d < mini_door_max; d++)
		take_connection(m, d);
	for (unsigned i = 0; i < MINI_CONNS; i++)
		if (m->conn[i].fd >= 0)
			serve_one(m, &m->conn[i]);
}

bool mini_host_is_up(const struct mini *m)
{
	return m->stream[MINI_SPOT] && m->stream[MINI_USDM] && m->api[MINI_SPOT] &&
	       m->api[MINI_USDM] && m->user && m->subscribed;
}

/* ---- market data ---- */

void mini_start_book(struct mini *m, enum mini_market market, unsigned symbol)
{
	say(m->stream[market],
	    "{\"stream\":\"x@depth@100ms\",\"data\":{\"e\":\"depthUpdate\",\"E\":%lld,\"s\":\"%s\",\"U\":%d,\"u\":%d,"
	    "\"pu\":%d,\"b\":[],\"a\":[]}}",
	    now_ms(), symbols[symbol], BOOK_SEQ - 10, BOOK_SEQ - 5, BOOK_SEQ - 11);
}

size_t mini_quote(struct mini *m, enum mini_market market, unsigned symbol, int64_t bid_cent,
		  uint8_t *out)
{
	static const char *const stream[MINI_SYMBOLS] = { "btcusdt@bookTicker",
							  "ethusdt@bookTicker" };
	static const struct {
		const char *head, *zeros;
		bool stamped;
	} form[mini_market_max] = {
		[MINI_SPOT] = { "", "000000", false },
		[MINI_USDM] = { "\"e\":\"bookTicker\",", "", true },
	};
	const char *zeros = form[market].zeros;
	int64_t ask_cent = bid_cent + 1;
	char text[512], tail[64] = "";
	if (form[market].stamped)
		snprintf(tail, sizeof tail, ",\"T\":%lld,\"E\":%lld", now_ms(), now_ms());
	int n = snprintf(
		text, sizeof text,
		"{\"stream\":\"%s\",\"data\":{%s\"u\":%llu,\"s\":\"%s\",\"b\":\"%lld.%02lld%s\",\"B\":\"31.21%s\","
		"\"a\":\"%lld.%02lld%s\",\"A\":\"40.66%s\"%s}}",
		stream[symbol], form[market].head, (unsigned long long)++m->quotes, symbols[symbol],
		(long long)(bid_cent / 100), (long long)(bid_cent % 100), zeros, zeros,
		(long long)(ask_cent / 100), (long long)(ask_cent % 100), zeros, zeros, tail);
	return frame(out, text, (size_t)n);
}

/* ---- orders ---- */

/* What is asked between the orders (positions, balances) is answered as ever. */
static bool is_a_question(struct mini_conn *c, const struct mini_order *o)
{
	char text[MINI_FRAME];
	uint8_t op;
	unframe(o->frame, o->n, text, sizeof text, &op);
	return !strstr(text, "\"order.") && answer_ws(c, text);
}

bool mini_take(struct mini_conn *c, struct mini_order *o)
{
	struct ws_frame f;
	if (some(c) < 0)
		die("a socket for orders ended");
	int head = c->n ? ws_frame_read(&f, (const uint8_t *)c->in, c->n) : 0;
	if (head <= 0 || c->n - (size_t)head < f.n)
		return false;
	o->at_ns = bench_ns();
	o->n = (size_t)head + (size_t)f.n;
	if (o->n > sizeof o->frame)
		die("an order that is too long");
	memcpy(o->frame, c->in, o->n);
	consume(c, o->n);
	return !is_a_question(c, o);
}

static void member(const char *text, const char *key, char *out, size_t cap)
{
	const char *at = strstr(text, key);
	out[0] = '\0';
	if (!at)
		return;
	at += strlen(key);
	size_t n = strcspn(at, "\"");
	snprintf(out, cap, "%.*s", (int)n, at);
}

void mini_read_order(struct mini_order *o)
{
	char text[MINI_FRAME];
	uint8_t op;
	unframe(o->frame, o->n, text, sizeof text, &op);
	o->request = request_of(text);
	member(text, "\"newClientOrderId\":\"", o->client, sizeof o->client);
	member(text, "\"symbol\":\"", o->symbol, sizeof o->symbol);
	member(text, "\"side\":\"", o->side, sizeof o->side);
	member(text, "\"price\":\"", o->px, sizeof o->px);
	member(text, "\"quantity\":\"", o->qty, sizeof o->qty);
	if (!o->client[0] || !o->px[0] || !o->qty[0])
		die("an order that cannot be read");
}

bool mini_read_cancel(struct mini_order *o)
{
	char text[MINI_FRAME];
	uint8_t op;
	unframe(o->frame, o->n, text, sizeof text, &op);
	o->request = request_of(text);
	member(text, "\"origClientOrderId\":\"", o->client, sizeof o->client);
	member(text, "\"symbol\":\"", o->symbol, sizeof o->symbol);
	return strstr(text, "\"order.cancel\"") != NULL;
}

void mini_cancelled(struct mini *m, enum mini_market market, const struct mini_order *o,
		    int64_t request)
{
	say(m->api[market],
	    "{\"id\":%lld,\"status\":200,\"result\":{\"symbol\":\"%s\",\"orderId\":%llu,\"origClientOrderId\":\"%s\",\"clientOrderId\":\"c\","
	    "\"price\":\"%s\",\"origQty\":\"%s\",\"executedQty\":\"0\",\"status\":\"CANCELED\",\"side\":\"%s\",\"updateTime\":1723161241000}}",
	    (long long)request, o->symbol, (unsigned long long)o->number, o->client, o->px, o->qty,
	    o->side);
}

void mini_ack(struct mini *m, enum mini_market market, struct mini_order *o)
{
	o->number = ++m->orders;
	say(m->api[market],
	    "{\"id\":%lld,\"status\":200,\"result\":{\"symbol\":\"%s\",\"orderId\":%llu,\"orderListId\":-1,\"clientOrderId\":\"%s\","
	    "\"transactTime\":1723161241000}}",
	    (long long)o->request, o->symbol, (unsigned long long)o->number, o->client);
}

size_t mini_report(struct mini *m, enum mini_market market, const struct mini_order *o, bool fill,
		   uint8_t *out)
{
	char letters[768], text[MINI_FRAME];
	snprintf(
		letters, sizeof letters,
		"\"s\":\"%s\",\"c\":\"%s\",\"S\":\"%s\",\"o\":\"LIMIT\",\"f\":\"IOC\",\"q\":\"%s\",\"p\":\"%s\",\"x\":\"%s\",\"X\":\"%s\","
		"\"i\":%llu,\"l\":\"%s\",\"z\":\"%s\",\"L\":\"%s\",\"n\":\"0\",\"T\":1723161241000,\"t\":%llu,\"m\":false",
		o->symbol, o->client, o->side, o->qty, o->px, fill ? "TRADE" : "EXPIRED",
		fill ? "FILLED" : "EXPIRED", (unsigned long long)o->number, fill ? o->qty : "0",
		fill ? o->qty : "0", fill ? o->px : "0", (unsigned long long)++m->trades);
	int n = market == MINI_SPOT
			? snprintf(
				  text, sizeof text,
				  "{\"subscriptionId\":0,\"event\":{\"e\":\"executionReport\",\"E\":1723161241000,%s,\"C\":\"\",\"r\":\"NONE\"}}",
				  letters)
			: snprintf(
				  text, sizeof text,
				  "{\"e\":\"ORDER_TRADE_UPDATE\",\"E\":1723161241000,\"T\":1723161241000,\"o\":{%s}}",
				  letters);
	return frame(out, text, (size_t)n);
}

void mini_answer(struct mini *m, enum mini_market market, struct mini_order *o, bool fill)
{
	uint8_t report[MINI_FRAME + WS_HEAD_MAX];
	mini_ack(m, market, o);
	size_t n = mini_report(m, market, o, fill, report);
	mini_send(market == MINI_SPOT ? m->api[market] : m->user, report, n);
}
