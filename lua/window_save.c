/* window_save - what windows hold, as bytes, and back. One form for one content; the decoder refuses any other. */
#include "core/base/err.h"
#include "core/base/must.h"
#include "lua/window_parts.h"
#include <math.h>
#include <string.h>

static const char magic[4] = { 'T', 'W', 'N', '1' };
enum { head_len = 8 };

/* ---- writing */

struct writer {
	uint8_t *buf;
	size_t cap, len;
};

static void bytes(struct writer *w, const void *p, size_t n)
{
	if (n <= w->cap && w->len <= w->cap - n)
		memcpy(w->buf + w->len, p, n);
	w->len += n;
}

static void whole(struct writer *w, uint64_t v, unsigned n)
{
	uint8_t b[8];
	for (unsigned i = 0; i < n; i++)
		b[i] = (uint8_t)(v >> (8 * i));
	bytes(w, b, n);
}

static void number(struct writer *w, double x)
{
	uint64_t u;
	memcpy(&u, &x, sizeof(u));
	whole(w, u, 8);
}

static void save_samples(struct writer *to, const struct window *w)
{
	int64_t grain, last = 0;
	whole(to, w->n, 2);
	for (uint32_t i = 0; i < w->n; i++) {
		const double x = window_sample(w, i, &grain);
		if (w->grain && i == 0)
			whole(to, (uint64_t)grain, 8);
		else if (w->grain)
			whole(to, (uint64_t)(grain - last), 2);
		last = grain;
		number(to, x);
	}
}

static void save_ema(struct writer *to, const struct window_ema *e)
{
	whole(to, e->n, 8);
	if (!e->n)
		return;
	number(to, e->mean);
	number(to, e->var);
	number(to, e->last);
	number(to, e->first_s);
	number(to, e->last_s);
}

int windows_save(const struct windows *all, void *buf, size_t cap, size_t *len)
{
	struct writer to = { .buf = buf, .cap = cap };
	*len = 0;
	if (!all->n)
		return 0;
	bytes(&to, magic, sizeof(magic));
	whole(&to, 0, 4);
	for (unsigned i = 0; i < all->n; i++) {
		const struct window *w = &all->w[i];
		const size_t n = strlen(w->spec.name);
		whole(&to, n, 1);
		bytes(&to, w->spec.name, n);
		whole(&to, w->spec.kind, 1);
		whole(&to, w->spec.n, 4);
		number(&to, w->spec.span_s);
		if (w->spec.kind == WINDOW_EMA)
			save_ema(&to, &w->ema);
		else
			save_samples(&to, w);
	}
	if (to.len > cap)
		return err_set(ERR_FULL, "the windows take %zu bytes; there is room for %zu",
			       to.len, cap);
	struct writer head = { .buf = (uint8_t *)buf + sizeof(magic), .cap = 4 };
	whole(&head, to.len, 4);
	*len = to.len;
	return 0;
}

/* ---- reading */

struct reader {
	const uint8_t *p, *end;
	bool bad;
};

static uint64_t take(struct reader *r, unsigned n)
{
	uint64_t v = 0;
	if (r->bad || (size_t)(r->end - r->p) < n) {
		r->bad = true;
		return 0;
	}
	for (unsigned i = 0; i < n; i++)
		v |= (uint64_t)r->p[i] << (8 * i);
	r->p += n;
	return v;
}

/* Finite, and no larger than `most`. */
static double take_number(struct reader *r, double most)
{
	const uint64_t u = take(r, 8);
	double x;
	memcpy(&x, &u, sizeof(x));
	r->bad |= !(fabs(x) <= most);
	return x;
}

/* One window; x and grain have room for its samples. */
struct saved {
	struct window_spec spec;
	struct window_ema ema;
	uint32_t n;
	double x[WINDOW_SAMPLES];
	int64_t grain[WINDOW_SAMPLES];
};

