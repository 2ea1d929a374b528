/* Proves the pair's table (the one in core/trade/README.md), what it can end in, and the pool that keeps ended pairs until their room is needed. */
#include "core/base/rng.h"
#include "core/trade/pair.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <string.h>

/* The table as the README shows it: a line a state. */
static void render(char *out, size_t cap)
{
	size_t n = 0;
	for (unsigned s = 0; s < pair_state_max; s++) {
		n += (size_t)snprintf(out + n, cap - n, "%-10s",
				      pair_state_name((enum pair_state)s));
		for (unsigned e = 0; e < pair_event_max; e++) {
			enum pair_state to = pair_next((enum pair_state)s, (enum pair_event)e);
			const char *name = to == pair_state_max ? "-" : pair_state_name(to);
			n += (size_t)snprintf(out + n, cap - n,
					      e + 1 < pair_event_max ? " %-10s" : " %s", name);
		}
		n += (size_t)snprintf(out + n, cap - n, "\n");
	}
}

START_TEST(test_readme_shows_the_table)
{
	static char text[65536], table[4096];
	FILE *f = fopen(TANDEM_SOURCE_DIR "/core/trade/README.md", "r");
	ck_assert_ptr_nonnull(f);
	size_t n = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	text[n] = '\0';
	render(table, sizeof table);
	ck_assert_msg(strstr(text, table) != NULL,
		      "core/trade/README.md does not show this table:\n%s", table);
}
END_TEST

/* Every cause that a pair can be held for stands in the README with what ends it. */
START_TEST(test_readme_names_the_causes)
{
	static char text[65536];
	char word[48];
	FILE *f = fopen(TANDEM_SOURCE_DIR "/core/trade/README.md", "r");
	ck_assert_ptr_nonnull(f);
	size_t n = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	text[n] = '\0';
	for (int c = HELD_NONE + 1; c < held_cause_max; c++) {
		if (c == HELD_UNMEASURED) /* only a step's, never a pair's */
			continue;
		snprintf(word, sizeof word, "`%s`", held_cause_name((enum held_cause)c));
		ck_assert_msg(strstr(text, word) != NULL, "%s is not in core/trade/README.md",
			      word);
	}
	for (int w = INTENT_REPAIR; w < pair_intent_max; w++) {
		snprintf(word, sizeof word, "`%s`", pair_intent_name((enum pair_intent)w));
		ck_assert_msg(strstr(text, word) != NULL, "%s is not in core/trade/README.md",
			      word);
	}
}
END_TEST

START_TEST(test_what_may_happen)
{
	for (unsigned s = 0; s < pair_state_max; s++) {
		enum pair_state state = (enum pair_state)s;
		bool sent =
			state != PAIR_PROPOSED && state != PAIR_CHECKED && state != PAIR_REFUSED;
		/* once it was sent it can always be found even, empty or uneven, whatever it was thought to be (I5, I8) */
		ck_assert_int_eq(pair_next(state, PAIR_EV_EVEN),
				 sent ? PAIR_HEDGED : pair_state_max);
		ck_assert_int_eq(pair_next(state, PAIR_EV_EMPTY),
				 sent ? PAIR_FLAT : pair_state_max);
		ck_assert_int_eq(pair_next(state, PAIR_EV_UNEVEN) != pair_state_max, sent);
		/* it is sent once */
		ck_assert_int_eq(pair_next(state, PAIR_EV_SEND) != pair_state_max,
				 state == PAIR_CHECKED);
		/* rescues start from what is broken only, never from what has ended */
		bool broken = sent && !pair_over(state) && state != PAIR_SENT;
		ck_assert_int_eq(pair_next(state, PAIR_EV_COMPLETE) != pair_state_max, broken);
		ck_assert_int_eq(pair_next(state, PAIR_EV_UNWIND) != pair_state_max, broken);
		ck_assert_int_eq(pair_next(state, PAIR_EV_HOLD) != pair_state_max, broken);
		ck_assert_int_eq(pair_over(state) + pair_working(state) + (state == PAIR_PROPOSED),
				 1);
	}
	ck_assert_str_eq(held_cause_name(HELD_NO_ROOM), "no_room");
	ck_assert_str_eq(pair_intent_name(INTENT_ROLL), "roll");
	ck_assert_str_eq(pair_event_name(PAIR_EV_HOLD), "HOLD");
}
END_TEST

