// SPDX-License-Identifier: GPL-2.0
/*
 * What the hypercall does, case by case: two front ends or more, a back end that lends their
 * rings, and one thing that is not as ever. Prints a line for each case.
 */
#include "hs.h"
#include <xen/hyperswitch.h>
#include "world.h"
#include "front.h"

#define EXPECT(c) \
    do { \
        if ( !(c) ) \
        { \
            printf("    %s:%d: %s\n", __FILE__, __LINE__, #c); \
            return false; \
        } \
    } while ( 0 )

#define TCP             6
#define UDP             17

static struct front a, b, c, d;
static struct frame out, in;

/* a and b are lent, and what a sends to b has a flow. */
static void begin_empty(void)
{
    struct hs_flow flow;

    world_begin(1);
    front_begin();
    ASSERT(front_attach(&a, 1, 1) && front_attach(&b, 2, 2));
    frame_make(&out, 1, 2, UDP, 64);
    flow = front_flow(&a, &b, &out);
    ASSERT(!front_flow_add(&flow));
}

/* And b has room. */
static void begin(void)
{
    begin_empty();
    front_post(&b, RING);
}

static bool same(const struct frame *got, const struct frame *sent, uint16_t flags)
{
    return got->len == sent->len && !memcmp(got->byte, sent->byte, sent->len) &&
           got->flags == flags && got->gso_type == sent->gso_type &&
           got->gso_size == sent->gso_size;
}

/* Sends it, and expects that the back end gets it, for a reason, and that nothing was touched. */
static bool is_left(unsigned int why)
{
    const struct hs_state sender = *a.state, receiver = *b.state;
    uint32_t passed = a.state->tx.passed[why];
    const char *wrong;

    front_send(&a, &out);
    EXPECT(front_kick(&a) == 1);
    EXPECT(a.state->tx.passed[why] == passed + 1);
    EXPECT(a.state->tx.owner == HS_FREE && b.state->rx.owner == receiver.rx.owner);
    EXPECT(a.state->tx.cons == sender.tx.cons && a.state->tx.prod == sender.tx.prod);
    EXPECT(b.state->rx.cons == receiver.rx.cons && b.state->rx.prod == receiver.rx.prod);
    EXPECT(!front_receive(&b, &in, &wrong) && !wrong && !front_reap(&a));
    return true;
}

static bool is_carried(uint16_t flags)
{
    const struct hs_side sent = a.state->tx, got = b.state->rx;
    const char *wrong;

    front_send(&a, &out);
    EXPECT(front_kick(&a) == 0);
    EXPECT(front_receive(&b, &in, &wrong));
    EXPECT(same(&in, &out, flags));
    EXPECT(front_reap(&a) > 0 && a.tx.rsp_cons == a.tx.req_prod_pvt);
    EXPECT(a.state->tx.frames == sent.frames + 1 && a.state->tx.bytes == sent.bytes + out.len - HS_ETHER);
    EXPECT(b.state->rx.frames == got.frames + 1 && b.state->rx.bytes == got.bytes + out.len - HS_ETHER);
    EXPECT(a.state->tx.owner == HS_FREE && b.state->rx.owner == HS_FREE);
    EXPECT(b.state->rx.cons == b.rx.rsp_cons && a.state->tx.cons == a.tx.req_prod_pvt);
    return true;
}

static bool info(void)
{
    struct hs_info arg;

    begin();
    EXPECT(!world_call(HSOP_info, &arg, 1));
    EXPECT(arg.magic == HS_MAGIC && arg.abi == HS_ABI && !arg.status);
    EXPECT(arg.max_queues == HS_QUEUES && arg.max_flows == HS_FLOWS);
    return true;
}

static bool frames(void)
{
    static const unsigned int len[] = { 14, 15, 60, 127, 128, 129, 1514, 4095, 4096 };
    unsigned int i, slots, offset;

    begin();
    for ( i = 0; i < ARRAY_SIZE(len); i++ )
        for ( slots = 1; slots <= 3; slots++ )
            for ( offset = 0; offset < 2; offset++ )
            {
                frame_make(&out, 1, 2, UDP, len[i]);
                out.slots = len[i] < 127 ? 1 : slots;
                out.offset = offset * (PAGE_SIZE - DIV_ROUND_UP(len[i], out.slots));
                /* A frame that says no type of its own is of the flow all the same. */
                EXPECT(is_carried(0));
                front_post(&b, 1);
            }
    return true;
}

static bool large_frames(void)
{
    unsigned int len, slots;

    begin();
    for ( len = 4097; len <= FRAME_MAX; len += 1 + len / 3 )
        for ( slots = DIV_ROUND_UP(len, PAGE_SIZE); slots <= HS_TX_SLOTS; slots++ )
        {
            unsigned int posted = RING - (b.rx.req_prod_pvt - b.rx.rsp_cons);

            front_post(&b, posted);
            frame_make(&out, 1, 2, TCP, len);
            out.slots = slots;
            EXPECT(is_carried(0));
            out.flags = NETTXF_csum_blank | NETTXF_data_validated;
            out.gso_type = XEN_NETIF_GSO_TYPE_TCPV4;
            out.gso_size = 1448;
            EXPECT(is_carried(NETRXF_csum_blank | NETRXF_data_validated));
        }
    return true;
}

static bool flags(void)
{
    begin();
    frame_make(&out, 1, 2, UDP, 100);
    out.flags = NETTXF_data_validated;
    EXPECT(is_carried(NETRXF_data_validated));
    out.flags = NETTXF_csum_blank;
    EXPECT(is_carried(NETRXF_csum_blank | NETRXF_data_validated));
    return true;
}

/* Each event is raised when it was asked for, and not when nothing has come. */
static bool events(void)
{
    int more;

    begin();
    world_events(a.domid, a.attach.tx_port);
    EXPECT(front_kick(&a) == 0);
    EXPECT(!world_events(a.domid, a.attach.tx_port) && !world_events(b.domid, b.attach.rx_port));
    /* The next request is to raise one. */
    EXPECT(front_send(&a, &out));
    EXPECT(!front_send(&a, &out));
    EXPECT(front_kick(&a) == 0);
    EXPECT(world_events(a.domid, a.attach.tx_port) == 1 && world_events(b.domid, b.attach.rx_port) == 1);
    front_send(&a, &out);
    EXPECT(front_kick(&a) == 0);
    EXPECT(!world_events(a.domid, a.attach.tx_port) && !world_events(b.domid, b.attach.rx_port));
    EXPECT(front_reap(&a) == 3);
    RING_FINAL_CHECK_FOR_RESPONSES(&a.tx, more);
    EXPECT(!more);
    front_send(&a, &out);
    EXPECT(front_kick(&a) == 0);
    EXPECT(world_events(a.domid, a.attach.tx_port) == 1 && !world_events(b.domid, b.attach.rx_port));
    return true;
}

/* Flows: none; ended; another port, address, tag or type; revoked, and as it was. */
static bool flows(void)
{
    struct hs_flow flow;
    unsigned int i;

    begin();
    out.byte[5] = 9;
    EXPECT(is_left(HS_PASSED_MISS));
    begin();
    out.byte[11] = 9;
    EXPECT(is_left(HS_PASSED_MISS));
    begin();
    out.byte[13] = 6;
    EXPECT(is_left(HS_PASSED_MISS));
    begin();
    out.byte[12] = 0x81;
    out.byte[13] = 0;
    EXPECT(is_left(HS_PASSED_MISS));
    begin();
    world.now += MICROSECS(HS_TTL_MAX_US) - 1;
    EXPECT(is_carried(0));
    world.now++;
    EXPECT(is_left(HS_PASSED_STALE));
    for ( i = 0; i < 3; i++ )
    {
        begin();
        flow = front_flow(&a, &b, &out);
        flow.slot[i] = HS_GENS - 1;
        flow.gen[i] = 7;
        front_gens()[HS_GENS - 1] = 7;
        EXPECT(!front_flow_add(&flow));
        EXPECT(is_carried(0));
        front_gens()[HS_GENS - 1] = 8;
        EXPECT(is_left(HS_PASSED_STALE));
        /* It is the same frame that is there now. */
        front_gens()[HS_GENS - 1] = 7;
        EXPECT(front_kick(&a) == 0);
    }
    return true;
}

/* out, tagged; its flow is there. */
static void begin_tagged(const uint8_t tag[4], unsigned int len)
{
    struct hs_flow flow;

    begin();
    frame_make(&out, 1, 2, UDP, 64);
    memmove(out.byte + 16, out.byte + 12, 48);
    memcpy(out.byte + 12, tag, 4);
    flow = front_flow(&a, &b, &out);
    memcpy(&flow.tpid, tag, 2);
    memcpy(&flow.tci, tag + 2, 2);
    memcpy(&flow.ethertype, out.byte + 16, 2);
    ASSERT(!front_flow_add(&flow));
    out.len = len;
}

static bool tags(void)
{
    static const uint8_t tag[][4] = { { 0x81, 0, 0, 5 }, { 0x88, 0xa8, 0x20, 5 } };
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(tag); i++ )
    {
        begin_tagged(tag[i], 64);
        EXPECT(is_carried(0));
        out.byte[15]++;
        EXPECT(is_left(HS_PASSED_MISS));
        begin_tagged(tag[i], 64);
        out.byte[16]++;
        EXPECT(is_left(HS_PASSED_MISS));
        /* A checksum is never plain behind a tag. */
        begin_tagged(tag[i], 64);
        out.flags = NETTXF_csum_blank;
        EXPECT(is_left(HS_PASSED_CAPS));
        begin_tagged(tag[i], 18);
        EXPECT(is_carried(0));
        /* Too short for what it says. */
        begin_tagged(tag[i], 17);
        EXPECT(is_left(HS_PASSED_ODD));
    }
    return true;
}

/* The last of what was written on the transmit ring. */
static netif_tx_request_t *last_request(unsigned int before)
{
    return RING_GET_REQUEST(&a.tx, a.tx.req_prod_pvt - 1 - before);
}

/* Sends out, and has one of its requests changed before Xen sees it. */
static bool odd(unsigned int before, void (*change)(netif_tx_request_t *request))
{
    uint32_t passed = a.state->tx.passed[HS_PASSED_ODD];
    const char *wrong;

    front_send(&a, &out);
    change(last_request(before));
    EXPECT(front_kick(&a) == 1);
    EXPECT(a.state->tx.passed[HS_PASSED_ODD] == passed + 1);
    EXPECT(!front_receive(&b, &in, &wrong) && !wrong && !front_reap(&a));
    begin();
    return true;
}

static void past_page(netif_tx_request_t *r) { r->offset = PAGE_SIZE - r->size + 1; }
static void no_ether(netif_tx_request_t *r) { r->size = 13; }
static void nothing(netif_tx_request_t *r) { r->size = 0; }
static void no_end(netif_tx_request_t *r) { r->flags |= NETTXF_more_data; }
static void no_extra(netif_tx_request_t *r) { r->flags |= NETTXF_extra_info; }
static void more_than_all(netif_tx_request_t *r) { r->size = 2000; }

static netif_extra_info_t *as_extra(netif_tx_request_t *r) { return (void *)r; }
static void extra_more(netif_tx_request_t *r)
{
    as_extra(r)->flags = XEN_NETIF_EXTRA_FLAG_MORE;
}
static void extra_hash(netif_tx_request_t *r) { as_extra(r)->type = XEN_NETIF_EXTRA_TYPE_HASH; }
static void extra_type(netif_tx_request_t *r) { as_extra(r)->u.gso.type = 3; }
static void extra_size(netif_tx_request_t *r) { as_extra(r)->u.gso.size = 0; }

static bool odd_frames(void)
{
    begin();
    EXPECT(odd(0, past_page));
    EXPECT(odd(0, no_ether));
    EXPECT(odd(0, nothing));
    EXPECT(odd(0, no_end));
    EXPECT(odd(0, no_extra));
    frame_make(&out, 1, 2, UDP, 1000);
    out.slots = 2;
    EXPECT(odd(0, nothing));
    frame_make(&out, 1, 2, UDP, 1000);
    out.slots = 2;
    EXPECT(odd(0, more_than_all));
    frame_make(&out, 1, 2, UDP, 1000);
    out.slots = 2;
    EXPECT(odd(0, past_page));
    frame_make(&out, 1, 2, UDP, 1000);
    out.slots = HS_TX_SLOTS + 1;
    EXPECT(is_left(HS_PASSED_ODD));
    return true;
}

