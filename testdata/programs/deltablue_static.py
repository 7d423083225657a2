"""DeltaBlue as Static Python: int64 values, strengths and marks, checked lists of constraints, virtual calls.

The same solver and the same problems as deltablue.py; a strength is its level.

    deltablue_static.py [SIZE]
"""
from __future__ import annotations

import __static__
from __static__ import CheckedList, box, cbool, clen, int64

import sys
from typing import Final, Optional, final

REQUIRED: Final[int] = 0
PREFERRED: Final[int] = 2
STRONG_DEFAULT: Final[int] = 3
NORMAL: Final[int] = 4
WEAKEST: Final[int] = 6

NONE: Final[int] = 0
FORWARD: Final[int] = 1
BACKWARD: Final[int] = 2


@final
class Variable:
    def __init__(self, name: str, value: int64) -> None:
        self.name: str = name
        self.value: int64 = value
        self.constraints: CheckedList[Constraint] = []
        self.determined_by: Optional[Constraint] = None
        self.mark: int64 = 0
        self.walk_strength: int64 = int64(WEAKEST)
        self.stay: cbool = True

    def drop(self, constraint: Constraint) -> None:
        """Forgets `constraint`, keeping the order of the others."""
        constraints: CheckedList[Constraint] = self.constraints
        last: int64 = clen(constraints) - 1
        i: int64 = 0
        while constraints[i] is not constraint:
            i += 1
        while i < last:
            constraints[i] = constraints[i + 1]
            i += 1
        constraints.pop()

    def add_consumers(self, todo: CheckedList[Constraint]) -> None:
        determining = self.determined_by
        constraints: CheckedList[Constraint] = self.constraints
        n: int64 = clen(constraints)
        i: int64 = 0
        while i < n:
            constraint: Constraint = constraints[i]
            if constraint is not determining:
                if constraint.is_satisfied():
                    todo.append(constraint)
            i += 1


class Constraint:
    def __init__(self, planner: Planner, strength: int64) -> None:
        self.planner: Planner = planner
        self.strength: int64 = strength

    def install(self) -> None:
        self.add_to_graph()
        self.planner.incremental_add(self)

    def destroy(self) -> None:
        if self.is_satisfied():
            self.planner.incremental_remove(self)
        else:
            self.remove_from_graph()

    def is_input(self) -> cbool:
        return False

    def satisfy(self, mark: int64) -> Optional[Constraint]:
        """Enforces this constraint if its strength suffices; the constraint that it displaces, or None."""
        self.choose_method(mark)
        if not self.is_satisfied():
            if self.strength == int64(REQUIRED):
                raise RuntimeError("a required constraint cannot be satisfied")
            return None
        self.mark_inputs(mark)
        output: Variable = self.output()
        displaced = output.determined_by
        if displaced is not None:
            displaced.mark_unsatisfied()
        output.determined_by = self
        if not self.planner.add_propagate(self, mark):
            raise RuntimeError("the constraints form a cycle")
        output.mark = mark
        return displaced

    def add_to_graph(self) -> None:
        raise NotImplementedError

    def remove_from_graph(self) -> None:
        raise NotImplementedError

    def choose_method(self, mark: int64) -> None:
        raise NotImplementedError

    def is_satisfied(self) -> cbool:
        raise NotImplementedError

    def mark_unsatisfied(self) -> None:
        raise NotImplementedError

    def mark_inputs(self, mark: int64) -> None:
        raise NotImplementedError

    def inputs_known(self, mark: int64) -> cbool:
        raise NotImplementedError

    def output(self) -> Variable:
        raise NotImplementedError

    def recalculate(self) -> None:
        raise NotImplementedError

    def execute(self) -> None:
        raise NotImplementedError


class UnaryConstraint(Constraint):
    """Determines one variable."""

    def __init__(self, planner: Planner, variable: Variable, strength: int64) -> None:
        self.variable: Variable = variable
        self.satisfied: cbool = False
        Constraint.__init__(self, planner, strength)
        self.install()

    def add_to_graph(self) -> None:
        self.variable.constraints.append(self)
        self.satisfied = False

    def remove_from_graph(self) -> None:
        self.variable.drop(self)
        self.satisfied = False

    def choose_method(self, mark: int64) -> None:
        variable: Variable = self.variable
        self.satisfied = variable.mark != mark and self.strength < variable.walk_strength

    def is_satisfied(self) -> cbool:
        return self.satisfied

    def mark_unsatisfied(self) -> None:
        self.satisfied = False

    def mark_inputs(self, mark: int64) -> None:
        pass

    def inputs_known(self, mark: int64) -> cbool:
        return True

    def output(self) -> Variable:
        return self.variable

    def recalculate(self) -> None:
        variable: Variable = self.variable
        variable.walk_strength = self.strength
        stay: cbool = not self.is_input()
        variable.stay = stay
        if stay:
            self.execute()


@final
class StayConstraint(UnaryConstraint):
    """The variable should keep its value."""

    def execute(self) -> None:
        pass


