/* tandem backtest STRATEGY RECORDING... - tries a strategy against recordings: the host's own core and the matching core, in a time of their own. */
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/cmd/backtest_plan.h"
#include "core/cmd/backtest_show.h"
#include "core/cmd/cmd.h"
#include "core/cmd/screen.h"
#include "core/cmd/when.h"
#include "lua/schema.h"
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SHOW_NS	     200000000LL
#define STUCK_S	     20
#define LATENCY_MOST 60000000000LL
#define SWEEP_MOST   16

enum {
	OPT_CONFIG = 1,
	OPT_INSTANCE,
	OPT_LATENCY,
	OPT_SPEED,
	OPT_FROM,
	OPT_TO,
	OPT_SEED,
	OPT_SET,
	OPT_VENUE,
	OPT_OUT,
	OPT_HTML,
	OPT_JSON,
	OPT_QUIET
};

static const struct argp_option options[] = {
	{ "config", OPT_CONFIG, "FILE", 0,
	  "the configuration that binds it: instruments, fees, limits (the one beside it that names it)",
	  0 },
	{ "instance", OPT_INSTANCE, "NAME", 0, "as which instance of it (all that run the file)",
	  0 },
	{ "latency", OPT_LATENCY, "[NAME=]TIME,...", 0,
	  "one way, of all venues, or of a venue or a leg by name: 5ms or near=5ms,far=80ms (1ms); several without a name are tried one after the other",
	  0 },
	{ "speed", OPT_SPEED, "max", 0, "there is only one: as fast as the machine can", 0 },
	{ "from", OPT_FROM, "TIME", 0,
	  "when it begins: 2024-08-08T23:54:00, UTC; the books are made of what lies before", 0 },
	{ "to", OPT_TO, "TIME", 0, "when it ends", 0 },
	{ "seed", OPT_SEED, "N", 0, "of the script's own random numbers (1)", 0 },
	{ "set", OPT_SET, "[INSTANCE.]PARAM=VALUE", 0,
	  "a parameter, instead of the configuration's; may be given again", 0 },
	{ "venue", OPT_VENUE, "VENUE=RECORDED", 0,
	  "a venue of the configuration is called otherwise in the recording", 0 },
	{ "out", OPT_OUT, "DB", 0,
	  "keep all receipts in a new folder, for explain, query and why-not", 0 },
	{ "html", OPT_HTML, "FILE", 0,
	  "the page with the curves (STRATEGY with .backtest.html); none: no page", 0 },
	{ "json", OPT_JSON, 0, 0, "one object on standard output", 0 },
	{ "quiet", OPT_QUIET, 0, 0, "no progress", 0 },
	{ 0 },
};

struct verb {
	struct backtest_options o;
	const char *strategy, *html;
	char config[256], page[300];
	const char *recording[REEL_STORES];
	int64_t sweep[SWEEP_MOST];
	unsigned n_sweep;
	bool json, quiet;
};

/* ---------------------------------------------------------------- arguments */

static bool duration(const char *text, size_t n, int64_t *ns)
{
	static const struct {
		const char *name;
		int64_t ns;
	} units[] = { { "ns", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 } };
	size_t digits = strspn(text, "0123456789.");
	int64_t v;
	for (size_t k = 0; k < sizeof units / sizeof *units; k++)
		if (digits && digits < n && strlen(units[k].name) == n - digits &&
		    strncmp(text + digits, units[k].name, n - digits) == 0 &&
		    dec_parse(text, digits, 9, &v) == 0) {
			*ns = dec_muldiv(v, units[k].ns, 1000000000, DEC_NEAREST);
			return *ns <= LATENCY_MOST;
		}
	return false;
}

static void take_latencies(struct argp_state *state, const char *arg, struct verb *v)
{
	for (const char *p = arg;; p++) {
		size_t n = strcspn(p, ","), name = strcspn(p, "=,");
		struct backtest_latency l = { .name = "" };
		const char *text = p;
		if (name < n) {
			snprintf(l.name, sizeof l.name, "%.*s", (int)name, p);
			text = p + name + 1;
		}
		if (!duration(text, n - (size_t)(text - p), &l.ns))
			argp_error(
				state,
				"--latency takes times such as 5ms, or near=5ms,far=80ms, at most 60s; not '%s'",
				arg);
		if (!l.name[0] && v->n_sweep == SWEEP_MOST)
			argp_error(state, "--latency: at most %d times to try", SWEEP_MOST);
		if (l.name[0] && v->o.n_latencies == BACKTEST_NAMES - 1)
			argp_error(state, "--latency: at most %d names", BACKTEST_NAMES - 1);
		if (l.name[0])
			v->o.latency[v->o.n_latencies++] = l;
		else
			v->sweep[v->n_sweep++] = l.ns;
		p += n;
		if (!*p)
			return;
	}
}

