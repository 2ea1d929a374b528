/* backtest_show - a backtest told: on a terminal, as one JSON object, and as one page of HTML with its curves.
 *
 * All three say what was assumed. Main thread; cold. */
#pragma once
#include "core/cmd/backtest.h"
#include <stdio.h>

/* html: where the page is, NULL: nowhere. */
void backtest_text(const struct backtest *b, const char *html, FILE *f);
int backtest_json(const struct backtest *b, const char *html, FILE *f);
/* Self-contained: no script, no address. -ERR_IO. */
int backtest_html(const struct backtest *b, FILE *f);

/* What the figures rest on, a sentence each; the i-th, or false. */
#define BACKTEST_SENTENCE 400
bool backtest_assumes(const struct backtest *b, unsigned i, char out[BACKTEST_SENTENCE]);
/* Beside what is always so, what about these recordings a reader must know; the i-th, or false. */
bool backtest_warns(const struct backtest *b, unsigned i, char out[BACKTEST_SENTENCE]);

#define BACKTEST_AMOUNT 64
/* "12.34 USDT"; two decimals, or as many as the first two digits need. */
const char *backtest_money(const struct backtest *b, const struct bt_instance *in, int64_t e8,
			   char out[BACKTEST_AMOUNT]);
const char *backtest_utc(int64_t ns, char out[32]);
const char *backtest_took(int64_t ns, char out[32]);
