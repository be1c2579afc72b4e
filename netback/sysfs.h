/* SPDX-License-Identifier: GPL-2.0 */
/* /sys/class/net/<vif>/netback. */
#ifndef __XEN_NETBACK_SYSFS_H__
#define __XEN_NETBACK_SYSFS_H__

struct xenvif;

int xenvif_sysfs_add(struct xenvif *vif);
void xenvif_sysfs_remove(struct xenvif *vif);

#endif /* __XEN_NETBACK_SYSFS_H__ */
