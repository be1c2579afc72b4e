// SPDX-License-Identifier: GPL-2.0
/*
 * What hostile front ends do. What becomes of each is in hostile.sh. Names of advisories
 * tell what was once possible that way.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/sched/signal.h>
#include <linux/tcp.h>
#include <xen/events.h>

#include "hostile.h"

static void evenly(struct front *f, u16 first, unsigned int slots, u16 each)
{
	frame_udp(f, first + (slots - 1) * each);
	frame_send_evenly(f, first, slots, each);
	push(f);
}

static void whole(struct front *f)
{
	frame_send_whole(f);
	push(f);
}

/* An honest frame, whose answer from guest2 must come back whole. */
static void probe(struct front *f, const char *arguments)
{
	const u16 sizes[] = { 100, 300, 600 };
	unsigned long end = jiffies + msecs_to_jiffies(patience);

	frame_echo(f, 1000);
	frame_send(f, sizes, ARRAY_SIZE(sizes));
	push(f);
	settle(f);
	while (!f->tally.answered && time_before(jiffies, end)) {
		poll_all(f);
		usleep_range(100, 300);
	}
}

static void plain(struct front *f, const char *arguments)
{
	frame_udp(f, 100);
	whole(f);
}

static void scattered(struct front *f, const char *arguments)
{
	evenly(f, 200, 5, 250);
}

static void gso(struct front *f, const char *arguments)
{
	frame_tcp(f, 20000, 1448);
	frame_send_evenly(f, 4000, 5, 4000);
	push(f);
}

/* XSA-448: slots of no length. */
static void first_empty(struct front *f, const char *arguments)
{
	evenly(f, 0, 2, 100);
}

static void fragments_empty(struct front *f, const char *arguments)
{
	const u16 sizes[] = { 200, 0, 100, 0 };

	frame_udp(f, 300);
	frame_send(f, sizes, ARRAY_SIZE(sizes));
	push(f);
}

static void fragments_all_empty(struct front *f, const char *arguments)
{
	evenly(f, 200, 16, 0);
}

static void fragments_19_all_empty(struct front *f, const char *arguments)
{
	evenly(f, 200, 19, 0);
}

static void fragment_19_empty(struct front *f, const char *arguments)
{
	unsigned int i;
	u16 sizes[19];

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		sizes[i] = 100;
	sizes[18] = 0;
	frame_udp(f, 1800);
	frame_send(f, sizes, ARRAY_SIZE(sizes));
	push(f);
}

/* XSA-432: as many slots as there may be, in frames with next to nothing in them. */
static void fill_ring_tiny(struct front *f, u16 first)
{
	unsigned int i;

	frame_udp(f, first + 18);
	for (i = 0; i < TX_SLOTS / 19; i++)
		frame_send_evenly(f, first, 19, 1);
	push(f);
}

static void most_slots_tiny(struct front *f, const char *arguments)
{
	fill_ring_tiny(f, 14);
}

static void most_slots_tiny_mapped(struct front *f, const char *arguments)
{
	fill_ring_tiny(f, 200);
}

/* Of frames to guest3, which has two queues. */
#define FLOWS 100
#define FLOW_FRAME 200

/* "flows N": of as many flows, told by their ports; the first request ends after N bytes. */
static void flows(struct front *f, const char *arguments)
{
	u16 sizes[2];
	u8 i;

	if (kstrtou16(arguments, 0, &sizes[0]) || sizes[0] > FLOW_FRAME)
		return;
	sizes[1] = FLOW_FRAME - sizes[0];
	for (i = 0; i < FLOWS; i++) {
		frame_udp(f, FLOW_FRAME);
		f->frame.head[5] = 3;
		f->frame.head[35] = i;
		frame_send(f, sizes, sizes[1] ? 2 : 1);
	}
	push(f);
}

/* The same with IPv6 and a hop-by-hop header so long that the ports lie behind 126 bytes. */
static void flows_ipv6(struct front *f, const char *arguments)
{
	u8 *head = f->frame.head;
	u8 i;

	for (i = 0; i < FLOWS; i++) {
		frame_udp(f, FLOW_FRAME);
		memset(head + ETH_HLEN, 0, FLOW_FRAME - ETH_HLEN);
		head[5] = 3;
		head[12] = 0x86;
		head[13] = 0xdd;
		head[14] = 0x60;
		head[19] = FLOW_FRAME - ETH_HLEN - 40;
		head[54] = IPPROTO_UDP;
		head[55] = 72 / 8 - 1;
		head[127] = i;
		frame_send_whole(f);
	}
	push(f);
}

