// SPDX-License-Identifier: GPL-2.0
/*
 * The VLANs of ports: follows what the bridge announces of them, and asks for what was
 * there before. Only a dump tells their states, and a dump takes RTNL itself: so it is a
 * work of the namespace that asks, which whoever holds RTNL never has to wait for. It also
 * asks twice a second where VLANs are filtered: a request that fails half way changes
 * states without a word. What was not told for a second is in doubt.
 *
 * Locking: a port's VLANs are written under the event lock and read by packets without
 * one: first whether a VLAN forwards, then whether it is untagged, which is written before
 * that and left alone where it does not. While a port is in doubt its VLANs are none, so
 * that its frames are left to the bridge. An answer counts if nothing has been announced of
 * the port's VLANs since the question: that is newer.
 *
 * The number of users' ports is atomic, for each namespace has an event lock of its own. A port
 * is counted with that held, while its bridge is on and it is there, and so not after it has left.
 */
#include <linux/if_bridge.h>
#include <linux/mm.h>
#include <linux/net.h>
#include <net/netlink.h>
#include <net/sock.h>

#include "bridge.h"
#include "monitor.h"
#include "port.h"
#include "turn.h"
#include "vlan.h"

/* Until those are asked about again whose answer failed, or was old. */
#define FB_VLAN_RETRY	msecs_to_jiffies(20)
/* So long after its answer a port is in doubt that nobody can be asked about. */
#define FB_VLAN_VALID	(3 * HZ / 4)
/* And so long, if it is to be asked about anew, for the next look is as much later. */
#define FB_VLAN_PERIOD	(HZ / 2)
/*
 * Ports in namespaces of users, all together, that are asked about: others' answers are not to be
 * late for many of them. These stay in doubt.
 */
#define FB_VLAN_STRANGERS	256
/* Longer than any message of a dump. */
#define FB_VLAN_ANSWER	(16 * 1024)

/**
 * struct fb_vlan_inquiry - what it takes to ask
 * @sock: a socket of the namespace
 * @vlans: what the answer is made into
 * @message: a part of the answer
 */
struct fb_vlan_inquiry {
	struct socket *sock;
	struct fb_vlans vlans;
	u8 message[FB_VLAN_ANSWER] __aligned(NLMSG_ALIGNTO);
};

static const struct nla_policy fb_vlan_policy[BRIDGE_VLANDB_ENTRY_STATE + 1] = {
	[BRIDGE_VLANDB_ENTRY_INFO] =
		NLA_POLICY_EXACT_LEN(sizeof(struct bridge_vlan_info)),
	[BRIDGE_VLANDB_ENTRY_RANGE] = { .type = NLA_U16 },
	[BRIDGE_VLANDB_ENTRY_STATE] = { .type = NLA_U8 },
};

static atomic_t fb_vlan_strangers;

static void fb_vlan_renumber(struct fb_monitor *monitor, struct fb_vlans *vlans)
{
	lockdep_assert_held(&monitor->lock);
	vlans->seq = ++monitor->vlan_seq;
}

/**
 * fb_vlan_unasked - a port is there whose VLANs are all announced
 * @port: the port
 *
 * Context: not yet found by announcements.
 */
void fb_vlan_unasked(struct fb_port *port)
{
	struct fb_monitor *monitor = port->bridge->monitor;

	spin_lock_bh(&monitor->lock);
	fb_vlan_renumber(monitor, &port->vlans);
	spin_unlock_bh(&monitor->lock);
	port->vlans.asked = jiffies;
}

static void fb_vlan_forget(struct fb_port *port)
{
	struct fb_vlans *vlans = &port->vlans;

	fb_vlan_renumber(port->bridge->monitor, vlans);
	vlans->in_doubt = true;
	WRITE_ONCE(vlans->pvid, 0);
	bitmap_zero(vlans->forwards, VLAN_N_VID);
	fb_generation_bump(port->bridge->generation);
}

/*
 * A frame finds its PVID only where that is a VLAN of the port; and one that has just
 * found its VLAN must not find it tagged because it goes.
 */
