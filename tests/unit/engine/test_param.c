/* Proves an operator's word on a parameter: within its bounds, with a reason where the script wants one, told to the script, in receipts; it comes back after a restart and
 * in another version, and gives way to a configuration that has changed. */
#include "core/base/err.h"
#include "core/engine_parts.h"
#include "core/engine_reload.h"
#include "core/trade/param.h"
#include "tests/unit/engine/stage.h"
#include "tests/unit/suite.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static double value[2];

static bool param(const struct strategy *s, unsigned i, struct strat_param *out)
{
	static const struct strat_param p[] = {
		{ .name = "open_bp", .doc = "open above", .configured = 10, .min = 0, .max = 200 },
		{ .name = "lots",
		  .doc = "size",
		  .configured = 3,
		  .min = 1,
		  .max = (double)INFINITY,
		  .reason = true },
	};
	(void)s;
	if (i >= 2)
		return false;
	*out = p[i];
	out->value = value[i];
	return true;
}

static int set_param(struct strategy *s, const char *name, double x)
{
	struct strat_param p;
	for (unsigned i = 0; param(s, i, &p); i++) {
		if (strcmp(p.name, name) != 0)
			continue;
		if (!(x >= p.min && x <= p.max))
			return err_set(ERR_RANGE, "%s is outside", name);
		value[i] = x;
		return 0;
	}
	return err_set(ERR_NOTFOUND, "no %s", name);
}

static struct strategy_ops ops;

static void give_params(struct stage *s)
{
	value[0] = 10;
	value[1] = 3;
	ops = *s->script.s.ops;
	ops.param = param;
	ops.set_param = set_param;
	s->script.s.ops = &ops;
	s->script.listens = 1u << STRAT_PARAM;
}

static const char *tell(struct stage *s, const char *what, const char *why)
{
	struct env_command c = { .kind = CMD_SET, .id = 5, .who = "anna" };
	snprintf(c.scope, sizeof c.scope, "%s", s->ci[0].name);
	snprintf(c.arg, sizeof c.arg, "%s", what);
	snprintf(c.why, sizeof c.why, "%s", why);
	return stage_tell(s, &c);
}

START_TEST(set_told_and_receipted)
{
	struct stage *s = stage_new();
	give_params(s);
	const char *a = tell(s, ".open_bp 12.5", "quiet");
	ck_assert_msg(strncmp(a, "ok: ", 4) == 0 && strstr(a, "open_bp is 12.5; it was 10"), "%s",
		      a);
	ck_assert_double_eq(value[0], 12.5);
	ck_assert_uint_eq(s->script.calls[STRAT_PARAM], 1);
	ck_assert_str_eq(s->script.param.name, "open_bp");
	ck_assert_double_eq(s->script.param.old, 10);
	ck_assert_double_eq(s->script.param.now, 12.5);
	const struct fact *f = stage_latest(s, FACT_PARAM);
	ck_assert_ptr_nonnull(f);
	ck_assert_str_eq(f->text, "open_bp = 12.5 (10) by ann/1: quiet");
	ck_assert_int_eq(f->num[0], 12500000000);
	ck_assert_int_eq(f->num[1], 10000000000);
	ck_assert_int_eq(f->num[2], 10000000000);
	ck_assert_int_eq(f->num[5], 1);
	stage_command(s, CMD_PARAMS, "all", "");
	ck_assert_uint_eq(s->n_rows, 2);
	ck_assert_msg(strstr(s->row[0], "\topen_bp\t12.5\t10\t0\t200\t"), "%s", s->row[0]);
	ck_assert_msg(strstr(s->row[1], "\tlots\t3\t3\t1\t\t\tsize"), "%s", s->row[1]);
	a = tell(s, ".open_bp default", "");
	ck_assert_msg(strstr(a, "open_bp is 10; it was 12.5"), "%s", a);
	ck_assert_uint_eq(s->d->n_params, 0);
	ck_assert_int_eq(stage_latest(s, FACT_PARAM)->num[5], 0);
	stage_free(s);
}
END_TEST

START_TEST(what_is_refused)
{
	static const struct {
		const char *what, *why, *words;
	} bad[] = {
		{ ".open_bp 201", "x", "outside" },
		{ ".open_bp -1", "x", "outside" },
		{ ".open_bp nan", "x", "is no parameter and its value" },
		{ ".open_bp inf", "x", "is no parameter and its value" },
		{ ".open_bp 1e999", "x", "is no parameter and its value" },
		{ ".open_bp twelve", "x", "is no parameter and its value" },
		{ ".open_bp 1 2", "x", "is no parameter and its value" },
		{ ".open_bp", "x", "is no parameter and its value" },
		{ ". 5", "x", "is no parameter and its value" },
		{ ".close_bp 5", "x", "has no parameter 'close_bp'; `tandem params DB` lists" },
		{ ".lots 5", "", "a change of lots takes a reason" },
	};
	struct stage *s = stage_new();
	give_params(s);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		const char *a = tell(s, bad[i].what, bad[i].why);
		ck_assert_msg(strncmp(a, "no: ", 4) == 0 && strstr(a, bad[i].words), "%s: %s",
			      bad[i].what, a);
	}
	ck_assert_double_eq(value[0], 10);
	ck_assert_uint_eq(stage_count(s, FACT_PARAM), 0);
	ck_assert_uint_eq(s->script.calls[STRAT_PARAM], 0);
	struct env_command c = { .kind = CMD_SET, .id = 5, .scope = "nobody", .arg = ".lots 5" };
	ck_assert_str_eq(stage_tell(s, &c), "no: no instance is called 'nobody'");
	stage_free(s);
}
END_TEST

