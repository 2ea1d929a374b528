#include "core/base/log.h"
#include "core/base/must.h"
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1024
#define NAME_WORDS     2

static const char *const names[] = {
	[LOG_DEBUG] = "DEBUG",
	[LOG_INFO] = "INFO",
	[LOG_WARN] = "WARN",
	[LOG_ERROR] = "ERROR",
};
_Static_assert(sizeof(names) / sizeof(names[0]) == log_level_max, "a name for every level");

/* One stream, one level and one name a process: globals by nature. */
static _Atomic int min_level = LOG_INFO;
static _Atomic unsigned long long name_words[NAME_WORDS];

void log_set_level(enum log_level min)
{
	must(min >= LOG_DEBUG && min < log_level_max);
	atomic_store(&min_level, (int)min);
}

void log_set_name(const char *name)
{
	unsigned long long words[NAME_WORDS] = { 0 };
	memcpy(words, name, strnlen(name, sizeof(words) - 1));
	for (int i = 0; i < NAME_WORDS; i++)
		atomic_store(&name_words[i], words[i]);
}

static size_t put_head(char *line, size_t cap, enum log_level level)
{
	struct timespec now;
	struct tm utc;
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	unsigned long long words[NAME_WORDS];
	for (int i = 0; i < NAME_WORDS; i++)
		words[i] = atomic_load(&name_words[i]);
	const char *name = (const char *)words;
	size_t n = strftime(line, cap, "%Y-%m-%dT%H:%M:%S", &utc);
	n += (size_t)snprintf(line + n, cap - n, ".%06ldZ %-5s ", now.tv_nsec / 1000, names[level]);
	if (*name)
		n += (size_t)snprintf(line + n, cap - n, "%.15s: ", name);
	return n;
}

void log_at(enum log_level level, const char *fmt, ...)
{
	must(level >= LOG_DEBUG && level < log_level_max);
	if ((int)level < atomic_load_explicit(&min_level, memory_order_relaxed))
		return;
	int kept = errno;
	char line[LINE_MAX_BYTES];
	size_t head = put_head(line, sizeof(line), level), room = sizeof(line) - head;
	errno = kept; /* for %m */
	va_list ap;
	va_start(ap, fmt);
	int wanted = vsnprintf(line + head, room, fmt, ap);
	va_end(ap);
	size_t n = head;
	if (wanted >= 0 && (size_t)wanted < room)
		n += (size_t)wanted;
	else if (wanted >= 0) {
		n = sizeof(line) - 1;
		memcpy(line + n - 3, "...", 3);
	}
	/* Text from outside must not be able to forge a line or move the cursor. */
	for (size_t i = head; i < n; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = ' ';
	line[n++] = '\n';
	if (write(STDERR_FILENO, line, n) < 0)
		n = 0; /* nowhere left to say it */
	errno = kept;
}
