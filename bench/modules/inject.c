// SPDX-License-Identifier: GPL-2.0
/*
 * Has a device receive frames as a driver hands them over: each in an skb of its own
 * that nobody else holds. (pktgen's netif_receive keeps a reference, so that whoever
 * forwards its frames must clone them, which costs some 490 instructions.) Runs while
 * it is loaded; "nanoseconds" tells then how long it took, skb allocation included.
 *
 * Frames of flow f, counted from 0, have addresses of both kinds that are 2 * f above the
 * first flow's.
 */
#include <linux/etherdevice.h>
#include <linux/ip.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/tcp.h>
#include <linux/workqueue.h>
#include <asm/unaligned.h>
#include <net/ip.h>
#include <net/net_namespace.h>
#include <net/tcp.h>

#include "mark.h"

#define HEADERS (ETH_HLEN + sizeof(struct iphdr) + sizeof(struct tcphdr))
#define SEGMENT 1448
/* So many that the addresses do not run over. */
#define MAX_FLOWS 65536

static char *dev;
module_param(dev, charp, 0444);
MODULE_PARM_DESC(dev, "Name of the receiving device, in the initial network namespace");

static char *src = "00:16:3e:00:00:01";
module_param(src, charp, 0444);
MODULE_PARM_DESC(src, "Source address of the first flow");

static char *dst = "00:16:3e:00:00:02";
module_param(dst, charp, 0444);
MODULE_PARM_DESC(dst, "Destination address of the first flow");

static unsigned int count = 1;
module_param(count, uint, 0444);
MODULE_PARM_DESC(count, "How many frames");

static unsigned int warm;
module_param(warm, uint, 0444);
MODULE_PARM_DESC(warm, "How many frames come first and are not counted");

static unsigned int size = 64;
module_param(size, uint, 0444);
MODULE_PARM_DESC(size, "Bytes of a frame, 54 to 65549; over 1514 it is a large segment to be cut");

static unsigned int flows = 1;
module_param(flows, uint, 0444);
MODULE_PARM_DESC(flows, "Pairs of addresses that take turns, up to 65536");

static bool everywhere;
module_param(everywhere, bool, 0444);
MODULE_PARM_DESC(everywhere, "Receive on all CPUs at once, a flow and \"count\" frames on each");

static unsigned long nanoseconds;
module_param(nanoseconds, ulong, 0444);
MODULE_PARM_DESC(nanoseconds, "How long it took");

static u8 src_addr[ETH_ALEN], dst_addr[ETH_ALEN];
static DEFINE_PER_CPU(struct work_struct, works);
static struct net_device *receiver;
/* Written by works on different CPUs; any of their errors will do. */
static int error_somewhere;

static void put_address(u8 *addr, const u8 *first, unsigned int flow)
{
	ether_addr_copy(addr, first);
	put_unaligned_be24(get_unaligned_be24(first + 3) + 2 * flow, addr + 3);
}

static void fill_headers(struct sk_buff *skb, unsigned int flow)
{
	struct ethhdr *eth = skb_put(skb, sizeof(*eth));
	struct tcphdr *tcp;
	struct iphdr *ip;

	put_address(eth->h_dest, dst_addr, flow);
	put_address(eth->h_source, src_addr, flow);
	eth->h_proto = htons(ETH_P_IP);

	ip = skb_put_zero(skb, sizeof(*ip));
	ip->version = 4;
	ip->ihl = sizeof(*ip) / 4;
	ip->ttl = 64;
	ip->protocol = IPPROTO_TCP;
	ip->tot_len = htons(size - ETH_HLEN);
	ip->saddr = htonl(0x0a000001 + 2 * flow);
	ip->daddr = htonl(0x0a000002 + 2 * flow);
	ip_send_check(ip);

	tcp = skb_put_zero(skb, sizeof(*tcp));
	tcp->source = htons(1);
	tcp->dest = htons(2);
	tcp->doff = sizeof(*tcp) / 4;
	tcp->ack = 1;
}

