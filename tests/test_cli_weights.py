"""The command line where the network itself is changed: rules, wirings, weights from files."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lyapstudio.cli import weights as command
from lyapstudio.cli.progress import Interrupted
from lyapstudio.cli.settings import changed
from lyapstudio.cli.weights import weighed
from lyapstudio.core.errors import UserError
from lyapstudio.document import edits, files, rewiring
from lyapstudio.document.examples import example
from lyapstudio.document.resolve import Resolver
from lyapstudio.document.weight_files.read import read_weights
from lyapstudio.weights.rules import rules
from lyapstudio.weights.wiring import wirings
from tests.test_cli import call, report, strict
from tests.test_cli_learning import sets

__all__ = ["call", "report"]  # fixtures

LETTERS = "example:letters"


@pytest.fixture
def exported(call):
    """What `weights` prints, where all goes well."""

    def run(*words: object) -> dict:
        status, out, err = call("weights", *words)
        assert (status, err) == (0, "")
        return strict(out)

    return run


def bent() -> object:
    """A small network in which everything was done to the weights."""
    grids = [("a", np.array([[1, -1, 1], [1, 1, -1]], np.int8))]
    document = edits.replace_patterns(small(), grids)
    document = edits.set_wiring_parameters(document, own=True)
    document = rewiring.add_stroke(document, np.array([0, 5]), np.array([5, 5]), 0.75, both=False)
    document = rewiring.add_stroke(document, np.arange(2), np.arange(3, 5), -0.5, block=True)
    return rewiring.lesion(document, np.array([2]))


def small() -> object:
    document = example("two-neurons").build()
    setup = replace(document.setup, rows=2, cols=3, cue=replace(document.setup.cue, drawn=None))
    return replace(document, patterns=(), setups=(setup,))


# --set


@pytest.mark.parametrize("id", wirings())
def test_every_wiring(report, id):
    r = report(LETTERS, "--updates", 10, *sets(wiring=id, own="on"))
    kept = r["weights"]
    assert kept["symmetric"]
    assert kept["asymmetry"] == 0
    assert (kept["connections"] == 784 * 783) == (id == "all-to-all")
    assert kept["bytes"] > 0


@pytest.mark.parametrize("id", rules())
def test_every_rule(report, id):
    r = report(LETTERS, "--updates", 10, *sets(rule=id))
    kept = r["weights"]
    assert kept["representation"] in ("dense", "low rank", "sparse")
    if id == "perceptron":
        assert kept["note"].startswith("Perceptron: converged after")
    if id == "hand":
        assert (kept["connections"], kept["isolated"]) == (0, 784)


def test_parameters_of_the_wiring_and_whose_they_are():
    document = example("letters").build()
    setup = changed(document, None, ["wiring=lattice", "r=2", "wiring.wrap=no"]).setup
    assert (setup.wiring.id, setup.wiring.r, setup.wiring.wrap) == ("lattice", 2, False)
    setup = changed(document, None, ["wiring=dilution", "wiring.c=0,3", "inhibitory=20 %"]).setup
    assert (setup.wiring.c, setup.wiring.inhibitory) == (0.3, 0.2)
    both = ["rule=random", "wiring=dilution", "seed=5", "wiring.seed=6"]
    setup = changed(document, None, both).setup
    assert (setup.rule.seed, setup.wiring.seed) == (5, 6)
    both = ["rule=perceptron", "wiring=dilution", "symmetric=no", "wiring.symmetric=yes"]
    setup = changed(document, None, both).setup
    assert (setup.rule.symmetric, setup.wiring.symmetric) == (False, True)


def test_networks_that_remember_and_that_learn_in_one_document():
    memory, learner = example("letters").build(), example("digits").build()
    mixed = replace(memory, setups=(*memory.setups, *learner.setups))
    for active in (0, 1):
        document = edits.show_setup(mixed, active)
        one, two = changed(document, None, ["rule=storkey"]).setups
        assert (one.rule.id, two.model.rule) == ("storkey", learner.setup.model.rule)
        one, two = changed(document, None, ["rule=slow"]).setups
        assert (one.rule.id, two.model.rule) == ("projection", "slow")
        one, two = changed(document, None, ["wiring=ring", "k=3", "data=ready:letters"]).setups
        assert (one.wiring.k, one.data) == (3, memory.setup.data)
        assert (two.wiring.id, two.data.ready) == ("all-to-all", "letters")
        with pytest.raises(UserError, match="magic"):
            changed(document, None, ["rule=magic"])
    with pytest.raises(UserError, match="learns from images and has no wiring"):
        changed(learner, None, ["wiring=ring"])


def test_everything_is_listed(call):
    described = strict(call("models", "--json")[1])
    for group, known in (("rules", rules()), ("wirings", wirings())):
        assert [m["id"] for m in described[group]] == list(known)
        for member in described[group]:
            specs = known[member["id"]].specs()
            assert [p["name"] for p in member["parameters"]] == list(specs)
    (lattice,) = (w for w in described["wirings"] if w["id"] == "lattice")
    names = [p["name"] for p in lattice["parameters"]]
    assert set(names) == {"r", "shape", "wrap", "own", "antisymmetry", "inhibitory", "seed"}
    plain = call("models")[1]
    assert "    r = 4  [1 to 64]  How far" in plain
    assert "    shape = round  [round | square]  " in plain
    assert "    own = False  [on | off]  " in plain
    for id in (*rules(), *wirings()):
        assert f"  {id}  " in plain


# what a run says of its weights


def test_a_run_tells_of_asymmetry_edits_and_lesions(report, tmp_path):
    kept = report("example:broken-symmetry", "--updates", 1)["weights"]
    assert not kept["symmetric"]
    assert kept["asymmetry"] == pytest.approx(3 / 10**0.5, abs=0.01)
    assert kept["representation"] == "dense"
    kept = report("example:by-hand")["weights"]
    assert (kept["connections"], kept["edited"], kept["symmetric"]) == (56, 56, True)
    assert report("example:lesions")["weights"]["lesions"] == 280
    files.save(bent(), tmp_path / "bent.lyap")
    kept = report(tmp_path / "bent.lyap", "--updates", 3)["weights"]
    assert (kept["edited"], kept["lesions"], kept["symmetric"]) == (10, 1, False)
    assert 0 < kept["asymmetry"] < 1


def test_a_perceptron_that_does_not_converge_says_so(report):
    harder = sets(rule="perceptron", margin=3, sweeps=10)
    note = report(LETTERS, "--updates", 1, *harder)["weights"]["note"]
    assert "did not converge in 10 sweeps" in note


def test_large_networks_are_told_of_without_looking_at_every_weight(monkeypatch):
    def refuse(*_: object) -> None:
        raise AssertionError("too much work")

    monkeypatch.setattr(command, "summary", refuse)
    _, low_rank = Resolver()(example("photographs").build(), 0)
    kept = weighed(low_rank)
    assert (kept["connections"], kept["isolated"], kept["asymmetry"]) == (None, None, 0.0)
    monkeypatch.setattr(command, "LISTED", 1000)
    _, sparse = Resolver()(example("diluted").build(), 0)
    kept = weighed(sparse)
    assert kept["connections"] == sparse.weights.connections.count
    assert kept["representation"] == "sparse"


def test_a_model_without_weights_between_neurons_tells_nothing_of_them(report):
    assert "weights" not in report(LETTERS, "--updates", 5, *sets(model="dense_associative"))


# weights to and from files


@pytest.mark.parametrize("end", ["npy", "npz", "csv", "mtx"])
@pytest.mark.parametrize("wiring", ["all-to-all", "ring"])
def test_weights_go_to_a_file_and_come_back(exported, report, tmp_path, wiring, end):
    document = bent()
    if wiring == "ring":
        document = edits.set_wiring(document, wirings()["ring"](k=1, own=True))
    source, out = tmp_path / "bent.lyap", tmp_path / f"w.{end}"
    files.save(document, source)
    told = exported(source, out)
    assert (told["file"], told["neurons"]) == (str(out), 6)
    _, problem = Resolver()(document, 0)
    problem.weights.follow(problem.strokes)
    np.testing.assert_array_equal(read_weights(out, 6).matrix(), problem.weights.small())
    again = report(source, "--weights", out, "--updates", 40)
    by_set = report(source, *sets(weights=out), "--updates", 40)
    first = report(source, "--updates", 40)
    for r in (again, by_set, first):
        r.pop("seconds")
    for name in ("updates", "outcome", "lyapunov"):
        assert again[name] == by_set[name] == first[name]
    assert again["weights"]["edited"] == 0
    assert again["weights"]["connections"] == first["weights"]["connections"]


def test_a_list_of_sparse_weights_holds_edits_and_self_couplings(exported, tmp_path):
    document = edits.set_wiring_parameters(example("diluted").build(), own=True)
    here = np.array([7, 7, 9])
    document = rewiring.add_stroke(document, here, np.array([8, 7, 4000]), 0.5, both=False)
    _, problem = Resolver()(document, 0)
    W = problem.weights
    W.follow(problem.strokes)
    assert W.cost.representation == "sparse"
    into, out_of, values = W.triplets()
    key = into.astype(np.int64) * 4096 + out_of
    assert (np.diff(key) > 0).all()
    whole = np.zeros((10, 4096))
    some = into < 10
    whole[into[some], out_of[some]] = values[some]
    np.testing.assert_array_equal(whole, W.rows(np.arange(10)))
    assert whole[[7, 7, 9], [8, 7, 4000]] == pytest.approx(0.5, abs=1e-4)  # on their grid
    source = tmp_path / "d.lyap"
    files.save(document, source)
    told = exported(source, tmp_path / "d.npz", *sets(c=0.05))
    assert told["connections"] > len(values)


def test_what_a_file_was_taken_for_is_told(report, tmp_path):
    lines = ["from,to,weight", *(f"{i},{i % 8 + 1},1" for i in range(1, 9))]
    (tmp_path / "ring.csv").write_text("\n".join(lines))
    r = report("example:round", "--weights", tmp_path / "ring.csv")
    assert "numbered from 1" in r["weights"]["note"]
    assert r["weights"]["asymmetry"] == pytest.approx(0.5**0.5)


def test_interrupted_while_writing(call, monkeypatch, tmp_path):
    def stop(*_: object) -> None:
        raise Interrupted

    monkeypatch.setattr(command, "write_weights", stop)
    out = tmp_path / "w.npy"
    status, said, err = call("weights", LETTERS, out)
    assert (status, said) == (130, "")
    assert err == "lyapstudio: Interrupted. No weights were written.\n"
    assert not out.exists()


def test_progress_is_shown_in_neurons(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("lyapstudio.cli.progress.FILE", -1.0)
    assert command.weights([LETTERS, str(tmp_path / "w.npy")]) == 0
    said = capsys.readouterr().err
    assert said.startswith("writing the weights")
    assert "images" not in said


def nan(path):
    np.save(path, np.full((8, 8), np.nan))
    return path


def oblong(path):
    np.save(path, np.ones((8, 7)))
    return path


WRONG = {
    "other size": (
        lambda p: ("run", LETTERS, "--weights", p / "w.npy"),
        "8 neurons, the network has 784",
    ),
    "missing": (lambda p: ("run", LETTERS, "--weights", p / "none.npy"), "no file none.npy"),
    "folder": (lambda p: ("run", LETTERS, *sets(weights=p)), "folder"),
    "no name": (lambda p: ("run", LETTERS, *sets(weights="")), "wants a file"),
    "not a number": (lambda p: ("run", "example:round", "--weights", nan(p / "n.npy")), "finite"),
    "not square": (
        lambda p: ("run", "example:round", "--weights", oblong(p / "o.npy")),
        "square table",
    ),
    "a learner": (lambda p: ("run", "example:digits", "--weights", p / "w.npy"), "no weights"),
    "unknown wiring": (lambda p: ("run", LETTERS, *sets(wiring="magic")), "Known wirings: all-to"),
    "unknown parameter": (lambda p: ("run", LETTERS, *sets(r=3)), "no parameter called r"),
    "out of range": (lambda p: ("run", LETTERS, *sets(wiring="lattice", r=0)), "between 1 and 64"),
    "too many connections": (
        lambda p: ("run", "example:million-local", *sets(r=60)),
        "fewer connections",
    ),
    "unknown ending": (lambda p: ("weights", LETTERS, p / "w.txt"), "no ending that is known"),
    "nowhere": (lambda p: ("weights", LETTERS, p / "no" / "w.npy"), "."),
    "out is a folder": (lambda p: ("weights", LETTERS, p / "d.npy"), "."),
    "no place": (lambda p: ("weights", LETTERS), "OUT"),
    "nothing to write": (lambda p: ("weights", "example:digits", p / "w.npy"), "lyapstudio train"),
    "too large": (lambda p: ("weights", "example:million", p / "w2.npy"), "at most 4 GB"),
}


@pytest.mark.parametrize("id", WRONG)
def test_errors_are_one_line_and_say_what_to_do(call, tmp_path, id):
    np.save(tmp_path / "w.npy", np.ones((8, 8)))
    (tmp_path / "d.npy").mkdir()
    words, saying = WRONG[id]
    status, out, err = call(*words(tmp_path))
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("lyapstudio: ")
    assert saying in err
    assert "Traceback" not in err
