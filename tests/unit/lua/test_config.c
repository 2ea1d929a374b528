/* Proves that a configuration comes out as it was written, exactly, or not at all: each file of config_bad is refused with the
 * very errors that stand at its end ("--! LINE: text"), and all of them say what, why and what to do. */
#include "core/base/digest.h"
#include "core/base/err.h"
#include "lua/config.h"
#include "lua/schema.h"
#include "tests/unit/lua/config_text.h"
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Copies a source into the folder, without the errors that it expects, and reads it there. */
static int read_copy(const char *source, struct config **c)
{
	size_t n;
	char path[512], *text = slurp(source, &n), *expected = memmem(text, n, "--! ", 4);
	put("it.lua", text, expected ? (size_t)(expected - text) : n, 0644);
	free(text);
	snprintf(path, sizeof(path), "%s/it.lua", folder);
	return config_read(path, c, &errs);
}

/* config_good.lua with one part exchanged. */
static int read_changed(const char *from, const char *to, struct config **c)
{
	size_t n;
	char *good = slurp(SOURCES "config_good.lua", &n), *at = strstr(good, from);
	ck_assert_msg(at != NULL, "%s", from);
	char *text = calloc(1, n + strlen(to) + 1);
	memcpy(text, good, (size_t)(at - good));
	strcat(text, to);
	strcat(text, at + strlen(from));
	int rc = read_text(text, c);
	free(good);
	free(text);
	return rc;
}

/* "$DIR" is the folder, a "*" anything. */
static bool matches(const char *want, const char *text)
{
	for (; *want; want++) {
		if (!strncmp(want, "$DIR", 4)) {
			if (strncmp(text, folder, strlen(folder)))
				return false;
			text += strlen(folder);
			want += 3;
		} else if (*want == '*') {
			size_t rest = strlen(want + 1);
			return strlen(text) >= rest &&
			       !strcmp(text + strlen(text) - rest, want + 1);
		} else if (*want != *text++) {
			return false;
		}
	}
	return *text == 0;
}

static void in_three_parts(const char *file, const char *text)
{
	const char *why = strstr(text, "; ");
	ck_assert_msg(why && strstr(why + 2, "; "), "%s: not what; why; what to do: %s", file,
		      text);
}

static void expect_errors(const char *file, char *text)
{
	uint32_t n = 0;
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		int number, at;
		if (sscanf(line, "--! %d: %n", &number, &at) != 1)
			continue;
		ck_assert_msg(n < errs.n, "%s: not told: %s", file, line);
		const struct config_error *e = &errs.error[n++];
		ck_assert_msg(e->line == number && matches(line + at, e->text),
			      "%s:\n  is  --! %d: %s\n  not %s", file, e->line, e->text, line);
		in_three_parts(file, e->text);
	}
	ck_assert_msg(n == errs.n, "%s: told besides: --! %d: %s", file, errs.error[n].line,
		      errs.error[n].text);
	ck_assert_msg(n > 0, "%s says of no error", file);
}

START_TEST(test_bad)
{
	furnish();
	DIR *d = opendir(SOURCES "config_bad");
	ck_assert_ptr_nonnull(d);
	unsigned files = 0;
	for (struct dirent *e; (e = readdir(d));) {
		char path[512];
		struct config *c = (void *)1;
		size_t n;
		if (!strstr(e->d_name, ".lua"))
			continue;
		files++;
		snprintf(path, sizeof(path), SOURCES "config_bad/%s", e->d_name);
		ck_assert_msg(read_copy(path, &c) == -ERR_CONFIG, "%s is accepted", e->d_name);
		ck_assert_ptr_null(c);
		char *text = slurp(path, &n);
		/* A zero byte would end the text before its errors. */
		for (size_t i = 0; i < n; i++)
			text[i] = text[i] ? text[i] : ' ';
		expect_errors(e->d_name, text);
		free(text);
	}
	closedir(d);
	ck_assert_uint_ge(files, 100);
}
END_TEST

