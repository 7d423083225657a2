"""DeltaBlue: an incremental solver of one-way constraints.

Variables are connected by constraints of different strength; the solver keeps a plan that satisfies the strong ones
and changes as little as possible when a constraint comes or goes (Freeman-Benson, Maloney and Borning, CACM 1990).
The load: polymorphic method calls, small lists, attributes.

Two problems are solved: a chain of equalities, and a projection of many points by shared scale and offset.

    deltablue.py [SIZE]
"""
import sys


class Strength:
    """A step of the hierarchy; smaller levels are stronger."""

    def __init__(self, level, name):
        self.level = level
        self.name = name

    def stronger(self, other):
        return self.level < other.level

    def weaker(self, other):
        return self.level > other.level

    def weakest(self, other):
        return other if other.level > self.level else self


STRENGTHS = [
    Strength(level, name)
    for level, name in enumerate(
        ["required", "strongPreferred", "preferred", "strongDefault", "normal", "weakDefault", "weakest"]
    )
]
REQUIRED, STRONG_PREFERRED, PREFERRED, STRONG_DEFAULT, NORMAL, WEAK_DEFAULT, WEAKEST = STRENGTHS

NONE = 0
FORWARD = 1
BACKWARD = -1


class Variable:
    def __init__(self, name, value=0):
        self.name = name
        self.value = value
        self.constraints = []
        self.determined_by = None
        self.mark = 0
        self.walk_strength = WEAKEST
        self.stay = True


class Constraint:
    def __init__(self, planner, strength):
        self.planner = planner
        self.strength = strength

    def install(self):
        self.add_to_graph()
        self.planner.incremental_add(self)

    def destroy(self):
        if self.is_satisfied():
            self.planner.incremental_remove(self)
        else:
            self.remove_from_graph()

    def is_input(self):
        return False

    def satisfy(self, mark):
        """Enforces this constraint if its strength suffices; the constraint that it displaces, or None."""
        self.choose_method(mark)
        if not self.is_satisfied():
            if self.strength is REQUIRED:
                raise RuntimeError("a required constraint cannot be satisfied")
            return None
        self.mark_inputs(mark)
        output = self.output()
        displaced = output.determined_by
        if displaced is not None:
            displaced.mark_unsatisfied()
        output.determined_by = self
        if not self.planner.add_propagate(self, mark):
            raise RuntimeError("the constraints form a cycle")
        output.mark = mark
        return displaced


class UnaryConstraint(Constraint):
    """Determines one variable."""

    def __init__(self, planner, variable, strength):
        super().__init__(planner, strength)
        self.variable = variable
        self.satisfied = False
        self.install()

    def add_to_graph(self):
        self.variable.constraints.append(self)
        self.satisfied = False

    def remove_from_graph(self):
        self.variable.constraints.remove(self)
        self.satisfied = False

    def choose_method(self, mark):
        variable = self.variable
        self.satisfied = variable.mark != mark and self.strength.stronger(variable.walk_strength)

    def is_satisfied(self):
        return self.satisfied

    def mark_unsatisfied(self):
        self.satisfied = False

    def mark_inputs(self, mark):
        pass

    def inputs_known(self, mark):
        return True

    def output(self):
        return self.variable

    def recalculate(self):
        variable = self.variable
        variable.walk_strength = self.strength
        variable.stay = not self.is_input()
        if variable.stay:
            self.execute()

    def execute(self):
        raise NotImplementedError


class StayConstraint(UnaryConstraint):
    """The variable should keep its value."""

    def execute(self):
        pass


class EditConstraint(UnaryConstraint):
    """The variable is set from outside."""

    def is_input(self):
        return True

    def execute(self):
        pass


class BinaryConstraint(Constraint):
    """Determines one of two variables from the other."""

    def __init__(self, planner, first, second, strength):
        super().__init__(planner, strength)
        self.first = first
        self.second = second
        self.direction = NONE
        self.install()

    def add_to_graph(self):
        self.first.constraints.append(self)
        self.second.constraints.append(self)
        self.direction = NONE

    def remove_from_graph(self):
        self.first.constraints.remove(self)
        self.second.constraints.remove(self)
        self.direction = NONE

    def choose_method(self, mark):
        first, second, strength = self.first, self.second, self.strength
        self.direction = NONE
        if first.mark == mark:
            if second.mark != mark and strength.stronger(second.walk_strength):
                self.direction = FORWARD
        elif second.mark == mark:
            if strength.stronger(first.walk_strength):
                self.direction = BACKWARD
        elif first.walk_strength.weaker(second.walk_strength):
            if strength.stronger(first.walk_strength):
                self.direction = BACKWARD
        elif strength.stronger(second.walk_strength):
            self.direction = FORWARD

    def is_satisfied(self):
        return self.direction != NONE

    def mark_unsatisfied(self):
        self.direction = NONE

    def mark_inputs(self, mark):
        self.input().mark = mark

    def inputs_known(self, mark):
        source = self.input()
        return source.mark == mark or source.stay or source.determined_by is None

    def input(self):
        return self.first if self.direction == FORWARD else self.second

    def output(self):
        return self.second if self.direction == FORWARD else self.first

    def recalculate(self):
        source, target = self.input(), self.output()
        target.walk_strength = self.strength.weakest(source.walk_strength)
        target.stay = source.stay
        if target.stay:
            self.execute()

    def execute(self):
        raise NotImplementedError


class EqualityConstraint(BinaryConstraint):
    """first == second"""

    def execute(self):
        self.output().value = self.input().value


