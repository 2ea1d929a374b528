#include "core/base/err.h"
#include "core/cmd/replay_parts.h"
#include "core/trade/recover.h"
#include "core/trade/scribe.h"
#include "gen/version.h"
#include "lua/config.h"
#include "store/receipt.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_TURNS 1024
#define LIVES	   65536

/* ---------------------------------------------------------------- holding against the receipts */

static bool in_span(const struct again *a, int64_t utc_ns)
{
	return utc_ns >= a->o->from_ns && (!a->o->to_ns || utc_ns <= a->o->to_ns);
}

static void differs(struct again *a, const struct fact *then, const struct fact *now)
{
	struct replay_difference *d = a->diff;
	if (d->any)
		return;
	*d = (struct replay_difference){ .any = true,
					 .missing = !then || !now,
					 .entries = retell_entries(a->told),
					 .utc_ns = retell_now(a->told)->utc_ns };
	if (then)
		d->then = *then;
	if (now)
		d->now = *now;
}

/* Another build of the same program is no other decision. */
static void forget_build(struct fact *f)
{
	const int at = f->kind == FACT_SESSION_OPEN ? 4 : f->kind == FACT_BUILD ? 0 : -1;
	if (at < 0)
		return;
	f->num[at] = 0;
	f->text[0] = '\0';
}

static bool same(struct again *a, const struct fact *then, const struct fact *now)
{
	struct fact f[2] = { *then, *now };
	const void *bytes[2];
	size_t n[2];
	for (int i = 0; i < 2; i++) {
		forget_build(&f[i]);
		if (receipt_encode(a->coder[i], &f[i], &bytes[i], &n[i]))
			return false;
	}
	return n[0] == n[1] && memcmp(bytes[0], bytes[1], n[0]) == 0;
}

static void step(struct again *a)
{
	a->has_next = reader_walk_next(a->walk, &a->next) == 1;
}

/* What others wrote into the journal is not the engine's. */
static void on_fact(void *owner, const struct fact *f)
{
	struct again *a = owner;
	if (a->silent)
		return;
	while (a->has_next && a->next.seq < f->seq)
		step(a);
	const bool found = a->has_next && a->next.seq == f->seq, counts = in_span(a, f->utc_ns);
	if (counts && (!found || !same(a, &a->next, f))) {
		a->silent = retell_short(a->told) !=
			    NULL; /* a turn that a kill cut off goes on with nothing */
		if (!a->silent)
			differs(a, found ? &a->next : NULL, f);
		return;
	}
	a->last_seq = f->seq;
	if (counts && !a->counts->first_ns)
		a->counts->first_ns = f->utc_ns;
	a->counts->receipts += counts;
	a->counts->decisions += counts && f->kind == FACT_DECISION;
}

/* ---------------------------------------------------------------- scripts */

/* One that runs beside it, or is about to leave, decides nothing. */
static bool trades(const struct again *a, uint16_t instance, const struct strategy *s)
{
	return engine_desk(a->engine)->instance[instance].script == s;
}

static void told(void *owner, uint16_t instance, struct strategy *s, const struct strat_self *self,
		 const struct strat_event *ev)
{
	struct again *a = owner;
	const struct replay_watch *w = a->o->watch;
	const struct env_now *now = retell_now(a->told);
	if (w && in_span(a, now->utc_ns) && trades(a, instance, s))
		w->call(w->owner, instance, s, self, ev, NULL, 0, now);
}

static uint32_t also(void *owner, uint16_t instance)
{
	struct again *a = owner;
	const struct replay_watch *w = a->o->watch;
	return w ? w->also(w->owner, instance) : 0;
}

static int run(void *owner, uint16_t instance, struct strategy *s, const struct strat_self *self,
	       const struct strat_event *ev, struct proposal *out, unsigned cap)
{
	struct again *a = owner;
	const struct replay_watch *w = a->o->watch;
	const int n = s->ops->run(s, self, ev, out, cap);
	const struct env_now *now = retell_now(a->told);
	if (!in_span(a, now->utc_ns))
		return n;
	a->counts->calls++;
	if (w && trades(a, instance, s))
		w->call(w->owner, instance, s, self, ev, out, n, now);
	return n;
}

