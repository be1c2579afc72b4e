/* SPDX-License-Identifier: GPL-2.0 */
/* The VLANs of a port, as the bridge announces them. */
#ifndef _FASTBRIDGE_VLAN_H
#define _FASTBRIDGE_VLAN_H

#include <linux/bitmap.h>
#include <linux/if_vlan.h>

struct fb_bridge;
struct fb_monitor;
struct fb_port;
struct nlmsghdr;

/**
 * struct fb_vlans - the VLANs of a port
 * @in_doubt: the bridge has to be asked; until then there are none
 * @due: it is to be asked, though it is believed what it has announced
 * @counted: among those of users' namespaces that are asked about
 * @asked: when it was last, in jiffies
 * @seq: changes whenever something is announced of them; no two ports have the same
 * @pvid: that of untagged frames which arrive, 0 for none
 * @forwards: by id, in which frames may be forwarded: the port is a member and
 *	the VLAN's state is forwarding
 * @untagged: in which of these they leave without a tag
 */
struct fb_vlans {
	bool in_doubt;
	bool due;
	bool counted;
	unsigned long asked;
	unsigned int seq;
	u16 pvid;
	DECLARE_BITMAP(forwards, VLAN_N_VID);
	DECLARE_BITMAP(untagged, VLAN_N_VID);
};

void fb_vlan_unasked(struct fb_port *port);
void fb_vlan_announced(struct fb_monitor *monitor, const struct nlmsghdr *nlh);
void fb_vlan_forgo(struct fb_port *port);
void fb_vlan_forgo_all(struct fb_bridge *bridge);
void fb_vlan_doubt(struct fb_bridge *bridge);
void fb_vlan_put_off(struct fb_bridge *bridge);
void fb_vlan_audit(struct fb_bridge *bridge);
void fb_vlan_init(struct fb_monitor *monitor);
void fb_vlan_exit(struct fb_monitor *monitor);

#endif /* _FASTBRIDGE_VLAN_H */
