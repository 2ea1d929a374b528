#include "core/market/feed_parts.h"

#include <stddef.h>

void feed_ask_snapshot(struct feed *f, struct feed_result *r, int64_t now_ns)
{
	f->wait = WAIT_SNAPSHOT;
	f->wait_ns = 0;
	if (f->asked_ns)
		return;
	f->asked_ns = now_ns;
	r->want_snapshot = true;
}

/* What can mend the hole, in order; each is passed over where the venue does not have it. */
static void ask_next(struct feed *f, struct feed_result *r, int64_t now_ns)
{
	bool known = f->based && f->gap_last_seq > f->last_seq;
	f->wait++;
	if (f->wait == WAIT_LINE && f->lines < 2)
		f->wait++;
	if (f->wait == WAIT_REPLAY && (!f->replays || !known))
		f->wait++;
	if (f->wait >= WAIT_SNAPSHOT) {
		feed_ask_snapshot(f, r, now_ns);
		return;
	}
	f->wait_ns = now_ns;
	if (f->wait == WAIT_REPLAY) {
		f->replayed = r->want_replay = true;
		r->gap_first_seq = f->last_seq + 1;
		r->gap_last_seq = f->gap_last_seq;
	}
}

void feed_wait_over(struct feed *f, struct feed_result *r, int64_t now_ns)
{
	int64_t patience_ns = f->wait == WAIT_LINE ? f->line_patience_ns : f->replay_patience_ns;
	if (f->wait_ns && now_ns - f->wait_ns > patience_ns)
		ask_next(f, r, now_ns);
}

void feed_forget_repair(struct feed *f)
{
	if (f->kept)
		kept_return(&f->set->pool, f->kept);
	f->kept = NULL;
	f->asked_ns = f->wait_ns = f->unkept_seq = 0;
	f->wait = WAIT_NOTHING;
	f->replayed = false;
}

void feed_open_hole(struct feed *f, struct feed_result *r, int64_t gap_last, int64_t now_ns)
{
	feed_forget_repair(f);
	f->gap_first_seq = f->last_seq + 1;
	f->gap_last_seq = gap_last > f->last_seq ? gap_last : 0;
	f->gap_since_ns = now_ns;
	f->crossed_ns = 0;
	feed_state_move(&f->is, FEED_EV_HOLE);
	r->gap_first_seq = f->gap_first_seq;
	r->gap_last_seq = f->gap_last_seq;
	ask_next(f, r, now_ns);
}

void feed_mended(struct feed *f, struct feed_result *r, enum feed_repair how, int64_t venue_ns,
		 int64_t now_ns)
{
	feed_forget_repair(f);
	feed_state_move(&f->is, FEED_EV_WHOLE);
	f->old_since_ns = 0;
	f->repairs++;
	if (f->gap_since_ns) {
		r->repair = (uint8_t)how;
		r->gap_first_seq = f->gap_first_seq;
		r->gap_last_seq = f->gap_last_seq ? f->gap_last_seq : f->last_seq;
		r->took_ns = now_ns - f->gap_since_ns;
	}
	f->gap_since_ns = 0;
	feed_renew_top(f, venue_ns, now_ns);
}

bool feed_disbelieves(struct feed *f, int64_t now_ns)
{
	f->dropped++;
	if (!f->old_since_ns)
		f->old_since_ns = now_ns;
	if (now_ns - f->old_since_ns < FEED_PATIENCE_NS)
		return false;
	f->based = false;
	f->last_seq = f->top.q.seq = f->old_since_ns = 0;
	if (f->kept)
		kept_clear(f->kept);
	return true;
}

static void forget_kept(struct feed *f)
{
	f->dropped += kept_count(f->kept);
	kept_clear(f->kept);
}

/* Without a buffer it is only remembered how far the venue has come: a book that ends before that is not whole. */
static void keep(struct feed *f, struct feed_result *r, const struct depth *d)
{
	const struct join_rule *rule = feed_rule(f);
	enum kept_how how = rule->in_order ? KEPT_BY_ARRIVAL : KEPT_BY_NUMBER;
	struct depth last;
	if (!f->kept && f->set)
		f->kept = kept_borrow(&f->set->pool);
	if (f->kept && rule->in_order && kept_at(f->kept, kept_count(f->kept) - 1, &last) &&
	    !join_follows(rule, last.last_seq, d))
		forget_kept(f);
	f->unkept_seq = 0;
	if (f->kept && kept_put(f->kept, d, how))
		return;
	if (f->kept) { /* full: an older snapshot than what comes now would not join anyway */
		forget_kept(f);
		f->asked_ns = 0;
		feed_ask_snapshot(f, r, d->recv_ns);
		if (kept_put(f->kept, d, how))
			return;
	}
	f->unkept++;
	f->unkept_seq = d->last_seq;
}

