/* engine_contract - an operator's word on a contract that is fenced: INSTRUMENT or INSTRUMENT@ACCOUNT, adopted or accepted. */
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/engine_operator.h"
#include <stdio.h>
#include <string.h>

/* The fence that a scope means; NULL with the answer written. *named: the scope is a contract at all. */
static struct fence *find(struct desk *d, const char *scope, bool *named, char *answer, size_t cap)
{
	const char *at = strrchr(scope, '@');
	size_t n = at ? (size_t)(at - scope) : strlen(scope);
	uint32_t i = 0;
	while (i < d->cfg->n_instruments &&
	       (strncmp(scope, d->instrument[i].name, n) != 0 || d->instrument[i].name[n]))
		i++;
	*named = i < d->cfg->n_instruments;
	struct fence *one = NULL;
	unsigned found = 0;
	for (uint16_t a = 0; *named && a < d->cfg->n_accounts; a++) {
		struct fence *x = fence_at(d, a, i);
		if (!x || (at && strcmp(at + 1, d->cfg->account[a].name) != 0))
			continue;
		one = x;
		found++;
	}
	if (found == 1)
		return one;
	if (found)
		snprintf(answer, cap,
			 "no: %.40s is fenced in %u accounts: say which, as INSTRUMENT@ACCOUNT",
			 scope, found);
	else
		snprintf(
			answer, cap,
			"no: %.40s is not fenced: there is nothing to resolve; `tandem positions DB` shows what is",
			scope);
	return NULL;
}

/* Of those who trade it there, the one that was named, or the only one. */
static int whose(const struct desk *d, const struct fence *x, const char *name, char *answer,
		 size_t cap)
{
	int one = -1;
	unsigned found = 0;
	for (uint16_t i = 0; i < d->cfg->n_instances; i++) {
		const struct config_instance *c = &d->cfg->instance[i];
		for (unsigned l = 0; l < c->n_legs; l++) {
			if (c->leg[l] != x->instrument || c->account[l] != x->account ||
			    (name[0] && strcmp(name, c->name) != 0))
				continue;
			one = i;
			found++;
			break;
		}
	}
	if (found == 1)
		return one;
	if (found)
		snprintf(
			answer, cap,
			"no: %u instances trade it there: say which adopts it, as `adopt INSTANCE`",
			found);
	else
		snprintf(answer, cap, "no: no instance%s%.48s trades it there",
			 name[0] ? " called " : "", name);
	return -1;
}

static void adopt(struct desk *d, const struct fence *x, const struct env_command *c,
		  const char *name, char *answer, size_t cap)
{
	const struct fence was = *x;
	int instance = whose(d, x, name, answer, cap);
	if (instance < 0)
		return;
	if (reconcile_adopt(d, was.account, was.instrument, (uint16_t)instance, c->who, c->why)) {
		snprintf(answer, cap, "no: %s", err_text());
		return;
	}
	char net[24];
	dec_format(position_net(positions_at(&d->positions, was.account, was.instrument,
					     (uint16_t)instance)),
		   d->instrument[was.instrument].qty_dp, 0, net);
	snprintf(answer, cap, "ok: adopted; %s holds %s of %s@%s now",
		 d->cfg->instance[instance].name, net, d->instrument[was.instrument].name,
		 d->cfg->account[was.account].name);
}

bool engine_contract(struct engine *e, const struct env_command *c, char *answer, size_t cap)
{
	struct desk *d = &e->d;
	bool named;
	struct fence *x = find(d, c->scope, &named, answer, cap);
	if (!x)
		return named;
	const struct fence was = *x;
	if (strncmp(c->arg, "adopt", 5) == 0 && (!c->arg[5] || c->arg[5] == ' '))
		adopt(d, x, c, c->arg[5] ? c->arg + 6 : "", answer, cap);
	else if (strcmp(c->arg, "accept") != 0)
		snprintf(answer, cap,
			 "no: a contract is resolved by adopt or accept, not by '%.40s'", c->arg);
	else if (!c->why[0])
		snprintf(answer, cap, "no: say whose it is: --reason TEXT");
	else if (reconcile_accept(d, was.account, was.instrument, c->who, c->why))
		snprintf(answer, cap, "no: %s", err_text());
	else
		snprintf(answer, cap, "ok: accepted; it is nobody's, and %s@%s is free again",
			 d->instrument[was.instrument].name, d->cfg->account[was.account].name);
	return true;
}
