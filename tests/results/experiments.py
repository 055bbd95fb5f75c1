"""What is run: settings and seeds, nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from lyapstudio.models.krotov_hopfield2019 import KrotovHopfield2019
from lyapstudio.weights.readout import ReadoutParams


@dataclass(frozen=True)
class Experiment:
    """Learning without labels, then a readout with labels, on MNIST.

    goal : the error to reach, a fraction, as the mean over the seeds
    held_out : share of the 60,000 training images that are kept aside and judge instead of the
        test images, which are then not read at all
    watch : whether the test images are also read after every epoch of the readout; without, they
        are read once, at the end
    baselines : also read the pixels and the untrained weights, and learn as many hidden units by
        back-propagation, as long and as fast as the readout learns
    """

    title: str
    model: KrotovHopfield2019
    readout: ReadoutParams
    goal: float
    seeds: tuple[int, ...]
    held_out: float = 0.0
    watch: bool = True
    baselines: bool = False


LARGE = KrotovHopfield2019(K=2000, p=3, k=7, delta=0.4, step=0.04)

LONG = LARGE.changed(start_from="images", epochs=50, probe=500)
LONG_READOUT = ReadoutParams(power=6, steepness=600, epochs=100, distort=1.5)

EXPERIMENTS = {
    "k100": Experiment(
        "K = 100 with the published notebook's settings, and three baselines",
        KrotovHopfield2019(K=100, p=2, k=2, delta=0.4, step=0.02),
        ReadoutParams(epochs=40),
        0.065,
        (1, 2, 3),
        baselines=True,
    ),
    "k2000": Experiment(
        "K = 2000, p = 3, k = 7, 200 epochs",
        LARGE,
        ReadoutParams(power=6, steepness=600, epochs=30),
        0.023,
        (1, 2, 3),
    ),
    "validation": Experiment(
        "The long run as it was chosen: 50,000 images to learn from, 10,000 held out to judge",
        LONG,
        LONG_READOUT,
        0.019,
        (1,),
        held_out=1 / 6,
    ),
    "long": Experiment(
        "The long run: all 60,000 images to learn from, the test images read once",
        LONG,
        LONG_READOUT,
        0.019,
        (1,),
        watch=False,
    ),
}
