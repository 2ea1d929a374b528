/* control - the socket through which an operator speaks to a running host: one line in, one line back.
 *
 * A Unix socket of mode 0600 beside the store. A thread of its own accepts, reads a command, hands it to the engine through the
 * env and waits for its answer; the engine never waits for anybody here. A line is `VERB SCOPE\tWHY\tARG`, the last two where there are any; an answer begins
 * with "ok" or "no". A list (list.h) is asked for page by page: rows, each a line that begins with '+', and then "ok: N", the place where the next page begins, or "ok".
 * Sixteen may be connected at once, and none delays another: who says nothing for a second, or does not read, is let go, at once where somebody else wants
 * his place; an answer is waited for for 5 s. */
#pragma once
#include "core/io/env.h"

struct control;

/* `env` is a live one. -ERR_CONFIG: the path is too long for a socket; -ERR_EXISTS: something else lies there; -ERR_IO; -ERR_NOMEM. */
int control_open(const char *path, struct env *env, struct control **out);
void control_close(struct control *c); /* ends the thread, removes the socket */

/* Takes a line apart; its id and who remain the caller's. -ERR_PARSE: no verb in it, or a word that is too long; -ERR_NOTFOUND: no such verb. */
int control_parse(const char *line, struct env_command *c);
/* The other end: sends one command, copies the answer. -ERR_ARG: scope or why cannot be sent; -ERR_NOTFOUND: no host there; -ERR_TIMEOUT;
 * -ERR_LIMIT: the host said no, and the text is what it said. */
int control_ask(const char *path, enum env_command_kind kind, const char *scope, const char *why,
		char *answer, size_t cap);
/* The same with all that a command may hold; its id and who are not sent. */
int control_tell(const char *path, const struct env_command *c, char *answer, size_t cap);
/* Asks for all pages of a list, and hands over each row without its mark. A non-zero answer of fn ends it and is returned. */
typedef int (*control_row_fn)(void *arg, char *row);
int control_list(const char *path, enum env_command_kind kind, control_row_fn fn, void *arg);
/* Does a host listen there? */
bool control_listens(const char *path);
const char *control_verb(enum env_command_kind kind);
