"""The kinds of fault: those of cosmic-ray that people make, and four that this code invites."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import parso
from cosmic_ray.operators.operator import Example, Operator
from cosmic_ray.plugins import get_operator
from parso.python.tree import Name, String
from parso.tree import NodeOrLeaf

Position = tuple[tuple[int, int], tuple[int, int]]

#: Of cosmic-ray's operators those whose faults are plausible: each of the others makes hundreds that nobody writes.
CHOSEN = (
    "AddNot",
    "ReplaceTrueWithFalse",
    "ReplaceFalseWithTrue",
    "ReplaceAndWithOr",
    "ReplaceOrWithAnd",
    "ReplaceContinueWithBreak",
    "NumberReplacer",
    "RemoveDecorator",
    "ZeroIterationForLoop",
    "ReplaceUnaryOperator_Delete_Not",
    "ReplaceBinaryOperator_Add_Sub",
    "ReplaceBinaryOperator_Sub_Add",
    "ReplaceBinaryOperator_Mul_Div",
    "ReplaceBinaryOperator_BitAnd_BitOr",
    "ReplaceComparisonOperator_Eq_NotEq",
    "ReplaceComparisonOperator_NotEq_Eq",
    "ReplaceComparisonOperator_Lt_LtE",
    "ReplaceComparisonOperator_LtE_Lt",
    "ReplaceComparisonOperator_Gt_GtE",
    "ReplaceComparisonOperator_GtE_Gt",
    "ReplaceComparisonOperator_Is_IsNot",
    "ReplaceComparisonOperator_IsNot_Is",
)
_FILTERS = {"where", "and_", "filter"}
_SQL = re.compile(r"\b(?:SELECT|UPDATE|DELETE|INSERT)\b")
_AND = re.compile(r"\bAND\b")


class _Own(Operator):
    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """None: tests/mutation/test_mutation.py has them."""
        return ()


class DropCondition(_Own):
    """`.where(a, b)` becomes `.where(a)`: one condition of a statement is forgotten."""

    def mutation_positions(self, node: NodeOrLeaf) -> Iterator[Position]:
        """One for each condition."""
        for one in _conditions(node):
            yield one.start_pos, one.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        """Take the condition away, with the comma after it."""
        gone = _conditions(node)[index]
        held = gone.parent if gone.parent.type == "arglist" else node
        at = held.children.index(gone)
        followed = len(held.children) > at + 1 and _is_comma(held.children[at + 1])
        del held.children[at : at + 2 if followed else at + 1]
        return node


def _conditions(node: Any) -> list[Any]:
    """The conditions between the brackets of a call of where() and its like, where `node` are those brackets."""
    if node.type != "trailer" or node.children[0].value != "(":
        return []
    before = node.parent.children[node.parent.children.index(node) - 1]
    name = before.children[-1] if before.type == "trailer" else before
    if getattr(name, "value", None) not in _FILTERS:
        return []
    inside = node.children[1:-1]
    if inside and inside[0].type == "arglist":
        inside = inside[0].children
    return [one for one in inside if not _is_comma(one)]


class DropCall(_Own):
    """A call whose answer nobody keeps is forgotten: a lock, a check, a flush, something told."""

    def mutation_positions(self, node: NodeOrLeaf) -> Iterator[Position]:
        """One for each statement that is a call."""
        if (
            node.type == "simple_stmt"
            and node.children[0].type == "atom_expr"
            and node.children[0].children[-1].type == "trailer"
            and node.children[0].children[-1].children[0].value == "("
        ):
            yield node.children[0].start_pos, node.children[0].end_pos

    def mutate(self, node: Any, index: int) -> Any:
        """Say `pass` instead."""
        gone = node.children[0]
        node.children[0] = Name("pass", gone.start_pos, prefix=gone.get_first_leaf().prefix)
        return node


class DropEntry(_Own):
    """An entry of a tuple or list that is written out is forgotten: a state, a kind, a field."""

    def mutation_positions(self, node: NodeOrLeaf) -> Iterator[Position]:
        """One for each entry where there are two or more."""
        for one in _entries(node):
            yield one.start_pos, one.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        """Take the entry away; what is left stays a tuple."""
        entries, commas = _entries(node), [one for one in node.children if _is_comma(one)]
        left = [one for one in entries if one is not entries[index]]
        node.children = [part for pair in zip(left, commas, strict=False) for part in pair]
        if len(left) > len(commas):
            node.children += left[len(commas) :]
        return node


def _entries(node: Any) -> list[Any]:
    """The entries of a tuple or list written out with two of them or more."""
    if node.type != "testlist_comp" or any("comp_for" in one.type for one in node.children):
        return []
    return [one for one in node.children if not _is_comma(one)]


def _is_comma(node: Any) -> bool:
    return node.type == "operator" and node.value == ","


class AndToOr(_Own):
    """An AND of a statement in SQL's own words becomes OR."""

    def mutation_positions(self, node: NodeOrLeaf) -> Iterator[Position]:
        """One for each AND of a string that reads as SQL."""
        if isinstance(node, String) and _SQL.search(node.value):
            for _found in _AND.finditer(node.value):
                yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        """Exchange the AND of that number."""
        found = list(_AND.finditer(node.value))[index]
        node.value = f"{node.value[: found.start()]}OR{node.value[found.end() :]}"
        return node


#: Name → operator.
OPERATORS: dict[str, Operator] = {
    **{name: get_operator(f"core/{name}")() for name in CHOSEN},
    "DropCondition": DropCondition(),
    "DropCall": DropCall(),
    "DropEntry": DropEntry(),
    "AndToOr": AndToOr(),
}


def without_effect(source: str) -> list[Position]:
    """Where a fault changes nothing that runs: annotations (they are never evaluated here) and docstrings."""
    found = []
    pending = [parso.parse(source)]
    while pending:
        node = pending.pop()
        if node.type in ("tfpdef", "annassign"):
            found.append((node.children[1].start_pos, node.end_pos))
        if node.type == "annassign" and "=" in [getattr(one, "value", "") for one in node.children]:
            found[-1] = (node.children[1].start_pos, node.children[1].end_pos)
        if node.type == "funcdef" and node.annotation is not None:
            found.append((node.annotation.start_pos, node.annotation.end_pos))
        pending.extend(getattr(node, "children", ()))
    return found
