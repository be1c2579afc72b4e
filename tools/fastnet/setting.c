// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "say.h"
#include "setting.h"

const char *const object_names[] = { "bridge", "vif", "sched", NULL };

static const struct setting of_bridges[] = {
	{ "mode", "fastbridge/mode", "off" },
	{ "xmit", "fastbridge/xmit", "queue" },
	{ "aggregate", "fastbridge/aggregate", "0" },
	{ }
};

/*
 * The first ones are parameters of xen-netback, too. What is on only with another comes before it:
 * in this order they are switched off.
 */
static const struct setting of_vifs[] = {
	{ "rx_queue_packets", "netback/rx_queue_packets", "0" },
	{ "rx_queue_bytes", "netback/rx_queue_bytes", "524288" },
	{ "tx_budget", "netback/tx_budget", "64" },
	{ "copy_batch", "netback/copy_batch", "64" },
	{ "tx_copy", "netback/tx_copy", "128" },
	{ "offload", "netback/offload", "emulate" },
	{ "hyperswitch", "netback/hyperswitch", "0" },
	{ "cutthrough", "netback/cutthrough", "0" },
	{ "aggregate", "netback/aggregate", "0" },
	{ "notify", "netback/notify", "stock" },
	{ "notify_low_rate", "netback/notify_low_rate", "1000" },
	{ "notify_high_rate", "netback/notify_high_rate", "10000" },
	{ "notify_window_ms", "netback/notify_window_ms", "5" },
	{ "guard", "fastbridge_port/guard", "0" },
	{ "guard_no_dhcp_server", "fastbridge_port/guard_no_dhcp_server", "0" },
	{ "guard_no_router", "fastbridge_port/guard_no_router", "0" },
	{ "guard_ip_only", "fastbridge_port/guard_ip_only", "0" },
	{ }
};

static const struct setting of_sched[] = {
	{ "io-cosched", NULL, "0" },
	{ "credit-steal", NULL, "0" },
	{ "io-threshold", NULL, "150" },
	{ }
};

static const struct setting *const all[] = { of_bridges, of_vifs, of_sched };

/* All of an object's, the last one without a name. */
const struct setting *settings(enum object object)
{
	return all[object];
}

/* The object's setting of this name, or NULL; queue_len is xl's name for one. */
const struct setting *setting_find(enum object object, const char *name)
{
	const struct setting *setting;

	if (object == OBJECT_VIF && !strcmp(name, "queue_len"))
		name = "rx_queue_packets";
	for (setting = settings(object); setting->name; setting++) {
		if (!strcmp(setting->name, name))
			return setting;
	}
	return NULL;
}

/* Which one KEY=VALUE is for, or NULL. */
const struct setting *setting_of(enum object object, const char *assignment)
{
	char *name = text("%.*s", (int)strcspn(assignment, "="), assignment);
	const struct setting *setting = setting_find(object, name);

	free(name);
	return setting;
}

/* The names of them all in a line, for the caller to free. */
char *setting_names(enum object object)
{
	const struct setting *setting = settings(object);
	char *names = copy(setting->name), *more;

	while ((++setting)->name) {
		more = text("%s, %s", names, setting->name);
		free(names);
		names = more;
	}
	return names;
}
