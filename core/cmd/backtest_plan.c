#include "core/cmd/backtest_plan.h"

#include "core/base/err.h"
#include "lua/config.h"
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MOST (1 << 20)

/* ---------------------------------------------------------------- finding the configuration */

/* The text of a file, for a look at its words; the caller frees it. NULL: it cannot be read. */
static char *text_of(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = f ? malloc(TEXT_MOST) : NULL;
	size_t n = text ? fread(text, 1, TEXT_MOST - 1, f) : 0;
	if (f)
		fclose(f);
	if (text)
		text[n] = '\0';
	return text;
}

/* A strategy begins with tandem.strategy, a configuration has strategies and instruments. */
static bool looks_like_config(const char *text)
{
	return !strstr(text, "tandem.strategy") && strstr(text, "strategies") &&
	       strstr(text, "instruments");
}

static bool is_lua(const char *name)
{
	size_t n = strlen(name);
	return n > 4 && strcmp(name + n - 4, ".lua") == 0;
}

struct search {
	char found[256], names[512];
	unsigned n;
};

/* Does this file name the strategy? */
static void consider(struct search *s, const char path[256], const char *base)
{
	char *text = text_of(path);
	if (text && looks_like_config(text) && strstr(text, base)) {
		snprintf(s->found, sizeof s->found, "%.255s", path);
		size_t n = strlen(s->names);
		snprintf(s->names + n, sizeof s->names - n, "%s%s", s->n ? ", " : "", path);
		s->n++;
	}
	free(text);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* One folder; `deeper`: those in it, where `tandem new` puts the configuration. */
static int search_in(const char *folder, const char *base, bool deeper, struct search *s)
{
	struct dirent **entry;
	int n = scandir(*folder ? folder : ".", &entry, NULL, by_name);
	if (n < 0)
		return deeper ? err_set(ERR_IO, "%s: %s", folder, strerror(errno)) : 0;
	for (int i = 0; i < n; i++) {
		const char *name = entry[i]->d_name;
		char path[sizeof s->found];
		if (snprintf(path, sizeof path, "%s%s%s", folder, name, deeper ? "/" : "") >=
			    (int)sizeof path ||
		    name[0] == '.')
			;
		else if (deeper && entry[i]->d_type == DT_DIR)
			search_in(path, base, false, s);
		else if (!deeper && is_lua(name) && strcmp(name, base) != 0)
			consider(s, path, base);
		free(entry[i]);
	}
	free(entry);
	return 0;
}

static int search_beside(const char *strategy, struct search *s)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(strategy, '/'), *base = slash ? slash + 1 : strategy;
	snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - strategy) + 1 : 0, strategy);
	int rc = search_in(folder, base, false, s);
	return rc || s->n ? rc : search_in(folder, base, true, s);
}

int backtest_plan_find(const char *strategy, char config[256], bool *is_config)
{
	struct search s = { .n = 0 };
	char *text = text_of(strategy);
	*is_config = false;
	if (!text)
		return err_set(ERR_IO, "%s: %s", strategy, strerror(errno));
	*is_config = looks_like_config(text);
	free(text);
	if (*is_config) {
		snprintf(config, 256, "%s", strategy);
		return 0;
	}
	int rc = search_beside(strategy, &s);
	if (rc)
		return rc;
	snprintf(config, 256, "%s", s.found);
	if (s.n == 1)
		return 0;
	if (s.n)
		return err_set(
			ERR_NOTFOUND,
			"%s is named by %u configurations beside it or a folder deeper: %s; say which with --config FILE",
			strategy, s.n, s.names);
	return err_set(
		ERR_NOTFOUND,
		"%s: no configuration beside it, or a folder deeper, names it, and a strategy alone has no instruments and no fees; say which with --config "
		"FILE (examples/binance_pair.lua is one to start from)",
		strategy);
}

/* ---------------------------------------------------------------- which instances */

