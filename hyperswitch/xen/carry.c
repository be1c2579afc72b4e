/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hyperswitch: a batch of frames, from a sender's ring to those of the
 * receivers, with one copy each. The first that is not to be carried ends it,
 * and is still on the ring, unanswered; what may have come of it into buffers
 * that the receiver has posted is not spoken of.
 *
 * The pages are had by their grants for each copy, as a back end has them in
 * GNTTABOP_copy, and for as long: a front end that ends a grant waits for it.
 * It is the page which was pinned that is mapped, whatever the grant has come
 * to say since.
 *
 * Locking: the sender's tx_lock, and the rx_lock of one receiver at a time,
 * which is kept while frames are for the same one. A front end is told before
 * its queue can be gone.
 */
#include <xen/domain_page.h>
#include <xen/event.h>
#include <xen/mm.h>
#include <xen/nospec.h>
#include <xen/softirq.h>

#include "hs.h"

/* Buffers that a receiver uses from one turn given to it to the next. */
#define HS_WORTH        64

struct batch {
    struct hs_queue *from;
    enum hs_caller caller;
    netif_tx_back_ring_t tx;
    s_time_t began, now;
    bool timed;                     /* how long a receiver's grants take */
    s_time_t sink_time;             /* that, of this frame */
    struct hs_queue *frame_to;      /* who gets it, once that is known */
    unsigned int frames;
    unsigned int bytes;

    /* Who gets frames: its lock is held, and its ring is Xen's. Or NULL. */
    struct hs_queue *to;
    netif_rx_back_ring_t rx;
    unsigned int to_frames;
    unsigned int to_bytes;
    bool lacks_room;                /* for the next frame */
    bool gives_way;                 /* so that it gets some */
};

/* A page that is copied from or to. */
struct page {
    struct gnttab_hs_buf pin;
    void *va;
};

/* Where a frame is written: the receiver's pages, one after the other. */
struct sink {
    struct batch *batch;
    struct page page;
    RING_IDX cons;
    unsigned int pages;
    unsigned int used;              /* of the last one */
    bool refused;                   /* one cannot be written to */
    netif_rx_response_t response[HS_RX_PAGES];
};

static bool page_open(struct page *page, const struct hs_queue *queue,
                      grant_ref_t gref, bool readonly)
{
    if ( gnttab_hs_get(queue->guest, gref, queue->backend->domain->domain_id,
                       readonly, &page->pin) )
        return false;
    page->va = __map_domain_page(page->pin.page);

    return true;
}

static void page_close(struct page *page, const struct hs_queue *queue)
{
    unmap_domain_page(page->va);
    gnttab_hs_put(queue->guest, &page->pin);
    page->va = NULL;
}

/* The page with what a request of the sender's is about. */
static bool source_open(const struct batch *batch, struct page *page,
                        const netif_tx_request_t *slot)
{
    if ( !page_open(page, batch->from, slot->gref, true) )
        return false;
    /* The grant may be for a part of the page. */
    if ( slot->offset >= page->pin.offset &&
         slot->offset + slot->size <= page->pin.offset + page->pin.len )
    {
        block_speculation();
        return true;
    }
    page_close(page, batch->from);

    return false;
}

/* Responses are written one by one: to zero them costs more than a frame. */
static void sink_begin(struct sink *sink, struct batch *batch)
{
    sink->batch = batch;
    sink->page.va = NULL;
    sink->cons = batch->rx.req_cons;
    sink->pages = 0;
    sink->used = 0;
    sink->refused = false;
}

static s_time_t sink_time_begin(const struct sink *sink)
{
    return unlikely(sink->batch->timed) ? NOW() : 0;
}

static void sink_time_end(const struct sink *sink, s_time_t began)
{
    if ( unlikely(sink->batch->timed) )
        sink->batch->sink_time += NOW() - began;
}

/* Done with the last page, if there is one. */
static void sink_close(struct sink *sink)
{
    s_time_t began;

    if ( !sink->page.va )
        return;
    began = sink_time_begin(sink);
    page_close(&sink->page, sink->batch->to);
    sink_time_end(sink, began);
    sink->response[sink->pages - 1].status = sink->used;
}

