// SPDX-License-Identifier: GPL-2.0
#include "costs.h"

const struct cost_set cost_sets[] = {
    [COSTS_BOTH] = { "paper", true, true },
    [COSTS_GUEST] = { "paper-guest-only", false, true },
    [COSTS_EQUAL] = { "equal", false, false },
};

enum {
    CLOCK, BRIDGE, BRIDGE_INSTRUCTIONS, CHANNEL, CHANNEL_INSTRUCTIONS, NATIVE, NATIVE_CORES,
    OTHER, MSS, HEADERS, LINE, WINDOW, TICK, TICK_PERIOD, INPUTS
};

/* "Paper" is Liao and others, ANCS 2008. */
static const struct {
    const char *name, *unit;
    double value;
    const char *source;
} inputs[INPUTS] = {
    [CLOCK] = { "clock", "MHz", 2660,
        "not in the paper, which says Xeon 5300 and 1333 MHz bus: one of these (X5355)" },
    [BRIDGE] = { "bridge", "cycles", 11000, "paper, table 1" },
    [BRIDGE_INSTRUCTIONS] = { "bridge", "instructions", 4000, "paper, table 1" },
    [CHANNEL] = { "I/O channel", "cycles", 8500, "paper, table 1, with the data copied" },
    [CHANNEL_INSTRUCTIONS] = { "I/O channel", "instructions", 1500, "paper, table 1" },
    [NATIVE] = { "Linux without Xen", "Mb/s", 5500, "paper, section 1" },
    [NATIVE_CORES] = { "Linux without Xen", "cores", 1,
        "not in the paper, as are all of the guest's cycles: one busy core is assumed; up to "
        "3 the guest remains faster than dom0, as in figure 4" },
    [OTHER] = { "driver and rest of dom0", "cycles", 0,
        "not in the paper; bridge and channel already are more than its 105 % of a core at "
        "2.3 Gb/s" },
    [MSS] = { "payload of a full packet", "bytes", 1448, "the paper's MTU of 1500" },
    [HEADERS] = { "headers", "bytes", 66, "Ethernet 14, IP 20, TCP with time stamps 32" },
    [LINE] = { "cache line", "bytes", 64, "the paper's processor" },
    [WINDOW] = { "packets in flight", "packets", 32,
        "paper, section 6.2: TCP loses what exceeds the backend's queue of 32" },
    [TICK] = { "tick of dom0's other vCPUs", "us", 40, "not in the paper: a guess" },
    [TICK_PERIOD] = { "from tick to tick", "us", 4000,
        "not in the paper: Linux's usual 250 Hz" },
};

unsigned int payload(unsigned int message_size)
{
    return min(message_size, (unsigned int)inputs[MSS].value);
}

static unsigned int lines(unsigned int bytes)
{
    return (bytes + inputs[HEADERS].value + inputs[LINE].value - 1) / inputs[LINE].value;
}

/*
 * The channel's instructions take longer than the bridge's because it copies a packet that
 * is in no cache of its own, neither where it is read nor where it is written. All that they
 * take longer is given to these lines, though entering the hypervisor has its part in it.
 */
static double line_cycles(void)
{
    double as_bridge = inputs[CHANNEL_INSTRUCTIONS].value * inputs[BRIDGE].value /
                       inputs[BRIDGE_INSTRUCTIONS].value;

    return (inputs[CHANNEL].value - as_bridge) / (2 * lines(inputs[MSS].value));
}

/*
 * A full packet's in the guest: what Linux needs without Xen, which finds it in no cache
 * either, as it comes from the NIC.
 */
static double guest_cycles(void)
{
    double packets = inputs[NATIVE].value * 1e6 / 8 / inputs[MSS].value;

    return inputs[NATIVE_CORES].value * inputs[CLOCK].value * 1e6 / packets;
}

static s_time_t to_ns(double cycles)
{
    return cycles * 1000 / inputs[CLOCK].value + 0.5;
}

/*
 * The paper's cycles are those of full packets in different caches. Of a smaller packet
 * fewer lines are copied: one read and one written in dom0, one read in the guest.
 */
struct costs costs_of(const struct cost_set *set, unsigned int message_size)
{
    unsigned int full = lines(inputs[MSS].value), here = lines(payload(message_size));
    double saved = (full - here) * line_cycles(), misses = here * line_cycles();
    double dom0 = inputs[BRIDGE].value + inputs[CHANNEL].value + inputs[OTHER].value -
                  2 * saved;
    double guest = guest_cycles() - saved;

    return (struct costs){
        .dom0 = to_ns(dom0 - set->dom0_misses * misses),
        .dom0_far = to_ns(set->dom0_misses * misses),
        .guest = to_ns(guest - set->guest_misses * misses),
        .guest_far = to_ns(set->guest_misses * misses),
    };
}

s_time_t tick_cost(void)
{
    return MICROSECS(inputs[TICK].value);
}

s_time_t tick_period(void)
{
    return MICROSECS(inputs[TICK_PERIOD].value);
}

unsigned int costs_window(void)
{
    return inputs[WINDOW].value;
}

void print_costs(void)
{
    unsigned int i;

    for ( i = 0; i < INPUTS; i++ )
        printf("# %-26s %6.0f %-12s %s\n", inputs[i].name, inputs[i].value, inputs[i].unit,
               inputs[i].source);
    printf("# %-26s %6.0f %-12s derived: what the channel's instructions take longer than "
           "the bridge's\n", "missed line", line_cycles(), "cycles");
    printf("# %-26s %6.0f %-12s derived from Linux without Xen\n", "guest", guest_cycles(),
           "cycles");
}