/* XSA-423: headers that do not lie in one piece. */
static void first_1(struct front *f, const char *arguments)
{
	evenly(f, 1, 2, 99);
}

static void first_13(struct front *f, const char *arguments)
{
	evenly(f, 13, 2, 99);
}

static void first_14(struct front *f, const char *arguments)
{
	evenly(f, 14, 2, 99);
}

static void each_byte(struct front *f, const char *arguments)
{
	evenly(f, 14, 18, 1);
}

static void headers_split_gso(struct front *f, const char *arguments)
{
	const u16 sizes[] = { 14, 20, 10, 10, 4000, 4000 };

	frame_tcp(f, 8054, 1448);
	frame_send(f, sizes, ARRAY_SIZE(sizes));
	push(f);
}

/* "slots N" */
static void slots(struct front *f, const char *arguments)
{
	unsigned int count;

	if (!kstrtouint(arguments, 0, &count) && count && count <= TX_SLOTS)
		evenly(f, 100, count, 10);
}

static void crosses_page_first(struct front *f, const char *arguments)
{
	frame_udp(f, 200);
	frame_send_whole(f);
	f->slot[0]->offset = XEN_PAGE_SIZE - 100;
	push(f);
}

static void crosses_page_fragment(struct front *f, const char *arguments)
{
	frame_udp(f, 400);
	frame_send_evenly(f, 200, 2, 200);
	f->slot[1]->offset = XEN_PAGE_SIZE - 100;
	push(f);
}

static void offset_wild(struct front *f, const char *arguments)
{
	frame_udp(f, 200);
	frame_send_whole(f);
	f->slot[0]->offset = U16_MAX;
	f->slot[0]->size = U16_MAX;
	push(f);
}

static void size_below_sum(struct front *f, const char *arguments)
{
	frame_udp(f, 400);
	frame_send_evenly(f, 200, 2, 200);
	f->slot[0]->size = 100;
	push(f);
}

/* A frame of 64 KiB and more, whose size does not fit in its field. */
static void size_wraps(struct front *f, const char *arguments)
{
	frame_udp(f, 4000);
	frame_send_evenly(f, 4000, 17, 4000);
	push(f);
}

static void more_without_more(struct front *f, const char *arguments)
{
	frame_udp(f, 200);
	frame_send_whole(f);
	f->slot[0]->flags |= XEN_NETTXF_more_data;
	push(f);
}

/*
 * XSA-155: requests that change under the back end's eyes. References are left alone:
 * responses lie where they were.
 */
static void flip(struct front *f, u16 size, u16 offset, u16 flags)
{
	const RING_IDX begin = f->tx.req_prod_pvt - unanswered(f);
	unsigned int round, i, count = unanswered(f);

	for (round = 0; round < 50; round++)
		for (i = 0; i < count; i++) {
			struct xen_netif_tx_request *request =
				RING_GET_REQUEST(&f->tx, begin + i);

			WRITE_ONCE(request->size, round & 1 ? size : 100);
			WRITE_ONCE(request->offset, round & 2 ? offset : 0);
			WRITE_ONCE(request->flags, round & 4 ? flags : 0);
		}
}

static void flip_until_answered(struct front *f, u16 size, u16 offset, u16 flags)
{
	unsigned long end = jiffies + msecs_to_jiffies(patience);

	while (unanswered(f) && !f->tally.unknown && time_before(jiffies, end)) {
		flip(f, size, offset, flags);
		poll_all(f);
		cond_resched();
	}
}

static void flip_batches(struct front *f, u16 size, u16 offset, u16 flags)
{
	unsigned int batch, i;

	frame_udp(f, 100);
	for (batch = 0; batch < 20 && !unanswered(f); batch++) {
		for (i = 0; i < 100; i++)
			frame_send_whole(f);
		push(f);
		flip_until_answered(f, size, offset, flags);
	}
}

/* Whichever of the values the back end reads, it is a good one. */
static void flip_good(struct front *f, const char *arguments)
{
	flip_batches(f, 1000, 64, XEN_NETTXF_data_validated);
}

