"""Size, learning rule, parameters and seed of the network."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from lyapstudio.core.frame import Frame
from lyapstudio.core.param import Choice, Params, Spec
from lyapstudio.document import edits
from lyapstudio.ui.numerals import whole
from lyapstudio.ui.panels.dreams import DreamRows
from lyapstudio.ui.parts.button import IconButton, TextButton
from lyapstudio.ui.parts.chooser import Chooser
from lyapstudio.ui.parts.form import Form, labelled
from lyapstudio.ui.parts.section import Section
from lyapstudio.ui.parts.segmented import Segmented
from lyapstudio.ui.parts.text import text
from lyapstudio.ui.session import Session
from lyapstudio.weights.rules import rules

MANY = 100_000
FEW = 3
"""Learning rules that fit side by side."""
NEURONS = Spec("choice", "", "Neurons", "How many neurons there are.")
WIRING = Spec("choice", "", "Wiring", "Who listens to whom: choose a recipe, with a preview.")
RULE = Spec("choice", "", "Learning", "How the memories make the weights.")


class NetworkPanel(Section):
    """What matters most is shown, the rest unfolds; all of it follows from the declarations."""

    size_requested = Signal()
    wiring_requested = Signal()
    help_requested = Signal(str)

    def __init__(
        self, session: Session, parent: QWidget | None = None, title: str = "Network"
    ) -> None:
        super().__init__(title, parent=parent)
        self.session = session
        self.more = IconButton("ph.sliders-horizontal", "Further parameters", checkable=True)
        self.more.toggled.connect(lambda on: self._fold())
        self.add_tool(self.more)
        reset = IconButton("ph.arrow-counter-clockwise", "All parameters back to their defaults")
        reset.clicked.connect(lambda: self.reset())
        self.add_tool(reset)
        self.size_button = TextButton("", tooltip="Change the number of rows and columns")
        self.size_button.clicked.connect(self.size_requested)
        self._size_row = labelled(NEURONS, self.size_button)
        self.add(self._size_row)
        known = tuple(Choice(id, cls.title, RULE.help) for id, cls in rules().items())
        self.rule = Segmented(known) if len(known) <= FEW else Chooser(known)  # one click apart
        self.rule.chosen.connect(self._choose_rule)
        if isinstance(self.rule, Chooser):
            self.rule.setMinimumContentsLength(8)
            self.rule.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._rule_row = labelled(RULE, self.rule)
        self.add(self._rule_row)
        self.note = text("", "caption", wrap=True)  # beside the rule, or it would be scrolled away
        self.note.hide()
        self.add(self.note)
        self.wiring = TextButton("", tooltip=WIRING.help)
        self.wiring.clicked.connect(self.wiring_requested)
        self._wiring_row = labelled(WIRING, self.wiring)
        self.add(self._wiring_row)
        self._forms = QWidget()
        self.add(self._forms)
        self.dreams = DreamRows(session)
        self.more.toggled.connect(self.dreams.unfold)
        self.add(self.dreams)
        self.weights = text("", "caption", wrap=True)
        self.add(self.weights)
        self._form: Form | None = None
        self._rule_form: Form | None = None
        self._advanced: Form | None = None
        self._rule_advanced: Form | None = None
        self._built_for: tuple = ()
        session.document_changed.connect(self.show_document)
        session.words_due.connect(self.show_frame)
        self.show_document()

    def show_document(self) -> None:
        """Show the setup's values, building forms anew only for another model or rule."""
        setup = self.session.setup
        if self._built_for != (type(setup.model), type(setup.rule)):
            self._build(setup.model, setup.rule)
        total = whole(setup.N)
        many = setup.N >= MANY  # the product would widen the column
        sides = f"{setup.rows} × {setup.cols}"
        self.size_button.setText(sides if many else f"{sides} = {total}")
        self.size_button.setToolTip(f"{total} neurons; change the number of rows and columns")
        self._rule_row.setVisible(setup.model.uses_rule)
        self._wiring_row.setVisible(setup.model.uses_rule and not setup.model.learns)
        self.wiring.setText(f"{setup.wiring.title} …")
        self._size_row.setVisible(not setup.model.learns)
        self.rule.set_value(setup.rule.id)
        for form, params in (
            (self._form, setup.model),
            (self._advanced, setup.model),
            (self._rule_form, setup.rule),
            (self._rule_advanced, setup.rule),
        ):
            if form is not None:
                form.set_params(params)
        self._fold()

    def _fold(self) -> None:
        """Fold away what is secondary, but never what is not at its default."""
        setup, all_shown = self.session.setup, self.more.isChecked()
        for form, params in ((self._advanced, setup.model), (self._rule_advanced, setup.rule)):
            if form is None:
                continue
            specs = params.specs()
            changed = {n for n, spec in specs.items() if getattr(params, n) != spec.default}
            shown = [n for n in params.shown() if specs[n].advanced]
            seen = [n for n in shown if all_shown or changed & {n, (specs[n].when or ("",))[0]}]
            for name, spec in specs.items():
                if spec.advanced:
                    form.row(name).setVisible(name in seen)
            form.setVisible(bool(seen))

    def show_frame(self, frame: Frame) -> None:
        """How the weights are held."""
        other = frame.model is not None and type(frame.model) is not type(self.session.setup.model)
        weights = frame.problem.weights if frame.problem and not other else None
        line = weights.line if weights is not None else ""
        note = weights.origin.note if weights is not None else ""
        if self.note.text() != note:
            self.note.setText(note)
            self.note.setVisible(bool(note))
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
        rule_specs = rule.specs()
        plain = [name for name, spec in rule_specs.items() if not spec.advanced]
        fine = [name for name, spec in rule_specs.items() if spec.advanced]
        self._rule_form = self._new_form(rule, plain, edits.set_rule_parameters)
        self._rule_advanced = self._new_form(rule, fine, edits.set_rule_parameters)
        for form in (self._rule_form, self._form, self._advanced, self._rule_advanced):
            if form is not None:
                column.addWidget(form)
        self._rows.replaceWidget(old, self._forms)
        old.hide()
        old.deleteLater()
        self.more.setVisible(bool(rest or fine))

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

    def _choose_rule(self, id: str) -> None:
        self.session.edit(lambda d: edits.set_rule(d, id), "choose the learning rule")

    def reset(self) -> None:
        """The defaults of model and rule, as one edit."""

        def change(document):  # type: ignore[no-untyped-def]
            setup = document.setup
            return edits.with_setup(
                document,
                model=type(setup.model)(),
                rule=type(setup.rule)(),
                wiring=type(setup.wiring)(),
            )

        self.session.edit(change, "reset the parameters")