static void give_back(void *owner, struct strategy *s)
{
	(void)owner;
	s->ops->free(s);
}

/* ---------------------------------------------------------------- names and configuration */

static int number(void *arg, enum name_space space, const char *text, uint32_t *id, bool *is_new)
{
	const struct again *a = arg;
	*id = reader_name_find(a->reader, space, text);
	*is_new = false;
	for (size_t i = 0; i < a->n_fresh && !*is_new; i++)
		*is_new = a->fresh[i].space == space && strcmp(a->fresh[i].text, text) == 0;
	return *id ? 0 : err_set(ERR_CORRUPT, "the store knows no number of \"%s\"", text);
}

static int read_names(struct again *a)
{
	struct retell_entry e;
	while (retell_take(a->told, INPUT_NAME, sizeof(struct input_name), &e)) {
		struct input_name *more = realloc(a->fresh, (a->n_fresh + 1) * sizeof *more);
		if (!more)
			return err_set(ERR_NOMEM, "no memory for names");
		a->fresh = more;
		memcpy(&more[a->n_fresh++], e.p, sizeof *more);
	}
	return 0;
}

static int learn_names(struct again *a)
{
	uint32_t id;
	a->opening.number = number;
	a->opening.arg = a;
	int rc = opening_learn(&a->opening, NULL, a->cfg, a->script);
	for (uint16_t i = 0; i < a->cfg->n_instances && !rc; i++)
		if (a->back[i])
			rc = opening_learn_script(&a->opening, a->back[i], &id);
	return rc;
}

static int read_config(struct again *a)
{
	char key[INPUTS_KEY_TEXT];
	size_t n = 0;
	struct config_errors *errs = calloc(1, sizeof *errs);
	inputs_key(key, "config", a->life.config);
	int rc = errs ? reader_value(a->reader, key, a->text, CONFIG_MOST, &n)
		      : err_set(ERR_NOMEM, "no memory for a replay");
	a->config = rc ? NULL : malloc(n + 1);
	if (a->config) {
		memcpy(a->config, a->text, n);
		a->config_len = n;
	}
	if (!rc) {
		rc = config_read_text(a->life.config_file, a->text, n, &a->cfg, errs);
		if (rc)
			config_errors_print(errs, stderr);
	}
	free(errs);
	return err_ctx(rc, "the configuration of that life");
}

/* ---------------------------------------------------------------- putting it together */

/* What a restart read then: from the last whole checkpoint on. */
static int recover_from(struct again *a, uint64_t *from)
{
	const struct reader_filter f = { .seq_to = a->life.first_seq, .kind = FACT_CHECKPOINT };
	struct reader_walk *w;
	struct fact x;
	uint64_t begin = 0;
	*from = 1;
	int rc = reader_walk_open(a->reader, &f, &w);
	if (rc)
		return rc;
	while ((rc = reader_walk_next(w, &x)) == 1) {
		if (x.num[0] == CHECKPOINT_BEGIN)
			begin = x.seq;
		else if (begin)
			*from = begin;
	}
	reader_walk_close(w);
	return rc;
}

static int recover_all(struct again *a, struct recover *rec)
{
	struct reader_filter f = { .seq_to = a->life.first_seq };
	struct reader_walk *w;
	struct fact x;
	if (!a->life.first_seq)
		return 0;
	int rc = recover_from(a, &f.seq_from);
	if (!rc)
		rc = reader_walk_open(a->reader, &f, &w);
	if (rc)
		return rc;
	while (!rc && (rc = reader_walk_next(w, &x)) == 1)
		rc = recover_fact(rec, &x);
	reader_walk_close(w);
	return rc;
}

static int write_opening(struct again *a)
{
	struct desk *d = engine_desk(a->engine);
	a->opening.lost = a->life.lost;
	int rc = opening_write(&a->opening, d, (uint16_t)a->life.epoch, a->life.pid,
			       a->life.first_seq);
	if (!rc)
		opening_tell_lost(d, a->life.lost);
	for (uint16_t i = 0; !rc && i < a->cfg->n_instances; i++) {
		struct fact f;
		if (!a->not_loaded[i][0])
			continue;
		scribe_instance(d, &f, FACT_ALERT, i, 0);
		scribe_raise(d, &f, ALERT_QUARANTINE, "%s", a->not_loaded[i]);
	}
	return rc;
}

