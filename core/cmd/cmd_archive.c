/* cmd_archive, cmd_backup - days of a store into archives and back, and a whole store copied while its host runs. */
#include "core/base/date.h"
#include "core/base/err.h"
#include "core/base/json_out.h"
#include "core/cmd/cmd.h"
#include "store/archive.h"
#include <argp.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DAY_NS 86400000000000LL

enum { OPT_JSON = 1, OPT_DAY, OPT_BEFORE, OPT_REMOVE, OPT_RESTORE, OPT_CHECK };

enum act { MAKE, RESTORE, CHECK };

struct archive_options {
	const char *verb, *first, *second;
	const char *day, *before;
	enum act act;
	bool remove, json, whole; /* whole: a backup */
};

static const struct argp_option archive_options[] = {
	{ "day", OPT_DAY, "DAY", 0, "the receipts and recordings of this day (2026-11-22, UTC)",
	  1 },
	{ "before", OPT_BEFORE, "DAY", 0, "all of the days before this one", 1 },
	{ "remove", OPT_REMOVE, 0, 0,
	  "and take them out of DB, once the archive has been read back and compared", 1 },
	{ "restore", OPT_RESTORE, 0, 0, "put the archive FROM back into DB: --restore FROM DB", 2 },
	{ "check", OPT_CHECK, 0, 0, "read the archive FROM through: --check FROM", 2 },
	{ "json", OPT_JSON, 0, 0, "one JSON object", 3 },
	{ 0 },
};
static const struct argp_option backup_options[] = {
	{ "check", OPT_CHECK, 0, 0, "read the backup FROM through: --check FROM", 1 },
	{ "json", OPT_JSON, 0, 0, "one JSON object", 2 },
	{ 0 },
};

