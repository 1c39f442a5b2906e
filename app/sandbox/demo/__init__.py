"""The demonstration: five real processes on loopback, one story, every answer checked."""

from app.sandbox.demo.command import main

__all__ = ["main"]
