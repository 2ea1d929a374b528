/* alert_command - an alert handed to a program of the operator's: no shell, JSON on its standard input, a time limit, few at once.
 *
 * It gets a group of processes of its own, so that what it started ends with it; no descriptor and no variable of the host's but PATH. What it writes is thrown
 * away: its exit code is its answer. */
#include "core/base/err.h"
#include "core/ops/alert_part.h"
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

struct running {
	struct alert_command *of;
	pid_t pid; /* 0: none */
	int pidfd;
	struct event *ended, *late;
	bool killed;
};

struct alert_command {
	struct event_base *base;
	const struct config_alerts *cfg;
	alert_fail_fn fail;
	void *arg;
	struct alert_queue waiting;
	int n_running;
	struct running *run; /* cfg->command_max of them */
};

static void start_waiting(struct alert_command *k);

/* What it leaves behind is ended too. */
static void reap(struct running *r)
{
	int status = 0;
	kill(-r->pid, SIGKILL);
	while (waitpid(r->pid, &status, 0) < 0 && errno == EINTR)
		;
	struct alert_command *k = r->of;
	if (r->killed)
		k->fail(k->arg, ALERT_SINK_COMMAND, "it ran longer than it may and was killed");
	else if (WIFSIGNALED(status))
		k->fail(k->arg, ALERT_SINK_COMMAND, "it was ended by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status))
		k->fail(k->arg, ALERT_SINK_COMMAND, "it ended with exit code %d",
			WEXITSTATUS(status));
	event_free(r->ended);
	event_free(r->late);
	close(r->pidfd);
	*r = (struct running){ .of = k, .pidfd = -1 };
	k->n_running--;
}

static void on_ended(evutil_socket_t fd, short what, void *arg)
{
	struct running *r = arg;
	struct alert_command *k = r->of;
	(void)fd;
	(void)what;
	reap(r);
	start_waiting(k);
}

static void on_late(evutil_socket_t fd, short what, void *arg)
{
	struct running *r = arg;
	(void)fd;
	(void)what;
	r->killed = true;
	kill(-r->pid, SIGKILL);
}

static int spawn(struct alert_command *k, int in, pid_t *pid)
{
	static char *const environment[] = { "PATH=/usr/local/bin:/usr/bin:/bin", NULL };
	char *argv[ALERT_ARGS + 1] = { NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	sigset_t all, none;
	for (unsigned i = 0; i < k->cfg->n_args; i++)
		argv[i] = (char *)k->cfg->arg[i];
	sigfillset(&all);
	sigemptyset(&none);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
	posix_spawnattr_init(&how);
	posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
					       POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigdefault(&how, &all);
	posix_spawnattr_setsigmask(&how, &none);
	int failed = posix_spawn(pid, argv[0], &files, &how, argv, environment);
	posix_spawnattr_destroy(&how);
	posix_spawn_file_actions_destroy(&files);
	return failed;
}

static bool watch(struct alert_command *k, struct running *r)
{
	const struct timeval limit = { (time_t)(k->cfg->command_timeout_ns / 1000000000),
				       (suseconds_t)(k->cfg->command_timeout_ns % 1000000000 /
						     1000) };
	r->pidfd = pidfd_open(r->pid, 0);
	r->ended = event_new(k->base, r->pidfd, EV_READ, on_ended, r);
	r->late = event_new(k->base, -1, 0, on_late, r);
	if (r->pidfd >= 0 && r->ended && r->late && event_add(r->ended, NULL) == 0 &&
	    event_add(r->late, &limit) == 0)
		return true;
	kill(-r->pid, SIGKILL);
	waitpid(r->pid, NULL, 0);
	if (r->ended)
		event_free(r->ended);
	if (r->late)
		event_free(r->late);
	if (r->pidfd >= 0)
		close(r->pidfd);
	*r = (struct running){ .of = k, .pidfd = -1 };
	return false;
}

/* A pipe takes a whole alert at once, so that nobody waits for a program that does not read. */
static void run(struct alert_command *k, struct running *r, const char *json)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC)) {
		k->fail(k->arg, ALERT_SINK_COMMAND, "no pipe for it: %s", strerror(errno));
		return;
	}
	int failed = spawn(k, ends[0], &r->pid);
	close(ends[0]);
	const size_t n = strlen(json);
	bool written =
		!failed && write(ends[1], json, n) == (ssize_t)n && write(ends[1], "\n", 1) == 1;
	close(ends[1]);
	if (failed) {
		r->pid = 0;
		k->fail(k->arg, ALERT_SINK_COMMAND, "it cannot be started: %s", strerror(failed));
		return;
	}
	(void)written; /* who does not read it has ended, and says so by its exit code */
	if (watch(k, r))
		k->n_running++;
	else
		k->fail(k->arg, ALERT_SINK_COMMAND, "it cannot be watched: %s", strerror(errno));
}

static void start_waiting(struct alert_command *k)
{
	for (int i = 0; i < k->cfg->command_max && alert_queue_first(&k->waiting); i++)
		if (!k->run[i].pid) {
			run(k, &k->run[i], alert_queue_first(&k->waiting));
			alert_queue_drop(&k->waiting);
		}
}

int alert_command_open(struct event_base *base, const struct config_alerts *c, alert_fail_fn fail,
		       void *arg, struct alert_command **out)
{
	struct alert_command *k = calloc(1, sizeof *k);
	if (k)
		*k = (struct alert_command){ .base = base, .cfg = c, .fail = fail, .arg = arg };
	if (k)
		k->run = calloc((size_t)c->command_max, sizeof *k->run);
	if (!k || !k->run) {
		free(k);
		return err_set(ERR_NOMEM, "no memory for the alerts' command");
	}
	for (int i = 0; i < c->command_max; i++)
		k->run[i] = (struct running){ .of = k, .pidfd = -1 };
	*out = k;
	return 0;
}

void alert_command_free(struct alert_command *k)
{
	for (int i = 0; k && i < k->cfg->command_max; i++)
		if (k->run[i].pid)
			reap(&k->run[i]);
	if (k)
		free(k->run);
	free(k);
}

void alert_command_put(struct alert_command *k, const char *json)
{
	if (!alert_queue_put(&k->waiting, json))
		k->fail(k->arg, ALERT_SINK_COMMAND,
			"%d alerts wait for it already: one was left out", ALERT_QUEUE);
	start_waiting(k);
}

bool alert_command_idle(const struct alert_command *k)
{
	return !k->n_running && !k->waiting.n;
}
