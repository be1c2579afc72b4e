// SPDX-License-Identifier: GPL-2.0
/*
 * What tc or nftables redirect from the ingress of a port to an ifb comes back into the
 * port past all that is hooked there. So while there is a guard, it also looks where frames
 * enter the bridge. Which of them it has looked at before cannot be told from the frame,
 * and does not matter: it says the same again.
 *
 * Locking: the hooks are registered and counted under RTNL. They find a port by its
 * ingress hook, a grace period after whose end it is freed.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/netfilter_bridge.h>
#include <linux/rtnetlink.h>

#include "forward.h"
#include "guard.h"
#include "guard_bridge.h"
#include "monitor.h"
#include "port.h"

/* Also of what a VLAN device on the port hands to another bridge. */
static const struct fb_port *fb_guard_port(const struct net_device *dev)
{
#ifdef CONFIG_NETFILTER_INGRESS
	const struct nf_hook_entries *hooks;
	const struct fb_port *port;
	unsigned int i;

	if (is_vlan_dev(dev))
		dev = vlan_dev_real_dev(dev);
	hooks = rcu_dereference_bh(dev->nf_hooks_ingress);
	for (i = 0; hooks && i < hooks->num_hook_entries; i++) {
		if (hooks->hooks[i].hook != fb_ingress)
			continue;
		port = hooks->hooks[i].priv;
		return READ_ONCE(port->guard.on) ? port : NULL;
	}
#endif
	return NULL;
}

/**
 * fb_guard_bridge - the hook for frames that enter the bridge
 * @priv: unused
 * @skb: the frame
 * @state: says from where
 *
 * Context: RCU read side. Bottom halves may be on: rules that are asked before may have let a
 * process judge the frame, which then comes here.
 * Return: NF_DROP for one that the guard does not let pass, else NF_ACCEPT.
 */
unsigned int fb_guard_bridge(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state)
{
	unsigned int verdict = NF_ACCEPT;
	const struct fb_port *port;

	local_bh_disable();
	port = fb_guard_port(state->in);
	if (port && !fb_guard_passes(&port->guard, skb)) {
		fb_stats_inc(port->stats, FB_GUARD_DROPS);
		verdict = NF_DROP;
	}
	local_bh_enable();
	return verdict;
}

/* Of group addresses that a bridge keeps to itself it learns the source all the same. */
static unsigned int fb_guard_bridge_local(void *priv, struct sk_buff *skb,
					  const struct nf_hook_state *state)
{
	return is_link_local_ether_addr(eth_hdr(skb)->h_dest) ?
	       fb_guard_bridge(priv, skb, state) : NF_ACCEPT;
}

static const struct nf_hook_ops fb_guard_bridge_hooks[] = {
	{
		.hook = fb_guard_bridge,
		.pf = NFPROTO_BRIDGE,
		.hooknum = NF_BR_PRE_ROUTING,
		.priority = NF_BR_PRI_FIRST,
	}, {
		.hook = fb_guard_bridge_local,
		.pf = NFPROTO_BRIDGE,
		.hooknum = NF_BR_LOCAL_IN,
		.priority = NF_BR_PRI_FIRST,
	},
};

/**
 * fb_guard_bridge_get - a port will be guarded
 * @monitor: of its network namespace
 *
 * Context: RTNL.
 * Return: 0 or a negative error.
 */
int fb_guard_bridge_get(struct fb_monitor *monitor)
{
	int err = 0;

	ASSERT_RTNL();
	if (!IS_ENABLED(CONFIG_NETFILTER_FAMILY_BRIDGE))
		return -EOPNOTSUPP;
	if (!monitor->guards)
		err = nf_register_net_hooks(monitor->net, fb_guard_bridge_hooks,
					    ARRAY_SIZE(fb_guard_bridge_hooks));
	if (!err)
		monitor->guards++;
	return err;
}

/**
 * fb_guard_bridge_put - undo fb_guard_bridge_get()
 * @monitor: of the port's network namespace
 *
 * Context: RTNL.
 */
void fb_guard_bridge_put(struct fb_monitor *monitor)
{
	ASSERT_RTNL();
	if (!--monitor->guards)
		nf_unregister_net_hooks(monitor->net, fb_guard_bridge_hooks,
					ARRAY_SIZE(fb_guard_bridge_hooks));
}
