#include "adapters/import/frames_parts.h"
#include "core/base/err.h"
#include <string.h>

#define LOOK_LINES 400
#define HEAD	   160 /* of a message: where its names stand */

static const char *const venue_name[] = { "BN.SPOT", "BN.USDM", "BN.COINM", "OKX" };
_Static_assert(sizeof venue_name / sizeof *venue_name == frames_market_max, "a name for each");

const char *frames_venue(enum frames_market m)
{
	return (unsigned)m < frames_market_max ? venue_name[m] : "?";
}

/* ---------------------------------------------------------------- the beginning of a file */

static bool next_line(const char **p, const char *end, const char **line, size_t *n)
{
	if (*p >= end)
		return false;
	const char *eol = memchr(*p, '\n', (size_t)(end - *p)), *stop = eol ? eol : end;
	*line = *p;
	*n = (size_t)(stop - *p);
	*n -= *n && stop[-1] == '\r';
	*p = eol ? eol + 1 : end;
	return true;
}

bool frames_are(const char *first, size_t n)
{
	const char *p = first, *line;
	size_t len;
	unsigned frames = 0, others = 0;
	struct recording_line l;
	for (unsigned k = 0; k < LOOK_LINES && next_line(&p, first + n, &line, &len); k++) {
		bool frame = recording_line(line, len, &l) == 0 && (l.json || l.url);
		frames += frame;
		others += !frame && len;
	}
	return frames > 0 && 4 * frames >= others;
}

static bool in(const char *p, size_t n, const char *text)
{
	return p && memmem(p, n, text, strlen(text)) != NULL;
}

struct field frames_behind(const char *p, size_t n, const char *before, const char *ends)
{
	const char *at = p ? memmem(p, n, before, strlen(before)) : NULL;
	struct field f = { at ? at + strlen(before) : NULL, 0 };
	while (at && f.p + f.n < p + n && f.p[f.n] && !strchr(ends, f.p[f.n]))
		f.n++;
	return f;
}

static int market_of_url(const struct recording_line *l, uint8_t *market)
{
	struct field host = frames_behind(l->url, l->n_url, "://", "/:?");
	if (in(host.p, host.n, ".okx.") || in(host.p, host.n, ".okex.")) {
		*market = FRAMES_OKX;
		return 0;
	}
	if (!in(host.p, host.n, "binance"))
		return err_set(ERR_PARSE,
			       "frames of %.*s are not known here: Binance's and OKX's are",
			       (int)host.n, host.n ? host.p : "");
	*market = in(host.p, host.n, "fstream") || in(host.p, host.n, "fapi")	? FRAMES_USDM
		  : in(host.p, host.n, "dstream") || in(host.p, host.n, "dapi") ? FRAMES_COINM
										: FRAMES_SPOT;
	return 0;
}

/* What a message tells of its market; members that only one market sends. */
static bool market_of_json(const char *p, size_t n, uint8_t *market)
{
	bool snapshot = in(p, n < HEAD ? n : HEAD, "\"lastUpdateId\"");
	if (in(p, n < HEAD ? n : HEAD, "\"channel\":\"") &&
	    in(p, n < HEAD ? n : HEAD, "\"instId\":\""))
		*market = FRAMES_OKX;
	else if (in(p, n, "\"ps\":\"") || (snapshot && in(p, n < HEAD ? n : HEAD, "\"pair\":")))
		*market = FRAMES_COINM;
	else if (in(p, n, "\"pu\":") || in(p, n, "\"e\":\"bookTicker\"") ||
		 (snapshot && in(p, n < HEAD ? n : HEAD, "\"E\":")))
		*market = FRAMES_USDM;
	else
		return false;
	return true;
}

static void look_at_symbol(const char *p, size_t n, struct frames_look *out, bool *several)
{
	struct field s = frames_behind(p, n < 2 * HEAD ? n : 2 * HEAD, "\"s\":\"", "\"");
	if (!s.n || s.n >= sizeof out->symbol || *several)
		return;
	*several = out->symbol[0] &&
		   (strlen(out->symbol) != s.n || memcmp(out->symbol, s.p, s.n) != 0);
	if (!*several)
		memcpy(out->symbol, s.p, s.n);
	else
		memset(out->symbol, 0, sizeof out->symbol);
}

int frames_look(const char *first, size_t n, struct frames_look *out)
{
	const char *p = first, *line;
	size_t len;
	struct recording_line l;
	bool said = false, several = false;
	*out = (struct frames_look){ .market = FRAMES_SPOT };
	for (unsigned k = 0; k < LOOK_LINES && next_line(&p, first + n, &line, &len); k++) {
		if (recording_line(line, len, &l) != 0)
			continue;
		if (l.time_ns >= 0 && !out->first_ns)
			out->first_ns = l.time_ns;
		int rc = l.url && !said ? market_of_url(&l, &out->market) : 0;
		if (rc)
			return rc;
		said |= l.url != NULL;
		if (!l.json)
			continue;
		said |= !said && market_of_json(l.json, l.n_json, &out->market);
		look_at_symbol(l.json, l.n_json, out, &several);
		struct field stamp = frames_behind(l.json, l.n_json, "\"E\":", ",}");
		out->micros |= stamp.n == 16;
	}
	return 0;
}

/* ---------------------------------------------------------------- one line */

int frames_open(struct frames *f, const struct frames_look *look, const struct symbols *s,
		const struct frames_owner *owner)
{
	*f = (struct frames){ .look = *look, .owner = *owner, .last_ns = look->first_ns };
	return look->market == FRAMES_OKX ? okx_md_init(&f->okx, s, PACK_LEVELS)
					  : binance_md_init(&f->md, s, PACK_LEVELS, look->micros);
}

