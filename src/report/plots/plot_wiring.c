#include "report/plots/plot_wiring.h"

#include "base/text_stream.h"
#include "report/plots/plot.h"

#include <math.h>
#include <stdlib.h>

/* Pixels. */
enum {
    ROW = 15,
    MARGIN = 110,
    MIN_HEIGHT = 380,
    CIRCLE_HEIGHT = 540,
    MAX_HEIGHT = 1500,
    MAX_LABELS = 60
};
enum { CURVE_POINTS = 16 };

/* Of Okabe and Ito, as in palette.h. */
#define EXCITATORY "0072b2"
#define INHIBITORY "d55e00"

struct plot_point {
    double x, y;
};

struct graph {
    const struct wiring *wiring;
    struct plot_point *inputs,
        *neurons; /* where they are: 0 <= x <= 1 from left, 0 <= y <= 1 from below */
    FILE *script;
};

/* `count` points one below the other. */
static void stand_in_column(struct plot_point *points, int count, double x) {
    for (int i = 0; i < count; i++)
        points[i] = (struct plot_point){x, 1 - (i + 0.5) / count};
}

static void stand_on_circle(struct plot_point *points, int count) {
    for (int i = 0; i < count; i++) {
        double angle = 2 * M_PI * (i + 0.5) / count + M_PI / 2;
        points[i] = (struct plot_point){0.66 + 0.32 * cos(angle), 0.5 + 0.5 * sin(angle)};
    }
}

static void place(struct graph *graph) {
    const struct wiring *wiring = graph->wiring;
    int motor = wiring->motor, command = wiring->command;
    stand_in_column(graph->inputs, wiring->sensory.sources, 0);
    if (command == 0) {
        stand_on_circle(graph->neurons, wiring->units);
        return;
    }
    stand_in_column(graph->neurons, motor, 1);
    stand_in_column(graph->neurons + motor, command, 0.7);
    stand_in_column(graph->neurons + motor + command, wiring->inter, 0.35);
}

/* A line from one neuron to another. Between two of a column it is an arc, on the right when it
 * leads down and on the left when it leads up; from a neuron to itself, a loop. */
static void put_synapse(const struct graph *graph, struct plot_point from, struct plot_point to) {
    double height = fabs(to.y - from.y);
    bool is_loop = height == 0 && from.x == to.x, is_arc = from.x == to.x && !is_loop;
    int points = is_loop || is_arc ? CURVE_POINTS : 1;
    double side = to.y < from.y ? 1 : -1;
    for (int i = 0; i <= points; i++) {
        double part = (double)i / points, angle = 2 * M_PI * part;
        struct plot_point at = {from.x + part * (to.x - from.x), from.y + part * (to.y - from.y)};
        if (is_arc)
            at.x += side * (0.02 + 0.12 * height) * 4 * part * (1 - part);
        if (is_loop)
            at =
                (struct plot_point){from.x + 0.012 * (1 - cos(angle)), from.y + 0.016 * sin(angle)};
        fprintf(graph->script, "%.4f %.4f\n", at.x, at.y);
    }
    fputc('\n', graph->script);
}

static void put_synapses(const struct graph *graph, const struct synapse_list *list,
                         const struct plot_point *sources, signed char polarity) {
    const signed char *own = list->adjacency;
    for (int j = 0; j < list->sources; j++)
        for (int i = 0; i < list->targets; i++, own++)
            if (*own == polarity)
                put_synapse(graph, sources[j], graph->neurons[i]);
}

static void put_neurons(const struct graph *graph, const char *name,
                        const struct plot_point *points, int count) {
    fprintf(graph->script, "$%s << END\n", name);
    for (int i = 0; i < count; i++)
        fprintf(graph->script, "%.4f %.4f\n", points[i].x, points[i].y);
    fputs("END\n", graph->script);
}

static void put_data(const struct graph *graph) {
    const struct wiring *wiring = graph->wiring;
    static const char *const names[] = {"inhibitory", "excitatory"};
    for (int sign = 0; sign < 2; sign++) {
        signed char polarity = sign == 0 ? -1 : 1;
        fprintf(graph->script, "$%s << END\n", names[sign]);
        put_synapses(graph, &wiring->sensory, graph->inputs, polarity);
        put_synapses(graph, &wiring->neurons, graph->neurons, polarity);
        fputs("END\n", graph->script);
    }
    put_neurons(graph, "inputs", graph->inputs, wiring->sensory.sources);
    put_neurons(graph, "motor", graph->neurons, wiring->motor);
    put_neurons(graph, "command", graph->neurons + wiring->motor, wiring->command);
    put_neurons(graph, "inter", graph->neurons + wiring->motor + wiring->command, wiring->inter);
}

