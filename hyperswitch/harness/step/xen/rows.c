/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is counted: a guest sends the event for what it has put on its ring,
 * from evtchn_send() until that returns, which is all of the hypercall but its
 * entry and the reading of its argument. If Xen is not done by then it is sent
 * again, and that is counted as well. What is put off until a timer fires is a
 * row of its own. So are events by a channel without a ring, which are to be
 * what they are in a Xen that knows of none.
 */
#include <xen/event.h>
#include <xen/softirq.h>

#include "../common/hyperswitch/hs.h"
#include "bed.h"

void step_main(void);

/* The sender, and who gets it. */
static struct step_front a, b;

static const struct {
    struct step_row row;
    struct step_frame frame;
} table[] = {
    { { "64 x 64 B", 64, 64 * 64 }, { 64, 64 } },
    { { "64 x 1400 B", 64, 64 * 1400 }, { 1400, 1400 } },
    /* 45 segments, as Linux makes them: headers, and 16 pages. */
    { { "8 x 64 KiB", 8, 8 * 65226 }, { 65226, 66, true } },
    { { "1 x 64 B", 1, 64 }, { 64, 64 } },
};
#define LONE            (ARRAY_SIZE(table) - 1)
static const struct step_row put_off = { "put off after 1 x 64 B", 1, 64 };
static const struct step_row known = { "known", 1, 1, STEP_KNOWN };
static const struct step_row unhooked = { "an event, without the hook", 1 };
static const struct step_row other = {
    "an event by another channel", 1, .above = 3,
};
static struct step_row pins = { "granted pages, by either way", 1 };

static int softirqs(struct domain *d, unsigned int port)
{
    do_softirq();

    return 0;
}

static int call(step_call *what, struct domain *d, unsigned int port)
{
    return what(d, port);
}

static int count(step_call *what, bool counted, struct domain *d,
                 unsigned int port)
{
    return (counted ? step_count : call)(what, d, port);
}

/* Others have their turn before Xen goes on with the event. */
static void send_event(bool counted)
{
    int rc;

    while ( (rc = count(evtchn_send, counted, a.domain,
                        a.attach.tx_port)) == -ERESTART )
        do_softirq();
    MUST(!rc);
}

static void carry(const struct step_row *row, const struct step_frame *frame,
                  bool counted)
{
    unsigned int i;

    step_front_post(&b);
    for ( i = 0; i < row->frames; i++ )
        step_front_put(&a, &b, frame, i);
    step_front_push(&a);
    send_event(counted);
    MUST(step_front_receive(&b) == row->bytes);
    MUST(step_seen(b.domain, b.attach.rx_port));
    MUST(!step_seen(step_domain(0), a.attach.tx_port));
}

/* The sender has not looked for its responses, and is told. */
static void put_off_ends(bool counted)
{
    step_pass(MILLISECS(1));
    count(softirqs, counted, a.domain, 0);
    MUST(step_seen(a.domain, a.attach.tx_port));
    step_front_reap(&a);
}

static void do_row(unsigned int nr, bool counted)
{
    if ( counted )
        step_say(STEP_ROW, &table[nr].row);
    carry(&table[nr].row, &table[nr].frame, counted);
    put_off_ends(false);
}

static void do_put_off(void)
{
    carry(&table[LONE].row, &table[LONE].frame, false);
    step_say(STEP_ROW, &put_off);
    put_off_ends(true);
}

/* For what is received: by no event of that channel is a ring served. */
static void do_other(step_call *what, bool counted)
{
    MUST(!count(what, counted, a.domain, a.attach.rx_port));
    MUST(step_seen(step_domain(0), a.attach.rx_port));
}

/* What netback shares and says before anything is carried. */
static void lend(void)
{
    struct domain *dom0 = step_domain(0);
    struct hs_state *states = step_page(dom0);
    struct hs_page page = { .gfn = virt_to_mfn(states) };
    struct hs_page gens = { .kind = HS_PAGE_GENS };

    step_op(HSOP_page, &page);
    gens.gfn = virt_to_mfn(step_page(dom0));
    step_op(HSOP_page, &gens);
    MUST(!page.status && !gens.status);
    step_front_init(&a, 1, states);
    step_front_init(&b, 2, states);
    step_front_flows(&a, &b);
}

/* On the stack that has a current. */
void step_main(void)
{
    unsigned int i;

    step_cpu_init();
    lend();
    step_run(a.domain);
    step_say(STEP_ROW, &known);
    step_count(step_known, a.domain, 0);
    for ( i = 0; i < ARRAY_SIZE(table); i++ )
    {
        /* What is there only the first time is not counted. */
        do_row(i, false);
        do_row(i, true);
    }
    do_put_off();
    do_other(evtchn_send, false);
    step_say(STEP_ROW, &unhooked);
    do_other(step_unhooked, true);
    step_say(STEP_ROW, &other);
    do_other(evtchn_send, true);
    /* These are to be the same again, which does not take long to see. */
    do_row(LONE, true);
    do_put_off();
    pins.cases = step_pins();
    step_say(STEP_ROW, &pins);
    step_exit();
}