/* Either a good one, or no frame at all. */
static void flip_short(struct front *f, const char *arguments)
{
	flip_batches(f, 5, 64, XEN_NETTXF_data_validated);
}

static void flip_bad(struct front *f, const char *arguments)
{
	flip_batches(f, U16_MAX, U16_MAX, XEN_NETTXF_more_data | XEN_NETTXF_extra_info);
}

/* The other half: the reference, and with it all that there is. */
static void flip_gref(struct front *f, const char *arguments)
{
	unsigned int round, i;

	frame_udp(f, 200);
	for (i = 0; i < 200; i++)
		frame_send_whole(f);
	push(f);
	for (round = 0; round < 2000; round++)
		for (i = 0; i < 200; i++)
			WRITE_ONCE(RING_GET_REQUEST(&f->tx, f->tx.req_prod_pvt - 1 - i)->gref,
				   round & 1 ? GREF_WILD : f->tx_buffer[i].gref);
	f->tx.rsp_cons = READ_ONCE(f->tx.sring->rsp_prod);
}

/* XSA-367, XSA-362: what cannot be copied or mapped. */
static void gref_wild(struct front *f, const char *arguments)
{
	frame_udp(f, 100);
	frame_send_whole(f);
	f->slot[0]->gref = GREF_WILD;
	push(f);
}

static void gref_free(struct front *f, const char *arguments)
{
	frame_udp(f, 100);
	frame_send_whole(f);
	f->slot[0]->gref = GREF_FREE;
	push(f);
}

static void gref_wild_shared(struct front *f, const char *arguments)
{
	frame_udp(f, 2000);
	frame_send_whole(f);
	f->slot[0]->gref = GREF_WILD;
	push(f);
}

static void gref_wild_fragment(struct front *f, unsigned int which)
{
	frame_udp(f, 1600);
	frame_send_evenly(f, 400, 4, 400);
	f->slot[which]->gref = GREF_WILD;
	push(f);
}

static void gref_wild_second(struct front *f, const char *arguments)
{
	gref_wild_fragment(f, 1);
}

static void gref_wild_last(struct front *f, const char *arguments)
{
	gref_wild_fragment(f, 3);
}

/* To guest3, after one that tells the bridge where its sender is, and goes nowhere. */
static void gref_wild_to_guest3(struct front *f, const char *arguments)
{
	frame_udp(f, 100);
	frame_send_whole(f);
	frame_udp(f, 1200);
	f->frame.head[5] = 3;
	frame_send_evenly(f, 400, 3, 400);
	f->slot[1]->gref = GREF_WILD;
	push(f);
}

static void gref_wild_of_19(struct front *f, const char *arguments)
{
	frame_udp(f, 2000);
	frame_send_evenly(f, 200, 19, 100);
	f->slot[18]->gref = GREF_WILD;
	push(f);
}

static void gref_all_wild(struct front *f, const char *arguments)
{
	unsigned int i;

	frame_udp(f, 1600);
	frame_send_evenly(f, 400, 4, 400);
	for (i = 0; i < 4; i++)
		f->slot[i]->gref = GREF_WILD;
	push(f);
}

/* With a reference that was good until now, or is another domain's. */
static void gref_of(struct front *f, domid_t domid, bool revoked)
{
	const u16 id = f->tx_free[f->tx_free_count - 1];
	struct buffer *buffer = &f->tx_buffer[id];
	const unsigned long gfn = xen_page_to_gfn(buffer->page);

	if (!gnttab_end_foreign_access_ref(buffer->gref))
		return;
	if (!revoked)
		gnttab_grant_foreign_access_ref(buffer->gref, domid, gfn, true);
	frame_udp(f, 2000);
	whole(f);
	settle(f);
	if (!revoked)
		gnttab_end_foreign_access_ref(buffer->gref);
	gnttab_grant_foreign_access_ref(buffer->gref, f->dev->otherend_id, gfn, true);
}

static void gref_revoked(struct front *f, const char *arguments)
{
	gref_of(f, 0, true);
}

static void gref_other_domain(struct front *f, const char *arguments)
{
	gref_of(f, 1000, false);
}

