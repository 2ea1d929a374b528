#include "core/cmd/report_day.h"
#include "core/base/date.h"
#include "core/base/err.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND_NS 1000000000LL
#define DAY_NS	  (DATE_DAY_S * SECOND_NS)
#define AROUND \
	12 /* days: a trading day after the longest holidays may begin so long before its date */
#define TOLD 14 /* days that an error names */

static int32_t utc_date(int64_t utc_ns)
{
	int64_t s = utc_ns / SECOND_NS - (utc_ns % SECOND_NS < 0);
	return date_of_days(date_days_of_s(s));
}

/* ---- spans */

static struct report_span *open_span(struct report_day *d, uint32_t instrument)
{
	for (uint32_t i = d->n_spans; i-- > 0;)
		if (d->span[i].instrument == instrument)
			return &d->span[i];
	return NULL;
}

static int add_span(struct report_day *d, const struct fact *f)
{
	const int32_t day = (int32_t)f->num[2];
	struct report_span *open = open_span(d, f->instrument);
	if (open && open->day == day)
		return 0;
	if (d->n_spans == d->cap) {
		uint32_t cap = d->cap ? 2 * d->cap : 64;
		struct report_span *more = realloc(d->span, cap * sizeof *more);
		if (!more)
			return err_set(ERR_NOMEM, "no memory for %u trading days", cap);
		d->span = more;
		d->cap = cap;
		open = open_span(d, f->instrument);
	}
	if (open) {
		open->to_seq = f->seq;
		open->to_ns = f->utc_ns;
	}
	d->span[d->n_spans++] = (struct report_span){ f->instrument, day,	f->seq,
						      UINT64_MAX,    f->utc_ns, INT64_MAX };
	return 0;
}

/* All trading days that begin between two moments. */
static int find_spans(struct reader *r, struct report_day *d, int64_t from_ns, int64_t to_ns)
{
	const struct reader_filter q = { .kind = FACT_MARKET,
					 .utc_from = from_ns > 0 ? from_ns : 0,
					 .utc_to = to_ns };
	struct reader_walk *w;
	struct fact f;
	int rc = reader_walk_open(r, &q, &w);
	if (rc)
		return rc;
	while ((rc = reader_walk_next(w, &f)) > 0 && f.utc_ns <= to_ns)
		if (f.num[2] > 0 && f.instrument && (rc = add_span(d, &f)) < 0)
			break;
	reader_walk_close(w);
	return rc < 0 ? rc : 0;
}

static int by_contract(const void *a, const void *b)
{
	const struct report_span *x = a, *y = b;
	if (x->instrument != y->instrument)
		return x->instrument < y->instrument ? -1 : 1;
	return (x->from_seq > y->from_seq) - (x->from_seq < y->from_seq);
}

static int by_time(const void *a, const void *b)
{
	const struct report_span *x = a, *y = b;
	return (x->from_ns > y->from_ns) - (x->from_ns < y->from_ns);
}

/* The hours of this trading day, those of several contracts made one. */
static void merge_own(struct report_day *d)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < d->n_spans; i++)
		if (d->span[i].day == d->date)
			d->own[n++] = d->span[i];
	qsort(d->own, n, sizeof *d->own, by_time);
	for (uint32_t i = 0; i < n; i++) {
		struct report_span *last = d->n_own ? &d->own[d->n_own - 1] : NULL;
		if (!last || d->own[i].from_ns > last->to_ns)
			d->own[d->n_own++] = d->own[i];
		else if (d->own[i].to_ns > last->to_ns)
			last->to_ns = d->own[i].to_ns;
	}
}

static int order_spans(struct report_day *d)
{
	if (!d->n_spans)
		return 0;
	qsort(d->span, d->n_spans, sizeof *d->span, by_contract);
	d->n_heads = d->span[d->n_spans - 1].instrument + 1;
	d->head = calloc(d->n_heads, sizeof *d->head);
	d->own = calloc(d->n_spans, sizeof *d->own);
	if (!d->head || !d->own)
		return err_set(ERR_NOMEM, "no memory for %u trading days", d->n_spans);
	for (uint32_t i = 0; i < d->n_heads; i++)
		d->head[i] = d->n_spans;
	for (uint32_t i = d->n_spans; i-- > 0;)
		d->head[d->span[i].instrument] = i;
	merge_own(d);
	return 0;
}

