#include "core/ops/config.h"
#include <stdlib.h>

const char *hedge_flag_name(enum hedge_flag f)
{
	static const char *const names[] = {
#define HEDGE_FLAG_NAME(id, name) [HEDGE_FLAG_##id] = name,
		HEDGE_FLAGS(HEDGE_FLAG_NAME)
#undef HEDGE_FLAG_NAME
	};
	return f < hedge_flag_max ? names[f] : NULL;
}

void config_free(struct config *c)
{
	if (!c)
		return;
	for (uint16_t i = 0; i < c->n_instances; i++)
		free(c->instance[i].param);
	for (uint16_t i = 0; i < c->n_calendars; i++)
		calendar_free(&c->calendar[i]);
	free(c->calendar);
	free(c->venue);
	free(c->account);
	free(c->instrument);
	free(c->instance);
	free(c->limit);
	free(c->exchange_rule);
	free(c->alerts.rule);
	free(c);
}
