"""The element suite: every executable element of BPMN 2.0 as a small model, with what must happen when it runs."""

from tests.bpmn.suite import activities, ad_hoc, attached, compensation, data, events, gateways

CASES = [
    *events.cases(),
    *attached.cases(),
    *gateways.cases(),
    *activities.cases(),
    *ad_hoc.cases(),
    *compensation.cases(),
    *data.cases(),
]
