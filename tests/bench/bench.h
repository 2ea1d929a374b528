/* bench - what the benchmarks share: clocks, cores, medians, and the line of JSON that a figure is told in.
 *
 * A figure stands beside a floor or a peer that was measured in the same run, in turns; what counts is the median of the
 * rounds' own ratios, since the machine drifts between rounds and both drift with it. Static functions, any thread. */
#pragma once
#include "core/base/json_out.h"
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BENCH_ROUNDS 64

static inline int64_t bench_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Keeps a result alive that nobody reads. */
static inline void bench_keep(int64_t v)
{
	__asm__ volatile("" : : "r"(v) : "memory");
}

static inline bool bench_quick(int argc, char **argv)
{
	return argc > 1 && strcmp(argv[1], "--quick") == 0;
}

static inline int bench_cores(void)
{
	cpu_set_t set;
	return sched_getaffinity(0, sizeof set, &set) ? 1 : CPU_COUNT(&set);
}

/* This thread onto a core; false where the process may not, and nothing is done. */
static inline bool bench_pin(int cpu)
{
	cpu_set_t one;
	CPU_ZERO(&one);
	CPU_SET((size_t)cpu, &one);
	return sched_setaffinity(0, sizeof one, &one) == 0;
}

/* This thread, and those that it starts from here on, anywhere but there. */
static inline bool bench_keep_off(int cpu, int other)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	for (size_t k = 0; k < (size_t)sysconf(_SC_NPROCESSORS_CONF) && k < CPU_SETSIZE; k++)
		if (k != (size_t)cpu && k != (size_t)other)
			CPU_SET(k, &set);
	return sched_setaffinity(0, sizeof set, &set) == 0;
}

static inline int bench_by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Sorts v. q in [0, 1]. */
static inline double bench_quantile(double *v, size_t n, double q)
{
	if (n == 0)
		return 0;
	qsort(v, n, sizeof *v, bench_by_value);
	size_t i = (size_t)(q * (double)n);
	return v[i < n ? i : n - 1];
}

/* A line: opened, members added with json_..., told. */
struct bench_line {
	struct json_out j;
	char text[2048];
};

static inline struct json_out *bench_open(struct bench_line *l, const char *bench,
					  const char *figure)
{
	json_out_init(&l->j, l->text, sizeof l->text);
	json_obj(&l->j, NULL);
	json_str(&l->j, "bench", bench);
	json_str(&l->j, "figure", figure);
	return &l->j;
}

static inline void bench_tell(struct bench_line *l)
{
	json_obj_end(&l->j);
	puts(l->text);
	fflush(stdout);
}

/* To three digits behind the point: more would be noise. */
static inline void bench_num(struct json_out *j, const char *key, double v)
{
	json_dec(j, key, (int64_t)(v * 1000 + (v < 0 ? -0.5 : 0.5)), 3);
}

/* Ours and the other's, round by round. */
struct bench_rounds {
	unsigned n;
	double ours[BENCH_ROUNDS], other[BENCH_ROUNDS];
};

static inline void bench_round(struct bench_rounds *r, double ours, double other)
{
	if (r->n < BENCH_ROUNDS) {
		r->ours[r->n] = ours;
		r->other[r->n++] = other;
	}
}

/* Adds ours, the other's (under its name), the median of the ratios and their range. Sorts the rounds: last of all. */
static inline double bench_put_rounds(struct json_out *j, struct bench_rounds *r, const char *unit,
				      const char *other)
{
	double ratio[BENCH_ROUNDS];
	char key[64];
	for (unsigned i = 0; i < r->n; i++)
		ratio[i] = r->other[i] > 0 ? r->ours[i] / r->other[i] : 0;
	double mid = bench_quantile(ratio, r->n, 0.5);
	bench_num(j, unit, bench_quantile(r->ours, r->n, 0.5));
	snprintf(key, sizeof key, "%s_%s", other, unit);
	bench_num(j, key, bench_quantile(r->other, r->n, 0.5));
	snprintf(key, sizeof key, "ratio_to_%s", other);
	bench_num(j, key, mid);
	bench_num(j, "ratio_min", ratio[0]);
	bench_num(j, "ratio_max", r->n ? ratio[r->n - 1] : 0);
	json_uint(j, "rounds", r->n);
	return mid;
}
