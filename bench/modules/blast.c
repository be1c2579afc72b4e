// SPDX-License-Identifier: GPL-2.0
/*
 * Sends UDP frames from a device as fast as it takes them, but sleeps while the device's
 * queue is stopped, where pktgen would spin: on a machine that counts instructions, waiting
 * must cost none. It is woken by the freeing of a frame that was sent before, so it wants
 * a driver that wakes its queue before it frees what it has sent, as xen-netfront does.
 *
 * The frames differ: in length by up to "spread" bytes from "size", in both ports by
 * flow, and those of every other flow leave the UDP checksum to the device, as a socket's
 * do. Runs while it is loaded, until the last frame has been freed.
 */
#include <linux/etherdevice.h>
#include <linux/inet.h>
#include <linux/ip.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/udp.h>
#include <linux/wait.h>
#include <net/ip.h>
#include <net/net_namespace.h>
#include <net/udp.h>

#define HEADERS (ETH_HLEN + sizeof(struct iphdr) + sizeof(struct udphdr))
#define FIRST_SOURCE_PORT 1024
#define FIRST_DEST_PORT 2000
#define MAX_FLOWS 16384

static char *dev;
module_param(dev, charp, 0444);
MODULE_PARM_DESC(dev, "Name of the sending device, in the initial network namespace");

static char *mac = "00:16:3e:00:00:02";
module_param(mac, charp, 0444);
MODULE_PARM_DESC(mac, "Destination address of the frames");

static char *from = "10.0.0.1";
module_param(from, charp, 0444);
MODULE_PARM_DESC(from, "IPv4 source address");

static char *to = "10.0.0.2";
module_param(to, charp, 0444);
MODULE_PARM_DESC(to, "IPv4 destination address");

static unsigned int count = 1;
module_param(count, uint, 0444);
MODULE_PARM_DESC(count, "How many frames");

static unsigned int size = 64;
module_param(size, uint, 0444);
MODULE_PARM_DESC(size, "Mean length of a frame without its checksum");

static unsigned int spread;
module_param(spread, uint, 0444);
MODULE_PARM_DESC(spread, "How far from the mean the lengths may be");

static unsigned int flows = 1;
module_param(flows, uint, 0444);
MODULE_PARM_DESC(flows, "How many pairs of ports, up to 16384");

static unsigned long nanoseconds;
module_param(nanoseconds, ulong, 0444);
MODULE_PARM_DESC(nanoseconds, "How long it took");

static unsigned int sleeps;
module_param(sleeps, uint, 0444);
MODULE_PARM_DESC(sleeps, "How often it slept because the queue was stopped");

static unsigned int overslept;
module_param(overslept, uint, 0444);
MODULE_PARM_DESC(overslept, "How often nothing woke it although the queue was running again");

static unsigned int dropped;
module_param(dropped, uint, 0444);
MODULE_PARM_DESC(dropped, "How many frames the device did not take");

static u8 template[ETH_FRAME_LEN];
static atomic_t unfreed;
static struct netdev_queue *stopped;
static DECLARE_WAIT_QUEUE_HEAD(waiting);

static void frame_freed(struct sk_buff *skb)
{
	const struct netdev_queue *txq = READ_ONCE(stopped);

	if (atomic_dec_and_test(&unfreed) || (txq && !netif_xmit_stopped(txq)))
		wake_up(&waiting);
}

/* Everything that is the same in all frames. */
static void make_template(const struct net_device *sender, const u8 *dest,
			  __be32 saddr, __be32 daddr)
{
	struct ethhdr *eth = (void *)template;
	struct iphdr *ip = (void *)(eth + 1);
	unsigned int i;

	ether_addr_copy(eth->h_dest, dest);
	ether_addr_copy(eth->h_source, sender->dev_addr);
	eth->h_proto = htons(ETH_P_IP);
	ip->version = 4;
	ip->ihl = sizeof(*ip) / 4;
	ip->ttl = 64;
	ip->protocol = IPPROTO_UDP;
	ip->saddr = saddr;
	ip->daddr = daddr;
	for (i = HEADERS; i < sizeof(template); i++)
		template[i] = i;
}

/* Over lengths from size - spread to size + spread, in no obvious order. */
static unsigned int length_of(unsigned int number)
{
	return size - spread + number * 7 % (2 * spread + 1);
}

