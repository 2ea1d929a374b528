/* Proves that an operator's line reaches the engine whole, that its answer comes back however late, and that bad lines, long words and strangers' files do no harm. */
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/io/env_live.h"
#include "core/ops/control.h"
#include "tests/unit/store/folder.h"
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

/* An engine that answers after a while. */
struct answering {
	struct env *env;
	pthread_t thread;
	_Atomic bool over;
	_Atomic unsigned heard;
	_Atomic int delay_ms;
	_Atomic bool circle, refuses;
	struct env_command last;
};

static int64_t mono_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

#define ROWS 100

/* A list of ROWS rows, each as long as a row may be. */
static void tell_page(struct answering *a, const struct env_command *c)
{
	unsigned at = (unsigned)strtoul(c->arg, NULL, 10), end = at + ENV_REPLY_ROWS;
	char text[ENV_REPLY_TEXT];
	for (; at < end && at < ROWS; at++) {
		memset(text, 'x', sizeof text - 1);
		text[sizeof text - 1] = '\0';
		text[snprintf(text, sizeof text, "+%u", at)] = '\t';
		env_reply(a->env, c->id, text);
	}
	snprintf(text, sizeof text, at < ROWS ? "ok: %u" : "ok", a->circle ? 1 : at);
	env_reply(a->env, c->id, a->refuses ? "no: not now" : text);
}

static void *answer(void *arg)
{
	struct answering *a = arg;
	while (!a->over) {
		struct env_now now;
		env_now(a->env, &now);
		env_poll(a->env, now.mono_ns + 5000000);
		for (struct env_command c; env_command(a->env, &c);) {
			a->last = c;
			int ms = a->delay_ms;
			if (ms < 0) {
				a->heard++;
				continue;
			}
			nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000L }, NULL);
			a->heard++; /* before the answer: who has it looks at the count */
			if (c.kind == CMD_ORDERS) {
				tell_page(a, &c);
				continue;
			}
			env_reply(a->env, c.id,
				  c.kind == CMD_SET ? "no: not that" : "ok: it is done");
		}
	}
	return NULL;
}

static char path[128];

static struct control *begin(struct answering *a)
{
	struct control *c;
	log_set_level(LOG_ERROR);
	memset(a, 0, sizeof *a);
	ck_assert_int_eq(env_live_open(NULL, &a->env), 0);
	ck_assert_int_eq(pthread_create(&a->thread, NULL, answer, a), 0);
	snprintf(path, sizeof path, "%s/control", folder);
	ck_assert_msg(control_open(path, a->env, &c) == 0, "%s", err_text());
	return c;
}

static void end(struct answering *a, struct control *c)
{
	control_close(c);
	a->over = true;
	pthread_join(a->thread, NULL);
	a->env->ops->free(a->env);
}

START_TEST(lines_are_taken_apart)
{
	static const struct {
		const char *line;
		int rc;
		uint32_t kind;
		const char *scope, *why;
	} row[] = {
		{ "kill all\ta drill\n", 0, CMD_KILL, "all", "a drill" },
		{ "kill \ta drill\n", 0, CMD_KILL, "all", "a drill" },
		{ "pause au gc\t\n", 0, CMD_PAUSE, "au gc", "" },
		{ "resume\n", 0, CMD_RESUME, "all", "" },
		{ "stop", 0, CMD_STOP, "all", "" },
		{ "dance all\t\n", -ERR_NOTFOUND, 0, "", "" },
		{ "", -ERR_PARSE, 0, "", "" },
		{ "\n", -ERR_PARSE, 0, "", "" },
		{ "\t\t\t", -ERR_PARSE, 0, "", "" },
		{ "killkillkillkillkill all", -ERR_PARSE, 0, "", "" },
	};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct env_command c = { 0 };
		ck_assert_msg(control_parse(row[i].line, &c) == row[i].rc, "%s", row[i].line);
		if (row[i].rc)
			continue;
		ck_assert_uint_eq(c.kind, row[i].kind);
		ck_assert_str_eq(c.scope, row[i].scope);
		ck_assert_str_eq(c.why, row[i].why);
	}
	char line[300] = "kill ";
	memset(line + 5, 'x', 200);
	struct env_command c = { 0 };
	ck_assert_int_eq(control_parse(line, &c), -ERR_PARSE); /* not a shorter name's kill */
}
END_TEST

