/* ws - WebSocket (RFC 6455) over a channel, both roles: messages in, messages out.
 *
 * Whole messages are handed over; an unfragmented one of a server points straight into the
 * channel's buffer and is valid during the call only. Pings are answered here. Broken framing
 * closes with 1002, bad UTF-8 with 1007, what is too large with 1009, a flood of pings with
 * 1008. Strict: no extensions, masks exactly where the RFC wants them. Owned by the env's
 * thread; allocates at init only. */
#pragma once
#include "core/io/env.h"
#include "core/io/http.h"

#define WS_CAP_DEFAULT (4u << 20) /* largest message */
#define WS_CONTROL_MAX 125

enum ws_close {
	WS_CLOSE_NORMAL = 1000,
	WS_CLOSE_GOING_AWAY = 1001,
	WS_CLOSE_PROTOCOL = 1002,
	WS_CLOSE_NONE = 1005, /* never on the wire: the peer gave no code */
	WS_CLOSE_LOST = 1006, /* never on the wire: the connection ended without a close */
	WS_CLOSE_UTF8 = 1007,
	WS_CLOSE_POLICY = 1008,
	WS_CLOSE_TOO_BIG = 1009,
};

struct ws;

/* Any may be NULL. A handler may send on and close any ws. */
struct ws_handler {
	void (*on_open)(void *owner, struct ws *ws);
	void (*on_text)(void *owner, struct ws *ws, const char *p, size_t n, int64_t recv_ns);
	void (*on_binary)(void *owner, struct ws *ws, const uint8_t *p, size_t n, int64_t recv_ns);
	void (*on_ping)(void *owner, struct ws *ws, const uint8_t *p,
			size_t n); /* the pong is already on its way */
	void (*on_pong)(void *owner, struct ws *ws, const uint8_t *p, size_t n);
	/* Over, exactly once, for every ws that was started, unless the owner called ws_drop.
	 * err 0: an orderly close. code: the peer's, or ours where we ended it, or
	 * WS_CLOSE_LOST. The ws may be started anew from here. */
	void (*on_close)(void *owner, struct ws *ws, int err, uint16_t code, const char *why);
};

struct ws_opt {
	uint32_t cap;		   /* largest message; 0: WS_CAP_DEFAULT */
	uint32_t pings_per_second; /* more from the peer ends it; 0: 50 */
};

enum ws_state { WS_IDLE, WS_CONNECTING, WS_UPGRADING, WS_OPEN, WS_CLOSING, ws_state_max };

struct ws {
	struct env *env;
	struct chan *chan; /* NULL when idle */
	const struct ws_handler *handler;
	void *owner;
	uint8_t state; /* enum ws_state */
	bool client;
	bool protocol_asked; /* our request names a subprotocol */
	uint8_t kind;	  /* opcode of the message whose fragments are being collected; 0: none */
	uint32_t utf8;	  /* state of its text so far */
	uint32_t session; /* counts starts and ends */
	uint32_t cap;
	uint32_t message_n; /* bytes collected */
	uint8_t *message;   /* cap bytes: fragments, and what had to be unmasked */
	uint8_t *out;	    /* cap and a head: a frame to send */
	uint32_t ping_limit, pings;
	int64_t pings_from_ns;
	uint64_t frames; /* received in this session */
	/* While bytes are handled: those from the frame (or the answer to the upgrade) on. In on_close they
	 * tell what broke a rule. */
	const uint8_t *at;
	size_t at_n;
	uint16_t close_code;	  /* what we sent */
	char accept[29];	  /* what the server must answer */
	uint32_t request_n;	  /* bytes of the upgrade's request, which waits in `out` */
	struct http_parser *http; /* the answer to it */
};

/* Takes the memory; a ws is then started as often as needed. -ERR_NOMEM. */
int ws_init(struct ws *ws, struct env *e, const struct ws_opt *o, const struct ws_handler *h,
	    void *owner);
void ws_free(struct ws *ws); /* drops it where it is not idle */

/* Client: connect, ask for the upgrade, then on_open. path: with query. headers: lines ending in
 * CRLF, or NULL. -ERR_BUSY: not idle; -ERR_ARG; or what env_open says (on_close is then not
 * called). */
int ws_client_start(struct ws *ws, const struct env_peer *peer, const char *path,
		    const char *headers);

/* Server: is this request an upgrade that can be accepted? 0, or -ERR_PARSE with what is wrong
 * (answer 400, or 426 for a version). */
int ws_server_check(const struct http_head *request);
/* Server: take the channel over (its handler and owner become the ws's), answer 101, on_open
 * follows at once. What came behind the request comes with the next bytes. -ERR_BUSY,
 * -ERR_PARSE, or what chan_send says. */
int ws_server_accept(struct ws *ws, struct chan *c, const struct http_head *request);

/* -ERR_STATE: not open. -ERR_FULL: the channel has no room; nothing was taken. Bytes leave at
 * flush. */
int ws_send_text(struct ws *ws, const char *p, size_t n);
int ws_send_binary(struct ws *ws, const void *p, size_t n);
int ws_ping(struct ws *ws, const void *p, size_t n); /* n at most 125 */
/* Starts the closing handshake; on_close follows when the peer has answered (or the connection
 * ends). why: at most 123 bytes, or NULL. */
int ws_close(struct ws *ws, uint16_t code, const char *why);
/* Ends it at once; on_close is not called. Safe in any state. */
void ws_drop(struct ws *ws);

/* The channel handler of a ws, for owners that hand bytes in themselves. */
ptrdiff_t ws_bytes(struct ws *ws, const uint8_t *p, size_t n, int64_t recv_ns);
