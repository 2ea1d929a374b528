/* report_day - which receipts belong to a day: of contracts with trading days of their own those of that trading day, of all else those of the UTC day and of the
 * hours of those sessions (a night session belongs to the next trading day).
 *
 * Found from the receipts of markets alone, by the index. Read-only once found; one thread. */
#pragma once
#include "store/reader.h"
#include <stdbool.h>
#include <stdint.h>

/* Receipts of a contract from one moment to another belong to a trading day. */
struct report_span {
	uint32_t instrument;
	int32_t day;
	uint64_t from_seq, to_seq; /* from, and before */
	int64_t from_ns, to_ns;
};

struct report_day {
	int32_t date;
	int64_t from_ns, to_ns;	   /* the UTC day: from, and before */
	int64_t first_ns, last_ns; /* where anything of the day can stand: from, and before */
	uint64_t first_seq;	   /* the first receipt from there on */
	struct report_span *span;  /* of all trading days around, by contract, then by time */
	uint32_t n_spans, cap;
	uint32_t *head;	  /* by contract: its first span; n_spans: it has none */
	uint32_t n_heads; /* 0: no contract has trading days of its own */
	struct report_span
		*own; /* of this trading day, whatever contract: by time, none overlaps */
	uint32_t n_own;
};

/* "2026-11-22", "20261122", or "last": the day of the newest receipt. -ERR_PARSE; -ERR_NOTFOUND: no receipt is of that day; the text says which days there are. */
int report_day_find(struct reader *r, const char *text, struct report_day *out);
void report_day_free(struct report_day *d);
/* The day of a receipt: of its contract's calendar where it has one, else the UTC day. */
int32_t report_day_of(const struct report_day *d, const struct fact *f);
/* Does a receipt belong to it? Of no contract: it also does in the hours of the day's sessions. */
bool report_day_has(const struct report_day *d, const struct fact *f);