static int open_venues(struct again *a)
{
	struct venue_host vh = engine_venue_host(a->engine);
	int rc = 0;
	retell_limit(a->told, &(struct retell_limits){ .venues = a->cfg->n_venues,
						       .accounts = a->cfg->n_accounts,
						       .instruments = a->cfg->n_instruments,
						       .assets = a->cfg->assets.n });
	a->venue = calloc(a->cfg->n_venues + 1u, sizeof *a->venue);
	if (!a->venue)
		return err_set(ERR_NOMEM, "no memory for a replay");
	for (uint16_t v = 0; v < a->cfg->n_venues && !rc; v++) {
		rc = retell_venue(a->told, v, a->cfg->n_instruments, &vh, &a->venue[v]);
		if (!rc)
			engine_set_venue(a->engine, v, a->venue[v]);
	}
	return rc;
}

static int open_engine(struct again *a)
{
	struct engine_parts parts = { .cfg = a->cfg,
				      .instrument = a->cfg->instrument,
				      .env = retell_env(a->told),
				      .journal = retell_journal(a->told, a->life.first_seq),
				      .kv = &a->kv,
				      .tape = a->life.has_tape ? retell_tape(a->told) : NULL,
				      .tap = retell_tap(a->told),
				      .page = a->page,
				      .names = a->opening.names,
				      .epoch = (uint16_t)a->life.epoch };
	int rc = engine_open(&parts, &a->engine);
	if (!rc)
		rc = replay_give_scripts(a);
	if (!rc && a->life.has_reload)
		engine_set_reload(a->engine, retell_reload(a->told));
	if (!rc)
		rc = open_venues(a);
	struct recover rec = { 0 };
	if (!rc)
		rc = recover_begin(&rec, engine_desk(a->engine));
	if (!rc)
		rc = err_ctx(recover_all(a, &rec), "taking over what the life before left");
	if (!rc)
		rc = write_opening(a);
	if (!rc)
		return recover_end(&rec);
	map_free(&rec.name);
	return rc;
}

static int take_memory(struct again *a)
{
	const uint16_t n = a->cfg->n_instances;
	a->script = calloc(n + 1u, sizeof(struct strategy *));
	a->back = calloc(n + 1u, sizeof(struct strategy *));
	a->not_loaded = calloc(n + 1u, sizeof *a->not_loaded);
	a->loaded = calloc(n + 1u, sizeof *a->loaded);
	a->page = calloc(1, sizeof *a->page);
	for (int i = 0; i < 2; i++)
		a->coder[i] = receipt_encoder_new();
	if (!a->script || !a->back || !a->not_loaded || !a->loaded || !a->page || !a->coder[0] ||
	    !a->coder[1])
		return err_set(ERR_NOMEM, "no memory for a replay");
	a->page->body = a->life.stat;
	return 0;
}

static int block_of(void *owner, uint32_t life, uint64_t number, void *out)
{
	return inputs_reader_block(owner, life, number, INPUTS_LAYOUT, out);
}

static int open_again(struct again *a, struct inputs_reader *from, uint32_t life)
{
	const struct retell_source source = { from, block_of };
	const struct retell_host host = { .owner = a,
					  .fact = on_fact,
					  .run = run,
					  .also = a->o->watch ? also : NULL,
					  .told = told,
					  .version = replay_version,
					  .give_back = give_back };
	struct retell_entry e;
	int rc = retell_open(&source, life, &host, &a->told);
	if (rc)
		return rc;
	if (!retell_take(a->told, INPUT_LIFE, sizeof a->life, &e))
		return err_set(ERR_CORRUPT, "the beginning of life %u is damaged", life);
	memcpy(&a->life, e.p, sizeof a->life);
	const struct reader_filter f = { .seq_from = a->life.first_seq + 1 };
	rc = reader_walk_open(a->reader, &f, &a->walk);
	if (!rc) {
		step(a);
		rc = read_config(a);
	}
	if (!rc)
		rc = take_memory(a);
	if (!rc)
		rc = read_names(a);
	if (!rc)
		rc = replay_load_scripts(a);
	if (!rc)
		rc = learn_names(a);
	const struct replay_watch *w = a->o->watch;
	const struct replay_life l = {
		.cfg = a->cfg, .config = a->config, .config_len = a->config_len, .script = a->loaded
	};
	if (!rc && w)
		rc = w->begin(w->owner, &l);
	return rc ? rc : open_engine(a);
}