static bool sink_next_page(struct sink *sink)
{
    netif_rx_response_t *response = &sink->response[sink->pages];
    netif_rx_request_t request;
    s_time_t began;
    bool open;

    sink_close(sink);
    RING_COPY_REQUEST(&sink->batch->rx, sink->cons, &request);
    sink->cons++;
    began = sink_time_begin(sink);
    open = page_open(&sink->page, sink->batch->to, request.gref, false);
    sink_time_end(sink, began);
    if ( !open )
    {
        sink->refused = true;
        return false;
    }
    response->id = request.id;
    response->offset = 0;
    sink->pages++;
    sink->used = 0;

    /* What is a part of a page is for the back end to write to. */
    sink->refused = sink->page.pin.offset || sink->page.pin.len != PAGE_SIZE;
    block_speculation();

    return !sink->refused;
}

static bool sink_write(struct sink *sink, const void *from, unsigned int len)
{
    while ( len )
    {
        unsigned int part;

        if ( sink->used == PAGE_SIZE && !sink_next_page(sink) )
            return false;
        part = min_t(unsigned int, len, PAGE_SIZE - sink->used);
        memcpy(sink->page.va + sink->used, from, part);
        sink->used += part;
        from += part;
        len -= part;
    }

    return true;
}

static bool copy_slot(struct batch *batch, struct sink *sink,
                      const netif_tx_request_t *slot)
{
    struct page page;
    bool done;

    if ( !source_open(batch, &page, slot) )
        return false;
    done = sink_write(sink, page.va + slot->offset, slot->size);
    page_close(&page, batch->from);

    return done;
}

/* Or else it is a timer, or a vCPU that blocks. */
static bool is_hypercall(const struct batch *batch)
{
    return batch->caller == HS_BY_GUEST || batch->caller == HS_BY_BACKEND;
}

/*
 * Is that enough for one frame? Who waits for one of the rings does so with
 * interrupts off. The clock, too, costs something.
 */
static bool takes_too_long(const struct batch *batch, unsigned int slot)
{
    bool wanted = hs_token_wanted(&batch->from->state->tx) ||
                  hs_token_wanted(&batch->to->state->rx);

    if ( !wanted && !batch->timed && is_hypercall(batch) && slot % 4 )
        return false;

    return NOW() - batch->now > (wanted ? HS_PATIENCE :
                                 is_hypercall(batch) ? HS_SLOW : HS_PUT_OFF);
}

/* first is the page of the frame's first slot. */
static bool copy_frame(struct batch *batch, struct sink *sink,
                       const struct hs_frame *frame,
                       const struct hs_header *header,
                       const struct page *first)
{
    const netif_tx_request_t *slot = frame->slot;
    unsigned int i;

    if ( !sink_next_page(sink) )
        return false;
    /* The second request goes for what is said about the segments. */
    sink->cons += frame->extra;
    if ( !sink_write(sink, header->byte, header->len) ||
         !sink_write(sink, first->va + slot->offset + header->len,
                     slot->size - header->len) )
        return false;
    for ( i = 1; i < frame->slots; i++ )
    {
        if ( takes_too_long(batch, i) || !copy_slot(batch, sink, &slot[i]) )
            return false;
    }

    return true;
}

static uint16_t first_flags(const struct hs_frame *frame)
{
    uint16_t flags = frame->extra ? NETRXF_extra_info : 0;

    if ( frame->flags & NETTXF_csum_blank )
        flags |= NETRXF_csum_blank | NETRXF_data_validated;
    else if ( frame->flags & NETTXF_data_validated )
        flags |= NETRXF_data_validated;

    return flags;
}

static void respond_extra(netif_rx_back_ring_t *ring,
                          const struct hs_frame *frame)
{
    netif_extra_info_t extra = {
        .type = XEN_NETIF_EXTRA_TYPE_GSO,
        .u.gso.type = frame->gso_type,
        .u.gso.size = frame->gso_size,
    };
    netif_rx_response_t *response = RING_GET_RESPONSE(ring,
                                                      ring->rsp_prod_pvt);

    BUILD_BUG_ON(sizeof(extra) != sizeof(*response));
    memcpy(response, &extra, sizeof(extra));
    ring->rsp_prod_pvt++;
}

/* All of the frame is there: now its requests are used up. */
static void respond_to_receiver(netif_rx_back_ring_t *ring,
                                const struct hs_frame *frame,
                                struct sink *sink)
{
    unsigned int i;

    for ( i = 0; i < sink->pages; i++ )
    {
        netif_rx_response_t *response = &sink->response[i];

        response->flags = i ? 0 : first_flags(frame);
        if ( i + 1 < sink->pages )
            response->flags |= NETRXF_more_data;
        *RING_GET_RESPONSE(ring, ring->rsp_prod_pvt) = *response;
        ring->rsp_prod_pvt++;
        if ( !i && frame->extra )
            respond_extra(ring, frame);
    }
    ASSERT(sink->cons == ring->rsp_prod_pvt);
    ring->req_cons = sink->cons;
}

