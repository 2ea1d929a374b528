#include "core/base/date.h"
#include "core/base/err.h"
#include "core/base/must.h"
#include "gen/embed.h"
#include "lua/config.h"
#include "lua/config_part.h"
#include "lua/suggest.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COUNT(a)      (sizeof(a) / sizeof((a)[0]))
#define DAY_S	      DATE_DAY_S
#define SECOND_NS     1000000000ll
#define BEFORE_NS     (366 * DAY_S * SECOND_NS)
#define AFTER_NS      (3 * 366 * DAY_S * SECOND_NS)
#define CALENDARS_MAX 4096

/* Under a simulated clock any day of a recording may be traded. */
#define SIMULATED_FROM 20000101
#define SIMULATED_TO   20400101

/* ---- how it is written */

struct session_form {
	int32_t from_s, to_s;
	uint8_t days, phase;
	bool next_day;
};
#define TO(m) FIELD_TO(struct session_form, m)

/* In the order of enum phase, from PHASE_BREAK on. */
static const char *const phases[] = { "break", "auction", "continuous", "halt", NULL };
_Static_assert(COUNT(phases) == phase_max - PHASE_BREAK + 1, "a word for every phase but closed");

static const struct field session_fields[] = {
	{ "days", FIELD_DAYS, TO(days), .flags = FIELD_REQUIRED,
	  .doc = "the days of the week on which it begins" },
	{ "from", FIELD_CLOCK, TO(from_s), .flags = FIELD_REQUIRED, .max = "23:59:59",
	  .doc = "when it begins, local time" },
	{ "to", FIELD_CLOCK, TO(to_s), .flags = FIELD_REQUIRED,
	  .doc = "when it ends; not after from: on the next day" },
	{ "phase", FIELD_ENUM, TO(phase), .def = "continuous", .names = phases,
	  .doc = "what goes on in it; pairs are opened in continuous trading only" },
	{ "next_day", FIELD_BOOL, TO(next_day), .def = "false",
	  .doc = "whether it belongs to the next trading day, as a night session does" },
};
static const struct section session_section = { "session", "a stretch of the day", session_fields,
						COUNT(session_fields), NULL };

#undef TO
#define TO(m) FIELD_TO(struct calendar_exception, m)

static const struct field exception_fields[] = {
	{ "date", FIELD_DATE, TO(date), .flags = FIELD_REQUIRED, .doc = "the local day" },
	{ "closed", FIELD_BOOL, TO(closed), .def = "false",
	  .doc = "whether nothing begins on it, and no night before it" },
	{ "no_night", FIELD_BOOL, TO(no_night), .def = "false",
	  .doc = "whether the night that begins on it is left out" },
	{ "ends", FIELD_CLOCK, TO(ends_s), .max = "24:00",
	  .doc = "when its trading ends early; an evening that belongs to the next day begins all the same, unless no_night" },
};
static const struct section exception_section = { "exception", "a day that is not as the others",
						  exception_fields, COUNT(exception_fields), NULL };

struct calendar_form {
	struct calendar c;
	char like[CALENDAR_NAME];
};
#undef TO
#define TO(m) FIELD_TO(struct calendar_form, m)

static const struct field calendar_fields[] = {
	{ "name", FIELD_NAME, TO(c.name), .flags = FIELD_REQUIRED,
	  .doc = "what instruments call it; the name of one that ships starts from that one" },
	{ "like", FIELD_NAME, TO(like), .doc = "a calendar that ships, to start from" },
	{ "zone", FIELD_STRING, TO(c.zone),
	  .doc = "the time zone of its times, such as \"Asia/Shanghai\"" },
	{ "sessions", FIELD_TABLE, .sub = &session_section,
	  .doc = "its hours, a list: { { days = \"mon-fri\", from = \"21:00\", to = \"02:30\", next_day = true }, ... }" },
	{ "holidays", FIELD_TABLE,
	  .doc = "days on which nothing begins: { \"2026-10-01\", ... }; there is no night before them" },
	{ "exceptions", FIELD_TABLE, .sub = &exception_section,
	  .doc = "other days that are not as usual, a list: { { date = \"2026-12-24\", ends = \"12:15\", no_night = true }, ... }" },
};
const struct section config_calendars = { "calendars",
					  "trading hours and holidays of markets, a list of tables",
					  calendar_fields, COUNT(calendar_fields), NULL };

static const struct tree_node *list_of(struct config_part *p, const struct tree_node *node,
				       const char *key, const char *of)
{
	const struct tree_node *list = tree_get(node, key);
	bool is = list && list->kind == TREE_TABLE && schema_is_list(&p->schema, list, of);
	return is ? list->child : NULL;
}

