/* walk - receipts of a store that fit a filter and a condition, given out one by one: forwards, from the newest back, the last few, or as they come. Main thread. */
#pragma once
#include "core/cmd/where.h"
#include "store/reader.h"

struct walk {
	struct reader *reader;
	struct reader_filter filter;
	const struct where *where; /* NULL: none */
	uint64_t limit;		   /* enough after so many; 0: no end */
	uint64_t last;		   /* only the newest so many; 0: all */
	bool reverse, follow;
	int out_fd; /* whom --follow writes for: it ends when nobody reads there; -1: not looked at */
	int (*show)(void *arg, const struct fact *f); /* non-zero: enough */
	void *arg;
	const volatile int *stop; /* set from a signal: it ends in order */
	uint64_t shown;
};

/* 0 also where it was stopped or nobody reads any more. Following goes on past the end of a host, its death and the next one's beginning; a store that cannot be
 * read for WALK_PATIENCE_NS is an error. */
#define WALK_PATIENCE_NS 30000000000
int walk_run(struct walk *w);
