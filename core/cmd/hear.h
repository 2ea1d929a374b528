/* hear - writes down what an engine hears: it stands between the engine and each of its ports, hands every call on, and keeps the answer.
 *
 * The engine knows nothing of it. What is written is what replay runs on (inputs.h). Each port that the engine is given is asked for here; venues are told of
 * the engine through hear_host. Engine's thread; it allocates when it is opened. */
#pragma once
#include "core/cmd/inputs.h"
#include "core/engine.h"

struct hear;
struct opening;

/* `to` outlives it. -ERR_NOMEM. */
int hear_open(struct inputs *to, struct hear **out);
void hear_close(struct hear *h); /* NULL: nothing */

struct env *hear_env(struct hear *h, struct env *env);
struct journal *hear_journal(struct hear *h, struct journal *j, uint64_t last_seq);
struct tape *hear_tape(struct hear *h, struct tape *t); /* NULL: none */
struct reload_port *hear_reload(struct hear *h, struct reload_port *p);
struct engine_tap *hear_tap(struct hear *h, struct alert_sinks *sinks);
/* Of engine_parts, whose place the tap takes. */
void hear_outside(struct hear *h, bool (*fn)(void *arg, struct alert_failure *out), void *arg);
/* What an adapter is to be opened with, instead of the engine's own; between the two calls it may tell things already. */
struct venue_host hear_host(struct hear *h, uint16_t v, const struct venue_host *host);
/* What the engine is given for it. It frees the adapter's with itself. -ERR_NOMEM. */
int hear_venue(struct hear *h, struct venue *real, uint32_t n_instruments, struct venue **out);

/* What a life begins with, in this order: itself, its new names, each script as it was loaded, each line-up. */
void hear_life(struct hear *h, const struct input_life *life);
void hear_name(struct hear *h, const struct input_name *n);
void hear_script(struct hear *h, uint16_t instance, const struct input_script *s);
void hear_lineup(struct hear *h, uint16_t instance, const struct input_lineup *l);

/* Between two turns: a memory was saved (told: as a failed call); blocks that are full get their receipts; the last turn was that. */
void hear_saved(struct hear *h, uint16_t instance, const struct strategy *s, int rc, bool told,
		bool stopped);
void hear_idle(struct hear *h, const struct env_now *now);
void hear_end(struct hear *h);
/* Nothing is heard any more. What was heard since hear_end has its receipt in the next life: that of the session's end is the last one of this. */
void hear_finish(struct hear *h);
