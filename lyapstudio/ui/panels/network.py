"""Size, learning rule, parameters and seed of the network."""

from __future__ import annotations

import secrets

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from lyapstudio.core.model import Frame
from lyapstudio.core.param import Choice, Params, Spec
from lyapstudio.document import edits
from lyapstudio.ui.numerals import whole
from lyapstudio.ui.parts.button import IconButton, TextButton
from lyapstudio.ui.parts.chooser import Chooser
from lyapstudio.ui.parts.field import NumberField
from lyapstudio.ui.parts.form import Form, labelled
from lyapstudio.ui.parts.section import Section
from lyapstudio.ui.parts.text import text
from lyapstudio.ui.session import Session
from lyapstudio.weights.rules import rules

SEED = Spec(
    "integer",
    1,
    "Seed",
    "Fixes the noise on the cue and the order of updates: the same seed gives the same run.",
    0,
    2**31 - 1,
    decimals=0,
)
RULE = Spec("choice", "", "Learning", "How the memories make the weights.")


class NetworkPanel(Section):
    """What matters most is shown, the rest unfolds; all of it follows from the declarations."""

    size_requested = Signal()
    help_requested = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("Network", parent=parent)
        self.session = session
        reset = IconButton("ph.arrow-counter-clockwise", "All parameters back to their defaults")
        reset.clicked.connect(lambda: self.reset())
        self.add_tool(reset)
        self.size = TextButton("", tooltip="Change the number of rows and columns")
        self.size.clicked.connect(self.size_requested)
        self.add(labelled(Spec("choice", "", "Neurons", "How many neurons there are."), self.size))
        self.rule = Chooser([Choice(id, cls.title) for id, cls in rules().items()])
        self.rule.chosen.connect(self._choose_rule)
        self._rule_row = labelled(RULE, self.rule)
        self.add(self._rule_row)
        self._forms = QWidget()


        self.add(self._forms)
        self.more = TextButton("More …", "link", "ph.caret-down-bold", "Further parameters")
        self.more.setCheckable(True)
        self.more.toggled.connect(self._unfold)
        self.add(self.more)
        self._hidden_rows: list[QWidget] = []
        self.seed = NumberField("seed", SEED)
        self.seed.value_chosen.connect(self._set_seed)
        dice = IconButton("ph.dice-five", "Another seed: other noise, another order")
        dice.clicked.connect(lambda: self._set_seed(secrets.randbelow(10_000)))
        seed_row = labelled(SEED, self.seed)
        seed_row.layout().addWidget(dice)
        self.weights = text("", "caption", wrap=True)
        self.add(seed_row)
        self.add(self.weights)
        self._seed_row = seed_row
        self._form: Form | None = None
        self._rule_form: Form | None = None
        self._advanced: Form | None = None
        self._built_for: tuple = ()
        session.document_changed.connect(self.show_document)
        session.frame_arrived.connect(self.show_frame)
        self.show_document()

    def show_document(self) -> None:
        """Show the setup's values, building forms anew only for another model or rule."""
        setup = self.session.setup
        if self._built_for != (type(setup.model), type(setup.rule)):
            self._build(setup.model, setup.rule)
        total = whole(setup.N)
        self.size.setText(f"{setup.rows} × {setup.cols} = {total}")
        self._rule_row.setVisible(setup.model.uses_rule)
        self.rule.set_value(setup.rule.id)
        self.seed.set_value(setup.seed)
        for form, params in (
            (self._form, setup.model),
            (self._advanced, setup.model),
            (self._rule_form, setup.rule),
        ):
            if form is not None:
                form.set_params(params)

    def show_frame(self, frame: Frame) -> None:
        """How the weights are held."""
        weights = frame.problem.weights if frame.problem else None
        line = f"Weights, {weights.line}" if weights is not None else ""
        if self.weights.text() != line:
            self.weights.setText(line)
            self.weights.setVisible(bool(line))

    def _build(self, model: Params, rule: Params) -> None:
        self._built_for = (type(model), type(rule))
        old = self._forms
        self._forms = QWidget()
        column = QVBoxLayout(self._forms)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        specs = model.specs()
        first = [name for name, spec in specs.items() if not spec.advanced]
        rest = [name for name, spec in specs.items() if spec.advanced]
        self._form = self._new_form(model, first, edits.set_parameters)
        self._advanced = self._new_form(model, rest, edits.set_parameters)
        self._rule_form = self._new_form(rule, list(rule.specs()), edits.set_rule_parameters)
        for form in (self._rule_form, self._form, self._advanced):
            if form is not None:
                column.addWidget(form)
        self.layout().replaceWidget(old, self._forms)
        old.deleteLater()
        self.more.setVisible(bool(rest))
        self._unfold(self.more.isChecked())

    def _new_form(self, params: Params, names: list[str], change: object) -> Form | None:
        if not names:
            return None
        form = Form(params, names=names)
        form.changing.connect(lambda n, v: self._set(change, n, v, seal=False))
        form.chosen.connect(lambda n, v: self._set(change, n, v, seal=True))
        return form

    def _set(self, change: object, name: str, value: object, *, seal: bool) -> None:
        self.session.edit(lambda d: change(d, **{name: value}), f"set {name}", f"set {name}")  # type: ignore[operator]
        if seal:
            self.session.seal()

    def _unfold(self, on: bool) -> None:
        self.more.setText("Fewer" if on else "More …")
        if self._advanced is not None:
            self._advanced.setVisible(on)

    def _choose_rule(self, id: str) -> None:
        self.session.edit(lambda d: edits.set_rule(d, id), "choose the learning rule")

    def _set_seed(self, seed: object) -> None:
        self.session.edit(lambda d: edits.set_seed(d, int(seed)), "choose a seed")  # type: ignore[call-overload]

    def reset(self) -> None:
        """The defaults of model and rule, as one edit."""

        def change(document):  # type: ignore[no-untyped-def]
            setup = document.setup
            return edits.with_setup(document, model=type(setup.model)(), rule=type(setup.rule)())

        self.session.edit(change, "reset the parameters")