void frames_close(struct frames *f)
{
	binance_md_free(&f->md);
	okx_md_free(&f->okx);
}

/* How fine the numbers of a message are: ["px","qty"], or keys b a p and B A q. */
static void scales_of(const char *p, size_t n, struct csv_scale *px, struct csv_scale *qty)
{
	for (size_t i = 4; i + 1 < n; i++) {
		if (p[i] != '"' || p[i + 1] < '0' || p[i + 1] > '9')
			continue;
		const char *end = memchr(p + i + 1, '"', n - i - 1);
		if (!end)
			return;
		char before = p[i - 1], key = before == ':' && p[i - 4] == '"' ? p[i - 3] : 0;
		size_t len = (size_t)(end - p) - i - 1;
		if (before == '[' || key == 'b' || key == 'a' || key == 'p')
			csv_scale_add(px, p + i + 1, len);
		else if (before == ',' || key == 'B' || key == 'A' || key == 'q')
			csv_scale_add(qty, p + i + 1, len);
		i += len + 1;
	}
}

static const struct symbol *adopt(struct frames *f, struct field name,
				  const struct recording_line *l)
{
	struct csv_scale px = { 0 }, qty = { 0 };
	scales_of(l->json, l->n_json, &px, &qty);
	return f->owner.adopt(f->owner.owner, name.p, name.n, &px, &qty);
}

/* Whose snapshot: the request says it, or the answer, or the file has one instrument only. */
static struct field snapshot_symbol(const struct frames *f, const struct recording_line *l)
{
	struct field s = frames_behind(l->url, l->n_url, "symbol=", "&");
	if (!s.n)
		s = frames_behind(l->json, l->n_json < HEAD ? l->n_json : HEAD, "\"symbol\":\"",
				  "\"");
	return s.n ? s : (struct field){ f->look.symbol, strlen(f->look.symbol) };
}

static int decode_snapshot(struct frames *f, const struct recording_line *l,
			   struct binance_md_event *m, const char **why)
{
	struct field name = snapshot_symbol(f, l);
	if (!name.n) {
		*why = "a depth snapshot that does not say of what (--symbol does)";
		return -ERR_NOTFOUND;
	}
	const struct symbol *s = symbols_find(f->md.symbols, name.p, name.n);
	*why = NULL;
	if (!s)
		s = adopt(f, name, l);
	if (!s)
		return -ERR_NOMEM;
	int rc = binance_md_snapshot(&f->md, s, l->json, l->n_json, f->last_ns, m);
	*why = f->md.why;
	return rc;
}

static int decode(struct frames *f, const struct recording_line *l, struct binance_md_event *m,
		  const char **why)
{
	int rc = binance_md_decode(&f->md, l->json, l->n_json, f->last_ns, m);
	*why = f->md.why;
	if (rc != -ERR_NOTFOUND)
		return rc;
	struct field name = frames_behind(l->json, l->n_json, "\"s\":\"", "\"");
	if (!name.n || name.n >= sizeof f->look.symbol)
		return rc;
	*why = NULL;
	if (!adopt(f, name, l))
		return -ERR_NOMEM;
	rc = binance_md_decode(&f->md, l->json, l->n_json, f->last_ns, m);
	*why = f->md.why;
	return rc;
}

static bool set_event(const struct binance_md_event *m, bool snapshot, int64_t at_ns,
		      struct pack_event *ev)
{
	*ev = (struct pack_event){ .instrument = m->instrument, .at_ns = at_ns };
	switch (m->kind) {
	case MD_QUOTE:
		ev->kind = PACK_QUOTE;
		ev->quote = m->quote;
		return true;
	case MD_DEPTH:
		ev->kind = snapshot ? PACK_SNAPSHOT : PACK_DEPTH;
		ev->depth = m->depth;
		return true;
	case MD_TRADE:
		ev->kind = PACK_TRADE;
		ev->trade = m->trade;
		return true;
	default:
		return false;
	}
}

static int binance_line(struct frames *f, const struct recording_line *l, struct pack_event *ev,
			const char **why)
{
	struct binance_md_event m;
	bool snapshot =
		in(l->json, l->n_json < HEAD / 2 ? l->n_json : HEAD / 2, "\"lastUpdateId\"");
	int rc = snapshot ? decode_snapshot(f, l, &m, why) : decode(f, l, &m, why);
	if (rc)
		return rc;
	*why = NULL;
	if (set_event(&m, snapshot, f->last_ns, ev))
		return 1;
	f->other++;
	return 0;
}

int frames_more(struct frames *f, struct pack_event *ev, const char **why)
{
	if (!f->more)
		return 0;
	int rc = frames_okx_more(f, ev, why);
	f->more = f->okx.more;
	return rc;
}

int frames_line(struct frames *f, const char *line, size_t n, struct pack_event *ev,
		const char **why)
{
	struct recording_line l;
	bool okx = f->look.market == FRAMES_OKX;
	f->more = false;
	*why = "no frame: a line reads \"<ns> <json>\" or \"<seconds>: <json>\"";
	if (recording_line(line, n, &l) != 0) {
		bool pong = okx && frames_okx_pong(line, n);
		f->other += pong;
		return pong ? 0 : -ERR_PARSE;
	}
	if (l.time_ns >= 0)
		f->last_ns = l.time_ns;
	if (!l.json)
		return 0;
	int rc = okx ? frames_okx_line(f, &l, ev, why) : binance_line(f, &l, ev, why);
	f->more = okx && f->okx.more;
	return rc;
}
