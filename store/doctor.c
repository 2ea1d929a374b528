/* What the doctor's two works have in common: the list of findings, and the process that each of them is. */
#include "store/doctor.h"
#include "core/base/err.h"
#include "store/doctor_parts.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define POLL_NS 5000000

static const struct row {
	const char *name;
	bool damage;
	const char *advice;
} rows[] = {
#define DOCTOR_ROW(id, name, damage, advice) [DOCTOR_##id] = { name, damage, advice },
	DOCTOR_FINDINGS(DOCTOR_ROW)
#undef DOCTOR_ROW
};
_Static_assert(sizeof rows / sizeof *rows == doctor_what_max, "a row for every finding");

const char *doctor_name(enum doctor_what w)
{
	return rows[w].name;
}

bool doctor_is_damage(enum doctor_what w)
{
	return rows[w].damage;
}

const char *doctor_advice(enum doctor_what w)
{
	return rows[w].advice;
}

bool doctor_found(const struct doctor *d, enum doctor_what w)
{
	for (unsigned i = 0; i < d->n; i++)
		if (d->finding[i].what == w)
			return true;
	return false;
}

bool doctor_well(const struct doctor *d)
{
	for (unsigned i = 0; i < d->n; i++)
		if (rows[d->finding[i].what].damage)
			return false;
	return true;
}

void doctor_find(struct doctor *d, enum doctor_what w, uint64_t from, uint64_t to, const char *fmt,
		 ...)
{
	va_list ap;
	if (d->n == DOCTOR_MAX) {
		d->more++;
		return;
	}
	struct doctor_finding *f = &d->finding[d->n++];
	*f = (struct doctor_finding){ .what = w, .from = from, .to = to };
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof f->text, fmt, ap);
	va_end(ap);
}

/* ---------------------------------------------------------------- a process apart */

/* What the child hands back. */
struct shared {
	struct doctor d;
	int rc;
	char text[DOCTOR_TEXT];
};

static int wait_for(pid_t child, int timeout_s, int *status)
{
	const long tries = (long)timeout_s * (1000000000 / POLL_NS);
	for (long i = 0; i < tries; i++) {
		pid_t got = waitpid(child, status, WNOHANG);
		if (got == child)
			return 0;
		if (got < 0 && errno != EINTR)
			return err_set(ERR_IO, "a process of its own cannot be waited for: %s",
				       strerror(errno));
		nanosleep(&(struct timespec){ .tv_nsec = POLL_NS }, NULL);
	}
	kill(child, SIGKILL);
	waitpid(child, status, 0);
	return -ERR_TIMEOUT;
}

/* 0, or why the child did not come back with an answer: -ERR_TIMEOUT, -ERR_CORRUPT when it was ended by a signal. */
static int apart(int (*work)(const char *path, struct doctor *d), const char *path, int timeout_s,
		 struct shared *s)
{
	int status;
	fflush(NULL);
	pid_t child = fork();
	if (child < 0)
		return err_set(ERR_IO, "a process of its own cannot be made: %s", strerror(errno));
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		s->rc = work(path, &s->d);
		snprintf(s->text, sizeof s->text, "%s", s->rc ? err_text() : "");
		_exit(0);
	}
	int rc = wait_for(child, timeout_s, &status);
	if (rc == -ERR_TIMEOUT)
		return err_set(ERR_TIMEOUT, "reading it does not come to an end within %d s",
			       timeout_s);
	if (rc)
		return rc;
	if (WIFSIGNALED(status))
		return err_set(ERR_CORRUPT, "reading it ended the program (signal %d)",
			       WTERMSIG(status));
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return err_set(ERR_IO, "reading it ended with code %d", WEXITSTATUS(status));
	return 0;
}

static struct shared *share(const struct doctor *d)
{
	struct shared *s =
		mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s == MAP_FAILED)
		return NULL;
	s->d = *d;
	return s;
}

int doctor_look(const char *path, int timeout_s, struct doctor *out)
{
	*out = (struct doctor){ 0 };
	struct shared *s = share(out);
	if (!s)
		return err_set(ERR_NOMEM, "no memory to look at a store");
	int rc = apart(doctor_examine, path, timeout_s, s);
	*out = s->d;
	if (rc == -ERR_TIMEOUT || rc == -ERR_CORRUPT) {
		doctor_find(out, DOCTOR_DB_DAMAGED, 0, 0, "the database: %s", err_text());
		rc = 0;
	} else if (!rc && s->rc) {
		rc = err_set((enum err) - s->rc, "%s", s->text);
	}
	munmap(s, sizeof *s);
	return rc;
}

int doctor_repair(const char *path, int timeout_s, struct doctor *d)
{
	struct shared *s = share(d);
	if (!s)
		return err_set(ERR_NOMEM, "no memory to repair a store");
	int rc = apart(doctor_mend, path, timeout_s, s);
	*d = s->d;
	if (!rc && s->rc)
		rc = err_set((enum err) - s->rc, "%s", s->text);
	munmap(s, sizeof *s);
	return rc;
}
