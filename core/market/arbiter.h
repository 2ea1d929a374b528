/* arbiter - one stream out of two lines that carry the same numbered packets: each packet is handed out once, in order, from whichever line brought it first.
 *
 * A packet ahead of its turn is copied and waits. What is missing is declared lost when both lines have passed it, or after a patience: never before, since the other line may still bring it. What comes
 * after that is late and dropped. A single packet whose number leaps beyond the window is not believed until a second one bears it out. Memory is bounded: a window of
 * packets. Any thread, one at a time; memory from init. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ARBITER_LINES = 2 };

struct arbiter_options {
	uint32_t window;     /* packets that may wait, a power of two */
	uint32_t packet_max; /* bytes of one; longer ones are refused */
	uint32_t
		slack; /* a line has passed a number when it is more than so many beyond it: lines re-order a little */
	int64_t patience_ns; /* that a missing packet is waited for */
	void *owner;
	/* The packet with this number; the bytes live as long as the call. recv_ns: when it came in. */
	void (*on_packet)(void *owner, int64_t seq, const void *p, size_t n, int64_t recv_ns);
	/* Neither line brought first..last. */
	void (*on_gap)(void *owner, int64_t first, int64_t last, int64_t now_ns);
};

struct arbiter_line {
	int64_t newest; /* number; 0: nothing came yet */
	uint64_t first,
		late; /* packets that it brought first, and those that the other had brought or that were given up */
};

struct arbiter {
	struct arbiter_options o;
	int64_t next;	    /* number that is handed out next; 0: whatever comes first */
	int64_t missing_ns; /* since when packets wait for `next`; 0: none waits */
	int64_t leap;	    /* a number beyond the window, not believed yet; 0: none */
	uint32_t n_waiting;
	struct arbiter_line line[ARBITER_LINES];
	uint64_t packets, lost, gaps,
		refused; /* handed out; lost and in how many gaps; too long, or not believed */
	struct arbiter_slot *slot; /* by number modulo the window */
	uint8_t *bytes;
};

/* -ERR_RANGE for a window that is no power of two, -ERR_NOMEM. */
int arbiter_init(struct arbiter *a, const struct arbiter_options *o);
void arbiter_free(struct arbiter *a);
/* seq >= 1. May hand out any number of packets, this one among them, and declare gaps. Handlers must not call back into the arbiter. */
void arbiter_take(struct arbiter *a, unsigned line, int64_t seq, const void *p, size_t n,
		  int64_t recv_ns);
/* Declares what has been missing for longer than the patience. Call it a few times per patience. */
void arbiter_on_time(struct arbiter *a, int64_t now_ns);
/* The venue begins its numbers anew (0: wherever it does), or another session begins: what waits is forgotten. */
void arbiter_restart(struct arbiter *a, int64_t next);
