/* env_live - the door to the real world: sockets, TLS, the machine's clocks, signals, the
 * operator's commands.
 *
 * One env belongs to one thread, the one that polls; only env_live_push and env_live_take_reply
 * may be called from another. Nothing is allocated by poll, send or flush once a channel is up.
 * Names are resolved inside open (a name that is not an address may block there); connecting,
 * TLS and everything after never block. With a clock page (clock_page.h) time is the venue's:
 * waits are divided by its speed, or stepped by it. */
#pragma once
#include "core/io/clock_page.h"
#include "core/io/env.h"

struct env_live_opt {
	bool spin;    /* never sleep: 20 us less a hop, a core used up; up to some ten channels */
	bool signals; /* SIGTERM and SIGINT become CMD_STOP; one env a process may ask for it */
	bool delay_acks;	    /* TCP_QUICKACK = 0 re-armed at flush: cheaper recv on feeds */
	uint64_t seed;		    /* of env_random; 0: from the system */
	uint32_t max_chans;	    /* open at once, listeners not counted; 0: 64 */
	int64_t connect_timeout_ns; /* connecting and TLS together, real time; 0: 10 s */
	const char *clock_path; /* follow this page as host; NULL: clock, or the machine's time */
	struct clock_page
		*clock; /* a page opened or created by the caller, which keeps it; NULL: none */
};

struct env_live_reply {
	uint32_t id; /* of the command */
	char text[ENV_REPLY_TEXT];
};

/* -ERR_IO, -ERR_NOMEM, or what clock_page_open says. `o` NULL: all defaults. Close with
 * e->ops->free(e). */
int env_live_open(const struct env_live_opt *o, struct env **out);

/* Hand a command to the thread that polls, and wake it. Any thread. -ERR_FULL: 64 are waiting
 * already. */
int env_live_push(struct env *e, const struct env_command *c);
/* What env_reply said, oldest first; false: nothing yet. One other thread at a time. */
bool env_live_take_reply(struct env *e, struct env_live_reply *out);
/* Readable while replies wait: for the poll loop of the thread that takes them. It reads the 8
 * bytes itself (eventfd). */
int env_live_reply_fd(const struct env *e);

/* What has happened since open; read by the owner's thread. */
struct env_live_stats {
	uint64_t rx_bytes, tx_bytes; /* plain, all channels */
	uint64_t writes;	     /* system calls that sent */
	uint64_t
		refused; /* connections turned away: no descriptor, no room, or the owner said no */
	uint64_t replies_lost; /* nobody took them */
};
void env_live_stats(const struct env *e, struct env_live_stats *out);
