/* The claim, measured: six executors on the same triggers of the same markets, in every cell of a grid of latencies, reject and partial rates. README.md of tests/bench has
 * the definitions.
 *
 * bench_outcome [--quick] [--seed N] [--cell L,R,P] [--json FILE] [--plot DIR] [--table]: lines of JSON by default, --table: for people. --cell: one of each market, by index of
 * latency, reject and partial rate. TANDEM_DATA: where the recordings are; without them the made market alone. */
#include "core/base/err.h"
#include "tests/bench/bench.h"
#include "tests/bench/outcome/show.h"

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "bench_outcome: %s\n", what);
	exit(1);
}

static int cell_of(const char *text)
{
	unsigned l, r, p;
	if (sscanf(text, "%u,%u,%u", &l, &r, &p) != 3 || l >= GRID_LATENCIES || r >= GRID_RATES ||
	    p >= GRID_RATES)
		die("--cell wants three numbers: latency 0 to 6, reject 0 to 2, partial 0 to 2");
	return (int)grid_at(l, r, p);
}

int main(int argc, char **argv)
{
	static struct grid g;
	const char *json = NULL, *plots = NULL, *data = getenv("TANDEM_DATA");
	bool table = false;
	int only = -1;
	g.seed = 1;
	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : NULL;
		if (strcmp(argv[i], "--quick") == 0) {
			g.quick = true;
			only = (int)grid_at(2, 1, 1);
			continue;
		}
		if (strcmp(argv[i], "--table") == 0) {
			table = true;
			continue;
		}
		if (!value)
			die("unknown option, or one without its value");
		if (strcmp(argv[i], "--seed") == 0)
			g.seed = strtoull(value, NULL, 10);
		else if (strcmp(argv[i], "--cell") == 0)
			only = cell_of(value);
		else if (strcmp(argv[i], "--json") == 0)
			json = value;
		else if (strcmp(argv[i], "--plot") == 0)
			plots = value;
		else
			die("unknown option");
		i++;
	}
	if (grid_open(&g, data && *data ? data : TANDEM_DATA_DEFAULT) || grid_run(&g, only))
		die(err_text());
	FILE *out = json ? fopen(json, "w") : table ? NULL : stdout;
	if (json && !out)
		die("the file for JSON cannot be written");
	if (out)
		show_json(&g, out);
	if (json && fclose(out))
		die("the file for JSON cannot be written");
	if (table)
		show_table(&g, stdout);
	if (plots && show_plots(&g, plots))
		die(err_text());
	grid_free(&g);
	return 0;
}