/* Each of several commands waits for its own answer: the bell of the one before must not hurry it. */
START_TEST(answers_come_however_late)
{
	struct answering a;
	struct control *c = begin(&a);
	char got[128];
	a.delay_ms = 120;
	for (unsigned k = 0; k < 4; k++) {
		int rc = control_ask(path, CMD_PAUSE, "basis", "lunch", got, sizeof got);
		ck_assert_msg(rc == 0, "%s", err_text());
		ck_assert_str_eq(got, "it is done");
		ck_assert_uint_eq(a.heard, k + 1);
	}
	ck_assert(a.last.kind == CMD_PAUSE && !strcmp(a.last.scope, "basis") &&
		  !strcmp(a.last.why, "lunch"));
	ck_assert_ptr_nonnull(strchr(a.last.who, '/')); /* user/pid, by the kernel's word */
	ck_assert_int_eq(control_ask(path, CMD_SET, "all", "", got, sizeof got), -ERR_LIMIT);
	ck_assert_str_eq(err_text(), "not that");
	end(&a, c);
}
END_TEST

START_TEST(what_cannot_be_sent_is_refused_here)
{
	struct answering a;
	struct control *c = begin(&a);
	char got[128], lng[700];
	memset(lng, 'x', sizeof lng - 1);
	lng[sizeof lng - 1] = '\0';
	ck_assert_int_eq(control_ask(path, CMD_KILL, "all", lng, got, sizeof got), -ERR_ARG);
	ck_assert_int_eq(control_ask(path, CMD_KILL, lng, "", got, sizeof got), -ERR_ARG);
	ck_assert_int_eq(control_ask(path, CMD_KILL, "a\tb", "", got, sizeof got), -ERR_ARG);
	ck_assert_int_eq(control_ask(path, CMD_KILL, "all", "a\nkill all", got, sizeof got),
			 -ERR_ARG);
	ck_assert_int_eq(control_ask(lng, CMD_KILL, "all", "", got, sizeof got), -ERR_CONFIG);
	ck_assert_uint_eq(a.heard, 0);
	end(&a, c);
	ck_assert_int_eq(control_ask(path, CMD_KILL, "all", "", got, sizeof got), -ERR_NOTFOUND);
	ck_assert(!control_listens(path));
}
END_TEST

static int dial(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	snprintf(to.sun_path, sizeof to.sun_path, "%.107s", path);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	return fd;
}

START_TEST(odd_clients_do_no_harm)
{
	struct answering a;
	struct control *c = begin(&a);
	char got[600] = "", junk[2000];
	int fd = dial(); /* in pieces */
	ck_assert_int_eq(write(fd, "resume al", 9), 9);
	nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
	ck_assert_int_eq(write(fd, "l\tback\n", 7), 7);
	ck_assert_int_gt(read(fd, got, sizeof got - 1), 0);
	ck_assert_str_eq(got, "ok: it is done\n");
	close(fd);
	fd = dial(); /* a verb that is none */
	ck_assert_int_eq(write(fd, "dance\n", 6), 6);
	ck_assert_int_gt(read(fd, got, sizeof got - 1), 0);
	ck_assert_int_eq(strncmp(got, "no: ", 4), 0);
	close(fd);
	fd = dial(); /* no end of line */
	memset(junk, 'k', sizeof junk);
	(void)!write(fd, junk, sizeof junk);
	close(fd);
	close(dial()); /* says nothing, and goes */
	ck_assert_int_eq(control_ask(path, CMD_KILL, "all", "", got, sizeof got), 0);
	fd = dial(); /* goes before the answer */
	a.delay_ms = 50;
	ck_assert_int_eq(write(fd, "kill all\n", 9), 9);
	close(fd);
	ck_assert_int_eq(control_ask(path, CMD_PAUSE, "all", "", got, sizeof got), 0);
	ck_assert_str_eq(got, "it is done");
	end(&a, c);
}
END_TEST

