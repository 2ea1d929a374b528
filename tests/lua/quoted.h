/* What tests of strategies share: books that a test quotes, the real basis over them, and what the strategy proposes, as a line of text.
 *
 * Every leg counts one base unit a lot, so a quantity is a number of pair lots; prices have four decimals. Legs are numbered as the strategy names them. */
#pragma once
#include "core/market/basis.h"
#include "core/market/gate.h"
#include "core/trade/pair.h"
#include "tests/unit/lua/script.h"
#include <math.h>

#define QUOTED_SCALE 1e4
#define NO_PAIR	     "-"

struct quoted {
	struct script s;
	struct instrument in[LEG_MAX], ref_in[REF_MAX];
	struct top top[LEG_MAX], ref_top[REF_MAX];
	struct book book[LEG_MAX];
	struct band band;
	struct basis_spec spec;
	int64_t now_ns; /* both clocks */
	uint8_t gate;
	const char *file;
	struct config_param param[16];
	uint32_t n_params;
	double fair, basis; /* of the last pair; NAN: not said */
	char text[160];
};

static inline void quoted_load(struct quoted *q, const void *saved, size_t n)
{
	char path[256];
	snprintf(path, sizeof path, TANDEM_SOURCE_DIR "/strategies/%s.lua", q->file);
	struct lua_instance_options o = { .name = "demo",
					  .file = path,
					  .unbound = true,
					  .param = q->param,
					  .n_params = q->n_params,
					  .saved = saved,
					  .saved_len = n };
	int rc = lua_host_load(q->s.host, &o, &q->s.s);
	ck_assert_msg(rc == 0, "%s", err_text());
}

/* The strategy of that file with these parameters, and empty books. */
static inline void quoted_open(struct quoted *q, const char *file, const struct config_param *param,
			       uint32_t n_params)
{
	*q = (struct quoted){ .file = file, .n_params = n_params, .now_ns = 1000000000 };
	ck_assert(n_params <= sizeof q->param / sizeof *q->param);
	memcpy(q->param, param, n_params * sizeof *param);
	q->s.host = script_host((struct lua_host_options){ .deterministic = true });
	quoted_load(q, NULL, 0);
	const struct strategy *s = q->s.s;
	q->spec = (struct basis_spec){ .n_legs = s->n_legs,
				       .n_refs = s->n_refs,
				       .lot_base_e8 = 100000000 };
	for (unsigned l = 0; l < s->n_legs; l++) {
		struct rule r = { .tick = 1, .lot = 1 };
		q->in[l].expo = (struct expo){ EXPO_LINEAR, 1, 1 };
		q->in[l].px_dp = 4;
		ck_assert_int_eq(instrument_add_rule(&q->in[l], &r), 0);
		ck_assert_int_eq(book_init(&q->book[l], 8), 0);
		q->spec.leg[l] = &q->in[l];
		q->spec.leg_top[l] = &q->top[l];
		q->spec.leg_book[l] = &q->book[l];
		q->spec.conv[l] = s->conv[l];
	}
	for (unsigned r = 0; r < s->n_refs; r++) {
		q->ref_in[r].px_dp = 4;
		q->spec.ref[r] = &q->ref_in[r];
		q->spec.ref_top[r] = &q->ref_top[r];
	}
}

static inline void quoted_close(struct quoted *q)
{
	for (unsigned l = 0; l < q->spec.n_legs; l++)
		book_free(&q->book[l]);
	if (q->spec.band)
		band_free(&q->band);
	script_free(&q->s);
}

static inline int64_t quoted_px(double px)
{
	return llround(px * QUOTED_SCALE);
}

/* The best prices of a leg, with so many lots on both sides, and nothing behind them. */
static inline void quote(struct quoted *q, unsigned leg, double bid, double ask, int64_t lots)
{
	const double px[side_max] = { bid, ask };
	struct top *t = &q->top[leg];
	t->state = BOOK_LIVE;
	book_clear(&q->book[leg]);
	for (int s = 0; s < side_max; s++) {
		t->q.px[s] = quoted_px(px[s]);
		t->q.qty[s] = lots;
		book_set(&q->book[leg], (enum side)s, t->q.px[s], lots);
	}
}

/* A level behind the best one. */
static inline void deeper(struct quoted *q, unsigned leg, enum side side, double px, int64_t lots)
{
	book_set(&q->book[leg], side, quoted_px(px), lots);
}

static inline void quote_ref(struct quoted *q, unsigned ref, double bid, double ask)
{
	struct top *t = &q->ref_top[ref];
	t->state = BOOK_LIVE;
	t->q = (struct quote){ .px = { quoted_px(bid), quoted_px(ask) }, .qty = { 1, 1 } };
}

