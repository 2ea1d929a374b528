#include "core/cmd/retell.h"
#include "core/base/err.h"
#include "core/cmd/retell_parts.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* ---------------------------------------------------------------- entries */

void retell_break(struct retell *r, const char *fmt, ...)
{
	va_list ap;
	if (r->broken[0] || r->cut[0])
		return;
	va_start(ap, fmt);
	vsnprintf(r->broken, sizeof r->broken, fmt, ap);
	va_end(ap);
}

/* Blocks stay for a while behind the newest: who reads an entry may lead to others being read. */
static bool next_block(struct retell *r)
{
	uint8_t *to = r->block[r->number % RETELL_BLOCKS];
	int rc = r->from.block(r->from.owner, r->life, r->number, to);
	const struct inputs_head *h = (const struct inputs_head *)(const void *)to;
	if (rc == -ERR_NOTFOUND)
		snprintf(r->cut, sizeof r->cut, "its entries end here: the host was killed");
	else if (rc)
		snprintf(r->cut, sizeof r->cut, "%s", err_text());
	else if (h->lost)
		snprintf(r->cut, sizeof r->cut,
			 "%llu entries were lost here: the disk was too slow",
			 (unsigned long long)h->lost);
	if (rc || h->lost)
		return false;
	r->number++;
	r->at = to + sizeof *h;
	r->end = r->at + h->used;
	return true;
}

bool retell_peek(struct retell *r, struct retell_entry *e)
{
	while (r->at == r->end && !r->cut[0] && next_block(r))
		;
	if (r->broken[0] || r->cut[0])
		return false;
	const uint8_t *next;
	const struct inputs_entry *x = inputs_entry_at(r->at, r->end, &next);
	if (!x) {
		snprintf(r->cut, sizeof r->cut, "an entry of block %llu is damaged",
			 (unsigned long long)r->number - 1);
		return false;
	}
	*e = (struct retell_entry){ x->kind, x->op, x->who, x->len, x + 1 };
	return true;
}

void retell_skip(struct retell *r)
{
	(void)inputs_entry_at(r->at, r->end, &r->at);
	r->entries++;
}

bool retell_take(struct retell *r, enum input_kind k, size_t least, struct retell_entry *e)
{
	if (!retell_peek(r, e) || e->kind != k || e->len < least)
		return false;
	retell_skip(r);
	return true;
}

/* What the engine asks now must be what it asked then. */
bool retell_expect(struct retell *r, enum input_kind k, size_t least, struct retell_entry *e)
{
	if (retell_take(r, k, least, e))
		return true;
	if (retell_peek(r, e))
		retell_break(r, "the engine asked for %s, and then there came %s%s%s",
			     input_kind_name((uint8_t)k), input_kind_name(e->kind),
			     e->op ? " of " : "", e->op ? input_op_name(e->op) : "");
	return false;
}

static uint64_t expect_word(struct retell *r, enum input_kind k, uint64_t otherwise)
{
	struct retell_entry e;
	uint64_t x = otherwise;
	if (retell_expect(r, k, sizeof x, &e))
		memcpy(&x, e.p, sizeof x);
	return x;
}

int64_t retell_result(struct retell *r, enum input_op op, uint16_t who)
{
	struct retell_entry e;
	int64_t rc = 0;
	if (!retell_expect(r, INPUT_RESULT, sizeof rc, &e))
		return 0;
	if (e.op != op || e.who != who) {
		retell_break(r, "the engine called %s of %u, and then it had called %s of %u",
			     input_op_name((uint8_t)op), who, input_op_name(e.op), e.who);
		return 0;
	}
	memcpy(&rc, e.p, sizeof rc);
	if (rc < 0 && e.len >= sizeof(struct input_result))
		err_set((enum err) - rc, "%.*s", INPUT_TEXT - 1,
			((const struct input_result *)e.p)->text);
	return rc;
}

/* ---------------------------------------------------------------- the env */

static struct retell *of_env(struct env *e)
{
	return (struct retell *)((char *)e - offsetof(struct retell, env));
}

static void now(struct env *e, struct env_now *out)
{
	struct retell *r = of_env(e);
	struct retell_entry x;
	r->quiet = 0;
	if (retell_expect(r, INPUT_NOW, sizeof r->now, &x))
		memcpy(&r->now, x.p, sizeof r->now);
	*out = r->now;
}

static uint64_t draw(struct env *e)
{
	return expect_word(of_env(e), INPUT_RANDOM, 0);
}