/* A host that ends does not wait for the operator's five seconds, nor for one who says nothing. */
/* Whoever connects and says nothing, or half a line, or does not read its answer, is nobody else's delay: with a second for each of them a kill
 * would come too late for its own client, which waits six. More of them than there is room for make way for those that speak. */
START_TEST(idle_clients_delay_nobody)
{
	enum { IDLE = 8, CROWD = 40 };
	struct answering a;
	struct control *c = begin(&a);
	int fd[CROWD];
	char got[200];
	for (int round = 0; round < 2; round++) {
		int n = round ? CROWD : IDLE;
		for (int i = 0; i < n; i++) {
			fd[i] = dial();
			if (i % 2)
				ck_assert_int_eq(send(fd[i], "kil", 3, MSG_NOSIGNAL), 3);
		}
		struct env_command cmd = { .kind = CMD_KILL, .scope = "all", .why = "a drill" };
		ck_assert_msg(control_tell(path, &cmd, got, sizeof got) == 0, "%s", err_text());
		ck_assert_int_eq(a.last.kind, CMD_KILL);
		for (int i = 0; i < n; i++)
			close(fd[i]);
	}
	end(&a, c);
}
END_TEST

/* A command whose answer is late holds up no other one. */
START_TEST(answers_go_to_those_who_asked)
{
	struct answering a;
	struct control *c = begin(&a);
	char got[200];
	a.delay_ms = -1; /* no answer at all */
	int fd = dial();
	ck_assert_int_eq(send(fd, "status all\n", 11, MSG_NOSIGNAL), 11);
	while (!a.heard)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	a.delay_ms = 0;
	struct env_command cmd = { .kind = CMD_KILL, .scope = "all" };
	ck_assert_int_eq(control_tell(path, &cmd, got, sizeof got), 0);
	ck_assert_int_eq(recv(fd, got, sizeof got, MSG_DONTWAIT), -1); /* it still waits */
	close(fd);
	end(&a, c);
}
END_TEST

START_TEST(closing_is_quick)
{
	struct answering a;
	struct control *c = begin(&a);
	a.delay_ms = -1; /* it never answers */
	int fd = dial();
	ck_assert_int_eq(write(fd, "kill all\n", 9), 9);
	while (a.heard == 0)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	int64_t from = mono_ms();
	end(&a, c);
	ck_assert_int_lt(mono_ms() - from, 1000);
	close(fd);
	struct stat st;
	ck_assert_int_ne(stat(path, &st), 0);
}
END_TEST

START_TEST(the_socket_is_private_and_takes_nobodys_place)
{
	struct answering a;
	struct control *c = begin(&a), *second;
	struct stat st;
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert(S_ISSOCK(st.st_mode) && (st.st_mode & 0777) == 0600);
	ck_assert(control_listens(path));
	/* A killed host leaves its socket: the next takes its place. */
	char keep[140];
	snprintf(keep, sizeof keep, "%s.left", path);
	ck_assert_int_eq(rename(path, keep), 0);
	ck_assert_int_eq(control_open(keep, a.env, &second), 0);
	control_close(second);
	FILE *f = fopen(path, "w");
	fputs("mine", f);
	fclose(f);
	ck_assert_int_eq(control_open(path, a.env, &second), -ERR_EXISTS);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_size, 4);
	char lng[200];
	memset(lng, 'x', sizeof lng - 1);
	lng[sizeof lng - 1] = '\0';
	ck_assert_int_eq(control_open(lng, a.env, &second), -ERR_CONFIG);
	ck_assert_ptr_nonnull(strstr(err_text(), "107 bytes"));
	ck_assert_int_eq(control_open("/nowhere/control", a.env, &second), -ERR_IO);
	end(&a, c);
}
END_TEST