static void close_again(struct again *a)
{
	a->silent = true;
	for (uint16_t v = 0; a->venue && v < a->cfg->n_venues; v++)
		if (a->venue[v])
			a->venue[v]->ops->free(a->venue[v]);
	for (uint16_t i = 0; a->script && i < a->cfg->n_instances; i++) {
		struct lineup *l = a->given ? engine_desk(a->engine)->instance[i].lineup : NULL;
		bool back_given = false;
		for (unsigned k = 0; l && k < LINEUP_MAX; k++) {
			back_given |= l->v[k].script && l->v[k].script == a->back[i];
			if (l->v[k].script)
				l->v[k].script->ops->free(l->v[k].script);
		}
		if (!l && a->script[i])
			a->script[i]->ops->free(a->script[i]);
		if (!l && a->back[i])
			a->back[i]->ops->free(a->back[i]);
	}
	engine_free(a->engine);
	lua_host_free(a->lua);
	if (a->walk)
		reader_walk_close(a->walk);
	retell_close(a->told);
	opening_free(&a->opening);
	for (int i = 0; i < 2; i++)
		receipt_encoder_free(a->coder[i]);
	free(a->fresh);
	free(a->script);
	free(a->back);
	free(a->not_loaded);
	for (uint16_t i = 0; a->loaded && i < a->cfg->n_instances; i++) {
		free(a->loaded[i].text);
		free(a->loaded[i].saved);
	}
	free(a->loaded);
	free(a->config);
	free(a->page);
	free(a->venue);
	free(a->text);
	if (a->cfg)
		config_free(a->cfg);
	free(a);
}

/* ---------------------------------------------------------------- running */

/* Between two turns: memories that were saved then are saved now, since a hook is called for it. */
static void save(struct again *a, const struct retell_entry *e)
{
	const struct input_call *x = e->p;
	if (e->who >= a->cfg->n_instances)
		return;
	struct strategy *s = engine_desk(a->engine)->instance[e->who].script;
	size_t n;
	int rc = e->op ? 0 : lua_host_save(s, a->saved, sizeof a->saved, &n);
	if (e->op || (x->rc && !rc))
		retell_failed(s, x);
	if (x->told)
		engine_script_failed(a->engine, e->who, s, e->op);
}

static bool goes_on(struct again *a, bool *ended)
{
	struct retell_entry e;
	while (retell_take(a->told, INPUT_SAVED, sizeof(struct input_call), &e))
		save(a, &e);
	*ended = retell_take(a->told, INPUT_END, 0, &e);
	return !*ended && !a->diff->any && retell_peek(a->told, &e) &&
	       (!a->o->to_ns || retell_now(a->told)->utc_ns <= a->o->to_ns);
}

static void play(struct again *a, uint32_t life)
{
	const struct replay_watch *w = a->o->watch;
	bool ended = false;
	if (engine_start(a->engine))
		differs(a, NULL, NULL);
	for (uint64_t turn = 1; goes_on(a, &ended); turn++) {
		engine_turn(a->engine, 0);
		a->counts->turns++;
		if (w && in_span(a, retell_now(a->told)->utc_ns))
			w->turn(w->owner, retell_now(a->told));
		if (retell_broken(a->told))
			break;
		if (a->o->progress && turn % LOOK_TURNS == 0)
			a->o->progress(a->o->owner, life, retell_now(a->told)->utc_ns);
	}
	if (ended && !a->diff->any)
		engine_stop(a->engine);
	if (!a->diff->any && retell_broken(a->told))
		differs(a, NULL, NULL);
	if (retell_broken(a->told))
		snprintf(a->diff->why, sizeof a->diff->why, "%s", retell_broken(a->told));
	if (!ended && !a->diff->any && retell_short(a->told))
		a->counts->partial++;
}

