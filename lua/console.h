/* console - evaluates lines of Lua against names whose values somebody else fetches: the inside of `tandem repl`.
 *
 * A VM with the sandbox, the memory and the time limits of strategies. What a name stands for is fetched anew for every line, as a copy: nothing that is typed can change
 * what it was copied from. Lines may set names of their own, and those stay. One thread; a fetch runs inside console_eval. */
#pragma once
#include "lua/host.h"
#include <stdbool.h>
#include <stdio.h>

struct console;

/* Fetches the value of a name: exactly one value, made with the functions below. `what` and n: the arguments where it was called, NULL and 0 otherwise. 0, or an
 * error whose text becomes that of the line. */
typedef int (*console_fetch)(void *arg, unsigned name, const char *what, double n,
			     struct console *c);

struct console_name {
	const char *name, *text; /* for people */
	bool call;		 /* it is called: receipts("fill", 20) */
};

/* names end with a name of NULL, and like arg live as long as the console. -ERR_NOMEM, -ERR_STATE. */
int console_open(const struct console_name *names, console_fetch fetch, void *arg,
		 struct console **out);
void console_close(struct console *c);
/* Evaluates an expression or statements, and prints what it comes to: as a person reads it, or as one JSON value a line. -ERR_SCRIPT: the text says what is wrong. */
int console_eval(struct console *c, const char *line, bool json, FILE *out);
/* The i-th way in which `start`, a name or a path like positions[1].own, may go on; NULL: no more. Freed by the caller. */
char *console_complete(struct console *c, const char *start, unsigned i);

/* Inside a fetch. key NULL: the next place of a list, or the value itself. */
void console_begin(struct console *c); /* a table */
void console_end(struct console *c, const char *key);
void console_number(struct console *c, const char *key, double v);
void console_text(struct console *c, const char *key, const char *s); /* NULL or empty: nil */
void console_bool(struct console *c, const char *key, bool v);
