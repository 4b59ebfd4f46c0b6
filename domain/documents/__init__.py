"""What the written documents of a case say: one model per kind, built from process variables.

Fields: domain.md §2.2 (groups supply, reply, fee) and §4.1-4.3 (contract signed after an early start). What a document
states about the order of dates must be true, so a model that contradicts itself is refused like one that lacks a field.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.documents.base import Document
from domain.documents.construction import CONSTRUCTION_CONTRACT, ConstructionContract
from domain.documents.reply import SUPPLY_PLAN_REPLY, SupplyPlanReply, SupplySource
from domain.fields import MissingFields, read_fields

__all__ = [
    "CONSTRUCTION_CONTRACT",
    "DOCUMENTS",
    "SUPPLY_PLAN_REPLY",
    "ConstructionContract",
    "Document",
    "SupplyPlanReply",
    "SupplySource",
    "model_from_variables",
]

DOCUMENTS: Mapping[str, type[Document]] = {model.kind: model for model in (SupplyPlanReply, ConstructionContract)}
"""The kinds that a `write-document` task may name."""


def model_from_variables(kind: str, variables: Mapping[str, Any]) -> Document:
    """The model of document `kind` that `variables` describe.

    Raises `KeyError` for an unknown kind and `MissingFields`, with all of them, for fields that are missing, wrong or
    contradict each other.
    """
    model = DOCUMENTS[kind]
    doing = f"出具{model.title}"
    document = read_fields(model, doing, variables)
    if problems := tuple(document.contradictions()):
        raise MissingFields(doing, problems)
    return document
