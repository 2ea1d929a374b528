/* tsync_step - the host's own clock was set: all that is remembered moves with it, nothing is forgotten. */
#include "core/market/tsync_part.h"

static int64_t within(__int128 v)
{
	return v >= TSYNC_TIME_MAX    ? TSYNC_TIME_MAX - 1
	       : v <= -TSYNC_TIME_MAX ? 1 - TSYNC_TIME_MAX
				      : (int64_t)v;
}

static void move_time(int64_t *t_ns, int64_t step_ns)
{
	*t_ns = within((__int128)*t_ns + step_ns);
}

/* What was later on our clock is less ahead of it. */
static void move_offset(int64_t *c_ns, int64_t step_ns)
{
	if (*c_ns != TSYNC_NONE_LO && *c_ns != TSYNC_NONE_HI)
		*c_ns = within((__int128)*c_ns - step_ns);
}

static void move(struct tsync_point *p, int64_t step_ns)
{
	move_time(&p->t_ns, step_ns);
	move_offset(&p->c_ns, step_ns);
}

static void move_pairs(struct tsync_pairs *p, int64_t step_ns)
{
	for (uint32_t i = 0; i < p->n; i++) {
		for (int k = 0; k < 2; k++) {
			move(&p->b[i].lo[k], step_ns);
			move(&p->b[i].hi[k], step_ns);
		}
		move_time(&p->b[i].from_ns, step_ns);
	}
}

static void move_trips(struct tsync_pairs *p, int64_t step_ns)
{
	for (int i = 0; i < 2; i++) {
		move(&p->trip[i].mid, step_ns);
		move_time(&p->trip[i].from_ns, step_ns);
	}
}

static void move_stream(struct tsync_stream *m, int64_t step_ns)
{
	for (int i = 0; i < 2; i++) {
		for (uint32_t k = 0; k < m->near[i].tops; k++)
			move(&m->near[i].top[k], step_ns);
		move_time(&m->near[i].from_ns, step_ns);
	}
	for (uint32_t i = 0; i < m->n; i++) {
		move(&m->far[i].top, step_ns);
		move(&m->far[i].firm, step_ns);
		move_time(&m->far[i].from_ns, step_ns);
	}
	move(&m->env, step_ns);
	move(&m->most, step_ns);
	move_time(&m->begun_ns, step_ns);
	if (m->fell_ns)
		move_time(&m->fell_ns, step_ns);
}

static void move_source(struct tsync_source *s, int64_t step_ns)
{
	move(&s->doubt.p, step_ns);
	move_offset(&s->doubt.lo_ns, step_ns);
	move_offset(&s->doubt.hi_ns, step_ns);
	move_time(&s->span.at_ns, step_ns);
	move_offset(&s->span.lo_ns, step_ns);
	move_offset(&s->span.hi_ns, step_ns);
	move_offset(&s->span.guess_ns, step_ns);
	move_time(&s->heard_ns, step_ns);
	if (s->kind == TSYNC_PAIRS) {
		move_pairs(&s->pairs, step_ns);
		move_trips(&s->pairs, step_ns);
	} else {
		move_stream(&s->stream, step_ns);
	}
}

static void move_drift(struct tsync_drift *d, int64_t step_ns)
{
	for (uint32_t i = 0; i < d->n; i++) {
		move_time(&d->e[i].at_ns, step_ns);
		move_offset(&d->e[i].lo_ns, step_ns);
		move_offset(&d->e[i].hi_ns, step_ns);
		move(&d->e[i].top, step_ns);
	}
	move(&d->top, step_ns);
	if (d->from_ns != TSYNC_NONE_LO)
		move_time(&d->from_ns, step_ns);
}

void tsync_host_step(struct tsync *t, int64_t step_ns)
{
	for (uint32_t i = 0; i < t->n; i++)
		move_source(&t->source[i], step_ns);
	move_drift(&t->drift, step_ns);
	move_time(&t->newest_ns, step_ns);
	move_time(&t->back.p.t_ns, step_ns);
	move_time(&t->slow_from_ns, step_ns);
	for (int i = 0; i < 2; i++)
		move_offset(&t->slow_c_ns[i], step_ns);
	move_time(&t->now.at_ns, step_ns);
	move_offset(&t->now.lo_ns, step_ns);
	move_offset(&t->now.hi_ns, step_ns);
	move_offset(&t->now.offset_ns, step_ns);
}
