/* Proves that `tandem check` answers with what would run or with every error, for people and in JSON, under the exit codes that it promises. */
#include "core/cmd/cmd.h"
#include "tests/unit/store/folder.h"
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char said[1 << 16], desk[8192];

static void put(const char *name, const char *what, mode_t mode)
{
	char path[256];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(what, f);
	fclose(f);
	chmod(path, mode);
}

/* The known good configuration of the reader's tests, with what it names. */
static void furnish(const char *key_file)
{
	FILE *f = fopen(TANDEM_SOURCE_DIR "/tests/unit/lua/config_good.lua", "r");
	ck_assert_ptr_nonnull(f);
	desk[fread(desk, 1, sizeof(desk) - 1, f)] = 0;
	fclose(f);
	put("desk.lua", desk, 0644);
	put(key_file, "id\n", 0600);
	put("good.secret", "secret\n", 0600);
	put("good.lua",
	    "local t = require 'tandem'\n"
	    "return t.strategy { version = 1, legs = { 'near', 'far' } }\n",
	    0644);
}

/* The exit code; what was printed on standard output is in `said`. */
static int check(const char *option, const char *file)
{
	char out[256], config[256];
	snprintf(out, sizeof(out), "%s/out", folder);
	snprintf(config, sizeof(config), "%s/%s", folder, file ? file : "");
	pid_t child = fork();
	if (child == 0) {
		char *argv[4] = { "tandem check" };
		int argc = 1;
		if (option)
			argv[argc++] = (char *)option;
		if (file)
			argv[argc++] = config;
		if (!freopen(out, "w", stdout) || !freopen("/dev/null", "w", stderr))
			_exit(99);
		int rc = cmd_check(argc, argv);
		fflush(stdout);
		_exit(rc);
	}
	int status;
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	FILE *f = fopen(out, "r");
	said[fread(said, 1, sizeof(said) - 1, f)] = 0;
	fclose(f);
	return WEXITSTATUS(status);
}

START_TEST(test_right)
{
	furnish("good.key");
	ck_assert_int_eq(check(NULL, "desk.lua"), EXIT_OK);
	static const char *const parts[] = { "desk.lua is right (SHA-256 ",
					     "wss://a.example:443/ws-api/v3",
					     "leg near       S.BTC under a_spot",
					     "leg far        F.BTC under a_usdm",
					     "fees 2/5 bp",
					     "goes out   all legs at once",
					     "broken     as its script says",
					     "may cost 25 USDT",
					     "all -> log; every alert is a receipt",
					     "an order up to 1000" };
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		ck_assert_msg(strstr(said, parts[i]), "\"%s\" is not in:\n%s", parts[i], said);
}
END_TEST

/* What holds for a strategy in the end: its own settings, the host's where they are tighter, and the rows of the list. */
START_TEST(test_what_is_in_force)
{
	static const char was
		[] = "limits = { rescue_budget = 25 } },",
	     is[] = "limits = { rescue_budget = 25, max_slip_ticks = 4, on_leg_fail = 'complete' },"
		    "execution = { style = 'passive', first = 'far', rest = '2s' },"
		    "rescue = { chase = { time = '1s', pay_up_ticks = 2 }, on_unknown = 'flatten' } },";
	static const char *const parts[] = {
		"goes out   far rests for 2 s, moved every 200 ms at most, the others on its fills",
		"broken     complete: chase 1 s paying up 2 ticks in 20 messages, cross in 20 messages; it may cost 25 USDT",
		"watched    an unknown order: the known leg is taken back after 2 s",
		"bounds     pairs in flight 1, slip 4 ticks",
		"limit      day_loss 200, then kill (global, line ",
		"pair_held from critical of one -> receipts alone, repeats once in 10 s",
		"what fits none -> log",
	};
	furnish("good.key");
	char changed[sizeof(desk) + 1024], *at = strstr(desk, was), *end;
	ck_assert_ptr_nonnull(at);
	end = strrchr(desk, '}');
	snprintf(changed, sizeof(changed),
		 "%.*s%s%.*slimits = { { limit = 'day_loss', value = 200 } }, "
		 "alerts = { { match = 'pair_held/critical/one', sinks = {} } },\n}\n",
		 (int)(at - desk), desk, is, (int)(end - at - (ptrdiff_t)strlen(was)),
		 at + strlen(was));
	put("desk.lua", changed, 0644);
	ck_assert_msg(check(NULL, "desk.lua") == EXIT_OK, "%s", said);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		ck_assert_msg(strstr(said, parts[i]), "\"%s\" is not in:\n%s", parts[i], said);
}
END_TEST

START_TEST(test_every_cost_is_shown)
{
	static const char
		was[] = "{ maker = \"2bp\", taker = \"5bp\"",
		costs[] = "vat = \"13%\", fees = { maker = 0, taker = 0, per_lot = 10.5, "
			  "close_today_per_lot = 0, close_today = \"3bp\", tax_sell = \"5bp\"";
	furnish("good.key");
	char changed[sizeof(desk) + sizeof(costs)], *at = strstr(desk, was);
	ck_assert_ptr_nonnull(at);
	int before = (int)(at - desk - (ptrdiff_t)strlen("fees = "));
	snprintf(changed, sizeof(changed), "%.*s%s%s", before, desk, costs, at + strlen(was));
	put("desk.lua", changed, 0644);
	ck_assert_int_eq(check(NULL, "desk.lua"), EXIT_OK);
	ck_assert_msg(strstr(said, "fees 0/0 bp, 10.5 a lot, closing today 3 bp, closing today 0 a "
				   "lot, tax 0/5 bp, its price has 13 % tax in it, ") != NULL,
		      "%s", said);
}
END_TEST

