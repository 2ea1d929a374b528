#include "core/cmd/demo.h"

#include "adapters/sim/probe.h"
#include "core/base/dec.h"
#include "core/base/err.h"
#include "core/cmd/store_feed.h"
#include "gen/embed.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define STATE_VERSION	2
#define LOCK_TRIES	25
#define LOCK_STEP_US	100000

/* A file of the demo's folder, written whole or not at all: under another name first. */
struct part {
	FILE *f;
	char path[400], temporary[410];
};

static int begin(const struct demo_options *o, const char *name, struct part *p)
{
	snprintf(p->path, sizeof p->path, "%s/%s", o->db, name);
	snprintf(p->temporary, sizeof p->temporary, "%s.part", p->path);
	p->f = fopen(p->temporary, "we");
	return p->f ? 0 : err_set(ERR_IO, "%s: %s", p->temporary, strerror(errno));
}

static int end(struct part *p)
{
	bool bad = ferror(p->f) != 0;
	bad |= fclose(p->f) != 0;
	if (!bad && rename(p->temporary, p->path) == 0)
		return 0;
	return err_set(ERR_IO, "%s: %s", p->path, strerror(errno));
}

static bool is_there(const struct demo_options *o, const char *name)
{
	char path[400];
	snprintf(path, sizeof path, "%s/%s", o->db, name);
	return access(path, F_OK) == 0;
}

static const char *dec(int64_t v_e8, char out[24])
{
	dec_format(v_e8, 8, 0, out);
	return out;
}

/* ---- what is traded ---- */

static void split_symbol(struct demo_options *o)
{
	static const char *const quotes[] = { "USDT", "USDC", "FDUSD", "BUSD", "TUSD", "USD",
					      "BTC",  "ETH",  "BNB",   "EUR",  "TRY" };
	size_t n = strlen(o->symbol);
	snprintf(o->quote, sizeof o->quote, "USDT");
	snprintf(o->base, sizeof o->base, "%.11s", o->symbol);
	for (size_t i = 0; i < sizeof quotes / sizeof *quotes; i++) {
		size_t q = strlen(quotes[i]);
		if (n > q && strcmp(o->symbol + n - q, quotes[i]) == 0 && n - q < sizeof o->base) {
			snprintf(o->quote, sizeof o->quote, "%s", quotes[i]);
			snprintf(o->base, sizeof o->base, "%.*s", (int)(n - q), o->symbol);
			return;
		}
	}
}

static int probe(const char *path, struct probe_symbol *out, unsigned *n)
{
	return store_feed_is(path) ? store_feed_probe(path, out, n) : probe_file(path, out, n);
}

int demo_look(struct demo_options *o)
{
	static struct probe_symbol spot[PROBE_SYMBOLS], usdm[PROBE_SYMBOLS];
	unsigned n_spot = 0, n_usdm = 0, is = 0, iu = 0;
	if (!o->spot.file[0]) {
		snprintf(o->symbol, sizeof o->symbol, "BTCUSDT");
		o->spot.tick_e8 = 1000000, o->spot.lot_e8 = 1000;
		o->usdm.tick_e8 = 10000000, o->usdm.lot_e8 = 100000;
		o->px_e8 = 6180000000000;
		split_symbol(o);
		return 0;
	}
	int rc = probe(o->spot.file, spot, &n_spot);
	if (!rc)
		rc = probe(o->usdm.file, usdm, &n_usdm);
	if (rc)
		return rc;
	const char *symbol = probe_common(spot, n_spot, usdm, n_usdm, &is, &iu);
	if (!symbol)
		return err_set(
			ERR_PARSE,
			"the two recordings have no symbol in common (%s, %s ...): a basis is between two markets of one thing",
			spot[0].symbol, usdm[0].symbol);
	snprintf(o->symbol, sizeof o->symbol, "%s", symbol);
	o->spot.tick_e8 = spot[is].tick_e8, o->spot.lot_e8 = spot[is].lot_e8;
	o->usdm.tick_e8 = usdm[iu].tick_e8, o->usdm.lot_e8 = usdm[iu].lot_e8;
	o->px_e8 = spot[is].px_e8;
	split_symbol(o);
	return o->px_e8 > 0 && o->spot.lot_e8 > 0 && o->usdm.lot_e8 > 0
		       ? 0
		       : err_set(ERR_PARSE, "%s: no prices and quantities of %s in it",
				 o->spot.file, symbol);
}

static int64_t coarse_lot(const struct demo_options *o)
{
	return o->spot.lot_e8 > o->usdm.lot_e8 ? o->spot.lot_e8 : o->usdm.lot_e8;
}