struct gathered {
	unsigned n;
	int stop_at;
};

static int gather(void *arg, char *row)
{
	struct gathered *g = arg;
	ck_assert_uint_eq(strlen(row), ENV_REPLY_TEXT - 2);
	ck_assert_uint_eq(strtoul(row, NULL, 10), g->n);
	g->n++;
	return g->stop_at && (int)g->n == g->stop_at ? -ERR_FULL : 0;
}

static int gather_any(void *arg, char *row)
{
	struct gathered *g = arg;
	(void)row;
	g->n++;
	return 0;
}

/* Page after page, every row once and whole; what the host refuses, and what makes no sense, ends it. */
START_TEST(lists_come_page_by_page)
{
	struct answering a;
	struct control *c = begin(&a);
	struct gathered g = { 0 };
	ck_assert_msg(control_list(path, CMD_ORDERS, gather, &g) == 0, "%s", err_text());
	ck_assert_uint_eq(g.n, ROWS);
	ck_assert_uint_eq(a.heard, 4);
	g = (struct gathered){ .stop_at = 40 };
	ck_assert_int_eq(control_list(path, CMD_ORDERS, gather, &g), -ERR_FULL);
	ck_assert_uint_eq(g.n, 40);
	a.refuses = true;
	g = (struct gathered){ 0 };
	ck_assert_int_eq(control_list(path, CMD_ORDERS, gather, &g), -ERR_LIMIT);
	ck_assert_str_eq(err_text(), "not now");
	a.refuses = false;
	a.circle = true;
	g = (struct gathered){ 0 };
	ck_assert_int_lt(control_list(path, CMD_ORDERS, gather_any, &g), 0);
	a.circle = false;
	int fd = dial(); /* goes in the middle of a page: the next one is whole again */
	ck_assert_int_eq(write(fd, "orders all\t\t0\n", 14), 14);
	close(fd);
	g = (struct gathered){ 0 };
	ck_assert_int_eq(control_list(path, CMD_ORDERS, gather, &g), 0);
	ck_assert_uint_eq(g.n, ROWS);
	end(&a, c);
	ck_assert_int_eq(control_list(path, CMD_ORDERS, gather, &g), -ERR_NOTFOUND);
}
END_TEST

START_TEST(a_command_goes_whole)
{
	struct answering a;
	struct control *c = begin(&a);
	char got[128];
	struct env_command cmd = { .kind = CMD_RESOLVE, .scope = "123", .arg = "unwind" };
	ck_assert_int_eq(control_tell(path, &cmd, got, sizeof got), 0);
	ck_assert(a.last.kind == CMD_RESOLVE && !strcmp(a.last.scope, "123") &&
		  !strcmp(a.last.arg, "unwind") && !a.last.why[0]);
	strcpy(cmd.why, "it closes");
	ck_assert_int_eq(control_tell(path, &cmd, got, sizeof got), 0);
	ck_assert(!strcmp(a.last.arg, "unwind") && !strcmp(a.last.why, "it closes"));
	strcpy(cmd.why, "a\tb");
	ck_assert_int_eq(control_tell(path, &cmd, got, sizeof got), -ERR_ARG);
	end(&a, c);
}
END_TEST

FOLDER_SUITE("control", idle_clients_delay_nobody, answers_go_to_those_who_asked,
	     lists_come_page_by_page, a_command_goes_whole, lines_are_taken_apart,
	     answers_come_however_late, what_cannot_be_sent_is_refused_here, odd_clients_do_no_harm,
	     closing_is_quick, the_socket_is_private_and_takes_nobodys_place)