static void read_sessions(struct config_part *p, const struct tree_node *node, struct calendar *c)
{
	if (tree_get(node, "sessions"))
		c->n_sessions = 0;
	for (const struct tree_node *e = list_of(p, node, "sessions", "one table for each session");
	     e; e = e->next) {
		struct session_form form = { .from_s = 0 };
		if (c->n_sessions == CALENDAR_SESSIONS) {
			schema_error(
				&p->schema, e,
				"calendar \"%s\" has more than %d sessions; there is no room for them; "
				"join those that differ in their days only",
				c->name, CALENDAR_SESSIONS);
			return;
		}
		schema_read(&p->schema, e, &session_section, &form);
		c->session[c->n_sessions++] = (struct calendar_session){
			.from_s = form.from_s,
			.to_s = form.to_s + (form.to_s <= form.from_s ? DAY_S : 0),
			.days = form.days,
			.phase = (uint8_t)(form.phase + PHASE_BREAK),
			.next_day = form.next_day,
		};
	}
}

static int by_date(const void *a, const void *b)
{
	const struct calendar_exception *x = a, *y = b;
	return (x->date > y->date) - (x->date < y->date);
}

static void read_exceptions(struct config_part *p, const struct tree_node *node, struct calendar *c)
{
	static const struct field day = { "holiday", FIELD_DATE, .offset = 0,
					  .size = sizeof(int32_t), .doc = "the local day" };
	const struct tree_node *h = tree_get(node, "holidays"), *x = tree_get(node, "exceptions");
	c->exception = calloc((h ? h->n_children : 0) + (x ? x->n_children : 0) + 1,
			      sizeof(*c->exception));
	if (!c->exception) {
		schema_error(
			&p->schema, node,
			"no memory for its holidays; the machine is short of it; end other programs");
		return;
	}
	for (h = list_of(p, node, "holidays", "a day each, such as \"2026-10-01\""); h;
	     h = h->next) {
		struct calendar_exception e = { .closed = true, .ends_s = -1 };
		if (schema_value(&p->schema, h, &day, &e.date))
			c->exception[c->n_exceptions++] = e;
	}
	for (x = list_of(p, node, "exceptions", "one table for each day"); x; x = x->next) {
		struct calendar_exception e = { .ends_s = -1 };
		schema_read(&p->schema, x, &exception_section, &e);
		if (e.date && !e.closed && !e.no_night && e.ends_s < 0)
			schema_error(
				&p->schema, x,
				"an exception of \"%s\" says nothing of its day; it would be as any other; "
				"write closed = true, no_night = true or ends = \"12:00\"",
				c->name);
		c->exception[c->n_exceptions++] = e;
	}
	qsort(c->exception, c->n_exceptions, sizeof(*c->exception), by_date);
}

/* ---- those that ship */

struct shelf {
	struct tree t;
	struct config_errors errs;
};

/* Read anew for each question: they are few, and asked at start only. */
static const struct tree_node *open_shelf(struct shelf *s)
{
	must(tree_parse("calendars.lua", "", (const char *)embed_calendars, embed_calendars_len,
			&s->t, &s->errs) == 0);
	return s->t.root->child;
}

static bool shipped(const char *name, struct calendar *out)
{
	struct shelf s;
	const struct tree_node *e = open_shelf(&s);
	while (e && strcmp(tree_get(e, "name")->text, name) != 0)
		e = e->next;
	if (e) {
		struct calendar_form form = { .c.n_sessions = 0 };
		struct config_part p = { .schema = { .tree = &s.t, .errs = &s.errs } };
		schema_read(&p.schema, e, &config_calendars, &form);
		read_sessions(&p, e, &form.c);
		must(s.errs.n == 0);
		*out = form.c;
	}
	tree_free(&s.t);
	return e != NULL;
}

int config_calendar_shipped(const char *name, struct calendar *out)
{
	if (!shipped(name, out))
		return err_set(ERR_NOTFOUND, "there is no calendar \"%s\"", name);
	return calendar_build(out, date_days(SIMULATED_FROM) * DAY_S * SECOND_NS,
			      date_days(SIMULATED_TO) * DAY_S * SECOND_NS);
}

static void no_such(struct config_part *p, const struct tree_node *node, const char *name)
{
	struct shelf s;
	struct suggest near = { .given = name };
	for (uint16_t i = 0; i < p->config->n_calendars; i++)
		suggest_offer(&near, p->config->calendar[i].name);
	for (const struct tree_node *e = open_shelf(&s); e; e = e->next)
		suggest_offer(&near, tree_get(e, "name")->text);
	const char *best = suggest_best(&near);
	schema_error(
		&p->schema, node,
		"there is no calendar \"%s\"; without its hours nothing could be traded; %s%s%s",
		name, best ? "did you mean \"" : "add it to calendars", best ? best : "",
		best ? "\"?" : "");
	tree_free(&s.t);
}