/* Lots of a pair worth about this much quote currency. */
static int64_t lots_worth(const struct demo_options *o, int64_t money)
{
	int64_t lot_value_e8 = dec_muldiv(coarse_lot(o), o->px_e8, dec_pow10[8], DEC_UP);
	int64_t lots = lot_value_e8 > 0 ? money * dec_pow10[8] / lot_value_e8 : 1;
	return lots > 1 ? lots : 1;
}

/* ---- the venues ---- */

static void write_symbol(FILE *f, const struct demo_options *o, const struct demo_market *m,
			 const char *fees)
{
	char tick[24], lot[24];
	fprintf(f,
		"\t\t\tsymbols = { { symbol = \"%s\", base = \"%s\", quote = \"%s\", px_dp = 8, qty_dp = 8, tick = \"%s\", lot = \"%s\",\n"
		"\t\t\t\tmin_qty = \"%s\", min_notional = 5, %s } },\n",
		o->symbol, o->base, o->quote, dec(m->tick_e8, tick), dec(m->lot_e8, lot), lot,
		fees);
}

/* Fees of a large customer's tier: with the retail ones nothing of this market would be worth trading. */
#define SPOT_FEES "fees = { maker = \"1.1bp\", taker = \"2.3bp\", charged_in = \"received\" }"
#define USDM_FEES "fees = { maker = \"0\", taker = \"1.7bp\" }, margin = \"5%\""

/* What goes wrong in a demo, so that the way out is seen. */
static const char faults[] =
	"\t\t\tknobs = { reject = \"2%%\", partial = \"5%%\", timeout = \"0.5%%\", [\"drop.out\"] = \"0.5%%\", [\"dup.out\"] = \"0.5%%\",\n"
	"\t\t\t\t[\"delay.feed\"] = \"uniform:200us:400us\", [\"delay.in\"] = \"uniform:300us:1ms\", [\"delay.out\"] = \"uniform:200us:600us\",\n"
	"\t\t\t\t[\"clock.offset\"] = \"%s\", [\"clock.drift\"] = \"%s\"%s },\n";

static void write_source(FILE *f, const struct demo_options *o)
{
	if (o->spot.file[0])
		fprintf(f, "\tsource = { recording = { spot = %s%s%s, usdm = %s%s%s } },\n", "[==[",
			o->spot.file, "]==]", "[==[", o->usdm.file, "]==]");
	else
		fprintf(f,
			"\tsource = { generator = { basis_dev = \"0.6bp\", excursion_every = \"1s\", excursion = \"25bp\" } },\n");
}

static int write_venue(const struct demo_options *o)
{
	char base[24], speed[32] = "\"max\"";
	struct part p;
	int rc = begin(o, "venue.lua", &p);
	if (rc)
		return rc;
	FILE *f = p.f;
	if (o->speed_milli)
		snprintf(speed, sizeof speed, "\"%u.%03u\"", o->speed_milli / 1000,
			 o->speed_milli % 1000);
	int64_t stock = dec_muldiv(2000000 * dec_pow10[8], dec_pow10[8], o->px_e8, DEC_NEAREST);
	fprintf(f,
		"-- The simulated venues of a demo. `tandem venue venue.lua` runs them.\nreturn {\n\tdir = \"venue\",\n\tseed = %" PRIu64
		",\n\tspeed = %s,\n",
		o->seed, speed);
	write_source(f, o);
	fprintf(f, "\tvenues = {\n\t\t{ name = \"spot\", wire = \"binance_spot\", port = %u,\n",
		o->port[0]);
	write_symbol(f, o, &o->spot, SPOT_FEES);
	fprintf(f,
		"\t\t\taccounts = { { name = \"demo\", balances = { %s = \"%s\", %s = 4000000 } } },\n",
		o->base, dec(stock, base), o->quote);
	fprintf(f, faults, "3ms", "4000ppb", "");
	fprintf(f, "\t\t},\n\t\t{ name = \"usdm\", wire = \"binance_usdm\", port = %u,\n",
		o->port[1]);
	write_symbol(f, o, &o->usdm, USDM_FEES);
	fprintf(f, "\t\t\taccounts = { { name = \"demo\", balances = { %s = 4000000 } } },\n",
		o->quote);
	fprintf(f, faults, "-2ms", "-3000ppb", ", plan = { \"disconnect@6s\" }");
	fprintf(f, "\t\t},\n\t},\n}\n");
	return end(&p);
}

/* ---- the host ---- */