static struct config_param stated[1];

static void state_it(struct stage *s)
{
	s->ci[0].param = stated;
	s->ci[0].n_params = 1;
}

/* Facts of the life before, read by recovery; then the engine starts. */
static struct stage *reborn(const struct fact *facts, unsigned n, void (*before)(struct stage *s))
{
	struct stage *s = stage_new_cold(before);
	give_params(s);
	for (unsigned i = 0; i < n; i++)
		param_recall(s->d, &facts[i]);
	ck_assert_int_eq(engine_start(s->engine), 0);
	return s;
}

START_TEST(over_a_restart)
{
	struct fact kept[2];
	struct stage *s = stage_new_cold(state_it);
	stated[0] = (struct config_param){ .name = "open_bp", .value = 10 };
	give_params(s);
	ck_assert_int_eq(engine_start(s->engine), 0);
	tell(s, ".open_bp 0.1", "");
	kept[0] = *stage_latest(s, FACT_PARAM);
	param_carry(s->d); /* a checkpoint says the same */
	kept[1] = *stage_latest(s, FACT_PARAM);
	ck_assert_ptr_ne(strstr(kept[1].text, "open_bp = 0.1 carried"), NULL);
	stage_free(s);
	for (int k = 0; k < 2; k++) {
		s = reborn(&kept[k], 1, state_it);
		ck_assert_double_eq(value[0], 0.1); /* to the bit */
		ck_assert_uint_eq(s->d->n_params, 1);
		stage_free(s);
	}
	/* Twice the same is once. */
	s = reborn(kept, 2, state_it);
	ck_assert_uint_eq(s->d->n_params, 1);
	stage_free(s);
	/* The configuration says something else now. */
	stated[0].value = 11;
	s = reborn(kept, 1, state_it);
	ck_assert_double_eq(value[0], 10); /* the played script's own */
	ck_assert_uint_eq(s->d->n_params, 0);
	ck_assert_ptr_ne(strstr(stage_latest(s, FACT_PARAM)->text,
				"the configuration was changed since it was set"),
			 NULL);
	stage_free(s);
	s = reborn(kept, 1, NULL); /* or says nothing any more */
	ck_assert_uint_eq(s->d->n_params, 0);
	stage_free(s);
}
END_TEST

/* A version that has no such parameter goes on as it is; people are told, and the word stands for the one after it. */
START_TEST(another_version)
{
	struct stage *s = stage_new();
	give_params(s);
	tell(s, ".open_bp 12.5", "");
	value[0] = 10;
	param_apply(s->d, 0, &s->script.s);
	ck_assert_double_eq(value[0], 12.5);
	snprintf(s->d->param[0].name, sizeof s->d->param[0].name, "gone");
	param_apply(s->d, 0, &s->script.s);
	const struct fact *f = stage_latest(s, FACT_ALERT);
	ck_assert_msg(f && strstr(f->text, "what an operator set is not in force"), "%s",
		      f ? f->text : "");
	ck_assert_uint_eq(s->d->n_params, 1);
	stage_free(s);
}
END_TEST

static double beside;

static int set_beside(struct strategy *s, const char *name, double x)
{
	(void)s;
	if (strcmp(name, "open_bp") != 0)
		return err_set(ERR_NOTFOUND, "no %s", name);
	beside = x;
	return 0;
}

/* Else it would be compared with another strategy than the one that trades. */
START_TEST(a_shadow_is_given_the_same)
{
	struct stage *s = stage_new();
	give_params(s);
	static struct strategy_ops other;
	other = *s->script.s.ops;
	other.set_param = set_beside;
	struct strategy shadow = s->script.s;
	shadow.ops = &other;
	tell(s, ".open_bp 12.5", "");
	beside = 10;
	struct version *v = lineup_place(s->d->instance[0].lineup);
	*v = (struct version){ .script = &shadow, .name = 7 };
	ck_assert_int_eq(engine_shadow_install(s->engine, 0, v), 0);
	ck_assert_double_eq(beside, 12.5);
	tell(s, ".open_bp 14", "");
	ck_assert_double_eq(beside, 14);
	tell(s, ".lots 4", "for the day"); /* which it does not have */
	ck_assert_double_eq(value[1], 4);
	tell(s, ".open_bp default", "");
	ck_assert_double_eq(beside, 10);
	*v = (struct version){ 0 };
	stage_free(s);
}
END_TEST

SUITE("param", set_told_and_receipted, what_is_refused, over_a_restart, another_version,
      a_shadow_is_given_the_same)
