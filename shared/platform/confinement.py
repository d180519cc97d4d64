"""What a process gives up before it opens a stranger's octets, as far as this system allows.

    user        another account, `nobody`: where we run as root
    landlock    no file but the system's and Python's own, no signal, no look into another process
    seccomp     no socket, no new process or program, no door of the kernel that no parser needs

Each is asked of the kernel by itself, without a library; what it does not know is said, not
demanded: a parser in a process of its own is still better than one beside the secrets.
"""

import ctypes
import errno
import os
import platform
import pwd
import resource
import struct
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal, TypeAlias

Lack: TypeAlias = Literal["user", "landlock", "seccomp"]

_WITHOUT: Final[dict[Lack, str]] = {
    "user": "has no account of its own (the services do not run as root)",
    "landlock": "may read every file of its account (the kernel has no Landlock)",
    "seccomp": "may open connections and start programs (the kernel has no seccomp)",
}

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP = 1, 4, 38, 22
_FILTER_MODE = 2

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every machine
_ASK_VERSION = 1
_RIGHTS_BY_VERSION = ((1, 13), (2, 14), (3, 15), (5, 16))
"""From this version of Landlock on, so many kinds of access to files are known."""
_NETWORK_SINCE, _SCOPES_SINCE = 4, 6
_READ = 1 << 2 | 1 << 3
_BENEATH = 1

_ALLOW, _REFUSE, _UNKNOWN = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
_CLONE_THREAD = 0x00010000
_X32 = 0x40000000
_MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3 = 435
_REFUSED: Final[dict[str, tuple[int, int]]] = {
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "bind": (49, 200),
    "accept": (43, 202), "accept4": (288, 242), "listen": (50, 201),
    "fork": (57, -1), "vfork": (58, -1), "execve": (59, 221), "execveat": (322, 281),
    "kill": (62, 129), "tkill": (200, 130), "rt_sigqueueinfo": (129, 138),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "pidfd_send_signal": (424, 424),
    "kcmp": (312, 272), "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40),
    "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218),
    "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264), "init_module": (175, 105),
    "finit_module": (313, 273), "kexec_load": (246, 104), "shmget": (29, 194), "shmat": (30, 196),
    "msgget": (68, 186), "semget": (64, 190), "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
}  # fmt: skip
"""System calls that no parser needs, by their numbers on x86_64 and aarch64 (-1: none there)."""


def hide() -> None:
    """Hides this process's memory and environment from other processes of the same account."""
    _LIBC.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def end_with_parent(number: int, parent: int) -> None:
    """Has the kernel send this process a signal when its parent, of that id, ends (Linux).

    A later change of account ends that. Raises SystemExit: the parent has ended already.
    """
    _LIBC.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit(1)


def gain_nothing() -> None:
    """Gives up for ever that a program started from here has more rights than this process."""
    _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def missing_protections() -> tuple[Lack, ...]:
    """Returns the sandbox protections that this system can't give to a child process."""
    return tuple(_lacking())


def lacks_sentence(lacks: Iterable[Lack]) -> str:
    """Returns a sentence for operators on the sandbox protections missing on this machine.

    Empty when none is. The missing account of its own is accepted alone, and named only with
    another missing protection.
    """
    lacks = set(lacks)
    missing = [_WITHOUT[restriction] for restriction in _WITHOUT if restriction in lacks]
    needed = lacks - {"user"}
    return f"On this machine, what opens strangers' files {', '.join(missing)}." if needed else ""


def _lacking() -> Iterator[Lack]:
    if os.geteuid() != 0:
        yield "user"
    if _landlock_version() < 1:
        yield "landlock"
    if not _has_seccomp():
        yield "seccomp"


