/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What can be tuned of a vif while its traffic runs. The files are
 * /sys/class/net/<vif>/netback/<name>; the module parameters of the same names are the
 * defaults of vifs that come later.
 *
 * Without a word from the administrator the driver behaves like the stock one.
 */
#ifndef __XEN_NETBACK_TUNE_H__
#define __XEN_NETBACK_TUNE_H__

#include <linux/types.h>

struct xenvif;

#define XENVIF_RX_QUEUE_PACKETS_MAX 16384

/* When the guest is told of what it received; after D2, D4, D5 in VNET/P (2013). */
enum xenvif_notify_mode {
	XENVIF_NOTIFY_STOCK,	/* after every hypercall that copied something */
	XENVIF_NOTIFY_EOC,	/* at the end of a batch */
	XENVIF_NOTIFY_EARLY_EOC, /* also before the copy, if the guest bears it */
	XENVIF_NOTIFY_ADAPTIVE,	/* at low rates stock, at high ones eoc */
	XENVIF_NR_NOTIFY_MODES
};

/* See offload.c. */
enum xenvif_offload_mode {
	XENVIF_OFFLOAD_NATIVE,	/* offer the guest what the network card can do */
	XENVIF_OFFLOAD_EMULATE,	/* offer it everything */
	XENVIF_NR_OFFLOAD_MODES
};

/*
 * name, least, most, default:
 *
 * rx_queue_packets	frames that wait in a queue towards the guest before the qdisc
 *			has to hold them; 0: as many as rx_queue_bytes allows
 * rx_queue_bytes	bytes that may wait there, before frames are dropped; bounded,
 *			since a guest that takes nothing holds on to dom0's memory
 *			(XSA-392)
 * tx_budget		frames taken from a guest's queue before other devices get
 *			their turn
 * copy_batch		grant copies towards the guest in a hypercall
 * tx_copy		frames from the guest of up to this length are copied to dom0
 *			whole, up to a page only those that are not to be segmented, and
 *			above as txcopy.c has it; of longer ones the first 128 bytes are,
 *			and the rest is mapped
 * offload		enum xenvif_offload_mode
 * aggregate		frames that the guest sends one by one go to the bridge as large
 *			ones; not while cutthrough is set
 * cutthrough		frames for another guest of this host, with this set as well,
 *			go there without a mapping or an skb; needs fastbridge
 * hyperswitch		Xen carries them; needs cutthrough, with which it ends, and a Xen that
 *			can
 * notify		enum xenvif_notify_mode
 * notify_low_rate, notify_high_rate  frames a second between which "adaptive" stays as
 *			it is
 * notify_window_ms	over which the rate is taken, in milliseconds
 */
#define XENVIF_TUNABLES(X)						\
	X(rx_queue_packets, 0, XENVIF_RX_QUEUE_PACKETS_MAX, 0)		\
	X(rx_queue_bytes, 65536, 16 << 20, XENVIF_RX_QUEUE_BYTES)	\
	X(tx_budget, 1, NAPI_POLL_WEIGHT, NAPI_POLL_WEIGHT)		\
	X(copy_batch, 1, COPY_BATCH_SIZE, COPY_BATCH_SIZE)		\
	X(tx_copy, XENVIF_TX_COPY_LEAST, XENVIF_TX_COPY_MOST, XENVIF_TX_COPY_LEAST) \
	X(offload, 0, XENVIF_NR_OFFLOAD_MODES - 1, XENVIF_OFFLOAD_EMULATE) \
	X(aggregate, 0, 1, 0)						\
	X(cutthrough, 0, 1, 0)						\
	X(hyperswitch, 0, 1, 0)						\
	X(notify, 0, XENVIF_NR_NOTIFY_MODES - 1, XENVIF_NOTIFY_STOCK)	\
	X(notify_low_rate, 1, 1000000, 1000)				\
	X(notify_high_rate, 1, 1000000, 10000)				\
	X(notify_window_ms, 1, 1000, 5)

struct xenvif_tuning {
#define XENVIF_TUNABLE_FIELD(name, least, most, usual) unsigned int name;
	XENVIF_TUNABLES(XENVIF_TUNABLE_FIELD)
#undef XENVIF_TUNABLE_FIELD
};

enum xenvif_tunable_id {
#define XENVIF_TUNABLE_ID(name, least, most, usual) XENVIF_TUNE_##name,
	XENVIF_TUNABLES(XENVIF_TUNABLE_ID)
#undef XENVIF_TUNABLE_ID
	XENVIF_NR_TUNABLES
};

extern const char * const xenvif_tunable_names[XENVIF_NR_TUNABLES];

void xenvif_tune_init(struct xenvif *vif);
void xenvif_tune_free(struct xenvif *vif);
int xenvif_tune_set(struct xenvif *vif, enum xenvif_tunable_id id,
		    unsigned int value);
int xenvif_tune_parse(struct xenvif *vif, enum xenvif_tunable_id id,
		      const char *text);
int xenvif_tune_print(const struct xenvif *vif, enum xenvif_tunable_id id,
		      char *text);

#endif /* __XEN_NETBACK_TUNE_H__ */
