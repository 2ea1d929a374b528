#include "adapters/sim/playback.h"
#include "adapters/sim/recording.h"
#include "adapters/sim/server.h"
#include "core/base/err.h"
#include "core/base/json_out.h"
#include "core/base/log.h"
#include "core/cmd/cmd.h"
#include "core/cmd/ledger_show.h"
#include "core/cmd/ledger_statement.h"
#include "core/cmd/store_feed.h"
#include "core/cmd/venue_config.h"
#include "core/io/env_live.h"
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	OPT_PORT_FILE = 1,
	OPT_SPEED,
	OPT_SEED,
	OPT_JSON,
	OPT_DIE,
	OPT_EXPLAIN,
	OPT_LEDGER,
	OPT_STATEMENT
};

static const struct argp_option options[] = {
	{ "port-file", OPT_PORT_FILE, "FILE", 0,
	  "write a line `NAME PORT` for each venue there, once they listen", 0 },
	{ "speed", OPT_SPEED, "N|max", 0, "times the market's own pace, instead of the file's", 0 },
	{ "seed", OPT_SEED, "S", 0, "of the made market and of all faults, instead of the file's",
	  0 },
	{ "json", OPT_JSON, 0, 0, "say `ready` as an object", 0 },
	{ "die-with-parent", OPT_DIE, 0, 0, "end when the parent process does", 0 },
	{ "ledger", OPT_LEDGER, "FILE", 0,
	  "print what a venue's ledger comes to and whether it adds up, and end", 0 },
	{ "statement", OPT_STATEMENT, "FILE", 0,
	  "print the executions of a venue's ledger as an exchange's statement, in CSV, and end",
	  0 },
	{ "explain", OPT_EXPLAIN, 0, 0, "print every setting of CONFIG, and end", 0 },
	{ 0 },
};

