# SPDX-License-Identifier: GPL-2.0
BUILD ?= build
CC ?= gcc
CLANG ?= clang
BPFTOOL ?= bpftool
PREFIX ?= /usr/local
ARCH := $(shell uname -m | sed 's/x86_64/x86/; s/aarch64/arm64/')
VERSION := 0.1.0

Q = $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' $(1) $(patsubst $(BUILD)/%,%,$(2)))

CFLAGS ?= -O2 -g
WARN = -Wall -Wextra -Werror
CPPFLAGS_ALL = -D_GNU_SOURCE -DRSTTRACE_VERSION='"$(VERSION)"' $(if $(HAVE_LIBDW),-DHAVE_LIBDW) -Ibpf -Iuser -I$(BUILD) $(CPPFLAGS)
# The branch protection that the processor offers: shadow stack and landing pads.
BRANCHES = $(if $(filter x86,$(ARCH)),-fcf-protection,-mbranch-protection=standard)
HARDEN = -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection \
	$(BRANCHES)
# Paths of this folder are kept out of the results, so that these are the same wherever they are built.
CFLAGS_ALL = -std=gnu11 $(WARN) $(CFLAGS) -ffile-prefix-map=$(CURDIR)=. \
	$(if $(SAN),-fsanitize=address$(comma)undefined,$(HARDEN)) $(if $(STATIC),,-fPIE)
comma := ,
BPF_CFLAGS = -g -O2 -target bpf -ffile-prefix-map=$(CURDIR)=.
# Stacks of programs need libdw, which unwinds and names, and libiberty, which demangles C++ and
# Rust. Without them all else works, and --stacks says what it lacks.
DW_LIBS = -ldw -lelf $(if $(STATIC),-llzma -lbz2 -lzstd -lz) -liberty
HAVE_LIBDW := $(shell echo 'int dwfl_begin(); int cplus_demangle(); int main() { return dwfl_begin() + cplus_demangle(); }' | \
	$(CC) $(CPPFLAGS) $(LDFLAGS) $(if $(STATIC),-static) -w -x c - -o /dev/null $(DW_LIBS) 2>/dev/null && echo yes)
LIBS = $(if $(HAVE_LIBDW),$(DW_LIBS)) -lbpf -lelf -lz -lzstd -lm -ljansson -lnettle -lseccomp -lncursesw -ltinfo -lpthread
LDFLAGS_ALL = $(if $(STATIC),-static,-pie) -Wl,-z,relro,-z,now $(LDFLAGS)