/* CVE-2013-0216: a producer that has gone wild; "producer N": by so much. */
static void producer(struct front *f, const char *arguments)
{
	int ahead;

	if (kstrtoint(arguments, 0, &ahead))
		return;
	WRITE_ONCE(f->tx.sring->req_prod, f->tx.req_prod_pvt + ahead);
	kick(f);
	msleep(patience);
}

static void rx_producer(struct front *f, const char *arguments)
{
	int ahead;

	if (kstrtoint(arguments, 0, &ahead))
		return;
	WRITE_ONCE(f->rx.sring->req_prod, f->rx.req_prod_pvt + ahead);
	notify_remote_via_evtchn(f->data.rx_port);
}

/* "extra TYPE" */
static void extra(struct front *f, const char *arguments)
{
	u8 type;

	if (kstrtou8(arguments, 0, &type))
		return;
	frame_udp(f, 100);
	frame_send_whole(f);
	f->slot[0]->flags |= XEN_NETTXF_extra_info;
	extra_add(f, type);
	push(f);
}

static void extra_missing(struct front *f, const char *arguments)
{
	frame_udp(f, 100);
	frame_send_whole(f);
	f->slot[0]->flags |= XEN_NETTXF_extra_info;
	push(f);
}

/* Each says that there is another. */
static void extra_endless(struct front *f, const char *arguments)
{
	frame_udp(f, 100);
	frame_send_whole(f);
	f->slot[0]->flags |= XEN_NETTXF_extra_info;
	while (!RING_FULL(&f->tx))
		extra_add(f, XEN_NETIF_EXTRA_TYPE_HASH)->flags = XEN_NETIF_EXTRA_FLAG_MORE;
	push(f);
}

static void extra_hash_bad(struct front *f, const char *arguments)
{
	struct xen_netif_extra_info *info;

	frame_udp(f, 100);
	frame_send_whole(f);
	f->slot[0]->flags |= XEN_NETTXF_extra_info;
	info = extra_add(f, XEN_NETIF_EXTRA_TYPE_HASH);
	info->u.hash.type = 77;
	info->u.hash.algorithm = 77;
	push(f);
}

static void gso_size_0(struct front *f, const char *arguments)
{
	frame_tcp(f, 2000, 0);
	f->frame.gso = true;
	frame_send_evenly(f, 1000, 2, 1000);
	push(f);
}

/* "gso-type N" */
static void gso_type(struct front *f, const char *arguments)
{
	u8 type;

	if (kstrtou8(arguments, 0, &type))
		return;
	frame_tcp(f, 2000, 1000);
	f->frame.gso_type = type;
	frame_send_evenly(f, 1000, 2, 1000);
	push(f);
}

static void gso_no_csum_blank(struct front *f, const char *arguments)
{
	frame_tcp(f, 2000, 1000);
	f->frame.flags = 0;
	frame_send_evenly(f, 1000, 2, 1000);
	push(f);
}

static void gso_not_tcp(struct front *f, const char *arguments)
{
	frame_udp(f, 2000);
	f->frame.gso = true;
	f->frame.gso_size = 1000;
	f->frame.flags = XEN_NETTXF_csum_blank;
	frame_send_evenly(f, 1000, 2, 1000);
	push(f);
}

static void gso_not_ip(struct front *f, const char *arguments)
{
	frame_tcp(f, 2000, 1000);
	f->frame.head[12] = 0x88;
	f->frame.head[13] = 0xb5;
	frame_send_evenly(f, 1000, 2, 1000);
	push(f);
}

/* Says IPv4 and is segmented as IPv6. */
static void gso_other_ip(struct front *f, const char *arguments)
{
	frame_tcp(f, 2000, 1000);
	f->frame.gso_type = XEN_NETIF_GSO_TYPE_TCPV6;
	frame_send_evenly(f, 1000, 2, 1000);
	push(f);
}

/* There is less than the TCP header says, or less than a TCP header. */
static void gso_truncated(struct front *f, const char *arguments)
{
	frame_tcp(f, 54, 1000);
	f->frame.head[46] = 0xf0;
	frame_send_whole(f);
	frame_tcp(f, 54, 1000);
	f->frame.len = 40;
	frame_send_whole(f);
	push(f);
}

/*
 * Two frames of one flow, to be segmented at 10 bytes, each so small that it is copied whole. If
 * GRO takes them for one, what it links to the first is longer than a segment.
 */
