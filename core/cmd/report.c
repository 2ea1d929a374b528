#include "core/cmd/report.h"
#include "core/base/err.h"
#include <stdlib.h>
#include <string.h>

#define RECENT	  32768 /* receipts: a chain of causes rarely reaches further back */
#define SECOND_NS 1000000000LL
#define LATE_NS	  (60 * SECOND_NS) /* a clock may be set back by so much at the end of a day */
#define TELL	  65536		   /* receipts between two words on the progress */

int report_get(struct report *r, uint64_t seq, struct fact *out)
{
	const struct fact *f = &r->recent[seq % RECENT];
	if (f->seq != seq)
		return reader_get(r->reader, seq, out);
	*out = *f;
	return 0;
}

const char *report_name(const struct report *r, enum name_space space, uint32_t id)
{
	const char *name = id ? reader_name(r->reader, space, id) : NULL;
	return name ? name : "";
}

/* Each bin takes in its neighbour. */
static void widen(struct report_bins *b)
{
	for (uint32_t i = 0; i < REPORT_BINS; i++) {
		const uint32_t to = i / 2;
		const bool first = i % 2 == 0;
		b->orders[to] = b->orders[i] + (first ? 0 : b->orders[to]);
		b->messages[to] = b->messages[i] + (first ? 0 : b->messages[to]);
		for (uint32_t v = 0; v < REPORT_BOUNDS; v++)
			if (first || b->bound_ns[v][i] > b->bound_ns[v][to])
				b->bound_ns[v][to] = b->bound_ns[v][i];
	}
	const size_t half = REPORT_BINS / 2;
	memset(b->orders + half, 0, half * sizeof *b->orders);
	memset(b->messages + half, 0, half * sizeof *b->messages);
	for (uint32_t v = 0; v < REPORT_BOUNDS; v++)
		memset(b->bound_ns[v] + half, 0, half * sizeof **b->bound_ns);
	b->width_ns *= 2;
	b->n = (b->n + 1) / 2;
}

uint32_t report_bin(struct report *r, int64_t utc_ns)
{
	struct report_bins *b = &r->bins;
	if (!b->width_ns) {
		b->width_ns = SECOND_NS;
		b->zero_ns = utc_ns - utc_ns % SECOND_NS;
	}
	if (utc_ns < b->zero_ns)
		return REPORT_BINS;
	while ((utc_ns - b->zero_ns) / b->width_ns >= REPORT_BINS)
		widen(b);
	const uint32_t at = (uint32_t)((utc_ns - b->zero_ns) / b->width_ns);
	b->n = at >= b->n ? at + 1 : b->n;
	return at;
}

/* When there is no more room, every second point goes, and from then on only every second one comes. */
void report_point(struct report_points *p, int64_t utc_ns, double a, double b)
{
	if (p->skipped++ % (p->every ? p->every : 1))
		return;
	if (p->n == REPORT_POINTS) {
		for (uint32_t i = 0; i < REPORT_POINTS / 2; i++)
			p->at[i] = p->at[2 * i];
		p->n = REPORT_POINTS / 2;
		p->every = p->every ? 2 * p->every : 2;
		p->skipped = 1;
	}
	p->at[p->n].utc_ns = utc_ns;
	p->at[p->n].a = a;
	p->at[p->n++].b = b;
}

int report_open(struct reader *reader, const struct report_day *day, struct report_out *out,
		struct report **to)
{
	struct report *r = calloc(1, sizeof *r);
	int rc = r ? 0 : err_set(ERR_NOMEM, "no memory for a report");
	if (rc)
		return rc;
	*r = (struct report){ .reader = reader, .out = out, .day = *day };
	r->recent = calloc(RECENT, sizeof *r->recent);
	if (!r->recent)
		rc = err_set(ERR_NOMEM, "no memory for a report");
	rc = rc ? rc : report_host_open(r);
	rc = rc ? rc : report_tally_open(r);
	rc = rc ? rc : report_pairs_open(r);
	rc = rc ? rc : report_lives_open(r);
	if (rc)
		report_close(r);
	else
		*to = r;
	return rc;
}

void report_close(struct report *r)
{
	if (!r)
		return;
	report_lives_close(r);
	report_pairs_close(r);
	report_tally_close(r);
	report_host_close(r);
	report_day_free(&r->day);
	free(r->recent);
	free(r);
}

/* ---- the pass */

/* The sequence itself is judged over all that is read, the day's or not. */
static void follow(struct report *r, const struct fact *f, uint64_t before)
{
	const bool away = before && f->seq != before + 1 && reader_archived(r->reader, before + 1);
	r->fig.archived += away ? f->seq - before - 1 : 0;
	if (before && f->seq != before + 1 && !away) {
		r->fig.first_hole = r->fig.holes ? r->fig.first_hole : before;
		r->fig.holes++;
		r->fig.missing += f->seq - before - 1;
	}
	r->fig.walked++;
	r->fig.last_walked = f->seq;
	r->recent[f->seq % RECENT] = *f;
	if (f->kind == FACT_CHECKPOINT)
		r->framed = f->num[0] == CHECKPOINT_BEGIN;
}

static void count_bin(struct report *r, const struct fact *f)
{
	const uint32_t at = report_bin(r, f->utc_ns);
	if (at == REPORT_BINS || r->framed)
		return;
	r->bins.orders[at] += f->kind == FACT_ORDER;
	r->bins.messages[at] += f->kind == FACT_SENT || f->kind == FACT_CANCEL ||
				f->kind == FACT_REPLACE || f->kind == FACT_QUERY;
}

static int take(struct report *r, const struct fact *f)
{
	const bool own = report_day_has(&r->day, f);
	if (own) {
		r->fig.first_seq = r->fig.receipts ? r->fig.first_seq : f->seq;
		r->fig.last_seq = f->seq;
		r->fig.receipts++;
		count_bin(r, f);
		report_tally_fact(r, f);
	}
	int rc = report_host_fact(r, f);
	rc = rc ? rc : report_pairs_fact(r, f);
	return rc ? rc : report_lives_fact(r, f);
}

static int pass(struct report *r, const volatile int *stop)
{
	const struct reader_filter q = { .seq_from = r->day.first_seq };
	const uint64_t all = reader_last(r->reader);
	struct reader_walk *w;
	struct fact f;
	uint64_t before = 0;
	int rc = reader_walk_open(r->reader, &q, &w);
	if (rc)
		return rc;
	/* By sequence: what a clock that was set back for a moment stamped earlier is no gap. */
	while ((rc = reader_walk_next(w, &f)) > 0 && f.utc_ns < r->day.last_ns + LATE_NS) {
		follow(r, &f, before);
		before = f.seq;
		if ((rc = take(r, &f)) < 0)
			break;
		if (r->progress && r->fig.walked % TELL == 0)
			r->progress(r->arg, f.seq, all);
		if (stop && *stop) {
			rc = err_set(ERR_STATE, "stopped before its end");
			break;
		}
	}
	reader_walk_close(w);
	return rc < 0 ? rc : 0;
}

int report_run(struct report *r, const volatile int *stop)
{
	int rc = pass(r, stop);
	rc = rc ? rc : report_lives_end(r);
	rc = rc ? rc : report_pairs_end(r);
	rc = rc ? rc : report_tally_end(r);
	return rc ? rc : report_host_end(r);
}
