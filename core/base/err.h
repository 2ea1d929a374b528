/* err - how a failure tells a person what went wrong: a code to act on and a text to read.
 *
 * Every function that can fail returns 0 or a negative code. The text is set once, where the
 * failure is found, in an area of the calling thread; callers on the way up add where they were.
 * It is logged and counted once, at the edge of the thread. Any thread; no allocation. */
#pragma once
#include <stddef.h>

enum err {
	ERR_OK,
	ERR_ARG,	 /* the caller asked for something that has no meaning */
	ERR_PARSE,	 /* bytes that do not follow their format */
	ERR_RANGE,	 /* a number that does not fit, or lies outside its limits */
	ERR_STATE,	 /* not now: the thing is in a state that does not allow it */
	ERR_FULL,	 /* a bounded place has no room */
	ERR_NOTFOUND,	 /* no such thing */
	ERR_EXISTS,	 /* it is there already */
	ERR_IO,		 /* the disk or the operating system said no */
	ERR_NET,	 /* a connection failed or broke */
	ERR_TLS,	 /* a certificate or a handshake was refused */
	ERR_AUTH,	 /* a key or a signature was refused */
	ERR_TIMEOUT,	 /* no answer in time: the outcome is unknown */
	ERR_CLOSED,	 /* the other side ended it in order */
	ERR_BUSY,	 /* somebody else holds it */
	ERR_CORRUPT,	 /* stored bytes that are not what was written */
	ERR_CONFIG,	 /* the configuration asks for something that cannot be */
	ERR_LIMIT,	 /* a limit that was set forbids it */
	ERR_SCRIPT,	 /* a strategy raised, ran over its budget, or proposed nonsense */
	ERR_NOMEM,	 /* no memory */
	ERR_UNSUPPORTED, /* the other side has no such thing to offer */
	err_max
};

/* Set this thread's text and return -code, so that `return err_set(ERR_X, ...)` reads well. */
int err_set(enum err code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Put "context: " before the text and hand rc through. */
int err_ctx(int rc, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The text of the last err_set on this thread; never NULL; valid until the next one. */
const char *err_text(void);
/* "ERR_PARSE" for 2 or -2; "ERR_?" for what is no code. */
const char *err_name(int code);
