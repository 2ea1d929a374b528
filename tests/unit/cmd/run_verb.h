/* Runs a verb in a process of its own and keeps what it wrote: `verb_run(cmd_query, "query", path, "--json", NULL)`. */
#pragma once
#include "tests/unit/store/folder.h"
#include <fcntl.h>
#include <stdarg.h>
#include <sys/wait.h>

struct verb_result {
	int code;
	char out[200000], err[4000];
};

static struct verb_result verb_last;

static void verb_read(const char *name, char *out, size_t cap)
{
	char path[96];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	size_t n = fread(out, 1, cap - 1, f);
	out[n] = 0;
	fclose(f);
}

static void verb_redirect(const char *name, int to)
{
	char path[96];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	dup2(fd, to);
	close(fd);
}

__attribute__((unused)) static const struct verb_result *verb_run(int (*verb)(int, char **), ...)
{
	char *argv[24] = { (char *)(uintptr_t) "tandem verb" };
	int argc = 1;
	va_list ap;
	va_start(ap, verb);
	while ((argv[argc] = va_arg(ap, char *)) != NULL)
		argc++;
	va_end(ap);
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		verb_redirect("out", 1);
		verb_redirect("err", 2);
		exit(verb(argc, argv));
	}
	int status;
	waitpid(child, &status, 0);
	ck_assert_msg(WIFEXITED(status), "the verb died: %d", status);
	verb_last.code = WEXITSTATUS(status);
	verb_read("out", verb_last.out, sizeof(verb_last.out));
	verb_read("err", verb_last.err, sizeof(verb_last.err));
	return &verb_last;
}