static void gso_merge(struct front *f, const char *arguments)
{
	struct tcphdr *tcp = (void *)(f->frame.head + 34);

	frame_tcp(f, 124, 10);
	frame_send_whole(f);
	tcp->seq = htonl(70);
	frame_send_whole(f);
	push(f);
}

/* "frame N": a frame of N bytes. */
static void frame(struct front *f, const char *arguments)
{
	u16 len;

	if (kstrtou16(arguments, 0, &len))
		return;
	frame_udp(f, 100);
	f->frame.len = len;
	whole(f);
}

static void csum_blank(struct front *f, unsigned int at, u8 value, unsigned int len)
{
	frame_udp(f, 100);
	f->frame.head[at] = value;
	f->frame.len = len;
	f->frame.flags = XEN_NETTXF_csum_blank;
	whole(f);
}

static void csum_blank_not_ip(struct front *f, const char *arguments)
{
	csum_blank(f, 12, 0x88, 100);
}

static void csum_blank_ip_truncated(struct front *f, const char *arguments)
{
	csum_blank(f, 0, 0, 20);
}

static void csum_blank_udp_truncated(struct front *f, const char *arguments)
{
	csum_blank(f, 0, 0, 36);
}

static void csum_blank_unknown(struct front *f, const char *arguments)
{
	csum_blank(f, 23, 99, 100);
}

/* Options as long as can be, and the frame ends before. */
static void csum_blank_options(struct front *f, const char *arguments)
{
	csum_blank(f, 14, 0x4f, 50);
}

/* IPv6 whose extension headers have no end; the length of each is 0. */
static void csum_blank_ipv6(struct front *f, const char *arguments)
{
	frame_udp(f, 1000);
	memset(f->frame.head + ETH_HLEN, 0, FRAME_HEAD - ETH_HLEN);
	f->frame.head[12] = 0x86;
	f->frame.head[13] = 0xdd;
	f->frame.head[14] = 0x60;
	f->frame.head[18] = (1000 - ETH_HLEN - 40) >> 8;
	f->frame.head[19] = (1000 - ETH_HLEN - 40) & 0xff;
	f->frame.flags = XEN_NETTXF_csum_blank;
	whole(f);
}

static void mcast(struct front *f, u8 type, unsigned int count)
{
	while (count--) {
		struct xen_netif_extra_info *info;

		frame_udp(f, 100);
		frame_send_whole(f);
		f->slot[0]->flags |= XEN_NETTXF_extra_info;
		info = extra_add(f, type);
		info->u.mcast.addr[0] = 1;
		info->u.mcast.addr[5] = count;
	}
	push(f);
}

static void mcast_add_70(struct front *f, const char *arguments)
{
	mcast(f, XEN_NETIF_EXTRA_TYPE_MCAST_ADD, 70);
}

/* Of 100, of which at most 64 are there. */
static void mcast_del_100(struct front *f, const char *arguments)
{
	mcast(f, XEN_NETIF_EXTRA_TYPE_MCAST_DEL, 100);
}

/* A ring full of requests for one group, each followed by one that gives it back. */
static void mcast_fill(struct xen_netif_tx_front_ring *ring)
{
	unsigned int i;

	for (i = 0; i < TX_SLOTS; i += 2) {
		struct xen_netif_tx_request *request;
		struct xen_netif_extra_info *extra;

		request = RING_GET_REQUEST(ring, ring->req_prod_pvt++);
		*request = (struct xen_netif_tx_request){ .flags = XEN_NETTXF_extra_info };
		extra = (void *)RING_GET_REQUEST(ring, ring->req_prod_pvt++);
		*extra = (struct xen_netif_extra_info){
			.type = i & 2 ? XEN_NETIF_EXTRA_TYPE_MCAST_DEL :
					XEN_NETIF_EXTRA_TYPE_MCAST_ADD,
			.u.mcast.addr = { 1 },
		};
	}
	RING_PUSH_REQUESTS(ring);
}

static bool all_answered(const struct xen_netif_tx_front_ring *ring)
{
	return READ_ONCE(ring->sring->rsp_prod) == ring->req_prod_pvt;
}