/* The payload is nothing but zeros: the header alone makes the checksum. */
static void checksum(struct sk_buff *skb)
{
	const struct iphdr *ip = (void *)(skb->data + ETH_HLEN);
	struct tcphdr *tcp = (void *)(ip + 1);

	tcp->check = tcp_v4_check(size - ETH_HLEN - sizeof(*ip), ip->saddr,
				  ip->daddr, csum_partial(tcp, sizeof(*tcp), 0));
}

static void make_large(struct sk_buff *skb)
{
	const struct iphdr *ip = (void *)(skb->data + ETH_HLEN);
	struct skb_shared_info *shinfo = skb_shinfo(skb);
	struct tcphdr *tcp = (void *)(ip + 1);

	tcp->check = ~tcp_v4_check(size - ETH_HLEN - sizeof(*ip), ip->saddr,
				   ip->daddr, 0);
	shinfo->gso_type = SKB_GSO_TCPV4;
	shinfo->gso_size = SEGMENT;
	shinfo->gso_segs = DIV_ROUND_UP(size - HEADERS, SEGMENT);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_headroom(skb) + HEADERS - sizeof(struct tcphdr);
	skb->csum_offset = offsetof(struct tcphdr, check);
}

static struct sk_buff *make_frame(struct net_device *to, unsigned int flow)
{
	const bool large = size > ETH_FRAME_LEN;
	struct sk_buff *skb;
	int err;

	skb = alloc_skb_with_frags(NET_SKB_PAD + (large ? HEADERS : size),
				   large ? size - HEADERS : 0, 3, &err,
				   GFP_KERNEL);
	if (!skb)
		return NULL;
	skb_reserve(skb, NET_SKB_PAD);
	fill_headers(skb, flow);
	if (large) {
		make_large(skb);
		skb->data_len = size - HEADERS;
		skb->len += skb->data_len;
	} else {
		skb_put_zero(skb, size - HEADERS);
		checksum(skb);
	}
	skb->protocol = eth_type_trans(skb, to);
	return skb;
}

/* Flows from the first one on take turns. */
static int receive(unsigned int frames, unsigned int first, unsigned int nr)
{
	struct sk_buff *skb;
	unsigned int i;

	for (i = 0; i < frames; i++) {
		skb = make_frame(receiver, first + i % nr);
		if (!skb)
			return -ENOMEM;
		local_bh_disable();
		netif_receive_skb(skb);
		local_bh_enable();
	}
	return 0;
}

static void receive_here(struct work_struct *work)
{
	int err = receive(count, smp_processor_id(), 1);

	if (err)
		WRITE_ONCE(error_somewhere, err);
}

/* A counting window of its own. Nobody takes CPUs away from an emulated host. */
static int receive_everywhere(void)
{
	unsigned int cpu;

	MARK(MARK_START);
	for_each_online_cpu(cpu) {
		INIT_WORK(per_cpu_ptr(&works, cpu), receive_here);
		schedule_work_on(cpu, per_cpu_ptr(&works, cpu));
	}
	for_each_online_cpu(cpu)
		flush_work(per_cpu_ptr(&works, cpu));
	MARK(MARK_STOP);
	return error_somewhere;
}

static int inject(void)
{
	int err = receive(warm, 0, flows);
	ktime_t start = ktime_get();

	if (!err)
		err = everywhere ? receive_everywhere() : receive(count, 0, flows);
	nanoseconds = ktime_to_ns(ktime_sub(ktime_get(), start));
	return err;
}

static int __init inject_init(void)
{
	int err;

	if (!mac_pton(src, src_addr) || !mac_pton(dst, dst_addr) ||
	    size < HEADERS || size > ETH_HLEN + U16_MAX || !flows || flows > MAX_FLOWS ||
	    (everywhere && flows < nr_cpu_ids))
		return -EINVAL;
	receiver = dev_get_by_name(&init_net, dev ?: "");
	if (!receiver)
		return -ENODEV;
	err = inject();
	dev_put(receiver);
	return err;
}

static void __exit inject_exit(void)
{
}

module_init(inject_init);
module_exit(inject_exit);
MODULE_DESCRIPTION("Have a device receive frames, and count the cost");
MODULE_LICENSE("GPL");