START_TEST(test_wrong)
{
	furnish("other.key");
	ck_assert_int_eq(check(NULL, "desk.lua"), EXIT_CONFIG);
	ck_assert_ptr_nonnull(strstr(said, "desk.lua:10: "));
	ck_assert_ptr_nonnull(strstr(said, "desk.lua:11: "));
	ck_assert_ptr_nonnull(strstr(said, "good.key cannot be read: No such file or directory; "));
	ck_assert_int_eq(check(NULL, "absent.lua"), EXIT_CONFIG);
	ck_assert_ptr_nonnull(strstr(said, "absent.lua: cannot be opened"));
}
END_TEST

START_TEST(test_json)
{
	const char *s;
	int ok;
	furnish("good.key");
	ck_assert_int_eq(check("--json", "desk.lua"), EXIT_OK);
	json_t *j = json_loads(said, 0, NULL);
	ck_assert_ptr_nonnull(j);
	ck_assert_int_eq(json_unpack(j, "{s:b, s:[{s:[{}, {s:s}]}]}", "ok", &ok, "strategies",
				     "legs", "account", &s),
			 0);
	ck_assert(ok);
	ck_assert_str_eq(s, "a_usdm");
	json_decref(j);
	furnish("good.key");
	put("desk.lua", "return { venues = 5, \n colour = \"a\\\"b\" }", 0644);
	ck_assert_int_eq(check("--json", "desk.lua"), EXIT_CONFIG);
	j = json_loads(said, 0, NULL);
	ck_assert_ptr_nonnull(j);
	json_t *errors = json_object_get(j, "errors");
	ck_assert_uint_eq(json_array_size(errors), 7);
	ck_assert(json_is_false(json_object_get(j, "ok")));
	ck_assert_int_eq(json_integer_value(json_object_get(json_array_get(errors, 6), "line")), 2);
	json_decref(j);
}
END_TEST

static const char *const open_close[] = { "opens", "closes", "until" };

/* Gold in Shanghai against New York: phases as of now, so only what always holds. */
START_TEST(test_hours)
{
	static char text[9000];
	furnish("good.key");
	FILE *f = fopen(TANDEM_SOURCE_DIR "/tests/unit/lua/config_good.lua", "r");
	ck_assert_ptr_nonnull(f);
	text[fread(text, 1, 8000, f)] = 0;
	fclose(f);
	static const char *const kind[] = { "kind = \"spot\",", "kind = \"linear\"," },
				 *const more[] = { "calendar = \"SHFE.au\",",
						   "calendar = \"CME.metals\"," };
	for (int i = 0; i < 2; i++) {
		char *at = strstr(text, kind[i]);
		ck_assert_ptr_nonnull(at);
		memmove(at + strlen(more[i]), at, strlen(at) + 1);
		memcpy(at, more[i], strlen(more[i]));
	}
	put("desk.lua", text, 0644);
	ck_assert_int_eq(check(NULL, "desk.lua"), EXIT_OK);
	ck_assert_msg(strstr(said, "hours near     SHFE.au: ") &&
			      strstr(said, "hours far      CME.metals: ") &&
			      strstr(said, " closes 20"),
		      "%s", said);
	/* Nine and a quarter hours of five days less what falls on Globex's weekend and its pause, an hour by season. */
	double hours;
	ck_assert_int_eq(sscanf(strstr(said, "all legs trade ") + 15, "%lf", &hours), 1);
	ck_assert_msg(hours > 40 && hours <= 46.25, "%f", hours);
	ck_assert_int_eq(check("--json", "desk.lua"), EXIT_OK);
	json_t *j = json_loads(said, 0, NULL);
	ck_assert_ptr_nonnull(j);
	json_t *s = json_array_get(json_object_get(j, "strategies"), 0),
	       *leg = json_array_get(json_object_get(s, "legs"), 0);
	ck_assert_double_eq_tol(json_number_value(json_object_get(s, "common_hours_per_week")),
				hours, 0.11);
	ck_assert_str_eq(json_string_value(json_object_get(leg, "calendar")), "SHFE.au");
	for (int i = 0; i < 3; i++) {
		const char *when = json_string_value(json_object_get(leg, open_close[i]));
		ck_assert(when && strlen(when) > 19 && when[10] == 'T');
	}
	json_decref(j);
	/* Round the clock nothing is said of hours. */
	furnish("good.key");
	ck_assert_int_eq(check(NULL, "desk.lua"), EXIT_OK);
	ck_assert_ptr_null(strstr(said, "hours"));
}
END_TEST

START_TEST(test_explain_and_usage)
{
	ck_assert_int_eq(check("--explain", NULL), EXIT_OK);
	ck_assert_ptr_nonnull(strstr(said, "  risk.max_order_notional: a decimal number"));
	ck_assert_ptr_nonnull(strstr(said, "  store.path: "));
	ck_assert_int_eq(check("--explain=store", NULL), EXIT_OK);
	ck_assert_ptr_null(strstr(said, "risk."));
	ck_assert_int_eq(check("--explain=shop", NULL), EXIT_USAGE);
	ck_assert_int_eq(check(NULL, NULL), EXIT_USAGE);
	ck_assert_int_eq(check("--colour", "desk.lua"), EXIT_USAGE);
}
END_TEST

FOLDER_SUITE("cmd_check", test_what_is_in_force, test_every_cost_is_shown, test_right, test_wrong,
	     test_json, test_hours, test_explain_and_usage)
