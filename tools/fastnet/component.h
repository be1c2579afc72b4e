/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of dom0's network path that a profile tells apart. */
#ifndef FASTNET_COMPONENT_H
#define FASTNET_COMPONENT_H

#include <stdint.h>

#include "net.h"

enum component {
	COMPONENT_BRIDGE,
	COMPONENT_FASTBRIDGE,
	COMPONENT_NETBACK,
	COMPONENT_GRANTS,
	COMPONENT_EVENTS,
	COMPONENT_NETFILTER,
	COMPONENT_STACK,
	COMPONENT_CARD,
	COMPONENT_SCHEDULER,
	COMPONENT_PROFILE,
	COMPONENT_REST,
	COMPONENT_IDLE,
	COMPONENTS,
	COMPONENT_NONE = COMPONENTS,	/* belongs to whoever has called it */
};

extern const char *const component_names[COMPONENTS];
void components_read(const struct net *net);
void components_free(void);
enum component component_of(uint64_t address, const char *function);

#endif /* FASTNET_COMPONENT_H */
