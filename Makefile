# liquidbench: `make help` lists the targets.

CC      ?= gcc
PREFIX  ?= /usr/local
BUILD   ?= build
CFLAGS  ?= -O3 -g
VERSION := 0.1.0
COMMIT  := $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)

PACKAGES  = gsl libcjson libmd openblas
STANDARD  = -std=c17 -D_GNU_SOURCE -Isrc
WARNINGS  = -Wall -Wextra -Werror -Wno-format-truncation -Wshadow -Wstrict-prototypes \
            -Wmissing-prototypes
# Vectorisable, and still IEEE: NaN stays NaN, and the same inputs give the same bits.
ENGINE    = -fopenmp-simd -fno-math-errno -fno-trapping-math -ffp-contract=fast
ALL_FLAGS = $(STANDARD) $(WARNINGS) $(ENGINE) $(shell pkg-config --cflags $(PACKAGES)) $(CFLAGS)
LIBRARIES = $(shell pkg-config --libs $(PACKAGES)) -lcsv -lm

# The cells (src/model/cells) are compiled once for each instruction set and chosen at run
# time (src/model/cell.c). Other processors than x86-64 get the portable code alone.
ifneq ($(filter x86_64 amd64,$(shell uname -m)),)
ISAS = portable avx2 avx512
endif
ISAS ?= portable
FLAGS_portable =
FLAGS_avx2     = -march=x86-64-v3
FLAGS_avx512   = -march=x86-64-v4 -mprefer-vector-width=512

ENGINE_SOURCES  := $(sort $(wildcard src/model/cells/*.c))
GENERAL_SOURCES := $(filter-out $(ENGINE_SOURCES),$(sort $(wildcard src/*/*.c src/*/*/*.c)))


UNIT_TESTS   := $(sort $(wildcard tests/unit/test_*.c))
DOUBLE_TESTS := $(sort $(wildcard tests/gradient/test_*.c))
TEST_HELPERS := $(sort $(wildcard tests/support/*.c))

.PHONY: all
all: liquidbench ## build ./liquidbench (the default)

liquidbench: $(BUILD)/liquidbench
	@cp $< $@

# $(1): object folder, $(2): extra compiler flags. The library, the tests' support code and rules to
# compile them; used for the program and again with double precision for the gradient checks.
define library_rules
$(1)/libliquidbench.a: $(GENERAL_SOURCES:src/%.c=$(1)/%.o) \
        $(foreach isa,$(ISAS),$(ENGINE_SOURCES:src/%.c=$(1)/$(isa)/%.o))
	@rm -f $$@
	$$(AR) rcs $$@ $$^

$(1)/libsupport.a: $(TEST_HELPERS:tests/%.c=$(1)/tests/%.o)
	@rm -f $$@
	$$(AR) rcs $$@ $$^

$(1)/%.o: src/%.c $(BUILD)/flags
	@mkdir -p $$(@D)
	$$(CC) $$(ALL_FLAGS) $(2) -MMD -MP -c -o $$@ $$<

$(1)/tests/%.o: tests/%.c $(BUILD)/flags
	@mkdir -p $$(@D)
	$$(CC) $$(ALL_FLAGS) -Itests $(2) -MMD -MP -c -o $$@ $$<

$(foreach isa,$(ISAS),
$(1)/$(isa)/%.o: src/%.c $(BUILD)/flags
	@mkdir -p $$(@D)
	$$(CC) $$(ALL_FLAGS) $$(FLAGS_$(isa)) -DISA=$(isa) $(2) -MMD -MP -c -o $$@ $$<
)
endef

$(eval $(call library_rules,$(BUILD),))
$(eval $(call library_rules,$(BUILD)/double,-DLIQUIDBENCH_DOUBLE))

$(BUILD)/liquidbench: $(BUILD)/main.o $(BUILD)/libliquidbench.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBRARIES)

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/libsupport.a $(BUILD)/libliquidbench.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBRARIES) -lcmocka

$(BUILD)/double/tests/gradient/%: $(BUILD)/double/tests/gradient/%.o \
        $(BUILD)/double/libsupport.a $(BUILD)/double/libliquidbench.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBRARIES) -lcmocka

# Rebuilds everything when the compiler or its flags change.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(ALL_FLAGS) $(ISAS)' | cmp -s - $@ || echo '$(CC) $(ALL_FLAGS) $(ISAS)' > $@
.PHONY: FORCE
FORCE:

TEST_PROGRAMS := $(UNIT_TESTS:tests/%.c=$(BUILD)/tests/%) \
                 $(DOUBLE_TESTS:tests/%.c=$(BUILD)/double/tests/%)

.PHONY: unit-tests
unit-tests: $(TEST_PROGRAMS) ## the module tests alone
	@tests/run-unit-tests $(TEST_PROGRAMS)

.PHONY: clean
clean: ## remove everything that was built
	rm -rf $(BUILD) liquidbench

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

.SECONDARY:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
