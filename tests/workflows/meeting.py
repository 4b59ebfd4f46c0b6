"""Processes that messages of one key begin together."""

from __future__ import annotations

from tests.bpmn.building import Shape, catch, end, gateway, message, parallel, process, receive, start, user

RACED = process(
    Shape("eventBasedGateway", "G", {"instantiate": "true", "eventGatewayType": "Parallel"}),
    catch("M1", message("M")),
    catch("N1", message("N")),
    gateway("parallel", "join"),
    user("A"),
    end(),
    flows=["G > M1 > join > A > end", "G > N1 > join"],
    id_="raced",
)
NEEDED = process(
    parallel(start("S", message("M"), message("N"))),
    user("A"),
    receive("R", "M"),
    end(),
    flows=["S > A > R > end"],
    id_="needed",
)