/* Both queues are answered within the time; what, is not looked at. */
static bool mcast_both(struct front *f)
{
	unsigned long end = jiffies + msecs_to_jiffies(patience);

	mcast_fill(&f->tx);
	mcast_fill(&f->second_tx);
	kick(f);
	notify_remote_via_evtchn(f->second.tx_port);
	while (!all_answered(&f->tx) || !all_answered(&f->second_tx)) {
		if (time_after(jiffies, end))
			return false;
		usleep_range(20, 50);
	}
	f->tx.rsp_cons = f->tx.req_prod_pvt;
	f->second_tx.rsp_cons = f->second_tx.req_prod_pvt;
	return true;
}

/* "SECONDS": sets @end to when they are over. False if it is no number. */
static bool lasts(const char *arguments, unsigned long *end)
{
	unsigned int seconds;

	if (kstrtouint(arguments, 0, &seconds))
		return false;
	*end = jiffies + seconds * HZ;
	return true;
}

/* "mcast-race SECONDS": the same group on two queues at the same time; needs "open queues". */
static void mcast_race(struct front *f, const char *arguments)
{
	unsigned long end;

	if (!lasts(arguments, &end) || !f->second_tx.sring)
		return;
	while (time_before(jiffies, end) && mcast_both(f))
		f->tally.okay++;
}

/* XSA-332: three seconds of events without work. */
static void event_storm(struct front *f, const char *arguments)
{
	unsigned long end = jiffies + 3 * HZ;

	while (time_before(jiffies, end)) {
		kick(f);
		notify_remote_via_evtchn(f->data.rx_port);
		cond_resched();
	}
}

/* XSA-392: "rx-give [COUNT]" gives the receive side slots again after "open norx". */
static void rx_give(struct front *f, const char *arguments)
{
	unsigned int count;

	if (kstrtouint(arguments, 0, &count))
		count = RX_SLOTS;
	rx_post_some(f, count);
}

static void rx_never_granted(struct front *f, const char *arguments)
{
	rx_post_anew(f, RX_NEVER_GRANTED);
}

static void rx_readonly(struct front *f, const char *arguments)
{
	rx_post_anew(f, RX_READONLY);
}

/*
 * "rx-trickle SECONDS": one buffer every nine milliseconds, as one who is nearly, but never
 * quite, done for.
 */
static void rx_trickle(struct front *f, const char *arguments)
{
	unsigned long end;

	if (!lasts(arguments, &end))
		return;
	while (time_before(jiffies, end) && !signal_pending(current)) {
		rx_take_one(f);
		msleep_interruptible(9);
	}
}

/* Takes what has been received. */
static void rx_take_all(struct front *f, const char *arguments)
{
	poll_all(f);
}

static void rx_good(struct front *f, const char *arguments)
{
	poll_all(f);
	rx_post_anew(f, RX_GOOD);
}

/* What of a buffer is the second request's of gref_wild_to_guest3(). */
#define MARKED_FROM 400
#define MARKED 400

static void rx_mark(struct front *f, const char *arguments)
{
	unsigned int i;

	for (i = 0; i < RX_SLOTS; i++)
		memset(page_address(f->rx_buffer[i].page) + MARKED_FROM, 0x5a, MARKED);
}

static void rx_marks(struct front *f, const char *arguments)
{
	unsigned int i;

	for (i = 0; i < RX_SLOTS; i++)
		f->tally.unmarked += !!memchr_inv(page_address(f->rx_buffer[i].page) +
						  MARKED_FROM, 0x5a, MARKED);
}

/* XSA-270: "ctrl TYPE A B C", where "@" stands for a reference to a good page. */
static void ctrl(struct front *f, const char *arguments)
{
	u32 *page = page_address(f->tx_buffer[0].page);
	u32 value[4] = {};
	char words[64], *rest = words, *word;
	unsigned int i;

	strscpy(words, arguments, sizeof(words));
	for (i = 0; i < 4 && (word = strsep(&rest, " ")); i++)
		if (!strcmp(word, "@"))
			value[i] = f->tx_buffer[0].gref;
		else if (kstrtou32(word, 0, &value[i]))
			return;
	/* The page is a mapping to queue 0, or key zero. */
	memset(page, 0, XEN_PAGE_SIZE);
	ctrl_ask(f, value[0], value[1], value[2], value[3]);
}

/* The same with a mapping to queues that there are not. */
static void ctrl_bad_queue(struct front *f, const char *arguments)
{
	memset(page_address(f->tx_buffer[0].page), 0xff, XEN_PAGE_SIZE);
	ctrl_ask(f, XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING, f->tx_buffer[0].gref, 128, 0);
}

