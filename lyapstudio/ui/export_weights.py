"""The numbers behind the statistics of the weights, for CSV."""

from __future__ import annotations

import numpy as np

from lyapstudio.analysis.connectivity import Summary
from lyapstudio.analysis.spectrum import Spectrum
from lyapstudio.core.errors import UserError
from lyapstudio.ui.export import Columns

NO_SUMMARY = "Open the statistics of the weights first: they are what this exports."


def weight_distribution_columns(summary: Summary | None) -> Columns:
    """The histogram of the weights, and the numbers beside it."""
    if summary is None:
        raise UserError(NO_SUMMARY)
    edges, counts = summary.weights.edges, summary.weights.counts
    numbers = {
        "neurons": summary.N,
        "connections": summary.connections,
        "share of all pairs": summary.share,
        "mean": summary.mean,
        "standard deviation": summary.sd,
        "least": summary.least,
        "largest": summary.largest,
        "asymmetry": summary.asymmetry,
        "self-couplings": summary.self_couplings,
        "negative self-couplings": summary.negative_selves,
        "isolated neurons": summary.isolated,
        "share of neurons that keep Dale's law": summary.dale,
        "neurons drawn (0: all)": summary.sampled,
    }
    return {
        "from weight": edges[:-1],
        "to weight": edges[1:],
        "connections": counts,
        "number": list(numbers),
        "value": list(numbers.values()),
    }


def eigenvalue_columns(spectrum: Spectrum | None) -> Columns:
    """Every eigenvalue with how often it occurs, the largest real part first."""
    if spectrum is None:
        raise UserError("Show the eigenvalues first: they are what this exports.")
    return {
        "real part": np.real(spectrum.values),
        "imaginary part": np.imag(spectrum.values),
        "times": spectrum.repeats,
    }


def degree_columns(summary: Summary | None) -> Columns:
    """How many neurons have so many connections."""
    if summary is None:
        raise UserError(NO_SUMMARY)
    into, out_of = summary.into.histogram, summary.out_of.histogram
    first = np.rint(into.edges[:-1] + 0.5).astype(np.int64)
    last = np.rint(into.edges[1:] - 0.5).astype(np.int64)
    return {
        "from degree": first,
        "to degree": last,
        "neurons that listen to so many": into.counts,
        "neurons that so many listen to": out_of.counts,
    }
