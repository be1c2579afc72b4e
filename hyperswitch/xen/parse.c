/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hyperswitch: what a frame's header says: which flow it is of, and whether a
 * receiver gets it as it is. What is not certain is the back end's to decide.
 *
 * Locking: the receiver's rx_lock; the header is a copy.
 */
#include "hs.h"

#define ETHER_TYPE      12      /* where it stands */
#define ETHER_IP4       0x0800
#define ETHER_IP6       0x86dd
#define ETHER_8021Q     0x8100
#define ETHER_8021AD    0x88a8
#define TAG             4

#define IP4_LEN         20      /* at least */
#define IP6_LEN         40
#define PROTO_TCP       6
#define PROTO_UDP       17
#define TCP_LEN         20
#define UDP_LEN         8

#define GSO_MAX_SEGS    65535

static uint16_t get16(const struct hs_header *header, unsigned int at)
{
    return (header->byte[at] << 8) | header->byte[at + 1];
}

/* The same two bytes, as they are. */
static uint16_t raw16(const struct hs_header *header, unsigned int at)
{
    uint16_t value;

    memcpy(&value, &header->byte[at], sizeof(value));

    return value;
}

/* The key of a frame from a port. False if it is too short for its tag. */
bool hs_key_of(const struct hs_header *header, uint16_t port,
               union hs_key *key)
{
    uint16_t type = get16(header, ETHER_TYPE);
    unsigned int at = ETHER_TYPE;

    memcpy(key->dmac, header->byte, sizeof(key->dmac) + sizeof(key->smac));
    key->tpid = 0;
    key->tci = 0;
    key->port = port;
    key->none = 0;
    if ( type == ETHER_8021Q || type == ETHER_8021AD )
    {
        if ( header->len < HS_ETHER + TAG )
            return false;
        key->tpid = raw16(header, at);
        key->tci = raw16(header, at + 2);
        at += TAG;
    }
    key->ethertype = raw16(header, at);

    return true;
}

/* Where the transport's header begins, 0 if those before it are not plain. */
static unsigned int transport(const struct hs_header *header, uint8_t *proto)
{
    const uint8_t *ip = &header->byte[HS_ETHER];

    switch ( get16(header, ETHER_TYPE) )
    {
    case ETHER_IP4:
        /* Version, length, and no fragment: neither an offset nor more. */
        if ( header->len < HS_ETHER + IP4_LEN || (ip[0] >> 4) != 4 ||
             (ip[0] & 0xf) < IP4_LEN / 4 || (ip[6] & 0x3f) || ip[7] )
            return 0;
        *proto = ip[9];
        return HS_ETHER + (ip[0] & 0xf) * 4;

    case ETHER_IP6:
        if ( header->len < HS_ETHER + IP6_LEN )
            return 0;
        *proto = ip[6];
        return HS_ETHER + IP6_LEN;
    }

    return 0;
}

/* Is a checksum that is still to be made where all agree that it is? */
static bool checksum_is_plain(const struct hs_header *header, bool gso)
{
    uint8_t proto = 0;
    unsigned int at = transport(header, &proto);

    if ( !at )
        return false;
    switch ( proto )
    {
    case PROTO_TCP:
        return at + TCP_LEN <= header->len;

    case PROTO_UDP:
        return !gso && at + UDP_LEN <= header->len;
    }

    return false;
}

static bool takes_segment(const struct hs_queue *to,
                          const struct hs_frame *frame,
                          const struct hs_header *header)
{
    bool ip4 = frame->gso_type == XEN_NETIF_GSO_TYPE_TCPV4;

    return get16(header, ETHER_TYPE) == (ip4 ? ETHER_IP4 : ETHER_IP6) &&
           (frame->flags & NETTXF_csum_blank) && (to->caps & HS_CAP_SG) &&
           (to->caps & (ip4 ? HS_CAP_TSO4 : HS_CAP_TSO6)) &&
           frame->len < to->gso_max &&
           frame->len / frame->gso_size < GSO_MAX_SEGS;
}

/* Would the receiver get the frame as it is, with nothing to be added? */
bool hs_takes(const struct hs_queue *to, const struct hs_frame *frame,
              const struct hs_header *header)
{
    bool gso = frame->gso_type != XEN_NETIF_GSO_TYPE_NONE;
    uint32_t csum;

    if ( gso ? !takes_segment(to, frame, header) : frame->len > to->max_len )
        return false;
    if ( frame->len > PAGE_SIZE && !(to->caps & HS_CAP_SG) )
        return false;
    if ( !(frame->flags & NETTXF_csum_blank) )
        return true;

    csum = get16(header, ETHER_TYPE) == ETHER_IP4 ? HS_CAP_CSUM4
                                                  : HS_CAP_CSUM6;

    return (to->caps & csum) && checksum_is_plain(header, gso);
}
