// SPDX-License-Identifier: GPL-2.0
/* Connects to the back end as an honest front end does, and can do so again and again. */
#include <linux/bpf.h>
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <xen/events.h>

#include "hostile.h"

#define STATE_TIMEOUT (10 * HZ)

struct front *front;

static const char * const number_keys[] = {
	"request-rx-copy", "feature-rx-notify", "feature-sg", "feature-gso-tcpv4",
	"feature-gso-tcpv6", "feature-ipv6-csum-offload",
};

static int wait_for_backend(struct front *f, enum xenbus_state wanted)
{
	unsigned long end = jiffies + STATE_TIMEOUT;

	while (xenbus_read_driver_state(f->dev->otherend) != wanted) {
		if (time_after(jiffies, end))
			return -ETIMEDOUT;
		usleep_range(2000, 4000);
	}
	return 0;
}

/* "xdp=N" in HOW, or 0. */
static u16 headroom_of(const char *how)
{
	const char *xdp = strstr(how, "xdp=");
	u16 headroom;

	return xdp && sscanf(xdp, "xdp=%hu", &headroom) == 1 ? headroom : 0;
}

/* No back end leaves more than this. */
static int write_headroom(struct front *f, u16 headroom)
{
	f->rx_headroom = min_t(u16, headroom, XDP_PACKET_HEADROOM);
	return xenbus_printf(XBT_NIL, f->dev->nodename, "xdp-headroom", "%u", headroom);
}

static int write_keys(struct front *f, const char *how, unsigned int queues)
{
	const char *node = f->dev->nodename;
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < ARRAY_SIZE(number_keys); i++)
		err = xenbus_write(XBT_NIL, node, number_keys[i], "1");
	if (!err && strstr(how, "nonotify"))
		err = xenbus_rm(XBT_NIL, node, "feature-rx-notify");
	if (!err)
		err = write_headroom(f, headroom_of(how));
	return err ?: xenbus_printf(XBT_NIL, node, "multi-queue-num-queues",
				    "%u", queues);
}

