// SPDX-License-Identifier: GPL-2.0
/* See front.h. */
#include "hs.h"
#include "world.h"
#include "front.h"

static struct page_info *states, *gens;
static unsigned int next_state;

static uint64_t gfn_of(const struct page_info *page)
{
    return page - world.page;
}

static void share(uint16_t kind, const struct page_info *page)
{
    struct hs_page arg = { .gfn = gfn_of(page), .kind = kind };

    ASSERT(!world_call(HSOP_page, &arg, 1) && !arg.status);
}

void front_begin(void)
{
    states = world_page(BACKEND);
    gens = world_page(BACKEND);
    next_state = 0;
    share(HS_PAGE_STATE, states);
    share(HS_PAGE_GENS, gens);
}

uint32_t *front_gens(void)
{
    return (uint32_t *)gens->data;
}

static void make_pages(unsigned int domid, struct page_info **page, grant_ref_t *ref, bool readonly)
{
    unsigned int i;

    for ( i = 0; i < RING; i++ )
    {
        page[i] = world_page(domid);
        ref[i] = world_grant(domid, page[i], readonly);
    }
}

void front_connect(struct front *front, unsigned int domid, uint16_t port)
{
    struct page_info *tx = world_page(domid), *rx = world_page(domid);
    unsigned int place = next_state++;

    ASSERT(place < HS_STATES_PER_PAGE);
    memset(front, 0, sizeof(*front));
    front->domid = domid;
    front->window = 1;
    SHARED_RING_INIT((netif_tx_sring_t *)tx->data);
    SHARED_RING_INIT((netif_rx_sring_t *)rx->data);
    FRONT_RING_INIT(&front->tx, (netif_tx_sring_t *)tx->data, PAGE_SIZE);
    FRONT_RING_INIT(&front->rx, (netif_rx_sring_t *)rx->data, PAGE_SIZE);
    make_pages(domid, front->tx_page, front->tx_ref, true);
    make_pages(domid, front->rx_page, front->rx_ref, false);
    front->state = (struct hs_state *)states->data + place;
    *front->state = (struct hs_state) { .tx.owner = HS_BACKEND, .rx.owner = HS_BACKEND };
    front->attach = (struct hs_attach) {
        .domid = domid,
        .port = port,
        .state = place,
        .tx_gref = world_grant(domid, tx, false),
        .rx_gref = world_grant(domid, rx, false),
        .tx_port = world_connect(domid, BACKEND),
        .rx_port = world_connect(domid, BACKEND),
    };
}

bool front_lend(struct front *front)
{
    ASSERT(!world_call(HSOP_attach, &front->attach, 1));
    if ( front->attach.status )
        return false;
    hs_token_release(&front->state->tx);
    hs_token_release(&front->state->rx);
    return true;
}

bool front_attach(struct front *front, unsigned int domid, uint16_t port)
{
    front_connect(front, domid, port);
    if ( !front_lend(front) )
        return false;
    front_set(front, HS_CAPS, 65536, FRAME_MAX);
    return true;
}

void front_set(struct front *front, uint32_t caps, uint32_t gso_max, uint32_t max_len)
{
    struct hs_set arg = {
        .handle = front->attach.handle,
        .caps = caps,
        .gso_max = gso_max,
        .max_len = max_len,
        .window = front->window,
    };

    ASSERT(!world_call(HSOP_set, &arg, 1) && !arg.status);
}

int front_kick(struct front *front)
{
    struct hs_kick arg = { .handle = front->attach.handle };

    ASSERT(!world_call(HSOP_kick, &arg, 1));
    return arg.status;
}

bool front_notify(struct front *front)
{
    const struct evtchn *chn = evtchn_from_port(world.domain[front->domid],
                                                front->attach.tx_port);
    evtchn_port_t port = chn->u.interdomain.remote_port;

    world_events(BACKEND, port);
    ASSERT(!world_send(front->domid, front->attach.tx_port));
    return world_events(BACKEND, port);
}

