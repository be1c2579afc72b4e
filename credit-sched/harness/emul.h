/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What xen/common/sched/credit.c and private.h take from the rest of Xen, in user space.
 * The types hold what those two files touch and what world.c needs, nothing else.
 *
 * Locking: one host thread plays all pCPUs, one after the other. A spin lock is a flag
 * that says whether it is held: taking a held one would be a deadlock and ends the run.
 */
#ifndef HARNESS_EMUL_H
#define HARNESS_EMUL_H

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define __XEN_TOOLS__
#include <xen-public/xen.h>
#include <xen-public/vcpu.h>
#include <xen-public/sysctl.h>
#include <xen-public/domctl.h>

/* ---- compiler and kernel words ---- */
#define __init
#define __read_mostly
#define cf_check
#define always_inline   inline __attribute__((__always_inline__))
#define noinline        __attribute__((__noinline__))
#define __used_section(s) __attribute__((__unused__))
#define likely(x)       __builtin_expect(!!(x), 1)
#define unlikely(x)     __builtin_expect(!!(x), 0)
#define smp_wmb()
#define prefetch(x)     __builtin_prefetch(x)
#define container_of(ptr, type, member) \
    ((type *)((char *)(ptr) - offsetof(type, member)))
#define BUILD_BUG_ON(c) _Static_assert(!(c), #c)
#define count_args_(dot, a1, a2, a3, a4, x, ...) x
#define count_args(args...) count_args_(., ## args, 4, 3, 2, 1, 0)
#define min(x, y) ({ typeof(x) x_ = (x); typeof(y) y_ = (y); x_ < y_ ? x_ : y_; })
#define max(x, y) ({ typeof(x) x_ = (x); typeof(y) y_ = (y); x_ > y_ ? x_ : y_; })

void harness_bug(const char *file, int line, const char *what)
    __attribute__((__noreturn__));
