/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small machine in virtual time: pCPUs, timers and softirqs, the part of Xen's
 * common/sched/core.c that calls a scheduler, and vCPUs that behave as they are told.
 *
 * There is one at a time, and all of it is a function of what it is given: the same
 * machine, guests and seed give the same schedule.
 */
#ifndef HARNESS_WORLD_H
#define HARNESS_WORLD_H

#include "private.h"
#include "variant.h"

#define MAX_PCPUS   16
#define MAX_ACTORS  64
#define MAX_DOMAINS 32
#define LATENCIES   512

/* A stream of random numbers. */
struct dice {
    uint64_t state;
};

uint64_t dice_throw(struct dice *dice);
/* From low to high, both included. */
uint64_t dice_between(struct dice *dice, uint64_t low, uint64_t high);

struct machine {
    unsigned int sockets, cores, threads;   /* cores of a socket, threads of a core */
    unsigned int cores_per_llc;
    unsigned int ratelimit_us, migration_delay_us;
    bool one_node;
    unsigned int contention;                /* per thousand of tried locks that fail */
};

/*
 * A vCPU works in bursts. A packet, from outside at intervals of gap or from another vCPU,
 * is worth a burst; then it goes to the vCPU `to', if there is one. One without work blocks.
 */
struct behaviour {
    bool hog;                   /* works for ever */
    s_time_t run_min, run_max;
    s_time_t gap_min, gap_max;  /* 0: nothing comes from outside */
    bool interrupts;            /* those from outside are interrupts, not timers */
    int to;                     /* actor, or -1 */
    int acks;                   /* actor that hears of each packet done, or -1 */
    unsigned int long_every;    /* a burst of long_run after so many, or 0 */
    s_time_t long_run;
    s_time_t far_cost;          /* more work for a packet whose sender's cache is another */
    unsigned int first;         /* packets that are there at the beginning */
};

#define QUEUE_LIMIT 256

struct actor {
    struct vcpu vcpu;
    struct sched_unit unit;
    struct behaviour does;
    struct dice dice;
    bool alive;

    unsigned int packets, bursts;
    bool acked;
    int from;                   /* who sent the last packet, or -1 */
    bool busy, burst_is_packet;
    s_time_t left;              /* of the burst */
    unsigned int last_cpu;
    s_time_t arrival;

    s_time_t running_since, woken_at, waiting_since;
    /* Results */
    s_time_t ran, near, far, longest_wait;
    uint64_t done, lost, switches, moves;
    uint32_t latency[LATENCIES];
};

struct decision {
    s_time_t when, slice;
    uint16_t cpu, domain, vcpu;
    int16_t priority;
    int credit;
};

struct world {
    const struct variant *variant;
    struct machine machine;
    struct scheduler ops;
    struct cpupool pool;
    struct domain domains[MAX_DOMAINS], idle_domain;
    struct actor actors[MAX_ACTORS];
    unsigned int nr_domains, nr_actors, caps[MAX_DOMAINS];

    struct sched_resource res[MAX_PCPUS];
    struct vcpu idle_vcpus[MAX_PCPUS];
    struct sched_unit idle_units[MAX_PCPUS];
    unsigned int softirqs;              /* a bit for each pCPU */
    s_time_t idle_since[MAX_PCPUS];     /* while somebody waits who might run there */

    uint64_t digest, nr_decisions;
    struct decision *log;
    uint64_t log_size;
    s_time_t wasted, longest_waste;
    uint64_t affinity_broken;
};

extern struct world world;

void world_begin(const struct variant *variant, const struct machine *machine,
                 uint64_t seed);
unsigned int world_add_domain(unsigned int weight, unsigned int cap);
unsigned int world_add_vcpu(unsigned int domain, const struct behaviour *does,
                            cpumask_t hard, cpumask_t soft, uint64_t seed);
void world_run(s_time_t until);
void world_set_weight_cap(unsigned int domain, unsigned int weight, unsigned int cap);
void world_set_affinity(unsigned int actor, cpumask_t hard, cpumask_t soft);
void world_pause(unsigned int domain);
void world_unpause(unsigned int domain);
void world_destroy_domain(unsigned int domain);
/* Unless it is the last. */
void world_remove_pcpu(unsigned int cpu);
void world_end(void);

s_time_t world_domain_ran(unsigned int domain);
/* The latency that a share of the actor's wake-ups does not exceed, in nanoseconds. */
s_time_t actor_latency(const struct actor *actor, double share);

#endif /* HARNESS_WORLD_H */
