// SPDX-License-Identifier: GPL-2.0
/* profile: which part of dom0's network path takes how much of its time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net.h"
#include "options.h"
#include "profile.h"
#include "run.h"
#include "stacks.h"

/* ---- what happened while perf took its samples */

static struct device *port_of(struct net *net, const char *name)
{
	const struct device *device = net_find(net, name);

	return device && net_bridge_of(net, device) ? &net->devices[device - net->devices] : NULL;
}

/*
 * A line of /proc/uptime or /proc/net/dev, of which each is read before and after. A port that
 * goes meanwhile counts for nothing.
 */
static void read_counters(struct profile *profile, struct net *net, const char *line)
{
	unsigned long long packets;
	struct device *port;
	double value, idle;
	char name[64];

	if (sscanf(line, "%lf %lf", &value, &idle) == 2) {
		profile->looks++;
		profile->seconds = value - profile->seconds;
		return;
	}
	if (sscanf(line, " %63[^: ]: %*u %llu", name, &packets) != 2)
		return;
	port = port_of(net, name);
	if (port && profile->looks > 1 && packets > port->stats.rx_packets)
		profile->packets += packets - port->stats.rx_packets;
	if (port)
		port->stats.rx_packets = packets;
}

/* What is of the first look becomes that of the second; two domains may have the same name. */
static void take_domain(struct domains *domains, const char *name, double value)
{
	struct domain *domain = domains->list;

	while (domain < domains->list + domains->count &&
	       (!domain->earlier || strcmp(domain->name, name)))
		domain++;
	if (domain == domains->list + domains->count)
		domain = domains_add(domains, name, value);
	domain->time = value;
	domain->earlier = false;
}

/*
 * A line of xentop, of which the second look counts. A name may have line ends, and so be like a
 * heading: no row goes by that.
 */
static void read_domain(struct profile *profile, const char *line)
{
	struct domains *domains = &profile->domains;
	char *domain;
	double value;
	size_t i;

	if (domains_row(line, &domain, 1, " %*6[-a-z] %*u %lf", &value)) {
		take_domain(domains, domain, value);
		free(domain);
	} else if (strstr(line, "CPU(%)")) {
		for (i = 0; i < domains->count; i++)
			domains->list[i].earlier = true;
	}
}

static enum result judge(const struct profile *profile, const struct output *output)
{
	if (output->status == 127 && !profile->looks)
		return say(WRONG, "perf is not in PATH; install linux-perf");
	if (!profile->looks)
		return say(WRONG, "perf record: %s; 'perf record -a -e cpu-clock true' tells more",
			   *output->err ? output->err : "it has failed");
	if (!domains_find(&profile->domains, DOM0))
		return say(WRONG, "xentop tells nothing of " DOM0
			   "; be in a dom0 with xen-utils-common");
	if (output->status || profile->looks != 2)
		return say(WRONG, "perf record: it has ended with status %d", output->status);
	return DONE;
}

/*
 * A paravirtualised dom0 has no performance counters, so perf goes by the clock. The
 * counters are read by what perf runs meanwhile, for perf takes its time to start and to end.
 * xentop's table comes last, behind a line of its own, for in it there are names, which may be
 * anything.
 */
static enum result record(struct profile *profile, struct net *net, const char *file, int seconds)
{
	char *meanwhile = text("cat /proc/uptime /proc/net/dev && "
			       "said=$(xentop -b -f -i 2 -d %d) && "
			       "cat /proc/uptime /proc/net/dev && "
			       "printf 'xentop\n%%s\n' \"$said\"", seconds);
	char *const argv[] = {
		"perf", "record", "-q", "-B", "-N", "-a", "-g", "--kernel-callchains", "-e",
		"cpu-clock", "-F", "997", "-o", (char *)file, "--", "sh", "-c", meanwhile, NULL
	};
	struct output output;
	char *rest, *line;
	enum result result;
	bool names = false;

	run(&output, argv);
	rest = output.out;
	while ((line = strsep(&rest, "\n"))) {
		if (names)
			read_domain(profile, line);
		else if (!strcmp(line, "xentop"))
			names = true;
		else
			read_counters(profile, net, line);
	}
	result = judge(profile, &output);
	output_free(&output);
	free(meanwhile);
	return result;
}

