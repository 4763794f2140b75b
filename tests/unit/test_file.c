#include "base/file.h"
#include "support/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static struct folder folder;
static struct arena arena;

static int set_up(void **state) {
    (void)state;
    folder = folder_new();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    folder_remove(&folder);
    arena_free(&arena);
    return 0;
}

static const char *path(const char *name) {
    return path_join(&arena, folder.path, name);
}

static void what_is_written_is_read_again(void **state) {
    (void)state;
    static char content[100003];
    for (size_t i = 0; i < sizeof content; i++)
        content[i] = (char)(i * i);
    struct error error = {0};
    size_t size = 0;
    assert_true(file_write(path("x"), content, sizeof content, &error));
    char *read = file_read(path("x"), &arena, &size, &error);
    assert_int_equal(size, sizeof content);
    assert_memory_equal(read, content, size);
    assert_int_equal(read[size], '\0');
}

static void sizes_around_the_buffer_are_read_whole(void **state) {
    (void)state;
    static char content[(1 << 15) + 1];
    memset(content, 'x', sizeof content);
    static const size_t sizes[] = {0, 1, (1 << 14) - 1, 1 << 14, (1 << 14) + 1, 1 << 15};
    struct error error = {0};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t size = 99;
        assert_true(file_write(path("x"), content, sizes[i], &error));
        assert_non_null(file_read(path("x"), &arena, &size, &error));
        assert_int_equal(size, sizes[i]);
    }
}

static void what_cannot_be_read_is_named_with_the_reason(void **state) {
    (void)state;
    struct error error = {0};
    assert_null(file_read(path("absent"), &arena, NULL, &error));
    assert_non_null(strstr(error.text, "absent: No such file"));
    assert_null(file_read(folder.path, &arena, NULL, &error));
    assert_non_null(strstr(error.text, "is a directory"));
}

static void writing_replaces_a_file_and_leaves_nothing_beside_it(void **state) {
    (void)state;
    struct error error = {0};
    assert_true(file_write(path("x"), "first", 5, &error));
    assert_true(file_write(path("x"), "2nd", 3, &error));
    assert_string_equal(file_read(path("x"), &arena, NULL, &error), "2nd");
    assert_int_equal(folder_count(&folder), 1);
}

static void what_cannot_be_written_is_named_with_the_reason(void **state) {
    (void)state;
    struct error error = {0};
    assert_false(file_write(path("absent/x"), "a", 1, &error));
    assert_non_null(strstr(error.text, "absent/x: cannot write: No such file or directory"));
    assert_false(file_write(folder.path, "a", 1, &error));
    assert_non_null(strstr(error.text, "Is a directory"));
    assert_int_equal(folder_count(&folder), 0);
}

