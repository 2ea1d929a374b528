/* engine_alert - alerts on their way out of the engine: a receipt becomes words, the rules say to whom, and what is open is listed and acknowledged. */
#include "core/base/err.h"
#include "core/engine_operator.h"
#include "core/ops/alert_sinks.h"
#include "core/ops/list.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROOM_AGAIN 64 /* facts: a full journal that has so much room is full no more */

struct engine_alerts {
	struct alert_port port; /* first */
	struct engine *e;
	struct alerts open;
	struct alert_sinks *sinks; /* NULL: only the receipts, and this list */
	uint64_t lost_told;
	bool journal_told;
};

static void copy(char *to, size_t cap, const char *from)
{
	snprintf(to, cap, "%s", from);
}

/* The names behind the durable numbers of a receipt. */
static void name_things(const struct desk *d, const struct fact *f, struct alert *a)
{
	const struct config *c = d->cfg;
	for (uint16_t i = 0; f->instance && i < c->n_instances; i++)
		if (d->names.instance[i] == f->instance)
			copy(a->instance, sizeof a->instance, c->instance[i].name);
	for (uint16_t i = 0; f->venue && i < c->n_venues; i++)
		if (d->names.venue[i] == f->venue)
			copy(a->venue, sizeof a->venue, c->venue[i].name);
	for (uint16_t i = 0; f->account && i < c->n_accounts; i++)
		if (d->names.account[i] == f->account)
			copy(a->account, sizeof a->account, c->account[i].name);
	for (uint32_t i = 0; f->instrument && i < c->n_instruments; i++)
		if (d->instrument[i].name_id == f->instrument)
			copy(a->instrument, sizeof a->instrument, d->instrument[i].name);
}

static void on_raise(struct alert_port *port, const struct fact *f, const char *text)
{
	struct engine_alerts *x = (struct engine_alerts *)port;
	struct alert a = { .id = f->seq,
			   .pair = f->pair,
			   .code = f->num[2] < alert_code_max ? (uint8_t)f->num[2] : ALERT_FAILURE,
			   .severity = (uint8_t)f->num[0],
			   .sink = f->num[2] == ALERT_SINK_FAILED ? f->leg : 0,
			   .mono_ns = f->mono_ns,
			   .last_utc_ns = f->utc_ns };
	name_things(&x->e->d, f, &a);
	copy(a.text, sizeof a.text, text);
	alerts_raise(&x->open, &a);
}

static void tell(void *arg, const struct alert *a, uint8_t sinks)
{
	struct engine_alerts *x = arg;
	if (x->sinks)
		alert_sinks_push(x->sinks, a, sinks);
}

void engine_alert_of(struct engine *e, uint32_t instrument, enum alert_code code, const char *text)
{
	struct fact f;
	fact_init(&f, FACT_ALERT);
	scribe_instrument(&e->d, &f, instrument);
	scribe_raise(&e->d, &f, code, "%s: %s", e->d.instrument[instrument].name, text);
}

int engine_alerts_open(struct engine *e)
{
	struct engine_alerts *x = calloc(1, sizeof *x);
	if (!x)
		return err_set(ERR_NOMEM, "no memory for alerts");
	x->port.raise = on_raise;
	x->e = e;
	x->sinks = e->parts.sinks;
	alerts_init(&x->open, &e->d.cfg->alerts, tell, x);
	e->alerts = x;
	e->d.alerts = &x->port;
	return 0;
}

void engine_alerts_free(struct engine *e)
{
	e->d.alerts = NULL;
	free(e->alerts);
}

static bool next_failure(struct engine_alerts *x, struct alert_failure *out)
{
	const struct engine_parts *p = &x->e->parts;
	if (p->tap)
		return p->tap->sink_failure(p->tap, out);
	return (x->sinks && alert_sinks_failure(x->sinks, out)) ||
	       (p->outside && p->outside(p->outside_arg, out));
}

/* Once when it begins, once when it is over. */
static void tell_checkpoint(struct desk *d, const struct alert_failure *failed)
{
	struct fact f;
	fact_init(&f, FACT_ALERT);
	if (failed->sink == ALERT_STORE_FAILS) {
		scribe_raise(
			d, &f, ALERT_CHECKPOINT,
			"checkpoints do not get out (store.checkpoint_to): %s; until they do, nobody outside can tell whether receipts were cut off",
			failed->why);
		return;
	}
	f.num[0] = ALERT_INFO;
	scribe_raise(d, &f, ALERT_CHECKPOINT, "checkpoints get out of the store again");
}

/* What did not reach people is an alert to the sinks that work; leg says which of them does not. */
static void sinks_that_fail(struct engine_alerts *x)
{
	static const char *const name[] = { "log", "command", "webhook" };
	_Static_assert(sizeof name / sizeof *name == alert_sink_max, "a word for every sink");
	struct alert_failure failed;
	struct fact f;
	while (next_failure(x, &failed)) {
		if (failed.sink >= alert_sink_max) {
			tell_checkpoint(&x->e->d, &failed);
			continue;
		}
		fact_init(&f, FACT_ALERT);
		f.leg = (uint8_t)(1 + failed.sink);
		scribe_raise(&x->e->d, &f, ALERT_SINK_FAILED, "the alerts' %s: %s",
			     name[failed.sink], failed.why);
	}
	struct engine_tap *tap = x->e->parts.tap;
	const uint64_t lost = tap	 ? tap->sinks_lost(tap)
			      : x->sinks ? alert_sinks_lost(x->sinks)
					 : 0;
	if (lost != x->lost_told) {
		fact_init(&f, FACT_ALERT);
		scribe_raise(&x->e->d, &f, ALERT_SINK_FAILED,
			     "%" PRIu64 " alerts were not told: too many at once",
			     lost - x->lost_told);
	}
	x->lost_told = lost;
}

