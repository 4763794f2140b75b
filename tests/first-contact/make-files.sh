#!/bin/sh
# Writes ten CSV files of the kinds that people bring, always the same ones.
#
#   tests/first-contact/make-files.sh FOLDER
set -eu
mkdir -p "$1"
cd "$1"

# Numbers from -1 to 1 that do not depend on the awk at hand, and a rest of noise.
random='function noise() { state = (state * 16807) % 2147483647; return 2 * state / 2147483647 - 1 }
        function pad(n) { return sprintf("%02d", n) }
        BEGIN { state = 20261 }'

# A counter beside two signals; nothing says what the time is.
awk "$random"' BEGIN {
    print "packet,flow,pressure"
    for (i = 0; i < 1200; i++)
        printf "%d,%.3f,%.3f\n", i, 10 + 3 * sin(i / 9) + 0.3 * noise(), 2 + cos(i / 9) + 0.1 * noise()
}' >counter.csv

# A sensor log: dates, gaps, a text label.
awk "$random"' BEGIN {
    print "time,temperature,humidity,activity"
    for (i = 0; i < 1500; i++) {
        walking = int(i / 75) % 2
        t = 20 + 4 * walking * sin(i / 3) + 0.3 * noise()
        printf "2024-03-%s %s:%s:00,%s,%.2f,%s\n", pad(1 + int(i / 144)), pad(int(i / 6) % 24), \
            pad(10 * (i % 6)), i % 40 == 7 ? "" : sprintf("%.2f", t), 50 + 5 * noise(), walking ? "walk" : "rest"
    }
}' >sensors.csv

# A panel: many units, each with its own clock.
awk "$random"' BEGIN {
    print "unit,hour,load"
    for (u = 1; u <= 12; u++)
        for (i = 0; i < 150; i++)
            printf "U%s,%d,%.3f\n", pad(u), i, u + sin(2 * 3.14159265 * i / 24 + u) + 0.1 * noise()
}' >panel.csv

# The same panel with the rows of one hour together.
awk "$random"' BEGIN {
    print "hour,store,sales"
    for (i = 0; i < 200; i++)
        for (u = 1; u <= 8; u++)
            printf "%d,S%d,%.2f\n", i, u, 10 * u + 3 * sin(i / 5 + u) + 0.5 * noise()
}' >interleaved.csv

# A German export.
awk "$random"' BEGIN {
    print "Zeit;Temperatur;Druck"
    for (i = 0; i < 1000; i++) {
        line = sprintf("2024-%s-%s %s:00:00;%.2f;%.1f", pad(1 + int(i / 672)), pad(1 + int(i / 24) % 28), \
            pad(i % 24), 15 + 5 * sin(2 * 3.14159265 * i / 24) + 0.4 * noise(), 1013 + 3 * noise())
        gsub(/\./, ",", line)
        print line
    }
}' >german.csv

# Many rows.
awk "$random"' BEGIN {
    print "t,x,y"
    for (i = 0; i < 100000; i++)
        printf "%.1f,%.4f,%.4f\n", i / 10, sin(i / 20) + 0.1 * noise(), cos(i / 31) + 0.1 * noise()
}' >long.csv

# Classes as text.
awk "$random"' BEGIN {
    print "time,a,b,class"
    for (i = 0; i < 3000; i++) {
        c = int(i / 60) % 3
        printf "%d,%.3f,%.3f,%s\n", i, (c == 0 ? sin(i / 2) : c == 1 ? sin(i / 6) : 0) + 0.2 * noise(), \
            noise(), c == 0 ? "fast" : c == 1 ? "slow" : "still"
    }
}' >classes.csv

# Daily, the newest day first.
awk "$random"' BEGIN {
    print "date,price"
    price = 100
    for (i = 0; i < 900; i++)
        rows[i] = sprintf("%04d-%s-%s,%.2f", 2021 + int(i / 336), pad(1 + int(i % 336 / 28)), pad(1 + i % 28), \
            price += noise())
    for (i = 899; i >= 0; i--)
        print rows[i]
}' >newest_first.csv

# A column that hardly changes, and one that never does.
awk "$random"' BEGIN {
    print "level,setpoint,zero"
    for (i = 0; i < 800; i++)
        printf "%.3f,%s,0\n", 5 + sin(i / 7) + 0.1 * noise(), i % 2 ? "0.3" : "0.30000000000000004"
}' >constant.csv

# Sixty columns.
awk "$random"' BEGIN {
    for (c = 1; c <= 60; c++)
        printf "s%d%s", c, c < 60 ? "," : "\n"
    for (i = 0; i < 600; i++)
        for (c = 1; c <= 60; c++)
            printf "%.3f%s", c % 7 + sin(i / (4 + c % 5)) + 0.2 * noise(), c < 60 ? "," : "\n"
}' >wide.csv
