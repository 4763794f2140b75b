#include "data/generators/generator.h"
#include "data/generators/rk45.h"
#include "math/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct error last_error;

static bool generate_number(const char *name, const char *parameters, int number, int rows,
                            int seed, struct table *table) {
    const struct generator_type *type = generator_find(name);
    assert_non_null(type);
    cJSON *json = parameters != NULL ? cJSON_Parse(parameters) : NULL;
    gsl_rng *rng = random_stream((uint64_t)seed, "test");
    last_error = (struct error){0};
    bool generated = generator_run(type, json, number, rows, rng, table, &last_error);
    gsl_rng_free(rng);
    cJSON_Delete(json);
    return generated;
}

static bool generate(const char *name, const char *parameters, int rows, int seed,
                     struct table *table) {
    return generate_number(name, parameters, 0, rows, seed, table);
}

static struct table make(const char *name, const char *parameters, int rows) {
    struct table table;
    if (!generate(name, parameters, rows, 1, &table))
        fail_msg("%s", last_error.text);
    return table;
}

static void assert_refused(const char *name, const char *parameters, const char *message) {
    struct table table;
    assert_false(generate(name, parameters, 50, 1, &table));
    if (strstr(last_error.text, message) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", last_error.text, message);
}

static void every_generator_is_whole(void **state) {
    (void)state;
    const struct generator_type *type;
    for (size_t i = 0; (type = generator_at(i)) != NULL; i++) {
        struct table table = make(type->name, NULL, 200), again = make(type->name, NULL, 200);
        size_t position, parameters = 0;
        assert_true(table.rows > 1 && table.rows <= 200 && again.rows == table.rows);
        for (size_t k = 0; k < table.column_count; k++)
            assert_memory_equal(table.columns[k].values, again.columns[k].values,
                                table.rows * sizeof(double));
        for (const char *const *name = type->inputs; *name != NULL; name++)
            assert_true(table_find(&table, *name, &position, &last_error));
        for (const char *const *name = type->targets; *name != NULL; name++)
            assert_true(table_find(&table, *name, &position, &last_error));
        if (type->has_time)
            assert_true(table_find(&table, "time", &position, &last_error));
        for (; type->parameters[parameters].name != NULL; parameters++)
            assert_true(type->parameters[parameters].low <= type->parameters[parameters].high);
        assert_true(parameters <= GENERATOR_PARAMETERS);
        table_free(&table);
        table_free(&again);
    }
}

static void seeds_give_different_series(void **state) {
    (void)state;
    const struct generator_type *type;
    for (size_t i = 0; (type = generator_at(i)) != NULL; i++) {
        if (type->generate_numbered != NULL) /* a fixed set */
            continue;
        struct table first, second;
        bool differs = false;
        assert_true(generate(type->name, NULL, 30, 1, &first));
        assert_true(generate(type->name, NULL, 30, 2, &second));
        for (size_t k = 0; k < first.column_count && first.rows == second.rows; k++)
            differs = differs || memcmp(first.columns[k].values, second.columns[k].values,
                                        first.rows * sizeof(double)) != 0;
        assert_true(differs || first.rows != second.rows);
        table_free(&first);
        table_free(&second);
    }
}

/* x(t) = e^(-zeta omega t) (A cos(w t) + B sin(w t)), w = omega sqrt(1 - zeta^2). */
static void damped_oscillator_follows_the_closed_form(void **state) {
    (void)state;
    struct table table =
        make("damped_oscillator", "{\"damping\": 0.1, \"frequency\": 2, \"step\": 0.05}", 400);
    const double *x = table.columns[0].values, *v = table.columns[1].values;
    double decay = 0.1 * 2, w = 2 * sqrt(1 - 0.01), b = (v[0] + decay * x[0]) / w;
    for (int row = 0; row < 400; row++) {
        double t = 0.05 * row;
        double exact = exp(-decay * t) * (x[0] * cos(w * t) + b * sin(w * t));
        assert_float_equal(x[row], exact, 1e-7);
    }
    table_free(&table);
}

static void noise_has_the_standard_deviation_it_is_given(void **state) {
    (void)state;
    enum { ROWS = 5000 };
    /* Nothing is left of the motion itself. */
    struct table table = make("damped_oscillator", "{\"amplitude\": 0, \"noise\": 0.2}", ROWS);
    for (size_t column = 0; column < 2; column++) {
        double squares = 0;
        for (int row = 0; row < ROWS; row++)
            squares += pow(table.columns[column].values[row], 2);
        assert_float_equal(sqrt(squares / ROWS), 0.2, 0.01);
    }
    table_free(&table);
}

static void lorenz_stays_on_its_attractor_and_rests_below_onset(void **state) {
    (void)state;
    struct table table = make("lorenz", NULL, 5000);
    double mean = 0;
    for (int row = 0; row < 5000; row++) {
        double z = table.columns[2].values[row];
        assert_true(fabs(table.columns[0].values[row]) < 25 && z > 0 && z < 60);
        mean += z / 5000;
    }
    assert_float_equal(mean, 23.5, 1.0); /* the known mean of z */
    table_free(&table);
    table = make("lorenz", "{\"rho\": 0.5}", 2);
    assert_float_equal(table.columns[0].values[0], 0, 1e-3);
    table_free(&table);
}

/* Below the onset of oscillations x settles where production equals decay: x = 1 for beta = 2
 * gamma. */
static void mackey_glass_settles_for_a_short_delay_and_not_for_a_long_one(void **state) {
    (void)state;
    struct table table = make("mackey_glass", "{\"tau\": 2}", 300);
    assert_float_equal(table.columns[0].values[299], 1, 1e-3);
    table_free(&table);
    table = make("mackey_glass", NULL, 1000);
    double min = 10, max = 0;
    for (int row = 0; row < 1000; row++) {
        min = fmin(min, table.columns[0].values[row]);
        max = fmax(max, table.columns[0].values[row]);
    }
    assert_true(min > 0.2 && min < 0.5 && max > 1.2 && max < 1.5);
    table_free(&table);
}

static void free_pendulum_without_friction_keeps_its_energy(void **state) {
    (void)state;
    struct table table = make("forced_pendulum", "{\"damping\": 0, \"force\": 0}", 1000);
    const struct column *columns = table.columns;
    double energy = columns[2].values[0] * columns[2].values[0] / 2 - columns[1].values[0];
    for (int row = 0; row < 1000; row++) {
        double sine = columns[0].values[row], cosine = columns[1].values[row];
        double v = columns[2].values[row];
        assert_float_equal(sine * sine + cosine * cosine, 1, 1e-12);
        assert_float_equal(v * v / 2 - cosine, energy, 1e-6);
        assert_true(columns[3].values[row] == 0);
    }
    table_free(&table);
}

static void irregular_sines_have_increasing_times_and_the_noise_asked_for(void **state) {
    (void)state;
    enum { N = 20000 };
    struct table table = make("irregular_sines", "{\"noise\": 0.5, \"gap\": 2}", N);
    const double *time = table.columns[0].values;
    double squares = 0;
    for (int row = 0; row < N; row++) {
        double noise = table.columns[1].values[row] - table.columns[2].values[row];
        squares += noise * noise / N;
        assert_true(row == 0 || time[row] > time[row - 1]);
    }
    assert_float_equal(sqrt(squares), 0.5, 0.02);
    assert_float_equal(time[N - 1] / (N - 1), 2, 0.1);
    table_free(&table);
}

static void xor_bits_carry_their_parity(void **state) {
    (void)state;
    struct table table = make("xor_bits", "{\"bits\": 31}", 32);
    double parity = 0;
    assert_int_equal(table.rows, 31);
    for (size_t row = 0; row < table.rows; row++) {
        double bit = table.columns[0].values[row];
        assert_true(bit == 0 || bit == 1);
        parity = parity == bit ? 0 : 1;
        assert_true(table.columns[1].values[row] == parity);
    }
    table_free(&table);
}

/* Each event's bit holds until the next event, so times and bits give the parity back. */
static void xor_events_tell_the_parity_by_the_times_between_them(void **state) {
    (void)state;
    for (int seed = 0; seed < 50; seed++) {
        struct table table;
        assert_true(generate("xor_events", NULL, 32, seed, &table));
        const double *time = table.columns[0].values, *bit = table.columns[1].values;
        assert_true(time[0] == 1 && time[table.rows - 1] >= 2 && time[table.rows - 1] <= 31);
        int parity = 0;
        for (size_t row = 0; row < table.rows; row++) {
            double until = row + 1 < table.rows ? time[row + 1] : time[row] + 1;
            parity += (int)bit[row] * (int)(until - time[row]);
            if (row + 2 < table.rows)
                assert_true(bit[row] != bit[row + 1]);
        }
        assert_int_equal(table.columns[2].values[table.rows - 1], parity % 2);
        table_free(&table);
    }
}

static void streams_are_as_long_as_drawn_but_no_longer_than_asked_for(void **state) {
    (void)state;
    struct table table = make("xor_bits", "{\"bits\": 31}", 8);
    assert_int_equal(table.rows, 8);
    table_free(&table);
}

static void ranges_are_drawn_from_and_numbers_taken_as_they_are(void **state) {
    (void)state;
    for (int seed = 0; seed < 20; seed++) {
        struct table table;
        assert_true(generate("damped_oscillator",
                             "{\"damping\": 0, \"frequency\": 1, \"amplitude\": [3, 4]}", 200, seed,
                             &table));
        double x = table.columns[0].values[50], v = table.columns[1].values[50];
        double amplitude = sqrt(x * x + v * v);
        assert_true(amplitude > 3 - 1e-6 && amplitude < 4 + 1e-6);
        table_free(&table);
    }
}

static void wrong_parameters_are_refused_with_a_remedy(void **state) {
    (void)state;
    assert_refused("lorenz", "{\"rh\": 28}",
                   "parameters: rh: unknown parameter of lorenz; did you "
                   "mean \"rho\"?");
    assert_refused("lorenz", "{\"viscosity\": 28}", "liquidbench data describe lorenz");
    assert_refused("lorenz", "{\"rho\": \"high\"}", "rho: must be a number or a [low, high] range");
    assert_refused("lorenz", "{\"rho\": [1]}", "rho: must be");
    assert_refused("lorenz", "{\"rho\": [3, 1]}", "rho: the range must go from");
    assert_refused("lorenz", "{\"step\": 0}", "step: is 0 but must be at least");
    assert_refused("lorenz", "[28]", "must be an object");
    assert_refused("mackey_glass", "{\"tau\": 0.01}", "tau must be at least");
    assert_refused("irregular_sines", "{\"regularity\": 2}", "at most 1");
}

static void equations_without_a_solution_fail_instead_of_hanging(void **state) {
    (void)state;
    assert_refused("lorenz", "{\"sigma\": 1e12, \"rho\": 1e12}", "generator lorenz");
    assert_refused("lorenz", "{\"step\": 1e300}", "generator lorenz");
    assert_refused("mackey_glass", "{\"gamma\": 1e9}", "grows without bounds");
}

static void unknown_generators_are_not_found(void **state) {
    (void)state;
    assert_null(generator_find("lorentz"));
    assert_null(generator_at(1000));
}

/* Numbers of the package mnist1d 0.0.2.post1, whose frozen data set they are too. */
static void mnist1d_is_the_papers_data_set(void **state) {
    (void)state;
    static const struct {
        int number;
        double digit, x[4]; /* at 0, 1, 20 and 39 */
    } expected[] = {
        {0, 2, {-0.332005667369, -0.471910365656, 1.59348802113, -0.890166388475}},
        {1, 6, {1.96548088176, 2.30021253747, -0.729632668518, -1.36421511082}},
        {4999, 4, {-0.519328707821, -0.698722764678, 1.39492833435, 1.19315183684}},
    };
    static const int rows[] = {0, 1, 20, 39};
    int counts[10] = {0};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        struct table table;
        assert_true(generate_number("mnist1d", NULL, expected[i].number, 40, 1, &table));
        assert_int_equal(table.rows, 40);
        for (int k = 0; k < 4; k++)
            assert_true(fabs(table.columns[0].values[rows[k]] - expected[i].x[k]) < 1e-10);
        assert_true(table.columns[1].values[39] == expected[i].digit);
        table_free(&table);
    }
    for (int i = 0; i < 5000; i++) {
        struct table table;
        assert_true(generate_number("mnist1d", NULL, i, 40, 1, &table));
        counts[(int)table.columns[1].values[0]]++;
        table_free(&table);
    }
    for (int digit = 0; digit < 10; digit++)
        assert_int_equal(counts[digit], 500);
    struct table table;
    assert_false(generate_number("mnist1d", NULL, 5000, 40, 1, &table));
    assert_non_null(strstr(last_error.text, "dataset.series"));
    assert_refused("mnist1d", "{\"shufle\": 1}", "shuffle");
}

