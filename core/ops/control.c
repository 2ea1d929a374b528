#include "core/ops/control.h"

#include "core/base/err.h"
#include "core/base/log.h"
#include "core/io/env_live.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MS      5000
#define LINE_MS	       1000
#define LINE_MAX_BYTES 512
#define CLIENTS	       16

/* Somebody who has connected: its line is awaited, then the engine's answer. */
struct client {
	int fd;	     /* -1: nobody */
	uint32_t id; /* of its command; 0: its line is not whole yet */
	int64_t until_ms;
	size_t n;
	char line[LINE_MAX_BYTES];
};

struct control {
	struct env *env;
	char path[108];
	int listener;
	int stop[2]; /* a pipe: its closing ends the thread */
	uint32_t next_id;
	pthread_t thread;
	struct client client[CLIENTS];
};

static const char *const verb[] = { "stop",    "kill",	 "pause",     "resume", "reload", "set",
				    "resolve", "status", "positions", "orders", "pnl",	  "held",
				    "alerts",  "ack",	 "counters",  "limits" };
_Static_assert(sizeof verb / sizeof *verb == env_command_max, "a word for every command");

const char *control_verb(enum env_command_kind kind)
{
	return kind < env_command_max ? verb[kind] : "?";
}

static int address(const char *path, struct sockaddr_un *a)
{
	*a = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof a->sun_path)
		return err_set(
			ERR_CONFIG,
			"%s: a socket's path has at most 107 bytes, this has %zu; set engine.control to a shorter one",
			path, strlen(path));
	strcpy(a->sun_path, path);
	return 0;
}

/* Who is at the other end, by the kernel's word. */
static void name_peer(int fd, char *out, size_t cap)
{
	struct ucred c;
	socklen_t n = sizeof c;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &c, &n)) {
		snprintf(out, cap, "unknown");
		return;
	}
	const struct passwd *pw = getpwuid(c.uid); /* nobody else in this process asks for one */
	snprintf(out, cap, "%.20s/%d", pw ? pw->pw_name : "uid", (int)c.pid);
}

/* The word up to the separator into out; what follows it, or NULL when it does not fit. */
static const char *word(const char *p, const char *separators, char *out, size_t cap)
{
	size_t n = strcspn(p, separators);
	if (n >= cap)
		return NULL;
	memcpy(out, p, n);
	out[n] = '\0';
	return p + n;
}

int control_parse(const char *line, struct env_command *c)
{
	char name[16];
	const char *p = word(line, " \t\n", name, sizeof name);
	if (p && *p == ' ')
		p++;
	if (p)
		p = word(p, "\t\n", c->scope, sizeof c->scope);
	if (p && *p == '\t')
		p++;
	if (p)
		p = word(p, "\t\n", c->why, sizeof c->why);
	if (p && *p == '\t')
		p++;
	if (p)
		p = word(p, "\n", c->arg, sizeof c->arg);
	if (!p || !name[0])
		return err_set(ERR_PARSE, "not a command of this host");
	if (!c->scope[0])
		strcpy(c->scope, "all");
	for (uint32_t k = 0; k < env_command_max; k++)
		if (strcmp(name, verb[k]) == 0) {
			c->kind = k;
			return 0;
		}
	return err_set(ERR_NOTFOUND, "this host has no command '%s'", name);
}

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void leave(struct client *k)
{
	if (k->fd >= 0)
		close(k->fd);
	k->fd = -1;
	k->id = 0;
}

/* Never waits: whoever does not read what he asked for does not get the rest of it. */
static bool answer(struct client *k, const char *text)
{
	char line[LINE_MAX_BYTES];
	int n = snprintf(line, sizeof line, "%s\n", text);
	if (n >= (int)sizeof line)
		n = (int)sizeof line - 1;
	if (send(k->fd, line, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT) == n)
		return true;
	log_warn("control: an operator went away before the answer");
	return false;
}

static void answer_and_leave(struct client *k, const char *text)
{
	answer(k, text);
	leave(k);
}

