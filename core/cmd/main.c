#include "core/cmd/cmd.h"
#include "core/io/tls.h"
#include "gen/version.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct verb {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *text;
};

#define VERB_ROW(name, text) { #name, cmd_##name, text },
static const struct verb verbs[] = { CMD_VERBS(VERB_ROW) };

/* A verb's name in C, as people type it: why_not is why-not. */
static const char *typed(const char *name, char out[32])
{
	size_t n = 0;
	for (; name[n] && n < 31; n++)
		out[n] = (char)(name[n] == '_' ? '-' : name[n]);
	out[n] = 0;
	return out;
}

static void usage(FILE *f)
{
	char name[32];
	fprintf(f, "usage: tandem VERB [OPTION...]\n\n");
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		fprintf(f, "  %-9s %s\n", typed(verbs[i].name, name), verbs[i].text);
	fprintf(f,
		"\n`tandem VERB --help` explains a verb. Exit codes: 0 ok, 1 a check failed, 2 usage, 3 configuration, "
		"4 a venue or the disk.\n");
}

/* Started without one of the standard descriptors, the first file that is opened would take its place, and messages would go into it. */
static void have_standard_files(void)
{
	int fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO)
		fd = open("/dev/null", O_RDWR);
	if (fd >= 0)
		close(fd);
}

/* An answer that could not be written is no answer; a reader that had enough of it is no error. */
static int written(int rc)
{
	bool lost = fflush(stdout) != 0 && errno != EPIPE;
	if (!lost || rc)
		return rc;
	fprintf(stderr, "tandem: the answer could not be written: %s\n", strerror(errno));
	return EXIT_WORLD;
}

int main(int argc, char **argv)
{
	have_standard_files();
	signal(SIGPIPE,
	       SIG_IGN); /* a reader that went away is an error of the write, not our end */
	tls_memory_pool(32u << 20); /* before any call of OpenSSL */
	if (argc < 2) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		usage(stdout);
		return EXIT_OK;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("tandem %s (%s)\n", TANDEM_VERSION, TANDEM_BUILD);
		return EXIT_OK;
	}
	char verb[32];
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(argv[1], typed(verbs[i].name, verb)) == 0) {
			char name[48];
			snprintf(name, sizeof name, "tandem %s", verb);
			argv[1] = name;
			return written(verbs[i].run(argc - 1, argv + 1));
		}
	fprintf(stderr, "tandem: no such verb: %s; `tandem --help` lists them\n", argv[1]);
	return EXIT_USAGE;
}
