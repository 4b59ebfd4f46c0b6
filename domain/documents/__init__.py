"""What the written documents of a case say: one model per kind, built from process variables.

Fields: domain.md §2.2 (groups supply, reply, fee) and §4.1-4.3 (contract signed after an early start). What a document
states about the order of dates must be true, so a model that contradicts itself is refused like one that lacks a field.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.documents.base import Document
from domain.documents.bay_extension import BAY_APPROVAL, FRAMEWORK_CALL_OFF, BayApproval, FrameworkCallOff
from domain.documents.connection import CONNECTION_REVIEW_OPINION, ConnectionReviewOpinion
from domain.documents.construction import (
    CONSTRUCTION_CONTRACT,
    WORKS_CONTRACT,
    ConstructionContract,
    WorksContract,
)
from domain.documents.countersigning import JOINT_REVIEW_SHEET, JointReviewSheet
from domain.documents.dispatch import DISPATCH_AGREEMENT, START_UP_PLAN, DispatchAgreement, StartUpPlan
from domain.documents.grid import (
    EARLY_START_APPROVAL,
    INTEGRATED_DESIGN_COMMISSION,
    EarlyStartApproval,
    IntegratedDesignCommission,
)
from domain.documents.inspection import INSPECTION_OPINION, RECTIFICATION_NOTICE, InspectionOpinion, RectificationNotice
from domain.documents.letters import ONE_TIME_NOTICE, REVIEW_MINUTES, OneTimeNotice, ReviewMinutes
from domain.documents.outage import OUTAGE_REQUEST, OutageRequest
from domain.documents.outage_plan import OUTAGE_NOTICE, WEEKLY_OUTAGE_PLAN, OutageNotice, WeeklyOutagePlan
from domain.documents.reply import SUPPLY_PLAN_REPLY, SupplyPlanReply, SupplySource
from domain.documents.rule_conflict import RULE_CONFLICT_RECORD, RuleConflictRecord
from domain.documents.safety import SAFETY_AGREEMENT, SafetyAgreement
from domain.documents.supervision import SUPERVISION_ORDER, SupervisionOrder
from domain.documents.supply import SETTLEMENT_AGREEMENT, SUPPLY_CONTRACT, SettlementAgreement, SupplyContract
from domain.fields import MissingFields, read_fields

__all__ = [
    "BAY_APPROVAL",
    "CONNECTION_REVIEW_OPINION",
    "CONSTRUCTION_CONTRACT",
    "DISPATCH_AGREEMENT",
    "DOCUMENTS",
    "EARLY_START_APPROVAL",
    "FRAMEWORK_CALL_OFF",
    "INSPECTION_OPINION",
    "INTEGRATED_DESIGN_COMMISSION",
    "JOINT_REVIEW_SHEET",
    "ONE_TIME_NOTICE",
    "OUTAGE_NOTICE",
    "OUTAGE_REQUEST",
    "RECTIFICATION_NOTICE",
    "REVIEW_MINUTES",
    "RULE_CONFLICT_RECORD",
    "SAFETY_AGREEMENT",
    "SETTLEMENT_AGREEMENT",
    "START_UP_PLAN",
    "SUPERVISION_ORDER",
    "SUPPLY_CONTRACT",
    "SUPPLY_PLAN_REPLY",
    "WEEKLY_OUTAGE_PLAN",
    "WORKS_CONTRACT",
    "BayApproval",
    "ConnectionReviewOpinion",
    "ConstructionContract",
    "DispatchAgreement",
    "Document",
    "EarlyStartApproval",
    "FrameworkCallOff",
    "InspectionOpinion",
    "IntegratedDesignCommission",
    "JointReviewSheet",
    "OneTimeNotice",
    "OutageNotice",
    "OutageRequest",
    "RectificationNotice",
    "ReviewMinutes",
    "RuleConflictRecord",
    "SafetyAgreement",
    "SettlementAgreement",
    "StartUpPlan",
    "SupervisionOrder",
    "SupplyContract",
    "SupplyPlanReply",
    "SupplySource",
    "WeeklyOutagePlan",
    "WorksContract",
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
        WorksContract,
        InspectionOpinion,
        RectificationNotice,
        SupplyContract,
        SettlementAgreement,
        OutageRequest,
        SupervisionOrder,
        ConnectionReviewOpinion,
        JointReviewSheet,
        BayApproval,
        FrameworkCallOff,
        DispatchAgreement,
        StartUpPlan,
        WeeklyOutagePlan,
        OutageNotice,
        RuleConflictRecord,
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
