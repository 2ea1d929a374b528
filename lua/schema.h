/* schema - tables that say what a configuration may contain: how each key is written, its bounds, its default, its meaning, and where its value goes.
 *
 * A section is a Lua table, a field is one of its keys. schema_read() walks a node of a tree against a section and fills a
 * struct; all that is wrong is collected, each with its line. Defaults and bounds are texts in the grammar that a user writes,
 * read by the same parsers, so the reference that schema_explain() prints cannot differ from what is done.
 *
 * How another configuration uses it:
 *
 *	static const struct field fields[] = {
 *		{ "delay", FIELD_DURATION, FIELD_TO(struct knobs, delay_ns), .def = "2ms", .max = "10s", .doc = "..." },
 *		{ "seed", FIELD_INT, FIELD_TO(struct knobs, seed), .flags = FIELD_REQUIRED, .doc = "..." },
 *	};
 *	static const struct section knobs = { "knobs", "what ...", fields, sizeof(fields) / sizeof(fields[0]) };
 *
 *	struct tree t;
 *	int rc = tree_read(path, &t, errs);
 *	if (rc < 0)
 *		return rc;
 *	struct schema s = { .tree = &t, .errs = errs };
 *	schema_read(&s, t.root, &knobs, &out);
 *	...
 *	tree_free(&t);
 *	return errs->n ? -ERR_CONFIG : 0;
 *
 * Any thread; sections are constant; a struct schema has one owner. Numbers go to integers of the destination's size and never overflow it. */
#pragma once
#include "lua/tree.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum field_type {
	FIELD_STRING,	/* char[]: printable text */
	FIELD_NAME,	/* char[]: letters, digits, and _ . - ; at least one */
	FIELD_PATH,	/* char[]: relative to the file's folder; comes out absolute */
	FIELD_BOOL,	/* bool */
	FIELD_INT,	/* any integer: written as a whole number */
	FIELD_DECIMAL,	/* int64 at dp decimals: 0.001 or "0.001", exact */
	FIELD_DURATION, /* int64 ns: "600ms", "1.5s"; ns us ms s min h d */
	FIELD_RATE,	/* integer at dp decimals of one: "10bp", "500ppm", "0.1%"; a bare 0 */
	FIELD_BYTES,	/* integer: "64MiB", "4KiB", "1GiB", or a whole number */
	FIELD_RATIO, /* int64 num, and int64 den right behind it: 2, "0.001", "1/31.1034768"; positive, reduced */
	FIELD_MEASURE, /* struct schema_measure: a ratio and perhaps a unit: 100, "100 ozt" */
	FIELD_CLOCK,   /* integer: seconds after midnight: "21:00"; up to "48:00" */
	FIELD_DATE,    /* integer: 20261001: "2026-10-01" */
	FIELD_DAYS,    /* uint8: bits, Monday 1 .. Sunday 64: "mon-fri", "mon,wed", "daily" */
	FIELD_TIME,    /* int64 ns since 1970, UTC: "2026-12-25T08:00:00Z" */
	FIELD_URL, /* struct config_url: scheme://host[:port][/path]; names lists the schemes that are accepted */
	FIELD_ENUM,    /* uint8 or bool: index in names */
	FIELD_CHOICE,  /* char[]: one of names, as text */
	FIELD_REF,     /* integer: index of the item with that name in schema.list[ref] */
	FIELD_SECTION, /* a table read by sub; its offsets count from offset */
	FIELD_TABLE,   /* a table that the caller reads itself (tree_get) */
	FIELD_WRITTEN, /* char[]: a number or a text, as it is written: the caller reads it by what another field says */
	field_type_max
};

enum field_flags {
	FIELD_REQUIRED = 1,
	FIELD_UNSIGNED = 2, /* FIELD_INT, FIELD_REF: the destination is unsigned */
};

struct field {
	const char *key;
	uint8_t type;
	uint32_t offset, size; /* of the destination in the struct; FIELD_TO */
	uint8_t flags;
	uint8_t dp; /* FIELD_DECIMAL, FIELD_RATE */
	uint32_t
		dp_at; /* offset of a uint8_t that holds dp instead; its field stands earlier. 0: none */
	uint8_t ref;	 /* FIELD_REF */
	const char *def; /* text as a user would write it; NULL: the destination is left as it is */
	const char *min, *max;	  /* the same; NULL: none. Not applied to the default */
	const char *const *names; /* ends with NULL */
	const struct section *
		sub; /* of FIELD_SECTION; of FIELD_TABLE for the reference only: what it is a list of */
	const char *unit; /* for the reader of the reference: "quote currency" */
	const char *doc;  /* a clause that says what it is for: "how long ..." */
};

#define FIELD_SIZE(s, m) ((uint32_t)sizeof(((s *)0)->m))
#define FIELD_TO(s, m)	 .offset = (uint32_t)offsetof(s, m), .size = FIELD_SIZE(s, m)

/* `lo` must not exceed `hi`: keys of int64 or int32 fields of the same section; a value of 0 is "not set". */
struct field_order {
	const char *lo, *hi;
};

struct section {
	const char *name; /* "venues" */
	const char *doc;
	const struct field *field;
	uint32_t n;
	const struct field_order *order; /* ends with { NULL, NULL }; NULL: none */
};

/* What FIELD_REF may name: items whose first member is a char name[]. */
struct schema_list {
	const char *what; /* "venue" */
	const void *item;
	size_t size;
	uint32_t n;
};

/* FIELD_MEASURE: so many of a unit. */
struct schema_measure {
	int64_t num, den; /* in lowest terms, above zero */
	char unit[12];	  /* empty: a bare number */
};

#define SCHEMA_LISTS 7

struct schema {
	const struct tree *tree;
	struct config_errors *errs;
	struct schema_list list[SCHEMA_LISTS];
};

/* Fills `out` with the defaults of the section; what has none is left as it is. */
void schema_defaults(struct schema *s, const struct section *sec, void *out);
/* The same, then reads table `node` over them. Errors go to s->errs; a field with an error keeps its default. NULL for a table
 * that is absent: the defaults count. */
void schema_read(struct schema *s, const struct tree_node *node, const struct section *sec,
		 void *out);
/* One value by itself: for lists and maps that the caller walks. False: an error was added. */
bool schema_value(struct schema *s, const struct tree_node *node, const struct field *f, void *out);
/* True for a table of positional entries only (an empty one too); otherwise an error says what a list looks like. */
bool schema_is_list(struct schema *s, const struct tree_node *node, const char *of);
/* True for a table of named entries only. */
bool schema_is_map(struct schema *s, const struct tree_node *node, const char *of);
/* Index of the item with that name, or -1 with an error at node that suggests the nearest. No error for a list whose item is
 * NULL: it could not be read, and that is told already. */
int64_t schema_find(struct schema *s, const struct tree_node *node, unsigned list,
		    const char *name);
/* Adds "where: what; why; what to do" at the node. */
void schema_error(struct schema *s, const struct tree_node *node, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The reference of a section as text: each key, how it is written, bounds, default, meaning. */
void schema_explain(const struct section *sec, FILE *f);
/* The same of keys that stand by themselves. */
void schema_explain_keys(const struct field *f, uint32_t n, FILE *o);
