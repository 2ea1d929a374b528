/* Every life of a world again: the same engine, the same scripts, and for its ports what was heard. */
#include "core/base/err.h"
#include "core/cmd/retell.h"
#include "core/trade/recover.h"
#include "lua/config.h"
#include "store/receipt.h"
#include "tests/sim/chatty.h"
#include "tests/sim/record.h"
#include "tests/sim/world_parts.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct again {
	struct record *record;
	struct record_life *life;
	struct world *w;
	struct retell *told;
	struct engine *engine;
	struct venue *venue[WORLD_VENUES];
	struct receipt_encoder *coder[2];
	uint64_t last_seq;
	uint32_t next_trouble;
	char *why; /* RECORD_WHY */
};

static int block(void *owner, uint32_t life, uint64_t number, void *out)
{
	const struct record_life *l = owner;
	(void)life;
	if (number >= l->n_blocks)
		return -ERR_NOTFOUND;
	memcpy(out, l->block[number], INPUTS_BLOCK);
	return 0;
}

/* ---------------------------------------------------------------- receipts */

static bool same(const struct again *a, const struct fact *then, const struct fact *now)
{
	const struct fact *f[2] = { then, now };
	const void *bytes[2];
	size_t n[2];
	for (int i = 0; i < 2; i++)
		if (receipt_encode(a->coder[i], f[i], &bytes[i], &n[i]))
			return false;
	return n[0] == n[1] && memcmp(bytes[0], bytes[1], n[0]) == 0;
}

static void say(const struct again *a, const struct fact *then, const struct fact *now)
{
	int n = snprintf(a->why, RECORD_WHY,
			 "life %u, after %" PRIu64 " entries, receipt %" PRIu64 ": then %s",
			 a->life->epoch, retell_entries(a->told), now ? now->seq : then->seq,
			 then ? fact_kind_name((enum fact_kind)then->kind) : "none");
	n += snprintf(a->why + n, RECORD_WHY - (size_t)n, ", now %s",
		      now ? fact_kind_name((enum fact_kind)now->kind) : "none");
	for (int k = 0; then && now && k < FACT_NUMS && n < RECORD_WHY; k++)
		if (then->num[k] != now->num[k])
			n += snprintf(a->why + n, RECORD_WHY - (size_t)n,
				      "; %d: %" PRId64 ", %" PRId64, k, then->num[k], now->num[k]);
	if (then && now && n < RECORD_WHY && strcmp(then->text, now->text) != 0)
		snprintf(a->why + n, RECORD_WHY - (size_t)n, "; '%.80s', '%.80s'", then->text,
			 now->text);
}

/* What the host had begun when it died, nobody has heard of. */
static void on_fact(void *owner, const struct fact *f)
{
	struct again *a = owner;
	const struct mem_journal *j = &a->w->journal;
	if (a->why[0] || (f->seq > a->life->last_seq && retell_short(a->told)))
		return;
	const struct fact *then = f->seq <= a->life->last_seq ? &j->fact[f->seq - 1] : NULL;
	if (!then || !same(a, then, f))
		say(a, then, f);
	a->last_seq = f->seq;
	a->record->receipts++;
}

/* ---------------------------------------------------------------- scripts */

static int run(void *owner, uint16_t instance, struct strategy *s, const struct strat_self *self,
	       const struct strat_event *ev, struct proposal *out, unsigned cap)
{
	struct again *a = owner;
	const struct record_life *l = a->life;
	for (uint32_t i = 0; i < l->n_troubles; i++) {
		const struct record_trouble *t = &l->trouble[i];
		if (t->instance == instance && t->call == s->calls && t->version == s->version &&
		    engine_desk(a->engine)->instance[instance].script == s)
			chatty_trouble(s, (enum chatty_trouble)t->trouble, t->calls);
	}
	a->record->calls++;
	return s->ops->run(s, self, ev, out, cap);
}

static int version(void *owner, const struct input_taken *t, int64_t asked_utc_ns,
		   const void *saved, size_t len, struct strategy **s)
{
	struct again *a = owner;
	(void)asked_utc_ns, (void)saved, (void)len;
	return world_reload_again(&a->w->reload, t->done.name, s);
}

static void give_back(void *owner, struct strategy *s)
{
	struct again *a = owner;
	world_reload_give_back(&a->w->reload, s);
}

/* ---------------------------------------------------------------- a life */

static int open_config(struct world *w)
{
	static struct config_errors errs;
	char path[400];
	snprintf(path, sizeof path, "%s/host.lua", w->o.dir);
	int rc = config_read(path, &w->cfg, &errs);
	if (rc)
		return err_set(ERR_CONFIG, "%s: %s", path, errs.error[0].text);
	if (w->o.host_config)
		w->o.host_config(w->cfg);
	world_number_names(w);
	return world_load_scripts(w);
}

