/* tell - one receipt of a pair's story in a line of words. Cold path; no state. */
#pragma once
#include "core/cmd/story.h"

#define TELL_BYTES 400

/* What happened, without the time and the kind. */
void tell(const struct story *s, const struct reader *r, const struct fact *f,
	  char out[TELL_BYTES]);
/* Takes what a terminal would obey out of a text. */
void tell_plain(char *text);
/* A decimal of scale dp, zeros cut; several may stand in one printf: each call takes the next of 16 places. */
const char *tell_dec(int64_t v, unsigned dp);
/* ", at the trigger", ", 1.2 ticks worse than the trigger": how a fill stands against the price that triggered it; "" where that is not on record. */
const char *tell_slip(const struct story *s, const struct fact *fill);
/* A name, or "#7" where it is not on record, or "-" for none. */
const char *tell_name(const struct reader *r, enum name_space space, uint32_t id);