static void take_set(struct argp_state *state, const char *arg, struct backtest_options *o)
{
	const char *eq = strchr(arg, '='), *dot = memchr(arg, '.', eq ? (size_t)(eq - arg) : 0);
	const char *param = dot ? dot + 1 : arg;
	char *end;
	struct backtest_set s = { .param = "" };
	double value = eq ? strtod(eq + 1, &end) : 0;
	if (!eq || end == eq + 1 || *end || !isfinite(value) || eq == param ||
	    (size_t)(eq - param) >= sizeof s.param ||
	    (dot && (size_t)(dot - arg) >= sizeof s.instance))
		argp_error(state, "--set takes PARAM=NUMBER or INSTANCE.PARAM=NUMBER, not '%s'",
			   arg);
	if (o->n_sets == BACKTEST_NAMES)
		argp_error(state, "--set: at most %d", BACKTEST_NAMES);
	snprintf(s.param, sizeof s.param, "%.*s", (int)(eq - param), param);
	if (dot)
		snprintf(s.instance, sizeof s.instance, "%.*s", (int)(dot - arg), arg);
	s.value = value;
	o->set[o->n_sets++] = s;
}

static void take_alias(struct argp_state *state, const char *arg, struct backtest_options *o)
{
	const char *eq = strchr(arg, '=');
	struct reel_alias a;
	if (!eq || eq == arg || !eq[1] || (size_t)(eq - arg) >= sizeof a.venue ||
	    strlen(eq + 1) >= sizeof a.recorded || o->n_aliases == BACKTEST_NAMES)
		argp_error(state, "--venue takes VENUE=RECORDED, as spot=BN.SPOT, not '%s'", arg);
	a = (struct reel_alias){ .venue = "" };
	snprintf(a.venue, sizeof a.venue, "%.*s", (int)(eq - arg), arg);
	snprintf(a.recorded, sizeof a.recorded, "%s", eq + 1);
	o->alias[o->n_aliases++] = a;
}

