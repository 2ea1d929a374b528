/* bn_link - one WebSocket to the venue that is dialled again whenever it breaks, with growing and jittered waits.
 *
 * It watches over the line as well: a connection that takes too long, and one on which nothing has been heard (a ping of ours in
 * between), is ended. While something is at stake on it - an order may work, a question is open - it is watched closely: a ping
 * after a short silence, and its end when that is not answered soon, since a line may be dead without a word (F19). Nothing sent
 * before a break is sent again. Engine's thread; memory from init. */
#pragma once
#include "core/io/ws.h"

struct bn_link;
struct bn_link_handler {
	void (*open)(void *owner, struct bn_link *l);
	void (*text)(void *owner, struct bn_link *l, const char *p, size_t n, int64_t recv_ns);
	/* Bytes that are no such text; where they broke a rule of the protocol, lost follows. */
	void (*bad)(void *owner, struct bn_link *l, const char *why, const void *p, size_t n);
	/* Alive: a ping or pong. */
	void (*alive)(void *owner, struct bn_link *l);
	/* It was open, or was being opened, and is no more. */
	void (*lost)(void *owner, struct bn_link *l, const char *why);
};

struct bn_link_times {
	int64_t connect_ns, silence_ns, backoff_min_ns, backoff_max_ns;
	/* Of a line that is watched closely: the silence before a ping, and the wait for anything after it. ping_after 0: none is. */
	int64_t ping_after_ns, pong_ns;
};

struct bn_link {
	struct ws ws;
	struct env *env;
	const struct env_peer *peer;
	const struct bn_link_handler *handler;
	void *owner;
	const struct bn_link_times *times;
	const char *name; /* for people */
	bool wanted;	  /* dial when it is time */
	bool open;
	bool pinged;  /* since something was last heard, at pinged_ns */
	bool closely; /* watched so: set by the owner */
	bool dead;    /* why it was ended last: nothing came any more */
	uint32_t failures;
	int64_t dial_at_ns, dialled_ns, opened_ns, heard_ns, pinged_ns;
	char path[4096];
};

int bn_link_init(struct bn_link *l, const char *name, const struct env_peer *peer,
		 const struct bn_link_times *t, const struct bn_link_handler *h, void *owner,
		 struct env *env, uint32_t message_cap);
void bn_link_free(struct bn_link *l);
/* Wants it up; the path is set before. The first dial is due at once, later ones when the wait is over. */
void bn_link_want(struct bn_link *l);
/* Ends it without a word to the owner; it is not dialled again until wanted. */
void bn_link_stop(struct bn_link *l);
/* Ends it, tells the owner, dials again after the usual wait (slow: after the longest). */
void bn_link_break(struct bn_link *l, bool slow, const char *why);
int bn_link_send(struct bn_link *l, const char *p,
		 size_t n); /* -ERR_STATE, -ERR_FULL: nothing was taken */
void bn_link_on_time(struct bn_link *l, int64_t now_ns);
