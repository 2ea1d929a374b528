/* retell_venue - venues that are a record: what they told is told again, what they answered is answered again. */
#include "core/base/err.h"
#include "core/cmd/retell_parts.h"
#include <stdio.h>
#include <stdlib.h>

/* ---------------------------------------------------------------- what venues told */

typedef void tell_fn(struct retell *r, const struct retell_entry *e);

static void tell_state(struct retell *r, const struct retell_entry *e)
{
	const struct input_few *x = e->p;
	if (e->who < RETELL_VENUES && r->venue[e->who])
		r->venue[e->who]->v.state = (uint8_t)x->code;
	r->to.on_state(r->to.core, e->who, (enum venue_state)x->code, x->text);
}

static void tell_rule(struct retell *r, const struct retell_entry *e)
{
	const struct input_rule *x = e->p;
	r->to.on_rule(r->to.core, x->instrument, &x->r);
}

static void tell_quote(struct retell *r, const struct retell_entry *e)
{
	const struct input_quote *x = e->p;
	r->to.on_quote(r->to.core, x->instrument, &x->q);
}

static bool depth_of(const struct retell_entry *e, struct depth *d)
{
	const struct input_depth *x = e->p;
	const struct level *l = (const struct level *)(const void *)(x + 1);
	*d = (struct depth){ .first_seq = x->first_seq,
			     .last_seq = x->last_seq,
			     .prev_seq = x->prev_seq,
			     .venue_ns = x->venue_ns,
			     .recv_ns = x->recv_ns,
			     .level = { l, l + x->n[0] },
			     .n = { x->n[0], x->n[1] },
			     .line = x->line };
	return e->len == sizeof *x + ((size_t)x->n[0] + x->n[1]) * sizeof *l;
}

static void tell_depth(struct retell *r, const struct retell_entry *e)
{
	struct depth d;
	if (depth_of(e, &d))
		r->to.on_depth(r->to.core, ((const struct input_depth *)e->p)->instrument, &d);
}

static void tell_snapshot(struct retell *r, const struct retell_entry *e)
{
	struct depth d;
	if (depth_of(e, &d))
		r->to.on_snapshot(r->to.core, ((const struct input_depth *)e->p)->instrument, &d);
}

static void tell_trade(struct retell *r, const struct retell_entry *e)
{
	const struct input_trade *x = e->p;
	r->to.on_trade(r->to.core, x->instrument, &x->t);
}

static void tell_feed_down(struct retell *r, const struct retell_entry *e)
{
	r->to.on_feed_down(r->to.core, e->who);
}

static void tell_probe(struct retell *r, const struct retell_entry *e)
{
	const struct input_few *x = e->p;
	r->to.on_probe(r->to.core, x->instrument, x->v[0], x->v[1]);
}

static void tell_halt(struct retell *r, const struct retell_entry *e)
{
	const struct input_few *x = e->p;
	r->to.on_halt(r->to.core, x->instrument, x->code != 0);
}

static void tell_alive(struct retell *r, const struct retell_entry *e)
{
	int64_t recv_ns;
	memcpy(&recv_ns, e->p, sizeof recv_ns);
	r->to.on_alive(r->to.core, e->who, recv_ns);
}

static void tell_exec(struct retell *r, const struct retell_entry *e)
{
	r->to.on_exec(r->to.core, e->p);
}

static void tell_caps(struct retell *r, const struct retell_entry *e)
{
	const struct input_caps *x = e->p;
	r->to.on_caps(r->to.core, x->instrument, &x->c);
}

static void tell_reconciled(struct retell *r, const struct retell_entry *e)
{
	r->to.on_reconciled(r->to.core, e->who, ((const struct input_few *)e->p)->code != 0);
}

static void tell_position(struct retell *r, const struct retell_entry *e)
{
	const struct input_few *x = e->p;
	r->to.on_position(r->to.core, e->who, x->instrument, x->v[0], x->v[1], x->v[2]);
}

