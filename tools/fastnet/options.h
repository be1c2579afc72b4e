/* SPDX-License-Identifier: GPL-2.0 */
/* The command line. */
#ifndef FASTNET_OPTIONS_H
#define FASTNET_OPTIONS_H

#include <stdbool.h>

#include "say.h"

/* What getopt_long() returns for those that have no letter. */
enum long_option {
	OPTION_MODE = 256,
	OPTION_XMIT,
	OPTION_DRY_RUN,
	OPTION_RUNTIME,
	OPTION_CONFIG,
	OPTION_POOL,
	OPTION_FLAME_GRAPH,
	OPTION_RSH,
	OPTION_SIZES,
	OPTION_CONNECTIONS,
	OPTION_ADDRESS,
	OPTION_END
};

/**
 * struct options - what the command line says
 * @json: JSON instead of text
 * @pretty: the JSON for people
 * @statistics: all counters
 * @batch: top: no screen
 * @dry_run: change nothing, say what would be changed
 * @runtime: change what runs, not the configuration
 * @rounds: top: how often; 0 for ever
 * @seconds: between two looks, of a profile or of a measurement; 0 for the usual
 * @connections: bench: at once
 * @words: what is left, the last one NULL
 */
struct options {
	bool json;
	bool pretty;
	bool statistics;
	bool batch;
	bool dry_run;
	bool runtime;
	long rounds;
	double seconds;
	long connections;
	const char *mode;
	const char *xmit;
	const char *config;
	const char *pool;
	const char *flame_graph;
	const char *rsh;
	const char *sizes;
	const char *address;
	char **words;
};

/**
 * struct command - one of fastnet's
 * @name: its name, of which a beginning will do unless it changes something
 * @changes: it may
 * @takes: the letters of the options that it has beside those of all
 * @takes_long: the same for those without letters
 * @usage: what follows the name
 * @run: does it
 */
struct command {
	const char *name;
	bool changes;
	const char *takes;
	enum long_option takes_long[8];
	const char *usage;
	enum result (*run)(const struct options *options);
};

int whole_seconds(const struct options *options);
enum result status_command(const struct options *options);
enum result enable_command(const struct options *options);
enum result disable_command(const struct options *options);
enum result set_command(const struct options *options);
enum result reset_command(const struct options *options);
enum result apply_command(const struct options *options);
enum result guard_command(const struct options *options);
enum result sched_command(const struct options *options);
enum result top_command(const struct options *options);
enum result profile_command(const struct options *options);
enum result bench_command(const struct options *options);

#endif /* FASTNET_OPTIONS_H */
