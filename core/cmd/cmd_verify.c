/* cmd_verify - `tandem verify DB`: is the store what was written? Proofs and the log itself for those who ask from outside. */
#include "core/base/err.h"
#include "core/cmd/ask.h"
#include "core/cmd/cmd.h"
#include "core/cmd/screen.h"
#include "core/cmd/verify_show.h"
#include <argp.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BAR	   24
#define STEP_MS	   20
#define PATIENCE_S 120
#define JOBS_MAX   64

enum {
	OPT_CHECKPOINT = 256,
	OPT_KEY,
	OPT_PROOF,
	OPT_CONSISTENCY,
	OPT_EXPORT,
	OPT_JOBS,
	OPT_JSON,
	OPT_PATIENCE
};

struct verb {
	struct verify_options o;
	const char *export;
	uint64_t proof, consistency; /* 0: not asked for */
	unsigned patience_s;
	bool json;
	_Atomic bool *opened; /* shared with the child */
};

static const struct argp_option options[] = {
	{ "checkpoint", OPT_CHECKPOINT, "FILE", 0,
	  "a checkpoint that was copied outside (store.checkpoint_to): the store must hold all that it speaks of",
	  1 },
	{ "key", OPT_KEY, "PUB", 0,
	  "the public half of the key that signs, or its file; without it the one that the store names",
	  1 },
	{ "proof", OPT_PROOF, "N", 0,
	  "prints the proof that receipt N stands under the newest checkpoint (C2SP tlog-proof), and checks nothing else",
	  2 },
	{ "consistency", OPT_CONSISTENCY, "M", 0,
	  "prints the proof that the newest checkpoint goes on from the first M receipts", 2 },
	{ "export", OPT_EXPORT, "DIR", 0,
	  "writes the log as files for another verifier (C2SP tlog-tiles) into a new folder", 2 },
	{ "jobs", OPT_JOBS, "N", 0,
	  "threads that read receipts; as many as there are cores, at most 4", 3 },
	{ "json", OPT_JSON, 0, 0, "one JSON object", 3 },
	{ "patience", OPT_PATIENCE, "S", 0,
	  "seconds that the database may take to open before it counts as damaged; 120", 3 },
	{ 0 },
};

static uint64_t number(const char *text, uint64_t max, struct argp_state *state)
{
	char *end;
	uint64_t n = strtoull(text, &end, 10);
	if (!text[0] || *end || text[0] == '-' || n == 0 || n > max)
		argp_error(state, "%s is not a number from 1 on that makes sense here", text);
	return n;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct verb *v = state->input;
	switch (key) {
	case OPT_CHECKPOINT:
		v->o.checkpoint = arg;
		return 0;
	case OPT_KEY:
		v->o.key = arg;
		return 0;
	case OPT_PROOF:
		v->proof = number(arg, UINT64_MAX - 1, state);
		return 0;
	case OPT_CONSISTENCY:
		v->consistency = number(arg, UINT64_MAX - 1, state);
		return 0;
	case OPT_EXPORT:
		v->export = arg;
		return 0;
	case OPT_JOBS:
		v->o.jobs = (unsigned)number(arg, JOBS_MAX, state);
		return 0;
	case OPT_PATIENCE:
		v->patience_s = (unsigned)number(arg, 86400, state);
		return 0;
	case OPT_JSON:
		v->json = true;
		return 0;
	case ARGP_KEY_END:
		if ((v->proof != 0) + (v->consistency != 0) + (v->export != NULL) > 1)
			argp_error(state, "one of --proof, --consistency and --export at a time");
		if ((v->proof || v->consistency || v->export) && (v->o.checkpoint || v->json))
			argp_error(
				state,
				"--checkpoint and --json are for a verification of the whole store");
		break;
	default:
		break;
	}
	return ask_parse(key, arg, state, &v->o.path);
}

static void on_progress(void *arg, const char *what, uint64_t done, uint64_t all)
{
	struct verb *v = arg;
	unsigned width = screen_width(stderr);
	atomic_store(v->opened, true);
	if (!width)
		return;
	double part = all ? (double)done / (double)all : 0;
	int full = width < 60 || !all ? 0 : (int)((part < 1 ? part : 1) * BAR);
	fprintf(stderr, "\r\033[K");
	if (all)
		fprintf(stderr, "%3.0f %% %.*s%.*s %s, %" PRIu64 " of %" PRIu64,
			100 * (part < 1 ? part : 1), full, "########################",
			width < 60 ? 0 : BAR - full, "........................", what,
			done < all ? done : all, all);
	else
		fprintf(stderr, "%s", what);
	fflush(stderr);
}

static void clear_progress(void)
{
	if (screen_width(stderr))
		fputs("\r\033[K", stderr);
}