static bool odd_extras(void)
{
    static void (*const change[])(netif_tx_request_t *) = {
        extra_more, extra_hash, extra_type, extra_size
    };
    unsigned int i;

    begin();
    for ( i = 0; i < ARRAY_SIZE(change); i++ )
    {
        frame_make(&out, 1, 2, TCP, 3000);
        out.flags = NETTXF_csum_blank;
        out.gso_type = XEN_NETIF_GSO_TYPE_TCPV4;
        out.gso_size = 1000;
        EXPECT(odd(0, change[i]));
    }
    return true;
}

/* A frame that is carried if the receiver has all of caps, and not without one of them. */
static bool needs(uint32_t caps)
{
    uint16_t blank = out.flags & NETTXF_csum_blank ?
                     NETRXF_csum_blank | NETRXF_data_validated : 0;
    uint32_t cap;

    front_set(&b, caps, 65536, FRAME_MAX);
    EXPECT(is_carried(blank));
    for ( cap = 1; cap <= HS_CAPS; cap <<= 1 )
    {
        if ( !(caps & cap) )
            continue;
        front_set(&b, HS_CAPS & ~cap, 65536, FRAME_MAX);
        EXPECT(is_left(HS_PASSED_CAPS));
        front_set(&b, HS_CAPS, 65536, FRAME_MAX);
        EXPECT(front_kick(&a) == 0 && front_receive(&b, &in, &(const char *){ NULL }));
        front_reap(&a);
    }
    front_post(&b, RING - (b.rx.req_prod_pvt - b.rx.rsp_cons));
    return true;
}

static void make_ip6(uint8_t proto)
{
    struct hs_flow flow;

    out.byte[12] = 0x86;
    out.byte[13] = 0xdd;
    out.byte[20] = proto;
    flow = front_flow(&a, &b, &out);
    ASSERT(!front_flow_add(&flow));
}

static bool caps(void)
{
    begin();
    EXPECT(needs(0));
    out.flags = NETTXF_csum_blank;
    EXPECT(needs(HS_CAP_CSUM4));
    make_ip6(UDP);
    EXPECT(needs(HS_CAP_CSUM6));
    frame_make(&out, 1, 2, TCP, 5000);
    EXPECT(needs(HS_CAP_SG));
    out.flags = NETTXF_csum_blank;
    out.gso_type = XEN_NETIF_GSO_TYPE_TCPV4;
    out.gso_size = 1448;
    EXPECT(needs(HS_CAP_SG | HS_CAP_TSO4 | HS_CAP_CSUM4));
    make_ip6(TCP);
    out.gso_type = XEN_NETIF_GSO_TYPE_TCPV6;
    EXPECT(needs(HS_CAP_SG | HS_CAP_TSO6 | HS_CAP_CSUM6));
    return true;
}

static bool lengths(void)
{
    begin();
    front_set(&b, HS_CAPS, 5000, 1000);
    frame_make(&out, 1, 2, TCP, 1000);
    EXPECT(is_carried(0));
    frame_make(&out, 1, 2, TCP, 1001);
    EXPECT(is_left(HS_PASSED_CAPS));
    begin();
    front_set(&b, HS_CAPS, 5000, 1000);
    frame_make(&out, 1, 2, TCP, 4999);
    out.flags = NETTXF_csum_blank;
    out.gso_type = XEN_NETIF_GSO_TYPE_TCPV4;
    out.gso_size = 1000;
    EXPECT(is_carried(NETRXF_csum_blank | NETRXF_data_validated));
    out.len = 5000;
    EXPECT(is_left(HS_PASSED_CAPS));
    return true;
}

/* Segments without a checksum to be made, or of another protocol than their frame. */
static bool segments(void)
{
    begin();
    frame_make(&out, 1, 2, TCP, 3000);
    out.gso_type = XEN_NETIF_GSO_TYPE_TCPV4;
    out.gso_size = 1000;
    EXPECT(is_left(HS_PASSED_CAPS));
    begin();
    frame_make(&out, 1, 2, TCP, 3000);
    out.flags = NETTXF_csum_blank;
    out.gso_type = XEN_NETIF_GSO_TYPE_TCPV6;
    out.gso_size = 1000;
    EXPECT(is_left(HS_PASSED_CAPS));
    begin();
    frame_make(&out, 1, 2, TCP, FRAME_MAX);
    out.flags = NETTXF_csum_blank;
    out.gso_type = XEN_NETIF_GSO_TYPE_TCPV4;
    out.gso_size = 1;
    EXPECT(is_left(HS_PASSED_CAPS));
    return true;
}

/* A checksum to be made that not everybody would make in the same place. */
static bool blank(unsigned int at, uint8_t value, unsigned int len, bool plain)
{
    begin();
    frame_make(&out, 1, 2, UDP, len);
    out.flags = NETTXF_csum_blank;
    if ( at )
        out.byte[at] = value;
    if ( plain )
        return is_carried(NETRXF_csum_blank | NETRXF_data_validated);
    return is_left(HS_PASSED_CAPS);
}

static bool checksums(void)
{
    EXPECT(blank(0, 0, 42, true));              /* the header, and nothing else */
    EXPECT(blank(0, 0, 41, false));
    EXPECT(blank(14, 0x55, 64, false));         /* version */
    EXPECT(blank(14, 0x44, 64, false));         /* a header that is too short */
    EXPECT(blank(14, 0x4f, 82, true));          /* options */
    EXPECT(blank(14, 0x4f, 81, false));
    EXPECT(blank(20, 0x20, 64, false));         /* more fragments */
    EXPECT(blank(20, 0x40, 64, true));          /* not to be fragmented */
    EXPECT(blank(21, 1, 64, false));            /* an offset */
    EXPECT(blank(20, 0x10, 64, false));
    EXPECT(blank(23, TCP, 54, true));
    EXPECT(blank(23, TCP, 53, false));
    EXPECT(blank(23, 1, 64, false));            /* ICMP */
    EXPECT(blank(23, 132, 64, false));          /* SCTP */
    return true;
}

static bool room(void)
{
    unsigned int i;

    begin();
    for ( i = 0; i < RING; i++ )
    {
        EXPECT(is_carried(0));
    }
    EXPECT(is_left(HS_PASSED_WAIT));
    front_post(&b, 1);
    EXPECT(front_kick(&a) == 0 && front_receive(&b, &in, &(const char *){ NULL }));
    front_reap(&a);
    /* All of the pages, and the one for what is said about the segments. */
    frame_make(&out, 1, 2, TCP, 4097);
    out.flags = NETTXF_csum_blank;
    out.gso_type = XEN_NETIF_GSO_TYPE_TCPV4;
    out.gso_size = 1000;
    front_post(&b, 2);
    EXPECT(is_left(HS_PASSED_WAIT));
    front_post(&b, 1);
    EXPECT(front_kick(&a) == 0 && front_receive(&b, &in, &(const char *){ NULL }));
    EXPECT(same(&in, &out, NETRXF_csum_blank | NETRXF_data_validated));
    return true;
}

static bool owners(void)
{
    begin();
    hs_token_take(&b.state->rx);
    EXPECT(is_left(HS_PASSED_OWNER));
    hs_token_release(&b.state->rx);
    EXPECT(front_kick(&a) == 0 && front_receive(&b, &in, &(const char *){ NULL }));
    front_reap(&a);
    hs_token_take(&a.state->tx);
    front_send(&a, &out);
    EXPECT(front_kick(&a) == 1 && !front_reap(&a));
    EXPECT(a.state->tx.owner == HS_BACKEND);
    hs_token_release(&a.state->tx);
    a.state->tx.want = 1;
    EXPECT(front_kick(&a) == 1 && !front_reap(&a));
    a.state->tx.want = 0;
    EXPECT(front_kick(&a) == 0 && front_reap(&a) == 1);
    return true;
}

/* Xen owns the ring after the back end has said that it wants it: for the frame at hand only. */
static void want(void)
{
    a.state->tx.want = 1;
}

static void want_to(void)
{
    if ( b.state->rx.owner == HS_XEN )
        b.state->rx.want = 1;
}

static bool wanted(void)
{
    begin();
    front_send(&a, &out);
    front_send(&a, &out);
    world.meddle = want;
    EXPECT(front_kick(&a) == 2 && front_reap(&a) == 1 && a.state->tx.owner == HS_FREE);
    begin();
    front_send(&a, &out);
    front_send(&a, &out);
    world.meddle = want_to;
    EXPECT(front_kick(&a) == 1 && front_reap(&a) == 1 && b.state->rx.owner == HS_FREE);
    EXPECT(a.state->tx.passed[HS_PASSED_OWNER] == 1);
    return true;
}

static bool wild_rings(void)
{
    begin();
    front_send(&a, &out);
    a.tx.sring->req_prod += RING;
    EXPECT(front_kick(&a) == 1 && a.state->tx.passed[HS_PASSED_RING] == 1);
    a.tx.sring->req_prod = a.state->tx.cons - 1;
    EXPECT(front_kick(&a) == 1 && a.state->tx.passed[HS_PASSED_RING] == 2);
    a.tx.sring->req_prod = a.tx.req_prod_pvt;
    b.rx.sring->req_prod += 1;
    EXPECT(front_kick(&a) == 1 && a.state->tx.passed[HS_PASSED_RING] == 3);
    b.rx.sring->req_prod -= 1;
    EXPECT(front_kick(&a) == 0 && front_reap(&a) == 1);
    return true;
}

static bool wild_states(void)
{
    begin();
    a.state->tx.prod = a.state->tx.cons - RING - 1;
    EXPECT(front_kick(&a) == 1 && a.state->tx.passed[HS_PASSED_RING] == 1);
    begin();
    b.state->rx.prod++;
    EXPECT(is_left(HS_PASSED_RING));
    return true;
}

/* What the sender or the receiver cannot have copied is left, and nothing of it is seen. */
static bool grants(void)
{
    struct grant *from, *to;
    struct hs_flow flow;
    unsigned int i;

    begin();
    from = &world.domain[1]->grant[a.tx_ref[0]];
    to = &world.domain[2]->grant[b.rx_ref[0]];
    from->valid = false;
    EXPECT(is_left(HS_PASSED_GRANT));
    begin();
    from = &world.domain[1]->grant[a.tx_ref[0]];
    from->offset = 1;
    from->len = 64;
    EXPECT(is_left(HS_PASSED_GRANT));
    from->offset = 0;
    from->len = 63;
    EXPECT(front_kick(&a) == 1 && a.state->tx.passed[HS_PASSED_GRANT] == 2);
    from->len = 64;
    EXPECT(front_kick(&a) == 0);
    begin();
    to = &world.domain[2]->grant[b.rx_ref[0]];
    to->readonly = true;
    EXPECT(is_left(HS_PASSED_GRANT));
    begin();
    to = &world.domain[2]->grant[b.rx_ref[0]];
    to->offset = 2048;
    to->len = 2048;
    EXPECT(is_left(HS_PASSED_GRANT));
    /* Whichever of those that a frame needs. */
    for ( i = 1; ; i++ )
    {
        begin();
        frame_make(&out, 1, 2, TCP, 10000);
        out.slots = 5;
        world.fail_grant = i;
        front_send(&a, &out);
        if ( front_kick(&a) == 0 )
            break;
        EXPECT(a.state->tx.passed[HS_PASSED_GRANT] == 1 && !front_reap(&a));
        EXPECT(!front_receive(&b, &in, &(const char *){ NULL }));
        /* If it was the receiver's that rests. */
        world.now += HS_REST_MAX;
        flow = front_flow(&a, &b, &out);
        EXPECT(!front_flow_add(&flow));
        EXPECT(front_kick(&a) == 0 && front_receive(&b, &in, &(const char *){ NULL }));
        EXPECT(same(&in, &out, 0));
    }
    EXPECT(i == 5 + 3 + 1);
    return true;
}

/* A kick is for a batch at most, and for less if there is something else to do. */
static bool batches(void)
{
    unsigned int i, interrupt;
    int rc;

    for ( interrupt = 0; interrupt < 20; interrupt++ )
    {
        begin();
        for ( i = 0; i < 200; i++ )
            front_send(&a, &out);
        world.interrupt = interrupt;
        for ( i = 0; (rc = front_kick(&a)) == 2; i++ )
            EXPECT(a.state->tx.frames <= (i + 1) * HS_HOLD_FRAMES);
        EXPECT(rc == 0 && i >= 200 / HS_HOLD_FRAMES);
        EXPECT(front_reap(&a) == 200 && a.state->tx.frames == 200);
    }
    return true;
}

