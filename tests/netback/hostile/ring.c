// SPDX-License-Identifier: GPL-2.0
/* The rings: requests are put there unchecked, responses are checked most closely. */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <xen/events.h>

#include "hostile.h"

void tally_clear(struct front *f)
{
	memset(&f->tally, 0, sizeof(f->tally));
	f->tally.ctrl = -1;
}

/* All is as on rings that nobody has used. */
void ring_forget(struct front *f)
{
	unsigned int i;

	for (i = 0; i < TX_SLOTS; i++) {
		f->tx_pending[i] = false;
		f->tx_free[i] = i;
	}
	f->tx_free_count = TX_SLOTS;
	f->rx_kind = RX_GOOD;
	f->rx_extra = false;
}

unsigned int unanswered(struct front *f)
{
	return f->tx.req_prod_pvt - f->tx.rsp_cons;
}

/* Cases see to it that there is room; one that does not loses what it has asked. */
struct xen_netif_tx_request *slot_add(struct front *f)
{
	static struct xen_netif_tx_request nowhere;
	struct xen_netif_tx_request *request;
	u16 id;

	if (RING_FULL(&f->tx) || !f->tx_free_count)
		return &nowhere;
	id = f->tx_free[--f->tx_free_count];
	f->tx_pending[id] = true;
	f->tx_foreseen[id] = ANY;
	request = RING_GET_REQUEST(&f->tx, f->tx.req_prod_pvt++);
	*request = (struct xen_netif_tx_request){
		.gref = f->tx_buffer[id].gref,
		.id = id,
	};
	return request;
}

struct xen_netif_extra_info *extra_add(struct front *f, u8 type)
{
	static struct xen_netif_tx_request nowhere;
	struct xen_netif_extra_info *extra;
	void *place = &nowhere;

	if (!RING_FULL(&f->tx))
		place = RING_GET_REQUEST(&f->tx, f->tx.req_prod_pvt++);
	extra = place;
	memset(extra, 0, sizeof(*extra));
	extra->type = type;
	return extra;
}

void kick(struct front *f)
{
	notify_remote_via_evtchn(f->data.tx_port);
}

void push(struct front *f)
{
	RING_PUSH_REQUESTS(&f->tx);
	kick(f);
}

static void count_foreseen(struct front *f, u16 id, s16 status)
{
	const enum foreseen foreseen = f->tx_foreseen[id];

	if ((foreseen == OKAY && status != XEN_NETIF_RSP_OKAY) ||
	    (foreseen == ERROR && status != XEN_NETIF_RSP_ERROR))
		f->tally.unforeseen++;
}

static void count_response(struct front *f, const struct xen_netif_tx_response *response)
{
	const u16 id = response->id;

	if (response->status == XEN_NETIF_RSP_NULL) {
		f->tally.null++;
		return;
	}
	if (id >= TX_SLOTS || !f->tx_pending[id]) {
		f->tally.unknown++;
		return;
	}
	f->tx_pending[id] = false;
	f->tx_free[f->tx_free_count++] = id;
	count_foreseen(f, id, response->status);
	if (response->status == XEN_NETIF_RSP_OKAY)
		f->tally.okay++;
	else if (response->status == XEN_NETIF_RSP_ERROR)
		f->tally.error++;
	else
		f->tally.odd++;
}

/* True if there was any. */
static bool tx_poll(struct front *f)
{
	const RING_IDX end = READ_ONCE(f->tx.sring->rsp_prod);
	const RING_IDX begin = f->tx.rsp_cons;
	struct xen_netif_tx_response response;

	virt_rmb(); /* the responses after their number */
	while (f->tx.rsp_cons != end) {
		if (!unanswered(f)) {
			f->tally.unknown++;
			break;
		}
		RING_COPY_RESPONSE(&f->tx, f->tx.rsp_cons, &response);
		count_response(f, &response);
		f->tx.rsp_cons++;
	}
	return f->tx.rsp_cons != begin;
}

static grant_ref_t rx_gref(struct front *f, unsigned int slot)
{
	switch (f->rx_kind) {
	case RX_NEVER_GRANTED:
		return GREF_WILD + slot;
	case RX_READONLY:
		return f->tx_buffer[slot].gref;
	default:
		return f->rx_buffer[slot].gref;
	}
}

static void rx_add(struct front *f)
{
	const unsigned int slot = f->rx.req_prod_pvt & (RX_SLOTS - 1);
	struct xen_netif_rx_request *request;

	request = RING_GET_REQUEST(&f->rx, f->rx.req_prod_pvt++);
	request->id = slot;
	request->gref = rx_gref(f, slot);
}

static void rx_push(struct front *f)
{
	RING_PUSH_REQUESTS(&f->rx);
	notify_remote_via_evtchn(f->data.rx_port);
}

/* Gives the back end slots that it has not, up to so many. */
void rx_post_some(struct front *f, unsigned int most)
{
	while (most-- && !RING_FULL(&f->rx))
		rx_add(f);
	rx_push(f);
}

void rx_post(struct front *f)
{
	rx_post_some(f, RX_SLOTS);
}

/* Writes over what is posted already, of which the back end has taken nothing so far. */
void rx_post_anew(struct front *f, enum rx_kind kind)
{
	f->rx_kind = kind;
	f->rx.req_prod_pvt = f->rx.rsp_cons;
	rx_post(f);
}

