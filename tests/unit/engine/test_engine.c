/* Proves the turn: rescues leave before any script is called, feeds are repaired, operators are obeyed and answered, sessions open and close, and nothing allocates. */
#include "core/engine_parts.h"
#include "core/trade/risk.h"
#include "tests/kit/allocs.h"
#include "tests/unit/engine/stage.h"
#include "tests/unit/suite.h"
#include <stdlib.h>
#include <string.h>

static const struct pair *only_pair(const struct stage *s)
{
	uint32_t at = 0;
	const struct pair *p = pairs_each(&s->d->pairs, &at);
	ck_assert_ptr_nonnull(p);
	return p;
}

/* The script proposes at the next quote, and the pair's legs meet these fates. */
static const struct pair *open_pair(struct stage *s, enum stage_fate spot, enum stage_fate perp)
{
	s->venue[SPOT].fate = spot;
	s->venue[PERP].fate = perp;
	s->script.answer[STRAT_BASIS][0] = stage_pair(10);
	s->script.n_answer[STRAT_BASIS] = 1;
	stage_book(s, SPOT, 6000000, 6000002);
	stage_turn(s, STAGE_MS);
	const struct pair *p = only_pair(s);
	ck_assert_int_eq(p->state, PAIR_SENT);
	return p;
}

/* In one turn: a leg was rejected, a quote came, a timer of the script is due. */
START_TEST(rescues_leave_before_scripts_are_called)
{
	struct stage *s = stage_new();
	s->script.answer[STRAT_BASIS][0] =
		(struct proposal){ .kind = PROPOSE_TIMER, .value = 0.005, .pair = 3 };
	s->script.n_answer[STRAT_BASIS] = 1;
	stage_book(s, SPOT, 6000000, 6000003);
	stage_turn(s, STAGE_MS);
	const struct pair *p = open_pair(s, STAGE_FILL, STAGE_REJECT);
	ck_assert_str_eq(s->trace, "F B p0 p1 F F "); /* the decision and both legs, one flush */
	stage_book(s, SPOT, 6000000, 6000004);
	stage_turn(s, 10 * STAGE_MS);
	ck_assert_msg(s->trace[0] == 'p' && strcmp(s->trace + 2, " F F P P P T B F F ") == 0, "%s",
		      s->trace);
	ck_assert_uint_eq(s->script.pair.pair, p->id);
	stage_run(s, STAGE_SECOND);
	ck_assert(pair_over((enum pair_state)p->state));
	ck_assert_int_eq(engine_residual_base_e8(s->engine), 0);
	stage_free(s);
}
END_TEST

START_TEST(a_pair_runs_and_is_told)
{
	struct stage *s = stage_new();
	const struct pair *p = open_pair(s, STAGE_FILL, STAGE_FILL);
	stage_turn(s, STAGE_MS);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	ck_assert_uint_eq(s->script.calls[STRAT_PAIR], 2); /* that it was sent, too */
	ck_assert_uint_eq(s->script.pair.state, PAIR_HEDGED);
	ck_assert_double_eq(s->script.pair.lots, 10);
	ck_assert_double_eq_tol(s->script.pair.qty[SPOT], 0.01, 1e-12);
	ck_assert_double_eq_tol(s->script.pair.qty[PERP], -0.01, 1e-12);
	ck_assert_double_eq_tol(s->script.self.pos[SPOT], 0.01, 1e-12);
	ck_assert_double_eq(s->script.self.pos_lots, 10);
	/* From the quote to both orders is measured, once. */
	ck_assert_uint_eq(s->page->tick_to_order.count, 1);
	ck_assert_uint_eq(s->page->tick_to_order.sum, 12345);
	stage_free(s);
}
END_TEST