/* Receipts that this life has written and that were not made again: a difference, unless what it heard is not recorded that far. */
static void look_behind(struct again *a)
{
	static const bool others[fact_kind_max] = {
		[FACT_BLOCK] = true,   [FACT_INPUTS] = true, [FACT_NAME] = true,
		[FACT_ARCHIVE] = true, [FACT_REPAIR] = true, [FACT_KEY] = true
	};
	for (; a->has_next && (a->next.kind != FACT_SESSION_OPEN || a->next.seq <= a->last_seq);
	     step(a)) {
		if (a->next.seq <= a->last_seq || others[a->next.kind] ||
		    !in_span(a, a->next.utc_ns))
			continue;
		if (!retell_short(a->told) && !a->diff->any)
			differs(a, &a->next, NULL);
		a->counts->unseen++;
	}
}

static int replay_life(const struct replay_options *o, struct reader *r, struct inputs_reader *from,
		       uint32_t life, struct replay_counts *out, struct replay_difference *diff)
{
	struct again *a = calloc(1, sizeof *a);
	if (!a || !(a->text = malloc(CONFIG_MOST))) {
		free(a);
		return err_set(ERR_NOMEM, "no memory for a replay");
	}
	a->o = o;
	a->reader = r;
	replay_kv(a);
	a->counts = out;
	a->diff = diff;
	int rc = open_again(a, from, life);
	if (!rc) {
		if (!diff->any && !retell_broken(a->told))
			play(a, life);
		if (!diff->any)
			look_behind(a);
		out->lives++;
		out->entries += retell_entries(a->told);
		out->last_ns = retell_now(a->told)->utc_ns;
	}
	if (o->watch)
		o->watch->end(o->watch->owner);
	close_again(a);
	return rc ? err_ctx(rc, "life %u", life) : 0;
}

/* -ERR_NOTFOUND: its first block lies in an archive. */
static int has_beginning(struct inputs_reader *from, uint32_t life)
{
	void *block = aligned_alloc(64, INPUTS_BLOCK);
	int rc = block ? inputs_reader_block(from, life, 0, INPUTS_LAYOUT, block)
		       : err_set(ERR_NOMEM, "no memory for a replay");
	free(block);
	return rc;
}

/* When a life was, by its first receipt and the next life's. */
static int in_time(const struct replay_options *o, struct reader *r, uint32_t life, bool *in)
{
	const struct reader_filter f = { .kind = FACT_SESSION_OPEN };
	struct reader_walk *w;
	struct fact x;
	bool mine = false;
	int rc = reader_walk_open(r, &f, &w);
	if (rc)
		return rc;
	*in = true;
	while ((rc = reader_walk_next(w, &x)) == 1) {
		if (mine && x.utc_ns < o->from_ns)
			*in = false;
		mine = x.num[0] == (int64_t)life;
		if (mine && o->to_ns && x.utc_ns > o->to_ns)
			*in = false;
	}
	reader_walk_close(w);
	return rc;
}

int replay_run(const struct replay_options *o, struct reader *r, struct replay_counts *out,
	       struct replay_difference *diff)
{
	struct inputs_reader *from = NULL;
	uint32_t *life = calloc(LIVES, sizeof *life), n = 0;
	*out = (struct replay_counts){ 0 };
	*diff = (struct replay_difference){ 0 };
	int rc = life ? inputs_reader_open(o->path, &from) : err_set(ERR_NOMEM, "no memory");
	if (!rc)
		rc = inputs_reader_lives(from, life, LIVES, &n);
	if (!rc && !n)
		rc = err_set(
			ERR_NOTFOUND,
			"%s: no inputs are recorded in it: a host records them with its markets (record = true)",
			o->path);
	for (uint32_t i = 0; i < n && !rc && !diff->any; i++) {
		bool in = false;
		rc = in_time(o, r, life[i], &in);
		if (rc || !in)
			continue;
		rc = has_beginning(from, life[i]);
		out->away += rc == -ERR_NOTFOUND;
		if (rc == -ERR_NOTFOUND)
			rc = 0;
		else if (!rc)
			rc = replay_life(o, r, from, life[i], out, diff);
	}
	inputs_reader_close(from);
	free(life);
	return rc;
}
