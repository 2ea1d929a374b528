#include "core/io/http_client.h"
#include "core/base/err.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int http_client_init(struct http_client *c, struct env *e, size_t body_cap, size_t request_cap)
{
	*c = (struct http_client){ .env = e, .request_cap = request_cap };
	c->body = malloc(body_cap);
	c->request = malloc(request_cap);
	if (!c->body || !c->request) {
		http_client_free(c);
		return err_set(ERR_NOMEM, "no memory for answers of %zu bytes", body_cap);
	}
	http_init(&c->parser, HTTP_RESPONSE, c->body, body_cap);
	return 0;
}

void http_client_free(struct http_client *c)
{
	http_client_cancel(c);
	free(c->body);
	free(c->request);
	c->body = c->request = NULL;
}

bool http_client_busy(const struct http_client *c)
{
	return c->chan;
}

void http_client_cancel(struct http_client *c)
{
	if (c->chan)
		chan_close(c->chan);
	c->chan = NULL;
}

static void answer(struct http_client *c)
{
	http_client_cancel(c);
	c->done(c->owner, 0, "", &c->parser.head, c->body, c->parser.body_n);
}

static void no_answer(struct http_client *c, int err, const char *why, const uint8_t *p, size_t n)
{
	char text[320];
	snprintf(text, sizeof(text), "%s", why);
	http_client_cancel(c);
	c->done(c->owner, err, text, NULL, p, n);
}

static void up(void *owner, struct chan *chan)
{
	struct http_client *c = owner;
	int rc = chan_send(chan, c->request, c->request_n);
	if (rc)
		no_answer(c, rc, err_text(), NULL, 0);
}

static ptrdiff_t bytes(void *owner, struct chan *chan, const uint8_t *p, size_t n, int64_t recv_ns)
{
	(void)chan;
	(void)recv_ns;
	struct http_client *c = owner;
	ptrdiff_t used = http_feed(&c->parser, p, n);
	if (used < 0) {
		no_answer(c, (int)used, err_text(), p, n);
		return (ptrdiff_t)n;
	}
	if (c->parser.done)
		answer(c);
	return used;
}

static void down(void *owner, struct chan *chan, int err, const char *why)
{
	(void)chan;
	struct http_client *c = owner;
	c->chan = NULL;
	if (err == -ERR_CLOSED && http_end(&c->parser) == 0)
		answer(c);
	else
		no_answer(c, err, why, NULL, 0);
}

static const struct chan_handler handler = { .up = up, .bytes = bytes, .down = down };

static int write_request(struct http_client *c, const struct env_peer *peer, const char *method,
			 const char *target, const char *headers, const void *body, size_t n)
{
	char host[160];
	char lines[4096];
	http_host(host, sizeof(host), peer->server_name[0] ? peer->server_name : peer->host,
		  peer->port, peer->tls);
	int k = snprintf(lines, sizeof(lines), "Connection: close\r\n%s", headers ? headers : "");
	if (k < 0 || (size_t)k >= sizeof(lines))
		return err_set(ERR_FULL, "HTTP: headers of more than %zu bytes", sizeof(lines));
	ptrdiff_t head =
		http_request((char *)c->request, c->request_cap, method, target, host, lines, n);
	if (head < 0)
		return (int)head;
	if (n > c->request_cap - (size_t)head)
		return err_set(ERR_FULL, "HTTP: a request of more than %zu bytes", c->request_cap);
	if (n)
		memcpy(c->request + head, body, n);
	c->request_n = (size_t)head + n;
	return 0;
}

int http_client_ask(struct http_client *c, const struct env_peer *peer, const char *method,
		    const char *target, const char *headers, const void *body, size_t n,
		    http_done_fn done, void *owner)
{
	if (c->chan)
		return err_set(ERR_BUSY, "HTTP: a request is under way already");
	int rc = write_request(c, peer, method, target, headers, body, n);
	if (rc)
		return rc;
	http_reset(&c->parser);
	c->parser.no_body = strcmp(method, "HEAD") == 0;
	c->done = done;
	c->owner = owner;
	return env_open(c->env, peer, &handler, c, &c->chan);
}
