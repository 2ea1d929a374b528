/* OKX's frames as events: several of one line, instruments as they are met, and a book that broke said as such. */
#include "adapters/import/frames_parts.h"
#include "core/base/err.h"
#include <string.h>

#define ARG 200 /* of a message: where its channel stands */

bool frames_okx_pong(const char *line, size_t n)
{
	return n > 5 && memcmp(line + n - 5, " pong", 5) == 0;
}

/* The numbers behind each `before` into s; what stands beside them in the same list into `beside`. */
static void add_all(const char *p, size_t n, const char *before, struct csv_scale *s,
		    struct csv_scale *beside)
{
	static const char comma[] = "\",\"";
	const char *end = p + n;
	for (;;) {
		struct field f = frames_behind(p, (size_t)(end - p), before, "\"");
		if (!f.p)
			return;
		csv_scale_add(s, f.p, f.n);
		p = f.p + f.n;
		if (!beside || end - p < 3 || memcmp(p, comma, 3) != 0)
			continue;
		f = frames_behind(p, (size_t)(end - p), comma, "\"");
		csv_scale_add(beside, f.p, f.n);
	}
}

/* How fine the numbers of a message are: ["px","qty",...], or trades' px and sz. */
static void scales_of(const char *p, size_t n, struct csv_scale *px, struct csv_scale *qty)
{
	add_all(p, n, "[\"", px, qty);
	add_all(p, n, "\"px\":\"", px, NULL);
	add_all(p, n, "\"sz\":\"", qty, NULL);
}

/* -ERR_NOTFOUND: it has no name that could be one. */
static int adopt(struct frames *f, const struct recording_line *l)
{
	struct csv_scale px = { 0 }, qty = { 0 };
	struct field name =
		frames_behind(l->json, l->n_json < ARG ? l->n_json : ARG, "\"instId\":\"", "\"");
	if (!name.n || name.n >= sizeof f->look.symbol)
		return -ERR_NOTFOUND;
	scales_of(l->json, l->n_json, &px, &qty);
	const struct symbol *s = f->owner.adopt(f->owner.owner, name.p, name.n, &px, &qty);
	return s ? okx_md_keep(&f->okx, s->instrument) : -ERR_NOMEM;
}

/* What the decoder says, as an event. A book that was sound and is not any more is told to those who read on. */
static int tell(struct frames *f, int rc, const struct okx_md_event *m, struct pack_event *ev,
		const char **why)
{
	*ev = (struct pack_event){ .instrument = m->instrument, .at_ns = f->last_ns };
	*why = rc < 0 ? f->okx.why : NULL;
	if (rc < 0 && !f->okx.lost)
		return rc;
	if (rc < 0) {
		ev->kind = PACK_BAD;
		return 1;
	}
	switch (m->kind) {
	case OKX_QUOTE:
		ev->kind = PACK_QUOTE;
		ev->quote = m->quote;
		return 1;
	case OKX_DEPTH:
	case OKX_SNAPSHOT:
		ev->kind = m->kind == OKX_DEPTH ? PACK_DEPTH : PACK_SNAPSHOT;
		ev->depth = m->depth;
		return 1;
	case OKX_TRADE:
		ev->kind = PACK_TRADE;
		ev->trade = m->trade;
		return 1;
	default:
		f->other++;
		return 0;
	}
}

int frames_okx_line(struct frames *f, const struct recording_line *l, struct pack_event *ev,
		    const char **why)
{
	struct okx_md_event m;
	int rc = okx_md_decode(&f->okx, l->json, l->n_json, f->last_ns, &m);
	if (rc == -ERR_NOTFOUND) {
		*why = NULL;
		int adopted = adopt(f, l);
		if (adopted && adopted != -ERR_NOTFOUND)
			return adopted;
		rc = okx_md_decode(&f->okx, l->json, l->n_json, f->last_ns, &m);
	}
	return tell(f, rc, &m, ev, why);
}

int frames_okx_more(struct frames *f, struct pack_event *ev, const char **why)
{
	struct okx_md_event m;
	int rc;
	while ((rc = okx_md_next(&f->okx, &m)) != 0) {
		rc = tell(f, rc, &m, ev, why);
		if (rc)
			return rc;
	}
	return 0;
}
