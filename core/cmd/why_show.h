/* why_show - the answer of `why-not`: for a trader, or a JSON object a line. Cold path; no state. */
#pragma once
#include "core/cmd/why.h"
#include "store/reader.h"

/* Both write to standard output; w is closed. */
void why_show(const struct why *w, const struct reader *r);
void why_show_json(const struct why *w, const struct reader *r);
