"""A process that delivers one message, to be killed on the way: `python -m … DATABASE SETTINGS ORDER`.

The last two are JSON: settings of the channels, and [workflow id, key, channel].
"""

from __future__ import annotations

import json
import sys

from temporalio.testing import ActivityEnvironment

from activities.channels import Channels, ChannelSettings
from activities.journal import system_time
from activities.notices import NoticeActivities
from domain.notices import Channel, DeliveryOrder
from storage.database import Database


def main(url: str, settings: str, order: str) -> None:
    workflow_id, key, channel = json.loads(order)
    channels = Channels(ChannelSettings(**json.loads(settings)), system_time)
    activities = NoticeActivities(Database(url), channels)
    ActivityEnvironment().run(activities.deliver_notice, DeliveryOrder(workflow_id, key, Channel(channel)))


if __name__ == "__main__":
    main(*sys.argv[1:])
