/* Proves that `tandem check` loads the scripts against their instruments: units that do not cancel are told with the script's file and line, and contracts of unequal size with their lots. */
#include "core/base/err.h"
#include "core/cmd/fit.h"
#include "lua/config.h"
#include "tests/unit/store/folder.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static struct config_errors errs;

static void put(const char *name, const char *text)
{
	char path[256];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
	chmod(path, 0600);
}

#define VENUE(name, adapter)                                                                 \
	"{ name = '" name "', adapter = '" adapter "', url = { stream = 'wss://a.example', " \
	"api = 'wss://a.example/api', rest = 'https://a.example', user = 'wss://a.example' } },"
#define ACCOUNT(name, venue) \
	"{ name = '" name "', venue = '" venue "', api_key_file = 'key', secret_file = 'secret' },"

/* Shanghai gold in CNY/g against New York gold in USD/ozt, exposure in grams, and the currency. */
static struct config *gold(const char *script)
{
	static const char config[] = "return { venues = {" VENUE("s", "binance_spot") VENUE(
		"u",
		"binance_usdm") "},"
				"accounts = {" ACCOUNT("as", "s") ACCOUNT(
					"au",
					"u") "},"
					     "instruments = {"
					     "{ name = 'SHFE.au', venue = 's', symbol = 'AU', base = 'XAU', quote = 'CNY', kind = 'linear',"
					     "  unit = 'CNY/g', base_unit = 'g', multiplier = '1000 g', tick = 0.02, lot = 1, px_dp = 2, qty_dp = 0,"
					     "  fees = { maker = '1bp', taker = '1bp' } },"
					     "{ name = 'COMEX.GC', venue = 'u', symbol = 'GC', base = 'XAU', quote = 'USD', kind = 'linear',"
					     "  unit = 'USD/ozt', base_unit = 'g', multiplier = '100 ozt', tick = 0.1, lot = 1, px_dp = 2, qty_dp = 0,"
					     "  fees = { maker = '1bp', taker = '1bp' } },"
					     "{ name = 'FX.USDCNH', venue = 's', symbol = 'USDCNH', base = 'USD', quote = 'CNH', kind = 'spot' } },"
					     "strategies = { { name = 'au_gc', file = 'au.lua', legs = { near = 'SHFE.au', far = 'COMEX.GC' },"
					     "  refs = { usdcnh = 'FX.USDCNH' }, limits = { rescue_budget = 25 } } },"
					     "risk = { max_order_notional = 1000, max_position_notional = 5000 }, store = { path = 'db' } }";
	char path[256];
	struct config *c = NULL;
	put("au.lua", script);
	put("key", "id\n");
	put("secret", "secret\n");
	put("desk.lua", config);
	snprintf(path, sizeof(path), "%s/desk.lua", folder);
	if (config_read(path, &c, &errs)) {
		config_errors_print(&errs, stdout);
		ck_abort_msg("the configuration is to be right");
	}
	return c;
}

#define STRATEGY                                                              \
	"local tandem = require 'tandem'\n"                                   \
	"local S = tandem.strategy { version = 1, legs = { 'near', 'far' }, " \
	"refs = { 'usdcnh' } }\n"

START_TEST(test_a_rate_is_missing)
{
	struct fit f = { 0 };
	struct config *c =
		gold(STRATEGY "\nS.near_value = tandem.conv 'near * 31.1034768 / usdcnh'\n"
			      "return S\n");
	ck_assert_int_eq(fit_check(c, &f, &errs), -ERR_CONFIG);
	ck_assert_uint_eq(errs.n, 1);
	ck_assert_msg(strstr(errs.error[0].text, "au_gc: ") &&
			      strstr(errs.error[0].text, "au.lua:4: ") &&
			      strstr(errs.error[0].text, "CNY/CNH does not cancel") &&
			      strstr(errs.error[0].text, "1[CNH/CNY]"),
		      "%s", errs.error[0].text);
	fit_free(&f);
	config_free(c);
}
END_TEST

START_TEST(test_a_script_that_does_not_load)
{
	struct fit f = { 0 };
	struct config *c = gold("local x = \n");
	ck_assert_int_eq(fit_check(c, &f, &errs), -ERR_CONFIG);
	ck_assert_msg(strstr(errs.error[0].text, "au.lua:"), "%s", errs.error[0].text);
	fit_free(&f);
	config_free(c);
}
END_TEST

START_TEST(test_values_and_lots)
{
	struct fit f = { 0 };
	char text[2048] = "", json[4096];
	struct config *c = gold(
		STRATEGY
		"S.near_value = tandem.conv 'near * 31.1034768 / usdcnh * 1[CNH/CNY]'\nreturn S\n");
	ck_assert_msg(fit_check(c, &f, &errs) == 0, "%s", errs.n ? errs.error[0].text : err_text());
	FILE *out = fmemopen(text, sizeof(text), "w");
	fit_print(out, c, &c->instance[0], &f);
	fclose(out);
	ck_assert_msg(strstr(text, "values in USD/ozt\n"), "%s", text);
	ck_assert_msg(strstr(text,
			     "lots 3 : 1 leaves 110.34768 g (3.5 % of the pair) less of near\n"),
		      "%s", text);
	ck_assert_msg(strstr(text, "lots 28 : 9 leaves 6.87088 g"), "%s", text);
	struct json_out j;
	json_out_init(&j, json, sizeof(json));
	json_obj(&j, NULL);
	fit_json(&j, c, &c->instance[0], &f);
	json_obj_end(&j);
	ck_assert_msg(strstr(json, "\"value_unit\":\"USD/ozt\"") && strstr(json, "[3,1]") &&
			      strstr(json, "\"residual_base\":"),
		      "%s", json);
	fit_free(&f);
	config_free(c);
}
END_TEST

FOLDER_SUITE("fit", test_a_rate_is_missing, test_a_script_that_does_not_load, test_values_and_lots)
