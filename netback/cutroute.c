// SPDX-License-Identifier: GPL-2.0
/*
 * Where a frame that cut-through has read would go: to which guest's queue, and whether that
 * would get it as it is. Whatever is not certain goes the ordinary way.
 *
 * Locking: the sender's NAPI poll; what is found can be reached as long as bottom halves are
 * off.
 */
#include "common.h"

#include <linux/etherdevice.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/flow_dissector.h>
#include <net/ip.h>

#include "cut.h"
#include "cutroute.h"

/* Of a transport's header, at most, up to the end of the ports; AH's are not at its beginning. */
#define CUT_PORTS_END	8

/* The length of the headers up to that of the transport, 0 if they are not plain. */
static unsigned int transport_offset(const struct ethhdr *eth,
				     unsigned int header, u8 *protocol)
{
	const struct ipv6hdr *ip6 = (const void *)(eth + 1);
	const struct iphdr *ip = (const void *)(eth + 1);

	switch (eth->h_proto) {
	case htons(ETH_P_IP):
		if (header < ETH_HLEN + sizeof(*ip) || ip->version != 4 ||
		    ip->ihl < 5 || ip_is_fragment(ip))
			return 0;
		*protocol = ip->protocol;
		return ETH_HLEN + ip->ihl * 4;
	case htons(ETH_P_IPV6):
		if (header < ETH_HLEN + sizeof(*ip6))
			return 0;
		*protocol = ip6->nexthdr;
		return ETH_HLEN + sizeof(*ip6);
	default:
		return 0;
	}
}

/* Is a checksum, to be filled in by whom it may concern, where all agree it is? */
static bool checksum_is_plain(const struct ethhdr *eth,
			      const struct cut_frame *frame)
{
	unsigned int offset;
	u8 protocol;

	offset = transport_offset(eth, frame->header, &protocol);
	if (!offset)
		return false;
	switch (protocol) {
	case IPPROTO_TCP:
		return offset + sizeof(struct tcphdr) <= frame->header;
	case IPPROTO_UDP:
		return !frame->gso_type &&
		       offset + sizeof(struct udphdr) <= frame->header;
	default:
		return false;
	}
}

static netdev_features_t gso_feature(u8 gso_type)
{
	return gso_type == XEN_NETIF_GSO_TYPE_TCPV4 ? NETIF_F_TSO : NETIF_F_TSO6;
}

static bool takes_segment(const struct net_device *dev,
			  const struct ethhdr *eth,
			  const struct cut_frame *frame)
{
	__be16 protocol = frame->gso_type == XEN_NETIF_GSO_TYPE_TCPV4 ?
			  htons(ETH_P_IP) : htons(ETH_P_IPV6);

	return eth->h_proto == protocol &&
	       (frame->flags & XEN_NETTXF_csum_blank) &&
	       (dev->features & NETIF_F_SG) &&
	       (dev->features & gso_feature(frame->gso_type)) &&
	       frame->len < READ_ONCE(dev->gso_max_size) &&
	       frame->len / frame->gso_size < READ_ONCE(dev->gso_max_segs);
}

/* Would the receiver get the frame as it is, with nothing added or filled in? */
static bool takes_frame(const struct xenvif *vif, const struct ethhdr *eth,
			const struct cut_frame *frame)
{
	const struct net_device *dev = vif->dev;
	netdev_features_t checksum;

	if (!READ_ONCE(vif->tune.cutthrough) || !xenvif_schedulable(vif) ||
	    vif->xdp_headroom || vif->hash.alg)
		return false;
	if (frame->gso_type && !takes_segment(dev, eth, frame))
		return false;
	if (frame->len > XEN_PAGE_SIZE && !(dev->features & NETIF_F_SG))
		return false;
	if (!(frame->flags & XEN_NETTXF_csum_blank))
		return true;
	checksum = eth->h_proto == htons(ETH_P_IP) ? NETIF_F_IP_CSUM :
						     NETIF_F_IPV6_CSUM;
	return (dev->features & checksum) && checksum_is_plain(eth, frame);
}