struct venue_options {
	const char *config, *port_file, *speed, *seed, *ledger, *statement;
	bool json, die_with_parent, explain;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct venue_options *o = state->input;
	switch (key) {
	case OPT_PORT_FILE:
		o->port_file = arg;
		return 0;
	case OPT_SPEED:
		o->speed = arg;
		return 0;
	case OPT_SEED:
		o->seed = arg;
		return 0;
	case OPT_JSON:
		o->json = true;
		return 0;
	case OPT_DIE:
		o->die_with_parent = true;
		return 0;
	case OPT_EXPLAIN:
		o->explain = true;
		return 0;
	case OPT_LEDGER:
		o->ledger = arg;
		return 0;
	case OPT_STATEMENT:
		o->statement = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (o->config)
			argp_error(state, "one CONFIG only");
		o->config = arg;
		return 0;
	case ARGP_KEY_END:
		if (!o->config && !o->explain && !o->ledger && !o->statement)
			argp_error(state, "CONFIG is missing; examples/venue.lua is one");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse,
	"CONFIG",
	"Simulated venues that speak a real wire, fed by a recording or a made market. Killed and started "
	"again on the same folder they go on.",
	NULL,
	NULL,
	NULL
};

/* ---------------------------------------------------------------- telling */

static int write_ports(const struct server *s)
{
	FILE *f = fopen(s->setup->port_file, "we");
	if (!f)
		return err_set(ERR_IO, "%s: %s", s->setup->port_file, strerror(errno));
	for (uint16_t i = 0; i < s->setup->n_venues; i++)
		fprintf(f, "%s %u\n", s->setup->venue[i].name, s->venue[i].port);
	return fclose(f) == 0 ? 0 : err_set(ERR_IO, "%s: %s", s->setup->port_file, strerror(errno));
}

static void say_ready(const struct server *s)
{
	char text[2048];
	struct json_out j;
	json_out_init(&j, text, sizeof text);
	json_obj(&j, NULL);
	json_bool(&j, "ready", true);
	json_str(&j, "dir", s->setup->dir);
	json_arr(&j, "venues");
	for (uint16_t i = 0; i < s->setup->n_venues; i++) {
		json_obj(&j, NULL);
		json_str(&j, "name", s->setup->venue[i].name);
		json_int(&j, "port", s->venue[i].port);
		json_obj_end(&j);
	}
	json_arr_end(&j);
	json_obj_end(&j);
	if (s->setup->json) {
		printf("%s\n", text);
	} else {
		printf("ready");
		for (uint16_t i = 0; i < s->setup->n_venues; i++)
			printf(" %s=%s:%u", s->setup->venue[i].name, s->setup->venue[i].host,
			       s->venue[i].port);
		printf(" dir=%s\n", s->setup->dir);
	}
	fflush(stdout);
}

/* What of a recording could not be played. */
static void say_recording(const struct server *s)
{
	if (s->setup->source != SETUP_RECORDING)
		return;
	const struct playback_stats *p = playback_stats(s->market.source);
	if (p && p->lost)
		log_warn("the recording says that %llu events are missing in it",
			 (unsigned long long)p->lost);
	if (p)
		return;
	const struct recording_stats *r = recording_stats(s->market.source);
	if (r->garbage)
		log_warn("the recordings: %llu of %llu lines are no frames and were left out",
			 (unsigned long long)r->garbage, (unsigned long long)r->lines);
	if (r->torn)
		log_warn(
			"the recordings: %llu of them break off in the middle of their compression; "
			"played up to there",
			(unsigned long long)r->torn);
}

static void say_end(const struct server *s)
{
	say_recording(s);
	for (uint16_t i = 0; i < s->setup->n_venues; i++) {
		const struct server_venue *v = &s->venue[i];
		log_info("%s: %llu requests, %llu orders, %llu refused, %llu fills, %llu frames",
			 v->setup->name, (unsigned long long)v->requests,
			 (unsigned long long)v->wire.exchange.n_accepted,
			 (unsigned long long)v->wire.exchange.n_rejected,
			 (unsigned long long)v->wire.exchange.n_fills,
			 (unsigned long long)v->frames);
	}
}

/* ---------------------------------------------------------------- running */

static bool told_to_stop(struct env *e)
{
	struct env_command c;
	bool stop = false;
	while (env_command(e, &c)) {
		stop |= c.kind == CMD_STOP;
		env_reply(e, c.id, stop ? "ending" : "a venue only knows stop");
	}
	return stop;
}

static int serve(struct server *s, struct env *e)
{
	bool said_finished = s->market.finished;
	while (!told_to_stop(e)) {
		int rc = server_turn(s);
		env_flush(e);
		if (rc)
			return rc;
		if (s->market.finished && !said_finished) {
			said_finished = true;
			log_info("the market is over; connections stay open");
		}
		env_poll(e, server_next(s));
	}
	say_end(s);
	return 0;
}

static int run_server(const struct venue_setup *u, struct env *e, struct clock_page *page)
{
	static struct server s;
	int rc = server_open(&s, u, e, page);
	if (rc)
		return rc;
	if (page && u->speed_milli == 0)
		clock_page_set_step(page);
	else if (page)
		rc = clock_page_set_real(page, u->speed_milli);
	if (!rc && u->port_file[0])
		rc = write_ports(&s);
	if (!rc) {
		say_ready(&s);
		rc = serve(&s, e);
	}
	server_close(&s);
	return rc;
}

static int open_clock(const struct venue_setup *u, struct clock_page **page)
{
	char path[300];
	*page = NULL;
	if (mkdir(u->dir, 0700) != 0 && errno != EEXIST)
		return err_set(ERR_IO, "%s: %s", u->dir, strerror(errno));
	if (u->no_clock_page && u->speed_milli != 1000)
		return err_set(ERR_CONFIG, "a speed other than 1 needs a clock page");
	if (u->no_clock_page)
		return 0;
	snprintf(path, sizeof path, "%s%s", u->clock_page[0] ? u->clock_page : u->dir,
		 u->clock_page[0] ? "" : "/clock");
	return clock_page_create(path, 0, page);
}

/* True: the parent was gone before it could be watched. */
static bool orphaned(const struct venue_setup *u, pid_t parent)
{
	if (!u->die_with_parent)
		return false;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	return getppid() != parent;
}

int venue_run(const struct venue_setup *u)
{
	struct clock_page *page = NULL;
	struct env *e = NULL;
	if (orphaned(u, getppid()))
		return EXIT_OK;
	log_set_name("venue");
	int rc = open_clock(u, &page);
	const struct env_live_opt o = {
		.signals = true, .clock = page, .seed = u->seed, .max_chans = SERVER_CONNS
	};
	if (!rc)
		rc = env_live_open(&o, &e);
	if (!rc)
		rc = run_server(u, e, page);
	if (rc)
		fprintf(stderr, "tandem venue: %s\n", err_text());
	if (e)
		e->ops->free(e);
	clock_page_close(page);
	return rc == 0 ? EXIT_OK : rc == -ERR_CONFIG ? EXIT_CONFIG : EXIT_WORLD;
}

static int apply_options(const struct venue_options *o, struct venue_setup *u)
{
	char *end = NULL;
	u->json = o->json;
	u->die_with_parent = o->die_with_parent;
	if (o->speed && venue_config_speed(o->speed, &u->speed_milli) != 0)
		return err_set(ERR_ARG,
			       "--speed takes a number from 0.001 to 1000, or max, not '%s'",
			       o->speed);
	if (o->seed) {
		errno = 0;
		u->seed = strtoull(o->seed, &end, 10);
		if (*end || end == o->seed || errno || *o->seed == '-' || !u->seed)
			return err_set(ERR_ARG, "--seed takes a whole number from 1, not '%s'",
				       o->seed);
	}
	if (o->port_file && strlen(o->port_file) >= sizeof u->port_file)
		return err_set(ERR_ARG, "--port-file: the path is too long");
	if (o->port_file)
		snprintf(u->port_file, sizeof u->port_file, "%s", o->port_file);
	return 0;
}

int cmd_venue(int argc, char **argv)
{
	struct venue_options o = { 0 };
	static struct venue_setup setup;
	static struct config_errors errs;
	argp_err_exit_status = EXIT_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return EXIT_USAGE;
	if (o.explain) {
		venue_config_explain(stdout);
		return EXIT_OK;
	}
	if (o.ledger || o.statement) {
		int rc = o.ledger ? ledger_show(o.ledger, stdout)
				  : ledger_statement(o.statement, stdout);
		if (rc)
			fprintf(stderr, "tandem venue: %s\n", err_text());
		return rc == 0 ? EXIT_OK : rc == -ERR_CORRUPT ? EXIT_CHECK : EXIT_WORLD;
	}
	if (venue_config_read(o.config, &setup, &errs) != 0) {
		config_errors_print(&errs, stderr);
		return EXIT_CONFIG;
	}
	if (apply_options(&o, &setup) != 0) {
		fprintf(stderr, "tandem venue: %s\n", err_text());
		return EXIT_USAGE;
	}
	if (store_feed_open(&setup, &setup.feed) != 0) {
		fprintf(stderr, "tandem venue: %s\n", err_text());
		return EXIT_CONFIG;
	}
	int code = venue_run(&setup);
	store_feed_close(setup.feed);
	return code;
}
