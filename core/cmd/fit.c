#include "core/cmd/fit.h"

#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/cmd/bind.h"
#include "core/market/lots.h"
#include "lua/host.h"
#include <stdlib.h>
#include <time.h>

#define COUNTED_TO 60 /* lots of the larger contract that combinations are looked for in */
#define SHOWN	   4

static int load(struct lua_host *h, const struct config *c, uint16_t instance, char *unit)
{
	struct strategy *s = NULL;
	const struct lua_instance_options o = bind_options(c, instance);
	int rc = lua_host_load(h, &o, &s);
	if (rc)
		return rc;
	snprintf(unit, UNIT_TEXT, "%s", lua_host_value_unit(s));
	s->ops->free(s);
	return 0;
}

int fit_check(const struct config *c, struct fit *f, struct config_errors *errs)
{
	struct lua_host_options o = { .memory = c->engine.script_memory };
	struct lua_host *h = NULL;
	f->value_unit = calloc(c->n_instances + 1u, sizeof *f->value_unit);
	if (!f->value_unit)
		return err_set(ERR_NOMEM, "no memory to check the scripts");
	int rc = lua_host_init(&o, &h);
	if (rc)
		return rc;
	for (uint16_t i = 0; i < c->n_instances; i++) {
		if (!load(h, c, i, f->value_unit[i]))
			continue;
		config_errors_add(errs, 0, 0, "%s: %s", c->instance[i].name, err_text());
		rc = -ERR_CONFIG;
	}
	lua_host_free(h);
	return rc;
}

void fit_free(struct fit *f)
{
	free(f->value_unit);
	f->value_unit = NULL;
}

/* ---- lots */

/* The combinations of legs whose contracts differ; 0 where they do not, or where the venue has not told them yet. */
static unsigned combos(const struct config *c, const struct config_instance *in, struct lots *p,
		       struct lots_combo *out)
{
	struct frac lot[LEG_MAX], ratio[LEG_MAX];
	int64_t now_ns = (int64_t)time(NULL) * 1000000000;
	bool differ = false;
	for (unsigned l = 0; l < in->n_legs; l++) {
		const struct instrument *i = &c->instrument[in->leg[l]];
		const struct rule *r = instrument_rule(i, now_ns);
		if (!r || !lots_of_instrument(i, r, &lot[l]) ||
		    !frac_make(in->ratio_num[l], in->ratio_den[l], &ratio[l]))
			return 0;
		differ |= lot[l].num != lot[0].num || lot[l].den != lot[0].den;
	}
	if (!differ || lots_init(p, in->n_legs, lot, ratio))
		return 0;
	return lots_best(p, COUNTED_TO, out, SHOWN);
}

/* What exposure is counted in. */
static const char *base_of(const struct config *c, const struct config_instance *in)
{
	const struct instrument *i = &c->instrument[in->leg[0]];
	return i->base_unit[0] ? i->base_unit : asset_name(&c->assets, i->base);
}

static int64_t e8(struct frac f)
{
	return dec_muldiv(f.num, dec_pow10[BASE_DP], f.den, DEC_NEAREST);
}

void fit_print(FILE *out, const struct config *c, const struct config_instance *in,
	       const struct fit *f)
{
	struct lots p;
	struct lots_combo best[SHOWN];
	const char *unit = f->value_unit[in - c->instance];
	if (unit[0])
		fprintf(out, "    values in %s\n", unit);
	unsigned n = combos(c, in, &p, best);
	for (unsigned k = 0; k < n; k++) {
		char left[32];
		int64_t residual = e8(best[k].residual);
		fprintf(out, "    lots ");
		for (unsigned l = 0; l < in->n_legs; l++)
			fprintf(out, "%s%lld", l ? " : " : "", (long long)best[k].lots[l]);
		dec_format(dec_abs(residual), BASE_DP, 0, left);
		if (residual)
			fprintf(out, " leaves %s %s (%.2g %% of the pair) %s %s\n", left,
				base_of(c, in), lots_residual_pct(&p, &best[k]),
				residual > 0 ? "more of" : "less of", in->leg_name[0]);
		else
			fprintf(out, " leaves nothing\n");
	}
}

void fit_json(struct json_out *j, const struct config *c, const struct config_instance *in,
	      const struct fit *f)
{
	struct lots p;
	struct lots_combo best[SHOWN];
	unsigned n = combos(c, in, &p, best);
	json_str(j, "value_unit", f->value_unit[in - c->instance]);
	json_arr(j, "lots");
	for (unsigned k = 0; k < n; k++) {
		json_obj(j, NULL);
		json_arr(j, "legs");
		for (unsigned l = 0; l < in->n_legs; l++)
			json_int(j, NULL, best[k].lots[l]);
		json_arr_end(j);
		json_dec(j, "residual_base", e8(best[k].residual), BASE_DP);
		json_str(j, "base", base_of(c, in));
		json_obj_end(j);
	}
	json_arr_end(j);
}
