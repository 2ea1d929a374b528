/* tandem new DIR - a strategy to start from: its file, its tests, and simulated venues that it trades at once. Never touches what is there. */
#include "core/base/err.h"
#include "core/base/json_out.h"
#include "core/cmd/cmd.h"
#include "core/cmd/demo.h"
#include "gen/embed.h"
#include <argp.h>
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPT_JSON = 1 };

#define NAME_MAX_LEN 32 /* it names files, an instance and receipts */

struct new
{
	const char *dir; /* as it was given */
	bool json;
	char path[PATH_MAX]; /* absolute */
	char name[NAME_MAX_LEN + 1];
};

static const struct argp_option options[] = {
	{ "json", OPT_JSON, 0, 0, "one JSON object: what was written", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct new *n = state->input;
	switch (key) {
	case OPT_JSON:
		n->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (n->dir)
			argp_error(state, "one DIR, please: %s or %s?", n->dir, arg);
		n->dir = arg;
		return 0;
	case ARGP_KEY_END:
		if (!n->dir)
			argp_error(
				state,
				"a folder for the strategy is needed; its name becomes the strategy's");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* A new folder, or one with nothing in it. */
static int make_folder(struct new *n)
{
	const bool made = mkdir(n->dir, 0755) == 0;
	if (!made && errno != EEXIST)
		return err_set(ERR_IO, "%s: cannot be made: %s", n->dir, strerror(errno));
	DIR *d = made ? NULL : opendir(n->dir);
	if (!made && !d)
		return err_set(errno == ENOTDIR ? ERR_EXISTS : ERR_IO, "%s: %s", n->dir,
			       errno == ENOTDIR ? "is a file" : strerror(errno));
	for (struct dirent *e; d && (e = readdir(d));)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
			err_set(ERR_EXISTS, "%s: is not empty (%s is there); give a new folder",
				n->dir, e->d_name);
			closedir(d);
			return -ERR_EXISTS;
		}
	if (d)
		closedir(d);
	return realpath(n->dir, n->path) ? 0 : err_set(ERR_IO, "%s: %s", n->dir, strerror(errno));
}

/* The last part of the path: "strategies/my-cross" is my-cross. Before anything is made. */
static int take_name(struct new *n)
{
	size_t end = strlen(n->dir);
	while (end > 1 && n->dir[end - 1] == '/')
		end--;
	size_t from = end;
	while (from && n->dir[from - 1] != '/')
		from--;
	const size_t len = end - from;
	bool good = len > 0 && len <= NAME_MAX_LEN && isalpha((unsigned char)n->dir[from]);
	for (size_t i = from; good && i < end; i++)
		good = isalnum((unsigned char)n->dir[i]) || strchr("_-", n->dir[i]);
	if (!good)
		return err_set(
			ERR_ARG,
			"%s: the folder's name becomes the strategy's: letters, digits, _ and -, a letter first, at most %d",
			n->dir, NAME_MAX_LEN);
	snprintf(n->name, sizeof n->name, "%.*s", (int)len, n->dir + from);
	return 0;
}

/* A text that is built in, with the name in the place of @NAME@. */
static int write_text(const struct new *n, const char *suffix, const unsigned char *text)
{
	static const char mark[] = "@NAME@";
	char path[PATH_MAX + 64];
	snprintf(path, sizeof path, "%s/%s%s", n->path, n->name, suffix);
	FILE *f = fopen(path, "wxe");
	if (!f)
		return err_set(ERR_IO, "%s: %s", path, strerror(errno));
	const char *at = (const char *)text;
	for (const char *next; (next = strstr(at, mark)); at = next + sizeof mark - 1)
		fprintf(f, "%.*s%s", (int)(next - at), at, n->name);
	fputs(at, f);
	bool bad = ferror(f) != 0;
	bad |= fclose(f) != 0;
	return bad ? err_set(ERR_IO, "%s: %s", path, strerror(errno)) : 0;
}

/* Two that nobody listens at now: the configurations of venues and host both name them. */
static int free_ports(unsigned port[2])
{
	int fd[2] = { -1, -1 }, rc = 0;
	for (int k = 0; !rc && k < 2; k++) {
		struct sockaddr_in a = { .sin_family = AF_INET,
					 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
		socklen_t n = sizeof a;
		fd[k] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd[k] < 0 || bind(fd[k], (struct sockaddr *)&a, sizeof a) ||
		    getsockname(fd[k], (struct sockaddr *)&a, &n))
			rc = err_set(ERR_IO, "no free port on this machine: %s", strerror(errno));
		port[k] = ntohs(a.sin_port);
	}
	for (int k = 0; k < 2; k++)
		if (fd[k] >= 0)
			close(fd[k]);
	return rc;
}

static int write_venues(const struct new *n)
{
	struct demo_options o = { .seed = 1, .speed_milli = 1000, .duration_ns = 30000000000 };
	if ((size_t)snprintf(o.db, sizeof o.db, "%s/sim", n->path) >= sizeof o.db - 64)
		return err_set(ERR_ARG, "%s: the path is too long", n->path);
	snprintf(o.strategy, sizeof o.strategy, "../%s.lua", n->name);
	if (mkdir(o.db, 0755))
		return err_set(ERR_IO, "%s: %s", o.db, strerror(errno));
	int rc = free_ports(o.port);
	if (!rc)
		rc = demo_look(&o);
	return rc ? rc : demo_write(&o);
}

static void say(const struct new *n)
{
	const char *d = n->dir, *name = n->name;
	const size_t end = strlen(d);
	const int len = (int)(end > 1 && d[end - 1] == '/' ? end - 1 : end);
#define DIR_ len, d
	printf("%.*s/%s.lua\n    the strategy\n%.*s/%s_test.lua\n    its tests\n", DIR_, name, DIR_,
	       name);
	printf("%.*s/sim/host.lua\n    its configuration: instruments, accounts, parameters, limits\n"
	       "%.*s/sim/venue.lua\n    two simulated venues that it trades at\n",
	       DIR_, DIR_);
	printf("\nnext:\n  tandem test %.*s/%s.lua\n  tandem lint %.*s/%s.lua\n"
	       "  tandem demo --db %.*s/sim --duration 20\n  tandem backtest %.*s/%s.lua %.*s/sim\n",
	       DIR_, name, DIR_, name, DIR_, DIR_, name, DIR_);
	printf("\nwhile that runs, in another terminal:\n  tandem status %.*s/sim\n"
	       "  tandem repl %.*s/sim\n  tandem reload %.*s/sim %s\n"
	       "saving %s.lua reloads it as well\n",
	       DIR_, DIR_, DIR_, name, name);
#undef DIR_
}

static void say_json(const struct new *n)
{
	char buf[PATH_MAX * 6], path[PATH_MAX + 64];
	const char *const file[] = { n->name, n->name, "sim/host", "sim/venue" };
	static const char *const suffix[] = { ".lua", "_test.lua", ".lua", ".lua" };
	struct json_out j;
	json_out_init(&j, buf, sizeof buf);
	json_obj(&j, NULL);
	json_bool(&j, "ok", true);
	json_str(&j, "name", n->name);
	json_arr(&j, "files");
	for (size_t i = 0; i < sizeof file / sizeof *file; i++) {
		snprintf(path, sizeof path, "%s/%s%s", n->path, file[i], suffix[i]);
		json_str(&j, NULL, path);
	}
	json_arr_end(&j);
	json_obj_end(&j);
	puts(buf);
}

int cmd_new(int argc, char **argv)
{
	static const char doc[] =
		"New: a strategy of two legs in DIR, with its tests, and a configuration in which it trades at simulated venues at once.\v"
		"DIR is made, or is empty; its name becomes the strategy's. Nothing else is touched, and what to do next is printed.\n\n"
		"  tandem new my_cross\n"
		"  tandem demo --db my_cross/sim --duration 20\n\n"
		"Exit codes: 0 written, 2 DIR is not empty or its name cannot be a strategy's, 4 the disk.";
	struct new n = { 0 };
	struct argp argp = { options, parse, "DIR", doc, NULL, NULL, NULL };
	argp_err_exit_status = EXIT_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &n))
		return EXIT_USAGE;
	int rc = take_name(&n);
	if (!rc)
		rc = make_folder(&n);
	if (!rc)
		rc = write_text(&n, ".lua", embed_template);
	if (!rc)
		rc = write_text(&n, "_test.lua", embed_template_test);
	if (!rc)
		rc = write_venues(&n);
	if (!rc) {
		n.json ? say_json(&n) : say(&n);
		return EXIT_OK;
	}
	fprintf(stderr, "tandem new: %s\n", err_text());
	if (n.json)
		cmd_json_failure(stdout, err_text());
	return rc == -ERR_EXISTS || rc == -ERR_ARG ? EXIT_USAGE : EXIT_WORLD;
}