static void fb_vlan_set(struct fb_vlans *vlans, u16 vid, u16 flags, bool forwards)
{
	if (forwards) {
		assign_bit(vid, vlans->untagged, flags & BRIDGE_VLAN_INFO_UNTAGGED);
		/* Pairs with fb_check_egress(). */
		smp_wmb();
	}
	assign_bit(vid, vlans->forwards, forwards);
	if (flags & BRIDGE_VLAN_INFO_PVID)
		WRITE_ONCE(vlans->pvid, vid);
	else if (vlans->pvid == vid)
		WRITE_ONCE(vlans->pvid, 0);
}

/* One VLAN, or a range of which this is true. */
static void fb_vlan_entry(struct fb_vlans *vlans, const struct nlattr *entry,
			  bool there)
{
	struct nlattr *tb[BRIDGE_VLANDB_ENTRY_STATE + 1];
	const struct bridge_vlan_info *vinfo;
	const struct nlattr *range, *state;
	bool forwards;
	u16 vid, last;

	if (nla_parse_nested_deprecated(tb, BRIDGE_VLANDB_ENTRY_STATE, entry,
					fb_vlan_policy, NULL) ||
	    !tb[BRIDGE_VLANDB_ENTRY_INFO])
		return;
	vinfo = nla_data(tb[BRIDGE_VLANDB_ENTRY_INFO]);
	range = tb[BRIDGE_VLANDB_ENTRY_RANGE];
	state = tb[BRIDGE_VLANDB_ENTRY_STATE];
	last = range ? nla_get_u16(range) : vinfo->vid;
	forwards = there && state && nla_get_u8(state) == BR_STATE_FORWARDING;
	for (vid = vinfo->vid; vid <= last && vid < VLAN_VID_MASK; vid++)
		fb_vlan_set(vlans, vid, there ? vinfo->flags : 0, forwards);
}

static void fb_vlan_message(struct fb_vlans *vlans, const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;
	int left;

	nlmsg_for_each_attr(attr, nlh, sizeof(struct br_vlan_msg), left)
		if (nla_type(attr) == BRIDGE_VLANDB_ENTRY)
			fb_vlan_entry(vlans, attr, nlh->nlmsg_type == RTM_NEWVLAN);
}

/*
 * What is announced of a range that has changed is true of its first VLAN; the others may
 * have another state. When they go, that does not matter.
 */
static bool fb_vlan_tells_range(const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;
	int left;

	if (nlh->nlmsg_type != RTM_NEWVLAN)
		return false;
	nlmsg_for_each_attr(attr, nlh, sizeof(struct br_vlan_msg), left)
		if (nla_type(attr) == BRIDGE_VLANDB_ENTRY &&
		    nla_find_nested(attr, BRIDGE_VLANDB_ENTRY_RANGE))
			return true;
	return false;
}

/*
 * Whoever can change VLANs in a namespace of his own can do so as often as he likes: turn.c says
 * what that may cost, but not at each change.
 */
static void fb_vlan_ask_soon(struct fb_monitor *monitor)
{
	if (fb_monitor_is_strange(monitor))
		queue_delayed_work(fb_queue, &monitor->vlan_work, FB_VLAN_RETRY);
	else
		mod_delayed_work(fb_queue, &monitor->vlan_work, 0);
}

static bool fb_vlan_may_ask(struct fb_monitor *monitor, struct fb_vlans *vlans)
{
	lockdep_assert_held(&monitor->lock);
	if (!fb_monitor_is_strange(monitor))
		return true;
	if (!vlans->counted)
		vlans->counted = atomic_add_unless(&fb_vlan_strangers, 1,
						   FB_VLAN_STRANGERS);
	return vlans->counted;
}

/**
 * fb_vlan_forgo - nobody asks about a port any more
 * @port: the port; not, or no longer, among those of a bridge that is on and filters VLANs
 *
 * Context: event lock held.
 */
