/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hyperswitch: which frames go to which queue, as the back end has said. It is
 * a cache of the back end's decisions and not a table of rules: a flow is
 * exact, ends by itself soon, and holds only as long as three words of memory
 * are what they were when the back end decided. It revokes what it has said by
 * writing to one of them.
 *
 * Locking: written with the back end's flow_lock held, read under hs_rcu.
 */
#include <xen/random.h>
#include <xen/vmap.h>
#include <xen/xmalloc.h>
#include <xsm/xsm.h>

#include "hs.h"

static uint64_t random_odd(void)
{
    return ((uint64_t)get_random() << 32) | get_random() | 1;
}

/* Called with hs_lock held, before anybody can find the back end. */
int hs_flows_init(struct hs_backend *backend)
{
    unsigned int i;

    spin_lock_init(&backend->flow_lock);
    for ( i = 0; i < ARRAY_SIZE(backend->odd); i++ )
        backend->odd[i] = random_odd();
    backend->bucket = vzalloc(HS_BUCKETS * HS_WAYS *
                              sizeof(*backend->bucket));

    return backend->bucket ? 0 : -ENOMEM;
}

/* Called when there is none left, and nobody can find the back end. */
void hs_flows_free(struct hs_backend *backend)
{
    ASSERT(!backend->flows);
    vfree(backend->bucket);
}

/*
 * Who sends may choose its addresses, so that the factors are secret, and each
 * word goes through all that come after it.
 */
static struct hs_flow_entry **bucket_of(const struct hs_backend *backend,
                                        const union hs_key *key)
{
    uint64_t hash = 0;
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(key->word); i++ )
    {
        hash = (hash ^ key->word[i]) * backend->odd[i];
        hash ^= hash >> 32;
    }

    return &backend->bucket[hash % HS_BUCKETS * HS_WAYS];
}

static bool same_key(const union hs_key *a, const union hs_key *b)
{
    return !((a->word[0] ^ b->word[0]) | (a->word[1] ^ b->word[1]) |
             (a->word[2] ^ b->word[2]));
}

static bool is_revoked(const struct hs_backend *backend,
                       const struct hs_flow_entry *entry)
{
    const uint32_t *gens = backend->gens.va;
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(entry->slot); i++ )
        if ( ACCESS_ONCE(gens[entry->slot[i]]) != entry->gen[i] )
            return true;

    return false;
}

/*
 * The queue for frames of a sender's with this key: HS_CARRIED and the queue
 * in out, or why there is none. Called under hs_rcu, with from's lock held.
 */
int hs_flow_find(const struct hs_queue *from, const union hs_key *key,
                 s_time_t now, struct hs_queue **out)
{
    const struct hs_backend *backend = from->backend;
    struct hs_flow_entry **bucket = bucket_of(backend, key);
    unsigned int i;

    for ( i = 0; i < HS_WAYS; i++ )
    {
        const struct hs_flow_entry *entry = ACCESS_ONCE(bucket[i]);

        if ( !entry || !same_key(&entry->key, key) )
            continue;
        if ( now >= entry->until ||
             entry->epoch != ACCESS_ONCE(from->port->epoch) ||
             is_revoked(backend, entry) )
            return HS_PASSED_STALE;
        *out = entry->out;
        return HS_CARRIED;
    }

    return HS_PASSED_MISS;
}

static void cf_check free_entry(struct rcu_head *head)
{
    xfree(container_of(head, struct hs_flow_entry, rcu));
}

static void forget(struct hs_backend *backend, struct hs_flow_entry **place)
{
    struct hs_flow_entry *entry = *place;

    ASSERT(spin_is_locked(&backend->flow_lock));
    rcu_assign_pointer(*place, NULL);
    backend->flows--;
    entry->port->flows--;
    call_rcu(&entry->rcu, free_entry);
}

/* Forget what has ended in the next bucket: it does not count for long. */
static void sweep(struct hs_backend *backend, s_time_t now)
{
    struct hs_flow_entry **bucket =
        &backend->bucket[backend->next_sweep * HS_WAYS];
    unsigned int i;

    backend->next_sweep = (backend->next_sweep + 1) % HS_BUCKETS;
    for ( i = 0; i < HS_WAYS; i++ )
        if ( bucket[i] && now >= bucket[i]->until )
            forget(backend, &bucket[i]);
}

/* Forget those that lead to a queue, or come from a port's last. */
void hs_flows_forget(struct hs_backend *backend, const struct hs_queue *queue)
{
    bool last = queue->port->queues == 1;
    unsigned int i;

    ASSERT(spin_is_locked(&backend->flow_lock));
    for ( i = 0; i < HS_BUCKETS * HS_WAYS; i++ )
    {
        const struct hs_flow_entry *entry = backend->bucket[i];

        if ( entry && (entry->out == queue ||
                       (last && entry->port == queue->port)) )
            forget(backend, &backend->bucket[i]);
    }
}

/* The place of a key in its bucket, or NULL. */
static struct hs_flow_entry **place_of(const struct hs_backend *backend,
                                       const union hs_key *key)
{
    struct hs_flow_entry **bucket = bucket_of(backend, key);
    unsigned int i;

    for ( i = 0; i < HS_WAYS; i++ )
        if ( bucket[i] && same_key(&bucket[i]->key, key) )
            return &bucket[i];

    return NULL;
}