static bool same_file(const char *a, const char *b)
{
	char x[PATH_MAX], y[PATH_MAX];
	return realpath(a, x) && realpath(b, y) && strcmp(x, y) == 0;
}

static int list_instances(const struct config *c, char *out, size_t cap)
{
	size_t n = 0;
	out[0] = '\0';
	for (uint16_t i = 0; i < c->n_instances && n < cap; i++)
		n += (size_t)snprintf(out + n, cap - n, "%s%s", i ? ", " : "", c->instance[i].name);
	return (int)n;
}

/* This file in place of what the configuration names. */
static int run_as(struct config_instance *in, const char *strategy)
{
	char path[PATH_MAX];
	if (!realpath(strategy, path))
		return err_set(ERR_IO, "%s: %s", strategy, strerror(errno));
	if (strlen(path) >= sizeof in->file)
		return err_set(ERR_RANGE, "%s: the path is too long", path);
	memcpy(in->file, path, strlen(path) + 1);
	return 0;
}

static int choose_instances(const struct backtest_options *o, struct config *c, bool *runs)
{
	char names[512];
	unsigned n = 0;
	list_instances(c, names, sizeof names);
	for (uint16_t i = 0; i < c->n_instances; i++) {
		const struct config_instance *in = &c->instance[i];
		runs[i] = o->instance	? strcmp(in->name, o->instance) == 0
			  : o->strategy ? same_file(in->file, o->strategy)
					: true;
		n += runs[i];
	}
	if (o->instance && !n)
		return err_set(ERR_NOTFOUND, "%s has no instance %s; it has: %s", c->file,
			       o->instance, names);
	if (!n && c->n_instances == 1)
		runs[0] = true;
	else if (!n)
		return err_set(
			ERR_NOTFOUND,
			"%s: no instance of %s runs it; say as which it is to be bound, with --instance NAME: %s",
			o->strategy, c->file, names);
	int rc = 0;
	for (uint16_t i = 0; i < c->n_instances && o->strategy && !rc; i++)
		if (runs[i] && !same_file(c->instance[i].file, o->strategy))
			rc = run_as(&c->instance[i], o->strategy);
	return rc;
}

/* ---------------------------------------------------------------- parameters */

static int set_param(struct config_instance *in, const struct backtest_set *s)
{
	for (uint32_t k = 0; k < in->n_params; k++)
		if (strcmp(in->param[k].name, s->param) == 0) {
			in->param[k].value = s->value;
			return 0;
		}
	struct config_param *more = realloc(in->param, (in->n_params + 1) * sizeof *more);
	if (!more)
		return err_set(ERR_NOMEM, "no memory for a parameter");
	in->param = more;
	more[in->n_params] = (struct config_param){ .value = s->value };
	memcpy(more[in->n_params++].name, s->param, sizeof s->param);
	return 0;
}

static int set_params(const struct backtest_options *o, struct config *c, const bool *runs)
{
	int rc = 0;
	for (unsigned k = 0; k < o->n_sets && !rc; k++) {
		const struct backtest_set *s = &o->set[k];
		bool any = false;
		for (uint16_t i = 0; i < c->n_instances && !rc; i++) {
			if (!runs[i] ||
			    (s->instance[0] && strcmp(s->instance, c->instance[i].name)))
				continue;
			any = true;
			rc = set_param(&c->instance[i], s);
		}
		if (!rc && !any)
			rc = err_set(ERR_NOTFOUND, "--set %s.%s: no instance of that name is run",
				     s->instance, s->param);
	}
	return rc;
}

/* ---------------------------------------------------------------- what must be known */

