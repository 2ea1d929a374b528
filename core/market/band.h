/* band - how far a value stands from where it has been of late: mean and deviation over a sliding window of time.
 *
 * The value holds from one call to the next, and is sampled at fixed instants (multiples of the period of the common clock), so that a busy second
 * counts no more than a quiet one. Over a stretch in which there was no value nothing is sampled. Sums are integers of a quantum that is 2^-40 of the first value's
 * scale, so that they never drift; a value beyond 64 times that scale starts the window anew. Deviation is that of the whole window (divided by n). A call costs O(1), and after a silence
 * of k periods at most k steps. Memory from band_init; engine's thread. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define BAND_SAMPLES_MAX 65536

struct band_run {
	int64_t q; /* quanta */
	uint32_t slots;
	bool live; /* false: there was no value */
};

struct band {
	double mean, dev,
		fill; /* as of the last instant; 0 before there is a sample. fill: part of the window that has been seen */
	double per_dev; /* 1 / dev; 0: not enough has been seen for a z-score (half the window), or nothing moved */
	int64_t window_ns, sample_ns;
	int64_t slot,
		next_ns; /* the last instant that was sampled, in periods, and the next one, in time */
	double held;
	bool holds;
	double quantum;		/* 0: nothing seen yet */
	uint32_t cap, total, n; /* instants in a window; in the ring; those of them with a value */
	uint32_t first, runs;
	struct band_run *run; /* ring of cap */
	int64_t sum;
	__int128 squares;
	uint64_t restarts; /* windows begun anew because the scale had changed */
};

/* -ERR_RANGE in words: fewer than 2 or more than BAND_SAMPLES_MAX samples in a window; -ERR_NOMEM. */
int band_init(struct band *d, int64_t window_ns, int64_t sample_ns);
void band_free(struct band *d);
/* Value v holds from now_ns on. `scale` is the magnitude that it is small or large against, such as a leg's price; taken when a window begins. v finite. */
void band_sample(struct band *d, int64_t now_ns, double v, double scale);
/* From now_ns on there is no value. */
void band_lapse(struct band *d, int64_t now_ns);
/* Deviations of v from the mean; 0 while there is no saying. */
static inline double band_z(const struct band *d, double v)
{
	return (v - d->mean) * d->per_dev;
}
