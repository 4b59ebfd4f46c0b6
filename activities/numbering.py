"""How numbers look; every format is an environment variable with the prefix YEKUO_NUMBER_.

`{n}` is the running number (`{n:04d}`: at least four digits) and `{year}` the year of the business date. A format that
shows the year begins again at 1 with each year; one that does not goes on counting.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pydantic import field_validator
from pydantic_settings import SettingsConfigDict

from storage.configured import Configured
from storage.numbers import formatted

_YEAR = "{year}"


@dataclass(frozen=True)
class Series:
    """One running number: the name it is counted under and its format, with `{n}` left open."""

    name: str
    number_format: str


class NumberFormats(Configured):
    """The formats; an organisation puts its own prefix (机构代字) into them. Fields are named as their series."""

    model_config = SettingsConfigDict(env_prefix="YEKUO_NUMBER_", frozen=True)

    supply_plan_reply: str = "供答〔{year}〕{n:04d}号"
    """供电方案答复单的编号"""
    construction_contract: str = "SGXY-{year}-{n:04d}"
    """施工合同（补签）的编号"""
    works_contract: str = "SGHT-{year}-{n:04d}"
    """开工前签订的施工合同的编号"""
    one_time_notice: str = "告知〔{year}〕{n:04d}号"
    """一次性告知书的编号"""
    review_minutes: str = "会纪〔{year}〕{n:04d}号"
    """会商纪要的编号"""
    integrated_design_commission: str = "SJWT-{year}-{n:04d}"
    """一体化设计委托书的编号"""
    early_start_approval: str = "XXSG-{year}-{n:04d}"
    """先行施工审批单的编号"""
    inspection_opinion: str = "竣验〔{year}〕{n:04d}号"
    """竣工检验意见书的编号"""
    rectification_notice: str = "整改〔{year}〕{n:04d}号"
    """整改通知书的编号"""
    outage_request: str = "TSD-{year}-{n:04d}"
    """停送电申请单的编号"""
    safety_agreement: str = "AQXY-{year}-{n:04d}"
    """安全协议的编号"""
    supply_contract: str = "GYDHT-{year}-{n:04d}"
    """供用电合同的编号"""
    settlement_agreement: str = "DFJS-{year}-{n:04d}"
    """电费结算协议的编号"""
    supervision_order: str = "供督〔{year}〕{n:04d}号"
    """督办单的编号"""
    connection_review_opinion: str = "接审〔{year}〕{n:04d}号"
    """接入系统方案审查意见的编号"""
    joint_review_sheet: str = "会签〔{year}〕{n:04d}号"
    """会签单的编号"""
    bay_approval: str = "间批〔{year}〕{n:04d}号"
    """间隔扩建项目批复的编号"""
    framework_call_off: str = "KJWTD-{year}-{n:04d}"
    """框架委托单的编号"""
    dispatch_agreement: str = "DDXY-{year}-{n:04d}"
    """调度协议的编号"""
    start_up_plan: str = "启动〔{year}〕{n:04d}号"
    """启动方案的编号"""
    weekly_outage_plan: str = "调周〔{year}〕{n:04d}号"
    """停送电周计划的编号"""
    outage_notice: str = "停通〔{year}〕{n:05d}号"
    """停电通知书的编号"""
    rule_conflict_record: str = "规冲〔{year}〕{n:04d}号"
    """规则冲突处理单的编号"""
    material_issue: str = "LLD-{year}-{n:05d}"
    """领料单的编号"""
    material_return: str = "TLD-{year}-{n:05d}"
    """退料单的编号"""
    material_reservation: str = "YLD-{year}-{n:05d}"
    """预留单的编号"""
    stock_order: str = "BHD-{year}-{n:04d}"
    """补货订单的编号"""
    call_off: str = "KJWT-{year}-{n:04d}"
    """框架委托的编号"""
    archive: str = "YKDA-{year}-{n:05d}"
    """业扩档案的编号"""

    @field_validator("*")
    @classmethod
    def _shows_the_number(cls, value: str) -> str:
        try:
            formatted(value.replace(_YEAR, "2026"), 1)
        except (KeyError, IndexError) as error:
            raise ValueError(f"the number format {value!r} may only name {{year}} and {{n}}") from error
        return value

    def series(self, name: str, day: date) -> Series:
        """The series `name` as it counts on `day`."""
        number_format: str = getattr(self, name)
        counted = f"{name}-{day.year}" if _YEAR in number_format else name
        return Series(counted, number_format.replace(_YEAR, str(day.year)))
