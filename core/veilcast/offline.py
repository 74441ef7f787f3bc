"""No network: the kernel refuses it to a thread, whatever the libraries in it try.

Runs never need a network, yet some libraries use one unasked: MediaPipe's wheels report their use
to their maker. A seccomp filter on the call `socket` stops that for every library and plugin
alike. It makes no exception for sockets between processes: some of those look names up in the
network for whoever asks.
"""

from __future__ import annotations

import contextlib
import ctypes
import platform
import socket
import struct

from veilcast.errors import NetworkError

_PR_SET_NO_NEW_PRIVS = 38
_SET_MODE_FILTER = 1
# Without it, kernels before 5.16 slow a filtered thread down to guard it against Spectre.
_FLAG_SPEC_ALLOW = 1 << 2
_ALLOW, _REFUSE = 0x7FFF0000, 0x0005000D  # SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO | EACCES
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_RET|K
_NUMBER_AT, _ARCHITECTURE_AT = 0, 4  # offsets in struct seccomp_data

_MACHINES = {
    # machine: (AUDIT_ARCH, number of the call seccomp, number of the call socket)
    "x86_64": (0xC000003E, 317, 41),
    "aarch64": (0xC00000B7, 277, 198),
}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def cut_off() -> None:
    """Take the network from this thread and all that it starts, threads and programs, for good.

    Raises:
        NetworkError: this system can't do it.
    """
    known = _MACHINES.get(platform.machine())
    if known is not None:
        _install(*known)
    if not _is_cut_off():
        raise NetworkError(
            "The network can't be shut off for this run, so nothing was done; "
            "use a Linux kernel with seccomp on an x86-64 or ARM64 machine."
        )


def _install(architecture: int, seccomp_number: int, socket_number: int) -> None:
    def step(code: int, value: int, otherwise: int = 0) -> bytes:
        # A struct sock_filter; `otherwise` is how many steps to skip when a comparison fails.
        return struct.pack("HBBI", code, 0, otherwise, value)

    program = b"".join(
        (
            step(_LOAD, _ARCHITECTURE_AT),
            step(_EQUAL, architecture, otherwise=3),
            step(_LOAD, _NUMBER_AT),
            step(_EQUAL, socket_number, otherwise=1),
            step(_RETURN, _REFUSE),
            step(_RETURN, _ALLOW),
        )
    )
    library = ctypes.CDLL(None, use_errno=True)
    # What these answer does not matter: whether they worked is looked at afterwards.
    library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    prepared = _Program(length=len(program) // 8, filter=program)
    library.syscall(seccomp_number, _SET_MODE_FILTER, _FLAG_SPEC_ALLOW, ctypes.byref(prepared))


def _is_cut_off() -> bool:
    for family in (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6):
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM):
            return False
    return True
