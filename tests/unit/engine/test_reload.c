/* Proves how versions of a script come and go: swapped between turns, with their memory; tried, and gone back from; shadows unheard, canaries small;
 * and that a pair's news goes to the version that opened it. */
#include "core/base/err.h"
#include "core/engine_parts.h"
#include "core/engine_reload.h"
#include "tests/unit/engine/stage.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A version that is played: proposes what it is told to, remembers one number. */
struct played {
	struct strategy s; /* first */
	unsigned calls[strat_event_max];
	struct strat_pair_event pair;
	struct proposal answer;
	bool proposes, fails, refuses;
	uint8_t memory, refuses_memory;
	bool given_back;
};

static int played_run(struct strategy *st, const struct strat_self *self,
		      const struct strat_event *ev, struct proposal *out, unsigned cap)
{
	struct played *x = (struct played *)st;
	(void)self;
	(void)cap;
	st->calls++;
	x->calls[ev->kind]++;
	if (ev->kind == STRAT_PAIR)
		x->pair = *ev->pair;
	if (x->fails) {
		st->errors++;
		return err_set(ERR_SCRIPT, "x.lua:3: it raised");
	}
	if (ev->kind == STRAT_BASIS && x->proposes) {
		out[0] = x->answer;
		return 1;
	}
	return 0;
}

static uint32_t played_hooks(const struct strategy *st)
{
	(void)st;
	return 0xffff;
}

static int played_save(struct strategy *st, void *buf, size_t cap, size_t *len)
{
	ck_assert_uint_ge(cap, 1);
	*(uint8_t *)buf = ((struct played *)st)->memory;
	*len = 1;
	return 0;
}

static int played_restore(struct strategy *st, const void *buf, size_t len)
{
	struct played *x = (struct played *)st;
	ck_assert_uint_eq(len, 1);
	if (x->refuses || (x->refuses_memory && *(const uint8_t *)buf == x->refuses_memory)) {
		x->memory = 0; /* as it was declared */
		return err_set(ERR_SCRIPT, "x.lua:9: on_load refused");
	}
	x->memory = *(const uint8_t *)buf;
	return 0;
}

static const struct strategy_ops played_ops = {
	.run = played_run, .hooks = played_hooks, .save = played_save, .restore = played_restore
};

/* Gives what a test has laid into it. */
struct played_port {
	struct reload_port p; /* first */
	struct reload_job job;
	uint8_t saved;
	unsigned asked, given_back;
	struct reload_done done;
	bool ready;
	struct strategy *next;
	uint32_t name;
};

static int port_ask(struct reload_port *p, const struct reload_job *job, const void *saved,
		    size_t len)
{
	struct played_port *x = (struct played_port *)p;
	x->asked++;
	x->job = *job;
	x->saved = len ? *(const uint8_t *)saved : 0;
	x->done = (struct reload_done){ .job = *job,
					.text = "dry run: 0 calls",
					.script = x->next,
					.name = x->name,
					.name_is_new = true };
	x->ready = true;
	return 0;
}

static bool port_take(struct reload_port *p, struct reload_done *out)
{
	struct played_port *x = (struct played_port *)p;
	if (!x->ready)
		return false;
	*out = x->done;
	x->ready = false;
	return true;
}

static void port_give_back(struct reload_port *p, struct strategy *s)
{
	((struct played_port *)p)->given_back++;
	((struct played *)s)->given_back = true;
}

static const struct reload_ops port_ops = { port_ask, port_take, port_give_back };

struct scene {
	struct stage *s;
	struct played_port port;
	struct played one, two;
	uint32_t names;
};

static void play(struct played *x, uint32_t version)
{
	*x = (struct played){ .s = { .ops = &played_ops, .n_legs = STAGE_LEGS, .version = version },
			      .answer = stage_pair(10) };
	snprintf(x->s.leg_name[SPOT], sizeof x->s.leg_name[SPOT], "%s", "near");
	snprintf(x->s.file, sizeof x->s.file, "v%u.lua", version);
	x->s.limits.max_slip_tick = x->s.limits.max_unwind_slip_tick = -1;
	x->s.limits.on_leg_fail = on_leg_fail_max;
	for (unsigned l = 0; l < LEG_MAX; l++)
		x->s.conv[l] = (struct basis_conv){ .k = 1 };
}