static void take_time(struct argp_state *state, const char *arg, int64_t *out)
{
	if (*arg == '-' || when_parse(arg, 0, out) || *out <= 0)
		argp_error(state, "'%s' is not a time: use 2024-08-08T23:54:00 (UTC)", arg);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct verb *v = state->input;
	char *end;
	switch (key) {
	case OPT_CONFIG:
		v->o.config = arg;
		return 0;
	case OPT_INSTANCE:
		v->o.instance = arg;
		return 0;
	case OPT_LATENCY:
		take_latencies(state, arg, v);
		return 0;
	case OPT_SPEED:
		if (strcmp(arg, "max") != 0)
			argp_error(state, "--speed: a backtest always runs at max, not '%s'", arg);
		return 0;
	case OPT_FROM:
		take_time(state, arg, &v->o.from_ns);
		return 0;
	case OPT_TO:
		take_time(state, arg, &v->o.to_ns);
		return 0;
	case OPT_SEED:
		errno = 0;
		v->o.seed = strtoull(arg, &end, 10);
		if (*end || end == arg || errno || *arg == '-' || !v->o.seed)
			argp_error(state, "--seed takes a whole number from 1, not '%s'", arg);
		return 0;
	case OPT_SET:
		take_set(state, arg, &v->o);
		return 0;
	case OPT_VENUE:
		take_alias(state, arg, &v->o);
		return 0;
	case OPT_OUT:
		v->o.out = arg;
		return 0;
	case OPT_HTML:
		v->html = arg;
		return 0;
	case OPT_JSON:
		v->json = true;
		return 0;
	case OPT_QUIET:
		v->quiet = true;
		return 0;
	case ARGP_KEY_ARG:
		if (!v->strategy)
			v->strategy = arg;
		else if (v->o.n_recordings == REEL_STORES)
			argp_error(state, "at most %d recordings", REEL_STORES);
		else
			v->recording[v->o.n_recordings++] = arg;
		return 0;
	case ARGP_KEY_END:
		if (!v->strategy || !v->o.n_recordings)
			argp_error(
				state,
				"a strategy and a recording are needed: `tandem import` makes one of files, a host with record = true keeps one");
		if (v->n_sweep > 1 && v->o.out)
			argp_error(state, "--out keeps the receipts of one run: give one latency");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const char doc[] =
	"Tries a strategy against recorded market data: the host's own engine, risk and executor, the matching core as every venue, in virtual time. STRATEGY is "
	"a strategy's file, or a configuration; RECORDING is a store (of `tandem import`, or of a host with record = true).\v"
	"Only prices that stood there when an order arrived are executed. Without tick, lot and fees of everything that is traded it does not run. Equal inputs "
	"give equal outputs.";

/* ---------------------------------------------------------------- what is shown meanwhile */

static volatile sig_atomic_t turns_seen, stuck_for;

/* A script that does not come back can only be seen from outside: no clock stops it here, or two runs would differ. */
static void on_alarm(int sig)
{
	static const char text[] =
		"\ntandem backtest: a call of the strategy has not come back for 20 s: it may loop for ever; `tandem run` would stop it after its budget\n";
	static sig_atomic_t last = -1;
	(void)sig;
	stuck_for = last == turns_seen ? stuck_for + 1 : 0;
	last = turns_seen;
	if (stuck_for < STUCK_S)
		return;
	if (write(STDERR_FILENO, text, sizeof text - 1) < 0) {
	}
	_exit(EXIT_CHECK);
}

static void watch(bool on)
{
	const struct itimerval every = { .it_interval = { on, 0 }, .it_value = { on, 0 } };
	signal(SIGALRM, on ? on_alarm : SIG_DFL);
	setitimer(ITIMER_REAL, &every, NULL);
}

struct progress {
	bool shown;
	const struct verb *v;
	int64_t from_ns, to_ns, began_ns, shown_ns;
	uint64_t events;
};

static int64_t clock_ns(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int64_t machine_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

static void show_progress(void *owner, int64_t utc_ns, uint64_t events)
{
	struct progress *p = owner;
	int64_t now = machine_ns();
	unsigned width = screen_width(stderr);
	turns_seen = turns_seen == 1000000 ? 0 : turns_seen + 1;
	p->events = events;
	if (!p->to_ns || p->v->quiet || !width || now - p->shown_ns < SHOW_NS)
		return;
	p->shown_ns = now;
	p->shown = true;
	double part = (double)(utc_ns - p->from_ns) / (double)(p->to_ns - p->from_ns);
	double took = (double)(now - p->began_ns) / 1e9;
	part = part < 0 ? 0 : part > 1 ? 1 : part;
	int full = width < 72 ? 0 : (int)(part * 24);
	char when[32], left[32] = "";
	if (part > 0.01)
		snprintf(left, sizeof left, ", %.0f s left", took / part - took);
	fprintf(stderr, "\r\033[K%3.0f %% %.*s%.*s %s, %.0f k events/s%s", 100 * part, full,
		"########################", width < 72 ? 0 : 24 - full, "........................",
		backtest_utc(utc_ns, when), (double)events / took / 1e3, left);
	fflush(stderr);
}

/* ---------------------------------------------------------------- one run */

static int write_page(const struct backtest *b, const char *path)
{
	FILE *f = fopen(path, "we");
	if (!f)
		return err_set(ERR_IO, "%s: %s", path, strerror(errno));
	int rc = backtest_html(b, f);
	if (fclose(f) && !rc)
		rc = err_set(ERR_IO, "%s: %s", path, strerror(errno));
	return rc;
}

static void page_name(const struct verb *v, char out[300])
{
	size_t n = strlen(v->strategy);
	if (v->html)
		snprintf(out, 300, "%s", strcmp(v->html, "none") ? v->html : "");
	else
		snprintf(out, 300, "%.*s.backtest.html",
			 (int)(n > 4 && strcmp(v->strategy + n - 4, ".lua") == 0 ? n - 4 : n),
			 v->strategy);
}

/* Before an hour is spent on what then cannot be written. */
static int can_write(const char *page)
{
	FILE *f = page[0] ? fopen(page, "ae") : NULL;
	if (page[0] && !f)
		return err_set(ERR_IO, "%s: %s; say where the page is to go with --html FILE", page,
			       strerror(errno));
	return f && fclose(f) ? err_set(ERR_IO, "%s: %s", page, strerror(errno)) : 0;
}

static int run_one(struct verb *v, struct backtest **out, const char *page, struct progress *p)
{
	*p = (struct progress){ .v = v };
	v->o.progress = show_progress;
	v->o.owner = p;
	int rc = backtest_open(&v->o, out);
	if (!rc)
		rc = can_write(page);
	if (rc)
		return rc;
	backtest_span(*out, &p->from_ns, &p->to_ns);
	p->began_ns = machine_ns();
	int64_t cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	rc = backtest_run(*out);
	double took = (double)(machine_ns() - p->began_ns) / 1e9;
	double cpu = (double)(clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu_ns) / 1e9;
	if (p->shown)
		fputs("\r\033[K", stderr);
	if (!rc && !v->quiet)
		fprintf(stderr,
			"%.2f s, %.2f of a core, for %" PRIu64 " events: %.0f a second of it\n",
			took, cpu, p->events, (double)p->events / (cpu + 1e-9));
	return rc;
}

static int tell(const struct verb *v, const struct backtest *b, const char *page)
{
	int rc = page[0] ? write_page(b, page) : 0;
	if (rc)
		return rc;
	if (v->json)
		return backtest_json(b, page[0] ? page : NULL, stdout);
	backtest_text(b, page[0] ? page : NULL, stdout);
	return 0;
}

/* ---------------------------------------------------------------- several latencies */

static void tell_row(const struct verb *v, const struct backtest *b, int64_t latency_ns)
{
	const struct config *c = backtest_config(b);
	char took[32], net[BACKTEST_AMOUNT], slip[BACKTEST_AMOUNT], naked[32];
	for (uint16_t i = 0; i < c->n_instances; i++) {
		const struct bt_instance *in = &backtest_tally(b)->of[i];
		if (!backtest_runs(b, i))
			continue;
		if (v->json)
			printf("{\"latency_ns\":%" PRId64 ",\"instance\":\"%s\",\"sent\":%" PRIu64
			       ",\"hedged\":%" PRIu64 ",\"broken\":%" PRIu64
			       ",\"net\":%.8f,\"fees\":%.8f,\"slippage\":%.8f,\"naked_ns\":%" PRId64
			       "}\n",
			       latency_ns, c->instance[i].name, in->sent, in->hedged, in->broken,
			       (double)in->net_e8 / 1e8, (double)in->fees_e8 / 1e8,
			       (double)(in->slip_e8 + in->rescue_slip_e8) / 1e8, in->naked_ns);
		else
			printf("%10s  %-16s %6" PRIu64 " %6" PRIu64 " %6" PRIu64
			       " %18s %18s %10s\n",
			       backtest_took(latency_ns, took), c->instance[i].name, in->sent,
			       in->hedged, in->broken, backtest_money(b, in, in->net_e8, net),
			       backtest_money(b, in, in->slip_e8 + in->rescue_slip_e8, slip),
			       backtest_took(in->naked_ns, naked));
	}
}

static int sweep(struct verb *v)
{
	const unsigned named = v->o.n_latencies;
	struct progress p;
	int rc = 0;
	if (!v->json)
		printf("%10s  %-16s %6s %6s %6s %18s %18s %10s\n", "latency", "instance", "sent",
		       "hedged", "broken", "net", "slippage", "naked");
	for (unsigned k = 0; k < v->n_sweep && !rc; k++) {
		struct backtest *b = NULL;
		v->o.latency[named] = (struct backtest_latency){ .ns = v->sweep[k] };
		v->o.n_latencies = named + 1;
		rc = run_one(v, &b, "", &p);
		if (!rc)
			tell_row(v, b, v->sweep[k]);
		backtest_close(b);
		fflush(stdout);
	}
	return rc;
}

static int single(struct verb *v)
{
	struct backtest *b = NULL;
	struct progress p;
	v->o.latency[v->o.n_latencies++] =
		(struct backtest_latency){ .ns = v->n_sweep ? v->sweep[0] : 1000000 };
	char page[300];
	page_name(v, page);
	int rc = run_one(v, &b, page, &p);
	if (!rc)
		rc = tell(v, b, page);
	backtest_close(b);
	return rc;
}

int cmd_backtest(int argc, char **argv)
{
	static struct verb v = { .o = { .seed = 1 } };
	const struct argp argp = { options, parse, "STRATEGY RECORDING...", doc, NULL, NULL, NULL };
	bool is_config = false;
	argp_err_exit_status = EXIT_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &v))
		return EXIT_USAGE;
	log_set_name("backtest");
	log_set_level(LOG_ERROR);
	v.o.recording = v.recording;
	int rc = 0;
	if (!v.o.config) {
		rc = backtest_plan_find(v.strategy, v.config, &is_config);
		v.o.config = v.config;
	}
	v.o.strategy = is_config ? NULL : v.strategy;
	watch(true);
	if (!rc)
		rc = v.n_sweep > 1 ? sweep(&v) : single(&v);
	watch(false);
	if (!rc)
		return EXIT_OK;
	if (v.json)
		cmd_json_failure(stdout, err_text());
	fprintf(stderr, "tandem backtest: %s\n", err_text());
	return rc == -ERR_CONFIG || rc == -ERR_SCRIPT	  ? EXIT_CONFIG
	       : rc == -ERR_NOTFOUND || rc == -ERR_EXISTS ? EXIT_CHECK
							  : EXIT_WORLD;
}
