/* server - simulated venues on sockets: one process, one clock, several markets, each with a port on which Binance's REST, streams and WebSocket API answer.
 *
 * It is driven: env_poll until server_next, server_turn, env_flush; the env is live or simulated. All that happens in it has a time: requests reach the
 * market after their delay, market events at their time, answers and frames leave after theirs, and within a turn everything goes in order of time. The
 * ledger has what is told. Killed and opened again on its folder it goes on: same keys, ports, balances, orders, place in the market. One
 * thread. Limits: 4 venues, 64 connections; delays begin where bytes were read, so a slow network adds to them. */
#pragma once
#include "adapters/sim/cn_wire.h"
#include "adapters/sim/server_fifo.h"
#include "adapters/sim/server_kind.h"
#include "adapters/sim/server_setup.h"
#include "adapters/sim/server_state.h"
#include "adapters/sim/wire.h"
#include "adapters/sim/wire_stream.h"
#include "core/io/clock_page.h"
#include "core/io/env.h"
#include "core/io/http.h"
#include "core/io/ws.h"

#define SERVER_CONNS 64
#define SERVER_SUBS  64 /* streams of one connection */
#define SERVER_BODY  16384

enum conn_phase { CONN_FREE, CONN_HTTP, CONN_SOCKET, conn_phase_max };
enum conn_role { ROLE_REST, ROLE_API, ROLE_STREAM, ROLE_USER, conn_role_max };
/* USD-M splits its streams over two addresses. */
enum conn_group { GROUP_ALL, GROUP_PUBLIC, GROUP_MARKET, conn_group_max };

struct server;
struct server_venue;

struct server_conn {
	struct server *server;
	struct server_venue *venue;
	uint8_t phase, role, group;
	bool combined;	   /* frames carry the stream's name */
	bool ws_ready;	   /* ws_init was done */
	bool last;	   /* REST: no more requests after this one */
	struct chan *chan; /* CONN_HTTP */
	struct http_parser http;
	uint8_t body[SERVER_BODY];
	struct ws ws;
	struct server_fifo in, reply, event; /* requests; answers; frames and reports */
	struct wire_session session;
	struct cn_talk talk; /* of a domestic counter */
	uint16_t account;    /* ROLE_USER, with the listen key that it came by */
	char listen[SERVER_KEY_TEXT + 1];
	char events[192]; /* the ones that it asked for, with '/' between; empty: all */
	uint32_t n_sub;
	struct wire_stream sub[SERVER_SUBS];
	int64_t born_ns, ping_at_ns, pong_by_ns; /* pong_by 0: none is awaited */
	int64_t second_ns;
	int32_t messages; /* in that second */
};

struct server_venue {
	struct server *server;
	const struct setup_venue *setup;
	uint16_t index, port;
	const struct server_kind *kind;
	struct wire wire;		      /* of another kind only its knobs are */
	struct cn_wire *cn;		      /* SETUP_CN_FUTURES */
	bool open;			      /* wire is initialised */
	int64_t frozen_until_ns;	      /* monotonic */
	int64_t feed_frozen_until_ns;	      /* market data alone */
	int64_t mute_until_ns[SETUP_SYMBOLS]; /* its market data is lost */
	int64_t reject_until_ns;	      /* 0: not rejecting everything */
	uint32_t reject_ppm;		      /* what it was before */
	uint64_t frames, requests, dropped;
};

struct server_market {
	struct market_source *source;
	struct source_event event; /* the next one, when held */
	bool held, started, finished;
	int64_t start_mono_ns, start_market_ns; /* a line of time */
	int64_t drained_ns; /* the market is over and nothing waits to leave, since then; 0: not yet */
	uint16_t venue[SOURCE_INSTRUMENTS],
		instrument[SOURCE_INSTRUMENTS]; /* of the source -> ours */
};

struct server {
	const struct venue_setup *setup;
	struct env *env;
	struct clock_page *clock; /* NULL: none */
	struct server_state state;
	struct server_market market;
	struct server_venue venue[SETUP_VENUES];
	struct server_conn *conn; /* SERVER_CONNS */
	int n_conns;		  /* slots that were ever taken: those behind them are free */
	char *frame, *data;	  /* WIRE_ANSWER bytes each, to write texts in */
	struct env_now now;	  /* of the turn */
	int64_t op_ns;		  /* of what is being done in it, monotonic */
};

/* clock: the page that env follows as venue, or NULL. Everything made or found on disk, books where the market stood, ports open; endpoints.json
 * written. -ERR_IO, -ERR_NET, -ERR_BUSY, -ERR_CONFIG and what the parts say. setup, env and clock outlive the server. */
int server_open(struct server *s, const struct venue_setup *setup, struct env *env,
		struct clock_page *clock);
void server_close(struct server *s);
/* Monotonic time at which it next has something to do. */
int64_t server_next(const struct server *s);
/* Everything due by now; after env_poll, before env_flush. -ERR_IO: it cannot go on. */
int server_turn(struct server *s);
const char *conn_role_name(enum conn_role r);
