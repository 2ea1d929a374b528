/* control - the socket through which an operator speaks to a running host: one line in, one line back.
 *
 * A Unix socket of mode 0600 beside the store. A thread of its own accepts, reads a command, hands it to the engine through the
 * env and waits for its answer; the engine never waits for anybody here. A line is `VERB SCOPE\tWHY`. */
#pragma once
#include "core/io/env.h"

struct control;

/* `env` is a live one. -ERR_IO: the socket cannot be made. */
int control_open(const char *path, struct env *env, struct control **out);
void control_close(struct control *c); /* ends the thread, removes the socket */

/* The other end: sends one command, copies the answer. -ERR_NOTFOUND: no host there; -ERR_TIMEOUT. */
int control_ask(const char *path, enum env_command_kind kind, const char *scope, const char *why,
		char *answer, size_t cap);
const char *control_verb(enum env_command_kind kind);
