/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What xen/ takes from the rest of Xen, in user space. The types hold what those files touch and
 * what world.c needs, nothing else.
 *
 * Locking: one thread plays all vCPUs. A lock is a flag that says whether it is held: taking a
 * held one would be a deadlock and ends the run.
 */
#ifndef HARNESS_EMUL_H
#define HARNESS_EMUL_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef ERESTART
#define ERESTART 85
#endif

#define __XEN_TOOLS__
#include <public/xen.h>
#include <public/event_channel.h>
#include <public/grant_table.h>
#include <public/vcpu.h>

/* ---- compiler and kernel words ---- */
#define cf_check
#define __ro_after_init
#define barrier()       __asm__ __volatile__("" ::: "memory")
#define smp_mb()        __sync_synchronize()
#define smp_rmb()       barrier()
#define smp_wmb()       barrier()
#define unlikely(x) (x)
#define ACCESS_ONCE(x)  (*(volatile typeof(x) *)&(x))
#define READ_ONCE(x)    ACCESS_ONCE(x)
#define WRITE_ONCE(x, v) ((void)(ACCESS_ONCE(x) = (v)))
#define virt_mb()       smp_mb()
#define virt_store_release(p, v) do { barrier(); WRITE_ONCE(*(p), v); } while ( 0 )
#define cpu_relax()     world_relax()
#define cmpxchg(p, old, new) __sync_val_compare_and_swap(p, old, new)
#define sync_cmpxchg(p, old, new) cmpxchg(p, old, new)
#define container_of(ptr, type, member) ((type *)((char *)(ptr) - offsetof(type, member)))
#define ARRAY_SIZE(a)   (sizeof(a) / sizeof((a)[0]))
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define min(x, y)       ((x) < (y) ? (x) : (y))
#define min_t(type, x, y) ((type)(x) < (type)(y) ? (type)(x) : (type)(y))
#define KB(n)           ((n) << 10)
#define PAGE_SIZE       4096
#define array_index_nospec(index, size) (index)
#define block_speculation() barrier()
#define BUILD_BUG_ON(c) _Static_assert(!(c), #c)
#define ASSERT(c) \
    do { if ( !(c) ) world_bug(__FILE__, __LINE__, #c); } while ( 0 )

void world_bug(const char *file, int line, const char *what) __attribute__((__noreturn__));
/* Somebody waits for what nobody is there to do: time passes, but not for ever. */
void world_relax(void);

/* ---- memory, which may run out ---- */
void *world_alloc(size_t size);
#define xzalloc(type)   ((type *)world_alloc(sizeof(type)))
#define xfree(p)        free(p)
#define vzalloc(size)   world_alloc(size)
#define vfree(p)        free(p)

/* ---- locks and RCU ---- */
typedef struct { bool held; } spinlock_t;
#define DEFINE_SPINLOCK(l)      spinlock_t l
#define spin_lock_init(l)       ((void)((l)->held = false))
#define spin_is_locked(l)       ((l)->held)

/* Somebody else may be first. */
void world_contend(void);

static inline void spin_lock(spinlock_t *l)
{
    world_contend();
    ASSERT(!l->held);
    l->held = true;
}

static inline void spin_unlock(spinlock_t *l)
{
    ASSERT(l->held);
    l->held = false;
}

static inline bool spin_trylock(spinlock_t *l)
{
    world_contend();
    if ( l->held )
        return false;
    l->held = true;
    return true;
}

typedef struct { int readers; } rcu_read_lock_t;
struct rcu_head {
    struct rcu_head *next;
    void (*func)(struct rcu_head *head);
};
#define DEFINE_RCU_READ_LOCK(l) rcu_read_lock_t l
#define rcu_read_lock(l)        ((void)(l)->readers++)
#define rcu_read_unlock(l)      ((void)(l)->readers--)
#define rcu_dereference(p)      (p)
#define rcu_assign_pointer(p, v) ((p) = (v))
/* It is called when no hypercall is under way any more. */
void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head));

#include <list.h>

/* ---- time and chance ---- */
typedef int64_t s_time_t;
#define MICROSECS(us)   ((s_time_t)(us) * 1000)
#define MILLISECS(ms)   ((s_time_t)(ms) * 1000000)
s_time_t NOW(void);
unsigned int get_random(void);

struct timer {
    void (*function)(void *data);
    void *data;
    s_time_t expires;
    unsigned int cpu;
    bool active;
    struct timer *next;
};
void init_timer(struct timer *timer, void (*function)(void *data), void *data, unsigned int cpu);
void set_timer(struct timer *timer, s_time_t expires);
void kill_timer(struct timer *timer);
#define DEFINE_PER_CPU(type, name) type per_cpu__##name
#define this_cpu(name) per_cpu__##name
#define migrate_timer(timer, to) ((void)((timer)->cpu = (to)))

/* ---- what interrupts a hypercall ---- */
#define smp_processor_id()      0
#define TIMER_SOFTIRQ   0
#define SCHEDULE_SOFTIRQ 3
#define SCHED_SLAVE_SOFTIRQ 4
unsigned int softirq_pending(unsigned int cpu);
bool local_events_need_delivery(void);
#define hypercall_preempt_check() softirq_pending(0)
#define __HYPERVISOR_CONTINUED  1000
#define hypercall_create_continuation(op, format, cmd, arg, count) \
    world_continue(cmd, (arg).p, count)
