#!/usr/bin/env python3
"""Plugins that their makers built badly: each finding of the lint is named with its remedy, in the grade that it has, by
--probe, by -t and by a host. Each is made here from a small source, and one that is well built has no finding at all."""
import os
import re
import shlex
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

from builds import Builds, put  # noqa: E402
from load import program  # noqa: E402
from processes import make_capture  # noqa: E402

SDK = os.path.join(os.environ["AQ_SOURCE"], "sdk", "include")
SANITIZED = os.environ.get("AQ_SANITIZE", "") != ""

GOOD = """
#include <aioquant/plugin.h>
#include <stdlib.h>
static int32_t create(const struct aq_host *host, void **self, struct aq_err *err)
{
	(void)host; (void)err;
	*self = malloc(8);
	return AQ_OK;
}
static void event(void *self, const struct aq_event *e) { (void)self; (void)e; }
AQ_PLUGIN(.kind = AQ_STRATEGY, .name = "planted", .create = create, .destroy = free, .on_event = event);
"""
FLAGS = "-shared -fPIC -fvisibility=hidden -Wl,-z,now,-z,relro,-z,noexecstack -D_GNU_SOURCE"
USED = "__attribute__((used)) static int used(void) { %s }\n"


def cc(path, source, flags=""):
    """A plugin from C source, behind what makes a good one."""
    command = ["cc", *shlex.split(FLAGS), "-I", SDK, "-o", path, "-x", "c", "-", *shlex.split(flags)]
    subprocess.run(command, input=source.encode(), check=True)


def planted(source, flags=""):
    cc("planted.so", GOOD + source, flags)


def probe(path, *options):
    """Exit status and what it says."""
    done = subprocess.run([program("aioquantd"), "--probe", *options, path], capture_output=True, text=True, timeout=60)
    assert done.returncode in (0, 1), (path, done.returncode, done.stderr)
    return done.returncode, done.stdout + done.stderr


def findings(said):
    return re.findall(r"^\S+: (?:refused|warning): .*$", said, re.M)


def refused(name, what, remedy, path="planted.so"):
    status, said = probe(path)
    assert status == 1 and re.search(r"^%s: refused: %s.*: .*%s" % (re.escape(path), what, remedy), said, re.M), (name, said)
    print("refused: %s" % name)


def warned(name, what, remedy, path="planted.so"):
    """One that loads; `--strict` refuses it, too."""
    status, said = probe(path)
    line = r"^%s: %%s: %s.*: .*%s" % (re.escape(path), what, remedy)
    assert status == 0 and re.search(line % "warning", said, re.M), (name, said)
    status, said = probe(path, "--strict")
    assert status == 1 and re.search(line % "refused", said, re.M), (name, said)
    print("warned: %s" % name)


# ---- what is refused ----