/* What a column consists of, above it. */
static void put_heading(const struct graph *graph, double x, int count, const char *what) {
    fprintf(graph->script, "set label '%d %s%s' at %.2f,1.05 center textcolor rgb '#444444'\n",
            count, what, count == 1 ? "" : "s", x);
}

static void put_labels(const struct graph *graph, const char *const *input_names) {
    const struct wiring *wiring = graph->wiring;
    int inputs = wiring->sensory.sources;
    put_heading(graph, 0, inputs, "input");
    if (wiring->command == 0) {
        put_heading(graph, 0.66, wiring->units, "neuron");
    } else {
        put_heading(graph, 0.35, wiring->inter, "inter neuron");
        put_heading(graph, 0.7, wiring->command, "command neuron");
        put_heading(graph, 1, wiring->motor, "motor neuron");
    }
    for (int i = 0; input_names != NULL && inputs <= MAX_LABELS && i < inputs; i++) {
        fputs("set label ", graph->script);
        put_quoted(graph->script, input_names[i]);
        fprintf(graph->script, " at -0.015,%.4f right noenhanced font ',11'\n", graph->inputs[i].y);
    }
}

/* Many lines are drawn thinly, so that their mass shows. */
static void put_plot(const struct graph *graph) {
    const struct wiring *wiring = graph->wiring;
    int synapses = wiring->sensory.count + wiring->neurons.count;
    const char *veil = synapses > 1500 ? "c0" : synapses > 300 ? "80" : "30"; /* transparency */
    fprintf(graph->script,
            "plot $inhibitory with lines linewidth 1.2 linecolor rgb '#%s" INHIBITORY "' title "
            "'inhibitory', $excitatory with lines linewidth 1.2 linecolor rgb '#%s" EXCITATORY
            "' title 'excitatory', ",
            veil, veil);
    static const struct {
        const char *name, *colour;
        int shape;
    } kinds[] = {{"inputs", "#777777", 5},
                 {"inter", "#56b4e9", 7},
                 {"command", "#e69f00", 9},
                 {"motor", "#009e73", 13}};
    for (int i = 0; i < 4; i++)
        fprintf(graph->script,
                "%s$%s with points pointtype %d pointsize 0.9 linecolor rgb '%s' "
                "notitle",
                i > 0 ? ", " : "", kinds[i].name, kinds[i].shape, kinds[i].colour);
    fputc('\n', graph->script);
}

static int height_of(const struct wiring *wiring) {
    int max = wiring->sensory.sources;
    int columns[] = {wiring->inter, wiring->command, wiring->motor};
    for (int i = 0; i < 3; i++)
        if (wiring->command > 0 && columns[i] > max)
            max = columns[i];
    int height = MARGIN + ROW * max, min = wiring->command > 0 ? MIN_HEIGHT : CIRCLE_HEIGHT;
    return height < min ? min : height > MAX_HEIGHT ? MAX_HEIGHT : height;
}

bool wiring_plot(const struct wiring *wiring, const char *name, const char *const *input_names,
                 const char *path, struct error *error) {
    struct arena arena = {0};
    struct text_stream commands;
    struct graph graph = {
        .wiring = wiring,
        .inputs = ARENA_NEW(&arena, struct plot_point, wiring->sensory.sources),
        .neurons = ARENA_NEW(&arena, struct plot_point, wiring->units),
        .script = text_stream_open(&commands),
    };
    place(&graph);
    fputs("unset border\nunset tics\nunset grid\nset xrange [-0.2:1.1]\nset yrange [-0.04:1.1]\n"
          "set title noenhanced ",
          graph.script);
    put_quoted(graph.script, arena_printf(&arena, "%s: %d synapses from inputs, %d between neurons",
                                          name, wiring->sensory.count, wiring->neurons.count));
    fputc('\n', graph.script);
    put_labels(&graph, input_names);
    put_data(&graph);
    put_plot(&graph);
    bool drawn =
        plot_write(path, WIDE_PLOT, height_of(wiring), text_stream_close(&commands, &arena), error);
    arena_free(&arena);
    return drawn;
}
