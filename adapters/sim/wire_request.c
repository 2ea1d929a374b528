#include "adapters/sim/wire_request.h"
#include "core/base/err.h"
#include <ctype.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each part is bounded by what the whole request may be, and the store holds that twice. */
static const char *keep(struct wire_request *r, const char *p, size_t n)
{
	if (n >= sizeof r->store - r->store_n)
		return NULL;
	char *to = r->store + r->store_n;
	memcpy(to, p, n);
	to[n] = 0;
	r->store_n += n + 1;
	return to;
}

static int add(struct wire_request *r, const char *name, size_t name_n, const char *value,
	       size_t value_n)
{
	if (r->n == WIRE_PARAMS)
		return err_set(ERR_LIMIT, "more than %d parameters", WIRE_PARAMS);
	struct wire_param *p = &r->param[r->n];
	*p = (struct wire_param){ .name = keep(r, name, name_n), .value = keep(r, value, value_n) };
	if (!p->name || !p->value)
		return err_set(ERR_LIMIT, "more than %d bytes of parameters", WIRE_REQUEST);
	r->n++;
	return 0;
}

static bool is_signature(const char *name)
{
	return strcmp(name, "signature") == 0;
}

static int payload_put(struct wire_request *r, const char *p, size_t n)
{
	if (n >= sizeof r->payload - r->payload_n)
		return err_set(ERR_LIMIT, "more than %d bytes of parameters", WIRE_REQUEST);
	memcpy(r->payload + r->payload_n, p, n);
	r->payload_n += n;
	r->payload[r->payload_n] = 0;
	return 0;
}

static void start(struct wire_request *r)
{
	r->n = 0;
	r->store_n = r->payload_n = 0;
	r->payload[0] = r->method[0] = r->path[0] = 0;
	strcpy(r->id, "null");
}

/* ---------------------------------------------------------------- the WebSocket API */

static int add_json(struct wire_request *r, const char *name, const json_t *v)
{
	char number[64];
	const char *text = number;
	size_t n = 0;
	if (json_is_string(v)) {
		text = json_string_value(v);
		n = json_string_length(v);
		if (strlen(text) != n)
			return err_set(ERR_PARSE, "a zero byte in a parameter");
	} else if (json_is_integer(v)) {
		n = (size_t)snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT,
				     json_integer_value(v));
	} else if (json_is_real(v)) {
		/* The shortest text that reads back: what a client most likely wrote. */
		for (int digits = 1; digits <= 17; digits++) {
			n = (size_t)snprintf(number, sizeof number, "%.*g", digits,
					     json_real_value(v));
			if (strtod(number, NULL) == json_real_value(v))
				break;
		}
	} else if (json_is_boolean(v)) {
		text = json_is_true(v) ? "true" : "false";
		n = strlen(text);
	}
	int rc = add(r, name, strlen(name), text, n);
	if (!rc)
		r->param[r->n - 1].not_text =
			json_is_object(v) || json_is_array(v) || json_is_null(v);
	return rc;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct wire_param *)a)->name, ((const struct wire_param *)b)->name);
}

static int sorted_payload(struct wire_request *r)
{
	int rc = 0;
	if (r->n)
		qsort(r->param, r->n, sizeof r->param[0], by_name);
	for (uint32_t i = 0; rc == 0 && i < r->n; i++) {
		const struct wire_param *p = &r->param[i];
		if (is_signature(p->name))
			continue;
		if (r->payload_n)
			rc = payload_put(r, "&", 1);
		if (rc == 0)
			rc = payload_put(r, p->name, strlen(p->name));
		if (rc == 0)
			rc = payload_put(r, "=", 1);
		if (rc == 0)
			rc = payload_put(r, p->value, strlen(p->value));
	}
	return rc;
}

static int take_id(struct wire_request *r, const json_t *id)
{
	if (!id || json_is_null(id))
		return 0;
	if (!json_is_string(id) && !json_is_integer(id))
		return err_set(ERR_PARSE, "id is neither an integer, a string nor null");
	size_t n = json_dumpb(id, r->id, sizeof r->id - 1, JSON_ENCODE_ANY | JSON_COMPACT);
	if (n < sizeof r->id) {
		r->id[n] = 0;
		return 0;
	}
	strcpy(r->id, "null");
	return err_set(ERR_PARSE, "id is too long");
}

static int take_method(struct wire_request *r, const json_t *method)
{
	const char *m = json_string_value(method);
	if (!m)
		return err_set(ERR_PARSE, "no method");
	if (strlen(m) != json_string_length(method) || strlen(m) >= sizeof r->method)
		return err_set(ERR_PARSE, "no such method");
	strcpy(r->method, m);
	return 0;
}