int front_detach(struct front *front)
{
    struct hs_detach arg = { .handle = front->attach.handle };

    ASSERT(!world_call(HSOP_detach, &arg, 1));
    return arg.status;
}

void front_drop(struct front *front, unsigned int requests)
{
    struct hs_side *side = &front->state->tx;
    netif_tx_back_ring_t ring;

    hs_token_take(side);
    BACK_RING_ATTACH(&ring, front->tx.sring, side->prod, PAGE_SIZE);
    ring.req_cons = side->cons + requests;
    while ( requests-- )
    {
        unsigned int at = ring.rsp_prod_pvt % RING;
        netif_tx_response_t *response = RING_GET_RESPONSE(&ring, ring.rsp_prod_pvt++);

        response->id = at;
        response->status = front->extra[at] ? NETIF_RSP_NULL : NETIF_RSP_OKAY;
    }
    RING_PUSH_RESPONSES(&ring);
    side->cons = ring.req_cons;
    side->prod = ring.rsp_prod_pvt;
    hs_token_release(side);
}

struct hs_flow front_flow(const struct front *from, const struct front *to,
                          const struct frame *frame)
{
    struct hs_flow flow = {
        .in = from->attach.handle,
        .out = to->attach.handle,
        .ttl_us = HS_TTL_MAX_US,
    };

    memcpy(flow.dmac, frame->byte, 6);
    memcpy(flow.smac, frame->byte + 6, 6);
    memcpy(&flow.ethertype, frame->byte + 12, 2);
    return flow;
}

int front_flow_add(const struct hs_flow *flow)
{
    struct hs_flow arg = *flow;

    ASSERT(!world_call(HSOP_flow_add, &arg, 1));
    return arg.status;
}

void frame_make(struct frame *frame, unsigned int from, unsigned int to, uint8_t proto,
                unsigned int len)
{
    const uint8_t header[] = { 0, 0x16, 0x3e, 0, 0, to, 0, 0x16, 0x3e, 0, 0, from, 8, 0, 0x45 };
    unsigned int i;

    frame->len = len;
    frame->slots = 0;
    frame->offset = 0;
    frame->flags = 0;
    frame->gso_type = XEN_NETIF_GSO_TYPE_NONE;
    frame->gso_size = 0;
    for ( i = 0; i < len; i++ )
        frame->byte[i] = i < sizeof(header) ? header[i] : world_random();
    if ( len > 23 )
    {
        frame->byte[20] = 0;
        frame->byte[21] = 0;
        frame->byte[23] = proto;
    }
}

/* How many bytes of a frame are in one of its slots: the last has what is left. */
static unsigned int slot_len(const struct frame *frame, unsigned int slots, unsigned int i)
{
    unsigned int most = DIV_ROUND_UP(frame->len, slots);

    if ( !frame->slots )
        most = PAGE_SIZE - frame->offset;
    if ( i + 1 < slots )
        return most;
    return frame->len - most * (slots - 1);
}

static netif_tx_request_t *request_next(struct front *front)
{
    ASSERT(!RING_FULL(&front->tx));
    front->extra[front->tx.req_prod_pvt % RING] = false;
    return RING_GET_REQUEST(&front->tx, front->tx.req_prod_pvt++);
}

static void send_extra(struct front *front, const struct frame *frame)
{
    netif_extra_info_t *extra = (netif_extra_info_t *)request_next(front);

    memset(extra, 0, sizeof(*extra));
    extra->type = XEN_NETIF_EXTRA_TYPE_GSO;
    extra->u.gso.type = frame->gso_type;
    extra->u.gso.size = frame->gso_size;
    front->extra[(front->tx.req_prod_pvt - 1) % RING] = true;
}