/* A proposal names what it sells first; its news name the strategy's legs all the same. */
START_TEST(news_are_by_the_strategys_own_legs)
{
	struct stage *s = stage_new();
	struct proposal pr = stage_pair(10);
	pr.leg[0] = PERP, pr.leg[1] = SPOT;
	pr.side[0] = SIDE_SELL, pr.side[1] = SIDE_BUY;
	s->script.answer[STRAT_BASIS][0] = pr;
	s->script.n_answer[STRAT_BASIS] = 1;
	stage_book(s, SPOT, 6000000, 6000002);
	stage_turn(s, STAGE_MS);
	stage_turn(s, STAGE_MS);
	ck_assert_uint_eq(s->script.pair.state, PAIR_HEDGED);
	ck_assert_double_eq_tol(s->script.pair.qty[SPOT], 0.01, 1e-12);
	ck_assert_double_eq_tol(s->script.pair.qty[PERP], -0.01, 1e-12);
	ck_assert_double_eq_tol(s->script.pair.px[SPOT], 60001, 10);
	stage_free(s);
}
END_TEST

START_TEST(refused_pairs_are_not_measured)
{
	struct stage *s = stage_new();
	s->script.answer[STRAT_BASIS][0] = stage_pair(-1);
	s->script.n_answer[STRAT_BASIS] = 1;
	stage_book(s, SPOT, 6000000, 6000003);
	stage_turn(s, STAGE_MS);
	ck_assert_uint_eq(s->script.calls[STRAT_BASIS], 2);
	ck_assert_uint_eq(s->d->stat.refused, 1);
	ck_assert_uint_eq(s->page->tick_to_order.count, 0);
	stage_free(s);
}
END_TEST

/* F28: a hole asks for a snapshot at once; a few at most, then every two seconds until one comes. */
START_TEST(a_hole_is_repaired)
{
	struct stage *s = stage_new();
	int64_t seq = s->d->feed[SPOT].last_seq;
	stage_depth(s, SPOT, seq + 5, seq + 6, 5999999);
	stage_turn(s, STAGE_MS);
	ck_assert_int_eq(s->d->feed[SPOT].top.state, BOOK_GAP);
	ck_assert_uint_eq(s->venue[SPOT].snapshots, 1);
	const struct fact *f = stage_latest(s, FACT_FEED);
	ck_assert(f->num[0] == BOOK_LIVE && f->num[1] == BOOK_GAP && f->num[2] == seq + 1);
	stage_run(s, 1900 * STAGE_MS);
	ck_assert_uint_eq(s->venue[SPOT].snapshots, 1);
	stage_run(s, 300 * STAGE_MS);
	ck_assert_uint_eq(s->venue[SPOT].snapshots, 2);
	s->seq = seq + 10;
	stage_book(s, SPOT, 6000000, 6000001);
	stage_turn(s, STAGE_MS);
	ck_assert_int_eq(s->d->feed[SPOT].top.state, BOOK_LIVE);
	f = stage_latest(s, FACT_FEED);
	ck_assert_int_eq(f->num[1], BOOK_LIVE);
	ck_assert_int_eq(f->num[4], 2201 * STAGE_MS);
	stage_run(s, 5 * STAGE_SECOND);
	ck_assert_uint_eq(s->venue[SPOT].snapshots, 2);
	stage_free(s);
}
END_TEST

/* Opening on a book that is not believed is refused (I9). */
START_TEST(nothing_opens_on_a_hole)
{
	struct stage *s = stage_new();
	int64_t seq = s->d->feed[SPOT].last_seq;
	stage_depth(s, SPOT, seq + 5, seq + 6, 5999999);
	s->script.answer[STRAT_TIMER][0] = stage_pair(10);
	s->script.n_answer[STRAT_TIMER] = 1;
	s->script.answer[STRAT_BASIS][0] =
		(struct proposal){ .kind = PROPOSE_TIMER, .value = 0.01 };
	s->script.n_answer[STRAT_BASIS] = 1;
	stage_book(s, PERP, 601000, 601002);
	stage_turn(s, STAGE_MS);
	stage_run(s, 50 * STAGE_MS);
	ck_assert_uint_eq(s->venue[SPOT].places, 0);
	stage_free(s);
}
END_TEST