@final
class EditConstraint(UnaryConstraint):
    """The variable is set from outside."""

    def is_input(self) -> cbool:
        return True

    def execute(self) -> None:
        pass


class BinaryConstraint(Constraint):
    """Determines one of two variables from the other."""

    def __init__(self, planner: Planner, first: Variable, second: Variable, strength: int64) -> None:
        self.first: Variable = first
        self.second: Variable = second
        self.direction: int64 = int64(NONE)
        Constraint.__init__(self, planner, strength)
        self.install()

    def add_to_graph(self) -> None:
        self.first.constraints.append(self)
        self.second.constraints.append(self)
        self.direction = int64(NONE)

    def remove_from_graph(self) -> None:
        self.first.drop(self)
        self.second.drop(self)
        self.direction = int64(NONE)

    def choose_method(self, mark: int64) -> None:
        first: Variable = self.first
        second: Variable = self.second
        strength: int64 = self.strength
        direction: int64 = int64(NONE)
        if first.mark == mark:
            if second.mark != mark and strength < second.walk_strength:
                direction = int64(FORWARD)
        elif second.mark == mark:
            if strength < first.walk_strength:
                direction = int64(BACKWARD)
        elif first.walk_strength > second.walk_strength:
            if strength < first.walk_strength:
                direction = int64(BACKWARD)
        elif strength < second.walk_strength:
            direction = int64(FORWARD)
        self.direction = direction

    def is_satisfied(self) -> cbool:
        return self.direction != int64(NONE)

    def mark_unsatisfied(self) -> None:
        self.direction = int64(NONE)

    def mark_inputs(self, mark: int64) -> None:
        self.input().mark = mark

    def inputs_known(self, mark: int64) -> cbool:
        source: Variable = self.input()
        if source.mark == mark or source.stay:
            return True
        if source.determined_by is None:
            return True
        return False

    def input(self) -> Variable:
        if self.direction == int64(FORWARD):
            return self.first
        return self.second

    def output(self) -> Variable:
        if self.direction == int64(FORWARD):
            return self.second
        return self.first

    def recalculate(self) -> None:
        source: Variable = self.input()
        target: Variable = self.output()
        strength: int64 = self.strength
        if source.walk_strength > strength:
            strength = source.walk_strength
        target.walk_strength = strength
        stay: cbool = source.stay
        target.stay = stay
        if stay:
            self.execute()


@final
class EqualityConstraint(BinaryConstraint):
    """first == second"""

    def execute(self) -> None:
        self.output().value = self.input().value


@final
class ScaleConstraint(BinaryConstraint):
    """second == first * scale + offset"""

    def __init__(
        self, planner: Planner, first: Variable, scale: Variable, offset: Variable, second: Variable, strength: int64
    ) -> None:
        self.scale: Variable = scale
        self.offset: Variable = offset
        BinaryConstraint.__init__(self, planner, first, second, strength)

    def add_to_graph(self) -> None:
        super().add_to_graph()
        self.scale.constraints.append(self)
        self.offset.constraints.append(self)

    def remove_from_graph(self) -> None:
        super().remove_from_graph()
        self.scale.drop(self)
        self.offset.drop(self)

    def mark_inputs(self, mark: int64) -> None:
        BinaryConstraint.mark_inputs(self, mark)
        self.scale.mark = mark
        self.offset.mark = mark

    def execute(self) -> None:
        if self.direction == int64(FORWARD):
            self.second.value = self.first.value * self.scale.value + self.offset.value
        else:
            self.first.value = (self.second.value - self.offset.value) // self.scale.value

    def recalculate(self) -> None:
        source: Variable = self.input()
        target: Variable = self.output()
        strength: int64 = self.strength
        if source.walk_strength > strength:
            strength = source.walk_strength
        target.walk_strength = strength
        stay: cbool = source.stay and self.scale.stay and self.offset.stay
        target.stay = stay
        if stay:
            self.execute()