/* Many receivers, in turn. */
static bool receivers(void)
{
    struct frame other;
    struct hs_flow flow;
    unsigned int i;

    begin();
    EXPECT(front_attach(&c, 3, 3));
    front_post(&c, RING);
    frame_make(&other, 1, 3, UDP, 99);
    flow = front_flow(&a, &c, &other);
    EXPECT(!front_flow_add(&flow));
    for ( i = 0; i < 30; i++ )
        front_send(&a, i % 3 ? &out : &other);
    EXPECT(front_kick(&a) == 0 && front_reap(&a) == 30);
    for ( i = 0; i < 20; i++ )
        EXPECT(front_receive(&b, &in, &(const char *){ NULL }) && same(&in, &out, 0));
    for ( i = 0; i < 10; i++ )
        EXPECT(front_receive(&c, &in, &(const char *){ NULL }) && same(&in, &other, 0));
    /* Back to where it came from. */
    frame_make(&out, 1, 1, UDP, 77);
    flow = front_flow(&a, &a, &out);
    EXPECT(!front_flow_add(&flow));
    front_post(&a, 3);
    front_send(&a, &out);
    EXPECT(front_kick(&a) == 0 && front_receive(&a, &in, &(const char *){ NULL }));
    EXPECT(same(&in, &out, 0));
    return true;
}

/* The sender writes to all that it sends, once it was decided on. */
static void scribble(void)
{
    if ( b.state->rx.owner != HS_XEN )
        return;
    memset(a.tx_page[0]->data, 0xee, 64);
    memset(RING_GET_REQUEST(&a.tx, 0), 0xee, sizeof(netif_tx_request_t));
}

static bool decided(void)
{
    begin();
    front_send(&a, &out);
    world.meddle = scribble;
    EXPECT(front_kick(&a) == 0);
    EXPECT(front_receive(&b, &in, &(const char *){ NULL }) && same(&in, &out, 0));
    EXPECT(front_reap(&a) == 1);
    return true;
}

static void revoke(void) { front_gens()[0]++; }
static void take_less(void) { front_set(&b, 0, 0, FRAME_MAX); }

/* The back end changes its mind between a decision and the receiver's lock. */
static bool thought_better(void)
{
    begin();
    world.contend = revoke;
    world.contend_at = 2;
    EXPECT(is_left(HS_PASSED_STALE));
    begin();
    out.flags = NETTXF_csum_blank;
    world.contend = take_less;
    world.contend_at = 2;
    EXPECT(is_left(HS_PASSED_CAPS));
    return true;
}

static struct hs_queue *queue_of(const struct front *front)
{
    return hs_queue_find(world.domain[BACKEND]->hs, front->attach.handle);
}

/* What a guest's grants take makes it rest; who sends to others, or gets from others, does not. */
static bool slow(void)
{
    struct hs_flow to_c, from_c;
    unsigned int i;

    begin();
    ASSERT(front_attach(&c, 3, 3));
    front_post(&c, RING);
    frame_make(&in, 3, 2, UDP, 64);
    from_c = front_flow(&c, &b, &in);
    frame_make(&in, 1, 3, UDP, 64);
    to_c = front_flow(&a, &c, &in);
    ASSERT(!front_flow_add(&from_c) && !front_flow_add(&to_c));
    /* At first it is not known whose they were. */
    for ( i = 0; i < 3; i++ )
        front_send(&a, &out);
    world.grant_time[1] = HS_SLOW + 1;
    EXPECT(front_kick(&a) == 2 && a.state->tx.frames == 1);
    EXPECT(front_kick(&a) == 2 && a.state->tx.frames == 2);
    EXPECT(front_kick(&a) == 1 && a.state->tx.passed[HS_PASSED_WAIT] == 1);
    world.grant_time[1] = 0;
    world.now += (HS_REST_TIMES - 1) * HS_SLOW;
    EXPECT(front_kick(&a) == 1 && a.state->tx.frames == 2);
    frame_make(&in, 3, 2, UDP, 64);
    front_send(&c, &in);
    EXPECT(front_kick(&c) == 0);
    world.now += 2 * HS_SLOW;
    EXPECT(front_kick(&a) == 0 && a.state->tx.frames == 3);
    /* Nor does the sender rest if the receiver's are slow. */
    front_send(&a, &out);
    world.grant_time[2] = HS_SLOW + 1;
    EXPECT(front_kick(&a) == 0 && a.state->tx.frames == 4);
    world.grant_time[2] = 0;
    front_send(&c, &in);
    EXPECT(front_kick(&c) == 1 && c.state->tx.passed[HS_PASSED_WAIT] == 1);
    frame_make(&in, 1, 3, UDP, 64);
    front_send(&a, &in);
    EXPECT(front_kick(&a) == 0);
    world.now += HS_REST_TIMES * (HS_SLOW + 1);
    EXPECT(front_kick(&c) == 0);
    /* What is neither's is the sender's. */
    front_send(&a, &out);
    world.tick = HS_SLOW / 4;
    front_kick(&a);
    world.tick = 0;
    EXPECT(a.state->tx.frames == 6);
    front_send(&a, &out);
    EXPECT(front_kick(&a) == 1 && a.state->tx.passed[HS_PASSED_WAIT] == 3);
    frame_make(&in, 3, 2, UDP, 64);
    front_send(&c, &in);
    EXPECT(front_kick(&c) == 0);
    return true;
}

/* A frame that takes too long is let go of half-way. */
static bool too_slow(void)
{
    s_time_t began;

    begin();
    frame_make(&out, 1, 2, TCP, 10000);
    out.slots = 10;
    world.grant_time[1] = HS_SLOW / 2 + 1;
    began = world.now;
    EXPECT(is_left(HS_PASSED_GRANT));
    EXPECT(world.now - began < 3 * HS_SLOW);
    begin();
    frame_make(&out, 1, 2, TCP, 10000);
    out.slots = 10;
    world.grant_time[2] = HS_SLOW + 1;
    began = world.now;
    EXPECT(is_left(HS_PASSED_GRANT));
    EXPECT(world.now - began < 3 * HS_SLOW);
    return true;
}

static void want_to_when_open(void)
{
    if ( b.state->rx.owner == HS_XEN )
        want_to();
}

/* It is the sooner if the back end waits for one of the rings, or once that has happened. */
static bool too_slow_for_others(void)
{
    void (*const meddle[])(void) = { want, want_to_when_open, NULL };
    s_time_t began;
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(meddle); i++ )
    {
        begin();
        frame_make(&out, 1, 2, TCP, 4000);
        out.slots = 4;
        queue_of(&a)->timed_until = meddle[i] ? 0 : world.now + HS_TIMED;
        world.meddle = meddle[i];
        world.grant_time[1] = HS_SLOW - 1;
        began = world.now;
        EXPECT(is_left(HS_PASSED_GRANT));
        EXPECT(world.now - began < (meddle[i] ? 2 : 3) * HS_SLOW);
        world.meddle = NULL;
    }
    return true;
}

/* No ring is kept for long, however little it costs to serve it. */
static bool hold_time(void)
{
    unsigned int i;

    begin();
    for ( i = 0; i < 60; i++ )
        front_send(&a, &out);
    world.tick = HS_HOLD_TIME / 20;
    EXPECT(front_kick(&a) == 2 && a.state->tx.frames <= 20);
    return true;
}

/* A receiver that posts what cannot be written to is let alone. */
static bool refusing(void)
{
    struct hs_flow flow;

    begin();
    world.domain[2]->grant[b.rx_ref[0]].readonly = true;
    EXPECT(is_left(HS_PASSED_GRANT));
    world.domain[2]->grant[b.rx_ref[0]].readonly = false;
    EXPECT(front_kick(&a) == 1 && a.state->tx.passed[HS_PASSED_WAIT] == 1);
    world.now += HS_REST_MAX;
    flow = front_flow(&a, &b, &out);
    EXPECT(!front_flow_add(&flow));
    EXPECT(front_kick(&a) == 0 && front_reap(&a) == 1);
    /* Nor for less than that because its grants are slow as well. */
    begin();
    queue_of(&a)->timed_until = world.now + HS_TIMED;
    world.domain[2]->grant[b.rx_ref[0]].readonly = true;
    world.grant_time[2] = HS_SLOW + 1;
    EXPECT(is_left(HS_PASSED_GRANT));
    world.domain[2]->grant[b.rx_ref[0]].readonly = false;
    world.grant_time[2] = 0;
    world.now += HS_REST_MAX / 2;
    EXPECT(front_kick(&a) == 1 && !a.state->tx.frames);
    return true;
}

static bool large_batches(void)
{
    unsigned int i;

    begin();
    frame_make(&out, 1, 2, TCP, FRAME_MAX);
    for ( i = 0; i < 5; i++ )
        front_send(&a, &out);
    EXPECT(front_kick(&a) == 2 && a.state->tx.frames == 3);
    EXPECT(front_kick(&a) == 0 && a.state->tx.frames == 5);
    return true;
}

/* A hypercall that is interrupted between two of its structures. */
static bool continued(void)
{
    unsigned int interrupt, i;

    for ( interrupt = 0; interrupt < 6; interrupt++ )
    {
        struct hs_set set[4];

        begin();
        for ( i = 0; i < 4; i++ )
            set[i] = (struct hs_set) {
                .handle = i % 2 ? 99 : a.attach.handle,
                .max_len = 100 + i,
                .window = 1,
                .status = 1,
            };
        world.interrupt = interrupt;
        EXPECT(!world_call(HSOP_set, set, 4));
        for ( i = 0; i < 4; i++ )
            EXPECT(set[i].status == (i % 2 ? -ENOENT : 0));
    }
    return true;
}

static int attach_with(unsigned int domid, uint16_t port, void (*change)(struct hs_attach *arg))
{
    front_connect(&c, domid, port);
    if ( change )
        change(&c.attach);
    front_lend(&c);
    return c.attach.status;
}

static void no_port(struct hs_attach *arg) { arg->port = 0; }
static void no_domain(struct hs_attach *arg) { arg->domid = 77; }
static void itself(struct hs_attach *arg) { arg->domid = BACKEND; }
static void other_domain(struct hs_attach *arg) { arg->domid = 2; }
static void same_state(struct hs_attach *arg) { arg->state = a.attach.state; }
static void no_page(struct hs_attach *arg) { arg->state = HS_STATES_PER_PAGE; }
static void no_place(struct hs_attach *arg) { arg->state = HS_PAGES * HS_STATES_PER_PAGE; }
static void no_channel(struct hs_attach *arg) { arg->rx_port = WORLD_PORTS; }
static void other_channel(struct hs_attach *arg) { arg->rx_port = world_connect(3, 1); }
static void no_grant(struct hs_attach *arg) { arg->rx_gref = 5; }
static void same_port(struct hs_attach *arg) { arg->tx_port = a.attach.tx_port; }

static bool wrong_attach(void)
{
    begin();
    EXPECT(attach_with(3, 3, no_port) == -EINVAL);
    EXPECT(attach_with(3, 3, no_domain) == -ESRCH);
    EXPECT(attach_with(3, 3, itself) == -EINVAL);
    EXPECT(attach_with(3, 3, other_domain) == -EBADF);
    EXPECT(attach_with(3, 3, same_state) == -EEXIST);
    EXPECT(attach_with(3, 3, no_page) == -ENOENT);
    EXPECT(attach_with(3, 3, no_place) == -ENOENT);
    EXPECT(attach_with(3, 3, no_channel) == -EBADF);
    EXPECT(attach_with(3, 3, other_channel) == -EBADF);
    begin();
    EXPECT(attach_with(3, 3, no_grant) == -EIO);
    EXPECT(attach_with(1, 1, same_port) == -EEXIST);
    EXPECT(attach_with(3, 1, NULL) == -EINVAL);
    world.xsm_forbids[BACKEND][3] = true;
    EXPECT(attach_with(3, 3, NULL) == -EACCES);
    begin();
    world.xsm_forbids[3][BACKEND] = true;
    EXPECT(attach_with(3, 3, NULL) == -EACCES);
    begin();
    world.xsm_forbids_maps = true;
    EXPECT(attach_with(3, 3, NULL) == -EACCES);
    begin();
    world.domain[3]->is_dying = true;
    EXPECT(attach_with(3, 3, NULL) == -ESRCH);
    return true;
}

