#include "tests/prop/market/clock_world.h"
#include <math.h>
#include <stdlib.h>

#define US   INT64_C(1000)
#define MS   INT64_C(1000000)
#define S    INT64_C(1000000000)
#define HOUR (3600 * S)

enum { SEGMENTS = 128, LEAST_BLOCKS = 8, LEAST_BLOCK = 16, JUMP_S = 1800, FLIP_S = 60 };

struct segment {
	int64_t from_ns, offset_ns, drift_ppb;
};

/* One direction. */
struct way {
	int64_t base_ns, burst_ns, level_ns;
	int64_t burst_until_ns;
	int64_t least_ns[LEAST_BLOCKS]; /* a ring: the least delay of each 16 messages */
	uint64_t drawn;
};

struct world {
	struct world_config c;
	struct rng rng;
	struct segment seg[SEGMENTS];
	uint64_t newest; /* segment */
	struct way way[2];
	int64_t sent_ns, recv_ns; /* host: the newest of each */
	int64_t held_venue, held_recv;
	bool again;
	uint64_t fed, step_at[4];
	uint32_t n_steps, steps;
	int source[2];
	bool begun;
	int64_t begun_ns, jumps;
};

static const struct {
	int64_t base[2], max_min_delay;
} models[delay_model_max] = {
	[DELAY_FIXED] = { { 100 * US, 100 * US }, 110 * US },
	[DELAY_UNIFORM] = { { 100 * US, 100 * US }, 200 * US },
	[DELAY_EXPONENTIAL] = { { 100 * US, 100 * US }, 200 * US },
	[DELAY_LOGNORMAL] = { { 50 * US, 50 * US }, 150 * US },
	[DELAY_BURSTY] = { { 100 * US, 100 * US }, 150 * US },
	[DELAY_ASYMMETRIC] = { { 100 * US, 3 * MS }, 3500 * US },
	[DELAY_ROUTE] = { { 200 * US, 200 * US }, 5500 * US },
};

static double exponential(struct rng *r, double mean)
{
	return -mean * log(1.0 - rng_unit(r));
}

static int64_t either(struct rng *r, int64_t lo, int64_t hi)
{
	int64_t v = rng_range(r, lo, hi);
	return rng_chance(r, 500000) ? v : -v;
}

/* Up to 20 ms more, for 20 ms to 2 s, every 10 s. */
static void burst(struct rng *r, struct way *w, int64_t now_ns, int64_t gap_ns)
{
	uint32_t ppm = (uint32_t)(gap_ns < S ? gap_ns / 10 / US : 100000);
	if (now_ns > w->burst_until_ns)
		w->burst_ns = 0;
	if (!w->burst_ns && rng_chance(r, ppm)) {
		w->burst_until_ns = now_ns + rng_range(r, 20 * MS, 2 * S);
		w->burst_ns = rng_range(r, MS, 20 * MS);
	}
}

static void see_least(struct way *w, int64_t d)
{
	uint64_t block = w->drawn / LEAST_BLOCK % LEAST_BLOCKS;
	if (w->drawn++ % LEAST_BLOCK == 0 || d < w->least_ns[block])
		w->least_ns[block] = d;
}

static int64_t delay(struct world *w, int back)
{
	struct rng *r = &w->rng;
	struct way *way = &w->way[back];
	double more = 0;
	switch (w->c.delay) {
	case DELAY_FIXED:
		break;
	case DELAY_UNIFORM:
		more = rng_unit(r) * 900e3;
		break;
	case DELAY_EXPONENTIAL:
		more = exponential(r, 300e3);
		break;
	case DELAY_LOGNORMAL:
		more = 200e3 * exp(rng_normal(r));
		break;
	case DELAY_BURSTY:
		burst(r, way, w->sent_ns, w->c.gap_ns);
		more = exponential(r, 50e3) + (double)way->burst_ns;
		if (way->burst_ns)
			more += exponential(r, 2e6);
		break;
	case DELAY_ASYMMETRIC:
		more = exponential(r, back ? 1e6 : 50e3);
		break;
	case DELAY_ROUTE:
		if (rng_chance(r, 300))
			way->level_ns = rng_range(r, 0, 5 * MS);
		more = exponential(r, 50e3) + (double)way->level_ns;
		break;
	case delay_model_max:
	default:
		break;
	}
	int64_t d = way->base_ns + (int64_t)more;
	see_least(way, d);
	return d;
}

