/* What tests of strategies share: a host, an instance made of a text, and an event to show it. */
#pragma once
#include "core/base/err.h"
#include "lua/host.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_THREAD__)
#define RUNAWAYS 0
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define RUNAWAYS 0
#endif
#endif
#ifndef RUNAWAYS
#define RUNAWAYS 1
#endif

#define HEAD                                \
	"local tandem = require 'tandem'\n" \
	"local S = tandem.strategy { version = 1, legs = { 'near', 'far' }, refs = { 'fx' } }\n"
#define ON_BASIS(body) HEAD "function S:on_basis(b)\n" body "\nend\nreturn S\n"
#define FIRST_LINE     4 /* where the body of ON_BASIS begins */

struct script {
	struct lua_host *host;
	struct strategy *s;
	struct basis b;
	struct strat_self self;
	struct proposal p[PROPOSAL_MAX];
};

static inline struct lua_host *script_host(struct lua_host_options o)
{
	struct lua_host *h = NULL;
	o.skip_selftest = true;
	int rc = lua_host_init(&o, &h);
	ck_assert_msg(rc == 0, "%s", err_text());
	return h;
}

/* A market in which nothing is for free: bid 100, ask 101 near; bid 90, ask 91 far. */
static inline struct basis script_basis(void)
{
	struct basis b = { .ok = true,
			   .spread = 10,
			   .spread_bp = 1000,
			   .ratio = 1.1,
			   .skew_ms = 3,
			   .max_age_ms = 7 };
	b.dir[SIDE_SELL] = (struct basis_cross){ 9, 8, 900, 800, 5 };
	b.dir[SIDE_BUY] = (struct basis_cross){ 11, 12, 1100, 1200, 6 };
	b.want[SIDE_SELL] = (struct basis_cross){ 8.5, 7.5, 850, 750, 20 };
	b.want[SIDE_BUY] = (struct basis_cross){ 11.5, 12.5, 1150, 1250, 19 };
	b.dir_z[SIDE_SELL] = 1.75;
	b.dir_z[SIDE_BUY] = 2.25;
	b.z = 2;
	b.mean = 6;
	b.dev = 1.5;
	b.fill = 0.75;
	b.leg[0] = (struct basis_leg){ .px = { 100, 101 },
				       .qty = { 1, 2 },
				       .value = { 200, 202 },
				       .mid = 100.5,
				       .age_ms = 4,
				       .want_px = { 99.5, 101.5 },
				       .worst_px = { 99, 102 } };
	b.leg[1] = (struct basis_leg){ .px = { 90, 91 },
				       .qty = { 3, 4 },
				       .value = { 180, 182 },
				       .mid = 90.5,
				       .age_ms = 7 };
	b.ref[0] = 7.25;
	return b;
}

/* Loads text without a configuration; host NULL makes a deterministic one. 0 or the error of the load. */
static inline int script_load(struct script *t, struct lua_host *host, const char *text)
{
	*t = (struct script){ .b = script_basis() };
	t->host = host ? host : script_host((struct lua_host_options){ .deterministic = true });
	struct lua_instance_options o = { .name = "x",
					  .file = "x.lua",
					  .source = text,
					  .source_len = strlen(text),
					  .unbound = true };
	return lua_host_load(t->host, &o, &t->s);
}

static inline void script_must_load(struct script *t, struct lua_host *host, const char *text)
{
	int rc = script_load(t, host, text);
	ck_assert_msg(rc == 0, "%s", err_text());
}

static inline void script_free(struct script *t)
{
	if (t->s)
		t->s->ops->free(t->s);
	lua_host_free(t->host);
}

static inline int script_run(struct script *t, enum strat_event_kind kind)
{
	struct strat_event ev = { .kind = (uint8_t)kind, .basis = &t->b };
	return t->s->ops->run(t->s, &t->self, &ev, t->p, PROPOSAL_MAX);
}

/* Runs on_basis and expects an error that holds these words. */
static inline void script_fails(const char *text, const char *words)
{
	struct script t;
	script_must_load(&t, NULL, text);
	int rc = script_run(&t, STRAT_BASIS);
	ck_assert_msg(rc == -ERR_SCRIPT, "%d: %s", rc, text);
	ck_assert_msg(strstr(err_text(), words), "\"%s\" is not in \"%s\"", words, err_text());
	script_free(&t);
}

static inline void script_does_not_load(const char *text, const char *words)
{
	struct script t;
	int rc = script_load(&t, NULL, text);
	ck_assert_msg(rc == -ERR_SCRIPT, "%d: %s", rc, text);
	ck_assert_msg(strstr(err_text(), words), "\"%s\" is not in \"%s\"", words, err_text());
	script_free(&t);
}

static inline int script_suite(const char *name, const TTest *const *tests, size_t n)
{
	Suite *s = suite_create(name);
	TCase *c = tcase_create(name);
	tcase_set_timeout(c, 60);
	for (size_t i = 0; i < n; i++)
		tcase_add_test(c, tests[i]);
	suite_add_tcase(s, c);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
#define SUITE(name, ...)                                                            \
	int main(void)                                                              \
	{                                                                           \
		const TTest *const tests[] = { __VA_ARGS__ };                       \
		return script_suite(name, tests, sizeof(tests) / sizeof(tests[0])); \
	}