class ScaleConstraint(BinaryConstraint):
    """second == first * scale + offset"""

    def __init__(self, planner, first, scale, offset, second, strength):
        self.scale = scale
        self.offset = offset
        super().__init__(planner, first, second, strength)

    def add_to_graph(self):
        super().add_to_graph()
        self.scale.constraints.append(self)
        self.offset.constraints.append(self)

    def remove_from_graph(self):
        super().remove_from_graph()
        self.scale.constraints.remove(self)
        self.offset.constraints.remove(self)

    def mark_inputs(self, mark):
        super().mark_inputs(mark)
        self.scale.mark = mark
        self.offset.mark = mark

    def execute(self):
        if self.direction == FORWARD:
            self.second.value = self.first.value * self.scale.value + self.offset.value
        else:
            self.first.value = (self.second.value - self.offset.value) // self.scale.value

    def recalculate(self):
        source, target = self.input(), self.output()
        target.walk_strength = self.strength.weakest(source.walk_strength)
        target.stay = source.stay and self.scale.stay and self.offset.stay
        if target.stay:
            self.execute()


class Planner:
    def __init__(self):
        self.mark = 0

    def new_mark(self):
        self.mark += 1
        return self.mark

    def incremental_add(self, constraint):
        mark = self.new_mark()
        displaced = constraint.satisfy(mark)
        while displaced is not None:
            displaced = displaced.satisfy(mark)

    def incremental_remove(self, constraint):
        target = constraint.output()
        constraint.mark_unsatisfied()
        constraint.remove_from_graph()
        unsatisfied = self.remove_propagate_from(target)
        for strength in STRENGTHS[:-1]:
            for other in unsatisfied:
                if other.strength is strength:
                    self.incremental_add(other)

    def make_plan(self, sources):
        """The constraints to execute, in order, when the values of `sources` change."""
        mark = self.new_mark()
        plan = []
        todo = sources
        while todo:
            constraint = todo.pop()
            target = constraint.output()
            if target.mark != mark and constraint.inputs_known(mark):
                plan.append(constraint)
                target.mark = mark
                self.add_consumers(target, todo)
        return plan

    def plan_from(self, constraints):
        return self.make_plan([c for c in constraints if c.is_input() and c.is_satisfied()])

    def add_propagate(self, constraint, mark):
        todo = [constraint]
        while todo:
            other = todo.pop()
            target = other.output()
            if target.mark == mark:
                self.incremental_remove(constraint)
                return False
            other.recalculate()
            self.add_consumers(target, todo)
        return True

    def remove_propagate_from(self, target):
        target.determined_by = None
        target.walk_strength = WEAKEST
        target.stay = True
        unsatisfied = []
        todo = [target]
        while todo:
            variable = todo.pop()
            for constraint in variable.constraints:
                if not constraint.is_satisfied():
                    unsatisfied.append(constraint)
            determining = variable.determined_by
            for constraint in variable.constraints:
                if constraint is not determining and constraint.is_satisfied():
                    constraint.recalculate()
                    todo.append(constraint.output())
        return unsatisfied

    def add_consumers(self, variable, todo):
        determining = variable.determined_by
        for constraint in variable.constraints:
            if constraint is not determining and constraint.is_satisfied():
                todo.append(constraint)

    def change(self, variable, value):
        """Sets `variable` ten times through an edit constraint."""
        edit = EditConstraint(self, variable, PREFERRED)
        plan = self.plan_from([edit])
        for _ in range(10):
            variable.value = value
            for constraint in plan:
                constraint.execute()
        edit.destroy()


def chain(size):
    """A chain of `size` equalities: what enters at the head must come out at the tail."""
    planner = Planner()
    variables = [Variable("v%d" % i) for i in range(size + 1)]
    for i in range(size):
        EqualityConstraint(planner, variables[i], variables[i + 1], REQUIRED)
    head, tail = variables[0], variables[size]
    StayConstraint(planner, tail, STRONG_DEFAULT)
    edit = EditConstraint(planner, head, PREFERRED)
    plan = planner.plan_from([edit])
    total = 0
    for value in range(100):
        head.value = value
        for constraint in plan:
            constraint.execute()
        if tail.value != value:
            raise RuntimeError("the chain is broken")
        total += tail.value
    edit.destroy()
    return total


def projection(size):
    """`size` points mapped by one scale and one offset, changed from both ends."""
    planner = Planner()
    scale = Variable("scale", 10)
    offset = Variable("offset", 1000)
    sources = []
    targets = []
    for i in range(size):
        source = Variable("source%d" % i, i)
        target = Variable("target%d" % i, i)
        sources.append(source)
        targets.append(target)
        StayConstraint(planner, source, NORMAL)
        ScaleConstraint(planner, source, scale, offset, target, REQUIRED)
    source, target = sources[-1], targets[-1]
    planner.change(source, 17)
    if target.value != 1170:
        raise RuntimeError("projection 1 failed")
    planner.change(target, 1050)
    if source.value != 5:
        raise RuntimeError("projection 2 failed")
    planner.change(scale, 5)
    for i in range(size - 1):
        if targets[i].value != i * 5 + 1000:
            raise RuntimeError("projection 3 failed")
    planner.change(offset, 2000)
    total = 0
    for i in range(size - 1):
        if targets[i].value != i * 5 + 2000:
            raise RuntimeError("projection 4 failed")
        total += targets[i].value
    return total


def run(size):
    """The checksums of both problems."""
    return chain(size), projection(size)


def main():
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
    first, second = run(size)
    print("deltablue", size)
    print("chain", first, "projection", second)
    good = first == 4950 and second == 5 * (size - 1) * (size - 2) // 2 + 2000 * (size - 1)
    print("ok" if good else "WRONG")


if __name__ == "__main__":
    main()