def limit(memory: int) -> None:
    """Limits this process to `memory` octets; forbids it to write files and core dumps.

    When the machine has no memory left, the kernel kills this process before others.
    """
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core would hold letters
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    with suppress(OSError):  # the first to end when the machine has no memory left
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def confine(readable: Sequence[Path] = (), *, own_user: bool = True) -> tuple[Lack, ...]:
    """Puts this process into its sandbox for ever; returns the protections that it could not get.

    Args:
        readable: folders and files that stay readable, besides the system's and Python's own.
        own_user: whether a process of root becomes `nobody`, who can't read our files.
    """
    lacks: list[Lack] = []
    rules = _ruleset([*_system(), *readable])
    if os.geteuid() != 0:
        lacks.append("user")
    elif own_user:
        _become_nobody()
    _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if rules is None or _LIBC.syscall(_RESTRICT_SELF, rules, 0) != 0:
        lacks.append("landlock")
    if rules is not None:
        os.close(rules)
    if not _filter_calls():
        lacks.append("seccomp")
    hide()
    return tuple(lacks)


def _become_nobody() -> None:
    try:
        nobody = pwd.getpwnam("nobody")
        user, group = nobody.pw_uid, nobody.pw_gid
    except KeyError:
        user = group = 65534
    os.setgroups([])
    os.setresgid(group, group, group)
    os.setresuid(user, user, user)


def _system() -> Iterator[Path]:
    """Where Python finds a module that is imported late, a library its fonts."""
    yield from map(Path, ("/usr", "/lib", "/lib64", "/etc/fonts", "/etc/localtime"))
    yield Path(sys.base_prefix)
    yield from (Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib"))
    yield from (Path(__file__).parents[2] / name for name in ("shared", "services"))


def _landlock_version() -> int:
    return int(_LIBC.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION))


def _ruleset(readable: Iterable[Path]) -> int | None:
    version = _landlock_version()
    if version < 1:
        return None
    rights = (1 << max(n for since, n in _RIGHTS_BY_VERSION if since <= version)) - 1
    network = 0b11 if version >= _NETWORK_SINCE else 0
    scoped = 0b11 if version >= _SCOPES_SINCE else 0
    attributes = struct.pack("QQQ", rights, network, scoped)
    size = 24 if version >= _SCOPES_SINCE else 16 if version >= _NETWORK_SINCE else 8
    rules = int(_LIBC.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(size), 0))
    if rules < 0:
        return None
    for path in readable:
        try:
            beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:  # this system has it elsewhere
            continue
        allowed = _READ if path.is_dir() else 1 << 2
        rule = struct.pack("=Qi", allowed, beneath)
        _LIBC.syscall(_ADD_RULE, rules, _BENEATH, rule, 0)
        os.close(beneath)
    return rules


def _has_seccomp() -> bool:
    if platform.machine() not in _MACHINES:
        return False
    # Asked with no filter at all, a kernel that knows the mode complains of the address.
    refused = _LIBC.prctl(_PR_SET_SECCOMP, _FILTER_MODE, None, 0, 0) != 0
    return refused and ctypes.get_errno() == errno.EFAULT


def _filter_calls() -> bool:
    machine = platform.machine()
    if machine not in _MACHINES:
        return False
    column = list(_MACHINES).index(machine)
    numbers = sorted({row[column] for row in _REFUSED.values()} - {-1})
    program = b"".join(_instructions(_MACHINES[machine], _CLONE[machine], numbers))
    buffer = ctypes.create_string_buffer(program)
    whole = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(buffer))
    return int(_LIBC.prctl(_PR_SET_SECCOMP, _FILTER_MODE, whole, 0, 0)) == 0


def _instructions(machine: int, clone: int, refused: Sequence[int]) -> Iterator[bytes]:
    """A filter as the kernel reads it; a jump counts the instructions that it passes over."""
    load, equal, at_least, any_bit, end = 0x20, 0x15, 0x35, 0x45, 0x06

    def step(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
        return struct.pack("HBBI", code, then, otherwise, value)

    count = len(refused)
    yield step(load, 4)
    yield step(equal, machine, 0, count + 7)  # of another machine: refused
    yield step(load, 0)
    yield step(at_least, _X32, count + 5, 0)
    yield step(equal, _CLONE3, count + 5, 0)  # « unknown »: the C library then asks for clone
    for at, number in enumerate(refused):
        yield step(equal, number, count - at + 3, 0)
    yield step(equal, clone, 0, 2)
    yield step(load, 16)
    yield step(any_bit, _CLONE_THREAD, 0, 1)
    yield step(end, _ALLOW)
    yield step(end, _REFUSE)
    yield step(end, _UNKNOWN)