/*
 * The core looks for ports in all of a frame. If they lie behind its header then the dissector,
 * which gets no more than that, says nothing, and takes the flow for one without.
 */
static bool flow_is_whole(const struct flow_keys *keys,
			  const struct cut_frame *frame)
{
	return keys->control.thoff + CUT_PORTS_END <= frame->header ||
	       frame->header == frame->len;
}

/*
 * The queue that the core would choose; what it does for an skb without a history is to
 * scale the hash of its flow. Negative if it has been told otherwise, or if the flow cannot be
 * told by the header alone.
 */
static int pick_queue(const struct xenvif *vif, const struct ethhdr *eth,
		      const struct cut_frame *frame)
{
	const struct net_device *dev = vif->dev;
	struct flow_keys keys;

	if (dev->real_num_tx_queues == 1)
		return 0;
	if (dev->num_tc)
		return -1;
#ifdef CONFIG_XPS
	if (rcu_access_pointer(dev->xps_maps[XPS_CPUS]) ||
	    rcu_access_pointer(dev->xps_maps[XPS_RXQS]))
		return -1;
#endif
	memset(&keys, 0, sizeof(keys));
	if (!__skb_flow_dissect(dev_net(dev), NULL, &flow_keys_dissector, &keys,
				eth, eth->h_proto, ETH_HLEN, frame->header,
				FLOW_DISSECTOR_F_STOP_AT_FLOW_LABEL) ||
	    !flow_is_whole(&keys, frame))
		return -1;
	return reciprocal_scale(flow_hash_from_keys(&keys),
				dev->real_num_tx_queues);
}

static struct fastbridge_frame question_of(const struct xenvif_cut *cut,
					   const struct cut_frame *frame)
{
	return (struct fastbridge_frame) {
		.eth = cut_header(cut, frame),
		.head = frame->header,
		.len = frame->len - ETH_HLEN,
		.gso = frame->gso_type,
	};
}

/**
 * xenvif_cut_route - the guest's queue for a frame, if that may go there by cut-through
 * @cut: the sender's state
 * @frame: the frame
 *
 * Return: the queue, or NULL.
 */
struct xenvif_queue *xenvif_cut_route(const struct xenvif_cut *cut,
				      const struct cut_frame *frame)
{
	const struct fastbridge_frame question = question_of(cut, frame);
	const struct ethhdr *eth = question.eth;
	struct net_device *dev;
	struct xenvif *vif;
	int index;

	dev = xenvif_fastbridge.route(cut->port, &question);
	if (!dev || !xenvif_is_vif(dev))
		return NULL;
	vif = netdev_priv(dev);
	if (!takes_frame(vif, eth, frame))
		return NULL;
	index = pick_queue(vif, eth, frame);
	if (index < 0 || index >= READ_ONCE(vif->num_queues))
		return NULL;
	return &vif->queues[index];
}

/**
 * xenvif_cut_flow - the guest's queue for all frames like this one
 * @cut: the sender's state
 * @frame: the frame
 * @terms: on which that counts
 *
 * Which of several queues a frame is for depends on more than its addresses.
 *
 * Return: the queue, or NULL.
 */
struct xenvif_queue *xenvif_cut_flow(const struct xenvif_cut *cut,
				     const struct cut_frame *frame,
				     struct fastbridge_terms *terms)
{
	const struct fastbridge_frame question = question_of(cut, frame);
	struct net_device *dev;
	struct xenvif *vif;

	dev = xenvif_fastbridge.flow(cut->port, &question, terms);
	if (!dev || !xenvif_is_vif(dev))
		return NULL;
	vif = netdev_priv(dev);
	if (!xenvif_schedulable(vif) || vif->xdp_headroom || vif->hash.alg ||
	    dev->real_num_tx_queues != 1 || READ_ONCE(vif->num_queues) != 1)
		return NULL;
	return vif->queues;
}