static bool steps(const struct world *w)
{
	return w->c.fault == FAULT_STEP_HOUR || w->c.fault == FAULT_STEP_SMALL ||
	       w->c.fault == FAULT_ALL;
}

static struct segment *newest(struct world *w)
{
	return &w->seg[w->newest % SEGMENTS];
}

static int64_t offset_in(const struct segment *s, int64_t at_ns)
{
	return s->offset_ns + (at_ns - s->from_ns) / 1000 * s->drift_ppb / 1000000;
}

/* After the second that had `was`. */
static int64_t next_drift(struct world *w, int64_t was_ppb, int64_t at_ns, int64_t age_ns)
{
	int64_t lived_s = (at_ns - w->begun_ns) / S, next;
	switch (w->c.drift) {
	case DRIFT_WALK:
		next = was_ppb + (int64_t)(rng_normal(&w->rng) * 50 * sqrt((double)age_ns / 1e9));
		return next > 200000 || next < -200000 ? was_ppb : next;
	case DRIFT_SINE:
		return w->c.drift_ppb + (int64_t)(30e3 * sin(2 * M_PI * (double)lived_s / 600));
	case DRIFT_JUMP:
		if (lived_s / JUMP_S == w->jumps)
			return was_ppb;
		w->jumps = lived_s / JUMP_S;
		return w->c.drift_ppb + (w->jumps & 1 ? either(&w->rng, 50000, 100000) : 0);
	case DRIFT_FLIP:
		return lived_s / FLIP_S & 1 ? -200000 : 200000;
	case DRIFT_STEADY:
	case drift_model_max:
	default:
		return was_ppb;
	}
}

static void segment_next(struct world *w, int64_t from_ns, int64_t jump_ns)
{
	struct segment *s = newest(w);
	struct segment next = { from_ns, offset_in(s, from_ns) + jump_ns, s->drift_ppb };
	next.drift_ppb = next_drift(w, s->drift_ppb, from_ns, from_ns - s->from_ns);
	w->newest++;
	*newest(w) = next;
}

int64_t world_offset(struct world *w, int64_t at_ns)
{
	while (at_ns - newest(w)->from_ns > S)
		segment_next(w, newest(w)->from_ns + S, 0);
	uint64_t i = w->newest;
	while (i && i + SEGMENTS - 1 > w->newest && w->seg[i % SEGMENTS].from_ns > at_ns)
		i--;
	return offset_in(&w->seg[i % SEGMENTS], at_ns);
}

struct world *world_new(const struct world_config *c)
{
	struct world *w = calloc(1, sizeof *w);
	if (!w)
		return NULL;
	w->c = *c;
	rng_seed(&w->rng, c->seed);
	w->sent_ns = w->recv_ns = rng_range(&w->rng, S, 1000000 * S);
	w->begun_ns = w->sent_ns;
	w->seg[0] = (struct segment){ w->sent_ns, either(&w->rng, 0, 20000 * HOUR), c->drift_ppb };
	for (int back = 0; back < 2; back++)
		w->way[back].base_ns = models[c->delay].base[back];
	w->n_steps = steps(w) ? 1 : 0;
	for (uint32_t i = 0; i < w->n_steps; i++)
		w->step_at[i] = (uint64_t)rng_range(&w->rng, (int64_t)c->samples / 10,
						    (int64_t)c->samples * 9 / 10);
	return w;
}

void world_free(struct world *w)
{
	free(w);
}

int64_t world_max_min_delay(const struct world *w)
{
	return models[w->c.delay].max_min_delay;
}

int64_t world_least(const struct world *w, int back)
{
	const struct way *way = &w->way[back];
	uint64_t blocks = (way->drawn + LEAST_BLOCK - 1) / LEAST_BLOCK;
	int64_t least = INT64_MAX;
	for (uint64_t i = 0; i < blocks && i < LEAST_BLOCKS; i++)
		least = way->least_ns[i] < least ? way->least_ns[i] : least;
	return least;
}

uint32_t world_steps(const struct world *w)
{
	return w->steps;
}

