/* Any bytes as what an engine heard: whatever port is asked, in whatever order, nothing is read beyond an entry, and nobody is told of a market, an account or a word that is not there. */
#include "core/base/err.h"
#include "core/base/must.h"
#include "core/cmd/retell.h"
#include <stdlib.h>
#include <string.h>

enum { VENUES = 2, ACCOUNTS = 2, INSTRUMENTS = 3, ASSETS = 4, TURNS = 400 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t *block;
static uint64_t heard;

static int one_block(void *owner, uint32_t life, uint64_t number, void *out)
{
	(void)owner, (void)life;
	if (number)
		return -ERR_NOTFOUND;
	memcpy(out, block, INPUTS_BLOCK);
	return 0;
}

static void text(const char *s)
{
	heard += strlen(s);
}

static void about(uint32_t instrument, const void *p, size_t n)
{
	must(instrument < INSTRUMENTS);
	for (size_t i = 0; i < n; i++)
		heard += ((const uint8_t *)p)[i];
}

static void on_state(void *core, uint16_t venue, enum venue_state s, const char *why)
{
	(void)core, (void)s;
	must(venue < VENUES);
	text(why);
}

static void on_rule(void *core, uint32_t instrument, const struct rule *r)
{
	(void)core;
	about(instrument, r, sizeof *r);
}

static void on_quote(void *core, uint32_t instrument, const struct quote *q)
{
	(void)core;
	about(instrument, q, sizeof *q);
}

static void on_depth(void *core, uint32_t instrument, const struct depth *d)
{
	(void)core;
	for (int s = 0; s < side_max; s++)
		about(instrument, d->level[s], d->n[s] * sizeof *d->level[s]);
}

static void on_feed_down(void *core, uint16_t venue)
{
	(void)core;
	must(venue < VENUES);
}

static void on_trade(void *core, uint32_t instrument, const struct market_trade *t)
{
	(void)core;
	about(instrument, t, sizeof *t);
}

static void on_probe(void *core, uint32_t instrument, int64_t last_seq, int64_t asked_ns)
{
	(void)core, (void)last_seq, (void)asked_ns;
	must(instrument < INSTRUMENTS);
}

static void on_halt(void *core, uint32_t instrument, bool halted)
{
	(void)core, (void)halted;
	must(instrument < INSTRUMENTS);
}

static void on_alive(void *core, uint16_t venue, int64_t recv_ns)
{
	(void)core, (void)recv_ns;
	must(venue < VENUES);
}

static void on_exec(void *core, const struct exec_report *r)
{
	(void)core;
	must(r->venue < VENUES && r->account < ACCOUNTS && r->side < side_max);
	about(r->instrument, r, sizeof *r);
	text(r->client);
	text(r->exec);
	text(r->text);
}

static void on_caps(void *core, uint32_t instrument, const struct caps *c)
{
	(void)core;
	about(instrument, c, sizeof *c);
}

static void on_reconciled(void *core, uint16_t venue, bool full)
{
	(void)core, (void)full;
	must(venue < VENUES);
}

static void on_position(void *core, uint16_t account, uint32_t instrument, int64_t a, int64_t b,
			int64_t ns)
{
	(void)core, (void)a, (void)b, (void)ns;
	must(account < ACCOUNTS && instrument < INSTRUMENTS);
}

static void on_lots(void *core, uint16_t account, uint32_t instrument,
		    const int64_t qty[side_max][2], int64_t ns)
{
	(void)core, (void)ns;
	must(account < ACCOUNTS);
	about(instrument, qty, side_max * sizeof *qty);
}

static void on_balance(void *core, uint16_t account, asset_id asset, int64_t a, int64_t b,
		       int64_t ns)
{
	(void)core, (void)a, (void)b, (void)ns;
	must(account < ACCOUNTS && asset < ASSETS);
}

static void on_clock(void *core, uint16_t venue, int64_t a, int64_t b, int64_t c, int64_t d)
{
	(void)core, (void)a, (void)b, (void)c, (void)d;
	must(venue < VENUES);
}

static void on_pause(void *core, uint16_t venue, int64_t until_ns, bool all)
{
	(void)core, (void)until_ns, (void)all;
	must(venue < VENUES);
}

static void on_bad(void *core, uint16_t venue, uint32_t instrument, enum bad_input what,
		   const char *why, const void *bytes, size_t n)
{
	(void)core, (void)instrument, (void)what;
	must(venue < VENUES);
	text(why);
	about(0, bytes, n < 64 ? n : 64);
}

static const struct venue_host host = { .on_state = on_state,
					.on_rule = on_rule,
					.on_quote = on_quote,
					.on_depth = on_depth,
					.on_snapshot = on_depth,
					.on_feed_down = on_feed_down,
					.on_trade = on_trade,
					.on_probe = on_probe,
					.on_halt = on_halt,
					.on_alive = on_alive,
					.on_exec = on_exec,
					.on_caps = on_caps,
					.on_reconciled = on_reconciled,
					.on_position = on_position,
					.on_lots = on_lots,
					.on_balance = on_balance,
					.on_clock = on_clock,
					.on_pause = on_pause,
					.on_bad = on_bad };

static void on_fact(void *owner, const struct fact *f)
{
	(void)owner;
	heard += f->seq;
}

static int version(void *owner, const struct input_taken *t, int64_t asked_ns, const void *saved,
		   size_t len, struct strategy **s)
{
	(void)owner, (void)asked_ns, (void)saved, (void)len;
	text(t->file);
	*s = NULL;
	return 0;
}

/* As an engine asks in a turn, and more. */
static void turn(struct retell *r, struct venue *v, struct journal *j)
{
	struct env *e = retell_env(r);
	struct tape *t = retell_tape(r);
	struct engine_tap *tap = retell_tap(r);
	struct reload_port *p = retell_reload(r);
	struct env_now now;
	struct env_command c;
	struct tape_block b;
	struct reload_done done;
	struct alert_failure failed;
	const char *why;
	struct fact f;
	env_poll(e, 0);
	env_now(e, &now);
	while (env_command(e, &c)) {
		text(c.who);
		text(c.arg);
		text(c.why);
	}
	fact_init(&f, FACT_LOG);
	heard += j->ops->append(j, &f) + j->ops->room(j) + j->ops->synced(j);
	if (j->ops->trouble(j, &why))
		text(why);
	while (t->ops->next_block(t, &b))
		heard += b.bytes;
	heard += t->ops->lost(t) + tap->sinks_lost(tap);
	while (p->ops->take(p, &done))
		text(done.text);
	while (tap->sink_failure(tap, &failed))
		text(failed.why);
	if (v) {
		char id[VENUE_CLIENT_ID];
		const struct order o = { .id = 1 };
		if (!v->ops->place(v, &o))
			heard += v->ops->encode_id(1, id);
		v->ops->on_time(v, 1);
		heard += v->ops->depth_rule(v, 1);
	}
	env_flush(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct retell_source from = { NULL, one_block };
	const struct retell_host to = { .fact = on_fact, .version = version };
	struct retell *r;
	struct retell_entry e;
	struct venue *v = NULL;
	if (!block && !(block = aligned_alloc(64, INPUTS_BLOCK)))
		return 0;
	struct inputs_head *h = (struct inputs_head *)(void *)block;
	const struct inputs_entry life = { INPUT_LIFE, 0, INPUT_NOBODY, sizeof(struct input_life) };
	const size_t begins = sizeof life + (sizeof(struct input_life) + 7) / 8 * 8;
	const size_t most = INPUTS_BLOCK - sizeof *h - begins;
	size = (size < most ? size : most) / 8 * 8;
	*h = (struct inputs_head){ .magic = INPUTS_MAGIC, .layout = INPUTS_LAYOUT, .life = 1 };
	h->used = begins + size;
	memcpy(h + 1, &life, sizeof life);
	memcpy((uint8_t *)(h + 1) + begins, data, size);
	if (retell_open(&from, 1, &to, &r))
		return 0;
	retell_limit(r, &(struct retell_limits){ VENUES, ACCOUNTS, INSTRUMENTS, ASSETS });
	(void)retell_take(r, INPUT_LIFE, sizeof(struct input_life), &e);
	struct journal *j = retell_journal(r, 0);
	if (retell_venue(r, 0, INSTRUMENTS, &host, &v))
		v = NULL;
	for (int i = 0; i < TURNS && !retell_broken(r) && retell_peek(r, &e); i++)
		turn(r, v, j);
	if (v)
		v->ops->free(v);
	retell_close(r);
	return 0;
}
