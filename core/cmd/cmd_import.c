/* cmd_import - `tandem import FILE... --out DB`: recorded files into a store, and what their stamps say of the venues' clocks. */
#include "adapters/import/import.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/cmd/cmd.h"
#include "core/cmd/import_show.h"
#include "store/record.h"
#include <argp.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	OPT_JSON = 256,
	OPT_APPEND,
	OPT_DRY,
	OPT_VENUE,
	OPT_SYMBOL,
	OPT_MAP,
	OPT_DELAY,
	OPT_REFERENCE,
	OPT_PX_DP,
	OPT_QTY_DP,
	OPT_SIZE
};

static const struct argp_option options[] = {
	{ "out", 'o', "DB", 0, "the store that it goes into; made when missing", 1 },
	{ "append", OPT_APPEND, 0, 0, "into a store that has something in it already", 1 },
	{ "dry-run", OPT_DRY, 0, 0, "read and tell, write nothing", 1 },
	{ "json", OPT_JSON, 0, 0, "one JSON object a venue, one a line", 1 },
	{ "venue", OPT_VENUE, "NAME", 0,
	  "of files that do not say it; else tables take it from the file's name, frames from their market",
	  2 },
	{ "symbol", OPT_SYMBOL, "NAME", 0, "of files that do not say it; else QUOTES", 2 },
	{ "map", OPT_MAP, "NAME=COLUMN,...", 0,
	  "what a table's columns are, by header or number from 0: ts_ms=0,bid=3,ask_qty=vol", 2 },
	{ "columns", OPT_MAP, 0, OPTION_ALIAS, NULL, 2 },
	{ "px-dp", OPT_PX_DP, "N", 0, "decimals of prices; else found from the numbers", 2 },
	{ "qty-dp", OPT_QTY_DP, "N", 0, "decimals of quantities", 2 },
	{ "size", OPT_SIZE, "N", 0, "whole units written where a table has no sizes (1)", 2 },
	{ "max-min-delay", OPT_DELAY, "TIME", 0,
	  "the fastest message took at most so long (5ms): closes the clock's bound", 3 },
	{ "reference", OPT_REFERENCE, "VENUE", 0,
	  "what clocks that are found from prices count from; else the first venue", 3 },
	{ 0 },
};

struct run {
	struct import_options o;
	const char *path[IMPORT_FILES];
	const char *out;
	bool json, append, dry;
	struct store *store;
	struct record *record;
	struct import *import;
	int error; /* of the sink: the store's, not the files' */
};

/* "5ms" -> ns. */
static int64_t duration(const char *text, struct argp_state *state)
{
	static const struct {
		const char *name;
		unsigned decimals;
	} units[] = { { "ns", 0 }, { "us", 3 }, { "ms", 6 }, { "s", 9 } };
	size_t n = strspn(text, "0123456789.");
	int64_t ns;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strcmp(text + n, units[i].name) == 0 &&
		    dec_parse_fast(text, n, units[i].decimals, &ns) == 0)
			return ns;
	argp_error(state, "\"%s\" is no length of time: 5ms, 200us, 1s", text);
	return 0;
}

static int64_t whole(const char *text, int64_t least, int64_t most, struct argp_state *state)
{
	int64_t v;
	if (dec_parse_fast(text, strlen(text), 0, &v) != 0 || v < least || v > most)
		argp_error(state, "\"%s\" is not a whole number from %lld to %lld", text,
			   (long long)least, (long long)most);
	return v;
}

static void take_file(struct run *r, char *path, struct argp_state *state)
{
	if (r->o.n_paths == IMPORT_FILES)
		argp_error(state, "at most %d files at once; --append takes the others",
			   IMPORT_FILES);
	r->path[r->o.n_paths++] = path;
}