/* A port's part of all the flows that there can be. */
static unsigned int part(const struct hs_backend *backend)
{
    return HS_FLOWS / ACCESS_ONCE(backend->ports);
}

/*
 * A place in a key's bucket for a flow of a port: one that is free, or whose
 * flow has ended. Or one that another is turned out of, the next to end: as
 * long as the port has not got its part, of one that has more than that, or
 * else one of its own. There may be none, if all are of ports within theirs.
 */
static struct hs_flow_entry **place_for(const struct hs_backend *backend,
                                        const union hs_key *key,
                                        const struct hs_port *port,
                                        s_time_t now)
{
    struct hs_flow_entry **bucket = bucket_of(backend, key);
    struct hs_flow_entry **own = NULL, **others = NULL;
    bool wants = port->flows < part(backend);
    unsigned int i;

    for ( i = 0; i < HS_WAYS; i++ )
    {
        const struct hs_flow_entry *entry = bucket[i];

        if ( !entry || now >= entry->until )
            return &bucket[i];
        if ( entry->port == port )
        {
            if ( !own || entry->until < (*own)->until )
                own = &bucket[i];
        }
        else if ( wants && entry->port->flows > part(backend) &&
                  (!others || entry->until < (*others)->until) )
            others = &bucket[i];
    }

    return others ?: own;
}

static void key_of_flow(const struct hs_flow *arg, const struct hs_port *port,
                        union hs_key *key)
{
    memcpy(key->dmac, arg->dmac, sizeof(key->dmac));
    memcpy(key->smac, arg->smac, sizeof(key->smac));
    key->tpid = arg->tpid;
    key->tci = arg->tci;
    key->ethertype = arg->ethertype;
    key->port = port->id;
    key->none = 0;
}

static bool is_sound(const struct hs_flow *arg)
{
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(arg->slot); i++ )
        if ( arg->slot[i] >= HS_GENS )
            return false;

    return arg->ttl_us && arg->ttl_us <= HS_TTL_MAX_US;
}

static struct hs_flow_entry *make_entry(const struct hs_flow *arg,
                                        const union hs_key *key,
                                        struct hs_queue *out,
                                        struct hs_port *port, s_time_t now)
{
    struct hs_flow_entry *entry = xzalloc(struct hs_flow_entry);

    if ( !entry )
        return NULL;
    entry->key = *key;
    entry->until = now + MICROSECS(arg->ttl_us);
    entry->out = out;
    entry->port = port;
    entry->epoch = port->epoch;
    memcpy(entry->gen, arg->gen, sizeof(entry->gen));
    memcpy(entry->slot, arg->slot, sizeof(entry->slot));

    return entry;
}

/* Put an entry where there is a place for it. */
static int install(struct hs_backend *backend, struct hs_flow_entry *entry,
                   s_time_t now)
{
    struct hs_flow_entry **place = place_of(backend, &entry->key);

    if ( !place )
        place = place_for(backend, &entry->key, entry->port, now);
    if ( !place )
        return -ENOSPC;
    if ( *place )
        forget(backend, place);
    rcu_assign_pointer(*place, entry);
    backend->flows++;
    entry->port->flows++;

    return 0;
}

static int flow_add(struct hs_backend *backend, const struct hs_flow *arg)
{
    struct hs_queue *in = hs_queue_find(backend, arg->in);
    struct hs_queue *out = hs_queue_find(backend, arg->out);
    struct hs_flow_entry *entry;
    s_time_t now = NOW();
    union hs_key key;
    int rc;

    ASSERT(spin_is_locked(&backend->flow_lock));
    sweep(backend, now);
    if ( !in || !out || !backend->gens.va )
        return -ENOENT;
    if ( xsm_grant_copy(XSM_HOOK, in->guest, out->guest) )
        return -EACCES;
    key_of_flow(arg, in->port, &key);
    entry = make_entry(arg, &key, out, in->port, now);
    if ( !entry )
        return -ENOMEM;
    rc = install(backend, entry, now);
    if ( rc )
        xfree(entry);

    return rc;
}

/* HSOP_flow_add */
int hs_flow_add(struct hs_backend *backend, const struct hs_flow *arg)
{
    int rc;

    if ( !is_sound(arg) )
        return -EINVAL;
    spin_lock(&backend->flow_lock);
    rc = flow_add(backend, arg);
    spin_unlock(&backend->flow_lock);

    return rc;
}

/* HSOP_flow_flush: they remain until they end, but do not count any more. */
int hs_flow_flush(struct hs_backend *backend, const struct hs_flush *arg)
{
    struct hs_queue *in;

    spin_lock(&backend->flow_lock);
    in = hs_queue_find(backend, arg->handle);
    if ( in )
        ACCESS_ONCE(in->port->epoch)++;
    spin_unlock(&backend->flow_lock);

    return in ? 0 : -ENOENT;
}

/* HSOP_flow_del */
int hs_flow_del(struct hs_backend *backend, const struct hs_flow *arg)
{
    struct hs_flow_entry **place = NULL;
    struct hs_queue *in;
    union hs_key key;

    spin_lock(&backend->flow_lock);
    in = hs_queue_find(backend, arg->in);
    if ( in )
    {
        key_of_flow(arg, in->port, &key);
        place = place_of(backend, &key);
    }
    if ( place )
        forget(backend, place);
    spin_unlock(&backend->flow_lock);

    return place ? 0 : -ENOENT;
}
