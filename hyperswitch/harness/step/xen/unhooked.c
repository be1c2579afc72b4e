/* SPDX-License-Identifier: GPL-2.0 */
/*
 * evtchn_send() as it is without hyperswitch's hook, but for channels as they
 * are with it. See Makefile for its name here.
 */
#include <xen/event.h>
#include <xen/hyperswitch.h>
#include <xen/sched.h>

#undef CONFIG_HYPERSWITCH
#include "../common/event_channel.c"