static void tell_lots(struct retell *r, const struct retell_entry *e)
{
	const struct input_few *x = e->p;
	const int64_t qty[side_max][2] = { { x->v[0], x->v[1] }, { x->v[2], x->v[3] } };
	r->to.on_lots(r->to.core, e->who, x->instrument, qty, x->v[4]);
}

static void tell_balance(struct retell *r, const struct retell_entry *e)
{
	const struct input_few *x = e->p;
	r->to.on_balance(r->to.core, e->who, (asset_id)x->code, x->v[0], x->v[1], x->v[2]);
}

static void tell_clock(struct retell *r, const struct retell_entry *e)
{
	const struct input_few *x = e->p;
	r->to.on_clock(r->to.core, e->who, x->v[0], x->v[1], x->v[2], x->v[3]);
}

static void tell_pause(struct retell *r, const struct retell_entry *e)
{
	const struct input_few *x = e->p;
	r->to.on_pause(r->to.core, e->who, x->v[0], x->code != 0);
}

static void tell_bad(struct retell *r, const struct retell_entry *e)
{
	const struct input_bad *x = e->p;
	/* The engine quotes the first of them, and says how many there were. */
	r->to.on_bad(r->to.core, e->who, x->instrument, (enum bad_input)x->what, x->why, x->bytes,
		     (size_t)x->n);
}

#define FEW offsetof(struct input_few, text)
enum about { NOBODY, VENUE, ACCOUNT };
#define AT(type) (1 + offsetof(struct type, instrument))
/* clang-format off */
static const struct {
	tell_fn *tell;
	size_t least;
	enum about who;
	size_t instrument; /* 1 + where it stands; 0: nowhere */
} told[input_kind_max] = {
	[INPUT_STATE] = { tell_state, sizeof(struct input_few), VENUE, 0 },
	[INPUT_RULE] = { tell_rule, sizeof(struct input_rule), NOBODY, AT(input_rule) },
	[INPUT_QUOTE] = { tell_quote, sizeof(struct input_quote), NOBODY, AT(input_quote) },
	[INPUT_DEPTH] = { tell_depth, sizeof(struct input_depth), NOBODY, AT(input_depth) },
	[INPUT_SNAPSHOT] = { tell_snapshot, sizeof(struct input_depth), NOBODY, AT(input_depth) },
	[INPUT_TRADE] = { tell_trade, sizeof(struct input_trade), NOBODY, AT(input_trade) },
	[INPUT_FEED_DOWN] = { tell_feed_down, 0, VENUE, 0 },
	[INPUT_PROBE] = { tell_probe, FEW, NOBODY, AT(input_few) },
	[INPUT_HALT] = { tell_halt, FEW, NOBODY, AT(input_few) },
	[INPUT_ALIVE] = { tell_alive, sizeof(int64_t), VENUE, 0 },
	[INPUT_EXEC] = { tell_exec, sizeof(struct exec_report), VENUE, 0 },
	[INPUT_CAPS] = { tell_caps, sizeof(struct input_caps), NOBODY, AT(input_caps) },
	[INPUT_RECONCILED] = { tell_reconciled, FEW, VENUE, 0 },
	[INPUT_POSITION] = { tell_position, FEW, ACCOUNT, AT(input_few) },
	[INPUT_LOTS] = { tell_lots, FEW, ACCOUNT, AT(input_few) },
	[INPUT_BALANCE] = { tell_balance, FEW, ACCOUNT, 0 },
	[INPUT_CLOCK] = { tell_clock, FEW, VENUE, 0 },
	[INPUT_PAUSE] = { tell_pause, FEW, VENUE, 0 },
	[INPUT_BAD] = { tell_bad, sizeof(struct input_bad), VENUE, 0 },
};
/* clang-format on */

#define ENDS(text) (memchr(text, 0, sizeof(text)) != NULL)

/* A report is of one of our orders, or of somebody else's in what we trade. */
static bool sound_report(const struct retell *r, const struct exec_report *x)
{
	return ENDS(x->client) && ENDS(x->venue_order) && ENDS(x->exec) && ENDS(x->ref) &&
	       ENDS(x->text) && x->venue < r->limit.venues && x->account < r->limit.accounts &&
	       x->instrument < r->limit.instruments && x->kind < exec_kind_max &&
	       x->side < side_max;
}

