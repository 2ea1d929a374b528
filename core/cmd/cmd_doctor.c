/* cmd_doctor - `tandem doctor DB`: what is wrong with a store, what that means, and what of it can be repaired. */
#include "core/base/err.h"
#include "core/base/json_out.h"
#include "core/cmd/ask.h"
#include "core/cmd/cmd.h"
#include "store/doctor.h"
#include <argp.h>
#include <inttypes.h>
#include <stdlib.h>

#define TIMEOUT_S 600

enum { OPT_JSON = 1, OPT_REPAIR, OPT_TIMEOUT };

struct options {
	const char *path;
	int timeout_s;
	bool json, repair;
};

static const struct argp_option options[] = {
	{ "repair", OPT_REPAIR, 0, 0,
	  "repair what can be repaired; the damaged files are kept beside it", 1 },
	{ "timeout", OPT_TIMEOUT, "SECONDS", 0, "how long a look may take (600)", 2 },
	{ "json", OPT_JSON, 0, 0, "one JSON object", 2 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;
	switch (key) {
	case OPT_JSON:
		o->json = true;
		return 0;
	case OPT_REPAIR:
		o->repair = true;
		return 0;
	case OPT_TIMEOUT:
		o->timeout_s = atoi(arg);
		if (o->timeout_s <= 0 || o->timeout_s > 86400)
			argp_error(state, "a time limit is 1 to 86400 seconds, not '%s'", arg);
		return 0;
	default:
		return ask_parse(key, arg, state, &o->path);
	}
}

static void print_text(const char *path, const struct doctor *d)
{
	printf("%s: %" PRIu64 " receipts", path, d->receipts);
	if (d->receipts)
		printf(" (%" PRIu64 " to %" PRIu64 ")", d->first, d->last);
	printf(", %" PRIu64 " blocks of market data%s\n", d->blocks,
	       doctor_well(d) ? ", nothing is damaged" : "");
	for (unsigned i = 0; i < d->n; i++) {
		const struct doctor_finding *f = &d->finding[i];
		printf("%s %s: %s\n        %s\n", doctor_is_damage(f->what) ? "DAMAGE " : "note   ",
		       doctor_name(f->what), f->text, doctor_advice(f->what));
	}
	if (d->more)
		printf("        and %u findings more\n", d->more);
	if (d->lost)
		printf("        %" PRIu64 " receipts are lost\n", d->lost);
}

static void put_findings(struct json_out *j, const struct doctor *d)
{
	json_arr(j, "findings");
	for (unsigned i = 0; i < d->n; i++) {
		const struct doctor_finding *f = &d->finding[i];
		json_obj(j, NULL);
		json_str(j, "what", doctor_name(f->what));
		json_bool(j, "damage", doctor_is_damage(f->what));
		json_str(j, "text", f->text);
		json_str(j, "advice", doctor_advice(f->what));
		json_uint(j, "from", f->from);
		json_uint(j, "to", f->to);
		json_obj_end(j);
	}
	json_arr_end(j);
}

static void print_json(const struct options *o, const struct doctor *d, const struct doctor *before)
{
	static char line[1 << 16];
	struct json_out j;
	json_out_init(&j, line, sizeof line);
	json_obj(&j, NULL);
	json_bool(&j, "ok", doctor_well(d));
	json_str(&j, "db", o->path);
	json_uint(&j, "receipts", d->receipts);
	json_uint(&j, "first", d->first);
	json_uint(&j, "last", d->last);
	json_uint(&j, "blocks", d->blocks);
	json_uint(&j, "lost", d->lost);
	put_findings(&j, d);
	if (before->seq) {
		json_obj(&j, "repaired");
		json_str(&j, "aside", before->aside);
		json_uint(&j, "receipt", before->seq);
		put_findings(&j, before);
		json_obj_end(&j);
	}
	json_obj_end(&j);
	puts(line);
}

static int fail(const struct options *o, int rc)
{
	if (o->json)
		cmd_json_failure(stdout, err_text());
	fprintf(stderr, "tandem doctor: %s\n", err_text());
	return rc == -ERR_CORRUPT ? EXIT_CHECK : EXIT_WORLD;
}

int cmd_doctor(int argc, char **argv)
{
	static const char doc[] =
		"Looks at the store DB: its lock, its ring, the files of its database, every key, every receipt, every block of market data.\v"
		"Without --repair nothing is written. With it the damaged files are put aside (DB/db.damaged), what can be read is kept, what the ring holds is taken "
		"over, and a receipt tells of it. Exit code 0: nothing is damaged, or all is repaired; 1: damage is left; 4: it could not be looked at.";
	const struct argp argp = { options, parse, "DB", doc, NULL, NULL, NULL };
	static struct doctor d, before;
	struct options o = { .timeout_s = TIMEOUT_S };
	argp_err_exit_status = EXIT_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return EXIT_USAGE;
	int rc = doctor_look(o.path, o.timeout_s, &d);
	if (!rc && o.repair && !doctor_well(&d)) {
		if (!o.json)
			print_text(o.path, &d);
		before = d;
		rc = doctor_repair(o.path, o.timeout_s, &before);
		if (!rc)
			rc = doctor_look(o.path, o.timeout_s, &d);
		if (!rc && !o.json)
			printf("repaired: receipt %" PRIu64
			       " tells of it; the files as they were are in %s\n",
			       before.seq, before.aside[0] ? before.aside : "their place");
	}
	if (rc)
		return fail(&o, rc);
	if (o.json)
		print_json(&o, &d, &before);
	else
		print_text(o.path, &d);
	return doctor_well(&d) ? EXIT_OK : EXIT_CHECK;
}
