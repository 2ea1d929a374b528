/* why_show - the answer of `why-not`: for a trader, as a JSON object a line, or as a page. Cold path; no state. */
#pragma once
#include "core/cmd/why.h"
#include "store/reader.h"
#include <stdio.h>

/* The first two write to standard output; w is closed. */
void why_show(const struct why *w, const struct reader *r);
void why_show_json(const struct why *w, const struct reader *r);
/* A page that fetches nothing. -ERR_IO. */
int why_html(const struct why *w, const struct reader *r, FILE *f);
