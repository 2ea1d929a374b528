#include "core/cmd/script_text.h"
#include "core/base/err.h"
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOURCE_MAX (1u << 20)

int script_sha(const struct reader *r, const char *head, char sha[DIGEST_HEX])
{
	const char *name;
	const size_t n = strlen(head);
	sha[0] = 0;
	for (uint32_t i = 1; n && (name = reader_name(r, NAME_SCRIPT, i)); i++) {
		if (strncmp(name, head, n) != 0)
			continue;
		if (sha[0])
			return err_set(ERR_ARG, "%s: more than one version begins so", head);
		snprintf(sha, DIGEST_HEX, "%s", name);
	}
	return sha[0] ? 0
		      : err_set(ERR_NOTFOUND,
				"%s: no receipt here speaks of such a version; `tandem versions DB` lists them",
				head);
}

int script_text(struct reader *r, const char *head, char sha[DIGEST_HEX], char **text, size_t *len)
{
	char key[16 + DIGEST_HEX];
	*text = NULL;
	int rc = script_sha(r, head, sha);
	if (rc)
		return rc;
	*text = malloc(SOURCE_MAX);
	if (!*text)
		return err_set(ERR_NOMEM, "no memory for a text of %u bytes", SOURCE_MAX);
	snprintf(key, sizeof key, "source/%s", sha);
	rc = reader_value(r, key, *text, SOURCE_MAX, len);
	return rc == -ERR_NOTFOUND ? err_set(ERR_NOTFOUND, "%s: its text is not in this store", sha)
				   : rc;
}

/* A text as a file that only this process and its child see; -1. */
static int lay_down(struct reader *r, const char *head, char sha[DIGEST_HEX])
{
	char *text;
	size_t len = 0;
	int rc = script_text(r, head, sha, &text, &len), fd = -1;
	if (!rc) {
		fd = memfd_create(sha, 0);
		if (fd < 0 || write(fd, text, len) != (ssize_t)len)
			rc = err_set(ERR_IO, "no room for the text of %s", sha);
	}
	free(text);
	return rc ? rc : fd;
}

/* What everybody's eyes and tools know. */
static int run_diff(char *const argv[], int fd)
{
	extern char **environ;
	posix_spawn_file_actions_t act;
	pid_t pid;
	int status = 0;
	posix_spawn_file_actions_init(&act);
	posix_spawn_file_actions_adddup2(&act, fd, STDOUT_FILENO);
	const bool ran = posix_spawnp(&pid, "diff", &act, NULL, argv, environ) == 0 &&
			 waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
			 WEXITSTATUS(status) <= 1;
	posix_spawn_file_actions_destroy(&act);
	return ran ? 0
		   : err_set(ERR_IO,
			     "the program diff could not be run; `tandem versions DB --source SHA` prints one text");
}

int script_diff(struct reader *r, const char *from, const char *to, int fd)
{
	char sha[2][DIGEST_HEX], label[2][32 + DIGEST_HEX], file[2][32];
	const char *const head[2] = { from, to };
	int text[2] = { -1, -1 }, rc = 0;
	for (int k = 0; k < 2 && !rc; k++) {
		text[k] = lay_down(r, head[k], sha[k]);
		rc = text[k] < 0 ? text[k] : 0;
		snprintf(label[k], sizeof label[k], "--label=%s", rc ? "" : sha[k]);
		snprintf(file[k], sizeof file[k], "/proc/self/fd/%d", text[k]);
	}
	char *argv[] = { "diff", "-u", label[0], label[1], file[0], file[1], NULL };
	if (!rc)
		rc = run_diff(argv, fd);
	for (int k = 0; k < 2; k++)
		if (text[k] >= 0)
			close(text[k]);
	return rc;
}