static int open_engine(struct again *a)
{
	struct world *w = a->w;
	struct engine_parts parts = { .cfg = w->cfg,
				      .instrument = w->cfg->instrument,
				      .env = retell_env(a->told),
				      .journal = retell_journal(a->told, a->life->first_seq),
				      .kv = &w->journal.kv,
				      .tap = retell_tap(a->told),
				      .names = w->names,
				      .epoch = a->life->epoch };
	int rc = engine_open(&parts, &a->engine);
	if (rc)
		return rc;
	for (uint16_t i = 0; i < w->plan.n_instances; i++)
		engine_set_script(a->engine, i, w->script[i]);
	engine_set_reload(a->engine, retell_reload(a->told));
	retell_limit(a->told, &(struct retell_limits){ .venues = w->cfg->n_venues,
						       .accounts = w->cfg->n_accounts,
						       .instruments = w->cfg->n_instruments,
						       .assets = w->cfg->assets.n });
	struct venue_host vh = engine_venue_host(a->engine);
	for (uint16_t v = 0; !rc && v < WORLD_VENUES; v++) {
		rc = retell_venue(a->told, v, w->cfg->n_instruments, &vh, &a->venue[v]);
		if (!rc)
			engine_set_venue(a->engine, v, a->venue[v]);
	}
	struct mem_journal then = w->journal;
	struct recover rec;
	then.n = a->life->first_seq;
	if (!rc)
		rc = recover_begin(&rec, engine_desk(a->engine));
	if (!rc)
		rc = mem_journal_recover(&then, recover_fact, &rec);
	return rc ? rc : recover_end(&rec);
}

static void play(struct again *a)
{
	struct retell_entry e;
	if (engine_start(a->engine))
		snprintf(a->why, RECORD_WHY, "life %u does not start: %s", a->life->epoch,
			 err_text());
	while (!a->why[0] && !retell_broken(a->told) && retell_peek(a->told, &e))
		engine_turn(a->engine, 0);
	if (!a->why[0] && retell_broken(a->told))
		snprintf(a->why, RECORD_WHY, "life %u, after %" PRIu64 " entries: %s",
			 a->life->epoch, retell_entries(a->told), retell_broken(a->told));
	if (!a->why[0] && a->last_seq < a->life->last_seq)
		say(a, &a->w->journal.fact[a->last_seq], NULL);
	a->record->entries += retell_entries(a->told);
}

static void close_life(struct again *a)
{
	struct world *w = a->w;
	for (int v = 0; v < WORLD_VENUES; v++)
		if (a->venue[v])
			a->venue[v]->ops->free(a->venue[v]);
	engine_free(a->engine);
	world_reload_end(&w->reload);
	for (int i = 0; i < WORLD_INSTANCES; i++) {
		if (w->script[i])
			w->script[i]->ops->free(w->script[i]);
		w->script[i] = NULL;
	}
	if (w->cfg)
		config_free(w->cfg);
	w->cfg = NULL;
	for (int i = 0; i < 2; i++)
		receipt_encoder_free(a->coder[i]);
	retell_close(a->told);
}

static int replay_life(struct record *r, struct record_life *l, struct world *w, char *why)
{
	struct again a = { .record = r, .life = l, .w = w, .last_seq = l->first_seq, .why = why };
	const struct retell_source from = { l, block };
	const struct retell_host host = {
		.owner = &a, .fact = on_fact, .run = run, .version = version, .give_back = give_back
	};
	struct retell_entry e;
	w->epoch = l->epoch;
	for (int i = 0; i < 2; i++)
		a.coder[i] = receipt_encoder_new();
	int rc = a.coder[0] && a.coder[1] ? retell_open(&from, l->epoch, &host, &a.told)
					  : err_set(ERR_NOMEM, "no memory for a replay");
	if (!rc && !retell_take(a.told, INPUT_LIFE, sizeof(struct input_life), &e))
		rc = err_set(ERR_CORRUPT, "life %u has no beginning", l->epoch);
	if (!rc)
		rc = open_config(w);
	if (!rc)
		rc = open_engine(&a);
	if (!rc)
		play(&a);
	close_life(&a);
	return rc;
}

int record_replay(struct record *r, struct world *w, char why[RECORD_WHY])
{
	int rc = 0;
	why[0] = '\0';
	for (uint32_t i = 0; i < r->n_lives && !rc && !why[0]; i++)
		rc = replay_life(r, &r->life[i], w, why);
	return rc ? rc : why[0] != '\0';
}