void fb_vlan_forgo(struct fb_port *port)
{
	lockdep_assert_held(&port->bridge->monitor->lock);
	if (port->vlans.counted)
		atomic_dec(&fb_vlan_strangers);
	port->vlans.counted = false;
}

/**
 * fb_vlan_forgo_all - nobody asks about the ports of a bridge any more
 * @bridge: the bridge; not, or no longer, on, or it does not filter VLANs
 *
 * Context: event lock held.
 */
void fb_vlan_forgo_all(struct fb_bridge *bridge)
{
	struct fb_port *port;
	unsigned long i;

	lockdep_assert_held(&bridge->monitor->lock);
	if (!fb_monitor_is_strange(bridge->monitor))
		return;
	xa_for_each(&bridge->ports, i, port)
		fb_vlan_forgo(port);
}

static struct fb_port *fb_vlan_port(struct fb_monitor *monitor, int ifindex)
{
	struct fb_bridge *bridge;
	struct fb_port *port;

	lockdep_assert_held(&monitor->lock);
	list_for_each_entry(bridge, &monitor->on, on) {
		port = xa_load(&bridge->ports, ifindex);
		if (port)
			return port;
	}
	return NULL;
}

/**
 * fb_vlan_announced - VLANs of a port, or of a bridge itself, have changed
 * @monitor: who heard of it
 * @nlh: RTM_NEWVLAN or RTM_DELVLAN
 *
 * Context: event lock held.
 */
void fb_vlan_announced(struct fb_monitor *monitor, const struct nlmsghdr *nlh)
{
	const struct br_vlan_msg *bvm = nlmsg_data(nlh);
	struct fb_port *port;

	if (nlmsg_len(nlh) < sizeof(*bvm))
		return;
	port = fb_vlan_port(monitor, bvm->ifindex);
	if (!port)
		return;
	fb_vlan_renumber(monitor, &port->vlans);
	if (port->vlans.in_doubt)
		return;
	if (fb_vlan_tells_range(nlh)) {
		fb_vlan_forget(port);
		fb_vlan_ask_soon(monitor);
		return;
	}
	fb_vlan_message(&port->vlans, nlh);
	fb_generation_bump(port->bridge->generation);
}

static int fb_vlan_send(struct socket *sock, int ifindex)
{
	struct {
		struct nlmsghdr nlh;
		struct br_vlan_msg bvm;
	} question = {
		.nlh = {
			.nlmsg_len = sizeof(question),
			.nlmsg_type = RTM_GETVLAN,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		},
		.bvm = {
			.family = AF_BRIDGE,
			.ifindex = ifindex,
		},
	};
	struct kvec vec = { .iov_base = &question, .iov_len = sizeof(question) };
	struct msghdr msg = {};
	int sent = kernel_sendmsg(sock, &msg, &vec, 1, sizeof(question));

	return sent < 0 ? sent : 0;
}

/* A dump that fails says so at its end. */
static int fb_vlan_result(const struct nlmsghdr *nlh)
{
	const int *err = nlmsg_data(nlh);

	return nlmsg_len(nlh) >= (int)sizeof(*err) && *err < 0 ? *err : 1;
}

/* Return: 1 when it was the last, 0 if there is more to come, or a negative error. */
static int fb_vlan_read(struct fb_vlan_inquiry *inquiry, int left)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)inquiry->message;

	for (; nlmsg_ok(nlh, left); nlh = nlmsg_next(nlh, &left)) {
		switch (nlh->nlmsg_type) {
		case NLMSG_DONE:
			return fb_vlan_result(nlh);
		case NLMSG_ERROR:
			return -EIO;
		case RTM_NEWVLAN:
			fb_vlan_message(&inquiry->vlans, nlh);
		}
	}
	return 0;
}