long world_continue(unsigned int cmd, char *arg, unsigned int count);

/* ---- what the caller has ---- */
#define XEN_GUEST_HANDLE_PARAM(name) XEN_GUEST_HANDLE(name)
#define guest_handle_cast(hnd, type) \
    ((XEN_GUEST_HANDLE_PARAM(type)){ (type *)(hnd).p })
#define guest_handle_add_offset(hnd, n) ((void)((hnd).p += (n)))
/* A page at NULL is not there. */
#define copy_from_guest(to, hnd, n) world_copy(to, (hnd).p, n)
#define copy_to_guest(hnd, from, n) world_copy((hnd).p, from, n)
bool world_copy(void *to, const void *from, size_t len);
#define boolean_param(name, var) \
    bool *const param_##var = &(var)

/* ---- pages ---- */
struct page_info {
    struct domain *owner;
    uint8_t *data;
    int refs, types;
};
typedef uint64_t gfn_t;
typedef int p2m_type_t;
#define _gfn(n)         ((gfn_t)(n))
#define p2m_is_foreign(type) ((type) == 1)
#define PGT_writable_page 0
int check_get_page_from_gfn(struct domain *d, gfn_t gfn, bool readonly, p2m_type_t *type,
                            struct page_info **page);
bool get_page_type(struct page_info *page, int type);
void put_page_type(struct page_info *page);
void put_page(struct page_info *page);
void put_page_and_type(struct page_info *page);
void *__map_domain_page(struct page_info *page);
void unmap_domain_page(const void *va);
void *__map_domain_page_global(struct page_info *page);
void unmap_domain_page_global(const void *va);

/* ---- grants ---- */
struct gnttab_hs_buf {
    struct page_info *page;
    grant_ref_t ref;
    uint16_t offset;
    uint16_t len;
    bool readonly;
};
int gnttab_hs_get(struct domain *rd, grant_ref_t ref, domid_t ldom, bool readonly,
                  struct gnttab_hs_buf *buf);
void gnttab_hs_put(struct domain *rd, const struct gnttab_hs_buf *buf);

/* ---- event channels ---- */
#define ECS_INTERDOMAIN 3
struct evtchn {
    int state;
    struct {
        struct {
            struct domain *remote_dom;
            evtchn_port_t remote_port;
        } interdomain;
    } u;
    unsigned int got;           /* events since somebody looked */
    unsigned int notify_vcpu_id;
    bool xen_consumer;
    struct hs_queue *hs;
};
bool port_is_valid(struct domain *d, evtchn_port_t port);
struct evtchn *evtchn_from_port(struct domain *d, evtchn_port_t port);
#define evtchn_read_lock(chn)   ((void)(chn))
#define evtchn_read_unlock(chn) ((void)(chn))
#define HS_EVENT_PASS   1
void evtchn_port_set_pending(struct domain *d, unsigned int vcpu, struct evtchn *chn);

/* ---- domains ---- */
#define WORLD_GRANTS    8192
#define WORLD_PORTS     64

struct grant {
    struct page_info *page;
    domid_t domid;
    bool readonly, valid;
    uint16_t offset, len;
    int pins, writers;
};

struct vcpu {
    struct domain *domain;
    unsigned int processor;
    bool runnable;
    bool is_running;
    struct {
        unsigned int state;
        s_time_t state_entry_time;
    } runstate;
    struct {
        unsigned long flags;
    } mc_state;
};

struct domain {
    domid_t domain_id;
    bool is_dying;
    bool is_shutting_down;
    int refs;
    struct hs_backend *hs;
    struct hs_queue *hs_front;
    struct vcpu listener;       /* number 0, which hears of all events */
    struct grant grant[WORLD_GRANTS];
    struct evtchn port[WORLD_PORTS];
};

#define _MCSF_in_multicall 0
#define test_bit(bit, word)     ((bool)(*(word) >> (bit) & 1))
extern struct vcpu *current;
#define vcpu_runnable(v)        ((v)->runnable)
#define domain_vcpu(d, id)      ((id) ? NULL : &(d)->listener)
/* Others have their turn. */
long vcpu_yield(void);
#define is_hardware_domain(d)   ((d)->domain_id == 0)
struct domain *get_domain_by_id(domid_t domid);
void put_domain(struct domain *d);
#define XSM_HOOK        0
int xsm_grant_copy(int hook, struct domain *from, struct domain *to);
int xsm_grant_mapref(int hook, struct domain *by, struct domain *of, uint32_t flags);
int xsm_evtchn_send(int hook, struct domain *d, struct evtchn *chn);

/* ---- what Xen calls ---- */
long do_hyperswitch_op(unsigned int cmd, XEN_GUEST_HANDLE_PARAM(void) arg, unsigned int count);
int hs_domain_kill(struct domain *d);
void hs_domain_reset(struct domain *d);
void hs_domain_free(struct domain *d);
int hs_event(struct domain *d, struct evtchn *chn);
void hs_flush(const struct vcpu *v);

#endif /* HARNESS_EMUL_H */