START_TEST(test_good_and_its_defaults)
{
	furnish();
	struct config *c;
	int rc = read_copy(SOURCES "config_good.lua", &c);
	config_errors_print(&errs, stderr);
	ck_assert_int_eq(rc, 0);
	char path[512];
	size_t n;
	uint8_t digest[DIGEST_LEN];
	snprintf(path, sizeof(path), "%s/it.lua", folder);
	ck_assert_str_eq(c->file, path);
	char *text = slurp(path, &n);
	digest_sha256(text, n, digest);
	free(text);
	ck_assert_mem_eq(c->sha256, digest, DIGEST_LEN);
	ck_assert(c->n_venues == 2 && c->n_accounts == 2 && c->n_instruments == 2 &&
		  c->n_instances == 1);
	const struct config_venue *v = &c->venue[0];
	ck_assert(v->recv_window_ns == 5000000000 && v->backoff_min_ns == 500000000 &&
		  v->messages_per_s == 20 && v->reserve_pct == 20);
	ck_assert(!v->allow_plaintext && !v->ca_file[0] && !v->url[URL_USER].host[0]);
	ck_assert(v->url[URL_STREAM].port == 9443 && v->url[URL_STREAM].tls &&
		  !strcmp(v->url[URL_API].path, "/ws-api/v3"));
	ck_assert(c->account[1].venue == 1 && !strcmp(c->account[1].group, "a_usdm") &&
		  !c->account[1].ed25519);
	const struct instrument *i = &c->instrument[1];
	ck_assert(i->px_dp == 8 && i->qty_dp == 8 && i->n_rules == 0 && i->expiry_utc_ns == 0);
	ck_assert(i->expo.kind == EXPO_LINEAR && i->expo.num == 1 && i->expo.den == 1 &&
		  i->settle == i->quote);
	ck_assert(i->rule[0].fee.maker_e8 == 20000 && i->rule[0].fee.taker_e8 == 50000 &&
		  i->rule[0].fee.close_today_e8 == -1);
	ck_assert_str_eq(asset_name(&c->assets, i->base), "BTC");
	const struct config_instance *s = &c->instance[0];
	ck_assert(s->n_legs == 2 && s->leg[0] == 0 && s->leg[1] == 1 &&
		  !strcmp(s->leg_name[0], "near") && !strcmp(s->leg_name[1], "far"));
	ck_assert(s->account[0] == 0 && s->account[1] == 1 && s->ratio_num[1] == 1 &&
		  s->ratio_den[1] == 1 && s->n_params == 0);
	ck_assert(s->limits.max_slip_tick == -1 && s->limits.on_leg_fail == UINT8_MAX &&
		  s->limits.max_age_ns == 0);
	ck_assert(s->rescue_budget_e8 == 2500000000 && s->max_pairs_in_flight == 1);
	ck_assert(c->risk.max_order_notional_e8 == 100000000000 && c->risk.collar_ppm == 10000 &&
		  c->risk.max_age_ns == 2000000000);
	ck_assert(c->store.ring_bytes == 64 << 20 && !c->store.durability_power &&
		  c->store.checkpoint_every == 1024);
	ck_assert(!c->engine.spin && c->engine.cpu == -1 && c->engine.script_budget_ns == 1000000 &&
		  c->engine.script_memory == 32 << 20);
	ck_assert(!c->engine.control[0] && !c->engine.clock_page[0]);
	config_free(c);
}
END_TEST

