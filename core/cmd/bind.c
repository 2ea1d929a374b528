#include "core/cmd/bind.h"
#include <string.h>

void bind_legs(struct config_instance *c, const struct strategy *s)
{
	const struct config_instance as_read = *c;
	for (unsigned l = 0; l < s->n_legs; l++)
		for (unsigned k = 0; k < as_read.n_legs; k++)
			if (strcmp(s->leg_name[l], as_read.leg_name[k]) == 0) {
				memcpy(c->leg_name[l], as_read.leg_name[k], sizeof c->leg_name[l]);
				c->leg[l] = as_read.leg[k];
				c->account[l] = as_read.account[k];
				c->ratio_num[l] = as_read.ratio_num[k];
				c->ratio_den[l] = as_read.ratio_den[k];
			}
	for (unsigned r = 0; r < s->n_refs; r++)
		for (unsigned k = 0; k < as_read.n_refs; k++)
			if (strcmp(s->ref_name[r], as_read.ref_name[k]) == 0) {
				memcpy(c->ref_name[r], as_read.ref_name[k], sizeof c->ref_name[r]);
				c->ref[r] = as_read.ref[k];
			}
}

struct lua_instance_options bind_options(const struct config *c, uint16_t instance)
{
	const struct config_instance *in = &c->instance[instance];
	return (struct lua_instance_options){
		.name = in->name,
		.file = in->file,
		.config_file = c->file,
		.n_legs = in->n_legs,
		.n_refs = in->n_refs,
		.leg_name = in->leg_name,
		.ref_name = in->ref_name,
		.param = in->param,
		.n_params = in->n_params,
		.config = c,
		.bound = in,
	};
}

int bind_script(struct lua_host *lua, struct config *c, uint16_t instance, const void *saved,
		size_t saved_len, uint64_t seed, struct strategy **out)
{
	struct lua_instance_options o = bind_options(c, instance);
	o.saved = saved;
	o.saved_len = saved_len;
	o.seed = seed;
	int rc = lua_host_load(lua, &o, out);
	if (!rc)
		bind_legs(&c->instance[instance], *out);
	return rc;
}