static int read_ports(const struct demo_options *o, unsigned *spot, unsigned *usdm)
{
	char path[400], name[32];
	unsigned port;
	snprintf(path, sizeof path, "%s/ports", o->db);
	FILE *f = fopen(path, "re");
	if (!f)
		return err_set(ERR_IO, "%s: %s", path, strerror(errno));
	*spot = *usdm = 0;
	while (fscanf(f, "%31s %u", name, &port) == 2)
		*(strcmp(name, "spot") == 0 ? spot : usdm) = port;
	fclose(f);
	return *spot && *usdm ? 0 : err_set(ERR_IO, "%s: does not name two ports", path);
}

static void write_host_venue(FILE *f, const char *name, const char *adapter, unsigned port,
			     const char *api, bool futures)
{
	fprintf(f,
		"\t\t{ name = \"%s\", adapter = \"%s\", ca_file = \"venue/tls/ca.pem\", answer_timeout = \"500ms\", settle = \"1s\",\n"
		"\t\t\tbackoff_min = \"100ms\", backoff_max = \"2s\", messages_per_s = 200, record = true,\n"
		"\t\t\turl = { stream = \"wss://localhost:%u%s\", api = \"wss://localhost:%u%s\", rest = \"https://localhost:%u\"",
		name, adapter, port, futures ? "/public" : "", port, api, port);
	if (futures)
		fprintf(f, ", user = \"wss://localhost:%u/private\"", port);
	fprintf(f, " } },\n");
}

static void write_instrument(FILE *f, const struct demo_options *o, const struct demo_market *m,
			     const char *venue, const char *kind, const char *fees)
{
	char tick[24], lot[24];
	fprintf(f,
		"\t\t{ name = \"%s.%s\", venue = \"%s\", symbol = \"%s\", base = \"%s\", quote = \"%s\", kind = \"%s\", px_dp = 8, qty_dp = 8,\n"
		"\t\t\ttick = \"%s\", lot = \"%s\", min_qty = \"%s\", min_notional = 5, %s },\n",
		venue, o->symbol, venue, o->symbol, o->base, o->quote, kind, dec(m->tick_e8, tick),
		dec(m->lot_e8, lot), lot, fees);
}

static bool own_script(const struct demo_options *o)
{
	return o->strategy[0] != '\0';
}

/* A script of somebody's own has its file's name, and the parameters that it sets itself. */
static void write_own(FILE *f, const struct demo_options *o)
{
	const char *file = strrchr(o->strategy, '/');
	file = file ? file + 1 : o->strategy;
	fprintf(f,
		"\t\t{ name = \"%.*s\", file = \"%s\", reload = { on_save = true }, -- a version that is saved while it runs is taken, or refused with the reason\n",
		(int)strcspn(file, "."), file, o->strategy);
}

/* Thresholds that trade: in the made market on its excursions, net of fees; on a recording, whose basis rarely pays two taker
 * fees, on small moves around its own mean, fees left aside: it shows execution, not profit. */
static void write_strategy(FILE *f, const struct demo_options *o)
{
	bool recorded = o->spot.file[0] != '\0';
	fprintf(f, "\tstrategies = {\n");
	if (own_script(o))
		write_own(f, o);
	else
		fprintf(f, "\t\t{ name = \"cross\", file = \"executable_cross.lua\",\n");
	fprintf(f,
		"\t\t\tlegs = { near = \"spot.%s\", far = \"usdm.%s\" }, accounts = { near = \"spot_demo\", far = \"usdm_demo\" },\n",
		o->symbol, o->symbol);
	fprintf(f, "\t\t\tparams = { open_bp = %s, close_bp = %s, ", recorded ? "-3.4" : "8",
		recorded ? "4.1" : "5");
	if (!own_script(o))
		fprintf(f, "fair_weight = %s, ", recorded ? "0.001" : "0");
	fprintf(f, "lots = %" PRId64 ", max_pos = %" PRId64 " },\n", lots_worth(o, 300),
		4 * lots_worth(o, 300));
	fprintf(f,
		"\t\t\tlimits = { max_pairs_in_flight = 1, max_age = \"2s\", max_skew = \"1s\", leg_timeout = \"200ms\", pair_timeout = \"5s\",\n"
		"\t\t\t\tmax_slip_ticks = 20, max_unwind_slip_ticks = 200, rescue_budget = 100, on_leg_fail = \"cheapest\" } },\n\t},\n");
}