static int deliver(struct batch *batch, const struct hs_frame *frame,
                   const struct hs_header *header, const struct page *first)
{
    struct sink sink;
    bool done;

    sink_begin(&sink, batch);
    done = copy_frame(batch, &sink, frame, header, first);
    sink_close(&sink);
    if ( sink.refused )
        batch->to->rx_rests_until = batch->now + HS_REST_MAX;
    if ( !done )
        return HS_PASSED_GRANT;
    respond_to_receiver(&batch->rx, frame, &sink);
    batch->to_frames++;
    batch->to_bytes += frame->len;

    return HS_CARRIED;
}

/*
 * A receiver without room waits for this very pCPU, which the sender has: it is
 * to have its turn, as the reader of a full pipe has. When it has had one, or
 * who sends has not been off the pCPU since one was given, it is to use a good
 * many buffers before the next.
 */
static bool is_to_run_here(const struct batch *batch)
{
    struct hs_queue *to = batch->to;
    s_time_t since = hs_waits_here_since(to), last = to->way_given;

    if ( !since || hs_must_stay(batch->from, batch->now) )
        return false;
    if ( last && batch->rx.req_cons - to->way_from < HS_WORTH &&
         (since > last || current->runstate.state_entry_time <= last) )
        return false;
    to->way_given = NOW();
    to->way_from = batch->rx.req_cons;

    return true;
}

static void close_receiver(struct batch *batch)
{
    struct hs_queue *to = batch->to;
    struct hs_side *side;
    int notify = 0;

    if ( !to )
        return;
    side = &to->state->rx;
    if ( batch->to_frames )
    {
        RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(&batch->rx, notify);
        side->frames += batch->to_frames;
        side->bytes += batch->to_bytes - batch->to_frames * HS_ETHER;
        hs_write(side->cons, batch->rx.req_cons);
        hs_write(side->prod, batch->rx.rsp_prod_pvt);
    }
    hs_token_free(side);
    /* Who is only woken by this may have another pCPU, and does not count. */
    if ( unlikely(batch->lacks_room) )
        batch->gives_way = is_to_run_here(batch);
    if ( notify )
        hs_raise(to, to->rx_port);
    spin_unlock(&to->rx_lock);
    if ( notify )
        hs_told_of_frames(to);
    batch->to = NULL;
}

/*
 * Has somebody asked for the turn of who is at it now? A timer is a softirq
 * itself, and makes way for a vCPU that is to run here; one that blocks is
 * about to do so anyway.
 */
static bool is_asked_for(const struct batch *batch)
{
    unsigned int pending = softirq_pending(smp_processor_id());

    if ( batch->caller == HS_BY_TIMER )
        pending &= HS_SCHEDULE;
    else if ( batch->caller == HS_BLOCKS )
        pending = 0;

    return pending || hs_token_wanted(&batch->from->state->tx);
}

/* Another sender may be at the receiver's ring, and others wait as well. */
static int lock_receiver(struct batch *batch, struct hs_queue *to)
{
    s_time_t until;

    if ( spin_trylock(&to->rx_lock) )
        return HS_CARRIED;
    until = NOW() + HS_PATIENCE;
    while ( !spin_trylock(&to->rx_lock) )
    {
        if ( is_asked_for(batch) )
            return HS_LATER;
        if ( NOW() >= until )
            return HS_PASSED_OWNER;
        cpu_relax();
    }
    batch->now = NOW();

    return HS_CARRIED;
}

static bool has_open(const struct batch *batch, const struct hs_queue *to)
{
    return batch->to == to && !hs_token_wanted(&to->state->rx) &&
           batch->now >= to->rx_rests_until;
}

static int open_receiver(struct batch *batch, struct hs_queue *to)
{
    int why;

    close_receiver(batch);
    why = lock_receiver(batch, to);
    if ( why != HS_CARRIED )
        return why;
    why = HS_PASSED_OWNER;
    if ( to->dead || !hs_token_try(&to->state->rx) )
        goto unlock;
    why = HS_PASSED_WAIT;
    if ( batch->now < to->rx_rests_until )
        goto free;
    why = HS_PASSED_RING;
    if ( !hs_rx_open(to, &batch->rx) )
        goto free;
    batch->to = to;
    batch->to_frames = 0;
    batch->to_bytes = 0;

    return HS_CARRIED;

 free:
    hs_token_free(&to->state->rx);
 unlock:
    spin_unlock(&to->rx_lock);

    return why;
}

