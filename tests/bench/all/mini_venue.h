/* mini_venue - both Binance markets, played by one thread with bare sockets, just enough for a host to come up and trade.
 *
 * It scripts what a host asks for (rules, time, a book, a log-on, listen key, streams) and otherwise only sends quotes and takes
 * orders, so that what is measured is the host and not a matching engine. A reflector may connect to it as well, on sockets of the
 * same kind. Sockets never block; the feeder's thread. Ends the process where the script does not fit. */
#pragma once
#include "core/io/tls.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mini_market { MINI_SPOT, MINI_USDM, mini_market_max };
enum mini_door { DOOR_SPOT, DOOR_USDM, DOOR_BARE, mini_door_max }; /* who listens */
enum mini_role { ROLE_NONE, ROLE_REST, ROLE_STREAM, ROLE_API, ROLE_USER, ROLE_BARE, mini_role_max };

#define MINI_CONNS   32
#define MINI_FRAME   2048
#define MINI_SYMBOLS 2

struct mini_conn {
	int fd; /* -1: free */
	struct tls_conn *tls;
	bool shaking;
	uint8_t door, role;
	size_t n;
	char in[16384];
};

/* An order as it came: its frame, and what the answers repeat. */
struct mini_order {
	int64_t at_ns;
	size_t n; /* of the frame */
	uint8_t frame[MINI_FRAME];
	int64_t request;
	uint64_t number; /* the venue's; 0: not acknowledged */
	char client[48], symbol[16], side[8], px[32], qty[32];
};

struct mini {
	bool tls;
	struct tls_ctx *ctx;
	int listener[mini_door_max];
	uint16_t port[mini_door_max];
	struct mini_conn conn[MINI_CONNS];
	struct mini_conn *stream[mini_market_max], *api[mini_market_max],
		*user;		   /* of the host; NULL: not there */
	struct mini_conn *bare[3]; /* of the reflector: quotes, leg A, leg B */
	bool subscribed;
	uint64_t quotes, orders, trades; /* numbers given out */
	int64_t swept_ns
		[mini_market_max]; /* when all orders of a contract were last cancelled at once; 0: never */
};

/* dir holds cert.pem and key.pem where tls. */
void mini_open(struct mini *m, bool tls, const char *dir);
void mini_close(struct mini *m);
/* Takes connections and answers what is asked; orders are not touched by it. */
void mini_serve(struct mini *m);
/* Is everything there that a host needs to trade? */
bool mini_host_is_up(const struct mini *m);
/* A change of the book, so that the host asks for the whole of it. */
void mini_start_book(struct mini *m, enum mini_market market, unsigned symbol);

/* A best price in a frame of the market stream; prices in cents, a cent apart. Its length. */
size_t mini_quote(struct mini *m, enum mini_market market, unsigned symbol, int64_t bid_cent,
		  uint8_t *out);
void mini_send(struct mini_conn *c, const void *p, size_t n);
/* One read for a frame of an order, or of a cancel; true once it is whole, with its time. Whatever else the script knows is answered. */
bool mini_take(struct mini_conn *c, struct mini_order *o);
/* Reads what the frame holds. */
void mini_read_order(struct mini_order *o);
void mini_ack(struct mini *m, enum mini_market market, struct mini_order *o);
/* The frame is a cancel of one order: which one into `client`, and the request to answer. False: it is something else. */
bool mini_read_cancel(struct mini_order *o);
/* Answers a cancel of this order: it is gone, unfilled. */
void mini_cancelled(struct mini *m, enum mini_market market, const struct mini_order *o,
		    int64_t request);
/* The frame of its last report, after its acknowledgement: filled whole, or ended unfilled. Its length. */
size_t mini_report(struct mini *m, enum mini_market market, const struct mini_order *o, bool fill,
		   uint8_t *out);
/* Both of these, sent. */
void mini_answer(struct mini *m, enum mini_market market, struct mini_order *o, bool fill);
