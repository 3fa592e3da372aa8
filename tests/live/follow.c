// SPDX-License-Identifier: GPL-2.0
/*
 * A traced command's processes are followed from birth to end, and those that cannot be are reported.
 *
 *   follow RSTTRACE        as root, on this machine and in guests
 *
 * Runs the tracer with itself as the command. The command fills the tracer's map of followed
 * processes with numbers that no process has, so that a few more are enough to find it full.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <jansson.h>

#include "wire.h"

#define CLOSED_PORT 9
#define ROOM 64			/* how many processes still fit into the map, the command included */
#define FORKS 100
#define NO_PROCESS 0x10000000	/* greater than any pid (PID_MAX_LIMIT) */

static void __attribute__((noreturn)) die(const char *what)
{
	fprintf(stderr, "follow: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* ---- the command ------------------------------------------------------------------- */

/* The map of that name, if it is behind this descriptor of the tracer's, or -1. */
static int map_of(const char *fdinfo, const char *name)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info), id = 0;
	char line[128];
	FILE *f = fopen(fdinfo, "r");
	int fd;

	while (f && fgets(line, sizeof(line), f) && !sscanf(line, "map_id: %u", &id))
		;
	if (f)
		fclose(f);
	fd = id ? bpf_map_get_fd_by_id(id) : -1;
	if (fd >= 0 && (bpf_obj_get_info_by_fd(fd, &info, &len) || strcmp(info.name, name))) {
		close(fd);
		return -1;
	}
	return fd;
}

static int followed_map(void)
{
	char dir[64], path[PATH_MAX];
	struct dirent *entry;
	int fd = -1;
	DIR *d;

	snprintf(dir, sizeof(dir), "/proc/%d/fdinfo", getppid());
	d = opendir(dir);
	while (d && fd < 0 && (entry = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		fd = map_of(path, "followed");
	}
	if (fd < 0)
		die("the tracer has no map of followed processes");
	closedir(d);
	return fd;
}

/* The command itself has one of the places. */
static void leave_room(int room)
{
	int fd = followed_map();
	__u8 one = 1;

	for (__u32 i = 1; i + room <= RST_FOLLOWED; i++) {
		__u32 key = NO_PROCESS + i;

		if (bpf_map_update_elem(fd, &key, &one, BPF_ANY))
			die("the map has less room than it should");
	}
	close(fd);
}

static void be_refused(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(CLOSED_PORT),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (!connect(fd, (void *)&to, sizeof(to)) || errno != ECONNREFUSED)
		die("a connect that should have been refused");
	close(fd);
}

static void nothing(void)
{
}

/* Runs fn() in a child, and waits for its end. */
static void in_child(void (*fn)(void))
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		fn();
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		die("a child");
}

static void grandchild_refused(void)
{
	in_child(be_refused);
}

static void command_ended(void)
{
	leave_room(ROOM);
	for (int i = 0; i < FORKS; i++)
		in_child(nothing);
	in_child(grandchild_refused);
}

static void child_and_grandchild_refused(void)
{
	be_refused();
	in_child(be_refused);
}

static void command_full(void)
{
	leave_room(1);
	in_child(child_and_grandchild_refused);
}

static void *wait_and_fork(void *first)
{
	pthread_join(*(pthread_t *)first, NULL);
	in_child(be_refused);
	exit(0);
}

static void command_first_thread(void)
{
	static pthread_t first;
	pthread_t second;

	first = pthread_self();
	if (pthread_create(&second, NULL, wait_and_fork, &first))
		die("a thread");
	pthread_exit(NULL);
}

/* ---- what the tracer must report ---------------------------------------------------- */

static const struct expected {
	const char *name;
	void (*command)(void);
	int incidents, unfollowed;
	const char *says;	/* on stderr, or NULL */
} cases[] = {
	{ "those-that-ended-leave-their-place", command_ended, 1, 0, NULL },
	{ "no-room-is-told", command_full, 1, 1, "not followed: 1 process that the command started" },
	{ "a-process-lives-as-long-as-a-thread", command_first_thread, 1, 0, NULL },
};

#define N_CASES (sizeof(cases) / sizeof(cases[0]))

struct told {
	int incidents, unfollowed;
	bool says, ended;
};

static void take_line(struct told *t, const struct expected *want, const char *line)
{
	json_t *o = json_loads(line, 0, NULL);

	if (json_object_get(o, "id"))
		t->incidents += !json_integer_value(json_object_get(o, "rev"));
	else if (json_object_get(o, "type"))
		t->ended = true;
	if (json_object_get(o, "unfollowed"))
		t->unfollowed = json_integer_value(json_object_get(o, "unfollowed"));
	t->says |= want->says && strstr(line, want->says);
	json_decref(o);
}

/* Says what is wrong, if anything is. */
static bool passes(const char *rsttrace, const struct expected *want)
{
	struct told told = {};
	char line[65536], command[PATH_MAX];
	FILE *f;
	int status;

	snprintf(command, sizeof(command), "%s --json --settle 300 --port %d -- /proc/%d/exe - %s 2>&1",
		 rsttrace, CLOSED_PORT, getpid(), want->name);
	f = popen(command, "r");
	if (!f)
		die(command);
	while (fgets(line, sizeof(line), f))
		take_line(&told, want, line);
	status = pclose(f);
	if (!status && told.ended && told.incidents == want->incidents &&
	    told.unfollowed == want->unfollowed && told.says == !!want->says)
		return true;
	printf("FAIL follow-%s: status %d, %d incidents (expected %d), %d not followed (expected %d)%s\n",
	       want->name, status, told.incidents, want->incidents, told.unfollowed, want->unfollowed,
	       told.says == !!want->says ? "" : ", and the summary does not say so");
	return false;
}

static void own_namespace(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };

	if (unshare(CLONE_NEWNET) || ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCSIFFLAGS, &lo))
		die("a network namespace");
}

int main(int argc, char **argv)
{
	int failed = 0;

	for (size_t i = 0; argc == 3 && i < N_CASES; i++) {
		if (strcmp(argv[2], cases[i].name))
			continue;
		cases[i].command();
		return 0;
	}
	if (argc != 2) {
		fprintf(stderr, "usage: follow RSTTRACE\n");
		return 2;
	}
	if (geteuid()) {
		puts("0 passed, 0 failed, 1 skipped");
		return 0;
	}
	own_namespace();
	for (size_t i = 0; i < N_CASES; i++) {
		if (passes(argv[1], &cases[i]))
			printf("ok   follow-%s\n", cases[i].name);
		else
			failed++;
	}
	printf("%zu passed, %d failed, 0 skipped\n", N_CASES - failed, failed);
	return failed > 0;
}