/* What a connection before may have left would be taken for this one's. */
static void remove_keys(struct front *f)
{
	static const char * const keys[] = {
		"event-channel", "event-channel-tx", "event-channel-rx",
		"event-channel-ctrl", "ctrl-ring-ref", "queue-0", "queue-1",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		xenbus_rm(XBT_NIL, f->dev->nodename, keys[i]);
}

static int write_ports(const char *node, const struct data_rings *rings)
{
	int err;

	if (rings->tx_port == rings->rx_port)
		return xenbus_printf(XBT_NIL, node, "event-channel", "%u",
				     rings->tx_port);
	err = xenbus_printf(XBT_NIL, node, "event-channel-tx", "%u",
			    rings->tx_port);
	return err ?: xenbus_printf(XBT_NIL, node, "event-channel-rx", "%u",
				    rings->rx_port);
}

/* As the queue of this number of two, or, if that is negative, as the only one. */
static int write_rings(struct front *f, const struct data_rings *rings, int queue)
{
	char node[64];
	int err;

	strscpy(node, f->dev->nodename, sizeof(node));
	if (queue >= 0)
		snprintf(node, sizeof(node), "%s/queue-%d", f->dev->nodename,
			 queue);
	err = xenbus_printf(XBT_NIL, node, "tx-ring-ref", "%u", rings->tx_ref);
	if (!err)
		err = xenbus_printf(XBT_NIL, node, "rx-ring-ref", "%u",
				    rings->rx_ref);
	return err ?: write_ports(node, rings);
}

static int open_rings(struct front *f, struct data_rings *rings, bool single)
{
	int err;

	err = xenbus_setup_ring(f->dev, GFP_KERNEL, &rings->tx, 1, &rings->tx_ref);
	if (!err)
		err = xenbus_setup_ring(f->dev, GFP_KERNEL, &rings->rx, 1,
					&rings->rx_ref);
	if (!err)
		err = xenbus_alloc_evtchn(f->dev, &rings->tx_port);
	if (err)
		return err;
	rings->rx_port = rings->tx_port;
	return single ? 0 : xenbus_alloc_evtchn(f->dev, &rings->rx_port);
}

static int open_data(struct front *f, const char *how)
{
	bool two = strstr(how, "queues");
	int err;

	err = open_rings(f, &f->data, strstr(how, "single"));
	if (err)
		return err;
	XEN_FRONT_RING_INIT(&f->tx, (struct xen_netif_tx_sring *)f->data.tx,
			    XEN_PAGE_SIZE);
	XEN_FRONT_RING_INIT(&f->rx, (struct xen_netif_rx_sring *)f->data.rx,
			    XEN_PAGE_SIZE);
	err = write_keys(f, how, two ? 2 : 1);
	if (!err)
		err = write_rings(f, &f->data, two ? 0 : -1);
	if (err || !two)
		return err;
	err = open_rings(f, &f->second, true);
	if (err)
		return err;
	XEN_FRONT_RING_INIT(&f->second_tx, (struct xen_netif_tx_sring *)f->second.tx,
			    XEN_PAGE_SIZE);
	return write_rings(f, &f->second, 1);
}

static int open_ctrl(struct front *f)
{
	const char *node = f->dev->nodename;
	void *ring;
	int err;

	err = xenbus_setup_ring(f->dev, GFP_KERNEL, &ring, 1, &f->ctrl_ref);
	if (err)
		return err;
	XEN_FRONT_RING_INIT(&f->ctrl, (struct xen_netif_ctrl_sring *)ring,
			    XEN_PAGE_SIZE);
	err = xenbus_alloc_evtchn(f->dev, &f->ctrl_port);
	if (err)
		return err;
	err = xenbus_printf(XBT_NIL, node, "ctrl-ring-ref", "%u", f->ctrl_ref);
	return err ?: xenbus_printf(XBT_NIL, node, "event-channel-ctrl", "%u",
				    f->ctrl_port);
}

static void free_port(struct front *f, evtchn_port_t *port)
{
	if (*port)
		xenbus_free_evtchn(f->dev, *port);
	*port = 0;
}

static void free_rings(struct front *f, struct data_rings *rings)
{
	if (rings->rx_port == rings->tx_port)
		rings->rx_port = 0;
	free_port(f, &rings->tx_port);
	free_port(f, &rings->rx_port);
	xenbus_teardown_ring(&rings->tx, 1, &rings->tx_ref);
	xenbus_teardown_ring(&rings->rx, 1, &rings->rx_ref);
}

static void free_all_rings(struct front *f)
{
	free_rings(f, &f->data);
	free_rings(f, &f->second);
	f->tx.sring = NULL;
	f->rx.sring = NULL;
	f->second_tx.sring = NULL;
	free_port(f, &f->ctrl_port);
	xenbus_teardown_ring((void **)&f->ctrl.sring, 1, &f->ctrl_ref);
}

/*
 * The back end serves the control ring before it has connected the others: as soon as it
 * does, and US microseconds later, the producer is where it cannot be.
 */
static int ctrl_early(struct front *f, const char *us)
{
	const RING_IDX none = f->ctrl.sring->rsp_prod;
	unsigned long end = jiffies + STATE_TIMEOUT;
	unsigned int wait;
	int err;

	err = kstrtouint(us, 0, &wait);
	if (err)
		return err;
	memset(RING_GET_REQUEST(&f->ctrl, 0), 0, sizeof(struct xen_netif_ctrl_request));
	WRITE_ONCE(f->ctrl.sring->req_prod, none + 1);
	while (READ_ONCE(f->ctrl.sring->rsp_prod) == none) {
		if (time_after(jiffies, end))
			return -ETIMEDOUT;
		notify_remote_via_evtchn(f->ctrl_port);
		udelay(5);
	}
	udelay(wait);
	WRITE_ONCE(f->ctrl.sring->req_prod, none + 100000);
	notify_remote_via_evtchn(f->ctrl_port);
	return 0;
}

static int connect(struct front *f, const char *how)
{
	const char *early = strstr(how, "early=");
	int err;

	remove_keys(f);
	err = open_data(f, how);
	if (!err && strstr(how, "ctrl"))
		err = open_ctrl(f);
	if (err)
		return err;
	ring_forget(f);
	if (!strstr(how, "norx"))
		rx_post(f);
	xenbus_switch_state(f->dev, XenbusStateConnected);
	if (early)
		err = ctrl_early(f, early + strlen("early="));
	return err ?: wait_for_backend(f, XenbusStateConnected);
}

/*
 * In HOW, "single" asks for one event channel instead of two, "ctrl" for a control ring,
 * "norx" for no receive slots, "nonotify" for no feature-rx-notify, and "queues" for a second
 * queue, in which only mcast-race does anything; "xdp=N" wants so many bytes before what is
 * received; "ctrl early=US" has the control ring go wild while the back end connects.
 */
int front_open(struct front *f, const char *how)
{
	int err;

	if (f->open)
		return -EISCONN;
	xenbus_switch_state(f->dev, XenbusStateInitialising);
	err = wait_for_backend(f, XenbusStateInitWait);
	if (!err)
		err = connect(f, how);
	f->open = true;
	if (err)
		front_close(f);
	return err;
}

int front_close(struct front *f)
{
	int err;

	if (!f->open)
		return 0;
	f->open = false;
	xenbus_switch_state(f->dev, XenbusStateClosing);
	err = wait_for_backend(f, XenbusStateClosing);
	xenbus_switch_state(f->dev, XenbusStateClosed);
	if (!err)
		err = wait_for_backend(f, XenbusStateClosed);
	ctrl_refill_stop(f);
	free_all_rings(f);
	return err;
}

/* Wants so many bytes from now on, as "open xdp=N" does from the start. */
int front_headroom(struct front *f, const char *bytes)
{
	u16 headroom;
	int err;

	if (!f->open)
		return -ENOTCONN;
	err = kstrtou16(bytes, 0, &headroom);
	if (!err)
		err = write_headroom(f, headroom);
	if (err)
		return err;
	xenbus_switch_state(f->dev, XenbusStateReconfiguring);
	err = wait_for_backend(f, XenbusStateReconfigured);
	xenbus_switch_state(f->dev, XenbusStateConnected);
	return err;
}

static void free_buffers(struct buffer *buffer, unsigned int count)
{
	while (count--) {
		if (buffer->page)
			gnttab_end_foreign_access(buffer->gref, buffer->page);
		buffer++;
	}
}

static int grant_buffers(struct front *f, struct buffer *buffer,
			 unsigned int count, bool readonly)
{
	int gref;

	for (; count--; buffer++) {
		struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);

		if (!page)
			return -ENOMEM;
		gref = gnttab_grant_foreign_access(f->dev->otherend_id,
						   xen_page_to_gfn(page), readonly);
		if (gref < 0) {
			__free_page(page);
			return gref;
		}
		buffer->page = page;
		buffer->gref = gref;
	}
	return 0;
}

