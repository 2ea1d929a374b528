#include "core/market/arbiter.h"

#include "core/base/err.h"
#include <stdlib.h>
#include <string.h>

struct arbiter_slot {
	int64_t seq; /* 0: nothing waits here */
	int64_t recv_ns;
	uint32_t n;
};

int arbiter_init(struct arbiter *a, const struct arbiter_options *o)
{
	*a = (struct arbiter){ .o = *o };
	if (o->window == 0 || (o->window & (o->window - 1)))
		return err_set(ERR_RANGE, "a window of %u packets is no power of two", o->window);
	a->slot = calloc(o->window, sizeof *a->slot);
	a->bytes = calloc(o->window, o->packet_max ? o->packet_max : 1);
	if (!a->slot || !a->bytes) {
		arbiter_free(a);
		return err_set(ERR_NOMEM, "no memory for %u packets of %u bytes", o->window,
			       o->packet_max);
	}
	return 0;
}

void arbiter_free(struct arbiter *a)
{
	free(a->slot);
	free(a->bytes);
	a->slot = NULL;
	a->bytes = NULL;
}

void arbiter_restart(struct arbiter *a, int64_t next)
{
	memset(a->slot, 0, a->o.window * sizeof *a->slot);
	a->next = next;
	a->missing_ns = a->leap = 0;
	a->n_waiting = 0;
	for (int l = 0; l < ARBITER_LINES; l++)
		a->line[l].newest = 0;
}

static uint32_t index_of(const struct arbiter *a, int64_t seq)
{
	return (uint32_t)seq & (a->o.window - 1);
}

static bool waits(const struct arbiter *a, int64_t seq)
{
	return a->slot[index_of(a, seq)].seq == seq;
}

static void hand(struct arbiter *a, const void *p, size_t n, int64_t recv_ns)
{
	a->packets++;
	a->o.on_packet(a->o.owner, a->next++, p, n, recv_ns);
}

/* Those whose turn has come. */
static void drain(struct arbiter *a, int64_t now_ns)
{
	bool any = false;
	for (; a->n_waiting && waits(a, a->next); any = true) {
		uint32_t i = index_of(a, a->next);
		struct arbiter_slot s = a->slot[i];
		a->slot[i].seq = 0;
		a->n_waiting--;
		hand(a, a->bytes + (size_t)i * a->o.packet_max, s.n, s.recv_ns);
	}
	if (a->n_waiting == 0)
		a->missing_ns = 0;
	else if (any || !a->missing_ns) /* another hole */
		a->missing_ns = now_ns;
}

static void give_up_until(struct arbiter *a, int64_t seq, int64_t now_ns)
{
	int64_t first = a->next;
	a->next = seq;
	a->lost += (uint64_t)(seq - first);
	a->gaps++;
	a->o.on_gap(a->o.owner, first, seq - 1, now_ns);
}

static void give_up_first_hole(struct arbiter *a, int64_t now_ns)
{
	int64_t seq = a->next;
	while (!waits(a, seq))
		seq++;
	give_up_until(a, seq, now_ns);
	drain(a, now_ns);
}

/* Both lines have gone on behind the first number that waits: none of them will bring what is in front of it. */
static void judge_passed(struct arbiter *a, int64_t now_ns)
{
	while (a->n_waiting) {
		int64_t last = a->next;
		while (!waits(a, last + 1))
			last++;
		for (int l = 0; l < ARBITER_LINES; l++)
			if (a->line[l].newest <= last + a->o.slack)
				return;
		give_up_first_hole(a, now_ns);
	}
}

static void keep(struct arbiter *a, int64_t seq, const void *p, size_t n, int64_t recv_ns)
{
	uint32_t i = index_of(a, seq);
	a->slot[i] = (struct arbiter_slot){ seq, recv_ns, (uint32_t)n };
	if (n)
		memcpy(a->bytes + (size_t)i * a->o.packet_max, p, n);
	a->n_waiting++;
	if (!a->missing_ns)
		a->missing_ns = recv_ns;
}

/* Beyond the window: believed when the number before it, itself or one soon after comes too. Then what lies between is lost. */
static bool believes_leap(struct arbiter *a, int64_t seq, int64_t recv_ns)
{
	int64_t window = a->o.window;
	bool borne_out = a->leap && seq - a->leap >= -window && seq - a->leap <= window;
	if (!borne_out) {
		a->leap = seq;
		a->refused++;
		return false;
	}
	while (a->n_waiting) /* they have their turn first */
		give_up_first_hole(a, recv_ns);
	if (seq - a->next >= window)
		give_up_until(a, seq, recv_ns);
	return true;
}

void arbiter_take(struct arbiter *a, unsigned line, int64_t seq, const void *p, size_t n,
		  int64_t recv_ns)
{
	struct arbiter_line *l = &a->line[line < ARBITER_LINES ? line : 0];
	if (n > a->o.packet_max || seq < 1 || seq > INT64_MAX / 2) {
		a->refused++;
		return;
	}
	if (a->next == 0)
		a->next = seq;
	if (seq - a->next >= a->o.window && !believes_leap(a, seq, recv_ns))
		return;
	a->leap = 0;
	if (seq > l->newest)
		l->newest = seq;
	if (seq < a->next || waits(a, seq)) {
		l->late++;
	} else if (seq == a->next) {
		l->first++;
		hand(a, p, n, recv_ns);
		if (a->n_waiting) {
			a->missing_ns = 0;
			drain(a, recv_ns);
		}
	} else {
		l->first++;
		keep(a, seq, p, n, recv_ns);
	}
	judge_passed(a, recv_ns);
	arbiter_on_time(a, recv_ns);
}

void arbiter_on_time(struct arbiter *a, int64_t now_ns)
{
	if (a->missing_ns && now_ns - a->missing_ns > a->o.patience_ns)
		give_up_first_hole(a, now_ns);
}
