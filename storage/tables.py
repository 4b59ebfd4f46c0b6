"""Every table of the database in one place: importing this module makes `METADATA` complete."""

from __future__ import annotations

from storage.addresses import AccountAddress
from storage.archives import Archive
from storage.base import Base
from storage.bundles import Bundle, BundleMessage
from storage.cases import Case
from storage.clocks import CaseClock
from storage.definitions import Definition
from storage.documents import Document, Voiding
from storage.incidents import Incident
from storage.journal_rows import JournalRow
from storage.materials import MaterialMovement, MaterialSlip
from storage.messages import Message
from storage.notices import NoticeDelivery, NoticeRow
from storage.numbers import NumberSeries
from storage.papers import CustomerPaper
from storage.subscriptions import Subscription
from storage.tasks import Task, TaskCandidate

TABLES: tuple[type[Base], ...] = (
    AccountAddress,
    Archive,
    Bundle,
    BundleMessage,
    Case,
    CaseClock,
    CustomerPaper,
    Definition,
    Document,
    Incident,
    JournalRow,
    MaterialMovement,
    MaterialSlip,
    Message,
    NoticeDelivery,
    NoticeRow,
    NumberSeries,
    Subscription,
    Task,
    TaskCandidate,
    Voiding,
)
METADATA = Base.metadata