START_TEST(rules_may_come_later)
{
	struct stage *s = stage_new();
	int64_t before = s->d->instance[0].lot_base_e8;
	ck_assert_int_eq(before, 100000);
	struct stage_event *e = &s->event[s->n_events++];
	memset(e, 0, sizeof *e);
	e->kind = EV_RULE;
	e->venue = PERP;
	e->rule = (struct rule){ .from_utc_ns = s->now.utc_ns, .tick = 1, .lot = 5, .min_qty = 5 };
	stage_turn(s, STAGE_MS);
	ck_assert_int_eq(s->d->instance[0].lot_base_e8, 5 * before);
	const struct fact *f = stage_latest(s, FACT_RULE);
	ck_assert(f->num[2] == 5 && f->num[5] == 40000); /* our own fees stay */
	s->event[s->n_events++] = (struct stage_event){ .kind = EV_RULE, .venue = PERP };
	stage_turn(s, STAGE_MS);
	ck_assert_ptr_nonnull(strstr(stage_latest(s, FACT_ALERT)->text, "makes no sense"));
	stage_free(s);
}
END_TEST

/* F42: a basis that is handed on once more is one that was proposed on already. */
START_TEST(the_same_ticks_are_taken_once)
{
	struct stage *s = stage_new();
	const struct pair *p = open_pair(s, STAGE_FILL, STAGE_FILL);
	stage_turn(s, STAGE_MS);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	struct strat_event again = { .kind = STRAT_BASIS, .basis = &s->d->instance[0].basis };
	s->script.n_answer[STRAT_BASIS] = 1;
	engine_script_event(s->engine, 0, &again);
	ck_assert_uint_eq(s->d->stat.sent, 1);
	ck_assert_int_eq(stage_latest(s, FACT_RISK)->num[0], RISK_LIMIT_DUPLICATE);
	s->script.n_answer[STRAT_BASIS] = 1;
	stage_book(s, SPOT, 6000000, 6000003); /* another tick */
	stage_turn(s, STAGE_MS);
	ck_assert_uint_eq(s->d->stat.sent, 2);
	stage_free(s);
}
END_TEST

START_TEST(every_goes_on_and_a_pause_only_skips_it)
{
	struct stage *s = stage_new_cold(NULL);
	s->script.answer[STRAT_START][0] =
		(struct proposal){ .kind = PROPOSE_TIMER, .value = 0.5, .pair = 2 };
	s->script.answer[STRAT_START][1] =
		(struct proposal){ .kind = PROPOSE_TIMER, .value = 1e300 };
	s->script.n_answer[STRAT_START] = 2;
	ck_assert_int_eq(engine_start(s->engine), 0);
	ck_assert_uint_eq(s->venue[SPOT].starts + s->venue[PERP].starts, 2);
	stage_run(s, 5 * STAGE_SECOND);
	ck_assert_uint_eq(s->script.calls[STRAT_TIMER], 10);
	ck_assert_uint_eq(s->script.timer, 2);
	ck_assert_str_eq(stage_command(s, CMD_PAUSE, "basis", "lunch"), "ok: paused 1 instances");
	stage_run(s, 2 * STAGE_SECOND);
	ck_assert_uint_eq(s->script.calls[STRAT_TIMER], 10);
	stage_command(s, CMD_RESUME, "basis", "");
	stage_run(s, 2 * STAGE_SECOND);
	ck_assert_uint_eq(s->script.calls[STRAT_TIMER], 14);
	stage_turn(s, 60 * STAGE_SECOND); /* late: it is not made up for */
	ck_assert_uint_eq(s->script.calls[STRAT_TIMER], 15);
	stage_free(s);
}
END_TEST

START_TEST(a_script_that_asks_for_timers_without_end_is_told)
{
	struct stage *s = stage_new();
	for (int i = 0; i < 300; i++) {
		for (int k = 0; k < 4; k++)
			s->script.answer[STRAT_BASIS][k] =
				(struct proposal){ .kind = PROPOSE_TIMER, .value = 3600 };
		s->script.n_answer[STRAT_BASIS] = 4;
		stage_book(s, SPOT, 6000000, 6000002 + i % 2);
		stage_turn(s, STAGE_MS);
	}
	ck_assert_uint_eq(stage_count(s, FACT_ALERT), 1);
	ck_assert_ptr_nonnull(strstr(stage_latest(s, FACT_ALERT)->text, "self:every"));
	stage_free(s);
}
END_TEST

