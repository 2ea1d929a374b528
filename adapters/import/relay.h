/* relay - hands slots from a thread that fills them to the one that reads them, a bounded number ahead.
 *
 * The first slot is filled by the reader itself, and the thread starts only when it asks for the second: what waits for its turn costs no thread. Where
 * no thread is to be had the reader fills them all. One reader; what a slot holds is the caller's. */
#pragma once
#include <pthread.h>
#include <stdbool.h>

struct relay {
	bool (*fill)(void *arg, unsigned slot); /* false: it was the last one, and may be empty */
	void *arg;
	unsigned slots, reading, filling, ready;
	bool threaded, ended, stop;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t turned;
};

/* Fills slot 0, which is then the reader's. slots >= 2. */
void relay_begin(struct relay *r, unsigned slots, bool (*fill)(void *arg, unsigned slot),
		 void *arg);
/* Gives the slot back and takes the next: its number, or -1 after the last one. While slot i is filled, slot i - 1 still holds what was filled in. */
int relay_next(struct relay *r);
/* Ends the thread; may be called again. */
void relay_end(struct relay *r);