/* Requests that the receiver has posted. */
static unsigned int room_of(const netif_rx_back_ring_t *ring)
{
    return ACCESS_ONCE(ring->sring->req_prod) - ring->req_cons;
}

/* Are they enough for the frame? */
static int ask_for_room(const struct batch *batch,
                        const struct hs_frame *frame)
{
    unsigned int room = room_of(&batch->rx);

    if ( room > RING_SIZE(&batch->rx) )
        return HS_PASSED_RING;
    if ( room < hs_slots_needed(frame) )
        return HS_NO_ROOM;
    /* The requests are read after their number. */
    smp_rmb();

    return HS_CARRIED;
}

/*
 * Who gets the frames with a key has its ring opened. It is asked about again
 * if that took a lock: the back end may have revoked the flow meanwhile.
 */
static int find_receiver(struct batch *batch, const union hs_key *key)
{
    struct hs_queue *to, *now;
    int why = hs_flow_find(batch->from, key, batch->now, &to);

    if ( why != HS_CARRIED || has_open(batch, to) )
        return why;
    why = open_receiver(batch, to);
    if ( why != HS_CARRIED )
        return why;
    why = hs_flow_find(batch->from, key, batch->now, &now);

    return why == HS_CARRIED && now != to ? HS_PASSED_STALE : why;
}

/* Who gets the frame takes it as it is, and has room. */
static int prepare(struct batch *batch, const struct hs_frame *frame,
                   const struct hs_header *header)
{
    union hs_key key;
    int why;

    if ( !hs_key_of(header, batch->from->port->id, &key) )
        return HS_PASSED_ODD;
    why = find_receiver(batch, &key);
    if ( why != HS_CARRIED )
        return why;
    batch->frame_to = batch->to;
    if ( !hs_takes(batch->to, frame, header) )
        return HS_PASSED_CAPS;

    return ask_for_room(batch, frame);
}

static int carry_frame(struct batch *batch, const struct hs_frame *frame)
{
    const netif_tx_request_t *slot = frame->slot;
    struct hs_header header;
    struct page first;
    int why;

    if ( !source_open(batch, &first, slot) )
        return HS_PASSED_GRANT;
    header.len = min_t(unsigned int, slot->size, HS_HEADER);
    memcpy(header.byte, first.va + slot->offset, header.len);
    why = prepare(batch, frame, &header);
    if ( why == HS_CARRIED )
        why = deliver(batch, frame, &header, &first);
    page_close(&first, batch->from);

    return why;
}

static void respond(netif_tx_back_ring_t *ring, uint16_t id, int16_t status)
{
    netif_tx_response_t *response = RING_GET_RESPONSE(ring,
                                                      ring->rsp_prod_pvt);

    response->id = id;
    response->status = status;
    ring->rsp_prod_pvt++;
}

/* The frame is gone, and the sender has its pages back. */
static void respond_to_sender(struct batch *batch,
                              const struct hs_frame *frame)
{
    netif_tx_back_ring_t *ring = &batch->tx;
    unsigned int i;

    for ( i = 0; i < frame->slots; i++ )
    {
        respond(ring, frame->slot[i].id, NETIF_RSP_OKAY);
        if ( !i && frame->extra )
            respond(ring, 0, NETIF_RSP_NULL);
    }
    ring->req_cons = frame->end;
    batch->frames++;
    batch->bytes += frame->len;
}

/*
 * Is it time for others? Who called is held up all the while; by a timer, or
 * a vCPU that blocks, so is whatever else is due on the pCPU.
 */
static bool is_enough(const struct batch *batch)
{
    s_time_t most = is_hypercall(batch) ? HS_HOLD_TIME : HS_PUT_OFF;

    return batch->frames >= HS_HOLD_FRAMES || batch->bytes >= HS_HOLD_BYTES ||
           batch->now - batch->began >= most || is_asked_for(batch);
}

/* One that rests for longer already does. */
static void rest_until(s_time_t *rests_until, s_time_t until)
{
    if ( *rests_until < until )
        *rests_until = until;
}

/*
 * That took long, and one of the two is to rest: the receiver if its grants
 * have taken the time, once they are timed, or else the sender, which sends to
 * whom it likes.
 */
static void rest(struct batch *batch, s_time_t took)
{
    s_time_t until = batch->now + min_t(s_time_t, HS_REST_TIMES * took,
                                        HS_REST_MAX);

    if ( batch->frame_to && batch->sink_time >= took / 2 )
        rest_until(&batch->frame_to->rx_rests_until, until);
    else if ( batch->timed )
        rest_until(&batch->from->tx_rests_until, until);
    batch->from->timed_until = until + HS_TIMED;
    batch->timed = true;
}

