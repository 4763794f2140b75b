# liquidbench: `make help` lists the targets.

PREFIX  ?= /usr/local
BUILD   ?= build
# -g1 is enough for backtraces and profiles, and compiles a quarter faster than -g.
CFLAGS  ?= -O3 -g1
VERSION := 0.1.0
COMMIT  := $(shell git describe --always --dirty --exclude='*' --abbrev=12 2>/dev/null || echo unknown)

# All cores, unless -j says otherwise.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)
endif

# Asked for when the first recipe needs them, because `quickstart` and `test` may have to install
# pkg-config and the libraries before that.
# LIBXSMM is used where there is one (x86-64); OpenBLAS alone does as well, more slowly.
XSMM           = $(shell pkg-config --exists libxsmm && echo libxsmm)
# OpenBLAS is loaded when a product needs it (src/math/matmul.c): only its header is needed here.
# MPI=1 adds the ranks of `mpirun` (src/experiment/run/ranks.c); docs/clusters.md says what for.
PACKAGES       = $(XSMM) gsl libcjson libmd zlib $(if $(MPI),mpi-c)
PACKAGE_CFLAGS = $(eval PACKAGE_CFLAGS := $$(shell pkg-config --cflags $(PACKAGES) openblas) $$(if $(XSMM),-DHAS_LIBXSMM) $$(if $(MPI),-DHAS_MPI))$(PACKAGE_CFLAGS)
PACKAGE_LIBS   = $(eval PACKAGE_LIBS := $$(shell pkg-config --libs $(PACKAGES)))$(PACKAGE_LIBS)

# Times before 1901 and after 2038, and large files, on 32-bit systems, too.
STANDARD  = -std=c17 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 -Isrc
# WERROR=1 makes warnings errors, as .ci/run and `make lint` do: a newer compiler's new warning must
# not keep a user from building.
WARNINGS  = -Wall -Wextra $(if $(WERROR),-Werror) -Wno-format-truncation -Wshadow -Wstrict-prototypes \
            -Wmissing-prototypes $(if $(findstring clang,$(CC)),-Wno-unknown-warning-option -Wno-pass-failed)
# Vectorisable, and still IEEE: NaN stays NaN, and the same inputs give the same bits.
ENGINE    = -fopenmp-simd -fno-math-errno -fno-trapping-math -ffp-contract=fast \
            $(if $(filter s390x,$(shell uname -m)),$(FLAGS_s390x))
# For the shared library, too; gcc makes the same code of it as for a position-independent program.
SHARED    = -fPIC -fvisibility=hidden
ALL_FLAGS = $(STANDARD) $(WARNINGS) $(ENGINE) $(SHARED) $(PACKAGE_CFLAGS) $(CFLAGS)
# LIBXSMM can fall back on a BLAS; matmul.c does not let it, and stubs take that one's place.
LIBRARIES = $(PACKAGE_LIBS) $(if $(XSMM),-lxsmmnoblas) -lcsv -lm -ldl -pthread
# For programs that are compiled more often than they run. At -O1 alone gcc leaves the AVX registers dirty, and
# libm takes twenty times as long; clang does not know the option that mends it.
QUICK     = -O1 -fexpensive-optimizations -Wno-ignored-optimization-argument
SANITIZE  = $(QUICK) -fno-omit-frame-pointer -fsanitize=address,undefined,float-cast-overflow \
            -fno-sanitize-recover=all

# The cells (src/engine/cells) are compiled once for each instruction set and chosen at run
# time (src/engine/cell.c). Other processors than x86-64 get the portable code alone.
ifneq ($(filter x86_64 amd64,$(shell uname -m)),)
ISAS = portable avx2 avx512
endif
ISAS ?= portable
FLAGS_portable =
FLAGS_avx2     = -march=x86-64-v3
FLAGS_avx512   = -march=x86-64-v4 -mprefer-vector-width=512

ENGINE_SOURCES  := $(sort $(wildcard src/engine/cells/*.c))
GENERAL_SOURCES := $(filter-out $(ENGINE_SOURCES),$(sort $(wildcard src/*/*.c src/*/*/*.c)))
# All that gradients depend on.
DOUBLE_SOURCES  := $(filter-out src/config/% src/record/% src/experiment/% src/report/% src/cli/%,$(GENERAL_SOURCES))

