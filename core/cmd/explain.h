/* explain - a pair's story for a trader at a terminal, for programs, and as a page. Main thread; one owner. */
#pragma once
#include "core/cmd/lanes.h"
#include "core/cmd/row.h"
#include "core/cmd/story.h"
#include <stdbool.h>
#include <stdio.h>

struct explain {
	struct reader *reader;
	struct story story;
	struct lanes lanes; /* of the story */
	bool colour, ascii;
	unsigned width; /* of the terminal; 0: none */
};

void explain_text(struct explain *e, FILE *f);
int explain_json(const struct explain *e, FILE *f); /* one object; -ERR_NOMEM, -ERR_FULL */
int explain_html(struct explain *e, FILE *f);	    /* one page, nothing fetched; -ERR_IO */

/* ---- what the three have in common */

const char *explain_state(const struct story *s);
const char *explain_intent(const struct story *s);
/* Proposed by no script: the core's own, about a position that is held. */
bool explain_own(const struct story *s);
/* "buy", "close short", "holds long": what a leg was to do. */
const char *explain_verb(const struct story *s, const struct story_leg *l);
/* What a leg was to trade. */
int64_t explain_qty(const struct story *s, const struct story_leg *l);
/* "filled 0.004 at 61797, at the trigger; net -0.004, fee 0.042 USDT", or "nothing filled". */
void explain_filled(const struct explain *e, const struct story_leg *l, char *out, size_t cap);
/* A fill of the leg's average price, to be held against its trigger. */
struct fact explain_average(const struct story *s, const struct story_leg *l);
/* "btc_basis, script basis.lua version 3, sha256 c0ffee..." */
void explain_instance(const struct explain *e, char *out, size_t cap);
