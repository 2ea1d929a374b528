#include "core/ops/control.h"

#include "core/base/err.h"
#include "core/base/log.h"
#include "core/io/env_live.h"
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_MS      5000
#define LINE_MAX_BYTES 512

struct control {
	struct env *env;
	char path[108];
	int listener;
	int stop[2]; /* a pipe: its closing ends the thread */
	uint32_t next_id;
	pthread_t thread;
};

static const char *const verb[] = { "stop",   "kill", "pause",	 "resume",
				    "reload", "set",  "resolve", "status" };
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
			"%s: too long for a socket's path (107 bytes); set engine.control to a shorter one",
			path);
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
	const struct passwd *pw = getpwuid(c.uid);
	snprintf(out, cap, "%.20s/%d", pw ? pw->pw_name : "uid", (int)c.pid);
}

static int parse(const char *line, struct env_command *c)
{
	char word[16] = "", scope[64] = "", why[128] = "";
	const char *tab = strchr(line, '\t');
	if (sscanf(line, "%15s %63[^\t\n]", word, scope) < 1)
		return -ERR_PARSE;
	if (tab)
		sscanf(tab + 1, "%127[^\n]", why);
	for (uint32_t k = 0; k < env_command_max; k++)
		if (strcmp(word, verb[k]) == 0) {
			c->kind = k;
			snprintf(c->scope, sizeof c->scope, "%s", scope[0] ? scope : "all");
			snprintf(c->why, sizeof c->why, "%s", why);
			return 0;
		}
	return -ERR_NOTFOUND;
}

static void answer(int fd, const char *text)
{
	char line[LINE_MAX_BYTES];
	int n = snprintf(line, sizeof line, "%s\n", text);
	if (n > 0 && write(fd, line, (size_t)n) < 0)
		log_warn("control: an operator went away before the answer");
}

/* Waits for the engine's answer to this command; older ones belong to operators that went away. */
static void wait_answer(struct control *c, uint32_t id, int fd)
{
	struct pollfd p = { .fd = env_live_reply_fd(c->env), .events = POLLIN };
	for (int left = ANSWER_MS; left > 0; left -= 50) {
		struct env_live_reply r;
		while (env_live_take_reply(c->env, &r))
			if (r.id == id) {
				answer(fd, r.text);
				return;
			}
		poll(&p, 1, 50);
	}
	answer(fd,
	       "the host took the command but has not answered within 5 s; `tandem status` shows whether it acts");
}

static void serve(struct control *c, int fd)
{
	char line[LINE_MAX_BYTES];
	struct pollfd p = { .fd = fd, .events = POLLIN };
	if (poll(&p, 1, 1000) <= 0)
		return;
	ssize_t n = read(fd, line, sizeof line - 1);
	if (n <= 0)
		return;
	line[n] = '\0';
	struct env_command cmd = { 0 };
	name_peer(fd, cmd.who, sizeof cmd.who);
	if (parse(line, &cmd)) {
		answer(fd, "not a command of this host");
		return;
	}
	cmd.id = ++c->next_id;
	if (env_live_push(c->env, &cmd)) {
		answer(fd, "too many commands are waiting; try again");
		return;
	}
	wait_answer(c, cmd.id, fd);
}

static void *control_thread(void *arg)
{
	struct control *c = arg;
	struct pollfd p[2] = { { .fd = c->listener, .events = POLLIN },
			       { .fd = c->stop[0], .events = POLLIN } };
	for (;;) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return NULL;
		if (p[1].revents)
			return NULL;
		if (!(p[0].revents & POLLIN))
			continue;
		int fd = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		serve(c, fd);
		close(fd);
	}
}

int control_open(const char *path, struct env *env, struct control **out)
{
	struct sockaddr_un a;
	int rc = address(path, &a);
	if (rc)
		return rc;
	struct control *c = calloc(1, sizeof *c);
	if (!c)
		return err_set(ERR_NOMEM, "no memory for the control socket");
	c->env = env;
	snprintf(c->path, sizeof c->path, "%s", path);
	unlink(path); /* a killed host left it; the store's lock says that it is ours */
	c->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	mode_t before = umask(0177);
	bool made = c->listener >= 0 && bind(c->listener, (struct sockaddr *)&a, sizeof a) == 0 &&
		    listen(c->listener, 8) == 0;
	umask(before);
	if (!made || pipe(c->stop) || pthread_create(&c->thread, NULL, control_thread, c)) {
		rc = err_set(ERR_IO, "%s: the control socket cannot be made: %s", path,
			     strerror(errno));
		if (c->listener >= 0)
			close(c->listener);
		free(c);
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
	pthread_join(c->thread, NULL);
	close(c->stop[0]);
	close(c->listener);
	unlink(c->path);
	free(c);
}

int control_ask(const char *path, enum env_command_kind kind, const char *scope, const char *why,
		char *out, size_t cap)
{
	struct sockaddr_un a;
	int rc = address(path, &a);
	if (rc)
		return rc;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a)) {
		rc = err_set(ERR_NOTFOUND, "%s: no host listens there: %s; is it running?", path,
			     strerror(errno));
		if (fd >= 0)
			close(fd);
		return rc;
	}
	char line[LINE_MAX_BYTES];
	int n = snprintf(line, sizeof line, "%s %s\t%s\n", control_verb(kind), scope, why);
	ssize_t got = -1;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	if (write(fd, line, (size_t)n) == n && poll(&p, 1, ANSWER_MS + 1000) > 0)
		got = read(fd, out, cap - 1);
	close(fd);
	if (got <= 0)
		return err_set(ERR_TIMEOUT, "%s: the host did not answer", path);
	out[got] = '\0';
	out[strcspn(out, "\n")] = '\0';
	return 0;
}
