/* cmd_list - what a running host holds and has open: positions, orders, pnl, held; a table for people, or one JSON object. */
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/json_out.h"
#include "core/cmd/cmd.h"
#include "core/cmd/reach.h"
#include "core/ops/control.h"
#include "core/ops/list.h"
#include <argp.h>
#include <stdlib.h>
#include <string.h>

enum { OPT_JSON = 1, OPT_WIDE, OPT_INSTANCE };

struct list {
	const char *db, *instance;
	bool json, wide;
	enum env_command_kind kind;
	const struct list_form *form;
	char **row; /* each taken apart: its fields follow each other, an end behind each */
	size_t n, cap;
};

static const struct argp_option options[] = {
	{ "json", OPT_JSON, 0, 0, "one JSON object, with every column", 0 },
	{ "wide", OPT_WIDE, 0, 0, "every column", 0 },
	{ "instance", OPT_INSTANCE, "NAME", 0, "only what belongs to this instance", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct list *l = state->input;
	switch (key) {
	case OPT_JSON:
		l->json = true;
		return 0;
	case OPT_WIDE:
		l->wide = true;
		return 0;
	case OPT_INSTANCE:
		l->instance = arg;
		return 0;
	default:
		return reach_parse(key, arg, state, &l->db);
	}
}

/* The column that says whose a row is. */
static bool is_owner(const struct list_column *c)
{
	return strcmp(c->name, "instance") == 0 || strcmp(c->name, "owner") == 0;
}

static bool asked_for(const struct list *l, char *const *field)
{
	for (unsigned i = 0; l->instance && i < l->form->n; i++)
		if (is_owner(&l->form->column[i]))
			return strcmp(field[i], l->instance) == 0;
	return true;
}

static int take_row(void *arg, char *row)
{
	struct list *l = arg;
	char *field[LIST_COLUMNS_MAX];
	const size_t bytes = strlen(row) + 1;
	if (list_split(row, field) != l->form->n)
		return err_set(
			ERR_CONFIG,
			"the host tells other columns than this program knows: it is of another version");
	if (!asked_for(l, field))
		return 0;
	if (l->n == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 64;
		char **grown = realloc(l->row, cap * sizeof *grown);
		if (!grown)
			return err_set(ERR_NOMEM, "no memory for %zu rows", cap);
		l->row = grown;
		l->cap = cap;
	}
	l->row[l->n] = malloc(bytes);
	if (!l->row[l->n])
		return err_set(ERR_NOMEM, "no memory for a row");
	memcpy(l->row[l->n++], row, bytes);
	return 0;
}

static const char *next(const char *field)
{
	return field + strlen(field) + 1;
}

/* A column of words that says nothing in any row is left out; a number that is not there is news. */
static void measure(const struct list *l, int width[LIST_COLUMNS_MAX])
{
	memset(width, 0, LIST_COLUMNS_MAX * sizeof *width);
	for (size_t r = 0; r < l->n; r++) {
		const char *field = l->row[r];
		for (unsigned i = 0; i < l->form->n; i++, field = next(field)) {
			int n = (int)strlen(field);
			width[i] = n > width[i] ? n : width[i];
		}
	}
	for (unsigned i = 0; i < l->form->n; i++) {
		const struct list_column *c = &l->form->column[i];
		int n = (int)strlen(c->name);
		if (c->wide && !l->wide)
			width[i] = 0;
		else if ((width[i] || c->number) && width[i] < n)
			width[i] = n;
	}
}

/* Text is padded to the right, except where nothing follows. */
static void print_line(const struct list *l, const int *width, const char *row)
{
	unsigned last = l->form->n - 1;
	while (last && !width[last])
		last--;
	for (unsigned i = 0; i <= last; i++) {
		const struct list_column *c = &l->form->column[i];
		const char *text = row ? row : c->name;
		const int pad = c->number ? width[i] : i < last ? -width[i] : 0;
		if (width[i])
			printf("%*s%s", pad, *text ? text : "-", i < last ? "  " : "\n");
		row = row ? next(row) : NULL;
	}
}

static void print_text(const struct list *l)
{
	int width[LIST_COLUMNS_MAX];
	if (l->n == 0) {
		puts(l->form->none);
		return;
	}
	measure(l, width);
	print_line(l, width, NULL);
	for (size_t r = 0; r < l->n; r++)
		print_line(l, width, l->row[r]);
}

/* A decimal as it stands, no double in between. */
static void json_number(struct json_out *j, const char *name, const char *text)
{
	const char *point = strchr(text, '.');
	const unsigned dp = point ? (unsigned)strlen(point + 1) : 0;
	int64_t v;
	if (!*text || dp > DEC_DP_MAX || dec_parse_fast(text, strlen(text), dp, &v))
		json_none(j, name);
	else
		json_dec(j, name, v, dp);
}

static void print_json(const struct list *l)
{
	printf("{\"ok\":true,\"%s\":[", control_verb(l->kind));
	for (size_t r = 0; r < l->n; r++) {
		char text[4096];
		const char *field = l->row[r];
		struct json_out j;
		json_out_init(&j, text, sizeof text);
		json_obj(&j, NULL);
		for (unsigned i = 0; i < l->form->n; i++, field = next(field)) {
			const struct list_column *c = &l->form->column[i];
			if (c->number)
				json_number(&j, c->name, field);
			else
				json_str(&j, c->name, *field ? field : NULL);
		}
		json_obj_end(&j);
		printf("%s%s", r ? "," : "", text);
	}
	puts("]}");
}

static int list(int argc, char **argv, enum env_command_kind kind, const char *doc)
{
	struct list l = { .kind = kind, .form = list_form(kind) };
	struct argp argp = { options, parse, "DB", doc, NULL, NULL, NULL };
	argp_err_exit_status = EXIT_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &l))
		return EXIT_USAGE;
	char path[PATH_MAX];
	int rc = reach_path(l.db, "control", S_IFSOCK, path);
	if (!rc)
		rc = control_list(path, kind, take_row, &l);
	if (rc == -ERR_NOTFOUND)
		rc = err_set(
			ERR_NOTFOUND,
			"%s: no host runs there, and only a running one can say this; what it left behind `tandem status`, `query --kind position` and `explain` tell",
			l.db);
	int code = rc ? reach_fail(control_verb(kind), l.json, rc) : EXIT_OK;
	if (!rc && l.json)
		print_json(&l);
	else if (!rc)
		print_text(&l);
	for (size_t r = 0; r < l.n; r++)
		free(l.row[r]);
	free(l.row);
	return code;
}

