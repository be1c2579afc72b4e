// SPDX-License-Identifier: GPL-2.0
/*
 * A fast path for a bridge at tc's ingress hook: looks up the flow that a frame belongs to
 * and sends the frame to the flow's port. As in OpenWrt's bridger, a flow is both addresses,
 * the VLAN and the ingress port in one key, so that the one look-up vouches for the source,
 * too. Who fills "flows" plays bridger's daemon.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

enum {
	MAX_FLOWS = 131072,
	/* Both addresses are read as words: the compiler would read a packed ethhdr by bytes. */
	ADDRESS_WORDS = 2 * ETH_ALEN / sizeof(__u32),
};

struct key {
	__u32 addresses[ADDRESS_WORDS];
	__u32 vlan;
	__u32 ifindex;
};

struct flow {
	__u64 packets;
	__u64 ifindex;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct key);
	__type(value, struct flow);
	__uint(max_entries, MAX_FLOWS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} flows SEC(".maps");

/* cppcheck-suppress unknownMacro */
SEC("tc")
int redirect(struct __sk_buff *skb)
{
	const __u32 *words = (void *)(long)skb->data;
	const __u8 *bytes = (void *)words;
	struct key key = { .ifindex = skb->ifindex };
	struct flow *flow;

	if ((void *)(words + ADDRESS_WORDS) > (void *)(long)skb->data_end)
		return TC_ACT_UNSPEC;
	if ((bytes[0] | bytes[ETH_ALEN]) & 1 || skb->protocol == bpf_htons(ETH_P_ARP))
		return TC_ACT_UNSPEC;
	for (unsigned int i = 0; i < ADDRESS_WORDS; i++)
		key.addresses[i] = words[i];
	if (skb->vlan_present)
		key.vlan = skb->vlan_tci;
	flow = bpf_map_lookup_elem(&flows, &key);
	if (!flow)
		return TC_ACT_UNSPEC;
	flow->packets++;
	return bpf_redirect(flow->ifindex, 0);
}

const char gpl[] SEC("license") = "GPL";
