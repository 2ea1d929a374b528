/* cmd_explain - `tandem explain DB PAIR`: one pair's story, from the quote that decided it to its end, with microseconds. */
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/base/json_out.h"
#include "core/cmd/cmd.h"
#include "core/cmd/row.h"
#include "core/cmd/screen.h"
#include "core/cmd/story.h"
#include "core/cmd/tell.h"
#include "core/trade/pair.h"
#include <argp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BACK_MAX       1000
#define SHOWN_PAIRS    5
#define JSON_A_RECEIPT 4096
#define JSON_HEAD      8192
#define HEAD_AT	       13 /* column at which the head's values begin */

struct explain {
	const char *path, *which;
	bool json, colour;
	unsigned width; /* of the terminal; 0: none */
	struct reader *reader;
	struct story story;
};

/* How wide the columns of a story are. */
struct columns {
	int us, seq, cause, what;
};

static const struct argp_option options[] = {
	{ "json", 'j', 0, 0, "one JSON object", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct explain *e = state->input;
	switch (key) {
	case 'j':
		e->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num > 1)
			argp_error(state, "one pair at a time: %s is a second", arg);
		*(state->arg_num ? &e->which : &e->path) = arg;
		return 0;
	case ARGP_KEY_END:
		if (state->arg_num < 2)
			argp_error(state, "a store and a pair are needed: DB PAIR");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* ---- which pair */

static int back(struct explain *e, uint32_t k, uint64_t *pair)
{
	uint64_t id[BACK_MAX];
	uint32_t n;
	int rc = reader_last_pairs(e->reader, id, k, &n);
	if (rc)
		return rc;
	if (n < k)
		return err_set(ERR_NOTFOUND, "there are only %u pairs", n);
	*pair = id[k - 1];
	return 0;
}

/* "last"; a short number counts back, 1 is the last; 16 hex digits are an id. */
static int find_pair(struct explain *e, uint64_t *pair)
{
	char *end;
	size_t n = strlen(e->which);
	if (strcmp(e->which, "last") == 0)
		return back(e, 1, pair);
	if (n <= 4 && n > 0 && strspn(e->which, "0123456789") == n && atoi(e->which) > 0 &&
	    atoi(e->which) <= BACK_MAX)
		return back(e, (uint32_t)atoi(e->which), pair);
	*pair = strtoull(e->which, &end, 16);
	if (*end || !n || n > 18 || e->which[0] == '-')
		return err_set(ERR_NOTFOUND,
			       "\"%s\" is no pair: 16 hex digits, \"last\", or how many back "
			       "(1 to %d)",
			       e->which, BACK_MAX);
	return 0;
}

/* Whoever asked for a wrong pair sees which there are. */
static int not_there(struct explain *e)
{
	uint64_t id[SHOWN_PAIRS];
	uint32_t n;
	fprintf(stderr, "tandem explain: %s: %s\n", e->path, err_text());
	if (reader_last_pairs(e->reader, id, SHOWN_PAIRS, &n) || n == 0) {
		fprintf(stderr, "  there are no pairs among its %" PRIu64 " receipts\n",
			reader_last(e->reader));
		return EXIT_CHECK;
	}
	fprintf(stderr, n == 1 ? "  the only pair is" : "  the last %u pairs are", n);
	for (uint32_t i = 0; i < n; i++)
		fprintf(stderr, " %016" PRIx64, id[i]);
	fputc('\n', stderr);
	return EXIT_CHECK;
}

/* ---- words */

static const char *state_text(const struct story *s)
{
	return s->state < pair_state_max ? pair_state_name((enum pair_state)s->state) : "?";
}

static const char *intent_text(const struct story *s)
{
	return s->intent < pair_intent_max ? pair_intent_name((enum pair_intent)s->intent) : "?";
}

/* Escape sequences only where a terminal reads them. */
static const char *ink(const struct explain *e, const char *code)
{
	return e->colour ? code : "";
}

#define INK_BOLD  "\033[1m"
#define INK_DIM	  "\033[2m"
#define INK_RED	  "\033[31m"
#define INK_GREEN "\033[32m"
#define INK_BLUE  "\033[34m"
#define INK_OFF	  "\033[0m"

static const char *ink_of_state(uint8_t state)
{
	switch ((enum pair_state)state) {
	case PAIR_HEDGED:
	case PAIR_FLAT:
		return INK_GREEN;
	case PAIR_BROKEN:
	case PAIR_HELD:
	case PAIR_REFUSED:
	case PAIR_COMPLETING:
	case PAIR_UNWINDING:
		return INK_RED;
	default:
		return "";
	}
}

static const char *ink_of(const struct fact *f)
{
	switch ((enum fact_kind)f->kind) {
	case FACT_QUOTE:
	case FACT_DECISION:
	case FACT_LEG:
		return INK_DIM;
	case FACT_PAIR:
		return ink_of_state(f->state);
	case FACT_FILL:
		return INK_GREEN;
	case FACT_REJECTED:
	case FACT_UNKNOWN:
	case FACT_BUST:
	case FACT_RISK:
	case FACT_GATE:
	case FACT_RESCUE:
	case FACT_ALERT:
		return INK_RED;
	case FACT_ORDER:
		return INK_BLUE;
	default:
		return "";
	}
}

/* A line of the head: its name, and a text that is broken where the terminal ends. */
static void head(const struct explain *e, const char *name, const char *text)
{
	printf("  %-*s", HEAD_AT - 2, name);
	screen_text(stdout, text, HEAD_AT, HEAD_AT, e->width);
}

static const char *plural(uint32_t n)
{
	return n == 1 ? "" : "s";
}

/* Proposed by no script: the core's own, about a position that is held. */
static bool own_pair(const struct story *s)
{
	return s->intent == INTENT_REPAIR || s->intent == INTENT_FLATTEN;
}

static const char *leg_verb(const struct story *s, const struct story_leg *l)
{
	bool buys = l->f.side == SIDE_BUY;
	if (!own_pair(s))
		return buys ? "buy" : "sell";
	if (s->intent == INTENT_FLATTEN)
		return l->held_qty < 0 ? "close short" : "close long";
	return l->held_qty < 0 ? "holds short" : "holds long";
}

static void show_leg(const struct explain *e, unsigned i)
{
	const struct story_leg *l = &e->story.leg[i];
	const struct fact *f = &l->f;
	if (!l->known)
		return;
	int64_t qty =
		own_pair(&e->story) ? (l->held_qty < 0 ? -l->held_qty : l->held_qty) : l->want_qty;
	printf("  leg %u      %s %s %s, account %s at %s\n", i, leg_verb(&e->story, l),
	       tell_dec(qty, f->qty_dp), tell_name(e->reader, NAME_INSTRUMENT, f->instrument),
	       tell_name(e->reader, NAME_ACCOUNT, f->account),
	       tell_name(e->reader, NAME_VENUE, f->venue));
	if (own_pair(&e->story))
		printf("             marked at %s\n", tell_dec(l->ref_px, f->px_dp));
	else
		printf("             trigger %s, limit %s\n", tell_dec(l->ref_px, f->px_dp),
		       tell_dec(l->limit_px, f->px_dp));
	if (!l->own_qty && !l->net_qty) {
		printf("             nothing filled\n");
		return;
	}
	struct fact average = *f;
	average.px = story_average_px(l);
	average.side ^= e->story.intent == INTENT_FLATTEN; /* it was traded against what it held */
	char text[400];
	size_t n =
		(size_t)snprintf(text, sizeof(text), "%s %s at %s%s; net %s",
				 e->story.intent == INTENT_FLATTEN ? "closed" : "filled",
				 tell_dec(l->own_qty, f->qty_dp), tell_dec(average.px, f->px_dp),
				 tell_slip(&e->story, &average), tell_dec(l->net_qty, f->qty_dp));
	for (unsigned k = 0; k < STORY_FEES && l->fee[k].sum_e8 && n < sizeof(text); k++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, ", fee %s %s",
				      tell_dec(l->fee[k].sum_e8, 8),
				      tell_name(e->reader, NAME_ASSET, l->fee[k].asset));
	head(e, "", text);
}

static void show_head(struct explain *e)
{
	struct story *s = &e->story;
	tell_plain(s->asked.text);
	tell_plain(s->why);
	const struct fact *script = &s->script_fact;
	char time[32], instance[2 * ROW_TEXT];
	row_time(s->utc_ns, time);
	printf("%spair %016" PRIx64 "%s  %s, %s%s%s after %s us\n", ink(e, INK_BOLD), s->pair,
	       ink(e, INK_OFF), intent_text(s), ink(e, ink_of_state(s->state)), state_text(s),
	       ink(e, INK_OFF), tell_dec(s->took_ns / 100, 1));
	head(e, "decided", time);
	if (s->asked.kind != FACT_NONE)
		head(e, s->intent == INTENT_FLATTEN ? "asked" : "moved by", s->asked.text);
	int n = snprintf(instance, sizeof(instance), "%s",
			 tell_name(e->reader, NAME_INSTANCE, s->instance));
	if (script->kind == FACT_SCRIPT)
		n += snprintf(instance + n, sizeof(instance) - (size_t)n,
			      ", script %s version %" PRId64, script->text, script->num[0]);
	snprintf(instance + n, sizeof(instance) - (size_t)n, ", sha256 %.16s...",
		 tell_name(e->reader, NAME_SCRIPT, s->script));
	head(e, "instance", instance);
	if (s->session.kind == FACT_SESSION_OPEN)
		head(e, "host", s->session.text);
	for (unsigned i = 0; i < s->n_legs; i++)
		show_leg(e, i);
	printf("  outcome    %s%s%s with %u order%s, %u fill%s, %u rescue step%s\n",
	       ink(e, ink_of_state(s->state)), state_text(s), ink(e, INK_OFF), s->orders,
	       plural(s->orders), s->fills, plural(s->fills), s->rescues, plural(s->rescues));
	if (s->ended && s->why[0])
		head(e, "", s->why);
	printf("             unhedged %s, the instance carries %s (base units)\n",
	       tell_dec(s->imbalance_e8, 8), tell_dec(s->residual_e8, 8));
	if (!s->ended)
		printf("  it has not ended%s\n",
		       reader_host(e->reader) ? ": its host is at it" : ", and no host is running");
	if (s->cut)
		printf("  only the first %d receipts are shown\n", STORY_MAX);
}

/* The columns of one event, as texts. */
struct event_text {
	char us[24], seq[24], cause[24], what[ROW_NAME + 8];
};

static void event_text(const struct explain *e, const struct fact *f, struct event_text *t)
{
	struct row row;
	row_make(&row, e->reader, f);
	dec_format(story_since_ns(&e->story, f) / 100, 1, 1, t->us);
	snprintf(t->seq, sizeof(t->seq), "%" PRIu64, f->seq);
	snprintf(t->cause, sizeof(t->cause), f->cause ? "%" PRIu64 : "", f->cause);
	row_what(&row, t->what, sizeof(t->what));
}

static void widen(int *width, const char *text)
{
	int n = (int)strlen(text);
	*width = n > *width ? n : *width;
}

static void show_event(const struct explain *e, const struct columns *c, const struct fact *f)
{
	struct event_text t;
	char words[TELL_BYTES];
	event_text(e, f, &t);
	tell(&e->story, e->reader, f, words);
	printf("%*s  %*s  %*s  %s%-*s  ", c->us, t.us, c->seq, t.seq, c->cause, t.cause,
	       ink(e, ink_of(f)), c->what, t.what);
	screen_text(stdout, words, (unsigned)(c->us + c->seq + c->cause + c->what) + 8, HEAD_AT,
		    e->width);
	fputs(ink(e, ink_of(f)[0] ? INK_OFF : ""), stdout);
}

static void show_text(struct explain *e)
{
	struct columns c = { 2, 7, 5, 9 }; /* of their headings */
	struct event_text t;
	for (uint32_t i = 0; i < e->story.n; i++) {
		event_text(e, &e->story.fact[i], &t);
		widen(&c.us, t.us);
		widen(&c.seq, t.seq);
		widen(&c.cause, t.cause);
		widen(&c.what, t.what);
	}
	show_head(e);
	printf("\n%*s  %*s  %*s  %s\n", c.us, "us", c.seq, "receipt", c.cause, "cause",
	       "what, leg");
	for (uint32_t i = 0; i < e->story.n; i++)
		show_event(e, &c, &e->story.fact[i]);
}

/* ---- JSON */

static void json_name(struct json_out *j, const struct explain *e, const char *key,
		      enum name_space space, uint32_t id)
{
	if (id)
		json_str(j, key, tell_name(e->reader, space, id));
}

static void json_leg(struct json_out *j, const struct explain *e, unsigned i)
{
	const struct story_leg *l = &e->story.leg[i];
	const struct fact *f = &l->f;
	struct fact average = *f;
	int64_t slip;
	if (!l->known)
		return;
	json_obj(j, NULL);
	json_uint(j, "leg", i);
	json_name(j, e, "instrument", NAME_INSTRUMENT, f->instrument);
	json_name(j, e, "account", NAME_ACCOUNT, f->account);
	json_name(j, e, "venue", NAME_VENUE, f->venue);
	json_str(j, "side", f->side == SIDE_BUY ? "buy" : "sell");
	json_dec(j, "want_qty", l->want_qty, f->qty_dp);
	if (own_pair(&e->story))
		json_dec(j, "held_qty", l->held_qty, f->qty_dp);
	json_dec(j, "trigger_px", l->ref_px, f->px_dp);
	json_dec(j, "limit_px", l->limit_px, f->px_dp);
	json_dec(j, "filled_qty", l->own_qty, f->qty_dp);
	json_dec(j, "net_qty", l->net_qty, f->qty_dp);
	average.px = story_average_px(l);
	average.side ^= e->story.intent == INTENT_FLATTEN; /* it was traded against what it held */
	if (l->own_qty > 0) {
		json_dec(j, "average_px", average.px, f->px_dp);
		if (story_slip(&e->story, &average, &slip))
			json_dec(j, "slippage_ticks", slip, 2);
	}
	json_arr(j, "fees");
	for (unsigned k = 0; k < STORY_FEES && l->fee[k].sum_e8; k++) {
		json_obj(j, NULL);
		json_dec(j, "fee", l->fee[k].sum_e8, 8);
		json_name(j, e, "asset", NAME_ASSET, l->fee[k].asset);
		json_obj_end(j);
	}
	json_arr_end(j);
	json_obj_end(j);
}

static void json_event(struct json_out *j, const struct explain *e, const struct fact *f)
{
	char words[TELL_BYTES];
	struct row row;
	int64_t slip;
	row_make(&row, e->reader, f);
	tell(&e->story, e->reader, f, words);
	json_obj(j, NULL);
	json_dec(j, "us", story_since_ns(&e->story, f), 3);
	row_json(&row, j);
	if (f->kind == FACT_FILL && story_slip(&e->story, f, &slip))
		json_dec(j, "slippage_ticks", slip, 2);
	json_str(j, "text", words);
	json_obj_end(j);
}

static void json_head(struct json_out *j, const struct explain *e)
{
	const struct story *s = &e->story;
	char id[24];
	snprintf(id, sizeof(id), "%016" PRIx64, s->pair);
	json_str(j, "pair", id);
	json_str(j, "intent", intent_text(s));
	json_str(j, "state", state_text(s));
	json_bool(j, "ended", s->ended);
	json_str(j, "why", s->why);
	if (s->asked.kind != FACT_NONE)
		json_str(j, "asked", s->asked.text);
	json_int(j, "utc_ns", s->utc_ns);
	json_dec(j, "took_us", s->took_ns, 3);
	json_name(j, e, "instance", NAME_INSTANCE, s->instance);
	json_name(j, e, "script_sha256", NAME_SCRIPT, s->script);
	if (s->script_fact.kind == FACT_SCRIPT) {
		json_str(j, "script", s->script_fact.text);
		json_int(j, "script_version", s->script_fact.num[0]);
	}
	if (s->session.kind == FACT_SESSION_OPEN)
		json_str(j, "host", s->session.text);
	json_dec(j, "imbalance_base", s->imbalance_e8, 8);
	json_dec(j, "residual_base", s->residual_e8, 8);
	json_uint(j, "orders", s->orders);
	json_uint(j, "fills", s->fills);
	json_uint(j, "rescues", s->rescues);
	json_bool(j, "cut", s->cut);
}

static int show_json(const struct explain *e)
{
	const struct story *s = &e->story;
	size_t cap = JSON_HEAD + (size_t)s->n * JSON_A_RECEIPT;
	char *buf = malloc(cap);
	if (!buf)
		return err_set(ERR_NOMEM, "no memory for a story of %u receipts", s->n);
	struct json_out j;
	json_out_init(&j, buf, cap);
	json_obj(&j, NULL);
	json_head(&j, e);
	json_arr(&j, "legs");
	for (unsigned i = 0; i < s->n_legs; i++)
		json_leg(&j, e, i);
	json_arr_end(&j);
	json_arr(&j, "events");
	for (uint32_t i = 0; i < s->n; i++)
		json_event(&j, e, &s->fact[i]);
	json_arr_end(&j);
	json_obj_end(&j);
	int rc = j.full ? err_set(ERR_FULL, "the story does not fit its buffer") : 0;
	if (!rc)
		puts(buf);
	free(buf);
	return rc;
}

static int world(void)
{
	fprintf(stderr, "tandem explain: %s\n", err_text());
	return EXIT_WORLD;
}

static int answer(struct explain *e)
{
	uint64_t pair = 0;
	int rc = find_pair(e, &pair);
	if (!rc)
		rc = story_gather(e->reader, pair, &e->story);
	if (rc == -ERR_NOTFOUND)
		return not_there(e);
	if (!rc && e->json)
		rc = show_json(e);
	else if (!rc)
		show_text(e);
	story_free(&e->story);
	return rc ? world() : EXIT_OK;
}

int cmd_explain(int argc, char **argv)
{
	static const struct argp argp = {
		options,
		parse,
		"DB PAIR",
		"One pair's story: the quotes and the decision, the orders, what the venues "
		"answered, the rescue if there was one, and how it ended.\v"
		"PAIR is an id (16 hex digits), \"last\", or a number: how many pairs back, 1 is "
		"the last. Times are microseconds since the quote arrived that decided it; what one turn "
		"decides and sends has that turn's time. Works while the host runs and on the store of a "
		"host that was killed.\n\n"
		"  tandem explain DB last\n"
		"  tandem explain DB 3\n"
		"  tandem explain DB 0000010000000001 --json",
		NULL,
		NULL,
		NULL
	};
	struct explain e = { 0 };
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &e);
	e.width = screen_width(stdout);
	e.colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	if (reader_open(e.path, &e.reader))
		return world();
	int code = answer(&e);
	reader_close(e.reader);
	return code;
}
