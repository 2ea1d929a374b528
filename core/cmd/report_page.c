#include "core/cmd/report_page.h"
#include "core/base/date.h"
#include "core/base/digest.h"
#include "core/base/err.h"
#include "core/base/page.h"
#include "core/cmd/script_text.h"
#include "core/cmd/tell.h"
#include "core/cmd/tz.h"
#include "store/note.h"
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SAY	   600
#define DIFF_SHOWN 65536 /* bytes of one difference */

#define ARGS(...) ((const char *const[REPORT_ARGS]){ __VA_ARGS__ })

static const char *num(uint64_t v)
{
	return tell_dec((int64_t)v, 0);
}

static const char *say(const struct report_page *p, enum report_word w,
		       const char *const arg[REPORT_ARGS], char out[SAY])
{
	return report_say(p->lang, w, arg, out, SAY);
}

static void fact(FILE *f, const struct report_page *p, enum report_word name, const char *text)
{
	page_fact(f, report_word(p->lang, name), "%s", text);
}

/* ---- at a glance */

static void put_sequence(const struct report *r, const struct report_page *p, FILE *f)
{
	const struct report_figures *g = &r->fig;
	char text[SAY];
	if (g->missing)
		say(p, W_GAPS,
		    ARGS(num(g->walked), num(g->missing), num(g->holes), num(g->first_hole)), text);
	else
		say(p, W_GAPLESS, ARGS(num(g->walked)), text);
	fact(f, p, W_COMPLETE, text);
	if (g->archived)
		fact(f, p, W_ARCHIVED, num(g->archived));
}

static void put_glance(const struct report *r, const struct report_page *p, FILE *f)
{
	const struct report_figures *g = &r->fig;
	char text[SAY];
	page_heading(f, 2, "glance", report_word(p->lang, W_AT_A_GLANCE));
	page_facts_open(f);
	put_sequence(r, p, f);
	fact(f, p, W_N_ORDERS, num(g->orders));
	fact(f, p, W_N_FILLS, num(g->fills));
	fact(f, p, W_N_CANCELS, num(g->cancels));
	fact(f, p, W_N_REJECTS, num(g->rejects));
	fact(f, p, W_N_PAIRS,
	     say(p, W_PAIR_ENDS,
		 ARGS(num(g->pairs), num(g->hedged), num(g->flat), num(g->held), num(g->refused),
		      num(g->in_flight)),
		 text));
	fact(f, p, W_RESCUED,
	     say(p, W_RESCUE_COST, ARGS(num(g->broke), tell_dec(g->rescue_e8, 8)), text));
	fact(f, p, W_N_BREACHES, num(g->breaches));
	fact(f, p, W_N_ALERTS,
	     say(p, W_ALERTS_OPEN, ARGS(num(g->alerts), num(g->critical), num(g->acked)), text));
	fact(f, p, W_N_KILLS, num(g->kills));
	page_table_close(f);
}

/* ---- scripts */

/* Of a diff so much as people read. */
static void put_text(FILE *f, int fd)
{
	static char text[DIFF_SHOWN + 1];
	ssize_t n = pread(fd, text, DIFF_SHOWN, 0);
	text[n > 0 ? n : 0] = 0;
	fputs("<pre>", f);
	for (char *at = text, *line; (line = strsep(&at, "\n")) != NULL;) {
		page_text(f, line);
		fputc('\n', f);
	}
	fputs(n == DIFF_SHOWN ? "...</pre>\n" : "</pre>\n", f);
}

static void put_diffs(struct report *r, const struct report_page *p, FILE *f)
{
	char text[SAY];
	for (uint32_t i = 0; i < r->n_diffs; i++) {
		const char *from = report_name(r, NAME_SCRIPT, r->diff[i].from),
			   *to = report_name(r, NAME_SCRIPT, r->diff[i].to);
		char a[16], b[16];
		snprintf(a, sizeof a, "%.12s", from);
		snprintf(b, sizeof b, "%.12s", to);
		page_heading(f, 3, NULL,
			     say(p, W_DIFF,
				 ARGS(report_name(r, NAME_INSTANCE, r->diff[i].instance), a, b),
				 text));
		int fd = memfd_create("diff", MFD_CLOEXEC);
		int rc = fd < 0 ? err_set(ERR_IO, "%s", strerror(errno))
				: script_diff(r->reader, from, to, fd);
		if (rc)
			page_para(f, "dim", "%s", say(p, W_DIFF_NOT, ARGS(err_text()), text));
		else
			put_text(f, fd);
		if (fd >= 0)
			close(fd);
	}
}

