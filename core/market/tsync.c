/* tsync - the venue: stamps come in, are checked against what can be a time at all, and go to their source; estimates come out. */
#include "core/base/err.h"
#include "core/base/mem.h"
#include "core/base/must.h"
#include "core/market/tsync_part.h"
#include <inttypes.h>
#include <stdlib.h>

#define DRIFT_DEFAULT_PPB 200000
#define DRIFT_LIMIT_PPB	  3000000
#define DELAY_LIMIT_NS	  TSYNC_SURE
#define GRAIN_LIMIT_NS	  (3600 * TSYNC_S)

/* Messages and time after which the slowest one is half forgotten. */
#define SLOW_MESSAGES 64
#define SLOW_SPAN     (8 * TSYNC_S)

static void slow_reset(struct tsync *t)
{
	t->slow_c_ns[0] = t->slow_c_ns[1] = INT64_MAX;
	t->slow_n = 0;
}

static int check(const struct tsync_config *c)
{
	if (c->max_drift_ppb < 0 || c->max_drift_ppb > DRIFT_LIMIT_PPB)
		return err_set(ERR_RANGE, "max_drift_ppb is %" PRId64 ": 0 to %d can be used",
			       c->max_drift_ppb, DRIFT_LIMIT_PPB);
	if (c->max_min_delay_ns < 0 || c->max_min_delay_ns > DELAY_LIMIT_NS)
		return err_set(ERR_RANGE, "max_min_delay is %" PRId64 " ns: 0 to 60 s can be used",
			       c->max_min_delay_ns);
	if (c->grain_ns < 0 || c->grain_ns > GRAIN_LIMIT_NS)
		return err_set(ERR_RANGE,
			       "the stamps' grain is %" PRId64
			       " ns: 0 (find it) to an hour can be used",
			       c->grain_ns);
	return 0;
}

static int64_t max_rate(const struct tsync_config *c)
{
	return (int64_t)(((__int128)c->max_drift_ppb << 32) / TSYNC_S) + 1;
}

int tsync_open(const struct tsync_config *c, struct tsync **out)
{
	int rc = check(c);
	if (rc)
		return rc;
	struct tsync *t = mem_take(1, sizeof *t);
	if (!t)
		return err_set(ERR_NOMEM, "no memory for a venue's clock (%zu bytes)", sizeof *t);
	t->c = *c;
	if (!t->c.max_drift_ppb)
		t->c.max_drift_ppb = DRIFT_DEFAULT_PPB;
	tsync_drift_reset(&t->drift, max_rate(&t->c));
	slow_reset(t);
	tsync_join(t, 0);
	*out = t;
	return 0;
}

void tsync_free(struct tsync *t)
{
	free(t);
}

int tsync_source(struct tsync *t, enum tsync_kind kind)
{
	must(kind < tsync_kind_max);
	if (t->n == TSYNC_SOURCES)
		return err_set(ERR_FULL, "a venue's clock has at most %d sources", TSYNC_SOURCES);
	struct tsync_source *s = &t->source[t->n];
	s->kind = (uint8_t)kind;
	s->stream.leap_ns = TSYNC_LEAP;
	if (kind == TSYNC_PAIRS)
		s->pairs = (struct tsync_pairs){ 0 };
	tsync_grain_init(&s->grain, t->c.grain_ns);
	return (int)t->n++;
}

static void source_clear(struct tsync_source *s)
{
	s->doubt.n = 0;
	s->span.known = false;
	s->joined = false;
	if (s->kind == TSYNC_PAIRS) {
		s->pairs = (struct tsync_pairs){ 0 };
	} else {
		s->stream = (struct tsync_stream){ 0 };
		s->stream.leap_ns = TSYNC_LEAP;
	}
}

void tsync_restart(struct tsync *t, struct tsync_source *s, bool counted)
{
	bool all = !s || s->joined;
	for (uint32_t i = 0; i < t->n; i++)
		if (s == &t->source[i] || (all && (!s || t->source[i].joined)))
			source_clear(&t->source[i]);
	if (all) {
		tsync_drift_reset(&t->drift, t->drift.rate.max);
		slow_reset(t);
	}
	t->steps += counted;
}

