#include "tests/bench/all/reflector.h"
#include "core/base/err.h"
#include "core/io/ws_frame.h"
#include "tests/bench/bench.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

enum { PARKED, RUNNING, ENDING };

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void put(struct reflector *r, int e, const void *p, size_t n)
{
	ssize_t k = r->end[e].tls ? tls_write(r->end[e].tls, p, n)
				  : send(r->end[e].fd, p, n, MSG_NOSIGNAL);
	if (k != (ssize_t)n)
		die("reflector: an order was not taken whole");
}

static size_t take(struct reflector *r, uint8_t *p, size_t cap)
{
	ssize_t k = r->end[0].tls ? tls_read(r->end[0].tls, p, cap) : recv(r->end[0].fd, p, cap, 0);
	return k > 0 ? (size_t)k : 0;
}

static void reflect(struct reflector *r)
{
	uint8_t in[4096];
	size_t n = 0;
	struct ws_frame f;
	while (atomic_load_explicit(&r->mode, memory_order_acquire) == RUNNING) {
		size_t k = take(r, in + n, sizeof in - n);
		if (k == 0)
			continue;
		int64_t read_ns = bench_ns();
		n += k;
		int head = ws_frame_read(&f, in, n);
		if (head <= 0 || n < (size_t)head + f.n)
			continue;
		n = 0;
		put(r, 1, r->order[0].frame, r->order[0].n);
		put(r, 2, r->order[1].frame, r->order[1].n);
		if (r->n < REFLECTOR_SHOTS)
			r->inside[r->n++] = (double)(bench_ns() - read_ns);
		int off = 0;
		setsockopt(r->end[0].fd, IPPROTO_TCP, TCP_QUICKACK, &off, sizeof off);
	}
}

static void *reflector_thread(void *arg)
{
	struct reflector *r = arg;
	if (r->core >= 0)
		bench_pin(r->core);
	for (int mode; (mode = atomic_load(&r->mode)) != ENDING;) {
		atomic_store(&r->parked, mode == PARKED);
		if (mode == PARKED) {
			sem_wait(&r->go);
			continue;
		}
		r->n = 0;
		reflect(r);
	}
	return NULL;
}

static void connect_end(struct reflector *r, int e, struct mini *m)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				 .sin_port = htons(m->port[DOOR_BARE]) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
	r->end[e].fd = fd;
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a))
		die("reflector: connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	if (r->ctx && tls_start(r->ctx, fd, "localhost", &r->end[e].tls))
		die("reflector: TLS");
	for (int rc = r->ctx ? 1 : 0; rc;) {
		mini_serve(m);
		rc = tls_handshake(r->end[e].tls);
		if (rc && rc != TLS_WANT_READ && rc != TLS_WANT_WRITE)
			die("reflector: TLS handshake");
	}
	char which = (char)('0' + e);
	put(r, e, &which, 1);
	while (!m->bare[e])
		mini_serve(m);
}

void reflector_start(struct reflector *r, struct mini *m, const char *dir,
		     const struct mini_order order[2], int core)
{
	memset(r, 0, sizeof *r);
	sem_init(&r->go, 0, 0);
	struct env_peer p = { .tls = m->tls };
	snprintf(p.ca_file, sizeof p.ca_file, "%s/ca.pem", dir);
	if (m->tls && tls_client_ctx(&p, &r->ctx))
		die("reflector: TLS");
	r->core = core;
	for (int l = 0; l < 2; l++) {
		memcpy(r->order[l].frame, order[l].frame, order[l].n);
		r->order[l].n = order[l].n;
	}
	for (int e = 0; e < 3; e++)
		connect_end(r, e, m);
	if (pthread_create(&r->thread, NULL, reflector_thread, r))
		die("reflector: thread");
	reflector_run(r, false);
}

void reflector_run(struct reflector *r, bool run)
{
	atomic_store(&r->mode, run ? RUNNING : PARKED);
	if (run)
		sem_post(&r->go);
	while (atomic_load(&r->parked) == run)
		;
}

void reflector_stop(struct reflector *r)
{
	atomic_store(&r->mode, ENDING);
	sem_post(&r->go);
	pthread_join(r->thread, NULL);
	for (int e = 0; e < 3; e++) {
		if (r->end[e].tls)
			tls_free(r->end[e].tls, false);
		close(r->end[e].fd);
	}
	if (r->ctx)
		tls_ctx_free(r->ctx);
}