/* For figures only. */
static int64_t since_read_ns(struct env *e)
{
	(void)e;
	return 0;
}

static int64_t clock_bound_ns(struct env *e)
{
	return (int64_t)expect_word(of_env(e), INPUT_CLOCK_BOUND, 0);
}

static int open_none(struct env *e, const struct env_peer *p, const struct chan_handler *h,
		     void *owner, struct chan **out)
{
	(void)e, (void)p, (void)h, (void)owner, (void)out;
	return err_set(ERR_UNSUPPORTED, "there are no connections in a replay");
}

static int listen_none(struct env *e, const struct env_peer *p, chan_accept_fn accept, void *owner,
		       uint16_t *port_out)
{
	(void)e, (void)p, (void)accept, (void)owner, (void)port_out;
	return err_set(ERR_UNSUPPORTED, "there are no connections in a replay");
}

static void poll(struct env *e, int64_t wake_ns)
{
	(void)wake_ns;
	retell_tell(of_env(e));
}

static void flush(struct env *e)
{
	retell_quiet(of_env(e), OP_FLUSH, INPUT_NOBODY);
}

static bool command(struct env *e, struct env_command *out)
{
	struct retell_entry x;
	const bool any = retell_take(of_env(e), INPUT_COMMAND, sizeof *out, &x);
	if (!any)
		return false;
	memcpy(out, x.p, sizeof *out);
	out->who[sizeof out->who - 1] = out->scope[sizeof out->scope - 1] = '\0';
	out->arg[sizeof out->arg - 1] = out->why[sizeof out->why - 1] = '\0';
	return out->kind < env_command_max;
}

static void reply(struct env *e, uint32_t id, const char *text)
{
	(void)e, (void)id, (void)text;
}

static const struct env_ops env_ops = {
	.name = "told again",
	.now = now,
	.random = draw,
	.since_read_ns = since_read_ns,
	.clock_bound_ns = clock_bound_ns,
	.open = open_none,
	.listen = listen_none,
	.poll = poll,
	.flush = flush,
	.command = command,
	.reply = reply,
};

struct env *retell_env(struct retell *r)
{
	r->env.ops = &env_ops;
	return &r->env;
}

/* ---------------------------------------------------------------- the journal */

static struct retell *of_journal(const struct journal *j)
{
	return (struct retell *)((char *)(uintptr_t)j - offsetof(struct retell, journal));
}

/* A number that is not the next: others wrote too, or there was no room. */
static uint64_t append(struct journal *j, struct fact *f)
{
	struct retell *r = of_journal(j);
	struct retell_entry e;
	uint64_t seq = r->seq + 1;
	r->appends++;
	if (retell_peek(r, &e) && e.kind == INPUT_SEQ && e.len >= sizeof(struct input_seq)) {
		const struct input_seq *x = e.p;
		if (x->call == r->appends) {
			seq = x->seq;
			retell_skip(r);
		}
	}
	f->seq = seq;
	if (!seq)
		return 0;
	r->seq = seq;
	r->host.fact(r->host.owner, f);
	return seq;
}

static uint64_t room(const struct journal *j)
{
	return expect_word(of_journal(j), INPUT_ROOM, UINT32_MAX);
}

static uint64_t synced(const struct journal *j)
{
	return expect_word(of_journal(j), INPUT_SYNCED, 0);
}

static int trouble(const struct journal *j, const char **why)
{
	struct retell *r = of_journal(j);
	struct retell_entry e;
	*why = "";
	if (!retell_expect(r, INPUT_TROUBLE, 0, &e) || e.len < sizeof(struct input_result))
		return 0;
	memcpy(&r->trouble, e.p, sizeof r->trouble);
	r->trouble.text[INPUT_TEXT - 1] = '\0';
	*why = r->trouble.text;
	return (int)r->trouble.rc;
}

static const struct journal_ops journal_ops = {
	.append = append, .room = room, .synced = synced, .trouble = trouble
};

struct journal *retell_journal(struct retell *r, uint64_t last_seq)
{
	r->seq = last_seq;
	r->journal.ops = &journal_ops;
	return &r->journal;
}

/* ---------------------------------------------------------------- the recording of markets */

static struct retell *of_tape(const struct tape *t)
{
	return (struct retell *)((char *)(uintptr_t)t - offsetof(struct retell, tape));
}