int cmd_positions(int argc, char **argv)
{
	return list(
		argc, argv, CMD_POSITIONS,
		"Positions: what the running host on DB holds, by account, instrument and owner.\v"
		"The owner is an instance, or nobody: fills by hand or of another program. `mark` is the middle of the book, "
		"`cash` what was received less what was paid since the store began, both in the quote currency; `base` is the exposure in base units.\n\n"
		"  tandem positions data/au\n"
		"  tandem positions data/au --json | jq '.positions[] | select(.owner == \"nobody\")'\n\n"
		"Exit code 4: no host runs there.");
}

int cmd_orders(int argc, char **argv)
{
	return list(
		argc, argv, CMD_ORDERS,
		"Orders: those of the running host on DB that have not ended.\v"
		"An order in state UNKNOWN is one that only its venue can tell of: it has been asked. `tandem query DB --order ID` is its story.\n\n"
		"  tandem orders data/au --wide\n\n"
		"Exit code 4: no host runs there.");
}

int cmd_pnl(int argc, char **argv)
{
	return list(
		argc, argv, CMD_PNL,
		"Pnl: what the instances of the running host on DB have earned, and the round that each has open.\v"
		"A row for each quote currency (of: all, since the store began) and one for the open round (of: its number). gross is cash and the marked value of what is "
		"held; net is gross less fees, those in the base valued at the mark, and in a round less funding. What cannot be marked is named under `unmarked`, "
		"and then nothing is added up.\n\n"
		"  tandem pnl data/au\n\n"
		"Exit code 4: no host runs there.");
}

int cmd_held(int argc, char **argv)
{
	return list(
		argc, argv, CMD_HELD,
		"Held: the pairs of the running host on DB that are held or being rescued, or wait for a venue's word on an order while another leg is open, and what each way out would cost now.\v"
		"unhedged is in base units, unhedged_value that in the money of the first leg; broken_ms counts from the moment it first broke, whatever was tried since. "
		"A cost of - is a way that cannot be gone now, or not said while an order may still fill. A held pair goes on by itself once its cause has ended; "
		"`tandem resolve DB PAIR complete|unwind|accept` is an operator's word.\n\n"
		"  tandem held data/au\n\n"
		"Exit code 4: no host runs there.");
}

int cmd_alerts(int argc, char **argv)
{
	return list(
		argc, argv, CMD_ALERTS,
		"Alerts: what the running host on DB has told people of and nobody has acknowledged.\v"
		"One row for what is the same: count is how often, first and last when. `tandem ack DB ID` acknowledges one; id is the receipt of its first "
		"occurrence, and every occurrence is a receipt: `tandem query DB --kind alert`. The list is of this life of the host.\n\n"
		"  tandem alerts data/au\n"
		"  tandem alerts data/au --json | jq '.alerts[] | select(.severity == \"critical\")'\n\n"
		"Exit code 4: no host runs there.");
}

int cmd_counters(int argc, char **argv)
{
	return list(
		argc, argv, CMD_COUNTERS,
		"Counters: what the exchanges count of the accounts of the running host on DB in this trading day.\v"
		"By account group, contract and counter. At warn an alert says so, at bound nothing opens there any more; limit is the exchange's own number, and verified "
		"the day on which somebody last compared it with the exchange's text (exchange_rules of the configuration). Contract all: of the whole exchange.\n\n"
		"  tandem counters data/au\n"
		"  tandem counters data/au --json | jq '.counters[] | select(.limit and .count >= .warn)'\n\n"
		"Exit code 4: no host runs there.");
}

int cmd_limits(int argc, char **argv)
{
	return list(
		argc, argv, CMD_LIMITS,
		"Limits: every limit of the running host on DB, where it holds, its bound, its use now, and how often it was hit.\v"
		"A bound of - is one that was taken away, a use of - one that only a proposal has (a price, a size). Times are in ms. `tandem set DB LIMIT VALUE` gives another bound.\n\n"
		"  tandem limits data/au\n"
		"  tandem limits data/au --json | jq '.limits[] | select(.state != \"\")'\n\n"
		"Exit code 4: no host runs there.");
}