START_TEST(what_scripts_say_has_its_own_kinds)
{
	struct stage *s = stage_new();
	struct proposal *p = s->script.answer[STRAT_BASIS];
	p[0] = (struct proposal){ .kind = PROPOSE_ALERT, .severity = 2, .reason = "look" };
	p[1] = (struct proposal){ .kind = PROPOSE_LOG, .reason = "note" };
	p[2] = (struct proposal){ .kind = PROPOSE_METRIC, .value = 1.5, .reason = "depth" };
	s->script.n_answer[STRAT_BASIS] = 3;
	stage_book(s, SPOT, 6000000, 6000003);
	stage_turn(s, STAGE_MS);
	ck_assert_str_eq(stage_latest(s, FACT_ALERT)->text, "look");
	ck_assert_int_eq(stage_latest(s, FACT_ALERT)->num[0], 2);
	ck_assert_str_eq(stage_latest(s, FACT_LOG)->text, "note");
	ck_assert_str_eq(stage_latest(s, FACT_METRIC)->text, "depth");
	ck_assert_int_eq(stage_latest(s, FACT_METRIC)->num[0], 1500000000);
	ck_assert_uint_eq(stage_count(s, FACT_ALERT), 1);
	stage_free(s);
}
END_TEST

/* F57: its proposals count for nothing, somebody is told, and in quarantine it is not called any more. */
START_TEST(a_failing_script_is_told_and_quarantined)
{
	struct stage *s = stage_new();
	s->script.n_answer[STRAT_BASIS] = -1;
	stage_book(s, SPOT, 6000000, 6000003);
	stage_turn(s, STAGE_MS);
	const struct fact *f = stage_latest(s, FACT_ALERT);
	ck_assert_str_eq(f->text, "x.lua:7: it went wrong");
	ck_assert(f->num[0] == 2 && f->num[1] == 1);
	s->script.n_answer[STRAT_BASIS] = -2;
	stage_book(s, SPOT, 6000000, 6000004);
	stage_turn(s, STAGE_MS);
	ck_assert_str_eq(stage_latest(s, FACT_ALERT)->text, "quarantined: x.lua:7: it went wrong");
	ck_assert_uint_eq(s->d->stat.script_kills, 1);
	unsigned calls = s->script.calls[STRAT_BASIS];
	stage_book(s, SPOT, 6000000, 6000005);
	stage_turn(s, 200 * STAGE_MS);
	ck_assert_uint_eq(s->script.calls[STRAT_BASIS], calls);
	ck_assert(s->page->body.instance[0].quarantined);
	stage_free(s);
}
END_TEST

/* I10: nothing opens after it, what works is cancelled, and it takes a reason to open again. */
START_TEST(kill_and_resume)
{
	struct stage *s = stage_new();
	open_pair(s, STAGE_SILENT, STAGE_FILL);
	struct stage_event *ack = &s->event[s->n_events++]; /* it works at the venue */
	memset(ack, 0, sizeof *ack);
	ack->kind = EV_EXEC;
	ack->exec = (struct exec_report){ .kind = EXEC_ACK, .order = s->venue[SPOT].last.id };
	stage_turn(s, STAGE_MS);
	ck_assert_ptr_nonnull(strstr(stage_command(s, CMD_KILL, "all", "a drill"),
				     "ok: killed: nothing opens; 1 pairs"));
	ck_assert_int_eq(s->d->risk_state, RISK_HALTED);
	ck_assert_uint_eq(s->venue[SPOT].cancels, 1);
	ck_assert_ptr_nonnull(strstr(stage_latest(s, FACT_OPERATOR)->text, "by ann/1: a drill"));
	unsigned places = s->venue[SPOT].places;
	s->script.propose_always = true;
	stage_book(s, SPOT, 6000000, 6000005);
	stage_turn(s, STAGE_MS);
	ck_assert_uint_eq(s->venue[SPOT].places, places);
	ck_assert_ptr_nonnull(strstr(stage_command(s, CMD_RESUME, "all", ""), "no: the host was"));
	ck_assert_ptr_nonnull(strstr(stage_command(s, CMD_RESUME, "basis", ""),
				     "the host itself is still killed"));
	ck_assert_int_eq(s->d->risk_state, RISK_HALTED);
	ck_assert_str_eq(stage_command(s, CMD_RESUME, "all", "it was a drill"),
			 "ok: resumed 1 instances");
	ck_assert_int_eq(s->d->risk_state, RISK_ACTIVE);
	stage_free(s);
}
END_TEST

