#include "lua/host.h"
#include "core/base/err.h"
#include "lua/guard.h"
#include "lua/instance.h"
#include "lua/load.h"
#include "lua/selftest.h"
#include <lua.h>
#include <stdlib.h>
#include <string.h>

static const struct lua_host_options standard = {
	.budget_ns = 1000000,
	.wall_ns = 50000000,
	.load_budget_ns = 200000000,
	.memory = 64u << 20,
	.kill_strikes = 1,
	.error_strikes = 10,
};

#define OR(field) (o && o->field ? o->field : standard.field)

static struct lua_host_options options(const struct lua_host_options *o)
{
	return (struct lua_host_options){
		.budget_ns = OR(budget_ns),
		.wall_ns = OR(wall_ns),
		.load_budget_ns = OR(load_budget_ns),
		.memory = OR(memory),
		.kill_strikes = OR(kill_strikes),
		.error_strikes = OR(error_strikes),
		.deterministic = o && o->deterministic,
		.skip_selftest = o && o->skip_selftest,
	};
}

int lua_host_init(const struct lua_host_options *o, struct lua_host **out)
{
	struct lua_host_options opt = options(o);
	if (opt.budget_ns < 50000 || opt.wall_ns < opt.budget_ns ||
	    opt.load_budget_ns < opt.budget_ns)
		return err_set(
			ERR_CONFIG,
			"a script's budget of %lld ns cannot be: at least 50 us, and no more than the wall and load limits",
			(long long)opt.budget_ns);
	if (opt.memory < 1u << 20 || opt.memory > (uint64_t)16 << 30)
		return err_set(ERR_CONFIG,
			       "a script's memory of %llu bytes cannot be: 1 MiB to 16 GiB",
			       (unsigned long long)opt.memory);
	int rc = guard_setup();
	if (!rc && !opt.skip_selftest)
		rc = selftest_run();
	if (rc)
		return rc;
	struct lua_host *h = calloc(1, sizeof(*h));
	if (!h)
		return err_set(ERR_NOMEM, "no memory for the strategy host");
	h->opt = opt;
	rc = prelude_init(&h->prelude);
	if (!rc && !opt.deterministic)
		rc = watchdog_start(&h->watchdog, opt.wall_ns);
	if (rc) {
		prelude_free(&h->prelude);
		free(h);
		return rc;
	}
	*out = h;
	return 0;
}

void lua_host_free(struct lua_host *h)
{
	if (!h)
		return;
	watchdog_stop(&h->watchdog);
	prelude_free(&h->prelude);
	free(h);
}

int lua_host_load(struct lua_host *h, const struct lua_instance_options *o, struct strategy **out)
{
	struct instance *in;
	int rc = load_instance(h, o, &in);
	if (!rc)
		*out = &in->s;
	return rc;
}

static int call_on_save(struct instance *in)
{
	if (!in->save || in->s.quarantined)
		return 0;
	in->mail.n_commands = 0;
	lua_pushvalue(in->vm.L, in->save);
	int rc = instance_call(in, STRAT_STOP, in->host->opt.budget_ns, 0);
	memset(in->mail.command, 0, sizeof(in->mail.command));
	if (!rc)
		in->errors_in_row[STRAT_STOP] = 0;
	return rc;
}

int lua_host_save(struct strategy *s, void *buf, size_t cap, size_t *len)
{
	struct instance *in = (struct instance *)s;
	size_t table = 0;
	*len = 0;
	int rc = in->state ? call_on_save(in) : 0;
	if (!rc)
		rc = windows_save(in->windows, buf, cap, len);
	if (rc || !in->state)
		return rc;
	const size_t room = cap - *len < LUA_TABLE_CAP ? cap - *len : LUA_TABLE_CAP;
	rc = state_encode(in->vm.L, in->state, s->version, &in->host->scratch, (char *)buf + *len,
			  room, &table);
	*len = rc ? 0 : *len + table;
	return rc ? err_ctx(rc, "%s: the state of %s", s->file, s->name) : 0;
}

int lua_host_reset(struct strategy *s)
{
	struct instance *in = (struct instance *)s;
	lua_State *L = in->vm.L;
	in->mail.n_commands = 0;
	lua_pushvalue(L, in->reset);
	int rc = instance_call(in, STRAT_STOP, in->host->opt.load_budget_ns, 0);
	if (rc)
		return rc;
	memset(in->mail.command, 0, sizeof(in->mail.command));
	s->calls = s->kills = s->errors = 0;
	memset(in->errors_in_row, 0, sizeof(in->errors_in_row));
	windows_reset(in->windows);
	lua_gc(L, LUA_GCCOLLECT, 0);
	lua_gc(L, LUA_GCSTOP, 0);
	in->memory_mark = in->vm.arena.used;
	return 0;
}

const char *lua_host_source(const struct strategy *s, size_t *len)
{
	const struct source *text = &((const struct instance *)s)->vm.source;
	*len = text->len;
	return text->text;
}

const char *lua_host_value_unit(const struct strategy *s)
{
	return ((const struct instance *)s)->value_unit;
}

void lua_host_kill_next(struct strategy *s)
{
	((struct instance *)s)->kill_next = true;
}

void lua_host_idle(struct strategy *s)
{
	instance_idle((struct instance *)s);
}

void lua_host_health(const struct strategy *s, struct lua_health *out)
{
	struct instance *in = (struct instance *)s;
	*out = (struct lua_health){
		.memory = in->vm.arena.used,
		.memory_peak = in->vm.arena.peak,
		.trace_aborts = in->mail.trace_aborts,
		.trace_flushes = in->mail.trace_flushes,
		.traces = in->mail.traces,
		.hot = in->basis_calls >= CALLING_HOT,
		.plain = in->calling.plain,
	};
	out->compiled = calling_is_compiled(in);
}

bool lua_host_param(const struct strategy *s, unsigned i, struct lua_param *out)
{
	struct strat_param p;
	if (!s->ops->param(s, i, &p))
		return false;
	*out = (struct lua_param){
		.name = p.name, .doc = p.doc, .value = p.value, .min = p.min, .max = p.max
	};
	return true;
}
