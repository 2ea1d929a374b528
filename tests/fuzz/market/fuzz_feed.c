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
	struct depth d = { .first_seq = base + (int8_t)take(in), .recv_ns = 1 + take(in) };
	d.last_seq = d.first_seq + take(in) % 4;
	d.prev_seq = d.first_seq - 2 + take(in) % 3;
	d.line = take(in) & 1;
	if (take(in) == 255) /* nothing that a venue counts to */
		d.last_seq = d.first_seq & 1 ? INT64_MAX : INT64_MIN;
	if (d.line && take(in) == 255)
		d.prev_seq = -1;
	for (int s = 0; s < side_max; s++) {
		d.level[s] = levels[s];
		d.n[s] = take_levels(in, levels[s]);
	}
	return d;
}

static struct feed_result take_quote(struct input *in, struct feed *f)
{
	struct quote q = { .seq = take(in) ? f->last_seq + (int8_t)take(in) : 0,
			   .recv_ns = 1 + take(in) };
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
	must(!book_crossed(&f->book) && !f->kept && f->is.bars == 0);
	must(!both || q->px[SIDE_BUY] < q->px[SIDE_SELL]);
	must(!f->asked_ns && !f->wait_ns && !f->listed); /* what is LIVE waits for nothing */
}

/* What the engine says by itself, of the time, of silence, of the venue's state. */
static struct feed_result look_after(struct input *in, struct feed *f)
{
	int64_t now_ns = 1 + take(in);
	switch (take(in) % 5) {
	case 0:
		return feed_halt(f, now_ns);
	case 1:
		return feed_resume(f, now_ns);
	case 2:
		return feed_judge_silence(f, now_ns, take(in));
	case 3:
		return feed_down(f, now_ns);
	default:
		return feed_on_time(f, now_ns);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct input in = { bytes, len };
	struct feed f;
	struct level levels[side_max][LEVELS_MAX];
	uint8_t how = take(&in);
	static struct feed_set set;
	const struct feed_options o = { .join = how % feed_join_max,
					.depth_expected = !(how & 8),
					.lines = how & 16 ? 2 : 1,
					.replays = how & 32,
					.px_may_be_negative = !(how & 64),
					.levels = BOOK_LEVELS };
	if ((!set.pool.n && feed_set_init(&set, 1)) || feed_init(&f, &o, how & 128 ? NULL : &set))
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
			r = take(&in) % 4 ? feed_bad(&f, 1 + take(&in)) : look_after(&in, &f);
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
	must(set.pool.out == 0 && set.n_listed == 0);
	return 0;
}
