#include "tests/sim/shrink.h"

#include "core/base/err.h"
#include "tests/sim/story.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define AFTER_NS 50000000LL

struct attempt {
	struct runner *r;
	struct run_options o;
	struct run_result *result;
	struct shrunk *out;
	uint32_t most;
};

/* Does it still break the same invariant with these alone? */
static bool fails(struct attempt *a, const uint32_t *kept, uint32_t n, int64_t duration_ns)
{
	if (a->out->runs >= a->most)
		return false;
	struct run_options o = a->o;
	o.duration_ns = duration_ns;
	o.director.kept = kept;
	o.director.n_kept = n;
	a->out->runs++;
	if (run_seed(a->r, &o, a->result))
		return false;
	for (uint32_t i = 0; i < a->result->n_violations; i++)
		if (a->result->violation[i].invariant == a->out->invariant) {
			a->out->violation = a->result->violation[i];
			return true;
		}
	return false;
}

/* One round of delta debugging: leaves out one of `parts` parts at a time. True: something could go. */
static bool leave_out(struct attempt *a, uint32_t parts)
{
	struct shrunk *s = a->out;
	static uint32_t less[DIRECTOR_MOST];
	bool any = false;
	for (uint32_t k = 0; k < parts && s->n_kept; k++) {
		uint32_t from = (uint32_t)((uint64_t)s->n_kept * k / parts);
		uint32_t to = (uint32_t)((uint64_t)s->n_kept * (k + 1) / parts);
		if (from == to)
			continue;
		memcpy(less, s->kept, from * sizeof *less);
		memcpy(less + from, s->kept + to, (s->n_kept - to) * sizeof *less);
		uint32_t n = s->n_kept - (to - from);
		if (!fails(a, less, n, s->duration_ns))
			continue;
		memcpy(s->kept, less, n * sizeof *less);
		s->n_kept = n;
		any = true;
		k--;
	}
	return any;
}

static void shorter(struct attempt *a, int64_t start_ns)
{
	int64_t until = a->out->violation.at_ns - start_ns + AFTER_NS;
	if (until > 0 && until < a->out->duration_ns &&
	    fails(a, a->out->kept, a->out->n_kept, until))
		a->out->duration_ns = until;
}

int shrink(struct runner *r, const struct run_options *o, uint32_t most, struct shrunk *out)
{
	struct run_result *result = malloc(sizeof *result);
	if (!result)
		return err_set(ERR_NOMEM, "no memory to shrink a story");
	*out = (struct shrunk){ .runs = 1 };
	int rc = run_seed(r, o, result);
	if (!rc && !result->n_violations)
		rc = err_set(ERR_NOTFOUND, "seed %" PRIu64 " breaks nothing", o->seed);
	if (!rc) {
		struct attempt a = { .r = r, .o = *o, .result = result, .out = out, .most = most };
		const struct director *d = &r->director;
		int64_t start_ns = d->start_ns;
		out->invariant = result->violation[0].invariant;
		out->violation = result->violation[0];
		out->duration_ns = r->world.plan.duration_ns;
		a.o.director.duration_ns =
			o->director.duration_ns ? o->director.duration_ns : out->duration_ns;
		for (uint32_t i = 0; i < d->n; i++)
			if (!d->list[i].masked && d->list[i].state != INJECTION_PLANNED)
				out->kept[out->n_kept++] = d->list[i].id;
		out->n_before = out->n_kept;
		shorter(&a, start_ns);
		for (uint32_t parts = 2; out->n_kept;) {
			bool any = leave_out(&a, parts < out->n_kept ? parts : out->n_kept);
			if (!any && parts >= out->n_kept)
				break;
			parts = any ? 2 : parts * 2;
		}
		shorter(&a, start_ns);
	}
	free(result);
	return rc;
}

#define TALE 48 /* receipts that are told */

struct tale {
	uint64_t pair, order, n;
	struct fact fact[TALE]; /* the latest, round and round */
};

static void hear(void *owner, const struct fact *x)
{
	struct tale *t = owner;
	bool of_it = (t->pair && x->pair == t->pair) || (t->order && x->order == t->order);
	if (of_it || x->kind == FACT_OPERATOR || x->kind == FACT_VENUE || x->kind == FACT_RECOVERY)
		t->fact[t->n++ % TALE] = *x;
}

int shrink_tell(struct runner *r, const struct run_options *o, const struct shrunk *s, FILE *f)
{
	struct run_result *result = malloc(sizeof *result);
	struct run_options again = *o;
	static struct tale t;
	t = (struct tale){ .pair = s->violation.pair, .order = s->violation.order };
	if (!result)
		return err_set(ERR_NOMEM, "no memory to tell a story");
	again.director.duration_ns = r->director.o.duration_ns;
	again.duration_ns = s->duration_ns;
	again.director.kept = s->kept;
	again.director.n_kept = s->n_kept;
	again.owner = &t;
	again.fact = hear;
	fprintf(f, "seed %" PRIu64 ": %u of %u injections and %.3f s are enough (%u runs)\n",
		o->seed, s->n_kept, s->n_before, (double)s->duration_ns / 1e9, s->runs);
	int rc = run_seed(r, &again, result);
	for (uint64_t i = t.n > TALE ? t.n - TALE : 0; i < t.n; i++)
		story_fact(f, &t.fact[i % TALE]);
	for (uint32_t i = 0; !rc && i < r->director.n; i++)
		if (!r->director.list[i].masked && r->director.list[i].state != INJECTION_PLANNED)
			story_injection(f, &r->director, &r->director.list[i]);
	fprintf(f, "%11.6f I%u pair %" PRIx64 " order %" PRIx64 " after receipt %" PRIu64 ": %s\n",
		(double)s->violation.at_ns / 1e9, s->violation.invariant, s->violation.pair,
		s->violation.order, s->violation.seq, s->violation.text);
	free(result);
	return rc;
}
