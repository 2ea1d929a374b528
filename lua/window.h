/* window - rolling figures of what a strategy feeds them: mean, deviation, quantile, z-score, least and most of the last samples; and exponential means.
 *
 * Windows are made while a file loads, by name; after that nothing allocates. By count a window holds the last n samples; by time it is cut into n grains and holds
 * one sample of each, the newest, so that its memory is bounded however fast a market ticks. What they hold is part of the strategy's saved state, and a
 * version takes it over where name, kind and measure are the same. No transcendental function of the library takes part: the same numbers give the same bits.
 * One thread at a time; called by compiled code, so nothing here touches a VM. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WINDOW_MAX	64
#define WINDOW_NAME	32
#define WINDOW_SAMPLES	4096  /* of one */
#define WINDOW_TOTAL	16384 /* of all of an instance */
#define WINDOW_MOST	1e100 /* a larger number is none */
#define WINDOW_SPAN_MAX 604800.0
/* Most bytes that all windows of an instance take when they are saved: a sample is 8, its grain at most 3. */
#define WINDOW_BYTES (12 * WINDOW_TOTAL + 128 * WINDOW_MAX + 16)

enum window_kind { WINDOW_ROLLING, WINDOW_EMA, window_kind_max };

/* By count: span_s is 0, and n its samples (of an ema: alpha = 2 / (n + 1)). By time: span_s its length (of an ema: the half-life), n its grains. */
struct window_spec {
	char name[WINDOW_NAME];
	uint8_t kind; /* enum window_kind */
	uint32_t n;
	double span_s;
};

/* Numbers that window.lua knows. */
enum window_ask {
	WINDOW_PUSH, /* x: the sample. Gives 1; 0: it is no number, or beyond WINDOW_MOST, and was not taken */
	WINDOW_COUNT,
	WINDOW_FILL, /* part of its length that has been seen, 0 to 1 */
	WINDOW_LAST,
	WINDOW_MEAN,
	WINDOW_DEV,	 /* of the samples themselves (divided by n); 0 with fewer than two */
	WINDOW_LEAST,	 /* an ema has none: NaN */
	WINDOW_GREATEST, /* the same */
	WINDOW_QUANTILE, /* x: 0 to 1, between samples linearly */
	WINDOW_Z, /* x: in deviations from the mean; 0 below half a length, or without a deviation */
	WINDOW_CLEAR,
	window_ask_max
};

struct windows;

struct windows *windows_new(void); /* NULL: no memory */
void windows_free(struct windows *w);
/* Its number. -ERR_ARG in words: what a spec cannot be, or a name that stands twice; -ERR_LIMIT; -ERR_NOMEM. */
int windows_add(struct windows *w, const struct window_spec *s);
/* NaN where there is nothing to tell: an empty window, an ema's quantile, a number that no window has. utc_s: the time of the turn. */
double windows_ask(struct windows *w, int32_t number, int32_t what, double x, double utc_s);
/* All are as they were made. */
void windows_reset(struct windows *w);

/* "TWN1", the bytes in all (4, low first), then the windows by number. 0 bytes where there are none. -ERR_FULL: more than cap. */
int windows_save(const struct windows *w, void *buf, size_t cap, size_t *len);
/* How many bytes at the beginning of buf are windows; 0 where it begins with something else. -ERR_CORRUPT. */
int windows_check(const void *buf, size_t len, size_t *used);
/* Takes over what windows_check has passed; what is not there, or is measured otherwise, stays empty. */
void windows_restore(struct windows *w, const void *buf, size_t used);
