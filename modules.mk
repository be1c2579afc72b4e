# SPDX-License-Identifier: GPL-2.0
#
# The kit's modules for the kernel KVER with the headers KDIR, to build/modules/KVER. The
# Makefile includes it; on a host with the package, dkms has it alone.

B := build
KDIR ?= /lib/modules/$(KVER)/build
MODULES = $(B)/modules/$(KVER)
# The stock driver's source with the kit's hooks and files.
NETBACK = $(abspath $(MODULES))/netback
DRIVER := drivers/net/xen-netback

.PHONY: modules module-fastbridge module-netback

modules: module-fastbridge module-netback

# $(call kbuild,FOLDER): Kbuild writes beside its sources, so it gets a copy of them. One at a time,
# here and below, since two that are at the same files take them away from each other.
define kbuild
	mkdir -p $(MODULES)/$(notdir $(1))
	cp -ru $(1)/Kbuild $(1)/*.[ch] $(wildcard $(1)/include) $(MODULES)/$(notdir $(1))/
	flock $(MODULES) $(MAKE) -C $(KDIR) M=$(abspath $(MODULES))/$(notdir $(1)) W=1 KCFLAGS='$(WERROR)' modules
endef

# Only what is new: a host that runs may be about to load what is there.
module-fastbridge:
	$(call kbuild,fastbridge)
	cp -u $(MODULES)/fastbridge/fastbridge.ko $(MODULES)/

module-netback:
	netback/source $(NETBACK) $(KVER)
	flock $(MODULES) $(MAKE) -C $(KDIR) M=$(NETBACK)/$(DRIVER) CONFIG_XEN_NETDEV_BACKEND=m \
		KCFLAGS='$(WERROR) -I$(NETBACK)/include' modules
	cp -u $(NETBACK)/$(DRIVER)/xen-netback.ko $(MODULES)/
