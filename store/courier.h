/* courier - takes the newest checkpoint out of the store's reach: into a file, or to a command.
 *
 * A thread of its own, so that a slow disk or network holds nobody; what is overtaken by a newer one is not sent. What fails is logged once and tried again with the
 * next. A file is replaced whole. A command runs in a shell with the checkpoint as its input, 10 s at most; anything but exit code 0 is a failure. */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct courier;

/* to: a file's path, or "|" and a command. -ERR_NOMEM. */
int courier_open(const char *to, struct courier **out);
void courier_send(struct courier *c, const char *note, size_t n); /* never waits */
/* Sends what is left, then ends. */
void courier_close(struct courier *c);
/* What has changed since it was asked last: 1: they do not get out any more, `why`; 2: they do again; 0: nothing, or nobody can say at once. Never waits. */
enum { COURIER_FAILS = 1, COURIER_AGAIN };
int courier_news(struct courier *c, char *why, size_t cap);
uint64_t courier_sent(struct courier *c);
uint64_t courier_failed(struct courier *c);
