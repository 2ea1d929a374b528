#include "store/courier.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "store/note.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COMMAND_MS 10000
#define STEP_MS	   5

struct courier {
	char to[512];
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t news;
	char note[NOTE_MAX];	  /* the newest that waits */
	size_t n;		  /* 0: none does */
	bool stop, failing, told; /* told: of failing */
	char why[160];
	uint64_t sent, failed;
};

static int write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t k = write(fd, p, n);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return -1;
		p += k;
		n -= (size_t)k;
	}
	return 0;
}

/* Whole or not at all, also after a loss of power. */
static int to_file(const char *file, const char *note, size_t n)
{
	char part[PATH_MAX];
	snprintf(part, sizeof part, "%s.part", file);
	int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	bool ok = fd >= 0 && write_all(fd, note, n) == 0 && fsync(fd) == 0;
	int why = errno;
	if (fd >= 0)
		close(fd);
	if (ok && rename(part, file) == 0)
		return 0;
	return err_set(ERR_IO, "%s: %s", file, strerror(ok ? errno : why));
}

static int start(const char *command, int in, pid_t *pid)
{
	char *argv[] = { "sh", "-c", (char *)(uintptr_t)command, NULL };
	extern char **environ;
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	sigset_t all, none;
	sigfillset(&all);
	sigemptyset(&none);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
	posix_spawnattr_init(&how);
	/* A group of its own, so that all of it can be ended. */
	posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
					       POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigdefault(&how, &all);
	posix_spawnattr_setsigmask(&how, &none);
	int rc = posix_spawnp(pid, "sh", &files, &how, argv, environ);
	posix_spawnattr_destroy(&how);
	posix_spawn_file_actions_destroy(&files);
	return rc ? err_set(ERR_IO, "no shell can be started: %s", strerror(rc)) : 0;
}

static int wait_for(const char *command, pid_t pid)
{
	int status;
	for (int ms = 0; ms < COMMAND_MS; ms += STEP_MS) {
		pid_t got = waitpid(pid, &status, WNOHANG);
		if (got == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0)
			return 0;
		if (got == pid || (got < 0 && errno != EINTR))
			return err_set(ERR_IO, "the command \"%s\" ended with %d", command,
				       got == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1);
		nanosleep(&(struct timespec){ .tv_nsec = STEP_MS * 1000000 }, NULL);
	}
	kill(-pid, SIGKILL);
	waitpid(pid, &status, 0);
	return err_set(ERR_TIMEOUT, "the command \"%s\" did not end within %d s and was stopped",
		       command, COMMAND_MS / 1000);
}

static int to_command(const char *command, const char *note, size_t n)
{
	pid_t pid;
	int fd = memfd_create("checkpoint", MFD_CLOEXEC), rc;
	if (fd < 0 || write_all(fd, note, n) || lseek(fd, 0, SEEK_SET) < 0)
		rc = err_set(ERR_IO, "no memory for a checkpoint's file: %s", strerror(errno));
	else
		rc = start(command, fd, &pid);
	if (fd >= 0)
		close(fd);
	return rc ? rc : wait_for(command, pid);
}

static void deliver(struct courier *c, const char *note, size_t n)
{
	int rc = c->to[0] == '|' ? to_command(c->to + 1, note, n) : to_file(c->to, note, n);
	pthread_mutex_lock(&c->lock);
	c->sent += !rc;
	c->failed += rc != 0;
	const bool before = c->failing;
	c->failing = rc != 0;
	if (rc)
		snprintf(c->why, sizeof c->why, "%s", err_text());
	pthread_mutex_unlock(&c->lock);
	if (rc && !before)
		log_error("checkpoints do not get out of the store: %s", err_text());
	if (!rc && before)
		log_info("checkpoints get out of the store again");
}

int courier_news(struct courier *c, char *why, size_t cap)
{
	int news = 0;
	if (pthread_mutex_trylock(&c->lock))
		return 0;
	if (c->failing != c->told)
		news = c->failing ? COURIER_FAILS : COURIER_AGAIN;
	c->told = c->failing;
	if (news == COURIER_FAILS)
		snprintf(why, cap, "%s", c->why);
	pthread_mutex_unlock(&c->lock);
	return news;
}

static void *run(void *arg)
{
	struct courier *c = arg;
	char note[NOTE_MAX];
	for (;;) {
		pthread_mutex_lock(&c->lock);
		while (!c->n && !c->stop)
			pthread_cond_wait(&c->news, &c->lock);
		size_t n = c->n;
		memcpy(note, c->note, n);
		c->n = 0;
		pthread_mutex_unlock(&c->lock);
		if (!n)
			return NULL;
		deliver(c, note, n);
	}
}

int courier_open(const char *to, struct courier **out)
{
	struct courier *c = calloc(1, sizeof *c);
	if (!c)
		return err_set(ERR_NOMEM, "no memory to send checkpoints");
	snprintf(c->to, sizeof c->to, "%s", to);
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->news, NULL);
	if (pthread_create(&c->thread, NULL, run, c)) {
		free(c);
		return err_set(ERR_NOMEM, "what sends checkpoints cannot be started");
	}
	*out = c;
	return 0;
}

void courier_send(struct courier *c, const char *note, size_t n)
{
	pthread_mutex_lock(&c->lock);
	memcpy(c->note, note, n);
	c->n = n;
	pthread_cond_signal(&c->news);
	pthread_mutex_unlock(&c->lock);
}

void courier_close(struct courier *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	c->stop = true;
	pthread_cond_signal(&c->news);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	pthread_cond_destroy(&c->news);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

uint64_t courier_sent(struct courier *c)
{
	pthread_mutex_lock(&c->lock);
	uint64_t n = c->sent;
	pthread_mutex_unlock(&c->lock);
	return n;
}

uint64_t courier_failed(struct courier *c)
{
	pthread_mutex_lock(&c->lock);
	uint64_t n = c->failed;
	pthread_mutex_unlock(&c->lock);
	return n;
}
