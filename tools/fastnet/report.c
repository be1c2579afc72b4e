// SPDX-License-Identifier: GPL-2.0
/* What profile says. */
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "profile.h"

enum { FUNCTIONS_SHOWN = 5 };

static double share(const struct profile *profile, unsigned long samples)
{
	return profile->busy ? 100.0 * samples / profile->busy : 0;
}

/* Nanoseconds that so many per cent of a processor are for each packet. */
static double per_packet(const struct profile *profile, double percent)
{
	return percent / 100 * profile->seconds * 1e9 / profile->packets;
}

static double dom0_time(const struct profile *profile)
{
	return domains_find(&profile->domains, DOM0)->time;
}

static double samples_per_packet(const struct profile *profile, unsigned long samples)
{
	return per_packet(profile, dom0_time(profile) * share(profile, samples) / 100);
}

static void show_row(const struct profile *profile, const char *indent, const char *name,
		     unsigned long samples)
{
	print_harmless("%s%-*.40s %6.1f %%", indent, 42 - (int)strlen(indent), name,
		       share(profile, samples));
	if (profile->packets > 0)
		printf(" %12.1f\n", samples_per_packet(profile, samples));
	else
		printf(" %12s\n", "-");
}

static void show_functions(const struct profile *profile, enum component component)
{
	int shown = 0;
	size_t i;

	for (i = 0; i < profile->tally_count && shown < FUNCTIONS_SHOWN; i++) {
		if (profile->tallies[i].component == component) {
			show_row(profile, "    ", profile->tallies[i].function,
				 profile->tallies[i].samples);
			shown++;
		}
	}
}

static void show_domains(const struct profile *profile)
{
	size_t i;

	printf("%-42s %8s %12s\n", "DOMAIN", "CPU", "NS/PACKET");
	for (i = 0; i < profile->domains.count; i++) {
		print_harmless("%-42.42s %6.1f %%", profile->domains.list[i].name,
			       profile->domains.list[i].time);
		if (profile->packets > 0)
			printf(" %12.1f\n", per_packet(profile, profile->domains.list[i].time));
		else
			printf(" %12s\n", "-");
	}
}

/* As often for each packet as if packets had come at the same rate before. */
static double calls_per_packet(const struct profile *profile, unsigned long calls)
{
	return calls / (double)TRACE_SECONDS / (profile->packets / profile->seconds);
}

static void show_hypercalls(const struct profile *profile)
{
	const struct hypercalls *calls = &profile->hypercalls;
	bool packets = profile->packets > 0;
	int i;

	if (!profile->traced) {
		puts("xentrace cannot be had: no count of hypercalls");
		return;
	}
	printf("%-42s %8s %12s\n", packets ? "HYPERCALLS/PACKET" : "HYPERCALLS/S", "DOM0",
	       "GUESTS");
	for (i = 0; i < HYPERCALLS_MAX; i++) {
		if (!hypercall_name(i) || !(calls->dom0[i] + calls->guests[i]))
			continue;
		if (packets)
			printf("%-42s %8.3f %12.3f\n", hypercall_name(i),
			       calls_per_packet(profile, calls->dom0[i]),
			       calls_per_packet(profile, calls->guests[i]));
		else
			printf("%-42s %8lu %12lu\n", hypercall_name(i),
			       calls->dom0[i] / TRACE_SECONDS, calls->guests[i] / TRACE_SECONDS);
	}
	if (calls->lost)
		printf("xentrace could not keep up: %lu records are missing\n", calls->lost);
}

/**
 * profile_text - tables
 * @profile: what is found
 * @functions: those of each component, too
 */
void profile_text(const struct profile *profile, bool functions)
{
	int component;

	printf("dom0 had %.1f %% of a CPU for %.1f s; %lu samples\n", dom0_time(profile),
	       profile->seconds, profile->busy);
	printf("%.0f packets came in by ports of bridges\n\n", profile->packets);
	printf("%-42s %8s %12s\n", "COMPONENT", "SHARE", "NS/PACKET");
	for (component = 0; component < COMPONENT_IDLE; component++) {
		if (!profile->samples[component])
			continue;
		show_row(profile, "", component_names[component], profile->samples[component]);
		if (functions)
			show_functions(profile, component);
	}
	putchar('\n');
	show_domains(profile);
	putchar('\n');
	show_hypercalls(profile);
}

static void json_samples(const struct profile *profile, unsigned long samples)
{
	json_number("samples", samples);
	json_real("share", share(profile, samples));
	if (profile->packets > 0)
		json_real("ns_per_packet", samples_per_packet(profile, samples));
}

static void json_component(const struct profile *profile, int component)
{
	size_t i;

	json_map(NULL);
	json_string("component", component_names[component]);
	json_samples(profile, profile->samples[component]);
	json_list("functions");
	for (i = 0; i < profile->tally_count; i++) {
		if ((int)profile->tallies[i].component != component)
			continue;
		json_map(NULL);
		json_string("function", profile->tallies[i].function);
		json_samples(profile, profile->tallies[i].samples);
		json_map_end();
	}
	json_list_end();
	json_map_end();
}

static void json_domains(const struct profile *profile)
{
	const struct domain *domain;
	size_t i;

	json_list("domains");
	for (i = 0; i < profile->domains.count; i++) {
		domain = &profile->domains.list[i];
		json_map(NULL);
		json_string("domain", domain->name);
		json_real("cpu", domain->time);
		if (profile->packets > 0)
			json_real("ns_per_packet", per_packet(profile, domain->time));
		json_map_end();
	}
	json_list_end();
}

static void json_calls(const struct profile *profile, const char *key, const unsigned long *calls)
{
	int i;

	json_map(key);
	for (i = 0; i < HYPERCALLS_MAX; i++) {
		if (!hypercall_name(i) || !calls[i])
			continue;
		if (profile->packets > 0)
			json_real(hypercall_name(i), calls_per_packet(profile, calls[i]));
		else
			json_number(hypercall_name(i), calls[i] / TRACE_SECONDS);
	}
	json_map_end();
}

/* Those of each packet or, without packets, of a second. */
static void json_hypercalls(const struct profile *profile)
{
	json_map(profile->packets > 0 ? "hypercalls_per_packet" : "hypercalls_per_second");
	json_calls(profile, "dom0", profile->hypercalls.dom0);
	json_calls(profile, "guests", profile->hypercalls.guests);
	json_number("lost", profile->hypercalls.lost);
	json_map_end();
}

/**
 * profile_json - all of it
 * @profile: what is found
 * @pretty: for people
 */
void profile_json(const struct profile *profile, bool pretty)
{
	int component;

	json_start(pretty);
	json_map(NULL);
	json_real("seconds", profile->seconds);
	json_number("packets", profile->packets);
	json_number("samples", profile->busy);
	json_number("idle_samples", profile->samples[COMPONENT_IDLE]);
	json_list("components");
	for (component = 0; component < COMPONENT_IDLE; component++)
		json_component(profile, component);
	json_list_end();
	json_domains(profile);
	if (profile->traced)
		json_hypercalls(profile);
	json_map_end();
	json_end();
}
