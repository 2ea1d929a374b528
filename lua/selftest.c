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

static int run_one(struct lua_host *h, const struct hostile *s)
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
	int rc = lua_host_load(h, &o, &strategy);
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

/* Only those that must be stopped are hurried: a slow machine shall not make the others look like them. */
static int run_all(struct lua_host *quick, struct lua_host *patient, lua_State *L)
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
			rc = run_one(s.outcome == STOPPED || s.outcome == CONTAINED ? quick
										    : patient,
				     &s);
		lua_pop(L, 1);
	}
	return rc;
}

static int with_corpus(struct lua_host *quick, struct lua_host *patient)
{
	lua_State *L = luaL_newstate();
	int rc;
	if (!L ||
	    luaL_loadbufferx(L, (const char *)embed_hostile, embed_hostile_len, "=hostile", "t") ||
	    lua_pcall(L, 0, 1, 0))
		rc = err_set(ERR_STATE, "the scripts of the self-test cannot be read: %s",
			     L ? lua_tostring(L, -1) : "no memory");
	else
		rc = run_all(quick, patient, L);
	if (L)
		lua_close(L);
	return rc;
}

int selftest_run(void)
{
	struct lua_host_options fast = { .budget_ns = 300000,
					 .load_budget_ns = 20000000,
					 .skip_selftest = true };
	struct lua_host_options slow = { .budget_ns = 500000000,
					 .load_budget_ns = 500000000,
					 .wall_ns = 2000000000,
					 .memory = 2u << 20,
					 .skip_selftest = true };
	struct lua_host *quick = NULL, *patient = NULL;
	int rc = lua_host_init(&fast, &quick);
	if (!rc)
		rc = lua_host_init(&slow, &patient);
	if (!rc)
		rc = with_corpus(quick, patient);
	lua_host_free(patient);
	lua_host_free(quick);
	return rc;
}
