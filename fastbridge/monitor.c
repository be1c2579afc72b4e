// SPDX-License-Identifier: GPL-2.0
/*
 * Hears what the bridges of a network namespace announce: the rtnetlink
 * messages that "bridge monitor" shows. The kernel delivers them in the middle
 * of the change they tell of, so the mirror follows without delay. The
 * switchdev chain would be the shorter way, but it keeps silent about dynamic
 * entries that a user added, and tells port states only from a work queue.
 *
 * Locking: announcements arrive with the bridge's hash_lock or lock held, and
 * on any CPU. The event lock nests inside those: whoever holds it calls nothing
 * that takes them. It is the only writer's lock of the table and the port states.
 * The sets of bridges change under RTNL; bridges and ports leave them with the event
 * lock held, so what is found there under the lock stays.
 *
 * An announcement is lost when the kernel has no memory for it, or the socket no
 * room. The kernel then reports an error on the socket, in the middle of the change
 * and with what locks that has, one of which interrupts may take: so nothing is locked here.
 * From there on all frames are left to the bridges, until sync.c and vlan.c have asked them
 * again.
 *
 * To open the socket, and to close it, is to wait until nobody on the machine multicasts by
 * netlink, which anybody can keep up. So a work does both, and not who holds RTNL. While
 * there is no socket bridges are in doubt.
 *
 * Whoever may administer the network can send to the same groups. What counts is
 * what the kernel says.
 */
#include <linux/if_bridge.h>
#include <linux/net.h>
#include <linux/user_namespace.h>
#include <net/net_namespace.h>
#include <net/netlink.h>
#include <net/netns/generic.h>
#include <net/sock.h>

#include "bridge.h"
#include "monitor.h"
#include "port.h"
#include "sync.h"

/* Bridges that are on in namespaces of users; and how many may be. */
#define FB_MONITOR_STRANGERS	256
/* Until the socket is tried again that there was no memory for. */
#define FB_MONITOR_RETRY	HZ
/* So many works wait at a time. */
#define FB_MONITOR_WAITERS	16

struct workqueue_struct *fb_queue;
static unsigned int fb_strangers;	/* under RTNL */
static unsigned int fb_net_id;

/**
 * fb_monitor_of - the listener of a network namespace
 * @net: the namespace
 *
 * Return: the listener.
 */
struct fb_monitor *fb_monitor_of(const struct net *net)
{
	return net_generic(net, fb_net_id);
}

/**
 * fb_monitor_is_strange - is a namespace a user's own?
 * @monitor: the listener there
 *
 * Return: true if so.
 */
bool fb_monitor_is_strange(const struct fb_monitor *monitor)
{
	return monitor->net->user_ns != &init_user_ns;
}

static const struct nla_policy fb_neigh_policy[NDA_MASTER + 1] = {
	[NDA_LLADDR] = NLA_POLICY_EXACT_LEN(ETH_ALEN),
	[NDA_VLAN] = { .type = NLA_U16 },
	[NDA_MASTER] = { .type = NLA_U32 },
};

static const struct nla_policy fb_link_policy[IFLA_PROTINFO + 1] = {
	[IFLA_MASTER] = { .type = NLA_U32 },
	[IFLA_PROTINFO] = { .type = NLA_NESTED },
};

static const struct nla_policy fb_brport_policy[IFLA_BRPORT_STATE + 1] = {
	[IFLA_BRPORT_STATE] = { .type = NLA_U8 },
};

static struct fb_bridge *fb_monitor_bridge(struct fb_monitor *monitor,
					   const struct nlattr *master)
{
	struct fb_bridge *bridge = NULL;

	if (master)
		bridge = xa_load(&monitor->bridges, nla_get_u32(master));
	return bridge && bridge->mode != FB_MODE_OFF ? bridge : NULL;
}

/**
 * fb_monitor_neigh_port - where a forwarding table message puts an address
 * @bridge: the bridge it came from
 * @nlh: RTM_NEWNEIGH of family AF_BRIDGE
 *
 * Context: event lock held.
 * Return: the port, or NULL for an address that is the host's own or that
 * bridges do not forward to.
 */
