/* import_show - how an import is told: a bar while it runs, a table or lines of JSON at its end. Cold path; no state of its own. */
#pragma once
#include "adapters/import/import.h"
#include <stdio.h>

/* On a terminal; nothing elsewhere. began_ns: of the monotonic clock. */
void import_show_progress(FILE *f, const struct import *g, int64_t began_ns, int64_t now_ns);
void import_show_progress_end(FILE *f);
/* One JSON object a venue, one a line. */
void import_show_json(FILE *f, const struct import *g);
void import_show_table(FILE *f, const struct import *g);
/* What was left out, and which files broke off. path: as given to import_open. */
void import_show_notes(FILE *f, const struct import *g, const char *const *path, unsigned n);