@final
class Planner:
    def __init__(self) -> None:
        self.mark: int64 = 0

    def new_mark(self) -> int64:
        self.mark += 1
        return self.mark

    def incremental_add(self, constraint: Constraint) -> None:
        mark: int64 = self.new_mark()
        displaced: Optional[Constraint] = constraint.satisfy(mark)
        while displaced is not None:
            displaced = displaced.satisfy(mark)

    def incremental_remove(self, constraint: Constraint) -> None:
        target: Variable = constraint.output()
        constraint.mark_unsatisfied()
        constraint.remove_from_graph()
        unsatisfied: CheckedList[Constraint] = self.remove_propagate_from(target)
        strength: int64 = 0
        while strength < int64(WEAKEST):
            for other in unsatisfied:
                if other.strength == strength:
                    self.incremental_add(other)
            strength += 1

    def make_plan(self, sources: CheckedList[Constraint]) -> CheckedList[Constraint]:
        """The constraints to execute, in order, when the values of `sources` change."""
        mark: int64 = self.new_mark()
        plan: CheckedList[Constraint] = []
        todo: CheckedList[Constraint] = sources
        while clen(todo) > 0:
            constraint: Constraint = todo.pop()
            target: Variable = constraint.output()
            if target.mark != mark:
                if constraint.inputs_known(mark):
                    plan.append(constraint)
                    target.mark = mark
                    target.add_consumers(todo)
        return plan

    def plan_from(self, edit: EditConstraint) -> CheckedList[Constraint]:
        sources: CheckedList[Constraint] = []
        if edit.is_satisfied():
            sources.append(edit)
        return self.make_plan(sources)

    def add_propagate(self, constraint: Constraint, mark: int64) -> cbool:
        todo: CheckedList[Constraint] = []
        todo.append(constraint)
        while clen(todo) > 0:
            other: Constraint = todo.pop()
            target: Variable = other.output()
            if target.mark == mark:
                self.incremental_remove(constraint)
                return False
            other.recalculate()
            target.add_consumers(todo)
        return True

    def remove_propagate_from(self, target: Variable) -> CheckedList[Constraint]:
        target.determined_by = None
        target.walk_strength = int64(WEAKEST)
        target.stay = True
        unsatisfied: CheckedList[Constraint] = []
        todo: CheckedList[Variable] = []
        todo.append(target)
        while clen(todo) > 0:
            variable: Variable = todo.pop()
            for constraint in variable.constraints:
                if not constraint.is_satisfied():
                    unsatisfied.append(constraint)
            determining = variable.determined_by
            for consumer in variable.constraints:
                if consumer is not determining:
                    if consumer.is_satisfied():
                        consumer.recalculate()
                        todo.append(consumer.output())
        return unsatisfied

    def change(self, variable: Variable, value: int64) -> None:
        """Sets `variable` ten times through an edit constraint."""
        edit = EditConstraint(self, variable, int64(PREFERRED))
        plan: CheckedList[Constraint] = self.plan_from(edit)
        i: int64 = 0
        while i < 10:
            variable.value = value
            execute(plan)
            i += 1
        edit.destroy()


def execute(plan: CheckedList[Constraint]) -> None:
    n: int64 = clen(plan)
    i: int64 = 0
    while i < n:
        plan[i].execute()
        i += 1


def chain(size: int) -> int64:
    """A chain of `size` equalities: what enters at the head must come out at the tail."""
    planner = Planner()
    n: int64 = int64(size)
    head = Variable("v0", 0)
    tail: Variable = head
    i: int64 = 0
    while i < n:
        following = Variable(f"v{box(i + 1)}", 0)
        EqualityConstraint(planner, tail, following, int64(REQUIRED))
        tail = following
        i += 1
    StayConstraint(planner, tail, int64(STRONG_DEFAULT))
    edit = EditConstraint(planner, head, int64(PREFERRED))
    plan: CheckedList[Constraint] = planner.plan_from(edit)
    total: int64 = 0
    value: int64 = 0
    while value < 100:
        head.value = value
        execute(plan)
        if tail.value != value:
            raise RuntimeError("the chain is broken")
        total += tail.value
        value += 1
    edit.destroy()
    return total


def projection(size: int) -> int64:
    """`size` points mapped by one scale and one offset, changed from both ends."""
    planner = Planner()
    n: int64 = int64(size)
    scale = Variable("scale", 10)
    offset = Variable("offset", 1000)
    sources: CheckedList[Variable] = []
    targets: CheckedList[Variable] = []
    i: int64 = 0
    while i < n:
        point = Variable(f"source{box(i)}", i)
        image = Variable(f"target{box(i)}", i)
        sources.append(point)
        targets.append(image)
        StayConstraint(planner, point, int64(NORMAL))
        ScaleConstraint(planner, point, scale, offset, image, int64(REQUIRED))
        i += 1
    source: Variable = sources[n - 1]
    target: Variable = targets[n - 1]
    planner.change(source, 17)
    if target.value != 1170:
        raise RuntimeError("projection 1 failed")
    planner.change(target, 1050)
    if source.value != 5:
        raise RuntimeError("projection 2 failed")
    planner.change(scale, 5)
    i = 0
    while i < n - 1:
        if targets[i].value != i * 5 + 1000:
            raise RuntimeError("projection 3 failed")
        i += 1
    planner.change(offset, 2000)
    total: int64 = 0
    i = 0
    while i < n - 1:
        if targets[i].value != i * 5 + 2000:
            raise RuntimeError("projection 4 failed")
        total += targets[i].value
        i += 1
    return total


def run(size: int) -> tuple[int, int]:
    """The checksums of both problems."""
    return box(chain(size)), box(projection(size))


def main() -> None:
    size: int = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
    first, second = run(size)
    print("deltablue", size)
    print("chain", first, "projection", second)
    good = first == 4950 and second == 5 * (size - 1) * (size - 2) // 2 + 2000 * (size - 1)
    print("ok" if good else "WRONG")


if __name__ == "__main__":
    main()
