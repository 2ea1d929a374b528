#include "core/base/err.h"
#include "lua/window_parts.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct windows *windows_new(void)
{
	return calloc(1, sizeof(struct windows));
}

static void free_one(struct window *w)
{
	free(w->ring);
	free(w->sorted);
	free(w->grain);
}

void windows_free(struct windows *all)
{
	for (unsigned i = 0; all && i < all->n; i++)
		free_one(&all->w[i]);
	free(all);
}

void window_clear(struct window *w)
{
	w->n = w->head = w->since_rebuild = 0;
	w->shift = w->sum = w->squares = 0;
	w->ema = (struct window_ema){ 0 };
}

void windows_reset(struct windows *all)
{
	for (unsigned i = 0; i < all->n; i++)
		window_clear(&all->w[i]);
}

int window_check_spec(const struct window_spec *s)
{
	const bool timed = s->span_s > 0, ema = s->kind == WINDOW_EMA;
	if (!s->name[0] || !memchr(s->name, 0, sizeof(s->name)))
		return err_set(ERR_ARG, "a name has 1 to %d characters", WINDOW_NAME - 1);
	if (!(s->span_s >= 0 && s->span_s <= WINDOW_SPAN_MAX))
		return err_set(ERR_ARG, "a window is at most 7 days long");
	if (timed && s->span_s < 0.001)
		return err_set(ERR_ARG, "a window is at least 1ms long");
	if (ema && timed)
		return 0;
	if (s->n < (ema ? 1u : 2u) || s->n > (ema ? 1000000u : WINDOW_SAMPLES))
		return err_set(ERR_ARG, "a window holds %u to %u samples; this is %u",
			       ema ? 1u : 2u, ema ? 1000000u : WINDOW_SAMPLES, s->n);
	return 0;
}

int windows_add(struct windows *all, const struct window_spec *s)
{
	const uint32_t samples = s->kind == WINDOW_ROLLING ? s->n : 0;
	int rc = window_check_spec(s);
	if (rc)
		return rc;
	for (unsigned i = 0; i < all->n; i++)
		if (strcmp(all->w[i].spec.name, s->name) == 0)
			return err_set(ERR_ARG, "the name \"%s\" stands twice", s->name);
	if (all->n == WINDOW_MAX)
		return err_set(ERR_LIMIT, "a strategy has at most %d windows", WINDOW_MAX);
	if (all->samples + samples > WINDOW_TOTAL)
		return err_set(
			ERR_LIMIT,
			"the windows of a strategy hold at most %d samples in all; take fewer",
			WINDOW_TOTAL);
	struct window *w = &all->w[all->n];
	*w = (struct window){ .spec = *s };
	if (samples) {
		w->ring = calloc(samples, sizeof(*w->ring));
		w->sorted = calloc(samples, sizeof(*w->sorted));
		w->grain = s->span_s > 0 ? calloc(samples, sizeof(*w->grain)) : NULL;
		if (!w->ring || !w->sorted || (s->span_s > 0 && !w->grain)) {
			free_one(w);
			return err_set(ERR_NOMEM, "no memory for a window");
		}
	}
	all->samples += samples;
	return (int)all->n++;
}

/* ---- samples, by arrival and by size */

static uint32_t slot_of(const struct window *w, uint32_t i)
{
	const uint32_t at = w->head + i;
	return at >= w->spec.n ? at - w->spec.n : at;
}