static int take_params(struct wire_request *r, json_t *params)
{
	const char *name;
	json_t *v;
	if (!params || json_is_null(params))
		return 0;
	if (!json_is_object(params))
		return err_set(ERR_PARSE, "params is no object");
	json_object_foreach(params, name, v)
	{
		int rc = add_json(r, name, v);
		if (rc)
			return rc;
	}
	return sorted_payload(r);
}

int wire_request_ws(struct wire_request *r, const char *text, size_t n)
{
	start(r);
	if (n > WIRE_REQUEST)
		return err_set(ERR_LIMIT, "a request of more than %d bytes", WIRE_REQUEST);
	json_error_t why;
	json_t *root = json_loadb(text, n, JSON_REJECT_DUPLICATES, &why);
	if (!json_is_object(root)) {
		json_decref(root);
		return err_set(ERR_PARSE, "no JSON object: %s", root ? "another value" : why.text);
	}
	int rc = take_id(r, json_object_get(root, "id"));
	if (rc == 0)
		rc = take_method(r, json_object_get(root, "method"));
	if (rc == 0)
		rc = take_params(r, json_object_get(root, "params"));
	json_decref(root);
	return rc;
}

/* ---------------------------------------------------------------- REST */

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent-decoded into out, which holds n bytes; the length, or -1. */
static ptrdiff_t unescape(const char *p, size_t n, char *out)
{
	size_t to = 0;
	for (size_t i = 0; i < n; i++) {
		char c = p[i] == '+' ? ' ' : p[i];
		if (p[i] == '%') {
			if (i + 2 >= n || hex(p[i + 1]) < 0 || hex(p[i + 2]) < 0)
				return -1;
			c = (char)(hex(p[i + 1]) * 16 + hex(p[i + 2]));
			i += 2;
		}
		if (c == 0)
			return -1;
		out[to++] = c;
	}
	return (ptrdiff_t)to;
}

static int add_pair(struct wire_request *r, const char *p, size_t n)
{
	char value[WIRE_REQUEST];
	const char *eq = memchr(p, '=', n);
	size_t name_n = eq ? (size_t)(eq - p) : n;
	const char *v = eq ? eq + 1 : p + n;
	ptrdiff_t value_n = unescape(v, (size_t)(p + n - v), value);
	if (value_n < 0 || memchr(p, 0, name_n))
		return err_set(ERR_PARSE, "a parameter is not percent-encoded as it must be");
	return add(r, p, name_n, value, (size_t)value_n);
}

/* The pairs of one query or form; what is signed is this text without the signature's pair. */
static int add_pairs(struct wire_request *r, const char *p, size_t n)
{
	size_t before = r->payload_n;
	for (size_t at = 0; at < n;) {
		const char *amp = memchr(p + at, '&', n - at);
		size_t len = amp ? (size_t)(amp - (p + at)) : n - at;
		int rc = len ? add_pair(r, p + at, len) : 0;
		bool own = len && is_signature(r->param[r->n ? r->n - 1 : 0].name);
		if (rc == 0 && !own && r->payload_n > before)
			rc = payload_put(r, "&", 1);
		if (rc == 0 && !own)
			rc = payload_put(r, p + at, len);
		if (rc)
			return rc;
		at += len + 1;
	}
	return 0;
}

int wire_request_rest(struct wire_request *r, const char *method, const char *target,
		      size_t target_n, const char *body, size_t body_n)
{
	start(r);
	const char *query = memchr(target, '?', target_n);
	size_t path_n = query ? (size_t)(query - target) : target_n;
	if (target_n + body_n > WIRE_REQUEST)
		return err_set(ERR_LIMIT, "a request of more than %d bytes", WIRE_REQUEST);
	if (path_n >= sizeof r->path || strlen(method) >= sizeof r->method)
		return err_set(ERR_NOTFOUND, "no such path");
	memcpy(r->path, target, path_n);
	r->path[path_n] = 0;
	strcpy(r->method, method);
	int rc = query ? add_pairs(r, query + 1, target_n - path_n - 1) : 0;
	return rc ? rc : add_pairs(r, body, body_n);
}

/* ---------------------------------------------------------------- */

const char *wire_request_get(struct wire_request *r, const char *name)
{
	for (uint32_t i = 0; i < r->n; i++)
		if (strcmp(r->param[i].name, name) == 0) {
			r->param[i].read = true;
			return r->param[i].not_text ? NULL : r->param[i].value;
		}
	return NULL;
}

uint32_t wire_request_unread(const struct wire_request *r)
{
	uint32_t unread = 0;
	for (uint32_t i = 0; i < r->n; i++)
		unread += !r->param[i].read;
	return unread;
}
