#include "core/cmd/rehearse.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/market/feed.h"
#include "lua/host.h"
#include "store/blocks.h"
#include <stdlib.h>
#include <string.h>

#define BOOKS	   (LEG_MAX + REF_MAX)
#define LEVELS	   1024
#define WARM_CALLS 300 /* that the compiler has seen it by */
#define NOT_OURS   UINT8_MAX

struct rehearsing {
	const struct rehearsal *r;
	struct strategy *s;
	struct rehearsed *out;
	struct feed_set set;
	struct feed feed[BOOKS];
	struct feed_line line; /* every event of the recording is a sign of life */
	unsigned n_books;
	struct basis_spec spec;
	struct basis basis;
	struct blocks *blocks;
	uint8_t *book_of; /* by the recording's instrument */
	uint32_t n_known;
	struct strat_self self;
};

static const struct instrument *instrument_of(const struct rehearsal *r, unsigned book)
{
	const unsigned legs = r->cfg->instance[r->instance].n_legs;
	return book < legs ? &r->leg[book] : &r->ref[book - legs];
}

static int open_books(struct rehearsing *x)
{
	const struct rehearsal *r = x->r;
	const struct config_instance *c = &r->cfg->instance[r->instance];
	struct basis_spec *s = &x->spec;
	int rc = feed_set_init(&x->set, BOOKS);
	*s = (struct basis_spec){ .n_legs = c->n_legs,
				  .n_refs = c->n_refs,
				  .want_lots = c->want_lots,
				  .lot_base_e8 = r->lot_base_e8 };
	for (unsigned k = 0; !rc && k < c->n_legs + c->n_refs; k++) {
		const struct instrument *in = instrument_of(r, k);
		const bool leg = k < c->n_legs;
		const struct feed_options o = { .join = leg ? r->leg_join[k]
							    : r->ref_join[k - c->n_legs],
						.px_may_be_negative = in->px_may_be_negative,
						.levels = LEVELS };
		rc = feed_init(&x->feed[k], &o, &x->set);
		x->feed[k].top.line = &x->line;
		x->feed[k].top.model = in->feed_model;
		x->feed[k].top.cadence_ns = in->cadence_ns;
		x->n_books += !rc;
		if (leg) {
			s->leg[k] = in;
			s->leg_top[k] = &x->feed[k].top;
			s->leg_book[k] = &x->feed[k].book;
			s->ratio_num[k] = c->ratio_num[k];
			s->ratio_den[k] = c->ratio_den[k];
			s->conv[k] = x->s->conv[k];
		} else {
			s->ref[k - c->n_legs] = in;
			s->ref_top[k - c->n_legs] = &x->feed[k].top;
		}
	}
	return rc;
}

static void close_books(struct rehearsing *x)
{
	for (unsigned k = 0; k < x->n_books; k++)
		feed_free(&x->feed[k]);
	feed_set_free(&x->set);
	if (x->blocks)
		blocks_close(x->blocks);
	free(x->book_of);
}

static const struct strat_world *look(void *of)
{
	return &((const struct rehearsing *)of)->r->world;
}

static int call(struct rehearsing *x, const struct strat_event *ev)
{
	struct proposal out[PROPOSAL_MAX];
	if (!(x->s->ops->hooks(x->s) & 1u << ev->kind))
		return 0;
	int n = x->s->ops->run(x->s, &x->self, ev, out, PROPOSAL_MAX);
	if (n < 0)
		return n;
	x->out->calls++;
	for (int k = 0; k < n; k++)
		x->out->proposals += out[k].kind == PROPOSE_PAIR;
	return 0;
}

static uint8_t find_book(const struct rehearsing *x, const struct blocks_instrument *i)
{
	const struct config_instance *c = &x->r->cfg->instance[x->r->instance];
	for (unsigned k = 0; k < c->n_legs + c->n_refs; k++)
		if (strcmp(instrument_of(x->r, k)->name, i->i.name) == 0)
			return (uint8_t)k;
	return NOT_OURS;
}

static int book_of(struct rehearsing *x, uint32_t instrument, uint8_t *book)
{
	if (instrument >= x->n_known) {
		uint8_t *more = realloc(x->book_of, instrument + 1u);
		if (!more)
			return err_set(ERR_NOMEM, "no memory for a dry run");
		x->book_of = more;
		for (; x->n_known <= instrument; x->n_known++)
			more[x->n_known] = find_book(x, blocks_instrument(x->blocks, x->n_known));
	}
	*book = x->book_of[instrument];
	return 0;
}

/* False: it is no price of a book. */
static bool apply(struct feed *f, const struct pack_event *ev, bool *top_changed)
{
	switch (ev->kind) {
	case PACK_QUOTE:
		*top_changed = feed_quote(f, &ev->quote).top_changed;
		return true;
	case PACK_DEPTH:
		*top_changed = feed_depth(f, &ev->depth).top_changed;
		return true;
	case PACK_SNAPSHOT:
		*top_changed = feed_snapshot(f, &ev->depth).top_changed;
		return true;
	default:
		return false;
	}
}

