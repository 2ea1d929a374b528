/* engine_reload - new versions of scripts: asked for, taken between two turns, tried, gone back from; and the shadow beside the one that trades.
 *
 * Pages of the engine include it, nobody else. Engine's thread; no allocation; nothing here waits. */
#pragma once
#include "core/engine_parts.h"

/* An operator's or the file's wish; false: the answer comes later, when the version is ready or is not. */
bool engine_reload(struct engine *e, const struct env_command *c, char *answer, size_t cap);
/* What has become ready is taken, and what has ended is given back. Once a turn, between scripts' calls. */
void engine_reload_turn(struct engine *e);
/* Ten times a second: pairs of versions that leave, rules of trials. */
void engine_reload_time(struct engine *e);
/* After a call of the live version with n proposals (negative: it failed): the shadow is shown the same, and the trial is judged. Only where desk_instance.versions. */
void engine_reload_called(struct engine *e, uint16_t instance, const struct strat_event *ev,
			  const struct proposal *live, int n);
/* News of a pair, for its trial. */
void engine_reload_news(struct engine *e, const struct pair *p, enum pair_state to);
/* A pair that a version proposed which does not trade: a shadow's is recorded. */
void engine_reload_unheard(struct engine *e, uint16_t instance, const struct strategy *s,
			   const struct proposal *p);
/* Does this version get events of its own, timers: is it the one that trades, or its shadow? */
bool engine_reload_runs(struct engine *e, uint16_t instance, const struct strategy *s);
/* A proposal of the live version was refused by this limit. */
void engine_reload_refused(struct engine *e, uint16_t instance, enum risk_limit l);
/* Who hears of this pair: the version that opened it, else the one that trades. */
struct strategy *engine_reload_whose(struct engine *e, const struct pair *p);
/* The first version of an instance, as the host starts with it. */
void engine_reload_first(struct engine *e, uint16_t instance, struct strategy *s);
