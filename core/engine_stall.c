/* engine_stall - what a script that had to be stopped cost the others: how long the engine stood, and what came late by up to that. */
#include "core/engine_parts.h"

void engine_stalled(struct engine *e, uint16_t instance, uint64_t cause)
{
	struct desk *d = &e->d;
	struct engine_stall *s = &e->stall;
	struct env_now end;
	env_now(d->env, &end);
	const int64_t took_ns = end.mono_ns - d->now.mono_ns;
	d->stat.stalls++;
	d->stat.stall_worst_ns =
		took_ns > d->stat.stall_worst_ns ? took_ns : d->stat.stall_worst_ns;
	if (s->cause) { /* a second one in the turn: they stand in one line */
		s->took_ns = took_ns;
		return;
	}
	*s = (struct engine_stall){ .cause = cause,
				    .instance = instance,
				    .took_ns = took_ns,
				    .quotes = d->stat.quotes,
				    .orders = d->stat.orders };
	for (uint32_t k = 0; k < e->n_dirty; k++)
		s->calls += e->is_dirty[e->dirty[k]];
}

/* In the next turn, whose rescues have left: what arrived while the engine stood has been read and answered. */
void engine_stall_over(struct engine *e)
{
	struct desk *d = &e->d;
	const struct engine_stall *s = &e->stall;
	const int64_t quotes = (int64_t)(d->stat.quotes - s->quotes),
		      orders = (int64_t)(d->stat.orders - s->orders - s->own_orders);
	struct fact f;
	scribe_instance(d, &f, FACT_STALL, s->instance, 0);
	f.cause = s->cause;
	f.num[0] = s->took_ns;
	f.num[1] = s->calls;
	f.num[2] = quotes;
	f.num[3] = orders;
	fact_text(
		&f,
		"the engine stood for %.3f ms; late by no more than that: %u calls of others, %lld quotes, %lld orders",
		(double)s->took_ns / 1e6, s->calls, (long long)quotes, (long long)orders);
	scribe_put(d, &f);
	struct fact a;
	scribe_instance(d, &a, FACT_ALERT, s->instance, 0);
	a.cause = s->cause;
	a.num[1] = (int64_t)d->stat.stalls;
	scribe_raise(d, &a, ALERT_STALL, "%s", f.text);
	e->stall = (struct engine_stall){ 0 };
}

void engine_interpreted(struct engine *e, uint16_t instance, struct strategy *s)
{
	struct fact f;
	scribe_instance(&e->d, &f, FACT_ALERT, instance, 0);
	s->interpreted_told = s->interpreted;
	f.num[1] = (int64_t)s->trace_aborts;
	if (s->interpreted)
		scribe_raise(
			&e->d, &f, ALERT_INTERPRETED,
			"%s: on_basis is not compiled (%llu traces given up); it is called with plain numbers: "
			"see tandem lint",
			s->file, (unsigned long long)s->trace_aborts);
	else
		scribe_raise(&e->d, &f, ALERT_NOTE, "%s: on_basis is compiled again", s->file);
}
