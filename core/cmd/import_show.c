#include "core/cmd/import_show.h"
#include "core/base/dec.h"
#include "core/base/json_out.h"
#include "core/cmd/screen.h"
#include "core/market/tsync.h"
#include <inttypes.h>
#include <string.h>
#include <time.h>

#define BAR 24

/* ---------------------------------------------------------------- the bar */

static void amount(double v, char out[16])
{
	static const char unit[] = " kMG";
	unsigned k = 0;
	for (; v >= 999.5 && k < 3; k++)
		v /= 1000;
	snprintf(out, 16, k ? "%.3g %c" : "%.0f", v, unit[k]);
}

void import_show_progress(FILE *f, const struct import *g, int64_t began_ns, int64_t now_ns)
{
	struct import_totals t;
	char rate[16], left[32] = "";
	unsigned width = screen_width(f);
	double took_s = (double)(now_ns - began_ns) / 1e9 + 1e-9;
	if (!width)
		return;
	import_totals(g, &t);
	amount((double)t.events / took_s, rate);
	if (!t.size_bytes || t.read_bytes > t.size_bytes) {
		fprintf(f, "\r\033[K%" PRIu64 " events, %s/s", t.events, rate);
	} else {
		double part = (double)t.read_bytes / (double)t.size_bytes;
		int full = width < 72 ? 0 : (int)(part * BAR);
		if (part > 0.01 && took_s > 0.5)
			snprintf(left, sizeof left, ", %.0f s left", took_s / part - took_s);
		fprintf(f, "\r\033[K%3.0f %% %.*s%.*s %.1f of %.1f MB, %s events/s%s", 100 * part,
			full, "########################", width < 72 ? 0 : BAR - full,
			"........................", (double)t.read_bytes / 1e6,
			(double)t.size_bytes / 1e6, rate, left);
	}
	fflush(f);
}

void import_show_progress_end(FILE *f)
{
	if (screen_width(f))
		fputs("\r\033[K", f);
}

/* ---------------------------------------------------------------- JSON */

static const char *const open_name[] = { NULL, "lo", "hi", "both" };
_Static_assert(sizeof open_name / sizeof *open_name == tsync_open_max, "a name for each side");

static void put_clock(struct json_out *j, const struct import_clock *c)
{
	json_obj(j, "clock");
	if (c->how == IMPORT_UNKNOWN) {
		json_none(j, "offset_ns");
		json_none(j, "bound_ns");
		json_none(j, "drift_ppb");
	} else {
		json_int(j, "offset_ns", c->offset_ns);
		if (c->bound_ns == INT64_MAX)
			json_none(j, "bound_ns");
		else
			json_int(j, "bound_ns", c->bound_ns);
		json_int(j, "drift_ppb", c->drift_ppb);
		json_int(j, "at_ns", c->at_ns);
	}
	if (c->open)
		json_str(j, "open", open_name[c->open]);
	json_str(j, "how", import_how_name((enum import_how)c->how));
	if (c->how == IMPORT_BY_STAMPS) {
		json_int(j, "delay_ns", c->delay_ns);
		json_uint(j, "steps", c->steps);
		json_uint(j, "refused", c->refused);
	}
	if (c->against[0])
		json_str(j, "against", c->against);
	if (c->why)
		json_str(j, "why", c->why);
	json_obj_end(j);
}

void import_show_json(FILE *f, const struct import *g)
{
	for (unsigned i = 0; i < import_venues(g); i++) {
		const struct import_venue *v = import_venue(g, i);
		char text[2048];
		struct json_out j;
		if (!v->events)
			continue;
		json_out_init(&j, text, sizeof text);
		json_obj(&j, NULL);
		json_str(&j, "venue", v->name);
		json_uint(&j, "events", v->events);
		json_int(&j, "from_ns", v->from_ns);
		json_int(&j, "to_ns", v->to_ns);
		put_clock(&j, &v->clock);
		json_uint(&j, "instruments", v->instruments);
		json_uint(&j, "quotes", v->of[PACK_QUOTE]);
		json_uint(&j, "depth", v->of[PACK_DEPTH]);
		json_uint(&j, "snapshots", v->of[PACK_SNAPSHOT]);
		json_uint(&j, "trades", v->of[PACK_TRADE]);
		json_uint(&j, "backwards", v->backwards);
		json_bool(&j, "no_sizes", v->no_sizes);
		json_obj_end(&j);
		fprintf(f, "%s\n", text);
	}
}

/* ---------------------------------------------------------------- words */

