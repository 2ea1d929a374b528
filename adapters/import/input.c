#include "adapters/import/input.h"
#include "adapters/import/relay.h"
#include "core/base/err.h"
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define BLOCKS 3

struct block {
	char *bytes; /* INPUT_LINE of them */
	size_t n;    /* whole lines */
	size_t held; /* what was read: the rest is the beginning of a line */
};

struct input {
	/* The reader's. */
	const char *at, *end;
	uint64_t number;
	bool over;
	/* The relay's: of its thread once that runs. */
	gzFile gz;
	bool skipping; /* inside of a line that is too long */
	uint8_t how;   /* enum input_end */
	/* Both. */
	struct relay relay;
	struct block block[BLOCKS];
	_Atomic uint64_t done, too_long;
	/* Of the file. */
	uint64_t size;
	dev_t dev;
	ino_t ino;
	bool regular;
};

static const char *const end_name[] = { "whole", "cut off in the middle of its compression",
					"damaged", "unreadable from there on" };
_Static_assert(sizeof end_name / sizeof *end_name == input_end_max, "a name for each end");

const char *input_end_name(enum input_end e)
{
	return (unsigned)e < input_end_max ? end_name[e] : "?";
}

/* ---------------------------------------------------------------- blocks */

/* Bytes behind those that the block holds. False: there are no more. */
static bool read_more(struct input *in, struct block *b, size_t cap)
{
	int got = gzread(in->gz, b->bytes + b->held, (unsigned)(cap - b->held)), code = Z_OK;
	if (got > 0)
		b->held += (size_t)got;
	z_off_t at = gzoffset(in->gz);
	if (at > 0)
		atomic_store_explicit(&in->done, (uint64_t)at, memory_order_relaxed);
	if (got == (int)(cap - (b->held - (size_t)(got > 0 ? got : 0))))
		return true;
	gzerror(in->gz, &code);
	in->how = code == Z_BUF_ERROR			 ? INPUT_TORN
		  : code == Z_ERRNO			 ? INPUT_UNREADABLE
		  : code != Z_OK && code != Z_STREAM_END ? INPUT_DAMAGED
							 : in->how;
	return got > 0 && code == Z_OK && !gzeof(in->gz);
}

/* Cuts off the rest of a line that was too long. */
static void skip_rest(struct input *in, struct block *b)
{
	char *eol = memchr(b->bytes, '\n', b->held);
	size_t cut = eol ? (size_t)(eol + 1 - b->bytes) : b->held;
	memmove(b->bytes, b->bytes + cut, b->held - cut);
	b->held -= cut;
	in->skipping = !eol;
}

/* Fills a block with whole lines, beginning with what the one before left over. True: more may follow. */
static bool fill(void *arg, unsigned slot)
{
	struct input *in = arg;
	struct block *b = &in->block[slot], *before = &in->block[(slot + BLOCKS - 1) % BLOCKS];
	size_t cap = before->held ? INPUT_LINE : INPUT_FIRST;
	b->held = before->held - before->n;
	memcpy(b->bytes, before->bytes + before->n, b->held);
	for (;;) {
		bool more = read_more(in, b, cap);
		if (in->skipping)
			skip_rest(in, b);
		const char *eol = memrchr(b->bytes, '\n', b->held);
		b->n = eol ? (size_t)(eol + 1 - b->bytes) : 0;
		/* A last line without an end counts, unless it is what a break left of it. */
		if (!more && in->how == INPUT_WHOLE)
			b->n = b->held;
		if (b->n || !more)
			return more;
		if (b->held == INPUT_LINE) {
			atomic_fetch_add_explicit(&in->too_long, 1, memory_order_relaxed);
			in->skipping = true;
			b->held = 0;
		}
		cap = INPUT_LINE;
	}
}

/* False: there is none. */
static bool next_block(struct input *in)
{
	int slot = in->over ? -1 : relay_next(&in->relay);
	in->over = slot < 0;
	if (in->over)
		return false;
	in->at = in->block[slot].bytes;
	in->end = in->at + in->block[slot].n;
	return true;
}

/* ---------------------------------------------------------------- what readers call */

const char *input_first(const struct input *in, size_t *n)
{
	*n = (size_t)(in->end - in->at);
	return in->at;
}

int input_line(struct input *in, const char **line, size_t *n)
{
	while (in->at == in->end)
		if (!next_block(in))
			return 0;
	const char *eol = memchr(in->at, '\n', (size_t)(in->end - in->at));
	const char *stop = eol ? eol : in->end;
	*line = in->at;
	*n = (size_t)(stop - in->at);
	in->at = eol ? eol + 1 : stop;
	in->number++;
	if (*n && stop[-1] == '\r')
		--*n;
	return 1;
}

uint64_t input_number(const struct input *in)
{
	return in->number;
}

uint64_t input_too_long(const struct input *in)
{
	return atomic_load_explicit(&in->too_long, memory_order_relaxed);
}

enum input_end input_ended(const struct input *in)
{
	return in->over ? in->how : INPUT_WHOLE;
}

uint64_t input_read(const struct input *in)
{
	return atomic_load_explicit(&in->done, memory_order_relaxed);
}

uint64_t input_size(const struct input *in)
{
	return in->size;
}

bool input_same(const struct input *a, const struct input *b)
{
	return a->regular && b->regular && a->dev == b->dev && a->ino == b->ino;
}

static int open_file(struct input *in, const char *path)
{
	bool standard = strcmp(path, "-") == 0;
	int fd = standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
			  : open(path, O_RDONLY | O_CLOEXEC);
	struct stat info;
	if (fd < 0 || fstat(fd, &info) < 0) {
		int rc = err_set(errno == ENOENT ? ERR_NOTFOUND : ERR_IO, "cannot open %s: %s",
				 path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return rc;
	}
	in->regular = S_ISREG(info.st_mode);
	in->size = in->regular ? (uint64_t)info.st_size : 0;
	in->dev = info.st_dev;
	in->ino = info.st_ino;
	if (!S_ISDIR(info.st_mode))
		in->gz = gzdopen(fd, "rb");
	if (in->gz) {
		gzbuffer(in->gz, 1 << 17);
		return 0;
	}
	close(fd);
	return S_ISDIR(info.st_mode) ? err_set(ERR_IO, "%s is a folder, not a recording", path)
				     : err_set(ERR_NOMEM, "no memory to read %s", path);
}

int input_open(const char *path, struct input **out)
{
	*out = NULL;
	struct input *in = calloc(1, sizeof *in);
	if (!in)
		return err_set(ERR_NOMEM, "no memory to read %s", path);
	int rc = open_file(in, path);
	for (unsigned i = 0; rc == 0 && i < BLOCKS; i++) {
		in->block[i].bytes = malloc(INPUT_LINE);
		if (!in->block[i].bytes)
			rc = err_set(ERR_NOMEM, "no memory to read %s", path);
	}
	if (rc) {
		input_close(in);
		return rc;
	}
	relay_begin(&in->relay, BLOCKS, fill, in);
	in->at = in->block[0].bytes;
	in->end = in->at + in->block[0].n;
	*out = in;
	return 0;
}

void input_close(struct input *in)
{
	if (!in)
		return;
	relay_end(&in->relay);
	if (in->gz)
		gzclose(in->gz);
	for (unsigned i = 0; i < BLOCKS; i++)
		free(in->block[i].bytes);
	free(in);
}
