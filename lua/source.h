/* source - the text of a strategy, whole, with its digest, and refused where it could not be run again bit for bit.
 *
 * Only text is taken: bytecode can crash the VM. The operator ^ is refused, because its last bit differs between the
 * interpreter and compiled code; tandem.pow does not. Any thread; the text is owned by the struct. */
#pragma once
#include "core/base/digest.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SOURCE_MAX (1u << 20)

struct source {
	char *text; /* terminated */
	size_t len;
	uint8_t sha256[DIGEST_LEN];
};

/* -ERR_IO, -ERR_SCRIPT (too long, bytecode, zero bytes, the operator ^), -ERR_NOMEM. */
int source_read(struct source *s, const char *file);
/* The same from memory; `file` names it in errors. */
int source_copy(struct source *s, const char *file, const char *text, size_t len);
void source_free(struct source *s);
/* The one line in [first, last] that holds `word`; 0 when none does, or more than one. */
int source_find(const struct source *s, int first, int last, const char *word);
/* What a function that begins in this line is called by there: NAME of `function NAME(` or `NAME = function(`; false: it has no name. */
bool source_name(const struct source *s, int line, char *name, size_t cap);