static bool wrong_calls(void)
{
    struct hs_page page = { .kind = HS_PAGE_STATE };
    struct hs_set set = { .handle = 99 };
    struct hs_kick kick[2] = { { .handle = 99 }, { .handle = 99 } };
    struct hs_detach detach = { .handle = 99 };
    struct hs_flow flow;

    begin();
    EXPECT(world_call(99, &kick, 1) == -ENOSYS);
    EXPECT(world_call(HSOP_kick, NULL, 1) == -EFAULT);
    EXPECT(world_call(HSOP_kick, NULL, 0) == 0);
    EXPECT(!world_call(HSOP_kick, kick, 2) && kick[0].status == -ENOENT &&
           kick[1].status == -ENOENT);
    EXPECT(!world_call(HSOP_set, &set, 1) && set.status == -ENOENT);
    set.handle = a.attach.handle;
    set.caps = HS_CAPS + 1;
    EXPECT(!world_call(HSOP_set, &set, 1) && set.status == -EINVAL);
    set.caps = 0;
    EXPECT(!world_call(HSOP_set, &set, 1) && set.status == -EINVAL);
    set.window = HS_WINDOW_MAX + 1;
    EXPECT(!world_call(HSOP_set, &set, 1) && set.status == -EINVAL);
    set.window = HS_WINDOW_MAX;
    EXPECT(!world_call(HSOP_set, &set, 1) && !set.status);
    EXPECT(!world_call(HSOP_detach, &detach, 1) && detach.status == -ENOENT);
    EXPECT(!world_call(HSOP_page, &page, 1) && page.status == -EEXIST);
    page.remove = 1;
    EXPECT(!world_call(HSOP_page, &page, 1) && page.status == -EBUSY);
    page.index = 1;
    EXPECT(!world_call(HSOP_page, &page, 1) && page.status == -EINVAL);
    page.remove = 0;
    page.gfn = WORLD_PAGES;
    EXPECT(!world_call(HSOP_page, &page, 1) && page.status == -EINVAL);
    world.foreign = true;
    page.gfn = 0;
    EXPECT(!world_call(HSOP_page, &page, 1) && page.status == -EINVAL);
    world.foreign = false;
    world.fail_type = 1;
    EXPECT(!world_call(HSOP_page, &page, 1) && page.status == -EINVAL);
    page.remove = 2;
    EXPECT(!world_call(HSOP_page, &page, 1) && page.status == -EINVAL);
    page.remove = 0;
    page.pad = 1;
    EXPECT(!world_call(HSOP_page, &page, 1) && page.status == -EINVAL);
    page.pad = 0;
    page.index = HS_PAGES;
    EXPECT(!world_call(HSOP_page, &page, 1) && page.status == -EINVAL);
    page.kind = HS_PAGE_GENS;
    EXPECT(!world_call(HSOP_page, &page, 1) && page.status == -EINVAL);
    page.index = 0;
    page.remove = 1;
    EXPECT(!world_call(HSOP_page, &page, 1) && page.status == -EBUSY);
    EXPECT(!front_detach(&a) && !front_detach(&b));
    EXPECT(!world_call(HSOP_page, &page, 1) && !page.status);
    EXPECT(front_attach(&a, 1, 1));
    flow = front_flow(&a, &a, &out);
    EXPECT(front_flow_add(&flow) == -ENOENT);
    *param_opt_hyperswitch = false;
    EXPECT(world_call(HSOP_info, &kick, 1) == -ENOSYS);
    *param_opt_hyperswitch = true;
    current->domain = world.domain[1];
    EXPECT(world_call(HSOP_kick, kick, 1) == -EPERM);
    current->domain = world.domain[BACKEND];
    return true;
}

static bool wrong_flows(void)
{
    struct hs_flow flow, wrong;

    begin();
    flow = front_flow(&a, &b, &out);
    wrong = flow;
    wrong.in = 99;
    EXPECT(front_flow_add(&wrong) == -ENOENT);
    EXPECT(!world_call(HSOP_flow_del, &wrong, 1) && wrong.status == -ENOENT);
    wrong = flow;
    wrong.out = 99;
    EXPECT(front_flow_add(&wrong) == -ENOENT);
    wrong = flow;
    wrong.slot[2] = HS_GENS;
    EXPECT(front_flow_add(&wrong) == -EINVAL);
    wrong = flow;
    wrong.ttl_us = 0;
    EXPECT(front_flow_add(&wrong) == -EINVAL);
    wrong.ttl_us = HS_TTL_MAX_US + 1;
    EXPECT(front_flow_add(&wrong) == -EINVAL);
    world.fail_alloc = 1;
    EXPECT(front_flow_add(&flow) == -ENOMEM);
    world.xsm_forbids[1][2] = true;
    EXPECT(front_flow_add(&flow) == -EACCES);
    world.xsm_forbids[1][2] = false;
    wrong = flow;
    wrong.ethertype++;
    EXPECT(!world_call(HSOP_flow_del, &wrong, 1) && wrong.status == -ENOENT);
    EXPECT(is_carried(0));
    return true;
}

/* Those of the port that there were, and no other's; what is added then counts. */
static bool flushed(void)
{
    struct hs_flush flush = { .handle = 99 };
    struct hs_flow flow, back;
    const char *wrong;

    begin();
    EXPECT(!world_call(HSOP_flow_flush, &flush, 1) && flush.status == -ENOENT);
    flow = front_flow(&a, &b, &out);
    back = front_flow(&b, &a, &out);
    EXPECT(!front_flow_add(&back));
    flush.handle = b.attach.handle;
    EXPECT(!world_call(HSOP_flow_flush, &flush, 1) && !flush.status);
    EXPECT(is_carried(0));
    flush.handle = a.attach.handle;
    EXPECT(!world_call(HSOP_flow_flush, &flush, 1) && !flush.status);
    EXPECT(is_left(HS_PASSED_STALE));
    EXPECT(!front_flow_add(&flow));
    EXPECT(front_kick(&a) == 0);
    EXPECT(front_receive(&b, &in, &wrong) && front_reap(&a) == 1);
    return true;
}

/* A port gets its part of the flows, whatever others do, and more only where nobody else is. */
static bool quota(void)
{
    struct hs_flow flow;
    unsigned int byte, i, was, kept = 0;

    /* Wherever in the key they differ, they find room. */
    for ( byte = 0; byte < 8; byte++ )
    {
        begin();
        flow = front_flow(&b, &a, &out);
        for ( i = 0; i < 256; i++ )
        {
            memset(byte < 6 ? &flow.smac[byte] : (uint8_t *)&flow.tci + byte - 6, i, 1);
            EXPECT(!front_flow_add(&flow));
        }
        /* Of 256 in 2,048 buckets one or the other may be turned out. */
        EXPECT(world.domain[BACKEND]->hs->flows > 240);
    }
    /* Who sprays gets all that is left, */
    for ( i = 0; i < 8 * HS_FLOWS; i++ )
    {
        memcpy(flow.smac, &i, sizeof(i));
        EXPECT(!front_flow_add(&flow));
    }
    EXPECT(world.domain[BACKEND]->hs->flows > HS_FLOWS * 9 / 10);
    EXPECT(is_carried(0));
    /* until another wants its part, which it may keep. */
    flow = front_flow(&a, &b, &out);
    for ( i = 0; i < HS_FLOWS / 4; i++ )
    {
        memcpy(flow.smac, &i, sizeof(i));
        EXPECT(!front_flow_add(&flow));
    }
    was = world.domain[BACKEND]->hs->flows;
    flow = front_flow(&b, &a, &out);
    for ( i = 0; i < 8 * HS_FLOWS; i++ )
    {
        memcpy(flow.smac, &i, sizeof(i));
        front_flow_add(&flow);
    }
    EXPECT(world.domain[BACKEND]->hs->flows >= was);
    EXPECT(is_carried(0));
    flow = front_flow(&a, &b, &out);
    for ( i = 0; i < HS_FLOWS / 4; i++ )
    {
        memcpy(flow.smac, &i, sizeof(i));
        EXPECT(!world_call(HSOP_flow_del, &flow, 1));
        kept += !flow.status;
    }
    /* But for those that its own have turned out. */
    EXPECT(kept > HS_FLOWS / 4 * 9 / 10);
    return true;
}

/* Whatever allocation fails, nothing of the queue remains. */
static bool no_memory(void)
{
    unsigned int i;

    for ( i = 1; ; i++ )
    {
        struct hs_page page = { .kind = HS_PAGE_GENS, .index = 1 };

        world_begin(1);
        world.fail_alloc = i;
        if ( world_call(HSOP_page, &page, 1) == -ENOMEM )
        {
            world_end();
            continue;
        }
        EXPECT(page.status == -EINVAL);
        break;
    }
    EXPECT(i == 4);
    world_end();
    for ( i = 1; ; i++ )
    {
        begin();
        front_connect(&c, 3, 3);
        world.fail_alloc = i;
        if ( front_lend(&c) )
            break;
        EXPECT(c.attach.status == -ENOMEM || c.attach.status == -EIO);
        world_end();
    }
    EXPECT(i == 5);
    return true;
}

/* Who does not get to know the handle of a queue has not lent it. */
static bool unknown(void)
{
    unsigned int i;

    begin();
    front_connect(&c, 3, 3);
    for ( i = 1; i <= 2; i++ )
    {
        struct hs_attach arg = c.attach;

        world.fail_copy = i;
        EXPECT(world_call(HSOP_attach, &arg, 1) == -EFAULT);
    }
    EXPECT(front_lend(&c));
    return true;
}

/* A guest that begins anew has nothing lent, and nobody else is hurt. */
static bool reset(void)
{
    begin();
    EXPECT(front_attach(&c, 2, 2));
    hs_domain_reset(world.domain[2]);
    EXPECT(front_kick(&b) == -ENOENT && front_kick(&c) == -ENOENT);
    EXPECT(front_kick(&a) == 0);
    EXPECT(front_attach(&c, 2, 2));
    return true;
}

/* The end of the sender, the receiver, or the back end, with all that is lent. */
static bool ends(void)
{
    const struct hs_page page = { .kind = HS_PAGE_STATE, .remove = 1 };
    struct hs_page arg = page;
    uint32_t handle;

    begin();
    world_kill(2);
    front_send(&a, &out);
    EXPECT(front_kick(&a) == 1 && a.state->tx.passed[HS_PASSED_MISS] == 1);
    EXPECT(front_kick(&b) == -ENOENT);
    handle = b.attach.handle;
    EXPECT(front_attach(&b, 3, 2));
    EXPECT(b.attach.handle != handle);
    world_kill(1);
    EXPECT(front_kick(&a) == -ENOENT);
    EXPECT(front_detach(&b) == 0 && front_detach(&b) == -ENOENT);
    EXPECT(!world_call(HSOP_page, &arg, 1) && !arg.status);
    begin();
    world.interrupt = 1;
    world_kill(BACKEND);
    return true;
}

static void let_go_of_b(void) { queue_of(&b)->rx_lock.held = false; }

/* Others are at a ring: who comes does not wait for long, nor in vain. */
static bool others(void)
{
    s_time_t began;

    begin();
    front_send(&a, &out);
    queue_of(&a)->tx_lock.held = true;
    EXPECT(front_notify(&a) && front_kick(&a) == 1 && !front_reap(&a));
    queue_of(&a)->tx_lock.held = false;
    queue_of(&b)->rx_lock.held = true;
    began = world.now;
    EXPECT(front_notify(&a) && a.state->tx.passed[HS_PASSED_OWNER] == 1);
    EXPECT(world.now - began <= 2 * HS_PATIENCE);
    world.interrupt = 2;
    EXPECT(front_kick(&a) == 2 && a.state->tx.passed[HS_PASSED_OWNER] == 1);
    world.contend = let_go_of_b;
    world.contend_at = 5;
    EXPECT(!front_notify(&a) && front_reap(&a) == 1);
    return true;
}

/* A front end is told by the channel that was lent, if it is at the other end still. */
static bool told(void)
{
    struct evtchn *chn, *end;

    begin();
    end = evtchn_from_port(world.domain[b.domid], b.attach.rx_port);
    front_send(&a, &out);
    EXPECT(front_kick(&a) == 0 && end->got == 1);
    begin();
    end = evtchn_from_port(world.domain[b.domid], b.attach.rx_port);
    chn = evtchn_from_port(world.domain[BACKEND], end->u.interdomain.remote_port);
    chn->u.interdomain.remote_dom = world.domain[3];
    front_send(&a, &out);
    EXPECT(front_kick(&a) == 0 && !end->got);
    begin();
    end = evtchn_from_port(world.domain[b.domid], b.attach.rx_port);
    chn = evtchn_from_port(world.domain[BACKEND], end->u.interdomain.remote_port);
    chn->state = ECS_INTERDOMAIN + 1;
    front_send(&a, &out);
    EXPECT(front_kick(&a) == 0 && !end->got);
    begin();
    end = evtchn_from_port(world.domain[b.domid], b.attach.rx_port);
    end->xen_consumer = true;
    front_send(&a, &out);
    EXPECT(front_kick(&a) == 0 && !end->got);
    begin();
    world.xsm_forbids_events = true;
    front_send(&a, &out);
    EXPECT(front_kick(&a) == 0 && !world_events(b.domid, b.attach.rx_port));
    return true;
}

