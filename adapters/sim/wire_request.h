/* wire_request - what a client asked for, taken apart: method, parameters, and the text that its signature must cover.
 *
 * Two shapes: a JSON text of the WebSocket API, and method, path and query of REST. Values come out as text, numbers as they were written where
 * that can be told. Bounded: 48 parameters, 16 KiB. One owner; reading JSON allocates and frees. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_PARAMS  48
#define WIRE_REQUEST 16384 /* bytes of the largest request */

struct wire_param {
	const char *name, *value; /* terminated */
	bool read;
	bool not_text; /* an object, an array or null */
};

struct wire_request {
	char id[272];	 /* JSON, as it is to be echoed; "null" where there is none */
	char method[64]; /* of the WebSocket API; REST: GET, POST, ... */
	char path[128];	 /* REST */
	uint32_t n;
	struct wire_param param[WIRE_PARAMS];
	char payload[WIRE_REQUEST + WIRE_PARAMS]; /* what is signed */
	size_t payload_n;
	size_t store_n;
	char store[2 * WIRE_REQUEST + 2 * WIRE_PARAMS]; /* names and values */
};

/* 0; -ERR_PARSE: not JSON, no object, no method, an id of a wrong type, params that are no object; -ERR_LIMIT: too much of it. What
 * was understood (the id at least) stands in r in any case. */
int wire_request_ws(struct wire_request *r, const char *text, size_t n);
/* target: path with query. The signature is whatever stands in a parameter of that name; it is left out of the payload as it stands. */
int wire_request_rest(struct wire_request *r, const char *method, const char *target,
		      size_t target_n, const char *body, size_t body_n);
/* The value, or NULL where it was not sent; marks it as read. */
const char *wire_request_get(struct wire_request *r, const char *name);
uint32_t wire_request_unread(const struct wire_request *r);
