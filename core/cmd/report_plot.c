/* The pictures of a report: orders and messages by the minute, what pairs cost, what rounds came to, how far clocks may be off, how far apart legs filled. */
#include "core/base/err.h"
#include "core/base/page.h"
#include "core/base/plot.h"
#include "core/cmd/report_page.h"
#include "core/cmd/tz.h"
#include <stdlib.h>

#define MINUTE_NS 60000000000LL
#define LABEL	  96
#define WIDTH	  960

/* Time along a picture, in words of the page's language. */
struct along {
	double per_minute; /* of the unit in a minute */
	int64_t zero_ns;
	char label[LABEL];
};

static struct along along_of(const struct report_page *p, int64_t zero_ns, int64_t end_ns)
{
	const int64_t span = end_ns - zero_ns;
	const enum report_word w = span > 180 * MINUTE_NS ? W_PLOT_HOURS
				   : span > 3 * MINUTE_NS ? W_PLOT_MINUTES
							  : W_PLOT_SECONDS;
	struct along a = { .zero_ns = zero_ns,
			   .per_minute = w == W_PLOT_HOURS     ? 1.0 / 60
					 : w == W_PLOT_MINUTES ? 1
							       : 60 };
	char at[TZ_TIME];
	tz_time(zero_ns, at);
	report_say(p->lang, w, (const char *const[REPORT_ARGS]){ at }, a.label, sizeof a.label);
	return a;
}

static double at(const struct along *a, int64_t utc_ns)
{
	return (double)(utc_ns - a->zero_ns) / (double)MINUTE_NS * a->per_minute;
}

static struct along along_day(const struct report *r, const struct report_page *p)
{
	const struct report_bins *b = &r->bins;
	return along_of(p, b->zero_ns, b->zero_ns + (int64_t)b->n * b->width_ns);
}

/* As a rate a minute, whatever the bins are. */
static int plot_rate(const struct report *r, const struct report_page *p, FILE *f)
{
	const struct report_bins *b = &r->bins;
	const double rate = (double)MINUTE_NS / (double)b->width_ns;
	struct along a = along_day(r, p);
	double *x = calloc(b->n + 1u, sizeof *x), *orders = calloc(b->n + 1u, sizeof *orders),
	       *messages = calloc(b->n + 1u, sizeof *messages);
	int rc = x && orders && messages ? 0 : err_set(ERR_NOMEM, "no memory for a picture");
	for (uint32_t i = 0; !rc && i <= b->n; i++) { /* a step ends where the last bin does */
		x[i] = at(&a, b->zero_ns + i * b->width_ns);
		orders[i] = rate * b->orders[i < b->n ? i : b->n - 1];
		messages[i] = rate * b->messages[i < b->n ? i : b->n - 1];
	}
	struct plot pic = { .title = report_word(p->lang, W_PLOT_RATE),
			    .id = "rate",
			    .x = { .label = a.label },
			    .y = { .label = report_word(p->lang, W_PLOT_MINUTE) },
			    .width = WIDTH,
			    .height = 320,
			    .n_series = 2 };
	pic.series[0] = (struct plot_series){ .name = report_word(p->lang, W_PLOT_MESSAGES),
					      .x = x,
					      .y = messages,
					      .n = b->n + 1u,
					      .step = true };
	pic.series[1] = (struct plot_series){ .name = report_word(p->lang, W_PLOT_ORDERS),
					      .x = x,
					      .y = orders,
					      .n = b->n + 1u,
					      .step = true,
					      .dashed = true };
	rc = rc ? rc : plot_svg(&pic, f);
	free(x);
	free(orders);
	free(messages);
	return rc;
}

/* word[3] is that of the second curve, or report_word_max: there is none. */
static int plot_points(const struct report_page *p, const struct report_points *q,
		       const enum report_word word[4], FILE *f)
{
	if (!q->n)
		return 0;
	struct along a = along_of(p, q->at[0].utc_ns, q->at[q->n - 1].utc_ns);
	double *x = calloc(q->n, sizeof *x), *first = calloc(q->n, sizeof *first),
	       *second = calloc(q->n, sizeof *second);
	int rc = x && first && second ? 0 : err_set(ERR_NOMEM, "no memory for a picture");
	for (uint32_t i = 0; !rc && i < q->n; i++) {
		x[i] = at(&a, q->at[i].utc_ns);
		first[i] = q->at[i].a;
		second[i] = q->at[i].b;
	}
	const bool both = word[3] != report_word_max;
	struct plot pic = { .title = report_word(p->lang, word[0]),
			    .id = both ? "pairs" : "rounds",
			    .x = { .label = a.label },
			    .y = { .label = report_word(p->lang, word[1]) },
			    .width = WIDTH,
			    .height = 320,
			    .n_series = both ? 2 : 1 };
	pic.series[0] = (struct plot_series){ .name = report_word(p->lang, word[2]),
					      .x = x,
					      .y = first,
					      .n = q->n,
					      .points = true,
					      .step = !both,
					      .only_points = both };
	if (both)
		pic.series[1] = (struct plot_series){ .name = report_word(p->lang, word[3]),
						      .x = x,
						      .y = second,
						      .n = q->n,
						      .points = true,
						      .only_points = true };
	rc = rc ? rc : plot_svg(&pic, f);
	free(x);
	free(first);
	free(second);
	return rc;
}

