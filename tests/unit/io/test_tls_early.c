/* Proves that a client's first bytes are heard when they arrive in one piece with the end of its TLS handshake. */
#include "core/io/ca.h"
#include "core/io/env_live.h"
#include "tests/unit/suite.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static uint16_t port;
static char heard[16];

static void on_up(void *owner, struct chan *c)
{
	(void)owner, (void)c;
}

static ptrdiff_t on_bytes(void *owner, struct chan *c, const uint8_t *p, size_t n, int64_t recv_ns)
{
	(void)owner, (void)c, (void)recv_ns;
	snprintf(heard, sizeof heard, "%.*s", (int)n, (const char *)p);
	return (ptrdiff_t)n;
}

static void on_down(void *owner, struct chan *c, int err, const char *why)
{
	(void)owner, (void)c, (void)err, (void)why;
}

static const struct chan_handler handler = { .up = on_up, .bytes = on_bytes, .down = on_down };

static int on_accept(void *owner, struct chan *c)
{
	c->handler = &handler;
	c->owner = owner;
	return 0;
}

/* Holds its last flight back until the first bytes are behind it, then stays silent until it is told to end. */
static void *client(void *end)
{
	int on = 1, off = 0, fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl = SSL_new(ctx);
	char byte;
	if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0) {
		SSL_set_fd(ssl, fd);
		SSL_set_connect_state(ssl);
		setsockopt(fd, IPPROTO_TCP, TCP_CORK, &on, sizeof on);
		if (SSL_connect(ssl) == 1 && SSL_write(ssl, "first", 5) == 5)
			setsockopt(fd, IPPROTO_TCP, TCP_CORK, &off, sizeof off);
		(void)!read(*(int *)end, &byte, 1);
	}
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	close(fd);
	return NULL;
}

START_TEST(test_first_bytes_with_the_handshake)
{
	char dir[] = "/tmp/tandem-early-XXXXXX", path[64];
	struct env *e;
	struct env_peer p = { .host = "127.0.0.1", .tls = true };
	struct env_now now, start;
	pthread_t thread;
	int end[2];
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(ca_make(dir, NULL), 0);
	snprintf(p.cert_file, sizeof p.cert_file, "%s/cert.pem", dir);
	snprintf(p.key_file, sizeof p.key_file, "%s/key.pem", dir);
	ck_assert_int_eq(env_live_open(NULL, &e), 0);
	ck_assert_int_eq(env_listen(e, &p, on_accept, NULL, &port), 0);
	ck_assert_int_eq(pipe(end), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, client, &end[0]), 0);
	env_now(e, &start);
	for (now = start; !heard[0] && now.mono_ns - start.mono_ns < 3000000000; env_now(e, &now))
		env_poll(e, now.mono_ns + 50000000);
	close(end[1]);
	pthread_join(thread, NULL);
	ck_assert_str_eq(heard, "first");
	e->ops->free(e);
	close(end[0]);
	static const char *const files[] = { "ca.pem", "cert.pem", "key.pem" };
	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "%s/%s", dir, files[i]);
		unlink(path);
	}
	rmdir(dir);
}
END_TEST

SUITE("tls_early", test_first_bytes_with_the_handshake)
