/* child - a process that the demo keeps alive: started from this very binary, its output in a log, ended with its parent.
 *
 * A child that dies by a signal is started again by the caller; one that exits by itself has said why in its log. One thread. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define CHILD_ARGS 16

struct child {
	char name[16];
	char log[300]; /* path; output is appended */
	const char *argv[CHILD_ARGS];
	pid_t pid;	  /* 0: not running */
	pid_t last_pid;	  /* of its latest life */
	int64_t log_from; /* its output of this life begins here */
	uint32_t starts;
	int status; /* of waitpid, when it has ended */
	int keep;   /* a descriptor that it keeps open, for the lock on it; 0: none */
};

/* Starts it: in a process group of its own (a Ctrl-C is its parent's business), with nothing of its parent's open but what it is to keep,
 * killed by the kernel when the parent dies. -ERR_IO. */
int child_start(struct child *c);
/* Has it ended? Takes its status when it has. */
bool child_ended(struct child *c);
bool child_was_killed(const struct child *c); /* by a signal */
/* Waits for a line that begins with `word` in its log; false: it ended, or the time is over. */
bool child_wait_line(struct child *c, const char *word, int timeout_ms);
/* SIGTERM, then SIGKILL when it has not ended in time. False: it was killed, now or before; true: it ended by itself, or never ran. */
bool child_stop(struct child *c, int timeout_ms);
/* The last lines of its log to standard error. */
void child_show_log(const struct child *c, unsigned lines);
