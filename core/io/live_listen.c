#include "core/base/err.h"
#include "core/io/live.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ACCEPTS 64 /* at most so many a wake-up */

/* Out of descriptors: the spare one lets the peer be told "no", else the loop would spin on the
 * listener. */
static void turn_away(struct live *l, int fd)
{
	l->stats.refused++;
	if (l->spare_fd < 0)
		return;
	close(l->spare_fd);
	int one = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	if (one >= 0)
		close(one);
	l->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void on_accept(void *owner, unsigned what)
{
	(void)what;
	struct live_listener *s = owner;
	for (int i = 0; i < ACCEPTS; i++) {
		struct stream_addr a = { .n = sizeof(a.a) };
		int fd =
			accept4(s->fd, (struct sockaddr *)&a.a, &a.n, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0 && (errno == EMFILE || errno == ENFILE)) {
			turn_away(s->live, s->fd);
			return;
		}
		if (fd < 0 && (errno == ECONNABORTED || errno == EINTR))
			continue;
		if (fd < 0)
			return;
		bool six = a.a.ss_family == AF_INET6;
		const struct sockaddr_in6 *a6 = (const struct sockaddr_in6 *)&a.a;
		const struct sockaddr_in *a4 = (const struct sockaddr_in *)&a.a;
		char host[INET6_ADDRSTRLEN] = "?", where[INET6_ADDRSTRLEN + 24];
		inet_ntop(a.a.ss_family, six ? (const void *)&a6->sin6_addr : &a4->sin_addr, host,
			  sizeof(host));
		uint16_t port = ntohs(six ? a6->sin6_port : a4->sin_port);
		snprintf(where, sizeof(where), "client %s:%u", host, port);
		live_accepted(s, fd, port, where);
	}
}

static int bind_to(const struct env_peer *p, uint16_t *port_out)
{
	const char *host = p->host[0] ? p->host : "127.0.0.1";
	struct stream_addr a[STREAM_ADDRS];
	int rc = stream_resolve(host, p->port, true, a);
	if (rc < 0)
		return rc;
	int fd = socket(a[0].a.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_set(ERR_NET, "cannot make a socket: %s", strerror(errno));
	int on = 1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&a[0].a, a[0].n) != 0 || listen(fd, 128) != 0) {
		int e = errno;
		close(fd);
		if (e == EADDRINUSE)
			return err_set(ERR_BUSY,
				       "cannot listen on %s port %u: another program listens there",
				       host, p->port);
		return err_set(ERR_NET, "cannot listen on %s port %u: %s", host, p->port,
			       strerror(e));
	}
	if (getsockname(fd, (struct sockaddr *)&a[0].a, &a[0].n) != 0) {
		close(fd);
		return err_set(ERR_NET, "cannot tell the port: %s", strerror(errno));
	}
	*port_out = ntohs(a[0].a.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&a[0].a)->sin6_port
						       : ((struct sockaddr_in *)&a[0].a)->sin_port);
	return fd;
}

int live_listen(struct env *e, const struct env_peer *p, chan_accept_fn accept, void *owner,
		uint16_t *port_out)
{
	struct live *l = live_of(e);
	if (l->n_listener == LIVE_LISTENERS)
		return err_set(ERR_FULL, "more than %d listeners", LIVE_LISTENERS);
	struct live_listener *s = &l->listener[l->n_listener];
	*s = (struct live_listener){ .live = l, .peer = *p, .accept = accept, .owner = owner };
	int rc = p->tls ? live_tls_ctx(l, p, true, &s->tls) : 0;
	if (rc)
		return err_ctx(rc, "listening on %s port %u", p->host, p->port);
	s->fd = bind_to(p, &s->port);
	if (s->fd < 0)
		return s->fd;
	s->watch = loop_add(l->loop, s->fd, LOOP_READ, on_accept, s);
	if (s->watch < 0) {
		close(s->fd);
		return s->watch;
	}
	if (l->clock && l->clock->role == CLOCK_VENUE)
		clock_page_add_port(l->clock, s->port);
	l->n_listener++;
	if (port_out)
		*port_out = s->port;
	return 0;
}