static void rx_take(struct front *f, const struct xen_netif_rx_response *response,
		    unsigned int slot)
{
	const unsigned int begin = response->offset + f->rx_headroom;
	const u8 *data = page_address(f->rx_buffer[slot].page);

	f->rx_extra = response->flags & XEN_NETRXF_extra_info;
	if (response->status < 0) {
		f->tally.receive_failed++;
		return;
	}
	f->tally.received++;
	if (response->offset + response->status <= XEN_PAGE_SIZE &&
	    response->status >= f->rx_headroom &&
	    frame_is_answer(f, data + begin, response->status - f->rx_headroom))
		f->tally.answered++;
}

/* Up to so many. */
static void rx_poll(struct front *f, unsigned int most)
{
	const RING_IDX end = READ_ONCE(f->rx.sring->rsp_prod);
	const RING_IDX given = f->rx.req_prod_pvt;
	union xen_netif_rx_sring_entry entry;
	const struct xen_netif_extra_info *extra = (void *)&entry;
	unsigned int slot;

	virt_rmb(); /* the responses after their number */
	if (f->rx.rsp_cons == end)
		return;
	while (f->rx.rsp_cons != end && most--) {
		if (f->rx.rsp_cons == given) {
			f->tally.unknown++;
			break;
		}
		slot = f->rx.rsp_cons++ & (RX_SLOTS - 1);
		entry = f->rx.sring->ring[slot];
		if (f->rx_extra)
			f->rx_extra = extra->flags & XEN_NETIF_EXTRA_FLAG_MORE;
		else
			rx_take(f, &entry.rsp, slot);
		rx_add(f);
	}
	rx_push(f);
}

void rx_take_one(struct front *f)
{
	rx_poll(f, 1);
}

void poll_all(struct front *f)
{
	tx_poll(f);
	rx_poll(f, UINT_MAX);
}

/* Until all is answered, or nothing has been for so many milliseconds. */
void settle_for(struct front *f, unsigned int wait)
{
	unsigned long end = jiffies + msecs_to_jiffies(wait);

	while (unanswered(f) && time_before(jiffies, end)) {
		if (tx_poll(f))
			end = jiffies + msecs_to_jiffies(wait);
		rx_poll(f, UINT_MAX);
		usleep_range(50, 200);
	}
	poll_all(f);
	f->tally.lost = unanswered(f);
}

void settle(struct front *f)
{
	settle_for(f, patience);
}

/* Asks and waits for the answer. */
void ctrl_ask(struct front *f, u16 type, u32 a, u32 b, u32 c)
{
	unsigned long end = jiffies + msecs_to_jiffies(patience);
	struct xen_netif_ctrl_response response;
	struct xen_netif_ctrl_request *request;

	if (!f->ctrl.sring)
		return;
	request = RING_GET_REQUEST(&f->ctrl, f->ctrl.req_prod_pvt++);
	*request = (struct xen_netif_ctrl_request){
		.id = f->ctrl.req_prod_pvt,
		.type = type,
		.data = { a, b, c },
	};
	f->tally.ctrl = -1;
	RING_PUSH_REQUESTS(&f->ctrl);
	notify_remote_via_evtchn(f->ctrl_port);
	while (READ_ONCE(f->ctrl.sring->rsp_prod) == f->ctrl.rsp_cons) {
		if (time_after(jiffies, end))
			return;
		usleep_range(50, 200);
	}
	virt_rmb(); /* the response after its number */
	RING_COPY_RESPONSE(&f->ctrl, f->ctrl.rsp_cons, &response);
	f->ctrl.rsp_cons++;
	if (response.id == (u16)f->ctrl.req_prod_pvt && response.type == type)
		f->tally.ctrl = response.status;
}

static int ctrl_refill(void *data)
{
	struct front *f = data;
	struct xen_netif_ctrl_sring *sring = f->ctrl.sring;

	while (!kthread_should_stop()) {
		if (f->ctrl_each == RING_SIZE(&f->ctrl) ||
		    READ_ONCE(sring->req_prod) == READ_ONCE(sring->rsp_prod))
			WRITE_ONCE(sring->req_prod,
				   READ_ONCE(sring->rsp_prod) + f->ctrl_each);
		notify_remote_via_evtchn(f->ctrl_port);
		cond_resched();
	}
	return 0;
}

/*
 * From now on, and while the connection is closed, the control ring has that many requests: at
 * all times if it is then full, or else whenever all have been answered. A response has its
 * request's type in the same place, so that it is one that can be asked again.
 */
int ctrl_refill_start(struct front *f, unsigned int each)
{
	struct task_struct *task;
	unsigned int i;

	for (i = 0; i < RING_SIZE(&f->ctrl); i++)
		*RING_GET_REQUEST(&f->ctrl, i) = (struct xen_netif_ctrl_request){
			.type = XEN_NETIF_CTRL_TYPE_GET_HASH_MAPPING_SIZE,
		};
	f->ctrl_each = each;
	task = kthread_run(ctrl_refill, f, "ctrl-refill");
	if (IS_ERR(task))
		return PTR_ERR(task);
	f->ctrl_refill = task;
	return 0;
}

void ctrl_refill_stop(struct front *f)
{
	if (f->ctrl_refill)
		kthread_stop(f->ctrl_refill);
	f->ctrl_refill = NULL;
}