static int complain(const struct verb *v, int rc)
{
	const bool check =
		rc == -ERR_CORRUPT || rc == -ERR_AUTH || rc == -ERR_PARSE || rc == -ERR_RANGE;
	clear_progress();
	if (v->json)
		cmd_json_failure(stdout, err_text());
	fprintf(stderr, "tandem verify: %s: %s\n", v->o.path, err_text());
	if (rc == -ERR_IO && strncmp(err_text(), "the database", strlen("the database")) == 0)
		fprintf(stderr, "`tandem doctor %s` says what is wrong with its files\n",
			v->o.path);
	return check ? EXIT_CHECK : rc == -ERR_CONFIG ? EXIT_CONFIG : EXIT_WORLD;
}

static int whole(struct verb *v)
{
	struct verify_report r;
	int rc = verify_store(&v->o, &r);
	/* A key or a checkpoint that is none says nothing about the store. */
	if (rc && !r.n_faults)
		return complain(v, rc);
	clear_progress();
	if (v->json)
		verify_show_json(stdout, &v->o, &r);
	else
		verify_show_text(stdout, &v->o, &r);
	return r.n_faults ? EXIT_CHECK : EXIT_OK;
}

/* What the child does: whatever becomes of it, this program goes on. */
static int work(struct verb *v)
{
	static char text[VERIFY_PROOF];
	int rc;
	if (v->export) {
		rc = verify_export(&v->o, v->export);
		clear_progress();
		if (!rc)
			printf("the log of %s is in %s: checkpoint, key.pub, tile/, blocks/\n",
			       v->o.path, v->export);
		return rc ? complain(v, rc) : EXIT_OK;
	}
	if (!v->proof && !v->consistency)
		return whole(v);
	rc = v->proof ? verify_inclusion(&v->o, v->proof, text, sizeof text)
		      : verify_consistency(&v->o, v->consistency, text, sizeof text);
	if (rc)
		return complain(v, rc);
	fputs(text, stdout);
	return EXIT_OK;
}

/* ---- a damaged database can make the library under us spin, or end the process: then it is the child's */

static int died(const struct verb *v, int status)
{
	err_set(ERR_CORRUPT, "the database ended the process that read it (%s): it is damaged",
		WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "without a word");
	return complain(v, -ERR_CORRUPT);
}

static int watch(struct verb *v, pid_t child)
{
	int status;
	for (int64_t ms = 0;; ms += STEP_MS) {
		pid_t got = waitpid(child, &status, WNOHANG);
		if (got == child)
			return WIFEXITED(status) && WEXITSTATUS(status) <= EXIT_WORLD
				       ? WEXITSTATUS(status)
				       : died(v, status);
		if (!atomic_load(v->opened) && ms > (int64_t)v->patience_s * 1000) {
			kill(child, SIGKILL);
			waitpid(child, &status, 0);
			err_set(ERR_CORRUPT,
				"the database did not open within %u s (--patience): a damaged file of it makes the library spin",
				v->patience_s);
			return complain(v, -ERR_CORRUPT);
		}
		nanosleep(&(struct timespec){ .tv_nsec = STEP_MS * 1000000 }, NULL);
	}
}

static int run(struct verb *v)
{
	v->opened = mmap(NULL, sizeof *v->opened, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (v->opened == MAP_FAILED)
		return complain(v, err_set(ERR_NOMEM, "no memory"));
	const pid_t parent = getpid();
	fflush(NULL);
	pid_t child = fork();
	if (child < 0)
		return complain(v, err_set(ERR_NOMEM, "no process for it can be started"));
	if (child > 0)
		return watch(v, child);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_WORLD);
	int code = work(v);
	_exit(fflush(stdout) ? EXIT_WORLD : code);
}

int cmd_verify(int argc, char **argv)
{
	static const struct argp argp = {
		options,
		parse,
		"DB",
		"Whether a store is what was written: every receipt, the log over them, its signed checkpoint, one that was copied outside, the index, the names, the recorded market.\v"
		"Works while the host runs, after it was killed, and on a closed store. Exit code 1: something is not as it was written, and the first findings are named.\n\n"
		"  tandem verify DB\n"
		"  tandem verify DB --checkpoint /mnt/other/checkpoint --key tandem.pub\n"
		"  tandem verify DB --proof 4711 >4711.tlog-proof",
		NULL,
		NULL,
		NULL
	};
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	struct verb v = { .patience_s = PATIENCE_S,
			  .o = { .jobs = cores > 4   ? 4
					 : cores > 0 ? (unsigned)cores
						     : 1,
				 .progress = on_progress } };
	v.o.arg = &v;
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &v);
	return run(&v);
}
