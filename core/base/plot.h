/* plot - lines and steps over two axes as an SVG picture: a benchmark's or a report's figures for eyes.
 *
 * What is drawn is given whole; points that are not finite, or not above zero on a logarithmic axis, break their line. Cold path; no state; the series' points are
 * the caller's. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define PLOT_SERIES 8

struct plot_series {
	const char *name; /* UTF-8; in the legend */
	const double *x, *y;
	size_t n;
	bool step;	  /* y holds until the next x */
	bool dashed;	  /* what it is measured against */
	bool points;	  /* a dot on each */
	bool only_points; /* and no line between them */
};

struct plot_axis {
	const char *label; /* NULL: none */
	bool log;
	double from, to; /* both 0: wide enough for all points */
};

struct plot {
	const char *title;
	const char *
		id; /* of what it refers to within itself, where several stand on one page; NULL: "in" */
	struct plot_axis x, y;
	unsigned width, height; /* px; 0: 800 x 480 */
	unsigned n_series;
	struct plot_series series[PLOT_SERIES];
};

/* -ERR_RANGE: more series than it has colours for, or an axis that is upside down; -ERR_IO. Without a point to draw it says so in the picture. */
int plot_svg(const struct plot *p, FILE *out);
