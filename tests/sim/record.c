#include "tests/sim/record.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include "core/cmd/venues.h"
#include "tests/sim/world.h"
#include <stdlib.h>
#include <string.h>

static struct record_life *now_of(struct record *r)
{
	return &r->life[r->n_lives - 1];
}

static void *grown(void *p, uint32_t n, size_t size)
{
	void *more = n & (n - 1) ? p : realloc(p, (n ? 2 * (size_t)n : 1) * size);
	must(more);
	return more;
}

/* Memory is what a world has enough of: nothing is ever lost. */
static bool turn_over(struct inputs *w, size_t n)
{
	struct record *r = (struct record *)w;
	struct record_life *l = now_of(r);
	uint8_t *p = aligned_alloc(64, INPUTS_BLOCK);
	must(p && n <= INPUTS_BLOCK - sizeof(struct inputs_head));
	l->block = grown(l->block, l->n_blocks, sizeof *l->block);
	struct inputs_head *h = (struct inputs_head *)(void *)p;
	*h = (struct inputs_head){ .magic = INPUTS_MAGIC,
				   .layout = INPUTS_LAYOUT,
				   .life = l->epoch,
				   .number = l->n_blocks };
	l->block[l->n_blocks++] = p;
	w->now = h;
	w->at = p + sizeof *h;
	w->end = p + INPUTS_BLOCK;
	return true;
}

int record_parts(struct record *r, struct world *w, struct engine_parts *p)
{
	struct input_life life;
	if (!r->on)
		return 0;
	r->life = grown(r->life, r->n_lives, sizeof *r->life);
	r->life[r->n_lives++] =
		(struct record_life){ .epoch = w->epoch, .first_seq = w->journal.n };
	r->to = (struct inputs){ .turn_over = turn_over };
	int rc = hear_open(&r->to, &r->hear);
	if (rc)
		return rc;
	memset(&life, 0, sizeof life);
	life.epoch = w->epoch;
	life.first_seq = w->journal.n;
	hear_life(r->hear, &life);
	p->env = hear_env(r->hear, p->env);
	p->journal = hear_journal(r->hear, p->journal, w->journal.n);
	p->tap = hear_tap(r->hear, NULL);
	return 0;
}

struct reload_port *record_reload(struct record *r, struct reload_port *p)
{
	return r->hear ? hear_reload(r->hear, p) : p;
}

int record_venue(struct record *r, struct world *w, uint16_t v, const struct venue_host *host)
{
	const struct venue_host heard = r->hear ? hear_host(r->hear, v, host) : *host;
	int rc = venues_open(w->cfg, v, &heard, &w->port[v]);
	struct venue *real = w->port[v];
	if (!rc && r->hear && (rc = hear_venue(r->hear, real, w->cfg->n_instruments, &w->port[v])))
		w->port[v] = real;
	return rc;
}

void record_trouble(struct record *r, uint16_t instance, const struct strategy *s, uint8_t trouble,
		    uint32_t calls)
{
	if (!r->hear)
		return;
	struct record_life *l = now_of(r);
	l->trouble = grown(l->trouble, l->n_troubles, sizeof *l->trouble);
	l->trouble[l->n_troubles++] = (struct record_trouble){ .instance = instance,
							       .version = s->version,
							       .call = s->calls,
							       .trouble = trouble,
							       .calls = calls };
}

void record_ended(struct record *r, const struct world *w)
{
	if (!r->hear)
		return;
	now_of(r)->last_seq = w->journal.n;
	hear_close(r->hear);
	r->hear = NULL;
}

bool record_spoil(struct record *r, uint64_t nth)
{
	for (uint32_t i = 0; i < r->n_lives; i++)
		for (uint32_t k = 0; k < r->life[i].n_blocks; k++) {
			const struct inputs_head *h = (const void *)r->life[i].block[k];
			const uint8_t *at = (const uint8_t *)(h + 1), *end = at + h->used;
			for (const struct inputs_entry *e; (e = inputs_entry_at(at, end, &at));)
				if (e->kind == INPUT_EXEC && --nth == 0) {
					((struct exec_report *)(uintptr_t)(e + 1))->venue_ns++;
					return true;
				}
		}
	return false;
}

void record_free(struct record *r)
{
	for (uint32_t i = 0; i < r->n_lives; i++) {
		for (uint32_t k = 0; k < r->life[i].n_blocks; k++)
			free(r->life[i].block[k]);
		free(r->life[i].block);
		free(r->life[i].trouble);
	}
	hear_close(r->hear);
	free(r->life);
	*r = (struct record){ 0 };
}
