"""Every table of the database in one place: importing this module makes `METADATA` complete."""

from __future__ import annotations

from storage.accounts import Account, Login, SystemToken
from storage.addresses import AccountAddress
from storage.answers import Answer
from storage.archives import Archive
from storage.base import Base
from storage.bay_projects import BayProject
from storage.bay_rows import BayEvent, BayRow, BayTaking, BayWish, ReservationRow
from storage.broadcasts import Broadcast
from storage.bundles import Bundle, BundleMessage, BundleSignal
from storage.call_offs import CallOff
from storage.cases import Case
from storage.clocks import CaseClock
from storage.copies import TaskCopy
from storage.data_stores import DataStore, DataStoreWrite
from storage.definitions import Definition
from storage.deployments import Deployment
from storage.documents import Document, Voiding
from storage.drafts import TaskDraft
from storage.feed import FeedRow
from storage.frameworks import Framework, FrameworkLot
from storage.hooks import Hook, HookDelivery
from storage.incidents import Incident
from storage.journal_rows import JournalRow
from storage.materials import MaterialMovement, MaterialSlip
from storage.messages import Message
from storage.notices import NoticeDelivery, NoticeRow
from storage.numbers import NumberSeries
from storage.openings import Opening
from storage.outages import OutageEntry, OutageItem, OutagePlan
from storage.papers import CustomerPaper
from storage.reservations import Reservation, ReservationLine, ShortItem
from storage.rules import RuleVersion
from storage.stations import Busbar, Station
from storage.stock import Depot, StockItem, StockLevel, StockMovement, StockOrder
from storage.subscriptions import Subscription
from storage.tasks import Task, TaskCandidate
from storage.timer_starts import TimerStart
from storage.uploads import FileFault, SignedCopy, Upload

TABLES: tuple[type[Base], ...] = (
    Account,
    AccountAddress,
    Answer,
    Archive,
    BayEvent,
    BayProject,
    BayRow,
    BayTaking,
    Broadcast,
    Bundle,
    BundleMessage,
    BundleSignal,
    Busbar,
    Case,
    CaseClock,
    CustomerPaper,
    Definition,
    Deployment,
    Document,
    FeedRow,
    FileFault,
    Hook,
    HookDelivery,
    Incident,
    JournalRow,
    MaterialMovement,
    MaterialSlip,
    Message,
    Login,
    NoticeDelivery,
    NoticeRow,
    NumberSeries,
    Opening,
    OutageEntry,
    OutageItem,
    OutagePlan,
    ReservationRow,
    RuleVersion,
    SignedCopy,
    Station,
    Subscription,
    SystemToken,
    Task,
    TaskCandidate,
    TaskDraft,
    Upload,
    TaskCopy,
    TimerStart,
    Voiding,
    Depot,
    StockItem,
    StockLevel,
    StockMovement,
    StockOrder,
    Reservation,
    ReservationLine,
    ShortItem,
    BayWish,
    Framework,
    FrameworkLot,
    CallOff,
    DataStore,
    DataStoreWrite,
)
METADATA = Base.metadata