static int tape_put(struct tape *t, uint16_t venue, const struct pack_event *ev)
{
	(void)t, (void)venue, (void)ev;
	return 0;
}

static void tape_on_time(struct tape *t, int64_t utc_ns)
{
	(void)t, (void)utc_ns;
}

static bool tape_next_block(struct tape *t, struct tape_block *out)
{
	struct retell_entry e;
	const bool any = retell_take(of_tape(t), INPUT_BLOCK, sizeof *out, &e);
	if (any)
		memcpy(out, e.p, sizeof *out);
	return any;
}

static int tape_finish(struct tape *t)
{
	return (int)retell_result(of_tape(t), OP_FINISH, INPUT_NOBODY);
}

static uint64_t tape_lost(const struct tape *t)
{
	return expect_word(of_tape(t), INPUT_TAPE_LOST, 0);
}

static const struct tape_ops tape_ops = {
	.put = tape_put,
	.on_time = tape_on_time,
	.next_block = tape_next_block,
	.finish = tape_finish,
	.lost = tape_lost,
};

struct tape *retell_tape(struct retell *r)
{
	r->tape.ops = &tape_ops;
	return &r->tape;
}

/* ---------------------------------------------------------------- new versions of scripts */

static struct retell *of_reload(struct reload_port *p)
{
	return (struct retell *)((char *)p - offsetof(struct retell, reload));
}

static struct retell_job *job_of(struct retell *r, uint16_t instance)
{
	struct retell_job *free_one = NULL;
	for (int i = 0; i < RETELL_JOBS; i++) {
		if (r->job[i].used && r->job[i].instance == instance)
			return &r->job[i];
		free_one = r->job[i].used || free_one ? free_one : &r->job[i];
	}
	return free_one;
}

static int reload_ask(struct reload_port *p, const struct reload_job *job, const void *saved,
		      size_t len)
{
	struct retell *r = of_reload(p);
	const int rc = (int)retell_result(r, OP_RELOAD, job->instance);
	struct retell_job *j = rc ? NULL : job_of(r, job->instance);
	if (!j)
		return rc;
	free(j->saved);
	*j = (struct retell_job){ .used = true, .instance = job->instance };
	j->asked_utc_ns = r->now.utc_ns;
	j->saved = len ? malloc(len) : NULL;
	if (j->saved) {
		memcpy(j->saved, saved, len);
		j->len = len;
	}
	return 0;
}

static bool reload_take(struct reload_port *p, struct reload_done *out)
{
	struct retell *r = of_reload(p);
	struct retell_entry e;
	struct input_taken x;
	if (!retell_take(r, INPUT_TAKEN, sizeof x, &e))
		return false;
	memcpy(&x, e.p, sizeof x);
	x.done.text[sizeof x.done.text - 1] = x.file[sizeof x.file - 1] = '\0';
	*out = x.done;
	out->script = NULL;
	struct retell_job *j = job_of(r, x.done.job.instance);
	if (!x.done.rc && j &&
	    r->host.version(r->host.owner, &x, j->asked_utc_ns, j->saved, j->len, &out->script))
		retell_break(r, "the version %s cannot be loaded again: %s", x.file, err_text());
	if (j) {
		free(j->saved);
		*j = (struct retell_job){ 0 };
	}
	return !r->broken[0];
}

static void reload_give_back(struct reload_port *p, struct strategy *s)
{
	struct retell *r = of_reload(p);
	r->host.give_back(r->host.owner, s);
}

static const struct reload_ops reload_ops = { reload_ask, reload_take, reload_give_back };

struct reload_port *retell_reload(struct retell *r)
{
	r->reload.ops = &reload_ops;
	return &r->reload;
}

/* ---------------------------------------------------------------- scripts, and who brings alerts to people */

static struct retell *of_tap(struct engine_tap *t)
{
	return (struct retell *)((char *)t - offsetof(struct retell, tap));
}

static const char *trace_again(const struct strategy *s);

/* A strategy that was stopped has its counts from the record, and the trace that was written then. */
static char last_trace[sizeof((struct input_call *)0)->trace];
static struct strategy_ops stopped_ops;

static const char *trace_again(const struct strategy *s)
{
	(void)s;
	return last_trace;
}

