/* input - the lines of one file, plain or gzip by its content, unpacked by a thread of its own while they are read.
 *
 * The file may be a pipe, or "-" for standard input. Its first bytes are there to look at before a line is taken. What breaks off is given as
 * far as it goes, and said. One reader; the thread starts with the second block, so files that wait their turn cost none.
 * Limits: a line has at most INPUT_LINE bytes, longer ones are left out and counted. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INPUT_LINE  (1u << 20)
#define INPUT_FIRST (256u << 10) /* of the file, to look at */

enum input_end { INPUT_WHOLE, INPUT_TORN, INPUT_DAMAGED, INPUT_UNREADABLE, input_end_max };
const char *input_end_name(enum input_end e); /* in words, for people */

struct input;

/* -ERR_NOTFOUND, -ERR_IO, -ERR_NOMEM, in words with the path. */
int input_open(const char *path, struct input **out);
void input_close(struct input *in);
/* The beginning: whole lines, unless the file ends in one that is not. Until the first line is taken. */
const char *input_first(const struct input *in, size_t *n);
/* 1 and the next line without its end, valid until the next call; 0: no more. */
int input_line(struct input *in, const char **line, size_t *n);
uint64_t input_number(const struct input *in);	 /* of the line taken last, from 1 */
uint64_t input_too_long(const struct input *in); /* lines left out */
/* How it ended; true once input_line said 0. */
enum input_end input_ended(const struct input *in);
uint64_t input_read(const struct input *in); /* bytes of the file, packed, so far */
uint64_t input_size(const struct input *in); /* 0: not known */
/* Is it the same file, under whatever name? */
bool input_same(const struct input *a, const struct input *b);
