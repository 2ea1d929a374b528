#include "core/cmd/hear.h"
#include "core/base/digest.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/cmd/hear_parts.h"
#include <stdio.h>
#include <stdlib.h>

/* ---------------------------------------------------------------- the env */

static struct hear *of_env(struct env *e)
{
	return (struct hear *)((char *)e - offsetof(struct hear, env));
}

static void now(struct env *e, struct env_now *out)
{
	struct hear *h = of_env(e);
	env_now(h->real_env, out);
	h->quiet = 0;
	inputs_put(h->to, INPUT_NOW, 0, INPUT_NOBODY, out, sizeof *out);
}

static uint64_t draw(struct env *e)
{
	struct hear *h = of_env(e);
	const uint64_t x = env_random(h->real_env);
	inputs_put(h->to, INPUT_RANDOM, 0, INPUT_NOBODY, &x, sizeof x);
	return x;
}

static int64_t since_read_ns(struct env *e)
{
	return env_since_read_ns(of_env(e)->real_env);
}

static int64_t clock_bound_ns(struct env *e)
{
	struct hear *h = of_env(e);
	const int64_t ns = env_clock_bound_ns(h->real_env);
	inputs_put(h->to, INPUT_CLOCK_BOUND, 0, INPUT_NOBODY, &ns, sizeof ns);
	return ns;
}

/* Adapters have the real one. */
static int open_none(struct env *e, const struct env_peer *p, const struct chan_handler *h,
		     void *owner, struct chan **out)
{
	(void)e, (void)p, (void)h, (void)owner, (void)out;
	return err_set(ERR_UNSUPPORTED, "an engine has no connections of its own");
}

static int listen_none(struct env *e, const struct env_peer *p, chan_accept_fn accept, void *owner,
		       uint16_t *port_out)
{
	(void)e, (void)p, (void)accept, (void)owner, (void)port_out;
	return err_set(ERR_UNSUPPORTED, "an engine has no connections of its own");
}

static void poll(struct env *e, int64_t wake_ns)
{
	env_poll(of_env(e)->real_env, wake_ns);
}

static void flush(struct env *e)
{
	struct hear *h = of_env(e);
	const struct hear_call was = hear_begin(h, OP_FLUSH, INPUT_NOBODY);
	env_flush(h->real_env);
	hear_over(h, was);
}

static bool command(struct env *e, struct env_command *out)
{
	struct hear *h = of_env(e);
	const bool any = env_command(h->real_env, out);
	if (any)
		inputs_put(h->to, INPUT_COMMAND, 0, INPUT_NOBODY, out, sizeof *out);
	return any;
}

static void reply(struct env *e, uint32_t id, const char *text)
{
	env_reply(of_env(e)->real_env, id, text);
}

