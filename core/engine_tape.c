/* engine_tape - hands market data to the recording as the adapters told it, before anybody judged it, and writes the receipts of finished blocks. */
#include "core/base/digest.h"
#include "core/base/err.h"
#include "core/engine_parts.h"

static bool recorded(const struct engine *e, uint16_t venue)
{
	return e->parts.tape && e->d.cfg->venue[venue].record;
}

static void put(struct engine *e, uint16_t venue, const struct pack_event *ev)
{
	e->parts.tape->ops->put(e->parts.tape, venue, ev);
}

/* Arrival on the line that a recording is read by. */
static int64_t utc_of(const struct engine *e, int64_t mono_ns)
{
	return mono_ns + (e->d.now.utc_ns - e->d.now.mono_ns);
}

void engine_record_quote(struct engine *e, uint32_t instrument, const struct quote *q)
{
	uint16_t v = e->watchers[instrument].venue;
	if (recorded(e, v))
		put(e, v,
		    &(struct pack_event){ .kind = PACK_QUOTE,
					  .instrument = instrument,
					  .at_ns = utc_of(e, q->recv_ns),
					  .quote = *q });
}

void engine_record_depth(struct engine *e, enum pack_kind kind, uint32_t instrument,
			 const struct depth *x)
{
	uint16_t v = e->watchers[instrument].venue;
	if (recorded(e, v))
		put(e, v,
		    &(struct pack_event){ .kind = (uint8_t)kind,
					  .instrument = instrument,
					  .at_ns = utc_of(e, x->recv_ns),
					  .depth = *x });
}

void engine_record_trade(struct engine *e, uint32_t instrument, const struct market_trade *t)
{
	uint16_t v = e->watchers[instrument].venue;
	if (recorded(e, v))
		put(e, v,
		    &(struct pack_event){ .kind = PACK_TRADE,
					  .instrument = instrument,
					  .at_ns = utc_of(e, t->recv_ns),
					  .trade = *t });
}

void engine_record_line(struct engine *e, enum pack_kind kind, uint16_t venue, uint32_t instrument,
			int64_t recv_ns)
{
	if (recorded(e, venue))
		put(e, venue,
		    &(struct pack_event){ .kind = (uint8_t)kind,
					  .instrument = instrument,
					  .at_ns = utc_of(e, recv_ns) });
}

void engine_record_clock(struct engine *e, uint16_t venue, const int64_t stamp[4])
{
	if (recorded(e, venue))
		put(e, venue,
		    &(struct pack_event){ .kind = PACK_CLOCK,
					  .instrument = UINT32_MAX,
					  .at_ns = utc_of(e, stamp[3]),
					  .clock = { stamp[0], stamp[1], stamp[2], stamp[3] } });
}

/* A block of market data stands under the receipts by its digest. */
static void block_facts(struct engine *e)
{
	struct tape *t = e->parts.tape;
	for (struct tape_block b; t->ops->next_block(t, &b);) {
		struct fact f;
		char hex[DIGEST_HEX];
		fact_init(&f, FACT_BLOCK);
		f.venue = e->d.names.venue[b.venue];
		f.num[0] = b.first_ns;
		f.num[1] = b.last_ns;
		f.num[2] = (int64_t)b.events;
		f.num[3] = (int64_t)b.bytes;
		f.num[4] = (int64_t)b.lost;
		digest_hex(b.digest, sizeof b.digest, hex);
		fact_text(&f, "%s", hex);
		scribe_put(&e->d, &f);
	}
}

void engine_tape_time(struct engine *e)
{
	struct tape *t = e->parts.tape;
	if (!t)
		return;
	t->ops->on_time(t, e->d.now.utc_ns);
	block_facts(e);
	uint64_t lost = t->ops->lost(t);
	if (lost > e->tape_lost)
		scribe_alert(&e->d, 0, ALERT_RECORDING, 0,
			     "%llu market events could not be recorded: the disk is too slow",
			     (unsigned long long)(lost - e->tape_lost));
	e->tape_lost = lost;
}

void engine_tape_end(struct engine *e)
{
	struct tape *t = e->parts.tape;
	if (!t)
		return;
	if (t->ops->finish(t))
		scribe_alert(&e->d, 0, ALERT_RECORDING, 0, "the end of the recording was not kept: %s",
			     err_text());
	block_facts(e);
}
