/* Proves that a pair's orders stand on the right lines along time: side by side where they overlap, one behind the other where they do not, to the end where they still work; and that
 * signs stay within any width. */
#include "core/cmd/lanes_text.h"
#include "core/trade/order.h"
#include "core/trade/pair.h"
#include "tests/unit/suite.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAIR 7

static struct fact facts[2000];
static struct story story;
static struct lanes lanes;

static void begin(void)
{
	story = (struct story){ .fact = facts, .pair = PAIR, .n_legs = 2 };
	for (unsigned leg = 0; leg < 2; leg++)
		story.leg[leg].known = true;
}

static struct fact *put(enum fact_kind k, int64_t us, uint64_t order, unsigned leg)
{
	struct fact *f = &facts[story.n++];
	fact_init(f, k);
	f->seq = story.n;
	f->mono_ns = us * 1000;
	f->pair = PAIR;
	f->order = order;
	f->leg = (uint8_t)leg;
	f->side = SIDE_BUY;
	f->qty = 10;
	return f;
}

static void order(int64_t us, uint64_t id, unsigned leg)
{
	put(FACT_ORDER, us, id, leg);
}

static void news(enum fact_kind k, int64_t us, uint64_t id, unsigned leg, enum order_state state)
{
	put(k, us, id, leg)->state = (uint8_t)state;
}

static void pair(int64_t us, enum pair_state from, enum pair_state to)
{
	struct fact *f = put(FACT_PAIR, us, 0, 0xff);
	f->state = (uint8_t)to;
	f->num[0] = from;
	f->num[1] = to;
}

static const char *drawn(unsigned width)
{
	static char text[20000];
	FILE *f = fmemopen(text, sizeof text, "w");
	lanes_text(&lanes, &(struct lanes_look){ .width = width, .ascii = true }, f);
	fclose(f);
	return text;
}

START_TEST(lines)
{
	begin();
	order(0, 1, 0);
	order(100, 2, 0); /* beside the first */
	news(FACT_ACK, 50, 1, 0, ORDER_LIVE);
	news(FACT_FILL, 200, 1, 0, ORDER_FILLED);
	news(FACT_CANCELLED, 300, 2, 0, ORDER_CANCELLED);
	order(200, 3, 0); /* behind the first */
	news(FACT_REJECTED, 400, 3, 0, ORDER_REJECTED);
	order(500, 4, 1); /* still works */
	news(FACT_ACK, 600, 4, 1, ORDER_LIVE);
	pair(0, PAIR_CHECKED, PAIR_SENT);
	pair(1000, PAIR_SENT, PAIR_BROKEN);
	pair(1000, PAIR_BROKEN, PAIR_BROKEN); /* a checkpoint's word is no change */
	lanes_make(&story, &lanes);
	ck_assert_uint_eq(lanes.n_orders, 4);
	ck_assert_uint_eq(lanes.lines[0], 2);
	ck_assert_uint_eq(lanes.lines[1], 1);
	ck_assert_uint_eq(lanes.order[0].line, 0);
	ck_assert_uint_eq(lanes.order[1].line, 1);
	ck_assert_uint_eq(lanes.order[2].line, 0);
	ck_assert_int_eq(lanes.order[0].heard_ns, 50000);
	ck_assert_int_eq(lanes.order[0].to_ns, 200000);
	ck_assert_int_eq(lanes.order[0].filled_qty, 10);
	ck_assert_int_eq(lanes.order[2].heard_ns, 400000); /* refused at once */
	ck_assert(!lanes.order[3].ended);
	ck_assert_int_eq(lanes.order[3].to_ns, 1000000);
	ck_assert_uint_eq(lanes.n_states, 2);
	ck_assert_int_eq(lanes.to_ns, 1000000);
	const char *text = drawn(55);
	ck_assert_msg(strstr(text, "  leg 0 buy   |.------F|......R\n") != NULL, "%s", text);
	ck_assert_msg(strstr(text, "        buy       |.......x\n") != NULL, "%s", text);
	ck_assert_msg(strstr(text, "-->\n") != NULL, "%s", text);
	ck_assert_msg(strstr(text, "R refused") != NULL, "%s", text);
}
END_TEST