/* "ctrl-producer N" */
static void ctrl_producer(struct front *f, const char *arguments)
{
	int ahead;

	if (kstrtoint(arguments, 0, &ahead) || !f->ctrl.sring)
		return;
	WRITE_ONCE(f->ctrl.sring->req_prod, f->ctrl.req_prod_pvt + ahead);
	notify_remote_via_evtchn(f->ctrl_port);
	msleep(patience);
	f->tally.ctrl = f->ctrl.sring->rsp_prod - f->ctrl.rsp_cons;
}

/* "ctrl-producer-moves SECONDS": wherever it is looked for, it is somewhere else by then. */
static void ctrl_producer_moves(struct front *f, const char *arguments)
{
	RING_IDX producer = f->ctrl.req_prod_pvt;
	unsigned long end;
	unsigned int i;

	if (!lasts(arguments, &end) || !f->ctrl.sring)
		return;
	while (time_before(jiffies, end)) {
		for (i = 0; i < 100; i++)
			WRITE_ONCE(f->ctrl.sring->req_prod, producer += 1000);
		notify_remote_via_evtchn(f->ctrl_port);
		cond_resched();
	}
	f->tally.ctrl = f->ctrl.sring->rsp_prod - f->ctrl.rsp_cons;
}

/* Tells how many are answered in this time, and, as okay, how many ticks that was. */
static void ctrl_refill_for(struct front *f, const char *arguments, unsigned int each)
{
	unsigned long begin = jiffies;
	unsigned int seconds;

	if (kstrtouint(arguments, 0, &seconds) || ctrl_refill_start(f, each))
		return;
	ssleep(seconds);
	f->tally.ctrl = READ_ONCE(f->ctrl.sring->rsp_prod) - f->ctrl.rsp_cons;
	f->tally.okay = jiffies - begin;
}

/* "ctrl-endless SECONDS": good requests without end, until the connection is closed. */
static void ctrl_endless(struct front *f, const char *arguments)
{
	if (f->ctrl.sring)
		ctrl_refill_for(f, arguments, RING_SIZE(&f->ctrl));
}

/* "ctrl-by-15 SECONDS": the same, fifteen at a time. */
static void ctrl_by_15(struct front *f, const char *arguments)
{
	if (f->ctrl.sring)
		ctrl_refill_for(f, arguments, 15);
}

/* "ctrl-in-turn N": each when that before it has been answered; tells how many have been. */
static void ctrl_in_turn(struct front *f, const char *arguments)
{
	unsigned int count, answered = 0;

	if (kstrtouint(arguments, 0, &count))
		return;
	while (count--) {
		ctrl_ask(f, XEN_NETIF_CTRL_TYPE_GET_HASH_MAPPING_SIZE, 0, 0, 0);
		answered += f->tally.ctrl == XEN_NETIF_CTRL_STATUS_SUCCESS;
	}
	f->tally.ctrl = answered;
}

/* "flood SECONDS": honest frames as fast as they are taken. */
static void flood(struct front *f, const char *arguments)
{
	unsigned long end;

	if (!lasts(arguments, &end))
		return;
	while (time_before(jiffies, end) && !fatal_signal_pending(current)) {
		while (f->tx.req_prod_pvt - f->tx.rsp_cons < TX_SLOTS - 4) {
			frame_udp(f, 1400);
			frame_send_evenly(f, 200, 4, 400);
		}
		push(f);
		poll_all(f);
		usleep_range(50, 200);
	}
	settle(f);
}

/*
 * "faulty-pairs SECONDS": a frame to guest1 of which a part cannot be read, and behind it one to
 * guest2; answered, and then the next.
 */
static void faulty_pairs(struct front *f, const char *arguments)
{
	unsigned long end;

	if (!lasts(arguments, &end))
		return;
	while (time_before(jiffies, end) && !fatal_signal_pending(current)) {
		frame_udp(f, 1200);
		f->frame.head[5] = 1;
		frame_send_evenly(f, 400, 3, 400);
		f->slot[1]->gref = GREF_WILD;
		frame_udp(f, 100);
		frame_send_whole(f);
		push(f);
		settle(f);
	}
}

