/* verify_show - what a verification came to: in words, or as one JSON object. The main thread. */
#pragma once
#include "store/verify.h"
#include <stdio.h>

void verify_show_text(FILE *f, const struct verify_options *o, const struct verify_report *r);
/* ok: nothing was found. */
void verify_show_json(FILE *f, const struct verify_options *o, const struct verify_report *r);