/* ---- whose the samples are */

static bool is_profile(const char *comm)
{
	return !strncmp(comm, "perf", 4) || !strcmp(comm, "xentop");
}

/* The innermost frame that belongs to somebody; without one the thread's name must do. */
static enum component charge(const struct stack *stack, const char **function)
{
	enum component component = COMPONENT_REST;
	size_t i;

	*function = stack->comm;
	for (i = 0; i < stack->count; i++) {
		if (stack->frames[i].component != COMPONENT_NONE) {
			*function = stack->frames[i].function;
			component = stack->frames[i].component;
			break;
		}
	}
	if (is_profile(stack->comm) &&
	    (component == COMPONENT_REST || component == COMPONENT_SCHEDULER))
		return COMPONENT_PROFILE;
	return component;
}

static void tally(struct profile *profile, enum component component, const char *function)
{
	struct tally *tally;
	size_t i;

	for (i = 0; i < profile->tally_count; i++) {
		tally = &profile->tallies[i];
		if (tally->component == component && !strcmp(tally->function, function)) {
			tally->samples++;
			return;
		}
	}
	profile->tallies = memory(profile->tallies, (i + 1) * sizeof(*tally));
	tally = &profile->tallies[profile->tally_count++];
	*tally = (struct tally) { .component = component, .samples = 1 };
	snprintf(tally->function, sizeof(tally->function), "%s", function);
}

static void take(const struct stack *stack, void *data)
{
	struct profile *profile = data;
	const char *function;
	enum component component = charge(stack, &function);

	profile->samples[component]++;
	if (component == COMPONENT_IDLE)
		return;
	profile->busy++;
	tally(profile, component, function);
	if (profile->flame)
		flame_add(profile->flame, stack);
}

/* By component, the most frequent ones first. */
static int by_samples(const void *a, const void *b)
{
	const struct tally *first = a, *second = b;

	if (first->component != second->component)
		return first->component < second->component ? -1 : 1;
	if (first->samples != second->samples)
		return first->samples > second->samples ? -1 : 1;
	return strcmp(first->function, second->function);
}

/* ---- all of it */

static enum result gather(struct profile *profile, const struct options *options)
{
	FILE *samples = tmpfile();	/* gone with this process, however it ends */
	enum result result;
	struct net net;
	char *file;

	if (!samples)
		return say(WRONG, P_tmpdir ": no temporary file can be made there");
	result = net_read(&net);
	if (!result) {
		file = text("/proc/%d/fd/%d", getpid(), fileno(samples));
		components_read(&net);
		result = record(profile, &net, file, whole_seconds(options));
		profile->traced = !result && hypercalls_count(&profile->hypercalls, TRACE_SECONDS);
		if (!result)
			result = stacks_read(file, take, profile);
		components_free();
		free(file);
		net_free(&net);
	}
	fclose(samples);
	return result;
}

static enum result tell(struct profile *profile, const struct options *options)
{
	if (!profile->busy)
		return say(WRONG, "perf has taken no sample of dom0; take more seconds with -d");
	if (profile->flame && flame_write(profile->flame, options->flame_graph))
		return WRONG;
	qsort(profile->tallies, profile->tally_count, sizeof(*profile->tallies), by_samples);
	if (options->json)
		profile_json(profile, options->pretty);
	else
		profile_text(profile, options->statistics);
	return DONE;
}

/**
 * profile_command - fastnet profile
 * @options: the command line
 *
 * Return: DONE, or what to end with.
 */
enum result profile_command(const struct options *options)
{
	struct profile profile = { };
	enum result result = say_if_more(options->words[0]);

	if (result)
		return result;
	if (geteuid())
		return say(WRONG, "be root: a profile looks into all of dom0");
	if (options->flame_graph)
		profile.flame = flame_new();
	result = gather(&profile, options);
	if (!result)
		result = tell(&profile, options);
	if (profile.flame)
		flame_free(profile.flame);
	free(profile.tallies);
	domains_free(&profile.domains);
	return result;
}
