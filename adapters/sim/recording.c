#include "adapters/sim/recording.h"
#include "adapters/sim/recording_parts.h"
#include "core/base/err.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

int lines_open(struct line_reader *r, const char *path)
{
	*r = (struct line_reader){ 0 };
	struct stat info;
	if (strlen(path) >= sizeof r->path)
		return err_set(ERR_ARG, "the path of a recording is too long: %s", path);
	memcpy(r->path, path, strlen(path) + 1);
	if (stat(path, &info) < 0)
		return err_set(errno == ENOENT ? ERR_NOTFOUND : ERR_IO,
			       "cannot open the recording %s: %s", path, strerror(errno));
	if (!S_ISREG(info.st_mode))
		return err_set(ERR_IO, "the recording %s is not a file", path);
	r->gz = gzopen(path, "rbe");
	if (!r->gz)
		return err_set(ERR_IO, "cannot open the recording %s: %s", path, strerror(errno));
	gzbuffer(r->gz, 1 << 17);
	r->buf = malloc(RECORDING_LINE);
	if (r->buf)
		return 0;
	lines_close(r);
	return err_set(ERR_NOMEM, "no memory to read the recording %s", path);
}

void lines_close(struct line_reader *r)
{
	if (r->gz)
		gzclose(r->gz);
	free(r->buf);
	r->gz = NULL;
	r->buf = NULL;
}

int lines_rewind(struct line_reader *r)
{
	r->begin = r->end = 0;
	r->over = r->torn = false;
	r->number = r->too_long = 0;
	gzclearerr(r->gz);
	if (gzrewind(r->gz) < 0)
		return err_set(ERR_IO, "cannot read the recording %s from its beginning", r->path);
	return 0;
}

/* More bytes behind those that wait. */
static int fill(struct line_reader *r)
{
	memmove(r->buf, r->buf + r->begin, r->end - r->begin);
	r->end -= r->begin;
	r->begin = 0;
	int got = gzread(r->gz, r->buf + r->end, (unsigned)(RECORDING_LINE - r->end));
	int code;
	const char *text = gzerror(r->gz, &code);
	if (got < 0 && code == Z_ERRNO)
		return err_set(ERR_IO, "cannot read the recording %s: %s", r->path,
			       strerror(errno));
	if (got < 0 && code != Z_BUF_ERROR)
		return err_set(ERR_CORRUPT, "the recording %s is damaged after line %llu: %s",
			       r->path, (unsigned long long)r->number, text);
	if (got > 0)
		r->end += (size_t)got;
	if (got <= 0 || code == Z_BUF_ERROR) {
		r->over = true;
		r->torn = code == Z_BUF_ERROR;
	}
	return 0;
}

/* A line longer than the buffer: its beginning is dropped, and what follows up to its end. */
static int skip_long(struct line_reader *r)
{
	r->too_long++;
	r->number++;
	for (;;) {
		char *eol = memchr(r->buf + r->begin, '\n', r->end - r->begin);
		if (eol) {
			r->begin = (size_t)(eol + 1 - r->buf);
			return 0;
		}
		r->begin = r->end = 0;
		if (r->over)
			return 0;
		int rc = fill(r);
		if (rc)
			return rc;
	}
}

int lines_next(struct line_reader *r, const char **line, size_t *n)
{
	for (;;) {
		char *at = r->buf + r->begin, *eol = memchr(at, '\n', r->end - r->begin);
		size_t waits = r->end - r->begin;
		if (eol || (r->over && waits)) {
			*line = at;
			*n = eol ? (size_t)(eol - at) : waits;
			r->begin += *n + (eol != NULL);
			r->number++;
			if (*n && at[*n - 1] == '\r')
				--*n;
			return 1;
		}
		if (r->over)
			return 0;
		int rc = waits == RECORDING_LINE ? skip_long(r) : fill(r);
		if (rc)
			return rc;
	}
}
