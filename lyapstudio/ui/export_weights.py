"""The numbers behind the statistics of the weights, for CSV."""

from __future__ import annotations

import numpy as np

from lyapstudio.analysis.connectivity import Summary
from lyapstudio.analysis.spectrum import Spectrum
from lyapstudio.core.errors import UserError
from lyapstudio.core.frame import Frame
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


def picked_columns(frame: Frame) -> Columns:
    """The weights into and out of the neuron that is shown."""
    picked, problem = frame.picked, frame.problem
    if picked is None or problem is None:
        raise UserError("Choose Weights at the left and click a neuron first.")
    row, col = np.divmod(np.arange(problem.N), problem.cols)
    return {
        "row": row + 1,
        "column": col + 1,
        "weight into": picked.incoming,
        "weight out of": picked.outgoing,
    }


def block_columns(frame: Frame) -> Columns:
    """The part of the matrix in sight: who listens, to whom, and the weight or a bin's mean."""
    block = frame.block
    if block is None:
        raise UserError("Show the weights as a matrix or a graph first.")
    h, w = block.values.shape
    into = block.row + np.arange(h) * block.height // h
    out_of = block.col + np.arange(w) * block.width // w
    return {
        "from neuron": np.tile(out_of, h) + 1,
        "to neuron": np.repeat(into, w) + 1,
        "weight": block.values.reshape(-1),
    }