static void mnist1d_shuffled_has_the_same_numbers_elsewhere(void **state) {
    (void)state;
    struct table plain = make("mnist1d", NULL, 40);
    struct table shuffled = make("mnist1d", "{\"shuffle\": 1}", 40);
    double sum = 0;
    int moved = 0;
    for (int row = 0; row < 40; row++) {
        sum += plain.columns[0].values[row] - shuffled.columns[0].values[row];
        moved += plain.columns[0].values[row] != shuffled.columns[0].values[row];
    }
    assert_true(fabs(sum) < 1e-12 && moved > 30);
    table_free(&plain);
    table_free(&shuffled);
}

static void adding_asks_for_the_sum_of_two_marked_numbers(void **state) {
    (void)state;
    for (int seed = 0; seed < 50; seed++) {
        struct table table;
        assert_true(generate("adding", seed % 2 ? "{\"halves\": 0}" : NULL, 11, seed, &table));
        const double *number = table.columns[0].values, *mark = table.columns[1].values;
        double sum = 0, first_half = 0, marks = 0;
        for (int row = 0; row < 11; row++) {
            assert_true(number[row] >= 0 && number[row] < 1);
            sum += number[row] * mark[row];
            marks += mark[row];
            first_half += row < 5 ? mark[row] : 0;
        }
        assert_true(marks == 2 && fabs(table.columns[2].values[10] - sum) < 1e-15);
        assert_true(seed % 2 != 0 || first_half == 1);
        table_free(&table);
    }
    struct table table;
    assert_false(generate("adding", NULL, 1, 1, &table));
}