int demo_write_host(const struct demo_options *o)
{
	struct part p;
	unsigned spot, usdm;
	if (own_script(o) && is_there(o, "host.lua"))
		return 0;
	int rc = read_ports(o, &spot, &usdm);
	if (!rc)
		rc = begin(o, "host.lua", &p);
	if (rc)
		return rc;
	FILE *f = p.f;
	fprintf(f,
		"-- The host %s. `tandem run host.lua` runs it while the venues of venue.lua are up.\nreturn {\n\tvenues = {\n",
		own_script(o) ? "of your strategy, at simulated venues" : "of a demo");
	write_host_venue(f, "spot", "binance_spot", spot, "/ws-api/v3", false);
	write_host_venue(f, "usdm", "binance_usdm", usdm, "/ws-fapi/v1", true);
	fprintf(f, "\t},\n\taccounts = {\n");
	for (int k = 0; k < 2; k++)
		fprintf(f,
			"\t\t{ name = \"%s_demo\", group = \"demo\", venue = \"%s\", key_type = \"ed25519\", api_key_file = \"venue/keys/%s_demo.ed25519.key\", "
			"secret_file = \"venue/keys/%s_demo.ed25519.pem\" },\n",
			k ? "usdm" : "spot", k ? "usdm" : "spot", k ? "usdm" : "spot",
			k ? "usdm" : "spot");
	fprintf(f, "\t},\n\tinstruments = {\n");
	write_instrument(f, o, &o->spot, "spot", "spot", SPOT_FEES);
	write_instrument(f, o, &o->usdm, "usdm", "linear", USDM_FEES);
	fprintf(f, "\t},\n");
	write_strategy(f, o);
	fprintf(f,
		"\trisk = { max_order_notional = 5000, max_position_notional = 50000, collar = \"50bp\", max_age = \"2s\", max_skew = \"1s\",\n"
		"\t\tmax_pairs_in_flight = 4, max_rejects_per_min = 1000, cool_down = \"50ms\" },\n"
		"\tstore = { path = \".\", ring = \".\", ring_bytes = \"32MiB\", checkpoint_every = 5000 },\n\tengine = { clock_page = \"venue/clock\"%s },\n}\n",
		own_script(o) ? ", script_budget = \"10ms\"" : "");
	return end(&p);
}

/* ---- the folder ---- */

static int write_embedded(const struct demo_options *o)
{
	struct part p;
	int rc = begin(o, "executable_cross.lua", &p);
	if (rc)
		return rc;
	fwrite(embed_executable_cross, 1, embed_executable_cross_len, p.f);
	return end(&p);
}

static int write_state(const struct demo_options *o, int64_t start_ns, bool ended)
{
	struct part p;
	int rc = begin(o, "demo.state", &p);
	if (rc)
		return rc;
	fprintf(p.f,
		"tandem-demo %d\nended %d\nstart_ns %" PRId64 "\nduration_ns %" PRId64
		"\nseed %" PRIu64 "\nspeed_milli %u\nsymbol %s\npx_e8 %" PRId64 "\nsteps %" PRId64
		" %" PRId64 " %" PRId64 " %" PRId64 "\nspot %s\nusdm %s\nstrategy %s\n",
		STATE_VERSION, ended, start_ns, o->duration_ns, o->seed, o->speed_milli, o->symbol,
		o->px_e8, o->spot.tick_e8, o->spot.lot_e8, o->usdm.tick_e8, o->usdm.lot_e8,
		o->spot.file, o->usdm.file, o->strategy);
	return end(&p);
}

static int write_missing(const struct demo_options *o)
{
	int rc = own_script(o) || is_there(o, "executable_cross.lua") ? 0 : write_embedded(o);
	return rc || is_there(o, "venue.lua") ? rc : write_venue(o);
}

/* What the venues will say of themselves once they listen. */
static int write_ports(const struct demo_options *o)
{
	struct part p;
	int rc = begin(o, "ports", &p);
	if (rc)
		return rc;
	fprintf(p.f, "spot %u\nusdm %u\n", o->port[0], o->port[1]);
	return end(&p);
}

int demo_write(const struct demo_options *o)
{
	static const char *const name[] = { "executable_cross.lua", "venue.lua", "host.lua",
					    "status", "venue" };
	for (size_t i = 0; i < sizeof name / sizeof *name; i++)
		if (is_there(o, name[i]))
			return err_set(
				ERR_EXISTS,
				"%s: holds a '%s' that is not a demo's: give a new or an empty folder",
				o->db, name[i]);
	int rc = write_state(o, 0, false); /* first: from here on the folder is a demo's */
	if (!rc)
		rc = write_missing(o);
	if (!rc && own_script(o))
		rc = write_ports(o);
	return rc || !own_script(o) ? rc : demo_write_host(o);
}

