/* tca_show - the costs of execution for eyes and for programs. Cold path; no state. */
#pragma once
#include "core/cmd/tca_sum.h"
#include "store/reader.h"
#include <stdio.h>

/* A strategy in words: outcomes, cost and where it went, legs, time by step. */
void tca_show_strategy(struct tca_strategy *g, const struct reader *r, FILE *f);
/* One pair whole: its legs' prices, its costs, its time by step. */
void tca_show_pair(const struct tca_pair *p, const struct reader *r, FILE *f);
/* One pair in a line, under a head. */
void tca_show_head(FILE *f);
void tca_show_line(const struct tca_pair *p, FILE *f);
/* One JSON object a line. */
void tca_json_strategy(struct tca_strategy *g, const struct reader *r, FILE *f);
void tca_json_pair(const struct tca_pair *p, const struct reader *r, FILE *f);
/* One row a leg, with what is the pair's before it. */
void tca_csv_head(FILE *f);
void tca_csv_pair(const struct tca_pair *p, const struct reader *r, FILE *f);
