#include "core/market/feed_parts.h"

#include <stddef.h>

#define BEYOND		   (1LL << 61) /* no price or quantity is that large: sums and differences stay exact */
#define LINE_PATIENCE_NS   20000000LL
#define REPLAY_PATIENCE_NS 1000000000LL

static const char *const repair_name[] = { "none", "snapshot", "replay", "other_line", "itself" };
_Static_assert(sizeof repair_name / sizeof *repair_name == feed_repair_max,
	       "a name for every way of repair");

const char *feed_repair_name(enum feed_repair r)
{
	return r < feed_repair_max ? repair_name[r] : "?";
}

static const char *const refusal_name[] = { "not", "old", "price", "quantity", "leap", "snapshot" };
_Static_assert(sizeof refusal_name / sizeof *refusal_name == feed_refusal_max,
	       "a name for every refusal");

const char *feed_refusal_name(enum feed_refusal r)
{
	return r < feed_refusal_max ? refusal_name[r] : "?";
}

int feed_init(struct feed *f, const struct feed_options *o, struct feed_set *set)
{
	*f = (struct feed){
		.join = o->join,
		.lines = o->lines ? o->lines : 1,
		.depth_expected = o->depth_expected,
		.replays = o->replays,
		.px_may_be_negative = o->px_may_be_negative,
		.line_patience_ns = o->line_patience_ns ? o->line_patience_ns : LINE_PATIENCE_NS,
		.replay_patience_ns =
			o->replay_patience_ns ? o->replay_patience_ns : REPLAY_PATIENCE_NS,
		.set = set,
	};
	return book_init(&f->book, o->levels);
}

void feed_free(struct feed *f)
{
	feed_forget_repair(f);
	if (f->listed)
		feed_set_list(f, false);
	book_free(&f->book);
}

static bool two_sided(const int64_t qty[side_max])
{
	return qty[SIDE_BUY] > 0 && qty[SIDE_SELL] > 0;
}

struct feed_result feed_told(struct feed *f, const struct feed_was *was, struct feed_result r)
{
	const struct quote *q = &f->top.q;
	f->top.state = feed_state_shown(f->is);
	bool due = f->top.state != BOOK_LIVE && (f->asked_ns || f->crossed_ns || f->wait_ns);
	if (due != f->listed)
		feed_set_list(f, due);
	r.top_changed =
		was->px[SIDE_BUY] != q->px[SIDE_BUY] || was->px[SIDE_SELL] != q->px[SIDE_SELL] ||
		was->qty[SIDE_BUY] != q->qty[SIDE_BUY] || was->qty[SIDE_SELL] != q->qty[SIDE_SELL];
	r.state_changed = f->top.state != was->state;
	r.emptied = two_sided(was->qty) && !two_sided(q->qty);
	r.from = was->state;
	return r;
}

/* The book's best prices become the top unless a best-price message was newer: by a number that the book will reach before long. */
static void top_from_book(struct feed *f, int64_t venue_ns, int64_t recv_ns)
{
	struct quote *q = &f->top.q;
	if (q->seq > f->last_seq && !feed_leaps(q->seq, f->last_seq) &&
	    recv_ns - q->recv_ns <= FEED_PATIENCE_NS)
		return;
	for (int s = 0; s < side_max; s++) {
		q->px[s] = f->book.best[s].px;
		q->qty[s] = f->book.best[s].qty;
	}
	q->seq = f->last_seq;
	q->venue_ns = venue_ns;
	q->recv_ns = recv_ns;
	f->top.valid_ns = recv_ns;
}

/* A best price may be newer than the book for a moment, so each is compared with itself alone. */
static void judge_cross(struct feed *f, int64_t now_ns)
{
	const struct quote *q = &f->top.q;
	bool crossed = (two_sided(q->qty) && q->px[SIDE_BUY] >= q->px[SIDE_SELL]) ||
		       book_crossed(&f->book);
	if (!crossed && !(f->is.bars & BAR_CROSSED))
		return;
	feed_state_move(&f->is, crossed ? FEED_EV_CROSS : FEED_EV_UNCROSS);
	if (!crossed)
		f->crossed_ns = 0;
	else if (!f->crossed_ns)
		f->crossed_ns = now_ns;
}