int demo_lock(const struct demo_options *o, int *fd)
{
	char path[400];
	snprintf(path, sizeof path, "%s/demo.lock", o->db);
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (*fd < 0)
		return err_set(ERR_IO, "%s: %s", path, strerror(errno));
	/* The children of a demo that was killed hold it until they are gone. */
	for (int tries = 0; flock(*fd, LOCK_EX | LOCK_NB); tries++) {
		if (errno != EWOULDBLOCK || tries == LOCK_TRIES) {
			int rc = errno == EWOULDBLOCK
					 ? err_set(ERR_BUSY, "%s: another demo runs in this folder",
						   o->db)
					 : err_set(ERR_IO, "%s: %s", path, strerror(errno));
			close(*fd);
			*fd = -1;
			return rc;
		}
		usleep(LOCK_STEP_US);
	}
	return 0;
}

int demo_note_start(const struct demo_options *o, int64_t start_ns)
{
	return write_state(o, start_ns, false);
}

int demo_note_end(const struct demo_options *o, int64_t start_ns)
{
	return write_state(o, start_ns, true);
}

/* The rest of the line that begins with `word`; false: there is none, or it does not fit. */
static bool take_path(const char *text, const char *word, char *out, size_t cap)
{
	const char *p = strstr(text, word);
	if (!p)
		return false;
	p += strlen(word);
	size_t n = strcspn(p, "\n");
	if (p[n] != '\n' || n >= cap)
		return false;
	memcpy(out, p, n);
	out[n] = '\0';
	return true;
}

static bool is_symbol(const char *s)
{
	return s[0] && !strpbrk(s, "\\\"'[]");
}

/* All of it is used to write configurations, so none of it is believed unseen. */
static bool makes_sense(const struct demo_options *o, int64_t start_ns)
{
	bool steps = o->spot.tick_e8 > 0 && o->spot.lot_e8 > 0 && o->usdm.tick_e8 > 0 &&
		     o->usdm.lot_e8 > 0;
	return steps && start_ns >= 0 && o->px_e8 > 0 && o->seed > 0 && o->duration_ns >= 0 &&
	       o->duration_ns <= DEMO_LONGEST_NS && o->speed_milli <= 1000000 &&
	       is_symbol(o->symbol) && !strpbrk(o->strategy, "\\\"'") &&
	       !o->spot.file[0] == !o->usdm.file[0] && (o->duration_ns || o->spot.file[0]);
}

static int parse_state(const char *text, struct demo_options *o, int64_t *start_ns, int *ended)
{
	int n = sscanf(text,
		       "tandem-demo %*d ended %d start_ns %" SCNd64 " duration_ns %" SCNd64
		       " seed %" SCNu64 " speed_milli %" SCNu32 " symbol %31s px_e8 %" SCNd64
		       " steps %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64 " ",
		       ended, start_ns, &o->duration_ns, &o->seed, &o->speed_milli, o->symbol,
		       &o->px_e8, &o->spot.tick_e8, &o->spot.lot_e8, &o->usdm.tick_e8,
		       &o->usdm.lot_e8);
	bool good = n == 11 && (*ended == 0 || *ended == 1) &&
		    take_path(text, "\nspot ", o->spot.file, sizeof o->spot.file) &&
		    take_path(text, "\nusdm ", o->usdm.file, sizeof o->usdm.file) &&
		    take_path(text, "\nstrategy ", o->strategy, sizeof o->strategy);
	return good && makes_sense(o, *start_ns) ? 0 : -ERR_CORRUPT;
}

int demo_read(struct demo_options *o, int64_t *start_ns)
{
	char path[400], text[2048];
	int ended = 0, version = 0;
	snprintf(path, sizeof path, "%s/demo.state", o->db);
	FILE *f = fopen(path, "re");
	if (!f)
		return err_set(errno == ENOENT ? ERR_NOTFOUND : ERR_IO, "%s: %s", path,
			       strerror(errno));
	size_t n = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	text[n] = '\0';
	if (sscanf(text, "tandem-demo %d", &version) == 1 && version != STATE_VERSION)
		return err_set(
			ERR_CORRUPT,
			"%s: the demo there was begun by another version of this program; give another folder",
			o->db);
	if (parse_state(text, o, start_ns, &ended))
		return err_set(ERR_CORRUPT,
			       "%s: is damaged; give another folder, the receipts in this one stay",
			       path);
	if (ended && own_script(o))
		*start_ns = 0;
	else if (ended)
		return err_set(
			ERR_EXISTS,
			"%s holds a demo that has ended: `tandem explain %s last` looks at it; give another folder for a new one",
			o->db, o->db);
	split_symbol(o);
	return write_missing(o);
}
