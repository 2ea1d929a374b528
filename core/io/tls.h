/* tls - TLS below the door: 1.2 or newer, the peer always verified, refusals told in words.
 *
 * A context holds what is trusted and shown; a connection moves plain bytes over a non-blocking
 * descriptor that stays the caller's. Used by stream.c only, apart from tls_memory_pool, which
 * main calls before anything else. */
#pragma once
#include "core/io/env.h"
#include <sys/types.h>

struct tls_ctx;
struct tls_conn;

/* What a call may answer besides a count or a negative code. */
enum tls_want { TLS_WANT_READ = -1000, TLS_WANT_WRITE = -1001, TLS_EOF = -1002 };

/* Trusts p->ca_file (empty: the system's); shows p->cert_file where given. -ERR_TLS,
 * -ERR_CONFIG. */
int tls_client_ctx(const struct env_peer *p, struct tls_ctx **out);
/* Shows p->cert_file with p->key_file; asks clients for a certificate where p->ca_file is given. */
int tls_server_ctx(const struct env_peer *p, struct tls_ctx **out);
void tls_ctx_free(struct tls_ctx *x);

/* server_name: what the certificate must be for; NULL on a server. */
int tls_start(struct tls_ctx *x, int fd, const char *server_name, struct tls_conn **out);
/* 0: done and verified; a want; or -ERR_TLS with why. */
int tls_handshake(struct tls_conn *t);
/* Bytes, a want, TLS_EOF (orderly), or a negative code. */
ssize_t tls_read(struct tls_conn *t, void *p, size_t n);
ssize_t tls_write(struct tls_conn *t, const void *p, size_t n);
bool tls_pending(
	const struct tls_conn *t); /* plain bytes wait inside: no event will come for them */
void tls_free(struct tls_conn *t, bool say_goodbye);

/* All of OpenSSL's memory from here on comes from `bytes` taken now, in size classes, so that it
 * does not call malloc in steady state; what does not fit does, and is counted. Once a process,
 * before any other use of OpenSSL: -ERR_STATE when it is too late. Thread-safe afterwards. */
int tls_memory_pool(size_t bytes);
struct tls_memory_stats {
	uint64_t taken;	   /* blocks given from the pool */
	uint64_t fallback; /* blocks that came from malloc */
	uint64_t live;	   /* pool blocks in use */
};
void tls_memory_stats(struct tls_memory_stats *out);
