/* why_words - what why-not found, put into words that its three forms share. Main thread. */
#pragma once
#include "core/cmd/why.h"
#include "store/reader.h"

/* A text that is cut where it is full. */
struct why_line {
	char text[400];
	size_t n;
};

void why_put(struct why_line *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void why_put_span(struct why_line *l, int64_t ns);
/* Of the sessions' time, as "12.5 %". */
void why_put_share(struct why_line *l, const struct why *w, int64_t ns);
/* "23:54:01.123", with the date where what was read is of more than one day. */
void why_put_time(struct why_line *l, const struct why *w, int64_t utc_ns);
void why_put_between(struct why_line *l, const struct why *w, const struct why_span *s);
/* "3 times, 2.1 s in all, longest 900 ms" */
void why_put_length(struct why_line *l, const struct why_span *s);
/* A value of a limit, by the unit in the limit's name. */
void why_put_amount(struct why_line *l, const char *name, int64_t v);
/* What was wrong with an input, how long, when. */
void why_input_words(struct why_line *l, const struct why *w, const struct why_input *in);

/* Per mille of the sessions' time. */
int64_t why_share(const struct why *w, int64_t ns);
const char *why_plural(uint64_t n);
const char *why_state_name(enum why_what what, unsigned state);
/* The instrument or venue that an input is. */
const char *why_subject(const struct reader *r, const struct why_input *in);