/* Where numbers may begin anew they cannot be compared: one of those that were kept has to meet the snapshot's number itself. Else the snapshot is older than they are,
 * or ahead of them, and then the change that follows it is still to come. */
static void seek(struct feed *f)
{
	struct depth d;
	uint32_t met = 0;
	for (uint32_t i = 0; kept_at(f->kept, i, &d); i++) { /* the newest of them */
		if (d.last_seq == f->last_seq)
			met = i + 1;
		else if (d.prev_seq == f->last_seq)
			met = i;
	}
	while (met--)
		kept_shift(f->kept);
}

/* Takes what was kept, as far as it chains. newest_ns: arrival of what was taken last, 0 where that tells nothing. */
static bool drain(struct feed *f, int64_t newest_ns)
{
	/* But for a replay nothing comes seconds after what it should have come before: that has a wrong number. Dropping a right one is another hole, no wrong book. */
	bool may_be_late = f->wait == WAIT_REPLAY;
	struct depth d;
	while (f->kept && kept_at(f->kept, 0, &d)) {
		if (feed_joins(f, &d)) {
			feed_take(f, &d);
			newest_ns = d.recv_ns;
		} else if (feed_is_old(f, &d) ||
			   (!may_be_late && newest_ns - d.recv_ns > FEED_PATIENCE_NS)) {
			f->dropped++;
		} else {
			return false;
		}
		kept_shift(f->kept);
	}
	return !f->unkept_seq || (feed_rule(f)->in_order ? f->last_seq == f->unkept_seq
							 : f->last_seq >= f->unkept_seq);
}

bool feed_join_kept(struct feed *f)
{
	if (feed_rule(f)->in_order && f->kept)
		seek(f);
	return drain(f, 0);
}

static enum feed_repair how_mended(const struct feed *f, const struct depth *d)
{
	if (f->replayed)
		return REPAIR_REPLAY;
	return f->lines > 1 && d->line != f->gap_line ? REPAIR_OTHER_LINE : REPAIR_ITSELF;
}

/* It fits behind what the book ends at: the hole is smaller, or closed, or there is another behind what was kept. */
static void fill(struct feed *f, struct feed_result *r, const struct depth *d)
{
	enum feed_repair how = how_mended(f, d);
	if (feed_rule(f)->in_order && f->kept) /* they came before it, so they lie before it */
		forget_kept(f);
	f->unkept_seq = feed_rule(f)->in_order ? 0 : f->unkept_seq;
	feed_take(f, d);
	if (drain(f, d->recv_ns)) {
		feed_mended(f, r, how, d->venue_ns, d->recv_ns);
		return;
	}
	struct depth next;
	feed_state_move(&f->is, FEED_EV_PART);
	if (f->last_seq < f->gap_last_seq || !f->kept || !kept_at(f->kept, 0, &next))
		return;
	f->gap_last_seq = join_hole_end(feed_rule(f), &next);
	f->wait = WAIT_NOTHING;
	ask_next(f, r, d->recv_ns);
}

void feed_depth_broken(struct feed *f, struct feed_result *r, const struct depth *d)
{
	if (f->based && feed_joins(f, d)) {
		fill(f, r, d);
	} else if (f->based && feed_is_old(f, d) && !feed_disbelieves(f, d->recv_ns)) {
		r->refused = REFUSED_OLD;
	} else {
		if (f->is.chain == BOOK_EMPTY) {
			f->gap_since_ns = d->recv_ns;
			feed_state_move(&f->is, FEED_EV_PART);
		}
		if (f->based && !f->gap_last_seq && join_hole_end(feed_rule(f), d) > f->last_seq)
			f->gap_last_seq = join_hole_end(feed_rule(f), d);
		keep(f, r, d);
		if (f->wait == WAIT_NOTHING)
			feed_ask_snapshot(f, r, d->recv_ns);
	}
	feed_wait_over(f, r, d->recv_ns);
}