static void front_free(struct front *f)
{
	free_buffers(f->tx_buffer, TX_SLOTS);
	free_buffers(f->rx_buffer, RX_SLOTS);
	kvfree(f);
}

static int read_mac(struct front *f)
{
	char *mac = xenbus_read(XBT_NIL, f->dev->nodename, "mac", NULL);
	bool good;

	if (IS_ERR(mac))
		return PTR_ERR(mac);
	good = mac_pton(mac, f->mac);
	kfree(mac);
	return good ? 0 : -EINVAL;
}

static int probe(struct xenbus_device *dev, const struct xenbus_device_id *id)
{
	struct front *f;
	int err;

	if (front)
		return -EBUSY;
	f = kvzalloc(sizeof(*f), GFP_KERNEL);
	if (!f)
		return -ENOMEM;
	f->dev = dev;
	f->data.tx_ref = INVALID_GRANT_REF;
	f->data.rx_ref = INVALID_GRANT_REF;
	f->second.tx_ref = INVALID_GRANT_REF;
	f->second.rx_ref = INVALID_GRANT_REF;
	f->ctrl_ref = INVALID_GRANT_REF;
	err = read_mac(f);
	if (!err)
		err = grant_buffers(f, f->tx_buffer, TX_SLOTS, true);
	if (!err)
		err = grant_buffers(f, f->rx_buffer, RX_SLOTS, false);
	if (err) {
		front_free(f);
		return err;
	}
	front = f;
	return 0;
}

static void remove(struct xenbus_device *dev)
{
	front_close(front);
	front_free(front);
	front = NULL;
}

/* The back end's state is asked for when it matters. */
static void backend_changed(struct xenbus_device *dev, enum xenbus_state state)
{
}

static const struct xenbus_device_id ids[] = {
	{ "vif" },
	{ "" }
};

static struct xenbus_driver driver = {
	.name = "hostile",
	.ids = ids,
	.probe = probe,
	.remove = remove,
	.otherend_changed = backend_changed,
};

int front_register(void)
{
	return xenbus_register_frontend(&driver);
}

void front_unregister(void)
{
	xenbus_unregister_driver(&driver);
}
