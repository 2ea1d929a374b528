/* script_text - the texts of scripts that a store keeps by their SHA-256, and how two of them differ. Cold path; no state. */
#pragma once
#include "core/base/digest.h"
#include "store/reader.h"

/* The whole of what it begins with. -ERR_ARG: more than one does; -ERR_NOTFOUND. */
int script_sha(const struct reader *r, const char *head, char sha[DIGEST_HEX]);
/* *text is the caller's to free. -ERR_NOTFOUND: no such version, or its text is not in this store. */
int script_text(struct reader *r, const char *head, char sha[DIGEST_HEX], char **text, size_t *len);
/* The system's own diff of two versions, written to a descriptor. The same errors; -ERR_IO: the program diff could not be run. */
int script_diff(struct reader *r, const char *from, const char *to, int fd);
