#include "core/io/http.h"
#include "core/base/err.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LINE_CAP    256	 /* of a chunk's size line */
#define TRAILER_CAP 8192 /* of all trailers */

enum state {
	ST_HEAD,
	ST_BODY,       /* `left` bytes to come */
	ST_CHUNK_SIZE, /* a size line */
	ST_CHUNK,      /* `left` bytes of a chunk to come */
	ST_CHUNK_END,  /* the line end behind a chunk */
	ST_TRAILER,
	ST_TO_END, /* until the connection ends */
	ST_DONE,
};

void http_init(struct http_parser *x, enum http_role role, void *body, size_t body_cap)
{
	x->role = (uint8_t)role;
	x->body = body;
	x->body_cap = body_cap;
	http_reset(x);
}

void http_reset(struct http_parser *x)
{
	x->state = ST_HEAD;
	x->no_body = false;
	x->done = false;
	x->body_n = 0;
	x->left = 0;
	x->trailer = 0;
	x->head_n = 0;
	x->head = (struct http_head){ .length = -1 };
}

/* ---------------------------------------------------------------- the head */

static bool is_token(uint8_t c)
{
	if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
		return true;
	return c && strchr("!#$%&'*+-.^_`|~", c);
}

static bool all_tokens(struct http_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_token((uint8_t)s.p[i]))
			return false;
	return s.n > 0;
}

