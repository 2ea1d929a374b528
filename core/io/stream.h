/* stream - one TCP connection below the door: a buffer in, a buffer out, TLS in between where
 * asked for.
 *
 * Never blocks, never allocates once its buffers are there. Received bytes lie in one piece
 * until they are consumed; bytes to send are collected and leave in one write a flush (with TLS:
 * one write for each record of 16 KiB). The thread that polls. */
#pragma once
#include "core/io/env.h"
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

struct tls_ctx;
struct tls_conn;

#define STREAM_ADDRS 4

struct stream_addr {
	socklen_t n;
	struct sockaddr_storage a;
};

struct stream_buf {
	uint8_t *p;
	size_t from, to, cap; /* p[from..to) is taken */
};

struct stream {
	int fd; /* -1: none */
	struct tls_conn *tls;
	struct stream_buf rx, tx;
	bool more;	 /* bytes wait inside TLS: no event will come for them */
	uint64_t writes; /* system calls that sent, TLS records where there is TLS */
};

/* What stream_progress waits for. */
enum stream_wait { STREAM_READY, STREAM_WAIT_READ, STREAM_WAIT_WRITE };

/* Addresses of host:port, at most STREAM_ADDRS; returns how many. Blocks only where host is a
 * name. -ERR_NET. */
int stream_resolve(const char *host, uint16_t port, bool to_bind,
		   struct stream_addr out[STREAM_ADDRS]);

int stream_buffers(struct stream *s, size_t rx_cap,
		   size_t tx_cap); /* -ERR_NOMEM; kept over connections */
void stream_free(struct stream *s);

/* A socket for an address. local_port: bind first, so that our port is known before the peer
 * sees us; NULL: no need. */
int stream_socket(struct stream *s, const struct stream_addr *to, uint16_t *local_port);
int stream_connect(struct stream *s, const struct stream_addr *to); /* begins it; -ERR_NET */
void stream_adopt(struct stream *s, int fd); /* an accepted one; non-blocking already */
/* After stream_connect: 0, or -ERR_NET once the descriptor is writable. */
int stream_connected(struct stream *s);
int stream_start_tls(struct stream *s, struct tls_ctx *x, const char *server_name);
int stream_handshake(struct stream *s); /* enum stream_wait, or -ERR_TLS */

/* Reads what is there: bytes added, 0: nothing now; -ERR_CLOSED: ended in order; -ERR_LIMIT: no
 * room; -ERR_NET, -ERR_TLS. */
ssize_t stream_fill(struct stream *s);
void stream_consume(struct stream *s, size_t n);
int stream_put(struct stream *s, const void *p, size_t n); /* -ERR_FULL: nothing was taken */
int stream_flush(struct stream *s); /* STREAM_READY: all left; STREAM_WAIT_*; negative */
/* Says goodbye where TLS is up, takes in what still lies there (or the peer would lose our last
 * bytes), closes. */
void stream_close(struct stream *s);

static inline size_t stream_unsent(const struct stream *s)
{
	return s->tx.to - s->tx.from;
}
