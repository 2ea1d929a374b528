/* reflector - the floor of wire to wire: a bare thread on sockets of the same kind that answers each quote with two ready-made orders.
 *
 * It reads, counts the bytes of a frame, sends the bytes that the host sent, and does nothing else; the kernel's delayed ACKs are
 * set as the host's are. Parked, it leaves its core to the host. Its inside: read to both handed over. */
#pragma once
#include "tests/bench/all/mini_venue.h"
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#define REFLECTOR_SHOTS 65536

struct reflector {
	struct {
		int fd;
		struct tls_conn *tls;
	} end[3]; /* quotes, leg A, leg B */
	struct tls_ctx *ctx;
	struct {
		uint8_t frame[MINI_FRAME];
		size_t n;
	} order[2];
	int core;
	pthread_t thread;
	_Atomic int mode, parked;
	sem_t go;
	unsigned n;
	double inside[REFLECTOR_SHOTS]; /* of the last run; read while it is parked */
};

/* Connects to the venue's bare door, serving it meanwhile, and parks. dir: where ca.pem is. order: the host's two. */
void reflector_start(struct reflector *r, struct mini *m, const char *dir,
		     const struct mini_order order[2], int core);
void reflector_run(struct reflector *r, bool run);
void reflector_stop(struct reflector *r);