/* Each answer goes to whoever asked, its rows as they come; those that nobody waits for any more belong to operators that went away. */
static void pass_answers(struct control *c)
{
	struct env_live_reply r;
	uint64_t rung;
	(void)!read(env_live_reply_fd(c->env), &rung, sizeof rung);
	while (env_live_take_reply(c->env, &r))
		for (int i = 0; i < CLIENTS; i++) {
			struct client *k = &c->client[i];
			if (k->fd < 0 || k->id != r.id)
				continue;
			if (!answer(k, r.text) || r.text[0] != ENV_REPLY_ROW)
				leave(k);
			break;
		}
}

static void command(struct control *c, struct client *k)
{
	char no[LINE_MAX_BYTES];
	struct env_command cmd = { 0 };
	name_peer(k->fd, cmd.who, sizeof cmd.who);
	if (control_parse(k->line, &cmd)) {
		snprintf(no, sizeof no, "no: %.400s", err_text());
		answer_and_leave(k, no);
		return;
	}
	if (++c->next_id == 0) /* that is nobody's */
		c->next_id = 1;
	k->id = cmd.id = c->next_id;
	k->until_ms = now_ms() + ANSWER_MS;
	if (env_live_push(c->env, &cmd))
		answer_and_leave(k, "no: too many commands are waiting; try again");
}

/* A whole line, which may come in pieces. */
static void hear(struct control *c, struct client *k)
{
	ssize_t got = recv(k->fd, k->line + k->n, LINE_MAX_BYTES - 1 - k->n, MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		leave(k);
		return;
	}
	k->n += (size_t)got;
	k->line[k->n] = '\0';
	if (memchr(k->line, '\n', k->n))
		command(c, k);
	else if (k->n == LINE_MAX_BYTES - 1)
		leave(k);
}

/* A free place, or that of the one who has said nothing whole for the longest. NULL: all wait for the engine. */
static struct client *place_for(struct control *c)
{
	struct client *oldest = NULL;
	for (int i = 0; i < CLIENTS; i++) {
		struct client *k = &c->client[i];
		if (k->fd < 0)
			return k;
		if (!k->id && (!oldest || k->until_ms < oldest->until_ms))
			oldest = k;
	}
	if (oldest)
		answer_and_leave(oldest, "no: too many are connected, and you have asked nothing");
	return oldest;
}

static void admit(struct control *c)
{
	struct client *k = place_for(c);
	int fd = k ? accept4(c->listener, NULL, NULL, SOCK_CLOEXEC) : -1;
	if (fd >= 0) {
		k->fd = fd;
		k->id = 0;
		k->n = 0;
		k->until_ms = now_ms() + LINE_MS;
	} else if (k && errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
		poll(NULL, 0, 50); /* no descriptor left, perhaps: it would only spin */
	}
}

/* Those whose time is over; how long until the next one's is, -1: nobody is there. */
static int look_at_times(struct control *c)
{
	int64_t now = now_ms(), next = INT64_MAX;
	for (int i = 0; i < CLIENTS; i++) {
		struct client *k = &c->client[i];
		if (k->fd >= 0 && k->until_ms <= now && k->id)
			answer_and_leave(
				k,
				"no: the host took the command but has not answered; `tandem status` shows whether it acts");
		else if (k->fd >= 0 && k->until_ms <= now)
			leave(k);
		else if (k->fd >= 0 && k->until_ms < next)
			next = k->until_ms;
	}
	return next == INT64_MAX ? -1 : (int)(next - now);
}

enum { AT_STOP, AT_DOOR, AT_BELL, AT_CLIENT };

static void watch(const struct control *c, struct pollfd p[AT_CLIENT + CLIENTS])
{
	bool full = true;
	for (int i = 0; i < CLIENTS; i++) {
		const struct client *k = &c->client[i];
		p[AT_CLIENT + i] = (struct pollfd){ .fd = k->fd, .events = k->id ? 0 : POLLIN };
		full &= k->fd >= 0 && k->id;
	}
	p[AT_STOP] = (struct pollfd){ .fd = c->stop[0], .events = POLLIN };
	p[AT_DOOR] = (struct pollfd){ .fd = full ? -1 : c->listener, .events = POLLIN };
	p[AT_BELL] = (struct pollfd){ .fd = env_live_reply_fd(c->env), .events = POLLIN };
}

