/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A front end as Linux has it: a page and a grant for each place in either
 * ring, and two event channels. Which grant is whose is mixed up, and where in
 * its page a frame begins differs.
 */
#include "../common/hyperswitch/hs.h"
#include "bed.h"

#define FIRST_REF       8       /* those before it are Xen's to name */
#define ODD             37      /* how grants are mixed up */

/* Ethernet, IPv4 and ports; MAC addresses end in the domain, and a digit. */
static const uint8_t header[] = {
    0x00, 0x16, 0x3e, 0, 0, 0, 0x00, 0x16, 0x3e, 0, 0, 0, 0x08, 0x00,
    0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 0, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
    0, 0, 0x14, 0x51,
};
#define DMAC            4
#define SMAC            10
#define PROTO           23
#define ADDRESS         33
#define PORT            35

static void make_pages(struct domain *d, void **page, grant_ref_t *ref,
                       unsigned int first, bool readonly)
{
    unsigned int i;

    for ( i = 0; i < STEP_RING; i++ )
    {
        page[i] = step_page(d);
        ref[i] = step_grant(d, first + i * ODD % STEP_RING, page[i], readonly);
    }
}

/* As netback has it for Linux' front end. */
static void set_queue(uint32_t handle)
{
    struct hs_set set = {
        .handle = handle,
        .caps = HS_CAPS,
        .gso_max = 65536,
        .max_len = 1514,
        .window = 32,
    };

    step_op(HSOP_set, &set);
    MUST(!set.status);
}

void step_front_init(struct step_front *front, domid_t domid,
                     struct hs_state *states)
{
    struct domain *d = step_domain(domid), *dom0 = step_domain(0);
    netif_tx_sring_t *tx = step_page(d);
    netif_rx_sring_t *rx = step_page(d);
    struct hs_state *state = &states[domid];

    front->domain = d;
    SHARED_RING_INIT(tx);
    SHARED_RING_INIT(rx);
    FRONT_RING_INIT(&front->tx, tx, PAGE_SIZE);
    FRONT_RING_INIT(&front->rx, rx, PAGE_SIZE);
    make_pages(d, front->tx_page, front->tx_ref, FIRST_REF, true);
    make_pages(d, front->rx_page, front->rx_ref, FIRST_REF + STEP_RING, false);
    front->attach = (struct hs_attach) {
        .domid = domid,
        .port = domid,
        .state = domid,
        .tx_gref = step_grant(d, FIRST_REF + 2 * STEP_RING, tx, false),
        .rx_gref = step_grant(d, FIRST_REF + 2 * STEP_RING + 1, rx, false),
        .tx_port = 2 * domid,
        .rx_port = 2 * domid + 1,
    };
    step_connect(d, dom0, front->attach.tx_port);
    step_connect(d, dom0, front->attach.rx_port);
    state->tx.owner = HS_BACKEND;
    state->rx.owner = HS_BACKEND;
    step_op(HSOP_attach, &front->attach);
    MUST(!front->attach.status);
    hs_token_release(&state->tx);
    hs_token_release(&state->rx);
    set_queue(front->attach.handle);
}

static netif_tx_request_t *next_request(struct step_front *front)
{
    MUST(!RING_FULL(&front->tx));

    return RING_GET_REQUEST(&front->tx, front->tx.req_prod_pvt++);
}

static void put_slot(struct step_front *front, unsigned int offset,
                     unsigned int size, unsigned int total, uint16_t flags)
{
    unsigned int at = front->tx.req_prod_pvt % STEP_RING;
    netif_tx_request_t *request = next_request(front);
    uint8_t *page = front->tx_page[at];

    memset(page + offset, at, size);
    request->gref = front->tx_ref[at];
    request->offset = offset;
    request->flags = flags;
    request->id = at;
    request->size = total;
}

static void put_extra(struct step_front *front)
{
    netif_extra_info_t *extra = (void *)next_request(front);

    memset(extra, 0, sizeof(*extra));
    extra->type = XEN_NETIF_EXTRA_TYPE_GSO;
    extra->u.gso.type = XEN_NETIF_GSO_TYPE_TCPV4;
    extra->u.gso.size = 1448;
}

