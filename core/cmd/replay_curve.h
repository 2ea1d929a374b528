/* replay_curve - what two versions of a strategy were shown and what they made of it, thinned to what an eye can see: the basis that could be executed, where
 * each of them proposed, and their parameters as they were when.
 *
 * Its size does not grow with the recording. One owner; cold. */
#pragma once
#include "core/trade/strategy.h"

#define CURVE_SAMPLES 2400 /* at most */
#define CURVE_MARKS   4000 /* of one version */
#define CURVE_PARAMS  64
#define CURVE_LEVELS  32 /* changes of one parameter while it ran */

enum curve_side { CURVE_THEN, CURVE_NOW, curve_side_max };

/* The best that could be executed since the sample before. */
struct curve_sample {
	int64_t utc_ns;
	double sell, buy, pos_lots;
};

struct curve_mark {
	int64_t utc_ns;
	double at; /* the basis of that side */
	uint8_t side, intent;
};

struct curve_level {
	int64_t utc_ns;
	double value;
};

struct curve_param {
	char name[32];
	uint32_t n[curve_side_max]; /* 0: that version has no such parameter */
	struct curve_level level[curve_side_max][CURVE_LEVELS];
};

struct replay_curve {
	int64_t from_ns, to_ns;
	bool in_bp;			    /* else in the pair's own units */
	struct curve_sample *sample, now;   /* now: the newest, by itself */
	uint32_t n_samples, every, skipped; /* every: calls in one sample */
	struct curve_mark *mark[curve_side_max];
	uint32_t n_marks[curve_side_max];
	uint64_t unmarked[curve_side_max];
	struct curve_param param[CURVE_PARAMS];
	uint32_t n_params;
};

/* -ERR_NOMEM. */
int replay_curve_open(struct replay_curve *c);
void replay_curve_free(struct replay_curve *c);
void replay_curve_basis(struct replay_curve *c, int64_t utc_ns, const struct basis *b,
			double pos_lots);
/* Of leg 0; side_max: it is not in it. */
uint8_t replay_curve_side(const struct proposal *p);
/* A pair that was proposed at the basis that was shown last. */
void replay_curve_proposed(struct replay_curve *c, enum curve_side who, int64_t utc_ns,
			   const struct proposal *p);
/* Looks at what the parameters of s are now; what has not changed is not written again. */
void replay_curve_params(struct replay_curve *c, enum curve_side who, int64_t utc_ns,
			 const struct strategy *s);