/* The example that users start from: as it stands, once its keys and its strategy are there. */
START_TEST(test_example)
{
	furnish();
	static const char *const keys[] = { "keys/spot.key", "keys/spot.secret", "keys/usdm.key",
					    "keys/usdm.secret" };
	char path[512];
	static const char *const folders[] = { "examples", "strategies", "examples/keys" };
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, folders[i]);
		mkdir(path, 0700);
	}
	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "examples/%s", keys[i]);
		put(path, "x\n", 2, 0400);
	}
	size_t n;
	char *text = slurp(TANDEM_SOURCE_DIR "/examples/binance_pair.lua", &n);
	char script[64] = "";
	ck_assert_int_eq(sscanf(strstr(text, "file = \"../") + 11, "%63[^\"]", script), 1);
	put(script, "return {}\n", 10, 0644);
	put("examples/it.lua", text, n, 0644);
	free(text);
	struct config *c;
	snprintf(path, sizeof(path), "%s/examples/it.lua", folder);
	int rc = config_read(path, &c, &errs);
	config_errors_print(&errs, stderr);
	ck_assert_int_eq(rc, 0);
	const struct instrument *spot = &c->instrument[0], *perp = &c->instrument[1];
	ck_assert(spot->n_rules == 1 && spot->rule[0].tick == 1 && spot->rule[0].lot == 1000 &&
		  spot->rule[0].min_notional_e8 == 500000000);
	ck_assert(perp->rule[0].tick == 10 && perp->rule[0].lot == 1 &&
		  perp->rule[0].margin_e8 == 5000000);
	ck_assert(spot->rule[0].fee.in == FEE_IN_RECEIVED && spot->expo.kind == EXPO_SPOT &&
		  spot->base == perp->base);
	const struct config_instance *s = &c->instance[0];
	ck_assert(s->n_params == 4 && !strcmp(s->param[0].name, "open_bp") &&
		  s->param[0].value == 12 && s->param[0].line > 100);
	ck_assert(s->limits.leg_timeout_ns == 300000000 && s->limits.max_slip_tick == 20 &&
		  s->limits.on_leg_fail == LEG_FAIL_CHEAPEST);
	ck_assert(s->lot_base_e8 == 100000 && s->max_pos_lots == 20);
	ck_assert_str_eq(c->account[0].group, "main");
	config_free(c);
}
END_TEST

START_TEST(test_changed)
{
	furnish();
	struct config *c;
	/* A recording may be older than its contract. */
	ck_assert_int_eq(read_changed("kind = \"linear\",",
				      "kind = \"linear\", expiry = \"2024-03-29T08:00:00Z\",", &c),
			 -ERR_CONFIG);
	ck_assert_int_eq(read_changed("store = {",
				      "engine = { clock_page = \"clock\" },\n\tstore = {", &c),
			 0);
	config_free(c);
	/* Plaintext to this machine is for simulated venues. */
	ck_assert_int_eq(read_changed("wss://s.example:9443", "ws://127.0.0.1:9443", &c), 0);
	ck_assert(!c->venue[0].url[URL_STREAM].tls);
	config_free(c);
	ck_assert_int_eq(read_changed("{ name = \"a_spot\",",
				      "{ name = \"a_spot\", key_type = \"ed25519\", group = \"g\", hedge_flag = \"hedge\",",
				      &c),
			 0);
	ck_assert(c->account[0].ed25519 && !strcmp(c->account[0].group, "g"));
	ck_assert(c->account[0].hedge_flag == HEDGE_FLAG_HEDGE &&
		  c->account[1].hedge_flag == HEDGE_FLAG_SPECULATION);
	config_free(c);
	ck_assert_int_eq(
		read_changed("path = \"db\"",
			     "path = \"folder/a/b\", durability = \"power\", ring = \"/dev/shm\"",
			     &c),
		0);
	ck_assert(c->store.durability_power && !strcmp(c->store.ring, "/dev/shm"));
	config_free(c);
	ck_assert_int_eq(read_changed("kind = \"linear\",",
				      "kind = \"inverse\", multiplier = 100, settle = \"BTC\",",
				      &c),
			 0);
	ck_assert(c->instrument[1].expo.kind == EXPO_INVERSE && c->instrument[1].expo.num == 100);
	ck_assert_str_eq(asset_name(&c->assets, c->instrument[1].settle), "BTC");
	config_free(c);
	ck_assert_int_eq(
		read_changed(
			"far = \"F.BTC\" },",
			"far = \"F.BTC\" }, ratios = { far = \"1/2\" }, refs = { fx = \"F.BTC\" },",
			&c),
		0);
	ck_assert(c->instance[0].ratio_num[1] == 1 && c->instance[0].ratio_den[1] == 2 &&
		  c->instance[0].n_refs == 1);
	config_free(c);
}
END_TEST

/* What is only priced needs no fees, and no account on its venue. */
START_TEST(test_reference_alone)
{
	furnish();
	struct config *c;
	ck_assert_int_eq(
		read_changed(
			"	instruments = {\n",
			"	instruments = {\n{ name = \"FX\", venue = \"spot\", symbol = \"EURUSDT\", base = \"EUR\", quote = "
			"\"USDT\", kind = \"spot\" },\n",
			&c),
		0);
	ck_assert(c->n_instruments == 3 && c->instance[0].leg[0] == 1);
	config_free(c);
}
END_TEST