static bool sound(const struct retell *r, const struct retell_entry *e)
{
	uint32_t instrument = 0;
	if (e->kind >= input_kind_max || !told[e->kind].tell || e->len < told[e->kind].least)
		return false;
	if (told[e->kind].instrument)
		memcpy(&instrument, (const uint8_t *)e->p + told[e->kind].instrument - 1,
		       sizeof instrument);
	if (told[e->kind].instrument && instrument >= r->limit.instruments)
		return false;
	if ((told[e->kind].who == VENUE && e->who >= r->limit.venues) ||
	    (told[e->kind].who == ACCOUNT && e->who >= r->limit.accounts))
		return false;
	if (e->kind == INPUT_STATE)
		return ENDS(((const struct input_few *)e->p)->text);
	if (e->kind == INPUT_BAD)
		return ENDS(((const struct input_bad *)e->p)->why);
	if (e->kind == INPUT_BALANCE)
		return ((const struct input_few *)e->p)->code < r->limit.assets;
	return e->kind != INPUT_EXEC || sound_report(r, e->p);
}

void retell_tell(struct retell *r)
{
	struct retell_entry e;
	while (retell_peek(r, &e) && sound(r, &e)) {
		retell_skip(r);
		told[e.kind].tell(r, &e);
	}
}

/* ---------------------------------------------------------------- calls of the engine */

void retell_quiet(struct retell *r, enum input_op op, uint16_t who)
{
	struct retell_entry e;
	const uint32_t number = ++r->quiet;
	uint32_t then;
	if (!retell_peek(r, &e) || e.kind != INPUT_ENTER || e.op != op || e.who != who ||
	    e.len < sizeof then)
		return;
	memcpy(&then, e.p, sizeof then);
	if (then != number)
		return;
	retell_skip(r);
	retell_tell(r);
	retell_expect(r, INPUT_LEAVE, 0, &e);
}

static struct retell_venue *of(const struct venue *v)
{
	return (struct retell_venue *)(uintptr_t)v;
}

static int answer(struct venue *v, enum input_op op)
{
	retell_tell(of(v)->r);
	return (int)retell_result(of(v)->r, op, v->index);
}

/* Of whom a name is asked: whoever took an order last. */
static struct retell *named;

static size_t encode_id(uint64_t id, char out[VENUE_CLIENT_ID])
{
	struct retell_entry e;
	out[0] = '\0';
	if (!retell_expect(named, INPUT_CLIENT_ID, sizeof(struct input_id), &e))
		return 0;
	const struct input_id *x = e.p;
	if (x->order != id)
		retell_break(named, "the engine sent order %016llx, and then it had sent %016llx",
			     (unsigned long long)id, (unsigned long long)x->order);
	memcpy(out, x->text, VENUE_CLIENT_ID);
	return strnlen(out, VENUE_CLIENT_ID);
}

/* Adapters have done it already. */
static uint64_t decode_id(const char *client, size_t n)
{
	(void)client, (void)n;
	return 0;
}

static enum depth_rule depth_rule(const struct venue *v, uint32_t instrument)
{
	const struct retell_venue *x = of(v);
	return instrument < x->n_instruments ? (enum depth_rule)x->depth_rule[instrument]
					     : DEPTH_WHOLE;
}

static int start(struct venue *v)
{
	return answer(v, OP_START);
}

static void stop(struct venue *v)
{
	retell_quiet(of(v)->r, OP_STOP, v->index);
}

static int place(struct venue *v, const struct order *o)
{
	(void)o;
	const int rc = answer(v, OP_PLACE);
	named = of(v)->r;
	return rc;
}

static int cancel(struct venue *v, const struct order *o)
{
	(void)o;
	return answer(v, OP_CANCEL);
}

static int query(struct venue *v, const struct order *o)
{
	(void)o;
	return answer(v, OP_QUERY);
}

static int reconcile(struct venue *v)
{
	return answer(v, OP_RECONCILE);
}

