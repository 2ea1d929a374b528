/* peer - Binance's side by script, for tests of the adapter and of all that stands on it: it takes connections, keeps what it was asked, and answers as told.
 *
 * Methods and paths have a text for an answer each; NULL is silence. It knows no market: the test says every word. */
#pragma once
#include "core/io/env.h"
#include "core/io/http.h"
#include "core/io/ws.h"
#include <jansson.h>

enum peer_door { DOOR_STREAM, DOOR_API, DOOR_REST, DOOR_USER, door_max };
enum { PEER_PORT = 9001, PEER_CONNS = 16, PEER_ANSWERS = 40, PEER_ASKED = 16384 };

struct peer_conn {
	struct peer *peer;
	struct chan *chan;
	struct http_parser *http;
	struct ws ws;
	enum peer_door door;
	bool used;
	uint8_t body[256];
	char target[4200];
};

struct peer_answer {
	const char *what; /* method of the API, or path of REST */
	const char *
		body; /* "result" or "error" member of the API with its status before it; the body of REST. NULL: silence */
	int status; /* or one of the raw ones: the body of REST is then the whole answer, its head too */
};
enum { PEER_RAW = 0, PEER_RAW_OPEN = -1 /* and the connection stays open */ };

struct peer {
	struct env *env;
	struct peer_conn conn[PEER_CONNS];
	struct peer_answer answer[PEER_ANSWERS];
	unsigned n_answers;
	/* What was asked, in order: method or "GET /path?query". */
	char *asked[PEER_ASKED];
	unsigned n_asked;
	unsigned connects[door_max];
	bool forgetful; /* what is asked is not kept */
};

/* Listens on four ports, one a door, from this one on. */
void peer_open(struct peer *p, struct env *env, uint16_t port);
void peer_free(struct peer *p);
/* All that a host needs to come up on either market: BTCUSDT with a tick of 0.01. */
void peer_script_good(struct peer *p);
/* From now on. The texts are not copied. */
void peer_script(struct peer *p, const char *what, int status, const char *body);
/* Says something on the newest open connection of a door; false: there is none. */
bool peer_say(struct peer *p, enum peer_door door, const char *text);
/* The same with bytes as they are, below WebSocket. */
bool peer_raw(struct peer *p, enum peer_door door, const void *bytes, size_t n);
struct peer_conn *peer_conn(struct peer *p, enum peer_door door);
/* How often something that begins so was asked, and the newest of them (NULL: never). */
unsigned peer_asked(const struct peer *p, const char *what, const char **newest);