START_TEST(late_words)
{
	begin();
	order(0, 1, 0);
	news(FACT_UNKNOWN, 100, 1, 0, ORDER_UNKNOWN);
	news(FACT_FILL, 200, 1, 0, ORDER_FILLED);
	news(FACT_BUST, 300, 1, 0, ORDER_FILLED);  /* taken back after its end */
	news(FACT_FILL, 250, 99, 0, ORDER_FILLED); /* of an order that is not here */
	put(FACT_RESCUE, 280, 0, 0xff);
	lanes_make(&story, &lanes);
	ck_assert_uint_eq(lanes.n_orders, 1);
	ck_assert_uint_eq(lanes.n_marks, 3);
	ck_assert_uint_eq(lanes.mark[0].kind, LANE_UNKNOWN);
	ck_assert_uint_eq(lanes.mark[2].kind, LANE_BUST);
	ck_assert_int_eq(lanes.order[0].filled_qty, 0);
	ck_assert_int_eq(lanes.order[0].to_ns, 200000);
	ck_assert_int_eq(lanes.order[0].heard_ns, 200000); /* silence is no word */
	ck_assert_int_eq(lanes.to_ns, 300000);
	ck_assert_uint_eq(lanes.n_steps, 1);
}
END_TEST

START_TEST(more_than_fits)
{
	begin();
	for (unsigned i = 0; i < LANE_ORDERS + 50; i++)
		order(i, i + 1, i % 2); /* none ends: all overlap */
	lanes_make(&story, &lanes);
	ck_assert(lanes.cut);
	ck_assert_uint_eq(lanes.n_orders, LANE_ORDERS);
	ck_assert_uint_eq(lanes.lines[0], LANE_LINES);
	ck_assert_ptr_nonnull(strstr(drawn(80), "there is more than is drawn"));
}
END_TEST

START_TEST(any_width)
{
	static const unsigned widths[] = { 0, 1, 40, 41, 60, 80, 137, 250, 1000 };
	begin();
	order(0, 1, 0);
	news(FACT_FILL, 1700, 1, 0, ORDER_FILLED);
	order(0, 2, 1);
	news(FACT_FILL, 1234567, 2, 1, ORDER_FILLED);
	pair(0, PAIR_CHECKED, PAIR_SENT);
	pair(1234567, PAIR_SENT, PAIR_HEDGED);
	lanes_make(&story, &lanes);
	for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
		unsigned most = widths[i] < LANES_WIDTH_MIN ? LANES_WIDTH_MIN : widths[i];
		const char *text = drawn(widths[i]);
		for (const char *at = text; *at; at += strcspn(at, "\n") + 1)
			ck_assert_msg(strcspn(at, "\n") <= most, "%u columns:\n%s", widths[i],
				      text);
	}
	/* Nothing happened but that it was asked: a moment is drawn, too. */
	begin();
	order(0, 1, 0);
	lanes_make(&story, &lanes);
	ck_assert_int_gt(lanes.to_ns, lanes.from_ns);
	ck_assert_ptr_nonnull(strstr(drawn(80), "leg 0 buy"));
}
END_TEST

START_TEST(steps)
{
	static const struct {
		int64_t span;
		unsigned most;
		int64_t step;
	} row[] = { { 1000, 10, 200 }, { 999, 10, 100 }, { 53179100, 7, 10000000 },
		    { 1, 5, 1 },       { 0, 5, 1 },	 { 7, 3, 5 } };
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		ck_assert_int_eq(lane_step_ns(row[i].span, row[i].most), row[i].step);
	ck_assert_int_gt(lane_step_ns(INT64_MAX, 5), 0);
}
END_TEST

SUITE("lanes", lines, late_words, more_than_fits, any_width, steps)
