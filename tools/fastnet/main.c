// SPDX-License-Identifier: GPL-2.0
/* fastnet: what a dom0's network path does, and the switches of xen-fastnet. */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "options.h"
#include "credit.h"
#include "state.h"

static const struct command commands[] = {
	{ "status", false, "s", { }, "[BRIDGE|VIF|GUEST]", status_command },
	{ "enable", true, "", { OPTION_MODE, OPTION_XMIT, OPTION_DRY_RUN, OPTION_RUNTIME, OPTION_CONFIG },
	  "BRIDGE [--mode auto|bypass] [--xmit direct|queue]", enable_command },
	{ "disable", true, "", { OPTION_DRY_RUN, OPTION_RUNTIME, OPTION_CONFIG }, "BRIDGE",
	  disable_command },
	{ "set", true, "", { OPTION_DRY_RUN, OPTION_RUNTIME, OPTION_CONFIG },
	  "VIF|GUEST|BRIDGE|default KEY=VALUE...", set_command },
	{ "reset", true, "", { OPTION_DRY_RUN, OPTION_RUNTIME, OPTION_CONFIG }, "", reset_command },
	{ "apply", true, "", { OPTION_DRY_RUN, OPTION_CONFIG }, "[BRIDGE]", apply_command },
	{ "guard", true, "", { OPTION_DRY_RUN }, "PORT [show|on|off|{add|del} ADDRESS[/LEN]...]",
	  guard_command },
	{ "sched", true, "", { OPTION_POOL, OPTION_DRY_RUN, OPTION_RUNTIME, OPTION_CONFIG },
	  "[--pool POOL] [KEY=VALUE...]", sched_command },
	{ "top", false, "bnd", { }, "[-d SECONDS] [-b] [-n ROUNDS]", top_command },
	{ "profile", false, "sd", { OPTION_FLAME_GRAPH }, "[-s] [-d SECONDS] [--flame-graph FILE.svg]",
	  profile_command },
	{ "bench", false, "d", { OPTION_RSH, OPTION_SIZES, OPTION_CONNECTIONS, OPTION_ADDRESS },
	  "[-d SECONDS] [--rsh COMMAND] [--sizes LIST] [--connections N] [--address A] CLIENT SERVER",
	  bench_command },
	{ }
};