static void *control_thread(void *arg)
{
	struct control *c = arg;
	struct pollfd p[AT_CLIENT + CLIENTS];
	for (;;) {
		int wait_ms = look_at_times(c);
		watch(c, p);
		if (poll(p, AT_CLIENT + CLIENTS, wait_ms) < 0)
			continue;
		if (p[AT_STOP].revents)
			return NULL;
		if (p[AT_BELL].revents)
			pass_answers(c);
		for (int i = 0; i < CLIENTS; i++) {
			struct client *k = &c->client[i];
			if (k->fd < 0 || k->fd != p[AT_CLIENT + i].fd || !p[AT_CLIENT + i].revents)
				continue;
			if (k->id) /* gone: its command stands all the same */
				leave(k);
			else
				hear(c, k);
		}
		if (p[AT_DOOR].revents)
			admit(c);
	}
}

static int nothing_there(const char *path)
{
	struct stat st;
	if (lstat(path, &st))
		return 0;
	if (!S_ISSOCK(st.st_mode))
		return err_set(
			ERR_EXISTS,
			"%s: is there already and is no socket: give engine.control another path",
			path);
	unlink(path); /* a killed host left it; the store's lock says that it is ours */
	return 0;
}

/* Mode 0600 before it has a name; umask would be that of all threads. */
static int listen_at(const struct sockaddr_un *a)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && fchmod(fd, 0600) == 0 &&
	    bind(fd, (const struct sockaddr *)a, sizeof *a) == 0 && listen(fd, 8) == 0)
		return fd;
	int rc = err_set(ERR_IO, "%s: the control socket cannot be made: %s", a->sun_path,
			 strerror(errno));
	if (fd >= 0)
		close(fd);
	return rc;
}

static void release(struct control *c)
{
	for (int i = 0; i < CLIENTS; i++)
		leave(&c->client[i]);
	if (c->listener >= 0) {
		close(c->listener);
		unlink(c->path);
	}
	for (int k = 0; k < 2; k++)
		if (c->stop[k] >= 0)
			close(c->stop[k]);
	free(c);
}

int control_open(const char *path, struct env *env, struct control **out)
{
	struct sockaddr_un a;
	int rc = address(path, &a);
	if (!rc)
		rc = nothing_there(path);
	if (rc)
		return rc;
	struct control *c = calloc(1, sizeof *c);
	if (!c)
		return err_set(ERR_NOMEM, "no memory for the control socket");
	*c = (struct control){ .env = env, .listener = -1, .stop = { -1, -1 } };
	for (int i = 0; i < CLIENTS; i++)
		c->client[i].fd = -1;
	snprintf(c->path, sizeof c->path, "%s", path);
	int fd = listen_at(&a);
	if (fd < 0) {
		release(c);
		return fd;
	}
	c->listener = fd;
	int failed = pipe2(c->stop, O_CLOEXEC) ? errno : 0;
	if (!failed)
		failed = pthread_create(&c->thread, NULL, control_thread, c);
	if (failed) {
		rc = err_set(ERR_IO, "%s: nobody can be made to listen there: %s", path,
			     strerror(failed));
		release(c);
		return rc;
	}
	*out = c;
	return 0;
}

void control_close(struct control *c)
{
	if (!c)
		return;
	close(c->stop[1]);
	c->stop[1] = -1;
	pthread_join(c->thread, NULL);
	release(c);
}

/* ---- the other end ---- */

static int reach(const char *path, int *fd)
{
	struct sockaddr_un a;
	int rc = address(path, &a);
	if (rc)
		return rc;
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*fd >= 0 && connect(*fd, (struct sockaddr *)&a, sizeof a) == 0)
		return 0;
	rc = err_set(
		ERR_NOTFOUND,
		"%s: no host listens there: %s; is it running, and is that its engine.control?",
		path, strerror(errno));
	if (*fd >= 0)
		close(*fd);
	return rc;
}

bool control_listens(const char *path)
{
	int fd;
	if (reach(path, &fd))
		return false;
	close(fd);
	return true;
}

