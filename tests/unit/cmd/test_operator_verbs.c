/* Proves what an operator's verbs ask of a host and make of its answers: every page as a table or as one JSON object, his words sent whole, refusals with their exit codes. */
#include "core/base/must.h"
#include "core/cmd/cmd.h"
#include "core/io/env_live.h"
#include "core/ops/control.h"
#include "core/ops/list.h"
#include "tests/unit/cmd/run_verb.h"
#include <jansson.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <time.h>

#define POSITIONS 40

/* A host of rows, in a process of its own, since the verbs are forked from this one; what it heard last lies in memory that both see. */
struct host {
	struct env *env;
	_Atomic bool over;
	pid_t pid;
	struct env_command last;
};

static void tell_position(struct host *h, uint32_t id, unsigned i)
{
	struct list_row r;
	list_begin(&r);
	list_text(&r, "spot_demo");
	list_text(&r, i == 7 ? "a \"quoted\" name" : "spot.BTCUSDT");
	list_text(&r, i % 2 ? "nobody" : "cross");
	list_dec(&r, i, 3);
	list_dec(&r, 0, 3);
	list_dec(&r, i, 3);
	list_none(&r);
	list_none(&r);
	list_none(&r);
	list_dec(&r, -9007199254740993 - (int64_t)i, 8);
	list_text(&r, "USDT");
	list_none(&r);
	list_none(&r);
	env_reply(h->env, id, r.text);
}

static void tell(struct host *h, const struct env_command *c)
{
	unsigned at = (unsigned)strtoul(c->arg, NULL, 10);
	char end[32] = "ok";
	switch (c->kind) {
	case CMD_POSITIONS:
		for (unsigned i = at; i < POSITIONS && i < at + ENV_REPLY_ROWS; i++)
			tell_position(h, c->id, i);
		if (at + ENV_REPLY_ROWS < POSITIONS)
			snprintf(end, sizeof end, "ok: %u", at + ENV_REPLY_ROWS);
		break;
	case CMD_PNL:
		env_reply(h->env, c->id, "+one\ttwo");
		break;
	case CMD_RESOLVE:
		snprintf(end, sizeof end,
			 strcmp(c->scope, "bad") ? "ok: told" : "no: it has ended");
		break;
	default:
		break;
	}
	env_reply(h->env, c->id, end);
}

static void serve(struct host *h, const char *path)
{
	struct control *c;
	must(env_live_open(NULL, &h->env) == 0 && control_open(path, h->env, &c) == 0);
	while (!h->over) {
		struct env_now now;
		env_now(h->env, &now);
		env_poll(h->env, now.mono_ns + 5000000);
		for (struct env_command cmd; env_command(h->env, &cmd);) {
			h->last = cmd;
			tell(h, &cmd);
		}
	}
	control_close(c);
	h->env->ops->free(h->env);
	_exit(0);
}