static int plot_bound(const struct report *r, const struct report_page *p, FILE *f)
{
	const struct report_bins *b = &r->bins;
	if (!b->n_venues)
		return 0;
	struct along a = along_day(r, p);
	double *x = calloc((size_t)REPORT_BOUNDS * REPORT_BINS, sizeof *x),
	       *y = calloc((size_t)REPORT_BOUNDS * REPORT_BINS, sizeof *y);
	struct plot pic = { .title = report_word(p->lang, W_PLOT_BOUND),
			    .id = "bound",
			    .x = { .label = a.label },
			    .y = { .label = "ms", .log = true },
			    .width = WIDTH,
			    .height = 320 };
	for (uint32_t k = 0; x && y && k < b->n_venues; k++) {
		double *xs = x + (size_t)k * REPORT_BINS, *ys = y + (size_t)k * REPORT_BINS;
		size_t n = 0;
		for (uint32_t i = 0; i < b->n; i++) {
			if (!b->bound_ns[k][i])
				continue;
			xs[n] = at(&a, b->zero_ns + i * b->width_ns);
			ys[n++] = (double)b->bound_ns[k][i] / 1e6;
		}
		pic.series[pic.n_series++] = (struct plot_series){
			.name = b->venue[k] ? report_name(r, NAME_VENUE, b->venue[k])
					    : report_word(p->lang, W_PLOT_HOST),
			.x = xs,
			.y = ys,
			.n = n,
			.step = true,
			.points = true
		};
	}
	int rc = x && y ? plot_svg(&pic, f) : err_set(ERR_NOMEM, "no memory for a picture");
	free(x);
	free(y);
	return rc;
}

/* Bars as steps: each stands from the bar before it to its own upper end. */
static int plot_gaps(const struct report *r, const struct report_page *p, FILE *f)
{
	double x[REPORT_GAPS + 1], y[REPORT_GAPS + 1];
	uint64_t any = 0;
	for (unsigned i = 0; i <= REPORT_GAPS; i++) {
		x[i] = 0.05 * (double)(1u << i);
		y[i] = (double)r->gap_ms[i < REPORT_GAPS ? i : REPORT_GAPS - 1];
		any += i < REPORT_GAPS ? r->gap_ms[i] : 0;
	}
	struct plot pic = { .title = report_word(p->lang, W_PLOT_GAP),
			    .id = "gaps",
			    .x = { .label = report_word(p->lang, W_PLOT_GAP_X), .log = true },
			    .y = { .label = report_word(p->lang, W_PLOT_GAP_Y) },
			    .width = WIDTH,
			    .height = 320,
			    .n_series = 1 };
	pic.series[0] = (struct plot_series){ .name = report_word(p->lang, W_PLOT_GAP_Y),
					      .x = x,
					      .y = y,
					      .n = REPORT_GAPS + 1,
					      .step = true };
	return any ? plot_svg(&pic, f) : 0;
}

int report_plots(const struct report *r, const struct report_page *p, FILE *f)
{
	static const enum report_word capture[4] = { W_PLOT_CAPTURE, W_PLOT_MONEY, W_PLOT_SLIP,
						     W_PLOT_SPENT },
				      rounds[4] = { W_PLOT_NET, W_PLOT_ROUNDS, W_PLOT_ROUNDS,
						    report_word_max };
	int rc = r->bins.n ? plot_rate(r, p, f) : 0;
	rc = rc ? rc : plot_points(p, &r->pairs_at, capture, f);
	rc = rc ? rc : plot_points(p, &r->rounds_at, rounds, f);
	rc = rc ? rc : plot_bound(r, p, f);
	return rc ? rc : plot_gaps(r, p, f);
}
