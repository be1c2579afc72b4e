# SPDX-License-Identifier: GPL-2.0
#
# make, make all     the modules, and the command, for the running kernel, or, where its headers
#                    are not installed, for the kernel of the emulated hosts; make modules,
#                    module-fastbridge, module-netback, tools: a part
# make help          this text
# make install       installs them for the running kernel, the command, its unit and the hook
# make uninstall     takes those away again, the modules for every kernel
# make xen           the hypervisor and xl with patches/xen-4.17; says where they are
# make deb           Debian packages, to build/deb
# make patches       patches/linux-6.1 anew, after a change in fastbridge/ or
#                    netback/
# make run           the main job in an emulated Xen host
# make test          the tests; make lint, test-harness, test-commands, test-bench, test-figures,
#                    test-fastbridge, test-netback, test-xen, test-credit-sched, test-hyperswitch,
#                    test-packages: a part
# make test-debug    those of fastbridge and netback in kernels with lockdep, kmemleak and
#                    KASAN or, for Xen's dom0, KFENCE
# make fuzz          random changes and frames for two bridges of which one has fastbridge;
#                    FRAMES=N (default 100000), SEED=N
# make test-long     what make test leaves out: a sender beside guests that are behind, by
#                    counted time; a hostile front end with each of netback's
#                    settings, what Xen carries, PVH guests, a card with offloads, fastnet
#                    profile
# make test-xen-patches  each patch for Xen, on top of those before it, builds
# make test-linux-patches  those for Linux apply to Debian's source and build in it
# make bench         the papers' figures as a page, build/results/bench/index.html; FIGURE=NAME
#                    for one of them alone
# make bench-bridge  instructions per frame on each path, to build/results/bridge.json
# make bench-netback the same from guest to guest and to the outside, to netback.json; ROUNDS=N
#                    (default 3), some 25 minutes each
# make bench-sched   what the scheduler does for I/O, on a host and in a model, to sched.json
#
# make setup         installs the Debian packages that all of this wants
# make emulated      the modules for the emulated hosts
# make bench-modules those that the hosts measure with
# make clean         removes the modules, and what runs and tests have left
#
# Everything that is built lies under build/.

EMULATED := $(shell bench/kernel-version 2>/dev/null)
RUNNING := $(shell uname -r)
KVER ?= $(if $(wildcard /lib/modules/$(RUNNING)/build),$(RUNNING),$(EMULATED))
# In recipes, so that it is asked after setup has installed the headers.
EMULATED_MODULES = $(B)/modules/$$(bench/kernel-version)
# For us; a compiler that is newer on somebody's host has more to say.
WERROR := -Werror

all: modules tools

# The comment at the head of this file.
help:
	@sed -n '1,2d; /^#/!q; s/^# \{0,1\}//p' $(firstword $(MAKEFILE_LIST))

include modules.mk

.DELETE_ON_ERROR:
.PHONY: all help bench-modules tools emulated install uninstall deb patches xen setup run test fuzz test-debug test-long test-xen-patches test-linux-patches lint bench bench-bridge bench-netback bench-sched clean