/* The first place in sorted whose sample is not less than x. */
static uint32_t place_of(const struct window *w, double x, uint32_t n)
{
	uint32_t lo = 0, hi = n;
	while (lo < hi) {
		const uint32_t mid = (lo + hi) / 2;
		if (w->sorted[mid] < x)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void sort_out(struct window *w, double x, uint32_t n)
{
	const uint32_t at = place_of(w, x, n);
	memmove(w->sorted + at, w->sorted + at + 1, (n - at - 1) * sizeof(double));
}

static void sort_in(struct window *w, double x, uint32_t n)
{
	const uint32_t at = place_of(w, x, n);
	memmove(w->sorted + at + 1, w->sorted + at, (n - at) * sizeof(double));
	w->sorted[at] = x;
}

/* Sums are of distances from a number near the mean, and taken anew once a length: what rounding left in them does not stay. */
static void rebuild(struct window *w)
{
	const double mean = w->n ? w->shift + w->sum / w->n : 0;
	w->shift = mean;
	w->sum = w->squares = 0;
	w->since_rebuild = 0;
	for (uint32_t i = 0; i < w->n; i++) {
		const double d = w->ring[slot_of(w, i)] - mean;
		w->sum += d;
		w->squares += d * d;
	}
}

static void count(struct window *w, double x, double sign)
{
	const double d = x - w->shift;
	w->sum += sign * d;
	w->squares += sign * d * d;
}

static void drop_oldest(struct window *w)
{
	const double x = w->ring[w->head];
	sort_out(w, x, w->n);
	count(w, x, -1);
	w->head = slot_of(w, 1);
	if (--w->n == 0)
		w->shift = w->sum = w->squares = 0;
}

static void append(struct window *w, double x)
{
	if (w->n == w->spec.n)
		drop_oldest(w);
	if (w->n == 0)
		w->shift = x;
	w->ring[slot_of(w, w->n)] = x;
	sort_in(w, x, w->n);
	w->n++;
	count(w, x, 1);
	if (++w->since_rebuild >= w->spec.n)
		rebuild(w);
}

static int64_t grain_at(const struct window *w, double utc_s)
{
	return (int64_t)floor(utc_s / (w->spec.span_s / w->spec.n));
}

static int64_t newest_grain(const struct window *w)
{
	return w->grain[slot_of(w, w->n - 1)];
}

/* What time has carried out of the window; all of it where our clock was set far back. */
static void expire(struct window *w, int64_t now)
{
	if (w->n && newest_grain(w) - now >= (int64_t)w->spec.n)
		window_clear(w);
	while (w->n && w->grain[w->head] <= now - (int64_t)w->spec.n)
		drop_oldest(w);
}

static void push_timed(struct window *w, double x, double utc_s)
{
	const int64_t now = grain_at(w, utc_s);
	expire(w, now);
	if (w->n && newest_grain(w) >= now) { /* the newest of its grain is the one that counts */
		const uint32_t at = slot_of(w, w->n - 1);
		sort_out(w, w->ring[at], w->n);
		count(w, w->ring[at], -1);
		sort_in(w, x, w->n - 1);
		count(w, x, 1);
		w->ring[at] = x;
		if (++w->since_rebuild >= w->spec.n)
			rebuild(w);
		return;
	}
	append(w, x);
	w->grain[slot_of(w, w->n - 1)] = now;
}

void window_load(struct window *w, const double *x, const int64_t *grain, uint32_t n)
{
	window_clear(w);
	for (uint32_t i = 0; i < n; i++) {
		append(w, x[i]);
		if (w->grain)
			w->grain[slot_of(w, i)] = grain[i];
	}
	rebuild(w);
	rebuild(w); /* about its own mean */
}

double window_sample(const struct window *w, uint32_t i, int64_t *grain)
{
	const uint32_t at = slot_of(w, i);
	*grain = w->grain ? w->grain[at] : 0;
	return w->ring[at];
}

/* ---- figures */

static double quantile(const struct window *w, double p)
{
	if (!w->n || !(p >= 0 && p <= 1))
		return (double)NAN;
	const double at = p * (w->n - 1);
	const uint32_t lo = (uint32_t)at, hi = lo + 1 < w->n ? lo + 1 : lo;
	return w->sorted[lo] + (at - lo) * (w->sorted[hi] - w->sorted[lo]);
}

static double mean_of(const struct window *w)
{
	if (w->spec.kind == WINDOW_EMA)
		return w->ema.n ? w->ema.mean : (double)NAN;
	return w->n ? w->shift + w->sum / w->n : (double)NAN;
}

static double dev_of(const struct window *w)
{
	if (w->spec.kind == WINDOW_EMA)
		return sqrt(w->ema.var);
	if (w->n < 2 || !(w->sorted[0] < w->sorted[w->n - 1]))
		return 0;
	const double var = (w->squares - w->sum * w->sum / w->n) / w->n;
	return var > 0 ? sqrt(var) : 0;
}

static double fill_of(const struct window *w, double utc_s)
{
	const struct window_ema *e = &w->ema;
	double part = 0;
	if (w->spec.kind == WINDOW_EMA && e->n)
		part = w->spec.span_s > 0 ? (utc_s - e->first_s) / w->spec.span_s
					  : (double)e->n / w->spec.n;
	else if (w->n && w->grain)
		part = (double)(grain_at(w, utc_s) - w->grain[w->head] + 1) / w->spec.n;
	else if (w->n)
		part = (double)w->n / w->spec.n;
	return part < 0 ? 0 : part > 1 ? 1 : part;
}

static double last_of(const struct window *w)
{
	if (w->spec.kind == WINDOW_EMA)
		return w->ema.n ? w->ema.last : (double)NAN;
	return w->n ? w->ring[slot_of(w, w->n - 1)] : (double)NAN;
}

static double z_of(const struct window *w, double x, double utc_s)
{
	const double dev = dev_of(w);
	return dev > 0 && fill_of(w, utc_s) >= 0.5 ? (x - mean_of(w)) / dev : 0;
}

static void push(struct window *w, double x, double utc_s)
{
	if (w->spec.kind == WINDOW_EMA)
		window_ema_push(w, x, utc_s);
	else if (w->grain)
		push_timed(w, x, utc_s);
	else
		append(w, x);
}

double windows_ask(struct windows *all, int32_t number, int32_t what, double x, double utc_s)
{
	if (!all || number < 0 || (unsigned)number >= all->n)
		return (double)NAN;
	struct window *w = &all->w[number];
	if (w->grain && what != WINDOW_PUSH)
		expire(w, grain_at(w, utc_s));
	switch ((enum window_ask)what) {
	case WINDOW_PUSH:
		if (!(fabs(x) <= WINDOW_MOST))
			return 0;
		push(w, x, utc_s);
		return 1;
	case WINDOW_COUNT:
		return w->spec.kind == WINDOW_EMA ? (double)w->ema.n : w->n;
	case WINDOW_FILL:
		return fill_of(w, utc_s);
	case WINDOW_LAST:
		return last_of(w);
	case WINDOW_MEAN:
		return mean_of(w);
	case WINDOW_DEV:
		return dev_of(w);
	case WINDOW_LEAST:
		return w->n ? w->sorted[0] : (double)NAN;
	case WINDOW_GREATEST:
		return w->n ? w->sorted[w->n - 1] : (double)NAN;
	case WINDOW_QUANTILE:
		return quantile(w, x);
	case WINDOW_Z:
		return z_of(w, x, utc_s);
	case WINDOW_CLEAR:
		window_clear(w);
		return 1;
	case window_ask_max:
		break;
	}
	return (double)NAN;
}
