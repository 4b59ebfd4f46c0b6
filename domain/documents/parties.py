"""The companies that a contract is between."""

from __future__ import annotations

from pydantic import Field

from domain.fields import Day, Fields, Text


class Company(Fields):
    """Who a party is."""

    name: Text = Field(title="名称")
    credit_code: Text = Field(title="统一社会信用代码")
    address: Text = Field(title="住所")
    legal_representative: Text = Field(title="法定代表人(负责人)")


class Party(Company):
    """One party of a contract that is paid for."""

    representative: Text = Field(title="委托代理人")
    phone: Text = Field(title="联系电话")
    bank: Text = Field(title="开户银行")
    account: Text = Field(title="账号")


class Licensed(Fields):
    """The papers that allow a contractor 施工单位 to build."""

    qualification: Text = Field(title="资质类别和等级")
    certificate_no: Text = Field(title="资质证书编号")
    certificate_valid_until: Day = Field(title="资质证书有效期至")
    safety_permit_no: Text = Field(title="安全生产许可证编号")