static void hear(struct feed *f, int64_t now_ns)
{
	if ((f->is.bars & BAR_SILENT) &&
	    (!f->max_silence_ns || now_ns - top_valid_ns(&f->top) <= f->max_silence_ns))
		feed_state_move(&f->is, FEED_EV_HEARD);
}

void feed_renew_top(struct feed *f, int64_t venue_ns, int64_t recv_ns)
{
	top_from_book(f, venue_ns, recv_ns);
	judge_cross(f, recv_ns);
	hear(f, recv_ns);
}

static bool bad_px(const struct feed *f, int64_t px)
{
	int64_t least = f->px_may_be_negative ? -BEYOND : 1;
	return (uint64_t)px - (uint64_t)least > (uint64_t)(BEYOND - least);
}

static bool bad_qty(int64_t qty)
{
	return (uint64_t)qty > (uint64_t)BEYOND;
}

static enum feed_refusal judge_quote(const struct feed *f, const struct quote *q)
{
	for (int s = 0; s < side_max; s++) {
		if (bad_qty(q->qty[s]))
			return REFUSED_QUANTITY;
		if (q->qty[s] && bad_px(f, q->px[s]))
			return REFUSED_PRICE;
	}
	return feed_state_sound(f->is) && f->last_seq && feed_leaps(q->seq, f->last_seq)
		       ? REFUSED_LEAP
		       : REFUSED_NOT;
}

static enum feed_refusal judge_levels(const struct feed *f, const struct depth *d)
{
	bool px = false, qty = false;
	for (int s = 0; s < side_max; s++)
		for (uint32_t i = 0; i < d->n[s]; i++) {
			px |= bad_px(f, d->level[s][i].px);
			qty |= bad_qty(d->level[s][i].qty);
		}
	if (px || qty)
		return px ? REFUSED_PRICE : REFUSED_QUANTITY;
	return d->last_seq < 0 || d->last_seq > BEYOND ? REFUSED_LEAP : REFUSED_NOT;
}

static enum feed_refusal judge_change(const struct feed *f, const struct depth *d)
{
	const struct join_rule *r = feed_rule(f);
	if (!r->single && !r->in_order &&
	    (d->first_seq < 0 || feed_leaps(d->last_seq, d->first_seq)))
		return REFUSED_LEAP;
	return judge_levels(f, d);
}

/* What makes no sense may stand for a change that does: there may be a hole. */
static struct feed_result refuse(struct feed *f, enum feed_refusal why, int64_t now_ns)
{
	struct feed_result r = feed_bad(f, now_ns);
	f->refused++;
	r.refused = (uint8_t)why;
	return r;
}

struct feed_result feed_quote(struct feed *f, const struct quote *q)
{
	struct feed_was was = feed_was(f);
	struct feed_result r = { 0 };
	enum feed_refusal why = judge_quote(f, q);
	if (why != REFUSED_NOT)
		return refuse(f, why, q->recv_ns);
	/* Where there is depth, the book sets a wrong number right. */
	if (q->seq && q->seq <= f->top.q.seq &&
	    (f->depth_expected || !feed_disbelieves(f, q->recv_ns))) {
		f->dropped += f->depth_expected;
		r.refused = REFUSED_OLD;
		if (q->seq == f->top.q.seq && q->recv_ns > f->top.valid_ns)
			f->top.valid_ns = q->recv_ns;
		return feed_told(f, &was, r);
	}
	f->top.q = *q;
	f->top.valid_ns = q->recv_ns;
	f->old_since_ns = f->depth_expected ? f->old_since_ns : 0;
	if (!f->depth_expected && !feed_state_sound(f->is)) {
		feed_forget_repair(f);
		feed_state_move(&f->is, FEED_EV_WHOLE);
		if (f->gap_since_ns) {
			r.repair = REPAIR_ITSELF;
			r.took_ns = q->recv_ns - f->gap_since_ns;
			f->gap_since_ns = 0;
		}
	}
	if (feed_state_sound(f->is)) {
		judge_cross(f, q->recv_ns);
		hear(f, q->recv_ns);
	}
	return feed_told(f, &was, r);
}

