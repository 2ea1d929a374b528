#include "core/base/err.h"
#include "core/base/log.h"
#include "core/cmd/child.h"
#include "core/cmd/cmd.h"
#include "core/cmd/demo.h"
#include "core/cmd/screen.h"
#include "core/cmd/store_feed.h"
#include "core/cmd/summary.h"
#include "core/cmd/venue_config.h"
#include "core/ops/status_page.h"
#include "lua/value.h"
#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SECOND_NS    1000000000LL
#define READY_MS     20000
#define STOP_MS	     30000
#define RESTARTS_MAX 1000
#define QUICK_DEATHS_MAX \
	5 /* in a row, each before it was ready: something is wrong that another start will not mend */

enum { OPT_DURATION = 1, OPT_SEED, OPT_DB, OPT_SPEED, OPT_JSON, OPT_SPOT, OPT_USDM, OPT_RECORDING };

struct demo {
	struct demo_options o;
	struct child venue, host;
	const struct snapshot_page *page;
	int64_t start_ns; /* market time at which it began; 0: not yet */
	int64_t shown_ns;
	bool tty;
	bool told; /* its one JSON object is written */
	int lock;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int sig)
{
	(void)sig;
	interrupted = 1;
}

static const struct argp_option options[] = {
	{ "duration", OPT_DURATION, "TIME", 0,
	  "of market time: 30s with the made market, to their end with recordings", 0 },
	{ "seed", OPT_SEED, "N", 0, "of the made market and of its faults (1)", 0 },
	{ "db", OPT_DB, "DIR", 0,
	  "where everything is kept; an unfinished one is resumed (a new folder in the temporary one)",
	  0 },
	{ "speed", OPT_SPEED, "N|max", 0, "times the market's own pace (1)", 0 },
	{ "json", OPT_JSON, 0, 0, "one object on standard output, the rest on standard error", 0 },
	{ "recording", OPT_RECORDING, "DB", 0,
	  "a store with the recordings of two venues that have a symbol in common", 0 },
	{ "spot", OPT_SPOT, "FILE", 0,
	  "the spot market: recorded frames, or a store, DB or DB#VENUE; with --usdm", 0 },
	{ "usdm", OPT_USDM, "FILE", 0, "the futures market, the same way", 0 },
	{ 0 },
};

/* An absolute path, with what stands behind its '#'. */
static void take_recording(struct argp_state *state, const char *arg, char *out, size_t cap)
{
	char path[PATH_MAX], folder[256], venue[32] = "";
	bool store = store_feed_is(arg) && store_feed_split(arg, folder, venue) == 0;
	if (!realpath(store ? folder : arg, path))
		argp_failure(state, EXIT_WORLD, errno, "%s", arg);
	if (strlen(path) + 1 + strlen(venue) >= cap || strpbrk(path, "\r\n") ||
	    strpbrk(venue, "\r\n") || strstr(path, "]==]") || strstr(venue, "]==]"))
		argp_error(
			state,
			"%s: the path is too long, or has signs in it that a configuration cannot hold",
			arg);
	snprintf(out, cap, "%s%s%s", path, venue[0] ? "#" : "", venue);
}

static void take_store(struct argp_state *state, const char *arg, struct demo_options *o)
{
	char path[PATH_MAX];
	if (!store_feed_is(arg))
		argp_failure(state, EXIT_WORLD, 0, "%s: is no store; --spot and --usdm take files",
			     arg);
	take_recording(state, arg, path, sizeof o->spot.file);
	if (store_feed_pair(path, o->spot.file, o->usdm.file, sizeof o->spot.file))
		argp_failure(state, EXIT_WORLD, 0, "%s", err_text());
}

