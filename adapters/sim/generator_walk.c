#include "adapters/sim/generator_walk.h"
#include "adapters/sim/draw.h"
#include "core/base/dec.h"

#define SECOND 1000000000ll
#define DRIFT  (SECOND / 2)  /* between steps of the everyday basis */
#define RAMP   (SECOND / 20) /* between steps of an excursion on its way */

/* Mean seconds that it lasts, its jumps in percent of the measured, and how many ppm of them go up. */
static const struct {
	int64_t lasts_s;
	int32_t size_pct;
	uint32_t up_ppm;
} moods[] = {
	[MOOD_CALM] = { 1800, 40, 500000 },
	[MOOD_BUSY] = { 600, 100, 500000 },
	[MOOD_RISE] = { 300, 110, 560000 },
	[MOOD_FALL] = { 300, 110, 440000 },
};
_Static_assert(sizeof moods / sizeof *moods == walk_mood_max, "a row for every mood");

/* Jumps of the common price, 1e-9 of it: six a second make the measured return of a second. */
static const struct quantiles jumps = { { 100, 800, 2400, 6500, 16000, 66000, 160000, 300000 } };
#define JUMPS_EVERY (SECOND / 6)
#define SHOCK_PPM   60u /* of the jumps: one in three quarters of an hour */

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void set_mood(struct walk *w, int64_t now_ns)
{
	w->mood = (uint8_t)rng_below(&w->mood_rng, walk_mood_max);
	w->mood_ns =
		now_ns + SECOND + draw_exponential(&w->mood_rng, moods[w->mood].lasts_s * SECOND);
}

void walk_init_more(struct walk *w, const struct rng *root, const struct generator_config *c,
		    const char *symbol, int64_t mid_e8, int64_t size_pct)
{
	struct rng own;
	rng_fork(root, symbol, &own);
	walk_init(w, &own, c);
	w->mid_e8 = w->from_e8 = mid_e8;
	w->size_pct = size_pct;
}

void walk_init(struct walk *w, const struct rng *root, const struct generator_config *c)
{
	*w = (struct walk){
		.config = c, .mid_e8 = c->mid_e8, .from_e8 = c->mid_e8, .size_pct = 100
	};
	rng_fork(root, "jump", &w->jump);
	rng_fork(root, "mood", &w->mood_rng);
	rng_fork(root, "basis", &w->basis_rng);
	set_mood(w, c->start_ns);
	w->jump_ns = c->start_ns + JUMPS_EVERY;
	w->drift_ns = c->start_ns + DRIFT;
	w->ramp_ns = INT64_MAX;
	w->stray_ns =
		c->start_ns + SECOND / 2 + draw_exponential(&w->basis_rng, c->excursion_ns / 2);
	w->stray_end_ns = INT64_MAX;
}

int64_t walk_next_ns(const struct walk *w)
{
	int64_t price = sooner(w->jump_ns, w->mood_ns);
	int64_t basis =
		sooner(sooner(w->drift_ns, w->ramp_ns), sooner(w->stray_ns, w->stray_end_ns));
	return sooner(price, basis);
}

static void jump(struct walk *w)
{
	int64_t ppb = draw_quantile(&w->jump, &jumps) * moods[w->mood].size_pct / 100;
	if (rng_chance(&w->jump, SHOCK_PPM))
		ppb = rng_range(&w->jump, 500000, 2000000);
	ppb = ppb * w->size_pct / 100;
	if (!rng_chance(&w->jump, moods[w->mood].up_ppm))
		ppb = -ppb;
	w->mid_e8 += dec_muldiv(w->mid_e8, ppb, SECOND, DEC_NEAREST);
	/* A price that has left its world is led back: a factor of four either way. */
	if (w->mid_e8 > w->from_e8 * 4 || w->mid_e8 < w->from_e8 / 4)
		w->mid_e8 -= dec_muldiv(w->mid_e8, 2 * ppb, SECOND, DEC_NEAREST);
	w->jump_ns += 1 + draw_exponential(&w->jump, JUMPS_EVERY);
}

/* A step of the everyday basis, one minute's memory: a part of the way back, and what keeps its deviation. */
static void drift(struct walk *w)
{
	int64_t noise = dec_muldiv(draw_normal(&w->basis_rng), w->config->basis_dev_ppb * 1291,
				   65536ll * 10000, DEC_NEAREST);
	w->basis_ppb += noise - w->basis_ppb / 120;
	w->drift_ns += DRIFT;
}

/* An excursion closes half of what lies before it. */
static void ramp(struct walk *w)
{
	int64_t left = w->stray_to_ppb - w->stray_ppb;
	bool there = left > -10000 && left < 10000;
	w->stray_ppb += there ? left : left / 2;
	w->ramp_ns = there ? INT64_MAX : w->ramp_ns + RAMP;
}

static void stray_begins(struct walk *w)
{
	int64_t size = dec_muldiv(w->config->excursion_ppb, rng_range(&w->basis_rng, 80, 160), 100,
				  DEC_DOWN);
	w->stray_to_ppb = rng_chance(&w->basis_rng, 500000) ? size : -size;
	w->stray_end_ns = w->stray_ns + rng_range(&w->basis_rng, SECOND * 4 / 10, SECOND * 12 / 10);
	w->ramp_ns = w->stray_ns;
	w->stray_ns = INT64_MAX;
}

static void stray_ends(struct walk *w)
{
	w->stray_to_ppb = 0;
	w->ramp_ns = w->stray_end_ns;
	w->stray_ns = w->stray_end_ns + draw_exponential(&w->basis_rng, w->config->excursion_ns);
	w->stray_end_ns = INT64_MAX;
}

void walk_step(struct walk *w)
{
	int64_t now = walk_next_ns(w);
	if (w->jump_ns == now)
		jump(w);
	else if (w->mood_ns == now)
		set_mood(w, now);
	else if (w->drift_ns == now)
		drift(w);
	else if (w->ramp_ns == now)
		ramp(w);
	else if (w->stray_ns == now)
		stray_begins(w);
	else
		stray_ends(w);
}

int64_t walk_px_e8(const struct walk *w, bool perp)
{
	int64_t half = (w->config->basis_mean_ppb + w->basis_ppb + w->stray_ppb) / 2;
	return w->mid_e8 + dec_muldiv(w->mid_e8, perp ? half : -half, SECOND, DEC_NEAREST);
}
