/* tsync_read - what is known of a moment, and where a stamp stands on our clock. */
#include "core/market/tsync_part.h"

static int64_t clamp(int64_t v)
{
	return v > TSYNC_TIME_MAX ? TSYNC_TIME_MAX : v < -TSYNC_TIME_MAX ? -TSYNC_TIME_MAX : v;
}

static struct tsync_span now_at(const struct tsync *t, int64_t at_ns)
{
	struct tsync_span s = { t->now.at_ns, t->now.lo_ns, t->now.hi_ns, t->now.offset_ns,
				t->now.known };
	return tsync_span_at(tsync_carry(t), s, at_ns);
}

static uint8_t open_sides(const struct tsync_span *s)
{
	bool lo = s->lo_ns == TSYNC_NONE_LO, hi = s->hi_ns == TSYNC_NONE_HI;
	return (uint8_t)(lo && hi ? TSYNC_OPEN_BOTH
			 : lo	  ? TSYNC_OPEN_LO
			 : hi	  ? TSYNC_OPEN_HI
				  : TSYNC_CLOSED);
}

/* The least delay of the fastest stream, if its offset is what is guessed. */
static int64_t least_delay(const struct tsync *t, int64_t at_ns, int64_t offset_ns)
{
	int64_t best = INT64_MAX;
	for (uint32_t i = 0; i < t->n; i++) {
		const struct tsync_source *s = &t->source[i];
		if (s->kind != TSYNC_STREAM || !s->span.known ||
		    s->stream.env.c_ns == TSYNC_NONE_LO)
			continue;
		int64_t delay = offset_ns - tsync_tilt(&t->drift.rate, s->stream.env, at_ns);
		best = delay < best ? delay : best;
	}
	return best == INT64_MAX || best < 0 ? 0 : best;
}

void tsync_read(const struct tsync *t, int64_t at_ns, struct tsync_estimate *out)
{
	at_ns = clamp(at_ns);
	struct tsync_span s = now_at(t, at_ns);
	uint8_t open = open_sides(&s);
	int64_t below = 0, above = 0;
	if (open == TSYNC_CLOSED) {
		below = s.guess_ns - s.lo_ns;
		above = s.hi_ns - s.guess_ns;
	}
	*out = (struct tsync_estimate){
		.at_ns = at_ns,
		.offset_ns = s.known ? s.guess_ns : 0,
		.lo_ns = s.lo_ns,
		.hi_ns = s.hi_ns,
		.bound_ns = open != TSYNC_CLOSED ? INT64_MAX
			    : below > above	 ? below
						 : above,
		.drift_ppb = (t->drift.rate.guess * TSYNC_S) >> 32,
		.delay_ns = least_delay(t, at_ns, s.guess_ns),
		.known = s.known,
		.open = open,
		.left_out = t->left_out,
		.steps = t->steps,
		.samples = t->samples,
		.refused = t->refused,
	};
}

static int64_t blind(const struct tsync *t, int64_t recv_ns, int64_t *bound_ns)
{
	*bound_ns = t->now.blind_ns;
	return recv_ns;
}

int64_t tsync_place(const struct tsync *t, int64_t venue_ns, int64_t recv_ns, int64_t *bound_ns)
{
	if (!venue_ns || !t->now.known || !tsync_sane(venue_ns) || !tsync_sane(recv_ns))
		return blind(t, recv_ns, bound_ns);
	int64_t age = recv_ns - t->now.at_ns, spare = t->now.grain_ns - 1;
	int64_t offset = t->now.offset_ns, lo = t->now.lo_ns, hi = t->now.hi_ns;
	bool open = hi == TSYNC_NONE_HI;
	if ((uint64_t)age >> 32) {
		struct tsync_span s = now_at(t, recv_ns);
		offset = s.guess_ns, lo = s.lo_ns, hi = s.hi_ns;
	} else {
		offset += age * t->now.guess >> 32;
		lo += lo == TSYNC_NONE_LO ? 0 : age * t->now.lo >> 32;
		hi += open ? 0 : (age * t->now.hi >> 32) + 1;
	}
	int64_t earliest = open ? INT64_MIN : venue_ns - hi;
	int64_t latest = lo == TSYNC_NONE_LO ? recv_ns : venue_ns + spare - lo;
	if (earliest > recv_ns)
		return blind(t, recv_ns, bound_ns); /* it says that it was made after it came */
	latest = latest < recv_ns ? latest : recv_ns;
	int64_t at = venue_ns + spare / 2 - offset;
	at = at < latest ? at : latest;
	int64_t late = latest - at, early = open ? 0 : at - earliest;
	*bound_ns = open ? INT64_MAX : early > late ? early : late;
	return at;
}
