"""Which cases a list, or a table of them, is to show: one set of parameters for all who list cases."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from api.identity import Caller
from api.models import Moment
from domain.levels import Colour
from storage.case_list import CaseQuery, Order


class CaseFilters(BaseModel):
    """What narrows and sorts a list of cases; what is left empty does not."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str = Field("", max_length=100, description="Words in number, customer or address")
    state: str = Field("", pattern="^(running|completed|terminated)?$")
    stage: str = Field("", max_length=100)
    county: str = Field("", max_length=100)
    voltage_kv: str = Field("", max_length=20)
    case_type: str = Field("", max_length=100)
    colour: Colour | None = Field(None, description="蓝, 黄 or 红")
    department: str = Field("", max_length=50, description="A department with an open task of the case")
    officer: str = Field("", max_length=100, description="An account that holds an open task of the case")
    incident: bool | None = Field(None, description="Whether something of the case waits for help")
    opened_from: Moment | None = None
    opened_until: Moment | None = Field(None, description="Before this moment")
    due_from: Moment | None = None
    due_until: Moment | None = Field(None, description="Before this moment")
    closed_from: Moment | None = None
    closed_until: Moment | None = Field(None, description="Before this moment")
    order: Order = Order.NEWEST

    def wanted(self, caller: Caller) -> CaseQuery | None:
        """The cases asked for that the caller may see; None where they may see none of them."""
        if self.county and not caller.sees(self.county):
            return None
        seen = self.county or ("" if caller.system else caller.county)
        plain = self.model_dump(include=set(CaseFilters.model_fields) - {"county"})
        return CaseQuery(**plain, counties=(seen,) if seen else ())


class CaseListQuery(CaseFilters):
    """`CaseFilters`, and which page of them."""

    after: str = Field("", max_length=1000, description="`next` of the page before")
    limit: int = Field(50, ge=1, le=200)
