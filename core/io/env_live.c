#include "core/io/env_live.h"
#include "core/base/err.h"
#include "core/io/host_clock.h"
#include "core/io/live.h"
#include "core/io/tls.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MAX_CHANS	   64
#define CONNECT_TIMEOUT_NS 10000000000

/* A handler has no other way to find its env: the signal that came last, and whom to wake. */
static _Atomic int signal_fd = -1;
static _Atomic int signal_seen;

static int64_t clock_ns(clockid_t id)
{
	struct timespec t;
	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t live_machine_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

static void now(struct env *e, struct env_now *out)
{
	const struct live *l = live_of(e);
	if (l->clock) {
		clock_page_now(l->clock, &out->mono_ns, &out->utc_ns);
		return;
	}
	out->mono_ns = clock_ns(CLOCK_MONOTONIC);
	out->utc_ns = clock_ns(CLOCK_REALTIME);
}

static uint64_t draw(struct env *e)
{
	return rng_next(&live_of(e)->rng);
}

/* A simulated venue's clock is the only one there is; else the kernel knows, or says that it does not. */
static int64_t clock_bound_ns(struct env *e)
{
	struct host_clock c;
	if (live_of(e)->clock)
		return 0;
	return host_clock_read(&c) == 0 && c.synced ? c.max_error_ns : INT64_MAX;
}

static int64_t since_read_ns(struct env *e)
{
	return live_machine_ns() - live_of(e)->read_ns;
}

/* ---------------------------------------------------------------- TLS contexts */

static int64_t file_stamp(const char *path)
{
	struct stat st;
	if (!path[0] || stat(path, &st) != 0)
		return 0;
	return (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec + (int64_t)st.st_ino;
}

int live_tls_ctx(struct live *l, const struct env_peer *p, bool server, struct tls_ctx **out)
{
	int64_t stamp = file_stamp(p->ca_file) + file_stamp(p->cert_file) + file_stamp(p->key_file);
	for (uint32_t i = 0; i < l->n_tls; i++) {
		struct live_tls *t = &l->tls[i];
		if (t->server == server && t->stamp == stamp && strcmp(t->ca, p->ca_file) == 0 &&
		    strcmp(t->cert, p->cert_file) == 0 && strcmp(t->key, p->key_file) == 0) {
			*out = t->ctx;
			return 0;
		}
	}
	if (l->n_tls == LIVE_TLS)
		return err_set(ERR_FULL, "more than %d different sets of certificate files",
			       LIVE_TLS);
	struct live_tls *t = &l->tls[l->n_tls];
	int rc = server ? tls_server_ctx(p, &t->ctx) : tls_client_ctx(p, &t->ctx);
	if (rc)
		return rc;
	t->server = server;
	t->stamp = stamp;
	memcpy(t->ca, p->ca_file, sizeof(t->ca));
	memcpy(t->cert, p->cert_file, sizeof(t->cert));
	memcpy(t->key, p->key_file, sizeof(t->key));
	l->n_tls++;
	*out = t->ctx;
	return 0;
}

/* ---------------------------------------------------------------- commands */

static void wake(int fd)
{
	uint64_t one = 1;
	/* A full counter wakes as well as one more. */
	(void)!write(fd, &one, sizeof(one));
}

static void on_wake(void *owner, unsigned what)
{
	(void)what;
	struct live *l = owner;
	uint64_t n;
	(void)!read(l->wake_fd, &n, sizeof(n));
	l->events++;
}

static void on_signal(int sig)
{
	int saved = errno;
	atomic_store(&signal_seen, sig);
	int fd = atomic_load(&signal_fd);
	if (fd >= 0)
		wake(fd);
	errno = saved;
}

int env_live_push(struct env *e, const struct env_command *c)
{
	struct live *l = live_of(e);
	pthread_mutex_lock(&l->push_lock);
	bool ok = ring_push(&l->commands, c);
	pthread_mutex_unlock(&l->push_lock);
	if (!ok)
		return err_set(ERR_FULL, "%d commands wait already: the engine is not taking them",
			       LIVE_COMMANDS);
	wake(l->wake_fd);
	return 0;
}

static bool command(struct env *e, struct env_command *out)
{
	struct live *l = live_of(e);
	int sig = l->opt.signals ? atomic_exchange(&signal_seen, 0) : 0;
	if (!sig)
		return ring_pop(&l->commands, out);
	*out = (struct env_command){ .kind = CMD_STOP, .who = "signal", .scope = "all" };
	snprintf(out->why, sizeof(out->why), "%s received", sig == SIGTERM ? "SIGTERM" : "SIGINT");
	return true;
}

static void reply(struct env *e, uint32_t id, const char *text)
{
	struct live *l = live_of(e);
	struct env_live_reply r = { .id = id };
	if (id == 0)
		return;
	snprintf(r.text, sizeof(r.text), "%s", text);
	if (ring_push(&l->replies, &r))
		wake(l->reply_fd);
	else
		l->stats.replies_lost++;
}

bool env_live_take_reply(struct env *e, struct env_live_reply *out)
{
	return ring_pop(&live_of(e)->replies, out);
}

int env_live_reply_fd(const struct env *e)
{
	return ((const struct live *)e)->reply_fd;
}

void env_live_stats(const struct env *e, struct env_live_stats *out)
{
	const struct live *l = (const struct live *)e;
	*out = l->stats;
	for (uint32_t i = 0; i < l->max_chans; i++)
		out->writes += l->chan[i].s.writes;
}

/* ---------------------------------------------------------------- life */

static void live_free(struct env *e)
{
	struct live *l = live_of(e);
	if (!l)
		return;
	int mine = l->wake_fd;
	if (l->opt.signals && atomic_compare_exchange_strong(&signal_fd, &mine, -1)) {
		signal(SIGTERM, SIG_DFL);
		signal(SIGINT, SIG_DFL);
	}
	for (uint32_t i = 0; l->chan && i < l->max_chans; i++)
		live_chan_free(l, &l->chan[i]);
	for (uint32_t i = 0; i < l->n_listener; i++) {
		loop_remove(l->loop, l->listener[i].watch);
		close(l->listener[i].fd);
	}
	for (uint32_t i = 0; i < l->n_tls; i++)
		tls_ctx_free(l->tls[i].ctx);
	loop_free(l->loop);
	if (l->clock_ours)
		clock_page_close(l->clock);
	const int fds[] = { l->spare_fd, l->wake_fd, l->reply_fd };
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	ring_free(&l->commands);
	ring_free(&l->replies);
	pthread_mutex_destroy(&l->push_lock);
	free(l->chan);
	free(l->dirty);
	free(l);
}

static const struct env_ops ops = {
	.name = "live",
	.now = now,
	.random = draw,
	.since_read_ns = since_read_ns,
	.clock_bound_ns = clock_bound_ns,
	.open = live_open,
	.listen = live_listen,
	.send = live_send,
	.unsent = live_unsent,
	.close = live_close,
	.poll = live_poll,
	.flush = live_flush,
	.command = command,
	.reply = reply,
	.free = live_free,
};

static int take_signals(struct live *l)
{
	int none = -1;
	if (!atomic_compare_exchange_strong(&signal_fd, &none, l->wake_fd))
		return err_set(ERR_BUSY, "another env of this process takes the signals");
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	sigemptyset(&sa.sa_mask);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	return 0;
}

static int open_wakers(struct live *l)
{
	l->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	l->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	l->reply_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (l->spare_fd < 0 || l->wake_fd < 0 || l->reply_fd < 0)
		return err_set(ERR_IO, "no descriptors left: %s", strerror(errno));
	int rc = loop_open(l->max_chans + LIVE_LISTENERS + 1, &l->loop);
	if (rc)
		return rc;
	l->wake_watch = loop_add(l->loop, l->wake_fd, LOOP_READ, on_wake, l);
	return l->wake_watch < 0 ? l->wake_watch : 0;
}

static int open_clock(struct live *l)
{
	l->clock = l->opt.clock;
	if (!l->opt.clock_path)
		return 0;
	l->clock_ours = true;
	return clock_page_open(l->opt.clock_path, &l->clock);
}

static int seed(struct live *l)
{
	uint64_t s = l->opt.seed;
	if (s == 0 && getrandom(&s, sizeof(s), 0) != sizeof(s))
		return err_set(ERR_IO, "the system gives no random numbers: %s", strerror(errno));
	rng_seed(&l->rng, s);
	return 0;
}

static int take_memory(struct live *l)
{
	l->chan = calloc(l->max_chans, sizeof(*l->chan));
	l->dirty = calloc(l->max_chans, sizeof(struct live_chan *));
	if (!l->chan || !l->dirty)
		return err_set(ERR_NOMEM, "no memory for %u channels", l->max_chans);
	for (uint32_t i = 0; i < l->max_chans; i++) {
		l->chan[i].s.fd = l->chan[i].watch = l->chan[i].clock_conn = -1;
		l->chan[i].head.env = &l->head;
	}
	int rc = ring_init(&l->commands, sizeof(struct env_command), LIVE_COMMANDS);
	return rc ? rc : ring_init(&l->replies, sizeof(struct env_live_reply), LIVE_REPLIES);
}

int env_live_open(const struct env_live_opt *o, struct env **out)
{
	struct live *l = calloc(1, sizeof(*l));
	if (!l)
		return err_set(ERR_NOMEM, "no memory for an env");
	if (o)
		l->opt = *o;
	l->head.ops = &ops;
	l->max_chans = l->opt.max_chans ? l->opt.max_chans : MAX_CHANS;
	if (l->opt.connect_timeout_ns <= 0)
		l->opt.connect_timeout_ns = CONNECT_TIMEOUT_NS;
	l->spare_fd = l->wake_fd = l->reply_fd = -1;
	pthread_mutex_init(&l->push_lock, NULL);
	int rc = take_memory(l);
	if (!rc)
		rc = open_wakers(l);
	if (!rc)
		rc = seed(l);
	if (!rc)
		rc = open_clock(l);
	if (!rc && l->opt.signals)
		rc = take_signals(l);
	if (rc) {
		live_free(&l->head);
		return rc;
	}
	*out = &l->head;
	return 0;
}
