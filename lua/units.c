#include "lua/units.h"
#include "core/base/err.h"
#include <stdio.h>
#include <string.h>

int units_note(struct units *u, const struct conv *c, int line)
{
	if (u->n == UNITS_CONV_MAX)
		return 0;
	u->said[u->n].conv = *c;
	u->said[u->n].line = line;
	return (int)++u->n;
}

static const struct instrument *instrument_of(const struct lua_instance_options *o,
					      const char *name, unsigned n, const char (*names)[16],
					      const uint32_t *instrument)
{
	for (unsigned i = 0; i < n; i++)
		if (strcmp(name, names[i]) == 0)
			return &o->config->instrument[instrument[i]];
	return NULL;
}

int units_check(const struct units *u, const struct strategy *s, const int32_t *note,
		const struct lua_instance_options *o, char *unit)
{
	struct conv_names names = { s->n_legs, s->n_refs, s->leg_name, s->ref_name };
	struct conv conv[LEG_MAX];
	unsigned leg = 0;
	unit[0] = 0;
	if (!o->config || !o->bound)
		return 0;
	const struct config_instance *c = o->bound;
	struct conv_bound to = { .assets = &o->config->assets };
	for (unsigned l = 0; l < s->n_legs; l++) {
		conv[l] = note[l] > 0 ? u->said[note[l] - 1].conv : conv_none();
		to.leg[l] = instrument_of(o, s->leg_name[l], c->n_legs, c->leg_name, c->leg);
		if (!to.leg[l])
			return 0; /* names that do not agree are told elsewhere */
	}
	for (unsigned r = 0; r < s->n_refs; r++) {
		to.ref[r] = instrument_of(o, s->ref_name[r], c->n_refs, c->ref_name, c->ref);
		if (!to.ref[r])
			return 0;
	}
	if (!conv_check(conv, &names, &to, &leg, unit))
		return 0;
	int line = note[leg] > 0 ? u->said[note[leg] - 1].line : u->strategy_line;
	char text[768];
	snprintf(text, sizeof(text), "%s", err_text());
	return err_set(ERR_SCRIPT, "%s:%d: %s", s->file, line, text);
}

const char *units_no_ratio(const struct lua_instance_options *o, char *out, size_t cap)
{
	for (unsigned l = 0; o->config && o->bound && l < o->bound->n_legs; l++) {
		const struct instrument *in = &o->config->instrument[o->bound->leg[l]];
		if (!in->px_may_be_negative)
			continue;
		snprintf(out, cap, "a price of the leg %s (%s) may be zero or negative",
			 o->bound->leg_name[l], in->name);
		return out;
	}
	return NULL;
}
