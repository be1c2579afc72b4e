/* SPDX-License-Identifier: GPL-2.0 */
/* A profile: what is found, and how it is said. */
#ifndef FASTNET_PROFILE_H
#define FASTNET_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "component.h"
#include "domains.h"
#include "flame.h"
#include "hypercalls.h"

enum { TRACE_SECONDS = 1 };

/**
 * struct tally - a function that samples were charged to
 * @component: whose it is
 * @samples: in it, and in what it calls that is of no component
 */
struct tally {
	char function[64];
	enum component component;
	unsigned long samples;
};

/**
 * struct profile - what is found
 * @seconds: how long it was
 * @packets: that bridges' ports received meanwhile
 * @domains: per cent of a processor that each domain had meanwhile
 * @looks: how often /proc/net/dev was read
 * @samples: by component
 * @busy: samples that are not idle
 * @tallies: by function
 * @traced: has xentrace counted?
 * @hypercalls: in TRACE_SECONDS after that time
 * @flame: the flame graph, if one is wanted
 */
struct profile {
	double seconds;
	double packets;
	struct domains domains;
	int looks;
	unsigned long samples[COMPONENTS];
	unsigned long busy;
	struct tally *tallies;
	size_t tally_count;
	bool traced;
	struct hypercalls hypercalls;
	struct flame *flame;
};

void profile_text(const struct profile *profile, bool functions);
void profile_json(const struct profile *profile, bool pretty);

#endif /* FASTNET_PROFILE_H */
