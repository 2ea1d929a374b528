/* frames_parts - what the dialects of frames share. Private to frames*.c. */
#pragma once
#include "adapters/import/frames.h"
#include "adapters/sim/recording.h"

/* The text behind `before` up to one of `ends`; n 0: it is not there. */
struct field frames_behind(const char *p, size_t n, const char *before, const char *ends);

/* frames_okx.c: as frames_line, of a line that is taken apart. */
int frames_okx_line(struct frames *f, const struct recording_line *l, struct pack_event *ev,
		    const char **why);
int frames_okx_more(struct frames *f, struct pack_event *ev, const char **why);
/* A text that answers a text and is no JSON: OKX's only sign of life. */
bool frames_okx_pong(const char *line, size_t n);