static int64_t truncated(int64_t v, int64_t grain)
{
	int64_t rest = v % grain;
	return v - (rest < 0 ? rest + grain : rest);
}

/* The venue's clock at that moment of ours, as the venue stamps it. */
static int64_t stamp(struct world *w, int64_t at_ns)
{
	int64_t true_ns = at_ns + world_offset(w, at_ns), wrong = 0;
	bool early = w->c.fault == FAULT_BACKWARDS || w->c.fault == FAULT_ALL;
	bool ahead = w->c.fault == FAULT_FUTURE || w->c.fault == FAULT_ALL;
	if ((early || ahead) && rng_chance(&w->rng, 5000)) {
		int64_t most = rng_chance(&w->rng, 500000) ? S : HOUR;
		wrong = rng_range(&w->rng, MS, most);
		wrong = early && (!ahead || rng_chance(&w->rng, 500000)) ? -wrong : wrong;
	}
	return truncated(true_ns + wrong, w->c.grain_ns);
}

static void advance(struct world *w)
{
	bool silent = w->c.fault == FAULT_SILENCE || w->c.fault == FAULT_ALL;
	int64_t gap = (int64_t)exponential(&w->rng, (double)w->c.gap_ns) + 1;
	if (silent && rng_chance(&w->rng, 200))
		gap += rng_range(&w->rng, S, 300 * S);
	w->sent_ns += gap;
	for (uint32_t i = 0; i < w->n_steps; i++) {
		if (w->fed != w->step_at[i])
			continue;
		bool hour = w->c.fault == FAULT_STEP_HOUR ||
			    (w->c.fault == FAULT_ALL && rng_chance(&w->rng, 500000));
		int64_t jump = either(&w->rng, hour ? HOUR : 5 * MS, hour ? HOUR : S);
		world_offset(w, w->recv_ns > w->sent_ns ? w->recv_ns : w->sent_ns);
		if (w->recv_ns + 1 > w->sent_ns)
			w->sent_ns = w->recv_ns + 1;
		segment_next(w, w->sent_ns, jump);
		w->steps++;
	}
}

static int64_t next_pair(struct world *w, struct tsync *t)
{
	int64_t sent = w->sent_ns > w->recv_ns ? w->sent_ns : w->recv_ns + 1;
	int64_t there = sent + delay(w, 0), left = there + rng_range(&w->rng, 0, 50 * US);
	int64_t back = left + delay(w, 1);
	int64_t a = stamp(w, there), b = stamp(w, left);
	tsync_pair(t, w->source[0], sent, a, b, back);
	bool twice = w->c.fault == FAULT_DUPLICATES || w->c.fault == FAULT_ALL;
	if (twice && rng_chance(&w->rng, 20000))
		tsync_pair(t, w->source[0], sent, a, b, back);
	return w->recv_ns = back;
}

static int64_t next_stamp(struct world *w, struct tsync *t)
{
	int64_t v, recv;
	if (w->again) {
		v = w->held_venue;
		recv = w->recv_ns + rng_range(&w->rng, 0, MS);
		w->again = false;
	} else {
		v = stamp(w, w->sent_ns);
		recv = w->sent_ns + delay(w, 1);
		bool twice = w->c.fault == FAULT_DUPLICATES || w->c.fault == FAULT_ALL;
		w->again = twice && rng_chance(&w->rng, 20000);
	}
	w->held_venue = v;
	w->recv_ns = recv > w->recv_ns ? recv : w->recv_ns + 1;
	tsync_stamp(t, w->source[w->c.mix == MIX_BOTH], v, w->recv_ns);
	return w->recv_ns;
}

int64_t world_next(struct world *w, struct tsync *t)
{
	if (!w->begun) {
		w->begun = true;
		if (w->c.mix == MIX_PAIRS || w->c.mix == MIX_BOTH)
			w->source[0] = tsync_source(t, TSYNC_PAIRS);
		if (w->c.mix != MIX_PAIRS)
			w->source[w->c.mix == MIX_BOTH] = tsync_source(t, TSYNC_STREAM);
	}
	if (!w->again)
		advance(w);
	w->fed++;
	bool pair = w->c.mix == MIX_PAIRS || (w->c.mix == MIX_BOTH && w->fed % 20 == 0);
	return pair ? next_pair(w, t) : next_stamp(w, t);
}
