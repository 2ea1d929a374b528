/* Proves that WebSocket frames are written and judged as wslay writes and judges them. */
#include "core/base/rng.h"
#include "core/io/ws_frame.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <wslay/wslay.h>

struct buffer {
	uint8_t p[200000];
	size_t from, to;
	uint8_t key[4];
};

static ssize_t lay_send(const uint8_t *p, size_t n, int flags, void *arg)
{
	(void)flags;
	struct buffer *x = arg;
	memcpy(x->p + x->to, p, n);
	x->to += n;
	return (ssize_t)n;
}

static ssize_t lay_recv(uint8_t *p, size_t n, int flags, void *arg)
{
	(void)flags;
	struct buffer *x = arg;
	size_t k = x->to - x->from < n ? x->to - x->from : n;
	memcpy(p, x->p + x->from, k);
	x->from += k;
	return k ? (ssize_t)k : -1;
}

static int lay_key(uint8_t *p, size_t n, void *arg)
{
	memcpy(p, ((struct buffer *)arg)->key, n);
	return 0;
}

static const struct wslay_frame_callbacks lay = { lay_send, lay_recv, lay_key };
static const uint8_t ops[] = { WS_OP_CONT,  WS_OP_TEXT, WS_OP_BINARY,
			       WS_OP_CLOSE, WS_OP_PING, WS_OP_PONG };

static size_t random_size(struct rng *r, uint8_t op)
{
	static const size_t top[] = { 125, 300, 70000 };
	return (size_t)rng_below(r, (ws_op_is_control(op) ? 125 : top[rng_below(r, 3)]) + 1);
}

START_TEST(frames_equal_those_of_wslay)
{
	static struct buffer theirs, ours;
	static uint8_t data[70001];
	struct rng r;
	rng_seed(&r, 11);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)rng_next(&r);
	/* Two: wslay does not forget a mask from one frame to the next. */
	wslay_frame_context_ptr both[2];
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(wslay_frame_context_init(&both[i], &lay, &theirs), 0);
	for (int i = 0; i < 2000; i++) {
		uint8_t op = ops[rng_below(&r, 6)];
		size_t n = random_size(&r, op);
		bool fin = ws_op_is_control(op) || rng_chance(&r, 500000),
		     mask = rng_chance(&r, 500000);
		theirs.from = theirs.to = ours.to = 0;
		memcpy(theirs.key, data + i, 4);
		struct wslay_frame_iocb f = { .fin = fin,
					      .opcode = op,
					      .payload_length = n,
					      .mask = mask,
					      .data = data,
					      .data_length = n };
		ck_assert_int_eq(wslay_frame_send(both[mask], &f), (ssize_t)n);
		ours.to = ws_frame_write(ours.p, fin, (enum ws_op)op, n, mask ? theirs.key : NULL);
		ws_frame_mask(ours.p + ours.to, data, n,
			      mask ? theirs.key : (const uint8_t[4]){ 0 });
		ours.to += n;
		ck_assert_uint_eq(ours.to, theirs.to);
		ck_assert_mem_eq(ours.p, theirs.p, ours.to);
		struct ws_frame g;
		for (size_t cut = 0; cut < 2 + (size_t)(mask ? 4 : 0); cut++)
			ck_assert_int_eq(ws_frame_read(&g, theirs.p, cut), 0);
		int head = ws_frame_read(&g, theirs.p, theirs.to);
		ck_assert_int_gt(head, 0);
		ck_assert_uint_eq((size_t)head + n, theirs.to);
		ck_assert(g.fin == fin && g.op == op && g.masked == mask && g.n == n);
	}
	for (int i = 0; i < 2; i++)
		wslay_frame_context_free(both[i]);
}
END_TEST

/* Random heads: whatever wslay takes we take, and what we refuse it refuses. */
START_TEST(heads_are_judged_as_wslay_judges_them)
{
	static struct buffer x;
	struct rng r;
	rng_seed(&r, 12);
	int taken = 0, refused = 0;
	for (int i = 0; i < 20000; i++) {
		uint64_t w[2] = { rng_next(&r), rng_next(&r) };
		memcpy(x.p, w, 16);
		x.p[0] &= rng_chance(&r, 800000) ? 0x8f : 0xff;
		if (rng_chance(&r, 300000))
			memset(x.p + 2, 0, 6);
		x.from = 0;
		x.to = 14;
		wslay_frame_context_ptr ctx;
		ck_assert_int_eq(wslay_frame_context_init(&ctx, &lay, &x), 0);
		struct wslay_frame_iocb f = { 0 };
		ssize_t theirs = wslay_frame_recv(ctx, &f);
		struct ws_frame g;
		int ours = ws_frame_read(&g, x.p, 14);
		/* Reserved bits and unknown opcodes wslay leaves to its caller. */
		uint8_t op = x.p[0] & 15;
		bool known = op <= 2 || (op >= 8 && op <= 10);
		bool they_take = theirs != WSLAY_ERR_PROTO && (x.p[0] & 0x70) == 0 && known;
		if (theirs == WSLAY_ERR_PROTO)
			ck_assert_int_lt(ours, 0);
		else
			ck_assert_msg((ours > 0) == they_take,
				      "%02x %02x %02x%02x: ours %d theirs %zd", x.p[0], x.p[1],
				      x.p[2], x.p[3], ours, theirs);
		taken += ours > 0;
		refused += ours < 0;
		wslay_frame_context_free(ctx);
	}
	ck_assert_int_gt(taken, 1000);
	ck_assert_int_gt(refused, 1000);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ws_frame");
	TCase *t = tcase_create("oracle");
	tcase_set_timeout(t, 30);
	tcase_add_test(t, frames_equal_those_of_wslay);
	tcase_add_test(t, heads_are_judged_as_wslay_judges_them);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