struct fb_port *fb_monitor_neigh_port(struct fb_bridge *bridge,
				      const struct nlmsghdr *nlh)
{
	const struct ndmsg *ndm = nlmsg_data(nlh);

	lockdep_assert_held(&bridge->monitor->lock);

	if (ndm->ndm_state & NUD_PERMANENT)
		return NULL;
	return xa_load(&bridge->ports, ndm->ndm_ifindex);
}

static void fb_monitor_neigh(struct fb_monitor *monitor,
			     const struct nlmsghdr *nlh)
{
	const struct ndmsg *ndm = nlmsg_data(nlh);
	struct nlattr *tb[NDA_MASTER + 1];
	struct fb_port *port = NULL;
	struct fb_bridge *bridge;
	fb_key_t key;

	if (nlmsg_len(nlh) < sizeof(*ndm) || ndm->ndm_family != AF_BRIDGE ||
	    nlmsg_parse_deprecated(nlh, sizeof(*ndm), tb, NDA_MASTER,
				   fb_neigh_policy, NULL))
		return;

	bridge = fb_monitor_bridge(monitor, tb[NDA_MASTER]);
	if (!bridge || !tb[NDA_LLADDR] ||
	    !is_valid_ether_addr(nla_data(tb[NDA_LLADDR])))
		return;

	key = fb_key(nla_data(tb[NDA_LLADDR]),
		     tb[NDA_VLAN] ? nla_get_u16(tb[NDA_VLAN]) : 0);
	if (key == monitor->asked)
		monitor->answered = true;
	if (nlh->nlmsg_type == RTM_NEWNEIGH)
		port = fb_monitor_neigh_port(bridge, nlh);
	if (!port)
		port = fb_fdb_remove(&bridge->fdb, key);
	else if (!fb_fdb_set(&bridge->fdb, key, port))
		port = NULL;
	/* Two CPUs may announce what they do with an address in the wrong order. */
	if (port)
		fb_port_suspect_announced(port, key);
}

static void fb_monitor_link(struct fb_monitor *monitor,
			    const struct nlmsghdr *nlh)
{
	struct nlattr *tb[IFLA_PROTINFO + 1], *of_port[IFLA_BRPORT_STATE + 1];
	const struct ifinfomsg *ifi = nlmsg_data(nlh);
	struct fb_bridge *bridge;
	struct fb_port *port;

	if (nlmsg_len(nlh) < sizeof(*ifi) || ifi->ifi_family != AF_BRIDGE ||
	    nlmsg_parse_deprecated(nlh, sizeof(*ifi), tb, IFLA_PROTINFO,
				   fb_link_policy, NULL))
		return;

	bridge = fb_monitor_bridge(monitor, tb[IFLA_MASTER]);
	if (!bridge || !tb[IFLA_PROTINFO] ||
	    nla_parse_nested_deprecated(of_port, IFLA_BRPORT_STATE, tb[IFLA_PROTINFO],
					fb_brport_policy, NULL))
		return;

	port = xa_load(&bridge->ports, ifi->ifi_index);
	if (!port || !of_port[IFLA_BRPORT_STATE])
		return;

	fb_port_announced(port, nla_get_u8(of_port[IFLA_BRPORT_STATE]));
}

static void fb_monitor_message(struct fb_monitor *monitor,
			       const struct nlmsghdr *nlh)
{
	switch (nlh->nlmsg_type) {
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH:
		fb_monitor_neigh(monitor, nlh);
		break;
	case RTM_NEWLINK:
		fb_monitor_link(monitor, nlh);
		break;
	case RTM_NEWVLAN:
	case RTM_DELVLAN:
		fb_vlan_announced(monitor, nlh);
		break;
	}
}

static void fb_monitor_data_ready(struct sock *sk)
{
	struct fb_monitor *monitor = sk->sk_user_data;
	struct sk_buff *skb;

	spin_lock_bh(&monitor->lock);
	while ((skb = skb_dequeue(&sk->sk_receive_queue))) {
		const struct nlmsghdr *nlh = nlmsg_hdr(skb);
		/* None of a process, whatever it may. */
		int left = NETLINK_CB(skb).portid ? 0 : skb->len;

		for (; nlmsg_ok(nlh, left); nlh = nlmsg_next(nlh, &left))
			fb_monitor_message(monitor, nlh);
		consume_skb(skb);
	}
	spin_unlock_bh(&monitor->lock);
}