static void copy_asks_for_its_digits_after_the_gap(void **state) {
    (void)state;
    struct table table = make("copy", NULL, 50); /* T = 30 */
    const double *digit = table.columns[0].values, *target = table.columns[1].values;
    for (int row = 0; row < 50; row++) {
        if (row < 10)
            assert_true(digit[row] >= 1 && digit[row] <= 8);
        else
            assert_true(digit[row] == (row < 39 ? 0 : 9));
        assert_true(target[row] == (row < 40 ? 0 : digit[row - 40]));
    }
    table_free(&table);
    table = make("copy", "{\"blanks\": 0}", 50);
    digit = table.columns[0].values, target = table.columns[1].values;
    for (int row = 0; row < 50; row++)
        assert_true(row < 40 ? isnan(target[row]) : target[row] == digit[row - 40]);
    table_free(&table);
    assert_refused("copy", "{\"length\": 25}", "rows is 50");
}

/* Persistence has an error of 0.080 (Rusch et al. 2022, appendix). */
static void fitzhugh_nagumo_fires_as_in_the_paper(void **state) {
    (void)state;
    double square = 0, min = 0, max = 0;
    for (int seed = 0; seed < 20; seed++) {
        struct table table;
        assert_true(generate("fitzhugh_nagumo", NULL, 1001, seed, &table));
        const double *v = table.columns[0].values;
        assert_true(v[0] >= -1 && v[0] < 1);
        for (int row = 0; row < 1000; row++) {
            square += (v[row + 1] - v[row]) * (v[row + 1] - v[row]) / 20000;
            min = fmin(min, v[row]);
            max = fmax(max, v[row]);
        }
        table_free(&table);
    }
    assert_true(fabs(sqrt(square) - 0.080) < 0.002);
    assert_true(min > -2.2 && min < -1.7 && max > 1.7 && max < 2.2);
}

