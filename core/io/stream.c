#include "core/io/stream.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include "core/io/tls.h"
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_ROOM 65536u /* less than this behind the bytes: move them to the front first */

/* ---------------------------------------------------------------- names */

int stream_resolve(const char *host, uint16_t port, bool to_bind,
		   struct stream_addr out[STREAM_ADDRS])
{
	char service[8];
	snprintf(service, sizeof(service), "%u", port);
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_NUMERICSERV | AI_NUMERICHOST };
	if (to_bind)
		hints.ai_flags |= AI_PASSIVE;
	struct addrinfo *list = NULL;
	int rc = getaddrinfo(host, service, &hints, &list);
	if (rc == EAI_NONAME) {
		hints.ai_flags &= ~AI_NUMERICHOST;
		rc = getaddrinfo(host, service, &hints, &list);
	}
	if (rc)
		return err_set(ERR_NET, "cannot find the address of \"%s\": %s", host,
			       gai_strerror(rc));
	int n = 0;
	for (struct addrinfo *a = list; a && n < STREAM_ADDRS; a = a->ai_next) {
		if (a->ai_addrlen > sizeof(out[n].a))
			continue;
		memcpy(&out[n].a, a->ai_addr, a->ai_addrlen);
		out[n++].n = a->ai_addrlen;
	}
	freeaddrinfo(list);
	return n ? n : err_set(ERR_NET, "\"%s\" has no address", host);
}

/* ---------------------------------------------------------------- buffers */

static int buf_take(struct stream_buf *b, size_t cap)
{
	b->from = b->to = 0;
	if (b->cap == cap)
		return 0;
	free(b->p);
	b->p = malloc(cap);
	b->cap = b->p ? cap : 0;
	if (!b->p)
		return err_set(ERR_NOMEM, "no memory for a buffer of %zu bytes", cap);
	/* The part that every message uses is there before the first one comes. */
	memset(b->p, 0, cap < READ_ROOM ? cap : READ_ROOM);
	return 0;
}

static void buf_to_front(struct stream_buf *b)
{
	if (b->from == 0)
		return;
	memmove(b->p, b->p + b->from, b->to - b->from);
	b->to -= b->from;
	b->from = 0;
}

static void buf_drop(struct stream_buf *b, size_t n)
{
	must(n <= b->to - b->from);
	b->from += n;
	if (b->from == b->to)
		b->from = b->to = 0;
}

int stream_buffers(struct stream *s, size_t rx_cap, size_t tx_cap)
{
	int rc = buf_take(&s->rx, rx_cap);
	return rc ? rc : buf_take(&s->tx, tx_cap);
}

void stream_free(struct stream *s)
{
	stream_close(s);
	free(s->rx.p);
	free(s->tx.p);
	*s = (struct stream){ .fd = -1 };
}

/* ---------------------------------------------------------------- connecting */

static int net_error(const char *what, int e)
{
	return err_set(ERR_NET, "%s: %s", what, strerror(e));
}

/* Orders do not wait for company; a peer that went away without a word is noticed in about 20 s. */
static void set_options(int fd)
{
	static const struct {
		int level, name, value;
	} opt[] = {
		{ IPPROTO_TCP, TCP_NODELAY, 1 },   { SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, 10 }, { IPPROTO_TCP, TCP_KEEPINTVL, 5 },
		{ IPPROTO_TCP, TCP_KEEPCNT, 2 },   { IPPROTO_TCP, TCP_USER_TIMEOUT, 20000 },
	};
	/* Each only makes things better; none is needed for the connection to work. */
	for (size_t i = 0; i < sizeof(opt) / sizeof(opt[0]); i++)
		(void)setsockopt(fd, opt[i].level, opt[i].name, &opt[i].value, sizeof(int));
}

static int bind_any(int fd, const struct stream_addr *like, uint16_t *port)
{
	struct stream_addr me = { .n = like->n, .a.ss_family = like->a.ss_family };
	if (bind(fd, (struct sockaddr *)&me.a, me.n) != 0 ||
	    getsockname(fd, (struct sockaddr *)&me.a, &me.n) != 0)
		return net_error("cannot take a local port", errno);
	in_port_t p = me.a.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&me.a)->sin6_port
						 : ((struct sockaddr_in *)&me.a)->sin_port;
	*port = ntohs(p);
	return 0;
}

int stream_socket(struct stream *s, const struct stream_addr *to, uint16_t *local_port)
{
	int fd = socket(to->a.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return net_error("cannot make a socket", errno);
	set_options(fd);
	int rc = local_port ? bind_any(fd, to, local_port) : 0;
	if (rc) {
		close(fd);
		return rc;
	}
	s->fd = fd;
	return 0;
}

int stream_connect(struct stream *s, const struct stream_addr *to)
{
	if (connect(s->fd, (const struct sockaddr *)&to->a, to->n) == 0 || errno == EINPROGRESS)
		return 0;
	return net_error("cannot connect", errno);
}

void stream_adopt(struct stream *s, int fd)
{
	set_options(fd);
	s->fd = fd;
}

int stream_connected(struct stream *s)
{
	int e = 0;
	socklen_t n = sizeof(e);
	if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &e, &n) != 0)
		e = errno;
	return e ? net_error("cannot connect", e) : 0;
}

