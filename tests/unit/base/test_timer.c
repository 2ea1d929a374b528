/* Proves that timers fire in the order of their deadlines and, when equal, of their setting, as a
 * plain list would, and that the id of one that is gone names nothing. */
#include "core/base/err.h"
#include "core/base/rng.h"
#include "core/base/timer.h"
#include "tests/unit/suite.h"

enum { cap = 50 };

struct pending {
	timer_id id;
	struct timer_event event;
};

/* The model: a list in the order of setting. */
struct model {
	struct pending at[cap];
	size_t n;
};

static size_t earliest(const struct model *m)
{
	size_t best = 0;
	for (size_t i = 1; i < m->n; i++)
		if (m->at[i].event.at_ns < m->at[best].event.at_ns)
			best = i;
	return best;
}

static void drop(struct model *m, size_t i)
{
	for (m->n--; i < m->n; i++)
		m->at[i] = m->at[i + 1];
}

static void set_one(struct timers *t, struct model *m, struct rng *r, int64_t now_ns)
{
	/* Few distinct deadlines, so that many are equal. */
	struct timer_event e = { .at_ns = now_ns + rng_range(r, -2, 20),
				 .kind = (uint16_t)rng_next(r),
				 .arg = rng_next(r) };
	timer_id id = timers_set(t, e.at_ns, e.kind, e.arg);
	EXPECT((id != 0) == (m->n < cap));
	if (id == 0)
		return;
	for (size_t i = 0; i < m->n; i++)
		EXPECT(m->at[i].id != id);
	m->at[m->n++] = (struct pending){ .id = id, .event = e };
}

/* Returns the id of one that has just gone, or `old`. */
static timer_id pop_one(struct timers *t, struct model *m, int64_t now_ns, timer_id old)
{
	struct timer_event e;
	size_t i = earliest(m);
	bool due = m->n > 0 && m->at[i].event.at_ns <= now_ns;
	EXPECT(timers_pop(t, now_ns, &e) == due);
	if (!due)
		return old;
	EXPECT(e.at_ns == m->at[i].event.at_ns && e.kind == m->at[i].event.kind &&
	       e.arg == m->at[i].event.arg);
	old = m->at[i].id;
	drop(m, i);
	return old;
}

START_TEST(they_fire_as_a_list_would)
{
	struct timers t;
	struct model m = { 0 };
	struct rng r;
	rng_seed(&r, 1);
	ck_assert_int_eq(timers_init(&t, cap), 0);
	int64_t now_ns = 0;
	timer_id gone = 0;
	for (int i = 0; i < 200000; i++) {
		switch (rng_below(&r, i / 300 % 2 ? 7 : 5)) {
		case 0:
			now_ns += (int64_t)rng_below(&r, 5);
			break;
		case 1:
			if (m.n == 0)
				break;
			size_t k = rng_below(&r, m.n);
			gone = m.at[k].id;
			EXPECT(timers_cancel(&t, gone));
			drop(&m, k);
			break;
		case 2:
			gone = pop_one(&t, &m, now_ns, gone);
			break;
		default:
			set_one(&t, &m, &r, now_ns);
		}
		EXPECT(!timers_cancel(&t, gone));
		EXPECT(timers_next(&t) == (m.n ? m.at[earliest(&m)].event.at_ns : INT64_MAX));
	}
	timers_free(&t);
}
END_TEST

START_TEST(equal_deadlines_keep_their_order)
{
	struct timers t;
	ck_assert_int_eq(timers_init(&t, 1000), 0);
	for (uint64_t i = 0; i < 1000; i++)
		ck_assert_uint_ne(timers_set(&t, 5, 1, i), 0);
	struct timer_event e;
	ck_assert(!timers_pop(&t, 4, &e));
	for (uint64_t i = 0; i < 1000; i++) {
		ck_assert(timers_pop(&t, 5, &e));
		ck_assert_uint_eq(e.arg, i);
	}
	ck_assert(!timers_pop(&t, INT64_MAX, &e));
	timers_free(&t);
}
END_TEST

START_TEST(ids_never_become_zero_when_they_wrap)
{
	/* So many nodes that the uses of one are counted in 12 bits only. */
	struct timers t;
	ck_assert_int_eq(timers_init(&t, 1u << 20), 0);
	timer_id last = 0;
	for (int i = 0; i < 10000; i++) {
		timer_id id = timers_set(&t, i, 0, 0);
		EXPECT(id != 0 && id != last);
		EXPECT(!timers_cancel(&t, last));
		EXPECT(timers_cancel(&t, id));
		last = id;
	}
	timers_free(&t);
}
END_TEST

START_TEST(odd_ids_and_sizes_are_refused)
{
	struct timers t;
	struct timer_event e;
	ck_assert_int_eq(timers_init(&t, UINT32_MAX), -ERR_NOMEM);
	ck_assert_int_eq(timers_init(&t, 0), 0);
	ck_assert_uint_eq(timers_set(&t, 1, 1, 1), 0);
	ck_assert(!timers_cancel(&t, 1));
	ck_assert(!timers_pop(&t, INT64_MAX, &e));
	ck_assert_int_eq(timers_next(&t), INT64_MAX);
	timers_free(&t);
	ck_assert_int_eq(timers_init(&t, 3), 0);
	timer_id one = timers_set(&t, INT64_MIN, 1, 1);
	for (timer_id id = 0; id < 100; id++)
		if (id != one)
			ck_assert(!timers_cancel(&t, id));
	ck_assert(!timers_cancel(&t, UINT32_MAX));
	ck_assert(timers_cancel(&t, one));
	timers_free(&t);
}
END_TEST

SUITE("timer", they_fire_as_a_list_would, equal_deadlines_keep_their_order,
      ids_never_become_zero_when_they_wrap, odd_ids_and_sizes_are_refused)