static const struct env_ops env_ops = {
	.name = "heard",
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

struct env *hear_env(struct hear *h, struct env *env)
{
	h->real_env = env;
	h->env.ops = &env_ops;
	return &h->env;
}

/* ---------------------------------------------------------------- the journal */

static struct hear *of_journal(const struct journal *j)
{
	return (struct hear *)((char *)(uintptr_t)j - offsetof(struct hear, journal));
}

static uint64_t append(struct journal *j, struct fact *f)
{
	struct hear *h = of_journal(j);
	const uint64_t seq = h->real_journal->ops->append(h->real_journal, f);
	h->appends++;
	if (__builtin_expect(seq != h->last_seq + 1, 0)) {
		const struct input_seq x = { h->appends, seq };
		inputs_put(h->to, INPUT_SEQ, 0, INPUT_NOBODY, &x, sizeof x);
	}
	h->last_seq = seq ? seq : h->last_seq;
	return seq;
}

static uint64_t room(const struct journal *j)
{
	struct hear *h = of_journal(j);
	const uint64_t n = h->real_journal->ops->room(h->real_journal);
	inputs_put(h->to, INPUT_ROOM, 0, INPUT_NOBODY, &n, sizeof n);
	return n;
}

static uint64_t synced(const struct journal *j)
{
	struct hear *h = of_journal(j);
	const uint64_t seq = h->real_journal->ops->synced(h->real_journal);
	inputs_put(h->to, INPUT_SYNCED, 0, INPUT_NOBODY, &seq, sizeof seq);
	return seq;
}

static int trouble(const struct journal *j, const char **why)
{
	struct hear *h = of_journal(j);
	const int rc = h->real_journal->ops->trouble(h->real_journal, why);
	struct input_result x;
	if (!rc) { /* nearly always */
		inputs_put(h->to, INPUT_TROUBLE, 0, INPUT_NOBODY, NULL, 0);
		return 0;
	}
	memset(&x, 0, sizeof x);
	x.rc = rc;
	snprintf(x.text, sizeof x.text, "%s", *why);
	inputs_put(h->to, INPUT_TROUBLE, 0, INPUT_NOBODY, &x, sizeof x);
	return rc;
}

static const struct journal_ops journal_ops = {
	.append = append, .room = room, .synced = synced, .trouble = trouble
};

struct journal *hear_journal(struct hear *h, struct journal *j, uint64_t last_seq)
{
	h->real_journal = j;
	h->last_seq = last_seq;
	h->journal.ops = &journal_ops;
	return &h->journal;
}

/* ---------------------------------------------------------------- the recording of markets */

static struct hear *of_tape(const struct tape *t)
{
	return (struct hear *)((char *)(uintptr_t)t - offsetof(struct hear, tape));
}

static int tape_put(struct tape *t, uint16_t venue, const struct pack_event *ev)
{
	struct tape *real = of_tape(t)->real_tape;
	return real->ops->put(real, venue, ev);
}

static void tape_on_time(struct tape *t, int64_t utc_ns)
{
	struct tape *real = of_tape(t)->real_tape;
	real->ops->on_time(real, utc_ns);
}

static bool tape_next_block(struct tape *t, struct tape_block *out)
{
	struct hear *h = of_tape(t);
	const bool any = h->real_tape->ops->next_block(h->real_tape, out);
	if (any)
		inputs_put(h->to, INPUT_BLOCK, 0, INPUT_NOBODY, out, sizeof *out);
	return any;
}

static int tape_finish(struct tape *t)
{
	struct hear *h = of_tape(t);
	const int rc = h->real_tape->ops->finish(h->real_tape);
	hear_result(h, OP_FINISH, INPUT_NOBODY, rc);
	return rc;
}

static uint64_t tape_lost(const struct tape *t)
{
	struct hear *h = of_tape(t);
	const uint64_t n = h->real_tape->ops->lost(h->real_tape);
	inputs_put(h->to, INPUT_TAPE_LOST, 0, INPUT_NOBODY, &n, sizeof n);
	return n;
}

static const struct tape_ops tape_ops = {
	.put = tape_put,
	.on_time = tape_on_time,
	.next_block = tape_next_block,
	.finish = tape_finish,
	.lost = tape_lost,
};

struct tape *hear_tape(struct hear *h, struct tape *t)
{
	h->real_tape = t;
	h->tape.ops = &tape_ops;
	return t ? &h->tape : NULL;
}

/* ---------------------------------------------------------------- new versions of scripts */

static struct hear *of_reload(struct reload_port *p)
{
	return (struct hear *)((char *)p - offsetof(struct hear, reload));
}

static int reload_ask(struct reload_port *p, const struct reload_job *job, const void *saved,
		      size_t len)
{
	struct hear *h = of_reload(p);
	const int rc = h->real_reload->ops->ask(h->real_reload, job, saved, len);
	hear_result(h, OP_RELOAD, job->instance, rc);
	return rc;
}

static bool reload_take(struct reload_port *p, struct reload_done *out)
{
	struct hear *h = of_reload(p);
	if (__builtin_expect(!h->real_reload->ops->take(h->real_reload, out), 1))
		return false;
	struct input_taken *x = inputs_room(h->to, INPUT_TAKEN, 0, out->job.instance, sizeof *x);
	if (!x)
		return true;
	memset(x, 0, sizeof *x);
	x->done = *out;
	x->done.script = NULL;
	if (out->script)
		memcpy(x->file, out->script->file, sizeof x->file);
	inputs_done(h->to);
	return true;
}

static void reload_give_back(struct reload_port *p, struct strategy *s)
{
	struct hear *h = of_reload(p);
	h->real_reload->ops->give_back(h->real_reload, s);
}

static const struct reload_ops reload_ops = { reload_ask, reload_take, reload_give_back };

struct reload_port *hear_reload(struct hear *h, struct reload_port *p)
{
	h->real_reload = p;
	h->reload.ops = &reload_ops;
	return &h->reload;
}

/* ---------------------------------------------------------------- scripts, and who brings alerts to people */

static struct hear *of_tap(struct engine_tap *t)
{
	return (struct hear *)((char *)t - offsetof(struct hear, tap));
}

static void put_call(struct hear *h, enum input_kind k, uint16_t instance, const struct strategy *s,
		     int rc)
{
	struct input_call *x = inputs_room(h->to, (uint8_t)k, 0, instance, sizeof *x);
	if (!x)
		return;
	memset(x, 0, sizeof *x);
	x->calls = s->calls;
	x->kills = s->kills;
	x->errors = s->errors;
	x->trace_aborts = s->trace_aborts;
	x->quarantined = s->quarantined;
	x->interpreted = s->interpreted;
	x->rc = rc;
	if (rc < 0) {
		snprintf(x->text, sizeof x->text, "%s", err_text());
		snprintf(x->trace, sizeof x->trace, "%s", s->ops->trace ? s->ops->trace(s) : "");
	}
	inputs_done(h->to);
}

static int run(struct engine_tap *t, uint16_t instance, struct strategy *s,
	       const struct strat_self *self, const struct strat_event *ev, struct proposal *out,
	       unsigned cap)
{
	const uint64_t kills = s->kills;
	const int n = s->ops->run(s, self, ev, out, cap);
	if (__builtin_expect(s->kills > kills, 0))
		put_call(of_tap(t), INPUT_STOPPED, instance, s, n);
	if (__builtin_expect(s->interpreted != s->interpreted_told, 0))
		put_call(of_tap(t), INPUT_COMPILED, instance, s, 0);
	return n;
}

static bool sink_failure(struct engine_tap *t, struct alert_failure *out)
{
	struct hear *h = of_tap(t);
	const bool any = (h->sinks && alert_sinks_failure(h->sinks, out)) ||
			 (h->outside && h->outside(h->outside_arg, out));
	if (any)
		inputs_put(h->to, INPUT_SINK, 0, INPUT_NOBODY, out, sizeof *out);
	return any;
}

static uint64_t sinks_lost(struct engine_tap *t)
{
	struct hear *h = of_tap(t);
	const uint64_t n = h->sinks ? alert_sinks_lost(h->sinks) : 0;
	inputs_put(h->to, INPUT_SINKS_LOST, 0, INPUT_NOBODY, &n, sizeof n);
	return n;
}

void hear_outside(struct hear *h, bool (*fn)(void *arg, struct alert_failure *out), void *arg)
{
	h->outside = fn;
	h->outside_arg = arg;
}

struct engine_tap *hear_tap(struct hear *h, struct alert_sinks *sinks)
{
	h->sinks = sinks;
	h->tap = (struct engine_tap){ .run = run,
				      .sink_failure = sink_failure,
				      .sinks_lost = sinks_lost };
	return &h->tap;
}

/* ---------------------------------------------------------------- before and between turns */

void hear_life(struct hear *h, const struct input_life *life)
{
	inputs_put(h->to, INPUT_LIFE, 0, INPUT_NOBODY, life, sizeof *life);
}

void hear_name(struct hear *h, const struct input_name *n)
{
	inputs_put(h->to, INPUT_NAME, 0, INPUT_NOBODY, n, sizeof *n);
}

void hear_script(struct hear *h, uint16_t instance, const struct input_script *s)
{
	inputs_put(h->to, INPUT_SCRIPT, 0, instance, s, sizeof *s);
}

void hear_lineup(struct hear *h, uint16_t instance, const struct input_lineup *l)
{
	inputs_put(h->to, INPUT_LINEUP, 0, instance, l, sizeof *l);
}

void hear_saved(struct hear *h, uint16_t instance, const struct strategy *s, int rc, bool told,
		bool stopped)
{
	struct input_call *x = inputs_room(h->to, INPUT_SAVED, stopped, instance, sizeof *x);
	if (!x)
		return;
	memset(x, 0, sizeof *x);
	x->calls = s->calls;
	x->kills = s->kills;
	x->errors = s->errors;
	x->quarantined = s->quarantined;
	x->told = told;
	x->rc = rc;
	if (rc < 0)
		snprintf(x->text, sizeof x->text, "%s", err_text());
	if (told)
		snprintf(x->trace, sizeof x->trace, "%s", s->ops->trace ? s->ops->trace(s) : "");
	inputs_done(h->to);
}

static void block_facts(struct hear *h)
{
	for (struct inputs_block b; inputs_next_block(h->to, &b);) {
		struct fact f;
		fact_init(&f, FACT_INPUTS);
		f.mono_ns = h->time.mono_ns;
		f.utc_ns = h->time.utc_ns;
		f.num[0] = b.first_ns;
		f.num[1] = b.last_ns;
		f.num[2] = (int64_t)b.entries;
		f.num[3] = (int64_t)b.bytes;
		f.num[4] = (int64_t)b.lost;
		f.num[5] = b.life;
		f.num[6] = (int64_t)b.number;
		digest_hex(b.digest, sizeof b.digest, f.text);
		if (!h->real_journal->ops->append(h->real_journal, &f))
			log_warn("a block of inputs has no receipt: the journal is full");
	}
}

void hear_idle(struct hear *h, const struct env_now *now)
{
	h->time = *now;
	inputs_on_time(h->to, now->utc_ns);
	block_facts(h);
}

void hear_end(struct hear *h)
{
	inputs_put(h->to, INPUT_END, 0, INPUT_NOBODY, NULL, 0);
	inputs_settle(h->to);
	block_facts(h);
}

void hear_finish(struct hear *h)
{
	if (inputs_finish(h->to))
		log_error("%s", err_text());
}

int hear_open(struct inputs *to, struct hear **out)
{
	struct hear *h = calloc(1, sizeof *h);
	if (!h)
		return err_set(ERR_NOMEM, "no memory to record inputs");
	h->to = to;
	h->now = (struct hear_call){ .op = input_op_max, .written = true };
	*out = h;
	return 0;
}

void hear_close(struct hear *h)
{
	free(h);
}