/* Of a contract with trading days; NULL: it has none, or none at that moment. */
static const struct report_span *span_of(const struct report_day *d, const struct fact *f)
{
	if (f->instrument >= d->n_heads)
		return NULL;
	for (uint32_t i = d->head[f->instrument];
	     i < d->n_spans && d->span[i].instrument == f->instrument; i++)
		if (f->seq >= d->span[i].from_seq && f->seq < d->span[i].to_seq)
			return &d->span[i];
	return NULL;
}

int32_t report_day_of(const struct report_day *d, const struct fact *f)
{
	const struct report_span *s = span_of(d, f);
	return s ? s->day : utc_date(f->utc_ns);
}

bool report_day_has(const struct report_day *d, const struct fact *f)
{
	const struct report_span *s = span_of(d, f);
	if (s)
		return s->day == d->date;
	bool in = f->utc_ns >= d->from_ns && f->utc_ns < d->to_ns;
	for (uint32_t i = 0; !f->instrument && !in && i < d->n_own; i++)
		in = f->utc_ns >= d->own[i].from_ns && f->utc_ns < d->own[i].to_ns;
	return in;
}

/* ---- which days there are */

static int first_of(struct reader *r, int64_t from_ns, int64_t to_ns, struct fact *f)
{
	const struct reader_filter q = { .utc_from = from_ns, .utc_to = to_ns };
	struct reader_walk *w;
	int rc = reader_walk_open(r, &q, &w);
	if (rc)
		return rc;
	rc = reader_walk_next(w, f);
	reader_walk_close(w);
	return rc;
}

/* "there are 2026-11-20, 2026-11-22": the newest ones, jumping from one to the one before the next receipt. */
static int no_such_day(struct reader *r, int32_t date)
{
	char text[16 * TOLD + 64] = "", day[12];
	struct fact f;
	int64_t at = 1;
	uint64_t n = 0;
	int rc;
	while ((rc = first_of(r, at, INT64_MAX, &f)) > 0) {
		const int32_t is = utc_date(f.utc_ns);
		size_t used = strlen(text);
		if (++n <= TOLD)
			snprintf(text + used, sizeof text - used, "%s%s", used ? ", " : "",
				 date_format(is, day));
		at = (date_days(is) + 1) * DAY_NS;
	}
	if (rc < 0)
		return rc;
	char asked[12];
	return err_set(ERR_NOTFOUND, "no receipt is of %s; %s%s%s", date_format(date, asked),
		       n ? "there are " : "the store has none at all", text,
		       n > TOLD ? " and later ones" : "");
}

static int newest(struct reader *r, int32_t *date)
{
	struct fact f;
	uint64_t last = reader_last(r);
	if (!last)
		return err_set(ERR_NOTFOUND, "the store has no receipts");
	int rc = reader_get(r, last, &f);
	*date = utc_date(f.utc_ns);
	return rc;
}

/* Where anything of the day can stand, sessions of the night before included. */
static void reach(struct report_day *d)
{
	d->first_ns = d->from_ns;
	d->last_ns = d->to_ns;
	for (uint32_t i = 0; i < d->n_own; i++) {
		const struct report_span *s = &d->own[i];
		d->first_ns = s->from_ns < d->first_ns ? s->from_ns : d->first_ns;
		if (s->to_ns > d->last_ns && s->to_ns < INT64_MAX)
			d->last_ns = s->to_ns;
	}
}

int report_day_find(struct reader *r, const char *text, struct report_day *out)
{
	struct report_day d = { 0 };
	struct fact f;
	int rc = strcmp(text, "last") == 0 ? newest(r, &d.date)
					   : date_parse(text, strlen(text), &d.date);
	if (rc)
		return rc;
	d.from_ns = date_days(d.date) * DAY_NS;
	d.to_ns = d.from_ns + DAY_NS;
	rc = find_spans(r, &d, d.from_ns - AROUND * DAY_NS, d.to_ns + AROUND * DAY_NS);
	rc = rc ? rc : order_spans(&d);
	reach(&d);
	if (!rc)
		rc = first_of(r, d.first_ns > 0 ? d.first_ns : 1, d.last_ns - 1, &f);
	d.first_seq = rc > 0 ? f.seq : 0;
	if (rc == 0)
		rc = no_such_day(r, d.date);
	if (rc < 0)
		report_day_free(&d);
	else
		*out = d;
	return rc < 0 ? rc : 0;
}

void report_day_free(struct report_day *d)
{
	free(d->span);
	free(d->head);
	free(d->own);
	*d = (struct report_day){ 0 };
}