USER_SRC := $(wildcard user/*/*.c)
USER_OBJ := $(filter-out $(if $(STATIC),,%/no_tls.o),$(USER_SRC:user/%.c=$(BUILD)/user/%.o))
# what the unit tests link: everything but main() and the skeleton
PURE_OBJ := $(filter-out %/main.o %/loader.o %/object.o %/session.o %/late_hooks.o %/give_up.o %/top_run.o %/metering.o %/metrics_server.o %/kernel_totals.o %/no_tls.o %/spare.o %/ring.o %/tally.o,$(USER_OBJ))
UNIT := $(patsubst tests/unit/test_%.c,$(BUILD)/unit/test_%,$(wildcard tests/unit/test_*.c))

.PHONY: all
all: $(BUILD)/rsttrace	## build the tool (STATIC=1: without shared libraries, V=1: show commands)

$(BUILD)/rsttrace.bpf.o: $(wildcard bpf/*.c bpf/*.h) vmlinux/vmlinux.h
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -D__TARGET_ARCH_$(ARCH) $(WARN) -Ivmlinux -Ibpf \
		-c bpf/rsttrace.bpf.c -o $(@:.o=.tmp.o)
	$(Q)$(BPFTOOL) gen object $@ $(@:.o=.tmp.o)

$(BUILD)/%.skel.h: $(BUILD)/%.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf > $@.tmp
	$(Q)mv $@.tmp $@

# ---- the page of --html: its style and its scripts go into the program

WEB := user/page/web
WEB_JS := $(addprefix $(WEB)/,util.js data.js filter.js table.js diagram.js story.js chart.js main.js)
# The chart library: from the tarball of "make dist", else from npm as the lock file says. Without
# either the page is built without it, and says so; after "make clean" it is tried again.
LIBRARY := build/library
UPLOT = $(firstword $(wildcard $(WEB)/library) $(LIBRARY)/node_modules/uplot)

$(LIBRARY)/library.js: $(WEB)/package-lock.json $(wildcard $(WEB)/library/*)
	$(call say,NPM,$(LIBRARY))
	$(Q)rm -rf $(LIBRARY) && mkdir -p $(LIBRARY) && cp $(WEB)/package*.json $(LIBRARY)
	$(Q)[ -d $(WEB)/library ] || (cd $(LIBRARY) && npm ci --ignore-scripts --fetch-retries=1 \
		--fetch-timeout=30000 >npm.log 2>&1) || \
		echo "  no npm, or no registry ($(LIBRARY)/npm.log): the page of --html goes without its chart library"
	$(Q)touch $(LIBRARY)/library.css $(LIBRARY)/library.tmp
	$(Q)[ ! -d $(UPLOT) ] || { \
		{ echo '/*! uPlot'; cat $(UPLOT)/LICENSE; echo '*/'; cat $(UPLOT)/dist/uPlot.iife.min.js; } \
			>$(LIBRARY)/library.tmp && cp $(UPLOT)/dist/uPlot.min.css $(LIBRARY)/library.css; }
	$(Q)mv $(LIBRARY)/library.tmp $@

$(BUILD)/page_files.h: $(WEB)/page.css $(WEB_JS) $(LIBRARY)/library.js
	$(call say,PAGE,$@)
	$(Q)mkdir -p $(@D)
	$(Q){ echo '"use strict";'; cat $(WEB_JS); } >$@.js
	$(Q)array() { echo "static const unsigned char $$1[] = {"; od -An -v -tu1 "$$2" | sed 's/[0-9][0-9]*/&,/g'; \
		echo '0 };'; }; { array library_css $(LIBRARY)/library.css; array page_css $(WEB)/page.css; \
		array library_js $(LIBRARY)/library.js; array page_js $@.js; } >$@.tmp
	$(Q)mv $@.tmp $@

$(BUILD)/user/page/bundle.o: $(BUILD)/page_files.h

$(BUILD)/user/%.o: user/%.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c $< -o $@

$(addprefix $(BUILD)/user/attach/,loader.o object.o spare.o): $(BUILD)/rsttrace.skel.h

# so that STATIC=1 after a build without it, or the reverse, links again
LINKED := $(BUILD)/.linked-$(if $(STATIC),static,shared)
$(LINKED):
	$(Q)mkdir -p $(@D) && rm -f $(BUILD)/.linked-* && touch $@

$(BUILD)/rsttrace: $(USER_OBJ) $(LINKED)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) $(USER_OBJ) -o $@ -lmicrohttpd $(LIBS)

# ---- what the tests are made of

# every test gets a state, which few use
UNIT_CC = $(CC) $(CPPFLAGS_ALL) -Itests/unit $(CFLAGS_ALL) -Wno-unused-parameter
# what the unit tests share
SHARED_OBJ := $(patsubst tests/unit/%.c,$(BUILD)/unit/%.o,$(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c)))

$(SHARED_OBJ): $(BUILD)/unit/%.o: tests/unit/%.c $(wildcard tests/unit/*.h bpf/wire*.h user/*/*.h)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(UNIT_CC) -c $< -o $@

