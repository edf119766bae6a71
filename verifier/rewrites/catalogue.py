"""The catalogue of rewrites: one row each, in the order in which they are offered."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.rewrites import (
    backward,
    biases,
    blend,
    calculator,
    functions,
    gates,
    inputs,
    items,
    layouts,
    readings,
    softmax,
    stacks,
    states,
    sums,
    weights,
)
from verifier.rewrites.model import ChangeKind, Changes, P, Rewrite, Tag, Variant
from verifier.rewrites.walk import at_all, at_nodes, both, either

_MISTAKE: frozenset[Tag] = frozenset({"mistake"})
_CONVENTION: frozenset[Tag] = frozenset({"convention"})
_READING: frozenset[Tag] = frozenset({"reading"})
_BOTH = _MISTAKE | _CONVENTION


def _rows(*rows: tuple[str, ChangeKind, frozenset[Tag], Changes]) -> dict[str, Rewrite]:
    return {row[0]: Rewrite(*row) for row in rows}


TREE: ChangeKind = "tree"
VALUES: ChangeKind = "values"

CONVENTIONS: tuple[tuple[str, ChangeKind, Changes], ...] = (
    ("recurrent-bias-inside", TREE, both(biases.inside)),
    ("biases-exchanged", TREE, biases.exchanged),
    ("bias-copied", TREE, biases.copied),
    ("bias-at-first-step", TREE, biases.at_first_step(there=True)),
    ("bias-not-at-first-step", TREE, biases.at_first_step(there=False)),
    (
        "hard-sigmoid-relu6",
        TREE,
        both(functions.replaced_by("hard_sigmoid_relu6", "sigmoid", "hard_sigmoid")),
    ),
    ("other-hard-sigmoid", TREE, both(functions.replaced_by("hard_sigmoid", "hard_sigmoid_relu6"))),
    (
        "sigmoid-not-hard",
        TREE,
        both(functions.replaced_by("sigmoid", "hard_sigmoid", "hard_sigmoid_relu6")),
    ),
    ("tanh-for-sigmoid", TREE, both(functions.replaced_by("tanh", "sigmoid"))),
    ("relu-for-tanh", TREE, both(functions.replaced_by("relu", "tanh"))),
    ("gates-coupled", TREE, at_nodes(gates.coupled)),
    ("gelu-by-tanh", TREE, both(functions.replaced_by("gelu_tanh", "gelu"))),
    ("gelu-exact", TREE, both(functions.replaced_by("gelu", "gelu_tanh"))),
    ("not-clipped", TREE, both(functions.not_clipped)),
    ("clipped", TREE, either(*(at_all(functions.clipped(c)) for c in functions.CLIPS))),
    ("state-clipped", TREE, either(*(at_all(functions.state_clipped(c)) for c in functions.CLIPS))),
    ("gate-matrices-permuted", VALUES, weights.permuted_in_part(matrices=True)),
    ("gate-biases-permuted", VALUES, weights.permuted_in_part(matrices=False)),
    ("peepholes-exchanged", VALUES, weights.peepholes_exchanged),
    ("reshaped", VALUES, layouts.reshaped),
    (
        "gates-interleaved",
        VALUES,
        either(layouts.gates(layouts.by_unit), layouts.gates(layouts.by_gate)),
    ),
    ("rows-exchanged", VALUES, layouts.rows_exchanged),
    ("initial-exchanged", VALUES, states.initial_exchanged),
    ("inputs-late", VALUES, inputs.shifted(late=True)),
    ("inputs-early", VALUES, inputs.shifted(late=False)),
    ("direction-turned", TREE, states.turned),
    ("weights-of-other-layer", VALUES, stacks.shared),
    ("layers-exchanged", VALUES, stacks.exchanged),
)
"""What programs do otherwise, and people with a pencil do not: ids, what they change, and how."""

CATALOGUE = _rows(
    *((id, kind, _MISTAKE, changes) for id, kind, changes in backward.ROWS),
    ("blend-swapped", "tree", _BOTH, both(blend.swapped)),
    ("complement-left-out", "tree", _MISTAKE, at_nodes(blend.complement_left_out)),
    ("complement-added", "tree", _MISTAKE, at_nodes(blend.complement_added)),
    ("reset-after", "tree", _BOTH, both(gates.after)),
    ("reset-after-with-bias", "tree", _BOTH, both(gates.after_with_bias)),
    ("reset-before", "tree", _BOTH, both(gates.before)),
    ("gate-left-out", "tree", _MISTAKE, at_nodes(gates.left_out)),
    ("gate-on-input", "tree", _MISTAKE, at_nodes(gates.on_input)),
    ("gates-exchanged", "tree", _MISTAKE, at_nodes(gates.exchanged)),
    ("function-exchanged", "tree", _MISTAKE, both(functions.exchanged)),
    ("hard-sigmoid", "tree", _BOTH, both(functions.replaced_by("hard_sigmoid", "sigmoid"))),
    ("function-left-out", "tree", _MISTAKE, at_nodes(functions.left_out)),
    ("leaky-relu", "tree", _BOTH, either(*(both(functions.leaky(s)) for s in functions.SLOPES))),
    ("relu-not-leaky", "tree", _BOTH, both(functions.replaced_by("relu", "leaky_relu"))),
    ("softmax-without-exp", "tree", _MISTAKE, both(softmax.taken_for(*softmax.WITHOUT_EXP))),
    ("softmax-not-normalised", "tree", _MISTAKE, both(softmax.taken_for(*softmax.NOT_NORMALISED))),
    ("softmax-otherwise", "tree", _MISTAKE, at_nodes(softmax.taken_for(*softmax.OTHERWISE))),
    ("softmax-by-sigmoid", "tree", _MISTAKE, both(softmax.taken_for(*softmax.BY_SIGMOID))),
    ("softmax-of-columns", "tree", _BOTH, both(softmax.taken_for(*softmax.OF_COLUMNS))),
    ("exponent-sign", "tree", _MISTAKE, both(functions.exponent_sign)),
    ("bias-dropped", "tree", _BOTH, either(both(sums.bias_dropped), biases.dropped)),
    ("bias-doubled", "tree", _BOTH, either(both(sums.bias_doubled), biases.doubled)),
    ("bias-outside", "tree", _BOTH, both(sums.bias_outside)),
    ("recurrent-bias-outside", "tree", _BOTH, both(biases.outside)),
    ("term-outside", "tree", _MISTAKE, at_nodes(sums.term_outside)),
    ("one-added", "tree", _BOTH, at_nodes(sums.one_added)),
    (
        "term-dropped",
        "tree",
        _MISTAKE,
        either(at_nodes(sums.term_dropped), sums.terms_dropped_together),
    ),
    ("sign-exchanged", "tree", _MISTAKE, at_nodes(sums.sign_exchanged)),
    ("sum-for-product", "tree", _MISTAKE, both(sums.sum_for_product)),
    ("product-for-matmul", "tree", _MISTAKE, weights.entry_by_entry),
    (
        "transposed",
        "values",
        _BOTH,
        either(at_nodes(weights.transposed), weights.transposed_together),
    ),
    (
        "weight-left-out",
        "tree",
        _BOTH,
        either(both(weights.left_out), weights.left_out_together),
    ),
    ("parts-exchanged", "tree", _BOTH, both(weights.in_other_order)),
    ("weights-swapped", "values", _BOTH, weights.swapped),
    ("gates-permuted", "values", _BOTH, weights.permuted),
    ("weight-of-other-gate", "values", _MISTAKE, weights.of_other_gate),
    ("state-not-carried", "schedule", _BOTH, states.not_carried),
    ("state-confused", "schedule", _MISTAKE, states.confused),
    ("other-step", "schedule", _BOTH, states.other_step),
    ("returned-as", "tree", _BOTH, states.returned),
    ("initial-ignored", "values", _BOTH, states.initial_ignored),
    ("direction-forwards", "schedule", _MISTAKE, states.forwards),
    ("input-entries-exchanged", "values", _MISTAKE, inputs.entries_exchanged),
    ("items-exchanged", "values", _BOTH, items.exchanged),
    ("inputs-summed", "schedule", _MISTAKE, inputs.changed(inputs.summed)),
    ("inputs-reversed", "schedule", _BOTH, inputs.taken(inputs.reversed_order)),
    ("input-repeated", "schedule", _MISTAKE, inputs.taken(inputs.repeated)),
    ("input-late", "schedule", _MISTAKE, inputs.taken(inputs.late)),
    ("input-last", "schedule", _MISTAKE, inputs.taken(inputs.last)),
    (
        "base-ten",
        "operations",
        _MISTAKE,
        calculator.key(calculator.TEN, "sigmoid", "tanh", "exp", "softplus", "softmax"),
    ),
    (
        "base-two",
        "operations",
        _MISTAKE,
        calculator.key(calculator.TWO, "sigmoid", "tanh", "exp", "softplus", "softmax"),
    ),
    (
        "log-base-ten",
        "operations",
        _MISTAKE,
        calculator.key(calculator.LOG_TEN, "log", "softplus", outside=True),
    ),
    *((id, kind, _CONVENTION, changes) for id, kind, changes in CONVENTIONS),
    *((id, "values", _READING, readings.changes(id)) for id in readings.READINGS),
    ("degrees", "operations", _MISTAKE, calculator.key(calculator.DEGREE, "tanh", "sin", "cos")),
)
"""Every rewrite by its id."""


def variants(problem: P, tag: Tag) -> Iterator[Variant[P]]:
    """Every single change of the problem that the rewrites with this tag give."""
    for rewrite in CATALOGUE.values():
        if tag in rewrite.tags:
            yield from rewrite.variants(problem)


def again(variant: Variant[P], problem: P) -> Variant[P] | None:
    """The same change made to another problem of the same cell, None where it does not fit."""
    return next(CATALOGUE[variant.rule].variants(problem, {variant.key}), None)