/* Printable, tabs and bytes above ASCII: what may stand in a value. */
static bool all_text(struct http_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = (uint8_t)s.p[i];
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

static bool all_visible(struct http_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((uint8_t)s.p[i] <= 0x20 || (uint8_t)s.p[i] >= 0x7f)
			return false;
	return s.n > 0;
}

/* Cuts off what is before `c`; false when there is no `c`. */
static bool cut(struct http_str *rest, char c, struct http_str *out)
{
	const char *at = rest->n ? memchr(rest->p, c, rest->n) : NULL;
	if (!at)
		return false;
	*out = (struct http_str){ rest->p, (size_t)(at - rest->p) };
	rest->p = at + 1;
	rest->n -= out->n + 1;
	return true;
}

static int version(struct http_head *h, struct http_str v)
{
	if (v.n != 8 || memcmp(v.p, "HTTP/1.", 7) != 0 || (v.p[7] != '0' && v.p[7] != '1'))
		return err_set(ERR_PARSE, "HTTP: version \"%.*s\" is neither HTTP/1.0 nor HTTP/1.1",
			       (int)(v.n > 16 ? 16 : v.n), v.p);
	h->minor = v.p[7] - '0';
	return 0;
}

static int request_line(struct http_head *h, struct http_str line)
{
	if (!cut(&line, ' ', &h->method) || !cut(&line, ' ', &h->target) ||
	    !all_tokens(h->method) || !all_visible(h->target))
		return err_set(ERR_PARSE,
			       "HTTP: the request line is not \"METHOD target HTTP/1.1\"");
	return version(h, line);
}

static int status_line(struct http_head *h, struct http_str line)
{
	struct http_str v;
	if (!cut(&line, ' ', &v) || line.n < 3 || !all_text(line))
		return err_set(ERR_PARSE, "HTTP: the status line is not \"HTTP/1.1 200 reason\"");
	for (int i = 0; i < 3; i++) {
		if (line.p[i] < '0' || line.p[i] > '9')
			return err_set(ERR_PARSE, "HTTP: the status is not three digits");
		h->status = h->status * 10 + (line.p[i] - '0');
	}
	if (h->status < 100 || (line.n > 3 && line.p[3] != ' '))
		return err_set(ERR_PARSE, "HTTP: the status is not three digits");
	if (line.n > 4)
		h->reason = (struct http_str){ line.p + 4, line.n - 4 };
	return version(h, v);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct http_str trim(struct http_str s)
{
	while (s.n && is_blank(*s.p)) {
		s.p++;
		s.n--;
	}
	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

static int header_line(struct http_head *h, struct http_str line)
{
	struct http_header x;
	if (!cut(&line, ':', &x.name) || !all_tokens(x.name))
		return err_set(ERR_PARSE, "HTTP: header %u is not \"Name: value\"",
			       h->n_header + 1);
	x.value = trim(line);
	if (!all_text(x.value))
		return err_set(ERR_PARSE, "HTTP: header %.*s holds control characters",
			       (int)(x.name.n > 64 ? 64 : x.name.n), x.name.p);
	if (h->n_header == HTTP_HEADERS)
		return err_set(ERR_LIMIT, "HTTP: more than %d headers", HTTP_HEADERS);
	h->header[h->n_header++] = x;
	return 0;
}

static uint32_t count(const struct http_head *h, const char *name)
{
	uint32_t k = 0;
	for (uint32_t i = 0; i < h->n_header; i++)
		k += h->header[i].name.n == strlen(name) &&
		     strncasecmp(h->header[i].name.p, name, h->header[i].name.n) == 0;
	return k;
}

static int content_length(struct http_head *h)
{
	struct http_str s = http_get(h, "Content-Length");
	if (!s.p)
		return 0;
	if (count(h, "Content-Length") > 1)
		return err_set(ERR_PARSE, "HTTP: Content-Length stands there twice");
	if (s.n == 0 || s.n > 18)
		return err_set(ERR_PARSE, "HTTP: Content-Length is not a number");
	int64_t v = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return err_set(ERR_PARSE, "HTTP: Content-Length is not a number");
		v = v * 10 + (s.p[i] - '0');
	}
	h->length = v;
	return 0;
}

/* Where the message ends must have one reading only. */
static int framing(struct http_head *h, enum http_role role)
{
	int rc = content_length(h);
	if (rc)
		return rc;
	struct http_str te = http_get(h, "Transfer-Encoding");
	if (te.p) {
		if (te.n != 7 || strncasecmp(te.p, "chunked", 7) != 0 ||
		    count(h, "Transfer-Encoding") > 1 || h->minor == 0)
			return err_set(ERR_PARSE, "HTTP: a Transfer-Encoding other than chunked");
		if (h->length >= 0)
			return err_set(ERR_PARSE,
				       "HTTP: Content-Length and Transfer-Encoding together");
		h->chunked = true;
	}
	if (role == HTTP_REQUEST && count(h, "Host") != (h->minor ? 1u : count(h, "Host") > 0))
		return err_set(ERR_PARSE, "HTTP: the request must name one Host");
	if (h->minor)
		h->keep_alive = !http_has_token(h, "Connection", "close");
	else
		h->keep_alive = http_has_token(h, "Connection", "keep-alive");
	return 0;
}

static int parse_head(struct http_parser *x, size_t n)
{
	struct http_head *h = &x->head;
	struct http_str rest = { x->head_buf, n }, line;
	bool first = true;
	/* The last line is the empty one; the search for its end found it first. */
	while (cut(&rest, '\n', &line) && rest.n) {
		if (line.n == 0 || line.p[line.n - 1] != '\r')
			return err_set(ERR_PARSE, "HTTP: a line of the head ends without CR");
		line.n--;
		int rc;
		if (first)
			rc = x->role == HTTP_REQUEST ? request_line(h, line) : status_line(h, line);
		else
			rc = header_line(h, line);
		if (rc)
			return rc;
		first = false;
	}
	return first ? err_set(ERR_PARSE, "HTTP: an empty head") : framing(h, x->role);
}

static int after_head(struct http_parser *x)
{
	struct http_head *h = &x->head;
	bool response = x->role == HTTP_RESPONSE;
	if (response && h->status < 200 && h->status != 101) {
		bool no_body = x->no_body;
		http_reset(x);
		x->no_body = no_body;
		return 0;
	}
	bool bare = response &&
		    (x->no_body || h->status == 101 || h->status == 204 || h->status == 304);
	if (bare || h->length == 0 || (!response && !h->chunked && h->length < 0)) {
		x->state = ST_DONE;
	} else if (h->chunked) {
		x->state = ST_CHUNK_SIZE;
	} else if (h->length > 0) {
		if ((uint64_t)h->length > x->body_cap)
			return err_set(ERR_LIMIT,
				       "HTTP: a body of %lld bytes; at most %zu are taken",
				       (long long)h->length, x->body_cap);
		x->left = (uint64_t)h->length;
		x->state = ST_BODY;
	} else {
		h->keep_alive = false;
		x->state = ST_TO_END;
	}
	return 0;
}

static ptrdiff_t feed_head(struct http_parser *x, const uint8_t *p, size_t n)
{
	size_t take = HTTP_HEAD_CAP - x->head_n;
	if (take > n)
		take = n;
	size_t from = x->head_n < 3 ? 0 : x->head_n - 3;
	memcpy(x->head_buf + x->head_n, p, take);
	size_t have = x->head_n + take;
	const char *end = memmem(x->head_buf + from, have - from, "\r\n\r\n", 4);
	if (!end) {
		x->head_n = have;
		if (have == HTTP_HEAD_CAP)
			return err_set(ERR_LIMIT, "HTTP: a head of more than %d bytes",
				       HTTP_HEAD_CAP);
		return (ptrdiff_t)take;
	}
	size_t whole = (size_t)(end - x->head_buf) + 4;
	size_t used = whole - x->head_n;
	x->head_n = whole;
	int rc = parse_head(x, whole);
	if (!rc)
		rc = after_head(x);
	return rc ? rc : (ptrdiff_t)used;
}

/* ---------------------------------------------------------------- the body */

static ptrdiff_t take_body(struct http_parser *x, const uint8_t *p, size_t n)
{
	if (n > x->left)
		n = (size_t)x->left;
	if (n > x->body_cap - x->body_n)
		return err_set(ERR_LIMIT, "HTTP: a body of more than %zu bytes", x->body_cap);
	if (n)
		memcpy(x->body + x->body_n, p, n);
	x->body_n += n;
	x->left -= n;
	if (x->left == 0)
		x->state = x->state == ST_BODY ? ST_DONE : ST_CHUNK_END;
	return (ptrdiff_t)n;
}

/* The bytes of a whole line with its CRLF; 0: not all there yet. */
static ptrdiff_t whole_line(const uint8_t *p, size_t n, size_t cap)
{
	const uint8_t *lf = memchr(p, '\n', n < cap ? n : cap);
	if (!lf) {
		if (n >= cap)
			return err_set(ERR_PARSE, "HTTP: a line of more than %zu bytes in the body",
				       cap);
		return 0;
	}
	size_t len = (size_t)(lf - p) + 1;
	struct http_str line = { (const char *)p, len < 2 ? 0 : len - 2 };
	if (len < 2 || lf[-1] != '\r' || !all_text(line))
		return err_set(ERR_PARSE, "HTTP: a line in the body is broken");
	return (ptrdiff_t)len;
}

static int hex(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static ptrdiff_t chunk_size(struct http_parser *x, const uint8_t *p, size_t n)
{
	ptrdiff_t len = whole_line(p, n, LINE_CAP);
	if (len <= 0)
		return len;
	uint64_t v = 0;
	ptrdiff_t i = 0;
	for (; i < len && hex(p[i]) >= 0; i++) {
		if (i == 15)
			return err_set(ERR_PARSE, "HTTP: a chunk's size has more than 15 digits");
		v = v << 4 | (uint64_t)hex(p[i]);
	}
	/* Behind the digits: nothing, or an extension, which has no meaning here. */
	if (i == 0 || (p[i] != '\r' && p[i] != ';'))
		return err_set(ERR_PARSE, "HTTP: a chunk's size is not a hexadecimal number");
	if (v > x->body_cap - x->body_n)
		return err_set(ERR_LIMIT, "HTTP: a body of more than %zu bytes", x->body_cap);
	x->left = v;
	x->state = v ? ST_CHUNK : ST_TRAILER;
	return len;
}

static ptrdiff_t chunk_end(struct http_parser *x, const uint8_t *p, size_t n)
{
	if (n < 2 && p[0] == '\r')
		return 0;
	if (p[0] != '\r' || p[1] != '\n')
		return err_set(ERR_PARSE, "HTTP: a chunk is longer than it says");
	x->state = ST_CHUNK_SIZE;
	return 2;
}

static ptrdiff_t trailer(struct http_parser *x, const uint8_t *p, size_t n)
{
	ptrdiff_t len = whole_line(p, n, TRAILER_CAP);
	if (len <= 0)
		return len;
	x->trailer += (uint32_t)len;
	if (x->trailer > TRAILER_CAP)
		return err_set(ERR_LIMIT, "HTTP: trailers of more than %d bytes", TRAILER_CAP);
	if (len == 2)
		x->state = ST_DONE;
	return len;
}

static ptrdiff_t to_end(struct http_parser *x, const uint8_t *p, size_t n)
{
	x->left = n;
	ptrdiff_t used = take_body(x, p, n);
	x->state = ST_TO_END;
	return used;
}

static ptrdiff_t (*const step[])(struct http_parser *, const uint8_t *, size_t) = {
	[ST_HEAD] = feed_head,	[ST_BODY] = take_body,	    [ST_CHUNK_SIZE] = chunk_size,
	[ST_CHUNK] = take_body, [ST_CHUNK_END] = chunk_end, [ST_TRAILER] = trailer,
	[ST_TO_END] = to_end,
};
_Static_assert(sizeof(step) / sizeof(step[0]) == ST_DONE, "a step for every state but the last");

ptrdiff_t http_feed(struct http_parser *x, const uint8_t *p, size_t n)
{
	size_t used = 0;
	while (x->state != ST_DONE && used < n) {
		ptrdiff_t k = step[x->state](x, p + used, n - used);
		if (k < 0)
			return k;
		if (k == 0)
			break;
		used += (size_t)k;
	}
	x->done = x->state == ST_DONE;
	return (ptrdiff_t)used;
}

int http_end(struct http_parser *x)
{
	if (x->state != ST_TO_END && x->state != ST_DONE)
		return err_set(ERR_CLOSED, "HTTP: the connection ended before the message did");
	x->state = ST_DONE;
	x->done = true;
	return 0;
}

/* ---------------------------------------------------------------- reading and writing heads */

struct http_str http_get(const struct http_head *h, const char *name)
{
	size_t n = strlen(name);
	for (uint32_t i = 0; i < h->n_header; i++)
		if (h->header[i].name.n == n && strncasecmp(h->header[i].name.p, name, n) == 0)
			return h->header[i].value;
	return (struct http_str){ NULL, 0 };
}

bool http_has_token(const struct http_head *h, const char *name, const char *word)
{
	size_t n = strlen(name), w = strlen(word);
	for (uint32_t i = 0; i < h->n_header; i++) {
		const struct http_header *x = &h->header[i];
		if (x->name.n != n || strncasecmp(x->name.p, name, n) != 0)
			continue;
		struct http_str rest = x->value, one;
		while (rest.n) {
			if (!cut(&rest, ',', &one)) {
				one = rest;
				rest.n = 0;
			}
			one = trim(one);
			if (one.n == w && strncasecmp(one.p, word, w) == 0)
				return true;
		}
	}
	return false;
}

bool http_is(struct http_str s, const char *text)
{
	return s.p && s.n == strlen(text) && memcmp(s.p, text, s.n) == 0;
}

static bool one_line(const char *s)
{
	for (; *s; s++)
		if ((uint8_t)*s < 0x20 || *s == 0x7f)
			return false;
	return true;
}

/* Whole lines: every line end is CRLF, the last one included, and none is empty. */
static bool whole_lines(const char *s)
{
	if (!s || !*s)
		return true;
	for (const char *p = s; *p;) {
		size_t n = strcspn(p, "\r\n");
		if (n == 0 || p[n] != '\r' || p[n + 1] != '\n')
			return false;
		p += n + 2;
	}
	return true;
}

static ptrdiff_t written(int n, size_t cap)
{
	if (n < 0 || (size_t)n >= cap)
		return err_set(ERR_FULL, "HTTP: a head of %d bytes; there is room for %zu", n, cap);
	return n;
}

ptrdiff_t http_request(char *out, size_t cap, const char *method, const char *target,
		       const char *host, const char *headers, size_t body_n)
{
	struct http_str t = { target, strlen(target) }, m = { method, strlen(method) };
	if (!all_tokens(m) || !all_visible(t) || !one_line(host) || !whole_lines(headers))
		return err_set(ERR_ARG,
			       "HTTP: method, target, host or headers hold a space or a line end");
	char length[48] = "";
	if (body_n || strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0)
		snprintf(length, sizeof(length), "Content-Length: %zu\r\n", body_n);
	return written(snprintf(out, cap, "%s %s HTTP/1.1\r\nHost: %s\r\n%s%s\r\n", method, target,
				host, headers ? headers : "", length),
		       cap);
}

ptrdiff_t http_response(char *out, size_t cap, int status, const char *headers, size_t body_n)
{
	if (status < 100 || status > 599 || !whole_lines(headers))
		return err_set(ERR_ARG, "HTTP: status %d, or headers that are not whole lines",
			       status);
	char length[48] = "";
	if (status >= 200 && status != 204)
		snprintf(length, sizeof(length), "Content-Length: %zu\r\n", body_n);
	return written(snprintf(out, cap, "HTTP/1.1 %d %s\r\n%s%s\r\n", status, http_reason(status),
				headers ? headers : "", length),
		       cap);
}

void http_host(char *out, size_t cap, const char *host, uint16_t port, bool tls)
{
	bool six = strchr(host, ':');
	int n = snprintf(out, cap, "%s%s%s", six ? "[" : "", host, six ? "]" : "");
	if (port != (tls ? 443 : 80) && n > 0 && (size_t)n < cap)
		snprintf(out + n, cap - (size_t)n, ":%u", port);
}

const char *http_reason(int status)
{
	static const struct {
		int status;
		const char *text;
	} all[] = {
		{ 101, "Switching Protocols" },
		{ 200, "OK" },
		{ 201, "Created" },
		{ 204, "No Content" },
		{ 304, "Not Modified" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 409, "Conflict" },
		{ 413, "Content Too Large" },
		{ 418, "I'm a teapot" },
		{ 426, "Upgrade Required" },
		{ 429, "Too Many Requests" },
		{ 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" },
		{ 502, "Bad Gateway" },
		{ 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" },
	};
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].status == status)
			return all[i].text;
	return "Unknown";
}
