/* config_errors - everything that is wrong with a configuration, collected, so that a person mends it in one go.
 *
 * Each says where, what, why and what to do: "desk.lua:12: what; why; what to do". The first hundred are kept, the rest are
 * counted. One owner; no allocation. */
#pragma once
#include <stdint.h>
#include <stdio.h>

#define CONFIG_ERRORS_MAX 100

struct config_error {
	int line, column; /* from 1; line 0: the file as a whole */
	char text[640];
};

struct config_errors {
	char file[256]; /* as the caller named it */
	uint32_t n;	/* kept */
	uint32_t more;	/* found after the table was full */
	struct config_error error[CONFIG_ERRORS_MAX];
};

/* Empties the table and names the file that it is about. */
void config_errors_init(struct config_errors *e, const char *file);
void config_errors_add(struct config_errors *e, int line, int column, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* By line and column; what was found first at one place stays first. */
void config_errors_sort(struct config_errors *e);
/* One line each, "file:line: text", and how many more there were. */
void config_errors_print(const struct config_errors *e, FILE *f);
