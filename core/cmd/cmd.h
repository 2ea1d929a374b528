/* cmd - the verbs of the program: one file each, found through one table.
 *
 * A verb gets its own argv (argv[0] is "tandem VERB") and returns an exit code; what it prints on standard output is its
 * answer, everything else goes to standard error. The main thread. */
#pragma once
#include <stdio.h>

enum exit_code {
	EXIT_OK = 0,
	EXIT_CHECK = 1, /* a check failed, or what was asked for is not there */
	EXIT_USAGE = 2,
	EXIT_CONFIG = 3,
	EXIT_WORLD = 4, /* a venue, the disk, the system */
};

/* verb (typed with hyphens), what it does in a line */
#define CMD_VERBS(X)                                                                             \
	X(demo, "two simulated markets, the host and a strategy: the whole job in one command")  \
	X(run, "the host: runs what a configuration says")                                       \
	X(check, "reads a configuration and says everything that is wrong with it")              \
	X(venue, "a simulated venue that speaks a real wire")                                    \
	X(backtest, "a strategy against recordings: what it would have come to")                 \
	X(import, "recorded files into a store, and what their stamps say of the clocks")        \
	X(query, "receipts by time, pair, order, instance, kind")                                \
	X(explain, "one pair's story, from quote to flat, with microseconds")                    \
	X(replay, "what was recorded through the same core again: does it decide the same?")     \
	X(why_not, "what kept the instances from trading, and what was wrong with the input")    \
	X(tca, "what execution cost: prices, slippage, money and time by step")                  \
	X(reconcile, "a venue's statement of executions against the receipts, both ways")        \
	X(verify, "whether a store is what was written; proofs of it")                           \
	X(key, "the keys that sign receipts")                                                    \
	X(status, "the numbers of a running host")                                               \
	X(positions, "what a running host holds, by account, instrument and owner")              \
	X(orders, "its orders that have not ended")                                              \
	X(pnl, "what its instances and their open rounds have earned")                           \
	X(held, "its pairs that are held or being rescued")                                      \
	X(alerts, "what people were told of and nobody has acknowledged")                        \
	X(ack, "acknowledges an alert")                                                          \
	X(counters, "what the exchanges count of its accounts today")                            \
	X(limits, "every limit of a running host: its bound, its use now, how often it was hit") \
	X(params, "the parameters of its scripts: in force, configured, their bounds")           \
	X(set, "a limit of a running host, or a parameter of a script")                          \
	X(reload, "a new version of a script for a running host, or back to the one before")     \
	X(versions, "which versions of the scripts traded, when and why; their texts")           \
	X(resolve, "ends a held pair by an operator's word")                                     \
	X(kill, "a running host opens nothing more, cancels, and finishes what is open")         \
	X(pause, "an instance of a running host, or all, get no more calls")                     \
	X(resume, "the contrary of pause; with a reason, re-arms after a kill")                  \
	X(new, "a strategy to start from: its tests, its configuration, simulated venues")       \
	X(test, "runs the tests of a strategy: markets by hand, and what it must propose")       \
	X(lint, "what is wrong or slow in a strategy, found before it trades")                   \
	X(repl, "a console: Lua over what a host does now")                                      \
	X(backup, "the whole store into another folder, while its host runs")                    \
	X(archive, "days of a store into a folder of their own, and back")                       \
	X(report, "one day for those who examine it: page, CSV, JSON lines, English or Chinese") \
	X(doctor, "what is wrong with a store, and what of it can be repaired")

#define CMD_DECLARE(name, text) int cmd_##name(int argc, char **argv);
CMD_VERBS(CMD_DECLARE)
#undef CMD_DECLARE

/* The exit code that a negative code of the program stands for. */
int cmd_exit_code(int rc);
/* What --json answers when it could not: {"ok":false,"error":TEXT}. */
void cmd_json_failure(FILE *f, const char *error);
