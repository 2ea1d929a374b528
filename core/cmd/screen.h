/* screen - how wide the reader's terminal is, and texts that are broken to fit it. Cold path; no state. */
#pragma once
#include <stdbool.h>
#include <stdio.h>

/* Columns of the terminal that f writes to; 0: f is no terminal, and nothing is to be broken. */
unsigned screen_width(FILE *f);
/* Do this terminal's settings (LC_ALL, LC_CTYPE, LANG) name UTF-8? */
bool screen_utf8(void);
/* Writes a text and a newline, beginning in column `at`. Where it is wider than the terminal it is broken at spaces and goes on below,
 * from column `at`, or from `hang` where too little room is left there. A control character becomes '?': what a venue wrote must not
 * command a terminal. width 0: not broken. */
void screen_text(FILE *f, const char *text, unsigned at, unsigned hang, unsigned width);