/* ---- building */

static bool is_simulated(const struct config_part *p)
{
	return p->offline || p->config->engine.clock_page[0] != 0;
}

static void window(const struct config_part *p, int64_t *from_utc_ns, int64_t *to_utc_ns)
{
	int64_t now = (int64_t)time(NULL) * SECOND_NS;
	bool any = is_simulated(p);
	*from_utc_ns = any ? date_days(SIMULATED_FROM) * DAY_S * SECOND_NS : now - BEFORE_NS;
	*to_utc_ns = any ? date_days(SIMULATED_TO) * DAY_S * SECOND_NS : now + AFTER_NS;
}

static void build(struct config_part *p, const struct tree_node *node, struct calendar *c)
{
	int64_t from, to;
	window(p, &from, &to);
	if (calendar_build(c, from, to))
		schema_error(&p->schema, node, "calendar \"%s\" %s", c->name, err_text());
}

void config_read_calendar(struct config_part *p, const struct tree_node *node, void *item)
{
	struct calendar_form form = { .c.n_sessions = 0 };
	struct calendar base = { .n_sessions = 0 };
	uint32_t before = p->schema.errs->n;
	schema_read(&p->schema, node, &config_calendars, &form);
	const char *like = form.like[0] ? form.like : form.c.name;
	if (like[0] && !shipped(like, &base) && form.like[0])
		no_such(p, tree_get(node, "like"), form.like);
	form.c.n_sessions = base.n_sessions;
	memcpy(form.c.session, base.session, sizeof(base.session));
	if (!form.c.zone[0])
		memcpy(form.c.zone, base.zone, sizeof(base.zone));
	read_sessions(p, node, &form.c);
	read_exceptions(p, node, &form.c);
	if (p->schema.errs->n == before && !form.c.zone[0])
		schema_error(
			&p->schema, node,
			"calendar \"%s\" has no zone; its times could be anybody's; add zone = "
			"\"Asia/Shanghai\", or like = one that ships",
			form.c.name);
	if (p->schema.errs->n == before)
		build(p, node, &form.c);
	memcpy(item, &form.c, sizeof(form.c));
}

uint16_t config_calendar(struct config_part *p, const struct tree_node *node, const char *name)
{
	struct config *c = p->config;
	struct calendar found = { .n_sessions = 0 };
	for (uint16_t i = 0; i < c->n_calendars; i++)
		if (!strcmp(c->calendar[i].name, name))
			return i;
	if (!shipped(name, &found)) {
		no_such(p, node, name);
		return CALENDAR_NONE;
	}
	struct calendar *more =
		c->n_calendars < CALENDARS_MAX
			? realloc(c->calendar, (c->n_calendars + 1u) * sizeof(*more))
			: NULL;
	if (!more) {
		schema_error(&p->schema, node,
			     "no memory for calendar \"%s\"; the machine is short of it; end other "
			     "programs",
			     name);
		return CALENDAR_NONE;
	}
	c->calendar = more;
	build(p, node, &found);
	c->calendar[c->n_calendars] = found;
	return c->n_calendars++;
}

/* ---- what must hold between those of a pair */

void config_check_sessions(struct config_part *p, const struct tree_node *node,
			   const struct config_instance *c)
{
	const struct config *all = p->config;
	const struct calendar *of[LEG_MAX];
	const struct tree_node *legs = config_at(node, "legs");
	int64_t from, to;
	char list[200] = "";
	size_t at = 0;
	window(p, &from, &to);
	if (!is_simulated(p))
		from += BEFORE_NS; /* what is past does not help */
	for (unsigned l = 0; l < c->n_legs; l++) {
		uint16_t k = c->leg[l] == NO_INSTRUMENT ? CALENDAR_NONE
							: all->instrument[c->leg[l]].calendar;
		of[l] = k == CALENDAR_NONE ? NULL : &all->calendar[k];
		if (of[l] && !of[l]->n_spans)
			return; /* told already */
		if (at < sizeof(list))
			at += (size_t)snprintf(list + at, sizeof(list) - at, "%s\"%s\" (%s)",
					       at ? ", " : "", c->leg_name[l],
					       of[l] ? of[l]->name : "round the clock");
	}
	if (c->n_legs && calendar_common(of, c->n_legs, from, to) == 0)
		schema_error(
			&p->schema, legs,
			"the legs of \"%s\" are never in continuous trading at the same time: %s; a "
			"pair could never be opened (F37); correct their calendars, or pair others",
			c->name, list);
}
