#include "lua/selftest.h"
#include "core/base/err.h"
#include "gen/embed.h"
#include "lua/host.h"
#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* ThreadSanitizer puts signals off, so there a loop in compiled code would never be told to end. */
#if defined(__SANITIZE_THREAD__)
#define RUNAWAYS false
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define RUNAWAYS false
#endif
#endif
#ifndef RUNAWAYS
#define RUNAWAYS true
#endif

enum outcome { STOPPED, FILLED, REFUSED, CONTAINED, outcome_max };
static const char *const outcome_name[] = { "stopped", "filled", "refused", "contained" };
_Static_assert(sizeof(outcome_name) / sizeof(outcome_name[0]) == outcome_max, "a name for each");

struct hostile {
	const char *name, *body;
	enum outcome outcome;
	bool at_load;
};

static int escaped(const struct hostile *s, const char *how)
{
	return err_set(
		ERR_STATE,
		"this machine cannot contain strategies: the script \"%s\" of the self-test %s (%.200s); "
		"Debian 12's libluajit-5.1-2 is what it was made for",
		s->name, how, err_text());
}

/* By the wall limit too, where the machine is so busy that a call gets no CPU. */
static bool stopped(const char *text)
{
	return strstr(text, "ran over its budget") || strstr(text, "within the wall limit");
}

static int judge(const struct hostile *s, int rc)
{
	if (rc >= 0)
		return escaped(s, "ended as if nothing were wrong");
	if (rc != -ERR_SCRIPT)
		return escaped(s, "ended in another way than it should");
	enum outcome was = stopped(err_text())				     ? STOPPED
			   : strstr(err_text(), "used more than its memory") ? FILLED
									     : REFUSED;
	if (s->outcome != CONTAINED && was != s->outcome)
		return escaped(s, was == REFUSED ? "raised an error where it had to be stopped"
						 : "had to be stopped in another way");
	return 0;
}

/* Those that must be stopped are hurried, the others not: a slow machine shall not make them look alike. A load that a busy machine
 * had no time for proves nothing and is tried again. */
enum host { QUICK, PATIENT, AGAIN, host_max };
#define TRIES 8

static int load(struct lua_host *const *hosts, enum host first, const struct hostile *s,
		const struct lua_instance_options *o, struct strategy **out)
{
	int rc = lua_host_load(hosts[first], o, out);
	bool may_stop = s->at_load && (s->outcome == STOPPED || s->outcome == CONTAINED);
	for (int i = 1; rc == -ERR_SCRIPT && i < TRIES && !may_stop && stopped(err_text()); i++)
		rc = lua_host_load(hosts[s->at_load ? first : AGAIN], o, out);
	return rc;
}

static int run_one(struct lua_host *const *hosts, const struct hostile *s)
{
	char text[2048];
	const char *at_load = s->at_load ? s->body : "", *in_hook = s->at_load ? "" : s->body;
	int n = *at_load == '\033'
			? snprintf(text, sizeof(text), "%s", at_load)
			: snprintf(
				  text, sizeof(text),
				  "local tandem = require \"tandem\"\n"
				  "local S = tandem.strategy { version = 1, legs = { \"near\", \"far\" } }\n"
				  "%s\nfunction S:on_basis(b)\n%s\nend\nreturn S\n",
				  at_load, in_hook);
	struct lua_instance_options o = { .name = s->name,
					  .file = s->name,
					  .source = text,
					  .source_len = (size_t)n,
					  .unbound = true };
	struct strategy *strategy;
	bool hurry = s->outcome == STOPPED || s->outcome == CONTAINED;
	int rc = load(hosts, hurry ? QUICK : PATIENT, s, &o, &strategy);
	if (s->at_load)
		return judge(s, rc);
	if (rc)
		return escaped(s, "did not load");
	struct basis b = { .ok = true };
	struct strat_self self = { 0 };
	struct strat_event ev = { .kind = STRAT_BASIS, .basis = &b };
	struct proposal p[PROPOSAL_MAX];
	rc = strategy->ops->run(strategy, &self, &ev, p, PROPOSAL_MAX);
	rc = judge(s, rc);
	strategy->ops->free(strategy);
	return rc;
}

static const char *field(lua_State *L, int i)
{
	lua_rawgeti(L, -1, i);
	const char *text = lua_tostring(L, -1);
	lua_pop(L, 1); /* the table holds it */
	return text ? text : "";
}

static enum outcome outcome_of(const char *name)
{
	enum outcome o = 0;
	while (o < CONTAINED && strcmp(outcome_name[o], name))
		o++;
	return o;
}

static int run_all(struct lua_host *const *hosts, lua_State *L)
{
	int n = (int)lua_objlen(L, -1), rc = 0;
	for (int i = 1; i <= n && !rc; i++) {
		lua_rawgeti(L, -1, i);
		struct hostile s = { .name = field(L, 1),
				     .outcome = outcome_of(field(L, 2)),
				     .body = field(L, 3) };
		lua_getfield(L, -1, "at");
		s.at_load = !lua_isnil(L, -1);
		lua_pop(L, 1);
		if (RUNAWAYS || s.outcome == REFUSED)
			rc = run_one(hosts, &s);
		lua_pop(L, 1);
	}
	return rc;
}

static int with_corpus(struct lua_host *const *hosts)
{
	lua_State *L = luaL_newstate();
	int rc;
	if (!L ||
	    luaL_loadbufferx(L, (const char *)embed_hostile, embed_hostile_len, "=hostile", "t") ||
	    lua_pcall(L, 0, 1, 0))
		rc = err_set(ERR_STATE, "the scripts of the self-test cannot be read: %s",
			     L ? lua_tostring(L, -1) : "no memory");
	else
		rc = run_all(hosts, L);
	if (L)
		lua_close(L);
	return rc;
}

int selftest_run_within(int64_t load_budget_ns)
{
	const struct lua_host_options opt[host_max] = {
		[QUICK] = { .budget_ns = 300000,
			    .load_budget_ns = load_budget_ns,
			    .skip_selftest = true },
		[PATIENT] = { .budget_ns = 500000000,
			      .load_budget_ns = 500000000,
			      .wall_ns = 2000000000,
			      .memory = 2u << 20,
			      .skip_selftest = true },
		[AGAIN] = { .budget_ns = 300000,
			    .load_budget_ns = 500000000,
			    .skip_selftest = true },
	};
	struct lua_host *hosts[host_max] = { NULL };
	int rc = 0;
	for (int i = 0; i < host_max && !rc; i++)
		rc = lua_host_init(&opt[i], &hosts[i]);
	if (!rc)
		rc = with_corpus(hosts);
	for (int i = host_max; i-- > 0;)
		lua_host_free(hosts[i]);
	return rc;
}

int selftest_run(void)
{
	return selftest_run_within(20000000);
}
