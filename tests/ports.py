"""Ports for servers of tests and benchmarks."""

import socket


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens, of those that the system gives out."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
