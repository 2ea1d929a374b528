/* tree_scan - where in the source the parts of the returned table are written: its constructors, their keys and literal numbers.
 *
 * It follows `return { ... }`, and names of file-level locals that hold a constructor or a number. What it cannot follow it leaves out. One owner. */
#pragma once
#include "lua/config_errors.h"
#include "lua/tree_block.h"
#include <stddef.h>
#include <stdint.h>

struct scan_value {
	const struct scan_table *table; /* written as a constructor */
	const char *number; /* written as a number: its text, with a sign where it has one */
};

struct scan_entry {
	const char *key; /* NULL: by index, or computed */
	uint32_t index;	 /* 0: by key, or computed */
	int line, column;
	struct scan_value value;
	struct scan_entry *next;
};

struct scan_table {
	int line, column;
	struct scan_entry *first, *last;
	struct scan_entry **sorted; /* those with a key or an index, by index and key */
	uint32_t n, n_sorted, n_positional;
};

/* The constructor of what the chunk returns, or NULL where it cannot be told. A key that stands twice in one constructor is added
 * to errs. Memory comes from blocks; NULL too when there is none. */
const struct scan_table *scan_source(const char *text, size_t len, struct tree_block **blocks,
				     struct config_errors *errs);
/* key or index (0: key); NULL: not there. t may be NULL. */
const struct scan_entry *scan_find(const struct scan_table *t, const char *key, uint32_t index);
