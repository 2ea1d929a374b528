#include "core/cmd/luacheck.h"
#include "core/base/err.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOT_THERE 127
#define ARGS	  128

extern char **environ;

static enum lint_severity severity_of(const char *code)
{
	if (code[0] == 'E' || strncmp(code, "W11", 3) == 0)
		return LINT_ERROR;
	/* A hook is given what it is given, whether it looks at it or not. */
	return strcmp(code, "W212") == 0 || strcmp(code, "W213") == 0 ? LINT_NOTE : LINT_WARNING;
}

bool luacheck_line(const char *file, const char *line, struct lint_finding *out)
{
	const size_t n = strlen(file);
	int from = 0;
	*out = (struct lint_finding){ 0 };
	if (strncmp(line, file, n) != 0 || line[n] != ':' ||
	    sscanf(line + n + 1, "%d:%d-%*d: (%15[EW0-9]) %n", &out->line, &out->column, out->code,
		   &from) != 3 ||
	    from == 0 || out->line <= 0 || strlen(out->code) < 2)
		return false;
	snprintf(out->text, sizeof out->text, "%s", line + n + 1 + from);
	out->text[strcspn(out->text, "\n")] = '\0';
	out->severity = (uint8_t)severity_of(out->code);
	return true;
}

/* The program's words; `names` is cut into them. */
static void arguments(const char *file, char *names, char *argv[ARGS])
{
	static const char *const fixed[] = {
		"luacheck",    "--no-config", "--no-cache", "--no-color",
		"--codes",     "--ranges",    "--no-self",  "--no-max-line-length",
		"--formatter", "plain",	      "--std",	    "none"
	};
	int n = 0;
	for (; n < (int)(sizeof fixed / sizeof *fixed); n++)
		argv[n] = (char *)(uintptr_t)fixed[n];
	if (!*names) { /* nobody knows which names it sees */
		argv[n++] = (char *)(uintptr_t) "--no-global";
	} else {
		argv[n++] = (char *)(uintptr_t) "--read-globals";
		char *rest = NULL;
		for (char *w = strtok_r(names, " ", &rest); w && n < ARGS - 4;
		     w = strtok_r(NULL, " ", &rest))
			argv[n++] = w;
	}
	argv[n++] = (char *)(uintptr_t) "--";
	argv[n++] = (char *)(uintptr_t)file;
	argv[n] = NULL;
}

static int start(char *const argv[], pid_t *pid, FILE **out)
{
	int pipe_fd[2];
	posix_spawn_file_actions_t a;
	if (pipe2(pipe_fd, O_CLOEXEC))
		return err_set(ERR_IO, "luacheck: %s", strerror(errno));
	posix_spawn_file_actions_init(&a);
	posix_spawn_file_actions_adddup2(&a, pipe_fd[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&a, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&a, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	const int rc = posix_spawnp(pid, argv[0], &a, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&a);
	close(pipe_fd[1]);
	*out = rc ? NULL : fdopen(pipe_fd[0], "r");
	if (*out)
		return 0;
	close(pipe_fd[0]);
	return rc == ENOENT ? err_set(ERR_NOTFOUND, "luacheck is not installed")
			    : err_set(ERR_IO, "luacheck: %s", strerror(rc ? rc : errno));
}

/* Ours are dropped where both know: it reads the whole text, we what hooks reach. */
static void drop_globals(struct lint_report *r)
{
	unsigned kept = 0;
	for (unsigned k = 0; k < r->n; k++)
		if (strcmp(r->finding[k].code, "global") != 0)
			r->finding[kept++] = r->finding[k];
	r->n = kept;
}

int luacheck_run(const char *file, bool is_test, struct lint_report *r)
{
	/* A test sees what a strategy sees, but for coroutines. */
	static const char in_tests[] =
		"require assert error getmetatable ipairs pcall rawequal rawget select tonumber type unpack next pairs tostring setmetatable xpcall print bit math string table";
	char names[sizeof r->globals], *argv[ARGS];
	snprintf(names, sizeof names, "%s", is_test ? in_tests : r->globals);
	const bool knows = names[0] != '\0';
	arguments(file, names, argv);
	struct lint_finding f;
	FILE *out = NULL;
	pid_t pid;
	int status = 0, rc = start(argv, &pid, &out);
	if (rc)
		return rc;
	if (knows)
		drop_globals(r);
	char *line = NULL;
	size_t cap = 0;
	while (getline(&line, &cap, out) >= 0)
		if (luacheck_line(file, line, &f) && f.code[1] != '6')
			lint_add(r, f.line, f.column, (enum lint_severity)f.severity, f.code,
				 f.text);
	free(line);
	fclose(out);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_THERE)
		return err_set(ERR_NOTFOUND, "luacheck is not installed");
	return WIFEXITED(status) && WEXITSTATUS(status) <= 2
		       ? 0
		       : err_set(ERR_IO, "luacheck: it ended with %d", status);
}