static void put_header(uint8_t *at, const struct step_front *from,
                       const struct step_front *to, bool tcp, unsigned int i)
{
    memcpy(at, header, sizeof(header));
    at[DMAC] = to->domain->domain_id;
    at[DMAC + 1] = i % STEP_FLOWS;
    at[SMAC] = from->domain->domain_id;
    at[PROTO] = tcp ? 6 : 17;
    at[ADDRESS] = i % STEP_FLOWS;
    at[PORT] = i;
}

/* The i-th of a batch, with a checksum that is still to be made. */
void step_front_put(struct step_front *from, const struct step_front *to,
                    const struct step_frame *frame, unsigned int i)
{
    unsigned int first = from->tx.req_prod_pvt % STEP_RING;
    unsigned int offset = 64 + i % 8 * 96, left = frame->len - frame->head;
    uint16_t flags = NETTXF_csum_blank | NETTXF_data_validated;

    put_slot(from, offset, frame->head, frame->len,
             flags | (left ? NETTXF_more_data : 0) |
             (frame->gso ? NETTXF_extra_info : 0));
    put_header(from->tx_page[first] + offset, from, to, frame->gso, i);
    if ( frame->gso )
        put_extra(from);
    while ( left )
    {
        unsigned int part = min_t(unsigned int, left, PAGE_SIZE);

        left -= part;
        put_slot(from, 0, part, part, left ? NETTXF_more_data : 0);
    }
}

void step_front_push(struct step_front *from)
{
    int notify;

    RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&from->tx, notify);
    MUST(notify);
}

void step_front_post(struct step_front *to)
{
    while ( !RING_FULL(&to->rx) )
    {
        unsigned int at = to->rx.req_prod_pvt % STEP_RING;
        netif_rx_request_t *request = RING_GET_REQUEST(&to->rx,
                                                       to->rx.req_prod_pvt++);

        request->id = at;
        request->gref = to->rx_ref[at];
    }
    RING_PUSH_REQUESTS(&to->rx);
}

/* All that has come; returns how many bytes. */
unsigned int step_front_receive(struct step_front *to)
{
    unsigned int bytes = 0;
    int more;

    while ( to->rx.rsp_cons != to->rx.sring->rsp_prod )
    {
        unsigned int at = to->rx.rsp_cons % STEP_RING;
        const netif_rx_response_t *response =
            RING_GET_RESPONSE(&to->rx, to->rx.rsp_cons++);

        MUST(response->id == at && response->status > 0 && !response->offset);
        bytes += response->status;
        if ( response->flags & NETRXF_extra_info )
            to->rx.rsp_cons++;
    }
    RING_FINAL_CHECK_FOR_RESPONSES(&to->rx, more);
    MUST(!more);

    return bytes;
}

/* All that has been sent has been answered. */
void step_front_reap(struct step_front *from)
{
    int more;

    while ( from->tx.rsp_cons != from->tx.sring->rsp_prod )
        MUST(RING_GET_RESPONSE(&from->tx, from->tx.rsp_cons++)->status !=
             NETIF_RSP_ERROR);
    MUST(from->tx.rsp_cons == from->tx.req_prod_pvt);
    RING_FINAL_CHECK_FOR_RESPONSES(&from->tx, more);
    MUST(!more);
}

/* All from one to the other goes there, for a second. */
void step_front_flows(const struct step_front *from,
                      const struct step_front *to)
{
    unsigned int i;

    for ( i = 0; i < STEP_FLOWS; i++ )
    {
        struct hs_flow flow = {
            .in = from->attach.handle,
            .out = to->attach.handle,
            .ttl_us = HS_TTL_MAX_US,
        };
        uint8_t frame[sizeof(header)];

        put_header(frame, from, to, false, i);
        memcpy(flow.dmac, frame, 6);
        memcpy(flow.smac, frame + 6, 6);
        memcpy(&flow.ethertype, frame + 12, 2);
        step_op(HSOP_flow_add, &flow);
        MUST(!flow.status);
    }
}
