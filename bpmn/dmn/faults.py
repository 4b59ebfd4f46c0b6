"""Collects what is wrong with a DMN file, and asks FEEL what is wrong with a text in it."""

from __future__ import annotations

from collections.abc import Callable

from bpmn.faults import Fault
from bpmn.feel import FeelSyntaxError, compile_expression, compile_unary_tests
from bpmn.xml import Tag

FEEL_LANGUAGES = frozenset(
    {
        "",
        "feel",
        "https://www.omg.org/spec/DMN/20230324/FEEL/",
        "https://www.omg.org/spec/DMN/20211108/FEEL/",
        "https://www.omg.org/spec/DMN/20191111/FEEL/",
        "http://www.omg.org/spec/DMN/20180521/FEEL/",
        "http://www.omg.org/spec/FEEL/20140401",
    }
)
# What says nothing about how a decision is made; everything else that is not known is refused.
WITHOUT_MEANING = frozenset(
    {
        "description",
        "extensionElements",
        "question",
        "allowedAnswers",
        "authorityRequirement",
        "knowledgeSource",
        "textAnnotation",
        "association",
        "group",
        "performanceIndicator",
        "organizationUnit",
        "elementCollection",
        "supportedObjective",
        "impactedPerformanceIndicator",
        "decisionMaker",
        "decisionOwner",
        "usingProcess",
        "usingTask",
        "annotation",
        "annotationEntry",
    }
)


class Reading:
    """One file being read: where it comes from, the names known in it, and the faults found so far."""

    def __init__(self, file: str, namespace: str) -> None:
        self.file, self.namespace = file, namespace
        self.names: frozenset[str] = frozenset()
        self.faults: list[Fault] = []
        self.owner = ("", "")

    def fault(self, tag: Tag, problem: str, remedy: str, line: int = 0) -> None:
        """Note a fault at `tag`, or for the element that holds it where it has no id of its own."""
        element, name = tag.get("id"), tag.get("name")
        if not element and not name:
            element, name = self.owner
        self.faults.append(Fault(self.file, line or tag.line, element, name, problem, remedy))

    def children(self, tag: Tag, *known: str) -> list[Tag]:
        """The DMN children of a tag; those that are not `known` and not without meaning are faults."""
        found: list[Tag] = []
        for child in tag.children:
            if child.namespace != self.namespace or child.name in WITHOUT_MEANING:
                continue
            if child.name in known:
                found.append(child)
            else:
                self.fault(child, f"«{child.name}» is not supported in «{tag.name}»", "draw it without")
        return found

    def text(self, tag: Tag | None) -> str:
        """The text of the `text` child of a tag, "" without one."""
        inner = None if tag is None else tag.first("text", self.namespace)
        return "" if inner is None else inner.text.strip()

    def expression(self, tag: Tag | None) -> str:
        """The FEEL expression of a tag with a `text`; what is wrong with it is noted."""
        return self._checked(tag, lambda text: compile_expression(text, self.names))

    def unary_tests(self, tag: Tag | None) -> str:
        """The unary tests of a tag with a `text`, "" for those that always hold."""
        text = self._checked(tag, lambda tests: compile_unary_tests(tests, self.names))
        return "" if text == "-" else text

    def _checked(self, tag: Tag | None, compile_text: Callable[[str], object]) -> str:
        text = self.text(tag)
        if tag is None or not text:
            return ""
        language = tag.get("expressionLanguage")
        if language not in FEEL_LANGUAGES and language.lower() != "feel":
            self.fault(tag, f"the expression language {language} is not supported", "write the expression in FEEL")
            return ""
        try:
            compile_text(text)
        except FeelSyntaxError as error:
            self._syntax_fault(tag, text, error)
        return text

    def _syntax_fault(self, tag: Tag, text: str, error: FeelSyntaxError) -> None:
        inner = tag.first("text", self.namespace)
        raw = "" if inner is None else inner.text
        before = raw[: len(raw) - len(raw.lstrip())].count("\n")
        line = (tag.line if inner is None else inner.line) + before + error.line - 1
        shown = text if len(text) <= 60 else text[:57] + "..."
        self.fault(tag, f"«{shown}» is not FEEL: {error}", "correct the expression", line)