/*
 * A socket that once had no room takes nothing more, without a word, until it is read by
 * a system call; or until it is told that it need not report this. What is lost while that
 * holds, or was before, is lost before the doubt that follows.
 */
static void fb_monitor_hear_again(struct sock *sk)
{
	int quiet;

	sock_error(sk);
	for (quiet = 1; quiet >= 0; quiet--)
		sk->sk_socket->ops->setsockopt(sk->sk_socket, SOL_NETLINK,
					       NETLINK_NO_ENOBUFS,
					       KERNEL_SOCKPTR(&quiet), sizeof(quiet));
	/* Who still found the socket congested has changed what is now asked for. */
	smp_mb();
}

/* Also with interrupts off, by netlink_set_err(). */
static void fb_monitor_error_report(struct sock *sk)
{
	struct fb_monitor *monitor = sk->sk_user_data;
	struct fb_bridge *bridge;

	fb_monitor_hear_again(sk);
	atomic_inc(&monitor->losses);
	/* Who does not see this is seen here; pairs with those that read it. */
	smp_mb__after_atomic();
	rcu_read_lock();
	list_for_each_entry_rcu(bridge, &monitor->on, on)
		fb_bridge_doubt(bridge);
	rcu_read_unlock();
}

/**
 * fb_monitor_connect - have a netlink socket hear none but the kernel
 * @sock: the socket
 *
 * Of processes, only one that has found it since it was bound, a moment ago, can still send
 * to it alone.
 *
 * Return: 0 or a negative error.
 */
int fb_monitor_connect(struct socket *sock)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	return kernel_connect(sock, (struct sockaddr *)&kernel, sizeof(kernel), 0);
}

/* The groups up to 32 are a mask of the address. */
static int fb_monitor_bind(struct socket *sock)
{
	struct sockaddr_nl addr = {
		.nl_family = AF_NETLINK,
		.nl_groups = BIT(RTNLGRP_LINK - 1) |
			     BIT(RTNLGRP_NEIGH - 1),
	};
	int group = RTNLGRP_BRVLAN;
	int err;

	err = kernel_bind(sock, (struct sockaddr *)&addr, sizeof(addr));
	if (err)
		return err;
	/* Who sends to one socket would not be waited for when it is closed. */
	err = fb_monitor_connect(sock);
	return err ? err : sock->ops->setsockopt(sock, SOL_NETLINK,
						 NETLINK_ADD_MEMBERSHIP,
						 KERNEL_SOCKPTR(&group),
						 sizeof(group));
}

static int fb_monitor_open(struct fb_monitor *monitor)
{
	struct socket *sock;
	int err;

	/* Bridges may have heard the last one while it was being closed. Since then nobody does. */
	atomic_inc(&monitor->losses);
	err = sock_create_kern(monitor->net, PF_NETLINK, SOCK_RAW, NETLINK_ROUTE, &sock);
	if (err)
		return err;
	sock->sk->sk_user_data = monitor;
	sock->sk->sk_data_ready = fb_monitor_data_ready;
	sock->sk->sk_error_report = fb_monitor_error_report;

	err = fb_monitor_bind(sock);
	if (err)
		sock_release(sock);
	else
		monitor->sock = sock;
	return err;
}

/* Closing the socket waits for deliveries under way. */
static void fb_monitor_close(struct fb_monitor *monitor)
{
	if (monitor->sock)
		sock_release(monitor->sock);
	monitor->sock = NULL;
}

/* Whoever is on from here on need not wait for the socket, or must. */
static bool fb_monitor_set_hears(struct fb_monitor *monitor)
{
	struct fb_bridge *bridge;
	bool wanted;

	spin_lock_bh(&monitor->lock);
	wanted = !list_empty(&monitor->on);
	monitor->hears = wanted && monitor->sock;
	if (monitor->hears)
		list_for_each_entry(bridge, &monitor->on, on)
			fb_sync_soon(bridge);
	spin_unlock_bh(&monitor->lock);
	return wanted;
}

