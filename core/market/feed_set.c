#include "core/market/feed_parts.h"

#include <stddef.h>

int feed_set_init(struct feed_set *s, uint32_t buffers)
{
	*s = (struct feed_set){ 0 };
	return kept_pool_init(&s->pool, buffers);
}

void feed_set_free(struct feed_set *s)
{
	kept_pool_free(&s->pool);
}

struct feed *feed_set_first(struct feed_set *s)
{
	s->at = s->first;
	return feed_set_next(s);
}

/* `at` is the one after: what is done with this feed may take any of them off the list. */
struct feed *feed_set_next(struct feed_set *s)
{
	struct feed *f = s->at;
	if (f)
		s->at = f->next;
	return f;
}

static void enter(struct feed_set *s, struct feed *f)
{
	f->prev = NULL;
	f->next = s->first;
	if (s->first)
		s->first->prev = f;
	s->first = f;
	s->n_listed++;
}

static void leave(struct feed_set *s, struct feed *f)
{
	if (s->at == f)
		s->at = f->next;
	if (f->prev)
		f->prev->next = f->next;
	else
		s->first = f->next;
	if (f->next)
		f->next->prev = f->prev;
	s->n_listed--;
}

void feed_set_list(struct feed *f, bool due)
{
	if (!f->set)
		return;
	f->listed = due;
	if (due)
		enter(f->set, f);
	else
		leave(f->set, f);
}
