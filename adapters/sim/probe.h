/* probe - what a recording holds: its symbols, and the price and quantity steps that its own numbers show.
 *
 * So that a demo can run on any pair of recordings without being told their rules. It looks at the first PROBE_LINES lines; steps are the
 * greatest common divisors of what was seen, which is right once enough has been seen. Cold; any thread. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROBE_LINES   20000
#define PROBE_SYMBOLS 256

struct probe_symbol {
	char symbol[32];
	uint64_t frames;
	int64_t tick_e8, lot_e8; /* steps at 8 decimals */
	int64_t px_e8;		 /* about what it trades at */
	bool has_best;		 /* from best prices, not from levels */
};

/* Fills out (PROBE_SYMBOLS of them) and *n. -ERR_NOTFOUND, -ERR_IO, -ERR_PARSE (no frame of a market in it). */
int probe_file(const char *path, struct probe_symbol *out, unsigned *n);
/* One line of a recording: adds to what is known of its symbol, up to PROBE_SYMBOLS of them. */
void probe_line(const char *line, size_t len, struct probe_symbol *out, unsigned *n);
/* The symbol that both have most of; NULL: none in common. *ia and *ib are its places. */
const char *probe_common(const struct probe_symbol *a, unsigned na, const struct probe_symbol *b,
			 unsigned nb, unsigned *ia, unsigned *ib);