static struct scene *scene_new(void)
{
	struct scene *c = calloc(1, sizeof *c);
	c->s = stage_new();
	c->port.p.ops = &port_ops;
	engine_set_reload(c->s->engine, &c->port.p);
	c->s->ci[0].reload = (struct config_reload){ .trial_calls = 1000,
						     .max_broken_ppm = 500000,
						     .n_canary = 2,
						     .canary_ppm = { 100000, 500000 },
						     .canary_pairs = 1 };
	play(&c->one, 1);
	play(&c->two, 2);
	for (unsigned l = 0; l < STAGE_LEGS; l++) {
		memcpy(c->one.s.leg_name[l], c->s->ci[0].leg_name[l], sizeof c->one.s.leg_name[l]);
		memcpy(c->two.s.leg_name[l], c->s->ci[0].leg_name[l], sizeof c->two.s.leg_name[l]);
	}
	c->names = 100;
	return c;
}

static void scene_free(struct scene *c)
{
	stage_free(c->s);
	free(c);
}

/* Asked for by an operator, and ready at once. */
static const char *reload(struct scene *c, struct played *x, const char *how)
{
	struct env_command cmd = { .kind = CMD_RELOAD };
	snprintf(cmd.scope, sizeof cmd.scope, "%s", c->s->ci[0].name);
	snprintf(cmd.arg, sizeof cmd.arg, "%s", how);
	c->port.next = x ? &x->s : NULL;
	c->port.name = c->names + 1;
	const unsigned asked = c->port.asked;
	const char *said = stage_tell(c->s, &cmd);
	if (c->port.asked == asked)
		return said;
	c->names += c->port.asked - asked;
	unsigned number;
	ck_assert_int_eq(sscanf(said, "ok: %u is being prepared", &number), 1);
	snprintf(cmd.arg, sizeof cmd.arg, "told %u", number);
	return stage_tell(c->s, &cmd);
}

/* A version that has passed its trial. */
static void settle(struct scene *c, struct played *x)
{
	ck_assert_msg(strncmp(reload(c, x, "swap"), "ok: ", 4) == 0, "%s", c->s->reply);
	c->s->d->instance[0].lineup->trial.on = false;
}

static void quote(struct scene *c, int64_t tick)
{
	stage_book(c->s, SPOT, 6000000, 6000002 + tick);
	stage_turn(c->s, STAGE_MS);
}

START_TEST(a_version_is_swapped_with_its_memory)
{
	struct scene *c = scene_new();
	c->one.memory = 5;
	ck_assert_str_eq(reload(c, &c->one, "swap"),
			 "ok: version 1 of basis trades; dry run: 0 calls");
	c->one.memory = 41;
	ck_assert_str_eq(reload(c, &c->two, "swap"),
			 "ok: version 2 of basis trades; dry run: 0 calls");
	ck_assert_uint_eq(c->two.memory, 41);
	ck_assert_ptr_eq(c->s->d->instance[0].script, &c->two.s);
	ck_assert_uint_eq(c->two.calls[STRAT_START], 1);
	const struct fact *f = stage_latest(c->s, FACT_SCRIPT);
	ck_assert(f->state == VERSION_LIVE && f->num[0] == 2 && f->script == c->names &&
		  f->num[3] == c->names - 1);
	unsigned before = c->one.calls[STRAT_BASIS];
	quote(c, 1);
	ck_assert_uint_eq(c->one.calls[STRAT_BASIS], before);
	ck_assert_uint_gt(c->two.calls[STRAT_BASIS], 0);
	scene_free(c);
}
END_TEST

