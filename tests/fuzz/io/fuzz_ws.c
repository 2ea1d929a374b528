/* Proves that a WebSocket survives any bytes in both roles, and that how they are cut never
 * changes what it delivers. */
#include "core/io/utf8.h"
#include "core/io/ws.h"
#include <stdlib.h>
#include <string.h>

#define CAP 1024

/* An env of one channel that swallows what is sent. */
static void now(struct env *e, struct env_now *out)
{
	(void)e;
	*out = (struct env_now){ 1, 1 };
}

static uint64_t draw(struct env *e)
{
	(void)e;
	return 4;
}

static uint64_t digest;

static void note(const void *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		digest = (digest ^ ((const uint8_t *)p)[i]) * 0x100000001b3ull;
}

static struct chan chan;

static int open_it(struct env *e, const struct env_peer *p, const struct chan_handler *h,
		   void *owner, struct chan **out)
{
	(void)p;
	chan = (struct chan){ .env = e, .handler = h, .owner = owner, .state = CHAN_CONNECTING };
	*out = &chan;
	return 0;
}

static int send_it(struct chan *c, const void *p, size_t n)
{
	if (c->state != CHAN_UP)
		abort();
	note(p, n);
	return 0;
}

static void close_it(struct chan *c)
{
	if (c->state == CHAN_DOWN)
		abort();
	c->state = CHAN_DOWN;
}

static const struct env_ops ops = {
	.now = now, .random = draw, .open = open_it, .send = send_it, .close = close_it
};
static struct env env = { &ops };

static void on_text(void *owner, struct ws *ws, const char *p, size_t n, int64_t recv_ns)
{
	(void)owner;
	(void)ws;
	(void)recv_ns;
	if (n > CAP || !utf8_valid(p, n))
		abort();
	note("t", 1);
	note(p, n);
}

static void on_binary(void *owner, struct ws *ws, const uint8_t *p, size_t n, int64_t recv_ns)
{
	(void)owner;
	(void)recv_ns;
	if (n > CAP)
		abort();
	note("b", 1);
	note(p, n);
	/* Handlers do this, too. */
	if (n == 7)
		(void)ws_close(ws, WS_CLOSE_NORMAL, NULL);
	if (n == 9)
		ws_drop(ws);
}

static void on_close(void *owner, struct ws *ws, int err, uint16_t code, const char *why)
{
	(void)ws;
	++*(int *)owner;
	note(&err, sizeof(err));
	note(&code, sizeof(code));
	note(why, strlen(why));
}

static const struct ws_handler handler = { .on_text = on_text,
					   .on_binary = on_binary,
					   .on_close = on_close };

static const char request[] =
	"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

/* client: `p` is all that the server says, its answer to the upgrade included where `skip` is
 * not set. */
static void start(struct ws *ws, bool client, bool skip)
{
	static struct http_parser head;
	if (client) {
		struct env_peer peer = { .host = "a", .port = 1 };
		if (ws_client_start(ws, &peer, "/", NULL) != 0)
			abort();
		chan.state = CHAN_UP;
		chan.handler->up(chan.owner, &chan);
		if (skip)
			ws->state = WS_OPEN;
		return;
	}
	chan = (struct chan){ .env = &env, .state = CHAN_UP };
	http_init(&head, HTTP_REQUEST, NULL, 0);
	(void)http_feed(&head, (const uint8_t *)request, sizeof(request) - 1);
	if (ws_server_accept(ws, &chan, &head.head) != 0)
		abort();
}

static uint64_t run(const uint8_t *p, size_t n, size_t step, uint8_t mode)
{
	static struct ws ws;
	static const struct ws_opt o = { .cap = CAP };
	int closes = 0;
	digest = 1;
	if (ws_init(&ws, &env, &o, &handler, &closes) != 0)
		abort();
	start(&ws, mode & 1, mode & 2);
	size_t from = 0, to = 0;
	while (to < n && chan.state == CHAN_UP) {
		to = n - to < step ? n : to + step;
		uint8_t *copy = malloc(to - from);
		memcpy(copy, p + from, to - from);
		ptrdiff_t k = chan.handler->bytes(chan.owner, &chan, copy, to - from, 1);
		free(copy);
		if (chan.state != CHAN_UP)
			break;
		if (k < 0 || (size_t)k > to - from)
			abort();
		from += (size_t)k;
	}
	if (chan.state == CHAN_UP) {
		chan.state = CHAN_DOWN;
		chan.handler->down(chan.owner, &chan, -7, "ended");
		if (closes != 1)
			abort();
	}
	if (closes > 1 || ws.state != WS_IDLE)
		abort();
	ws_free(&ws);
	return digest;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	if (n < 2)
		return 0;
	uint64_t whole = run(p + 2, n - 2, n, p[0]);
	if (run(p + 2, n - 2, 1 + p[1] % 64, p[0]) != whole)
		abort();
	return 0;
}