static void take_a(void) { ASSERT(!front_detach(&a)); }
static void take_b(void) { ASSERT(!front_detach(&b)); }

/* The guest's own event has its ring served, and goes on if something is left. */
static bool notified(void)
{
    begin();
    EXPECT(front_send(&a, &out));
    EXPECT(!front_notify(&a) && front_reap(&a) == 1);
    EXPECT(front_receive(&b, &in, &(const char *){ NULL }));
    EXPECT(!front_notify(&a));
    EXPECT(front_send(&a, &out));
    a.state->tx.owner = HS_BACKEND;
    EXPECT(front_notify(&a) && !front_reap(&a));
    hs_token_release(&a.state->tx);
    EXPECT(!front_notify(&a) && front_reap(&a) == 1);
    revoke();
    EXPECT(front_send(&a, &out));
    EXPECT(front_notify(&a) && !front_reap(&a) && a.state->tx.passed[HS_PASSED_STALE] == 1);
    EXPECT(front_detach(&a) == 0 && front_notify(&a) && !front_reap(&a));
    return true;
}

static unsigned int told_of_responses(void)
{
    return world_events(a.domid, a.attach.tx_port);
}

/* Takes what there is, and asks for the event of the next. */
static void look_at(struct front *front)
{
    int more;

    do
    {
        front_reap(front);
        RING_FINAL_CHECK_FOR_RESPONSES(&front->tx, more);
    }
    while ( more );
}

static void look(void) { look_at(&a); }

/* The event of responses waits for a guest that looks by itself, but not for long. */
static bool held(void)
{
    begin();
    look();
    front_send(&a, &out);
    EXPECT(!front_notify(&a) && !told_of_responses());
    world_pass(HS_PUT_OFF - 1);
    EXPECT(!told_of_responses());
    world_pass(1);
    EXPECT(told_of_responses() == 1);
    look();
    front_send(&a, &out);
    EXPECT(!front_notify(&a));
    look();
    world_pass(HS_PUT_OFF);
    EXPECT(!told_of_responses());
    /* It has looked at some of them. */
    front_send(&a, &out);
    EXPECT(!front_notify(&a));
    look();
    world_pass(HS_PUT_OFF - 1);
    front_send(&a, &out);
    EXPECT(!front_notify(&a));
    world_pass(1);
    EXPECT(!told_of_responses());
    world_pass(HS_PUT_OFF);
    EXPECT(told_of_responses() == 1);
    world_pass(2 * HS_PUT_OFF);
    EXPECT(!told_of_responses());
    /* Who is asked by the back end tells at once. */
    look();
    front_send(&a, &out);
    EXPECT(front_kick(&a) == 0 && told_of_responses() == 1);
    /* Somebody is at the ring when the time is over. */
    look();
    front_send(&a, &out);
    EXPECT(!front_notify(&a));
    queue_of(&a)->tx_lock.held = true;
    world_pass(HS_PUT_OFF);
    EXPECT(!told_of_responses());
    queue_of(&a)->tx_lock.held = false;
    world_pass(HS_PUT_OFF);
    EXPECT(told_of_responses() == 1);
    /* And what is held when the queue ends is not lost. */
    look();
    front_send(&a, &out);
    EXPECT(!front_notify(&a) && !told_of_responses());
    EXPECT(front_detach(&a) == 0 && told_of_responses() == 1);
    world_pass(HS_PUT_OFF);
    EXPECT(!told_of_responses());
    return true;
}

/* Nor is it raised when the guest could not have looked yet. */
static bool held_again(void)
{
    unsigned int i;

    begin();
    look();
    front_send(&a, &out);
    EXPECT(!front_notify(&a));
    look();
    front_send(&a, &out);
    EXPECT(!front_notify(&a));
    world_pass(HS_PUT_OFF);
    EXPECT(!told_of_responses());
    world_pass(HS_PUT_OFF);
    EXPECT(told_of_responses() == 1);
    look();
    current->runnable = true;
    front_send(&a, &out);
    EXPECT(!front_notify(&a));
    for ( i = 0; i < 9; i++ )
    {
        world_pass(HS_PUT_OFF);
        EXPECT(!told_of_responses());
    }
    world_pass(HS_PUT_OFF);
    EXPECT(told_of_responses() == 1);
    look();
    front_send(&a, &out);
    EXPECT(!front_notify(&a));
    world.running = a.domid;
    world_pass(HS_PUT_OFF);
    EXPECT(told_of_responses() == 1);
    /* Nor does it wait for ever for one that sends on, but is never there when it is due. */
    begin();
    look();
    current->runnable = true;
    for ( i = 0; i < 10; i++ )
    {
        EXPECT(!told_of_responses());
        front_send(&a, &out);
        EXPECT(!front_notify(&a));
        world_pass(HS_PUT_OFF);
    }
    EXPECT(told_of_responses() == 1);
    return true;
}

/* Who has always looked is given longer, until it has not. */
static bool held_long(void)
{
    unsigned int i, j;

    begin();
    for ( i = 0; i < 2; i++ )
    {
        for ( j = 0; j < 17; j++ )
        {
            look();
            front_send(&a, &out);
            EXPECT(!front_notify(&a));
            look();
            world_pass(HS_PUT_OFF);
            EXPECT(!told_of_responses());
        }
        world_pass(HS_PUT_OFF_LONG - HS_PUT_OFF);
        EXPECT(!told_of_responses());
        front_send(&a, &out);
        EXPECT(!front_notify(&a));
        world_pass(HS_PUT_OFF_LONG - 1);
        EXPECT(!told_of_responses());
        world_pass(1);
        EXPECT(told_of_responses() == 1);
    }
    look();
    front_send(&a, &out);
    EXPECT(!front_notify(&a));
    world_pass(HS_PUT_OFF);
    EXPECT(told_of_responses() == 1);
    return true;
}

/* The guest's vCPU has nothing else to do. */
static void block(void)
{
    current->domain = world.domain[a.domid];
    hs_flush(current);
    current->domain = world.domain[BACKEND];
}

static unsigned int told_backend(void)
{
    const struct evtchn *chn = evtchn_from_port(world.domain[a.domid], a.attach.tx_port);

    return world_events(BACKEND, chn->u.interdomain.remote_port);
}

/* Sends so many; how many events does it send on that account? */
static unsigned int send_from(struct front *from, unsigned int count)
{
    unsigned int events = 0;

    while ( count-- )
    {
        if ( front_send(from, &out) )
        {
            ASSERT(!world_send(from->domid, from->attach.tx_port));
            events++;
        }
        look_at(from);
    }
    return events;
}

static unsigned int send_many(unsigned int count) { return send_from(&a, count); }

/* So many in a row that there is a window. */
static void open_window(struct front *front)
{
    front->window = 32;
    front_set(front, HS_CAPS, 65536, FRAME_MAX);
    ASSERT(send_from(front, 9) == 9);
    world_pass(HS_PUT_OFF);
    ASSERT(send_from(front, 32) == 1);
}

static void begin_window(void)
{
    begin();
    open_window(&a);
    told_backend();
}

/* Who sends many events is asked for fewer. */
static bool window(void)
{
    unsigned int i;

    begin();
    EXPECT(send_many(40) == 40);
    begin_window();
    EXPECT(send_many(31) == 0 && a.state->tx.frames == 9 + 32);
    EXPECT(send_many(1) == 1 && a.state->tx.frames == 9 + 64);
    /* What is in the window is served soon, */
    world.running = a.domid;
    EXPECT(send_many(5) == 0);
    world_pass(HS_PUT_OFF);
    EXPECT(a.state->tx.frames == 9 + 64 + 5 && !told_backend());
    /* also what came too seldom for a window, which is shut then. */
    EXPECT(send_many(3) == 0);
    world_pass(HS_PUT_OFF);
    EXPECT(a.state->tx.frames == 9 + 64 + 8 && !told_backend());
    EXPECT(send_many(1) == 1);
    /* Slow ones do not open it. */
    for ( i = 0; i < 20; i++ )
    {
        world_pass(HS_PUT_OFF);
        EXPECT(send_many(1) == 1);
    }
    /* By then a is given long for responses; what is in a window is not put off for so long. */
    world_pass(HS_PUT_OFF_LONG);
    EXPECT(send_many(9) == 9 && send_many(31) == 0 && send_many(1) == 1 && send_many(5) == 0);
    i = a.state->tx.frames;
    world_pass(HS_PUT_OFF);
    EXPECT(a.state->tx.frames == i + 5);
    return true;
}

/* A timer does not hold up all that is due on its pCPU for a frame of slow pages. */
static bool window_of_slow(void)
{
    begin_window();
    world.running = a.domid;
    frame_make(&out, 1, 2, TCP, 4000);
    out.slots = 4;
    EXPECT(send_many(1) == 0);
    world.grant_time[a.domid] = HS_PUT_OFF - 1;
    world_pass(HS_PUT_OFF);
    world.grant_time[a.domid] = 0;
    EXPECT(a.state->tx.frames == 9 + 32 && a.state->tx.passed[HS_PASSED_GRANT] == 1);
    EXPECT(told_backend() == 1);
    return true;
}

