/* ends - a recording owner of channels for the tests of core/io: what happened on it, in the
 * order it happened. */
#pragma once
#include "core/io/env.h"
#include <stdbool.h>

struct end {
	struct env *env;
	struct chan *chan;
	int ups, downs, err;
	char why[320];
	uint8_t *got; /* all bytes consumed */
	size_t n, cap;
	size_t at_once;	  /* consumes at most so many a call; 0: all */
	size_t hold;	  /* consumes nothing until so many are there */
	ptrdiff_t refuse; /* returned from bytes, where negative */
	bool echo;	  /* sends back what it gets */
	bool close_on_bytes, close_on_up;
	int64_t recv_ns;
	int calls;
};

extern const struct chan_handler end_handler;

void end_init(struct end *x, struct env *e, size_t cap);
void end_free(struct end *x);

/* A listener that gives each connection to the next of `n` ends. */
struct door {
	struct end *end;
	int n, taken;
	bool refuse;
};
int door_accept(void *owner, struct chan *c);

struct env_peer peer_on(uint16_t port);
/* Polls and flushes both until *flag or the time is over; false: over. b may be NULL. */
bool run_until(struct env *a, struct env *b, bool (*done)(void *), void *arg, int ms);
bool end_is_up(void *x);
bool end_is_down(void *x);
/* Until x has n bytes. */
bool run_until_bytes(struct env *a, struct env *b, struct end *x, size_t n, int ms);

struct env_sim;
/* Turns of a simulated world in which each env only polls and flushes, for ms of its time. */
void run_world(struct env_sim *w, int ms);
