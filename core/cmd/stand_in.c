#include "core/cmd/stand_in.h"
#include "core/base/err.h"
#include "core/base/map.h"
#include "core/trade/pair.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is kept under "script/NAME"; its size is its version, besides the first word. */
#define KEPT_MAGIC 0x31645354u
struct kept {
	uint32_t magic, version;
	uint8_t sha256[32];
	uint8_t n_legs, n_refs;
	char leg_name[LEG_MAX][16], ref_name[REF_MAX][16];
	struct basis_conv conv[LEG_MAX];
	struct strat_limits limits;
};

static void key_of(const char *name, char key[80])
{
	snprintf(key, 80, "script/%s", name);
}

int stand_in_keep(struct kv *kv, const struct strategy *s)
{
	struct kept k, was;
	char key[80];
	size_t n = 0;
	memset(&k, 0, sizeof k); /* its padding too: it is compared whole */
	k.magic = KEPT_MAGIC;
	k.version = s->version;
	k.n_legs = s->n_legs;
	k.n_refs = s->n_refs;
	k.limits = s->limits;
	memcpy(k.sha256, s->sha256, sizeof k.sha256);
	memcpy(k.leg_name, s->leg_name, sizeof k.leg_name);
	memcpy(k.ref_name, s->ref_name, sizeof k.ref_name);
	memcpy(k.conv, s->conv, sizeof k.conv);
	key_of(s->name, key);
	if (kv->ops->get(kv, key, &was, sizeof was, &n) == 0 && n == sizeof k &&
	    memcmp(&was, &k, sizeof k) == 0)
		return 0;
	return kv->ops->put(kv, key, &k, sizeof k);
}

static int count_open(void *open, const struct fact *f)
{
	if (f->kind != FACT_PAIR)
		return 0;
	if (!pair_over((enum pair_state)f->state))
		return map_put(open, f->pair, 1);
	map_del(open, f->pair);
	return 0;
}

bool stand_in_needed(struct store *store)
{
	struct map open;
	if (map_init(&open, 1u << 16))
		return false;
	int rc = store_recover(store, count_open, &open);
	/* As many as cannot be counted are some. */
	bool any = open.used > 0 || rc == -ERR_FULL;
	map_free(&open);
	return any;
}

static int run(struct strategy *s, const struct strat_self *self, const struct strat_event *ev,
	       struct proposal *out, unsigned cap)
{
	(void)self, (void)ev, (void)out, (void)cap;
	return err_set(ERR_STATE, "%s is in quarantine: its script was not loaded", s->name);
}

static uint32_t hooks(const struct strategy *s)
{
	(void)s;
	return 0;
}

static void release(struct strategy *s)
{
	free(s);
}

static const struct strategy_ops ops = { .run = run, .hooks = hooks, .free = release };

struct strategy *stand_in_make(struct kv *kv, const char *name, const char *file)
{
	struct kept k;
	char key[80];
	size_t n = 0;
	struct strategy *s = calloc(1, sizeof *s);
	if (!s) {
		err_set(ERR_NOMEM, "no memory for what stands in for %s", name);
		return NULL;
	}
	s->ops = &ops;
	s->quarantined = true;
	snprintf(s->name, sizeof s->name, "%s", name);
	snprintf(s->file, sizeof s->file, "%s", file);
	s->limits = (struct strat_limits){ .max_slip_tick = -1,
					   .max_unwind_slip_tick = -1,
					   .on_leg_fail = on_leg_fail_max };
	for (unsigned l = 0; l < LEG_MAX; l++)
		s->conv[l].k = 1;
	key_of(name, key);
	if (kv->ops->get(kv, key, &k, sizeof k, &n) || n != sizeof k || k.magic != KEPT_MAGIC ||
	    k.n_legs > LEG_MAX || k.n_refs > REF_MAX)
		return s;
	s->version = k.version;
	s->n_legs = k.n_legs;
	s->n_refs = k.n_refs;
	s->limits = k.limits;
	memcpy(s->sha256, k.sha256, sizeof s->sha256);
	memcpy(s->leg_name, k.leg_name, sizeof s->leg_name);
	memcpy(s->ref_name, k.ref_name, sizeof s->ref_name);
	memcpy(s->conv, k.conv, sizeof s->conv);
	return s;
}
