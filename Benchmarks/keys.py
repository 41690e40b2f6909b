#!/usr/bin/env python3
"""How soon the application answers keys while it paints, and how much it computes while nothing happens.

    swift build -c release
    keys.py [--model DIR]               the embedded model, or another

The program runs in a pseudo-terminal that answers its questions as a terminal does, once with sixel and once without
pictures. While a long portrait is painted on all cores, keys that move the selection are typed; the time counts until
the last byte of the frame that answers arrives. Before that, with nothing to do, the processor time of ten seconds
counts.
Needs nothing but Python.
"""

import argparse
import fcntl
import os
import pty
import re
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
COLUMNS, ROWS = 120, 36
CELL = (10, 20)
# A frame is over when nothing follows for so long.
QUIET = 0.004


class Terminal:
    """The application in a terminal of its own, which knows sixel or only text."""

    def __init__(self, command, knows_sixel: bool):
        self.knows_sixel = knows_sixel
        self.home = tempfile.TemporaryDirectory()
        self.received = bytearray()
        self.process, self.descriptor = pty.fork()
        if self.process == 0:
            for name in [name for name in os.environ if name.startswith(("XDG_", "TERM", "TMUX", "SSH_"))]:
                del os.environ[name]
            os.environ.update(HOME=self.home.name, TERM="xterm-256color", LC_ALL="C.UTF-8", FACECHAIN_HOME=str(ROOT))
            os.execv(command[0], command)
        size = struct.pack("HHHH", ROWS, COLUMNS, COLUMNS * CELL[0], ROWS * CELL[1])
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, size)

    def read(self, seconds: float) -> bytes:
        """What arrives within a time, up to the first pause; questions are answered."""
        end, part = time.monotonic() + seconds, b""
        while True:
            wait = QUIET if part else max(0.0, end - time.monotonic())
            if not select.select([self.descriptor], [], [], wait)[0]:
                return part
            new = os.read(self.descriptor, 65536)
            self.answer(new)
            part += new
            self.received += new
            self.last = time.monotonic()

    def read_for(self, seconds: float):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read(end - time.monotonic())

    def answer(self, bytes_: bytes):
        replies = {
            rb"\x1b\[c": b"\x1b[?62;4;22c" if self.knows_sixel else b"\x1b[?62;22c",
            rb"\x1b\[16t": b"\x1b[6;%d;%dt" % (CELL[1], CELL[0]),
            rb"\x1b\[14t": b"\x1b[4;%d;%dt" % (ROWS * CELL[1], COLUMNS * CELL[0]),
            rb"\x1b\[\?1;1;0S": b"\x1b[?1;0;256S",
        }
        found = sorted((m.start(), reply) for text, reply in replies.items() for m in re.finditer(text, bytes_))
        for _, reply in found:
            os.write(self.descriptor, reply)

    def type(self, text: str):
        os.write(self.descriptor, text.encode())

    def wait_for(self, text: str, seconds: float = 120):
        end = time.monotonic() + seconds
        while text.encode() not in self.received:
            if time.monotonic() > end:
                sys.exit(f"the program does not show '{text}'")
            self.read(0.2)

    def press(self, key: str) -> float:
        """Milliseconds from a key to the end of the frame that answers it."""
        self.read(0)
        self.last, started = None, time.monotonic()
        self.type(key)
        self.read(2.0)
        if self.last is None:
            sys.exit(f"no answer to the key {key!r}")
        return 1000 * (self.last - started)

    def processor_seconds(self) -> float:
        fields = Path(f"/proc/{self.process}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self):
        os.kill(self.process, signal.SIGTERM)
        while True:
            try:
                if not os.read(self.descriptor, 65536):
                    break
            except OSError:
                break
        os.waitpid(self.process, 0)


def measure(command, knows_sixel: bool, count: int) -> dict:
    terminal = Terminal(command, knows_sixel)
    terminal.wait_for("ready")
    terminal.read_for(5)
    before = terminal.processor_seconds()
    terminal.read_for(10)
    idle = (terminal.processor_seconds() - before) / 10
    # Steps, in the seventh line of the settings; then the list of styles, in which every key moves the selection.
    terminal.type("5")
    terminal.read(0.5)
    terminal.type("\x1b[H" + 6 * "j" + "\r")
    terminal.read(0.5)
    terminal.type("\x15" + "900\r")
    terminal.read(0.5)
    terminal.type("g")
    terminal.wait_for("Painting")
    terminal.type("1")
    terminal.read(1.0)
    times = []
    for number in range(count):
        times.append(terminal.press("l" if number % 2 == 0 else "h"))
        time.sleep(0.03 + 0.05 * (number % 7) / 7)
    terminal.close()
    times.sort()
    return dict(median=statistics.median(times), p95=times[int(0.95 * len(times))], worst=times[-1], idle=100 * idle)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--program", type=Path, default=ROOT / ".build" / "release" / "facechain")
    parser.add_argument("--keys", type=int, default=300)
    arguments = parser.parse_args()
    command = [str(arguments.program), *(["--model", str(arguments.model)] if arguments.model else [])]
    print(f"{os.cpu_count()} processors, load average {os.getloadavg()[0]:.1f} at the start, {arguments.keys} keys\n")
    print("| terminal | median, ms | 95th percentile, ms | worst, ms | idle, % of a processor |")
    print("|---|---:|---:|---:|---:|")
    for name, knows_sixel in (("sixel", True), ("text", False)):
        row = measure(command, knows_sixel, arguments.keys)
        print(f"| {name} | {row['median']:.1f} | {row['p95']:.1f} | {row['worst']:.1f} | {row['idle']:.2f} |", flush=True)


if __name__ == "__main__":
    main()