/* A scope stops who it names, and only that; one that names nothing does nothing and says so. */
START_TEST(scopes)
{
	struct stage *s = stage_new();
	static const enum env_command_kind kind[] = { CMD_KILL, CMD_PAUSE, CMD_RESUME };
	for (unsigned i = 0; i < 3; i++) {
		unsigned facts = stage_count(s, FACT_OPERATOR);
		ck_assert_ptr_nonnull(strstr(stage_command(s, kind[i], "bassis", "x"),
					     "no: no instance or venue is called 'bassis'"));
		ck_assert_uint_eq(stage_count(s, FACT_OPERATOR), facts);
		ck_assert_int_eq(s->d->risk_state, RISK_ACTIVE);
		ck_assert(!s->d->instance[0].paused);
	}
	ck_assert_ptr_nonnull(strstr(stage_command(s, CMD_KILL, "perp", "x"),
				     "ok: killed perp: nothing opens; 0"));
	ck_assert_int_eq(s->d->venue[PERP].risk_state, RISK_HALTED);
	ck_assert_int_eq(risk_state_of(s->d, 0, NULL), RISK_HALTED);
	ck_assert_int_eq(s->d->risk_state, RISK_ACTIVE);
	stage_turn(s, 200 * STAGE_MS);
	ck_assert_int_eq(s->page->body.instance[0].risk_state, RISK_HALTED);
	ck_assert_ptr_nonnull(
		strstr(stage_command(s, CMD_RESUME, "all", ""), "no: the host was killed"));
	stage_command(s, CMD_PAUSE, "basis", "x");
	stage_turn(s, 200 * STAGE_MS);
	ck_assert_str_eq(s->page->body.instance[0].paused_why, "paused by ann/1: x");
	stage_command(s, CMD_RESUME, "all", "looked at");
	stage_turn(s, 200 * STAGE_MS);
	ck_assert_int_eq(s->page->body.instance[0].risk_state, RISK_ACTIVE);
	ck_assert(!s->page->body.instance[0].paused);
	ck_assert_str_eq(s->page->body.instance[0].paused_why, "");
	static const enum env_command_kind unknown[] = { CMD_RELOAD, CMD_SET, CMD_RESOLVE,
							 CMD_STATUS };
	for (unsigned i = 0; i < 4; i++)
		ck_assert_int_eq(strncmp(stage_command(s, unknown[i], "all", ""), "no: ", 4), 0);
	stage_free(s);
}
END_TEST

/* F16: a stranger's fill fences the contract, the list says so, and an operator lifts it. */
START_TEST(a_strangers_fill_is_fenced)
{
	struct stage *s = stage_new();
	struct stage_event *e = &s->event[s->n_events++];
	memset(e, 0, sizeof *e);
	e->kind = EV_EXEC;
	e->exec = (struct exec_report){ .kind = EXEC_FILL,
					.instrument = SPOT,
					.side = SIDE_BUY,
					.px = 6000000,
					.qty = 100,
					.client = "web_1",
					.venue_order = "9",
					.exec = "9" };
	stage_turn(s, 200 * STAGE_MS);
	ck_assert_ptr_nonnull(fence_at(s->d, 0, SPOT));
	const char *said = stage_command(s, CMD_RESOLVE, s->d->instrument[SPOT].name, "");
	ck_assert_ptr_nonnull(strstr(said, "adopt or accept"));
	ck_assert_ptr_nonnull(fence_at(s->d, 0, SPOT));
	ck_assert_int_eq(reconcile_accept(s->d, 0, SPOT, "ann", "it was me"), 0);
	ck_assert_ptr_null(fence_at(s->d, 0, SPOT));
	said = stage_command(s, CMD_RESOLVE, s->d->instrument[SPOT].name, "");
	ck_assert_ptr_nonnull(strstr(said, "is not fenced"));
	stage_free(s);
}
END_TEST