/* Our own stamp: false where it runs back; three that go on from there mean that our clock was set without a word. */
static bool arrived(struct tsync *t, int64_t recv_ns)
{
	if (t->begun && recv_ns < t->newest_ns - TSYNC_DISORDER) {
		struct tsync_doubt *d = &t->back;
		d->n = d->n && recv_ns >= d->p.t_ns ? d->n + 1 : 1;
		d->p.t_ns = recv_ns;
		if (d->n < TSYNC_CONFIRM_STAMPS)
			return false;
		tsync_restart(t, NULL, true);
		t->newest_ns = recv_ns;
	}
	t->back.n = 0;
	if (!t->begun || recv_ns > t->newest_ns)
		t->newest_ns = recv_ns;
	t->begun = true;
	return true;
}

static void see_slow(struct tsync *t, struct tsync_point p)
{
	if (p.c_ns < t->slow_c_ns[0])
		t->slow_c_ns[0] = p.c_ns;
	if (++t->slow_n < SLOW_MESSAGES)
		return;
	if (p.t_ns >= t->slow_from_ns && p.t_ns - t->slow_from_ns < SLOW_SPAN)
		return;
	t->slow_c_ns[1] = t->slow_c_ns[0];
	t->slow_c_ns[0] = INT64_MAX;
	t->slow_from_ns = p.t_ns;
	t->slow_n = 0;
}

/* After a source has judged. */
static bool settle(struct tsync *t, struct tsync_source *s, enum tsync_fate fate,
		   struct tsync_point p)
{
	t->refused += fate == TSYNC_REFUSED;
	if (fate == TSYNC_REFUSED)
		return false;
	s->heard_ns = p.t_ns;
	see_slow(t, p);
	if (fate == TSYNC_KEPT)
		return true;
	tsync_join(t, t->newest_ns);
	if (tsync_drift_see(&t->drift, t->newest_ns, t->now.lo_ns, t->now.hi_ns))
		tsync_join(t, t->newest_ns);
	return true;
}

static bool refuse(struct tsync *t)
{
	t->refused++;
	return false;
}

static struct tsync_source *source_of(struct tsync *t, int source, enum tsync_kind kind)
{
	must(source >= 0 && (uint32_t)source < t->n && t->source[source].kind == kind);
	return &t->source[source];
}

bool tsync_pair(struct tsync *t, int source, int64_t sent_ns, int64_t venue_recv_ns,
		int64_t venue_send_ns, int64_t recv_ns)
{
	struct tsync_source *s = source_of(t, source, TSYNC_PAIRS);
	t->samples++;
	if (!tsync_sane(sent_ns) || !tsync_sane(recv_ns) || !tsync_sane(venue_recv_ns) ||
	    !tsync_sane(venue_send_ns) || recv_ns < sent_ns || venue_send_ns < venue_recv_ns)
		return refuse(t);
	struct tsync_point lo = { recv_ns, venue_send_ns - recv_ns };
	struct tsync_point hi = { sent_ns, venue_recv_ns - sent_ns };
	if (!tsync_sane(lo.c_ns) || !tsync_sane(hi.c_ns) || !arrived(t, recv_ns))
		return refuse(t);
	hi.c_ns += s->grain.now_ns - 1;
	/* Longer at the venue than away from us: no drift explains it. */
	if (lo.c_ns > hi.c_ns + tsync_over(recv_ns - sent_ns, t->drift.rate.max) + 1)
		return refuse(t);
	enum tsync_fate fate = tsync_pairs_add(t, s, lo, hi);
	if (fate != TSYNC_REFUSED) {
		tsync_grain_see(&s->grain, venue_recv_ns);
		tsync_grain_see(&s->grain, venue_send_ns);
	}
	return settle(t, s, fate, lo);
}

bool tsync_stamp(struct tsync *t, int source, int64_t venue_ns, int64_t recv_ns)
{
	if (!venue_ns)
		return true;
	struct tsync_source *s = source_of(t, source, TSYNC_STREAM);
	t->samples++;
	if (!tsync_sane(venue_ns) || !tsync_sane(recv_ns))
		return refuse(t);
	struct tsync_point p = { recv_ns, venue_ns - recv_ns };
	if (!tsync_sane(p.c_ns) || !arrived(t, recv_ns))
		return refuse(t);
	enum tsync_fate fate = tsync_stream_add(t, s, p);
	if (fate != TSYNC_REFUSED)
		tsync_grain_see(&s->grain, venue_ns);
	return settle(t, s, fate, p);
}