static void take_end(const struct run *r, struct argp_state *state)
{
	if (!r->o.n_paths)
		argp_error(state, "which files? - is standard input");
	if (!r->out == !r->dry)
		argp_error(state, "either --out DB, the store to write, or --dry-run");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct run *r = state->input;
	switch (key) {
	case 'o':
		r->out = arg;
		break;
	case OPT_APPEND:
		r->append = true;
		break;
	case OPT_DRY:
		r->dry = true;
		break;
	case OPT_JSON:
		r->json = true;
		break;
	case OPT_VENUE:
		r->o.venue = arg;
		break;
	case OPT_SYMBOL:
		r->o.symbol = arg;
		break;
	case OPT_MAP:
		r->o.map = arg;
		break;
	case OPT_DELAY:
		r->o.max_min_delay_ns = duration(arg, state);
		break;
	case OPT_REFERENCE:
		r->o.reference = arg;
		break;
	case OPT_PX_DP:
		r->o.px_dp = (int)whole(arg, 0, 18, state);
		break;
	case OPT_QTY_DP:
		r->o.qty_dp = (int)whole(arg, 0, 18, state);
		break;
	case OPT_SIZE:
		r->o.no_size = whole(arg, 1, 1000000000, state);
		break;
	case ARGP_KEY_ARG:
		take_file(r, arg, state);
		break;
	case ARGP_KEY_END:
		take_end(r, state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	options,
	parse,
	"FILE...",
	"Recorded markets into a store: one time line, each event with the stamps that it came with.\v"
	"FILE is a table of best prices with a header (any delimiter, columns known by their names), or frames as received (`<ns> <json>`, "
	"`<seconds>: <json>`), Binance spot, USD-M and COIN-M with their depth snapshots, OKX's public channels; plain or gzip, - is standard input. Several files "
	"may overlap and come in any order. Lines that say nothing usable are counted and the first ones shown.\n\n"
	"Each venue's clock is told as venue minus recorder. Where rows bear one stamp only, the venues' prices are held against each other, and "
	"the first venue is the reference. Times without a zone are UTC; nothing is corrected, the estimate stands in the store beside the events.\n\n"
	"  tandem import spot_*.gz usdm_*.gz --out db\n"
	"  tandem import FXCM.csv OANDA.csv --out db --reference OANDA --json\n"
	"  tandem import ticks.csv --venue LMAX --symbol EURUSD --map ts_ms=0,bid=2,ask=3 --out db\n"
	"  zcat day.gz | tandem import - --venue X --dry-run",
	NULL,
	NULL,
	NULL
};

/* ---------------------------------------------------------------- the store */

static int put_venue(void *owner, const char *name)
{
	struct run *r = owner;
	return r->error = record_venue(r->record, name, NULL, 0);
}

static int put_instrument(void *owner, uint16_t venue, const struct pack_instrument *i)
{
	struct run *r = owner;
	return r->error = record_instrument(r->record, venue, i);
}

static int put_event(void *owner, uint16_t venue, const struct pack_event *ev)
{
	struct run *r = owner;
	return r->error = record_put(r->record, venue, ev);
}

/* A dry run's sink only counts, as the importer wants its answers. */
struct counts {
	int venues;
	uint16_t instruments[IMPORT_VENUES];
};

static int drop_venue(void *owner, const char *name)
{
	struct counts *c = owner;
	(void)name;
	return c->venues++;
}

static int drop_instrument(void *owner, uint16_t venue, const struct pack_instrument *i)
{
	struct counts *c = owner;
	(void)i;
	return c->instruments[venue]++;
}

static int drop_event(void *owner, uint16_t venue, const struct pack_event *ev)
{
	(void)owner;
	(void)venue;
	(void)ev;
	return 0;
}

/* A folder with other things in it is nobody's store; a store with receipts takes more only when asked. */
static int check_place(const struct run *r)
{
	DIR *d = opendir(r->out);
	bool any = false, db = false;
	if (!d)
		return errno == ENOENT
			       ? 0
			       : err_set(errno == ENOTDIR ? ERR_EXISTS : ERR_IO, "%s: %s", r->out,
					 errno == ENOTDIR ? "a file, not a store"
							  : strerror(errno));
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		any |= strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
		db |= strcmp(e->d_name, "db") == 0;
	}
	closedir(d);
	if (any && !db)
		return err_set(ERR_EXISTS, "%s holds other things and is no store", r->out);
	if (any && !r->append)
		return err_set(ERR_EXISTS, "%s is a store already; --append adds to it", r->out);
	return 0;
}

static int open_store(struct run *r)
{
	char what[128];
	const struct store_options o = { .path = r->out };
	int rc = store_open(&o, &r->store);
	if (rc)
		return rc;
	const char *slash = strrchr(r->path[0], '/');
	snprintf(what, sizeof what, "import of %.60s%s", slash ? slash + 1 : r->path[0],
		 r->o.n_paths > 1 ? " and others" : "");
	return record_open(r->store, what, &r->record);
}

/* What is known of each clock goes beside the events, for those who read them later. */
static int write_clocks(struct run *r)
{
	int rc = 0;
	for (unsigned i = 0; rc == 0 && i < import_venues(r->import); i++) {
		const struct import_venue *v = import_venue(r->import, i);
		const struct import_clock *c = &v->clock;
		struct fact f;
		if (!v->events || c->how == IMPORT_UNKNOWN)
			continue;
		fact_init(&f, FACT_CLOCK);
		f.venue = record_venue_id(r->record, (uint16_t)v->sink);
		f.venue_ns = c->at_ns + (c->how == IMPORT_REFERENCE ? 0 : c->offset_ns);
		const int64_t num[] = {
			c->offset_ns, c->bound_ns, c->delay_ns,		c->drift_ppb,
			c->open,      c->steps,	   (int64_t)c->samples, (int64_t)c->refused
		};
		memcpy(f.num, num, sizeof num);
		if (c->against[0])
			fact_text(&f, "by its prices against %s's", c->against);
		else
			fact_text(&f, "by its %s", import_how_name((enum import_how)c->how));
		rc = record_fact(r->record, &f);
	}
	return rc;
}

static int close_store(struct run *r)
{
	int rc = r->record ? record_close(r->record, NULL) : 0;
	int closed = r->store ? store_close(r->store) : 0;
	r->record = NULL;
	r->store = NULL;
	return rc ? rc : closed;
}

/* ---------------------------------------------------------------- the run */

static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
	(void)number;
	stopped = 1;
}