static int fitzhugh_nagumo_motion(double t, const double y[], double dydt[], void *data) {
    (void)t;
    (void)data;
    dydt[0] = y[0] - y[0] * y[0] * y[0] / 3 - y[1] + 0.5;
    dydt[1] = (y[0] + 0.7 - 0.8 * y[1]) / 50;
    return 0;
}

/* SciPy's solve_ivp(motion, (0, 40), [-0.3, 0], t_eval=...); at row 5 the solution is 0.88378. */
static void rk45_makes_the_errors_of_scipys_defaults(void **state) {
    (void)state;
    enum { ROWS = 101 };
    static const struct {
        int row;
        double v, w;
    } expected[] = {
        {1, -0.1995608911, 0.0035667087},  {2, -0.0540356341, 0.0080787960},
        {5, 0.8853307091, 0.0327179359},   {10, 1.8903581244, 0.1229285359},
        {40, 1.6676413546, 0.6436107063},  {70, 1.3929406209, 1.0183342338},
        {100, 0.8834459636, 1.2516730380},
    };
    const double start[2] = {-0.3, 0};
    double out[2 * ROWS];
    struct error error;
    assert_true(rk45_sample(fitzhugh_nagumo_motion, NULL, 2, start, 0.4, ROWS, out, &error));
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        assert_true(fabs(out[2 * expected[i].row] - expected[i].v) < 1e-9);
        assert_true(fabs(out[2 * expected[i].row + 1] - expected[i].w) < 1e-9);
    }
    assert_true(rk45_sample(fitzhugh_nagumo_motion, NULL, 2, start, 0.4, 1, out, &error));
    assert_true(out[0] == start[0]);
}