START_TEST(what_fails_leaves_the_old_one_and_says_why)
{
	struct scene *c = scene_new();
	reload(c, &c->one, "swap");
	c->two.refuses = true;
	ck_assert_str_eq(reload(c, &c->two, "swap"),
			 "no: x.lua:9: on_load refused; the one that trades goes on");
	ck_assert(c->two.given_back);
	ck_assert_ptr_eq(c->s->d->instance[0].script, &c->one.s);
	ck_assert_int_eq(stage_latest(c->s, FACT_SCRIPT)->state, VERSION_REFUSED);
	c->two.refuses = false;
	snprintf(c->two.s.leg_name[0], sizeof c->two.s.leg_name[0], "other");
	const char *said = reload(c, &c->two, "swap");
	ck_assert_msg(strstr(said, "no: v2.lua: legs and refs") == said, "%s", said);
	ck_assert_str_eq(
		reload(c, &c->two, "sideways"),
		"no: a version comes by swap, canary or shadow, and goes by back, drop or promote, not by 'sideways'");
	scene_free(c);
}
END_TEST

START_TEST(a_pairs_news_goes_to_who_opened_it)
{
	struct scene *c = scene_new();
	reload(c, &c->one, "swap");
	c->s->venue[SPOT].fate = c->s->venue[PERP].fate = STAGE_SILENT;
	c->s->venue[SPOT].answer_queries = c->s->venue[PERP].answer_queries = true;
	c->one.proposes = true;
	quote(c, 1);
	c->one.proposes = false;
	uint32_t at = 0;
	const struct pair *p = pairs_each(&c->s->d->pairs, &at);
	ck_assert_int_eq(p->state, PAIR_SENT);
	uint32_t first = c->names;
	reload(c, &c->two, "swap");
	struct played three;
	play(&three, 3);
	memcpy(three.s.leg_name, c->two.s.leg_name, sizeof three.s.leg_name);
	reload(c, &three, "swap");
	ck_assert(!c->one.given_back); /* its pair is in flight */
	stage_run(c->s, 10 * STAGE_SECOND);
	ck_assert(pair_over((enum pair_state)p->state));
	ck_assert_uint_eq(c->one.pair.pair, p->id);
	ck_assert_uint_eq(c->two.calls[STRAT_PAIR] + three.calls[STRAT_PAIR], 0);
	ck_assert(c->one.given_back);
	ck_assert_uint_eq(stage_latest(c->s, FACT_PAIR)->script, first);
	ck_assert_uint_eq(stage_latest(c->s, FACT_FILL)->script, first);
	scene_free(c);
}
END_TEST

START_TEST(a_fault_in_its_trial_brings_the_old_one_back)
{
	struct scene *c = scene_new();
	settle(c, &c->one);
	reload(c, &c->two, "swap");
	c->two.fails = true;
	quote(c, 1);
	ck_assert_ptr_eq(c->s->d->instance[0].script, &c->one.s);
	const struct fact *f = stage_latest(c->s, FACT_SCRIPT);
	ck_assert(f->state == VERSION_LIVE && f->num[0] == 1);
	ck_assert_str_eq(f->text, "it failed 1 times; reload.max_errors is 0");
	ck_assert_int_eq(stage_latest(c->s, FACT_ALERT)->num[2], ALERT_RELOAD);
	stage_run(c->s, STAGE_SECOND);
	ck_assert(c->two.given_back);
	scene_free(c);
}
END_TEST

START_TEST(a_trial_ends_and_a_later_fault_is_only_a_fault)
{
	struct scene *c = scene_new();
	c->s->ci[0].reload.trial_calls = 3;
	reload(c, &c->one, "swap");
	reload(c, &c->two, "swap");
	for (int i = 1; i < 6; i++)
		quote(c, i);
	ck_assert(!c->s->d->instance[0].lineup->trial.on);
	c->two.fails = true;
	quote(c, 9);
	ck_assert_ptr_eq(c->s->d->instance[0].script, &c->two.s);
	scene_free(c);
}
END_TEST