static struct host *begin(void)
{
	char path[96];
	struct host *h =
		mmap(NULL, sizeof *h, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert(h != MAP_FAILED);
	snprintf(path, sizeof path, "%s/control", folder);
	fflush(NULL);
	pid_t child = fork();
	if (child == 0)
		serve(h, path);
	h->pid = child;
	while (!control_listens(path))
		nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
	return h;
}

static void end(struct host *h)
{
	int status;
	h->over = true;
	ck_assert_int_eq(waitpid(h->pid, &status, 0), h->pid);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	munmap(h, sizeof *h);
}

static unsigned lines(const char *s)
{
	unsigned n = 0;
	for (; (s = strchr(s, '\n')); s++)
		n++;
	return n;
}

START_TEST(a_list_is_whole)
{
	struct host *h = begin();
	const struct verb_result *v = verb_run(cmd_positions, folder, NULL);
	ck_assert_int_eq(v->code, EXIT_OK);
	ck_assert_uint_eq(lines(v->out), 1 + POSITIONS);
	ck_assert_int_eq(strncmp(v->out, "account ", 8), 0);
	ck_assert_ptr_null(strstr(v->out, "fees")); /* nothing stands there */
	ck_assert_ptr_null(strstr(v->out, " long"));
	ck_assert_ptr_nonnull(strstr(v->out, "-90071992.54740993"));
	v = verb_run(cmd_positions, folder, "--wide", NULL);
	ck_assert_ptr_nonnull(strstr(v->out, " long"));
	v = verb_run(cmd_positions, folder, "--json", NULL);
	ck_assert_ptr_nonnull(strstr(v->out, "-90071992.54740994")); /* no double could say it */
	json_t *j = json_loads(v->out, 0, NULL), *rows = json_object_get(j, "positions");
	ck_assert(json_is_true(json_object_get(j, "ok")));
	ck_assert_uint_eq(json_array_size(rows), POSITIONS);
	const json_t *seventh = json_array_get(rows, 7);
	ck_assert_str_eq(json_string_value(json_object_get(seventh, "instrument")),
			 "a \"quoted\" name");
	ck_assert(json_is_null(json_object_get(seventh, "mark")));
	ck_assert(json_is_null(json_object_get(seventh, "fees")));
	ck_assert_double_eq(json_number_value(json_object_get(seventh, "net")), 0.007);
	ck_assert_uint_eq(json_object_size(seventh), list_form(CMD_POSITIONS)->n);
	json_decref(j);
	v = verb_run(cmd_positions, folder, "--instance", "nobody", NULL);
	ck_assert_uint_eq(lines(v->out), 1 + POSITIONS / 2);
	end(h);
}
END_TEST

START_TEST(an_empty_list_and_a_strange_one)
{
	struct host *h = begin();
	const struct verb_result *v = verb_run(cmd_held, folder, NULL);
	ck_assert_int_eq(v->code, EXIT_OK);
	ck_assert_str_eq(v->out, "no pair is held or being rescued\n");
	v = verb_run(cmd_held, folder, "--json", NULL);
	ck_assert_str_eq(v->out, "{\"ok\":true,\"held\":[]}\n");
	v = verb_run(cmd_orders, folder, NULL);
	ck_assert_str_eq(v->out, "no open orders\n");
	v = verb_run(cmd_pnl, folder, "--json", NULL);
	ck_assert_int_eq(v->code, EXIT_WORLD);
	ck_assert_ptr_nonnull(strstr(v->err, "another version"));
	ck_assert_int_eq(strncmp(v->out, "{\"ok\":false", 11), 0);
	ck_assert_uint_eq(lines(v->out), 1);
	end(h);
}
END_TEST

START_TEST(a_word_goes_whole)
{
	struct host *h = begin();
	const struct verb_result *v = verb_run(cmd_resolve, folder, "0001000300000007", "unwind",
					       "--reason", "it closes early", NULL);
	ck_assert_int_eq(v->code, EXIT_OK);
	ck_assert_str_eq(v->out, "told\n");
	ck_assert_str_eq(h->last.scope, "0001000300000007");
	ck_assert_str_eq(h->last.arg, "unwind");
	ck_assert_str_eq(h->last.why, "it closes early");
	v = verb_run(cmd_resolve, folder, "7", "accept", "--json", NULL);
	ck_assert_str_eq(
		v->out,
		"{\"ok\":true,\"command\":\"resolve\",\"pair\":\"7\",\"way\":\"accept\",\"answer\":\"told\"}\n");
	v = verb_run(cmd_resolve, folder, "bad", "complete", NULL);
	ck_assert_int_eq(v->code, EXIT_CHECK);
	ck_assert_ptr_nonnull(strstr(v->err, "it has ended"));
	h->last.kind = CMD_STOP;
	static const char *const wrong[][2] = { { "7", "dance" },
						{ "7", "none" },
						{ "", "accept" },
						{ "x7", "accept" },
						{ "00001000300000007", "accept" },
						{ "7", NULL } };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		ck_assert_int_eq(
			verb_run(cmd_resolve, folder, wrong[i][0], wrong[i][1], NULL)->code,
			EXIT_USAGE);
	char lng[200];
	memset(lng, 'x', sizeof lng - 1);
	lng[sizeof lng - 1] = '\0';
	v = verb_run(cmd_resolve, folder, "7", "accept", "--reason", lng, NULL);
	ck_assert_int_eq(v->code, EXIT_USAGE);
	ck_assert_int_eq(h->last.kind, CMD_STOP); /* none of them was sent */
	end(h);
}
END_TEST

START_TEST(without_a_host)
{
	static int (*const verb[])(int, char **) = { cmd_positions, cmd_orders, cmd_pnl, cmd_held };
	for (int k = 0; k < 4; k++) {
		const struct verb_result *v = verb_run(verb[k], folder, "--json", NULL);
		ck_assert_int_eq(v->code, EXIT_WORLD);
		ck_assert_ptr_nonnull(strstr(v->err, "no host runs there"));
		ck_assert_int_eq(strncmp(v->out, "{\"ok\":false", 11), 0);
		ck_assert_int_eq(verb_run(verb[k], NULL)->code, EXIT_USAGE);
		ck_assert_int_eq(verb_run(verb[k], folder, "twice", NULL)->code, EXIT_USAGE);
	}
	ck_assert_int_eq(verb_run(cmd_resolve, folder, "7", "accept", NULL)->code, EXIT_WORLD);
}
END_TEST

FOLDER_SUITE("operator verbs", a_list_is_whole, an_empty_list_and_a_strange_one, a_word_goes_whole,
	     without_a_host)
