#include "core/cmd/child.h"

#include "core/base/err.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STEP_MS 10

static void sleep_ms(int ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000L };
	nanosleep(&t, NULL);
}

static _Noreturn void become(const struct child *c, int log, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent) /* it died before the line above */
		_exit(1);
	setpgid(0, 0);
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (nothing >= 0)
		dup2(nothing, STDIN_FILENO);
	dup2(log, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	close_range(STDERR_FILENO + 1, ~0u, CLOSE_RANGE_CLOEXEC);
	if (c->keep)
		fcntl(c->keep, F_SETFD, 0);
	execv("/proc/self/exe", (char *const *)(uintptr_t)c->argv);
	dprintf(STDERR_FILENO, "this program cannot be started anew through /proc/self/exe: %s\n",
		strerror(errno));
	_exit(127);
}

int child_start(struct child *c)
{
	int log = open(c->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (log < 0)
		return err_set(ERR_IO, "%s: %s", c->log, strerror(errno));
	c->log_from = lseek(log, 0, SEEK_END);
	pid_t parent = getpid(), pid = fork();
	if (pid == 0)
		become(c, log, parent);
	close(log);
	if (pid < 0)
		return err_set(ERR_IO, "%s cannot be started: %s", c->name, strerror(errno));
	setpgid(pid, pid); /* as the child does: whoever comes first, no Ctrl-C comes between */
	c->pid = c->last_pid = pid;
	c->status = 0;
	c->starts++;
	return 0;
}

bool child_ended(struct child *c)
{
	if (c->pid == 0)
		return true;
	pid_t got = waitpid(c->pid, &c->status, WNOHANG);
	if (got == c->pid || (got < 0 && errno == ECHILD)) {
		c->pid = 0;
		return true;
	}
	return false;
}

bool child_was_killed(const struct child *c)
{
	return WIFSIGNALED(c->status);
}

static bool log_has(const struct child *c, const char *word)
{
	char buf[4096], line[256];
	FILE *f = fopen(c->log, "re");
	if (!f)
		return false;
	bool found = false;
	fseek(f, (long)c->log_from, SEEK_SET);
	setvbuf(f, buf, _IOFBF, sizeof buf);
	while (!found && fgets(line, sizeof line, f))
		found = strncmp(line, word, strlen(word)) == 0;
	fclose(f);
	return found;
}

bool child_wait_line(struct child *c, const char *word, int timeout_ms)
{
	for (int waited = 0; waited < timeout_ms; waited += STEP_MS) {
		if (log_has(c, word))
			return true;
		if (child_ended(c))
			return log_has(c, word);
		sleep_ms(STEP_MS);
	}
	return false;
}

bool child_stop(struct child *c, int timeout_ms)
{
	if (child_ended(c))
		return !child_was_killed(c);
	kill(c->pid, SIGTERM);
	for (int waited = 0; waited < timeout_ms; waited += STEP_MS) {
		if (child_ended(c))
			return !child_was_killed(c);
		sleep_ms(STEP_MS);
	}
	kill(c->pid, SIGKILL);
	while (!child_ended(c))
		sleep_ms(STEP_MS);
	return false;
}

void child_show_log(const struct child *c, unsigned lines)
{
	enum { KEEP = 64, WIDTH = 512 };
	static char ring[KEEP][WIDTH];
	unsigned n = 0;
	FILE *f = fopen(c->log, "re");
	if (!f)
		return;
	fseek(f, (long)c->log_from, SEEK_SET);
	while (fgets(ring[n % KEEP], WIDTH, f))
		n++;
	fclose(f);
	unsigned show = lines < KEEP ? lines : KEEP, from = n > show ? n - show : 0;
	for (unsigned i = from; i < n; i++) {
		char *line = ring[i % KEEP];
		line[strcspn(line, "\n")] = '\0';
		fprintf(stderr, "  %s: %s\n", c->name, line);
	}
}