/* When others run their time is not taken: the back end is told, if there is anything. */
static bool window_of_others(void)
{
    unsigned int i, j;

    begin_window();
    EXPECT(send_many(5) == 0);
    world_pass(HS_PUT_OFF);
    EXPECT(a.state->tx.frames == 9 + 32 && told_backend() == 1);
    EXPECT(front_kick(&a) == 0 && a.state->tx.frames == 9 + 37);
    EXPECT(send_many(1) == 1 && !told_backend());
    begin_window();
    world_pass(HS_PUT_OFF);
    EXPECT(send_many(1) == 0);
    begin_window();
    world_pass(HS_PUT_OFF);
    world_pass(HS_PUT_OFF);
    EXPECT(send_many(1) == 1 && !told_backend());
    /* Nor is it when others are to run: either they do by the next time, or not. */
    begin_window();
    world.running = a.domid;
    current->runnable = true;
    EXPECT(send_many(5) == 0);
    world.interrupt = 1;
    world_pass(HS_PUT_OFF);
    EXPECT(a.state->tx.frames == 9 + 32 && !told_backend());
    world_pass(HS_PUT_OFF);
    EXPECT(a.state->tx.frames == 9 + 37 && !told_backend());
    /* Also when that is for another pCPU to say. */
    begin_window();
    world.running = a.domid;
    current->runnable = true;
    EXPECT(send_many(5) == 0);
    world.softirqs = 1u << SCHED_SLAVE_SOFTIRQ;
    for ( i = 0; i < 9; i++ )
        world_pass(HS_PUT_OFF);
    EXPECT(a.state->tx.frames == 9 + 32 && !told_backend());
    world_pass(HS_PUT_OFF);
    world.softirqs = 0;
    EXPECT(a.state->tx.frames == 9 + 32 && told_backend() == 1);
    /* The guest only waits for its turn, but not for long. */
    for ( i = 0; i < 2; i++ )
    {
        begin_window();
        current->runnable = true;
        current->processor = 3 + i;
        EXPECT(send_many(5) == 0);
        for ( j = 0; j < 9; j++ )
        {
            world_pass(HS_PUT_OFF);
            EXPECT(queue_of(&a)->timer.cpu == 3 + i);
        }
        EXPECT(a.state->tx.frames == 9 + 32 && !told_backend());
        if ( i )
            world.running = a.domid;
        world_pass(HS_PUT_OFF);
        EXPECT(a.state->tx.frames == 9 + 32 + 5 * i && told_backend() == !i);
    }
    /* Each time that it has had it that begins anew. */
    begin_window();
    current->runnable = true;
    for ( i = 0; i < 12; i++ )
    {
        EXPECT(send_many(16) == i % 2);
        world_pass(HS_PUT_OFF);
    }
    EXPECT(!told_backend());
    /* Also if that is a look's. */
    begin_window();
    current->runnable = true;
    for ( i = 0; i < 12; i++ )
    {
        EXPECT(send_many(5) == 0);
        for ( j = 0; j < 3; j++ )
        {
            world.running = j < 2 ? BACKEND : a.domid;
            world_pass(HS_PUT_OFF);
        }
        EXPECT(a.state->tx.frames == 9 + 32 + 5 * (i + 1) && !told_backend());
    }
    /* What comes between is gone on with later, by the guest or, with none of its time, dom0. */
    for ( i = 0; i < 2; i++ )
    {
        begin_window();
        current->runnable = true;
        world.running = a.domid;
        EXPECT(send_many(20) == 0);
        world.interrupt = 5;
        world_pass(HS_PUT_OFF);
        j = a.state->tx.frames;
        EXPECT(j > 9 + 32 && j < 9 + 52 && !told_backend());
        if ( i )
            world.running = BACKEND;
        current->runnable = false;
        world_pass(HS_PUT_OFF);
        EXPECT(a.state->tx.frames == (i ? j : 9 + 52) && told_backend() == i);
    }
    /* A timer stops for who is to run, not for other timers; and before that takes long. */
    begin_window();
    world.running = a.domid;
    world.softirqs = 1u << TIMER_SOFTIRQ;
    EXPECT(send_many(20) == 0);
    world_pass(HS_PUT_OFF);
    world.softirqs = 0;
    EXPECT(a.state->tx.frames == 9 + 52);
    begin_window();
    world.running = a.domid;
    EXPECT(send_many(20) == 0);
    world.tick = HS_PUT_OFF / 5;
    world_pass(HS_PUT_OFF);
    world.tick = 0;
    EXPECT(a.state->tx.frames < 9 + 40 && !told_backend());
    /* Who blocks does all of it, whoever is to run. */
    begin_window();
    EXPECT(send_many(20) == 0);
    world.softirqs = 1u << SCHEDULE_SOFTIRQ;
    block();
    world.softirqs = 0;
    EXPECT(a.state->tx.frames == 9 + 52 && !told_backend());
    /* But not for long. */
    begin_window();
    EXPECT(send_many(20) == 0);
    world.tick = HS_PUT_OFF / 5;
    block();
    world.tick = 0;
    EXPECT(a.state->tx.frames > 9 + 32 && a.state->tx.frames < 9 + 40 && told_backend() == 1);
    /* Nor can it be done if the ring is the back end's, be there frames or not. */
    begin_window();
    world.running = a.domid;
    a.state->tx.owner = HS_BACKEND;
    world_pass(HS_PUT_OFF);
    EXPECT(told_backend() == 1);
    begin_window();
    world.running = a.domid;
    EXPECT(send_many(5) == 0);
    a.state->tx.owner = HS_BACKEND;
    world_pass(HS_PUT_OFF);
    EXPECT(a.state->tx.frames == 9 + 32 && told_backend() == 1);
    /* Or when somebody is at it: then it is done later. */
    begin_window();
    world.running = a.domid;
    EXPECT(send_many(5) == 0);
    queue_of(&a)->tx_lock.held = true;
    world_pass(HS_PUT_OFF);
    queue_of(&a)->tx_lock.held = false;
    EXPECT(a.state->tx.frames == 9 + 32 && !told_backend());
    world_pass(HS_PUT_OFF);
    EXPECT(a.state->tx.frames == 9 + 37);
    /* The queue ends. */
    begin_window();
    EXPECT(front_detach(&a) == 0 && told_backend() == 1);
    begin_window();
    EXPECT(send_many(5) == 0 && !told_backend());
    EXPECT(front_detach(&a) == 0 && told_backend() == 1);
    world_pass(HS_PUT_OFF);
    EXPECT(!told_backend());
    /* Nobody is told whom the guest may not tell. */
    begin_window();
    EXPECT(send_many(5) == 0);
    world.xsm_forbids_events = true;
    world_pass(HS_PUT_OFF);
    world.xsm_forbids_events = false;
    EXPECT(!told_backend());
    /* The guest may have bound its channel anew. */
    begin_window();
    EXPECT(send_many(5) == 0);
    evtchn_from_port(world.domain[a.domid], a.attach.tx_port)->state = ECS_INTERDOMAIN + 1;
    world_pass(HS_PUT_OFF);
    EXPECT(told_backend() == 1);
    return true;
}

/* b has its turn, for so long, and uses it so. */
static unsigned int b_posts;
static s_time_t b_takes;

static void turn_of_b(void)
{
    const char *wrong;

    while ( front_receive(&b, &in, &wrong) )
        continue;
    ASSERT(!wrong);
    front_post(&b, b_posts);
    world.now += b_takes;
    world.domain[b.domid]->listener.runstate.state_entry_time = world.now;
}

static void turn_after_event(void)
{
    ASSERT(world_events(b.domid, b.attach.rx_port) == 1);
    turn_of_b();
}

/* It has not. */
static void turn_of_others(void)
{
    world.now += MICROSECS(10);
}

/* Another vCPU of a's sends meanwhile. */
static void turn_beside(void)
{
    struct vcpu other = { .domain = current->domain }, *was = current;

    world.now += HS_TURN / 2;
    other.runstate.state_entry_time = world.now;
    current = &other;
    front_send(&a, &out);
    ASSERT(front_notify(&a));
    current = was;
    world.now += HS_TURN / 2;
    turn_of_b();
}

/* It runs here, and has nothing to do. */
static void turn_beside_idle(void)
{
    struct vcpu other = { .domain = world.domain[a.domid] };

    world.running = a.domid;
    world_pass(HS_TURN / 2);
    world.running = BACKEND;
    hs_flush(&other);
    ASSERT(!told_backend());
    turn_of_b();
}

/* Nobody else sees to what a has left, as long as that is not too long. */
static void turn_that_is_watched(void)
{
    unsigned int i;

    for ( i = 0; i < HS_TURN / HS_PUT_OFF - 1; i++ )
        world_pass(HS_PUT_OFF);
    ASSERT(!told_backend());
    world_pass(HS_PUT_OFF);
    ASSERT(told_backend() == 1);
    turn_of_b();
}

/* a's ring is somebody else's when it goes on. */
static void turn_with_lock(void)
{
    turn_of_b();
    queue_of(&a)->tx_lock.held = true;
}

/* a may not send its event any more when it goes on. */
static void turn_without_right(void)
{
    turn_of_b();
    world.xsm_forbids_events = true;
}

/* Another vCPU of a's sends meanwhile, and leaves something in a window. */
static void send_beside(struct vcpu *other)
{
    struct vcpu *was = current;
    unsigned int i;

    turn_of_b();
    current = other;
    for ( i = 0; i < 10; i++ )
    {
        front_send(&a, &out);
        ASSERT(!front_notify(&a));
    }
    ASSERT(!front_send(&a, &out));
    current = was;
}

static void turn_beside_blocks(void)
{
    struct vcpu other = { .domain = world.domain[a.domid], .is_running = true };
    unsigned int frames;

    send_beside(&other);
    frames = a.state->tx.frames;
    hs_flush(&other);
    ASSERT(a.state->tx.frames == frames + 1);
}

static void turn_beside_preempted(void)
{
    struct vcpu other = { .domain = world.domain[a.domid], .runnable = true };
    unsigned int i;

    send_beside(&other);
    ASSERT(!told_backend());
    for ( i = 0; i < HS_TURN / HS_PUT_OFF / 2; i++ )
        world_pass(HS_PUT_OFF);
    ASSERT(told_backend() == 1);
}

/* b's vCPU waits for this pCPU since now. */
static void b_waits(void)
{
    struct vcpu *v = &world.domain[b.domid]->listener;

    v->runnable = true;
    v->runstate.state = RUNSTATE_runnable;
    v->runstate.state_entry_time = world.now;
    world.turn = turn_of_b;
    b_takes = 1;
}

static void begin_without_room(void)
{
    begin();
    ASSERT(send_many(RING) == RING);
    b_posts = 1;
    b_waits();
}

static bool makes_way(void)
{
    world.turns = 0;
    front_reap(&a);
    front_send(&a, &out);
    return !front_notify(&a) && front_reap(&a) == 1 && world.turns == 1;
}

static bool makes_no_way(void)
{
    uint32_t passed = a.state->tx.passed[HS_PASSED_WAIT];

    world.turns = 0;
    front_reap(&a);
    front_send(&a, &out);
    EXPECT(front_notify(&a) && !front_reap(&a) && !world.turns);
    EXPECT(a.state->tx.passed[HS_PASSED_WAIT] == passed + 1);
    front_drop(&a, 1);
    return true;
}

/* Who sends to one without room, who waits for the same pCPU, makes way for it. */
static bool way_made(void)
{
    unsigned int i;

    begin_without_room();
    EXPECT(makes_way() && !a.state->tx.passed[HS_PASSED_WAIT]);
    /* It need not have used many buffers before its first. */
    begin_empty();
    front_post(&b, 40);
    ASSERT(send_many(40) == 40);
    b_posts = 1;
    b_waits();
    EXPECT(makes_way());
    /* It is told of what it has got. */
    begin();
    ASSERT(send_many(RING - 10) == RING - 10);
    b_posts = RING;
    b_waits();
    world.turn = turn_after_event;
    world_events(b.domid, b.attach.rx_port);
    b.rx.sring->rsp_event = b.rx.sring->rsp_prod + 1;
    for ( i = 0; i < 20; i++ )
        front_send(&a, &out);
    EXPECT(!front_notify(&a) && front_reap(&a) == 20 && world.turns == 1);
    /* When it has had its turn it is to take many frames before it has the next. */
    for ( i = 0; i < 2; i++ )
    {
        begin_without_room();
        b_posts = 63 + i;
        EXPECT(makes_way());
        EXPECT(send_many(b_posts - 1) == b_posts - 1);
        world.now += MICROSECS(1);
        EXPECT(i ? makes_way() : makes_no_way());
    }
    /* If it has used it for nothing the back end sees to it, */
    begin_without_room();
    b_posts = 0;
    front_send(&a, &out);
    EXPECT(front_notify(&a) && world.turns == 1 && a.state->tx.passed[HS_PASSED_WAIT] == 1);
    front_drop(&a, 1);
    world.now += MICROSECS(1);
    EXPECT(makes_no_way());
    /* and if others have had it, at first, */
    begin_without_room();
    world.turn = turn_of_others;
    front_send(&a, &out);
    EXPECT(front_notify(&a) && world.turns == 1 && a.state->tx.passed[HS_PASSED_WAIT] == 1);
    front_drop(&a, 1);
    world.turn = turn_of_b;
    EXPECT(makes_no_way());
    world.now += MICROSECS(20);
    EXPECT(makes_way());
    /* and for good if nobody has. */
    begin_without_room();
    world.turn = NULL;
    front_send(&a, &out);
    EXPECT(front_notify(&a) && world.turns == 1 && a.state->tx.passed[HS_PASSED_WAIT] == 1);
    front_drop(&a, 1);
    world.now += MICROSECS(20);
    EXPECT(makes_no_way());
    return true;
}

/* It keeps the pCPU for as long as that has taken, and much longer if that was long. */
static bool way_not_made_again(void)
{
    static const struct {
        s_time_t takes, stays;
    } turn[] = {
        { HS_TURN / 2, HS_TURN / 2 + 1 },
        { HS_TURN - 1, HS_TURN },
        { HS_TURN, HS_REST_TIMES * (HS_TURN + 1) },
        { HS_REST_MAX / 10, HS_REST_MAX },
    };
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(turn); i++ )
    {
        struct hs_flow flow;

        begin_without_room();
        b_posts = 64;
        b_takes = turn[i].takes;
        world.busy = MICROSECS(1);
        EXPECT(makes_way());
        world.now += turn[i].stays - 2;
        flow = front_flow(&a, &b, &out);
        EXPECT(!front_flow_add(&flow));
        EXPECT(send_many(63) == 63 && makes_no_way());
        world.now += 2;
        b_takes = 1;
        EXPECT(makes_way());
    }
    /* Another vCPU neither ends that nor makes way as well. */
    begin_without_room();
    b_posts = 64;
    world.turn = turn_beside;
    front_send(&a, &out);
    EXPECT(!front_notify(&a) && front_reap(&a) == 2 && world.turns == 1);
    EXPECT(send_many(62) == 62);
    world.now += 2 * HS_TURN;
    world.turn = turn_of_b;
    EXPECT(makes_no_way());
    begin_without_room();
    world.turn = turn_beside_idle;
    EXPECT(makes_way());
    begin_without_room();
    world.turn = turn_that_is_watched;
    EXPECT(makes_way());
    /* By which of its queues it has made way is all one. */
    for ( i = 0; i < 2; i++ )
    {
        struct hs_flow flow;

        begin_without_room();
        ASSERT(front_attach(&c, a.domid, 1) && front_attach(&d, 3, 3));
        frame_make(&out, 1, 3, UDP, 64);
        flow = front_flow(&a, &d, &out);
        ASSERT(!front_flow_add(&flow));
        front_post(&d, 70);
        ASSERT(send_from(&c, 70) == 70);
        world.domain[3]->listener = world.domain[b.domid]->listener;
        frame_make(&out, 1, 2, UDP, 64);
        b_takes = MICROSECS(10);
        EXPECT(makes_way());
        frame_make(&out, 1, 3, UDP, 64);
        world.now += MICROSECS(9) + i * MICROSECS(2);
        front_send(&c, &out);
        EXPECT(front_notify(&c) && world.turns == 1 + i);
        EXPECT(front_detach(&c) == 0 && front_detach(&d) == 0);
    }
    /* It may have had to leave what it went on with to the back end; and waits again, later. */
    begin_without_room();
    queue_of(&a)->aside = &world.domain[a.domid]->listener;
    queue_of(&a)->aside_from = world.now - HS_PUT_OFF + 1;
    world.domain[a.domid]->listener.runstate.state_entry_time = world.now;
    world.domain[a.domid]->listener.runstate.state = RUNSTATE_runnable;
    EXPECT(makes_no_way());
    queue_of(&a)->aside_from--;
    EXPECT(makes_way());
    begin_without_room();
    queue_of(&a)->aside = &world.domain[a.domid]->listener;
    world.domain[a.domid]->listener.runstate.state = RUNSTATE_running;
    EXPECT(makes_way());
    return true;
}

