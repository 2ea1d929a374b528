/* Proves when a contract is not traded: a halt that its venue tells, a market that refuses as closed and is asked, and one where only nothing may be opened. */
#include "core/base/err.h"
#include "tests/unit/engine/truth.h"
#include "tests/unit/suite.h"
#include <string.h>

/* What the venue says of trading outlives a repair; nothing is proposed meanwhile (F38). */
START_TEST(a_halt_that_the_venue_tells_bars_until_it_ends)
{
	struct stage *s = stage_of(NULL);
	struct venue_host *h = host_of(s, PERP);
	h->on_halt(s->engine, PERP, false); /* told at the start, and nothing new */
	ck_assert_int_eq(s->d->feed[PERP].top.state, BOOK_LIVE);
	unsigned feeds = stage_count(s, FACT_FEED);
	h->on_halt(s->engine, PERP, true);
	ck_assert_int_eq(s->d->feed[PERP].top.state, BOOK_HALTED);
	ck_assert_uint_eq(stage_count(s, FACT_FEED), feeds + 1);
	s->script.propose_always = true;
	quote(s, SPOT, 0);
	stage_turn(s, MS);
	gate_fact(s, GATE_BOOK);
	h->on_bad(s->engine, PERP, PERP, BAD_SYNTAX, "no", "x", 1);
	stage_book(s, PERP, 601000, 601001);
	stage_turn(s, 200 * MS);
	ck_assert_int_eq(s->d->feed[PERP].top.state, BOOK_HALTED);
	ck_assert_uint_eq(s->venue[SPOT].places, 0);
	h->on_halt(s->engine, PERP, false);
	ck_assert_int_eq(s->d->feed[PERP].top.state, BOOK_LIVE);
	quote(s, SPOT, 0);
	stage_turn(s, MS);
	ck_assert_uint_gt(s->venue[SPOT].places, 0);
	stage_free(s);
}
END_TEST

static void refuse_as_closed(struct stage *s, unsigned leg)
{
	struct exec_report r = { .kind = EXEC_REJECTED,
				 .venue = (uint16_t)leg,
				 .account = (uint16_t)leg,
				 .instrument = leg,
				 .reject_class = REJECT_CLOSED,
				 .recv_ns = s->now.mono_ns };
	host_of(s, leg)->on_exec(s->engine, &r);
}

static void expect_book(struct stage *s, unsigned leg, enum book_state state)
{
	ck_assert_str_eq(book_state_name(s->d->feed[leg].top.state), book_state_name(state));
}

/* A refusal tells it as well: of a venue that cannot be asked nothing more is tried until it may have ended. */
START_TEST(a_market_that_refuses_is_not_tried_again_and_again)
{
	struct stage *s = stage_of(NULL);
	struct venue_ops mute = *s->venue[PERP].v.ops;
	mute.ask_rules = NULL;
	s->venue[PERP].v.ops = &mute;
	refuse_as_closed(s, PERP);
	expect_book(s, PERP, BOOK_HALTED);
	/* That its book is mended meanwhile does not make it forget when. */
	unsigned asked = s->venue[PERP].snapshots;
	host_of(s, PERP)->on_bad(s->engine, PERP, PERP, BAD_SYNTAX, "no", "x", 1);
	ck_assert_uint_eq(s->venue[PERP].snapshots, asked + 1);
	stage_book(s, PERP, 601000, 601001);
	stage_run(s, 9 * STAGE_SECOND);
	expect_book(s, PERP, BOOK_HALTED);
	stage_run(s, 3 * STAGE_SECOND);
	expect_book(s, PERP, BOOK_LIVE);
	stage_free(s);
}
END_TEST

/* A venue that can be asked is believed to be closed until it has said something: silence is no opening. */
START_TEST(silence_does_not_open_a_market)
{
	struct stage *s = stage_of(NULL);
	refuse_as_closed(s, PERP);
	unsigned asked = s->venue[PERP].rules_asked;
	stage_run(s, 60 * STAGE_SECOND);
	expect_book(s, PERP, BOOK_HALTED);
	ck_assert_uint_ge(s->venue[PERP].rules_asked, asked + 3);
	ck_assert_uint_le(s->venue[PERP].rules_asked, asked + 6);
	host_of(s, PERP)->on_halt(s->engine, PERP, false);
	expect_book(s, PERP, BOOK_LIVE);
	stage_free(s);
}
END_TEST

/* It says that it trades and refuses again: its word is not tried at once any more, and each time later, until it takes an order or says that it does not trade. */
START_TEST(a_market_that_says_open_and_refuses)
{
	struct stage *s = stage_of(NULL);
	refuse_as_closed(s, PERP);
	host_of(s, PERP)->on_halt(s->engine, PERP, false);
	expect_book(s, PERP, BOOK_LIVE);
	for (int64_t wait = 20; wait <= 60; wait = wait < 40 ? 2 * wait : wait + 20) {
		refuse_as_closed(s, PERP);
		stage_run(s, 2 * STAGE_SECOND);
		host_of(s, PERP)->on_halt(s->engine, PERP, false);
		expect_book(s, PERP, BOOK_HALTED);
		stage_run(s, (wait - 4) * STAGE_SECOND);
		expect_book(s, PERP, BOOK_HALTED);
		stage_run(s, 4 * STAGE_SECOND);
		expect_book(s, PERP, BOOK_LIVE);
	}
	refuse_as_closed(s, PERP);
	host_of(s, PERP)->on_halt(s->engine, PERP, true); /* now its words and deeds agree */
	host_of(s, PERP)->on_halt(s->engine, PERP, false);
	expect_book(s, PERP, BOOK_LIVE);
	refuse_as_closed(s, PERP);
	host_of(s, PERP)->on_halt(s->engine, PERP, false);
	expect_book(s, PERP, BOOK_LIVE);
	stage_free(s);
}
END_TEST

/* F68: that nothing more may be opened there closes nothing: what reduces goes on. */
START_TEST(a_market_where_nothing_opens_is_not_closed)
{
	struct stage *s = stage_of(NULL);
	struct exec_report r = { .kind = EXEC_REJECTED,
				 .venue = PERP,
				 .account = PERP,
				 .instrument = PERP,
				 .reject_class = REJECT_OPENING,
				 .recv_ns = s->now.mono_ns };
	host_of(s, PERP)->on_exec(s->engine, &r);
	ck_assert_int_eq(s->d->feed[PERP].top.state, BOOK_LIVE);
	stage_free(s);
}
END_TEST

SUITE("halt", a_halt_that_the_venue_tells_bars_until_it_ends,
      a_market_that_refuses_is_not_tried_again_and_again, silence_does_not_open_a_market,
      a_market_that_says_open_and_refuses, a_market_where_nothing_opens_is_not_closed)
