#!/bin/sh
# Every cell that streams, with its options, exported with each type of weights: compiled by gcc and clang
# without a warning, under ASan and UBSan, for Cortex-M4F and M7 (compiled alone), and for 64-bit and 32-bit Arm, where
# it runs under qemu. Each answers 1000 irregular rows as the engine does. What is not installed is skipped.
. tests/cli/lib.sh

test_program=$root/build/tests/unit/test_export
[ -x "$test_program" ] || { echo "Bail out! make programs first" && exit 1; }

everywhere() { # NAME RUN CC...
    name=$1 run=$2
    shift 2
    if ! command -v "$1" >/dev/null 2>&1; then
        skip "$name" "there is no $1"
    elif [ "$run" != none ] && [ -n "$run" ] && ! command -v "${run%% *}" >/dev/null 2>&1; then
        skip "$name" "there is no ${run%% *}"
    else
        EXPORT_ALL=1 EXPORT_RUN="$run" EXPORT_CC="$*" "$test_program" >out 2>err
        result $? "$name"
        grep -E 'WORSE|ERROR' out err | sed 's/^/# /'
        awk '/limit 1.0e-06/ { n++; if ($1 + 0 > worst) worst = $1 + 0 }
            END { if (n) printf "# %d models: differences up to %.1e of the largest answer\n", n, worst }' out
    fi
}

everywhere "gcc -O3" "" gcc -O3 -march=native -ffp-contract=fast
everywhere "gcc -Os" "" gcc -Os
everywhere "clang -O2" "" clang -O2
everywhere "ASan and UBSan" "" gcc -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
everywhere "Cortex-M4F" none arm-none-eabi-gcc -Os -mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16
everywhere "Cortex-M7" none arm-none-eabi-gcc -O2 -mcpu=cortex-m7 -mthumb -mfloat-abi=hard -mfpu=fpv5-d16
everywhere "64-bit Arm under qemu" "qemu-aarch64 -L /usr/aarch64-linux-gnu" aarch64-linux-gnu-gcc -O2
everywhere "32-bit Arm under qemu" "qemu-arm -L /usr/arm-linux-gnueabihf" arm-linux-gnueabihf-gcc -O2
finish
