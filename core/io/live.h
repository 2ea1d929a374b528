/* live - what the files of env_live share; nobody else includes it.
 *
 * A channel's life is a table of phases: connecting, shaking hands, up, then either broken (its
 * owner is told at the next poll) or lingering (its owner closed it, and its last bytes are
 * still leaving). A slot that was left is used again only after the poll in which it ended, so
 * that a handler may close any channel, its own included. */
#pragma once
#include "core/base/ring.h"
#include "core/base/rng.h"
#include "core/io/env_live.h"
#include "core/io/loop.h"
#include "core/io/stream.h"
#include <pthread.h>

#define LIVE_LISTENERS 16
#define LIVE_TLS       16 /* contexts kept */
#define LIVE_COMMANDS  64
#define LIVE_REPLIES   128 /* a page of rows, beside one that nobody took */

enum live_phase {
	LIVE_FREE,
	LIVE_LIMBO,
	LIVE_CONNECTING,
	LIVE_SHAKING,
	LIVE_UP,
	LIVE_BROKEN,
	LIVE_LINGER,
	live_phase_max
};

struct live_chan {
	struct chan head; /* first */
	struct stream s;
	uint8_t phase;
	bool dirty;    /* stands in live->dirty */
	bool rx_since; /* received since live_delay_acks */
	bool accepted;
	int watch;	/* -1: none */
	int clock_conn; /* line in the clock page; -1: none */
	int err;	/* of a broken one, and why */
	char why[256];
	char where[168];     /* host:port */
	int64_t deadline_ns; /* machine time, of all phases but up and broken */
	struct tls_ctx *tls; /* to begin with, once connected */
	char server_name[128];
	struct stream_addr addr[STREAM_ADDRS];
	int n_addr, next_addr;
};

struct live_listener {
	struct live *live;
	int fd, watch;
	uint16_t port;
	struct tls_ctx *tls;
	struct env_peer peer;
	chan_accept_fn accept;
	void *owner;
};

/* A context per set of files, remade when one of them changes. */
struct live_tls {
	struct tls_ctx *ctx;
	bool server;
	char ca[256], cert[256], key[256];
	int64_t stamp;
};

struct live {
	struct env head; /* first */
	struct env_live_opt opt;
	struct loop *loop;
	struct clock_page *clock;
	bool clock_ours;
	struct rng rng;
	uint32_t next_id;
	uint64_t events; /* handlers called so far */
	int64_t read_ns; /* machine time of the newest read */
	/* Channels not free, in limbo or plainly up: they need the loop, a deadline, or a word. */
	uint32_t n_open;
	uint32_t n_limbo;
	uint32_t spins;
	bool more; /* some channel has bytes that no event will announce */
	uint32_t max_chans, n_dirty;
	uint32_t high;	    /* slots used so far: those behind never were */
	uint32_t next_read; /* the slot that a spinning poll asks first */
	bool rx_any;	    /* some channel has received since live_delay_acks */
	struct live_chan *chan;
	struct live_chan **dirty;
	struct live_listener listener[LIVE_LISTENERS];
	uint32_t n_listener;
	int spare_fd; /* given up for a moment to turn a connection away when descriptors run out */
	struct live_tls tls[LIVE_TLS];
	uint32_t n_tls;
	struct env_live_stats stats;
	/* From other threads. */
	pthread_mutex_t push_lock;
	struct ring commands, replies;
	int wake_fd, wake_watch, reply_fd;
};

static inline struct live *live_of(struct env *e)
{
	return (struct live *)e;
}

int64_t live_machine_ns(void);
int live_tls_ctx(struct live *l, const struct env_peer *p, bool server, struct tls_ctx **out);

/* live_chan.c */
int live_open(struct env *e, const struct env_peer *p, const struct chan_handler *h, void *owner,
	      struct chan **out);
int live_send(struct chan *c, const void *p, size_t n);
size_t live_unsent(const struct chan *c);
void live_close(struct chan *c);
void live_flush(struct env *e);
/* Lets the kernel hold back its ACKs on what has received: a call each, so only where no order waits to leave. */
void live_delay_acks(struct live *l);
/* A connected descriptor becomes a channel; the listener's owner is asked. The descriptor is
 * taken in any case. */
void live_accepted(struct live_listener *s, int fd, uint16_t peer_port, const char *where);
/* Read one channel that is up, deliver, notice its end. */
void live_read(struct live *l, struct live_chan *c);
/* Deadlines passed, owners of broken channels told, slots in limbo freed. Only needed while
 * n_open or n_limbo. */
void live_tend(struct live *l);
/* Machine time at which live_tend has to run; INT64_MAX: none. */
int64_t live_tend_at(const struct live *l);
void live_chan_free(struct live *l, struct live_chan *c);

/* live_listen.c */
int live_listen(struct env *e, const struct env_peer *p, chan_accept_fn accept, void *owner,
		uint16_t *port_out);

/* live_poll.c */
void live_poll(struct env *e, int64_t wake_ns);
