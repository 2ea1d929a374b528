/* engine_param - parameters of scripts: an operator sets them between two turns, and sees them as a list. */
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/engine_operator.h"
#include "core/engine_reload.h"
#include "core/ops/list.h"
#include "core/trade/param.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ".NAME VALUE", VALUE "default": as configured. */
static bool read_word(const char *arg, char name[32], bool *set, double *value)
{
	const size_t n = strcspn(arg + 1, " ");
	char *end;
	if (n == 0 || n >= 32 || !arg[1 + n])
		return false;
	memcpy(name, arg + 1, n);
	name[n] = 0;
	const char *text = arg + 2 + n;
	*set = strcmp(text, "default") != 0;
	if (!*set)
		return true;
	*value = strtod(text, &end);
	return end != text && !*end && isfinite(*value);
}

static void tell_script(struct engine *e, uint16_t instance, const char *name, double before)
{
	struct strategy *s = e->d.instance[instance].script;
	struct strat_param_event p = { .old = before };
	struct strat_param is;
	snprintf(p.name, sizeof p.name, "%s", name);
	for (unsigned i = 0; s->ops->param(s, i, &is); i++)
		if (strcmp(is.name, name) == 0)
			p.now = is.value;
	e->param_told = p;
	e->param_instance = instance;
	e->param_news = true;
}

void engine_set_param(struct engine *e, const struct env_command *c, char *answer, size_t cap)
{
	struct desk *d = &e->d;
	struct risk_scope s;
	char name[32];
	bool set;
	double value = 0, before = 0;
	if (!read_word(c->arg, name, &set, &value))
		snprintf(answer, cap,
			 "no: '%.60s' is no parameter and its value, a number or default",
			 c->arg + (c->arg[0] == '.'));
	else if (!risk_scope_find(d, c->scope, &s) || s.scope != SCOPE_INSTANCE)
		snprintf(answer, cap, "no: no instance is called '%s'", c->scope);
	else if (e->param_news)
		snprintf(answer, cap, "no: another parameter is being set in this turn; once more");
	else if (param_set(d, (uint16_t)s.index, name, set ? &value : NULL, c->who, c->why,
			   &before))
		snprintf(answer, cap, "no: %s", err_text());
	else {
		tell_script(e, (uint16_t)s.index, name, before);
		engine_shadow_param(e, (uint16_t)s.index, name, e->param_told.now);
		snprintf(answer, cap, "ok: %s.%s is %.10g; it was %.10g", c->scope, name,
			 e->param_told.now, before);
	}
}

/* After the rescues have left, before anything else that scripts are told. */
void engine_tell_param(struct engine *e)
{
	if (!e->param_news)
		return;
	e->param_news = false;
	engine_script_event(e, e->param_instance,
			    &(struct strat_event){ .kind = STRAT_PARAM, .param = &e->param_told });
}

/* ---- the list */

static void put(struct list_row *r, double x)
{
	char text[32] = "";
	int64_t nano;
	if (!isfinite(x))
		list_none(r);
	else if (!dec_from_double(x, 9, DEC_NEAREST, &nano) && fabs(x) < 1e9)
		list_dec(r, nano, 9);
	else {
		snprintf(text, sizeof text, "%.15g", x);
		list_text(r, text);
	}
}

static void put_time(int64_t utc_ns, char *text, size_t cap)
{
	const time_t s = (time_t)(utc_ns / 1000000000);
	struct tm t;
	if (gmtime_r(&s, &t))
		strftime(text, cap, "%Y-%m-%dT%H:%M:%SZ", &t);
}

static void tell(struct engine *e, const struct env_command *c, uint16_t instance,
		 const struct strat_param *p)
{
	struct list_row r;
	char since[40] = "";
	const struct desk_param *set = param_find(&e->d, instance, p->name);
	if (set)
		put_time(set->since_utc_ns, since, sizeof since);
	list_begin(&r);
	list_text(&r, e->d.cfg->instance[instance].name);
	list_text(&r, p->name);
	put(&r, p->value);
	put(&r, p->configured);
	put(&r, p->min);
	put(&r, p->max);
	list_text(&r, since);
	list_text(&r, p->doc);
	env_reply(e->d.env, c->id, r.text);
}

/* Pages begin at instance * 64 + parameter. */
uint32_t engine_list_params(struct engine *e, const struct env_command *c, uint32_t from)
{
	enum { each = 64 };
	unsigned told = 0;
	uint32_t i = from / each, k = from % each;
	for (; i < e->d.cfg->n_instances; i++, k = 0) {
		const struct strategy *s = e->d.instance[i].script;
		struct strat_param p;
		for (; s && s->ops->param && k < each && s->ops->param(s, k, &p); k++) {
			if (told++ == ENV_REPLY_ROWS)
				return i * each + k;
			tell(e, c, (uint16_t)i, &p);
		}
	}
	return 0;
}