static void fb_monitor_socket_work(struct work_struct *work)
{
	struct fb_monitor *monitor = container_of(to_delayed_work(work), struct fb_monitor,
						  socket_work);

	if (!fb_monitor_set_hears(monitor)) {
		fb_monitor_close(monitor);
		return;
	}
	if (monitor->sock)
		return;
	if (fb_monitor_open(monitor))
		queue_delayed_work(fb_queue, &monitor->socket_work, FB_MONITOR_RETRY);
	else if (!fb_monitor_set_hears(monitor))
		fb_monitor_close(monitor);
}

/**
 * fb_monitor_add - listen, on behalf of one more bridge
 * @bridge: the bridge; is in doubt until it has been asked, once there is a socket
 *
 * What a user does in a namespace of his own must not keep the host busy.
 *
 * Context: RTNL.
 * Return: 0, or -ENOSPC: in such namespaces enough are on.
 */
int fb_monitor_add(struct fb_bridge *bridge)
{
	struct fb_monitor *monitor = bridge->monitor;

	ASSERT_RTNL();
	if (fb_monitor_is_strange(monitor)) {
		if (fb_strangers == FB_MONITOR_STRANGERS)
			return -ENOSPC;
		fb_strangers++;
	}
	spin_lock_bh(&monitor->lock);
	list_add_tail_rcu(&bridge->on, &monitor->on);
	spin_unlock_bh(&monitor->lock);
	mod_delayed_work(fb_queue, &monitor->socket_work, 0);
	return 0;
}

/**
 * fb_monitor_remove - one bridge less to listen for
 * @bridge: the bridge
 *
 * Context: RTNL. For a grace period more it may be put in doubt.
 */
void fb_monitor_remove(struct fb_bridge *bridge)
{
	struct fb_monitor *monitor = bridge->monitor;

	ASSERT_RTNL();
	fb_strangers -= fb_monitor_is_strange(monitor);
	spin_lock_bh(&monitor->lock);
	list_del_rcu(&bridge->on);
	fb_vlan_forgo_all(bridge);
	spin_unlock_bh(&monitor->lock);
	mod_delayed_work(fb_queue, &monitor->socket_work, 0);
}

static int __net_init fb_net_init(struct net *net)
{
	struct fb_monitor *monitor = fb_monitor_of(net);

	spin_lock_init(&monitor->lock);
	xa_init(&monitor->bridges);
	INIT_LIST_HEAD(&monitor->on);
	INIT_DELAYED_WORK(&monitor->socket_work, fb_monitor_socket_work);
	monitor->net = net;
	fb_vlan_init(monitor);
	return 0;
}

static void __net_exit fb_net_exit(struct net *net)
{
	struct fb_monitor *monitor = fb_monitor_of(net);

	WARN_ON_ONCE(!list_empty(&monitor->on) || !xa_empty(&monitor->bridges));
	fb_vlan_exit(monitor);
	cancel_delayed_work_sync(&monitor->socket_work);
	fb_monitor_close(monitor);
}

static struct pernet_operations fb_net_ops = {
	.init = fb_net_init,
	.exit = fb_net_exit,
	.id = &fb_net_id,
	.size = sizeof(struct fb_monitor),
};

/**
 * fb_monitor_init - prepare a listener in every network namespace
 *
 * Return: 0 or a negative error.
 */
int fb_monitor_init(void)
{
	int err;

	fb_queue = alloc_workqueue("fastbridge", WQ_UNBOUND, FB_MONITOR_WAITERS);
	if (!fb_queue)
		return -ENOMEM;
	err = register_pernet_subsys(&fb_net_ops);
	if (err)
		destroy_workqueue(fb_queue);
	return err;
}

/**
 * fb_monitor_exit - undo fb_monitor_init()
 */
void fb_monitor_exit(void)
{
	unregister_pernet_subsys(&fb_net_ops);
	destroy_workqueue(fb_queue);
}