bool front_send(struct front *front, const struct frame *frame)
{
    unsigned int slots = frame->slots ?: DIV_ROUND_UP(frame->len, PAGE_SIZE - frame->offset);
    unsigned int i, done = 0;
    int notify;

    for ( i = 0; i < slots; i++ )
    {
        unsigned int at = front->tx.req_prod_pvt % RING, len = slot_len(frame, slots, i);
        netif_tx_request_t *request = request_next(front);

        ASSERT(frame->offset + len <= PAGE_SIZE);
        memcpy(front->tx_page[at]->data + frame->offset, frame->byte + done, len);
        done += len;
        request->gref = front->tx_ref[at];
        request->offset = frame->offset;
        request->id = at;
        request->size = i ? len : frame->len;
        request->flags = i + 1 < slots ? NETTXF_more_data : 0;
        if ( i )
            continue;
        request->flags |= frame->flags;
        if ( frame->gso_type != XEN_NETIF_GSO_TYPE_NONE )
        {
            request->flags |= NETTXF_extra_info;
            send_extra(front, frame);
        }
    }
    RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&front->tx, notify);
    return notify;
}

void front_post(struct front *front, unsigned int count)
{
    while ( count-- )
    {
        unsigned int at = front->rx.req_prod_pvt % RING;
        netif_rx_request_t *request = RING_GET_REQUEST(&front->rx, front->rx.req_prod_pvt);

        request->id = at;
        request->gref = front->rx_ref[at];
        front->rx.req_prod_pvt++;
    }
    RING_PUSH_REQUESTS(&front->rx);
}

/* The page that a response is about is done with. */
static bool take_page(struct front *front, const netif_rx_response_t *response,
                      struct frame *frame)
{
    unsigned int at = front->rx.rsp_cons % RING;

    if ( response->id != at || response->status <= 0 ||
         response->offset + response->status > PAGE_SIZE ||
         frame->len + response->status > FRAME_MAX )
        return false;
    memcpy(frame->byte + frame->len, front->rx_page[at]->data + response->offset,
           response->status);
    frame->len += response->status;
    return true;
}

static bool take_extra(struct front *front, struct frame *frame)
{
    netif_extra_info_t extra;

    memcpy(&extra, RING_GET_RESPONSE(&front->rx, front->rx.rsp_cons++), sizeof(extra));
    if ( extra.type != XEN_NETIF_EXTRA_TYPE_GSO || extra.flags )
        return false;
    frame->gso_type = extra.u.gso.type;
    frame->gso_size = extra.u.gso.size;
    return true;
}

bool front_receive(struct front *front, struct frame *frame, const char **why)
{
    bool first = true;
    netif_rx_response_t response;

    *why = NULL;
    frame->len = 0;
    frame->gso_type = XEN_NETIF_GSO_TYPE_NONE;
    frame->gso_size = 0;
    do {
        if ( front->rx.rsp_cons == front->rx.sring->rsp_prod )
        {
            *why = first ? NULL : "it has no end";
            return false;
        }
        response = *RING_GET_RESPONSE(&front->rx, front->rx.rsp_cons);
        if ( !take_page(front, &response, frame) )
        {
            *why = "a response that cannot be";
            return false;
        }
        front->rx.rsp_cons++;
        if ( first )
            frame->flags = response.flags & (NETRXF_csum_blank | NETRXF_data_validated);
        else if ( response.flags & ~NETRXF_more_data )
            *why = "flags that are not for a part";
        if ( (response.flags & NETRXF_extra_info) && !take_extra(front, frame) )
            *why = "an extra that cannot be";
        first = false;
    } while ( response.flags & NETRXF_more_data );
    return !*why;
}

int front_reap(struct front *front)
{
    int reaped = 0;

    while ( front->tx.rsp_cons != front->tx.sring->rsp_prod )
    {
        unsigned int at = front->tx.rsp_cons % RING;
        const netif_tx_response_t *response = RING_GET_RESPONSE(&front->tx, front->tx.rsp_cons);

        if ( front->extra[at] ? response->status != NETIF_RSP_NULL
                              : response->status != NETIF_RSP_OKAY || response->id != at )
            return -1;
        front->tx.rsp_cons++;
        reaped++;
    }
    return reaped;
}