/* Only root can give a file away. */
START_TEST(test_key_of_another)
{
	furnish();
	char path[128], says[400];
	struct config *c;
	if (geteuid() != 0)
		return;
	snprintf(path, sizeof(path), "%s/good.secret", folder);
	ck_assert_int_eq(chown(path, 12345, 0), 0);
	ck_assert_int_eq(read_copy(SOURCES "config_good.lua", &c), -ERR_CONFIG);
	ck_assert_uint_eq(errs.n, 2);
	snprintf(
		says, sizeof(says),
		"%s belongs to user 12345; its owner could read and change the key; type: chown 0 %s",
		path, path);
	ck_assert_str_eq(errs.error[0].text, says);
}
END_TEST

/* Rows of limits: names with and without their unit, scopes by name, each value as its unit is written. */
START_TEST(test_limits)
{
	struct config *c;
	furnish();
	ck_assert_int_eq(
		read_changed(
			"store = {",
			"limits = { { limit = \"order_notional\", value = 12000.5, scope = \"global\" },"
			" { limit = \"unhedged_ns\", value = \"250ms\", scope = \"pair\", warn = \"50%\" },"
			" { limit = \"last_collar\", value = \"20bp\" },"
			" { limit = \"day_loss\", value = \"200\", action = \"pause\" } },"
			" store = {",
			&c),
		0);
	ck_assert_uint_eq(c->n_limits, 4);
	const struct config_limit *l = c->limit;
	ck_assert(l[0].limit == RISK_LIMIT_ORDER_NOTIONAL && l[0].value == 1200050000000 &&
		  l[0].scope == SCOPE_GLOBAL && l[0].action == ACTION_REJECT && l[0].warn_pct == 0);
	ck_assert(l[1].limit == RISK_LIMIT_UNHEDGED_TIME && l[1].value == 250000000 &&
		  l[1].scope == SCOPE_PAIR && l[1].action == ACTION_RESCUE && l[1].warn_pct == 50);
	ck_assert(l[2].limit == RISK_LIMIT_COLLAR_LAST && l[2].value == 2000);
	ck_assert(l[3].limit == RISK_LIMIT_DAY_LOSS && l[3].action == ACTION_PAUSE &&
		  l[3].warn_pct == 80 && l[3].line > 0);
	ck_assert(c->risk.day_instrument == UINT32_MAX && c->risk.repeat_window_ns == 60000000000 &&
		  c->risk.self_match == SELF_MATCH_SKIP);
	config_free(c);
}
END_TEST

START_TEST(test_reference_stands_in_the_manual)
{
	size_t n;
	char *explained = calloc(1, 1 << 16),
	     *manual = slurp(TANDEM_SOURCE_DIR "/examples/README.md", &n);
	FILE *f = fmemopen(explained, 1 << 16, "w");
	ck_assert_int_eq(config_explain(NULL, f), 0);
	fclose(f);
	ck_assert_msg(
		strstr(manual, explained),
		"the reference in examples/README.md is not what `tandem check --explain` prints");
	f = fopen("/dev/null", "w");
	ck_assert_int_eq(config_explain("risk", f), 0);
	ck_assert_int_eq(config_explain("risks", f), -ERR_NOTFOUND);
	fclose(f);
	for (unsigned i = 0; config_sections[i]; i++)
		for (uint32_t k = 0; k < config_sections[i]->n; k++)
			ck_assert_uint_gt(strlen(config_sections[i]->field[k].doc), 8);
	free(explained);
	free(manual);
}
END_TEST

START_TEST(test_no_file)
{
	struct config *c;
	ck_assert_int_eq(config_read("/nowhere/at/all.lua", &c, &errs), -ERR_CONFIG);
	ck_assert_uint_eq(errs.n, 1);
	in_three_parts("all.lua", errs.error[0].text);
	config_free(NULL);
}
END_TEST

FOLDER_SUITE("config", test_bad, test_good_and_its_defaults, test_example, test_changed,
	     test_reference_alone, test_key_of_another, test_limits,
	     test_reference_stands_in_the_manual, test_no_file)