static struct feed_result old_news(struct feed *f, const struct feed_was *was, int64_t now_ns)
{
	if (feed_disbelieves(f, now_ns))
		return feed_bad(f, now_ns);
	return feed_told(f, was, (struct feed_result){ .refused = REFUSED_OLD });
}

static void load(struct feed *f, const struct depth *d)
{
	book_load(&f->book, d);
	f->last_seq = d->last_seq;
	f->old_since_ns = 0;
	f->based = true;
}

/* Each message is all that there is: nothing can be missing, only late. */
static struct feed_result take_whole(struct feed *f, const struct depth *d,
				     const struct feed_was *was)
{
	struct feed_result r = { 0 };
	if (f->based && d->last_seq && d->last_seq <= f->last_seq)
		return old_news(f, was, d->recv_ns);
	load(f, d);
	if (feed_state_sound(f->is))
		feed_renew_top(f, d->venue_ns, d->recv_ns);
	else
		feed_mended(f, &r, REPAIR_ITSELF, d->venue_ns, d->recv_ns);
	return feed_told(f, was, r);
}

struct feed_result feed_depth(struct feed *f, const struct depth *d)
{
	struct feed_was was = feed_was(f);
	const struct join_rule *rule = feed_rule(f);
	enum feed_refusal why = judge_change(f, d);
	if (why != REFUSED_NOT)
		return refuse(f, why, d->recv_ns);
	if (rule->whole)
		return take_whole(f, d, &was);
	if (rule->in_order && d->prev_seq == JOIN_IN_LINE)
		return feed_snapshot(f, d);
	struct feed_result r = { 0 };
	if (!feed_state_sound(f->is)) {
		feed_depth_broken(f, &r, d);
	} else if (feed_joins(f, d)) {
		feed_take(f, d);
		feed_renew_top(f, d->venue_ns, d->recv_ns);
	} else if (feed_is_old(f, d)) {
		return old_news(f, &was, d->recv_ns);
	} else {
		feed_open_hole(f, &r, join_hole_end(rule, d), d->recv_ns);
		f->gap_line = d->line;
		feed_depth_broken(f, &r, d);
	}
	return feed_told(f, &was, r);
}

/* Older than what was believed before the hole, or beyond all that the venue has counted since: no way forward. Numbers that may begin anew cannot say so. */
static bool unbelievable(const struct feed *f, const struct depth *d)
{
	struct depth last;
	int64_t newest = f->last_seq;
	if (feed_rule(f)->in_order)
		return false;
	if (f->kept && kept_at(f->kept, kept_count(f->kept) - 1, &last))
		newest = last.last_seq;
	return d->last_seq < f->last_seq || (newest && feed_leaps(d->last_seq, newest));
}

/* It has not come, or not one that helps: the next is asked for. */
static struct feed_result ask_again(struct feed *f, const struct feed_was *was,
				    enum feed_refusal why, int64_t now_ns)
{
	struct feed_result r = { .refused = (uint8_t)why };
	f->asked_ns = 0;
	feed_ask_snapshot(f, &r, now_ns);
	return feed_told(f, was, r);
}