/* A frame was dealt with. */
static void look_at_clock(struct batch *batch, s_time_t began)
{
    batch->now = NOW();
    if ( batch->now - began > HS_SLOW )
        rest(batch, batch->now - began);
    batch->sink_time = 0;
    batch->frame_to = NULL;
}

static int pass(struct batch *batch, int why)
{
    batch->from->state->tx.passed[why]++;

    return HS_LEFT;
}

/* Who gets the frame may make room for it when it has its turn here. */
static int lack_room(struct batch *batch)
{
    batch->lacks_room = batch->caller == HS_BY_GUEST &&
                        hs_may_restart(batch->from);
    close_receiver(batch);

    return batch->gives_way ? HS_NO_ROOM : pass(batch, HS_PASSED_WAIT);
}

/*
 * No more are to be put off than the last receiver has room for, or had, if
 * there was no frame now.
 */
static unsigned int ask_for_event(struct batch *batch)
{
    struct hs_queue *from = batch->from;

    if ( batch->to )
        from->room = room_of(&batch->rx);

    return hs_window_ask(from, batch->tx.req_cons, batch->caller);
}

static int serve_ring(struct batch *batch)
{
    netif_tx_back_ring_t *ring = &batch->tx;
    unsigned int round;

    /* A front end that takes back what it has sent is not served for ever. */
    for ( round = 0; round < 2 * HS_HOLD_FRAMES; round++ )
    {
        unsigned int left = ACCESS_ONCE(ring->sring->req_prod) -
                            ring->req_cons;
        s_time_t began = batch->now;
        struct hs_frame frame;
        int why = HS_PASSED_ODD;

        if ( left > RING_SIZE(ring) )
            return pass(batch, HS_PASSED_RING);
        if ( !left )
        {
            if ( !ask_for_event(batch) )
                return HS_SERVED;
            continue;
        }
        if ( batch->caller == HS_OTHERS_TIME )
            return HS_LEFT;
        if ( is_enough(batch) )
            return HS_MORE;
        /* The requests are read after their number. */
        smp_rmb();
        if ( batch->now < batch->from->tx_rests_until )
            return pass(batch, HS_PASSED_WAIT);
        if ( hs_read_frame(ring, left, &frame) )
            why = carry_frame(batch, &frame);
        look_at_clock(batch, began);
        if ( why == HS_LATER )
            return HS_MORE;
        if ( why == HS_NO_ROOM )
            return lack_room(batch);
        if ( why != HS_CARRIED )
            return pass(batch, why);
        respond_to_sender(batch, &frame);
    }

    return HS_MORE;
}

static void close_sender(struct batch *batch)
{
    struct hs_queue *from = batch->from;
    struct hs_side *side = &from->state->tx;
    RING_IDX was = 0;
    int notify = 0;

    if ( batch->frames )
    {
        was = ACCESS_ONCE(batch->tx.sring->rsp_prod);
        RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(&batch->tx, notify);
        side->frames += batch->frames;
        side->bytes += batch->bytes - batch->frames * HS_ETHER;
        hs_write(side->cons, batch->tx.req_cons);
        hs_write(side->prod, batch->tx.rsp_prod_pvt);
    }
    hs_token_free(side);
    if ( notify && batch->caller == HS_BY_BACKEND )
        hs_raise(from, from->tx_port);
    else if ( notify )
        hs_hold(from, was);
}

/*
 * Carry what is on a queue's transmit ring, for as long as others can be kept
 * waiting: HS_SERVED, HS_LEFT or HS_MORE; or HS_NO_ROOM, if the receiver is to
 * have the pCPU first, which the guest has. Called with tx_lock held.
 */
int hs_serve(struct hs_queue *queue, enum hs_caller caller)
{
    struct batch batch = { .from = queue, .caller = caller };
    int rc = HS_LEFT;

    ASSERT(spin_is_locked(&queue->tx_lock));
    if ( queue->dead || !hs_token_try(&queue->state->tx) )
        return HS_LEFT;
    batch.began = NOW();
    batch.now = batch.began;
    batch.timed = batch.now < queue->timed_until;
    if ( hs_tx_open(queue, &batch.tx) )
        rc = serve_ring(&batch);
    else
        pass(&batch, HS_PASSED_RING);
    close_receiver(&batch);
    close_sender(&batch);

    return rc;
}