/* A dump is there as soon as it is asked for; receiving makes the next part of it. */
static int fb_vlan_receive(struct fb_vlan_inquiry *inquiry)
{
	int err = 0;

	while (!err) {
		struct kvec vec = { .iov_base = inquiry->message, .iov_len = FB_VLAN_ANSWER };
		struct msghdr msg = {};
		int len = kernel_recvmsg(inquiry->sock, &msg, &vec, 1, FB_VLAN_ANSWER,
					 MSG_DONTWAIT);

		if (len < 0)
			return len;
		if (msg.msg_flags & MSG_TRUNC)
			return -EMSGSIZE;
		err = fb_vlan_read(inquiry, len);
	}
	return err < 0 ? err : 0;
}

/* Would a frame find the two to differ? Most of the time none would. */
static bool fb_vlan_differs(const struct fb_vlans *vlans, const struct fb_vlans *answer)
{
	unsigned int i;

	if (vlans->pvid != answer->pvid ||
	    !bitmap_equal(vlans->forwards, answer->forwards, VLAN_N_VID))
		return true;
	for (i = 0; i < BITS_TO_LONGS(VLAN_N_VID); i++)
		if ((vlans->untagged[i] ^ answer->untagged[i]) & answer->forwards[i])
			return true;
	return false;
}

/* What a frame that is on its way reads must be right before and after: see fb_vlan_set(). */
static void fb_vlan_replace(struct fb_vlans *vlans, const struct fb_vlans *answer)
{
	bitmap_replace(vlans->untagged, vlans->untagged, answer->untagged,
		       answer->forwards, VLAN_N_VID);
	/* Pairs with fb_check_egress(). */
	smp_wmb();
	bitmap_copy(vlans->forwards, answer->forwards, VLAN_N_VID);
	WRITE_ONCE(vlans->pvid, answer->pvid);
}

static void fb_vlan_apply(struct fb_port *port, const struct fb_vlans *answer)
{
	struct fb_vlans *vlans = &port->vlans;

	if (fb_vlan_differs(vlans, answer)) {
		fb_vlan_replace(vlans, answer);
		fb_generation_bump(port->bridge->generation);
	}
	vlans->in_doubt = false;
	vlans->due = false;
	vlans->asked = answer->asked;
}

/* What is left of an answer that could not be read goes with its socket. */
static int fb_vlan_answer(struct fb_monitor *monitor, struct fb_vlan_inquiry *inquiry,
			  int ifindex)
{
	int err;

	memset(&inquiry->vlans, 0, sizeof(inquiry->vlans));
	inquiry->vlans.asked = jiffies;
	err = sock_create_kern(monitor->net, PF_NETLINK, SOCK_RAW, NETLINK_ROUTE,
			       &inquiry->sock);
	if (err)
		return err;
	err = fb_monitor_connect(inquiry->sock);
	if (!err)
		err = fb_vlan_send(inquiry->sock, ifindex);
	if (!err)
		err = fb_vlan_receive(inquiry);
	sock_release(inquiry->sock);
	return err;
}

/* Return: false if there is no answer, or news since: then the port is asked about again. */
static bool fb_vlan_ask(struct fb_monitor *monitor, struct fb_vlan_inquiry *inquiry,
			int ifindex, unsigned int seq)
{
	int err = fb_vlan_answer(monitor, inquiry, ifindex);
	struct fb_port *port;
	bool done = true;

	spin_lock_bh(&monitor->lock);
	port = fb_vlan_port(monitor, ifindex);
	if (port) {
		done = !err && port->vlans.seq == seq;
		if (done)
			fb_vlan_apply(port, &inquiry->vlans);
	}
	spin_unlock_bh(&monitor->lock);
	return done;
}

/* The next port, by ifindex, that is to be asked about; 0 if there is none behind @last. */
static int fb_vlan_next(struct fb_monitor *monitor, int last, unsigned int *seq)
{
	struct fb_bridge *bridge;
	struct fb_port *port;
	unsigned long i;
	int next = 0;

	spin_lock_bh(&monitor->lock);
	list_for_each_entry(bridge, &monitor->on, on) {
		/* Once it does, fb_vlan_doubt() has all its ports asked about. */
		if (READ_ONCE(bridge->filter) != FB_FILTER_VLAN)
			continue;
		xa_for_each_start(&bridge->ports, i, port, last + 1) {
			if (next && i >= next)
				break;
			if ((!port->vlans.in_doubt && !port->vlans.due) ||
			    !fb_vlan_may_ask(monitor, &port->vlans))
				continue;
			next = i;
			*seq = port->vlans.seq;
		}
	}
	spin_unlock_bh(&monitor->lock);
	return next;
}

