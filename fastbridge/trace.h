/* SPDX-License-Identifier: GPL-2.0 */
/* What the fast path decides, for perf and ftrace. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM fastbridge

#if !defined(_FASTBRIDGE_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _FASTBRIDGE_TRACE_H

#include <linux/netdevice.h>
#include <linux/tracepoint.h>

#include "bridge.h"
#include "port.h"

#define FB_TRACE_REASON(id, name) { FB_##id, #name },

TRACE_EVENT(fastbridge_forward,
	TP_PROTO(const struct fb_port *in, const struct fb_port *out,
		 const struct sk_buff *skb),
	TP_ARGS(in, out, skb),
	TP_STRUCT__entry(
		__string(in, in->dev->name)
		__string(out, out->dev->name)
		__field(unsigned int, len)
		__field(bool, direct)
	),
	TP_fast_assign(
		__assign_str(in, in->dev->name);
		__assign_str(out, out->dev->name);
		__entry->len = skb->len + ETH_HLEN;
		__entry->direct = READ_ONCE(in->bridge->xmit) == FB_XMIT_DIRECT;
	),
	TP_printk("in=%s out=%s len=%u xmit=%s", __get_str(in), __get_str(out),
		  __entry->len, __entry->direct ? "direct" : "queue")
);

TRACE_EVENT(fastbridge_stock,
	TP_PROTO(const struct net_device *in, const struct sk_buff *skb,
		 int reason),
	TP_ARGS(in, skb, reason),
	TP_STRUCT__entry(
		__string(in, in->name)
		__field(unsigned int, len)
		__field(int, reason)
	),
	TP_fast_assign(
		__assign_str(in, in->name);
		__entry->len = skb->len + ETH_HLEN;
		__entry->reason = reason;
	),
	TP_printk("in=%s len=%u reason=%s", __get_str(in), __entry->len,
		  __print_symbolic(__entry->reason,
				   FB_COUNTERS(FB_TRACE_REASON) { -1, NULL }))
);

#endif /* _FASTBRIDGE_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
