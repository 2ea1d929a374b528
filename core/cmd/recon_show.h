/* recon_show - what a statement and our receipts came to, for eyes and for programs. Cold path; no state. */
#pragma once
#include "core/cmd/recon.h"
#include "store/reader.h"
#include <stdio.h>

struct recon_view {
	const struct recon *recon;
	struct reader *reader;
	uint64_t bad; /* rows that could not be read */
};

/* Everything is joined and the same, on both sides. */
bool recon_clean(const struct recon_view *v);
void recon_show(const struct recon_view *v, const char *statement, FILE *f);
void recon_json(const struct recon_view *v, FILE *f);
void recon_csv(const struct recon_view *v, FILE *f);