START_TEST(a_stop_finishes_what_is_in_flight)
{
	struct stage *s = stage_new();
	const struct pair *p = open_pair(s, STAGE_SILENT, STAGE_FILL);
	stage_command(s, CMD_STOP, "all", "");
	ck_assert(!engine_done(s->engine));
	s->venue[SPOT].answer_queries = true;
	for (int k = 0; k < 100 && !engine_done(s->engine); k++)
		stage_run(s, 10 * STAGE_MS);
	ck_assert(engine_done(s->engine));
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	s->script.answer[STRAT_STOP][0] = stage_pair(10);
	s->script.n_answer[STRAT_STOP] = 1;
	unsigned places = s->venue[SPOT].places;
	engine_stop(s->engine);
	ck_assert_uint_eq(s->script.calls[STRAT_STOP], 1);
	ck_assert_uint_eq(s->venue[SPOT].places, places);
	ck_assert_uint_eq(s->venue[SPOT].stops + s->venue[PERP].stops, 2);
	const struct fact *f = &s->journal.fact[s->journal.n - 1];
	ck_assert_int_eq(f->kind, FACT_SESSION_CLOSE);
	ck_assert_int_eq(f->num[0], (int64_t)s->journal.n - 1);
	ck_assert(f->num[1] == 1 && f->num[2] == 2 && f->num[3] == 2);
	ck_assert(f->num[4] == 0 && f->num[5] > 0 && f->num[6] == 1);
	ck_assert_uint_eq(stage_count(s, FACT_CHECKPOINT), 2);
	ck_assert_int_eq(stage_latest(s, FACT_CHECKPOINT)->num[0], CHECKPOINT_END);
	stage_free(s);
}
END_TEST

/* With an order that nobody knows of there is no last checkpoint, and the close says that it is not clean. */
START_TEST(a_stop_gives_up_in_time)
{
	struct stage *s = stage_new();
	const struct pair *p = open_pair(s, STAGE_SILENT, STAGE_FILL);
	stage_command(s, CMD_STOP, "all", "");
	int64_t from = s->now.mono_ns;
	while (!engine_done(s->engine) && s->now.mono_ns - from < 60 * STAGE_SECOND)
		stage_run(s, 100 * STAGE_MS);
	ck_assert_int_gt(s->now.mono_ns - from, 9 * STAGE_SECOND);
	ck_assert_int_lt(s->now.mono_ns - from, 17 * STAGE_SECOND);
	ck_assert_int_eq(p->state, PAIR_HELD);
	engine_stop(s->engine);
	const struct fact *f = &s->journal.fact[s->journal.n - 1];
	ck_assert_int_eq(f->kind, FACT_SESSION_CLOSE);
	ck_assert_int_eq(f->num[6], 0);
	ck_assert_str_eq(f->text, "1 pairs held, 0 not finished, 1 orders unknown");
	ck_assert_uint_eq(stage_count(s, FACT_CHECKPOINT), 0);
	stage_free(s);
}
END_TEST

