/* diff_patch - one object of a DIFF business picture kept as a struct: JSON merge patches (RFC 7386) change the members that they name, and nothing else.
 *
 * A table says which member goes where and how it reads. null puts a member back to nothing; unknown members are passed over, as the protocol asks. Numbers come as
 * doubles were printed: they are rounded to 8 decimals, and a price that is off its own scale by more than a double's noise is told apart later. No I/O, no
 * memory of its own, any thread. */
#pragma once
#include "adapters/codec/json_scan.h"

#define DIFF_NONE INT64_MIN /* no number: null, "-", NaN, or never said */

enum diff_kind {
	DIFF_TEXT, /* char[size], cut and terminated */
	DIFF_INT,  /* int64_t */
	DIFF_E8,   /* int64_t at 8 decimals, nearest */
	DIFF_WORD, /* uint8_t: 1 + index in words, 0 for none and what is not listed */
	DIFF_BOOL, /* uint8_t: 0 no, 1 yes */
	diff_kind_max
};

struct diff_field {
	const char *name;
	uint8_t kind; /* enum diff_kind */
	uint16_t offset, size;
	const char *const *words; /* ends with NULL */
};
#define DIFF_AT(type, member) offsetof(type, member), sizeof(((type *)0)->member)

/* Puts every member to nothing. */
void diff_clear(const struct diff_field *f, unsigned n, void *out);
/* Applies an object; a bit for each field that was named in *named (n up to 64), where not NULL. 0; -ERR_PARSE: no object, or a
 * member that cannot be read; *why says which, and what came before it in the object has been applied. */
int diff_apply(const struct diff_field *f, unsigned n, const struct json_value *object, void *out,
	       uint64_t *named, const char **why);
/* A JSON number, or a text that says one, at 8 decimals, rounded to the nearest; NaN, "-" and empty texts are DIFF_NONE. False: none, or too large. */
bool diff_e8(const struct json_value *v, int64_t *out);
/* A value at 8 decimals -> an instrument's scale; false when it is DIFF_NONE or more than noise beside it. */
bool diff_scale(int64_t e8, unsigned dp, int64_t *out);
