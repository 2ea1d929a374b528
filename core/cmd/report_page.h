/* report_page - a report as one page for people: what the day came to, pictures, the first rows of each table, where the rest stands. Nothing is fetched, nothing runs. */
#pragma once
#include "core/cmd/report.h"

struct report_page {
	const char *store; /* as it was typed */
	enum report_lang lang;
};

/* After report_run. -ERR_IO, -ERR_NOMEM. */
int report_page_write(struct report *r, const struct report_page *p, FILE *page);
/* The pictures (report_plot.c). */
int report_plots(const struct report *r, const struct report_page *p, FILE *page);
