/* schema_type - how each type of field is written and where its value goes: one row a type. Part of schema; for schema*.c only. */
#pragma once
#include "lua/schema.h"

struct field_rule {
	const char *how; /* "a duration such as \"600ms\"": reads on after "is" and "must be" */
	unsigned kinds;	 /* bits of enum tree_kind that it may be written as */
	/* Types that are a number: text -> integer, before bounds. err_set() says what is wrong. */
	int (*number)(const struct field *f, unsigned dp, const char *text, size_t n, int64_t *v);
	/* The others: text -> destination. `base` is the struct's start, `to` the field's place. */
	int (*write)(struct schema *s, const struct field *f, const char *text, size_t n, void *to);
};

extern const struct field_rule field_rules[];
/* How a field is written, its words spelt out: "\"hmac\" or \"ed25519\"". Returns out. */
const char *field_how(const struct field *f, char *out, size_t cap);
unsigned field_dp(const struct field *f, const void *base);
/* A value as text, as written in a file or in the field's own default. 0, or a negative code with the error's text set. */
int field_put(struct schema *s, const struct field *f, const char *text, size_t n, bool bounded,
	      void *base);
/* An integer of the field's own size; for ranges that are checked after all is read. */
int64_t field_load(const struct field *f, const void *base);