static int64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int read_all(struct run *r, const struct import_sink *sink)
{
	int64_t began = now_ns(), told = began;
	int rc;
	while ((rc = import_step(r->import, sink, 8192)) > 0 && !stopped) {
		int64_t now = now_ns();
		if (now - told < 100000000)
			continue;
		told = now;
		import_show_progress(stderr, r->import, began, now);
	}
	import_show_progress_end(stderr);
	return rc < 0 ? rc : 0;
}

static void tell(const struct run *r)
{
	struct import_totals t;
	import_totals(r->import, &t);
	import_show_notes(stderr, r->import, r->path, r->o.n_paths);
	if (r->json)
		import_show_json(stdout, r->import);
	else
		import_show_table(stdout, r->import);
	if (stopped)
		fprintf(stderr, "tandem import: stopped; %llu events up to there are %s\n",
			(unsigned long long)t.events, r->dry ? "told" : "kept");
}

static int complain(const struct run *r, int code)
{
	fflush(stdout);
	if (r->json)
		cmd_json_failure(stdout, err_text());
	fprintf(stderr, "tandem import: %s\n", err_text());
	return code;
}

static int import_all(struct run *r)
{
	struct counts counts = { 0 };
	struct import_sink sink = { r, put_venue, put_instrument, put_event };
	if (r->dry)
		sink = (struct import_sink){ &counts, drop_venue, drop_instrument, drop_event };
	int rc = r->dry ? 0 : open_store(r);
	r->error = rc;
	if (rc == 0)
		rc = read_all(r, &sink);
	if (rc == 0)
		rc = import_clocks(r->import);
	if (rc == 0 && !r->dry)
		rc = r->error = write_clocks(r);
	if (rc) { /* the reason must survive what closing has to say */
		int code = complain(r, r->error < 0 ? EXIT_WORLD : EXIT_CHECK);
		close_store(r);
		return code;
	}
	if (close_store(r) != 0)
		return complain(r, EXIT_WORLD);
	tell(r);
	if (stopped)
		return EXIT_CHECK;
	for (unsigned i = 0; i < r->o.n_paths; i++)
		if (import_ended(r->import, i) > INPUT_TORN)
			return EXIT_CHECK;
	return EXIT_OK;
}

int cmd_import(int argc, char **argv)
{
	struct run r = { .o = { .px_dp = -1, .qty_dp = -1 } };
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &r);
	r.o.path = r.path;
	int rc = r.dry ? 0 : check_place(&r);
	if (rc)
		return complain(&r, rc == -ERR_EXISTS ? EXIT_USAGE : EXIT_WORLD);
	rc = import_open(&r.o, &r.import);
	if (rc)
		return complain(&r, rc == -ERR_PARSE			 ? EXIT_CHECK
				    : rc == -ERR_ARG || rc == -ERR_RANGE ? EXIT_USAGE
									 : EXIT_WORLD);
	/* Only the first: a second one ends a program that hangs. */
	const struct sigaction once = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };
	sigaction(SIGINT, &once, NULL);
	sigaction(SIGTERM, &once, NULL);
	int code = import_all(&r);
	import_close(r.import);
	return code;
}