START_TEST(out_of_bounds_in_a_trial_is_a_fault)
{
	struct scene *c = scene_new();
	settle(c, &c->one);
	reload(c, &c->two, "swap");
	c->two.answer = stage_pair(-1);
	c->two.proposes = true;
	quote(c, 1);
	ck_assert_ptr_eq(c->s->d->instance[0].script, &c->one.s);
	ck_assert_str_eq(stage_latest(c->s, FACT_SCRIPT)->text,
			 "1 of its proposals were out of bounds; reload.max_refused is 0");
	scene_free(c);
}
END_TEST

START_TEST(what_the_market_bars_is_no_fault_of_a_version)
{
	struct proposal p = { .kind = PROPOSE_PAIR };
	ck_assert(trial_counts(RISK_LIMIT_PROPOSAL, &p) && trial_counts(RISK_LIMIT_PAIR_LOTS, &p));
	ck_assert(!trial_counts(RISK_LIMIT_COLLAR, &p) && !trial_counts(RISK_LIMIT_RATE, &p));
	ck_assert(!trial_counts(RISK_LIMIT_POSITION_LOTS, &p));
	p.limit_px[1] = 5;
	ck_assert(trial_counts(RISK_LIMIT_COLLAR, &p) && trial_counts(RISK_LIMIT_COLLAR_LAST, &p));
}
END_TEST

START_TEST(a_step_back_takes_the_memory_along)
{
	struct scene *c = scene_new();
	ck_assert_str_eq(reload(c, &c->one, "back"), "no: there is no version to go back to");
	settle(c, &c->one);
	reload(c, &c->two, "swap");
	c->two.memory = 77;
	ck_assert_str_eq(reload(c, NULL, "back"), "ok: version 1 trades again");
	ck_assert_uint_eq(c->one.memory, 77);
	ck_assert_ptr_eq(c->s->d->instance[0].script, &c->one.s);
	ck_assert_str_eq(reload(c, NULL, "back"), "no: there is no version to go back to");
	const struct fact *f = stage_latest(c->s, FACT_SCRIPT);
	ck_assert_str_eq(f->text, "told by ann/1");
	f = &c->s->journal.fact[f->cause - 1];
	ck_assert_int_eq(f->kind, FACT_OPERATOR);
	ck_assert_str_eq(f->text, "reload back basis by ann/1");
	scene_free(c);
}
END_TEST

START_TEST(a_step_back_that_is_not_understood_keeps_its_own_memory)
{
	struct scene *c = scene_new();
	c->one.memory = 5;
	settle(c, &c->one);
	c->one.memory = 5;
	reload(c, &c->two, "swap");
	c->two.memory = 77;
	c->one.refuses_memory = 77;
	ck_assert_str_eq(reload(c, NULL, "back"), "ok: version 1 trades again");
	ck_assert_uint_eq(c->one.memory, 5);
	scene_free(c);
}
END_TEST

START_TEST(one_on_trial_is_nothing_to_go_back_to)
{
	struct scene *c = scene_new();
	struct played three;
	settle(c, &c->one);
	reload(c, &c->two, "swap");
	play(&three, 3);
	memcpy(three.s.leg_name, c->two.s.leg_name, sizeof three.s.leg_name);
	reload(c, &three, "swap");
	stage_run(c->s, STAGE_SECOND);
	ck_assert(c->two.given_back);
	ck_assert_str_eq(reload(c, NULL, "back"), "ok: version 1 trades again");
	scene_free(c);
}
END_TEST

START_TEST(what_fails_at_its_start_never_trades)
{
	struct scene *c = scene_new();
	c->s->ci[0].reload.trial_calls = 0; /* no trial would bring the old one back */
	settle(c, &c->one);
	c->two.fails = true;
	static const char *const how[] = { "swap", "canary", "shadow" };
	for (unsigned k = 0; k < 3; k++) {
		c->two.given_back = false;
		ck_assert_str_eq(reload(c, &c->two, how[k]),
				 "no: x.lua:3: it raised; the one that trades goes on");
		ck_assert_ptr_eq(c->s->d->instance[0].script, &c->one.s);
		ck_assert(c->two.given_back);
		ck_assert_int_eq(stage_latest(c->s, FACT_SCRIPT)->state, VERSION_REFUSED);
		/* Its number means something, and what it said is its own. */
		ck_assert_int_eq(stage_latest(c->s, FACT_NAME)->num[1], c->names);
		ck_assert_uint_eq(stage_latest(c->s, FACT_ALERT)->script, c->names);
	}
	scene_free(c);
}
END_TEST

