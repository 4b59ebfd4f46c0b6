"""What went wrong, told as RFC 9457 problem details in the language that was asked for: Chinese unless English.

Every error of the API leaves through here, so that none has another shape: refusals of our own, requests that do not
fit, routes that are not there, and what nobody foresaw.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from temporalio.client import WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from api.methods import allowed_methods
from api.requests import request_id
from domain.acts import ActRefused, Refusal
from domain.fields import MissingFields
from storage.paging import WrongPlace

MEDIA_TYPE = "application/problem+json"
_NO_CONNECTION = "Failed client connect"
_log = logging.getLogger(__name__)


class FieldFault(BaseModel):
    """One field of the request that is missing or wrong; `field` is where it stands, its parts joined by dots."""

    field: str
    message: str


class ProblemDetails(BaseModel):
    """The body of every error (RFC 9457). `type` names the kind of problem for programs, the rest is for people."""

    type: str
    title: str
    status: int
    detail: str
    instance: str = Field(description="The request's id, as the log has it")
    errors: list[FieldFault] = Field(default_factory=list)


@dataclass(frozen=True)
class Said:
    """A sentence in both languages."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        return self.en if language == "en" else self.zh


class Problem(Exception):
    """A request that is not done; `kind` is one of `KINDS`."""

    def __init__(
        self,
        kind: str,
        detail: Said | str = "",
        errors: Sequence[FieldFault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail.zh if isinstance(detail, Said) else detail)
        self.kind, self.detail, self.errors, self.headers = kind, detail, list(errors), dict(headers or {})


@dataclass(frozen=True)
class Kind:
    """A kind of problem: its status and its name for people."""

    status: int
    title: Said


KINDS: Mapping[str, Kind] = {
    "malformed": Kind(400, Said("请求无法读取", "The request cannot be read")),
    "unauthenticated": Kind(401, Said("请先登录", "Log in first")),
    "forbidden": Kind(403, Said("没有这项权限", "You may not do this")),
    "not-found": Kind(404, Said("没有找到", "Not found")),
    "method-not-allowed": Kind(405, Said("该地址不支持这种操作", "The method is not allowed here")),
    "conflict": Kind(409, Said("与现状不符", "It conflicts with what is so now")),
    "gone": Kind(410, Said("已经清理", "It is not kept any more")),
    "too-large": Kind(413, Said("内容过大", "The content is too large")),
    "wrong-kind": Kind(415, Said("不接受这种内容", "This kind of content is not taken")),
    "faulty-model": Kind(422, Said("流程文件有误", "The model files are faulty")),
    "invalid": Kind(422, Said("填写有误", "Fields are missing or wrong")),
    "too-many": Kind(429, Said("次数过多", "Too much at once")),
    "damaged": Kind(500, Said("存档文件已损坏或丢失", "A stored file is damaged or missing")),
    "internal": Kind(500, Said("系统内部错误", "Internal error")),
    "unavailable": Kind(503, Said("暂时无法办理", "Not possible at the moment")),
}
_REFUSED: Mapping[Refusal, str] = {
    Refusal.CONFLICT: "conflict",
    Refusal.GONE: "conflict",
    Refusal.FORBIDDEN: "forbidden",
    Refusal.INVALID: "invalid",
}
"""The kind of problem that a case's refusal of an act is."""
_BY_STATUS = {kind.status: name for name, kind in KINDS.items()}


def install(app: FastAPI) -> None:
    """Have every error of the application leave as problem details."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(ActRefused, _refused)
    app.add_exception_handler(MissingFields, _missing)
    app.add_exception_handler(WrongPlace, _wrong_place)
    app.add_exception_handler(RPCError, _temporal)
    app.add_exception_handler(RuntimeError, _unconnected)
    app.add_exception_handler(WorkflowQueryFailedError, _silent)
    app.add_exception_handler(OperationalError, _database)
    app.add_exception_handler(PoolTimeout, _database)
    app.add_exception_handler(TimeoutError, _silent)
    app.add_exception_handler(Exception, _unforeseen)


def language_of(request: Request) -> str:
    """`en` where the request prefers English to Chinese, else `zh`."""
    weights = {"zh": 0.0, "en": 0.0}
    for part in request.headers.get("accept-language", "").split(","):
        name, _, parameters = part.strip().partition(";")
        language = name.strip().lower().partition("-")[0]
        if language in weights:
            weights[language] = max(weights[language], _weight(parameters))
    return "en" if weights["en"] > weights["zh"] else "zh"


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


def problem_response(request: Request, problem: Problem) -> JSONResponse:
    """The answer that tells of a problem."""
    kind, language = KINDS[problem.kind], language_of(request)
    detail = problem.detail.in_language(language) if isinstance(problem.detail, Said) else problem.detail
    body = ProblemDetails(
        type=f"urn:yekuo:problem:{problem.kind}",
        title=kind.title.in_language(language),
        status=kind.status,
        detail=detail,
        instance=f"urn:uuid:{request_id(request)}",
        errors=problem.errors,
    )
    headers = {"Content-Language": "en" if language == "en" else "zh-CN", **problem.headers}
    return JSONResponse(body.model_dump(), kind.status, headers=headers, media_type=MEDIA_TYPE)


def _problem(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)
    return problem_response(request, error)


def _validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    language = language_of(request)
    faults = error.errors()
    if any(fault["type"] == "json_invalid" for fault in faults):
        return problem_response(request, Problem("malformed", Said("请求不是 JSON", "The body is no JSON")))
    errors = [FieldFault(field=_place(fault["loc"]), message=_message(fault, language)) for fault in faults]
    return problem_response(request, Problem("invalid", errors=errors))


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    kind = _BY_STATUS.get(error.status_code, "malformed" if error.status_code < 500 else "internal")
    phrase = HTTPStatus(error.status_code).phrase
    detail = "" if error.detail == phrase else str(error.detail)
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(allowed_methods(request.app, request.url.path))
    return problem_response(request, Problem(kind, detail, headers=headers))


def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ActRefused)
    errors = [FieldFault(field=one.field, message=one.message) for one in error.errors]
    return problem_response(request, Problem(_REFUSED[error.kind], str(error), errors))


def _missing(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, MissingFields)
    errors = [FieldFault(field=one.key, message=f"{one.label}{one.problem}") for one in error.problems]
    return problem_response(request, Problem("invalid", str(error), errors))


def _wrong_place(request: Request, error: Exception) -> JSONResponse:
    nowhere = Said("没有从 after 开始的一页", "There is no page that begins at `after`")
    return problem_response(request, Problem("not-found", nowhere))


def _temporal(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RPCError)
    if error.status is RPCStatusCode.NOT_FOUND:
        gone = Said("工单的流程已经结束，不再接受操作", "The process of the case has ended and takes no acts")
        return problem_response(request, Problem("conflict", gone))
    return _unavailable(request, error)


def _unavailable(request: Request, error: Exception) -> JSONResponse:
    _log.warning("temporal did not answer request %s: %s", request_id(request), error)
    busy = Said("流程引擎没有应答，请稍后用同一个幂等键重试", "Temporal did not answer; try again with the same key")
    return problem_response(request, Problem("unavailable", busy, headers={"Retry-After": "5"}))


def _unconnected(request: Request, error: Exception) -> JSONResponse:
    """A client that was made while Temporal was down connects at its first call; the SDK has no error of its own."""
    known = str(error).startswith(_NO_CONNECTION)
    return _unavailable(request, error) if known else _unforeseen(request, error)


def _database(request: Request, error: Exception) -> JSONResponse:
    _log.warning("the database did not do its part of request %s: %r", request_id(request), error)
    busy = Said("数据库没有应答，请稍后用同一个幂等键重试", "The database did not answer; try again with the same key")
    return problem_response(request, Problem("unavailable", busy, headers={"Retry-After": "5"}))


def _silent(request: Request, error: Exception) -> JSONResponse:
    _log.warning("request %s was not answered in time: %r", request_id(request), error)
    late = Said("未在时限内得到答复，请用同一个幂等键重试", "No answer in time; try again with the same key")
    return problem_response(request, Problem("unavailable", late, headers={"Retry-After": "5"}))


def _unforeseen(request: Request, error: Exception) -> JSONResponse:
    _log.error("request %s failed", request_id(request), exc_info=error)
    where = Said("请把请求编号告诉运维人员", "Tell the operators the id of the request")
    # This answer may go out beyond `RequestIds`, which gives all others theirs.
    return problem_response(request, Problem("internal", where, headers={"X-Request-Id": request_id(request)}))


def _place(location: Sequence[Any]) -> str:
    """Where a field stands, without whether that is the body or the address."""
    parts = [str(part) for part in location if part not in ("body", "query", "path", "header")]
    return ".".join(parts) or "body"


_CHINESE = {
    "missing": "未填写",
    "extra_forbidden": "没有这一栏",
    "string_type": "应为文字",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "list_type": "应为列表",
    "dict_type": "应为 JSON 对象",
    "model_type": "应为 JSON 对象",
    "model_attributes_type": "应为 JSON 对象",
    "string_too_short": "过短",
    "string_too_long": "过长",
    "too_long": "过长或过多",
    "too_short": "过短或过少",
    "greater_than_equal": "过小",
    "less_than_equal": "过大",
    "datetime_from_date_parsing": "不是日期时间",
    "datetime_parsing": "不是日期时间",
    "timezone_aware": "没有时区",
    "instant": "应为带时区的日期时间，如 2026-03-05T10:30:00+08:00",
    "moment": "应为日期，如 2026-03-05，或带时区的日期时间",
    "day": "应为日期，如 2026-03-05",
    "date_from_datetime_parsing": "没有这一天",
    "date_parsing": "没有这一天",
    "department": "没有这个部门",
    "enum": "不在可选值之内",
    "literal_error": "不在可选值之内",
    "string_pattern_mismatch": "格式不对",
}


def _message(fault: Mapping[str, Any], language: str) -> str:
    if language == "en":
        return str(fault["msg"])
    return _CHINESE.get(str(fault["type"]), f"填写有误（{fault['msg']}）")