static const struct {
	const char *name;
	void (*run)(struct front *f, const char *arguments);
} cases[] = {
	{ "probe", probe },
	{ "plain", plain },
	{ "scattered", scattered },
	{ "gso", gso },
	{ "first-empty", first_empty },
	{ "fragments-empty", fragments_empty },
	{ "fragments-all-empty", fragments_all_empty },
	{ "fragments-19-all-empty", fragments_19_all_empty },
	{ "fragment-19-empty", fragment_19_empty },
	{ "most-slots-tiny", most_slots_tiny },
	{ "most-slots-tiny-mapped", most_slots_tiny_mapped },
	{ "flows", flows },
	{ "flows-ipv6", flows_ipv6 },
	{ "first-1", first_1 },
	{ "first-13", first_13 },
	{ "first-14", first_14 },
	{ "each-byte", each_byte },
	{ "headers-split-gso", headers_split_gso },
	{ "slots", slots },
	{ "crosses-page-first", crosses_page_first },
	{ "crosses-page-fragment", crosses_page_fragment },
	{ "offset-wild", offset_wild },
	{ "size-below-sum", size_below_sum },
	{ "size-wraps", size_wraps },
	{ "more-without-more", more_without_more },
	{ "flip-good", flip_good },
	{ "flip-short", flip_short },
	{ "flip-bad", flip_bad },
	{ "flip-gref", flip_gref },
	{ "gref-wild", gref_wild },
	{ "gref-free", gref_free },
	{ "gref-wild-shared", gref_wild_shared },
	{ "gref-wild-second", gref_wild_second },
	{ "gref-wild-last", gref_wild_last },
	{ "gref-wild-to-guest3", gref_wild_to_guest3 },
	{ "gref-wild-of-19", gref_wild_of_19 },
	{ "gref-all-wild", gref_all_wild },
	{ "faulty-pairs", faulty_pairs },
	{ "gref-revoked", gref_revoked },
	{ "gref-other-domain", gref_other_domain },
	{ "producer", producer },
	{ "rx-producer", rx_producer },
	{ "extra", extra },
	{ "extra-missing", extra_missing },
	{ "extra-endless", extra_endless },
	{ "extra-hash-bad", extra_hash_bad },
	{ "gso-size-0", gso_size_0 },
	{ "gso-type", gso_type },
	{ "gso-no-csum-blank", gso_no_csum_blank },
	{ "gso-not-tcp", gso_not_tcp },
	{ "gso-not-ip", gso_not_ip },
	{ "gso-other-ip", gso_other_ip },
	{ "gso-truncated", gso_truncated },
	{ "gso-merge", gso_merge },
	{ "frame", frame },
	{ "csum-blank-not-ip", csum_blank_not_ip },
	{ "csum-blank-ip-truncated", csum_blank_ip_truncated },
	{ "csum-blank-udp-truncated", csum_blank_udp_truncated },
	{ "csum-blank-unknown", csum_blank_unknown },
	{ "csum-blank-options", csum_blank_options },
	{ "csum-blank-ipv6", csum_blank_ipv6 },
	{ "mcast-add-70", mcast_add_70 },
	{ "mcast-del-100", mcast_del_100 },
	{ "mcast-race", mcast_race },
	{ "event-storm", event_storm },
	{ "rx-give", rx_give },
	{ "rx-never-granted", rx_never_granted },
	{ "rx-readonly", rx_readonly },
	{ "rx-take", rx_take_all },
	{ "rx-trickle", rx_trickle },
	{ "rx-good", rx_good },
	{ "rx-mark", rx_mark },
	{ "rx-marks", rx_marks },
	{ "ctrl", ctrl },
	{ "ctrl-bad-queue", ctrl_bad_queue },
	{ "ctrl-producer", ctrl_producer },
	{ "ctrl-producer-moves", ctrl_producer_moves },
	{ "ctrl-endless", ctrl_endless },
	{ "ctrl-by-15", ctrl_by_15 },
	{ "ctrl-in-turn", ctrl_in_turn },
	{ "flood", flood },
};

int case_run(struct front *f, const char *name, const char *arguments)
{
	unsigned int i;

	if (!f->open)
		return -ENOTCONN;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		if (strcmp(cases[i].name, name))
			continue;
		tally_clear(f);
		cases[i].run(f, arguments);
		settle(f);
		return 0;
	}
	return -EINVAL;
}
