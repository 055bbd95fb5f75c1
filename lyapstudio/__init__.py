"""Lyapunov Studio: networks whose dynamics are governed by a Lyapunov function."""

__version__ = "0.1.0"
