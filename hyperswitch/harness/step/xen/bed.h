/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The bed: just so much of a machine that Xen's own code, which was compiled
 * for the lower half of the address space, carries frames in a process.
 *
 * start.S    the process begins; what is counted is called
 * memory.c   the direct map and the frame table
 * cpu.c      a pCPU and its softirqs
 * clock.c    its clock
 * rest.c     what else of Xen is called
 * domain.c   domains with a vCPU, pages, grants and event channels
 * lend.c     a back end's hypercalls
 * front.c    a front end's rings
 * unhooked.c Xen's own part of what is counted, to compare with
 * rows.c     what is counted
 * pins.c     what is compared, case by case
 *
 * There is no speed to be had: what is not counted may take what it likes. Nor
 * is anything ever freed.
 */
#ifndef STEP_BED_H
#define STEP_BED_H

#include <xen/sched.h>
#include <public/hyperswitch.h>
#include <public/io/netif.h>

#include "protocol.h"

#define STEP_STR_(x)    #x
#define STEP_STR(x)     STEP_STR_(x)
/* Whatever the bed does has to work. */
#define MUST(c)                                                        \
    do {                                                               \
        if ( unlikely(!(c)) )                                          \
            step_say(STEP_WRONG, __FILE__ ":" STEP_STR(__LINE__) ": "  \
                                 #c);                                  \
    } while ( 0 )

/* start.S */
typedef int step_call(struct domain *d, unsigned int port);
void step_say(unsigned int what, const void *about);
void step_exit(void);
/* Calls it, and has the instructions counted from its first to its last. */
int step_count(step_call *what, struct domain *d, unsigned int port);
step_call step_known;
#define STEP_KNOWN      1000

/* unhooked.c */
step_call step_unhooked;

/* pins.c */
unsigned int step_pins(void);

/* memory.c */
/* Zeroes. */
void *step_alloc(unsigned long size, unsigned long align);

/* cpu.c */
void step_cpu_init(void);
/* Time passes, and softirqs are to see what is due by then. */
void step_pass(s_time_t time);

/* clock.c */
void step_clock_set(s_time_t now);

/* domain.c */
struct domain *step_domain(domid_t domid);
void step_run(struct domain *d);
void *step_page(struct domain *d);
grant_ref_t step_grant(struct domain *d, grant_ref_t ref, const void *va,
                       bool readonly);
/* Connects a port of one with the same one of the other. */
void step_connect(struct domain *d, struct domain *other, evtchn_port_t port);
/* The guest has seen an event, if there was one. */
bool step_seen(struct domain *d, evtchn_port_t port);

/* lend.c */
void step_op(unsigned int cmd, void *arg);

/* front.c */
#define STEP_RING       256
struct step_front {
    struct domain *domain;
    struct hs_attach attach;
    netif_tx_front_ring_t tx;
    netif_rx_front_ring_t rx;
    void *tx_page[STEP_RING], *rx_page[STEP_RING];
    grant_ref_t tx_ref[STEP_RING], rx_ref[STEP_RING];
};

/* What its frames look like; they differ in addresses and ports. */
struct step_frame {
    unsigned int len;
    unsigned int head;          /* what is in the first slot of it */
    bool gso;
};
/* As many MAC addresses are behind who gets them. */
#define STEP_FLOWS      4

void step_front_init(struct step_front *front, domid_t domid,
                     struct hs_state *states);
void step_front_flows(const struct step_front *from,
                      const struct step_front *to);
void step_front_put(struct step_front *from, const struct step_front *to,
                    const struct step_frame *frame, unsigned int i);
void step_front_push(struct step_front *from);
void step_front_post(struct step_front *to);
unsigned int step_front_receive(struct step_front *to);
void step_front_reap(struct step_front *from);

#endif /* STEP_BED_H */