static void must_fit(const struct archive_options *o, struct argp_state *state)
{
	const bool two = o->act != CHECK;
	if (!o->first || (two && !o->second))
		argp_error(state, two ? "two folders are needed" : "which folder?");
	if (!two && o->second)
		argp_error(state, "one folder is checked at a time: %s is a second", o->second);
	if (o->whole)
		return;
	const int spans = (o->day != NULL) + (o->before != NULL);
	if (o->act == MAKE ? spans != 1 : spans != 0)
		argp_error(state, o->act == MAKE
					  ? "what is to be archived? --day or --before"
					  : "--day and --before say what goes into an archive");
	if (o->remove && o->act != MAKE)
		argp_error(state, "--remove goes with --day or --before");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct archive_options *o = state->input;
	switch (key) {
	case OPT_JSON:
		o->json = true;
		return 0;
	case OPT_DAY:
		o->day = arg;
		return 0;
	case OPT_BEFORE:
		o->before = arg;
		return 0;
	case OPT_REMOVE:
		o->remove = true;
		return 0;
	case OPT_RESTORE:
		o->act = RESTORE;
		return 0;
	case OPT_CHECK:
		o->act = CHECK;
		return 0;
	case ARGP_KEY_ARG:
		if (o->second)
			argp_error(state, "%s is one folder too many", arg);
		*(o->first ? &o->second : &o->first) = arg;
		return 0;
	case ARGP_KEY_END:
		must_fit(o, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int fail(const struct archive_options *o, int rc)
{
	if (o->json)
		cmd_json_failure(stdout, err_text());
	fprintf(stderr, "tandem %s: %s\n", o->verb, err_text());
	if (access(o->first, F_OK) != 0)
		return EXIT_WORLD;
	return rc == -ERR_CORRUPT || rc == -ERR_STATE || rc == -ERR_NOTFOUND ? EXIT_CHECK
									     : EXIT_WORLD;
}

static void say(const struct archive_options *o, const char *what, const char *where,
		const struct archive_done *d)
{
	const struct copy_page *p = &d->page;
	char hex[DIGEST_HEX], line[1024];
	digest_hex(p->digest, DIGEST_LEN, hex);
	if (!o->json) {
		printf("%s: %" PRIu64 " receipts (%" PRIu64 " to %" PRIu64 ") and %" PRIu64
		       " blocks, %" PRIu64 " bytes before packing, digest %s\n",
		       where, p->receipts, p->first, p->last, p->blocks, p->bytes, hex);
		if (d->seq)
			printf("%s: %" PRIu64 " receipts and %" PRIu64 " blocks; receipt %" PRIu64
			       " tells of it\n",
			       what, d->receipts, d->blocks, d->seq);
		return;
	}
	struct json_out j;
	json_out_init(&j, line, sizeof line);
	json_obj(&j, NULL);
	json_bool(&j, "ok", true);
	json_str(&j, "did", what);
	json_str(&j, "folder", where);
	json_uint(&j, "receipts", p->receipts);
	json_uint(&j, "first", p->first);
	json_uint(&j, "last", p->last);
	json_uint(&j, "blocks", p->blocks);
	json_uint(&j, "bytes", p->bytes);
	json_str(&j, "digest", hex);
	json_uint(&j, "moved_receipts", d->receipts);
	json_uint(&j, "moved_blocks", d->blocks);
	json_uint(&j, "receipt", d->seq);
	json_obj_end(&j);
	puts(line);
}

/* "--before" begins with the first receipt that there is. */
static int span(const struct archive_options *o, struct copy_span *s)
{
	const char *text = o->day ? o->day : o->before;
	int32_t date;
	int rc = date_parse(text, strlen(text), &date);
	if (rc)
		return rc;
	int64_t at = date_days(date) * DAY_NS;
	rc = copy_span_of(o->first, o->day ? at : INT64_MIN / 2, o->day ? at + DAY_NS : at, s);
	return rc;
}

static int make(const struct archive_options *o)
{
	struct archive_done d = { 0 };
	struct copy_span s = { 0 };
	int rc = o->whole ? 0 : span(o, &s);
	if (rc == -ERR_PARSE || rc == -ERR_RANGE) {
		fprintf(stderr, "tandem %s: %s\n", o->verb, err_text());
		return EXIT_USAGE;
	}
	if (!rc)
		rc = copy_make(o->first, o->second, o->whole ? COPY_BACKUP : COPY_ARCHIVE, &s,
			       &d.page);
	if (!rc && o->remove)
		rc = archive_put_away(o->first, o->second, &d);
	if (rc)
		return fail(o, rc);
	say(o, o->remove ? "taken out" : "copied", o->second, &d);
	return EXIT_OK;
}

static int run(int argc, char **argv, const struct argp *argp, struct archive_options *o)
{
	struct archive_done d = { 0 };
	argp_err_exit_status = EXIT_USAGE;
	if (argp_parse(argp, argc, argv, 0, NULL, o))
		return EXIT_USAGE;
	if (o->act == MAKE)
		return make(o);
	int rc = o->act == RESTORE ? archive_restore(o->first, o->second, &d)
				   : copy_check(o->first, &d.page);
	if (rc)
		return fail(o, rc);
	say(o, o->act == RESTORE ? "put back" : "checked", o->first, &d);
	return EXIT_OK;
}

int cmd_archive(int argc, char **argv)
{
	static const char doc[] =
		"Copies days of the store DB into the new folder TO, reads it back, and says what it holds: --day or --before.\v"
		"An archive is a store that nobody writes into: query, explain and the other verbs that read work on it. Its page \"archive\" has "
		"the counts and a digest over every byte. Copying works beside a running host; --remove and --restore want it stopped, and leave a "
		"receipt in DB. What a restart needs stays: the last checkpoint and all after it.";
	const struct argp argp = { archive_options,
				   parse,
				   "DB TO\n--restore FROM DB\n--check FROM",
				   doc,
				   NULL,
				   NULL,
				   NULL };
	struct archive_options o = { .verb = "archive" };
	return run(argc, argv, &argp, &o);
}

int cmd_backup(int argc, char **argv)
{
	static const char doc[] =
		"Copies the whole store DB into the new folder TO, while its host runs or after it, and reads the copy back.\v"
		"A host may go on with the copy: it is the store as it was at one moment, what only the journal ring held included.";
	const struct argp argp = { backup_options, parse, "DB TO\n--check FROM", doc, NULL,
				   NULL,	   NULL };
	struct archive_options o = { .verb = "backup", .whole = true };
	return run(argc, argv, &argp, &o);
}