START_TEST(the_same_text_is_no_new_version)
{
	struct scene *c = scene_new();
	settle(c, &c->one);
	c->names--; /* the same number again */
	ck_assert_str_eq(
		reload(c, &c->two, "swap"),
		"ok: nothing to do: v2.lua is the version that trades");
	ck_assert(c->two.given_back);
	c->one.s.quarantined = true; /* one that was stopped begins anew */
	c->names--;
	ck_assert_msg(strncmp(reload(c, &c->two, "swap"), "ok: ", 4) == 0, "%s", c->s->reply);
	stage_run(c->s, STAGE_SECOND);
	ck_assert_ptr_eq(c->s->d->instance[0].script, &c->two.s);
	ck_assert_uint_eq(engine_reload_name(c->s->engine, 0, &c->two.s), c->names);
	scene_free(c);
}
END_TEST

/* As the reloader asks where a file was written: nobody waits for the answer. */
static void written(struct scene *c, struct played *x, uint8_t sha)
{
	struct env_command *cmd = &c->s->command[c->s->n_commands++];
	*cmd = (struct env_command){ .kind = CMD_RELOAD, .who = "its file", .arg = "swap" };
	snprintf(cmd->scope, sizeof cmd->scope, "%s", c->s->ci[0].name);
	memset(x->s.sha256, sha, sizeof x->s.sha256);
	c->port.next = &x->s;
	c->port.name = ++c->names;
	stage_turn(c->s, STAGE_MS);
}

START_TEST(what_was_gone_back_from_is_not_taken_for_being_written)
{
	struct scene *c = scene_new();
	struct played again;
	settle(c, &c->one);
	written(c, &c->two, 2);
	ck_assert_ptr_eq(c->s->d->instance[0].script, &c->two.s);
	ck_assert_str_eq(reload(c, NULL, "back"), "ok: version 1 trades again");
	play(&again, 2);
	memcpy(again.s.leg_name, c->two.s.leg_name, sizeof again.s.leg_name);
	written(c, &again, 2);
	ck_assert_ptr_eq(c->s->d->instance[0].script, &c->one.s);
	ck_assert_int_eq(stage_latest(c->s, FACT_ALERT)->num[2], ALERT_RELOAD);
	ck_assert_msg(strncmp(reload(c, &again, "swap"), "ok: ", 4) == 0, "%s", c->s->reply);
	scene_free(c);
}
END_TEST

START_TEST(one_is_trusted_by_a_word_with_a_reason)
{
	struct scene *c = scene_new();
	settle(c, &c->one);
	ck_assert(strstr(reload(c, NULL, "promote"), "no: ") == c->s->reply);
	reload(c, &c->two, "shadow");
	c->one.memory = 9;
	ck_assert(strstr(reload(c, NULL, "promote"), "--reason") != NULL);
	struct env_command cmd = { .kind = CMD_RELOAD,
				   .arg = "promote",
				   .why = "agreed for a day" };
	snprintf(cmd.scope, sizeof cmd.scope, "%s", c->s->ci[0].name);
	ck_assert_str_eq(stage_tell(c->s, &cmd), "ok: version 2 trades, on trial");
	ck_assert_ptr_eq(c->s->d->instance[0].script, &c->two.s);
	ck_assert_uint_eq(c->two.memory, 9);
	ck_assert_uint_eq(stage_latest(c->s, FACT_SCRIPT)->script, c->names);
	ck_assert_str_eq(reload(c, NULL, "back"), "ok: version 1 trades again");
	struct played three;
	play(&three, 3);
	memcpy(three.s.leg_name, c->two.s.leg_name, sizeof three.s.leg_name);
	reload(c, &three, "canary");
	ck_assert_str_eq(stage_tell(c->s, &cmd), "ok: version 3 trades the whole size");
	ck_assert(!c->s->d->instance[0].lineup->trial.on);
	scene_free(c);
}
END_TEST