/* A turn is over when the vCPU is back, whatever becomes of what it has sent. */
static bool way_made_in_vain(void)
{
    struct hs_flow flow;
    unsigned int i;

    for ( i = 0; i < 2; i++ )
    {
        begin_without_room();
        b_posts = RING;
        world.turn = i ? turn_without_right : turn_with_lock;
        front_send(&a, &out);
        EXPECT(front_notify(&a) && world.turns == 1);
        queue_of(&a)->tx_lock.held = false;
        world.xsm_forbids_events = false;
        EXPECT(front_kick(&a) == 0 && front_reap(&a) == 1);
        /* What it does after that counts for nothing. */
        world.now += HS_REST_MAX;
        current->runstate.state_entry_time = world.now;
        flow = front_flow(&a, &b, &out);
        EXPECT(!front_flow_add(&flow));
        EXPECT(send_many(RING - 1) == RING - 1);
        b_waits();
        EXPECT(makes_way());
    }
    /* Nor is what others of the guest's have sent in between left to it. */
    for ( i = 0; i < 2; i++ )
    {
        begin_without_room();
        a.window = 32;
        front_set(&a, HS_CAPS, 65536, FRAME_MAX);
        b_posts = RING;
        world.turn = i ? turn_beside_preempted : turn_beside_blocks;
        front_send(&a, &out);
        EXPECT(!front_notify(&a) && world.turns == 1 && front_reap(&a) == 12);
    }
    return true;
}

/* Who hears of an event by which the back end hears of buffers, too, does so at once. */
static bool way_of_one_channel(void)
{
    struct hs_flow flow;

    begin_without_room();
    front_connect(&c, 3, 3);
    c.attach.rx_port = c.attach.tx_port;
    ASSERT(front_lend(&c));
    front_set(&c, HS_CAPS, 65536, FRAME_MAX);
    flow = front_flow(&c, &b, &out);
    ASSERT(!front_flow_add(&flow));
    hs_token_take(&c.state->rx);
    front_send(&c, &out);
    EXPECT(front_notify(&c) && !world.turns && c.state->tx.passed[HS_PASSED_WAIT] == 1);
    hs_token_release(&c.state->rx);
    EXPECT(!front_notify(&c) && world.turns == 1 && front_reap(&c) == 1);
    return true;
}

/* a has some requests in a window, and c has taken the room for them. */
static void begin_window_without_room(void)
{
    struct hs_flow flow;

    begin_window();
    ASSERT(front_attach(&c, 3, 3));
    flow = front_flow(&c, &b, &out);
    ASSERT(!front_flow_add(&flow));
    ASSERT(send_many(5) == 0);
    send_from(&c, RING - 41);
    b_waits();
}

/* The back end's channel, which Xen tells b of frames by. */
static struct evtchn *begin_with_channel(void)
{
    const struct evtchn *end;

    begin_without_room();
    end = evtchn_from_port(world.domain[b.domid], b.attach.rx_port);
    return evtchn_from_port(world.domain[BACKEND], end->u.interdomain.remote_port);
}

static bool way_not_made(void)
{
    /* It runs, or has nothing to do, or may not run; or it waits for another pCPU. */
    begin_without_room();
    world.domain[b.domid]->listener.runstate.state = RUNSTATE_running;
    EXPECT(makes_no_way());
    begin_without_room();
    world.domain[b.domid]->listener.runstate.state = RUNSTATE_blocked;
    EXPECT(makes_no_way());
    begin_without_room();
    world.domain[b.domid]->listener.runnable = false;
    EXPECT(makes_no_way());
    begin_without_room();
    world.domain[b.domid]->listener.processor = 1;
    EXPECT(makes_no_way());
    /* Nobody hears of its frames, */
    begin_without_room();
    evtchn_from_port(world.domain[b.domid], b.attach.rx_port)->notify_vcpu_id = 1;
    EXPECT(makes_no_way());
    begin_with_channel()->state = ECS_INTERDOMAIN + 1;
    EXPECT(makes_no_way());
    /* or another guest does. */
    begin_with_channel()->u.interdomain.remote_dom = world.domain[3];
    EXPECT(makes_no_way());
    /* The back end makes none, nor does a multicall, a timer, or who blocks. */
    begin_without_room();
    front_send(&a, &out);
    EXPECT(front_kick(&a) == 1 && !world.turns);
    begin_without_room();
    current->mc_state.flags = 1;
    EXPECT(makes_no_way());
    begin_window_without_room();
    world.running = a.domid;
    world_pass(HS_PUT_OFF);
    EXPECT(!world.turns && a.state->tx.frames == 41 && told_backend() == 1);
    begin_window_without_room();
    block();
    EXPECT(!world.turns && a.state->tx.frames == 41 && told_backend() == 1);
    return true;
}

/* No more is put off than there is room for. */
static bool window_of_room(void)
{
    begin();
    ASSERT(send_many(RING - 100) == RING - 100);
    world_pass(HS_PUT_OFF);
    open_window(&a);
    /* That has taken 41. */
    EXPECT(send_many(31) == 0 && send_many(1) == 1);
    EXPECT(send_many(26) == 0 && send_many(1) == 1);
    b_takes = 0;
    b_posts = 1;
    turn_of_b();
    EXPECT(send_many(1) == 1);
    /* Nor if nothing has come since. */
    b_posts = 10;
    turn_of_b();
    EXPECT(send_many(1) == 1 && send_many(5) == 0);
    world.running = a.domid;
    world_pass(HS_PUT_OFF);
    EXPECT(send_many(3) == 0 && send_many(1) == 1);
    return true;
}

/* What a guest has put off of several queues does not hold up timers all at once. */
static bool windows(void)
{
    struct hs_flow flow;
    unsigned int i;

    begin();
    ASSERT(front_attach(&c, 1, 1));
    flow = front_flow(&c, &b, &out);
    ASSERT(!front_flow_add(&flow));
    open_window(&a);
    open_window(&c);
    world.running = 1;
    current->runnable = true;
    EXPECT(send_many(5) == 0 && send_from(&c, 5) == 0);
    world.grant_time[1] = HS_PUT_OFF / 3;
    world_pass(HS_PUT_OFF);
    EXPECT((a.state->tx.frames == 41) != (c.state->tx.frames == 41));
    for ( i = 0; i < 10; i++ )
        world_pass(HS_PUT_OFF);
    EXPECT(a.state->tx.frames + c.state->tx.frames == 2 * 41 + 10 && !told_backend());
    world.grant_time[1] = 0;
    /* Nor do several that are short, one after the other. */
    ASSERT(front_attach(&d, 1, 1));
    flow = front_flow(&d, &b, &out);
    ASSERT(!front_flow_add(&flow));
    open_window(&a);
    open_window(&c);
    /* Without these its window would be shut by the time that the next is open. */
    EXPECT(send_many(5) == 0);
    open_window(&d);
    i = a.state->tx.frames + c.state->tx.frames + d.state->tx.frames;
    EXPECT(send_many(5) == 0 && send_from(&c, 5) == 0 && send_from(&d, 5) == 0);
    world.grant_time[1] = HS_PUT_OFF / 9;
    world_pass(HS_PUT_OFF);
    EXPECT(a.state->tx.frames + c.state->tx.frames + d.state->tx.frames == i + 10);
    world.grant_time[1] = 0;
    world_pass(HS_PUT_OFF);
    EXPECT(a.state->tx.frames + c.state->tx.frames + d.state->tx.frames == i + 15);
    EXPECT(front_detach(&c) == 0 && front_detach(&d) == 0);
    return true;
}

/* A vCPU of the guest blocks: what is put off for it is done before. */
static bool blocked(void)
{
    struct vcpu other = { .domain = NULL };

    begin_window();
    EXPECT(send_many(5) == 0);
    other.domain = world.domain[a.domid];
    hs_flush(&other);
    EXPECT(a.state->tx.frames == 9 + 32);
    current->domain = world.domain[a.domid];
    /* Another one does, while that one cannot go on. */
    current->is_running = false;
    hs_flush(&other);
    current->is_running = true;
    EXPECT(a.state->tx.frames == 9 + 37);
    current->domain = world.domain[BACKEND];
    begin_window();
    EXPECT(send_many(5) == 0);
    current->domain = world.domain[a.domid];
    /* It will not. */
    world.pending = true;
    hs_flush(current);
    EXPECT(a.state->tx.frames == 9 + 32);
    world.pending = false;
    hs_flush(current);
    current->domain = world.domain[BACKEND];
    EXPECT(a.state->tx.frames == 9 + 37 && !told_backend());
    EXPECT(told_of_responses() == 1);
    look();
    EXPECT(send_many(1) == 1);
    world_pass(HS_PUT_OFF);
    EXPECT(!told_of_responses());
    /* Of several queues each. */
    begin();
    EXPECT(front_attach(&c, 1, 1));
    front_send(&c, &out);
    EXPECT(!front_notify(&c) && !world_events(1, c.attach.tx_port));
    front_send(&a, &out);
    EXPECT(!front_notify(&a) && !told_of_responses());
    block();
    EXPECT(world_events(1, c.attach.tx_port) == 1 && told_of_responses() == 1);
    EXPECT(front_detach(&a) == 0);
    front_send(&c, &out);
    EXPECT(!front_notify(&c));
    block();
    EXPECT(front_detach(&c) == 0 && !world.domain[1]->hs_front);
    return true;
}

/* a sends so many and blocks; how often is it told of responses at once? */
static unsigned int send_and_block(unsigned int count)
{
    look();
    while ( count-- )
        front_send(&a, &out);
    ASSERT(!front_notify(&a));
    block();
    return told_of_responses();
}

/* A frame for a, which is told of that if it wants to; and how often of responses? */
static unsigned int receive(bool armed)
{
    a.rx.sring->rsp_event = a.rx.rsp_cons + (armed ? 1 : RING);
    world_events(a.domid, a.attach.rx_port);
    front_send(&b, &out);
    ASSERT(!front_notify(&b) && front_receive(&a, &in, &(const char *){ NULL }));
    ASSERT(world_events(a.domid, a.attach.rx_port) == armed);
    return told_of_responses();
}

/* a has room for frames, too, and b sends it some. */
static void begin_both_ways(void)
{
    struct hs_flow flow;

    begin();
    flow = front_flow(&b, &a, &out);
    ASSERT(!front_flow_add(&flow));
    front_post(&a, RING);
}

/* Who answers, or is answered, is told of a few responses with the next frames. */
static bool blocked_in_talk(void)
{
    unsigned int i;

    begin_both_ways();
    EXPECT(send_and_block(1) == 1);
    EXPECT(!receive(false));
    EXPECT(send_and_block(1) == 1);
    EXPECT(!receive(true));
    for ( i = 0; i < 20; i++ )
    {
        EXPECT(!send_and_block(1 + i % 4));
        world_pass(HS_PUT_OFF / 2);
        EXPECT(!told_of_responses());
        EXPECT(receive(true) == 1);
        EXPECT(!receive(true));
    }
    /* Not of many; and only once after a frame. */
    EXPECT(send_and_block(5) == 1);
    EXPECT(!send_and_block(1));
    EXPECT(send_and_block(1) == 1);
    /* What it has looked at by itself it is not told of, asleep or awake. */
    EXPECT(!receive(true) && !send_and_block(1));
    look();
    EXPECT(!receive(true));
    front_send(&a, &out);
    EXPECT(!front_notify(&a) && !receive(true));
    block();
    EXPECT(!told_of_responses() && receive(true) == 1);
    /* Somebody is at its ring: then it hears a little later. */
    EXPECT(!send_and_block(1));
    queue_of(&a)->tx_lock.held = true;
    EXPECT(!receive(true));
    queue_of(&a)->tx_lock.held = false;
    world_pass(HS_PUT_OFF);
    EXPECT(told_of_responses() == 1);
    return true;
}