static const char *utc(int64_t ns, char out[32])
{
	time_t s = (time_t)(ns / 1000000000);
	struct tm tm;
	size_t n = 0;
	if (gmtime_r(&s, &tm))
		n = strftime(out, 24, "%Y-%m-%d %H:%M:%S", &tm);
	snprintf(out + n, 8, ".%03d", (int)(ns / 1000000 % 1000));
	return out;
}

/* Seconds, as fine as they are known, with a sign when asked for. */
static const char *seconds(int64_t ns, bool sign, char out[32])
{
	char text[24];
	dec_format(ns / 1000, 6, 3, text);
	snprintf(out, 32, "%s%s s", sign && ns > 0 ? "+" : "", text);
	return out;
}

static void tell_clock(FILE *f, const struct import_venue *v)
{
	const struct import_clock *c = &v->clock;
	char offset[32], bound[32], drift[24];
	fprintf(f, "%-20s ", v->name);
	if (c->how == IMPORT_UNKNOWN) {
		fprintf(f, "not known: %s\n", c->why ? c->why : "");
		return;
	}
	if (c->how == IMPORT_REFERENCE) {
		fprintf(f, "the reference: what the others' clocks are held against\n");
		return;
	}
	fprintf(f, "%s against %s, ", seconds(c->offset_ns, true, offset),
		c->against[0] ? c->against : "the recorder");
	if (c->bound_ns < INT64_MAX)
		fprintf(f, "within %s", seconds(c->bound_ns, false, bound));
	else
		fprintf(f, "%s",
			c->open == TSYNC_OPEN_HI
				? "or more: nothing says how long its messages travel at least (--max-min-delay)"
			: c->open == TSYNC_OPEN_LO ? "or less"
						   : "and no bound to either side");
	dec_format(c->drift_ppb, 3, 3, drift);
	if (c->drift_ppb)
		fprintf(f, "; it %s %s ppm", c->drift_ppb > 0 ? "gains" : "loses",
			drift + (*drift == '-'));
	if (c->steps)
		fprintf(f, "; it jumped %" PRIu32 " time%s", c->steps, c->steps == 1 ? "" : "s");
	fprintf(f, "; by its %s\n", import_how_name((enum import_how)c->how));
}

void import_show_table(FILE *f, const struct import *g)
{
	char from[32], to[32];
	fprintf(f, "%-20s %5s %10s %9s %6s %8s  %-23s  %-23s\n", "venue", "names", "quotes",
		"depth", "books", "trades", "from (UTC)", "to");
	for (unsigned i = 0; i < import_venues(g); i++) {
		const struct import_venue *v = import_venue(g, i);
		if (v->events)
			fprintf(f,
				"%-20s %5u %10" PRIu64 " %9" PRIu64 " %6" PRIu64 " %8" PRIu64
				"  %-23s  %-23s\n",
				v->name, v->instruments, v->of[PACK_QUOTE], v->of[PACK_DEPTH],
				v->of[PACK_SNAPSHOT], v->of[PACK_TRADE], utc(v->from_ns, from),
				utc(v->to_ns, to));
	}
	fprintf(f, "\nclock\n");
	for (unsigned i = 0; i < import_venues(g); i++)
		if (import_venue(g, i)->events)
			tell_clock(f, import_venue(g, i));
}

void import_show_notes(FILE *f, const struct import *g, const char *const *path, unsigned n)
{
	struct import_totals t;
	import_totals(g, &t);
	for (unsigned i = 0; i < t.notes; i++)
		fprintf(f, "%s:%" PRIu64 ": left out: %s\n", t.note[i].path, t.note[i].line,
			t.note[i].why);
	if (t.garbage)
		fprintf(f, "%" PRIu64 " of %" PRIu64 " lines were left out\n", t.garbage, t.lines);
	if (t.other)
		fprintf(f, "%" PRIu64 " frames of other kinds were passed over\n", t.other);
	for (unsigned i = 0; i < n; i++)
		if (import_ended(g, i) != INPUT_WHOLE)
			fprintf(f, "%s: %s; taken as far as it goes\n", path[i],
				input_end_name(import_ended(g, i)));
	for (unsigned i = 0; i < import_venues(g); i++) {
		const struct import_venue *v = import_venue(g, i);
		if (v->backwards)
			fprintf(f,
				"%s: %" PRIu64
				" events arrived before the one in front of them; kept as they came\n",
				v->name, v->backwards);
		if (v->no_sizes)
			fprintf(f,
				"%s: the file has no sizes; --size says what is written for them\n",
				v->name);
	}
}
