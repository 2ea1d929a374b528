/* What tests of time, gates and halts share: a stage with its own beginning, a quote with a stamp, the latest word of a gate. */
#pragma once
#include "tests/unit/engine/stage.h"

#define MS STAGE_MS

static inline struct venue_host *host_of(struct stage *s, unsigned leg)
{
	return &s->venue[leg].v.host;
}

static inline void quote(struct stage *s, unsigned leg, int64_t venue_ns)
{
	struct venue_host *h = host_of(s, leg);
	struct quote q = { .px = { leg ? 601000 : 6000000, leg ? 601001 : 6000001 },
			   .qty = { 500000 + s->seq / 10 % 7, 500000 }, /* so that it is news */
			   .seq = s->seq += 10,
			   .venue_ns = venue_ns,
			   .recv_ns = s->now.mono_ns };
	h->on_quote(h->core, leg, &q);
}

static inline const struct fact *gate_fact(const struct stage *s, uint8_t state)
{
	const struct fact *f = stage_latest(s, FACT_GATE);
	ck_assert_ptr_nonnull(f);
	ck_assert_msg(f->state == state, "the gate is %u, not %u: %s", f->state, state, f->text);
	return f;
}

static inline struct stage *stage_of(void (*before)(struct stage *s))
{
	struct stage *s = stage_new_cold(before);
	ck_assert_int_eq(engine_start(s->engine), 0);
	stage_up(s);
	stage_turn(s, MS);
	return s;
}
