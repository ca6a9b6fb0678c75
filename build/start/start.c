/*
 * Runs before anything of Node: sets the environment that Node takes its bounds from, and goes on to Node's own start.
 *
 * build/start.mjs puts it into the executable. By then the dynamic linker has done its work, and Node's start hands
 * `environ` to main. There is no C library here, no data that is written, and no address that is fixed.
 */

typedef unsigned long word;

/* Filled in by build/start.mjs, as distances from the table itself. */
struct table {
  word entry;   /* to Node's own start */
  word environ; /* to the C library's variable */
};
extern const struct table table __attribute__((visibility("hidden")));

#define AT_CWD (-100)
#define TEXT_BYTES 16384
#define VARIABLES 4096
#define OPTIONS_BYTES 8192

/* What is written here lives as long as the process: pages of its own. */
struct memory {
  char options[OPTIONS_BYTES];
  char memory[32];
  char path[512];
  char text[TEXT_BYTES + 1];
  char *environment[VARIABLES];
};

#if defined(__x86_64__)
enum { READ = 0, CLOSE = 3, MMAP = 9, OPENAT = 257 };

static long call(long number, long a, long b, long c, long d, long e, long f) {
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

/* rdx holds what the dynamic linker wants called at the end. */
__asm__(".section .text.first\n"
        "push %rdx\n"
        "lea 8(%rsp), %rdi\n"
        "mov %rsp, %rbx\n"
        "and $-16, %rsp\n"
        "call prepare\n"
        "mov %rbx, %rsp\n"
        "pop %rdx\n"
        "jmp *%rax\n"
        ".text\n");
#elif defined(__aarch64__)
enum { READ = 63, CLOSE = 57, MMAP = 222, OPENAT = 56 };

static long call(long number, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}

/* x0 holds what the dynamic linker wants called at the end. */
__asm__(".section .text.first\n"
        "mov x19, x0\n"
        "mov x0, sp\n"
        "bl prepare\n"
        "mov x16, x0\n"
        "mov x0, x19\n"
        "br x16\n"
        ".text\n");
#elif defined(__arm__)
/* mmap2, which counts in pages: only ever 0 here. */
enum { READ = 3, CLOSE = 6, MMAP = 192, OPENAT = 322 };

static long call(long number, long a, long b, long c, long d, long e, long f) {
  register long r7 __asm__("r7") = number;
  register long r0 __asm__("r0") = a;
  register long r1 __asm__("r1") = b;
  register long r2 __asm__("r2") = c;
  register long r3 __asm__("r3") = d;
  register long r4 __asm__("r4") = e;
  register long r5 __asm__("r5") = f;
  __asm__ volatile("svc 0" : "+r"(r0) : "r"(r7), "r"(r1), "r"(r2), "r"(r3), "r"(r4), "r"(r5) : "memory");
  return r0;
}

/* r0 holds what the dynamic linker wants called at the end. */
__asm__(".section .text.first\n"
        "mov r4, r0\n"
        "mov r5, sp\n"
        "mov r0, sp\n"
        "bic sp, sp, #7\n"
        "bl prepare\n"
        "mov r12, r0\n"
        "mov r0, r4\n"
        "mov sp, r5\n"
        "bx r12\n"
        ".text\n");
#else
#error "no such machine"
#endif

/* Whether a text begins so, and what follows. */
static const char *after(const char *text, const char *beginning) {
  while (*beginning != 0)
    if (*text++ != *beginning++) return 0;
  return text;
}

static char *append(char *to, const char *end, const char *text) {
  while (*text != 0 && to < end) *to++ = *text++;
  *to = 0;
  return to;
}

static char *append_number(char *to, const char *end, word number) {
  static const word powers[] = {1000000000, 100000000, 10000000, 1000000, 100000, 10000, 1000, 100, 10, 1};
  int begun = 0;
  for (int at = 0; at < 10; at++) {
    char digit = '0';
    for (; number >= powers[at]; number -= powers[at]) digit++;
    begun |= digit != '0' || at == 9;
    if (begun && to < end) *to++ = digit;
  }
  *to = 0;
  return to;
}

static const char *skip_blanks(const char *text) {
  while (*text == ' ' || *text == '\t') text++;
  return text;
}

/* The first whole number of a text, in units of 2 to the power of `shift`; 0 where there is none, or an absurd one. */
static word number_at(const char *text, int shift) {
  unsigned long long number = 0;
  for (text = skip_blanks(text); (*text >= '0' && *text <= '9') || *text == '_'; text++) {
    if (*text == '_') continue;
    if (number > 1000000000000000000ULL) return 0;
    number = number * 10 + (word)(*text - '0');
  }
  number >>= shift;
  return number > 1000000000ULL ? 0 : (word)number;
}

static int read_file(const char *path, char *text) {
  long file = call(OPENAT, AT_CWD, (long)path, 0, 0, 0, 0);
  if (file < 0) return 0;
  long length = 0;
  for (;;) {
    long read = call(READ, file, (long)(text + length), TEXT_BYTES - length, 0, 0, 0);
    if (read <= 0) break;
    length += read;
  }
  text[length] = 0;
  call(CLOSE, file, 0, 0, 0, 0, 0);
  return length > 0;
}

static const char *next_line(const char *line) {
  while (*line != 0 && *line != '\n') line++;
  return *line == 0 ? 0 : line + 1;
}

/* `memory` under [gateway] in the operator's file, in MB, where it stands as a line of its own; 0 where it doesn't. */
static word from_file(const char *path, struct memory *memory) {
  if (!read_file(path, memory->text)) return 0;
  int inside = 0;
  for (const char *line = memory->text; line != 0; line = next_line(line)) {
    const char *begin = skip_blanks(line);
    if (*begin == '[') {
      const char *name = after(skip_blanks(begin + 1), "gateway");
      inside = name != 0 && *skip_blanks(name) == ']';
    }
    const char *value = inside ? after(begin, "memory") : 0;
    if (value != 0 && *(value = skip_blanks(value)) == '=') return number_at(value + 1, 0);
  }
  return 0;
}

/* The least bound on this process's memory among its control group's and those around it, in MB; 0 where there is none. */
static word from_group(struct memory *memory) {
  static const char root[] = "/sys/fs/cgroup";
  static const char name[] = "/memory.max";
  if (!read_file("/proc/self/cgroup", memory->text)) return 0;
  const char *line = memory->text;
  while (line != 0 && after(line, "0::") == 0) line = next_line(line);
  if (line == 0) return 0;
  const char *limit = memory->path + sizeof memory->path - sizeof name;
  char *start = append(memory->path, limit, root);
  char *end = start;
  for (const char *from = line + 3; *from != 0 && *from != '\n'; from++) {
    if (end == limit) return 0;
    *end++ = *from;
  }
  word least = 0;
  for (;;) {
    append(end, memory->path + sizeof memory->path - 1, name);
    word found = read_file(memory->path, memory->text) ? number_at(memory->text, 20) : 0;
    if (found != 0 && (least == 0 || found < least)) least = found;
    if (end <= start) return least;
    do end--;
    while (end > start && *end != '/');
  }
}

/* What the machine has, in MB. */
static word from_machine(struct memory *memory) {
  if (!read_file("/proc/meminfo", memory->text)) return 0;
  for (const char *line = memory->text; line != 0; line = next_line(line)) {
    const char *value = after(line, "MemTotal:");
    if (value != 0) return number_at(value, 10);
  }
  return 0;
}

/* Where the operator's file is, as src/cli/dispatch.ts has it. */
static const char *file_of(char **arguments, char **environment) {
  for (; *arguments != 0; arguments++)
    if (after(*arguments, "-c") != 0 && (*arguments)[2] == 0) return arguments[1] == 0 ? "" : arguments[1];
  for (; *environment != 0; environment++) {
    const char *value = after(*environment, "FMUCD_CONFIG=");
    if (value != 0 && *value != 0) return value;
  }
  return "/etc/fmucd/fmucd.toml";
}

static word between(word least, word value, word most) { return value < least ? least : value > most ? most : value; }

/* Sets the environment, where it can, and says where Node starts. */
__attribute__((used)) const void *prepare(word *stack) {
  const char *here = (const char *)&table;
  const void *entry = here + table.entry;
  char **arguments = (char **)(stack + 1);
  char **environment = arguments + stack[0] + 1;

  long page = call(MMAP, 0, sizeof(struct memory), 3 /* read, write */, 0x22 /* private, anonymous */, -1, 0);
  if (page < 0 && page > -4096) return entry;
  struct memory *memory = (struct memory *)page;

  word found = from_file(file_of(arguments, environment), memory);
  if (found == 0) {
    word group = from_group(memory);
    found = from_machine(memory);
    if (group != 0 && (found == 0 || group < found)) found = group;
  }

  int count = 0;
  memory->environment[count++] = (char *)"UV_USE_IO_URING=0";
  char *end = memory->options + sizeof memory->options - 1;
  char *to = append(memory->options, end, "NODE_OPTIONS=");
  if (found != 0) {
    append_number(append(memory->memory, memory->memory + 30, "FMUCD_MEMORY="), memory->memory + 30, found);
    memory->environment[count++] = memory->memory;
    to = append_number(append(to, end, "--max-old-space-size="), end, between(24, found >> 2, 1024));
    to = append_number(append(to, end, " --max-semi-space-size="), end, between(1, found >> 7, 16));
  }
  memory->environment[count++] = memory->options;
  for (; *environment != 0 && count < VARIABLES - 1; environment++) {
    const char *options = after(*environment, "NODE_OPTIONS=");
    if (options != 0 && *options != 0) {
      /* Whoever runs it has the last word. */
      append(append(to, end, " "), end, options);
    } else if (after(*environment, "UV_USE_IO_URING=") != 0) {
      memory->environment[0] = *environment;
    } else if (after(*environment, "FMUCD_MEMORY=") == 0) {
      memory->environment[count++] = *environment;
    }
  }
  if (*environment == 0) *(char ***)(here + table.environ) = memory->environment;
  return entry;
}
