# SPDX-License-Identifier: GPL-2.0
#
# make               the modules for the running kernel, or, where its headers are not
#                    installed, for the kernel of the emulated hosts
# make install       installs them for the running kernel, and the hotplug hook
# make xen           the hypervisor and xl with patches/xen-4.17; says where they are
# make patches       patches/linux-6.1 anew, after a change in fastbridge/ or
#                    netback/
# make run           the main job in an emulated Xen host
# make test          all tests; make lint, test-bench, test-fastbridge, test-netback,
#                    test-xen, test-credit-sched: a part
# make test-debug    those of fastbridge and netback in kernels with lockdep, kmemleak and
#                    KASAN or, for Xen's dom0, KFENCE
# make fuzz          random changes and frames for two bridges of which one has fastbridge;
#                    FRAMES=N (default 100000), SEED=N
# make test-hostile  all cases of a hostile front end with each of netback's settings
# make test-xen-patches  each patch for Xen, on top of those before it, builds
# make test-linux-patches  those for Linux apply to Debian's source and build in it
# make bench-bridge  instructions per frame on each path, to build/results/bridge.json
# make bench-netback the same from guest to guest and to the outside, to netback.json
# make bench-sched   what the scheduler does for I/O, on a host and in a model, to sched.json
#
# Everything that is built lies under build/.

B := build
EMULATED := $(shell bench/kernel-version 2>/dev/null)
RUNNING := $(shell uname -r)
KVER ?= $(if $(wildcard /lib/modules/$(RUNNING)/build),$(RUNNING),$(EMULATED))
KDIR ?= /lib/modules/$(KVER)/build
MODULES := $(B)/modules/$(KVER)
# The stock driver's source with the kit's hooks and files.
NETBACK = $(abspath $(MODULES))/netback
DRIVER := drivers/net/xen-netback
# In recipes, so that it is asked after setup has installed the headers.
EMULATED_MODULES = $(B)/modules/$$(bench/kernel-version)

.DELETE_ON_ERROR:
.PHONY: all modules module-fastbridge module-netback bench-modules emulated install patches xen setup run test fuzz test-debug test-hostile test-xen-patches test-linux-patches lint bench-bridge bench-netback bench-sched clean

all: modules

# $(call kbuild,FOLDER): Kbuild writes beside its sources, so it gets a copy of them.
define kbuild
	mkdir -p $(MODULES)/$(notdir $(1))
	cp -ru $(1)/Kbuild $(1)/*.[ch] $(wildcard $(1)/include) $(MODULES)/$(notdir $(1))/
	$(MAKE) -C $(KDIR) M=$(abspath $(MODULES))/$(notdir $(1)) W=1 modules
endef

modules: module-fastbridge module-netback

module-fastbridge:
	$(call kbuild,fastbridge)
	cp $(MODULES)/fastbridge/fastbridge.ko $(MODULES)/

module-netback:
	netback/source $(NETBACK) $(KVER)
	$(MAKE) -C $(KDIR) M=$(NETBACK)/$(DRIVER) CONFIG_XEN_NETDEV_BACKEND=m \
		KCFLAGS='-Werror -I$(NETBACK)/include' modules
	cp $(NETBACK)/$(DRIVER)/xen-netback.ko $(MODULES)/

bench-modules:
	$(call kbuild,bench/modules)
	cp $(MODULES)/modules/*.ko $(MODULES)/

# updates: what is there comes before the kernel's own xen-netback.
INSTALL := INSTALL_MOD_DIR=updates INSTALL_MOD_PATH=$(DESTDIR) modules_install
install: modules
	$(MAKE) -C $(KDIR) M=$(abspath $(MODULES))/fastbridge $(INSTALL)
	$(MAKE) -C $(KDIR) M=$(NETBACK)/$(DRIVER) CONFIG_XEN_NETDEV_BACKEND=m $(INSTALL)
	depmod -b $(DESTDIR)/ $(KVER)
	install -D -m 755 tools/hotplug/vif-post.d/xen-fastnet.hook \
		$(DESTDIR)/etc/xen/scripts/vif-post.d/xen-fastnet.hook

# The in-tree form of fastbridge/ and netback/, from their files and the hooks.
patches:
	patches/refresh

xen: setup
	bench/xen-hypervisor kit
	bench/xen-tools

setup:
	bench/setup

# For the kernel that the emulated hosts boot.
emulated: setup
	$(MAKE) KVER=$$(bench/kernel-version) modules bench-modules

run: emulated
	bench/xenhost --count --module $(EMULATED_MODULES)/fastbridge.ko bench/scenarios/run.sh

bench-bridge: emulated
	bench/bridge $(EMULATED_MODULES)

bench-netback: emulated
	bench/netback $(EMULATED_MODULES)

bench-sched: setup
	bench/sched

test-xen-patches: setup
	tests/xen/patches

test-linux-patches: setup
	tests/linux-patches

test: emulated
	tests/run $$(bench/kernel-version)

lint: setup
	tests/lint $$(bench/kernel-version)

# One suite alone: make test-fastbridge, for instance.
test-%: emulated
	tests/run $$(bench/kernel-version) $*

fuzz: emulated
	tests/fastbridge/run -p fuzz $(SEED:%=-s %) $(FRAMES:%=-f %) -t 86400 \
		$(EMULATED_MODULES)/fastbridge.ko

test-hostile: emulated
	tests/netback/run -a -s hostile $(EMULATED_MODULES)

# 100 instead of 1,000 repetitions: in these kernels all takes several times as long.
test-debug: setup
	kernel=$$(bench/debug-kernel bare) && version=$$(cat $$kernel/version) && \
	$(MAKE) KVER=$$version KDIR=$$kernel/lib/modules/$$version/build module-fastbridge && \
	tests/fastbridge/run -k $$kernel -n 100 -t 3600 $(B)/modules/$$version/fastbridge.ko
	kernel=$$(bench/debug-kernel xen) && version=$$(cat $$kernel/version) && \
	$(MAKE) KVER=$$version KDIR=$$kernel/lib/modules/$$version/build modules && \
	tests/netback/run -a -k $$kernel -t 6000 $(B)/modules/$$version

clean:
	rm -rf $(B)/modules $(B)/run $(B)/tests