UNIT_TESTS   := $(sort $(wildcard tests/unit/test_*.c))
DOUBLE_TESTS := $(sort $(wildcard tests/gradient/test_*.c))
TEST_HELPERS := $(sort $(wildcard tests/support/*.c))
FUZZERS      := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))

.PHONY: all
all: liquidbench ## build ./liquidbench (the default)

liquidbench: $(BUILD)/liquidbench
	@cp $< $@

.PHONY: quickstart
quickstart: liquidbench ## install what is missing, build, run a small experiment
	./liquidbench run configs/quickstart.json

.PHONY: claims
claims: liquidbench ## run what the field claims of liquid networks, and decide: results/claims-report
	./liquidbench run configs/claims/*.json -o results/claims
	./liquidbench report results/claims -o results/claims-report

.PHONY: papers
papers: liquidbench ## run the papers' tables on the data sets that are here, and print ours beside them
	scripts/run-papers.sh

# $(1): CC, AR, ... One short line for each step; `make V=1` shows the commands instead.
step = $(if $(V),,@printf '%5s  %s\n' $(1) $@; )

# What exported models are made of (src/experiment/export), as C strings.
DEVICE       = src/experiment/export/device
DEVICE_TEXTS = $(sort $(wildcard $(DEVICE)/*.[ch] $(DEVICE)/cells/*.c)) src/math/pointwise_float.h
$(BUILD)/device/experiment/export/device_text.inc: $(DEVICE_TEXTS) Makefile
	@mkdir -p $(@D)
	@for file in $(DEVICE_TEXTS); do \
	    echo "{\"$$(echo "$$file" | sed 's,^$(DEVICE)/,,; s,.*/\(pointwise\),\1,')\","; \
	    sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/"&\\n"/' "$$file"; echo '},'; done >$@

# $(1): object folder, $(2): general sources, $(3): flags of compiler and linker. The program, the tests' support
# code and the rules to compile them; used for the program, again with double precision for the
# gradient checks, and again with the sanitizers.
define build_rules
$(1)/libliquidbench.a: $(2:src/%.c=$(1)/%.o) \
        $(foreach isa,$(ISAS),$(ENGINE_SOURCES:src/%.c=$(1)/$(isa)/%.o)) $(BUILD)/sources
	@rm -f $$@
	$$(call step,AR)$$(AR) rcs $$@ $$(filter %.o,$$^)

$(1)/libsupport.a: $(TEST_HELPERS:tests/%.c=$(1)/tests/%.o)
	@rm -f $$@
	$$(call step,AR)$$(AR) rcs $$@ $$^

$(1)/%.o: src/%.c $(BUILD)/flags
	@mkdir -p $$(@D)
	$$(call step,CC)$$(CC) $$(ALL_FLAGS) $(3) -MMD -MP -c -o $$@ $$<

$(1)/base/version.o: src/base/version.c $(BUILD)/flags $(BUILD)/version
	@mkdir -p $$(@D)
	$$(call step,CC)$$(CC) $$(ALL_FLAGS) $(3) $$(VERSION_FLAGS) -MMD -MP -c -o $$@ $$<

$(1)/experiment/export/device_text.o: src/experiment/export/device_text.c $(BUILD)/flags \
        $(BUILD)/device/experiment/export/device_text.inc
	@mkdir -p $$(@D)
	$$(call step,CC)$$(CC) $$(ALL_FLAGS) -I$(BUILD)/device $(3) -MMD -MP -c -o $$@ $$<

$(1)/tests/%.o: tests/%.c $(BUILD)/flags
	@mkdir -p $$(@D)
	$$(call step,CC)$$(CC) $$(ALL_FLAGS) -Itests $(3) -MMD -MP -c -o $$@ $$<

$(foreach isa,$(ISAS),
$(1)/$(isa)/%.o: src/%.c $(BUILD)/flags
	@mkdir -p $$(@D)
	$$(call step,CC)$$(CC) $$(ALL_FLAGS) $$(FLAGS_$(isa)) -DISA=$(isa) $(3) -MMD -MP -c -o $$@ $$<
)

$(1)/liquidbench: $(1)/main.o $(1)/libliquidbench.a
	$$(call step,LINK)$$(CC) $$(CFLAGS) $(3) $$(LDFLAGS) -o $$@ $$^ $$(LIBRARIES)

$(1)/tests/%: $(1)/tests/%.o $(1)/libsupport.a $(1)/libliquidbench.a
	$$(call step,LINK)$$(CC) $$(CFLAGS) $(3) $$(LDFLAGS) -o $$@ $$^ $$(LIBRARIES) -lcmocka
endef

$(eval $(call build_rules,$(BUILD),$(GENERAL_SOURCES),))
# Gradient checks are short: what counts is how long their library compiles.
$(eval $(call build_rules,$(BUILD)/double,$(DOUBLE_SOURCES),-DLIQUIDBENCH_DOUBLE $(QUICK)))
$(eval $(call build_rules,$(BUILD)/tsan,$(GENERAL_SOURCES),$(QUICK) -fsanitize=thread))
$(eval $(call build_rules,$(BUILD)/asan,$(GENERAL_SOURCES),$(SANITIZE)))
$(eval $(call build_rules,$(BUILD)/asan/double,$(DOUBLE_SOURCES),$(SANITIZE) -DLIQUIDBENCH_DOUBLE))

# libliquidbench (include/liquidbench.h): what inference needs of the program's objects. One object holds it
# all; only the interface is seen from outside.
SOVERSION        = 0
SHARED_LIBRARY   = $(BUILD)/library/libliquidbench.so.$(VERSION)

$(BUILD)/library/liquidbench.o: $(BUILD)/libliquidbench.a
	@mkdir -p $(@D)
	$(call step,LD)$(CC) -r -nostdlib -Wl,-u,liquidbench_load -o $@ $<
	@objcopy --localize-hidden $@

$(BUILD)/library/libliquidbench.a: $(BUILD)/library/liquidbench.o
	@rm -f $@
	$(call step,AR)$(AR) rcs $@ $<

$(SHARED_LIBRARY): $(BUILD)/library/liquidbench.o src/experiment/deploy/library.map
	$(call step,LINK)$(CC) -shared -Wl,-soname,libliquidbench.so.$(SOVERSION) -Wl,-z,defs \
	    -Wl,--version-script=src/experiment/deploy/library.map $(LDFLAGS) -o $@ $< $(LIBRARIES)
	@ln -sf $(@F) $(BUILD)/library/libliquidbench.so.$(SOVERSION)
	@ln -sf $(@F) $(BUILD)/library/libliquidbench.so

.PHONY: library
library: $(BUILD)/library/libliquidbench.a $(SHARED_LIBRARY) ## build libliquidbench, static and shared (docs/deploy.md)

# $(1): object folder. The test programs there.
test_programs = $(UNIT_TESTS:tests/%.c=$(1)/tests/%) $(DOUBLE_TESTS:tests/%.c=$(1)/double/tests/%)

# As many shell tests at once as there are processors; of the long ones, which load them, one after the other.
PROVE = prove -j $(shell nproc 2>/dev/null || getconf _NPROCESSORS_ONLN) --rules 'seq=tests/long/*.t' --rules 'par=**'

# $(1): object folder, $(2): folders of shell tests. Runs every test, whether or not one fails.
run_tests = status=0; \
    tests/run-unit-tests $(call test_programs,$(1)) || status=1; \
    LIQUIDBENCH=$(abspath $(1)/liquidbench) $(PROVE) $(2) || status=1; \
    exit $$status

.PHONY: test
test: liquidbench $(call test_programs,$(BUILD)) ## install what is missing, build, run the tests
	@$(call run_tests,$(BUILD),tests/cli)

.PHONY: test-full
test-full: liquidbench $(call test_programs,$(BUILD)) fuzz ## the tests, the long ones and the fuzzers
	@$(call run_tests,$(BUILD),tests/cli $(wildcard tests/long))

.PHONY: asan
# ASAN_CLI: the shell tests that are part of it.
ASAN_CLI = tests/cli
asan: $(BUILD)/asan/liquidbench $(call test_programs,$(BUILD)/asan) ## the tests again, under AddressSanitizer and UBSan
	@export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1; \
	    $(call run_tests,$(BUILD)/asan,$(ASAN_CLI))

# What threads share: the pool, the slices of a batch, and a run with several of both.
THREAD_TESTS = $(filter %/test_thread_pool.c %/test_passes.c %/test_train.c,$(UNIT_TESTS))

.PHONY: tsan
tsan: $(BUILD)/tsan/liquidbench $(THREAD_TESTS:tests/%.c=$(BUILD)/tsan/tests/%) ## what runs in threads, under ThreadSanitizer
	@export TSAN_OPTIONS=halt_on_error=1 OPENBLAS_NUM_THREADS=1; \
	    tests/run-unit-tests $(THREAD_TESTS:tests/%.c=$(BUILD)/tsan/tests/%) && \
	    $(BUILD)/tsan/liquidbench run configs/smoke.json -q --fresh -o $(BUILD)/tsan/smoke -j 2 \
	        --set train.threads=2

# Memory that is read before it is written, which ASan does not see. Valgrind knows no AVX-512, and
# computes with denormal numbers whatever the processor is told.
VALGRIND = valgrind --quiet --error-exitcode=1 --leak-check=no --suppressions=tests/support/valgrind.supp
.PHONY: valgrind
valgrind: $(BUILD)/liquidbench $(filter-out %/test_denormals,$(call test_programs,$(BUILD))) ## the module tests and a run under valgrind
	@export LIQUIDBENCH_ISA=portable OPENBLAS_CORETYPE=Nehalem LIBXSMM_TARGET=generic; \
	    EMULATOR='$(VALGRIND)' tests/run-unit-tests $(filter-out $<,$^) && \
	    $(VALGRIND) $< run configs/smoke.json -q --fresh -o $(BUILD)/valgrind -j 1 \
	        --set train.epochs=1 --set 'seeds=[0]'

# The tests on other processors, under qemu's user mode. It needs the cross compiler and Debian's
# libraries of that architecture: docs/reliability.md says how they are installed. Nothing is installed from
# here: it would be for this machine's own processor.
CROSS      = arm64 armhf i386 s390x
GNU_arm64  = aarch64-linux-gnu
GNU_armhf  = arm-linux-gnueabihf
GNU_i386   = i686-linux-gnu
GNU_s390x  = s390x-linux-gnu
QEMU_arm64 = qemu-aarch64
QEMU_armhf = qemu-arm
QEMU_i386  = qemu-i386
QEMU_s390x = qemu-s390x
# float is computed as float.
FLAGS_i386  = -msse2 -mfpmath=sse
FLAGS_s390x = -fexcess-precision=fast

.PHONY: test-arm64 $(CROSS:%=test-%)
test-arm64: ## the tests for 64-bit Arm, under qemu (test-armhf, test-i386, test-s390x: likewise)
$(CROSS:%=test-%): test-%:
	@PKG_CONFIG_LIBDIR=/usr/lib/$(patsubst i686%,i386%,$(GNU_$*))/pkgconfig:/usr/share/pkgconfig \
	    $(MAKE) --no-print-directory BUILD=$(BUILD)/$* CC="$(GNU_$*)-gcc $(FLAGS_$*)" AR=$(GNU_$*)-ar ISAS=portable \
	    INSTALL= programs
	@printf '#!/bin/sh\nexec $(QEMU_$*) %s "$$@"\n' $(abspath $(BUILD)/$*/liquidbench) >$(BUILD)/$*/emulated
	@chmod +x $(BUILD)/$*/emulated
	@status=0; \
	    EMULATOR=$(QEMU_$*) tests/run-unit-tests $(call test_programs,$(BUILD)/$*) || status=1; \
	    LIQUIDBENCH=$(abspath $(BUILD)/$*/emulated) prove tests/cli || status=1; \
	    exit $$status

# One run of libFuzzer for each reader, which comes with clang. It begins with the seeds and with
# what earlier runs found worth keeping. FUZZ_FLAGS="-seed=1 -runs=N" tries the same inputs each time.
FUZZ_SECONDS ?= 30
FUZZ_FLAGS   ?= -max_total_time=$(FUZZ_SECONDS)
FUZZ_SEEDS    = $(wildcard tests/fuzz/seeds/$*) $(FUZZ_SEEDS_$*)
FUZZ_SEEDS_csv         = datasets
FUZZ_SEEDS_config      = configs
FUZZ_SEEDS_safetensors = tests/reference
FUZZ_SEEDS_model       = tests/reference
FUZZ_SEEDS_card        = datasets/cards
# Every key and name that a config may hold.
FUZZ_WORDS_config      = configs/experiment.schema.json

# Numbers of a file that no integer holds are faults, too.
$(eval $(call build_rules,$(BUILD)/fuzz,$(GENERAL_SOURCES),$(SANITIZE) -fsanitize=fuzzer-no-link))
$(BUILD)/fuzz/%: private override CC := clang

$(BUILD)/fuzz/fuzz_%: $(BUILD)/fuzz/tests/fuzz/fuzz_%.o $(BUILD)/fuzz/tests/fuzz/fuzz.o \
        $(BUILD)/fuzz/libliquidbench.a
	$(call step,LINK)$(CC) $(SANITIZE) -fsanitize=fuzzer -o $@ $^ $(LIBRARIES)

.PHONY: fuzz $(FUZZERS:%=fuzz-%)
fuzz: $(FUZZERS:%=fuzz-%) ## feed the readers with broken files, 30 seconds each (FUZZ_SECONDS=N)
$(FUZZERS:%=fuzz-%): fuzz-%: $(BUILD)/fuzz/fuzz_%
	@mkdir -p $(BUILD)/fuzz/corpus/$*
	@cat /dev/null $(wildcard $(FUZZ_WORDS_$*)) | grep -oE '"[a-z][a-z0-9_]*"' | sort -u | \
	    sed 's/"/\\"/g; s/.*/"&"/' >$<.dict
	@ASAN_OPTIONS=allocator_may_return_null=1 $< $(FUZZ_FLAGS) -max_len=8192 \
	    $$(test ! -s $<.dict || echo -dict=$<.dict) \
	    -timeout=30 -rss_limit_mb=2048 -verbosity=0 -print_final_stats=1 \
	    -artifact_prefix=$(BUILD)/fuzz/$*- $(BUILD)/fuzz/corpus/$* $(FUZZ_SEEDS) >$<.log 2>&1 || \
	    { cat $<.log; exit 1; }
	@sed -n 's/stat::number_of_executed_units: */fuzz $*: inputs survived: /p' $<.log

# PyTorch and ncps as the cells' references, in an environment of their own below $(BUILD), or in the
# one that PYTHON names.
REFERENCE = $(BUILD)/reference
PYTHON   ?= $(REFERENCE)/bin/python

$(REFERENCE)/installed: tests/reference/requirements.txt tests/reference/requirements-no-deps.txt
	@rm -rf $(REFERENCE)
	python3 -m venv $(REFERENCE)
	$(REFERENCE)/bin/pip install --quiet --disable-pip-version-check -r $<
	$(REFERENCE)/bin/pip install --quiet --disable-pip-version-check --no-deps --ignore-requires-python -r $(word 2,$^)
	@touch $@

PEERS = $(if $(filter $(REFERENCE)/%,$(PYTHON)),$(REFERENCE)/installed)

.PHONY: test-reference
test-reference: liquidbench $(PEERS) ## compare the cells with PyTorch and ncps anew
	@export PYTHONDONTWRITEBYTECODE=1; status=0; \
	    $(PYTHON) tests/reference/test_cells.py || status=1; \
	    $(PYTHON) tests/reference/make_fixtures.py --check tests/reference || status=1; \
	    $(PYTHON) scripts/check_interchange.py ./liquidbench || status=1; \
	    exit $$status

.PHONY: programs
programs: $(BUILD)/liquidbench $(call test_programs,$(BUILD))

.PHONY: unit-tests
unit-tests: $(call test_programs,$(BUILD)) ## the module tests alone
	@tests/run-unit-tests $^

# The formatter and the Python linter, of one version everywhere, in an environment of their own.
LINT_TOOLS = $(BUILD)/lint
$(LINT_TOOLS)/installed: scripts/lint-requirements.txt
	@scripts/install-deps.sh --for lint
	@rm -rf $(LINT_TOOLS)
	@python3 -m venv $(LINT_TOOLS)
	@$(LINT_TOOLS)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.PHONY: lint
lint: $(LINT_TOOLS)/installed ## check format, layers, warnings and common mistakes
	@scripts/install-deps.sh --for lint
	@status=0; \
	    $(MAKE) --no-print-directory WERROR=1 BUILD=$(BUILD)$(if $(WERROR),,/lint) programs || status=1; \
	    scripts/check-layers.sh || status=1; \
	    scripts/check-names.sh || status=1; \
	    $(LINT_TOOLS)/bin/clang-format --dry-run --Werror $(LINTED) || status=1; \
	    $(LINT_TOOLS)/bin/ruff check --quiet scripts tests/reference || status=1; \
	    shellcheck $(SHELL_SCRIPTS) || status=1; \
	    cppcheck $(CPPCHECK) src tests || status=1; \
	    exit $$status

.PHONY: format
format: $(LINT_TOOLS)/installed ## format the C sources as `make lint` wants them
	@$(LINT_TOOLS)/bin/clang-format -i $(LINTED)

# For editors and clang tools: what `make` would run for each source of the program.
.PHONY: compile_commands.json
compile_commands.json: ## write compile_commands.json for clangd and other tools
	@$(MAKE) --no-print-directory --always-make --dry-run V=1 liquidbench | \
	    awk -v folder="$(CURDIR)" ' \
	        BEGIN { print "["; } \
	        / -c -o / { \
	            file = $$NF; gsub(/[\\"]/, "\\\\&"); \
	            printf "%s{\"directory\": \"%s\", \"file\": \"%s\", \"command\": \"%s\"}", between, folder, file, $$0; \
	            between = ",\n"; \
	        } \
	        END { print "\n]"; }' >$@

SHELL_SCRIPTS = $(wildcard scripts/*.sh) tests/run-unit-tests tests/cli/lib.sh .ci/run
LINTED   = $(shell find src tests -name '*.[ch]')
CPPCHECK = --quiet --error-exitcode=1 --std=c11 --enable=warning,performance \
           --suppressions-list=scripts/cppcheck-suppressions.txt --inline-suppr -Isrc -Itests \
           -DISA=portable --include=scripts/cppcheck-macros.h \
           -j $(shell nproc 2>/dev/null || echo 1)

.PHONY: calibration
calibration: $(BUILD)/tests/calibration/calibrate $(BUILD)/tests/calibration/simulate ## measure how often the statistical tests err (docs/statistics.md)
	@$(BUILD)/tests/calibration/calibrate results/reference/calibration/scores.csv
	@$(BUILD)/tests/calibration/simulate

.PHONY: bench
bench: liquidbench ## time the engine: training throughput, streaming latency
	./liquidbench bench

.PHONY: bench-check
bench-check: liquidbench ## fail when a cell got 10 % slower than results/reference/bench.json and the machine explain
	./liquidbench bench --check results/reference/bench.json --seconds 0.3

.PHONY: bench-export
bench-export: liquidbench ## time exported models beside the engine: the table of docs/deploy.md
	scripts/bench-export.sh

.PHONY: bench-peers
bench-peers: liquidbench $(PEERS) ## compare with PyTorch, JAX and ONNX Runtime; renews docs/performance.md
	$(PYTHON) scripts/bench_peers.py ./liquidbench --write docs/performance.md

SHARE = $(DESTDIR)$(PREFIX)/share
ZSH_FOLDER = site-functions

.PHONY: man
man: $(BUILD)/liquidbench.1 ## the man page, from the texts of --help
$(BUILD)/liquidbench.1: scripts/make-man.sh liquidbench
	$(call step,MAN)scripts/make-man.sh ./liquidbench >$@

LIBDIR = $(DESTDIR)$(PREFIX)/lib

# Not exported: make would ask for the libraries before the first recipe has installed them.
define pkg_config_file
prefix=$(PREFIX)
libdir=$${prefix}/lib
includedir=$${prefix}/include

Name: liquidbench
Description: trained sequence models, row by row
Version: $(VERSION)
Libs: -L$${libdir} -lliquidbench
Libs.private: $(LIBRARIES)
Cflags: -I$${includedir}
endef

define install_files
install -D -m 755 liquidbench $(DESTDIR)$(PREFIX)/bin/liquidbench
install -D -m 644 include/liquidbench.h $(DESTDIR)$(PREFIX)/include/liquidbench.h
install -D -m 644 $(BUILD)/library/libliquidbench.a $(LIBDIR)/libliquidbench.a
install -D -m 644 $(SHARED_LIBRARY) $(LIBDIR)/$(notdir $(SHARED_LIBRARY))
ln -sf $(notdir $(SHARED_LIBRARY)) $(LIBDIR)/libliquidbench.so.$(SOVERSION)
ln -sf $(notdir $(SHARED_LIBRARY)) $(LIBDIR)/libliquidbench.so
$(file >$(BUILD)/liquidbench.pc,$(pkg_config_file))install -D -m 644 -t $(LIBDIR)/pkgconfig $(BUILD)/liquidbench.pc
install -D -m 644 examples/stream.c $(SHARE)/doc/liquidbench/examples/stream.c
install -D -m 644 LICENSE $(SHARE)/doc/liquidbench/LICENSE
install -D -m 644 -t $(SHARE)/doc/liquidbench README.md CHANGELOG.md
install -D -m 644 -t $(SHARE)/doc/liquidbench/docs docs/*.md
install -D -m 644 $(BUILD)/liquidbench.1 $(SHARE)/man/man1/liquidbench.1
install -d $(SHARE)/bash-completion/completions $(SHARE)/zsh/$(ZSH_FOLDER) \
    $(SHARE)/fish/vendor_completions.d
./liquidbench completion bash >$(SHARE)/bash-completion/completions/liquidbench
./liquidbench completion zsh >$(SHARE)/zsh/$(ZSH_FOLDER)/_liquidbench
./liquidbench completion fish >$(SHARE)/fish/vendor_completions.d/liquidbench.fish
find datasets configs -type f -not -path 'datasets/cache/*' \
    -exec install -D -m 644 {} $(SHARE)/liquidbench/{} \;
endef

.PHONY: install
install: liquidbench library man ## install below /usr/local (PREFIX=FOLDER)
	$(install_files)

.PHONY: dist
dist: ## pack the sources of the last commit into build/
	@mkdir -p $(BUILD)
	git archive --prefix=liquidbench-$(VERSION)/ HEAD | gzip -9n >$(BUILD)/liquidbench-$(VERSION).tar.gz

.PHONY: deb
deb: private DESTDIR = $(BUILD)/deb/liquidbench
deb: private PREFIX = /usr
deb: private ZSH_FOLDER = vendor-completions
deb: liquidbench library man ## make a Debian package in build/
	@rm -rf $(BUILD)/deb
	$(install_files)
	scripts/make-deb.sh $(BUILD) $(VERSION)

.PHONY: clean
clean: ## remove everything that was built
	rm -rf $(BUILD) liquidbench

.PHONY: help
help: ## this list
	@sed -nE 's/^([a-z_.-]+):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 24

# What the goals need is installed for those that promise it; for the others it must be there.
NEEDS   := build $(if $(filter quickstart,$(MAKECMDGOALS)),run) \
           $(if $(filter test test-full asan tsan valgrind unit-tests lint programs,$(MAKECMDGOALS)),test) \
           $(if $(filter test-full fuzz%,$(MAKECMDGOALS)),fuzz)
INSTALL := $(filter quickstart test test-full asan tsan valgrind lint programs fuzz%,$(MAKECMDGOALS))

.PHONY: dependencies
dependencies:
	@CC='$(CC)' scripts/install-deps.sh $(NEEDS:%=--for %) $(if $(INSTALL),,--check)

# $(1): text. Makes the target's file say it; the file stays as old as it is when it says so already.
says = @mkdir -p $(@D); echo '$(1)' | cmp -s - $@ || echo '$(1)' > $@

# Rebuilds everything when the compiler or its flags change.
$(BUILD)/flags: FORCE | dependencies
	$(call says,$(CC) $(ALL_FLAGS) $(ISAS))

# Makes the library anew when a source file is taken away.
$(BUILD)/sources: FORCE
	$(call says,$(GENERAL_SOURCES) $(ENGINE_SOURCES))

VERSION_FLAGS = -DLIQUIDBENCH_VERSION="\"$(VERSION)\"" -DLIQUIDBENCH_COMMIT="\"$(COMMIT)\""
$(BUILD)/version: FORCE
	$(call says,$(VERSION) $(COMMIT))

.PHONY: FORCE
FORCE:

.SECONDARY:
.DELETE_ON_ERROR:
-include $(shell find $(BUILD) -name '*.d' -type f 2>/dev/null)