static void take_samples(struct reader *r, struct saved *s)
{
	const bool timed = s->spec.span_s > 0;
	s->n = (uint32_t)take(r, 2);
	r->bad |= s->n > s->spec.n;
	for (uint32_t i = 0; i < s->n && !r->bad; i++) {
		s->grain[i] = 0;
		if (timed && i == 0)
			s->grain[i] = (int64_t)take(r, 8);
		else if (timed)
			s->grain[i] = s->grain[i - 1] + (int64_t)take(r, 2);
		if (timed)
			r->bad |= s->grain[i] > (int64_t)1 << 52 ||
				  s->grain[i] < -((int64_t)1 << 52) ||
				  (i && (s->grain[i] == s->grain[i - 1] ||
					 s->grain[i] - s->grain[0] >= (int64_t)s->spec.n));
		s->x[i] = take_number(r, WINDOW_MOST);
	}
}

static void take_ema(struct reader *r, struct saved *s)
{
	s->ema = (struct window_ema){ .n = take(r, 8) };
	if (!s->ema.n)
		return;
	s->ema.mean = take_number(r, WINDOW_MOST);
	s->ema.var = take_number(r, 1e201);
	s->ema.last = take_number(r, WINDOW_MOST);
	s->ema.first_s = take_number(r, 1e12);
	s->ema.last_s = take_number(r, 1e12);
	r->bad |= s->ema.var < 0;
}

static void take_one(struct reader *r, struct saved *s)
{
	const uint64_t len = take(r, 1);
	s->spec = (struct window_spec){ 0 };
	if (len == 0 || len >= WINDOW_NAME || r->bad || (size_t)(r->end - r->p) < len) {
		r->bad = true;
		return;
	}
	memcpy(s->spec.name, r->p, len);
	r->bad |= memchr(s->spec.name, 0, len) != NULL;
	r->p += len;
	s->spec.kind = (uint8_t)take(r, 1);
	s->spec.n = (uint32_t)take(r, 4);
	s->spec.span_s = take_number(r, WINDOW_SPAN_MAX);
	if (r->bad || s->spec.kind >= window_kind_max || window_check_spec(&s->spec)) {
		r->bad = true;
		return;
	}
	if (s->spec.kind == WINDOW_EMA)
		take_ema(r, s);
	else
		take_samples(r, s);
}

/* A few ten KB: too large for a stack that may be a coroutine's; one reader at a time a thread. */
static _Thread_local struct saved scratch;

int windows_check(const void *buf, size_t len, size_t *used)
{
	struct reader r = { .p = buf, .end = (const uint8_t *)buf + len };
	unsigned n = 0;
	*used = 0;
	if (len < head_len || memcmp(buf, magic, sizeof(magic)) != 0)
		return 0;
	r.p += sizeof(magic);
	const size_t total = (size_t)take(&r, 4);
	if (total <= head_len || total > len)
		return err_set(ERR_CORRUPT, "the saved windows are damaged: they are cut off");
	r.end = (const uint8_t *)buf + total;
	while (r.p < r.end && !r.bad && n++ < WINDOW_MAX)
		take_one(&r, &scratch);
	if (r.bad || r.p != r.end)
		return err_set(ERR_CORRUPT,
			       "the saved windows are damaged: number %u makes no sense", n);
	*used = total;
	return 0;
}

static bool alike(const struct window_spec *a, const struct window_spec *b)
{
	return a->kind == b->kind && a->n == b->n && a->span_s >= b->span_s &&
	       a->span_s <= b->span_s && strcmp(a->name, b->name) == 0;
}

void windows_restore(struct windows *all, const void *buf, size_t used)
{
	struct reader r = { .p = (const uint8_t *)buf + head_len,
			    .end = (const uint8_t *)buf + used };
	while (used && r.p < r.end) {
		take_one(&r, &scratch);
		must(!r.bad);
		for (unsigned i = 0; i < all->n; i++) {
			struct window *w = &all->w[i];
			if (!alike(&w->spec, &scratch.spec))
				continue;
			if (w->spec.kind == WINDOW_EMA)
				w->ema = scratch.ema;
			else
				window_load(w, scratch.x, scratch.grain, scratch.n);
		}
	}
}