/* Each once, whatever becomes of the others. Return: false if some are left. */
static bool fb_vlan_ask_all(struct fb_monitor *monitor)
{
	struct fb_vlan_inquiry *inquiry;
	unsigned int seq;
	bool done = true;
	int ifindex = 0;

	if (!fb_vlan_next(monitor, 0, &seq))
		return true;
	inquiry = kvmalloc(sizeof(*inquiry), GFP_KERNEL);
	if (!inquiry)
		return false;
	while ((ifindex = fb_vlan_next(monitor, ifindex, &seq)))
		done &= fb_vlan_ask(monitor, inquiry, ifindex, seq);
	kvfree(inquiry);
	return done;
}

static void fb_vlan_work(struct work_struct *work)
{
	struct fb_monitor *monitor = container_of(to_delayed_work(work),
						  struct fb_monitor, vlan_work);
	unsigned long delay = fb_turn_begin(monitor);

	if (!delay) {
		if (!fb_vlan_ask_all(monitor))
			delay = FB_VLAN_RETRY;
		fb_turn_end(monitor);
	}
	if (delay)
		queue_delayed_work(fb_queue, &monitor->vlan_work, delay);
}

/* Without an answer since it was due. */
static void fb_vlan_expire(struct fb_port *port, unsigned long valid)
{
	if (port->vlans.due && time_after(jiffies, port->vlans.asked + valid))
		fb_vlan_forget(port);
}

/**
 * fb_vlan_put_off - nobody can be asked now: do not believe what is old
 * @bridge: the bridge; on
 *
 * Context: event lock held.
 */
void fb_vlan_put_off(struct fb_bridge *bridge)
{
	struct fb_port *port;
	unsigned long i;

	lockdep_assert_held(&bridge->monitor->lock);
	xa_for_each(&bridge->ports, i, port)
		fb_vlan_expire(port, FB_VLAN_VALID);
}

/**
 * fb_vlan_audit - have the bridge asked for the VLANs of all ports
 * @bridge: the bridge; on
 *
 * What it has announced is believed meanwhile, for some time.
 *
 * Context: event lock held.
 */
void fb_vlan_audit(struct fb_bridge *bridge)
{
	struct fb_monitor *monitor = bridge->monitor;
	struct fb_port *port;
	unsigned long i;

	lockdep_assert_held(&monitor->lock);
	xa_for_each(&bridge->ports, i, port) {
		fb_vlan_expire(port, FB_VLAN_PERIOD);
		port->vlans.due = true;
	}
	fb_vlan_ask_soon(monitor);
}

/**
 * fb_vlan_doubt - announcements may have been missed: ask for the VLANs of all ports
 * @bridge: the bridge; on
 *
 * Context: event lock held.
 */
void fb_vlan_doubt(struct fb_bridge *bridge)
{
	struct fb_monitor *monitor = bridge->monitor;
	struct fb_port *port;
	unsigned long i;

	lockdep_assert_held(&monitor->lock);
	xa_for_each(&bridge->ports, i, port)
		fb_vlan_forget(port);
	fb_vlan_ask_soon(monitor);
}

/**
 * fb_vlan_init - prepare
 * @monitor: of a namespace
 */
void fb_vlan_init(struct fb_monitor *monitor)
{
	INIT_DELAYED_WORK(&monitor->vlan_work, fb_vlan_work);
}

/**
 * fb_vlan_exit - the namespace, or the module, ends
 * @monitor: none of its bridges is on
 */
void fb_vlan_exit(struct fb_monitor *monitor)
{
	cancel_delayed_work_sync(&monitor->vlan_work);
}
