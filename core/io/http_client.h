/* http_client - asks a venue one question over REST and hands back the answer, through the same
 * door as everything else.
 *
 * One request, one response, one connection each; cold by nature (snapshots, listen keys), but
 * it allocates only at init. The owner's thread. There is no timer here: the owner sets one and
 * calls http_client_cancel. */
#pragma once
#include "core/io/env.h"
#include "core/io/http.h"

struct http_client;
/* err 0: the answer, valid during the call. Otherwise a negative code and why; head is NULL, and
 * the body is what could not be read, where that is the reason. The client is free again. */
typedef void (*http_done_fn)(void *owner, int err, const char *why, const struct http_head *head,
			     const uint8_t *body, size_t n);

struct http_client {
	struct env *env;
	struct chan *chan; /* NULL: free */
	http_done_fn done;
	void *owner;
	struct http_parser parser;
	uint8_t *body;
	uint8_t *request;
	size_t request_n, request_cap;
};

/* body_cap: largest answer; request_cap: largest request with its body. -ERR_NOMEM. */
int http_client_init(struct http_client *c, struct env *e, size_t body_cap, size_t request_cap);
void http_client_free(struct http_client *c);
bool http_client_busy(const struct http_client *c);
/* method, target (with query), header lines each ending in CRLF or NULL, a body or NULL.
 * -ERR_BUSY: one is under way; -ERR_FULL: larger than request_cap; or what env_open says. After
 * 0, done is called exactly once, from poll. */
int http_client_ask(struct http_client *c, const struct env_peer *peer, const char *method,
		    const char *target, const char *headers, const void *body, size_t n,
		    http_done_fn done, void *owner);
/* Drops what is under way; done is not called. */
void http_client_cancel(struct http_client *c);
