/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small machine: domains with pages, grants and event channels, and a clock that stands still.
 * There is one at a time. What goes wrong in it is set here; a leak, a double free, or a lock
 * that is held twice ends the run.
 */
#ifndef HARNESS_WORLD_H
#define HARNESS_WORLD_H

#define WORLD_DOMAINS   6
#define WORLD_PAGES     16384
#define BACKEND         0       /* domain of that number */

struct world {
    struct domain *domain[WORLD_DOMAINS];
    struct page_info page[WORLD_PAGES];
    unsigned int pages;
    s_time_t now;
    uint64_t dice;

    unsigned int fail_alloc;    /* the how manieth allocation from now on fails; 0: none */
    unsigned int fail_grant;    /* likewise of grants */
    unsigned int fail_copy;     /* and of copies from or to the caller */
    unsigned int fail_type;     /* and of pages that are to be written */
    s_time_t tick;              /* that passes with each look at the clock */
    s_time_t grant_time[WORLD_DOMAINS]; /* and with each grant of a domain's */
    unsigned int interrupt;     /* after so many questions for softirqs another vCPU is to run */
    unsigned int softirqs;      /* what is pending all the time, one bit each */
    unsigned int running;       /* the domain that timers interrupt */
    bool pending;               /* there are events for who blocks */
    unsigned int continued;     /* hypercalls of guests that have been interrupted */
    bool xsm_forbids[WORLD_DOMAINS][WORLD_DOMAINS];
    bool xsm_forbids_maps;
    bool xsm_forbids_events;
    bool foreign;               /* pages that are named are another domain's */
    void (*meddle)(void);       /* called in between, whenever Xen looks at a grant */
    void (*contend)(void);      /* called once, before the how manieth lock is taken */
    unsigned int contend_at;
    void (*turn)(void);         /* called when a guest has made way; NULL: it is the next again */
    bool makes_way;
    s_time_t busy;              /* with something else, before it goes on */
    unsigned int turns;         /* how often one has */
};
extern struct world world;
/* The boot option. */
extern bool *const param_opt_hyperswitch;

/* Ends the last one. */
void world_begin(uint64_t seed);
/* Kills all domains; what is then still had by anybody ends the run. */
void world_end(void);
uint64_t world_random(void);
unsigned int world_below(unsigned int n);

struct page_info *world_page(unsigned int domid);
grant_ref_t world_grant(unsigned int domid, struct page_info *page, bool readonly);
/* Connects a channel of one domain with one of another; returns the former's port. */
evtchn_port_t world_connect(unsigned int domid, unsigned int to);
/* The hypercall by which a domain sends an event, with all its continuations. */
int world_send(unsigned int domid, evtchn_port_t port);
/* Time passes, and timers fire. */
void world_pass(s_time_t time);
/* Events that a domain has got by a port since the last time that it was asked. */
unsigned int world_events(unsigned int domid, evtchn_port_t port);
void world_kill(unsigned int domid);

/* A hypercall of the back end's, with all its continuations. */
long world_call(unsigned int cmd, void *arg, unsigned int count);

#endif /* HARNESS_WORLD_H */
