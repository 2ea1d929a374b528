#include "core/market/band.h"

#include "core/base/err.h"
#include <math.h>
#include <stdlib.h>

#define QUANTUM_BITS 40
#define MOST	     ((int64_t)1 << 46) /* quanta; n * squares of the largest window stay below 2^124 */

int band_init(struct band *d, int64_t window_ns, int64_t sample_ns)
{
	*d = (struct band){ .window_ns = window_ns, .sample_ns = sample_ns };
	int64_t cap = sample_ns > 0 ? window_ns / sample_ns : 0;
	if (cap < 2 || cap > BAND_SAMPLES_MAX)
		return err_set(
			ERR_RANGE,
			"a band of %lld ms sampled every %lld ms has %lld samples; it needs 2 to %d: choose another period",
			(long long)(window_ns / 1000000), (long long)(sample_ns / 1000000),
			(long long)cap, BAND_SAMPLES_MAX);
	d->cap = (uint32_t)cap;
	d->run = calloc(d->cap, sizeof *d->run);
	return d->run ? 0 : err_set(ERR_NOMEM, "no memory for a band of %u samples", d->cap);
}

void band_free(struct band *d)
{
	free(d->run);
	*d = (struct band){ 0 };
}

static void count(struct band *d, const struct band_run *r, int64_t slots)
{
	if (!r->live)
		return;
	d->n = (uint32_t)(d->n + slots);
	d->sum += r->q * slots;
	d->squares += (__int128)(r->q * slots) * r->q;
}

static void evict(struct band *d, int64_t slots)
{
	d->total -= (uint32_t)slots;
	while (slots > 0) {
		struct band_run *r = &d->run[d->first];
		int64_t gone = r->slots < slots ? r->slots : slots;
		count(d, r, -gone);
		r->slots -= (uint32_t)gone;
		slots -= gone;
		if (r->slots == 0) {
			d->first = d->first + 1 == d->cap ? 0 : d->first + 1;
			d->runs--;
		}
	}
}

static void clear(struct band *d)
{
	d->total = d->n = d->first = d->runs = 0;
	d->sum = 0;
	d->squares = 0;
}

static void append(struct band *d, int64_t q, bool live, int64_t slots)
{
	if (slots >= d->cap) {
		clear(d);
		slots = d->cap;
	} else if (d->total + slots > d->cap) {
		evict(d, d->total + slots - d->cap);
	}
	uint32_t last = d->first + d->runs - 1;
	struct band_run *r = d->runs ? &d->run[last >= d->cap ? last - d->cap : last] : NULL;
	if (!r || r->live != live || r->q != q) {
		uint32_t at = d->first + d->runs++;
		r = &d->run[at >= d->cap ? at - d->cap : at];
		*r = (struct band_run){ .q = q, .live = live };
	}
	r->slots += (uint32_t)slots;
	d->total += (uint32_t)slots;
	count(d, &(struct band_run){ .q = q, .live = live }, slots);
}

static void conclude(struct band *d)
{
	d->fill = (double)d->n / (double)d->cap;
	if (d->n == 0) {
		d->mean = d->dev = d->per_dev = 0;
		return;
	}
	double n = (double)d->n;
	__int128 spread = d->squares * d->n - (__int128)d->sum * d->sum;
	d->mean = (double)d->sum / n * d->quantum;
	d->dev = sqrt((double)spread) / n * d->quantum;
	d->per_dev = spread > 0 && d->n >= d->cap - d->n ? 1.0 / d->dev : 0;
}

static int64_t quanta(const struct band *d, double v)
{
	return d->quantum > 0 ? (int64_t)nearbyint(v / d->quantum) : 0;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* The instants up to now_ns: before it what was held, at it what is new. */
static void advance(struct band *d, int64_t now_ns, bool live, double v)
{
	int64_t slot = floor_div(now_ns, d->sample_ns);
	bool at = slot * d->sample_ns == now_ns;
	int64_t held = slot - d->slot - at;
	if (held > 0)
		append(d, d->holds ? quanta(d, d->held) : 0, d->holds, held);
	if (at)
		append(d, live ? quanta(d, v) : 0, live, 1);
	d->slot = slot;
	d->next_ns = (slot + 1) * d->sample_ns;
	conclude(d);
}

static void begin(struct band *d, int64_t now_ns, double v, double scale)
{
	double most = fabs(v) > scale ? fabs(v) : scale;
	clear(d);
	d->quantum = ldexp(1.0, (most > 0 ? ilogb(most) : 0) - QUANTUM_BITS);
	d->holds = false;
	d->slot = floor_div(now_ns - 1, d->sample_ns); /* an instant that is now counts */
	d->next_ns = (d->slot + 1) * d->sample_ns;
	conclude(d);
}

void band_sample(struct band *d, int64_t now_ns, double v, double scale)
{
	if (!(d->quantum > 0)) {
		begin(d, now_ns, v, scale);
	} else if (fabs(v) > d->quantum * (double)MOST) {
		d->restarts++;
		begin(d, now_ns, v, scale);
	}
	if (now_ns >= d->next_ns)
		advance(d, now_ns, true, v);
	d->held = v;
	d->holds = true;
}

void band_lapse(struct band *d, int64_t now_ns)
{
	if (d->quantum > 0 && now_ns >= d->next_ns)
		advance(d, now_ns, false, 0);
	d->holds = false;
}