int stream_start_tls(struct stream *s, struct tls_ctx *x, const char *server_name)
{
	return tls_start(x, s->fd, server_name, &s->tls);
}

static int wait_of(ssize_t rc)
{
	return rc == TLS_WANT_WRITE ? STREAM_WAIT_WRITE : STREAM_WAIT_READ;
}

int stream_handshake(struct stream *s)
{
	int rc = tls_handshake(s->tls);
	if (rc == TLS_WANT_READ || rc == TLS_WANT_WRITE)
		return wait_of(rc);
	/* The peer's first bytes may have come along with the end of its handshake. */
	if (rc == 0)
		s->more = tls_pending(s->tls);
	return rc ? rc : STREAM_READY;
}

/* ---------------------------------------------------------------- bytes */

static int closed(void)
{
	return err_set(ERR_CLOSED, "the other side closed the connection");
}

static ssize_t fill_plain(struct stream *s, size_t room)
{
	ssize_t k = recv(s->fd, s->rx.p + s->rx.to, room, 0);
	if (k > 0) {
		s->rx.to += (size_t)k;
		return k;
	}
	if (k == 0)
		return closed();
	if (errno == EAGAIN || errno == EINTR)
		return 0;
	return net_error("the connection broke", errno);
}

/* A record at a time, until what came with the last read of the socket is used up. */
static ssize_t fill_tls(struct stream *s, size_t room)
{
	size_t got = 0;
	s->more = false;
	do {
		ssize_t k = tls_read(s->tls, s->rx.p + s->rx.to, room - got);
		if (k == TLS_WANT_READ || k == TLS_WANT_WRITE) {
			s->more = false;
			break;
		}
		if (k <= 0) {
			/* Bytes first; the end will still be there next time. */
			if (got) {
				s->more = true;
				break;
			}
			return k == TLS_EOF ? closed() : k;
		}
		s->rx.to += (size_t)k;
		got += (size_t)k;
		s->more = tls_pending(s->tls);
	} while (got < room && s->more);
	return (ssize_t)got;
}

ssize_t stream_fill(struct stream *s)
{
	struct stream_buf *b = &s->rx;
	if (b->cap - b->to < READ_ROOM)
		buf_to_front(b);
	size_t room = b->cap - b->to;
	if (room == 0)
		return err_set(ERR_LIMIT, "a message is larger than the %zu bytes taken at once",
			       b->cap);
	return s->tls ? fill_tls(s, room) : fill_plain(s, room);
}

void stream_consume(struct stream *s, size_t n)
{
	buf_drop(&s->rx, n);
}

int stream_put(struct stream *s, const void *p, size_t n)
{
	struct stream_buf *b = &s->tx;
	if (n > b->cap - (b->to - b->from))
		return err_set(ERR_FULL, "%zu bytes wait to be sent, and %zu more do not fit",
			       b->to - b->from, n);
	if (n > b->cap - b->to)
		buf_to_front(b);
	if (n)
		memcpy(b->p + b->to, p, n);
	b->to += n;
	return 0;
}

int stream_flush(struct stream *s)
{
	struct stream_buf *b = &s->tx;
	while (b->from != b->to) {
		size_t n = b->to - b->from;
		ssize_t k = s->tls ? tls_write(s->tls, b->p + b->from, n)
				   : send(s->fd, b->p + b->from, n, MSG_NOSIGNAL);
		if (s->tls && (k == TLS_WANT_READ || k == TLS_WANT_WRITE))
			return wait_of(k);
		if (s->tls && k <= 0)
			return k == TLS_EOF ? closed() : (int)k;
		if (k < 0 && errno == EAGAIN)
			return STREAM_WAIT_WRITE;
		if (k < 0 && errno != EINTR)
			return net_error("the connection broke", errno);
		s->writes++;
		if (k > 0)
			buf_drop(b, (size_t)k);
	}
	return STREAM_READY;
}

void stream_close(struct stream *s)
{
	if (s->fd < 0)
		return;
	tls_free(s->tls, true);
	s->tls = NULL;
	shutdown(s->fd, SHUT_WR);
	/* Unread bytes would turn the close into a reset, and the peer would lose what we sent
	 * last. */
	uint8_t sink[4096];
	for (int i = 0; i < 256 && recv(s->fd, sink, sizeof(sink), MSG_DONTWAIT) > 0; i++)
		;
	close(s->fd);
	s->fd = -1;
	s->more = false;
	s->rx.from = s->rx.to = s->tx.from = s->tx.to = 0;
}
