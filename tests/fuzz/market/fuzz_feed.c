/* Proves that no sequence of feed messages, however numbered, makes a book unsorted, oversized, or LIVE while it is crossed. */
#include "core/base/must.h"
#include "core/market/feed.h"
#include <stdlib.h>

enum { BOOK_LEVELS = 16, LEVELS_MAX = 8 };

struct input {
	const uint8_t *p;
	size_t n;
};

static uint8_t take(struct input *in)
{
	if (in->n == 0)
		return 0;
	in->n--;
	return *in->p++;
}

static uint32_t take_levels(struct input *in, struct level *out)
{
	uint32_t n = take(in) % (LEVELS_MAX + 1);
	for (uint32_t i = 0; i < n; i++) {
		out[i].px = (int8_t)take(in);
		out[i].qty = take(in) % 4;
	}
	return n;
}

static struct depth take_depth(struct input *in, int64_t base,
			       struct level levels[side_max][LEVELS_MAX])
{
	struct depth d = { .first_seq = base + (int8_t)take(in), .recv_ns = take(in) };
	d.last_seq = d.first_seq + take(in) % 4;
	d.prev_seq = d.first_seq - 1 + (int8_t)(take(in) % 3) - 1;
	for (int s = 0; s < side_max; s++) {
		d.level[s] = levels[s];
		d.n[s] = take_levels(in, levels[s]);
	}
	return d;
}

static struct feed_result take_quote(struct input *in, struct feed *f)
{
	struct quote q = { .seq = take(in) ? f->last_seq + (int8_t)take(in) : 0,
			   .recv_ns = take(in) };
	for (int s = 0; s < side_max; s++) {
		q.px[s] = (int8_t)take(in);
		q.qty[s] = take(in) % 4;
	}
	return feed_quote(f, &q);
}

static void check(const struct feed *f, struct feed_result r, uint8_t before)
{
	must(f->top.state < book_state_max);
	must(r.from == before && r.state_changed == (before != f->top.state));
	for (int s = 0; s < side_max; s++) {
		must(f->book.n[s] <= BOOK_LEVELS);
		for (uint32_t i = 0; i < f->book.n[s]; i++) {
			const struct level *l = book_best(&f->book, (enum side)s, i);
			const struct level *next = book_best(&f->book, (enum side)s, i + 1);
			must(l->qty != 0);
			must(!next || (s == SIDE_BUY ? next->px < l->px : next->px > l->px));
		}
	}
	if (f->top.state != BOOK_LIVE)
		return;
	const struct quote *q = &f->top.q;
	bool both = q->qty[SIDE_BUY] > 0 && q->qty[SIDE_SELL] > 0;
	must(!book_crossed(&f->book));
	must(!both || q->px[SIDE_BUY] < q->px[SIDE_SELL]);
	must(f->asked_ns == 0 || !f->depth_expected); /* what is LIVE waits for nothing */
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct input in = { bytes, len };
	struct feed f;
	struct level levels[side_max][LEVELS_MAX];
	uint8_t how = take(&in);
	if (feed_init(&f, (enum feed_join)(how % feed_join_max), how & 4, BOOK_LEVELS))
		abort();
	while (in.n > 0) {
		uint8_t before = f.top.state;
		struct feed_result r;
		int64_t base = take(&in) % 8 ? f.last_seq : 100;
		switch (take(&in) % 8) {
		case 0:
			r = take_quote(&in, &f);
			break;
		case 1:
		case 2: {
			struct depth d = take_depth(&in, base, levels);
			r = feed_snapshot(&f, &d);
			break;
		}
		case 3:
			r = take(&in) % 4 ? feed_bad(&f, 1 + take(&in))
					  : feed_down(&f, 1 + take(&in));
			break;
		default: {
			struct depth d = take_depth(&in, base, levels);
			r = feed_depth(&f, &d);
			break;
		}
		}
		check(&f, r, before);
	}
	feed_free(&f);
	return 0;
}