START_TEST(a_shadow_is_counted_while_it_agrees)
{
	struct scene *c = scene_new();
	settle(c, &c->one);
	reload(c, &c->two, "shadow");
	for (int i = 0; i < 5; i++)
		quote(c, i);
	ck_assert_uint_eq(stage_count(c->s, FACT_SHADOW), 0);
	stage_run(c->s, 11 * STAGE_SECOND);
	ck_assert_uint_eq(stage_count(c->s, FACT_SHADOW), 1);
	const struct fact *f = stage_latest(c->s, FACT_SHADOW);
	ck_assert(f->num[2] >= 5 && f->num[2] == f->num[3] && f->script == c->names);
	stage_run(c->s, 11 * STAGE_SECOND); /* nothing has moved */
	ck_assert_uint_eq(stage_count(c->s, FACT_SHADOW), 1);
	scene_free(c);
}
END_TEST

START_TEST(a_shadow_is_shown_all_and_heard_by_nobody)
{
	struct scene *c = scene_new();
	reload(c, &c->one, "swap");
	reload(c, &c->two, "shadow");
	c->two.proposes = true;
	quote(c, 1);
	ck_assert_uint_eq(c->s->d->stat.proposed, 0);
	const struct fact *f = stage_latest(c->s, FACT_SHADOW);
	ck_assert_ptr_nonnull(f);
	ck_assert(f->script == c->names && f->num[0] == 10 * 1000000000LL && f->num[5] == 1);
	c->one.proposes = true;
	quote(c, 2);
	c->one.proposes = c->two.proposes = false;
	const struct shadow_count *n = &c->s->d->instance[0].lineup->shadow;
	ck_assert_uint_eq(n->only_shadow, 1);
	ck_assert_uint_ge(n->same, 1);
	ck_assert_uint_eq(c->s->d->stat.sent, 1);
	stage_run(c->s, STAGE_SECOND);
	ck_assert_uint_eq(c->two.calls[STRAT_PAIR], 0);
	ck_assert(strncmp(reload(c, NULL, "drop"), "ok: ", 4) == 0);
	ck_assert(c->two.given_back);
	scene_free(c);
}
END_TEST

START_TEST(a_canary_trades_a_part_until_it_has_earned_more)
{
	struct scene *c = scene_new();
	reload(c, &c->one, "swap");
	reload(c, &c->two, "canary");
	static const int64_t part[] = { 1, 5, 10 };
	for (int i = 0; i < 3; i++) {
		c->two.proposes = true;
		quote(c, i + 1);
		c->two.proposes = false;
		stage_run(c->s, STAGE_SECOND);
		ck_assert_uint_eq(c->s->d->stat.hedged, (unsigned)i + 1);
		ck_assert_double_eq_tol(c->two.pair.lots, (double)part[i], 1e-9);
	}
	ck_assert(!c->s->d->instance[0].lineup->trial.on);
	scene_free(c);
}
END_TEST

SUITE("reload", what_the_market_bars_is_no_fault_of_a_version, a_version_is_swapped_with_its_memory,
      what_fails_leaves_the_old_one_and_says_why, a_pairs_news_goes_to_who_opened_it,
      a_fault_in_its_trial_brings_the_old_one_back, a_trial_ends_and_a_later_fault_is_only_a_fault,
      out_of_bounds_in_a_trial_is_a_fault, a_step_back_takes_the_memory_along,
      a_shadow_is_shown_all_and_heard_by_nobody, a_canary_trades_a_part_until_it_has_earned_more,
      a_step_back_that_is_not_understood_keeps_its_own_memory,
      one_on_trial_is_nothing_to_go_back_to, what_fails_at_its_start_never_trades,
      the_same_text_is_no_new_version, what_was_gone_back_from_is_not_taken_for_being_written,
      one_is_trusted_by_a_word_with_a_reason, a_shadow_is_counted_while_it_agrees)