/* F18: a pair that waits for a venue goes on in the turn in which it is back. */
START_TEST(held_pairs_wake_when_a_venue_is_back)
{
	struct stage *s = stage_new();
	const struct pair *p = open_pair(s, STAGE_FILL, STAGE_REJECT);
	s->n_events = 0; /* nobody hears of it */
	stage_state(s, PERP, VENUE_DOWN);
	stage_state(s, SPOT, VENUE_DOWN);
	stage_turn(s, STAGE_MS);
	stage_run(s, 20 * STAGE_SECOND);
	ck_assert_int_eq(p->state, PAIR_HELD);
	ck_assert_int_eq(s->page->body.venue[PERP].state, VENUE_DOWN);
	s->venue[SPOT].answer_queries = true;
	s->venue[PERP].answer_queries = true;
	stage_up(s);
	stage_turn(s, STAGE_MS);
	stage_turn(s, STAGE_MS);
	stage_turn(s, STAGE_MS);
	ck_assert_int_eq(p->state, PAIR_HEDGED);
	ck_assert_uint_eq(s->d->stat.held, 0);
	stage_free(s);
}
END_TEST

/* F54, F61 */
START_TEST(a_full_journal_or_a_bad_disk_opens_nothing)
{
	struct stage *s = stage_new();
	s->script.propose_always = true;
	s->disk_trouble = true;
	stage_book(s, SPOT, 6000000, 6000003);
	stage_turn(s, 200 * STAGE_MS);
	ck_assert_uint_eq(s->venue[SPOT].places, 0);
	ck_assert(s->page->body.journal_full);
	s->disk_trouble = false;
	uint64_t cap = s->journal.cap;
	s->journal.cap = s->journal.n;
	stage_book(s, SPOT, 6000000, 6000004);
	stage_turn(s, 200 * STAGE_MS);
	stage_book(s, SPOT, 6000000, 6000005);
	stage_turn(s, 200 * STAGE_MS);
	ck_assert_uint_eq(s->venue[SPOT].places, 0);
	ck_assert(s->page->body.journal_full);
	s->journal.cap = cap;
	s->script.propose_always = false;
	stage_command(s, CMD_PAUSE, "all", ""); /* writes a receipt: there is room */
	stage_command(s, CMD_RESUME, "all", "");
	s->script.propose_always = true;
	stage_book(s, SPOT, 6000000, 6000006);
	stage_turn(s, 200 * STAGE_MS);
	ck_assert_uint_eq(s->venue[SPOT].places, 1);
	stage_free(s);
}
END_TEST

static void checkpoint_often(struct stage *s)
{
	s->cfg.store.checkpoint_every = 50;
}

START_TEST(checkpoints_come_when_nothing_is_in_flight)
{
	struct stage *s = stage_new_cold(checkpoint_often);
	ck_assert_int_eq(engine_start(s->engine), 0);
	stage_up(s);
	stage_turn(s, STAGE_MS);
	const struct pair *p = open_pair(s, STAGE_SILENT, STAGE_FILL);
	for (int k = 0; k < 60; k++) {
		stage_command(s, CMD_PAUSE, "all", "");
		ck_assert_uint_eq(stage_count(s, FACT_CHECKPOINT), 0);
	}
	s->venue[SPOT].answer_queries = true;
	stage_run(s, 2 * STAGE_SECOND);
	ck_assert(pair_over((enum pair_state)p->state));
	ck_assert_uint_eq(stage_count(s, FACT_CHECKPOINT), 2);
	stage_run(s, 2 * STAGE_SECOND);
	ck_assert_uint_eq(stage_count(s, FACT_CHECKPOINT), 2); /* nothing has been written since */
	stage_free(s);
}
END_TEST

/* Counts go on from those of the life before, what is so just now does not. */
static void leave_numbers(struct stage *s)
{
	s->page->body.sent = 40;
	s->page->body.receipts = 1000;
	s->page->body.held = 3;
	s->page->body.in_flight = 3;
}