void retell_failed(struct strategy *s, const struct input_call *x)
{
	s->calls = x->calls;
	s->kills = x->kills;
	s->errors = x->errors;
	s->quarantined = x->quarantined;
	snprintf(last_trace, sizeof last_trace, "%.*s", (int)sizeof x->trace - 1, x->trace);
	if (s->ops->trace != trace_again) {
		stopped_ops = *s->ops;
		stopped_ops.trace = trace_again;
	}
	s->ops = &stopped_ops;
	err_set((enum err) - x->rc, "%.*s", INPUT_TEXT - 1, x->text);
}

static int run(struct engine_tap *t, uint16_t instance, struct strategy *s,
	       const struct strat_self *self, const struct strat_event *ev, struct proposal *out,
	       unsigned cap)
{
	struct retell *r = of_tap(t);
	struct retell_entry e;
	const struct input_call *x;
	/* What stopped it is no affair of its own: what it proposed until then was dropped. */
	if (retell_peek(r, &e) && e.kind == INPUT_STOPPED && e.who == instance &&
	    e.len >= sizeof *x && (x = e.p)->calls == s->calls + 1) {
		retell_skip(r);
		retell_failed(s, x);
		return (int)x->rc;
	}
	const int n = r->host.run(r->host.owner, instance, s, self, ev, out, cap);
	s->interpreted =
		s->interpreted_told; /* what the compiler makes of it here is of no interest */
	if (retell_peek(r, &e) && e.kind == INPUT_COMPILED && e.who == instance &&
	    e.len >= sizeof *x && (x = e.p)->calls == s->calls) {
		retell_skip(r);
		s->interpreted = x->interpreted;
		s->trace_aborts = x->trace_aborts;
	}
	return n;
}

static bool sink_failure(struct engine_tap *t, struct alert_failure *out)
{
	struct retell_entry e;
	if (!retell_take(of_tap(t), INPUT_SINK, sizeof *out, &e))
		return false;
	memcpy(out, e.p, sizeof *out);
	out->why[sizeof out->why - 1] = '\0';
	return out->sink < alert_sink_max;
}

static uint64_t sinks_lost(struct engine_tap *t)
{
	return expect_word(of_tap(t), INPUT_SINKS_LOST, 0);
}

static uint32_t also(struct engine_tap *t, uint16_t instance)
{
	const struct retell *r = of_tap(t);
	return r->host.also(r->host.owner, instance);
}

static void hear_told(struct engine_tap *t, uint16_t instance, struct strategy *s,
		      const struct strat_self *self, const struct strat_event *ev)
{
	const struct retell *r = of_tap(t);
	r->host.told(r->host.owner, instance, s, self, ev);
}

struct engine_tap *retell_tap(struct retell *r)
{
	r->tap = (struct engine_tap){ .run = run,
				      .sink_failure = sink_failure,
				      .sinks_lost = sinks_lost,
				      .also = r->host.also ? also : NULL,
				      .told = hear_told };
	return &r->tap;
}

/* ---------------------------------------------------------------- opening */

int retell_open(const struct retell_source *from, uint32_t life, const struct retell_host *host,
		struct retell **out)
{
	struct retell *r = calloc(1, sizeof *r);
	struct retell_entry e;
	bool memory = r != NULL;
	for (int i = 0; r && i < RETELL_BLOCKS; i++)
		memory &= (r->block[i] = aligned_alloc(64, INPUTS_BLOCK)) != NULL;
	if (!memory) {
		retell_close(r);
		return err_set(ERR_NOMEM, "no memory for a replay");
	}
	r->from = *from;
	r->life = life;
	r->host = *host;
	if (!retell_peek(r, &e) || e.kind != INPUT_LIFE) {
		int rc = err_set(ERR_CORRUPT, "the inputs of life %u have no beginning%s%s", life,
				 r->cut[0] ? ": " : "", r->cut);
		retell_close(r);
		return rc;
	}
	*out = r;
	return 0;
}

void retell_close(struct retell *r)
{
	if (!r)
		return;
	for (int i = 0; i < RETELL_BLOCKS; i++)
		free(r->block[i]);
	for (int i = 0; i < RETELL_JOBS; i++)
		free(r->job[i].saved);
	free(r);
}

void retell_limit(struct retell *r, const struct retell_limits *l)
{
	r->limit = *l;
}

const char *retell_broken(const struct retell *r)
{
	return r->broken[0] ? r->broken : NULL;
}

const char *retell_short(const struct retell *r)
{
	return r->cut[0] ? r->cut : NULL;
}

uint64_t retell_entries(const struct retell *r)
{
	return r->entries;
}

const struct env_now *retell_now(const struct retell *r)
{
	return &r->now;
}