#define BUG_ON(c)       \
    do { if ( unlikely(c) ) harness_bug(__FILE__, __LINE__, #c); } while ( 0 )
#define ASSERT(c)       BUG_ON(!(c))

#define XENLOG_INFO
/* As functions, so that what they are given counts as used. */
static inline void harness_ignore(const void *first, ...) {}
#define printk(args...) harness_ignore(args)
#define PRI_stime       PRId64

#define IS_ERR(p)       ((uintptr_t)(p) >= (uintptr_t)-4095)
#define ERR_PTR(e)      ((void *)(intptr_t)(e))
#define xzalloc(type)   ((type *)calloc(1, sizeof(type)))
#define xzalloc_array(type, n) ((type *)calloc(n, sizeof(type)))
#define xfree(p)        free(p)

/* Boot parameters can be set by name, for each variant of credit.c on its own. */
void harness_register_param(const char *variant, const char *name, void *var,
                            size_t size);
#define PARAM(n, var) \
    static void __attribute__((__constructor__)) param_##var(void) \
    { harness_register_param(VARIANT_NAME, n, &(var), sizeof(var)); }
#define integer_param(n, var) PARAM(n, var)
#define boolean_param(n, var) PARAM(n, var)

/* ---- counters and traces: none ---- */
#define SCHED_STAT_CRANK(x)     ((void)0)
#define perfc_incr(x)           ((void)0)
#define tb_init_done            false
#define TRC_SCHED_CLASS_EVT(c, e) (e)
#define __trace_var(event, cycles, size, data) harness_ignore(data)
#define TRACE_0D(args...)       ((void)0)
#define TRACE_2D(args...)       ((void)0)
#define TRACE_3D(args...)       ((void)0)
#define TRACE_4D(args...)       ((void)0)

/* ---- atomic operations and bits ---- */
typedef struct { int counter; } atomic_t;
#define atomic_read(a)          ((a)->counter)
#define atomic_set(a, v)        ((void)((a)->counter = (v)))
#define atomic_add(v, a)        ((void)((a)->counter += (v)))
#define atomic_sub(v, a)        ((void)((a)->counter -= (v)))

#define BIT_(nr)                (1UL << (nr))
#define test_bit(nr, p)         ((*(p) & BIT_(nr)) != 0)
#define set_bit(nr, p)          ((void)(*(p) |= BIT_(nr)))
#define clear_bit(nr, p)        ((void)(*(p) &= ~BIT_(nr)))
#define test_and_set_bit(nr, p) \
    ({ bool old_ = test_bit(nr, p); set_bit(nr, p); old_; })
#define test_and_clear_bit(nr, p) \
    ({ bool old_ = test_bit(nr, p); clear_bit(nr, p); old_; })

/* ---- time ---- */
typedef int64_t s_time_t;
#define MICROSECS(us)           ((s_time_t)(us) * 1000)
#define MILLISECS(ms)           ((s_time_t)(ms) * 1000000)
#define do_div(n, base) \
    ({ uint32_t rem_ = (n) % (base); (n) /= (base); rem_; })

extern s_time_t harness_now;
#define NOW()                   harness_now

struct timer {
    s_time_t expires;
    void (*function)(void *);
    void *data;
    unsigned int cpu;
    bool active, known;
};

void init_timer(struct timer *t, void (*fn)(void *), void *data, unsigned int cpu);
void set_timer(struct timer *t, s_time_t expires);
void stop_timer(struct timer *t);
void kill_timer(struct timer *t);
void migrate_timer(struct timer *t, unsigned int cpu);

/* ---- locks ---- */
typedef struct { bool held; } spinlock_t;
#define spin_lock_init(l)       ((void)((l)->held = false))
#define spin_is_locked(l)       ((l)->held)
#define block_lock_speculation()
#define local_irq_is_enabled()  false

static inline void spin_lock(spinlock_t *l)
{
    ASSERT(!l->held);
    l->held = true;
}

static inline void spin_unlock(spinlock_t *l)
{
    ASSERT(l->held);
    l->held = false;
}

/* Fails now and then although nobody holds it, as on a machine whose pCPUs contend. */
bool spin_trylock(spinlock_t *l);

static inline unsigned long _spin_lock_irqsave(spinlock_t *l)
{
    spin_lock(l);
    return 0;
}

#define _spin_lock(l)                   spin_lock(l)
#define _spin_lock_irq(l)               spin_lock(l)
#define spin_lock_irq(l)                spin_lock(l)
#define spin_unlock_irq(l)              spin_unlock(l)
#define spin_lock_irqsave(l, f)         ((f) = _spin_lock_irqsave(l))
#define spin_unlock_irqrestore(l, f)    ((void)(f), spin_unlock(l))

typedef struct { int none; } rcu_read_lock_t;
struct rcu_head { int none; };
#define rcu_dereference(p)      (p)
#define rcu_assign_pointer(p, v) ((p) = (v))

/* ---- pCPUs ---- */
#define NR_CPUS         64
#define MAX_NUMNODES    4
extern unsigned int nr_cpu_ids;

typedef struct cpumask { unsigned long bits; } cpumask_t;
typedef cpumask_t cpumask_var_t[1];
#define zalloc_cpumask_var(m)   ((*(m))->bits = 0, true)
#define free_cpumask_var(m)     ((void)(m))

static inline unsigned int cpumask_next_from(unsigned int first, const cpumask_t *m)
{
    unsigned long rest = first < NR_CPUS ? m->bits >> first : 0;

    return rest ? first + __builtin_ctzl(rest) : nr_cpu_ids;
}

static inline unsigned int cpumask_first(const cpumask_t *m)
{
    return cpumask_next_from(0, m);
}

static inline unsigned int cpumask_next(int cpu, const cpumask_t *m)
{
    return cpumask_next_from(cpu + 1, m);
}

static inline unsigned int cpumask_cycle(int cpu, const cpumask_t *m)
{
    unsigned int next = cpumask_next(cpu, m);

    return next < nr_cpu_ids ? next : cpumask_first(m);
}

static inline bool cpumask_test_cpu(unsigned int cpu, const cpumask_t *m)
{
    ASSERT(cpu < nr_cpu_ids);
    return m->bits & BIT_(cpu);
}

static inline unsigned int cpumask_test_or_cycle(int cpu, const cpumask_t *m)
{
    return cpumask_test_cpu(cpu, m) ? (unsigned int)cpu : cpumask_cycle(cpu, m);
}

static inline void __cpumask_set_cpu(unsigned int cpu, cpumask_t *m)
{
    ASSERT(cpu < nr_cpu_ids);
    m->bits |= BIT_(cpu);
}

static inline void __cpumask_clear_cpu(unsigned int cpu, cpumask_t *m)
{
    ASSERT(cpu < nr_cpu_ids);
    m->bits &= ~BIT_(cpu);
}

#define cpumask_set_cpu(c, m)   __cpumask_set_cpu(c, m)
#define cpumask_clear_cpu(c, m) __cpumask_clear_cpu(c, m)
#define cpumask_clear(m)        ((void)((m)->bits = 0))
#define cpumask_copy(d, s)      ((void)((d)->bits = (s)->bits))
#define cpumask_and(d, a, b)    ((void)((d)->bits = (a)->bits & (b)->bits))
#define cpumask_or(d, a, b)     ((void)((d)->bits = (a)->bits | (b)->bits))
#define cpumask_andnot(d, a, b) ((void)((d)->bits = (a)->bits & ~(b)->bits))
#define cpumask_empty(m)        ((m)->bits == 0)
#define cpumask_intersects(a, b) (((a)->bits & (b)->bits) != 0)
#define cpumask_subset(a, b)    (((a)->bits & ~(b)->bits) == 0)
#define cpumask_weight(m)       __builtin_popcountl((m)->bits)
#define CPUMASK_PR(m)           nr_cpu_ids, (m)
#define for_each_cpu(cpu, m) \
    for ( (cpu) = cpumask_first(m); (cpu) < nr_cpu_ids; \
          (cpu) = cpumask_next(cpu, m) )

/* Lie in a section of their own, so that each scenario begins with zeroes. */
#define DECLARE_PER_CPU(type, name) extern typeof(type) per_cpu__##name[NR_CPUS]
#define DEFINE_PER_CPU(type, name) \
    __attribute__((__section__("percpu"))) typeof(type) per_cpu__##name[NR_CPUS]
#define per_cpu(name, cpu)      (per_cpu__##name[cpu])
#define this_cpu(name)          per_cpu(name, smp_processor_id())

DECLARE_PER_CPU(cpumask_var_t, cpu_sibling_mask);
DECLARE_PER_CPU(cpumask_var_t, cpu_core_mask);
extern cpumask_t cpu_online_map;
/* Of a pCPU that is there: what another had is freed. */
const cpumask_t *cpu_llc_mask(unsigned int cpu);

extern unsigned int harness_cpu;
extern bool harness_in_irq;
#define smp_processor_id()      harness_cpu
#define in_irq()                harness_in_irq

typedef struct { unsigned int count; } nodemask_t;
extern nodemask_t node_online_map;
extern cpumask_t node_masks[MAX_NUMNODES];
extern unsigned int cpu_nodes[NR_CPUS];
#define cpu_to_node(cpu)        (cpu_nodes[cpu])
#define node_to_cpumask(node)   (node_masks[node])
#define cycle_node(node, map)   (((node) + 1) % (map).count)

enum { SCHEDULE_SOFTIRQ };
void cpu_raise_softirq(unsigned int cpu, unsigned int nr);
void cpumask_raise_softirq(const cpumask_t *mask, unsigned int nr);

/* ---- domains ---- */
#define _VPF_blocked    0
#define VPF_blocked     (1UL << _VPF_blocked)
#define _VPF_down       1
#define _VPF_migrating  3

struct cpupool;

struct domain {
    domid_t domain_id;
    bool is_idle;
    atomic_t pause_count;
    struct cpupool *cpupool;
    void *sched_priv;
};

struct vcpu {
    unsigned int vcpu_id, processor;
    unsigned long pause_flags;
    atomic_t pause_count;
    int new_state;
    bool is_running;
    struct domain *domain;
    struct sched_unit *sched_unit;
};

/* Always of one vCPU: credit.c does not know the others. */
struct sched_unit {
    struct domain *domain;
    struct vcpu *vcpu_list;
    void *priv;
    struct sched_resource *res;
    unsigned int unit_id;
    bool is_running, soft_aff_effective, migrated;
    uint64_t state_entry_time;
    unsigned int runstate_cnt[4];
    cpumask_var_t cpu_hard_affinity, cpu_soft_affinity;
    struct sched_unit *next_task;
    s_time_t next_time;
};

#define for_each_sched_unit_vcpu(u, v) \
    for ( (v) = (u)->vcpu_list; (v); (v) = NULL )
#define is_idle_domain(d)       ((d)->is_idle)
#define is_idle_vcpu(v)         is_idle_domain((v)->domain)
#define is_vcpu_online(v)       (!test_bit(_VPF_down, &(v)->pause_flags))

static inline bool vcpu_runnable(const struct vcpu *v)
{
    return !(v->pause_flags | atomic_read(&v->pause_count) |
             atomic_read(&v->domain->pause_count));
}

void vcpu_pause_nosync(struct vcpu *v);
void vcpu_unpause(struct vcpu *v);

struct vcpu *harness_current(void);
#define current                 harness_current()

extern bool sched_smt_power_savings;

#endif /* HARNESS_EMUL_H */

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * indent-tabs-mode: nil
 * End:
 */
