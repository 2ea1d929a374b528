/* server_kind - what one kind of venue does in its own way, a row each: its market core, its wire, and what it does by itself.
 *
 * The server knows sockets, delays, faults and the line of time, and nothing of a wire: a new kind is a new row. */
#pragma once
#include "adapters/sim/server_keys.h"
#include "adapters/sim/server_setup.h"
#include "core/io/http.h"

struct server_venue;
struct server_conn;
struct source_event;

struct server_kind {
	const char *wire; /* as configurations and endpoints.json name it */
	const char *stream_path, *api_path, *user_path; /* user_path NULL: none */
	bool rest;
	int (*open)(struct server_venue *v, const struct server_key *key, uint32_t n_keys,
		    const char *ledger);
	void (*close)(struct server_venue *v);
	bool (*broken)(const struct server_venue *v); /* its ledger cannot be written */
	/* An event of the market, on the venue's clock; and what is told of it to those who listen. */
	int (*market)(struct server_venue *v, uint16_t instrument, int64_t clock_ns,
		      const struct source_event *e);
	void (*say)(struct server_venue *v, uint16_t instrument, const struct source_event *e);
	/* Which part a connection plays, by its address; false: none. */
	bool (*find_role)(struct server_conn *c, struct http_str target);
	/* A request has reached the venue. */
	void (*request)(struct server_conn *c, int64_t at_ns, const uint8_t *p, size_t n);
	/* May a fault lose it on the way? */
	bool (*may_lose)(const char *p, size_t n);
	/* When it next does something by itself, on its clock (INT64_MAX: never), and doing it; monotonic. NULL: never. */
	int64_t (*next_ns)(const struct server_venue *v);
	void (*tick)(struct server_venue *v, int64_t at_ns);
};
extern const struct server_kind server_kinds[setup_kind_max];

/* next_ns as monotonic time; INT64_MAX before the market has begun. */
int64_t server_kind_next(const struct server_venue *v);
