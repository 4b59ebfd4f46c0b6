"""What the written documents of a case say: one model per kind, built from process variables.

Fields: domain.md §2.2 (groups supply, reply, fee) and §4.1-4.3 (contract signed after an early start). What a document
states about the order of dates must be true, so a model that contradicts itself is refused like one that lacks a field.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.documents.base import Document
from domain.documents.construction import CONSTRUCTION_CONTRACT, ConstructionContract
from domain.documents.grid import (
    EARLY_START_APPROVAL,
    INTEGRATED_DESIGN_COMMISSION,
    EarlyStartApproval,
    IntegratedDesignCommission,
)
from domain.documents.inspection import INSPECTION_OPINION, RECTIFICATION_NOTICE, InspectionOpinion, RectificationNotice
from domain.documents.letters import ONE_TIME_NOTICE, REVIEW_MINUTES, OneTimeNotice, ReviewMinutes
from domain.documents.outage import OUTAGE_REQUEST, OutageRequest
from domain.documents.reply import SUPPLY_PLAN_REPLY, SupplyPlanReply, SupplySource
from domain.documents.safety import SAFETY_AGREEMENT, SafetyAgreement
from domain.documents.supervision import SUPERVISION_ORDER, SupervisionOrder
from domain.documents.supply import SETTLEMENT_AGREEMENT, SUPPLY_CONTRACT, SettlementAgreement, SupplyContract
from domain.fields import MissingFields, read_fields

__all__ = [
    "CONSTRUCTION_CONTRACT",
    "DOCUMENTS",
    "EARLY_START_APPROVAL",
    "INSPECTION_OPINION",
    "INTEGRATED_DESIGN_COMMISSION",
    "ONE_TIME_NOTICE",
    "OUTAGE_REQUEST",
    "RECTIFICATION_NOTICE",
    "REVIEW_MINUTES",
    "SAFETY_AGREEMENT",
    "SETTLEMENT_AGREEMENT",
    "SUPERVISION_ORDER",
    "SUPPLY_CONTRACT",
    "SUPPLY_PLAN_REPLY",
    "ConstructionContract",
    "Document",
    "EarlyStartApproval",
    "InspectionOpinion",
    "IntegratedDesignCommission",
    "OneTimeNotice",
    "OutageRequest",
    "RectificationNotice",
    "ReviewMinutes",
    "SafetyAgreement",
    "SettlementAgreement",
    "SupervisionOrder",
    "SupplyContract",
    "SupplyPlanReply",
    "SupplySource",
    "model_from_variables",
]

DOCUMENTS: Mapping[str, type[Document]] = {
    model.kind: model
    for model in (
        OneTimeNotice,
        ReviewMinutes,
        SupplyPlanReply,
        IntegratedDesignCommission,
        EarlyStartApproval,
        SafetyAgreement,
        ConstructionContract,
        InspectionOpinion,
        RectificationNotice,
        SupplyContract,
        SettlementAgreement,
        OutageRequest,
        SupervisionOrder,
    )
}
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