/* If there are none it is told when a while is over since it has sent, if it blocks at once. */
static bool left_alone(void)
{
    unsigned int i;

    begin_both_ways();
    look();
    front_send(&a, &out);
    EXPECT(!front_notify(&a) && !receive(true));
    look();
    world_pass(HS_PUT_OFF / 2);
    EXPECT(!send_and_block(1));
    /* It is woken for something else, and blocks again, or has to wait for that. */
    block();
    current->runnable = true;
    world_pass(HS_PUT_OFF - 1);
    EXPECT(!told_of_responses());
    world_pass(1);
    EXPECT(told_of_responses() == 1);
    current->runnable = false;
    /* Also who has been given longer. */
    begin_both_ways();
    for ( i = 0; i < 17; i++ )
    {
        look();
        front_send(&a, &out);
        EXPECT(!front_notify(&a));
        look();
        block();
        world_pass(HS_PUT_OFF);
    }
    EXPECT(!receive(true) && !send_and_block(1));
    world_pass(HS_PUT_OFF);
    EXPECT(told_of_responses() == 1);
    /* Who goes on sending is awake. */
    EXPECT(!receive(true) && !send_and_block(1));
    front_send(&a, &out);
    EXPECT(!front_notify(&a) && !receive(true));
    /* What it has not sent an event for is carried all the same. */
    begin_both_ways();
    open_window(&a);
    told_backend();
    EXPECT(!receive(true) && send_many(2) == 0);
    look();
    block();
    EXPECT(a.state->tx.frames == 9 + 34 && !told_of_responses() && !told_backend());
    world_pass(HS_PUT_OFF);
    EXPECT(told_of_responses() == 1);
    return true;
}

/* What takes long is done in parts, and in the end the back end knows what it has to. */
static bool notified_in_parts(void)
{
    unsigned int i;

    begin();
    for ( i = 0; i < 200; i++ )
        front_send(&a, &out);
    EXPECT(!front_notify(&a) && front_reap(&a) == 200);
    EXPECT(world.continued == 3 && !world.turns);
    begin();
    for ( i = 0; i < 10; i++ )
        front_send(&a, &out);
    world.interrupt = 4;
    EXPECT(!front_notify(&a) && front_reap(&a) == 10 && world.continued == 1);
    begin();
    front_send(&a, &out);
    front_send(&a, &out);
    world.meddle = want;
    EXPECT(front_notify(&a) && front_reap(&a) == 1 && world.continued == 1);
    /* In a multicall there is one part. */
    begin();
    for ( i = 0; i < 200; i++ )
        front_send(&a, &out);
    current->mc_state.flags = 1;
    EXPECT(front_notify(&a) && front_reap(&a) == HS_HOLD_FRAMES);
    return true;
}

/* The guest is about to send an event, by this channel, and is interrupted half-way. */
static struct evtchn *begin_in_parts(void)
{
    unsigned int i;

    begin();
    for ( i = 0; i < 10; i++ )
        front_send(&a, &out);
    current->domain = world.domain[a.domid];
    world.interrupt = 4;
    return evtchn_from_port(current->domain, a.attach.tx_port);
}

/* If the guest is put aside before it can go on others see to the rest. */
static bool notified_and_put_aside(void)
{
    struct evtchn *chn;
    unsigned int i, j;

    for ( i = 0; i < 4; i++ )
    {
        chn = begin_in_parts();
        EXPECT(hs_event(current->domain, chn) == -ERESTART && !told_backend());
        if ( i == 0 )
            hs_flush(current);
        current->domain = world.domain[BACKEND];
        current->runnable = i == 1;
        if ( i == 3 )
            EXPECT(front_detach(&a) == 0);
        else
            world_pass(HS_PUT_OFF);
        EXPECT(told_backend() == (i > 1));
        if ( i != 1 )
            continue;
        for ( j = 0; j < 8; j++ )
            world_pass(HS_PUT_OFF);
        EXPECT(!told_backend());
        world_pass(HS_PUT_OFF);
        EXPECT(told_backend() == 1);
        /* Once. */
        world_pass(2 * HS_PUT_OFF);
        EXPECT(!told_backend());
    }
    /* The guest has gone on. */
    chn = begin_in_parts();
    EXPECT(hs_event(current->domain, chn) == -ERESTART && !hs_event(current->domain, chn));
    current->domain = world.domain[BACKEND];
    world_pass(HS_PUT_OFF);
    EXPECT(front_reap(&a) == 10 && !told_backend());
    return true;
}

/* Both rings may have one channel: then the event may be that of buffers that were waited for. */
static bool one_channel(void)
{
    struct hs_flow flow;
    unsigned int i;

    begin();
    front_connect(&c, 3, 3);
    c.attach.rx_port = c.attach.tx_port;
    EXPECT(front_lend(&c));
    out.byte[11] = 3;
    flow = front_flow(&c, &b, &out);
    EXPECT(!front_flow_add(&flow));
    front_send(&c, &out);
    EXPECT(!front_notify(&c) && front_reap(&c) == 1);
    hs_token_take(&c.state->rx);
    front_send(&c, &out);
    EXPECT(front_notify(&c) && front_reap(&c) == 1);
    hs_token_release(&c.state->rx);
    EXPECT(!front_notify(&c));
    c.state->rx.want = 1;
    EXPECT(front_notify(&c));
    /* Nor is that put off until all is sent. */
    for ( i = 0; i < 100; i++ )
        front_send(&c, &out);
    EXPECT(front_notify(&c) && !world.continued);
    return true;
}

/* The channel is the guest's, who may close it and have it lead elsewhere. */
static bool other_ends(void)
{
    struct evtchn *chn, was;

    begin();
    chn = evtchn_from_port(world.domain[a.domid], a.attach.tx_port);
    was = *chn;
    front_send(&a, &out);
    chn->u.interdomain.remote_port = world_connect(BACKEND, 3);
    EXPECT(front_notify(&a) && !front_reap(&a));
    *chn = was;
    chn->u.interdomain.remote_dom = world.domain[3];
    world_connect(3, BACKEND);
    EXPECT(!world_send(a.domid, a.attach.tx_port) && !front_reap(&a));
    *chn = was;
    chn->state = ECS_INTERDOMAIN + 1;
    EXPECT(front_notify(&a) && !front_reap(&a));
    *chn = was;
    world.xsm_forbids_events = true;
    EXPECT(front_notify(&a) && !front_reap(&a));
    world.xsm_forbids_events = false;
    world.domain[a.domid]->is_shutting_down = true;
    EXPECT(front_notify(&a) && !front_reap(&a));
    world.domain[a.domid]->is_shutting_down = false;
    /* Somebody else's doing: nobody is held up by the guest's ring. */
    EXPECT(hs_event(world.domain[a.domid], chn) == HS_EVENT_PASS && !front_reap(&a));
    EXPECT(!front_notify(&a) && front_reap(&a) == 1);
    return true;
}

/* A queue that ends does not take the channel from the one that has it now. */
static bool bound_anew(void)
{
    struct hs_flow flow;
    struct evtchn *chn;

    begin();
    chn = evtchn_from_port(world.domain[a.domid], a.attach.tx_port);
    front_connect(&c, 1, 4);
    *chn = *evtchn_from_port(world.domain[1], c.attach.tx_port);
    chn->hs = evtchn_from_port(world.domain[1], a.attach.tx_port)->hs;
    c.attach.tx_port = a.attach.tx_port;
    EXPECT(front_lend(&c) && front_detach(&a) == 0);
    flow = front_flow(&c, &b, &out);
    EXPECT(!front_flow_add(&flow));
    front_send(&c, &out);
    EXPECT(!front_notify(&c) && front_reap(&c) == 1);
    EXPECT(front_detach(&c) == 0 && !chn->hs);
    return true;
}

/* A queue is taken back between when it is found and when its lock is had. */
static bool overtaken(void)
{
    begin();
    front_send(&a, &out);
    world.contend = take_a;
    world.contend_at = 1;
    EXPECT(front_kick(&a) == 1 && !front_reap(&a) && a.state->tx.owner == HS_FREE);
    begin();
    front_send(&a, &out);
    world.contend = take_a;
    world.contend_at = 1;
    EXPECT(front_notify(&a) && !front_reap(&a) && a.state->tx.owner == HS_FREE);
    begin();
    front_send(&a, &out);
    world.contend = take_b;
    world.contend_at = 2;
    EXPECT(front_kick(&a) == 1 && !front_reap(&a));
    EXPECT(a.state->tx.passed[HS_PASSED_OWNER] == 1 && b.state->rx.owner == HS_FREE);
    return true;
}

/* Two queues of a port: a flow of the port is for both, and ends with the last. */
static bool queues(void)
{
    begin();
    EXPECT(front_attach(&c, 1, 1));
    front_send(&c, &out);
    EXPECT(front_kick(&c) == 0 && front_receive(&b, &in, &(const char *){ NULL }));
    EXPECT(front_detach(&c) == 0);
    EXPECT(is_carried(0));
    EXPECT(world.domain[BACKEND]->hs->flows == 1);
    EXPECT(front_detach(&a) == 0);
    EXPECT(world.domain[BACKEND]->hs->flows == 0);
    return true;
}

static const struct {
    const char *name;
    bool (*run)(void);
} cases[] = {
    { "info", info },
    { "frames of all lengths, in up to three slots", frames },
    { "frames of more than a page, and segments to be", large_frames },
    { "flags", flags },
    { "events", events },
    { "flows", flows },
    { "tags", tags },
    { "odd frames", odd_frames },
    { "odd extras", odd_extras },
    { "what a receiver takes", caps },
    { "how much a receiver takes", lengths },
    { "segments that are none", segments },
    { "checksums to be made", checksums },
    { "no room", room },
    { "the back end's turn", owners },
    { "the back end waits", wanted },
    { "rings gone wild", wild_rings },
    { "states gone wild", wild_states },
    { "grants", grants },
    { "batches", batches },
    { "several receivers", receivers },
    { "what is decided on is delivered", decided },
    { "what is revoked meanwhile", thought_better },
    { "slow grants", slow },
    { "grants that are too slow", too_slow },
    { "grants that are too slow for who waits", too_slow_for_others },
    { "a ring is not kept for long", hold_time },
    { "buffers that cannot be written to", refusing },
    { "batches of large frames", large_batches },
    { "a hypercall in parts", continued },
    { "attach: wrong arguments", wrong_attach },
    { "wrong arguments", wrong_calls },
    { "flows: wrong arguments", wrong_flows },
    { "flows: all of a port's end", flushed },
    { "flows: more than there is room for", quota },
    { "no memory", no_memory },
    { "a handle that is not heard of", unknown },
    { "domains that end", ends },
    { "a guest that begins anew", reset },
    { "queues that go meanwhile", overtaken },
    { "others at a ring", others },
    { "whom events reach", told },
    { "the guest's event", notified },
    { "the guest's event, in parts", notified_in_parts },
    { "the guest's event, and the guest is put aside", notified_and_put_aside },
    { "the event of responses", held },
    { "the event of responses, held again", held_again },
    { "the event of responses, of one who looks", held_long },
    { "a window of requests", window },
    { "a window, and a frame that takes long", window_of_slow },
    { "a window, when others run", window_of_others },
    { "a receiver that waits for the pCPU", way_made },
    { "a receiver that waits for the pCPU, again", way_not_made_again },
    { "a receiver that waits for the pCPU, in vain", way_made_in_vain },
    { "a receiver that waits for the pCPU, of who has one channel", way_of_one_channel },
    { "receivers that wait for something else", way_not_made },
    { "a window, and little room", window_of_room },
    { "windows of several queues", windows },
    { "a guest that blocks", blocked },
    { "a guest that blocks and expects frames", blocked_in_talk },
    { "a guest that blocks, and no frames come", left_alone },
    { "one event for both rings", one_channel },
    { "a channel that leads elsewhere", other_ends },
    { "a channel that is bound anew", bound_anew },
    { "several queues", queues },
};

int main(void)
{
    unsigned int i, failed = 0;

    /* What has been said is said, however it ends. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    for ( i = 0; i < ARRAY_SIZE(cases); i++ )
    {
        bool good = cases[i].run();

        world_end();
        printf("%s hypercall: %s\n", good ? "ok" : "not ok", cases[i].name);
        failed += !good;
    }
    return failed != 0;
}