START_TEST(test_room)
{
	struct pairs p;
	struct pair evicted, *a[4];
	ck_assert_int_eq(pairs_init(&p, 4), 0);
	for (uint64_t k = 0; k < 4; k++) {
		a[k] = pairs_new(&p, 10 + k, &evicted);
		ck_assert_uint_eq(evicted.id, 0);
		a[k]->state = PAIR_SENT;
	}
	ck_assert_ptr_null(pairs_new(&p, 20, &evicted)); /* all are in flight */
	a[1]->state = PAIR_HEDGED;
	pairs_finish(&p, a[1]);
	a[0]->state = PAIR_FLAT;
	pairs_finish(&p, a[0]);
	a[1]->state = PAIR_BROKEN; /* late news: it is not over after all */
	struct pair *b = pairs_new(&p, 20, &evicted);
	ck_assert_ptr_eq(b, a[0]);
	ck_assert_uint_eq(evicted.id, 10);
	ck_assert_ptr_null(pairs_find(&p, 10));
	ck_assert_ptr_eq(pairs_find(&p, 20), b);
	b->state = PAIR_SENT;
	ck_assert_ptr_null(pairs_new(&p, 21, &evicted));
	a[1]->state = PAIR_FLAT;
	pairs_finish(&p, a[1]);
	ck_assert_ptr_nonnull(pairs_new(&p, 21, &evicted));
	ck_assert_uint_eq(evicted.id, 11);
	pairs_free(&p);
}
END_TEST

/* Pairs that end, open again and have news at random: whatever has ended and has no news unread gives way, and nothing is lost. */
START_TEST(test_no_room_leaks)
{
	struct rng r;
	struct pairs p;
	struct pair evicted;
	uint64_t id = 1;
	rng_seed(&r, 3);
	ck_assert_int_eq(pairs_init(&p, 8), 0);
	for (int step = 0; step < 20000; step++) {
		struct pair *x = &p.slot[rng_below(&r, 8)];
		if (x->id && rng_chance(&r, 500000)) {
			x->state = rng_chance(&r, 700000) ? PAIR_HEDGED : PAIR_BROKEN;
			if (x->state == PAIR_HEDGED)
				pairs_finish(&p, x);
		}
		if (x->id && rng_chance(&r, 300000))
			pairs_touch(&p, x);
		if (rng_chance(&r, 500000))
			pairs_next_dirty(&p);
		uint32_t could = p.n_free;
		for (int k = 0; k < 8; k++)
			could += p.slot[k].id && pair_over((enum pair_state)p.slot[k].state) &&
				 !p.slot[k].dirty;
		struct pair *n = rng_chance(&r, 300000) ? pairs_new(&p, id, &evicted) : NULL;
		if (n) {
			EXPECT(could > 0 && n->id == id);
			EXPECT(!evicted.id || pair_over((enum pair_state)evicted.state));
			n->state = PAIR_SENT;
			id++;
		} else if (could > 0) {
			n = pairs_new(&p, id, &evicted);
			EXPECT_MSG(n, "%u could give way, none did", could);
			n->state = PAIR_SENT;
			id++;
		}
		uint32_t live = 0, at = 0;
		while (pairs_each(&p, &at))
			live++;
		EXPECT(live == p.by_id.used && live + p.n_free == 8);
	}
	pairs_free(&p);
}
END_TEST

SUITE("pair", test_readme_shows_the_table, test_readme_names_the_causes, test_what_may_happen,
      test_room, test_no_room_leaks)
