"""Settings of the documents; every one is an environment variable with the prefix YEKUO_DOCUMENT_.

A part of a group is set behind two underscores, e.g. YEKUO_DOCUMENT_UTILITY__BANK.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_settings import SettingsConfigDict

from domain.fields import given
from storage.configured import Configured

SHIPPED_TEMPLATES = Path(__file__).parent / "templates"
_STATED_AS = {
    "supervising_unit": "issuingUnit",
    "supervising_officer": "issuedBy",
    "supervising_phone": "issuerPhone",
}
"""Settings that papers call by another name than their own."""


class Utility(BaseModel):
    """The supply company 供电人 as a party of its contracts; an empty field is asked of the case."""

    model_config = ConfigDict(frozen=True)

    name: str = ""
    credit_code: str = ""
    address: str = ""
    legal_representative: str = ""
    phone: str = ""
    bank: str = ""
    account: str = ""


class DocumentSettings(Configured):
    """Where the templates lie, and what a document states unless the case says otherwise.

    The plan's validity of one year and the ten days for asking an extension are those of the 1996 rules
    (domain.md §1.2); a later regulator's form says seven working days. The notices of outages are those of 供电监管办法
    art. 13 (domain.md §3.1). The other terms are an organisation's own and were not verified: quality as GB/T 12325 (up
    to 20 kV) and GB/T 15945 have it, late payment as 供电营业规则 does, days as they are usual.
    """

    model_config = SettingsConfigDict(env_prefix="YEKUO_DOCUMENT_", env_nested_delimiter="__", frozen=True)

    templates: Path = SHIPPED_TEMPLATES
    """文书模板所在的文件夹"""
    utility: Utility = Utility()
    """供电人；各栏分别设置，如 `YEKUO_DOCUMENT_UTILITY__NAME`"""

    validity_months: int = Field(12, ge=1)
    """供电方案的有效期（月）"""
    extension_notice_days: int = Field(10, ge=1)
    """方案到期前多少日提出延期"""
    supervising_unit: str = "供电服务指挥中心"
    """督办单由谁签发"""
    supervising_officer: str = "业扩报装系统（自动签发）"
    """签发人或岗位"""
    supervising_phone: str = "95598"
    """签发人的联系电话"""

    voltage_quality: str = "标称电压的±7%"
    """供电电压允许偏差"""
    frequency_quality: str = "50赫兹±0.2赫兹"
    """供电频率允许偏差"""
    planned_outage_notice_days: int = Field(7, ge=1)
    """计划停电提前多少日通知"""
    urgent_outage_notice_hours: int = Field(24, ge=1)
    """临时停电提前多少小时通知"""
    renewal_notice_days: int = Field(30, ge=1)
    """合同到期前多少日提出异议"""
    late_payment_permille: float = Field(2, ge=0, le=100)
    """当年欠费的违约金，每日千分之几"""
    old_arrears_permille: float = Field(3, ge=0, le=100)
    """跨年欠费的违约金，每日千分之几"""

    reading_day: int = Field(25, ge=1, le=28)
    """每月抄表例日"""
    reading_method: str = "用电信息采集系统远程自动抄表，采集失败时现场抄表"
    """抄表方式"""
    billing_cycle: str = "每月结算一次，上月抄表例日零时起至本月抄表例日零时止"
    """电费结算周期"""
    bill_delivery: str = "网上国网电子账单，同时发送至电费联系人手机"
    """账单送达方式"""
    objection_days: int = Field(5, ge=1)
    """对账单提出异议的期限（日）"""
    payment_method: str = "银行转账，付款时注明户号"
    """电费支付方式"""
    invoice_kind: str = "增值税专用发票"
    """发票种类"""
    invoice_days: int = Field(10, ge=1)
    """付款后多少日开具发票"""
    demand_days: int = Field(30, ge=1)
    """欠费后多少日发催缴通知"""
    refund_days: int = Field(15, ge=1)
    """多少日内退还多收电费"""

    def completed(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """What `variables` give, over what the settings say by themselves; the utility field by field."""
        stated: dict[str, Any] = given(variables)
        utility = {to_camel(name): value for name, value in self.utility.model_dump().items() if value}
        stating = self.model_dump(exclude={"templates", "utility"})
        terms = {_STATED_AS.get(name) or to_camel(name): value for name, value in stating.items()}
        if isinstance(party := stated.get("utility", {}), Mapping):
            stated["utility"] = utility | dict(party)
        return terms | stated
