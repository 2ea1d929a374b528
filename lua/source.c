#include "lua/source.h"
#include "core/base/err.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Length of the opening "[", "="..., "[" at p, or 0. */
static size_t long_bracket(const char *p)
{
	size_t n = 1;
	if (*p != '[')
		return 0;
	while (p[n] == '=')
		n++;
	return p[n] == '[' ? n + 1 : 0;
}

/* Past the long string that opens at p with `open` bytes; counts its lines. */
static const char *skip_long(const char *p, size_t open, int *line)
{
	const char *level = p + 1; /* the equal signs between the brackets */
	for (p += open; *p; p++) {
		*line += *p == '\n';
		if (*p == ']' && !strncmp(p + 1, level, open - 2) && p[open - 1] == ']')
			return p + open;
	}
	return p;
}

static const char *skip_quoted(const char *p, int *line)
{
	char quote = *p++;
	while (*p && *p != quote && *p != '\n') {
		if (*p == '\\' && p[1]) {
			p++;
			*line += *p == '\n';
		}
		p++;
	}
	return *p == quote ? p + 1 : p;
}

static const char *skip_comment(const char *p, int *line)
{
	size_t open = long_bracket(p + 2);
	return open ? skip_long(p + 2, open, line) : p + strcspn(p, "\n");
}

/* The line of the first power operator outside strings and comments, or 0. */
static int find_power(const char *p)
{
	int line = 1;
	while (*p) {
		size_t open;
		if (*p == '^')
			return line;
		if (*p == '-' && p[1] == '-') {
			p = skip_comment(p, &line);
		} else if (*p == '"' || *p == '\'') {
			p = skip_quoted(p, &line);
		} else if ((open = long_bracket(p))) {
			p = skip_long(p, open, &line);
		} else {
			line += *p++ == '\n';
		}
	}
	return 0;
}

static int check(const struct source *s, const char *file)
{
	if (s->len && s->text[0] == '\033')
		return err_set(ERR_SCRIPT, "%s:1: this is bytecode; a strategy is loaded as text",
			       file);
	if (memchr(s->text, 0, s->len))
		return err_set(ERR_SCRIPT, "%s:1: the file has zero bytes: it is no Lua text",
			       file);
	int line = find_power(s->text);
	if (line)
		return err_set(
			ERR_SCRIPT,
			"%s:%d: the operator ^ gives another last bit in compiled code, so a recorded day "
			"could not be run again; write x * x, or tandem.pow(x, y)",
			file, line);
	return 0;
}

static int finish(struct source *s, const char *file)
{
	s->text[s->len] = 0;
	digest_sha256(s->text, s->len, s->sha256);
	int rc = check(s, file);
	if (rc)
		source_free(s);
	return rc;
}

static int too_long(const char *file)
{
	return err_set(ERR_SCRIPT, "%s:1: the file is longer than %u KiB; a strategy is not", file,
		       SOURCE_MAX >> 10);
}

int source_copy(struct source *s, const char *file, const char *text, size_t len)
{
	if (len > SOURCE_MAX)
		return too_long(file);
	*s = (struct source){ .text = malloc(len + 1), .len = len };
	if (!s->text)
		return err_set(ERR_NOMEM, "no memory for the text of %s", file);
	memcpy(s->text, text, len);
	return finish(s, file);
}

/* Opening a pipe would wait for its writer, for ever where there is none: whoever reads a script waits for no one. */
static FILE *open_regular(const char *file)
{
	struct stat st;
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc = 0;
	if (fd < 0 || fstat(fd, &st))
		rc = err_set(ERR_IO, "cannot read the strategy %s: %s", file, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		rc = err_set(ERR_IO, "cannot read the strategy %s: %s", file,
			     S_ISDIR(st.st_mode) ? strerror(EISDIR) : "it is no file of text");
	FILE *f = rc ? NULL : fdopen(fd, "rb");
	if (!rc && !f)
		(void)err_set(ERR_IO, "cannot read the strategy %s: %s", file, strerror(errno));
	if (fd >= 0 && !f)
		close(fd);
	return f;
}

int source_read(struct source *s, const char *file)
{
	FILE *f = open_regular(file);
	if (!f)
		return -ERR_IO;
	*s = (struct source){ .text = malloc(SOURCE_MAX + 2) };
	if (!s->text) {
		fclose(f);
		return err_set(ERR_NOMEM, "no memory for the text of %s", file);
	}
	s->len = fread(s->text, 1, SOURCE_MAX + 1, f);
	int failed = ferror(f) ? errno : 0;
	fclose(f);
	if (failed || s->len > SOURCE_MAX) {
		source_free(s);
		return failed ? err_set(ERR_IO, "cannot read the strategy %s: %s", file,
					strerror(failed))
			      : too_long(file);
	}
	char *exact = realloc(s->text, s->len + 1);
	s->text = exact ? exact : s->text;
	return finish(s, file);
}

void source_free(struct source *s)
{
	free(s->text);
	*s = (struct source){ 0 };
}

int source_find(const struct source *s, int first, int last, const char *word)
{
	int found = 0, line = 1;
	for (const char *p = s->text; *p && line <= last; line++) {
		size_t n = strcspn(p, "\n");
		if (line >= first && memmem(p, n, word, strlen(word))) {
			if (found)
				return 0;
			found = line;
		}
		p += n + (p[n] == '\n');
	}
	return found;
}

static bool is_of_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.' || c == ':';
}

bool source_name(const struct source *s, int line, char *name, size_t cap)
{
	const char *p = s->text;
	for (int at = 1; at < line && *p; at++) {
		p += strcspn(p, "\n");
		p += *p == '\n';
	}
	const char *end = p + strcspn(p, "\n"), *word = memmem(p, (size_t)(end - p), "function", 8);
	if (!word)
		return false;
	const char *from = word + 8 + strspn(word + 8, " \t");
	if (*from == '(') { /* NAME = function( */
		for (from = word; from > p && strchr(" \t=", from[-1]);)
			from--;
		while (from > p && is_of_name(from[-1]))
			from--;
	}
	size_t n = 0;
	while (from + n < end && is_of_name(from[n]))
		n++;
	n = n < cap ? n : cap - 1;
	snprintf(name, cap, "%.*s", (int)n, from);
	return n > 0 && from != word;
}