/* Of the notional, and of a lot; before the first quote is shown, or basis_touch. */
static inline void quoted_fees(struct quoted *q, unsigned leg, double taker_bp, double per_lot)
{
	struct fee_rule *f = &q->in[leg].rule[0].fee;
	f->taker_e8 = llround(taker_bp * 1e4);
	f->per_lot_e8 = llround(per_lot * 1e8);
}

static inline void quoted_band(struct quoted *q, int64_t window_s)
{
	ck_assert_int_eq(band_init(&q->band, window_s * 1000000000, 1000000000), 0);
	q->spec.band = &q->band;
}

/* Shows what is quoted, `ns` later; the number of proposals. */
static inline int quoted_show(struct quoted *q, int64_t ns)
{
	q->now_ns += ns;
	q->s.self.now_ns = q->s.self.utc_ns = q->now_ns;
	basis_eval(&q->spec, q->now_ns, q->now_ns, &q->s.b);
	ck_assert(q->s.b.ok);
	q->s.b.gate = q->gate;
	int rc = script_run(&q->s, STRAT_BASIS);
	ck_assert_msg(rc >= 0, "%s", err_text());
	return rc;
}

/* The same, and the pair that it proposes: "open 3 sell near buy far", with " passive" behind it where one leg rests. */
static inline const char *quoted_says(struct quoted *q, int64_t ns)
{
	int n = quoted_show(q, ns);
	snprintf(q->text, sizeof q->text, NO_PAIR);
	q->fair = q->basis = (double)NAN;
	for (int i = 0; i < n; i++) {
		const struct proposal *p = &q->s.p[i];
		const struct strategy *s = q->s.s;
		if (p->kind != PROPOSE_PAIR)
			continue;
		ck_assert(p->n_legs == 2 && p->side[0] == SIDE_SELL && p->side[1] == SIDE_BUY &&
			  p->reason[0] && p->lots == floor(p->lots));
		ck_assert_str_eq(q->text, NO_PAIR);
		snprintf(q->text, sizeof q->text, "%s %g sell %s buy %s%s",
			 pair_intent_name((enum pair_intent)p->intent), p->lots,
			 s->leg_name[p->leg[0]], s->leg_name[p->leg[1]],
			 p->style == STYLE_PASSIVE ? " passive" : "");
		if (p->has_fair)
			q->fair = p->fair;
		if (p->has_basis)
			q->basis = p->basis;
	}
	return q->text;
}

#define says(q, want) ck_assert_str_eq(quoted_says(q, 1000000), want)
#define near_to(got, want) \
	ck_assert_msg(fabs((got) - (want)) < 1e-6, #got ": %.9g, not %.9g", (got), (double)(want))

/* Saves the state, and goes on with it in an instance of its own, as a restart and a reload do. */
static inline void quoted_restart(struct quoted *q)
{
	uint8_t saved[1024];
	size_t n = 0;
	ck_assert_int_eq(lua_host_save(q->s.s, saved, sizeof saved, &n), 0);
	ck_assert(n > 0);
	q->s.s->ops->free(q->s.s);
	q->s.s = NULL;
	quoted_load(q, saved, n);
}

/* A hundred thousand quotes around what stands, with every position: the hook is compiled and stays so, and its heap stays small. */
static inline void quoted_is_compiled(struct quoted *q, double bid, double swing, int64_t lots)
{
	struct lua_health after;
	for (int i = 0; i < 120000; i++) {
		double px = bid + (i * 7 % 41 - 20) * swing / 20;
		quote(q, 0, px, px + swing / 40, lots);
		q->s.self.pos_lots = i / 41 % 7 - 3;
		quoted_show(q, 10000000);
		lua_host_idle(q->s.s);
	}
	lua_host_health(q->s.s, &after);
	ck_assert(after.hot && after.compiled);
	/* Loops of the prelude that look at a proposal's legs are tried now and then, and given up: a few tens; nothing is begun anew. */
	ck_assert_msg(after.traces <= 150 && after.trace_aborts <= 40 && after.trace_flushes == 0,
		      "%llu traces, %llu aborts, %llu flushes", (unsigned long long)after.traces,
		      (unsigned long long)after.trace_aborts,
		      (unsigned long long)after.trace_flushes);
	ck_assert_msg(after.memory_peak < 8u << 20, "%llu", (unsigned long long)after.memory_peak);
}

/* A suite of one test that is run for every row of its table, and others. */
static inline int quoted_suite(const char *name, const TTest *rows, size_t n_rows,
			       const TTest *const *tests, size_t n)
{
	Suite *s = suite_create(name);
	TCase *c = tcase_create(name);
	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, rows, 0, (int)n_rows);
	for (size_t i = 0; i < n; i++)
		tcase_add_test(c, tests[i]);
	suite_add_tcase(s, c);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
