# SPDX-License-Identifier: GPL-2.0
BUILD ?= build
CC ?= gcc
CLANG ?= clang
BPFTOOL ?= bpftool
ARCH := $(shell uname -m | sed 's/x86_64/x86/; s/aarch64/arm64/')
VERSION := 0.1.0

Q = $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' $(1) $(patsubst $(BUILD)/%,%,$(2)))

CFLAGS ?= -O2 -g
WARN = -Wall -Wextra -Werror
CPPFLAGS_ALL = -D_GNU_SOURCE -DRSTTRACE_VERSION='"$(VERSION)"' -Ibpf -Iuser -I$(BUILD) $(CPPFLAGS)
CFLAGS_ALL = -std=gnu11 $(WARN) $(CFLAGS)
LIBS = -lbpf -lelf -lz -ljansson -lnettle -lseccomp
LDFLAGS_ALL = $(if $(STATIC),-static) $(LDFLAGS)

USER_SRC := $(wildcard user/*.c)
USER_OBJ := $(USER_SRC:user/%.c=$(BUILD)/user/%.o)

.PHONY: all
all: $(BUILD)/rsttrace

$(BUILD)/rsttrace.bpf.o: $(wildcard bpf/*.c bpf/*.h) vmlinux/vmlinux.h
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) -g -O2 -target bpf -D__TARGET_ARCH_$(ARCH) $(WARN) -Ivmlinux -Ibpf \
		-c bpf/rsttrace.bpf.c -o $(@:.o=.tmp.o)
	$(Q)$(BPFTOOL) gen object $@ $(@:.o=.tmp.o)

$(BUILD)/rsttrace.skel.h: $(BUILD)/rsttrace.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name rsttrace_bpf > $@.tmp
	$(Q)mv $@.tmp $@

$(BUILD)/user/%.o: user/%.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c $< -o $@

$(BUILD)/user/loader.o: $(BUILD)/rsttrace.skel.h

$(BUILD)/rsttrace: $(USER_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) $^ -o $@ $(LIBS)

-include $(USER_OBJ:.o=.d)
