#include "core/cmd/walk.h"
#include "core/base/err.h"
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

#define SPAN	 16384 /* receipts that are read at once to show them newest first */
#define LOOK_NS	 50000000
#define KEPT_MIN 64

/* 1 when enough has been shown. */
static int give(struct walk *w, const struct fact *f)
{
	if (w->limit && w->shown == w->limit)
		return 1;
	w->shown++;
	return w->show(w->arg, f) || *w->stop || (w->limit && w->shown == w->limit);
}

static int next_that_fits(const struct walk *w, struct reader_walk *it, struct fact *f)
{
	int rc;
	do
		rc = reader_walk_next(it, f);
	while (rc > 0 && !*w->stop && w->where && !where_holds(w->where, w->reader, f));
	return *w->stop && rc > 0 ? 0 : rc;
}

static int forwards(struct walk *w, const struct reader_filter *filter)
{
	struct reader_walk *it;
	struct fact f;
	int rc = reader_walk_open(w->reader, filter, &it), enough = 0;
	if (rc)
		return rc;
	while (!enough && (rc = next_that_fits(w, it, &f)) > 0)
		enough = give(w, &f);
	reader_walk_close(it);
	return rc < 0 ? rc : enough;
}

/* Those of one span that fit, given out the newest first. 1: enough. */
static int span_back(struct walk *w, const struct reader_filter *span, struct fact *kept,
		     int (*take)(struct walk *w, const struct fact *f, void *arg), void *arg)
{
	struct reader_walk *it;
	size_t n = 0;
	int rc = reader_walk_open(w->reader, span, &it);
	if (rc)
		return rc;
	while (n < SPAN && (rc = next_that_fits(w, it, &kept[n])) > 0)
		n++;
	reader_walk_close(it);
	while (rc >= 0 && n > 0)
		if ((rc = take(w, &kept[--n], arg)) != 0)
			return rc;
	return rc < 0 ? rc : *w->stop;
}

/* Span by span from the newest back, so that a long store needs no more memory than a short one. */
static int spans_back(struct walk *w, int (*take)(struct walk *w, const struct fact *f, void *arg),
		      void *arg)
{
	struct reader_filter span = w->filter;
	uint64_t first = span.seq_from ? span.seq_from : 1, to = reader_last(w->reader);
	struct fact *kept = calloc(SPAN, sizeof(*kept));
	if (!kept)
		return err_set(ERR_NOMEM, "no memory for %d receipts", SPAN);
	if (span.seq_to && span.seq_to < to)
		to = span.seq_to;
	int rc = 0;
	for (; rc == 0 && to >= first; to = span.seq_from - 1) {
		span.seq_to = to;
		span.seq_from = to - first >= SPAN ? to - SPAN + 1 : first;
		rc = span_back(w, &span, kept, take, arg);
	}
	free(kept);
	return rc < 0 ? rc : 0;
}

static int take_now(struct walk *w, const struct fact *f, void *arg)
{
	(void)arg;
	return give(w, f);
}

/* The newest that fit, the newest first. */
struct kept {
	struct fact *fact;
	uint64_t n, cap;
};

static int take_later(struct walk *w, const struct fact *f, void *arg)
{
	struct kept *k = arg;
	if (k->n == k->cap) {
		uint64_t cap = k->cap ? 2 * k->cap : KEPT_MIN;
		struct fact *fact = realloc(k->fact, cap * sizeof *fact);
		if (!fact)
			return err_set(ERR_NOMEM, "no memory for %" PRIu64 " receipts", cap);
		k->fact = fact;
		k->cap = cap;
	}
	k->fact[k->n++] = *f;
	return k->n == w->last;
}

static int the_last(struct walk *w)
{
	struct kept k = { 0 };
	int rc = spans_back(w, take_later, &k);
	while (!rc && k.n > 0 && !give(w, &k.fact[k.n - 1]))
		k.n--;
	free(k.fact);
	return rc;
}

/* ---- as they come */

static bool nobody_reads(const struct walk *w)
{
	struct pollfd p = { .fd = w->out_fd };
	return w->out_fd >= 0 && poll(&p, 1, 0) > 0 && (p.revents & (POLLERR | POLLNVAL));
}

static void rest(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = LOOK_NS }, NULL);
}

/* Between two hosts a store may be in the making; what it says then is not yet its last word. */
static int look_again(const struct walk *w)
{
	int rc = reader_refresh(w->reader);
	for (int64_t ns = 0; rc && ns < WALK_PATIENCE_NS && !*w->stop && !nobody_reads(w);
	     ns += LOOK_NS) {
		rest();
		rc = reader_refresh(w->reader);
	}
	return *w->stop ? 0 : rc;
}

static int as_they_come(struct walk *w)
{
	struct reader_filter q = w->filter;
	int rc = 0;
	uint64_t seen = reader_last(w->reader);
	if (w->last) {
		rc = the_last(w);
		q.seq_from = seen + 1 > q.seq_from ? seen + 1 : q.seq_from;
	}
	while (!rc && !(w->limit && w->shown == w->limit)) {
		seen = reader_last(w->reader);
		rc = forwards(w, &q);
		if (rc || *w->stop || nobody_reads(w) || (q.seq_to && seen >= q.seq_to))
			break;
		q.seq_from = seen + 1 > q.seq_from ? seen + 1 : q.seq_from;
		rest();
		rc = look_again(w);
	}
	return rc;
}

int walk_run(struct walk *w)
{
	if (w->where)
		where_narrow(w->where, w->reader, &w->filter);
	if (w->reverse && w->last && (!w->limit || w->last < w->limit))
		w->limit = w->last;
	int rc = w->follow    ? as_they_come(w)
		 : w->reverse ? spans_back(w, take_now, NULL)
		 : w->last    ? the_last(w)
			      : forwards(w, &w->filter);
	return rc < 0 ? rc : 0;
}
