/* cmd_key - `tandem key`: the keys that sign receipts: a new one, the public half of one. */
#include "core/base/err.h"
#include "core/cmd/cmd.h"
#include "store/note.h"
#include <argp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { OPT_NAME = 256 };

struct key {
	const char *what, *file, *name;
	char own[NOTE_NAME];
};

static const struct argp_option options[] = {
	{ "name", OPT_NAME, "NAME", 0,
	  "what checkpoints name the key by, best an address of yours without a scheme: desk.example.com/receipts; without it tandem/HOST",
	  1 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct key *k = state->input;
	switch (key) {
	case OPT_NAME:
		k->name = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (k->file)
			argp_error(state, "one key at a time: %s is a second", arg);
		*(k->what ? &k->file : &k->what) = arg;
		return 0;
	case ARGP_KEY_END:
		if (!k->file || (strcmp(k->what, "new") != 0 && strcmp(k->what, "show") != 0))
			argp_error(
				state,
				"`key new FILE` makes a key, `key show FILE` shows its public half");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int make(struct key *k)
{
	if (!k->name) {
		char host[64] = "";
		gethostname(host, sizeof host - 1);
		snprintf(k->own, sizeof k->own, "tandem/%s", host[0] ? host : "host");
		k->name = k->own;
	}
	return note_key_make(k->file, k->name);
}

static int show(const struct key *k)
{
	struct note_key *n;
	/* A public half may be shown too: is it whole, and whose? */
	if (note_key_public(k->file, &n) == 0) {
		puts(note_key_text(n));
		note_key_free(n);
		return 0;
	}
	int rc = note_key_open(k->file, &n);
	if (rc)
		return rc;
	puts(note_key_text(n));
	note_key_free(n);
	return 0;
}

int cmd_key(int argc, char **argv)
{
	static const struct argp argp = {
		options,
		parse,
		"new FILE\nshow FILE",
		"The keys that sign the checkpoints of receipts (Ed25519).\v"
		"A new key is in FILE, which its owner alone can read, and its public half in FILE.pub; that half is printed too. Keep it where whoever runs the host "
		"cannot change it: `tandem verify DB --key FILE.pub` checks with it. A host signs with the key that `store.key` names; without that, with one of its store's own.",
		NULL,
		NULL,
		NULL
	};
	struct key k = { 0 };
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &k);
	int rc = strcmp(k.what, "new") == 0 ? make(&k) : 0;
	if (!rc)
		rc = show(&k);
	if (!rc)
		return EXIT_OK;
	fprintf(stderr, "tandem key: %s\n", err_text());
	return rc == -ERR_ARG			      ? EXIT_USAGE
	       : rc == -ERR_IO || rc == -ERR_NOTFOUND ? EXIT_WORLD
						      : EXIT_CONFIG;
}
