/* recording_parts - what the files of the recording share: one file as a sequence of lines.
 *
 * Not for others. recording.c reads (it alone knows zlib), recording_line.c takes lines apart,
 * recording_source.c decodes and merges. */
#pragma once
#include "adapters/sim/recording.h"

struct line_reader {
	char path[512];
	void *gz;	   /* of zlib */
	char *buf;	   /* RECORDING_LINE bytes */
	size_t begin, end; /* what is read and not yet handed out */
	bool over, torn;
	uint64_t number;   /* of the line handed out last, from 1 */
	uint64_t too_long; /* lines that did not fit, skipped */
};

int lines_open(struct line_reader *r,
	       const char *path); /* -ERR_NOTFOUND, -ERR_IO, -ERR_ARG, -ERR_NOMEM */
void lines_close(struct line_reader *r);
int lines_rewind(struct line_reader *r); /* -ERR_IO */
/* 1 and the next line without its end, valid until the next call; 0 at the end; -ERR_CORRUPT,
 * -ERR_IO. */
int lines_next(struct line_reader *r, const char **line, size_t *n);
