#include "core/trade/watermark.h"

#include "core/base/err.h"
#include "core/ops/config.h"
#include "core/trade/scribe.h"
#include <stdio.h>

enum { STANDS, READ_TO }; /* num[1] of a WATERMARK */

static void tell(struct desk *d, uint16_t account, uint32_t instrument, int64_t ns,
		 const char *exec, int what)
{
	struct fact f;
	fact_init(&f, FACT_WATERMARK);
	scribe_instrument(d, &f, instrument);
	f.account = d->names.account[account];
	f.venue_ns = ns;
	f.num[0] = ns ? d->now.utc_ns - ns : 0;
	f.num[1] = what;
	snprintf(f.exec, sizeof f.exec, "%s", exec);
	scribe_put(d, &f);
}

static void tell_read(struct desk *d, uint32_t i)
{
	const struct positions *p = &d->positions;
	tell(d, p->sum_account[i], p->sum_instrument[i], p->sum[i].read_ns, p->sum[i].read,
	     READ_TO);
}

static bool is_at(const struct desk *d, uint32_t sum, uint16_t venue)
{
	return d->instrument[d->positions.sum_instrument[sum]].venue == venue;
}

/* ---- rounds ---- */

void watermark_deaf(struct desk *d, uint16_t venue)
{
	d->venue[venue].deaf = true;
	d->venue[venue].history_asked = false;
}

void watermark_asked(struct desk *d, uint16_t venue)
{
	struct positions *p = &d->positions;
	d->venue[venue].history_asked = true;
	for (uint32_t i = 0; i < p->n_sums; i++)
		if (is_at(d, i, venue))
			position_ask(&p->sum[i]);
}

void watermark_told(struct desk *d, uint16_t venue)
{
	struct positions *p = &d->positions;
	if (!d->venue[venue].history_asked)
		return;
	d->venue[venue].deaf = false;
	for (uint32_t i = 0; i < p->n_sums; i++) {
		const struct position_sum *s = &p->sum[i];
		if (is_at(d, i, venue) && position_heard(&p->sum[i], s->asked_ns, s->asked))
			tell_read(d, i);
	}
}

static void begin(struct desk *d, uint16_t account, uint32_t instrument)
{
	struct position_sum *s = positions_sum(&d->positions, account, instrument);
	if (!s || s->read_ns || s->read[0])
		return;
	if (position_heard(s, s->exec_ns, s->exec)) {
		tell_read(d, (uint32_t)(s - d->positions.sum));
		return;
	}
	if (s->exec_ns)
		return;
	s->exec_ns = s->read_ns = s->mark_ns = d->now.utc_ns;
	tell(d, account, instrument, s->mark_ns, s->mark, STANDS);
}

void watermark_begin(struct desk *d, uint16_t venue)
{
	for (uint16_t i = 0; i < d->cfg->n_instances; i++) {
		const struct config_instance *c = &d->cfg->instance[i];
		for (unsigned l = 0; l < c->n_legs; l++)
			if (d->instrument[c->leg[l]].venue == venue)
				begin(d, c->account[l], c->leg[l]);
	}
}

/* ---- executions ---- */

bool watermark_count(struct desk *d, uint16_t account, uint32_t instrument, int64_t venue_ns,
		     const char *exec, bool replayed)
{
	struct position_sum *s = positions_sum(&d->positions, account, instrument);
	bool ahead = replayed || d->venue[d->instrument[instrument].venue].deaf;
	if (!s)
		return ahead;
	position_newest(s, venue_ns, exec, d->now.mono_ns);
	if (!ahead)
		position_heard(s, venue_ns, exec);
	return ahead;
}

void watermark_again(struct desk *d, uint16_t account, uint32_t instrument, int64_t venue_ns,
		     const char *exec, bool replayed)
{
	struct position_sum *s = positions_sum(&d->positions, account, instrument);
	if (s && !replayed && !d->venue[d->instrument[instrument].venue].deaf)
		position_heard(s, venue_ns, exec);
}

bool watermark_whole(const struct desk *d, uint16_t venue)
{
	for (uint32_t i = 0; i < d->positions.n_sums; i++)
		if (is_at(d, i, venue) && position_ahead(&d->positions.sum[i]))
			return false;
	return true;
}

bool watermark_all_whole(const struct desk *d)
{
	for (uint16_t k = 0; k < d->cfg->n_venues; k++)
		if (!watermark_whole(d, k))
			return false;
	return true;
}

int64_t watermark_since(struct desk *d, uint16_t account, uint32_t instrument,
			char exec[POSITION_EXEC])
{
	const struct position_sum *s = positions_look(&d->positions, account, instrument);
	exec[0] = '\0';
	if (!s || (!s->read_ns && !s->read[0]))
		return 0;
	snprintf(exec, POSITION_EXEC, "%s", s->read);
	return s->read_ns ? s->read_ns : 1;
}

/* ---- over a restart ---- */

void watermark_carry(struct desk *d)
{
	struct positions *p = &d->positions;
	for (uint32_t i = 0; i < p->n_sums; i++) {
		struct position_sum *s = &p->sum[i];
		if (!s->exec_ns && !s->exec[0])
			continue;
		s->mark_ns = s->exec_ns;
		snprintf(s->mark, sizeof s->mark, "%s", s->exec);
		tell(d, p->sum_account[i], p->sum_instrument[i], s->mark_ns, s->mark, STANDS);
	}
}

int watermark_recall(struct desk *d, uint16_t account, uint32_t instrument, const struct fact *f)
{
	struct position_sum *s = positions_sum(&d->positions, account, instrument);
	if (!s)
		return err_set(ERR_FULL, "more positions in the journal than this build holds");
	if (f->num[1] == READ_TO) {
		position_heard(s, f->venue_ns, f->exec);
		return 0;
	}
	s->exec_ns = s->read_ns = s->mark_ns = f->venue_ns;
	snprintf(s->exec, sizeof s->exec, "%s", f->exec);
	snprintf(s->read, sizeof s->read, "%s", f->exec);
	snprintf(s->mark, sizeof s->mark, "%s", f->exec);
	return 0;
}

void watermark_recount(struct desk *d, uint16_t account, uint32_t instrument, const struct fact *f)
{
	struct position_sum *s = positions_sum(&d->positions, account, instrument);
	bool bust = f->kind == FACT_BUST; /* it bears the name of what it takes back */
	if (!s)
		return;
	position_newest(s, f->venue_ns, bust ? "" : f->exec, 0);
	if (!bust && !f->num[f->kind == FACT_FOREIGN ? FACT_FOREIGN_AHEAD : FACT_FILL_AHEAD])
		position_heard(s, f->venue_ns, f->exec);
}
