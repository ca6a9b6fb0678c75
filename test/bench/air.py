"""
A half-duplex radio link between two network namespaces, each given as the id of a process in it.

    python3 air.py NEAR_PID FAR_PID

Each gets a TUN device, `air`, with the addresses 10.9.0.1 and 10.9.0.2. One packet at a time is on the air, whichever way
it goes; where both sides have something to send they take turns. Commands come as lines of JSON on stdin:

    {"set": {"bandwidth": 2400, "delay": 0.3, "loss": 0.0}}   bit/s, seconds one way, likelihood
    {"cut": true}    whatever is under way is lost, both ends of every connection are reset, and so is who tries anew
    {"mend": true}   packets get through again
    {"sync": 7}      answered with the same line, once every packet before it has been told of

and each packet that was put on the air is told of on stdout, as a line of JSON. It ends with its stdin.
"""

import ctypes
import fcntl
import heapq
import json
import os
import random
import select
import socket
import struct
import sys
import time

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
SIOCSIFFLAGS, SIOCSIFADDR, SIOCSIFDSTADDR = 0x8914, 0x8916, 0x8918
IFF_UP, IFF_RUNNING = 0x1, 0x40
CLONE_NEWNET = 0x40000000
FIN, SYN, RST, ACK = 1, 2, 4, 16
QUEUE = 256  # packets that wait on a side; more are lost, as in a modem
SIDES = ("near", "far")


def open_tun(pid, address, peer):
    """A TUN device in the network namespace of that process, up and with that address."""
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        if libc.setns(there, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
        # Router solicitations would be bytes that no program sent.
        with open("/proc/sys/net/ipv6/conf/all/disable_ipv6", "w") as off:
            off.write("1")
        tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", b"air", IFF_TUN | IFF_NO_PI))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:

            def configure(request, text):
                packed = struct.pack("16sHH4s8x", b"air", socket.AF_INET, 0, socket.inet_aton(text))
                fcntl.ioctl(control, request, packed)

            configure(SIOCSIFADDR, address)
            configure(SIOCSIFDSTADDR, peer)
            fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14x", b"air", IFF_UP | IFF_RUNNING))
        return tun
    finally:
        libc.setns(home, CLONE_NEWNET)
        os.close(home)
        os.close(there)


class Segment:
    """A TCP segment in an IPv4 packet, as far as it matters here."""

    def __init__(self, packet):
        header = (packet[0] & 15) * 4
        self.source, self.target = packet[12:16], packet[16:20]
        self.ports = struct.unpack_from("!HH", packet, header)
        self.seq, self.ack = struct.unpack_from("!II", packet, header + 4)
        self.flags = packet[header + 13]
        total = struct.unpack_from("!H", packet, 2)[0]
        self.payload = total - header - (packet[header + 12] >> 4) * 4
        self.next = (self.seq + self.payload + bool(self.flags & SYN) + bool(self.flags & FIN)) % 2**32

    @property
    def flow(self):
        return (self.source, self.ports[0], self.target, self.ports[1])


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


def reset(flow, seq, ack=None):
    """A packet that resets that flow."""
    source, source_port, target, target_port = flow
    flags = RST if ack is None else RST | ACK
    tcp = struct.pack("!HHIIBBHHH", source_port, target_port, seq, ack or 0, 5 << 4, flags, 0, 0, 0)
    pseudo = source + target + struct.pack("!BBH", 0, 6, len(tcp))
    tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 0, 0, 64, 6, 0, source, target)
    return ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:] + tcp


class Air:
    def __init__(self, tuns):
        self.tuns = tuns
        self.bandwidth, self.delay, self.loss = 1_000_000, 0.0, 0.0
        self.random = random.Random(1)
        self.is_down = False
        self.queues = {side: [] for side in SIDES}
        self.flights = []
        self.count = 0
        self.turn = "near"
        self.free_at = 0.0
        self.flows = {}

    def take(self, side, packet, now):
        """A side wants to send."""
        if packet[0] >> 4 != 4:
            return
        if self.is_down:
            if packet[9] == 6:
                self.refuse(side, Segment(packet))
            return
        if len(self.queues[side]) < QUEUE:
            self.queues[side].append(packet)
        if self.free_at < now:
            self.free_at = now

    def refuse(self, side, segment):
        source, source_port, target, target_port = segment.flow
        if segment.flags & RST:
            return
        back = (target, target_port, source, source_port)
        answer = reset(back, segment.ack) if segment.flags & ACK else reset(back, 0, segment.next)
        os.write(self.tuns[side], answer)

    def step(self, now):
        """Lets everything happen that is due; gives back when the next is, or None."""
        while self.free_at <= now and any(self.queues.values()):
            other = "far" if self.turn == "near" else "near"
            side = other if self.queues[other] else self.turn
            packet = self.queues[side].pop(0)
            start, self.turn = self.free_at, side
            self.free_at += len(packet) * 8 / self.bandwidth
            self.count += 1
            is_lost = self.random.random() < self.loss
            flight = (self.free_at + self.delay, self.count, side, packet, start, is_lost)
            heapq.heappush(self.flights, flight)
        while self.flights and self.flights[0][0] <= now:
            self.land(*heapq.heappop(self.flights))
        due = [self.flights[0][0]] if self.flights else []
        if any(self.queues.values()):
            due.append(self.free_at)
        return min(due, default=None)

    def land(self, arrival, _, side, packet, start, is_lost):
        segment = Segment(packet) if packet[9] == 6 else None
        self.tell(
            {
                "from": side,
                "at": start,
                "arrived": None if is_lost else arrival,
                "bytes": len(packet),
                "payload": segment.payload if segment else 0,
            }
        )
        if is_lost:
            return
        if segment:
            if segment.flags & RST:
                self.flows.pop(segment.flow, None)
            else:
                self.flows[segment.flow] = ("far" if side == "near" else "near", segment.next)
        os.write(self.tuns["far" if side == "near" else "near"], packet)

    def cut(self):
        self.is_down = True
        for *_, side, packet, start, _lost in self.flights:
            self.tell({"from": side, "at": start, "arrived": None, "bytes": len(packet), "payload": 0})
        self.flights = []
        self.queues = {side: [] for side in SIDES}
        for flow, (to, seq) in self.flows.items():
            os.write(self.tuns[to], reset(flow, seq))
        self.flows = {}

    def obey(self, command):
        if "set" in command:
            for name, value in command["set"].items():
                setattr(self, name, value)
        elif "cut" in command:
            self.cut()
        elif "mend" in command:
            self.is_down = False
        self.tell(command)

    @staticmethod
    def tell(line):
        print(json.dumps(line), flush=True)


def main():
    near, far = sys.argv[1:3]
    tuns = {"near": open_tun(near, "10.9.0.1", "10.9.0.2"), "far": open_tun(far, "10.9.0.2", "10.9.0.1")}
    air = Air(tuns)
    air.tell({"ready": True})
    commands = b""
    wait = None
    while True:
        readable, _, _ = select.select([sys.stdin, *tuns.values()], [], [], wait)
        now = time.monotonic()
        if sys.stdin in readable:
            read = os.read(sys.stdin.fileno(), 65536)
            if not read:
                return
            *lines, commands = (commands + read).split(b"\n")
            for line in lines:
                air.step(now)
                air.obey(json.loads(line))
        for side, tun in tuns.items():
            if tun in readable:
                air.take(side, os.read(tun, 65536), now)
        due = air.step(time.monotonic())
        wait = None if due is None else max(0.0, due - time.monotonic())


main()