struct feed_result feed_snapshot(struct feed *f, const struct depth *d)
{
	struct feed_was was = feed_was(f);
	const struct join_rule *rule = feed_rule(f);
	bool sound = feed_state_sound(f->is),
	     in_line = rule->in_order && d->prev_seq == JOIN_IN_LINE;
	enum feed_refusal why = judge_levels(f, d);
	if (why != REFUSED_NOT) {
		f->refused++;
		if (!sound)
			return ask_again(f, &was, why, d->recv_ns);
		return feed_told(f, &was, (struct feed_result){ .refused = (uint8_t)why });
	}
	if (rule->whole)
		return take_whole(f, d, &was);
	if (sound && !in_line && (rule->in_order || d->last_seq <= f->last_seq))
		return feed_told(f, &was, (struct feed_result){ 0 }); /* nobody needs it any more */
	if (!in_line && unbelievable(f, d)) {
		f->refused++;
		return ask_again(f, &was, REFUSED_SNAPSHOT, d->recv_ns);
	}
	struct feed_result r = { 0 };
	load(f, d);
	f->fresh_snapshot = true;
	if (in_line) { /* what came before it is in it */
		feed_forget_repair(f);
		f->top.q.seq = 0;
	} else if (!feed_join_kept(f)) { /* what was kept stays, a newer snapshot may join it */
		feed_state_move(&f->is, FEED_EV_PART);
		return ask_again(f, &was, REFUSED_NOT, d->recv_ns);
	}
	feed_mended(f, &r, REPAIR_SNAPSHOT, d->venue_ns, d->recv_ns);
	return feed_told(f, &was, r);
}

struct feed_result feed_down(struct feed *f, int64_t now_ns)
{
	struct feed_was was = feed_was(f);
	if (two_sided(was.qty))
		f->mid_px = was.px[SIDE_BUY] + (was.px[SIDE_SELL] - was.px[SIDE_BUY]) / 2;
	f->top.q = (struct quote){ 0 };
	book_clear(&f->book);
	f->last_seq = f->crossed_ns = f->old_since_ns = 0;
	f->based = false;
	f->gap_since_ns = now_ns;
	f->gap_first_seq = f->gap_last_seq = 0;
	feed_forget_repair(f);
	feed_state_move(&f->is, FEED_EV_DOWN);
	return feed_told(f, &was, (struct feed_result){ 0 });
}

struct feed_result feed_bad(struct feed *f, int64_t now_ns)
{
	struct feed_was was = feed_was(f);
	struct feed_result r = { 0 };
	bool crossed = f->is.bars & BAR_CROSSED;
	if (!feed_state_sound(
		    f->is)) /* it is being repaired already; a flood of bad messages is not one of snapshots */
		return feed_told(f, &was, r);
	if (!f->depth_expected || feed_rule(f)->whole) { /* the next message mends it */
		feed_state_move(&f->is, f->depth_expected ? FEED_EV_HOLE : FEED_EV_DOWN);
		f->gap_since_ns = now_ns;
		f->crossed_ns = 0;
		return feed_told(f, &was, r);
	}
	if (crossed)
		f->based = false;
	feed_open_hole(f, &r, 0, now_ns);
	return feed_told(f, &was, r);
}

static struct feed_result event(struct feed *f, enum feed_event e)
{
	struct feed_was was = feed_was(f);
	feed_state_move(&f->is, e);
	return feed_told(f, &was, (struct feed_result){ 0 });
}

struct feed_result feed_halt(struct feed *f, int64_t now_ns)
{
	(void)now_ns;
	return event(f, FEED_EV_HALT);
}

/* Orders cross during a halt and before an auction: only from here on it is a wrong. */
struct feed_result feed_resume(struct feed *f, int64_t now_ns)
{
	if (f->crossed_ns)
		f->crossed_ns = now_ns;
	return event(f, FEED_EV_RESUME);
}

struct feed_result feed_judge_silence(struct feed *f, int64_t now_ns, int64_t max_silence_ns)
{
	bool silent = max_silence_ns && now_ns - top_valid_ns(&f->top) > max_silence_ns;
	f->max_silence_ns = max_silence_ns;
	return event(f, silent ? FEED_EV_SILENT : FEED_EV_HEARD);
}

struct feed_result feed_on_time(struct feed *f, int64_t now_ns)
{
	struct feed_was was = feed_was(f);
	struct feed_result r = { 0 };
	feed_wait_over(f, &r, now_ns);
	return feed_told(f, &was, r);
}

bool feed_stuck(const struct feed *f, int64_t now_ns, int64_t patience_ns)
{
	return f->top.state == BOOK_CROSSED && now_ns - f->crossed_ns > patience_ns;
}

bool feed_overdue(const struct feed *f, int64_t now_ns, int64_t patience_ns)
{
	return f->asked_ns && now_ns - f->asked_ns > patience_ns;
}