$(BUILD)/unit/test_filter_kernel: bpf/filter.bpf.h
$(BUILD)/unit/test_%: tests/unit/test_%.c $(wildcard tests/unit/*.h) $(SHARED_OBJ) $(PURE_OBJ)
	$(call say,TEST,$@)
	$(Q)$(UNIT_CC) $< $(SHARED_OBJ) $(PURE_OBJ) -o $@ -lcmocka $(LIBS)

# replays recordings with events left out
$(BUILD)/weaken: $(wildcard tests/weaken/*.c tests/weaken/*.h) $(PURE_OBJ)
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS_ALL) -Itests/weaken $(CFLAGS_ALL) $(filter %.c,$^) $(PURE_OBJ) -o $@ $(LIBS)

$(BUILD)/destroy.bpf.o $(BUILD)/witness.bpf.o: $(BUILD)/%.bpf.o: tests/scenarios/bpf/%.bpf.c vmlinux/vmlinux.h
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -D__TARGET_ARCH_$(ARCH) $(WARN) -Ivmlinux -c $< -o $@

$(BUILD)/scenarios: $(wildcard tests/scenarios/*.c tests/scenarios/*.h) $(BUILD)/destroy.skel.h $(BUILD)/witness.skel.h
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(CPPFLAGS) $(WARN) -O2 -g -static -Itests/scenarios -I$(BUILD) \
		$(filter %.c,$^) -o $@ $(LDFLAGS) -ljansson -lnettle -lbpf -lelf -lz -lpthread

# cuts a kernel's BTF down to what the choice of hooks reads
$(BUILD)/btf/cut: tests/btf/cut.c $(PURE_OBJ)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $^ -o $@ $(LIBS)

# the programs, and a variable in_kernel_T for every struct T that they take the kernel to have
$(BUILD)/btf/types.bpf.o: $(wildcard bpf/*.c bpf/*.h) vmlinux/vmlinux.h
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)echo '#include "rsttrace.bpf.c"' > $(@:.o=.c)
	$(Q){ $(CLANG) -E -P -D__TARGET_ARCH_$(ARCH) vmlinux/vmlinux.h; \
		grep -hE '^struct [a-z0-9_]+___[a-z0-9_]+ \{' bpf/*.h; } | \
		sed -nE 's/^struct ([a-z0-9_]+) \{$$/struct \1 in_kernel_\1;/p' >> $(@:.o=.c)
	$(Q)$(CLANG) $(BPF_CFLAGS) -D__TARGET_ARCH_$(ARCH) $(WARN) -Ivmlinux -Ibpf \
		-c $(@:.o=.c) -o $@

$(BUILD)/btf/fields: $(wildcard tests/btf/fields.c tests/btf/uses.*)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -D_GNU_SOURCE $(filter %.c,$^) -o $@ -lbpf -lelf -lz

# has the kernel verify every program, and counts instructions
$(BUILD)/insns: tests/verifier/insns.c $(PURE_OBJ) $(BUILD)/user/attach/object.o
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS_ALL) $^ -o $@ $(LIBS)

# the loader, with a program that is broken just before it is loaded
$(BUILD)/refused: tests/verifier/refused.c $(PURE_OBJ) $(addprefix $(BUILD)/user/attach/,object.o loader.o spare.o)
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS_ALL) -Wl,--wrap=object_constants $^ -o $@ $(LIBS)

# the loader, with refused runs reported to it
$(BUILD)/spares: tests/verifier/spares.c $(PURE_OBJ) $(addprefix $(BUILD)/user/attach/,object.o loader.o spare.o)
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS_ALL) -Wl,--wrap=object_constants \
		-Wl,--wrap=bpf_obj_get_info_by_fd -Wl,--wrap=poll $^ -o $@ $(LIBS)

# has one allocation fail
$(BUILD)/nomem.so: tests/faults/nomem.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARN) -O2 -shared -fPIC $< -o $@

# the metrics of a recording, for the hostile names
$(BUILD)/hostile_metrics: tests/hostile/metrics.c $(PURE_OBJ)
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $^ -o $@ $(LIBS)

$(BUILD)/early_close: tests/live/early_close.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARN) -O2 $< -o $@

# static: it is for guests, too
$(BUILD)/with_caps: tests/live/with_caps.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARN) -O2 -static $< -o $@

# static: it is for guests, too
$(BUILD)/follow: tests/live/follow.c $(wildcard bpf/wire*.h)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARN) -O2 -static -Ibpf $< -o $@ -ljansson -lbpf -lelf -lz -lpthread

# prints the documents that are made from the program's tables
$(BUILD)/gendocs: $(wildcard tools/*.c tools/*.h) $(PURE_OBJ)
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS_ALL) -Itools $(CFLAGS_ALL) $(filter %.c,$^) $(PURE_OBJ) -o $@ $(LIBS)

$(BUILD)/bench/pingpong: tests/bench/pingpong.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARN) -O2 $(if $(STATIC),-static) $< -o $@

# writes incidents by the million, for the report to read
$(BUILD)/bench/incidents: tests/bench/incidents.c $(PURE_OBJ)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $^ -o $@ $(LIBS)

$(BUILD)/bench/empty.bpf.o: tests/bench/empty.bpf.c
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -D__TARGET_ARCH_$(ARCH) $(WARN) -Ivmlinux -c $< -o $@

$(BUILD)/bench/empty: tests/bench/empty.c $(BUILD)/bench/empty.bpf.o
	$(call say,CC,$@)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARN) -O2 $(if $(STATIC),-static) $< -o $@ -lbpf -lelf -lz

# how often programs run, and for how long
$(BUILD)/bench/runs: tests/bench/runs.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS_ALL) $< -o $@ $(LIBS)

# what the unit tests link, under the fuzzer
FUZZERS := pipeline recording report page input pull options host message
FUZZ_CC = $(CLANG) $(CPPFLAGS_ALL) -std=gnu11 $(WARN) -gline-tables-only -O1 -fno-omit-frame-pointer \
	-fno-sanitize-recover=undefined
FUZZ_OBJ := $(PURE_OBJ:$(BUILD)/user/%=$(BUILD)/fuzz/user/%)
$(BUILD)/fuzz/user/%.o: user/%.c
	$(call say,FUZZ,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer-no-link,address,undefined -MMD -MP -c $< -o $@

$(BUILD)/fuzz/user/page/bundle.o: $(BUILD)/page_files.h

$(addprefix $(BUILD)/fuzz/,$(FUZZERS)): $(BUILD)/fuzz/%: tests/fuzz/%.c tests/fuzz/fuzz.h $(FUZZ_OBJ)
	$(call say,FUZZ,$@)
	$(Q)$(FUZZ_CC) -Itests/fuzz -fsanitize=fuzzer,address,undefined $(filter %.c %.o,$^) -o $@ $(LIBS)

.PHONY: static test-programs bench-programs
static:
	$(Q)$(MAKE) --no-print-directory STATIC=1 BUILD=$(BUILD)/static all \
		$(addprefix $(BUILD)/static/,scenarios insns with_caps refused spares follow bench/runs)

arm64:	## cross-build to build/arm64, static, with Debian's cross compiler and arm64 libraries
	$(Q)libs=$$(tests/vm/sysroot.sh arm64)/usr && \
	$(MAKE) --no-print-directory STATIC=1 ARCH=arm64 BUILD=$(BUILD)/arm64 CC=aarch64-linux-gnu-gcc \
		CPPFLAGS=-I$$libs/include LDFLAGS=-L$$libs/lib/aarch64-linux-gnu \
		all $(BUILD)/arm64/scenarios

# with frame pointers, without, and statically linked
RESETTERS := $(addprefix $(BUILD)/stacks/,pointer plain static)
$(BUILD)/stacks/pointer: HOW = -fno-omit-frame-pointer
$(BUILD)/stacks/plain: HOW = -fomit-frame-pointer
$(BUILD)/stacks/static: HOW = -fno-omit-frame-pointer -static
$(RESETTERS): tests/live/resetter.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARN) -O2 -g -Wl,--build-id $(HOW) $< -o $@

test-programs: all $(UNIT) $(RESETTERS) $(addprefix $(BUILD)/,scenarios early_close with_caps btf/cut weaken hostile_metrics nomem.so)

bench-programs: all $(addprefix $(BUILD)/bench/,pingpong empty incidents runs)

# ---- targets for people

.PHONY: dist deb arm64 build-deps demo picture screenshots check check-fleet check-all check-unit check-vm bench fuzz faults soak hardening docs captures lint install uninstall clean deps deps-hardening help
demo: all $(BUILD)/early_close	## cause a handful of resets on loopback and show what rsttrace says
	@tests/live/demo.sh $(BUILD)

check: test-programs bench-programs static	## run all tests; ends with "N passed, N failed, N skipped"
	@BUILD=$(BUILD) tests/check.sh

check-all: test-programs bench-programs static	## the same, and the guests leave nothing out: by hand, it takes long
	@BUILD=$(BUILD) tests/check.sh --all

check-unit: test-programs	## only what needs neither root nor a kernel's consent
	@BUILD=$(BUILD) tests/check.sh unit golden

check-fleet: test-programs bench-programs	## the central store: definitions, shipping, truth over hosts, dashboards
	@tests/fleet/fleet.sh $(BUILD)

KERNEL ?= 6.1
GUEST := $(if $(filter %-arm64,$(KERNEL)),arm64,static)
check-vm: $(GUEST)	## run the scenarios in a guest: KERNEL=5.10, 6.1, 6.12, newest (-rt, -arm64), or a vmlinuz with MODULES=
	@BUILD=$(BUILD)/$(GUEST) tests/vm/run.sh $(KERNEL) $(if $(HOOKS),--hooks $(HOOKS))

bench: bench-programs	## what tracing costs, beside tcpdump and bpftrace
	@BUILD=$(BUILD) tests/bench/run.sh
	@BUILD=$(BUILD) tests/bench/whole.sh

SECONDS ?= 60
FUZZ_SECONDS ?= $(SECONDS)
MINUTES ?= 20
# SECONDS has a default for fuzz, so only one that was given counts here
SOAK_SECONDS = $(if $(filter-out file,$(origin SECONDS)),$(SECONDS),$(shell expr $(MINUTES) '*' 60))
fuzz: $(addprefix $(BUILD)/fuzz/,$(FUZZERS)) $(BUILD)/early_close	## feed broken bytes to all that reads any, SECONDS=60 for each target
	@tests/fuzz/run.sh $(FUZZ_SECONDS) $(BUILD) $(FUZZERS)

hardening: test-programs	## what reads the code for faults (deps-hardening), sanitizers, valgrind (root: live, too)
	@tests/hardening/run.sh $(BUILD)

faults: test-programs static	## faults of memory, disks, processes, clocks: every allocation, a million connections (root)
	@tests/faults/run.sh --all $(BUILD)

soak: test-programs	## all traffic that the tests know against one tracer, MINUTES=20 or SECONDS=45 (root)
	@tests/soak/soak.py $(BUILD) $(SOAK_SECONDS)

DOCS := docs/record.md docs/causes.md docs/messages.md docs/rsttrace.8 docs/rsttrace-report.1 \
	$(addprefix contrib/completion/,rsttrace.bash rsttrace.fish _rsttrace) \
	contrib/wireshark/rsttrace.lua

docs: $(BUILD)/gendocs	## write the references, the manual and the completion anew
	$(Q)$(foreach f,$(DOCS),$(BUILD)/gendocs $(notdir $f) > $f &&) true

# where each shell looks for completions below PREFIX/share
IN_BASH := bash-completion/completions/rsttrace
IN_FISH := fish/vendor_completions.d/rsttrace.fish
IN_ZSH := zsh/vendor-completions/_rsttrace
IN_LUA := rsttrace/rsttrace.lua
IN_RULES := rsttrace/rsttrace.rules.yml
IN_CONF := rsttrace/rsttrace.conf
IN_UNIT := lib/systemd/system

picture: all $(BUILD)/early_close	## the picture in README, docs/rsttrace.svg, of a run made now (root)
	@tests/live/picture.sh $(BUILD) >docs/rsttrace.svg.new && mv docs/rsttrace.svg.new docs/rsttrace.svg

screenshots: all	## pictures of the page of --html, in build/screenshots
	@tests/page/page.py $(BUILD) --shots $(BUILD)/screenshots

captures: all	## write what top looks like on a terminal to build/captures
	@tests/live/top.py $(BUILD) --captures $(BUILD)/captures

lint:	## include directions, file lengths, both compilers, shell scripts
	@tests/lint.sh

install: all	## install to PREFIX (default /usr/local) below DESTDIR
	install -D -m 755 $(BUILD)/rsttrace $(DESTDIR)$(PREFIX)/sbin/rsttrace
	install -D -m 644 docs/rsttrace.8 $(DESTDIR)$(PREFIX)/share/man/man8/rsttrace.8
	install -D -m 644 docs/rsttrace-report.1 $(DESTDIR)$(PREFIX)/share/man/man1/rsttrace-report.1
	install -D -m 644 contrib/completion/rsttrace.bash $(DESTDIR)$(PREFIX)/share/$(IN_BASH)
	install -D -m 644 contrib/completion/rsttrace.fish $(DESTDIR)$(PREFIX)/share/$(IN_FISH)
	install -D -m 644 contrib/completion/_rsttrace $(DESTDIR)$(PREFIX)/share/$(IN_ZSH)
	install -D -m 644 contrib/wireshark/rsttrace.lua $(DESTDIR)$(PREFIX)/share/$(IN_LUA)
	install -D -m 644 contrib/prometheus/rsttrace.rules.yml $(DESTDIR)$(PREFIX)/share/$(IN_RULES)
	install -D -m 644 contrib/systemd/rsttrace.conf $(DESTDIR)$(PREFIX)/share/$(IN_CONF)
	install -d $(DESTDIR)$(PREFIX)/$(IN_UNIT)
	sed 's|^ExecStart=/usr/|ExecStart=$(PREFIX)/|' contrib/systemd/rsttrace.service >$(DESTDIR)$(PREFIX)/$(IN_UNIT)/rsttrace.service
	chmod 644 $(DESTDIR)$(PREFIX)/$(IN_UNIT)/rsttrace.service

uninstall:	## remove what install put there
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/,sbin/rsttrace $(IN_UNIT)/rsttrace.service \
		$(addprefix share/,man/man8/rsttrace.8 man/man1/rsttrace-report.1 $(IN_BASH) $(IN_FISH) $(IN_ZSH) $(IN_LUA) $(IN_RULES) $(IN_CONF)))

DIST := rsttrace-$(VERSION)

dist: static $(LIBRARY)/library.js	## build/rsttrace-VERSION.tar.gz (sources) and -static.tar.gz (a program for any host)
	$(Q)rm -rf $(BUILD)/dist && mkdir -p $(BUILD)/dist/$(DIST)
	$(Q)git ls-files -z | xargs -0 cp --parents -t $(BUILD)/dist/$(DIST)
	$(Q)[ ! -d $(UPLOT) ] || install -D -m 644 -t $(BUILD)/dist/$(DIST)/$(WEB)/library $(UPLOT)/LICENSE
	$(Q)[ ! -d $(UPLOT) ] || install -D -m 644 -t $(BUILD)/dist/$(DIST)/$(WEB)/library/dist \
		$(addprefix $(UPLOT)/dist/,uPlot.iife.js uPlot.iife.min.js uPlot.min.css)
	$(Q)$(TAR) -czf $(BUILD)/$(DIST).tar.gz -C $(BUILD)/dist $(DIST)
	$(Q)rm -rf $(BUILD)/dist
	$(Q)env -u MAKEFLAGS $(MAKE) -s install BUILD=$(BUILD)/static STATIC=1 \
		DESTDIR=$(CURDIR)/$(BUILD)/dist PREFIX=/$(DIST)
	$(Q)cp LICENSE README.md $(BUILD)/dist/$(DIST)
	$(Q)$(TAR) -czf $(BUILD)/$(DIST)-static.tar.gz -C $(BUILD)/dist $(DIST)
	$(call say,DIST,$(BUILD)/$(DIST).tar.gz)

# the same bytes from the same files
TAR = tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@$(EPOCH)
EPOCH = $(or $(SOURCE_DATE_EPOCH),$(shell git log -1 --format=%ct))

deb: dist	## build/deb/rsttrace_VERSION_ARCH.deb, by debhelper
	$(Q)rm -rf $(BUILD)/deb && mkdir -p $(BUILD)/deb
	$(Q)cp $(BUILD)/$(DIST).tar.gz $(BUILD)/deb/rsttrace_$(VERSION).orig.tar.gz
	$(Q)tar -xzf $(BUILD)/$(DIST).tar.gz -C $(BUILD)/deb
	$(Q)cp -r contrib/debian $(BUILD)/deb/$(DIST)/debian
	$(Q)cd $(BUILD)/deb/$(DIST) && env -u MAKEFLAGS -u MAKELEVEL -u BUILD dpkg-buildpackage -b -us -uc

deps:	## install what the build and the tests need (Debian, Ubuntu, Fedora)
	@contrib/install-deps.sh

deps-hardening:	## install the readers of code that "make hardening" asks, beside what deps installs
	@contrib/install-deps.sh hardening

build-deps:	## install only what the build and the demo need
	@contrib/install-deps.sh build

clean:	## remove what was built, but not the kernels that were fetched
	rm -rf $(filter-out $(BUILD)/kernels,$(wildcard $(BUILD)/*))

help:	## this list
	@sed -nE 's/^([a-z0-9-]+):.*\t## (.*)/\1\t\2/p' $(firstword $(MAKEFILE_LIST)) | \
		awk -F '\t' '{ printf "  make %-14s %s\n", $$1, $$2 }'

-include $(USER_OBJ:.o=.d) $(FUZZ_OBJ:.o=.d)