/* Plain seconds too. */
static int take_duration(const char *arg, int64_t *ns)
{
	const size_t n = strlen(arg);
	bool plain = strspn(arg, "0123456789.") == n;
	int rc = plain ? value_decimal(arg, n, 9, ns) : value_duration(arg, n, ns);
	return rc ? rc : *ns <= 0 || *ns > DEMO_LONGEST_NS ? -ERR_RANGE : 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct demo_options *o = state->input;
	char *end;
	switch (key) {
	case OPT_DURATION:
		if (take_duration(arg, &o->duration_ns))
			argp_error(
				state,
				"--duration takes a length of time like 30s or 5min, or plain seconds, more than 0 and at most 24h, not '%s'",
				arg);
		return 0;
	case OPT_SEED:
		errno = 0;
		o->seed = strtoull(arg, &end, 10);
		if (*end || end == arg || errno || *arg == '-' || o->seed == 0)
			argp_error(state, "--seed takes a whole number from 1, not '%s'", arg);
		return 0;
	case OPT_DB:
		if (strlen(arg) >= sizeof o->db - 64)
			argp_error(state, "--db: the path is too long");
		snprintf(o->db, sizeof o->db, "%s", arg);
		return 0;
	case OPT_SPEED:
		if (venue_config_speed(arg, &o->speed_milli))
			argp_error(state,
				   "--speed takes a number from 0.001 to 1000, or max, not '%s'",
				   arg);
		return 0;
	case OPT_JSON:
		o->json = true;
		return 0;
	case OPT_SPOT:
		take_recording(state, arg, o->spot.file, sizeof o->spot.file);
		return 0;
	case OPT_USDM:
		take_recording(state, arg, o->usdm.file, sizeof o->usdm.file);
		return 0;
	case OPT_RECORDING:
		take_store(state, arg, o);
		return 0;
	case ARGP_KEY_END:
		if (!o->spot.file[0] != !o->usdm.file[0])
			argp_error(state, "--spot and --usdm go together: a basis has two markets");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static FILE *talk(const struct demo *d)
{
	return d->o.json ? stderr : stdout;
}

/* The socket of the host lies in the folder. */
static int short_enough(const struct demo_options *o)
{
	const size_t most = sizeof((struct sockaddr_un *)0)->sun_path - 1 - strlen("/control");
	if (strlen(o->db) <= most)
		return 0;
	return err_set(
		ERR_ARG,
		"%.100s...: the path has %zu bytes, and the host's socket in it allows %zu: give --db a shorter one",
		o->db, strlen(o->db), most);
}

/* A folder: the one that was asked for, or a new one in the temporary folder. Absolute from here on. */
static int find_folder(struct demo_options *o)
{
	char path[PATH_MAX];
	if (!o->db[0]) {
		const char *tmp = getenv("TMPDIR");
		snprintf(o->db, sizeof o->db, "%.200s/tandem-demo-XXXXXX",
			 tmp && *tmp ? tmp : "/tmp");
		if (!mkdtemp(o->db))
			return err_set(ERR_IO, "%s: %s", o->db, strerror(errno));
	} else if (mkdir(o->db, 0755) && errno != EEXIST) {
		return err_set(ERR_IO, "%s: cannot be made: %s", o->db, strerror(errno));
	}
	struct stat st;
	if (!realpath(o->db, path) || stat(path, &st))
		return err_set(ERR_IO, "%s: %s", o->db, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return err_set(ERR_ARG, "%s: is a file; --db takes a folder", path);
	if (access(path, W_OK | X_OK))
		return err_set(ERR_IO, "%s: nothing can be written there: %s", path,
			       strerror(errno));
	snprintf(o->db, sizeof o->db, "%.*s", (int)sizeof o->db - 1, path);
	return short_enough(o);
}

static void describe_children(struct demo *d)
{
	static char venue_conf[340], host_conf[340], ports[340];
	snprintf(ports, sizeof ports, "%s/ports", d->o.db);
	snprintf(venue_conf, sizeof venue_conf, "%s/venue.lua", d->o.db);
	snprintf(host_conf, sizeof host_conf, "%s/host.lua", d->o.db);
	d->venue =
		(struct child){ .name = "venue",
				.argv = { "tandem", "venue", venue_conf, "--port-file", ports } };
	d->host = (struct child){ .name = "host", .argv = { "tandem", "run", host_conf } };
	d->venue.keep = d->host.keep = d->lock;
	snprintf(d->venue.log, sizeof d->venue.log, "%.280s/venue.log", d->o.db);
	snprintf(d->host.log, sizeof d->host.log, "%.280s/host.log", d->o.db);
}

/* Starts a child and waits until it says that it is ready. */
static int start(struct demo *d, struct child *c)
{
	for (int deaths = 0; deaths < QUICK_DEATHS_MAX; deaths++) {
		int rc = child_start(c);
		if (rc)
			return rc;
		if (child_wait_line(c, "ready", READY_MS)) {
			fprintf(talk(d), "%s is up: pid %d%s\n", c->name, (int)c->pid,
				c->starts > 1 ? " (started again)" : "");
			fflush(talk(d));
			return 0;
		}
		if (c->pid) {
			child_stop(c, 1000);
			return err_set(ERR_TIMEOUT, "%s does not get ready; its log is %s", c->name,
				       c->log);
		}
		if (!child_was_killed(c)) {
			child_show_log(c, 12);
			return err_set(WEXITSTATUS(c->status) == EXIT_CONFIG ? ERR_CONFIG : ERR_NET,
				       "%s ended with exit code %d; its log is %s", c->name,
				       WEXITSTATUS(c->status), c->log);
		}
	}
	return err_set(ERR_STATE, "%s was killed %d times before it got ready", c->name,
		       QUICK_DEATHS_MAX);
}

/* A child that was killed comes back; one that ended by itself ends the demo. */
static int keep_alive(struct demo *d, struct child *c)
{
	if (!child_ended(c))
		return 0;
	if (!child_was_killed(c)) {
		child_show_log(c, 12);
		return err_set(ERR_STATE,
			       "%s ended with exit code %d before its time; its log is %s", c->name,
			       WEXITSTATUS(c->status), c->log);
	}
	if (c->starts >= RESTARTS_MAX)
		return err_set(ERR_STATE, "%s was killed %u times", c->name, c->starts);
	fprintf(talk(d), "%s%s was killed (signal %d): starting it again\n", d->tty ? "\n" : "",
		c->name, WTERMSIG(c->status));
	return start(d, c);
}

static void show(struct demo *d, const struct snapshot_body *s, int64_t elapsed_ns)
{
	const struct snapshot_instance *in = &s->instance[0];
	int64_t every = d->tty ? 0 : 5 * SECOND_NS;
	if (d->shown_ns && elapsed_ns - d->shown_ns < every)
		return;
	d->shown_ns = elapsed_ns ? elapsed_ns : 1;
	char line[400], basis[40] = "-";
	if (in->basis_ok)
		snprintf(basis, sizeof basis, "%.2f/%.2f bp", in->sell_bp, in->buy_bp);
	snprintf(
		line, sizeof line,
		"%.1f s  basis %s  pairs %llu  hedged %llu  flat %llu  held %llu  p99 %.0f us  rescued %llu",
		(double)elapsed_ns / 1e9, basis, (unsigned long long)s->sent,
		(unsigned long long)s->hedged, (unsigned long long)s->flat,
		(unsigned long long)s->held,
		(double)hist_quantile(&d->page->tick_to_order, 0.99) / 1e3,
		(unsigned long long)(s->completed + s->unwound));
	unsigned columns = screen_width(talk(d)); /* a line that wraps could not be written over */
	if (d->tty)
		fprintf(talk(d), "\r%.*s\033[K", columns > 1 ? (int)columns - 1 : 79, line);
	else
		fprintf(talk(d), "%s\n", line);
	fflush(talk(d));
}

/* One look at the host's numbers; true when the market's time is over. */
static bool look(struct demo *d)
{
	char path[340];
	struct snapshot_body s;
	snprintf(path, sizeof path, "%s/status", d->o.db);
	if (!d->page && status_page_read(path, &d->page))
		return false;
	if (snapshot_read(d->page, &s) || s.mono_ns == 0)
		return false;
	if (d->start_ns == 0) {
		d->start_ns = s.mono_ns;
		demo_note_start(&d->o, d->start_ns);
	}
	int64_t elapsed = s.mono_ns - d->start_ns;
	show(d, &s, elapsed);
	return d->o.duration_ns && elapsed >= d->o.duration_ns;
}

static bool market_over(struct demo *d)
{
	char path[340];
	snprintf(path, sizeof path, "%s/venue/finished", d->o.db);
	return access(path, F_OK) == 0;
}

static int watch(struct demo *d)
{
	const struct timespec step = { .tv_nsec = 100000000 };
	int rc = 0;
	while (!rc && !interrupted && !look(d) && !market_over(d)) {
		nanosleep(&step, NULL);
		rc = keep_alive(d, &d->venue);
		if (!rc)
			rc = keep_alive(d, &d->host);
	}
	if (d->tty)
		fputc('\n', talk(d));
	if (interrupted)
		fprintf(talk(d),
			"stopping: what is in flight is finished first (once more ends it at once; `demo --db %s` then goes on)\n",
			d->o.db);
	return rc;
}

/* The host first, so that it can finish its pairs while the venues still answer. Killed meanwhile: it comes back, and is stopped then. */
static int finish(struct demo *d)
{
	for (int tries = 0; tries < QUICK_DEATHS_MAX; tries++) {
		if (child_stop(&d->host, STOP_MS))
			return WEXITSTATUS(d->host.status)
				       ? err_set(ERR_STATE,
						 "the host ended with exit code %d; its log is %s",
						 WEXITSTATUS(d->host.status), d->host.log)
				       : 0;
		int rc = keep_alive(d, &d->venue);
		if (!rc)
			rc = start(d, &d->host);
		if (rc)
			return rc;
	}
	return err_set(ERR_TIMEOUT, "the host does not finish its pairs; its log is %s",
		       d->host.log);
}

static void print_next_steps(const struct demo *d, const char *program)
{
	fprintf(talk(d),
		"\nlook further:\n  %s explain %s last\n  %s query %s --kind rescue\n  %s query %s --kind fill --json\n  %s why-not %s\n",
		program, d->o.db, program, d->o.db, program, d->o.db, program, d->o.db);
}

static int report(struct demo *d, const int *pids)
{
	struct summary s;
	int rc = summary_read(d->o.db, d->o.base, &s);
	if (rc)
		return rc;
	fputc('\n', talk(d));
	summary_text(&s, d->o.base, d->o.quote, talk(d));
	if (d->o.json)
		summary_json(&s, d->o.db, pids[0], pids[1], stdout);
	d->told = d->o.json;
	char program[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
	program[n > 0 ? n : 0] = '\0';
	print_next_steps(d, n > 0 && access(program, X_OK) == 0 ? program : "tandem");
	rc = demo_note_end(&d->o, d->start_ns);
	if (rc || summary_good(&s))
		return rc;
	return err_set(ERR_LIMIT, "%s", s.note);
}

static int run(struct demo *d)
{
	int rc = start(d, &d->venue);
	if (!rc)
		rc = demo_write_host(&d->o);
	if (!rc)
		rc = start(d, &d->host);
	if (!rc)
		rc = watch(d);
	if (!rc)
		rc = finish(d);
	int pids[2] = { d->venue.last_pid, d->host.last_pid };
	child_stop(&d->host, 1000);
	child_stop(&d->venue, STOP_MS);
	return rc ? rc : report(d, pids);
}

static int prepare(struct demo *d)
{
	int rc = find_folder(&d->o);
	if (!rc)
		rc = demo_lock(&d->o, &d->lock);
	if (rc)
		return rc;
	struct demo_options asked = d->o;
	rc = demo_read(&d->o, &d->start_ns);
	if (rc == 0) {
		d->o.json = asked.json;
		if (d->o.strategy[0] && d->start_ns == 0)
			d->o.duration_ns = asked.duration_ns ? asked.duration_ns : 30 * SECOND_NS;
		else
			fprintf(talk(d), "resuming the unfinished demo in %s\n", d->o.db);
		return 0;
	}
	d->o = asked;
	if (rc != -ERR_NOTFOUND)
		return rc;
	if (d->o.duration_ns == 0 && !d->o.spot.file[0])
		d->o.duration_ns = 30 * SECOND_NS;
	rc = demo_look(&d->o);
	return rc ? rc : demo_write(&d->o);
}

static int code_of(int rc)
{
	switch (rc) {
	case -ERR_EXISTS: /* a folder that holds another demo */
	case -ERR_ARG:
		return EXIT_USAGE;
	case -ERR_LIMIT:
	case -ERR_STATE:
		return EXIT_CHECK;
	default:
		return cmd_exit_code(rc);
	}
}

int cmd_demo(int argc, char **argv)
{
	static const char doc[] =
		"Runs two simulated markets over TLS on loopback, the host, and a strategy that trades the basis between them; some orders are "
		"rejected or filled in part and one connection breaks, so that rescues are seen. Ends with a summary.\v"
		"A child that is killed is started again and finishes its pairs. Exit code 1: something was left unhedged, or the host's books and the "
		"venues' ledgers disagree.";
	struct demo d = { .o = { .seed = 1, .speed_milli = 1000 }, .lock = -1 };
	struct argp argp = { options, parse, NULL, doc, NULL, NULL, NULL };
	argp_err_exit_status = EXIT_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &d.o))
		return EXIT_USAGE;
	/* The second time it is the default that answers: everything here may be killed, and is resumed. */
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	signal(SIGCHLD,
	       SIG_DFL); /* ignored by whoever started us, ends of children would not be told */
	log_set_name("demo");
	d.tty = isatty(fileno(talk(&d)));
	int rc = prepare(&d);
	if (!rc) {
		describe_children(&d);
		rc = run(&d);
	}
	status_page_close(d.page);
	if (d.lock >= 0)
		close(d.lock);
	if (rc)
		fprintf(stderr, "tandem demo: %s\n", err_text());
	if (rc && d.o.json && !d.told)
		cmd_json_failure(stdout, err_text());
	return code_of(rc);
}