/* Those that a person has to release: opening does not go on there by itself. */
static unsigned stopped_instances(struct desk *d)
{
	unsigned n = 0;
	for (uint16_t i = 0; i < d->cfg->n_instances; i++)
		n += d->instance[i].paused || risk_state_of(d, i, NULL) != RISK_ACTIVE;
	return n;
}

/* The trouble is over. Whoever was told that nothing opens is told what does now. */
static void journal_mended(struct desk *d)
{
	struct fact f;
	unsigned stopped = stopped_instances(d);
	fact_init(&f, FACT_ALERT);
	f.num[0] = stopped ? ALERT_WARNING : ALERT_INFO;
	if (stopped)
		scribe_raise(
			d, &f, ALERT_JOURNAL,
			"receipts are kept again, but %u of %u instances were stopped meanwhile: nothing opens there until `tandem resume`",
			stopped, d->cfg->n_instances);
	else
		scribe_raise(d, &f, ALERT_JOURNAL, "receipts are kept again: opening goes on");
}

static void journal_trouble(struct engine_alerts *x)
{
	struct desk *d = &x->e->d;
	const char *why = "it is full";
	/* Nobody may have tried since. */
	if (d->journal_full && d->journal->ops->room(d->journal) >= ROOM_AGAIN)
		d->journal_full = false;
	const bool bad = d->journal->ops->trouble(d->journal, &why) != 0 || d->journal_full;
	struct fact f;
	if (bad && !x->journal_told) {
		fact_init(&f, FACT_ALERT);
		scribe_raise(d, &f, ALERT_JOURNAL, "nothing opens: the journal: %s", why);
	} else if (!bad && x->journal_told) {
		journal_mended(d);
	}
	x->journal_told = bad;
}

void engine_alerts_time(struct engine *e)
{
	struct engine_alerts *x = e->alerts;
	journal_trouble(x);
	if (x->sinks || x->e->parts.tap || x->e->parts.outside)
		sinks_that_fail(x);
	alerts_time(&x->open, e->d.now.mono_ns);
}

/* ---- operators ---- */

static void put_time(struct list_row *r, int64_t utc_ns)
{
	char text[40];
	const time_t s = (time_t)(utc_ns / 1000000000);
	struct tm tm;
	gmtime_r(&s, &tm);
	size_t n = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + n, sizeof text - n, ".%03dZ", (int)(utc_ns / 1000000 % 1000));
	list_text(r, text);
}

static void put_alert(struct list_row *r, const struct alert *a)
{
	char id[24];
	snprintf(id, sizeof id, "%" PRIu64, a->id);
	list_begin(r);
	list_text(r, id);
	list_text(r, alert_severity_name((enum alert_severity)a->severity));
	list_text(r, alert_code_name((enum alert_code)a->code));
	list_dec(r, (int64_t)a->count, 0);
	put_time(r, a->first_utc_ns);
	put_time(r, a->last_utc_ns);
	list_text(r, a->instance);
	list_text(r, a->venue);
	list_text(r, a->instrument);
	list_text(r, a->account);
	list_hex(r, a->pair);
	list_text(r, a->text);
}

uint32_t engine_list_alerts(struct engine *e, const struct env_command *c, uint32_t from)
{
	uint32_t at = from;
	unsigned told = 0;
	const struct alert *a;
	struct list_row r;
	while (told < ENV_REPLY_ROWS && (a = alerts_each(&e->alerts->open, &at))) {
		put_alert(&r, a);
		env_reply(e->d.env, c->id, r.text);
		told++;
	}
	return told == ENV_REPLY_ROWS ? at : 0;
}

void engine_ack(struct engine *e, const struct env_command *c, char *answer, size_t cap)
{
	struct desk *d = &e->d;
	char *end;
	const uint64_t id = strtoull(c->scope, &end, 10);
	struct alert a;
	if (*end || end == c->scope || alerts_ack(&e->alerts->open, id, &a)) {
		snprintf(answer, cap,
			 "no: no alert '%s' is open; `tandem alerts DB` lists those that are",
			 c->scope);
		return;
	}
	struct fact f;
	fact_init(&f, FACT_OPERATOR);
	f.cause = id >> 63 ? 0 : id;
	f.pair = 0;
	f.num[0] = CMD_ACK;
	f.state = d->risk_state;
	fact_text(&f, "ack %s (%s) by %s%s%s", c->scope, alert_code_name((enum alert_code)a.code),
		  c->who, c->why[0] ? ": " : "", c->why);
	scribe_put(d, &f);
	snprintf(answer, cap, "ok: %s, %" PRIu64 " times: acknowledged",
		 alert_code_name((enum alert_code)a.code), a.count);
}