static int may_run(const struct config *c, const bool *runs, bool *wanted)
{
	for (uint16_t i = 0; i < c->n_instances; i++) {
		const struct config_instance *in = &c->instance[i];
		for (unsigned l = 0; runs[i] && l < in->n_legs; l++)
			wanted[in->leg[l]] = true;
		for (unsigned r = 0; runs[i] && r < in->n_refs; r++)
			wanted[in->ref[r]] = true;
	}
	for (uint16_t i = 0; i < c->n_instances; i++)
		for (unsigned l = 0; runs[i] && l < c->instance[i].n_legs; l++) {
			const struct instrument *in = &c->instrument[c->instance[i].leg[l]];
			if (!in->n_rules)
				return err_set(
					ERR_CONFIG,
					"%s: \"%s\" is traded and has no tick and lot; a venue would tell them, and a backtest asks "
					"none; add tick = \"...\", lot = \"...\", min_qty = \"...\"",
					c->file, in->name);
		}
	return 0;
}

/* What is of the machine, of time and of wires has no place here. */
static void settle(struct config *c)
{
	c->store.durability_power = false;
	for (uint16_t v = 0; v < c->n_venues; v++) {
		c->venue[v].lines = 1;
		c->venue[v].record = false;
		c->venue[v].dead_man_ns = 0;
	}
}

static int check_latencies(const struct backtest_options *o, const struct config *c)
{
	for (unsigned k = 0; k < o->n_latencies; k++) {
		const char *name = o->latency[k].name;
		bool found = !name[0];
		for (uint16_t v = 0; v < c->n_venues; v++)
			found |= strcmp(c->venue[v].name, name) == 0;
		for (uint16_t i = 0; i < c->n_instances; i++)
			for (unsigned l = 0; l < c->instance[i].n_legs; l++)
				found |= strcmp(c->instance[i].leg_name[l], name) == 0;
		if (!found)
			return err_set(
				ERR_NOTFOUND,
				"--latency %s=...: there is no venue and no leg of that name",
				name);
	}
	return 0;
}

static bool leg_there(const struct config *c, const char *name, uint16_t venue)
{
	for (uint16_t i = 0; i < c->n_instances; i++)
		for (unsigned l = 0; l < c->instance[i].n_legs; l++)
			if (strcmp(c->instance[i].leg_name[l], name) == 0 &&
			    c->instrument[c->instance[i].leg[l]].venue == venue)
				return true;
	return false;
}

int64_t backtest_plan_latency(const struct backtest_options *o, const struct config *c,
			      uint16_t venue)
{
	int64_t ns = 0;
	for (int pass = 0; pass < 3; pass++) /* all; by leg; by its own name */
		for (unsigned k = 0; k < o->n_latencies; k++) {
			const char *name = o->latency[k].name;
			bool is_venue = strcmp(name, c->venue[venue].name) == 0;
			if (pass == 0	? !name[0]
			    : pass == 1 ? name[0] && leg_there(c, name, venue)
					: is_venue)
				ns = o->latency[k].ns;
		}
	return ns;
}

int backtest_plan(const struct backtest_options *o, struct config **cfg, bool **runs, bool **wanted)
{
	struct config_errors *errs = calloc(1, sizeof *errs);
	if (!errs)
		return err_set(ERR_NOMEM, "no memory for a configuration");
	int rc = o->config_text.text ? config_read_text(o->config, o->config_text.text,
							o->config_text.len, cfg, errs)
				     : config_read_offline(o->config, cfg, errs);
	if (rc) {
		config_errors_print(errs, stderr);
		rc = err_set(ERR_CONFIG, "%s: not a configuration to try a strategy with",
			     o->config);
	}
	free(errs);
	if (rc)
		return rc;
	*runs = calloc((*cfg)->n_instances + 1u, sizeof **runs);
	*wanted = calloc((*cfg)->n_instruments + 1u, sizeof **wanted);
	if (!*runs || !*wanted)
		return err_set(ERR_NOMEM, "no memory for a configuration");
	rc = choose_instances(o, *cfg, *runs);
	if (!rc)
		rc = set_params(o, *cfg, *runs);
	if (!rc)
		rc = check_latencies(o, *cfg);
	if (!rc)
		rc = may_run(*cfg, *runs, *wanted);
	settle(*cfg);
	return rc;
}
