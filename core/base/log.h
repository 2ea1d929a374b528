/* log - lines for the operator on standard error: time, level, where, what.
 *
 * Any thread; a line is one write, of at most 1024 bytes; control bytes come out as blanks.
 * Nothing on the engine's hot path logs: facts go into the journal, logs are for the edges. */
#pragma once

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, log_level_max };

/* LOG_INFO until set. */
void log_set_level(enum log_level min);
/* A word put before each line, e.g. "venue"; at most 15 bytes are kept. */
void log_set_name(const char *name);
void log_at(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
#define log_debug(...) log_at(LOG_DEBUG, __VA_ARGS__)
#define log_info(...)  log_at(LOG_INFO, __VA_ARGS__)
#define log_warn(...)  log_at(LOG_WARN, __VA_ARGS__)
#define log_error(...) log_at(LOG_ERROR, __VA_ARGS__)
