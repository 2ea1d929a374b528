/* env - the one door to the world: time, bytes, randomness and operator commands come through
 * here.
 *
 * Whatever the core reads from outside it reads through these calls, so the same code runs live
 * (env_live.h: sockets, TLS, real clocks), in the simulator (env_sim.h: virtual time, byte pipes
 * with delays and faults, one seed) and again from a record. A channel carries plain bytes: TLS,
 * where there is any, is below the door; HTTP, WebSocket and everything above are on this side
 * of it. All of it belongs to the thread that calls poll (the engine's, or the venue's). */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct env;
struct chan;

/* Three clocks are kept apart: monotonic for timers and latencies, UTC for receipts; the venue's
 * comes on the wire. */
struct env_now {
	int64_t mono_ns;
	int64_t utc_ns;
};

struct env_peer {
	char host[128]; /* name or address to connect to; for listen: the address to bind */
	uint16_t port;
	bool tls;
	char server_name[128]; /* verified against the certificate, and SNI; empty: host */
	char ca_file[256];     /* PEM of the roots to trust; empty: the system's */
	char cert_file[256];   /* listen, or a client certificate */
	char key_file[256];
	uint32_t rx_cap; /* most bytes that may wait for a message to be whole; 0: 4 MiB + 64 KiB */
	uint32_t tx_cap; /* most bytes that may wait to be sent; 0: 4 MiB */
};

enum chan_state { CHAN_CONNECTING, CHAN_UP, CHAN_DOWN, chan_state_max };

/* What happens on a channel, told to its owner during poll. A handler may send on and close any
 * channel. */
struct chan_handler {
	/* Connected, and verified where TLS is asked for: bytes may be sent. */
	void (*up)(void *owner, struct chan *c);
	/* All bytes not yet consumed, oldest first. Returns how many it consumed; the rest comes
	 * again with what follows. A negative code ends the channel (down is called with it).
	 * recv_ns: monotonic, when the newest were read. */
	ptrdiff_t (*bytes)(void *owner, struct chan *c, const uint8_t *p, size_t n,
			   int64_t recv_ns);
	/* Over, by whichever side; never called for the owner's own chan_close. The channel is
	 * invalid after it returns. */
	void (*down)(void *owner, struct chan *c, int err, const char *why);
};

/* The head of every channel; env implementations put their own members behind it. */
struct chan {
	struct env *env;
	const struct chan_handler *handler;
	void *owner;
	uint32_t id; /* counts up from 1 within the env: names the channel in records */
	uint8_t state;
};

/* A new connection on a listener: fill in handler and owner of the channel; up follows when it
 * is ready. Non-zero refuses it. */
typedef int (*chan_accept_fn)(void *owner, struct chan *c);

#define ENV_REPLY_ROW  '+'
#define ENV_REPLY_ROWS 32
#define ENV_REPLY_TEXT 508 /* with its end */

enum env_command_kind {
	CMD_STOP,
	CMD_KILL,
	CMD_PAUSE,
	CMD_RESUME,
	CMD_RELOAD,
	CMD_SET,
	CMD_RESOLVE,
	CMD_STATUS,
	CMD_POSITIONS,
	CMD_ORDERS,
	CMD_PNL,
	CMD_HELD,
	CMD_ALERTS,
	CMD_ACK,
	CMD_COUNTERS,
	CMD_LIMITS,
	CMD_PARAMS,
	env_command_max
};

/* What an operator asked for; `who` and `why` go into the receipt. */
struct env_command {
	uint32_t kind;
	uint32_t id; /* for env_reply; 0: nobody waits */
	char who[32];
	char scope[64]; /* "all", a venue, an instance, a pair */
	char arg[128]; /* how a pair is resolved; the mode of a kill; a limit and its bound; where a page of a list begins */
	char why[128];
};

struct env_ops {
	const char *name;
	void (*now)(struct env *e, struct env_now *out);
	uint64_t (*random)(struct env *e);
	/* Machine time since the newest bytes were read, whatever clock `now` follows: for figures, never for a decision. */
	int64_t (*since_read_ns)(struct env *e);
	/* How far utc_ns may be off the world's; INT64_MAX: this machine's clock is not synchronised. */
	int64_t (*clock_bound_ns)(struct env *e);
	/* 0 and the channel, or a negative code. */
	int (*open)(struct env *e, const struct env_peer *p, const struct chan_handler *h,
		    void *owner, struct chan **out);
	int (*listen)(struct env *e, const struct env_peer *p, chan_accept_fn accept, void *owner,
		      uint16_t *port_out);
	/* Copies the bytes; they leave at flush, one write a channel. -ERR_FULL: nothing was
	 * taken. -ERR_STATE: not up. */
	int (*send)(struct chan *c, const void *p, size_t n);
	/* Bytes accepted and not yet handed to the kernel. */
	size_t (*unsent)(const struct chan *c);
	void (*close)(
		struct chan
			*c); /* flushes what it can, then ends; the pointer is invalid afterwards */
	/* Deliver what has arrived; when nothing has, wait for it, but not beyond wake_ns
	 * (monotonic) and not at all if it is past. */
	void (*poll)(struct env *e, int64_t wake_ns);
	void (*flush)(struct env *e);
	bool (*command)(struct env *e, struct env_command *out); /* the next one, if any */
	/* A text that begins with ENV_REPLY_ROW is a part of the answer, at most ENV_REPLY_ROWS of them to a command; the first other one ends it. */
	void (*reply)(struct env *e, uint32_t command_id, const char *text);
	void (*free)(struct env *e);
};

struct env {
	const struct env_ops *ops;
};

static inline void env_now(struct env *e, struct env_now *out)
{
	e->ops->now(e, out);
}
static inline uint64_t env_random(struct env *e)
{
	return e->ops->random(e);
}
static inline int64_t env_since_read_ns(struct env *e)
{
	return e->ops->since_read_ns(e);
}
static inline int64_t env_clock_bound_ns(struct env *e)
{
	return e->ops->clock_bound_ns(e);
}
static inline int env_open(struct env *e, const struct env_peer *p, const struct chan_handler *h,
			   void *owner, struct chan **out)
{
	return e->ops->open(e, p, h, owner, out);
}
static inline int env_listen(struct env *e, const struct env_peer *p, chan_accept_fn accept,
			     void *owner, uint16_t *port_out)
{
	return e->ops->listen(e, p, accept, owner, port_out);
}
static inline void env_poll(struct env *e, int64_t wake_ns)
{
	e->ops->poll(e, wake_ns);
}
static inline void env_flush(struct env *e)
{
	e->ops->flush(e);
}
static inline bool env_command(struct env *e, struct env_command *out)
{
	return e->ops->command(e, out);
}
static inline void env_reply(struct env *e, uint32_t id, const char *text)
{
	e->ops->reply(e, id, text);
}
static inline int chan_send(struct chan *c, const void *p, size_t n)
{
	return c->env->ops->send(c, p, n);
}
static inline size_t chan_unsent(const struct chan *c)
{
	return c->env->ops->unsent(c);
}
static inline void chan_close(struct chan *c)
{
	c->env->ops->close(c);
}
