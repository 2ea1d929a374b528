/* tree - a Lua file that returns a table, as plain nodes that know their line: what every configuration is read from.
 *
 * The file runs in an empty environment: no function to call, no name that it has not made itself, text and never bytecode,
 * under a limit of instructions, memory and CPU time. What it returns may hold tables, strings, numbers and booleans; functions,
 * cycles and metatables are refused. Lines come from a scan of the source, since an evaluated table has none: what is computed
 * carries the line of the nearest part that is written out. Children stand in the order of the source.
 *
 * A tree belongs to whoever read it; nodes live as long as it does. Any thread; a file of at most 1 MiB, 100,000 nodes,
 * 32 levels. For cold paths only. */
#pragma once
#include "lua/config_errors.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TREE_FILE_MAX  (1u << 20)
#define TREE_NODES_MAX 100000u
#define TREE_DEPTH_MAX 32

enum tree_kind { TREE_TABLE, TREE_STRING, TREE_NUMBER, TREE_BOOL, tree_kind_max };
const char *tree_kind_name(enum tree_kind k); /* "a table", "a string", ... : reads in a sentence */

struct tree_node {
	uint8_t kind; /* enum tree_kind */
	bool boolean;
	const char *key; /* NULL: a positional entry */
	uint32_t index;	 /* of a positional entry, from 1; 0 for one with a key */
	int line, column;
	/* String: its bytes, terminated. Number: the decimal digits exactly as the source has them; one that was computed, or
	 * written in hex, has the shortest text of up to 15 significant digits. May carry an exponent: 1e-8. */
	const char *text;
	size_t len;
	double number;
	uint32_t n_children;
	const struct tree_node *parent, *child, *next; /* child: the first one */
};

struct tree {
	char file[256];	  /* as named by the caller */
	char path[256];	  /* absolute, links followed; empty for text in memory */
	char folder[256]; /* its folder: what relative paths in the file are relative to */
	uint8_t sha256[32];
	const struct tree_node *root; /* a table */
	struct tree_block *blocks;    /* memory of the nodes */
};

/* Reads, runs and converts the file. 0, or -ERR_CONFIG with at least one error added to errs, which is initialised here;
 * nothing is owned then. */
int tree_read(const char *path, struct tree *t, struct config_errors *errs);
/* The same for text in memory; `name` stands in messages, `folder` may be "". */
int tree_parse(const char *name, const char *folder, const char *text, size_t len, struct tree *t,
	       struct config_errors *errs);
void tree_free(struct tree *t);

/* The child with this key, or NULL; node may be NULL. */
const struct tree_node *tree_get(const struct tree_node *node, const char *key);
/* "venues[2].url.stream": where a node stands, for messages. The root is "the file". */
void tree_path(const struct tree_node *node, char *out, size_t cap);