START_TEST(the_page_shows_the_numbers)
{
	struct stage *s = stage_new_cold(leave_numbers);
	ck_assert_int_eq(engine_start(s->engine), 0);
	stage_up(s);
	stage_turn(s, STAGE_MS);
	open_pair(s, STAGE_FILL, STAGE_FILL);
	stage_run(s, 200 * STAGE_MS);
	struct snapshot_body b;
	ck_assert_int_eq(snapshot_read(s->page, &b), 0);
	ck_assert_uint_eq(b.sent, 41);
	ck_assert_uint_eq(b.receipts, 1000 + s->journal.n);
	ck_assert(b.held == 0 && b.in_flight == 0 && b.hedged == 1 && b.orders == 2);
	ck_assert_str_eq(b.instance[0].name, "basis");
	ck_assert(b.instance[0].basis_ok && !b.instance[0].paused && !b.journal_full);
	ck_assert_double_eq(b.instance[0].pos_lots, 10);
	ck_assert(b.venue[0].state == VENUE_UP && b.venue[1].state == VENUE_UP);
	engine_stop(s->engine);
	ck_assert_int_eq(stage_latest(s, FACT_SESSION_CLOSE)->num[1], 1); /* of this session */
	stage_free(s);
}
END_TEST

/* Quotes, proposals, fills, rejects, timers, holes, outages and commands by the thousand. */
START_TEST(a_turn_allocates_nothing)
{
	struct stage *s = stage_new();
	allocs_begin();
	void *volatile one = malloc(1); /* the counter counts */
	free(one);
	ck_assert_uint_eq(allocs_end(), 1);
	s->script.answer[STRAT_BASIS][0] =
		(struct proposal){ .kind = PROPOSE_TIMER, .value = 0.003 };
	s->script.n_answer[STRAT_BASIS] = 1;
	stage_book(s, SPOT, 6000000, 6000009);
	stage_turn(s, STAGE_MS);
	s->script.propose_always = true;
	s->venue[SPOT].answer_queries = s->venue[PERP].answer_queries = true;
	allocs_begin();
	for (int k = 0; k < 4000; k++) {
		if (k % 400 == 399)
			stage_state(s, PERP, VENUE_DOWN);
		if (k % 400 == 0)
			stage_up(s);
		if (k % 50 == 7)
			stage_depth(s, SPOT, s->seq + 25, s->seq + 26, 5999999);
		s->venue[SPOT].fate = (enum stage_fate)(k % 7 == 0    ? STAGE_REJECT
							: k % 11 == 0 ? STAGE_SILENT
								      : STAGE_FILL);
		stage_book(s, SPOT, 6000000, 6000001 + k % 3);
		stage_book(s, PERP, 601000, 601001 + k % 2);
		if (k % 97 == 0)
			s->command[s->n_commands++] = (struct env_command){
				.kind = k % 2 ? CMD_PAUSE : CMD_RESUME, .id = 1, .scope = "all"
			};
		s->script.answer[STRAT_TIMER][0] =
			(struct proposal){ .kind = PROPOSE_LOG, .reason = "tick" };
		s->script.n_answer[STRAT_TIMER] = 1;
		stage_turn(s, STAGE_MS);
		if (s->journal.cap - s->journal.n < 5000)
			s->journal.n = 0;
	}
	ck_assert_uint_eq(allocs_end(), 0);
	ck_assert_uint_gt(s->d->stat.sent, 100);
	ck_assert_uint_gt(s->d->stat.completed + s->d->stat.unwound, 10);
	ck_assert_uint_gt(s->script.calls[STRAT_TIMER], 100);
	stage_free(s);
}
END_TEST

SUITE("engine", rescues_leave_before_scripts_are_called, a_pair_runs_and_is_told,
      news_are_by_the_strategys_own_legs, refused_pairs_are_not_measured, a_hole_is_repaired,
      nothing_opens_on_a_hole, rules_may_come_later, the_same_ticks_are_taken_once,
      every_goes_on_and_a_pause_only_skips_it, a_script_that_asks_for_timers_without_end_is_told,
      what_scripts_say_has_its_own_kinds, a_failing_script_is_told_and_quarantined, kill_and_resume,
      scopes, a_strangers_fill_is_fenced, a_stop_finishes_what_is_in_flight,
      a_stop_gives_up_in_time, held_pairs_wake_when_a_venue_is_back,
      a_full_journal_or_a_bad_disk_opens_nothing, checkpoints_come_when_nothing_is_in_flight,
      the_page_shows_the_numbers, a_turn_allocates_nothing)