static int replace(struct venue *v, const struct order *o, int64_t px, int64_t qty)
{
	(void)o, (void)px, (void)qty;
	return answer(v, OP_REPLACE);
}

static int cancel_all(struct venue *v, uint16_t account, uint32_t instrument)
{
	(void)account, (void)instrument;
	return answer(v, OP_CANCEL_ALL);
}

static int arm(struct venue *v, uint16_t account, int64_t for_ns)
{
	(void)account, (void)for_ns;
	return answer(v, OP_ARM);
}

static int snapshot(struct venue *v, uint32_t instrument)
{
	(void)instrument;
	return answer(v, OP_ASK_SNAPSHOT);
}

static int probe(struct venue *v, uint32_t instrument)
{
	(void)instrument;
	return answer(v, OP_ASK_PROBE);
}

static int replay(struct venue *v, uint32_t instrument, int64_t first_seq, int64_t last_seq)
{
	(void)instrument, (void)first_seq, (void)last_seq;
	return answer(v, OP_ASK_REPLAY);
}

static void ask_clock(struct venue *v)
{
	retell_quiet(of(v)->r, OP_ASK_CLOCK, v->index);
}

static void ask_rules(struct venue *v)
{
	retell_quiet(of(v)->r, OP_ASK_RULES, v->index);
}

static void on_time(struct venue *v, int64_t mono_ns)
{
	(void)mono_ns;
	retell_quiet(of(v)->r, OP_ON_TIME, v->index);
}

static void free_it(struct venue *v)
{
	of(v)->r->venue[v->index] = NULL;
	free(v);
}

static void give_ops(struct venue_ops *o, const char *name, uint32_t has)
{
	*o = (struct venue_ops){ .name = name,
				 .encode_id = encode_id,
				 .decode_id = decode_id,
				 .depth_rule = depth_rule,
				 .start = start,
				 .stop = stop,
				 .place = place,
				 .cancel = cancel,
				 .query = query,
				 .snapshot = snapshot,
				 .on_time = on_time,
				 .free = free_it };
#define GIVE(op, member)               \
	if (has & (uint32_t)1 << (op)) \
		o->member = member;
	GIVE(OP_RECONCILE, reconcile)
	GIVE(OP_REPLACE, replace)
	GIVE(OP_CANCEL_ALL, cancel_all)
	GIVE(OP_ARM, arm)
	GIVE(OP_ASK_PROBE, probe)
	GIVE(OP_ASK_REPLAY, replay)
	GIVE(OP_ASK_CLOCK, ask_clock)
	GIVE(OP_ASK_RULES, ask_rules)
#undef GIVE
}

int retell_venue(struct retell *r, uint16_t v, uint32_t n_instruments,
		 const struct venue_host *host, struct venue **out)
{
	struct retell_entry e;
	uint8_t state = VENUE_DOWN;
	r->to = *host;
	if (v >= RETELL_VENUES)
		return err_set(ERR_RANGE, "at most %d venues can be replayed", RETELL_VENUES);
	struct retell_venue *x = calloc(1, sizeof *x + n_instruments);
	if (!x)
		return err_set(ERR_NOMEM, "no memory for a replay");
	*x = (struct retell_venue){ .r = r, .n_instruments = n_instruments };
	x->v = (struct venue){ .ops = &x->ops, .host = *host, .index = v, .state = state };
	r->venue[v] = x;
	retell_quiet(r, OP_OPEN, v);
	const struct input_venue *y;
	if (!retell_take(r, INPUT_VENUE, sizeof *y, &e) || e.who != v ||
	    (y = e.p)->n_instruments != n_instruments || e.len < sizeof *y + n_instruments) {
		free_it(&x->v);
		return err_set(ERR_CORRUPT, "what venue %u was is not recorded", v);
	}
	memcpy(x->name, y->name, sizeof x->name);
	x->name[sizeof x->name - 1] = '\0';
	memcpy(x->depth_rule, y + 1, n_instruments);
	give_ops(&x->ops, x->name, y->has);
	*out = &x->v;
	return 0;
}
