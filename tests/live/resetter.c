/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Resets a connection between a server and a client that are both this process, in functions
 * that a stack has to name: give_up() closes with unread data, ask() makes the call that fails.
 * Then it prints "done" and waits for its standard input to end, so that it lives while the
 * tracer reads its stacks.
 *
 *	resetter		ordinary code alone
 *	resetter compiled	give_up() is called by code that this process has made itself, and
 *				that it names in a perf map
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define APART __attribute__((noinline, noipa))

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* Something follows each call, so that the compiler makes no jump (tail call) of it. */
APART static int give_up(int fd)
{
	return close(fd) + 1;
}

/* Named as C++ and Rust compilers name functions. */
APART int cancel(int fd) __asm__("_ZN4shop5Order6cancelEi");
int cancel(int fd)
{
	return give_up(fd) + 1;
}

APART int drop(int fd) __asm__("_ZN4shop4cart4drop17h0123456789abcdefE");
int drop(int fd)
{
	return cancel(fd) + 1;
}

static int (*handler)(int fd) = drop;

APART static int handle(int fd)
{
	return handler(fd) + 1;
}

APART static int ask(int fd)
{
	char byte;

	return (int)recv(fd, &byte, 1, 0) + 2;
}

APART static int serve(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0), fd;
	socklen_t len = sizeof(addr);
	char peeked;

	if (bind(listener, (void *)&addr, len) || listen(listener, 1) ||
	    getsockname(listener, (void *)&addr, &len) || connect(client, (void *)&addr, len))
		die("connect");
	fd = accept(listener, NULL, NULL);
	if (fd < 0 || send(client, "x", 1, 0) != 1 || recv(fd, &peeked, 1, MSG_PEEK) != 1)
		die("send");
	return handle(fd) + ask(client);
}

/* Makes a function that calls give_up(), with a frame pointer and no unwind table. */
static void compile(void)
{
#ifdef __x86_64__
	unsigned char code[] = { 0x55, 0x48, 0x89, 0xe5,		/* push %rbp; mov %rsp, %rbp */
				 0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0,	/* movabs $give_up, %rax */
				 0xff, 0xd0, 0x5d, 0xc3 };		/* call *%rax; pop %rbp; ret */
	int (*called)(int) = give_up;
	unsigned char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char path[64];
	FILE *f;

	memcpy(code + 6, &called, sizeof(called));
	if (page == MAP_FAILED)
		die("mmap");
	memcpy(page, code, sizeof(code));
	memcpy(&handler, &page, sizeof(handler));
	snprintf(path, sizeof(path), "/tmp/perf-%d.map", (int)getpid());
	f = fopen(path, "w");
	if (!f || fprintf(f, "%lx %zx Shop.checkout\n", (unsigned long)page, sizeof(code)) < 0 || fclose(f))
		die(path);
#endif
}

int main(int argc, char **argv)
{
	int err;

	if (argc > 1 && !strcmp(argv[1], "compiled"))
		compile();
	err = serve();
	puts("done");
	fflush(stdout);
	while (getchar() != EOF)
		;
	return err == 1000;
}
