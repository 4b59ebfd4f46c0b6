"""What a case is started with. It carries all it will ever need: replay reads no database and no file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from domain.notices import Delivery
from domain.records import CaseFields, Record

SEMANTICS = 6
"""The number of the engine's and workflow's behaviour; a change that would change the commands of running cases
raises it, and the old behaviour stays for cases that carry a lower one.

2: a supervision order is a written paper, a case has an account manager, and the service centre is told of vacant
posts.
3: no two workflow tasks in a row end without a command (`workflows.voice`).
4: a BPMN signal reaches all cases (`workflows.signals`).
5: data stores are connected (`workflows.stores`); what came for something suspended is applied in turn, and what else
`bpmn.options.MENDED_SINCE` says.
6: listeners hear of claims, and who was denied something is told (`workflows.listened`); an ad-hoc sub-process collects
to its end, and event sub-processes know what their start event gives (`bpmn.options`)."""


@dataclass(frozen=True)
class Caller:
    """The call activity that a case was started by, and what is caught around it (see `bpmn.commands.StartCall`).

    `again` where an earlier case of the same workflow id closed without a result: its records stay but no longer count.
    """

    workflow_id: str
    call_key: int
    caught_errors: list[str] = field(default_factory=list)
    interrupting_escalations: list[str] = field(default_factory=list)
    again: bool = False


@dataclass(frozen=True)
class Settings:
    """Settings that travel with a case: seconds, counts, bytes, working days.

    `payload_bytes` is what one job, message, call or report may carry in all; `task_bytes` what goes out in one
    workflow task. `job_timeout` is for one attempt at a job, a data store or a supervision order's paper,
    `record_timeout` for one at recording the journal or notices; both may be short, for what is recorded already is not
    recorded twice.
    `delivery_timeout` is for one attempt at sending a notice and has room for a mail's seven waits (see
    `activities.notices`): an attempt that it overtakes may send a message twice. `delivery_pause` is the wait before a
    delivery is tried again, twice as long each time. A step may be said to have happened `happened_ahead` minutes from
    now at most, and needs a reason where more than `happened_late` working days have passed. One person reminds of one
    task every `remind_pause` seconds at most, and sends a copy to `copies_at_once` accounts at most.
    """

    open_bodies: int = 500
    jobs_in_flight: int = 500
    slice_steps: int = 2_500
    slice_budget: int = 500_000
    endless_steps: int = 20_000
    calls_open: int = 500
    variable_bytes: int = 256 * 1024
    payload_bytes: int = 1_500_000
    task_bytes: int = 1_000_000
    message_time_to_live: float = 7 * 86_400.0
    child_check_interval: float = 6 * 3_600.0
    journal_batch: int = 400
    job_timeout: float = 20.0
    record_timeout: float = 10.0
    delivery_timeout: float = 120.0
    delivery_pause: float = 5.0
    happened_ahead: int = 2
    happened_late: int = 3
    remind_pause: float = 3_600.0
    copies_at_once: int = 50


@dataclass(frozen=True)
class CalledClocks:
    """The clocks of a called case as its callers show them: `watch` is what a watch of its process goes on from.

    They are those that run, and those that the caller had passed on.
    """

    workflow_id: str
    process: str
    watch: dict[str, Any]


@dataclass(frozen=True)
class Carried:
    """What one run of a case hands to the next.

    `handled` are lists of key, result and content of the acts done; those of earlier runs may lack the content.
    `reminded` says by task who has reminded of it when last.
    `completers` are by element the account that completed its task last, and the departments whose it was. `heard` are
    the ids of the signals that it has had last.
    """

    instance: dict[str, Any]
    tasks: list[dict[str, Any]] = field(default_factory=list)
    claims: dict[str, str] = field(default_factory=dict)
    reminded: dict[str, dict[str, str]] = field(default_factory=dict)
    handled: list[list[Any]] = field(default_factory=list)
    outbox: list[Record] = field(default_factory=list)
    held: list[dict[str, Any]] = field(default_factory=list)
    children: dict[str, str] = field(default_factory=dict)
    asked: dict[str, list[int]] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    happened: dict[str, str] = field(default_factory=dict)
    watch: dict[str, Any] = field(default_factory=dict)
    raised: list[dict[str, Any]] = field(default_factory=list)
    vacant: list[str] = field(default_factory=list)
    manager: str = ""
    completers: dict[str, list[str]] = field(default_factory=dict)
    deliveries: list[Delivery] = field(default_factory=list)
    unnumbered: dict[str, str] = field(default_factory=dict)
    papers: dict[str, dict[str, Any]] = field(default_factory=dict)
    called: dict[str, list[CalledClocks]] = field(default_factory=dict)
    told: str = ""
    uncalendared: dict[str, str] = field(default_factory=dict)
    unempowered: dict[str, str] = field(default_factory=dict)
    handed_to: dict[str, str] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    stage: str = ""
    epoch: str = ""
    reported: bool = False
    finished: dict[str, Any] = field(default_factory=dict)
    journal_problem: str = ""


@dataclass(frozen=True)
class CaseStart:
    """The input of a case's workflow.

    `definition` is the dump of a `bpmn.Definition` as JSON text (in the diagram's order, which a JSON object might lose
    on its way), known by `definition_sha256`; `calendar` is the dump of a `domain.calendar.WorkingCalendar`.
    `limits` is the dump of a `domain.limits.LimitTable` as JSON text, `facts` that of the `domain.clock.Facts` that
    choose its rows, `clock_settings` that of the `domain.clock.ClockSettings` by which the company counts, `posts` that
    of the `domain.posts.PostTable` of those whom a late clock is raised to, `passed` the
    clocks that the caller had running for this case. Without limits nothing is watched, without posts nobody is told.
    It begins at the plain start event, or where the message `start_message` comes in, or at the event `start_event`.
    With `clock_reports` a called case tells its caller of its clocks. `manager` is the account manager that the caller
    has.
    `authority` is the dump of the `domain.authority.AuthorityTable` by which levels decide, as JSON text, and
    `authority_version` its number among those that were loaded, 0 where none was. Without it nobody has an authority.
    `received_at` is when an application that is entered late was really received (ISO 8601 with offset), `late_reason`
    why it is entered only now: what happens at the opening counts from then. Empty, it was received when it is opened.
    `clock_offset` is added to the workflow's time, in seconds, and refused outside simulation.
    """

    case: CaseFields
    definition: str
    definition_sha256: str
    calendar: dict[str, Any]
    variables: dict[str, Any] = field(default_factory=dict)
    start_message: str = ""
    start_event: str = ""
    caller: Caller | None = None
    settings: Settings = field(default_factory=Settings)
    limits: str = ""
    posts: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    passed: dict[str, Any] = field(default_factory=dict)
    clock_settings: dict[str, Any] = field(default_factory=dict)
    clock_reports: bool = False
    manager: str = ""
    received_at: str = ""
    late_reason: str = ""
    authority: str = ""
    authority_version: int = 0
    semantics: int = SEMANTICS
    simulation: bool = False
    clock_offset: float = 0.0
    carried: Carried | None = None

    @property
    def context(self) -> StartContext:
        """What a case that this one begins is given of its own."""
        return StartContext(
            self.calendar,
            self.limits,
            self.posts,
            self.simulation,
            self.clock_offset,
            self.clock_settings,
            self.authority,
            self.authority_version,
        )


@dataclass(frozen=True)
class CallReport:
    """What a called case tells its caller: completed, failed, terminated, oversized, or escalated (then it may wait).

    `throw_key` is where in the called case an escalation was thrown.
    """

    call_key: int
    workflow_id: str
    outcome: str
    variables: dict[str, Any] = field(default_factory=dict)
    code: str = ""
    message: str = ""
    throw_key: int = 0
    waits: bool = False


@dataclass(frozen=True)
class ClockReport:
    """How the clocks of a called case and of those that it has called stand: all that run, whatever changed."""

    call_key: int
    workflow_id: str
    cases: list[CalledClocks]


@dataclass(frozen=True)
class CallCancel:
    """The call activity has ended: the called case ends by the BPMN message `message` where it waits for it, else at
    once."""

    message: str = ""


@dataclass(frozen=True)
class EscalationAnswer:
    """The escalation thrown at `throw_key` did not interrupt the call: the called case goes on."""

    throw_key: int


@dataclass(frozen=True)
class SignalPassed:
    """A BPMN signal on its way through the tree of a case; `source` is the workflow that passes it on.

    A case takes those of one `id` once; those without an id each time.
    """

    name: str
    variables: dict[str, Any]
    source: str
    id: str = ""


@dataclass(frozen=True)
class Broadcast:
    """A BPMN signal on its way to all cases; `id` makes a second sending harmless, `source` has had it already."""

    id: str
    name: str
    variables: dict[str, Any]
    now: str
    source: str
    start: StartContext


@dataclass(frozen=True)
class Reached:
    """How many running cases were told of a signal, how many it began, and in Chinese which it could not, and why."""

    cases: int
    begun: int
    refused: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Publication:
    """A BPMN message on its way to whoever waits for it; `message_id` makes a second delivery harmless."""

    message_id: str
    name: str
    correlation_key: str
    variables: dict[str, Any]
    time_to_live: float
    now: str
    source: str
    start: StartContext


@dataclass(frozen=True)
class StartContext:
    """What a case that begins another by a message or signal hands on: its tables, its clock, and how it counts."""

    calendar: dict[str, Any]
    limits: str = ""
    posts: str = ""
    simulation: bool = False
    clock_offset: float = 0.0
    clock_settings: dict[str, Any] = field(default_factory=dict)
    authority: str = ""
    authority_version: int = 0


@dataclass(frozen=True)
class ChildState:
    """What Temporal says of a called case: `closed` with its `status`, or still running."""

    closed: bool
    status: str = ""


def summary(case: CaseFields) -> str:
    """One line that tells the case: number, process, type, voltage, county; never a customer."""
    voltage = f"{case.voltage_kv}kV" if case.voltage_kv else ""
    voltage = "" if case.case_type.startswith(voltage) else voltage
    return " ".join(part for part in (case.case_no, case.title, case.case_type, voltage, case.county) if part)