/* The quote and the depth of one book, to hooks that want them. */
static int show_book(struct rehearsing *x, unsigned k, bool top_changed)
{
	const struct instrument *in = instrument_of(x->r, k);
	const unsigned legs = x->r->cfg->instance[x->r->instance].n_legs;
	const struct top *t = &x->feed[k].top;
	const uint8_t who = (uint8_t)(k < legs ? k : STRAT_REF + k - legs);
	struct strat_quote_event q = { .who = who };
	const struct strat_book_event depth = { .book = &x->feed[k].book,
						.instrument = in,
						.who = who };
	if (t->state != BOOK_LIVE)
		return 0;
	for (int s = 0; s < side_max; s++) {
		q.px[s] = t->q.qty[s] > 0 ? dec_to_double(t->q.px[s], in->px_dp) : 0;
		q.qty[s] = dec_to_double(t->q.qty[s], in->qty_dp);
	}
	int rc = 0;
	if (top_changed)
		rc = call(x, &(struct strat_event){ .kind = STRAT_QUOTE, .quote = &q });
	return rc ? rc : call(x, &(struct strat_event){ .kind = STRAT_BOOK, .book = &depth });
}

static int show(struct rehearsing *x, int64_t at_ns)
{
	x->line.data_ns = x->line.beat_ns = at_ns;
	basis_eval(&x->spec, at_ns, at_ns, &x->basis);
	if (!x->basis.ok)
		return 0;
	x->self.now_ns = x->self.utc_ns = at_ns;
	const struct strat_event ev = { .kind = STRAT_BASIS, .basis = &x->basis };
	return call(x, &ev);
}

/* Books begin with the first snapshot or quote of the span, as they do after a reconnect. */
static int play(struct rehearsing *x)
{
	struct blocks_event e;
	int64_t first_ns = 0;
	int rc;
	while ((rc = blocks_next(x->blocks, &e)) > 0) {
		uint8_t k = NOT_OURS;
		if (e.ev.instrument != UINT32_MAX && (rc = book_of(x, e.ev.instrument, &k)))
			return rc;
		bool top_changed = false;
		if (k == NOT_OURS || !apply(&x->feed[k], &e.ev, &top_changed))
			continue;
		x->self.now_ns = x->self.utc_ns = e.line_ns;
		if ((rc = show_book(x, k, top_changed)))
			return rc;
		if (!top_changed)
			continue;
		x->feed[k].top.valid_ns = e.line_ns;
		first_ns = first_ns ? first_ns : e.line_ns;
		x->out->span_ns = e.line_ns - first_ns;
		if ((rc = show(x, e.line_ns)))
			return rc;
	}
	if (rc)
		log_warn("a dry run ends early: %s", err_text());
	return 0;
}

static int play_recording(struct rehearsing *x, struct store *store)
{
	const struct rehearsal *r = x->r;
	const int64_t back_ns = r->cfg->instance[r->instance].reload.dry_run_ns;
	const struct blocks_filter f = { .from_ns = r->now_utc_ns - back_ns };
	if (!back_ns || !store || blocks_open_in(store, &f, &x->blocks))
		return 0; /* nothing is recorded */
	return play(x);
}

/* As often as the compiler wants, with the newest basis: the first calls of a version are not to be its slowest. */
static int warm(struct rehearsing *x)
{
	struct basis b = x->basis.ok ? x->basis : x->r->basis;
	const struct strat_event ev = { .kind = STRAT_BASIS, .basis = &b };
	b.spec = NULL; /* what it was computed from moves */
	for (int i = 0; b.ok && x->out->calls < WARM_CALLS && i < WARM_CALLS; i++) {
		int rc = call(x, &ev);
		if (rc)
			return rc;
	}
	return 0;
}

int rehearse(const struct rehearsal *r, struct store *store, struct strategy *s,
	     struct rehearsed *out)
{
	struct rehearsing *x = calloc(1, sizeof *x);
	*out = (struct rehearsed){ 0 };
	if (!x)
		return err_set(ERR_NOMEM, "no memory for a dry run");
	x->r = r;
	x->s = s;
	x->out = out;
	x->self = r->self;
	x->self.look = look;
	x->self.of = x;
	/* What it does not take, the engine tells of when it comes. */
	for (unsigned i = 0; i < r->n_params; i++)
		(void)s->ops->set_param(s, r->param[i].name, r->param[i].value);
	const struct strat_event start = { .kind = STRAT_START };
	int rc = lua_host_warm(s, NULL,
			       0); /* a call of what is cold may take longer than its budget */
	if (!rc)
		rc = open_books(x);
	if (!rc)
		rc = call(x, &start);
	if (!rc)
		rc = play_recording(x, store);
	out->recorded = out->calls;
	if (!rc)
		rc = warm(x);
	close_books(x);
	free(x);
	return rc ? rc : lua_host_reset(s);
}
