/* engine_operator - what an operator may ask of a running engine; nobody but the pages of the engine includes it. Engine's thread. */
#pragma once
#include "core/engine_parts.h"
#include "core/trade/rescue.h"

/* A page of a list (ops/list.h) as rows, and into `answer` the word that ends it. */
/* A page of the open alerts from place `from` on; where the next begins, 0: it was the last. One is acknowledged (engine_alert.c). */
uint32_t engine_list_alerts(struct engine *e, const struct env_command *c, uint32_t from);
void engine_ack(struct engine *e, const struct env_command *c, char *answer, size_t cap);
void engine_list(struct engine *e, const struct env_command *c, char *answer, size_t cap);
/* The receipt of an operator's act; its sequence, for what follows from it. */
uint64_t engine_note_operator(struct desk *d, const struct env_command *c, const char *what);
/* A word on a contract (engine_contract.c); false: the scope names none. */
bool engine_contract(struct engine *e, const struct env_command *c, char *answer, size_t cap);
