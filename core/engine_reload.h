/* engine_reload - new versions of scripts: asked for, taken between two turns, tried, gone back from; and the shadow beside the one that trades.
 *
 * Pages of the engine include it, nobody else. Engine's thread; no allocation; nothing here waits. Three pages: engine_reload.c asks, takes and answers;
 * engine_lineup.c gives roles, judges trials and goes back; engine_shadow.c runs the shadow. */
#pragma once
#include "core/engine_parts.h"

/* ---- for the engine */

/* An operator's or the file's wish. A version's answer comes later: what is said now names the number under which `told NUMBER` gives it. */
void engine_reload(struct engine *e, const struct env_command *c, char *answer, size_t cap);
/* What has become ready is taken, and what has ended is given back. Once a turn, between scripts' calls. */
void engine_reload_turn(struct engine *e);
/* Ten times a second: pairs of versions that leave, rules of trials, counts of shadows. */
void engine_reload_time(struct engine *e);
/* After a call of the live version with n proposals (negative: it failed): the shadow is shown the same, and the trial is judged. Only where desk_instance.versions. */
void engine_reload_called(struct engine *e, uint16_t instance, const struct strat_event *ev,
			  const struct proposal *live, int n);
/* News of a pair, for its trial. */
void engine_reload_news(struct engine *e, const struct pair *p, enum pair_state to);
/* A proposal of the live version was refused by this limit. */
void engine_reload_refused(struct engine *e, uint16_t instance, enum risk_limit l,
			   const struct proposal *p);
/* A pair that a version proposed which does not trade: a shadow's is recorded. */
void engine_reload_unheard(struct engine *e, uint16_t instance, const struct strategy *s,
			   const struct proposal *p);
/* Does this version get events of its own, timers: is it the one that trades, or its shadow? */
bool engine_reload_runs(const struct engine *e, uint16_t instance, const struct strategy *s);
bool engine_reload_is_shadow(const struct engine *e, uint16_t instance, const struct strategy *s);
/* The durable number that receipts of what this version says carry. */
uint32_t engine_reload_name(const struct engine *e, uint16_t instance, const struct strategy *s);
/* Who hears of this pair: the version that opened it, else the one that trades. */
struct strategy *engine_reload_whose(struct engine *e, const struct pair *p);
/* The first version of an instance, as the host starts with it. */
void engine_reload_first(struct engine *e, uint16_t instance, struct strategy *s);

/* ---- between its pages */

/* What a receipt says of a version. */
struct version_news {
	const struct version *v;
	enum version_role role;
	uint32_t previous; /* durable number of the one that had the role; 0: none */
	uint64_t cause;
	const struct reload_done *done; /* NULL: no job brought it */
	const char *text;
};
uint64_t engine_version_say(struct engine *e, uint16_t instance, const struct version_news *n);
void engine_version_alert(struct engine *e, uint16_t instance, enum alert_severity severity,
			  const char *what, const char *why, uint64_t cause);

struct version *engine_version_live(const struct desk_instance *in);
/* What the status page says of the versions of an instance. */
void engine_version_publish(const struct engine *e, uint16_t instance, struct snapshot_script *x);
/* A line-up has changed: is anything to be done at every call? */
void engine_version_look(struct engine *e, struct desk_instance *in);
void engine_version_drop(struct engine *e, uint16_t instance, struct version *v, const char *why);
/* Versions that leave and whose pairs have ended are given back. */
void engine_version_sweep(struct engine *e, uint16_t instance);
/* What one remembers becomes the other's. -ERR_SCRIPT: on_load refuses it. */
int engine_version_hand_over(struct strategy *from, struct strategy *to);
/* The version trades from now on, by swap or as a canary; the one that traded is what a step back returns to. */
int engine_version_install(struct engine *e, uint16_t instance, struct version *v,
			   enum reload_how how);
/* The version before trades again. false: there is none, or it was stopped. A version that failed is not asked for its memory. */
bool engine_version_back(struct engine *e, uint16_t instance, bool failed, const char *why,
			 uint64_t cause);
void engine_version_begin_trial(struct engine *e, uint16_t instance, enum reload_how how,
				uint8_t step);

/* A version runs beside the one that trades. */
int engine_shadow_install(struct engine *e, uint16_t instance, struct version *v);
/* A receipt of how it compares so far; p: what it has just proposed, or NULL. */
void engine_shadow_say(struct engine *e, uint16_t instance, const struct version *v,
		       const struct proposal *p);
/* An operator gave the live version's parameter this value: the shadow's of that name too, if it has one and lets it. */
void engine_shadow_param(struct engine *e, uint16_t instance, const char *name, double value);
/* May one more of its proposals be looked at? Not more in a second than the instance is let. */
bool engine_shadow_lets(struct engine *e, uint16_t instance);
void engine_shadow_time(struct engine *e, uint16_t instance);
/* The live version was shown this; its shadow is too. */
void engine_shadow_show(struct engine *e, uint16_t instance, const struct strat_event *ev,
			const struct proposal *live, int n);
