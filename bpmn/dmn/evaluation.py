"""Evaluates decisions: what one requires first, then its logic, all in one run with one budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bpmn.dmn.boxed import Boxes
from bpmn.dmn.datatypes import received, types_of
from bpmn.dmn.model import Decision, DecisionModel, DecisionResult, Knowledge, Reference, Service, Variable
from bpmn.feel import BudgetExceeded, Environment
from bpmn.feel.calls import Named, Positional, bind
from bpmn.feel.environment import Run, Scope
from bpmn.feel.types import Type, coerce, simple
from bpmn.feel.values import FunctionValue

_CALL_DEPTH = 12


def evaluate_decision(
    model: DecisionModel, decision_id: str, variables: Mapping[str, Any], env: Environment, given: Mapping[str, Any]
) -> DecisionResult:
    """The result of `DecisionModel.evaluate`."""
    decision = model.decisions[decision_id]
    boxes = Boxes(Run(env), frozenset(model.names))
    return _result(boxes, lambda: _Session(model, boxes, variables, given).decide(decision))


def invoke(model: DecisionModel, name: str, arguments: Mapping[str, Any], env: Environment) -> DecisionResult:
    """The result of `DecisionModel.invoke`."""
    boxes = Boxes(Run(env), frozenset(model.names))
    session = _Session(model, boxes, {}, {})
    elements: list[Service | Knowledge] = [*model.services.values(), *model.knowledge.values()]
    found = next((element.id for element in elements if name in (element.name, element.variable.name)), None)
    if found is None:
        raise KeyError(name)
    function = session.callable(found)
    named = {parameter: arguments.get(parameter) for parameter in function.parameters}
    return _result(boxes, lambda: function.call(boxes.run, (), named))


def _result(boxes: Boxes, compute: Callable[[], Any]) -> DecisionResult:
    try:
        value = compute()
    except RecursionError:
        raise BudgetExceeded("the decisions are nested too deeply") from None
    return DecisionResult(value, tuple(boxes.matched), tuple(boxes.run.problems), boxes.run.spent)


class _Session:
    """The decisions of one model over one set of inputs: each is evaluated once, when it is first wanted."""

    def __init__(
        self, model: DecisionModel, boxes: Boxes, variables: Mapping[str, Any], given: Mapping[str, Any]
    ) -> None:
        self.model, self.boxes, self.run = model, boxes, boxes.run
        self.variables = Scope(variables, None, boxes.run)
        self.given = given
        self.types = types_of(model, boxes.run, boxes.names)
        self.results: dict[str, Any] = {}
        self.functions: dict[str, FunctionValue] = {}
        self.imports: dict[str, _Session] = {}

    def imported(self, name: str) -> _Session:
        if name not in self.imports:
            variables, given = dict(self.variables.values), dict(self.given)
            self.imports[name] = _Session(self.model.imports[name], self.boxes, variables, given)
        return self.imports[name]

    def decide(self, decision: Decision) -> Any:
        if decision.id not in self.results:
            self.results[decision.id] = self._decide(decision)
        return self.results[decision.id]

    def _decide(self, decision: Decision) -> Any:
        name = decision.variable.name
        if name in self.given:
            return self._received(decision.variable, self.given[name])
        scope = self._scope(decision.inputs, decision.decisions, decision.knowledge)
        self.run.types = self.types
        return self._typed(decision.variable, self.boxes.evaluate(decision.logic, scope))

    def _scope(
        self,
        inputs: tuple[Reference, ...],
        decisions: tuple[Reference, ...],
        knowledge: tuple[Reference, ...],
        outer: Scope | None = None,
    ) -> Scope:
        values: dict[str, Any] = {}
        for reference in inputs:
            self._put(values, reference, *self._input(reference))
        for reference in decisions:
            session = self._session(reference)
            decision = session.model.decisions[reference.id]
            self._put(values, reference, decision.variable.name, session.decide(decision))
        for reference in knowledge:
            session = self._session(reference)
            function = session.callable(reference.id)
            self._put(values, reference, function.name, function)
        return Scope(values, self.variables if outer is None else outer, self.run)

    def _session(self, reference: Reference) -> _Session:
        return self.imported(reference.model) if reference.model else self

    def _put(self, values: dict[str, Any], reference: Reference, name: str, value: Any) -> None:
        if reference.model:
            values.setdefault(reference.model, {})[name] = value
        else:
            values[name] = value

    def _input(self, reference: Reference) -> tuple[str, Any]:
        session = self._session(reference)
        variable = session.model.inputs[reference.id]
        values = session.variables.values
        if variable.name not in values:
            self.run.fail(f"the input «{variable.name}» is not given")
            return variable.name, None
        return variable.name, session._received(variable, values[variable.name])

    def _received(self, variable: Variable, value: Any) -> Any:
        expected = self._type(variable)
        if expected is None:
            return value
        result, fits = received(value, expected)
        if not fits:
            self.run.fail(f"«{variable.name}» is not of the type {variable.type}")
        return result

    def _typed(self, variable: Variable, value: Any) -> Any:
        expected = self._type(variable)
        if expected is None:
            return value
        self.run.spend_for(value)
        result, fits = coerce(value, expected)
        if not fits:
            self.run.fail(f"the result of «{variable.name}» is not of the type {variable.type}")
        return result

    def _type(self, variable: Variable) -> Type | None:
        if not variable.type:
            return None
        return self.types.get(variable.type) or simple(variable.type)

    def callable(self, element_id: str) -> FunctionValue:
        """The business knowledge model or decision service of that id as a function."""
        if element_id not in self.functions:
            service = self.model.services.get(element_id)
            made = self.function(self.model.knowledge[element_id]) if service is None else self.service(service)
            self.functions[element_id] = made
        return self.functions[element_id]

    def function(self, element: Knowledge) -> FunctionValue:
        parameters = element.logic.variables
        result = Variable(element.variable.name, element.logic.type or element.variable.type)

        def compute(values: Mapping[str, Any]) -> Any:
            scope = self._scope((), (), element.knowledge, Scope({}, None, self.run))
            return self._typed(result, self.boxes.evaluate(element.logic.parts[0], Scope(values, scope, self.run)))

        return self._callable(element.variable.name, parameters, compute)

    def service(self, service: Service) -> FunctionValue:
        data = [self._session(reference).model.inputs[reference.id] for reference in service.inputs]
        decided = [
            self._session(reference).model.decisions[reference.id].variable for reference in service.input_decisions
        ]

        def compute(values: Mapping[str, Any]) -> Any:
            variables = {variable.name: values[variable.name] for variable in data}
            given = {variable.name: values[variable.name] for variable in decided}
            return self._typed(service.variable, _Session(self.model, self.boxes, variables, given)._outputs(service))

        return self._callable(service.variable.name, (*data, *decided), compute)

    def _callable(
        self, name: str, parameters: tuple[Variable, ...], compute: Callable[[Mapping[str, Any]], Any]
    ) -> FunctionValue:
        """A function of this model: null where an argument is not of its parameter's type."""
        names = tuple(parameter.name for parameter in parameters)

        def call(run: Run, positional: Positional, named: Named) -> Any:
            values = bind(run, name, names, positional, named)
            if values is None:
                return None
            for parameter in parameters:
                expected = self._type(parameter)
                if expected is not None:
                    run.spend_for(values[parameter.name])
                    values[parameter.name], fits = received(values[parameter.name], expected)
                    if not fits:
                        run.fail(f"{name}: the argument {parameter.name} is not of the type {parameter.type}")
                        return None
            run.enter(_CALL_DEPTH)
            types, run.types = run.types, self.types
            try:
                return compute(values)
            finally:
                run.types = types
                run.leave(_CALL_DEPTH)

        return FunctionValue(name, names, call)

    def _outputs(self, service: Service) -> Any:
        results: dict[str, Any] = {}
        for reference in service.outputs:
            session = self._session(reference)
            decision = session.model.decisions[reference.id]
            results[decision.variable.name] = session.decide(decision)
        return next(iter(results.values())) if len(results) == 1 else results