/* ---- checkpoint and root */

static void put_audit(const struct report *r, const struct report_page *p, FILE *f)
{
	char note[NOTE_MAX], key[NOTE_PUBLIC], hex[DIGEST_HEX], text[SAY];
	struct note_checkpoint c = { 0 };
	struct note_key *k = NULL;
	page_heading(f, 2, "audit", report_word(p->lang, W_AUDIT));
	if (reader_checkpoint(r->reader, note, sizeof note, key, sizeof key)) {
		page_para(f, "dim", "%s", report_word(p->lang, W_UNSIGNED));
		return;
	}
	int rc = note_key_public(key, &k);
	rc = rc ? rc : note_open(k, note, strlen(note), &c);
	note_key_free(k);
	page_facts_open(f);
	fact(f, p, W_SIGNED, rc ? err_text() : report_word(p->lang, W_SIGNED_GOOD));
	if (!rc) {
		digest_hex(c.root.b, MERKLE_HASH, hex);
		fact(f, p, W_LOG_NAME, c.origin);
		fact(f, p, W_SIZE, num(c.size));
		fact(f, p, W_ROOT, hex);
		fact(f, p, W_COVERED,
		     c.size >= r->fig.last_seq ? report_word(p->lang, W_COVERED_ALL)
					       : say(p, W_COVERED_NOT, ARGS(num(c.size)), text));
	}
	fact(f, p, W_KEY, key);
	page_table_close(f);
}

/* ---- the page */

static void put_top(const struct report *r, const struct report_page *p, FILE *f)
{
	const struct report_figures *g = &r->fig;
	char day[12], text[SAY];
	date_format(r->day.date, day);
	page_open(f, report_lang_tag(p->lang), say(p, W_TITLE, ARGS(day), text));
	page_para(f, "", "%s",
		  say(p, W_MADE,
		      ARGS(p->store, num(g->first_seq), num(g->last_seq), num(g->receipts),
			   tz_label()),
		      text));
	page_para(f, "dim", "%s", report_word(p->lang, r->day.n_heads ? W_DAY_TRADING : W_DAY_UTC));
}

static void put_files(const struct report *r, const struct report_page *p, FILE *f)
{
	char files[80];
	if (!report_out_files(r->out, SHEET_ORDERS, files, sizeof files)[0])
		return;
	page_heading(f, 2, "files", report_word(p->lang, W_FILES));
	page_table_open(f, "|#");
	for (unsigned s = 0; s < report_sheet_max; s++) {
		page_row_open(f);
		page_cell(f, "%s",
			  report_out_files(r->out, (enum report_sheet)s, files, sizeof files));
		page_number(f, "%s", num(report_rows(r->out, (enum report_sheet)s)));
		page_row_close(f);
	}
	page_table_close(f);
}

int report_page_write(struct report *r, const struct report_page *p, FILE *f)
{
	put_top(r, p, f);
	put_glance(r, p, f);
	page_heading(f, 2, "plots", report_word(p->lang, W_PLOTS));
	int rc = report_plots(r, p, f);
	for (unsigned s = 0; s < report_sheet_max; s++) {
		report_out_page(r->out, (enum report_sheet)s, f);
		if (s == SHEET_MEASURES)
			page_para(f, "dim", "%s", report_word(p->lang, W_MEASURES_NOTE));
		else if (s == SHEET_CLOCKS)
			page_para(f, "dim", "%s", report_word(p->lang, W_CLOCKS_NOTE));
		else if (s == SHEET_SCRIPTS)
			put_diffs(r, p, f);
	}
	put_audit(r, p, f);
	put_files(r, p, f);
	int closed = page_close(f);
	return rc ? rc : closed;
}