static int make_line(char line[LINE_MAX_BYTES], const struct env_command *c)
{
	if (strpbrk(c->scope, "\t\n"))
		return err_set(ERR_ARG, "'%.80s' is no name of an instance or a venue", c->scope);
	if (strpbrk(c->why, "\t\n") || strpbrk(c->arg, "\t\n"))
		return err_set(ERR_ARG, "a reason is one line without tabs");
	return snprintf(line, LINE_MAX_BYTES, "%s %s\t%s%s%s\n", control_verb(c->kind), c->scope,
			c->why, c->arg[0] ? "\t" : "", c->arg);
}

/* Everything that comes back, to its end; terminated. */
static int exchange(const char *path, const struct env_command *c, char *got, size_t cap)
{
	char line[LINE_MAX_BYTES];
	int fd, n = make_line(line, c);
	int rc = n < 0 ? n : reach(path, &fd);
	if (rc)
		return rc;
	size_t have = 0;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	if (send(fd, line, (size_t)n, MSG_NOSIGNAL) == n)
		while (have < cap - 1 && poll(&p, 1, ANSWER_MS + 1000) > 0) {
			ssize_t r = read(fd, got + have, cap - 1 - have);
			if (r <= 0)
				break;
			have += (size_t)r;
		}
	close(fd);
	got[have] = '\0';
	return have ? 0 : err_set(ERR_TIMEOUT, "%s: the host did not answer", path);
}

/* The last line of an answer: its words, or what the host refused. */
static int verdict(const char *path, char *line, char *out, size_t cap)
{
	line[strcspn(line, "\n")] = '\0';
	if (!line[0])
		return err_set(ERR_TIMEOUT, "%s: the host did not answer to the end", path);
	if (strncmp(line, "ok", 2) != 0)
		return err_set(ERR_LIMIT, "%s", strncmp(line, "no: ", 4) == 0 ? line + 4 : line);
	snprintf(out, cap, "%s", strncmp(line, "ok: ", 4) == 0 ? line + 4 : line);
	return 0;
}

int control_tell(const char *path, const struct env_command *c, char *out, size_t cap)
{
	char got[LINE_MAX_BYTES];
	int rc = exchange(path, c, got, sizeof got);
	return rc ? rc : verdict(path, got, out, cap);
}

int control_ask(const char *path, enum env_command_kind kind, const char *scope, const char *why,
		char *out, size_t cap)
{
	struct env_command c = { .kind = kind };
	if (strlen(scope) >= sizeof c.scope)
		return err_set(ERR_ARG, "'%.80s' is no name of an instance or a venue", scope);
	if (strlen(why) >= sizeof c.why)
		return err_set(ERR_ARG, "a reason is one line of at most %zu bytes",
			       sizeof c.why - 1);
	strcpy(c.scope, scope);
	strcpy(c.why, why);
	return control_tell(path, &c, out, cap);
}

/* One page: its rows to fn; where the next begins into *next, 0: it was the last. */
static int page(const char *path, const struct env_command *c, control_row_fn fn, void *arg,
		uint64_t *next)
{
	char got[(ENV_REPLY_ROWS + 1) * (ENV_REPLY_TEXT + 1)], end[LINE_MAX_BYTES];
	int rc = exchange(path, c, got, sizeof got);
	char *p = got;
	while (!rc && *p == ENV_REPLY_ROW) {
		char *line = p + 1;
		size_t n = strcspn(line, "\n");
		p = line + n + (line[n] == '\n');
		line[n] = '\0';
		rc = fn(arg, line);
	}
	if (!rc)
		rc = verdict(path, p, end, sizeof end);
	*next = rc ? 0 : strtoull(end, NULL, 10); /* "ok" alone is no number */
	return rc;
}

int control_list(const char *path, enum env_command_kind kind, control_row_fn fn, void *arg)
{
	struct env_command c = { .kind = kind, .scope = "all" };
	for (uint64_t next = 0;;) {
		const uint64_t from = next;
		snprintf(c.arg, sizeof c.arg, "%llu", (unsigned long long)from);
		int rc = page(path, &c, fn, arg, &next);
		if (rc || next == 0)
			return rc;
		if (next <= from)
			return err_set(ERR_PARSE, "%s: the host's list goes in a circle", path);
	}
}
