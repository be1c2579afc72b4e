// SPDX-License-Identifier: GPL-2.0
#include <fnmatch.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "component.h"
#include "sysfs.h"

const char *const component_names[COMPONENTS] = {
	[COMPONENT_BRIDGE] = "bridge",
	[COMPONENT_FASTBRIDGE] = "fastbridge",
	[COMPONENT_NETBACK] = "netback",
	[COMPONENT_GRANTS] = "grant hypercalls",
	[COMPONENT_EVENTS] = "event channels",
	[COMPONENT_NETFILTER] = "netfilter",
	[COMPONENT_STACK] = "network stack",
	[COMPONENT_CARD] = "card driver",
	[COMPONENT_SCHEDULER] = "scheduler",
	[COMPONENT_PROFILE] = "this profile",
	[COMPONENT_REST] = "rest",
	[COMPONENT_IDLE] = "idle",
};

/* Of what a component consists: patterns as in fnmatch(3). */
struct rule {
	enum component component;
	const char *patterns[32];
};

static const struct rule of_modules[] = {
	{ COMPONENT_BRIDGE, { "bridge" } },
	{ COMPONENT_FASTBRIDGE, { "fastbridge" } },
	{ COMPONENT_NETBACK, { "xen_netback" } },
	{ COMPONENT_NETFILTER, { "br_netfilter", "nf_*", "nft_*", "nfnetlink*", "x_tables", "xt_*",
				 "ip_tables", "ip6_tables", "iptable_*", "ip6table_*", "ipt_*",
				 "ip6t_*", "arp*_tables", "ebtable*", "ebt_*", "ip_set*" } },
	{ }
};

/*
 * Of what is built into the kernel. Which hypercall it is, its caller tells: later kernels of
 * 6.1 make them all in one place.
 */
static const struct rule of_functions[] = {
	{ COMPONENT_GRANTS, { "gnttab_*", "xen_hypercall_grant_table_op" } },
	{ COMPONENT_REST, { "handle_softirqs", "__do_softirq", "__softirqentry_text_start",
			    "run_timer_softirq", "rcu_core", "xen_timer_interrupt",
			    "hrtimer_interrupt", "tick_*" } },
	{ COMPONENT_EVENTS, { "evtchn_*", "notify_remote_via_*", "xen_irq_lateeoi*",
			      "xen_send_IPI_*", "*xen_*evtchn_do_upcall",
			      "*xen_hypervisor_callback", "handle_irq_*",
			      "xen_hypercall_event_channel_op" } },
	{ COMPONENT_NETFILTER, { "nf_*" } },
	{ COMPONENT_STACK, { "net_rx_action", "net_tx_action", "napi_*", "__napi_*", "netif_*",
			     "__netif_*", "dev_*", "__dev_*", "sch_direct_xmit", "qdisc_*",
			     "__qdisc_*", "pfifo_fast_*", "validate_xmit_*", "*skb_*", "*_skb",
			     "gro_*", "*_gro_*", "eth_*", "*_backlog", "inet_*", "ip_*", "ip6_*",
			     "ipv6_*", "tcp_*", "udp_*", "sock_*", "packet_*" } },
	{ COMPONENT_SCHEDULER, { "schedule", "__schedule", "schedule_*", "preempt_schedule*",
				 "try_to_wake_up", "__wake_up*", "wake_up_*", "swake_up_*",
				 "ttwu_*", "finish_task_switch*", "pick_next_*", "select_task_rq*",
				 "enqueue_task*", "dequeue_task*", "scheduler_tick", "load_balance",
				 "rebalance_domains", "_nohz_idle_balance*" } },
	{ COMPONENT_IDLE, { "default_idle*", "xen_safe_halt", "__cpuidle_text_start", "cpuidle_*",
			    "*_idle_enter*" } },
	{ }
};

/* A module's code. */
struct module {
	uint64_t start, end;
	enum component component;
};

static struct module *modules;
static size_t count;

static enum component find(const struct rule *rules, const char *name)
{
	const char *const *pattern;

	for (; *rules->patterns; rules++) {
		for (pattern = rules->patterns; *pattern; pattern++) {
			if (!fnmatch(*pattern, name, 0))
				return rules->component;
		}
	}
	return COMPONENT_NONE;
}

/* The ports of bridges that are no vifs go to the outside. */
static bool is_card(const struct net *net, const char *module)
{
	char target[PATH_MAX], *path;
	bool is = false;
	size_t i;

	for (i = 0; i < net->count && !is; i++) {
		if (!net->devices[i].master || net->devices[i].domain >= 0)
			continue;
		path = text(NET "%s/device/driver/module", net->devices[i].name);
		is = realpath(path, target) && !strcmp(basename(target), module);
		free(path);
	}
	return is;
}

/**
 * components_read - learn where the modules are
 * @net: the devices, for the drivers of cards
 */
void components_read(const struct net *net)
{
	char *all = attribute_read("/proc/modules"), *rest = all, *line, name[64];
	struct module *module;
	uint64_t size, start;

	while ((line = strsep(&rest, "\n"))) {
		if (sscanf(line, "%63s %" SCNu64 " %*s %*s %*s %" SCNx64, name, &size, &start) != 3)
			continue;
		modules = memory(modules, (count + 1) * sizeof(*modules));
		module = &modules[count++];
		module->start = start;
		module->end = start + size;
		module->component = is_card(net, name) ? COMPONENT_CARD : find(of_modules, name);
	}
	free(all);
}

void components_free(void)
{
	free(modules);
	modules = NULL;
	count = 0;
}

/**
 * component_of - whose code it is
 * @address: where it is
 * @function: its name
 *
 * Return: the component, or COMPONENT_NONE.
 */
enum component component_of(uint64_t address, const char *function)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (address >= modules[i].start && address < modules[i].end)
			return modules[i].component;
	}
	return find(of_functions, function);
}
