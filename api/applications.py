"""An application for a connection, as a counter or another system hands it in (domain.md §2.1, §2.2)."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field, JsonValue
from pydantic.alias_generators import to_camel

from api.models import Day, Instant, Name, Sent, Text, Whole
from domain.calendar import shanghai_date

EXAMPLE: dict[str, JsonValue] = {
    "businessType": "高压新装",
    "customerId": "C-0001",
    "customer": "恒源新材料有限公司",
    "creditCode": "91130700MA0ABCDE12",
    "industry": "电池制造",
    "address": "开发区规划二路16号",
    "county": "开发区",
    "contact": "孙晓",
    "contactPhone": "13900139000",
    "voltageKv": 10,
    "dedicatedLine": True,
    "sources": 1,
    "capacityKva": 8000,
    "papers": [{"kind": "营业执照", "validUntil": None}],
    "firstContact": {"name": "王敏", "phone": "0313-2018801", "address": "开发区供电中心营业厅3号柜台"},
}


class _Part(Sent):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True)


class HandedIn(_Part):
    """One paper that was handed in with it; without a last valid day it does not expire."""

    kind: Name
    valid_until: Day | None = None


class FirstContact(_Part):
    """Who the customer turns to until it is handed over (首问负责制)."""

    name: Name
    phone: Name
    address: Text


class Application(_Part):
    """What the process of a high-voltage connection begins with."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        alias_generator=to_camel,
        populate_by_name=True,
        json_schema_extra={"examples": [EXAMPLE]},
    )

    business_type: Name
    customer_id: Name
    customer: Name
    credit_code: Name
    industry: Name
    address: Text
    county: Name
    contact: Name
    contact_phone: Name
    voltage_kv: float = Field(gt=0, le=1000)
    dedicated_line: bool
    sources: Whole = Field(ge=1, le=10)
    capacity_kva: float = Field(gt=0, le=10_000_000)
    important_customer: Name = "无"
    special_load: bool = False
    papers: list[HandedIn] = Field(default_factory=list, max_length=50)
    first_contact: FirstContact
    received_at: Instant | None = Field(None, description="When it was received, where it is entered later (补录)")
    late_reason: str = Field("", max_length=500, description="Why it is entered late; needed after some working days")

    def variables(self, case_no: str) -> dict[str, Any]:
        """The variables that the case begins with; whole numbers stay whole."""
        told: dict[str, Any] = self.model_dump(mode="json", by_alias=True, exclude={"received_at", "late_reason"})
        if self.received_at:
            told["appliedOn"] = shanghai_date(self.received_at).isoformat()
        for name in ("voltageKv", "capacityKva"):
            told[name] = int(told[name]) if told[name] == int(told[name]) else told[name]
        return {**told, "caseNo": case_no}