/* A limit on file sizes stands in for the full disk. */
static void a_full_disk_leaves_the_old_file_as_it_was(void **state) {
    (void)state;
    struct error error = {0};
    assert_true(file_write(path("x"), "old", 3, &error));
    static char large[100000];
    const char *target = path("x");
    pid_t child = fork();
    if (child == 0) {
        struct rlimit limit = {4096, 4096};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        bool written = file_write(target, large, sizeof large, &error);
        _exit(written ? 1 : strstr(error.text, "cannot write: File too large") == NULL ? 2 : 0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    assert_string_equal(file_read(path("x"), &arena, NULL, &error), "old");
    assert_int_equal(folder_count(&folder), 1);
}

/* In the place of the C library's: what was synced last, what comes of syncing a folder, and whether SIGTERM
 * comes meanwhile. */
static mode_t synced;
static int folder_fault;
static bool is_terminated;

int fsync(int descriptor) {
    struct stat status;
    fstat(descriptor, &status);
    synced = status.st_mode & S_IFMT;
    if (is_terminated)
        kill(getpid(), SIGTERM);
    errno = folder_fault;
    return synced == S_IFDIR && folder_fault != 0 ? -1 : 0;
}

static void the_folder_is_synced_after_the_file(void **state) {
    (void)state;
    struct error error = {0};
    assert_true(file_write(path("x"), "a", 1, &error));
    assert_int_equal(synced, S_IFDIR);
    folder_fault = EINVAL; /* of file systems that cannot do it */
    assert_true(file_write(path("x"), "b", 1, &error));
    folder_fault = EIO;
    assert_false(file_write(path("x"), "c", 1, &error));
    assert_non_null(strstr(error.text, "x: cannot write: Input/output error"));
    folder_fault = 0;
    assert_int_equal(folder_count(&folder), 1);
}

static void print_numbers(FILE *out, const void *count) {
    for (int i = 0; i < *(const int *)count; i++)
        fprintf(out, "%d\n", i);
}

static void what_is_printed_is_written_whole_or_not_at_all(void **state) {
    (void)state;
    struct error error = {0};
    size_t size = 0;
    int few = 3, many = 100000;
    assert_true(file_print(path("x"), print_numbers, &few, &error));
    assert_string_equal(file_read(path("x"), &arena, NULL, &error), "0\n1\n2\n");
    const char *target = path("x");
    pid_t child = fork();
    if (child == 0) {
        struct rlimit limit = {20000, 20000};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        bool written = file_print(target, print_numbers, &many, &error);
        _exit(written ? 1 : strstr(error.text, "cannot write: File too large") == NULL ? 2 : 0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    assert_string_equal(file_read(path("x"), &arena, NULL, &error), "0\n1\n2\n");
    assert_int_equal(folder_count(&folder), 1);
    assert_true(file_print(path("x"), print_numbers, &many, &error));
    assert_non_null(file_read(path("x"), &arena, &size, &error));
    assert_int_equal(size, 10 * 2 + 90 * 3 + 900 * 4 + 9000 * 5 + 90000 * 6);
    assert_false(file_print("/dev/full", print_numbers, &few, &error));
    assert_non_null(strstr(error.text, "/dev/full: cannot write: No space left on device"));
}

static mode_t mode_of(const char *file) {
    struct stat status;
    assert_int_equal(lstat(file, &status), 0);
    return status.st_mode & 0777;
}

static void assert_holds(const char *name, const char *text) {
    struct error error;
    assert_string_equal(file_read(path(name), &arena, NULL, &error), text);
}

static void several_files_are_replaced_together(void **state) {
    (void)state;
    struct error error = {0};
    folder_write(&folder, "a", "old");
    assert_int_equal(chmod(path("a"), 0600), 0);
    assert_int_equal(symlink("a", path("link")), 0);
    const struct file_content files[] = {{path("link"), "1", 1}, {path("b"), "22", 2}};
    assert_true(file_write_all(files, 2, &error));
    assert_holds("a", "1");
    assert_holds("b", "22");
    assert_int_equal(mode_of(path("a")), 0600);
    assert_int_equal(folder_count(&folder), 3);
    assert_true(file_write_all(NULL, 0, &error));
}

static void several_files_without_room_for_one_stay_as_they_were(void **state) {
    (void)state;
    static char large[100000];
    folder_write(&folder, "a", "old");
    const struct file_content files[] = {{path("a"), "1", 1}, {path("b"), large, sizeof large}};
    pid_t child = fork();
    if (child == 0) {
        struct error error;
        struct rlimit limit = {4096, 4096};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        bool written = file_write_all(files, 2, &error);
        _exit(written ? 1 : strstr(error.text, "b: cannot write: File too large") == NULL ? 2 : 0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    assert_holds("a", "old");
    assert_int_equal(folder_count(&folder), 1);
}

static void several_files_stay_as_they_were_where_one_cannot_be_replaced(void **state) {
    (void)state;
    struct error error = {0};
    folder_write(&folder, "a", "old");
    assert_int_equal(mkdir(path("folder"), 0700), 0);
    assert_int_equal(mkfifo(path("fifo"), 0600), 0);
    static const char *const names[] = {"folder", "fifo", "absent/b"};
    for (size_t i = 0; i < 3; i++) {
        const struct file_content files[] = {{path("a"), "1", 1}, {path(names[i]), "2", 1}};
        assert_false(file_write_all(files, 2, &error));
        assert_non_null(strstr(error.text, names[i]));
        assert_holds("a", "old");
        assert_int_equal(folder_count(&folder), 3);
    }
}

static void several_files_stay_as_they_were_when_a_signal_comes(void **state) {
    (void)state;
    folder_write(&folder, "a", "old");
    const struct file_content files[] = {{path("a"), "1", 1}, {path("b"), "2", 1}};
    pid_t child = fork();
    if (child == 0) {
        struct error error;
        is_terminated = true;
        file_write_all(files, 2, &error);
        _exit(1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    assert_holds("a", "old");
    assert_int_equal(folder_count(&folder), 1);
}

static void what_is_replaced_keeps_its_mode_and_new_files_follow_the_umask(void **state) {
    (void)state;
    struct error error = {0};
    folder_write(&folder, "x", "old");
    chmod(path("x"), 0640);
    assert_true(file_write(path("x"), "new", 3, &error));
    assert_int_equal(mode_of(path("x")), 0640);
    mode_t former = umask(027);
    assert_true(file_write(path("y"), "new", 3, &error));
    umask(former);
    assert_int_equal(mode_of(path("y")), 0640);
}

static void a_link_is_followed_to_what_it_leads_to(void **state) {
    (void)state;
    struct error error = {0};
    folder_write(&folder, "x", "old");
    assert_int_equal(symlink("x", path("near")), 0);
    assert_int_equal(symlink(path("near"), path("far")), 0);
    assert_int_equal(symlink("not-there-yet", path("dangling")), 0);
    assert_true(file_write(path("far"), "new", 3, &error));
    assert_string_equal(file_read(path("x"), &arena, NULL, &error), "new");
    assert_true(file_write(path("dangling"), "new", 3, &error));
    assert_string_equal(file_read(path("not-there-yet"), &arena, NULL, &error), "new");
    struct stat status;
    assert_int_equal(lstat(path("far"), &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_int_equal(folder_count(&folder), 5);
    assert_int_equal(symlink("circle", path("circle")), 0);
    assert_false(file_write(path("circle"), "new", 3, &error));
    assert_non_null(strstr(error.text, "circle: cannot write: Too many levels of symbolic links"));
}

static void links_that_others_planted_are_replaced(void **state) {
    (void)state;
    if (geteuid() != 0)
        skip(); /* only root can make somebody else's link */
    struct error error = {0};
    folder_write(&folder, "victim", "mine");
    assert_int_equal(symlink("victim", path("x")), 0);
    assert_int_equal(lchown(path("x"), 4711, 4711), 0);
    assert_true(file_write(path("x"), "new", 3, &error));
    assert_string_equal(file_read(path("victim"), &arena, NULL, &error), "mine");
    assert_string_equal(file_read(path("x"), &arena, NULL, &error), "new");
}

static void devices_are_written_to_and_stay_devices(void **state) {
    (void)state;
    struct error error = {0};
    struct stat status;
    assert_true(file_write("/dev/null", "a", 1, &error));
    assert_int_equal(stat("/dev/null", &status), 0);
    assert_true(S_ISCHR(status.st_mode));
    assert_false(file_write("/dev/full", "a", 1, &error));
    assert_non_null(strstr(error.text, "/dev/full: cannot write: No space left on device"));
    assert_int_equal(stat("/dev/full", &status), 0);
    assert_true(S_ISCHR(status.st_mode));
    assert_int_equal(symlink("/dev/full", path("x")), 0);
    assert_false(file_write(path("x"), "a", 1, &error));
    assert_int_equal(folder_count(&folder), 1);
}

static void descriptors_are_written_to_where_they_stand(void **state) {
    (void)state;
    struct error error = {0};
    int ends[2];
    char got[4] = "", name[32];
    assert_int_equal(pipe(ends), 0);
    snprintf(name, sizeof name, "/dev/fd/%d", ends[1]);
    assert_true(file_write(name, "abc", 3, &error));
    assert_int_equal(read(ends[0], got, 3), 3);
    assert_string_equal(got, "abc");
    snprintf(name, sizeof name, "/dev/fd/%d", ends[0]);
    close(ends[1]);
    assert_string_equal(file_read(name, &arena, NULL, &error), "");
    close(ends[0]);
    assert_false(file_write(name, "abc", 3, &error));
    assert_non_null(strstr(error.text, "Bad file descriptor"));
    assert_null(file_read(name, &arena, NULL, &error));
}

/* Nobody is at the other end: a test that hangs has failed. */
static void fifos_and_devices_in_the_place_of_files_hang_nobody(void **state) {
    (void)state;
    struct error error = {0};
    char digest[SHA256_TEXT];
    assert_int_equal(mkfifo(path("fifo"), 0600), 0);
    assert_null(file_read(path("fifo"), &arena, NULL, &error));
    assert_non_null(strstr(error.text, "fifo: is a FIFO, not a file"));
    assert_false(file_sha256(path("fifo"), digest, &error));
    assert_false(file_write(path("fifo"), "a", 1, &error));
    assert_non_null(strstr(error.text, "fifo: cannot write: nobody reads from it"));
    assert_null(file_read("/dev/zero", &arena, NULL, &error));
    assert_non_null(strstr(error.text, "/dev/zero: is a device, not a file"));
    assert_string_equal(file_read("/dev/null", &arena, NULL, &error), "");
}

static void empty_names_are_refused(void **state) {
    (void)state;
    struct error error = {0};
    assert_false(file_write("", "a", 1, &error));
    assert_non_null(strstr(error.text, "is empty"));
    assert_null(file_read("", &arena, NULL, &error));
    assert_non_null(strstr(error.text, "is empty"));
    assert_false(file_make_directory("", &error));
    assert_non_null(strstr(error.text, "is empty"));
}

static void names_as_long_as_they_may_be_are_written(void **state) {
    (void)state;
    struct error error = {0};
    char name[256];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_true(file_write(path(name), "a", 1, &error));
    assert_int_equal(folder_count(&folder), 1);
}

static void temporary_files_that_killed_processes_left_are_removed(void **state) {
    (void)state;
    folder_write(&folder, "x.tmp-0123", "");
    folder_write(&folder, "y.tmp-0123", "");
    folder_write(&folder, "x", "");
    file_remove_temporaries(folder.path, "x", 3600);
    assert_int_equal(folder_count(&folder), 3);
    file_remove_temporaries(folder.path, "x", 0);
    assert_int_equal(folder_count(&folder), 2);
    assert_false(file_exists(path("x.tmp-0123")));
    file_remove_temporaries(path("absent"), "x", 0);
}

/* In the place of the C library's: how far this machine's clock is ahead of the file system's. */
static time_t ahead;

time_t time(time_t *copy) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (copy != NULL)
        *copy = now.tv_sec + ahead;
    return now.tv_sec + ahead;
}

static void the_age_of_temporary_files_is_told_by_the_clock_that_dates_them(void **state) {
    (void)state;
    const struct timespec old[] = {{.tv_sec = time(NULL) - 7200}, {.tv_sec = time(NULL) - 7200}};
    folder_write(&folder, "old.tmp-0123", "");
    assert_int_equal(utimensat(AT_FDCWD, path("old.tmp-0123"), old, 0), 0);
    folder_write(&folder, "new.tmp-0123", "");
    for (int days = -400; days <= 400; days += 400) {
        ahead = (time_t)days * 86400;
        file_remove_temporaries(folder.path, "", 3600);
        assert_true(file_exists(path("new.tmp-0123")));
        assert_false(file_exists(path("old.tmp-0123")));
    }
    ahead = 0;
    assert_int_equal(folder_count(&folder), 1);
}

static void directories_are_made_with_those_above_them(void **state) {
    (void)state;
    struct error error = {0};
    assert_true(file_make_directory(path("a/b/c"), &error));
    assert_true(file_is_directory(path("a/b/c")));
    assert_true(file_make_directory(path("a/b//c/"), &error));
    assert_true(file_make_directory("/", &error));
    assert_true(file_make_directory(".", &error));
}

static void a_file_in_the_way_of_a_directory_is_named(void **state) {
    (void)state;
    struct error error = {0};
    folder_write(&folder, "x", "");
    assert_false(file_make_directory(path("x"), &error));
    assert_non_null(strstr(error.text, "/x: exists and is not a directory"));
    assert_false(file_make_directory(path("x/y"), &error));
    assert_non_null(strstr(error.text, "/x: exists and is not a directory"));
}

/* The examples of FIPS 180-2, appendix B. */
static void sha256_agrees_with_the_examples_of_its_standard(void **state) {
    (void)state;
    char text[SHA256_TEXT];
    bytes_sha256("abc", 3, text);
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    static char million[1000000];
    memset(million, 'a', sizeof million);
    static const char digest[] = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
    bytes_sha256(million, sizeof million, text);
    assert_string_equal(text, digest);
    struct error error = {0};
    assert_true(file_write(path("x"), million, sizeof million, &error));
    memset(text, 0, sizeof text);
    assert_true(file_sha256(path("x"), text, &error));
    assert_string_equal(text, digest);
}

static void sha256_of_what_cannot_be_read_is_an_error(void **state) {
    (void)state;
    struct error error = {0};
    char text[SHA256_TEXT];
    assert_false(file_sha256(path("absent"), text, &error));
    assert_non_null(strstr(error.text, "No such file"));
    assert_false(file_sha256(folder.path, text, &error));
    assert_non_null(strstr(error.text, "directory"));
}

static void paths_are_joined_and_taken_apart(void **state) {
    (void)state;
    assert_string_equal(path_join(&arena, "a", "b"), "a/b");
    assert_string_equal(path_join(&arena, "a/", "b"), "a/b");
    assert_string_equal(path_join(&arena, "a", "/b"), "/b");
    assert_string_equal(path_directory(&arena, "a/b/c.json"), "a/b");
    assert_string_equal(path_directory(&arena, "c.json"), ".");
    assert_string_equal(path_directory(&arena, "/c.json"), "/");
    assert_string_equal(path_name("a/b/c.json"), "c.json");
    assert_string_equal(path_name("c.json"), "c.json");
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_is_written_is_read_again),
        TEST(sizes_around_the_buffer_are_read_whole),
        TEST(what_cannot_be_read_is_named_with_the_reason),
        TEST(writing_replaces_a_file_and_leaves_nothing_beside_it),
        TEST(what_cannot_be_written_is_named_with_the_reason),
        TEST(a_full_disk_leaves_the_old_file_as_it_was),
        TEST(the_folder_is_synced_after_the_file),
        TEST(what_is_printed_is_written_whole_or_not_at_all),
        TEST(several_files_are_replaced_together),
        TEST(several_files_without_room_for_one_stay_as_they_were),
        TEST(several_files_stay_as_they_were_where_one_cannot_be_replaced),
        TEST(several_files_stay_as_they_were_when_a_signal_comes),
        TEST(what_is_replaced_keeps_its_mode_and_new_files_follow_the_umask),
        TEST(a_link_is_followed_to_what_it_leads_to),
        TEST(links_that_others_planted_are_replaced),
        TEST(devices_are_written_to_and_stay_devices),
        TEST(descriptors_are_written_to_where_they_stand),
        TEST(fifos_and_devices_in_the_place_of_files_hang_nobody),
        TEST(empty_names_are_refused),
        TEST(names_as_long_as_they_may_be_are_written),
        TEST(temporary_files_that_killed_processes_left_are_removed),
        TEST(the_age_of_temporary_files_is_told_by_the_clock_that_dates_them),
        TEST(directories_are_made_with_those_above_them),
        TEST(a_file_in_the_way_of_a_directory_is_named),
        TEST(sha256_agrees_with_the_examples_of_its_standard),
        TEST(sha256_of_what_cannot_be_read_is_an_error),
        TEST(paths_are_joined_and_taken_apart),
    };
    return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
