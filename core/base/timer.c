#include "core/base/timer.h"
#include "core/base/err.h"
#include "core/base/mem.h"
#include <stdlib.h>

#define CAP_MAX (1u << 20)
#define NONE	UINT32_MAX

/* The low bits of an id are the node's index, the others count its uses: a stale id is no id. */
struct timer_node {
	struct timer_event event;
	uint64_t order;
	timer_id id;
	uint32_t at; /* pending: its place in the heap; free: the next free node */
};

/* Ids step by the number of nodes rounded up to a power of two. */
static uint32_t stride(const struct timers *t)
{
	return t->cap <= 1 ? 1 : 1u << (32 - __builtin_clz(t->cap - 1));
}

int timers_init(struct timers *t, uint32_t cap)
{
	*t = (struct timers){ .free_head = NONE };
	if (cap > CAP_MAX)
		return err_set(ERR_NOMEM, "%u timers: at most %u are possible", cap, CAP_MAX);
	if (cap == 0)
		return 0;
	struct timer_node *node = mem_take(cap, sizeof(*node));
	uint32_t *heap = mem_take(cap, sizeof(*heap));
	if (!node || !heap) {
		free(node);
		free(heap);
		return err_set(ERR_NOMEM, "no memory for %u timers", cap);
	}
	t->node = node;
	t->heap = heap;
	t->cap = cap;
	t->free_head = 0;
	uint32_t step = stride(t);
	for (uint32_t i = 0; i < cap; i++) {
		node[i].id = i + step;
		node[i].at = i + 1 < cap ? i + 1 : NONE;
	}
	return 0;
}

void timers_free(struct timers *t)
{
	free(t->node);
	free(t->heap);
	*t = (struct timers){ .free_head = NONE };
}

static bool earlier(const struct timers *t, uint32_t a, uint32_t b)
{
	const struct timer_node *x = &t->node[a], *y = &t->node[b];
	if (x->event.at_ns != y->event.at_ns)
		return x->event.at_ns < y->event.at_ns;
	return x->order < y->order;
}

static void place(struct timers *t, uint32_t at, uint32_t index)
{
	t->heap[at] = index;
	t->node[index].at = at;
}

static void rise(struct timers *t, uint32_t at, uint32_t index)
{
	for (; at > 0 && earlier(t, index, t->heap[(at - 1) / 2]); at = (at - 1) / 2)
		place(t, at, t->heap[(at - 1) / 2]);
	place(t, at, index);
}

static void sink(struct timers *t, uint32_t at, uint32_t index)
{
	for (uint32_t child; (child = 2 * at + 1) < t->n; at = child) {
		if (child + 1 < t->n && earlier(t, t->heap[child + 1], t->heap[child]))
			child++;
		if (!earlier(t, t->heap[child], index))
			break;
		place(t, at, t->heap[child]);
	}
	place(t, at, index);
}

/* Takes the node out of the heap and gives its next use another id. */
static void take_out(struct timers *t, uint32_t index)
{
	struct timer_node *gone = &t->node[index];
	uint32_t hole = gone->at, last = t->heap[--t->n];
	if (last != index) {
		if (earlier(t, last, index))
			rise(t, hole, last);
		else
			sink(t, hole, last);
	}
	uint32_t step = stride(t);
	gone->id += step;
	if (gone->id < step)
		gone->id += step; /* wrapped: the first round holds 0, which is no id */
	gone->at = t->free_head;
	t->free_head = index;
}

timer_id timers_set(struct timers *t, int64_t at_ns, uint16_t kind, uint64_t arg)
{
	if (t->free_head == NONE)
		return 0;
	uint32_t index = t->free_head;
	struct timer_node *fresh = &t->node[index];
	t->free_head = fresh->at;
	fresh->event = (struct timer_event){ .at_ns = at_ns, .kind = kind, .arg = arg };
	fresh->order = t->order++;
	rise(t, t->n++, index);
	return fresh->id;
}

bool timers_cancel(struct timers *t, timer_id id)
{
	if (t->cap == 0)
		return false;
	uint32_t index = id & (stride(t) - 1);
	/* A free node holds the id of its next use, which nobody can have yet; a caller that makes
	 * one up is caught by its place in the heap. */
	if (index >= t->cap || t->node[index].id != id)
		return false;
	uint32_t at = t->node[index].at;
	if (at >= t->n || t->heap[at] != index)
		return false;
	take_out(t, index);
	return true;
}

bool timers_pop(struct timers *t, int64_t now_ns, struct timer_event *out)
{
	if (t->n == 0 || t->node[t->heap[0]].event.at_ns > now_ns)
		return false;
	uint32_t index = t->heap[0];
	*out = t->node[index].event;
	take_out(t, index);
	return true;
}

int64_t timers_next(const struct timers *t)
{
	return t->n ? t->node[t->heap[0]].event.at_ns : INT64_MAX;
}
