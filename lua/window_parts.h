/* window_parts - what the files of windows share: the samples of one by arrival and by size, and an exponential mean. Nobody else includes it. */
#pragma once
#include "lua/window.h"

struct window_ema {
	uint64_t n;
	double mean, var, last;
	double first_s, last_s; /* UTC of the first and of the newest sample */
};

struct window {
	struct window_spec spec;
	uint32_t n, head; /* samples; where the oldest stands in ring */
	uint32_t since_rebuild;
	double *ring;		    /* spec.n of them, by arrival */
	double *sorted;		    /* the same, rising */
	int64_t *grain;		    /* of ring; by count NULL */
	double shift, sum, squares; /* sums of (x - shift) and of its square */
	struct window_ema ema;
};

struct windows {
	unsigned n;
	uint32_t samples; /* that all of them may hold */
	struct window w[WINDOW_MAX];
};

int window_check_spec(const struct window_spec *s); /* -ERR_ARG in words */
void window_clear(struct window *w);
/* n samples, the oldest first, in the place of what it holds. */
void window_load(struct window *w, const double *x, const int64_t *grain, uint32_t n);
/* The i-th oldest. */
double window_sample(const struct window *w, uint32_t i, int64_t *grain);
void window_ema_push(struct window *w, double x, double utc_s);