bench-modules:
	$(call kbuild,bench/modules)
	cp -u $(MODULES)/modules/*.ko $(MODULES)/

# The command, for the host.
VERSION := $(shell sed -n '1s/.*(\(.*\)).*/\1/p' debian/changelog)
FASTNET := $(wildcard tools/fastnet/*.[ch])
FASTNET_LIBRARIES := libmnl yajl ncurses

tools: $(B)/tools/fastnet

$(B)/tools/fastnet: $(FASTNET)
	mkdir -p $(@D)
	$(CC) -std=gnu11 -D_GNU_SOURCE -DFASTNET_VERSION='"$(VERSION)"' -Wall -Wextra $(WERROR) -O2 $(CFLAGS) \
		$(CPPFLAGS) -o $@ $(filter %.c,$^) $(LDFLAGS) $$(pkg-config --cflags --libs $(FASTNET_LIBRARIES))

# For another kernel than the running one only by its name: else nobody would notice.
ifeq ($(filter install,$(MAKECMDGOALS)) $(origin KVER),install file)
ifneq ($(KVER),$(RUNNING))
$(error $(RUNNING) has no headers here: install linux-headers-$(RUNNING), or say for which kernel, KVER=$(KVER))
endif
endif

# updates: what is there comes before the kernel's own xen-netback.
INSTALL := INSTALL_MOD_DIR=updates INSTALL_MOD_PATH=$(DESTDIR) modules_install
install: modules tools
	$(MAKE) -C $(KDIR) M=$(abspath $(MODULES))/fastbridge $(INSTALL)
	if netback/fits $(KVER) $(NETBACK)/$(DRIVER)/xen-netback.ko; then \
		$(MAKE) -C $(KDIR) M=$(NETBACK)/$(DRIVER) CONFIG_XEN_NETDEV_BACKEND=m $(INSTALL); fi
	depmod -b $(DESTDIR)/ $(KVER)
	install -D -m 644 tools/modprobe/xen-fastnet.conf $(DESTDIR)/lib/modprobe.d/xen-fastnet.conf
	install -D -m 755 -t $(DESTDIR)/etc/xen/scripts/vif-post.d tools/hotplug/conffile/xen-fastnet.hook
	install -D -m 644 -t $(DESTDIR)/usr/lib/xen-fastnet tools/hotplug/vif-post.d/xen-fastnet.hook
	install -D -m 755 $(B)/tools/fastnet $(DESTDIR)/usr/sbin/fastnet
	install -D -m 644 tools/man/fastnet.8 $(DESTDIR)/usr/share/man/man8/fastnet.8
	install -D -m 644 tools/man/fastnet.conf.5 $(DESTDIR)/usr/share/man/man5/fastnet.conf.5
	install -D -m 644 tools/completion/fastnet \
		$(DESTDIR)/usr/share/bash-completion/completions/fastnet
	install -D -m 644 -t $(DESTDIR)/lib/systemd/system tools/systemd/*.service
	install -D -m 644 -t $(DESTDIR)/lib/udev/rules.d tools/udev/61-xen-fastnet.rules

uninstall:
	for modules in $(DESTDIR)/lib/modules/*/updates; do \
		[ -e $$modules/fastbridge.ko ] || [ -e $$modules/xen-netback.ko ] || continue; \
		rm -f $$modules/fastbridge.ko $$modules/xen-netback.ko; \
		kernel=$${modules%/updates}; depmod -b $(DESTDIR)/ $${kernel##*/} || exit; \
	done
	rm -f $(DESTDIR)/lib/modprobe.d/xen-fastnet.conf \
		$(DESTDIR)/etc/xen/scripts/vif-post.d/xen-fastnet.hook $(DESTDIR)/usr/sbin/fastnet \
		$(DESTDIR)/usr/share/man/man8/fastnet.8 $(DESTDIR)/usr/share/man/man5/fastnet.conf.5 \
		$(DESTDIR)/usr/share/bash-completion/completions/fastnet \
		$(DESTDIR)/lib/systemd/system/xen-fastnet*.service \
		$(DESTDIR)/lib/udev/rules.d/61-xen-fastnet.rules
	rm -rf $(DESTDIR)/usr/lib/xen-fastnet

# The in-tree form of fastbridge/ and netback/, from their files and the hooks.
patches:
	patches/refresh

# dpkg-buildpackage writes beside and into its source, so it gets a copy.
deb: setup
	rm -rf $(B)/deb
	mkdir -p $(B)/deb/source
	git ls-files -coz --exclude-standard | tar -c --null -T - | tar -x -C $(B)/deb/source
	cd $(B)/deb/source && dpkg-buildpackage -b -us -uc

xen: setup
	bench/xen-hypervisor kit
	bench/xen-tools

setup:
	bench/setup

# For the kernel that the emulated hosts boot.
emulated: setup
	$(MAKE) KVER=$$(bench/kernel-version) modules bench-modules tools

run: emulated
	xen=$$(bench/xen-hypervisor kit) && \
	bench/xenhost --count --time-limit 1800 --xen $$xen --xen-append hyperswitch=1 \
		--module $(EMULATED_MODULES)/fastbridge.ko --module $(EMULATED_MODULES)/xen-netback.ko \
		bench/scenarios/run.sh

bench: emulated
	bench/figures $(EMULATED_MODULES) $(FIGURE)

bench-bridge: emulated
	bench/bridge $(EMULATED_MODULES)

bench-netback: emulated
	bench/netback $(EMULATED_MODULES) $(ROUNDS)

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

# The emulator ends PVH guests now and then: nothing else is left out for that.
test-long: emulated
	failed=0; \
	tests/netback/run -a -j 2 -t 4000 -s 'hostile\|smart\|beside\|pvh\|hyperswitch' $(EMULATED_MODULES) || failed=1; \
	tests/xen/run $(EMULATED_MODULES) fastnet_profile || failed=1; \
	$(MAKE) -C hyperswitch long || failed=1; \
	bench/xenhost --guest-type pvh bench/scenarios/xen-smoke.sh || failed=1; \
	exit $$failed

# 100 instead of 1,000 repetitions: in these kernels all takes several times as long. Of netback's
# hosts each has both CPUs: what it may wait is a time, and is over before such a kernel is there.
test-debug: setup
	kernel=$$(bench/debug-kernel bare) && version=$$(cat $$kernel/version) && \
	$(MAKE) KVER=$$version KDIR=$$kernel/lib/modules/$$version/build module-fastbridge bench-modules && \
	tests/fastbridge/run -j 2 -k $$kernel -n 100 -t 10800 $(B)/modules/$$version/fastbridge.ko
	kernel=$$(bench/debug-kernel xen) && version=$$(cat $$kernel/version) && \
	$(MAKE) KVER=$$version KDIR=$$kernel/lib/modules/$$version/build modules && \
	tests/netback/run -k $$kernel -t 6000 $(B)/modules/$$version

clean:
	rm -rf $(B)/modules $(B)/run $(B)/tests
