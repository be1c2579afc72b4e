// SPDX-License-Identifier: GPL-2.0
/*
 * Keeps the bridge's entry of a source young without the source's frame, for mode bypass:
 * what the bridge gets meets its rules.
 *
 * The bridge learns between the rules of PRE_ROUTING and those of FORWARD, in a function
 * that it exports for br_netfilter. Here that function is given a frame of our own, from the
 * source to the source itself. It is learned from as any other, if the flags of the port and
 * its VLANs allow it; of the port's state, only whether it is disabled is asked before that,
 * but a frame is refreshed for only if the port forwards. It goes nowhere then: its way would
 * be back to the port that it came from, and it says that the hardware has sent it there
 * already, which holds for a port with hairpin_mode, too.
 *
 * Locking: runs under RCU with bottom halves off.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "port.h"
#include "refresh.h"

#ifdef CONFIG_NET_SWITCHDEV
static struct sk_buff *fb_refresh_frame(const struct fb_port *in, const struct sk_buff *like)
{
	const u8 *source = eth_hdr(like)->h_source;
	struct sk_buff *skb;
	struct ethhdr *eth;

	skb = alloc_skb(ETH_ZLEN, GFP_ATOMIC);
	if (!skb)
		return NULL;
	eth = skb_put_zero(skb, ETH_ZLEN);
	ether_addr_copy(eth->h_dest, source);
	ether_addr_copy(eth->h_source, source);
	eth->h_proto = htons(ETH_P_LOOPBACK);
	skb->dev = in->dev;
	skb->protocol = eth->h_proto;
	skb_reset_mac_header(skb);
	skb_pull(skb, ETH_HLEN);
	skb_reset_network_header(skb);
	skb_reset_transport_header(skb);
	skb_reset_mac_len(skb);
	if (skb_vlan_tag_present(like))
		__vlan_hwaccel_put_tag(skb, like->vlan_proto, skb_vlan_tag_get(like));
	skb->offload_fwd_mark = 1;
	return skb;
}
#endif

/**
 * fb_refresh - have the bridge learn the source of a frame past its rules
 * @in: the port that the frame arrived on
 * @like: the frame, which is left as it is
 *
 * Return: false if the bridge was not asked to.
 */
bool fb_refresh(const struct fb_port *in, const struct sk_buff *like)
{
#ifdef CONFIG_NET_SWITCHDEV
	struct sk_buff *skb = fb_refresh_frame(in, like);

	if (skb)
		br_handle_frame_finish(dev_net(in->dev), NULL, skb);
	return skb;
#else
	return false;
#endif
}