static void fill_udp(struct sk_buff *skb, unsigned int flow)
{
	const struct iphdr *ip = ip_hdr(skb);
	struct udphdr *udp = udp_hdr(skb);
	const unsigned int length = skb->len - skb_transport_offset(skb);

	udp->source = htons(FIRST_SOURCE_PORT + flow);
	udp->dest = htons(FIRST_DEST_PORT + flow);
	udp->len = htons(length);
	udp->check = 0;
	if (flow % 2) {
		skb->ip_summed = CHECKSUM_PARTIAL;
		skb->csum_start = skb_transport_header(skb) - skb->head;
		skb->csum_offset = offsetof(struct udphdr, check);
		udp->check = ~udp_v4_check(length, ip->saddr, ip->daddr, 0);
	} else {
		udp->check = udp_v4_check(length, ip->saddr, ip->daddr,
					  csum_partial(udp, length, 0)) ?: CSUM_MANGLED_0;
	}
}

static struct sk_buff *make_frame(struct net_device *sender, unsigned int number)
{
	const unsigned int length = length_of(number), flow = number % flows;
	struct sk_buff *skb = alloc_skb(LL_RESERVED_SPACE(sender) + length, GFP_KERNEL);
	struct iphdr *ip;

	if (!skb)
		return NULL;
	skb_reserve(skb, LL_RESERVED_SPACE(sender));
	skb_put_data(skb, template, length);
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, ETH_HLEN);
	skb_set_transport_header(skb, ETH_HLEN + sizeof(*ip));
	ip = ip_hdr(skb);
	ip->tot_len = htons(length - ETH_HLEN);
	ip->id = htons(number);
	ip_send_check(ip);
	fill_udp(skb, flow);
	skb->protocol = htons(ETH_P_IP);
	skb->dev = sender;
	skb->destructor = frame_freed;
	atomic_inc(&unfreed);
	return skb;
}

static void wait_for_room(struct netdev_queue *txq)
{
	long left;

	sleeps++;
	WRITE_ONCE(stopped, txq);
	/* 1: the queue was running again, but only the clock has told so. */
	do {
		left = wait_event_timeout(waiting, !netif_xmit_stopped(txq), HZ);
		overslept += left == 1;
	} while (!left);
	WRITE_ONCE(stopped, NULL);
}

static void send(struct sk_buff *skb, u16 queue)
{
	struct netdev_queue *txq = netdev_get_tx_queue(skb->dev, queue);
	int result;

	for (;;) {
		if (netif_xmit_stopped(txq))
			wait_for_room(txq);
		result = __dev_direct_xmit(skb, queue);
		if (result != NETDEV_TX_BUSY)
			break;
		cond_resched();
	}
	if (result != NETDEV_TX_OK)
		dropped++;
}

static int blast(struct net_device *sender)
{
	ktime_t start = ktime_get();
	struct sk_buff *skb;
	unsigned int i;
	int err = 0;

	for (i = 0; i < count; i++) {
		skb = make_frame(sender, i);
		if (!skb) {
			err = -ENOMEM;
			break;
		}
		send(skb, i % flows % sender->real_num_tx_queues);
	}
	/* frame_freed() must not be gone when the last frame is freed. */
	wait_event(waiting, !atomic_read(&unfreed));
	nanoseconds = ktime_to_ns(ktime_sub(ktime_get(), start));
	return err;
}

static int __init blast_init(void)
{
	u8 dest[ETH_ALEN];
	__be32 saddr, daddr;
	struct net_device *sender;
	int err;

	if (!mac_pton(mac, dest) || !in4_pton(from, -1, (u8 *)&saddr, -1, NULL) ||
	    !in4_pton(to, -1, (u8 *)&daddr, -1, NULL) || !flows || flows > MAX_FLOWS ||
	    size > ETH_FRAME_LEN || spread > ETH_FRAME_LEN - size ||
	    size < HEADERS + spread)
		return -EINVAL;
	sender = dev_get_by_name(&init_net, dev ?: "");
	if (!sender)
		return -ENODEV;
	make_template(sender, dest, saddr, daddr);
	err = blast(sender);
	dev_put(sender);
	return err;
}

static void __exit blast_exit(void)
{
}

module_init(blast_init);
module_exit(blast_exit);
MODULE_DESCRIPTION("Send UDP frames from a device without spinning on its queue");
MODULE_LICENSE("GPL");