/* The same start, 0.5 apart at most: the solver's error. */
static void fitzhugh_nagumo_comes_with_the_releases_error_on_request(void **state) {
    (void)state;
    struct table exact = make("fitzhugh_nagumo", NULL, 1001);
    struct table table = make("fitzhugh_nagumo", "{\"rk45\": 1}", 1001);
    double worst = 0;
    assert_true(table.columns[0].values[0] == exact.columns[0].values[0]);
    for (int row = 0; row < 1001; row++)
        worst = fmax(worst, fabs(table.columns[0].values[row] - exact.columns[0].values[row]));
    assert_true(worst > 1e-3 && worst < 1);
    table_free(&table);
    table_free(&exact);
    assert_refused("fitzhugh_nagumo", "{\"rk45\": 1, \"tau\": 1e-3, \"current\": 1e300}",
                   "cannot be solved");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_generator_is_whole),
        cmocka_unit_test(seeds_give_different_series),
        cmocka_unit_test(damped_oscillator_follows_the_closed_form),
        cmocka_unit_test(noise_has_the_standard_deviation_it_is_given),
        cmocka_unit_test(lorenz_stays_on_its_attractor_and_rests_below_onset),
        cmocka_unit_test(mackey_glass_settles_for_a_short_delay_and_not_for_a_long_one),
        cmocka_unit_test(free_pendulum_without_friction_keeps_its_energy),
        cmocka_unit_test(irregular_sines_have_increasing_times_and_the_noise_asked_for),
        cmocka_unit_test(xor_bits_carry_their_parity),
        cmocka_unit_test(xor_events_tell_the_parity_by_the_times_between_them),
        cmocka_unit_test(streams_are_as_long_as_drawn_but_no_longer_than_asked_for),
        cmocka_unit_test(ranges_are_drawn_from_and_numbers_taken_as_they_are),
        cmocka_unit_test(wrong_parameters_are_refused_with_a_remedy),
        cmocka_unit_test(equations_without_a_solution_fail_instead_of_hanging),
        cmocka_unit_test(unknown_generators_are_not_found),
        cmocka_unit_test(mnist1d_is_the_papers_data_set),
        cmocka_unit_test(mnist1d_shuffled_has_the_same_numbers_elsewhere),
        cmocka_unit_test(adding_asks_for_the_sum_of_two_marked_numbers),
        cmocka_unit_test(copy_asks_for_its_digits_after_the_gap),
        cmocka_unit_test(fitzhugh_nagumo_fires_as_in_the_paper),
        cmocka_unit_test(rk45_makes_the_errors_of_scipys_defaults),
        cmocka_unit_test(fitzhugh_nagumo_comes_with_the_releases_error_on_request),
    };
    return cmocka_run_group_tests_name("generators", tests, NULL, NULL);
}