def not_for_here():
    planted("")
    whole = open("planted.so", "rb").read()
    put("text.so", b"this is no library\n")
    refused("a text file", "is no shared library", "cc -shared -fPIC", "text.so")
    put("empty.so", b"")
    refused("an empty file", "is no shared library", "cc -shared -fPIC", "empty.so")
    put("cut.so", whole[:len(whole) // 4])
    refused("a file that is cut off", r"is cut off after \d+ bytes", "build or copy it again", "cut.so")
    put("other.so", whole[:18] + b"\x08\0" + whole[20:]) # e_machine: MIPS
    refused("another machine", "is a library for another machine", "on a machine of this kind", "other.so")
    put("class.so", whole[:4] + b"\x01" + whole[5:]) # 32 bit
    refused("32 bit", "is no shared library", "cc -shared -fPIC", "class.so")
    refused("no file", "cannot be read: No such file", "path of a file", "none.so")
    refused("a folder", "cannot be read: Is a directory", "path of a file", os.getcwd())


def symbols():
    planted("AQ_EXPORT int other(void);\nint other(void) { return 1; }\n")
    refused("a second exported symbol", "exports other, and must export aq_plugin_1 alone", "-fvisibility=hidden")
    cc("planted.so", "static int nothing;\n__attribute__((used)) static int *get(void) { return &nothing; }\n")
    refused("no entry symbol", "has no symbol aq_plugin_1", "AQ_STRATEGY or AQ_PLUGIN makes it")
    cc("planted.so", '__attribute__((visibility("default"))) void aq_plugin_1(void);\nvoid aq_plugin_1(void) { }\n')
    refused("a function for a table", "has a symbol aq_plugin_1 that is no plugin table", "AQ_STRATEGY or AQ_PLUGIN")
    planted("int missing(void);\n" + USED % "return missing();", "-Wl,-z,undefs")
    refused("an undefined symbol", "has an undefined symbol: missing", "pkg-config --libs aioquant")


def libraries():
    """A library is looked for where the dynamic linker does, and so is what it gives."""
    os.mkdir("lib")
    cc("lib/libgiven.so", '__attribute__((visibility("default"))) int given(void);\nint given(void) { return 1; }\n',
       "-Wl,-soname,libgiven.so")
    source = "int given(void);\n" + USED % "return given();"
    planted(source, "-Llib -lgiven")
    refused("a library that is not there", "needs libgiven.so, which is not on this machine", "link it statically")
    planted(source, "-Llib -lgiven -Wl,-rpath,%s/lib" % os.getcwd())
    warned("a library that is there", "needs libgiven.so", "link it statically")
    planted(source + "int missing(void);\n__attribute__((used)) static int more(void) { return missing(); }\n",
            "-Llib -lgiven -Wl,-rpath,%s/lib,-z,undefs" % os.getcwd())
    refused("what no library gives", "has an undefined symbol: missing: ", "pkg-config")
    with open("map", "w") as f:
        f.write("GLIBC_9.9 { global: cos; };\n")
    cc("lib/libm.so.6", '__attribute__((visibility("default"))) int cos(void);\nint cos(void) { return 1; }\n',
       "-w -Wl,-soname,libm.so.6,--version-script,map")
    planted("double cos(double);\n" + USED % "return cos((double)(long)create) > 0;", "-w -fno-builtin -Llib -l:libm.so.6")
    refused("another C library's", "needs newer libraries than this machine has: cos@GLIBC_9.9", "build it on this system")


def client_libraries():
    """A store may need the library of its back end; nothing else may, and a store no other."""
    os.mkdir("clients")
    clients = ["sqlite3.so.0", "mariadb.so.3", "bson-1.0.so.0", "mongoc-1.0.so.0"]
    for name in clients + ["stranger.so.1"]:
        cc("clients/lib" + name, '__attribute__((visibility("default"))) int given(void);\nint given(void) { return 1; }\n',
           "-Wl,-soname,lib" + name)
    source = GOOD + "int given(void);\n" + USED % "return given();"
    flags = "-Wl,--no-as-needed -Lclients -Wl,-rpath,%s/clients " % os.getcwd()
    for kind in ("AQ_STRATEGY", "AQ_EXCHANGE", "AQ_BUS", "AQ_SERVICE", "AQ_STORAGE"):
        cc("planted.so", source.replace("AQ_STRATEGY", kind), flags + " ".join("-l:lib" + name for name in clients))
        if kind == "AQ_STORAGE":
            status, said = probe("planted.so", "--strict")
            assert status == 0 and not findings(said), said
        else:
            warned("client libraries of %s" % kind, "needs lib" + ", lib".join(clients), "link it statically")
    cc("planted.so", source.replace("AQ_STRATEGY", "AQ_STORAGE"), flags + "-l:libsqlite3.so.0 -l:libstranger.so.1")
    warned("a store's other library", "needs libstranger.so.1", "link it statically")
    print("client libraries: a store's alone")


def mappings():
    planted("", "-Wl,-z,execstack")
    refused("an executable stack", "wants an executable stack", "-Wl,-z,noexecstack")
    planted("static __thread int *kept;\n__attribute__((used)) static int *get(void) { return kept; }\n",
            "-ftls-model=initial-exec")
    refused("static TLS", "has static TLS", "-ftls-model=global-dynamic")
    if os.uname().machine == "x86_64":
        planted("int table[4];\n" + USED % "return table[1];", "-fno-pic -mcmodel=large -Wl,-z,notext")
        refused("text relocations", "has text relocations", "build with -fPIC")
    subprocess.run(["cc", "-pie", "-o", "planted.so", "-x", "c", "-"], input=b"int main(void) { return 0; }", check=True)
    refused("a program", "is a program, no library", "cc -shared -fPIC")


def writers():
    os.mkdir("open")
    cc("open/planted.so", GOOD)
    os.chmod("open/planted.so", 0o775)
    refused("a file that the group may write", "may be written by users other than its owner", "chmod go-w open/planted.so",
            "open/planted.so")
    os.chmod("open/planted.so", 0o757)
    refused("a file that others may write", "may be written by", "chmod go-w open/planted.so", "open/planted.so")
    os.chmod("open/planted.so", 0o755)
    os.chmod("open", 0o777)
    refused("a folder that others may write", "lies in a folder that", "chmod go-w open$", "open/planted.so")
    os.symlink("open/planted.so", "link.so")
    refused("a link into such a folder", "lies in a folder that", "chmod go-w .*/open$", "link.so")
    os.chmod("open", 0o1777)
    status, said = probe("open/planted.so")
    assert status == 0 and not findings(said), said


# ---- what is warned about ----

def states():
    planted("static int counter = 1;\nstatic char table[64];\n" + USED % "return counter++ + table[counter]++;")
    warned("static data", r"has writable globals .*counter \(4 bytes\)", "keep state in the struct of the instance")
    warned("static data", r"has writable globals .*table \(64 bytes\)", "two instances run side by side")
    if shutil.which("strip"):
        subprocess.run(["strip", "planted.so"], check=True)
        warned("static data without names", r"has \d+ bytes of writable globals", "keep state in the struct of the instance")
    planted("static __thread int kept = 7;\n__attribute__((used)) static int *get(void) { return &kept; }\n")
    warned("a thread-local", r"has thread-locals kept \(4 bytes\)", "keep state in the struct of the instance")
    planted("__attribute__((constructor)) static void early(void) { }\n")
    warned("a constructor", "has constructors: early", "do it in create")
    planted("__attribute__((destructor)) static void late(void) { }\n")
    warned("a destructor", "has destructors: late", "do it in destroy")
    planted("", "-Wl,-z,lazy")
    warned("lazy binding", "has lazy binding", "-Wl,-z,now")


IMPORTS = [ # a call, the headers it needs, what is said, the remedy
    ("usleep(1)", "unistd.h", "waits with usleep", "aq_after"),
    ("(int)sleep(1)", "unistd.h", "waits with sleep", "aq_after"),
    ("nanosleep(0, 0)", "time.h", "waits with nanosleep", "aq_after"),
    ("poll(0, 0, 0)", "poll.h", "waits with poll", "aq_after"),
    ("select(0, 0, 0, 0, 0)", "sys/select.h", "waits with select", "aq_after"),
    ("(int)time(0)", "time.h", "asks the machine for the time with time", "aq_now"),
    ("gettimeofday(0, 0)", "sys/time.h", "asks the machine for the time with gettimeofday", "aq_now"),
    ("localtime(0) != 0", "time.h", "asks the machine for the time with localtime", "aq_now"),
    ("rand()", "stdlib.h", "takes random numbers from rand", "random of the host"),
    ("(int)drand48()", "stdlib.h", "takes random numbers from drand48", "random of the host"),
    ("(int)getrandom(0, 0, 0)", "sys/random.h", "takes random numbers from getrandom", "random of the host"),
    ("socket(0, 0, 0)", "sys/socket.h", "opens or uses sockets with socket", "aq.net"),
    ("connect(0, 0, 0)", "sys/socket.h", "opens or uses sockets with connect", "aq.net"),
    ("fopen(\"a\", \"r\") != 0", "stdio.h", "uses files with fopen", "AQ_KEEP"),
    ("(int)write(1, \"a\", 1)", "unistd.h", "uses files with write", "AQ_KEEP"),
    ("printf(\"%d\", 1)", "stdio.h", "prints with printf", "aq_info"),
    ("puts(\"a\")", "stdio.h", "prints with puts", "aq_info"),
    ("system(\"true\")", "stdlib.h", "starts programs with system", "a process of its own"),
    ("fork()", "unistd.h", "starts programs with fork", "a process of its own"),
    ("execv(\"a\", 0)", "unistd.h", "starts programs with execv", "a process of its own"),
    ("signal(1, SIG_IGN) != SIG_ERR", "signal.h", "changes or sends signals with signal", "use a timer"),
    ("(exit(1), 0)", "stdlib.h", "ends the process with exit", "use fail of the host"),
    ("(abort(), 0)", "stdlib.h", "ends the process with abort", "use fail of the host"),
    ("pthread_create(0, 0, 0, 0)", "pthread.h", "starts threads with pthread_create", "timers and post"),
    ("thrd_create(0, 0, 0)", "threads.h", "starts threads with thrd_create", "timers and post"),
]


def imports():
    for call, header, what, remedy in IMPORTS:
        cc("planted.so", "#include <%s>\n" % header + GOOD + USED % ("return %s;" % call), "-w -fno-builtin")
        warned(call, what, remedy)
    cc("planted.so", "#include <stdio.h>\n" + GOOD + USED % "return printf(\"%d\", 1);", "-w -O2 -D_FORTIFY_SOURCE=2")
    warned("a checked printf", "prints with __printf_chk", "aq_info")


def other_languages():
    """They load, whatever is said about them."""
    compiler = shutil.which("g++")
    if compiler:
        with open("planted.cc", "w") as f:
            f.write(CXX)
        subprocess.run([compiler, "-std=c++20", *shlex.split(FLAGS), "-I", SDK, "-o", "cxx.so", "planted.cc"], check=True)
        status, said = probe("cxx.so")
        assert status == 0 and "strategy cxx" in said and "refused" not in said, said
        for what in ("exports _Z", "has writable globals", "has unique symbols", "has constructors: _GLOBAL__sub_I_",
                     "prints with .*_ZSt4cout", "asks the machine for the time with _ZNSt6chrono",
                     "starts threads with _ZNSt6thread"):
            assert re.search("^cxx.so: warning: (%s)" % what, said, re.M), (what, said)
        print("C++: %d warnings" % len(findings(said)))
    compiler = shutil.which("rustc")
    if compiler:
        with open(os.path.join(SDK, "aioquant", "abi.h")) as f:
            minor = re.search(r"define AQ_ABI_MINOR (\d+)", f.read()).group(1)
        with open("planted.rs", "w") as f:
            f.write(RUST.replace("ABI_MINOR", minor))
        subprocess.run([compiler, "--crate-type", "cdylib", "--edition", "2021", "-o", "rust.so", "planted.rs"], check=True)
        status, said = probe("rust.so")
        assert status == 0 and "strategy rust" in said and "refused" not in said, said
        assert re.search("^rust.so: warning: has writable globals", said, re.M), said
        print("Rust: %d warnings" % len(findings(said)))


CXX = """
#include <aioquant/plugin.h>
#include <chrono>
#include <iostream>
#include <map>
#include <string>
#include <thread>
#include <vector>
static std::map<std::string, int> names = {{"a", 1}};
struct maker { std::vector<std::string> seen; };
template <class T> int &counter() { static int count; return count; }
static int32_t create(const aq_host *, void **self, aq_err *) { *self = new maker; return AQ_OK; }
static void destroy(void *self) { delete static_cast<maker *>(self); }
static void event(void *self, const aq_event *)
{
	auto *m = static_cast<maker *>(self);
	m->seen.push_back(std::to_string(std::chrono::system_clock::now().time_since_epoch().count() + ++counter<int>()));
	std::cout << m->seen.back() << names.size();
	std::thread([] {}).join();
}
extern "C" __attribute__((visibility("default"))) const aq_plugin aq_plugin_1 = {
	.magic = AQ_MAGIC, .abi_major = AQ_ABI_MAJOR, .abi_minor = AQ_ABI_MINOR, .size = sizeof(aq_plugin), .kind = AQ_STRATEGY,
	.name = "cxx", .create = create, .destroy = destroy, .on_event = event};
"""

RUST = """
use std::ffi::{c_char, c_void};
use std::ptr::null;

#[repr(C)]
pub struct Plugin {
    magic: u32,
    major: u16,
    minor: u16,
    size: u32,
    kind: u32,
    name: *const c_char,
    version: *const c_char,
    summary: *const c_char,
    options: *const c_void,
    schemas: [u32; 2],
    create: extern "C" fn(*const c_void, *mut *mut c_void, *mut c_void) -> i32,
    check: *const c_void,
    start: *const c_void,
    stop: *const c_void,
    destroy: extern "C" fn(*mut c_void),
    save: *const c_void,
    load: *const c_void,
    on_event: extern "C" fn(*mut c_void, *const c_void),
    ops: *const c_void,
}
unsafe impl Sync for Plugin {}

extern "C" fn create(_host: *const c_void, it: *mut *mut c_void, _err: *mut c_void) -> i32 {
    unsafe { *it = Box::into_raw(Box::new(vec![String::from("seen")])) as *mut c_void };
    0
}
extern "C" fn destroy(it: *mut c_void) {
    if !it.is_null() {
        drop(unsafe { Box::from_raw(it as *mut Vec<String>) });
    }
}
extern "C" fn event(it: *mut c_void, _event: *const c_void) {
    let seen = unsafe { &mut *(it as *mut Vec<String>) };
    seen.push(format!("{}", seen.len()));
}

#[allow(non_upper_case_globals)]
#[no_mangle]
pub static aq_plugin_1: Plugin = Plugin {
    magic: 0x31505141,
    major: 1,
    minor: ABI_MINOR,
    size: std::mem::size_of::<Plugin>() as u32,
    kind: 1,
    name: b"rust\\0".as_ptr() as *const c_char,
    version: null(),
    summary: null(),
    options: null(),
    schemas: [0, 0],
    create,
    check: null(),
    start: null(),
    stop: null(),
    destroy,
    save: null(),
    load: null(),
    on_event: event,
    ops: null(),
};
"""


# ---- the good ones, and where plugins are found ----

def good_ones():
    planted("")
    status, said = probe("planted.so", "--strict")
    assert status == 0 and not findings(said) and "strategy planted" in said, said
    for name in ("example", "sim"):
        status, said = probe(os.path.join(os.environ["AQ_PLUGINS"], name + ".so"), "--strict")
        assert status == 0 and not findings(said), said
    print("good ones: nothing is said")


def by_name():
    """--help takes a name, too: of this folder, of the build's, or of plugin_path of a configuration."""
    def help_of(*arguments):
        done = subprocess.run([program("aioquantd"), "--help", *arguments], capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    status, said = help_of("example")
    assert status == 0 and "strategy example" in said, said
    assert re.search(r"^spread +ratio +4bps +0\.1bps to 5% +live ", said, re.M), said
    status, said = help_of("planted")
    assert status == 0 and said.startswith("./planted.so: strategy planted"), said
    put("named.ini", b"[host]\nplugin_path = lib\n")
    cc("lib/elsewhere.so", GOOD)
    status, said = help_of("elsewhere", "-c", "named.ini")
    assert status == 0 and said.startswith("lib/elsewhere.so: strategy planted"), said
    status, said = help_of("elsewhere")
    assert status == 1 and re.search(r"no elsewhere.so in \. .*: give its path, or -c FILE", said), said
    print("by name: found")


# ---- a configuration, and a host ----

CONFIG = """[host]
state_dir = state
plugin_path = plugins
speed = max
[log]
file = host.log
format = text
[exchange:feed]
plugin = sim
capture = capture.aqc
[account:acc]
exchange = feed
balance = 20000 USDT
"""
STRATEGY = "[strategy:%s]\nplugin = %s\nmarket = acc:BTC/USDT\n"


def aioquantd(*arguments):
    done = subprocess.run([program("aioquantd"), *arguments], capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout + done.stderr


def configured(builds):
    """-t names the line, and a warning once however many sections have the plugin; a host the same, once for each code."""
    os.mkdir("plugins")
    make_capture("capture.aqc")
    put("plugins/sim.so", builds.read("sim.so"))
    put("plugins/one.so", builds.build())
    put("plugins/two.so", builds.build())
    put("plugins/bad.so", builds.unresolved())
    put("plugins/open.so", builds.build())
    os.chmod("plugins/open.so", 0o777)
    good = CONFIG + "".join(STRATEGY % pair for pair in (("a", "one"), ("b", "one"), ("c", "two")))
    put("good.ini", good.encode())
    status, said = aioquantd("-t", "-c", "good.ini")
    assert status == 0 and said.endswith("good.ini is in order.\n"), said
    assert said.count("one.so waits with pause") == said.count("two.so waits with pause") == 1, said
    line = r"  \[strategy:%s\] plugin = %s: "
    assert re.search("^good.ini:15" + line % ("a", "one") + "warning: plugins/one.so waits with pause: use aq_after", said, re.M), said
    put("bad.ini", (good + STRATEGY % ("d", "bad") + STRATEGY % ("e", "open")).encode())
    status, said = aioquantd("-t", "-c", "bad.ini")
    assert status == 1 and said.endswith("2 errors. Nothing was started or changed.\n"), said
    assert re.search("^bad.ini:24" + line % ("d", "bad") + "plugins/bad.so has an undefined symbol: nobody_has_this: link", said, re.M), said
    assert re.search("^bad.ini:27" + line % ("e", "open") + "plugins/open.so may be written by .*: chmod go-w plugins/open.so$", said, re.M), said
    print("-t: the lines are named")
    status, said = aioquantd("-c", "bad.ini", "--set", "host.probe_timeout=%s" % ("20s" if SANITIZED else "10s"))
    with open("host.log") as f:
        log = f.read()
    assert status == 0, (status, said, log)
    assert len(re.findall("plugins/one.so waits with pause: use aq_after", log)) == 1, log
    assert len(re.findall("plugins/two.so waits with pause: use aq_after", log)) == 1, log
    assert re.search(r"d: REFUSED: .*plugins/bad.so has an undefined symbol: nobody_has_this: link", log), log
    assert re.search(r"e: REFUSED: .*plugins/open.so may be written by .*: chmod go-w plugins/open.so", log), log
    print("a host: warned once for each code")


def no_execution():
    """The mount is in a namespace of its own, which ends with the process."""
    os.mkdir("noexec")
    mount = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs -o noexec none noexec || exit 77; exec "$@"', "sh"]
    try:
        allowed = subprocess.run(mount + ["true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        allowed = False
    if not allowed:
        print("noexec: left out, nothing may be mounted here")
        return
    for check in ([], ["-t"]):
        done = subprocess.run(mount + [program("aioquantd"), *check, "-c", "good.ini", "--set", "host.state_dir=noexec"],
                              capture_output=True, text=True, timeout=60)
        said = done.stdout + done.stderr
        assert done.returncode == 1, said
        assert re.search("state_dir noexec.* is mounted noexec.*: remount it with exec, or set", said), said
    print("noexec: refused")


def main():
    not_for_here()
    symbols()
    libraries()
    client_libraries()
    mappings()
    writers()
    states()
    imports()
    other_languages()
    good_ones()
    by_name()
    configured(Builds(os.environ["AQ_PLUGINS"]))
    no_execution()


main()
