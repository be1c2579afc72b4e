// SPDX-License-Identifier: GPL-2.0
/* Connects to the back end as an honest front end does, and can do so again and again. */
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
	"feature-gso-tcpv6", "feature-ipv6-csum-offload", "multi-queue-num-queues",
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

static int write_keys(struct front *f)
{
	const char *node = f->dev->nodename;
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < ARRAY_SIZE(number_keys); i++)
		err = xenbus_write(XBT_NIL, node, number_keys[i], "1");
	if (!err)
		err = xenbus_printf(XBT_NIL, node, "tx-ring-ref", "%u", f->tx_ref);
	if (!err)
		err = xenbus_printf(XBT_NIL, node, "rx-ring-ref", "%u", f->rx_ref);
	return err;
}

/* What a connection before may have left would be taken for this one's. */
static void remove_keys(struct front *f)
{
	static const char * const keys[] = {
		"event-channel", "event-channel-tx", "event-channel-rx",
		"event-channel-ctrl", "ctrl-ring-ref",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		xenbus_rm(XBT_NIL, f->dev->nodename, keys[i]);
}

static int write_ports(struct front *f)
{
	const char *node = f->dev->nodename;
	int err;

	if (f->tx_port == f->rx_port)
		return xenbus_printf(XBT_NIL, node, "event-channel", "%u",
				     f->tx_port);
	err = xenbus_printf(XBT_NIL, node, "event-channel-tx", "%u", f->tx_port);
	return err ?: xenbus_printf(XBT_NIL, node, "event-channel-rx", "%u",
				    f->rx_port);
}

static int open_data(struct front *f, bool single)
{
	void *tx, *rx;
	int err;

	err = xenbus_setup_ring(f->dev, GFP_KERNEL, &tx, 1, &f->tx_ref);
	if (err)
		return err;
	XEN_FRONT_RING_INIT(&f->tx, (struct xen_netif_tx_sring *)tx, XEN_PAGE_SIZE);
	err = xenbus_setup_ring(f->dev, GFP_KERNEL, &rx, 1, &f->rx_ref);
	if (err)
		return err;
	XEN_FRONT_RING_INIT(&f->rx, (struct xen_netif_rx_sring *)rx, XEN_PAGE_SIZE);
	err = xenbus_alloc_evtchn(f->dev, &f->tx_port);
	if (err)
		return err;
	f->rx_port = f->tx_port;
	return single ? 0 : xenbus_alloc_evtchn(f->dev, &f->rx_port);
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

static void free_rings(struct front *f)
{
	if (f->rx_port == f->tx_port)
		f->rx_port = 0;
	free_port(f, &f->tx_port);
	free_port(f, &f->rx_port);
	free_port(f, &f->ctrl_port);
	xenbus_teardown_ring((void **)&f->tx.sring, 1, &f->tx_ref);
	xenbus_teardown_ring((void **)&f->rx.sring, 1, &f->rx_ref);
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
	err = open_data(f, strstr(how, "single"));
	if (!err)
		err = write_keys(f);
	if (!err)
		err = write_ports(f);
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
 * and "norx" for no receive slots; "ctrl early=US" has the control ring go wild while the
 * back end connects.
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
	free_rings(f);
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
	f->tx_ref = INVALID_GRANT_REF;
	f->rx_ref = INVALID_GRANT_REF;
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
