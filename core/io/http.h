/* http - HTTP/1.1 as bytes in and bytes out: no socket, no clock, no allocation.
 *
 * A parser takes one request or response at a time from a buffer and says how much it used; the
 * head is copied into the parser, the body into the caller's buffer. Strict where leniency is
 * how requests are smuggled: a length and chunked together, two lengths that differ, spaces
 * before the colon, bare line feeds, folded lines are refused. One owner. Head at most 16 KiB,
 * 64 headers; body at most what the buffer holds. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_HEAD_CAP 16384
#define HTTP_HEADERS  64

struct http_str {
	const char *p; /* not terminated */
	size_t n;
};

struct http_header {
	struct http_str name, value;
};

struct http_head {
	struct http_str method, target; /* requests */
	struct http_str reason;		/* responses */
	int status;			/* responses */
	int minor;			/* HTTP/1.minor: 0 or 1 */
	bool keep_alive;
	bool chunked;
	int64_t length; /* Content-Length; -1: none */
	uint32_t n_header;
	struct http_header header[HTTP_HEADERS];
};

enum http_role { HTTP_REQUEST, HTTP_RESPONSE, http_role_max };

struct http_parser {
	uint8_t role;
	uint8_t state;
	bool no_body; /* set by the caller after reset when the response answers a HEAD */
	bool done;    /* head and body are complete */
	struct http_head head;
	uint8_t *body; /* the caller's */
	size_t body_n, body_cap;
	uint64_t left;	  /* of the body or of the chunk */
	uint32_t trailer; /* bytes of trailers seen */
	size_t head_n, scanned;
	char head_buf[HTTP_HEAD_CAP];
};

void http_init(struct http_parser *x, enum http_role role, void *body, size_t body_cap);
/* Ready for the next message on the connection. */
void http_reset(struct http_parser *x);
/* Returns how many bytes were used; stops at the end of the message (x->done). What is not used
 * is to be given again with more behind it. -ERR_PARSE; -ERR_LIMIT: head or body too large.
 * Interim responses (1xx but 101) are skipped. */
ptrdiff_t http_feed(struct http_parser *x, const uint8_t *p, size_t n);
/* The connection ended: 0 where that is how the body ends, else -ERR_CLOSED. */
int http_end(struct http_parser *x);

/* The value of a header, name in any case; NULL p when it is not there. */
struct http_str http_get(const struct http_head *h, const char *name);
/* Is `word` among the comma-separated tokens of the header, in any case? */
bool http_has_token(const struct http_head *h, const char *name, const char *word);
bool http_is(struct http_str s, const char *text); /* exactly */

/* A head (with Content-Length: body_n when there is a body or has_length) into out: bytes
 * written, or -ERR_FULL, or -ERR_ARG where a part holds a line end. `headers`: whole lines, each
 * ending in CRLF, or NULL. The body follows it. */
ptrdiff_t http_request(char *out, size_t cap, const char *method, const char *target,
		       const char *host, const char *headers, size_t body_n);
ptrdiff_t http_response(char *out, size_t cap, int status, const char *headers, size_t body_n);
const char *http_reason(int status);
/* What a Host header says: the port where it is not the scheme's own, brackets around an IPv6
 * address. */
void http_host(char *out, size_t cap, const char *host, uint16_t port, bool tls);