static const struct option long_options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "pretty", no_argument, NULL, 'p' },
	{ "statistics", no_argument, NULL, 's' },
	{ "batch", no_argument, NULL, 'b' },
	{ "rounds", required_argument, NULL, 'n' },
	{ "delay", required_argument, NULL, 'd' },
	{ "mode", required_argument, NULL, OPTION_MODE },
	{ "xmit", required_argument, NULL, OPTION_XMIT },
	{ "dry-run", no_argument, NULL, OPTION_DRY_RUN },
	{ "runtime", no_argument, NULL, OPTION_RUNTIME },
	{ "config", required_argument, NULL, OPTION_CONFIG },
	{ "pool", required_argument, NULL, OPTION_POOL },
	{ "flame-graph", required_argument, NULL, OPTION_FLAME_GRAPH },
	{ "rsh", required_argument, NULL, OPTION_RSH },
	{ "sizes", required_argument, NULL, OPTION_SIZES },
	{ "connections", required_argument, NULL, OPTION_CONNECTIONS },
	{ "address", required_argument, NULL, OPTION_ADDRESS },
	{ "Version", no_argument, NULL, 'V' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static void usage(FILE *stream)
{
	const struct command *command;

	fputs("Usage: fastnet [-j [-p]] COMMAND ...\n\n", stream);
	for (command = commands; command->name; command++)
		fprintf(stream, "  fastnet %s %s\n", command->name, command->usage);
	fputs("\nOf status, top, profile and bench, which change nothing, a beginning will do. What\n"
	      "changes something takes --dry-run, and --runtime to leave " CONF "\n"
	      "alone. See fastnet(8).\n", stream);
}

/* As in iproute2, the first one that begins so, but nothing changes by half a word. */
static const struct command *find_command(const char *word)
{
	const struct command *command;

	for (command = commands; command->name; command++) {
		if (!strcmp(command->name, word) ||
		    (*word && !command->changes && !strncmp(command->name, word, strlen(word))))
			return command;
	}
	return NULL;
}

static enum result no_command(const char *word)
{
	const struct command *command;

	for (command = commands; command->name; command++) {
		if (*word && !strncmp(command->name, word, strlen(word)))
			return say(WRONG, "there is no command '%s'; %s wants its whole word",
				   word, command->name);
	}
	return say(WRONG, "there is no command '%s'; see --help", word);
}

/* When something has changed, it is too late to fail. */
static enum result end(enum result result)
{
	if (!fflush(stdout) && !ferror(stdout))
		return result;
	if (state_locked() && !result)
		return say(DONE, "standard output: it cannot be written, but all is done");
	return say(result ?: WRONG, "standard output: it cannot be written");
}

static bool takes(const struct command *command, int option)
{
	const enum long_option *each;

	if (option < OPTION_MODE)
		return strchr("jpVh", option) || strchr(command->takes, option);
	for (each = command->takes_long; *each; each++) {
		if ((int)*each == option)
			return true;
	}
	return false;
}

/**
 * whole_seconds - how long to measure, for who knows whole seconds alone
 * @options: the command line
 *
 * Return: what it says, rounded up, or the usual.
 */
int whole_seconds(const struct options *options)
{
	const double seconds = options->seconds ?: 10;
	const int whole = seconds;

	return whole + (whole < seconds);
}

static enum result number(double *value, const char *name, const char *word, double most)
{
	char *end;

	*value = strtod(word, &end);
	if (end == word || *end || !(*value > 0) || *value > most)
		return say(WRONG, "%s wants a number above 0, at most %.0f, not '%s'", name, most,
			   word);
	return DONE;
}

static enum result whole(long *value, const char *name, const char *word, long most)
{
	double read = 0;
	enum result result = number(&read, name, word, most);

	*value = read;
	if (!result && *value != read)
		result = say(WRONG, "%s wants a whole number, not '%s'", name, word);
	return result;
}

static enum result take(struct options *options, int option, const char *value)
{
	switch (option) {
	case 'j':	options->json = true; break;
	case 'p':	options->pretty = true; break;
	case 's':	options->statistics = true; break;
	case 'b':	options->batch = true; break;
	case 'n':	return whole(&options->rounds, "-n", value, 1000000);
	case 'd':	return number(&options->seconds, "-d", value, 86400);
	case OPTION_MODE:	options->mode = value; break;
	case OPTION_XMIT:	options->xmit = value; break;
	case OPTION_DRY_RUN:	options->dry_run = true; break;
	case OPTION_RUNTIME:	options->runtime = true; break;
	case OPTION_CONFIG:	options->config = value; break;
	case OPTION_POOL:	options->pool = value; break;
	case OPTION_FLAME_GRAPH:	options->flame_graph = value; break;
	case OPTION_RSH:	options->rsh = value; break;
	case OPTION_SIZES:	options->sizes = value; break;
	case OPTION_CONNECTIONS:
		return whole(&options->connections, "--connections", value, 128);
	case OPTION_ADDRESS:	options->address = value; break;
	}
	return DONE;
}

/* Options may stand before and behind the command and its words. */
static enum result parse(struct options *options, bool *seen, int argc, char **argv)
{
	enum result result;
	int option;

	while ((option = getopt_long(argc, argv, "jpsbn:d:Vh", long_options, NULL)) >= 0) {
		if (option == 'V') {
			puts("fastnet, xen-fastnet " FASTNET_VERSION);
			exit(DONE);
		}
		if (option == 'h') {
			usage(stdout);
			exit(DONE);
		}
		if (option == '?')
			return WRONG;
		seen[option] = true;
		result = take(options, option, optarg);
		if (result)
			return result;
	}
	options->words = argv + optind;
	return DONE;
}

static enum result check(const struct command *command, const bool *seen)
{
	int option;

	for (option = 0; option < OPTION_END; option++) {
		if (seen[option] && !takes(command, option))
			return say(WRONG, "fastnet %s %s: one option too many; see --help",
				   command->name, command->usage);
	}
	return DONE;
}

/* What is opened later is not to be written to as standard output, if that is closed. */
static void open_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	close(fd);
}

int main(int argc, char **argv)
{
	struct options options = {
		.config = CONF, .pool = SCHED_POOL, .rsh = "ssh -n -o BatchMode=yes", .connections = 8,
	};
	bool seen[OPTION_END] = { };
	const struct command *command;
	enum result result;

	open_standard();
	result = parse(&options, seen, argc, argv);
	if (result)
		return result;
	if (!*options.words) {
		usage(stderr);
		return WRONG;
	}
	command = find_command(*options.words);
	if (!command)
		return no_command(*options.words);
	options.words++;
	result = check(command, seen);
	if (!result)
		result = command->run(&options);
	return end(result);
}
